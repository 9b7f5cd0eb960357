/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of layer norm, max pooling, enlarging, tokens and attention. Rows of a value
 * are pixels or tokens, their columns the channels (nmd-cpu-private.h); kernels do the
 * arithmetic.
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
#define VECTOR(i) nmd_cpu_at (&s->in[i], c, 0)

/* Most places of a window that one call takes. */
#define PLACES 64

/* x gamma beta → y */
STEP (layer_norm)
{
  c->k->layer_norm (ROWS, s->c, IN (0), s->in[0].ld, VECTOR (1), VECTOR (2),
                    (float)s->epsilon, OUT (0), s->out[0].ld);
}

/* dy x gamma → dx */
STEP (layer_norm_grad)
{
  c->k->layer_norm_grad (ROWS, s->c, IN (0), s->in[0].ld, IN (1), s->in[1].ld, VECTOR (2),
                         (float)s->epsilon, OUT (0), s->out[0].ld);
}

/* dy x → sums of dy·x̂ */
STEP (layer_norm_reduce)
{
  double *sum = (double *)(s->partial.base + c->thread * s->partial.image);
  c->k->layer_norm_reduce (ROWS, s->c, IN (0), s->in[0].ld, IN (1), s->in[1].ld,
                           (float)s->epsilon, sum);
}

/* Pooling and enlarging: x is hi × wi, y is ho × wo
 * ------------------------------------------- */

/* Of output @o along one side: the input places @from … @to − 1. */
static void
window (const NmdCpuStep *s, int o, int size, int *from, int *to)
{
  const int first = o * s->stride - s->pad;
  *from = MAX (first, 0);
  *to = MIN (first + s->kernel, size);
}

/* x → y */
STEP (max_pool)
{
  const long ld = s->in[0].ld;
  for (int i = i0; i < i1; i++)
    for (int oh = r0; oh < r1; oh++)
      {
        const float *x = nmd_cpu_at (&s->in[0], c, i);
        float *y = nmd_cpu_at (&s->out[0], c, i) + (long)oh * s->wo * s->out[0].ld;
        int top, bottom, left, right;
        window (s, oh, s->hi, &top, &bottom);
        for (int ow = 0; ow < s->wo; ow++, y += s->out[0].ld)
          {
            window (s, ow, s->wi, &left, &right);
            memcpy (y, x + ((long)top * s->wi + left) * ld, sizeof (float) * (gsize)s->c);
            for (int ih = top; ih < bottom; ih++)
              c->k->max_rows (right - left, s->c, x + ((long)ih * s->wi + left) * ld, ld,
                              y);
          }
      }
}

static void
clear_rows (float *x, long rows, long ld, int c)
{
  for (long r = 0; r < rows; r++)
    memset (x + r * ld, 0, sizeof (float) * (gsize)c);
}

/* The gradient of one output: to the first place of the window that has the maximum.
 * Windows larger than one call takes are looked through by channel. */
static void
pool_grad (const NmdCpuStep *s,
           const NmdCpuContext *c,
           const int *box, /* top bottom left right */
           const float *dy,
           const float *x,
           const float *y,
           float *dx)
{
  const long ld = s->in[1].ld, ldo = s->out[0].ld;
  const float *px[PLACES];
  float *pd[PLACES];
  int n = 0;
  if ((box[1] - box[0]) * (box[3] - box[2]) <= PLACES)
    {
      for (int ih = box[0]; ih < box[1]; ih++)
        for (int iw = box[2]; iw < box[3]; iw++, n++)
          {
            px[n] = x + ((long)ih * s->wi + iw) * ld;
            pd[n] = dx + ((long)ih * s->wi + iw) * ldo;
          }
      c->k->max_grad_places (s->c, n, px, y, dy, pd);
      return;
    }
  for (int j = 0; j < s->c; j++)
    for (int ih = box[0], found = 0; ih < box[1] && !found; ih++)
      for (int iw = box[2]; iw < box[3] && !found; iw++)
        if (x[((long)ih * s->wi + iw) * ld + j] == y[j])
          {
            dx[((long)ih * s->wi + iw) * ldo + j] += dy[j];
            found = 1;
          }
}

/* dy x y → dx */
STEP (max_pool_grad)
{
  for (int i = i0; i < i1; i++)
    {
      const float *dy = nmd_cpu_at (&s->in[0], c, i), *x = nmd_cpu_at (&s->in[1], c, i),
                  *y = nmd_cpu_at (&s->in[2], c, i);
      float *dx = nmd_cpu_at (&s->out[0], c, i);
      int box[4];
      clear_rows (dx, (long)s->hi * s->wi, s->out[0].ld, s->c);
      for (int oh = 0; oh < s->ho; oh++)
        {
          window (s, oh, s->hi, &box[0], &box[1]);
          for (int ow = 0; ow < s->wo; ow++, dy += s->in[0].ld, y += s->in[2].ld)
            {
              window (s, ow, s->wi, &box[2], &box[3]);
              pool_grad (s, c, box, dy, x, y, dx);
            }
        }
    }
}

/* x → y, each pixel kernel × kernel times */
STEP (upsample)
{
  for (int i = i0; i < i1; i++)
    for (int oh = r0; oh < r1; oh++)
      {
        const float *x
            = nmd_cpu_at (&s->in[0], c, i) + (long)(oh / s->kernel) * s->wi * s->in[0].ld;
        float *y = nmd_cpu_at (&s->out[0], c, i) + (long)oh * s->wo * s->out[0].ld;
        for (int ow = 0; ow < s->wo; ow++, y += s->out[0].ld)
          memcpy (y, x + (long)(ow / s->kernel) * s->in[0].ld,
                  sizeof (float) * (gsize)s->c);
      }
}

/* dy → dx: a depthwise convolution with weights 1, row by row of the window */
STEP (upsample_grad)
{
  const int f = s->kernel;
  const long ldd = s->in[0].ld, ldo = s->out[0].ld;
  NmdTap taps[PLACES];
  for (int j = 0; j < s->c; j++)
    c->work[j] = 1;
  for (int i = i0; i < i1; i++)
    for (int ih = r0; ih < r1; ih++)
      {
        const float *dy = nmd_cpu_at (&s->in[0], c, i) + (long)ih * f * s->wo * ldd;
        float *dx = nmd_cpu_at (&s->out[0], c, i) + (long)ih * s->wi * ldo;
        gboolean first = TRUE;
        for (int a = 0; a < f; a++)
          for (int b = 0; b < f; b += PLACES)
            {
              const int n = MIN (PLACES, f - b);
              for (int t = 0; t < n; t++)
                taps[t] = (NmdTap){ dy + ((long)a * s->wo + b + t) * ldd, c->work };
              c->k->taps (s->wi, s->c, n, taps, f * ldd, first ? NULL : dx, ldo, -1, dx,
                          ldo);
              first = FALSE;
            }
      }
}

/* Tokens
 * ---------------------------------------------------------------------------------------
 */

/* x class position → y */
STEP (tokens)
{
  const float *class = VECTOR (1), *position = VECTOR (2);
  const long ldx = s->in[0].ld, ldy = s->out[0].ld;
  for (int i = i0; i < i1; i++)
    {
      const float *x = nmd_cpu_at (&s->in[0], c, i);
      float *y = nmd_cpu_at (&s->out[0], c, i);
      const int first = MAX (r0, 1);
      if (r0 == 0)
        c->k->add (1, s->c, class, s->c, position, s->c, y, ldy);
      if (first < r1)
        c->k->add (r1 - first, s->c, x + (first - 1) * ldx, ldx,
                   position + (long)first * s->c, s->c, y + first * ldy, ldy);
    }
}

/* dy → dx, all tokens but the first */
STEP (tokens_grad)
{
  const long ldd = s->in[0].ld, ldo = s->out[0].ld;
  for (int i = i0; i < i1; i++)
    for (long r = (long)r0 * s->w; r < (long)r1 * s->w; r++)
      memcpy (nmd_cpu_at (&s->out[0], c, i) + r * ldo,
              nmd_cpu_at (&s->in[0], c, i) + (r + 1) * ldd, sizeof (float) * (gsize)s->c);
}

/* Units are tokens: the sum of each over all images. */
STEP (token_sums)
{
  double *sum = (double *)c->work;
  for (int t = i0; t < i1; t++)
    {
      float *y = nmd_cpu_at (&s->out[0], c, 0) + (long)t * s->c;
      memset (sum, 0, sizeof (double) * (gsize)s->c);
      c->k->sum_rows ((long)s->count, s->c, VECTOR (0) + t * s->in[0].ld, s->in[0].image,
                      sum);
      for (int j = 0; j < s->c; j++)
        y[j] = (float)sum[j];
    }
}

/* x → token number mode */
STEP (token)
{
  for (int i = i0; i < i1; i++)
    memcpy (nmd_cpu_at (&s->out[0], c, i),
            nmd_cpu_at (&s->in[0], c, i) + s->mode * s->in[0].ld,
            sizeof (float) * (gsize)s->c);
}

STEP (token_grad)
{
  for (int i = i0; i < i1; i++)
    {
      float *dx = nmd_cpu_at (&s->out[0], c, i);
      clear_rows (dx, (long)s->h * s->w, s->out[0].ld, s->c);
      memcpy (dx + s->mode * s->out[0].ld, nmd_cpu_at (&s->in[0], c, i),
              sizeof (float) * (gsize)s->c);
    }
}

/* Attention: hi tokens, ci channels, heads r0 … r1 − 1 of groups
 * ------------------------------ */

/* p = softmax (q·kᵀ/√d) of one head; @qkv begins at the head's queries. */
static void
head_shares (
    const NmdCpuStep *s, const NmdCpuContext *c, const float *qkv, long ld, float *p)
{
  const int t = s->hi, d = s->ci / s->groups;
  nmd_cpu_product (c, FALSE, TRUE, t, t, d, qkv, ld, qkv + s->ci, ld, 0, p, t);
  c->k->softmax (t, t, p, t, 1 / sqrtf ((float)d));
}

/* qkv → y */
STEP (attention)
{
  const int t = s->hi, d = s->ci / s->groups;
  const long ld = s->in[0].ld;
  for (int i = i0; i < i1; i++)
    for (int head = r0; head < r1; head++)
      {
        const float *qkv = nmd_cpu_at (&s->in[0], c, i) + head * d;
        head_shares (s, c, qkv, ld, c->work);
        nmd_cpu_product (c, FALSE, FALSE, t, d, t, c->work, t, qkv + 2 * s->ci, ld, 0,
                         nmd_cpu_at (&s->out[0], c, i) + head * d, s->out[0].ld);
      }
}

/* dy qkv → dqkv: with P the shares, dV = Pᵀ·dy, dP = dy·Vᵀ, dS = P∘(dP − row sums of
 * P∘dP)/√d, dQ = dS·K, dK = dSᵀ·Q */
STEP (attention_grad)
{
  const int t = s->hi, d = s->ci / s->groups;
  const long ldd = s->in[0].ld, ld = s->in[1].ld, ldo = s->out[0].ld;
  float *p = c->work, *ds = p + (long)t * t;
  for (int i = i0; i < i1; i++)
    for (int head = r0; head < r1; head++)
      {
        const float *dy = nmd_cpu_at (&s->in[0], c, i) + head * d,
                    *q = nmd_cpu_at (&s->in[1], c, i) + head * d, *k = q + s->ci,
                    *v = k + s->ci;
        float *dq = nmd_cpu_at (&s->out[0], c, i) + head * d, *dk = dq + s->ci,
              *dv = dk + s->ci;
        head_shares (s, c, q, ld, p);
        nmd_cpu_product (c, TRUE, FALSE, t, d, t, p, t, dy, ldd, 0, dv, ldo);
        nmd_cpu_product (c, FALSE, TRUE, t, t, d, dy, ldd, v, ld, 0, ds, t);
        c->k->softmax_grad (t, t, p, t, ds, t, 1 / sqrtf ((float)d));
        nmd_cpu_product (c, FALSE, FALSE, t, d, t, ds, t, k, ld, 0, dq, ldo);
        nmd_cpu_product (c, TRUE, FALSE, t, d, t, ds, t, q, ld, 0, dk, ldo);
      }
}
