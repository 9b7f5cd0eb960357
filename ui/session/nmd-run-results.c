/* SPDX-License-Identifier: Apache-2.0
 *
 * Results of a run as a job of the pool. What a measure is, is engine/eval's.
 */
#include "ui/session/nmd-run-results.h"
#include "ui/session/nmd-result-words.h"

#include <glib/gi18n.h>
#include <math.h>

typedef struct
{
  NmdRun *run;
  NmdPart part;
  gboolean by_subject;
  double threshold;
} Input;

static void
input_free (gpointer data)
{
  Input *input = data;

  nmd_run_unref (input->run);
  g_free (input);
}

void
nmd_run_results_free (NmdRunResults *self)
{
  if (self == NULL)
    return;
  g_free (self->weights);
  g_free (self->device);
  g_free (self->threshold_text);
  g_clear_pointer (&self->scores, nmd_scores_unref);
  g_clear_pointer (&self->units, nmd_scores_unref);
  g_clear_pointer (&self->probabilities, nmd_scores_unref);
  g_clear_pointer (&self->roc, nmd_roc_free);
  g_clear_pointer (&self->all, nmd_eval_results_free);
  g_clear_pointer (&self->shown, nmd_eval_results_free);
  g_strfreev (self->notes);
  g_free (self);
}

static char *
stored_text (NmdRun *run, const char *member)
{
  JsonNode *node = nmd_run_get_metrics (run);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  return g_strdup (json_object_get_string_member_with_default (
      json_node_get_object (node), member, NULL));
}

/* The part that metrics.json is about, if it is there. */
static NmdPart
stored_part (const NmdEvalResults *stored)
{
  const NmdPart parts[] = { NMD_PART_TRAIN, NMD_PART_VALIDATION, NMD_PART_TEST };

  for (guint i = 0; stored != NULL && i < G_N_ELEMENTS (parts); i++)
    if (g_strcmp0 (stored->part, nmd_part_get_name (parts[i])) == 0)
      return parts[i];
  return NMD_PART_NONE;
}

/* Loads the scores of all parts, and chooses. */
static gboolean
load_parts (NmdRunResults *results,
            const Input *input,
            NmdScores *scores[NMD_PART_TEST + 1],
            GError **error)
{
  const NmdPart order[] = { NMD_PART_TEST, NMD_PART_VALIDATION, NMD_PART_TRAIN };
  NmdPart wanted
      = input->part != NMD_PART_NONE ? input->part : stored_part (results->shown);

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      NmdPart part = order[i];
      scores[part] = nmd_run_load_scores (input->run, part, error);
      if (scores[part] == NULL)
        return FALSE;
      results->has_part[part] = nmd_scores_get_n (scores[part]) > 0;
      if (results->has_part[part]
          && (part == wanted
              || (wanted == NMD_PART_NONE && results->part == NMD_PART_NONE)))
        results->part = part;
    }
  if (results->part != NMD_PART_NONE)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               _ ("Run %s has no scores of this part"), nmd_run_get_folder (input->run));
  return FALSE;
}

static gboolean
measure (NmdRunResults *results,
         const Input *input,
         NmdScores *scores[NMD_PART_TEST + 1],
         GError **error)
{
  NmdThresholdRule rule = { NMD_THRESHOLD_FIXED, input->threshold };
  NmdEvalInput eval = {
    .part = nmd_part_get_name (results->part),
    .scores = scores[results->part],
    .train = scores[NMD_PART_TRAIN],
    .validation = scores[NMD_PART_VALIDATION],
    .seed = (guint64)nmd_parameters_get (nmd_run_get_parameters (input->run), "seed"),
    .name = nmd_run_get_folder (input->run),
    .synthetic = nmd_run_get_passport (input->run)->synthetic,
    .caveat = nmd_run_get_caveat (input->run),
  };

  if (results->shown != NULL)
    {
      /* The rule and the warnings of the evaluation hold for its other parts too. */
      if (isnan (input->threshold))
        rule = results->shown->threshold.rule;
      eval.warnings = (const char *const *)results->shown->warnings;
      eval.rule = &rule;
    }
  else if (!isnan (input->threshold))
    eval.rule = &rule;
  results->all = nmd_eval_results_new (&eval, error);
  return results->all != NULL;
}

/* What is shown: the file's where nothing was changed, else what was measured. */
static void
choose (NmdRunResults *results, const Input *input, guint64 seed)
{
  results->is_stored = results->shown != NULL && isnan (input->threshold)
                       && results->part == stored_part (results->shown);
  const NmdEvalResults *from = results->is_stored ? results->shown : results->all;

  results->evidence
      = results->shown != NULL && results->part == stored_part (results->shown)
            ? results->shown
            : results->all;
  if (results->evidence->is_calibrated)
    results->probabilities = nmd_calibration_apply_all (&results->evidence->calibration,
                                                        results->all->scores);
  results->by_subject = input->by_subject && from->has_by_subject;
  results->units = nmd_scores_ref (results->by_subject && results->all->subjects != NULL
                                       ? results->all->subjects
                                       : results->all->scores);
  results->metrics = results->by_subject ? from->by_subject : from->by_image;
  results->threshold = from->threshold.value;
  results->threshold_text = nmd_words_of_threshold (&from->threshold);
  results->has_rival = from->has_rival;
  results->rival = from->has_rival ? &from->comparison : NULL;
  results->rival_missing = from->rival_missing;
  results->rival_roc = results->all->rival_roc;
  results->notes = nmd_eval_results_get_notes (from);
  results->roc = results->by_subject || results->all->roc == NULL
                     ? nmd_roc_new_with_band (results->units, seed)
                     : nmd_roc_copy (results->all->roc);
}

static gpointer
compute_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Input *input = data;
  g_autoptr (NmdRunResults) results = g_new0 (NmdRunResults, 1);
  NmdScores *scores[NMD_PART_TEST + 1] = { NULL };
  guint64 seed
      = (guint64)nmd_parameters_get (nmd_run_get_parameters (input->run), "seed");
  JsonNode *metrics = nmd_run_get_metrics (input->run);
  gboolean done = TRUE;

  if (metrics != NULL)
    {
      g_autofree char *path
          = g_build_filename (nmd_run_get_folder (input->run), "metrics.json", NULL);
      results->shown = nmd_eval_results_from_json (metrics, path, error);
      done = results->shown != NULL;
    }
  done = done && load_parts (results, input, scores, error)
         && !g_cancellable_set_error_if_cancelled (cancellable, error)
         && measure (results, input, scores, error);
  if (done)
    {
      results->scores = nmd_scores_ref (scores[results->part]);
      results->device = stored_text (input->run, "device");
      results->weights = stored_text (input->run, "weights");
      choose (results, input, seed);
    }
  for (int i = 0; i <= NMD_PART_TEST; i++)
    g_clear_pointer (&scores[i], nmd_scores_unref);
  return done ? g_steal_pointer (&results) : NULL;
}

NmdJob *
nmd_run_results_compute (NmdRun *run,
                         NmdPart part,
                         gboolean by_subject,
                         double threshold,
                         GAsyncReadyCallback done,
                         gpointer user_data)
{
  g_return_val_if_fail (run != NULL, NULL);

  Input *input = g_new0 (Input, 1);
  input->run = nmd_run_ref (run);
  input->part = part;
  input->by_subject = by_subject;
  input->threshold = threshold;
  return nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Measuring"), compute_func, input,
                        input_free, NULL, (GDestroyNotify)nmd_run_results_free, done,
                        user_data);
}
