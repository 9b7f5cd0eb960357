/* SPDX-License-Identifier: Apache-2.0
 *
 * A run's report as a job. What it says is engine/report's, how it looks ui/plot's.
 */
#include "ui/session/nmd-report-job.h"

#include "ui/plot/nmd-run-report.h"

#include <glib/gi18n.h>

typedef struct
{
  NmdRun *run;
  NmdDataset *dataset;
  char *folder, *device;
  gboolean with_images;
} Input;

static void
input_free (gpointer data)
{
  Input *input = data;

  nmd_run_unref (input->run);
  g_clear_object (&input->dataset);
  g_free (input->folder);
  g_free (input->device);
  g_free (input);
}

static void
tell_fraction (double fraction, gpointer job)
{
  nmd_job_report (job, fraction, NULL);
}

/* Pictures in the data set's folder would be read as images of it. */
static gboolean
check_folder (const Input *input, GError **error)
{
  const char *path = nmd_run_get_dataset_path (input->run);

  if (path == NULL || !g_file_test (path, G_FILE_TEST_IS_DIR))
    return TRUE;
  g_autoptr (GFile) dataset = g_file_new_for_path (path);
  g_autoptr (GFile) folder = g_file_new_for_path (input->folder);
  if (!g_file_equal (dataset, folder) && !g_file_has_prefix (folder, dataset))
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
               /* Translators: two folders */
               _ ("%s is inside the data set %s, and a report’s pictures would belong to "
                  "it"),
               input->folder, path);
  return FALSE;
}

static gpointer
write_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Input *input = data;
  const NmdReportOptions options = { .kinds = NMD_REPORT_ALL,
                                     .with_images = input->with_images,
                                     .method = NMD_MAP_GRADCAM,
                                     .device = input->device,
                                     .progress = tell_fraction,
                                     .progress_data = job,
                                     .cancellable = cancellable };

  if (!check_folder (input, error))
    return NULL;
  g_autoptr (NmdRunFacts) facts = nmd_run_facts_load (
      input->run, input->dataset,
      input->dataset == NULL ? "the data set was not open" : NULL, cancellable, error);
  if (facts == NULL)
    return NULL;
  g_autoptr (GPtrArray) files = nmd_run_report_make (facts, "report", &options, error);
  if (files == NULL || !nmd_file_list_write (files, input->folder, cancellable, error))
    return NULL;
  return g_strdup (input->folder);
}

NmdJob *
nmd_report_job_start (NmdRun *run,
                      NmdDataset *dataset,
                      const char *folder,
                      gboolean with_images,
                      const char *device,
                      GAsyncReadyCallback done,
                      gpointer user_data)
{
  g_return_val_if_fail (run != NULL && folder != NULL, NULL);

  Input *input = g_new0 (Input, 1);
  input->run = nmd_run_ref (run);
  g_set_object (&input->dataset, dataset);
  input->folder = g_strdup (folder);
  input->with_images = with_images;
  input->device = g_strdup (device);
  return nmd_job_start (NMD_THREAD_WORK, NULL, _ ("Writing the report"), write_func,
                        input, input_free, NULL, g_free, done, user_data);
}
