/* SPDX-License-Identifier: Apache-2.0
 *
 * Jobs: nothing lost, everything in order, one end whatever happens. Built to run under
 * ThreadSanitizer as well.
 */
#include "engine/core/nmd-job.h"

#include <pthread.h>

#define N_RECORDS 5000

typedef struct
{
  int n_records, n_ends, n_notified;
  gboolean in_order, after_end, free_elsewhere;
  int result;
  GError *error;
  GMainLoop *loop;
  double last_fraction;
} Seen;

static Seen *
seen_new (void)
{
  Seen *seen = g_new0 (Seen, 1);

  seen->in_order = TRUE;
  seen->result = -1;
  seen->loop = g_main_loop_new (NULL, FALSE);
  return seen;
}

static void
seen_free (Seen *seen)
{
  g_clear_error (&seen->error);
  g_main_loop_unref (seen->loop);
  g_free (seen);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Seen, seen_free)

static void
record_cb (NmdJob *job, gpointer record, gpointer user_data)
{
  Seen *seen = user_data;

  seen->in_order &= *(int *)record == seen->n_records;
  seen->after_end |= seen->n_ends > 0;
  seen->n_records++;
}

static void
fraction_cb (NmdJob *job, GParamSpec *spec, gpointer user_data)
{
  Seen *seen = user_data;

  seen->n_notified++;
  g_assert_cmpfloat (nmd_job_get_fraction (job), >, seen->last_fraction);
  seen->last_fraction = nmd_job_get_fraction (job);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Seen *seen = user_data;
  g_autofree int *value = nmd_job_finish (NMD_JOB (source), result, &seen->error);

  g_assert_false (nmd_job_get_running (NMD_JOB (source)));
  if (value != NULL)
    seen->result = *value;
  seen->n_ends++;
  g_main_loop_quit (seen->loop);
}

static int *
new_int (int value)
{
  int *copy = g_new (int, 1);

  *copy = value;
  return copy;
}

static gpointer
count_func (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  const int n = *(const int *)input;

  for (int i = 0; i < n; i++)
    {
      if (i % 25 == 0)
        g_usleep (1000);
      nmd_job_report (job, (i + 1.0) / n, new_int (i));
    }
  return new_int (n);
}

static NmdJob *
start (NmdThread thread, const char *kind, NmdJobFunc func, int input, Seen *seen)
{
  NmdJob *job = nmd_job_start (thread, kind, "A test", func, new_int (input), g_free,
                               g_free, g_free, done_cb, seen);

  g_signal_connect (job, "record", G_CALLBACK (record_cb), seen);
  g_signal_connect (job, "notify::fraction", G_CALLBACK (fraction_cb), seen);
  return job;
}

static void
wait_for (Seen *seen)
{
  while (seen->n_ends == 0)
    g_main_loop_run (seen->loop);
}

static void
test_records (void)
{
  static const NmdThread threads[] = { NMD_THREAD_WORK, NMD_THREAD_ASK, NMD_THREAD_POOL };

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autoptr (Seen) seen = seen_new ();
      gint64 began = g_get_monotonic_time ();
      g_autoptr (NmdJob) job = start (threads[i], NULL, count_func, N_RECORDS, seen);
      double seconds;

      g_assert_true (nmd_job_get_running (job));
      g_assert_cmpstr (nmd_job_get_title (job), ==, "A test");
      wait_for (seen);
      seconds = (double)(g_get_monotonic_time () - began) / 1e6;
      g_assert_no_error (seen->error);
      g_assert_cmpint (seen->n_records, ==, N_RECORDS);
      g_assert_true (seen->in_order);
      g_assert_false (seen->after_end);
      g_assert_cmpint (seen->result, ==, N_RECORDS);
      g_assert_cmpint (seen->n_notified, >=, 1);
      g_assert_cmpfloat (seen->n_notified, <=, 1 + seconds * 10);
      for (int j = 0; j < 20; j++)
        g_main_context_iteration (NULL, FALSE);
      g_assert_cmpint (seen->n_ends, ==, 1);
      g_assert_finalize_object (g_steal_pointer (&job));
    }
}

/* Works until stopped, then hands over what it has and says so. */
static gpointer
until_stopped_func (NmdJob *job,
                    gconstpointer input,
                    GCancellable *cancellable,
                    GError **error)
{
  int i = 0;

  while (i < 10 || !g_cancellable_is_cancelled (cancellable))
    {
      if (i < 10)
        nmd_job_report (job, -1, new_int (i));
      i++;
      g_usleep (1000);
    }
  g_cancellable_set_error_if_cancelled (cancellable, error);
  return new_int (*(const int *)input);
}

static void
test_cancel (void)
{
  g_autoptr (Seen) seen = seen_new ();
  g_autoptr (Seen) waiting = seen_new ();
  g_autoptr (NmdJob) job = start (NMD_THREAD_WORK, NULL, until_stopped_func, 42, seen);
  g_autoptr (NmdJob) second
      = start (NMD_THREAD_WORK, NULL, until_stopped_func, 43, waiting);

  g_assert_true (nmd_thread_is_busy (NMD_THREAD_WORK));
  nmd_job_cancel (second); /* ends without having run */
  wait_for (waiting);
  g_assert_error (waiting->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (waiting->result, ==, -1);
  g_assert_cmpint (seen->n_ends, ==, 0);

  while (seen->n_records == 0) /* a busy machine may start it late */
    g_main_context_iteration (NULL, TRUE);
  nmd_job_cancel (job);
  wait_for (seen);
  g_assert_error (seen->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (seen->result, ==, 42);
  g_assert_cmpint (seen->n_records, ==, 10);
  g_assert_true (seen->in_order);
  g_assert_false (nmd_thread_is_busy (NMD_THREAD_WORK));
}

static int n_held; /* atomic: reached nmd_job_hold() */

static gpointer
held_func (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  const int n = *(const int *)input;

  for (int i = 0; i < n; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      nmd_job_report (job, -1, new_int (i));
      g_atomic_int_inc (&n_held);
      nmd_job_hold (job);
    }
  return new_int (n);
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int n_at_gate; /* atomic */

static gpointer
gate_func (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  g_atomic_int_inc (&n_at_gate);
  pthread_mutex_lock (&gate);
  pthread_mutex_unlock (&gate);
  return new_int (*(const int *)input);
}

/* Paused while it waits behind another job, so that it stands at its first hold. */
static NmdJob *
start_paused (int n, Seen *seen)
{
  g_autoptr (Seen) before = seen_new ();
  g_autoptr (NmdJob) first = NULL;
  NmdJob *job;

  g_atomic_int_set (&n_held, 0);
  pthread_mutex_lock (&gate);
  first = start (NMD_THREAD_WORK, NULL, gate_func, 0, before);
  job = start (NMD_THREAD_WORK, NULL, held_func, n, seen);
  nmd_job_set_paused (job, TRUE);
  pthread_mutex_unlock (&gate);
  wait_for (before);
  while (seen->n_records == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (nmd_job_get_paused (job));
  return job;
}

/* It waits until it is let go on; stopping ends the wait, whoever stops it. */
static void
test_pause (void)
{
  for (int way = 0; way < 3; way++)
    {
      g_autoptr (Seen) seen = seen_new ();
      g_autoptr (NmdJob) job = start_paused (5, seen);

      for (int i = 0; i < 20; i++)
        {
          g_usleep (2000);
          g_main_context_iteration (NULL, FALSE);
        }
      g_assert_cmpint (g_atomic_int_get (&n_held), <=, 1);
      g_assert_cmpint (seen->n_records, ==, 1);
      g_assert_cmpint (seen->n_ends, ==, 0);
      if (way == 0)
        nmd_job_set_paused (job, FALSE);
      else if (way == 1)
        nmd_job_cancel (job);
      else
        nmd_job_stop_all ();
      wait_for (seen);
      if (way == 0)
        g_assert_no_error (seen->error);
      else
        g_assert_error (seen->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpint (seen->n_records, ==, way == 0 ? 5 : 1);
      g_assert_true (seen->in_order);
    }
}

static void
test_replacement (void)
{
  Seen *seen[5];
  NmdJob *jobs[5];
  static const char *const kinds[5]
      = { "preview", "preview", "cam", "preview", "preview" };

  g_atomic_int_set (&n_at_gate, 0);
  pthread_mutex_lock (&gate);
  for (int i = 0; i < 5; i++)
    {
      seen[i] = seen_new ();
      jobs[i] = start (NMD_THREAD_ASK, kinds[i], gate_func, i, seen[i]);
      while (i == 0 && g_atomic_int_get (&n_at_gate) == 0)
        g_usleep (1000); /* the first one runs from here on, the others wait */
    }
  wait_for (seen[1]);
  wait_for (seen[3]);
  pthread_mutex_unlock (&gate);
  for (int i = 0; i < 5; i++)
    {
      gboolean replaced = i == 1 || i == 3;

      wait_for (seen[i]);
      g_assert_cmpint (seen[i]->result, ==, replaced ? -1 : i);
      if (replaced)
        g_assert_error (seen[i]->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      else
        g_assert_no_error (seen[i]->error);
      g_object_unref (jobs[i]);
      seen_free (seen[i]);
    }
}

static int n_made, n_destroyed; /* the work thread's, then read after the join */

static gpointer
make_data (void)
{
  n_made++;
  return new_int (7);
}

static void
destroy_data (gpointer data)
{
  n_destroyed++;
  g_free (data);
}

static gpointer
data_func (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  return new_int (*(int *)nmd_thread_data (job, "session", make_data, destroy_data));
}

static void
test_stop_all (void)
{
  Seen *seen[8];
  NmdJob *jobs[8];

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (Seen) one = seen_new ();
      g_autoptr (NmdJob) job = start (NMD_THREAD_WORK, NULL, data_func, 0, one);

      wait_for (one);
      g_assert_cmpint (one->result, ==, 7);
    }
  for (int i = 0; i < 8; i++)
    {
      seen[i] = seen_new ();
      jobs[i] = start (i % 3, NULL, until_stopped_func, i, seen[i]);
    }
  g_usleep (20000);
  nmd_job_stop_all ();
  g_assert_cmpint (n_made, ==, 1);
  g_assert_cmpint (n_destroyed, ==, 1);
  for (int i = 0; i < 8; i++)
    {
      wait_for (seen[i]);
      g_assert_error (seen[i]->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
  for (int i = 0; i < 8; i++)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_assert_cmpint (seen[i]->n_ends, ==, 1);
      g_assert_finalize_object (jobs[i]);
      seen_free (seen[i]);
    }
  nmd_job_stop_all (); /* nothing runs: nothing happens */
}

/* The end goes to the context that was the starting thread's own. */
static void
test_context (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (Seen) seen = seen_new ();
  g_autoptr (NmdJob) job = NULL;

  g_main_context_push_thread_default (context);
  job = start (NMD_THREAD_POOL, NULL, count_func, 3, seen);
  g_main_context_pop_thread_default (context);
  g_usleep (50000);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (seen->n_ends, ==, 0);
  while (seen->n_ends == 0)
    g_main_context_iteration (context, TRUE);
  g_assert_cmpint (seen->n_records, ==, 3);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/records", test_records);
  g_test_add_func ("/job/cancel", test_cancel);
  g_test_add_func ("/job/pause", test_pause);
  g_test_add_func ("/job/replacement", test_replacement);
  g_test_add_func ("/job/context", test_context);
  g_test_add_func ("/job/stop-all", test_stop_all);
  status = g_test_run ();
  nmd_job_stop_all ();
  return status;
}
