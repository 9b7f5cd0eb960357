/* SPDX-License-Identifier: Apache-2.0
 *
 * Bilinear enlarging and the losses of maps of logits. Inputs → outputs in this order; all images lie
 * without gaps but the enlarged ones.
 */
#pragma once

#include "engine/backend/cpu/nmd-cpu-private.h"

G_BEGIN_DECLS

/* Floats of workspace of the two: places of a row of the large image, a row of the small one. */
gsize nmd_cpu_enlarge_work (int large, int small, int c);

extern const NmdCpuOp nmd_cpu_enlarge;             /* x → y */
extern const NmdCpuOp nmd_cpu_enlarge_grad;        /* dy → dx */
extern const NmdCpuOp nmd_cpu_logit_sums;          /* logits targets → [n,4]: Σ cross entropy, p·t, p, t */
extern const NmdCpuOp nmd_cpu_pixel_cross_entropy; /* sums → loss */
extern const NmdCpuOp nmd_cpu_dice_loss;           /* sums → loss */
extern const NmdCpuOp nmd_cpu_pixel_cross_entropy_grad; /* logits targets sums dy → dlogits */
extern const NmdCpuOp nmd_cpu_dice_loss_grad;      /* logits targets sums dy → dlogits */

G_END_DECLS
