/* SPDX-License-Identifier: Apache-2.0
 *
 * The chosen device and the list of devices.
 */
#include "ui/session/nmd-device-session.h"

#include "engine/backend/nmd-threads.h"
#include "engine/core/nmd-words.h"

struct _NmdDeviceSession
{
  GObject parent_instance;

  NmdNotices *notices;
  char *chosen;
  int threads;    /* 0: as many as are fastest */
  GPtrArray *all; /* (nullable): of NmdDevice, once found */
  gboolean asked;
};

static guint changed;

G_DEFINE_FINAL_TYPE (NmdDeviceSession, nmd_device_session, G_TYPE_OBJECT)

gboolean
nmd_device_session_choose (NmdDeviceSession *self,
                           const char *device,
                           const char *numerics,
                           GError **error)
{
  g_return_val_if_fail (NMD_IS_DEVICE_SESSION (self), FALSE);

  g_autofree char *former = self->chosen;
  char *chosen = nmd_device_choose (device, numerics, error);
  self->chosen = chosen != NULL ? chosen : g_steal_pointer (&former);
  if (chosen != NULL && g_strcmp0 (chosen, former) != 0)
    g_signal_emit (self, changed, 0);
  return chosen != NULL;
}

const char *
nmd_device_session_get (NmdDeviceSession *self)
{
  g_return_val_if_fail (NMD_IS_DEVICE_SESSION (self), NULL);
  return self->chosen;
}

void
nmd_device_session_set_threads (NmdDeviceSession *self, int threads)
{
  g_return_if_fail (NMD_IS_DEVICE_SESSION (self));
  self->threads = MAX (threads, 0);
  nmd_session_set_default_threads (self->threads);
}

static gpointer
find_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const gboolean local = nmd_words_set_local (TRUE);
  GPtrArray *devices = nmd_devices_list ();

  nmd_words_set_local (local);
  (void)nmd_threads_get_usual (); /* where it has to be measured, here */
  return devices;
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdDeviceSession) self = user_data;
  GPtrArray *all = nmd_job_finish (NMD_JOB (source), result, NULL);

  if (all == NULL)
    return;
  self->all = all;
  if (self->threads == 0)
    nmd_session_set_default_threads (nmd_threads_get_usual ());
  if (!nmd_notices_is_closed (self->notices))
    g_signal_emit (self, changed, 0);
}

void
nmd_device_session_find (NmdDeviceSession *self)
{
  g_return_if_fail (NMD_IS_DEVICE_SESSION (self));
  if (self->asked || nmd_notices_is_closed (self->notices))
    return;

  self->asked = TRUE;
  g_autoptr (NmdJob) job
      = nmd_job_start (NMD_THREAD_POOL, NULL, NULL, find_func, NULL, NULL, NULL,
                       (GDestroyNotify)g_ptr_array_unref, on_found, g_object_ref (self));
}

GPtrArray *
nmd_device_session_get_list (NmdDeviceSession *self)
{
  g_return_val_if_fail (NMD_IS_DEVICE_SESSION (self), NULL);
  return self->all;
}

static void
nmd_device_session_finalize (GObject *object)
{
  NmdDeviceSession *self = NMD_DEVICE_SESSION (object);

  g_clear_object (&self->notices);
  g_free (self->chosen);
  g_clear_pointer (&self->all, g_ptr_array_unref);
  G_OBJECT_CLASS (nmd_device_session_parent_class)->finalize (object);
}

static void
nmd_device_session_class_init (NmdDeviceSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_device_session_finalize;
  changed = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
nmd_device_session_init (NmdDeviceSession *self)
{
  self->chosen = g_strdup (NMD_DEVICE_DEFAULT);
}

NmdDeviceSession *
nmd_device_session_new (NmdNotices *notices)
{
  g_return_val_if_fail (NMD_IS_NOTICES (notices), NULL);

  NmdDeviceSession *self = g_object_new (NMD_TYPE_DEVICE_SESSION, NULL);
  self->notices = g_object_ref (notices);
  return self;
}
