/* SPDX-License-Identifier: Apache-2.0
 *
 * Recalibration on local cases: some subjects of another data set give threshold and calibration, the others are
 * measured before and after.
 */
#include "engine/train/nmd-evaluate-private.h"

#include <string.h>

/* A subject of the scores. */
typedef struct
{
  const char *name;
  int label; /* 1 if any of its images has it */
} Subject;

static int
compare_subjects (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Subject *)a)->name, ((const Subject *)b)->name);
}

/* Sorted by name, so that nothing depends on the order of rows. */
static GArray *
list_subjects (const NmdScores *scores)
{
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);
  GArray *subjects = g_array_new (FALSE, FALSE, sizeof (Subject));
  GHashTableIter iter;
  gpointer name, label;

  for (guint i = 0; i < nmd_scores_get_n (scores); i++)
    {
      const NmdScore *score = nmd_scores_get (scores, i);
      const char *group = nmd_score_group (score);
      const int before = GPOINTER_TO_INT (g_hash_table_lookup (labels, group));

      g_hash_table_insert (labels, (gpointer)group,
                           GINT_TO_POINTER (before | score->label));
    }
  g_hash_table_iter_init (&iter, labels);
  while (g_hash_table_iter_next (&iter, &name, &label))
    {
      const Subject subject = { name, GPOINTER_TO_INT (label) };

      g_array_append_val (subjects, subject);
    }
  g_array_sort (subjects, compare_subjects);
  return subjects;
}

/* Names of @k subjects of each label, shuffled by the stream "SEED:split:0:local:LABEL". */
static GHashTable *
choose_local (
    const NmdScores *scores, guint k, guint64 seed, const char *name, GError **error)
{
  g_autoptr (GHashTable) chosen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GArray) subjects = list_subjects (scores);

  for (int label = 0; label < 2; label++)
    {
      g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (guint));
      g_autofree char *id = g_strdup_printf ("local:%d", label);
      NmdRandom stream;

      for (guint i = 0; i < subjects->len; i++)
        if (g_array_index (subjects, Subject, i).label == label)
          g_array_append_val (order, i);
      if (order->len <= k)
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
                       "%s has %u %s subjects with a score: %u cannot be taken for "
                       "recalibration and others be measured",
                       name, order->len, label == 1 ? "positive" : "negative", k);
          return NULL;
        }
      nmd_random_init_for (&stream, seed, "split", 0, id);
      nmd_random_shuffle (&stream, (guint *)(void *)order->data, order->len);
      for (guint i = 0; i < k; i++)
        g_hash_table_add (chosen, (gpointer)g_array_index (
                                      subjects, Subject, g_array_index (order, guint, i))
                                      .name);
    }
  return g_steal_pointer (&chosen);
}

static void
set_results (JsonObject *object, const char *member, const NmdEvalResults *results)
{
  json_object_set_object_member (object, member, nmd_eval_results_to_json (results));
}

/* Says "local" where @after, of the results after, names the validation part. */
static void
name_local (JsonObject *after)
{
  JsonObject *calibration = json_object_get_object_member (after, "calibration");
  JsonObject *conformal = json_object_has_member (after, "conformal")
                              ? json_object_get_object_member (after, "conformal")
                              : NULL;

  if (json_object_has_member (calibration, "fitted_on"))
    json_object_set_string_member (calibration, "fitted_on", "local");
  if (conformal != NULL)
    {
      g_autoptr (GString) text = g_string_new (
          json_object_get_string_member_with_default (conformal, "text", ""));

      g_string_replace (text, "validation", "local", 0);
      json_object_set_string_member (conformal, "text", text->str);
    }
}

JsonObject *
nmd_evaluate_local (const NmdEvalInput *input, guint k, GError **error)
{
  g_autoptr (GHashTable) chosen
      = choose_local (input->scores, k, input->seed, input->name, error);
  g_autoptr (NmdScores) local = nmd_scores_new ();
  g_autoptr (NmdScores) rest = nmd_scores_new ();
  g_autoptr (NmdEvalResults) before = NULL;
  g_autoptr (NmdEvalResults) after = NULL;
  NmdEvalInput measured = *input;
  JsonObject *object;

  if (chosen == NULL)
    return NULL;
  for (guint i = 0; i < nmd_scores_get_n (input->scores); i++)
    {
      const NmdScore *score = nmd_scores_get (input->scores, i);

      nmd_scores_add (
          g_hash_table_contains (chosen, nmd_score_group (score)) ? local : rest, score);
    }
  measured.scores = rest;
  measured.no_band = TRUE;
  before = nmd_eval_results_new (&measured, error);
  measured.validation = local;
  measured.note = NULL;
  after = before != NULL ? nmd_eval_results_new (&measured, error) : NULL;
  if (after == NULL)
    return NULL;
  if (g_strcmp0 (after->threshold.part, "validation") == 0)
    {
      g_free (after->threshold.part);
      after->threshold.part = g_strdup ("local");
    }
  if (!after->is_calibrated)
    {
      g_free (after->calibration_missing);
      after->calibration_missing
          = g_strdup_printf ("The %u local images allow none: it needs 10 subjects of "
                             "each class, and scores "
                             "that rise with the share of positives",
                             nmd_scores_get_n (local));
    }
  object = json_object_new ();
  json_object_set_int_member (object, "subjects_of_each_class", k);
  json_object_set_int_member (object, "local_images", nmd_scores_get_n (local));
  json_object_set_int_member (object, "measured_images", nmd_scores_get_n (rest));
  set_results (object, "before", before);
  set_results (object, "after", after);
  name_local (json_object_get_object_member (object, "after"));
  return object;
}
