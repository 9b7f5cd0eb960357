/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a map lies: inside the outline, on its edge or outside. Exact distances to the contour;
 * what a map is, is nmd-map.c's.
 */
#include "config.h"

#include "engine/eval/nmd-map-measure.h"

#include <math.h>
#include <string.h>

/* Squared distance transform of one row or column by the lower envelope of parabolas:
 * exact, linear time. Source: Felzenszwalb and Huttenlocher, "Distance transforms of
 * sampled functions", Theory of Computing 8 (2012). */
static void
transform_line (const double *f, int n, double *out, int *vertex, double *border)
{
  int k = 0;

  vertex[0] = 0;
  border[0] = -INFINITY;
  border[1] = INFINITY;
  for (int q = 1; q < n; q++)
    {
      double meet;

      for (;; k--)
        {
          int v = vertex[k];

          meet = ((f[q] + (double)q * q) - (f[v] + (double)v * v)) / (2.0 * (q - v));
          if (meet > border[k] || k == 0)
            break;
        }
      if (meet > border[k])
        k++;
      vertex[k] = q;
      border[k] = k == 0 ? -INFINITY : meet;
      border[k + 1] = INFINITY;
    }
  k = 0;
  for (int q = 0; q < n; q++)
    {
      while (border[k + 1] < q)
        k++;
      out[q] = (double)(q - vertex[k]) * (q - vertex[k]) + f[vertex[k]];
    }
}

#define FAR 1e15 /* no such pixel; squares of real distances are below 1e11 */

/* Squared distance of each pixel centre to the nearest one where @set is @wanted. */
static double *
squared_distance (const guint8 *set, int width, int height, gboolean wanted)
{
  gsize n = (gsize)width * (gsize)height;
  int longest = MAX (width, height);
  double *distance = g_new (double, n);
  g_autofree double *in = g_new (double, longest), *out = g_new (double, longest);
  g_autofree double *border = g_new (double, longest + 1);
  g_autofree int *vertex = g_new (int, longest + 1);

  for (gsize i = 0; i < n; i++)
    distance[i] = (set[i] != 0) == wanted ? 0 : FAR;
  for (int x = 0; x < width; x++)
    {
      for (int y = 0; y < height; y++)
        in[y] = distance[(gsize)y * (gsize)width + (gsize)x];
      transform_line (in, height, out, vertex, border);
      for (int y = 0; y < height; y++)
        distance[(gsize)y * (gsize)width + (gsize)x] = out[y];
    }
  for (int y = 0; y < height; y++)
    {
      memcpy (in, distance + (gsize)y * (gsize)width, (gsize)width * sizeof *in);
      transform_line (in, width, distance + (gsize)y * (gsize)width, vertex, border);
    }
  return distance;
}

const char *
nmd_map_region_get_name (NmdMapRegion self)
{
  static const char *const names[] = { "inside", "edge", "outside", "none" };

  g_return_val_if_fail (self <= NMD_MAP_REGION_NONE, NULL);
  return names[self];
}

guint8 *
nmd_map_get_regions (const NmdBox *box, const NmdImage *mask)
{
  g_return_val_if_fail (box != NULL && mask != NULL, NULL);
  g_return_val_if_fail (box->x0 >= 0 && box->y0 >= 0 && box->x1 > box->x0
                            && box->y1 > box->y0 && box->x1 <= mask->width
                            && box->y1 <= mask->height,
                        NULL);

  int width = box->x1 - box->x0, height = box->y1 - box->y0;
  double ring = 0.02 * MIN (width, height);
  guint8 *set = g_new (guint8, (gsize)width * (gsize)height);
  g_autofree double *to_set = NULL, *to_unset = NULL;

  for (int y = 0; y < height; y++)
    memcpy (set + (gsize)y * (gsize)width,
            mask->pixels + (gsize)(box->y0 + y) * (gsize)mask->width + box->x0,
            (gsize)width);
  to_set = squared_distance (set, width, height, TRUE);
  to_unset = squared_distance (set, width, height, FALSE);
  for (gsize i = 0; i < (gsize)width * (gsize)height; i++)
    {
      /* the contour lies half a pixel before the nearest pixel of the other kind */
      double away = sqrt (set[i] ? to_unset[i] : to_set[i]) - 0.5;

      set[i] = away <= ring ? NMD_MAP_REGION_EDGE
               : set[i]     ? NMD_MAP_REGION_INSIDE
                            : NMD_MAP_REGION_OUTSIDE;
    }
  return set;
}

void
nmd_map_measure (const float *values,
                 const NmdBox *box,
                 const NmdImage *mask,
                 double *inside,
                 double *edge,
                 double *outside)
{
  g_autofree guint8 *regions = nmd_map_get_regions (box, mask);
  double sums[3] = { 0, 0, 0 }, total;

  g_return_if_fail (values != NULL && regions != NULL);
  for (gsize i = 0; i < (gsize)(box->x1 - box->x0) * (gsize)(box->y1 - box->y0); i++)
    sums[regions[i]] += (double)values[i];
  total = sums[0] + sums[1] + sums[2];
  *inside = total > 0 ? sums[0] / total : NAN;
  *edge = total > 0 ? sums[1] / total : NAN;
  *outside = total > 0 ? sums[2] / total : NAN;
}
