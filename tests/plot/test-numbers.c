/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers that charts and reports write: ticks, intervals, shares.
 */
#include "ui/plot/nmd-plot-private.h"
#include "ui/plot/nmd-run-report-private.h"

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

/* A legend's interval holds its value and has no end that looks like 1. */
static void
test_intervals (void)
{
  static const struct
  {
    double auc, low, high;
    const char *text, *comma;
  } cases[] = { { 0.996, 0.9951, 0.9989, "[0.995, 0.999]", "[0,995; 0,999]" },
                { 0.998, 0.99, 0.9996, "[0.99, 0.9996]", "[0,99; 0,9996]" },
                { 0.903, 0.871, 0.934, "[0.87, 0.93]", "[0,87; 0,93]" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const NmdInterval ci = { cases[i].low, cases[i].high };
      NmdPlotStyle style = { 0 };
      g_autofree char *text = nmd_roc_interval_text (&style, cases[i].auc, &ci);
      g_autofree char *comma = NULL;

      g_assert_cmpstr (text, ==, cases[i].text);
      style.decimal = ',';
      comma = nmd_roc_interval_text (&style, cases[i].auc, &ci);
      g_assert_cmpstr (comma, ==, cases[i].comma);
    }
}

/* A report's shares add up to 100. */
static void
test_shares (void)
{
  static const struct
  {
    NmdMap map;
    const char *text;
  } cases[] = {
    { { .inside = 0.335, .edge = 0.335, .outside = 0.33 },
      "34 % inside, 33 % on the edge, 33 % outside" },
    { { .inside = 0.604, .edge = 0.254, .outside = 0.142 },
      "61 % inside, 25 % on the edge, 14 % outside" },
    { { .inside = NAN, .edge = NAN, .outside = NAN }, "no outline" },
    { { .inside = NAN, .no_positive_evidence = TRUE }, "no positive evidence" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = nmd_report_shares_to_text (&cases[i].map);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/numbers/ticks", test_ticks);
  g_test_add_func ("/numbers/intervals", test_intervals);
  g_test_add_func ("/numbers/shares", test_shares);
  return g_test_run ();
}
