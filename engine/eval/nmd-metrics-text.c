/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures as words for people and as JSON, and JSON read back. Computes nothing.
 */
#include "config.h"

#include "engine/core/nmd-json-value.h"
#include "engine/eval/nmd-metrics-private.h"

#include <math.h>
#include <string.h>

/* Under so many subjects in a class every interval is said to be rough. */
#define FEW_SUBJECTS 10
/* A high AUC needs 1/(1 − AUC) subjects of each class, so that one misranked subject is
 * expected; not more than this. */
#define MOST_NEEDED 100

static const char methods[][2][88] = {
  { "Wilson 1927, images as if independent",
    "Wilson 1927, design effect of subjects, 5 % to an end that can miss alone" },
  { "DeLong 1988, images as if independent",
    "Newcombe 2006 method 5 with the variance of Obuchowski 1997" },
};

char *
nmd_metrics_get_subjects (const NmdMetrics *metrics)
{
  g_autofree char *mixed = NULL;

  g_return_val_if_fail (metrics != NULL, NULL);
  if (metrics->n_mixed > 0)
    mixed = g_strdup_printf (" (%u with images of both labels)", metrics->n_mixed);
  return g_strdup_printf ("%u positive%s and %u negative subject%s",
                          metrics->n_subjects_with[1], mixed != NULL ? mixed : "",
                          metrics->n_subjects_with[0],
                          metrics->n_subjects_with[0] == 1 ? "" : "s");
}

char *
nmd_metrics_get_caution (const NmdMetrics *metrics)
{
  g_autofree char *subjects = NULL;
  double auc, needed;
  guint fewer;

  g_return_val_if_fail (metrics != NULL, NULL);
  subjects = nmd_metrics_get_subjects (metrics);
  /* of those with images of both labels each class has images */
  fewer
      = MIN (metrics->n_subjects_with[0] + metrics->n_mixed, metrics->n_subjects_with[1]);
  if (fewer < NMD_MIN_SUBJECTS)
    return g_strdup_printf ("Only %s: too few for intervals by subject", subjects);
  if (fewer < FEW_SUBJECTS)
    return g_strdup_printf ("Only %s: the intervals by subject are rough", subjects);
  auc = MAX (metrics->auc.value, 1 - metrics->auc.value);
  needed = MIN (ceil (1 / (1 - auc) - 1e-9), MOST_NEEDED);
  if (!(fewer < needed))
    return NULL;
  return g_strdup_printf (
      "%s: too few to tell an AUC this near %d from a perfect one; about "
      "%.0f of each class are needed",
      subjects, metrics->auc.value > 0.5, needed);
}

const char *
nmd_metrics_get_unit (const NmdMetrics *metrics)
{
  g_return_val_if_fail (metrics != NULL, NULL);
  return metrics->has_subjects ? "by subject" : "by image";
}

char *
nmd_measure_get_missing (const NmdMeasure *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  if (isfinite (self->ci_subject.low) && isfinite (self->ci_subject.high))
    return NULL;
  if (self->few_label < 0)
    return g_strdup ("no value");
  return g_strdup_printf ("%u %s subject%s", self->few,
                          self->few_label ? "positive" : "negative",
                          self->few == 1 ? "" : "s");
}

/* So many decimals, more where an end would look like a 0, 1 or −1 that it is not. */
static void
format_end (char buffer[32], double value, int decimals)
{
  for (; decimals <= 6; decimals++)
    {
      char form[8];
      double shown;

      g_snprintf (form, sizeof form, "%%.%df", decimals);
      g_ascii_formatd (buffer, 32, form, value);
      shown = fabs (g_ascii_strtod (buffer, NULL));
      if ((value == 0 || shown > 0) && (fabs (value) >= 1 || shown < 1))
        return;
    }
}

/* Whether the printed ends hold the value, which is printed with three decimals, where the
 * ends do. */
static gboolean
holds (const char *low, const char *high, const NmdMeasure *self)
{
  return !(self->ci_subject.low <= self->value && self->value <= self->ci_subject.high)
         || (g_ascii_strtod (low, NULL) <= self->value + 0.0005
             && self->value - 0.0005 <= g_ascii_strtod (high, NULL));
}

char *
nmd_measure_interval_to_text (const NmdMeasure *self)
{
  g_autofree char *missing = NULL;
  char low[32], high[32];

  g_return_val_if_fail (self != NULL, NULL);
  missing = nmd_measure_get_missing (self);
  if (missing != NULL)
    return g_strdup_printf ("no interval: %s", missing);
  for (int decimals = 2; decimals <= 6; decimals++)
    {
      format_end (low, self->ci_subject.low, decimals);
      format_end (high, self->ci_subject.high, decimals);
      if (self->ci_subject.low == self->ci_subject.high
          || (strcmp (low, high) != 0 && holds (low, high, self)))
        break;
    }
  return g_strdup_printf ("[%s, %s]", low, high);
}

char *
nmd_measure_to_text (const NmdMeasure *self)
{
  g_autofree char *interval = NULL, *missing = NULL;
  char value[32];

  g_return_val_if_fail (self != NULL, NULL);
  if (isnan (self->value))
    return g_strdup ("–");
  g_ascii_formatd (value, sizeof value, "%.3f", self->value);
  interval = nmd_measure_interval_to_text (self);
  missing = nmd_measure_get_missing (self);
  return g_strdup_printf (missing != NULL ? "%s (%s)" : "%s %s", value, interval);
}

/* ---- JSON
   ---------------------------------------------------------------------------- */

void
nmd_interval_to_json (JsonObject *object, const char *member, const NmdInterval *self)
{
  JsonArray *ends;

  g_return_if_fail (object != NULL && member != NULL && self != NULL);
  if (isnan (self->low) || isnan (self->high))
    {
      json_object_set_null_member (object, member);
      return;
    }
  ends = json_array_new ();
  json_array_add_double_element (ends, self->low);
  json_array_add_double_element (ends, self->high);
  json_object_set_array_member (object, member, ends);
}

void
nmd_measure_to_json (const NmdMeasure *self,
                     JsonObject *object,
                     const char *name,
                     gboolean has_by_image)
{
  g_autofree char *missing = nmd_measure_get_missing (self);
  g_autofree char *by_image = g_strconcat (name, "_ci", NULL);
  g_autofree char *by_subject = g_strconcat (name, "_ci_subject", NULL);
  g_autofree char *none = g_strconcat (name, "_no_interval", NULL);

  nmd_json_set_number (object, name, self->value);
  if (has_by_image)
    nmd_interval_to_json (object, by_image, &self->ci);
  nmd_interval_to_json (object, by_subject, &self->ci_subject);
  if (missing != NULL)
    json_object_set_string_member (object, none, missing);
}

static void
set_methods (JsonObject *object, const NmdMeasureInfo *info)
{
  g_autofree char *by_image = g_strconcat (info->name, "_ci_method", NULL);
  g_autofree char *by_subject = g_strconcat (info->name, "_ci_subject_method", NULL);
  gboolean is_auc = g_str_equal (info->name, "auc");

  if (info->has_by_image)
    json_object_set_string_member (object, by_image, methods[is_auc][0]);
  json_object_set_string_member (object, by_subject, methods[is_auc][1]);
}

JsonNode *
nmd_metrics_to_json (const NmdMetrics *metrics, const char *part, const char *unit)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autofree char *caution = NULL;

  g_return_val_if_fail (metrics != NULL && part != NULL && unit != NULL, NULL);
  json_object_set_string_member (object, "part", part);
  json_object_set_string_member (object, "unit", unit);
  json_object_set_string_member (object, "interval_unit",
                                 metrics->has_subjects ? "subject" : "image");
  nmd_json_set_number (object, "threshold", metrics->threshold);
  json_object_set_int_member (object, "tp", metrics->tp);
  json_object_set_int_member (object, "tn", metrics->tn);
  json_object_set_int_member (object, "fp", metrics->fp);
  json_object_set_int_member (object, "fn", metrics->fn);
  for (guint m = 0; m < NMD_N_MEASURES; m++)
    {
      nmd_measure_to_json (nmd_metrics_get_measure ((NmdMetrics *)metrics, m), object,
                           nmd_measures[m].name, nmd_measures[m].has_by_image);
      set_methods (object, &nmd_measures[m]);
    }
  json_object_set_int_member (object, "n_images", metrics->n_images);
  json_object_set_int_member (object, "n_subjects", metrics->n_subjects);
  json_object_set_int_member (object, "n_positive_subjects", metrics->n_subjects_with[1]);
  json_object_set_int_member (object, "n_negative_subjects", metrics->n_subjects_with[0]);
  json_object_set_int_member (object, "n_subjects_with_both_labels", metrics->n_mixed);
  caution = nmd_metrics_get_caution (metrics);
  if (caution != NULL)
    json_object_set_string_member (object, "caution", caution);
  json_node_take_object (node, object);
  return node;
}

gboolean
nmd_interval_from_json (NmdInterval *self,
                        const NmdJsonValue *object,
                        const char *member,
                        double most,
                        GError **error)
{
  double *const ends[] = { &self->low, &self->high };
  NmdJsonValue pair;
  guint n;

  if (!nmd_json_get_array (object, member, NMD_JSON_OPTIONAL, &pair, &n, error))
    return FALSE;
  if (pair.node == NULL)
    return TRUE;
  if (n != 2)
    return nmd_json_value_refuse (object, member, error, "holds %u numbers: 2 expected",
                                  n);
  for (guint i = 0; i < n; i++)
    {
      NmdJsonValue end = nmd_json_value_element (&pair, i);

      if (!nmd_json_get_number (&end, NULL, NMD_JSON_REQUIRED, -most, most, ends[i],
                                error))
        return FALSE;
    }
  return TRUE;
}

/* "3 positive subjects" back into numbers; other texts leave them. */
static void
parse_missing (NmdMeasure *measure, const char *text)
{
  char *rest = NULL;
  guint64 few = g_ascii_strtoull (text, &rest, 10);

  if (rest == text || few > G_MAXUINT)
    return;
  measure->few = (guint)few;
  measure->few_label = g_str_has_prefix (rest, " positive")   ? 1
                       : g_str_has_prefix (rest, " negative") ? 0
                                                              : -1;
}

gboolean
nmd_measure_from_json (NmdMeasure *self,
                       const NmdJsonValue *object,
                       const char *name,
                       GError **error)
{
  g_autofree char *by_image = g_strconcat (name, "_ci", NULL);
  g_autofree char *by_subject = g_strconcat (name, "_ci_subject", NULL);
  g_autofree char *member = g_strconcat (name, "_no_interval", NULL);
  const char *missing = NULL;

  *self = (NmdMeasure)NMD_MEASURE_NONE;
  if (!nmd_json_get_number (object, name, NMD_JSON_OPTIONAL, -1, 1, &self->value, error)
      || !nmd_interval_from_json (&self->ci, object, by_image, 1, error)
      || !nmd_interval_from_json (&self->ci_subject, object, by_subject, 1, error)
      || !nmd_json_get_text (object, member, NMD_JSON_OPTIONAL, &missing, error))
    return FALSE;
  if (missing != NULL)
    parse_missing (self, missing);
  return TRUE;
}

static gboolean
get_counts (NmdMetrics *metrics, const NmdJsonValue *object, GError **error)
{
  const struct
  {
    const char *name;
    guint *place;
    NmdJsonNeed need;
  } counts[] = {
    { "tp", &metrics->tp, NMD_JSON_REQUIRED },
    { "tn", &metrics->tn, NMD_JSON_REQUIRED },
    { "fp", &metrics->fp, NMD_JSON_REQUIRED },
    { "fn", &metrics->fn, NMD_JSON_REQUIRED },
    { "n_images", &metrics->n_images, NMD_JSON_REQUIRED },
    { "n_subjects", &metrics->n_subjects, NMD_JSON_REQUIRED },
    { "n_positive_subjects", &metrics->n_subjects_with[1], NMD_JSON_OPTIONAL },
    { "n_negative_subjects", &metrics->n_subjects_with[0], NMD_JSON_OPTIONAL },
    { "n_subjects_with_both_labels", &metrics->n_mixed, NMD_JSON_OPTIONAL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      gint64 value = 0;

      if (!nmd_json_get_int (object, counts[i].name, counts[i].need, 0, G_MAXINT, &value,
                             error))
        return FALSE;
      *counts[i].place = (guint)value;
    }
  return TRUE;
}

gboolean
nmd_metrics_from_json (NmdMetrics *metrics, const NmdJsonValue *object, GError **error)
{
  const char *unit = "subject";

  g_return_val_if_fail (metrics != NULL && object != NULL, FALSE);
  *metrics = (NmdMetrics){ .threshold = NAN };
  if (!nmd_json_get_number (object, "threshold", NMD_JSON_OPTIONAL, -INFINITY, INFINITY,
                            &metrics->threshold, error)
      || !nmd_json_get_text (object, "interval_unit", NMD_JSON_OPTIONAL, &unit, error)
      || !get_counts (metrics, object, error))
    return FALSE;
  metrics->has_subjects = g_str_equal (unit, "subject");
  for (guint m = 0; m < NMD_N_MEASURES; m++)
    if (!nmd_measure_from_json (nmd_metrics_get_measure (metrics, m), object,
                                nmd_measures[m].name, error))
      return FALSE;
  return TRUE;
}
