/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of dense convolutions: oneDNN's primitives, which use all threads by
 * themselves.
 */
#include "engine/backend/cpu/ops/nmd-cpu-dense.h"

#include "engine/backend/cpu/ops/nmd-cpu-op.h"
#include "engine/backend/cpu/onednn/nmd-onednn.h"

/* Dense: oneDNN's primitives, which use all threads by themselves */

static float *
work_of (const NmdCpuStep *s, const NmdCpuContext *c)
{
  return s->n_out > 1 ? nmd_cpu_at (&s->out[1], c, 0) : NULL;
}

STEP (dense_y)
{
  float *y = nmd_cpu_at (&s->out[0], c, 0);
  return nmd_onednn_conv_run (s->conv.primitive, c->threads, nmd_cpu_at (&s->in[0], c, 0),
                              nmd_cpu_at (&s->in[1], c, 0), y,
                              s->n_in > 2 ? nmd_cpu_at (&s->in[2], c, 0) : NULL,
                              work_of (s, c));
}
const NmdCpuOp nmd_cpu_dense_y
    = { "convolution", NMD_CPU_ONCE, NMD_CPU_CONV, run_dense_y, .in_order = TRUE };

STEP (dense_dx)
{
  float *dx = nmd_cpu_at (&s->out[0], c, 0);
  return nmd_onednn_conv_run (s->conv.primitive, c->threads, dx,
                              nmd_cpu_at (&s->in[1], c, 0), nmd_cpu_at (&s->in[0], c, 0),
                              NULL, work_of (s, c));
}
const NmdCpuOp nmd_cpu_dense_dx
    = { "convolution, data gradient", NMD_CPU_ONCE, NMD_CPU_CONV, run_dense_dx };

STEP (dense_dw)
{
  float *dw = nmd_cpu_at (&s->out[0], c, 0);
  return nmd_onednn_conv_run (s->conv.primitive, c->threads, nmd_cpu_at (&s->in[0], c, 0),
                              dw, nmd_cpu_at (&s->in[1], c, 0), NULL, work_of (s, c));
}
const NmdCpuOp nmd_cpu_dense_dw
    = { "convolution, weight gradient", NMD_CPU_ONCE, NMD_CPU_CONV, run_dense_dw };

STEP (dense_pack)
{
  float *packed = nmd_cpu_at (&s->out[0], c, 0);
  return nmd_onednn_conv_pack (s->conv.primitive, nmd_cpu_at (&s->in[0], c, 0), packed);
}
const NmdCpuOp nmd_cpu_dense_pack
    = { "weights", NMD_CPU_ONCE, NMD_CPU_CONV, run_dense_pack };

STEP (dense_unpack)
{
  float *dw = nmd_cpu_at (&s->out[0], c, 0);
  return nmd_onednn_conv_unpack (s->conv.primitive, nmd_cpu_at (&s->in[0], c, 0), dw);
}
const NmdCpuOp nmd_cpu_dense_unpack
    = { "weight gradient, order", NMD_CPU_ONCE, NMD_CPU_CONV, run_dense_unpack };
