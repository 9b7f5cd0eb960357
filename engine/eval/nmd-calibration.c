/* SPDX-License-Identifier: Apache-2.0
 *
 * Scaling of scores to probabilities, and reliability: two logistic regressions of the
 * label on the score's logit.
 */
#include "config.h"

#include "engine/eval/nmd-calibration.h"
#include "engine/eval/nmd-groups-private.h"

#include <math.h>

/* As many subjects of each class are needed for a fit to be worth its name. */
#define FEW_SUBJECTS 10

static double
logit (double score)
{
  double p = CLAMP (score, 1e-12, 1 - 1e-12);

  return log (p) - log1p (-p);
}

/* log (1 + exp (v)) without overflow. */
static double
softplus (double v)
{
  return v > 0 ? v + log1p (exp (-v)) : log1p (exp (v));
}

static double
loss (const double *x, const double *target, guint n, const double beta[2])
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    {
      double eta = beta[0] + beta[1] * x[i];

      sum += softplus (eta) - target[i] * eta;
    }
  return sum;
}

/* Newton's method with halved steps for the regression of @target in [0, 1] on @x.
 * FALSE where it has no finite maximum. */
static gboolean
fit_line (const double *x, const double *target, guint n, double beta[2])
{
  double now;

  beta[0] = 0, beta[1] = 1;
  now = loss (x, target, n, beta);
  for (int iteration = 0; iteration < 100; iteration++)
    {
      double gradient[2] = { 0, 0 }, hessian[3] = { 0, 0, 0 }, step[2], share = 1;
      double determinant;

      for (guint i = 0; i < n; i++)
        {
          double p = 1 / (1 + exp (-(beta[0] + beta[1] * x[i]))), w = p * (1 - p);

          gradient[0] += target[i] - p;
          gradient[1] += (target[i] - p) * x[i];
          hessian[0] += w;
          hessian[1] += w * x[i];
          hessian[2] += w * x[i] * x[i];
        }
      determinant = hessian[0] * hessian[2] - hessian[1] * hessian[1];
      if (!(determinant > 1e-12 * hessian[0] * hessian[2]))
        return FALSE;
      step[0] = (hessian[2] * gradient[0] - hessian[1] * gradient[1]) / determinant;
      step[1] = (hessian[0] * gradient[1] - hessian[1] * gradient[0]) / determinant;
      for (int halving = 0; halving < 40; halving++, share /= 2)
        {
          const double trial[2]
              = { beta[0] + share * step[0], beta[1] + share * step[1] };
          double next = loss (x, target, n, trial);

          if (!(next <= now))
            continue;
          now = next;
          beta[0] = trial[0], beta[1] = trial[1];
          break;
        }
      if (fabs (share * step[0]) < 1e-11 && fabs (share * step[1]) < 1e-11)
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_subjects (const NmdGroups *groups, GError **error)
{
  if (MIN (groups->n_having[0], groups->n_having[1]) >= FEW_SUBJECTS)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               "The validation part has %u positive and %u negative subjects, a "
               "calibration needs %d of each",
               groups->n_having[1], groups->n_having[0], FEW_SUBJECTS);
  return FALSE;
}

static gboolean
refuse_direction (GError **error)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               "On the validation part higher scores do not go with more positives, so "
               "there is no calibration");
  return FALSE;
}

gboolean
nmd_calibration_fit (const NmdScores *validation, NmdCalibration *self, GError **error)
{
  g_auto (NmdGroups) groups = { 0 };
  g_autofree double *x = NULL, *target = NULL;
  double count[2] = { 0, 0 }, beta[2];

  g_return_val_if_fail (validation != NULL && self != NULL, FALSE);
  nmd_groups_init (&groups, validation);
  if (!check_subjects (&groups, error))
    return FALSE;
  x = g_new (double, groups.n);
  target = g_new (double, groups.n);
  for (guint i = 0; i < groups.n; i++)
    count[groups.label[i]]++;
  for (guint i = 0; i < groups.n; i++)
    {
      x[i] = logit (groups.score[i]);
      target[i] = groups.label[i] ? (count[1] + 1) / (count[1] + 2) : 1 / (count[0] + 2);
    }
  if (!fit_line (x, target, groups.n, beta) || !(beta[1] > 0))
    return refuse_direction (error);
  *self = (NmdCalibration){ .temperature = 1 / beta[1],
                            .intercept = beta[0],
                            .n_images = groups.n,
                            .n_subjects = groups.n_subjects,
                            .prevalence = count[1] / groups.n };
  return TRUE;
}

/* Σ (label − p)·x, the slope of the loss by 1/T: falls as @beta rises. */
static double
pull (const double *x, const int *label, guint n, double beta)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += (label[i] - 1 / (1 + exp (-beta * x[i]))) * x[i];
  return sum;
}

gboolean
nmd_calibration_fit_temperature (const NmdScores *validation,
                                 NmdCalibration *self,
                                 GError **error)
{
  g_auto (NmdGroups) groups = { 0 };
  g_autofree double *x = NULL;
  double low = 0, high = 1, positive = 0;

  g_return_val_if_fail (validation != NULL && self != NULL, FALSE);
  nmd_groups_init (&groups, validation);
  if (!check_subjects (&groups, error))
    return FALSE;
  x = g_new (double, groups.n);
  for (guint i = 0; i < groups.n; i++)
    {
      x[i] = logit (groups.score[i]);
      positive += groups.label[i];
    }
  if (!(pull (x, groups.label, groups.n, 0) > 0))
    return refuse_direction (error);
  while (pull (x, groups.label, groups.n, high) > 0 && high < 1e6)
    high *= 2;
  if (high >= 1e6)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "A score of 0.5 separates the classes of the validation part, so "
                   "there is no temperature");
      return FALSE;
    }
  for (int step = 0; step < 200; step++)
    {
      double middle = (low + high) / 2;

      *(pull (x, groups.label, groups.n, middle) > 0 ? &low : &high) = middle;
    }
  *self = (NmdCalibration){ .temperature = 2 / (low + high),
                            .n_images = groups.n,
                            .n_subjects = groups.n_subjects,
                            .prevalence = positive / groups.n };
  return TRUE;
}

double
nmd_probability_at (double probability, double from, double to)
{
  double factor;

  g_return_val_if_fail (from > 0 && from < 1 && to > 0 && to < 1, NAN);
  factor = to / (1 - to) * (1 - from) / from;
  return probability * factor / (probability * factor + 1 - probability);
}

double
nmd_calibration_apply (const NmdCalibration *self, double score)
{
  g_return_val_if_fail (self != NULL, NAN);
  return 1 / (1 + exp (-(logit (score) / self->temperature + self->intercept)));
}

char *
nmd_calibration_to_text (const NmdCalibration *self)
{
  char temperature[G_ASCII_DTOSTR_BUF_SIZE], intercept[G_ASCII_DTOSTR_BUF_SIZE];

  g_return_val_if_fail (self != NULL, NULL);
  g_ascii_formatd (temperature, sizeof temperature, "%.3g", self->temperature);
  g_ascii_formatd (intercept, sizeof intercept, "%.3g", self->intercept);
  return g_strdup_printf ("temperature %s and intercept %s, fitted on the validation "
                          "part (%u images of %u subjects)",
                          temperature, intercept, self->n_images, self->n_subjects);
}

NmdScores *
nmd_calibration_apply_all (const NmdCalibration *self, const NmdScores *scores)
{
  NmdScores *probabilities = nmd_scores_new ();

  for (guint i = 0; i < nmd_scores_get_n (scores); i++)
    {
      NmdScore row = *nmd_scores_get (scores, i);

      row.score = nmd_calibration_apply (self, row.score);
      nmd_scores_add (probabilities, &row);
    }
  return probabilities;
}

static int
bin_of (double score, guint n_bins)
{
  return CLAMP ((int)(CLAMP (score, 0, 1) * n_bins), 0, (int)n_bins - 1);
}

void
nmd_reliability_curve (const NmdScores *scores, guint n_bins, NmdReliabilityBin *bins)
{
  g_auto (NmdGroups) groups = { 0 };
  g_autofree guint *seen = NULL; /* the bin after the one in which a subject was last */

  g_return_if_fail (scores != NULL && bins != NULL && n_bins > 0);
  nmd_groups_init (&groups, scores);
  seen = g_new0 (guint, groups.n_subjects + 1);
  for (guint b = 0; b < n_bins; b++)
    {
      NmdReliabilityBin *bin = &bins[b];
      double sum = 0;

      *bin = (NmdReliabilityBin){ .low = (double)b / n_bins,
                                  .high = (double)(b + 1) / n_bins };
      for (guint i = 0; i < groups.n; i++)
        {
          if (isnan (groups.score[i]) || bin_of (groups.score[i], n_bins) != (int)b)
            continue;
          sum += groups.score[i];
          bin->n++;
          bin->n_positive += groups.label[i] == 1;
          bin->n_subjects += seen[groups.subject[i]] != b + 1;
          seen[groups.subject[i]] = b + 1;
        }
      bin->mean = bin->n > 0 ? sum / bin->n : NAN;
      bin->share = bin->n > 0 ? (double)bin->n_positive / bin->n : NAN;
      bin->ci
          = nmd_wilson (bin->n > 0 ? bin->share * bin->n_subjects : 0, bin->n_subjects);
    }
}

double
nmd_reliability_ece (const NmdReliabilityBin *bins, guint n_bins)
{
  double sum = 0, n = 0;

  for (guint b = 0; b < n_bins; b++)
    if (bins[b].n > 0)
      {
        sum += bins[b].n * fabs (bins[b].mean - bins[b].share);
        n += bins[b].n;
      }
  return n > 0 ? sum / n : NAN;
}

/* V, see the header: of the intercept and of the slope. FALSE without an inverse. */
static gboolean
robust_variances (const NmdGroups *groups,
                  const double *x,
                  const double beta[2],
                  double variance[2])
{
  g_autofree double *pulls = g_new0 (double, 2 * groups->n_subjects);
  double h[3] = { 0, 0, 0 }, meat[3] = { 0, 0, 0 }, determinant;
  const double correction = groups->n_subjects / (groups->n_subjects - 1.0);

  for (guint i = 0; i < groups->n; i++)
    {
      const double p = 1 / (1 + exp (-(beta[0] + beta[1] * x[i]))), w = p * (1 - p);
      double *pull = pulls + 2 * groups->subject[i];

      h[0] += w, h[1] += w * x[i], h[2] += w * x[i] * x[i];
      pull[0] += groups->label[i] - p;
      pull[1] += (groups->label[i] - p) * x[i];
    }
  for (guint s = 0; s < groups->n_subjects; s++)
    {
      meat[0] += pulls[2 * s] * pulls[2 * s];
      meat[1] += pulls[2 * s] * pulls[2 * s + 1];
      meat[2] += pulls[2 * s + 1] * pulls[2 * s + 1];
    }
  determinant = h[0] * h[2] - h[1] * h[1];
  if (!(determinant > 1e-12 * h[0] * h[2]))
    return FALSE;
  /* a row of the inverse on both sides */
  variance[0]
      = correction
        * (h[2] * h[2] * meat[0] - 2 * h[2] * h[1] * meat[1] + h[1] * h[1] * meat[2])
        / (determinant * determinant);
  variance[1]
      = correction
        * (h[1] * h[1] * meat[0] - 2 * h[1] * h[0] * meat[1] + h[0] * h[0] * meat[2])
        / (determinant * determinant);
  return TRUE;
}

static void
add_line_intervals (NmdReliability *self, const NmdScores *scores, const double *x)
{
  g_auto (NmdGroups) groups = { 0 };
  const double beta[2] = { self->intercept, self->slope };
  double variance[2], t;

  nmd_groups_init (&groups, scores);
  if (MIN (groups.n_having[0], groups.n_having[1]) < FEW_SUBJECTS
      || !robust_variances (&groups, x, beta, variance))
    return;
  t = nmd_t_quantile (0.975, groups.n_subjects - 1.0);
  self->intercept_ci = (NmdInterval){ beta[0] - t * sqrt (variance[0]),
                                      beta[0] + t * sqrt (variance[0]) };
  self->slope_ci = (NmdInterval){ beta[1] - t * sqrt (variance[1]),
                                  beta[1] + t * sqrt (variance[1]) };
}

void
nmd_reliability_compute (const NmdScores *scores, NmdReliability *reliability)
{
  guint n = nmd_scores_get_n (scores);
  g_autofree double *x = g_new (double, n + 1), *label = g_new (double, n + 1);
  NmdReliabilityBin bins[NMD_RELIABILITY_BINS];
  double beta[2], squares = 0;

  *reliability = (NmdReliability)NMD_RELIABILITY_NONE;
  if (n == 0)
    return;
  for (guint i = 0; i < n; i++)
    {
      const NmdScore *row = nmd_scores_get (scores, i);

      x[i] = logit (row->score);
      label[i] = row->label;
      squares += (row->score - row->label) * (row->score - row->label);
    }
  nmd_reliability_curve (scores, NMD_RELIABILITY_BINS, bins);
  reliability->ece = nmd_reliability_ece (bins, NMD_RELIABILITY_BINS);
  for (int bin = 0; bin < NMD_RELIABILITY_BINS; bin++)
    reliability->n_filled += bins[bin].n > 0;
  reliability->brier = squares / n;
  if (!fit_line (x, label, n, beta))
    return;
  reliability->intercept = beta[0];
  reliability->slope = beta[1];
  add_line_intervals (reliability, scores, x);
}
