/* SPDX-License-Identifier: Apache-2.0
 *
 * Kernels that sum: reductions, batch and layer normalisation, softmax, the loss. A long sum is
 * cut into parts of fixed length that are added in a fixed order by a second kernel.
 */
#include "nmd-cuda-device.h"

#include <limits.h>

#define LANES 32 /* values of inner a block handles side by side */
#define DEEP 8   /* rows it handles at once */

/* A sum's splits are meant to fill the card, each thread keeping at least some work. */
extern "C" int
nmd_cuda_reduce_splits (int outer, int n, int inner)
{
  const long blocks = (long)outer * ((inner + LANES - 1) / LANES);
  const long wanted = 1024 / (blocks > 0 ? blocks : 1), most = n / (DEEP * 4);
  const long splits = wanted < most ? wanted : most;

  return splits < 1 || inner == 1 ? 1 : (int)splits;
}

/* --- [outer, n, inner] to [outer, inner] */

static __device__ __forceinline__ float
start_of (int kind)
{
  return kind == NMD_CUDA_MAX ? -INFINITY : kind == NMD_CUDA_FIRST ? __uint_as_float (UINT_MAX) : 0;
}

static __device__ __forceinline__ float
join (int kind, float a, float b)
{
  switch (kind)
    {
    case NMD_CUDA_MAX:
      return nmd_larger (a, b);
    case NMD_CUDA_FIRST:
      return __float_as_uint (a) < __float_as_uint (b) ? a : b;
    default:
      return a + b;
    }
}

/* What the value at [o, k, j] adds. */
static __device__ __forceinline__ float
term (const NmdCudaReduce &r, int o, int k, int j)
{
  const size_t at = ((size_t)o * r.n + k) * r.inner + j;
  const float a = nmd_load (r.a, at);
  float d;

  switch (r.kind)
    {
    case NMD_CUDA_PRODUCT:
      return a * nmd_load (r.b, at);
    case NMD_CUDA_FIRST:
      return __uint_as_float (a == nmd_load (r.b, (size_t)o * r.inner + j) ? (unsigned)k : UINT_MAX);
    case NMD_CUDA_SQUARES:
      d = a - r.vector[j];
      return d * d;
    case NMD_CUDA_NORMAL:
      return a * (nmd_load (r.b, at) - r.vector[j]);
    case NMD_CUDA_ROW_NORMAL:
      return a * (nmd_load (r.b, at) - r.vector[2 * k]) * r.vector[2 * k + 1];
    default:
      return a;
    }
}

static __device__ __forceinline__ void
finish (const NmdCudaReduce &r, size_t at, int j, float x)
{
  if (r.kind == NMD_CUDA_NORMAL)
    x /= sqrtf (r.vector2[j] + r.epsilon);
  else if (r.kind != NMD_CUDA_MAX && r.kind != NMD_CUDA_FIRST)
    x *= r.scale;
  nmd_store (r.y, at, x);
}

/* Joins the values of a block's DEEP rows in a fixed tree; row 0 gets the result. */
static __device__ __forceinline__ float
join_rows (int kind, float x)
{
  __shared__ float part[DEEP][LANES];

  part[threadIdx.y][threadIdx.x] = x;
  __syncthreads ();
  for (int step = DEEP / 2; step > 0; step /= 2)
    {
      if (threadIdx.y < step)
        part[threadIdx.y][threadIdx.x]
            = join (kind, part[threadIdx.y][threadIdx.x], part[threadIdx.y + step][threadIdx.x]);
      __syncthreads ();
    }
  x = part[0][threadIdx.x];
  __syncthreads ();
  return x;
}

/* Grid: inner in LANES, outer, splits. */
static __global__ void
columns_kernel (NmdCudaReduce r)
{
  const int j = blockIdx.x * LANES + threadIdx.x;

  for (int o = blockIdx.y; o < r.outer; o += gridDim.y)
    {
      float x = start_of (r.kind);

      for (int k = blockIdx.z * DEEP + threadIdx.y; k < r.n && j < r.inner; k += DEEP * gridDim.z)
        x = join (r.kind, x, term (r, o, k, j));
      x = join_rows (r.kind, x);
      if (threadIdx.y > 0 || j >= r.inner)
        continue;
      if (gridDim.z > 1)
        r.partial[((size_t)blockIdx.z * r.outer + o) * r.inner + j] = x;
      else
        finish (r, (size_t)o * r.inner + j, j, x);
    }
}

static __global__ void
parts_kernel (NmdCudaReduce r, int splits)
{
  const unsigned count = (unsigned)r.outer * r.inner;

  FOR_EACH (i, count)
    {
      float x = r.partial[i];

      for (int k = 1; k < splits; k++)
        x = join (r.kind, x, r.partial[(size_t)k * count + i]);
      finish (r, i, i % r.inner, x);
    }
}

/* inner = 1: a warp for each row. */
static __global__ void
rows_kernel (NmdCudaReduce r)
{
  for (int o = blockIdx.x * DEEP + threadIdx.y; o < r.outer; o += gridDim.x * DEEP)
    {
      float x = start_of (r.kind);

      for (int k = threadIdx.x; k < r.n; k += WARP)
        x = join (r.kind, x, term (r, o, k, 0));
      for (int step = WARP / 2; step > 0; step /= 2)
        x = join (r.kind, x, __shfl_xor_sync (0xffffffffu, x, step));
      if (threadIdx.x == 0)
        finish (r, o, 0, x);
    }
}

static dim3
rows_grid (int rows)
{
  const int blocks = (rows + DEEP - 1) / DEEP;

  return dim3 (blocks < 65535 ? blocks : 65535);
}

extern "C" cudaError_t
nmd_cuda_reduce (cudaStream_t stream, const NmdCudaReduce *r)
{
  const int splits = nmd_cuda_reduce_splits (r->outer, r->n, r->inner);
  const dim3 block (LANES, DEEP);
  const unsigned count = (unsigned)r->outer * r->inner;
  cudaError_t status;

  if (r->inner == 1)
    return NMD_LAUNCH_BLOCKS (rows_kernel, rows_grid (r->outer), block, stream, *r);
  const dim3 grid ((r->inner + LANES - 1) / LANES, r->outer < 65535 ? r->outer : 65535, splits);

  status = NMD_LAUNCH_BLOCKS (columns_kernel, grid, block, stream, *r);
  if (status != cudaSuccess || splits == 1)
    return status;
  return NMD_LAUNCH (parts_kernel, nmd_blocks (count), THREADS, stream, *r, splits);
}

/* --- Σ and maximum at once: what two passes would give, to the bit */

static __global__ void
pair_columns_kernel (NmdCudaReduce r, NmdCudaTensor largest)
{
  const int j = blockIdx.x * LANES + threadIdx.x;
  const size_t count = (size_t)r.outer * r.inner;

  for (int o = blockIdx.y; o < r.outer; o += gridDim.y)
    {
      const size_t at = (size_t)o * r.inner + j;
      float sum = 0, top = -INFINITY;

      for (int k = blockIdx.z * DEEP + threadIdx.y; k < r.n && j < r.inner; k += DEEP * gridDim.z)
        {
          const float a = nmd_load (r.a, ((size_t)o * r.n + k) * r.inner + j);

          sum += a;
          top = nmd_larger (top, a);
        }
      sum = join_rows (NMD_CUDA_SUM, sum);
      top = join_rows (NMD_CUDA_MAX, top);
      if (threadIdx.y > 0 || j >= r.inner)
        continue;
      if (gridDim.z > 1)
        {
          r.partial[blockIdx.z * count + at] = sum;
          r.partial[(gridDim.z + blockIdx.z) * count + at] = top;
          continue;
        }
      nmd_store (r.y, at, sum * r.scale);
      nmd_store (largest, at, top);
    }
}

static __global__ void
pair_parts_kernel (NmdCudaReduce r, NmdCudaTensor largest, int splits)
{
  const unsigned count = (unsigned)r.outer * r.inner;

  FOR_EACH (i, count)
    {
      float sum = r.partial[i], top = r.partial[(size_t)splits * count + i];

      for (int k = 1; k < splits; k++)
        {
          sum += r.partial[(size_t)k * count + i];
          top = nmd_larger (top, r.partial[((size_t)splits + k) * count + i]);
        }
      nmd_store (r.y, i, sum * r.scale);
      nmd_store (largest, i, top);
    }
}

/* inner = 1: a warp for each row. */
static __global__ void
pair_rows_kernel (NmdCudaReduce r, NmdCudaTensor largest)
{
  for (int o = blockIdx.x * DEEP + threadIdx.y; o < r.outer; o += gridDim.x * DEEP)
    {
      float sum = 0, top = -INFINITY;

      for (int k = threadIdx.x; k < r.n; k += WARP)
        {
          const float a = nmd_load (r.a, (size_t)o * r.n + k);

          sum += a;
          top = nmd_larger (top, a);
        }
      sum = nmd_warp_sum (sum);
      top = nmd_warp_max (top);
      if (threadIdx.x > 0)
        continue;
      nmd_store (r.y, o, sum * r.scale);
      nmd_store (largest, o, top);
    }
}

extern "C" cudaError_t
nmd_cuda_reduce_pair (cudaStream_t stream, const NmdCudaReduce *r, NmdCudaTensor largest)
{
  const int splits = nmd_cuda_reduce_splits (r->outer, r->n, r->inner);
  const dim3 block (LANES, DEEP);
  const unsigned count = (unsigned)r->outer * r->inner;
  cudaError_t status;

  if (r->inner == 1)
    return NMD_LAUNCH_BLOCKS (pair_rows_kernel, rows_grid (r->outer), block, stream, *r, largest);
  const dim3 grid ((r->inner + LANES - 1) / LANES, r->outer < 65535 ? r->outer : 65535, splits);

  status = NMD_LAUNCH_BLOCKS (pair_columns_kernel, grid, block, stream, *r, largest);
  if (status != cudaSuccess || splits == 1)
    return status;
  return NMD_LAUNCH (pair_parts_kernel, nmd_blocks (count), THREADS, stream, *r, largest, splits);
}

struct Extents
{
  int whole[4], kept[4];
};

/* One thread a sum: for the few shapes that the others do not serve. */
static __global__ void
any_kernel (int kind, NmdCudaTensor a, NmdCudaTensor b, Extents e, float scale, NmdCudaTensor y, unsigned n,
            unsigned length)
{
  FOR_EACH (i, n)
    {
      float x = start_of (kind);

      for (unsigned k = 0; k < length; k++)
        {
          unsigned kept = i, rest = k, step = 1;
          size_t at = 0;

          for (int d = 3; d >= 0; d--)
            {
              if (e.kept[d] == 1)
                {
                  at += (size_t)(rest % e.whole[d]) * step;
                  rest /= e.whole[d];
                }
              else
                {
                  at += (size_t)(kept % e.whole[d]) * step;
                  kept /= e.whole[d];
                }
              step *= e.whole[d];
            }
          x = join (kind, x, b.p != NULL ? nmd_load (a, at) * nmd_load (b, at) : nmd_load (a, at));
        }
      nmd_store (y, i, kind == NMD_CUDA_MAX ? x : scale * x);
    }
}

extern "C" cudaError_t
nmd_cuda_reduce_any (cudaStream_t stream, int kind, NmdCudaTensor a, NmdCudaTensor b, const int dims[4],
                     const int kept[4], float scale, NmdCudaTensor y)
{
  unsigned n = 1, all = 1;
  Extents e;

  for (int i = 0; i < 4; i++)
    {
      e.whole[i] = dims[i];
      e.kept[i] = kept[i];
      n *= kept[i];
      all *= dims[i];
    }
  return NMD_LAUNCH (any_kernel, nmd_blocks (n), THREADS, stream, kind, a, b, e, scale, y, n, all / n);
}

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
  gamma = join_rows (NMD_CUDA_SUM, gamma);
  beta = join_rows (NMD_CUDA_SUM, beta);
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
  return NMD_LAUNCH_BLOCKS (layer_norm_kernel, rows_grid (rows), dim3 (WARP, DEEP), stream, x, gamma, beta,
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
  return NMD_LAUNCH_BLOCKS (layer_grad_kernel, rows_grid (rows), dim3 (WARP, DEEP), stream, dy, x, gamma,
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
  return NMD_LAUNCH_BLOCKS (row_statistics_kernel, rows_grid (rows), dim3 (WARP, DEEP), stream, x, epsilon,
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
  return NMD_LAUNCH_BLOCKS (softmax_kernel, rows_grid (rows), dim3 (WARP, DEEP), stream, x, scale, rows, c,
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
  return NMD_LAUNCH_BLOCKS (softmax_grad_kernel, rows_grid (rows), dim3 (WARP, DEEP), stream, p, dp, scale,
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
