/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of the session, what a path is, and what runs.
 */
#include "ui/session/nmd-app-session.h"

#include "ui/session/nmd-busy.h"

#include <glib/gi18n.h>

struct _NmdAppSession
{
  GObject parent_instance;

  NmdNotices *notices;
  NmdDataSession *data;
  NmdScanSession *scan;
  NmdVisitSession *visit;
  NmdRunsSession *runs;
  NmdRecipeSession *recipe;
  NmdDeviceSession *devices;
  NmdTrainingSession *training;
  NmdExperimentSession *experiments;
  NmdRunQueue *queue;
  NmdExplanationSession *explanation;
  NmdProposalSession *proposals;
  NmdBusy *busy;
};

enum
{
  PROP_0,
  PROP_JOB,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (NmdAppSession, nmd_app_session, G_TYPE_OBJECT)

/* What a path is */

typedef enum
{
  KIND_NOTHING,
  KIND_RUN,
  KIND_EXPERIMENT,
  KIND_DATASET,
  KIND_IMAGE,
} Kind;

static Kind
identify (const char *path)
{
  g_autofree char *run = g_build_filename (path, "run.json", NULL);
  g_autofree char *plan = g_build_filename (path, "plan.json", NULL);

  if (g_file_test (run, G_FILE_TEST_EXISTS))
    return KIND_RUN;
  if (g_file_test (plan, G_FILE_TEST_EXISTS))
    return KIND_EXPERIMENT;
  if (g_file_test (path, G_FILE_TEST_IS_DIR) || nmd_dataset_is_file_name (path))
    return KIND_DATASET;
  return g_file_test (path, G_FILE_TEST_EXISTS) ? KIND_IMAGE : KIND_NOTHING;
}

/* The kind of each path, in their order. */
static gpointer
identify_func (NmdJob *job,
               gconstpointer input,
               GCancellable *cancellable,
               GError **error)
{
  char *const *paths = input;
  GArray *kinds = g_array_new (FALSE, FALSE, sizeof (Kind));

  for (guint i = 0; paths[i] != NULL; i++)
    {
      Kind kind = identify (paths[i]);
      g_array_append_val (kinds, kind);
    }
  return kinds;
}

static void
open_as (NmdAppSession *self, const char *path, Kind kind, gboolean is_first_image)
{
  switch (kind)
    {
    case KIND_RUN:
      nmd_runs_session_open (self->runs, path);
      nmd_notices_show_page (self->notices, "results");
      break;
    case KIND_EXPERIMENT:
      nmd_experiment_session_open (self->experiments, path);
      nmd_notices_show_page (self->notices, "experiments");
      break;
    case KIND_DATASET:
      nmd_data_session_open (self->data, path, NULL);
      break;
    case KIND_IMAGE:
      if (is_first_image)
        nmd_visit_session_open (self->visit, path);
      else
        nmd_visit_session_add (self->visit, path);
      break;
    default:
      {
        g_autofree char *text
            /* Translators: a path */
            = g_strdup_printf (_ ("There is no file or folder %s"), path);
        nmd_notices_problem (self->notices, text);
      }
    }
}

static void
on_identified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdAppSession) self = user_data;
  g_autoptr (GArray) kinds = nmd_job_finish (NMD_JOB (source), result, NULL);
  char **paths = g_object_get_data (source, "paths");
  guint n_images = 0;

  if (nmd_notices_is_closed (self->notices) || kinds == NULL)
    return;
  for (guint i = 0; i < kinds->len; i++)
    {
      Kind kind = g_array_index (kinds, Kind, i);
      n_images += kind == KIND_IMAGE;
      open_as (self, paths[i], kind, n_images == 1);
    }
}

void
nmd_app_session_open_all (NmdAppSession *self, const char *const *paths)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self) && paths != NULL);

  g_autoptr (GPtrArray) full = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; paths[i] != NULL; i++)
    g_ptr_array_add (full, g_canonicalize_filename (paths[i], NULL));
  g_ptr_array_add (full, NULL);
  g_autoptr (NmdJob) job
      = nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Opening"), identify_func,
                       g_strdupv ((char **)full->pdata), (GDestroyNotify)g_strfreev, NULL,
                       (GDestroyNotify)g_array_unref, on_identified, g_object_ref (self));
  g_object_set_data_full (G_OBJECT (job), "paths", g_strdupv ((char **)full->pdata),
                          (GDestroyNotify)g_strfreev);
}

void
nmd_app_session_open (NmdAppSession *self, const char *path)
{
  const char *const paths[] = { path, NULL };

  g_return_if_fail (NMD_IS_APP_SESSION (self) && path != NULL);
  nmd_app_session_open_all (self, paths);
}

/* What runs */

NmdJob *
nmd_app_session_get_job (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);

  NmdJob *work = nmd_training_session_get_job (self->training);
  NmdJob *import = nmd_data_session_get_job (self->data);
  if (work == NULL)
    work = nmd_experiment_session_get_job (self->experiments);
  return work != NULL ? work : import != NULL ? import : nmd_busy_get_job (self->busy);
}

static void
on_job (NmdAppSession *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOB]);
}

void
nmd_app_session_stop (NmdAppSession *self)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));
  if (nmd_training_session_get_job (self->training) != NULL)
    nmd_training_session_stop (self->training);
  else if (nmd_experiment_session_get_job (self->experiments) != NULL)
    nmd_experiment_session_stop (self->experiments);
  else if (nmd_app_session_get_job (self) != NULL)
    nmd_job_cancel (nmd_app_session_get_job (self));
}

void
nmd_app_session_close (NmdAppSession *self)
{
  NmdJob *import = NULL;

  g_return_if_fail (NMD_IS_APP_SESSION (self));
  if (nmd_notices_is_closed (self->notices))
    return;
  import = nmd_data_session_get_job (self->data);
  if (nmd_training_session_get_job (self->training) != NULL)
    nmd_training_session_stop (self->training);
  nmd_experiment_session_stop (self->experiments);
  if (import != NULL)
    nmd_job_cancel (import);
  nmd_notices_close (self->notices);
  nmd_data_session_shutdown (self->data);
}

void
nmd_app_session_shutdown (NmdAppSession *self)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));
  if (nmd_notices_is_closed (self->notices))
    return;
  nmd_notices_close (self->notices);
  nmd_data_session_shutdown (self->data);
  nmd_job_stop_all ();
}

/* Parts */

NmdNotices *
nmd_app_session_get_notices (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->notices;
}

NmdDataSession *
nmd_app_session_get_data (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->data;
}

NmdScanSession *
nmd_app_session_get_scan (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->scan;
}

NmdVisitSession *
nmd_app_session_get_visit (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->visit;
}

NmdRunsSession *
nmd_app_session_get_runs (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->runs;
}

NmdRecipeSession *
nmd_app_session_get_recipe (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->recipe;
}

NmdDeviceSession *
nmd_app_session_get_devices (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->devices;
}

NmdTrainingSession *
nmd_app_session_get_training (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->training;
}

NmdExperimentSession *
nmd_app_session_get_experiments (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->experiments;
}

NmdRunQueue *
nmd_app_session_get_queue (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->queue;
}

NmdExplanationSession *
nmd_app_session_get_explanation (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->explanation;
}

NmdProposalSession *
nmd_app_session_get_proposals (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->proposals;
}

/* Object */

static void
nmd_app_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_JOB)
    g_value_set_object (value, nmd_app_session_get_job (NMD_APP_SESSION (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
nmd_app_session_finalize (GObject *object)
{
  NmdAppSession *self = NMD_APP_SESSION (object);

  g_clear_object (&self->busy);
  g_clear_object (&self->proposals);
  g_clear_object (&self->explanation);
  g_clear_object (&self->visit);
  g_clear_object (&self->queue);
  g_clear_object (&self->experiments);
  g_clear_object (&self->training);
  g_clear_object (&self->devices);
  g_clear_object (&self->recipe);
  g_clear_object (&self->runs);
  g_clear_object (&self->scan);
  g_clear_object (&self->data);
  g_clear_object (&self->notices);
  G_OBJECT_CLASS (nmd_app_session_parent_class)->finalize (object);
}

static void
nmd_app_session_class_init (NmdAppSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = nmd_app_session_get_property;
  object_class->finalize = nmd_app_session_finalize;
  properties[PROP_JOB] = g_param_spec_object ("job", NULL, NULL, NMD_TYPE_JOB,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS
                                                  | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
nmd_app_session_init (NmdAppSession *self)
{
}

NmdAppSession *
nmd_app_session_new (const char *data_folder)
{
  g_return_val_if_fail (data_folder != NULL, NULL);

  NmdAppSession *self = g_object_new (NMD_TYPE_APP_SESSION, NULL);
  self->busy = nmd_busy_new ();
  self->notices = nmd_notices_new ();
  self->data = nmd_data_session_new (self->notices, data_folder);
  self->scan = nmd_scan_session_new (self->notices, self->data);
  self->visit = nmd_visit_session_new (self->notices, self->scan);
  self->runs = nmd_runs_session_new (self->notices, self->data, data_folder);
  self->recipe = nmd_recipe_session_new (self->notices, self->data, self->runs);
  self->devices = nmd_device_session_new (self->notices);
  self->training = nmd_training_session_new (self->notices, self->data, self->runs,
                                             self->recipe, self->devices);
  self->experiments = nmd_experiment_session_new (self->notices, self->data, self->recipe,
                                                  self->devices, data_folder);
  self->queue = nmd_run_queue_new (self->notices, self->training, self->experiments);
  self->explanation
      = nmd_explanation_session_new (self->notices, self->data, self->scan, self->runs,
                                     self->recipe, self->devices, self->training);
  self->proposals
      = nmd_proposal_session_new (self->notices, self->scan, self->runs, self->devices,
                                  self->training, self->explanation);
  g_signal_connect_object (self->data, "notify::job", G_CALLBACK (on_job), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->training, "notify::job", G_CALLBACK (on_job), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->experiments, "notify::job", G_CALLBACK (on_job), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->busy, "notify::job", G_CALLBACK (on_job), self,
                           G_CONNECT_SWAPPED);
  return self;
}
