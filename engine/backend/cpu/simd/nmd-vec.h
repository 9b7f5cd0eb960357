/* SPDX-License-Identifier: Apache-2.0
 *
 * One vector of floats of the width that the compiler's flags allow: 16 with AVX-512, 8 with
 * AVX2 and FMA, one plain float otherwise. Only the kernels' sources include it, which are
 * compiled once for each width; the plain float build is the C twin that the others are tested against.
 */
#pragma once

#include "engine/backend/cpu/kernels/nmd-kernels.h"
#include "engine/nn/graph/nmd-graph.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define ALWAYS_INLINE inline __attribute__ ((always_inline))

#if defined(__AVX512F__)

#include <immintrin.h>
#define W 16
typedef __m512 V;
typedef __mmask16 M;

/* clang-format off */
static inline M v_mask (long n) { return n >= W ? (M) 0xffff : (M) ((1u << n) - 1); }
static inline V v_set (float a) { return _mm512_set1_ps (a); }
static inline V v_load (const float *p) { return _mm512_loadu_ps (p); }
static inline V v_loadm (const float *p, M m) { return _mm512_maskz_loadu_ps (m, p); }
static inline void v_store (float *p, V a) { _mm512_storeu_ps (p, a); }
static inline void v_storem (float *p, V a, M m) { _mm512_mask_storeu_ps (p, m, a); }
/* in a register: without it gcc loads a value with several uses again for each */
static inline V v_held (V a) { __asm__ ("" : "+v" (a)); return a; }
static inline V v_add (V a, V b) { return _mm512_add_ps (a, b); }
static inline V v_sub (V a, V b) { return _mm512_sub_ps (a, b); }
static inline V v_mul (V a, V b) { return _mm512_mul_ps (a, b); }
static inline V v_div (V a, V b) { return _mm512_div_ps (a, b); }
static inline V v_fma (V a, V b, V c) { return _mm512_fmadd_ps (a, b, c); }
/* 1/a to 6.1e-8, 1/1 and 1/2 exactly: an estimate of 14 bits and one step of Newton's */
static inline V v_recip (V a) { V r = _mm512_rcp14_ps (a); return _mm512_fmadd_ps (r, _mm512_fnmadd_ps (a, r, _mm512_set1_ps (1)), r); }
static inline V v_max (V a, V b) { return _mm512_max_ps (a, b); }
static inline V v_min (V a, V b) { return _mm512_min_ps (a, b); }
static inline V v_sqrt (V a) { return _mm512_sqrt_ps (a); }
static inline V v_round (V a) { return _mm512_roundscale_ps (a, 0); }
static inline V v_scale2 (V a, V n) { return _mm512_scalef_ps (a, n); }
/* b where a > 0, else 0 */
static inline V v_positive (V a, V b) { return _mm512_maskz_mov_ps (_mm512_cmp_ps_mask (a, _mm512_setzero_ps (), _CMP_GT_OQ), b); }
/* b where a > 0, else c */
static inline V v_choose (V a, V b, V c) { return _mm512_mask_mov_ps (c, _mm512_cmp_ps_mask (a, _mm512_setzero_ps (), _CMP_GT_OQ), b); }
static inline float v_sum (V a) { return _mm512_reduce_add_ps (a); }
static inline float v_top (V a) { return _mm512_reduce_max_ps (a); }
/* lanes where a = b and left is set; takes them out of left */
static inline V v_first (V a, V b, V value, uint32_t *left) { M hit = _mm512_cmp_ps_mask (a, b, _CMP_EQ_OQ) & (M) *left; *left &= ~(uint32_t) hit; return _mm512_maskz_mov_ps (hit, value); }
/* a0 b0 a1 b1 … */
static inline void v_interleave (V a, V b, V *low, V *high)
{
  const __m512i i = _mm512_setr_epi32 (0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  *low = _mm512_permutex2var_ps (a, i, b);
  *high = _mm512_permutex2var_ps (a, _mm512_add_epi32 (i, _mm512_set1_epi32 (8)), b);
}

#elif defined(__AVX2__) && defined(__FMA__)

#include <immintrin.h>
#define W 8
typedef __m256 V;
typedef __m256i M;

static const int32_t v_mask_table[16] = { -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0 };
static inline M v_mask (long n) { return _mm256_loadu_si256 ((const __m256i *) (v_mask_table + 8 - (n >= W ? W : n))); }
static inline V v_set (float a) { return _mm256_set1_ps (a); }
static inline V v_load (const float *p) { return _mm256_loadu_ps (p); }
static inline V v_loadm (const float *p, M m) { return _mm256_maskload_ps (p, m); }
static inline void v_store (float *p, V a) { _mm256_storeu_ps (p, a); }
static inline void v_storem (float *p, V a, M m) { _mm256_maskstore_ps (p, m, a); }
static inline V v_held (V a) { __asm__ ("" : "+x" (a)); return a; }
static inline V v_add (V a, V b) { return _mm256_add_ps (a, b); }
static inline V v_sub (V a, V b) { return _mm256_sub_ps (a, b); }
static inline V v_mul (V a, V b) { return _mm256_mul_ps (a, b); }
static inline V v_div (V a, V b) { return _mm256_div_ps (a, b); }
static inline V v_fma (V a, V b, V c) { return _mm256_fmadd_ps (a, b, c); }
/* a division: the estimate has 12 bits, and one step of Newton's from it does not even give 1/1 = 1 */
static inline V v_recip (V a) { return _mm256_div_ps (_mm256_set1_ps (1), a); }
static inline V v_max (V a, V b) { return _mm256_max_ps (a, b); }
static inline V v_min (V a, V b) { return _mm256_min_ps (a, b); }
static inline V v_sqrt (V a) { return _mm256_sqrt_ps (a); }
static inline V v_round (V a) { return _mm256_round_ps (a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
static inline V v_scale2 (V a, V n)
{
  __m256i e = _mm256_slli_epi32 (_mm256_add_epi32 (_mm256_cvtps_epi32 (n), _mm256_set1_epi32 (127)), 23);
  return _mm256_mul_ps (a, _mm256_castsi256_ps (e));
}
static inline V v_positive (V a, V b) { return _mm256_and_ps (_mm256_cmp_ps (a, _mm256_setzero_ps (), _CMP_GT_OQ), b); }
static inline V v_choose (V a, V b, V c) { return _mm256_blendv_ps (c, b, _mm256_cmp_ps (a, _mm256_setzero_ps (), _CMP_GT_OQ)); }
static inline float v_sum (V a)
{
  __m128 s = _mm_add_ps (_mm256_castps256_ps128 (a), _mm256_extractf128_ps (a, 1));
  s = _mm_add_ps (s, _mm_movehl_ps (s, s));
  return _mm_cvtss_f32 (_mm_add_ss (s, _mm_movehdup_ps (s)));
}
static inline float v_top (V a)
{
  __m128 s = _mm_max_ps (_mm256_castps256_ps128 (a), _mm256_extractf128_ps (a, 1));
  s = _mm_max_ps (s, _mm_movehl_ps (s, s));
  return _mm_cvtss_f32 (_mm_max_ss (s, _mm_movehdup_ps (s)));
}
static inline V v_first (V a, V b, V value, uint32_t *left)
{
  uint32_t hit = (uint32_t) _mm256_movemask_ps (_mm256_cmp_ps (a, b, _CMP_EQ_OQ)) & *left;
  *left &= ~hit;
  __m256i bits = _mm256_setr_epi32 (1, 2, 4, 8, 16, 32, 64, 128);
  __m256i on = _mm256_cmpeq_epi32 (_mm256_and_si256 (_mm256_set1_epi32 ((int) hit), bits), bits);
  return _mm256_and_ps (_mm256_castsi256_ps (on), value);
}
static inline void v_interleave (V a, V b, V *low, V *high)
{
  const V l = _mm256_unpacklo_ps (a, b), h = _mm256_unpackhi_ps (a, b);
  *low = _mm256_permute2f128_ps (l, h, 0x20);
  *high = _mm256_permute2f128_ps (l, h, 0x31);
}

#else

#define W 1
typedef float V;
typedef int M;

static inline M v_mask (long n) { return n > 0; }
static inline V v_set (float a) { return a; }
static inline V v_load (const float *p) { return *p; }
static inline V v_loadm (const float *p, M m) { return m ? *p : 0; }
static inline void v_store (float *p, V a) { *p = a; }
static inline void v_storem (float *p, V a, M m) { if (m) *p = a; }
static inline V v_held (V a) { return a; }
static inline V v_add (V a, V b) { return a + b; }
static inline V v_sub (V a, V b) { return a - b; }
static inline V v_mul (V a, V b) { return a * b; }
static inline V v_div (V a, V b) { return a / b; }
static inline V v_fma (V a, V b, V c) { return a * b + c; }
static inline V v_recip (V a) { return 1 / a; }
static inline V v_max (V a, V b) { return a > b ? a : b; }
static inline V v_min (V a, V b) { return a < b ? a : b; }
static inline V v_sqrt (V a) { return sqrtf (a); }
static inline V v_round (V a) { return rintf (a); }
static inline V v_scale2 (V a, V n) { uint32_t e = (uint32_t) ((n == n ? (int32_t) n : 0) + 127) << 23; float f; memcpy (&f, &e, 4); return a * f; }
static inline V v_positive (V a, V b) { return a > 0 ? b : 0; }
static inline V v_choose (V a, V b, V c) { return a > 0 ? b : c; }
static inline float v_sum (V a) { return a; }
static inline float v_top (V a) { return a; }
static inline V v_first (V a, V b, V value, uint32_t *left) { if (*left && a == b) { *left = 0; return value; } return 0; }
static inline void v_interleave (V a, V b, V *low, V *high) { *low = a; *high = b; }

#endif
/* clang-format on */

/* One symbol for each instruction set: name_c, name_avx2, name_avx512. */
#define KERNEL_PASTE(name, set) name##_##set
#define KERNEL_OF(name, set) KERNEL_PASTE (name, set)
#define KERNEL(name) KERNEL_OF (name, NMD_KERNELS_SET)

/* The compiler's choice of induction variables gives every unrolled pointer its own, on
 * the stack. */
#if defined(__GNUC__) && !defined(__clang__)
#define NO_IVOPTS __attribute__ ((optimize ("no-ivopts")))
#else
#define NO_IVOPTS
#endif

/* A vector of which only @left floats are there, if those are fewer; none if @left ≤ 0. */
static inline V
get (const float *p, long left)
{
  return left >= W ? v_load (p) : v_loadm (p, v_mask (MAX (left, 0)));
}

static inline void
put (float *p, V v, long left)
{
  if (left >= W)
    v_store (p, v);
  else
    v_storem (p, v, v_mask (MAX (left, 0)));
}

/* nmd-kernels.c */
void KERNEL (nmd_act) (long rows, long c, const float *x, long ldx, const float *bias, NmdAct act,
                       float *y, long ldy);
/* nmd-kernels-pointwise.c */
void KERNEL (nmd_taps)         (long n, long c, int n_taps, const NmdTap *taps, long sx,
                                const float *add, long sa, int act, float *y, long sy);
void KERNEL (nmd_taps_grad)    (long n, long c, int n_taps, const float *const *x, long sx,
                                const float *dy, long sd, float *const *acc);
void KERNEL (nmd_depthwise)    (const NmdDepthwiseRow *row);
int  KERNEL (nmd_count_panels) (long co, int parts);
void KERNEL (nmd_pack_panels)  (long co, long ci, int n_panels, const float *w, float *packed);
void KERNEL (nmd_gate_panels)  (long co, long ci, int n_panels, const float *packed,
                                const float *gate, float *gated);
void KERNEL (nmd_pointwise)    (long rows, long co, long ci, const float *x, long ldx,
                                const float *packed, int n_panels, int first, int end,
                                const float *bias, NmdAct act, float *y, long ldy);

/* eˣ, relative error about 1e-7: range reduction by ln 2 in two parts, then a polynomial fitted at
 * the Chebyshev nodes of [−0.348, 0.348] (3e-9); clamped to the finite range, NaN stays NaN. */
static inline V
v_exp (V x)
{
  x = v_min (v_set (88.0f), v_max (v_set (-87.0f), x));
  V n = v_round (v_mul (x, v_set (1.44269504f)));
  V r = v_fma (n, v_set (-0.693359375f), x);
  r = v_fma (n, v_set (2.12194440e-4f), r);
  V p = v_set (0.00139489402f);
  p = v_fma (p, r, v_set (0.00837538058f));
  p = v_fma (p, r, v_set (0.0416662129f));
  p = v_fma (p, r, v_set (0.166664124f));
  p = v_fma (p, r, v_set (0.5f));
  p = v_fma (p, r, v_set (1.0f));
  p = v_fma (p, r, v_set (1.0f));
  return v_scale2 (p, n);
}

static inline V
v_sigmoid (V x)
{
  return v_recip (v_add (v_set (1), v_exp (v_sub (v_set (0), x))));
}

/* x/(1 + e⁻ˣ), relative error about 3e-7 from −87 on. */
#if W == 16
static inline V
v_silu (V x)
{
  /* −x·log₂e = n + k/32 + r, |r| ≤ 1/64: u's low bits are n and, the last five, k. The table has
   * 2^(k/32) with k taken off where u, shifted, adds it to n in the exponent; 2ʳ is a parabola
   * fitted at the Chebyshev nodes (5e-8). */
  static const uint32_t powers[32] = {
    0x3f800000, 0x3f7ecd87, 0x3f7daac3, 0x3f7c980f, 0x3f7b95c2, 0x3f7aa43a, 0x3f79c3d3, 0x3f78f4f0,
    0x3f7837f0, 0x3f778d3a, 0x3f76f532, 0x3f767043, 0x3f75fed7, 0x3f75a15b, 0x3f75583f, 0x3f7523f6,
    0x3f7504f3, 0x3f74fbaf, 0x3f7508a4, 0x3f752c4d, 0x3f75672a, 0x3f75b9be, 0x3f76248c, 0x3f76a81e,
    0x3f7744fd, 0x3f77fbb8, 0x3f78ccdf, 0x3f79b907, 0x3f7ac0c7, 0x3f7be4ba, 0x3f7d257d, 0x3f7e83b3,
  };
  const V round = v_set (393216), to2 = v_set (-1.44269504f);
  /* the smaller of |x| and 87 with x's sign (87 for NaN, which comes back with the last product) */
  const V z = _mm512_range_ps (x, v_set (87), 2);
  const V u = v_fma (z, to2, round), r = v_fma (z, to2, v_sub (round, u));
  V p = v_fma (v_set (0.240226507f), r, v_set (0.693157345f));
  p = v_fma (p, r, v_set (1));
  const __m512i bits = _mm512_castps_si512 (u);
  const __m512i k = _mm512_permutex2var_epi32 (_mm512_loadu_si512 (powers), bits,
                                               _mm512_loadu_si512 (powers + 16));
  const __m512i e = _mm512_add_epi32 (k, _mm512_slli_epi32 (bits, 18));
  return v_mul (x, v_recip (v_fma (_mm512_castsi512_ps (e), p, v_set (1))));
}
#else
static inline V
v_silu (V x)
{
  return v_mul (x, v_sigmoid (x));
}
#endif

/* Φ(x), the normal distribution function, relative error about 2e-7 where it is not tiny, and
 * @bell = exp(−x²/2). With z = |x|/√2 and t = 1/(1 + 0.4·z), erfc(z) = exp(−z²)·t·P(u), u = t
 * moved to [−1, 1]; P, of degree 9, was fitted at the Chebyshev nodes of 0 ≤ z ≤ 9.5 (1.3e-8). */
static inline V
v_phi (V x, V *bell)
{
  const V one = v_set (1), size = v_max (v_sub (v_set (0), x), x);
  const V e = v_exp (v_mul (v_mul (x, v_set (-0.5f)), x));
  const V t = v_recip (v_fma (size, v_set (0.282842712f), one));
  const V u = v_fma (t, v_set (2.52631579f), v_set (-1.52631579f));
  V p = v_set (-7.97160245e-06f);
  p = v_fma (p, u, v_set (2.21856786e-05f));
  p = v_fma (p, u, v_set (0.000107601335f));
  p = v_fma (p, u, v_set (-0.000332592276f));
  p = v_fma (p, u, v_set (-0.00170104009f));
  p = v_fma (p, u, v_set (0.00262414888f));
  p = v_fma (p, u, v_set (0.0377908489f));
  p = v_fma (p, u, v_set (0.142254691f));
  p = v_fma (p, u, v_set (0.322055333f));
  p = v_fma (p, u, v_set (0.497186797f));
  p = v_mul (v_mul (p, t), v_mul (e, v_set (0.5f)));
  *bell = e;
  return v_choose (x, v_sub (one, p), p);
}

/* Activation @kind of nmd-graph.h's (a constant where this is called, −1: none) of @x; @slope is
 * a leaky ReLU's. NaN stays NaN: max and min give their second argument where either is NaN. */
static ALWAYS_INLINE V
v_act (int kind, V slope, V x)
{
  V bell;
  switch (kind)
    {
    case NMD_RELU:
      return v_max (v_set (0), x);
    case NMD_SIGMOID:
      return v_sigmoid (x);
    case NMD_LEAKY_RELU:
      return v_max (v_mul (slope, x), x);
    case NMD_HARD_SIGMOID:
      x = v_mul (v_add (x, v_set (3)), v_set (1.0f / 6));
      return v_min (v_set (1), v_max (v_set (0), x));
    case NMD_SILU:
      return v_silu (x);
    case NMD_GELU:
      return v_mul (x, v_phi (x, &bell));
    default:
      return x;
    }
}

/* @g times the derivative, by the argument @x. */
static ALWAYS_INLINE V
v_act_grad (int kind, V slope, V x, V g)
{
  const V one = v_set (1);
  V s, bell;
  switch (kind)
    {
    case NMD_RELU:
      return v_positive (x, g);
    case NMD_SIGMOID:
      s = v_sigmoid (x);
      return v_mul (g, v_mul (s, v_sub (one, s)));
    case NMD_LEAKY_RELU:
      return v_choose (x, g, v_mul (slope, g));
    case NMD_HARD_SIGMOID:
      s = v_mul (v_add (x, v_set (3)), v_set (1.0f / 6));
      return v_positive (s, v_positive (v_sub (one, s), v_mul (g, v_set (1.0f / 6))));
    case NMD_SILU:
      s = v_sigmoid (x);
      return v_mul (g, v_mul (s, v_fma (x, v_sub (one, s), one)));
    case NMD_GELU:
      s = v_phi (x, &bell);
      return v_mul (g, v_fma (v_mul (x, v_set (0.398942280f)), bell, s));
    default:
      return g;
    }
}

/* The same by what NMD_OP_ACTIVATION_GRAD is given: x for SiLU and GELU, else the value. */
static ALWAYS_INLINE V
v_act_grad_given (int kind, V slope, V a, V g)
{
  switch (kind)
    {
    case NMD_SIGMOID:
      return v_mul (g, v_mul (a, v_sub (v_set (1), a)));
    case NMD_HARD_SIGMOID:
      return v_positive (
          a, v_positive (v_sub (v_set (1), a), v_mul (g, v_set (1.0f / 6))));
    default:
      return v_act_grad (kind, slope, a, g);
    }
}
