/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads model, scores and threshold of a run.
 */
#include "ui/session/nmd-run-contents.h"

#include "engine/eval/nmd-results.h"
#include "ui/session/nmd-run-item.h"

#include <glib/gi18n.h>
#include <math.h>

void
nmd_run_contents_free (NmdRunContents *self)
{
  g_return_if_fail (self != NULL);
  g_clear_pointer (&self->model, nmd_model_unref);
  g_clear_pointer (&self->scores, g_hash_table_unref);
  g_free (self);
}

/* A run that is not evaluated yet, or whose results cannot be read, has 0.5; the page Results says so. */
static double
read_threshold (NmdRun *run)
{
  JsonNode *metrics = nmd_run_get_metrics (run);
  g_autoptr (NmdEvalResults) results
      = metrics != NULL
            ? nmd_eval_results_from_json (metrics, nmd_run_get_folder (run), NULL)
            : NULL;

  return results != NULL && isfinite (results->threshold.value) ? results->threshold.value
                                                                : 0.5;
}

static gpointer
load_func (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  NmdRun *run = (NmdRun *)input;
  const NmdPart parts[] = { NMD_PART_TRAIN, NMD_PART_VALIDATION, NMD_PART_TEST };
  NmdRunContents *contents = g_new0 (NmdRunContents, 1);

  contents->scores = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  contents->model = nmd_run_item_load_model (run, error);
  if (contents->model == NULL)
    {
      nmd_run_contents_free (contents);
      return NULL;
    }
  contents->threshold = read_threshold (run);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      /* A run without scores yet is shown without them. */
      g_autoptr (NmdScores) scores = nmd_run_load_scores (run, parts[i], NULL);
      for (guint k = 0; scores != NULL && k < nmd_scores_get_n (scores); k++)
        {
          const NmdScore *score = nmd_scores_get (scores, k);
          g_hash_table_insert (contents->scores, g_strdup (score->image),
                               g_memdup2 (&score->score, sizeof (double)));
        }
    }
  return contents;
}

NmdJob *
nmd_run_contents_start (NmdRun *run, GAsyncReadyCallback done, gpointer user_data)
{
  g_return_val_if_fail (run != NULL, NULL);
  return nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Reading a run"), load_func,
                        nmd_run_ref (run), (GDestroyNotify)nmd_run_unref, NULL,
                        (GDestroyNotify)nmd_run_contents_free, done, user_data);
}
