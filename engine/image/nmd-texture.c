/* SPDX-License-Identifier: Apache-2.0
 *
 * Co-occurrence and run-length features of the grey levels inside a mask.
 */
#include "config.h"

#include "engine/image/nmd-texture.h"

#include <math.h>
#include <string.h>

#define LEVELS (255 / NMD_TEXTURE_BIN + 1)
#define EPSILON 0x1p-52

const char *const nmd_texture_names[NMD_N_TEXTURES]
    = { "glcm Contrast",
        "glcm Correlation",
        "glcm JointEnergy",
        "glcm JointEntropy",
        "glcm Idm",
        "glrlm ShortRunEmphasis",
        "glrlm LongRunEmphasis",
        "glrlm GrayLevelNonUniformityNormalized",
        "glrlm RunLengthNonUniformityNormalized",
        "glrlm RunPercentage",
        "glrlm RunEntropy" };

/* The mask's box in bins: 0 outside, 1 … LEVELS inside. */
typedef struct
{
  int width, height;
  guint8 *level;
  double n;
} Field;

static gboolean
find_box (const NmdImage *mask, NmdBox *box)
{
  *box = (NmdBox){ mask->width, mask->height, 0, 0 };
  for (int y = 0; y < mask->height; y++)
    for (int x = 0; x < mask->width; x++)
      if (mask->pixels[(gsize)y * mask->width + x] != 0)
        {
          box->x0 = MIN (box->x0, x), box->x1 = MAX (box->x1, x + 1);
          box->y0 = MIN (box->y0, y), box->y1 = y + 1;
        }
  return box->x1 > box->x0;
}

static gboolean
field_init (Field *self, const NmdImage *image, const NmdImage *mask)
{
  int least = 255;
  NmdBox box;

  *self = (Field){ 0 };
  if (!find_box (mask, &box))
    return FALSE;
  self->width = box.x1 - box.x0;
  self->height = box.y1 - box.y0;
  self->level = g_new0 (guint8, (gsize)self->width * self->height);
  for (int pass = 0; pass < 2; pass++)
    for (int y = 0; y < self->height; y++)
      for (int x = 0; x < self->width; x++)
        {
          gsize from = (gsize)(y + box.y0) * mask->width + x + box.x0;

          if (mask->pixels[from] == 0)
            continue;
          if (pass == 0)
            least = MIN (least, image->pixels[from]);
          else
            self->level[(gsize)y * self->width + x]
                = (guint8)(image->pixels[from] / NMD_TEXTURE_BIN - least / NMD_TEXTURE_BIN
                           + 1);
          self->n += pass;
        }
  return TRUE;
}

/* 0 beyond the box too. */
static int
get_level (const Field *self, int x, int y)
{
  return x >= 0 && y >= 0 && x < self->width && y < self->height
             ? self->level[(gsize)y * self->width + x]
             : 0;
}

static double
entropy (double p)
{
  return p > 0 ? -p * log2 (p + EPSILON) : 0;
}

/* FALSE if this direction has no pair. */
static gboolean
measure_pairs (const Field *self, int dx, int dy, double *out)
{
  double pairs[LEVELS + 1][LEVELS + 1] = { { 0 } }, n = 0, mean = 0, variance = 0,
                                    product = 0;

  for (int y = 0; y < self->height; y++)
    for (int x = 0; x < self->width; x++)
      {
        int i = get_level (self, x, y), j = get_level (self, x + dx, y + dy);

        if (i == 0 || j == 0)
          continue;
        pairs[i][j]++, pairs[j][i]++;
        n += 2;
      }
  if (n <= 0)
    return FALSE;
  memset (out, 0, 5 * sizeof *out);
  for (int i = 1; i <= LEVELS; i++)
    for (int j = 1; j <= LEVELS; j++)
      {
        double p = pairs[i][j] / n, away = (i - j) * (i - j);

        mean += i * p;
        product += (double)i * j * p;
        out[NMD_TEXTURE_CONTRAST] += away * p;
        out[NMD_TEXTURE_JOINT_ENERGY] += p * p;
        out[NMD_TEXTURE_JOINT_ENTROPY] += entropy (p);
        out[NMD_TEXTURE_IDM] += p / (1 + away);
      }
  for (int i = 1; i <= LEVELS; i++)
    for (int j = 1; j <= LEVELS; j++)
      variance += (i - mean) * (i - mean) * pairs[i][j] / n;
  out[NMD_TEXTURE_CORRELATION]
      = variance > 1e-12 ? (product - mean * mean) / variance : 1;
  return TRUE;
}

static void
measure_runs (const Field *self, int dx, int dy, double *out)
{
  int longest = MAX (self->width, self->height);
  g_autofree double *runs = g_new0 (double, (gsize)(LEVELS + 1) * (longest + 1));
  double n = 0, by_level[LEVELS + 1] = { 0 };

  for (int y = 0; y < self->height; y++)
    for (int x = 0; x < self->width; x++)
      {
        int i = get_level (self, x, y), length = 1;

        /* a run is counted where it begins */
        if (i == 0 || get_level (self, x - dx, y - dy) == i)
          continue;
        while (get_level (self, x + length * dx, y + length * dy) == i)
          length++;
        runs[(gsize)i * (longest + 1) + length]++;
        by_level[i]++;
        n++;
      }
  memset (out + NMD_TEXTURE_SHORT_RUNS, 0,
          (NMD_N_TEXTURES - NMD_TEXTURE_SHORT_RUNS) * sizeof *out);
  for (int l = 1; l <= longest; l++)
    {
      double of_length = 0;

      for (int i = 1; i <= LEVELS; i++)
        {
          double count = runs[(gsize)i * (longest + 1) + l];

          of_length += count;
          out[NMD_TEXTURE_RUN_ENTROPY] += entropy (count / n);
        }
      out[NMD_TEXTURE_SHORT_RUNS] += of_length / ((double)l * l) / n;
      out[NMD_TEXTURE_LONG_RUNS] += of_length * ((double)l * l) / n;
      out[NMD_TEXTURE_RUN_NON_UNIFORMITY] += of_length * of_length / (n * n);
    }
  for (int i = 1; i <= LEVELS; i++)
    out[NMD_TEXTURE_GREY_NON_UNIFORMITY] += by_level[i] * by_level[i] / (n * n);
  out[NMD_TEXTURE_RUN_PERCENTAGE] = n / self->n;
}

void
nmd_texture_measure (const NmdImage *image, const NmdImage *mask, double *features)
{
  static const int steps[4][2] = { { 1, 0 }, { 1, 1 }, { 0, 1 }, { -1, 1 } };
  double sums[NMD_N_TEXTURES] = { 0 };
  int n_pairs = 0;
  Field field;

  g_return_if_fail (image != NULL && mask != NULL && features != NULL);
  g_return_if_fail (image->width == mask->width && image->height == mask->height);
  for (int f = 0; f < NMD_N_TEXTURES; f++)
    features[f] = NAN;
  if (!field_init (&field, image, mask))
    return;
  for (int s = 0; s < 4; s++)
    {
      double one[NMD_N_TEXTURES];
      gboolean has_pairs = measure_pairs (&field, steps[s][0], steps[s][1], one);

      n_pairs += has_pairs;
      measure_runs (&field, steps[s][0], steps[s][1], one);
      for (int f = has_pairs ? 0 : NMD_TEXTURE_SHORT_RUNS; f < NMD_N_TEXTURES; f++)
        sums[f] += one[f];
    }
  for (int f = 0; f < NMD_N_TEXTURES; f++)
    if (f >= NMD_TEXTURE_SHORT_RUNS)
      features[f] = sums[f] / 4;
    else if (n_pairs > 0)
      features[f] = sums[f] / n_pairs;
  g_free (field.level);
}
