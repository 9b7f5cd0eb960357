/* SPDX-License-Identifier: Apache-2.0
 *
 * A timeout of the highest priority that notes how late it comes.
 */
#include "ui/nmd-stall-meter.h"

#include <stdio.h>

#define INTERVAL_MS 5

struct _NmdStallMeter
{
  char *log;
  GSource *source;
  gint64 last;
  gint64 longest; /* microseconds beyond the interval */
  gint64 longest_ever;
  guint n_long; /* over 16 ms */
};

static gboolean
on_tick (gpointer data)
{
  NmdStallMeter *self = data;
  gint64 now = g_get_monotonic_time ();
  gint64 late = now - self->last - INTERVAL_MS * 1000;

  self->longest = MAX (self->longest, late);
  self->longest_ever = MAX (self->longest_ever, late);
  self->n_long += late > 16000;
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

void
nmd_stall_meter_stop (NmdStallMeter *self)
{
  if (self == NULL)
    return;
  g_autofree char *text
      = g_strdup_printf ("longest main-loop stall %.1f ms, %u over 16 ms\n",
                         (double)self->longest_ever / 1000, self->n_long);
  if (g_strcmp0 (self->log, "-") == 0)
    fputs (text, stderr);
  else
    g_file_set_contents (self->log, text, -1, NULL);
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_free (self->log);
  g_free (self);
}
