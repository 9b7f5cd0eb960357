/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of segmentation: bilinear enlarging, first down the columns, then along the
 * rows, its transpose the other way round; and the losses of maps of logits, from four sums
 * over each image.
 */
#include "engine/backend/cpu/ops/nmd-cpu-maps.h"

#include "engine/backend/cpu/ops/nmd-cpu-op.h"

/* Enlarging: x is hi × wi, y is ho × wo */

/* Where row or column @i of @large lies among @small. */
static NmdPlace
place_of (int i, int small, int large)
{
  const double at = (i + 0.5) * small / large - 0.5, s = CLAMP (at, 0, small - 1);
  const int low = (int)s;
  return (NmdPlace){ low, MIN (low + 1, small - 1), (float)(s - low) };
}

gsize
nmd_cpu_enlarge_work (int large, int small, int c)
{
  return (gsize)large * sizeof (NmdPlace) / sizeof (float) + (gsize)small * (gsize)c;
}

/* The places of all columns at the front of the workspace, and what is left of it. */
static float *
place_columns (const NmdCpuStep *s, const NmdCpuContext *c)
{
  NmdPlace *places = (NmdPlace *)c->work;
  for (int j = 0; j < s->window.wo; j++)
    places[j] = place_of (j, s->window.wi, s->window.wo);
  return (float *)(places + s->window.wo);
}

/* x → y */
STEP (enlarge)
{
  const NmdPlace *columns = (const NmdPlace *)c->work;
  float *row = place_columns (s, c);
  const long length = (long)s->window.wi * s->c;
  for (int i = i0; i < i1; i++)
    for (int oh = r0; oh < r1; oh++)
      {
        const NmdPlace place = place_of (oh, s->window.hi, s->window.ho);
        const float *x = nmd_cpu_at (&s->in[0], c, i);
        c->k->enlarge (1, length, &place, x, length, row, length);
        c->k->enlarge (s->window.wo, s->c, columns, row, s->c,
                       nmd_cpu_at (&s->out[0], c, i) + (long)oh * s->window.wo * LDO (0),
                       LDO (0));
      }
  return TRUE;
}
const NmdCpuOp nmd_cpu_enlarge
    = { "enlarging", NMD_CPU_IMAGES, NMD_CPU_WINDOW, run_enlarge, .writes_rows = TRUE };

/* Adds @share·@row to row number @at of @dx, whose rows up to @done have values. */
static void
add_row (const NmdCpuContext *c,
         long length,
         int at,
         float share,
         const float *row,
         float *dx,
         int *done)
{
  float *y = dx + at * length;
  if (at > *done)
    c->k->planes (length, 1, (const float *const[]){ row }, &share, y);
  else
    c->k->planes (length, 2, (const float *const[]){ y, row },
                  (const float[]){ 1, share }, y);
  *done = MAX (*done, at);
}

/* dy → dx */
STEP (enlarge_grad)
{
  const NmdPlace *columns = (const NmdPlace *)c->work;
  float *row = place_columns (s, c);
  const long length = (long)s->window.wi * s->c;
  for (int i = i0; i < i1; i++)
    for (int oh = 0, done = r0 - 1; oh < s->window.ho; oh++)
      {
        const NmdPlace place = place_of (oh, s->window.hi, s->window.ho);
        float *dx = nmd_cpu_at (&s->out[0], c, i);
        if (place.high < r0 || place.low >= r1)
          continue;
        c->k->enlarge_grad (s->window.wo, s->c, columns,
                            nmd_cpu_at (&s->in[0], c, i)
                                + (long)oh * s->window.wo * LD (0),
                            LD (0), row, s->c);
        if (place.low >= r0)
          add_row (c, length, place.low, 1 - place.share, row, dx, &done);
        if (place.high > place.low && place.high < r1)
          add_row (c, length, place.high, place.share, row, dx, &done);
      }
  return TRUE;
}
const NmdCpuOp nmd_cpu_enlarge_grad
    = { "enlarging, gradient", NMD_CPU_IMAGES, NMD_CPU_WINDOW, run_enlarge_grad,
        .writes_rows = TRUE };

/* Losses */

STEP (logit_sums)
{
  for (int i = i0; i < i1; i++)
    {
      double sum[4] = { 0, 0, 0, 0 };
      float *y = nmd_cpu_at (&s->out[0], c, i);
      c->k->logit_sums (s->loss.classes, nmd_cpu_at (&s->in[0], c, i),
                        nmd_cpu_at (&s->in[1], c, i), sum);
      for (int k = 0; k < 4; k++)
        y[k] = (float)sum[k];
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_logit_sums
    = { "pixel loss, sums", NMD_CPU_IMAGES, NMD_CPU_LOSS, run_logit_sums };

STEP (pixel_cross_entropy)
{
  double total = 0;
  for (int i = 0; i < s->loss.images; i++)
    total += (double)nmd_cpu_at (&s->in[0], c, i)[0] / s->loss.classes;
  *RESULT (0) = (float)(total / s->loss.images);
  return TRUE;
}
const NmdCpuOp nmd_cpu_pixel_cross_entropy
    = { "pixel cross entropy", NMD_CPU_ONCE, NMD_CPU_LOSS, run_pixel_cross_entropy };

/* A and B of nmd-node.h. */
static void
dice_parts (const float *sums, double *a, double *b)
{
  *a = 2 * (double)sums[1] + 1;
  *b = (double)sums[2] + (double)sums[3] + 1;
}

STEP (dice_loss)
{
  double total = 0, a, b;
  for (int i = 0; i < s->loss.images; i++)
    {
      dice_parts (nmd_cpu_at (&s->in[0], c, i), &a, &b);
      total += 1 - a / b;
    }
  *RESULT (0) = (float)(total / s->loss.images);
  return TRUE;
}
const NmdCpuOp nmd_cpu_dice_loss
    = { "Dice loss", NMD_CPU_ONCE, NMD_CPU_LOSS, run_dice_loss };

STEP (pixel_cross_entropy_grad)
{
  const double dy = (double)*VECTOR (3);
  for (int i = i0; i < i1; i++)
    c->k->logit_grad (s->loss.classes, nmd_cpu_at (&s->in[0], c, i),
                      nmd_cpu_at (&s->in[1], c, i),
                      (float)(dy / s->loss.images / s->loss.classes), 0, 0,
                      nmd_cpu_at (&s->out[0], c, i));
  return TRUE;
}
const NmdCpuOp nmd_cpu_pixel_cross_entropy_grad
    = { "pixel cross entropy, gradient", NMD_CPU_IMAGES, NMD_CPU_LOSS,
        run_pixel_cross_entropy_grad };

STEP (dice_loss_grad)
{
  const double dy = (double)*VECTOR (3) / s->loss.images;
  double a, b;
  for (int i = i0; i < i1; i++)
    {
      dice_parts (nmd_cpu_at (&s->in[2], c, i), &a, &b);
      c->k->logit_grad (s->loss.classes, nmd_cpu_at (&s->in[0], c, i),
                        nmd_cpu_at (&s->in[1], c, i), 0, (float)(-2 * dy / b),
                        (float)(dy * a / b / b), nmd_cpu_at (&s->out[0], c, i));
    }
  return TRUE;
}
const NmdCpuOp nmd_cpu_dice_loss_grad
    = { "Dice loss, gradient", NMD_CPU_IMAGES, NMD_CPU_LOSS, run_dice_loss_grad };
