/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps that work element by element, with gates and repeated values among them, and
 * those that only move channels. Each finds its values and hands rows to a kernel
 * (nmd-kernels.h).
 */
#include "engine/backend/cpu/ops/nmd-cpu-elementwise.h"

#include "engine/backend/cpu/ops/nmd-cpu-op.h"

#include <string.h>

/* x a → x·a, one factor for each channel */
STEP (scale_channels)
{
  c->k->mul_channels (ROWS, s->c, IN (0), LD (0), VECTOR (1), OUT (0), LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_scale_channels
    = { "frozen batch norm, gradient", NMD_CPU_IMAGES, NMD_CPU_ELEMENTWISE,
        run_scale_channels, .row_local = TRUE };

/* Element by element */

static void
add_row (const NmdCpuStep *s, const NmdCpuContext *c, int i, int r)
{
  float *y = nmd_cpu_span (&s->out[0], c, s, i, r);
  c->k->add (s->w, s->c, nmd_cpu_span (&s->in[0], c, s, i, r), LD (0),
             nmd_cpu_span (&s->in[1], c, s, i, r), LD (1), y, LDO (0));
  c->k->row_stats (
      s->w, s->c, y, LDO (0),
      s->sums ? nmd_cpu_at (&s->out[s->sums], c, i) + r * LDO (s->sums) : NULL,
      s->tops ? nmd_cpu_at (&s->out[s->tops], c, i) + r * LDO (s->tops) : NULL);
}

STEP (add)
{
  if (s->sums || s->tops)
    for (int i = i0; i < i1; i++)
      for (int r = r0; r < r1; r++)
        add_row (s, c, i, r);
  else
    c->k->add (ROWS, s->c, IN (0), LD (0), IN (1), LD (1), OUT (0), LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_add = { "add",
                               NMD_CPU_IMAGES,
                               NMD_CPU_ELEMENTWISE,
                               run_add,
                               .row_local = TRUE,
                               .recompute = NMD_CPU_RECOMPUTE_SUM,
                               .leaves_sums = TRUE,
                               .leaves_tops = TRUE };

STEP (multiply)
{
  c->k->mul (ROWS, s->c, IN (0), LD (0), IN (1), LD (1), OUT (0), LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_multiply = { "multiply", NMD_CPU_IMAGES, NMD_CPU_ELEMENTWISE,
                                    run_multiply, .row_local = TRUE };

/* x[n,c,h,w] s[n,c,1,1] */
STEP (multiply_channels)
{
  if (s->by_channels)
    {
      const int first = nmd_cpu_first_channel (s, c, r0),
                n = nmd_cpu_first_channel (s, c, r1) - first;
      for (int i = i0; i < i1; i++)
        c->k->mul_channels ((long)s->h * s->w, n, nmd_cpu_at (&s->in[0], c, i) + first,
                            LD (0), nmd_cpu_at (&s->in[1], c, i) + first,
                            nmd_cpu_at (&s->out[0], c, i) + first, LDO (0));
      return TRUE;
    }
  for (int i = i0; i < i1; i++)
    c->k->mul_channels (
        (long)(r1 - r0) * s->w, s->c, nmd_cpu_span (&s->in[0], c, s, i, r0), LD (0),
        nmd_cpu_at (&s->in[1], c, i), nmd_cpu_span (&s->out[0], c, s, i, r0), LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_multiply_channels = { "gate",
                                             NMD_CPU_IMAGES,
                                             NMD_CPU_ELEMENTWISE,
                                             run_multiply_channels,
                                             .row_local = TRUE,
                                             .recompute = NMD_CPU_RECOMPUTE };

/* x[n,c,h,w] s[n,c,1,1] v[n,c,1,1] → x·s + value·v */
STEP (gate_add)
{
  for (int i = i0; i < i1; i++)
    c->k->mul_add_channels (
        (long)(r1 - r0) * s->w, s->c, nmd_cpu_span (&s->in[0], c, s, i, r0), LD (0),
        nmd_cpu_at (&s->in[1], c, i), nmd_cpu_at (&s->in[2], c, i),
        (float)s->elementwise.value, nmd_cpu_span (&s->out[0], c, s, i, r0), LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_gate_add
    = { "gate and mean, gradient", NMD_CPU_IMAGES, NMD_CPU_ELEMENTWISE, run_gate_add,
        .row_local = TRUE };

STEP (gate_add_pixels)
{
  c->k->mul_add_pixels (ROWS, s->c, IN (0), LD (0), IN (1), LD (1), IN (2), LD (2),
                        (float)s->elementwise.value, OUT (0), LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_gate_add_pixels
    = { "gate and mean, gradient", NMD_CPU_IMAGES, NMD_CPU_ELEMENTWISE,
        run_gate_add_pixels, .row_local = TRUE };

/* x[n,c,h,w] s[n,1,h,w] */
STEP (multiply_pixels)
{
  c->k->mul_pixels (ROWS, s->c, IN (0), LD (0), IN (1), LD (1), OUT (0), LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_multiply_pixels = { "gate",
                                           NMD_CPU_IMAGES,
                                           NMD_CPU_ELEMENTWISE,
                                           run_multiply_pixels,
                                           .row_local = TRUE,
                                           .recompute = NMD_CPU_RECOMPUTE };

/* x[n,c,h,w] s[n,c,1,1] t[n,1,h,w] */
STEP (multiply_gates)
{
  for (int i = i0; i < i1; i++)
    c->k->mul_gates ((long)(r1 - r0) * s->w, s->c, nmd_cpu_span (&s->in[0], c, s, i, r0),
                     LD (0), nmd_cpu_at (&s->in[1], c, i),
                     nmd_cpu_span (&s->in[2], c, s, i, r0), LD (2),
                     nmd_cpu_span (&s->out[0], c, s, i, r0), LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_multiply_gates = { "gates",
                                          NMD_CPU_IMAGES,
                                          NMD_CPU_ELEMENTWISE,
                                          run_multiply_gates,
                                          .row_local = TRUE,
                                          .recompute = NMD_CPU_RECOMPUTE };

STEP (scale)
{
  c->k->scale (ROWS, s->c, IN (0), LD (0), (float)s->elementwise.value, OUT (0), LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_scale
    = { "scale", NMD_CPU_IMAGES, NMD_CPU_ELEMENTWISE, run_scale, .row_local = TRUE };

/* Rows of bfloat16 lie in rows of half as many floats. */
STEP (to_bf16)
{
  c->k->to_bf16 (ROWS, s->c, IN (0), LD (0), (guint16 *)OUT (0), 2 * LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_to_bf16 = { "to bfloat16", NMD_CPU_IMAGES, NMD_CPU_ELEMENTWISE,
                                   run_to_bf16, .row_local = TRUE };

STEP (from_bf16)
{
  c->k->from_bf16 (ROWS, s->c, (const guint16 *)IN (0), 2 * LD (0), OUT (0), LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_from_bf16 = { "from bfloat16", NMD_CPU_IMAGES, NMD_CPU_ELEMENTWISE,
                                     run_from_bf16, .row_local = TRUE };

STEP (copy)
{
  const float *x = IN (0);
  float *y = OUT (0);
  for (long r = 0; r < ROWS; r++)
    memcpy (y + r * LDO (0), x + r * LD (0), sizeof (float) * (gsize)s->c);
  return TRUE;
}
const NmdCpuOp nmd_cpu_copy
    = { "copy",   NMD_CPU_IMAGES,    NMD_CPU_ELEMENTWISE,
        run_copy, .row_local = TRUE, .recompute = NMD_CPU_RECOMPUTE_WITH_INPUT };

STEP (act)
{
  c->k->act (ROWS, s->c, IN (0), LD (0), NULL, s->act, OUT (0), LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_act
    = { "activation", NMD_CPU_IMAGES,    NMD_CPU_ELEMENTWISE,
        run_act,      .row_local = TRUE, .recompute = NMD_CPU_RECOMPUTE_IF_COSTLY_ACT };

/* dy a → dy·act′ */
STEP (act_grad)
{
  c->k->act_grad (ROWS, s->c, IN (0), LD (0), IN (1), LD (1), s->act, OUT (0), LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_act_grad
    = { "activation, gradient", NMD_CPU_IMAGES, NMD_CPU_ELEMENTWISE, run_act_grad,
        .row_local = TRUE };

/* v[n,c,1,1] → value·v everywhere */
STEP (fill_channels)
{
  for (int i = i0; i < i1; i++)
    c->k->fill_channels ((long)(r1 - r0) * s->w, s->c, nmd_cpu_at (&s->in[0], c, i),
                         (float)s->elementwise.value,
                         s->n_in > 1 ? nmd_cpu_span (&s->in[1], c, s, i, r0) : NULL,
                         s->n_in > 1 ? LD (1) : 0, nmd_cpu_span (&s->out[0], c, s, i, r0),
                         LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_fill_channels = { "repeat", NMD_CPU_IMAGES, NMD_CPU_ELEMENTWISE,
                                         run_fill_channels, .row_local = TRUE };

STEP (fill_pixels)
{
  c->k->fill_pixels (ROWS, s->c, IN (0), LD (0), (float)s->elementwise.value,
                     s->n_in > 1 ? IN (1) : NULL, s->n_in > 1 ? LD (1) : 0, OUT (0),
                     LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_fill_pixels = { "repeat", NMD_CPU_IMAGES, NMD_CPU_ELEMENTWISE,
                                       run_fill_pixels, .row_local = TRUE };

/* Form */

/* y's channel j·g + i is x's channel i·(c/g) + j */
STEP (shuffle)
{
  c->k->shuffle (ROWS, s->c, s->elementwise.groups, IN (0), LD (0), OUT (0), LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_shuffle
    = { "shuffle", NMD_CPU_IMAGES, NMD_CPU_ELEMENTWISE, run_shuffle, .row_local = TRUE };

/* dy[ci] at channel mode of y[c], else 0 */
STEP (slice_grad)
{
  const float *x = IN (0);
  float *y = OUT (0);
  for (long r = 0; r < ROWS; r++, x += LD (0), y += LDO (0))
    {
      memset (y, 0, sizeof (float) * (gsize)s->c);
      memcpy (y + s->elementwise.from, x, sizeof (float) * (gsize)s->elementwise.count);
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_slice_grad
    = { "slice, gradient", NMD_CPU_IMAGES, NMD_CPU_ELEMENTWISE, run_slice_grad,
        .row_local = TRUE };

/* Channels-last to row-major and back; the row-major side lies at image·c·h·w. */
STEP (to_plain)
{
  const long hw = (long)s->h * s->w;
  for (int i = i0; i < i1; i++)
    {
      const float *x = nmd_cpu_at (&s->in[0], c, i);
      float *y = RESULT (0) + i * hw * s->c;
      for (long r = 0; r < hw; r++)
        for (int j = 0; j < s->c; j++)
          y[j * hw + r] = x[r * LD (0) + j];
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_to_plain
    = { "to row-major", NMD_CPU_IMAGES, NMD_CPU_ELEMENTWISE, run_to_plain };

STEP (to_rows)
{
  const long hw = (long)s->h * s->w;
  for (int i = i0; i < i1; i++)
    {
      const float *x = VECTOR (0) + i * hw * s->c;
      float *y = nmd_cpu_at (&s->out[0], c, i);
      for (long r = 0; r < hw; r++)
        for (int j = 0; j < s->c; j++)
          y[r * LDO (0) + j] = x[j * hw + r];
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_to_rows
    = { "to channels-last", NMD_CPU_IMAGES, NMD_CPU_ELEMENTWISE, run_to_rows };
