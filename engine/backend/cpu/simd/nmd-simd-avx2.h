/* SPDX-License-Identifier: Apache-2.0
 *
 * Vectors of 8 floats with AVX2 and FMA. What each function means is in nmd-simd-c.h.
 */
#pragma once

#include <immintrin.h>
#include <stdint.h>

/* clang-format off */
#define W 8
typedef __m256 V;
typedef __m256i M;

/* Blocks of a product: at most so many vectors of outputs, and rows by vectors; 12 of 16 registers
 * are sums. */
#define V_PANEL 2
#define V_ROWS_1 12
#define V_ROWS_2 6
/* and lower blocks, of 10 sums, which two units of four cycles still keep busy */
#define V_LESS_1 10
#define V_LESS_2 5

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
static inline __m256i v_bits16 (V a)
{
  const __m256i u = _mm256_castps_si256 (a), odd = _mm256_and_si256 (_mm256_srli_epi32 (u, 16), _mm256_set1_epi32 (1));
  const __m256i near = _mm256_add_epi32 (_mm256_add_epi32 (u, _mm256_set1_epi32 (0x7fff)), odd);
  const __m256i nan = _mm256_or_si256 (u, _mm256_set1_epi32 (0x400000));
  const V which = _mm256_cmp_ps (a, a, _CMP_UNORD_Q);
  return _mm256_srli_epi32 (_mm256_castps_si256 (_mm256_blendv_ps (_mm256_castsi256_ps (near), _mm256_castsi256_ps (nan), which)), 16);
}
static inline V v_load16 (const uint16_t *p)
{
  return _mm256_castsi256_ps (_mm256_slli_epi32 (_mm256_cvtepu16_epi32 (_mm_loadu_si128 ((const __m128i *) p)), 16));
}
static inline __m256i v_pack16 (V a, V b) { return _mm256_permute4x64_epi64 (_mm256_packus_epi32 (v_bits16 (a), v_bits16 (b)), 0xd8); }
static inline void v_store16 (uint16_t *p, V a) { _mm_storeu_si128 ((__m128i *) p, _mm256_castsi256_si128 (v_pack16 (a, a))); }
static inline void v_stream16 (uint16_t *p, V a, V b) { _mm256_stream_si256 ((__m256i *) p, v_pack16 (a, b)); }
static inline void v_streamed (void) { _mm_sfence (); }
static inline void v_interleave (V a, V b, V *low, V *high)
{
  const V l = _mm256_unpacklo_ps (a, b), h = _mm256_unpackhi_ps (a, b);
  *low = _mm256_permute2f128_ps (l, h, 0x20);
  *high = _mm256_permute2f128_ps (l, h, 0x31);
}

#define V_HAS_PICK 0
/* clang-format on */

/* x/(1 + e⁻ˣ), relative error about 3e-7 from −10 on, 2e-6 from −87 on: faster than by v_exp(). */
#define V_HAS_SILU 1
static inline V
v_silu (V x)
{
  /* −x·log₂e = n + k/8 + r, |r| ≤ 1/16: u's low bits are n and, the last three, k. The table has
   * 2^(k/8) with k taken off where u, shifted, adds it to n in the exponent; 2ʳ is a cubic fitted
   * at the Chebyshev nodes (4e-8). */
  const __m256i powers = _mm256_setr_epi32 (0x3f800000, 0x3f7b95c2, 0x3f7837f0, 0x3f75fed7,
                                            0x3f7504f3, 0x3f75672a, 0x3f7744fd, 0x3f7ac0c7);
  const V round = v_set (1572864), to2 = v_set (-1.44269504f);
  const V z = v_min (v_set (87), v_max (v_set (-87), x)); /* NaN stays NaN */
  const V u = v_fma (z, to2, round), r = v_fma (z, to2, v_sub (round, u));
  V p = v_fma (v_set (0.0555080138f), r, v_set (0.240254685f));
  p = v_fma (p, r, v_set (0.693147182f));
  p = v_fma (p, r, v_set (1));
  const __m256i bits = _mm256_castps_si256 (u);
  const __m256i e = _mm256_add_epi32 (_mm256_permutevar8x32_epi32 (powers, bits),
                                      _mm256_slli_epi32 (bits, 20));
  return v_div (x, v_fma (_mm256_castsi256_ps (e), p, v_set (1)));
}
