/* SPDX-License-Identifier: Apache-2.0
 *
 * Lowers what works element by element, reductions and their gradients.
 */
#include "engine/backend/cpu/lower/nmd-cpu-lower-elementwise.h"

#include "engine/backend/cpu/lower/nmd-cpu-layouts.h"
#include "engine/backend/cpu/lower/nmd-cpu-lower-convs.h"
#include "engine/backend/cpu/lower/nmd-cpu-lower-norm.h"
#include "engine/backend/cpu/lower/nmd-cpu-recompute.h"
#include "engine/backend/cpu/ops/nmd-cpu-depthwise.h"
#include "engine/backend/cpu/ops/nmd-cpu-elementwise.h"
#include "engine/backend/cpu/ops/nmd-cpu-reductions.h"

/* Element by element */

/* One step over inputs of @node's own shape, row-major if they all are. */
static NmdCpuStep *
elementwise_step (NmdCpuLower *self, NmdNode node, const NmdCpuOp *op)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  gboolean plain = TRUE;
  int in[NMD_MAX_INPUTS];
  for (int i = 0; i < info->n_inputs; i++)
    plain &= nmd_cpu_is_plain (
        nmd_cpu_value (self->p, self->p->node_value[info->inputs[i]]), &info->shape);
  for (int i = 0; i < info->n_inputs; i++)
    in[i] = plain ? nmd_cpu_as_plain (self, info->inputs[i])
                  : nmd_cpu_as_rows (self, info->inputs[i]);
  const int y
      = plain ? nmd_cpu_new_value (self, 1, 1, 1, (int)nmd_shape_count (&info->shape))
              : nmd_cpu_rows_value (self, &info->shape);
  NmdCpuStep *s = nmd_cpu_new_step (self, op, y);
  s->split = TRUE;
  for (int i = 0; i < info->n_inputs; i++)
    nmd_cpu_read_images (self, s, in[i]);
  self->p->node_value[node] = y;
  return s;
}

/* One step over all of row-major inputs, for what has no kernel. */
static NmdCpuStep *
lower_any (NmdCpuLower *self, NmdNode node, const NmdCpuOp *op)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  int in[NMD_MAX_INPUTS];
  for (int i = 0; i < info->n_inputs; i++)
    in[i] = nmd_cpu_as_plain (self, info->inputs[i]);
  const int y = nmd_cpu_new_value (self, 1, 1, 1, (int)nmd_shape_count (&info->shape));
  NmdCpuStep *s = nmd_cpu_new_step (self, op, y);
  for (int i = 0; i < info->n_inputs; i++)
    nmd_cpu_read_whole (self, s, in[i]);
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

/* The sum @node of a gate's product and a value repeated as the gate's are, over pixels
 * or over channels, neither of which anybody else reads: what comes back through a
 * squeeze-and-excite and through both of CBAM's gates. */
static gboolean
is_gate_sum (
    const NmdCpuLower *self, NmdNode node, NmdNode *gate, NmdNode *repeat, Relation *how)
{
  if (node == NMD_NODE_NONE || nmd_cpu_info (self, node)->op != NMD_OP_ADD)
    return FALSE;
  const NmdShape *shape = &nmd_cpu_info (self, node)->shape;
  for (int i = 0; i < 2; i++)
    {
      *gate = nmd_cpu_info (self, node)->inputs[i];
      *repeat = nmd_cpu_info (self, node)->inputs[1 - i];
      const NmdNodeInfo *a = nmd_cpu_info (self, *gate),
                        *b = nmd_cpu_info (self, *repeat);
      if (a->op != NMD_OP_MULTIPLY || b->op != NMD_OP_BROADCAST)
        continue;
      *how = relation (&nmd_cpu_info (self, a->inputs[1])->shape, shape);
      if (nmd_patterns_get_only_user (self->patterns, *gate) == node
          && nmd_patterns_get_only_user (self->patterns, *repeat) == node
          && (*how == BY_CHANNELS || *how == BY_PIXELS)
          && relation (&nmd_cpu_info (self, b->inputs[0])->shape, shape) == *how
          && self->handles[a->inputs[0]] < 0 && self->handles[a->inputs[1]] < 0
          && self->handles[b->inputs[0]] < 0)
        return TRUE;
    }
  return FALSE;
}

/* Whether @node is computed with the sum that alone reads it. */
static gboolean
is_part_of_gate_sum (const NmdCpuLower *self, NmdNode node)
{
  NmdNode gate, repeat;
  Relation how;
  return is_gate_sum (self, nmd_patterns_get_only_user (self->patterns, node), &gate,
                      &repeat, &how);
}

static void
lower_add (NmdCpuLower *self, NmdNode node)
{
  NmdNode gate, repeat;
  Relation how;
  if (!is_gate_sum (self, node, &gate, &repeat, &how))
    {
      elementwise_step (self, node, &nmd_cpu_add);
      return;
    }
  const NmdNode *in = nmd_cpu_info (self, gate)->inputs;
  const int x = nmd_cpu_as_rows (self, in[0]), g = nmd_cpu_as_rows (self, in[1]);
  const int v = nmd_cpu_as_rows (self, nmd_cpu_info (self, repeat)->inputs[0]);
  const int y = nmd_cpu_rows_value (self, &nmd_cpu_info (self, node)->shape);
  NmdCpuStep *s = nmd_cpu_new_step (
      self, how == BY_CHANNELS ? &nmd_cpu_gate_add : &nmd_cpu_gate_add_pixels, y);
  s->split = TRUE;
  s->elementwise.value = nmd_cpu_info (self, repeat)->at.value;
  nmd_cpu_read_images (self, s, x);
  nmd_cpu_read_images (self, s, g);
  nmd_cpu_read_images (self, s, v);
  self->p->node_value[node] = y;
}

/* How gate @node, a product, lies to what it multiplies; OTHERWISE for other operations.
 */
static Relation
gate_relation (const NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  return info->op == NMD_OP_MULTIPLY
             ? relation (&nmd_cpu_info (self, info->inputs[1])->shape, &info->shape)
             : OTHERWISE;
}

/* Whether @node is CBAM's gate on channels where nothing comes back: only a @maximum and
 * a @mean over channels and the gate on pixels read the product, which each computes from
 * what it multiplies. */
static gboolean
is_channel_gate (const NmdCpuLower *self, NmdNode node, NmdNode *maximum, NmdNode *mean)
{
  const NmdNode *users = nmd_patterns_get_users (self->patterns, node);
  gboolean pixels = FALSE;
  *maximum = *mean = NMD_NODE_NONE;
  if (self->gradients || self->p->is_output[node]
      || nmd_patterns_count_users (self->patterns, node) != 3
      || gate_relation (self, node) != BY_CHANNELS)
    return FALSE;
  for (; *users != NMD_NODE_NONE; users++)
    {
      const NmdNode u = *users;
      const NmdNodeInfo *user = nmd_cpu_info (self, u);
      if (user->op == NMD_OP_REDUCE && user->at.axes == NMD_AXES_C)
        *(user->at.reduce == NMD_REDUCE_MAX ? maximum : mean) = u;
      else
        pixels |= user->inputs[0] == node && gate_relation (self, u) == BY_PIXELS;
    }
  return pixels && *maximum != NMD_NODE_NONE && *mean != NMD_NODE_NONE;
}

/* Whether @node, a gate on pixels, multiplies what one on channels gave: done together,
 * the product between need not be kept until the gate on pixels is known. */
static gboolean
is_second_gate (const NmdCpuLower *self, NmdNode node)
{
  const NmdNode first = nmd_cpu_info (self, node)->inputs[0];
  const int x = self->p->node_value[first];
  const NmdCpuStep *writer = x >= 0 ? nmd_cpu_writer_of (self, x) : NULL;
  return gate_relation (self, node) == BY_PIXELS
         && gate_relation (self, first) == BY_CHANNELS && writer
         && writer->op == &nmd_cpu_multiply_channels;
}

/* CBAM's gate on pixels, @node, together with that on channels. */
static void
lower_both_gates (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node),
                    *channels = nmd_cpu_info (self, info->inputs[0]);
  const int x = nmd_cpu_as_rows (self, channels->inputs[0]),
            s = nmd_cpu_as_rows (self, channels->inputs[1]),
            t = nmd_cpu_as_rows (self, info->inputs[1]);
  const int y = nmd_cpu_rows_value (self, &info->shape);
  NmdCpuStep *step = nmd_cpu_new_step (self, &nmd_cpu_multiply_gates, y);
  step->split = TRUE;
  nmd_cpu_read_images (self, step, x);
  nmd_cpu_read_images (self, step, s);
  nmd_cpu_read_images (self, step, t);
  self->p->node_value[node] = y;
}

static void
lower_multiply (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const NmdShape *b = &nmd_cpu_info (self, info->inputs[1])->shape;
  const Relation how = relation (b, &info->shape);
  NmdNode maximum, mean;
  if (is_channel_gate (self, node, &maximum, &mean))
    return;
  if (is_second_gate (self, node)
      || (how == BY_PIXELS && is_channel_gate (self, info->inputs[0], &maximum, &mean)))
    {
      lower_both_gates (self, node);
      return;
    }
  if (how == SAME)
    elementwise_step (self, node, &nmd_cpu_multiply);
  else if (how == OTHERWISE)
    {
      NmdCpuStep *s = lower_any (self, node, &nmd_cpu_any_multiply);
      s->reduce.large = info->shape;
      s->reduce.small = *b;
    }
  else
    {
      const int x = nmd_cpu_as_rows (self, info->inputs[0]),
                g = nmd_cpu_as_rows (self, info->inputs[1]);
      const int y = nmd_cpu_rows_value (self, &info->shape);
      NmdCpuStep *s = nmd_cpu_new_step (
          self,
          how == BY_CHANNELS ? &nmd_cpu_multiply_channels : &nmd_cpu_multiply_pixels, y);
      const NmdCpuStep *writer = nmd_cpu_writer_of (self, x);
      s->split = TRUE;
      if (how == BY_CHANNELS && writer && writer->by_channels)
        nmd_cpu_share_channels (s, writer);
      nmd_cpu_read_images (self, s, x);
      nmd_cpu_read_images (self, s, g);
      self->p->node_value[node] = y;
    }
}

/* A step that reduces images of @large over pixels or channels. */
static NmdCpuStep *
reducing_step (NmdCpuLower *self,
               NmdNode node,
               const NmdCpuOp *op,
               Relation how,
               const NmdShape *large)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  int in[2], g[4];
  nmd_cpu_rows_geometry (large, g);
  for (int i = 0; i < info->n_inputs; i++)
    in[i] = info->op == NMD_OP_MULTIPLY_REDUCE
                ? nmd_cpu_recomputed_rows (self, info->inputs[i])
                : nmd_cpu_as_rows (self, info->inputs[i]);
  const int y = nmd_cpu_rows_value (self, &info->shape);
  NmdCpuStep *s = nmd_cpu_new_step (self, op, y);
  s->h = g[1];
  s->w = g[2];
  s->reduce.c = g[3];
  s->split = how == BY_PIXELS;
  s->work = how == BY_CHANNELS ? 2 * (gsize)g[3] : 0;
  s->reduce.scale = 1;
  for (int i = 0; i < info->n_inputs; i++)
    nmd_cpu_read_images (self, s, in[i]);
  self->p->node_value[node] = y;
  return s;
}

static void
lower_multiply_reduce (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const NmdShape *a = &nmd_cpu_info (self, info->inputs[0])->shape;
  const Relation how = relation (&info->shape, a);
  if (how == SAME)
    elementwise_step (self, node, &nmd_cpu_multiply);
  else if (how == OTHERWISE)
    {
      NmdCpuStep *s = lower_any (self, node, &nmd_cpu_any_multiply_reduce);
      s->reduce.large = *a;
      s->reduce.small = info->shape;
      s->work = 2 * nmd_shape_count (&info->shape);
    }
  else
    reducing_step (self, node,
                   how == BY_CHANNELS ? &nmd_cpu_dot_channels : &nmd_cpu_dot_pixels, how,
                   a);
}

static void
lower_broadcast (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const NmdShape *x = &nmd_cpu_info (self, info->inputs[0])->shape;
  const Relation how = relation (x, &info->shape);
  NmdCpuStep *s;
  if (how == SAME)
    s = elementwise_step (self, node, &nmd_cpu_scale);
  else if (how == OTHERWISE)
    {
      s = lower_any (self, node, &nmd_cpu_any_broadcast);
      s->reduce.small = *x;
      s->reduce.large = info->shape;
    }
  else
    {
      NmdNode result;
      const int v = nmd_cpu_as_rows (self, info->inputs[0]),
                plus = nmd_cpu_summand (self, node, &result);
      const int y = nmd_cpu_rows_value (self, &info->shape);
      s = nmd_cpu_new_step (
          self, how == BY_CHANNELS ? &nmd_cpu_fill_channels : &nmd_cpu_fill_pixels, y);
      if (plus >= 0)
        s->name = "add, repeated";
      s->split = TRUE;
      nmd_cpu_read_images (self, s, v);
      if (plus >= 0)
        nmd_cpu_read_images (self, s, plus);
      self->p->node_value[result] = y;
    }
  if (s->op->family == NMD_CPU_REDUCE)
    s->reduce.scale = info->at.value;
  else
    s->elementwise.value = info->at.value;
}

/* The value of each row's sum, or maximum, of what the step that alone writes @x
 * computes: the step leaves it too. -1: it cannot. */
static int
row_stats (NmdCpuLower *self, int x, gboolean max)
{
  NmdCpuStep *s = nmd_cpu_writer_of (self, x);
  if (!s || self->gradients)
    return -1;
  gboolean can = max ? s->op->leaves_tops : s->op->leaves_sums;
  if (s->op->family == NMD_CPU_CONV)
    can &= (s->op->writes_rows || nmd_cpu_depthwise_takes_rows (s))
           && (s->act.kind <= NMD_RELU || s->act.kind == NMD_SILU);
  else
    can &= s->w > 1;
  int *place = max ? &s->tops : &s->sums;
  if (*place == 0 && can)
    {
      const int stats = nmd_cpu_new_value (self, s->n, s->h, 1, s->c),
                step = g_array_index (nmd_cpu_value (self->p, x)->writers, int, 0);
      *place = s->n_out;
      s->out_value[s->n_out++] = stats;
      g_array_append_val (nmd_cpu_value (self->p, stats)->writers, step);
    }
  return *place > 0 ? s->out_value[*place] : -1;
}

/* A maximum or @share of a sum over the pixels of each image; where nothing comes back,
 * from those of its rows if the step before leaves them. */
static void
lower_reduce_pixels (NmdCpuLower *self, NmdNode node, gboolean max, double share)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int all = nmd_cpu_as_rows (self, info->inputs[0]),
            rows = row_stats (self, all, max), x = rows >= 0 ? rows : all;
  const int y = nmd_cpu_rows_value (self, &info->shape);
  NmdCpuStep *s
      = nmd_cpu_new_step (self, max ? &nmd_cpu_max_channels : &nmd_cpu_sum_channels, y);
  s->h = nmd_cpu_value (self->p, x)->h;
  s->w = nmd_cpu_value (self->p, x)->w;
  s->work = 2 * (gsize)s->c;
  s->reduce.scale = share;
  s->split = TRUE;
  nmd_cpu_share_channels (s, nmd_cpu_writer_of (self, all));
  nmd_cpu_read_images (self, s, x);
  self->p->node_value[node] = y;
}

/* The maximum and @share of the sum over channels of CBAM's @gate on channels. */
static void
lower_gated_pixels (
    NmdCpuLower *self, NmdNode gate, NmdNode maximum, NmdNode mean, double share)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, gate);
  const int x = nmd_cpu_as_rows (self, info->inputs[0]),
            g = nmd_cpu_as_rows (self, info->inputs[1]);
  const int y = nmd_cpu_rows_value (self, &nmd_cpu_info (self, mean)->shape),
            top = nmd_cpu_rows_value (self, &nmd_cpu_info (self, maximum)->shape);
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_gated_pixels, y);
  nmd_cpu_also_writes (self, s, top);
  s->reduce.c = info->shape.dims[1];
  s->split = TRUE;
  s->reduce.scale = share;
  nmd_cpu_read_images (self, s, x);
  nmd_cpu_read_images (self, s, g);
  self->p->node_value[mean] = y;
  self->p->node_value[maximum] = top;
  self->done[mean] = self->done[maximum] = TRUE;
}

static void
lower_reduce (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const NmdShape *xs = &nmd_cpu_info (self, info->inputs[0])->shape;
  const gboolean max = info->at.reduce == NMD_REDUCE_MAX,
                 mean = info->at.reduce == NMD_REDUCE_MEAN;
  const double share
      = mean ? (double)nmd_shape_count (&info->shape) / (double)nmd_shape_count (xs) : 1;
  NmdNode maximum, average;
  NmdCpuStep *s;
  if (is_channel_gate (self, info->inputs[0], &maximum, &average))
    {
      const gboolean sum = nmd_cpu_info (self, average)->at.reduce == NMD_REDUCE_SUM;
      lower_gated_pixels (self, info->inputs[0], maximum, average,
                          sum ? 1 : 1.0 / xs->dims[1]);
      return;
    }
  if (info->at.axes == NMD_AXES_HW)
    {
      lower_reduce_pixels (self, node, max, share);
      return;
    }
  if (info->at.axes != NMD_AXES_NHW)
    {
      s = reducing_step (self, node, max ? &nmd_cpu_max_pixels : &nmd_cpu_sum_pixels,
                         BY_PIXELS, xs);
      s->reduce.scale = share;
      return;
    }
  if (max)
    {
      s = lower_any (self, node, &nmd_cpu_any_reduce);
      s->reduce.large = *xs;
      s->reduce.small = info->shape;
      return;
    }
  const NmdNode gamma = nmd_patterns_get_gamma_beside (self->patterns, node);
  if (gamma != NMD_NODE_NONE && !self->done[gamma])
    {
      nmd_cpu_lower_grad_gamma (self, gamma, node);
      return;
    }
  const int x = nmd_cpu_as_rows (self, info->inputs[0]);
  const NmdCpuValue *v = nmd_cpu_value (self->p, x);
  const int c = v->c, y = nmd_cpu_new_value (self, 1, 1, 1, c);
  s = nmd_cpu_new_step (self, &nmd_cpu_sum_all, -1);
  v = nmd_cpu_value (self->p, x);
  s->n = v->n;
  s->h = v->h;
  s->w = v->w;
  s->c = c;
  nmd_cpu_read_images (self, s, x);
  const int sums = nmd_cpu_sums_of (self, s, 2 * (gsize)c);
  s = nmd_cpu_new_step (self, &nmd_cpu_sum_all_end, y);
  s->reduce.scale = share;
  nmd_cpu_read_whole (self, s, sums);
  self->p->node_value[node] = y;
}

static void
lower_max_grad (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  NmdCpuStep *s;
  if (info->at.axes == NMD_AXES_NHW)
    {
      s = lower_any (self, node, &nmd_cpu_any_max_grad);
      s->reduce.large = info->shape;
      s->reduce.small = nmd_cpu_info (self, info->inputs[2])->shape;
      s->work = nmd_shape_count (&s->reduce.small);
      return;
    }
  NmdNode result;
  int in[3];
  for (int i = 0; i < 3; i++)
    in[i] = i == 1 ? nmd_cpu_recomputed_rows_unshared (self, info->inputs[i])
                   : nmd_cpu_as_rows (self, info->inputs[i]);
  const int plus = nmd_cpu_summand (self, node, &result);
  const int y = nmd_cpu_rows_value (self, &info->shape);
  s = nmd_cpu_new_step (self,
                        info->at.axes == NMD_AXES_HW ? &nmd_cpu_max_grad_channels
                                                     : &nmd_cpu_max_grad_pixels,
                        y);
  s->split = info->at.axes == NMD_AXES_C;
  for (int i = 0; i < 3; i++)
    nmd_cpu_read_images (self, s, in[i]);
  if (plus >= 0)
    nmd_cpu_read_images (self, s, plus);
  self->p->node_value[result] = y;
}

gboolean
nmd_cpu_lower_elementwise (NmdCpuLower *self, NmdNode node)
{
  switch (nmd_cpu_info (self, node)->op)
    {
    case NMD_OP_ACTIVATION:
      elementwise_step (self, node, &nmd_cpu_act)->act = nmd_cpu_act_of (self, node);
      return TRUE;
    case NMD_OP_ACTIVATION_GRAD:
      elementwise_step (self, node, &nmd_cpu_act_grad)->act = nmd_cpu_act_of (self, node);
      return TRUE;
    case NMD_OP_ADD:
      lower_add (self, node);
      return TRUE;
    case NMD_OP_MULTIPLY:
      if (!is_part_of_gate_sum (self, node)
          && nmd_cpu_gated_conv (self, node) == NMD_NODE_NONE)
        lower_multiply (self, node);
      return TRUE;
    case NMD_OP_SCALE:
      elementwise_step (self, node, &nmd_cpu_scale)->elementwise.value
          = nmd_cpu_info (self, node)->at.value;
      return TRUE;
    case NMD_OP_REDUCE:
      lower_reduce (self, node);
      return TRUE;
    case NMD_OP_MULTIPLY_REDUCE:
      lower_multiply_reduce (self, node);
      return TRUE;
    case NMD_OP_BROADCAST:
      if (!is_part_of_gate_sum (self, node))
        lower_broadcast (self, node);
      return TRUE;
    case NMD_OP_MAX_GRAD:
      lower_max_grad (self, node);
      return TRUE;
    default:
      return FALSE;
    }
}
