/* SPDX-License-Identifier: Apache-2.0
 *
 * Counting over a network's graph. How a table looks is its readers' business.
 */
#include "engine/nn/nmd-summary.h"

static void
layer_free (gpointer data)
{
  NmdLayer *self = data;

  g_free (self->name);
  g_free (self);
}

void
nmd_summary_free (NmdSummary *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->layers);
  g_free (self);
}

/* Trainable values among @node's inputs that @counted does not hold yet. */
static gint64
count_parameters (const NmdGraph *graph, const NmdNodeInfo *node, GHashTable *counted)
{
  gint64 count = 0;

  for (int i = 0; i < node->n_inputs; i++)
    {
      const NmdNodeInfo *input = nmd_graph_get (graph, node->inputs[i]);

      if (input->op == NMD_OP_STORE && input->at.trainable
          && g_hash_table_add (counted, GINT_TO_POINTER (node->inputs[i] + 1)))
        count += (gint64)nmd_shape_count (&input->shape);
    }
  return count;
}

NmdSummary *
nmd_summary_new (const NmdNetwork *network, int n_classes, GError **error)
{
  g_return_val_if_fail (network != NULL, NULL);

  g_auto (NmdNetworkGraph) built = { NULL };
  g_autoptr (GHashTable) counted = g_hash_table_new (NULL, NULL);
  NmdSummary *self;

  if (!nmd_network_inference (&built, network, n_classes, 1, error))
    return NULL;
  self = g_new0 (NmdSummary, 1);
  self->layers = g_ptr_array_new_with_free_func (layer_free);
  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (built.graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (built.graph, i);
      NmdLayer *layer;

      if (nmd_op_get_info (node->op)->no_layer)
        continue;
      layer = g_new0 (NmdLayer, 1);
      layer->name = g_strdup (node->name);
      layer->op = node->op;
      layer->shape = node->shape;
      layer->parameters = count_parameters (built.graph, node, counted);
      layer->macs = nmd_graph_get_macs (built.graph, i);
      layer->bytes = (gint64)(sizeof (float) * nmd_shape_count (&node->shape));
      g_ptr_array_add (self->layers, layer);
      self->parameters += layer->parameters;
      self->macs += layer->macs;
      self->bytes += layer->bytes;
    }
  return self;
}
