/* SPDX-License-Identifier: Apache-2.0
 *
 * The main loop beside the engine's threads.
 */
#pragma once

/* From now on the main loop has the right of way whenever it does not wait for events (engine/core/nmd-right-of-way.h): a training
 * goes on between the turns. For main(), on the main thread, before the loop runs. */
void nmd_main_loop_go_first (void);
