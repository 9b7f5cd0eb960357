/* SPDX-License-Identifier: Apache-2.0
 *
 * Kernels of segmentation: bilinear enlarging and the losses of maps of logits.
 */
#include "nmd-cuda-device.h"

/* --- enlarging */

/* Row or column i of `large` lies at (2·i + 1)·small/(2·large) − 1/2 of `small`, cut at the ends. */
struct Place
{
  int low, high;
  float share; /* of high */
};

static __device__ __forceinline__ Place
place_of (int i, int small, int large)
{
  const long long whole = 2LL * large, at = (2LL * i + 1) * small - large;
  Place place;

  place.low = at < 0 ? 0 : (int)(at / whole);
  place.share = at < 0 ? 0 : (float)(at - place.low * whole) / (float)whole;
  if (place.low >= small - 1)
    {
      place.low = small - 1;
      place.share = 0;
    }
  place.high = place.low + 1 < small ? place.low + 1 : place.low;
  return place;
}

/* Equal neighbours stay as they are. */
static __device__ __forceinline__ float
between (float a, float b, float share)
{
  return a + share * (b - a);
}

static __global__ void
enlarge_kernel (NmdCudaTensor x, int h, int w, int c, int large_h, int large_w, NmdCudaTensor y, unsigned n)
{
  FOR_EACH (i, n)
    {
      const unsigned channel = i % c, k = i / c / large_w;
      const Place column = place_of (i / c % large_w, w, large_w);
      const Place row = place_of (k % large_h, h, large_h);
      const size_t image = (size_t)(k / large_h) * h;
      const size_t top = (image + row.low) * w, bottom = (image + row.high) * w;
      const float a = between (nmd_load (x, (top + column.low) * c + channel),
                               nmd_load (x, (bottom + column.low) * c + channel), row.share);
      const float b = between (nmd_load (x, (top + column.high) * c + channel),
                               nmd_load (x, (bottom + column.high) * c + channel), row.share);

      nmd_store (y, i, between (a, b, column.share));
    }
}

extern "C" cudaError_t
nmd_cuda_enlarge (cudaStream_t stream, NmdCudaTensor x, int n, int h, int w, int c, int large_h, int large_w,
                  NmdCudaTensor y)
{
  const unsigned count = (unsigned)n * large_h * large_w * c;

  return NMD_LAUNCH (enlarge_kernel, nmd_blocks (count), THREADS, stream, x, h, w, c, large_h, large_w, y,
                     count);
}

/* The first of `large` that may read place q of `small`, and the end of those. */
static __device__ __forceinline__ void
readers_of (int q, int small, int large, int *first, int *end)
{
  const long long low = (2LL * q - 1) * large / (2LL * small) - 2, high = (2LL * q + 3) * large / (2LL * small) + 2;

  *first = q == 0 || low < 0 ? 0 : (int)low;
  *end = q == small - 1 || high > large ? large : (int)high;
}

/* What place i of `large` takes of place q of `small`. */
static __device__ __forceinline__ float
share_of (int i, int q, int small, int large)
{
  const Place place = place_of (i, small, large);

  return place.low == q ? 1 - place.share : place.high == q ? place.share : 0;
}

/* Each value of dx gathers, in row order. */
static __global__ void
enlarge_grad_kernel (NmdCudaTensor dy, int h, int w, int c, int large_h, int large_w, NmdCudaTensor dx,
                     unsigned n)
{
  FOR_EACH (i, n)
    {
      const unsigned channel = i % c, column = i / c % w, row = i / c / w % h, image = i / c / w / h;
      int top, bottom, left, right;
      float sum = 0;

      readers_of (row, h, large_h, &top, &bottom);
      readers_of (column, w, large_w, &left, &right);
      for (int a = top; a < bottom; a++)
        {
          const float share = share_of (a, row, h, large_h);

          for (int b = left; share != 0 && b < right; b++)
            sum += share * share_of (b, column, w, large_w)
                   * nmd_load (dy, (((size_t)image * large_h + a) * large_w + b) * c + channel);
        }
      nmd_store (dx, i, sum);
    }
}

extern "C" cudaError_t
nmd_cuda_enlarge_grad (cudaStream_t stream, NmdCudaTensor dy, int n, int h, int w, int c, int large_h,
                       int large_w, NmdCudaTensor dx)
{
  const unsigned count = (unsigned)n * h * w * c;

  return NMD_LAUNCH (enlarge_grad_kernel, nmd_blocks (count), THREADS, stream, dy, h, w, c, large_h, large_w,
                     dx, count);
}

/* --- losses */

#define N_SUMS 4

/* A block for each image: a thread's values in order, then a tree. */
static __global__ void
logit_sums_kernel (NmdCudaTensor z, NmdCudaTensor t, int count, float *sums)
{
  __shared__ float part[N_SUMS][THREADS];
  float sum[N_SUMS] = { 0, 0, 0, 0 };

  for (int i = threadIdx.x; i < count; i += THREADS)
    {
      const float x = nmd_load (z, (size_t)blockIdx.x * count + i);
      const float target = nmd_load (t, (size_t)blockIdx.x * count + i);
      const float p = nmd_sigmoid (x);

      sum[0] += (x < 0 ? 0 : x) - x * target + log1pf (expf (-fabsf (x)));
      sum[1] += p * target;
      sum[2] += p;
      sum[3] += target;
    }
  for (int k = 0; k < N_SUMS; k++)
    part[k][threadIdx.x] = sum[k];
  __syncthreads ();
  for (int step = THREADS / 2; step > 0; step /= 2)
    {
      for (int k = 0; k < N_SUMS && threadIdx.x < step; k++)
        part[k][threadIdx.x] += part[k][threadIdx.x + step];
      __syncthreads ();
    }
  if (threadIdx.x < N_SUMS)
    sums[blockIdx.x * N_SUMS + threadIdx.x] = part[threadIdx.x][0];
}

extern "C" cudaError_t
nmd_cuda_logit_sums (cudaStream_t stream, NmdCudaTensor logits, NmdCudaTensor targets, int n, int count,
                     float *sums)
{
  return NMD_LAUNCH_BLOCKS (logit_sums_kernel, n, THREADS, stream, logits, targets, count, sums);
}

static __global__ void
pixel_loss_kernel (const float *sums, int n, int count, int dice, float *loss)
{
  FOR_EACH (k, 1u)
    {
      float total = 0;

      for (int i = 0; i < n; i++)
        {
          const float *s = sums + i * N_SUMS;

          total += dice ? 1 - (2 * s[1] + 1) / (s[2] + s[3] + 1) : s[0] / count;
        }
      loss[k] = total / n;
    }
}

extern "C" cudaError_t
nmd_cuda_pixel_loss (cudaStream_t stream, const float *sums, int n, int count, int dice, float *loss)
{
  return NMD_LAUNCH (pixel_loss_kernel, 1, 1, stream, sums, n, count, dice, loss);
}

static __global__ void
pixel_loss_grad_kernel (const float *dy, NmdCudaTensor z, NmdCudaTensor t, const float *sums, int n, int count,
                        int dice, NmdCudaTensor dz)
{
  FOR_EACH (i, (unsigned)n * count)
    {
      const float *s = sums + i / count * N_SUMS;
      const float x = nmd_load (z, i), target = nmd_load (t, i);
      const float p = nmd_sigmoid (x), rest = nmd_sigmoid (-x);
      const float a = 2 * s[1] + 1, b = s[2] + s[3] + 1;
      const float slope = dice ? p * rest * (a / b - 2 * target) / b : (p - target) / count;

      nmd_store (dz, i, *dy / n * slope);
    }
}

extern "C" cudaError_t
nmd_cuda_pixel_loss_grad (cudaStream_t stream, const float *dy, NmdCudaTensor logits, NmdCudaTensor targets,
                          const float *sums, int n, int count, int dice, NmdCudaTensor dz)
{
  return NMD_LAUNCH (pixel_loss_grad_kernel, nmd_blocks ((unsigned)n * count), THREADS, stream, dy, logits,
                     targets, sums, n, count, dice, dz);
}
