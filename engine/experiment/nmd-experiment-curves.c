/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the curves of an experiment. Its numbers are nmd-experiment-results.c's, drawing is ui/plot's.
 */
#include "engine/experiment/nmd-experiment-curves.h"

#include "engine/experiment/nmd-experiment-private.h"

#include <math.h>

void
nmd_experiment_curves_free (NmdExperimentCurves *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n; i++)
    {
      g_free (self->curves[i].title);
      g_clear_pointer (&self->curves[i].roc, nmd_roc_free);
      g_free (self->curves[i].loss);
    }
  for (guint i = 0; i < self->n_rows; i++)
    g_array_unref (self->aucs[i]);
  for (int i = 0; i < 2; i++)
    g_free (self->classes[i]);
  g_free (self->curves);
  g_free (self->aucs);
  g_free (self);
}

/* The number of the first training of row @row that is done and measured; −1: none. */
static int
find_first (const NmdExperimentResults *results, guint row)
{
  for (guint i = 0; i < results->plan->cells->len; i++)
    if (results->cells[i].cell->row == row && results->cells[i].is_done
        && results->cells[i].part != NULL)
      return (int)i;
  return -1;
}

static void
take_loss (NmdExperimentCurve *curve, const NmdRun *run)
{
  const NmdEpoch *history = nmd_run_get_history (run, &curve->n_epochs);

  curve->loss = g_new (double, curve->n_epochs + 1);
  for (guint k = 0; k < curve->n_epochs; k++)
    curve->loss[k] = history[k].val_loss;
}

static gboolean
load_curve (NmdExperimentCurves *self,
            const NmdExperimentResults *results,
            const char *folder,
            guint row,
            GError **error)
{
  NmdExperimentCurve *curve = &self->curves[row];
  const char *title = nmd_plan_get_row (results->plan, row)->title;
  const int first = find_first (results, row);
  g_autofree char *run_folder = NULL, *auc = NULL;
  g_autoptr (NmdRun) run = NULL;
  g_autoptr (NmdScores) scores = NULL;
  NmdSpread spread = { 1, NAN, NAN };
  NmdPart part = NMD_PART_NONE;

  self->n = row + 1;
  curve->roc = nmd_roc_new (NULL, NULL, 0);
  curve->title = g_strdup (title);
  if (first < 0)
    return TRUE;
  run_folder = nmd_experiment_run_folder (folder, results->cells[first].cell);
  run = nmd_run_open (run_folder, error);
  if (run == NULL)
    return FALSE;
  nmd_part_parse (results->cells[first].part, &part);
  scores = nmd_run_load_scores (run, part, error);
  if (scores == NULL)
    return FALSE;
  nmd_roc_free (curve->roc);
  curve->roc = nmd_roc_new_for (scores);
  spread.mean = results->cells[first].measures[NMD_MEASURE_AUC];
  auc = nmd_spread_to_text (&spread, 3);
  g_free (curve->title);
  curve->title = g_strdup_printf ("%s, AUC %s", title, auc);
  take_loss (curve, run);
  for (int i = 0; i < 2 && self->classes[i] == NULL; i++)
    self->classes[i] = g_strdup (nmd_run_get_passport (run)->classes[i]);
  return TRUE;
}

NmdExperimentCurves *
nmd_experiment_curves_load (const char *folder,
                            const NmdExperimentResults *results,
                            guint most,
                            GError **error)
{
  g_autoptr (NmdExperimentCurves) self = g_new0 (NmdExperimentCurves, 1);
  const guint n = MIN (results->plan->rows->len, most);

  self->n_rows = results->plan->rows->len;
  self->aucs = g_new0 (GArray *, self->n_rows);
  for (guint i = 0; i < self->n_rows; i++)
    self->aucs[i] = g_array_new (FALSE, FALSE, sizeof (double));
  for (guint i = 0; i < results->plan->cells->len; i++)
    g_array_append_val (self->aucs[results->cells[i].cell->row],
                        results->cells[i].measures[NMD_MEASURE_AUC]);
  self->curves = g_new0 (NmdExperimentCurve, n + 1);
  for (guint i = 0; i < n; i++)
    if (!load_curve (self, results, folder, i, error))
      return NULL;
  return g_steal_pointer (&self);
}
