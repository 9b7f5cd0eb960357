/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts predictive values, decision curve, sample size and the unit subject-and-muscle into
 * results, as numbers, as sentences and as JSON.
 */
#include "config.h"

#include "engine/eval/nmd-results-private.h"

#include <math.h>

static void
add_decision (NmdEvalResults *self, const NmdScores *probabilities, guint64 seed)
{
  const NmdDecisionCurve *curve = &self->decision;
  g_autofree char *sure = NULL;
  double sure_from, sure_to;
  char from[32], to[32], low[32], high[32];

  self->has_decision = nmd_decision_curve (probabilities, NAN, seed, &self->decision);
  if (!self->has_decision)
    return;
  if (isnan (curve->useful_from))
    {
      self->decision_text
          = g_strdup ("Decision curve: at no threshold probability better than calling "
                      "everybody or nobody positive");
      return;
    }
  g_ascii_formatd (from, sizeof from, "%.2f", curve->useful_from);
  g_ascii_formatd (to, sizeof to, "%.2f", curve->useful_to);
  if (nmd_decision_curve_find_sure (curve, &sure_from, &sure_to))
    sure = g_strdup_printf ("; by the lower end of the 95 %% interval from %s to %s",
                            g_ascii_formatd (low, sizeof low, "%.2f", sure_from),
                            g_ascii_formatd (high, sizeof high, "%.2f", sure_to));
  else if (!isnan (curve->low[0]))
    sure = g_strdup ("; by the lower end of the 95 % interval at none");
  self->decision_text = g_strdup_printf (
      "Decision curve: better than calling everybody or nobody positive at threshold "
      "probabilities from %s to %s, at %.0f %% prevalence%s",
      from, to, 100 * curve->prevalence, sure != NULL ? sure : "");
}

void
nmd_results_add_utility (NmdEvalResults *self,
                         const NmdScores *probabilities,
                         guint64 seed)
{
  NmdSampleSize size;

  nmd_sample_size_compute (probabilities != NULL ? probabilities : self->scores, &size);
  self->sample_size = size;
  self->sample_size_text = nmd_sample_size_to_text (&size);
  if (probabilities != NULL)
    add_decision (self, probabilities, seed);
}

void
nmd_results_add_conformal (NmdEvalResults *self, const NmdScores *validation)
{
  nmd_conformal_fit (validation, NMD_CONFORMAL_LEVEL, &self->conformal);
  nmd_conformal_measure (&self->conformal, self->scores, &self->coverage);
  self->conformal_text = nmd_conformal_to_text (&self->conformal, &self->coverage);
  self->has_conformal = TRUE;
}

void
nmd_results_measure_utility (NmdEvalResults *self, const char *name)
{
  g_autoptr (NmdScores) muscles = nmd_scores_by_unit (self->scores, NMD_UNIT_MUSCLE);
  guint n = nmd_scores_get_n (muscles);

  self->has_by_muscle
      = n > self->by_image.n_subjects && n < self->by_image.n_images
        && nmd_metrics_compute (muscles, self->threshold.value, name, &self->by_muscle,
                                NULL); /* one class only: none */
  for (guint i = 0; i < NMD_N_PREVALENCES; i++)
    self->predictive[i] = nmd_predictive_values (
        &self->by_image.sensitivity, &self->by_image.specificity, nmd_prevalences[i]);
  self->has_predictive = TRUE;
}

static void
set_pair (JsonObject *object, const char *member, const NmdInterval *pair)
{
  JsonArray *ends;

  if (isnan (pair->low) || isnan (pair->high))
    {
      json_object_set_null_member (object, member);
      return;
    }
  ends = json_array_new ();
  json_array_add_double_element (ends, pair->low);
  json_array_add_double_element (ends, pair->high);
  json_object_set_array_member (object, member, ends);
}

static void
set_column (JsonObject *object, const char *member, const double *values)
{
  JsonArray *column = json_array_new ();

  for (guint i = 0; i < NMD_DECISION_POINTS; i++)
    if (isfinite (values[i]))
      json_array_add_double_element (column, values[i]);
    else
      json_array_add_null_element (column);
  json_object_set_array_member (object, member, column);
}

static JsonObject *
decision_to_json (const NmdEvalResults *self)
{
  const NmdDecisionCurve *curve = &self->decision;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "text", self->decision_text);
  nmd_json_set_number (object, "prevalence", curve->prevalence);
  nmd_json_set_number (object, "useful_from", curve->useful_from);
  nmd_json_set_number (object, "useful_to", curve->useful_to);
  set_column (object, "threshold_probability", curve->threshold);
  set_column (object, "net_benefit", curve->model);
  set_column (object, "net_benefit_low", curve->low);
  set_column (object, "net_benefit_high", curve->high);
  set_column (object, "net_benefit_all", curve->all);
  return object;
}

static JsonArray *
predictive_to_json (const NmdEvalResults *self)
{
  JsonArray *rows = json_array_new ();

  for (guint i = 0; i < NMD_N_PREVALENCES; i++)
    {
      const NmdPredictiveValues *values = &self->predictive[i];
      JsonObject *row = json_object_new ();

      nmd_json_set_number (row, "prevalence", values->prevalence);
      nmd_json_set_number (row, "ppv", values->ppv);
      set_pair (row, "ppv_ci_subject", &values->ppv_ci);
      nmd_json_set_number (row, "npv", values->npv);
      set_pair (row, "npv_ci_subject", &values->npv_ci);
      json_array_add_object_element (rows, row);
    }
  return rows;
}

void
nmd_results_utility_to_json (const NmdEvalResults *self, JsonObject *object)
{
  JsonObject *size;

  if (self->has_by_muscle)
    json_object_set_member (object, "by_subject_and_muscle",
                            nmd_metrics_to_json (&self->by_muscle, self->part,
                                                 nmd_unit_get_name (NMD_UNIT_MUSCLE)));
  if (self->has_predictive)
    json_object_set_array_member (object, "predictive_values", predictive_to_json (self));
  if (self->decision_text != NULL)
    json_object_set_object_member (object, "decision_curve", decision_to_json (self));
  if (self->has_conformal)
    json_object_set_member (object, "conformal",
                            nmd_coverage_to_json (&self->conformal, &self->coverage));
  if (self->sample_size_text == NULL)
    return;
  size = json_object_new ();
  json_object_set_string_member (size, "text", self->sample_size_text);
  json_object_set_int_member (size, "n_subjects", self->sample_size.n_here);
  nmd_json_set_number (size, "prevalence", self->sample_size.prevalence);
  nmd_json_set_number (size, "for_auc", self->sample_size.n_auc);
  nmd_json_set_number (size, "for_observed_over_expected", self->sample_size.n_oe);
  nmd_json_set_number (size, "for_slope", self->sample_size.n_slope);
  json_object_set_object_member (object, "sample_size", size);
}

/* ---- Reading */

static gboolean
read_pair (const NmdJsonValue *row, const char *member, NmdInterval *pair, GError **error)
{
  double *const ends[] = { &pair->low, &pair->high };
  NmdJsonValue array;
  guint n;

  *pair = (NmdInterval){ NAN, NAN };
  if (!nmd_json_get_array (row, member, NMD_JSON_OPTIONAL, &array, &n, error))
    return FALSE;
  if (array.node == NULL)
    return TRUE;
  if (n != 2)
    return nmd_json_value_refuse (row, member, error, "holds %u numbers: 2 expected", n);
  for (guint i = 0; i < n; i++)
    {
      NmdJsonValue end = nmd_json_value_element (&array, i);

      if (!nmd_json_get_number (&end, NULL, NMD_JSON_REQUIRED, 0, 1, ends[i], error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_predictive (NmdEvalResults *self, const NmdJsonValue *top, GError **error)
{
  NmdJsonValue rows;
  guint n;

  if (!nmd_json_get_array (top, "predictive_values", NMD_JSON_OPTIONAL, &rows, &n, error))
    return FALSE;
  if (rows.node == NULL)
    return TRUE;
  if (n != NMD_N_PREVALENCES)
    return nmd_json_value_refuse (top, "predictive_values", error,
                                  "holds %u rows: %d expected", n, NMD_N_PREVALENCES);
  for (guint i = 0; i < n; i++)
    {
      NmdPredictiveValues *values = &self->predictive[i];
      NmdJsonValue row = nmd_json_value_element (&rows, i);

      values->prevalence = values->ppv = values->npv = NAN;
      if (!nmd_json_get_number (&row, "prevalence", NMD_JSON_REQUIRED, 0, 1,
                                &values->prevalence, error)
          || !nmd_json_get_number (&row, "ppv", NMD_JSON_OPTIONAL, 0, 1, &values->ppv,
                                   error)
          || !nmd_json_get_number (&row, "npv", NMD_JSON_OPTIONAL, 0, 1, &values->npv,
                                   error)
          || !read_pair (&row, "ppv_ci_subject", &values->ppv_ci, error)
          || !read_pair (&row, "npv_ci_subject", &values->npv_ci, error))
        return FALSE;
    }
  self->has_predictive = TRUE;
  return TRUE;
}

static gboolean
read_column (const NmdJsonValue *object,
             const char *member,
             double values[NMD_DECISION_POINTS],
             GError **error)
{
  NmdJsonValue column;
  guint n;

  if (!nmd_json_get_array (object, member, NMD_JSON_REQUIRED, &column, &n, error))
    return FALSE;
  if (n != NMD_DECISION_POINTS)
    return nmd_json_value_refuse (object, member, error, "holds %u numbers: %d expected",
                                  n, NMD_DECISION_POINTS);
  for (guint i = 0; i < n; i++)
    {
      NmdJsonValue one = nmd_json_value_element (&column, i);

      values[i] = NAN;
      if (!nmd_json_get_number (&one, NULL, NMD_JSON_OPTIONAL, -INFINITY, INFINITY,
                                &values[i], error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_decision (NmdEvalResults *self, const NmdJsonValue *top, GError **error)
{
  NmdDecisionCurve *curve = &self->decision;
  NmdJsonValue object;

  if (!nmd_json_get_object (top, "decision_curve", NMD_JSON_OPTIONAL, &object, error))
    return FALSE;
  self->has_decision = object.node != NULL;
  if (!self->has_decision)
    return TRUE;
  curve->useful_from = curve->useful_to = curve->prevalence = NAN;
  return nmd_json_dup_text (&object, "text", NMD_JSON_REQUIRED, &self->decision_text,
                            error)
         && nmd_json_get_number (&object, "prevalence", NMD_JSON_OPTIONAL, 0, 1,
                                 &curve->prevalence, error)
         && nmd_json_get_number (&object, "useful_from", NMD_JSON_OPTIONAL, 0, 1,
                                 &curve->useful_from, error)
         && nmd_json_get_number (&object, "useful_to", NMD_JSON_OPTIONAL, 0, 1,
                                 &curve->useful_to, error)
         && read_column (&object, "threshold_probability", curve->threshold, error)
         && read_column (&object, "net_benefit", curve->model, error)
         && read_column (&object, "net_benefit_low", curve->low, error)
         && read_column (&object, "net_benefit_high", curve->high, error)
         && read_column (&object, "net_benefit_all", curve->all, error);
}

static gboolean
read_sample_size (NmdEvalResults *self, const NmdJsonValue *top, GError **error)
{
  NmdSampleSize *size = &self->sample_size;
  NmdJsonValue object;

  *size = (NmdSampleSize){ 0, NAN, NAN, NAN, NAN, NAN };
  if (!nmd_json_get_object (top, "sample_size", NMD_JSON_OPTIONAL, &object, error))
    return FALSE;
  if (object.node == NULL)
    return TRUE;
  if (!nmd_json_dup_text (&object, "text", NMD_JSON_REQUIRED, &self->sample_size_text,
                          error)
      || !nmd_json_get_count (&object, "n_subjects", &size->n_here, error)
      || !nmd_json_get_number (&object, "prevalence", NMD_JSON_OPTIONAL, 0, 1,
                               &size->prevalence, error)
      || !nmd_json_get_number (&object, "for_auc", NMD_JSON_OPTIONAL, 0, INFINITY,
                               &size->n_auc, error)
      || !nmd_json_get_number (&object, "for_observed_over_expected", NMD_JSON_OPTIONAL,
                               0, INFINITY, &size->n_oe, error)
      || !nmd_json_get_number (&object, "for_slope", NMD_JSON_OPTIONAL, 0, INFINITY,
                               &size->n_slope, error))
    return FALSE;
  return TRUE;
}

static gboolean
read_coverage (NmdEvalResults *self, const NmdJsonValue *object, GError **error)
{
  NmdCoverage *coverage = &self->coverage;
  gint64 n[4] = { 0, 0, 0, 0 };

  *coverage
      = (NmdCoverage){ .covered = { NAN, NAN }, .ci = { { NAN, NAN }, { NAN, NAN } } };
  if (!nmd_json_get_number (object, "coverage_negative", NMD_JSON_OPTIONAL, 0, 1,
                            &coverage->covered[0], error)
      || !nmd_json_get_number (object, "coverage_positive", NMD_JSON_OPTIONAL, 0, 1,
                               &coverage->covered[1], error)
      || !read_pair (object, "coverage_negative_ci_subject", &coverage->ci[0], error)
      || !read_pair (object, "coverage_positive_ci_subject", &coverage->ci[1], error)
      || !nmd_json_get_int (object, "n_images", NMD_JSON_OPTIONAL, 0, G_MAXINT, &n[0],
                            error)
      || !nmd_json_get_int (object, "n_cannot_be_judged", NMD_JSON_OPTIONAL, 0, G_MAXINT,
                            &n[1], error)
      || !nmd_json_get_int (object, "n_both_possible", NMD_JSON_OPTIONAL, 0, G_MAXINT,
                            &n[2], error)
      || !nmd_json_get_int (object, "n_right_of_judged", NMD_JSON_OPTIONAL, 0, G_MAXINT,
                            &n[3], error))
    return FALSE;
  coverage->n_images = (guint)n[0], coverage->n_open = (guint)n[1];
  coverage->n_both = (guint)n[2], coverage->n_right = (guint)n[3];
  self->has_conformal = object->node != NULL;
  return TRUE;
}

gboolean
nmd_results_utility_from_json (NmdEvalResults *self,
                               const NmdJsonValue *top,
                               GError **error)
{
  NmdJsonValue muscle, conformal;

  if (!nmd_json_get_object (top, "by_subject_and_muscle", NMD_JSON_OPTIONAL, &muscle,
                            error)
      || !nmd_json_get_object (top, "conformal", NMD_JSON_OPTIONAL, &conformal, error)
      || !nmd_conformal_from_json (&self->conformal, &conformal, error)
      || !nmd_json_dup_text (&conformal, "text", NMD_JSON_OPTIONAL, &self->conformal_text,
                             error)
      || !read_coverage (self, &conformal, error) || !read_decision (self, top, error)
      || !read_sample_size (self, top, error) || !read_predictive (self, top, error))
    return FALSE;
  self->has_by_muscle = muscle.node != NULL;
  return !self->has_by_muscle || nmd_metrics_from_json (&self->by_muscle, &muscle, error);
}
