/* SPDX-License-Identifier: Apache-2.0
 *
 * plan.json: writing a plan and reading it, with every member checked.
 */
#include "engine/experiment/nmd-plan-private.h"

#include <string.h>

static JsonNode *
rows_to_json (const NmdPlan *self)
{
  JsonArray *list = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  for (guint i = 0; i < self->rows->len; i++)
    {
      const NmdPlanRow *row = nmd_plan_get_row (self, i);
      JsonObject *object = json_object_new (), *changes = json_object_new ();

      json_object_set_string_member (object, "id", row->id);
      json_object_set_string_member (object, "title", row->title);
      json_object_set_string_member (object, "network", row->network);
      for (guint k = 0; row->changes[k] != NULL && row->changes[k + 1] != NULL; k += 2)
        json_object_set_string_member (changes, row->changes[k], row->changes[k + 1]);
      json_object_set_object_member (object, "changes", changes);
      json_array_add_object_element (list, object);
    }
  json_node_take_array (node, list);
  return node;
}

static JsonNode *
cells_to_json (const NmdPlan *self)
{
  JsonArray *list = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  for (guint i = 0; i < self->cells->len; i++)
    {
      const NmdPlanCell *cell = nmd_plan_get_cell (self, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "id", cell->id);
      json_object_set_int_member (object, "row", cell->row);
      if (cell->fold >= 0)
        json_object_set_int_member (object, "fold", cell->fold);
      if (cell->left_out != NULL)
        json_object_set_string_member (object, "left_out", cell->left_out);
      json_object_set_int_member (object, "seed", cell->seed);
      json_array_add_object_element (list, object);
    }
  json_node_take_array (node, list);
  return node;
}

char *
nmd_plan_to_text (const NmdPlan *self)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *top = json_object_new (), *dataset = json_object_new (),
             *split = json_object_new ();

  json_object_set_int_member (top, "format", NMD_PLAN_FORMAT);
  json_object_set_string_member (top, "experiment",
                                 nmd_experiment_kind_get_name (self->kind));
  if (self->kind == NMD_EXPERIMENT_ABLATE)
    json_object_set_string_member (top, "what", nmd_ablation_get_name (self->ablation));
  nmd_json_set_text (dataset, "path", self->dataset_path);
  nmd_json_set_text (dataset, "title", self->dataset_title);
  nmd_json_set_text (dataset, "sha256", self->dataset_hash);
  json_object_set_boolean_member (dataset, "synthetic", self->synthetic);
  nmd_json_set_text (dataset, "organ", self->organ);
  nmd_import_settings_to_json (&self->import, dataset);
  json_object_set_object_member (top, "dataset", dataset);
  nmd_json_set_text (split, "file", self->split_file);
  nmd_json_set_text (split, "sha256", self->split_sha256);
  nmd_json_set_text (split, "leave_out", self->leave_out);
  json_object_set_object_member (top, "split", split);
  json_object_set_string_member (top, "device", self->device);
  json_object_set_int_member (top, "threads", self->threads);
  json_object_set_boolean_member (top, "events", self->events);
  json_object_set_member (top, "parameters", nmd_parameters_to_json (self->parameters));
  json_object_set_member (top, "rows", rows_to_json (self));
  json_object_set_member (top, "cells", cells_to_json (self));
  json_node_take_object (node, top);
  return nmd_json_to_text (node);
}

/* Reading. */

/* Texts that name files and rows: letters, digits, '-', '.'. */
static gboolean
is_name (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && *p != '-' && *p != '.')
      return FALSE;
  return g_ascii_isalnum (*text) && strlen (text) <= 200;
}

static gboolean
read_kind (NmdPlan *self, const NmdJsonValue *top, GError **error)
{
  const char *word = NULL, *what = NULL;
  gint64 format;

  if (!nmd_json_get_int (top, "format", NMD_JSON_REQUIRED, NMD_PLAN_FORMAT,
                         NMD_PLAN_FORMAT, &format, error)
      || !nmd_json_get_text (top, "experiment", NMD_JSON_REQUIRED, &word, error)
      || !nmd_json_get_text (top, "what", NMD_JSON_OPTIONAL, &what, error))
    return FALSE;
  for (int kind = 0; kind <= NMD_EXPERIMENT_LEAK; kind++)
    if (g_str_equal (word, nmd_experiment_kind_get_name ((NmdExperimentKind)kind)))
      {
        self->kind = (NmdExperimentKind)kind;
        if (self->kind != NMD_EXPERIMENT_ABLATE
            || nmd_ablation_parse (what, &self->ablation))
          return TRUE;
        return nmd_json_value_refuse (top, "what", error, "is no part of an ablation");
      }
  return nmd_json_value_refuse (top, "experiment", error, "is “%s”, no experiment", word);
}

static gboolean
read_dataset (NmdPlan *self, const NmdJsonValue *top, GError **error)
{
  NmdJsonValue dataset, split, parameters;
  gint64 threads;

  if (!nmd_json_get_object (top, "dataset", NMD_JSON_REQUIRED, &dataset, error)
      || !nmd_json_dup_text (&dataset, "path", NMD_JSON_REQUIRED, &self->dataset_path,
                             error)
      || !nmd_json_dup_text (&dataset, "title", NMD_JSON_REQUIRED, &self->dataset_title,
                             error)
      || !nmd_json_dup_text (&dataset, "sha256", NMD_JSON_REQUIRED, &self->dataset_hash,
                             error)
      || !nmd_json_get_boolean (&dataset, "synthetic", NMD_JSON_REQUIRED,
                                &self->synthetic, error)
      || !nmd_json_dup_text (&dataset, "organ", NMD_JSON_OPTIONAL, &self->organ, error)
      || !nmd_import_settings_from_json (&self->import, &dataset, error)
      || !nmd_json_get_object (top, "split", NMD_JSON_REQUIRED, &split, error)
      || !nmd_json_dup_text (&split, "file", NMD_JSON_OPTIONAL, &self->split_file, error)
      || !nmd_json_dup_text (&split, "sha256", NMD_JSON_OPTIONAL, &self->split_sha256,
                             error)
      || !nmd_json_dup_text (&split, "leave_out", NMD_JSON_OPTIONAL, &self->leave_out,
                             error)
      || !nmd_json_dup_text (top, "device", NMD_JSON_REQUIRED, &self->device, error)
      || !nmd_json_get_boolean (top, "events", NMD_JSON_OPTIONAL, &self->events, error)
      || !nmd_json_get_int (top, "threads", NMD_JSON_REQUIRED, 0, 4096, &threads, error)
      || !nmd_json_get_object (top, "parameters", NMD_JSON_REQUIRED, &parameters, error))
    return FALSE;
  self->threads = (int)threads;
  self->import.unpack = TRUE; /* it was agreed to when the plan was made */
  if (nmd_parameters_from_json (self->parameters, parameters.node, error))
    return TRUE;
  g_prefix_error (error, "%s: parameters: ", top->file);
  return FALSE;
}

static gboolean
read_row (NmdPlan *self, const NmdJsonValue *value, GError **error)
{
  NmdPlanRow *row = g_new0 (NmdPlanRow, 1);
  NmdJsonValue changes;
  g_autoptr (NmdParameters) scratch = nmd_parameters_copy (self->parameters);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  JsonObjectIter iter;
  const char *name;

  row->changes = g_new0 (char *, 1);
  g_ptr_array_add (self->rows, row);
  if (!nmd_json_dup_text (value, "id", NMD_JSON_REQUIRED, &row->id, error)
      || !nmd_json_dup_text (value, "title", NMD_JSON_REQUIRED, &row->title, error)
      || !nmd_json_dup_text (value, "network", NMD_JSON_REQUIRED, &row->network, error)
      || !nmd_json_get_object (value, "changes", NMD_JSON_REQUIRED, &changes, error))
    return FALSE;
  if (!is_name (row->id))
    return nmd_json_value_refuse (value, "id", error, "is no name of a row");
  if (nmd_network_find (row->network, error) == NULL)
    return FALSE;
  json_object_iter_init_ordered (&iter, json_node_get_object (changes.node));
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    {
      const char *text = NULL;

      if (!nmd_json_get_text (&changes, name, NMD_JSON_REQUIRED, &text, error))
        return FALSE;
      if (!nmd_parameters_set_text (scratch, name, text, error))
        {
          g_prefix_error (error, "%s: rows: ", value->file);
          return FALSE;
        }
      g_ptr_array_add (texts, g_strdup (name));
      g_ptr_array_add (texts, g_strdup (text));
    }
  g_ptr_array_add (texts, NULL);
  g_strfreev (row->changes);
  row->changes = (char **)g_ptr_array_free (g_steal_pointer (&texts), FALSE);
  return TRUE;
}

/* Of a cell that leaves no value out: a training's parameter. */
static gboolean
is_fold (gint64 fold)
{
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();

  return fold < 0 || nmd_parameters_set (parameters, "fold", (double)fold, NULL);
}

static gboolean
read_cell (NmdPlan *self, const NmdJsonValue *value, GHashTable *ids, GError **error)
{
  NmdPlanCell *cell = g_new0 (NmdPlanCell, 1);
  gint64 row, fold = -1;

  g_ptr_array_add (self->cells, cell);
  if (!nmd_json_dup_text (value, "id", NMD_JSON_REQUIRED, &cell->id, error)
      || !nmd_json_get_int (value, "row", NMD_JSON_REQUIRED, 0, self->rows->len - 1, &row,
                            error)
      || !nmd_json_get_int (value, "fold", NMD_JSON_OPTIONAL, 0, NMD_SPLIT_MAX_VALUES,
                            &fold, error)
      || !nmd_json_dup_text (value, "left_out", NMD_JSON_OPTIONAL, &cell->left_out, error)
      || !nmd_json_get_int (value, "seed", NMD_JSON_REQUIRED, 0,
                            G_GINT64_CONSTANT (9007199254740991), &cell->seed, error))
    return FALSE;
  cell->row = (guint)row;
  cell->fold = (int)fold;
  if (!is_name (cell->id))
    return nmd_json_value_refuse (value, "id", error, "is no name of a run");
  if (!g_hash_table_add (ids, cell->id))
    return nmd_json_value_refuse (value, "id", error, "is in the plan twice");
  if (cell->left_out != NULL && self->leave_out == NULL)
    return nmd_json_value_refuse (value, "left_out", error,
                                  "is of no column: split.leave_out is missing");
  if (cell->left_out == NULL && self->leave_out != NULL)
    return nmd_json_value_refuse (value, "left_out", error,
                                  "is missing: split.leave_out names a column");
  if (cell->left_out == NULL && !is_fold (fold))
    return nmd_json_value_refuse (value, "fold", error, "is no fold of a training");
  return TRUE;
}

NmdPlan *
nmd_plan_load (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, NMD_PLAN_JSON, NULL);
  g_autoptr (JsonNode) node = nmd_json_load (path, error);
  g_autoptr (NmdPlan) self = nmd_plan_alloc ();
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  NmdJsonValue top, rows, cells;
  guint n_rows, n_cells;

  if (node == NULL)
    return NULL;
  top = nmd_json_value_top (node, path);
  if (!read_kind (self, &top, error) || !read_dataset (self, &top, error)
      || !nmd_json_get_array (&top, "rows", NMD_JSON_REQUIRED, &rows, &n_rows, error)
      || !nmd_json_get_array (&top, "cells", NMD_JSON_REQUIRED, &cells, &n_cells, error))
    return NULL;
  if (n_rows == 0 || n_rows > NMD_PLAN_MAX_ROWS || n_cells == 0
      || n_cells > NMD_PLAN_MAX_CELLS)
    {
      nmd_json_value_refuse (&top, "cells", error, "has %u trainings of %u rows", n_cells,
                             n_rows);
      return NULL;
    }
  for (guint i = 0; i < n_rows; i++)
    {
      NmdJsonValue value = nmd_json_value_element (&rows, i);

      if (!read_row (self, &value, error))
        return NULL;
    }
  for (guint i = 0; i < n_cells; i++)
    {
      NmdJsonValue value = nmd_json_value_element (&cells, i);

      if (!read_cell (self, &value, ids, error))
        return NULL;
    }
  return g_steal_pointer (&self);
}
