/* SPDX-License-Identifier: Apache-2.0
 *
 * Comparison of AUCs, bootstrap of subjects, reliability, temperature, cost, decision
 * curve, predictive values and sample size against golden-statistics.json, made by
 * golden-statistics.py; and inputs that have no answer.
 */
#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-cluster-bootstrap.h"
#include "engine/eval/nmd-delong.h"
#include "engine/eval/nmd-sample-size.h"
#include "engine/eval/nmd-utility.h"
#include "tests/eval/fixture.h"

#include <math.h>
#include <string.h>

#define TOLERANCE 1e-6

static JsonObject *golden;

static void
check (const char *what, double value, JsonNode *wanted)
{
  if (wanted == NULL || JSON_NODE_HOLDS_NULL (wanted))
    {
      if (!isnan (value))
        g_error ("%s is %g, there should be none", what, value);
      return;
    }
  if (!(fabs (value - json_node_get_double (wanted)) <= TOLERANCE))
    g_error ("%s is %.12g, golden is %.12g", what, value, json_node_get_double (wanted));
}

static void
check_in (const char *what, double value, JsonObject *object)
{
  check (what, value, json_object_get_member (object, what));
}

static void
check_list (const char *what, const double *values, JsonObject *object, guint n)
{
  JsonNode *node = json_object_get_member (object, what);

  for (guint i = 0; i < n; i++)
    check (what, values[i],
           JSON_NODE_HOLDS_ARRAY (node)
               ? json_array_get_element (json_node_get_array (node), i)
               : NULL);
}

/* @column: 4 or 5. */
static NmdScores *
read_rows (JsonObject *one, guint column)
{
  JsonArray *rows = json_object_get_array_member (one, "rows");
  NmdScores *scores = nmd_scores_new ();

  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonArray *row = json_array_get_array_element (rows, i);

      nmd_scores_add (scores,
                      &(NmdScore){ .subject = json_array_get_string_element (row, 0),
                                   .image = json_array_get_string_element (row, 1),
                                   .muscle = json_array_get_string_element (row, 2),
                                   .label = (int)json_array_get_int_element (row, 3),
                                   .score = json_array_get_double_element (row, column),
                                   .echo = NAN });
    }
  return scores;
}

static JsonObject *
get_case (guint i)
{
  return json_array_get_object_element (json_object_get_array_member (golden, "cases"),
                                        i);
}

#define N_CASES 6

static void
test_delong (void)
{
  for (guint i = 0; i < N_CASES; i++)
    {
      JsonObject *wanted = json_object_get_object_member (get_case (i), "delong");
      g_autoptr (NmdScores) a = read_rows (get_case (i), 4);
      g_autoptr (NmdScores) b = read_rows (get_case (i), 5);
      g_autoptr (GError) error = NULL;
      NmdDeLong out;

      g_assert_true (nmd_delong_compare (a, b, "case", &out, &error));
      check_list ("auc", out.auc, wanted, 2);
      check_list ("variance", out.variance, wanted, 2);
      check_in ("covariance", out.covariance, wanted);
      check_in ("se", out.se, wanted);
      check_in ("p", out.p, wanted);
    }
}

static void
check_bootstrap (const NmdClusterBootstrap *out, JsonObject *wanted)
{
  const double percentile[2] = { out->percentile.low, out->percentile.high };
  const double bca[2] = { out->bca.low, out->bca.high };

  check_in ("value", out->value, wanted);
  check_in ("se", out->se, wanted);
  check_list ("percentile", percentile, wanted, 2);
  check_list ("bca", bca, wanted, 2);
}

static void
test_bootstrap (void)
{
  for (guint i = 0; i < N_CASES; i++)
    {
      g_autoptr (NmdScores) a = read_rows (get_case (i), 4);
      g_autoptr (NmdScores) b = read_rows (get_case (i), 5);
      NmdClusterBootstrap out;

      g_assert_true (nmd_cluster_bootstrap_auc (a, NULL, 400, 7, "case", &out, NULL));
      check_bootstrap (&out, json_object_get_object_member (get_case (i), "bootstrap"));
      g_assert_true (nmd_cluster_bootstrap_auc (a, b, 400, 7, "case", &out, NULL));
      check_bootstrap (&out, json_object_get_object_member (get_case (i), "difference"));
    }
}

static void
test_units (void)
{
  static const char *const names[] = { NULL, "muscle", "subject" };

  for (guint i = 0; i < N_CASES; i++)
    for (int unit = NMD_UNIT_MUSCLE; unit <= NMD_UNIT_SUBJECT; unit++)
      {
        JsonObject *wanted = json_object_get_object_member (get_case (i), names[unit]);
        g_autoptr (NmdScores) a = read_rows (get_case (i), 4);
        g_autoptr (NmdScores) rows = nmd_scores_by_unit (a, (NmdUnit)unit);
        NmdMetrics metrics;

        g_assert_true (nmd_metrics_compute (rows, 0.5, "case", &metrics, NULL));
        check_in ("n", metrics.n_images, wanted);
        check_in ("auc", metrics.auc.value, wanted);
      }
}

/* The cases that have more than comparisons. */
static const guint whole[] = { 0, 3 };

static void
test_reliability (void)
{
  for (guint k = 0; k < G_N_ELEMENTS (whole); k++)
    {
      JsonArray *curves
          = json_object_get_array_member (get_case (whole[k]), "reliability");
      g_autoptr (NmdScores) scores = read_rows (get_case (whole[k]), 4);
      NmdCalibration fit;

      for (guint c = 0; c < json_array_get_length (curves); c++)
        {
          JsonObject *wanted = json_array_get_object_element (curves, c);
          JsonArray *n = json_object_get_array_member (wanted, "n");
          JsonArray *mean = json_object_get_array_member (wanted, "mean");
          JsonArray *share = json_object_get_array_member (wanted, "share");
          JsonArray *ci = json_object_get_array_member (wanted, "ci");
          guint n_bins = (guint)json_object_get_int_member (wanted, "bins"), filled = 0;
          g_autofree NmdReliabilityBin *bins = g_new (NmdReliabilityBin, n_bins);

          nmd_reliability_curve (scores, n_bins, bins);
          for (guint b = 0; b < n_bins; b++)
            {
              if (bins[b].n == 0)
                continue;
              g_assert_cmpint (bins[b].n, ==, json_array_get_int_element (n, filled));
              check ("mean", bins[b].mean, json_array_get_element (mean, filled));
              check ("share", bins[b].share, json_array_get_element (share, filled));
              check (
                  "low", bins[b].ci.low,
                  json_array_get_element (json_array_get_array_element (ci, filled), 0));
              check (
                  "high", bins[b].ci.high,
                  json_array_get_element (json_array_get_array_element (ci, filled), 1));
              filled++;
            }
          g_assert_cmpint (filled, ==, json_array_get_length (n));
          check_in ("ece", nmd_reliability_ece (bins, n_bins), wanted);
        }
      g_assert_true (nmd_calibration_fit_temperature (scores, &fit, NULL));
      check_in ("temperature", fit.temperature, get_case (whole[k]));
    }
}

static void
test_cost (void)
{
  for (guint k = 0; k < G_N_ELEMENTS (whole); k++)
    {
      JsonArray *costs = json_object_get_array_member (get_case (whole[k]), "cost");
      g_autoptr (NmdScores) scores = read_rows (get_case (whole[k]), 4);

      for (guint i = 0; i < json_array_get_length (costs); i++)
        {
          JsonArray *pair = json_array_get_array_element (costs, i);
          NmdThresholdRule rule
              = { NMD_THRESHOLD_COST, json_array_get_double_element (pair, 0) };
          double threshold = NAN;

          g_assert_true (nmd_threshold_choose (&rule, scores, "case", &threshold, NULL));
          check ("threshold", threshold, json_array_get_element (pair, 1));
        }
    }
}

/* The longest run of points at which the interval is above both simple rules, by trying all. */
static void
check_sure (const NmdDecisionCurve *curve)
{
  double from = NAN, to = NAN;
  int first = 0, n = 0;

  for (int a = 0; a < NMD_DECISION_POINTS; a++)
    for (int b = a; b < NMD_DECISION_POINTS; b++)
      {
        gboolean better = TRUE;

        for (int p = a; p <= b; p++)
          better = better && curve->low[p] > curve->all[p] && curve->low[p] > 0;
        if (better && b - a + 1 > n)
          {
            first = a;
            n = b - a + 1;
          }
      }
  g_assert_cmpint (nmd_decision_curve_find_sure (curve, &from, &to), ==, n > 0);
  if (n > 0)
    g_assert_true (from == curve->threshold[first]
                   && to == curve->threshold[first + n - 1]);
}

static void
test_decision (void)
{
  for (guint k = 0; k < G_N_ELEMENTS (whole); k++)
    {
      JsonArray *curves = json_object_get_array_member (get_case (whole[k]), "decision");
      g_autoptr (NmdScores) scores = read_rows (get_case (whole[k]), 4);

      for (guint c = 0; c < json_array_get_length (curves); c++)
        {
          JsonObject *wanted = json_array_get_object_element (curves, c);
          double prevalence
              = json_object_get_double_member_with_default (wanted, "prevalence", NAN);
          NmdDecisionCurve curve;

          g_assert_true (
              nmd_decision_curve (scores, prevalence > 0 ? prevalence : NAN, 1, &curve));
          check_list ("model", curve.model, wanted, NMD_DECISION_POINTS);
          check_list ("all", curve.all, wanted, NMD_DECISION_POINTS);
          for (guint p = 0; p < NMD_DECISION_POINTS; p++)
            g_assert_true (curve.low[p] <= curve.model[p] + 1e-9
                           && curve.high[p] >= curve.model[p] - 1e-9);
          check_sure (&curve);
        }
    }
}

static NmdMeasure
read_measure (JsonObject *object, const char *name)
{
  JsonArray *list = json_object_get_array_member (object, name);

  return (NmdMeasure){ .value = json_array_get_double_element (list, 0),
                       .ci_subject = { json_array_get_double_element (list, 1),
                                       json_array_get_double_element (list, 2) } };
}

static void
test_predictive (void)
{
  JsonArray *values = json_object_get_array_member (golden, "predictive");
  JsonArray *shift = json_object_get_array_member (golden, "shift");

  for (guint i = 0; i < json_array_get_length (values); i++)
    {
      JsonObject *wanted = json_array_get_object_element (values, i);
      NmdMeasure se = read_measure (wanted, "sensitivity"),
                 sp = read_measure (wanted, "specificity");
      NmdPredictiveValues out = nmd_predictive_values (
          &se, &sp, json_object_get_double_member (wanted, "prevalence"));
      const double ppv[3] = { out.ppv, out.ppv_ci.low, out.ppv_ci.high };
      const double npv[3] = { out.npv, out.npv_ci.low, out.npv_ci.high };

      check_list ("ppv", ppv, wanted, 3);
      check_list ("npv", npv, wanted, 3);
    }
  for (guint i = 0; i < json_array_get_length (shift); i++)
    {
      JsonArray *row = json_array_get_array_element (shift, i);

      check ("shifted probability",
             nmd_probability_at (json_array_get_double_element (row, 0),
                                 json_array_get_double_element (row, 1),
                                 json_array_get_double_element (row, 2)),
             json_array_get_element (row, 3));
    }
}

static void
test_sample_size (void)
{
  for (guint k = 0; k < G_N_ELEMENTS (whole); k++)
    {
      JsonObject *wanted
          = json_object_get_object_member (get_case (whole[k]), "sample_size");
      g_autoptr (NmdScores) scores = read_rows (get_case (whole[k]), 4);
      g_autofree char *text = NULL;
      NmdSampleSize out;

      nmd_sample_size_compute (scores, &out);
      check_in ("auc", out.n_auc, wanted);
      check_in ("oe", out.n_oe, wanted);
      check_in ("slope", out.n_slope, wanted);
      text = nmd_sample_size_to_text (&out);
      g_assert_nonnull (strstr (text, "Riley"));
    }
}

/* @n rows of subjects of their own (or one, @same), labelled in turn unless @label ≥ 0. */
static NmdScores *
make_rows (guint n, double score, int label, gboolean same)
{
  NmdScores *scores = nmd_scores_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *image = g_strdup_printf ("i%u", i);

      nmd_scores_add (scores, &(NmdScore){ .subject = same ? "one" : "",
                                           .image = image,
                                           .label = label >= 0 ? label : (int)(i % 2),
                                           .score = score,
                                           .echo = NAN });
    }
  return scores;
}

/* One class, NaN, one subject, no rows, tables of other rows: a sentence that names the
 * table, or no number. */
static void
test_nasty (void)
{
  g_autoptr (NmdScores) none = nmd_scores_new ();
  g_autoptr (NmdScores) constant = make_rows (30, 0.4, -1, FALSE);
  g_autoptr (NmdScores) one_class = make_rows (30, 0.4, 1, FALSE);
  g_autoptr (NmdScores) nan = make_rows (30, NAN, -1, FALSE);
  g_autoptr (NmdScores) one = make_rows (30, 0.4, -1, TRUE);
  g_autoptr (NmdScores) few = make_rows (4, 0.4, -1, FALSE);
  NmdScores *const bad[] = { none, one_class, nan };
  NmdReliabilityBin bins[10];
  NmdDecisionCurve curve;
  NmdClusterBootstrap out;
  NmdSampleSize size;
  NmdCalibration fit;
  NmdDeLong delong;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL, other = NULL, third = NULL;

      g_assert_false (nmd_delong_compare (bad[i], bad[i], "THIS", &delong, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      g_assert_nonnull (strstr (error->message, "THIS"));
      g_assert_false (
          nmd_cluster_bootstrap_auc (bad[i], NULL, 10, 1, "THIS", &out, &other));
      g_assert_error (other, NMD_ERROR, NMD_ERROR_FORMAT);
      g_assert_nonnull (strstr (other->message, "THIS"));
      g_assert_false (nmd_calibration_fit_temperature (bad[i], &fit, &third));
      g_assert_error (third, NMD_ERROR, NMD_ERROR_FORMAT);
      g_assert_false (nmd_decision_curve (bad[i], NAN, 1, &curve));
      g_assert_true (isnan (curve.model[50]) && isnan (curve.useful_from));
      nmd_sample_size_compute (bad[i], &size);
      g_assert_null (nmd_sample_size_to_text (&size));
    }
  g_assert_false (nmd_delong_compare (constant, few, "THIS", &delong, NULL));
  g_assert_true (nmd_delong_compare (constant, constant, "THIS", &delong, NULL));
  g_assert_true (delong.p == 1 && delong.z == 0 && delong.auc[0] == 0.5);
  g_assert_true (isnan (delong.ci.low));
  g_assert_false (nmd_cluster_bootstrap_auc (one, NULL, 10, 1, "THIS", &out, NULL));
  g_assert_true (nmd_cluster_bootstrap_auc (constant, NULL, 50, 1, "THIS", &out, NULL));
  g_assert_true (out.value == 0.5 && isnan (out.percentile.low) && isnan (out.bca.high));
  nmd_reliability_curve (nan, 10, bins);
  g_assert_true (isnan (nmd_reliability_ece (bins, 10)));
  nmd_reliability_curve (none, 10, bins);
  g_assert_true (isnan (nmd_reliability_ece (bins, 10)) && isnan (bins[3].ci.low));
  g_assert_true (nmd_decision_curve (few, NAN, 1, &curve));
  g_assert_true (isnan (curve.low[20]) && isfinite (curve.model[20]));
  check_sure (&curve);
  nmd_sample_size_compute (constant, &size);
  g_assert_true (isnan (size.n_slope) && isfinite (size.n_auc) && size.n_here == 30);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  golden = load_golden ("statistics");
  g_test_add_func ("/statistics/delong", test_delong);
  g_test_add_func ("/statistics/bootstrap", test_bootstrap);
  g_test_add_func ("/statistics/units", test_units);
  g_test_add_func ("/statistics/reliability", test_reliability);
  g_test_add_func ("/statistics/cost", test_cost);
  g_test_add_func ("/statistics/decision", test_decision);
  g_test_add_func ("/statistics/predictive", test_predictive);
  g_test_add_func ("/statistics/sample-size", test_sample_size);
  g_test_add_func ("/statistics/nasty", test_nasty);
  return g_test_run ();
}
