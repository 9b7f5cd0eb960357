/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening things: what a path is, importing a data set (with samples shown as they come
 * in), the demo cohort, single images, runs.
 */
#include "ui/session/nmd-app-session-private.h"

#include "engine/core/nmd-file.h"
#include "engine/data/demo/nmd-demo.h"
#include "engine/data/import/nmd-mask-names.h"

#include <glib/gi18n.h>
#include <string.h>

#define FLUSH_INTERVAL_MS 120

/* ---- What a path is
 * ----------------------------------------------------------------------- */

typedef enum
{
  KIND_NOTHING,
  KIND_RUN,
  KIND_DATASET,
  KIND_IMAGE,
} Kind;

typedef struct
{
  NmdAppSession *session;
  char *path;
} Opening;

static Opening *
opening_new (NmdAppSession *self, const char *path)
{
  Opening *opening = g_new (Opening, 1);

  opening->session = g_object_ref (self);
  opening->path = g_strdup (path);
  return opening;
}

static void
opening_free (Opening *opening)
{
  g_object_unref (opening->session);
  g_free (opening->path);
  g_free (opening);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opening, opening_free)

static gpointer
identify_func (NmdJob *job,
               gconstpointer input,
               GCancellable *cancellable,
               GError **error)
{
  const char *path = input;
  g_autofree char *run = g_build_filename (path, "run.json", NULL);
  g_autofree char *lower = g_ascii_strdown (path, -1);

  if (g_file_test (run, G_FILE_TEST_EXISTS))
    return GINT_TO_POINTER (KIND_RUN);
  if (g_file_test (path, G_FILE_TEST_IS_DIR) || g_str_has_suffix (lower, ".csv")
      || g_str_has_suffix (lower, ".zip"))
    return GINT_TO_POINTER (KIND_DATASET);
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return GINT_TO_POINTER (KIND_IMAGE);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
               _ ("There is no file or folder %s"), path);
  return NULL;
}

static void
on_identified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Opening) opening = user_data;
  g_autoptr (GError) error = NULL;
  Kind kind = (Kind)GPOINTER_TO_INT (nmd_job_finish (NMD_JOB (source), result, &error));
  NmdAppSession *self = opening->session;

  if (self->closed)
    return;
  switch (kind)
    {
    case KIND_RUN:
      nmd_app_session_open_run (self, opening->path, TRUE);
      nmd_app_session_show_page (self, "results");
      break;
    case KIND_DATASET:
      nmd_app_session_open_dataset (self, opening->path, NULL);
      break;
    case KIND_IMAGE:
      nmd_app_session_open_image (self, opening->path, NULL);
      break;
    default:
      nmd_app_session_problem (self, error->message);
    }
}

void
nmd_app_session_open (NmdAppSession *self, const char *path)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self) && path != NULL);

  g_autofree char *full = g_canonicalize_filename (path, NULL);
  g_autoptr (NmdJob) job = nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Opening"),
                                          identify_func, g_strdup (full), g_free, NULL,
                                          NULL, on_identified, opening_new (self, full));
}

/* ---- Import
 * ------------------------------------------------------------------------------- */

typedef struct
{
  char *path;
  gboolean is_demo;
  NmdImportSettings settings;
  NmdRun *run;   /* (nullable): whose data set it has to be */
  NmdJob *job;   /* while func runs */
  guint n_shown; /* demo pictures told while they were made */
} ImportInput;

static void
import_input_free (gpointer data)
{
  ImportInput *input = data;

  g_free (input->path);
  nmd_import_settings_clear (&input->settings);
  g_clear_pointer (&input->run, nmd_run_unref);
  g_free (input);
}

/* On the pool's thread. The demo's picture has been written; its sample for the grid. */
static void
on_demo_image (guint done, guint total, const char *path, gpointer user_data)
{
  ImportInput *input = user_data;
  const char *relative = path;

  if (g_str_has_prefix (path, input->path))
    relative = path + strlen (input->path) + 1;
  g_autofree char *id = g_strdup (relative);
  g_auto (GStrv) pieces = g_strsplit (id, "/", -1);
  if (g_strv_length (pieces) != 4)
    return;

  NmdSample *sample = nmd_sample_new (id);
  sample->image_path = g_strdup (path);
  g_autofree char *muscle_folder
      = g_build_filename (input->path, pieces[0], pieces[1], NULL);
  sample->mask_path = g_build_filename (muscle_folder, "Masks", pieces[3], NULL);
  sample->muscle = g_strdup (pieces[0]);
  sample->label_word = g_strdup (pieces[1]);
  sample->label = nmd_label_parse (pieces[1], NULL);
  sample->subject = g_strdup ("");
  sample->unit = g_strdup ("");
  sample->is_synthetic = TRUE;
  sample->width = NMD_DEMO_WIDTH;
  sample->height = NMD_DEMO_HEIGHT;
  if (sample->attributes == NULL)
    sample->attributes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  input->n_shown++;
  nmd_job_report (input->job, 0.8 * done / MAX (total, 1u), sample);
}

static void
on_imported_sample (double fraction, NmdSample *sample, gpointer user_data)
{
  ImportInput *input = user_data;
  /* A cohort that was already there is shown as any other data set, while it is read. */
  gboolean was_made = input->n_shown > 1;
  double shown = was_made ? 0.8 + 0.2 * fraction : fraction;

  nmd_job_report (input->job, shown,
                  sample != NULL && !was_made ? g_object_ref (sample) : NULL);
}

static gpointer
import_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  ImportInput *input = (ImportInput *)data;

  input->job = job;
  if (input->is_demo)
    {
      NmdDemoSettings demo = NMD_DEMO_SETTINGS_INIT;
      g_autofree char *parent = g_path_get_dirname (input->path);
      if (!nmd_file_make_folder (parent, error)
          || !nmd_demo_write (input->path, &demo, on_demo_image, input, cancellable,
                              error))
        return NULL;
    }
  if (input->run != NULL)
    return nmd_run_open_dataset (input->run, input->path, on_imported_sample, input,
                                 cancellable, error);
  return nmd_dataset_import (input->path, &input->settings, on_imported_sample, input,
                             cancellable, error);
}

static gboolean
flush_samples (gpointer data)
{
  NmdAppSession *self = data;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->samples));

  self->flush_id = 0;
  g_list_store_splice (self->samples, n, 0, self->arriving->pdata, self->arriving->len);
  g_ptr_array_set_size (self->arriving, 0);
  if (n == 0 && self->sample == NULL && !nmd_app_session_keeps_scan (self))
    {
      g_autoptr (NmdSample) first
          = g_list_model_get_item (G_LIST_MODEL (self->samples), 0);
      nmd_app_session_set_sample (self, first);
    }
  return G_SOURCE_REMOVE;
}

static void
on_sample_record (NmdJob *job, gpointer record, NmdAppSession *self)
{
  if (job != self->import_job || self->closed)
    return;
  g_ptr_array_add (self->arriving, g_object_ref (record));
  if (self->flush_id == 0)
    self->flush_id = g_timeout_add (FLUSH_INTERVAL_MS, flush_samples, self);
}

/* A data set that needs a decision first. TRUE if @error was such a question. */
static gboolean
ask_about (NmdAppSession *self, const char *path, const GError *error)
{
  NmdDecision decision = NMD_DECISION_POSITIVE;

  if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_POSITIVE))
    decision = NMD_DECISION_POSITIVE;
  else if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_UNPACK))
    decision = NMD_DECISION_UNPACK;
  else if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_COLUMNS))
    decision = NMD_DECISION_COLUMNS;
  else
    return FALSE;
  g_signal_emit_by_name (self, "decide", (int)decision, path, error->message,
                         nmd_error_get_choices (error));
  return TRUE;
}

static void
on_imported (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Opening) opening = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdDataset) dataset = nmd_job_finish (NMD_JOB (source), result, &error);
  NmdAppSession *self = opening->session;

  if (self->import_job != NMD_JOB (source) || self->closed)
    return;
  g_clear_object (&self->import_job);
  g_clear_handle_id (&self->flush_id, g_source_remove);
  g_ptr_array_set_size (self->arriving, 0);
  if (dataset != NULL && error == NULL)
    {
      g_free (self->dataset_path);
      self->dataset_path = g_strdup (opening->path);
      nmd_app_session_take_dataset (self, dataset);
    }
  else
    {
      /* The data set that was open before stays open. */
      nmd_app_session_take_dataset (self, self->dataset);
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        ;
      else if (self->import_is_runs)
        g_signal_emit_by_name (self, "run-data-missing", error->message);
      else if (!ask_about (self, opening->path, error))
        nmd_app_session_problem (self, error->message);
    }
  nmd_app_session_set_loading (self, FALSE);
  nmd_app_session_notify_job (self);
}

static void
start_import (NmdAppSession *self,
              const char *path,
              gboolean is_demo,
              const NmdImportSettings *settings,
              NmdRun *run)
{
  /* Translators: the placeholder is a data set's file or folder */
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *title = is_demo ? g_strdup (_ ("Making the demo cohort"))
                                   : g_strdup_printf (_ ("Reading %s"), name);
  ImportInput *input = g_new0 (ImportInput, 1);

  if (self->import_job != NULL)
    nmd_job_cancel (self->import_job);
  g_clear_object (&self->import_job);
  input->path = g_strdup (path);
  input->is_demo = is_demo;
  input->run = run != NULL ? nmd_run_ref (run) : NULL;
  self->import_is_runs = run != NULL;
  nmd_import_settings_copy (&input->settings, settings);
  nmd_import_settings_copy (&self->import, settings);
  g_list_store_remove_all (self->samples);
  g_ptr_array_set_size (self->arriving, 0);
  nmd_app_session_set_sample (self, NULL);
  self->import_job = nmd_job_start (NMD_THREAD_POOL, NULL, title, import_func, input,
                                    import_input_free, g_object_unref, g_object_unref,
                                    on_imported, opening_new (self, path));
  g_signal_connect_object (self->import_job, "record", G_CALLBACK (on_sample_record),
                           self, 0);
  nmd_app_session_set_loading (self, TRUE);
  nmd_app_session_notify_job (self);
  if (run == NULL)
    nmd_app_session_show_page (self, "data");
}

void
nmd_app_session_open_dataset (NmdAppSession *self,
                              const char *path,
                              const NmdImportSettings *settings)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self) && path != NULL);
  start_import (self, path, FALSE, settings, NULL);
}

void
nmd_app_session_open_run_data (NmdAppSession *self, const char *path)
{
  NmdImportSettings settings;

  g_return_if_fail (NMD_IS_APP_SESSION (self));
  if (self->run == NULL)
    return;
  nmd_run_get_import (self->run->run, &settings);
  start_import (self, path != NULL ? path : nmd_run_get_dataset_path (self->run->run),
                FALSE, &settings, self->run->run);
}

void
nmd_app_session_open_demo (NmdAppSession *self)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));
  g_autofree char *path = g_build_filename (self->data_folder, "demo", NULL);
  start_import (self, path, TRUE, NULL, NULL);
}

/* ---- One image
 * ---------------------------------------------------------------------------- */

typedef struct
{
  char *path;
  char *mask_path; /* nullable */
} ImageInput;

static void
image_input_free (gpointer data)
{
  ImageInput *input = data;

  g_free (input->path);
  g_free (input->mask_path);
  g_free (input);
}

static gpointer
open_image_func (NmdJob *job,
                 gconstpointer data,
                 GCancellable *cancellable,
                 GError **error)
{
  const ImageInput *input = data;
  g_autofree char *mask = g_strdup (input->mask_path);

  if (mask == NULL)
    mask = nmd_mask_find_beside (input->path);
  return nmd_scan_load_file (input->path, mask, error);
}

static void
on_image_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdAppSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdScan) scan = nmd_job_finish (NMD_JOB (source), result, &error);

  if (self->closed)
    return;
  if (scan == NULL)
    {
      self->image_wanted = FALSE;
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        nmd_app_session_problem (self, error->message);
      return;
    }
  self->scan_number++;
  nmd_app_session_take_scan (self, scan);
  nmd_app_session_show_page (self, "explain");
}

void
nmd_app_session_open_image (NmdAppSession *self, const char *path, const char *mask_path)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self) && path != NULL);

  ImageInput *input = g_new0 (ImageInput, 1);
  input->path = g_strdup (path);
  input->mask_path = g_strdup (mask_path);
  self->image_wanted = TRUE;
  g_autoptr (NmdJob) job = nmd_job_start (
      NMD_THREAD_ASK, "scan", _ ("Reading an image"), open_image_func, input,
      image_input_free, NULL, g_object_unref, on_image_opened, g_object_ref (self));
}

/* ---- Runs
 * --------------------------------------------------------------------------------- */

static gpointer
open_run_func (NmdJob *job,
               gconstpointer input,
               GCancellable *cancellable,
               GError **error)
{
  return nmd_run_open (input, error);
}

static int
newest_first (gconstpointer a, gconstpointer b, gpointer data)
{
  return g_strcmp0 (nmd_run_get_started (((NmdRunItem *)b)->run),
                    nmd_run_get_started (((NmdRunItem *)a)->run));
}

/* Puts @run into the list, in place of an older reading of the same folder. */
static NmdRunItem *
put_run (NmdAppSession *self, NmdRun *run)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->runs));
  g_autoptr (NmdRunItem) item = nmd_run_item_new (run);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (NmdRunItem) old = g_list_model_get_item (G_LIST_MODEL (self->runs), i);
      if (g_strcmp0 (old->folder, item->folder) == 0)
        {
          gpointer items[] = { item };
          g_list_store_splice (self->runs, i, 1, items, 1);
          return item;
        }
    }
  g_list_store_insert_sorted (self->runs, item, newest_first, NULL);
  return item;
}

static void
choose_newest (NmdAppSession *self)
{
  GListModel *runs = G_LIST_MODEL (self->runs);

  if (!self->newest_wanted || self->n_listing > 0 || g_list_model_get_n_items (runs) == 0)
    return;
  self->newest_wanted = FALSE;
  if (self->run != NULL)
    return;
  g_autoptr (NmdRunItem) newest = g_list_model_get_item (runs, 0);
  nmd_app_session_set_run (self, newest);
}

void
nmd_app_session_want_run (NmdAppSession *self)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));
  self->newest_wanted = self->run == NULL;
  choose_newest (self);
}

static void
on_run_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdAppSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRun) run = nmd_job_finish (NMD_JOB (source), result, &error);

  if (self->closed)
    return;
  if (run != NULL)
    nmd_app_session_set_run (self, put_run (self, run));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    nmd_app_session_problem (self, error->message);
}

static void
on_run_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdAppSession) self = user_data;
  g_autoptr (NmdRun) run = nmd_job_finish (NMD_JOB (source), result, NULL);

  self->n_listing--;
  if (self->closed)
    return;
  if (run != NULL)
    put_run (self, run);
  choose_newest (self);
}

void
nmd_app_session_open_run (NmdAppSession *self, const char *folder, gboolean choose)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self) && folder != NULL);

  self->n_listing += !choose;
  g_autoptr (NmdJob) job
      = nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Reading a run"), open_run_func,
                       g_strdup (folder), g_free, NULL, (GDestroyNotify)nmd_run_unref,
                       choose ? on_run_opened : on_run_listed, g_object_ref (self));
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Folders below the folder of runs, oldest first (they are called by time). */
static gpointer
list_runs_func (NmdJob *job,
                gconstpointer input,
                GCancellable *cancellable,
                GError **error)
{
  g_autoptr (GDir) folder = g_dir_open (input, 0, NULL);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *name = NULL;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *run = g_build_filename (input, name, "run.json", NULL);
      if (g_file_test (run, G_FILE_TEST_EXISTS))
        g_ptr_array_add (names, g_build_filename (input, name, NULL));
    }
  g_ptr_array_sort (names, compare_names);
  return names;
}

static void
on_runs_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdAppSession) self = user_data;
  g_autoptr (GPtrArray) names = nmd_job_finish (NMD_JOB (source), result, NULL);

  for (guint i = 0; names != NULL && !self->closed && i < names->len; i++)
    nmd_app_session_open_run (self, g_ptr_array_index (names, i), FALSE);
}

void
nmd_app_session_list_runs (NmdAppSession *self)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));

  g_autoptr (NmdJob) job = nmd_job_start (
      NMD_THREAD_POOL, NULL, _ ("Listing runs"), list_runs_func,
      g_build_filename (self->data_folder, "runs", NULL), g_free, NULL,
      (GDestroyNotify)g_ptr_array_unref, on_runs_listed, g_object_ref (self));
}
