/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics.json: results as JSON and back. What only a run knows is added by engine/train.
 */
#include "config.h"

#include "engine/eval/nmd-results-private.h"

#include <math.h>

static void
set_text (JsonObject *object, const char *member, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, member, text);
  else
    json_object_set_null_member (object, member);
}

static JsonObject *
threshold_to_json (const NmdThreshold *self)
{
  JsonObject *object = json_object_new ();
  g_autofree char *rule = nmd_threshold_rule_to_text (&self->rule);
  g_autofree char *text = nmd_threshold_to_text (self);

  json_object_set_string_member (object, "rule", rule);
  nmd_json_set_number (object, "value", self->value);
  set_text (object, "part", self->part);
  json_object_set_boolean_member (object, "chosen_on_these_images",
                                  self->on_these_images);
  json_object_set_string_member (object, "text", text);
  return object;
}

static JsonObject *
reliability_to_json (const NmdReliability *self)
{
  JsonObject *object = json_object_new ();

  nmd_json_set_number (object, "slope", self->slope);
  nmd_interval_to_json (object, "slope_ci_subject", &self->slope_ci);
  nmd_json_set_number (object, "intercept", self->intercept);
  nmd_interval_to_json (object, "intercept_ci_subject", &self->intercept_ci);
  nmd_json_set_number (object, "ece", self->ece);
  nmd_json_set_number (object, "brier", self->brier);
  json_object_set_int_member (object, "bins", NMD_RELIABILITY_BINS);
  json_object_set_int_member (object, "bins_with_images", self->n_filled);
  return object;
}

static JsonObject *
calibration_to_json (const NmdEvalResults *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_object_member (object, "score", reliability_to_json (&self->raw));
  if (!self->is_calibrated)
    {
      set_text (object, "missing", self->calibration_missing);
      return object;
    }
  json_object_set_string_member (object, "method",
                                 "temperature and intercept, Platt 1999");
  json_object_set_string_member (object, "fitted_on", "validation");
  nmd_json_set_number (object, "temperature", self->calibration.temperature);
  nmd_json_set_number (object, "intercept", self->calibration.intercept);
  json_object_set_int_member (object, "n_images", self->calibration.n_images);
  json_object_set_int_member (object, "n_subjects", self->calibration.n_subjects);
  nmd_json_set_number (object, "prevalence", self->calibration.prevalence);
  if (self->temperature > 0)
    nmd_json_set_number (object, "temperature_alone", self->temperature);
  json_object_set_object_member (object, "probability",
                                 reliability_to_json (&self->calibrated));
  return object;
}

static JsonNode *
rival_to_json (const NmdEvalResults *self)
{
  JsonNode *node;

  if (self->has_rival)
    {
      node = nmd_comparison_to_json (&self->comparison);
      if (self->rival_model != NULL)
        json_object_set_member (json_node_get_object (node), "model",
                                json_node_copy (self->rival_model));
      return node;
    }
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, json_object_new ());
  set_text (json_node_get_object (node), "missing", self->rival_missing);
  return node;
}

JsonObject *
nmd_eval_results_to_json (const NmdEvalResults *self)
{
  JsonObject *object = json_object_new ();
  JsonArray *warnings = json_array_new ();

  json_object_set_string_member (object, "part", self->part);
  json_object_set_boolean_member (object, "synthetic", self->synthetic);
  json_object_set_boolean_member (object, "not_meaningful", self->not_meaningful);
  for (char **warning = self->warnings; warning != NULL && *warning != NULL; warning++)
    json_array_add_string_element (warnings, *warning);
  json_object_set_array_member (object, "warnings", warnings);
  json_object_set_object_member (object, "threshold",
                                 threshold_to_json (&self->threshold));
  json_object_set_member (object, "metrics",
                          nmd_metrics_to_json (&self->by_image, self->part, "image"));
  if (self->has_by_subject)
    json_object_set_member (
        object, "by_subject",
        nmd_metrics_to_json (&self->by_subject, self->part, "subject"));
  else
    json_object_set_null_member (object, "by_subject");
  json_object_set_member (object, "rival", rival_to_json (self));
  if (self->rivals != NULL && self->rivals->len > 0)
    {
      json_object_set_array_member (object, "rivals", nmd_rivals_to_json (self->rivals));
      nmd_json_set_number (object, "rival_p_holm", self->rival_p_holm);
    }
  json_object_set_object_member (object, "calibration", calibration_to_json (self));
  nmd_results_utility_to_json (self, object);
  set_text (object, "caveat", self->caveat);
  if (self->note != NULL)
    set_text (object, "note", self->note);
  return object;
}

/* ---- Reading
   ------------------------------------------------------------------------- */

static gboolean
read_threshold (NmdEvalResults *self, const NmdJsonValue *top, GError **error)
{
  NmdThreshold *threshold = &self->threshold;
  const char *rule = NULL;
  NmdJsonValue object;

  threshold->rule = (NmdThresholdRule){ NMD_THRESHOLD_FIXED, self->by_image.threshold };
  threshold->value = self->by_image.threshold;
  if (!nmd_json_get_object (top, "threshold", NMD_JSON_OPTIONAL, &object, error)
      || !nmd_json_get_text (&object, "rule", NMD_JSON_OPTIONAL, &rule, error)
      || !nmd_json_get_number (&object, "value", NMD_JSON_OPTIONAL, -INFINITY, INFINITY,
                               &threshold->value, error)
      || !nmd_json_dup_text (&object, "part", NMD_JSON_OPTIONAL, &threshold->part, error)
      || !nmd_json_get_boolean (&object, "chosen_on_these_images", NMD_JSON_OPTIONAL,
                                &threshold->on_these_images, error))
    return FALSE;
  if (rule != NULL && !nmd_threshold_rule_parse (rule, &threshold->rule, NULL))
    return nmd_json_value_refuse (&object, "rule", error, "is “%s”, which is no rule",
                                  rule);
  return TRUE;
}

static gboolean
read_reliability (NmdReliability *self,
                  const NmdJsonValue *parent,
                  const char *member,
                  GError **error)
{
  NmdJsonValue object;
  gint64 n_filled = 0;

  *self = (NmdReliability)NMD_RELIABILITY_NONE;
  if (!nmd_json_get_object (parent, member, NMD_JSON_OPTIONAL, &object, error)
      || !nmd_json_get_number (&object, "slope", NMD_JSON_OPTIONAL, -INFINITY, INFINITY,
                               &self->slope, error)
      || !nmd_json_get_number (&object, "intercept", NMD_JSON_OPTIONAL, -INFINITY,
                               INFINITY, &self->intercept, error)
      || !nmd_interval_from_json (&self->slope_ci, &object, "slope_ci_subject", INFINITY,
                                  error)
      || !nmd_interval_from_json (&self->intercept_ci, &object, "intercept_ci_subject",
                                  INFINITY, error)
      || !nmd_json_get_number (&object, "ece", NMD_JSON_OPTIONAL, 0, 1, &self->ece, error)
      || !nmd_json_get_number (&object, "brier", NMD_JSON_OPTIONAL, 0, 1, &self->brier,
                               error)
      || !nmd_json_get_int (&object, "bins_with_images", NMD_JSON_OPTIONAL, 0,
                            NMD_RELIABILITY_BINS, &n_filled, error))
    return FALSE;
  self->n_filled = (guint)n_filled;
  return TRUE;
}

static gboolean
read_calibration (NmdEvalResults *self, const NmdJsonValue *top, GError **error)
{
  NmdCalibration *fit = &self->calibration;
  gint64 n_images = 0, n_subjects = 0;
  NmdJsonValue object;

  if (!nmd_json_get_object (top, "calibration", NMD_JSON_OPTIONAL, &object, error)
      || !read_reliability (&self->raw, &object, "score", error)
      || !read_reliability (&self->calibrated, &object, "probability", error)
      || !nmd_json_dup_text (&object, "missing", NMD_JSON_OPTIONAL,
                             &self->calibration_missing, error))
    return FALSE;
  self->is_calibrated = nmd_json_value_has (&object, "temperature");
  if (!self->is_calibrated)
    return TRUE;
  fit->prevalence = NAN; /* older files have none */
  if (!nmd_json_get_number (&object, "temperature", NMD_JSON_REQUIRED, 0, INFINITY,
                            &fit->temperature, error)
      || !nmd_json_get_number (&object, "prevalence", NMD_JSON_OPTIONAL, 0, 1,
                               &fit->prevalence, error)
      || !nmd_json_get_number (&object, "temperature_alone", NMD_JSON_OPTIONAL, 0,
                               INFINITY, &self->temperature, error)
      || !nmd_json_get_number (&object, "intercept", NMD_JSON_REQUIRED, -INFINITY,
                               INFINITY, &fit->intercept, error)
      || !nmd_json_get_int (&object, "n_images", NMD_JSON_OPTIONAL, 0, G_MAXINT,
                            &n_images, error)
      || !nmd_json_get_int (&object, "n_subjects", NMD_JSON_OPTIONAL, 0, G_MAXINT,
                            &n_subjects, error))
    return FALSE;
  fit->n_images = (guint)n_images;
  fit->n_subjects = (guint)n_subjects;
  return TRUE;
}

static gboolean
read_rival (NmdEvalResults *self, const NmdJsonValue *top, GError **error)
{
  NmdJsonValue object, model;

  if (!nmd_json_get_object (top, "rival", NMD_JSON_OPTIONAL, &object, error)
      || !nmd_json_dup_text (&object, "missing", NMD_JSON_OPTIONAL, &self->rival_missing,
                             error)
      || !nmd_json_get_object (&object, "model", NMD_JSON_OPTIONAL, &model, error))
    return FALSE;
  if (model.node != NULL)
    self->rival_model = json_node_copy (model.node);
  self->has_rival = nmd_json_value_has (&object, "auc");
  return !self->has_rival || nmd_comparison_from_json (&self->comparison, &object, error);
}

static gboolean
read_rivals (NmdEvalResults *self, const NmdJsonValue *top, GError **error)
{
  self->rivals = nmd_rivals_from_json (top, error);
  self->rival_p_holm = NAN;
  return self->rivals != NULL
         && nmd_json_get_number (top, "rival_p_holm", NMD_JSON_OPTIONAL, 0, 1,
                                 &self->rival_p_holm, error);
}

static gboolean
read_texts (NmdEvalResults *self, const NmdJsonValue *top, GError **error)
{
  if (!nmd_json_dup_text (top, "part", NMD_JSON_REQUIRED, &self->part, error)
      || !nmd_json_get_boolean (top, "synthetic", NMD_JSON_OPTIONAL, &self->synthetic,
                                error)
      || !nmd_json_get_boolean (top, "not_meaningful", NMD_JSON_OPTIONAL,
                                &self->not_meaningful, error)
      || !nmd_json_dup_texts (top, "warnings", NMD_JSON_OPTIONAL, &self->warnings, error)
      || !nmd_json_dup_text (top, "caveat", NMD_JSON_OPTIONAL, &self->caveat, error)
      || !nmd_json_dup_text (top, "note", NMD_JSON_OPTIONAL, &self->note, error))
    return FALSE;
  if (self->warnings == NULL)
    self->warnings = g_new0 (char *, 1);
  return TRUE;
}

NmdEvalResults *
nmd_eval_results_from_json (JsonNode *node, const char *path, GError **error)
{
  g_autoptr (NmdEvalResults) self = g_new0 (NmdEvalResults, 1);
  NmdJsonValue top, metrics, by_subject;

  g_return_val_if_fail (node != NULL && path != NULL, NULL);
  top = nmd_json_value_top (node, path);
  if (!read_texts (self, &top, error)
      || !nmd_json_get_object (&top, "metrics", NMD_JSON_REQUIRED, &metrics, error)
      || !nmd_metrics_from_json (&self->by_image, &metrics, error)
      || !nmd_json_get_object (&top, "by_subject", NMD_JSON_OPTIONAL, &by_subject, error))
    return NULL;
  self->has_by_subject = by_subject.node != NULL;
  if ((self->has_by_subject
       && !nmd_metrics_from_json (&self->by_subject, &by_subject, error))
      || !read_threshold (self, &top, error) || !read_rival (self, &top, error)
      || !read_calibration (self, &top, error) || !read_rivals (self, &top, error)
      || !nmd_results_utility_from_json (self, &top, error))
    return NULL;
  return g_steal_pointer (&self);
}
