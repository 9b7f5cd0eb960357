/* SPDX-License-Identifier: Apache-2.0
 *
 * How often nominal 95 % intervals hold the true value: simulated subjects with several images
 * each, whose scores share what is the subject's own (intraclass correlation 0.9). Prints
 * setting × measure → coverage and mean width, by subject and, for comparison, by image.
 *
 * 100 sets a setting in the suite; with --long 1,000, and settings beside the five. The
 * constants of the intervals were chosen looking at all of them. --sets=N: another number.
 * Random numbers depend on the setting only, so that a run repeats.
 */
#include "engine/core/nmd-random.h"
#include "engine/eval/nmd-results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHARED 0.9 /* of the variance between images of a class */

typedef struct
{
  const char *name;
  guint n[2];        /* negative, positive subjects */
  guint images[2];   /* at least, at most */
  double auc, rival; /* true AUCs */
} Setting;

/* The settings in which DeLong's interval by image and percentiles by subject were found to hold
 * 0.50 to 0.91. */
static const Setting settings[] = {
  { "20/40 subjects, 3 images, AUC 0.877", { 40, 20 }, { 3, 3 }, 0.877, 0.80 },
  { "20/40 subjects, 3-9 images, AUC 0.877", { 40, 20 }, { 3, 9 }, 0.877, 0.80 },
  { "20/40 subjects, 3-9 images, AUC 0.99", { 40, 20 }, { 3, 9 }, 0.99, 0.95 },
  { "9/9 subjects, 3-9 images, AUC 0.877", { 9, 9 }, { 3, 9 }, 0.877, 0.80 },
  { "9/9 subjects, 3-9 images, AUC 0.99", { 9, 9 }, { 3, 9 }, 0.99, 0.95 },
};

/* Settings beside them. */
static const Setting neighbours[] = {
  { "20/40 subjects, 3-9 images, AUC 0.80", { 40, 20 }, { 3, 9 }, 0.80, 0.70 },
  { "20/40 subjects, 3-9 images, AUC 0.95", { 40, 20 }, { 3, 9 }, 0.95, 0.90 },
  { "20/40 subjects, 3-9 images, AUC 0.97", { 40, 20 }, { 3, 9 }, 0.97, 0.90 },
  { "20/40 subjects, 3-9 images, AUC 0.995", { 40, 20 }, { 3, 9 }, 0.995, 0.95 },
  { "12/30 subjects, 3-9 images, AUC 0.877", { 30, 12 }, { 3, 9 }, 0.877, 0.80 },
  { "12/30 subjects, 3-9 images, AUC 0.97", { 30, 12 }, { 3, 9 }, 0.97, 0.90 },
  { "30/30 subjects, 3-9 images, AUC 0.877", { 30, 30 }, { 3, 9 }, 0.877, 0.80 },
  { "30/30 subjects, 3-9 images, AUC 0.97", { 30, 30 }, { 3, 9 }, 0.97, 0.90 },
  { "20/40 subjects, 1 image, AUC 0.877", { 40, 20 }, { 1, 1 }, 0.877, 0.80 },
  { "20/40 subjects, 1 image, AUC 0.97", { 40, 20 }, { 1, 1 }, 0.97, 0.90 },
  { "20/40 subjects, 6 images, AUC 0.877", { 40, 20 }, { 6, 6 }, 0.877, 0.80 },
  { "20/40 subjects, 6 images, AUC 0.97", { 40, 20 }, { 6, 6 }, 0.97, 0.90 },
  { "9/9 subjects, 6 images, AUC 0.95", { 9, 9 }, { 6, 6 }, 0.95, 0.90 },
};

enum
{
  AUC,
  SENSITIVITY,
  SPECIFICITY,
  ACCURACY,
  PPV,
  NPV,
  F1,
  BRIER,
  DIFFERENCE,
  N_MEASURES,
};

static const char *const names[N_MEASURES]
    = { "auc", "sensitivity", "specificity", "accuracy",  "ppv",
        "npv", "f1",          "brier",       "difference" };

typedef struct
{
  guint n, n_held;
  double width;
} Tally;

/* The normal's quantile by bisection. */
static double
quantile (double p)
{
  double low = -10, high = 10;

  for (int step = 0; step < 100; step++)
    {
      double middle = (low + high) / 2;

      if (erfc (-middle / G_SQRT2) / 2 < p)
        low = middle;
      else
        high = middle;
    }
  return low;
}

static double
normal (double x)
{
  return erfc (-x / G_SQRT2) / 2;
}

static double
to_score (double latent, double distance)
{
  return 1 / (1 + exp (-(latent - distance / 2)));
}

/* Mean of (score − label)² over a class, by the trapezoidal rule. */
static double
brier_of (double distance, int label)
{
  double sum = 0, step = 0.001;

  for (double x = -9; x <= 9; x += step)
    {
      double miss = to_score (x + distance * label, distance) - label;

      sum += miss * miss * exp (-x * x / 2) / sqrt (2 * G_PI) * step;
    }
  return sum;
}

static void
find_truth (const Setting *setting, double distance, double cut, double truth[N_MEASURES])
{
  double share = (double)setting->n[1] / (setting->n[0] + setting->n[1]);
  double sensitivity = 1 - normal (cut - distance), specificity = normal (cut);
  double tp = share * sensitivity, fn = share - tp, tn = (1 - share) * specificity,
         fp = 1 - share - tn;

  truth[AUC] = setting->auc;
  truth[SENSITIVITY] = sensitivity;
  truth[SPECIFICITY] = specificity;
  truth[ACCURACY] = tp + tn;
  truth[PPV] = tp / (tp + fp);
  truth[NPV] = tn / (tn + fn);
  truth[F1] = 2 * tp / (2 * tp + fp + fn);
  truth[BRIER] = share * brier_of (distance, 1) + (1 - share) * brier_of (distance, 0);
  truth[DIFFERENCE] = setting->auc - setting->rival;
}

/* One image's two latent values: the network's and the rival's correlate by ½. */
static void
draw (NmdRandom *stream, const double own[3], double latent[2])
{
  double parts[3];

  for (int i = 0; i < 3; i++)
    parts[i] = sqrt (SHARED) * own[i] + sqrt (1 - SHARED) * nmd_random_normal (stream);
  for (int i = 0; i < 2; i++)
    latent[i] = sqrt (0.5) * (parts[0] + parts[i + 1]);
}

/* A set of subjects; the rival's latent value is in the place of the echo intensity. */
static NmdScores *
make_set (NmdRandom *stream, const Setting *setting, const double distance[2])
{
  NmdScores *scores = nmd_scores_new ();

  for (int label = 0; label < 2; label++)
    for (guint s = 0; s < setting->n[label]; s++)
      {
        guint span = setting->images[1] - setting->images[0] + 1;
        guint n = setting->images[0] + (guint)nmd_random_below (stream, span);
        g_autofree char *subject = g_strdup_printf ("%d-%u", label, s);
        double own[3];

        for (int i = 0; i < 3; i++)
          own[i] = nmd_random_normal (stream);
        for (guint i = 0; i < n; i++)
          {
            NmdScore row
                = { .subject = subject, .image = "", .muscle = "", .label = label };
            double latent[2];

            draw (stream, own, latent);
            row.score = to_score (latent[0] + distance[0] * label, distance[0]);
            row.echo = latent[1] + distance[1] * label;
            nmd_scores_add (scores, &row);
          }
      }
  return scores;
}

static void
count (Tally *tally, const NmdInterval *interval, double truth)
{
  if (isnan (interval->low) || isnan (interval->high))
    return;
  tally->n++;
  tally->n_held += interval->low <= truth && truth <= interval->high;
  tally->width += interval->high - interval->low;
}

/* A rival whose score rises with the echo intensity, so that its AUC is that of the echo
 * intensity. */
static NmdRival *
make_rival (void)
{
  g_autoptr (NmdScores) train = nmd_scores_new ();

  for (int i = 0; i < 200; i++)
    nmd_scores_add (train, &(NmdScore){ .label = i % 2, .echo = i % 7 + i % 2 });
  return nmd_rival_fit (train, NULL);
}

static void
print_row (const char *measure, const Tally *subject, const Tally *image)
{
  if (subject->n == 0)
    {
      printf ("#   %-12s no interval\n", measure);
      return;
    }
  printf ("#   %-12s by subject %.3f (mean width %.3f, %u sets)", measure,
          (double)subject->n_held / subject->n, subject->width / subject->n, subject->n);
  if (image->n > 0)
    printf (", by image %.3f (%.3f)", (double)image->n_held / image->n,
            image->width / image->n);
  putchar ('\n');
}

static void
simulate (const Setting *setting, guint n_sets, Tally tallies[2][N_MEASURES])
{
  const double distance[2]
      = { G_SQRT2 * quantile (setting->auc), G_SQRT2 * quantile (setting->rival) };
  double cut = distance[0] / 2 + 0.3, truth[N_MEASURES];
  g_autoptr (NmdRival) rival = make_rival ();
  NmdRandom stream;

  memset (tallies, 0, 2 * N_MEASURES * sizeof (Tally));
  find_truth (setting, distance[0], cut, truth);
  nmd_random_init_for (&stream, 20, "coverage", 0, setting->name);
  for (guint set = 0; set < n_sets; set++)
    {
      g_autoptr (NmdScores) scores = make_set (&stream, setting, distance);
      NmdComparison comparison;
      NmdMetrics m;

      g_assert_true (nmd_metrics_compute (scores, to_score (cut, distance[0]),
                                          setting->name, &m, NULL));
      g_assert_true (nmd_rival_compare (rival, scores, &comparison, NULL, NULL));
      const NmdMeasure *const measures[N_MEASURES]
          = { &m.auc, &m.sensitivity, &m.specificity, &m.accuracy,           &m.ppv,
              &m.npv, &m.f1,          &m.brier,       &comparison.difference };

      for (int i = 0; i < N_MEASURES; i++)
        {
          count (&tallies[0][i], &measures[i]->ci_subject, truth[i]);
          count (&tallies[1][i], &measures[i]->ci, truth[i]);
        }
      nmd_comparison_clear (&comparison);
    }
}

static guint n_sets = 100;

static gboolean
is_neighbour (const Setting *setting)
{
  return setting >= neighbours && setting < neighbours + G_N_ELEMENTS (neighbours);
}

/* 100 sets: three standard errors under 0.93. Neighbours: one image a subject and few
 * misses are lumpy, and with both classes' numbers fixed PPV and NPV vary less than shares
 * do. */
static void
check_coverage (const Setting *setting, double held)
{
  double low = n_sets < 1000 ? 0.85 : is_neighbour (setting) ? 0.92 : 0.93;
  double high = n_sets < 1000 ? 1 : is_neighbour (setting) ? 0.99 : 0.97;

  g_assert_cmpfloat (held, >=, low);
  g_assert_cmpfloat (held, <=, high);
}

static void
test_setting (gconstpointer data)
{
  const Setting *setting = data;
  gboolean few = MIN (setting->n[0], setting->n[1]) < NMD_MIN_SUBJECTS_BRIER;
  Tally tallies[2][N_MEASURES];

  simulate (setting, n_sets, tallies);
  printf ("# %s\n", setting->name);
  for (int i = 0; i < N_MEASURES; i++)
    print_row (names[i], &tallies[0][i], &tallies[1][i]);
  for (int i = 0; i < N_MEASURES; i++)
    {
      guint expected = i == BRIER && few ? 0 : n_sets;

      g_assert_cmpuint (tallies[0][i].n, ==, expected);
      if (expected > 0)
        check_coverage (setting, (double)tallies[0][i].n_held / n_sets);
    }
  /* images as if independent are no interval at all */
  if (setting->images[1] > 1)
    g_assert_cmpfloat ((double)tallies[1][AUC].n_held / n_sets, <, 0.85);
}

static void
add_settings (const char *path, const Setting *list, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("/coverage/%s/%zu", path, i + 1);

      g_test_add_data_func (name, &list[i], test_setting);
    }
}

int
main (int argc, char **argv)
{
  gboolean is_long = FALSE;

  for (int i = 1; i < argc; i++)
    if (strcmp (argv[i], "--long") == 0)
      is_long = TRUE;
    else if (g_str_has_prefix (argv[i], "--sets="))
      n_sets = (guint)atoi (argv[i] + strlen ("--sets="));
  if (is_long)
    n_sets = MAX (n_sets, 1000);
  g_test_init (&argc, &argv, NULL);
  add_settings ("settings", settings, G_N_ELEMENTS (settings));
  if (is_long)
    add_settings ("neighbours", neighbours, G_N_ELEMENTS (neighbours));
  return g_test_run ();
}
