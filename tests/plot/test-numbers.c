/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers that charts write: ticks.
 */
#include "ui/plot/nmd-plot-private.h"

#include <math.h>
#include <string.h>

/* Each tick can be told from its neighbour, and says its number. */
static void
test_ticks (void)
{
  static const double ranges[][2]
      = { { 150000, 195000 }, { 80000, 120000 }, { 0, 900000 },
          { -3e8, -2.9e8 },   { 0, 4e-7 },       { 2e9, 8e9 } };

  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      NmdAxis axis;

      nmd_axis_init (&axis, ranges[i][0], ranges[i][1], 10, FALSE, FALSE, TRUE);
      g_assert_cmpint (axis.n, >, 3);
      for (int k = 0; k < axis.n; k++)
        {
          const double value = g_ascii_strtod (axis.labels[k], NULL);

          g_assert_cmpfloat (fabs (value - axis.ticks[k]), <=,
                             1e-6 * fabs (axis.ticks[k]));
          g_assert_true (k == 0 || strcmp (axis.labels[k], axis.labels[k - 1]) != 0);
          g_assert_true ((strchr (axis.labels[k], 'e') != NULL) == (i > 3)
                         || axis.ticks[k] == 0);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/numbers/ticks", test_ticks);
  return g_test_run ();
}
