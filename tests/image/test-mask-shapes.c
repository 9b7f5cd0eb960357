/* SPDX-License-Identifier: Apache-2.0
 *
 * Polygons and ellipses as pixels beside the slow definition, and the borders of masks: what is
 * followed and filled again is the mask.
 */
#include "engine/core/nmd-random.h"
#include "engine/image/nmd-mask-shapes.h"

#include <math.h>
#include <string.h>

/* A ray to the left crosses an odd number of edges. */
static gboolean
is_inside (double x, double y, const double *points, guint n)
{
  gboolean inside = FALSE;

  for (guint i = 0, j = n - 1; i < n; j = i++)
    {
      const double *a = points + 2 * i, *b = points + 2 * j;

      if ((a[1] > y) != (b[1] > y)
          && x >= (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0])
        inside = !inside;
    }
  return inside;
}

static void
test_rings (void)
{
  NmdRandom stream;

  nmd_random_init (&stream, "rings");
  for (int k = 0; k < 300; k++)
    {
      const int width = 1 + (int)nmd_random_below (&stream, 40);
      const int height = 1 + (int)nmd_random_below (&stream, 40);
      g_autoptr (NmdImage) mask = nmd_image_new (width, height);
      double points[2 * 24];
      guint lengths[2] = { 1 + (guint)nmd_random_below (&stream, 12),
                           (guint)nmd_random_below (&stream, 12) };
      const guint n = lengths[0] + lengths[1];

      for (guint i = 0; i < 2 * n; i++)
        {
          points[i] = 60.0 * nmd_random_uniform (&stream) - 10.0;
          if (k % 3 == 0)
            points[i] = floor (points[i]);
          else if (k % 3 == 1)
            points[i] = floor (points[i]) + 0.5; /* corners on centres */
        }
      g_assert_true (nmd_mask_add_rings (mask, points, lengths, 2));
      for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
          {
            gboolean inside = is_inside (x + 0.5, y + 0.5, points, lengths[0])
                              ^ (lengths[1] > 0
                                 && is_inside (x + 0.5, y + 0.5, points + 2 * lengths[0],
                                               lengths[1]));

            g_assert_cmpint (mask->pixels[y * width + x] == 255, ==, inside);
          }
    }
}

/* Polygons that share edges divide the frame: every pixel belongs to one. */
static void
test_tiles (void)
{
  static const double left[] = { 0, 0, 7.5, 0, 3.5, 9, 0, 9 };
  static const double right[] = { 7.5, 0, 12, 0, 12, 9, 3.5, 9 };
  static const guint four = 4;
  g_autoptr (NmdImage) a = nmd_image_new (12, 9), b = nmd_image_new (12, 9);

  g_assert_true (nmd_mask_add_rings (a, left, &four, 1));
  g_assert_true (nmd_mask_add_rings (b, right, &four, 1));
  for (int i = 0; i < 12 * 9; i++)
    g_assert_cmpint (a->pixels[i] ^ b->pixels[i], ==, 255);
}

static void
test_refused (void)
{
  const double odd[][6] = { { 0, 0, NAN, 1, 2, 2 },
                            { 0, 0, INFINITY, 1, 2, 2 },
                            { 0, 0, 1e300, -1e300, -1e300, 1e300 } };
  static const guint three = 3;
  const guint many = 20000;
  g_autofree double *points = g_new0 (double, 2 * (gsize)many);
  g_autoptr (NmdImage) mask = nmd_image_new (4, 4), tall = nmd_image_new (1, 65535);

  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    g_assert_false (nmd_mask_add_rings (mask, odd[i], &three, 1));
  for (guint i = 0; i < many; i++)
    points[2 * i + 1] = i % 2 == 0 ? 0.0 : 65535.0;
  g_assert_false (nmd_mask_add_rings (tall, points, &many, 1)); /* 1.3e9 crossings */
  g_assert_true (nmd_mask_add_rings (mask, points, &many, 1));
  g_assert_true (nmd_mask_add_rings (mask, NULL, NULL, 0));
  for (int i = 0; i < 16; i++)
    g_assert_cmpint (mask->pixels[i], ==, 0);
}

static void
test_ellipse (void)
{
  NmdRandom stream;

  nmd_random_init (&stream, "ellipse");
  for (int k = 0; k < 100; k++)
    {
      const double cx = 30 * nmd_random_uniform (&stream),
                   cy = 30 * nmd_random_uniform (&stream);
      const double rx = 20 * nmd_random_uniform (&stream),
                   ry = 20 * nmd_random_uniform (&stream);
      const double degrees = 360 * nmd_random_uniform (&stream);
      const double c = cos (-degrees * G_PI / 180), s = sin (-degrees * G_PI / 180);
      g_autoptr (NmdImage) mask = nmd_image_new (31, 29);

      nmd_mask_add_ellipse (mask, cx, cy, rx, ry, degrees);
      for (int y = 0; y < 29; y++)
        for (int x = 0; x < 31; x++)
          {
            double u = (x + 0.5 - cx) * c - (y + 0.5 - cy) * s;
            double v = (x + 0.5 - cx) * s + (y + 0.5 - cy) * c;
            double r = u * u / (rx * rx) + v * v / (ry * ry);

            if (fabs (r - 1.0) > 1e-9)
              g_assert_cmpint (mask->pixels[y * 31 + x] == 255, ==, r < 1.0);
          }
    }
}

static void
test_borders (void)
{
  NmdRandom stream;

  nmd_random_init (&stream, "borders");
  for (int k = 0; k < 300; k++)
    {
      const int width = 1 + (int)nmd_random_below (&stream, 20);
      const int height = 1 + (int)nmd_random_below (&stream, 20);
      g_autoptr (NmdImage) mask = nmd_image_new (width, height),
                           back = nmd_image_new (width, height),
                           outer = nmd_image_new (width, height);
      g_autoptr (GPtrArray) rings = NULL;
      g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (double));
      g_autoptr (GArray) lengths = g_array_new (FALSE, FALSE, sizeof (guint));

      for (int i = 0; i < width * height; i++)
        mask->pixels[i] = nmd_random_below (&stream, 10) < (guint)(k % 11) ? 255 : 0;
      rings = nmd_mask_list_rings (mask);
      for (guint i = 0; i < rings->len; i++)
        {
          const NmdRing *ring = rings->pdata[i];
          const guint n = ring->points->len / 2;
          const double *p = (double *)(gpointer)ring->points->data;

          g_assert_cmpuint (n, >=, 4);
          for (guint j = 0; j < n; j++) /* right angles only: no corner too many */
            {
              const double *a = p + 2 * j, *b = p + 2 * ((j + 1) % n),
                           *c = p + 2 * ((j + 2) % n);

              g_assert_true ((a[0] == b[0]) != (a[1] == b[1]));
              g_assert_true ((a[0] == b[0]) == (b[1] == c[1]));
            }
          g_array_append_vals (points, p, 2 * n);
          g_array_append_val (lengths, n);
          if (!ring->is_hole)
            g_assert_true (nmd_mask_add_rings (outer, p, &n, 1));
        }
      g_assert_true (nmd_mask_add_rings (back, (double *)(gpointer)points->data,
                                         (guint *)(gpointer)lengths->data, rings->len));
      g_assert_cmpmem (back->pixels, width * height, mask->pixels, width * height);
      for (int i = 0; i < width * height; i++)
        g_assert_true (outer->pixels[i] == 255 || mask->pixels[i] == 0);
    }
}

static void
test_hole (void)
{
  g_autoptr (NmdImage) mask = nmd_image_new (5, 5);
  g_autoptr (GPtrArray) rings = NULL;

  memset (mask->pixels, 255, 25);
  mask->pixels[12] = 0;
  rings = nmd_mask_list_rings (mask);
  g_assert_cmpuint (rings->len, ==, 2);
  g_assert_false (((NmdRing *)rings->pdata[0])->is_hole);
  g_assert_true (((NmdRing *)rings->pdata[1])->is_hole);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mask-shapes/rings", test_rings);
  g_test_add_func ("/mask-shapes/tiles", test_tiles);
  g_test_add_func ("/mask-shapes/refused", test_refused);
  g_test_add_func ("/mask-shapes/ellipse", test_ellipse);
  g_test_add_func ("/mask-shapes/borders", test_borders);
  g_test_add_func ("/mask-shapes/hole", test_hole);
  return g_test_run ();
}
