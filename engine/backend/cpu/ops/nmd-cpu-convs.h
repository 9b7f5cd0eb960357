/* SPDX-License-Identifier: Apache-2.0
 *
 * Narrow convolutions (planes) and grouped ones (columns). Inputs → outputs in this order;
 * [optional].
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

extern const NmdCpuOp nmd_cpu_planes_y;            /* x w [b] → y */
extern const NmdCpuOp nmd_cpu_planes_dx;           /* dy w → dx */
extern const NmdCpuOp nmd_cpu_planes_dw;           /* x dy → partial: [co][ci][kk] */
extern const NmdCpuOp nmd_cpu_columns_y;           /* x w[co][kk][ci/g] [b] → y */
extern const NmdCpuOp nmd_cpu_columns_dx;          /* dy w[co][kk][ci/g] → dx */
extern const NmdCpuOp nmd_cpu_columns_dw;          /* x dy → partial: [co][kk][ci/g] */

/* Floats of workspace that the steps of either kind take. */
gsize nmd_cpu_planes_work  (const NmdCpuConv *conv);
gsize nmd_cpu_columns_work (const NmdCpuConv *conv);

G_END_DECLS
