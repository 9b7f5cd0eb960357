/* SPDX-License-Identifier: Apache-2.0
 *
 * Many scans with their heat maps as a document: pages of A4, twelve pictures a page with captions, the colour bar
 * once a page. Pictures are added one by one, so that only one image is in memory at a time: what is kept is the
 * document, about 0.3 MB a picture.
 *
 * Threads: one sheet is used by one thread at a time, whichever.
 */
#pragma once

#include "ui/plot/nmd-overlay.h"

G_BEGIN_DECLS

#define NMD_CONTACT_SHEET_MAX 240 /* pictures: 20 pages */

typedef struct _NmdContactSheet NmdContactSheet;

/* One picture. Texts are borrowed for the call; each is cut to one line. */
typedef struct
{
  NmdOverlay overlay;   /* image and mask NULL: `name` and the lines alone */
  const char *name;     /* cut at its start: what tells names apart is at their end */
  const char *lines[2]; /* (nullable): score and label; class and method */
} NmdContactCell;

/* @title stands on the first page; @note below it and at the top of the others: model, method, layer. @n: how many
 * pictures will be added. */
NmdContactSheet *nmd_contact_sheet_new    (const char           *title,
                                           const char           *note,
                                           NmdColours            colours,
                                           guint                 n);
void             nmd_contact_sheet_free   (NmdContactSheet      *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdContactSheet, nmd_contact_sheet_free)

/* Draws the next picture. */
void             nmd_contact_sheet_add    (NmdContactSheet      *self,
                                           const NmdContactCell *cell);

/* Ends the document; nothing can be added then. Errors: %NMD_ERROR_MEMORY, %NMD_ERROR_UNSUPPORTED of Cairo. Returns:
 * (transfer full): a PDF; %NULL with @error set. */
GBytes          *nmd_contact_sheet_finish (NmdContactSheet      *self,
                                           GError              **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
