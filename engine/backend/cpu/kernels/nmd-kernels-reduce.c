/* SPDX-License-Identifier: Apache-2.0
 *
 * Reductions of nmd-kernels.h over rows and over channels: sums, maxima and their gradients.
 */
#include "engine/backend/cpu/kernels/nmd-kernels-private.h"

void
KERNEL (sum_rows) (long rows, long c, const float *x, long ldx, double *sum)
{
  TILES
  {
    const long width = MIN (TILE, c - i0);
    const float *p = x + r0 * ldx + i0;
    float s[TILE] = { 0 };
    for (long r = 0; r < n; r += 8)
      for (long i = 0; i < width; i += W)
        {
          V a = v_load (s + i);
          for (long u = r; u < MIN (n, r + 8); u++)
            a = v_add (a, get (p + u * ldx + i, width - i));
          v_store (s + i, a);
        }
    tile_add (sum + i0, s, width);
  }
}

void
KERNEL (max_rows) (long rows, long c, const float *x, long ldx, float *top)
{
  for (long i = 0; i < c; i += W)
    {
      const float *p = x + i;
      const long left = c - i;
      V t = get (top + i, left), a = t, b = t, d = t;
      long r = 0;
      for (; r + 4 <= rows; r += 4, p += 4 * ldx)
        {
          t = v_max (t, get (p, left));
          a = v_max (a, get (p + ldx, left));
          b = v_max (b, get (p + 2 * ldx, left));
          d = v_max (d, get (p + 3 * ldx, left));
        }
      for (; r < rows; r++, p += ldx)
        t = v_max (t, get (p, left));
      put (top + i, v_max (v_max (t, a), v_max (b, d)), left);
    }
}

void
KERNEL (row_stats) (long rows, long c, const float *x, long ldx, float *sum, float *top)
{
  for (long i = 0; i < c; i += W)
    {
      const long left = c - i;
      const float *p = x + i;
      V s = v_set (0), s2 = s, t = get (p, left), t2 = t;
      long r = 0;
      for (; r + 2 <= rows; r += 2, p += 2 * ldx)
        {
          const V a = get (p, left), b = get (p + ldx, left);
          s = v_add (s, a);
          s2 = v_add (s2, b);
          t = v_max (t, a);
          t2 = v_max (t2, b);
        }
      for (; r < rows; r++, p += ldx)
        {
          s = v_add (s, get (p, left));
          t = v_max (t, get (p, left));
        }
      if (sum)
        put (sum + i, v_add (s, s2), left);
      if (top)
        put (top + i, v_max (t, t2), left);
    }
}

void
KERNEL (dot_rows) (
    long rows, long c, const float *a, long lda, const float *b, long ldb, double *sum)
{
  TILES
  {
    const long width = MIN (TILE, c - i0);
    const float *p = a + r0 * lda + i0, *q = b + r0 * ldb + i0;
    float s[TILE] = { 0 };
    for (long r = 0; r < n; r += 8)
      for (long i = 0; i < width; i += W)
        {
          V t = v_load (s + i);
          for (long u = r; u < MIN (n, r + 8); u++)
            t = v_fma (get (p + u * lda + i, width - i), get (q + u * ldb + i, width - i),
                       t);
          v_store (s + i, t);
        }
    tile_add (sum + i0, s, width);
  }
}

void
KERNEL (sum_pixels) (
    long rows, long c, const float *x, long ldx, float s, float *y, long ldy)
{
  for (long r = 0; r < rows; r++)
    {
      V a = v_set (0);
      for (long i = 0; i < c; i += W)
        a = v_add (a, get (x + r * ldx + i, c - i));
      y[r * ldy] = v_sum (a) * s;
    }
}

void
KERNEL (max_pixels) (long rows, long c, const float *x, long ldx, float *y, long ldy)
{
  for (long r = 0; r < rows; r++)
    {
      const float *p = x + r * ldx;
      float top = p[0];
      if (c >= W)
        {
          V t = v_load (p + c - W);
          for (long i = 0; i + W < c; i += W)
            t = v_max (t, v_load (p + i));
          top = v_top (t);
        }
      for (long i = 1; c < W && i < c; i++)
        top = p[i] > top ? p[i] : top;
      y[r * ldy] = top;
    }
}

void
KERNEL (gated_pixels) (long rows,
                       long c,
                       const float *x,
                       long ldx,
                       const float *s,
                       float share,
                       float *mean,
                       long ldm,
                       float *top,
                       long ldt)
{
  for (long r = 0; r < rows; r++, x += ldx)
    {
      float most = x[0] * s[0];
      V sum = v_set (0);
      for (long i = 0; i < c; i += W)
        sum = v_add (sum, v_mul (get (x + i, c - i), get (s + i, c - i)));
      if (c >= W)
        {
          V t = v_mul (v_load (x + c - W), v_load (s + c - W));
          for (long i = 0; i + W < c; i += W)
            t = v_max (t, v_mul (v_load (x + i), v_load (s + i)));
          most = v_top (t);
        }
      for (long i = 1; c < W && i < c; i++)
        most = MAX (most, x[i] * s[i]);
      mean[r * ldm] = v_sum (sum) * share;
      top[r * ldt] = most;
    }
}

void
KERNEL (dot_pixels) (long rows,
                     long c,
                     const float *a,
                     long lda,
                     const float *b,
                     long ldb,
                     float *y,
                     long ldy)
{
  for (long r = 0; r < rows; r++)
    {
      V s = v_set (0);
      for (long i = 0; i < c; i += W)
        s = v_fma (get (a + r * lda + i, c - i), get (b + r * ldb + i, c - i), s);
      y[r * ldy] = v_sum (s);
    }
}

void
KERNEL (max_grad_rows) (long rows,
                        long c,
                        const float *dy,
                        const float *x,
                        long ldx,
                        const float *top,
                        const float *add,
                        long lda,
                        float *dx,
                        long ldo)
{
  const long far_x = rows_ahead (ldx) * ldx, far_a = rows_ahead (lda) * lda,
             far_o = rows_ahead (ldo) * ldo;
  /* row by row, some channels at a time: those of each vector that have not had theirs */
  uint32_t left[TILE / W];
  for (long i0 = 0; i0 < c; i0 += TILE)
    {
      const long end = MIN (c, i0 + TILE);
      for (long i = i0; i < end; i += W)
        left[(i - i0) / W]
            = (uint32_t)(end - i >= W ? (1u << W) - 1 : (1u << (end - i)) - 1);
      for (long r = 0; r < rows; r++, x += ldx, add = add ? add + lda : NULL, dx += ldo)
        for (long i = i0; i < end; i += W)
          {
            const long tail = end - i;
            uint32_t *mine = &left[(i - i0) / W];
            ask (x + far_x + i);
            ask (dx + far_o + i);
            V g = *mine ? v_first (get (x + i, tail), get (top + i, tail),
                                   get (dy + i, tail), mine)
                        : v_set (0);
            if (add)
              {
                ask (add + far_a + i);
                g = v_add (g, get (add + i, tail));
              }
            put (dx + i, g, tail);
          }
      x -= rows * ldx;
      dx -= rows * ldo;
      add = add ? add - rows * lda : NULL;
    }
}

/* The first channel where x = top, or c. */
static long
first_equal (long c, const float *x, float top)
{
  const V t = v_set (top);
  for (long i = 0; i < c; i += W)
    {
      const uint32_t all = (uint32_t)(c - i >= W ? (1u << W) - 1 : (1u << (c - i)) - 1);
      uint32_t left = all;
      v_first (get (x + i, c - i), t, t, &left);
      if (left != all)
        return i + __builtin_ctz (all & ~left);
    }
  return c;
}

void
KERNEL (max_grad_pixels) (long rows,
                          long c,
                          const float *dy,
                          long ldd,
                          const float *x,
                          long ldx,
                          const float *top,
                          long ldt,
                          const float *add,
                          long lda,
                          float *dx,
                          long ldo)
{
  for (long r = 0; r < rows; r++)
    {
      const long first = first_equal (c, x + r * ldx, top[r * ldt]);
      for (long i = 0; i < c; i += W)
        put (dx + r * ldo + i, add ? get (add + r * lda + i, c - i) : v_set (0), c - i);
      if (first < c)
        dx[r * ldo + first] += dy[r * ldd];
    }
}

void
KERNEL (max_grad_places) (long c,
                          int n,
                          const float *const *x,
                          const float *top,
                          const float *dy,
                          float *const *dx)
{
  for (long i = 0; i < c; i += W)
    {
      V d = get (dy + i, c - i), t = get (top + i, c - i);
      uint32_t left = (uint32_t)(c - i >= W ? (1u << W) - 1 : (1u << (c - i)) - 1);
      for (int j = 0; j < n && left; j++)
        put (dx[j] + i,
             v_add (get (dx[j] + i, c - i), v_first (get (x[j] + i, c - i), t, d, &left)),
             c - i);
    }
}
