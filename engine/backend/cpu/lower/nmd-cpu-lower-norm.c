/* SPDX-License-Identifier: Apache-2.0
 *
 * Lowers batch norm and its gradients. Fused are its two statistics, the activation after
 * it, the activation's derivative into both gradients, and the sums for gamma and beta.
 */
#include "engine/backend/cpu/lower/nmd-cpu-lower-norm.h"

#include "engine/backend/cpu/lower/nmd-cpu-layouts.h"
#include "engine/backend/cpu/ops/nmd-cpu-elementwise.h"
#include "engine/backend/cpu/ops/nmd-cpu-norms.h"

/* Whether all that read activation gradient @node can apply the activation's derivative
 * themselves: the sums and the gradient of batch norm @norm, whose activation it is. */
static gboolean
can_be_lazy (const NmdCpuLower *self, NmdNode node, NmdNode norm)
{
  gboolean sum = FALSE, gamma = FALSE;
  if (norm == NMD_NODE_NONE || self->p->is_output[node])
    return FALSE;
  const NmdNode *in = nmd_cpu_info (self, norm)->inputs;
  for (const NmdNode *k = nmd_patterns_get_users (self->patterns, node);
       *k != NMD_NODE_NONE; k++)
    {
      const NmdNode reader = *k;
      const NmdNodeInfo *u = nmd_cpu_info (self, reader);
      const gboolean same = u->inputs[0] == node && u->n_inputs >= 4
                            && u->inputs[1] == in[0] && u->inputs[2] == in[1]
                            && in[0] != node;
      if (nmd_patterns_is_overwritten_before (self->patterns, in[1], reader)
          || nmd_patterns_is_overwritten_before (self->patterns, in[4], reader))
        return FALSE;
      if (u->op == NMD_OP_REDUCE && u->at.axes == NMD_AXES_NHW
          && u->at.reduce == NMD_REDUCE_SUM)
        sum = TRUE;
      else if (u->op == NMD_OP_BATCH_NORM_GRAD_GAMMA && same)
        gamma = TRUE;
      else if (u->op != NMD_OP_BATCH_NORM_GRAD_X || !same)
        return FALSE;
    }
  return nmd_patterns_count_users (self->patterns, node) > 0 && (!sum || gamma);
}

/* The activation that alone reads batch norm @node apart from gradients that need not its
 * value, or -1. */
static NmdNode
fusable_act (const NmdCpuLower *self, NmdNode node)
{
  NmdNode act = NMD_NODE_NONE;
  const NmdNode *users = nmd_patterns_get_users (self->patterns, node);
  if (self->p->is_output[node])
    return NMD_NODE_NONE;
  for (const NmdNode *k = users; *k != NMD_NODE_NONE; k++)
    {
      const NmdNode u = *k;
      const NmdNodeInfo *info = nmd_cpu_info (self, u);
      if (info->op == NMD_OP_ACTIVATION && act == NMD_NODE_NONE)
        act = u;
      else if (info->op != NMD_OP_ACTIVATION_GRAD || info->inputs[0] == node
               || !nmd_activation_needs_x (info->at.activation)
               || !can_be_lazy (self, u, node))
        return NMD_NODE_NONE;
    }
  for (const NmdNode *k = users; act != NMD_NODE_NONE && *k != NMD_NODE_NONE; k++)
    {
      const NmdNode u = *k;
      if (u != act
          && nmd_cpu_info (self, u)->at.activation
                 != nmd_cpu_info (self, act)->at.activation)
        return NMD_NODE_NONE;
    }
  return act;
}

/* Gradient @node as images. Where it is an activation's that the reader computes: the
 * factors of the batch norm before the activation, which give its argument from x (@p,
 * @q), else -1. */
static int
masked (NmdCpuLower *self, NmdNode node, int *p, int *q, NmdAct *act)
{
  *p = *q = -1;
  *act = NMD_NO_ACT;
  if (!self->lazy[node])
    return nmd_cpu_as_rows (self, node);
  const NmdNode norm = self->norm_of[nmd_cpu_info (self, node)->inputs[1]];
  *p = self->factors[norm];
  *q = nmd_cpu_as_plain (self, nmd_cpu_info (self, norm)->inputs[4]);
  *act = nmd_cpu_act_of (self, node);
  return nmd_cpu_as_rows (self, nmd_cpu_info (self, node)->inputs[0]);
}

/* Batch norm */

static void
lower_mean (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int x = nmd_cpu_as_rows (self, info->inputs[0]), c = info->shape.dims[0];
  const NmdNode variance = nmd_patterns_get_variance (self->patterns, node);
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_moments, -1);
  const NmdCpuValue *v = nmd_cpu_value (self->p, x);
  s->n = v->n;
  s->h = v->h;
  s->w = v->w;
  s->c = c;
  nmd_cpu_read_images (self, s, x);
  const int sums = nmd_cpu_sums_of (self, s, 2 + 5 * (gsize)c);
  const int mean = nmd_cpu_new_value (self, 1, 1, 1, c);
  s = nmd_cpu_new_step (self, &nmd_cpu_moments_end, mean);
  nmd_cpu_read_whole (self, s, sums);
  self->p->node_value[node] = mean;
  if (variance != NMD_NODE_NONE)
    {
      self->p->node_value[variance] = nmd_cpu_new_value (self, 1, 1, 1, c);
      nmd_cpu_also_writes (self, s, self->p->node_value[variance]);
      self->done[variance] = TRUE;
    }
}

static void
lower_variance (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int x = nmd_cpu_as_rows (self, info->inputs[0]),
            mean = nmd_cpu_as_plain (self, info->inputs[1]);
  const int c = info->shape.dims[0], result = nmd_cpu_new_value (self, 1, 1, 1, c);
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_variance, -1);
  const NmdCpuValue *v = nmd_cpu_value (self->p, x);
  s->n = v->n;
  s->h = v->h;
  s->w = v->w;
  s->c = c;
  nmd_cpu_read_images (self, s, x);
  nmd_cpu_read_whole (self, s, mean);
  const int sums = nmd_cpu_sums_of (self, s, 4 * (gsize)c);
  s = nmd_cpu_new_step (self, &nmd_cpu_variance_end, result);
  s->norm.count = (double)v->n * v->h * v->w;
  nmd_cpu_read_whole (self, s, sums);
  self->p->node_value[node] = result;
}

/* gamma/√(variance + ε) */
static int
norm_coefficients (NmdCpuLower *self, NmdNode variance, NmdNode gamma, double epsilon)
{
  const int v = nmd_cpu_as_plain (self, variance), g = nmd_cpu_as_plain (self, gamma);
  const int a
      = nmd_cpu_new_value (self, 1, 1, 1, nmd_cpu_info (self, gamma)->shape.dims[0]);
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_norm_coefficients, a);
  s->norm.epsilon = epsilon;
  nmd_cpu_read_whole (self, s, v);
  nmd_cpu_read_whole (self, s, g);
  return a;
}

static void
lower_batch_norm (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const NmdNode *in = info->inputs;
  const int a = norm_coefficients (self, in[2], in[3], info->at.epsilon);
  const int x = nmd_cpu_as_rows (self, in[0]), mean = nmd_cpu_as_plain (self, in[1]),
            beta = nmd_cpu_as_plain (self, in[4]);
  const int y = nmd_cpu_rows_value (self, &info->shape);
  const NmdNode act = fusable_act (self, node),
                result = act == NMD_NODE_NONE ? node : act;
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_norm, y);
  s->split = TRUE;
  nmd_cpu_read_images (self, s, x);
  nmd_cpu_read_whole (self, s, mean);
  nmd_cpu_read_whole (self, s, a);
  nmd_cpu_read_whole (self, s, beta);
  self->p->node_value[result] = y;
  self->factors[node] = a;
  if (result == node)
    return;
  s->name = "batch norm, activation";
  s->act = nmd_cpu_act_of (self, act);
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
nmd_cpu_lower_grad_gamma (NmdCpuLower *self, NmdNode node, NmdNode sum)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  NmdAct act;
  int p, q;
  const int dy = masked (self, info->inputs[0], &p, &q, &act),
            x = nmd_cpu_as_rows (self, info->inputs[1]);
  const int mean = nmd_cpu_as_plain (self, info->inputs[2]),
            variance = nmd_cpu_as_plain (self, info->inputs[3]);
  const int c = info->shape.dims[0];
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_norm_reduce, -1);
  const NmdCpuValue *v = nmd_cpu_value (self->p, x);
  s->n = v->n;
  s->h = v->h;
  s->w = v->w;
  s->c = c;
  nmd_cpu_read_images (self, s, dy);
  nmd_cpu_read_images (self, s, x);
  nmd_cpu_read_whole (self, s, mean);
  if (p >= 0)
    {
      nmd_cpu_read_whole (self, s, p);
      nmd_cpu_read_whole (self, s, q);
      s->act = act;
    }
  if (is_costly (act))
    {
      /* the gradient that the sums are taken of is kept rather than computed again */
      const int g
          = nmd_cpu_rows_value (self, &nmd_cpu_info (self, info->inputs[1])->shape);
      nmd_cpu_also_writes (self, s, g);
      self->lazy[info->inputs[0]] = FALSE;
      self->p->node_value[info->inputs[0]] = g;
    }
  const int sums = nmd_cpu_sums_of (self, s, 4 * (gsize)c);
  self->p->node_value[node] = nmd_cpu_new_value (self, 1, 1, 1, c);
  s = nmd_cpu_new_step (self, &nmd_cpu_norm_reduce_end, self->p->node_value[node]);
  s->norm.epsilon = info->at.epsilon;
  nmd_cpu_read_whole (self, s, sums);
  nmd_cpu_read_whole (self, s, variance);
  self->done[node] = TRUE;
  if (sum != NMD_NODE_NONE)
    {
      self->p->node_value[sum] = nmd_cpu_new_value (self, 1, 1, 1, c);
      nmd_cpu_also_writes (self, s, self->p->node_value[sum]);
    }
}

static void
lower_norm_dx (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const NmdNode *in = info->inputs;
  const int c = info->shape.dims[1];
  NmdAct act;
  int p, q, vectors[4], abd[3];
  const int dy = masked (self, in[0], &p, &q, &act), x = nmd_cpu_as_rows (self, in[1]),
            mean = nmd_cpu_as_plain (self, in[2]);
  for (int i = 0; i < 4; i++)
    vectors[i] = nmd_cpu_as_plain (self, in[3 + i]);
  for (int i = 0; i < 3; i++)
    abd[i] = nmd_cpu_new_value (self, 1, 1, 1, c);
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_grad_coefficients, abd[0]);
  nmd_cpu_also_writes (self, s, abd[1]);
  nmd_cpu_also_writes (self, s, abd[2]);
  s->norm.epsilon = info->at.epsilon;
  s->norm.count = (double)nmd_shape_count (&info->shape) / c;
  for (int i = 0; i < 4; i++)
    nmd_cpu_read_whole (self, s, vectors[i]);
  const int dx = nmd_cpu_rows_value (self, &info->shape);
  s = nmd_cpu_new_step (self, &nmd_cpu_norm_grad, dx);
  s->split = TRUE;
  nmd_cpu_read_images (self, s, dy);
  nmd_cpu_read_images (self, s, x);
  nmd_cpu_read_whole (self, s, mean);
  for (int i = 0; i < 3; i++)
    nmd_cpu_read_whole (self, s, abd[i]);
  if (p >= 0)
    {
      nmd_cpu_read_whole (self, s, p);
      nmd_cpu_read_whole (self, s, q);
      s->act = act;
    }
  self->p->node_value[node] = dx;
}

static void
lower_frozen_dx (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
  const int a
      = norm_coefficients (self, info->inputs[1], info->inputs[2], info->at.epsilon);
  const int dy = nmd_cpu_as_rows (self, info->inputs[0]),
            dx = nmd_cpu_rows_value (self, &info->shape);
  NmdCpuStep *s = nmd_cpu_new_step (self, &nmd_cpu_scale_channels, dx);
  s->split = TRUE;
  nmd_cpu_read_images (self, s, dy);
  nmd_cpu_read_whole (self, s, a);
  self->p->node_value[node] = dx;
}

gboolean
nmd_cpu_lower_norm (NmdCpuLower *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_cpu_info (self, node);
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
      nmd_cpu_lower_grad_gamma (self, node, NMD_NODE_NONE);
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
