/* SPDX-License-Identifier: Apache-2.0
 *
 * What training does to a prepared image, and the last step to the network's input. All
 * random numbers come in from outside; which stream they belong to is the caller's
 * business.
 */
#include "engine/image/nmd-preprocess.h"

#include <math.h>
#include <string.h>

#define N NMD_INPUT_SIZE
#define TRIES 10
#define BITS 11 /* of a weight, as OpenCV's 8-bit bilinear resize has them */

/* The random resized crop of Szegedy et al., "Going deeper with convolutions", CVPR 2015.
 */
static NmdBox
draw_crop (double least_area, double most_aspect, NmdRandom *stream)
{
  for (int i = 0; i < TRIES; i++)
    {
      double area = N * N * nmd_random_range (stream, least_area, 1.0);
      double aspect
          = exp (nmd_random_range (stream, -log (most_aspect), log (most_aspect)));
      int w = (int)floor (sqrt (area * aspect) + 0.5);
      int h = (int)floor (sqrt (area / aspect) + 0.5);

      if (w >= 1 && h >= 1 && w <= N && h <= N)
        {
          int x = (int)nmd_random_below (stream, N + 1 - w);
          int y = (int)nmd_random_below (stream, N + 1 - h);

          return (NmdBox){ x, y, x + w, y + h };
        }
    }
  return (NmdBox){ 0, 0, N, N };
}

static double
draw_factor (double spread, NmdRandom *stream)
{
  return spread > 0 ? nmd_random_range (stream, 1.0 - spread, 1.0 + spread) : 1.0;
}

void
nmd_augmentation_draw (NmdAugmentation *self,
                       const NmdParameters *parameters,
                       NmdRandom *stream)
{
  double flip;

  g_return_if_fail (self != NULL && parameters != NULL && stream != NULL);

  self->crop = (NmdBox){ 0, 0, N, N };
  if (nmd_parameters_get_switch (parameters, "crop"))
    self->crop = draw_crop (nmd_parameters_get (parameters, "crop-area"),
                            nmd_parameters_get (parameters, "crop-aspect"), stream);
  flip = nmd_parameters_get (parameters, "flip");
  self->flip = flip > 0 && nmd_random_uniform (stream) < flip;
  self->brightness = draw_factor (nmd_parameters_get (parameters, "brightness"), stream);
  self->contrast = draw_factor (nmd_parameters_get (parameters, "contrast"), stream);
}

/* Two neighbouring samples and the weights of both, summing to 1 << BITS. */
typedef struct
{
  int first, second;
  int w0, w1;
} Pair;

/* Where output sample centres fall on @n input samples from @from; edges are repeated. */
static void
make_pairs (Pair *pairs, int from, int n)
{
  double scale = 1.0 / ((double)N / n);

  for (int i = 0; i < N; i++)
    {
      float at = (float)((i + 0.5) * scale - 0.5), whole = floorf (at);
      int first = (int)whole;
      float share = at - whole;

      pairs[i].first = from + CLAMP (first, 0, n - 1);
      pairs[i].second = from + CLAMP (first + 1, 0, n - 1);
      pairs[i].w0 = (int)rintf ((1.0f - share) * (1 << BITS));
      pairs[i].w1 = (int)rintf (share * (1 << BITS));
    }
}

/* Enlarges @crop to N × N, bilinear with half-pixel centres, in the fixed point of
 * OpenCV's INTER_LINEAR (18-bit sums of a row, of which the last four bits are dropped).
 */
static void
enlarge (const NmdImage *image, const NmdBox *crop, guint8 *out)
{
  Pair across[N], down[N];
  int rows[2][N], have[2] = { -1, -1 };

  make_pairs (across, crop->x0, crop->x1 - crop->x0);
  make_pairs (down, crop->y0, crop->y1 - crop->y0);
  for (int y = 0; y < N; y++)
    {
      const int wanted[2] = { down[y].first, down[y].second };
      const int *above = rows[wanted[0] & 1], *below = rows[wanted[1] & 1];

      for (int k = 0; k < 2; k++)
        {
          const guint8 *from = image->pixels + (gsize)wanted[k] * image->width;

          if (have[wanted[k] & 1] == wanted[k])
            continue;
          for (int x = 0; x < N; x++)
            rows[wanted[k] & 1][x] = from[across[x].first] * across[x].w0
                                     + from[across[x].second] * across[x].w1;
          have[wanted[k] & 1] = wanted[k];
        }
      for (int x = 0; x < N; x++)
        out[y * N + x] = (guint8)((((down[y].w0 * (above[x] >> 4)) >> 16)
                                   + ((down[y].w1 * (below[x] >> 4)) >> 16) + 2)
                                  >> 2);
    }
}

void
nmd_augmentation_apply (const NmdAugmentation *self, const NmdImage *image, float *out)
{
  guint8 enlarged[N * N];
  const guint8 *pixels = NULL;
  double sum = 0;
  float brightness, contrast, mean;

  g_return_if_fail (image != NULL && out != NULL);
  g_return_if_fail (image->width == N && image->height == N);

  pixels = image->pixels;
  if (self != NULL
      && (self->crop.x1 - self->crop.x0 != N || self->crop.y1 - self->crop.y0 != N))
    {
      enlarge (image, &self->crop, enlarged);
      pixels = enlarged;
    }
  for (int i = 0; i < N * N; i++)
    out[i] = (float)pixels[i] / 255.0f;
  if (self == NULL)
    return;

  if (self->flip)
    for (float *row = out; row < out + N * N; row += N)
      for (int x = 0; x < N / 2; x++)
        {
          float swap = row[x];

          row[x] = row[N - 1 - x];
          row[N - 1 - x] = swap;
        }
  brightness = (float)self->brightness;
  contrast = (float)self->contrast;
  for (int i = 0; i < N * N; i++)
    {
      out[i] = CLAMP (out[i] * brightness, 0.0f, 1.0f);
      sum += out[i];
    }
  mean = (float)(sum / (N * N));
  for (int i = 0; i < N * N; i++)
    out[i] = CLAMP ((out[i] - mean) * contrast + mean, 0.0f, 1.0f);
}

void
nmd_normalise (const float *x, gsize n, float *out)
{
  static const float mean[3] = { 0.485f, 0.456f, 0.406f },
                     sd[3] = { 0.229f, 0.224f, 0.225f };

  g_return_if_fail (x != NULL && out != NULL);

  for (int c = 0; c < 3; c++)
    for (gsize i = 0; i < n; i++)
      out[c * n + i] = (x[i] - mean[c]) / sd[c];
}

void
nmd_mixup (float *a, const float *b, gsize n, double lambda)
{
  float share = (float)lambda, rest = (float)(1.0 - lambda);

  g_return_if_fail (a != NULL && b != NULL);
  g_return_if_fail (lambda >= 0 && lambda <= 1);

  for (gsize i = 0; i < n; i++)
    a[i] = share * a[i] + rest * b[i];
}
