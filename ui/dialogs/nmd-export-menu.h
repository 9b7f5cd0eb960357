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

/* Saves @widget as the ending of @path says: png, svg, pdf of a plot, csv, tex of a table. Another ending is told. */
void nmd_export_menu_save_as (GtkWidget      *widget,
                              const char     *path);

G_END_DECLS
