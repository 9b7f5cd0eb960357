/* SPDX-License-Identifier: Apache-2.0
 *
 * The plot of Bland and Altman: differences of two ways of measuring against their means.
 */
#include "config.h"

#include "ui/plot/nmd-plot-private.h"
#include "ui/plot/nmd-plot-words-private.h"

#include <string.h>

#define BAND_ALPHA 0.15
#define DASH 5.0

static gboolean
is_placed (const NmdAgreementPlot *plot, guint i)
{
  return isfinite (plot->means[i]) && isfinite (plot->differences[i]);
}

static void
widen (double *low, double *high, double value)
{
  if (isfinite (value))
    {
      *low = MIN (*low, value);
      *high = MAX (*high, value);
    }
}

/* "bias −0.31 [−0.52, −0.12]" */
static char *
line_text (const NmdPlotStyle *style,
           const char *word,
           double value,
           const NmdInterval *interval,
           int decimals)
{
  GString *text = g_string_new (word);
  const double values[] = { value, interval->low, interval->high };
  const char *const before[] = { " ", " [", ", " };
  char format[8], buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_snprintf (format, sizeof format, "%%.%df", decimals);
  for (int i = 0; i < (isfinite (interval->low) ? 3 : 1); i++)
    {
      nmd_text_number (style, buffer, sizeof buffer, format, fabs (values[i]));
      g_string_append (text, before[i]);
      if (values[i] < 0 && strspn (buffer, "0.") < strlen (buffer))
        g_string_append (text, "−");
      g_string_append (text, buffer);
    }
  if (isfinite (interval->low))
    g_string_append (text, "]");
  return g_string_free (text, FALSE);
}

static gboolean
lay_out (const NmdAgreementPlot *plot,
         const NmdRect *rect,
         const NmdPlotStyle *style,
         char *const *texts,
         NmdFrame *frame)
{
  const NmdAgreement *agreement = &plot->agreement;
  NmdFrameRequest request = { .x_low = INFINITY,
                              .x_high = -INFINITY,
                              .y_low = 0,
                              .y_high = 0,
                              .x_extend = TRUE,
                              .y_extend = TRUE,
                              .title = plot->title,
                              .x_title = plot->x_title,
                              .y_title = plot->y_title };

  *frame = (NmdFrame){ 0 };
  for (guint i = 0; i < plot->n; i++)
    if (is_placed (plot, i))
      {
        widen (&request.x_low, &request.x_high, plot->means[i]);
        widen (&request.y_low, &request.y_high, plot->differences[i]);
      }
  if (request.x_low > request.x_high)
    return FALSE;
  widen (&request.y_low, &request.y_high, agreement->low);
  widen (&request.y_low, &request.y_high, agreement->high);
  widen (&request.y_low, &request.y_high, agreement->low_ci.low);
  widen (&request.y_low, &request.y_high, agreement->high_ci.high);
  if (texts != NULL)
    {
      nmd_frame_add_key (frame, NMD_KEY_LINE, &style->series[1], texts[0]);
      nmd_frame_add_key (frame, NMD_KEY_DASHED, &style->series[2], texts[1]);
      nmd_frame_add_key (frame, NMD_KEY_DASHED, &style->series[2], texts[2]);
    }
  return nmd_frame_layout (frame, &request, rect, style);
}

/* A line across at @value with the band of its interval. */
static void
draw_line (cairo_t *cr,
           const NmdFrame *frame,
           const NmdPlotStyle *style,
           double value,
           const NmdInterval *interval,
           const NmdRgba *colour,
           gboolean dashed)
{
  const NmdRgba band = nmd_rgba_alpha (colour, BAND_ALPHA);

  if (!isfinite (value))
    return;
  if (isfinite (interval->low))
    {
      const double top = nmd_frame_y (frame, interval->high);

      nmd_rgba_set (cr, &band);
      cairo_rectangle (cr, frame->plot.x, top, frame->plot.width,
                       nmd_frame_y (frame, interval->low) - top);
      cairo_fill (cr);
    }
  nmd_rgba_set (cr, colour);
  cairo_set_line_width (cr, style->line_width);
  if (dashed)
    cairo_set_dash (cr, (double[]){ DASH, DASH * 0.7 }, 2, 0);
  cairo_move_to (cr, frame->plot.x, nmd_frame_y (frame, value));
  cairo_rel_line_to (cr, frame->plot.width, 0);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

static void
draw_points (cairo_t *cr,
             const NmdAgreementPlot *plot,
             const NmdFrame *frame,
             const NmdPlotStyle *style)
{
  const NmdRgba colour = nmd_rgba_alpha (&style->series[0], plot->n > 400 ? 0.6 : 0.75);
  const double r = style->line_width * (plot->n > 400 ? 1.1 : 1.7);

  nmd_rgba_set (cr, &colour);
  for (guint i = 0; i < plot->n; i++)
    if (is_placed (plot, i))
      {
        cairo_arc (cr, nmd_frame_x (frame, plot->means[i]),
                   nmd_frame_y (frame, plot->differences[i]), r, 0, 2 * G_PI);
        cairo_fill (cr);
      }
  if (plot->selected < 0 || (guint)plot->selected >= plot->n
      || !is_placed (plot, (guint)plot->selected))
    return;
  nmd_rgba_set (cr, &style->foreground);
  cairo_set_line_width (cr, style->line_width);
  cairo_arc (cr, nmd_frame_x (frame, plot->means[plot->selected]),
             nmd_frame_y (frame, plot->differences[plot->selected]),
             style->line_width * 4, 0, 2 * G_PI);
  cairo_stroke (cr);
}

void
nmd_plot_agreement (cairo_t *cr,
                    const NmdAgreementPlot *plot,
                    const NmdRect *rect,
                    const NmdPlotStyle *style)
{
  const NmdAgreement *agreement;
  char *texts[3];
  NmdFrame frame;

  g_return_if_fail (cr != NULL && plot != NULL && rect != NULL && style != NULL);

  if (!nmd_plot_begin (cr, rect, style))
    return;
  agreement = &plot->agreement;
  texts[0] = line_text (style, _ ("bias"), agreement->bias, &agreement->bias_ci,
                        plot->decimals);
  texts[1] = line_text (style, _ ("bias − 1.96 SD"), agreement->low, &agreement->low_ci,
                        plot->decimals);
  texts[2] = line_text (style, _ ("bias + 1.96 SD"), agreement->high, &agreement->high_ci,
                        plot->decimals);
  if (lay_out (plot, rect, style, texts, &frame))
    {
      nmd_frame_draw (cr, &frame, style);
      nmd_frame_clip (cr, &frame, style->line_width * 4);
      draw_line (cr, &frame, style, 0, &(NmdInterval){ NAN, NAN }, &style->dim, FALSE);
      draw_line (cr, &frame, style, agreement->low, &agreement->low_ci, &style->series[2],
                 TRUE);
      draw_line (cr, &frame, style, agreement->high, &agreement->high_ci,
                 &style->series[2], TRUE);
      draw_line (cr, &frame, style, agreement->bias, &agreement->bias_ci,
                 &style->series[1], FALSE);
      draw_points (cr, plot, &frame, style);
    }
  else
    nmd_plot_empty (cr, rect, style, plot->title,
                    plot->empty != NULL ? plot->empty : _ ("Nothing to compare"));
  nmd_plot_end (cr);
  for (int i = 0; i < 3; i++)
    g_free (texts[i]);
}

int
nmd_plot_agreement_at (const NmdAgreementPlot *plot,
                       const NmdRect *rect,
                       const NmdPlotStyle *style,
                       double x,
                       double y,
                       double reach)
{
  const NmdAgreement *agreement = &plot->agreement;
  double nearest = reach;
  int found = -1;
  char *texts[3];
  NmdFrame frame;

  g_return_val_if_fail (plot != NULL && rect != NULL && style != NULL, -1);

  /* the legend's lines decide how much is left for the plot */
  texts[0] = line_text (style, _ ("bias"), agreement->bias, &agreement->bias_ci,
                        plot->decimals);
  texts[1] = line_text (style, _ ("bias − 1.96 SD"), agreement->low, &agreement->low_ci,
                        plot->decimals);
  texts[2] = line_text (style, _ ("bias + 1.96 SD"), agreement->high, &agreement->high_ci,
                        plot->decimals);
  if (lay_out (plot, rect, style, texts, &frame))
    for (guint i = 0; i < plot->n; i++)
      if (is_placed (plot, i))
        {
          const double distance = hypot (nmd_frame_x (&frame, plot->means[i]) - x,
                                         nmd_frame_y (&frame, plot->differences[i]) - y);

          if (distance <= nearest)
            {
              nearest = distance;
              found = (int)i;
            }
        }
  for (int i = 0; i < 3; i++)
    g_free (texts[i]);
  return found;
}
