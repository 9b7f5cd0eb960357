/* SPDX-License-Identifier: Apache-2.0
 *
 * The app session's choices for computing: the device, and the weights that the next
 * training starts from. What a device is called and whether weights fit is the engine's.
 */
#include "ui/session/nmd-app-session-private.h"

#include <glib/gi18n.h>

/* ---- Device
 * ------------------------------------------------------------------------------- */

gboolean
nmd_app_session_choose_device (NmdAppSession *self,
                               const char *device,
                               const char *numerics,
                               GError **error)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), FALSE);

  char *chosen = nmd_device_choose (device, numerics, error);
  if (chosen == NULL)
    return FALSE;
  gboolean changed = g_strcmp0 (chosen, self->device) != 0;
  g_free (self->device);
  self->device = chosen;
  if (changed)
    g_signal_emit_by_name (self, "device-changed");
  return TRUE;
}

const char *
nmd_app_session_get_device (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->device;
}

static gpointer
devices_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  return nmd_devices_list ();
}

static void
on_devices (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdAppSession) self = user_data;
  GPtrArray *devices = nmd_job_finish (NMD_JOB (source), result, NULL);

  if (devices == NULL)
    return;
  self->devices = devices;
  if (!self->closed)
    g_signal_emit_by_name (self, "device-changed");
}

void
nmd_app_session_find_devices (NmdAppSession *self)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));
  if (self->asked_devices || self->closed)
    return;

  self->asked_devices = TRUE;
  g_autoptr (NmdJob) job = nmd_job_start (
      NMD_THREAD_POOL, NULL, _ ("Looking for devices"), devices_func, NULL, NULL, NULL,
      (GDestroyNotify)g_ptr_array_unref, on_devices, g_object_ref (self));
}

GPtrArray *
nmd_app_session_get_devices (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->devices;
}

/* ---- Weights to start from
 * ---------------------------------------------------------------- */

typedef struct
{
  char *path;
  char *network;
} FitInput;

/* What waits for an answer. */
typedef struct
{
  NmdAppSession *session;
  char *path;
  guint number;
} Look;

static void
fit_input_free (gpointer data)
{
  FitInput *input = data;

  g_free (input->path);
  g_free (input->network);
  g_free (input);
}

static gpointer
fit_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const FitInput *input = data;

  return nmd_train_check_initial (input->path, input->network, error);
}

static void
take_fit (NmdAppSession *self, const char *path, char *fit, const GError *error)
{
  gboolean had = g_strcmp0 (self->initial, path) == 0;

  if (fit == NULL && !had)
    {
      nmd_app_session_problem (self, error->message);
      return;
    }
  g_autofree char *copy = g_strdup (path);
  g_free (self->initial);
  self->initial = g_steal_pointer (&copy);
  g_free (self->initial_fit);
  self->initial_fit = fit;
  g_free (self->initial_problem);
  self->initial_problem = fit == NULL ? g_strdup (error->message) : NULL;
  g_signal_emit_by_name (self, "initial-changed");
}

static void
on_fit (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Look *look = user_data;
  g_autoptr (NmdAppSession) self = look->session;
  g_autofree char *path = look->path;
  g_autoptr (GError) error = NULL;
  g_autofree char *fit = nmd_job_finish (NMD_JOB (source), result, &error);
  gboolean newest = look->number == self->initial_number;

  g_free (look);
  if (newest && !self->closed && (fit != NULL || error != NULL)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    take_fit (self, path, g_steal_pointer (&fit), error);
}

void
nmd_app_session_set_initial (NmdAppSession *self, const char *path, const char *network)
{
  g_return_if_fail (NMD_IS_APP_SESSION (self));
  g_return_if_fail (path == NULL || network != NULL);

  self->initial_number++;
  if (path == NULL)
    {
      g_clear_pointer (&self->initial, g_free);
      g_clear_pointer (&self->initial_fit, g_free);
      g_clear_pointer (&self->initial_problem, g_free);
      g_signal_emit_by_name (self, "initial-changed");
      return;
    }

  FitInput *input = g_new0 (FitInput, 1);
  input->path = g_strdup (path);
  input->network = g_strdup (network);
  Look *look = g_new0 (Look, 1);
  look->session = g_object_ref (self);
  look->path = g_strdup (path);
  look->number = self->initial_number;
  g_autoptr (NmdJob) job
      = nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Reading weights"), fit_func, input,
                       fit_input_free, NULL, g_free, on_fit, look);
}

const char *
nmd_app_session_get_initial (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->initial;
}

const char *
nmd_app_session_get_initial_fit (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->initial_fit;
}

const char *
nmd_app_session_get_initial_problem (NmdAppSession *self)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (self), NULL);
  return self->initial_problem;
}
