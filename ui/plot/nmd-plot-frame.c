/* SPDX-License-Identifier: Apache-2.0
 *
 * Axes: tick values, and the frame of a chart with two axes: heading and legend above the
 * plot, never over it, tick labels beside it. Knows no data.
 */
#include "config.h"

#include "ui/plot/nmd-plot-private.h"

#include <string.h>

static void
format_tick (char *label, gsize size, double value, double step)
{
  char format[16];
  int decimals = 0;

  if (value != 0 && (fabs (value) >= 1e9 || fabs (step) < 1e-5))
    g_ascii_formatd (label, (int)size, "%.6g", value);
  else
    {
      /* As many decimals as the step needs, so that all labels of an axis have the same.
       */
      while (decimals < 6
             && fabs (step * pow (10, decimals) - nearbyint (step * pow (10, decimals)))
                    > 1e-6)
        decimals++;
      g_snprintf (format, sizeof format, "%%.%df", decimals);
      g_ascii_formatd (label, (int)size, format, fabs (value) < step * 1e-9 ? 0 : value);
    }
}

static void
init_linear (NmdAxis *self, int wanted, gboolean integer, gboolean extend)
{
  double raw = (self->high - self->low) / MAX (wanted, 1);
  double power = pow (10, floor (log10 (raw)));
  double step = power
                * (raw / power <= 1   ? 1
                   : raw / power <= 2 ? 2
                   : raw / power <= 5 ? 5
                                      : 10);

  if (integer)
    step = MAX (nearbyint (step), 1);
  if (extend)
    {
      self->low = floor (self->low / step + 1e-9) * step;
      self->high = ceil (self->high / step - 1e-9) * step;
    }
  for (double i = ceil (self->low / step - 1e-9);
       i * step <= self->high + step * 1e-9 && self->n < NMD_MAX_TICKS; i++)
    {
      self->ticks[self->n] = i * step;
      format_tick (self->labels[self->n], sizeof self->labels[0], i * step, step);
      self->n++;
    }
}

/* Whole decades; where there are few, 2 and 5 as well. */
static void
init_log (NmdAxis *self, int wanted, gboolean extend)
{
  double low, high;
  int first, last, stride;
  gboolean fine;

  if (extend)
    {
      /* out to 1, 2 or 5 of a decade */
      static const double steps[] = { 1, 2, 5, 10 };
      double d = pow (10, floor (log10 (self->low) + 1e-9)),
             e = pow (10, floor (log10 (self->high) + 1e-9));

      for (int i = 3; i >= 0; i--)
        if (steps[i] * d <= self->low * (1 + 1e-9))
          {
            self->low = steps[i] * d;
            break;
          }
      for (int i = 0; i < 4; i++)
        if (steps[i] * e >= self->high * (1 - 1e-9))
          {
            self->high = steps[i] * e;
            break;
          }
    }
  low = log10 (self->low), high = log10 (self->high);
  first = (int)floor (low - 1e-9), last = (int)ceil (high + 1e-9);
  fine = (high - low) * 3 <= MAX (wanted, 2) + 1;
  stride = fine ? 1 : MAX ((last - first) / MAX (wanted, 1), 1);
  for (int d = first; d <= last; d += stride)
    for (int i = 0; i < (fine ? 3 : 1); i++)
      {
        double value = pow (10, d) * (i == 0 ? 1 : i == 1 ? 2 : 5);

        if (value < self->low * (1 - 1e-9) || value > self->high * (1 + 1e-9)
            || self->n >= NMD_MAX_TICKS)
          continue;
        self->ticks[self->n] = value;
        g_ascii_formatd (self->labels[self->n], sizeof self->labels[0], "%.4g", value);
        self->n++;
      }
}

void
nmd_axis_init (NmdAxis *self,
               double low,
               double high,
               int wanted,
               gboolean integer,
               gboolean log,
               gboolean extend)
{
  *self = (NmdAxis){ .low = low, .high = high, .log = log && low > 0 };
  if (!(high > low))
    {
      double pad = self->log ? 0 : MAX (fabs (low) * 0.1, integer ? 1 : 0.05);

      self->low = self->log ? low / 2 : integer ? low : low - pad;
      self->high = self->log ? low * 2 : low + pad;
    }
  if (wanted < 1)
    return;
  if (self->log)
    init_log (self, wanted, extend);
  else
    init_linear (self, wanted, integer, extend);
}

double
nmd_axis_place (const NmdAxis *self, double value)
{
  if (self->log)
    return log (MAX (value, 1e-300) / self->low) / log (self->high / self->low);
  return (value - self->low) / (self->high - self->low);
}

void
nmd_frame_add_key (NmdFrame *self,
                   NmdKeyKind kind,
                   const NmdRgba *colour,
                   const char *text)
{
  if (text == NULL || *text == '\0' || self->n_keys >= NMD_MAX_KEYS)
    return;
  self->keys[self->n_keys++] = (NmdKey){ kind, *colour, text };
}

static double
swatch_width (const NmdPlotStyle *style)
{
  return style->font_size * 1.5;
}

/* Width of each key; returns the widest. */
static double
measure_keys (const NmdFrame *self,
              const NmdPlotStyle *style,
              double widths[NMD_MAX_KEYS])
{
  double widest = 0;

  for (int i = 0; i < self->n_keys; i++)
    {
      nmd_text_measure (style, self->keys[i].text, NULL, &widths[i], NULL);
      widths[i] += swatch_width (style) + style->font_size * 0.35;
      widest = MAX (widest, widths[i]);
    }
  return widest;
}

static double
line_height (const NmdPlotStyle *style)
{
  return nmd_text_height (style) * 1.15;
}

/* Places the legend and returns the height that it and the heading take: it stands to the
 * right of the heading if it fits there, else in rows under it. What does not fit in two
 * rows is left out. */
static double
lay_out_heading (NmdFrame *self, const NmdPlotStyle *style)
{
  NmdTextAttributes bold = { .bold = TRUE };
  double line = line_height (style), gap = style->font_size * 0.9;
  double left = self->rect.x, right = left + self->rect.width;
  double widths[NMD_MAX_KEYS], total = 0, title = 0, x, y;

  if (self->title != NULL)
    nmd_text_measure (style, self->title, &bold, &title, NULL);
  measure_keys (self, style, widths);
  for (int i = 0; i < self->n_keys; i++)
    total += widths[i] + (i > 0 ? gap : 0);
  if (self->n_keys == 0)
    return self->title != NULL ? line : 0;
  if (title > 0 && left + title + 2 * gap + total <= right)
    x = right - total, y = self->rect.y;
  else
    x = left, y = self->rect.y + (title > 0 ? line : 0);
  for (int i = 0, row = 0; i < self->n_keys; i++)
    {
      if (x > left && x + widths[i] > right + 0.5 && row < 1)
        x = left, y += line, row++;
      self->key_places[i] = (NmdRect){ x, y, MIN (widths[i], right - x), line };
      /* cut only where it is alone in its row */
      if (x > left && self->key_places[i].width < widths[i] - 0.5)
        self->key_places[i].width = 0;
      else
        x += widths[i] + gap;
    }
  return y + line - self->rect.y;
}

static double
widest_label (const NmdAxis *axis, const NmdPlotStyle *style)
{
  NmdTextAttributes small = { .size = 0.9 };
  double widest = 0, width;

  for (int i = 0; i < axis->n; i++)
    {
      nmd_text_measure (style, axis->labels[i], &small, &width, NULL);
      widest = MAX (widest, width);
    }
  return widest;
}

/* Ticks as the style writes numbers, with a true minus. */
static void
write_numbers (NmdAxis *axis, const NmdPlotStyle *style)
{
  static const char minus[] = "−";

  for (int i = 0; i < axis->n; i++)
    {
      char *label = axis->labels[i];
      char *point = strchr (label, '.');

      if (point != NULL && style->decimal != '\0')
        *point = style->decimal;
      if (*label == '-' && strlen (label) + sizeof minus - 1 <= sizeof axis->labels[i])
        {
          memmove (label + sizeof minus - 1, label + 1, strlen (label));
          memcpy (label, minus, sizeof minus - 1);
        }
    }
}

/* Without room for words: the axes' box is nearly all of the rectangle. */
static gboolean
lay_out_tiny (NmdFrame *self, const NmdFrameRequest *request, const NmdRect *rect)
{
  self->rect = self->plot
      = (NmdRect){ rect->x + 2, rect->y + 2, rect->width - 4, rect->height - 4 };
  self->title = self->x_title = self->y_title = NULL;
  self->n_keys = 0;
  if (request->square)
    {
      double side = MIN (self->plot.width, self->plot.height);

      self->plot = (NmdRect){ self->plot.x + (self->plot.width - side) / 2,
                              self->plot.y + (self->plot.height - side) / 2, side, side };
    }
  nmd_axis_init (&self->x, request->x_low, request->x_high, 0, request->x_integer, FALSE,
                 FALSE);
  nmd_axis_init (&self->y, request->y_low, request->y_high, 0, FALSE, request->y_log,
                 FALSE);
  return self->plot.width >= 2 && self->plot.height >= 2;
}

/* A square leaves room beside it in a wide rectangle: the legend goes there if that makes
 * the square larger. */
static gboolean
lay_out_beside (
    NmdFrame *self, const NmdPlotStyle *style, double left, double bottom, double pad)
{
  double widths[NMD_MAX_KEYS], widest = measure_keys (self, style, widths);
  double top = (self->title != NULL ? line_height (style) : 0) + pad,
         line = line_height (style);
  double gap = style->font_size * 1.2, x;
  double side
      = MIN (self->rect.height - top - bottom, self->rect.width - left - gap - widest);

  if (self->n_keys == 0
      || side < MIN (self->rect.height - top - bottom - self->n_keys * line,
                     self->rect.width - left))
    return FALSE;
  x = self->rect.x + MAX ((self->rect.width - left - side - gap - widest) / 2, 0);
  self->plot = (NmdRect){ x + left, self->rect.y + top, side, side };
  for (int i = 0; i < self->n_keys; i++)
    self->key_places[i]
        = (NmdRect){ x + left + side + gap, self->plot.y + i * line, widths[i], line };
  return side >= 4;
}

/* Ticks for an axis of @height: at least two where two labels have room. */
static int
wanted_y (double height, double line)
{
  return CLAMP ((int)(height / (line * 2.2)), height >= line * 2 ? 2 : 1, 8);
}

gboolean
nmd_frame_layout (NmdFrame *self,
                  const NmdFrameRequest *request,
                  const NmdRect *rect,
                  const NmdPlotStyle *style)
{
  double em = style->font_size, line = nmd_text_height (style), pad = em * 0.5;
  double top, bottom, left;

  self->rect = (NmdRect){ rect->x + pad, rect->y + pad * 0.5, rect->width - 2 * pad,
                          rect->height - pad };
  self->title = request->title;
  self->x_title = request->x_title;
  self->y_title = request->y_title;
  self->no_y = request->no_y;
  self->labels = rect->width >= 9 * em && rect->height >= 6 * em;
  if (!self->labels)
    return lay_out_tiny (self, request, rect);
  top = lay_out_heading (self, style) + pad;
  bottom = line * (self->x_title != NULL ? 2.1 : 1.1) + pad * 0.3;
  if (self->rect.height - top - bottom
      < 4 * em) /* the curves are worth more than the axes' titles */
    {
      self->x_title = self->y_title = NULL;
      bottom = line * 1.1 + pad * 0.3;
    }
  if (self->rect.height - top - bottom < 2 * em)
    {
      self->n_keys = 0;
      top = (self->title != NULL ? line_height (style) : 0) + pad * 0.5;
    }
  nmd_axis_init (&self->y, request->y_low, request->y_high,
                 request->no_y ? 0 : wanted_y (self->rect.height - top - bottom, line),
                 FALSE, request->y_log, request->y_extend);
  write_numbers (&self->y, style);
  left = request->no_y
             ? 0
             : widest_label (&self->y, style) + pad + (self->y_title != NULL ? line : 0);
  self->plot
      = (NmdRect){ self->rect.x + left, self->rect.y + top, self->rect.width - left - pad,
                   self->rect.height - top - bottom };
  if (request->square && !lay_out_beside (self, style, left, bottom, pad))
    {
      double side = MIN (self->plot.width, self->plot.height);

      self->plot.x += (self->plot.width - side) / 2;
      self->plot.width = self->plot.height = side;
    }
  nmd_axis_init (&self->x, request->x_low, request->x_high,
                 CLAMP ((int)(self->plot.width / (em * 4)), 1, 10), request->x_integer,
                 FALSE, request->x_extend);
  write_numbers (&self->x, style);
  return self->plot.width >= 4 && self->plot.height >= 4;
}

static void
draw_swatch (cairo_t *cr,
             const NmdKey *key,
             const NmdRect *place,
             const NmdPlotStyle *style)
{
  double width = swatch_width (style), x = place->x, y = place->y + place->height / 2;
  double r = style->font_size * 0.28;

  nmd_rgba_set (cr, &key->colour);
  cairo_set_line_width (cr, style->line_width * 1.2);
  switch (key->kind)
    {
    case NMD_KEY_DASHED:
      cairo_set_dash (cr, (double[]){ width / 4, width / 8 }, 2, 0);
      G_GNUC_FALLTHROUGH;
    case NMD_KEY_LINE:
      cairo_move_to (cr, x, y);
      cairo_line_to (cr, x + width, y);
      cairo_stroke (cr);
      cairo_set_dash (cr, NULL, 0, 0);
      break;
    case NMD_KEY_AREA:
      cairo_rectangle (cr, x, y - r * 1.6, width, r * 3.2);
      cairo_fill (cr);
      break;
    case NMD_KEY_RING:
      cairo_arc (cr, x + width / 2, y, r * 1.3, 0, 2 * G_PI);
      cairo_stroke (cr);
      break;
    case NMD_KEY_CIRCLE:
      cairo_arc (cr, x + width / 2, y, r, 0, 2 * G_PI);
      cairo_fill (cr);
      break;
    case NMD_KEY_TRIANGLE:
      cairo_move_to (cr, x + width / 2, y - r * 1.2);
      cairo_rel_line_to (cr, r * 1.2, r * 2.2);
      cairo_rel_line_to (cr, -r * 2.4, 0);
      cairo_close_path (cr);
      cairo_fill (cr);
      break;
    }
}

static void
draw_heading (cairo_t *cr, const NmdFrame *self, const NmdPlotStyle *style)
{
  NmdTextAttributes bold = { .bold = TRUE, .max_width = self->rect.width };
  double gap = style->font_size * 0.35;

  if (self->title != NULL)
    nmd_text_draw (cr, style, self->title, &bold, &style->foreground, self->rect.x,
                   self->rect.y);
  for (int i = 0; i < self->n_keys; i++)
    {
      const NmdRect *place = &self->key_places[i];
      double room = place->width - swatch_width (style) - gap;
      NmdTextAttributes text = { .y_align = 0.5, .max_width = room + 1 };

      if (place->width <= 0)
        continue;
      draw_swatch (cr, &self->keys[i], place, style);
      nmd_text_draw (cr, style, self->keys[i].text, &text, &style->foreground,
                     place->x + swatch_width (style) + gap, place->y + place->height / 2);
    }
}

static void
draw_x_labels (cairo_t *cr, const NmdFrame *self, const NmdPlotStyle *style)
{
  double em = style->font_size, taken = -G_MAXDOUBLE;
  double y = self->plot.y + self->plot.height + em * 0.25;
  NmdTextAttributes text = { .size = 0.9 };

  for (int i = 0; i < self->x.n; i++)
    {
      double x = nmd_frame_x (self, self->x.ticks[i]), width;

      nmd_text_measure (style, self->x.labels[i], &text, &width, NULL);
      /* Pushed inside at the ends; left out where it would touch the one before. */
      x = CLAMP (x - width / 2, self->rect.x, self->rect.x + self->rect.width - width);
      if (x < taken + em * 0.5)
        continue;
      nmd_text_draw (cr, style, self->x.labels[i], &text, &style->dim, x, y);
      taken = x + width;
    }
  if (self->x_title != NULL)
    {
      NmdTextAttributes title
          = { .size = 0.9, .x_align = 0.5, .max_width = self->rect.width };
      double width;

      nmd_text_measure (style, self->x_title, &title, &width, NULL);
      nmd_text_draw (cr, style, self->x_title, &title, &style->dim,
                     CLAMP (self->plot.x + self->plot.width / 2, self->rect.x + width / 2,
                            MAX (self->rect.x + self->rect.width - width / 2,
                                 self->rect.x + width / 2)),
                     y + nmd_text_height (style) * 0.95);
    }
}

void
nmd_frame_draw (cairo_t *cr, const NmdFrame *self, const NmdPlotStyle *style)
{
  const NmdRect *p = &self->plot;
  NmdTextAttributes text = { .size = 0.9, .x_align = 1, .y_align = 0.5 };

  nmd_rgba_set (cr, &style->grid);
  cairo_set_line_width (cr, 1);
  for (int i = 0; i < self->y.n; i++)
    {
      double y = nmd_frame_y (self, self->y.ticks[i]);

      cairo_move_to (cr, p->x, y);
      cairo_line_to (cr, p->x + p->width, y);
    }
  for (int i = 0; i < self->x.n; i++)
    {
      double x = nmd_frame_x (self, self->x.ticks[i]);

      cairo_move_to (cr, x, p->y);
      cairo_line_to (cr, x, p->y + p->height);
    }
  cairo_stroke (cr);
  cairo_move_to (cr, p->x, self->no_y ? p->y + p->height : p->y);
  cairo_line_to (cr, p->x, p->y + p->height);
  cairo_line_to (cr, p->x + p->width, p->y + p->height);
  nmd_rgba_set (cr, &style->dim);
  cairo_stroke (cr);
  if (!self->labels)
    return;
  draw_heading (cr, self, style);
  for (int i = 0; i < self->y.n; i++)
    nmd_text_draw (cr, style, self->y.labels[i], &text, &style->dim,
                   p->x - style->font_size * 0.35, nmd_frame_y (self, self->y.ticks[i]));
  draw_x_labels (cr, self, style);
  double length = 0;

  if (self->y_title != NULL)
    nmd_text_measure (style, self->y_title, &text, &length, NULL);
  if (self->y_title != NULL && length <= p->height)
    {
      NmdTextAttributes upright = { .size = 0.9, .x_align = 0.5, .y_align = 1 };

      cairo_save (cr);
      cairo_translate (cr,
                       p->x - widest_label (&self->y, style) - style->font_size * 0.55,
                       p->y + p->height / 2);
      cairo_rotate (cr, -G_PI / 2);
      nmd_text_draw (cr, style, self->y_title, &upright, &style->dim, 0, 0);
      cairo_restore (cr);
    }
}

double
nmd_frame_x (const NmdFrame *self, double value)
{
  return self->plot.x + nmd_axis_place (&self->x, value) * self->plot.width;
}

double
nmd_frame_y (const NmdFrame *self, double value)
{
  return self->plot.y + (1 - nmd_axis_place (&self->y, value)) * self->plot.height;
}

void
nmd_frame_clip (cairo_t *cr, const NmdFrame *self, double by)
{
  cairo_rectangle (cr, self->plot.x - by, self->plot.y - by, self->plot.width + 2 * by,
                   self->plot.height + 2 * by);
  cairo_clip (cr);
}
