/* SPDX-License-Identifier: Apache-2.0
 *
 * Kernels that take a row each: layer norm, softmax and the loss.
 */
#include "nmd-cuda-device.h"

/* --- rows: a warp each */

/* Mean and 1/√(variance + ε) of one row, in all lanes. */
static __device__ __forceinline__ void
row_moments (NmdCudaTensor x, size_t start, int c, float epsilon, float *mean, float *inverse)
{
  float sum = 0, squares = 0;

  for (int k = threadIdx.x; k < c; k += WARP)
    sum += nmd_load (x, start + k);
  *mean = nmd_warp_sum (sum) / c;
  for (int k = threadIdx.x; k < c; k += WARP)
    {
      const float d = nmd_load (x, start + k) - *mean;

      squares += d * d;
    }
  *inverse = 1 / sqrtf (nmd_warp_sum (squares) / c + epsilon);
}

#define FOR_EACH_ROW(row, rows) \
  for (int row = blockIdx.x * DEEP + threadIdx.y; row < (rows); row += gridDim.x * DEEP)

static __global__ void
layer_norm_kernel (NmdCudaTensor x, const float *gamma, const float *beta, float epsilon, int rows, int c,
                   NmdCudaTensor y)
{
  FOR_EACH_ROW (row, rows)
    {
      const size_t start = (size_t)row * c;
      float mean, inverse;

      row_moments (x, start, c, epsilon, &mean, &inverse);
      for (int k = threadIdx.x; k < c; k += WARP)
        nmd_store (y, start + k, gamma[k] * (nmd_load (x, start + k) - mean) * inverse + beta[k]);
    }
}

extern "C" cudaError_t
nmd_cuda_layer_norm (cudaStream_t stream, NmdCudaTensor x, const float *gamma, const float *beta,
                     float epsilon, int rows, int c, NmdCudaTensor y)
{
  return NMD_LAUNCH_BLOCKS (layer_norm_kernel, nmd_rows_grid (rows), dim3 (WARP, DEEP), stream, x, gamma, beta,
                            epsilon, rows, c, y);
}

/* With g = γ·dy: (g − mean g − x̂·mean (g·x̂))/√(variance + ε) */
static __global__ void
layer_grad_kernel (NmdCudaTensor dy, NmdCudaTensor x, const float *gamma, float epsilon, int rows, int c,
                   NmdCudaTensor dx)
{
  FOR_EACH_ROW (row, rows)
    {
      const size_t start = (size_t)row * c;
      float mean, inverse, sum = 0, sum_x = 0;

      row_moments (x, start, c, epsilon, &mean, &inverse);
      for (int k = threadIdx.x; k < c; k += WARP)
        {
          const float g = gamma[k] * nmd_load (dy, start + k);

          sum += g;
          sum_x += g * (nmd_load (x, start + k) - mean) * inverse;
        }
      sum = nmd_warp_sum (sum) / c;
      sum_x = nmd_warp_sum (sum_x) / c;
      for (int k = threadIdx.x; k < c; k += WARP)
        {
          const float normal = (nmd_load (x, start + k) - mean) * inverse;

          nmd_store (dx, start + k,
                     inverse * (gamma[k] * nmd_load (dy, start + k) - sum - normal * sum_x));
        }
    }
}

extern "C" cudaError_t
nmd_cuda_layer_grad (cudaStream_t stream, NmdCudaTensor dy, NmdCudaTensor x, const float *gamma,
                     float epsilon, int rows, int c, NmdCudaTensor dx)
{
  return NMD_LAUNCH_BLOCKS (layer_grad_kernel, nmd_rows_grid (rows), dim3 (WARP, DEEP), stream, dy, x, gamma,
                            epsilon, rows, c, dx);
}

static __global__ void
row_statistics_kernel (NmdCudaTensor x, float epsilon, int rows, int c, float *statistics)
{
  FOR_EACH_ROW (row, rows)
    {
      float mean, inverse;

      row_moments (x, (size_t)row * c, c, epsilon, &mean, &inverse);
      if (threadIdx.x != 0)
        continue;
      statistics[2 * row] = mean;
      statistics[2 * row + 1] = inverse;
    }
}

extern "C" cudaError_t
nmd_cuda_row_statistics (cudaStream_t stream, NmdCudaTensor x, float epsilon, int rows, int c,
                         float *statistics)
{
  return NMD_LAUNCH_BLOCKS (row_statistics_kernel, nmd_rows_grid (rows), dim3 (WARP, DEEP), stream, x, epsilon,
                            rows, c, statistics);
}

static __global__ void
softmax_kernel (NmdCudaTensor x, float scale, int rows, int c, NmdCudaTensor y)
{
  FOR_EACH_ROW (row, rows)
    {
      const size_t start = (size_t)row * c;
      float largest = -INFINITY, sum = 0;

      for (int k = threadIdx.x; k < c; k += WARP)
        largest = nmd_larger (largest, nmd_load (x, start + k));
      largest = nmd_warp_max (largest);
      for (int k = threadIdx.x; k < c; k += WARP)
        sum += expf ((nmd_load (x, start + k) - largest) * scale);
      sum = nmd_warp_sum (sum);
      for (int k = threadIdx.x; k < c; k += WARP)
        nmd_store (y, start + k, expf ((nmd_load (x, start + k) - largest) * scale) / sum);
    }
}

extern "C" cudaError_t
nmd_cuda_softmax (cudaStream_t stream, NmdCudaTensor x, float scale, int rows, int c, NmdCudaTensor y)
{
  return NMD_LAUNCH_BLOCKS (softmax_kernel, nmd_rows_grid (rows), dim3 (WARP, DEEP), stream, x, scale, rows, c,
                            y);
}

static __global__ void
softmax_grad_kernel (NmdCudaTensor p, NmdCudaTensor dp, float scale, int rows, int c, NmdCudaTensor ds)
{
  FOR_EACH_ROW (row, rows)
    {
      const size_t start = (size_t)row * c;
      float sum = 0;

      for (int k = threadIdx.x; k < c; k += WARP)
        sum += nmd_load (p, start + k) * nmd_load (dp, start + k);
      sum = nmd_warp_sum (sum);
      for (int k = threadIdx.x; k < c; k += WARP)
        nmd_store (ds, start + k, scale * nmd_load (p, start + k) * (nmd_load (dp, start + k) - sum));
    }
}

extern "C" cudaError_t
nmd_cuda_softmax_grad (cudaStream_t stream, NmdCudaTensor p, NmdCudaTensor dp, float scale, int rows, int c,
                       NmdCudaTensor ds)
{
  return NMD_LAUNCH_BLOCKS (softmax_grad_kernel, nmd_rows_grid (rows), dim3 (WARP, DEEP), stream, p, dp, scale,
                            rows, c, ds);
}

/* --- loss */

/* Largest value and log Σ exp (z − largest) of row i of k values */
static __device__ __forceinline__ void
log_sum (NmdCudaTensor z, int i, int k, float *largest, float *log_of_sum)
{
  float top = nmd_load (z, (size_t)i * k), sum = 0;

  for (int j = 1; j < k; j++)
    top = nmd_larger (top, nmd_load (z, (size_t)i * k + j));
  for (int j = 0; j < k; j++)
    sum += expf (nmd_load (z, (size_t)i * k + j) - top);
  *largest = top;
  *log_of_sum = logf (sum);
}

/* One block: a thread's rows in order, then a tree. */
static __global__ void
cross_entropy_kernel (NmdCudaTensor z, NmdCudaTensor t, int n, int k, float *loss)
{
  __shared__ float part[THREADS];
  float sum = 0;

  for (int i = threadIdx.x; i < n; i += THREADS)
    {
      float largest, total;

      log_sum (z, i, k, &largest, &total);
      for (int j = 0; j < k; j++)
        sum += nmd_load (t, (size_t)i * k + j) * (total - (nmd_load (z, (size_t)i * k + j) - largest));
    }
  part[threadIdx.x] = sum;
  __syncthreads ();
  for (int step = THREADS / 2; step > 0; step /= 2)
    {
      if (threadIdx.x < step)
        part[threadIdx.x] += part[threadIdx.x + step];
      __syncthreads ();
    }
  if (threadIdx.x == 0)
    *loss = part[0] / n;
}

extern "C" cudaError_t
nmd_cuda_cross_entropy (cudaStream_t stream, NmdCudaTensor logits, NmdCudaTensor targets, int n, int k,
                        float *loss)
{
  return NMD_LAUNCH_BLOCKS (cross_entropy_kernel, 1, THREADS, stream, logits, targets, n, k, loss);
}

static __global__ void
cross_entropy_grad_kernel (const float *dy, NmdCudaTensor z, NmdCudaTensor t, int n, int k,
                           NmdCudaTensor dx)
{
  FOR_EACH (i, (unsigned)n)
    {
      float largest, total, mass = 0;

      log_sum (z, i, k, &largest, &total);
      for (int j = 0; j < k; j++)
        mass += nmd_load (t, (size_t)i * k + j);
      for (int j = 0; j < k; j++)
        {
          const size_t at = (size_t)i * k + j;

          nmd_store (dx, at, *dy * (expf (nmd_load (z, at) - largest - total) * mass - nmd_load (t, at)) / n);
        }
    }
}

extern "C" cudaError_t
nmd_cuda_cross_entropy_grad (cudaStream_t stream, const float *dy, NmdCudaTensor logits,
                             NmdCudaTensor targets, int n, int k, NmdCudaTensor dx)
{
  return NMD_LAUNCH (cross_entropy_grad_kernel, nmd_blocks (n), THREADS, stream, dy, logits, targets, n, k,
                     dx);
}
