/* SPDX-License-Identifier: Apache-2.0
 *
 * Contrast-limited adaptive histogram equalisation: Zuiderveld, "Contrast limited
 * adaptive histogram equalization", Graphics Gems IV, 1994. Rounding, padding and the way
 * in which clipped counts are given back are those of OpenCV's createCLAHE, so the
 * results agree bit for bit. All real arithmetic is float and must not be contracted
 * (-ffp-contract=off).
 */
#include "engine/image/nmd-preprocess.h"

#include <math.h>
#include <string.h>

/* Reflection without repeating the edge (…2 1 | 0 1 2…), for any distance. */
static int
reflect (int i, int n)
{
  if (n == 1)
    return 0;
  while (i >= n || i < 0)
    i = i < 0 ? -i : 2 * n - 2 - i;
  return i;
}

/* Nearest integer, halves to even, of 0 ≤ @x < 2^22: adding 2^23 leaves no bits below
 * one. */
static inline guint8
round_to_8 (float x)
{
  float shifted = x + 8388608.0f;

  return (guint8)MIN (shifted - 8388608.0f, 255.0f);
}

/* Cuts the histogram at @limit and gives what was cut to all levels alike; the rest that
 * does not divide goes one each to levels spread over the range. */
static void
clip (int *histogram, int limit)
{
  int cut = 0, rest, step;

  for (int i = 0; i < 256; i++)
    if (histogram[i] > limit)
      {
        cut += histogram[i] - limit;
        histogram[i] = limit;
      }
  rest = cut % 256;
  for (int i = 0; i < 256; i++)
    histogram[i] += cut / 256;
  step = rest > 0 ? MAX (256 / rest, 1) : 256;
  for (int i = 0; i < 256 && rest > 0; i += step, rest--)
    histogram[i]++;
}

/* The grey-level curve of one tile. */
static void
make_curve (const NmdImage *image,
            int x0,
            int y0,
            int width,
            int height,
            double clip_limit,
            guint8 *curve)
{
  int histogram[256] = { 0 }, sum = 0, area = width * height;
  float scale = 255.0f / (float)area;

  for (int y = y0; y < y0 + height; y++)
    {
      const guint8 *row
          = image->pixels + (gsize)reflect (y, image->height) * image->width;

      for (int x = x0; x < x0 + width; x++)
        histogram[row[x < image->width ? x : reflect (x, image->width)]]++;
    }
  if (clip_limit > 0)
    clip (histogram, MAX ((int)(clip_limit * area / 256), 1));
  for (int i = 0; i < 256; i++)
    {
      sum += histogram[i];
      curve[i] = round_to_8 ((float)sum * scale);
    }
}

/* Between which two tiles a pixel lies, and how far it is towards the second. */
typedef struct
{
  int first, second;
  float share;
} Between;

static Between *
make_between (int n, int tile, int tiles)
{
  Between *between = g_new (Between, n);
  float inverse = 1.0f / (float)tile;

  for (int i = 0; i < n; i++)
    {
      float at = (float)i * inverse - 0.5f, whole = floorf (at);

      between[i].first = MAX ((int)whole, 0);
      between[i].second = MIN ((int)whole + 1, tiles - 1);
      between[i].share = at - whole;
    }
  return between;
}

NmdImage *
nmd_image_clahe (const NmdImage *image, double clip_limit, int tiles)
{
  NmdImage *out = NULL;
  g_autofree guint8 *curves = NULL;
  g_autofree Between *across = NULL, *down = NULL;
  int tile_width, tile_height;

  g_return_val_if_fail (image != NULL && tiles >= 1, NULL);

  tile_width = image->width / tiles;
  tile_height = image->height / tiles;
  if (image->width % tiles != 0 || image->height % tiles != 0)
    {
      /* Padded to the next multiple on both sides, also on one that divides already. */
      tile_width++;
      tile_height++;
    }
  curves = g_malloc_n ((gsize)tiles * tiles, 256);
  for (int i = 0; i < tiles * tiles; i++)
    make_curve (image, i % tiles * tile_width, i / tiles * tile_height, tile_width,
                tile_height, clip_limit, curves + 256 * i);

  out = nmd_image_new (image->width, image->height);
  out->is_lossy = image->is_lossy;
  out->is_synthetic = image->is_synthetic;
  across = make_between (image->width, tile_width, tiles);
  down = make_between (image->height, tile_height, tiles);
  for (int y = 0; y < image->height; y++)
    {
      const guint8 *above = curves + (gsize)down[y].first * tiles * 256;
      const guint8 *below = curves + (gsize)down[y].second * tiles * 256;
      float v = down[y].share;

      for (int x = 0; x < image->width; x++)
        {
          gsize at = (gsize)y * image->width + x;
          int left = across[x].first * 256 + image->pixels[at];
          int right = across[x].second * 256 + image->pixels[at];
          float u = across[x].share;
          float top = above[left] * (1.0f - u) + above[right] * u;
          float bottom = below[left] * (1.0f - u) + below[right] * u;

          out->pixels[at] = round_to_8 (top * (1.0f - v) + bottom * v);
        }
    }
  return out;
}
