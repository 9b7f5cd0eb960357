/* SPDX-License-Identifier: Apache-2.0
 *
 * The body chart: classes and their limits, sides as a physician reads them, each muscle's colour where it is said to
 * lie, words that say the same, and nothing outside the rectangle.
 */
#include "tests/plot/fixture.h"
#include "ui/plot/nmd-body-chart.h"

#include <string.h>

static const NmdBodyZ values[] = {
  { "BB", NMD_BODY_LEFT, 1.2 },
  { "biceps brachii", NMD_BODY_RIGHT, 1.7 },
  { "Tibialis_Anterior", NMD_BODY_RIGHT, 2.5 },
  { "GM", NMD_BODY_LEFT, 3.4 },
  { "tongue", NMD_BODY_LEFT, 0.3 },
  { "TA", NMD_BODY_NO_SIDE, 2.2 },
};
static const NmdBodyChart chart = { values, G_N_ELEMENTS (values) };

static void
test_classes (void)
{
  g_assert_cmpint (nmd_z_class (-4), ==, 0);
  g_assert_cmpint (nmd_z_class (1.4999), ==, 0);
  g_assert_cmpint (nmd_z_class (1.5), ==, 1);
  g_assert_cmpint (nmd_z_class (2), ==, 2);
  g_assert_cmpint (nmd_z_class (2.9999), ==, 2);
  g_assert_cmpint (nmd_z_class (3), ==, 3);
  g_assert_true (nmd_body_chart_has_place ("Gastrocnemius medial head"));
  g_assert_true (nmd_body_chart_has_place ("rectus femoris"));
  g_assert_false (nmd_body_chart_has_place ("tongue"));
  g_assert_false (nmd_body_chart_has_place (""));
  g_assert_false (nmd_body_chart_has_place ("b"));
}

/* Lightness falls from class to class: the order is seen without colour too. */
static void
test_places (void)
{
  const NmdRect rect = { 10, 10, 400, 280 };

  for (int theme = 0; theme < 4; theme++)
    {
      cairo_surface_t *surface = surface_new (0xff00ff);
      cairo_t *cr = cairo_create (surface);
      NmdPlotStyle style;
      double x[6] = { 0 }, y[6] = { 0 };
      int last = 1000;

      nmd_plot_style_init (&style, (NmdTheme)theme, 1 + 0.3 * theme);
      nmd_body_chart_draw (cr, &chart, &rect, &style);
      for (guint i = 0; i < 4; i++)
        {
          g_assert_true (nmd_body_chart_locate (&chart, &rect, &style, i, &x[i], &y[i]));
          guint32 pixel = get_pixel (surface, (int)x[i], (int)y[i]);
          int light = (int)(pixel >> 16 & 255) * 3 + (int)(pixel >> 8 & 255) * 6
                      + (int)(pixel & 255);
          g_assert_cmpint (light / 10, <, last);
          last = light / 10;
        }
      g_assert_false (nmd_body_chart_locate (&chart, &rect, &style, 4, &x[4], &y[4]));
      g_assert_false (nmd_body_chart_locate (&chart, &rect, &style, 5, &x[5], &y[5]));
      /* In front the person's right is at the viewer's left; behind it is the other way round. */
      g_assert_cmpfloat (x[1], <, x[0]);
      g_assert_cmpfloat (y[0], ==, y[1]);
      g_assert_cmpfloat (y[2], >, y[1]);
      g_assert_cmpfloat (x[3], >, rect.x + rect.width / 2);
      g_assert_cmpfloat (x[3], <, rect.x + 3 * rect.width / 4);
      for (int row = 0; row < HEIGHT; row++)
        for (int column = 0; column < WIDTH; column++)
          if (column < 10 || column >= 410 || row < 10 || row >= 290)
            g_assert_cmphex (get_pixel (surface, column, row), ==, 0xff00ff);
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
    }
}

/* However little room there is. */
static void
test_small (void)
{
  cairo_surface_t *surface = surface_new (0xffffff);
  cairo_t *cr = cairo_create (surface);
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 3);
  for (int size = 0; size < 200; size += 7)
    {
      const NmdRect rect = { 0, 0, size, size / 2.0 };
      nmd_body_chart_draw (cr, &chart, &rect, &style);
      g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
    }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static void
test_words (void)
{
  g_autofree char *text = nmd_body_chart_to_text (&chart);

  g_assert_nonnull (strstr (text, "BB left: z 1.2, z below 1.5\n"));
  g_assert_nonnull (strstr (text, "GM left: z 3.4, above 3\n"));
  g_assert_nonnull (strstr (text, "TA side not stated: z 2.2, 2 to 3"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plot/body/classes", test_classes);
  g_test_add_func ("/plot/body/places", test_places);
  g_test_add_func ("/plot/body/small", test_small);
  g_test_add_func ("/plot/body/words", test_words);
  return g_test_run ();
}
