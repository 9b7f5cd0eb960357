/* SPDX-License-Identifier: Apache-2.0
 *
 * A vector of one float, in plain C: the twin that the other instruction sets are tested against, and
 * what every other processor runs. All headers of this folder define the same names:
 *
 *   W, V, M      floats of a vector, a vector, a mask of lanes
 *   V_PANEL …    the shape of a block of a product that the registers hold
 *   V_HAS_PICK   1 where I, v_index(), v_pick() and v_pick2() pick lanes by index
 *   V_HAS_SILU   1 where v_silu() has a faster way of its own
 */
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

/* clang-format off */
#define W 1
typedef float V;
typedef int M;

/* Blocks of a product: at most so many vectors of outputs, and rows by vectors. */
#define V_PANEL 2
#define V_ROWS_1 12
#define V_ROWS_2 6

/* The first @n lanes (n ≥ 0; all where n > W). Masked loads give 0 in the others, masked stores leave
 * memory alone there, and neither touches it. */
static inline M v_mask (long n) { return n > 0; }
static inline V v_set (float a) { return a; }
static inline V v_load (const float *p) { return *p; }
static inline V v_loadm (const float *p, M m) { return m ? *p : 0; }
static inline void v_store (float *p, V a) { *p = a; }
static inline void v_storem (float *p, V a, M m) { if (m) *p = a; }
/* In a register: without it gcc loads a value with several uses again for each. */
static inline V v_held (V a) { return a; }
static inline V v_add (V a, V b) { return a + b; }
static inline V v_sub (V a, V b) { return a - b; }
static inline V v_mul (V a, V b) { return a * b; }
static inline V v_div (V a, V b) { return a / b; }
/* a·b + c, rounded once where the processor can */
static inline V v_fma (V a, V b, V c) { return a * b + c; }
/* 1/a to 6.1e-8; 1/1 and 1/2 exactly */
static inline V v_recip (V a) { return 1 / a; }
/* The second argument where either is NaN. */
static inline V v_max (V a, V b) { return a > b ? a : b; }
static inline V v_min (V a, V b) { return a < b ? a : b; }
static inline V v_sqrt (V a) { return sqrtf (a); }
static inline V v_round (V a) { return rintf (a); }
/* a·2ⁿ, n an integer in [−126, 127]; anything for a NaN n if a is NaN too */
static inline V v_scale2 (V a, V n) { uint32_t e = (uint32_t) ((n == n ? (int32_t) n : 0) + 127) << 23; float f; memcpy (&f, &e, 4); return a * f; }
/* b where a > 0, else 0; b where a > 0, else c */
static inline V v_positive (V a, V b) { return a > 0 ? b : 0; }
static inline V v_choose (V a, V b, V c) { return a > 0 ? b : c; }
/* Sum and maximum of all lanes. */
static inline float v_sum (V a) { return a; }
static inline float v_top (V a) { return a; }
/* @value in the lanes where a = b and @left has a bit, which it loses; 0 in the others. */
static inline V v_first (V a, V b, V value, uint32_t *left) { if (*left && a == b) { *left = 0; return value; } return 0; }
/* Bits of bfloat16: the nearest, of two the even one; a NaN stays one. And W of them as floats. */
static inline uint32_t v_bits16 (V a) { uint32_t u; memcpy (&u, &a, 4); return (u & 0x7fffffff) > 0x7f800000 ? u >> 16 | 0x40 : (u + 0x7fff + (u >> 16 & 1)) >> 16; }
static inline V v_load16 (const uint16_t *p) { const uint32_t u = (uint32_t) *p << 16; V a; memcpy (&a, &u, 4); return a; }
static inline void v_store16 (uint16_t *p, V a) { *p = (uint16_t) v_bits16 (a); }
/* 2·W of them, at a multiple of their bytes, past the cache where the processor can; v_streamed() before others read. */
static inline void v_stream16 (uint16_t *p, V a, V b) { v_store16 (p, a); v_store16 (p + 1, b); }
static inline void v_streamed (void) {}
/* a0 b0 a1 b1 … */
static inline void v_interleave (V a, V b, V *low, V *high) { *low = a; *high = b; }

#define V_HAS_PICK 0
#define V_HAS_SILU 0
/* clang-format on */
