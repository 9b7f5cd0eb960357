/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures, intervals, ROC, rival: worked examples from the literature, slow definitions
 * written a second time, damaged tables.
 */
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-random.h"
#include "engine/eval/nmd-bootstrap-private.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define close_to(a, b, tolerance) g_assert_true (fabs ((a) - (b)) <= (tolerance))

/* @per images for each of @n_subjects; the label goes with the subject; scores are
 * rounded so that ties occur. */
static NmdScores *
make_scores (guint n_subjects,
             guint per,
             double strength,
             double echo_strength,
             guint64 seed,
             gboolean reverse)
{
  NmdScores *scores = nmd_scores_new ();
  NmdRandom stream;
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_free);

  nmd_random_init_for (&stream, seed, "test", 0, "");
  for (guint s = 0; s < n_subjects; s++)
    {
      double habit = nmd_random_normal (&stream),
             habit_echo = nmd_random_normal (&stream);

      for (guint i = 0; i < per; i++)
        {
          NmdScore *row = g_new0 (NmdScore, 1);
          double v;

          row->label = s % 3 == 0;
          v = habit + 0.3 * nmd_random_normal (&stream) + strength * row->label;
          row->score = floor (50 / (1 + exp (-v))) / 50;
          row->echo = 80
                      + 15
                            * (habit_echo + 0.3 * nmd_random_normal (&stream)
                               + echo_strength * row->label);
          g_ptr_array_add (rows, row);
        }
    }
  for (guint k = 0; k < rows->len; k++)
    {
      guint i = reverse ? rows->len - 1 - k : k;
      NmdScore row = *(NmdScore *)rows->pdata[i];
      g_autofree char *subject = g_strdup_printf ("s%03u", i / per);
      g_autofree char *image = g_strdup_printf ("s%03u_%u.png", i / per, i % per);

      row.subject = subject;
      row.image = image;
      row.muscle = "BB";
      nmd_scores_add (scores, &row);
    }
  return scores;
}

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
      g_assert_true (nmd_metrics_compute (scores, 0.5, 1, "table", &metrics, NULL));
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
  g_assert_true (nmd_metrics_compute (scores, 0.5, 1, "table", &m, NULL));
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
  g_assert_true (m.f1.ci_subject.low < m.f1.value && m.f1.value < m.f1.ci_subject.high);
  /* nothing is called positive: ppv is 0/0 */
  g_assert_true (nmd_metrics_compute (scores, 0.95, 1, "table", &m, NULL));
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
  NmdMetrics metrics;
  JsonObject *object;

  g_assert_true (nmd_metrics_compute (scores, 2, 1, "table", &metrics, NULL));
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
  g_assert_cmpuint (metrics.n_subjects_with[1], ==, 4);
  g_assert_cmpuint (metrics.n_subjects_with[0], ==, 8);
  g_assert_nonnull (strstr (json_object_get_string_member (object, "caution"),
                            "4 positive and 8 negative"));
  /* nothing is called positive: specificity is 1 in every draw, which is no interval */
  g_assert_cmpfloat (metrics.specificity.ci_subject.low, ==, 1);
  g_assert_true (nmd_measure_get_interval (&metrics.specificity)
                 == &metrics.specificity.ci);
  g_assert_true (nmd_measure_get_interval (&metrics.auc) == &metrics.auc.ci_subject);
  value = nmd_measure_to_text (&metrics.ppv, FALSE);
  g_assert_cmpstr (value, ==, "–");
}

static void
test_bootstrap (void)
{
  g_autoptr (NmdScores) scores = make_scores (60, 3, 0.8, 0, 7, FALSE);
  g_autoptr (NmdScores) reversed = make_scores (60, 3, 0.8, 0, 7, TRUE);
  g_autoptr (NmdScores) single = make_scores (60, 1, 0.8, 0, 7, FALSE);
  g_autoptr (NmdScores) copies = nmd_scores_new ();
  NmdMetrics a, b;

  g_assert_true (nmd_metrics_compute (scores, 0.5, 11, "table", &a, NULL));
  g_assert_true (nmd_metrics_compute (scores, 0.5, 11, "table", &b, NULL));
  g_assert_cmpmem (&a.auc, sizeof a.auc, &b.auc, sizeof b.auc);
  g_assert_true (nmd_metrics_compute (reversed, 0.5, 11, "table", &b, NULL));
  close_to (a.auc.ci_subject.low, b.auc.ci_subject.low, 1e-12);
  close_to (a.brier.ci_subject.high, b.brier.ci_subject.high, 1e-12);
  g_assert_true (nmd_metrics_compute (scores, 0.5, 12, "table", &b, NULL));
  g_assert_cmpfloat (a.auc.ci_subject.low, !=, b.auc.ci_subject.low);
  close_to (a.auc.ci_subject.low, b.auc.ci_subject.low, 0.02);
  /* images of one subject are alike, so the interval of subjects is wider than DeLong's
   * of images */
  g_assert_cmpfloat (a.auc.ci_subject.high - a.auc.ci_subject.low, >,
                     1.2 * (a.auc.ci.high - a.auc.ci.low));
  /* with one image a subject the two agree; and copying each image four times moves only
   * DeLong's */
  g_assert_true (nmd_metrics_compute (single, 0.5, 1, "table", &a, NULL));
  close_to (a.auc.ci_subject.low, a.auc.ci.low, 0.04);
  for (guint i = 0; i < 4 * nmd_scores_get_n (single); i++)
    nmd_scores_add (copies, nmd_scores_get (single, i / 4));
  g_assert_true (nmd_metrics_compute (copies, 0.5, 1, "table", &b, NULL));
  close_to (a.auc.ci_subject.low, b.auc.ci_subject.low, 1e-12);
  g_assert_cmpfloat (b.auc.ci.high - b.auc.ci.low, <,
                     0.6 * (a.auc.ci.high - a.auc.ci.low));
}

/* One draw as plain lists: each image as often as its subject was drawn. */
static guint
expand (const NmdBootstrap *bootstrap, const double *all, double *score, int *label)
{
  guint n = 0;

  for (guint i = 0; i < bootstrap->n; i++)
    for (guint k = 0; k < bootstrap->weight[bootstrap->subject[i]]; k++)
      {
        score[n] = all[i];
        label[n++] = bootstrap->label[i];
      }
  return n;
}

/* Sensitivity at @fpr: the highest corner there, or on the line between its neighbours.
 */
static double
sensitivity_at (const NmdRoc *roc, double fpr)
{
  double best = -1;

  for (guint i = 0; i < roc->n; i++)
    if (fabs (roc->fpr[i] - fpr) < 1e-9)
      best = MAX (best, roc->tpr[i]);
  for (guint i = 1; best < 0 && i < roc->n; i++)
    if (roc->fpr[i] > fpr)
      best = roc->tpr[i - 1]
             + (fpr - roc->fpr[i - 1]) / (roc->fpr[i] - roc->fpr[i - 1])
                   * (roc->tpr[i] - roc->tpr[i - 1]);
  return best;
}

/* Weighted AUC and band against lists in which subjects are really repeated. */
static void
test_draws (void)
{
  g_autoptr (NmdScores) scores = make_scores (24, 2, 0.8, 0, 9, FALSE);
  g_autoptr (NmdRoc) roc = nmd_roc_new_with_band (scores, 3);
  g_autofree double *columns = g_new (double, roc->n *NMD_BOOTSTRAP_DRAWS);
  g_auto (NmdBootstrap) bootstrap = { 0 };
  g_auto (NmdRanking) ranking = { 0 };
  double all[48], score[48];
  int label[48];

  for (guint i = 0; i < 48; i++)
    all[i] = nmd_scores_get (scores, i)->score;
  nmd_bootstrap_init (&bootstrap, scores, 3);
  nmd_ranking_init (&ranking, all, 48);
  for (guint d = 0; d < NMD_BOOTSTRAP_DRAWS; d++)
    {
      g_autoptr (NmdRoc) one = NULL;
      guint n;

      g_assert_true (nmd_bootstrap_next (&bootstrap));
      n = expand (&bootstrap, all, score, label);
      g_assert_cmpuint (n, ==, 48);
      close_to (nmd_ranking_auc (&ranking, &bootstrap), nmd_auc (score, label, n), 1e-12);
      one = nmd_roc_new (score, label, n);
      for (guint i = 0; i < roc->n; i++)
        columns[i * NMD_BOOTSTRAP_DRAWS + d] = sensitivity_at (one, roc->fpr[i]);
    }
  for (guint i = 0; i < roc->n; i++)
    {
      NmdInterval slow
          = nmd_percentiles (columns + i * NMD_BOOTSTRAP_DRAWS, NMD_BOOTSTRAP_DRAWS);

      close_to (roc->band_low[i], slow.low, 1e-6);
      close_to (roc->band_high[i], slow.high, 1e-6);
    }
}

static void
test_percentiles (void)
{
  double values[] = { 5, NAN, 1, 3, 2, 4, INFINITY };
  NmdInterval interval = nmd_percentiles (values, 7);

  /* of 1 … 5: places 0.1 and 3.9 */
  close_to (interval.low, 1.1, 1e-12);
  close_to (interval.high, 4.9, 1e-12);
  g_assert_true (isnan (nmd_percentiles (values, 1).low));
}

static void
test_speed (void)
{
  g_autoptr (NmdScores) scores = make_scores (500, 3, 0.8, 0.3, 7, FALSE);
  g_autoptr (NmdRoc) roc = NULL;
  g_autoptr (GTimer) timer = g_timer_new ();
  NmdMetrics metrics;

  g_assert_true (nmd_metrics_compute (scores, 0.5, 1, "table", &metrics, NULL));
  g_test_message ("2,000 draws of 1,500 images: %.3f s", g_timer_elapsed (timer, NULL));
  g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, 3); /* 0.1 s on an idle machine */
  g_timer_start (timer);
  roc = nmd_roc_new_with_band (scores, 1);
  g_test_message ("band: %.3f s", g_timer_elapsed (timer, NULL));
  g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, 4);
}

static void
test_roc (void)
{
  g_autoptr (NmdScores) scores = make_scores (60, 3, 1.2, 0, 5, FALSE);
  g_autoptr (NmdRoc) roc = nmd_roc_new_with_band (scores, 1);
  g_autoptr (NmdRoc) none
      = nmd_roc_new ((const double[]){ 0.1, 0.2 }, (const int[]){ 1, 1 }, 2);
  g_autoptr (NmdRoc) copy = nmd_roc_copy (roc);
  NmdMetrics metrics;
  double area = 0;

  g_assert_cmpuint (none->n, ==, 0);
  g_assert_cmpuint (copy->n, ==, roc->n);
  g_assert_cmpfloat (copy->band_high[3], ==, roc->band_high[3]);
  g_assert_true (isinf (roc->threshold[0]) && roc->threshold[0] > 0);
  g_assert_cmpfloat (roc->fpr[0] + roc->tpr[0], ==, 0);
  g_assert_cmpfloat (roc->fpr[roc->n - 1] + roc->tpr[roc->n - 1], ==, 2);
  g_assert_true (
      nmd_metrics_compute (scores, roc->threshold[10], 1, "table", &metrics, NULL));
  close_to (metrics.sensitivity.value, roc->tpr[10], 1e-12);
  close_to (metrics.specificity.value, 1 - roc->fpr[10], 1e-12);
  for (guint i = 1; i < roc->n; i++)
    {
      g_assert_cmpfloat (roc->threshold[i], <, roc->threshold[i - 1]);
      area += (roc->fpr[i] - roc->fpr[i - 1]) * (roc->tpr[i] + roc->tpr[i - 1]) / 2;
      g_assert_cmpfloat (roc->band_low[i], <=, roc->band_high[i]);
      if (i > 0 && roc->fpr[i] > roc->fpr[i - 1])
        {
          g_assert_cmpfloat (roc->band_low[i], <=, roc->tpr[i] + 0.03);
          g_assert_cmpfloat (roc->band_high[i], >=, roc->tpr[i] - 0.03);
        }
    }
  close_to (area, metrics.auc.value, 1e-12);
  g_assert_cmpfloat (roc->band_high[roc->n - 1], ==, 1);
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
  NmdComparison comparison, again;
  NmdMetrics metrics;

  g_assert_true (nmd_rival_compare (fitted, test, 5, &comparison, &rival, NULL));
  g_assert_true (nmd_rival_compare (fitted, test, 5, &again, NULL, NULL));
  g_test_message ("%s", comparison.sentence);
  if (!g_str_has_prefix (comparison.sentence, start))
    g_error ("“%s” should begin “%s”", comparison.sentence, start);
  g_assert_cmpstr (comparison.sentence, ==, again.sentence);
  g_assert_cmpuint (nmd_scores_get_n (rival), ==, 270);
  g_assert_true (nmd_metrics_compute (rival, 0.5, 5, "rival", &metrics, NULL));
  close_to (metrics.auc.value, comparison.auc.value, 1e-12);
  close_to (metrics.auc.ci_subject.low, comparison.auc.ci_subject.low,
            1e-12); /* the same draws */
  if (sign > 0)
    g_assert_cmpfloat (comparison.difference_ci_subject.low, >, 0);
  else if (sign < 0)
    g_assert_cmpfloat (comparison.difference_ci_subject.high, <, 0);
  else
    g_assert_true (comparison.difference_ci_subject.low <= 0
                   && comparison.difference_ci_subject.high >= 0);
  nmd_comparison_clear (&comparison);
  nmd_comparison_clear (&again);
}

/* One subject of each class: every draw is the same, and that is no interval. */
static void
check_two_subjects (void)
{
  g_autoptr (NmdScores) train = make_scores (90, 3, 2.5, 0.2, 21, FALSE);
  g_autoptr (NmdRival) fitted = nmd_rival_fit (train, NULL);
  int n_compared = 0;

  for (guint64 seed = 30; seed < 60; seed++)
    {
      g_autoptr (NmdScores) test = make_scores (2, 3, 1, 0.2, seed, FALSE);
      NmdComparison comparison;

      if (!nmd_rival_compare (fitted, test, 5, &comparison, NULL, NULL))
        continue;
      n_compared++;
      g_assert_true (isnan (comparison.difference_ci_subject.low));
      g_assert_true (isnan (comparison.auc.ci_subject.high));
      g_assert_nonnull (strstr (comparison.sentence, "too few subjects"));
      nmd_comparison_clear (&comparison);
    }
  g_assert_cmpint (n_compared, >, 0);
}

/* Neither do F1, the Brier score and the ROC's band have one then; a third subject brings
 * them back, and so does a subject with images of both labels. */
static void
test_no_draws (void)
{
  for (int mixed = 0; mixed < 3; mixed++)
    {
      g_autoptr (NmdScores) scores = nmd_scores_new ();
      g_autoptr (GError) error = NULL;
      NmdMetrics metrics;

      for (int i = 0; i < 8; i++)
        {
          g_autofree char *image = g_strdup_printf ("image%d", i);
          int label = i < 4;
          const char *subject = label ? "sick" : "well";

          if (mixed == 1 && i == 7)
            subject = "third";
          if (mixed == 2 && i == 7)
            subject = "sick";
          nmd_scores_add (scores, &(NmdScore){ .image = image,
                                               .subject = subject,
                                               .muscle = "",
                                               .echo = NAN,
                                               .label = label,
                                               .score = 0.1 * (i * 3 % 8) + 0.05 });
        }
      g_assert_true (nmd_metrics_compute (scores, 0.5, 1, "here", &metrics, &error));
      g_assert_no_error (error);
      g_autoptr (NmdRoc) roc = nmd_roc_new_with_band (scores, 1);
      g_autoptr (JsonNode) node = nmd_metrics_to_json (&metrics, "test", "image");
      JsonObject *object = json_node_get_object (node);
      const NmdMeasure *measures[] = { &metrics.f1, &metrics.brier };

      for (guint i = 0; i < G_N_ELEMENTS (measures); i++)
        {
          const NmdInterval *shown = nmd_measure_get_interval (measures[i]);
          g_assert_true (isfinite (measures[i]->value));
          if (mixed == 0)
            g_assert_true (isnan (shown->low) && isnan (shown->high));
          else
            g_assert_cmpfloat (shown->low, <, shown->high);
        }
      /* the rates keep Wilson's interval, the AUC DeLong's */
      g_assert_true (isfinite (nmd_measure_get_interval (&metrics.accuracy)->low));
      g_assert_true (isfinite (nmd_measure_get_interval (&metrics.auc)->low));
      g_assert_true (json_object_get_null_member (object, "f1_ci_subject")
                     == (mixed == 0));
      g_assert_true (json_object_get_null_member (object, "auc_ci_subject")
                     == (mixed == 0));
      g_assert_true ((roc->band_low == NULL) == (mixed == 0));
    }
}

/* All draws agree on an F1 of 1: no interval either. */
static void
test_flat_interval (void)
{
  const NmdMeasure flat = { 1, { NAN, NAN }, { 1, 1 } };
  g_autofree char *text = nmd_measure_to_text (&flat, TRUE);

  g_assert_cmpstr (text, ==, "1.000");
}

static void
test_rival_sentences (void)
{
  check_two_subjects ();
  check_sentence (2.5, 0.2, "The network adds 0.", 1);
  check_sentence (
      1.0, 1.0, "The network adds nothing that these data can show to mean grey alone (",
      0);
  check_sentence (0.1, 2.5, "The network is worse than mean grey alone by 0.", -1);
}

static void
test_refused (void)
{
  g_autoptr (NmdScores) scores = nmd_scores_new ();
  g_autoptr (GError) error = NULL;
  NmdScore row
      = { .subject = "s", .image = "s_1.png", .label = 1, .score = 0.4, .echo = NAN };
  NmdMetrics metrics;

  g_assert_false (nmd_metrics_compute (scores, 0.5, 1, "empty.csv", &metrics, &error));
  g_assert_cmpstr (error->message, ==, "empty.csv holds no scores");
  g_clear_error (&error);
  nmd_scores_add (scores, &row);
  g_assert_false (nmd_metrics_compute (scores, 0.5, 1, "one.csv", &metrics, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "one.csv"));
  g_clear_error (&error);
  row.label = 0;
  row.score = NAN;
  nmd_scores_add (scores, &row);
  g_assert_false (nmd_metrics_compute (scores, 0.5, 1, "nan.csv", &metrics, &error));
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
  };
  g_autofree char *folder = g_dir_make_tmp ("nmd-eval-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "scores.csv", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdScores) scores = NULL;

      g_assert_true (g_file_set_contents (path, cases[i].text, -1, NULL));
      scores = nmd_scores_load (path, &error);
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
  g_assert_null (nmd_scores_load (path, NULL));
  g_rmdir (folder);
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
  g_test_add_func ("/eval/bootstrap", test_bootstrap);
  g_test_add_func ("/eval/draws", test_draws);
  g_test_add_func ("/eval/no-draws", test_no_draws);
  g_test_add_func ("/eval/flat-interval", test_flat_interval);
  g_test_add_func ("/eval/percentiles", test_percentiles);
  g_test_add_func ("/eval/speed", test_speed);
  g_test_add_func ("/eval/roc", test_roc);
  g_test_add_func ("/eval/by-subject", test_by_subject);
  g_test_add_func ("/eval/rival-fit", test_rival_fit);
  g_test_add_func ("/eval/rival-errors", test_rival_errors);
  g_test_add_func ("/eval/rival-sentences", test_rival_sentences);
  g_test_add_func ("/eval/refused", test_refused);
  g_test_add_func ("/eval/csv", test_csv);
  return g_test_run ();
}
