/* SPDX-License-Identifier: Apache-2.0
 *
 * Vectors of 4 floats with NEON of AArch64. What each function means is in nmd-simd-c.h.
 */
#pragma once

#include <arm_neon.h>
#include <stdint.h>

/* clang-format off */
#define W 4
typedef float32x4_t V;
typedef int M; /* lanes: NEON has no masked loads */

/* Blocks of a product: at most so many vectors of outputs, and rows by vectors; 21 of 32 registers
 * are sums. */
#define V_PANEL 3
#define V_ROWS_1 14
#define V_ROWS_2 7
#define V_ROWS_3 7

static inline M v_mask (long n) { return n >= W ? W : (M) n; }
static inline V v_set (float a) { return vdupq_n_f32 (a); }
static inline V v_load (const float *p) { return vld1q_f32 (p); }
static inline V v_loadm (const float *p, M m)
{
  V a = vdupq_n_f32 (0);
  if (m >= W)
    return vld1q_f32 (p);
  if (m > 0)
    a = vld1q_lane_f32 (p, a, 0);
  if (m > 1)
    a = vld1q_lane_f32 (p + 1, a, 1);
  if (m > 2)
    a = vld1q_lane_f32 (p + 2, a, 2);
  return a;
}
static inline void v_store (float *p, V a) { vst1q_f32 (p, a); }
static inline void v_storem (float *p, V a, M m)
{
  if (m >= W)
    vst1q_f32 (p, a);
  else
    {
      if (m > 0)
        vst1q_lane_f32 (p, a, 0);
      if (m > 1)
        vst1q_lane_f32 (p + 1, a, 1);
      if (m > 2)
        vst1q_lane_f32 (p + 2, a, 2);
    }
}
static inline V v_held (V a) { __asm__ ("" : "+w" (a)); return a; }
static inline V v_add (V a, V b) { return vaddq_f32 (a, b); }
static inline V v_sub (V a, V b) { return vsubq_f32 (a, b); }
static inline V v_mul (V a, V b) { return vmulq_f32 (a, b); }
static inline V v_div (V a, V b) { return vdivq_f32 (a, b); }
static inline V v_fma (V a, V b, V c) { return vfmaq_f32 (c, a, b); }
static inline V v_recip (V a) { return vdivq_f32 (vdupq_n_f32 (1), a); }
static inline V v_max (V a, V b) { return vbslq_f32 (vcgtq_f32 (a, b), a, b); }
static inline V v_min (V a, V b) { return vbslq_f32 (vcltq_f32 (a, b), a, b); }
static inline V v_sqrt (V a) { return vsqrtq_f32 (a); }
static inline V v_round (V a) { return vrndnq_f32 (a); }
static inline V v_scale2 (V a, V n)
{
  const int32x4_t e = vshlq_n_s32 (vaddq_s32 (vcvtq_s32_f32 (n), vdupq_n_s32 (127)), 23);
  return vmulq_f32 (a, vreinterpretq_f32_s32 (e));
}
static inline V v_positive (V a, V b) { return vbslq_f32 (vcgtzq_f32 (a), b, vdupq_n_f32 (0)); }
static inline V v_choose (V a, V b, V c) { return vbslq_f32 (vcgtzq_f32 (a), b, c); }
static inline float v_sum (V a) { return vaddvq_f32 (a); }
static inline float v_top (V a) { return vmaxvq_f32 (a); }
static inline V v_first (V a, V b, V value, uint32_t *left)
{
  static const uint32_t lanes[4] = { 1, 2, 4, 8 };
  const uint32x4_t bits = vld1q_u32 (lanes);
  const uint32_t hit = vaddvq_u32 (vandq_u32 (vceqq_f32 (a, b), bits)) & *left;
  *left &= ~hit;
  return vbslq_f32 (vtstq_u32 (vdupq_n_u32 (hit), bits), value, vdupq_n_f32 (0));
}
static inline uint16x4_t v_bits16 (V a)
{
  const uint32x4_t u = vreinterpretq_u32_f32 (a), odd = vandq_u32 (vshrq_n_u32 (u, 16), vdupq_n_u32 (1));
  const uint32x4_t near = vaddq_u32 (vaddq_u32 (u, vdupq_n_u32 (0x7fff)), odd), nan = vorrq_u32 (u, vdupq_n_u32 (0x400000));
  return vmovn_u32 (vshrq_n_u32 (vbslq_u32 (vceqq_f32 (a, a), near, nan), 16));
}
static inline V v_load16 (const uint16_t *p) { return vreinterpretq_f32_u32 (vshll_n_u16 (vld1_u16 (p), 16)); }
static inline void v_store16 (uint16_t *p, V a) { vst1_u16 (p, v_bits16 (a)); }
static inline void v_stream16 (uint16_t *p, V a, V b) { vst1q_u16 (p, vcombine_u16 (v_bits16 (a), v_bits16 (b))); }
static inline void v_streamed (void) {}
static inline void v_interleave (V a, V b, V *low, V *high) { *low = vzip1q_f32 (a, b); *high = vzip2q_f32 (a, b); }

#define V_HAS_PICK 0
#define V_HAS_SILU 0
/* clang-format on */
