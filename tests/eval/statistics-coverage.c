/* SPDX-License-Identifier: Apache-2.0
 *
 * How often what is promised holds: simulated subjects with four images each whose scores
 * share what is the subject's own. 95 % intervals of an AUC and of the difference of two
 * by a bootstrap of subjects, DeLong's by one row a subject; and conformal limits over 200
 * splits of subjects.
 *
 * 200 data sets in the suite, 1,000 with --long (then the bounds are 93 to 97 %).
 * Random numbers depend on the number of the set only, so that a run repeats.
 */
#include "engine/core/nmd-random.h"
#include "engine/eval/nmd-cluster-bootstrap.h"
#include "engine/eval/nmd-conformal-fit.h"
#include "engine/eval/nmd-delong.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_SUBJECTS 60 /* of each class */
#define N_IMAGES 4
#define DISTANCE 1.3
#define RIVAL 1.0
#define OWN 0.8 /* variance that a subject's images share; 1 − OWN is each image's */

static guint n_sets = 200, n_draws = 400;
static double low_bound = 0.91, high_bound = 0.985;

static double
normal_cdf (double x)
{
  return erfc (-x / G_SQRT2) / 2;
}

/* Two columns of scores; the second shares half of what is the subject's own. Scores are
 * the latent values: every statistic here knows their order only, or their means. */
static void
draw_tables (NmdRandom *stream, guint per, NmdScores *tables[2])
{
  for (int t = 0; t < 2; t++)
    tables[t] = nmd_scores_new ();
  for (guint s = 0; s < 2 * N_SUBJECTS; s++)
    {
      int label = s >= N_SUBJECTS;
      double shared = nmd_random_normal (stream), own[2];

      for (int t = 0; t < 2; t++)
        own[t] = sqrt (OWN / 2) * (shared + nmd_random_normal (stream));
      for (guint i = 0; i < per; i++)
        {
          char subject[16], image[32];

          g_snprintf (subject, sizeof subject, "s%03u", s);
          g_snprintf (image, sizeof image, "s%03u_%u", s, i);
          for (int t = 0; t < 2; t++)
            nmd_scores_add (
                tables[t],
                &(NmdScore){ .subject = subject,
                             .image = image,
                             .label = label,
                             .score = own[t] + label * (t ? RIVAL : DISTANCE)
                                      + sqrt (1 - OWN) * nmd_random_normal (stream),
                             .echo = NAN });
        }
    }
}

static double
auc_of (double distance, double variance)
{
  return normal_cdf (distance / sqrt (2 * variance));
}

static gboolean
holds (NmdInterval ci, double truth)
{
  return ci.low <= truth && truth <= ci.high;
}

static void
check_share (const char *what, guint n)
{
  double share = (double)n / n_sets;

  g_test_message ("%s: %.3f of %u", what, share, n_sets);
  g_assert_cmpfloat (share, >=, low_bound);
  g_assert_cmpfloat (share, <=, high_bound);
}

static void
test_intervals (void)
{
  static const char *const names[]
      = { "AUC by image, percentile", "AUC by image, BCa",
          "difference by image, percentile", "difference by image, BCa",
          "difference by subject, DeLong" };
  const double by_image = auc_of (DISTANCE, 1);
  const double difference = by_image - auc_of (RIVAL, 1);
  const double variance = OWN + (1 - OWN) / N_IMAGES;
  const double by_subject = auc_of (DISTANCE, variance) - auc_of (RIVAL, variance);
  guint held[G_N_ELEMENTS (names)] = { 0 };

  for (guint set = 0; set < n_sets; set++)
    {
      NmdScores *tables[2], *means[2];
      NmdClusterBootstrap auc, both;
      NmdRandom stream;
      NmdDeLong delong;

      nmd_random_init_for (&stream, set, "statistics-coverage", 0, "");
      draw_tables (&stream, N_IMAGES, tables);
      for (int t = 0; t < 2; t++)
        means[t] = nmd_scores_by_unit (tables[t], NMD_UNIT_SUBJECT);
      g_assert_true (
          nmd_cluster_bootstrap_auc (tables[0], NULL, n_draws, set, "set", &auc, NULL));
      g_assert_true (nmd_cluster_bootstrap_auc (tables[0], tables[1], n_draws, set, "set",
                                                &both, NULL));
      g_assert_true (nmd_delong_compare (means[0], means[1], "set", &delong, NULL));
      held[0] += holds (auc.percentile, by_image);
      held[1] += holds (auc.bca, by_image);
      held[2] += holds (both.percentile, difference);
      held[3] += holds (both.bca, difference);
      held[4] += holds (delong.ci, by_subject);
      for (int t = 0; t < 2; t++)
        {
          nmd_scores_unref (tables[t]);
          nmd_scores_unref (means[t]);
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    check_share (names[i], held[i]);
}

/* ---- Conformal limits */

static double
beta_binomial (guint k, guint n, double a, double b)
{
  return exp (lgamma (n + 1.0) - lgamma (k + 1.0) - lgamma (n - k + 1.0) + lgamma (k + a)
              + lgamma (n - k + b) - lgamma (n + a + b) + lgamma (a + b) - lgamma (a)
              - lgamma (b));
}

/* The narrowest central band with at least 95 %. */
static void
find_band (guint n, double a, double b, guint *low, guint *high)
{
  double below = 0, sum = 0;

  *low = *high = 0;
  for (guint k = 0; k <= n; k++)
    {
      sum += beta_binomial (k, n, a, b);
      if (below <= 0.025)
        *low = k;
      below = sum;
      *high = k;
      if (sum >= 0.975)
        break;
    }
}

/* Half of the subjects calibrate, half are measured. */
static void
split_subjects (const NmdScores *all, NmdRandom *stream, NmdScores *halves[2])
{
  guint order[2 * N_SUBJECTS];

  for (int label = 0; label < 2; label++)
    {
      for (guint i = 0; i < N_SUBJECTS; i++)
        order[label * N_SUBJECTS + i] = label * N_SUBJECTS + i;
      nmd_random_shuffle (stream, order + label * N_SUBJECTS, N_SUBJECTS);
    }
  for (int h = 0; h < 2; h++)
    halves[h] = nmd_scores_new ();
  for (guint i = 0; i < nmd_scores_get_n (all); i++)
    {
      NmdScore row = *nmd_scores_get (all, i);
      guint subject = (guint)g_ascii_strtoull (row.subject + 1, NULL, 10), place = 0;

      while (order[place] != subject)
        place++;
      row.score = 1 / (1 + exp (DISTANCE / 2 - row.score));
      nmd_scores_add (halves[place % N_SUBJECTS >= N_SUBJECTS / 2], &row);
    }
}

/* With one image a subject the covered number is Beta-binomial; with four the mean is at
 * least what is promised. */
static void
test_conformal (void)
{
  const guint k = N_SUBJECTS / 2, splits = 200;
  const double r = ceil (NMD_CONFORMAL_LEVEL * (k + 1) - 1e-9);
  guint low, high;

  find_band (k, r, k + 1 - r, &low, &high);
  for (guint per = 1; per <= N_IMAGES; per += N_IMAGES - 1)
    {
      guint inside[2] = { 0, 0 };
      double sum[2] = { 0, 0 };

      for (guint s = 0; s < splits; s++)
        {
          NmdScores *tables[2], *halves[2];
          NmdConformal fit;
          NmdCoverage coverage;
          NmdRandom stream;

          nmd_random_init_for (&stream, s, "statistics-coverage", (int)per, "conformal");
          draw_tables (&stream, per, tables);
          split_subjects (tables[0], &stream, halves);
          nmd_conformal_fit (halves[0], NMD_CONFORMAL_LEVEL, &fit);
          nmd_conformal_measure (&fit, halves[1], &coverage);
          for (int label = 0; label < 2; label++)
            {
              guint covered = (guint)(coverage.covered[label] * k + 0.5);

              g_assert_cmpuint (coverage.n_subjects[label], ==, k);
              sum[label] += coverage.covered[label] / splits;
              inside[label] += covered >= low && covered <= high;
            }
          for (int t = 0; t < 2; t++)
            {
              nmd_scores_unref (tables[t]);
              nmd_scores_unref (halves[t]);
            }
        }
      for (int label = 0; label < 2; label++)
        {
          double expected = r / (k + 1);

          g_test_message (
              "%u images a subject, class %d: mean coverage %.3f (%.3f), %u of "
              "%u splits in %u to %u of %u",
              per, label, sum[label], expected, inside[label], splits, low, high, k);
          /* 95 % of 200, less three standard errors */
          g_assert_cmpuint (inside[label], >=, 180);
          g_assert_cmpfloat (sum[label], >=, NMD_CONFORMAL_LEVEL - 0.015);
          if (per == 1)
            g_assert_cmpfloat (fabs (sum[label] - expected), <, 0.02);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int i = 1; i < argc; i++)
    if (strcmp (argv[i], "--long") == 0)
      {
        n_sets = 1000, n_draws = 1000;
        low_bound = 0.93, high_bound = 0.97;
      }
  g_test_add_func ("/coverage/intervals", test_intervals);
  g_test_add_func ("/coverage/conformal", test_conformal);
  return g_test_run ();
}
