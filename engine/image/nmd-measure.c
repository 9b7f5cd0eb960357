/* SPDX-License-Identifier: Apache-2.0
 *
 * Lengths, angles, thickness and the median of echo intensity. How they are shown is the window's.
 */
#include "engine/image/nmd-measure.h"

#include <math.h>

static gboolean
is_inside (const NmdBox *inner, const NmdBox *outer)
{
  return inner->x0 >= outer->x0 && inner->y0 >= outer->y0 && inner->x1 <= outer->x1
         && inner->y1 <= outer->y1;
}

static gboolean
agree (double a, double b)
{
  return fabs (a - b) <= 1e-6 * a;
}

gboolean
nmd_measure_get_scale (const NmdImage *image,
                       const NmdBox *box,
                       double cm,
                       NmdRegion *scale)
{
  gboolean has = FALSE;

  g_return_val_if_fail (image != NULL && box != NULL && scale != NULL, FALSE);
  for (guint i = 0; i < image->n_regions; i++)
    {
      const NmdRegion *region = &image->regions[i];

      if (!is_inside (box, &region->box))
        continue;
      if (has
          && !(agree (scale->cm_x, region->cm_x) && agree (scale->cm_y, region->cm_y)))
        return FALSE;
      *scale = *region;
      has = TRUE;
    }
  if (image->n_regions > 0 || !(cm > 0))
    return has;
  *scale = (NmdRegion){ { 0, 0, image->width, image->height }, cm, cm };
  return TRUE;
}

NmdBox
nmd_measure_box_of_points (const double *points, guint n)
{
  double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;

  g_return_val_if_fail (points != NULL && n > 0, (NmdBox){ 0 });
  for (guint i = 0; i < n; i++)
    {
      x0 = MIN (x0, points[2 * i]);
      x1 = MAX (x1, points[2 * i]);
      y0 = MIN (y0, points[2 * i + 1]);
      y1 = MAX (y1, points[2 * i + 1]);
    }
  return (NmdBox){ (int)floor (x0), (int)floor (y0), (int)MAX (ceil (x1), floor (x0) + 1),
                   (int)MAX (ceil (y1), floor (y0) + 1) };
}

double
nmd_measure_get_cm (const NmdImage *image, double cm)
{
  gint64 largest = 0;

  g_return_val_if_fail (image != NULL, 0);
  if (image->n_regions > 0)
    cm = 0;
  for (guint i = 0; i < image->n_regions; i++)
    {
      const NmdRegion *region = &image->regions[i];
      const gint64 n
          = (gint64)(region->box.x1 - region->box.x0) * (region->box.y1 - region->box.y0);

      if (n <= largest || fabs (region->cm_x - region->cm_y) > 0.01 * region->cm_x)
        continue;
      largest = n;
      cm = region->cm_y;
    }
  return cm;
}

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
nmd_measure_by_scale (
    const NmdImage *image, const double *points, guint n, double cm, gboolean *is_cm)
{
  g_return_val_if_fail (image != NULL && points != NULL && (n == 2 || n == 3), NAN);
  g_return_val_if_fail (is_cm != NULL, NAN);

  const NmdBox box = nmd_measure_box_of_points (points, n);
  NmdRegion scale = { { 0 }, 1, 1 };
  double scaled[6] = { 0 };

  *is_cm = nmd_measure_get_scale (image, &box, cm, &scale);
  for (guint i = 0; i < 2 * n; i++)
    scaled[i] = points[i] * (i % 2 == 0 ? scale.cm_x : scale.cm_y);
  return n == 2 ? nmd_measure_distance (scaled, scaled + 2)
                : nmd_measure_angle (scaled, scaled + 2, scaled + 4);
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
