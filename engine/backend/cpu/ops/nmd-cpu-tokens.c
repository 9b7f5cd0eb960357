/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of max pooling, enlarging, tokens and attention. Rows of a value are pixels or
 * tokens, their columns the channels (nmd-cpu-private.h); kernels do the arithmetic.
 */
#include "engine/backend/cpu/ops/nmd-cpu-tokens.h"

#include "engine/backend/cpu/ops/nmd-cpu-op.h"
#include "engine/backend/cpu/ops/nmd-cpu-product.h"

#include <math.h>
#include <string.h>

/* Most places of a window that one call takes. */
#define PLACES 64

/* Pooling and enlarging: x is hi × wi, y is ho × wo */

/* Of output @o along one side: the input places @from … @to − 1. */
static void
window (const NmdCpuStep *s, int o, int size, int *from, int *to)
{
  const int first = o * s->window.stride - s->window.pad;
  *from = MAX (first, 0);
  *to = MIN (first + s->window.kernel, size);
}

/* x → y */
STEP (max_pool)
{
  const long ld = s->in[0].ld;
  for (int i = i0; i < i1; i++)
    for (int oh = r0; oh < r1; oh++)
      {
        const float *x = nmd_cpu_at (&s->in[0], c, i);
        float *y = nmd_cpu_at (&s->out[0], c, i) + (long)oh * s->window.wo * s->out[0].ld;
        int top, bottom, left, right;
        window (s, oh, s->window.hi, &top, &bottom);
        for (int ow = 0; ow < s->window.wo; ow++, y += s->out[0].ld)
          {
            window (s, ow, s->window.wi, &left, &right);
            memcpy (y, x + ((long)top * s->window.wi + left) * ld,
                    sizeof (float) * (gsize)s->c);
            for (int ih = top; ih < bottom; ih++)
              c->k->max_rows (right - left, s->c,
                              x + ((long)ih * s->window.wi + left) * ld, ld, y);
          }
      }
  return TRUE;
}
const NmdCpuOp nmd_cpu_max_pool
    = { "max pooling", NMD_CPU_IMAGES, NMD_CPU_WINDOW, run_max_pool };

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
            px[n] = x + ((long)ih * s->window.wi + iw) * ld;
            pd[n] = dx + ((long)ih * s->window.wi + iw) * ldo;
          }
      c->k->max_grad_places (s->c, n, px, y, dy, pd);
      return;
    }
  for (int j = 0; j < s->c; j++)
    for (int ih = box[0], found = 0; ih < box[1] && !found; ih++)
      for (int iw = box[2]; iw < box[3] && !found; iw++)
        if (x[((long)ih * s->window.wi + iw) * ld + j] == y[j])
          {
            dx[((long)ih * s->window.wi + iw) * ldo + j] += dy[j];
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
      clear_rows (dx, (long)s->window.hi * s->window.wi, s->out[0].ld, s->c);
      for (int oh = 0; oh < s->window.ho; oh++)
        {
          window (s, oh, s->window.hi, &box[0], &box[1]);
          for (int ow = 0; ow < s->window.wo; ow++, dy += s->in[0].ld, y += s->in[2].ld)
            {
              window (s, ow, s->window.wi, &box[2], &box[3]);
              pool_grad (s, c, box, dy, x, y, dx);
            }
        }
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_max_pool_grad
    = { "max pooling, gradient", NMD_CPU_IMAGES, NMD_CPU_WINDOW, run_max_pool_grad };

/* x → y, each pixel kernel × kernel times */
STEP (upsample)
{
  for (int i = i0; i < i1; i++)
    for (int oh = r0; oh < r1; oh++)
      {
        const float *x = nmd_cpu_at (&s->in[0], c, i)
                         + (long)(oh / s->window.kernel) * s->window.wi * s->in[0].ld;
        float *y = nmd_cpu_at (&s->out[0], c, i) + (long)oh * s->window.wo * s->out[0].ld;
        for (int ow = 0; ow < s->window.wo; ow++, y += s->out[0].ld)
          memcpy (y, x + (long)(ow / s->window.kernel) * s->in[0].ld,
                  sizeof (float) * (gsize)s->c);
      }
  return TRUE;
}
const NmdCpuOp nmd_cpu_upsample
    = { "enlarging", NMD_CPU_IMAGES, NMD_CPU_WINDOW, run_upsample };

/* dy → dx: a depthwise convolution with weights 1, row by row of the window */
STEP (upsample_grad)
{
  const int f = s->window.kernel;
  const long ldd = s->in[0].ld, ldo = s->out[0].ld;
  NmdTap taps[PLACES];
  for (int j = 0; j < s->c; j++)
    c->work[j] = 1;
  for (int i = i0; i < i1; i++)
    for (int ih = r0; ih < r1; ih++)
      {
        const float *dy
            = nmd_cpu_at (&s->in[0], c, i) + (long)ih * f * s->window.wo * ldd;
        float *dx = nmd_cpu_at (&s->out[0], c, i) + (long)ih * s->window.wi * ldo;
        gboolean first = TRUE;
        for (int a = 0; a < f; a++)
          for (int b = 0; b < f; b += PLACES)
            {
              const int n = MIN (PLACES, f - b);
              for (int t = 0; t < n; t++)
                taps[t]
                    = (NmdTap){ dy + ((long)a * s->window.wo + b + t) * ldd, c->work };
              c->k->taps (s->window.wi, s->c, n, taps, f * ldd, first ? NULL : dx, ldo,
                          -1, dx, ldo, NULL);
              first = FALSE;
            }
      }
  return TRUE;
}
const NmdCpuOp nmd_cpu_upsample_grad
    = { "enlarging, gradient", NMD_CPU_IMAGES, NMD_CPU_WINDOW, run_upsample_grad };

/* Tokens */

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
  return TRUE;
}
const NmdCpuOp nmd_cpu_tokens = { "tokens", NMD_CPU_IMAGES, NMD_CPU_TOKENS, run_tokens };

/* dy → dx, all tokens but the first */
STEP (tokens_grad)
{
  const long ldd = s->in[0].ld, ldo = s->out[0].ld;
  for (int i = i0; i < i1; i++)
    for (long r = (long)r0 * s->w; r < (long)r1 * s->w; r++)
      memcpy (nmd_cpu_at (&s->out[0], c, i) + r * ldo,
              nmd_cpu_at (&s->in[0], c, i) + (r + 1) * ldd, sizeof (float) * (gsize)s->c);
  return TRUE;
}
const NmdCpuOp nmd_cpu_tokens_grad
    = { "tokens, gradient", NMD_CPU_IMAGES, NMD_CPU_TOKENS, run_tokens_grad };

/* Units are tokens: the sum of each over all images. */
STEP (token_sums)
{
  double *sum = (double *)c->work;
  for (int t = i0; t < i1; t++)
    {
      float *y = nmd_cpu_at (&s->out[0], c, 0) + (long)t * s->c;
      memset (sum, 0, sizeof (double) * (gsize)s->c);
      c->k->sum_rows (s->tokens.images, s->c, VECTOR (0) + t * s->in[0].ld,
                      s->in[0].image, sum);
      for (int j = 0; j < s->c; j++)
        y[j] = (float)sum[j];
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_token_sums
    = { "tokens, gradient sums", NMD_CPU_FLAT, NMD_CPU_TOKENS, run_token_sums };

/* x → token number mode */
STEP (token)
{
  for (int i = i0; i < i1; i++)
    memcpy (nmd_cpu_at (&s->out[0], c, i),
            nmd_cpu_at (&s->in[0], c, i) + s->tokens.index * s->in[0].ld,
            sizeof (float) * (gsize)s->c);
  return TRUE;
}
const NmdCpuOp nmd_cpu_token = { "token", NMD_CPU_IMAGES, NMD_CPU_TOKENS, run_token };

STEP (token_grad)
{
  for (int i = i0; i < i1; i++)
    {
      float *dx = nmd_cpu_at (&s->out[0], c, i);
      clear_rows (dx, (long)s->h * s->w, s->out[0].ld, s->c);
      memcpy (dx + s->tokens.index * s->out[0].ld, nmd_cpu_at (&s->in[0], c, i),
              sizeof (float) * (gsize)s->c);
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_token_grad
    = { "token, gradient", NMD_CPU_IMAGES, NMD_CPU_TOKENS, run_token_grad };

/* Attention: hi tokens, ci channels, heads r0 … r1 − 1 of groups */

/* p = softmax (q·kᵀ/√d) of one head; @qkv begins at the head's queries. */
static gboolean
head_shares (
    const NmdCpuStep *s, const NmdCpuContext *c, const float *qkv, long ld, float *p)
{
  const int t = s->tokens.tokens, d = s->tokens.c / s->tokens.heads;
  if (!nmd_cpu_product (c, FALSE, TRUE, t, t, d, qkv, ld, qkv + s->tokens.c, ld, 0, p, t))
    return FALSE;
  c->k->softmax (t, t, p, t, 1 / sqrtf ((float)d));
  return TRUE;
}

/* qkv → y */
STEP (attention)
{
  const int t = s->tokens.tokens, d = s->tokens.c / s->tokens.heads;
  const long ld = s->in[0].ld;
  for (int i = i0; i < i1; i++)
    for (int head = r0; head < r1; head++)
      {
        const float *qkv = nmd_cpu_at (&s->in[0], c, i) + head * d;
        if (!head_shares (s, c, qkv, ld, c->work)
            || !nmd_cpu_product (c, FALSE, FALSE, t, d, t, c->work, t,
                                 qkv + 2 * s->tokens.c, ld, 0,
                                 nmd_cpu_at (&s->out[0], c, i) + head * d, s->out[0].ld))
          return FALSE;
      }
  return TRUE;
}
const NmdCpuOp nmd_cpu_attention
    = { "attention", NMD_CPU_IMAGES, NMD_CPU_TOKENS, run_attention };

/* dy qkv → dqkv: with P the shares, dV = Pᵀ·dy, dP = dy·Vᵀ, dS = P∘(dP − row sums of
 * P∘dP)/√d, dQ = dS·K, dK = dSᵀ·Q */
STEP (attention_grad)
{
  const int t = s->tokens.tokens, d = s->tokens.c / s->tokens.heads;
  const long ldd = s->in[0].ld, ld = s->in[1].ld, ldo = s->out[0].ld;
  float *p = c->work, *ds = p + (long)t * t;
  for (int i = i0; i < i1; i++)
    for (int head = r0; head < r1; head++)
      {
        const float *dy = nmd_cpu_at (&s->in[0], c, i) + head * d,
                    *q = nmd_cpu_at (&s->in[1], c, i) + head * d, *k = q + s->tokens.c,
                    *v = k + s->tokens.c;
        float *dq = nmd_cpu_at (&s->out[0], c, i) + head * d, *dk = dq + s->tokens.c,
              *dv = dk + s->tokens.c;
        if (!head_shares (s, c, q, ld, p)
            || !nmd_cpu_product (c, TRUE, FALSE, t, d, t, p, t, dy, ldd, 0, dv, ldo)
            || !nmd_cpu_product (c, FALSE, TRUE, t, t, d, dy, ldd, v, ld, 0, ds, t))
          return FALSE;
        c->k->softmax_grad (t, t, p, t, ds, t, 1 / sqrtf ((float)d));
        if (!nmd_cpu_product (c, FALSE, FALSE, t, d, t, ds, t, k, ld, 0, dq, ldo)
            || !nmd_cpu_product (c, TRUE, FALSE, t, d, t, ds, t, q, ld, 0, dk, ldo))
          return FALSE;
      }
  return TRUE;
}
const NmdCpuOp nmd_cpu_attention_grad
    = { "attention, gradient", NMD_CPU_IMAGES, NMD_CPU_TOKENS, run_attention_grad };
