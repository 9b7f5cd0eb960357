/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs of steps by bands of rows, and waits.
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

/* Cuts @group, whose block is known, into runs of steps that go through an image in bands of rows, each
 * as far behind the first as it reads ahead; a run of one step takes images whole. */
void nmd_cpu_find_runs  (NmdCpuProgram *self, NmdCpuGroup *group);
/* Once all groups have their runs and values their lives: of which local values only the rows of a band need to
 * exist at a time. */
void nmd_cpu_find_band_values (NmdCpuProgram *self);
/* Where threads that share @group's images have to wait for each other. */
void nmd_cpu_find_waits (const NmdCpuProgram *self, NmdCpuGroup *group);

G_END_DECLS
