/* SPDX-License-Identifier: Apache-2.0
 *
 * How scores are spread in either class, as bars that can be picked.
 */
#include "config.h"

#include "ui/plot/nmd-plot-private.h"
#include "ui/plot/nmd-plot-words-private.h"

/* Counts of a bin in label 0 and 1. */
typedef guint Bars[NMD_SCORE_BINS][2];

guint
nmd_plot_score_bin (double score)
{
  return (guint)CLAMP ((int)(score * NMD_SCORE_BINS), 0, NMD_SCORE_BINS - 1);
}

static gboolean
lay_out (const NmdScoreBarsPlot *plot,
         const NmdRect *rect,
         const NmdPlotStyle *style,
         Bars bars,
         NmdFrame *frame)
{
  NmdFrameRequest request = { .x_low = 0,
                              .x_high = 1,
                              .y_low = 0,
                              .y_high = 1,
                              .title = plot->title,
                              .x_title = _ ("score") };
  guint largest = 0;

  *frame = (NmdFrame){ 0 };
  memset (bars, 0, sizeof (Bars));
  if (plot->scores == NULL || !(rect->width >= 4 && rect->height >= 4))
    return FALSE;
  for (guint i = 0; i < nmd_scores_get_n (plot->scores); i++)
    {
      const NmdScore *row = nmd_scores_get (plot->scores, i);

      if (!isfinite (row->score))
        continue;
      const guint n = ++bars[nmd_plot_score_bin (row->score)][row->label];
      largest = MAX (largest, n);
    }
  if (largest == 0)
    return FALSE;
  request.y_high = largest * 1.05;
  for (int label = 0; label < 2; label++)
    nmd_frame_add_key (frame, NMD_KEY_AREA, &style->series[label],
                       plot->classes[label] != NULL ? plot->classes[label]
                       : label == 0                 ? _ ("negative")
                                                    : _ ("positive"));
  if (isfinite (plot->threshold))
    nmd_frame_add_key (frame, NMD_KEY_DASHED, &style->dim, _ ("threshold"));
  return nmd_frame_layout (frame, &request, rect, style);
}

/* Where the bar of a bin and a label stands; the two of a bin are side by side. */
static void
place (const NmdFrame *frame, guint bin, int label, guint count, NmdRect *bar)
{
  const double step = frame->plot.width / NMD_SCORE_BINS;
  const double bottom = frame->plot.y + frame->plot.height;

  bar->x = frame->plot.x + step * (bin + 0.08 + 0.42 * label);
  bar->width = step * 0.42;
  bar->y = nmd_frame_y (frame, count);
  bar->height = bottom - bar->y;
}

static void
draw_bars (cairo_t *cr,
           const NmdScoreBarsPlot *plot,
           Bars bars,
           const NmdFrame *frame,
           const NmdPlotStyle *style)
{
  NmdRect bar;

  for (guint bin = 0; bin < NMD_SCORE_BINS; bin++)
    for (int label = 0; label < 2; label++)
      {
        const gboolean selected
            = plot->selected_bin == (int)bin && plot->selected_label == label;

        if (bars[bin][label] == 0)
          continue;
        place (frame, bin, label, bars[bin][label], &bar);
        cairo_rectangle (cr, bar.x, bar.y, bar.width, bar.height);
        nmd_rgba_set (cr, &style->series[label]);
        cairo_fill_preserve (cr);
        if (label == 1)
          {
            /* told apart without colour: the positive class has an edge */
            nmd_rgba_set (cr, &style->foreground);
            cairo_set_line_width (cr, 0.8);
            cairo_stroke_preserve (cr);
          }
        if (selected)
          {
            nmd_rgba_set (cr, &style->accent);
            cairo_set_line_width (cr, 2.5);
            cairo_stroke_preserve (cr);
          }
        cairo_new_path (cr);
      }
}

void
nmd_plot_score_bars (cairo_t *cr,
                     const NmdScoreBarsPlot *plot,
                     const NmdRect *rect,
                     const NmdPlotStyle *style)
{
  NmdFrame frame;
  Bars bars;

  g_return_if_fail (cr != NULL && plot != NULL && rect != NULL && style != NULL);
  if (!nmd_plot_begin (cr, rect, style))
    return;
  if (lay_out (plot, rect, style, bars, &frame))
    {
      nmd_frame_draw (cr, &frame, style);
      nmd_frame_clip (cr, &frame, 2);
      draw_bars (cr, plot, bars, &frame, style);
      if (isfinite (plot->threshold))
        {
          nmd_rgba_set (cr, &style->dim);
          cairo_set_line_width (cr, 1.25);
          cairo_set_dash (cr, (double[]){ 4, 3 }, 2, 0);
          cairo_move_to (cr, nmd_frame_x (&frame, plot->threshold), frame.plot.y);
          cairo_rel_line_to (cr, 0, frame.plot.height);
          cairo_stroke (cr);
          cairo_set_dash (cr, NULL, 0, 0);
        }
    }
  else
    nmd_plot_empty (cr, rect, style, plot->title, _ ("No scores yet"));
  nmd_plot_end (cr);
}

gboolean
nmd_plot_score_bars_at (const NmdScoreBarsPlot *plot,
                        const NmdRect *rect,
                        const NmdPlotStyle *style,
                        double x,
                        double y,
                        guint *bin,
                        int *label)
{
  const double least = style->font_size * 0.5; /* low bars are picked a little above */
  NmdFrame frame;
  NmdRect bar;
  Bars bars;

  g_return_val_if_fail (plot != NULL && rect != NULL && style != NULL, FALSE);
  if (!lay_out (plot, rect, style, bars, &frame))
    return FALSE;
  for (guint b = 0; b < NMD_SCORE_BINS; b++)
    for (int l = 0; l < 2; l++)
      {
        if (bars[b][l] == 0)
          continue;
        place (&frame, b, l, bars[b][l], &bar);
        if (x >= bar.x && x < bar.x + bar.width && y <= bar.y + bar.height
            && y >= MIN (bar.y, bar.y + bar.height - least))
          {
            *bin = b;
            *label = l;
            return TRUE;
          }
      }
  return FALSE;
}
