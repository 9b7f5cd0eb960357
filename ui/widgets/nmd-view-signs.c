/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts and the ruler over an image. When they are shown is the view's.
 */
#include "ui/widgets/nmd-view-signs.h"

#include <glib/gi18n.h>
#include <math.h>

#define PAD 5.0
#define LEAST_STEP 42.0
#define LEAST_TEXT (8 * PAD) /* in less there is none */

char *
nmd_view_signs_readout (
    const NmdImage *image, double zoom, double black, double white, double x, double y)
{
  /* Translators: zoom, and the grey levels that are shown black and white */
  g_autofree char *view
      = g_strdup_printf (_ ("zoom %.0f %% · window %.0f–%.0f"), zoom * 100, black, white);

  if (image == NULL || !(x >= 0 && y >= 0 && x < image->width && y < image->height))
    return g_steal_pointer (&view);
  int column = (int)x, row = (int)y;
  /* Translators: place and grey level of a pixel */
  g_autofree char *pixel
      = g_strdup_printf (_ ("x %d y %d · grey %d"), column, row,
                         image->pixels[(gsize)row * (gsize)image->width + (gsize)column]);
  return g_strdup_printf ("%s · %s", view, pixel);
}

static PangoLayout *
layout_new (GtkWidget *widget, const char *text)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (widget, text);
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  return layout;
}

/* The room that a text takes with its ground. */
static double
text_width (GtkWidget *widget, const char *text)
{
  g_autoptr (PangoLayout) layout = layout_new (widget, text);
  int wide = 0;

  pango_layout_get_pixel_size (layout, &wide, NULL);
  return wide + 2 * PAD;
}

void
nmd_view_signs_draw_text (GtkWidget *widget,
                          GtkSnapshot *snapshot,
                          const char *text,
                          double x,
                          double y,
                          double width,
                          gboolean from_below)
{
  const GdkRGBA ground = { 0, 0, 0, 0.62f }, ink = { 1, 1, 1, 0.92f };
  g_autoptr (PangoLayout) layout = layout_new (widget, text);
  GskRoundedRect round;
  int wide = 0, high = 0;

  if (width < LEAST_TEXT)
    return;
  pango_layout_set_width (layout, (int)((width - 2 * PAD) * PANGO_SCALE));
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_get_pixel_size (layout, &wide, &high);
  graphene_rect_t rect
      = GRAPHENE_RECT_INIT ((float)x, (float)(from_below ? y - high - 4 : y),
                            (float)(wide + 2 * PAD), (float)(high + 4));
  gsk_rounded_rect_init_from_rect (&round, &rect, 5);
  gtk_snapshot_push_rounded_clip (snapshot, &round);
  gtk_snapshot_append_color (snapshot, &ground, &rect);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
      snapshot, &GRAPHENE_POINT_INIT (rect.origin.x + (float)PAD, rect.origin.y + 2));
  gtk_snapshot_append_layout (snapshot, layout, &ink);
  gtk_snapshot_restore (snapshot);
}

double
nmd_view_signs_step (double unit, double least)
{
  double decade = pow (10, floor (log10 (least / unit)));
  const double factors[] = { 1, 2, 5, 10 };

  for (guint i = 0; i < G_N_ELEMENTS (factors); i++)
    if (factors[i] * decade * unit >= least * (1 - 1e-9))
      return factors[i] * decade;
  return 10 * decade;
}

void
nmd_view_signs_draw_ruler (GtkWidget *widget,
                           GtkSnapshot *snapshot,
                           const NmdCanvas *canvas,
                           int image_width,
                           int image_height,
                           double cm_per_pixel)
{
  double unit = cm_per_pixel > 0 ? canvas->scale / cm_per_pixel : canvas->scale;
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  double step = nmd_view_signs_step (unit, LEAST_STEP * nmd_canvas_line (width, height));
  double left = 0, right = 0, top = 0, bottom = 0;
  const GdkRGBA ink = { 1, 1, 1, 0.8f }, edge = { 0, 0, 0, 0.7f };

  nmd_canvas_image_to_widget (canvas, canvas->flipped ? image_width : 0, 0, &left, &top);
  nmd_canvas_image_to_widget (canvas, canvas->flipped ? 0 : image_width, image_height,
                              &right, &bottom);
  right = MIN (right, width);
  for (int k = 0; top + k * step * unit <= bottom + 0.5; k++)
    {
      float y = (float)floor (top + k * step * unit);
      if (y < 0 || y > height)
        continue;
      float long_tick = k % 5 == 0 ? 12 : 7;
      gtk_snapshot_append_color (
          snapshot, &edge,
          &GRAPHENE_RECT_INIT ((float)right - long_tick - 1, y - 1, long_tick + 2, 3));
      gtk_snapshot_append_color (
          snapshot, &ink,
          &GRAPHENE_RECT_INIT ((float)right - long_tick, y, long_tick, 1));
      g_autofree char *text = cm_per_pixel > 0
                                  /* Translators: a place on a ruler, in centimetres */
                                  ? g_strdup_printf (_ ("%g cm"), k * step)
                                  /* Translators: a place on a ruler, in pixels */
                                  : g_strdup_printf (_ ("%g px"), k * step);
      double wide = fmax (text_width (widget, text) + 1, LEAST_TEXT);
      if (k > 0 && y + 9 < bottom)
        nmd_view_signs_draw_text (widget, snapshot, text, right - long_tick - 2 - wide,
                                  y - 10, wide, FALSE);
    }
}

void
nmd_view_signs_draw_badges (GtkWidget *widget,
                            GtkSnapshot *snapshot,
                            gboolean flipped,
                            gboolean inverted)
{
  const double half = gtk_widget_get_width (widget) / 2;
  double y = 6;

  if (flipped)
    {
      nmd_view_signs_draw_text (widget, snapshot, _ ("flipped"), half - 30, y, half,
                                FALSE);
      y += 24;
    }
  if (inverted)
    nmd_view_signs_draw_text (widget, snapshot, _ ("inverted"), half - 30, y, half,
                              FALSE);
}
