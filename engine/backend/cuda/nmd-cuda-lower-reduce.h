/* SPDX-License-Identifier: Apache-2.0
 *
 * Broadcasts, gates and reductions.
 */
#pragma once

#include "engine/backend/cuda/nmd-cuda-private.h"

G_BEGIN_DECLS

/* The module shows one symbol only. */
#pragma GCC visibility push(hidden)

/* The step of MULTIPLY, BROADCAST, REDUCE or MULTIPLY_REDUCE, MAX_GRAD node @at. */
void     nmd_cuda_lower_multiply  (NmdCudaProgram *self, NmdNode at);
void     nmd_cuda_lower_broadcast (NmdCudaProgram *self, NmdNode at);
void     nmd_cuda_lower_reduce    (NmdCudaProgram *self, NmdNode at);
void     nmd_cuda_lower_max_grad  (NmdCudaProgram *self, NmdNode at);
/* REDUCE node @at and the mean or maximum beside it as one step; FALSE: there is none. */
gboolean nmd_cuda_lower_as_pair   (NmdCudaProgram *self, NmdNode at);

/* A value for the parts of a sum of @wide numbers each, or −1. */
int      nmd_cuda_parts_value     (NmdCudaProgram *self, int outer, int n, int inner, int wide);

#pragma GCC visibility pop

G_END_DECLS
