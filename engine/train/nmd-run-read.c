/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the texts of a run folder: run.json, history.csv, the counters inside last.safetensors.
 * Whatever is not as nmd-run-write.c leaves it is refused here with the file, the member and what
 * was expected, so that nobody else has to look.
 */
#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-number.h"
#include "engine/train/nmd-run-private.h"

#include <math.h>

void
nmd_run_file_clear (NmdRunFile *self)
{
  g_free (self->started);
  g_free (self->finished);
  nmd_parameters_unref (self->parameters);
  g_free (self->device);
  g_free (self->device_description);
  g_free (self->dataset_path);
  g_free (self->dataset_title);
  g_free (self->dataset_hash);
  nmd_import_settings_clear (&self->import);
  g_free (self->stopped_early);
  g_clear_pointer (&self->images, json_node_unref);
  g_clear_pointer (&self->split, json_node_unref);
  g_clear_pointer (&self->initial, json_node_unref);
  g_clear_pointer (&self->passport, nmd_passport_free);
  *self = (NmdRunFile){ 0 };
}

static gboolean
refuse (GError **error, const char *path, const char *what)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s %s", path, what);
  return FALSE;
}

/* A text member, NULL where it is null or absent or of another kind. */
static char *
get_text (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return g_strdup (json_node_get_string (node));
}

static gint64
get_int (JsonObject *object, const char *member, gint64 standard)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_INT64)
    return standard;
  return json_node_get_int (node);
}

static JsonObject *
get_object (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node)
                                                       : NULL;
}

static gboolean
load_dataset (NmdRunFile *self, JsonObject *object, const char *path, GError **error)
{
  JsonNode *images;

  if (object == NULL)
    return refuse (error, path, "has no member “dataset”");
  self->dataset_path = get_text (object, "path");
  self->dataset_title = get_text (object, "title");
  self->dataset_hash = get_text (object, "sha256");
  self->import.positive = get_text (object, "positive");
  self->import.image_column = get_text (object, "image_column");
  self->import.mask_column = get_text (object, "mask_column");
  self->import.subject_column = get_text (object, "subject_column");
  self->import.label_column = get_text (object, "label_column");
  images = json_object_get_member (object, "images");
  if (self->dataset_path == NULL || self->dataset_hash == NULL || images == NULL
      || !JSON_NODE_HOLDS_ARRAY (images))
    return refuse (error, path, "does not describe its data set");
  self->images = json_node_ref (images);
  return TRUE;
}

static gboolean
load_members (NmdRunFile *self, JsonObject *top, const char *path, GError **error)
{
  g_autofree char *state = get_text (top, "state");
  g_autofree char *network = get_text (top, "network");
  JsonObject *device = get_object (top, "device");
  JsonNode *split = json_object_get_member (top, "split");

  if (get_int (top, "format", 0) != NMD_RUN_FORMAT)
    return refuse (error, path, "is not of format 1, the one that this version reads");
  if (state == NULL || network == NULL || device == NULL || split == NULL
      || !JSON_NODE_HOLDS_OBJECT (split))
    return refuse (error, path, "lacks one of its members state, network, device, split");
  self->state = strcmp (state, "finished") == 0 ? NMD_RUN_FINISHED : NMD_RUN_STARTED;
  self->started = get_text (top, "started");
  self->finished = get_text (top, "finished");
  self->stopped_early = get_text (top, "stopped_early");
  self->device = get_text (device, "name");
  self->device_description = get_text (device, "description");
  self->threads = (int)CLAMP (get_int (device, "threads", 0), 0, 4096);
  self->split = json_node_ref (split);
  if (get_object (top, "initial") != NULL)
    self->initial = json_node_ref (json_object_get_member (top, "initial"));
  if (self->device == NULL)
    return refuse (error, path, "does not name its device");
  self->network = nmd_network_find (network, error);
  self->parameters = nmd_parameters_new ();
  if (self->network == NULL
      || !nmd_parameters_from_json (self->parameters,
                                    json_object_get_member (top, "parameters"), error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  if (json_object_get_member (top, "passport") == NULL)
    return refuse (error, path, "has no member “passport”");
  self->passport
      = nmd_passport_from_json (json_object_get_member (top, "passport"), error);
  if (self->passport == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  return load_dataset (self, get_object (top, "dataset"), path, error);
}

gboolean
nmd_run_file_load (NmdRunFile *self, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, NMD_RUN_JSON, NULL);
  g_autoptr (JsonNode) node = NULL;

  if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "There is no folder %s",
                   folder);
      return FALSE;
    }
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s is not a run folder: it has no run.json", folder);
      return FALSE;
    }
  node = nmd_json_load (path, error);
  return node != NULL && load_members (self, json_node_get_object (node), path, error);
}

/* Fills @values with the cells of @row; an empty cell is NaN. */
static gboolean
read_row (const NmdCsv *csv,
          const char *path,
          guint row,
          const int *columns,
          double *values,
          GError **error)
{
  for (guint i = 0; nmd_epoch_columns[i] != NULL; i++)
    {
      const char *cell = nmd_csv_get (csv, row, (guint)columns[i]);

      values[i] = NAN;
      if (*cell != '\0' && !nmd_number_parse (cell, &values[i], error))
        {
          g_prefix_error (error, "%s, row %u: ", path, row + 2);
          return FALSE;
        }
    }
  if (values[0] == row)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s, row %u: epoch %u is missing",
               path, row + 2, row);
  return FALSE;
}

GArray *
nmd_history_load (const char *folder, GError **error)
{
  g_autoptr (GArray) history = g_array_new (FALSE, TRUE, sizeof (NmdEpoch));
  g_autofree char *path = g_build_filename (folder, NMD_RUN_HISTORY, NULL);
  g_autoptr (NmdCsv) csv = NULL;
  int columns[NMD_N_EPOCH_COLUMNS];
  double values[NMD_N_EPOCH_COLUMNS];

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&history);
  csv = nmd_csv_load (path, error);
  if (csv == NULL)
    return NULL;
  for (guint i = 0; nmd_epoch_columns[i] != NULL; i++)
    if ((columns[i] = nmd_csv_need (csv, nmd_epoch_columns[i], error)) < 0)
      return NULL;
  for (guint row = 0; row < nmd_csv_get_n_rows (csv); row++)
    {
      NmdEpoch epoch;

      if (!read_row (csv, path, row, columns, values, error))
        return NULL;
      epoch = (NmdEpoch){
        .epoch = (int)row,
        .seconds = values[1],
        .lr = values[2],
        .train_loss = values[3],
        .val_loss = values[4],
        .val_auc = values[5],
        .val_accuracy = values[6],
        .wait = values[7],
        .averaging = values[8] > 0,
        .best = values[9] > 0,
      };
      g_array_append_val (history, epoch);
    }
  return g_steal_pointer (&history);
}

gboolean
nmd_state_from_meta (NmdTrainState *state,
                     const NmdWeights *weights,
                     const char *name,
                     GError **error)
{
  static const char *const keys[] = { "next_epoch", "step",       "averaging_from",
                                      "n_averaged", "best_epoch", "best_loss" };
  double values[G_N_ELEMENTS (keys)];

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const char *text = nmd_weights_get_meta (weights, keys[i]);

      if (text == NULL || !nmd_number_parse (text, &values[i], NULL) /* said below */
          || (i < 5 && !(values[i] >= -1 && values[i] < 9e15)))
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s does not say its %s", name,
                       keys[i]);
          return FALSE;
        }
    }
  *state = (NmdTrainState){
    .next_epoch = (int)values[0],
    .step = (gint64)values[1],
    .averaging_from = (int)values[2],
    .n_averaged = (int)values[3],
    .best_epoch = (int)values[4],
    .best_loss = values[5],
  };
  return TRUE;
}
