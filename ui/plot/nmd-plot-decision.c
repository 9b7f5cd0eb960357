/* SPDX-License-Identifier: Apache-2.0
 *
 * The decision curve. What net benefit is, is engine/eval's.
 */
#include "ui/plot/nmd-plot.h"

void
nmd_plot_decision (cairo_t *cr,
                   const NmdDecisionPlot *plot,
                   const NmdRect *rect,
                   const NmdPlotStyle *style)
{
  static const double nobody[NMD_DECISION_POINTS] = { 0 };
  NmdCurves curves = NMD_CURVES_INIT;

  g_return_if_fail (cr != NULL && plot != NULL && rect != NULL && style != NULL);

  const NmdDecisionCurve *curve = plot->curve;
  curves.title = plot->title;
  curves.x_title = plot->x_title;
  curves.x_integer = FALSE;
  curves.x_low = 0, curves.x_high = 1;
  curves.empty = plot->empty;
  if (curve == NULL)
    {
      curves.y_low = -0.3, curves.y_high = 1;
      nmd_plot_curves (cr, &curves, rect, style);
      return;
    }
  const guint n = NMD_DECISION_POINTS;
  const double *x = curve->threshold;
  const NmdSeries series[] = {
    { .title = plot->model_title, .x = x, .y = curve->model, .n = n, .steps = TRUE },
    { .title = plot->low_title,
      .x = x,
      .y = curve->low,
      .n = n,
      .steps = TRUE,
      .dashed = TRUE },
    { .title = plot->high_title,
      .x = x,
      .y = curve->high,
      .n = n,
      .steps = TRUE,
      .dashed = TRUE },
    { .title = plot->all_title,
      .x = x,
      .y = curve->all,
      .n = n,
      .steps = TRUE,
      .colour = 1 },
    { .title = plot->none_title,
      .x = x,
      .y = nobody,
      .n = n,
      .steps = TRUE,
      .colour = NMD_DECISION_NOBODY_COLOUR },
  };
  curves.series = series;
  curves.n_series = G_N_ELEMENTS (series);
  curves.y_high
      = isfinite (curve->high[0]) ? 1.05 * curve->high[0] : 1.1 * curve->prevalence;
  curves.y_low = -0.3 * curves.y_high;
  nmd_plot_curves (cr, &curves, rect, style);
}
