/* SPDX-License-Identifier: Apache-2.0
 *
 * Overlap and distances of two masks. Tables of them are nmd-outline-table.c's.
 */
#include "engine/eval/nmd-outline-measures.h"

#include "engine/core/nmd-number.h"
#include "engine/image/nmd-mask-distance.h"

#include <math.h>
#include <stdlib.h>

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
nmd_outline_overlap (const NmdImage *prediction,
                     const NmdImage *reference,
                     NmdOutlineMeasures *measures)
{
  gint64 both = 0, sum;
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
  sum = measures->area + measures->area_reference;
  measures->dice = sum > 0 ? 2.0 * (double)both / (double)sum : 1;
  measures->iou = sum > 0 ? (double)both / (double)(sum - both) : 1;
  measures->is_failure = measures->dice < NMD_FAILURE_DICE;
}

void
nmd_outline_measure (const NmdImage *image,
                     const NmdImage *prediction,
                     const NmdImage *reference,
                     NmdOutlineMeasures *measures)
{
  g_return_if_fail (prediction != NULL && reference != NULL && measures != NULL);

  nmd_outline_overlap (prediction, reference, measures);
  if (measures->area > 0 && measures->area_reference > 0)
    measure_surfaces (prediction, reference, measures);
  else if (measures->area + measures->area_reference > 0)
    measures->hd95 = measures->msd
        = hypot ((double)prediction->width, (double)prediction->height);
  if (image != NULL)
    {
      NmdEchoIntensity echo;

      nmd_echo_intensity (image, prediction, &echo);
      measures->echo = echo.mean;
      nmd_echo_intensity (image, reference, &echo);
      measures->echo_reference = echo.mean;
    }
}
