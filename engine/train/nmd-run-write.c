/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the texts of a run folder: run.json, history.csv, the counters inside last.safetensors.
 * Weights and scores are written by those who have them; reading is nmd-run-read.c's.
 */
#include "config.h"

#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-number.h"
#include "engine/train/nmd-run-private.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

const char *const nmd_run_files[] = { NMD_RUN_JSON,
                                      NMD_RUN_HISTORY,
                                      NMD_RUN_BEST,
                                      NMD_RUN_AVERAGE,
                                      NMD_RUN_LAST,
                                      NMD_RUN_PREDICTIONS,
                                      NMD_RUN_METRICS,
                                      NMD_RUN_OUTLINES,
                                      NMD_RUN_PROMPTS,
                                      "run.lock",
                                      NULL };

/* clang-format off */
#define COLUMN(name, kind, low, high, may_be_empty, classify, segment) \
  { #name, G_STRUCT_OFFSET (NmdEpoch, name), NMD_COLUMN_##kind, low, high, may_be_empty, { classify, segment } }

const NmdEpochColumn nmd_epoch_columns[NMD_N_EPOCH_COLUMNS] = {
  COLUMN (epoch, INT, 0, G_MAXINT, FALSE, TRUE, TRUE),
  COLUMN (seconds, DOUBLE, 0, INFINITY, FALSE, TRUE, TRUE),
  COLUMN (lr, DOUBLE, 0, INFINITY, FALSE, TRUE, TRUE),
  COLUMN (train_loss, DOUBLE, 0, INFINITY, FALSE, TRUE, TRUE),
  COLUMN (val_loss, DOUBLE, 0, INFINITY, TRUE, TRUE, TRUE),
  COLUMN (val_auc, DOUBLE, 0, 1, TRUE, TRUE, FALSE),
  COLUMN (val_accuracy, DOUBLE, 0, 1, TRUE, TRUE, FALSE),
  COLUMN (val_dice, DOUBLE, 0, 1, TRUE, FALSE, TRUE),
  COLUMN (wait, DOUBLE, 0, 1, FALSE, TRUE, TRUE),
  COLUMN (averaging, BOOLEAN, 0, 1, FALSE, TRUE, TRUE),
  COLUMN (best, BOOLEAN, 0, 1, FALSE, TRUE, TRUE),
};
/* clang-format on */

char *
nmd_run_now (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
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
  nmd_import_settings_to_json (&self->import, object);
  json_object_set_member (object, "images", json_node_ref (self->images));
  return object;
}

static void
add_threshold (const NmdRunThreshold *self, JsonObject *top)
{
  JsonObject *object;

  if (self->weights == NULL)
    return;
  object = json_object_new ();
  json_object_set_double_member (object, "value", self->value);
  json_object_set_double_member (object, "dice", self->dice);
  json_object_set_int_member (object, "n_images", self->n_images);
  json_object_set_string_member (object, "weights", self->weights);
  json_object_set_object_member (top, "outline_threshold", object);
}

gboolean
nmd_run_file_save (const NmdRunFile *self, const char *folder, GError **error)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *path = g_build_filename (folder, NMD_RUN_JSON, NULL);
  JsonObject *top = json_object_new (), *device = json_object_new (),
             *versions = json_object_new ();

  json_object_set_int_member (top, "format", NMD_RUN_FORMAT);
  set_text (top, "state", self->state == NMD_RUN_FINISHED ? "finished" : "started");
  set_text (top, "started", self->started);
  set_text (top, "finished", self->finished);
  if (nmd_parameters_get_task (self->parameters) != NMD_TASK_CLASSIFY)
    set_text (top, "task",
              nmd_task_get_name (nmd_parameters_get_task (self->parameters)));
  set_text (top, "network", self->network->name);
  set_text (top, "stopped_early", self->stopped_early);
  json_object_set_int_member (top, "seed",
                              (gint64)nmd_parameters_get (self->parameters, "seed"));
  json_object_set_member (top, "parameters", nmd_parameters_to_json (self->parameters));
  if (self->initial != NULL)
    json_object_set_member (top, "initial", json_node_ref (self->initial));
  add_threshold (&self->threshold, top);
  set_text (versions, "nmd", NMD_VERSION);
  json_object_set_object_member (top, "versions", versions);
  set_text (device, "name", self->device);
  set_text (device, "description", self->device_description);
  json_object_set_int_member (device, "threads", self->threads);
  json_object_set_object_member (top, "device", device);
  json_object_set_member (top, "passport", nmd_passport_to_json (self->passport));
  json_object_set_member (top, "split", json_node_ref (self->split));
  if (self->findings != NULL)
    json_object_set_member (top, "import", json_node_ref (self->findings));
  json_object_set_object_member (top, "dataset", dataset_to_json (self));
  json_node_take_object (node, top);
  return nmd_json_save (node, path, error);
}

static double
get_column (const NmdEpoch *epoch, const NmdEpochColumn *column)
{
  const void *at = (const char *)epoch + column->offset;

  switch (column->kind)
    {
    case NMD_COLUMN_INT:
      return *(const int *)at;
    case NMD_COLUMN_BOOLEAN:
      return *(const gboolean *)at;
    default:
      return *(const double *)at;
    }
}

char *
nmd_history_to_text (const GArray *history, NmdTask task)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < NMD_N_EPOCH_COLUMNS; i++)
    if (nmd_epoch_columns[i].is_for[task])
      nmd_csv_append (text, nmd_epoch_columns[i].name);
  nmd_csv_end_line (text);
  for (guint row = 0; row < history->len; row++)
    {
      const NmdEpoch *epoch = &g_array_index (history, NmdEpoch, row);

      for (guint i = 0; i < NMD_N_EPOCH_COLUMNS; i++)
        if (nmd_epoch_columns[i].is_for[task])
          nmd_csv_append_number (text, get_column (epoch, &nmd_epoch_columns[i]));
      nmd_csv_end_line (text);
    }
  return g_string_free (text, FALSE);
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

void
nmd_run_clean (const char *folder)
{
  static const char *const names[]
      = { NMD_RUN_JSON,    NMD_RUN_HISTORY,  NMD_RUN_BEST,
          NMD_RUN_AVERAGE, NMD_RUN_LAST,     NMD_RUN_PREDICTIONS,
          NMD_RUN_METRICS, NMD_RUN_OUTLINES, NMD_RUN_PROMPTS };
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
