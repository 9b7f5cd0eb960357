/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps that are no convolution: batch norm, gates, reductions, form, loss and
 * updates. Each finds its values, and hands rows to a kernel (nmd-kernels.h). The any_…
 * steps serve the rare broadcasts and reductions that no kernel fits, by index arithmetic
 * in double.
 */
#include "engine/backend/cpu/nmd-cpu-private.h"

#include <math.h>
#include <string.h>

#define STEP(name)                                                                       \
  void nmd_cpu_##name (const NmdCpuStep *s, const NmdCpuContext *c, int i0, int i1,      \
                       int r0, int r1)
#define ROWS nmd_cpu_rows (s, i0, i1, r0, r1)
#define IN(i) nmd_cpu_span (&s->in[i], c, s, i0, r0)
#define OUT(i) nmd_cpu_span (&s->out[i], c, s, i0, r0)
#define LD(i) s->in[i].ld
#define LDO(i) s->out[i].ld
/* A vector or other value of one image. */
#define VECTOR(i) nmd_cpu_at (&s->in[i], c, 0)
#define RESULT(i) nmd_cpu_at (&s->out[i], c, 0)

/* Batch norm
 * ------------------------------------------------------------------------------ */

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
}

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
}

STEP (variance)
{
  double *sum = (double *)nmd_cpu_partial (s, c), *square = sum + s->c;
  c->k->moments (ROWS, s->c, IN (0), LD (0), VECTOR (1), sum, square);
}

STEP (variance_end)
{
  float *variance = RESULT (0);
  for (int j = 0; j < s->c; j++)
    {
      double q = 0;
      for (int t = 0; t < c->threads; t++)
        q += ((const double *)(s->in[0].base + t * s->in[0].image))[s->c + j];
      variance[j] = (float)(q / s->count);
    }
}

/* variance gamma → gamma/√(variance + ε) */
STEP (norm_coefficients)
{
  const float *variance = VECTOR (0), *gamma = VECTOR (1);
  float *a = RESULT (0);
  for (int j = 0; j < s->c; j++)
    a[j] = (float)((double)gamma[j] / sqrt ((double)variance[j] + s->epsilon));
}

/* x mean a beta → y */
STEP (norm)
{
  c->k->norm (ROWS, s->c, IN (0), LD (0), VECTOR (1), VECTOR (2), VECTOR (3), s->act,
              OUT (0), LDO (0));
}

/* dy x mean [p q] → sums of g and of g·(x − mean) [g] */
STEP (norm_reduce)
{
  double *s0 = (double *)nmd_cpu_partial (s, c);
  const gboolean act = s->n_in > 3;
  c->k->norm_reduce (ROWS, s->c, IN (0), LD (0), IN (1), LD (1), VECTOR (2),
                     act ? VECTOR (3) : NULL, act ? VECTOR (4) : NULL, s->act, s0,
                     s0 + s->c, s->n_out ? OUT (0) : NULL, s->n_out ? LDO (0) : 0);
}

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
      dgamma[j] = (float)(g / sqrt ((double)variance[j] + s->epsilon));
      if (dbeta)
        dbeta[j] = (float)b;
    }
}

/* variance gamma dgamma dbeta → a, b, d with dx = a·g + b·(x − mean) + d */
STEP (grad_coefficients)
{
  const float *variance = VECTOR (0), *gamma = VECTOR (1), *dgamma = VECTOR (2),
              *dbeta = VECTOR (3);
  float *a = RESULT (0), *b = RESULT (1), *d = RESULT (2);
  for (int j = 0; j < s->c; j++)
    {
      double inverse = 1 / sqrt ((double)variance[j] + s->epsilon),
             scale = (double)gamma[j] * inverse;
      a[j] = (float)scale;
      b[j] = (float)(-scale * inverse * (double)dgamma[j] / s->count);
      d[j] = (float)(-scale * (double)dbeta[j] / s->count);
    }
}

/* dy x mean a b d [p q] → dx */
STEP (norm_grad)
{
  const gboolean act = s->n_in > 6;
  c->k->norm_grad (ROWS, s->c, IN (0), LD (0), IN (1), LD (1), VECTOR (2),
                   act ? VECTOR (6) : NULL, act ? VECTOR (7) : NULL, s->act, VECTOR (3),
                   VECTOR (4), VECTOR (5), OUT (0), LDO (0));
}

/* x a → x·a, one factor for each channel */
STEP (scale_channels)
{
  c->k->mul_channels (ROWS, s->c, IN (0), LD (0), VECTOR (1), OUT (0), LDO (0));
}

/* Element by element
 * ----------------------------------------------------------------------- */

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
}

STEP (multiply)
{
  c->k->mul (ROWS, s->c, IN (0), LD (0), IN (1), LD (1), OUT (0), LDO (0));
}

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
      return;
    }
  for (int i = i0; i < i1; i++)
    c->k->mul_channels (
        (long)(r1 - r0) * s->w, s->c, nmd_cpu_span (&s->in[0], c, s, i, r0), LD (0),
        nmd_cpu_at (&s->in[1], c, i), nmd_cpu_span (&s->out[0], c, s, i, r0), LDO (0));
}

/* x[n,c,h,w] s[n,c,1,1] v[n,c,1,1] → x·s + value·v */
STEP (gate_add)
{
  for (int i = i0; i < i1; i++)
    c->k->mul_add_channels (
        (long)(r1 - r0) * s->w, s->c, nmd_cpu_span (&s->in[0], c, s, i, r0), LD (0),
        nmd_cpu_at (&s->in[1], c, i), nmd_cpu_at (&s->in[2], c, i), (float)s->value,
        nmd_cpu_span (&s->out[0], c, s, i, r0), LDO (0));
}

STEP (gate_add_pixels)
{
  c->k->mul_add_pixels (ROWS, s->c, IN (0), LD (0), IN (1), LD (1), IN (2), LD (2),
                        (float)s->value, OUT (0), LDO (0));
}

/* x[n,c,h,w] s[n,1,h,w] */
STEP (multiply_pixels)
{
  c->k->mul_pixels (ROWS, s->c, IN (0), LD (0), IN (1), LD (1), OUT (0), LDO (0));
}

/* x[n,c,h,w] s[n,c,1,1] t[n,1,h,w] */
STEP (multiply_gates)
{
  for (int i = i0; i < i1; i++)
    c->k->mul_gates ((long)(r1 - r0) * s->w, s->c, nmd_cpu_span (&s->in[0], c, s, i, r0),
                     LD (0), nmd_cpu_at (&s->in[1], c, i),
                     nmd_cpu_span (&s->in[2], c, s, i, r0), LD (2),
                     nmd_cpu_span (&s->out[0], c, s, i, r0), LDO (0));
}

STEP (scale)
{
  c->k->scale (ROWS, s->c, IN (0), LD (0), (float)s->value, OUT (0), LDO (0));
}

STEP (copy)
{
  const float *x = IN (0);
  float *y = OUT (0);
  for (long r = 0; r < ROWS; r++)
    memcpy (y + r * LDO (0), x + r * LD (0), sizeof (float) * (gsize)s->c);
}

STEP (act) { c->k->act (ROWS, s->c, IN (0), LD (0), NULL, s->act, OUT (0), LDO (0)); }

/* dy a → dy·act′ */
STEP (act_grad)
{
  c->k->act_grad (ROWS, s->c, IN (0), LD (0), IN (1), LD (1), s->act, OUT (0), LDO (0));
}

/* Reductions; s->h, s->w are the input's; threads that share an image divide its channels
 * ----------------------------------------------------- */

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
        y[j] = (float)(sum[j] * s->value);
    }
}

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
}

STEP (sum_pixels)
{
  c->k->sum_pixels (ROWS, s->ci, IN (0), LD (0), (float)s->value, OUT (0), LDO (0));
}

/* x[n,c,h,w] s[n,c,1,1] → value·Σ x·s over c, max x·s */
STEP (gated_pixels)
{
  for (int i = i0; i < i1; i++)
    c->k->gated_pixels ((long)(r1 - r0) * s->w, s->ci,
                        nmd_cpu_span (&s->in[0], c, s, i, r0), LD (0),
                        nmd_cpu_at (&s->in[1], c, i), (float)s->value,
                        nmd_cpu_span (&s->out[0], c, s, i, r0), LDO (0),
                        nmd_cpu_span (&s->out[1], c, s, i, r0), LDO (1));
}

STEP (max_pixels) { c->k->max_pixels (ROWS, s->ci, IN (0), LD (0), OUT (0), LDO (0)); }

STEP (sum_all)
{
  c->k->sum_rows (ROWS, s->c, IN (0), LD (0), (double *)nmd_cpu_partial (s, c));
}

STEP (sum_all_end)
{
  float *y = RESULT (0);
  for (int j = 0; j < s->c; j++)
    {
      double sum = 0;
      for (int t = 0; t < c->threads; t++)
        sum += ((const double *)(s->in[0].base + t * s->in[0].image))[j];
      y[j] = (float)(sum * s->value);
    }
}

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
}

STEP (dot_pixels)
{
  c->k->dot_pixels (ROWS, s->ci, IN (0), LD (0), IN (1), LD (1), OUT (0), LDO (0));
}

/* v[n,c,1,1] → value·v everywhere */
STEP (fill_channels)
{
  for (int i = i0; i < i1; i++)
    c->k->fill_channels (
        (long)(r1 - r0) * s->w, s->c, nmd_cpu_at (&s->in[0], c, i), (float)s->value,
        s->n_in > 1 ? nmd_cpu_span (&s->in[1], c, s, i, r0) : NULL,
        s->n_in > 1 ? LD (1) : 0, nmd_cpu_span (&s->out[0], c, s, i, r0), LDO (0));
}

STEP (fill_pixels)
{
  c->k->fill_pixels (ROWS, s->c, IN (0), LD (0), (float)s->value,
                     s->n_in > 1 ? IN (1) : NULL, s->n_in > 1 ? LD (1) : 0, OUT (0),
                     LDO (0));
}

/* dy x top → dx */
STEP (max_grad_channels)
{
  for (int i = i0; i < i1; i++)
    c->k->max_grad_rows (
        (long)s->h * s->w, s->c, nmd_cpu_at (&s->in[0], c, i),
        nmd_cpu_at (&s->in[1], c, i), LD (1), nmd_cpu_at (&s->in[2], c, i),
        s->n_in > 3 ? nmd_cpu_at (&s->in[3], c, i) : NULL, s->n_in > 3 ? LD (3) : 0,
        nmd_cpu_at (&s->out[0], c, i), LDO (0));
}

STEP (max_grad_pixels)
{
  c->k->max_grad_pixels (ROWS, s->c, IN (0), LD (0), IN (1), LD (1), IN (2), LD (2),
                         s->n_in > 3 ? IN (3) : NULL, s->n_in > 3 ? LD (3) : 0, OUT (0),
                         LDO (0));
}

/* Form
 * --------------------------------------------------------------------------------------
 */

/* y's channel j·g + i is x's channel i·(c/g) + j */
STEP (shuffle)
{
  c->k->shuffle (ROWS, s->c, s->groups, IN (0), LD (0), OUT (0), LDO (0));
}

/* dy[ci] at channel mode of y[c], else 0 */
STEP (slice_grad)
{
  const float *x = IN (0);
  float *y = OUT (0);
  for (long r = 0; r < ROWS; r++, x += LD (0), y += LDO (0))
    {
      memset (y, 0, sizeof (float) * (gsize)s->c);
      memcpy (y + s->mode, x, sizeof (float) * (gsize)s->ci);
    }
}

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
}

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
}

/* Loss
 * --------------------------------------------------------------------------------------
 */

static void
softmax_row (const float *x, int k, double *p, double *log_sum)
{
  double top = (double)x[0], sum = 0;
  for (int j = 1; j < k; j++)
    top = (double)x[j] > top ? (double)x[j] : top;
  for (int j = 0; j < k; j++)
    sum += p[j] = exp ((double)x[j] - top);
  for (int j = 0; j < k; j++)
    p[j] /= sum;
  *log_sum = top + log (sum);
}

STEP (softmax)
{
  double *p = (double *)c->work, log_sum;
  for (int i = i0; i < i1; i++)
    {
      float *y = nmd_cpu_at (&s->out[0], c, i);
      softmax_row (nmd_cpu_at (&s->in[0], c, i), s->c, p, &log_sum);
      for (int j = 0; j < s->c; j++)
        y[j] = (float)p[j];
    }
}

/* logits targets → loss; s->h images of s->ci */
STEP (cross_entropy)
{
  double *p = (double *)c->work, total = 0, log_sum;
  for (int i = 0; i < s->hi; i++)
    {
      const float *x = nmd_cpu_at (&s->in[0], c, i), *t = nmd_cpu_at (&s->in[1], c, i);
      softmax_row (x, s->ci, p, &log_sum);
      for (int j = 0; j < s->ci; j++)
        total += (double)t[j] * (log_sum - (double)x[j]);
    }
  *RESULT (0) = (float)(total / s->hi);
}

/* logits targets dy → dlogits */
STEP (cross_entropy_grad)
{
  double *p = (double *)c->work, log_sum;
  const double dy = (double)*VECTOR (2);
  for (int i = i0; i < i1; i++)
    {
      const float *t = nmd_cpu_at (&s->in[1], c, i);
      float *y = nmd_cpu_at (&s->out[0], c, i);
      double sum = 0;
      softmax_row (nmd_cpu_at (&s->in[0], c, i), s->c, p, &log_sum);
      for (int j = 0; j < s->c; j++)
        sum += (double)t[j];
      for (int j = 0; j < s->c; j++)
        y[j] = (float)(dy * (p[j] * sum - (double)t[j]) / s->n);
    }
}

/* Updates: i0 … i1 are values
 * ---------------------------------------------------------------- */

/* w dw m v lr t */
STEP (adam)
{
  const double t = (double)*VECTOR (5), lr = (double)*VECTOR (4);
  const NmdAdamStep a = { .beta1 = (float)s->beta1,
                          .rest1 = (float)(1 - s->beta1),
                          .beta2 = (float)s->beta2,
                          .rest2 = (float)(1 - s->beta2),
                          .decay = (float)s->decay,
                          .step = (float)(lr / (1 - pow (s->beta1, t))),
                          .root = (float)(1 / sqrt (1 - pow (s->beta2, t))),
                          .epsilon = (float)s->epsilon };
  c->k->adam (i1 - i0, VECTOR (0) + i0, VECTOR (1) + i0, VECTOR (2) + i0, VECTOR (3) + i0,
              &a);
}

/* s value share */
STEP (blend)
{
  c->k->blend (i1 - i0, VECTOR (0) + i0, VECTOR (1) + i0, (float)s->value, *VECTOR (2));
}

/* The rare rest, row-major
 * ------------------------------------------------------------------- */

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
  for (gsize i = 0; i < nmd_shape_count (&s->shapes[0]); i++)
    y[i] = a[i] * b[project (&s->shapes[0], &s->shapes[1], i)];
}

/* a b → Σ a·b; shapes: a's, y's; the sums are in the double workspace */
STEP (any_multiply_reduce)
{
  const float *a = VECTOR (0), *b = VECTOR (1);
  float *y = RESULT (0);
  double *sum = (double *)c->work;
  const gsize n = nmd_shape_count (&s->shapes[1]);
  memset (sum, 0, n * sizeof (double));
  for (gsize i = 0; i < nmd_shape_count (&s->shapes[0]); i++)
    sum[project (&s->shapes[0], &s->shapes[1], i)] += (double)a[i] * (double)b[i];
  for (gsize i = 0; i < n; i++)
    y[i] = (float)sum[i];
}

STEP (any_broadcast)
{
  const float *x = VECTOR (0);
  float *y = RESULT (0);
  for (gsize i = 0; i < nmd_shape_count (&s->shapes[1]); i++)
    y[i] = (float)s->value * x[project (&s->shapes[1], &s->shapes[0], i)];
}

/* The maximum over all but c (mean and sum have kernels). */
STEP (any_reduce)
{
  const float *x = VECTOR (0);
  float *y = RESULT (0);
  const gsize n = nmd_shape_count (&s->shapes[1]);
  for (gsize j = 0; j < n; j++)
    y[j] = -INFINITY;
  for (gsize i = 0; i < nmd_shape_count (&s->shapes[0]); i++)
    {
      const gsize j = project (&s->shapes[0], &s->shapes[1], i);
      y[j] = x[i] <= y[j] ? y[j] : x[i];
    }
}

/* dy x top → dx, each maximum once; the workspace remembers which had theirs */
STEP (any_max_grad)
{
  const float *dy = VECTOR (0), *x = VECTOR (1), *top = VECTOR (2);
  float *dx = RESULT (0), *had = c->work;
  memset (had, 0, sizeof (float) * nmd_shape_count (&s->shapes[1]));
  for (gsize i = 0; i < nmd_shape_count (&s->shapes[0]); i++)
    {
      const gsize j = project (&s->shapes[0], &s->shapes[1], i);
      const gboolean hit = had[j] == 0 && !(x[i] < top[j]) && x[i] == top[j];
      dx[i] = hit ? dy[j] : 0;
      if (hit)
        had[j] = 1;
    }
}
