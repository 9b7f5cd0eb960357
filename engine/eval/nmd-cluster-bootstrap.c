/* SPDX-License-Identifier: Apache-2.0
 *
 * Percentile and BCa intervals from draws of subjects. The draws are nmd-bootstrap.c's.
 */
#include "config.h"

#include "engine/core/nmd-number.h"
#include "engine/eval/nmd-bootstrap-private.h"
#include "engine/eval/nmd-cluster-bootstrap.h"
#include "engine/eval/nmd-normal-private.h"

#include <math.h>
#include <stdlib.h>

/* Draws closer than this to the value are equal to it but for rounding. */
#define SAME 1e-12

static double
percentile (const double *sorted, guint n, double share)
{
  double place = CLAMP (share, 0, 1) * (n - 1);
  guint below = MIN ((guint)place, n - 2);

  return sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
}

static void
spread_weights (const NmdBootstrap *bootstrap, guint *weight)
{
  for (guint i = 0; i < bootstrap->groups.n; i++)
    weight[i] = bootstrap->weight[bootstrap->groups.subject[i]];
}

/* The numbers of up to @draws draws, sorted. */
static double *
draw_all (
    NmdBootstrap *bootstrap, NmdStatistic statistic, gpointer data, guint draws, guint *n)
{
  g_autofree guint *weight = g_new (guint, bootstrap->groups.n + 1);
  double *values = g_new (double, MAX (draws, 1));

  *n = 0;
  for (guint d = 0; d < draws && nmd_bootstrap_next (bootstrap); d++)
    {
      double value;

      spread_weights (bootstrap, weight);
      value = statistic (weight, data);
      if (isfinite (value))
        values[(*n)++] = value;
    }
  qsort (values, *n, sizeof *values, nmd_number_compare);
  return values;
}

/* The acceleration by leaving out one subject after the other. */
static double
accelerate (const NmdGroups *groups, NmdStatistic statistic, gpointer data)
{
  g_autofree guint *weight = g_new (guint, groups->n + 1);
  g_autofree double *values = g_new (double, groups->n_subjects + 1);
  double mean = 0, squares = 0, cubes = 0;
  guint n = 0;

  for (guint s = 0; s < groups->n_subjects; s++)
    {
      for (guint i = 0; i < groups->n; i++)
        weight[i] = groups->subject[i] != s;
      values[n] = statistic (weight, data);
      if (isfinite (values[n]))
        mean += values[n++];
    }
  mean /= MAX (n, 1);
  for (guint i = 0; i < n; i++)
    {
      double d = mean - values[i];

      squares += d * d;
      cubes += d * d * d;
    }
  return squares > SAME * SAME ? cubes / (6 * pow (squares, 1.5)) : 0;
}

static void
fill_intervals (NmdClusterBootstrap *out, const double *sorted)
{
  double below = 0, squares = 0, mean = 0;
  guint n = out->n_draws;

  out->percentile = out->bca = (NmdInterval){ NAN, NAN };
  out->bias = NAN;
  for (guint i = 0; i < n; i++)
    {
      mean += sorted[i] / n;
      below += sorted[i] < out->value - SAME    ? 1
               : sorted[i] <= out->value + SAME ? 0.5
                                                : 0;
    }
  for (guint i = 0; i < n; i++)
    squares += (sorted[i] - mean) * (sorted[i] - mean);
  out->se = n > 1 ? sqrt (squares / (n - 1)) : NAN;
  if (n < 2 || sorted[n - 1] - sorted[0] <= SAME)
    return;
  out->percentile.low = percentile (sorted, n, 0.025);
  out->percentile.high = percentile (sorted, n, 0.975);
  if (below <= 0 || below >= n)
    return;
  out->bias = nmd_normal_quantile (below / n);
  for (int end = 0; end < 2; end++)
    {
      double z = out->bias + (end == 0 ? -NMD_Z95 : NMD_Z95);
      double share = nmd_normal_cdf (out->bias + z / (1 - out->acceleration * z));

      *(end == 0 ? &out->bca.low : &out->bca.high) = percentile (sorted, n, share);
    }
}

gboolean
nmd_cluster_bootstrap (const NmdScores *scores,
                       NmdStatistic statistic,
                       gpointer data,
                       guint draws,
                       guint64 seed,
                       const char *name,
                       NmdClusterBootstrap *out,
                       GError **error)
{
  g_auto (NmdBootstrap) bootstrap = { 0 };
  g_autofree guint *weight = NULL;
  g_autofree double *sorted = NULL;

  g_return_val_if_fail (scores != NULL && statistic != NULL, FALSE);
  g_return_val_if_fail (name != NULL && out != NULL, FALSE);
  nmd_bootstrap_init (&bootstrap, scores, seed);
  if (MIN (bootstrap.groups.n_having[0], bootstrap.groups.n_having[1]) < 2)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s has %u positive and %u negative subjects, a bootstrap of subjects "
                   "needs two of each",
                   name, bootstrap.groups.n_having[1], bootstrap.groups.n_having[0]);
      return FALSE;
    }
  weight = g_new (guint, bootstrap.groups.n + 1);
  for (guint i = 0; i < bootstrap.groups.n; i++)
    weight[i] = 1;
  *out = (NmdClusterBootstrap){ .value = statistic (weight, data),
                                .n_subjects = bootstrap.groups.n_subjects };
  if (!isfinite (out->value))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s: what is to be bootstrapped has no value", name);
      return FALSE;
    }
  sorted = draw_all (&bootstrap, statistic, data, draws, &out->n_draws);
  out->acceleration = accelerate (&bootstrap.groups, statistic, data);
  fill_intervals (out, sorted);
  return TRUE;
}

/* ---- AUC */

typedef struct
{
  NmdRanking ranking[2];
  int *label;
  guint n_columns;
} AucData;

/* The weighted AUC: pairs of a positive and a negative row, ties half. */
static double
weighted_auc (const NmdRanking *ranking, const int *label, const guint *weight)
{
  double total[2] = { 0, 0 }, tied[2] = { 0, 0 }, pairs = 0;

  for (guint i = 0; i < ranking->n; i++)
    {
      tied[label[ranking->order[i]]] += weight[ranking->order[i]];
      if (ranking->ties[i])
        continue;
      pairs += tied[1] * (total[0] + tied[0] / 2);
      total[0] += tied[0], total[1] += tied[1];
      tied[0] = tied[1] = 0;
    }
  return pairs / (total[0] * total[1]);
}

static double
auc_statistic (const guint *weight, gpointer data)
{
  const AucData *self = data;
  double value = weighted_auc (&self->ranking[0], self->label, weight);

  return self->n_columns > 1
             ? value - weighted_auc (&self->ranking[1], self->label, weight)
             : value;
}

gboolean
nmd_cluster_bootstrap_auc (const NmdScores *scores,
                           const NmdScores *second,
                           guint draws,
                           guint64 seed,
                           const char *name,
                           NmdClusterBootstrap *out,
                           GError **error)
{
  const NmdScores *const tables[2] = { scores, second };
  guint n = nmd_scores_get_n (scores);
  g_autofree int *label = g_new (int, n + 1);
  AucData data = { .label = label, .n_columns = second != NULL ? 2 : 1 };
  g_autofree double *values = g_new (double, n + 1);
  gboolean done = FALSE;

  g_return_val_if_fail (second == NULL || nmd_scores_get_n (second) == n, FALSE);
  for (guint t = 0; t < data.n_columns; t++)
    {
      for (guint i = 0; i < n; i++)
        {
          const NmdScore *row = nmd_scores_get (tables[t], i);

          label[i] = row->label;
          values[i] = row->score;
          if (isfinite (row->score))
            continue;
          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                       "%s: the score of image %s is not a number", name, row->image);
          goto out;
        }
      nmd_ranking_init (&data.ranking[t], values, n);
    }
  done = nmd_cluster_bootstrap (scores, auc_statistic, &data, draws, seed, name, out,
                                error);

out:
  for (guint t = 0; t < 2; t++)
    nmd_ranking_clear (&data.ranking[t]);
  return done;
}
