/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports, with samples shown as they come in. Reading and checking is engine/data's.
 */
#include "ui/session/nmd-data-session.h"

#include "ui/session/nmd-import-job.h"
#include "ui/session/nmd-outlines-job.h"
#include "ui/session/nmd-sample-list.h"

#include <string.h>
#include <glib/gi18n.h>

#define FLUSH_INTERVAL_MS 120

struct _NmdDataSession
{
  GObject parent_instance;

  NmdNotices *notices;
  char *data_folder;
  NmdDataset *dataset;
  NmdDataset *former; /* what was open before the import under way */
  char *path;
  NmdImportSettings import;  /* as the open data set was read; texts owned */
  NmdImportSettings attempt; /* as the newest import reads; texts owned */
  NmdSampleList *samples;
  NmdJob *job;
  gboolean for_run;
  gboolean loading;
  GPtrArray *arriving; /* samples told by the import, not yet in the list */
  guint flush_id;
};

enum
{
  PROP_0,
  PROP_DATASET,
  PROP_LOADING,
  PROP_JOB,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

enum
{
  IMPORT_STARTED,
  DECIDE,
  RUN_DATA_MISSING,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (NmdDataSession, nmd_data_session, G_TYPE_OBJECT)

static gboolean
flush_samples (gpointer data)
{
  NmdDataSession *self = data;

  self->flush_id = 0;
  nmd_sample_list_append (self->samples, self->arriving);
  g_ptr_array_set_size (self->arriving, 0);
  return G_SOURCE_REMOVE;
}

static void
on_record (NmdJob *job, gpointer record, NmdDataSession *self)
{
  if (job != self->job || nmd_notices_is_closed (self->notices))
    return;
  g_ptr_array_add (self->arriving, g_object_ref (record));
  if (self->flush_id == 0)
    self->flush_id = g_timeout_add (FLUSH_INTERVAL_MS, flush_samples, self);
}

static void
set_loading (NmdDataSession *self, gboolean loading)
{
  if (self->loading == loading)
    return;
  self->loading = loading;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADING]);
}

static gpointer
drop_func (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  g_clear_object ((GObject **)input);
  return NULL;
}

static void
drop_free (gpointer input)
{
  g_clear_object ((GObject **)input);
  g_free (input);
}

static void
on_dropped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  nmd_job_finish (NMD_JOB (source), result, NULL); /* there is nothing to say */
}

/* Tens of thousands of samples take a while to free: not on this thread. */
static void
drop_former (NmdDataSession *self)
{
  NmdDataset **former = NULL;

  if (self->former == NULL)
    return;
  former = g_new (NmdDataset *, 1);
  *former = g_steal_pointer (&self->former);
  g_autoptr (NmdJob) job
      = nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Closing"), drop_func, former, drop_free,
                       NULL, NULL, on_dropped, NULL);
}

static void
take_dataset (NmdDataSession *self, NmdDataset *dataset)
{
  g_set_object (&self->dataset, dataset);
  drop_former (self);
  nmd_sample_list_show (self->samples, dataset);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DATASET]);
}

/* A data set that needs a decision first. TRUE if @error was such a question. */
static gboolean
ask_about (NmdDataSession *self, const char *path, const GError *error)
{
  NmdDecision decision = NMD_DECISION_POSITIVE;

  if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_POSITIVE))
    decision = NMD_DECISION_POSITIVE;
  else if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_UNPACK))
    decision = NMD_DECISION_UNPACK;
  else if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_COLUMNS))
    decision = NMD_DECISION_COLUMNS;
  else if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_MASKS)
           && nmd_error_get_choices (error)[0] != NULL)
    decision = NMD_DECISION_MASKS;
  else if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_MASK_VALUE))
    decision = NMD_DECISION_MASK_VALUE;
  else if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_OUTLINE_LABEL))
    decision = NMD_DECISION_OUTLINE_LABEL;
  else
    return FALSE;
  g_signal_emit (self, signals[DECIDE], 0, (int)decision, path, error->message,
                 nmd_error_get_choices (error));
  return TRUE;
}

static void
on_imported (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdDataSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdDataset) dataset = nmd_job_finish (NMD_JOB (source), result, &error);
  const char *path = nmd_import_get_path (NMD_JOB (source));

  if (self->job != NMD_JOB (source) || nmd_notices_is_closed (self->notices))
    return;
  g_autoptr (NmdJob) job = g_steal_pointer (&self->job);
  g_clear_handle_id (&self->flush_id, g_source_remove);
  g_ptr_array_set_size (self->arriving, 0);
  if (dataset != NULL && error == NULL)
    {
      g_free (self->path);
      self->path = g_strdup (path);
      nmd_import_settings_copy (&self->import, &self->attempt);
      take_dataset (self, dataset);
    }
  else
    {
      g_autoptr (NmdDataset) former = g_steal_pointer (&self->former);
      take_dataset (self, former);
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        ;
      else if (self->for_run)
        g_signal_emit (self, signals[RUN_DATA_MISSING], 0, error->message);
      else if (!ask_about (self, path, error))
        nmd_notices_error (self->notices, error);
    }
  set_loading (self, FALSE);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOB]);
}

/* Takes away what is open, until the import ends. */
static void
clear (NmdDataSession *self)
{
  if (self->job != NULL)
    nmd_job_cancel (self->job);
  g_clear_object (&self->job);
  g_clear_handle_id (&self->flush_id, g_source_remove);
  g_ptr_array_set_size (self->arriving, 0);
  if (self->dataset != NULL)
    g_set_object (&self->former, self->dataset);
  g_clear_object (&self->dataset);
  nmd_sample_list_show (self->samples, NULL);
}

static void
start_import (NmdDataSession *self,
              const char *path,
              gboolean is_demo,
              NmdRun *run,
              const NmdImportSettings *settings)
{
  clear (self);
  self->for_run = run != NULL;
  nmd_import_settings_copy (&self->attempt, settings);
  /* @settings may have been the attempt before, whose texts are gone */
  self->job = nmd_import_start (path, is_demo, run, &self->attempt, on_imported,
                                g_object_ref (self));
  g_signal_connect_object (self->job, "record", G_CALLBACK (on_record), self, 0);
  set_loading (self, TRUE);
  g_signal_emit (self, signals[IMPORT_STARTED], 0);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DATASET]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOB]);
  if (run == NULL)
    nmd_notices_show_page (self->notices, "data");
}

void
nmd_data_session_open (NmdDataSession *self,
                       const char *path,
                       const NmdImportSettings *settings)
{
  g_return_if_fail (NMD_IS_DATA_SESSION (self) && path != NULL);
  start_import (self, path, FALSE, NULL, settings);
}

void
nmd_data_session_open_demo (NmdDataSession *self)
{
  g_return_if_fail (NMD_IS_DATA_SESSION (self));
  g_autofree char *path = g_build_filename (self->data_folder, "demo", NULL);
  start_import (self, path, TRUE, NULL, NULL);
}

void
nmd_data_session_open_for_run (NmdDataSession *self, NmdRun *run, const char *path)
{
  NmdImportSettings settings = { 0 };

  g_return_if_fail (NMD_IS_DATA_SESSION (self) && run != NULL);
  nmd_run_get_import (run, &settings);
  start_import (self, path != NULL ? path : nmd_run_get_dataset_path (run), FALSE, run,
                &settings);
}

NmdDataset *
nmd_data_session_get_dataset (NmdDataSession *self)
{
  g_return_val_if_fail (NMD_IS_DATA_SESSION (self), NULL);
  return self->dataset;
}

NmdNotices *
nmd_data_session_get_notices (NmdDataSession *self)
{
  g_return_val_if_fail (NMD_IS_DATA_SESSION (self), NULL);
  return self->notices;
}

const char *
nmd_data_session_get_path (NmdDataSession *self)
{
  g_return_val_if_fail (NMD_IS_DATA_SESSION (self), NULL);
  return self->path;
}

const NmdImportSettings *
nmd_data_session_get_import (NmdDataSession *self)
{
  g_return_val_if_fail (NMD_IS_DATA_SESSION (self), NULL);
  return &self->import;
}

const NmdImportSettings *
nmd_data_session_get_attempt (NmdDataSession *self)
{
  g_return_val_if_fail (NMD_IS_DATA_SESSION (self), NULL);
  return &self->attempt;
}

GListModel *
nmd_data_session_get_samples (NmdDataSession *self)
{
  g_return_val_if_fail (NMD_IS_DATA_SESSION (self), NULL);
  return G_LIST_MODEL (self->samples);
}

gboolean
nmd_data_session_get_loading (NmdDataSession *self)
{
  g_return_val_if_fail (NMD_IS_DATA_SESSION (self), FALSE);
  return self->loading;
}

NmdJob *
nmd_data_session_get_job (NmdDataSession *self)
{
  g_return_val_if_fail (NMD_IS_DATA_SESSION (self), NULL);
  return self->job;
}

gboolean
nmd_data_session_is_for_run (NmdDataSession *self)
{
  g_return_val_if_fail (NMD_IS_DATA_SESSION (self), FALSE);
  return self->for_run;
}

gboolean
nmd_data_session_has_hash (NmdDataSession *self, const char *hash)
{
  g_return_val_if_fail (NMD_IS_DATA_SESSION (self), FALSE);
  return self->dataset != NULL && hash != NULL
         && strcmp (nmd_dataset_get_hash (self->dataset), hash) == 0;
}

void
nmd_data_session_export_outlines (NmdDataSession *self,
                                  NmdOutlinesFormat format,
                                  const char *folder,
                                  const char *label)
{
  g_return_if_fail (NMD_IS_DATA_SESSION (self));
  if (self->dataset != NULL)
    nmd_outlines_start_export (self->dataset, format, folder, label, self->notices);
}

void
nmd_data_session_accept_masks (NmdDataSession *self)
{
  g_return_if_fail (NMD_IS_DATA_SESSION (self));
  self->import.accept_masks = TRUE;
}

void
nmd_data_session_shutdown (NmdDataSession *self)
{
  g_return_if_fail (NMD_IS_DATA_SESSION (self));
  g_clear_handle_id (&self->flush_id, g_source_remove);
}

/* Object */

static void
nmd_data_session_get_property (GObject *object,
                               guint id,
                               GValue *value,
                               GParamSpec *pspec)
{
  NmdDataSession *self = NMD_DATA_SESSION (object);

  switch (id)
    {
    case PROP_DATASET:
      g_value_set_object (value, self->dataset);
      break;
    case PROP_LOADING:
      g_value_set_boolean (value, self->loading);
      break;
    case PROP_JOB:
      g_value_set_object (value, self->job);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
nmd_data_session_finalize (GObject *object)
{
  NmdDataSession *self = NMD_DATA_SESSION (object);

  g_clear_handle_id (&self->flush_id, g_source_remove);
  g_clear_object (&self->notices);
  g_free (self->data_folder);
  g_clear_object (&self->dataset);
  g_clear_object (&self->former);
  g_free (self->path);
  nmd_import_settings_clear (&self->import);
  nmd_import_settings_clear (&self->attempt);
  g_clear_object (&self->samples);
  g_clear_object (&self->job);
  g_clear_pointer (&self->arriving, g_ptr_array_unref);
  G_OBJECT_CLASS (nmd_data_session_parent_class)->finalize (object);
}

static void
nmd_data_session_class_init (NmdDataSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);
  const GParamFlags flags
      = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = nmd_data_session_get_property;
  object_class->finalize = nmd_data_session_finalize;
  properties[PROP_DATASET]
      = g_param_spec_object ("dataset", NULL, NULL, NMD_TYPE_DATASET, flags);
  properties[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, FALSE, flags);
  properties[PROP_JOB] = g_param_spec_object ("job", NULL, NULL, NMD_TYPE_JOB, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[IMPORT_STARTED] = g_signal_new ("import-started", type, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[DECIDE]
      = g_signal_new ("decide", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                      4, G_TYPE_INT, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRV);
  signals[RUN_DATA_MISSING]
      = g_signal_new ("run-data-missing", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
nmd_data_session_init (NmdDataSession *self)
{
  self->samples = nmd_sample_list_new ();
  self->arriving = g_ptr_array_new_with_free_func (g_object_unref);
}

NmdDataSession *
nmd_data_session_new (NmdNotices *notices, const char *data_folder)
{
  g_return_val_if_fail (NMD_IS_NOTICES (notices) && data_folder != NULL, NULL);

  NmdDataSession *self = g_object_new (NMD_TYPE_DATA_SESSION, NULL);
  self->notices = g_object_ref (notices);
  self->data_folder = g_strdup (data_folder);
  return self;
}
