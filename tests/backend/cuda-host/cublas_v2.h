/* SPDX-License-Identifier: Apache-2.0
 *
 * The few functions of cuBLAS that the CUDA backend calls, as plain loops on the host
 * (cuda-host-libraries.cpp). Matrices lie by column.
 */
#pragma once

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct CudaHostBlas *cublasHandle_t;

typedef enum
{
  CUBLAS_STATUS_SUCCESS = 0,
  CUBLAS_STATUS_ALLOC_FAILED = 3,
  CUBLAS_STATUS_INVALID_VALUE = 7,
  CUBLAS_STATUS_EXECUTION_FAILED = 13,
} cublasStatus_t;

typedef enum
{
  CUBLAS_OP_N = 0,
  CUBLAS_OP_T = 1,
} cublasOperation_t;

typedef enum
{
  CUBLAS_COMPUTE_32F = 68,
  CUBLAS_COMPUTE_32F_FAST_TF32 = 77,
} cublasComputeType_t;

enum
{
  CUBLAS_DEFAULT_MATH = 0,
  CUBLAS_GEMM_DEFAULT = -1,
};

cublasStatus_t cublasCreate (cublasHandle_t *handle);
cublasStatus_t cublasDestroy (cublasHandle_t handle);
cublasStatus_t cublasSetStream (cublasHandle_t handle, cudaStream_t stream);
cublasStatus_t cublasSetWorkspace (cublasHandle_t handle, void *workspace, size_t bytes);
cublasStatus_t cublasSetMathMode (cublasHandle_t handle, int mode);
const char *cublasGetStatusString (cublasStatus_t status);
cublasStatus_t cublasGemmEx (cublasHandle_t handle, cublasOperation_t turn_a, cublasOperation_t turn_b, int m,
                             int n, int k, const void *alpha, const void *a, cudaDataType_t type_a, int lda,
                             const void *b, cudaDataType_t type_b, int ldb, const void *beta, void *c,
                             cudaDataType_t type_c, int ldc, cublasComputeType_t compute, int algorithm);
cublasStatus_t cublasGemmBatchedEx (cublasHandle_t handle, cublasOperation_t turn_a, cublasOperation_t turn_b,
                                    int m, int n, int k, const void *alpha, const void *const a[],
                                    cudaDataType_t type_a, int lda, const void *const b[],
                                    cudaDataType_t type_b, int ldb, const void *beta, void *const c[],
                                    cudaDataType_t type_c, int ldc, int count, cublasComputeType_t compute,
                                    int algorithm);

#ifdef __cplusplus
}
#endif
