/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks and text: the four themes, Pango layouts that measure alike on every surface, and
 * the beginning and end of a drawing. Knows no chart.
 */
#include "config.h"

#include "ui/plot/nmd-plot-private.h"
#include "ui/plot/nmd-plot-words-private.h"

#include <string.h>

static NmdRgba
hex (guint32 rgb, double alpha)
{
  return (NmdRgba){ ((rgb >> 16) & 255) / 255.0, ((rgb >> 8) & 255) / 255.0,
                    (rgb & 255) / 255.0, alpha };
}

/* Series colours keep apart under red-green and blue-yellow deficiency because they
 * alternate in lightness as well as in hue; against their background each has at least 3
 * : 1. */
static void
set_colours (NmdPlotStyle *self, const guint32 series[NMD_N_SERIES_COLOURS])
{
  for (int i = 0; i < NMD_N_SERIES_COLOURS; i++)
    self->series[i] = hex (series[i], 1);
}

static __thread gboolean speaks_english;

gboolean
nmd_plot_speak_english (gboolean english)
{
  gboolean before = speaks_english;

  speaks_english = english;
  return before;
}

const char *
nmd_plot_word (const char *english)
{
  return speaks_english ? english : g_dgettext (GETTEXT_PACKAGE, english);
}

void
nmd_plot_style_init (NmdPlotStyle *style, NmdTheme theme, double font_scale)
{
  static const guint32 light[]
      = { 0x0b62b8, 0xc2500a, 0x4c8a18, 0x8b3fa8, 0x8a6d00, 0x00808f };
  static const guint32 dark[]
      = { 0x6cb4ff, 0xff9d57, 0x9bd35a, 0xdc9cf2, 0xf0d060, 0x4fd8e0 };
  static const guint32 high[]
      = { 0x003e9e, 0x9a2f00, 0x1f5c00, 0x6a0d86, 0x5a4500, 0x005560 };
  gboolean is_dark = theme == NMD_THEME_DARK || theme == NMD_THEME_HIGH_CONTRAST_DARK;
  gboolean is_high
      = theme == NMD_THEME_HIGH_CONTRAST || theme == NMD_THEME_HIGH_CONTRAST_DARK;

  g_return_if_fail (style != NULL);
  if (!(font_scale > 0))
    font_scale = 1;
  *style = (NmdPlotStyle){
    .theme = theme, .font = "Sans", .font_size = 12 * font_scale, .decimal = '.'
  };
  style->line_width = is_high ? 2.5 : 1.75;
  if (is_dark)
    {
      style->background = is_high ? hex (0x000000, 1) : hex (0x1e1e1e, 1);
      style->foreground = is_high ? hex (0xffffff, 1) : hex (0xeeeeee, 1);
      style->dim = is_high ? hex (0xffffff, 1) : hex (0xb4b4b4, 1);
      style->grid = hex (0xffffff, is_high ? 0.45 : 0.12);
      style->accent = hex (is_high ? 0xb6dbff : 0x78aeed, 1);
      style->warning = hex (0xf8e45c, 1);
      style->shade = hex (0xffffff, is_high ? 0.16 : 0.07);
      set_colours (style, dark);
    }
  else
    {
      style->background = hex (0xffffff, 1);
      style->foreground = is_high ? hex (0x000000, 1) : hex (0x2a2a2e, 1);
      style->dim = is_high ? hex (0x000000, 1) : hex (0x5e5c64, 1);
      style->grid = hex (0x000000, is_high ? 0.45 : 0.11);
      style->accent = hex (is_high ? 0x0b3d91 : 0x1c71d8, 1);
      style->warning = hex (0x9c4400, 1);
      style->shade = hex (0x000000, is_high ? 0.12 : 0.05);
      set_colours (style, is_high ? high : light);
    }
}

char *
nmd_text_number (
    const NmdPlotStyle *style, char *buffer, int size, const char *format, double value)
{
  char *point = NULL;

  g_ascii_formatd (buffer, size, format, value);
  point = strchr (buffer, '.');
  if (point != NULL && style->decimal != '\0')
    *point = style->decimal;
  return buffer;
}

void
nmd_rgba_set (cairo_t *cr, const NmdRgba *colour)
{
  cairo_set_source_rgba (cr, colour->red, colour->green, colour->blue, colour->alpha);
}

NmdRgba
nmd_rgba_alpha (const NmdRgba *colour, double alpha)
{
  return (NmdRgba){ colour->red, colour->green, colour->blue, colour->alpha * alpha };
}

NmdRgba
nmd_rgba_mix (const NmdRgba *a, const NmdRgba *b, double t)
{
  return (NmdRgba){ a->red + (b->red - a->red) * t, a->green + (b->green - a->green) * t,
                    a->blue + (b->blue - a->blue) * t,
                    a->alpha + (b->alpha - a->alpha) * t };
}

static double
linear (double v)
{
  return v <= 0.04045 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
}

/* WCAG 2.1 relative luminance; black reads better above 0.179. */
NmdRgba
nmd_rgba_ink (const NmdRgba *on)
{
  double y = 0.2126 * linear (on->red) + 0.7152 * linear (on->green)
             + 0.0722 * linear (on->blue);

  return y > 0.179 ? (NmdRgba){ 0, 0, 0, 1 } : (NmdRgba){ 1, 1, 1, 1 };
}

/* One context a thread: making one costs more than laying out a label. */
static GPrivate contexts = G_PRIVATE_INIT (g_object_unref);

/* Without hinting, metrics scale with the text and are the same on screen and on paper.
 */
static PangoContext *
get_context (void)
{
  PangoContext *context = g_private_get (&contexts);
  cairo_font_options_t *options;

  if (context != NULL)
    return context;
  context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  options = cairo_font_options_create ();
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options (context, options);
  pango_cairo_context_set_resolution (context, 96);
  pango_context_set_round_glyph_positions (context, FALSE);
  cairo_font_options_destroy (options);
  g_private_set (&contexts, context);
  return context;
}

static PangoLayout *
make_layout (const NmdPlotStyle *style, const char *text, const NmdTextAttributes *at)
{
  PangoLayout *layout = pango_layout_new (get_context ());
  PangoFontDescription *font = pango_font_description_new ();
  PangoAttrList *list = pango_attr_list_new ();
  double size = style->font_size * (at->size > 0 ? at->size : 1);

  pango_font_description_set_family (font, style->font != NULL ? style->font : "Sans");
  pango_font_description_set_absolute_size (font, size * PANGO_SCALE);
  if (at->bold)
    pango_font_description_set_weight (font, PANGO_WEIGHT_BOLD);
  pango_layout_set_font_description (layout, font);
  pango_attr_list_insert (list, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, list);
  pango_layout_set_text (layout, text, -1);
  if (at->max_width > 0)
    {
      pango_layout_set_width (layout, (int)(at->max_width * PANGO_SCALE));
      if (at->wrap)
        {
          pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
          if (at->max_lines > 0)
            {
              pango_layout_set_height (layout, -at->max_lines);
              pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
            }
        }
      else
        pango_layout_set_ellipsize (layout, at->cut_start ? PANGO_ELLIPSIZE_START
                                                          : PANGO_ELLIPSIZE_END);
      pango_layout_set_alignment (layout, at->x_align > 0.75   ? PANGO_ALIGN_RIGHT
                                          : at->x_align > 0.25 ? PANGO_ALIGN_CENTER
                                                               : PANGO_ALIGN_LEFT);
    }
  pango_attr_list_unref (list);
  pango_font_description_free (font);
  return layout;
}

void
nmd_text_draw (cairo_t *cr,
               const NmdPlotStyle *style,
               const char *text,
               const NmdTextAttributes *attributes,
               const NmdRgba *colour,
               double x,
               double y)
{
  static const NmdTextAttributes plain = { 0 };
  const NmdTextAttributes *at = attributes != NULL ? attributes : &plain;
  PangoLayout *layout;
  PangoRectangle logical;

  if (text == NULL || *text == '\0')
    return;
  layout = make_layout (style, text, at);
  pango_layout_get_extents (layout, NULL, &logical);
  nmd_rgba_set (cr, colour);
  cairo_move_to (cr, x - (logical.x + at->x_align * logical.width) / PANGO_SCALE,
                 y - (logical.y + at->y_align * logical.height) / PANGO_SCALE);
  pango_cairo_show_layout (cr, layout);
  g_object_unref (layout);
  cairo_new_path (cr);
}

void
nmd_text_measure (const NmdPlotStyle *style,
                  const char *text,
                  const NmdTextAttributes *attributes,
                  double *width,
                  double *height)
{
  static const NmdTextAttributes plain = { 0 };
  PangoLayout *layout = make_layout (style, text != NULL ? text : "",
                                     attributes != NULL ? attributes : &plain);
  PangoRectangle logical;

  pango_layout_get_extents (layout, NULL, &logical);
  if (width != NULL)
    *width = (double)logical.width / PANGO_SCALE;
  if (height != NULL)
    *height = (double)logical.height / PANGO_SCALE;
  g_object_unref (layout);
}

double
nmd_text_height (const NmdPlotStyle *style)
{
  double height;

  nmd_text_measure (style, "Ág0", NULL, NULL, &height);
  return height;
}

gboolean
nmd_plot_begin (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style)
{
  if (!(rect->width >= 4 && rect->height >= 4))
    return FALSE;
  cairo_save (cr);
  cairo_new_path (cr);
  cairo_rectangle (cr, rect->x, rect->y, rect->width, rect->height);
  cairo_clip (cr);
  if (style->background.alpha > 0)
    {
      nmd_rgba_set (cr, &style->background);
      cairo_paint (cr);
    }
  return TRUE;
}

void
nmd_plot_end (cairo_t *cr)
{
  cairo_new_path (cr);
  cairo_restore (cr);
}

void
nmd_plot_empty (cairo_t *cr,
                const NmdRect *rect,
                const NmdPlotStyle *style,
                const char *title,
                const char *sentence)
{
  double line = nmd_text_height (style), pad = style->font_size * 0.6;
  double top = title != NULL ? line + pad : 0;
  double room = rect->height - top - pad;
  NmdTextAttributes heading
      = { .bold = TRUE, .max_width = MAX (rect->width - 2 * pad, 1) };
  NmdTextAttributes middle = { .x_align = 0.5,
                               .y_align = 0.5,
                               .wrap = TRUE,
                               .max_width = MAX (rect->width - 2 * pad, 1),
                               .max_lines = MAX ((int)(room / line), 1) };

  if (rect->height < line || rect->width < 3 * style->font_size)
    return;
  if (title != NULL)
    nmd_text_draw (cr, style, title, &heading, &style->foreground, rect->x + pad,
                   rect->y + pad * 0.5);
  if (room >= line || title == NULL)
    nmd_text_draw (cr, style, sentence != NULL ? sentence : _ ("No data yet"), &middle,
                   &style->dim, rect->x + rect->width / 2, rect->y + top + room / 2);
}

void
nmd_plot_note (cairo_t *cr,
               const NmdPlotNote *note,
               NmdRect *rect,
               const NmdPlotStyle *style)
{
  double pad = style->font_size * 0.6, height;
  NmdTextAttributes above = { .bold = TRUE, .wrap = TRUE };
  NmdTextAttributes under = { .size = 0.85, .wrap = TRUE, .y_align = 1 };

  g_return_if_fail (cr != NULL && note != NULL && rect != NULL && style != NULL);
  above.max_width = under.max_width = MAX (rect->width - 2 * pad, 1);
  if (!nmd_plot_begin (cr, rect, style))
    return;
  if (note->sign != NULL)
    {
      nmd_text_draw (cr, style, note->sign, &above, &style->warning, rect->x + pad,
                     rect->y + pad * 0.5);
      nmd_text_measure (style, note->sign, &above, NULL, &height);
      height = ceil (height) + 2; /* descenders: the chart paints its own background */
      rect->y += height + pad * 0.5;
      rect->height -= height + pad * 0.5;
    }
  if (note->caption != NULL)
    {
      nmd_text_draw (cr, style, note->caption, &under, &style->foreground, rect->x + pad,
                     rect->y + rect->height - pad * 0.5);
      nmd_text_measure (style, note->caption, &under, NULL, &height);
      rect->height -= height + pad * 1.5;
    }
  nmd_plot_end (cr);
}
