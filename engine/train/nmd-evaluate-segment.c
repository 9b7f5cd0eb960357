/* SPDX-License-Identifier: Apache-2.0
 *
 * Outlines of a run's own data set against its masks: outlines.csv and metrics.json. Scores are
 * nmd-evaluate.c's.
 */
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/model/nmd-segmenter.h"
#include "engine/train/nmd-evaluate-private.h"
#include "engine/train/nmd-run-private.h"

#include <glib/gi18n-lib.h>

/* Proposes the outline of @sample and compares it with its mask. */
static gboolean
measure_sample (NmdSegmenter *segmenter,
                NmdSample *sample,
                NmdPart part,
                NmdOutlineTable *table,
                GError **error)
{
  g_autoptr (NmdImage) image = NULL, mask = NULL, empty = NULL;
  g_auto (NmdProposal) proposal = { 0 };
  NmdOutlineRow row = { .image = sample->id,
                        .subject = sample->subject,
                        .part = nmd_part_get_name (part) };

  if (!nmd_sample_load (sample, &image, &mask, error)
      || !nmd_segmenter_propose (segmenter, image, NULL, &proposal, error))
    {
      g_prefix_error (error, "%s: ", sample->id);
      return FALSE;
    }
  empty = nmd_image_new (image->width, image->height);
  nmd_outline_measure (image, proposal.mask != NULL ? proposal.mask : empty,
                       mask != NULL ? mask : empty, &row.measures);
  row.confidence = proposal.confidence;
  row.warnings = proposal.warnings;
  nmd_outline_table_add (table, &row);
  return TRUE;
}

static gboolean
measure_parts (const NmdEvaluation *self,
               const NmdSplit *split,
               NmdOutlineTable *table,
               guint *n_without,
               GError **error)
{
  g_autoptr (NmdSegmenter) segmenter
      = nmd_segmenter_new (self->session, self->model, error);
  const guint n_all = nmd_dataset_get_n (self->dataset);
  guint done = 0;

  if (segmenter == NULL)
    return FALSE;
  *n_without = 0;
  for (NmdPart part = NMD_PART_TRAIN; part <= NMD_PART_TEST; part++)
    {
      guint without;
      g_autoptr (GArray) samples
          = nmd_evaluate_list (self->dataset, split, part, NMD_TASK_SEGMENT, &without);

      *n_without += without;
      for (guint i = 0; i < samples->len; i++)
        {
          NmdSample *sample
              = nmd_dataset_get (self->dataset, g_array_index (samples, guint, i));

          if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
              || !measure_sample (segmenter, sample, part, table, error))
            return FALSE;
          if (self->progress != NULL)
            self->progress ((double)++done / n_all, self->user_data);
        }
    }
  return TRUE;
}

/* The rows of one part. */
static NmdOutlineTable *
take_part (const NmdOutlineTable *table, NmdPart part)
{
  NmdOutlineTable *rows = nmd_outline_table_new ();

  for (guint i = 0; i < nmd_outline_table_get_n (table); i++)
    if (g_str_equal (nmd_outline_table_get (table, i)->part, nmd_part_get_name (part)))
      nmd_outline_table_add (rows, nmd_outline_table_get (table, i));
  return rows;
}

static JsonArray *
list_warnings (const NmdEvaluation *self, guint n_without)
{
  g_autoptr (GPtrArray) warnings = nmd_evaluate_warnings (self->dataset);
  JsonArray *list = json_array_new ();

  if (n_without > 0)
    g_ptr_array_add (
        warnings, g_strdup_printf ("%u image%s without a mask: nothing was learnt from "
                                   "them, and they are not measured",
                                   n_without, n_without == 1 ? " is" : "s are"));
  for (guint i = 0; i < warnings->len; i++)
    json_array_add_string_element (list, warnings->pdata[i]);
  return list;
}

/* The object of metrics.json; the part that is measured is test, else validation, else train. */
static JsonNode *
report (const NmdEvaluation *self,
        const NmdSplit *split,
        const NmdOutlineTable *table,
        guint n_without,
        GError **error)
{
  const guint64 seed
      = (guint64)nmd_parameters_get (nmd_run_get_parameters (self->run), "seed");
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObject *parts = json_object_new ();
  g_autofree char *threshold = nmd_run_get_threshold_text (self->run);
  NmdPart measured = NMD_PART_NONE;
  JsonNode *node;

  json_object_set_object_member (object, "parts", parts);
  for (NmdPart part = NMD_PART_TRAIN; part <= NMD_PART_TEST; part++)
    {
      g_autoptr (NmdOutlineTable) rows = take_part (table, part);
      const char *name = nmd_part_get_name (part);
      NmdOutlineResults results;

      if (nmd_outline_table_get_n (rows) == 0)
        continue;
      if (!nmd_outline_results_compute (rows, seed, name, &results, error))
        return NULL;
      json_object_set_object_member (parts, name, nmd_outline_results_to_json (&results));
      measured = part;
    }
  if (measured == NMD_PART_NONE)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   _ ("No image of %s that the split uses has a mask"),
                   nmd_dataset_get_path (self->dataset));
      return NULL;
    }
  json_object_set_string_member (object, "task", nmd_task_get_name (NMD_TASK_SEGMENT));
  json_object_set_string_member (object, "part", nmd_part_get_name (measured));
  json_object_set_member (
      object, "metrics",
      json_node_copy (json_object_get_member (parts, nmd_part_get_name (measured))));
  json_object_set_double_member (object, "threshold",
                                 nmd_run_get_outline_threshold (self->run));
  json_object_set_string_member (object, "threshold_text", threshold);
  json_object_set_boolean_member (object, "synthetic",
                                  nmd_run_get_passport (self->run)->synthetic);
  nmd_json_set_text (object, "caveat", nmd_run_get_caveat (self->run));
  if (measured == NMD_PART_VALIDATION)
    json_object_set_string_member (object, "note", NMD_NOTE_NO_TEST);
  if (self->with_prompts)
    {
      JsonNode *prompts = nmd_evaluate_prompts (self, split, measured, error);

      if (prompts == NULL)
        return NULL;
      json_object_set_member (object, "prompts", prompts);
    }
  json_object_set_array_member (object, "warnings", list_warnings (self, n_without));
  nmd_evaluate_describe (self, object);
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, g_steal_pointer (&object));
  return node;
}

JsonNode *
nmd_evaluate_segment_own (const NmdEvaluation *self,
                          const NmdSplit *split,
                          GError **error)
{
  const char *folder = nmd_run_get_folder (self->run);
  g_autoptr (NmdOutlineTable) table = nmd_outline_table_new ();
  g_autofree char *csv = g_build_filename (folder, NMD_RUN_OUTLINES, NULL);
  g_autofree char *json = g_build_filename (folder, NMD_RUN_METRICS, NULL);
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  guint n_without;

  if (!measure_parts (self, split, table, &n_without, error))
    return NULL;
  text = nmd_outline_table_to_csv (table);
  node = report (self, split, table, n_without, error);
  if (node == NULL || !nmd_file_write_text (csv, text, error)
      || !nmd_json_save (node, json, error))
    return NULL;
  return g_steal_pointer (&node);
}
