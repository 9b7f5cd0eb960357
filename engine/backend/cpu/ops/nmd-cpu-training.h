/* SPDX-License-Identifier: Apache-2.0
 *
 * Loss and updates. Inputs → outputs in this order. Updates are FLAT: their units are values.
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

extern const NmdCpuOp nmd_cpu_softmax;             /* x → p; double workspace */
extern const NmdCpuOp nmd_cpu_cross_entropy;       /* logits targets → loss; double workspace */
extern const NmdCpuOp nmd_cpu_cross_entropy_grad;  /* logits targets dy → dlogits; double workspace */
extern const NmdCpuOp nmd_cpu_adam;                /* w dw m v lr t */
extern const NmdCpuOp nmd_cpu_blend;               /* s value share */

G_END_DECLS
