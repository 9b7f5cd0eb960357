/* SPDX-License-Identifier: Apache-2.0
 *
 * Validation of a segmentation network between epochs: loss and Dice on the letterboxed images,
 * without prompts and without cleaning; and what comes after the last. Measures in pixels of
 * the untouched images are nmd-evaluate-segment.c's.
 */
#include "engine/train/nmd-trainer-private.h"

#include <math.h>

#define THRESHOLD 0.5

/* Loss and Dice of one image from its logits z and mask m, n pixels each: mean BCE
 * + 1 − (2 Σ p m + 1)/(Σ p + Σ m + 1), and 2|P∩R|/(|P| + |R|) with P = {p ≥ 0.5}, 1 if both are
 * empty. */
static void
measure_image (const float *z, const float *m, gsize n, double *loss, double *dice)
{
  double entropy = 0, both = 0, p_sum = 0, m_sum = 0;
  gsize hard_both = 0, hard_sum = 0;

  for (gsize i = 0; i < n; i++)
    {
      const double logit = (double)z[i], mask = (double)m[i];
      const double p = 1 / (1 + exp (-logit));

      entropy += MAX (logit, 0) - logit * mask + log1p (exp (-fabs (logit)));
      both += p * mask;
      p_sum += p;
      m_sum += mask;
      hard_both += p >= THRESHOLD && m[i] > 0;
      hard_sum += (gsize)(p >= THRESHOLD) + (gsize)(m[i] > 0);
    }
  *loss = entropy / (double)n + 1 - (2 * both + 1) / (p_sum + m_sum + 1);
  *dice = hard_sum > 0 ? 2.0 * (double)hard_both / (double)hard_sum : 1;
}

gboolean
nmd_trainer_validate_segment (NmdTrainer *self, NmdEpoch *epoch, GError **error)
{
  const gsize n_pixels = nmd_batches_get_target_size (self->validation);
  g_autofree float *logits = g_new (float, NMD_SEGMENT_EVALUATION_BATCH *n_pixels);
  double loss_sum = 0, dice_sum = 0;

  for (guint from = 0; from < self->n_validation; from += NMD_SEGMENT_EVALUATION_BATCH)
    {
      guint n = MIN (NMD_SEGMENT_EVALUATION_BATCH, self->n_validation - from);

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
          || !nmd_batches_plain_masks (self->validation, from, n, self->images,
                                       self->targets, error)
          || !nmd_learner_logits (self->learner, self->images, logits, error))
        return FALSE;
      for (guint i = 0; i < n; i++)
        {
          double loss, dice;

          measure_image (logits + i * n_pixels, self->targets + i * n_pixels, n_pixels,
                         &loss, &dice);
          loss_sum += loss;
          dice_sum += dice;
        }
    }
  if (self->n_validation == 0)
    return TRUE;
  epoch->val_loss = loss_sum / self->n_validation;
  epoch->val_dice = dice_sum / self->n_validation;
  return TRUE;
}

gboolean
nmd_trainer_evaluate_segment (NmdTrainer *self, NmdEvaluation *evaluation, GError **error)
{
  g_autoptr (NmdRun) run = NULL;
  g_autoptr (NmdModel) model = NULL;
  g_autoptr (JsonNode) report = NULL;
  NmdEvaluation with_threshold = *evaluation;

  if (g_str_equal (nmd_parameters_get_choice (self->file.parameters, "threshold-from"),
                   "validation"))
    {
      if (!nmd_evaluate_choose_threshold (evaluation, self->split, &self->file.threshold,
                                          error)
          || !nmd_run_file_save (&self->file, self->folder, error))
        return FALSE;
      run = nmd_run_open (self->folder, error);
      model = run != NULL ? nmd_run_load_model (run, NULL, error) : NULL;
      if (model == NULL)
        return FALSE;
      with_threshold.run = run;
      with_threshold.model = model;
    }
  report = nmd_evaluate_segment_own (&with_threshold, self->split, error);
  return report != NULL;
}
