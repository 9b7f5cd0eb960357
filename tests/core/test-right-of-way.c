/* SPDX-License-Identifier: Apache-2.0
 *
 * The right of way: who waits, how long, and for whom.
 */
#include "engine/core/nmd-job.h"
#include "engine/core/nmd-right-of-way.h"

#include <pthread.h>

#define LONGEST_S (NMD_RIGHT_OF_WAY_LONGEST_US / 1e6)

typedef struct
{
  gboolean gives;
  int n_times; /* it gives the right of way */
  double waited[2];
  int passed; /* atomic */
} Giver;

static void *
give (void *data)
{
  Giver *self = data;

  nmd_right_of_way_set_gives (self->gives);
  g_assert_cmpint (nmd_right_of_way_get_gives (), ==, self->gives);
  for (int i = 0; i < self->n_times; i++)
    {
      const gint64 start = g_get_monotonic_time ();
      nmd_right_of_way_give ();
      self->waited[i] = (double)(g_get_monotonic_time () - start) / 1e6;
      g_atomic_int_inc (&self->passed);
    }
  return NULL;
}

static pthread_t
start (Giver *giver)
{
  pthread_t thread;

  g_assert_cmpint (pthread_create (&thread, NULL, give, giver), ==, 0);
  return thread;
}

/* Nobody waits who did not say that it gives, nor where nobody goes first. */
static void
test_at_once (void)
{
  Giver other = { FALSE, 2 }, alone = { TRUE, 2 };
  pthread_t thread;

  nmd_right_of_way_take ();
  thread = start (&other);
  pthread_join (thread, NULL);
  nmd_right_of_way_end ();
  g_assert_cmpfloat (other.waited[0] + other.waited[1], <, LONGEST_S);

  thread = start (&alone);
  pthread_join (thread, NULL);
  g_assert_cmpfloat (alone.waited[0] + alone.waited[1], <, LONGEST_S);
}

/* It waits until the last of those that go first has ended. */
static void
test_until_end (void)
{
  Giver giver = { TRUE, 1 };
  pthread_t thread;

  nmd_right_of_way_take ();
  nmd_right_of_way_take ();
  thread = start (&giver);
  g_usleep (20000);
  nmd_right_of_way_end ();
  g_usleep (20000);
  g_assert_cmpint (g_atomic_int_get (&giver.passed), ==, 0);
  nmd_right_of_way_end ();
  pthread_join (thread, NULL);
  g_assert_cmpfloat (giver.waited[0], >, 0.02);
}

/* Not for ever, and not again at once. */
static void
test_longest (void)
{
  Giver giver = { TRUE, 2 };
  pthread_t thread;

  nmd_right_of_way_take ();
  thread = start (&giver);
  pthread_join (thread, NULL);
  nmd_right_of_way_end ();
  g_assert_cmpfloat (giver.waited[0], >, 0.9 * LONGEST_S);
  g_assert_cmpfloat (giver.waited[1], <, 0.9 * LONGEST_S);
}

static gpointer
ask (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  return GINT_TO_POINTER (nmd_right_of_way_get_gives () ? 1 : 2);
}

static void
on_done (GObject *job, GAsyncResult *result, gpointer answer)
{
  *(int *)answer = GPOINTER_TO_INT (nmd_job_finish (NMD_JOB (job), result, NULL));
}

/* A training gives it; what somebody waits for does not. */
static void
test_jobs (void)
{
  const NmdThread threads[] = { NMD_THREAD_WORK, NMD_THREAD_ASK, NMD_THREAD_POOL };

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      int answer = 0;
      g_autoptr (NmdJob) job = nmd_job_start (threads[i], NULL, NULL, ask, NULL, NULL,
                                              NULL, NULL, on_done, &answer);
      while (answer == 0)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpint (answer, ==, threads[i] == NMD_THREAD_WORK ? 1 : 2);
    }
  nmd_job_stop_all ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/right-of-way/at-once", test_at_once);
  g_test_add_func ("/right-of-way/until-end", test_until_end);
  g_test_add_func ("/right-of-way/longest", test_longest);
  g_test_add_func ("/right-of-way/jobs", test_jobs);
  return g_test_run ();
}
