/* SPDX-License-Identifier: Apache-2.0
 *
 * Turns of the main loop: who waits while one lasts.
 */
#include "engine/core/nmd-job.h"
#include "engine/core/nmd-right-of-way.h"
#include "tests/ui/screen.h"

static int in_turn; /* atomic: a turn that lasts */
static int n_ended; /* jobs */

static gpointer
give (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  gboolean in_between = FALSE;

  while (g_atomic_int_get (&in_turn) == 0)
    g_usleep (500);
  nmd_right_of_way_give ();
  in_between = g_atomic_int_get (&in_turn) == 0;
  return GINT_TO_POINTER (in_between);
}

static void
on_ended (GObject *job, GAsyncResult *result, gpointer waited)
{
  *(int *)waited = GPOINTER_TO_INT (nmd_job_finish (NMD_JOB (job), result, NULL));
  n_ended++;
}

static gboolean
last (gpointer data)
{
  g_atomic_int_set (&in_turn, 1);
  g_usleep (NMD_RIGHT_OF_WAY_LONGEST_US / 4);
  g_atomic_int_set (&in_turn, 0);
  return G_SOURCE_REMOVE;
}

static gboolean
has_ended (void)
{
  return n_ended > 0;
}

/* A job of the training's thread goes on when the turn is over. */
static void
test_right_of_way (void)
{
  int waited = 0;
  g_autoptr (NmdJob) job = nmd_job_start (NMD_THREAD_WORK, NULL, NULL, give, NULL, NULL,
                                          NULL, NULL, on_ended, &waited);

  g_timeout_add (20, last, NULL);
  g_assert_true (screen_wait (has_ended, 20));
  g_assert_true (waited);
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  g_test_add_func ("/turns/right-of-way", test_right_of_way);
  return screen_end (g_test_run ());
}
