/* SPDX-License-Identifier: Apache-2.0
 *
 * Which kernel or primitive serves a convolution, and in which order its weights are packed
 * for it, with the frozen batch norm folded in that follows it.
 */
#include "engine/backend/cpu/lower/nmd-cpu-lower-weights.h"

#include "engine/backend/cpu/lower/nmd-cpu-layouts.h"
#include "engine/backend/cpu/onednn/nmd-onednn.h"
#include "engine/backend/cpu/ops/nmd-cpu-dense.h"
#include "engine/backend/cpu/ops/nmd-cpu-pointwise.h"
#include "engine/backend/cpu/ops/nmd-cpu-weights.h"

/* Weights of a layer without extent that are worth reading once for many images. */
#define HEAVY 65536

/* Weights of a convolution that are worth dividing among threads that share an image. */
#define SHARED 32768

/* Most weights that a step of a training packs. */
#define TRAINED 8192

/* Pixels for which packed weights are not worth it. */
#define FEW_PIXELS 2

NmdNode
nmd_cpu_foldable_norm (const NmdCpuLower *self, NmdNode node)
{
  for (int i = 1; i < nmd_cpu_info (self, node)->n_inputs; i++)
    if (!nmd_patterns_stands_still (self->patterns, nmd_cpu_info (self, node)->inputs[i]))
      return NMD_NODE_NONE;
  return nmd_patterns_get_frozen_norm (self->patterns, node);
}

/* Kinds and weights */

NmdCpuConvKind
nmd_cpu_conv_kind (const NmdShape *x, const NmdShape *w, const NmdAttributes *at)
{
  const int ci = x->dims[1], co = w->dims[0], k = w->dims[2];
  if (w->n_dims == 2)
    return NMD_CPU_POINTWISE;
  if (at->groups == ci && co == ci && ci > 1 && k <= NMD_DEPTHWISE_KERNEL)
    return NMD_CPU_DEPTHWISE;
  if (k == 1 && at->stride == 1 && at->padding == 0)
    return NMD_CPU_POINTWISE;
  if (at->groups == 1 && at->stride == 1 && at->padding < k && ci <= NMD_PLANES_CHANNELS
      && co <= NMD_PLANES_CHANNELS && MAX (ci, co) * k * k <= NMD_PLANES_TAPS)
    return NMD_CPU_PLANES;
  return at->groups == 1 ? NMD_CPU_DENSE : NMD_CPU_COLUMNS;
}

void
nmd_cpu_set_geometry (NmdCpuConv *conv,
                      const NmdShape *x,
                      const NmdShape *w,
                      const NmdShape *y,
                      const NmdAttributes *at)
{
  const gboolean linear = w->n_dims == 2;
  *conv = (NmdCpuConv){ 0 };
  conv->n = x->dims[0];
  conv->ci = x->dims[1];
  conv->hi = x->dims[2];
  conv->wi = x->dims[3];
  conv->co = y->dims[1];
  conv->ho = y->dims[2];
  conv->wo = y->dims[3];
  conv->kernel = linear ? 1 : w->dims[2];
  conv->stride = linear ? 1 : at->stride;
  conv->pad = linear ? 0 : at->padding;
  conv->groups = linear ? 1 : at->groups;
}

double
nmd_cpu_conv_flop (const NmdCpuConv *conv)
{
  return 2.0 * conv->n * conv->ho * conv->wo * conv->co * (conv->ci / conv->groups)
         * conv->kernel * conv->kernel;
}

NmdCpuWeightOrder
nmd_cpu_weight_order (NmdCpuConvKind kind)
{
  return kind == NMD_CPU_DEPTHWISE ? NMD_CPU_TAPS_FIRST
         : kind == NMD_CPU_COLUMNS ? NMD_CPU_TAPS_INSIDE
                                   : NMD_CPU_PLAIN;
}

/* Fewer images than threads and weights larger than what they work on: threads that share
 * an image divide the outputs, so that each reads its part of the weights only. Not where
 * the parts would be very unequal. */
gboolean
nmd_cpu_by_outputs (const NmdCpuLower *self, NmdCpuConvKind kind, const NmdCpuConv *conv)
{
  const int width = self->p->session->kernels->width, slots = self->p->session->slots,
            vectors = (conv->co + width - 1) / width;
  return kind == NMD_CPU_POINTWISE && conv->groups == 1 && conv->n < slots
         && conv->ci * conv->co > SHARED && (vectors % slots == 0 || vectors >= 4 * slots)
         && (gint64)conv->ci * conv->co
                > (gint64)conv->ho * conv->wo * (conv->ci + conv->co);
}

/* Reads weights that are worth reading once for many images. */
gboolean
nmd_cpu_is_heavy (NmdCpuConvKind kind, const NmdCpuConv *conv)
{
  return kind == NMD_CPU_POINTWISE && conv->groups == 1 && conv->ho * conv->wo == 1
         && conv->ci * conv->co > HEAVY;
}

/* The panels of each group of weights @w for the pointwise convolution @conv; 0: not in
 * panels, because there are too many to be packed in every step of a training, vectors are
 * of no use here, or @conv sees a pixel or two. */
int
nmd_cpu_panels_for (const NmdCpuLower *self,
                    NmdCpuConvKind kind,
                    const NmdCpuConv *conv,
                    NmdNode w)
{
  const NmdKernels *k = self->p->session->kernels;
  if (kind != NMD_CPU_POINTWISE || nmd_cpu_is_heavy (kind, conv)
      || conv->n * conv->ho * conv->wo <= FEW_PIXELS || k->width == 1
      || (self->gradients ? conv->ci / conv->groups * conv->co > TRAINED
                          : !nmd_patterns_stands_still (self->patterns, w)))
    return 0;
  return k->count_panels (conv->co / conv->groups, nmd_cpu_by_outputs (self, kind, conv)
                                                       ? self->p->session->slots
                                                       : 1);
}

/* Floats of a pointwise convolution's packed weights. */
int
nmd_cpu_all_panel_floats (const NmdCpuLower *self, const NmdCpuConv *like)
{
  return like->groups * (int)nmd_cpu_panel_floats (like, self->p->session->kernels);
}

static NmdCpuStep *
new_weights (NmdCpuLower *self, const NmdCpuOp *op, const NmdCpuConv *like, int out)
{
  NmdCpuStep *s = nmd_cpu_new_step (self, op, out);
  s->conv = *like;
  return s;
}

static int
panels_of (NmdCpuLower *self, int plain, const NmdCpuConv *like)
{
  const int v = nmd_cpu_new_value (self, 1, 1, 1, nmd_cpu_all_panel_floats (self, like));
  nmd_cpu_read_whole (self, new_weights (self, &nmd_cpu_pack, like, v), plain);
  return v;
}

/* Weights @w in panels for the data gradient of pointwise convolution @like, which becomes that of
 * the step; -1 where they are not to be in panels. */
int
nmd_cpu_turned_weights (NmdCpuLower *self, NmdNode w, NmdCpuConv *like)
{
  NmdCpuConv turned = *like;
  turned.turned = TRUE;
  turned.ci = like->co;
  turned.co = like->ci;
  turned.panels = nmd_cpu_panels_for (self, NMD_CPU_POINTWISE, &turned, w);
  if (turned.panels == 0)
    return -1;
  *like = turned;
  return panels_of (self, nmd_cpu_as_plain (self, w), like);
}

/* Weights @w in the order that @kind's steps read; @conv is a dense one's primitive,
 * @order its own. */
int
nmd_cpu_weights_for (NmdCpuLower *self,
                     NmdNode w,
                     NmdCpuConvKind kind,
                     const NmdCpuConv *like,
                     NmdOnednnConv *conv,
                     int order)
{
  const int plain = nmd_cpu_as_plain (self, w), handle = self->handles[w];
  const int writer = handle >= 0 ? g_array_index (self->writer, int, handle) : -1;
  if (!conv)
    order = nmd_cpu_weight_order (kind);
  if (like->panels > 0)
    return panels_of (self, plain, like);
  int *memo = &self->packed[w * NMD_CPU_N_ORDERS + order],
      *at = &self->packed_at[w * NMD_CPU_N_ORDERS + order];
  if (order == NMD_CPU_PLAIN || (!conv && like->kernel == 1))
    return plain;
  if (*memo >= 0 && *at == writer)
    return *memo;
  const int v
      = nmd_cpu_new_value (self, 1, 1, 1,
                           conv ? (int)nmd_onednn_conv_weight_floats (conv)
                                : (int)nmd_shape_count (&nmd_cpu_info (self, w)->shape));
  NmdCpuStep *s = new_weights (self, conv ? &nmd_cpu_dense_pack : &nmd_cpu_pack, like, v);
  s->conv.primitive = conv;
  s->conv.order = order;
  nmd_cpu_read_whole (self, s, plain);
  *at = writer;
  return *memo = v;
}

/* w and bias of convolution @node with frozen batch norm @norm folded in. */
int
nmd_cpu_fold_norm (NmdCpuLower *self,
                   NmdNode node,
                   NmdNode norm,
                   NmdCpuConvKind kind,
                   const NmdCpuConv *like,
                   NmdOnednnConv *primitive,
                   int *bias)
{
  const NmdNodeInfo *conv = nmd_cpu_info (self, node), *bn = nmd_cpu_info (self, norm);
  const int v = nmd_cpu_new_value (
      self, 1, 1, 1,
      primitive ? (int)nmd_onednn_conv_weight_floats (primitive)
      : like->panels > 0
          ? nmd_cpu_all_panel_floats (self, like)
          : (int)nmd_shape_count (&nmd_cpu_info (self, conv->inputs[1])->shape));
  const int inputs[6]
      = { conv->inputs[1], bn->inputs[1], bn->inputs[2],
          bn->inputs[3],   bn->inputs[4], conv->n_inputs > 2 ? conv->inputs[2] : -1 };
  int values[6];
  *bias = nmd_cpu_new_value (self, 1, 1, 1, like->co);
  for (int i = 0; i < 6 && inputs[i] >= 0; i++)
    values[i] = nmd_cpu_as_plain (self, inputs[i]);
  NmdCpuStep *s = new_weights (self, &nmd_cpu_fold, like, v);
  nmd_cpu_also_writes (self, s, *bias);
  s->conv.primitive = primitive;
  s->conv.order = nmd_cpu_weight_order (kind);
  s->conv.epsilon = bn->at.epsilon;
  for (int i = 0; i < 6 && inputs[i] >= 0; i++)
    nmd_cpu_read_whole (self, s, values[i]);
  return v;
}
