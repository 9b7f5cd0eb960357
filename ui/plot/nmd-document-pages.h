/* SPDX-License-Identifier: Apache-2.0
 *
 * A document as pages of A4: paragraphs, tables that go on over pages with their heads repeated, figures; narrow
 * figures stand two in a row. What does not fit goes to the next page; only a row of a table that is higher than a
 * page is cut.
 */
#pragma once

#include "engine/report/nmd-document.h"
#include "ui/plot/nmd-figure.h"

G_BEGIN_DECLS

/* What the figure called @name is drawn by, and its size in user units (1/96 inch); one that is larger than the
 * page is drawn smaller. */
typedef struct
{
  const char *name;
  NmdFigureFunc draw;
  gconstpointer data;
  double width, height;
} NmdDocumentFigure;

/* Width of the text on a page; two figures of at most half of it, less 6 units, share a row. */
#define NMD_DOCUMENT_WIDTH 666.0

/* @foot stands at the bottom of each page beside its number. A figure without an entry in @figures is its text
 * alone. Errors: those of nmd_figure_render(). Returns: (transfer full): a PDF; %NULL with @error set */
GBytes *nmd_document_pages_render (const NmdDocument       *document,
                                   const NmdDocumentFigure *figures,
                                   guint                    n_figures,
                                   const char              *foot,
                                   GError                 **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same, to be encoded elsewhere: of several pages only the last is left to do there. */
NmdFigure *nmd_document_pages_draw (const NmdDocument      *document,
                                   const NmdDocumentFigure *figures,
                                   guint                    n_figures,
                                   const char              *foot,
                                   GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
