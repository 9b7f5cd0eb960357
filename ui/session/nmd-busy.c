/* SPDX-License-Identifier: Apache-2.0
 *
 * Follows the jobs that are started. Stopping one is nmd_job_cancel().
 */
#include "ui/session/nmd-busy.h"

struct _NmdBusy
{
  GObject parent_instance;

  GPtrArray *jobs; /* of NmdJob with a title that run, in the order of their start */
  NmdJob *job;     /* (nullable), one of them: told last */
  guint tick;
};

enum
{
  PROP_0,
  PROP_JOB,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];
static GQuark since; /* of a job: when it was started */

G_DEFINE_FINAL_TYPE (NmdBusy, nmd_busy, G_TYPE_OBJECT)

NmdJob *
nmd_busy_get_job (NmdBusy *self)
{
  g_return_val_if_fail (NMD_IS_BUSY (self), NULL);
  return self->job;
}

static void
renew (NmdBusy *self)
{
  NmdJob *job = self->jobs->len > 0 ? self->jobs->pdata[0] : NULL;
  const gint64 *start = job != NULL ? g_object_get_qdata (G_OBJECT (job), since) : NULL;

  if (start != NULL && g_get_monotonic_time () - *start < NMD_BUSY_AFTER_MS * 1000)
    job = NULL;
  if (g_set_object (&self->job, job))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOB]);
}

static gboolean
on_tick (gpointer data)
{
  NmdBusy *self = data;

  renew (self);
  if (self->jobs->len > 0)
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  return G_SOURCE_REMOVE;
}

static void
on_running (NmdJob *job, GParamSpec *spec, NmdBusy *self)
{
  if (nmd_job_get_running (job))
    return;
  g_signal_handlers_disconnect_by_data (job, self);
  g_ptr_array_remove (self->jobs, job);
  renew (self);
}

static void
on_started (NmdJob *job, gpointer data)
{
  NmdBusy *self = data;
  gint64 *start = NULL;

  if (nmd_job_get_title (job) == NULL)
    return;
  start = g_new (gint64, 1);
  *start = g_get_monotonic_time ();
  g_object_set_qdata_full (G_OBJECT (job), since, start, g_free);
  g_ptr_array_add (self->jobs, g_object_ref (job));
  g_signal_connect_object (job, "notify::running", G_CALLBACK (on_running), self, 0);
  if (self->tick == 0)
    self->tick = g_timeout_add (NMD_BUSY_AFTER_MS / 2, on_tick, self);
}

static void
nmd_busy_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_JOB)
    g_value_set_object (value, NMD_BUSY (object)->job);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
nmd_busy_finalize (GObject *object)
{
  NmdBusy *self = NMD_BUSY (object);

  nmd_job_remove_watch (self);
  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_object (&self->job);
  g_clear_pointer (&self->jobs, g_ptr_array_unref);
  G_OBJECT_CLASS (nmd_busy_parent_class)->finalize (object);
}

static void
nmd_busy_class_init (NmdBusyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = nmd_busy_get_property;
  object_class->finalize = nmd_busy_finalize;
  since = g_quark_from_static_string ("nmd-busy-since");
  properties[PROP_JOB] = g_param_spec_object ("job", NULL, NULL, NMD_TYPE_JOB,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS
                                                  | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
nmd_busy_init (NmdBusy *self)
{
  self->jobs = g_ptr_array_new_with_free_func (g_object_unref);
  nmd_job_add_watch (on_started, self);
}

NmdBusy *
nmd_busy_new (void)
{
  return g_object_new (NMD_TYPE_BUSY, NULL);
}
