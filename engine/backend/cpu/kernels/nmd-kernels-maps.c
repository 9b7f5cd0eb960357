/* SPDX-License-Identifier: Apache-2.0
 *
 * Bilinear enlarging of one row of pixels, and the sums and gradients of the losses of maps
 * of logits.
 */
#include "engine/backend/cpu/kernels/nmd-kernels-private.h"

/* Enlarging. a + share·(b − a) leaves equal neighbours as they are, so that a maximum over them
 * has the same first place everywhere. */

void
KERNEL (enlarge) (
    long n, long c, const NmdPlace *places, const float *x, long ldx, float *y, long ldy)
{
  if (c == 1)
    {
      for (long j = 0; j < n; j++)
        y[j * ldy]
            = x[places[j].low * ldx]
              + places[j].share * (x[places[j].high * ldx] - x[places[j].low * ldx]);
      return;
    }
  for (long j = 0; j < n; j++)
    {
      const float *low = x + places[j].low * ldx, *high = x + places[j].high * ldx;
      const V share = v_set (places[j].share);
      for (long i = 0; i < c; i += W)
        {
          const V a = get (low + i, c - i), b = get (high + i, c - i);
          put (y + j * ldy + i, v_fma (share, v_sub (b, a), a), c - i);
        }
    }
}

static void
enlarge_grad_single (
    long n, const NmdPlace *places, const float *dy, long ldd, float *dx, long ldx)
{
  for (long q = 0; q <= places[n - 1].high; q++)
    dx[q * ldx] = 0;
  for (long j = 0; j < n; j++)
    {
      dx[places[j].low * ldx] += (1 - places[j].share) * dy[j * ldd];
      dx[places[j].high * ldx] += places[j].share * dy[j * ldd];
    }
}

/* Two sums at a time: those of pixel q and of the next. */
void
KERNEL (enlarge_grad) (long n,
                       long c,
                       const NmdPlace *places,
                       const float *dy,
                       long ldd,
                       float *dx,
                       long ldx)
{
  if (c == 1)
    {
      enlarge_grad_single (n, places, dy, ldd, dx, ldx);
      return;
    }
  for (long i = 0; i < c; i += W)
    {
      V here = v_set (0), next = v_set (0);
      long q = 0;
      for (long j = 0; j < n; j++)
        {
          const V d = get (dy + j * ldd + i, c - i);
          for (; q < places[j].low; q++)
            {
              put (dx + q * ldx + i, here, c - i);
              here = next;
              next = v_set (0);
            }
          here = v_fma (v_set (1 - places[j].share), d, here);
          next = v_fma (v_set (places[j].share), d, next);
        }
      put (dx + q * ldx + i, here, c - i);
    }
}

/* Losses. Of a logit z with e = e^−|z|: p = 1/(1 + e) or e/(1 + e). */

static const float ones[16] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };

/* e^−|z|, and r = 1/(1 + e). */
static ALWAYS_INLINE V
part (V z, V *r)
{
  const V e = v_exp (v_sub (v_set (0), v_max (z, v_sub (v_set (0), z))));
  *r = v_recip (v_add (v_set (1), e));
  return e;
}

/* log (1 + e), 0 ≤ e ≤ 1: 2·artanh s, s = e/(2 + e) ≤ 1/3, by its series (2e-9). */
static ALWAYS_INLINE V
log_one_plus (V e)
{
  const V s = v_div (e, v_add (v_set (2), e)), q = v_mul (s, s);
  V p = v_set (2.0f / 15);
  p = v_fma (p, q, v_set (2.0f / 13));
  p = v_fma (p, q, v_set (2.0f / 11));
  p = v_fma (p, q, v_set (2.0f / 9));
  p = v_fma (p, q, v_set (2.0f / 7));
  p = v_fma (p, q, v_set (2.0f / 5));
  p = v_fma (p, q, v_set (2.0f / 3));
  p = v_fma (p, q, v_set (2));
  return v_mul (s, p);
}

void
KERNEL (logit_sums) (long n, const float *z, const float *t, double *sum)
{
  for (long j0 = 0; j0 < n; j0 += FLOAT_ROWS * W)
    {
      const long end = MIN (n, j0 + FLOAT_ROWS * W);
      V a[4] = { v_set (0), v_set (0), v_set (0), v_set (0) };
      for (long j = j0; j < end; j += W)
        {
          const V on = get (ones, end - j), x = get (z + j, end - j),
                  target = get (t + j, end - j);
          V r;
          const V e = part (x, &r), p = v_choose (x, r, v_mul (e, r));
          const V cost
              = v_add (v_sub (v_max (v_set (0), x), v_mul (x, target)), log_one_plus (e));
          a[0] = v_fma (cost, on, a[0]);
          a[1] = v_fma (p, target, a[1]);
          a[2] = v_fma (p, on, a[2]);
          a[3] = v_add (target, a[3]);
        }
      for (int k = 0; k < 4; k++)
        sum[k] += (double)v_sum (a[k]);
    }
}

void
KERNEL (logit_grad) (
    long n, const float *z, const float *t, float a, float b, float d, float *dz)
{
  for (long j = 0; j < n; j += W)
    {
      const V x = get (z + j, n - j), target = get (t + j, n - j);
      V r;
      const V e = part (x, &r), p = v_choose (x, r, v_mul (e, r));
      const V slope = v_mul (v_mul (e, r), r);
      const V dice = v_mul (slope, v_fma (v_set (b), target, v_set (d)));
      put (dz + j, v_fma (v_set (a), v_sub (p, target), dice), n - j);
    }
}
