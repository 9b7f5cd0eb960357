/* SPDX-License-Identifier: Apache-2.0
 *
 * Figures as files: formats, names, what stands under a chart. What is drawn the callers know.
 */
#pragma once

#include "app/nmd-output-guard.h"
#include "ui/plot/nmd-figure.h"

/* Reads words such as "png,pdf" (nullable: "png") into bits 1 << #NmdFigureFormat; FALSE with the word that is
 * none. */
gboolean nmd_figure_files_parse_formats (const char *const   *words,
                                         guint               *formats,
                                         char               **wrong);

/* FALSE with %NMD_ERROR_REFUSED if one of the figures in @folder (nullable) would overwrite what
 * @guard knows as read. */
gboolean nmd_figure_files_check         (const NmdFigureFile *files,
                                         guint                n,
                                         NmdOutputGuard      *guard,
                                         guint                formats,
                                         const char          *folder,
                                         GError             **error);

/* Draws each of @files with @data, light, PNG at twice the size, and stores it in each of @formats in @folder, which is
 * made if it is not there. Errors: those of drawing and writing. */
gboolean nmd_figure_files_write         (const NmdFigureFile *files,
                                         guint                n,
                                         gconstpointer        data,
                                         guint                formats,
                                         const char          *folder,
                                         GError             **error);

/* Writes @sign (nullable) and @caption (nullable) under a chart. Returns: what is left of @rect for it. */
NmdRect  nmd_figure_files_note          (cairo_t             *cr,
                                         const char          *sign,
                                         const char          *caption,
                                         const NmdRect       *rect,
                                         const NmdPlotStyle  *style);
