/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps the shown experiment and follows its work. The work is nmd-experiment-job's.
 */
#include "ui/session/nmd-experiment-session.h"

#include "ui/session/nmd-experiment-job.h"

#include <glib/gi18n.h>
#include <math.h>

struct _NmdExperimentSession
{
  GObject parent_instance;

  NmdNotices *notices;
  NmdDataSession *data;
  NmdRecipeSession *recipe;
  NmdDeviceSession *devices;
  char *top;
  GListStore *list, *cells, *rows;
  NmdExperimentContents *contents; /* nullable */
  NmdExperimentPhase phase;
  NmdJob *job;      /* planning or trainings */
  NmdJob *load_job; /* the newest reading */
  char *text;
  char *running; /* (nullable): id of the cell that is trained here */
  double running_fraction, fraction;
  GHashTable *problems; /* cell's id → why it failed in this session */
};

enum
{
  PROP_0,
  PROP_JOB,
  N_PROPS,
};
static GParamSpec *properties[N_PROPS];

enum
{
  CHANGED,
  CONTENTS_CHANGED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (NmdExperimentSession, nmd_experiment_session, G_TYPE_OBJECT)

static void
tell_changed (NmdExperimentSession *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
set_text (NmdExperimentSession *self, const char *text)
{
  g_free (self->text);
  self->text = g_strdup (text);
}

static void
set_job (NmdExperimentSession *self, NmdJob *job)
{
  if (g_set_object (&self->job, job))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOB]);
}

/* The shown experiment */

static NmdCellItem *
make_cell (NmdExperimentSession *self, guint index)
{
  const NmdExperimentResults *results = self->contents->results;
  const NmdPlanCell *cell = nmd_plan_get_cell (results->plan, index);
  const char *problem = g_hash_table_lookup (self->problems, cell->id);
  const gboolean runs = g_strcmp0 (self->running, cell->id) == 0;
  NmdCellStanding standing = self->contents->standings[index];
  g_autofree char *where = nmd_cell_describe (cell);
  g_autofree char *title = g_strdup_printf (
      "%s, %s", _ (nmd_plan_get_row (results->plan, cell->row)->title), where);

  if (runs)
    standing = NMD_CELL_RUNS;
  else if (problem != NULL && standing != NMD_CELL_IS_DONE)
    standing = NMD_CELL_FAILED;
  return nmd_cell_item_new (index, title, standing, runs ? self->running_fraction : 0,
                            standing == NMD_CELL_FAILED ? problem : NULL,
                            results->cells[index].is_done ? &results->cells[index]
                                                          : NULL);
}

static void
renew_cell (NmdExperimentSession *self, const char *id)
{
  const NmdPlan *plan = self->contents != NULL ? self->contents->results->plan : NULL;

  for (guint i = 0; plan != NULL && id != NULL && i < plan->cells->len; i++)
    if (g_str_equal (nmd_plan_get_cell (plan, i)->id, id))
      {
        g_autoptr (NmdCellItem) item = make_cell (self, i);

        g_list_store_splice (self->cells, i, 1, (gpointer *)&item, 1);
        return;
      }
}

static void
fill_lists (NmdExperimentSession *self)
{
  const NmdExperimentResults *results = self->contents->results;
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < results->plan->cells->len; i++)
    g_ptr_array_add (cells, make_cell (self, i));
  for (guint i = 0; i < results->plan->rows->len; i++)
    g_ptr_array_add (rows, nmd_row_item_new (&results->rows[i]));
  g_list_store_splice (self->cells, 0,
                       g_list_model_get_n_items (G_LIST_MODEL (self->cells)),
                       cells->pdata, cells->len);
  g_list_store_splice (self->rows, 0,
                       g_list_model_get_n_items (G_LIST_MODEL (self->rows)), rows->pdata,
                       rows->len);
}

/* An estimate that was made stays with its folder. */
static void
take_contents (NmdExperimentSession *self, NmdExperimentContents *contents)
{
  g_autoptr (NmdExperimentContents) former = self->contents;
  const gboolean is_same
      = former != NULL && g_str_equal (former->folder, contents->folder);

  if (is_same && isnan (contents->seconds))
    contents->seconds = former->seconds;
  if (!is_same)
    g_hash_table_remove_all (self->problems);
  self->contents = contents;
  fill_lists (self);
  g_signal_emit (self, signals[CONTENTS_CHANGED], 0);
  tell_changed (self);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdExperimentSession) self = user_data;
  g_autoptr (GError) error = NULL;
  NmdExperimentContents *contents = nmd_job_finish (NMD_JOB (source), result, &error);

  if (nmd_notices_is_closed (self->notices) || self->load_job != NMD_JOB (source))
    {
      g_clear_pointer (&contents, nmd_experiment_contents_free);
      return;
    }
  g_clear_object (&self->load_job);
  if (contents != NULL)
    take_contents (self, contents);
  else
    nmd_notices_error (self->notices, error);
}

static void
load (NmdExperimentSession *self, const char *folder)
{
  g_autoptr (NmdJob) job
      = nmd_experiment_job_load (folder, on_loaded, g_object_ref (self));

  g_set_object (&self->load_job, job);
}

void
nmd_experiment_session_open (NmdExperimentSession *self, const char *folder)
{
  g_return_if_fail (NMD_IS_EXPERIMENT_SESSION (self) && folder != NULL);

  g_autofree char *full = g_canonicalize_filename (folder, NULL);
  if (self->phase == NMD_EXPERIMENT_IDLE
      || (self->contents != NULL && g_str_equal (full, self->contents->folder)))
    load (self, full);
  else
    nmd_notices_message (self->notices,
                         _ ("An experiment is at work; others can be opened when it has "
                            "ended"));
}

void
nmd_experiment_session_renew (NmdExperimentSession *self)
{
  g_return_if_fail (NMD_IS_EXPERIMENT_SESSION (self));
  if (self->contents != NULL)
    load (self, self->contents->folder);
}

/* The list */

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdExperimentSession) self = user_data;
  g_autoptr (GPtrArray) items = nmd_job_finish (NMD_JOB (source), result, NULL);

  if (nmd_notices_is_closed (self->notices) || items == NULL)
    return;
  g_list_store_splice (self->list, 0,
                       g_list_model_get_n_items (G_LIST_MODEL (self->list)), items->pdata,
                       items->len);
  if (self->contents == NULL && self->phase == NMD_EXPERIMENT_IDLE
      && self->load_job == NULL && items->len > 0)
    load (self, ((NmdExperimentItem *)items->pdata[0])->folder);
}

void
nmd_experiment_session_list (NmdExperimentSession *self)
{
  g_return_if_fail (NMD_IS_EXPERIMENT_SESSION (self));

  g_autoptr (NmdJob) job
      = nmd_experiment_job_list (self->top, on_listed, g_object_ref (self));
}

/* Planning */

static void
end_work (NmdExperimentSession *self)
{
  self->phase = NMD_EXPERIMENT_IDLE;
  g_clear_pointer (&self->running, g_free);
  set_text (self, "");
  set_job (self, NULL);
}

static void
on_planned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdExperimentSession) self = user_data;
  g_autoptr (GError) error = NULL;
  NmdExperimentContents *contents = nmd_job_finish (NMD_JOB (source), result, &error);

  end_work (self);
  if (nmd_notices_is_closed (self->notices))
    {
      g_clear_pointer (&contents, nmd_experiment_contents_free);
      return;
    }
  if (contents != NULL)
    take_contents (self, contents);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    nmd_notices_error (self->notices, error);
  nmd_experiment_session_list (self);
  tell_changed (self);
}

static void on_record (NmdJob *job, gpointer data, NmdExperimentSession *self);

static void
begin_work (NmdExperimentSession *self,
            NmdExperimentPhase phase,
            NmdJob *job,
            const char *text,
            gboolean waits)
{
  self->phase = phase;
  self->fraction = 0;
  set_text (self, waits ? _ ("Waiting until the work before it has ended") : text);
  g_signal_connect_object (job, "record", G_CALLBACK (on_record), self, 0);
  set_job (self, job);
  tell_changed (self);
}

guint
nmd_experiment_wish_count (const NmdExperimentWish *wish,
                           gboolean has_folds,
                           guint n_values)
{
  static const guint ablation_rows[] = { 6, 5, 4 };
  guint rows = 0, folds = n_values > 0 ? n_values : has_folds ? (guint)wish->folds : 1;

  for (; wish->networks[rows] != NULL;)
    rows++;
  if (wish->kind == NMD_EXPERIMENT_ABLATE)
    rows = ablation_rows[wish->ablation];
  else if (wish->kind == NMD_EXPERIMENT_LEAK)
    rows *= 2;
  return rows * MAX (folds, 1) * MAX (wish->n_seeds, 1);
}

/* The recipe's settings with the wish's; FALSE where one is out of its range, which is told. */
static NmdParameters *
make_parameters (NmdExperimentSession *self, const NmdExperimentWish *wish)
{
  const struct
  {
    const char *name;
    int value;
  } values[] = { { "folds", wish->folds },
                 { "epochs", wish->epochs },
                 { "limit", wish->limit } };
  g_autoptr (NmdParameters) parameters
      = nmd_parameters_copy (nmd_recipe_session_get_of (self->recipe, NMD_TASK_CLASSIFY));
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    if (!nmd_parameters_set (parameters, values[i].name, values[i].value, &error))
      {
        nmd_notices_error (self->notices, error);
        return NULL;
      }
  return g_steal_pointer (&parameters);
}

static char *
new_folder (NmdExperimentSession *self, NmdExperimentKind kind)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%Y-%m-%d-%H%M%S");
  g_autofree char *name
      = g_strdup_printf ("%s-%s", when, nmd_experiment_kind_get_name (kind));

  return g_build_filename (self->top, name, NULL);
}

void
nmd_experiment_session_plan (NmdExperimentSession *self, const NmdExperimentWish *wish)
{
  g_return_if_fail (NMD_IS_EXPERIMENT_SESSION (self) && wish != NULL);

  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);
  g_autoptr (NmdParameters) parameters = NULL;
  g_autofree char *folder = new_folder (self, wish->kind);
  const gboolean waits = nmd_thread_is_busy (NMD_THREAD_WORK);

  if (dataset == NULL || self->phase != NMD_EXPERIMENT_IDLE)
    return;
  parameters = make_parameters (self, wish);
  if (parameters == NULL)
    return;
  NmdExperimentInput *input = nmd_experiment_input_new (folder, dataset);
  input->settings.kind = wish->kind;
  input->settings.ablation = wish->ablation;
  nmd_import_settings_copy (&input->import, nmd_data_session_get_import (self->data));
  input->parameters = g_steal_pointer (&parameters);
  input->networks = g_strdupv ((char **)wish->networks);
  input->seeds = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_array_append_vals (input->seeds, wish->seeds, wish->n_seeds);
  input->dataset_path = g_strdup (nmd_data_session_get_path (self->data));
  input->organ = g_strdup (nmd_recipe_session_get_organ (self->recipe));
  input->leave_out = g_strdup (wish->leave_out);
  input->device = g_strdup (nmd_device_session_get (self->devices));
  g_autoptr (NmdJob) job
      = nmd_experiment_job_plan (input, on_planned, g_object_ref (self));
  begin_work (self, NMD_EXPERIMENT_PLANNING, job, _ ("Making the plan"), waits);
}

/* Trainings */

static void
tell_step (NmdExperimentSession *self, const NmdExperimentRecord *record)
{
  g_autofree char *former = NULL;
  g_autofree char *text = NULL;

  if (g_strcmp0 (self->running, record->cell) != 0)
    {
      former = g_steal_pointer (&self->running);
      self->running = g_strdup (record->cell);
    }
  self->running_fraction = record->fraction;
  /* Translators: a training of an experiment, its loss */
  text = isnan (record->loss)
             ? g_strdup (record->text)
             : g_strdup_printf (_ ("%s · loss %.3f"), record->text, record->loss);
  set_text (self, text);
  renew_cell (self, former);
  renew_cell (self, self->running);
}

/* It is not trained any more: done, or failed with @problem. */
static void
end_cell (NmdExperimentSession *self, const char *cell, const char *problem)
{
  g_clear_pointer (&self->running, g_free);
  if (problem != NULL)
    g_hash_table_insert (self->problems, g_strdup (cell), g_strdup (problem));
  else
    g_hash_table_remove (self->problems, cell);
  nmd_experiment_session_renew (self);
}

static void
on_record (NmdJob *job, gpointer data, NmdExperimentSession *self)
{
  const NmdExperimentRecord *record = data;

  self->fraction = nmd_job_get_fraction (job);
  switch (record->kind)
    {
    case NMD_EXPERIMENT_TOLD_MEASURING:
      {
        /* Translators: the placeholder is a network's name */
        g_autofree char *text
            = g_strdup_printf (_ ("Measuring a training step of %s"), record->text);
        set_text (self, text);
        break;
      }
    case NMD_EXPERIMENT_TOLD_ESTIMATE:
      if (self->contents != NULL)
        self->contents->seconds = record->seconds;
      break;
    case NMD_EXPERIMENT_TOLD_STEP:
      tell_step (self, record);
      break;
    default:
      end_cell (self, record->cell,
                record->kind == NMD_EXPERIMENT_TOLD_FAILED ? record->text : NULL);
    }
  tell_changed (self);
}

static void
on_ran (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdExperimentSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *failure = nmd_job_finish (NMD_JOB (source), result, &error);

  end_work (self);
  if (nmd_notices_is_closed (self->notices))
    return;
  if (self->contents != NULL) /* what is left takes another time now */
    self->contents->seconds = NAN;
  nmd_experiment_session_renew (self);
  nmd_experiment_session_list (self);
  tell_changed (self);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    nmd_notices_message (self->notices, _ ("The experiment is stopped; it can go on"));
  else if (error != NULL)
    nmd_notices_error (self->notices, error);
  else if (failure != NULL && *failure != '\0')
    nmd_notices_problem (self->notices, failure);
  else
    nmd_notices_message (self->notices, _ ("The experiment is done"));
}

void
nmd_experiment_session_start (NmdExperimentSession *self)
{
  g_return_if_fail (NMD_IS_EXPERIMENT_SESSION (self));

  const gboolean waits = nmd_thread_is_busy (NMD_THREAD_WORK);
  if (self->contents == NULL || self->phase != NMD_EXPERIMENT_IDLE)
    return;
  const NmdPlan *plan = self->contents->results->plan;
  /* the open data set saves reading it again, if it is the plan's */
  NmdExperimentInput *input = nmd_experiment_input_new (
      self->contents->folder, nmd_data_session_has_hash (self->data, plan->dataset_hash)
                                  ? nmd_data_session_get_dataset (self->data)
                                  : NULL);
  input->is_estimated = !isnan (self->contents->seconds);
  g_hash_table_remove_all (self->problems);
  fill_lists (self);
  g_autoptr (NmdJob) job = nmd_experiment_job_run (input, on_ran, g_object_ref (self));
  begin_work (self, NMD_EXPERIMENT_RUNNING, job, _ ("Reading the data set"), waits);
}

void
nmd_experiment_session_stop (NmdExperimentSession *self)
{
  g_return_if_fail (NMD_IS_EXPERIMENT_SESSION (self));
  if (self->job == NULL)
    return;
  self->phase = NMD_EXPERIMENT_STOPPING;
  nmd_job_cancel (self->job);
  tell_changed (self);
}

/* Reading */

GListModel *
nmd_experiment_session_get_list (NmdExperimentSession *self)
{
  g_return_val_if_fail (NMD_IS_EXPERIMENT_SESSION (self), NULL);
  return G_LIST_MODEL (self->list);
}

GListModel *
nmd_experiment_session_get_cells (NmdExperimentSession *self)
{
  g_return_val_if_fail (NMD_IS_EXPERIMENT_SESSION (self), NULL);
  return G_LIST_MODEL (self->cells);
}

GListModel *
nmd_experiment_session_get_rows (NmdExperimentSession *self)
{
  g_return_val_if_fail (NMD_IS_EXPERIMENT_SESSION (self), NULL);
  return G_LIST_MODEL (self->rows);
}

const char *
nmd_experiment_session_get_folder (NmdExperimentSession *self)
{
  g_return_val_if_fail (NMD_IS_EXPERIMENT_SESSION (self), NULL);
  return self->contents != NULL ? self->contents->folder : NULL;
}

const NmdExperimentResults *
nmd_experiment_session_get_results (NmdExperimentSession *self)
{
  g_return_val_if_fail (NMD_IS_EXPERIMENT_SESSION (self), NULL);
  return self->contents != NULL ? self->contents->results : NULL;
}

const NmdExperimentCurves *
nmd_experiment_session_get_curves (NmdExperimentSession *self)
{
  g_return_val_if_fail (NMD_IS_EXPERIMENT_SESSION (self), NULL);
  return self->contents != NULL ? self->contents->curves : NULL;
}

NmdExperimentPhase
nmd_experiment_session_get_phase (NmdExperimentSession *self)
{
  g_return_val_if_fail (NMD_IS_EXPERIMENT_SESSION (self), NMD_EXPERIMENT_IDLE);
  return self->phase;
}

const char *
nmd_experiment_session_get_text (NmdExperimentSession *self)
{
  g_return_val_if_fail (NMD_IS_EXPERIMENT_SESSION (self), NULL);
  return self->text;
}

double
nmd_experiment_session_get_fraction (NmdExperimentSession *self)
{
  g_return_val_if_fail (NMD_IS_EXPERIMENT_SESSION (self), 0);
  return self->fraction;
}

double
nmd_experiment_session_get_estimate (NmdExperimentSession *self)
{
  g_return_val_if_fail (NMD_IS_EXPERIMENT_SESSION (self), NAN);
  return self->contents != NULL ? self->contents->seconds : NAN;
}

gboolean
nmd_experiment_session_is_running (NmdExperimentSession *self)
{
  g_return_val_if_fail (NMD_IS_EXPERIMENT_SESSION (self), FALSE);
  return self->phase == NMD_EXPERIMENT_RUNNING || self->phase == NMD_EXPERIMENT_STOPPING;
}

NmdJob *
nmd_experiment_session_get_job (NmdExperimentSession *self)
{
  g_return_val_if_fail (NMD_IS_EXPERIMENT_SESSION (self), NULL);
  return self->job;
}

/* Object */

static void
nmd_experiment_session_get_property (GObject *object,
                                     guint id,
                                     GValue *value,
                                     GParamSpec *pspec)
{
  if (id == PROP_JOB)
    g_value_set_object (value, NMD_EXPERIMENT_SESSION (object)->job);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
nmd_experiment_session_finalize (GObject *object)
{
  NmdExperimentSession *self = NMD_EXPERIMENT_SESSION (object);

  g_clear_object (&self->notices);
  g_clear_object (&self->data);
  g_clear_object (&self->recipe);
  g_clear_object (&self->devices);
  g_clear_object (&self->list);
  g_clear_object (&self->cells);
  g_clear_object (&self->rows);
  g_clear_object (&self->job);
  g_clear_object (&self->load_job);
  g_clear_pointer (&self->contents, nmd_experiment_contents_free);
  g_clear_pointer (&self->problems, g_hash_table_unref);
  g_free (self->top);
  g_free (self->text);
  g_free (self->running);
  G_OBJECT_CLASS (nmd_experiment_session_parent_class)->finalize (object);
}

static void
nmd_experiment_session_class_init (NmdExperimentSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = nmd_experiment_session_get_property;
  object_class->finalize = nmd_experiment_session_finalize;
  properties[PROP_JOB] = g_param_spec_object ("job", NULL, NULL, NMD_TYPE_JOB,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS
                                                  | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[CHANGED]
      = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 0);
  signals[CONTENTS_CHANGED]
      = g_signal_new ("contents-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
nmd_experiment_session_init (NmdExperimentSession *self)
{
  self->list = g_list_store_new (NMD_TYPE_EXPERIMENT_ITEM);
  self->cells = g_list_store_new (NMD_TYPE_CELL_ITEM);
  self->rows = g_list_store_new (NMD_TYPE_ROW_ITEM);
  self->problems = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->text = g_strdup ("");
}

NmdExperimentSession *
nmd_experiment_session_new (NmdNotices *notices,
                            NmdDataSession *data,
                            NmdRecipeSession *recipe,
                            NmdDeviceSession *devices,
                            const char *data_folder)
{
  g_return_val_if_fail (NMD_IS_NOTICES (notices) && NMD_IS_DATA_SESSION (data), NULL);
  g_return_val_if_fail (NMD_IS_RECIPE_SESSION (recipe) && NMD_IS_DEVICE_SESSION (devices),
                        NULL);

  NmdExperimentSession *self = g_object_new (NMD_TYPE_EXPERIMENT_SESSION, NULL);
  self->notices = g_object_ref (notices);
  self->data = g_object_ref (data);
  self->recipe = g_object_ref (recipe);
  self->devices = g_object_ref (devices);
  self->top = g_build_filename (data_folder, "experiments", NULL);
  return self;
}
