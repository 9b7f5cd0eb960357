/* SPDX-License-Identifier: Apache-2.0
 *
 * The median filter, 3 × 3 or 5 × 5. No sorting: of the n values of a window, (n + 1)/2 +
 * 1 are held, the smallest and the largest of them cannot be the median and are
 * forgotten, the next value takes a free place, until three are left ("forgetful
 * selection"). It consists of minimum and maximum only, so LANES neighbouring windows go
 * through it together.
 */
#include "engine/image/nmd-preprocess.h"

#include <string.h>

#define LANES 16

typedef guint8 Lanes[LANES];

static inline void
order (guint8 *restrict a, guint8 *restrict b)
{
  for (int i = 0; i < LANES; i++)
    {
      guint8 low = MIN (a[i], b[i]), high = MAX (a[i], b[i]);

      a[i] = low;
      b[i] = high;
    }
}

/* The median of @n values in each lane; @v is used up. */
static void
select_median (Lanes *v, int n, guint8 *out)
{
  int held = (n + 1) / 2 + 1, next = held;

  for (;; held--)
    {
      /* Smaller ones to the first half, larger ones to the second; then the extremes to
       * the ends. */
      for (int i = 0; i < held / 2; i++)
        order (v[i], v[held - 1 - i]);
      for (int i = 1; i < (held + 1) / 2; i++)
        order (v[0], v[i]);
      for (int i = held / 2; i < held - 1; i++)
        order (v[i], v[held - 1]);
      if (held == 3)
        break;
      memcpy (v[0], v[next++],
              LANES); /* in place of the smallest; the largest is left behind */
    }
  memcpy (out, v[1], LANES);
}

/* @image with its border repeated @radius times, and LANES more columns on the right so
 * that the last group of windows may read on. */
static guint8 *
pad (const NmdImage *image, int radius, gsize *stride)
{
  guint8 *padded = NULL;

  *stride = (gsize)image->width + 2 * radius + LANES;
  padded = g_malloc_n (image->height + 2 * radius, *stride);
  for (int y = -radius; y < image->height + radius; y++)
    {
      const guint8 *from
          = image->pixels + (gsize)CLAMP (y, 0, image->height - 1) * image->width;
      guint8 *to = padded + (y + radius) * *stride;

      memset (to, from[0], radius);
      memcpy (to + radius, from, image->width);
      memset (to + radius + image->width, from[image->width - 1], radius + LANES);
    }
  return padded;
}

NmdImage *
nmd_image_median (const NmdImage *image, int size)
{
  NmdImage *out = NULL;
  g_autofree guint8 *padded = NULL;
  gsize stride = 0;
  Lanes window[25];
  guint8 medians[LANES];

  g_return_val_if_fail (image != NULL && (size == 3 || size == 5), NULL);

  out = nmd_image_new (image->width, image->height);
  out->is_lossy = image->is_lossy;
  out->is_synthetic = image->is_synthetic;
  padded = pad (image, size / 2, &stride);
  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x += LANES)
      {
        for (int i = 0; i < size * size; i++)
          memcpy (window[i], padded + (y + i / size) * stride + x + i % size, LANES);
        select_median (window, size * size, medians);
        memcpy (out->pixels + (gsize)y * image->width + x, medians,
                MIN (LANES, image->width - x));
      }
  return out;
}
