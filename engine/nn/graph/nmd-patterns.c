/* SPDX-License-Identifier: Apache-2.0
 *
 * A node's neighbours, for compilers. The CUDA module has a copy of it.
 */
#include "engine/nn/graph/nmd-patterns.h"

struct _NmdPatterns
{
  const NmdGraph *graph;
  const gboolean *needed, *is_output;
  const int *handles;
  int n;
  int *start;           /* by node: where its users begin in: */
  NmdNode *users;       /* each node's, ended by none */
  int *first_overwrite; /* by handle: the first node that overwrites it, or n */
};

static const NmdNodeInfo *
info (const NmdPatterns *self, NmdNode node)
{
  return nmd_graph_get (self->graph, node);
}

static void
list_users (NmdPatterns *self)
{
  g_autofree int *filled = g_new0 (int, self->n + 1);
  int total = 0;

  self->start = g_new0 (int, self->n + 1);
  for (NmdNode i = 0; i < self->n; i++)
    for (int k = 0; self->needed[i] && k < info (self, i)->n_inputs; k++)
      self->start[info (self, i)->inputs[k]]++;
  for (NmdNode i = 0; i < self->n; i++)
    {
      const int count = self->start[i];

      self->start[i] = total;
      total += count + 1;
    }
  self->start[self->n] = total;
  self->users = g_new (NmdNode, total + 1);
  for (int i = 0; i < total; i++)
    self->users[i] = NMD_NODE_NONE;
  for (NmdNode i = 0; i < self->n; i++)
    for (int k = 0; self->needed[i] && k < info (self, i)->n_inputs; k++)
      {
        const NmdNode from = info (self, i)->inputs[k];

        self->users[self->start[from] + filled[from]++] = i;
      }
}

static void
list_overwrites (NmdPatterns *self)
{
  int n_handles = 0;

  for (NmdNode i = 0; i < self->n; i++)
    n_handles = MAX (n_handles, self->handles[i] + 1);
  self->first_overwrite = g_new (int, n_handles + 1);
  for (int i = 0; i < n_handles; i++)
    self->first_overwrite[i] = self->n;
  for (NmdNode i = self->n - 1; i >= 0; i--)
    for (int k = 0; self->needed[i] && k < info (self, i)->n_inputs; k++)
      if (nmd_op_get_info (info (self, i)->op)->overwrites >> k & 1)
        self->first_overwrite[self->handles[info (self, i)->inputs[k]]] = i;
}

NmdPatterns *
nmd_patterns_new (const NmdGraph *graph,
                  const gboolean *needed,
                  const gboolean *is_output,
                  const int *handles)
{
  g_return_val_if_fail (graph != NULL, NULL);

  NmdPatterns *self = g_new0 (NmdPatterns, 1);

  self->graph = graph;
  self->needed = needed;
  self->is_output = is_output;
  self->handles = handles;
  self->n = nmd_graph_get_n_nodes (graph);
  list_users (self);
  list_overwrites (self);
  return self;
}

void
nmd_patterns_free (NmdPatterns *self)
{
  if (self == NULL)
    return;
  g_free (self->start);
  g_free (self->users);
  g_free (self->first_overwrite);
  g_free (self);
}

const NmdNode *
nmd_patterns_get_users (const NmdPatterns *self, NmdNode node)
{
  return self->users + self->start[node];
}

int
nmd_patterns_count_users (const NmdPatterns *self, NmdNode node)
{
  return self->start[node + 1] - self->start[node] - 1;
}

NmdNode
nmd_patterns_get_only_user (const NmdPatterns *self, NmdNode node)
{
  if (self->is_output[node] || nmd_patterns_count_users (self, node) != 1)
    return NMD_NODE_NONE;
  return *nmd_patterns_get_users (self, node);
}

NmdNode
nmd_patterns_get_only_activation (const NmdPatterns *self, NmdNode node)
{
  const NmdNode user = nmd_patterns_get_only_user (self, node);

  return user != NMD_NODE_NONE && info (self, user)->op == NMD_OP_ACTIVATION
             ? user
             : NMD_NODE_NONE;
}

gboolean
nmd_patterns_overwrites (const NmdPatterns *self, int handle)
{
  return handle >= 0 && self->first_overwrite[handle] < self->n;
}

gboolean
nmd_patterns_is_overwritten (const NmdPatterns *self, NmdNode node)
{
  return nmd_patterns_overwrites (self, self->handles[node]);
}

gboolean
nmd_patterns_is_overwritten_before (const NmdPatterns *self, NmdNode node, NmdNode end)
{
  return self->handles[node] >= 0 && self->first_overwrite[self->handles[node]] < end;
}

gboolean
nmd_patterns_stands_still (const NmdPatterns *self, NmdNode node)
{
  switch (info (self, node)->op)
    {
    case NMD_OP_INPUT:
    case NMD_OP_CONSTANT:
      return TRUE;
    case NMD_OP_STORE:
      return !nmd_patterns_is_overwritten (self, node);
    default:
      return FALSE;
    }
}

NmdNode
nmd_patterns_get_frozen_norm (const NmdPatterns *self, NmdNode node)
{
  const NmdNode norm = nmd_patterns_get_only_user (self, node);

  if (norm == NMD_NODE_NONE || info (self, norm)->op != NMD_OP_BATCH_NORM
      || info (self, norm)->inputs[0] != node)
    return NMD_NODE_NONE;
  for (int k = 1; k < info (self, norm)->n_inputs; k++)
    if (!nmd_patterns_stands_still (self, info (self, norm)->inputs[k]))
      return NMD_NODE_NONE;
  return norm;
}

NmdNode
nmd_patterns_get_variance (const NmdPatterns *self, NmdNode mean)
{
  const NmdNode *user = nmd_patterns_get_users (self, mean);

  for (; *user != NMD_NODE_NONE; user++)
    if (info (self, *user)->op == NMD_OP_BATCH_VARIANCE
        && info (self, *user)->inputs[0] == info (self, mean)->inputs[0])
      return *user;
  return NMD_NODE_NONE;
}

NmdNode
nmd_patterns_get_gamma_beside (const NmdPatterns *self, NmdNode sum)
{
  const NmdNodeInfo *node = info (self, sum);
  const NmdNode dy = node->inputs[0];

  if (node->op != NMD_OP_REDUCE || node->at.reduce != NMD_REDUCE_SUM
      || node->at.axes != NMD_AXES_NHW)
    return NMD_NODE_NONE;
  for (const NmdNode *user = nmd_patterns_get_users (self, dy); *user != NMD_NODE_NONE;
       user++)
    {
      const NmdNodeInfo *gamma = info (self, *user);
      gboolean ready
          = gamma->op == NMD_OP_BATCH_NORM_GRAD_GAMMA && gamma->inputs[0] == dy;

      for (int k = 1; ready && k < gamma->n_inputs; k++)
        ready = gamma->inputs[k] < sum;
      if (ready)
        return *user;
    }
  return NMD_NODE_NONE;
}
