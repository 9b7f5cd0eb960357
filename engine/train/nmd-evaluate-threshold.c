/* SPDX-License-Identifier: Apache-2.0
 *
 * Chooses the threshold of a run's outlines on its validation part.
 */
#include "engine/model/nmd-segmenter.h"
#include "engine/train/nmd-evaluate-private.h"
#include "engine/train/nmd-run-private.h"

#include <math.h>

#define N_TRIED 17 /* 0.10, 0.15 … 0.90 */

/* Dice of @sample at every threshold, added to @sums. */
static gboolean
add_sample (NmdSegmenter *segmenter,
            NmdSample *sample,
            const double *thresholds,
            double *sums,
            GError **error)
{
  g_autoptr (NmdImage) image = NULL, mask = NULL, empty = NULL;
  NmdImage *masks[N_TRIED] = { NULL };

  if (!nmd_sample_load (sample, &image, &mask, error)
      || !nmd_segmenter_try (segmenter, image, thresholds, N_TRIED, masks, error))
    {
      g_prefix_error (error, "%s: ", sample->id);
      return FALSE;
    }
  empty = nmd_image_new (image->width, image->height);
  for (guint i = 0; i < N_TRIED; i++)
    {
      NmdOutlineMeasures measures;

      nmd_outline_overlap (masks[i], mask != NULL ? mask : empty, &measures);
      sums[i] += measures.dice;
      nmd_image_unref (masks[i]);
    }
  return TRUE;
}

gboolean
nmd_evaluate_choose_threshold (const NmdEvaluation *self,
                               const NmdSplit *split,
                               NmdRunThreshold *chosen,
                               GError **error)
{
  g_autoptr (NmdSegmenter) segmenter
      = nmd_segmenter_new (self->session, self->model, error);
  g_autoptr (GArray) samples = nmd_evaluate_list (
      self->dataset, split, NMD_PART_VALIDATION, NMD_TASK_SEGMENT, NULL);
  double thresholds[N_TRIED], sums[N_TRIED] = { 0 };
  guint best = N_TRIED / 2;

  if (segmenter == NULL)
    return FALSE;
  for (guint i = 0; i < N_TRIED; i++)
    thresholds[i] = (10 + 5 * i) / 100.0;
  for (guint i = 0; i < samples->len; i++)
    if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
        || !add_sample (
            segmenter, nmd_dataset_get (self->dataset, g_array_index (samples, guint, i)),
            thresholds, sums, error))
      return FALSE;
  for (guint i = 0; i < N_TRIED; i++)
    if (sums[i] > sums[best]
        || (sums[i] == sums[best]
            && fabs (thresholds[i] - 0.5) < fabs (thresholds[best] - 0.5)))
      best = i;
  g_clear_pointer (&chosen->weights, g_free);
  *chosen = (NmdRunThreshold){ .value = NAN };
  if (samples->len == 0)
    return TRUE;
  chosen->value = thresholds[best];
  chosen->dice = sums[best] / samples->len;
  chosen->n_images = samples->len;
  chosen->weights = g_strdup (nmd_model_get_which (self->model));
  return TRUE;
}
