/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs for lists, and their results. What a measure is, is engine/eval's.
 */
#include "ui/session/nmd-run-item.h"

#include <glib/gi18n.h>
#include <math.h>

G_DEFINE_FINAL_TYPE (NmdRunItem, nmd_run_item, G_TYPE_OBJECT)

static void
nmd_run_item_finalize (GObject *object)
{
  NmdRunItem *self = NMD_RUN_ITEM (object);

  g_clear_pointer (&self->run, nmd_run_unref);
  g_free (self->folder);
  g_free (self->title);
  g_free (self->subtitle);
  G_OBJECT_CLASS (nmd_run_item_parent_class)->finalize (object);
}

static void
nmd_run_item_class_init (NmdRunItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_run_item_finalize;
}

static void
nmd_run_item_init (NmdRunItem *self)
{
}

NmdRunItem *
nmd_run_item_new (NmdRun *run)
{
  g_return_val_if_fail (run != NULL, NULL);

  NmdRunItem *self = g_object_new (NMD_TYPE_RUN_ITEM, NULL);
  const char *path = nmd_run_get_dataset_path (run);
  g_autofree char *dataset = path != NULL ? g_path_get_basename (path) : NULL;
  g_autoptr (GDateTime) started
      = g_date_time_new_from_iso8601 (nmd_run_get_started (run), NULL);
  g_autoptr (GDateTime) local = started != NULL ? g_date_time_to_local (started) : NULL;
  g_autofree char *when
      /* Translators: day and time of a run in a list, as strftime() */
      = local != NULL ? g_date_time_format (local, _ ("%e %b %H:%M")) : NULL;

  if (dataset != NULL && g_str_has_suffix (dataset, ".csv"))
    {
      /* A manifest is called by its folder: "busbra", not "manifest.csv". */
      g_autofree char *folder = g_path_get_dirname (path);
      g_free (dataset);
      dataset = g_path_get_basename (folder);
    }
  self->run = nmd_run_ref (run);
  self->folder = g_strdup (nmd_run_get_folder (run));
  self->title = dataset != NULL && nmd_run_get_passport (run)->synthetic
                        && g_strcmp0 (dataset, "demo") == 0
                    ? g_strdup (_ ("Demo cohort"))
                    : g_strdup (dataset != NULL ? dataset : _ ("Run"));
  /* Translators: network, when, seed of a run */
  self->subtitle
      = g_strdup_printf (_ ("%s · %s · seed %d"), nmd_run_get_network (run)->title,
                         when != NULL ? g_strstrip (when) : "–",
                         nmd_parameters_get_int (nmd_run_get_parameters (run), "seed"));
  return self;
}

void
nmd_results_free (NmdResults *self)
{
  if (self == NULL)
    return;
  g_free (self->weights);
  g_free (self->caveat);
  g_free (self->device);
  g_clear_pointer (&self->scores, nmd_scores_unref);
  g_clear_pointer (&self->units, nmd_scores_unref);
  g_clear_pointer (&self->roc, nmd_roc_free);
  g_clear_pointer (&self->rival_roc, nmd_roc_free);
  if (self->has_rival)
    nmd_comparison_clear (&self->comparison);
  g_free (self);
}

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

static NmdRoc *
roc_of (const NmdScores *scores)
{
  guint n = nmd_scores_get_n (scores);
  g_autofree double *values = g_new (double, MAX (n, 1));
  g_autofree int *labels = g_new (int, MAX (n, 1));

  for (guint i = 0; i < n; i++)
    {
      values[i] = nmd_scores_get (scores, i)->score;
      labels[i] = nmd_scores_get (scores, i)->label;
    }
  return nmd_roc_new (values, labels, n);
}

/* Echo intensity alone, fitted on the training part. Without it the page shows no rival.
 */
static void
add_rival (NmdResults *results, NmdRun *run)
{
  g_autoptr (NmdScores) train = nmd_run_load_scores (run, NMD_PART_TRAIN, NULL);
  g_autoptr (NmdRival) rival = NULL;
  g_autoptr (NmdScores) rival_scores = NULL;

  if (train == NULL || nmd_scores_get_n (train) == 0)
    return;
  rival = nmd_rival_fit (train, NULL);
  if (rival == NULL
      || !nmd_rival_compare (rival, results->units, &results->comparison, &rival_scores,
                             NULL))
    return;
  results->has_rival = TRUE;
  if (rival_scores != NULL && nmd_scores_get_n (rival_scores) > 0)
    results->rival_roc = roc_of (rival_scores);
}

static const char *
stored_text (NmdRun *run, const char *member)
{
  JsonNode *node = nmd_run_get_metrics (run);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  return json_object_get_string_member_with_default (json_node_get_object (node), member,
                                                     NULL);
}

static NmdScores *
load_part (NmdResults *results, const Input *input, GError **error)
{
  const NmdPart order[] = { NMD_PART_TEST, NMD_PART_VALIDATION, NMD_PART_TRAIN };
  g_autoptr (NmdScores) chosen = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (NmdScores) scores = nmd_run_load_scores (input->run, order[i], &local);
      if (scores == NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      results->has_part[order[i]] = nmd_scores_get_n (scores) > 0;
      gboolean wanted
          = input->part == order[i] || (input->part == NMD_PART_NONE && chosen == NULL);
      if (results->has_part[order[i]] && wanted)
        {
          g_clear_pointer (&chosen, nmd_scores_unref);
          chosen = nmd_scores_ref (scores);
          results->part = order[i];
        }
    }
  if (chosen == NULL)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 _ ("Run %s has no scores of this part"),
                 nmd_run_get_folder (input->run));
  return g_steal_pointer (&chosen);
}

static gpointer
compute_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Input *input = data;
  g_autoptr (NmdResults) results = g_new0 (NmdResults, 1);
  guint64 seed
      = (guint64)nmd_parameters_get (nmd_run_get_parameters (input->run), "seed");

  results->scores = load_part (results, input, error);
  if (results->scores == NULL)
    return NULL;
  results->by_subject = input->by_subject;
  results->units = input->by_subject ? nmd_scores_by_subject (results->scores)
                                     : nmd_scores_ref (results->scores);
  results->caveat = g_strdup (nmd_run_get_caveat (input->run));
  results->device = g_strdup (stored_text (input->run, "device"));
  results->weights = g_strdup (stored_text (input->run, "weights"));
  if (!nmd_metrics_compute (results->units, input->threshold,
                            nmd_run_get_folder (input->run), &results->metrics, error))
    return NULL;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  results->roc = nmd_roc_new_with_band (results->units, seed);
  add_rival (results, input->run);
  return g_steal_pointer (&results);
}

NmdJob *
nmd_results_compute (NmdRun *run,
                     NmdPart part,
                     gboolean by_subject,
                     double threshold,
                     GAsyncReadyCallback done,
                     gpointer user_data)
{
  Input *input = g_new0 (Input, 1);

  input->run = nmd_run_ref (run);
  input->part = part;
  input->by_subject = by_subject;
  input->threshold = threshold;
  return nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Measuring"), compute_func, input,
                        input_free, NULL, (GDestroyNotify)nmd_results_free, done,
                        user_data);
}
