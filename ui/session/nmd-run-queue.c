/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps the trainings that wait and starts the next one. Training is nmd-training-session's.
 */
#include "ui/session/nmd-run-queue.h"

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (NmdQueueItem, nmd_queue_item, G_TYPE_OBJECT)

static void
nmd_queue_item_finalize (GObject *object)
{
  NmdQueueItem *self = NMD_QUEUE_ITEM (object);

  g_clear_pointer (&self->settings, nmd_train_settings_free);
  g_free (self->title);
  G_OBJECT_CLASS (nmd_queue_item_parent_class)->finalize (object);
}

static void
nmd_queue_item_class_init (NmdQueueItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_queue_item_finalize;
}

static void
nmd_queue_item_init (NmdQueueItem *self)
{
}

/* @settings: (transfer full) */
static NmdQueueItem *
make_item (NmdTrainSettings *settings, gboolean quick_look)
{
  NmdQueueItem *self = g_object_new (NMD_TYPE_QUEUE_ITEM, NULL);
  const NmdNetwork *network = nmd_network_find (settings->network, NULL);
  g_autofree char *data = g_path_get_basename (settings->dataset_path);

  self->settings = settings;
  self->quick_look = quick_look;
  /* Translators: a training that waits: network, data set, seed */
  self->title = g_strdup_printf (
      _ ("%s · %s · seed %d"), network != NULL ? network->title : settings->network, data,
      nmd_parameters_get_int (settings->parameters, "seed"));
  return self;
}

struct _NmdRunQueue
{
  GObject parent_instance;

  NmdNotices *notices;
  NmdTrainingSession *training;
  NmdExperimentSession *experiments;
  NmdTraining *followed; /* (nullable): whose stop would pause */
  gboolean was_stopped;  /* the followed training was, which has been noticed */
  gboolean was_experiment_stopped;
  GListStore *list;
  gboolean paused, busy;
  guint next; /* source that starts the next one */
};

enum
{
  PROP_0,
  PROP_PAUSED,
  PROP_BUSY,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (NmdRunQueue, nmd_run_queue, G_TYPE_OBJECT)

static void
set_paused (NmdRunQueue *self, gboolean paused)
{
  paused = paused && nmd_run_queue_get_n (self) > 0;
  if (self->paused == paused)
    return;
  self->paused = paused;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAUSED]);
}

/* Starting the next */

static gboolean
may_start (NmdRunQueue *self)
{
  return !self->paused && nmd_run_queue_get_n (self) > 0
         && !nmd_notices_is_closed (self->notices)
         && !nmd_training_session_is_running (self->training)
         && nmd_training_session_get_job (self->training) == NULL
         && nmd_experiment_session_get_job (self->experiments) == NULL;
}

static gboolean
start_next (gpointer data)
{
  NmdRunQueue *self = data;

  self->next = 0;
  if (may_start (self))
    {
      g_autoptr (NmdQueueItem) item
          = g_list_model_get_item (G_LIST_MODEL (self->list), 0);

      nmd_training_session_start_with (self->training, item->settings, item->quick_look);
      nmd_run_queue_remove (self, 0);
    }
  return G_SOURCE_REMOVE;
}

/* Not at once: others are still being told of what has ended. */
static void
renew (NmdRunQueue *self)
{
  gboolean busy = nmd_training_session_is_running (self->training)
                  || nmd_experiment_session_get_job (self->experiments) != NULL;

  if (self->busy != busy)
    {
      self->busy = busy;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
    }
  if (self->next == 0 && may_start (self))
    self->next = g_idle_add (start_next, self);
}

/* Pausing: at the moment of a stop, once, so that it can be gone on from while that takes its time. */

static void
on_changed (NmdRunQueue *self)
{
  NmdTrainingState state = nmd_training_get_state (self->followed);

  if (state != NMD_TRAINING_STOPPING && state != NMD_TRAINING_STOPPED)
    return;
  if (!self->was_stopped)
    set_paused (self, TRUE);
  self->was_stopped = TRUE;
}

static void
on_training (NmdRunQueue *self)
{
  NmdTraining *training = nmd_training_session_get_training (self->training);

  if (self->followed != NULL && self->followed != training)
    g_signal_handlers_disconnect_by_data (self->followed, self);
  if (g_set_object (&self->followed, training) && training != NULL)
    {
      self->was_stopped = FALSE;
      g_signal_connect_object (training, "changed", G_CALLBACK (on_changed), self,
                               G_CONNECT_SWAPPED);
    }
  renew (self);
}

static void
on_experiment (NmdRunQueue *self)
{
  gboolean stops
      = nmd_experiment_session_get_phase (self->experiments) == NMD_EXPERIMENT_STOPPING;

  if (stops && !self->was_experiment_stopped)
    set_paused (self, TRUE);
  self->was_experiment_stopped = stops;
  renew (self);
}

/* The list */

void
nmd_run_queue_add (NmdRunQueue *self, const char *network, gboolean quick_look)
{
  g_return_if_fail (NMD_IS_RUN_QUEUE (self) && network != NULL);

  NmdTrainSettings *settings
      = nmd_training_session_make_settings (self->training, network);
  if (settings == NULL)
    return;
  g_autoptr (NmdQueueItem) item = make_item (settings, quick_look);
  g_list_store_append (self->list, item);
  renew (self);
}

gboolean
nmd_run_queue_move (NmdRunQueue *self, guint position, int by)
{
  g_return_val_if_fail (NMD_IS_RUN_QUEUE (self) && (by == 1 || by == -1), FALSE);

  guint first = by < 0 ? position - 1 : position;
  if ((by < 0 && position == 0) || first + 1 >= nmd_run_queue_get_n (self))
    return FALSE;
  g_autoptr (NmdQueueItem) one = g_list_model_get_item (G_LIST_MODEL (self->list), first);
  g_autoptr (NmdQueueItem) other
      = g_list_model_get_item (G_LIST_MODEL (self->list), first + 1);
  gpointer items[] = { other, one };
  g_list_store_splice (self->list, first, 2, items, 2);
  return TRUE;
}

void
nmd_run_queue_remove (NmdRunQueue *self, guint position)
{
  g_return_if_fail (NMD_IS_RUN_QUEUE (self) && position < nmd_run_queue_get_n (self));
  g_list_store_remove (self->list, position);
  if (nmd_run_queue_get_n (self) == 0)
    set_paused (self, FALSE);
}

void
nmd_run_queue_go_on (NmdRunQueue *self)
{
  g_return_if_fail (NMD_IS_RUN_QUEUE (self));
  set_paused (self, FALSE);
  renew (self);
}

GListModel *
nmd_run_queue_get_list (NmdRunQueue *self)
{
  g_return_val_if_fail (NMD_IS_RUN_QUEUE (self), NULL);
  return G_LIST_MODEL (self->list);
}

guint
nmd_run_queue_get_n (NmdRunQueue *self)
{
  g_return_val_if_fail (NMD_IS_RUN_QUEUE (self), 0);
  return g_list_model_get_n_items (G_LIST_MODEL (self->list));
}

gboolean
nmd_run_queue_is_paused (NmdRunQueue *self)
{
  g_return_val_if_fail (NMD_IS_RUN_QUEUE (self), FALSE);
  return self->paused;
}

gboolean
nmd_run_queue_is_busy (NmdRunQueue *self)
{
  g_return_val_if_fail (NMD_IS_RUN_QUEUE (self), FALSE);
  return self->busy;
}

/* Object */

static void
nmd_run_queue_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  NmdRunQueue *self = NMD_RUN_QUEUE (object);

  if (id == PROP_PAUSED)
    g_value_set_boolean (value, self->paused);
  else if (id == PROP_BUSY)
    g_value_set_boolean (value, self->busy);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
nmd_run_queue_finalize (GObject *object)
{
  NmdRunQueue *self = NMD_RUN_QUEUE (object);

  g_clear_handle_id (&self->next, g_source_remove);
  g_clear_object (&self->followed);
  g_clear_object (&self->list);
  g_clear_object (&self->notices);
  g_clear_object (&self->training);
  g_clear_object (&self->experiments);
  G_OBJECT_CLASS (nmd_run_queue_parent_class)->finalize (object);
}

static void
nmd_run_queue_class_init (NmdRunQueueClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags
      = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = nmd_run_queue_get_property;
  object_class->finalize = nmd_run_queue_finalize;
  properties[PROP_PAUSED] = g_param_spec_boolean ("paused", NULL, NULL, FALSE, flags);
  properties[PROP_BUSY] = g_param_spec_boolean ("busy", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
nmd_run_queue_init (NmdRunQueue *self)
{
  self->list = g_list_store_new (NMD_TYPE_QUEUE_ITEM);
}

NmdRunQueue *
nmd_run_queue_new (NmdNotices *notices,
                   NmdTrainingSession *training,
                   NmdExperimentSession *experiments)
{
  g_return_val_if_fail (NMD_IS_NOTICES (notices), NULL);
  g_return_val_if_fail (NMD_IS_TRAINING_SESSION (training), NULL);
  g_return_val_if_fail (NMD_IS_EXPERIMENT_SESSION (experiments), NULL);

  NmdRunQueue *self = g_object_new (NMD_TYPE_RUN_QUEUE, NULL);
  self->notices = g_object_ref (notices);
  self->training = g_object_ref (training);
  self->experiments = g_object_ref (experiments);
  g_signal_connect_object (training, "notify::training", G_CALLBACK (on_training), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (training, "notify::job", G_CALLBACK (renew), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (experiments, "changed", G_CALLBACK (on_experiment), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (experiments, "notify::job", G_CALLBACK (on_experiment), self,
                           G_CONNECT_SWAPPED);
  return self;
}
