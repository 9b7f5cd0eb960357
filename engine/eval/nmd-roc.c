/* SPDX-License-Identifier: Apache-2.0
 *
 * ROC curves and their band from the bootstrap of subjects.
 */
#include "config.h"

#include "engine/eval/nmd-bootstrap-private.h"

#include <math.h>

#define MAX_BAND_POINTS 201

NmdRoc *
nmd_roc_new (const double *scores, const int *labels, gsize n)
{
  NmdRoc *self = g_new0 (NmdRoc, 1);
  g_auto (NmdRanking) ranking = { 0 };
  guint count[2] = { 0, 0 }, seen[2] = { 0, 0 }, at = 1;

  for (gsize i = 0; i < n; i++)
    {
      if (isnan (scores[i]))
        return self;
      count[labels[i] != 0]++;
    }
  if (count[0] == 0 || count[1] == 0)
    return self;
  nmd_ranking_init (&ranking, scores, (guint)n);
  self->fpr = g_new0 (double, n + 1);
  self->tpr = g_new0 (double, n + 1);
  self->threshold = g_new0 (double, n + 1);
  self->threshold[0] = INFINITY;
  for (guint i = (guint)n; i-- > 0;)
    {
      guint image = ranking.order[i];

      seen[labels[image] != 0]++;
      if (i > 0 && ranking.ties[i - 1])
        continue;
      self->fpr[at] = (double)seen[0] / count[0];
      self->tpr[at] = (double)seen[1] / count[1];
      self->threshold[at] = scores[image];
      at++;
    }
  self->n = at;
  return self;
}

NmdRoc *
nmd_roc_new_for (const NmdScores *scores)
{
  g_auto (NmdGroups) groups = { 0 };

  g_return_val_if_fail (scores != NULL, NULL);
  nmd_groups_init (&groups, scores);
  return nmd_roc_new (groups.score, groups.label, groups.n);
}

/* Sensitivity of the present draw at each of the rising @fpr: the upper end where the
 * curve is vertical, on the chord where a tie makes it slant. */
static void
trace_draw (const NmdRanking *ranking,
            const NmdBootstrap *bootstrap,
            const double *fpr,
            guint n_fpr,
            float *out)
{
  double count[2] = { 0, 0 }, seen[2] = { 0, 0 }, before[2] = { 0, 0 };
  guint at = 0;

  for (guint i = 0; i < bootstrap->groups.n; i++)
    count[bootstrap->groups.label[i]] += bootstrap->weight[bootstrap->groups.subject[i]];
  for (guint i = ranking->n; i-- > 0;)
    {
      guint image = ranking->order[i];

      seen[bootstrap->groups.label[image]]
          += bootstrap->weight[bootstrap->groups.subject[image]];
      if (i > 0 && ranking->ties[i - 1])
        continue;
      /* strictly before this corner: what lies at it may still rise */
      for (; at < n_fpr && fpr[at] * count[0] < seen[0] * (1 - 1e-12); at++)
        {
          double share = (fpr[at] * count[0] - before[0]) / (seen[0] - before[0]);

          out[at]
              = (float)((before[1] + MAX (share, 0) * (seen[1] - before[1])) / count[1]);
        }
      before[0] = seen[0], before[1] = seen[1];
    }
  for (; at < n_fpr; at++)
    out[at] = 1;
}

/* The values of fpr at which the band is taken. */
static guint
choose_points (const NmdRoc *roc, double points[MAX_BAND_POINTS])
{
  guint distinct = 0, kept = 0, index = 0;

  for (guint i = 0; i < roc->n; i++)
    distinct += i == 0 || roc->fpr[i] != roc->fpr[i - 1];
  for (guint i = 0; i < roc->n; i++)
    {
      if (i > 0 && roc->fpr[i] == roc->fpr[i - 1])
        continue;
      /* evenly spread, the first and last always */
      if (distinct <= MAX_BAND_POINTS
          || index * (gsize)(MAX_BAND_POINTS - 1) >= kept * (gsize)(distinct - 1))
        points[kept++] = roc->fpr[i];
      index++;
    }
  return kept;
}

static double
interpolate (const double *x, const double *y, guint n, double at, guint *hint)
{
  guint i = *hint;

  while (i + 1 < n && x[i + 1] <= at)
    i++;
  *hint = i;
  if (i + 1 >= n || x[i] >= at)
    return y[i];
  return y[i] + (at - x[i]) / (x[i + 1] - x[i]) * (y[i + 1] - y[i]);
}

NmdRoc *
nmd_roc_new_with_band (const NmdScores *scores, guint64 seed)
{
  guint n = nmd_scores_get_n (scores), n_points, n_draws = 0, hint[2] = { 0, 0 };
  double points[MAX_BAND_POINTS], low[MAX_BAND_POINTS], high[MAX_BAND_POINTS];
  g_autofree double *column = NULL;
  g_autofree float *draws = NULL;
  g_auto (NmdBootstrap) bootstrap = { 0 };
  g_auto (NmdRanking) ranking = { 0 };
  NmdRoc *self;

  nmd_bootstrap_init (&bootstrap, scores, seed);
  self = nmd_roc_new (bootstrap.groups.score, bootstrap.groups.label, n);
  if (self->n == 0
      || MIN (bootstrap.groups.n_having[0], bootstrap.groups.n_having[1])
             < NMD_MIN_SUBJECTS)
    return self;
  nmd_ranking_init (&ranking, bootstrap.groups.score, n);
  n_points = choose_points (self, points);
  draws = g_new (float, (gsize)n_points *NMD_BOOTSTRAP_DRAWS);
  column = g_new (double, NMD_BOOTSTRAP_DRAWS);
  while (n_draws < NMD_BOOTSTRAP_DRAWS && nmd_bootstrap_next (&bootstrap))
    trace_draw (&ranking, &bootstrap, points, n_points,
                draws + (gsize)n_points * n_draws++);
  for (guint p = 0; p < n_points; p++)
    {
      NmdInterval interval;

      for (guint d = 0; d < n_draws; d++)
        column[d] = (double)draws[(gsize)d * n_points + p];
      interval = nmd_percentiles (column, n_draws);
      low[p] = interval.low, high[p] = interval.high;
    }
  self->band_low = g_new (double, self->n);
  self->band_high = g_new (double, self->n);
  for (guint i = 0; i < self->n; i++)
    {
      self->band_low[i] = interpolate (points, low, n_points, self->fpr[i], &hint[0]);
      self->band_high[i] = interpolate (points, high, n_points, self->fpr[i], &hint[1]);
    }
  return self;
}

NmdRoc *
nmd_roc_copy (const NmdRoc *self)
{
  NmdRoc *copy;
  gsize bytes;

  g_return_val_if_fail (self != NULL, NULL);
  copy = g_new0 (NmdRoc, 1);
  bytes = self->n * sizeof (double);
  copy->n = self->n;
  copy->fpr = g_memdup2 (self->fpr, bytes);
  copy->tpr = g_memdup2 (self->tpr, bytes);
  copy->threshold = g_memdup2 (self->threshold, bytes);
  copy->band_low = g_memdup2 (self->band_low, bytes);
  copy->band_high = g_memdup2 (self->band_high, bytes);
  return copy;
}

void
nmd_roc_free (NmdRoc *self)
{
  if (self == NULL)
    return;
  g_free (self->fpr);
  g_free (self->tpr);
  g_free (self->threshold);
  g_free (self->band_low);
  g_free (self->band_high);
  g_free (self);
}
