/* SPDX-License-Identifier: Apache-2.0
 *
 * Results put together: threshold and its stamp, calibration, marks, metrics.json and
 * back.
 */
#include "engine/core/nmd-json.h"
#include "tests/eval/fixture.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static void
test_rules (void)
{
  static const char *const good[]
      = { "0.5", "0", "1", "youden", "sensitivity=0.9", "specificity=0.95" };
  static const char *const bad[]
      = { "",     "2",           "-0.1",          "nan",
          "best", "sensitivity", "sensitivity=0", "specificity=1.5",
          "0,5" };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      NmdThresholdRule rule;
      g_autofree char *text = NULL;

      g_assert_true (nmd_threshold_rule_parse (good[i], &rule, NULL));
      text = nmd_threshold_rule_to_text (&rule);
      g_assert_cmpstr (text, ==, good[i]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      NmdThresholdRule rule;
      g_autoptr (GError) error = NULL;

      g_assert_false (nmd_threshold_rule_parse (bad[i], &rule, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
    }
}

/* Negative 0.1 0.2 0.3 0.6, positive 0.4 0.5 0.7 0.8. */
static NmdScores *
eight (void)
{
  static const double score[] = { 0.1, 0.2, 0.3, 0.6, 0.4, 0.5, 0.7, 0.8 };
  NmdScores *scores = nmd_scores_new ();

  for (int i = 0; i < 8; i++)
    {
      char name[2] = { (char)('a' + i), '\0' };

      nmd_scores_add (scores, &(NmdScore){ .subject = name,
                                           .image = name,
                                           .label = i >= 4,
                                           .score = score[i],
                                           .echo = NAN });
    }
  return scores;
}

static void
test_choose (void)
{
  /* Youden: all positives and one of four negatives, between 0.3 and 0.4; a specificity
   * of 1: between 0.6 and 0.7; a sensitivity of 0.5: the same; of 0.75: between 0.4 and
   * 0.5 */
  static const struct
  {
    const char *rule;
    double threshold;
  } cases[] = { { "youden", 0.35 },          { "specificity=1", 0.65 },
                { "sensitivity=0.5", 0.65 }, { "sensitivity=0.75", 0.45 },
                { "sensitivity=1", 0.35 },   { "0.123", 0.123 } };
  g_autoptr (NmdScores) scores = eight ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      NmdThresholdRule rule;
      double threshold = NAN;

      g_assert_true (nmd_threshold_rule_parse (cases[i].rule, &rule, NULL));
      g_assert_true (nmd_threshold_choose (&rule, scores, "eight", &threshold, NULL));
      g_test_message ("%s: %g", cases[i].rule, threshold);
      close_to (threshold, cases[i].threshold, 1e-12);
    }
}

/* Where a negative has the score 1 and nothing may be called positive, 1 is too low. */
static void
test_beyond (void)
{
  static const char *const rules[] = { "specificity=0.95", "cost=0.01" };

  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autoptr (NmdScores) scores = nmd_scores_new ();
      g_autoptr (NmdEvalResults) results = NULL, back = NULL;
      g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT), read = NULL;
      g_autofree char *text = NULL;
      NmdThresholdRule rule;
      const NmdEvalInput input
          = { .part = "table", .scores = scores, .name = "t.csv", .rule = &rule };

      for (int k = 0; k < 20; k++)
        {
          g_autofree char *name = g_strdup_printf ("%d", k);

          nmd_scores_add (scores, &(NmdScore){ .subject = name,
                                               .image = name,
                                               .label = k % 2,
                                               .score = k == 0 ? 1 : 0.3 + 0.02 * k,
                                               .echo = NAN });
        }
      g_assert_true (nmd_threshold_rule_parse (rules[i], &rule, NULL));
      results = nmd_eval_results_new (&input, NULL);
      g_assert_cmpuint (results->by_image.fp, ==, 0);
      g_assert_cmpuint (results->by_image.tn, ==, 10);
      json_node_take_object (node, nmd_eval_results_to_json (results));
      text = nmd_json_to_text (node);
      read = json_from_string (text, NULL);
      back = nmd_eval_results_from_json (read, "metrics.json", NULL);
      g_assert_cmpfloat (back->threshold.value, ==, results->threshold.value);
      g_assert_cmpfloat (back->threshold.value, >, 1);
    }
}

/* What the test part decides must not choose its own threshold. */
static void
test_part (void)
{
  g_autoptr (NmdScores) test = make_scores (60, 3, 1.5, 1, 3, FALSE);
  g_autoptr (NmdScores) validation = make_scores (60, 3, 1.5, 1, 4, FALSE);
  g_autoptr (NmdScores) train = make_scores (90, 3, 1.5, 1, 5, FALSE);
  const NmdThresholdRule youden = { NMD_THRESHOLD_YOUDEN, 0 };
  NmdEvalInput input = { .part = "test",
                         .scores = test,
                         .train = train,
                         .validation = validation,
                         .name = "run" };
  double threshold;

  for (int without = 0; without < 3; without++)
    {
      g_autoptr (NmdEvalResults) results = NULL;
      g_autofree char *text = NULL;

      input.part = without == 2 ? "validation" : "test";
      input.validation = without ? NULL : validation;
      input.rule = without == 1 ? &youden : NULL;
      results = nmd_eval_results_new (&input, NULL);
      text = nmd_threshold_to_text (&results->threshold);
      g_test_message ("%s", text);
      if (without == 0)
        {
          g_assert_true (
              nmd_threshold_choose (&youden, validation, "it", &threshold, NULL));
          g_assert_cmpfloat (results->threshold.value, ==, threshold);
          g_assert_cmpstr (results->threshold.part, ==, "validation");
          g_assert_nonnull (strstr (text, "on the validation part"));
        }
      g_assert_true (results->threshold.on_these_images == (without == 1));
      g_assert_true ((strstr (text, "chosen on these images") != NULL) == (without == 1));
      if (without == 2)
        g_assert_cmpfloat (results->threshold.value, ==, 0.5);
    }
}

/* Scores drawn from probabilities that were made too timid are brought back; the
   classes' order stays. */
static void
test_calibration (void)
{
  g_autoptr (NmdScores) validation = make_scores (300, 2, 1.5, 1, 4, FALSE);
  g_autoptr (NmdScores) timid = nmd_scores_new ();
  g_autoptr (NmdScores) few = make_scores (12, 20, 1.5, 1, 4, FALSE);
  g_autoptr (NmdScores) probabilities = NULL;
  g_autoptr (GError) error = NULL;
  NmdReliability before, after;
  NmdCalibration fit;

  for (guint i = 0; i < nmd_scores_get_n (validation); i++)
    {
      NmdScore row = *nmd_scores_get (validation, i);

      row.score = 0.4 + 0.2 * row.score;
      nmd_scores_add (timid, &row);
    }
  g_assert_true (nmd_calibration_fit (timid, &fit, NULL));
  probabilities = nmd_calibration_apply_all (&fit, timid);
  nmd_reliability_compute (timid, &before);
  nmd_reliability_compute (probabilities, &after);
  g_test_message ("slope %g → %g, ECE %g → %g, Brier %g → %g", before.slope, after.slope,
                  before.ece, after.ece, before.brier, after.brier);
  g_assert_cmpfloat (fit.temperature, <, 0.5);
  close_to (after.slope, 1, 0.02);
  close_to (after.intercept, 0, 0.02);
  g_assert_cmpfloat (after.ece, <, 0.5 * before.ece);
  g_assert_cmpfloat (after.brier, <, before.brier);
  g_assert_false (nmd_calibration_fit (few, &fit, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "4 positive"));
}

static void
test_json (void)
{
  g_autoptr (NmdScores) test = make_scores (60, 3, 1.5, 1, 3, FALSE);
  g_autoptr (NmdScores) validation = make_scores (60, 3, 1.5, 1, 4, FALSE);
  g_autoptr (NmdScores) train = make_scores (90, 3, 1.5, 1, 5, FALSE);
  static const char *const warnings[] = { "3 images were left out", NULL };
  const NmdEvalInput input = { .part = "test",
                               .scores = test,
                               .train = train,
                               .validation = validation,
                               .name = "run",
                               .synthetic = TRUE,
                               .not_meaningful = TRUE,
                               .caveat = "a caveat",
                               .warnings = warnings };
  g_autoptr (NmdEvalResults) results = nmd_eval_results_new (&input, NULL);
  g_autoptr (NmdEvalResults) back = NULL;
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonNode) again = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL, *same = NULL;
  g_auto (GStrv) notes = nmd_eval_results_get_notes (results);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (notes[0], ==, NMD_NOT_MEANINGFUL);
  g_assert_cmpstr (notes[1], ==, NMD_SYNTHETIC);
  g_assert_cmpstr (notes[2], ==, "3 images were left out");
  json_node_take_object (node, nmd_eval_results_to_json (results));
  back = nmd_eval_results_from_json (node, "metrics.json", &error);
  g_assert_no_error (error);
  g_assert_cmpmem (&back->by_image, sizeof back->by_image, &results->by_image,
                   sizeof results->by_image);
  g_assert_cmpmem (&back->by_subject, sizeof back->by_subject, &results->by_subject,
                   sizeof results->by_subject);
  g_assert_true (back->is_calibrated && back->has_rival && back->synthetic);
  json_node_take_object (again, nmd_eval_results_to_json (back));
  text = nmd_json_to_text (node);
  same = nmd_json_to_text (again);
  g_assert_cmpstr (text, ==, same);
  /* a member of another type is refused by name */
  json_object_set_string_member (
      json_object_get_object_member (json_node_get_object (node), "metrics"), "tp", "x");
  g_assert_null (nmd_eval_results_from_json (node, "metrics.json", &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "metrics.tp"));
}

/* Another rule changes the rates and nothing else. */
static void
test_with_rule (void)
{
  g_autoptr (NmdScores) test = make_scores (60, 3, 1.5, 1, 3, FALSE);
  g_autoptr (NmdScores) train = make_scores (90, 3, 1.5, 1, 5, FALSE);
  const NmdThresholdRule rule = { NMD_THRESHOLD_FIXED, 0.8 };
  const NmdEvalInput input
      = { .part = "test", .scores = test, .train = train, .name = "run" };
  g_autoptr (NmdEvalResults) results = nmd_eval_results_new (&input, NULL);
  g_autoptr (NmdEvalResults) other
      = nmd_eval_results_with_rule (results, &rule, NULL, NULL);

  g_assert_cmpfloat (other->threshold.value, ==, 0.8);
  g_assert_cmpuint (other->by_image.tp, <, results->by_image.tp);
  g_assert_cmpmem (&other->by_image.auc, sizeof other->by_image.auc,
                   &results->by_image.auc, sizeof results->by_image.auc);
  g_assert_cmpstr (other->comparison.sentence, ==, results->comparison.sentence);
}

/* What the passport says. */
static void
test_calibration_text (void)
{
  const NmdCalibration fit = { 1.0859, -0.15588, 60, 20 };
  g_autofree char *text = nmd_calibration_to_text (&fit);

  g_assert_cmpstr (text, ==,
                   "temperature 1.09 and intercept -0.156, fitted on the validation part "
                   "(60 images of 20 subjects)");
}

/* Labels and scores alone: a row is a subject of its own, named or not. */
static void
test_no_names (void)
{
  g_autofree char *folder = g_dir_make_tmp ("nmd-results-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "t.csv", NULL);
  const char *const paths[] = { path, NULL };

  for (int few = 0; few < 2; few++)
    {
      const int n = few ? 6 : 40;
      g_autoptr (GString) text
          = g_string_new (few ? "label,score\n" : "label,score,subject\n");
      g_autoptr (NmdScores) scores = NULL;
      g_autoptr (NmdEvalResults) results = NULL;
      g_autofree char *heading = NULL;
      NmdEvalInput input = { .part = "table", .name = "t.csv" };

      for (int i = 0; i < n; i++)
        g_string_append_printf (text, "%d,0.%02d%s\n", i % 2,
                                20 + i * 13 % 50 + i % 2 * 20,
                                few      ? ""
                                : i == 0 ? ",someone"
                                         : ",");
      g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
      input.scores = scores = nmd_scores_load (paths, NULL, NULL, NULL);
      results = nmd_eval_results_new (&input, NULL);
      heading = nmd_eval_results_get_heading (results);
      g_assert_cmpuint (results->by_image.n_subjects, ==, (guint)n);
      g_assert_cmpuint (results->by_image.n_mixed, ==, 0);
      g_assert_true (results->has_by_subject);
      g_assert_true (isfinite (results->by_image.auc.ci_subject.low) == !few);
      g_assert_true ((strstr (heading, "95 % intervals by") != NULL) == !few);
    }
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/results/rules", test_rules);
  g_test_add_func ("/results/choose", test_choose);
  g_test_add_func ("/results/beyond", test_beyond);
  g_test_add_func ("/results/part", test_part);
  g_test_add_func ("/results/calibration", test_calibration);
  g_test_add_func ("/results/json", test_json);
  g_test_add_func ("/results/with-rule", test_with_rule);
  g_test_add_func ("/results/calibration-text", test_calibration_text);
  g_test_add_func ("/results/no-names", test_no_names);
  return g_test_run ();
}
