/* SPDX-License-Identifier: Apache-2.0
 *
 * What several trainings of several networks gave, and how far they differ.
 */
#include "config.h"

#include "ui/plot/nmd-plot-private.h"
#include "ui/plot/nmd-plot-words-private.h"

#define MARK 3.5

/* The values with the ends of the bars. */
static gboolean
get_range (const NmdSpreadPlot *plot, double *low, double *high)
{
  *low = INFINITY;
  *high = -INFINITY;
  for (guint i = 0; i < plot->n_rows; i++)
    {
      const NmdSpreadRow *row = &plot->rows[i];
      const double sd = isfinite (row->sd) ? row->sd : 0;

      for (guint k = 0; k < row->n; k++)
        if (isfinite (row->values[k]))
          {
            *low = MIN (*low, row->values[k]);
            *high = MAX (*high, row->values[k]);
          }
      if (isfinite (row->mean))
        {
          *low = MIN (*low, row->mean - sd);
          *high = MAX (*high, row->mean + sd);
        }
    }
  if (!(*high >= *low))
    return FALSE;
  if (isfinite (plot->reference))
    {
      *low = MIN (*low, plot->reference);
      *high = MAX (*high, plot->reference);
    }
  *low = MAX (*low - 0.02, 0);
  *high = MIN (*high + 0.02, 1);
  return TRUE;
}

/* The widest title, at most 40 % of the chart. */
static double
get_title_width (const NmdSpreadPlot *plot,
                 const NmdRect *rect,
                 const NmdPlotStyle *style)
{
  const NmdTextAttributes attributes = { 0 };
  double widest = 0;

  for (guint i = 0; i < plot->n_rows; i++)
    {
      double width = 0, height = 0;

      nmd_text_measure (style, plot->rows[i].title, &attributes, &width, &height);
      widest = MAX (widest, width);
    }
  return MIN (widest, 0.4 * rect->width);
}

static void
draw_row (cairo_t *cr,
          const NmdFrame *frame,
          const NmdSpreadRow *row,
          double y,
          double text_width,
          const NmdPlotStyle *style)
{
  const NmdTextAttributes attributes
      = { .x_align = 1, .y_align = 0.5, .max_width = text_width };
  const NmdRgba faint = nmd_rgba_alpha (&style->series[0], 0.55);

  nmd_text_draw (cr, style, row->title, &attributes, &style->foreground,
                 frame->plot.x - 0.5 * style->font_size, y);
  if (isfinite (row->mean))
    {
      const double x = nmd_frame_x (frame, row->mean);

      nmd_rgba_set (cr, &style->series[1]);
      cairo_set_line_width (cr, style->line_width);
      if (isfinite (row->sd))
        {
          cairo_move_to (cr, nmd_frame_x (frame, MAX (row->mean - row->sd, frame->x.low)),
                         y);
          cairo_line_to (
              cr, nmd_frame_x (frame, MIN (row->mean + row->sd, frame->x.high)), y);
        }
      cairo_move_to (cr, x, y - 7);
      cairo_line_to (cr, x, y + 7);
      cairo_stroke (cr);
    }
  nmd_rgba_set (cr, &faint);
  for (guint k = 0; k < row->n; k++)
    if (isfinite (row->values[k]))
      {
        cairo_new_sub_path (cr);
        cairo_arc (cr, nmd_frame_x (frame, row->values[k]), y, MARK, 0, 2 * G_PI);
        cairo_fill (cr);
      }
}

void
nmd_plot_spread (cairo_t *cr,
                 const NmdSpreadPlot *plot,
                 const NmdRect *rect,
                 const NmdPlotStyle *style)
{
  NmdFrame frame = { 0 };
  NmdFrameRequest request = { .y_low = 0,
                              .y_high = plot->n_rows,
                              .no_y = TRUE,
                              .x_extend = TRUE,
                              .title = plot->title,
                              .x_title = plot->x_title };
  NmdRect rest = *rect;
  double width;

  g_return_if_fail (cr != NULL && rect != NULL && style != NULL);

  if (!nmd_plot_begin (cr, rect, style))
    return;
  if (plot->n_rows == 0 || !get_range (plot, &request.x_low, &request.x_high))
    {
      nmd_plot_empty (cr, rect, style, plot->title, plot->empty);
      nmd_plot_end (cr);
      return;
    }
  width = get_title_width (plot, rect, style);
  rest.x += width + style->font_size;
  rest.width -= width + style->font_size;
  nmd_frame_add_key (&frame, NMD_KEY_CIRCLE, &style->series[0], _ ("a training"));
  nmd_frame_add_key (&frame, NMD_KEY_LINE, &style->series[1], _ ("mean ± SD"));
  if (isfinite (plot->reference))
    nmd_frame_add_key (&frame, NMD_KEY_DASHED, &style->series[2], plot->reference_title);
  if (nmd_frame_layout (&frame, &request, &rest, style))
    {
      nmd_frame_draw (cr, &frame, style);
      if (isfinite (plot->reference))
        {
          const double x = nmd_frame_x (&frame, plot->reference);

          nmd_rgba_set (cr, &style->series[2]);
          cairo_set_line_width (cr, style->line_width);
          cairo_set_dash (cr, (double[]){ 4, 3 }, 2, 0);
          cairo_move_to (cr, x, frame.plot.y);
          cairo_rel_line_to (cr, 0, frame.plot.height);
          cairo_stroke (cr);
          cairo_set_dash (cr, NULL, 0, 0);
        }
      for (guint i = 0; i < plot->n_rows; i++)
        draw_row (cr, &frame, &plot->rows[i],
                  nmd_frame_y (&frame, plot->n_rows - i - 0.5), width, style);
    }
  nmd_plot_end (cr);
}
