/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures, intervals, rival, calibration and threshold against numpy, scipy, statsmodels and
 * scikit-learn: golden-metrics.json, made by golden-metrics.py.
 */
#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-groups-private.h"
#include "engine/eval/nmd-results.h"
#include "tests/eval/fixture.h"

#include <math.h>

#define TOLERANCE 1e-6

static JsonObject *golden;

static void
check (const char *what, double value, JsonNode *wanted, double tolerance)
{
  double other;

  if (wanted == NULL || JSON_NODE_HOLDS_NULL (wanted))
    {
      g_assert_true (isnan (value));
      return;
    }
  other = json_node_get_double (wanted);
  if (!(fabs (value - other) <= tolerance))
    g_error ("%s is %.12g, golden is %.12g", what, value, other);
}

/* @wanted: [low, high], or null for no interval. */
static void
check_interval (const char *what, const NmdInterval *ci, JsonNode *wanted)
{
  if (wanted == NULL || JSON_NODE_HOLDS_NULL (wanted))
    {
      g_assert_true (isnan (ci->low) && isnan (ci->high));
      return;
    }
  check (what, ci->low, json_array_get_element (json_node_get_array (wanted), 0),
         TOLERANCE);
  check (what, ci->high, json_array_get_element (json_node_get_array (wanted), 1),
         TOLERANCE);
}

static void
check_measure (const char *what, const NmdMeasure *measure, JsonObject *wanted)
{
  check (what, measure->value, json_object_get_member (wanted, "value"), TOLERANCE);
  if (json_object_has_member (wanted, "ci"))
    check_interval (what, &measure->ci, json_object_get_member (wanted, "ci"));
  check_interval (what, &measure->ci_subject,
                  json_object_get_member (wanted, "ci_subject"));
}

static NmdScores *
read_rows (JsonArray *rows)
{
  NmdScores *scores = nmd_scores_new ();

  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonArray *row = json_array_get_array_element (rows, i);

      nmd_scores_add (scores,
                      &(NmdScore){ .subject = json_array_get_string_element (row, 0),
                                   .image = json_array_get_string_element (row, 1),
                                   .muscle = json_array_get_string_element (row, 2),
                                   .label = (int)json_array_get_int_element (row, 3),
                                   .score = json_array_get_double_element (row, 4),
                                   .echo = json_array_get_double_element (row, 5) });
    }
  return scores;
}

static void
test_measures (void)
{
  JsonArray *cases = json_object_get_array_member (golden, "cases");

  g_assert_cmpuint (json_array_get_length (cases), ==, 6);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *one = json_array_get_object_element (cases, i);
      JsonObject *wanted = json_object_get_object_member (one, "measures");
      g_autoptr (NmdScores) scores
          = read_rows (json_object_get_array_member (one, "rows"));
      NmdMetrics m;

      g_assert_true (nmd_metrics_compute (
          scores, json_object_get_double_member (one, "threshold"), "case", &m, NULL));
      const struct
      {
        const char *name;
        const NmdMeasure *measure;
      } measures[] = { { "accuracy", &m.accuracy },
                       { "sensitivity", &m.sensitivity },
                       { "specificity", &m.specificity },
                       { "ppv", &m.ppv },
                       { "npv", &m.npv },
                       { "f1", &m.f1 },
                       { "auc", &m.auc },
                       { "brier", &m.brier } };

      for (gsize k = 0; k < G_N_ELEMENTS (measures); k++)
        check_measure (measures[k].name, measures[k].measure,
                       json_object_get_object_member (wanted, measures[k].name));
    }
}

static void
test_rival (void)
{
  JsonObject *wanted = json_object_get_object_member (golden, "rival");
  JsonArray *scores = json_object_get_array_member (wanted, "scores");
  JsonObject *first
      = json_array_get_object_element (json_object_get_array_member (golden, "cases"), 0);
  g_autoptr (NmdScores) train
      = read_rows (json_object_get_array_member (golden, "train"));
  g_autoptr (NmdScores) test = read_rows (json_object_get_array_member (first, "rows"));
  g_autoptr (NmdScores) scored = NULL;
  g_autoptr (NmdRival) rival = nmd_rival_fit (train, NULL);
  NmdComparison comparison;

  g_assert_true (nmd_rival_compare (rival, test, &comparison, &scored, NULL));
  for (guint i = 0; i < json_array_get_length (scores); i++)
    check ("rival's score", nmd_scores_get (scored, i)->score,
           json_array_get_element (scores, i), 2e-6);
  check_measure ("rival's AUC", &comparison.auc,
                 json_object_get_object_member (wanted, "auc"));
  check_measure ("network's AUC", &comparison.network_auc,
                 json_object_get_object_member (wanted, "network_auc"));
  check_measure ("difference", &comparison.difference,
                 json_object_get_object_member (wanted, "difference"));
  nmd_comparison_clear (&comparison);
}

static void
test_calibration (void)
{
  JsonObject *wanted = json_object_get_object_member (golden, "calibration");
  g_autoptr (NmdScores) train
      = read_rows (json_object_get_array_member (golden, "train"));
  NmdThresholdRule youden = { NMD_THRESHOLD_YOUDEN, 0 };
  NmdCalibration fit;
  NmdReliability here;
  double threshold;

  g_assert_true (nmd_calibration_fit (train, &fit, NULL));
  nmd_reliability_compute (train, &here);
  /* scikit-learn stops its search at 1e-5 or so */
  check ("temperature", fit.temperature, json_object_get_member (wanted, "temperature"),
         1e-4);
  check ("intercept", fit.intercept, json_object_get_member (wanted, "intercept"), 1e-4);
  check ("slope", here.slope, json_object_get_member (wanted, "slope_here"), TOLERANCE);
  check ("intercept here", here.intercept,
         json_object_get_member (wanted, "intercept_here"), TOLERANCE);
  check_interval ("slope", &here.slope_ci, json_object_get_member (wanted, "slope_ci"));
  check_interval ("intercept here", &here.intercept_ci,
                  json_object_get_member (wanted, "intercept_ci"));
  check ("ECE", here.ece, json_object_get_member (wanted, "ece"), TOLERANCE);
  check ("Brier", here.brier, json_object_get_member (wanted, "brier"), TOLERANCE);
  g_assert_true (nmd_threshold_choose (&youden, train, "train", &threshold, NULL));
  check ("Youden's threshold", threshold, json_object_get_member (golden, "youden"),
         1e-12);
}

static void
test_student (void)
{
  JsonArray *rows = json_object_get_array_member (golden, "t");

  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonArray *row = json_array_get_array_element (rows, i);

      check ("quantile",
             nmd_t_quantile (json_array_get_double_element (row, 0),
                             json_array_get_double_element (row, 1)),
             json_array_get_element (row, 2), 1e-8);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  golden = load_golden ("metrics");
  g_test_add_func ("/golden/measures", test_measures);
  g_test_add_func ("/golden/rival", test_rival);
  g_test_add_func ("/golden/calibration", test_calibration);
  g_test_add_func ("/golden/student", test_student);
  return g_test_run ();
}
