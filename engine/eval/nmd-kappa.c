/* SPDX-License-Identifier: Apache-2.0
 *
 * Agreement of two readings. Curves of a reader's grades are nmd-roc.c's.
 */
#include "config.h"

#include "engine/eval/nmd-kappa.h"

#include <math.h>

void
nmd_kappa_measure (const int *first, const int *second, guint n, NmdKappa *result)
{
  NmdKappa sums = { .agreed = NAN, .agreed_ci = { NAN, NAN }, .kappa = NAN };

  g_return_if_fail (result != NULL && (n == 0 || (first != NULL && second != NULL)));
  for (guint i = 0; i < n; i++)
    if ((first[i] == 0 || first[i] == 1) && (second[i] == 0 || second[i] == 1))
      {
        sums.counts[first[i]][second[i]]++;
        sums.n++;
      }
  if (sums.n > 0)
    {
      double all = sums.n, same = sums.counts[0][0] + sums.counts[1][1], chance = 0;
      for (int k = 0; k < 2; k++)
        chance += (sums.counts[k][0] + sums.counts[k][1]) / all
                  * ((sums.counts[0][k] + sums.counts[1][k]) / all);
      sums.agreed = same / all;
      sums.agreed_ci = nmd_wilson (same, all);
      if (chance < 1)
        sums.kappa = (sums.agreed - chance) / (1 - chance);
    }
  *result = sums;
}
