/* SPDX-License-Identifier: Apache-2.0
 *
 * Lengths, angles, thickness and the median of echo intensity. How they are shown is the window's.
 */
#include "engine/image/nmd-measure.h"

#include <math.h>

double
nmd_measure_distance (const double from[2], const double to[2])
{
  return hypot (to[0] - from[0], to[1] - from[1]);
}

double
nmd_measure_calibrate (const double from[2], const double to[2], double cm)
{
  double distance = nmd_measure_distance (from, to);

  return distance > 0 && cm > 0 ? cm / distance : 0;
}

double
nmd_measure_angle (const double a[2], const double corner[2], const double b[2])
{
  double ax = a[0] - corner[0], ay = a[1] - corner[1];
  double bx = b[0] - corner[0], by = b[1] - corner[1];

  if ((ax == 0 && ay == 0) || (bx == 0 && by == 0))
    return NAN;
  return fabs (atan2 (ax * by - ay * bx, ax * bx + ay * by)) * 180 / G_PI;
}

double
nmd_measure_thickness (const NmdImage *mask)
{
  NmdBox box = { 0 };
  gint64 n = 0;

  g_return_val_if_fail (mask != NULL, NAN);
  if (!nmd_mask_get_bounds (mask, &box))
    return NAN;
  int quarter = (box.x1 - box.x0) / 4, x0 = box.x0 + quarter, x1 = box.x1 - quarter;
  for (int y = box.y0; y < box.y1; y++)
    for (int x = x0; x < x1; x++)
      n += mask->pixels[(gsize)y * (gsize)mask->width + (gsize)x] != 0;
  return (double)n / (x1 - x0);
}

double
nmd_echo_intensity_median (const NmdEchoIntensity *self)
{
  gint64 below = 0;
  int low = -1;

  g_return_val_if_fail (self != NULL, NAN);
  for (int v = 0; v < 256 && self->n > 0; v++)
    {
      below += self->histogram[v];
      if (low < 0 && 2 * below >= self->n)
        low = v;
      /* An even number of pixels, split exactly here: the next value is the upper middle. */
      if (low >= 0 && 2 * below > self->n)
        return (low + v) / 2.0;
    }
  return NAN;
}
