/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the curves of an experiment. Its numbers are nmd-experiment-results.c's, drawing is ui/plot's.
 */
#include "engine/experiment/nmd-experiment-curves.h"

#include "engine/experiment/nmd-experiment-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

void
nmd_experiment_curves_free (NmdExperimentCurves *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n; i++)
    {
      g_free (self->curves[i].name);
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

static gboolean
is_measured (const NmdCellResult *cell)
{
  return cell->is_done && cell->part != NULL;
}

/* The number of the first training of row @row that is done and measured, at the seed and fold of @like
 * (nullable); −1: none. */
static int
find_first (const NmdExperimentResults *results, guint row, const NmdPlanCell *like)
{
  for (guint i = 0; i < results->plan->cells->len; i++)
    {
      const NmdPlanCell *cell = results->cells[i].cell;

      if (cell->row == row && is_measured (&results->cells[i])
          && (like == NULL || (cell->seed == like->seed && cell->fold == like->fold)))
        return (int)i;
    }
  return -1;
}

/* The first seed and fold at which each of the first @n rows that has a training has one; NULL: none. */
static const NmdPlanCell *
find_common (const NmdExperimentResults *results, guint n)
{
  for (guint i = 0; i < results->plan->cells->len; i++)
    {
      const NmdPlanCell *cell = results->cells[i].cell;
      gboolean all = is_measured (&results->cells[i]);

      for (guint row = 0; row < n && all; row++)
        all = find_first (results, row, cell) >= 0 || find_first (results, row, NULL) < 0;
      if (all)
        return cell;
    }
  return NULL;
}

static void
take_loss (NmdExperimentCurve *curve, const NmdRun *run)
{
  const NmdEpoch *history = nmd_run_get_history (run, &curve->n_epochs);

  curve->loss = g_new (double, curve->n_epochs + 1);
  for (guint k = 0; k < curve->n_epochs; k++)
    curve->loss[k] = history[k].val_loss;
}

/* A curve named @name (taken), of the training @cell; −1: of none. */
static gboolean
add_curve (NmdExperimentCurves *self,
           const NmdExperimentResults *results,
           const char *folder,
           char *name,
           int cell,
           GError **error)
{
  NmdExperimentCurve *curve = &self->curves[self->n++];
  g_autofree char *run_folder = NULL, *auc = NULL;
  g_autoptr (NmdRun) run = NULL;
  g_autoptr (NmdScores) scores = NULL;
  NmdSpread spread = { 1, NAN, NAN };
  NmdPart part = NMD_PART_NONE;

  curve->roc = nmd_roc_new (NULL, NULL, 0);
  curve->name = name;
  curve->title = g_strdup (name);
  if (cell < 0)
    return TRUE;
  run_folder = nmd_experiment_run_folder (folder, results->cells[cell].cell);
  run = nmd_run_open (run_folder, error);
  if (run == NULL)
    return FALSE;
  nmd_part_parse (results->cells[cell].part, &part);
  scores = nmd_run_load_scores (run, part, error);
  if (scores == NULL)
    return FALSE;
  nmd_roc_free (curve->roc);
  curve->roc = nmd_roc_new_for (scores);
  spread.mean = results->cells[cell].measures[NMD_MEASURE_AUC];
  auc = nmd_spread_to_text (&spread, 3);
  g_free (curve->title);
  curve->title = g_strdup_printf ("%s, AUC %s", name, auc);
  take_loss (curve, run);
  for (int i = 0; i < 2 && self->classes[i] == NULL; i++)
    self->classes[i] = g_strdup (nmd_run_get_passport (run)->classes[i]);
  return TRUE;
}

/* What tells a training of the only row from the others: "fold 2", "seed 1", "fold 2, seed 1". */
static char *
name_training (const NmdPlan *plan, const NmdPlanCell *cell)
{
  gboolean has_seeds = cell->left_out == NULL && cell->fold < 0;
  GString *name = g_string_new (cell->left_out);

  for (guint i = 0; i < plan->cells->len; i++)
    has_seeds |= ((const NmdPlanCell *)plan->cells->pdata[i])->seed != cell->seed;
  if (cell->left_out == NULL && cell->fold >= 0)
    g_string_append_printf (name, _ ("fold %d"), cell->fold);
  if (has_seeds)
    {
      g_autofree char *seed = g_strdup_printf ("%" G_GINT64_FORMAT, cell->seed);

      g_string_append (name, name->len > 0 ? ", " : "");
      g_string_append_printf (name, _ ("seed %s"), seed);
    }
  return g_string_free (name, FALSE);
}

/* Of the only row: a curve for each training that is done. */
static gboolean
add_trainings (NmdExperimentCurves *self,
               const NmdExperimentResults *results,
               const char *folder,
               guint most,
               GError **error)
{
  self->are_trainings = TRUE;
  for (guint i = 0; i < results->plan->cells->len && self->n < most; i++)
    if (is_measured (&results->cells[i])
        && !add_curve (self, results, folder,
                       name_training (results->plan, results->cells[i].cell), (int)i,
                       error))
      return FALSE;
  return TRUE;
}

/* Of rows: trainings at one seed and fold; where there is none that all have, each is named. */
static gboolean
add_rows (NmdExperimentCurves *self,
          const NmdExperimentResults *results,
          const char *folder,
          guint n,
          GError **error)
{
  const NmdPlanCell *common = find_common (results, n);

  self->are_apart = common == NULL;
  for (guint i = 0; i < n; i++)
    {
      const char *title = nmd_plan_get_row (results->plan, i)->title;
      const int first = find_first (results, i, common);
      g_autofree char *training
          = common == NULL && first >= 0
                ? name_training (results->plan, results->cells[first].cell)
                : NULL;
      char *name = training != NULL ? g_strdup_printf ("%s, %s", _ (title), training)
                                    : g_strdup (title);

      if (!add_curve (self, results, folder, name, first, error))
        return FALSE;
    }
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
  self->curves = g_new0 (NmdExperimentCurve, most + 1);
  if (self->n_rows == 1 && results->plan->cells->len > 1
          ? !add_trainings (self, results, folder, most, error)
          : !add_rows (self, results, folder, n, error))
    return NULL;
  return g_steal_pointer (&self);
}
