/* SPDX-License-Identifier: Apache-2.0
 *
 * Which file a cell of a manifest means. Cells have backslashes, absolute places of another machine, no
 * ending, or no folder; a cell is tried in this order, and what exists first is meant:
 *
 * 1. as it stands below the manifest's folder, '\' read as '/';
 * 2. an absolute place: its longest end that exists there ("D:/study/Images/a.png": Images/a.png);
 * 3. with .png, .jpg, .jpeg, .bmp, .tif, .tiff or .dcm behind it;
 * 4. a name without folder: the one image anywhere below (or mask, for masks: in a folder whose name begins
 *    with mask, gt, label, segment, annotation or outline) that has it, with or without its ending. Two
 *    of that name are no answer.
 *
 * Nothing outside the folder is ever meant, neither by "..", nor by links.
 * Bounds: folders 8 deep, 1,000,000 files; the folder is looked through once, when first needed.
 * Threads: one.
 */
#pragma once

#include "engine/core/nmd-error.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  char *root;
  GHashTable *files[2];   /* (nullable): name, with and without ending → GPtrArray of relative places;
                           * of images and of masks */
  guint n_absolute, n_ending, n_name; /* cells by rules 2, 3 and 4 */
  char *example[3];       /* (nullable): the first of each, "a as Images/a.png" */
  guint n_files;
  GCancellable *cancellable;
} NmdLookup;

void     nmd_lookup_init  (NmdLookup     *self,
                           const char    *root,
                           GCancellable  *cancellable);
void     nmd_lookup_clear (NmdLookup     *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdLookup, nmd_lookup_clear)

/* The place of @cell relative to the root, '/' between folders. A file that is not there has the place that
 * the cell says. Errors: %NMD_ERROR_REFUSED (it leaves the folder), %NMD_ERROR_FORMAT (two files of that
 * name), sentences about the cell. Returns: (transfer full) */
char    *nmd_lookup_find  (NmdLookup     *self,
                           const char    *cell,
                           gboolean       is_mask,
                           GError       **error);

G_END_DECLS
