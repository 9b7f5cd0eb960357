/* SPDX-License-Identifier: Apache-2.0
 *
 * Batch norm and layer norm.
 */
#pragma once

#include "engine/backend/cuda/nmd-cuda-private.h"

G_BEGIN_DECLS

/* The module shows one symbol only. */
#pragma GCC visibility push(hidden)

/* The step of BATCH_MEAN (with its variance), BATCH_VARIANCE, BATCH_NORM, BATCH_NORM…_GRAD_X or
 * LAYER_NORM… node @at. */
void     nmd_cuda_lower_statistics (NmdCudaProgram *self, NmdNode at);
void     nmd_cuda_lower_variance   (NmdCudaProgram *self, NmdNode at);
void     nmd_cuda_lower_norm       (NmdCudaProgram *self, NmdNode at);
void     nmd_cuda_lower_norm_grad  (NmdCudaProgram *self, NmdNode at);
void     nmd_cuda_lower_layer_norm (NmdCudaProgram *self, NmdNode at);
/* The sums dgamma, node @at, and dbeta, node or −1: then nobody wants it. */
void     nmd_cuda_lower_norm_sums  (NmdCudaProgram *self, NmdNode at, NmdNode dbeta);
/* REDUCE node @at as one of the two sums of a norm's gradient; FALSE: it is none. */
gboolean nmd_cuda_lower_as_norm_sum (NmdCudaProgram *self, NmdNode at);

#pragma GCC visibility pop

G_END_DECLS
