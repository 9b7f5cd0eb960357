/* SPDX-License-Identifier: Apache-2.0
 *
 * Evaluating a run: which data set, and for the run's own predictions.csv and
 * metrics.json. Another data set is nmd-evaluate-other.c's.
 */
#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/train/nmd-evaluate-features-private.h"
#include "engine/train/nmd-evaluate-private.h"
#include "engine/train/nmd-run-private.h"

#include <glib/gi18n-lib.h>

static void
append_row (GString *text, const NmdScore *row, const char *part)
{
  nmd_csv_append (text, row->image);
  nmd_csv_append (text, row->subject);
  nmd_csv_append (text, row->muscle);
  nmd_csv_append (text, part);
  nmd_csv_append_number (text, row->label);
  nmd_csv_append_number (text, row->score);
  nmd_csv_append_number (text, row->echo);
  nmd_csv_end_line (text);
}

static gboolean
write_predictions (const char *folder, NmdScores *const *tables, GError **error)
{
  static const char *const header[]
      = { "image", "subject", "muscle", "part", "label", "score", "echo_intensity" };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *path = g_build_filename (folder, NMD_RUN_PREDICTIONS, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (header); i++)
    nmd_csv_append (text, header[i]);
  nmd_csv_end_line (text);
  for (int part = NMD_PART_TRAIN; part < NMD_N_PARTS; part++)
    for (guint i = 0; i < nmd_scores_get_n (tables[part]); i++)
      append_row (text, nmd_scores_get (tables[part], i), nmd_part_get_name (part));
  return nmd_file_write (path, text->str, text->len, error);
}

/* Measures of every part at the same threshold; null for one without both classes. */
static JsonObject *
measure_parts (NmdScores *const *tables, double threshold)
{
  JsonObject *parts = json_object_new ();

  for (int part = NMD_PART_TRAIN; part < NMD_N_PARTS; part++)
    {
      const char *name = nmd_part_get_name (part);
      NmdMetrics metrics;

      if (nmd_scores_get_n (tables[part]) == 0)
        continue;
      if (nmd_metrics_compute (tables[part], threshold, name, &metrics, NULL))
        json_object_set_member (parts, name,
                                nmd_metrics_to_json (&metrics, name, "image"));
      else
        json_object_set_null_member (parts, name);
    }
  return parts;
}

/* What metrics.json holds of the run's own data set. */
static JsonNode *
report (const NmdEvaluation *self,
        const NmdSplit *split,
        NmdScores *const *tables,
        GError **error)
{
  int part = nmd_scores_get_n (tables[NMD_PART_TEST]) > 0 ? NMD_PART_TEST
                                                          : NMD_PART_VALIDATION;
  g_autofree char *name = g_strdup_printf ("Part %s", nmd_part_get_name (part));
  g_autoptr (GPtrArray) warnings = nmd_evaluate_warnings (self->dataset);
  NmdEvalInput input = {
    .part = nmd_part_get_name (part),
    .scores = tables[part],
    .train = tables[NMD_PART_TRAIN],
    .validation = tables[NMD_PART_VALIDATION],
    .rule = self->rule,
    .seed = (guint64)nmd_parameters_get (nmd_run_get_parameters (self->run), "seed"),
    .name = name,
    .synthetic = nmd_run_get_passport (self->run)->synthetic,
    .caveat = nmd_run_get_caveat (self->run),
    .note = part == NMD_PART_TEST ? NULL : NMD_NOTE_NO_TEST,
  };
  g_autoptr (NmdEvalResults) results = NULL;
  g_auto (NmdFeatures) features = { 0 };
  NmdRivalFeatures rivals[NMD_N_FEATURE_SETS];
  JsonNode *node;
  JsonObject *object;

  if (!nmd_features_measure (&features, self->dataset, split, self->cancellable, error))
    return NULL;
  nmd_features_list (&features, (NmdPart)part, rivals);
  input.rivals = rivals;
  input.n_rivals = features.n_sets;
  g_ptr_array_add (warnings, NULL);
  input.warnings = (const char *const *)warnings->pdata;
  results = nmd_eval_results_new (&input, error);
  if (results == NULL)
    return NULL;
  object = nmd_eval_results_to_json (results);
  nmd_evaluate_describe (self, object);
  json_object_set_object_member (object, "parts",
                                 measure_parts (tables, results->threshold.value));
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  return node;
}

static JsonNode *
write_report (const NmdEvaluation *self,
              const NmdSplit *split,
              NmdScores *const *tables,
              GError **error)
{
  const char *folder = nmd_run_get_folder (self->run);
  g_autofree char *path = g_build_filename (folder, NMD_RUN_METRICS, NULL);
  g_autoptr (JsonNode) node = NULL;

  /* Both are written when both are there: scores and measures of other weights do not belong together. */
  node = report (self, split, tables, error);
  if (node == NULL || !write_predictions (folder, tables, error)
      || !nmd_json_save (node, path, error))
    return NULL;
  return g_steal_pointer (&node);
}

JsonNode *
nmd_evaluate_own (const NmdEvaluation *self,
                  const NmdSplit *split,
                  NmdBatches *const *ready,
                  GError **error)
{
  g_autoptr (NmdPredictor) predictor
      = nmd_predictor_new (self->session, self->model, NMD_EVALUATION_BATCH, error);
  NmdScores *tables[NMD_N_PARTS] = { NULL };
  gboolean scored = predictor != NULL;
  JsonNode *node = NULL;
  double done = 0;

  for (int part = NMD_PART_TRAIN; part < NMD_N_PARTS && scored; part++)
    {
      g_autoptr (GArray) samples = nmd_split_get_indices (split, (NmdPart)part);
      double share = samples->len / (double)MAX (nmd_dataset_get_n (self->dataset), 1);

      tables[part] = nmd_evaluate_score (self, predictor, samples,
                                         ready != NULL ? ready[part] : NULL, done,
                                         done + share, error);
      scored = tables[part] != NULL;
      done += share;
    }
  if (scored)
    node = write_report (self, split, tables, error);
  for (int part = 0; part < NMD_N_PARTS; part++)
    g_clear_pointer (&tables[part], nmd_scores_unref);
  return node;
}

/* The run's own data set, or another one: then @other. */
static NmdDataset *
get_dataset (const NmdRun *run,
             const NmdEvaluateSettings *settings,
             gboolean *other,
             GCancellable *cancellable,
             GError **error)
{
  const NmdRunFile *file = nmd_run_get_file (run);
  g_autoptr (NmdDataset) dataset
      = settings->dataset != NULL ? g_object_ref (settings->dataset) : NULL;

  *other = FALSE;
  if (dataset == NULL && settings->dataset_path == NULL)
    {
      NmdImportSettings import;

      nmd_run_get_import (run, &import);
      import.cache_folder = settings->import.cache_folder;
      import.no_cache = settings->import.no_cache;
      dataset = nmd_dataset_import (file->dataset_path, &import, NULL, NULL, cancellable,
                                    error);
      if (dataset == NULL || !nmd_run_check_dataset (run, dataset, error))
        return NULL;
      return g_steal_pointer (&dataset);
    }
  if (dataset == NULL)
    {
      g_auto (NmdImportSettings) import = { 0 };

      nmd_import_settings_copy (&import, &settings->import);
      nmd_import_settings_complete (&import, &file->import);
      if (nmd_run_get_task (run) == NMD_TASK_CLASSIFY)
        import.prepare = file->parameters;
      dataset = nmd_dataset_import (settings->dataset_path, &import, NULL, NULL,
                                    cancellable, error);
      if (dataset == NULL)
        return NULL;
    }
  *other = g_strcmp0 (nmd_dataset_get_hash (dataset), file->dataset_hash) != 0;
  return g_steal_pointer (&dataset);
}

JsonNode *
nmd_train_evaluate (const char *folder,
                    const NmdEvaluateSettings *settings,
                    void (*progress) (double fraction, gpointer data),
                    gpointer user_data,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (NmdRun) run = nmd_run_open (folder, error);
  g_autoptr (NmdModel) model = NULL;
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (NmdSplit) split = NULL;
  g_autoptr (NmdLock) lock = NULL;
  g_autoptr (NmdSession) session = NULL;
  NmdEvaluation self = { .run = run,
                         .rule = settings->rule,
                         .with_prompts = settings->with_prompts,
                         .local = settings->recalibrate,
                         .progress = progress,
                         .user_data = user_data,
                         .cancellable = cancellable };
  gboolean other = FALSE;

  if (run == NULL)
    return NULL;
  self.model = model = nmd_run_load_model (run, settings->which, error);
  if (model == NULL)
    return NULL;
  self.dataset = dataset = get_dataset (run, settings, &other, cancellable, error);
  if (dataset == NULL)
    return NULL;
  if (settings->with_prompts && !nmd_run_check_task (run, NMD_TASK_SEGMENT, error))
    return NULL;
  if (other && nmd_run_get_task (run) == NMD_TASK_SEGMENT)
    {
      g_set_error (
          error, NMD_ERROR, NMD_ERROR_REFUSED,
          _ ("%s is not the data set of %s; outlines are measured on the run's own "
             "data set"),
          nmd_dataset_get_path (dataset), folder);
      return NULL;
    }
  if (other && settings->with_figures)
    {
      g_set_error (
          error, NMD_ERROR, NMD_ERROR_REFUSED,
          _ ("%s is not the data set of %s; figures are drawn of the run's own data set"),
          nmd_dataset_get_path (dataset), folder);
      return NULL;
    }
  if (!other && settings->recalibrate > 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   _ ("%s is the data set that %s was trained on: recalibration is for "
                      "another one"),
                   nmd_dataset_get_path (dataset), folder);
      return NULL;
    }
  if (!other)
    {
      split = nmd_run_get_split (run, dataset, error);
      lock = split != NULL ? nmd_lock_take (folder, error) : NULL;
      if (lock == NULL)
        return NULL;
    }
  self.session = session = nmd_session_open (
      settings->device != NULL ? settings->device : NMD_DEVICE_DEFAULT, settings->threads,
      error);
  if (session == NULL)
    return NULL;
  if (nmd_run_get_task (run) == NMD_TASK_SEGMENT)
    return nmd_evaluate_segment_own (&self, split, error);
  return other ? nmd_evaluate_other (&self, &settings->stated, error)
               : nmd_evaluate_own (&self, split, NULL, error);
}
