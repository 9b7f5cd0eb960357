/* SPDX-License-Identifier: Apache-2.0
 *
 * Curves over epochs and the learning-rate strip.
 */
#include "config.h"

#include "ui/plot/nmd-plot-private.h"
#include "ui/plot/nmd-plot-words-private.h"

static double
point_x (const NmdSeries *series, guint i)
{
  return series->x != NULL ? series->x[i] : i;
}

static gboolean
is_drawn (const NmdCurves *curves, const NmdSeries *series, guint i)
{
  return isfinite (series->y[i]) && isfinite (point_x (series, i))
         && (!curves->y_log || series->y[i] > 0);
}

static gboolean
has_data (const NmdCurves *curves)
{
  for (guint s = 0; s < curves->n_series; s++)
    for (guint i = 0; i < curves->series[s].n; i++)
      if (is_drawn (curves, &curves->series[s], i))
        return TRUE;
  return FALSE;
}

/* The range of what is drawn, or that is given whole. FALSE if nothing is. */
static gboolean
get_range (const NmdCurves *curves, NmdFrameRequest *request)
{
  gboolean any = isfinite (curves->x_low) && isfinite (curves->x_high)
                 && isfinite (curves->y_low) && isfinite (curves->y_high);

  *request = (NmdFrameRequest){ .x_low = G_MAXDOUBLE,
                                .x_high = -G_MAXDOUBLE,
                                .y_low = G_MAXDOUBLE,
                                .y_high = -G_MAXDOUBLE,
                                .x_integer = curves->x_integer,
                                .y_log = curves->y_log,
                                .y_extend = TRUE,
                                .title = curves->title,
                                .x_title = curves->x_title };
  for (guint s = 0; s < curves->n_series; s++)
    for (guint i = 0; i < curves->series[s].n; i++)
      if (is_drawn (curves, &curves->series[s], i))
        {
          request->x_low = MIN (request->x_low, point_x (&curves->series[s], i));
          request->x_high = MAX (request->x_high, point_x (&curves->series[s], i));
          request->y_low = MIN (request->y_low, curves->series[s].y[i]);
          request->y_high = MAX (request->y_high, curves->series[s].y[i]);
          any = TRUE;
        }
  if (isfinite (curves->x_low))
    request->x_low = curves->x_low;
  if (isfinite (curves->x_high))
    request->x_high = curves->x_high;
  if (isfinite (curves->y_low))
    request->y_low = curves->y_low, request->y_extend = FALSE;
  if (isfinite (curves->y_high))
    request->y_high = curves->y_high, request->y_extend = FALSE;
  return any && request->x_low <= request->x_high && request->y_low <= request->y_high;
}

static gboolean
lay_out (const NmdCurves *curves,
         const NmdRect *rect,
         const NmdPlotStyle *style,
         NmdFrame *frame)
{
  NmdFrameRequest request;

  *frame = (NmdFrame){ 0 };
  if (!(rect->width >= 4 && rect->height >= 4) || !get_range (curves, &request))
    return FALSE;
  for (guint s = 0; s < curves->n_series; s++)
    nmd_frame_add_key (frame, curves->series[s].dashed ? NMD_KEY_DASHED : NMD_KEY_LINE,
                       &style->series[curves->series[s].colour % NMD_N_SERIES_COLOURS],
                       curves->series[s].title);
  if (isfinite (curves->marker_x))
    nmd_frame_add_key (frame, NMD_KEY_RING, &style->foreground, curves->marker_title);
  if (isfinite (curves->shade_from))
    {
      NmdRgba shade = style->shade;

      shade.alpha = MIN (shade.alpha * 2.2, 1); /* a small area needs more to be seen */
      nmd_frame_add_key (frame, NMD_KEY_AREA, &shade, curves->shade_title);
    }
  return nmd_frame_layout (frame, &request, rect, style);
}

/* The line through @y, which may be the smoothed values; gaps where there is no value. */
static void
trace (cairo_t *cr,
       const NmdCurves *curves,
       const NmdSeries *series,
       const NmdFrame *frame,
       const double *y)
{
  gboolean open = FALSE;
  double last_y = 0;

  for (guint i = 0; i < series->n; i++)
    {
      double px, py;

      if (!is_drawn (curves, series, i))
        {
          open = FALSE;
          continue;
        }
      px = nmd_frame_x (frame, point_x (series, i));
      py = nmd_frame_y (frame, y[i]);
      if (open && series->steps)
        cairo_line_to (cr, px, last_y);
      if (open)
        cairo_line_to (cr, px, py);
      else
        cairo_move_to (cr, px, py);
      last_y = py;
      open = TRUE;
    }
  if (open && series->steps)
    cairo_line_to (cr, nmd_frame_x (frame, point_x (series, series->n - 1) + 1), last_y);
}

/* Exponential mean with the start-up bias divided out (as Adam's moments are). */
static void
smooth (const NmdCurves *curves, const NmdSeries *series, double *out)
{
  double s = CLAMP (curves->smoothing, 0, 0.99), sum = 0, weight = 0;

  for (guint i = 0; i < series->n; i++)
    {
      out[i] = series->y[i];
      if (!is_drawn (curves, series, i))
        continue;
      sum = s * sum + (1 - s) * series->y[i];
      weight = s * weight + (1 - s);
      out[i] = sum / weight;
    }
}

static void
draw_series (cairo_t *cr,
             const NmdCurves *curves,
             const NmdSeries *series,
             const NmdFrame *frame,
             const NmdPlotStyle *style)
{
  NmdRgba colour = style->series[series->colour % NMD_N_SERIES_COLOURS];
  g_autofree double *smoothed = g_new (double, series->n + 1);
  gboolean is_smooth = curves->smoothing > 0 && !series->steps;
  double spacing = frame->plot.width / MAX (frame->x.high - frame->x.low, 1);
  double radius = CLAMP (spacing / 4, style->line_width * 0.75, style->line_width * 1.5);
  NmdRgba faint = nmd_rgba_alpha (&colour, 0.45);

  if (series->n == 1) /* no line helps to find it */
    radius = style->line_width * 1.5;
  smooth (curves, series, smoothed);
  trace (cr, curves, series, frame, is_smooth ? smoothed : series->y);
  nmd_rgba_set (cr, &colour);
  cairo_set_line_width (cr, style->line_width);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  if (series->dashed)
    cairo_set_dash (cr, (double[]){ 5, 3 }, 2, 0);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  if (series->steps)
    return;
  nmd_rgba_set (cr, is_smooth ? &faint : &colour);
  for (guint i = 0; i < series->n; i++)
    if (is_drawn (curves, series, i))
      {
        cairo_new_sub_path (cr);
        cairo_arc (cr, nmd_frame_x (frame, point_x (series, i)),
                   nmd_frame_y (frame, series->y[i]), radius, 0, 2 * G_PI);
      }
  cairo_fill (cr);
}

static void
draw_marker (cairo_t *cr,
             const NmdCurves *curves,
             const NmdFrame *frame,
             const NmdPlotStyle *style)
{
  double x, y;

  if (!isfinite (curves->marker_x) || !isfinite (curves->marker_y)
      || (curves->y_log && curves->marker_y <= 0))
    return;
  x = nmd_frame_x (frame, curves->marker_x);
  y = nmd_frame_y (frame, curves->marker_y);
  nmd_rgba_set (cr, &style->foreground);
  cairo_set_line_width (cr, style->line_width);
  cairo_new_path (cr);
  cairo_arc (cr, x, y, style->line_width * 2.8, 0, 2 * G_PI);
  cairo_stroke (cr);
}

void
nmd_plot_curves (cairo_t *cr,
                 const NmdCurves *curves,
                 const NmdRect *rect,
                 const NmdPlotStyle *style)
{
  NmdFrame frame;

  g_return_if_fail (cr != NULL && curves != NULL && rect != NULL && style != NULL);
  if (!nmd_plot_begin (cr, rect, style))
    return;
  if (!lay_out (curves, rect, style, &frame))
    {
      nmd_plot_empty (cr, rect, style, curves->title, curves->empty);
      nmd_plot_end (cr);
      return;
    }
  if (isfinite (curves->shade_from) && curves->shade_from < frame.x.high)
    {
      double x = MAX (nmd_frame_x (&frame, curves->shade_from), frame.plot.x);

      cairo_rectangle (cr, x, frame.plot.y, frame.plot.x + frame.plot.width - x,
                       frame.plot.height);
      nmd_rgba_set (cr, &style->shade);
      cairo_fill (cr);
    }
  nmd_frame_draw (cr, &frame, style);
  nmd_frame_clip (cr, &frame, style->line_width * 3.5);
  for (guint s = 0; s < curves->n_series; s++)
    draw_series (cr, curves, &curves->series[s], &frame, style);
  draw_marker (cr, curves, &frame, style);
  if (!has_data (curves))
    nmd_plot_empty (cr, &frame.plot, style, NULL, curves->empty);
  nmd_plot_end (cr);
}

gboolean
nmd_plot_curves_point (const NmdCurves *curves,
                       const NmdRect *rect,
                       const NmdPlotStyle *style,
                       guint series,
                       guint point,
                       double *x,
                       double *y)
{
  NmdFrame frame;

  g_return_val_if_fail (curves != NULL && rect != NULL && style != NULL, FALSE);
  if (series >= curves->n_series || point >= curves->series[series].n
      || !is_drawn (curves, &curves->series[series], point)
      || !lay_out (curves, rect, style, &frame))
    return FALSE;
  *x = nmd_frame_x (&frame, point_x (&curves->series[series], point));
  *y = nmd_frame_y (&frame, curves->series[series].y[point]);
  return TRUE;
}

gboolean
nmd_plot_curves_locate (const NmdCurves *curves,
                        const NmdRect *rect,
                        const NmdPlotStyle *style,
                        double x,
                        double y,
                        double reach,
                        guint *series,
                        guint *point)
{
  double nearest = reach;
  gboolean found = FALSE;
  NmdFrame frame;

  g_return_val_if_fail (curves != NULL && rect != NULL && style != NULL, FALSE);
  if (!lay_out (curves, rect, style, &frame))
    return FALSE;
  for (guint s = 0; s < curves->n_series; s++)
    for (guint i = 0; i < curves->series[s].n; i++)
      {
        const NmdSeries *one = &curves->series[s];
        double distance;

        if (!is_drawn (curves, one, i))
          continue;
        distance = hypot (nmd_frame_x (&frame, point_x (one, i)) - x,
                          nmd_frame_y (&frame, one->y[i]) - y);
        if (distance <= nearest)
          {
            nearest = distance;
            *series = s;
            *point = i;
            found = TRUE;
          }
      }
  return found;
}

void
nmd_plot_learning_rate (cairo_t *cr,
                        const double *lr,
                        guint n,
                        guint n_epochs,
                        double averaging_from,
                        const NmdRect *rect,
                        const NmdPlotStyle *style)
{
  g_autofree double *x = g_new (double, MAX (n, 1u));
  NmdSeries series = { .x = x, .y = lr, .n = n, .colour = 5, .steps = TRUE };
  NmdCurves curves = NMD_CURVES_INIT;
  double low = G_MAXDOUBLE, high = 0;

  g_return_if_fail (cr != NULL && rect != NULL && style != NULL);
  for (guint i = 0; i < n; i++)
    {
      x[i]
          = i
            - 0.5; /* a step has its epoch in the middle, where the other curves have it */
      if (lr[i] > 0)
        low = MIN (low, lr[i]), high = MAX (high, lr[i]);
    }
  curves.title = _ ("Learning rate");
  curves.series = &series;
  curves.n_series = 1;
  curves.x_low = 0;
  curves.x_high = MAX (MAX (n_epochs, n), 2u) - 1;
  curves.y_log = high > low * 20;
  if (!curves.y_log)
    curves.y_low = 0, curves.y_high = high > 0 ? high * 1.15 : 1;
  curves.shade_from = averaging_from;
  curves.shade_title = _ ("averaging of weights");
  curves.empty = _ ("The learning rate appears with the first epoch");
  nmd_plot_curves (cr, &curves, rect, style);
}
