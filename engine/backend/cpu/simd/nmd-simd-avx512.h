/* SPDX-License-Identifier: Apache-2.0
 *
 * Vectors of 16 floats with AVX-512 (F, BW, VL, DQ). What each function means is in nmd-simd-c.h.
 */
#pragma once

#include <immintrin.h>
#include <stdint.h>

/* clang-format off */
#define W 16
typedef __m512 V;
typedef __mmask16 M;

/* Blocks of a product: at most so many vectors of outputs, and rows by vectors. Rows divide those of
 * the usual maps, multiples of 7, without a rest, which gains more than sums in all 32 registers. */
#define V_PANEL 3
#define V_ROWS_1 14
#define V_ROWS_2 7
#define V_ROWS_3 7

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
static inline __m256i v_bits16 (V a)
{
  const __m512i u = _mm512_castps_si512 (a), odd = _mm512_and_si512 (_mm512_srli_epi32 (u, 16), _mm512_set1_epi32 (1));
  const __m512i near = _mm512_add_epi32 (_mm512_add_epi32 (u, _mm512_set1_epi32 (0x7fff)), odd);
  const __m512i bits = _mm512_mask_or_epi32 (near, _mm512_cmp_ps_mask (a, a, _CMP_UNORD_Q), u, _mm512_set1_epi32 (0x400000));
  return _mm512_cvtepi32_epi16 (_mm512_srli_epi32 (bits, 16));
}
static inline V v_load16 (const uint16_t *p)
{
  return _mm512_castsi512_ps (_mm512_slli_epi32 (_mm512_cvtepu16_epi32 (_mm256_loadu_si256 ((const __m256i *) p)), 16));
}
static inline void v_store16 (uint16_t *p, V a) { _mm256_storeu_si256 ((__m256i *) p, v_bits16 (a)); }
static inline void v_stream16 (uint16_t *p, V a, V b)
{
  _mm512_stream_si512 ((__m512i *) p, _mm512_inserti64x4 (_mm512_castsi256_si512 (v_bits16 (a)), v_bits16 (b), 1));
}
static inline void v_streamed (void) { _mm_sfence (); }
/* a0 b0 a1 b1 … */
static inline void v_interleave (V a, V b, V *low, V *high)
{
  const __m512i i = _mm512_setr_epi32 (0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  *low = _mm512_permutex2var_ps (a, i, b);
  *high = _mm512_permutex2var_ps (a, _mm512_add_epi32 (i, _mm512_set1_epi32 (8)), b);
}
/* Lanes of one or two vectors by index. */
#define V_HAS_PICK 1
typedef __m512i I;
static inline I v_index (const int32_t *p) { return _mm512_loadu_si512 (p); }
static inline V v_pick (V a, I i) { return _mm512_permutexvar_ps (i, a); }
static inline V v_pick2 (V a, V b, I i) { return _mm512_permutex2var_ps (a, i, b); }
/* clang-format on */

/* x/(1 + e⁻ˣ), relative error about 3e-7 from −10 on, 2e-6 from −87 on: faster than by v_exp(). */
#define V_HAS_SILU 1
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
