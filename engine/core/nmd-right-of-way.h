/* SPDX-License-Identifier: Apache-2.0
 *
 * Who goes first where a training keeps every processor busy: whoever somebody waits for. Niceness settles who gets a processor;
 * what computes on the others still shares their memory, caches and clock, and the slowest answers wait for it. So the main loop
 * takes the right of way while it works, and a training's threads, between two steps, give it. What is computed does not change.
 * Threads: any.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The longest that a thread waits at once, in microseconds; it then goes on for as long as that before it waits again, so that a
 * training keeps at least half of its time. */
#define NMD_RIGHT_OF_WAY_LONGEST_US 100000

/* From now until its end, once for each take, threads that give the right of way wait. Cheap: no system call where none does. */
void     nmd_right_of_way_take      (void);
void     nmd_right_of_way_end       (void);

/* Whether this thread gives the right of way; no thread does until it says so. A team of threads asks the one that leads it. */
void     nmd_right_of_way_set_gives (gboolean gives);
gboolean nmd_right_of_way_get_gives (void);

/* Called by this thread between two pieces of work of some milliseconds, holding no lock: waits while another has the right of way,
 * if this thread gives it. */
void     nmd_right_of_way_give      (void);

G_END_DECLS
