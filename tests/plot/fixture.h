/* SPDX-License-Identifier: Apache-2.0
 *
 * Data for every chart, and looking at drawn pixels, for the suites of this room.
 */
#pragma once

#include "ui/plot/nmd-figure.h"

#define WIDTH 420
#define HEIGHT 300

typedef struct
{
  double train[40], validation[40], lr[40];
  NmdSeries series[2];
  NmdCurves curves;
  NmdScores *scores;
  NmdRoc *roc, *rival;
  NmdRocPlot roc_plot;
  NmdMatrixPlot matrix;
  guint counts[256];
  NmdHistogramPlot histogram;
  NmdScatterPlot scatter;
  double means[30], differences[30];
  NmdAgreementPlot agreement;
  NmdImage *image, *mask;
  float values[100 * 80];
  NmdMap map;
  NmdOverlay overlay;
  NmdExplainFigure explain;
} Data;

Data            *data_new    (void);
void             data_free   (Data               *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Data, data_free)

enum
{
  CURVES,
  LEARNING_RATE,
  ROC,
  MATRIX,
  HISTOGRAM,
  RELIABILITY,
  SCATTER,
  AGREEMENT,
  OVERLAY,
  BAR,
  THUMBNAIL,
  EXPLAIN,
  N_CHARTS,
};

/* Draws one of the charts above. */
void             draw_chart  (int                 chart,
                              cairo_t            *cr,
                              const Data         *data,
                              const NmdRect      *rect,
                              const NmdPlotStyle *style);
/* The curves; @data is a Data. As nmd_figure_render() wants it. */
void             draw_curves (cairo_t            *cr,
                              const NmdRect      *rect,
                              const NmdPlotStyle *style,
                              gconstpointer       data);
/* WIDTH × HEIGHT pixels of one colour. */
cairo_surface_t *surface_new (guint32             colour);
guint32          get_pixel   (cairo_surface_t    *surface,
                              int                 x,
                              int                 y);
gboolean         is_near     (guint32             pixel,
                              const NmdRgba      *colour,
                              int                 tolerance);
/* Pixels within 8 of @colour. */
int              count_near  (cairo_surface_t    *surface,
                              const NmdRgba      *colour);
