/* SPDX-License-Identifier: Apache-2.0
 *
 * How a step's function reads: its head, its rows, inputs and outputs. For the files of ops/ alone.
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

/* The function of table entry nmd_cpu_@name; returns TRUE unless a library refused. */
#define STEP(name)                                                                       \
  static gboolean run_##name (const NmdCpuStep *s, const NmdCpuContext *c, int i0,       \
                              int i1, int r0, int r1)
#define ROWS nmd_cpu_rows (s, i0, i1, r0, r1)
#define IN(i) nmd_cpu_span (&s->in[i], c, s, i0, r0)
#define OUT(i) nmd_cpu_span (&s->out[i], c, s, i0, r0)
#define LD(i) s->in[i].ld
#define LDO(i) s->out[i].ld
/* A vector or other value of one image. */
#define VECTOR(i) nmd_cpu_at (&s->in[i], c, 0)
#define RESULT(i) nmd_cpu_at (&s->out[i], c, 0)
