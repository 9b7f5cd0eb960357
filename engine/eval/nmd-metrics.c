/* SPDX-License-Identifier: Apache-2.0
 *
 * Which measure is which rate, and how many subjects it needs. The intervals are
 * nmd-groups.c's, texts and JSON nmd-metrics-text.c's.
 */
#include "config.h"

#include "engine/eval/nmd-metrics-private.h"

#include <math.h>

#define FEW NMD_MIN_SUBJECTS
#define FEW_BRIER NMD_MIN_SUBJECTS_BRIER

const NmdMeasureInfo nmd_measures[NMD_N_MEASURES] = {
  { "accuracy", G_STRUCT_OFFSET (NmdMetrics, accuracy), { FEW, FEW }, TRUE },
  { "sensitivity", G_STRUCT_OFFSET (NmdMetrics, sensitivity), { 0, FEW }, TRUE },
  { "specificity", G_STRUCT_OFFSET (NmdMetrics, specificity), { FEW, 0 }, TRUE },
  { "ppv", G_STRUCT_OFFSET (NmdMetrics, ppv), { FEW, FEW }, TRUE },
  { "npv", G_STRUCT_OFFSET (NmdMetrics, npv), { FEW, FEW }, TRUE },
  { "f1", G_STRUCT_OFFSET (NmdMetrics, f1), { FEW, FEW }, FALSE },
  { "auc", G_STRUCT_OFFSET (NmdMetrics, auc), { FEW, FEW }, TRUE },
  { "brier", G_STRUCT_OFFSET (NmdMetrics, brier), { FEW_BRIER, FEW_BRIER }, FALSE },
};

NmdMeasure *
nmd_metrics_get_measure (NmdMetrics *self, guint which)
{
  return (NmdMeasure *)(void *)((char *)self + nmd_measures[which].offset);
}

double
nmd_auc (const double *scores, const int *labels, gsize n)
{
  g_autofree double *placement = g_new0 (double, n + 1);

  for (gsize i = 0; i < n; i++)
    if (isnan (scores[i]))
      return NAN;
  return nmd_placements_fill (labels, scores, (guint)n, placement);
}

static gboolean
check (const NmdScores *scores, const char *name, GError **error)
{
  guint n = nmd_scores_get_n (scores), count[2] = { 0, 0 };

  for (guint i = 0; i < n; i++)
    {
      const NmdScore *score = nmd_scores_get (scores, i);

      if (!isfinite (score->score))
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                       "%s: the score of image %s is not a number", name, score->image);
          return FALSE;
        }
      count[score->label]++;
    }
  if (n == 0)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s holds no scores", name);
  else if (count[0] == 0 || count[1] == 0)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 "%s has only images labelled %d (%u), measures need both classes", name,
                 count[1] > 0, n);
  return n > 0 && count[0] > 0 && count[1] > 0;
}

/* Which cells of the confusion matrix [label][called] are in the numerator and the
 * denominator. F1 is measured as J = tp/(tp + fp + fn). */
static const struct
{
  gboolean over[2][2], under[2][2];
} cells[] = {
  [NMD_MEASURE_ACCURACY] = { { { 1, 0 }, { 0, 1 } }, { { 1, 1 }, { 1, 1 } } },
  [NMD_MEASURE_SENSITIVITY] = { { { 0, 0 }, { 0, 1 } }, { { 0, 0 }, { 1, 1 } } },
  [NMD_MEASURE_SPECIFICITY] = { { { 1, 0 }, { 0, 0 } }, { { 1, 1 }, { 0, 0 } } },
  [NMD_MEASURE_PPV] = { { { 0, 0 }, { 0, 1 } }, { { 0, 1 }, { 0, 1 } } },
  [NMD_MEASURE_NPV] = { { { 1, 0 }, { 0, 0 } }, { { 1, 0 }, { 1, 0 } } },
  [NMD_MEASURE_F1] = { { { 0, 0 }, { 0, 1 } }, { { 0, 1 }, { 1, 1 } } },
};

/* Too few subjects of a class that this measure needs? */
static gboolean
has_too_few (NmdMeasure *measure, const NmdMeasureInfo *info, const NmdGroups *groups)
{
  measure->few_label = -1;
  for (int label = 1; label >= 0; label--)
    if (groups->n_having[label] < info->needs[label]
        && (measure->few_label < 0 || groups->n_having[label] < measure->few))
      {
        measure->few_label = label;
        measure->few = groups->n_having[label];
      }
  return measure->few_label >= 0;
}

static double
f1_of (double share)
{
  return 2 * share / (1 + share);
}

/* Σ over the subjects' rows in the numerator's and the denominator's cells. */
static void
measure_rate (NmdMeasure *measure, guint which, const NmdGroups *groups, double threshold)
{
  const NmdMeasureInfo *info = &nmd_measures[which];
  g_autofree double *over = g_new0 (double, groups->n_subjects + 1);
  g_autofree double *under = g_new0 (double, groups->n_subjects + 1);
  double sum = 0, n = 0;

  for (guint i = 0; i < groups->n; i++)
    {
      int label = groups->label[i], called = groups->score[i] >= threshold;

      over[groups->subject[i]] += cells[which].over[label][called];
      under[groups->subject[i]] += cells[which].under[label][called];
      sum += cells[which].over[label][called];
      n += cells[which].under[label][called];
    }
  measure->value = n > 0 ? sum / n : NAN;
  if (info->has_by_image)
    measure->ci = nmd_wilson (sum, n);
  if (!has_too_few (measure, info, groups) && n > 0)
    measure->ci_subject = nmd_groups_rate (groups, over, under, TRUE);
  if (which == NMD_MEASURE_F1)
    {
      measure->value = f1_of (measure->value);
      measure->ci_subject = (NmdInterval){ f1_of (measure->ci_subject.low),
                                           f1_of (measure->ci_subject.high) };
    }
}

static void
measure_brier (NmdMeasure *measure, const NmdGroups *groups)
{
  g_autofree double *over = g_new0 (double, groups->n_subjects + 1);
  g_autofree double *under = g_new0 (double, groups->n_subjects + 1);
  double sum = 0;

  for (guint i = 0; i < groups->n; i++)
    {
      double miss = groups->score[i] - groups->label[i];

      over[groups->subject[i]] += miss * miss;
      under[groups->subject[i]]++;
      sum += miss * miss;
    }
  measure->value = sum / groups->n;
  if (!has_too_few (measure, &nmd_measures[NMD_MEASURE_BRIER], groups))
    measure->ci_subject = nmd_groups_rate (groups, over, under, FALSE);
}

NmdMeasure
nmd_auc_measure (const NmdPlacements *placements, const NmdGroups *groups)
{
  NmdMeasure auc = NMD_MEASURE_NONE;

  auc.value = placements->auc;
  auc.ci = nmd_placements_by_image (placements);
  if (!has_too_few (&auc, &nmd_measures[NMD_MEASURE_AUC], groups))
    auc.ci_subject = nmd_placements_by_subject (placements, groups);
  return auc;
}

gboolean
nmd_metrics_compute (const NmdScores *scores,
                     double threshold,
                     const char *name,
                     NmdMetrics *metrics,
                     GError **error)
{
  g_auto (NmdGroups) groups = { 0 };
  g_auto (NmdPlacements) placements = { 0 };

  g_return_val_if_fail (scores != NULL && name != NULL && metrics != NULL, FALSE);
  if (!check (scores, name, error))
    return FALSE;
  nmd_groups_init (&groups, scores);
  nmd_placements_init (&placements, &groups, groups.score);
  *metrics = (NmdMetrics){ .threshold = threshold,
                           .n_images = groups.n,
                           .n_subjects = groups.n_subjects,
                           .n_subjects_with = { groups.n_with[0], groups.n_with[1] },
                           .n_mixed = groups.n_having[0] - groups.n_with[0],
                           .has_subjects = groups.has_subjects };
  for (guint i = 0; i < groups.n; i++)
    if (groups.score[i] >= threshold)
      *(groups.label[i] ? &metrics->tp : &metrics->fp) += 1;
    else
      *(groups.label[i] ? &metrics->fn : &metrics->tn) += 1;
  for (guint which = 0; which < NMD_N_MEASURES; which++)
    *nmd_metrics_get_measure (metrics, which) = (NmdMeasure)NMD_MEASURE_NONE;
  for (guint which = 0; which <= NMD_MEASURE_F1; which++)
    measure_rate (nmd_metrics_get_measure (metrics, which), which, &groups, threshold);
  metrics->auc = nmd_auc_measure (&placements, &groups);
  measure_brier (&metrics->brier, &groups);
  return TRUE;
}
