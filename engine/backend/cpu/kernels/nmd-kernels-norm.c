/* SPDX-License-Identifier: Apache-2.0
 *
 * Batch norm of nmd-kernels.h: moments, the norm with its activation, and its gradients.
 */
#include "engine/backend/cpu/kernels/nmd-kernels-private.h"

void
KERNEL (moments) (long rows,
                  long c,
                  const float *x,
                  long ldx,
                  const float *pivot,
                  double *sum,
                  double *square)
{
  if (is_narrow (rows, c) && ldx == c)
    {
      float wide[W * W] = { 0 };
      double sums[2][W * W] = { { 0 } };
      const long n = rows / W, k = c * W;
      KERNEL (moments) (n, k, x, k, repeat (c, pivot, wide), sums[0], sums[1]);
      fold (c, sums[0], sum);
      fold (c, sums[1], square);
      rows -= n * W;
      x += n * k;
    }
  TILES
  {
    const long width = MIN (TILE, c - i0);
    const float *p = x + r0 * ldx + i0;
    float s[TILE] = { 0 }, q[TILE] = { 0 };
    for (long r = 0; r < n; r += 8)
      for (long i = 0; i < width; i += W)
        {
          const long left = width - i;
          V k = get (pivot + i0 + i, left), a = v_load (s + i), b = v_load (q + i);
          for (long u = r; u < MIN (n, r + 8); u++)
            {
              V d = v_sub (get (p + u * ldx + i, left), k);
              a = v_add (a, d);
              b = v_fma (d, d, b);
            }
          v_store (s + i, a);
          v_store (q + i, b);
        }
    tile_add (sum + i0, s, width);
    tile_add (square + i0, q, width);
  }
}

static ALWAYS_INLINE void
norm_as (int kind,
         long rows,
         long c,
         const float *x,
         long ldx,
         const float *mean,
         const float *a,
         const float *b,
         float slope,
         float *y,
         long ldy)
{
  const V k = v_set (slope);
  const long far = rows_ahead (ldx) * ldx;
  for (long r = 0; r < rows; r++, x += ldx, y += ldy)
    for (long i = 0; i < c; i += W)
      {
        const long left = c - i;
        ask (x + far + i);
        V d = v_sub (get (x + i, left), get (mean + i, left));
        d = v_fma (d, get (a + i, left), get (b + i, left));
        put (y + i, v_act (kind, k, d), left);
      }
}

void
KERNEL (norm) (long rows,
               long c,
               const float *x,
               long ldx,
               const float *mean,
               const float *a,
               const float *b,
               NmdAct act,
               float *y,
               long ldy)
{
  if (is_narrow (rows, c) && ldx == c && ldy == c)
    {
      float wide[3][W * W];
      const long n = rows / W, k = c * W;
      KERNEL (norm)
      (n, k, x, k, repeat (c, mean, wide[0]), repeat (c, a, wide[1]),
       repeat (c, b, wide[2]), act, y, k);
      rows -= n * W;
      x += n * k;
      y += n * k;
    }
  BY_KIND (act, norm_as, rows, c, x, ldx, mean, a, b, act.slope, y, ldy)
}

static ALWAYS_INLINE void
norm_reduce_as (int kind,
                long rows,
                long c,
                const float *dy,
                long ldd,
                const float *x,
                long ldx,
                const float *mean,
                const float *p,
                const float *q,
                float slope,
                double *s0,
                double *s1,
                float *to,
                long ldg)
{
  const V l = v_set (slope);
  const long far = rows_ahead (ldx);
  TILES
  {
    const long width = MIN (TILE, c - i0);
    const float *pd = dy + r0 * ldd + i0, *px = x + r0 * ldx + i0;
    float *pg = to ? to + r0 * ldg + i0 : NULL;
    float s[TILE] = { 0 }, t[TILE] = { 0 };
    for (long r = 0; r < n; r += 8)
      for (long i = 0; i < width; i += W)
        {
          const long left = width - i;
          V k = get (mean + i0 + i, left), a = v_load (s + i), b = v_load (t + i);
          V vp = v_set (0), vq = vp;
          if (kind >= 0)
            {
              vp = get (p + i0 + i, left);
              vq = get (q + i0 + i, left);
            }
          for (long u = r; u < MIN (n, r + 8); u++)
            {
              ask (px + (u + far) * ldx + i);
              V g = get (pd + u * ldd + i, left),
                d = v_sub (get (px + u * ldx + i, left), k);
              if (kind >= 0)
                g = v_act_grad (kind, l, v_fma (d, vp, vq), g);
              if (pg)
                put (pg + u * ldg + i, g, left);
              a = v_add (a, g);
              b = v_fma (g, d, b);
            }
          v_store (s + i, a);
          v_store (t + i, b);
        }
    tile_add (s0 + i0, s, width);
    tile_add (s1 + i0, t, width);
  }
}

void
KERNEL (norm_reduce) (long rows,
                      long c,
                      const float *dy,
                      long ldd,
                      const float *x,
                      long ldx,
                      const float *mean,
                      const float *p,
                      const float *q,
                      NmdAct act,
                      double *s0,
                      double *s1,
                      float *g,
                      long ldg)
{
  if (is_narrow (rows, c) && ldd == c && ldx == c && (!g || ldg == c))
    {
      float wide[3][W * W];
      double sums[2][W * W] = { { 0 } };
      const long n = rows / W, k = c * W;
      KERNEL (norm_reduce)
      (n, k, dy, k, x, k, repeat (c, mean, wide[0]), repeat (c, p, wide[1]),
       repeat (c, q, wide[2]), act, sums[0], sums[1], g, k);
      fold (c, sums[0], s0);
      fold (c, sums[1], s1);
      rows -= n * W;
      dy += n * k;
      x += n * k;
      g = g ? g + n * k : NULL;
    }
  BY_KIND (act, norm_reduce_as, rows, c, dy, ldd, x, ldx, mean, p, q, act.slope, s0, s1,
           g, ldg)
}

static ALWAYS_INLINE void
norm_grad_as (int kind,
              long rows,
              long c,
              const float *dy,
              long ldd,
              const float *x,
              long ldx,
              const float *mean,
              const float *p,
              const float *q,
              float slope,
              const float *a,
              const float *b,
              const float *d,
              float *dx,
              long ldo)
{
  const V l = v_set (slope);
  const long far_x = rows_ahead (ldx), far_d = rows_ahead (ldd);
  for (long r = 0; r < rows; r += 8)
    for (long i = 0; i < c; i += W)
      {
        const long left = c - i;
        V k = get (mean + i, left), va = get (a + i, left), vb = get (b + i, left),
          vd = get (d + i, left);
        V vp = v_set (0), vq = vp;
        if (kind >= 0)
          {
            vp = get (p + i, left);
            vq = get (q + i, left);
          }
        for (long u = r; u < MIN (rows, r + 8); u++)
          {
            ask (dy + (u + far_d) * ldd + i);
            ask (x + (u + far_x) * ldx + i);
            V g = get (dy + u * ldd + i, left),
              e = v_sub (get (x + u * ldx + i, left), k);
            if (kind >= 0)
              g = v_act_grad (kind, l, v_fma (e, vp, vq), g);
            put (dx + u * ldo + i, v_fma (va, g, v_fma (vb, e, vd)), left);
          }
      }
}

void
KERNEL (norm_grad) (long rows,
                    long c,
                    const float *dy,
                    long ldd,
                    const float *x,
                    long ldx,
                    const float *mean,
                    const float *p,
                    const float *q,
                    NmdAct act,
                    const float *a,
                    const float *b,
                    const float *d,
                    float *dx,
                    long ldo)
{
  if (is_narrow (rows, c) && ldd == c && ldx == c && ldo == c)
    {
      float wide[6][W * W];
      const long n = rows / W, k = c * W;
      KERNEL (norm_grad)
      (n, k, dy, k, x, k, repeat (c, mean, wide[0]), repeat (c, p, wide[1]),
       repeat (c, q, wide[2]), act, repeat (c, a, wide[3]), repeat (c, b, wide[4]),
       repeat (c, d, wide[5]), dx, k);
      rows -= n * W;
      dy += n * k;
      x += n * k;
      dx += n * k;
    }
  BY_KIND (act, norm_grad_as, rows, c, dy, ldd, x, ldx, mean, p, q, act.slope, a, b, d,
           dx, ldo)
}
