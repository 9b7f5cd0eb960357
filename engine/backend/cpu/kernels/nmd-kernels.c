/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernels of nmd-kernels.h, written once over the vector of nmd-vec.h and compiled
 * once for each instruction set (meson.build gives NMD_KERNELS_SET, the end of all
 * symbols, and NMD_KERNELS_NAME); pointwise and depthwise convolutions have their own
 * files. Which table is used is nmd-kernels-select.c's business.
 */
#include "engine/backend/cpu/kernels/nmd-kernels.h"
#include "engine/backend/cpu/simd/nmd-vec.h"

/* Rows summed in float before the sum goes to a double. */
#define BLOCK 256

extern const NmdKernels KERNEL (nmd_kernels);

/* Matrices without gaps are one long row for kernels that know no channels. */
#define FLATTEN(dense)                                                                   \
  if (dense)                                                                             \
    {                                                                                    \
      c *= rows;                                                                         \
      rows = 1;                                                                          \
    }

/* Sums over rows are taken in tiles of channels, four rows at a time, so that memory is
 * read in its order and the sums stay in the first-level cache: i0 is the tile's first
 * channel, r0 the first of n rows that are summed in float. */
#define TILE 256

static inline void
tile_add (double *to, const float *from, long n)
{
  for (long i = 0; i < n; i++)
    to[i] += (double)from[i];
}

#define TILES                                                                            \
  for (long r0 = 0; r0 < rows; r0 += BLOCK)                                              \
    for (long i0 = 0, n = MIN (BLOCK, rows - r0); i0 < c; i0 += TILE)

/* Rows of few channels without gaps fill vectors in part only; W of them are one row of
 * W·c channels, whose factors are those of c channels, repeated. */
static inline gboolean
is_narrow (long rows, long c)
{
  return c < W && rows >= W;
}

static const float *
repeat (long c, const float *from, float *to)
{
  for (long i = 0; from && i < c * W; i += c)
    memcpy (to + i, from, sizeof (float) * (gsize)c);
  return from ? to : NULL;
}

/* Sums of W·c channels that are c channels, repeated. */
static void
fold (long c, const double *from, double *to)
{
  for (long i = 0; i < c * W; i++)
    to[i % c] += from[i];
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
  if (is_narrow (rows, c) && ldx == c)
    {
      float wide[W * W] = { 0 };
      double sums[2][W * W] = { { 0 } };
      const long n = rows / W, k = c * W;
      moments (n, k, x, k, repeat (c, pivot, wide), sums[0], sums[1]);
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
    for (long r = 0; r < n; r += 4)
      for (long i = 0; i < width; i += W)
        {
          const long left = width - i;
          V k = get (pivot + i0 + i, left), a = v_load (s + i), b = v_load (q + i);
          for (long u = r; u < MIN (n, r + 4); u++)
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

/* Calls @f with the activation's kind as a constant. */
#define BY_KIND(act, f, ...)                                                             \
  switch ((act).kind)                                                                    \
    {                                                                                    \
    case NMD_RELU:                                                                       \
      f (NMD_RELU, __VA_ARGS__);                                                         \
      break;                                                                             \
    case NMD_SIGMOID:                                                                    \
      f (NMD_SIGMOID, __VA_ARGS__);                                                      \
      break;                                                                             \
    case NMD_LEAKY_RELU:                                                                 \
      f (NMD_LEAKY_RELU, __VA_ARGS__);                                                   \
      break;                                                                             \
    case NMD_HARD_SIGMOID:                                                               \
      f (NMD_HARD_SIGMOID, __VA_ARGS__);                                                 \
      break;                                                                             \
    case NMD_SILU:                                                                       \
      f (NMD_SILU, __VA_ARGS__);                                                         \
      break;                                                                             \
    case NMD_GELU:                                                                       \
      f (NMD_GELU, __VA_ARGS__);                                                         \
      break;                                                                             \
    default:                                                                             \
      f (-1, __VA_ARGS__);                                                               \
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
  for (long r = 0; r < rows; r++, x += ldx, y += ldy)
    for (long i = 0; i < c; i += W)
      {
        const long left = c - i;
        V d = v_sub (get (x + i, left), get (mean + i, left));
        d = v_fma (d, get (a + i, left), get (b + i, left));
        put (y + i, v_act (kind, k, d), left);
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
      NmdAct act,
      float *y,
      long ldy)
{
  if (is_narrow (rows, c) && ldx == c && ldy == c)
    {
      float wide[3][W * W];
      const long n = rows / W, k = c * W;
      norm (n, k, x, k, repeat (c, mean, wide[0]), repeat (c, a, wide[1]),
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
  TILES
  {
    const long width = MIN (TILE, c - i0);
    const float *pd = dy + r0 * ldd + i0, *px = x + r0 * ldx + i0;
    float *pg = to ? to + r0 * ldg + i0 : NULL;
    float s[TILE] = { 0 }, t[TILE] = { 0 };
    for (long r = 0; r < n; r += 4)
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
          for (long u = r; u < MIN (n, r + 4); u++)
            {
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

static void
norm_reduce (long rows,
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
      norm_reduce (n, k, dy, k, x, k, repeat (c, mean, wide[0]), repeat (c, p, wide[1]),
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
  for (long r = 0; r < rows; r += 4)
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
        for (long u = r; u < MIN (rows, r + 4); u++)
          {
            V g = get (dy + u * ldd + i, left),
              e = v_sub (get (x + u * ldx + i, left), k);
            if (kind >= 0)
              g = v_act_grad (kind, l, v_fma (e, vp, vq), g);
            put (dx + u * ldo + i, v_fma (va, g, v_fma (vb, e, vd)), left);
          }
      }
}

static void
norm_grad (long rows,
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
      norm_grad (n, k, dy, k, x, k, repeat (c, mean, wide[0]), repeat (c, p, wide[1]),
                 repeat (c, q, wide[2]), act, repeat (c, a, wide[3]),
                 repeat (c, b, wide[4]), repeat (c, d, wide[5]), dx, k);
      rows -= n * W;
      dy += n * k;
      x += n * k;
      dx += n * k;
    }
  BY_KIND (act, norm_grad_as, rows, c, dy, ldd, x, ldx, mean, p, q, act.slope, a, b, d,
           dx, ldo)
}

/* Layer norm and softmax, row by row
 * -------------------------------------------------------------- */

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

static void
layer_norm (long rows,
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
static void
layer_norm_grad (long rows,
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

static void
layer_norm_reduce (long rows,
                   long c,
                   const float *dy,
                   long ldd,
                   const float *x,
                   long ldx,
                   float epsilon,
                   double *sum)
{
  float mean[BLOCK], inverse[BLOCK];
  for (long r0 = 0; r0 < rows; r0 += BLOCK)
    {
      const long n = MIN (BLOCK, rows - r0);
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

static void
softmax (long rows, long c, float *x, long ldx, float s)
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

static void
softmax_grad (long rows, long c, const float *p, long ldp, float *dp, long ldd, float s)
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

/* Element by element
 * ----------------------------------------------------------------------------- */

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

BINARY (add_each, v_add)
BINARY (mul_each, v_mul)

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
KERNEL (nmd_act) (long rows,
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

static void
act_grad (long rows,
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

static void
scale (long rows, long c, const float *x, long ldx, float s, float *y, long ldy)
{
  FLATTEN (ldx == c && ldy == c)
  for (long r = 0; r < rows; r++)
    for (long i = 0; i < c; i += W)
      put (y + r * ldy + i, v_mul (v_set (s), get (x + r * ldx + i, c - i)), c - i);
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
mul_add_channels (long rows,
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
mul_add_pixels (long rows,
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

static void
fill_channels (long rows,
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

static void
fill_pixels (long rows,
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

static void
sum_rows (long rows, long c, const float *x, long ldx, double *sum)
{
  TILES
  {
    const long width = MIN (TILE, c - i0);
    const float *p = x + r0 * ldx + i0;
    float s[TILE] = { 0 };
    for (long r = 0; r < n; r += 4)
      for (long i = 0; i < width; i += W)
        {
          V a = v_load (s + i);
          for (long u = r; u < MIN (n, r + 4); u++)
            a = v_add (a, get (p + u * ldx + i, width - i));
          v_store (s + i, a);
        }
    tile_add (sum + i0, s, width);
  }
}

static void
max_rows (long rows, long c, const float *x, long ldx, float *top)
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

static void
row_stats (long rows, long c, const float *x, long ldx, float *sum, float *top)
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

static void
dot_rows (
    long rows, long c, const float *a, long lda, const float *b, long ldb, double *sum)
{
  TILES
  {
    const long width = MIN (TILE, c - i0);
    const float *p = a + r0 * lda + i0, *q = b + r0 * ldb + i0;
    float s[TILE] = { 0 };
    for (long r = 0; r < n; r += 4)
      for (long i = 0; i < width; i += W)
        {
          V t = v_load (s + i);
          for (long u = r; u < MIN (n, r + 4); u++)
            t = v_fma (get (p + u * lda + i, width - i), get (q + u * ldb + i, width - i),
                       t);
          v_store (s + i, t);
        }
    tile_add (sum + i0, s, width);
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

static void
gated_pixels (long rows,
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

static void
mul_gates (long rows,
           long c,
           const float *x,
           long ldx,
           const float *s,
           const float *t,
           long ldt,
           float *y,
           long ldy)
{
  for (long r = 0; r < rows; r++)
    for (long i = 0; i < c; i += W)
      put (y + r * ldy + i,
           v_mul (v_mul (get (x + r * ldx + i, c - i), get (s + i, c - i)),
                  v_set (t[r * ldt])),
           c - i);
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
               const float *add,
               long lda,
               float *dx,
               long ldo)
{
  for (long i = 0; i < c; i += W)
    {
      const long tail = c - i;
      V d = get (dy + i, tail), t = get (top + i, tail);
      uint32_t left = (uint32_t)(tail >= W ? (1u << W) - 1 : (1u << tail) - 1);
      for (long r = 0; r < rows; r++)
        {
          V g = left ? v_first (get (x + r * ldx + i, tail), t, d, &left) : v_set (0);
          put (dx + r * ldo + i, add ? v_add (g, get (add + r * lda + i, tail)) : g,
               tail);
        }
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

static void
max_grad_pixels (long rows,
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

static void
max_grad_places (long c,
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

static void
shuffle (long rows, long c, int groups, const float *x, long ldx, float *y, long ldy)
{
  const long m = c / groups;
  for (long r = 0; r < rows; r++, x += ldx, y += ldy)
    {
      long j = 0;
      for (; groups == 2 && j < m; j += W)
        {
          const long left = m - j;
          V low, high;
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

/* Taps that planes_grad() takes together. */
#define GRAD_TAPS 8

/* sum[t] += Σ dy·x_t over n ≤ BLOCK·W places, for @m taps. */
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

static void
planes_grad (long n, int n_taps, const float *const *x, const float *dy, double *sum)
{
  int t = 0;
  for (; t + GRAD_TAPS <= n_taps; t += GRAD_TAPS)
    for (long j = 0; j < n; j += BLOCK * W)
      grad_taps (GRAD_TAPS, MIN (BLOCK * W, n - j), x + t, j, dy, sum + t);
  for (; t < n_taps; t++)
    for (long j = 0; j < n; j += BLOCK * W)
      grad_taps (1, MIN (BLOCK * W, n - j), x + t, j, dy, sum + t);
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

const NmdKernels KERNEL (nmd_kernels) = {
  .name = NMD_KERNELS_NAME,
  .width = W,
  .moments = moments,
  .norm = norm,
  .norm_reduce = norm_reduce,
  .norm_grad = norm_grad,
  .layer_norm = layer_norm,
  .layer_norm_grad = layer_norm_grad,
  .layer_norm_reduce = layer_norm_reduce,
  .softmax = softmax,
  .softmax_grad = softmax_grad,
  .add = add_each,
  .mul = mul_each,
  .scale = scale,
  .act = KERNEL (nmd_act),
  .act_grad = act_grad,
  .mul_channels = mul_channels,
  .mul_add_channels = mul_add_channels,
  .mul_add_pixels = mul_add_pixels,
  .mul_pixels = mul_pixels,
  .fill_channels = fill_channels,
  .fill_pixels = fill_pixels,
  .sum_rows = sum_rows,
  .max_rows = max_rows,
  .dot_rows = dot_rows,
  .row_stats = row_stats,
  .gated_pixels = gated_pixels,
  .mul_gates = mul_gates,
  .sum_pixels = sum_pixels,
  .max_pixels = max_pixels,
  .dot_pixels = dot_pixels,
  .max_grad_rows = max_grad_rows,
  .max_grad_pixels = max_grad_pixels,
  .shuffle = shuffle,
  .max_grad_places = max_grad_places,
  .count_panels = KERNEL (nmd_count_panels),
  .pack_panels = KERNEL (nmd_pack_panels),
  .gate_panels = KERNEL (nmd_gate_panels),
  .pointwise = KERNEL (nmd_pointwise),
  .taps = KERNEL (nmd_taps),
  .depthwise = KERNEL (nmd_depthwise),
  .taps_grad = KERNEL (nmd_taps_grad),
  .planes = planes,
  .planes_grad = planes_grad,
  .adam = adam,
  .blend = blend,
};
