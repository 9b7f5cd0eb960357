/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares runs as a job. What a difference is, is engine/eval's.
 */
#include "ui/session/nmd-run-comparison.h"

#include "engine/eval/nmd-cluster-bootstrap.h"
#include "engine/eval/nmd-delong.h"

#include <glib/gi18n.h>
#include <math.h>

#define DRAWS 2000

void
nmd_run_comparison_free (NmdRunComparison *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n; i++)
    {
      NmdComparedRun *run = &self->runs[i];

      nmd_run_unref (run->run);
      g_free (run->title);
      g_free (run->problem);
      nmd_eval_results_free (run->results);
      g_clear_pointer (&run->roc, nmd_roc_free);
    }
  g_free (self);
}

/* The scores of the part that the run's file is about; NULL with its problem set. */
static NmdScores *
load_scores (NmdComparedRun *run)
{
  g_autoptr (GError) error = NULL;
  JsonNode *metrics = nmd_run_get_metrics (run->run);
  NmdScores *scores = NULL;

  if (metrics == NULL)
    {
      run->problem = g_strdup (_ ("Its images are not scored yet"));
      return NULL;
    }
  run->results
      = nmd_eval_results_from_json (metrics, nmd_run_get_folder (run->run), &error);
  for (int part = NMD_PART_TRAIN;
       run->results != NULL && error == NULL && part <= NMD_PART_TEST; part++)
    if (g_strcmp0 (run->results->part, nmd_part_get_name ((NmdPart)part)) == 0)
      scores = nmd_run_load_scores (run->run, (NmdPart)part, &error);
  if (error != NULL)
    run->problem = g_strdup (error->message);
  else if (scores == NULL)
    run->problem = g_strdup (_ ("Its file is about another data set"));
  if (run->problem != NULL)
    g_clear_pointer (&run->results, nmd_eval_results_free);
  return scores;
}

/* The rows of @other in the order of @first; NULL if these are not the same images with the same labels. */
static NmdScores *
align (const NmdScores *first, const NmdScores *other)
{
  g_autoptr (GHashTable) rows = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (NmdScores) aligned = nmd_scores_new ();

  if (nmd_scores_get_n (first) != nmd_scores_get_n (other))
    return NULL;
  for (guint i = 0; i < nmd_scores_get_n (other); i++)
    {
      const NmdScore *row = nmd_scores_get (other, i);
      g_hash_table_insert (rows, (char *)row->image, (gpointer)row);
    }
  for (guint i = 0; i < nmd_scores_get_n (first); i++)
    {
      const NmdScore *row = nmd_scores_get (first, i);
      const NmdScore *same = g_hash_table_lookup (rows, row->image);

      if (same == NULL || same->label != row->label
          || g_strcmp0 (same->subject, row->subject) != 0)
        return NULL;
      nmd_scores_add (aligned, same);
    }
  return g_steal_pointer (&aligned);
}

static void
pair (NmdComparedRun *run,
      const NmdComparedRun *first,
      const NmdScores *scores,
      const NmdScores *first_scores)
{
  NmdClusterBootstrap draws;
  NmdDeLong delong;

  if (first_scores == NULL || scores == NULL)
    return;
  if (g_strcmp0 (nmd_run_get_dataset_hash (run->run),
                 nmd_run_get_dataset_hash (first->run))
      != 0)
    {
      run->not_paired = _ ("another data set than the first run");
      return;
    }
  if (g_strcmp0 (run->results->part, first->results->part) != 0)
    {
      run->not_paired = _ ("another part was evaluated than of the first run");
      return;
    }
  g_autoptr (NmdScores) aligned = align (first_scores, scores);
  if (aligned == NULL)
    {
      run->not_paired = _ ("not the same images as the first run: another split");
      return;
    }
  run->is_paired = TRUE;
  run->difference = run->results->by_image.auc.value - first->results->by_image.auc.value;
  /* Without an interval or a p the difference stands alone. */
  if (nmd_cluster_bootstrap_auc (aligned, first_scores, DRAWS, 1, "", &draws, NULL))
    run->ci = draws.bca;
  g_autoptr (NmdScores) mine = nmd_scores_by_subject (aligned);
  g_autoptr (NmdScores) others = nmd_scores_by_subject (first_scores);
  if (nmd_delong_compare (mine, others, "", &delong, NULL))
    run->p = delong.p;
}

static gpointer
compare_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const NmdRunComparison *input = data;
  g_autoptr (NmdRunComparison) result = g_new0 (NmdRunComparison, 1);
  NmdScores *scores[NMD_MOST_COMPARED] = { NULL };

  for (guint i = 0; i < input->n; i++)
    {
      NmdComparedRun *run = &result->runs[result->n++];

      run->run = nmd_run_ref (input->runs[i].run);
      run->title = g_strdup (input->runs[i].title);
      run->difference = run->p = run->ci.low = run->ci.high = NAN;
      if (g_cancellable_is_cancelled (cancellable))
        continue;
      scores[i] = load_scores (run);
      if (scores[i] != NULL)
        run->roc = nmd_roc_new_for (scores[i]);
      if (i > 0)
        pair (run, &result->runs[0], scores[i], scores[0]);
      nmd_job_report (job, (i + 1) / (double)input->n, NULL);
    }
  for (guint i = 0; i < input->n; i++)
    g_clear_pointer (&scores[i], nmd_scores_unref);
  return g_cancellable_set_error_if_cancelled (cancellable, error)
             ? NULL
             : g_steal_pointer (&result);
}

NmdJob *
nmd_run_comparison_compute (NmdRun *const *runs,
                            const char *const *titles,
                            guint n,
                            GAsyncReadyCallback done,
                            gpointer user_data)
{
  g_return_val_if_fail (n <= NMD_MOST_COMPARED, NULL);

  NmdRunComparison *input = g_new0 (NmdRunComparison, 1);
  for (guint i = 0; i < n; i++)
    {
      input->runs[i].run = nmd_run_ref (runs[i]);
      input->runs[i].title = g_strdup (titles[i]);
    }
  input->n = n;
  return nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Comparing runs"), compare_func, input,
                        (GDestroyNotify)nmd_run_comparison_free, NULL,
                        (GDestroyNotify)nmd_run_comparison_free, done, user_data);
}
