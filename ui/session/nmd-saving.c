/* SPDX-License-Identifier: Apache-2.0
 *
 * Stores what a page made.
 */
#include "ui/session/nmd-saving.h"

#include "engine/core/nmd-file.h"
#include "engine/data/import/nmd-mask-names.h"
#include "ui/session/nmd-open-files.h"

#include <glib/gi18n.h>

typedef struct
{
  char *path;
  NmdContent *content;
  char *inputs[4];     /* files that are open; NULL where there is none */
  NmdDataset *dataset; /* nullable */
} SaveInput;

static void
save_input_free (gpointer data)
{
  SaveInput *input = data;

  g_free (input->path);
  nmd_content_free (input->content);
  for (guint i = 0; i < G_N_ELEMENTS (input->inputs); i++)
    g_free (input->inputs[i]);
  g_clear_object (&input->dataset);
  g_free (input);
}

static gpointer
save_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const SaveInput *input = data;
  g_autoptr (GBytes) bytes = NULL;

  if (nmd_open_files_have (input->path, input->inputs, G_N_ELEMENTS (input->inputs),
                           input->dataset))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   _ ("%s is open here and is not overwritten: choose another name"),
                   input->path);
      return NULL;
    }
  bytes = nmd_content_encode (input->content, error);
  if (bytes == NULL
      || !nmd_file_write (input->path, g_bytes_get_data (bytes, NULL),
                          g_bytes_get_size (bytes), error))
    return NULL;
  return g_path_get_basename (input->path);
}

/* Who waits for the end. */
typedef struct
{
  NmdNotices *notices;
  NmdSavedFunc saved; /* (nullable) */
  GWeakRef object;
} Waiting;

static void
waiting_free (Waiting *waiting)
{
  g_object_unref (waiting->notices);
  g_weak_ref_clear (&waiting->object);
  g_free (waiting);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Waiting, waiting_free)

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Waiting) waiting = user_data;
  NmdNotices *notices = waiting->notices;
  g_autoptr (GObject) object = g_weak_ref_get (&waiting->object);
  g_autoptr (GError) error = NULL;
  g_autofree char *name = nmd_job_finish (NMD_JOB (source), result, &error);

  if (nmd_notices_error (notices, error) || name == NULL)
    return;
  /* Translators: the placeholder is a file's name */
  g_autofree char *text = g_strdup_printf (_ ("Saved %s"), name);
  nmd_notices_message (notices, text);
  if (waiting->saved != NULL && object != NULL)
    waiting->saved (object);
}

void
nmd_saving_start (NmdNotices *notices,
                  NmdDataSession *data,
                  NmdScanSession *scan_session,
                  const char *path,
                  NmdContent *content,
                  NmdSavedFunc saved,
                  GObject *object)
{
  g_return_if_fail (NMD_IS_NOTICES (notices) && NMD_IS_DATA_SESSION (data));
  g_return_if_fail (path != NULL && content != NULL);

  NmdScan *scan = scan_session != NULL ? nmd_scan_session_get_scan (scan_session) : NULL;
  SaveInput *input = g_new0 (SaveInput, 1);
  input->path = g_strdup (path);
  input->content = content;
  if (scan != NULL)
    {
      input->inputs[0] = g_strdup (scan->path);
      input->inputs[1] = nmd_mask_find_beside (scan->path);
      input->inputs[2] = g_strdup (nmd_scan_session_get_mask_path (scan_session));
    }
  input->inputs[3] = g_strdup (nmd_data_session_get_path (data));
  g_set_object (&input->dataset, nmd_data_session_get_dataset (data));
  Waiting *waiting = g_new0 (Waiting, 1);
  waiting->notices = g_object_ref (notices);
  waiting->saved = saved;
  g_weak_ref_init (&waiting->object, object);
  g_autoptr (NmdJob) job
      = nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Saving"), save_func, input,
                       save_input_free, NULL, g_free, on_saved, waiting);
}
