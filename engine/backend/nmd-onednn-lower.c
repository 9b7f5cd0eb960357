/* SPDX-License-Identifier: Apache-2.0
 *
 * From the graph's nodes to steps over values: layouts, which kernel serves which
 * operation, and what is fused. Fused are the two statistics of a batch norm, batch norm
 * + ReLU, the ReLU's mask into the batch norm's gradients, the sums for gamma and beta,
 * frozen batch norm (+ ReLU) into the convolution before it, convolution + ReLU;
 * concatenations, slices and reshapes cost nothing where the layout allows. A node that
 * is an output is never fused away. Order and memory are nmd-onednn-plan.c's business.
 */
#include "engine/backend/nmd-onednn-private.h"

#include <string.h>

/* Weights of a layer without extent that are worth reading once for many images. */
#define HEAVY 65536

typedef enum
{
  POINTWISE,
  DEPTHWISE,
  PLANES,
  COLUMNS,
} ConvKind;

typedef struct
{
  NmdCpuProgram *p;
  const NmdGraph *graph;
  const gboolean *needed;
  const int *handles;
  GArray **users;   /* by node: of int, needed nodes that read it (once for each input) */
  int *other;       /* by node: its value in the other layout, or -1 */
  int *packed;      /* by node · 3 + mode: packed weights, or -1 */
  int *packed_at;   /* last writer of the store tensor when they were packed */
  gboolean *lazy;   /* ReLU gradients that their readers compute */
  NmdNode *norm_of; /* by node: the batch norm fused with it if it is a ReLU, or -1 */
  int *factors;     /* by batch norm: the value gamma/√(variance + ε) */
  gboolean *done;   /* served together with another node */
  GArray *writer;   /* by handle: last step that updates it, or -1 */
  GPtrArray *readers; /* by handle: GArray of int, steps since */
  gboolean *updated;  /* by handle: some node updates it */
  int n_handles;
} Lower;

static const NmdNodeInfo *
info_of (const Lower *self, NmdNode node)
{
  return nmd_graph_get (self->graph, node);
}

/* Values
 * ------------------------------------------------------------------------------------ */

static int
new_value (Lower *self, int n, int h, int w, int c)
{
  NmdCpuValue *v = g_new0 (NmdCpuValue, 1);
  *v = (NmdCpuValue){ .n = n,
                      .h = h,
                      .w = w,
                      .c = c,
                      .parent = -1,
                      .alias_of = -1,
                      .handle = -1,
                      .first = G_MAXINT,
                      .last = -1 };
  v->writers = g_array_new (FALSE, FALSE, sizeof (int));
  g_ptr_array_add (self->p->values, v);
  return (int)self->p->values->len - 1;
}

static NmdCpuValue *
value (const Lower *self, int i)
{
  return nmd_cpu_value (self->p, i);
}

/* n, h, w, c of images, rows of vectors, or one vector. */
static void
rows_geometry (const NmdShape *shape, int *g)
{
  g[0] = shape->n_dims == 4 || shape->n_dims == 2 ? shape->dims[0] : 1;
  g[1] = shape->n_dims == 4 ? shape->dims[2] : 1;
  g[2] = shape->n_dims == 4 ? shape->dims[3] : 1;
  g[3] = shape->n_dims == 4 || shape->n_dims == 2 ? shape->dims[1]
                                                  : (int)nmd_shape_count (shape);
}

static int
rows_value (Lower *self, const NmdShape *shape)
{
  int g[4];
  rows_geometry (shape, g);
  return new_value (self, g[0], g[1], g[2], g[3]);
}

static gboolean
has_geometry (const NmdCpuValue *v, const int *g)
{
  return v->n == g[0] && v->h == g[1] && v->w == g[2] && v->c == g[3];
}

static gboolean
is_plain (const NmdCpuValue *v, const NmdShape *shape)
{
  return v->n == 1 && v->h == 1 && v->w == 1 && (gsize)v->c == nmd_shape_count (shape);
}

/* Channels-last and row-major differ. */
static gboolean
is_wide (const NmdShape *shape)
{
  return shape->n_dims == 4 && shape->dims[1] > 1 && shape->dims[2] * shape->dims[3] > 1;
}

/* Steps
 * -------------------------------------------------------------------------------------
 */

static NmdCpuStep *
new_step (Lower *self, NmdCpuRun run, NmdCpuKind kind, const char *name, int out)
{
  NmdCpuStep *s = g_new0 (NmdCpuStep, 1);
  s->run = run;
  s->kind = kind;
  s->name = name;
  s->partial_value = -1;
  s->unit = 1;
  s->groups = 1;
  s->needs = g_array_new (FALSE, FALSE, sizeof (int));
  s->walls = g_array_new (FALSE, FALSE, sizeof (int));
  g_ptr_array_add (self->p->steps, s);
  if (out >= 0)
    {
      const int me = (int)self->p->steps->len - 1;
      const NmdCpuValue *v = value (self, out);
      s->n = v->n;
      s->h = v->h;
      s->w = v->w;
      s->c = v->c;
      s->out_value[s->n_out++] = out;
      g_array_append_val (v->writers, me);
    }
  return s;
}

static int
step_index (const Lower *self)
{
  return (int)self->p->steps->len - 1;
}

static void
need (NmdCpuStep *s, int step, gboolean wall)
{
  if (step < 0)
    return;
  g_array_append_val (s->needs, step);
  if (wall)
    g_array_append_val (s->walls, step);
}

static void
need_handle (Lower *self, NmdCpuStep *s, int handle)
{
  const int me = step_index (self);
  need (s, g_array_index (self->writer, int, handle), TRUE);
  g_array_append_val ((GArray *)self->readers->pdata[handle], me);
}

static void
read_as (Lower *self, NmdCpuStep *s, int v, gboolean whole)
{
  g_assert (s->n_in < NMD_STEP_INPUTS && v >= 0);
  s->whole[s->n_in] = whole;
  s->in_value[s->n_in++] = v;
  for (int i = v; i >= 0; i = value (self, i)->alias_of)
    {
      const GArray *w = value (self, i)->writers;
      for (guint j = 0; j < w->len; j++)
        need (s, g_array_index (w, int, j), whole);
      if (value (self, i)->handle >= 0)
        need_handle (self, s, value (self, i)->handle);
    }
}

/* Image i of the value for image i of the step. */
static void
read_images (Lower *self, NmdCpuStep *s, int v)
{
  read_as (self, s, v, s->kind != NMD_CPU_IMAGES || value (self, v)->n != s->n);
}

/* All of the value for any image. */
static void
read_whole (Lower *self, NmdCpuStep *s, int v)
{
  read_as (self, s, v, TRUE);
}

static void
also_writes (Lower *self, NmdCpuStep *s, int v)
{
  const int me = step_index (self);
  s->out_value[s->n_out++] = v;
  g_array_append_val (value (self, v)->writers, me);
}

/* Sums of each thread, @floats of them. */
static int
sums_of (Lower *self, NmdCpuStep *s, gsize floats)
{
  const int me = step_index (self),
            v = new_value (self, self->p->session->slots, 1, 1, (int)floats);
  value (self, v)->threads = TRUE;
  g_array_append_val (value (self, v)->writers, me);
  s->partial_value = v;
  return v;
}

/* Layouts
 * ----------------------------------------------------------------------------------- */

static int
copy_of (Lower *self, int v)
{
  const NmdCpuValue *me = value (self, v);
  const int y = new_value (self, me->n, me->h, me->w, me->c);
  NmdCpuStep *s = new_step (self, nmd_cpu_copy, NMD_CPU_IMAGES, "copy", y);
  s->split = TRUE;
  read_images (self, s, v);
  return y;
}

/* @v or, where it is a slice of several rows, a copy of it. */
static int
without_gaps (Lower *self, int v)
{
  const NmdCpuValue *me = value (self, v);
  gboolean gaps = FALSE;
  for (int i = v;
       (gsize)me->n * (gsize)me->h * (gsize)me->w > 1 && value (self, i)->parent >= 0;
       i = value (self, i)->parent)
    {
      const NmdCpuValue *a = value (self, i), *b = value (self, a->parent);
      gaps |= a->n == b->n && a->h == b->h && a->w == b->w && a->c != b->c;
    }
  if (!gaps)
    return v;
  return copy_of (self, v);
}

/* The same memory, without gaps, in another geometry. */
static int
regard_as (Lower *self, int of, int n, int h, int w, int c)
{
  of = without_gaps (self, of);
  const int v = new_value (self, n, h, w, c);
  value (self, v)->parent = of;
  value (self, v)->alias_of = of;
  value (self, v)->dense = TRUE;
  for (int i = of; i >= 0; i = value (self, i)->parent)
    value (self, i)->dense = TRUE;
  return v;
}

static int
convert (Lower *self, NmdNode node, gboolean to_rows)
{
  const NmdShape *shape = &info_of (self, node)->shape;
  const int from = self->p->node_value[node];
  int g[4];
  rows_geometry (shape, g);
  const int to = to_rows ? new_value (self, g[0], g[1], g[2], g[3])
                         : new_value (self, 1, 1, 1, (int)nmd_shape_count (shape));
  NmdCpuStep *s
      = new_step (self, to_rows ? nmd_cpu_to_rows : nmd_cpu_to_plain, NMD_CPU_IMAGES,
                  to_rows ? "to channels-last" : "to row-major", to);
  s->n = g[0];
  s->h = g[1];
  s->w = g[2];
  s->c = g[3];
  read_as (self, s, from, to_rows);
  if (to_rows)
    for (int i = from; i >= 0; i = value (self, i)->parent)
      value (self, i)->dense = TRUE;
  else
    value (self, to)->dense = TRUE;
  return to;
}

/* Its content may move while the program runs, so a converted copy does not last. */
static gboolean
is_updated (const Lower *self, NmdNode node)
{
  return self->handles[node] >= 0 && self->updated[self->handles[node]];
}

/* @node's value as images of rows. */
static int
as_rows (Lower *self, NmdNode node)
{
  const int v = self->p->node_value[node];
  const NmdShape *shape = &info_of (self, node)->shape;
  int g[4];
  g_assert (v >= 0);
  rows_geometry (shape, g);
  if (has_geometry (value (self, v), g))
    return v;
  if (self->other[node] < 0 || is_updated (self, node))
    self->other[node] = is_wide (shape) ? convert (self, node, TRUE)
                                        : regard_as (self, v, g[0], g[1], g[2], g[3]);
  return self->other[node];
}

/* @node's value as one row-major vector. */
static int
as_plain (Lower *self, NmdNode node)
{
  const int v = self->p->node_value[node];
  const NmdShape *shape = &info_of (self, node)->shape;
  g_assert (v >= 0);
  if (is_plain (value (self, v), shape))
    {
      for (int i = v; i >= 0; i = value (self, i)->parent)
        value (self, i)->dense = TRUE;
      return v;
    }
  if (self->other[node] < 0)
    self->other[node] = is_wide (shape)
                            ? convert (self, node, FALSE)
                            : regard_as (self, v, 1, 1, 1, (int)nmd_shape_count (shape));
  return self->other[node];
}

/* Patterns
 * ---------------------------------------------------------------------------------- */

/* The node that alone reads @node, or -1 (also if @node is an output). */
static NmdNode
only_user (const Lower *self, NmdNode node)
{
  const GArray *u = self->users[node];
  return !self->p->is_output[node] && u->len == 1 ? g_array_index (u, int, 0)
                                                  : NMD_NODE_NONE;
}

static gboolean
is_relu (const Lower *self, NmdNode node)
{
  return node != NMD_NODE_NONE && info_of (self, node)->op == NMD_OP_ACTIVATION
         && info_of (self, node)->at.activation == NMD_RELU;
}

/* The node whose value a step for @node gives if a ReLU that alone reads it is fused. */
static NmdNode
with_relu (Lower *self, NmdNode node, gboolean *relu)
{
  const NmdNode user = only_user (self, node);
  *relu = is_relu (self, user);
  if (*relu)
    self->done[user] = TRUE;
  return *relu ? user : node;
}

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

/* Whether store tensor @node is overwritten by a node before @end. */
static gboolean
overwritten_before (const Lower *self, NmdNode node, NmdNode end)
{
  if (self->handles[node] < 0 || !self->updated[self->handles[node]])
    return FALSE;
  for (NmdNode i = 0; i < end; i++)
    if (self->needed[i]
        && (info_of (self, i)->op == NMD_OP_ADAM || info_of (self, i)->op == NMD_OP_BLEND)
        && self->handles[info_of (self, i)->inputs[0]] == self->handles[node])
      return TRUE;
  return FALSE;
}

/* ReLU gradients whose readers can apply the mask themselves: the sums and the gradient
 * of the batch norm that the ReLU was fused with. */
static gboolean
can_be_lazy (const Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  gboolean sum = FALSE, gamma = FALSE;
  const NmdNode norm
      = info->op == NMD_OP_ACTIVATION_GRAD && info->at.activation == NMD_RELU
            ? self->norm_of[info->inputs[1]]
            : NMD_NODE_NONE;
  if (norm == NMD_NODE_NONE || self->p->is_output[node])
    return FALSE;
  const NmdNode *in = info_of (self, norm)->inputs;
  for (guint i = 0; i < self->users[node]->len; i++)
    {
      const NmdNode reader = g_array_index (self->users[node], int, i);
      const NmdNodeInfo *u = info_of (self, reader);
      const gboolean same = u->inputs[0] == node && u->n_inputs >= 4
                            && u->inputs[1] == in[0] && u->inputs[2] == in[1]
                            && in[0] != node;
      if (overwritten_before (self, in[1], reader)
          || overwritten_before (self, in[4], reader))
        return FALSE;
      if (u->op == NMD_OP_REDUCE && u->at.axes == NMD_AXES_NHW
          && u->at.reduce == NMD_REDUCE_SUM)
        sum = TRUE;
      else if (u->op == NMD_OP_BATCH_NORM_GRAD_GAMMA && same)
        gamma = TRUE;
      else if (u->op != NMD_OP_BATCH_NORM_GRAD_X || !same)
        return FALSE;
    }
  return self->users[node]->len > 0 && (!sum || gamma);
}

/* Gradient @node as images. Where it is a ReLU's that the reader masks: the factors of
 * the batch norm before that ReLU, which tell from x where it was 0 (@p, @q), else -1. */
static int
masked (Lower *self, NmdNode node, int *p, int *q)
{
  *p = *q = -1;
  if (!self->lazy[node])
    return as_rows (self, node);
  const NmdNode norm = self->norm_of[info_of (self, node)->inputs[1]];
  *p = self->factors[norm];
  *q = as_plain (self, info_of (self, norm)->inputs[4]);
  return as_rows (self, info_of (self, node)->inputs[0]);
}

/* Where a sum alone reads gradient @node and its other side is there: that side's value,
 * and
 * @result, the sum, is computed in @node's place. Else -1. */
static int
summand (Lower *self, NmdNode node, NmdNode *result)
{
  const NmdNode user = only_user (self, node);
  *result = node;
  if (user == NMD_NODE_NONE || info_of (self, user)->op != NMD_OP_ADD)
    return -1;
  const NmdNode *in = info_of (self, user)->inputs, other = in[0] == node ? in[1] : in[0];
  if (other >= node || self->p->node_value[other] < 0)
    return -1;
  *result = user;
  self->done[user] = TRUE;
  return as_rows (self, other);
}

/* Convolutions
 * ------------------------------------------------------------------------------- */

static ConvKind
conv_kind (const NmdShape *x, const NmdShape *w, const NmdAttributes *at)
{
  const int ci = x->dims[1], co = w->dims[0], k = w->dims[2];
  if (x->n_dims == 2)
    return POINTWISE;
  if (at->groups == ci && co == ci && ci > 1 && k <= NMD_DEPTHWISE_KERNEL)
    return DEPTHWISE;
  if (k == 1 && at->stride == 1 && at->padding == 0)
    return POINTWISE;
  if (at->groups == 1 && at->stride == 1 && at->padding < k && ci <= NMD_PLANES_CHANNELS
      && co <= NMD_PLANES_CHANNELS && MAX (ci, co) * k * k <= NMD_PLANES_TAPS)
    return PLANES;
  return COLUMNS;
}

static void
conv_geometry (NmdCpuStep *s,
               const NmdShape *x,
               const NmdShape *w,
               const NmdShape *y,
               const NmdAttributes *at)
{
  const gboolean linear = x->n_dims == 2;
  s->ci = x->dims[1];
  s->hi = linear ? 1 : x->dims[2];
  s->wi = linear ? 1 : x->dims[3];
  s->co = y->dims[1];
  s->ho = linear ? 1 : y->dims[2];
  s->wo = linear ? 1 : y->dims[3];
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
  return kind == DEPTHWISE ? 1 : kind == COLUMNS ? 2 : 0;
}

/* Weights @w in the order that @kind's steps read. */
static int
weights_for (Lower *self, NmdNode w, ConvKind kind, const NmdCpuStep *like)
{
  const int mode = pack_mode (kind), plain = as_plain (self, w),
            handle = self->handles[w];
  int *memo = &self->packed[w * 3 + mode], *at = &self->packed_at[w * 3 + mode];
  const int writer = handle >= 0 ? g_array_index (self->writer, int, handle) : -1;
  if (mode == 0 || like->kernel == 1)
    return plain;
  if (*memo >= 0 && *at == writer)
    return *memo;
  const int v
      = new_value (self, 1, 1, 1, (int)nmd_shape_count (&info_of (self, w)->shape));
  NmdCpuStep *s = new_step (self, nmd_cpu_pack, NMD_CPU_ONCE, "weights", v);
  s->mode = mode;
  s->ci = like->ci;
  s->co = like->co;
  s->groups = like->groups;
  s->kernel = like->kernel;
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
           int *bias)
{
  const NmdNodeInfo *conv = info_of (self, node), *bn = info_of (self, norm);
  const int v = new_value (
      self, 1, 1, 1, (int)nmd_shape_count (&info_of (self, conv->inputs[1])->shape));
  const int inputs[6]
      = { conv->inputs[1], bn->inputs[1], bn->inputs[2],
          bn->inputs[3],   bn->inputs[4], conv->n_inputs > 2 ? conv->inputs[2] : -1 };
  int values[6];
  *bias = new_value (self, 1, 1, 1, like->co);
  for (int i = 0; i < 6 && inputs[i] >= 0; i++)
    values[i] = as_plain (self, inputs[i]);
  NmdCpuStep *s = new_step (self, nmd_cpu_fold, NMD_CPU_ONCE, "weights", v);
  also_writes (self, s, *bias);
  s->mode = pack_mode (kind);
  s->ci = like->ci;
  s->co = like->co;
  s->groups = like->groups;
  s->kernel = like->kernel;
  s->epsilon = bn->at.epsilon;
  for (int i = 0; i < 6 && inputs[i] >= 0; i++)
    read_whole (self, s, values[i]);
  return v;
}

static NmdCpuRun
conv_run (ConvKind kind, int which)
{
  static const NmdCpuRun runs[4][3] = {
    { nmd_cpu_gemm_y, nmd_cpu_gemm_dx, nmd_cpu_gemm_dw },
    { nmd_cpu_depthwise_y, nmd_cpu_depthwise_dx, nmd_cpu_depthwise_dw },
    { nmd_cpu_planes_y, nmd_cpu_planes_dx, nmd_cpu_planes_dw },
    { nmd_cpu_columns_y, nmd_cpu_columns_dx, nmd_cpu_columns_dw },
  };
  return runs[kind][which];
}

static const char *
conv_name (ConvKind kind, int which)
{
  static const char *const names[4][3] = {
    { "pointwise", "pointwise, data gradient", "pointwise, weight gradient" },
    { "depthwise", "depthwise, data gradient", "depthwise, weight gradient" },
    { "few-channel convolution", "few-channel, data gradient",
      "few-channel, weight gradient" },
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

/* CONV and LINEAR, with the frozen batch norm and the ReLU that follow. */
static void
lower_conv (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdShape *xs = &info_of (self, info->inputs[0])->shape,
                 *ws = &info_of (self, info->inputs[1])->shape;
  const ConvKind kind = conv_kind (xs, ws, &info->at);
  const NmdNode norm = xs->n_dims == 4 ? foldable_norm (self, node) : NMD_NODE_NONE;
  NmdCpuStep like = { 0 };
  NmdNode result = norm == NMD_NODE_NONE ? node : norm;
  gboolean relu;
  int w, bias = -1;
  if (norm != NMD_NODE_NONE)
    self->done[norm] = TRUE;
  result = with_relu (self, result, &relu);
  conv_geometry (&like, xs, ws, &info->shape, &info->at);
  const int x = as_rows (self, info->inputs[0]);
  if (norm != NMD_NODE_NONE)
    w = fold_norm (self, node, norm, kind, &like, &bias);
  else
    {
      w = weights_for (self, info->inputs[1], kind, &like);
      bias = info->n_inputs > 2 ? as_plain (self, info->inputs[2]) : -1;
    }
  const int y = rows_value (self, &info->shape);
  NmdCpuStep *s
      = new_step (self, conv_run (kind, 0), NMD_CPU_IMAGES, conv_name (kind, 0), y);
  conv_geometry (s, xs, ws, &info->shape, &info->at);
  s->split = kind != PLANES;
  s->heavy
      = kind == POINTWISE && s->groups == 1 && s->h * s->w == 1 && s->ci * s->co > HEAVY;
  if (s->heavy)
    {
      s->run = nmd_cpu_gemm_y_flat;
      s->h = s->co;
    }
  s->relu = relu;
  s->work = conv_work (kind, s);
  s->table = kind == DEPTHWISE ? nmd_cpu_depthwise_table (s, FALSE) : NULL;
  read_images (self, s, x);
  read_whole (self, s, w);
  if (bias >= 0)
    read_whole (self, s, bias);
  self->p->node_value[result] = y;
}

static void
lower_conv_dx (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdShape *ys = &info_of (self, info->inputs[0])->shape,
                 *ws = &info_of (self, info->inputs[1])->shape;
  const ConvKind kind = conv_kind (&info->shape, ws, &info->at);
  NmdCpuStep like = { 0 };
  conv_geometry (&like, &info->shape, ws, ys, &info->at);
  const int dy = as_rows (self, info->inputs[0]),
            w = weights_for (self, info->inputs[1], kind, &like);
  NmdNode result = node;
  const int plus
      = kind == DEPTHWISE || kind == POINTWISE ? summand (self, node, &result) : -1;
  const int dx = rows_value (self, &info->shape);
  NmdCpuStep *s
      = new_step (self, conv_run (kind, 1), NMD_CPU_IMAGES, conv_name (kind, 1), dx);
  conv_geometry (s, &info->shape, ws, ys, &info->at);
  s->split = kind == POINTWISE || kind == DEPTHWISE;
  s->work = conv_work (kind, s);
  s->table = kind == DEPTHWISE ? nmd_cpu_depthwise_table (s, TRUE) : NULL;
  read_images (self, s, dy);
  read_whole (self, s, w);
  if (plus >= 0)
    read_images (self, s, plus);
  self->p->node_value[result] = dx;
}

static void
lower_conv_dw (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdShape *xs = &info_of (self, info->inputs[0])->shape,
                 *ys = &info_of (self, info->inputs[1])->shape;
  const ConvKind kind = conv_kind (xs, &info->shape, &info->at);
  const gsize count = nmd_shape_count (&info->shape);
  const int x = as_rows (self, info->inputs[0]), dy = as_rows (self, info->inputs[1]);
  const int dw = new_value (self, 1, 1, 1, (int)count);
  const gsize seen = nmd_shape_count (xs) + nmd_shape_count (ys);
  NmdCpuStep *s;
  self->p->node_value[node] = dw;
  if (kind == POINTWISE && (xs->n_dims == 2 || info->at.groups == 1) && count > 2 * seen)
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
  const NmdCpuStep *conv = s;
  s = new_step (self, nmd_cpu_combine, NMD_CPU_FLAT, "weight gradient, sum", dw);
  s->n = s->co = conv->co;
  s->ci = conv->ci;
  s->groups = conv->groups;
  s->kernel = conv->kernel;
  s->mode = s->kernel == 1 ? 0 : pack_mode (kind);
  read_whole (self, s, sums);
}

/* Batch norm
 * --------------------------------------------------------------------------------- */

static void
lower_mean (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int x = as_rows (self, info->inputs[0]), c = info->shape.dims[0];
  NmdNode variance = NMD_NODE_NONE;
  for (guint i = 0; i < self->users[node]->len; i++)
    {
      const NmdNode u = g_array_index (self->users[node], int, i);
      if (info_of (self, u)->op == NMD_OP_BATCH_VARIANCE
          && info_of (self, u)->inputs[0] == info->inputs[0])
        variance = u;
    }
  NmdCpuStep *s
      = new_step (self, nmd_cpu_moments, NMD_CPU_IMAGES, "batch statistics", -1);
  const NmdCpuValue *v = value (self, x);
  s->n = v->n;
  s->h = v->h;
  s->w = v->w;
  s->c = c;
  read_images (self, s, x);
  const int sums = sums_of (self, s, 2 + 5 * (gsize)c);
  const int mean = new_value (self, 1, 1, 1, c);
  s = new_step (self, nmd_cpu_moments_end, NMD_CPU_ONCE, "batch statistics, sum", mean);
  read_whole (self, s, sums);
  self->p->node_value[node] = mean;
  if (variance != NMD_NODE_NONE)
    {
      self->p->node_value[variance] = new_value (self, 1, 1, 1, c);
      also_writes (self, s, self->p->node_value[variance]);
      self->done[variance] = TRUE;
    }
}

static void
lower_variance (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int x = as_rows (self, info->inputs[0]), mean = as_plain (self, info->inputs[1]);
  const int c = info->shape.dims[0], result = new_value (self, 1, 1, 1, c);
  NmdCpuStep *s = new_step (self, nmd_cpu_variance, NMD_CPU_IMAGES, "variance", -1);
  const NmdCpuValue *v = value (self, x);
  s->n = v->n;
  s->h = v->h;
  s->w = v->w;
  s->c = c;
  read_images (self, s, x);
  read_whole (self, s, mean);
  const int sums = sums_of (self, s, 4 * (gsize)c);
  s = new_step (self, nmd_cpu_variance_end, NMD_CPU_ONCE, "variance, sum", result);
  s->count = (double)v->n * v->h * v->w;
  read_whole (self, s, sums);
  self->p->node_value[node] = result;
}

/* gamma/√(variance + ε) */
static int
norm_coefficients (Lower *self, NmdNode variance, NmdNode gamma, double epsilon)
{
  const int v = as_plain (self, variance), g = as_plain (self, gamma);
  const int a = new_value (self, 1, 1, 1, info_of (self, gamma)->shape.dims[0]);
  NmdCpuStep *s = new_step (self, nmd_cpu_norm_coefficients, NMD_CPU_ONCE,
                            "batch norm, factors", a);
  s->epsilon = epsilon;
  read_whole (self, s, v);
  read_whole (self, s, g);
  return a;
}

static void
lower_norm (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdNode *in = info->inputs;
  const int a = norm_coefficients (self, in[2], in[3], info->at.epsilon);
  const int x = as_rows (self, in[0]), mean = as_plain (self, in[1]),
            beta = as_plain (self, in[4]);
  const int y = rows_value (self, &info->shape);
  gboolean relu;
  const NmdNode result = with_relu (self, node, &relu);
  NmdCpuStep *s = new_step (self, nmd_cpu_norm, NMD_CPU_IMAGES,
                            relu ? "batch norm, ReLU" : "batch norm", y);
  s->split = TRUE;
  s->relu = relu;
  read_images (self, s, x);
  read_whole (self, s, mean);
  read_whole (self, s, a);
  read_whole (self, s, beta);
  self->p->node_value[result] = y;
  self->factors[node] = a;
  self->norm_of[result] = relu ? node : NMD_NODE_NONE;
}

/* GRAD_GAMMA @node and, with it, the sum @sum (dbeta) of the same gradient, or -1. */
static void
lower_grad_gamma (Lower *self, NmdNode node, NmdNode sum)
{
  const NmdNodeInfo *info = info_of (self, node);
  int p, q;
  const int dy = masked (self, info->inputs[0], &p, &q),
            x = as_rows (self, info->inputs[1]);
  const int mean = as_plain (self, info->inputs[2]),
            variance = as_plain (self, info->inputs[3]);
  const int c = info->shape.dims[0];
  NmdCpuStep *s = new_step (self, nmd_cpu_norm_reduce, NMD_CPU_IMAGES,
                            "batch norm, gradient sums", -1);
  const NmdCpuValue *v = value (self, x);
  s->n = v->n;
  s->h = v->h;
  s->w = v->w;
  s->c = c;
  read_images (self, s, dy);
  read_images (self, s, x);
  read_whole (self, s, mean);
  if (p >= 0)
    {
      read_whole (self, s, p);
      read_whole (self, s, q);
    }
  const int sums = sums_of (self, s, 4 * (gsize)c);
  self->p->node_value[node] = new_value (self, 1, 1, 1, c);
  s = new_step (self, nmd_cpu_norm_reduce_end, NMD_CPU_ONCE, "batch norm, gradients",
                self->p->node_value[node]);
  s->epsilon = info->at.epsilon;
  read_whole (self, s, sums);
  read_whole (self, s, variance);
  self->done[node] = TRUE;
  if (sum != NMD_NODE_NONE)
    {
      self->p->node_value[sum] = new_value (self, 1, 1, 1, c);
      also_writes (self, s, self->p->node_value[sum]);
    }
}

static void
lower_norm_dx (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdNode *in = info->inputs;
  const int c = info->shape.dims[1];
  int p, q, vectors[4], abd[3];
  const int dy = masked (self, in[0], &p, &q), x = as_rows (self, in[1]),
            mean = as_plain (self, in[2]);
  for (int i = 0; i < 4; i++)
    vectors[i] = as_plain (self, in[3 + i]);
  for (int i = 0; i < 3; i++)
    abd[i] = new_value (self, 1, 1, 1, c);
  NmdCpuStep *s = new_step (self, nmd_cpu_grad_coefficients, NMD_CPU_ONCE,
                            "batch norm, factors", abd[0]);
  also_writes (self, s, abd[1]);
  also_writes (self, s, abd[2]);
  s->epsilon = info->at.epsilon;
  s->count = (double)nmd_shape_count (&info->shape) / c;
  for (int i = 0; i < 4; i++)
    read_whole (self, s, vectors[i]);
  const int dx = rows_value (self, &info->shape);
  s = new_step (self, nmd_cpu_norm_grad, NMD_CPU_IMAGES, "batch norm, data gradient", dx);
  s->split = TRUE;
  read_images (self, s, dy);
  read_images (self, s, x);
  read_whole (self, s, mean);
  for (int i = 0; i < 3; i++)
    read_whole (self, s, abd[i]);
  if (p >= 0)
    {
      read_whole (self, s, p);
      read_whole (self, s, q);
    }
  self->p->node_value[node] = dx;
}

static void
lower_frozen_dx (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int a
      = norm_coefficients (self, info->inputs[1], info->inputs[2], info->at.epsilon);
  const int dy = as_rows (self, info->inputs[0]), dx = rows_value (self, &info->shape);
  NmdCpuStep *s = new_step (self, nmd_cpu_mask_scale, NMD_CPU_IMAGES,
                            "frozen batch norm, gradient", dx);
  s->split = TRUE;
  s->mode = 2;
  read_images (self, s, dy);
  read_whole (self, s, a);
  self->p->node_value[node] = dx;
}

/* Element by element
 * --------------------------------------------------------------------------- */

/* One step over inputs of @node's own shape, row-major if they all are. */
static NmdCpuStep *
lower_each (Lower *self, NmdNode node, NmdCpuRun run, const char *name)
{
  const NmdNodeInfo *info = info_of (self, node);
  gboolean plain = TRUE;
  int in[NMD_MAX_INPUTS];
  for (int i = 0; i < info->n_inputs; i++)
    plain &= is_plain (value (self, self->p->node_value[info->inputs[i]]), &info->shape);
  for (int i = 0; i < info->n_inputs; i++)
    in[i] = plain ? as_plain (self, info->inputs[i]) : as_rows (self, info->inputs[i]);
  const int y = plain ? new_value (self, 1, 1, 1, (int)nmd_shape_count (&info->shape))
                      : rows_value (self, &info->shape);
  NmdCpuStep *s = new_step (self, run, NMD_CPU_IMAGES, name, y);
  s->split = TRUE;
  for (int i = 0; i < info->n_inputs; i++)
    read_images (self, s, in[i]);
  self->p->node_value[node] = y;
  return s;
}

static void
lower_activation_grad (Lower *self, NmdNode node)
{
  if (info_of (self, node)->at.activation == NMD_SIGMOID)
    lower_each (self, node, nmd_cpu_sigmoid_grad, "sigmoid, gradient");
  else
    lower_each (self, node, nmd_cpu_mask_scale, "ReLU, gradient")->mode = 1;
}

/* One step over all of row-major inputs, for what has no kernel. */
static NmdCpuStep *
lower_any (Lower *self, NmdNode node, NmdCpuRun run, const char *name)
{
  const NmdNodeInfo *info = info_of (self, node);
  int in[NMD_MAX_INPUTS];
  for (int i = 0; i < info->n_inputs; i++)
    in[i] = as_plain (self, info->inputs[i]);
  const int y = new_value (self, 1, 1, 1, (int)nmd_shape_count (&info->shape));
  NmdCpuStep *s = new_step (self, run, NMD_CPU_ONCE, name, y);
  for (int i = 0; i < info->n_inputs; i++)
    read_whole (self, s, in[i]);
  self->p->node_value[node] = y;
  return s;
}

typedef enum
{
  SAME,
  BY_CHANNELS, /* [n,c,1,1] */
  BY_PIXELS,   /* [n,1,h,w], [n,1] */
  OTHERWISE,
} Relation;

/* How the smaller shape lies to the larger. */
static Relation
relation (const NmdShape *small, const NmdShape *large)
{
  if (nmd_shape_equal (small, large))
    return SAME;
  if (small->n_dims != large->n_dims || small->dims[0] != large->dims[0]
      || (large->n_dims != 4 && large->n_dims != 2))
    return OTHERWISE;
  if (small->dims[1] == 1 && small->dims[2] == large->dims[2]
      && small->dims[3] == large->dims[3])
    return BY_PIXELS;
  if (small->dims[1] == large->dims[1] && small->dims[2] == 1 && small->dims[3] == 1)
    return BY_CHANNELS;
  return OTHERWISE;
}

static void
lower_multiply (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdShape *b = &info_of (self, info->inputs[1])->shape;
  const Relation how = relation (b, &info->shape);
  if (how == SAME)
    lower_each (self, node, nmd_cpu_multiply, "multiply");
  else if (how == OTHERWISE)
    {
      NmdCpuStep *s = lower_any (self, node, nmd_cpu_any_multiply, "multiply");
      s->shapes[0] = info->shape;
      s->shapes[1] = *b;
    }
  else
    {
      const int x = as_rows (self, info->inputs[0]), g = as_rows (self, info->inputs[1]);
      const int y = rows_value (self, &info->shape);
      NmdCpuStep *s = new_step (
          self, how == BY_CHANNELS ? nmd_cpu_multiply_channels : nmd_cpu_multiply_pixels,
          NMD_CPU_IMAGES, "gate", y);
      s->split = TRUE;
      read_images (self, s, x);
      read_images (self, s, g);
      self->p->node_value[node] = y;
    }
}

/* A step that reduces images of @large over pixels or channels. */
static NmdCpuStep *
reducing_step (Lower *self,
               NmdNode node,
               NmdCpuRun run,
               const char *name,
               Relation how,
               const NmdShape *large)
{
  const NmdNodeInfo *info = info_of (self, node);
  int in[2], g[4];
  rows_geometry (large, g);
  for (int i = 0; i < info->n_inputs; i++)
    in[i] = as_rows (self, info->inputs[i]);
  const int y = rows_value (self, &info->shape);
  NmdCpuStep *s = new_step (self, run, NMD_CPU_IMAGES, name, y);
  s->h = g[1];
  s->w = g[2];
  s->ci = g[3];
  s->split = how == BY_PIXELS;
  s->work = how == BY_CHANNELS ? 2 * (gsize)g[3] : 0;
  s->value = 1;
  for (int i = 0; i < info->n_inputs; i++)
    read_images (self, s, in[i]);
  self->p->node_value[node] = y;
  return s;
}

static void
lower_multiply_reduce (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdShape *a = &info_of (self, info->inputs[0])->shape;
  const Relation how = relation (&info->shape, a);
  if (how == SAME)
    lower_each (self, node, nmd_cpu_multiply, "multiply");
  else if (how == OTHERWISE)
    {
      NmdCpuStep *s
          = lower_any (self, node, nmd_cpu_any_multiply_reduce, "multiply and sum");
      s->shapes[0] = *a;
      s->shapes[1] = info->shape;
      s->work = 2 * nmd_shape_count (&info->shape);
    }
  else
    reducing_step (self, node,
                   how == BY_CHANNELS ? nmd_cpu_dot_channels : nmd_cpu_dot_pixels,
                   "gate, gradient", how, a);
}

static void
lower_broadcast (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdShape *x = &info_of (self, info->inputs[0])->shape;
  const Relation how = relation (x, &info->shape);
  NmdCpuStep *s;
  if (how == SAME)
    s = lower_each (self, node, nmd_cpu_scale, "scale");
  else if (how == OTHERWISE)
    {
      s = lower_any (self, node, nmd_cpu_any_broadcast, "repeat");
      s->shapes[0] = *x;
      s->shapes[1] = info->shape;
    }
  else
    {
      const int v = as_rows (self, info->inputs[0]), y = rows_value (self, &info->shape);
      s = new_step (self,
                    how == BY_CHANNELS ? nmd_cpu_fill_channels : nmd_cpu_fill_pixels,
                    NMD_CPU_IMAGES, "repeat", y);
      s->split = TRUE;
      read_images (self, s, v);
      self->p->node_value[node] = y;
    }
  s->value = info->at.value;
}

static void
lower_reduce (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdShape *xs = &info_of (self, info->inputs[0])->shape;
  const gboolean max = info->at.reduce == NMD_REDUCE_MAX,
                 mean = info->at.reduce == NMD_REDUCE_MEAN;
  const double share
      = mean ? (double)nmd_shape_count (&info->shape) / (double)nmd_shape_count (xs) : 1;
  NmdCpuStep *s;
  if (info->at.axes != NMD_AXES_NHW)
    {
      const gboolean hw = info->at.axes == NMD_AXES_HW;
      reducing_step (self, node,
                     hw    ? max ? nmd_cpu_max_channels : nmd_cpu_sum_channels
                     : max ? nmd_cpu_max_pixels
                           : nmd_cpu_sum_pixels,
                     max ? "maximum" : "mean", hw ? BY_CHANNELS : BY_PIXELS, xs)
          ->value
          = share;
      return;
    }
  if (max)
    {
      s = lower_any (self, node, nmd_cpu_any_reduce, "maximum");
      s->shapes[0] = *xs;
      s->shapes[1] = info->shape;
      return;
    }
  if (info->at.reduce == NMD_REDUCE_SUM)
    for (guint i = 0; i < self->users[info->inputs[0]]->len; i++)
      {
        const NmdNode u = g_array_index (self->users[info->inputs[0]], int, i);
        const NmdNodeInfo *g = info_of (self, u);
        if (g->op == NMD_OP_BATCH_NORM_GRAD_GAMMA && g->inputs[0] == info->inputs[0]
            && !self->done[u] && g->inputs[1] < node && g->inputs[2] < node
            && g->inputs[3] < node)
          {
            lower_grad_gamma (self, u, node);
            return;
          }
      }
  const int x = as_rows (self, info->inputs[0]);
  const NmdCpuValue *v = value (self, x);
  const int c = v->c, y = new_value (self, 1, 1, 1, c);
  s = new_step (self, nmd_cpu_sum_all, NMD_CPU_IMAGES, "sum", -1);
  v = value (self, x);
  s->n = v->n;
  s->h = v->h;
  s->w = v->w;
  s->c = c;
  read_images (self, s, x);
  const int sums = sums_of (self, s, 2 * (gsize)c);
  s = new_step (self, nmd_cpu_sum_all_end, NMD_CPU_ONCE, "sum, all", y);
  s->value = share;
  read_whole (self, s, sums);
  self->p->node_value[node] = y;
}

static void
lower_max_grad (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  NmdCpuStep *s;
  if (info->at.axes == NMD_AXES_NHW)
    {
      s = lower_any (self, node, nmd_cpu_any_max_grad, "maximum, gradient");
      s->shapes[0] = info->shape;
      s->shapes[1] = info_of (self, info->inputs[2])->shape;
      s->work = nmd_shape_count (&s->shapes[1]);
      return;
    }
  int in[3];
  for (int i = 0; i < 3; i++)
    in[i] = as_rows (self, info->inputs[i]);
  const int y = rows_value (self, &info->shape);
  s = new_step (self,
                info->at.axes == NMD_AXES_HW ? nmd_cpu_max_grad_channels
                                             : nmd_cpu_max_grad_pixels,
                NMD_CPU_IMAGES, "maximum, gradient", y);
  s->split = info->at.axes == NMD_AXES_C;
  for (int i = 0; i < 3; i++)
    read_images (self, s, in[i]);
  self->p->node_value[node] = y;
}

/* Form
 * -----------------------------------------------------------------------------------------
 */

/* @v, or a copy where it lies in a store tensor that the program overwrites: a node
 * without work of its own has the value of its place in the list. */
static int
settled (Lower *self, int v)
{
  gboolean moves = FALSE;
  for (int i = v; i >= 0; i = value (self, i)->alias_of)
    moves |= value (self, i)->handle >= 0 && self->updated[value (self, i)->handle];
  return moves ? copy_of (self, v) : v;
}

static void
lower_reshape (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdShape *from = &info_of (self, info->inputs[0])->shape;
  int a[4], b[4];
  rows_geometry (from, a);
  rows_geometry (&info->shape, b);
  if (!is_wide (from) && !is_wide (&info->shape) && !memcmp (a, b, sizeof a))
    self->p->node_value[node] = settled (self, as_rows (self, info->inputs[0]));
  else
    self->p->node_value[node]
        = regard_as (self, settled (self, as_plain (self, info->inputs[0])), 1, 1, 1,
                     (int)nmd_shape_count (from));
}

/* Channels @from … of @x without a copy. */
static int
slice_of (Lower *self, int x, int from, int count)
{
  const NmdCpuValue *v = value (self, x);
  const int y = new_value (self, v->n, v->h, v->w, count);
  value (self, y)->parent = x;
  value (self, y)->from = from;
  value (self, y)->alias_of = x;
  return y;
}

static void
lower_concat (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int y = rows_value (self, &info->shape);
  int from = 0;
  for (int i = 0; i < info->n_inputs; i++)
    {
      const int x = as_rows (self, info->inputs[i]);
      NmdCpuValue *v = value (self, x);
      const int c = v->c;
      if (v->parent < 0 && !v->memory && !v->dense && !v->threads)
        {
          v->parent = y;
          v->from = from;
          value (self, y)->keep |= v->keep;
          for (guint j = 0; j < v->writers->len; j++)
            g_array_append_val (value (self, y)->writers,
                                g_array_index (v->writers, int, j));
        }
      else
        {
          const int part = slice_of (self, y, from, c);
          value (self, part)->alias_of = -1;
          NmdCpuStep *s
              = new_step (self, nmd_cpu_copy, NMD_CPU_IMAGES, "concatenation", part);
          const int me = step_index (self);
          s->split = TRUE;
          read_images (self, s, x);
          g_array_append_val (value (self, y)->writers, me);
        }
      from += c;
    }
  self->p->node_value[node] = y;
}

static void
lower_slice (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int x = settled (self, as_rows (self, info->inputs[0]));
  self->p->node_value[node] = slice_of (self, x, info->at.from, info->at.count);
}

static void
lower_slice_grad (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int x = settled (self, as_rows (self, info->inputs[0]));
  if (info->at.count == info->shape.dims[1])
    {
      self->p->node_value[node] = x;
      return;
    }
  const int y = rows_value (self, &info->shape);
  NmdCpuStep *s
      = new_step (self, nmd_cpu_slice_grad, NMD_CPU_IMAGES, "slice, gradient", y);
  s->split = TRUE;
  s->mode = info->at.from;
  s->ci = info->at.count;
  read_images (self, s, x);
  self->p->node_value[node] = y;
}

static void
lower_shuffle (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int x = as_rows (self, info->inputs[0]);
  const int y = rows_value (self, &info->shape);
  NmdCpuStep *s = new_step (self, nmd_cpu_shuffle, NMD_CPU_IMAGES, "shuffle", y);
  s->split = TRUE;
  s->groups = info->at.groups;
  read_images (self, s, x);
  self->p->node_value[node] = y;
}

/* Loss and updates
 * ------------------------------------------------------------------------------ */

static void
lower_softmax (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int x = as_rows (self, info->inputs[0]), y = rows_value (self, &info->shape);
  NmdCpuStep *s = new_step (self, nmd_cpu_softmax, NMD_CPU_IMAGES, "softmax", y);
  s->work = 2 * (gsize)s->c;
  read_images (self, s, x);
  self->p->node_value[node] = y;
}

static void
lower_cross_entropy (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdShape *shape = &info_of (self, info->inputs[0])->shape;
  const int x = as_rows (self, info->inputs[0]), t = as_rows (self, info->inputs[1]);
  const int y = new_value (self, 1, 1, 1, 1);
  NmdCpuStep *s
      = new_step (self, nmd_cpu_cross_entropy, NMD_CPU_ONCE, "cross entropy", y);
  s->hi = shape->dims[0];
  s->ci = shape->dims[1];
  s->work = 2 * (gsize)s->ci;
  read_whole (self, s, x);
  read_whole (self, s, t);
  self->p->node_value[node] = y;
}

static void
lower_cross_entropy_grad (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int dy = as_plain (self, info->inputs[0]), x = as_rows (self, info->inputs[1]);
  const int t = as_rows (self, info->inputs[2]), y = rows_value (self, &info->shape);
  NmdCpuStep *s = new_step (self, nmd_cpu_cross_entropy_grad, NMD_CPU_IMAGES,
                            "cross entropy, gradient", y);
  s->work = 2 * (gsize)s->c;
  read_images (self, s, x);
  read_images (self, s, t);
  read_whole (self, s, dy);
  self->p->node_value[node] = y;
}

/* @s overwrites the store tensor of @handle. */
static void
overwrites (Lower *self, NmdCpuStep *s, int handle)
{
  const int me = step_index (self);
  GArray *readers = self->readers->pdata[handle];
  need (s, g_array_index (self->writer, int, handle), TRUE);
  for (guint i = 0; i < readers->len; i++)
    if (g_array_index (readers, int, i) != me)
      need (s, g_array_index (readers, int, i), TRUE);
  g_array_set_size (readers, 0);
  g_array_index (self->writer, int, handle) = me;
}

static void
lower_update (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const gboolean adam = info->op == NMD_OP_ADAM;
  int in[6];
  for (int i = 0; i < info->n_inputs; i++)
    in[i] = as_plain (self, info->inputs[i]);
  NmdCpuStep *s = new_step (self, adam ? nmd_cpu_adam : nmd_cpu_blend, NMD_CPU_FLAT,
                            adam ? "Adam" : "average", -1);
  s->update = TRUE;
  s->n = (int)nmd_shape_count (&info->shape);
  s->unit = 16;
  s->beta1 = info->at.beta1;
  s->beta2 = info->at.beta2;
  s->decay = info->at.decay;
  s->epsilon = info->at.epsilon;
  s->value = info->at.value;
  for (int i = 0; i < info->n_inputs; i++)
    read_whole (self, s, in[i]);
  overwrites (self, s, self->handles[info->inputs[0]]);
  if (adam)
    {
      overwrites (self, s, self->handles[info->inputs[2]]);
      overwrites (self, s, self->handles[info->inputs[3]]);
    }
  self->p->node_value[node] = in[0];
}

/* Leaves
 * ------------------------------------------------------------------------------------------
 */

static gboolean
lower_leaf (Lower *self, NmdNode node, GError **error)
{
  const NmdNodeInfo *info = info_of (self, node);
  const gsize count = nmd_shape_count (&info->shape);
  int v;
  if (info->op == NMD_OP_STORE)
    {
      v = new_value (self, 1, 1, 1, (int)count);
      value (self, v)->handle = self->handles[node];
      value (self, v)->memory
          = ((NmdCpuTensor *)self->p->session->store->pdata[self->handles[node]])->values;
    }
  else
    {
      v = rows_value (self, &info->shape);
      float *memory = nmd_cpu_alloc (count, TRUE);
      if (!memory)
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY,
                       "No memory for %" G_GSIZE_FORMAT " input values", count);
          return FALSE;
        }
      value (self, v)->memory = memory;
      self->p->fixed_floats += count;
      if (info->op == NMD_OP_CONSTANT)
        for (gsize i = 0; i < count; i++)
          memory[i] = (float)info->at.value;
    }
  self->p->node_value[node] = v;
  return TRUE;
}

static gboolean
lower_node (Lower *self, NmdNode node, GError **error)
{
  switch (info_of (self, node)->op)
    {
    case NMD_OP_CONV:
    case NMD_OP_LINEAR:
      lower_conv (self, node);
      break;
    case NMD_OP_CONV_GRAD_X:
    case NMD_OP_LINEAR_GRAD_X:
      lower_conv_dx (self, node);
      break;
    case NMD_OP_CONV_GRAD_W:
    case NMD_OP_LINEAR_GRAD_W:
      lower_conv_dw (self, node);
      break;
    case NMD_OP_BATCH_MEAN:
      lower_mean (self, node);
      break;
    case NMD_OP_BATCH_VARIANCE:
      lower_variance (self, node);
      break;
    case NMD_OP_BATCH_NORM:
      lower_norm (self, node);
      break;
    case NMD_OP_BATCH_NORM_GRAD_GAMMA:
      lower_grad_gamma (self, node, NMD_NODE_NONE);
      break;
    case NMD_OP_BATCH_NORM_GRAD_X:
      lower_norm_dx (self, node);
      break;
    case NMD_OP_BATCH_NORM_FROZEN_GRAD_X:
      lower_frozen_dx (self, node);
      break;
    case NMD_OP_ACTIVATION:
      if (info_of (self, node)->at.activation == NMD_RELU)
        lower_each (self, node, nmd_cpu_relu, "ReLU");
      else
        lower_each (self, node, nmd_cpu_sigmoid, "sigmoid");
      break;
    case NMD_OP_ACTIVATION_GRAD:
      self->lazy[node] = can_be_lazy (self, node);
      if (!self->lazy[node])
        lower_activation_grad (self, node);
      break;
    case NMD_OP_ADD:
      lower_each (self, node, nmd_cpu_add, "add");
      break;
    case NMD_OP_MULTIPLY:
      lower_multiply (self, node);
      break;
    case NMD_OP_SCALE:
      lower_each (self, node, nmd_cpu_scale, "scale")->value
          = info_of (self, node)->at.value;
      break;
    case NMD_OP_REDUCE:
      lower_reduce (self, node);
      break;
    case NMD_OP_MULTIPLY_REDUCE:
      lower_multiply_reduce (self, node);
      break;
    case NMD_OP_BROADCAST:
      lower_broadcast (self, node);
      break;
    case NMD_OP_MAX_GRAD:
      lower_max_grad (self, node);
      break;
    case NMD_OP_RESHAPE:
      lower_reshape (self, node);
      break;
    case NMD_OP_CONCAT:
      lower_concat (self, node);
      break;
    case NMD_OP_SLICE:
      lower_slice (self, node);
      break;
    case NMD_OP_SLICE_GRAD:
      lower_slice_grad (self, node);
      break;
    case NMD_OP_SHUFFLE:
      lower_shuffle (self, node);
      break;
    case NMD_OP_SOFTMAX:
      lower_softmax (self, node);
      break;
    case NMD_OP_CROSS_ENTROPY:
      lower_cross_entropy (self, node);
      break;
    case NMD_OP_CROSS_ENTROPY_GRAD:
      lower_cross_entropy_grad (self, node);
      break;
    case NMD_OP_ADAM:
    case NMD_OP_BLEND:
      lower_update (self, node);
      break;
    case NMD_OP_INPUT:
    case NMD_OP_CONSTANT:
    case NMD_OP_STORE:
      break;
    case NMD_N_OPS:
    default:
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "The CPU backend does not know operation %s",
                   nmd_op_get_name (info_of (self, node)->op));
      return FALSE;
    }
  return TRUE;
}

/* Small steps that depend on nothing that a run computes go first; those that depend on
 * the store alone are skipped while it stands. */
static void
mark_prologue (Lower *self)
{
  for (guint i = 0; i < self->p->steps->len; i++)
    {
      NmdCpuStep *s = nmd_cpu_step (self->p, (int)i);
      s->prologue = s->kind == NMD_CPU_ONCE && s->run != nmd_cpu_cross_entropy;
      s->cached = s->prologue;
      for (guint j = 0; s->prologue && j < s->needs->len; j++)
        s->prologue = nmd_cpu_step (self->p, g_array_index (s->needs, int, j))->prologue;
      for (int j = 0; j < s->n_in; j++)
        s->cached &= s->prologue && value (self, s->in_value[j])->handle >= 0;
      for (int j = 0; s->prologue && j < s->n_out; j++)
        value (self, s->out_value[j])->always = TRUE;
    }
}

static void
prepare (Lower *self, int n)
{
  self->n_handles = (int)self->p->session->store->len;
  self->users = g_new0 (GArray *, n);
  self->other = g_new (int, n);
  self->packed = g_new (int, n * 3);
  self->packed_at = g_new0 (int, n * 3);
  self->lazy = g_new0 (gboolean, n);
  self->norm_of = g_new (NmdNode, n);
  self->factors = g_new (int, n);
  self->done = g_new0 (gboolean, n);
  self->updated = g_new0 (gboolean, self->n_handles + 1);
  self->writer = g_array_new (FALSE, FALSE, sizeof (int));
  self->readers = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  for (int i = 0; i < self->n_handles; i++)
    {
      const int none = -1;
      g_array_append_val (self->writer, none);
      g_ptr_array_add (self->readers, g_array_new (FALSE, FALSE, sizeof (int)));
    }
  for (int i = 0; i < n; i++)
    {
      self->users[i] = g_array_new (FALSE, FALSE, sizeof (int));
      self->other[i] = self->factors[i] = -1;
      self->norm_of[i] = NMD_NODE_NONE;
      for (int m = 0; m < 3; m++)
        self->packed[i * 3 + m] = -1;
    }
  for (int i = 0; i < n; i++)
    {
      const NmdNodeInfo *info = info_of (self, i);
      for (int j = 0; self->needed[i] && j < info->n_inputs; j++)
        g_array_append_val (self->users[info->inputs[j]], i);
      for (int j = 0; j < info->n_inputs; j++)
        if (self->needed[i]
            && ((info->op == NMD_OP_ADAM && (j == 0 || j == 2 || j == 3))
                || (info->op == NMD_OP_BLEND && j == 0)))
          self->updated[self->handles[info->inputs[j]]] = TRUE;
    }
}

static void
dispose (Lower *self, int n)
{
  for (int i = 0; i < n; i++)
    g_array_unref (self->users[i]);
  g_free (self->users);
  g_free (self->other);
  g_free (self->packed);
  g_free (self->packed_at);
  g_free (self->lazy);
  g_free (self->norm_of);
  g_free (self->factors);
  g_free (self->done);
  g_free (self->updated);
  g_array_unref (self->writer);
  g_ptr_array_unref (self->readers);
}

gboolean
nmd_cpu_lower (NmdCpuProgram *p,
               const gboolean *needed,
               const int *handles,
               GError **error)
{
  Lower self = { .p = p, .graph = p->graph, .needed = needed, .handles = handles };
  const int n = nmd_graph_get_n_nodes (p->graph);
  gboolean ok = TRUE;
  prepare (&self, n);
  for (int i = 0; ok && i < n; i++)
    if (needed[i] && info_of (&self, i)->n_inputs == 0)
      ok = lower_leaf (&self, i, error);
  for (int i = 0; ok && i < n; i++)
    {
      if (needed[i] && !self.done[i])
        ok = lower_node (&self, i, error);
      if (ok && needed[i] && p->is_output[i])
        value (&self, p->node_value[i])->keep = TRUE;
    }
  if (ok)
    mark_prologue (&self);
  dispose (&self, n);
  return ok;
}
