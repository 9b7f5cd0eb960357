/* SPDX-License-Identifier: Apache-2.0
 *
 * ROC curves of several models in one plot.
 */
#include "config.h"

#include "ui/plot/nmd-plot-private.h"

#include <glib/gi18n-lib.h>

static void
draw_curve (cairo_t *cr, const NmdRoc *roc, const NmdFrame *frame)
{
  for (guint i = 0; i < roc->n; i++)
    cairo_line_to (cr, nmd_frame_x (frame, roc->fpr[i]),
                   nmd_frame_y (frame, roc->tpr[i]));
  cairo_stroke (cr);
}

void
nmd_plot_rocs (cairo_t *cr,
               const NmdRocsPlot *plot,
               const NmdRect *rect,
               const NmdPlotStyle *style)
{
  const NmdFrameRequest request = { 0,
                                    1,
                                    0,
                                    1,
                                    .square = TRUE,
                                    .title = plot->title,
                                    .x_title = _ ("1 − specificity"),
                                    .y_title = _ ("sensitivity") };
  NmdFrame frame = { 0 };

  g_return_if_fail (cr != NULL && rect != NULL && style != NULL);
  if (!nmd_plot_begin (cr, rect, style))
    return;
  for (guint i = 0; i < plot->n; i++)
    if (plot->rocs[i] != NULL)
      nmd_frame_add_key (&frame, NMD_KEY_LINE, &style->series[i % NMD_N_SERIES_COLOURS],
                         plot->titles[i]);
  if (frame.n_keys == 0 || !nmd_frame_layout (&frame, &request, rect, style))
    nmd_plot_empty (cr, rect, style, plot->title, plot->empty);
  else
    {
      nmd_frame_draw (cr, &frame, style);
      nmd_frame_clip (cr, &frame, style->line_width);
      cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
      cairo_set_line_width (cr, style->line_width);
      for (guint i = 0; i < plot->n; i++)
        if (plot->rocs[i] != NULL)
          {
            nmd_rgba_set (cr, &style->series[i % NMD_N_SERIES_COLOURS]);
            draw_curve (cr, plot->rocs[i], &frame);
          }
    }
  nmd_plot_end (cr);
}
