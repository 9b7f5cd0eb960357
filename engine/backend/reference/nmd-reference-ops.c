/* SPDX-License-Identifier: Apache-2.0
 *
 * The meaning of every operation, as plain loops with sums in double, each value by one
 * thread in one order, so the bits do not depend on how many there are. Rounding to
 * float32 is the caller's business; convolutions, linear maps and what transformers need
 * are in files of their own.
 */
#include "config.h"

#include "engine/backend/reference/nmd-reference-private.h"

#include <math.h>
#include <string.h>

typedef NmdReferenceStep Step;

/* Batch normalisation */

/* Images, channels and pixels of a channel. */
typedef struct
{
  int n, c;
  gssize area;
} Planes;

static Planes
planes_of (const NmdShape *shape)
{
  return (Planes){ shape->dims[0], shape->dims[1],
                   (gssize)shape->dims[2] * shape->dims[3] };
}

static void
batch_statistic (const Step *step)
{
  const Planes p = planes_of (step->shape[0]);
  const gboolean variance = step->node->op == NMD_OP_BATCH_VARIANCE;

  for (int c = 0; c < p.c; c++)
    {
      const double mean = variance ? step->in[1][c] : 0;
      double sum = 0;

      for (int n = 0; n < p.n; n++)
        {
          const double *x = step->in[0] + ((gssize)n * p.c + c) * p.area;

          for (gssize i = 0; i < p.area; i++)
            sum += variance ? (x[i] - mean) * (x[i] - mean) : x[i];
        }
      step->out[c] = sum / ((double)p.n * (double)p.area);
    }
}

static void
batch_norm (const Step *step)
{
  const Planes p = planes_of (step->shape[0]);

  for (int k = 0; k < p.n * p.c; k++)
    {
      const int c = k % p.c;
      const double mean = step->in[1][c], shift = step->in[4][c];
      const double scale
          = step->in[3][c] / sqrt (step->in[2][c] + step->node->at.epsilon);
      const double *x = step->in[0] + k * p.area;
      double *y = step->out + k * p.area;

      for (gssize i = 0; i < p.area; i++)
        y[i] = scale * (x[i] - mean) + shift;
    }
}

static void
batch_norm_grad_gamma (const Step *step)
{
  const Planes p = planes_of (step->shape[0]);

  for (int c = 0; c < p.c; c++)
    {
      const double mean = step->in[2][c];
      double sum = 0;

      for (int n = 0; n < p.n; n++)
        {
          const gssize start = ((gssize)n * p.c + c) * p.area;

          for (gssize i = start; i < start + p.area; i++)
            sum += step->in[0][i] * (step->in[1][i] - mean);
        }
      step->out[c] = sum / sqrt (step->in[3][c] + step->node->at.epsilon);
    }
}

static void
batch_norm_grad_x (const Step *step)
{
  const Planes p = planes_of (step->shape[0]);
  const double m = (double)p.n * (double)p.area;

  for (int k = 0; k < p.n * p.c; k++)
    {
      const int c = k % p.c;
      const double mean = step->in[2][c];
      const double inverse = 1 / sqrt (step->in[3][c] + step->node->at.epsilon);
      const double scale = step->in[4][c] * inverse;
      const double dgamma = step->in[5][c] / m, dbeta = step->in[6][c] / m;
      const double *dy = step->in[0] + k * p.area, *x = step->in[1] + k * p.area;
      double *dx = step->out + k * p.area;

      for (gssize i = 0; i < p.area; i++)
        dx[i] = scale * (dy[i] - dbeta - (x[i] - mean) * inverse * dgamma);
    }
}

static void
batch_norm_frozen_grad_x (const Step *step)
{
  const Planes p = planes_of (step->shape[0]);

  for (int k = 0; k < p.n * p.c; k++)
    {
      const int c = k % p.c;
      const double scale
          = step->in[2][c] / sqrt (step->in[1][c] + step->node->at.epsilon);
      const double *dy = step->in[0] + k * p.area;
      double *dx = step->out + k * p.area;

      for (gssize i = 0; i < p.area; i++)
        dx[i] = scale * dy[i];
    }
}

/* Element by element */

static double
sigmoid (double x)
{
  return x < 0 ? exp (x) / (1 + exp (x)) : 1 / (1 + exp (-x));
}

static double
activate (const NmdAttributes *at, double x)
{
  switch (at->activation) /* NaN stays NaN in all */
    {
    case NMD_RELU:
      return x < 0 ? 0 : x;
    case NMD_SIGMOID:
      return sigmoid (x);
    case NMD_LEAKY_RELU:
      return x > 0 ? x : at->value * x;
    case NMD_HARD_SIGMOID:
      return x <= -3 ? 0 : x >= 3 ? 1 : x / 6 + 0.5;
    case NMD_SILU:
      return x * sigmoid (x);
    case NMD_GELU:
      return x * 0.5 * erfc (-x * M_SQRT1_2);
    default:
      g_return_val_if_reached (NAN);
    }
}

/* @a is what nmd_activation_needs_x() says. */
static double
activate_grad (const NmdAttributes *at, double dy, double a)
{
  double s;

  switch (at->activation) /* NaN stays NaN in all */
    {
    case NMD_RELU:
      return a > 0 ? dy : a * 0;
    case NMD_SIGMOID:
      return dy * a * (1 - a);
    case NMD_LEAKY_RELU:
      return a > 0 ? dy : a <= 0 ? at->value * dy : a;
    case NMD_HARD_SIGMOID:
      return a > 0 && a < 1 ? dy / 6 : a * 0;
    case NMD_SILU:
      s = sigmoid (a);
      return dy * s * (1 + a * (1 - s));
    case NMD_GELU: /* Φ(a) + a·φ(a) */
      return dy * (0.5 * erfc (-a * M_SQRT1_2) + a * exp (-a * a / 2) / sqrt (2 * G_PI));
    default:
      g_return_val_if_reached (NAN);
    }
}

static void
element (const Step *step)
{
  const NmdAttributes *at = &step->node->at;
  const gssize n = (gssize)nmd_shape_count (&step->node->shape);
  const int threads = nmd_reference_threads (step, (double)n);
  const double *a = step->in[0], *b = step->in[1];

  switch (step->node->op)
    {
    case NMD_OP_ACTIVATION:
      PARALLEL (threads)
      for (gssize i = 0; i < n; i++)
        step->out[i] = activate (at, a[i]);
      break;
    case NMD_OP_ACTIVATION_GRAD:
      PARALLEL (threads)
      for (gssize i = 0; i < n; i++)
        step->out[i] = activate_grad (at, a[i], b[i]);
      break;
    case NMD_OP_ADD:
      PARALLEL (threads)
      for (gssize i = 0; i < n; i++)
        step->out[i] = a[i] + b[i];
      break;
    default: /* SCALE */
      PARALLEL (threads)
      for (gssize i = 0; i < n; i++)
        step->out[i] = at->value * a[i];
    }
}

/* Walks all indices of @whole in row-major order; *@reduced is the index in a tensor of
 * @part's shape, whose dimensions are @whole's or 1. */
typedef struct
{
  int dims[NMD_MAX_DIMS], at[NMD_MAX_DIMS];
  gssize strides[NMD_MAX_DIMS];
  gssize reduced;
} Walk;

static void
walk_begin (Walk *self, const NmdShape *whole, const NmdShape *part)
{
  gssize stride = 1;

  memset (self, 0, sizeof *self);
  for (int i = NMD_MAX_DIMS - 1; i >= 0; i--)
    {
      self->dims[i] = whole->dims[i];
      self->strides[i] = part->dims[i] == 1 ? 0 : stride;
      stride *= part->dims[i];
    }
}

static inline void
walk_next (Walk *self)
{
  for (int i = NMD_MAX_DIMS - 1; i >= 0; i--)
    {
      self->reduced += self->strides[i];
      if (++self->at[i] < self->dims[i])
        return;
      self->reduced -= self->strides[i] * self->dims[i];
      self->at[i] = 0;
    }
}

static void
multiply (const Step *step)
{
  const gsize n = nmd_shape_count (&step->node->shape);
  Walk walk;

  walk_begin (&walk, step->shape[0], step->shape[1]);
  for (gsize i = 0; i < n; i++, walk_next (&walk))
    step->out[i] = step->in[0][i] * step->in[1][walk.reduced];
}

/* Reductions */

/* A vector over channels as a tensor that broadcasts: [c] as [1,c,1,1]. */
static NmdShape
over_channels (const NmdShape *shape, const NmdShape *whole)
{
  if (shape->n_dims == 1 && whole->n_dims > 1)
    return (NmdShape){ whole->n_dims, { 1, shape->dims[0], 1, 1 } };
  return *shape;
}

static void
reduce (const Step *step)
{
  const NmdReduce kind = step->node->at.reduce;
  const NmdShape part = over_channels (&step->node->shape, step->shape[0]);
  const gsize n = nmd_shape_count (step->shape[0]), n_out = nmd_shape_count (&part);
  Walk walk;

  for (gsize i = 0; i < n_out; i++)
    step->out[i] = kind == NMD_REDUCE_MAX ? -INFINITY : 0;
  walk_begin (&walk, step->shape[0], &part);
  for (gsize i = 0; i < n; i++, walk_next (&walk))
    {
      const double x = step->in[0][i];
      double *y = &step->out[walk.reduced];

      if (kind != NMD_REDUCE_MAX)
        *y += x;
      else if (x > *y || isnan (x))
        *y = x;
    }
  for (gsize i = 0; kind == NMD_REDUCE_MEAN && i < n_out; i++)
    step->out[i] /= (double)(n / n_out);
}

/* The first in row order of the values that equal the maximum gets the gradient. */
static void
max_grad (const Step *step)
{
  const NmdShape part = over_channels (step->shape[2], step->shape[1]);
  const gsize n = nmd_shape_count (step->shape[1]), n_out = nmd_shape_count (&part);
  g_autofree gboolean *given = g_new0 (gboolean, n_out);
  Walk walk;

  walk_begin (&walk, step->shape[1], &part);
  for (gsize i = 0; i < n; i++, walk_next (&walk))
    {
      const gboolean is_first
          = !given[walk.reduced] && step->in[1][i] == step->in[2][walk.reduced];

      step->out[i] = is_first ? step->in[0][walk.reduced] : 0;
      given[walk.reduced] |= is_first;
    }
}

static void
multiply_reduce (const Step *step)
{
  const gsize n = nmd_shape_count (step->shape[0]);
  Walk walk;

  memset (step->out, 0, nmd_shape_count (&step->node->shape) * sizeof (double));
  walk_begin (&walk, step->shape[0], &step->node->shape);
  for (gsize i = 0; i < n; i++, walk_next (&walk))
    step->out[walk.reduced] += step->in[0][i] * step->in[1][i];
}

static void
broadcast (const Step *step)
{
  const NmdShape part = over_channels (step->shape[0], &step->node->shape);
  const gsize n = nmd_shape_count (&step->node->shape);
  Walk walk;

  walk_begin (&walk, &step->node->shape, &part);
  for (gsize i = 0; i < n; i++, walk_next (&walk))
    step->out[i] = step->node->at.value * step->in[0][walk.reduced];
}

/* Pooling and enlarging */

/* Rows or columns first … last − 1 of an image of @size that window number @i covers. */
static void
window_range (const NmdAttributes *at, int i, int size, int *first, int *last)
{
  const int start = i * at->stride - at->padding;

  *first = MAX (0, start);
  *last = MIN (size, start + at->kernel);
}

/* One plane of a maximum, or of its gradient: each window's dy goes to the first value in
 * row order that equals the maximum. */
static void
max_pool_plane (const NmdAttributes *at,
                const NmdShape *x_shape,
                const NmdShape *y_shape,
                const double *x,
                double *y,
                const double *dy,
                double *dx)
{
  for (int i = 0; i < y_shape->dims[2]; i++)
    for (int j = 0; j < y_shape->dims[3]; j++, y++)
      {
        double largest = -INFINITY;
        gboolean given = FALSE;
        int h0, h1, w0, w1;

        window_range (at, i, x_shape->dims[2], &h0, &h1);
        window_range (at, j, x_shape->dims[3], &w0, &w1);
        for (int h = h0; h < h1; h++)
          for (int w = w0; w < w1; w++)
            {
              const gssize k = (gssize)h * x_shape->dims[3] + w;

              if (x[k] > largest || isnan (x[k]))
                largest = x[k];
              if (dy == NULL || given || !(x[k] == *y))
                continue;
              dx[k] += dy[(gssize)i * y_shape->dims[3] + j];
              given = TRUE;
            }
        if (dy == NULL)
          *y = largest;
      }
}

/* MAX_POOL and its gradient */
static void
max_pool (const Step *step)
{
  const gboolean forward = step->node->op == NMD_OP_MAX_POOL;
  const NmdShape *x = step->shape[forward ? 0 : 1];
  const NmdShape *y = forward ? &step->node->shape : step->shape[2];
  const gssize area_x = (gssize)x->dims[2] * x->dims[3];
  const gssize area_y = (gssize)y->dims[2] * y->dims[3];
  const int planes = x->dims[0] * x->dims[1];
  const int threads = nmd_reference_threads (step, (double)nmd_shape_count (x));

  PARALLEL (threads)
  for (int p = 0; p < planes; p++)
    if (forward)
      max_pool_plane (&step->node->at, x, y, step->in[0] + p * area_x,
                      step->out + p * area_y, NULL, NULL);
    else
      {
        memset (step->out + p * area_x, 0, (gsize)area_x * sizeof (double));
        max_pool_plane (&step->node->at, x, y, step->in[1] + p * area_x,
                        step->in[2] + p * area_y, step->in[0] + p * area_y,
                        step->out + p * area_x);
      }
}

/* UPSAMPLE and its gradient */
static void
upsample (const Step *step)
{
  const gboolean forward = step->node->op == NMD_OP_UPSAMPLE;
  const NmdShape *large = forward ? &step->node->shape : step->shape[0];
  const int h = large->dims[2], w = large->dims[3], f = step->node->at.factor;
  const gssize area = (gssize)h * w, area_small = area / f / f;
  const int planes = large->dims[0] * large->dims[1];
  const int threads = nmd_reference_threads (step, (double)nmd_shape_count (large));

  PARALLEL (threads)
  for (int p = 0; p < planes; p++)
    {
      double *out = step->out + p * (forward ? area : area_small);
      const double *in = step->in[0] + p * (forward ? area_small : area);

      if (!forward)
        memset (out, 0, (gsize)area_small * sizeof *out);
      for (int i = 0; i < h; i++)
        for (int j = 0; j < w; j++)
          {
            const gssize small = (gssize)(i / f) * (w / f) + j / f;

            if (forward)
              out[(gssize)i * w + j] = in[small];
            else
              out[small] += in[(gssize)i * w + j];
          }
    }
}

/* Form */

/* Values behind one channel of one image. */
static gsize
channel_area (const NmdShape *shape)
{
  return (gsize)shape->dims[2] * (gsize)shape->dims[3];
}

/* Copies channels @from … @from + @count − 1 of @x to those at @to of @y. */
static void
copy_channels (const double *x,
               const NmdShape *shape_x,
               int from,
               double *y,
               const NmdShape *shape_y,
               int to,
               int count)
{
  const gsize area = channel_area (shape_x);

  for (int n = 0; n < shape_x->dims[0]; n++)
    memcpy (y + ((gsize)n * (gsize)shape_y->dims[1] + (gsize)to) * area,
            x + ((gsize)n * (gsize)shape_x->dims[1] + (gsize)from) * area,
            (gsize)count * area * sizeof (double));
}

static void
form (const Step *step)
{
  const NmdAttributes *at = &step->node->at;
  const NmdShape *x = step->shape[0], *y = &step->node->shape;
  int to = 0;

  switch (step->node->op)
    {
    case NMD_OP_CONCAT:
      for (int i = 0; i < step->node->n_inputs; i++)
        {
          copy_channels (step->in[i], step->shape[i], 0, step->out, y, to,
                         step->shape[i]->dims[1]);
          to += step->shape[i]->dims[1];
        }
      break;
    case NMD_OP_SLICE:
      copy_channels (step->in[0], x, at->from, step->out, y, 0, at->count);
      break;
    case NMD_OP_SLICE_GRAD:
      memset (step->out, 0, nmd_shape_count (y) * sizeof (double));
      copy_channels (step->in[0], x, 0, step->out, y, at->from, at->count);
      break;
    case NMD_OP_SHUFFLE:
      for (int c = 0; c < y->dims[1]; c++)
        copy_channels (step->in[0], x,
                       c % at->groups * (y->dims[1] / at->groups) + c / at->groups,
                       step->out, y, c, 1);
      break;
    default: /* RESHAPE */
      memcpy (step->out, step->in[0], nmd_shape_count (y) * sizeof (double));
    }
}

/* Loss */

/* log Σ exp z of one row */
static double
log_sum_exp (const double *z, int k)
{
  double largest = z[0], sum = 0;

  for (int i = 1; i < k; i++)
    largest = MAX (largest, z[i]);
  for (int i = 0; i < k; i++)
    sum += exp (z[i] - largest);
  return largest + log (sum);
}

static void
softmax (const Step *step)
{
  const int n = step->shape[0]->dims[0], k = step->shape[0]->dims[1];

  for (int i = 0; i < n; i++)
    {
      const double *z = step->in[0] + (gssize)i * k;
      const double total = log_sum_exp (z, k);

      for (int j = 0; j < k; j++)
        step->out[(gssize)i * k + j] = exp (z[j] - total);
    }
}

static void
cross_entropy (const Step *step)
{
  const int n = step->shape[0]->dims[0], k = step->shape[0]->dims[1];
  double sum = 0;

  for (int i = 0; i < n; i++)
    {
      const double *z = step->in[0] + (gssize)i * k, *t = step->in[1] + (gssize)i * k;
      const double total = log_sum_exp (z, k);

      for (int j = 0; j < k; j++)
        sum -= t[j] * (z[j] - total);
    }
  step->out[0] = sum / n;
}

static void
cross_entropy_grad (const Step *step)
{
  const int n = step->shape[1]->dims[0], k = step->shape[1]->dims[1];

  for (int i = 0; i < n; i++)
    {
      const double *z = step->in[1] + (gssize)i * k, *t = step->in[2] + (gssize)i * k;
      const double total = log_sum_exp (z, k);
      double mass = 0;

      for (int j = 0; j < k; j++)
        mass += t[j];
      for (int j = 0; j < k; j++)
        step->out[(gssize)i * k + j]
            = step->in[0][0] * (exp (z[j] - total) * mass - t[j]) / n;
    }
}

/* Updates */

/* Kingma and Ba 2015, algorithm 1, the decay added to the gradient. */
static void
adam (const Step *step)
{
  const NmdAttributes *at = &step->node->at;
  const gsize n = nmd_shape_count (step->shape[0]);
  double *w = step->in[0], *m = step->in[2], *v = step->in[3];
  const double lr = step->in[4][0], t = step->in[5][0];
  const double correct1 = 1 - pow (at->beta1, t), correct2 = 1 - pow (at->beta2, t);

  for (gsize i = 0; i < n; i++)
    {
      const double g = step->in[1][i] + at->decay * w[i];

      m[i] = at->beta1 * m[i] + (1 - at->beta1) * g;
      v[i] = at->beta2 * v[i] + (1 - at->beta2) * g * g;
      w[i] -= lr / correct1 * m[i] / (sqrt (v[i] / correct2) + at->epsilon);
    }
}

static void
blend (const Step *step)
{
  const gsize n = nmd_shape_count (step->shape[0]);
  double *s = step->in[0];
  const double share = step->in[2][0];

  for (gsize i = 0; i < n; i++)
    s[i] += share * (step->node->at.value * step->in[1][i] - s[i]);
}

static void (*const kernels[NMD_N_OPS]) (const Step *) = {
  [NMD_OP_CONV] = nmd_reference_conv,
  [NMD_OP_CONV_GRAD_X] = nmd_reference_conv_grad_x,
  [NMD_OP_CONV_GRAD_W] = nmd_reference_conv_grad_w,
  [NMD_OP_LINEAR] = nmd_reference_linear,
  [NMD_OP_LINEAR_GRAD_X] = nmd_reference_linear_grad_x,
  [NMD_OP_LINEAR_GRAD_W] = nmd_reference_linear_grad_w,
  [NMD_OP_BATCH_MEAN] = batch_statistic,
  [NMD_OP_BATCH_VARIANCE] = batch_statistic,
  [NMD_OP_BATCH_NORM] = batch_norm,
  [NMD_OP_BATCH_NORM_GRAD_GAMMA] = batch_norm_grad_gamma,
  [NMD_OP_BATCH_NORM_GRAD_X] = batch_norm_grad_x,
  [NMD_OP_BATCH_NORM_FROZEN_GRAD_X] = batch_norm_frozen_grad_x,
  [NMD_OP_LAYER_NORM] = nmd_reference_layer_norm,
  [NMD_OP_LAYER_NORM_GRAD_X] = nmd_reference_layer_norm,
  [NMD_OP_LAYER_NORM_GRAD_GAMMA] = nmd_reference_layer_norm_gamma,
  [NMD_OP_ACTIVATION] = element,
  [NMD_OP_ACTIVATION_GRAD] = element,
  [NMD_OP_ADD] = element,
  [NMD_OP_MULTIPLY] = multiply,
  [NMD_OP_SCALE] = element,
  [NMD_OP_REDUCE] = reduce,
  [NMD_OP_MULTIPLY_REDUCE] = multiply_reduce,
  [NMD_OP_BROADCAST] = broadcast,
  [NMD_OP_MAX_GRAD] = max_grad,
  [NMD_OP_MAX_POOL] = max_pool,
  [NMD_OP_MAX_POOL_GRAD] = max_pool,
  [NMD_OP_UPSAMPLE] = upsample,
  [NMD_OP_UPSAMPLE_GRAD] = upsample,
  [NMD_OP_ENLARGE] = nmd_reference_enlarge,
  [NMD_OP_ENLARGE_GRAD] = nmd_reference_enlarge,
  [NMD_OP_TOKENS] = nmd_reference_tokens,
  [NMD_OP_TOKENS_GRAD_X] = nmd_reference_tokens,
  [NMD_OP_TOKENS_GRAD_POSITION] = nmd_reference_tokens,
  [NMD_OP_TOKENS_GRAD_CLASS] = nmd_reference_tokens,
  [NMD_OP_TOKEN] = nmd_reference_tokens,
  [NMD_OP_TOKEN_GRAD] = nmd_reference_tokens,
  [NMD_OP_ATTENTION] = nmd_reference_attention,
  [NMD_OP_ATTENTION_GRAD] = nmd_reference_attention_grad,
  [NMD_OP_RESHAPE] = form,
  [NMD_OP_CONCAT] = form,
  [NMD_OP_SLICE] = form,
  [NMD_OP_SLICE_GRAD] = form,
  [NMD_OP_SHUFFLE] = form,
  [NMD_OP_SOFTMAX] = softmax,
  [NMD_OP_CROSS_ENTROPY] = cross_entropy,
  [NMD_OP_CROSS_ENTROPY_GRAD] = cross_entropy_grad,
  [NMD_OP_PIXEL_CROSS_ENTROPY] = nmd_reference_pixel_loss,
  [NMD_OP_PIXEL_CROSS_ENTROPY_GRAD] = nmd_reference_pixel_loss,
  [NMD_OP_DICE_LOSS] = nmd_reference_pixel_loss,
  [NMD_OP_DICE_LOSS_GRAD] = nmd_reference_pixel_loss,
  [NMD_OP_ADAM] = adam,
  [NMD_OP_BLEND] = blend,
};

gboolean
nmd_reference_knows (NmdOp op)
{
  return kernels[op] != NULL;
}

void
nmd_reference_compute (const NmdReferenceStep *step)
{
  g_assert (kernels[step->node->op] != NULL);
  kernels[step->node->op](step);
}
