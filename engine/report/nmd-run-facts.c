/* SPDX-License-Identifier: Apache-2.0
 *
 * Gathers what a report says; the report is written elsewhere.
 */
#include "config.h"

#include "engine/report/nmd-run-facts.h"

#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json-value.h"
#include "engine/core/nmd-number.h"
#include "engine/report/nmd-metrics-check.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

static void
file_free (gpointer data)
{
  NmdRunFileFact *self = data;

  g_free (self->name);
  g_free (self->sha256);
  g_free (self);
}

void
nmd_run_facts_free (NmdRunFacts *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->run, nmd_run_unref);
  g_clear_object (&self->dataset);
  g_clear_pointer (&self->results, nmd_eval_results_free);
  for (int part = 0; part <= NMD_PART_TEST; part++)
    g_clear_pointer (&self->scores[part], nmd_scores_unref);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_free (self->name);
  g_free (self->dataset_missing);
  g_free (self->weights);
  g_free (self->scored_by);
  g_free (self->version);
  g_free (self->grouping);
  g_free (self->split_source);
  g_free (self->finished);
  g_free (self->stopped_early);
  g_free (self);
}

/* Digests of the files that there are, but for the lock. */
static gboolean
list_files (NmdRunFacts *self, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; nmd_run_files[i] != NULL; i++)
    {
      g_autofree char *path
          = g_build_filename (nmd_run_get_folder (self->run), nmd_run_files[i], NULL);
      NmdRunFileFact *file = NULL;
      struct stat info;

      if (g_str_equal (nmd_run_files[i], "run.lock") || stat (path, &info) != 0)
        continue;
      file = g_new0 (NmdRunFileFact, 1);
      g_ptr_array_add (self->files, file);
      file->name = g_strdup (nmd_run_files[i]);
      file->bytes = info.st_size;
      file->sha256 = nmd_file_sha256 (path, cancellable, error);
      if (file->sha256 == NULL)
        return FALSE;
    }
  return TRUE;
}

/* What only run.json says. */
static gboolean
read_run_json (NmdRunFacts *self, GError **error)
{
  g_autofree char *path
      = g_build_filename (nmd_run_get_folder (self->run), nmd_run_files[0], NULL);
  g_autoptr (JsonNode) node = nmd_json_load (path, error);
  NmdJsonValue top, versions, split;

  if (node == NULL)
    return FALSE;
  top = nmd_json_value_top (node, path);
  return nmd_json_dup_text (&top, "finished", NMD_JSON_OPTIONAL, &self->finished, error)
         && nmd_json_dup_text (&top, "stopped_early", NMD_JSON_OPTIONAL,
                               &self->stopped_early, error)
         && nmd_json_get_object (&top, "versions", NMD_JSON_OPTIONAL, &versions, error)
         && nmd_json_dup_text (&versions, "nmd", NMD_JSON_OPTIONAL, &self->version, error)
         && nmd_json_get_object (&top, "split", NMD_JSON_OPTIONAL, &split, error)
         && nmd_json_dup_text (&split, "grouping", NMD_JSON_OPTIONAL, &self->grouping,
                               error)
         && nmd_json_dup_text (&split, "source", NMD_JSON_OPTIONAL, &self->split_source,
                               error);
}

static gboolean
read_metrics (NmdRunFacts *self, GError **error)
{
  g_autofree char *path
      = g_build_filename (nmd_run_get_folder (self->run), "metrics.json", NULL);
  JsonNode *node = nmd_run_get_metrics (self->run);
  NmdJsonValue top = nmd_json_value_top (node, path);

  self->results = nmd_eval_results_from_json (node, path, error);
  if (self->results == NULL
      || !nmd_json_dup_text (&top, "weights", NMD_JSON_OPTIONAL, &self->weights, error)
      || !nmd_json_dup_text (&top, "device", NMD_JSON_OPTIONAL, &self->scored_by, error))
    return FALSE;
  if (!nmd_part_parse (self->results->part, &self->part) || self->part == NMD_PART_NONE)
    return nmd_json_value_refuse (&top, "part", error, "is “%s”, which is no part",
                                  self->results->part);
  for (int part = NMD_PART_TRAIN; part <= NMD_PART_TEST; part++)
    {
      self->scores[part] = nmd_run_load_scores (self->run, (NmdPart)part, error);
      if (self->scores[part] == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
check (NmdRun *run, GError **error)
{
  const char *folder = nmd_run_get_folder (run);

  if (!nmd_run_check_task (run, NMD_TASK_CLASSIFY, error))
    return FALSE;
  if (nmd_run_get_state (run) != NMD_RUN_FINISHED)
    g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                 "%s is not finished; go on with “nmd train --resume”", folder);
  else if (nmd_run_get_metrics (run) == NULL)
    g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                 "%s has no metrics.json; evaluate it first with “nmd evaluate”", folder);
  else
    return TRUE;
  return FALSE;
}

NmdRunFacts *
nmd_run_facts_load (NmdRun *run,
                    NmdDataset *dataset,
                    const char *dataset_missing,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (NmdRunFacts) self = g_new0 (NmdRunFacts, 1);
  g_autofree char *whole = NULL;

  g_return_val_if_fail (run != NULL, NULL);
  self->run = nmd_run_ref (run);
  self->files = g_ptr_array_new_with_free_func (file_free);
  if (!check (run, error))
    return NULL;
  whole = g_canonicalize_filename (nmd_run_get_folder (run), NULL);
  self->name = g_path_get_basename (whole);
  self->dataset = dataset != NULL ? g_object_ref (dataset) : NULL;
  self->dataset_missing = g_strdup (dataset_missing);
  if (!read_run_json (self, error) || !read_metrics (self, error)
      || !nmd_metrics_check (run, &self->n_numbers, error)
      || !list_files (self, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

typedef struct
{
  guint row;
  double wrong; /* |label − score| */
  const char *image;
} Wrong;

static int
compare_wrong (gconstpointer a, gconstpointer b)
{
  const Wrong *one = a, *other = b;

  if (one->wrong != other->wrong)
    return one->wrong > other->wrong ? -1 : 1;
  return strcmp (one->image, other->image);
}

GArray *
nmd_run_facts_list_wrong (const NmdRunFacts *self, guint most, guint *n_wrong)
{
  const NmdScores *scores = self->scores[self->part];
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (Wrong));
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < nmd_scores_get_n (scores); i++)
    {
      const NmdScore *score = nmd_scores_get (scores, i);
      const Wrong wrong = { i, fabs (score->label - score->score), score->image };

      if ((score->score >= self->results->threshold.value) != (score->label == 1))
        g_array_append_val (all, wrong);
    }
  g_array_sort (all, compare_wrong);
  for (guint i = 0; i < MIN (all->len, most); i++)
    g_array_append_val (rows, g_array_index (all, Wrong, i).row);
  *n_wrong = all->len;
  return rows;
}

const char *
nmd_run_facts_get_attribute (const NmdRunFacts *self, const char *image, const char *name)
{
  const NmdSample *sample
      = self->dataset != NULL ? nmd_dataset_find (self->dataset, image) : NULL;

  return sample != NULL && sample->attributes != NULL
             ? g_hash_table_lookup (sample->attributes, name)
             : NULL;
}

gboolean
nmd_run_facts_has_attribute (const NmdRunFacts *self, const char *name)
{
  for (guint i = 0; self->dataset != NULL && i < nmd_dataset_get_n (self->dataset); i++)
    {
      const NmdSample *sample = nmd_dataset_get (self->dataset, i);

      if (sample->attributes != NULL && g_hash_table_contains (sample->attributes, name))
        return TRUE;
    }
  return FALSE;
}

/* @values are ages: "under 54" or "from 54 on" in their place, by the median of the rows that have one. */
static void
split_by_age (GPtrArray *values)
{
  g_autoptr (GArray) ages = g_array_new (FALSE, FALSE, sizeof (double));
  double age, middle;

  for (guint i = 0; i < values->len; i++)
    if (values->pdata[i] != NULL && nmd_csv_parse_number (values->pdata[i], &age))
      g_array_append_val (ages, age);
  if (ages->len > 0)
    g_array_sort (ages, nmd_number_compare);
  middle = ages->len > 0 ? ceil (g_array_index (ages, double, ages->len / 2)) : 0;
  for (guint i = 0; i < values->len; i++)
    {
      g_autofree char *text = values->pdata[i];

      values->pdata[i] = text == NULL || !nmd_csv_parse_number (text, &age) ? NULL
                         : age >= middle ? g_strdup_printf ("from %.0f on", middle)
                                         : g_strdup_printf ("under %.0f", middle);
    }
}

GPtrArray *
nmd_run_facts_list_groups (const NmdRunFacts *self, const char *name)
{
  const NmdScores *scores = self->scores[self->part];
  const gboolean is_muscle = strcmp (name, "muscle") == 0;
  GPtrArray *groups = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < nmd_scores_get_n (scores); i++)
    {
      const NmdScore *score = nmd_scores_get (scores, i);
      const char *value = is_muscle
                              ? score->muscle
                              : nmd_run_facts_get_attribute (self, score->image, name);

      g_ptr_array_add (groups, value != NULL && *value != '\0' ? g_strdup (value) : NULL);
    }
  if (strcmp (name, "age") == 0)
    split_by_age (groups);
  return groups;
}
