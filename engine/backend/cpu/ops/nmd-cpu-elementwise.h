/* SPDX-License-Identifier: Apache-2.0
 *
 * Elementwise steps and form. Inputs → outputs in this order; [optional]; x is [n,c,h,w], a gate s or
 * repeated v is [n,c,1,1] (…_channels) or [n,1,h,w] (…_pixels).
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

extern const NmdCpuOp nmd_cpu_scale_channels;      /* x a[c] → a·x */
extern const NmdCpuOp nmd_cpu_add;                 /* a b → y [sums] [tops] */
extern const NmdCpuOp nmd_cpu_multiply;            /* a b → y */
extern const NmdCpuOp nmd_cpu_multiply_channels;   /* x s → x·s */
extern const NmdCpuOp nmd_cpu_multiply_pixels;     /* x s → x·s */
extern const NmdCpuOp nmd_cpu_multiply_gates;      /* x s t → x·s·t, s by channels, t by pixels */
extern const NmdCpuOp nmd_cpu_gate_add;            /* x s v → x·s + value·v, by channels */
extern const NmdCpuOp nmd_cpu_gate_add_pixels;     /* x s v → x·s + value·v, by pixels */
extern const NmdCpuOp nmd_cpu_scale;               /* x → value·x */
extern const NmdCpuOp nmd_cpu_copy;                /* x → x */
extern const NmdCpuOp nmd_cpu_to_bf16;             /* x → x in bfloat16: (c + 1)/2 floats a row */
extern const NmdCpuOp nmd_cpu_from_bf16;           /* such rows → c floats a row */
extern const NmdCpuOp nmd_cpu_act;                 /* x → act (x) */
extern const NmdCpuOp nmd_cpu_act_grad;            /* dy a → dy·act′ */
extern const NmdCpuOp nmd_cpu_fill_channels;       /* v [add] → value·v [+ add] */
extern const NmdCpuOp nmd_cpu_fill_pixels;         /* v [add] → value·v [+ add] */
extern const NmdCpuOp nmd_cpu_shuffle;             /* x → channel j·g + i is x's i·(c/g) + j */
extern const NmdCpuOp nmd_cpu_slice_grad;          /* dy → dy at channel `from`, else 0 */
extern const NmdCpuOp nmd_cpu_to_plain;            /* channels-last → row-major */
extern const NmdCpuOp nmd_cpu_to_rows;             /* row-major → channels-last */

G_END_DECLS
