/* SPDX-License-Identifier: Apache-2.0
 *
 * One vector of floats of the instruction set that this file is compiled for: 16 with AVX-512, 8 with AVX2
 * and FMA, 4 with NEON where the build asks for it, else one float in plain C. Only the kernels include it.
 */
#pragma once

#include <glib.h>

#if defined(__AVX512F__)
#include "engine/backend/cpu/simd/nmd-simd-avx512.h"
#elif defined(__AVX2__) && defined(__FMA__)
#include "engine/backend/cpu/simd/nmd-simd-avx2.h"
#elif defined(NMD_SIMD_NEON)
#include "engine/backend/cpu/simd/nmd-simd-neon.h"
#else
#include "engine/backend/cpu/simd/nmd-simd-c.h"
#endif

#define ALWAYS_INLINE inline __attribute__ ((always_inline))

/* The compiler's choice of induction variables gives every unrolled pointer its own, on the
 * stack. */
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
