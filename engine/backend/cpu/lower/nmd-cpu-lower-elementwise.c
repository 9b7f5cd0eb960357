/* SPDX-License-Identifier: Apache-2.0
 *
 * Lowers what works element by element, reductions and their gradients.
 */
#include "engine/backend/cpu/lower/nmd-cpu-lower-private.h"

/* Element by element
 * --------------------------------------------------------------------------- */

/* One step over inputs of @node's own shape, row-major if they all are. */
static NmdCpuStep *
each_step (Lower *self, NmdNode node, NmdCpuRun run, const char *name)
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

/* The sum @node of a gate's product and a value repeated as the gate's are, over pixels
 * or over channels, neither of which anybody else reads: what comes back through a
 * squeeze-and-excite and through both of CBAM's gates. */
static gboolean
is_gate_sum (
    const Lower *self, NmdNode node, NmdNode *gate, NmdNode *repeat, Relation *how)
{
  if (node == NMD_NODE_NONE || info_of (self, node)->op != NMD_OP_ADD)
    return FALSE;
  const NmdShape *shape = &info_of (self, node)->shape;
  for (int i = 0; i < 2; i++)
    {
      *gate = info_of (self, node)->inputs[i];
      *repeat = info_of (self, node)->inputs[1 - i];
      const NmdNodeInfo *a = info_of (self, *gate), *b = info_of (self, *repeat);
      if (a->op != NMD_OP_MULTIPLY || b->op != NMD_OP_BROADCAST)
        continue;
      *how = relation (&info_of (self, a->inputs[1])->shape, shape);
      if (only_user (self, *gate) == node && only_user (self, *repeat) == node
          && (*how == BY_CHANNELS || *how == BY_PIXELS)
          && relation (&info_of (self, b->inputs[0])->shape, shape) == *how
          && self->handles[a->inputs[0]] < 0 && self->handles[a->inputs[1]] < 0
          && self->handles[b->inputs[0]] < 0)
        return TRUE;
    }
  return FALSE;
}

/* Whether @node is computed with the sum that alone reads it. */
static gboolean
is_part_of_gate_sum (const Lower *self, NmdNode node)
{
  NmdNode gate, repeat;
  Relation how;
  return is_gate_sum (self, only_user (self, node), &gate, &repeat, &how);
}

static void
lower_add (Lower *self, NmdNode node)
{
  NmdNode gate, repeat;
  Relation how;
  if (!is_gate_sum (self, node, &gate, &repeat, &how))
    {
      each_step (self, node, nmd_cpu_add, "add");
      return;
    }
  const NmdNode *in = info_of (self, gate)->inputs;
  const int x = as_rows (self, in[0]), g = as_rows (self, in[1]);
  const int v = as_rows (self, info_of (self, repeat)->inputs[0]);
  const int y = rows_value (self, &info_of (self, node)->shape);
  NmdCpuStep *s
      = new_step (self, how == BY_CHANNELS ? nmd_cpu_gate_add : nmd_cpu_gate_add_pixels,
                  NMD_CPU_IMAGES, "gate and mean, gradient", y);
  s->split = TRUE;
  s->value = info_of (self, repeat)->at.value;
  read_images (self, s, x);
  read_images (self, s, g);
  read_images (self, s, v);
  self->p->node_value[node] = y;
}

/* How gate @node, a product, lies to what it multiplies; OTHERWISE for other operations.
 */
static Relation
gate_relation (const Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  return info->op == NMD_OP_MULTIPLY
             ? relation (&info_of (self, info->inputs[1])->shape, &info->shape)
             : OTHERWISE;
}

/* Whether @node is CBAM's gate on channels where nothing comes back: only a @maximum and
 * a @mean over channels and the gate on pixels read the product, which each computes from
 * what it multiplies. */
static gboolean
is_channel_gate (const Lower *self, NmdNode node, NmdNode *maximum, NmdNode *mean)
{
  const GArray *users = self->users[node];
  gboolean pixels = FALSE;
  *maximum = *mean = NMD_NODE_NONE;
  if (self->gradients || self->p->is_output[node] || users->len != 3
      || gate_relation (self, node) != BY_CHANNELS)
    return FALSE;
  for (guint i = 0; i < users->len; i++)
    {
      const NmdNode u = g_array_index (users, int, i);
      const NmdNodeInfo *user = info_of (self, u);
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
is_second_gate (const Lower *self, NmdNode node)
{
  const NmdNode first = info_of (self, node)->inputs[0];
  const int x = self->p->node_value[first];
  const NmdCpuStep *writer = x >= 0 ? writer_of (self, x) : NULL;
  return gate_relation (self, node) == BY_PIXELS
         && gate_relation (self, first) == BY_CHANNELS && writer
         && writer->run == nmd_cpu_multiply_channels;
}

/* CBAM's gate on pixels, @node, together with that on channels. */
static void
lower_both_gates (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node),
                    *channels = info_of (self, info->inputs[0]);
  const int x = as_rows (self, channels->inputs[0]),
            s = as_rows (self, channels->inputs[1]), t = as_rows (self, info->inputs[1]);
  const int y = rows_value (self, &info->shape);
  NmdCpuStep *step = new_step (self, nmd_cpu_multiply_gates, NMD_CPU_IMAGES, "gates", y);
  step->split = TRUE;
  read_images (self, step, x);
  read_images (self, step, s);
  read_images (self, step, t);
  self->p->node_value[node] = y;
}

static void
lower_multiply (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdShape *b = &info_of (self, info->inputs[1])->shape;
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
    each_step (self, node, nmd_cpu_multiply, "multiply");
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
      const NmdCpuStep *writer = writer_of (self, x);
      s->split = TRUE;
      if (how == BY_CHANNELS && writer && writer->by_channels)
        share_channels (s, writer);
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
    in[i] = info->op == NMD_OP_MULTIPLY_REDUCE ? as_rows_again (self, info->inputs[i])
                                               : as_rows (self, info->inputs[i]);
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
    each_step (self, node, nmd_cpu_multiply, "multiply");
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
    s = each_step (self, node, nmd_cpu_scale, "scale");
  else if (how == OTHERWISE)
    {
      s = lower_any (self, node, nmd_cpu_any_broadcast, "repeat");
      s->shapes[0] = *x;
      s->shapes[1] = info->shape;
    }
  else
    {
      NmdNode result;
      const int v = as_rows (self, info->inputs[0]), plus = summand (self, node, &result);
      const int y = rows_value (self, &info->shape);
      s = new_step (self,
                    how == BY_CHANNELS ? nmd_cpu_fill_channels : nmd_cpu_fill_pixels,
                    NMD_CPU_IMAGES, plus >= 0 ? "add, repeated" : "repeat", y);
      s->split = TRUE;
      read_images (self, s, v);
      if (plus >= 0)
        read_images (self, s, plus);
      self->p->node_value[result] = y;
    }
  s->value = info->at.value;
}

/* The value of each row's sum, or maximum, of what the step that alone writes @x
 * computes: the step leaves it too. -1: it cannot. */
static int
row_stats (Lower *self, int x, gboolean max)
{
  NmdCpuStep *s = writer_of (self, x);
  if (!s || self->gradients)
    return -1;
  const gboolean depthwise
      = !max && (nmd_cpu_depthwise_takes_rows (s) || s->run == nmd_cpu_expand_depthwise)
        && (s->act.kind <= NMD_RELU || s->act.kind == NMD_SILU),
      sum = s->run == nmd_cpu_add && s->w > 1;
  int *place = max ? &s->tops : &s->sums;
  if (*place == 0 && (depthwise || sum))
    {
      const int stats = new_value (self, s->n, s->h, 1, s->c),
                step = g_array_index (value (self, x)->writers, int, 0);
      *place = s->n_out;
      s->out_value[s->n_out++] = stats;
      g_array_append_val (value (self, stats)->writers, step);
    }
  return *place > 0 ? s->out_value[*place] : -1;
}

/* A maximum or @share of a sum over the pixels of each image; where nothing comes back,
 * from those of its rows if the step before leaves them. */
static void
lower_reduce_pixels (Lower *self, NmdNode node, gboolean max, double share)
{
  const NmdNodeInfo *info = info_of (self, node);
  const int all = as_rows (self, info->inputs[0]), rows = row_stats (self, all, max),
            x = rows >= 0 ? rows : all;
  const int y = rows_value (self, &info->shape);
  NmdCpuStep *s = new_step (self, max ? nmd_cpu_max_channels : nmd_cpu_sum_channels,
                            NMD_CPU_IMAGES, max ? "maximum" : "mean", y);
  s->h = value (self, x)->h;
  s->w = value (self, x)->w;
  s->ci = s->c;
  s->work = 2 * (gsize)s->c;
  s->value = share;
  s->split = TRUE;
  share_channels (s, writer_of (self, all));
  read_images (self, s, x);
  self->p->node_value[node] = y;
}

/* The maximum and @share of the sum over channels of CBAM's @gate on channels. */
static void
lower_gated_pixels (
    Lower *self, NmdNode gate, NmdNode maximum, NmdNode mean, double share)
{
  const NmdNodeInfo *info = info_of (self, gate);
  const int x = as_rows (self, info->inputs[0]), g = as_rows (self, info->inputs[1]);
  const int y = rows_value (self, &info_of (self, mean)->shape),
            top = rows_value (self, &info_of (self, maximum)->shape);
  NmdCpuStep *s
      = new_step (self, nmd_cpu_gated_pixels, NMD_CPU_IMAGES, "mean and maximum", y);
  also_writes (self, s, top);
  s->ci = info->shape.dims[1];
  s->split = TRUE;
  s->value = share;
  read_images (self, s, x);
  read_images (self, s, g);
  self->p->node_value[mean] = y;
  self->p->node_value[maximum] = top;
  self->done[mean] = self->done[maximum] = TRUE;
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
  NmdNode maximum, average;
  NmdCpuStep *s;
  if (is_channel_gate (self, info->inputs[0], &maximum, &average))
    {
      const gboolean sum = info_of (self, average)->at.reduce == NMD_REDUCE_SUM;
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
      s = reducing_step (self, node, max ? nmd_cpu_max_pixels : nmd_cpu_sum_pixels,
                         max ? "maximum" : "mean", BY_PIXELS, xs);
      s->value = share;
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
  NmdNode result;
  int in[3];
  for (int i = 0; i < 3; i++)
    in[i] = i == 1 ? as_rows_afresh (self, info->inputs[i])
                   : as_rows (self, info->inputs[i]);
  const int plus = summand (self, node, &result);
  const int y = rows_value (self, &info->shape);
  s = new_step (self,
                info->at.axes == NMD_AXES_HW ? nmd_cpu_max_grad_channels
                                             : nmd_cpu_max_grad_pixels,
                NMD_CPU_IMAGES, "maximum, gradient", y);
  s->split = info->at.axes == NMD_AXES_C;
  for (int i = 0; i < 3; i++)
    read_images (self, s, in[i]);
  if (plus >= 0)
    read_images (self, s, plus);
  self->p->node_value[result] = y;
}

gboolean
lower_each (Lower *self, NmdNode node)
{
  switch (info_of (self, node)->op)
    {
    case NMD_OP_ACTIVATION:
      each_step (self, node, nmd_cpu_act, "activation")->act = act_of (self, node);
      return TRUE;
    case NMD_OP_ACTIVATION_GRAD:
      each_step (self, node, nmd_cpu_act_grad, "activation, gradient")->act
          = act_of (self, node);
      return TRUE;
    case NMD_OP_ADD:
      lower_add (self, node);
      return TRUE;
    case NMD_OP_MULTIPLY:
      if (!is_part_of_gate_sum (self, node) && gated_conv (self, node) == NMD_NODE_NONE)
        lower_multiply (self, node);
      return TRUE;
    case NMD_OP_SCALE:
      each_step (self, node, nmd_cpu_scale, "scale")->value
          = info_of (self, node)->at.value;
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
