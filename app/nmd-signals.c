/* SPDX-License-Identifier: Apache-2.0
 *
 * Ctrl-C and SIGTERM: a thread of its own waits for them, so that they are seen
 * whatever the command is busy with.
 */
#include "app/nmd-signals.h"

#include "app/nmd-command.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Seconds after which a command that did not look at its cancellable is ended. */
#define GRACE_SECONDS 3

static GCancellable *stop;
static int in_order; /* atomic: nmd_command_stop_in_order() was called */

GCancellable *
nmd_command_get_cancellable (void)
{
  if (stop == NULL)
    stop = g_cancellable_new ();
  return stop;
}

void
nmd_command_stop_in_order (void)
{
  g_atomic_int_set (&in_order, 1);
}

static void
end_at_once (void)
{
  static const char said[] = "Stopped\n";

  /* not by stdio, whose lock the main thread may hold */
  if (write (STDERR_FILENO, said, sizeof said - 1) < 0)
    _exit (NMD_EXIT_STOPPED);
  _exit (NMD_EXIT_STOPPED);
}

static void *
wait_for_signals (void *data)
{
  sigset_t *set = data;
  const struct timespec grace = { .tv_sec = GRACE_SECONDS };
  int number = 0;

  if (sigwait (set, &number) != 0)
    return NULL;
  g_cancellable_cancel (stop);
  if (sigtimedwait (set, NULL, &grace) < 0 && g_atomic_int_get (&in_order))
    sigwait (set, &number);
  end_at_once ();
  return NULL;
}

void
nmd_command_catch_signals (void)
{
  static sigset_t set;
  pthread_t thread;

  nmd_command_get_cancellable ();
  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  pthread_sigmask (SIG_BLOCK, &set, NULL); /* inherited by every later thread */
  if (pthread_create (&thread, NULL, wait_for_signals, &set) == 0)
    pthread_detach (thread);
}
