/* SPDX-License-Identifier: Apache-2.0
 *
 * Batch norm and layer norm. Inputs → outputs in this order; [optional]; a sum over images is left
 * in the step's partial sums, a thread each, which the step _end combines.
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

extern const NmdCpuOp nmd_cpu_moments;             /* x → partial */
extern const NmdCpuOp nmd_cpu_moments_end;         /* partial → mean [variance] */
extern const NmdCpuOp nmd_cpu_variance;            /* x mean → partial */
extern const NmdCpuOp nmd_cpu_variance_end;        /* partial → variance */
extern const NmdCpuOp nmd_cpu_norm_coefficients;   /* variance gamma → gamma/√(variance + ε) */
extern const NmdCpuOp nmd_cpu_norm;                /* x mean a beta → y = act (a·(x − mean) + beta) */
extern const NmdCpuOp nmd_cpu_norm_reduce;         /* dy x mean [p q] → partial [g = dy·act′] */
extern const NmdCpuOp nmd_cpu_norm_reduce_end;     /* partial variance → dgamma [dbeta] */
extern const NmdCpuOp nmd_cpu_grad_coefficients;   /* variance gamma dgamma dbeta → a b d */
extern const NmdCpuOp nmd_cpu_norm_grad;           /* dy x mean a b d [p q] → dx = a·g + b·(x − mean) + d */
extern const NmdCpuOp nmd_cpu_layer_norm;          /* x gamma beta → y */
extern const NmdCpuOp nmd_cpu_layer_norm_grad;     /* dy x gamma → dx */
extern const NmdCpuOp nmd_cpu_layer_norm_reduce;   /* dy x → partial: Σ dy·x̂ */

G_END_DECLS
