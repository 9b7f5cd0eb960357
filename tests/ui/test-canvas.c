/* SPDX-License-Identifier: Apache-2.0
 *
 * The canvas' geometry: the two transforms are each other's inverse, fitting and zooming
 * keep what they promise, and outlines are the borders of the mask.
 */
#include "engine/image/nmd-outline.h"
#include "ui/widgets/nmd-canvas.h"

#include <math.h>

static void
test_there_and_back (void)
{
  const NmdCanvas canvases[]
      = { { 1, 0, 0 }, { 0.37, 12.5, -80 }, { 7.25, -1234.5, 99 }, { 32, 3, 4 } };

  for (guint i = 0; i < G_N_ELEMENTS (canvases); i++)
    for (int k = 0; k < 20; k++)
      {
        double x = g_test_rand_double_range (-600, 600),
               y = g_test_rand_double_range (-600, 600);
        double wx = 0, wy = 0, ix = 0, iy = 0;
        nmd_canvas_image_to_widget (&canvases[i], x, y, &wx, &wy);
        nmd_canvas_widget_to_image (&canvases[i], wx, wy, &ix, &iy);
        g_assert_cmpfloat_with_epsilon (ix, x, 1e-9);
        g_assert_cmpfloat_with_epsilon (iy, y, 1e-9);
      }
}

static void
test_known_point (void)
{
  const NmdCanvas canvas = { .scale = 2, .x = 10, .y = 20 };
  double x = 0, y = 0;

  nmd_canvas_image_to_widget (&canvas, 3, 4, &x, &y);
  g_assert_cmpfloat (x, ==, 16);
  g_assert_cmpfloat (y, ==, 28);
}

static void
test_fit (void)
{
  /* 512 × 480 in 300 × 300: the width decides; centred vertically. */
  NmdCanvas canvas = nmd_canvas_fit (512, 480, 300, 300);
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;

  nmd_canvas_image_to_widget (&canvas, 0, 0, &x0, &y0);
  nmd_canvas_image_to_widget (&canvas, 512, 480, &x1, &y1);
  g_assert_cmpfloat_with_epsilon (x0, 0, 1e-9);
  g_assert_cmpfloat_with_epsilon (x1, 300, 1e-9);
  g_assert_cmpfloat_with_epsilon (y0, 300 - y1, 1e-9);
  g_assert_cmpfloat_with_epsilon ((y1 - y0) / (x1 - x0), 480.0 / 512, 1e-9);

  canvas = nmd_canvas_fit (512, 480, 0, 10);
  g_assert_cmpfloat (canvas.scale, ==, 1);
}

static void
test_zoom (void)
{
  const NmdCanvas before = { .scale = 0.5, .x = 10, .y = 20 };
  NmdCanvas after = nmd_canvas_zoom (&before, 3, 100, 50, 0.1, 32);
  double ix = 0, iy = 0, x = 0, y = 0;

  g_assert_cmpfloat_with_epsilon (after.scale, 1.5, 1e-12);
  nmd_canvas_widget_to_image (&before, 100, 50, &ix, &iy);
  nmd_canvas_image_to_widget (&after, ix, iy, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, 100, 1e-9);
  g_assert_cmpfloat_with_epsilon (y, 50, 1e-9);

  after = nmd_canvas_zoom (&before, 1e6, 0, 0, 0.1, 32);
  g_assert_cmpfloat (after.scale, ==, 32);
  after = nmd_canvas_zoom (&before, 1e-6, 0, 0, 0.1, 32);
  g_assert_cmpfloat (after.scale, ==, 0.1);
}

/* Length of all segments, each of which must lie along an axis. */
static double
total_length (const GArray *segments)
{
  const float *s = (const float *)segments->data;
  double length = 0;

  g_assert_cmpuint (segments->len % 4, ==, 0);
  for (guint i = 0; i < segments->len; i += 4)
    {
      double dx = fabs ((double)s[i + 2] - s[i]), dy = fabs ((double)s[i + 3] - s[i + 1]);
      g_assert_true ((dx == 0) != (dy == 0));
      length += dx + dy;
    }
  return length;
}

static void
test_outline_of_box (void)
{
  const NmdBox box = { 2, 3, 7, 5 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (10, 8, &box);
  g_autoptr (GArray) segments = nmd_mask_get_outline (mask);
  const float expected[] = { 2, 3, 7, 3, 2, 5, 7, 5, 2, 3, 2, 5, 7, 3, 7, 5 };

  g_assert_cmpuint (segments->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < segments->len; i++)
    g_assert_cmpfloat (g_array_index (segments, float, i), ==, expected[i]);
}

static void
test_outline_at_frame (void)
{
  const NmdBox box = { 0, 0, 4, 4 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (4, 4, &box);
  g_autoptr (GArray) segments = nmd_mask_get_outline (mask);

  g_assert_cmpfloat (total_length (segments), ==, 16);
}

static void
test_outline_with_hole (void)
{
  const NmdBox box = { 1, 1, 6, 6 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (8, 8, &box);
  g_autoptr (GArray) segments = NULL;

  mask->pixels[3 * 8 + 3] = 0;
  segments = nmd_mask_get_outline (mask);
  g_assert_cmpfloat (total_length (segments), ==, 20 + 4);
}

/* An image is moved only as far as the point needs, and not at all while it is seen. */
static void
test_reveal (void)
{
  const NmdCanvas self = { .scale = 4, .x = -100, .y = 20 };
  NmdCanvas moved = nmd_canvas_reveal (&self, 50, 30, 300, 200, 16);
  double x = 0, y = 0;

  g_assert_cmpfloat (moved.x, ==, self.x);
  g_assert_cmpfloat (moved.y, ==, self.y);
  moved = nmd_canvas_reveal (&self, 20, 90, 300, 200, 16);
  nmd_canvas_image_to_widget (&moved, 20, 90, &x, &y);
  g_assert_cmpfloat (x, ==, 16);
  g_assert_cmpfloat (y, ==, 200 - 16);
  g_assert_cmpfloat (moved.scale, ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/canvas/reveal", test_reveal);
  g_test_add_func ("/canvas/there-and-back", test_there_and_back);
  g_test_add_func ("/canvas/known-point", test_known_point);
  g_test_add_func ("/canvas/fit", test_fit);
  g_test_add_func ("/canvas/zoom", test_zoom);
  g_test_add_func ("/canvas/outline/box", test_outline_of_box);
  g_test_add_func ("/canvas/outline/frame", test_outline_at_frame);
  g_test_add_func ("/canvas/outline/hole", test_outline_with_hole);
  return g_test_run ();
}
