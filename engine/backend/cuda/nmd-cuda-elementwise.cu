/* SPDX-License-Identifier: Apache-2.0
 *
 * Kernels that compute each value from few others: activations, sums and products, changes of
 * form, pooling, tokens, the optimiser.
 */
#include "nmd-cuda-device.h"

/* --- element by element */

static __global__ void
fill_kernel (NmdCudaTensor y, float value, unsigned n)
{
  FOR_EACH (i, n)
    nmd_store (y, i, value);
}

extern "C" cudaError_t
nmd_cuda_fill (cudaStream_t stream, NmdCudaTensor y, float value, unsigned n)
{
  return NMD_LAUNCH (fill_kernel, nmd_blocks (n), THREADS, stream, y, value, n);
}

/* y = scale·activation (a + b), or scale·its gradient; b may be absent. */
template <int V, bool GRAD>
static __global__ void
each_kernel (int activation, float slope, NmdCudaTensor a, NmdCudaTensor b, float scale, NmdCudaTensor y,
             unsigned n)
{
  FOR_EACH (i, n / V)
    {
      const size_t at = (size_t)i * V;
      NmdVector<V> x = nmd_load_v<V> (a, at), other;

      if (b.p != NULL)
        other = nmd_load_v<V> (b, at);
      for (int k = 0; k < V; k++)
        if (GRAD)
          x.v[k] = nmd_activate_grad (activation, slope, x.v[k], other.v[k]);
        else
          {
            const float sum = b.p != NULL ? x.v[k] + other.v[k] : x.v[k];

            x.v[k] = scale * nmd_activate (activation, slope, sum);
          }
      nmd_store_v<V> (y, at, x);
    }
}

template <bool GRAD>
static cudaError_t
each (cudaStream_t stream, int activation, float slope, NmdCudaTensor a, NmdCudaTensor b, float scale,
      NmdCudaTensor y, unsigned n)
{
  if (n % 4 == 0)
    {
      auto kernel = each_kernel<4, GRAD>;

      return NMD_LAUNCH (kernel, nmd_blocks (n / 4), THREADS, stream, activation, slope, a, b, scale, y, n);
    }
  auto kernel = each_kernel<1, GRAD>;

  return NMD_LAUNCH (kernel, nmd_blocks (n), THREADS, stream, activation, slope, a, b, scale, y, n);
}

extern "C" cudaError_t
nmd_cuda_scale (cudaStream_t stream, NmdCudaTensor x, float value, NmdCudaTensor y, unsigned n)
{
  const NmdCudaTensor none = { NULL, 0 };

  return each<false> (stream, NMD_CUDA_IDENTITY, 0, x, none, value, y, n);
}

extern "C" cudaError_t
nmd_cuda_activation (cudaStream_t stream, int activation, float slope, NmdCudaTensor x, NmdCudaTensor y,
                     unsigned n)
{
  const NmdCudaTensor none = { NULL, 0 };

  return each<false> (stream, activation, slope, x, none, 1, y, n);
}

extern "C" cudaError_t
nmd_cuda_add (cudaStream_t stream, int activation, float slope, NmdCudaTensor a, NmdCudaTensor b,
              NmdCudaTensor y, unsigned n)
{
  return each<false> (stream, activation, slope, a, b, 1, y, n);
}

extern "C" cudaError_t
nmd_cuda_activation_grad (cudaStream_t stream, int activation, float slope, NmdCudaTensor dy,
                          NmdCudaTensor a, NmdCudaTensor y, unsigned n)
{
  return each<true> (stream, activation, slope, dy, a, 1, y, n);
}

struct Four
{
  int v[4];
};

/* Where a tensor that moves by @strides has its value for index i of @dims. */
static __device__ __forceinline__ unsigned
spread_index (unsigned i, const Four &dims, const Four &strides)
{
  unsigned at = 0;

  for (int k = 3; k >= 0; k--)
    {
      at += i % dims.v[k] * strides.v[k];
      i /= dims.v[k];
    }
  return at;
}

static __global__ void
broadcast_kernel (NmdCudaTensor a, NmdCudaTensor b, Four dims, Four strides, float value, NmdCudaTensor y,
                  unsigned n)
{
  FOR_EACH (i, n)
    {
      const unsigned at = spread_index (i, dims, strides);

      nmd_store (y, i, value * (a.p != NULL ? nmd_load (a, i) * nmd_load (b, at) : nmd_load (b, at)));
    }
}

extern "C" cudaError_t
nmd_cuda_broadcast (cudaStream_t stream, NmdCudaTensor a, NmdCudaTensor b, const int dims[4],
                    const int strides[4], float value, NmdCudaTensor y)
{
  const unsigned n = (unsigned)dims[0] * dims[1] * dims[2] * dims[3];
  const Four d = { { dims[0], dims[1], dims[2], dims[3] } };
  const Four s = { { strides[0], strides[1], strides[2], strides[3] } };

  return NMD_LAUNCH (broadcast_kernel, nmd_blocks (n), THREADS, stream, a, b, d, s, value, y, n);
}

static __global__ void
gate_kernel (int activation, float slope, NmdCudaTensor x, NmdCudaTensor a, NmdCudaTensor b, Four dims,
             Four strides, NmdCudaTensor y, unsigned n)
{
  FOR_EACH (i, n)
    {
      const unsigned at = spread_index (i, dims, strides);
      const float sum = b.p != NULL ? nmd_load (a, at) + nmd_load (b, at) : nmd_load (a, at);

      nmd_store (y, i, nmd_load (x, i) * nmd_activate (activation, slope, sum));
    }
}

extern "C" cudaError_t
nmd_cuda_gate (cudaStream_t stream, int activation, float slope, NmdCudaTensor x, NmdCudaTensor a,
               NmdCudaTensor b, const int dims[4], const int strides[4], NmdCudaTensor y)
{
  const unsigned n = (unsigned)dims[0] * dims[1] * dims[2] * dims[3];
  const Four d = { { dims[0], dims[1], dims[2], dims[3] } };
  const Four s = { { strides[0], strides[1], strides[2], strides[3] } };

  return NMD_LAUNCH (gate_kernel, nmd_blocks (n), THREADS, stream, activation, slope, x, a, b, d, s, y, n);
}

/* --- form */

/* Storage index of the value at row-major position i of n × c × area. */
static __device__ __forceinline__ size_t
stored (unsigned i, int c, int area)
{
  const unsigned pixel = i % area, channel = i / area % c, image = i / area / c;

  return ((size_t)image * area + pixel) * c + channel;
}

static __global__ void
from_planes_kernel (const float *x, NmdCudaTensor y, int c, int area, unsigned n)
{
  FOR_EACH (i, n)
    {
      const unsigned channel = i % c, pixel = i / c % area, image = i / c / area;

      nmd_store (y, i, x[((size_t)image * c + channel) * area + pixel]);
    }
}

extern "C" cudaError_t
nmd_cuda_from_planes (cudaStream_t stream, const float *x, NmdCudaTensor y, int n, int c, int area)
{
  const unsigned count = (unsigned)n * c * area;

  return NMD_LAUNCH (from_planes_kernel, nmd_blocks (count), THREADS, stream, x, y, c, area, count);
}

static __global__ void
to_planes_kernel (NmdCudaTensor x, float *y, int c, int area, unsigned n)
{
  FOR_EACH (i, n)
    y[i] = nmd_load (x, stored (i, c, area));
}

extern "C" cudaError_t
nmd_cuda_to_planes (cudaStream_t stream, NmdCudaTensor x, float *y, int n, int c, int area)
{
  const unsigned count = (unsigned)n * c * area;

  return NMD_LAUNCH (to_planes_kernel, nmd_blocks (count), THREADS, stream, x, y, c, area, count);
}

static __global__ void
reshape_kernel (NmdCudaTensor x, int cx, int area_x, NmdCudaTensor y, int cy, int area_y, unsigned n)
{
  FOR_EACH (i, n)
    nmd_store (y, stored (i, cy, area_y), nmd_load (x, stored (i, cx, area_x)));
}

extern "C" cudaError_t
nmd_cuda_reshape (cudaStream_t stream, NmdCudaTensor x, int cx, int area_x, NmdCudaTensor y, int cy,
                  int area_y, unsigned n)
{
  return NMD_LAUNCH (reshape_kernel, nmd_blocks (n), THREADS, stream, x, cx, area_x, y, cy, area_y, n);
}

template <int V>
static __global__ void
channels_kernel (NmdCudaTensor x, int cx, int from, NmdCudaTensor y, int cy, int to, int count, unsigned n)
{
  FOR_EACH (i, n)
    {
      const unsigned row = i / (count / V), j = i % (count / V) * V;

      nmd_store_v<V> (y, (size_t)row * cy + to + j, nmd_load_v<V> (x, (size_t)row * cx + from + j));
    }
}

extern "C" cudaError_t
nmd_cuda_channels (cudaStream_t stream, NmdCudaTensor x, int cx, int from, NmdCudaTensor y, int cy, int to,
                   int count, int rows)
{
  if ((cx | cy | from | to | count) % 4 == 0)
    {
      const unsigned n = (unsigned)rows * (count / 4);

      return NMD_LAUNCH (channels_kernel<4>, nmd_blocks (n), THREADS, stream, x, cx, from, y, cy, to, count,
                         n);
    }
  const unsigned n = (unsigned)rows * count;

  return NMD_LAUNCH (channels_kernel<1>, nmd_blocks (n), THREADS, stream, x, cx, from, y, cy, to, count, n);
}

static __global__ void
padded_kernel (NmdCudaTensor x, int count, NmdCudaTensor y, int cy, int to, unsigned n)
{
  FOR_EACH (i, n)
    {
      const unsigned row = i / cy;
      const int j = (int)(i % cy) - to;

      nmd_store (y, i, j >= 0 && j < count ? nmd_load (x, (size_t)row * count + j) : 0);
    }
}

extern "C" cudaError_t
nmd_cuda_channels_padded (cudaStream_t stream, NmdCudaTensor x, int count, NmdCudaTensor y, int cy, int to,
                          int rows)
{
  const unsigned n = (unsigned)rows * cy;

  return NMD_LAUNCH (padded_kernel, nmd_blocks (n), THREADS, stream, x, count, y, cy, to, n);
}

static __global__ void
shuffle_kernel (NmdCudaTensor x, NmdCudaTensor y, int c, int groups, unsigned n)
{
  FOR_EACH (i, n)
    {
      const int j = (int)(i % c);

      nmd_store (y, i, nmd_load (x, (size_t)(i / c) * c + j % groups * (c / groups) + j / groups));
    }
}

extern "C" cudaError_t
nmd_cuda_shuffle (cudaStream_t stream, NmdCudaTensor x, NmdCudaTensor y, int c, int groups, int rows)
{
  const unsigned n = (unsigned)rows * c;

  return NMD_LAUNCH (shuffle_kernel, nmd_blocks (n), THREADS, stream, x, y, c, groups, n);
}

static __global__ void
place_kernel (NmdCudaTensor dy, const float *index, int count, int inner, NmdCudaTensor y, unsigned n)
{
  FOR_EACH (i, n)
    {
      const unsigned j = i % inner, k = i / inner % count, outer = i / inner / count;
      const size_t at = (size_t)outer * inner + j;

      nmd_store (y, i, __float_as_uint (index[at]) == k ? nmd_load (dy, at) : 0);
    }
}

extern "C" cudaError_t
nmd_cuda_place (cudaStream_t stream, NmdCudaTensor dy, const float *index, int outer, int n, int inner,
                NmdCudaTensor y)
{
  const unsigned count = (unsigned)outer * n * inner;

  return NMD_LAUNCH (place_kernel, nmd_blocks (count), THREADS, stream, dy, index, n, inner, y, count);
}

/* --- pooling and enlarging */

static __global__ void
max_pool_kernel (NmdCudaConv p, NmdCudaTensor x, NmdCudaTensor y, unsigned n)
{
  FOR_EACH (i, n)
    {
      const int c = i % p.co, wo = i / p.co % p.wo, ho = i / p.co / p.wo % p.ho;
      const int image = i / p.co / p.wo / p.ho;
      float largest = -INFINITY;

      for (int a = 0; a < p.k; a++)
        for (int b = 0; b < p.k; b++)
          {
            const int h = ho * p.stride - p.padding + a, w = wo * p.stride - p.padding + b;

            if (h < 0 || h >= p.h || w < 0 || w >= p.w)
              continue;
            largest = nmd_larger (largest, nmd_load (x, (((size_t)image * p.h + h) * p.w + w) * p.co + c));
          }
      nmd_store (y, i, largest);
    }
}

extern "C" cudaError_t
nmd_cuda_max_pool (cudaStream_t stream, const NmdCudaConv *pool, NmdCudaTensor x, NmdCudaTensor y)
{
  const unsigned n = (unsigned)pool->n * pool->ho * pool->wo * pool->co;

  return NMD_LAUNCH (max_pool_kernel, nmd_blocks (n), THREADS, stream, *pool, x, y, n);
}

/* Whether (h, w) is the first value in row order of window (ho, wo) that is its maximum. */
static __device__ bool
is_first (const NmdCudaConv &p, NmdCudaTensor x, float maximum, int image, int c, int ho, int wo, int h,
          int w)
{
  for (int a = 0; a < p.k; a++)
    for (int b = 0; b < p.k; b++)
      {
        const int i = ho * p.stride - p.padding + a, j = wo * p.stride - p.padding + b;

        if (i < 0 || i >= p.h || j < 0 || j >= p.w)
          continue;
        if (nmd_load (x, (((size_t)image * p.h + i) * p.w + j) * p.co + c) == maximum)
          return i == h && j == w;
      }
  return false;
}

static __global__ void
max_pool_grad_kernel (NmdCudaConv p, NmdCudaTensor dy, NmdCudaTensor x, NmdCudaTensor y, NmdCudaTensor dx,
                      unsigned n)
{
  FOR_EACH (i, n)
    {
      const int c = i % p.co, w = i / p.co % p.w, h = i / p.co / p.w % p.h, image = i / p.co / p.w / p.h;
      const int low_h = h + p.padding - p.k + 1, low_w = w + p.padding - p.k + 1;
      const int first_h = low_h > 0 ? (low_h + p.stride - 1) / p.stride : 0;
      const int first_w = low_w > 0 ? (low_w + p.stride - 1) / p.stride : 0;
      const float value = nmd_load (x, i);
      float sum = 0;

      for (int ho = first_h; ho < p.ho && ho * p.stride - p.padding <= h; ho++)
        for (int wo = first_w; wo < p.wo && wo * p.stride - p.padding <= w; wo++)
          {
            const size_t at = (((size_t)image * p.ho + ho) * p.wo + wo) * p.co + c;

            if (nmd_load (y, at) == value && is_first (p, x, value, image, c, ho, wo, h, w))
              sum += nmd_load (dy, at);
          }
      nmd_store (dx, i, sum);
    }
}

extern "C" cudaError_t
nmd_cuda_max_pool_grad (cudaStream_t stream, const NmdCudaConv *pool, NmdCudaTensor dy, NmdCudaTensor x,
                        NmdCudaTensor y, NmdCudaTensor dx)
{
  const unsigned n = (unsigned)pool->n * pool->h * pool->w * pool->co;

  return NMD_LAUNCH (max_pool_grad_kernel, nmd_blocks (n), THREADS, stream, *pool, dy, x, y, dx, n);
}

static __global__ void
upsample_kernel (NmdCudaTensor x, int h, int w, int c, int factor, NmdCudaTensor y, unsigned n)
{
  FOR_EACH (i, n)
    {
      const unsigned channel = i % c, j = i / c % (w * factor), k = i / c / (w * factor);
      const unsigned row = k % (h * factor), image = k / (h * factor);

      nmd_store (y, i,
                 nmd_load (x, (((size_t)image * h + row / factor) * w + j / factor) * c + channel));
    }
}

extern "C" cudaError_t
nmd_cuda_upsample (cudaStream_t stream, NmdCudaTensor x, int n, int h, int w, int c, int factor,
                   NmdCudaTensor y)
{
  const unsigned count = (unsigned)n * h * w * c * factor * factor;

  return NMD_LAUNCH (upsample_kernel, nmd_blocks (count), THREADS, stream, x, h, w, c, factor, y, count);
}

static __global__ void
upsample_grad_kernel (NmdCudaTensor dy, int h, int w, int c, int factor, NmdCudaTensor dx, unsigned n)
{
  FOR_EACH (i, n)
    {
      const unsigned channel = i % c, j = i / c % w, row = i / c / w % h, image = i / c / w / h;
      float sum = 0;

      for (int a = 0; a < factor; a++)
        for (int b = 0; b < factor; b++)
          sum += nmd_load (
              dy, (((size_t)image * h * factor + row * factor + a) * w * factor + j * factor + b) * c
                      + channel);
      nmd_store (dx, i, sum);
    }
}

extern "C" cudaError_t
nmd_cuda_upsample_grad (cudaStream_t stream, NmdCudaTensor dy, int n, int h, int w, int c, int factor,
                        NmdCudaTensor dx)
{
  const unsigned count = (unsigned)n * h * w * c;

  return NMD_LAUNCH (upsample_grad_kernel, nmd_blocks (count), THREADS, stream, dy, h, w, c, factor, dx,
                     count);
}

/* --- tokens */

static __global__ void
tokens_kernel (NmdCudaTensor x, const float *first, const float *position, int t, int c, NmdCudaTensor y,
               unsigned n)
{
  FOR_EACH (i, n)
    {
      const unsigned channel = i % c, token = i / c % t, image = i / c / t;
      const float value = token == 0
                              ? first[channel]
                              : nmd_load (x, ((size_t)image * (t - 1) + token - 1) * c + channel);

      nmd_store (y, i, value + position[(size_t)token * c + channel]);
    }
}

extern "C" cudaError_t
nmd_cuda_tokens (cudaStream_t stream, NmdCudaTensor x, const float *first, const float *position, int n,
                 int t, int c, NmdCudaTensor y)
{
  const unsigned count = (unsigned)n * t * c;

  return NMD_LAUNCH (tokens_kernel, nmd_blocks (count), THREADS, stream, x, first, position, t, c, y, count);
}

static __global__ void
take_rows_kernel (NmdCudaTensor x, int t, int c, int from, int rows, NmdCudaTensor y, unsigned n)
{
  FOR_EACH (i, n)
    {
      const unsigned channel = i % c, row = i / c % rows, image = i / c / rows;

      nmd_store (y, i, nmd_load (x, ((size_t)image * t + from + row) * c + channel));
    }
}

extern "C" cudaError_t
nmd_cuda_take_rows (cudaStream_t stream, NmdCudaTensor x, int n, int t, int c, int from, int count,
                    NmdCudaTensor y)
{
  const unsigned all = (unsigned)n * count * c;

  return NMD_LAUNCH (take_rows_kernel, nmd_blocks (all), THREADS, stream, x, t, c, from, count, y, all);
}

static __global__ void
put_rows_kernel (NmdCudaTensor x, int t, int c, int from, int rows, NmdCudaTensor y, unsigned n)
{
  FOR_EACH (i, n)
    {
      const unsigned channel = i % c, image = i / c / t;
      const int row = (int)(i / c % t) - from;

      nmd_store (y, i,
                 row >= 0 && row < rows ? nmd_load (x, ((size_t)image * rows + row) * c + channel) : 0);
    }
}

extern "C" cudaError_t
nmd_cuda_put_rows (cudaStream_t stream, NmdCudaTensor x, int n, int t, int c, int from, int count,
                   NmdCudaTensor y)
{
  const unsigned all = (unsigned)n * t * c;

  return NMD_LAUNCH (put_rows_kernel, nmd_blocks (all), THREADS, stream, x, t, c, from, count, y, all);
}

/* --- updates: block b does chunk chunks[2·b + 1] of tensor chunks[2·b] */

struct Adam
{
  float beta1, beta2, rest1, rest2, log1, log2, epsilon, decay; /* rest = 1 − β, log = log β */
};

/* Kingma and Ba 2015, algorithm 1, the decay added to the gradient. */
static __global__ void
adam_kernel (const NmdCudaUpdate *updates, const int *chunks, const float *lr, const float *t, Adam a)
{
  const NmdCudaUpdate u = updates[chunks[2 * blockIdx.x]];
  const unsigned from = (unsigned)chunks[2 * blockIdx.x + 1] * NMD_CUDA_CHUNK;
  const unsigned to = u.n - from < NMD_CUDA_CHUNK ? u.n : from + NMD_CUDA_CHUNK;
  const float correct1 = -expm1f (*t * a.log1), correct2 = -expm1f (*t * a.log2); /* 1 − βᵗ */
  const float rate = *lr / correct1;

  for (unsigned i = from + threadIdx.x; i < to; i += blockDim.x)
    {
      const float w = u.w[i], g = nmd_load (u.value, i) + a.decay * w;
      const float m = a.beta1 * u.m[i] + a.rest1 * g;
      const float v = a.beta2 * u.v[i] + a.rest2 * g * g;

      u.m[i] = m;
      u.v[i] = v;
      u.w[i] = w - rate * m / (sqrtf (v / correct2) + a.epsilon);
    }
}

extern "C" cudaError_t
nmd_cuda_adam (cudaStream_t stream, const NmdCudaUpdate *updates, const int *chunks, int n_chunks,
               const float *lr, const float *t, double beta1, double beta2, float epsilon, float decay)
{
  const Adam a = { (float)beta1,      (float)beta2,      (float)(1 - beta1), (float)(1 - beta2),
                   (float)log (beta1), (float)log (beta2), epsilon,            decay };

  return NMD_LAUNCH (adam_kernel, n_chunks, THREADS, stream, updates, chunks, lr, t, a);
}

static __global__ void
blend_kernel (const NmdCudaUpdate *updates, const int *chunks, const float *share)
{
  const NmdCudaUpdate u = updates[chunks[2 * blockIdx.x]];
  const unsigned from = (unsigned)chunks[2 * blockIdx.x + 1] * NMD_CUDA_CHUNK;
  const unsigned to = u.n - from < NMD_CUDA_CHUNK ? u.n : from + NMD_CUDA_CHUNK;

  for (unsigned i = from + threadIdx.x; i < to; i += blockDim.x)
    u.w[i] += *share * (u.scale * nmd_load (u.value, i) - u.w[i]);
}

extern "C" cudaError_t
nmd_cuda_blend (cudaStream_t stream, const NmdCudaUpdate *updates, const int *chunks, int n_chunks,
                const float *share)
{
  return NMD_LAUNCH (blend_kernel, n_chunks, THREADS, stream, updates, chunks, share);
}

static __global__ void
cast_kernel (const NmdCudaUpdate *updates, const int *chunks)
{
  const NmdCudaUpdate u = updates[chunks[2 * blockIdx.x]];
  const unsigned from = (unsigned)chunks[2 * blockIdx.x + 1] * NMD_CUDA_CHUNK;
  const unsigned to = u.n - from < NMD_CUDA_CHUNK ? u.n : from + NMD_CUDA_CHUNK;

  for (unsigned i = from + threadIdx.x; i < to; i += blockDim.x)
    nmd_store (u.value, i, u.w[i]);
}

extern "C" cudaError_t
nmd_cuda_cast (cudaStream_t stream, const NmdCudaUpdate *updates, const int *chunks, int n_chunks)
{
  return NMD_LAUNCH (cast_kernel, n_chunks, THREADS, stream, updates, chunks);
}
