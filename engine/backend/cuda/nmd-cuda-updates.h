/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps over many tensors at once.
 */
#pragma once

#include "engine/backend/cuda/nmd-cuda-private.h"

G_BEGIN_DECLS

/* The module shows one symbol only. */
#pragma GCC visibility push(hidden)

/* The ADAM or BLEND node @from, and those that follow and can go with it, as one step. */
void nmd_cuda_lower_updates (NmdCudaProgram *self, NmdNode from);
/* @node's values as bfloat16 for node @user: its own, or a copy; weights are copied at the start of
 * each run. */
int  nmd_cuda_lower_cast    (NmdCudaProgram *self, NmdNode node, NmdNode user);

#pragma GCC visibility pop

G_END_DECLS
