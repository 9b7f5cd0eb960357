/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts the results of a set of scores together. Each measure is its own file's;
 * metrics.json is nmd-results-json.c's.
 */
#include "config.h"

#include "engine/eval/nmd-results-private.h"

#include <math.h>
#include <string.h>

void
nmd_eval_results_free (NmdEvalResults *self)
{
  if (self == NULL)
    return;
  g_free (self->part);
  g_clear_pointer (&self->scores, nmd_scores_unref);
  g_clear_pointer (&self->subjects, nmd_scores_unref);
  nmd_threshold_clear (&self->threshold);
  nmd_comparison_clear (&self->comparison);
  g_free (self->rival_missing);
  g_clear_pointer (&self->rival_model, json_node_unref);
  g_clear_pointer (&self->rivals, g_array_unref);
  g_clear_pointer (&self->roc, nmd_roc_free);
  g_clear_pointer (&self->rival_roc, nmd_roc_free);
  g_clear_pointer (&self->rival_scores, nmd_scores_unref);
  g_free (self->calibration_missing);
  g_free (self->decision_text);
  g_free (self->conformal_text);
  g_free (self->sample_size_text);
  g_free (self->caveat);
  g_free (self->note);
  g_strfreev (self->warnings);
  g_free (self);
}

static gboolean
has_both_classes (const NmdScores *scores)
{
  gboolean have[2] = { FALSE, FALSE };

  for (guint i = 0; scores != NULL && i < nmd_scores_get_n (scores); i++)
    have[nmd_scores_get (scores, i)->label] = TRUE;
  return have[0] && have[1];
}

/* Chooses on @validation unless that is what is measured, and says on which images. */
static gboolean
choose_threshold (NmdThreshold *threshold,
                  const NmdThresholdRule *rule,
                  const NmdScores *validation,
                  const NmdScores *scores,
                  const char *part,
                  GError **error)
{
  static const NmdThresholdRule half = { NMD_THRESHOLD_FIXED, 0.5 };
  static const NmdThresholdRule youden = { NMD_THRESHOLD_YOUDEN, 0 };
  gboolean apart = has_both_classes (validation) && !g_str_equal (part, "validation");
  gboolean fixed;

  if (rule == NULL)
    rule = apart ? &youden : &half;
  fixed = rule->kind == NMD_THRESHOLD_FIXED;
  threshold->rule = *rule;
  threshold->on_these_images = !fixed && !apart;
  threshold->part = g_strdup (fixed ? "none" : apart ? "validation" : part);
  return nmd_threshold_choose (rule, apart ? validation : scores, part, &threshold->value,
                               error);
}

static gboolean
measure (NmdEvalResults *self, const char *name, GError **error)
{
  if (!nmd_metrics_compute (self->scores, self->threshold.value, name, &self->by_image,
                            error))
    return FALSE;
  /* Subjects with both labels may leave one class only: then there are no measures by
     subject. */
  self->has_by_subject = nmd_metrics_compute (self->subjects, self->threshold.value, name,
                                              &self->by_subject, NULL);
  nmd_results_measure_utility (self, name);
  return TRUE;
}

static void
add_rival (NmdEvalResults *self, const NmdScores *train)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRival) rival = NULL;

  if (train == NULL)
    {
      self->rival_missing = g_strdup (
          "Without a training part there is nothing to fit echo intensity on");
      return;
    }
  rival = nmd_rival_fit (train, &error);
  self->has_rival = rival != NULL
                    && nmd_rival_compare (rival, self->scores, &self->comparison,
                                          &self->rival_scores, &error);
  if (!self->has_rival)
    {
      self->rival_missing = g_strdup (error->message);
      return;
    }
  self->rival_model = nmd_rival_to_json (rival);
  self->rival_roc = nmd_roc_new_for (self->rival_scores);
}

static void
add_calibration (NmdEvalResults *self, const NmdScores *validation, guint64 seed)
{
  NmdCalibration temperature;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdScores) probabilities = NULL;

  nmd_reliability_compute (self->scores, &self->raw);
  self->calibrated = (NmdReliability)NMD_RELIABILITY_NONE;
  if (validation == NULL || nmd_scores_get_n (validation) == 0)
    self->calibration_missing = g_strdup ("There is no validation part to calibrate on");
  else if (g_str_equal (self->part, "validation"))
    self->calibration_missing
        = g_strdup ("The validation part itself is measured, a calibration fitted on it "
                    "would not be tested");
  else if (!nmd_calibration_fit (validation, &self->calibration, &error))
    self->calibration_missing = g_strdup (error->message);
  self->is_calibrated = self->calibration_missing == NULL;
  if (self->is_calibrated)
    {
      probabilities = nmd_calibration_apply_all (&self->calibration, self->scores);
      nmd_reliability_compute (probabilities, &self->calibrated);
      /* separated classes have none */
      if (nmd_calibration_fit_temperature (validation, &temperature, NULL))
        self->temperature = temperature.temperature;
    }
  if (validation != NULL && nmd_scores_get_n (validation) > 0
      && !g_str_equal (self->part, "validation"))
    nmd_results_add_conformal (self, validation);
  nmd_results_add_utility (self, probabilities, seed);
}

NmdEvalResults *
nmd_eval_results_new (const NmdEvalInput *input, GError **error)
{
  static const char *const none[] = { NULL };
  g_autoptr (NmdEvalResults) self = g_new0 (NmdEvalResults, 1);

  g_return_val_if_fail (input != NULL && input->scores != NULL, NULL);
  g_return_val_if_fail (input->part != NULL && input->name != NULL, NULL);
  self->part = g_strdup (input->part);
  self->scores = nmd_scores_ref ((NmdScores *)input->scores);
  self->subjects = nmd_scores_by_subject (input->scores);
  self->synthetic = input->synthetic;
  self->not_meaningful = input->not_meaningful;
  self->caveat = g_strdup (input->caveat);
  self->note = g_strdup (input->note);
  self->warnings
      = g_strdupv ((char **)(input->warnings != NULL ? input->warnings : none));
  if (!nmd_metrics_compute (input->scores, 0.5, input->name, &self->by_image, error)
      || !choose_threshold (&self->threshold, input->rule, input->validation,
                            input->scores, input->part, error)
      || !measure (self, input->name, error))
    return NULL;
  add_rival (self, input->train);
  self->rival_p_holm = NAN;
  if (input->train != NULL && input->n_rivals > 0)
    self->rivals = nmd_rivals_compare (
        input->rivals, input->n_rivals, input->train,
        g_str_equal (input->part, "validation") ? NULL : input->validation, self->scores,
        self->has_rival ? self->comparison.delong.p : NAN, &self->rival_p_holm);
  add_calibration (self, input->validation, input->seed);
  self->roc = input->no_band ? nmd_roc_new_for (self->scores)
                             : nmd_roc_new_with_band (self->scores, input->seed);
  return g_steal_pointer (&self);
}

NmdEvalResults *
nmd_eval_results_with_rule (const NmdEvalResults *self,
                            const NmdThresholdRule *rule,
                            const NmdScores *validation,
                            GError **error)
{
  g_autoptr (NmdEvalResults) copy = NULL;

  g_return_val_if_fail (self != NULL && self->scores != NULL, NULL);
  copy = g_memdup2 (self, sizeof *self);
  copy->part = g_strdup (self->part);
  copy->scores = nmd_scores_ref (self->scores);
  copy->subjects = nmd_scores_ref (self->subjects);
  copy->threshold = (NmdThreshold){ 0 };
  copy->comparison.sentence = g_strdup (self->comparison.sentence);
  copy->rival_missing = g_strdup (self->rival_missing);
  copy->rival_model
      = self->rival_model != NULL ? json_node_copy (self->rival_model) : NULL;
  copy->rivals = self->rivals != NULL ? g_array_ref (self->rivals) : NULL;
  copy->roc = self->roc != NULL ? nmd_roc_copy (self->roc) : NULL;
  copy->rival_roc = self->rival_roc != NULL ? nmd_roc_copy (self->rival_roc) : NULL;
  copy->rival_scores
      = self->rival_scores != NULL ? nmd_scores_ref (self->rival_scores) : NULL;
  copy->calibration_missing = g_strdup (self->calibration_missing);
  copy->decision_text = g_strdup (self->decision_text);
  copy->conformal_text = g_strdup (self->conformal_text);
  copy->sample_size_text = g_strdup (self->sample_size_text);
  copy->caveat = g_strdup (self->caveat);
  copy->note = g_strdup (self->note);
  copy->warnings = g_strdupv (self->warnings);
  if (!choose_threshold (&copy->threshold, rule, validation, copy->scores, copy->part,
                         error)
      || !measure (copy, copy->part, error))
    return NULL;
  return g_steal_pointer (&copy);
}

char *
nmd_eval_results_get_heading (const NmdEvalResults *self)
{
  const NmdMetrics *metrics = &self->by_image;
  g_autofree char *subjects = nmd_metrics_get_subjects (metrics);
  g_autofree char *part = g_strdup (self->part), *missing = NULL;

  *part = g_ascii_toupper (*part);
  /* in small parts no measure has an interval, and each says why */
  missing = nmd_measure_get_missing (&metrics->auc);
  if (!metrics->has_subjects)
    return g_strdup_printf ("%s: %u images whose subjects are not known%s", part,
                            metrics->n_images,
                            missing == NULL ? "; 95 % intervals by image" : "");
  return g_strdup_printf (
      "%s%s: %u images of %s%s", part,
      g_str_equal (self->part, "test") || g_str_equal (self->part, "train")
              || g_str_equal (self->part, "validation")
          ? " part"
          : "",
      metrics->n_images, subjects, missing == NULL ? "; 95 % intervals by subject" : "");
}

char **
nmd_eval_results_get_notes (const NmdEvalResults *self)
{
  GPtrArray *notes = g_ptr_array_new ();
  char *caution = nmd_metrics_get_caution (&self->by_image);

  if (self->not_meaningful)
    g_ptr_array_add (notes, g_strdup (NMD_NOT_MEANINGFUL));
  if (self->synthetic)
    g_ptr_array_add (notes, g_strdup (NMD_SYNTHETIC));
  for (char **warning = self->warnings; warning != NULL && *warning != NULL; warning++)
    g_ptr_array_add (notes, g_strdup (*warning));
  if (caution != NULL)
    g_ptr_array_add (notes, caution);
  if (self->caveat != NULL)
    g_ptr_array_add (notes, g_strdup (self->caveat));
  if (self->note != NULL)
    g_ptr_array_add (notes, g_strdup (self->note));
  g_ptr_array_add (notes, NULL);
  return (char **)g_ptr_array_free (notes, FALSE);
}
