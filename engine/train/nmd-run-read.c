/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the texts of a run folder: run.json, history.csv, the counters inside last.safetensors.
 * Whatever is not as nmd-run-write.c leaves it is refused here with the file, the member and what
 * was expected, so that nobody else has to look.
 */
#include "config.h"

#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-json-value.h"
#include "engine/core/nmd-number.h"
#include "engine/eval/nmd-results.h"
#include "engine/eval/nmd-outline-shown.h"
#include "engine/train/nmd-run-private.h"

#include <glib/gi18n-lib.h>
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
  g_free (self->assumed);
  g_free (self->threshold.weights);
  g_clear_pointer (&self->images, json_node_unref);
  g_clear_pointer (&self->split, json_node_unref);
  g_clear_pointer (&self->initial, json_node_unref);
  g_clear_pointer (&self->findings, json_node_unref);
  g_clear_pointer (&self->passport, nmd_passport_free);
  *self = (NmdRunFile){ 0 };
}

/* run.json */

/* Parameters that came after the first runs of this format, each with the value that does what was
 * done before there was a choice. */
static const char *const later_parameters[][2] = {
  { "class-weights", "none" }, { "mirror", "off" }, /* it looked once */
  { "prompts", "on" },         { "threshold-from", "fixed" }, { "validation-share", "0" },
};

static const char *
find_later (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (later_parameters); i++)
    if (g_str_equal (name, later_parameters[i][0]))
      return later_parameters[i][1];
  return NULL;
}

/* Each of @object's members that @model has is there and not null. A run of the version that
 * reads it has them all but the later ones. */
static gboolean
need_members (const NmdJsonValue *object, JsonNode *model, GError **error)
{
  static const char *const later[] = { "n_whole_frame", NULL }; /* of the passport */
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, json_node_get_object (model));
  while (json_object_iter_next (&iter, &name, &node))
    if (!nmd_json_value_has (object, name) && !g_strv_contains (later, name)
        && find_later (name) == NULL)
      return nmd_json_value_refuse (object, name, error, "is missing");
  return TRUE;
}

/* What @object lacks is as it was when there was no such parameter, of other versions' the default; said in
 * a sentence. */
static void
assume_parameters (NmdRunFile *self, const NmdJsonValue *object)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n;
  const NmdParameterInfo *infos = nmd_parameters_list (&n);

  for (guint i = 0; i < n; i++)
    {
      const char *name = infos[i].name, *value = find_later (name);
      g_autofree char *taken = NULL;

      if (!nmd_parameter_is_for (&infos[i], nmd_parameters_get_task (self->parameters))
          || nmd_json_value_has (object, name))
        continue;
      if (value != NULL)
        nmd_parameters_set_text (self->parameters, name, value, NULL); /* of the table */
      taken = nmd_parameters_to_text (self->parameters, name);
      g_string_append_printf (text, "%s%s %s", text->len > 0 ? ", " : "", name, taken);
    }
  if (text->len > 0)
    self->assumed = g_strdup_printf (
        "The run is older than some parameters, which are taken as they were then: %s",
        text->str);
}

static gboolean
read_parameters (NmdRunFile *self,
                 const NmdJsonValue *top,
                 gboolean same_version,
                 GError **error)
{
  g_autoptr (JsonNode) model = NULL;
  NmdJsonValue object;
  const char *word = NULL;
  NmdTask task = NMD_TASK_CLASSIFY; /* of runs from before there were others */
  gint64 seed;

  if (!nmd_json_get_text (top, "task", NMD_JSON_OPTIONAL, &word, error))
    return FALSE;
  if (word != NULL && !nmd_task_parse (word, &task))
    return nmd_json_value_refuse (top, "task", error,
                                  "is “%s”: classify or segment expected", word);
  self->parameters = nmd_parameters_new_for (task);
  model = nmd_parameters_to_json (self->parameters);
  if (!nmd_json_get_object (top, "parameters", NMD_JSON_REQUIRED, &object, error)
      || (same_version && !need_members (&object, model, error))
      || !nmd_json_get_int (top, "seed", NMD_JSON_REQUIRED, 0, NMD_RUN_LARGEST_INT, &seed,
                            error))
    return FALSE;
  if (!nmd_parameters_from_json (self->parameters, object.node, error))
    {
      g_prefix_error (error, "%s: parameters: ", top->file);
      return FALSE;
    }
  assume_parameters (self, &object);
  if ((gint64)nmd_parameters_get (self->parameters, "seed") != seed)
    return nmd_json_value_refuse (top, "seed", error, "is not the seed of parameters");
  return TRUE;
}

static gboolean
read_passport (NmdRunFile *self,
               const NmdJsonValue *top,
               gboolean same_version,
               GError **error)
{
  g_autoptr (NmdPassport) empty = nmd_passport_new ();
  g_autoptr (JsonNode) model = nmd_passport_to_json (empty);
  NmdJsonValue object;

  if (!nmd_json_get_object (top, "passport", NMD_JSON_REQUIRED, &object, error)
      || (same_version && !need_members (&object, model, error)))
    return FALSE;
  self->passport = nmd_passport_from_json (&object, error);
  return self->passport != NULL;
}

/* A digest's leading digits, or nothing where that is allowed. */
static gboolean
is_digest (const char *text, gboolean may_be_empty)
{
  if (*text == '\0')
    return may_be_empty;
  for (int i = 0; i < NMD_RUN_DIGEST_LENGTH; i++)
    if (!g_ascii_isxdigit (text[i]))
      return FALSE;
  return text[NMD_RUN_DIGEST_LENGTH] == '\0';
}

/* One image: id, digests of image and mask, label, subject. Its id goes into @ids. */
static gboolean
read_image (const NmdJsonValue *row, GHashTable *ids, GError **error)
{
  NmdJsonValue cells[5];
  const char *id, *image, *mask, *subject;
  gint64 label;

  if (!JSON_NODE_HOLDS_ARRAY (row->node)
      || json_array_get_length (json_node_get_array (row->node)) != G_N_ELEMENTS (cells))
    return nmd_json_value_refuse (row, NULL, error,
                                  "is not a list of id, image, mask, label, subject");
  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    cells[i] = nmd_json_value_element (row, i);
  if (!nmd_json_get_text (&cells[0], NULL, NMD_JSON_REQUIRED, &id, error)
      || !nmd_json_get_text (&cells[1], NULL, NMD_JSON_REQUIRED, &image, error)
      || !nmd_json_get_text (&cells[2], NULL, NMD_JSON_REQUIRED, &mask, error)
      || !nmd_json_get_int (&cells[3], NULL, NMD_JSON_REQUIRED, 0, 1, &label, error)
      || !nmd_json_get_text (&cells[4], NULL, NMD_JSON_REQUIRED, &subject, error))
    return FALSE;
  if (!is_digest (image, FALSE) || !is_digest (mask, TRUE))
    return nmd_json_value_refuse (&cells[is_digest (image, FALSE) ? 2 : 1], NULL, error,
                                  "is not the beginning of an SHA-256 digest");
  if (!g_hash_table_add (ids, (gpointer)id))
    return nmd_json_value_refuse (&cells[0], NULL, error, "names the image “%s” twice",
                                  id);
  return TRUE;
}

static gboolean
read_dataset (NmdRunFile *self, const NmdJsonValue *top, GHashTable *ids, GError **error)
{
  NmdJsonValue object, images;
  guint n;

  if (!nmd_json_get_object (top, "dataset", NMD_JSON_REQUIRED, &object, error)
      || !nmd_json_dup_text (&object, "path", NMD_JSON_REQUIRED, &self->dataset_path,
                             error)
      || !nmd_json_dup_text (&object, "title", NMD_JSON_OPTIONAL, &self->dataset_title,
                             error)
      || !nmd_json_dup_text (&object, "sha256", NMD_JSON_REQUIRED, &self->dataset_hash,
                             error)
      || !nmd_json_get_array (&object, "images", NMD_JSON_REQUIRED, &images, &n, error))
    return FALSE;
  if (!nmd_import_settings_from_json (&self->import, &object, error))
    return FALSE;
  if (n == 0)
    return nmd_json_value_refuse (&object, "images", error, "is empty");
  for (guint i = 0; i < n; i++)
    {
      NmdJsonValue row = nmd_json_value_element (&images, i);

      if (!read_image (&row, ids, error))
        return FALSE;
    }
  self->images = json_node_ref (images.node);
  return TRUE;
}

/* Parts that name images of the data set, none of them twice. @left: ids not yet in a part. */
static gboolean
read_split (NmdRunFile *self, const NmdJsonValue *top, GHashTable *left, GError **error)
{
  NmdJsonValue object, parts, names;
  const char *text;
  guint n;

  if (!nmd_json_get_object (top, "split", NMD_JSON_REQUIRED, &object, error)
      || !nmd_json_get_text (&object, "kind", NMD_JSON_REQUIRED, &text, error)
      || !nmd_json_get_text (&object, "grouping", NMD_JSON_REQUIRED, &text, error)
      || !nmd_json_get_text (&object, "caveat", NMD_JSON_OPTIONAL, &text, error)
      || !nmd_json_get_text (&object, "source", NMD_JSON_OPTIONAL, &text, error)
      || !nmd_json_get_text (&object, "source_sha256", NMD_JSON_OPTIONAL, &text, error)
      || !nmd_json_get_object (&object, "parts", NMD_JSON_REQUIRED, &parts, error))
    return FALSE;
  for (NmdPart part = NMD_PART_TRAIN; part <= NMD_PART_TEST; part++)
    {
      const char *name = nmd_part_get_name (part);

      if (!nmd_json_get_array (&parts, name, NMD_JSON_REQUIRED, &names, &n, error))
        return FALSE;
      if (part == NMD_PART_TRAIN && n == 0)
        return nmd_json_value_refuse (&parts, name, error, "is empty");
      for (guint i = 0; i < n; i++)
        {
          NmdJsonValue id = nmd_json_value_element (&names, i);

          if (!nmd_json_get_text (&id, NULL, NMD_JSON_REQUIRED, &text, error))
            return FALSE;
          if (!g_hash_table_remove (left, text))
            return nmd_json_value_refuse (
                &id, NULL, error,
                "names “%s”, which dataset.images lacks or another part has", text);
        }
    }
  self->split = json_node_ref (object.node);
  return TRUE;
}

/* What nmd-initial-weights.c has recorded. */
static gboolean
read_initial (NmdRunFile *self, const NmdJsonValue *top, GError **error)
{
  static const char *const counts[] = { "used", "tensors", "classes", "unknown_count" };
  static const char *const lists[] = { "left_out", "missing", "unknown", "converted" };
  NmdJsonValue object;
  const char *text;
  gint64 count;

  if (!nmd_json_get_object (top, "initial", NMD_JSON_OPTIONAL, &object, error))
    return FALSE;
  if (object.node == NULL)
    return TRUE;
  if (!nmd_json_get_text (&object, "file", NMD_JSON_REQUIRED, &text, error)
      || !nmd_json_get_text (&object, "sha256", NMD_JSON_REQUIRED, &text, error)
      || !nmd_json_get_text (&object, "run", NMD_JSON_OPTIONAL, &text, error)
      || !nmd_json_get_text (&object, "weights", NMD_JSON_OPTIONAL, &text, error)
      || !nmd_json_get_text (&object, "network", NMD_JSON_OPTIONAL, &text, error)
      || !nmd_json_get_text (&object, "prefix", NMD_JSON_OPTIONAL, &text, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    if (!nmd_json_get_int (&object, counts[i], NMD_JSON_REQUIRED, 0, G_MAXINT, &count,
                           error))
      return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_auto (GStrv) names = NULL;

      if (!nmd_json_dup_texts (&object, lists[i], NMD_JSON_REQUIRED, &names, error))
        return FALSE;
    }
  self->initial = json_node_ref (object.node);
  return TRUE;
}

/* "outline_threshold": {"value", "dice", "n_images", "weights"}, only where one was chosen. */
static gboolean
read_threshold (NmdRunFile *self, const NmdJsonValue *top, GError **error)
{
  NmdRunThreshold *threshold = &self->threshold;
  NmdJsonValue object;
  gint64 n = 0;

  threshold->value = NAN;
  if (!nmd_json_get_object (top, "outline_threshold", NMD_JSON_OPTIONAL, &object, error))
    return FALSE;
  if (object.node == NULL)
    return TRUE;
  if (!nmd_json_get_number (&object, "value", NMD_JSON_REQUIRED, 0.01, 0.99,
                            &threshold->value, error)
      || !nmd_json_get_number (&object, "dice", NMD_JSON_REQUIRED, 0, 1, &threshold->dice,
                               error)
      || !nmd_json_get_int (&object, "n_images", NMD_JSON_REQUIRED, 1, G_MAXINT, &n,
                            error)
      || !nmd_json_dup_text (&object, "weights", NMD_JSON_REQUIRED, &threshold->weights,
                             error))
    return FALSE;
  threshold->n_images = (guint)n;
  return TRUE;
}

static gboolean
read_findings (NmdRunFile *self, const NmdJsonValue *top, GError **error)
{
  JsonNode *node;

  if (!nmd_run_check_import (top, &node, error))
    return FALSE;
  self->findings = node != NULL ? json_node_ref (node) : NULL;
  return TRUE;
}

/* What is neither data set nor recipe: state, times, network, device. */
static gboolean
read_head (NmdRunFile *self, const NmdJsonValue *top, GError **error)
{
  NmdJsonValue device;
  const char *state, *network;
  gint64 threads;

  if (!nmd_json_get_text (top, "state", NMD_JSON_REQUIRED, &state, error)
      || !nmd_json_dup_text (top, "started", NMD_JSON_OPTIONAL, &self->started, error)
      || !nmd_json_dup_text (top, "finished", NMD_JSON_OPTIONAL, &self->finished, error)
      || !nmd_json_get_text (top, "network", NMD_JSON_REQUIRED, &network, error)
      || !nmd_json_dup_text (top, "stopped_early", NMD_JSON_OPTIONAL,
                             &self->stopped_early, error)
      || !nmd_json_get_object (top, "device", NMD_JSON_REQUIRED, &device, error)
      || !nmd_json_dup_text (&device, "name", NMD_JSON_REQUIRED, &self->device, error)
      || !nmd_json_dup_text (&device, "description", NMD_JSON_OPTIONAL,
                             &self->device_description, error)
      || !nmd_json_get_int (&device, "threads", NMD_JSON_REQUIRED, 0, 4096, &threads,
                            error))
    return FALSE;
  self->threads = (int)threads;
  if (!g_str_equal (state, "finished") && !g_str_equal (state, "started"))
    return nmd_json_value_refuse (top, "state", error, "is “%s”, not started or finished",
                                  state);
  self->state = *state == 'f' ? NMD_RUN_FINISHED : NMD_RUN_STARTED;
  self->network = nmd_run_find_network (network, self->parameters, error);
  if (self->network == NULL)
    g_prefix_error (error, "%s: network: ", top->file);
  return self->network != NULL;
}

/* The whole of run.json, whose top is @root. */
static gboolean
read_members (NmdRunFile *self, JsonNode *root, const char *path, GError **error)
{
  const NmdJsonValue top = nmd_json_value_top (root, path);
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  NmdJsonValue versions;
  const char *version;
  gint64 format;
  gboolean same;

  if (!nmd_json_get_int (&top, "format", NMD_JSON_REQUIRED, 1, G_MAXINT, &format, error))
    return FALSE;
  if (format != NMD_RUN_FORMAT)
    return nmd_json_value_refuse (&top, "format", error,
                                  "is %" G_GINT64_FORMAT ", this version reads %d",
                                  format, NMD_RUN_FORMAT);
  if (!nmd_json_get_object (&top, "versions", NMD_JSON_REQUIRED, &versions, error)
      || !nmd_json_get_text (&versions, "nmd", NMD_JSON_REQUIRED, &version, error))
    return FALSE;
  same = g_str_equal (version, NMD_VERSION);
  return read_parameters (self, &top, same, error) && read_head (self, &top, error)
         && read_passport (self, &top, same, error)
         && read_dataset (self, &top, ids, error) && read_split (self, &top, ids, error)
         && read_initial (self, &top, error) && read_threshold (self, &top, error)
         && read_findings (self, &top, error);
}

gboolean
nmd_run_file_load (NmdRunFile *self, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, NMD_RUN_JSON, NULL);
  g_autoptr (JsonNode) node = NULL;

  if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, _ ("There is no folder %s"),
                   folder);
      return FALSE;
    }
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   _ ("%s is not a run folder: it has no run.json"), folder);
      return FALSE;
    }
  node = nmd_json_load (path, error);
  return node != NULL && read_members (self, node, path, error);
}

/* metrics.json */

/* An object that is not empty, or none. */
static gboolean
check_object (const NmdJsonValue *top, const char *member, GError **error)
{
  NmdJsonValue object;

  if (!nmd_json_get_object (top, member, NMD_JSON_OPTIONAL, &object, error))
    return FALSE;
  return object.node == NULL
         || json_object_get_size (json_node_get_object (object.node)) > 0
         || nmd_json_value_refuse (top, member, error, "is empty");
}

/* What a run of segmentation holds instead. */
static JsonNode *
load_outline_metrics (const char *path, GError **error)
{
  g_autoptr (JsonNode) node = nmd_json_load (path, error);
  const NmdJsonValue top = nmd_json_value_top (node, path);
  NmdJsonValue parts, part, metrics, prompts;
  NmdShownResults shown[NMD_N_SHOWN];
  NmdOutlineResults results;
  const char *text;

  if (node == NULL
      || !nmd_json_get_text (&top, "weights", NMD_JSON_REQUIRED, &text, error)
      || !nmd_json_get_text (&top, "device", NMD_JSON_REQUIRED, &text, error)
      || !nmd_json_get_text (&top, "initial", NMD_JSON_OPTIONAL, &text, error)
      || !nmd_json_get_text (&top, "assumed", NMD_JSON_OPTIONAL, &text, error)
      || !nmd_json_get_text (&top, "part", NMD_JSON_REQUIRED, &text, error)
      || !nmd_json_get_object (&top, "metrics", NMD_JSON_REQUIRED, &metrics, error)
      || !nmd_outline_results_from_json (&results, &metrics, error)
      || !nmd_json_get_object (&top, "prompts", NMD_JSON_OPTIONAL, &prompts, error)
      || (prompts.node != NULL && !nmd_shown_from_json (shown, &prompts, error))
      || !nmd_json_get_object (&top, "parts", NMD_JSON_REQUIRED, &parts, error)
      || !nmd_run_check_import (&top, NULL, error))
    return NULL;
  for (NmdPart i = NMD_PART_TRAIN; i <= NMD_PART_TEST; i++)
    if (!nmd_json_get_object (&parts, nmd_part_get_name (i), NMD_JSON_OPTIONAL, &part,
                              error)
        || (part.node != NULL && !nmd_outline_results_from_json (&results, &part, error)))
      return NULL;
  return g_steal_pointer (&node);
}

static JsonNode *
load_score_metrics (const char *path, GError **error)
{
  static const char *const objects[] = { "threshold", "rival", "calibration", "parts" };
  g_autoptr (JsonNode) node = nmd_json_load (path, error);
  g_autoptr (NmdEvalResults) results = NULL;
  const NmdJsonValue top = nmd_json_value_top (node, path);
  NmdJsonValue parts, part;
  const char *text;
  gint64 n;

  /* What a run adds is checked here, the results by their own reader. */
  if (node == NULL
      || !nmd_json_get_text (&top, "weights", NMD_JSON_REQUIRED, &text, error)
      || !nmd_json_get_text (&top, "device", NMD_JSON_REQUIRED, &text, error)
      || !nmd_json_get_text (&top, "initial", NMD_JSON_OPTIONAL, &text, error)
      || !nmd_json_get_text (&top, "assumed", NMD_JSON_OPTIONAL, &text, error)
      || !nmd_json_get_object (&top, "parts", NMD_JSON_REQUIRED, &parts, error)
      || !nmd_run_check_import (&top, NULL, error))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (objects); i++)
    if (!check_object (&top, objects[i], error))
      return NULL;
  for (NmdPart i = NMD_PART_TRAIN; i <= NMD_PART_TEST; i++)
    if (!nmd_json_get_object (&parts, nmd_part_get_name (i), NMD_JSON_OPTIONAL, &part,
                              error)
        || (part.node != NULL
            && !nmd_json_get_int (&part, "n_images", NMD_JSON_REQUIRED, 1, G_MAXINT, &n,
                                  error)))
      return NULL;
  results = nmd_eval_results_from_json (node, path, error);
  return results != NULL ? g_steal_pointer (&node) : NULL;
}

JsonNode *
nmd_run_load_metrics (const char *folder, NmdTask task, GError **error)
{
  g_autofree char *path = g_build_filename (folder, NMD_RUN_METRICS, NULL);

  return task == NMD_TASK_SEGMENT ? load_outline_metrics (path, error)
                                  : load_score_metrics (path, error);
}

/* history.csv */

/* One cell of history.csv, NaN for an empty one where that is allowed. */
static gboolean
read_cell (const char *cell, const NmdEpochColumn *column, double *value, GError **error)
{
  *value = NAN;
  if (*cell == '\0' && column->may_be_empty)
    return TRUE;
  if (!nmd_number_parse (cell, value, error))
    return FALSE;
  if (isfinite (*value) && *value >= column->minimum && *value <= column->maximum
      && (column->kind == NMD_COLUMN_DOUBLE || *value == floor (*value)))
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "“%s” is out of range", cell);
  return FALSE;
}

static void
set_column (NmdEpoch *epoch, const NmdEpochColumn *column, double value)
{
  void *at = (char *)epoch + column->offset;

  switch (column->kind)
    {
    case NMD_COLUMN_INT:
      *(int *)at = (int)value;
      break;
    case NMD_COLUMN_BOOLEAN:
      *(gboolean *)at = value > 0;
      break;
    default:
      *(double *)at = value;
    }
}

/* Fills @epoch with the cells of @row; what the table does not have (column −1) is NaN. */
static gboolean
read_row (const NmdCsv *csv,
          const char *path,
          guint row,
          const int *columns,
          NmdEpoch *epoch,
          GError **error)
{
  for (guint i = 0; i < NMD_N_EPOCH_COLUMNS; i++)
    {
      const NmdEpochColumn *column = &nmd_epoch_columns[i];
      double value = NAN;

      if (columns[i] >= 0
          && !read_cell (nmd_csv_get (csv, row, (guint)columns[i]), column, &value,
                         error))
        {
          g_prefix_error (error, "%s, row %u: %s: ", path, row + 2, column->name);
          return FALSE;
        }
      set_column (epoch, column, value);
    }
  if (epoch->epoch == (int)row)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               "%s, row %u: epoch is %d, %u is expected", path, row + 2, epoch->epoch,
               row);
  return FALSE;
}

GArray *
nmd_history_load (const char *folder, NmdTask task, GError **error)
{
  g_autoptr (GArray) history = g_array_new (FALSE, TRUE, sizeof (NmdEpoch));
  g_autofree char *path = g_build_filename (folder, NMD_RUN_HISTORY, NULL);
  g_autoptr (NmdCsv) csv = NULL;
  int columns[NMD_N_EPOCH_COLUMNS];

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&history);
  csv = nmd_csv_load (path, error);
  if (csv == NULL)
    return NULL;
  for (guint i = 0; i < NMD_N_EPOCH_COLUMNS; i++)
    {
      columns[i] = -1;
      if (nmd_epoch_columns[i].is_for[task]
          && (columns[i] = nmd_csv_need (csv, nmd_epoch_columns[i].name, error)) < 0)
        return NULL;
    }
  for (guint row = 0; row < nmd_csv_get_n_rows (csv); row++)
    {
      NmdEpoch epoch = { 0 };

      if (!read_row (csv, path, row, columns, &epoch, error))
        return NULL;
      g_array_append_val (history, epoch);
    }
  return g_steal_pointer (&history);
}

/* counters in last.safetensors */

/* Counters that a training by @parameters can arrive at. */
static gboolean
is_possible (const NmdTrainState *state, const NmdParameters *parameters)
{
  return state->averaging_from <= nmd_schedule_start (parameters)
         && state->next_epoch <= nmd_schedule_end (state, parameters)
         && state->best_epoch < state->next_epoch
         && state->n_averaged == MAX (0, state->next_epoch - state->averaging_from);
}

gboolean
nmd_state_from_meta (NmdTrainState *state,
                     const NmdWeights *weights,
                     const NmdParameters *parameters,
                     const char *name,
                     GError **error)
{
  static const char *const keys[] = { "next_epoch", "step",       "averaging_from",
                                      "n_averaged", "best_epoch", "best_loss" };
  double values[G_N_ELEMENTS (keys)];

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const char *text = nmd_weights_get_meta (weights, keys[i]);
      const double least = i == 4 ? -1 : 0,
                   most = i == 1 ? NMD_RUN_LARGEST_INT : G_MAXINT;

      if (text == NULL || !nmd_number_parse (text, &values[i], NULL) /* said below */
          || (i < 5
              && !(values[i] >= least && values[i] <= most
                   && values[i] == floor (values[i]))))
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s: %s is %s%s%s", name,
                       keys[i], text != NULL ? "“" : "", text != NULL ? text : "missing",
                       text != NULL ? "”: a whole number expected" : "");
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
  if (is_possible (state, parameters))
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               _ ("%s: its counters do not fit the run's %d epochs (next_epoch %d, "
                  "averaging_from %d, n_averaged %d, best_epoch %d)"),
               name, nmd_parameters_get_int (parameters, "epochs"), state->next_epoch,
               state->averaging_from, state->n_averaged, state->best_epoch);
  return FALSE;
}
