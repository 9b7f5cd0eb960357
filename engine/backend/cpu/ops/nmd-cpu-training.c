/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of the loss and of updates of the store.
 */
#include "engine/backend/cpu/ops/nmd-cpu-training.h"

#include "engine/backend/cpu/ops/nmd-cpu-op.h"

#include <math.h>

/* Loss */

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
  return TRUE;
}
const NmdCpuOp nmd_cpu_softmax = { "softmax", NMD_CPU_IMAGES, NMD_CPU_LOSS, run_softmax };

/* logits targets → loss; s->h images of s->loss.classes */
STEP (cross_entropy)
{
  double *p = (double *)c->work, total = 0, log_sum;
  for (int i = 0; i < s->loss.images; i++)
    {
      const float *x = nmd_cpu_at (&s->in[0], c, i), *t = nmd_cpu_at (&s->in[1], c, i);
      softmax_row (x, s->loss.classes, p, &log_sum);
      for (int j = 0; j < s->loss.classes; j++)
        total += (double)t[j] * (log_sum - (double)x[j]);
    }
  *RESULT (0) = (float)(total / s->loss.images);
  return TRUE;
}
const NmdCpuOp nmd_cpu_cross_entropy = { "cross entropy", NMD_CPU_ONCE, NMD_CPU_LOSS,
                                         run_cross_entropy, .in_order = TRUE };

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
  return TRUE;
}
const NmdCpuOp nmd_cpu_cross_entropy_grad
    = { "cross entropy, gradient", NMD_CPU_IMAGES, NMD_CPU_LOSS, run_cross_entropy_grad };

/* Updates: i0 … i1 are values */

/* w dw m v lr t */
STEP (adam)
{
  const double t = (double)*VECTOR (5), lr = (double)*VECTOR (4);
  const NmdAdamStep a = { .beta1 = (float)s->update.beta1,
                          .rest1 = (float)(1 - s->update.beta1),
                          .beta2 = (float)s->update.beta2,
                          .rest2 = (float)(1 - s->update.beta2),
                          .decay = (float)s->update.decay,
                          .step = (float)(lr / (1 - pow (s->update.beta1, t))),
                          .root = (float)(1 / sqrt (1 - pow (s->update.beta2, t))),
                          .epsilon = (float)s->update.epsilon };
  c->k->adam (i1 - i0, VECTOR (0) + i0, VECTOR (1) + i0, VECTOR (2) + i0, VECTOR (3) + i0,
              &a);
  return TRUE;
}
const NmdCpuOp nmd_cpu_adam = { "Adam", NMD_CPU_FLAT, NMD_CPU_UPDATE, run_adam,
                                .overwrites = 1 << 0 | 1 << 2 | 1 << 3 };

/* s value share */
STEP (blend)
{
  c->k->blend (i1 - i0, VECTOR (0) + i0, VECTOR (1) + i0, (float)s->update.value,
               *VECTOR (2));
  return TRUE;
}
const NmdCpuOp nmd_cpu_blend
    = { "average", NMD_CPU_FLAT, NMD_CPU_UPDATE, run_blend, .overwrites = 1 << 0 };
