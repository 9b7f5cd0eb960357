/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts experiments and runs their cells. Training is engine/train's, who may work on what the journal's, the
 * numbers that follow nmd-experiment-results.c's.
 */
#include "engine/experiment/nmd-experiment-private.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-number.h"
#include "engine/core/nmd-text.h"
#include "engine/experiment/nmd-plan-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

gboolean
nmd_shard_parse (const char *text, NmdShard *shard)
{
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", "/", -1);
  gint64 index = 0, n = 0;

  if (g_strv_length (parts) != 2 || !nmd_number_parse_int (parts[0], &index, NULL)
      || !nmd_number_parse_int (parts[1], &n, NULL) || n < 1 || n > NMD_PLAN_MAX_CELLS
      || index < 1 || index > n)
    return FALSE;
  *shard = (NmdShard){ (guint)index - 1, (guint)n };
  return TRUE;
}

/* Every task of the array takes its share; Slurm runs a copy of the script, so the folder is named. */
static char *
make_script (const char *folder, const NmdPlan *plan)
{
  g_autofree char *absolute = g_canonicalize_filename (folder, NULL);
  g_autofree char *quoted = g_shell_quote (absolute);

  return g_strdup_printf (
      "#!/bin/bash\n"
      "#SBATCH --job-name=nmd-%s\n"
      "#SBATCH --array=1-%u\n"
      "#SBATCH --cpus-per-task=%d\n"
      "# A task is stopped with SIGTERM a minute before its time is over: it ends its "
      "batch. Submitted again, the\n"
      "# array goes on where it stood.\n"
      "#SBATCH --signal=TERM@60\n"
      "exec \"${NMD:-nmd}\" experiment %s --shard "
      "\"$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT\" --no-estimate\n",
      nmd_experiment_kind_get_name (plan->kind), MIN (plan->cells->len, 1000),
      MAX (plan->threads, 1), quoted);
}

gboolean
nmd_experiment_start (const char *folder, const NmdPlan *plan, GError **error)
{
  g_autofree char *path = g_build_filename (folder, NMD_PLAN_JSON, NULL);
  g_autofree char *script_path = g_build_filename (folder, "slurm.sh", NULL);
  g_autofree char *text = nmd_plan_to_text (plan);
  g_autofree char *script = make_script (folder, plan);
  g_autofree char *shown = nmd_text_display (folder);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_autofree char *old = NULL;

      old = nmd_file_read (path, NMD_JSON_MAX_BYTES, NULL, NULL, error);
      if (old == NULL)
        return FALSE;
      if (strcmp (old, text) == 0)
        return g_file_test (script_path, G_FILE_TEST_EXISTS)
               || nmd_file_write_text (script_path, script, error);
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   _ ("%s holds another experiment; name a new folder, or go on with it: "
                      "nmd experiment %s"),
                   shown, shown);
      return FALSE;
    }
  if (!nmd_file_is_empty_folder (folder))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   _ ("%s is not empty and holds no experiment; name a new folder"),
                   shown);
      return FALSE;
    }
  return nmd_file_make_folder (folder, error) && nmd_file_write_text (path, text, error)
         && nmd_file_write_text (script_path, script, error);
}

void
nmd_experiment_state_clear (NmdExperimentState *self)
{
  g_clear_pointer (&self->first_failure, g_free);
  *self = (NmdExperimentState){ 0 };
}

/* One call of nmd_experiment_run(). */
typedef struct
{
  const char *folder;
  const NmdPlan *plan;
  NmdDataset *dataset;
  NmdJournal *journal;
  const NmdShard *shard;
  NmdExperimentFunc progress;
  gpointer user_data;
  GCancellable *outer,
      *inner; /* the caller's; of the training, which a lost claim stops too */
  NmdExperimentState *state;
  const NmdPlanCell *cell;
  const char *description;
  gboolean lost;
} Work;

static void
tell (Work *self, NmdExperimentEvent event, double of_cell)
{
  if (self->progress == NULL)
    return;
  event.n = self->state->n;
  event.n_done = self->state->n_done;
  event.cell = self->cell;
  event.description = self->description;
  event.fraction = MIN ((self->state->n_done + of_cell) / MAX (self->state->n, 1), 1);
  self->progress (&event, self->user_data);
}

static void
training (const NmdTrainEvent *train, gpointer user_data)
{
  Work *self = user_data;
  const gboolean has_fraction
      = train->kind == NMD_TRAIN_STEP || train->kind == NMD_TRAIN_EPOCH;
  const NmdExperimentEvent event = { .kind = NMD_EXPERIMENT_TRAINS, .train = train };

  if (!nmd_journal_touch (self->journal))
    {
      self->lost = TRUE;
      g_cancellable_cancel (self->inner);
    }
  tell (self, event, has_fraction ? train->fraction : 0);
}

static void
outer_cancelled (GCancellable *outer, GCancellable *inner)
{
  g_cancellable_cancel (inner);
}

/* Trains the cell, or goes on with it. */
static gboolean
train_cell (Work *self, const char *run_folder, GError **error)
{
  g_autofree char *json = g_build_filename (run_folder, "run.json", NULL);
  const gboolean is_resumed = g_file_test (json, G_FILE_TEST_EXISTS);
  const NmdExperimentEvent event
      = { .kind = NMD_EXPERIMENT_BEGINS, .is_resumed = is_resumed };
  g_autoptr (NmdTrainSettings) settings = NULL;

  tell (self, event, 0);
  if (is_resumed)
    return nmd_train_resume (run_folder, nmd_dataset_get_path (self->dataset),
                             self->dataset, training, self, self->inner, error);
  settings = nmd_experiment_settings (self->plan, self->cell, self->dataset, error);
  if (settings == NULL)
    return FALSE;
  settings->folder = g_strdup (run_folder);
  return nmd_train_run (settings, training, self, self->inner, error);
}

static gboolean
finish_cell (Work *self, GError **error)
{
  g_autoptr (JsonNode) record = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *finished = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");

  json_object_set_string_member (object, "cell", self->cell->id);
  json_object_set_string_member (object, "finished", finished);
  json_node_take_object (record, object);
  return nmd_journal_finish (self->journal, record, error);
}

/* A failure of this cell alone; the others go on. */
static void
fail_cell (Work *self, const GError *failure)
{
  const NmdExperimentEvent event
      = { .kind = NMD_EXPERIMENT_FAILED, .text = failure->message };

  nmd_journal_release (self->journal);
  self->state->n_failed++;
  if (self->state->first_failure == NULL)
    self->state->first_failure
        = g_strdup_printf ("%s: %s", self->description, failure->message);
  tell (self, event, 0);
}

/* Takes the cell if it is free. FALSE only where all has to end. */
static gboolean
run_cell (Work *self, GError **error)
{
  g_autofree char *run_folder = nmd_experiment_run_folder (self->folder, self->cell);
  g_autofree char *description = nmd_experiment_describe (self->plan, self->cell);
  g_autoptr (GCancellable) inner = g_cancellable_new ();
  g_autoptr (GError) failure = NULL;
  const NmdExperimentEvent ended = { .kind = NMD_EXPERIMENT_ENDED };
  gboolean claimed = FALSE, done;
  gulong handler = 0;

  if (!nmd_journal_claim (self->journal, self->cell->id, &claimed, error))
    return FALSE;
  if (!claimed)
    return TRUE;
  self->description = description;
  self->lost = FALSE;
  self->inner = inner;
  if (self->outer != NULL)
    handler
        = g_cancellable_connect (self->outer, G_CALLBACK (outer_cancelled), inner, NULL);
  done = train_cell (self, run_folder, &failure);
  if (self->outer != NULL)
    g_cancellable_disconnect (self->outer, handler);
  if (done)
    done = finish_cell (self, &failure);
  if (!done && !self->lost && g_cancellable_set_error_if_cancelled (self->outer, error))
    {
      nmd_journal_release (self->journal);
      return FALSE;
    }
  if (!done && self->lost)
    {
      g_clear_error (&failure);
      failure
          = g_error_new (NMD_ERROR, NMD_ERROR_BUSY, "another process has taken it over");
    }
  if (!done)
    fail_cell (self, failure);
  else
    {
      self->state->n_done++;
      tell (self, ended, 0);
      if (!nmd_experiment_write_tables (self->folder, self->plan, self->journal, error))
        return FALSE;
    }
  self->description = NULL;
  return TRUE;
}

/* What is left after all was looked at. */
static void
count (Work *self)
{
  NmdExperimentState *state = self->state;

  state->n = state->n_done = state->n_held = state->n_all_done = 0;
  state->n_all = self->plan->cells->len;
  for (guint i = 0; i < self->plan->cells->len; i++)
    {
      const NmdCellState its
          = nmd_journal_get_state (self->journal, nmd_plan_get_cell (self->plan, i)->id);
      const gboolean mine = nmd_shard_has (self->shard, i);

      state->n += mine;
      state->n_done += mine && its == NMD_CELL_DONE;
      state->n_held += mine && its == NMD_CELL_HELD;
      state->n_all_done += its == NMD_CELL_DONE;
    }
}

gboolean
nmd_experiment_run (const char *folder,
                    const NmdShard *shard,
                    const char *dataset_path,
                    NmdDataset *dataset,
                    NmdExperimentFunc progress,
                    gpointer user_data,
                    GCancellable *cancellable,
                    NmdExperimentState *state,
                    GError **error)
{
  g_autoptr (NmdPlan) plan = nmd_plan_load (folder, error);
  g_autoptr (NmdDataset) opened = NULL;
  g_autoptr (NmdJournal) journal = NULL;
  Work self = { .folder = folder,
                .plan = plan,
                .shard = shard,
                .progress = progress,
                .user_data = user_data,
                .outer = cancellable,
                .state = state };
  gboolean done = TRUE;

  g_return_val_if_fail (folder != NULL && state != NULL, FALSE);

  *state = (NmdExperimentState){ 0 };
  if (plan == NULL || (journal = nmd_journal_open (folder, error)) == NULL)
    return FALSE;
  self.journal = journal;
  count (&self);
  if (state->n_done < state->n)
    {
      self.dataset = opened
          = nmd_experiment_open_dataset (plan, dataset_path, dataset, cancellable, error);
      if (opened == NULL)
        return FALSE;
    }
  for (guint i = 0; done && state->n_done < state->n && i < plan->cells->len; i++)
    {
      self.cell = nmd_plan_get_cell (plan, i);
      if (nmd_shard_has (shard, i))
        done = run_cell (&self, error);
    }
  count (&self);
  return done && nmd_experiment_write_tables (folder, plan, journal, error);
}
