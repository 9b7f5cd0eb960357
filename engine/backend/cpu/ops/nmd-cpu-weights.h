/* SPDX-License-Identifier: Apache-2.0
 *
 * Weights in other orders. Inputs → outputs in this order; [optional].
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

extern const NmdCpuOp nmd_cpu_pack;                /* w → w in conv.order, or in panels */
extern const NmdCpuOp nmd_cpu_fold;                /* w mean variance gamma beta [b] → w' b' */
extern const NmdCpuOp nmd_cpu_combine;             /* partial → dw, from conv.order; units are co */

G_END_DECLS
