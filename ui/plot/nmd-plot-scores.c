/* SPDX-License-Identifier: Apache-2.0
 *
 * Grey-level histograms, the reliability diagram, and scores against echo intensity.
 */
#include "config.h"

#include "ui/plot/nmd-plot-private.h"
#include "ui/plot/nmd-plot-words-private.h"

/* ---- Histogram */

/* The height of the axis: one bin that towers over all others (black around the sector)
 * is cut, the rest stays readable; *cut says so. */
static double
histogram_top (const double *bars, guint n, gboolean *cut)
{
  double first = 0, second = 0;

  for (guint i = 0; i < n; i++)
    {
      if (bars[i] > first)
        second = first, first = bars[i];
      else if (bars[i] > second)
        second = bars[i];
    }
  *cut = first > 3 * second && second > 0;
  return *cut ? second * 1.25 : first * 1.05;
}

/* Sums neighbouring bins until a bar is about @least user units wide. */
static guint
gather (const NmdHistogramPlot *plot, double width, double least, double *bars)
{
  guint factor = 1, n;

  while (factor < plot->n && width / plot->n * factor < least)
    factor *= 2;
  n = (plot->n + factor - 1) / factor;
  for (guint i = 0; i < n; i++)
    bars[i] = 0;
  for (guint i = 0; i < plot->n; i++)
    bars[i / factor] += plot->counts[i];
  return n;
}

static void
vertical (cairo_t *cr,
          const NmdFrame *frame,
          double value,
          gboolean dashed,
          const NmdRgba *colour,
          double width)
{
  if (!isfinite (value) || value < frame->x.low || value > frame->x.high)
    return;
  nmd_rgba_set (cr, colour);
  cairo_set_line_width (cr, width);
  if (dashed)
    cairo_set_dash (cr, (double[]){ 3, 3 }, 2, 0);
  cairo_move_to (cr, nmd_frame_x (frame, value), frame->plot.y);
  cairo_rel_line_to (cr, 0, frame->plot.height);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

/* Grey levels to a tenth, shares to a thousandth. */
static char *
mean_text (const NmdPlotStyle *style,
           const NmdHistogramPlot *plot,
           const char *what,
           double value)
{
  char number[32];

  return g_strdup_printf ("%s %s", what,
                          nmd_text_number (style, number, sizeof number,
                                           plot->high - plot->low > 2 ? "%.1f" : "%.3f",
                                           value));
}

void
nmd_plot_histogram (cairo_t *cr,
                    const NmdHistogramPlot *plot,
                    const NmdRect *rect,
                    const NmdPlotStyle *style)
{
  NmdFrame frame = { 0 };
  NmdFrameRequest request
      = { .y_low = 0, .no_y = TRUE, .title = plot->title, .x_title = plot->x_title };
  NmdRgba fill = nmd_rgba_alpha (&style->series[0], 0.55);
  g_autofree char *mean = NULL, *reference = NULL;
  g_autofree double *bars = g_new (double, plot->n + 1);
  double total = 0;
  gboolean cut = FALSE;
  guint n;

  g_return_if_fail (cr != NULL && rect != NULL && style != NULL);
  if (!nmd_plot_begin (cr, rect, style))
    return;
  for (guint i = 0; i < plot->n; i++)
    total += plot->counts[i];
  if (total == 0 || !(plot->high > plot->low))
    {
      nmd_plot_empty (cr, rect, style, plot->title, plot->empty);
      nmd_plot_end (cr);
      return;
    }
  n = gather (plot, rect->width, 1.5, bars);
  request.x_low = plot->low, request.x_high = plot->high;
  request.y_high = histogram_top (bars, n, &cut);
  if (isfinite (plot->mean))
    nmd_frame_add_key (&frame, NMD_KEY_LINE, &style->series[1],
                       mean = mean_text (style, plot, _ ("mean"), plot->mean));
  if (isfinite (plot->reference_mean))
    nmd_frame_add_key (&frame, NMD_KEY_DASHED, &style->dim,
                       reference
                       = mean_text (style, plot, _ ("before"), plot->reference_mean));
  if (cut)
    nmd_frame_add_key (&frame, NMD_KEY_AREA, &fill, _ ("tallest bar cut"));
  if (nmd_frame_layout (&frame, &request, rect, style))
    {
      nmd_frame_draw (cr, &frame, style);
      nmd_frame_clip (cr, &frame, 0);
      for (guint i = 0; i < n; i++)
        {
          double step = (plot->high - plot->low) / n,
                 x = nmd_frame_x (&frame, plot->low + step * i);
          double y = nmd_frame_y (&frame, bars[i]);

          cairo_rectangle (cr, x, y, frame.plot.width / n,
                           frame.plot.y + frame.plot.height - y);
        }
      nmd_rgba_set (cr, &fill);
      /* one fill without antialiasing between neighbours: no seams */
      cairo_set_antialias (cr, CAIRO_ANTIALIAS_NONE);
      cairo_fill (cr);
      cairo_set_antialias (cr, CAIRO_ANTIALIAS_DEFAULT);
      vertical (cr, &frame, plot->reference_mean, TRUE, &style->dim, 1.25);
      vertical (cr, &frame, plot->mean, FALSE, &style->series[1], style->line_width);
    }
  nmd_plot_end (cr);
}

/* ---- Reliability */

#define N_BINS 10

typedef struct
{
  double score[N_BINS]; /* sums */
  guint n[N_BINS], positive[N_BINS], largest;
} Reliability;

static void
fill_bins (const NmdScores *scores, Reliability *self)
{
  *self = (Reliability){ .largest = 0 };
  for (guint i = 0; i < nmd_scores_get_n (scores); i++)
    {
      const NmdScore *row = nmd_scores_get (scores, i);
      int bin;

      if (!isfinite (row->score))
        continue;
      bin = CLAMP ((int)(row->score * N_BINS), 0, N_BINS - 1);
      self->score[bin] += row->score;
      self->n[bin]++;
      self->positive[bin] += row->label == 1;
      self->largest = MAX (self->largest, self->n[bin]);
    }
}

static void
draw_bins (cairo_t *cr,
           const Reliability *bins,
           const NmdFrame *frame,
           const NmdPlotStyle *style)
{
  NmdRgba count = nmd_rgba_alpha (&style->series[0], 0.3);
  gboolean open = FALSE;

  for (int b = 0; b < N_BINS; b++)
    {
      double height = 0.22 * frame->plot.height * bins->n[b] / MAX (bins->largest, 1u);

      cairo_rectangle (cr, nmd_frame_x (frame, (b + 0.1) / N_BINS),
                       frame->plot.y + frame->plot.height - height,
                       frame->plot.width * 0.8 / N_BINS, height);
    }
  nmd_rgba_set (cr, &count);
  cairo_fill (cr);
  nmd_rgba_set (cr, &style->series[0]);
  cairo_set_line_width (cr, style->line_width);
  for (int pass = 0; pass < 2; pass++)
    {
      for (int b = 0; b < N_BINS; b++)
        {
          double x, y;

          if (bins->n[b] == 0)
            continue;
          x = nmd_frame_x (frame, bins->score[b] / bins->n[b]);
          y = nmd_frame_y (frame, (double)bins->positive[b] / bins->n[b]);
          if (pass == 0 && open)
            cairo_line_to (cr, x, y);
          else if (pass == 0)
            cairo_move_to (cr, x, y), open = TRUE;
          else
            {
              cairo_new_sub_path (cr);
              cairo_arc (cr, x, y, style->line_width * 2, 0, 2 * G_PI);
            }
        }
      if (pass == 0)
        cairo_stroke (cr);
      else
        cairo_fill (cr);
    }
}

void
nmd_plot_reliability (cairo_t *cr,
                      const char *title,
                      const char *x_title,
                      const NmdScores *scores,
                      const NmdRect *rect,
                      const NmdPlotStyle *style)
{
  NmdFrameRequest request = { 0,
                              1,
                              0,
                              1,
                              .square = TRUE,
                              .title = title,
                              .x_title = x_title,
                              .y_title = _ ("share of positives") };
  NmdRgba count = nmd_rgba_alpha (&style->series[0], 0.3);
  NmdFrame frame = { 0 };
  Reliability bins;

  g_return_if_fail (cr != NULL && rect != NULL && style != NULL);
  if (!nmd_plot_begin (cr, rect, style))
    return;
  if (scores == NULL || nmd_scores_get_n (scores) == 0)
    {
      nmd_plot_empty (cr, rect, style, title, _ ("No scores yet"));
      nmd_plot_end (cr);
      return;
    }
  fill_bins (scores, &bins);
  nmd_frame_add_key (&frame, NMD_KEY_LINE, &style->series[0], _ ("observed share"));
  nmd_frame_add_key (&frame, NMD_KEY_DASHED, &style->dim, _ ("perfect agreement"));
  nmd_frame_add_key (&frame, NMD_KEY_AREA, &count, _ ("number of images"));
  if (nmd_frame_layout (&frame, &request, rect, style))
    {
      nmd_frame_draw (cr, &frame, style);
      nmd_rgba_set (cr, &style->dim);
      cairo_set_line_width (cr, 1);
      cairo_set_dash (cr, (double[]){ 4, 3 }, 2, 0);
      cairo_move_to (cr, nmd_frame_x (&frame, 0), nmd_frame_y (&frame, 0));
      cairo_line_to (cr, nmd_frame_x (&frame, 1), nmd_frame_y (&frame, 1));
      cairo_stroke (cr);
      cairo_set_dash (cr, NULL, 0, 0);
      nmd_frame_clip (cr, &frame, style->line_width * 2.5);
      draw_bins (cr, &bins, &frame, style);
    }
  nmd_plot_end (cr);
}

/* ---- Scatter */

static gboolean
is_placed (const NmdScore *row)
{
  return isfinite (row->echo) && isfinite (row->score);
}

static gboolean
lay_out_scatter (const NmdScatterPlot *plot,
                 const NmdRect *rect,
                 const NmdPlotStyle *style,
                 NmdFrame *frame)
{
  NmdFrameRequest request = { G_MAXDOUBLE,
                              -G_MAXDOUBLE,
                              0,
                              1,
                              .x_extend = TRUE,
                              .title = plot->title,
                              .x_title = _ ("echo intensity (mean grey level)"),
                              .y_title = _ ("score") };

  *frame = (NmdFrame){ 0 };
  if (plot->scores == NULL || !(rect->width >= 4 && rect->height >= 4))
    return FALSE;
  for (guint i = 0; i < nmd_scores_get_n (plot->scores); i++)
    if (is_placed (nmd_scores_get (plot->scores, i)))
      {
        request.x_low = MIN (request.x_low, nmd_scores_get (plot->scores, i)->echo);
        request.x_high = MAX (request.x_high, nmd_scores_get (plot->scores, i)->echo);
      }
  if (request.x_low > request.x_high)
    return FALSE;
  nmd_frame_add_key (frame, NMD_KEY_CIRCLE, &style->series[0],
                     plot->classes[0] != NULL ? plot->classes[0] : _ ("negative"));
  nmd_frame_add_key (frame, NMD_KEY_TRIANGLE, &style->series[1],
                     plot->classes[1] != NULL ? plot->classes[1] : _ ("positive"));
  if (isfinite (plot->threshold))
    nmd_frame_add_key (frame, NMD_KEY_DASHED, &style->dim, _ ("threshold"));
  return nmd_frame_layout (frame, &request, rect, style);
}

static void
draw_mark (cairo_t *cr, int label, double x, double y, double r)
{
  if (label == 0)
    cairo_arc (cr, x, y, r, 0, 2 * G_PI);
  else
    {
      cairo_move_to (cr, x, y - r * 1.3);
      cairo_rel_line_to (cr, r * 1.25, r * 2.2);
      cairo_rel_line_to (cr, -r * 2.5, 0);
      cairo_close_path (cr);
    }
}

static void
draw_marks (cairo_t *cr,
            const NmdScatterPlot *plot,
            const NmdFrame *frame,
            const NmdPlotStyle *style)
{
  guint n = nmd_scores_get_n (plot->scores);
  double r = n > 400 ? style->line_width * 1.1 : style->line_width * 1.7;

  for (guint i = 0; i < n; i++)
    {
      const NmdScore *row = nmd_scores_get (plot->scores, i);
      NmdRgba colour = nmd_rgba_alpha (&style->series[row->label], n > 400 ? 0.6 : 0.75);

      if (!is_placed (row))
        continue;
      draw_mark (cr, row->label, nmd_frame_x (frame, row->echo),
                 nmd_frame_y (frame, row->score), r);
      nmd_rgba_set (cr, &colour);
      cairo_fill (cr);
    }
  if (plot->selected >= 0 && (guint)plot->selected < n
      && is_placed (nmd_scores_get (plot->scores, (guint)plot->selected)))
    {
      const NmdScore *row = nmd_scores_get (plot->scores, (guint)plot->selected);

      nmd_rgba_set (cr, &style->foreground);
      cairo_set_line_width (cr, style->line_width);
      cairo_arc (cr, nmd_frame_x (frame, row->echo), nmd_frame_y (frame, row->score),
                 style->line_width * 4, 0, 2 * G_PI);
      cairo_stroke (cr);
    }
}

void
nmd_plot_scatter (cairo_t *cr,
                  const NmdScatterPlot *plot,
                  const NmdRect *rect,
                  const NmdPlotStyle *style)
{
  NmdFrame frame;

  g_return_if_fail (cr != NULL && plot != NULL && rect != NULL && style != NULL);
  if (!nmd_plot_begin (cr, rect, style))
    return;
  if (lay_out_scatter (plot, rect, style, &frame))
    {
      nmd_frame_draw (cr, &frame, style);
      if (isfinite (plot->threshold))
        {
          nmd_rgba_set (cr, &style->dim);
          cairo_set_line_width (cr, 1);
          cairo_set_dash (cr, (double[]){ 4, 3 }, 2, 0);
          cairo_move_to (cr, frame.plot.x, nmd_frame_y (&frame, plot->threshold));
          cairo_rel_line_to (cr, frame.plot.width, 0);
          cairo_stroke (cr);
          cairo_set_dash (cr, NULL, 0, 0);
        }
      nmd_frame_clip (cr, &frame, style->line_width * 4);
      draw_marks (cr, plot, &frame, style);
    }
  else
    nmd_plot_empty (cr, rect, style, plot->title,
                    plot->empty != NULL
                        ? plot->empty
                        : _ ("No image has both a score and an echo intensity"));
  nmd_plot_end (cr);
}

int
nmd_plot_scatter_at (const NmdScatterPlot *plot,
                     const NmdRect *rect,
                     const NmdPlotStyle *style,
                     double x,
                     double y,
                     double reach)
{
  double nearest = reach;
  int found = -1;
  NmdFrame frame;

  g_return_val_if_fail (plot != NULL && rect != NULL && style != NULL, -1);
  if (!lay_out_scatter (plot, rect, style, &frame))
    return -1;
  for (guint i = 0; i < nmd_scores_get_n (plot->scores); i++)
    {
      const NmdScore *row = nmd_scores_get (plot->scores, i);
      double distance;

      if (!is_placed (row))
        continue;
      distance = hypot (nmd_frame_x (&frame, row->echo) - x,
                        nmd_frame_y (&frame, row->score) - y);
      if (distance <= nearest)
        nearest = distance, found = (int)i;
    }
  return found;
}
