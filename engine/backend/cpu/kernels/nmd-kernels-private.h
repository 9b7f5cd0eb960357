/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kernels' sources share: names by instruction set, and ways through matrices.
 */
#pragma once

#include "engine/backend/cpu/kernels/nmd-kernels.h"
#include "engine/backend/cpu/simd/nmd-simd-math.h"

#include <math.h>
#include <string.h>

/* One symbol for each instruction set: nmd_moments_c, nmd_moments_avx2 … */
#define KERNEL_PASTE(name, set) nmd_##name##_##set
#define KERNEL_OF(name, set) KERNEL_PASTE (name, set)
#define KERNEL(name) KERNEL_OF (name, NMD_KERNELS_SET)
#define NMD_KERNELS_TABLE KERNEL (kernels)

/* Every kernel of the table, with the type that it has there. */
#define NMD_KERNELS(X) \
  X (moments) X (norm) X (norm_reduce) X (norm_grad) X (layer_norm) X (layer_norm_grad) \
  X (layer_norm_reduce) X (softmax) X (softmax_grad) X (add) X (mul) X (scale) X (act) \
  X (act_grad) X (to_bf16) X (from_bf16) X (mul_channels) X (mul_add_channels) X (mul_add_pixels) X (mul_pixels) \
  X (fill_channels) X (fill_pixels) X (sum_rows) X (max_rows) X (dot_rows) \
  X (row_stats) X (gated_pixels) X (mul_gates) X (sum_pixels) X (max_pixels) \
  X (dot_pixels) X (max_grad_rows) X (max_grad_pixels) X (shuffle) X (max_grad_places) \
  X (count_panels) X (pack_panels) X (gate_panels) X (pointwise) X (product) X (taps) X (depthwise) \
  X (depthwise_grad) X (taps_grad) X (planes) X (planes_grad) \
  X (enlarge) X (enlarge_grad) X (logit_sums) X (logit_grad) X (adam) X (blend)
#define DECLARE(name) __typeof__ (*((NmdKernels *) NULL)->name) KERNEL (name);
NMD_KERNELS (DECLARE)
#undef DECLARE

/* Rows summed in float before the sum goes to a double. */
#define FLOAT_ROWS 256

/* Sums over rows are taken in tiles of channels, eight rows at a time, so that memory is
 * read in its order and the sums stay in the first-level cache: i0 is the tile's first
 * channel, r0 the first of n rows that are summed in float. */
#define TILE 256

static inline void
tile_add (double *to, const float *from, long n)
{
  for (long i = 0; i < n; i++)
    to[i] += (double)from[i];
}

#define TILES                                                                            \
  for (long r0 = 0; r0 < rows; r0 += FLOAT_ROWS)                                              \
    for (long i0 = 0, n = MIN (FLOAT_ROWS, rows - r0); i0 < c; i0 += TILE)

/* Matrices that come from memory are asked for this many floats, or the next row, ahead. */
#define FAR 512

static inline long
rows_ahead (long ld)
{
  return ld < 1 || ld >= FAR ? 1 : (FAR + ld - 1) / ld;
}

/* The same in floats, of @rows rows that may be one long one. */
static inline long
floats_ahead (long rows, long ld)
{
  return rows == 1 ? FAR : rows_ahead (ld) * ld;
}

/* Asks for the cache line at @p, which may lie beyond what there is. */
static inline void
ask (const float *p)
{
  __builtin_prefetch (p);
}

/* Rows of few channels without gaps fill vectors in part only; W of them are one row of
 * W·c channels, whose factors are those of c channels, repeated. */
static inline gboolean
is_narrow (long rows, long c)
{
  return c < W && rows >= W;
}

static inline const float *
repeat (long c, const float *from, float *to)
{
  for (long i = 0; from && i < c * W; i += c)
    memcpy (to + i, from, sizeof (float) * (gsize)c);
  return from ? to : NULL;
}

/* Sums of W·c channels that are c channels, repeated. */
static inline void
fold (long c, const double *from, double *to)
{
  for (long i = 0; i < c * W; i++)
    to[i % c] += from[i];
}

/* Calls @f with the activation's kind as a constant. */
#define BY_KIND(act, f, ...)                                                             \
  switch ((act).kind)                                                                    \
    {                                                                                    \
    case NMD_RELU:                                                                       \
      f (NMD_RELU, __VA_ARGS__);                                                         \
      break;                                                                             \
    case NMD_SIGMOID:                                                                    \
      f (NMD_SIGMOID, __VA_ARGS__);                                                      \
      break;                                                                             \
    case NMD_LEAKY_RELU:                                                                 \
      f (NMD_LEAKY_RELU, __VA_ARGS__);                                                   \
      break;                                                                             \
    case NMD_HARD_SIGMOID:                                                               \
      f (NMD_HARD_SIGMOID, __VA_ARGS__);                                                 \
      break;                                                                             \
    case NMD_SILU:                                                                       \
      f (NMD_SILU, __VA_ARGS__);                                                         \
      break;                                                                             \
    case NMD_GELU:                                                                       \
      f (NMD_GELU, __VA_ARGS__);                                                         \
      break;                                                                             \
    default:                                                                             \
      f (-1, __VA_ARGS__);                                                               \
    }
