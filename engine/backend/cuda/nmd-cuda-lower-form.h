/* SPDX-License-Identifier: Apache-2.0
 *
 * Form, pooling, enlarging and tokens.
 */
#pragma once

#include "engine/backend/cuda/nmd-cuda-private.h"

G_BEGIN_DECLS

/* The module shows one symbol only. */
#pragma GCC visibility push(hidden)

/* The step of RESHAPE, CONCAT, SLICE…, SHUFFLE, MAX_POOL… or UPSAMPLE… node @at. */
void nmd_cuda_lower_form   (NmdCudaProgram *self, NmdNode at);
/* The step of TOKENS… or TOKEN… node @at. */
void nmd_cuda_lower_tokens (NmdCudaProgram *self, NmdNode at);

#pragma GCC visibility pop

G_END_DECLS
