/* SPDX-License-Identifier: Apache-2.0
 *
 * Reverse accumulation: from one node's gradient back to those that are wanted. Each
 * operation's rule is the table's (nmd-ops.h).
 */
#include "engine/nn/graph/nmd-graph-private.h"

static void
name_gradient (NmdReverse *self)
{
  const char *had = nmd_graph_get (self->graph, self->dy)->name;
  g_autofree char *name = NULL;

  if (*self->info.name == '\0')
    return;
  name = g_strconcat ("d:", self->info.name, NULL);
  if (*had == '\0')
    nmd_graph_set_name (self->graph, self->dy, name);
  else /* it is the gradient of several nodes */
    nmd_graph_add_name (self->graph, self->dy, name);
}

static gboolean
reverse_all (NmdReverse *self, NmdNode y, NmdNode dy, GError **error)
{
  self->sum[y] = dy;
  for (NmdNode i = y; i >= 0; i--)
    {
      if (self->sum[i] == NMD_NODE_NONE)
        continue;
      self->node = i;
      self->info = *nmd_graph_get (self->graph, i);
      self->dy = self->sum[i];
      name_gradient (self);
      if (self->info.n_inputs == 0)
        continue;
      gboolean below = FALSE;
      for (int k = 0; k < self->info.n_inputs; k++)
        below |= nmd_reverse_wants (self, k);
      const NmdOpInfo *op = nmd_op_get_info (self->info.op);
      if (below && (op->gradient == NULL || !op->gradient (self)))
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                       "Node %s (%s) has no gradient by what lies before it",
                       *self->info.name != '\0' ? self->info.name : "without a name",
                       op->name);
          return FALSE;
        }
    }
  return nmd_graph_check (self->graph, error);
}

gboolean
nmd_graph_differentiate (NmdGraph *self,
                         NmdNode y,
                         NmdNode dy,
                         const NmdNode *wanted,
                         int n_wanted,
                         NmdNode *gradients,
                         GError **error)
{
  g_return_val_if_fail (self != NULL && gradients != NULL, FALSE);
  g_return_val_if_fail (n_wanted == 0 || wanted != NULL, FALSE);

  const int n = nmd_graph_get_n_nodes (self);
  g_autofree gboolean *useful = NULL;
  g_autofree NmdNode *sum = NULL;
  NmdReverse reverse = { .graph = self, .get = nmd_graph_get, .add = nmd_graph_add };

  for (int i = 0; i < n_wanted; i++)
    gradients[i] = NMD_NODE_NONE;
  if (!nmd_graph_check (self, error))
    return FALSE;
  g_return_val_if_fail (y >= 0 && y < n && dy >= 0 && dy < n, FALSE);
  if (!nmd_shape_equal (&nmd_graph_get (self, y)->shape,
                        &nmd_graph_get (self, dy)->shape))
    {
      g_autofree char *a = nmd_shape_to_string (&nmd_graph_get (self, y)->shape);
      g_autofree char *b = nmd_shape_to_string (&nmd_graph_get (self, dy)->shape);

      g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE, "Node %s is %s, its gradient is %s",
                   nmd_graph_get (self, y)->name, a, b);
      return FALSE;
    }
  useful = reverse.useful = g_new0 (gboolean, n);
  sum = reverse.sum = g_new (NmdNode, n);
  for (int i = 0; i < n; i++)
    sum[i] = NMD_NODE_NONE;
  for (int i = 0; i < n_wanted; i++)
    {
      g_return_val_if_fail (wanted[i] >= 0 && wanted[i] < n, FALSE);
      useful[wanted[i]] = TRUE;
    }
  for (int i = 0; i <= y; i++)
    for (int k = 0; k < nmd_graph_get (self, i)->n_inputs; k++)
      useful[i] |= useful[nmd_graph_get (self, i)->inputs[k]];
  if (!useful[y])
    return TRUE;
  if (!reverse_all (&reverse, y, dy, error))
    return FALSE;
  for (int i = 0; i < n_wanted; i++)
    gradients[i] = sum[wanted[i]];
  return TRUE;
}
