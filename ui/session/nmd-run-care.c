/* SPDX-License-Identifier: Apache-2.0
 *
 * Notes and trash of run folders, as jobs.
 */
#include "ui/session/nmd-run-care.h"

#include "engine/core/nmd-file.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

typedef struct
{
  char *folder;
  NmdRunNotes *notes;
} Input;

static void
input_free (gpointer data)
{
  Input *input = data;

  g_free (input->folder);
  nmd_run_notes_free (input->notes);
  g_free (input);
}

static gpointer
save_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Input *input = data;

  return nmd_run_notes_save (input->notes, input->folder, error)
             ? g_strdup (input->folder)
             : NULL;
}

static gpointer
trash_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Input *input = data;
  g_autoptr (GFile) file = g_file_new_for_path (input->folder);
  g_autoptr (NmdLock) lock = NULL;

  /* Another window, or nmd, may be writing there. */
  lock = nmd_lock_take (input->folder, error);
  if (lock == NULL)
    return NULL;
  return g_file_trash (file, cancellable, error) ? g_strdup (input->folder) : NULL;
}

static NmdJob *
start (const char *title,
       NmdJobFunc func,
       const char *folder,
       NmdRunNotes *notes,
       GAsyncReadyCallback done,
       gpointer user_data)
{
  Input *input = g_new0 (Input, 1);

  input->folder = g_strdup (folder);
  input->notes = notes;
  return nmd_job_start (NMD_THREAD_POOL, NULL, title, func, input, input_free, NULL,
                        g_free, done, user_data);
}

NmdJob *
nmd_run_care_save (const char *folder,
                   NmdRunNotes *notes,
                   GAsyncReadyCallback done,
                   gpointer user_data)
{
  g_return_val_if_fail (folder != NULL && notes != NULL, NULL);
  return start (_ ("Saving notes"), save_func, folder, notes, done, user_data);
}

NmdJob *
nmd_run_care_trash (const char *folder, GAsyncReadyCallback done, gpointer user_data)
{
  g_return_val_if_fail (folder != NULL, NULL);
  return start (_ ("Moving a run to the trash"), trash_func, folder, NULL, done,
                user_data);
}
