/* SPDX-License-Identifier: Apache-2.0
 *
 * Layout of the page. What stands on it is the caller's.
 */
#include "config.h"

#include "ui/plot/nmd-report-page.h"

#include <pango/pangocairo.h>
#include <string.h>

#define WIDTH 794.0 /* A4 in 1/96 inch */
#define HEIGHT 1123.0
#define MARGIN 64.0
#define PICTURE_HEIGHT 400.0
#define BODY_HEIGHT 280.0

/* Draws @text from @y down, at most @height high. Returns: its height; TRUE in *@cut where lines were left
 * out. */
static double
draw_text (cairo_t *cr,
           const NmdPlotStyle *style,
           const char *text,
           double size,
           gboolean bold,
           double y,
           double height,
           gboolean *cut)
{
  PangoLayout *layout = pango_cairo_create_layout (cr);
  PangoFontDescription *font = pango_font_description_from_string (style->font);
  int wide = 0, high = 0;

  pango_font_description_set_absolute_size (font, size * PANGO_SCALE);
  if (bold)
    pango_font_description_set_weight (font, PANGO_WEIGHT_BOLD);
  pango_layout_set_font_description (layout, font);
  pango_layout_set_width (layout, (int)((WIDTH - 2 * MARGIN) * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_text (layout, text, -1);
  pango_layout_get_pixel_size (layout, &wide, &high);
  *cut = high > height;
  cairo_save (cr);
  cairo_rectangle (cr, 0, y, WIDTH, MIN (high, height));
  cairo_clip (cr);
  cairo_set_source_rgb (cr, style->foreground.red, style->foreground.green,
                        style->foreground.blue);
  cairo_move_to (cr, MARGIN, y);
  pango_cairo_show_layout (cr, layout);
  cairo_restore (cr);
  pango_font_description_free (font);
  g_object_unref (layout);
  return MIN (high, height);
}

static void
draw_page (cairo_t *cr,
           const NmdRect *rect,
           const NmdPlotStyle *style,
           gconstpointer data)
{
  const NmdReportPage *page = data;
  gboolean cut = FALSE, ignored = FALSE;
  double y = MARGIN;
  NmdRect picture = { MARGIN, 0, WIDTH - 2 * MARGIN, PICTURE_HEIGHT };

  y += draw_text (cr, style, page->title, 20, TRUE, y, 60, &ignored) + 16;
  picture.y = y;
  if (page->body.n > 0)
    {
      NmdRect body = picture;
      picture.width *= 0.6;
      body.x += picture.width + 20;
      body.width -= picture.width + 20;
      body.height = BODY_HEIGHT;
      nmd_body_chart_draw (cr, &page->body, &body, style);
    }
  /* As high as the picture needs at this width. */
  const NmdImage *image = page->overlay.image;
  picture.height = MIN (PICTURE_HEIGHT, picture.width * image->height / image->width);
  nmd_overlay_draw (cr, &page->overlay, &picture, style);
  y += MAX (picture.height, page->body.n > 0 ? BODY_HEIGHT : 0) + 20;
  double room = HEIGHT - MARGIN - 60 - y;
  y += draw_text (cr, style, page->text, 12, FALSE, y, room, &cut) + 4;
  if (cut)
    draw_text (cr, style, page->cut, 12, TRUE, y, 20, &ignored);
  draw_text (cr, style, page->foot, 10, FALSE, HEIGHT - MARGIN - 24, 40, &ignored);
}

GBytes *
nmd_report_page_render (const NmdReportPage *page, GError **error)
{
  NmdPlotStyle style;
  const char *const texts[] = { "Title", page->title, NULL };

  g_return_val_if_fail (page->title != NULL && page->text != NULL, NULL);
  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  return nmd_figure_render (NMD_FIGURE_PDF, WIDTH, HEIGHT, 1, draw_page, page, &style,
                            texts, error);
}
