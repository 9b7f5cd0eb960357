/* SPDX-License-Identifier: Apache-2.0
 *
 * The export of outlines, and what is said when it ends.
 */
#include "ui/session/nmd-outlines-job.h"

#include "engine/core/nmd-job.h"

#include <glib/gi18n.h>

typedef struct
{
  NmdDataset *dataset;
  NmdOutlinesFormat format;
  char *folder, *label;
  NmdJob *job; /* while func runs */
} Input;

static void
input_free (gpointer data)
{
  Input *input = data;

  g_object_unref (input->dataset);
  g_free (input->folder);
  g_free (input->label);
  g_free (input);
}

static void
on_progress (double fraction, gpointer user_data)
{
  nmd_job_report (((Input *)user_data)->job, fraction, NULL);
}

static gpointer
export_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  Input *input = (Input *)data;
  NmdOutlinesCounts *counts = g_new0 (NmdOutlinesCounts, 1);

  input->job = job;
  if (nmd_outlines_export (input->dataset, input->format, input->folder, input->label,
                           on_progress, input, cancellable, counts, error))
    return counts;
  g_free (counts);
  return NULL;
}

static void
on_exported (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdNotices) notices = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree NmdOutlinesCounts *counts
      = nmd_job_finish (NMD_JOB (source), result, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  if (nmd_notices_is_closed (notices))
    return;
  if (counts == NULL)
    {
      nmd_notices_error (notices, error);
      return;
    }
  g_string_append_printf (text,
                          ngettext ("The outline of %u image is written",
                                    "The outlines of %u images are written",
                                    counts->n_images),
                          counts->n_images);
  if (counts->n_no_mask > 0)
    g_string_append_printf (
        text, ngettext ("; %u has no mask", "; %u have no mask", counts->n_no_mask),
        counts->n_no_mask);
  nmd_notices_message (notices, text->str);
}

void
nmd_outlines_start_export (NmdDataset *dataset,
                           NmdOutlinesFormat format,
                           const char *folder,
                           const char *label,
                           NmdNotices *notices)
{
  g_return_if_fail (NMD_IS_DATASET (dataset) && folder != NULL && label != NULL);

  Input *input = g_new0 (Input, 1);

  input->dataset = g_object_ref (dataset);
  input->format = format;
  input->folder = g_strdup (folder);
  input->label = g_strdup (label);
  g_autoptr (NmdJob) job
      = nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Writing outlines"), export_func, input,
                       input_free, NULL, g_free, on_exported, g_object_ref (notices));
}
