/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer norm and softmax of nmd-kernels.h, row by row.
 */
#include "engine/backend/cpu/kernels/nmd-kernels-private.h"

/* Mean and 1/√(variance + ε) of one row, in two passes over what the first-level cache
 * holds. */
static void
row_moments (const float *x, long c, float epsilon, float *mean, float *inverse)
{
  V a = v_set (0), b = a;
  long i = 0;
  for (; i + 2 * W <= c; i += 2 * W)
    {
      a = v_add (a, v_load (x + i));
      b = v_add (b, v_load (x + i + W));
    }
  for (; i < c; i += W)
    a = v_add (a, get (x + i, c - i));
  const float m = v_sum (v_add (a, b)) / (float)c;
  const V k = v_set (m);
  a = b = v_set (0);
  for (i = 0; i + 2 * W <= c; i += 2 * W)
    {
      V d = v_sub (v_load (x + i), k), e = v_sub (v_load (x + i + W), k);
      a = v_fma (d, d, a);
      b = v_fma (e, e, b);
    }
  for (; i + W <= c; i += W)
    {
      V d = v_sub (v_load (x + i), k);
      a = v_fma (d, d, a);
    }
  float q = v_sum (v_add (a, b));
  for (; i < c; i++)
    q += (x[i] - m) * (x[i] - m);
  *mean = m;
  *inverse = 1 / sqrtf (q / (float)c + epsilon);
}

void
KERNEL (layer_norm) (long rows,
                     long c,
                     const float *x,
                     long ldx,
                     const float *gamma,
                     const float *beta,
                     float epsilon,
                     float *y,
                     long ldy)
{
  for (long r = 0; r < rows; r++, x += ldx, y += ldy)
    {
      float mean, inverse;
      row_moments (x, c, epsilon, &mean, &inverse);
      const V m = v_set (mean), s = v_set (inverse);
      for (long i = 0; i < c; i += W)
        {
          V d = v_mul (v_sub (get (x + i, c - i), m), s);
          put (y + i, v_fma (d, get (gamma + i, c - i), get (beta + i, c - i)), c - i);
        }
    }
}

/* inverse·(g − mean g − x̂·mean (g·x̂)), g = dy·gamma */
void
KERNEL (layer_norm_grad) (long rows,
                          long c,
                          const float *dy,
                          long ldd,
                          const float *x,
                          long ldx,
                          const float *gamma,
                          float epsilon,
                          float *dx,
                          long ldo)
{
  for (long r = 0; r < rows; r++, dy += ldd, x += ldx, dx += ldo)
    {
      float mean, inverse;
      row_moments (x, c, epsilon, &mean, &inverse);
      const V m = v_set (mean), s = v_set (inverse);
      V a = v_set (0), b = a;
      for (long i = 0; i < c; i += W)
        {
          /* lanes past the end have g = 0 */
          V g = v_mul (get (dy + i, c - i), get (gamma + i, c - i));
          a = v_add (a, g);
          b = v_fma (g, v_mul (v_sub (get (x + i, c - i), m), s), b);
        }
      const V ma = v_set (v_sum (a) / (float)c), mb = v_set (v_sum (b) / (float)c);
      for (long i = 0; i < c; i += W)
        {
          V g = v_mul (get (dy + i, c - i), get (gamma + i, c - i));
          V d = v_mul (v_sub (get (x + i, c - i), m), s);
          g = v_sub (v_sub (g, ma), v_mul (d, mb));
          put (dx + i, v_mul (g, s), c - i);
        }
    }
}

void
KERNEL (layer_norm_reduce) (long rows,
                            long c,
                            const float *dy,
                            long ldd,
                            const float *x,
                            long ldx,
                            float epsilon,
                            double *sum)
{
  float mean[FLOAT_ROWS], inverse[FLOAT_ROWS];
  for (long r0 = 0; r0 < rows; r0 += FLOAT_ROWS)
    {
      const long n = MIN (FLOAT_ROWS, rows - r0);
      for (long r = 0; r < n; r++)
        row_moments (x + (r0 + r) * ldx, c, epsilon, mean + r, inverse + r);
      for (long i0 = 0; i0 < c; i0 += TILE)
        {
          const long width = MIN (TILE, c - i0);
          const float *pd = dy + r0 * ldd + i0, *px = x + r0 * ldx + i0;
          float s[TILE] = { 0 };
          for (long r = 0; r < n; r++)
            for (long i = 0; i < width; i += W)
              {
                V d = v_sub (get (px + r * ldx + i, width - i), v_set (mean[r]));
                d = v_mul (d, v_set (inverse[r]));
                v_store (s + i,
                         v_fma (d, get (pd + r * ldd + i, width - i), v_load (s + i)));
              }
          tile_add (sum + i0, s, width);
        }
    }
}

void
KERNEL (softmax) (long rows, long c, float *x, long ldx, float s)
{
  const V k = v_set (s);
  for (long r = 0; r < rows; r++, x += ldx)
    {
      float top = x[0];
      long i = 0;
      if (c >= W)
        {
          V t = v_load (x);
          for (i = W; i + W <= c; i += W)
            t = v_max (t, v_load (x + i));
          top = v_top (t);
        }
      for (; i < c; i++)
        top = x[i] > top ? x[i] : top;
      const V m = v_set (top * s);
      V sum = v_set (0);
      for (i = 0; i + W <= c; i += W)
        {
          V e = v_exp (v_sub (v_mul (v_load (x + i), k), m));
          v_store (x + i, e);
          sum = v_add (sum, e);
        }
      float total = v_sum (sum);
      if (i < c)
        {
          float rest[W] = { 0 };
          put (x + i, v_exp (v_sub (v_mul (get (x + i, c - i), k), m)), c - i);
          memcpy (rest, x + i, sizeof (float) * (size_t)(c - i));
          total += v_sum (v_load (rest));
        }
      const V share = v_set (1 / total);
      for (i = 0; i < c; i += W)
        put (x + i, v_mul (get (x + i, c - i), share), c - i);
    }
}

void
KERNEL (softmax_grad) (
    long rows, long c, const float *p, long ldp, float *dp, long ldd, float s)
{
  for (long r = 0; r < rows; r++, p += ldp, dp += ldd)
    {
      V a = v_set (0);
      for (long i = 0; i < c; i += W)
        a = v_fma (get (p + i, c - i), get (dp + i, c - i), a);
      const V mean = v_set (v_sum (a)), k = v_set (s);
      for (long i = 0; i < c; i += W)
        {
          V d = v_mul (k, v_sub (get (dp + i, c - i), mean));
          put (dp + i, v_mul (get (p + i, c - i), d), c - i);
        }
    }
}
