/* SPDX-License-Identifier: Apache-2.0
 *
 * Simulated users of a segmentation run: each held-out image is asked about with nothing, a box and
 * clicks. Where they click is engine/eval's.
 */
#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-outline-shown.h"
#include "engine/model/nmd-segmenter.h"
#include "engine/train/nmd-evaluate-private.h"
#include "engine/train/nmd-run-private.h"

/* Answers to one image. */
typedef struct
{
  NmdProposal proposals[NMD_N_SHOWN];
  NmdPrompts prompts[NMD_N_SHOWN];
} Answers;

static void
answers_clear (Answers *self)
{
  for (int i = 0; i < NMD_N_SHOWN; i++)
    nmd_proposal_clear (&self->proposals[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answers, answers_clear)

/* What the user shows at @stage, after the answers before it. */
static void
show (Answers *self, int stage, const NmdImage *reference)
{
  const NmdShownInfo *info = &nmd_shown[stage];
  NmdPrompts *prompts = &self->prompts[stage];

  if (info->n_clicks > 0)
    {
      *prompts = self->prompts[info->before];
      nmd_outline_user_click (self->proposals[info->before].mask, reference, prompts);
    }
  else if (info->has_box)
    nmd_outline_user_box (reference, prompts);
}

static gboolean
ask (NmdSegmenter *segmenter, NmdSample *sample, NmdOutlineTable **tables, GError **error)
{
  g_autoptr (NmdImage) image = NULL, mask = NULL, empty = NULL;
  g_auto (Answers) answers = { 0 };

  if (!nmd_sample_load (sample, &image, &mask, error))
    return FALSE;
  empty = nmd_image_new (image->width, image->height);
  for (int stage = 0; stage < NMD_N_SHOWN; stage++)
    {
      NmdProposal *proposal = &answers.proposals[stage];
      NmdOutlineRow row = { .image = sample->id, .subject = sample->subject };

      show (&answers, stage, mask != NULL ? mask : empty);
      if (!nmd_segmenter_propose (segmenter, image, &answers.prompts[stage], proposal,
                                  error))
        return FALSE;
      nmd_outline_overlap (proposal->mask != NULL ? proposal->mask : empty,
                           mask != NULL ? mask : empty, &row.measures);
      nmd_outline_table_add (tables[stage], &row);
    }
  return TRUE;
}

/* prompts.csv: a row an image, the Dice coefficient of each stage. */
static gboolean
write_csv (const NmdEvaluation *self,
           NmdOutlineTable *const *tables,
           const char *part,
           GError **error)
{
  g_autofree char *path
      = g_build_filename (nmd_run_get_folder (self->run), NMD_RUN_PROMPTS, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  static const char *const heads[] = { "image", "subject", "part", "weights" };

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    nmd_csv_append (text, heads[i]);
  for (int stage = 0; stage < NMD_N_SHOWN; stage++)
    {
      g_autofree char *name = g_strdup_printf ("dice_%s", nmd_shown[stage].name);

      nmd_csv_append (text, name);
    }
  nmd_csv_end_line (text);
  for (guint i = 0; i < nmd_outline_table_get_n (tables[0]); i++)
    {
      const NmdOutlineRow *row = nmd_outline_table_get (tables[0], i);

      nmd_csv_append (text, row->image);
      nmd_csv_append (text, row->subject);
      nmd_csv_append (text, part);
      nmd_csv_append (text, nmd_model_get_which (self->model));
      for (int stage = 0; stage < NMD_N_SHOWN; stage++)
        nmd_csv_append_number (text,
                               nmd_outline_table_get (tables[stage], i)->measures.dice);
      nmd_csv_end_line (text);
    }
  return nmd_file_write (path, text->str, text->len, error);
}

static JsonNode *
to_json (const NmdEvaluation *self, NmdOutlineTable *const *tables, GError **error)
{
  const guint64 seed
      = (guint64)nmd_parameters_get (nmd_run_get_parameters (self->run), "seed");
  g_autoptr (JsonArray) stages = json_array_new ();
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  json_object_set_boolean_member (object, "trained_with_prompts",
                                  nmd_segmenter_takes_prompts (self->model));
  for (int stage = 0; stage < NMD_N_SHOWN; stage++)
    {
      NmdOutlineResults results;

      if (!nmd_outline_results_compute (tables[stage], seed, "What users were shown",
                                        &results, error))
        {
          json_node_unref (node);
          return NULL;
        }
      json_array_add_object_element (stages,
                                     nmd_shown_to_json (&nmd_shown[stage], &results));
    }
  json_object_set_array_member (object, "stages", g_steal_pointer (&stages));
  return node;
}

JsonNode *
nmd_evaluate_prompts (const NmdEvaluation *self,
                      const NmdSplit *split,
                      NmdPart part,
                      GError **error)
{
  g_autoptr (NmdSegmenter) segmenter
      = nmd_segmenter_new (self->session, self->model, error);
  g_autoptr (GArray) samples
      = nmd_evaluate_list (self->dataset, split, part, NMD_TASK_SEGMENT, NULL);
  NmdOutlineTable *tables[NMD_N_SHOWN];
  gboolean done = segmenter != NULL;
  JsonNode *node = NULL;

  for (int stage = 0; stage < NMD_N_SHOWN; stage++)
    tables[stage] = nmd_outline_table_new ();
  for (guint i = 0; done && i < samples->len; i++)
    {
      NmdSample *sample
          = nmd_dataset_get (self->dataset, g_array_index (samples, guint, i));

      done = !g_cancellable_set_error_if_cancelled (self->cancellable, error)
             && ask (segmenter, sample, tables, error);
      if (done && self->progress != NULL)
        self->progress ((i + 1.0) / samples->len, self->user_data);
    }
  if (done && write_csv (self, tables, nmd_part_get_name (part), error))
    node = to_json (self, tables, error);
  for (int stage = 0; stage < NMD_N_SHOWN; stage++)
    nmd_outline_table_unref (tables[stage]);
  return node;
}
