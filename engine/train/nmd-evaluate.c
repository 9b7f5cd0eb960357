/* SPDX-License-Identifier: Apache-2.0
 *
 * Scores of a run's model over a data set, and the files that hold them. The measures
 * themselves are engine/eval's.
 */
#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/data/nmd-batch.h"
#include "engine/train/nmd-evaluate-private.h"
#include "engine/train/nmd-learner-private.h"
#include "engine/train/nmd-run-private.h"

#include <math.h>

#define PART_EXTERNAL "external"
#define N_PARTS (NMD_PART_TEST + 1)

typedef struct
{
  double from, to; /* of the whole */
  void (*progress) (double fraction, gpointer data);
  gpointer user_data;
} Span;

static void
tell (double fraction, gpointer data)
{
  const Span *span = data;

  if (span->progress != NULL)
    span->progress (span->from + (span->to - span->from) * fraction, span->user_data);
}

/* Scores of all images of @batches in their order, unaugmented. */
static double *
score_images (NmdPredictor *predictor,
              NmdBatches *batches,
              Span *span,
              GCancellable *cancellable,
              GError **error)
{
  const gsize size = 3 * NMD_INPUT_SIZE * NMD_INPUT_SIZE;
  const guint n_images = nmd_batches_get_n_samples (batches);
  g_autofree double *scores = g_new0 (double, MAX (n_images, 1));
  g_autofree float *images = g_new0 (float, NMD_EVALUATION_BATCH *size);
  Span prepare
      = { span->from, (span->from + span->to) / 2, span->progress, span->user_data };

  if (!nmd_batches_prepare (batches, tell, &prepare, cancellable, error))
    return NULL;
  span->from = prepare.to;
  for (guint from = 0; from < n_images; from += NMD_EVALUATION_BATCH)
    {
      guint n = MIN (NMD_EVALUATION_BATCH, n_images - from);

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !nmd_batches_plain (batches, from, n, images, NULL, error)
          || !nmd_predictor_score (predictor, images, n, scores + from, error))
        return NULL;
      tell ((double)(from + n) / n_images, span);
    }
  return g_steal_pointer (&scores);
}

static NmdScore
describe (NmdSample *sample, double score)
{
  return (NmdScore){
    .subject = sample->subject != NULL ? sample->subject : "",
    .image = sample->id,
    .muscle = sample->muscle != NULL ? sample->muscle : "",
    .label = sample->label,
    .score = score,
    .echo = sample->echo.n > 0 ? sample->echo.mean : NAN,
  };
}

/* A table of echo intensities alone; the scores in it are 0. */
static NmdScores *
echo_table (NmdDataset *dataset, const NmdSplit *split, NmdPart part)
{
  NmdScores *table = nmd_scores_new ();

  for (guint i = 0; i < split->n; i++)
    if (split->parts[i] == part)
      {
        NmdScore row = describe (nmd_dataset_get (dataset, i), 0);

        nmd_scores_add (table, &row);
      }
  return table;
}

double
nmd_evaluate_rival_auc (NmdDataset *dataset, const NmdSplit *split)
{
  g_autoptr (NmdScores) train = echo_table (dataset, split, NMD_PART_TRAIN);
  g_autoptr (NmdScores) validation = echo_table (dataset, split, NMD_PART_VALIDATION);
  g_autoptr (NmdRival) rival
      = nmd_rival_fit (train, NULL); /* no rival is no error: NaN says so */
  guint n = nmd_scores_get_n (validation), used = 0;
  g_autofree double *scores = g_new (double, MAX (n, 1));
  g_autofree int *labels = g_new (int, MAX (n, 1));

  for (guint i = 0; i < n && rival != NULL; i++)
    {
      const NmdScore *row = nmd_scores_get (validation, i);

      if (isnan (row->echo))
        continue;
      scores[used] = nmd_rival_score (rival, row->echo, row->muscle);
      labels[used++] = row->label;
    }
  return used > 0 ? nmd_auc (scores, labels, used) : NAN;
}

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
  for (int part = NMD_PART_TRAIN; part < N_PARTS; part++)
    for (guint i = 0; i < nmd_scores_get_n (tables[part]); i++)
      append_row (text, nmd_scores_get (tables[part], i), nmd_part_get_name (part));
  return nmd_file_write (path, text->str, text->len, error);
}

/* The measures of a table as JSON; NULL with @error for one without both classes. */
static JsonNode *
measure (const NmdScores *table,
         const char *part,
         const char *unit,
         double threshold,
         guint64 seed,
         GError **error)
{
  g_autofree char *name = g_strdup_printf ("Part %s", part);
  NmdMetrics metrics;

  if (!nmd_metrics_compute (table, threshold, seed, name, &metrics, error))
    return NULL;
  return nmd_metrics_to_json (&metrics, part, unit);
}

static void
set_measure (JsonObject *object,
             const char *name,
             double value,
             const NmdInterval *ci,
             const char *suffix)
{
  g_autofree char *member = g_strdup_printf ("%s%s", name, suffix);
  JsonArray *pair = NULL;

  if (*suffix == '\0')
    {
      nmd_json_set_number (object, name, value);
      return;
    }
  if (isnan (ci->low) || isnan (ci->high))
    {
      json_object_set_null_member (object, member);
      return;
    }
  pair = json_array_new ();
  json_array_add_double_element (pair, ci->low);
  json_array_add_double_element (pair, ci->high);
  json_object_set_array_member (object, member, pair);
}

/* Logistic regression on echo intensity, fitted on the training part, against the
 * network. */
static void
add_rival (JsonObject *top, const NmdScores *train, const NmdScores *table, guint64 seed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRival) rival = nmd_rival_fit (train, &error);
  NmdComparison comparison = { 0 };
  JsonObject *object = json_object_new ();

  json_object_set_object_member (top, "rival", object);
  if (rival == NULL || !nmd_rival_compare (rival, table, seed, &comparison, NULL, &error))
    {
      json_object_set_string_member (object, "missing", error->message);
      return;
    }
  set_measure (object, "auc", comparison.auc.value, NULL, "");
  set_measure (object, "auc", 0, &comparison.auc.ci, "_ci");
  set_measure (object, "auc", 0, &comparison.auc.ci_subject, "_ci_subject");
  set_measure (object, "difference", comparison.difference, NULL, "");
  set_measure (object, "difference", 0, &comparison.difference_ci_subject, "_ci_subject");
  json_object_set_int_member (object, "n_images", comparison.n_images);
  json_object_set_string_member (object, "sentence",
                                 comparison.sentence != NULL ? comparison.sentence : "");
  json_object_set_member (object, "model", nmd_rival_to_json (rival));
  nmd_comparison_clear (&comparison);
}

static void
set_member_or_null (JsonObject *object, const char *member, JsonNode *node)
{
  if (node != NULL)
    json_object_set_member (object, member, node);
  else
    json_object_set_null_member (object, member);
}

typedef struct
{
  const char *which, *part, *note, *caveat, *initial, *device;
  double threshold;
  guint64 seed;
} Report;

/* What metrics.json holds. @table: the part evaluated; @parts (nullable): all tables by
 * part. */
static JsonNode *
make_report (const Report *report,
             const NmdScores *table,
             const NmdScores *train,
             NmdScores *const *parts,
             GError **error)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonNode *metrics
      = measure (table, report->part, "image", report->threshold, report->seed, error);
  g_autoptr (NmdScores) subjects = NULL;
  JsonObject *top = json_object_new ();
  JsonObject *all = NULL;

  json_node_take_object (node, top);
  if (metrics == NULL)
    return NULL;
  json_object_set_string_member (top, "weights", report->which);
  json_object_set_string_member (top, "part", report->part);
  json_object_set_string_member (top, "device", report->device);
  json_object_set_member (top, "metrics", metrics);
  subjects = nmd_scores_by_subject (table);
  set_member_or_null (
      top, "by_subject",
      measure (subjects, report->part, "subject", report->threshold, report->seed, NULL));
  if (train != NULL)
    add_rival (top, train, table, report->seed);
  if (parts != NULL)
    {
      all = json_object_new ();
      json_object_set_object_member (top, "parts", all);
    }
  /* A further part without both classes has no measures; that is null and no error. */
  for (int part = NMD_PART_TRAIN; parts != NULL && part < N_PARTS; part++)
    if (nmd_scores_get_n (parts[part]) > 0)
      set_member_or_null (all, nmd_part_get_name (part),
                          measure (parts[part], nmd_part_get_name (part), "image",
                                   report->threshold, report->seed, NULL));
  if (report->initial != NULL)
    json_object_set_string_member (top, "initial", report->initial);
  if (report->caveat != NULL)
    json_object_set_string_member (top, "caveat", report->caveat);
  else
    json_object_set_null_member (top, "caveat");
  if (report->note != NULL)
    json_object_set_string_member (top, "note", report->note);
  return g_steal_pointer (&node);
}

/* The samples of @part; all samples for %NMD_PART_NONE of an external data set. */
static GArray *
samples_of (NmdDataset *dataset, const NmdSplit *split, NmdPart part)
{
  GArray *samples = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    if (split == NULL || split->parts[i] == part)
      g_array_append_val (samples, i);
  return samples;
}

static void
clear_tables (NmdScores **tables)
{
  for (int part = 0; part < N_PARTS; part++)
    g_clear_pointer (&tables[part], nmd_scores_unref);
}

/* Evaluated part: test if present, else validation, and says so. */
static int
choose_part (NmdScores *const *tables, Report *report)
{
  if (nmd_scores_get_n (tables[NMD_PART_TEST]) > 0)
    return NMD_PART_TEST;
  report->note = "The split has no test part; these are numbers of the validation part";
  return NMD_PART_VALIDATION;
}

static JsonNode *
finish_report (const NmdRun *run,
               Report *report,
               const NmdSplit *split,
               NmdScores *const *tables,
               GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *path
      = g_build_filename (nmd_run_get_folder (run), NMD_RUN_METRICS, NULL);
  int part;

  if (split == NULL)
    {
      report->part = PART_EXTERNAL;
      return make_report (report, tables[NMD_PART_NONE], NULL, NULL, error);
    }
  if (!write_predictions (nmd_run_get_folder (run), tables, error))
    return NULL;
  part = choose_part (tables, report);
  report->part = nmd_part_get_name (part);
  node = make_report (report, tables[part], tables[NMD_PART_TRAIN], tables, error);
  if (node == NULL || !nmd_json_save (node, path, error))
    return NULL;
  return g_steal_pointer (&node);
}

/* Fills @table with the scores of one part. */
static gboolean
score_part (NmdPredictor *predictor,
            NmdDataset *dataset,
            const GArray *samples,
            NmdBatches *ready,
            Span *span,
            NmdScores *table,
            GCancellable *cancellable,
            GError **error)
{
  const NmdParameters *parameters
      = nmd_model_get_parameters (nmd_predictor_get_model (predictor));
  g_autoptr (NmdBatches) batches = NULL;
  g_autofree double *scores = NULL;

  if (samples->len == 0)
    return TRUE;
  if (ready == NULL)
    batches = nmd_batches_new (dataset, (const guint *)(void *)samples->data,
                               samples->len, parameters);
  scores = score_images (predictor, ready != NULL ? ready : batches, span, cancellable,
                         error);
  if (scores == NULL)
    return FALSE;
  for (guint i = 0; i < samples->len; i++)
    {
      NmdScore row = describe (
          nmd_dataset_get (dataset, g_array_index (samples, guint, i)), scores[i]);

      nmd_scores_add (table, &row);
    }
  return TRUE;
}

JsonNode *
nmd_evaluate_with (const NmdRun *run,
                   NmdModel *model,
                   NmdSession *session,
                   NmdDataset *dataset,
                   const NmdSplit *split,
                   NmdBatches *const *ready,
                   double threshold,
                   void (*progress) (double fraction, gpointer data),
                   gpointer user_data,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (NmdPredictor) predictor
      = nmd_predictor_new (session, model, NMD_EVALUATION_BATCH, error);
  const int first = split != NULL ? NMD_PART_TRAIN : NMD_PART_NONE;
  const int last = split != NULL ? NMD_PART_TEST : NMD_PART_NONE;
  NmdScores *tables[N_PARTS] = { NULL };
  g_autofree char *initial = nmd_run_get_initial (run);
  Report report
      = { .which = nmd_model_get_which (model),
          .device = nmd_session_get_description (session),
          .caveat = split != NULL ? nmd_run_get_caveat (run) : NULL,
          .initial = initial,
          .threshold = threshold,
          .seed = (guint64)nmd_parameters_get (nmd_run_get_parameters (run), "seed") };
  gboolean scored = predictor != NULL;
  JsonNode *node = NULL;
  double done = 0;

  for (int part = 0; part < N_PARTS; part++)
    tables[part] = nmd_scores_new ();
  for (int part = first; part <= last && scored; part++)
    {
      g_autoptr (GArray) samples = samples_of (dataset, split, (NmdPart)part);
      double share = samples->len / (double)MAX (nmd_dataset_get_n (dataset), 1);
      Span span = { done, done + share, progress, user_data };

      scored
          = score_part (predictor, dataset, samples, ready != NULL ? ready[part] : NULL,
                        &span, tables[part], cancellable, error);
      done += share;
    }
  if (scored)
    node = finish_report (run, &report, split, tables, error);
  clear_tables (tables);
  return node;
}

/* The run's own data set, or an external one in @external. */
static NmdDataset *
get_dataset (const NmdRun *run,
             const NmdEvaluateSettings *settings,
             gboolean *external,
             GCancellable *cancellable,
             GError **error)
{
  const NmdRunFile *file = nmd_run_get_file (run);
  g_autoptr (NmdDataset) dataset
      = settings->dataset != NULL ? g_object_ref (settings->dataset) : NULL;

  *external = FALSE;
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
      dataset = nmd_dataset_import (settings->dataset_path, &import, NULL, NULL,
                                    cancellable, error);
      if (dataset == NULL)
        return NULL;
    }
  *external = g_strcmp0 (nmd_dataset_get_hash (dataset), file->dataset_hash) != 0;
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
  gboolean external = FALSE;

  if (run == NULL)
    return NULL;
  model = nmd_run_load_model (run, settings->which, error);
  if (model == NULL)
    return NULL;
  dataset = get_dataset (run, settings, &external, cancellable, error);
  if (dataset == NULL)
    return NULL;
  if (!external)
    {
      split = nmd_run_get_split (run, dataset, error);
      lock = split != NULL ? nmd_lock_take (folder, error) : NULL;
      if (lock == NULL)
        return NULL;
    }
  session = nmd_session_open (settings->device != NULL ? settings->device
                                                       : NMD_DEVICE_DEFAULT,
                              settings->threads, error);
  if (session == NULL)
    return NULL;
  return nmd_evaluate_with (run, model, session, dataset, split, NULL,
                            settings->threshold, progress, user_data, cancellable, error);
}
