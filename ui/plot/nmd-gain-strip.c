/* SPDX-License-Identifier: Apache-2.0
 *
 * Two tracks with a knob each, and a mark where the class changes.
 */
#include "config.h"

#include "ui/plot/nmd-gain-strip.h"

#include "ui/plot/nmd-plot-private.h"

#include <math.h>

#define PAD 8.0
#define TRACK 0.45 /* of the width, beside its words */
#define KNOB 4.5

/* Of a text that may have several lines. */
static double
text_height (const NmdPlotStyle *style, const char *text)
{
  const NmdTextAttributes plain = { 0 };
  double width = 0, height = 0;

  if (text == NULL)
    return 0;
  nmd_text_measure (style, text, &plain, &width, &height);
  return height;
}

double
nmd_gain_strip_get_height (const NmdGainStrip *self, const NmdPlotStyle *style)
{
  const double line = nmd_text_height (style);

  return 2 * PAD + text_height (style, self->head) + text_height (style, self->more)
         + text_height (style, self->foot) + 2 * (2 * line + PAD);
}

static double
place (const NmdGainTrack *track, double value, double left, double width)
{
  return left + CLAMP ((value - track->low) / (track->high - track->low), 0, 1) * width;
}

/* A triangle under the track, that points to it. */
static void
draw_flip (cairo_t *cr, double x, double y, const NmdRgba *colour)
{
  nmd_rgba_set (cr, colour);
  cairo_move_to (cr, x, y + 3);
  cairo_line_to (cr, x - 5, y + 12);
  cairo_line_to (cr, x + 5, y + 12);
  cairo_close_path (cr);
  cairo_fill (cr);
}

static void
draw_track (cairo_t *cr,
            const NmdGainTrack *track,
            const NmdRect *rect,
            const NmdPlotStyle *style,
            double y)
{
  const double line = nmd_text_height (style), left = rect->x + PAD + KNOB;
  const double width = rect->width * TRACK - 2 * PAD - 2 * KNOB, middle = y + 1.5 * line;
  const double file = place (track, track->file, left, width);
  const NmdTextAttributes bold = { .bold = TRUE, .max_width = rect->width * TRACK };
  const NmdTextAttributes words = { .max_width = rect->width * (1 - TRACK) - PAD,
                                    .y_align = 0.5,
                                    .wrap = TRUE,
                                    .max_lines = 2 };
  g_autofree char *title = g_strdup_printf ("%s %.2f", track->title, track->value);

  nmd_text_draw (cr, style, title, &bold, &style->foreground, rect->x + PAD, y);
  nmd_rgba_set (cr, &style->dim);
  cairo_set_line_width (cr, 2);
  cairo_move_to (cr, left, middle);
  cairo_line_to (cr, left + width, middle);
  cairo_move_to (cr, file, middle - 6);
  cairo_line_to (cr, file, middle);
  cairo_stroke (cr);
  if (!isnan (track->flip))
    draw_flip (cr, place (track, track->flip, left, width), middle, &style->warning);
  nmd_rgba_set (cr, &style->foreground);
  cairo_arc (cr, place (track, track->value, left, width), middle, KNOB, 0, 2 * G_PI);
  cairo_fill (cr);
  nmd_text_draw (cr, style, track->words, &words, &style->foreground,
                 rect->x + rect->width * TRACK, y + line);
}

void
nmd_gain_strip_draw (cairo_t *cr,
                     const NmdGainStrip *self,
                     const NmdRect *rect,
                     const NmdPlotStyle *style)
{
  const NmdTextAttributes text = { 0 };
  const NmdRect all
      = { rect->x, rect->y, rect->width, nmd_gain_strip_get_height (self, style) };
  const double line = nmd_text_height (style);
  double y = rect->y + PAD;

  if (!nmd_plot_begin (cr, &all, style))
    return;
  nmd_text_draw (cr, style, self->head, &text, &style->foreground, rect->x + PAD, y);
  y += text_height (style, self->head);
  if (self->more != NULL)
    nmd_text_draw (cr, style, self->more, &text, &style->foreground, rect->x + PAD, y);
  y += text_height (style, self->more);
  for (guint i = 0; i < G_N_ELEMENTS (self->tracks); i++)
    {
      y += PAD / 2;
      draw_track (cr, &self->tracks[i], rect, style, y);
      y += 2 * line + PAD / 2;
    }
  if (self->foot != NULL)
    nmd_text_draw (cr, style, self->foot, &text, &style->dim, rect->x + PAD, y + PAD / 2);
  nmd_plot_end (cr);
}
