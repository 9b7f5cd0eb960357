/* SPDX-License-Identifier: Apache-2.0
 *
 * Values that groups of steps hand to each other, kept as bfloat16.
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

/* After nmd_cpu_order(): replaces what images hand from group to group by bfloat16 of half the size, rounded to the
 * nearest. Steps compute in float32 on a copy of a block of images, or of the rows of one, that stays in the cache. Not
 * narrowed are the program's inputs, outputs and store, vectors, sums, what a step reads of other images, and what a
 * library's primitive reads or writes.
 *
 * With NMD_CPU_NARROW=copy in the environment (for tests) the same values are handed on as float32, so that nothing
 * but the roundings is missing. */
void nmd_cpu_narrow (NmdCpuProgram *p);

G_END_DECLS
