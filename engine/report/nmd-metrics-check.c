/* SPDX-License-Identifier: Apache-2.0
 *
 * Computes a run's results anew and compares them as JSON.
 */
#include "config.h"

#include "engine/report/nmd-metrics-check.h"

#include "engine/core/nmd-json-value.h"
#include "engine/core/nmd-number.h"
#include "engine/train/nmd-evaluate.h"

#include <math.h>
#include <string.h>

/* What is not computed anew, at the top. */
static const char *const passed_over[]
    = { "rivals", "rival_p_holm", "warnings", "parts", NULL };

/* What older versions did not write; where it is written it is compared. */
static const char *const written_later[]
    = { "slope_ci_subject", "intercept_ci_subject", "n_subjects_with_both_labels", NULL };

/* What a run says of itself beside the measures, at the top. */
static const char *const described[]
    = { "weights", "device", "initial", "assumed", "import", NULL };

static gboolean compare (
    JsonNode *stored, JsonNode *computed, const char *name, guint *n, GError **error);
static gboolean
refuse_more (JsonObject *stored, JsonObject *computed, const char *name, GError **error);

/* "0.9", "nothing", "text" */
static char *
describe (JsonNode *node)
{
  char buffer[NMD_NUMBER_LENGTH];

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("nothing");
  if (!JSON_NODE_HOLDS_VALUE (node))
    return g_strdup ("a list or an object");
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strdup_printf ("“%s”", json_node_get_string (node));
  if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (node) ? "true" : "false");
  return g_strdup (nmd_number_format (buffer, json_node_get_double (node)));
}

static gboolean
differ (JsonNode *stored, JsonNode *computed, const char *name, GError **error)
{
  g_autofree char *is = describe (stored), *should = describe (computed);

  g_set_error (error, NMD_ERROR, NMD_ERROR_CHANGED,
               "metrics.json: %s is %s, predictions.csv gives %s", name, is, should);
  return FALSE;
}

static gboolean
is_number (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
         && (json_node_get_value_type (node) == G_TYPE_DOUBLE
             || json_node_get_value_type (node) == G_TYPE_INT64);
}

/* Sentences may be worded in another way by another version. */
static gboolean
is_compared_text (const char *name)
{
  return g_str_has_suffix (name, "part") || g_str_has_suffix (name, "rule");
}

static gboolean
compare_value (
    JsonNode *stored, JsonNode *computed, const char *name, guint *n, GError **error)
{
  (*n)++;
  if (is_number (computed))
    {
      double is = is_number (stored) ? json_node_get_double (stored) : NAN;
      double should = json_node_get_double (computed);

      if (!(fabs (is - should)
            <= NMD_METRICS_TOLERANCE * MAX (1, MAX (fabs (is), fabs (should)))))
        return differ (stored, computed, name, error);
      return TRUE;
    }
  if (json_node_get_value_type (computed) == G_TYPE_BOOLEAN)
    return stored != NULL && JSON_NODE_HOLDS_VALUE (stored)
                   && json_node_get_value_type (stored) == G_TYPE_BOOLEAN
                   && json_node_get_boolean (stored) == json_node_get_boolean (computed)
               ? TRUE
               : differ (stored, computed, name, error);
  if (!is_compared_text (name))
    {
      (*n)--;
      return TRUE;
    }
  return stored != NULL && JSON_NODE_HOLDS_VALUE (stored)
                 && json_node_get_value_type (stored) == G_TYPE_STRING
                 && g_str_equal (json_node_get_string (stored),
                                 json_node_get_string (computed))
             ? TRUE
             : differ (stored, computed, name, error);
}

static gboolean
compare_array (
    JsonNode *stored, JsonNode *computed, const char *name, guint *n, GError **error)
{
  JsonArray *array = json_node_get_array (computed), *other = NULL;

  if (stored != NULL && JSON_NODE_HOLDS_ARRAY (stored))
    other = json_node_get_array (stored);
  if (other == NULL || json_array_get_length (other) != json_array_get_length (array))
    return differ (stored, computed, name, error);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *place = g_strdup_printf ("%s[%u]", name, i);

      if (!compare (json_array_get_element (other, i), json_array_get_element (array, i),
                    place, n, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
compare_object (
    JsonNode *stored, JsonNode *computed, const char *name, guint *n, GError **error)
{
  JsonObject *object = json_node_get_object (computed), *other = NULL;
  g_autoptr (GList) members = json_object_get_members (object);

  if (stored == NULL || !JSON_NODE_HOLDS_OBJECT (stored))
    return differ (stored, computed, name, error);
  other = json_node_get_object (stored);
  for (GList *member = members; member != NULL; member = member->next)
    {
      const char *word = member->data;
      g_autofree char *place
          = *name != '\0' ? g_strdup_printf ("%s.%s", name, word) : g_strdup (word);

      if ((*name == '\0' && g_strv_contains (passed_over, word))
          || (g_strv_contains (written_later, word)
              && !json_object_has_member (other, word)))
        continue;
      if (!compare (json_object_get_member (other, word),
                    json_object_get_member (object, word), place, n, error))
        return FALSE;
    }
  return refuse_more (other, object, name, error);
}

/* Nothing may stand in @stored that the scores do not give: nothing but sentences and empty places. */
static gboolean
refuse_more (JsonObject *stored, JsonObject *computed, const char *name, GError **error)
{
  g_autoptr (GList) members = json_object_get_members (stored);

  for (GList *member = members; member != NULL; member = member->next)
    {
      const char *word = member->data;
      JsonNode *node = json_object_get_member (stored, word);
      g_autofree char *place
          = *name != '\0' ? g_strdup_printf ("%s.%s", name, word) : g_strdup (word);

      if (json_object_has_member (computed, word) || JSON_NODE_HOLDS_NULL (node)
          || (JSON_NODE_HOLDS_VALUE (node)
              && json_node_get_value_type (node) == G_TYPE_STRING)
          || (*name == '\0'
              && (g_strv_contains (passed_over, word)
                  || g_strv_contains (described, word))))
        continue;
      return differ (node, NULL, place, error);
    }
  return TRUE;
}

/* The recursion is as deep as what the engine computed. */
static gboolean
compare (JsonNode *stored, JsonNode *computed, const char *name, guint *n, GError **error)
{
  switch (json_node_get_node_type (computed))
    {
    case JSON_NODE_OBJECT:
      return compare_object (stored, computed, name, n, error);
    case JSON_NODE_ARRAY:
      return compare_array (stored, computed, name, n, error);
    case JSON_NODE_VALUE:
      return compare_value (stored, computed, name, n, error);
    case JSON_NODE_NULL:
    default:
      (*n)++;
      /* a sentence that an older version wrote is no number */
      return stored == NULL || JSON_NODE_HOLDS_NULL (stored)
                     || (JSON_NODE_HOLDS_VALUE (stored)
                         && json_node_get_value_type (stored) == G_TYPE_STRING)
                 ? TRUE
                 : differ (stored, computed, name, error);
    }
}

/* All parts at the threshold of the measured one. */
static gboolean
compare_parts (
    const NmdRun *run, JsonObject *top, double threshold, guint *n, GError **error)
{
  JsonNode *node = json_object_get_member (top, "parts");
  JsonObject *parts = node != NULL && JSON_NODE_HOLDS_OBJECT (node)
                          ? json_node_get_object (node)
                          : NULL;

  for (int i = NMD_PART_TRAIN; i <= NMD_PART_TEST && parts != NULL; i++)
    {
      const char *name = nmd_part_get_name ((NmdPart)i);
      g_autoptr (NmdScores) scores = nmd_run_load_scores (run, (NmdPart)i, error);
      g_autofree char *place = g_strdup_printf ("parts.%s", name);
      g_autoptr (JsonNode) computed = NULL;
      NmdMetrics metrics;

      if (scores == NULL)
        return FALSE;
      if (nmd_scores_get_n (scores) == 0 && !json_object_has_member (parts, name))
        continue;
      computed = nmd_metrics_compute (scores, threshold, name, &metrics, NULL)
                     ? nmd_metrics_to_json (&metrics, name, "image")
                     : json_node_new (JSON_NODE_NULL);
      if (!compare (json_object_get_member (parts, name), computed, place, n, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
nmd_metrics_check (const NmdRun *run, guint *n_numbers, GError **error)
{
  g_autofree char *path
      = g_build_filename (nmd_run_get_folder (run), "metrics.json", NULL);
  JsonNode *stored = nmd_run_get_metrics (run);
  g_autoptr (NmdEvalResults) told = NULL, results = NULL;
  g_autoptr (JsonNode) computed = json_node_new (JSON_NODE_OBJECT);
  NmdPart part = NMD_PART_NONE;

  *n_numbers = 0;
  if (stored == NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_CHANGED, "%s is not there", path);
      return FALSE;
    }
  told = nmd_eval_results_from_json (stored, path, error);
  if (told == NULL)
    return FALSE;
  if (!nmd_part_parse (told->part, &part) || part == NMD_PART_NONE)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_CHANGED,
                   "%s: part is “%s”, which is no part of a run", path, told->part);
      return FALSE;
    }
  results = nmd_run_measure (run, part, &told->threshold.rule, error);
  if (results == NULL)
    return FALSE;
  json_node_take_object (computed, nmd_eval_results_to_json (results));
  return compare (stored, computed, "", n_numbers, error)
         && compare_parts (run, json_node_get_object (stored), results->threshold.value,
                           n_numbers, error);
}
