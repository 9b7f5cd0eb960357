/* SPDX-License-Identifier: Apache-2.0
 *
 * Lowers convolutions and linear layers: how threads that share an image divide them, and
 * what becomes part of them: where nothing comes back, the frozen batch norm and the
 * activation after one, a gate on the channels that a pointwise one reads, and a large
 * pointwise one before a depthwise one. Kinds and weights are nmd-cpu-lower-weights.c's.
 */
#include "engine/backend/cpu/lower/nmd-cpu-lower-convs.h"

#include "engine/backend/cpu/lower/nmd-cpu-layouts.h"
#include "engine/backend/cpu/lower/nmd-cpu-lower-weights.h"
#include "engine/backend/cpu/lower/nmd-cpu-recompute.h"
#include "engine/backend/cpu/onednn/nmd-onednn.h"
#include "engine/backend/cpu/ops/nmd-cpu-convs.h"
#include "engine/backend/cpu/ops/nmd-cpu-dense.h"
#include "engine/backend/cpu/ops/nmd-cpu-depthwise.h"
#include "engine/backend/cpu/ops/nmd-cpu-elementwise.h"
#include "engine/backend/cpu/ops/nmd-cpu-pointwise.h"
#include "engine/backend/cpu/ops/nmd-cpu-weights.h"

/* The kind, and for a dense convolution its primitive: where oneDNN has no fast one it is
 * done by columns. */
static NmdCpuConvKind
kind_of (NmdCpuLower *self,
         const NmdShape *x,
         const NmdShape *w,
         const NmdCpuConv *like,
         const NmdAttributes *at,
         NmdOnednnDirection direction,
         gboolean bias,
         double slope,
         NmdOnednnConv **conv)
{
  const NmdCpuConvKind kind = nmd_cpu_conv_kind (x, w, at);
  const NmdOnednnShape shape
      = { x->dims[0], like->ci, like->hi,     like->wi,     like->co,
          like->ho,   like->wo, like->kernel, like->stride, like->pad };
  *conv = NULL;
  if (kind != NMD_CPU_DENSE)
    return kind;
  *conv = nmd_onednn_conv_new (&shape, direction, bias, slope, self->p->session->threads);
  if (!*conv)
    return NMD_CPU_COLUMNS;
  g_ptr_array_add (self->p->convs, *conv);
  return NMD_CPU_DENSE;
}

/* @node's images without gaps, now and later. */
static int
dense_rows (NmdCpuLower *self, NmdNode node)
{
  const int v = nmd_cpu_without_gaps (self, nmd_cpu_as_rows (self, node));
  for (int i = v; i >= 0; i = nmd_cpu_value (self->p, i)->parent)
    nmd_cpu_value (self->p, i)->dense = TRUE;
  return v;
}

/* @s is the step of primitive @conv: its result lies without gaps, its scratch in the
 * arena. */
static void
use_primitive (NmdCpuLower *self, NmdCpuStep *s, NmdOnednnConv *conv)
{
  const gsize work = nmd_onednn_conv_work_floats (conv);
  s->conv.primitive = conv;
  s->split = FALSE;
  s->work = 0;
  nmd_cpu_value (self->p, s->out_value[0])->dense = TRUE;
  if (work > 0)
    nmd_cpu_also_writes (self, s, nmd_cpu_new_value (self, 1, 1, 1, (int)work));
}

/* @which: value, data gradient, weight gradient. */
static const NmdCpuOp *
op_of (NmdCpuConvKind kind, int which)
{
  static const NmdCpuOp *const ops[5][3] = {
    { &nmd_cpu_gemm_y, &nmd_cpu_gemm_dx, &nmd_cpu_gemm_dw },
    { &nmd_cpu_depthwise_y, &nmd_cpu_depthwise_dx, &nmd_cpu_depthwise_dw },
    { &nmd_cpu_planes_y, &nmd_cpu_planes_dx, &nmd_cpu_planes_dw },
    { &nmd_cpu_columns_y, &nmd_cpu_columns_dx, &nmd_cpu_columns_dw },
    { &nmd_cpu_dense_y, &nmd_cpu_dense_dx, &nmd_cpu_dense_dw },
  };
  return ops[kind][which];
}

static gsize
work_of (NmdCpuConvKind kind, const NmdCpuConv *conv)
{
  return kind == NMD_CPU_PLANES    ? nmd_cpu_planes_work (conv)
         : kind == NMD_CPU_COLUMNS ? nmd_cpu_columns_work (conv)
                                   : 0;
}

/* What a primitive can apply by itself: the slope of a (leaky) ReLU, else -1. */
static double
slope_of (NmdAct act)
{
  return act.kind == NMD_RELU ? 0 : act.kind == NMD_LEAKY_RELU ? (double)act.slope : -1;
}

/* @act of value @x as a step of its own. */
static int
activated (NmdCpuLower *self, int x, NmdAct act)
{
  const NmdCpuValue *v = nmd_cpu_value (self->p, x);
  const int y = nmd_cpu_new_value (self, v->n, v->h, v->w, v->c);
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_act, y);
  s->split = TRUE;
  s->act = act;
  nmd_cpu_read_images (self, s, x);
  return y;
}

NmdNode
nmd_cpu_gated_conv (const NmdCpuLower *self, NmdNode node)
{
  const NmdNode user = nmd_patterns_get_only_user (self->patterns, node);
  if (nmd_cpu_info (self, node)->op != NMD_OP_MULTIPLY || user == NMD_NODE_NONE
      || nmd_cpu_info (self, user)->op != NMD_OP_CONV)
    return NMD_NODE_NONE;
  const NmdNodeInfo *info = nmd_cpu_info (self, user);
  const NmdShape *xs = &nmd_cpu_info (self, info->inputs[0])->shape,
                 *ws = &nmd_cpu_info (self, info->inputs[1])->shape,
                 *gs = &nmd_cpu_info (self, nmd_cpu_info (self, node)->inputs[1])->shape;
  const NmdCpuConvKind kind = nmd_cpu_conv_kind (xs, ws, &info->at);
  NmdCpuConv conv;
  nmd_cpu_set_geometry (&conv, xs, ws, &info->shape, &info->at);
  const gboolean by_channels
      = gs->n_dims == 4 && gs->dims[0] == conv.n && gs->dims[1] == conv.ci
        && gs->dims[2] * gs->dims[3] == 1,
      /* each thread that shares an image gates all weights; by shapes alone, for the bits
       * are not to depend on the processors that there are */
      is_less = (conv.n == 1 ? 2 : 1) * (gint64)conv.co <= (gint64)conv.ho * conv.wo;
  return by_channels && is_less && conv.groups == 1
                 && nmd_cpu_panels_for (self, kind, &conv, info->inputs[1]) > 0
                 && !nmd_cpu_by_outputs (self, kind, &conv)
             ? user
             : NMD_NODE_NONE;
}

/* The depthwise convolution that computes the frozen pointwise one @node, which it alone
 * reads, row by row as it needs them, or -1. Worth it where a thread's part of the value
 * between would fill the cache; every thread computes the rows that it reads. */
static NmdNode
depthwise_after (const NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  if (info->op != NMD_OP_CONV || self->gradients)
    return NMD_NODE_NONE;
  const NmdShape *xs = &nmd_cpu_info (self, info->inputs[0])->shape,
                 *ws = &nmd_cpu_info (self, info->inputs[1])->shape;
  const NmdCpuConvKind kind = nmd_cpu_conv_kind (xs, ws, &info->at);
  const NmdNode norm = nmd_cpu_foldable_norm (self, node);
  const int slots = self->p->session->slots;
  NmdCpuConv conv;
  nmd_cpu_set_geometry (&conv, xs, ws, &info->shape, &info->at);
  const gsize bytes = sizeof (float) * (gsize)conv.co * (gsize)conv.ho * (gsize)conv.wo
                      / (gsize)(conv.n < slots ? slots : 1);
  if (kind != NMD_CPU_POINTWISE || conv.groups > 1 || norm == NMD_NODE_NONE
      || 2 * bytes < self->p->session->cache_bytes
      || nmd_cpu_panels_for (self, kind, &conv, info->inputs[1]) == 0
      || nmd_cpu_by_outputs (self, kind, &conv)
      || nmd_cpu_gated_conv (self, info->inputs[0]) == node)
    return NMD_NODE_NONE;
  NmdNode user = nmd_patterns_get_only_user (self->patterns, norm);
  if (user != NMD_NODE_NONE && nmd_cpu_info (self, user)->op == NMD_OP_ACTIVATION)
    user = nmd_patterns_get_only_user (self->patterns, user);
  if (user == NMD_NODE_NONE || nmd_cpu_info (self, user)->op != NMD_OP_CONV
      || nmd_cpu_foldable_norm (self, user) == NMD_NODE_NONE)
    return NMD_NODE_NONE;
  const NmdNodeInfo *next = nmd_cpu_info (self, user);
  const NmdShape *nws = &nmd_cpu_info (self, next->inputs[1])->shape;
  nmd_cpu_set_geometry (&conv, &info->shape, nws, &next->shape, &next->at);
  return nmd_cpu_conv_kind (&info->shape, nws, &next->at) == NMD_CPU_DEPTHWISE
                 && nmd_cpu_depthwise_fits_rows (&conv)
             ? user
             : NMD_NODE_NONE;
}

/* The convolution that depthwise one @node computes too, or -1. */
static NmdNode
pointwise_before (const NmdCpuLower *self, NmdNode node)
{
  NmdNode from = nmd_cpu_info (self, node)->inputs[0];
  if (nmd_cpu_info (self, from)->op == NMD_OP_ACTIVATION)
    from = nmd_cpu_info (self, from)->inputs[0];
  if (nmd_cpu_info (self, from)->op == NMD_OP_BATCH_NORM)
    from = nmd_cpu_info (self, from)->inputs[0];
  return depthwise_after (self, from) == node ? from : NMD_NODE_NONE;
}

/* A pointwise convolution and the depthwise one @node that alone reads it, both with
 * frozen batch norm and activation. */
static void
lower_expand_depthwise (NmdCpuLower *self, NmdNode first, NmdNode node)
{
  const NmdNodeInfo *before = nmd_cpu_info (self, first),
                    *info = nmd_cpu_info (self, node);
  const NmdShape *xs = &nmd_cpu_info (self, before->inputs[0])->shape,
                 *ws = &nmd_cpu_info (self, info->inputs[1])->shape;
  const int x = nmd_cpu_as_rows (self, before->inputs[0]),
            slack = (int)(self->p->session->cache_bytes / sizeof (float) / 2);
  NmdCpuConv like;
  NmdNode norm[2]
      = { nmd_cpu_foldable_norm (self, first), nmd_cpu_foldable_norm (self, node) },
      result;
  NmdAct act[2];
  int w[2], bias[2];
  nmd_cpu_set_geometry (&like, xs, &nmd_cpu_info (self, before->inputs[1])->shape,
                        &before->shape, &before->at);
  like.panels = nmd_cpu_panels_for (self, NMD_CPU_POINTWISE, &like, before->inputs[1]);
  const int panels = like.panels, expand = like.ci;
  const double flop = nmd_cpu_conv_flop (&like);
  w[0] = nmd_cpu_fold_norm (self, first, norm[0], NMD_CPU_POINTWISE, &like, NULL,
                            &bias[0]);
  nmd_cpu_with_act (self, norm[0], &act[0]);
  nmd_cpu_set_geometry (&like, &before->shape, ws, &info->shape, &info->at);
  w[1]
      = nmd_cpu_fold_norm (self, node, norm[1], NMD_CPU_DEPTHWISE, &like, NULL, &bias[1]);
  result = nmd_cpu_with_act (self, norm[1], &act[1]);
  self->done[norm[0]] = self->done[norm[1]] = TRUE;
  const int y = nmd_cpu_rows_value (self, &info->shape);
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_expand_depthwise, y);
  nmd_cpu_set_geometry (&s->conv, &before->shape, ws, &info->shape, &info->at);
  s->flop = nmd_cpu_conv_flop (&s->conv);
  s->flop += flop;
  s->split = TRUE;
  s->conv.panels = panels;
  s->conv.expand = expand;
  s->conv.expand_act = act[0];
  s->act = act[1];
  s->conv.ring = CLAMP (slack / (s->conv.wi * s->conv.ci), s->conv.kernel,
                        s->conv.hi + s->conv.kernel);
  s->work = (gsize)s->conv.ring * (gsize)s->conv.wi * (gsize)s->conv.ci;
  s->conv.table = nmd_cpu_depthwise_table (&s->conv, FALSE);
  nmd_cpu_read_images (self, s, x);
  nmd_cpu_read_whole (self, s, w[1]);
  nmd_cpu_read_whole (self, s, bias[1]);
  nmd_cpu_read_whole (self, s, w[0]);
  nmd_cpu_read_whole (self, s, bias[0]);
  self->p->node_value[result] = y;
}

/* The table entry for the value of @conv, whose weights may be in panels, and whose outputs
 * threads may divide. */
static const NmdCpuOp *
forward_op (const NmdCpuLower *self, NmdCpuConvKind kind, const NmdCpuConv *conv)
{
  const gboolean flat
      = nmd_cpu_is_heavy (kind, conv) || nmd_cpu_by_outputs (self, kind, conv);
  if (conv->panels > 0)
    return flat ? &nmd_cpu_panels_y_flat : &nmd_cpu_panels_y;
  return flat ? &nmd_cpu_gemm_y_flat : op_of (kind, 0);
}

/* CONV and LINEAR, with the frozen batch norm and the activation that follow. */
static void
lower_conv_y (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const NmdShape *xs = &nmd_cpu_info (self, info->inputs[0])->shape,
                 *ws = &nmd_cpu_info (self, info->inputs[1])->shape;
  const NmdNode norm
      = xs->n_dims == 4 ? nmd_cpu_foldable_norm (self, node) : NMD_NODE_NONE,
      before = pointwise_before (self, node);
  NmdCpuConv like;
  NmdOnednnConv *conv;
  NmdNode result = norm == NMD_NODE_NONE ? node : norm, from = info->inputs[0];
  NmdAct act;
  int w, bias = -1, gate = -1;
  if (before != NMD_NODE_NONE)
    {
      lower_expand_depthwise (self, before, node);
      return;
    }
  if (norm != NMD_NODE_NONE)
    self->done[norm] = TRUE;
  result = nmd_cpu_with_act (self, result, &act);
  if (depthwise_after (self, node) != NMD_NODE_NONE)
    return;
  nmd_cpu_set_geometry (&like, xs, ws, &info->shape, &info->at);
  const NmdCpuConvKind kind
      = kind_of (self, xs, ws, &like, &info->at, NMD_ONEDNN_FORWARD,
                 norm != NMD_NODE_NONE || info->n_inputs > 2, slope_of (act), &conv);
  if (nmd_cpu_gated_conv (self, from) == node)
    {
      const NmdNode *in = nmd_cpu_info (self, from)->inputs;
      gate = nmd_cpu_as_rows (self, in[1]);
      from = in[0];
    }
  const int x = conv ? dense_rows (self, from) : nmd_cpu_as_rows (self, from);
  like.panels = nmd_cpu_panels_for (self, kind, &like, info->inputs[1]);
  if (norm != NMD_NODE_NONE)
    w = nmd_cpu_fold_norm (self, node, norm, kind, &like, conv, &bias);
  else
    {
      w = nmd_cpu_weights_for (self, info->inputs[1], kind, &like, conv,
                               NMD_CPU_DENSE_FORWARD);
      bias = info->n_inputs > 2 ? nmd_cpu_as_plain (self, info->inputs[2]) : -1;
    }
  const int y = nmd_cpu_rows_value (self, &info->shape);
  const int slots = self->p->session->slots;
  NmdCpuStep *s = nmd_cpu_new_step (self, forward_op (self, kind, &like), y);
  s->conv = like;
  s->flop = nmd_cpu_conv_flop (&like);
  s->split = TRUE;
  s->heavy = nmd_cpu_is_heavy (kind, &like);
  if (like.panels > 0 && like.n < slots && like.ho % slots != 0)
    s->shares = like.ho * like.wo; /* rows would be divided unequally */
  if (s->heavy || nmd_cpu_by_outputs (self, kind, &like))
    {
      s->shares = like.panels > 0 ? like.panels : like.co;
      s->by_channels = like.panels > 0;
    }
  s->act = act;
  s->work = work_of (kind, &s->conv);
  s->conv.table
      = kind == NMD_CPU_DEPTHWISE ? nmd_cpu_depthwise_table (&like, FALSE) : NULL;
  if (conv)
    use_primitive (self, s, conv);
  nmd_cpu_read_images (self, s, x);
  nmd_cpu_read_whole (self, s, w);
  if (bias >= 0)
    nmd_cpu_read_whole (self, s, bias);
  if (gate >= 0)
    {
      s->conv.gated = TRUE;
      s->work = (gsize)nmd_cpu_all_panel_floats (self, &like);
      nmd_cpu_read_images (self, s, gate);
    }
  const NmdCpuStep *writer = nmd_cpu_writer_of (self, x);
  if (nmd_cpu_depthwise_takes_rows (s) && writer && writer->by_channels)
    nmd_cpu_share_channels (s, writer);
  self->p->node_value[result] = y;
  if (conv && act.kind >= 0 && slope_of (act) < 0)
    self->p->node_value[result] = activated (self, y, act);
}

static void
lower_conv_dx (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const NmdShape *ys = &nmd_cpu_info (self, info->inputs[0])->shape,
                 *ws = &nmd_cpu_info (self, info->inputs[1])->shape;
  NmdCpuConv like;
  NmdOnednnConv *conv;
  nmd_cpu_set_geometry (&like, &info->shape, ws, ys, &info->at);
  const NmdCpuConvKind kind = kind_of (self, &info->shape, ws, &like, &info->at,
                                       NMD_ONEDNN_DATA, FALSE, -1, &conv);
  const int dy = conv ? dense_rows (self, info->inputs[0])
                      : nmd_cpu_as_rows (self, info->inputs[0]);
  int w = kind == NMD_CPU_POINTWISE
              ? nmd_cpu_turned_weights (self, info->inputs[1], &like)
              : -1;
  if (w < 0)
    w = nmd_cpu_weights_for (self, info->inputs[1], kind, &like, conv,
                             NMD_CPU_DENSE_DATA);
  NmdNode result = node;
  const int plus = kind == NMD_CPU_DEPTHWISE || kind == NMD_CPU_POINTWISE
                       ? nmd_cpu_summand (self, node, &result)
                       : -1;
  const int dx = nmd_cpu_rows_value (self, &info->shape);
  NmdCpuStep *s
      = nmd_cpu_new_step (self, like.turned ? &nmd_cpu_panels_dx : op_of (kind, 1), dx);
  s->conv = like;
  s->flop = nmd_cpu_conv_flop (&like);
  s->split = kind == NMD_CPU_POINTWISE || kind == NMD_CPU_DEPTHWISE;
  s->work = work_of (kind, &s->conv);
  s->conv.table
      = kind == NMD_CPU_DEPTHWISE ? nmd_cpu_depthwise_table (&like, TRUE) : NULL;
  if (conv)
    use_primitive (self, s, conv);
  nmd_cpu_read_images (self, s, dy);
  nmd_cpu_read_whole (self, s, w);
  if (plus >= 0)
    nmd_cpu_read_images (self, s, plus);
  self->p->node_value[result] = dx;
}

/* The primitive sums over images itself; its dw is in its own order. */
static void
lower_dense_dw (NmdCpuLower *self,
                NmdNode node,
                const NmdCpuConv *like,
                NmdOnednnConv *conv)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int x = dense_rows (self, info->inputs[0]),
            dy = dense_rows (self, info->inputs[1]);
  const int packed
      = nmd_cpu_new_value (self, 1, 1, 1, (int)nmd_onednn_conv_weight_floats (conv));
  const int dw = nmd_cpu_new_value (self, 1, 1, 1, (int)nmd_shape_count (&info->shape));
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_dense_dw, packed);
  s->conv = *like;
  s->flop = nmd_cpu_conv_flop (like);
  use_primitive (self, s, conv);
  nmd_cpu_read_whole (self, s, x);
  nmd_cpu_read_whole (self, s, dy);
  s = nmd_cpu_new_step (self, &nmd_cpu_dense_unpack, dw);
  s->conv.primitive = conv;
  nmd_cpu_read_whole (self, s, packed);
  self->p->node_value[node] = dw;
}

static void
lower_conv_dw (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const NmdShape *xs = &nmd_cpu_info (self, info->inputs[0])->shape,
                 *ys = &nmd_cpu_info (self, info->inputs[1])->shape;
  const gsize count = nmd_shape_count (&info->shape);
  NmdCpuConv like;
  NmdOnednnConv *conv;
  nmd_cpu_set_geometry (&like, xs, &info->shape, ys, &info->at);
  const NmdCpuConvKind kind = kind_of (self, xs, &info->shape, &like, &info->at,
                                       NMD_ONEDNN_WEIGHTS, FALSE, -1, &conv);
  if (conv)
    {
      lower_dense_dw (self, node, &like, conv);
      return;
    }
  const gsize seen = nmd_shape_count (xs) + nmd_shape_count (ys);
  const gboolean flat = kind == NMD_CPU_POINTWISE
                        && (info->shape.n_dims == 2 || info->at.groups == 1)
                        && count > 2 * seen;
  const int x = flat ? nmd_cpu_as_rows (self, info->inputs[0])
                     : nmd_cpu_recomputed_rows (self, info->inputs[0]);
  const int dy = nmd_cpu_as_rows (self, info->inputs[1]);
  const int dw = nmd_cpu_new_value (self, 1, 1, 1, (int)count);
  NmdCpuStep *s;
  self->p->node_value[node] = dw;
  if (flat)
    {
      s = nmd_cpu_new_step (self, &nmd_cpu_gemm_dw_flat, dw);
      s->conv = like;
      s->conv.rows = (long)like.n * like.hi * like.wi;
      s->flop = nmd_cpu_conv_flop (&like);
      s->n = like.co;
      s->unit = 8;
      nmd_cpu_read_whole (self, s, x);
      nmd_cpu_read_whole (self, s, dy);
      return;
    }
  s = nmd_cpu_new_step (self, op_of (kind, 2), -1);
  s->conv = like;
  s->flop = nmd_cpu_conv_flop (&like);
  s->n = nmd_cpu_value (self->p, dy)->n;
  s->h = like.ho;
  s->w = like.wo;
  s->c = like.co;
  s->work = work_of (kind, &s->conv);
  s->conv.table
      = kind == NMD_CPU_DEPTHWISE ? nmd_cpu_depthwise_table (&like, FALSE) : NULL;
  nmd_cpu_read_images (self, s, x);
  nmd_cpu_read_images (self, s, dy);
  const int sums = nmd_cpu_sums_of (self, s, count);
  s = nmd_cpu_new_step (self, &nmd_cpu_combine, dw);
  s->n = like.co;
  s->conv = like;
  s->conv.order = like.kernel == 1 ? NMD_CPU_PLAIN : nmd_cpu_weight_order (kind);
  nmd_cpu_read_whole (self, s, sums);
}

gboolean
nmd_cpu_lower_conv (NmdCpuLower *self, NmdNode node)
{
  switch (nmd_cpu_info (self, node)->op)
    {
    case NMD_OP_CONV:
    case NMD_OP_LINEAR:
      lower_conv_y (self, node);
      return TRUE;
    case NMD_OP_CONV_GRAD_X:
    case NMD_OP_LINEAR_GRAD_X:
      lower_conv_dx (self, node);
      return TRUE;
    case NMD_OP_CONV_GRAD_W:
    case NMD_OP_LINEAR_GRAD_W:
      lower_conv_dw (self, node);
      return TRUE;
    default:
      return FALSE;
    }
}
