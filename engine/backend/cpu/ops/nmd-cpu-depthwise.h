/* SPDX-License-Identifier: Apache-2.0
 *
 * Depthwise convolutions. Inputs → outputs in this order; [optional].
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

extern const NmdCpuOp nmd_cpu_depthwise_y;         /* x w[kk][c] [b] → y [sums] */
extern const NmdCpuOp nmd_cpu_expand_depthwise;    /* x w[kk][c] b packed b → y [sums]; workspace */
extern const NmdCpuOp nmd_cpu_depthwise_dx;        /* dy w[kk][c] [add] → dx */
extern const NmdCpuOp nmd_cpu_depthwise_dw;        /* x dy → partial: [kk][c] */

/* Which taps each output sees: made for @conv at compile time, owned by its step. */
NmdCpuTable *nmd_cpu_depthwise_table      (const NmdCpuConv *conv, gboolean back);
/* Whether whole rows of a depthwise convolution of this geometry have a kernel; whether step @s, with
 * its table, is such a convolution, which can divide channels. */
gboolean     nmd_cpu_depthwise_fits_rows  (const NmdCpuConv *conv);
gboolean     nmd_cpu_depthwise_takes_rows (const NmdCpuStep *s);

G_END_DECLS
