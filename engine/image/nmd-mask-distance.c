/* SPDX-License-Identifier: Apache-2.0
 *
 * Exact distances to the set pixels of a mask, and its surface.
 */
#include "engine/image/nmd-mask-distance.h"

#include <math.h>

/* Squared distances along one line: out[i] = min_j (i − j)² + f[j], as the lower envelope of parabolas.
 * Felzenszwalb and Huttenlocher 2012, algorithm 1. @at and @from have room for n and n + 1. */
static void
transform_line (const double *f, int n, double *out, int *at, double *from)
{
  int k = -1;

  for (int q = 0; q < n; q++)
    {
      double s = -INFINITY;

      if (isinf (f[q]))
        continue;
      while (k >= 0)
        {
          const int p = at[k];

          s = ((f[q] + (double)q * q) - (f[p] + (double)p * p)) / (2.0 * (q - p));
          if (s > from[k])
            break;
          k--;
        }
      k++;
      at[k] = q;
      from[k] = k == 0 ? -INFINITY : s;
    }
  for (int q = 0, i = 0; q < n; q++)
    {
      while (k >= 0 && i < k && from[i + 1] < q)
        i++;
      out[q] = k < 0 ? INFINITY : (double)(q - at[i]) * (q - at[i]) + f[at[i]];
    }
}

void
nmd_mask_distances (const NmdImage *mask, double *out)
{
  g_autofree double *line = NULL, *result = NULL, *from = NULL;
  g_autofree int *at = NULL;
  gsize longer;

  g_return_if_fail (mask != NULL && out != NULL);

  longer = (gsize)MAX (mask->width, mask->height);
  line = g_new (double, longer);
  result = g_new (double, longer);
  from = g_new (double, longer + 1);
  at = g_new (int, longer);
  for (int x = 0; x < mask->width; x++)
    {
      for (int y = 0; y < mask->height; y++)
        line[y]
            = mask->pixels[(gsize)y * (gsize)mask->width + (gsize)x] != 0 ? 0 : INFINITY;
      transform_line (line, mask->height, result, at, from);
      for (int y = 0; y < mask->height; y++)
        out[(gsize)y * (gsize)mask->width + (gsize)x] = result[y];
    }
  for (int y = 0; y < mask->height; y++)
    {
      double *row = out + (gsize)y * (gsize)mask->width;

      transform_line (row, mask->width, result, at, from);
      for (int x = 0; x < mask->width; x++)
        row[x] = sqrt (result[x]);
    }
}

NmdImage *
nmd_mask_surface (const NmdImage *mask)
{
  NmdImage *out;

  g_return_val_if_fail (mask != NULL, NULL);

  out = nmd_image_new (mask->width, mask->height);
  for (int y = 0; y < mask->height; y++)
    for (int x = 0; x < mask->width; x++)
      {
        const guint8 *at = mask->pixels + (gsize)y * (gsize)mask->width + (gsize)x;

        if (*at != 0
            && (x == 0 || y == 0 || x == mask->width - 1 || y == mask->height - 1
                || at[-1] == 0 || at[1] == 0 || at[-mask->width] == 0
                || at[mask->width] == 0))
          out->pixels[at - mask->pixels] = 255;
      }
  return out;
}
