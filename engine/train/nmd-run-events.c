/* SPDX-License-Identifier: Apache-2.0
 *
 * The curves of history.csv as a TensorBoard event file in the run's folder. It is written anew when a training
 * starts or goes on, and appended to after each epoch, so that a TensorBoard that is open sees it grow.
 */
#include "engine/core/nmd-event-file.h"
#include "engine/core/nmd-file.h"
#include "engine/train/nmd-run-private.h"

#include <fcntl.h>
#include <unistd.h>

#define PREFIX "events.out.tfevents."

/* Seconds since 1970 of the run's start. */
static double
get_start (const char *started)
{
  g_autoptr (GDateTime) time
      = started != NULL ? g_date_time_new_from_iso8601 (started, NULL) : NULL;

  return time != NULL ? (double)g_date_time_to_unix (time) : 0;
}

/* The records of the rows from @from on, behind that of the version if the file @is_new; times are the run's start and the seconds of its epochs. */
static GByteArray *
make_records (const char *started, const GArray *history, guint from, gboolean is_new)
{
  GByteArray *bytes = g_byte_array_new ();
  double time = get_start (started);

  if (is_new)
    nmd_event_append_version (bytes, time);
  for (guint i = 0; i < history->len; i++)
    {
      const NmdEpoch *epoch = &g_array_index (history, NmdEpoch, i);
      const NmdEventScalar scalars[] = {
        { "loss/train", epoch->train_loss },
        { "loss/validation", epoch->val_loss },
        { "auc/validation", epoch->val_auc },
        { "accuracy/validation", epoch->val_accuracy },
        { "dice/validation", epoch->val_dice },
        { "learning_rate", epoch->lr },
        { "seconds", epoch->seconds },
      };

      time += epoch->seconds;
      if (i >= from)
        nmd_event_append_scalars (bytes, time, epoch->epoch, scalars,
                                  G_N_ELEMENTS (scalars));
    }
  return bytes;
}

static char *
find_file (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL); /* none: no file either */
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, PREFIX))
      return g_build_filename (folder, name, NULL);
  return NULL;
}

gboolean
nmd_events_start (const char *folder,
                  const char *started,
                  const GArray *history,
                  gboolean wanted,
                  char **path,
                  GError **error)
{
  g_autoptr (GByteArray) bytes = NULL;

  *path = find_file (folder);
  if (*path == NULL && !wanted)
    return TRUE;
  if (*path == NULL)
    {
      g_autofree char *name = g_strdup_printf (PREFIX "%010" G_GINT64_FORMAT ".nmd",
                                               (gint64)get_start (started));

      *path = g_build_filename (folder, name, NULL);
    }
  bytes = make_records (started, history, 0, TRUE);
  return nmd_file_write (*path, bytes->data, bytes->len, error);
}

gboolean
nmd_events_add (const char *path, const char *started, const GArray *history)
{
  g_autoptr (GByteArray) bytes = make_records (started, history, history->len - 1, FALSE);
  const int fd = open (path, O_WRONLY | O_APPEND | O_CLOEXEC);
  gboolean done;

  if (fd < 0)
    return FALSE;
  done = write (fd, bytes->data, bytes->len) == (gssize)bytes->len;
  return close (fd) == 0 && done;
}
