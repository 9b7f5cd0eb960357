/* SPDX-License-Identifier: Apache-2.0
 *
 * Cutting out a box and resizing with a triangle filter. The arithmetic is that of Pillow 11.3's BILINEAR
 * on 8-bit images: weights in 22-bit fixed point, rows first, rounded to 8 bits between the two passes, so
 * that the results agree bit for bit.
 */
#include "engine/image/nmd-preprocess.h"

#include <math.h>
#include <string.h>

#define PRECISION 22

/* Which samples an output sample is made of: weights[i] for samples from + i. */
typedef struct
{
  int from, n;
  const gint32 *weights;
} Taps;

/* Taps for shrinking or enlarging @in samples to @out. The filter's half-width is one
 * output sample when shrinking (an average over what is lost), one input sample when
 * enlarging.
 * @weights holds the numbers that the result points to. */
static Taps *
make_taps (int in, int out, gint32 **weights)
{
  double scale = (double)in / out, stretch = MAX (scale, 1.0);
  int most = (int)ceil (stretch) * 2 + 1;
  Taps *taps = g_new (Taps, out);
  g_autofree double *real = g_new (double, most);

  *weights = g_new (gint32, (gsize)out * most);
  for (int i = 0; i < out; i++)
    {
      double centre = (i + 0.5) * scale, sum = 0;
      int from = MAX ((int)(centre - stretch + 0.5), 0);
      int n = MIN ((int)(centre + stretch + 0.5), in) - from;
      gint32 *fixed = *weights + (gsize)i * most;

      for (int k = 0; k < n; k++)
        {
          real[k] = MAX (1.0 - fabs ((from + k - centre + 0.5) * (1.0 / stretch)), 0.0);
          sum += real[k];
        }
      for (int k = 0; k < n; k++)
        fixed[k] = (gint32)(0.5 + real[k] / sum * (1 << PRECISION));
      taps[i] = (Taps){ from, n, fixed };
    }
  return taps;
}

static inline guint8
to_8 (gint32 sum)
{
  return (guint8)CLAMP (sum >> PRECISION, 0, 255);
}

static NmdImage *
resize_rows (const NmdImage *image, int width)
{
  NmdImage *out = nmd_image_new (width, image->height);
  g_autofree gint32 *weights = NULL;
  g_autofree Taps *taps = make_taps (image->width, width, &weights);

  for (int y = 0; y < image->height; y++)
    {
      const guint8 *from = image->pixels + (gsize)y * image->width;
      guint8 *to = out->pixels + (gsize)y * width;

      for (int x = 0; x < width; x++)
        {
          const Taps *tap = &taps[x];
          gint32 sum = 1 << (PRECISION - 1);

          for (int k = 0; k < tap->n; k++)
            sum += from[tap->from + k] * tap->weights[k];
          to[x] = to_8 (sum);
        }
    }
  return out;
}

static NmdImage *
resize_columns (const NmdImage *image, int height)
{
  int width = image->width;
  NmdImage *out = nmd_image_new (width, height);
  g_autofree gint32 *weights = NULL;
  g_autofree Taps *taps = make_taps (image->height, height, &weights);
  g_autofree gint32 *sums = g_new (gint32, width);

  for (int y = 0; y < height; y++)
    {
      guint8 *to = out->pixels + (gsize)y * width;

      for (int x = 0; x < width; x++)
        sums[x] = 1 << (PRECISION - 1);
      for (int k = 0; k < taps[y].n; k++)
        {
          const guint8 *from = image->pixels + (gsize)(taps[y].from + k) * width;
          gint32 weight = taps[y].weights[k];

          for (int x = 0; x < width; x++)
            sums[x] += from[x] * weight;
        }
      for (int x = 0; x < width; x++)
        to[x] = to_8 (sums[x]);
    }
  return out;
}

NmdImage *
nmd_image_resize (const NmdImage *image, int width, int height)
{
  g_autoptr (NmdImage) rows = NULL;
  NmdImage *out = NULL;

  g_return_val_if_fail (image != NULL && width >= 1 && height >= 1, NULL);

  /* A side that keeps its size passes through: its taps are a single weight of one. */
  rows = resize_rows (image, width);
  out = resize_columns (rows, height);
  out->is_lossy = image->is_lossy;
  out->is_synthetic = image->is_synthetic;
  return out;
}

NmdImage *
nmd_image_crop (const NmdImage *image, const NmdBox *box, const NmdImage *mask)
{
  NmdImage *out = NULL;

  g_return_val_if_fail (image != NULL && box != NULL, NULL);
  g_return_val_if_fail (0 <= box->x0 && box->x0 < box->x1 && box->x1 <= image->width,
                        NULL);
  g_return_val_if_fail (0 <= box->y0 && box->y0 < box->y1 && box->y1 <= image->height,
                        NULL);
  g_return_val_if_fail (
      mask == NULL || (mask->width == image->width && mask->height == image->height),
      NULL);

  out = nmd_image_new (box->x1 - box->x0, box->y1 - box->y0);
  out->is_lossy = image->is_lossy;
  out->is_synthetic = image->is_synthetic;
  for (int y = 0; y < out->height; y++)
    {
      gsize at = (gsize)(box->y0 + y) * image->width + box->x0;
      guint8 *to = out->pixels + (gsize)y * out->width;

      memcpy (to, image->pixels + at, out->width);
      for (int x = 0; mask != NULL && x < out->width; x++)
        if (mask->pixels[at + x] == 0)
          to[x] = 0;
    }
  return out;
}
