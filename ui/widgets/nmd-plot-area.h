/* SPDX-License-Identifier: Apache-2.0
 *
 * A widget that shows one chart of ui/plot in the theme's colours and the desktop's text scale.
 */
#pragma once

#include "ui/plot/nmd-figure.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_PLOT_AREA (nmd_plot_area_get_type ())
G_DECLARE_FINAL_TYPE (NmdPlotArea, nmd_plot_area, NMD, PLOT_AREA, GtkWidget)

typedef void (*NmdPlotFunc) (cairo_t            *cr,
                             const NmdRect      *rect,
                             const NmdPlotStyle *style,
                             gpointer            data);

/* Draws with @func; queue_draw when the data change. */
void  nmd_plot_area_set_func  (NmdPlotArea  *self,
                               NmdPlotFunc   func,
                               gpointer      data);
/* The chart in words, for screen readers and as a tooltip. */
void  nmd_plot_area_set_text  (NmdPlotArea  *self,
                               const char   *text);
/* What hit tests need: the rectangle and style that drawing uses. */
void  nmd_plot_area_get_style (NmdPlotArea  *self,
                               NmdRect      *rect,
                               NmdPlotStyle *style);

/* What a saved figure must say besides the chart: see #NmdPlotNote. Both are copied (nullable). */
void  nmd_plot_area_set_note  (NmdPlotArea  *self,
                               const char   *sign,
                               const char   *caption);
/* The chart drawn for a file, not encoded: on white, with its note, as large as it is on screen and 360 × 300 at least;
 * PNG at twice the size.
 * Errors: those of nmd_figure_draw(). */
NmdFigure *nmd_plot_area_draw (NmdPlotArea  *self,
                               NmdFigureFormat format,
                               GError      **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
