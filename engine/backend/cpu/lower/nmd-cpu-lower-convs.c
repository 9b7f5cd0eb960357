/* SPDX-License-Identifier: Apache-2.0
 *
 * Lowers convolutions and linear layers: which kernel or primitive serves them, in which
 * order their weights are packed, how threads that share an image divide them, and what
 * becomes part of them. Where nothing comes back these are frozen batch norm, the
 * activation, a gate on the channels that a pointwise one reads, and a large pointwise
 * one before a depthwise one.
 */
#include "engine/backend/cpu/lower/nmd-cpu-lower-private.h"

/* Weights of a layer without extent that are worth reading once for many images. */
#define HEAVY 65536

/* Weights of a convolution that are worth dividing among threads that share an image. */
#define SHARED 32768

/* Pixels for which packed weights are not worth it. */
#define FEW_PIXELS 2

typedef enum
{
  POINTWISE,
  DEPTHWISE,
  PLANES,
  COLUMNS,
  DENSE,
} ConvKind;

/* Patterns
 * ---------------------------------------------------------------------------------- */

/* Statistics that stay as they are during the run. */
static gboolean
frozen_leaf (const Lower *self, NmdNode node)
{
  const NmdOp op = info_of (self, node)->op;
  return op == NMD_OP_INPUT || op == NMD_OP_CONSTANT
         || (op == NMD_OP_STORE && !self->updated[self->handles[node]]);
}

/* The frozen batch norm that alone reads convolution @node, or -1. */
static NmdNode
foldable_norm (const Lower *self, NmdNode node)
{
  const NmdNode user = only_user (self, node);
  if (user == NMD_NODE_NONE || info_of (self, user)->op != NMD_OP_BATCH_NORM
      || info_of (self, user)->inputs[0] != node)
    return NMD_NODE_NONE;
  for (int i = 1; i < 5; i++)
    if (!frozen_leaf (self, info_of (self, user)->inputs[i]))
      return NMD_NODE_NONE;
  for (int i = 1; i < info_of (self, node)->n_inputs; i++)
    if (!frozen_leaf (self, info_of (self, node)->inputs[i]))
      return NMD_NODE_NONE;
  return user;
}

/* Kinds and weights
 * ---------------------------------------------------------------------------------- */

static ConvKind
conv_kind (const NmdShape *x, const NmdShape *w, const NmdAttributes *at)
{
  const int ci = x->dims[1], co = w->dims[0], k = w->dims[2];
  if (w->n_dims == 2)
    return POINTWISE;
  if (at->groups == ci && co == ci && ci > 1 && k <= NMD_DEPTHWISE_KERNEL)
    return DEPTHWISE;
  if (k == 1 && at->stride == 1 && at->padding == 0)
    return POINTWISE;
  if (at->groups == 1 && at->stride == 1 && at->padding < k && ci <= NMD_PLANES_CHANNELS
      && co <= NMD_PLANES_CHANNELS && MAX (ci, co) * k * k <= NMD_PLANES_TAPS)
    return PLANES;
  return at->groups == 1 ? DENSE : COLUMNS;
}

static void
conv_geometry (NmdCpuStep *s,
               const NmdShape *x,
               const NmdShape *w,
               const NmdShape *y,
               const NmdAttributes *at)
{
  const gboolean linear = w->n_dims == 2;
  s->ci = x->dims[1];
  s->hi = x->dims[2];
  s->wi = x->dims[3];
  s->co = y->dims[1];
  s->ho = y->dims[2];
  s->wo = y->dims[3];
  s->kernel = linear ? 1 : w->dims[2];
  s->stride = linear ? 1 : at->stride;
  s->pad = linear ? 0 : at->padding;
  s->groups = linear ? 1 : at->groups;
  s->flop = 2.0 * x->dims[0] * s->ho * s->wo * s->co * (s->ci / s->groups) * s->kernel
            * s->kernel;
}

static int
pack_mode (ConvKind kind)
{
  return kind == DEPTHWISE ? TAPS_FIRST : kind == COLUMNS ? TAPS_INSIDE : PLAIN_WEIGHTS;
}

/* The kind, and for a dense convolution its primitive: where oneDNN has no fast one it is
 * done by columns. */
static ConvKind
kind_of (Lower *self,
         const NmdShape *x,
         const NmdShape *w,
         const NmdCpuStep *like,
         const NmdAttributes *at,
         NmdOnednnDirection direction,
         gboolean bias,
         double slope,
         NmdOnednnConv **conv)
{
  const ConvKind kind = conv_kind (x, w, at);
  const NmdOnednnShape shape
      = { x->dims[0], like->ci, like->hi,     like->wi,     like->co,
          like->ho,   like->wo, like->kernel, like->stride, like->pad };
  *conv = NULL;
  if (kind != DENSE)
    return kind;
  *conv = nmd_onednn_conv_new (&shape, direction, bias, slope, self->p->session->threads);
  if (!*conv)
    return COLUMNS;
  g_ptr_array_add (self->p->convs, *conv);
  return DENSE;
}

/* @node's images without gaps, now and later. */
static int
dense_rows (Lower *self, NmdNode node)
{
  const int v = without_gaps (self, as_rows (self, node));
  for (int i = v; i >= 0; i = value (self, i)->parent)
    value (self, i)->dense = TRUE;
  return v;
}

/* @s is the step of primitive @conv: its result lies without gaps, its scratch in the
 * arena. */
static void
use_primitive (Lower *self, NmdCpuStep *s, NmdOnednnConv *conv)
{
  const gsize work = nmd_onednn_conv_work_floats (conv);
  s->conv = conv;
  s->split = FALSE;
  s->work = 0;
  value (self, s->out_value[0])->dense = TRUE;
  if (work > 0)
    also_writes (self, s, new_value (self, 1, 1, 1, (int)work));
}

/* Floats of a pointwise convolution's packed weights. */
static int
panel_floats (const Lower *self, const NmdCpuStep *like)
{
  return like->groups * (int)nmd_cpu_panel_floats (like, self->p->session->kernels);
}

static NmdCpuStep *
new_weights (Lower *self, NmdCpuRun run, const NmdCpuStep *like, int out)
{
  NmdCpuStep *s = new_step (self, run, NMD_CPU_ONCE, "weights", out);
  s->panels = like->panels;
  s->ci = like->ci;
  s->co = like->co;
  s->groups = like->groups;
  s->kernel = like->kernel;
  return s;
}

static int
panels_of (Lower *self, int plain, const NmdCpuStep *like)
{
  const int v = new_value (self, 1, 1, 1, panel_floats (self, like));
  read_whole (self, new_weights (self, nmd_cpu_pack, like, v), plain);
  return v;
}

/* Weights @w in the order that @kind's steps read; @conv is a dense one's primitive,
 * @mode its order. */
static int
weights_for (Lower *self,
             NmdNode w,
             ConvKind kind,
             const NmdCpuStep *like,
             NmdOnednnConv *conv,
             int mode)
{
  const int plain = as_plain (self, w), handle = self->handles[w];
  const int writer = handle >= 0 ? g_array_index (self->writer, int, handle) : -1;
  if (!conv)
    mode = pack_mode (kind);
  if (like->panels > 0)
    return panels_of (self, plain, like);
  int *memo = &self->packed[w * N_PACKS + mode],
      *at = &self->packed_at[w * N_PACKS + mode];
  if (mode == PLAIN_WEIGHTS || (!conv && like->kernel == 1))
    return plain;
  if (*memo >= 0 && *at == writer)
    return *memo;
  const int v = new_value (self, 1, 1, 1,
                           conv ? (int)nmd_onednn_conv_weight_floats (conv)
                                : (int)nmd_shape_count (&info_of (self, w)->shape));
  NmdCpuStep *s = new_weights (self, conv ? nmd_cpu_dense_pack : nmd_cpu_pack, like, v);
  s->conv = conv;
  s->mode = mode;
  read_whole (self, s, plain);
  *at = writer;
  return *memo = v;
}

/* w and bias of convolution @node with frozen batch norm @norm folded in. */
static int
fold_norm (Lower *self,
           NmdNode node,
           NmdNode norm,
           ConvKind kind,
           const NmdCpuStep *like,
           NmdOnednnConv *primitive,
           int *bias)
{
  const NmdNodeInfo *conv = info_of (self, node), *bn = info_of (self, norm);
  const int v
      = new_value (self, 1, 1, 1,
                   primitive ? (int)nmd_onednn_conv_weight_floats (primitive)
                   : like->panels > 0
                       ? panel_floats (self, like)
                       : (int)nmd_shape_count (&info_of (self, conv->inputs[1])->shape));
  const int inputs[6]
      = { conv->inputs[1], bn->inputs[1], bn->inputs[2],
          bn->inputs[3],   bn->inputs[4], conv->n_inputs > 2 ? conv->inputs[2] : -1 };
  int values[6];
  *bias = new_value (self, 1, 1, 1, like->co);
  for (int i = 0; i < 6 && inputs[i] >= 0; i++)
    values[i] = as_plain (self, inputs[i]);
  NmdCpuStep *s = new_weights (self, nmd_cpu_fold, like, v);
  also_writes (self, s, *bias);
  s->conv = primitive;
  s->mode = pack_mode (kind);
  s->epsilon = bn->at.epsilon;
  for (int i = 0; i < 6 && inputs[i] >= 0; i++)
    read_whole (self, s, values[i]);
  return v;
}

static NmdCpuRun
conv_run (ConvKind kind, int which)
{
  static const NmdCpuRun runs[5][3] = {
    { nmd_cpu_gemm_y, nmd_cpu_gemm_dx, nmd_cpu_gemm_dw },
    { nmd_cpu_depthwise_y, nmd_cpu_depthwise_dx, nmd_cpu_depthwise_dw },
    { nmd_cpu_planes_y, nmd_cpu_planes_dx, nmd_cpu_planes_dw },
    { nmd_cpu_columns_y, nmd_cpu_columns_dx, nmd_cpu_columns_dw },
    { nmd_cpu_dense_y, nmd_cpu_dense_dx, nmd_cpu_dense_dw },
  };
  return runs[kind][which];
}

static const char *
conv_name (ConvKind kind, int which)
{
  static const char *const names[5][3] = {
    { "pointwise", "pointwise, data gradient", "pointwise, weight gradient" },
    { "depthwise", "depthwise, data gradient", "depthwise, weight gradient" },
    { "few-channel convolution", "few-channel, data gradient",
      "few-channel, weight gradient" },
    { "grouped convolution", "grouped, data gradient", "grouped, weight gradient" },
    { "convolution", "convolution, data gradient", "convolution, weight gradient" },
  };
  return names[kind][which];
}

static gsize
conv_work (ConvKind kind, const NmdCpuStep *s)
{
  return kind == PLANES    ? nmd_cpu_planes_work (s)
         : kind == COLUMNS ? nmd_cpu_columns_work (s)
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
activated (Lower *self, int x, NmdAct act)
{
  const NmdCpuValue *v = value (self, x);
  const int y = new_value (self, v->n, v->h, v->w, v->c);
  NmdCpuStep *s = new_step (self, nmd_cpu_act, NMD_CPU_IMAGES, "activation", y);
  s->split = TRUE;
  s->act = act;
  read_images (self, s, x);
  return y;
}

/* Fewer images than threads and weights larger than what they work on: threads that share
 * an image divide the outputs, so that each reads its part of the weights only. Not where
 * the parts would be very unequal. */
static gboolean
by_outputs (const Lower *self, ConvKind kind, const NmdCpuStep *s)
{
  const int width = self->p->session->kernels->width, slots = self->p->session->slots,
            vectors = (s->co + width - 1) / width;
  return kind == POINTWISE && s->groups == 1 && s->n < slots && s->ci * s->co > SHARED
         && (vectors % slots == 0 || vectors >= 4 * slots)
         && (gint64)s->ci * s->co > (gint64)s->ho * s->wo * (s->ci + s->co);
}

/* Reads weights that are worth reading once for many images. */
static gboolean
is_heavy (ConvKind kind, const NmdCpuStep *s)
{
  return kind == POINTWISE && s->groups == 1 && s->ho * s->wo == 1
         && s->ci * s->co > HEAVY;
}

/* The panels of each group of weights @w, which stand still, for the pointwise
 * convolution @s; 0: not in panels, because they change, vectors are of no use here, or
 * @s sees a pixel or two. */
static int
panels_for (const Lower *self, ConvKind kind, const NmdCpuStep *s, NmdNode w)
{
  const NmdKernels *k = self->p->session->kernels;
  if (kind != POINTWISE || self->gradients || is_heavy (kind, s)
      || s->n * s->ho * s->wo <= FEW_PIXELS || k->width == 1 || !frozen_leaf (self, w))
    return 0;
  return k->count_panels (s->co / s->groups,
                          by_outputs (self, kind, s) ? self->p->session->slots : 1);
}

NmdNode
gated_conv (const Lower *self, NmdNode node)
{
  const NmdNode user = only_user (self, node);
  if (info_of (self, node)->op != NMD_OP_MULTIPLY || user == NMD_NODE_NONE
      || info_of (self, user)->op != NMD_OP_CONV)
    return NMD_NODE_NONE;
  const NmdNodeInfo *info = info_of (self, user);
  const NmdShape *xs = &info_of (self, info->inputs[0])->shape,
                 *ws = &info_of (self, info->inputs[1])->shape,
                 *gs = &info_of (self, info_of (self, node)->inputs[1])->shape;
  const ConvKind kind = conv_kind (xs, ws, &info->at);
  const int slots = self->p->session->slots;
  NmdCpuStep s = { 0 };
  conv_geometry (&s, xs, ws, &info->shape, &info->at);
  s.n = xs->dims[0];
  const gboolean by_channels = gs->n_dims == 4 && gs->dims[0] == s.n
                               && gs->dims[1] == s.ci && gs->dims[2] * gs->dims[3] == 1,
                 /* every thread that shares an image gates all weights */
      is_less = (gint64)s.co * (s.n < slots ? slots : 1) <= (gint64)s.ho * s.wo;
  return by_channels && is_less && s.groups == 1
                 && panels_for (self, kind, &s, info->inputs[1]) > 0
                 && !by_outputs (self, kind, &s)
             ? user
             : NMD_NODE_NONE;
}

/* The depthwise convolution that computes the frozen pointwise one @node, which it alone
 * reads, row by row as it needs them, or -1. Worth it where a thread's part of the value
 * between would fill the cache; every thread computes the rows that it reads. */
static NmdNode
depthwise_after (const Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  if (info->op != NMD_OP_CONV || self->gradients)
    return NMD_NODE_NONE;
  const NmdShape *xs = &info_of (self, info->inputs[0])->shape,
                 *ws = &info_of (self, info->inputs[1])->shape;
  const ConvKind kind = conv_kind (xs, ws, &info->at);
  const NmdNode norm = foldable_norm (self, node);
  const int slots = self->p->session->slots;
  NmdCpuStep s = { 0 };
  conv_geometry (&s, xs, ws, &info->shape, &info->at);
  s.n = xs->dims[0];
  const gsize bytes = sizeof (float) * (gsize)s.co * (gsize)s.ho * (gsize)s.wo
                      / (gsize)(s.n < slots ? slots : 1);
  if (kind != POINTWISE || s.groups > 1 || norm == NMD_NODE_NONE
      || 2 * bytes < self->p->session->cache_bytes
      || panels_for (self, kind, &s, info->inputs[1]) == 0 || by_outputs (self, kind, &s)
      || gated_conv (self, info->inputs[0]) == node)
    return NMD_NODE_NONE;
  NmdNode user = only_user (self, norm);
  if (user != NMD_NODE_NONE && info_of (self, user)->op == NMD_OP_ACTIVATION)
    user = only_user (self, user);
  if (user == NMD_NODE_NONE || info_of (self, user)->op != NMD_OP_CONV
      || foldable_norm (self, user) == NMD_NODE_NONE)
    return NMD_NODE_NONE;
  const NmdNodeInfo *next = info_of (self, user);
  const NmdShape *nws = &info_of (self, next->inputs[1])->shape;
  conv_geometry (&s, &info->shape, nws, &next->shape, &next->at);
  return conv_kind (&info->shape, nws, &next->at) == DEPTHWISE
                 && nmd_cpu_depthwise_fits_rows (&s)
             ? user
             : NMD_NODE_NONE;
}

/* The convolution that depthwise one @node computes too, or -1. */
static NmdNode
pointwise_before (const Lower *self, NmdNode node)
{
  NmdNode from = info_of (self, node)->inputs[0];
  if (info_of (self, from)->op == NMD_OP_ACTIVATION)
    from = info_of (self, from)->inputs[0];
  if (info_of (self, from)->op == NMD_OP_BATCH_NORM)
    from = info_of (self, from)->inputs[0];
  return depthwise_after (self, from) == node ? from : NMD_NODE_NONE;
}

/* A pointwise convolution and the depthwise one @node that alone reads it, both with
 * frozen batch norm and activation. */
static void
lower_expand_depthwise (Lower *self, NmdNode first, NmdNode node)
{
  const NmdNodeInfo *before = info_of (self, first), *info = info_of (self, node);
  const NmdShape *xs = &info_of (self, before->inputs[0])->shape,
                 *ws = &info_of (self, info->inputs[1])->shape;
  const int x = as_rows (self, before->inputs[0]),
            slack = (int)(self->p->session->cache_bytes / sizeof (float) / 2);
  NmdCpuStep like = { .n = xs->dims[0] };
  NmdNode norm[2] = { foldable_norm (self, first), foldable_norm (self, node) }, result;
  NmdAct act[2];
  int w[2], bias[2];
  conv_geometry (&like, xs, &info_of (self, before->inputs[1])->shape, &before->shape,
                 &before->at);
  like.panels = panels_for (self, POINTWISE, &like, before->inputs[1]);
  const int panels = like.panels, expand = like.ci;
  const double flop = like.flop;
  w[0] = fold_norm (self, first, norm[0], POINTWISE, &like, NULL, &bias[0]);
  with_act (self, norm[0], &act[0]);
  like = (NmdCpuStep){ .n = xs->dims[0] };
  conv_geometry (&like, &before->shape, ws, &info->shape, &info->at);
  w[1] = fold_norm (self, node, norm[1], DEPTHWISE, &like, NULL, &bias[1]);
  result = with_act (self, norm[1], &act[1]);
  self->done[norm[0]] = self->done[norm[1]] = TRUE;
  const int y = rows_value (self, &info->shape);
  NmdCpuStep *s = new_step (self, nmd_cpu_expand_depthwise, NMD_CPU_IMAGES,
                            "pointwise and depthwise", y);
  conv_geometry (s, &before->shape, ws, &info->shape, &info->at);
  s->flop += flop;
  s->split = TRUE;
  s->panels = panels;
  s->expand = expand;
  s->expand_act = act[0];
  s->act = act[1];
  s->ring = CLAMP (slack / (s->wi * s->ci), s->kernel, s->hi + s->kernel);
  s->work = (gsize)s->ring * (gsize)s->wi * (gsize)s->ci;
  s->table = nmd_cpu_depthwise_table (s, FALSE);
  read_images (self, s, x);
  read_whole (self, s, w[1]);
  read_whole (self, s, bias[1]);
  read_whole (self, s, w[0]);
  read_whole (self, s, bias[0]);
  self->p->node_value[result] = y;
}

/* CONV and LINEAR, with the frozen batch norm and the activation that follow. */
static void
lower_conv_y (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdShape *xs = &info_of (self, info->inputs[0])->shape,
                 *ws = &info_of (self, info->inputs[1])->shape;
  const NmdNode norm = xs->n_dims == 4 ? foldable_norm (self, node) : NMD_NODE_NONE,
                before = pointwise_before (self, node);
  NmdCpuStep like = { 0 };
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
  result = with_act (self, result, &act);
  if (depthwise_after (self, node) != NMD_NODE_NONE)
    return;
  conv_geometry (&like, xs, ws, &info->shape, &info->at);
  const ConvKind kind
      = kind_of (self, xs, ws, &like, &info->at, NMD_ONEDNN_FORWARD,
                 norm != NMD_NODE_NONE || info->n_inputs > 2, slope_of (act), &conv);
  if (gated_conv (self, from) == node)
    {
      const NmdNode *in = info_of (self, from)->inputs;
      gate = as_rows (self, in[1]);
      from = in[0];
    }
  const int x = conv ? dense_rows (self, from) : as_rows (self, from);
  like.n = xs->dims[0];
  like.panels = panels_for (self, kind, &like, info->inputs[1]);
  if (norm != NMD_NODE_NONE)
    w = fold_norm (self, node, norm, kind, &like, conv, &bias);
  else
    {
      w = weights_for (self, info->inputs[1], kind, &like, conv, DENSE_FORWARD);
      bias = info->n_inputs > 2 ? as_plain (self, info->inputs[2]) : -1;
    }
  const int y = rows_value (self, &info->shape);
  const int slots = self->p->session->slots;
  NmdCpuStep *s = new_step (self, conv_run (kind, 0),
                            conv ? NMD_CPU_ONCE : NMD_CPU_IMAGES, conv_name (kind, 0), y);
  conv_geometry (s, xs, ws, &info->shape, &info->at);
  s->split = TRUE;
  s->heavy = is_heavy (kind, s);
  s->panels = like.panels;
  if (s->panels > 0)
    s->run = nmd_cpu_panels_y;
  if (s->panels > 0 && s->n < slots && s->ho % slots != 0)
    s->shares = s->ho * s->wo; /* rows would be divided unequally */
  if (s->heavy || by_outputs (self, kind, s))
    {
      s->run = s->panels > 0 ? nmd_cpu_panels_y_flat : nmd_cpu_gemm_y_flat;
      s->shares = s->panels > 0 ? s->panels : s->co;
      s->by_channels = s->panels > 0;
    }
  s->act = act;
  s->work = conv_work (kind, s);
  s->table = kind == DEPTHWISE ? nmd_cpu_depthwise_table (s, FALSE) : NULL;
  if (conv)
    use_primitive (self, s, conv);
  read_images (self, s, x);
  read_whole (self, s, w);
  if (bias >= 0)
    read_whole (self, s, bias);
  if (gate >= 0)
    {
      s->gated = TRUE;
      s->work = (gsize)panel_floats (self, s);
      read_images (self, s, gate);
    }
  const NmdCpuStep *writer = writer_of (self, x);
  if (nmd_cpu_depthwise_takes_rows (s) && writer && writer->by_channels)
    share_channels (s, writer);
  self->p->node_value[result] = y;
  if (conv && act.kind >= 0 && slope_of (act) < 0)
    self->p->node_value[result] = activated (self, y, act);
}

static void
lower_conv_dx (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdShape *ys = &info_of (self, info->inputs[0])->shape,
                 *ws = &info_of (self, info->inputs[1])->shape;
  NmdCpuStep like = { 0 };
  NmdOnednnConv *conv;
  conv_geometry (&like, &info->shape, ws, ys, &info->at);
  const ConvKind kind = kind_of (self, &info->shape, ws, &like, &info->at,
                                 NMD_ONEDNN_DATA, FALSE, -1, &conv);
  const int dy
      = conv ? dense_rows (self, info->inputs[0]) : as_rows (self, info->inputs[0]);
  const int w = weights_for (self, info->inputs[1], kind, &like, conv, DENSE_DATA);
  NmdNode result = node;
  const int plus
      = kind == DEPTHWISE || kind == POINTWISE ? summand (self, node, &result) : -1;
  const int dx = rows_value (self, &info->shape);
  NmdCpuStep *s
      = new_step (self, conv_run (kind, 1), conv ? NMD_CPU_ONCE : NMD_CPU_IMAGES,
                  conv_name (kind, 1), dx);
  conv_geometry (s, &info->shape, ws, ys, &info->at);
  s->split = kind == POINTWISE || kind == DEPTHWISE;
  s->work = conv_work (kind, s);
  s->table = kind == DEPTHWISE ? nmd_cpu_depthwise_table (s, TRUE) : NULL;
  if (conv)
    use_primitive (self, s, conv);
  read_images (self, s, dy);
  read_whole (self, s, w);
  if (plus >= 0)
    read_images (self, s, plus);
  self->p->node_value[result] = dx;
}

/* The primitive sums over images itself; its dw is in its own order. */
static void
lower_dense_dw (Lower *self, NmdNode node, const NmdCpuStep *like, NmdOnednnConv *conv)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int x = dense_rows (self, info->inputs[0]),
            dy = dense_rows (self, info->inputs[1]);
  const int packed = new_value (self, 1, 1, 1, (int)nmd_onednn_conv_weight_floats (conv));
  const int dw = new_value (self, 1, 1, 1, (int)nmd_shape_count (&info->shape));
  NmdCpuStep *s
      = new_step (self, nmd_cpu_dense_dw, NMD_CPU_ONCE, conv_name (DENSE, 2), packed);
  s->flop = like->flop;
  use_primitive (self, s, conv);
  read_whole (self, s, x);
  read_whole (self, s, dy);
  s = new_step (self, nmd_cpu_dense_unpack, NMD_CPU_ONCE, "weight gradient, order", dw);
  s->conv = conv;
  read_whole (self, s, packed);
  self->p->node_value[node] = dw;
}

static void
lower_conv_dw (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdShape *xs = &info_of (self, info->inputs[0])->shape,
                 *ys = &info_of (self, info->inputs[1])->shape;
  const gsize count = nmd_shape_count (&info->shape);
  NmdCpuStep like = { 0 };
  NmdOnednnConv *conv;
  conv_geometry (&like, xs, &info->shape, ys, &info->at);
  const ConvKind kind = kind_of (self, xs, &info->shape, &like, &info->at,
                                 NMD_ONEDNN_WEIGHTS, FALSE, -1, &conv);
  if (conv)
    {
      lower_dense_dw (self, node, &like, conv);
      return;
    }
  const gsize seen = nmd_shape_count (xs) + nmd_shape_count (ys);
  const gboolean flat = kind == POINTWISE
                        && (info->shape.n_dims == 2 || info->at.groups == 1)
                        && count > 2 * seen;
  const int x
      = flat ? as_rows (self, info->inputs[0]) : as_rows_again (self, info->inputs[0]);
  const int dy = as_rows (self, info->inputs[1]);
  const int dw = new_value (self, 1, 1, 1, (int)count);
  NmdCpuStep *s;
  self->p->node_value[node] = dw;
  if (flat)
    {
      s = new_step (self, nmd_cpu_gemm_dw_flat, NMD_CPU_FLAT, conv_name (kind, 2), dw);
      conv_geometry (s, xs, &info->shape, ys, &info->at);
      s->n = s->co;
      s->value = (double)xs->dims[0] * s->hi * s->wi;
      s->unit = 8;
      read_whole (self, s, x);
      read_whole (self, s, dy);
      return;
    }
  s = new_step (self, conv_run (kind, 2), NMD_CPU_IMAGES, conv_name (kind, 2), -1);
  conv_geometry (s, xs, &info->shape, ys, &info->at);
  s->n = value (self, dy)->n;
  s->h = s->ho;
  s->w = s->wo;
  s->c = s->co;
  s->work = conv_work (kind, s);
  s->table = kind == DEPTHWISE ? nmd_cpu_depthwise_table (s, FALSE) : NULL;
  read_images (self, s, x);
  read_images (self, s, dy);
  const int sums = sums_of (self, s, count);
  s = new_step (self, nmd_cpu_combine, NMD_CPU_FLAT, "weight gradient, sum", dw);
  s->n = s->co = like.co;
  s->ci = like.ci;
  s->groups = like.groups;
  s->kernel = like.kernel;
  s->mode = s->kernel == 1 ? 0 : pack_mode (kind);
  read_whole (self, s, sums);
}

gboolean
lower_conv (Lower *self, NmdNode node)
{
  switch (info_of (self, node)->op)
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
