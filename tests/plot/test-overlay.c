/* SPDX-License-Identifier: Apache-2.0
 *
 * Heat maps over images, and figures as files.
 */
#include "engine/image/nmd-reader.h"
#include "tests/plot/fixture.h"

#include <string.h>

static void
draw_pair (const Data *data,
           const NmdOverlay *overlay,
           cairo_surface_t **with,
           cairo_surface_t **without)
{
  NmdRect rect = { 0, 0, WIDTH, HEIGHT };
  NmdOverlay plain = *overlay;
  NmdPlotStyle style;
  cairo_t *cr;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  plain.map = NULL;
  plain.box = overlay->map != NULL ? &overlay->map->box : NULL;
  *with = surface_new (0xffffff);
  *without = surface_new (0xffffff);
  cr = cairo_create (*with);
  nmd_overlay_draw (cr, overlay, &rect, &style);
  cairo_destroy (cr);
  cr = cairo_create (*without);
  nmd_overlay_draw (cr, &plain, &rect, &style);
  cairo_destroy (cr);
}

static void
test_overlay (void)
{
  g_autoptr (Data) data = data_new ();
  NmdRect rect = { 0, 0, WIDTH, HEIGHT };
  cairo_surface_t *with, *without;
  guint inside = 0, coloured = 0;
  double ix, iy, x, y;

  data->overlay.show_box = data->overlay.show_outline = FALSE;
  draw_pair (data, &data->overlay, &with, &without);
  for (int v = 0; v < HEIGHT; v++)
    for (int u = 0; u < WIDTH; u++)
      {
        gboolean in
            = nmd_overlay_to_image (&data->overlay, &rect, u + 0.5, v + 0.5, &ix, &iy)
              && ix > 29 && ix < 131 && iy > 19 && iy < 101;

        if (!in)
          g_assert_cmphex (get_pixel (with, u, v), ==, get_pixel (without, u, v));
        inside += in;
        coloured += in && get_pixel (with, u, v) != get_pixel (without, u, v);
      }
  g_assert_cmpfloat (coloured, >, 0.9 * inside);
  cairo_surface_destroy (with);
  cairo_surface_destroy (without);
  /* no evidence: a sign, no colour in the box's corner; no opacity: no colour */
  data->map.no_positive_evidence = TRUE;
  draw_pair (data, &data->overlay, &with, &without);
  nmd_overlay_from_image (&data->overlay, &rect, 128, 23, &x, &y);
  g_assert_cmphex (get_pixel (with, (int)x, (int)y), ==,
                   get_pixel (without, (int)x, (int)y));
  cairo_surface_destroy (with);
  cairo_surface_destroy (without);
  /* there and back under zoom and pan */
  data->overlay.zoom = 3.5;
  data->overlay.centre_x = 20;
  data->overlay.centre_y = 100;
  g_assert_true (nmd_overlay_from_image (&data->overlay, &rect, 33.25, 90.5, &x, &y));
  g_assert_true (nmd_overlay_to_image (&data->overlay, &rect, x, y, &ix, &iy));
  g_assert_cmpfloat (fabs (ix - 33.25) + fabs (iy - 90.5), <, 1e-9);
  g_assert_false (nmd_overlay_to_image (&data->overlay, &rect, -4000, 5, &ix, &iy));
  g_assert_cmpfloat (ix, ==, 0);
}

/* Window and level: what is at or below black is black, at or above white is white. */
static void
test_window (void)
{
  g_autoptr (Data) data = data_new ();
  NmdRect rect = { 0, 0, 160, 120 };
  cairo_surface_t *surface = surface_new (0xffffff);
  cairo_t *cr = cairo_create (surface);
  NmdOverlay overlay = NMD_OVERLAY_INIT;
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  overlay.image = data->image;
  overlay.black = 60;
  overlay.white = 110;
  nmd_overlay_draw (cr, &overlay, &rect, &style);
  for (int y = 0; y < 120; y += 7)
    for (int x = 0; x < 160; x += 7)
      {
        int grey = data->image->pixels[y * 160 + x];
        int shown = (int)(CLAMP ((grey - 60) / 50.0, 0, 1) * 255 + 0.5);

        g_assert_cmphex (get_pixel (surface, x, y), ==,
                         (guint)(shown << 16 | shown << 8 | shown));
      }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* Masks whose contours meet at corners, touch the frame or are single pixels: every
 * contour closes, and its line runs where the mask changes. */
static void
test_outline (void)
{
  NmdRect rect = { 0, 0, 96, 96 };
  NmdOverlay overlay = NMD_OVERLAY_INIT;
  NmdPlotStyle style;
  NmdRandom stream;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  nmd_random_init_for (&stream, 4, "test", 0, "");
  for (int kind = 0; kind < 4; kind++)
    {
      g_autoptr (NmdImage) image = nmd_image_new (12, 12);
      g_autoptr (NmdImage) mask = nmd_image_new (12, 12);
      cairo_surface_t *surface = surface_new (0xffffff);
      cairo_t *cr = cairo_create (surface);

      for (int i = 0; i < 144; i++)
        mask->pixels[i] = kind == 0   ? 255
                          : kind == 1 ? ((i + i / 12) % 2) * 255
                          : kind == 2 ? (nmd_random_uniform (&stream) < 0.5) * 255
                                      : (i == 77) * 255;
      overlay.image = image;
      overlay.mask = mask;
      nmd_overlay_draw (cr, &overlay, &rect, &style);
      /* between neighbours in a row that differ, half way: coloured; the image itself is
       * black */
      for (int i = 0; i < 144; i++)
        if (i % 12 < 11 && mask->pixels[i] != mask->pixels[i + 1])
          g_assert_cmphex (get_pixel (surface, (i % 12 + 1) * 8, (i / 12) * 8 + 4), !=,
                           0);
      if (kind == 3)
        g_assert_cmphex (get_pixel (surface, 20, 20), ==, 0);
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
    }
}

static gpointer
encode (gpointer figure)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = nmd_figure_encode (figure, &error);

  g_assert_no_error (error);
  return bytes;
}

/* As the window does: drawn here, encoded on another thread. */
static GBytes *
encode_elsewhere (NmdFigure *figure)
{
  return g_thread_join (g_thread_new ("encode", encode, figure));
}

static void
test_formats (void)
{
  g_autoptr (Data) data = data_new ();
  static const char *const names[] = { "a.png", "b.SVG", "c.pdf" };
  static const char *const starts[] = { "\x89PNG", "<?xml", "%PDF" };
  g_autoptr (GError) error = NULL;
  NmdFigureFormat format;
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  g_assert_false (nmd_figure_format_of ("x.bmp", &format));
  g_assert_cmpint (format, ==, NMD_FIGURE_PNG);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (NmdFigure) figure = NULL;
      g_autoptr (GBytes) bytes = NULL;

      g_assert_true (nmd_figure_format_of (names[i], &format));
      g_assert_cmpint (format, ==, i);
      figure = nmd_figure_explain (&data->explain, format, 1, &style, &error);
      g_assert_no_error (error);
      bytes = encode_elsewhere (figure);
      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), strlen (starts[i]), starts[i],
                       strlen (starts[i]));
      if (format == NMD_FIGURE_PNG)
        {
          /* libpng checks the chunks' sums; the mark of synthetic pictures survives */
          g_autoptr (NmdImage) again = nmd_image_load_bytes (bytes, "figure", &error);

          g_assert_no_error (error);
          g_assert_true (again->is_synthetic);
          g_assert_cmpint (again->width, >, 600);
        }
    }
  g_assert_null (nmd_figure_render (NMD_FIGURE_PNG, 9000, 10, 2, draw_curves, data,
                                    &style, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/overlay/overlay", test_overlay);
  g_test_add_func ("/overlay/window", test_window);
  g_test_add_func ("/overlay/outline", test_outline);
  g_test_add_func ("/overlay/formats", test_formats);
  return g_test_run ();
}
