/* SPDX-License-Identifier: Apache-2.0
 *
 * The job that encodes a figure, and the clipboard that waits for it.
 */
#include "ui/session/nmd-copying.h"

#include "engine/core/nmd-job.h"

#include <glib/gi18n.h>

typedef struct
{
  NmdFigure *figure;
} Input;

static void
input_free (gpointer data)
{
  Input *input = data;

  nmd_figure_free (input->figure);
  g_free (input);
}

static gpointer
copy_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Input *input = data;
  g_autoptr (GBytes) png = nmd_figure_encode (input->figure, error);

  return png != NULL ? gdk_texture_new_from_bytes (png, error) : NULL;
}

/* Who waits for the end. */
typedef struct
{
  NmdNotices *notices;
  GdkClipboard *clipboard;
  char *message;
} Waiting;

static void
waiting_free (Waiting *waiting)
{
  g_object_unref (waiting->notices);
  g_object_unref (waiting->clipboard);
  g_free (waiting->message);
  g_free (waiting);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Waiting, waiting_free)

static void
on_encoded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Waiting) waiting = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = nmd_job_finish (NMD_JOB (source), result, &error);

  if (nmd_notices_error (waiting->notices, error) || texture == NULL
      || nmd_notices_is_closed (waiting->notices))
    return;
  gdk_clipboard_set_texture (waiting->clipboard, texture);
  nmd_notices_message (waiting->notices, waiting->message);
}

void
nmd_copying_start (NmdNotices *notices,
                   GdkClipboard *clipboard,
                   NmdFigure *figure,
                   const char *message)
{
  g_return_if_fail (NMD_IS_NOTICES (notices) && GDK_IS_CLIPBOARD (clipboard));
  g_return_if_fail (figure != NULL && message != NULL);

  Input *input = g_new0 (Input, 1);
  input->figure = figure;
  Waiting *waiting = g_new0 (Waiting, 1);
  waiting->notices = g_object_ref (notices);
  waiting->clipboard = g_object_ref (clipboard);
  waiting->message = g_strdup (message);
  g_autoptr (NmdJob) job
      = nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Copying"), copy_func, input, input_free,
                       NULL, g_object_unref, on_encoded, waiting);
}
