/* SPDX-License-Identifier: Apache-2.0
 *
 * A count of those that go first, and a lock only where somebody waits for it to become 0.
 */
#include "engine/core/nmd-right-of-way.h"

#include <pthread.h>
#include <time.h>

static int n_taken;   /* atomic */
static int n_waiting; /* atomic; changes under the lock */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;

static _Thread_local gboolean gives;
static _Thread_local gint64 free_until_us; /* monotonic time */

void
nmd_right_of_way_take (void)
{
  g_atomic_int_inc (&n_taken);
}

void
nmd_right_of_way_end (void)
{
  g_return_if_fail (g_atomic_int_get (&n_taken) > 0);
  if (!g_atomic_int_dec_and_test (&n_taken) || g_atomic_int_get (&n_waiting) == 0)
    return;
  pthread_mutex_lock (&lock);
  pthread_cond_broadcast (&ended);
  pthread_mutex_unlock (&lock);
}

void
nmd_right_of_way_set_gives (gboolean set)
{
  gives = set;
}

gboolean
nmd_right_of_way_get_gives (void)
{
  return gives;
}

void
nmd_right_of_way_give (void)
{
  struct timespec until = { 0 };

  if (!gives || g_atomic_int_get (&n_taken) == 0
      || g_get_monotonic_time () < free_until_us)
    return;
  clock_gettime (CLOCK_REALTIME, &until);
  until.tv_nsec += NMD_RIGHT_OF_WAY_LONGEST_US * 1000L;
  until.tv_sec += until.tv_nsec / 1000000000L;
  until.tv_nsec %= 1000000000L;
  pthread_mutex_lock (&lock);
  g_atomic_int_inc (&n_waiting);
  while (g_atomic_int_get (&n_taken) > 0)
    if (pthread_cond_timedwait (&ended, &lock, &until) != 0)
      {
        free_until_us = g_get_monotonic_time () + NMD_RIGHT_OF_WAY_LONGEST_US;
        break;
      }
  g_atomic_int_add (&n_waiting, -1);
  pthread_mutex_unlock (&lock);
}
