/* SPDX-License-Identifier: Apache-2.0
 *
 * Kernels that sum or take maxima. A long sum is cut into parts of fixed length that are added in a
 * fixed order by a second kernel.
 */
#include "nmd-cuda-device.h"

#include <limits.h>

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

/* Grid: inner in LANES, outer, splits. */
static __global__ void
columns_kernel (NmdCudaReduce r)
{
  const int j = blockIdx.x * LANES + threadIdx.x;

  for (int o = blockIdx.y; o < r.outer; o += gridDim.y)
    {
      float x = start_of (r.kind);

      for (int k = blockIdx.z * DEEP + threadIdx.y; k < r.n && j < r.inner; k += DEEP * gridDim.z)
        x = nmd_join (r.kind, x, term (r, o, k, j));
      x = nmd_join_rows (r.kind, x);
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
        x = nmd_join (r.kind, x, r.partial[(size_t)k * count + i]);
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
        x = nmd_join (r.kind, x, term (r, o, k, 0));
      for (int step = WARP / 2; step > 0; step /= 2)
        x = nmd_join (r.kind, x, __shfl_xor_sync (0xffffffffu, x, step));
      if (threadIdx.x == 0)
        finish (r, o, 0, x);
    }
}

extern "C" cudaError_t
nmd_cuda_reduce (cudaStream_t stream, const NmdCudaReduce *r)
{
  const int splits = nmd_cuda_reduce_splits (r->outer, r->n, r->inner);
  const dim3 block (LANES, DEEP);
  const unsigned count = (unsigned)r->outer * r->inner;
  cudaError_t status;

  if (r->inner == 1)
    return NMD_LAUNCH_BLOCKS (rows_kernel, nmd_rows_grid (r->outer), block, stream, *r);
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
      sum = nmd_join_rows (NMD_CUDA_SUM, sum);
      top = nmd_join_rows (NMD_CUDA_MAX, top);
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
    return NMD_LAUNCH_BLOCKS (pair_rows_kernel, nmd_rows_grid (r->outer), block, stream, *r, largest);
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
          x = nmd_join (kind, x, b.p != NULL ? nmd_load (a, at) * nmd_load (b, at) : nmd_load (a, at));
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
