/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps that put weights, and gradients of weights, in another order: packed for a
 * kernel, with a frozen batch norm folded in, summed over threads.
 */
#include "engine/backend/cpu/ops/nmd-cpu-weights.h"

#include "engine/backend/cpu/ops/nmd-cpu-op.h"
#include "engine/backend/cpu/onednn/nmd-onednn.h"
#include "engine/backend/cpu/ops/nmd-cpu-pointwise.h"

#include <math.h>

/* Weights */

/* Where the weight (output o, input i, tap t) of row-major [co][ci/g][kk] lies for the
 * steps. NMD_CPU_PLAIN, or one that a primitive packs: there. */
static inline long
place (int order, long co, long ci, long kk, long o, long i, long t)
{
  return order == NMD_CPU_TAPS_FIRST    ? t * co + o
         : order == NMD_CPU_TAPS_INSIDE ? (o * kk + t) * ci + i
                                        : (o * ci + i) * kk + t;
}

static void
pack_panels (const NmdCpuStep *s, const NmdCpuContext *c, const float *w, float *packed)
{
  const long ci = s->conv.ci / s->conv.groups, co = s->conv.co / s->conv.groups;
  for (int g = 0; g < s->conv.groups; g++)
    c->k->pack_panels (co, ci, s->conv.panels, s->conv.turned, w + g * co * ci,
                       packed + g * nmd_cpu_panel_floats (&s->conv, c->k));
}

STEP (pack)
{
  const float *w = nmd_cpu_at (&s->in[0], c, 0);
  float *y = nmd_cpu_at (&s->out[0], c, 0);
  if (s->conv.panels > 0)
    {
      pack_panels (s, c, w, y);
      return TRUE;
    }
  const long ci = s->conv.ci / s->conv.groups, kk = s->conv.kernel * s->conv.kernel;
  for (long o = 0; o < s->conv.co; o++)
    for (long i = 0; i < ci; i++)
      for (long t = 0; t < kk; t++)
        y[place (s->conv.order, s->conv.co, ci, kk, o, i, t)] = w[(o * ci + i) * kk + t];
  return TRUE;
}
const NmdCpuOp nmd_cpu_pack = { "weights", NMD_CPU_ONCE, NMD_CPU_CONV, run_pack };

/* Convolution and frozen batch norm as one: w·a, beta + (b − mean)·a, a = gamma/√(v + ε).
 * Those of a dense convolution, and panels, are packed too; this runs when weights have
 * moved, so the copy in between may be made then. */
STEP (fold)
{
  const float *w = nmd_cpu_at (&s->in[0], c, 0), *mean = nmd_cpu_at (&s->in[1], c, 0),
              *variance = nmd_cpu_at (&s->in[2], c, 0),
              *gamma = nmd_cpu_at (&s->in[3], c, 0), *beta = nmd_cpu_at (&s->in[4], c, 0),
              *bias = s->n_in > 5 ? nmd_cpu_at (&s->in[5], c, 0) : NULL;
  const long ci = s->conv.ci / s->conv.groups, kk = s->conv.kernel * s->conv.kernel;
  float *packed = nmd_cpu_at (&s->out[0], c, 0), *b = nmd_cpu_at (&s->out[1], c, 0);
  g_autofree float *copy = s->conv.primitive || s->conv.panels > 0
                               ? g_new (float, s->conv.co *ci *kk)
                               : NULL;
  float *y = copy ? copy : packed;
  for (long o = 0; o < s->conv.co; o++)
    {
      const double a = (double)gamma[o] / sqrt ((double)variance[o] + s->conv.epsilon);
      b[o] = (float)((double)beta[o]
                     + ((bias ? (double)bias[o] : 0) - (double)mean[o]) * a);
      for (long i = 0; i < ci; i++)
        for (long t = 0; t < kk; t++)
          y[place (s->conv.order, s->conv.co, ci, kk, o, i, t)]
              = (float)((double)w[(o * ci + i) * kk + t] * a);
    }
  if (s->conv.panels > 0)
    pack_panels (s, c, copy, packed);
  else if (copy)
    return nmd_onednn_conv_pack (s->conv.primitive, copy, packed);
  return TRUE;
}
const NmdCpuOp nmd_cpu_fold = { "weights", NMD_CPU_ONCE, NMD_CPU_CONV, run_fold };

/* Units are outputs o. */
STEP (combine)
{
  float *dw = nmd_cpu_at (&s->out[0], c, 0);
  const long ci = s->conv.ci / s->conv.groups, kk = s->conv.kernel * s->conv.kernel;
  for (long o = i0; o < i1; o++)
    for (long i = 0; i < ci; i++)
      for (long t = 0; t < kk; t++)
        {
          const long at = place (s->conv.order, s->conv.co, ci, kk, o, i, t);
          float sum = s->in[0].base[at];
          for (int p = 1; p < c->threads; p++)
            sum += s->in[0].base[p * s->in[0].image + at];
          dw[(o * ci + i) * kk + t] = sum;
        }
  return TRUE;
}
const NmdCpuOp nmd_cpu_combine
    = { "weight gradient, sum", NMD_CPU_FLAT, NMD_CPU_CONV, run_combine };
