/* SPDX-License-Identifier: Apache-2.0
 *
 * Convolutions of one or two channels, whose every tap is one long row of a plane.
 */
#include "engine/backend/cpu/kernels/nmd-kernels-private.h"

void
KERNEL (planes) (long n, int n_taps, const float *const *x, const float *w, float *y)
{
  long j = 0;
  for (; j + 4 * W <= n; j += 4 * W)
    {
      V a = v_set (0), b = a, c = a, d = a;
      for (int t = 0; t < n_taps; t++)
        {
          const float *p = x[t] + j;
          V k = v_set (w[t]);
          a = v_fma (k, v_load (p), a);
          b = v_fma (k, v_load (p + W), b);
          c = v_fma (k, v_load (p + 2 * W), c);
          d = v_fma (k, v_load (p + 3 * W), d);
        }
      v_store (y + j, a);
      v_store (y + j + W, b);
      v_store (y + j + 2 * W, c);
      v_store (y + j + 3 * W, d);
    }
  for (; j < n; j += W)
    {
      V a = v_set (0);
      for (int t = 0; t < n_taps; t++)
        a = v_fma (v_set (w[t]), get (x[t] + j, n - j), a);
      put (y + j, a, n - j);
    }
}

/* Taps that planes_grad() takes together. */
#define GRAD_TAPS 8

/* sum[t] += Σ dy·x_t over n ≤ FLOAT_ROWS·W places, for @m taps. */
static ALWAYS_INLINE void
grad_taps (int m, long n, const float *const *x, long j0, const float *dy, double *sum)
{
  V a[GRAD_TAPS];
  for (int t = 0; t < m; t++)
    a[t] = v_set (0);
  for (long j = j0; j < j0 + n; j += W)
    {
      const long left = j0 + n - j;
      const V d = get (dy + j, left);
      for (int t = 0; t < m; t++)
        a[t] = v_fma (d, get (x[t] + j, left), a[t]);
    }
  for (int t = 0; t < m; t++)
    sum[t] += (double)v_sum (a[t]);
}

void
KERNEL (planes_grad) (
    long n, int n_taps, const float *const *x, const float *dy, double *sum)
{
  int t = 0;
  for (; t + GRAD_TAPS <= n_taps; t += GRAD_TAPS)
    for (long j = 0; j < n; j += FLOAT_ROWS * W)
      grad_taps (GRAD_TAPS, MIN (FLOAT_ROWS * W, n - j), x + t, j, dy, sum + t);
  for (; t < n_taps; t++)
    for (long j = 0; j < n; j += FLOAT_ROWS * W)
      grad_taps (1, MIN (FLOAT_ROWS * W, n - j), x + t, j, dy, sum + t);
}
