/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps that sum or take maxima over pixels, channels or everything, with the
 * gradients of maxima. The any_… steps serve the rare broadcasts and reductions that no
 * kernel fits, by index arithmetic in double.
 */
#include "engine/backend/cpu/ops/nmd-cpu-reductions.h"

#include "engine/backend/cpu/ops/nmd-cpu-op.h"

#include <math.h>
#include <string.h>

/* Reductions; s->h, s->w are the input's; threads that share an image divide its channels */

/* x[n,c,h,w] → value·Σ over h, w; the sums in double are the workspace */
STEP (sum_channels)
{
  const int first = nmd_cpu_first_channel (s, c, r0),
            n = nmd_cpu_first_channel (s, c, r1) - first;
  double *sum = (double *)c->work;
  for (int i = i0; i < i1; i++)
    {
      float *y = nmd_cpu_at (&s->out[0], c, i) + first;
      memset (sum, 0, sizeof (double) * (gsize)n);
      c->k->sum_rows ((long)s->h * s->w, n, nmd_cpu_at (&s->in[0], c, i) + first, LD (0),
                      sum);
      for (int j = 0; j < n; j++)
        y[j] = (float)(sum[j] * s->reduce.scale);
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_sum_channels
    = { "mean", NMD_CPU_IMAGES, NMD_CPU_REDUCE, run_sum_channels, .channel_local = TRUE };

STEP (max_channels)
{
  const int first = nmd_cpu_first_channel (s, c, r0),
            n = nmd_cpu_first_channel (s, c, r1) - first;
  for (int i = i0; i < i1; i++)
    {
      const float *x = nmd_cpu_at (&s->in[0], c, i) + first;
      float *y = nmd_cpu_at (&s->out[0], c, i) + first;
      memcpy (y, x, sizeof (float) * (gsize)n);
      c->k->max_rows ((long)s->h * s->w - 1, n, x + LD (0), LD (0), y);
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_max_channels = { "maximum", NMD_CPU_IMAGES, NMD_CPU_REDUCE,
                                        run_max_channels, .channel_local = TRUE };

STEP (sum_pixels)
{
  c->k->sum_pixels (ROWS, s->reduce.c, IN (0), LD (0), (float)s->reduce.scale, OUT (0),
                    LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_sum_pixels
    = { "mean", NMD_CPU_IMAGES, NMD_CPU_REDUCE, run_sum_pixels, .row_local = TRUE };

/* x[n,c,h,w] s[n,c,1,1] → value·Σ x·s over c, max x·s */
STEP (gated_pixels)
{
  for (int i = i0; i < i1; i++)
    c->k->gated_pixels ((long)(r1 - r0) * s->w, s->reduce.c,
                        nmd_cpu_span (&s->in[0], c, s, i, r0), LD (0),
                        nmd_cpu_at (&s->in[1], c, i), (float)s->reduce.scale,
                        nmd_cpu_span (&s->out[0], c, s, i, r0), LDO (0),
                        nmd_cpu_span (&s->out[1], c, s, i, r0), LDO (1));
  return TRUE;
}
const NmdCpuOp nmd_cpu_gated_pixels
    = { "mean and maximum", NMD_CPU_IMAGES, NMD_CPU_REDUCE, run_gated_pixels,
        .row_local = TRUE };

STEP (max_pixels)
{
  c->k->max_pixels (ROWS, s->reduce.c, IN (0), LD (0), OUT (0), LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_max_pixels
    = { "maximum", NMD_CPU_IMAGES, NMD_CPU_REDUCE, run_max_pixels, .row_local = TRUE };

STEP (sum_all)
{
  c->k->sum_rows (ROWS, s->c, IN (0), LD (0), (double *)nmd_cpu_partial (s, c));
  return TRUE;
}
const NmdCpuOp nmd_cpu_sum_all
    = { "sum", NMD_CPU_IMAGES, NMD_CPU_REDUCE, run_sum_all, .row_local = TRUE };

STEP (sum_all_end)
{
  float *y = RESULT (0);
  for (int j = 0; j < s->c; j++)
    {
      double sum = 0;
      for (int t = 0; t < c->threads; t++)
        sum += ((const double *)(s->in[0].base + t * s->in[0].image))[j];
      y[j] = (float)(sum * s->reduce.scale);
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_sum_all_end
    = { "sum, all", NMD_CPU_ONCE, NMD_CPU_REDUCE, run_sum_all_end };

STEP (dot_channels)
{
  double *sum = (double *)c->work;
  for (int i = i0; i < i1; i++)
    {
      float *y = nmd_cpu_at (&s->out[0], c, i);
      memset (sum, 0, sizeof (double) * (gsize)s->c);
      c->k->dot_rows ((long)s->h * s->w, s->c, nmd_cpu_at (&s->in[0], c, i), LD (0),
                      nmd_cpu_at (&s->in[1], c, i), LD (1), sum);
      for (int j = 0; j < s->c; j++)
        y[j] = (float)sum[j];
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_dot_channels
    = { "gate, gradient", NMD_CPU_IMAGES, NMD_CPU_REDUCE, run_dot_channels };

STEP (dot_pixels)
{
  c->k->dot_pixels (ROWS, s->reduce.c, IN (0), LD (0), IN (1), LD (1), OUT (0), LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_dot_pixels = { "gate, gradient", NMD_CPU_IMAGES, NMD_CPU_REDUCE,
                                      run_dot_pixels, .row_local = TRUE };

/* dy x top → dx */
STEP (max_grad_channels)
{
  for (int i = i0; i < i1; i++)
    c->k->max_grad_rows (
        (long)s->h * s->w, s->c, nmd_cpu_at (&s->in[0], c, i),
        nmd_cpu_at (&s->in[1], c, i), LD (1), nmd_cpu_at (&s->in[2], c, i),
        s->n_in > 3 ? nmd_cpu_at (&s->in[3], c, i) : NULL, s->n_in > 3 ? LD (3) : 0,
        nmd_cpu_at (&s->out[0], c, i), LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_max_grad_channels
    = { "maximum, gradient", NMD_CPU_IMAGES, NMD_CPU_REDUCE, run_max_grad_channels };

STEP (max_grad_pixels)
{
  c->k->max_grad_pixels (ROWS, s->c, IN (0), LD (0), IN (1), LD (1), IN (2), LD (2),
                         s->n_in > 3 ? IN (3) : NULL, s->n_in > 3 ? LD (3) : 0, OUT (0),
                         LDO (0));
  return TRUE;
}
const NmdCpuOp nmd_cpu_max_grad_pixels
    = { "maximum, gradient", NMD_CPU_IMAGES, NMD_CPU_REDUCE, run_max_grad_pixels };

/* The rare rest, row-major */

/* Index into @to of the place that index @i of @from falls on: dimensions of 1 repeat. */
static gsize
project (const NmdShape *from, const NmdShape *to, gsize i)
{
  gsize at[NMD_MAX_DIMS], j = 0;
  for (int d = from->n_dims - 1; d >= 0; d--)
    {
      at[d] = i % (gsize)from->dims[d];
      i /= (gsize)from->dims[d];
    }
  if (to->n_dims == 1 && from->n_dims > 1)
    return to->dims[0] == 1 ? 0 : at[1];
  for (int d = 0; d < to->n_dims; d++)
    j = j * (gsize)to->dims[d] + (to->dims[d] == 1 ? 0 : at[d]);
  return j;
}

STEP (any_multiply)
{
  const float *a = VECTOR (0), *b = VECTOR (1);
  float *y = RESULT (0);
  for (gsize i = 0; i < nmd_shape_count (&s->reduce.large); i++)
    y[i] = a[i] * b[project (&s->reduce.large, &s->reduce.small, i)];
  return TRUE;
}
const NmdCpuOp nmd_cpu_any_multiply
    = { "multiply", NMD_CPU_ONCE, NMD_CPU_REDUCE, run_any_multiply };

/* a b → Σ a·b; shapes: a's, y's; the sums are in the double workspace */
STEP (any_multiply_reduce)
{
  const float *a = VECTOR (0), *b = VECTOR (1);
  float *y = RESULT (0);
  double *sum = (double *)c->work;
  const gsize n = nmd_shape_count (&s->reduce.small);
  memset (sum, 0, n * sizeof (double));
  for (gsize i = 0; i < nmd_shape_count (&s->reduce.large); i++)
    sum[project (&s->reduce.large, &s->reduce.small, i)] += (double)a[i] * (double)b[i];
  for (gsize i = 0; i < n; i++)
    y[i] = (float)sum[i];
  return TRUE;
}
const NmdCpuOp nmd_cpu_any_multiply_reduce
    = { "multiply and sum", NMD_CPU_ONCE, NMD_CPU_REDUCE, run_any_multiply_reduce };

STEP (any_broadcast)
{
  const float *x = VECTOR (0);
  float *y = RESULT (0);
  for (gsize i = 0; i < nmd_shape_count (&s->reduce.large); i++)
    y[i] = (float)s->reduce.scale * x[project (&s->reduce.large, &s->reduce.small, i)];
  return TRUE;
}
const NmdCpuOp nmd_cpu_any_broadcast
    = { "repeat", NMD_CPU_ONCE, NMD_CPU_REDUCE, run_any_broadcast };

/* The maximum over all but c (mean and sum have kernels). */
STEP (any_reduce)
{
  const float *x = VECTOR (0);
  float *y = RESULT (0);
  const gsize n = nmd_shape_count (&s->reduce.small);
  for (gsize j = 0; j < n; j++)
    y[j] = -INFINITY;
  for (gsize i = 0; i < nmd_shape_count (&s->reduce.large); i++)
    {
      const gsize j = project (&s->reduce.large, &s->reduce.small, i);
      y[j] = x[i] <= y[j] ? y[j] : x[i];
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_any_reduce
    = { "maximum", NMD_CPU_ONCE, NMD_CPU_REDUCE, run_any_reduce };

/* dy x top → dx, each maximum once; the workspace remembers which had theirs */
STEP (any_max_grad)
{
  const float *dy = VECTOR (0), *x = VECTOR (1), *top = VECTOR (2);
  float *dx = RESULT (0), *had = c->work;
  memset (had, 0, sizeof (float) * nmd_shape_count (&s->reduce.small));
  for (gsize i = 0; i < nmd_shape_count (&s->reduce.large); i++)
    {
      const gsize j = project (&s->reduce.large, &s->reduce.small, i);
      const gboolean hit = had[j] == 0 && !(x[i] < top[j]) && x[i] == top[j];
      dx[i] = hit ? dy[j] : 0;
      if (hit)
        had[j] = 1;
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_any_max_grad
    = { "maximum, gradient", NMD_CPU_ONCE, NMD_CPU_REDUCE, run_any_max_grad };
