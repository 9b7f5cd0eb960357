/* SPDX-License-Identifier: Apache-2.0
 *
 * Changed scans and where their class becomes another. Scoring is engine/model's.
 */
#include "config.h"

#include "engine/eval/nmd-what-if.h"

#include <math.h>

#define N_STEPS 16
#define FINEST 1e-3 /* of the range */

NmdImage *
nmd_what_if_apply (const NmdWhatIf *self, const NmdImage *image, const NmdImage *mask)
{
  NmdImage *changed = NULL;
  guint8 levels[256];

  g_return_val_if_fail (self != NULL && image != NULL && self->contrast > 0, NULL);
  g_return_val_if_fail (
      mask == NULL || (mask->width == image->width && mask->height == image->height),
      NULL);
  for (int v = 0; v < 256; v++)
    {
      double shown = (v / 255.0 - 0.5) * self->contrast + 0.5 + self->brightness / 2;
      levels[v] = (guint8)lrint (CLAMP (shown, 0, 1) * 255);
    }
  const NmdBox all = { 0, 0, image->width, image->height };
  changed = nmd_image_crop (image, &all, NULL);
  gsize n = (gsize)image->width * (gsize)image->height;
  gboolean blank = self->blank_background && mask != NULL;
  for (gsize i = 0; i < n; i++)
    changed->pixels[i] = blank && mask->pixels[i] == 0 ? 0 : levels[changed->pixels[i]];
  return changed;
}

gboolean
nmd_what_if_score (const NmdWhatIf *self,
                   NmdPredictor *predictor,
                   const NmdImage *image,
                   const NmdImage *mask,
                   double *score,
                   GError **error)
{
  g_return_val_if_fail (predictor != NULL && score != NULL, FALSE);

  g_autoptr (NmdImage) changed = nmd_what_if_apply (self, image, mask);
  g_autofree float *tensor = g_new (float, 3 * NMD_INPUT_SIZE * NMD_INPUT_SIZE);
  nmd_model_prepare (nmd_predictor_get_model (predictor), changed, mask, NULL, tensor);
  return nmd_predictor_score (predictor, tensor, 1, score, error);
}

/* Whether the score at @value is positive. */
static gboolean
classify (NmdScoreFunc func,
          gpointer data,
          double value,
          double threshold,
          GCancellable *cancellable,
          gboolean *is_positive,
          GError **error)
{
  double score = NAN;

  if (g_cancellable_set_error_if_cancelled (cancellable, error)
      || !func (data, value, &score, error))
    return FALSE;
  *is_positive = score >= threshold;
  return TRUE;
}

gboolean
nmd_flip_find (NmdScoreFunc func,
               gpointer data,
               double at,
               double low,
               double high,
               double threshold,
               GCancellable *cancellable,
               double *flip,
               GError **error)
{
  double step = (high - low) / N_STEPS, near = at, far = NAN;
  gboolean start = FALSE, other = FALSE;

  g_return_val_if_fail (func != NULL && flip != NULL && low < high, FALSE);
  g_return_val_if_fail (low <= at && at <= high, FALSE);
  *flip = NAN;
  if (!classify (func, data, at, threshold, cancellable, &start, error))
    return FALSE;
  for (int i = 1; i <= 2 * N_STEPS && isnan (far); i++)
    {
      /* Up, down, up … each time one step farther. */
      int k = (i + 1) / 2, sign = i % 2 == 1 ? 1 : -1;
      double before = at + sign * (k - 1) * step, value = at + sign * k * step;
      if (before <= low && sign < 0)
        continue;
      if (before >= high && sign > 0)
        continue;
      value = CLAMP (value, low, high);
      if (!classify (func, data, value, threshold, cancellable, &other, error))
        return FALSE;
      if (other != start)
        {
          near = before;
          far = value;
        }
    }
  while (!isnan (far) && fabs (far - near) > FINEST * (high - low))
    {
      double middle = (near + far) / 2;
      if (!classify (func, data, middle, threshold, cancellable, &other, error))
        return FALSE;
      if (other == start)
        near = middle;
      else
        far = middle;
    }
  *flip = far;
  return TRUE;
}

typedef struct
{
  NmdWhatIf what;
  NmdWhatIfAxis axis;
  NmdPredictor *predictor;
  const NmdImage *image, *mask;
} Axis;

static gboolean
score_on_axis (gpointer data, double value, double *score, GError **error)
{
  const Axis *axis = data;
  NmdWhatIf what = axis->what;

  if (axis->axis == NMD_WHAT_IF_BRIGHTNESS)
    what.brightness = value;
  else
    what.contrast = value;
  return nmd_what_if_score (&what, axis->predictor, axis->image, axis->mask, score,
                            error);
}

gboolean
nmd_what_if_flip (const NmdWhatIf *self,
                  NmdWhatIfAxis axis,
                  NmdPredictor *predictor,
                  const NmdImage *image,
                  const NmdImage *mask,
                  double threshold,
                  GCancellable *cancellable,
                  double *flip,
                  GError **error)
{
  Axis data = { *self, axis, predictor, image, mask };
  gboolean is_brightness = axis == NMD_WHAT_IF_BRIGHTNESS;
  double low = is_brightness ? -NMD_WHAT_IF_BRIGHTNESS_END : NMD_WHAT_IF_CONTRAST_LOW;
  double high = is_brightness ? NMD_WHAT_IF_BRIGHTNESS_END : NMD_WHAT_IF_CONTRAST_HIGH;
  double at = is_brightness ? self->brightness : self->contrast;

  g_return_val_if_fail (predictor != NULL, FALSE);
  return nmd_flip_find (score_on_axis, &data, CLAMP (at, low, high), low, high, threshold,
                        cancellable, flip, error);
}
