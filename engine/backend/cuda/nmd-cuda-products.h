/* SPDX-License-Identifier: Apache-2.0
 *
 * Matrix products and convolutions.
 */
#pragma once

#include "engine/backend/cuda/nmd-cuda-private.h"

G_BEGIN_DECLS

/* The module shows one symbol only. */
#pragma GCC visibility push(hidden)

typedef struct
{
  cublasOperation_t turn_a, turn_b;
  int m, n, k, lda, ldb, ldc;
  int groups; /* products, each this far from the one before: */
  gsize step_a, step_b, step_c;
  float beta;
} NmdCudaProduct;

/* cuBLAS's type of @t; how products of @a are computed, whose sums are float32 in all. */
cudaDataType_t      nmd_cuda_type_of    (NmdCudaTensor t);
cublasComputeType_t nmd_cuda_compute_of (const NmdCudaSession *session, NmdCudaTensor a);
/* Where number @i of @t lies. */
char               *nmd_cuda_at_offset  (NmdCudaTensor t, gsize i);

/* Scratch memory that a convolution as a product may take at once; tests make it small. */
extern gsize nmd_cuda_unfold_bytes;

/* The steps of CONV… or LINEAR… node @node. */
gboolean nmd_cuda_lower_product (NmdCudaProgram *self, NmdNode node, GError **error);

#pragma GCC visibility pop

G_END_DECLS
