/* SPDX-License-Identifier: Apache-2.0
 *
 * DeLong's test of two AUCs of the same rows. Placements are nmd-groups.c's.
 */
#include "config.h"

#include "engine/eval/nmd-delong.h"
#include "engine/eval/nmd-groups-private.h"
#include "engine/eval/nmd-normal-private.h"

#include <math.h>
#include <string.h>

#define ROUNDING 1e-15

static gboolean
check_rows (const NmdScores *first,
            const NmdScores *second,
            const char *name,
            guint n[2],
            GError **error)
{
  guint rows = nmd_scores_get_n (first);

  n[0] = n[1] = 0;
  for (guint i = 0; i < rows && nmd_scores_get_n (second) == rows; i++)
    {
      const NmdScore *a = nmd_scores_get (first, i), *b = nmd_scores_get (second, i);

      if (!isfinite (a->score) || !isfinite (b->score))
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                       "%s: the score of image %s is not a number", name, a->image);
          return FALSE;
        }
      if (a->label != b->label || strcmp (a->image, b->image) != 0)
        break;
      n[a->label]++;
    }
  if (n[0] + n[1] != rows || nmd_scores_get_n (second) != rows)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 "%s: the two tables of scores are not of the same images", name);
  else if (n[0] < 2 || n[1] < 2)
    g_set_error (
        error, NMD_ERROR, NMD_ERROR_FORMAT,
        "%s has %u positive and %u negative rows, a comparison of AUCs needs two "
        "of each",
        name, n[1], n[0]);
  else
    return TRUE;
  return FALSE;
}

static double
covariance (const NmdScores *table, const double *a, const double *b, const guint n[2])
{
  double sums[2] = { 0, 0 };

  for (guint i = 0; i < n[0] + n[1]; i++)
    sums[nmd_scores_get (table, i)->label] += a[i] * b[i];
  return sums[0] / (n[0] - 1.0) / n[0] + sums[1] / (n[1] - 1.0) / n[1];
}

static double *
fill (const NmdScores *table, double *auc)
{
  guint n = nmd_scores_get_n (table);
  g_autofree int *labels = g_new (int, n + 1);
  g_autofree double *scores = g_new (double, n + 1);
  double *placement = g_new0 (double, n + 1);

  for (guint i = 0; i < n; i++)
    {
      labels[i] = nmd_scores_get (table, i)->label;
      scores[i] = nmd_scores_get (table, i)->score;
    }
  *auc = nmd_placements_fill (labels, scores, n, placement);
  return placement;
}

gboolean
nmd_delong_compare (const NmdScores *first,
                    const NmdScores *second,
                    const char *name,
                    NmdDeLong *out,
                    GError **error)
{
  g_autofree double *a = NULL, *b = NULL;
  double squares;

  g_return_val_if_fail (first != NULL && second != NULL, FALSE);
  g_return_val_if_fail (name != NULL && out != NULL, FALSE);
  *out = (NmdDeLong){ .ci = { NAN, NAN } };
  if (!check_rows (first, second, name, out->n, error))
    return FALSE;
  a = fill (first, &out->auc[0]);
  b = fill (second, &out->auc[1]);
  out->variance[0] = covariance (first, a, a, out->n);
  out->variance[1] = covariance (first, b, b, out->n);
  out->covariance = covariance (first, a, b, out->n);
  out->difference = out->auc[0] - out->auc[1];
  squares = out->variance[0] + out->variance[1] - 2 * out->covariance;
  out->se = squares > ROUNDING ? sqrt (squares) : 0;
  if (out->se > 0)
    {
      out->z = out->difference / out->se;
      out->p = 2 * nmd_normal_cdf (-fabs (out->z));
      out->ci.low = MAX (out->difference - NMD_Z95 * out->se, -1);
      out->ci.high = MIN (out->difference + NMD_Z95 * out->se, 1);
      return TRUE;
    }
  out->z = fabs (out->difference) < 1e-12 ? 0 : NAN;
  out->p = isnan (out->z) ? NAN : 1;
  return TRUE;
}
