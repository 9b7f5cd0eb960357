/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory of a program.
 */
#pragma once

#include "engine/backend/cuda/nmd-cuda-private.h"

G_BEGIN_DECLS

/* The module shows one symbol only. */
#pragma GCC visibility push(hidden)

/* Lifetimes, then offsets, then the arena itself.
 * Errors: %NMD_ERROR_MEMORY with what is needed, what is free and which batch would fit. */
gboolean nmd_cuda_plan (NmdCudaProgram *self, GError **error);

#pragma GCC visibility pop

G_END_DECLS
