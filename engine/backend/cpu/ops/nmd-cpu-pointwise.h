/* SPDX-License-Identifier: Apache-2.0
 *
 * Pointwise convolutions and linear layers. Inputs → outputs in this order; [optional].
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

extern const NmdCpuOp nmd_cpu_gemm_y;              /* x w [b] → y */
extern const NmdCpuOp nmd_cpu_gemm_y_flat;         /* x w [b] → y; shares are of co */
extern const NmdCpuOp nmd_cpu_panels_y;            /* x packed [b] [gate] → y; workspace if gated */
extern const NmdCpuOp nmd_cpu_panels_y_flat;       /* x packed [b] → y; shares are panels */
extern const NmdCpuOp nmd_cpu_gemm_dx;             /* dy w [add] → dx */
extern const NmdCpuOp nmd_cpu_panels_dx;           /* dy packed [add] → dx */
extern const NmdCpuOp nmd_cpu_gemm_dw;             /* x dy → partial: [co][ci/g] */
extern const NmdCpuOp nmd_cpu_gemm_dw_flat;        /* x dy → dw; units are co */

/* Floats of one group's weights, packed in panels. */
long nmd_cpu_panel_floats (const NmdCpuConv *conv, const NmdKernels *k);

G_END_DECLS
