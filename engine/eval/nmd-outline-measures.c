/* SPDX-License-Identifier: Apache-2.0
 *
 * Overlap, surfaces and distances of two masks. Tables of them are nmd-outline-table.c's.
 */
#include "engine/eval/nmd-outline-measures.h"

#include "engine/core/nmd-number.h"

#include <math.h>
#include <stdlib.h>

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

/* Distances from the pixels of surface @a to the nearest of surface @b, appended to @list. */
static void
append_distances (const NmdImage *a, const NmdImage *b, double *scratch, GArray *list)
{
  const gsize n = (gsize)a->width * (gsize)a->height;

  nmd_mask_distances (b, scratch);
  for (gsize i = 0; i < n; i++)
    if (a->pixels[i] != 0)
      g_array_append_val (list, scratch[i]);
}

/* The 95th percentile of @n values, which are sorted here. */
static double
percentile_95 (double *values, guint n)
{
  const double place = 0.95 * (n - 1);
  const guint below = (guint)place, above = MIN (below + 1, n - 1);

  qsort (values, n, sizeof *values, nmd_number_compare);
  return values[below] + (place - below) * (values[above] - values[below]);
}

static void
measure_surfaces (const NmdImage *prediction,
                  const NmdImage *reference,
                  NmdOutlineMeasures *measures)
{
  g_autoptr (NmdImage) p = nmd_mask_surface (prediction);
  g_autoptr (NmdImage) r = nmd_mask_surface (reference);
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (double));
  g_autofree double *scratch
      = g_new (double, (gsize)prediction->width *(gsize)prediction->height);
  double *values, sum = 0;
  guint n;

  append_distances (p, r, scratch, list);
  n = list->len;
  append_distances (r, p, scratch, list);
  values = (double *)(void *)list->data;
  for (guint i = 0; i < list->len; i++)
    sum += values[i];
  measures->msd = sum / list->len;
  measures->hd95
      = MAX (percentile_95 (values, n), percentile_95 (values + n, list->len - n));
}

void
nmd_outline_measure (const NmdImage *image,
                     const NmdImage *prediction,
                     const NmdImage *reference,
                     NmdOutlineMeasures *measures)
{
  gint64 both = 0;
  gsize n;

  g_return_if_fail (prediction != NULL && reference != NULL && measures != NULL);
  g_return_if_fail (prediction->width == reference->width
                    && prediction->height == reference->height);

  *measures = (NmdOutlineMeasures){ .echo = NAN, .echo_reference = NAN };
  n = (gsize)prediction->width * (gsize)prediction->height;
  for (gsize i = 0; i < n; i++)
    {
      const gboolean p = prediction->pixels[i] != 0, r = reference->pixels[i] != 0;

      measures->area += p;
      measures->area_reference += r;
      both += p && r;
    }
  if (measures->area == 0 && measures->area_reference == 0)
    measures->dice = measures->iou = 1;
  else
    {
      const gint64 sum = measures->area + measures->area_reference;

      measures->dice = 2.0 * (double)both / (double)sum;
      measures->iou = (double)both / (double)(sum - both);
      if (measures->area > 0 && measures->area_reference > 0)
        measure_surfaces (prediction, reference, measures);
      else
        measures->hd95 = measures->msd
            = hypot ((double)prediction->width, (double)prediction->height);
    }
  measures->is_failure = measures->dice < NMD_FAILURE_DICE;
  if (image != NULL)
    {
      NmdEchoIntensity echo;

      nmd_echo_intensity (image, prediction, &echo);
      measures->echo = echo.mean;
      nmd_echo_intensity (image, reference, &echo);
      measures->echo_reference = echo.mean;
    }
}
