/* SPDX-License-Identifier: Apache-2.0
 *
 * DeLong, ROC and Youden against pROC, reliability and temperature against netcal and
 * scikit-learn, sample size against pmvalsampsize: golden-proc.json, golden-netcal.json
 * and golden-sample-size.json, made by the scripts of the same names, which say where
 * the packages' definitions differ.
 */
#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-delong.h"
#include "engine/eval/nmd-roc.h"
#include "engine/eval/nmd-sample-size.h"
#include "tests/eval/fixture.h"

#include <math.h>

#define TOLERANCE 1e-6

static double
number (JsonObject *object, const char *list, guint i)
{
  return json_array_get_double_element (json_object_get_array_member (object, list), i);
}

/* Both NaN where the package has none. */
static void
check_interval (NmdInterval ci, JsonObject *object, const char *list)
{
  if (json_object_get_null_member (object, list))
    {
      g_assert_true (isnan (ci.low) && isnan (ci.high));
      return;
    }
  close_to (ci.low, number (object, list, 0), TOLERANCE);
  close_to (ci.high, number (object, list, 1), TOLERANCE);
}

/* Each row a subject of its own. */
static NmdScores *
read_columns (JsonObject *one, const char *column)
{
  JsonArray *labels = json_object_get_array_member (one, "label");
  NmdScores *scores = nmd_scores_new ();

  for (guint i = 0; i < json_array_get_length (labels); i++)
    {
      g_autofree char *name = g_strdup_printf ("s%03u", i);

      nmd_scores_add (scores,
                      &(NmdScore){ .subject = name,
                                   .image = name,
                                   .muscle = "BB",
                                   .label = (int)json_array_get_int_element (labels, i),
                                   .score = number (one, column, i),
                                   .echo = NAN });
    }
  return scores;
}

static void
check_delong (JsonObject *one, const NmdScores *a, const NmdScores *b)
{
  static const char *const intervals[] = { "ci_a", "ci_b" };
  const NmdScores *const tables[] = { a, b };
  NmdDeLong out;

  g_assert_true (nmd_delong_compare (a, b, "case", &out, NULL));
  for (guint k = 0; k < 2; k++)
    {
      NmdMetrics metrics;

      close_to (out.auc[k], number (one, "auc", k), TOLERANCE);
      close_to (out.variance[k], number (one, "variance", k), TOLERANCE);
      g_assert_true (nmd_metrics_compute (tables[k], 0.5, "case", &metrics, NULL));
      close_to (metrics.auc.value, number (one, "auc", k), TOLERANCE);
      check_interval (metrics.auc.ci, one, intervals[k]);
    }
  close_to (out.covariance, json_object_get_double_member (one, "covariance"), TOLERANCE);
  if (json_object_get_null_member (one, "test"))
    g_assert_true (out.z == 0 && out.p == 1 && out.difference == 0);
  else
    {
      JsonObject *test = json_object_get_object_member (one, "test");

      close_to (out.z, json_object_get_double_member (test, "z"), TOLERANCE);
      close_to (out.p, json_object_get_double_member (test, "p"), TOLERANCE);
    }
}

static void
check_youden (JsonObject *one, const NmdScores *scores)
{
  const NmdThresholdRule rule = { NMD_THRESHOLD_YOUDEN, 0 };
  JsonArray *all = json_object_get_array_member (one, "youden");
  double threshold = NAN, nearest = INFINITY;

  if (json_array_get_length (all) == 0)
    return;
  for (guint i = 0; i < json_array_get_length (all); i++)
    if (fabs (number (one, "youden", i) - 0.5) < fabs (nearest - 0.5))
      nearest = number (one, "youden", i);
  g_assert_true (nmd_threshold_choose (&rule, scores, "case", &threshold, NULL));
  close_to (threshold, nearest, TOLERANCE);
}

static void
test_proc (void)
{
  JsonArray *cases = json_object_get_array_member (load_golden ("proc"), "cases");

  g_assert_cmpuint (json_array_get_length (cases), ==, 10);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *one = json_array_get_object_element (cases, i);
      g_autoptr (NmdScores) a = read_columns (one, "a");
      g_autoptr (NmdScores) b = read_columns (one, "b");
      g_autoptr (NmdRoc) roc = nmd_roc_new_for (a);

      check_delong (one, a, b);
      check_youden (one, a);
      g_assert_cmpuint (
          roc->n, ==, json_array_get_length (json_object_get_array_member (one, "fpr")));
      for (guint k = 0; k < roc->n; k++)
        {
          close_to (roc->fpr[k], number (one, "fpr", k), TOLERANCE);
          close_to (roc->tpr[k], number (one, "tpr", k), TOLERANCE);
        }
    }
}

static void
check_curve (const NmdScores *scores, JsonObject *wanted)
{
  const guint n_bins = (guint)json_object_get_int_member (wanted, "bins");
  g_autofree NmdReliabilityBin *bins = g_new (NmdReliabilityBin, n_bins);
  guint filled = 0;

  nmd_reliability_curve (scores, n_bins, bins);
  close_to (nmd_reliability_ece (bins, n_bins),
            json_object_get_double_member (wanted, "ece"), TOLERANCE);
  for (guint b = 0; b < n_bins; b++)
    {
      if (bins[b].n == 0)
        continue;
      g_assert_cmpfloat (bins[b].n, ==, number (wanted, "n", filled));
      close_to (bins[b].share, number (wanted, "share", filled), TOLERANCE);
      close_to (bins[b].mean, number (wanted, "mean", filled), TOLERANCE);
      filled++;
    }
  g_assert_cmpuint (filled, ==,
                    json_array_get_length (json_object_get_array_member (wanted, "n")));
}

static void
test_netcal (void)
{
  JsonArray *cases = json_object_get_array_member (load_golden ("netcal"), "cases");

  g_assert_cmpuint (json_array_get_length (cases), ==, 7);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *one = json_array_get_object_element (cases, i);
      JsonArray *curves = json_object_get_array_member (one, "curves");
      g_autoptr (NmdScores) scores = read_columns (one, "score");

      for (guint k = 0; k < json_array_get_length (curves); k++)
        check_curve (scores, json_array_get_object_element (curves, k));
      if (json_object_has_member (one, "temperature"))
        {
          NmdCalibration fit;

          g_assert_true (nmd_calibration_fit_temperature (scores, &fit, NULL));
          close_to (fit.temperature, json_object_get_double_member (one, "temperature"),
                    TOLERANCE);
        }
    }
}

static void
test_sample_size (void)
{
  JsonArray *cases = json_object_get_array_member (load_golden ("sample-size"), "cases");

  g_assert_cmpuint (json_array_get_length (cases), ==, 6);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      static const char *const names[] = { "auc", "oe", "slope" };
      JsonObject *one = json_array_get_object_element (cases, i);
      JsonObject *exact = json_object_get_object_member (one, "exact");
      JsonObject *printed = json_object_get_object_member (one, "printed");
      g_autoptr (NmdScores) scores = read_columns (one, "score");
      NmdSampleSize size;

      nmd_sample_size_compute (scores, &size);
      for (guint k = 0; k < 3; k++)
        {
          const double ours[] = { size.n_auc, size.n_oe, size.n_slope };
          const double step = k == 1 ? 4e-3 : 4e-5;

          g_assert_cmpfloat (ours[k], ==,
                             json_object_get_double_member (exact, names[k]));
          close_to (ours[k], json_object_get_double_member (printed, names[k]),
                    1 + step * ours[k]);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packages/proc", test_proc);
  g_test_add_func ("/packages/netcal", test_netcal);
  g_test_add_func ("/packages/sample-size", test_sample_size);
  return g_test_run ();
}
