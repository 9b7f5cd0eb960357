/* SPDX-License-Identifier: Apache-2.0
 *
 * The random streams against values computed independently, and the shape of what is
 * drawn.
 */
#include "engine/core/nmd-random.h"

#include <math.h>

static void
test_stream (void)
{
  static const float expected[4] = { 0.34302806854248047f, -0.88032591342926025f,
                                     -0.57873928546905518f, 0.33018314838409424f };
  float got[4];

  nmd_random_fill ("w15:input", got, 4);
  for (int i = 0; i < 4; i++)
    g_assert_cmpfloat (got[i], ==, expected[i]);
}

static void
test_position (void)
{
  NmdRandom stream;
  float filled[100];

  nmd_random_fill ("7:order:3:x", filled, 100);
  nmd_random_init_for (&stream, 7, "order", 3, "x");
  for (int i = 0; i < 100; i++)
    g_assert_cmpfloat (nmd_random_u (&stream), ==, filled[i]);
}

static void
test_below_and_shuffle (void)
{
  NmdRandom stream;
  guint items[50], seen[50] = { 0 }, counts[5] = { 0 };
  gboolean moved = FALSE;

  nmd_random_init (&stream, "shuffle");
  for (int i = 0; i < 50; i++)
    items[i] = i;
  nmd_random_shuffle (&stream, items, 50);
  for (int i = 0; i < 50; i++)
    {
      seen[items[i]]++;
      moved |= items[i] != (guint)i;
    }
  for (int i = 0; i < 50; i++)
    g_assert_cmpuint (seen[i], ==, 1);
  g_assert_true (moved);
  for (int i = 0; i < 5000; i++)
    counts[nmd_random_below (&stream, 5)]++;
  for (int i = 0; i < 5; i++)
    g_assert_cmpfloat (fabs (counts[i] - 1000.0), <,
                       120.0); /* over 4 standard deviations */
}

static void
test_moments (void)
{
  NmdRandom stream;
  const int n = 40000;
  double normal = 0, square = 0, beta = 0, beta2 = 0;

  nmd_random_init (&stream, "moments");
  for (int i = 0; i < n; i++)
    {
      double x = nmd_random_normal (&stream), b = nmd_random_beta (&stream, 0.2, 0.2);

      normal += x;
      square += x * x;
      beta += b;
      beta2 += (b - 0.5) * (b - 0.5);
    }
  g_assert_cmpfloat (fabs (normal / n), <, 0.025);
  g_assert_cmpfloat (fabs (square / n - 1), <, 0.04);
  g_assert_cmpfloat (fabs (beta / n - 0.5), <, 0.012);
  g_assert_cmpfloat (fabs (beta2 / n - 0.25 / 1.4), <, 0.005); /* 1/(4(2a + 1)) */
}

/* So small that u^(1/a) is 0: nearly all draws are 0 or 1, as many of each. */
static void
test_tiny_beta (void)
{
  NmdRandom stream;
  guint n_ones = 0;

  nmd_random_init_for (&stream, 3, "tests", 0, "beta");
  for (int i = 0; i < 1000; i++)
    {
      const double x = nmd_random_beta (&stream, 1e-11, 1e-11);

      g_assert_true (x >= 0 && x <= 1);
      n_ones += x > 0.5;
    }
  g_assert_true (n_ones > 400 && n_ones < 600);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/random/stream", test_stream);
  g_test_add_func ("/random/position", test_position);
  g_test_add_func ("/random/below-and-shuffle", test_below_and_shuffle);
  g_test_add_func ("/random/moments", test_moments);
  g_test_add_func ("/random/tiny-beta", test_tiny_beta);
  return g_test_run ();
}
