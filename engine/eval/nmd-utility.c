/* SPDX-License-Identifier: Apache-2.0
 *
 * Decision curves and predictive values. Who calibrated is the caller's.
 */
#include "config.h"

#include "engine/eval/nmd-bootstrap-private.h"
#include "engine/eval/nmd-utility.h"

#include <math.h>

#define DRAWS 1000

const double nmd_prevalences[NMD_N_PREVALENCES]
    = { 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5 };

/* Net benefit at every threshold of the rows counted @weight times (NULL: once); falls
 * through the ranking once. */
static void
net_benefits (const NmdGroups *groups,
              const NmdRanking *ranking,
              const guint *weight,
              double prevalence,
              double *out)
{
  double total[2] = { 0, 0 }, called[2] = { 0, 0 };
  guint at = groups->n;

  for (guint i = 0; i < groups->n; i++)
    total[groups->label[i]] += weight != NULL ? weight[groups->subject[i]] : 1;
  if (isnan (prevalence))
    prevalence = total[1] / (total[0] + total[1]);
  for (int p = NMD_DECISION_POINTS - 1; p >= 0; p--)
    {
      double cut = (p + 1) / 100.0;

      for (; at > 0 && groups->score[ranking->order[at - 1]] >= cut; at--)
        {
          guint row = ranking->order[at - 1];

          called[groups->label[row]] += weight != NULL ? weight[groups->subject[row]] : 1;
        }
      out[p] = prevalence * called[1] / total[1]
               - (1 - prevalence) * called[0] / total[0] * cut / (1 - cut);
    }
}

static void
add_band (NmdDecisionCurve *curve,
          const NmdScores *probabilities,
          const NmdRanking *ranking,
          double prevalence,
          guint64 seed)
{
  g_auto (NmdBootstrap) bootstrap = { 0 };
  g_autofree double *draws = g_new (double, NMD_DECISION_POINTS *DRAWS);
  g_autofree double *column = g_new (double, DRAWS);
  guint n = 0;

  nmd_bootstrap_init (&bootstrap, probabilities, seed);
  if (MIN (bootstrap.groups.n_having[0], bootstrap.groups.n_having[1]) < NMD_MIN_SUBJECTS)
    return;
  while (n < DRAWS && nmd_bootstrap_next (&bootstrap))
    net_benefits (&bootstrap.groups, ranking, bootstrap.weight, prevalence,
                  draws + NMD_DECISION_POINTS * n++);
  for (guint p = 0; p < NMD_DECISION_POINTS; p++)
    {
      NmdInterval band;

      for (guint d = 0; d < n; d++)
        column[d] = draws[NMD_DECISION_POINTS * d + p];
      band = nmd_percentiles (column, n);
      curve->low[p] = band.low;
      curve->high[p] = band.high;
    }
}

/* The longest run of points where @benefit is above that of both simple rules. */
static gboolean
find_better (const NmdDecisionCurve *curve,
             const double *benefit,
             double *from,
             double *to)
{
  int start = -1, longest = 0;

  for (int p = 0; p < NMD_DECISION_POINTS; p++)
    {
      if (!(benefit[p] > MAX (curve->all[p], 0) + 1e-12))
        start = -1;
      else if (start < 0)
        start = p;
      if (start >= 0 && p - start + 1 > longest)
        {
          longest = p - start + 1;
          *from = curve->threshold[start];
          *to = curve->threshold[p];
        }
    }
  return longest > 0;
}

gboolean
nmd_decision_curve_find_sure (const NmdDecisionCurve *curve, double *from, double *to)
{
  g_return_val_if_fail (curve != NULL && from != NULL && to != NULL, FALSE);
  return find_better (curve, curve->low, from, to);
}

gboolean
nmd_decision_curve (const NmdScores *probabilities,
                    double prevalence,
                    guint64 seed,
                    NmdDecisionCurve *curve)
{
  g_auto (NmdGroups) groups = { 0 };
  g_auto (NmdRanking) ranking = { 0 };
  guint n[2] = { 0, 0 };
  gboolean usable = TRUE;

  g_return_val_if_fail (probabilities != NULL && curve != NULL, FALSE);
  g_return_val_if_fail (isnan (prevalence) || (prevalence > 0 && prevalence < 1), FALSE);
  nmd_groups_init (&groups, probabilities);
  curve->useful_from = curve->useful_to = curve->prevalence = NAN;
  for (guint i = 0; i < groups.n; i++)
    {
      n[groups.label[i]]++;
      usable &= isfinite (groups.score[i]);
    }
  usable &= n[0] > 0 && n[1] > 0;
  if (usable)
    curve->prevalence = isnan (prevalence) ? (double)n[1] / groups.n : prevalence;
  for (guint p = 0; p < NMD_DECISION_POINTS; p++)
    {
      double cut = (p + 1) / 100.0;

      curve->threshold[p] = cut;
      curve->all[p] = curve->prevalence - (1 - curve->prevalence) * cut / (1 - cut);
      curve->model[p] = curve->low[p] = curve->high[p] = NAN;
    }
  if (!usable)
    return FALSE;
  nmd_ranking_init (&ranking, groups.score, groups.n);
  net_benefits (&groups, &ranking, NULL, prevalence, curve->model);
  add_band (curve, probabilities, &ranking, prevalence, seed);
  find_better (curve, curve->model, &curve->useful_from, &curve->useful_to);
  return TRUE;
}

/* P after Bayes, of the likelihood ratio a/b at prior odds. */
static double
posterior (double a, double b, double odds)
{
  return a > 0 || b > 0 ? a * odds / (a * odds + b) : NAN;
}

/* The interval of a/b by their logarithms, as a posterior. @b is given with its ends. */
static NmdInterval
ratio_interval (double a, NmdInterval ends_a, double b, NmdInterval ends_b, double odds)
{
  double down, up, centre;

  if (isnan (ends_a.low) || isnan (ends_b.low))
    return (NmdInterval){ NAN, NAN };
  if (!(a > 0 && b > 0 && ends_a.low > 0 && ends_b.low > 0))
    return (NmdInterval){ posterior (ends_a.low, ends_b.high, odds),
                          posterior (ends_a.high, ends_b.low, odds) };
  centre = log (a) - log (b);
  down = hypot (log (a) - log (ends_a.low), log (ends_b.high) - log (b));
  up = hypot (log (ends_a.high) - log (a), log (b) - log (ends_b.low));
  return (NmdInterval){ posterior (exp (centre - down), 1, odds),
                        posterior (exp (centre + up), 1, odds) };
}

NmdPredictiveValues
nmd_predictive_values (const NmdMeasure *sensitivity,
                       const NmdMeasure *specificity,
                       double prevalence)
{
  NmdPredictiveValues out = { prevalence, NAN, NAN, { NAN, NAN }, { NAN, NAN } };
  const NmdInterval *se = &sensitivity->ci_subject, *sp = &specificity->ci_subject;
  NmdInterval misses = { 1 - se->high, 1 - se->low },
              alarms = { 1 - sp->high, 1 - sp->low };
  double odds;

  g_return_val_if_fail (prevalence > 0 && prevalence < 1, out);
  odds = prevalence / (1 - prevalence);
  out.ppv = posterior (sensitivity->value, 1 - specificity->value, odds);
  out.npv = posterior (specificity->value, 1 - sensitivity->value, 1 / odds);
  if (!isnan (out.ppv))
    out.ppv_ci
        = ratio_interval (sensitivity->value, *se, 1 - specificity->value, alarms, odds);
  if (!isnan (out.npv))
    out.npv_ci = ratio_interval (specificity->value, *sp, 1 - sensitivity->value, misses,
                                 1 / odds);
  return out;
}
