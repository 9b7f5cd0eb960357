/* SPDX-License-Identifier: Apache-2.0
 *
 * Which neighbours of a node go into its step, as far as several kinds of steps ask: a
 * frozen batch norm and an activation behind a convolution or product, a gate's sigmoid.
 * An output is never fused away, and nothing is read at another time than its node's if
 * the program overwrites it. The steps themselves are nmd-cuda-lower.c's and
 * nmd-cuda-products.c's.
 */
#include "engine/backend/cuda/nmd-cuda-fuse.h"

static const NmdNodeInfo *
info (NmdCudaProgram *self, NmdNode node)
{
  return nmd_graph_get (self->graph, node);
}

NmdNode
nmd_cuda_find_user (NmdCudaProgram *self, NmdNode node, NmdOp op, NmdNode before)
{
  for (const NmdNode *k = nmd_patterns_get_users (self->patterns, node);
       *k != NMD_NODE_NONE; k++)
    {
      const NmdNodeInfo *user = info (self, *k);
      gboolean ready = user->op == op && !self->done[*k];

      for (int i = 0; ready && i < user->n_inputs; i++)
        ready = user->inputs[i] <= before;
      if (ready)
        return *k;
    }
  return NMD_NODE_NONE;
}

NmdNode
nmd_cuda_only_activation (NmdCudaProgram *self, NmdNode at)
{
  const NmdNode user = nmd_patterns_get_only_activation (self->patterns, at);

  return user != NMD_NODE_NONE && !self->done[user] ? user : NMD_NODE_NONE;
}

void
nmd_cuda_set_activation (NmdCudaStep *step, const NmdNodeInfo *activation)
{
  step->activation = (int)activation->at.activation;
  step->slope = (float)activation->at.value;
}

/* A batch norm and an activation behind a product */

/* The frozen batch norm that alone reads @at, or none. One whose value and activation are
 * both wanted is left alone: its own kernel gives both. */
static NmdNode
frozen_norm (NmdCudaProgram *self, NmdNode at)
{
  const NmdNode norm = nmd_patterns_get_frozen_norm (self->patterns, at);

  if (norm == NMD_NODE_NONE || self->done[norm])
    return NMD_NODE_NONE;
  if (nmd_cuda_n_users (self, norm) > 1
      && nmd_cuda_find_user (self, norm, NMD_OP_ACTIVATION, norm) != NMD_NODE_NONE)
    return NMD_NODE_NONE;
  return norm;
}

void
nmd_cuda_lower_finish (NmdCudaProgram *self, NmdCudaStep *step, NmdNode at, gboolean own)
{
  const NmdNode norm = frozen_norm (self, at);
  const NmdNode last = norm != NMD_NODE_NONE ? norm : at;
  const NmdNode activation = nmd_cuda_only_activation (self, last);

  for (step->n_in = 3; step->n_in < 7; step->n_in++)
    step->in[step->n_in] = -1;
  if (norm == NMD_NODE_NONE && (activation == NMD_NODE_NONE || (!own && step->in[2] < 0)))
    return;
  step->finishes = TRUE;
  step->out[0] = last;
  if (norm != NMD_NODE_NONE)
    {
      for (int k = 1; k < 5; k++)
        step->in[2 + k] = info (self, norm)->inputs[k];
      step->epsilon = (float)info (self, norm)->at.epsilon;
      self->done[norm] = TRUE;
    }
  if (activation == NMD_NODE_NONE)
    return;
  nmd_cuda_set_activation (step, info (self, activation));
  step->out[0] = activation;
  self->done[activation] = TRUE;
}

NmdCudaFinish
nmd_cuda_finish_of (NmdCudaProgram *self, const NmdCudaStep *step)
{
  return (NmdCudaFinish){ .activation = step->activation,
                          .epsilon = step->epsilon,
                          .slope = step->slope,
                          .bias = nmd_cuda_floats (self, step->in[2]),
                          .mean = nmd_cuda_floats (self, step->in[3]),
                          .variance = nmd_cuda_floats (self, step->in[4]),
                          .gamma = nmd_cuda_floats (self, step->in[5]),
                          .beta = nmd_cuda_floats (self, step->in[6]) };
}

/* Gates */

/* Whether @at has operation @op and is read once, by a node. */
static gboolean
is_single (NmdCudaProgram *self, NmdNode at, NmdOp op)
{
  return info (self, at)->op == op && nmd_cuda_n_users (self, at) == 1
         && !self->is_output[at];
}

/* [n,c] as [n,c,1,1], which is stored the same way. */
static gboolean
is_map (NmdCudaProgram *self, NmdNode at)
{
  const NmdShape *y = nmd_cuda_shape (self, at), *x;

  if (!is_single (self, at, NMD_OP_RESHAPE))
    return FALSE;
  x = nmd_cuda_shape (self, info (self, at)->inputs[0]);
  return x->n_dims == 2 && y->n_dims == 4 && y->dims[0] == x->dims[0]
         && y->dims[1] == x->dims[1] && y->dims[2] == 1 && y->dims[3] == 1;
}

/* A batch norm computes the activation behind it along with itself. What is read with the
 * product instead of before it must not lie where the program overwrites it. */
gboolean
nmd_cuda_find_gate (NmdCudaProgram *self, NmdNode at, NmdCudaGate *gate)
{
  NmdNode node = info (self, at)->inputs[1];
  const NmdNodeInfo *activation;

  *gate = (NmdCudaGate){ at, NMD_NODE_NONE, node, NMD_NODE_NONE, node, NMD_NODE_NONE };
  if (is_map (self, node))
    {
      gate->map = node;
      node = info (self, node)->inputs[0];
    }
  activation = info (self, node);
  if (!is_single (self, node, NMD_OP_ACTIVATION)
      || (activation->at.activation != NMD_SIGMOID
          && activation->at.activation != NMD_HARD_SIGMOID))
    return FALSE;
  gate->activation = node;
  gate->a = node = activation->inputs[0];
  if (info (self, node)->op == NMD_OP_BATCH_NORM)
    return FALSE;
  if (is_single (self, node, NMD_OP_ADD))
    {
      gate->sum = node;
      gate->a = info (self, node)->inputs[0];
      gate->b = info (self, node)->inputs[1];
    }
  return !nmd_cuda_is_stored (self, gate->a)
         && (gate->b == NMD_NODE_NONE || !nmd_cuda_is_stored (self, gate->b));
}

void
nmd_cuda_claim_gates (NmdCudaProgram *self)
{
  NmdCudaGate gate;

  for (NmdNode i = 0; i < self->n_nodes; i++)
    {
      if (!self->needed[i] || info (self, i)->op != NMD_OP_MULTIPLY
          || !nmd_cuda_find_gate (self, i, &gate))
        continue;
      self->done[gate.activation] = TRUE;
      if (gate.map != NMD_NODE_NONE)
        self->done[gate.map] = TRUE;
      if (gate.sum != NMD_NODE_NONE)
        self->done[gate.sum] = TRUE;
    }
}
