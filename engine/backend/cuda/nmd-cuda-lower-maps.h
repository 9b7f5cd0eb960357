/* SPDX-License-Identifier: Apache-2.0
 *
 * Bilinear enlarging and the losses of maps of logits.
 */
#pragma once

#include "engine/backend/cuda/nmd-cuda-private.h"

G_BEGIN_DECLS

/* The module shows one symbol only. */
#pragma GCC visibility push(hidden)

/* The step of ENLARGE…, PIXEL_CROSS_ENTROPY… or DICE_LOSS… node @at. */
void nmd_cuda_lower_maps (NmdCudaProgram *self, NmdNode at);

#pragma GCC visibility pop

G_END_DECLS
