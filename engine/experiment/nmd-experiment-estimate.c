/* SPDX-License-Identifier: Apache-2.0
 *
 * How long an experiment will take: from epochs that are on disk, else from measured steps.
 */
#include "engine/experiment/nmd-experiment-private.h"

#include "engine/train/nmd-quick-look.h"

#include <math.h>

/* Of one epoch in steps, as nmd_quick_look_choose() counts. */
#define STEPS_BESIDE 1.35

typedef struct
{
  const char *folder;
  const NmdPlan *plan;
  NmdDataset *dataset;
  NmdExperimentFunc progress;
  gpointer user_data;
  GCancellable *cancellable;
  double *per_step; /* of each row; NaN: not known yet */
} Estimate;

static double
count_steps (const NmdTrainSettings *settings)
{
  const double batch = nmd_parameters_get (settings->parameters, "batch");
  const double n = nmd_split_count (settings->split, NMD_PART_TRAIN);

  return STEPS_BESIDE * MAX (1, n / batch);
}

/* Seconds of the epochs of a run, and how many they are. */
static guint
read_epochs (const char *folder, double *seconds)
{
  g_autoptr (NmdRun) run = nmd_run_open (folder, NULL); /* not there yet: none */
  guint n = 0;
  const NmdEpoch *history = run != NULL ? nmd_run_get_history (run, &n) : NULL;

  *seconds = 0;
  for (guint i = 0; i < n; i++)
    *seconds += history[i].seconds;
  return n;
}

/* What runs of each row took for a step, as far as there are any. */
static gboolean
look_at_runs (Estimate *self, guint *epochs, GError **error)
{
  for (guint i = 0; i < self->plan->cells->len; i++)
    {
      const NmdPlanCell *cell = nmd_plan_get_cell (self->plan, i);
      g_autofree char *folder = nmd_experiment_run_folder (self->folder, cell);
      g_autoptr (NmdTrainSettings) settings = NULL;
      double seconds;

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      epochs[i] = read_epochs (folder, &seconds);
      if (epochs[i] == 0 || !isnan (self->per_step[cell->row]))
        continue;
      settings = nmd_experiment_settings (self->plan, cell, self->dataset, error);
      if (settings == NULL)
        return FALSE;
      self->per_step[cell->row] = seconds / epochs[i] / count_steps (settings);
    }
  return TRUE;
}

static gboolean
same_network (const Estimate *self, guint a, guint b)
{
  return g_str_equal (nmd_plan_get_row (self->plan, a)->network,
                      nmd_plan_get_row (self->plan, b)->network);
}

/* Measures the row's network, unless a row with the same one was. */
static gboolean
measure (Estimate *self, guint row, const NmdTrainSettings *settings, GError **error)
{
  const NmdExperimentEvent event = { .kind = NMD_EXPERIMENT_MEASURES,
                                     .text = nmd_plan_get_row (self->plan, row)->title };

  for (guint i = 0; i < self->plan->rows->len && isnan (self->per_step[row]); i++)
    if (same_network (self, row, i))
      self->per_step[row] = self->per_step[i];
  if (!isnan (self->per_step[row]))
    return TRUE;
  if (self->progress != NULL)
    self->progress (&event, self->user_data);
  return nmd_quick_look_measure (settings, &self->per_step[row], self->cancellable,
                                 error);
}

static gboolean
add_up (Estimate *self,
        NmdJournal *journal,
        const NmdShard *shard,
        const guint *epochs,
        double *total,
        GError **error)
{
  for (guint i = 0; i < self->plan->cells->len; i++)
    {
      const NmdPlanCell *cell = nmd_plan_get_cell (self->plan, i);
      g_autoptr (NmdTrainSettings) settings = NULL;
      int left;

      if (!nmd_shard_has (shard, i)
          || nmd_journal_get_state (journal, cell->id) == NMD_CELL_DONE)
        continue;
      settings = nmd_experiment_settings (self->plan, cell, self->dataset, error);
      if (settings == NULL || !measure (self, cell->row, settings, error))
        return FALSE;
      left = nmd_parameters_get_int (settings->parameters, "epochs") - (int)epochs[i];
      *total += MAX (left, 0) * count_steps (settings) * self->per_step[cell->row];
    }
  return TRUE;
}

gboolean
nmd_experiment_estimate (const char *folder,
                         const NmdShard *shard,
                         NmdDataset *dataset,
                         double *seconds,
                         NmdExperimentFunc progress,
                         gpointer user_data,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (NmdPlan) plan = nmd_plan_load (folder, error);
  g_autoptr (NmdJournal) journal = NULL;
  g_autofree double *per_step = NULL;
  g_autofree guint *epochs = NULL;
  Estimate self = { folder, plan, dataset, progress, user_data, cancellable, NULL };

  g_return_val_if_fail (NMD_IS_DATASET (dataset) && seconds != NULL, FALSE);

  *seconds = 0;
  if (plan == NULL || (journal = nmd_journal_open (folder, error)) == NULL)
    return FALSE;
  self.per_step = per_step = g_new (double, plan->rows->len);
  for (guint i = 0; i < plan->rows->len; i++)
    per_step[i] = NAN;
  epochs = g_new0 (guint, plan->cells->len);
  return look_at_runs (&self, epochs, error)
         && add_up (&self, journal, shard, epochs, seconds, error);
}
