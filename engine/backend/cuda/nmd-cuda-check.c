/* SPDX-License-Identifier: Apache-2.0
 *
 * What the calls of NVIDIA's libraries returned, as errors.
 */
#include "engine/backend/cuda/nmd-cuda-check.h"

#include <string.h>

/* The name of the function in "cudaMalloc (&p, n)". */
static char *
called (const char *call)
{
  gsize n = strcspn (call, " (");

  return g_strndup (call, n);
}

gboolean
nmd_cuda_check_runtime (cudaError_t status, const char *call, GError **error)
{
  g_autofree char *name = NULL;

  if (status == cudaSuccess)
    return TRUE;
  name = called (call);
  (void)cudaGetLastError (); /* or the next call reports this one again */
  g_set_error (error, NMD_ERROR,
               status == cudaErrorMemoryAllocation ? NMD_ERROR_MEMORY : NMD_ERROR_DEVICE,
               "The graphics card failed in %s: %s (%s)", name,
               cudaGetErrorString (status), cudaGetErrorName (status));
  return FALSE;
}

gboolean
nmd_cuda_check_blas (cublasStatus_t status, const char *call, GError **error)
{
  g_autofree char *name = NULL;

  if (status == CUBLAS_STATUS_SUCCESS)
    return TRUE;
  name = called (call);
  g_set_error (error, NMD_ERROR,
               status == CUBLAS_STATUS_ALLOC_FAILED ? NMD_ERROR_MEMORY : NMD_ERROR_DEVICE,
               "cuBLAS failed in %s: %s", name, cublasGetStatusString (status));
  return FALSE;
}

gboolean
nmd_cuda_check_dnn (cudnnStatus_t status, const char *call, GError **error)
{
  g_autofree char *name = NULL;

  if (status == CUDNN_STATUS_SUCCESS)
    return TRUE;
  name = called (call);
  g_set_error (error, NMD_ERROR, NMD_ERROR_DEVICE, "cuDNN failed in %s: %s", name,
               cudnnGetErrorString (status));
  return FALSE;
}
