/* SPDX-License-Identifier: Apache-2.0
 *
 * A timeout of the highest priority that notes how late it comes.
 */
#include "ui/window/nmd-stall-meter.h"

#include "engine/core/nmd-file.h"

#include <stdio.h>
#include <time.h>

#define INTERVAL_MS 5

struct _NmdStallMeter
{
  char *log;
  GSource *source;
  gint64 last;
  gint64 longest; /* microseconds beyond the interval */
  gint64 longest_ever;
  /* This thread's processor time: what the program itself did, whoever else is running.
   */
  gint64 last_cpu;
  gint64 longest_cpu;       /* of one turn */
  gint64 longest_taken_cpu; /* since nmd_stall_meter_take_busy() */
  guint n_long;             /* turns that computed for over 16 ms */
};

static gint64
thread_time (void)
{
  struct timespec now = { 0 };

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static gboolean
on_tick (gpointer data)
{
  NmdStallMeter *self = data;
  gint64 now = g_get_monotonic_time ();
  gint64 late = now - self->last - INTERVAL_MS * 1000;
  gint64 cpu = thread_time ();
  gint64 busy = cpu - self->last_cpu;

  self->last_cpu = cpu;
  self->longest_cpu = MAX (self->longest_cpu, busy);
  self->longest_taken_cpu = MAX (self->longest_taken_cpu, busy);
  if (busy > 16000)
    g_debug ("busy for %.1f ms", (double)busy / 1000);
  self->longest = MAX (self->longest, late);
  self->longest_ever = MAX (self->longest_ever, late);
  self->n_long += busy > 16000;
  self->last = now;
  return G_SOURCE_CONTINUE;
}

NmdStallMeter *
nmd_stall_meter_start (const char *log)
{
  if (log == NULL)
    return NULL;

  NmdStallMeter *self = g_new0 (NmdStallMeter, 1);
  self->log = g_strdup (log);
  self->last = g_get_monotonic_time ();
  self->last_cpu = thread_time ();
  self->source = g_timeout_source_new (INTERVAL_MS);
  g_source_set_priority (self->source, G_PRIORITY_HIGH);
  g_source_set_callback (self->source, on_tick, self, NULL);
  g_source_attach (self->source, NULL);
  return self;
}

double
nmd_stall_meter_take (NmdStallMeter *self)
{
  if (self == NULL)
    return 0;
  /* A stall that is still going on counts as well. */
  gint64 since = g_get_monotonic_time () - self->last - INTERVAL_MS * 1000;
  double longest = (double)MAX (self->longest, since) / 1000;
  self->longest = 0;
  return longest;
}

double
nmd_stall_meter_take_busy (NmdStallMeter *self)
{
  if (self == NULL)
    return 0;
  double longest = (double)self->longest_taken_cpu / 1000;
  self->longest_taken_cpu = 0;
  return longest;
}

void
nmd_stall_meter_stop (NmdStallMeter *self)
{
  if (self == NULL)
    return;
  g_autofree char *text = g_strdup_printf (
      "longest main-loop stall %.1f ms; longest turn computed %.1f ms, %u over 16 ms\n",
      (double)self->longest_ever / 1000, (double)self->longest_cpu / 1000, self->n_long);
  if (g_strcmp0 (self->log, "-") == 0)
    fputs (text, stderr);
  else
    nmd_file_write_text (self->log, text,
                         NULL); /* which leaves a device such as /dev/null in its place */
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_free (self->log);
  g_free (self);
}
