/* SPDX-License-Identifier: Apache-2.0
 *
 * Layers of a network by name. The network's graph says which there are.
 */
#include "ui/widgets/nmd-layer-list.h"

#include <string.h>

/* Names of blocks whose value is a map: "stem_pw", "blocks.3", "expand_pw". */
static gboolean
is_block_name (const char *name)
{
  gboolean after_dot = FALSE;

  if (name == NULL || *name == '\0' || strchr (name, ':') != NULL)
    return FALSE;
  for (const char *c = name; *c != '\0'; c++)
    {
      if (after_dot && !g_ascii_isdigit (*c))
        return FALSE;
      if (*c == '.')
        {
          if (after_dot)
            return FALSE;
          after_dot = TRUE;
        }
    }
  return TRUE;
}

GtkStringList *
nmd_layer_list_new (NmdModel *model)
{
  GtkStringList *list = gtk_string_list_new (NULL);
  g_auto (NmdNetworkGraph) graph = { 0 };

  if (model == NULL)
    return list;
  const NmdNetwork *network = nmd_model_get_network (model);
  gtk_string_list_append (list, network->cam_layer);
  /* A model that was read has a graph that can be built. */
  if (!nmd_network_inference (&graph, network, 2, 1, NULL))
    return list;
  for (int i = nmd_graph_get_n_nodes (graph.graph) - 1; i >= 0; i--)
    {
      const NmdNodeInfo *node = nmd_graph_get (graph.graph, i);
      if (node->op != NMD_OP_STORE && node->op != NMD_OP_INPUT && node->shape.n_dims == 4
          && node->shape.dims[2] > 1 && is_block_name (node->name)
          && strcmp (node->name, network->cam_layer) != 0)
        gtk_string_list_append (list, node->name);
    }
  return list;
}
