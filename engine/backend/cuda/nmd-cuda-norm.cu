/* SPDX-License-Identifier: Apache-2.0
 *
 * Kernels of batch norm: statistics, the norm with its activation, the sums and the gradient.
 */
#include "nmd-cuda-device.h"

/* --- batch statistics: count, mean and sum of squared distances joined pairwise
 * (Chan, Golub and LeVeque 1983), which loses no digits however far the mean is from 0 */

struct Moments
{
  float n, mean, squares;
};

static __device__ __forceinline__ Moments
join_moments (const Moments &a, const Moments &b)
{
  Moments c;
  const float d = b.mean - a.mean;

  c.n = a.n + b.n;
  if (c.n == 0)
    return a;
  c.mean = a.mean + d * (b.n / c.n);
  c.squares = a.squares + b.squares + d * d * (a.n * b.n / c.n);
  return c;
}

static __global__ void
moments_kernel (NmdCudaTensor x, int rows, int c, float *partial, float *mean, float *variance)
{
  __shared__ Moments part[DEEP][LANES];
  const int j = blockIdx.x * LANES + threadIdx.x;
  Moments m = { 0, 0, 0 };
  float shift = 0, sum = 0, squares = 0;

  for (int k = blockIdx.z * DEEP + threadIdx.y; k < rows && j < c; k += DEEP * gridDim.z)
    {
      const float value = nmd_load (x, (size_t)k * c + j);

      if (m.n == 0)
        shift = value; /* near the mean, as far as one thread can know */
      m.n++;
      sum += value - shift;
      squares += (value - shift) * (value - shift);
    }
  if (m.n > 0)
    {
      m.mean = shift + sum / m.n;
      m.squares = squares - sum * (sum / m.n);
    }
  part[threadIdx.y][threadIdx.x] = m;
  __syncthreads ();
  for (int step = DEEP / 2; step > 0; step /= 2)
    {
      if (threadIdx.y < step)
        part[threadIdx.y][threadIdx.x]
            = join_moments (part[threadIdx.y][threadIdx.x], part[threadIdx.y + step][threadIdx.x]);
      __syncthreads ();
    }
  if (threadIdx.y > 0 || j >= c)
    return;
  m = part[0][threadIdx.x];
  if (gridDim.z > 1)
    {
      float *to = partial + ((size_t)blockIdx.z * c + j) * 3;

      to[0] = m.n;
      to[1] = m.mean;
      to[2] = m.squares;
      return;
    }
  mean[j] = m.mean;
  if (variance != NULL)
    variance[j] = m.squares / m.n;
}

static __global__ void
moments_parts_kernel (const float *partial, int splits, int c, float *mean, float *variance)
{
  FOR_EACH (j, (unsigned)c)
    {
      Moments m = { 0, 0, 0 };

      for (int k = 0; k < splits; k++)
        {
          const float *from = partial + ((size_t)k * c + j) * 3;
          const Moments other = { from[0], from[1], from[2] };

          m = join_moments (m, other);
        }
      mean[j] = m.mean;
      if (variance != NULL)
        variance[j] = m.squares / m.n;
    }
}

/* Splits as nmd_cuda_reduce_splits (), also for one channel. */
static int
channel_splits (int rows, int c)
{
  return nmd_cuda_reduce_splits (1, rows, c < 2 ? 2 : c);
}

extern "C" cudaError_t
nmd_cuda_statistics (cudaStream_t stream, NmdCudaTensor x, int rows, int c, float *mean, float *variance,
                     float *partial)
{
  const int splits = channel_splits (rows, c);
  const dim3 grid ((c + LANES - 1) / LANES, 1, splits), block (LANES, DEEP);
  cudaError_t status
      = NMD_LAUNCH_BLOCKS (moments_kernel, grid, block, stream, x, rows, c, partial, mean, variance);

  if (status != cudaSuccess || splits == 1)
    return status;
  return NMD_LAUNCH (moments_parts_kernel, nmd_blocks (c), THREADS, stream, (const float *)partial, splits,
                     c, mean, variance);
}

/* --- batch normalisation, a thread keeping its channels' factors for many rows */

/* Threads side by side for c/V channels, a power of 2 that divides THREADS. */
static int
lanes_for (int c)
{
  int lanes = 1;

  while (lanes < c && lanes < 64)
    lanes *= 2;
  return lanes;
}

static void
channel_grid (int rows, int c, dim3 *grid, dim3 *block)
{
  const int lanes = lanes_for (c), deep = THREADS / lanes;
  const int across = (c + lanes - 1) / lanes;
  int down = (rows + deep * 8 - 1) / (deep * 8); /* 8 rows a thread */

  if (down > 4096)
    down = 4096;
  *grid = dim3 (across, down);
  *block = dim3 (lanes, deep);
}

template <int V>
static __global__ void
norm_kernel (NmdCudaNorm p)
{
  const int c = (blockIdx.x * blockDim.x + threadIdx.x) * V;
  NmdChannel channels[V];

  if (c >= p.c)
    return;
  for (int k = 0; k < V; k++)
    channels[k] = nmd_channel (p.finish, c + k);
  for (int row = blockIdx.y * blockDim.y + threadIdx.y; row < p.rows; row += gridDim.y * blockDim.y)
    {
      const size_t at = (size_t)row * p.c + c;
      NmdVector<V> x = nmd_load_v<V> (p.x, at);

      for (int k = 0; k < V; k++)
        x.v[k] = nmd_before_activation (channels[k], x.v[k]);
      if (p.before.p != NULL)
        nmd_store_v<V> (p.before, at, x);
      for (int k = 0; k < V; k++)
        x.v[k] = nmd_activate (p.finish.activation, p.finish.slope, x.v[k]);
      nmd_store_v<V> (p.y, at, x);
    }
}

extern "C" cudaError_t
nmd_cuda_norm (cudaStream_t stream, const NmdCudaNorm *norm)
{
  dim3 grid, block;

  if (norm->c % 4 == 0)
    {
      channel_grid (norm->rows, norm->c / 4, &grid, &block);
      return NMD_LAUNCH (norm_kernel<4>, grid, block, stream, *norm);
    }
  channel_grid (norm->rows, norm->c, &grid, &block);
  return NMD_LAUNCH (norm_kernel<1>, grid, block, stream, *norm);
}

static __device__ __forceinline__ float
norm_dy (const NmdCudaNormGrad &p, size_t at)
{
  const float dy = nmd_load (p.dy, at);

  return p.activation == NMD_CUDA_IDENTITY
             ? dy
             : nmd_activate_grad (p.activation, p.slope, dy, nmd_load (p.a, at));
}

static __global__ void
norm_sums_kernel (NmdCudaNormGrad p)
{
  const int j = blockIdx.x * LANES + threadIdx.x;
  float gamma = 0, beta = 0;

  for (int k = blockIdx.z * DEEP + threadIdx.y; k < p.rows && j < p.c; k += DEEP * gridDim.z)
    {
      const size_t at = (size_t)k * p.c + j;
      const float dy = norm_dy (p, at);

      beta += dy;
      gamma += dy * (nmd_load (p.x, at) - p.mean[j]);
    }
  gamma = nmd_join_rows (NMD_CUDA_SUM, gamma);
  beta = nmd_join_rows (NMD_CUDA_SUM, beta);
  if (threadIdx.y > 0 || j >= p.c)
    return;
  if (gridDim.z > 1)
    {
      p.partial[((size_t)blockIdx.z * p.c + j) * 2] = gamma;
      p.partial[((size_t)blockIdx.z * p.c + j) * 2 + 1] = beta;
      return;
    }
  p.sums[0][j] = gamma / sqrtf (p.variance[j] + p.epsilon);
  p.sums[1][j] = beta;
}

static __global__ void
norm_sums_parts_kernel (NmdCudaNormGrad p, int splits)
{
  FOR_EACH (j, (unsigned)p.c)
    {
      float gamma = 0, beta = 0;

      for (int k = 0; k < splits; k++)
        {
          gamma += p.partial[((size_t)k * p.c + j) * 2];
          beta += p.partial[((size_t)k * p.c + j) * 2 + 1];
        }
      p.sums[0][j] = gamma / sqrtf (p.variance[j] + p.epsilon);
      p.sums[1][j] = beta;
    }
}

extern "C" cudaError_t
nmd_cuda_norm_sums (cudaStream_t stream, const NmdCudaNormGrad *grad)
{
  const int splits = channel_splits (grad->rows, grad->c);
  const dim3 grid ((grad->c + LANES - 1) / LANES, 1, splits), block (LANES, DEEP);
  cudaError_t status = NMD_LAUNCH_BLOCKS (norm_sums_kernel, grid, block, stream, *grad);

  if (status != cudaSuccess || splits == 1)
    return status;
  return NMD_LAUNCH (norm_sums_parts_kernel, nmd_blocks (grad->c), THREADS, stream, *grad, splits);
}

/* dx = γ/√(v + ε)·(dy − dβ/m − x̂·dγ/m), without the last two where statistics are frozen */
template <int V>
static __global__ void
norm_grad_kernel (NmdCudaNormGrad p)
{
  const int c = (blockIdx.x * blockDim.x + threadIdx.x) * V;
  float scale[V], mean[V], slope[V], shift[V];

  if (c >= p.c)
    return;
  for (int k = 0; k < V; k++)
    {
      const float inverse = 1 / sqrtf (p.variance[c + k] + p.epsilon);

      scale[k] = p.gamma[c + k] * inverse;
      mean[k] = p.mean != NULL ? p.mean[c + k] : 0;
      slope[k] = p.dgamma != NULL ? inverse * (p.dgamma[c + k] / p.rows) : 0;
      shift[k] = p.dgamma != NULL ? p.dbeta[c + k] / p.rows : 0;
    }
  for (int row = blockIdx.y * blockDim.y + threadIdx.y; row < p.rows; row += gridDim.y * blockDim.y)
    {
      const size_t at = (size_t)row * p.c + c;
      NmdVector<V> dx = nmd_load_v<V> (p.dy, at);

      if (p.activation != NMD_CUDA_IDENTITY)
        {
          const NmdVector<V> a = nmd_load_v<V> (p.a, at);

          for (int k = 0; k < V; k++)
            dx.v[k] = nmd_activate_grad (p.activation, p.slope, dx.v[k], a.v[k]);
        }
      if (p.dgamma != NULL)
        {
          const NmdVector<V> x = nmd_load_v<V> (p.x, at);

          for (int k = 0; k < V; k++)
            dx.v[k] = dx.v[k] - shift[k] - (x.v[k] - mean[k]) * slope[k];
        }
      for (int k = 0; k < V; k++)
        dx.v[k] *= scale[k];
      nmd_store_v<V> (p.dx, at, dx);
    }
}

extern "C" cudaError_t
nmd_cuda_norm_grad (cudaStream_t stream, const NmdCudaNormGrad *grad)
{
  dim3 grid, block;

  if (grad->c % 4 == 0)
    {
      channel_grid (grad->rows, grad->c / 4, &grid, &block);
      return NMD_LAUNCH (norm_grad_kernel<4>, grid, block, stream, *grad);
    }
  channel_grid (grad->rows, grad->c, &grid, &block);
  return NMD_LAUNCH (norm_grad_kernel<1>, grid, block, stream, *grad);
}
