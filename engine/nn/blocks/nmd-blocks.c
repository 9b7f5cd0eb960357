/* SPDX-License-Identifier: Apache-2.0
 *
 * The single layers of nmd-blocks.h, thin covers over nmd_graph_add(). Blocks of several
 * layers are in nmd-composites.c; which of them a network has is its model file's
 * business.
 */
#include "engine/nn/blocks/nmd-blocks.h"

int
nmd_block_channels (const NmdGraph *graph, NmdNode x)
{
  return x == NMD_NODE_NONE ? 1 : nmd_graph_get (graph, x)->shape.dims[1];
}

static NmdNode
vector (NmdGraph *graph, const char *name, gboolean trainable, int c)
{
  return nmd_graph_store (graph, name, trainable, &c, 1);
}

static NmdNode
convolve (NmdGraph *graph,
          const char *name,
          NmdNode x,
          int out,
          int kernel,
          const NmdAttributes *at,
          gboolean bias)
{
  const int dims[4]
      = { out, MAX (1, nmd_block_channels (graph, x) / at->groups), kernel, kernel };
  NmdNode inputs[3] = { x };

  nmd_graph_push (graph, "%s", name);
  inputs[1] = nmd_graph_store (graph, "weight", TRUE, dims, 4);
  if (bias)
    inputs[2] = vector (graph, "bias", TRUE, out);
  nmd_graph_pop (graph);
  return nmd_graph_add (graph, NMD_OP_CONV, name, at, inputs, bias ? 3 : 2);
}

NmdNode
nmd_block_conv (NmdGraph *graph,
                const char *name,
                NmdNode x,
                int out,
                int kernel,
                int stride,
                int groups,
                gboolean bias)
{
  const NmdAttributes at = { .stride = stride, .padding = kernel / 2, .groups = groups };

  return convolve (graph, name, x, out, kernel, &at, bias);
}

NmdNode
nmd_block_patches (NmdGraph *graph, const char *name, NmdNode x, int out, int size)
{
  const NmdAttributes at = { .stride = size, .groups = 1 };

  return convolve (graph, name, x, out, size, &at, TRUE);
}

NmdNode
nmd_block_batch_norm (NmdGraph *graph, const char *name, NmdNode x, NmdMode mode)
{
  const NmdAttributes at = { .epsilon = 1e-5 };
  const int c = nmd_block_channels (graph, x);
  NmdNode inputs[5] = { x };

  nmd_graph_push (graph, "%s", name);
  inputs[3] = vector (graph, "weight", TRUE, c);
  inputs[4] = vector (graph, "bias", TRUE, c);
  inputs[1] = vector (graph, "running_mean", FALSE, c);
  inputs[2] = vector (graph, "running_var", FALSE, c);
  if (mode == NMD_MODE_TRAINING)
    {
      inputs[1] = nmd_graph_add (graph, NMD_OP_BATCH_MEAN, "mean", NULL, inputs, 1);
      inputs[2]
          = nmd_graph_add (graph, NMD_OP_BATCH_VARIANCE, "variance", NULL, inputs, 2);
    }
  nmd_graph_pop (graph);
  return nmd_graph_add (graph, NMD_OP_BATCH_NORM, name, &at, inputs, 5);
}

NmdNode
nmd_block_layer_norm (NmdGraph *graph, const char *name, NmdNode x)
{
  const NmdAttributes at = { .epsilon = 1e-6 };
  const int c = nmd_block_channels (graph, x);
  NmdNode inputs[3] = { x };

  nmd_graph_push (graph, "%s", name);
  inputs[1] = vector (graph, "weight", TRUE, c);
  inputs[2] = vector (graph, "bias", TRUE, c);
  nmd_graph_pop (graph);
  return nmd_graph_add (graph, NMD_OP_LAYER_NORM, name, &at, inputs, 3);
}

NmdNode
nmd_block_linear (NmdGraph *graph, const char *name, NmdNode x, int out)
{
  const int dims[2] = { out, nmd_block_channels (graph, x) };
  NmdNode inputs[3] = { x };

  nmd_graph_push (graph, "%s", name);
  inputs[1] = nmd_graph_store (graph, "weight", TRUE, dims, 2);
  inputs[2] = vector (graph, "bias", TRUE, out);
  nmd_graph_pop (graph);
  return nmd_graph_add (graph, NMD_OP_LINEAR, name, NULL, inputs, 3);
}

NmdNode
nmd_block_activation (NmdGraph *graph,
                      const char *name,
                      NmdNode x,
                      NmdActivation activation)
{
  const NmdAttributes at
      = { .activation = activation, .value = activation == NMD_LEAKY_RELU ? 0.01 : 0 };

  return nmd_graph_add (graph, NMD_OP_ACTIVATION, name, &at, &x, 1);
}

NmdNode
nmd_block_add (NmdGraph *graph, const char *name, NmdNode a, NmdNode b)
{
  return nmd_graph_add (graph, NMD_OP_ADD, name, NULL, (NmdNode[]){ a, b }, 2);
}

NmdNode
nmd_block_multiply (NmdGraph *graph, const char *name, NmdNode a, NmdNode b)
{
  return nmd_graph_add (graph, NMD_OP_MULTIPLY, name, NULL, (NmdNode[]){ a, b }, 2);
}

NmdNode
nmd_block_concat (NmdGraph *graph, const char *name, NmdNode a, NmdNode b)
{
  return nmd_graph_add (graph, NMD_OP_CONCAT, name, NULL, (NmdNode[]){ a, b }, 2);
}

NmdNode
nmd_block_reduce (
    NmdGraph *graph, const char *name, NmdNode x, NmdReduce reduce, NmdAxes axes)
{
  const NmdAttributes at = { .reduce = reduce, .axes = axes };

  return nmd_graph_add (graph, NMD_OP_REDUCE, name, &at, &x, 1);
}

NmdNode
nmd_block_shuffle (NmdGraph *graph, const char *name, NmdNode x, int groups)
{
  const NmdAttributes at = { .groups = groups };

  return nmd_graph_add (graph, NMD_OP_SHUFFLE, name, &at, &x, 1);
}

NmdNode
nmd_block_max_pool (NmdGraph *graph, const char *name, NmdNode x, int kernel, int stride)
{
  const NmdAttributes at = { .kernel = kernel, .stride = stride, .padding = kernel / 2 };

  return nmd_graph_add (graph, NMD_OP_MAX_POOL, name, &at, &x, 1);
}

NmdNode
nmd_block_upsample (NmdGraph *graph, const char *name, NmdNode x, int factor)
{
  const NmdAttributes at = { .factor = factor };

  return nmd_graph_add (graph, NMD_OP_UPSAMPLE, name, &at, &x, 1);
}

NmdNode
nmd_block_enlarge (NmdGraph *graph, const char *name, NmdNode x, int factor)
{
  NmdAttributes at = { .value = 0 };

  if (x == NMD_NODE_NONE)
    return x;
  at.shape = nmd_graph_get (graph, x)->shape;
  at.shape.dims[2] *= factor;
  at.shape.dims[3] *= factor;
  return nmd_graph_add (graph, NMD_OP_ENLARGE, name, &at, &x, 1);
}

NmdNode
nmd_block_slice (NmdGraph *graph, const char *name, NmdNode x, int from, int count)
{
  const NmdAttributes at = { .from = from, .count = count };

  return nmd_graph_add (graph, NMD_OP_SLICE, name, &at, &x, 1);
}

NmdNode
nmd_block_first (NmdGraph *graph, const char *name, NmdNode x, int count)
{
  if (nmd_block_channels (graph, x) <= count)
    return x;
  return nmd_block_slice (graph, name, x, 0, count);
}

static NmdNode
reshape (NmdGraph *graph, const char *name, NmdNode x, int n_dims)
{
  NmdAttributes at = { .shape = { n_dims, { 1, 1, 1, 1 } } };

  if (x == NMD_NODE_NONE)
    return x;
  at.shape.dims[0] = nmd_graph_get (graph, x)->shape.dims[0];
  at.shape.dims[1] = nmd_graph_get (graph, x)->shape.dims[1];
  return nmd_graph_add (graph, NMD_OP_RESHAPE, name, &at, &x, 1);
}

NmdNode
nmd_block_flatten (NmdGraph *graph, const char *name, NmdNode x)
{
  return reshape (graph, name, x, 2);
}

NmdNode
nmd_block_unflatten (NmdGraph *graph, const char *name, NmdNode x)
{
  return reshape (graph, name, x, 4);
}

NmdNode
nmd_block_dropout (NmdGraph *graph, NmdNode x, NmdMode mode)
{
  NmdShape shape;
  NmdNode mask;

  if (mode != NMD_MODE_TRAINING || x == NMD_NODE_NONE)
    return x;
  shape = nmd_graph_get (graph, x)->shape;
  mask = nmd_graph_input (graph, "dropout", shape.dims, shape.n_dims);
  return nmd_block_multiply (graph, "dropped", x, mask);
}
