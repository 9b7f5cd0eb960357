/* SPDX-License-Identifier: Apache-2.0
 *
 * The texts of a run folder: run.json, history.csv, the counters inside last.safetensors.
 * Weights and scores are written by those who have them.
 */
#include "config.h"

#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-number.h"
#include "engine/train/nmd-run-private.h"

#include <glib/gstdio.h>
#include <math.h>

#define RUN_FORMAT 1

const char *const nmd_epoch_columns[] = {
  "epoch",        "seconds", "lr",        "train_loss", "val_loss", "val_auc",
  "val_accuracy", "wait",    "averaging", "best",       NULL,
};

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
  g_free (self->positive);
  g_free (self->image_column);
  g_free (self->mask_column);
  g_free (self->subject_column);
  g_free (self->label_column);
  g_free (self->stopped_early);
  g_clear_pointer (&self->images, json_node_unref);
  g_clear_pointer (&self->split, json_node_unref);
  g_clear_pointer (&self->initial, json_node_unref);
  g_clear_pointer (&self->passport, nmd_passport_free);
  *self = (NmdRunFile){ 0 };
}

JsonNode *
nmd_run_list_images (NmdDataset *dataset)
{
  JsonArray *list = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      JsonArray *row = json_array_new ();
      g_autofree char *image = g_strndup (sample->sha256_image, NMD_RUN_DIGEST_LENGTH);
      g_autofree char *mask = g_strndup (sample->sha256_mask, NMD_RUN_DIGEST_LENGTH);

      json_array_add_string_element (row, sample->id);
      json_array_add_string_element (row, image);
      json_array_add_string_element (row, mask);
      json_array_add_int_element (row, sample->label);
      json_array_add_string_element (row, sample->subject != NULL ? sample->subject : "");
      json_array_add_array_element (list, row);
    }
  json_node_take_array (node, list);
  return node;
}

static void
set_text (JsonObject *object, const char *member, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, member, text);
  else
    json_object_set_null_member (object, member);
}

static JsonObject *
dataset_to_json (const NmdRunFile *self)
{
  JsonObject *object = json_object_new ();

  set_text (object, "path", self->dataset_path);
  set_text (object, "title", self->dataset_title);
  set_text (object, "sha256", self->dataset_hash);
  set_text (object, "positive", self->positive);
  set_text (object, "image_column", self->image_column);
  set_text (object, "mask_column", self->mask_column);
  set_text (object, "subject_column", self->subject_column);
  set_text (object, "label_column", self->label_column);
  json_object_set_member (object, "images", json_node_ref (self->images));
  return object;
}

gboolean
nmd_run_file_save (const NmdRunFile *self, const char *folder, GError **error)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *path = g_build_filename (folder, NMD_RUN_JSON, NULL);
  JsonObject *top = json_object_new (), *device = json_object_new (),
             *versions = json_object_new ();

  json_object_set_int_member (top, "format", RUN_FORMAT);
  set_text (top, "state", self->state == NMD_RUN_FINISHED ? "finished" : "started");
  set_text (top, "started", self->started);
  set_text (top, "finished", self->finished);
  set_text (top, "network", self->network->name);
  set_text (top, "stopped_early", self->stopped_early);
  json_object_set_int_member (top, "seed",
                              (gint64)nmd_parameters_get (self->parameters, "seed"));
  json_object_set_member (top, "parameters", nmd_parameters_to_json (self->parameters));
  if (self->initial != NULL)
    json_object_set_member (top, "initial", json_node_ref (self->initial));
  set_text (versions, "nmd", NMD_VERSION);
  json_object_set_object_member (top, "versions", versions);
  set_text (device, "name", self->device);
  set_text (device, "description", self->device_description);
  json_object_set_int_member (device, "threads", self->threads);
  json_object_set_object_member (top, "device", device);
  json_object_set_member (top, "passport", nmd_passport_to_json (self->passport));
  json_object_set_member (top, "split", json_node_ref (self->split));
  json_object_set_object_member (top, "dataset", dataset_to_json (self));
  json_node_take_object (node, top);
  return nmd_json_save (node, path, error);
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
  self->positive = get_text (object, "positive");
  self->image_column = get_text (object, "image_column");
  self->mask_column = get_text (object, "mask_column");
  self->subject_column = get_text (object, "subject_column");
  self->label_column = get_text (object, "label_column");
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

  if (get_int (top, "format", 0) != RUN_FORMAT)
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

char *
nmd_history_to_text (const GArray *history)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; nmd_epoch_columns[i] != NULL; i++)
    nmd_csv_append (text, nmd_epoch_columns[i]);
  nmd_csv_end_line (text);
  for (guint i = 0; i < history->len; i++)
    {
      const NmdEpoch *epoch = &g_array_index (history, NmdEpoch, i);

      nmd_csv_append_number (text, epoch->epoch);
      nmd_csv_append_number (text, epoch->seconds);
      nmd_csv_append_number (text, epoch->lr);
      nmd_csv_append_number (text, epoch->train_loss);
      nmd_csv_append_number (text, epoch->val_loss);
      nmd_csv_append_number (text, epoch->val_auc);
      nmd_csv_append_number (text, epoch->val_accuracy);
      nmd_csv_append_number (text, epoch->wait);
      nmd_csv_append_number (text, epoch->averaging);
      nmd_csv_append_number (text, epoch->best);
      nmd_csv_end_line (text);
    }
  return g_string_free (text, FALSE);
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
  int columns[G_N_ELEMENTS (nmd_epoch_columns)];
  double values[G_N_ELEMENTS (nmd_epoch_columns)];

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

static void
set_meta (NmdWeights *weights, const char *key, double value)
{
  char buffer[NMD_NUMBER_LENGTH];

  nmd_weights_set_meta (weights, key, nmd_number_format (buffer, value));
}

void
nmd_state_to_meta (const NmdTrainState *state, NmdWeights *weights)
{
  set_meta (weights, "next_epoch", state->next_epoch);
  set_meta (weights, "step", (double)state->step);
  set_meta (weights, "averaging_from", state->averaging_from);
  set_meta (weights, "n_averaged", state->n_averaged);
  set_meta (weights, "best_epoch", state->best_epoch);
  set_meta (weights, "best_loss", state->best_loss);
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

void
nmd_run_clean (const char *folder)
{
  static const char *const names[]
      = { NMD_RUN_JSON, NMD_RUN_HISTORY,     NMD_RUN_BEST,   NMD_RUN_AVERAGE,
          NMD_RUN_LAST, NMD_RUN_PREDICTIONS, NMD_RUN_METRICS };
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL); /* nothing to clean, then */
  const char *entry;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    for (guint i = 0; i < G_N_ELEMENTS (names); i++)
      {
        g_autofree char *prefix = g_strdup_printf (".%s.", names[i]);

        if (g_str_has_prefix (entry, prefix) && strlen (entry) == strlen (prefix) + 6)
          {
            g_autofree char *path = g_build_filename (folder, entry, NULL);

            g_unlink (path);
          }
      }
}
