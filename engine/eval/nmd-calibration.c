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

gboolean
nmd_calibration_fit (const NmdScores *validation, NmdCalibration *self, GError **error)
{
  g_auto (NmdGroups) groups = { 0 };
  g_autofree double *x = NULL, *target = NULL;
  double count[2] = { 0, 0 }, beta[2];

  g_return_val_if_fail (validation != NULL && self != NULL, FALSE);
  nmd_groups_init (&groups, validation);
  if (MIN (groups.n_having[0], groups.n_having[1]) < FEW_SUBJECTS)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "The validation part has %u positive and %u negative subjects, a "
                   "calibration needs %d of each",
                   groups.n_having[1], groups.n_having[0], FEW_SUBJECTS);
      return FALSE;
    }
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
    {
      g_set_error (
          error, NMD_ERROR, NMD_ERROR_FORMAT,
          "On the validation part higher scores do not go with more positives, so "
          "there is no calibration");
      return FALSE;
    }
  *self = (NmdCalibration){ .temperature = 1 / beta[1],
                            .intercept = beta[0],
                            .n_images = groups.n,
                            .n_subjects = groups.n_subjects };
  return TRUE;
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

void
nmd_reliability_compute (const NmdScores *scores, NmdReliability *reliability)
{
  guint n = nmd_scores_get_n (scores);
  g_autofree double *x = g_new (double, n + 1), *label = g_new (double, n + 1);
  double sums[NMD_RELIABILITY_BINS] = { 0 }, positives[NMD_RELIABILITY_BINS] = { 0 };
  double beta[2], squares = 0;
  guint counts[NMD_RELIABILITY_BINS] = { 0 };

  *reliability = (NmdReliability){ NAN, NAN, NAN, NAN, 0 };
  if (n == 0)
    return;
  for (guint i = 0; i < n; i++)
    {
      const NmdScore *row = nmd_scores_get (scores, i);
      int bin
          = CLAMP ((int)(row->score * NMD_RELIABILITY_BINS), 0, NMD_RELIABILITY_BINS - 1);

      x[i] = logit (row->score);
      label[i] = row->label;
      sums[bin] += row->score;
      positives[bin] += row->label;
      counts[bin]++;
      squares += (row->score - row->label) * (row->score - row->label);
    }
  reliability->ece = 0;
  for (int bin = 0; bin < NMD_RELIABILITY_BINS; bin++)
    {
      reliability->ece += fabs (sums[bin] - positives[bin]) / n;
      reliability->n_filled += counts[bin] > 0;
    }
  reliability->brier = squares / n;
  if (!fit_line (x, label, n, beta))
    return;
  reliability->intercept = beta[0];
  reliability->slope = beta[1];
}
