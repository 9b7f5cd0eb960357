/* SPDX-License-Identifier: Apache-2.0
 *
 * The region of interest, echo intensity, and the fixed stages in their order. The
 * filters themselves stand in nmd-resize.c, nmd-median.c and nmd-clahe.c.
 */
#include "engine/image/nmd-preprocess.h"

#include <math.h>
#include <string.h>

gboolean
nmd_mask_get_bounds (const NmdImage *mask, NmdBox *box)
{
  NmdBox found = { G_MAXINT, -1, -1, -1 };

  g_return_val_if_fail (mask != NULL && box != NULL, FALSE);

  for (int y = 0; y < mask->height; y++)
    {
      const guint8 *row = mask->pixels + (gsize)y * mask->width;
      int first = 0, last = mask->width - 1;

      while (first < mask->width && row[first] == 0)
        first++;
      if (first == mask->width)
        continue;
      while (row[last] == 0)
        last--;
      if (found.y0 < 0)
        found.y0 = y;
      found.y1 = y + 1;
      found.x0 = MIN (found.x0, first);
      found.x1 = MAX (found.x1, last + 1);
    }
  if (found.y0 < 0)
    return FALSE;
  *box = found;
  return TRUE;
}

NmdBox
nmd_box_widen (const NmdBox *box, double margin, int width, int height)
{
  int dx, dy;

  g_return_val_if_fail (box != NULL, ((NmdBox){ 0, 0, width, height }));

  dx = (int)floor (margin * (box->x1 - box->x0) + 0.5);
  dy = (int)floor (margin * (box->y1 - box->y0) + 0.5);
  return (NmdBox){ MAX (box->x0 - dx, 0), MAX (box->y0 - dy, 0),
                   MIN (box->x1 + dx, width), MIN (box->y1 + dy, height) };
}

void
nmd_echo_intensity (const NmdImage *image, const NmdImage *mask, NmdEchoIntensity *result)
{
  double squares = 0;
  gint64 sum = 0;
  gsize n_pixels;

  g_return_if_fail (image != NULL && mask != NULL && result != NULL);
  g_return_if_fail (mask->width == image->width && mask->height == image->height);

  memset (result, 0, sizeof *result);
  n_pixels = (gsize)image->width * image->height;
  for (gsize i = 0; i < n_pixels; i++)
    if (mask->pixels[i] != 0)
      {
        result->histogram[image->pixels[i]]++;
        if (image->coloured != NULL)
          result->n_coloured += image->coloured[i];
      }
  for (gint64 level = 0; level < 256; level++)
    {
      gint64 count = result->histogram[level];

      result->n += count;
      sum += count * level;
    }
  if (result->n == 0)
    {
      result->mean = result->sd = NAN;
      return;
    }
  result->mean = (double)sum / (double)result->n;
  for (int level = 0; level < 256; level++)
    squares += result->histogram[level] * (level - result->mean) * (level - result->mean);
  result->sd = sqrt (squares / (double)result->n);
}

static NmdExposure
exposure_of (const gint64 histogram[256])
{
  gint64 n = 0, highest = 0;

  for (int v = 0; v < 256; v++)
    {
      n += histogram[v];
      highest = MAX (highest, histogram[v]);
    }
  if (histogram[0] == n)
    return NMD_EXPOSURE_BLACK;
  if (2 * histogram[255] >= n)
    return NMD_EXPOSURE_SATURATED;
  return highest == n ? NMD_EXPOSURE_CONSTANT : NMD_EXPOSURE_USUAL;
}

NmdExposure
nmd_echo_get_exposure (const NmdEchoIntensity *echo)
{
  gint64 histogram[256];

  g_return_val_if_fail (echo != NULL && echo->n > 0, NMD_EXPOSURE_USUAL);

  for (int v = 0; v < 256; v++)
    histogram[v] = echo->histogram[v];
  return exposure_of (histogram);
}

NmdExposure
nmd_image_get_exposure (const NmdImage *image, const NmdImage *mask)
{
  gint64 histogram[2][256] = { { 0 } };
  gboolean inside = FALSE;

  g_return_val_if_fail (image != NULL, NMD_EXPOSURE_USUAL);
  g_return_val_if_fail (
      mask == NULL || (mask->width == image->width && mask->height == image->height),
      NMD_EXPOSURE_USUAL);

  for (gsize i = 0; i < (gsize)image->width * (gsize)image->height; i++)
    histogram[mask != NULL && mask->pixels[i] != 0][image->pixels[i]]++;
  for (int v = 0; v < 256; v++)
    inside |= histogram[1][v] > 0;
  return exposure_of (histogram[inside]);
}

void
nmd_stages_clear (NmdStages *self)
{
  g_return_if_fail (self != NULL);

  g_clear_pointer (&self->roi, nmd_image_unref);
  g_clear_pointer (&self->resize, nmd_image_unref);
  g_clear_pointer (&self->median, nmd_image_unref);
  g_clear_pointer (&self->clahe, nmd_image_unref);
}

void
nmd_preprocess (const NmdImage *image,
                const NmdImage *mask,
                const NmdParameters *parameters,
                NmdStages *stages)
{
  const char *background = NULL;
  gboolean black;

  g_return_if_fail (image != NULL && parameters != NULL && stages != NULL);
  g_return_if_fail (mask == NULL
                    || (mask->width == image->width && mask->height == image->height));

  background = nmd_parameters_get_choice (parameters, "background");
  memset (stages, 0, sizeof *stages);
  stages->source = NMD_ROI_FRAME;
  stages->box = (NmdBox){ 0, 0, image->width, image->height };
  if (mask != NULL && nmd_mask_get_bounds (mask, &stages->box))
    {
      stages->source = NMD_ROI_MASK;
      stages->box
          = nmd_box_widen (&stages->box, nmd_parameters_get (parameters, "roi-margin"),
                           image->width, image->height);
    }
  if (strcmp (background, "whole") == 0)
    stages->box = (NmdBox){ 0, 0, image->width, image->height };
  black = stages->source == NMD_ROI_MASK && strcmp (background, "black") == 0;
  stages->roi = nmd_image_crop (image, &stages->box, black ? mask : NULL);
  stages->resize = nmd_image_resize (stages->roi, NMD_INPUT_SIZE, NMD_INPUT_SIZE);
  stages->median = nmd_parameters_get_switch (parameters, "median")
                       ? nmd_image_median (stages->resize, NMD_MEDIAN_SIZE)
                       : nmd_image_ref (stages->resize);
  stages->clahe = nmd_parameters_get_switch (parameters, "clahe")
                      ? nmd_image_clahe (
                          stages->median, nmd_parameters_get (parameters, "clahe-clip"),
                          nmd_parameters_get_int (parameters, "clahe-tiles"))
                      : nmd_image_ref (stages->median);
}
