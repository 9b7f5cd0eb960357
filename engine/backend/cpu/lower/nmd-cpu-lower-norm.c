/* SPDX-License-Identifier: Apache-2.0
 *
 * Lowers batch norm and its gradients. Fused are its two statistics, the activation after
 * it, the activation's derivative into both gradients, and the sums for gamma and beta.
 */
#include "engine/backend/cpu/lower/nmd-cpu-lower-private.h"

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

/* Whether all that read activation gradient @node can apply the activation's derivative
 * themselves: the sums and the gradient of batch norm @norm, whose activation it is. */
static gboolean
can_be_lazy (const Lower *self, NmdNode node, NmdNode norm)
{
  gboolean sum = FALSE, gamma = FALSE;
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

/* The activation that alone reads batch norm @node apart from gradients that need not its
 * value, or -1. */
static NmdNode
fusable_act (const Lower *self, NmdNode node)
{
  NmdNode act = NMD_NODE_NONE;
  if (self->p->is_output[node])
    return NMD_NODE_NONE;
  for (guint i = 0; i < self->users[node]->len; i++)
    {
      const NmdNode u = g_array_index (self->users[node], int, i);
      const NmdNodeInfo *info = info_of (self, u);
      if (info->op == NMD_OP_ACTIVATION && act == NMD_NODE_NONE)
        act = u;
      else if (info->op != NMD_OP_ACTIVATION_GRAD || info->inputs[0] == node
               || !nmd_activation_needs_x (info->at.activation)
               || !can_be_lazy (self, u, node))
        return NMD_NODE_NONE;
    }
  for (guint i = 0; act != NMD_NODE_NONE && i < self->users[node]->len; i++)
    {
      const NmdNode u = g_array_index (self->users[node], int, i);
      if (u != act
          && info_of (self, u)->at.activation != info_of (self, act)->at.activation)
        return NMD_NODE_NONE;
    }
  return act;
}

/* Gradient @node as images. Where it is an activation's that the reader computes: the
 * factors of the batch norm before the activation, which give its argument from x (@p,
 * @q), else -1. */
static int
masked (Lower *self, NmdNode node, int *p, int *q, NmdAct *act)
{
  *p = *q = -1;
  *act = NMD_NO_ACT;
  if (!self->lazy[node])
    return as_rows (self, node);
  const NmdNode norm = self->norm_of[info_of (self, node)->inputs[1]];
  *p = self->factors[norm];
  *q = as_plain (self, info_of (self, norm)->inputs[4]);
  *act = act_of (self, node);
  return as_rows (self, info_of (self, node)->inputs[0]);
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
lower_batch_norm (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  const NmdNode *in = info->inputs;
  const int a = norm_coefficients (self, in[2], in[3], info->at.epsilon);
  const int x = as_rows (self, in[0]), mean = as_plain (self, in[1]),
            beta = as_plain (self, in[4]);
  const int y = rows_value (self, &info->shape);
  const NmdNode act = fusable_act (self, node),
                result = act == NMD_NODE_NONE ? node : act;
  NmdCpuStep *s = new_step (self, nmd_cpu_norm, NMD_CPU_IMAGES,
                            result == node ? "batch norm" : "batch norm, activation", y);
  s->split = TRUE;
  read_images (self, s, x);
  read_whole (self, s, mean);
  read_whole (self, s, a);
  read_whole (self, s, beta);
  self->p->node_value[result] = y;
  self->factors[node] = a;
  if (result == node)
    return;
  s->act = act_of (self, act);
  self->done[act] = TRUE;
  self->norm_of[nmd_activation_needs_x ((NmdActivation)s->act.kind) ? node : act] = node;
}

/* Derivatives with an exponential are taken once. */
static gboolean
is_costly (NmdAct act)
{
  return act.kind == NMD_SIGMOID || act.kind == NMD_SILU || act.kind == NMD_GELU;
}

/* GRAD_GAMMA @node and, with it, the sum @sum (dbeta) of the same gradient, or -1. */
void
lower_grad_gamma (Lower *self, NmdNode node, NmdNode sum)
{
  const NmdNodeInfo *info = info_of (self, node);
  NmdAct act;
  int p, q;
  const int dy = masked (self, info->inputs[0], &p, &q, &act),
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
      s->act = act;
    }
  if (is_costly (act))
    {
      /* the gradient that the sums are taken of is kept rather than computed again */
      const int g = rows_value (self, &info_of (self, info->inputs[1])->shape);
      also_writes (self, s, g);
      self->lazy[info->inputs[0]] = FALSE;
      self->p->node_value[info->inputs[0]] = g;
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
  NmdAct act;
  int p, q, vectors[4], abd[3];
  const int dy = masked (self, in[0], &p, &q, &act), x = as_rows (self, in[1]),
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
      s->act = act;
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
  NmdCpuStep *s = new_step (self, nmd_cpu_scale_channels, NMD_CPU_IMAGES,
                            "frozen batch norm, gradient", dx);
  s->split = TRUE;
  read_images (self, s, dy);
  read_whole (self, s, a);
  self->p->node_value[node] = dx;
}

gboolean
lower_norm (Lower *self, NmdNode node)
{
  const NmdNodeInfo *info = info_of (self, node);
  if (info->op == NMD_OP_ACTIVATION_GRAD
      && can_be_lazy (self, node, self->norm_of[info->inputs[1]]))
    {
      self->lazy[node] = TRUE;
      return TRUE;
    }
  switch (info->op)
    {
    case NMD_OP_BATCH_MEAN:
      lower_mean (self, node);
      return TRUE;
    case NMD_OP_BATCH_VARIANCE:
      lower_variance (self, node);
      return TRUE;
    case NMD_OP_BATCH_NORM:
      lower_batch_norm (self, node);
      return TRUE;
    case NMD_OP_BATCH_NORM_GRAD_GAMMA:
      lower_grad_gamma (self, node, NMD_NODE_NONE);
      return TRUE;
    case NMD_OP_BATCH_NORM_GRAD_X:
      lower_norm_dx (self, node);
      return TRUE;
    case NMD_OP_BATCH_NORM_FROZEN_GRAD_X:
      lower_frozen_dx (self, node);
      return TRUE;
    default:
      return FALSE;
    }
}
