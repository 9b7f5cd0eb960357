/* SPDX-License-Identifier: Apache-2.0
 *
 * Ctrl-C and SIGTERM. The first one cancels; a command that has not ended three seconds later is ended,
 * unless it said that it stops in order; the second one ends the program at once. Files are written
 * whole or not at all, so that an end at any moment leaves none in pieces.
 */
#pragma once

#include <gio/gio.h>

/* To be called once, before other threads are started. */
void          nmd_command_catch_signals   (void);
/* Cancelled by the first signal; borrowed. */
GCancellable *nmd_command_get_cancellable (void);
/* From now on the command looks at the cancellable and ends by itself, however long that takes: a
 * training finishes its batch. Any thread. */
void          nmd_command_stop_in_order   (void);
