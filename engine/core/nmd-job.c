/* SPDX-License-Identifier: Apache-2.0
 *
 * Jobs and the engine's threads (nmd-job.h). Two hand-overs happen here: a job goes to a
 * thread through its lane's queue, and reports and the end come back through the job's
 * mailbox, emptied by a source on the context that started it. Both are guarded by
 * pthread locks, which ThreadSanitizer sees. The GTask is touched by the starting thread
 * only.
 */
#include "engine/core/nmd-job.h"

#include "engine/core/nmd-right-of-way.h"

#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOTIFY_INTERVAL_US 100000
#define WORK_NICE 14
#define ASK_NICE 9 /* answers give way to the main loop, and take from a training */
#define MAX_LANE_THREADS 2

struct _NmdJob
{
  GObject parent;

  /* Set before the job is queued, then only read. */
  NmdThread thread;
  char *kind, *title;
  NmdJobFunc func;
  gpointer input;
  GDestroyNotify input_free, record_free, result_free;
  GCancellable *cancellable;
  GMainContext *context;

  /* The mailbox; lock. */
  pthread_mutex_t lock;
  GQueue records;
  double reported;     /* last fraction reported */
  GSource *delivery;   /* attached and has not run; a reference */
  gint64 delivered_at; /* monotonic time of the last delivery */
  gboolean ended;
  gpointer result;
  GError *error;
  gboolean paused;
  pthread_cond_t go_on; /* no longer paused, or cancelled */

  /* Owned by the starting thread. */
  GTask *task;
  double fraction;
  gint64 notified_at;
  gboolean running;
};

typedef struct
{
  char *key;
  gpointer data;
  GDestroyNotify destroy;
} ThreadData;

typedef struct
{
  struct _Lane *lane;
  pthread_t id;
  NmdJob *job; /* what it runs; lane's lock */
  GCancellable
      *cancellable; /* its; lane's lock; a reference, the job may end at any moment */
  GSList *data;     /* ThreadData; the thread's own */
} Worker;

typedef struct _Lane
{
  int n_wanted, nice;
  GQueue waiting; /* NmdJob, references; all fields below: lock */
  Worker workers[MAX_LANE_THREADS];
  int n_workers;
  gboolean stopping;
  pthread_mutex_t lock;
  pthread_cond_t wake;
} Lane;

static Lane lanes[] = {
  [NMD_THREAD_WORK] = { .n_wanted = 1,
                        .nice = WORK_NICE,
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .wake = PTHREAD_COND_INITIALIZER },
  [NMD_THREAD_ASK] = { .n_wanted = 1,
                       .nice = ASK_NICE,
                       .lock = PTHREAD_MUTEX_INITIALIZER,
                       .wake = PTHREAD_COND_INITIALIZER },
  [NMD_THREAD_POOL] = { .n_wanted = 2,
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .wake = PTHREAD_COND_INITIALIZER },
};

static _Thread_local Worker *current;

enum
{
  PROP_0,
  PROP_FRACTION,
  PROP_TITLE,
  PROP_RUNNING,
  N_PROPS,
};

typedef struct
{
  NmdJobWatch watch;
  gpointer data;
} Watch;

static GSList *watches; /* of Watch; the starting thread's */

static GParamSpec *properties[N_PROPS];
static guint record_signal;

G_DEFINE_FINAL_TYPE (NmdJob, nmd_job, G_TYPE_OBJECT)

static void
nmd_job_finalize (GObject *object)
{
  NmdJob *self = NMD_JOB (object);
  gpointer record;

  while ((record = g_queue_pop_head (&self->records)) != NULL)
    if (self->record_free != NULL)
      self->record_free (record);
  if (self->result != NULL && self->result_free != NULL)
    self->result_free (self->result);
  if (self->input != NULL && self->input_free != NULL)
    self->input_free (self->input);
  g_clear_error (&self->error);
  g_clear_object (&self->task);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self->kind);
  g_free (self->title);
  pthread_cond_destroy (&self->go_on);
  pthread_mutex_destroy (&self->lock);
  G_OBJECT_CLASS (nmd_job_parent_class)->finalize (object);
}

static void
nmd_job_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  NmdJob *self = NMD_JOB (object);

  switch (id)
    {
    case PROP_FRACTION:
      g_value_set_double (value, self->fraction);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, self->running);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
nmd_job_class_init (NmdJobClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = nmd_job_finalize;
  object_class->get_property = nmd_job_get_property;
  properties[PROP_FRACTION]
      = g_param_spec_double ("fraction", NULL, NULL, 0, 1, 0, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  record_signal = g_signal_new ("record", NMD_TYPE_JOB, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
nmd_job_init (NmdJob *self)
{
  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->go_on, NULL);
  g_queue_init (&self->records);
}

/* Starting thread: hands on what the mailbox holds; all records before the end. */
static gboolean
deliver_cb (gpointer user_data)
{
  NmdJob *self = user_data;
  GQueue records;
  gint64 now = g_get_monotonic_time ();
  double fraction;
  gboolean ended;
  gpointer record;
  GSource *delivery;

  pthread_mutex_lock (&self->lock);
  records = self->records;
  g_queue_init (&self->records);
  fraction = self->reported;
  ended = self->ended;
  delivery = g_steal_pointer (&self->delivery);
  self->delivered_at = now;
  pthread_mutex_unlock (&self->lock);
  if (delivery != NULL)
    {
      if (delivery != g_main_current_source ())
        g_source_destroy (delivery); /* overtaken by the end */
      g_source_unref (delivery);
    }

  while ((record = g_queue_pop_head (&records)) != NULL)
    {
      g_signal_emit (self, record_signal, 0, record);
      if (self->record_free != NULL)
        self->record_free (record);
    }
  if (fraction != self->fraction)
    {
      self->fraction = fraction;
      if (self->notified_at == 0 || now - self->notified_at >= NOTIFY_INTERVAL_US)
        {
          self->notified_at = now;
          g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FRACTION]);
        }
    }
  /* A delivery that was under way when the end was posted may find it here already: once
   * only. */
  if (ended && self->task != NULL)
    {
      g_autoptr (GTask) task = g_steal_pointer (&self->task);

      self->running = FALSE;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
      g_task_return_boolean (task, TRUE);
    }
  return G_SOURCE_REMOVE;
}

/* Mailbox locked: attaches a delivery, at most ten a second. The source owns a reference
 * to the job, so that the last one goes where it runs. */
static void
attach_delivery (NmdJob *self)
{
  gint64 wait_us = self->delivered_at + NOTIFY_INTERVAL_US - g_get_monotonic_time ();

  self->delivery = wait_us > 0 ? g_timeout_source_new ((guint)((wait_us + 999) / 1000))
                               : g_idle_source_new ();
  g_source_set_priority (self->delivery, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->delivery, deliver_cb, g_object_ref (self), g_object_unref);
  g_source_attach (self->delivery, self->context);
}

/* The end, posted once; takes @result, @error and the caller's reference to @self. The
 * delivery cannot pass the lock before we leave it; after that @self may be gone. */
static void
post_end (NmdJob *self, gpointer result, GError *error)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver_cb, self, g_object_unref);
  pthread_mutex_lock (&self->lock);
  self->result = result;
  self->error = error;
  self->ended = TRUE;
  g_source_attach (source, self->context);
  g_source_unref (source);
  pthread_mutex_unlock (&self->lock);
}

static void
post_cancelled (NmdJob *self)
{
  post_end (
      self, NULL,
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Stopped before it began"));
}

static void
clear_thread_data (Worker *worker)
{
  while (worker->data != NULL)
    {
      ThreadData *item = worker->data->data;

      worker->data = g_slist_delete_link (worker->data, worker->data);
      if (item->destroy != NULL && item->data != NULL)
        item->destroy (item->data);
      g_free (item->key);
      g_free (item);
    }
}

/* Runs @job, whose reference it takes: it goes back with the end to the thread that
 * started it. */
static void
run_job (Worker *worker, NmdJob *job)
{
  Lane *lane = worker->lane;
  GError *error = NULL;
  gpointer result = NULL;
  gboolean skip = g_cancellable_is_cancelled (job->cancellable);

  if (!skip)
    result = job->func (job, job->input, job->cancellable, &error);
  pthread_mutex_lock (&lane->lock);
  worker->job = NULL;
  g_clear_object (&worker->cancellable);
  pthread_mutex_unlock (&lane->lock);
  if (skip)
    post_cancelled (job);
  else
    post_end (job, result, error);
}

static void *
worker_main (void *argument)
{
  Worker *worker = argument;
  Lane *lane = worker->lane;

  current = worker;
  nmd_right_of_way_set_gives (lane == &lanes[NMD_THREAD_WORK]);
  /* Linux keeps niceness per thread; the OpenMP team made by this thread inherits it. */
  if (lane->nice != 0)
    (void)setpriority (PRIO_PROCESS, (id_t)syscall (SYS_gettid), lane->nice);

  pthread_mutex_lock (&lane->lock);
  for (;;)
    {
      while (!lane->stopping && g_queue_is_empty (&lane->waiting))
        pthread_cond_wait (&lane->wake, &lane->lock);
      if (lane->stopping)
        break;
      worker->job = g_queue_pop_head (&lane->waiting);
      worker->cancellable = g_object_ref (worker->job->cancellable);
      pthread_mutex_unlock (&lane->lock);
      run_job (worker, worker->job);
      pthread_mutex_lock (&lane->lock);
    }
  pthread_mutex_unlock (&lane->lock);
  clear_thread_data (worker);
  return NULL;
}

/* Lane locked: starts its threads where there are none. */
static void
start_workers (Lane *lane)
{
  while (lane->n_workers < lane->n_wanted)
    {
      Worker *worker = &lane->workers[lane->n_workers];

      *worker = (Worker){ .lane = lane };
      if (pthread_create (&worker->id, NULL, worker_main, worker) != 0)
        {
          if (lane->n_workers == 0)
            g_error ("Could not start a thread");
          break;
        }
      lane->n_workers++;
    }
}

/* Lane locked: takes the waiting job of @kind out of the queue, if there is one. */
static NmdJob *
take_waiting (Lane *lane, const char *kind)
{
  for (GList *l = lane->waiting.head; l != NULL; l = l->next)
    {
      NmdJob *job = l->data;

      if (g_strcmp0 (job->kind, kind) == 0)
        {
          g_queue_delete_link (&lane->waiting, l);
          return job;
        }
    }
  return NULL;
}

NmdJob *
nmd_job_start (NmdThread thread,
               const char *kind,
               const char *title,
               NmdJobFunc func,
               gpointer input,
               GDestroyNotify input_free,
               GDestroyNotify record_free,
               GDestroyNotify result_free,
               GAsyncReadyCallback done,
               gpointer user_data)
{
  Lane *lane;
  NmdJob *self, *replaced = NULL;

  g_return_val_if_fail (thread <= NMD_THREAD_POOL && func != NULL, NULL);

  lane = &lanes[thread];
  self = g_object_new (NMD_TYPE_JOB, NULL);
  self->thread = thread;
  self->kind = g_strdup (kind);
  self->title = g_strdup (title);
  self->func = func;
  self->input = input;
  self->input_free = input_free;
  self->record_free = record_free;
  self->result_free = result_free;
  self->cancellable = g_cancellable_new ();
  self->context = g_main_context_ref_thread_default ();
  self->running = TRUE;
  /* No cancellable of the task's own: it would replace a stopped training's result. */
  self->task = g_task_new (self, NULL, done, user_data);
  g_task_set_check_cancellable (self->task, FALSE);

  pthread_mutex_lock (&lane->lock);
  if (thread == NMD_THREAD_ASK && kind != NULL)
    replaced = take_waiting (lane, kind);
  g_queue_push_tail (&lane->waiting, g_object_ref (self));
  start_workers (lane);
  pthread_cond_signal (&lane->wake);
  pthread_mutex_unlock (&lane->lock);
  if (replaced != NULL)
    {
      g_cancellable_cancel (replaced->cancellable);
      post_cancelled (replaced);
    }
  for (GSList *l = watches; l != NULL; l = l->next)
    ((Watch *)l->data)->watch (self, ((Watch *)l->data)->data);
  return self;
}

void
nmd_job_add_watch (NmdJobWatch watch, gpointer data)
{
  Watch *item = g_new (Watch, 1);

  *item = (Watch){ watch, data };
  watches = g_slist_append (watches, item);
}

void
nmd_job_remove_watch (gpointer data)
{
  for (GSList *l = watches, *next = NULL; l != NULL; l = next)
    {
      next = l->next;
      if (((Watch *)l->data)->data == data)
        {
          g_free (l->data);
          watches = g_slist_delete_link (watches, l);
        }
    }
}

gpointer
nmd_job_finish (NmdJob *self, GAsyncResult *result, GError **error)
{
  gpointer value;
  GError *failure;

  g_return_val_if_fail (NMD_IS_JOB (self) && g_task_is_valid (result, self), NULL);

  pthread_mutex_lock (&self->lock);
  value = g_steal_pointer (&self->result);
  failure = g_steal_pointer (&self->error);
  pthread_mutex_unlock (&self->lock);
  if (failure != NULL)
    g_propagate_error (error, failure);
  return value;
}

void
nmd_job_cancel (NmdJob *self)
{
  Lane *lane;
  gboolean waiting;

  g_return_if_fail (NMD_IS_JOB (self));

  lane = &lanes[self->thread];
  g_cancellable_cancel (self->cancellable);
  pthread_mutex_lock (&lane->lock);
  waiting = g_queue_remove (&lane->waiting, self);
  pthread_mutex_unlock (&lane->lock);
  if (waiting)
    post_cancelled (self);
}

void
nmd_job_set_paused (NmdJob *self, gboolean paused)
{
  g_return_if_fail (NMD_IS_JOB (self));

  pthread_mutex_lock (&self->lock);
  self->paused = paused;
  pthread_cond_broadcast (&self->go_on);
  pthread_mutex_unlock (&self->lock);
}

gboolean
nmd_job_get_paused (NmdJob *self)
{
  gboolean paused;

  g_return_val_if_fail (NMD_IS_JOB (self), FALSE);

  pthread_mutex_lock (&self->lock);
  paused = self->paused;
  pthread_mutex_unlock (&self->lock);
  return paused;
}

/* On the cancelling thread. */
static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  nmd_job_set_paused (data, FALSE);
}

void
nmd_job_hold (NmdJob *self)
{
  gulong handler;

  g_return_if_fail (current != NULL && current->job == self);

  if (!nmd_job_get_paused (self))
    return;
  /* Called at once where it is cancelled already; gone before the job may end. */
  handler
      = g_cancellable_connect (self->cancellable, G_CALLBACK (on_cancelled), self, NULL);
  pthread_mutex_lock (&self->lock);
  while (self->paused)
    pthread_cond_wait (&self->go_on, &self->lock);
  pthread_mutex_unlock (&self->lock);
  g_cancellable_disconnect (self->cancellable, handler);
}

void
nmd_job_report (NmdJob *self, double fraction, gpointer record)
{
  g_return_if_fail (current != NULL && current->job == self);

  pthread_mutex_lock (&self->lock);
  if (fraction >= 0)
    self->reported = MIN (fraction, 1);
  if (record != NULL)
    g_queue_push_tail (&self->records, record);
  if (self->delivery == NULL)
    attach_delivery (self);
  pthread_mutex_unlock (&self->lock);
}

double
nmd_job_get_fraction (NmdJob *self)
{
  g_return_val_if_fail (NMD_IS_JOB (self), 0);

  return self->fraction;
}

const char *
nmd_job_get_title (NmdJob *self)
{
  g_return_val_if_fail (NMD_IS_JOB (self), NULL);

  return self->title;
}

gboolean
nmd_job_get_running (NmdJob *self)
{
  g_return_val_if_fail (NMD_IS_JOB (self), FALSE);

  return self->running;
}

gboolean
nmd_thread_is_busy (NmdThread thread)
{
  Lane *lane;
  gboolean busy;

  g_return_val_if_fail (thread <= NMD_THREAD_POOL, FALSE);

  lane = &lanes[thread];
  pthread_mutex_lock (&lane->lock);
  busy = !g_queue_is_empty (&lane->waiting);
  for (int i = 0; i < lane->n_workers; i++)
    busy |= lane->workers[i].job != NULL;
  pthread_mutex_unlock (&lane->lock);
  return busy;
}

static void
stop_lane (Lane *lane)
{
  GQueue waiting;
  NmdJob *job;
  GCancellable *running[MAX_LANE_THREADS] = { NULL };
  int n_workers;

  pthread_mutex_lock (&lane->lock);
  waiting = lane->waiting;
  g_queue_init (&lane->waiting);
  n_workers = lane->n_workers;
  for (int i = 0; i < n_workers; i++)
    if (lane->workers[i].cancellable != NULL)
      running[i] = g_object_ref (lane->workers[i].cancellable);
  lane->stopping = TRUE;
  pthread_cond_broadcast (&lane->wake);
  pthread_mutex_unlock (&lane->lock);

  while ((job = g_queue_pop_head (&waiting)) != NULL)
    {
      g_cancellable_cancel (job->cancellable);
      post_cancelled (job);
    }
  for (int i = 0; i < n_workers; i++)
    if (running[i] != NULL)
      {
        g_cancellable_cancel (running[i]);
        g_object_unref (running[i]);
      }
  for (int i = 0; i < n_workers; i++)
    pthread_join (lane->workers[i].id, NULL);

  pthread_mutex_lock (&lane->lock);
  lane->n_workers = 0;
  lane->stopping = FALSE;
  pthread_mutex_unlock (&lane->lock);
}

void
nmd_job_stop_all (void)
{
  g_return_if_fail (current == NULL);

  for (guint i = 0; i < G_N_ELEMENTS (lanes); i++)
    stop_lane (&lanes[i]);
}

gpointer
nmd_thread_data (NmdJob *self,
                 const char *key,
                 gpointer (*create) (void),
                 GDestroyNotify destroy)
{
  ThreadData *item;

  g_return_val_if_fail (
      current != NULL && current->job == self && key != NULL && create != NULL, NULL);

  for (GSList *l = current->data; l != NULL; l = l->next)
    {
      item = l->data;
      if (strcmp (item->key, key) == 0)
        return item->data;
    }
  item = g_new0 (ThreadData, 1);
  item->key = g_strdup (key);
  item->data = create ();
  item->destroy = destroy;
  current->data = g_slist_prepend (current->data, item);
  return item->data;
}
