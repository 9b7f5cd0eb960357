/* SPDX-License-Identifier: Apache-2.0
 *
 * Jobs of experiments. What they compute is engine/experiment's.
 */
#include "ui/session/nmd-experiment-job.h"

#include "engine/experiment/nmd-experiment.h"

#include <glib/gi18n.h>
#include <math.h>

#define STEP_INTERVAL (G_USEC_PER_SEC / 5)
#define MOST_CURVES 6 /* the plot library has as many colours */

const char *
nmd_experiment_kind_to_text (NmdExperimentKind kind, NmdAblation ablation)
{
  switch (kind)
    {
    case NMD_EXPERIMENT_CROSSVAL:
      return _ ("Cross-validation");
    case NMD_EXPERIMENT_COMPARE:
      return _ ("Comparison of networks");
    case NMD_EXPERIMENT_LEAK:
      return _ ("What a leak pretends");
    default:
      return ablation == NMD_ABLATE_PREPROCESSING  ? _ ("Ablation: preprocessing")
             : ablation == NMD_ABLATE_ARCHITECTURE ? _ ("Ablation: architecture")
                                                   : _ ("Ablation: recipe");
    }
}

/* Contents */

void
nmd_experiment_contents_free (NmdExperimentContents *self)
{
  if (self == NULL)
    return;
  g_free (self->folder);
  g_clear_pointer (&self->curves, nmd_experiment_curves_free);
  g_clear_pointer (&self->results, nmd_experiment_results_free);
  g_free (self->standings);
  g_free (self);
}

/* Where there is no journal yet, none is made: somebody only looks. */
static NmdJournal *
open_journal (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "journal", NULL);

  return g_file_test (path, G_FILE_TEST_IS_DIR) ? nmd_journal_open (folder, NULL) : NULL;
}

static NmdCellStanding
find_standing (const char *folder, NmdJournal *journal, const char *cell)
{
  g_autofree char *run = g_build_filename (folder, "runs", cell, "run.json", NULL);
  NmdCellState state
      = journal != NULL ? nmd_journal_get_state (journal, cell) : NMD_CELL_FREE;

  return state == NMD_CELL_DONE                  ? NMD_CELL_IS_DONE
         : state == NMD_CELL_HELD                ? NMD_CELL_ELSEWHERE
         : g_file_test (run, G_FILE_TEST_EXISTS) ? NMD_CELL_BEGUN
                                                 : NMD_CELL_WAITS;
}

static NmdExperimentContents *
load_contents (const char *folder, GError **error)
{
  g_autoptr (NmdExperimentContents) self = g_new0 (NmdExperimentContents, 1);
  g_autoptr (NmdJournal) journal = open_journal (folder);

  self->seconds = NAN;
  self->folder = g_strdup (folder);
  self->results = nmd_experiment_results_load (folder, error);
  if (self->results == NULL)
    return NULL;
  self->curves = nmd_experiment_curves_load (folder, self->results, MOST_CURVES, error);
  if (self->curves == NULL)
    return NULL;
  self->standings = g_new0 (NmdCellStanding, self->results->plan->cells->len);
  for (guint i = 0; i < self->results->plan->cells->len; i++)
    self->standings[i]
        = self->results->cells[i].is_done
              ? NMD_CELL_IS_DONE
              : find_standing (folder, journal,
                               nmd_plan_get_cell (self->results->plan, i)->id);
  return g_steal_pointer (&self);
}

static gpointer
load_func (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  return load_contents (input, error);
}

NmdJob *
nmd_experiment_job_load (const char *folder, GAsyncReadyCallback done, gpointer user_data)
{
  return nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Reading an experiment"), load_func,
                        g_strdup (folder), g_free, NULL,
                        (GDestroyNotify)nmd_experiment_contents_free, done, user_data);
}

/* The list */

static NmdExperimentItem *
describe_folder (const char *folder)
{
  g_autofree char *name = g_path_get_basename (folder);
  g_autoptr (NmdPlan) plan = nmd_plan_load (folder, NULL); /* said when it is opened */
  g_autoptr (NmdJournal) journal = open_journal (folder);
  g_autofree char *title = NULL;
  guint n_done = 0;

  if (plan == NULL)
    return nmd_experiment_item_new (folder, name);
  for (guint i = 0; journal != NULL && i < plan->cells->len; i++)
    n_done += nmd_journal_get_state (journal, nmd_plan_get_cell (plan, i)->id)
              == NMD_CELL_DONE;
  /* Translators: an experiment in a list: its kind, the data set, its folder, trainings done and all */
  title = g_strdup_printf (_ ("%s · %s · %s · %u of %u done"),
                           nmd_experiment_kind_to_text (plan->kind, plan->ablation),
                           plan->dataset_title, name, n_done, plan->cells->len);
  return nmd_experiment_item_new (folder, title);
}

static int
compare_items (gconstpointer a, gconstpointer b)
{
  const NmdExperimentItem *x = *(NmdExperimentItem *const *)a,
                          *y = *(NmdExperimentItem *const *)b;

  return g_strcmp0 (y->folder, x->folder);
}

static gpointer
list_func (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GDir) dir = g_dir_open (input, 0, NULL); /* no folder: no experiments */
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL
         && !g_cancellable_is_cancelled (cancellable))
    {
      g_autofree char *folder = g_build_filename (input, name, NULL);
      g_autofree char *plan = g_build_filename (folder, "plan.json", NULL);

      if (g_file_test (plan, G_FILE_TEST_EXISTS))
        g_ptr_array_add (items, describe_folder (folder));
    }
  g_ptr_array_sort (items, compare_items);
  return items;
}

NmdJob *
nmd_experiment_job_list (const char *folder, GAsyncReadyCallback done, gpointer user_data)
{
  return nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Listing experiments"), list_func,
                        g_strdup (folder), g_free, NULL,
                        (GDestroyNotify)g_ptr_array_unref, done, user_data);
}

/* Plan and trainings */

NmdExperimentInput *
nmd_experiment_input_new (const char *folder, NmdDataset *dataset)
{
  NmdExperimentInput *self = g_new0 (NmdExperimentInput, 1);

  self->folder = g_strdup (folder);
  g_set_object (&self->dataset, dataset);
  return self;
}

static void
input_free (gpointer data)
{
  NmdExperimentInput *self = data;

  g_free (self->folder);
  g_clear_object (&self->dataset);
  nmd_import_settings_clear (&self->import);
  g_clear_pointer (&self->parameters, nmd_parameters_unref);
  g_strfreev (self->networks);
  g_clear_pointer (&self->seeds, g_array_unref);
  g_free (self->dataset_path);
  g_free (self->organ);
  g_free (self->leave_out);
  g_free (self->device);
  g_free (self);
}

static void
record_free (gpointer data)
{
  NmdExperimentRecord *self = data;

  g_free (self->cell);
  g_free (self->text);
  g_free (self);
}

typedef struct
{
  NmdJob *job;
  gint64 last_step;
} Teller;

static void
tell (Teller *self, double fraction, const NmdExperimentRecord *borrowed)
{
  NmdExperimentRecord *record = g_new0 (NmdExperimentRecord, 1);

  *record = *borrowed;
  record->cell = g_strdup (borrowed->cell);
  record->text = g_strdup (borrowed->text);
  nmd_job_report (self->job, fraction, record);
}

/* On the work thread. A step is told a few times a second. */
static void
on_event (const NmdExperimentEvent *event, gpointer user_data)
{
  Teller *self = user_data;
  gint64 now = g_get_monotonic_time ();
  NmdExperimentRecord record
      = { .cell = event->cell != NULL ? event->cell->id : NULL, .loss = NAN };

  switch (event->kind)
    {
    case NMD_EXPERIMENT_MEASURES:
      record.kind = NMD_EXPERIMENT_TOLD_MEASURING;
      record.text = (char *)event->text;
      break;
    case NMD_EXPERIMENT_TRAINS:
      if (event->train->kind != NMD_TRAIN_STEP || now - self->last_step < STEP_INTERVAL)
        return;
      self->last_step = now;
      record.fraction = event->train->fraction;
      record.seconds = event->train->seconds_left;
      record.loss = event->train->loss;
      G_GNUC_FALLTHROUGH;
    case NMD_EXPERIMENT_BEGINS:
      record.kind = NMD_EXPERIMENT_TOLD_STEP;
      record.text = (char *)event->description;
      if (event->kind == NMD_EXPERIMENT_BEGINS)
        record.seconds = NAN;
      break;
    case NMD_EXPERIMENT_ENDED:
      record.kind = NMD_EXPERIMENT_TOLD_ENDED;
      break;
    default:
      record.kind = NMD_EXPERIMENT_TOLD_FAILED;
      record.text = (char *)event->text;
    }
  tell (self, event->kind == NMD_EXPERIMENT_MEASURES ? -1 : event->fraction, &record);
}

/* The plan is on disk when steps are measured: a stop leaves it without an estimate. */
static gpointer
plan_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  NmdExperimentInput *input = (NmdExperimentInput *)data;
  Teller teller = { job, 0 };
  g_autoptr (NmdPlan) plan = NULL;
  NmdExperimentContents *contents;
  g_autoptr (GError) stopped = NULL;
  double seconds = NAN;

  input->settings.dataset_path = input->dataset_path;
  input->settings.dataset = input->dataset;
  input->settings.import = &input->import;
  input->settings.organ = input->organ;
  input->settings.networks = (const char *const *)input->networks;
  input->settings.seeds = (const gint64 *)(void *)input->seeds->data;
  input->settings.n_seeds = input->seeds->len;
  input->settings.leave_out = input->leave_out;
  input->settings.device = input->device;
  input->settings.parameters = input->parameters;
  plan = nmd_plan_new (&input->settings, error);
  if (plan == NULL || !nmd_experiment_start (input->folder, plan, error))
    return NULL;
  if (!nmd_experiment_estimate (input->folder, NULL, input->dataset, &seconds, on_event,
                                &teller, cancellable, &stopped))
    {
      seconds = NAN;
      if (!g_error_matches (stopped, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_propagate_error (error, g_steal_pointer (&stopped));
          return NULL;
        }
    }
  contents = load_contents (input->folder, error);
  if (contents != NULL)
    contents->seconds = seconds;
  return contents;
}

NmdJob *
nmd_experiment_job_plan (NmdExperimentInput *input,
                         GAsyncReadyCallback done,
                         gpointer user_data)
{
  return nmd_job_start (NMD_THREAD_WORK, NULL, _ ("Planning an experiment"), plan_func,
                        input, input_free, record_free,
                        (GDestroyNotify)nmd_experiment_contents_free, done, user_data);
}

static gpointer
run_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const NmdExperimentInput *input = data;
  Teller teller = { job, 0 };
  g_auto (NmdExperimentState) state = { 0 };
  double seconds = NAN;

  if (!input->is_estimated && input->dataset != NULL)
    {
      const NmdExperimentRecord record = { .kind = NMD_EXPERIMENT_TOLD_ESTIMATE };
      NmdExperimentRecord estimate = record;

      if (!nmd_experiment_estimate (input->folder, NULL, input->dataset, &seconds,
                                    on_event, &teller, cancellable, error))
        return NULL;
      estimate.seconds = seconds;
      tell (&teller, -1, &estimate);
    }
  if (!nmd_experiment_run (input->folder, NULL, NULL, input->dataset, on_event, &teller,
                           cancellable, &state, error))
    return NULL;
  return g_strdup (state.first_failure != NULL ? state.first_failure : "");
}

NmdJob *
nmd_experiment_job_run (NmdExperimentInput *input,
                        GAsyncReadyCallback done,
                        gpointer user_data)
{
  return nmd_job_start (NMD_THREAD_WORK, NULL, _ ("Experiment"), run_func, input,
                        input_free, record_free, g_free, done, user_data);
}
