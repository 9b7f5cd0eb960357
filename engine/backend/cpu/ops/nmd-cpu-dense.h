/* SPDX-License-Identifier: Apache-2.0
 *
 * Dense convolutions: primitives of oneDNN. Inputs → outputs in this order; [optional].
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

extern const NmdCpuOp nmd_cpu_dense_y;             /* x w [b] → y [work] */
extern const NmdCpuOp nmd_cpu_dense_dx;            /* dy w → dx [work] */
extern const NmdCpuOp nmd_cpu_dense_dw;            /* x dy → packed dw [work] */
extern const NmdCpuOp nmd_cpu_dense_pack;          /* w → packed */
extern const NmdCpuOp nmd_cpu_dense_unpack;        /* packed dw → dw */

G_END_DECLS
