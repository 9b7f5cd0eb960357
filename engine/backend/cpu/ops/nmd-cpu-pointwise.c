/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of pointwise convolutions and linear layers: matrix products on the rows as they
 * lie, or own kernels on weights that are packed in panels.
 */
#include "engine/backend/cpu/ops/nmd-cpu-pointwise.h"

#include "engine/backend/cpu/ops/nmd-cpu-op.h"
#include "engine/backend/cpu/ops/nmd-cpu-product.h"

#include <string.h>

#define SPAN(v) nmd_cpu_span (&(v), c, s, i0, r0)

long
nmd_cpu_panel_floats (const NmdCpuConv *conv, const NmdKernels *k)
{
  return (conv->co / conv->groups + k->width - 1) / k->width * k->width
         * (conv->ci / conv->groups);
}

/* Pointwise */

/* Weights larger than the images: r0 … r1 are outputs, so that threads can share an
 * image. */
STEP (gemm_y_flat)
{
  const float *w = nmd_cpu_at (&s->in[1], c, 0) + (long)r0 * s->conv.ci;
  const long rows = (long)(i1 - i0) * s->conv.ho * s->conv.wo;
  float *y = nmd_cpu_at (&s->out[0], c, i0) + r0;
  if (!nmd_cpu_product (c, FALSE, TRUE, rows, r1 - r0, s->conv.ci,
                        nmd_cpu_at (&s->in[0], c, i0), s->in[0].ld, w, s->conv.ci, 0, y,
                        s->out[0].ld))
    return FALSE;
  nmd_cpu_finish (s, c, rows, r1 - r0,
                  s->n_in > 2 ? nmd_cpu_at (&s->in[2], c, 0) + r0 : NULL, y,
                  s->out[0].ld);
  return TRUE;
}
const NmdCpuOp nmd_cpu_gemm_y_flat
    = { "pointwise", NMD_CPU_IMAGES, NMD_CPU_CONV, run_gemm_y_flat };

STEP (gemm_y)
{
  const float *x = SPAN (s->in[0]), *w = nmd_cpu_at (&s->in[1], c, 0);
  const long rows = ROWS, ci = s->conv.ci / s->conv.groups,
             co = s->conv.co / s->conv.groups;
  float *y = SPAN (s->out[0]);
  for (int g = 0; g < s->conv.groups; g++)
    if (!nmd_cpu_product (c, FALSE, TRUE, rows, co, ci, x + g * ci, s->in[0].ld,
                          w + g * co * ci, ci, 0, y + g * co, s->out[0].ld))
      return FALSE;
  nmd_cpu_finish (s, c, rows, s->conv.co,
                  s->n_in > 2 ? nmd_cpu_at (&s->in[2], c, 0) : NULL, y, s->out[0].ld);
  return TRUE;
}
const NmdCpuOp nmd_cpu_gemm_y = { "pointwise", NMD_CPU_IMAGES,    NMD_CPU_CONV,
                                  run_gemm_y,  .row_local = TRUE, .product = TRUE };

/* The packed weights for image @i. */
static const float *
panels_for_image (const NmdCpuStep *s, const NmdCpuContext *c, int i)
{
  const float *w = nmd_cpu_at (&s->in[1], c, 0);
  if (!s->conv.gated)
    return w;
  c->k->gate_panels (s->conv.co, s->conv.ci, s->conv.panels, w,
                     nmd_cpu_at (&s->in[s->n_in - 1], c, i), c->work);
  return c->work;
}

/* @rows pixels from @x, panels @first … @end of each group, to @y; s->conv.panels a group. */
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
  const int n_in = s->n_in - (s->conv.gated ? 1 : 0);
  const float *bias = n_in > 2 ? nmd_cpu_at (&s->in[2], c, 0) : NULL;
  const long ci = s->conv.ci / s->conv.groups, co = s->conv.co / s->conv.groups;
  for (int g = 0; g < s->conv.groups; g++, w += nmd_cpu_panel_floats (&s->conv, c->k))
    c->k->pointwise (rows, co, ci, x + g * ci, s->in[0].ld, w, s->conv.panels, first, end,
                     bias ? bias + g * co : NULL, NULL, 0, s->act, y + g * co,
                     s->out[0].ld, s->out[0].base != NULL);
}

/* Packed weights that stand still; where threads share an image, r0 … r1 are its pixels
 * if s->shares says so, else its rows. */
STEP (panels_y)
{
  if (s->conv.gated && i1 - i0 > 1)
    {
      for (int i = i0; i < i1; i++)
        run_panels_y (s, c, i, i + 1, 0, nmd_cpu_shares (s));
      return TRUE;
    }
  const long from = s->shares > 0 ? r0 : (long)r0 * s->w,
             rows = s->shares > 0 && i1 - i0 == 1 ? r1 - r0 : ROWS;
  by_panels (s, c, rows, panels_for_image (s, c, i0),
             nmd_cpu_at (&s->in[0], c, i0) + from * s->in[0].ld, 0, s->conv.panels,
             nmd_cpu_at (&s->out[0], c, i0) + from * s->out[0].ld);
  return TRUE;
}
const NmdCpuOp nmd_cpu_panels_y = { "pointwise",  NMD_CPU_IMAGES,    NMD_CPU_CONV,
                                    run_panels_y, .row_local = TRUE, .product = TRUE };

/* The same where threads share an image by its outputs: r0 … r1 are panels. */
STEP (panels_y_flat)
{
  by_panels (s, c, (long)(i1 - i0) * s->conv.ho * s->conv.wo,
             nmd_cpu_at (&s->in[1], c, 0), nmd_cpu_at (&s->in[0], c, i0), r0, r1,
             nmd_cpu_at (&s->out[0], c, i0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_panels_y_flat
    = { "pointwise", NMD_CPU_IMAGES, NMD_CPU_CONV, run_panels_y_flat };

STEP (gemm_dx)
{
  const float *dy = SPAN (s->in[0]), *w = nmd_cpu_at (&s->in[1], c, 0);
  const long rows = ROWS, ci = s->conv.ci / s->conv.groups,
             co = s->conv.co / s->conv.groups;
  float *dx = SPAN (s->out[0]);
  const gboolean plus = s->n_in > 2;
  if (plus)
    {
      const float *from = SPAN (s->in[2]);
      for (long r = 0; r < rows; r++)
        memcpy (dx + r * s->out[0].ld, from + r * s->in[2].ld,
                sizeof (float) * (gsize)s->conv.ci);
    }
  for (int g = 0; g < s->conv.groups; g++)
    if (!nmd_cpu_product (c, FALSE, FALSE, rows, ci, co, dy + g * co, s->in[0].ld,
                          w + g * co * ci, ci, plus ? 1 : 0, dx + g * ci, s->out[0].ld))
      return FALSE;
  return TRUE;
}
const NmdCpuOp nmd_cpu_gemm_dx
    = { "pointwise, data gradient", NMD_CPU_IMAGES, NMD_CPU_CONV, run_gemm_dx,
        .row_local = TRUE,          .product = TRUE };

/* Packed weights, turned: the step's outputs are the convolution's inputs. */
STEP (panels_dx)
{
  const float *dy = SPAN (s->in[0]), *w = nmd_cpu_at (&s->in[1], c, 0),
              *add = s->n_in > 2 ? SPAN (s->in[2]) : NULL;
  const long lda = add ? s->in[2].ld : 0, from = s->conv.ci / s->conv.groups,
             to = s->conv.co / s->conv.groups;
  float *dx = SPAN (s->out[0]);
  for (int g = 0; g < s->conv.groups; g++, w += nmd_cpu_panel_floats (&s->conv, c->k))
    c->k->pointwise (ROWS, to, from, dy + g * from, s->in[0].ld, w, s->conv.panels, 0,
                     s->conv.panels, NULL, add ? add + g * to : NULL, lda, NMD_NO_ACT,
                     dx + g * to, s->out[0].ld, s->out[0].base != NULL);
  return TRUE;
}
const NmdCpuOp nmd_cpu_panels_dx
    = { "pointwise, data gradient", NMD_CPU_IMAGES, NMD_CPU_CONV, run_panels_dx,
        .row_local = TRUE,          .product = TRUE };

STEP (gemm_dw)
{
  const float *x = SPAN (s->in[0]), *dy = SPAN (s->in[1]);
  const long rows = ROWS, ci = s->conv.ci / s->conv.groups,
             co = s->conv.co / s->conv.groups;
  float *dw = nmd_cpu_partial (s, c);
  for (int g = 0; g < s->conv.groups; g++)
    if (!nmd_cpu_product (c, TRUE, FALSE, co, ci, rows, dy + g * co, s->in[1].ld,
                          x + g * ci, s->in[0].ld, 1, dw + g * co * ci, ci))
      return FALSE;
  return TRUE;
}
const NmdCpuOp nmd_cpu_gemm_dw = { "pointwise, weight gradient",
                                   NMD_CPU_IMAGES,
                                   NMD_CPU_CONV,
                                   run_gemm_dw,
                                   .row_local = TRUE,
                                   .product = TRUE };

/* Rows of dw: for weights larger than the images that they see. */
STEP (gemm_dw_flat)
{
  const float *x = nmd_cpu_at (&s->in[0], c, 0), *dy = nmd_cpu_at (&s->in[1], c, 0);
  float *dw = nmd_cpu_at (&s->out[0], c, 0);
  if (!nmd_cpu_product (c, TRUE, FALSE, i1 - i0, s->conv.ci, s->conv.rows, dy + i0,
                        s->in[1].ld, x, s->in[0].ld, 0, dw + (long)i0 * s->conv.ci,
                        s->conv.ci))
    return FALSE;
  return TRUE;
}
const NmdCpuOp nmd_cpu_gemm_dw_flat
    = { "pointwise, weight gradient", NMD_CPU_FLAT, NMD_CPU_CONV, run_gemm_dw_flat };
