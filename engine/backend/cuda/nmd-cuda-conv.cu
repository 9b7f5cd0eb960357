/* SPDX-License-Identifier: Apache-2.0
 *
 * Convolutions by own kernels: depthwise ones, where each value is a short sum and memory is
 * the limit, and those of so few channels or such groups that a matrix product has nothing to
 * do. Dense ones are cuDNN's.
 */
#include "nmd-cuda-device.h"

#define LANES 32
#define DEEP 8
#define STRIP 4   /* outputs of a row that a thread computes from the same inputs */
#define MAX_TAPS 9 /* kernel positions that a thread sums weight gradients of at once */

/* --- depthwise: co = ci = groups, kernel size K and stride S. FLIP turns the kernel round: the
 * gradient by x at stride 1 is such a convolution of dy. */

template <int K, int S, bool FLIP>
static __global__ void
deep_kernel (NmdCudaConv p, NmdCudaTensor x, NmdCudaTensor w, NmdCudaFinish finish, NmdCudaTensor y,
             unsigned n)
{
  const int k = K, s = S, strips = (p.wo + STRIP - 1) / STRIP;

  FOR_EACH (i, n)
    {
      const int c = i % p.co, strip = i / p.co % strips, ho = i / p.co / strips % p.ho;
      const int image = i / p.co / strips / p.ho, w0 = strip * STRIP * s - p.padding;
      const NmdChannel channel = nmd_channel (finish, c);
      float sum[STRIP];

      for (int j = 0; j < STRIP; j++)
        sum[j] = 0;
      for (int a = 0; a < k; a++)
        {
          const int h = ho * s - p.padding + a;
          float row[(STRIP - 1) * S + K];

          if (h < 0 || h >= p.h)
            continue;
          for (int b = 0; b < (STRIP - 1) * s + k; b++)
            row[b] = w0 + b >= 0 && w0 + b < p.w
                         ? nmd_load (x, (((size_t)image * p.h + h) * p.w + w0 + b) * p.co + c)
                         : 0;
          for (int b = 0; b < k; b++)
            {
              const int tap = FLIP ? (k - 1 - a) * k + k - 1 - b : a * k + b;
              const float weight = nmd_load (w, c * k * k + tap);

              for (int j = 0; j < STRIP; j++)
                sum[j] += weight * row[j * s + b];
            }
        }
      for (int j = 0; j < STRIP && strip * STRIP + j < p.wo; j++)
        nmd_store (y, (((size_t)image * p.ho + ho) * p.wo + strip * STRIP + j) * p.co + c,
                   nmd_finish (finish, channel, sum[j]));
    }
}

/* --- any groups, few channels: one thread a value */

static __global__ void
conv_kernel (NmdCudaConv p, NmdCudaTensor x, NmdCudaTensor w, NmdCudaFinish finish, NmdCudaTensor y,
             unsigned n)
{
  const int ci = p.ci / p.groups, co = p.co / p.groups;

  FOR_EACH (i, n)
    {
      const int o = i % p.co, wo = i / p.co % p.wo, ho = i / p.co / p.wo % p.ho;
      const int image = i / p.co / p.wo / p.ho, first = o / co * ci;
      float sum = 0;

      for (int a = 0; a < p.k; a++)
        for (int b = 0; b < p.k; b++)
          {
            const int h = ho * p.stride - p.padding + a, v = wo * p.stride - p.padding + b;
            const size_t at = (((size_t)image * p.h + h) * p.w + v) * p.ci + first;
            const size_t weight = (((size_t)o * p.k + a) * p.k + b) * ci;

            if (h < 0 || h >= p.h || v < 0 || v >= p.w)
              continue;
            for (int j = 0; j < ci; j++)
              sum += nmd_load (x, at + j) * nmd_load (w, weight + j);
          }
      nmd_store (y, i, nmd_finish (finish, nmd_channel (finish, o), sum));
    }
}

extern "C" cudaError_t
nmd_cuda_conv (cudaStream_t stream, const NmdCudaConv *conv, NmdCudaTensor x, NmdCudaTensor w,
               const NmdCudaFinish *finish, NmdCudaTensor y)
{
  const unsigned n = (unsigned)conv->n * conv->ho * conv->wo * conv->co;
  const unsigned strips = (unsigned)conv->n * conv->ho * ((conv->wo + STRIP - 1) / STRIP) * conv->co;
  auto kernel = conv_kernel;
  unsigned count = n;

  if (conv->groups == conv->co && conv->ci == conv->co)
    {
      const int code = conv->k * 10 + conv->stride;
      auto deep = code == 31   ? deep_kernel<3, 1, false>
                  : code == 32 ? deep_kernel<3, 2, false>
                  : code == 51 ? deep_kernel<5, 1, false>
                  : code == 52 ? deep_kernel<5, 2, false>
                               : conv_kernel;

      if (deep != kernel)
        count = strips;
      kernel = deep;
    }
  return NMD_LAUNCH (kernel, nmd_blocks (count), THREADS, stream, *conv, x, w, *finish, y, count);
}

/* --- by x: each value gathers from the outputs that read it */

static __global__ void
conv_grad_x_kernel (NmdCudaConv p, NmdCudaTensor dy, NmdCudaTensor w, NmdCudaTensor dx, unsigned n)
{
  const int ci = p.ci / p.groups, co = p.co / p.groups;

  FOR_EACH (i, n)
    {
      const int c = i % p.ci, v = i / p.ci % p.w, h = i / p.ci / p.w % p.h, image = i / p.ci / p.w / p.h;
      const int group = c / ci, inner = c % ci;
      float sum = 0;

      for (int a = 0; a < p.k; a++)
        {
          const int up = h + p.padding - a, ho = up / p.stride;

          if (up < 0 || up % p.stride != 0 || ho >= p.ho)
            continue;
          for (int b = 0; b < p.k; b++)
            {
              const int left = v + p.padding - b, wo = left / p.stride;
              const size_t at = (((size_t)image * p.ho + ho) * p.wo + wo) * p.co + group * co;

              if (left < 0 || left % p.stride != 0 || wo >= p.wo)
                continue;
              for (int o = 0; o < co; o++)
                sum += nmd_load (dy, at + o)
                       * nmd_load (w, ((((size_t)group * co + o) * p.k + a) * p.k + b) * ci + inner);
            }
        }
      nmd_store (dx, i, sum);
    }
}

extern "C" cudaError_t
nmd_cuda_conv_grad_x (cudaStream_t stream, const NmdCudaConv *conv, NmdCudaTensor dy, NmdCudaTensor w,
                      NmdCudaTensor dx)
{
  const unsigned n = (unsigned)conv->n * conv->h * conv->w * conv->ci;
  const unsigned strips = (unsigned)conv->n * conv->h * ((conv->w + STRIP - 1) / STRIP) * conv->ci;
  const bool deep = conv->groups == conv->co && conv->ci == conv->co && conv->stride == 1;
  const NmdCudaFinish nothing = { NMD_CUDA_IDENTITY, 0, 0, NULL, NULL, NULL, NULL, NULL };
  NmdCudaConv turned = *conv;

  turned.h = conv->ho;
  turned.w = conv->wo;
  turned.ho = conv->h;
  turned.wo = conv->w;
  turned.padding = conv->k - 1 - conv->padding;
  if (deep && (conv->k == 3 || conv->k == 5) && turned.padding >= 0)
    {
      auto kernel = conv->k == 3 ? deep_kernel<3, 1, true> : deep_kernel<5, 1, true>;

      return NMD_LAUNCH (kernel, nmd_blocks (strips), THREADS, stream, turned, dy, w,
                         nothing, dx, strips);
    }
  return NMD_LAUNCH (conv_grad_x_kernel, nmd_blocks (n), THREADS, stream, *conv, dy, w, dx, n);
}

/* --- by w: Σ over images and pixels, cut into parts; a thread keeps the sums of one pair of
 * channels and up to MAX_TAPS positions. Grid: pairs in LANES, groups of taps, parts. */

static __global__ void
conv_grad_w_kernel (NmdCudaConv p, NmdCudaTensor x, NmdCudaTensor dy, float *partial)
{
  __shared__ float part[DEEP][LANES];
  const int ci = p.ci / p.groups, co = p.co / p.groups, taps = p.k * p.k;
  const int pair = blockIdx.x * LANES + threadIdx.x, first = blockIdx.y * MAX_TAPS;
  const int o = pair / ci, c = o / co * ci + pair % ci, rows = p.n * p.ho;
  const bool valid = pair < p.co * ci;
  float sum[MAX_TAPS];

  for (int t = 0; t < MAX_TAPS; t++)
    sum[t] = 0;
  for (int row = blockIdx.z * DEEP + threadIdx.y; row < rows && valid; row += gridDim.z * DEEP)
    {
      const int image = row / p.ho, ho = row % p.ho;

      for (int wo = 0; wo < p.wo; wo++)
        {
          const float g = nmd_load (dy, ((size_t)row * p.wo + wo) * p.co + o);

#pragma unroll
          for (int t = 0; t < MAX_TAPS; t++)
            {
              const int h = ho * p.stride - p.padding + (first + t) / p.k;
              const int v = wo * p.stride - p.padding + (first + t) % p.k;

              if (first + t < taps && h >= 0 && h < p.h && v >= 0 && v < p.w)
                sum[t] += g * nmd_load (x, (((size_t)image * p.h + h) * p.w + v) * p.ci + c);
            }
        }
    }
  for (int t = 0; t < MAX_TAPS; t++)
    {
      part[threadIdx.y][threadIdx.x] = sum[t];
      __syncthreads ();
      for (int step = DEEP / 2; step > 0; step /= 2)
        {
          if (threadIdx.y < step)
            part[threadIdx.y][threadIdx.x] += part[threadIdx.y + step][threadIdx.x];
          __syncthreads ();
        }
      if (threadIdx.y == 0 && valid && first + t < taps)
        partial[(size_t)blockIdx.z * p.co * ci * taps + ((size_t)o * taps + first + t) * ci + pair % ci]
            = part[0][threadIdx.x];
      __syncthreads ();
    }
}

static __global__ void
sum_parts_kernel (const float *partial, int splits, unsigned n, float *y)
{
  FOR_EACH (i, n)
    {
      float sum = 0;

      for (int k = 0; k < splits; k++)
        sum += partial[(size_t)k * n + i];
      y[i] = sum;
    }
}

extern "C" int
nmd_cuda_conv_splits (const NmdCudaConv *conv)
{
  const int pairs = conv->co * (conv->ci / conv->groups);
  const int blocks = (pairs + LANES - 1) / LANES * ((conv->k * conv->k + MAX_TAPS - 1) / MAX_TAPS);
  const int wanted = 1024 / blocks, most = conv->n * conv->ho / DEEP;
  const int splits = wanted < most ? wanted : most;

  return splits < 1 ? 1 : splits;
}

extern "C" cudaError_t
nmd_cuda_conv_grad_w (cudaStream_t stream, const NmdCudaConv *conv, NmdCudaTensor x, NmdCudaTensor dy,
                      float *partial, float *dw)
{
  const int ci = conv->ci / conv->groups, taps = conv->k * conv->k, splits = nmd_cuda_conv_splits (conv);
  const dim3 grid ((conv->co * ci + LANES - 1) / LANES, (taps + MAX_TAPS - 1) / MAX_TAPS, splits);
  const unsigned n = (unsigned)conv->co * ci * taps;
  cudaError_t status = NMD_LAUNCH_BLOCKS (conv_grad_w_kernel, grid, dim3 (LANES, DEEP), stream, *conv, x, dy,
                                          splits == 1 ? dw : partial);

  if (status != cudaSuccess || splits == 1)
    return status;
  return NMD_LAUNCH (sum_parts_kernel, nmd_blocks (n), THREADS, stream, (const float *)partial, splits, n,
                     dw);
}

/* --- dense ones that cuDNN declines, as products */

static __global__ void
unfold_kernel (NmdCudaConv p, NmdCudaTensor x, NmdCudaTensor rows, unsigned n)
{
  FOR_EACH (i, n)
    {
      const int c = i % p.ci, b = i / p.ci % p.k, a = i / p.ci / p.k % p.k;
      const unsigned row = i / p.ci / p.k / p.k;
      const int wo = row % p.wo, ho = row / p.wo % p.ho, image = row / p.wo / p.ho;
      const int h = ho * p.stride - p.padding + a, w = wo * p.stride - p.padding + b;

      nmd_store (rows, i,
                 h >= 0 && h < p.h && w >= 0 && w < p.w
                     ? nmd_load (x, (((size_t)image * p.h + h) * p.w + w) * p.ci + c)
                     : 0);
    }
}

extern "C" cudaError_t
nmd_cuda_unfold (cudaStream_t stream, const NmdCudaConv *conv, int images, NmdCudaTensor x,
                 NmdCudaTensor rows)
{
  const unsigned n = (unsigned)images * conv->ho * conv->wo * conv->k * conv->k * conv->ci;

  return NMD_LAUNCH (unfold_kernel, nmd_blocks (n), THREADS, stream, *conv, x, rows, n);
}

static __global__ void
fold_kernel (NmdCudaConv p, NmdCudaTensor rows, NmdCudaTensor dx, unsigned n)
{
  FOR_EACH (i, n)
    {
      const int c = i % p.ci, w = i / p.ci % p.w, h = i / p.ci / p.w % p.h, image = i / p.ci / p.w / p.h;
      float sum = 0;

      for (int a = 0; a < p.k; a++)
        for (int b = 0; b < p.k; b++)
          {
            const int up = h + p.padding - a, left = w + p.padding - b;
            const int ho = up / p.stride, wo = left / p.stride;
            const size_t row = ((size_t)image * p.ho + ho) * p.wo + wo;

            if (up >= 0 && left >= 0 && up % p.stride == 0 && left % p.stride == 0 && ho < p.ho && wo < p.wo)
              sum += nmd_load (rows, ((row * p.k + a) * p.k + b) * p.ci + c);
          }
      nmd_store (dx, i, sum);
    }
}

extern "C" cudaError_t
nmd_cuda_fold (cudaStream_t stream, const NmdCudaConv *conv, int images, NmdCudaTensor rows,
               NmdCudaTensor dx)
{
  const unsigned n = (unsigned)images * conv->h * conv->w * conv->ci;

  return NMD_LAUNCH (fold_kernel, nmd_blocks (n), THREADS, stream, *conv, rows, dx, n);
}
