/* SPDX-License-Identifier: Apache-2.0
 *
 * Elementwise kernels of nmd-kernels.h: activations, sums and products with values that are repeated
 * over rows or channels, the shuffle of channels, and updates of weights.
 */
#include "engine/backend/cpu/kernels/nmd-kernels-private.h"

/* Matrices without gaps are one long row for kernels that know no channels. */
#define FLATTEN(dense)                                                                   \
  if (dense)                                                                             \
    {                                                                                    \
      c *= rows;                                                                         \
      rows = 1;                                                                          \
    }

#define BINARY(name, op)                                                                 \
  void KERNEL (name) (long rows, long c, const float *a, long lda, const float *b,       \
                      long ldb, float *y, long ldy)                                      \
  {                                                                                      \
    FLATTEN (lda == c && ldb == c && ldy == c)                                           \
    const long far_a = floats_ahead (rows, lda), far_b = floats_ahead (rows, ldb),       \
               far_y = floats_ahead (rows, ldy);                                         \
    for (long r = 0; r < rows; r++)                                                      \
      for (long i = 0; i < c; i += W)                                                    \
        {                                                                                \
          ask (a + r * lda + i + far_a);                                                 \
          ask (b + r * ldb + i + far_b);                                                 \
          ask (y + r * ldy + i + far_y);                                                 \
          put (y + r * ldy + i,                                                          \
               op (get (a + r * lda + i, c - i), get (b + r * ldb + i, c - i)), c - i);  \
        }                                                                                \
  }

BINARY (add, v_add)
BINARY (mul, v_mul)

/* bfloat16 */

/* Fewer than a vector: by way of one. */
static void
to_bf16_rest (const float *x, guint16 *y, long n)
{
  guint16 bits[W];
  v_store16 (bits, get (x, n));
  memcpy (y, bits, sizeof (guint16) * (gsize)n);
}

static void
from_bf16_rest (const guint16 *x, float *y, long n)
{
  guint16 bits[W] = { 0 };
  memcpy (bits, x, sizeof (guint16) * (gsize)n);
  put (y, v_load16 (bits), n);
}

void
KERNEL (to_bf16) (long rows, long c, const float *x, long ldx, guint16 *y, long ldy)
{
  FLATTEN (ldx == c && ldy == c)
  for (long r = 0; r < rows; r++, x += ldx, y += ldy)
    {
      long i = 0;
      /* whole lines past the cache: they are not read soon */
      for (; i + W <= c && ((gsize)(y + i) & (4 * W - 1)) != 0; i += W)
        v_store16 (y + i, v_load (x + i));
      if (((gsize)(y + i) & (4 * W - 1)) == 0)
        for (; i + 2 * W <= c; i += 2 * W)
          v_stream16 (y + i, v_load (x + i), v_load (x + i + W));
      for (; i + W <= c; i += W)
        v_store16 (y + i, v_load (x + i));
      if (i < c)
        to_bf16_rest (x + i, y + i, c - i);
    }
  v_streamed ();
}

void
KERNEL (from_bf16) (long rows, long c, const guint16 *x, long ldx, float *y, long ldy)
{
  FLATTEN (ldx == c && ldy == c)
  const long far = floats_ahead (rows, (ldx + 1) / 2), far_y = floats_ahead (rows, ldy);
  for (long r = 0; r < rows; r++, x += ldx, y += ldy)
    {
      long i = 0;
      for (; i + 32 <= c; i += 32)
        {
          ask ((const float *)(gconstpointer)(x + i) + far);
          ask (y + i + far_y);
          ask (y + i + far_y + 16);
          for (long j = i; j < i + 32; j += W)
            v_store (y + j, v_load16 (x + j));
        }
      for (; i + W <= c; i += W)
        v_store (y + i, v_load16 (x + i));
      if (i < c)
        from_bf16_rest (x + i, y + i, c - i);
    }
}

static ALWAYS_INLINE void
act_as (int kind,
        long rows,
        long c,
        const float *x,
        long ldx,
        const float *b,
        float slope,
        float *y,
        long ldy)
{
  const V k = v_set (slope);
  for (long r = 0; r < rows; r++, x += ldx, y += ldy)
    for (long i = 0; i < c; i += W)
      {
        V v = get (x + i, c - i);
        if (b)
          v = v_add (v, get (b + i, c - i));
        put (y + i, v_act (kind, k, v), c - i);
      }
}

void
KERNEL (act) (long rows,
              long c,
              const float *x,
              long ldx,
              const float *b,
              NmdAct act,
              float *y,
              long ldy)
{
  FLATTEN (!b && ldx == c && ldy == c)
  BY_KIND (act, act_as, rows, c, x, ldx, b, act.slope, y, ldy)
}

static ALWAYS_INLINE void
act_grad_as (int kind,
             long rows,
             long c,
             const float *dy,
             long ldd,
             const float *a,
             long lda,
             float slope,
             float *dx,
             long ldo)
{
  const V k = v_set (slope);
  for (long r = 0; r < rows; r++)
    for (long i = 0; i < c; i += W)
      {
        V g = get (dy + r * ldd + i, c - i);
        put (dx + r * ldo + i,
             v_act_grad_given (kind, k, get (a + r * lda + i, c - i), g), c - i);
      }
}

void
KERNEL (act_grad) (long rows,
                   long c,
                   const float *dy,
                   long ldd,
                   const float *a,
                   long lda,
                   NmdAct act,
                   float *dx,
                   long ldo)
{
  FLATTEN (ldd == c && lda == c && ldo == c)
  BY_KIND (act, act_grad_as, rows, c, dy, ldd, a, lda, act.slope, dx, ldo)
}

void
KERNEL (scale) (long rows, long c, const float *x, long ldx, float s, float *y, long ldy)
{
  FLATTEN (ldx == c && ldy == c)
  for (long r = 0; r < rows; r++)
    for (long i = 0; i < c; i += W)
      put (y + r * ldy + i, v_mul (v_set (s), get (x + r * ldx + i, c - i)), c - i);
}

void
KERNEL (mul_channels) (
    long rows, long c, const float *x, long ldx, const float *s, float *y, long ldy)
{
  for (long r = 0; r < rows; r++)
    for (long i = 0; i < c; i += W)
      put (y + r * ldy + i, v_mul (get (x + r * ldx + i, c - i), get (s + i, c - i)),
           c - i);
}

void
KERNEL (mul_add_channels) (long rows,
                           long c,
                           const float *x,
                           long ldx,
                           const float *s,
                           const float *v,
                           float share,
                           float *y,
                           long ldy)
{
  const V k = v_set (share);
  for (long r = 0; r < rows; r++)
    for (long i = 0; i < c; i += W)
      {
        V add = v_mul (k, get (v + i, c - i));
        put (y + r * ldy + i,
             v_fma (get (x + r * ldx + i, c - i), get (s + i, c - i), add), c - i);
      }
}

void
KERNEL (mul_pixels) (long rows,
                     long c,
                     const float *x,
                     long ldx,
                     const float *s,
                     long lds,
                     float *y,
                     long ldy)
{
  for (long r = 0; r < rows; r++)
    for (long i = 0; i < c; i += W)
      put (y + r * ldy + i, v_mul (get (x + r * ldx + i, c - i), v_set (s[r * lds])),
           c - i);
}

void
KERNEL (mul_add_pixels) (long rows,
                         long c,
                         const float *x,
                         long ldx,
                         const float *s,
                         long lds,
                         const float *v,
                         long ldv,
                         float share,
                         float *y,
                         long ldy)
{
  for (long r = 0; r < rows; r++)
    {
      const V a = v_set (s[r * lds]), b = v_set (share * v[r * ldv]);
      for (long i = 0; i < c; i += W)
        put (y + r * ldy + i, v_fma (get (x + r * ldx + i, c - i), a, b), c - i);
    }
}

void
KERNEL (mul_gates) (long rows,
                    long c,
                    const float *x,
                    long ldx,
                    const float *s,
                    const float *t,
                    long ldt,
                    float *y,
                    long ldy)
{
  const long far_x = floats_ahead (rows, ldx), far_y = floats_ahead (rows, ldy);
  for (long r = 0; r < rows; r++)
    for (long i = 0; i < c; i += W)
      {
        ask (x + r * ldx + i + far_x);
        ask (y + r * ldy + i + far_y);
        put (y + r * ldy + i,
             v_mul (v_mul (get (x + r * ldx + i, c - i), get (s + i, c - i)),
                    v_set (t[r * ldt])),
             c - i);
      }
}

void
KERNEL (fill_channels) (long rows,
                        long c,
                        const float *v,
                        float s,
                        const float *add,
                        long lda,
                        float *y,
                        long ldy)
{
  const V k = v_set (s);
  for (long r = 0; r < rows; r++)
    for (long i = 0; i < c; i += W)
      {
        V a = v_mul (k, get (v + i, c - i));
        put (y + r * ldy + i, add ? v_add (a, get (add + r * lda + i, c - i)) : a, c - i);
      }
}

void
KERNEL (fill_pixels) (long rows,
                      long c,
                      const float *v,
                      long ldv,
                      float s,
                      const float *add,
                      long lda,
                      float *y,
                      long ldy)
{
  for (long r = 0; r < rows; r++)
    {
      V a = v_set (v[r * ldv] * s);
      for (long i = 0; i < c; i += W)
        put (y + r * ldy + i, add ? v_add (a, get (add + r * lda + i, c - i)) : a, c - i);
    }
}

void
KERNEL (shuffle) (
    long rows, long c, int groups, const float *x, long ldx, float *y, long ldy)
{
  const long m = c / groups, far = rows_ahead (ldy) * ldy;
  for (long r = 0; r < rows; r++, x += ldx, y += ldy)
    {
      long j = 0;
      for (; groups == 2 && j < m; j += W)
        {
          const long left = m - j;
          V low, high;
          ask (y + 2 * j + far);
          ask (y + 2 * j + far + W);
          v_interleave (get (x + j, left), get (x + m + j, left), &low, &high);
          put (y + 2 * j, low, 2 * left);
          if (2 * left > W)
            put (y + 2 * j + W, high, 2 * left - W);
        }
      for (; j < m; j++)
        for (int i = 0; i < groups; i++)
          y[j * groups + i] = x[i * m + j];
    }
}

void
KERNEL (adam) (
    long n, float *w, const float *dw, float *m, float *v, const NmdAdamStep *k)
{
  V b1 = v_set (k->beta1), c1 = v_set (k->rest1), b2 = v_set (k->beta2),
    c2 = v_set (k->rest2);
  V vd = v_set (k->decay), vs = v_set (k->step), vr = v_set (k->root),
    ve = v_set (k->epsilon);
  for (long i = 0; i < n; i += W)
    {
      long left = n - i;
      V x = get (w + i, left);
      V g = v_fma (vd, x, get (dw + i, left));
      V a = v_fma (b1, get (m + i, left), v_mul (c1, g));
      V b = v_fma (b2, get (v + i, left), v_mul (c2, v_mul (g, g)));
      put (m + i, a, left);
      put (v + i, b, left);
      V under = v_fma (v_sqrt (b), vr, ve);
      put (w + i, v_sub (x, v_div (v_mul (vs, a), under)), left);
    }
}

void
KERNEL (blend) (long n, float *s, const float *x, float value, float share)
{
  V k = v_set (value), h = v_set (share);
  for (long i = 0; i < n; i += W)
    {
      V a = get (s + i, n - i);
      put (s + i, v_fma (h, v_sub (v_mul (k, get (x + i, n - i)), a), a), n - i);
    }
}
