/* SPDX-License-Identifier: Apache-2.0
 *
 * What the .cu files share: how kernels are started, how a tensor of either type is read and
 * written, reductions within a warp and a block, the activations.
 */
#pragma once

#include "nmd-cuda-kernels.h"

#include <math.h>

/* Starts a kernel; the second form is for kernels with barriers or shuffles. The tests run both on
 * the host, where the two differ. */
#ifndef NMD_LAUNCH
#define NMD_LAUNCH(kernel, grid, block, stream, ...) \
  (((kernel)<<<grid, block, 0, stream>>> (__VA_ARGS__)), cudaGetLastError ())
#define NMD_LAUNCH_BLOCKS NMD_LAUNCH
#endif

#define THREADS 256
#define WARP 32

/* Blocks of THREADS for n values, each thread doing several where there are many. */
static inline unsigned
nmd_blocks (unsigned n)
{
  const unsigned blocks = (n + THREADS - 1) / THREADS;

  return blocks < 1 ? 1 : blocks > 65535u * 4 ? 65535u * 4 : blocks;
}

#define FOR_EACH(i, n) \
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < (n); i += gridDim.x * blockDim.x)

static __device__ __forceinline__ float
nmd_from_bf16 (unsigned short bits)
{
  return __uint_as_float ((unsigned)bits << 16);
}

/* Halves to even; NaN stays NaN. */
static __device__ __forceinline__ unsigned short
nmd_to_bf16 (float x)
{
  const unsigned bits = __float_as_uint (x);

  if ((bits & 0x7fffffffu) > 0x7f800000u)
    return 0x7fc0;
  return (unsigned short)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

static __device__ __forceinline__ float
nmd_load (NmdCudaTensor t, size_t i)
{
  return t.bf16 ? nmd_from_bf16 (((const unsigned short *)t.p)[i]) : ((const float *)t.p)[i];
}

static __device__ __forceinline__ void
nmd_store (NmdCudaTensor t, size_t i, float x)
{
  if (t.bf16)
    ((unsigned short *)t.p)[i] = nmd_to_bf16 (x);
  else
    ((float *)t.p)[i] = x;
}

/* V values at once; i and the tensor are aligned to V. */
template <int V>
struct NmdVector
{
  float v[V];
};

template <int V>
static __device__ __forceinline__ NmdVector<V>
nmd_load_v (NmdCudaTensor t, size_t i)
{
  NmdVector<V> x;

  if (V == 4 && t.bf16)
    {
      const ushort4 bits = *(const ushort4 *)((const unsigned short *)t.p + i);

      x.v[0] = nmd_from_bf16 (bits.x);
      x.v[1 % V] = nmd_from_bf16 (bits.y);
      x.v[2 % V] = nmd_from_bf16 (bits.z);
      x.v[3 % V] = nmd_from_bf16 (bits.w);
    }
  else if (V == 4)
    {
      const float4 four = *(const float4 *)((const float *)t.p + i);

      x.v[0] = four.x;
      x.v[1 % V] = four.y;
      x.v[2 % V] = four.z;
      x.v[3 % V] = four.w;
    }
  else
    for (int k = 0; k < V; k++)
      x.v[k] = nmd_load (t, i + k);
  return x;
}

template <int V>
static __device__ __forceinline__ void
nmd_store_v (NmdCudaTensor t, size_t i, const NmdVector<V> &x)
{
  if (V == 4 && t.bf16)
    {
      ushort4 bits;

      bits.x = nmd_to_bf16 (x.v[0]);
      bits.y = nmd_to_bf16 (x.v[1 % V]);
      bits.z = nmd_to_bf16 (x.v[2 % V]);
      bits.w = nmd_to_bf16 (x.v[3 % V]);
      *(ushort4 *)((unsigned short *)t.p + i) = bits;
    }
  else if (V == 4)
    {
      float4 four;

      four.x = x.v[0];
      four.y = x.v[1 % V];
      four.z = x.v[2 % V];
      four.w = x.v[3 % V];
      *(float4 *)((float *)t.p + i) = four;
    }
  else
    for (int k = 0; k < V; k++)
      nmd_store (t, i + k, x.v[k]);
}

/* --- activations; NaN stays NaN in all */

static __device__ __forceinline__ float
nmd_sigmoid (float x)
{
  return x < 0 ? expf (x) / (1 + expf (x)) : 1 / (1 + expf (-x));
}

static __device__ __forceinline__ float
nmd_activate (int activation, float slope, float x)
{
  switch (activation)
    {
    case NMD_CUDA_RELU:
      return x < 0 ? 0 : x;
    case NMD_CUDA_SIGMOID:
      return nmd_sigmoid (x);
    case NMD_CUDA_LEAKY_RELU:
      return x > 0 ? x : slope * x;
    case NMD_CUDA_HARD_SIGMOID:
      return x <= -3 ? 0 : x >= 3 ? 1 : x / 6 + 0.5f;
    case NMD_CUDA_SILU:
      return x * nmd_sigmoid (x);
    case NMD_CUDA_GELU:
      return x * 0.5f * erfcf (-x * 0.70710678118654752f);
    default:
      return x;
    }
}

/* a is x for SiLU and GELU, the value for the others. */
static __device__ __forceinline__ float
nmd_activate_grad (int activation, float slope, float dy, float a)
{
  float s;

  switch (activation)
    {
    case NMD_CUDA_RELU:
      return a > 0 ? dy : a * 0;
    case NMD_CUDA_SIGMOID:
      return dy * a * (1 - a);
    case NMD_CUDA_LEAKY_RELU:
      return a > 0 ? dy : a <= 0 ? slope * dy : a;
    case NMD_CUDA_HARD_SIGMOID:
      return a > 0 && a < 1 ? dy / 6 : a * 0;
    case NMD_CUDA_SILU:
      s = nmd_sigmoid (a);
      return dy * s * (1 + a * (1 - s));
    case NMD_CUDA_GELU: /* Φ(a) + a·φ(a) */
      return dy * (0.5f * erfcf (-a * 0.70710678118654752f) + a * expf (-a * a / 2) * 0.39894228040143268f);
    default:
      return dy;
    }
}

/* --- NmdCudaFinish, what is the same for all values of a channel computed once */

struct NmdChannel
{
  float scale, mean, shift;
};

static __device__ __forceinline__ NmdChannel
nmd_channel (const NmdCudaFinish &f, int c)
{
  NmdChannel channel;

  channel.scale = f.gamma != NULL ? f.gamma[c] : 1;
  if (f.variance != NULL)
    channel.scale /= sqrtf (f.variance[c] + f.epsilon);
  channel.mean = f.mean != NULL ? f.mean[c] : 0;
  if (f.bias != NULL)
    channel.mean -= f.bias[c];
  channel.shift = f.beta != NULL ? f.beta[c] : 0;
  return channel;
}

static __device__ __forceinline__ float
nmd_before_activation (const NmdChannel &channel, float x)
{
  return channel.scale * (x - channel.mean) + channel.shift;
}

static __device__ __forceinline__ float
nmd_finish (const NmdCudaFinish &f, const NmdChannel &channel, float x)
{
  return nmd_activate (f.activation, f.slope, nmd_before_activation (channel, x));
}

/* --- the sum of a warp's values, and their maximum, in all lanes */

static __device__ __forceinline__ float
nmd_warp_sum (float x)
{
  for (int step = WARP / 2; step > 0; step /= 2)
    x += __shfl_xor_sync (0xffffffffu, x, step);
  return x;
}

static __device__ __forceinline__ float
nmd_larger (float a, float b)
{
  return b > a || isnan (b) ? b : a;
}

static __device__ __forceinline__ float
nmd_warp_max (float x)
{
  for (int step = WARP / 2; step > 0; step /= 2)
    x = nmd_larger (x, __shfl_xor_sync (0xffffffffu, x, step));
  return x;
}

/* --- reductions of [outer, n, inner] */

#define LANES 32 /* values of inner a block handles side by side */
#define DEEP 8   /* rows it handles at once */

static __device__ __forceinline__ float
nmd_join (int kind, float a, float b)
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

/* Joins the values of a block's DEEP rows in a fixed tree; row 0 gets the result. */
static __device__ __forceinline__ float
nmd_join_rows (int kind, float x)
{
  __shared__ float part[DEEP][LANES];

  part[threadIdx.y][threadIdx.x] = x;
  __syncthreads ();
  for (int step = DEEP / 2; step > 0; step /= 2)
    {
      if (threadIdx.y < step)
        part[threadIdx.y][threadIdx.x]
            = nmd_join (kind, part[threadIdx.y][threadIdx.x], part[threadIdx.y + step][threadIdx.x]);
      __syncthreads ();
    }
  x = part[0][threadIdx.x];
  __syncthreads ();
  return x;
}

/* Blocks of DEEP rows, a warp each. */
static inline dim3
nmd_rows_grid (int rows)
{
  const int blocks = (rows + DEEP - 1) / DEEP;

  return dim3 (blocks < 65535 ? blocks : 65535);
}
