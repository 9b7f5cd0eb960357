/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of batch norm and layer norm with their gradients. Each finds its values and
 * hands rows to a kernel (nmd-kernels.h); what the threads have summed is combined in
 * double by a step of its own.
 */
#include "engine/backend/cpu/ops/nmd-cpu-norms.h"

#include "engine/backend/cpu/ops/nmd-cpu-op.h"

#include <math.h>
#include <string.h>

/* Batch norm */

/* A thread's moments: count, sums and sums of squares about its pivot, its first pixel.
 */
STEP (moments)
{
  double *count = (double *)nmd_cpu_partial (s, c), *sum = count + 1,
         *square = sum + s->c;
  float *pivot = (float *)(square + s->c);
  const float *x = IN (0);
  if (*count == 0)
    memcpy (pivot, x, sizeof (float) * (gsize)s->c);
  *count += (double)ROWS;
  c->k->moments (ROWS, s->c, x, LD (0), pivot, sum, square);
  return TRUE;
}
const NmdCpuOp nmd_cpu_moments = { "batch statistics", NMD_CPU_IMAGES, NMD_CPU_NORM,
                                   run_moments, .row_local = TRUE };

/* Merges the threads' moments (Chan, Golub, LeVeque 1983). */
STEP (moments_end)
{
  float *mean = RESULT (0), *variance = s->n_out > 1 ? RESULT (1) : NULL;
  for (int j = 0; j < s->c; j++)
    {
      double n = 0, m = 0, q = 0;
      for (int t = 0; t < c->threads; t++)
        {
          const double *count = (const double *)(s->in[0].base + t * s->in[0].image);
          if (*count == 0)
            continue;
          const double *sum = count + 1, *square = sum + s->c;
          const float *pivot = (const float *)(square + s->c);
          double a = *count, d = sum[j] / a, total = n + a;
          double delta = (double)pivot[j] + d - m;
          q += square[j] - a * d * d + delta * delta * n * a / total;
          m += delta * a / total;
          n = total;
        }
      mean[j] = (float)m;
      if (variance)
        variance[j] = (float)MAX (q / n, 0.0);
      if (variance && isnan (q))
        variance[j] = NAN;
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_moments_end
    = { "batch statistics, sum", NMD_CPU_ONCE, NMD_CPU_NORM, run_moments_end };

STEP (variance)
{
  double *sum = (double *)nmd_cpu_partial (s, c), *square = sum + s->c;
  c->k->moments (ROWS, s->c, IN (0), LD (0), VECTOR (1), sum, square);
  return TRUE;
}
const NmdCpuOp nmd_cpu_variance
    = { "variance", NMD_CPU_IMAGES, NMD_CPU_NORM, run_variance, .row_local = TRUE };

STEP (variance_end)
{
  float *variance = RESULT (0);
  for (int j = 0; j < s->c; j++)
    {
      double q = 0;
      for (int t = 0; t < c->threads; t++)
        q += ((const double *)(s->in[0].base + t * s->in[0].image))[s->c + j];
      variance[j] = (float)(q / s->norm.count);
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_variance_end
    = { "variance, sum", NMD_CPU_ONCE, NMD_CPU_NORM, run_variance_end };

/* variance gamma → gamma/√(variance + ε) */
STEP (norm_coefficients)
{
  const float *variance = VECTOR (0), *gamma = VECTOR (1);
  float *a = RESULT (0);
  for (int j = 0; j < s->c; j++)
    a[j] = (float)((double)gamma[j] / sqrt ((double)variance[j] + s->norm.epsilon));
  return TRUE;
}
const NmdCpuOp nmd_cpu_norm_coefficients
    = { "batch norm, factors", NMD_CPU_ONCE, NMD_CPU_NORM, run_norm_coefficients };

/* Rows of two inputs at a time: an input that is bfloat16 is taken back into the workspace. */
typedef struct
{
  const float *in[2];
  long ld[2];
} Rows;

/* Rows @r … @r + @n − 1 of the first @n_in inputs. */
static Rows
rows_of (
    const NmdCpuStep *s, const NmdCpuContext *c, int i0, int r0, int n_in, long r, long n)
{
  float *work = c->work;
  Rows rows;
  for (int i = 0; i < n_in; i++)
    {
      rows.in[i] = IN (i) + r * LD (i);
      rows.ld[i] = LD (i);
      if (!(s->bf16 >> i & 1))
        continue;
      c->k->from_bf16 (n, s->c, (const guint16 *)rows.in[i], 2 * LD (i), work, s->c);
      rows.in[i] = work;
      rows.ld[i] = s->c;
      work += nmd_cpu_bf16_rows (s->c) * s->c;
    }
  return rows;
}

/* How many rows at a time. */
static long
rows_at_once (const NmdCpuStep *s, long rows)
{
  return s->bf16 ? nmd_cpu_bf16_rows (s->c) : MAX (rows, 1);
}

/* x mean a beta → y */
STEP (norm)
{
  const long rows = ROWS, step = rows_at_once (s, rows);
  for (long r = 0; r < rows; r += step)
    {
      const long n = MIN (step, rows - r);
      const Rows x = rows_of (s, c, i0, r0, 1, r, n);
      c->k->norm (n, s->c, x.in[0], x.ld[0], VECTOR (1), VECTOR (2), VECTOR (3), s->act,
                  OUT (0) + r * LDO (0), LDO (0));
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_norm
    = { "batch norm",   NMD_CPU_IMAGES,    NMD_CPU_NORM,
        run_norm,       .row_local = TRUE, .recompute = NMD_CPU_RECOMPUTE,
        .takes_bf16 = 1 };

/* dy x mean [p q] → sums of g and of g·(x − mean) [g] */
STEP (norm_reduce)
{
  double *s0 = (double *)nmd_cpu_partial (s, c);
  const gboolean act = s->n_in > 3;
  const long rows = ROWS, step = rows_at_once (s, rows);
  for (long r = 0; r < rows; r += step)
    {
      const long n = MIN (step, rows - r);
      const Rows x = rows_of (s, c, i0, r0, 2, r, n);
      c->k->norm_reduce (n, s->c, x.in[0], x.ld[0], x.in[1], x.ld[1], VECTOR (2),
                         act ? VECTOR (3) : NULL, act ? VECTOR (4) : NULL, s->act, s0,
                         s0 + s->c, s->n_out ? OUT (0) + r * LDO (0) : NULL,
                         s->n_out ? LDO (0) : 0);
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_norm_reduce
    = { "batch norm, gradient sums", NMD_CPU_IMAGES, NMD_CPU_NORM, run_norm_reduce,
        .row_local = TRUE,           .takes_bf16 = 3 };

/* partial variance → dgamma [dbeta] */
STEP (norm_reduce_end)
{
  const float *variance = VECTOR (1);
  float *dgamma = RESULT (0), *dbeta = s->n_out > 1 ? RESULT (1) : NULL;
  for (int j = 0; j < s->c; j++)
    {
      double g = 0, b = 0;
      for (int t = 0; t < c->threads; t++)
        {
          const double *sum = (const double *)(s->in[0].base + t * s->in[0].image);
          b += sum[j];
          g += sum[s->c + j];
        }
      dgamma[j] = (float)(g / sqrt ((double)variance[j] + s->norm.epsilon));
      if (dbeta)
        dbeta[j] = (float)b;
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_norm_reduce_end
    = { "batch norm, gradients", NMD_CPU_ONCE, NMD_CPU_NORM, run_norm_reduce_end };

/* variance gamma dgamma dbeta → a, b, d with dx = a·g + b·(x − mean) + d */
STEP (grad_coefficients)
{
  const float *variance = VECTOR (0), *gamma = VECTOR (1), *dgamma = VECTOR (2),
              *dbeta = VECTOR (3);
  float *a = RESULT (0), *b = RESULT (1), *d = RESULT (2);
  for (int j = 0; j < s->c; j++)
    {
      double inverse = 1 / sqrt ((double)variance[j] + s->norm.epsilon),
             scale = (double)gamma[j] * inverse;
      a[j] = (float)scale;
      b[j] = (float)(-scale * inverse * (double)dgamma[j] / s->norm.count);
      d[j] = (float)(-scale * (double)dbeta[j] / s->norm.count);
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_grad_coefficients
    = { "batch norm, factors", NMD_CPU_ONCE, NMD_CPU_NORM, run_grad_coefficients };

/* dy x mean a b d [p q] → dx */
STEP (norm_grad)
{
  const gboolean act = s->n_in > 6;
  const long rows = ROWS, step = rows_at_once (s, rows);
  for (long r = 0; r < rows; r += step)
    {
      const long n = MIN (step, rows - r);
      const Rows x = rows_of (s, c, i0, r0, 2, r, n);
      c->k->norm_grad (n, s->c, x.in[0], x.ld[0], x.in[1], x.ld[1], VECTOR (2),
                       act ? VECTOR (6) : NULL, act ? VECTOR (7) : NULL, s->act,
                       VECTOR (3), VECTOR (4), VECTOR (5), OUT (0) + r * LDO (0),
                       LDO (0));
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_norm_grad
    = { "batch norm, data gradient", NMD_CPU_IMAGES, NMD_CPU_NORM, run_norm_grad,
        .row_local = TRUE,           .takes_bf16 = 3 };

/* Layer norm */

/* x gamma beta → y */
STEP (layer_norm)
{
  c->k->layer_norm (ROWS, s->c, IN (0), s->in[0].ld, VECTOR (1), VECTOR (2),
                    (float)s->norm.epsilon, OUT (0), s->out[0].ld);
  return TRUE;
}
const NmdCpuOp nmd_cpu_layer_norm
    = { "layer norm",   NMD_CPU_IMAGES,    NMD_CPU_NORM,
        run_layer_norm, .row_local = TRUE, .recompute = NMD_CPU_RECOMPUTE };

/* dy x gamma → dx */
STEP (layer_norm_grad)
{
  c->k->layer_norm_grad (ROWS, s->c, IN (0), s->in[0].ld, IN (1), s->in[1].ld, VECTOR (2),
                         (float)s->norm.epsilon, OUT (0), s->out[0].ld);
  return TRUE;
}
const NmdCpuOp nmd_cpu_layer_norm_grad
    = { "layer norm, data gradient", NMD_CPU_IMAGES, NMD_CPU_NORM, run_layer_norm_grad,
        .row_local = TRUE };

/* dy x → sums of dy·x̂ */
STEP (layer_norm_reduce)
{
  double *sum = (double *)(s->partial.base + c->thread * s->partial.image);
  c->k->layer_norm_reduce (ROWS, s->c, IN (0), s->in[0].ld, IN (1), s->in[1].ld,
                           (float)s->norm.epsilon, sum);
  return TRUE;
}
const NmdCpuOp nmd_cpu_layer_norm_reduce
    = { "layer norm, gradient sums", NMD_CPU_IMAGES, NMD_CPU_NORM, run_layer_norm_reduce,
        .row_local = TRUE };
