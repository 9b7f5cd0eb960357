/* SPDX-License-Identifier: Apache-2.0
 *
 * The rival: its fit, and what is said of network and rival.
 */
#include "engine/eval/nmd-comparison-private.h"
#include "tests/eval/fixture.h"

#include <math.h>
#include <string.h>

static void
add_row (NmdScores *scores, const char *muscle, int label, double echo)
{
  NmdScore row = { .subject = "",
                   .image = "",
                   .muscle = muscle,
                   .label = label,
                   .score = 0.5,
                   .echo = echo };

  nmd_scores_add (scores, &row);
}

/* With a constant echo intensity only the muscle is left: the fit must give each muscle's
 * share. And with any data the gradient is zero: Σ (y − p) and Σ (y − p)·echo vanish. */
static void
test_rival_fit (void)
{
  g_autoptr (NmdScores) flat = nmd_scores_new ();
  g_autoptr (NmdScores) scores = make_scores (90, 1, 0, 0.7, 2, FALSE);
  g_autoptr (NmdScores) apart = nmd_scores_new ();
  g_autoptr (NmdRival) a = NULL;
  g_autoptr (NmdRival) b = NULL;
  g_autoptr (NmdRival) c = NULL;
  double sum = 0, moment = 0;

  for (int i = 0; i < 10; i++)
    {
      add_row (flat, "BB", i < 2, 70);
      add_row (flat, "TA", i < 7, 70);
    }
  a = nmd_rival_fit (flat, NULL);
  close_to (nmd_rival_score (a, 70, "BB"), 0.2, 1e-5);
  close_to (nmd_rival_score (a, 90, "TA"), 0.7, 1e-5);
  g_assert_cmpfloat (nmd_rival_score (a, 70, "GM"), >, 0.2);
  g_assert_cmpfloat (nmd_rival_score (a, 70, "GM"), <, 0.7);
  g_assert_true (isnan (nmd_rival_score (a, NAN, "BB")));
  b = nmd_rival_fit (scores, NULL);
  for (guint i = 0; i < nmd_scores_get_n (scores); i++)
    {
      const NmdScore *row = nmd_scores_get (scores, i);
      double miss = row->label - nmd_rival_score (b, row->echo, row->muscle);

      sum += miss;
      moment += miss * (row->echo - 80) / 15;
    }
  close_to (sum, 0, 1e-6);
  close_to (moment, 0, 1e-4); /* the ridge */
  for (int i = 0; i < 20; i++)
    add_row (apart, "", i >= 10, i < 10 ? 50 + i : 80 + i);
  c = nmd_rival_fit (apart, NULL);
  g_assert_cmpfloat (nmd_rival_score (c, 50, ""), <, 0.001);
  g_assert_cmpfloat (nmd_rival_score (c, 99, ""), >, 0.999);
  g_assert_cmpfloat (nmd_rival_score (c, 99, ""), <=, 1);
}

static void
test_rival_errors (void)
{
  g_autoptr (NmdScores) none = nmd_scores_new ();
  g_autoptr (NmdScores) one = nmd_scores_new ();
  g_autoptr (GError) error = NULL;

  add_row (none, "", 1, NAN);
  g_assert_null (nmd_rival_fit (none, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_clear_error (&error);
  add_row (one, "", 1, 50);
  add_row (one, "", 1, 60);
  g_assert_null (nmd_rival_fit (one, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
}

static void
check_sentence (double strength, double echo_strength, const char *start, int sign)
{
  g_autoptr (NmdScores) train = make_scores (90, 3, strength, echo_strength, 21, FALSE);
  g_autoptr (NmdScores) test = make_scores (90, 3, strength, echo_strength, 22, FALSE);
  g_autoptr (NmdScores) rival = NULL;
  g_autoptr (NmdRival) fitted = nmd_rival_fit (train, NULL);
  const NmdInterval *ci;
  NmdComparison comparison, back;
  g_autoptr (JsonNode) node = NULL;
  NmdJsonValue top;
  NmdMetrics metrics;

  g_assert_true (nmd_rival_compare (fitted, test, &comparison, &rival, NULL));
  g_test_message ("%s", comparison.sentence);
  if (!g_str_has_prefix (comparison.sentence, start))
    g_error ("“%s” should begin “%s”", comparison.sentence, start);
  g_assert_nonnull (strstr (comparison.sentence, "AUC"));
  g_assert_nonnull (strstr (comparison.sentence, "95 % interval by subject"));
  g_assert_cmpuint (nmd_scores_get_n (rival), ==, 270);
  g_assert_true (nmd_metrics_compute (rival, 0.5, "rival", &metrics, NULL));
  g_assert_cmpmem (&metrics.auc, sizeof metrics.auc, &comparison.auc,
                   sizeof comparison.auc);
  ci = &comparison.difference.ci_subject;
  g_assert_true (sign > 0   ? ci->low > 0
                 : sign < 0 ? ci->high < 0
                            : ci->low <= 0 && ci->high >= 0);
  node = nmd_comparison_to_json (&comparison);
  top = nmd_json_value_top (node, "rival");
  g_assert_true (nmd_comparison_from_json (&back, &top, NULL));
  g_assert_cmpstr (back.sentence, ==, comparison.sentence);
  g_assert_cmpmem (&back.difference, sizeof back.difference, &comparison.difference,
                   sizeof comparison.difference);
  nmd_comparison_clear (&comparison);
  nmd_comparison_clear (&back);
}

static void
test_sentences (void)
{
  check_sentence (2.5, 0.2, "The network’s AUC (0.9", 1);
  check_sentence (1.0, 1.0, "These data show no difference in AUC", 0);
  check_sentence (0.1, 2.5, "The network’s AUC (0.", -1);
}

/* An end near 0 does not look like it where a direction is claimed. */
static void
test_near_zero (void)
{
  static const struct
  {
    double low, high;
    const char *said;
  } cases[] = { { 0.0003, 0.1, "(95 % interval by subject 0.0003 to 0.1000)" },
                { -0.1, -0.004, "(95 % interval by subject −0.100 to −0.004)" },
                { 0.006, 0.1, "(95 % interval by subject 0.01 to 0.10)" },
                { -0.0003, 0.1, "(95 % interval by subject 0.00 to 0.10)" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const double middle = (cases[i].low + cases[i].high) / 2;
      const NmdComparison comparison
          = { .auc = { .value = 0.8 },
              .network_auc = { .value = 0.8 + middle },
              .difference
              = { .value = middle, .ci_subject = { cases[i].low, cases[i].high } },
              .n_subjects_with = { 60, 60 },
              .has_subjects = TRUE };
      g_autofree char *sentence
          = nmd_comparison_make_sentence (&comparison, "echo intensity alone");

      if (strstr (sentence, cases[i].said) == NULL)
        g_error ("“%s” does not say “%s”", sentence, cases[i].said);
    }
}

/* A subject with images of both labels counts in both classes. */
static void
test_mixed (void)
{
  for (guint n = 6; n <= 12; n += 6)
    {
      g_autoptr (NmdScores) network = nmd_scores_new (), rival = nmd_scores_new ();
      NmdComparison comparison, back;
      g_autoptr (JsonNode) node = NULL;
      NmdJsonValue top;

      for (guint i = 0; i < 8 * n; i++)
        {
          g_autofree char *name = g_strdup_printf ("s%02u", i / 8);
          g_autofree char *image = g_strdup_printf ("%u", i);
          NmdScore row = { .subject = name, .image = image, .label = i % 2, .echo = NAN };

          row.score = 0.3 * (i % 2) + 0.03 * (i * 7 % 13);
          nmd_scores_add (network, &row);
          row.score = 0.03 * (i * 5 % 29);
          nmd_scores_add (rival, &row);
        }
      g_assert_true (nmd_comparison_init (&comparison, network, rival, "the rival"));
      g_test_message ("%s", comparison.sentence);
      g_assert_cmpuint (comparison.n_mixed, ==, n);
      if (n < 10)
        g_assert_nonnull (strstr (comparison.sentence,
                                  "6 positive (6 with images of both labels) and 0 "
                                  "negative subjects are too few"));
      else
        g_assert_nonnull (strstr (comparison.sentence, "is higher than that of"));
      node = nmd_comparison_to_json (&comparison);
      top = nmd_json_value_top (node, "rival");
      g_assert_true (nmd_comparison_from_json (&back, &top, NULL));
      g_assert_cmpuint (back.n_mixed, ==, n);
      nmd_comparison_clear (&comparison);
      nmd_comparison_clear (&back);
    }
}

/* From few subjects no direction is claimed; from fewer there is no interval. */
static void
test_few_subjects (void)
{
  g_autoptr (NmdScores) train = make_scores (90, 3, 2.5, 0.2, 21, FALSE);
  g_autoptr (NmdRival) fitted = nmd_rival_fit (train, NULL);

  for (guint n = 6; n <= 24; n += 9)
    {
      g_autoptr (NmdScores) test = make_scores (n, 4, 4, 0.1, 3, FALSE);
      NmdComparison comparison;

      g_assert_true (nmd_rival_compare (fitted, test, &comparison, NULL, NULL));
      g_test_message ("%s", comparison.sentence);
      g_assert_null (strstr (comparison.sentence, "higher"));
      g_assert_null (strstr (comparison.sentence, "[0.00"));
      g_assert_true (isnan (comparison.difference.ci_subject.low) == (n / 3 < 5));
      g_assert_nonnull (
          strstr (comparison.sentence, n / 3 < 5 ? "no interval" : "too few to say"));
      nmd_comparison_clear (&comparison);
    }
}

/* Two AUCs of 1 differ by 0, and that is not known to the second decimal. */
static void
test_both_perfect (void)
{
  g_autoptr (NmdScores) train = make_scores (90, 1, 1, 9, 21, FALSE);
  g_autoptr (NmdScores) test = nmd_scores_new ();
  g_autoptr (NmdRival) fitted = nmd_rival_fit (train, NULL);
  NmdComparison comparison;

  for (int i = 0; i < 60; i++)
    {
      g_autofree char *name = g_strdup_printf ("s%02d", i / 2);

      nmd_scores_add (test, &(NmdScore){ .subject = name,
                                         .image = i % 2 ? "a" : "b",
                                         .label = i < 30,
                                         .score = i < 30 ? 0.9 : 0.1,
                                         .echo = i < 30 ? 400 : 10 });
    }
  g_assert_true (nmd_rival_compare (fitted, test, &comparison, NULL, NULL));
  g_test_message ("%s", comparison.sentence);
  g_assert_cmpfloat (comparison.difference.value, ==, 0);
  g_assert_cmpfloat (comparison.difference.ci_subject.low, <, -0.05);
  g_assert_cmpfloat (comparison.difference.ci_subject.high, >, 0.05);
  nmd_comparison_clear (&comparison);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rival/fit", test_rival_fit);
  g_test_add_func ("/rival/errors", test_rival_errors);
  g_test_add_func ("/rival/sentences", test_sentences);
  g_test_add_func ("/rival/near-zero", test_near_zero);
  g_test_add_func ("/rival/mixed", test_mixed);
  g_test_add_func ("/rival/few-subjects", test_few_subjects);
  g_test_add_func ("/rival/both-perfect", test_both_perfect);
  return g_test_run ();
}
