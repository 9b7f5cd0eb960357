/* SPDX-License-Identifier: Apache-2.0
 *
 * The standard normal distribution by the complementary error function.
 */
#include "config.h"

#include "engine/eval/nmd-normal-private.h"

#include <math.h>

double
nmd_normal_cdf (double x)
{
  return erfc (-x / G_SQRT2) / 2;
}

double
nmd_normal_quantile (double p)
{
  double low = -40, high = 40;

  if (!(p > 0 && p < 1))
    return p <= 0 ? -INFINITY : p >= 1 ? INFINITY : NAN;
  if (p > 0.5) /* erfc is exact in its small tail */
    return -nmd_normal_quantile (1 - p);
  for (int step = 0; step < 200; step++)
    {
      double middle = (low + high) / 2;

      if (middle <= low || middle >= high)
        break;
      if (nmd_normal_cdf (middle) < p)
        low = middle;
      else
        high = middle;
    }
  return (low + high) / 2;
}
