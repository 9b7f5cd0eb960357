/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts, resumes and stops trainings and evaluations. What they do is engine/train's.
 */
#include "ui/session/nmd-training-session.h"

#include "ui/session/nmd-report-job.h"

#include <glib/gi18n.h>

struct _NmdTrainingSession
{
  GObject parent_instance;

  NmdNotices *notices;
  NmdDataSession *data;
  NmdRunsSession *runs;
  NmdRecipeSession *recipe;
  NmdDeviceSession *devices;
  NmdTraining *training; /* the newest */
  NmdTraining *course;   /* that belongs to what is open */
  NmdJob *job;
};

enum
{
  PROP_0,
  PROP_TRAINING,
  PROP_COURSE,
  PROP_JOB,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (NmdTrainingSession, nmd_training_session, G_TYPE_OBJECT)

/* @folder: (nullable): of the run that it evaluates or reports */
static void
set_job (NmdTrainingSession *self, NmdJob *job, const char *folder)
{
  nmd_runs_session_set_in_work (self->runs, folder);
  if (g_set_object (&self->job, job))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOB]);
}

/* The course to show */

static gboolean
is_on_dataset (NmdTrainingSession *self, NmdTraining *training)
{
  return nmd_data_session_get_dataset (self->data) == NULL
         || nmd_data_session_has_hash (self->data,
                                       nmd_training_get_dataset_hash (training));
}

/* Whether @training is the one that @run came of. */
static gboolean
is_run (NmdTraining *training, NmdRunItem *run)
{
  return training != NULL
         && g_strcmp0 (nmd_training_get_folder (training), run->folder) == 0;
}

static NmdTraining *
find_course (NmdTrainingSession *self)
{
  NmdRunItem *run = nmd_runs_session_get_shown (self->runs);

  if (nmd_training_session_is_running (self))
    return g_object_ref (self->training);
  if (nmd_data_session_get_loading (self->data))
    return NULL;
  if (run != NULL && !is_run (self->training, run))
    {
      g_autoptr (NmdTraining) past = is_run (self->course, run)
                                         ? g_object_ref (self->course)
                                         : nmd_training_new_from_run (run->run);
      if (is_on_dataset (self, past))
        return g_steal_pointer (&past);
    }
  if (self->training != NULL && is_on_dataset (self, self->training))
    return g_object_ref (self->training);
  return NULL;
}

static void
renew_course (NmdTrainingSession *self)
{
  g_autoptr (NmdTraining) course = find_course (self);

  if (g_set_object (&self->course, course))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COURSE]);
}

/* Training */

/* One that fails before its first epoch leaves nothing. */
static gboolean
has_run (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "run.json", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
on_ended (NmdTraining *training, NmdTrainingSession *self)
{
  if (self->training != training)
    return;
  set_job (self, NULL, NULL);
  nmd_runs_session_set_in_training (self->runs, FALSE);
  nmd_recipe_session_show (self->recipe, NULL);
  renew_course (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRAINING]);
  if (nmd_notices_is_closed (self->notices))
    return;
  switch (nmd_training_get_state (training))
    {
    case NMD_TRAINING_FINISHED:
      nmd_notices_message (self->notices, _ ("Training finished"));
      break;
    case NMD_TRAINING_STOPPED:
      nmd_notices_message (self->notices,
                           _ ("Training stopped; the best weights so far are kept"));
      break;
    default:
      nmd_notices_problem (self->notices, nmd_training_get_error (training));
      if (!has_run (nmd_training_get_folder (training)))
        return;
    }
  nmd_runs_session_open (self->runs, nmd_training_get_folder (training));
}

static void
on_plan (NmdTraining *training, NmdTrainingSession *self)
{
  nmd_recipe_session_show (self->recipe, nmd_training_get_parameters (training));
}

static void
take_training (NmdTrainingSession *self, NmdTraining *training)
{
  if (self->training != NULL)
    g_signal_handlers_disconnect_by_data (self->training, self);
  g_clear_object (&self->training);
  self->training = training;
  g_signal_connect_object (training, "ended", G_CALLBACK (on_ended), self, 0);
  g_signal_connect_object (training, "plan-changed", G_CALLBACK (on_plan), self, 0);
  renew_course (self);
  on_plan (training, self);
  set_job (self, nmd_training_get_job (training), NULL);
  nmd_runs_session_set_in_training (self->runs, TRUE);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRAINING]);
}

NmdTrainSettings *
nmd_training_session_make_settings (NmdTrainingSession *self, const char *network)
{
  g_return_val_if_fail (NMD_IS_TRAINING_SESSION (self) && network != NULL, NULL);

  NmdDataset *dataset = nmd_data_session_get_dataset (self->data);
  const char *problem = nmd_recipe_session_get_initial_problem (self->recipe);
  if (dataset == NULL)
    return NULL;
  if (problem != NULL)
    {
      nmd_notices_problem (self->notices, problem);
      return NULL;
    }

  g_autoptr (NmdTrainSettings) settings = nmd_train_settings_new ();
  g_free (settings->dataset_path);
  g_clear_pointer (&settings->folder, g_free);
  g_free (settings->network);
  g_free (settings->device);
  settings->dataset_path = g_strdup (nmd_data_session_get_path (self->data));
  settings->network = g_strdup (network);
  settings->device = g_strdup (nmd_device_session_get (self->devices));
  settings->initial = g_strdup (nmd_recipe_session_get_initial (self->recipe));
  settings->organ = g_strdup (nmd_recipe_session_get_organ (self->recipe));
  nmd_import_settings_copy (&settings->import, nmd_data_session_get_import (self->data));
  g_set_object (&settings->dataset, dataset);
  g_clear_pointer (&settings->parameters, nmd_parameters_unref);
  settings->parameters
      = nmd_parameters_copy (nmd_recipe_session_get_parameters (self->recipe));
  return g_steal_pointer (&settings);
}

void
nmd_training_session_start_with (NmdTrainingSession *self,
                                 NmdTrainSettings *settings,
                                 gboolean quick_look)
{
  g_return_if_fail (NMD_IS_TRAINING_SESSION (self) && settings != NULL);

  if (nmd_training_session_is_running (self))
    return;
  g_free (settings->folder);
  settings->folder = nmd_runs_session_new_folder (self->runs, settings->network);
  take_training (self, nmd_training_start (settings, quick_look));
}

void
nmd_training_session_start (NmdTrainingSession *self,
                            const char *network,
                            gboolean quick_look)
{
  g_return_if_fail (NMD_IS_TRAINING_SESSION (self) && network != NULL);

  g_autoptr (NmdTrainSettings) settings = NULL;
  if (!nmd_training_session_is_running (self))
    settings = nmd_training_session_make_settings (self, network);
  if (settings != NULL)
    nmd_training_session_start_with (self, settings, quick_look);
}

/* The open data set saves reading it again, if it is the chosen run's. */
static NmdDataset *
run_dataset (NmdTrainingSession *self)
{
  return nmd_runs_session_has_shown_data (self->runs)
             ? nmd_data_session_get_dataset (self->data)
             : NULL;
}

void
nmd_training_session_resume (NmdTrainingSession *self)
{
  g_return_if_fail (NMD_IS_TRAINING_SESSION (self));

  NmdRunItem *run = nmd_runs_session_get_shown (self->runs);
  if (run == NULL || nmd_training_session_is_running (self))
    return;
  take_training (self, nmd_training_resume (run->run, run_dataset (self)));
  nmd_notices_show_page (self->notices, "train");
}

void
nmd_training_session_stop (NmdTrainingSession *self)
{
  g_return_if_fail (NMD_IS_TRAINING_SESSION (self));
  if (nmd_training_session_is_running (self))
    nmd_training_stop (self->training);
  else if (self->job != NULL)
    nmd_job_cancel (self->job);
}

/* Evaluation */

typedef struct
{
  char *folder;
  char *device;
  NmdDataset *dataset; /* nullable */
} EvaluateInput;

static void
evaluate_input_free (gpointer data)
{
  EvaluateInput *input = data;

  g_free (input->folder);
  g_free (input->device);
  g_clear_object (&input->dataset);
  g_free (input);
}

static void
tell_fraction (double fraction, gpointer job)
{
  nmd_job_report (job, fraction, NULL);
}

static gpointer
evaluate_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const EvaluateInput *input = data;
  NmdEvaluateSettings settings = { .dataset = input->dataset, .device = input->device };

  return nmd_train_evaluate (input->folder, &settings, tell_fraction, job, cancellable,
                             error);
}

static void
on_evaluated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdTrainingSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) metrics = nmd_job_finish (NMD_JOB (source), result, &error);
  NmdRunItem *run = g_object_get_data (source, "run");

  if (self->job == NMD_JOB (source))
    set_job (self, NULL, NULL);
  if (nmd_notices_is_closed (self->notices) || nmd_notices_error (self->notices, error)
      || metrics == NULL)
    return;
  nmd_notices_message (self->notices, nmd_run_item_is_for (run, NMD_TASK_SEGMENT)
                                          ? _ ("All images are outlined")
                                          : _ ("All images are scored"));
  nmd_runs_session_renew (self->runs, run->folder);
}

void
nmd_training_session_evaluate (NmdTrainingSession *self)
{
  g_return_if_fail (NMD_IS_TRAINING_SESSION (self));

  NmdRunItem *run = nmd_runs_session_get_shown (self->runs);
  if (run == NULL || self->job != NULL)
    return;
  EvaluateInput *input = g_new0 (EvaluateInput, 1);
  input->folder = g_strdup (run->folder);
  input->device = g_strdup (nmd_device_session_get (self->devices));
  g_set_object (&input->dataset, run_dataset (self));
  g_autoptr (NmdJob) job = nmd_job_start (
      NMD_THREAD_WORK, NULL,
      nmd_run_item_is_for (run, NMD_TASK_SEGMENT) ? _ ("Outlining all images")
                                                  : _ ("Scoring all images"),
      evaluate_func, input, evaluate_input_free, NULL, (GDestroyNotify)json_node_unref,
      on_evaluated, g_object_ref (self));
  g_object_set_data_full (G_OBJECT (job), "run", g_object_ref (run), g_object_unref);
  set_job (self, job, run->folder);
}

/* Report */

static void
on_reported (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdTrainingSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = nmd_job_finish (NMD_JOB (source), result, &error);

  if (self->job == NMD_JOB (source))
    set_job (self, NULL, NULL);
  if (nmd_notices_is_closed (self->notices) || nmd_notices_error (self->notices, error)
      || folder == NULL)
    return;
  /* Translators: a folder */
  g_autofree char *text = g_strdup_printf (_ ("The report is in %s"), folder);
  nmd_notices_message (self->notices, text);
}

void
nmd_training_session_report (NmdTrainingSession *self,
                             const char *folder,
                             gboolean with_images)
{
  g_return_if_fail (NMD_IS_TRAINING_SESSION (self) && folder != NULL);

  NmdRunItem *run = nmd_runs_session_get_shown (self->runs);
  if (run == NULL || self->job != NULL || !nmd_run_item_is_for (run, NMD_TASK_CLASSIFY))
    return;
  g_autoptr (NmdJob) job = nmd_report_job_start (
      run->run, run_dataset (self), folder, with_images,
      nmd_device_session_get (self->devices), on_reported, g_object_ref (self));
  set_job (self, job, run->folder);
}

gboolean
nmd_training_session_is_running (NmdTrainingSession *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING_SESSION (self), FALSE);
  return self->training != NULL
         && nmd_training_get_state (self->training) <= NMD_TRAINING_STOPPING;
}

NmdTraining *
nmd_training_session_get_training (NmdTrainingSession *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING_SESSION (self), NULL);
  return self->training;
}

NmdTraining *
nmd_training_session_get_course (NmdTrainingSession *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING_SESSION (self), NULL);
  return self->course;
}

NmdJob *
nmd_training_session_get_job (NmdTrainingSession *self)
{
  g_return_val_if_fail (NMD_IS_TRAINING_SESSION (self), NULL);
  return self->job;
}

/* Object */

static void
nmd_training_session_get_property (GObject *object,
                                   guint id,
                                   GValue *value,
                                   GParamSpec *pspec)
{
  NmdTrainingSession *self = NMD_TRAINING_SESSION (object);

  switch (id)
    {
    case PROP_TRAINING:
      g_value_set_object (value, self->training);
      break;
    case PROP_COURSE:
      g_value_set_object (value, self->course);
      break;
    case PROP_JOB:
      g_value_set_object (value, self->job);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
nmd_training_session_finalize (GObject *object)
{
  NmdTrainingSession *self = NMD_TRAINING_SESSION (object);

  g_clear_object (&self->notices);
  g_clear_object (&self->data);
  g_clear_object (&self->runs);
  g_clear_object (&self->recipe);
  g_clear_object (&self->devices);
  g_clear_object (&self->training);
  g_clear_object (&self->course);
  g_clear_object (&self->job);
  G_OBJECT_CLASS (nmd_training_session_parent_class)->finalize (object);
}

static void
nmd_training_session_class_init (NmdTrainingSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags
      = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = nmd_training_session_get_property;
  object_class->finalize = nmd_training_session_finalize;
  properties[PROP_TRAINING]
      = g_param_spec_object ("training", NULL, NULL, NMD_TYPE_TRAINING, flags);
  properties[PROP_COURSE]
      = g_param_spec_object ("course", NULL, NULL, NMD_TYPE_TRAINING, flags);
  properties[PROP_JOB] = g_param_spec_object ("job", NULL, NULL, NMD_TYPE_JOB, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
nmd_training_session_init (NmdTrainingSession *self)
{
}

NmdTrainingSession *
nmd_training_session_new (NmdNotices *notices,
                          NmdDataSession *data,
                          NmdRunsSession *runs,
                          NmdRecipeSession *recipe,
                          NmdDeviceSession *devices)
{
  g_return_val_if_fail (NMD_IS_NOTICES (notices) && NMD_IS_DATA_SESSION (data), NULL);
  g_return_val_if_fail (NMD_IS_RUNS_SESSION (runs) && NMD_IS_RECIPE_SESSION (recipe),
                        NULL);
  g_return_val_if_fail (NMD_IS_DEVICE_SESSION (devices), NULL);

  NmdTrainingSession *self = g_object_new (NMD_TYPE_TRAINING_SESSION, NULL);
  self->notices = g_object_ref (notices);
  self->data = g_object_ref (data);
  self->runs = g_object_ref (runs);
  self->recipe = g_object_ref (recipe);
  self->devices = g_object_ref (devices);
  g_signal_connect_object (data, "notify::dataset", G_CALLBACK (renew_course), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (data, "notify::loading", G_CALLBACK (renew_course), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (runs, "notify::shown", G_CALLBACK (renew_course), self,
                           G_CONNECT_SWAPPED);
  return self;
}
