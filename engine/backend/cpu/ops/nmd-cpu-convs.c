/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of convolutions that are neither pointwise, depthwise nor dense: narrow ones (of
 * few channels) by own kernels on planes, the rest (grouped ones) by columns that are
 * gathered band by band and multiplied. x has ci channels of hi × wi, y has co of ho × wo.
 */
#include "engine/backend/cpu/ops/nmd-cpu-convs.h"

#include "engine/backend/cpu/ops/nmd-cpu-op.h"
#include "engine/backend/cpu/ops/nmd-cpu-product.h"

#include <string.h>

/* Floats that a band of gathered columns may take. */
#define COLUMNS 65536

/* Narrow: few channels, stride 1. Planes with a margin of zeros, so that every tap is one long
 * row. */

gsize
nmd_cpu_planes_work (const NmdCpuConv *conv)
{
  const gsize wide = (gsize)MAX (conv->wi, conv->wo) + 2 * (gsize)conv->kernel,
              high = (gsize)MAX (conv->hi, conv->ho) + 2 * (gsize)conv->kernel;
  return (gsize)(conv->ci + conv->co) * (wide * high + 64)
         + (gsize)(conv->ci * conv->co * conv->kernel * conv->kernel) * 4 + 64;
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
  const int kk = s->conv.kernel * s->conv.kernel, n = ci * kk;
  const float *x[NMD_PLANES_TAPS];
  for (int i = 0; i < ci; i++)
    for (int t = 0; t < kk; t++)
      x[i * kk + t]
          = in + i * plane + (long)(t / s->conv.kernel) * width + t % s->conv.kernel;
  for (int o = 0; o < co; o++)
    c->k->planes (rows * width - s->conv.kernel + 1, n, x, w + (long)o * n,
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
  const int width = s->conv.wi + 2 * s->conv.pad, rows = r1 - r0,
            height = rows + s->conv.kernel - 1, top = r0 - s->conv.pad;
  const long plane = (long)width * height;
  float *in = c->work, *out = in + s->conv.ci * plane;
  const float *w = nmd_cpu_at (&s->in[1], c, 0),
              *bias = s->n_in > 2 ? nmd_cpu_at (&s->in[2], c, 0) : NULL;
  for (int i = i0; i < i1; i++)
    {
      float *y = nmd_cpu_at (&s->out[0], c, i) + (long)r0 * s->conv.wo * s->out[0].ld;
      const int from = MAX (0, top), to = MIN (s->conv.hi, top + height);
      to_planes (nmd_cpu_at (&s->in[0], c, i) + (long)from * s->conv.wi * s->in[0].ld,
                 s->in[0].ld, s->conv.ci, to - from, s->conv.wi, from - top, s->conv.pad,
                 width, plane, in);
      correlate (s, c, in, s->conv.ci, s->conv.co, plane, width, w, rows, out, plane);
      from_planes (out, plane, width, s->conv.co, rows, s->conv.wo, bias, y,
                   s->out[0].ld);
      nmd_cpu_finish (s, c, (long)rows * s->conv.wo, s->conv.co, NULL, y, s->out[0].ld);
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_planes_y = { "narrow convolution", NMD_CPU_IMAGES, NMD_CPU_CONV,
                                    run_planes_y, .writes_rows = TRUE };

/* The correlation of dy, kernel − 1 − pad zeros about it, with the weights turned round.
 */
STEP (planes_dx)
{
  const int margin = s->conv.kernel - 1 - s->conv.pad,
            kk = s->conv.kernel * s->conv.kernel;
  const int width = s->conv.wo + 2 * margin, height = s->conv.ho + 2 * margin;
  const long plane = (long)width * height;
  const float *w = nmd_cpu_at (&s->in[1], c, 0);
  float *turned = c->work, *in = turned + s->conv.ci * s->conv.co * kk,
        *out = in + s->conv.co * plane;
  for (int o = 0; o < s->conv.co; o++)
    for (int j = 0; j < s->conv.ci; j++)
      for (int t = 0; t < kk; t++)
        turned[(j * s->conv.co + o) * kk + kk - 1 - t] = w[(o * s->conv.ci + j) * kk + t];
  for (int i = i0; i < i1; i++)
    {
      to_planes (nmd_cpu_at (&s->in[0], c, i), s->in[0].ld, s->conv.co, s->conv.ho,
                 s->conv.wo, margin, margin, width, plane, in);
      correlate (s, c, in, s->conv.co, s->conv.ci, plane, width, turned, s->conv.hi, out,
                 plane);
      from_planes (out, plane, width, s->conv.ci, s->conv.hi, s->conv.wi, NULL,
                   nmd_cpu_at (&s->out[0], c, i), s->out[0].ld);
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_planes_dx
    = { "narrow, data gradient", NMD_CPU_IMAGES, NMD_CPU_CONV, run_planes_dx };

STEP (planes_dw)
{
  const int width = s->conv.wi + 2 * s->conv.pad, height = s->conv.hi + 2 * s->conv.pad,
            kk = s->conv.kernel * s->conv.kernel;
  const long plane = (long)width * height,
             n = (long)s->conv.ho * width - s->conv.kernel + 1;
  double *sum = (double *)c->work;
  float *in = (float *)(sum + s->conv.ci * s->conv.co * kk),
        *out = in + s->conv.ci * plane, *dw = nmd_cpu_partial (s, c);
  const float *x[NMD_PLANES_TAPS];
  for (int j = 0; j < s->conv.ci; j++)
    for (int t = 0; t < kk; t++)
      x[j * kk + t]
          = in + j * plane + (long)(t / s->conv.kernel) * width + t % s->conv.kernel;
  for (int i = i0; i < i1; i++)
    {
      to_planes (nmd_cpu_at (&s->in[0], c, i), s->in[0].ld, s->conv.ci, s->conv.hi,
                 s->conv.wi, s->conv.pad, s->conv.pad, width, plane, in);
      to_planes (nmd_cpu_at (&s->in[1], c, i), s->in[1].ld, s->conv.co, s->conv.ho,
                 s->conv.wo, 0, 0, width, plane, out);
      memset (sum, 0, sizeof (double) * (gsize)(s->conv.ci * s->conv.co * kk));
      for (int o = 0; o < s->conv.co; o++)
        c->k->planes_grad (n, s->conv.ci * kk, x, out + o * plane,
                           sum + o * s->conv.ci * kk);
      for (int j = 0; j < s->conv.ci * s->conv.co * kk; j++)
        dw[j] += (float)sum[j];
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_planes_dw
    = { "narrow, weight gradient", NMD_CPU_IMAGES, NMD_CPU_CONV, run_planes_dw };

/* The general rest: columns */

static int
band (const NmdCpuConv *conv)
{
  const gsize row = (gsize)conv->wo * (gsize)(conv->kernel * conv->kernel)
                    * (gsize)(conv->ci / conv->groups);
  return (int)CLAMP (COLUMNS / MAX (row, 1), 1, (gsize)conv->ho);
}

gsize
nmd_cpu_columns_work (const NmdCpuConv *conv)
{
  return (gsize)band (conv) * (gsize)conv->wo * (gsize)(conv->kernel * conv->kernel)
         * (gsize)(conv->ci / conv->groups);
}

/* Output rows o0 … o1 − 1 of group @g: a row of k·k·ci/g inputs for each output. */
static void
gather (const NmdCpuStep *s, const float *x, long ld, int g, int o0, int o1, float *col)
{
  const int ci = s->conv.ci / s->conv.groups;
  for (int oh = o0; oh < o1; oh++)
    for (int ow = 0; ow < s->conv.wo; ow++)
      for (int kh = 0; kh < s->conv.kernel; kh++)
        for (int kw = 0; kw < s->conv.kernel; kw++, col += ci)
          {
            const int ih = oh * s->conv.stride - s->conv.pad + kh,
                      iw = ow * s->conv.stride - s->conv.pad + kw;
            if (ih < 0 || ih >= s->conv.hi || iw < 0 || iw >= s->conv.wi)
              memset (col, 0, sizeof (float) * (gsize)ci);
            else
              memcpy (col, x + ((long)ih * s->conv.wi + iw) * ld + g * ci,
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
  const int ci = s->conv.ci / s->conv.groups;
  for (int oh = o0; oh < o1; oh++)
    for (int ow = 0; ow < s->conv.wo; ow++)
      for (int kh = 0; kh < s->conv.kernel; kh++)
        for (int kw = 0; kw < s->conv.kernel; kw++, col += ci)
          {
            const int ih = oh * s->conv.stride - s->conv.pad + kh,
                      iw = ow * s->conv.stride - s->conv.pad + kw;
            if (ih < 0 || ih >= s->conv.hi || iw < 0 || iw >= s->conv.wi)
              continue;
            float *to = x + ((long)ih * s->conv.wi + iw) * ld + g * ci;
            c->k->add (1, ci, to, ci, col, ci, to, ci);
          }
}

STEP (columns_y)
{
  const long ci = s->conv.ci / s->conv.groups, co = s->conv.co / s->conv.groups,
             k = ci * s->conv.kernel * s->conv.kernel;
  const float *w = nmd_cpu_at (&s->in[1], c, 0),
              *bias = s->n_in > 2 ? nmd_cpu_at (&s->in[2], c, 0) : NULL;
  const long ldy = s->out[0].ld;
  const int rows = band (&s->conv);
  for (int i = i0; i < i1; i++)
    for (int o0 = r0; o0 < r1; o0 += rows)
      {
        const int o1 = MIN (r1, o0 + rows);
        float *y = nmd_cpu_at (&s->out[0], c, i) + (long)o0 * s->conv.wo * ldy;
        for (int g = 0; g < s->conv.groups; g++)
          {
            gather (s, nmd_cpu_at (&s->in[0], c, i), s->in[0].ld, g, o0, o1, c->work);
            if (!nmd_cpu_product (c, FALSE, TRUE, (long)(o1 - o0) * s->conv.wo, co, k,
                                  c->work, k, w + g * co * k, k, 0, y + g * co, ldy))
              return FALSE;
          }
        nmd_cpu_finish (s, c, (long)(o1 - o0) * s->conv.wo, s->conv.co, bias, y, ldy);
      }
  return TRUE;
}
const NmdCpuOp nmd_cpu_columns_y
    = { "grouped convolution", NMD_CPU_IMAGES, NMD_CPU_CONV, run_columns_y };

STEP (columns_dx)
{
  const long ci = s->conv.ci / s->conv.groups, co = s->conv.co / s->conv.groups,
             k = ci * s->conv.kernel * s->conv.kernel;
  const float *w = nmd_cpu_at (&s->in[1], c, 0);
  const long ldd = s->in[0].ld, ldx = s->out[0].ld;
  const int rows = band (&s->conv);
  for (int i = i0; i < i1; i++)
    {
      float *dx = nmd_cpu_at (&s->out[0], c, i);
      for (long r = 0; r < (long)s->conv.hi * s->conv.wi; r++)
        memset (dx + r * ldx, 0, sizeof (float) * (gsize)s->conv.ci);
      for (int o0 = 0; o0 < s->conv.ho; o0 += rows)
        for (int g = 0; g < s->conv.groups; g++)
          {
            const int o1 = MIN (s->conv.ho, o0 + rows);
            if (!nmd_cpu_product (c, FALSE, FALSE, (long)(o1 - o0) * s->conv.wo, k, co,
                                  nmd_cpu_at (&s->in[0], c, i)
                                      + (long)o0 * s->conv.wo * ldd + g * co,
                                  ldd, w + g * co * k, k, 0, c->work, k))
              return FALSE;
            scatter (s, c, c->work, g, o0, o1, dx, ldx);
          }
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_columns_dx
    = { "grouped, data gradient", NMD_CPU_IMAGES, NMD_CPU_CONV, run_columns_dx };

STEP (columns_dw)
{
  const long ci = s->conv.ci / s->conv.groups, co = s->conv.co / s->conv.groups,
             k = ci * s->conv.kernel * s->conv.kernel;
  const long ldd = s->in[1].ld;
  const int rows = band (&s->conv);
  float *dw = nmd_cpu_partial (s, c);
  for (int i = i0; i < i1; i++)
    for (int o0 = 0; o0 < s->conv.ho; o0 += rows)
      for (int g = 0; g < s->conv.groups; g++)
        {
          const int o1 = MIN (s->conv.ho, o0 + rows);
          gather (s, nmd_cpu_at (&s->in[0], c, i), s->in[0].ld, g, o0, o1, c->work);
          if (!nmd_cpu_product (c, TRUE, FALSE, co, k, (long)(o1 - o0) * s->conv.wo,
                                nmd_cpu_at (&s->in[1], c, i) + (long)o0 * s->conv.wo * ldd
                                    + g * co,
                                ldd, c->work, k, 1, dw + g * co * k, k))
            return FALSE;
        }
  return TRUE;
}
const NmdCpuOp nmd_cpu_columns_dw
    = { "grouped, weight gradient", NMD_CPU_IMAGES, NMD_CPU_CONV, run_columns_dw };
