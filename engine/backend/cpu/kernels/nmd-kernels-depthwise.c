/* SPDX-License-Identifier: Apache-2.0
 *
 * The depthwise convolutions of nmd-kernels.h: whole rows where the kernel is a usual
 * one, else taps. Every output adds its taps in their order, whichever way it is
 * computed. Compiled once for each instruction set, like nmd-kernels.c.
 */
#include "engine/backend/cpu/kernels/nmd-kernels-private.h"

/* Rows */

/* Outputs side by side that share weights and inputs: they divide the usual maps. */
#define ALONG NMD_DEPTHWISE_ALONG

/* ALONG outputs, those at @y, of the vectors of channels @i … @end − 1; the first output
 * reads inputs from column @at on, and the first @skip are not summed. Constants where
 * this is called: the kernel, the stride, edge (columns may lie outside the image), part
 * (the vector is there in part), silu. */
static ALWAYS_INLINE void
row_block (const int kernel,
           const int stride,
           const gboolean edge,
           const gboolean part,
           const gboolean silu,
           const NmdDepthwiseRow *r,
           long i,
           long end,
           int at,
           int skip,
           const float *add,
           float *y)
{
#define LOAD(p) (part ? v_loadm (p, m) : v_load (p))
#define STORE(p, a) (part ? v_storem (p, a, m) : v_store (p, a))
  const M m = v_mask (end - i);
  const V floor = v_set (r->act == NMD_RELU ? 0.0f : -INFINITY);
  const long ldx = r->ldx, ldw = r->ldw, ldy = r->ldy;
  for (; i < end; i += W)
    {
      V sum[ALONG], w[5];
      const V first = r->bias ? LOAD (r->bias + i) : v_set (0);
      for (int u = 0; u < ALONG; u++)
        sum[u] = add ? LOAD (add + u * r->lda + i) : first;
      const NmdTap *row = r->rows;
      do
        {
          const float *x = row->x + at * ldx + i, *weights = row->w + i;
#pragma GCC unroll 5
          for (int b = 0; b < kernel; b++)
            w[b] = LOAD (weights + b * ldw);
#pragma GCC unroll 17
          for (int column = 0; column < (ALONG - 1) * stride + kernel; column++)
            if (!edge || (unsigned)(at + column) < (unsigned)r->width)
              {
                const V v = v_held (LOAD (x + column * ldx));
#pragma GCC unroll 5
                for (int b = 0; b < kernel; b++)
                  if (column >= b && (column - b) % stride == 0
                      && (column - b) / stride < ALONG)
                    sum[(column - b) / stride]
                        = v_fma (w[b], v, sum[(column - b) / stride]);
              }
        }
      while (++row < r->rows + r->n_rows);
      for (int u = 0; u < ALONG; u++)
        {
          sum[u] = silu ? v_silu (sum[u]) : v_max (floor, sum[u]);
          STORE (y + u * ldy + i, sum[u]);
        }
      if (r->sums)
        {
          V total = LOAD (r->sums + i);
          for (int u = 0; u < ALONG; u++)
            if (u >= skip)
              total = v_add (total, sum[u]);
          STORE (r->sums + i, total);
        }
    }
#undef STORE
#undef LOAD
}

typedef void (*RowBlock) (const NmdDepthwiseRow *r,
                          long i,
                          long end,
                          int at,
                          int skip,
                          const float *add,
                          float *y);

#define ROW_BLOCK(NAME, KERNEL_SIZE, STRIDE, EDGE, PART, SILU)                           \
  NO_IVOPTS static void NAME##_##KERNEL_SIZE##_##STRIDE (                                \
      const NmdDepthwiseRow *r, long i, long end, int at, int skip, const float *add,    \
      float *y)                                                                          \
  {                                                                                      \
    row_block (KERNEL_SIZE, STRIDE, EDGE, PART, SILU, r, i, end, at, skip, add, y);      \
  }
#define ROW_BLOCKS(NAME, EDGE, PART, SILU)                                               \
  ROW_BLOCK (NAME, 3, 1, EDGE, PART, SILU)                                               \
  ROW_BLOCK (NAME, 3, 2, EDGE, PART, SILU)                                               \
  ROW_BLOCK (NAME, 5, 1, EDGE, PART, SILU)                                               \
  ROW_BLOCK (NAME, 5, 2, EDGE, PART, SILU)
#define ROW_BLOCKS_OF(NAME, SILU)                                                        \
  ROW_BLOCKS (NAME##_inside, FALSE, FALSE, SILU)                                         \
  ROW_BLOCKS (NAME##_inside_part, FALSE, TRUE, SILU)                                     \
  ROW_BLOCKS (NAME##_edge, TRUE, FALSE, SILU)                                            \
  ROW_BLOCKS (NAME##_edge_part, TRUE, TRUE, SILU)
ROW_BLOCKS_OF (plain, FALSE)
ROW_BLOCKS_OF (silu, TRUE)
#define BY_SIZE(NAME)                                                                    \
  {                                                                                      \
    { NAME##_3_1, NAME##_3_2 }, { NAME##_5_1, NAME##_5_2 }                               \
  }
#define BY_PLACE(NAME)                                                                   \
  {                                                                                      \
    { BY_SIZE (NAME##_inside), BY_SIZE (NAME##_inside_part) },                           \
    {                                                                                    \
      BY_SIZE (NAME##_edge), BY_SIZE (NAME##_edge_part)                                  \
    }                                                                                    \
  }
/* by [SiLU or not][at an edge][in part][kernel 3 or 5][stride 1 or 2] */
static const RowBlock row_blocks[2][2][2][2][2] = { BY_PLACE (plain), BY_PLACE (silu) };

void
KERNEL (depthwise) (const NmdDepthwiseRow *r)
{
  const int reach = (ALONG - 1) * r->stride + r->kernel;
  const long whole = r->c / W * W;
  /* the last block reaches back over outputs that are done: the same values again */
  for (int u = r->from; u < r->end; u += ALONG)
    {
      const int o = MIN (u, r->end - ALONG), at = o * r->stride - r->pad;
      const gboolean edge = at < 0 || at + reach > r->width;
      for (int j = 0; r->next && j < ALONG; j++)
        for (long i = 0; i < r->c; i += 16)
          ask (r->next + (o + j) * r->ldy + i);
      for (int part = whole == 0; part <= (whole < r->c); part++)
        row_blocks[r->act == NMD_SILU][edge][part][r->kernel == 5][r->stride == 2](
            r, part ? whole : 0, part ? r->c : whole, at, u - o,
            r->add ? r->add + o * r->lda : NULL, r->y + o * r->ldy);
    }
}

/* Weight gradients of rows */

/* Outputs side by side whose gradients stay in the registers, and most rows of the kernel whose sums
 * do beside them: each input is loaded once for all its taps, each gradient once for the rows. */
#define GRAD_ALONG 4
#define GRAD_ROWS 3

/* Adds @n outputs, GRAD_ALONG of them unless at an @edge, where columns may lie outside the image;
 * the first reads column @at. Constants where this is called: kernel, stride, rows, edge, part. */
static ALWAYS_INLINE void
grad_block (const int kernel,
            const int stride,
            const int rows,
            const gboolean edge,
            const gboolean part,
            M m,
            const float *const *x,
            long ldx,
            int at,
            int width,
            int n,
            const float *dy,
            long ldd,
            V sum[GRAD_ROWS][5])
{
#define LOAD(p) (part ? v_loadm (p, m) : v_load (p))
  V d[GRAD_ALONG];
#pragma GCC unroll 4
  for (int u = 0; u < GRAD_ALONG; u++)
    d[u] = !edge || u < n ? v_held (LOAD (dy + u * ldd)) : v_set (0);
#pragma GCC unroll 3
  for (int a = 0; a < rows; a++)
#pragma GCC unroll 11
    for (int column = 0; column < (GRAD_ALONG - 1) * stride + kernel; column++)
      if (!edge || (unsigned)(at + column) < (unsigned)width)
        {
          const V v = v_held (LOAD (x[a] + (at + column) * ldx));
#pragma GCC unroll 5
          for (int b = 0; b < kernel; b++)
            if (column >= b && (column - b) % stride == 0
                && (column - b) / stride < GRAD_ALONG
                && (!edge || (column - b) / stride < n))
              sum[a][b] = v_fma (d[(column - b) / stride], v, sum[a][b]);
        }
#undef LOAD
}

/* @rows rows of the kernel, of the vector of channels @i (constants as above). */
static ALWAYS_INLINE void
grad_rows (const int kernel,
           const int stride,
           const int rows,
           const gboolean part,
           const NmdDepthwiseGrad *g,
           const NmdTapGrad *taps,
           long i)
{
  const M m = v_mask (g->c - i);
  const int reach = (GRAD_ALONG - 1) * stride + kernel;
  V sum[GRAD_ROWS][5];
  const float *x[GRAD_ROWS];
#pragma GCC unroll 3
  for (int a = 0; a < rows; a++)
    {
      x[a] = taps[a].x + i;
#pragma GCC unroll 5
      for (int b = 0; b < kernel; b++)
        sum[a][b] = v_set (0);
    }
  for (int o = g->from; o < g->end; o += GRAD_ALONG)
    {
      const int n = MIN (GRAD_ALONG, g->end - o), at = o * stride - g->pad;
      const float *dy = g->dy + o * g->ldd + i;
      if (n == GRAD_ALONG && at >= 0 && at + reach <= g->width)
        grad_block (kernel, stride, rows, FALSE, part, m, x, g->ldx, at, g->width, n, dy,
                    g->ldd, sum);
      else
        grad_block (kernel, stride, rows, TRUE, part, m, x, g->ldx, at, g->width, n, dy,
                    g->ldd, sum);
    }
#pragma GCC unroll 3
  for (int a = 0; a < rows; a++)
#pragma GCC unroll 5
    for (int b = 0; b < kernel; b++)
      {
        float *to = taps[a].dw + b * g->ldw + i;
        if (part)
          v_storem (to, v_add (v_loadm (to, m), sum[a][b]), m);
        else
          v_store (to, v_add (v_load (to), sum[a][b]));
      }
}

typedef void (*GradRows) (const NmdDepthwiseGrad *g, const NmdTapGrad *taps);

#define GRAD(KERNEL_SIZE, STRIDE, ROWS)                                                  \
  NO_IVOPTS static void grad_##KERNEL_SIZE##_##STRIDE##_##ROWS (                         \
      const NmdDepthwiseGrad *g, const NmdTapGrad *taps)                                 \
  {                                                                                      \
    long i = 0;                                                                          \
    for (; i + W <= g->c; i += W)                                                        \
      grad_rows (KERNEL_SIZE, STRIDE, ROWS, FALSE, g, taps, i);                          \
    if (i < g->c)                                                                        \
      grad_rows (KERNEL_SIZE, STRIDE, ROWS, TRUE, g, taps, i);                           \
  }
GRAD (3, 1, 1)
GRAD (3, 1, 2)
GRAD (3, 1, 3)
GRAD (3, 2, 1)
GRAD (3, 2, 2)
GRAD (3, 2, 3)
GRAD (5, 1, 1)
GRAD (5, 1, 2)
GRAD (5, 2, 1)
GRAD (5, 2, 2)
/* by [kernel 3 or 5][stride 1 or 2][rows]; with 5 taps two rows' sums fill the registers */
static const GradRows grads[2][2][GRAD_ROWS + 1]
    = { { { NULL, grad_3_1_1, grad_3_1_2, grad_3_1_3 },
          { NULL, grad_3_2_1, grad_3_2_2, grad_3_2_3 } },
        { { NULL, grad_5_1_1, grad_5_1_2, NULL },
          { NULL, grad_5_2_1, grad_5_2_2, NULL } } };

void
KERNEL (depthwise_grad) (const NmdDepthwiseGrad *g)
{
  const int most = g->kernel == 3 ? 3 : 2;
  for (int a = 0; a < g->n_rows; a += most)
    grads[g->kernel == 5][g->stride == 2][MIN (most, g->n_rows - a)](g, g->rows + a);
}

/* Taps */

/* @pixels outputs side by side, of one vector of channels, share each weight;
 * taps that lie side by side, @k in a row, share each input too. Constants where this is
 * called: pixels, k, part (the vector is loaded in part), silu. Every output adds its
 * taps in their order. */
static ALWAYS_INLINE void
tap_block (const int pixels,
           const int k,
           const gboolean part,
           M m,
           int n_taps,
           const NmdTap *taps,
           long i,
           long x,
           long sx,
           const float *add,
           long sa,
           const gboolean silu,
           V floor,
           float *y,
           long sy,
           const float *next)
{
#define LOAD(p) (part ? v_loadm (p, m) : v_load (p))
  V sum[8], w[5];
  for (int u = 0; u < pixels; u++)
    sum[u] = add ? LOAD (add + u * sa) : v_set (0);
  for (int t = 0; t < n_taps; t += k)
    {
      const float *p = taps[t].x + x;
#pragma GCC unroll 5
      for (int b = 0; b < k; b++)
        w[b] = LOAD (taps[t + b].w + i);
#pragma GCC unroll 12
      for (int column = 0; column < pixels + k - 1; column++)
        {
          const V v = LOAD (p + column * sx);
#pragma GCC unroll 5
          for (int b = 0; b < k; b++)
            if (column >= b && column - b < pixels)
              sum[column - b] = v_fma (w[b], v, sum[column - b]);
        }
    }
  for (int u = 0; next && u < pixels; u++)
    ask (next + u * sy);
  for (int u = 0; u < pixels; u++)
    {
      const V a = silu ? v_silu (sum[u]) : v_max (floor, sum[u]);
      if (part)
        v_storem (y + u * sy, a, m);
      else
        v_store (y + u * sy, a);
    }
#undef LOAD
}

/* One output of four vectors of channels, or of what is left of them. */
static ALWAYS_INLINE void
tap_pixel (int n_taps,
           const NmdTap *taps,
           long i,
           long left,
           long x,
           const float *add,
           gboolean silu,
           V floor,
           float *y)
{
  V sum[4];
  for (int v = 0; v < 4; v++)
    sum[v] = add ? get (add + v * W, left - v * W) : v_set (0);
  for (int t = 0; t < n_taps; t++)
    for (int v = 0; v < 4; v++)
      sum[v] = v_fma (get (taps[t].w + i + v * W, left - v * W),
                      get (taps[t].x + x + v * W, left - v * W), sum[v]);
  for (int v = 0; v < 4; v++)
    put (y + v * W, silu ? v_silu (sum[v]) : v_max (floor, sum[v]), left - v * W);
}

/* How many taps side by side all rows of taps have, if this is a number that there is a
 * kernel for. */
static int
taps_in_row (int n_taps, const NmdTap *taps, long sx)
{
  for (int k = 5; k >= 3; k -= 2)
    {
      gboolean all = n_taps % k == 0;
      for (int t = 0; all && t < n_taps; t++)
        all = t % k == 0 || taps[t].x - taps[t - 1].x == sx;
      if (all)
        return k;
    }
  return 1;
}

#define TAP_BLOCKS(K, PART, SILU)                                                        \
  for (; j + 8 <= n; j += 8)                                                             \
    tap_block (8, K, PART, m, n_taps, taps, i, i + j * sx, sx,                           \
               add ? add + i + j * sa : NULL, sa, SILU, floor, y + i + j * sy, sy,       \
               next ? next + i + j * sy : NULL);                                         \
  for (; j + 4 <= n; j += 4)                                                             \
    tap_block (4, K, PART, m, n_taps, taps, i, i + j * sx, sx,                           \
               add ? add + i + j * sa : NULL, sa, SILU, floor, y + i + j * sy, sy,       \
               next ? next + i + j * sy : NULL);

#define TAPS(NAME, K, SILU)                                                              \
  NO_IVOPTS static void NAME##_##K (long n, long c, int n_taps, const NmdTap *taps,      \
                                    long sx, const float *add, long sa, V floor,         \
                                    float *y, long sy, const float *next)                \
  {                                                                                      \
    for (long i = 0; i < c; i += W)                                                      \
      {                                                                                  \
        const M m = v_mask (c - i);                                                      \
        long j = 0;                                                                      \
        if (c - i >= W)                                                                  \
          {                                                                              \
            TAP_BLOCKS (K, FALSE, SILU)                                                  \
          }                                                                              \
        else                                                                             \
          {                                                                              \
            TAP_BLOCKS (K, TRUE, SILU)                                                   \
          }                                                                              \
      }                                                                                  \
  }
TAPS (taps, 1, FALSE)
TAPS (taps, 3, FALSE)
TAPS (taps, 5, FALSE)
TAPS (silu, 1, TRUE)
TAPS (silu, 3, TRUE)
TAPS (silu, 5, TRUE)

#if V_HAS_PICK
#define NARROW_TAPS 25

/* Channels c < W of outputs without gaps, of inputs at most two pixels of c channels
 * apart: as many whole pixels as a vector holds at a time. */
static long
taps_narrow (long n,
             long c,
             int n_taps,
             const NmdTap *taps,
             long sx,
             const float *bias,
             gboolean silu,
             V floor,
             float *y)
{
  const int pixels = (int)(W / c);
  int32_t place[W], channel[W];
  V w[NARROW_TAPS];
  for (int i = 0; i < W; i++)
    {
      channel[i] = i % (int)c;
      place[i] = MIN (i / (int)c, pixels - 1) * (int)sx + channel[i];
    }
  const I from = v_index (place), of = v_index (channel);
  const M m = v_mask (c), out = v_mask (pixels * c);
  const long span = (pixels - 1) * sx + c;
  const M low = v_mask (span), high = v_mask (MAX (span - W, 0));
  for (int t = 0; t < n_taps; t++)
    w[t] = v_pick (v_loadm (taps[t].w, m), of);
  const V first = bias ? v_pick (v_loadm (bias, m), of) : v_set (0);
  long j = 0;
  for (; j + pixels <= n; j += pixels)
    {
      V sum = first;
      for (int t = 0; t < n_taps; t++)
        {
          const float *p = taps[t].x + j * sx;
          const V x = v_pick2 (v_loadm (p, low), v_loadm (p + W, high), from);
          sum = v_fma (w[t], x, sum);
        }
      v_storem (y + j * c, silu ? v_silu (sum) : v_max (floor, sum), out);
    }
  return j;
}
#endif

void
KERNEL (taps) (long n,
               long c,
               int n_taps,
               const NmdTap *taps,
               long sx,
               const float *add,
               long sa,
               int act,
               float *y,
               long sy,
               const float *next)
{
  const gboolean silu = act == NMD_SILU;
  const V floor = v_set (act == NMD_RELU ? 0.0f : -INFINITY);
#if V_HAS_PICK
  if (c < W && n >= W / c && sy == c && sx <= 2 * c && (!add || sa == 0)
      && n_taps <= NARROW_TAPS)
    {
      NmdTap rest[NARROW_TAPS];
      const long done = taps_narrow (n, c, n_taps, taps, sx, add, silu, floor, y);
      for (int t = 0; t < n_taps; t++)
        rest[t] = (NmdTap){ taps[t].x + done * sx, taps[t].w };
      KERNEL (taps) (n - done, c, n_taps, rest, sx, add, 0, act, y + done * sy, sy, NULL);
      return;
    }
#endif
  const int k = n >= 4 ? taps_in_row (n_taps, taps, sx) : 0;
  if (n >= 4)
    (k == 5   ? silu ? silu_5 : taps_5
     : k == 3 ? silu ? silu_3 : taps_3
     : silu   ? silu_1
              : taps_1) (n, c, n_taps, taps, sx, add, sa, floor, y, sy, next);
  for (long j = n / 4 * 4; j < n; j++)
    for (long i = 0; i < c; i += 4 * W)
      if (c - i >= 4 * W)
        tap_pixel (n_taps, taps, i, 4 * W, i + j * sx, add ? add + i + j * sa : NULL,
                   silu, floor, y + i + j * sy);
      else
        tap_pixel (n_taps, taps, i, c - i, i + j * sx, add ? add + i + j * sa : NULL,
                   silu, floor, y + i + j * sy);
}

#define LOAD_PART(p) v_loadm (p, m)
#define STORE_PART(p, v) v_storem (p, v, m)

/* T taps share each dy; two rows of accumulators hide the latency of the additions. */
#define TAPS_GRAD_LOOP(T, LOAD, STORE)                                                   \
  {                                                                                      \
    V a[T], b[T];                                                                        \
    const float *d = dy + i;                                                             \
    long j = 0, at = i;                                                                  \
    for (int t = 0; t < T; t++)                                                          \
      {                                                                                  \
        a[t] = LOAD (acc[t] + i);                                                        \
        b[t] = v_set (0);                                                                \
      }                                                                                  \
    for (; j + 2 <= n; j += 2, d += 2 * sd, at += 2 * sx)                                \
      {                                                                                  \
        const V e = LOAD (d), f = LOAD (d + sd);                                         \
        for (int t = 0; t < T; t++)                                                      \
          {                                                                              \
            a[t] = v_fma (e, LOAD (x[t] + at), a[t]);                                    \
            b[t] = v_fma (f, LOAD (x[t] + at + sx), b[t]);                               \
          }                                                                              \
      }                                                                                  \
    if (j < n)                                                                           \
      {                                                                                  \
        const V e = LOAD (d);                                                            \
        for (int t = 0; t < T; t++)                                                      \
          a[t] = v_fma (e, LOAD (x[t] + at), a[t]);                                      \
      }                                                                                  \
    for (int t = 0; t < T; t++)                                                          \
      STORE (acc[t] + i, v_add (a[t], b[t]));                                            \
  }

#define TAPS_GRAD(T)                                                                     \
  NO_IVOPTS static void taps_grad_##T (long n, long c, const float *const *px, long sx,  \
                                       const float *dy, long sd, float *const *acc)      \
  {                                                                                      \
    const float *x[T];                                                                   \
    for (int t = 0; t < T; t++)                                                          \
      x[t] = px[t];                                                                      \
    for (long i = 0; i < c; i += W)                                                      \
      if (c - i >= W)                                                                    \
        TAPS_GRAD_LOOP (T, v_load, v_store)                                              \
      else                                                                               \
        {                                                                                \
          const M m = v_mask (c - i);                                                    \
          TAPS_GRAD_LOOP (T, LOAD_PART, STORE_PART)                                      \
        }                                                                                \
  }

TAPS_GRAD (1)
TAPS_GRAD (2)
TAPS_GRAD (3)
TAPS_GRAD (5)

void
KERNEL (taps_grad) (long n,
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
