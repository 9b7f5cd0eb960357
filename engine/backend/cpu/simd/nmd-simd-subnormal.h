/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers below 1.2e-38 (subnormal ones) taken and written as 0 by the calling thread. Arithmetic with them takes
 * processors some hundred cycles instead of a few, and long trainings are full of them: running moments of weights
 * without a gradient, and channels that have died, halve from step to step until nothing is left.
 */
#pragma once

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

/* Returns: what holds so far, for nmd_simd_keep_subnormals(). Where the processor has no such switch nothing
 * happens. */
static inline unsigned long
nmd_simd_flush_subnormals (void)
{
#if defined(__SSE__)
  const unsigned before = _mm_getcsr ();

  _mm_setcsr (before | 0x8040); /* results to 0, operands to 0 */
  return before;
#elif defined(__aarch64__)
  unsigned long before;

  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  __asm__ volatile("msr fpcr, %0" : : "r"(before | 1ul << 24));
  return before;
#else
  return 0;
#endif
}

/* Lets @before hold again. */
static inline void
nmd_simd_keep_subnormals (unsigned long before)
{
#if defined(__SSE__)
  _mm_setcsr ((unsigned)before);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(before));
#else
  (void)before;
#endif
}
