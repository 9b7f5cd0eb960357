/* SPDX-License-Identifier: Apache-2.0
 *
 * Reductions. s->h and s->w are the input's. Threads that share an image divide its channels
 * (…_channels) or its rows (…_pixels). Inputs → outputs in this order; [optional].
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

extern const NmdCpuOp nmd_cpu_sum_channels;        /* x → scale·Σ over h, w; double workspace */
extern const NmdCpuOp nmd_cpu_max_channels;        /* x → max over h, w */
extern const NmdCpuOp nmd_cpu_sum_pixels;          /* x → scale·Σ over c */
extern const NmdCpuOp nmd_cpu_max_pixels;          /* x → max over c */
extern const NmdCpuOp nmd_cpu_gated_pixels;        /* x s[n,c,1,1] → scale·Σ x·s over c, max x·s */
extern const NmdCpuOp nmd_cpu_sum_all;             /* x → partial: Σ over n, h, w */
extern const NmdCpuOp nmd_cpu_sum_all_end;         /* partial → scale·Σ */
extern const NmdCpuOp nmd_cpu_dot_channels;        /* a b → Σ a·b over h, w; double workspace */
extern const NmdCpuOp nmd_cpu_dot_pixels;          /* a b → Σ a·b over c */
extern const NmdCpuOp nmd_cpu_max_grad_channels;   /* dy x top [add] → dx */
extern const NmdCpuOp nmd_cpu_max_grad_pixels;     /* dy x top [add] → dx */
extern const NmdCpuOp nmd_cpu_any_multiply;        /* a b → a·b */
extern const NmdCpuOp nmd_cpu_any_multiply_reduce; /* a b → Σ a·b; double workspace */
extern const NmdCpuOp nmd_cpu_any_broadcast;       /* x → scale·x repeated */
extern const NmdCpuOp nmd_cpu_any_reduce;          /* x → max over all but c */
extern const NmdCpuOp nmd_cpu_any_max_grad;        /* dy x top → dx; workspace */

G_END_DECLS
