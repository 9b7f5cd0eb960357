/* SPDX-License-Identifier: Apache-2.0
 *
 * Attention.
 */
#pragma once

#include "engine/backend/cuda/nmd-cuda-private.h"

G_BEGIN_DECLS

/* The module shows one symbol only. */
#pragma GCC visibility push(hidden)

/* The step of ATTENTION… node @at. */
void nmd_cuda_lower_attention (NmdCudaProgram *self, NmdNode at);

#pragma GCC visibility pop

G_END_DECLS
