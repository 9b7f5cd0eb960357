/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernels of nmd-kernels.h, written once over the vector of nmd-vec.h and compiled
 * once for each instruction set (meson.build gives NMD_KERNELS_TABLE, the table's symbol,
 * and NMD_KERNELS_NAME). Which table is used is nmd-kernels-select.c's business.
 */
#include "engine/backend/nmd-kernels.h"
#include "engine/backend/nmd-vec.h"

/* Rows summed in float before the sum goes to a double. */
#define BLOCK 256

extern const NmdKernels NMD_KERNELS_TABLE;

static inline V
get (const float *p, long left)
{
  return left >= W ? v_load (p) : v_loadm (p, v_mask (left));
}

static inline void
put (float *p, V v, long left)
{
  if (left >= W)
    v_store (p, v);
  else
    v_storem (p, v, v_mask (left));
}

static inline void
add_to (double *sum, V v, long left)
{
  float f[W];
  v_store (f, v);
  for (long j = 0; j < W && j < left; j++)
    sum[j] += (double)f[j];
}

/* Matrices without gaps are one long row for kernels that know no channels. */
#define FLATTEN(dense)                                                                   \
  if (dense)                                                                             \
    {                                                                                    \
      c *= rows;                                                                         \
      rows = 1;                                                                          \
    }

static void
moments (long rows,
         long c,
         const float *x,
         long ldx,
         const float *pivot,
         double *sum,
         double *square)
{
  for (long r0 = 0; r0 < rows; r0 += BLOCK)
    {
      long n = MIN (BLOCK, rows - r0);
      for (long i = 0; i < c; i += W)
        {
          long left = c - i;
          const float *p = x + r0 * ldx + i;
          V k = get (pivot + i, left);
          V s0 = v_set (0), s1 = s0, q0 = s0, q1 = s0;
          long r = 0;
          for (; r + 2 <= n; r += 2, p += 2 * ldx)
            {
              V a = v_sub (get (p, left), k), b = v_sub (get (p + ldx, left), k);
              s0 = v_add (s0, a);
              s1 = v_add (s1, b);
              q0 = v_fma (a, a, q0);
              q1 = v_fma (b, b, q1);
            }
          if (r < n)
            {
              V a = v_sub (get (p, left), k);
              s0 = v_add (s0, a);
              q0 = v_fma (a, a, q0);
            }
          add_to (sum + i, v_add (s0, s1), left);
          add_to (square + i, v_add (q0, q1), left);
        }
    }
}

static void
norm (long rows,
      long c,
      const float *x,
      long ldx,
      const float *mean,
      const float *a,
      const float *b,
      gboolean relu,
      float *y,
      long ldy)
{
  V floor = v_set (relu ? 0.0f : -INFINITY);
  for (long i = 0; i < c; i += W)
    {
      long left = c - i;
      V k = get (mean + i, left), s = get (a + i, left), t = get (b + i, left);
      const float *p = x + i;
      float *q = y + i;
      for (long r = 0; r < rows; r++, p += ldx, q += ldy)
        put (q, v_max (floor, v_fma (v_sub (get (p, left), k), s, t)), left);
    }
}

static void
norm_reduce (long rows,
             long c,
             const float *dy,
             long ldd,
             const float *r,
             long ldr,
             const float *x,
             long ldx,
             const float *mean,
             double *s0,
             double *s1)
{
  for (long r0 = 0; r0 < rows; r0 += BLOCK)
    {
      long n = MIN (BLOCK, rows - r0);
      for (long i = 0; i < c; i += W)
        {
          long left = c - i;
          const float *d = dy + r0 * ldd + i, *p = x + r0 * ldx + i,
                      *q = r ? r + r0 * ldr + i : NULL;
          V k = get (mean + i, left), a0 = v_set (0), a1 = a0, b0 = a0, b1 = a0;
          long j = 0;
          for (; j + 2 <= n; j += 2, d += 2 * ldd, p += 2 * ldx)
            {
              V g0 = get (d, left), g1 = get (d + ldd, left);
              if (q)
                {
                  g0 = v_positive (get (q, left), g0);
                  g1 = v_positive (get (q + ldr, left), g1);
                  q += 2 * ldr;
                }
              a0 = v_add (a0, g0);
              a1 = v_add (a1, g1);
              b0 = v_fma (g0, v_sub (get (p, left), k), b0);
              b1 = v_fma (g1, v_sub (get (p + ldx, left), k), b1);
            }
          if (j < n)
            {
              V g = get (d, left);
              if (q)
                g = v_positive (get (q, left), g);
              a0 = v_add (a0, g);
              b0 = v_fma (g, v_sub (get (p, left), k), b0);
            }
          add_to (s0 + i, v_add (a0, a1), left);
          add_to (s1 + i, v_add (b0, b1), left);
        }
    }
}

static void
norm_grad (long rows,
           long c,
           const float *dy,
           long ldd,
           const float *r,
           long ldr,
           const float *x,
           long ldx,
           const float *mean,
           const float *a,
           const float *b,
           const float *d,
           float *dx,
           long ldo)
{
  for (long i = 0; i < c; i += W)
    {
      long left = c - i;
      V k = get (mean + i, left), va = get (a + i, left), vb = get (b + i, left),
        vd = get (d + i, left);
      const float *e = dy + i, *p = x + i, *q = r ? r + i : NULL;
      float *o = dx + i;
      for (long j = 0; j < rows; j++, e += ldd, p += ldx, o += ldo)
        {
          V g = get (e, left);
          if (q)
            {
              g = v_positive (get (q, left), g);
              q += ldr;
            }
          put (o, v_fma (va, g, v_fma (vb, v_sub (get (p, left), k), vd)), left);
        }
    }
}

static void
mask_scale (long rows,
            long c,
            const float *dy,
            long ldd,
            const float *r,
            long ldr,
            const float *a,
            float *dx,
            long ldo)
{
  if (!a)
    FLATTEN (ldd == c && ldo == c && (!r || ldr == c))
  for (long j = 0; j < rows; j++)
    for (long i = 0; i < c; i += W)
      {
        long left = c - i;
        V g = get (dy + j * ldd + i, left);
        if (r)
          g = v_positive (get (r + j * ldr + i, left), g);
        if (a)
          g = v_mul (g, get (a + i, left));
        put (dx + j * ldo + i, g, left);
      }
}

#define BINARY(name, op)                                                                 \
  static void name (long rows, long c, const float *a, long lda, const float *b,         \
                    long ldb, float *y, long ldy)                                        \
  {                                                                                      \
    FLATTEN (lda == c && ldb == c && ldy == c)                                           \
    for (long r = 0; r < rows; r++)                                                      \
      for (long i = 0; i < c; i += W)                                                    \
        put (y + r * ldy + i,                                                            \
             op (get (a + r * lda + i, c - i), get (b + r * ldb + i, c - i)), c - i);    \
  }

BINARY (add, v_add)
BINARY (mul, v_mul)

#define UNARY(name, ...)                                                                 \
  static void name (long rows, long c, const float *x, long ldx, float *y, long ldy)     \
  {                                                                                      \
    FLATTEN (ldx == c && ldy == c)                                                       \
    for (long r = 0; r < rows; r++)                                                      \
      for (long i = 0; i < c; i += W)                                                    \
        {                                                                                \
          V v = get (x + r * ldx + i, c - i);                                            \
          put (y + r * ldy + i, __VA_ARGS__, c - i);                                     \
        }                                                                                \
  }

/* max takes its second argument where either is NaN, so NaN passes through. */
UNARY (relu, v_max (v_set (0), v))
UNARY (sigmoid, v_div (v_set (1), v_add (v_set (1), v_exp (v_sub (v_set (0), v)))))

static void
scale (long rows, long c, const float *x, long ldx, float s, float *y, long ldy)
{
  FLATTEN (ldx == c && ldy == c)
  for (long r = 0; r < rows; r++)
    for (long i = 0; i < c; i += W)
      put (y + r * ldy + i, v_mul (v_set (s), get (x + r * ldx + i, c - i)), c - i);
}

static void
sigmoid_grad (long rows,
              long c,
              const float *dy,
              long ldd,
              const float *y,
              long ldy,
              float *dx,
              long ldo)
{
  FLATTEN (ldd == c && ldy == c && ldo == c)
  for (long r = 0; r < rows; r++)
    for (long i = 0; i < c; i += W)
      {
        V s = get (y + r * ldy + i, c - i), d = get (dy + r * ldd + i, c - i);
        put (dx + r * ldo + i, v_mul (d, v_mul (s, v_sub (v_set (1), s))), c - i);
      }
}

static void
mul_channels (
    long rows, long c, const float *x, long ldx, const float *s, float *y, long ldy)
{
  for (long r = 0; r < rows; r++)
    for (long i = 0; i < c; i += W)
      put (y + r * ldy + i, v_mul (get (x + r * ldx + i, c - i), get (s + i, c - i)),
           c - i);
}

static void
mul_pixels (long rows,
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

static void
fill_channels (long rows, long c, const float *v, float s, float *y, long ldy)
{
  for (long i = 0; i < c; i += W)
    {
      V a = v_mul (get (v + i, c - i), v_set (s));
      for (long r = 0; r < rows; r++)
        put (y + r * ldy + i, a, c - i);
    }
}

static void
fill_pixels (long rows, long c, const float *v, long ldv, float s, float *y, long ldy)
{
  for (long r = 0; r < rows; r++)
    {
      V a = v_set (v[r * ldv] * s);
      for (long i = 0; i < c; i += W)
        put (y + r * ldy + i, a, c - i);
    }
}

static void
bias (long rows, long c, const float *b, gboolean with_relu, float *y, long ldy)
{
  V floor = v_set (with_relu ? 0.0f : -INFINITY);
  for (long i = 0; i < c; i += W)
    {
      V a = b ? get (b + i, c - i) : v_set (0);
      float *p = y + i;
      for (long r = 0; r < rows; r++, p += ldy)
        put (p, v_max (floor, v_add (get (p, c - i), a)), c - i);
    }
}

static void
sum_rows (long rows, long c, const float *x, long ldx, double *sum)
{
  for (long r0 = 0; r0 < rows; r0 += BLOCK)
    {
      long n = MIN (BLOCK, rows - r0);
      for (long i = 0; i < c; i += W)
        {
          long left = c - i, r = 0;
          const float *p = x + r0 * ldx + i;
          V a = v_set (0), b = a;
          for (; r + 2 <= n; r += 2, p += 2 * ldx)
            {
              a = v_add (a, get (p, left));
              b = v_add (b, get (p + ldx, left));
            }
          if (r < n)
            a = v_add (a, get (p, left));
          add_to (sum + i, v_add (a, b), left);
        }
    }
}

static void
max_rows (long rows, long c, const float *x, long ldx, float *top)
{
  for (long i = 0; i < c; i += W)
    {
      const float *p = x + i;
      V t = get (top + i, c - i);
      for (long r = 0; r < rows; r++, p += ldx)
        t = v_max (t, get (p, c - i));
      put (top + i, t, c - i);
    }
}

static void
dot_rows (
    long rows, long c, const float *a, long lda, const float *b, long ldb, double *sum)
{
  for (long r0 = 0; r0 < rows; r0 += BLOCK)
    {
      long n = MIN (BLOCK, rows - r0);
      for (long i = 0; i < c; i += W)
        {
          long left = c - i, r = 0;
          const float *p = a + r0 * lda + i, *q = b + r0 * ldb + i;
          V s = v_set (0), t = s;
          for (; r + 2 <= n; r += 2, p += 2 * lda, q += 2 * ldb)
            {
              s = v_fma (get (p, left), get (q, left), s);
              t = v_fma (get (p + lda, left), get (q + ldb, left), t);
            }
          if (r < n)
            s = v_fma (get (p, left), get (q, left), s);
          add_to (sum + i, v_add (s, t), left);
        }
    }
}

static void
sum_pixels (long rows, long c, const float *x, long ldx, float s, float *y, long ldy)
{
  for (long r = 0; r < rows; r++)
    {
      V a = v_set (0);
      for (long i = 0; i < c; i += W)
        a = v_add (a, get (x + r * ldx + i, c - i));
      y[r * ldy] = v_sum (a) * s;
    }
}

static void
max_pixels (long rows, long c, const float *x, long ldx, float *y, long ldy)
{
  for (long r = 0; r < rows; r++)
    {
      const float *p = x + r * ldx;
      long i = 0;
      float top = p[0];
      if (c >= W)
        {
          V t = v_load (p);
          for (i = W; i + W <= c; i += W)
            t = v_max (t, v_load (p + i));
          top = v_top (t);
        }
      for (; i < c; i++)
        top = p[i] > top ? p[i] : top;
      y[r * ldy] = top;
    }
}

static void
dot_pixels (long rows,
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

static void
max_grad_rows (long rows,
               long c,
               const float *dy,
               const float *x,
               long ldx,
               const float *top,
               float *dx,
               long ldo)
{
  for (long i = 0; i < c; i += W)
    {
      V d = get (dy + i, c - i), t = get (top + i, c - i);
      uint32_t left = (uint32_t)(c - i >= W ? (1u << W) - 1 : (1u << (c - i)) - 1);
      long r = 0;
      for (; r < rows && left; r++)
        put (dx + r * ldo + i, v_first (get (x + r * ldx + i, c - i), t, d, &left),
             c - i);
      for (; r < rows; r++)
        put (dx + r * ldo + i, v_set (0), c - i);
    }
}

static void
max_grad_pixels (long rows,
                 long c,
                 const float *dy,
                 long ldd,
                 const float *x,
                 long ldx,
                 const float *top,
                 long ldt,
                 float *dx,
                 long ldo)
{
  for (long r = 0; r < rows; r++)
    {
      long first = 0;
      float t = top[r * ldt], d = dy[r * ldd];
      while (first < c && !(x[r * ldx + first] >= t))
        first++;
      for (long i = 0; i < c; i += W)
        put (dx + r * ldo + i, v_set (0), c - i);
      if (first < c)
        dx[r * ldo + first] = d;
    }
}

static inline V
finish (V a, const float *b, long left, V floor)
{
  return v_max (floor, b ? v_add (a, get (b, left)) : a);
}

/* J outputs side by side share each weight. */
#define TAPS(J)                                                                          \
  for (; j + J <= n; j += J)                                                             \
    {                                                                                    \
      V a[J];                                                                            \
      for (int u = 0; u < J; u++)                                                        \
        a[u] = v_set (0);                                                                \
      for (int t = 0; t < n_taps; t++)                                                   \
        {                                                                                \
          V w = get (taps[t].w + i, left);                                               \
          const float *p = taps[t].x + j * sx + i;                                       \
          for (int u = 0; u < J; u++)                                                    \
            a[u] = v_fma (w, get (p + u * sx, left), a[u]);                              \
        }                                                                                \
      for (int u = 0; u < J; u++)                                                        \
        put (y + (j + u) * sy + i, finish (a[u], b ? b + i : NULL, left, floor), left);  \
    }

static void
taps_run (long n,
          long c,
          int n_taps,
          const NmdTap *taps,
          long sx,
          const float *b,
          gboolean with_relu,
          float *y,
          long sy)
{
  V floor = v_set (with_relu ? 0.0f : -INFINITY);
  for (long i = 0; i < c; i += W)
    {
      long left = c - i, j = 0;
      TAPS (8)
      TAPS (4)
      TAPS (1)
    }
}

/* T taps share each dy; two rows of accumulators hide the latency of the additions. */
#define TAPS_GRAD(T)                                                                     \
  static void taps_grad_##T (long n, long c, const float *const *x, long sx,             \
                             const float *dy, long sd, float *const *acc)                \
  {                                                                                      \
    for (long i = 0; i < c; i += W)                                                      \
      {                                                                                  \
        long left = c - i, j = 0;                                                        \
        const float *p[T];                                                               \
        V a[T], b[T];                                                                    \
        for (int t = 0; t < T; t++)                                                      \
          {                                                                              \
            p[t] = x[t] + i;                                                             \
            a[t] = get (acc[t] + i, left);                                               \
            b[t] = v_set (0);                                                            \
          }                                                                              \
        for (; j + 2 <= n; j += 2)                                                       \
          {                                                                              \
            V d = get (dy + j * sd + i, left), e = get (dy + (j + 1) * sd + i, left);    \
            for (int t = 0; t < T; t++)                                                  \
              {                                                                          \
                a[t] = v_fma (d, get (p[t] + j * sx, left), a[t]);                       \
                b[t] = v_fma (e, get (p[t] + (j + 1) * sx, left), b[t]);                 \
              }                                                                          \
          }                                                                              \
        if (j < n)                                                                       \
          {                                                                              \
            V d = get (dy + j * sd + i, left);                                           \
            for (int t = 0; t < T; t++)                                                  \
              a[t] = v_fma (d, get (p[t] + j * sx, left), a[t]);                         \
          }                                                                              \
        for (int t = 0; t < T; t++)                                                      \
          put (acc[t] + i, v_add (a[t], b[t]), left);                                    \
      }                                                                                  \
  }

TAPS_GRAD (1)
TAPS_GRAD (2)
TAPS_GRAD (3)
TAPS_GRAD (5)

static void
taps_grad (long n,
           long c,
           int n_taps,
           const float *const *x,
           long sx,
           const float *dy,
           long sd,
           float *const *acc)
{
  while (n_taps > 0)
    {
      int t = n_taps >= 5 ? 5 : n_taps >= 3 ? 3 : n_taps;
      (t == 5   ? taps_grad_5
       : t == 3 ? taps_grad_3
       : t == 2 ? taps_grad_2
                : taps_grad_1) (n, c, x, sx, dy, sd, acc);
      x += t;
      acc += t;
      n_taps -= t;
    }
}

static void
planes (long n, int n_taps, const float *const *x, const float *w, float *y)
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

static void
planes_grad (long n, int n_taps, const float *const *x, const float *dy, double *sum)
{
  for (int t = 0; t < n_taps; t++)
    for (long j0 = 0; j0 < n; j0 += BLOCK * W)
      {
        V a = v_set (0), b = a, c = a, d = a;
        long j = j0, end = MIN (n, j0 + BLOCK * W);
        for (; j + 4 * W <= end; j += 4 * W)
          {
            a = v_fma (v_load (dy + j), v_load (x[t] + j), a);
            b = v_fma (v_load (dy + j + W), v_load (x[t] + j + W), b);
            c = v_fma (v_load (dy + j + 2 * W), v_load (x[t] + j + 2 * W), c);
            d = v_fma (v_load (dy + j + 3 * W), v_load (x[t] + j + 3 * W), d);
          }
        for (; j < end; j += W)
          a = v_fma (get (dy + j, end - j), get (x[t] + j, end - j), a);
        sum[t] += (double)v_sum (v_add (v_add (a, b), v_add (c, d)));
      }
}

static void
adam (long n, float *w, const float *dw, float *m, float *v, const NmdAdamStep *k)
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

static void
blend (long n, float *s, const float *x, float value, float share)
{
  V k = v_set (value), h = v_set (share);
  for (long i = 0; i < n; i += W)
    {
      V a = get (s + i, n - i);
      put (s + i, v_fma (h, v_sub (v_mul (k, get (x + i, n - i)), a), a), n - i);
    }
}

const NmdKernels NMD_KERNELS_TABLE = {
  .name = NMD_KERNELS_NAME,
  .moments = moments,
  .norm = norm,
  .norm_reduce = norm_reduce,
  .norm_grad = norm_grad,
  .mask_scale = mask_scale,
  .add = add,
  .mul = mul,
  .scale = scale,
  .relu = relu,
  .sigmoid = sigmoid,
  .sigmoid_grad = sigmoid_grad,
  .mul_channels = mul_channels,
  .mul_pixels = mul_pixels,
  .fill_channels = fill_channels,
  .fill_pixels = fill_pixels,
  .bias = bias,
  .sum_rows = sum_rows,
  .max_rows = max_rows,
  .dot_rows = dot_rows,
  .sum_pixels = sum_pixels,
  .max_pixels = max_pixels,
  .dot_pixels = dot_pixels,
  .max_grad_rows = max_grad_rows,
  .max_grad_pixels = max_grad_pixels,
  .taps = taps_run,
  .taps_grad = taps_grad,
  .planes = planes,
  .planes_grad = planes_grad,
  .adam = adam,
  .blend = blend,
};
