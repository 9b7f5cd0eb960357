/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures and their intervals: worked examples from the literature, slow definitions
 * written a second time, few subjects, damaged tables. Values of other programs:
 * test-golden.c; coverage: coverage.c.
 */
#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-bootstrap-private.h"
#include "tests/eval/fixture.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3. */
static void
test_wilson (void)
{
  static const double cases[][4] = { { 81, 263, 0.2553, 0.3662 },
                                     { 15, 148, 0.0624, 0.1605 },
                                     { 0, 20, 0.0000, 0.1611 },
                                     { 1, 29, 0.0061, 0.1718 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      NmdInterval ci = nmd_wilson (cases[i][0], cases[i][1]);

      close_to (ci.low, cases[i][2], 0.00005);
      close_to (ci.high, cases[i][3], 0.00005);
    }
  g_assert_true (isnan (nmd_wilson (0, 0).low));
  g_assert_cmpfloat (nmd_wilson (7, 7).high, ==, 1);
  close_to (nmd_wilson (7, 7).low, 1 - nmd_wilson (0, 7).high, 1e-12);
}

static double
kernel (double positive, double negative)
{
  return positive > negative ? 1 : positive == negative ? 0.5 : 0;
}

/* The definition of 1988, without ranks: V10, V01 by comparing all pairs. */
static NmdInterval
slow_delong (const NmdScores *scores, double *auc)
{
  guint n = nmd_scores_get_n (scores), count[2] = { 0, 0 };
  double variance = 0;

  *auc = 0;
  for (guint i = 0; i < n; i++)
    count[nmd_scores_get (scores, i)->label]++;
  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < n; j++)
      if (nmd_scores_get (scores, i)->label == 1
          && nmd_scores_get (scores, j)->label == 0)
        *auc += kernel (nmd_scores_get (scores, i)->score,
                        nmd_scores_get (scores, j)->score);
  *auc /= (double)count[0] * count[1];
  for (int label = 0; label < 2; label++)
    {
      double squares = 0;

      for (guint i = 0; i < n; i++)
        {
          const NmdScore *a = nmd_scores_get (scores, i);
          double v = 0;

          if (a->label != label)
            continue;
          for (guint j = 0; j < n; j++)
            {
              const NmdScore *b = nmd_scores_get (scores, j);

              if (b->label != label)
                v += label ? kernel (a->score, b->score) : kernel (b->score, a->score);
            }
          v /= count[1 - label];
          squares += (v - *auc) * (v - *auc);
        }
      variance += squares / (count[label] - 1) / count[label];
    }
  return (NmdInterval){ MAX (*auc - 1.959963984540054 * sqrt (variance), 0),
                        MIN (*auc + 1.959963984540054 * sqrt (variance), 1) };
}

static void
test_delong (void)
{
  for (guint64 seed = 1; seed <= 5; seed++)
    {
      g_autoptr (NmdScores) scores
          = make_scores (40 + (guint)seed, 2, 0.4 * (double)seed, 0, seed, FALSE);
      NmdMetrics metrics;
      NmdInterval slow;
      double auc;

      slow = slow_delong (scores, &auc);
      g_assert_true (nmd_metrics_compute (scores, 0.5, "table", &metrics, NULL));
      close_to (metrics.auc.value, auc, 1e-12);
      close_to (metrics.auc.ci.low, slow.low, 1e-12);
      close_to (metrics.auc.ci.high, slow.high, 1e-12);
      g_assert_cmpfloat (metrics.auc.ci.high, <=, 1);
    }
}

static void
test_auc_ties (void)
{
  const double same[] = { 0.5, 0.5, 0.5, 0.5 }, part[] = { 0.1, 0.4, 0.4, 0.8 };
  const int labels[] = { 0, 1, 0, 1 }, one[] = { 1, 1, 1, 1 };

  g_assert_cmpfloat (nmd_auc (same, labels, 4), ==, 0.5);
  /* pairs: .4 > .1, .4 = .4, .8 > .1, .8 > .4 */
  g_assert_cmpfloat (nmd_auc (part, labels, 4), ==, 3.5 / 4);
  g_assert_true (isnan (nmd_auc (part, one, 4)));
  g_assert_true (isnan (nmd_auc (NULL, NULL, 0)));
  g_assert_true (isnan (nmd_auc ((const double[]){ NAN, 1 }, labels, 2)));
}

static void
test_hand_made (void)
{
  static const double score[] = { 0.9, 0.8, 0.5, 0.3, 0.5, 0.2, 0.1, 0.7 };
  static const int label[] = { 1, 1, 1, 1, 0, 0, 0, 0 };
  g_autoptr (NmdScores) scores = nmd_scores_new ();
  NmdMetrics m;

  for (int i = 0; i < 8; i++)
    {
      char name[2] = { (char)('a' + i), '\0' };
      NmdScore row = {
        .subject = name, .image = name, .label = label[i], .score = score[i], .echo = NAN
      };

      nmd_scores_add (scores, &row);
    }
  g_assert_true (nmd_metrics_compute (scores, 0.5, "table", &m, NULL));
  /* positive iff score ≥ threshold: both 0.5 count */
  g_assert_cmpuint (m.tp, ==, 3);
  g_assert_cmpuint (m.fn, ==, 1);
  g_assert_cmpuint (m.fp, ==, 2);
  g_assert_cmpuint (m.tn, ==, 2);
  close_to (m.accuracy.value, 5 / 8., 1e-15);
  close_to (m.sensitivity.value, 3 / 4., 1e-15);
  close_to (m.specificity.value, 2 / 4., 1e-15);
  close_to (m.ppv.value, 3 / 5., 1e-15);
  close_to (m.npv.value, 2 / 3., 1e-15);
  close_to (m.f1.value, 6 / 9., 1e-15);
  close_to (m.brier.value, (0.01 + 0.04 + 0.25 + 0.49 + 0.25 + 0.04 + 0.01 + 0.49) / 8,
            1e-15);
  close_to (m.ppv.ci.low, nmd_wilson (3, 5).low, 0);
  g_assert_true (isnan (m.f1.ci.low) && isnan (m.brier.ci.high));
  /* four subjects of a class are too few for an interval by subject */
  g_assert_true (isnan (m.f1.ci_subject.low) && m.f1.few == 4);
  /* nothing is called positive: ppv is 0/0 */
  g_assert_true (nmd_metrics_compute (scores, 0.95, "table", &m, NULL));
  g_assert_true (isnan (m.ppv.value) && isnan (m.ppv.ci.low)
                 && isnan (m.ppv.ci_subject.low));
  g_assert_cmpfloat (m.sensitivity.value, ==, 0);
}

static void
test_json (void)
{
  static const char *const keys[] = { "part",
                                      "unit",
                                      "threshold",
                                      "tp",
                                      "tn",
                                      "fp",
                                      "fn",
                                      "accuracy",
                                      "accuracy_ci",
                                      "accuracy_ci_subject",
                                      "accuracy_ci_method",
                                      "auc_ci_subject_method",
                                      "interval_unit",
                                      "sensitivity",
                                      "sensitivity_ci",
                                      "specificity_ci_subject",
                                      "ppv",
                                      "npv",
                                      "f1",
                                      "f1_ci_subject",
                                      "auc",
                                      "auc_ci",
                                      "auc_ci_subject",
                                      "brier",
                                      "n_images",
                                      "n_subjects" };
  g_autoptr (NmdScores) scores = make_scores (12, 3, 1, 0, 3, FALSE);
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL, *value = NULL;
  NmdMetrics metrics, back;
  NmdJsonValue top;
  JsonObject *object;

  g_assert_true (nmd_metrics_compute (scores, 2, "table", &metrics, NULL));
  node = nmd_metrics_to_json (&metrics, "test", "image");
  object = json_node_get_object (node);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (!json_object_has_member (object, keys[i]))
      g_error ("no member %s", keys[i]);
  g_assert_true (json_node_is_null (json_object_get_member (object, "ppv")));
  g_assert_true (json_node_is_null (json_object_get_member (object, "ppv_ci")));
  g_assert_cmpint (json_object_get_int_member (object, "n_images"), ==, 36);
  g_assert_cmpint (json_object_get_int_member (object, "n_subjects"), ==, 12);
  g_assert_cmpfloat (
      json_array_get_double_element (json_object_get_array_member (object, "auc_ci"), 0),
      ==, metrics.auc.ci.low);
  text = nmd_json_to_text (node);
  g_assert_null (strstr (text, "nan"));
  g_assert_nonnull (strstr (json_object_get_string_member (object, "caution"),
                            "4 positive and 8 negative"));
  g_assert_cmpstr (json_object_get_string_member (object, "auc_no_interval"), ==,
                   "4 positive subjects");
  /* eight negative subjects are enough for the specificity */
  g_assert_cmpfloat (metrics.specificity.ci_subject.high, ==, 1);
  close_to (metrics.specificity.ci_subject.low, nmd_wilson (8, 8).low, 1e-12);
  value = nmd_measure_to_text (&metrics.ppv);
  g_assert_cmpstr (value, ==, "–");
  /* and back */
  top = nmd_json_value_top (node, "metrics.json");
  g_assert_true (nmd_metrics_from_json (&back, &top, NULL));
  g_assert_cmpmem (&back, sizeof back, &metrics, sizeof metrics);
}

/* One subject a row: what is said of a subject is @label and @score. */
static void
add (NmdScores *scores, int subject, int image, int label, double score)
{
  g_autofree char *who = g_strdup_printf ("s%02d", subject);
  g_autofree char *what = g_strdup_printf ("s%02d_%03d", subject, image);

  nmd_scores_add (
      scores,
      &(NmdScore){
          .subject = who, .image = what, .label = label, .score = score, .echo = NAN });
}

/* 24 subjects with 25 images each, all right: the interval is that of 12 in 12
 * subjects, not of 300 in 300 images. The AUC of 1 has a lower end, and says that 24
 * subjects are few for it. */
static void
test_perfect (void)
{
  g_autoptr (NmdScores) scores = nmd_scores_new ();
  g_autofree char *auc = NULL, *caution = NULL, *sensitivity = NULL;
  NmdMetrics m;

  for (int s = 0; s < 24; s++)
    for (int i = 0; i < 25; i++)
      add (scores, s, i, s % 2, s % 2 ? 0.6 + 0.01 * i : 0.1 + 0.01 * i);
  g_assert_true (nmd_metrics_compute (scores, 0.5, "perfect", &m, NULL));
  g_assert_cmpfloat (m.auc.value, ==, 1);
  close_to (m.sensitivity.ci.low, nmd_wilson (300, 300).low, 1e-12);
  close_to (m.sensitivity.ci_subject.low, 0.7575, 0.0001);
  g_assert_cmpfloat (m.sensitivity.ci_subject.high, ==, 1);
  g_assert_true (isnan (m.auc.ci.low));
  g_assert_true (m.auc.ci_subject.low > 0.7 && m.auc.ci_subject.low < 0.95);
  auc = nmd_measure_to_text (&m.auc);
  sensitivity = nmd_measure_to_text (&m.sensitivity);
  g_test_message ("%s, %s", auc, sensitivity);
  g_assert_true (g_str_has_prefix (auc, "1.000 [0."));
  g_assert_cmpstr (sensitivity, ==, "1.000 [0.76, 1.00]");
  caution = nmd_metrics_get_caution (&m);
  g_assert_nonnull (strstr (caution, "about 100 of each class"));
}

/* Without enough subjects there is no interval, and it says why; images do not stand
   in. */
static void
test_few_subjects (void)
{
  static const struct
  {
    int positive, negative;
    const char *missing; /* of the AUC, NULL: it has an interval */
  } cases[] = { { 1, 1, "no interval: 1 positive subject" },
                { 4, 30, "no interval: 4 positive subjects" },
                { 30, 1, "no interval: 1 negative subject" },
                { 5, 5, NULL } };

  for (guint c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      g_autoptr (NmdScores) scores = nmd_scores_new ();
      g_autofree char *text = NULL, *sensitivity = NULL, *caution = NULL;
      g_autoptr (NmdRoc) roc = NULL;
      NmdMetrics m;

      for (int s = 0; s < cases[c].positive + cases[c].negative; s++)
        for (int i = 0; i < 9; i++)
          add (scores, s, i, s < cases[c].positive, (s * 7 + i * 5) % 11 / 11.0);
      g_assert_true (nmd_metrics_compute (scores, 0.5, "few", &m, NULL));
      text = nmd_measure_interval_to_text (&m.auc);
      g_test_message ("%s", text);
      if (cases[c].missing != NULL)
        g_assert_cmpstr (text, ==, cases[c].missing);
      g_assert_true (isnan (m.auc.ci_subject.low) == (cases[c].missing != NULL));
      /* what needs only the other class has its interval */
      g_assert_true (isnan (m.sensitivity.ci_subject.low) == (cases[c].positive < 5));
      g_assert_true (isnan (m.specificity.ci_subject.low) == (cases[c].negative < 5));
      caution = nmd_metrics_get_caution (&m);
      g_assert_nonnull (caution);
      roc = nmd_roc_new_with_band (scores, 1);
      g_assert_true ((roc->band_low == NULL) == (cases[c].missing != NULL));
    }
}

/* Subjects with images of both labels have some of each class: with intervals there is no word of too few. */
static void
test_caution_of_mixed (void)
{
  g_autoptr (NmdScores) scores = nmd_scores_new ();
  g_autofree char *caution = NULL;
  NmdMetrics m;

  for (int s = 0; s < 15; s++)
    for (int i = 0; i < 4; i++)
      add (scores, s, i, s >= 3 && i % 2, (s * 7 + i * 5) % 11 / 11.0);
  g_assert_true (nmd_metrics_compute (scores, 0.5, "mixed", &m, NULL));
  g_assert_cmpuint (m.n_mixed, ==, 12);
  g_assert_true (isfinite (m.auc.ci_subject.low));
  caution = nmd_metrics_get_caution (&m);
  g_assert_true (caution == NULL || strstr (caution, "too few for intervals") == NULL);
}

/* The end that cannot be missed gives its 2.5 % to the other; values by hand from Wilson's
 * formula. */
static void
test_ends (void)
{
  static const struct
  {
    int right; /* of 20 positive subjects, one image each */
    double low, high;
  } cases[] = { { 20, 0.838875, 1 },        /* L = 20/(20 + 1.96²) */
                { 19, 0.763869, 0.988765 }, /* one-sided, over L */
                { 14, 0.481027, 0.838875 }, /* one-sided under L, two-sided over it: L */
                { 12, 0.386582, 0.781193 }, /* two-sided */
                { 1, 0.011235, 0.236131 } };

  for (guint c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      g_autoptr (NmdScores) scores = nmd_scores_new ();
      NmdMetrics m;

      for (int s = 0; s < 40; s++)
        add (scores, s, 0, s < 20, s < cases[c].right ? 0.9 : 0.1);
      g_assert_true (nmd_metrics_compute (scores, 0.5, "ends", &m, NULL));
      close_to (m.sensitivity.ci_subject.low, cases[c].low, 1e-6);
      close_to (m.sensitivity.ci_subject.high, cases[c].high, 1e-6);
    }
}

/* The Brier score needs ten subjects of each class. */
static void
test_brier_needs_ten (void)
{
  for (int positive = 9; positive <= 10; positive++)
    {
      g_autoptr (NmdScores) scores = nmd_scores_new ();
      g_autofree char *text = NULL;
      NmdMetrics m;

      for (int s = 0; s < positive + 12; s++)
        for (int i = 0; i < 3; i++)
          add (scores, s, i, s < positive, (s * 7 + i * 5) % 11 / 11.0);
      g_assert_true (nmd_metrics_compute (scores, 0.5, "brier", &m, NULL));
      text = nmd_measure_interval_to_text (&m.brier);
      if (positive == 9)
        g_assert_cmpstr (text, ==, "no interval: 9 positive subjects");
      else
        g_assert_true (m.brier.ci_subject.low < m.brier.value
                       && m.brier.value < m.brier.ci_subject.high);
      g_assert_false (isnan (m.f1.ci_subject.low));
    }
}

/* A subject with images of both labels is counted once, and said. */
static void
test_mixed_subjects (void)
{
  g_autoptr (NmdScores) scores = nmd_scores_new ();
  g_autofree char *subjects = NULL;
  NmdMetrics m;

  for (int s = 0; s < 6; s++)
    for (int i = 0; i < 4; i++)
      add (scores, s, i, s < 1 || (s < 3 && i < 2), (s + i * 3) % 10 / 10.0);
  g_assert_true (nmd_metrics_compute (scores, 0.5, "mixed", &m, NULL));
  g_assert_cmpuint (m.n_subjects, ==, 6);
  g_assert_cmpuint (m.n_subjects_with[0] + m.n_subjects_with[1], ==, 6);
  g_assert_cmpuint (m.n_mixed, ==, 2);
  subjects = nmd_metrics_get_subjects (&m);
  g_assert_cmpstr (subjects, ==,
                   "3 positive (2 with images of both labels) and 3 negative subjects");
}

/* Intervals do not depend on the order of rows; copies of images change those by image
   only. */
static void
test_copies (void)
{
  g_autoptr (NmdScores) scores = make_scores (60, 3, 0.8, 0, 7, FALSE);
  g_autoptr (NmdScores) reversed = make_scores (60, 3, 0.8, 0, 7, TRUE);
  g_autoptr (NmdScores) single = make_scores (60, 1, 0.8, 0, 7, FALSE);
  g_autoptr (NmdScores) copies = nmd_scores_new ();
  NmdMetrics a, b;

  g_assert_true (nmd_metrics_compute (scores, 0.5, "table", &a, NULL));
  g_assert_true (nmd_metrics_compute (reversed, 0.5, "table", &b, NULL));
  close_to (a.auc.ci_subject.low, b.auc.ci_subject.low, 1e-12);
  close_to (a.brier.ci_subject.high, b.brier.ci_subject.high, 1e-12);
  g_assert_cmpfloat (a.auc.ci_subject.high - a.auc.ci_subject.low, >,
                     1.2 * (a.auc.ci.high - a.auc.ci.low));
  g_assert_true (nmd_metrics_compute (single, 0.5, "table", &a, NULL));
  close_to (a.sensitivity.ci_subject.low, a.sensitivity.ci.low, 1e-9);
  for (guint i = 0; i < 4 * nmd_scores_get_n (single); i++)
    nmd_scores_add (copies, nmd_scores_get (single, i / 4));
  g_assert_true (nmd_metrics_compute (copies, 0.5, "table", &b, NULL));
  close_to (a.auc.ci_subject.low, b.auc.ci_subject.low, 0.01);
  close_to (a.sensitivity.ci_subject.low, b.sensitivity.ci_subject.low, 0.02);
  g_assert_cmpfloat (b.auc.ci.high - b.auc.ci.low, <,
                     0.6 * (a.auc.ci.high - a.auc.ci.low));
}

/* Turning labels and scores round mirrors the interval. */
static void
test_mirror (void)
{
  g_autoptr (NmdScores) scores = make_scores (30, 4, 1.2, 0, 4, FALSE);
  g_autoptr (NmdScores) turned = nmd_scores_new ();
  NmdMetrics a, b;

  for (guint i = 0; i < nmd_scores_get_n (scores); i++)
    {
      NmdScore row = *nmd_scores_get (scores, i);

      row.score = 1 - row.score;
      nmd_scores_add (turned, &row);
    }
  g_assert_true (nmd_metrics_compute (scores, 0.5, "table", &a, NULL));
  g_assert_true (nmd_metrics_compute (turned, 0.5, "table", &b, NULL));
  close_to (a.auc.ci_subject.low, 1 - b.auc.ci_subject.high, 1e-12);
  close_to (a.auc.ci_subject.high, 1 - b.auc.ci_subject.low, 1e-12);
}

static void
test_text (void)
{
  const NmdMeasure near = { 0.9996, { NAN, NAN }, { 0.9951, 0.99997 }, 0, -1 };
  const NmdMeasure none = { 0.4, { NAN, NAN }, { NAN, NAN }, 3, 0 };
  g_autofree char *a = nmd_measure_to_text (&near), *b = nmd_measure_to_text (&none);

  /* an end that is not 1 does not look like it */
  g_assert_cmpstr (a, ==, "1.000 [0.995, 0.99997]");
  g_assert_cmpstr (b, ==, "0.400 (no interval: 3 negative subjects)");
}

static void
test_by_subject (void)
{
  g_autoptr (NmdScores) scores = nmd_scores_new ();
  g_autoptr (NmdScores) means = NULL;
  const NmdScore rows[] = { { "b", "b1", "BB", 0, 0.2, 60 },
                            { "a", "a1", "BB", 0, 0.3, NAN },
                            { "b", "b2", "GM", 1, 0.4, 80 },
                            { "a", "a2", "BB", 0, 0.5, 50 },
                            { "", "lone", "TA", 1, 0.9, NAN } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    nmd_scores_add (scores, &rows[i]);
  means = nmd_scores_by_subject (scores);
  g_assert_cmpuint (nmd_scores_get_n (means), ==, 3);
  g_assert_cmpstr (nmd_scores_get (means, 0)->subject, ==, "a");
  close_to (nmd_scores_get (means, 0)->score, 0.4, 1e-15);
  g_assert_cmpfloat (nmd_scores_get (means, 0)->echo, ==, 50);
  g_assert_cmpint (nmd_scores_get (means, 1)->label, ==, 1);
  g_assert_cmpstr (nmd_scores_get (means, 1)->muscle, ==, "");
  g_assert_cmpfloat (nmd_scores_get (means, 1)->echo, ==, 70);
  g_assert_cmpstr (nmd_scores_get (means, 2)->subject, ==, "lone");
}

static void
test_refused (void)
{
  g_autoptr (NmdScores) scores = nmd_scores_new ();
  g_autoptr (GError) error = NULL;
  NmdScore row
      = { .subject = "s", .image = "s_1.png", .label = 1, .score = 0.4, .echo = NAN };
  NmdMetrics metrics;

  g_assert_false (nmd_metrics_compute (scores, 0.5, "empty.csv", &metrics, &error));
  g_assert_cmpstr (error->message, ==, "empty.csv holds no scores");
  g_clear_error (&error);
  nmd_scores_add (scores, &row);
  g_assert_false (nmd_metrics_compute (scores, 0.5, "one.csv", &metrics, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "one.csv"));
  g_clear_error (&error);
  row.label = 0;
  row.score = NAN;
  nmd_scores_add (scores, &row);
  g_assert_false (nmd_metrics_compute (scores, 0.5, "nan.csv", &metrics, &error));
  g_assert_nonnull (strstr (error->message, "nan.csv"));
  g_assert_nonnull (strstr (error->message, "s_1.png"));
}

static void
test_csv (void)
{
  static const struct
  {
    const char *text;
    const char *said; /* part of the error; NULL: it loads */
  } cases[] = {
    { "subject,image,label,score\na,a1,1,0.5\n", NULL },
    { "\xef\xbb\xbfScore;Label;Image;Subject;echo_intensity\r\n0.25;0;\"x;y\";7;81."
      "5\r\n1;1;z;8;\r\n",
      NULL },
    { "subject,image,label\na,a1,1\n", "score" },
    { "subject,image,label,score\na,a1,2,0.5\n", "row 2: the label" },
    { "subject,image,label,score\na,a1,1,0.5\nb,b1,0,nan\n", "row 3: the score" },
    { "subject,image,label,score\na,a1,1,1.5\n", "row 2: the score is 1.5" },
    { "subject,image,label,score\na,a1,1,0,5\n", "scores.csv" },
    { "subject,image,label,score\na,a1,1,\n", "row 2" },
    { "subject,image,label,score\na,\"a1,1,0.5\n", "scores.csv" },
    { "", "scores.csv" },
    { "subject,image,label,score\na,1,1,0.5\nb,1,0,0.5\na,1,1,0.5\n",
      "row 4: image “1” of subject “a” is in row 2 already" },
    { "subject,image,label,score\na,1,1,0.5\nb,1,0,0.5\n", NULL },
  };
  g_autofree char *folder = g_dir_make_tmp ("nmd-eval-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "scores.csv", NULL);
  const char *const paths[] = { path, NULL };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdScores) scores = NULL;

      g_assert_true (g_file_set_contents (path, cases[i].text, -1, NULL));
      scores = nmd_scores_load (paths, NULL, NULL, &error);
      if (cases[i].said == NULL)
        {
          g_assert_no_error (error);
          g_assert_nonnull (scores);
          if (i == 1)
            {
              g_assert_cmpstr (nmd_scores_get (scores, 0)->image, ==, "x;y");
              g_assert_cmpfloat (nmd_scores_get (scores, 0)->echo, ==, 81.5);
              g_assert_true (isnan (nmd_scores_get (scores, 1)->echo));
            }
          continue;
        }
      g_assert_null (scores);
      g_assert_nonnull (error);
      g_test_message ("%s", error->message);
      if (strstr (error->message, cases[i].said) == NULL
          || strstr (error->message, "scores.csv") == NULL)
        g_error ("case %u: “%s” does not say “%s”", i, error->message, cases[i].said);
    }
  g_unlink (path);
  g_assert_null (nmd_scores_load (paths, NULL, NULL, NULL));
  g_rmdir (folder);
}

/* Tables of people: other headers, words, percent, decimal commas, parts, several files. */
static void
test_tables (void)
{
  g_autofree char *folder = g_dir_make_tmp ("nmd-eval-XXXXXX", NULL);
  g_autofree char *first = g_build_filename (folder, "first.csv", NULL);
  g_autofree char *second = g_build_filename (folder, "second.csv", NULL);
  const char *const paths[] = { first, second, NULL };
  NmdScoresSettings settings = { .label_column = "truth",
                                 .score_column = "p",
                                 .subject_column = "who",
                                 .part = "testing",
                                 .scale = NMD_SCALE_PERCENT };
  g_autoptr (NmdScores) scores = NULL, all = NULL, plain = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *part = NULL;

  g_file_set_contents (first,
                       "sep=;\nwho;truth;p;split;x\n1;control;12,5;test;\n"
                       "1;patient;50;Testing;\n2;patient;99;train;\n",
                       -1, NULL);
  g_file_set_contents (second, "who,truth,p,split\n7,patient,80.0,test\n", -1, NULL);
  scores = nmd_scores_load (paths, &settings, &part, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (part, ==, "test");
  g_assert_cmpuint (nmd_scores_get_n (scores), ==, 3);
  g_assert_cmpfloat (nmd_scores_get (scores, 0)->score, ==, 0.125);
  g_assert_cmpint (nmd_scores_get (scores, 0)->label, ==, 0);
  g_assert_cmpint (nmd_scores_get (scores, 2)->label, ==, 1);
  g_assert_cmpstr (nmd_scores_get (scores, 2)->subject, ==, "7");

  settings.part = NULL;
  g_assert_null (nmd_scores_load (paths, &settings, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_SPLIT);
  g_assert_nonnull (strstr (error->message, "row 5"));
  g_clear_error (&error);
  settings.part = "all";
  all = nmd_scores_load (paths, &settings, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_scores_get_n (all), ==, 4);
  settings.scale = NMD_SCALE_UNIT;
  g_assert_null (nmd_scores_load (paths, &settings, NULL, &error));
  g_assert_nonnull (strstr (error->message, "row 3: the score is 12,5"));
  g_clear_error (&error);

  /* Words that are not known, and logits, without subjects. */
  g_file_set_contents (second, "label,score\nyes,0\nno,-3\n", -1, NULL);
  settings = (NmdScoresSettings){ .scale = NMD_SCALE_LOGIT };
  g_assert_null (nmd_scores_load (paths + 1, &settings, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_POSITIVE);
  settings.positive = "yes";
  plain = nmd_scores_load (paths + 1, &settings, NULL, NULL);
  g_assert_cmpfloat (nmd_scores_get (plain, 0)->score, ==, 0.5);
  g_assert_cmpint (nmd_scores_get (plain, 0)->label, ==, 1);
  g_assert_cmpfloat (nmd_scores_get (plain, 1)->score, <, 0.05);
  g_unlink (first);
  g_unlink (second);
  g_rmdir (folder);
}

/* Ends that two decimals would make equal or put past the value. */
static void
test_interval_text (void)
{
  const struct
  {
    double value, low, high;
    const char *text;
  } cases[] = { { 0.9, 0.8123, 0.9546, "[0.81, 0.95]" },
                { 0.018, 0.0164, 0.0199, "[0.016, 0.020]" },
                { 0.8427, 0.84261, 0.84284, "[0.8426, 0.8428]" },
                { 0.9996, 0.9992, 0.99991, "[0.999, 0.9999]" },
                { 0.991, 0.983, 0.9947, "[0.983, 0.995]" }, /* not 0.991 [0.98, 0.99] */
                { -0.017, -0.030, -0.0041, "[-0.03, -0.004]" },
                { -0.99, -0.998, -0.97, "[-0.998, -0.97]" },
                { 0.5, 0.5, 0.5, "[0.50, 0.50]" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const NmdMeasure measure
          = { .value = cases[i].value, .ci_subject = { cases[i].low, cases[i].high } };
      g_autofree char *text = nmd_measure_interval_to_text (&measure);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eval/wilson", test_wilson);
  g_test_add_func ("/eval/delong", test_delong);
  g_test_add_func ("/eval/auc-ties", test_auc_ties);
  g_test_add_func ("/eval/hand-made", test_hand_made);
  g_test_add_func ("/eval/json", test_json);
  g_test_add_func ("/eval/perfect", test_perfect);
  g_test_add_func ("/eval/few-subjects", test_few_subjects);
  g_test_add_func ("/eval/caution-of-mixed", test_caution_of_mixed);
  g_test_add_func ("/eval/ends", test_ends);
  g_test_add_func ("/eval/brier-needs-ten", test_brier_needs_ten);
  g_test_add_func ("/eval/mixed-subjects", test_mixed_subjects);
  g_test_add_func ("/eval/copies", test_copies);
  g_test_add_func ("/eval/mirror", test_mirror);
  g_test_add_func ("/eval/text", test_text);
  g_test_add_func ("/eval/by-subject", test_by_subject);
  g_test_add_func ("/eval/refused", test_refused);
  g_test_add_func ("/eval/csv", test_csv);
  g_test_add_func ("/eval/tables", test_tables);
  g_test_add_func ("/metrics/interval-text", test_interval_text);
  return g_test_run ();
}
