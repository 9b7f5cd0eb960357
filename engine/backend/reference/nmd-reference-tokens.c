/* SPDX-License-Identifier: Apache-2.0
 *
 * The meaning of what transformers are made of: linear maps of each position, layer
 * normalisation, tokens and attention. Sums in double; products of matrices are ordered
 * for speed, since one such network is as much work as all others together. The other
 * operations are in nmd-reference-ops.c.
 */
#include "config.h"

#include "engine/backend/reference/nmd-reference-private.h"

#include <math.h>
#include <string.h>

typedef NmdReferenceStep Step;

/* Images, channels and positions. */
typedef struct
{
  int n, c, area;
} Extent;

static Extent
extent_of (const NmdShape *shape)
{
  return (Extent){ shape->dims[0], shape->dims[1], shape->dims[2] * shape->dims[3] };
}

/* Products of matrices */

enum
{
  ROWS = 4,        /* of a and c at a time */
  DEPTH = 4,       /* rows of b at a time */
  MAX_DEPTH = 64,  /* of a block of b, which stays in a near cache */
  MAX_WIDTH = 256, /* of such a block */
  JOB_ROWS = 32,   /* that one thread takes at once */
};

/* Four rows of c += 4 × 4 values of a times four rows of b. */
WIDE static void
product_4x4 (int n,
             const double (*a)[DEPTH],
             const double *restrict b,
             gssize b_row,
             double *restrict c,
             gssize c_row)
{
  const double *restrict b1 = b + b_row, *restrict b2 = b1 + b_row,
                         *restrict b3 = b2 + b_row;
  double *restrict c1 = c + c_row, *restrict c2 = c1 + c_row, *restrict c3 = c2 + c_row;

  SIMD for (int j = 0; j < n; j++)
  {
    const double x0 = b[j], x1 = b1[j], x2 = b2[j], x3 = b3[j];

    c[j] += a[0][0] * x0 + a[0][1] * x1 + a[0][2] * x2 + a[0][3] * x3;
    c1[j] += a[1][0] * x0 + a[1][1] * x1 + a[1][2] * x2 + a[1][3] * x3;
    c2[j] += a[2][0] * x0 + a[2][1] * x1 + a[2][2] * x2 + a[2][3] * x3;
    c3[j] += a[3][0] * x0 + a[3][1] * x1 + a[3][2] * x2 + a[3][3] * x3;
  }
}

/* One row of c += a value of a times one row of b. */
WIDE static void
product_1x1 (int n, double a, const double *restrict b, double *restrict c)
{
  SIMD for (int j = 0; j < n; j++) c[j] += a * b[j];
}

/* The same for one block of b. */
static void
product_block (int m,
               int n,
               int depth,
               const double *a,
               gssize a_row,
               gssize a_column,
               const double *b,
               gssize b_row,
               double *c,
               gssize c_row)
{
  for (int i = 0; i < m; i += ROWS)
    for (int k = 0; k < depth; k += DEPTH)
      {
        const int rows = MIN (ROWS, m - i), columns = MIN (DEPTH, depth - k);
        double part[ROWS][DEPTH];

        for (int r = 0; r < rows; r++)
          for (int s = 0; s < columns; s++)
            part[r][s] = a[(i + r) * a_row + (k + s) * a_column];
        if (rows == ROWS && columns == DEPTH)
          product_4x4 (n, (const double (*)[DEPTH])part, b + k * b_row, b_row,
                       c + i * c_row, c_row);
        else
          for (int r = 0; r < rows; r++)
            for (int s = 0; s < columns; s++)
              product_1x1 (n, part[r][s], b + (k + s) * b_row, c + (i + r) * c_row);
      }
}

void
nmd_reference_product (int m,
                       int n,
                       int depth,
                       const double *a,
                       gssize a_row,
                       gssize a_column,
                       const double *b,
                       gssize b_row,
                       double *c,
                       gssize c_row)
{
  for (int j = 0; j < n; j += MAX_WIDTH)
    for (int k = 0; k < depth; k += MAX_DEPTH)
      product_block (m, MIN (MAX_WIDTH, n - j), MIN (MAX_DEPTH, depth - k),
                     a + k * a_column, a_row, a_column, b + k * b_row + j, b_row, c + j,
                     c_row);
}

/* out[j][i] = in[i][j] for i < m, j < n */
static void
transpose (int m, int n, const double *in, double *out)
{
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++)
      out[(gssize)j * m + i] = in[(gssize)i * n + j];
}

/* Linear */

/* Sums of one output each, for few positions. */
static void
linear_rows (const Step *step)
{
  const int n = step->node->shape.dims[0], co = step->node->shape.dims[1];
  const int ci = step->shape[0]->dims[1];

  for (int i = 0; i < n; i++)
    for (int o = 0; o < co; o++)
      {
        double sum = step->node->n_inputs > 2 ? step->in[2][o] : 0;

        for (int k = 0; k < ci; k++)
          sum += step->in[0][(gssize)i * ci + k] * step->in[1][(gssize)o * ci + k];
        step->out[(gssize)i * co + o] = sum;
      }
}

/* y[n] = start + a·x[n], a(o, i) as in nmd_reference_product(), x[n] having ci rows. */
static void
linear_images (const Step *step,
               const double *x,
               int ci,
               const double *a,
               gssize a_row,
               gssize a_column,
               const double *start)
{
  const Extent y = extent_of (&step->node->shape);
  const int jobs_image = (y.c + JOB_ROWS - 1) / JOB_ROWS, jobs = y.n * jobs_image;
  const int threads = nmd_reference_threads (step, (double)y.n * y.c * y.area * ci);

  PARALLEL (threads)
  for (int job = 0; job < jobs; job++)
    {
      const int image = job / jobs_image, first = job % jobs_image * JOB_ROWS;
      const int rows = MIN (JOB_ROWS, y.c - first);
      double *out = step->out + ((gssize)image * y.c + first) * y.area;

      for (int o = 0; o < rows; o++)
        for (int i = 0; i < y.area; i++)
          out[(gssize)o * y.area + i] = start != NULL ? start[first + o] : 0;
      nmd_reference_product (rows, y.area, ci, a + first * a_row, a_row, a_column,
                             x + (gssize)image * ci * y.area, y.area, out, y.area);
    }
}

void
nmd_reference_linear (const Step *step)
{
  const int ci = step->shape[0]->dims[1];

  if (extent_of (&step->node->shape).area == 1)
    linear_rows (step);
  else
    linear_images (step, step->in[0], ci, step->in[1], ci, 1,
                   step->node->n_inputs > 2 ? step->in[2] : NULL);
}

void
nmd_reference_linear_grad_x (const Step *step)
{
  const Extent y = extent_of (step->shape[0]);
  const int ci = step->shape[1]->dims[1];

  if (y.area > 1)
    {
      linear_images (step, step->in[0], y.c, step->in[1], 1, ci, NULL);
      return;
    }
  memset (step->out, 0, nmd_shape_count (&step->node->shape) * sizeof (double));
  nmd_reference_product (y.n, ci, y.c, step->in[0], y.c, 1, step->in[1], ci, step->out,
                         ci);
}

/* dw = Σ over images of dy[n]·x[n]ᵀ */
void
nmd_reference_linear_grad_w (const Step *step)
{
  const Extent x = extent_of (step->shape[0]);
  const int co = step->shape[1]->dims[1], jobs = (co + JOB_ROWS - 1) / JOB_ROWS;
  const int threads = nmd_reference_threads (step, (double)x.n * x.c * x.area * co);
  const gsize size = (gsize)x.c * (gsize)x.area;
  g_autofree double *turned = NULL;

  if (x.area == 1)
    {
      memset (step->out, 0, nmd_shape_count (&step->node->shape) * sizeof (double));
      nmd_reference_product (co, x.c, x.n, step->in[1], 1, co, step->in[0], x.c,
                             step->out, x.c);
      return;
    }
  turned = g_new (double, (gsize)x.n *size);
  PARALLEL (threads)
  for (int image = 0; image < x.n; image++)
    transpose (x.c, x.area, step->in[0] + (gsize)image * size,
               turned + (gsize)image * size);
  PARALLEL (threads)
  for (int job = 0; job < jobs; job++)
    {
      const int first = job * JOB_ROWS, rows = MIN (JOB_ROWS, co - first);
      double *dw = step->out + (gssize)first * x.c;

      memset (dw, 0, (gsize)rows * (gsize)x.c * sizeof *dw);
      for (int image = 0; image < x.n; image++)
        nmd_reference_product (rows, x.c, x.area,
                               step->in[1] + ((gssize)image * co + first) * x.area,
                               x.area, 1, turned + (gsize)image * size, x.c, dw, x.c);
    }
}

/* Layer normalisation */

/* Mean and 1/√(variance + ε) over the channels at each position of one image. */
static void
position_statistics (
    const double *x, int c, int area, double epsilon, double *mean, double *inverse)
{
  memset (mean, 0, (gsize)area * sizeof *mean);
  memset (inverse, 0, (gsize)area * sizeof *inverse);
  for (int k = 0; k < c; k++)
    for (int i = 0; i < area; i++)
      mean[i] += x[(gssize)k * area + i];
  for (int i = 0; i < area; i++)
    mean[i] /= c;
  for (int k = 0; k < c; k++)
    for (int i = 0; i < area; i++)
      {
        const double distance = x[(gssize)k * area + i] - mean[i];

        inverse[i] += distance * distance;
      }
  for (int i = 0; i < area; i++)
    inverse[i] = 1 / sqrt (inverse[i] / c + epsilon);
}

/* γ·x̂ + β of one image */
static void
layer_forward (const Step *step,
               const Extent *e,
               const double *x,
               const double *mean,
               const double *inverse,
               double *y)
{
  for (int k = 0; k < e->c; k++)
    for (int i = 0; i < e->area; i++)
      {
        const gssize at = (gssize)k * e->area + i;

        y[at] = step->in[1][k] * (x[at] - mean[i]) * inverse[i] + step->in[2][k];
      }
}

/* With g = γ·dy: (g − mean g − x̂·mean(g·x̂))/√(variance + ε) of one image; @sums has room
 * for 2·area. */
static void
layer_backward (const Step *step,
                const Extent *e,
                const double *dy,
                const double *x,
                const double *mean,
                const double *inverse,
                double *sums,
                double *dx)
{
  double *sum_g = sums, *sum_gx = sums + e->area;

  memset (sums, 0, 2 * (gsize)e->area * sizeof *sums);
  for (int k = 0; k < e->c; k++)
    for (int i = 0; i < e->area; i++)
      {
        const gssize at = (gssize)k * e->area + i;
        const double g = step->in[2][k] * dy[at];

        sum_g[i] += g;
        sum_gx[i] += g * (x[at] - mean[i]) * inverse[i];
      }
  for (int k = 0; k < e->c; k++)
    for (int i = 0; i < e->area; i++)
      {
        const gssize at = (gssize)k * e->area + i;
        const double normal = (x[at] - mean[i]) * inverse[i];

        dx[at]
            = inverse[i]
              * (step->in[2][k] * dy[at] - sum_g[i] / e->c - normal * sum_gx[i] / e->c);
      }
}

/* LAYER_NORM and its gradient by x */
void
nmd_reference_layer_norm (const Step *step)
{
  const gboolean forward = step->node->op == NMD_OP_LAYER_NORM;
  const Extent e = extent_of (&step->node->shape);
  const gsize size = (gsize)e.c * (gsize)e.area;
  const int threads = nmd_reference_threads (step, (double)e.n * (double)size);
  g_autofree double *work = g_new (double, (gsize)e.n * 4 * (gsize)e.area);

  PARALLEL (threads)
  for (int image = 0; image < e.n; image++)
    {
      const gsize at = (gsize)image * size;
      const double *x = step->in[forward ? 0 : 1] + at;
      double *mean = work + (gssize)image * 4 * e.area, *inverse = mean + e.area;

      position_statistics (x, e.c, e.area, step->node->at.epsilon, mean, inverse);
      if (forward)
        layer_forward (step, &e, x, mean, inverse, step->out + at);
      else
        layer_backward (step, &e, step->in[0] + at, x, mean, inverse, inverse + e.area,
                        step->out + at);
    }
}

/* Σ dy·x̂ over images and positions */
void
nmd_reference_layer_norm_gamma (const Step *step)
{
  const Extent e = extent_of (step->shape[1]);
  const gsize size = (gsize)e.c * (gsize)e.area;
  const int threads = nmd_reference_threads (step, (double)e.n * (double)size);
  g_autofree double *work = g_new (double, (gsize)e.n * 2 * (gsize)e.area);

  PARALLEL (threads)
  for (int image = 0; image < e.n; image++)
    {
      double *mean = work + (gssize)image * 2 * e.area;

      position_statistics (step->in[1] + (gsize)image * size, e.c, e.area,
                           step->node->at.epsilon, mean, mean + e.area);
    }
  PARALLEL (threads)
  for (int k = 0; k < e.c; k++)
    {
      double sum = 0;

      for (int image = 0; image < e.n; image++)
        {
          const gsize at = (gsize)image * size + (gsize)k * (gsize)e.area;
          const double *mean = work + (gssize)image * 2 * e.area;

          for (int i = 0; i < e.area; i++)
            sum += step->in[0][at + (gsize)i] * (step->in[1][at + (gsize)i] - mean[i])
                   * mean[e.area + i];
        }
      step->out[k] = sum;
    }
}

/* Tokens */

/* The class token or a pixel, plus its position. */
static void
tokens_forward (const Step *step)
{
  const Extent y = extent_of (&step->node->shape);
  const double *x = step->in[0];

  for (int plane = 0; plane < y.n * y.c; plane++)
    for (int t = 0; t < y.area; t++)
      {
        const int c = plane % y.c;
        const double value
            = t == 0 ? step->in[1][c] : x[(gssize)plane * (y.area - 1) + t - 1];

        step->out[(gssize)plane * y.area + t] = value + step->in[2][(gssize)t * y.c + c];
      }
}

/* Σ over images of the first @count tokens as [1,count,c] */
static void
sum_tokens (const Step *step, int count)
{
  const Extent dy = extent_of (step->shape[0]);

  for (int t = 0; t < count; t++)
    for (int c = 0; c < dy.c; c++)
      {
        double sum = 0;

        for (int n = 0; n < dy.n; n++)
          sum += step->in[0][((gssize)n * dy.c + c) * dy.area + t];
        step->out[(gssize)t * dy.c + c] = sum;
      }
}

/* TOKENS…, TOKEN and TOKEN_GRAD */
void
nmd_reference_tokens (const Step *step)
{
  const Extent x = extent_of (step->shape[0]), y = extent_of (&step->node->shape);
  const int planes = x.n * x.c, from = step->node->at.from;

  switch (step->node->op)
    {
    case NMD_OP_TOKENS:
      tokens_forward (step);
      break;
    case NMD_OP_TOKENS_GRAD_X:
      for (int p = 0; p < planes; p++)
        memcpy (step->out + (gssize)p * y.area, step->in[0] + (gssize)p * x.area + 1,
                (gsize)y.area * sizeof (double));
      break;
    case NMD_OP_TOKENS_GRAD_POSITION:
      sum_tokens (step, x.area);
      break;
    case NMD_OP_TOKENS_GRAD_CLASS:
      sum_tokens (step, 1);
      break;
    case NMD_OP_TOKEN:
      for (int p = 0; p < planes; p++)
        step->out[p] = step->in[0][(gssize)p * x.area + from];
      break;
    default: /* TOKEN_GRAD */
      memset (step->out, 0, nmd_shape_count (&step->node->shape) * sizeof (double));
      for (int p = 0; p < planes; p++)
        step->out[(gssize)p * y.area + from] = step->in[0][p];
    }
}

/* Attention */

/* One head of one image: d channels of t tokens each. */
typedef struct
{
  int d, t;
  double scale;
  const double *q, *k, *v;
} Head;

static Head
head_of (const Step *step, const double *qkv, const NmdShape *shape, int number)
{
  const int heads = step->node->at.groups, c = shape->dims[1] / 3, t = shape->dims[2];
  const int image = number / heads, d = c / heads;
  const gssize size = (gssize)c * t;
  const double *q = qkv + image * 3 * size + (gssize)(number % heads) * d * t;

  return (Head){ d, t, 1 / sqrt (d), q, q + size, q + 2 * size };
}

/* p[j][i] = softmax over the keys j of q_i·k_j/√d, for each query i */
static void
attention_weights (const Head *h, double *p)
{
  const gsize t = (gsize)h->t;

  memset (p, 0, t * t * sizeof *p);
  nmd_reference_product (h->t, h->t, h->d, h->k, 1, h->t, h->q, h->t, p, h->t);
  for (gsize i = 0; i < t; i++)
    {
      double largest = -INFINITY, sum = 0;

      for (gsize j = 0; j < t; j++)
        largest = MAX (largest, p[j * t + i]);
      for (gsize j = 0; j < t; j++)
        sum += p[j * t + i] = exp ((p[j * t + i] - largest) * h->scale);
      for (gsize j = 0; j < t; j++)
        p[j * t + i] /= sum;
    }
}

void
nmd_reference_attention (const Step *step)
{
  const int heads = step->node->at.groups * step->shape[0]->dims[0];
  const gsize t = (gsize)step->shape[0]->dims[2];
  const int threads = nmd_reference_threads (
      step, (double)nmd_shape_count (step->shape[0]) * (double)t);

  PARALLEL (threads)
  for (int number = 0; number < heads; number++)
    {
      const Head h = head_of (step, step->in[0], step->shape[0], number);
      g_autofree double *p = g_new (double, t *t);
      double *y = step->out + (gssize)number * h.d * h.t;

      attention_weights (&h, p);
      memset (y, 0, (gsize)h.d * t * sizeof *y);
      nmd_reference_product (h.d, h.t, h.t, h.v, h.t, 1, p, h.t, y, h.t);
    }
}

/* dy·p turned and back through the softmax, gradients by q, k and v at @dq and the
 * places that the value's layout gives. */
static void
attention_head_grad (const Head *h, const double *dy, gssize size, double *dq)
{
  const gsize t = (gsize)h->t, count = t * t;
  g_autofree double *work = g_new (double, 3 * count);
  double *p = work, *ds = p + count, *turned = ds + count;

  attention_weights (h, p);
  for (int part = 0; part < 3; part++)
    memset (dq + part * size, 0, (gsize)h->d * t * sizeof *dq);
  transpose (h->t, h->t, p, turned);
  nmd_reference_product (h->d, h->t, h->t, dy, h->t, 1, turned, h->t, dq + 2 * size,
                         h->t);
  memset (ds, 0, count * sizeof *ds);
  nmd_reference_product (h->t, h->t, h->d, h->v, 1, h->t, dy, h->t, ds, h->t);
  for (gsize i = 0; i < t; i++)
    {
      double sum = 0;

      for (gsize j = 0; j < t; j++)
        sum += p[j * t + i] * ds[j * t + i];
      for (gsize j = 0; j < t; j++)
        ds[j * t + i] = h->scale * p[j * t + i] * (ds[j * t + i] - sum);
    }
  nmd_reference_product (h->d, h->t, h->t, h->k, h->t, 1, ds, h->t, dq, h->t);
  transpose (h->t, h->t, ds, turned);
  nmd_reference_product (h->d, h->t, h->t, h->q, h->t, 1, turned, h->t, dq + size, h->t);
}

void
nmd_reference_attention_grad (const Step *step)
{
  const NmdShape *shape = step->shape[1];
  const int heads = step->node->at.groups * shape->dims[0];
  const gssize size = (gssize)shape->dims[1] / 3 * shape->dims[2];
  const int threads
      = nmd_reference_threads (step, (double)nmd_shape_count (shape) * shape->dims[2]);

  PARALLEL (threads)
  for (int number = 0; number < heads; number++)
    {
      const Head h = head_of (step, step->in[1], shape, number);

      attention_head_grad (&h, step->in[0] + (gssize)number * h.d * h.t, size,
                           step->out + (h.q - step->in[1]));
    }
}
