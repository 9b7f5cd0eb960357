/* SPDX-License-Identifier: Apache-2.0
 *
 * The convolution steps. Pointwise ones (and linear layers) are oneDNN's matrix products
 * on the rows as they lie; those with very few channels are own kernels; dense ones are
 * oneDNN's primitives; the rest (grouped ones) gathers columns band by band and
 * multiplies; depthwise ones are nmd-cpu-depthwise.c's. In step geometry x has ci
 * channels of hi × wi, y has co of ho × wo.
 */
#include "engine/backend/cpu/nmd-cpu-private.h"
#include "engine/backend/cpu/onednn/nmd-onednn.h"

#include <math.h>
#include <string.h>

#define STEP(name)                                                                       \
  void nmd_cpu_##name (const NmdCpuStep *s, const NmdCpuContext *c, int i0, int i1,      \
                       int r0, int r1)
#define ROWS nmd_cpu_rows (s, i0, i1, r0, r1)
#define SPAN(v) nmd_cpu_span (&(v), c, s, i0, r0)

/* Floats that a band of gathered columns may take. */
#define COLUMNS 65536
#define MAX_KERNEL NMD_DEPTHWISE_KERNEL

/* Products too small for oneDNN's call. */
#define TINY 4096

/* Few rows of x times weights in rows: dot products. */
#define FEW 2

static void
product (const NmdCpuContext *context,
         gboolean ta,
         gboolean tb,
         long m,
         long n,
         long k,
         const float *a,
         long lda,
         const float *b,
         long ldb,
         float beta,
         float *y,
         long ldy)
{
  if (!ta && tb && beta == 0 && m <= FEW)
    {
      for (long i = 0; i < m; i++)
        context->k->dot_pixels (n, k, b, ldb, a + i * lda, 0, y + i * ldy, 1);
      return;
    }
  if (m * n * k > TINY)
    {
      if (!nmd_onednn_gemm (ta, tb, m, n, k, a, lda, b, ldb, beta, y, ldy))
        for (long i = 0; i < m; i++)
          for (long j = 0; j < n; j++)
            y[i * ldy + j] = NAN;
      return;
    }
  for (long i = 0; i < m; i++)
    for (long j = 0; j < n; j++)
      {
        const float *p = ta ? a + i : a + i * lda, *q = tb ? b + j * ldb : b + j;
        const long sp = ta ? lda : 1, sq = tb ? 1 : ldb;
        float sum = beta != 0 ? y[i * ldy + j] : 0;
        for (long l = 0; l < k; l++)
          sum += p[l * sp] * q[l * sq];
        y[i * ldy + j] = sum;
      }
}

void
nmd_cpu_product (const NmdCpuContext *context,
                 gboolean ta,
                 gboolean tb,
                 long m,
                 long n,
                 long k,
                 const float *a,
                 long lda,
                 const float *b,
                 long ldb,
                 float beta,
                 float *y,
                 long ldy)
{
  product (context, ta, tb, m, n, k, a, lda, b, ldb, beta, y, ldy);
}

/* Pointwise
 * --------------------------------------------------------------------------------- */

/* Weights larger than the images: r0 … r1 are outputs, so that threads can share an
 * image. */
STEP (gemm_y_flat)
{
  const float *w = nmd_cpu_at (&s->in[1], c, 0) + (long)r0 * s->ci;
  const long rows = (long)(i1 - i0) * s->ho * s->wo;
  float *y = nmd_cpu_at (&s->out[0], c, i0) + r0;
  product (c, FALSE, TRUE, rows, r1 - r0, s->ci, nmd_cpu_at (&s->in[0], c, i0),
           s->in[0].ld, w, s->ci, 0, y, s->out[0].ld);
  nmd_cpu_finish (s, c, rows, r1 - r0,
                  s->n_in > 2 ? nmd_cpu_at (&s->in[2], c, 0) + r0 : NULL, y,
                  s->out[0].ld);
}

STEP (gemm_y)
{
  const float *x = SPAN (s->in[0]), *w = nmd_cpu_at (&s->in[1], c, 0);
  const long rows = ROWS, ci = s->ci / s->groups, co = s->co / s->groups;
  float *y = SPAN (s->out[0]);
  for (int g = 0; g < s->groups; g++)
    product (c, FALSE, TRUE, rows, co, ci, x + g * ci, s->in[0].ld, w + g * co * ci, ci,
             0, y + g * co, s->out[0].ld);
  nmd_cpu_finish (s, c, rows, s->co, s->n_in > 2 ? nmd_cpu_at (&s->in[2], c, 0) : NULL, y,
                  s->out[0].ld);
}

/* The packed weights for image @i. */
static const float *
panels_for_image (const NmdCpuStep *s, const NmdCpuContext *c, int i)
{
  const float *w = nmd_cpu_at (&s->in[1], c, 0);
  if (!s->gated)
    return w;
  c->k->gate_panels (s->co, s->ci, s->panels, w, nmd_cpu_at (&s->in[s->n_in - 1], c, i),
                     c->work);
  return c->work;
}

/* @rows pixels from @x, panels @first … @end of each group, to @y; s->panels a group. */
static void
by_panels (const NmdCpuStep *s,
           const NmdCpuContext *c,
           long rows,
           const float *w,
           const float *x,
           int first,
           int end,
           float *y)
{
  const int n_in = s->n_in - (s->gated ? 1 : 0);
  const float *bias = n_in > 2 ? nmd_cpu_at (&s->in[2], c, 0) : NULL;
  const long ci = s->ci / s->groups, co = s->co / s->groups;
  for (int g = 0; g < s->groups; g++, w += nmd_cpu_panel_floats (s, c->k))
    c->k->pointwise (rows, co, ci, x + g * ci, s->in[0].ld, w, s->panels, first, end,
                     bias ? bias + g * co : NULL, s->act, y + g * co, s->out[0].ld);
}

/* Packed weights that stand still; where threads share an image, r0 … r1 are its pixels
 * if s->shares says so, else its rows. */
STEP (panels_y)
{
  if (s->gated && i1 - i0 > 1)
    {
      for (int i = i0; i < i1; i++)
        nmd_cpu_panels_y (s, c, i, i + 1, 0, nmd_cpu_shares (s));
      return;
    }
  const long from = s->shares > 0 ? r0 : (long)r0 * s->w,
             rows = s->shares > 0 && i1 - i0 == 1 ? r1 - r0 : ROWS;
  by_panels (s, c, rows, panels_for_image (s, c, i0),
             nmd_cpu_at (&s->in[0], c, i0) + from * s->in[0].ld, 0, s->panels,
             nmd_cpu_at (&s->out[0], c, i0) + from * s->out[0].ld);
}

/* The same where threads share an image by its outputs: r0 … r1 are panels. */
STEP (panels_y_flat)
{
  by_panels (s, c, (long)(i1 - i0) * s->ho * s->wo, nmd_cpu_at (&s->in[1], c, 0),
             nmd_cpu_at (&s->in[0], c, i0), r0, r1, nmd_cpu_at (&s->out[0], c, i0));
}

STEP (gemm_dx)
{
  const float *dy = SPAN (s->in[0]), *w = nmd_cpu_at (&s->in[1], c, 0);
  const long rows = ROWS, ci = s->ci / s->groups, co = s->co / s->groups;
  float *dx = SPAN (s->out[0]);
  const gboolean plus = s->n_in > 2;
  if (plus)
    {
      const float *from = SPAN (s->in[2]);
      for (long r = 0; r < rows; r++)
        memcpy (dx + r * s->out[0].ld, from + r * s->in[2].ld,
                sizeof (float) * (gsize)s->ci);
    }
  for (int g = 0; g < s->groups; g++)
    product (c, FALSE, FALSE, rows, ci, co, dy + g * co, s->in[0].ld, w + g * co * ci, ci,
             plus ? 1 : 0, dx + g * ci, s->out[0].ld);
}

STEP (gemm_dw)
{
  const float *x = SPAN (s->in[0]), *dy = SPAN (s->in[1]);
  const long rows = ROWS, ci = s->ci / s->groups, co = s->co / s->groups;
  float *dw = nmd_cpu_partial (s, c);
  for (int g = 0; g < s->groups; g++)
    product (c, TRUE, FALSE, co, ci, rows, dy + g * co, s->in[1].ld, x + g * ci,
             s->in[0].ld, 1, dw + g * co * ci, ci);
}

/* Rows of dw: for weights larger than the images that they see. */
STEP (gemm_dw_flat)
{
  const float *x = nmd_cpu_at (&s->in[0], c, 0), *dy = nmd_cpu_at (&s->in[1], c, 0);
  float *dw = nmd_cpu_at (&s->out[0], c, 0);
  product (c, TRUE, FALSE, i1 - i0, s->ci, (long)s->value, dy + i0, s->in[1].ld, x,
           s->in[0].ld, 0, dw + (long)i0 * s->ci, s->ci);
}

/* Few channels, stride 1: planes with a margin of zeros, so that every tap is one long
 * row ------ */

gsize
nmd_cpu_planes_work (const NmdCpuStep *s)
{
  const gsize wide = (gsize)MAX (s->wi, s->wo) + 2 * (gsize)s->kernel,
              high = (gsize)MAX (s->hi, s->ho) + 2 * (gsize)s->kernel;
  return (gsize)(s->ci + s->co) * (wide * high + 64)
         + (gsize)(s->ci * s->co * s->kernel * s->kernel) * 4 + 64;
}

/* @c planes of @h × @w rows within planes of @width, @above rows and @before columns of
 * zeros before. */
static void
to_planes (const float *x,
           long ld,
           int c,
           int h,
           int w,
           int above,
           int before,
           int width,
           long plane,
           float *y)
{
  memset (y, 0, sizeof (float) * (gsize)(c * plane));
  for (int j = 0; j < c; j++)
    for (int r = 0; r < h; r++)
      {
        float *out = y + j * plane + (long)(r + above) * width + before;
        const float *in = x + (long)r * w * ld + j;
        for (int q = 0; q < w; q++)
          out[q] = in[q * ld];
      }
}

/* Correlates @ci planes with weights w(o, i, tap) into @co, output rows of @width. */
static void
correlate (const NmdCpuStep *s,
           const NmdCpuContext *c,
           const float *in,
           int ci,
           int co,
           long plane,
           int width,
           const float *w,
           long rows,
           float *out,
           long out_plane)
{
  const int kk = s->kernel * s->kernel, n = ci * kk;
  const float *x[NMD_PLANES_TAPS];
  for (int i = 0; i < ci; i++)
    for (int t = 0; t < kk; t++)
      x[i * kk + t] = in + i * plane + (long)(t / s->kernel) * width + t % s->kernel;
  for (int o = 0; o < co; o++)
    c->k->planes (rows * width - s->kernel + 1, n, x, w + (long)o * n,
                  out + o * out_plane);
}

static void
from_planes (const float *x,
             long plane,
             int width,
             int c,
             int h,
             int w,
             const float *bias,
             float *y,
             long ld)
{
  for (int j = 0; j < c; j++)
    for (int r = 0; r < h; r++)
      for (int q = 0; q < w; q++)
        y[((long)r * w + q) * ld + j]
            = x[j * plane + (long)r * width + q] + (bias ? bias[j] : 0);
}

/* Rows r0 … r1 of the outputs, from the rows of the planes that they reach. */
STEP (planes_y)
{
  const int width = s->wi + 2 * s->pad, rows = r1 - r0, height = rows + s->kernel - 1,
            top = r0 - s->pad;
  const long plane = (long)width * height;
  float *in = c->work, *out = in + s->ci * plane;
  const float *w = nmd_cpu_at (&s->in[1], c, 0),
              *bias = s->n_in > 2 ? nmd_cpu_at (&s->in[2], c, 0) : NULL;
  for (int i = i0; i < i1; i++)
    {
      float *y = nmd_cpu_at (&s->out[0], c, i) + (long)r0 * s->wo * s->out[0].ld;
      const int from = MAX (0, top), to = MIN (s->hi, top + height);
      to_planes (nmd_cpu_at (&s->in[0], c, i) + (long)from * s->wi * s->in[0].ld,
                 s->in[0].ld, s->ci, to - from, s->wi, from - top, s->pad, width, plane,
                 in);
      correlate (s, c, in, s->ci, s->co, plane, width, w, rows, out, plane);
      from_planes (out, plane, width, s->co, rows, s->wo, bias, y, s->out[0].ld);
      nmd_cpu_finish (s, c, (long)rows * s->wo, s->co, NULL, y, s->out[0].ld);
    }
}

/* The correlation of dy, kernel − 1 − pad zeros about it, with the weights turned round.
 */
STEP (planes_dx)
{
  const int margin = s->kernel - 1 - s->pad, kk = s->kernel * s->kernel;
  const int width = s->wo + 2 * margin, height = s->ho + 2 * margin;
  const long plane = (long)width * height;
  const float *w = nmd_cpu_at (&s->in[1], c, 0);
  float *turned = c->work, *in = turned + s->ci * s->co * kk, *out = in + s->co * plane;
  for (int o = 0; o < s->co; o++)
    for (int j = 0; j < s->ci; j++)
      for (int t = 0; t < kk; t++)
        turned[(j * s->co + o) * kk + kk - 1 - t] = w[(o * s->ci + j) * kk + t];
  for (int i = i0; i < i1; i++)
    {
      to_planes (nmd_cpu_at (&s->in[0], c, i), s->in[0].ld, s->co, s->ho, s->wo, margin,
                 margin, width, plane, in);
      correlate (s, c, in, s->co, s->ci, plane, width, turned, s->hi, out, plane);
      from_planes (out, plane, width, s->ci, s->hi, s->wi, NULL,
                   nmd_cpu_at (&s->out[0], c, i), s->out[0].ld);
    }
}

STEP (planes_dw)
{
  const int width = s->wi + 2 * s->pad, height = s->hi + 2 * s->pad,
            kk = s->kernel * s->kernel;
  const long plane = (long)width * height, n = (long)s->ho * width - s->kernel + 1;
  double *sum = (double *)c->work;
  float *in = (float *)(sum + s->ci * s->co * kk), *out = in + s->ci * plane,
        *dw = nmd_cpu_partial (s, c);
  const float *x[NMD_PLANES_TAPS];
  for (int j = 0; j < s->ci; j++)
    for (int t = 0; t < kk; t++)
      x[j * kk + t] = in + j * plane + (long)(t / s->kernel) * width + t % s->kernel;
  for (int i = i0; i < i1; i++)
    {
      to_planes (nmd_cpu_at (&s->in[0], c, i), s->in[0].ld, s->ci, s->hi, s->wi, s->pad,
                 s->pad, width, plane, in);
      to_planes (nmd_cpu_at (&s->in[1], c, i), s->in[1].ld, s->co, s->ho, s->wo, 0, 0,
                 width, plane, out);
      memset (sum, 0, sizeof (double) * (gsize)(s->ci * s->co * kk));
      for (int o = 0; o < s->co; o++)
        c->k->planes_grad (n, s->ci * kk, x, out + o * plane, sum + o * s->ci * kk);
      for (int j = 0; j < s->ci * s->co * kk; j++)
        dw[j] += (float)sum[j];
    }
}

/* The general rest: columns
 * ------------------------------------------------------------------- */

static int
band (const NmdCpuStep *s)
{
  const gsize row
      = (gsize)s->wo * (gsize)(s->kernel * s->kernel) * (gsize)(s->ci / s->groups);
  return (int)CLAMP (COLUMNS / MAX (row, 1), 1, (gsize)s->ho);
}

gsize
nmd_cpu_columns_work (const NmdCpuStep *s)
{
  return (gsize)band (s) * (gsize)s->wo * (gsize)(s->kernel * s->kernel)
         * (gsize)(s->ci / s->groups);
}

/* Output rows o0 … o1 − 1 of group @g: a row of k·k·ci/g inputs for each output. */
static void
gather (const NmdCpuStep *s, const float *x, long ld, int g, int o0, int o1, float *col)
{
  const int ci = s->ci / s->groups;
  for (int oh = o0; oh < o1; oh++)
    for (int ow = 0; ow < s->wo; ow++)
      for (int kh = 0; kh < s->kernel; kh++)
        for (int kw = 0; kw < s->kernel; kw++, col += ci)
          {
            const int ih = oh * s->stride - s->pad + kh,
                      iw = ow * s->stride - s->pad + kw;
            if (ih < 0 || ih >= s->hi || iw < 0 || iw >= s->wi)
              memset (col, 0, sizeof (float) * (gsize)ci);
            else
              memcpy (col, x + ((long)ih * s->wi + iw) * ld + g * ci,
                      sizeof (float) * (gsize)ci);
          }
}

static void
scatter (const NmdCpuStep *s,
         const NmdCpuContext *c,
         const float *col,
         int g,
         int o0,
         int o1,
         float *x,
         long ld)
{
  const int ci = s->ci / s->groups;
  for (int oh = o0; oh < o1; oh++)
    for (int ow = 0; ow < s->wo; ow++)
      for (int kh = 0; kh < s->kernel; kh++)
        for (int kw = 0; kw < s->kernel; kw++, col += ci)
          {
            const int ih = oh * s->stride - s->pad + kh,
                      iw = ow * s->stride - s->pad + kw;
            if (ih < 0 || ih >= s->hi || iw < 0 || iw >= s->wi)
              continue;
            float *to = x + ((long)ih * s->wi + iw) * ld + g * ci;
            c->k->add (1, ci, to, ci, col, ci, to, ci);
          }
}

STEP (columns_y)
{
  const long ci = s->ci / s->groups, co = s->co / s->groups,
             k = ci * s->kernel * s->kernel;
  const float *w = nmd_cpu_at (&s->in[1], c, 0),
              *bias = s->n_in > 2 ? nmd_cpu_at (&s->in[2], c, 0) : NULL;
  const long ldy = s->out[0].ld;
  const int rows = band (s);
  for (int i = i0; i < i1; i++)
    for (int o0 = r0; o0 < r1; o0 += rows)
      {
        const int o1 = MIN (r1, o0 + rows);
        float *y = nmd_cpu_at (&s->out[0], c, i) + (long)o0 * s->wo * ldy;
        for (int g = 0; g < s->groups; g++)
          {
            gather (s, nmd_cpu_at (&s->in[0], c, i), s->in[0].ld, g, o0, o1, c->work);
            product (c, FALSE, TRUE, (long)(o1 - o0) * s->wo, co, k, c->work, k,
                     w + g * co * k, k, 0, y + g * co, ldy);
          }
        nmd_cpu_finish (s, c, (long)(o1 - o0) * s->wo, s->co, bias, y, ldy);
      }
}

STEP (columns_dx)
{
  const long ci = s->ci / s->groups, co = s->co / s->groups,
             k = ci * s->kernel * s->kernel;
  const float *w = nmd_cpu_at (&s->in[1], c, 0);
  const long ldd = s->in[0].ld, ldx = s->out[0].ld;
  const int rows = band (s);
  for (int i = i0; i < i1; i++)
    {
      float *dx = nmd_cpu_at (&s->out[0], c, i);
      for (long r = 0; r < (long)s->hi * s->wi; r++)
        memset (dx + r * ldx, 0, sizeof (float) * (gsize)s->ci);
      for (int o0 = 0; o0 < s->ho; o0 += rows)
        for (int g = 0; g < s->groups; g++)
          {
            const int o1 = MIN (s->ho, o0 + rows);
            product (c, FALSE, FALSE, (long)(o1 - o0) * s->wo, k, co,
                     nmd_cpu_at (&s->in[0], c, i) + (long)o0 * s->wo * ldd + g * co, ldd,
                     w + g * co * k, k, 0, c->work, k);
            scatter (s, c, c->work, g, o0, o1, dx, ldx);
          }
    }
}

STEP (columns_dw)
{
  const long ci = s->ci / s->groups, co = s->co / s->groups,
             k = ci * s->kernel * s->kernel;
  const long ldd = s->in[1].ld;
  const int rows = band (s);
  float *dw = nmd_cpu_partial (s, c);
  for (int i = i0; i < i1; i++)
    for (int o0 = 0; o0 < s->ho; o0 += rows)
      for (int g = 0; g < s->groups; g++)
        {
          const int o1 = MIN (s->ho, o0 + rows);
          gather (s, nmd_cpu_at (&s->in[0], c, i), s->in[0].ld, g, o0, o1, c->work);
          product (c, TRUE, FALSE, co, k, (long)(o1 - o0) * s->wo,
                   nmd_cpu_at (&s->in[1], c, i) + (long)o0 * s->wo * ldd + g * co, ldd,
                   c->work, k, 1, dw + g * co * k, k);
        }
}

/* Dense: oneDNN's primitives, which use all threads by themselves
 * -------------------------------------------------------------------------- */

/* What a refused call leaves: nobody takes it for a result. */
static void
poison (float *y, gsize n)
{
  for (gsize i = 0; i < n; i++)
    y[i] = NAN;
}

static float *
work_of (const NmdCpuStep *s, const NmdCpuContext *c)
{
  return s->n_out > 1 ? nmd_cpu_at (&s->out[1], c, 0) : NULL;
}

STEP (dense_y)
{
  float *y = nmd_cpu_at (&s->out[0], c, 0);
  if (!nmd_onednn_conv_run (
          s->conv, c->threads, nmd_cpu_at (&s->in[0], c, 0), nmd_cpu_at (&s->in[1], c, 0),
          y, s->n_in > 2 ? nmd_cpu_at (&s->in[2], c, 0) : NULL, work_of (s, c)))
    poison (y, (gsize)s->n * (gsize)s->out[0].image);
}

STEP (dense_dx)
{
  float *dx = nmd_cpu_at (&s->out[0], c, 0);
  if (!nmd_onednn_conv_run (s->conv, c->threads, dx, nmd_cpu_at (&s->in[1], c, 0),
                            nmd_cpu_at (&s->in[0], c, 0), NULL, work_of (s, c)))
    poison (dx, (gsize)s->n * (gsize)s->out[0].image);
}

STEP (dense_dw)
{
  float *dw = nmd_cpu_at (&s->out[0], c, 0);
  if (!nmd_onednn_conv_run (s->conv, c->threads, nmd_cpu_at (&s->in[0], c, 0), dw,
                            nmd_cpu_at (&s->in[1], c, 0), NULL, work_of (s, c)))
    poison (dw, (gsize)s->c);
}

STEP (dense_pack)
{
  float *packed = nmd_cpu_at (&s->out[0], c, 0);
  if (!nmd_onednn_conv_pack (s->conv, nmd_cpu_at (&s->in[0], c, 0), packed))
    poison (packed, (gsize)s->c);
}

STEP (dense_unpack)
{
  float *dw = nmd_cpu_at (&s->out[0], c, 0);
  if (!nmd_onednn_conv_unpack (s->conv, nmd_cpu_at (&s->in[0], c, 0), dw))
    poison (dw, (gsize)s->c);
}

/* Weights
 * ---------------------------------------------------------------------------------------
 */

/* Where the weight (output o, input i, tap t) of row-major [co][ci/g][kk] lies for the
 * steps. mode 0: there; 1: [kk][co] (depthwise, i = 0); 2: [co][kk][ci/g]. */
static inline long
place (int mode, long co, long ci, long kk, long o, long i, long t)
{
  return mode == 0   ? (o * ci + i) * kk + t
         : mode == 1 ? t * co + o
                     : (o * kk + t) * ci + i;
}

static void
pack_panels (const NmdCpuStep *s, const NmdCpuContext *c, const float *w, float *packed)
{
  const long ci = s->ci / s->groups, co = s->co / s->groups;
  for (int g = 0; g < s->groups; g++)
    c->k->pack_panels (co, ci, s->panels, w + g * co * ci,
                       packed + g * nmd_cpu_panel_floats (s, c->k));
}

STEP (pack)
{
  const float *w = nmd_cpu_at (&s->in[0], c, 0);
  float *y = nmd_cpu_at (&s->out[0], c, 0);
  if (s->panels > 0)
    {
      pack_panels (s, c, w, y);
      return;
    }
  const long ci = s->ci / s->groups, kk = s->kernel * s->kernel;
  for (long o = 0; o < s->co; o++)
    for (long i = 0; i < ci; i++)
      for (long t = 0; t < kk; t++)
        y[place (s->mode, s->co, ci, kk, o, i, t)] = w[(o * ci + i) * kk + t];
}

/* Convolution and frozen batch norm as one: w·a, beta + (b − mean)·a, a = gamma/√(v + ε).
 * Those of a dense convolution, and panels, are packed too; this runs when weights have
 * moved, so the copy in between may be made then. */
STEP (fold)
{
  const float *w = nmd_cpu_at (&s->in[0], c, 0), *mean = nmd_cpu_at (&s->in[1], c, 0),
              *variance = nmd_cpu_at (&s->in[2], c, 0),
              *gamma = nmd_cpu_at (&s->in[3], c, 0), *beta = nmd_cpu_at (&s->in[4], c, 0),
              *bias = s->n_in > 5 ? nmd_cpu_at (&s->in[5], c, 0) : NULL;
  const long ci = s->ci / s->groups, kk = s->kernel * s->kernel;
  float *packed = nmd_cpu_at (&s->out[0], c, 0), *b = nmd_cpu_at (&s->out[1], c, 0);
  g_autofree float *copy = s->conv || s->panels > 0 ? g_new (float, s->co *ci *kk) : NULL;
  float *y = copy ? copy : packed;
  for (long o = 0; o < s->co; o++)
    {
      const double a = (double)gamma[o] / sqrt ((double)variance[o] + s->epsilon);
      b[o] = (float)((double)beta[o]
                     + ((bias ? (double)bias[o] : 0) - (double)mean[o]) * a);
      for (long i = 0; i < ci; i++)
        for (long t = 0; t < kk; t++)
          y[place (s->mode, s->co, ci, kk, o, i, t)]
              = (float)((double)w[(o * ci + i) * kk + t] * a);
    }
  if (s->panels > 0)
    pack_panels (s, c, copy, packed);
  else if (copy && !nmd_onednn_conv_pack (s->conv, copy, packed))
    poison (packed, (gsize)s->c);
}

/* Units are outputs o. */
STEP (combine)
{
  float *dw = nmd_cpu_at (&s->out[0], c, 0);
  const long ci = s->ci / s->groups, kk = s->kernel * s->kernel;
  for (long o = i0; o < i1; o++)
    for (long i = 0; i < ci; i++)
      for (long t = 0; t < kk; t++)
        {
          const long at = place (s->mode, s->co, ci, kk, o, i, t);
          float sum = s->in[0].base[at];
          for (int p = 1; p < c->threads; p++)
            sum += s->in[0].base[p * s->in[0].image + at];
          dw[(o * ci + i) * kk + t] = sum;
        }
}
