/* SPDX-License-Identifier: Apache-2.0
 *
 * Fingerprints of pictures. Which pairs are a leak is engine/data's.
 */
#include "engine/image/nmd-perceptual-hash.h"

#include "engine/core/nmd-number.h"
#include "engine/image/nmd-preprocess.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 32
#define KEPT 8

/* The 8 × 8 lowest coefficients of the DCT-II, separable. */
static void
transform (const guint8 *pixels, double out[KEPT * KEPT])
{
  double cosine[KEPT][SIDE], rows[SIDE][KEPT];

  for (int u = 0; u < KEPT; u++)
    for (int x = 0; x < SIDE; x++)
      cosine[u][x] = cos (G_PI * (2 * x + 1) * u / (2 * SIDE));
  for (int y = 0; y < SIDE; y++)
    for (int v = 0; v < KEPT; v++)
      {
        rows[y][v] = 0;
        for (int x = 0; x < SIDE; x++)
          rows[y][v] += pixels[y * SIDE + x] * cosine[v][x];
      }
  for (int u = 0; u < KEPT; u++)
    for (int v = 0; v < KEPT; v++)
      {
        out[u * KEPT + v] = 0;
        for (int y = 0; y < SIDE; y++)
          out[u * KEPT + v] += rows[y][v] * cosine[u][y];
      }
}

void
nmd_fingerprint_init (NmdFingerprint *self, const NmdImage *image)
{
  g_autoptr (NmdImage) large
      = nmd_image_resize (image, NMD_THUMBNAIL_SIDE, NMD_THUMBNAIL_SIDE);
  g_autoptr (NmdImage) small = nmd_image_resize (image, SIDE, SIDE);
  double values[KEPT * KEPT], sorted[KEPT * KEPT - 1], median;

  memcpy (self->pixels, large->pixels, sizeof self->pixels);
  transform (small->pixels, values);
  memcpy (sorted, values + 1, sizeof sorted);
  qsort (sorted, G_N_ELEMENTS (sorted), sizeof *sorted, nmd_number_compare);
  median = sorted[G_N_ELEMENTS (sorted) / 2];
  self->hash = 0;
  for (int i = 1; i < KEPT * KEPT; i++)
    if (values[i] > median)
      self->hash |= G_GUINT64_CONSTANT (1) << i;
}

int
nmd_fingerprint_distance (const NmdFingerprint *a, const NmdFingerprint *b)
{
  return __builtin_popcountll (a->hash ^ b->hash);
}

double
nmd_fingerprint_correlation (const NmdFingerprint *a, const NmdFingerprint *b)
{
  const int n = NMD_THUMBNAIL_SIDE * NMD_THUMBNAIL_SIDE;
  gint64 x = 0, y = 0, xx = 0, yy = 0, xy = 0; /* exact */
  double variance;

  for (int i = 0; i < n; i++)
    {
      const int p = a->pixels[i], q = b->pixels[i];

      x += p;
      y += q;
      xx += p * p;
      yy += q * q;
      xy += p * q;
    }
  variance = (double)(n * xx - x * x) * (double)(n * yy - y * y);
  return variance > 0 ? CLAMP ((double)(n * xy - x * y) / sqrt (variance), -1, 1) : 0;
}
