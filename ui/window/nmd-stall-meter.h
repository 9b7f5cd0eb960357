/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures how long the main loop was kept from its work: for tests of "the window never blocks".
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _NmdStallMeter NmdStallMeter;

/* Starts measuring. @log: where nmd_stall_meter_stop() writes one line; "-" is standard error,
 * NULL gives no meter (NULL, which the other functions accept). */
NmdStallMeter *nmd_stall_meter_start   (const char    *log);
/* The longest stall so far in milliseconds, and starting again at 0. */
double         nmd_stall_meter_take    (NmdStallMeter *self);
/* Likewise what the longest turn computed: processor time, whoever else uses the machine. */
double         nmd_stall_meter_take_busy (NmdStallMeter *self);
/* Writes the longest stall and how long the longest turn computed, and frees. */
void           nmd_stall_meter_stop    (NmdStallMeter *self);

G_END_DECLS
