/* SPDX-License-Identifier: Apache-2.0
 *
 * The import as a job of the pool. What a data set is, is engine/data's; what becomes of it,
 * nmd-data-session's.
 */
#include "ui/session/nmd-import-job.h"

#include "engine/core/nmd-file.h"
#include "engine/data/demo/nmd-demo.h"

#include <glib/gi18n.h>
#include <string.h>

/* What an import is given. */
typedef struct
{
  char *path;
  gboolean is_demo;
  NmdImportSettings settings;
  NmdRun *run;   /* (nullable): whose data set it has to be */
  NmdJob *job;   /* while func runs */
  guint n_shown; /* demo pictures told while they were made */
} Input;

static void
input_free (gpointer data)
{
  Input *input = data;

  g_free (input->path);
  nmd_import_settings_clear (&input->settings);
  g_clear_pointer (&input->run, nmd_run_unref);
  g_free (input);
}

/* The demo's picture has been written; its sample for the grid. */
static void
on_demo_image (guint done, guint total, const char *path, gpointer user_data)
{
  Input *input = user_data;
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
  Input *input = user_data;
  /* A cohort that was already there is shown as any other data set, while it is read. */
  gboolean was_made = input->n_shown > 1;
  double shown = was_made ? 0.8 + 0.2 * fraction : fraction;

  nmd_job_report (input->job, shown,
                  sample != NULL && !was_made ? g_object_ref (sample) : NULL);
}

static gpointer
import_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  Input *input = (Input *)data;

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

NmdJob *
nmd_import_start (const char *path,
                  gboolean is_demo,
                  NmdRun *run,
                  const NmdImportSettings *settings,
                  GAsyncReadyCallback done,
                  gpointer user_data)
{
  g_return_val_if_fail (path != NULL, NULL);

  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *title = is_demo ? g_strdup (_ ("Making the demo cohort"))
                                   /* Translators: a data set's file or folder */
                                   : g_strdup_printf (_ ("Reading %s"), name);
  Input *input = g_new0 (Input, 1);

  input->path = g_strdup (path);
  input->is_demo = is_demo;
  input->run = run != NULL ? nmd_run_ref (run) : NULL;
  nmd_import_settings_copy (&input->settings, settings);
  NmdJob *job
      = nmd_job_start (NMD_THREAD_POOL, NULL, title, import_func, input, input_free,
                       g_object_unref, g_object_unref, done, user_data);
  g_object_set_data_full (G_OBJECT (job), "path", g_strdup (path), g_free);
  return job;
}

const char *
nmd_import_get_path (NmdJob *job)
{
  return g_object_get_data (G_OBJECT (job), "path");
}
