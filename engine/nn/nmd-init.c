/* SPDX-License-Identifier: Apache-2.0
 *
 * Fresh weights: which rule holds for a tensor, and drawing it. The rules of a network
 * are in its model file.
 */
#include "engine/core/nmd-random.h"
#include "engine/nn/nmd-network.h"

#include <math.h>
#include <string.h>

/* What a tensor's values are drawn from. */
typedef struct
{
  NmdDraw draw;
  double value;
  const NmdShape *weight; /* of the layer */
  int groups;             /* of the layer, if it is a convolution */
} Source;

/* Shape of the weight that stands beside @node, a bias; otherwise @node's own. */
static const NmdShape *
weight_shape (const NmdGraph *graph, const NmdNodeInfo *node)
{
  g_autofree char *name = NULL;

  if (!g_str_has_suffix (node->name, ".bias"))
    return &node->shape;
  name = g_strdup_printf ("%.*sweight", (int)(strlen (node->name) - strlen ("bias")),
                          node->name);
  g_assert (nmd_graph_find (graph, name) != NMD_NODE_NONE);
  return &nmd_graph_get (graph, nmd_graph_find (graph, name))->shape;
}

/* Groups of the convolution that @node is the weight of, 1 for any other tensor. */
static int
groups_of (const NmdGraph *graph, const NmdNodeInfo *node)
{
  const char *dot = strrchr (node->name, '.');
  g_autofree char *name = NULL;
  NmdNode layer;

  if (dot == NULL)
    return 1;
  name = g_strndup (node->name, (gsize)(dot - node->name));
  layer = nmd_graph_find (graph, name);
  if (layer == NMD_NODE_NONE || nmd_graph_get (graph, layer)->op != NMD_OP_CONV)
    return 1;
  return nmd_graph_get (graph, layer)->at.groups;
}

static Source
find_source (const NmdNetwork *network, const NmdGraph *graph, const NmdNodeInfo *node)
{
  Source source
      = { NMD_DRAW_UNIFORM_IN, 0, weight_shape (graph, node), groups_of (graph, node) };

  for (const NmdInitRule *rule = network->init; rule != NULL && rule->names != NULL;
       rule++)
    if ((rule->n_dims == 0 || rule->n_dims == source.weight->n_dims)
        && g_pattern_match_simple (rule->names, node->name))
      {
        source.draw = rule->draw;
        source.value = rule->value;
        return source;
      }
  if (source.weight->n_dims == 1) /* of a norm */
    {
      source.draw = NMD_DRAW_CONSTANT;
      source.value = g_str_has_suffix (node->name, "weight")
                     || g_str_has_suffix (node->name, "running_var");
    }
  return source;
}

static void
draw (const Source *source, NmdRandom *stream, float *values, gsize n)
{
  const NmdShape *weight = source->weight;
  const double count = (double)nmd_shape_count (weight), out = weight->dims[0],
               fan_in = count / out,
               fan_out = weight->n_dims < 2
                             ? 1
                             : count / (weight->dims[1] * (double)source->groups);
  double scale = source->value;

  if (source->draw == NMD_DRAW_UNIFORM_IN || source->draw == NMD_DRAW_UNIFORM_OUT)
    {
      scale = 1 / sqrt (source->draw == NMD_DRAW_UNIFORM_IN ? fan_in : fan_out);
      for (gsize i = 0; i < n; i++)
        values[i] = (float)(scale * (double)nmd_random_u (stream));
      return;
    }
  if (source->draw == NMD_DRAW_NORMAL_OUT)
    scale = sqrt (2 / fan_out);
  for (gsize i = 0; i < n; i++)
    values[i]
        = (float)(source->draw == NMD_DRAW_CONSTANT ? scale
                                                    : scale * nmd_random_normal (stream));
}

NmdWeights *
nmd_network_init (const NmdNetwork *self, int n_classes, guint64 seed)
{
  g_return_val_if_fail (self != NULL && n_classes >= 2, NULL);

  g_auto (NmdNetworkGraph) forward = { NULL };
  g_autoptr (NmdWeights) weights = nmd_weights_new ();

  if (!nmd_network_inference (&forward, self, n_classes, 1, NULL))
    g_return_val_if_reached (NULL);
  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (forward.graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (forward.graph, i);
      NmdRandom stream;
      Source source;

      if (node->op != NMD_OP_STORE)
        continue;
      nmd_random_init_for (&stream, seed, "init", 0, node->name);
      source = find_source (self, forward.graph, node);
      draw (&source, &stream, nmd_weights_add (weights, node->name, &node->shape),
            nmd_shape_count (&node->shape));
    }
  return g_steal_pointer (&weights);
}
