/* SPDX-License-Identifier: Apache-2.0
 *
 * From nodes to steps.
 */
#pragma once

#include "engine/backend/cuda/nmd-cuda-private.h"

G_BEGIN_DECLS

/* The module shows one symbol only. */
#pragma GCC visibility push(hidden)

/* Makes all steps of the graph.
 * Errors: %NMD_ERROR_UNSUPPORTED for an operation that the backend does not know. */
gboolean nmd_cuda_lower (NmdCudaProgram *self, GError **error);

#pragma GCC visibility pop

G_END_DECLS
