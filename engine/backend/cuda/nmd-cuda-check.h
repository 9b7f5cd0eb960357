/* SPDX-License-Identifier: Apache-2.0
 *
 * What the calls of NVIDIA's libraries returned, as errors.
 */
#pragma once

#include "engine/backend/cuda/nmd-cuda-private.h"

G_BEGIN_DECLS

/* The module shows one symbol only. */
#pragma GCC visibility push(hidden)

/* TRUE if @status is success, else FALSE with @error naming the function in @call.
 * Errors: %NMD_ERROR_MEMORY where the card has none left, else %NMD_ERROR_DEVICE. */
gboolean nmd_cuda_check_runtime (cudaError_t status, const char *call, GError **error);
gboolean nmd_cuda_check_blas    (cublasStatus_t status, const char *call, GError **error);
gboolean nmd_cuda_check_dnn     (cudnnStatus_t status, const char *call, GError **error);

/* For functions with an @error. */
#define RUNTIME(call) nmd_cuda_check_runtime ((call), #call, error)
#define BLAS(call) nmd_cuda_check_blas ((call), #call, error)
#define DNN(call) nmd_cuda_check_dnn ((call), #call, error)

#pragma GCC visibility pop

G_END_DECLS
