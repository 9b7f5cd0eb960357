/* SPDX-License-Identifier: Apache-2.0
 *
 * Saving and copying a plot or a table of the window: a menu at the pointer's second button, the menu key or Shift+F10.
 */
#pragma once

#include "ui/session/nmd-scan-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Gives @widget, an NmdPlotArea or NmdFactTable, the menu. @name: of the file without ending, "roc". The sessions (@scan
 * nullable), which are referenced, know what must not be overwritten and tell what became of it. */
void nmd_export_menu_attach  (GtkWidget      *widget,
                              const char     *name,
                              NmdDataSession *data,
                              NmdScanSession *scan);

/* Writes what a table holds as CSV for other programs: English, decimal points, all digits. (transfer full) */
typedef char *(*NmdCsvFunc) (gpointer owner);

/* Gives @view, whose columns are of nmd_column_add(), the menu. CSV, also when copied, is @csv's of @owner, LaTeX the
 * table as it is seen. */
void nmd_export_menu_attach_table (GtkColumnView  *view,
                                   const char     *name,
                                   NmdCsvFunc      csv,
                                   gpointer        owner,
                                   NmdDataSession *data,
                                   NmdScanSession *scan);

/* Saves @widget as the ending of @path says: png, svg, pdf of a plot, csv, tex of a table. Another ending is told. */
void nmd_export_menu_save_as (GtkWidget      *widget,
                              const char     *path);

G_END_DECLS
