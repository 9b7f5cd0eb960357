/* SPDX-License-Identifier: Apache-2.0
 *
 * The meaning of convolutions and their gradients. They are ordered for speed, whole rows
 * at a time; those of one pixel are the linear maps of nmd-reference-tokens.c. The other
 * operations are in nmd-reference-ops.c.
 */
#include "config.h"

#include "engine/backend/reference/nmd-reference-private.h"

#include <string.h>

typedef NmdReferenceStep Step;

/* The geometry of one convolution, x and y being its image and its value. */
typedef struct
{
  int n, ci, co, h, w, ho, wo, k, stride, padding, ci_group, co_group;
} Conv;

static Conv
conv_geometry (const NmdAttributes *at,
               const NmdShape *x,
               const NmdShape *w,
               const NmdShape *y)
{
  return (Conv){ .n = x->dims[0],
                 .ci = x->dims[1],
                 .co = y->dims[1],
                 .h = x->dims[2],
                 .w = x->dims[3],
                 .ho = y->dims[2],
                 .wo = y->dims[3],
                 .k = w->dims[2],
                 .stride = at->stride,
                 .padding = at->padding,
                 .ci_group = x->dims[1] / at->groups,
                 .co_group = y->dims[1] / at->groups };
}

static double
conv_work (const Conv *c)
{
  return (double)c->n * c->co * c->ho * c->wo * c->ci_group * c->k * c->k;
}

/* A convolution that is a linear map of each pixel. */
static gboolean
is_linear (const NmdAttributes *at, const Conv *c)
{
  return c->k == 1 && at->stride == 1 && at->padding == 0 && at->groups == 1;
}

/* Outputs first … last − 1 of one dimension that read the image at kernel position @k. */
static void
valid_range (int k, int padding, int stride, int size, int n_out, int *first, int *last)
{
  const int low = padding - k, high = size - 1 - k + padding;

  *first = low > 0 ? (low + stride - 1) / stride : 0;
  *last = high < 0 ? 0 : MIN (n_out, high / stride + 1);
}

/* y += weight·(x as seen from kernel position kh, kw) for one plane of each. */
WIDE static void
plane_forward (const Conv *c,
               int kh,
               int kw,
               double weight,
               const double *restrict x,
               double *restrict y)
{
  int h0, h1, w0, w1;

  if (c->k == 1 && c->stride == 1 && c->padding == 0)
    {
      const int count = c->h * c->w;

      SIMD for (int i = 0; i < count; i++) y[i] += weight * x[i];
      return;
    }
  valid_range (kh, c->padding, c->stride, c->h, c->ho, &h0, &h1);
  valid_range (kw, c->padding, c->stride, c->w, c->wo, &w0, &w1);
  for (int i = h0; i < h1; i++)
    {
      const double *restrict row
          = x + (gssize)(i * c->stride + kh - c->padding) * c->w + kw - c->padding;
      double *restrict out = y + (gssize)i * c->wo;

      if (c->stride == 1)
        {
          SIMD for (int j = w0; j < w1; j++) out[j] += weight * row[j];
        }
      else
        for (int j = w0; j < w1; j++)
          out[j] += weight * row[(gssize)j * c->stride];
    }
}

/* The transpose of plane_forward: dx += weight·(dy spread to where it was read). */
WIDE static void
plane_backward (const Conv *c,
                int kh,
                int kw,
                double weight,
                const double *restrict dy,
                double *restrict dx)
{
  int h0, h1, w0, w1;

  if (c->k == 1 && c->stride == 1 && c->padding == 0)
    {
      const int count = c->h * c->w;

      SIMD for (int i = 0; i < count; i++) dx[i] += weight * dy[i];
      return;
    }
  valid_range (kh, c->padding, c->stride, c->h, c->ho, &h0, &h1);
  valid_range (kw, c->padding, c->stride, c->w, c->wo, &w0, &w1);
  for (int i = h0; i < h1; i++)
    {
      double *restrict row
          = dx + (gssize)(i * c->stride + kh - c->padding) * c->w + kw - c->padding;
      const double *restrict in = dy + (gssize)i * c->wo;

      if (c->stride == 1)
        {
          SIMD for (int j = w0; j < w1; j++) row[j] += weight * in[j];
        }
      else
        for (int j = w0; j < w1; j++)
          row[(gssize)j * c->stride] += weight * in[j];
    }
}

/* Σ dy·(x as seen from kernel position kh, kw) over one plane. */
WIDE static double
plane_weight (
    const Conv *c, int kh, int kw, const double *restrict x, const double *restrict dy)
{
  double sum = 0;
  int h0, h1, w0, w1;

  if (c->k == 1 && c->stride == 1 && c->padding == 0)
    {
      const int count = c->h * c->w;

      SUM_SIMD (sum)
      for (int i = 0; i < count; i++)
        sum += dy[i] * x[i];
      return sum;
    }
  valid_range (kh, c->padding, c->stride, c->h, c->ho, &h0, &h1);
  valid_range (kw, c->padding, c->stride, c->w, c->wo, &w0, &w1);
  for (int i = h0; i < h1; i++)
    {
      const double *restrict row
          = x + (gssize)(i * c->stride + kh - c->padding) * c->w + kw - c->padding;
      const double *restrict in = dy + (gssize)i * c->wo;

      if (c->stride == 1)
        {
          SUM_SIMD (sum)
          for (int j = w0; j < w1; j++)
            sum += in[j] * row[j];
        }
      else
        for (int j = w0; j < w1; j++)
          sum += in[j] * row[(gssize)j * c->stride];
    }
  return sum;
}

void
nmd_reference_conv (const Step *step)
{
  const Conv c = conv_geometry (&step->node->at, step->shape[0], step->shape[1],
                                &step->node->shape);
  const gssize area_x = (gssize)c.h * c.w, area_y = (gssize)c.ho * c.wo;
  const int planes = c.n * c.co, area_w = c.k * c.k;
  const int threads = nmd_reference_threads (step, conv_work (&c));

  if (is_linear (&step->node->at, &c))
    {
      nmd_reference_linear (step);
      return;
    }
  PARALLEL (threads)
  for (int p = 0; p < planes; p++)
    {
      const int image = p / c.co, o = p % c.co, first = o / c.co_group * c.ci_group;
      const double start = step->node->n_inputs > 2 ? step->in[2][o] : 0;
      double *y = step->out + p * area_y;

      for (gssize i = 0; i < area_y; i++)
        y[i] = start;
      for (int i = 0; i < c.ci_group; i++)
        {
          const double *x = step->in[0] + ((gssize)image * c.ci + first + i) * area_x;
          const double *w = step->in[1] + ((gssize)o * c.ci_group + i) * area_w;

          for (int k = 0; k < area_w; k++)
            plane_forward (&c, k / c.k, k % c.k, w[k], x, y);
        }
    }
}

void
nmd_reference_conv_grad_x (const Step *step)
{
  const Conv c = conv_geometry (&step->node->at, &step->node->shape, step->shape[1],
                                step->shape[0]);
  const gssize area_x = (gssize)c.h * c.w, area_y = (gssize)c.ho * c.wo;
  const int planes = c.n * c.ci, area_w = c.k * c.k;
  const int threads = nmd_reference_threads (step, conv_work (&c));

  if (is_linear (&step->node->at, &c))
    {
      nmd_reference_linear_grad_x (step);
      return;
    }
  PARALLEL (threads)
  for (int p = 0; p < planes; p++)
    {
      const int image = p / c.ci, i = p % c.ci, group = i / c.ci_group;
      double *dx = step->out + p * area_x;

      memset (dx, 0, (gsize)area_x * sizeof *dx);
      for (int o = group * c.co_group; o < (group + 1) * c.co_group; o++)
        {
          const double *dy = step->in[0] + ((gssize)image * c.co + o) * area_y;
          const double *w
              = step->in[1] + ((gssize)o * c.ci_group + i % c.ci_group) * area_w;

          for (int k = 0; k < area_w; k++)
            plane_backward (&c, k / c.k, k % c.k, w[k], dy, dx);
        }
    }
}

void
nmd_reference_conv_grad_w (const Step *step)
{
  const Conv c = conv_geometry (&step->node->at, step->shape[0], &step->node->shape,
                                step->shape[1]);
  const gssize area_x = (gssize)c.h * c.w, area_y = (gssize)c.ho * c.wo;
  const int pairs = c.co * c.ci_group, area_w = c.k * c.k;
  const int threads = nmd_reference_threads (step, conv_work (&c));

  if (is_linear (&step->node->at, &c))
    {
      nmd_reference_linear_grad_w (step);
      return;
    }
  PARALLEL (threads)
  for (int p = 0; p < pairs; p++)
    {
      const int o = p / c.ci_group, i = o / c.co_group * c.ci_group + p % c.ci_group;

      for (int k = 0; k < area_w; k++)
        {
          double sum = 0;

          for (int image = 0; image < c.n; image++)
            sum += plane_weight (&c, k / c.k, k % c.k,
                                 step->in[0] + ((gssize)image * c.ci + i) * area_x,
                                 step->in[1] + ((gssize)image * c.co + o) * area_y);
          step->out[(gssize)p * area_w + k] = sum;
        }
    }
}
