/* SPDX-License-Identifier: Apache-2.0
 *
 * The sample size for measuring a prediction model, from what was measured so far.
 */
#include "config.h"

#include "engine/eval/nmd-metrics.h"
#include "engine/eval/nmd-normal-private.h"
#include "engine/eval/nmd-sample-size.h"

#include <math.h>

#define MOST 1e9

static double
auc_width (double c, double share, double n)
{
  double half = n / 2 - 1;
  double variance = c * (1 - c) * (1 + half * ((1 - c) / (2 - c) + c / (1 + c)))
                    / (n * n * share * (1 - share));

  return 2 * NMD_Z95 * sqrt (variance);
}

/* The width falls with n. */
static double
auc_needs (double c, double share)
{
  double low = 1, high = 2;

  if (!(c > 0 && c < 1))
    return NAN;
  while (auc_width (c, share, high) > NMD_WIDTH_AUC && high < MOST)
    high *= 2;
  while (high - low > 1)
    {
      double middle = floor ((low + high) / 2);

      *(auc_width (c, share, middle) > NMD_WIDTH_AUC ? &low : &high) = middle;
    }
  return high;
}

static double
slope_needs (const NmdScores *subjects)
{
  double information[3] = { 0, 0, 0 }, determinant, s = NMD_WIDTH_SLOPE / (2 * NMD_Z95);
  guint n = nmd_scores_get_n (subjects);

  for (guint i = 0; i < n; i++)
    {
      double p = CLAMP (nmd_scores_get (subjects, i)->score, 1e-12, 1 - 1e-12);
      double lp = log (p) - log1p (-p), w = p * (1 - p) / n;

      information[0] += w;
      information[1] += w * lp;
      information[2] += w * lp * lp;
    }
  determinant = information[0] * information[2] - information[1] * information[1];
  if (!(determinant > 1e-12 * information[0] * information[2]))
    return NAN;
  return ceil (information[0] / (s * s * determinant));
}

void
nmd_sample_size_compute (const NmdScores *scores, NmdSampleSize *out)
{
  g_autoptr (NmdScores) subjects = NULL;
  g_autofree double *values = NULL;
  g_autofree int *labels = NULL;
  double positive = 0, s = asinh (NMD_WIDTH_OE / 2) / NMD_Z95;
  guint n;

  g_return_if_fail (scores != NULL && out != NULL);
  subjects = nmd_scores_by_subject (scores);
  n = nmd_scores_get_n (subjects);
  values = g_new (double, n + 1);
  labels = g_new (int, n + 1);
  for (guint i = 0; i < n; i++)
    {
      values[i] = nmd_scores_get (subjects, i)->score;
      labels[i] = nmd_scores_get (subjects, i)->label;
      positive += labels[i];
    }
  *out = (NmdSampleSize){ n, NAN, nmd_auc (values, labels, n), NAN, NAN, NAN };
  if (isnan (out->auc))
    return;
  out->prevalence = positive / n;
  out->n_auc = auc_needs (out->auc, out->prevalence);
  out->n_oe = ceil ((1 - out->prevalence) / (out->prevalence * s * s));
  out->n_slope = slope_needs (subjects);
}

static void
format_count (char buffer[32], double n)
{
  if (isfinite (n))
    g_ascii_formatd (buffer, 32, "%.0f", n);
  else
    g_strlcpy (buffer, "(not known)", 32);
}

char *
nmd_sample_size_to_text (const NmdSampleSize *self)
{
  char auc[32], oe[32], slope[32];

  g_return_val_if_fail (self != NULL, NULL);
  if (isnan (self->prevalence))
    return NULL;
  format_count (auc, self->n_auc);
  format_count (oe, self->n_oe);
  format_count (slope, self->n_slope);
  return g_strdup_printf (
      "To measure an AUC to 0.1 (width of the 95 %% interval), O/E to 0.2 and a "
      "calibration slope to 0.4 takes about %s, %s and %s subjects at %.0f %% positive "
      "ones (Riley 2021); here are %u",
      auc, oe, slope, 100 * self->prevalence, self->n_here);
}
