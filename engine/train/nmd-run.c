/* SPDX-License-Identifier: Apache-2.0
 *
 * A run folder as one immutable object and what is asked of it. How its texts are read is
 * nmd-run-read.c's; nothing is written here.
 */
#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-number.h"
#include "engine/core/nmd-text.h"
#include "engine/train/nmd-learner-private.h"
#include "engine/train/nmd-initial-record-private.h"
#include "engine/train/nmd-run-private.h"
#include "engine/core/nmd-words.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

struct _NmdRun
{
  gatomicrefcount references;
  char *folder;
  NmdRunFile file;
  char *caveat;
  char *split_kind;
  GArray *history; /* NmdEpoch */
  JsonNode *metrics;
};

/* A text of the split, which has been checked; NULL for null. */
static char *
split_text (JsonNode *split, const char *member)
{
  return g_strdup (json_object_get_string_member_with_default (
      json_node_get_object (split), member, NULL));
}

#define LONGEST_ERROR 2000 /* bytes; words of a damaged file stand in errors */

/* Makes the words of a damaged file in @error fit to be shown. Always FALSE. */
static gboolean
show_safely (GError **error)
{
  if (error != NULL && *error != NULL)
    {
      char *text = (*error)->message;

      (*error)->message = nmd_text_display_length (text, strlen (text), LONGEST_ERROR);
      g_free (text);
    }
  return FALSE;
}

static NmdRun *
open_run (const char *folder, GError **error)
{
  g_autoptr (NmdRun) self = g_new0 (NmdRun, 1);
  g_autofree char *metrics = g_build_filename (folder, NMD_RUN_METRICS, NULL);

  g_atomic_ref_count_init (&self->references);
  self->folder = g_strdup (folder);
  if (!nmd_run_file_load (&self->file, folder, error))
    return NULL;
  self->split_kind = split_text (self->file.split, "kind");
  self->caveat = split_text (self->file.split, "caveat");
  self->history = nmd_history_load (folder, nmd_run_get_task (self), error);
  if (self->history == NULL)
    return NULL;
  if (g_file_test (metrics, G_FILE_TEST_EXISTS))
    {
      self->metrics = nmd_run_load_metrics (folder, nmd_run_get_task (self), error);
      if (self->metrics == NULL)
        return NULL;
    }
  return g_steal_pointer (&self);
}

NmdRun *
nmd_run_open (const char *folder, GError **error)
{
  NmdRun *self = open_run (folder, error);

  if (self == NULL)
    show_safely (error);
  return self;
}

NmdRun *
nmd_run_ref (NmdRun *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
nmd_run_unref (NmdRun *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->folder);
  g_free (self->caveat);
  g_free (self->split_kind);
  nmd_run_file_clear (&self->file);
  g_clear_pointer (&self->history, g_array_unref);
  g_clear_pointer (&self->metrics, json_node_unref);
  g_free (self);
}

const NmdRunFile *
nmd_run_get_file (const NmdRun *self)
{
  return &self->file;
}

const char *
nmd_run_get_folder (const NmdRun *self)
{
  return self->folder;
}

NmdRunState
nmd_run_get_state (const NmdRun *self)
{
  return self->file.state;
}

const NmdParameters *
nmd_run_get_parameters (const NmdRun *self)
{
  return self->file.parameters;
}

const NmdNetwork *
nmd_run_get_network (const NmdRun *self)
{
  return self->file.network;
}

NmdTask
nmd_run_get_task (const NmdRun *self)
{
  return nmd_parameters_get_task (self->file.parameters);
}

gboolean
nmd_run_check_task (const NmdRun *self, NmdTask task, GError **error)
{
  if (nmd_run_get_task (self) == task)
    return TRUE;
  if (task == NMD_TASK_CLASSIFY)
    g_set_error (
        error, NMD_ERROR, NMD_ERROR_REFUSED,
        nmd_word (
            "%s finds outlines (task segment) and gives no score; a run of the task "
            "classify is needed here"),
        nmd_run_get_folder (self));
  else
    g_set_error (
        error, NMD_ERROR, NMD_ERROR_REFUSED,
        nmd_word (
            "%s gives scores (task classify) and finds no outline; a run of the task "
            "segment is needed here"),
        nmd_run_get_folder (self));
  return FALSE;
}

const NmdPassport *
nmd_run_get_passport (const NmdRun *self)
{
  return self->file.passport;
}

const char *
nmd_run_get_dataset_path (const NmdRun *self)
{
  return self->file.dataset_path;
}

const char *
nmd_run_get_dataset_hash (const NmdRun *self)
{
  return self->file.dataset_hash;
}

const char *
nmd_run_get_device (const NmdRun *self)
{
  return self->file.device_description != NULL ? self->file.device_description
                                               : self->file.device;
}

const char *
nmd_run_get_started (const NmdRun *self)
{
  return self->file.started;
}

const char *
nmd_run_get_split_kind (const NmdRun *self)
{
  return self->split_kind;
}

const char *
nmd_run_get_caveat (const NmdRun *self)
{
  return self->caveat;
}

char *
nmd_run_get_initial (const NmdRun *self)
{
  return nmd_initial_to_text (self->file.initial);
}

const char *
nmd_run_get_assumed (const NmdRun *self)
{
  return self->file.assumed;
}

const NmdEpoch *
nmd_run_get_history (const NmdRun *self, guint *n)
{
  *n = self->history->len;
  return (const NmdEpoch *)(void *)self->history->data;
}

JsonNode *
nmd_run_get_metrics (const NmdRun *self)
{
  return self->metrics;
}

void
nmd_run_get_import (const NmdRun *self, NmdImportSettings *settings)
{
  *settings = self->file.import;
  settings->unpack = TRUE; /* who trained has consented to unpacking */
}

NmdDataset *
nmd_run_open_dataset (const NmdRun *self,
                      const char *path,
                      NmdImportProgress progress,
                      gpointer user_data,
                      GCancellable *cancellable,
                      GError **error)
{
  NmdImportSettings settings;
  g_autoptr (NmdDataset) dataset = NULL;

  nmd_run_get_import (self, &settings);
  dataset = nmd_dataset_import (path != NULL ? path : self->file.dataset_path, &settings,
                                progress, user_data, cancellable, error);
  if (dataset == NULL || !nmd_run_check_dataset (self, dataset, error))
    return NULL;
  return g_steal_pointer (&dataset);
}

/* What differs between the run's list and a data set: counts and the first of each kind.
 */
typedef struct
{
  guint n_changed, n_missing, n_new;
  char *first_changed, *first_missing, *first_new;
} Difference;

static char *
first_or (char *have, const char *id, const char *what)
{
  if (have != NULL)
    return have;
  return what != NULL ? g_strdup_printf ("%s (its %s)", id, what) : g_strdup (id);
}

/* Which of a sample's facts is not the @row's; NULL if all are. */
static const char *
find_change (JsonArray *row, NmdSample *sample)
{
  if (!g_str_has_prefix (sample->sha256_image, json_array_get_string_element (row, 1)))
    return "pixels";
  if (!g_str_has_prefix (sample->sha256_mask, json_array_get_string_element (row, 2))
      || (sample->sha256_mask[0] == '\0')
             != (*json_array_get_string_element (row, 2) == '\0'))
    return "mask";
  if (json_array_get_int_element (row, 3) != sample->label)
    return "label";
  if (g_strcmp0 (json_array_get_string_element (row, 4),
                 sample->subject != NULL ? sample->subject : "")
      != 0)
    return "subject";
  return NULL;
}

static void
compare (JsonArray *rows, NmdDataset *dataset, Difference *difference)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonArray *row;
      const char *id, *change;
      NmdSample *sample;

      row = json_array_get_array_element (rows, i);
      id = json_array_get_string_element (row, 0);
      g_hash_table_add (known, (gpointer)id);
      sample = nmd_dataset_find (dataset, id);
      change = sample != NULL ? find_change (row, sample) : NULL;
      if (sample == NULL)
        {
          difference->n_missing++;
          difference->first_missing = first_or (difference->first_missing, id, NULL);
        }
      else if (change != NULL)
        {
          difference->n_changed++;
          difference->first_changed = first_or (difference->first_changed, id, change);
        }
    }
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      const char *id = nmd_dataset_get (dataset, i)->id;

      if (g_hash_table_contains (known, id))
        continue;
      difference->n_new++;
      difference->first_new = first_or (difference->first_new, id, NULL);
    }
}

static void
say (GString *text, guint n, const char *what, const char *first)
{
  if (n > 0)
    g_string_append_printf (text, "%s%u image%s %s, the first is %s",
                            text->len > 0 ? "; " : "", n, n == 1 ? "" : "s", what, first);
}

gboolean
nmd_run_check_dataset (const NmdRun *self, NmdDataset *dataset, GError **error)
{
  g_autoptr (GString) text = NULL;
  Difference difference = { 0 };

  if (g_strcmp0 (nmd_dataset_get_hash (dataset), self->file.dataset_hash) == 0)
    return TRUE;
  compare (json_node_get_array (self->file.images), dataset, &difference);
  text = g_string_new (NULL);
  say (text, difference.n_changed, "changed", difference.first_changed);
  say (text, difference.n_missing, "missing", difference.first_missing);
  say (text, difference.n_new, "new", difference.first_new);
  if (text->len == 0)
    g_string_append (text, "its digest differs");
  g_set_error (error, NMD_ERROR, NMD_ERROR_CHANGED,
               nmd_word ("%s is not the data set that %s was trained on: %s"),
               nmd_dataset_get_path (dataset), self->folder, text->str);
  g_free (difference.first_changed);
  g_free (difference.first_missing);
  g_free (difference.first_new);
  return FALSE;
}

NmdSplit *
nmd_run_get_split (const NmdRun *self, NmdDataset *dataset, GError **error)
{
  NmdSplit *split = nmd_split_from_json (self->file.split, dataset, error);

  if (split == NULL)
    g_prefix_error (error, "%s: ", self->folder);
  return split;
}

gboolean
nmd_run_check_weights (const NmdNetwork *network,
                       const NmdWeights *weights,
                       const char *name,
                       GError **error)
{
  g_auto (NmdNetworkGraph) graph = { 0 };

  if (!nmd_network_inference (&graph, network, NMD_N_CLASSES, 1, error))
    return FALSE;
  for (int i = 0; i < nmd_graph_get_n_nodes (graph.graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (graph.graph, i);
      NmdShape shape;

      if (node->op != NMD_OP_STORE)
        continue;
      if (nmd_weights_get (weights, node->name, &shape) == NULL)
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                       _ ("%s has no tensor %s, which %s needs"), name, node->name,
                       network->title);
          return FALSE;
        }
      if (!nmd_shape_equal (&shape, &node->shape))
        {
          g_autofree char *have = nmd_shape_to_string (&shape);
          g_autofree char *want = nmd_shape_to_string (&node->shape);

          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                       _ ("%s: tensor %s is %s, %s needs %s"), name, node->name, have,
                       network->title, want);
          return FALSE;
        }
    }
  return TRUE;
}

/* A finished run has the average of its last epochs, whose scores are the run's. Without the file
 * nothing else is taken in its place. */
static gboolean
check_average (const NmdRun *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, NMD_RUN_AVERAGE, NULL);
  gboolean expected = FALSE;

  for (guint i = 0; i < self->history->len; i++)
    expected |= g_array_index (self->history, NmdEpoch, i).averaging;
  if (self->file.state != NMD_RUN_FINISHED || !expected
      || g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  g_set_error (
      error, NMD_ERROR, NMD_ERROR_CHANGED,
      nmd_word ("%s is missing, the weights of a finished run; the best ones of single "
                "epochs are taken with “--weights best”"),
      path);
  return FALSE;
}

char *
nmd_run_find_weights (const NmdRun *self,
                      const char *which,
                      const char **found,
                      GError **error)
{
  static const char *const names[][2] = { { "average", NMD_RUN_AVERAGE },
                                          { "best", NMD_RUN_BEST },
                                          { "last", NMD_RUN_LAST } };

  if (which == NULL && !check_average (self, error))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->folder, names[i][1], NULL);

      *found = names[i][0];
      if (which == NULL ? i < 2 && g_file_test (path, G_FILE_TEST_EXISTS)
                        : g_str_equal (which, names[i][0]))
        return g_steal_pointer (&path);
    }
  if (which == NULL)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                 nmd_word ("%s has no weights yet: its first epoch has not ended"),
                 self->folder);
  else
    g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                 _ ("Weights must be average, best or last, not “%s”"), which);
  return NULL;
}

/* Adds the ids of @part, a list of run.json's split, to @by_id. Its types have been checked. */
static void
add_part (GHashTable *by_id, JsonObject *parts, NmdPart part)
{
  JsonArray *ids = json_object_get_array_member (parts, nmd_part_get_name (part));

  for (guint i = 0; i < json_array_get_length (ids); i++)
    g_hash_table_insert (by_id, (char *)json_array_get_string_element (ids, i),
                         GINT_TO_POINTER (part));
}

/* The images of the run's data set, as nmd_model_new() takes them. */
static GHashTable *
list_parts (const NmdRun *self)
{
  GHashTable *table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) by_id = g_hash_table_new (g_str_hash, g_str_equal);
  JsonObject *parts
      = json_object_get_object_member (json_node_get_object (self->file.split), "parts");
  JsonArray *images = json_node_get_array (self->file.images);

  for (NmdPart part = NMD_PART_TRAIN; part <= NMD_PART_TEST; part++)
    add_part (by_id, parts, part);
  for (guint i = 0; i < json_array_get_length (images); i++)
    {
      JsonArray *row = json_array_get_array_element (images, i);
      const char *id = json_array_get_string_element (row, 0);
      const char *digest = json_array_get_string_element (row, 1);
      NmdPart part = (NmdPart)GPOINTER_TO_INT (g_hash_table_lookup (by_id, id));
      gpointer other = NULL;

      /* equal pictures in several parts: what was trained on counts */
      if (g_hash_table_lookup_extended (table, digest, NULL, &other)
          && other != GINT_TO_POINTER (NMD_PART_NONE)
          && (part == NMD_PART_NONE || (NmdPart)GPOINTER_TO_INT (other) <= part))
        continue;
      g_hash_table_insert (table, g_strndup (digest, NMD_MODEL_DIGEST_LENGTH),
                           GINT_TO_POINTER (part));
    }
  return table;
}

/* The parameters for proposing: "outline-threshold" is the chosen one where one was chosen. */
static NmdParameters *
take_threshold (const NmdRun *self)
{
  const NmdRunFile *file = nmd_run_get_file (self);
  NmdParameters *parameters = nmd_parameters_copy (file->parameters);

  if (file->threshold.weights != NULL)
    nmd_parameters_set (parameters, "outline-threshold", file->threshold.value,
                        NULL); /* its range was checked when it was read */
  return parameters;
}

NmdModel *
nmd_run_load_model (const NmdRun *self, const char *which, GError **error)
{
  const char *found = NULL;
  g_autofree char *path = nmd_run_find_weights (self, which, &found, error);
  g_autoptr (NmdWeights) all = NULL;
  g_autoptr (NmdWeights) weights = NULL;
  g_autoptr (NmdParameters) parameters = NULL;

  if (path == NULL)
    return NULL;
  all = nmd_weights_load (path, error);
  if (all == NULL)
    return NULL;
  weights = nmd_learner_strip (all);
  if (!nmd_run_check_weights (self->file.network, weights, path, error))
    return NULL;
  parameters = take_threshold (self);
  return nmd_model_new (self->file.network, weights, parameters, self->file.passport,
                        found, list_parts (self));
}

/* One row of predictions.csv into @score, its part into @part. */
static gboolean
read_score (const NmdCsv *csv,
            guint row,
            const int *columns,
            NmdScore *score,
            NmdPart *part,
            GError **error)
{
  const char *label = nmd_csv_get (csv, row, (guint)columns[4]);
  const char *word = nmd_csv_get (csv, row, (guint)columns[3]);
  const char *echo = columns[6] >= 0 ? nmd_csv_get (csv, row, (guint)columns[6]) : "";

  score->image = nmd_csv_get (csv, row, (guint)columns[0]);
  score->subject = nmd_csv_get (csv, row, (guint)columns[1]);
  score->muscle = nmd_csv_get (csv, row, (guint)columns[2]);
  score->label = g_str_equal (label, "1");
  score->echo = NAN;
  if (!score->label && !g_str_equal (label, "0"))
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "label is “%s”, not 0 or 1", label);
  else if (!nmd_part_parse (word, part) || *part == NMD_PART_NONE)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 "part is “%s”, not train, validation or test", word);
  else if (!nmd_number_parse (nmd_csv_get (csv, row, (guint)columns[5]), &score->score,
                              error))
    g_prefix_error (error, "score: ");
  else if (!(score->score >= 0 && score->score <= 1))
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "score is %g, not 0 to 1",
                 score->score);
  else if (*echo == '\0')
    return TRUE;
  else if (!nmd_number_parse (echo, &score->echo, error))
    g_prefix_error (error, "echo_intensity: ");
  else if (!(score->echo >= 0 && score->echo <= 255))
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "echo_intensity is %g, not 0 to 255",
                 score->echo);
  else
    return TRUE;
  return FALSE;
}

NmdScores *
nmd_run_load_scores (const NmdRun *self, NmdPart part, GError **error)
{
  static const char *const names[]
      = { "image", "subject", "muscle", "part", "label", "score" };
  g_autofree char *path = g_build_filename (self->folder, NMD_RUN_PREDICTIONS, NULL);
  g_autoptr (NmdCsv) csv = nmd_run_check_task (self, NMD_TASK_CLASSIFY, error)
                               ? nmd_csv_load (path, error)
                               : NULL;
  g_autoptr (NmdScores) scores = nmd_scores_new ();
  int columns[7];

  if (csv == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if ((columns[i] = nmd_csv_need (csv, names[i], error)) < 0)
      return NULL;
  columns[6] = nmd_csv_find (csv, "echo_intensity");
  for (guint row = 0; row < nmd_csv_get_n_rows (csv); row++)
    {
      NmdScore score;
      NmdPart its;

      if (!read_score (csv, row, columns, &score, &its, error))
        {
          g_prefix_error (error, "%s, row %u: ", path, row + 2);
          show_safely (error);
          return NULL;
        }
      if (part == NMD_PART_NONE || part == its)
        nmd_scores_add (scores, &score);
    }
  return g_steal_pointer (&scores);
}
