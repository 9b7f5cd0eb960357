/* SPDX-License-Identifier: Apache-2.0
 *
 * The blocks of nmd-blocks.h that consist of several layers and that model files share.
 * How often and how wide a network repeats them is its model file's business.
 */
#include "engine/nn/blocks/nmd-blocks.h"

NmdNode
nmd_block_row (const NmdBuilder *self,
               const char *conv,
               const char *norm,
               const char *act,
               NmdNode x,
               int out,
               int kernel,
               int stride,
               int groups)
{
  x = nmd_block_conv (self->graph, conv, x, out, kernel, stride, groups, self->bias);
  x = nmd_block_batch_norm (self->graph, norm, x, self->mode);
  return act != NULL ? nmd_block_activation (self->graph, act, x, self->activation) : x;
}

/* Leaves the scope of the block whose value is @x. */
static NmdNode
leave (const NmdBuilder *self, NmdNode x)
{
  nmd_graph_name_scope (self->graph, x);
  nmd_graph_pop (self->graph);
  return x;
}

NmdNode
nmd_block_unit (const NmdBuilder *self,
                const char *name,
                NmdNode x,
                int out,
                int kernel,
                int stride,
                int groups,
                gboolean act)
{
  nmd_graph_push (self->graph, "%s", name);
  x = nmd_block_row (self, self->conv, self->norm, act ? self->act : NULL, x, out, kernel,
                     stride, groups);
  return leave (self, x);
}

NmdNode
nmd_block_depthwise (const NmdBuilder *self,
                     const char *name,
                     NmdNode x,
                     int kernel,
                     int stride,
                     gboolean act)
{
  const int c = nmd_block_channels (self->graph, x);

  return nmd_block_unit (self, name, x, c, kernel, stride, c, act);
}

NmdNode
nmd_block_squeeze_excite (
    const NmdBuilder *self, const char *name, NmdNode x, int reduced, NmdActivation gate)
{
  NmdGraph *graph = self->graph;
  const int c = nmd_block_channels (graph, x);
  NmdNode y;

  nmd_graph_push (graph, "%s", name);
  y = nmd_block_reduce (graph, "mean", x, NMD_REDUCE_MEAN, NMD_AXES_HW);
  y = nmd_block_conv (graph, "conv_reduce", y, reduced, 1, 1, 1, TRUE);
  y = nmd_block_activation (graph, "act1", y, self->activation);
  y = nmd_block_conv (graph, "conv_expand", y, c, 1, 1, 1, TRUE);
  y = nmd_block_activation (graph, "gate", y, gate);
  x = nmd_block_multiply (graph, "product", x, y);
  return leave (self, x);
}

NmdNode
nmd_block_ghost (const NmdBuilder *self,
                 const char *name,
                 const char *primary,
                 const char *cheap,
                 NmdNode x,
                 int out,
                 gboolean act)
{
  NmdNode y;

  nmd_graph_push (self->graph, "%s", name);
  x = nmd_block_unit (self, primary, x, (out + 1) / 2, 1, 1, 1, act);
  y = nmd_block_depthwise (self, cheap, x, 3, 1, act);
  x = nmd_block_concat (self->graph, "concat", x, y);
  x = nmd_block_first (self->graph, "first", x, out);
  return leave (self, x);
}

NmdNode
nmd_block_inverted_residual (const NmdBuilder *self,
                             const char *name,
                             NmdNode x,
                             int out,
                             int kernel,
                             int stride,
                             int expansion)
{
  const int c = nmd_block_channels (self->graph, x), wide = c * expansion;
  NmdNode y = x;

  nmd_graph_push (self->graph, "%s", name);
  if (expansion > 1)
    y = nmd_block_row (self, "conv_pw", "bn1", "bn1.act", y, wide, 1, 1, 1);
  y = nmd_block_row (self, "conv_dw", expansion > 1 ? "bn2" : "bn1",
                     expansion > 1 ? "bn2.act" : "bn1.act", y, wide, kernel, stride,
                     wide);
  y = nmd_block_squeeze_excite (self, "se", y, c / 4, NMD_SIGMOID);
  y = nmd_block_row (self, expansion > 1 ? "conv_pwl" : "conv_pw",
                     expansion > 1 ? "bn3" : "bn2", NULL, y, out, 1, 1, 1);
  if (stride == 1 && c == out)
    y = nmd_block_add (self->graph, "add", y, x);
  return leave (self, y);
}

/* Residual bottleneck of units: 1 × 1 to @middle channels, 3 × 3, 1 × 1 back, plus x,
 * activation. */
static NmdNode
bottleneck (const NmdBuilder *self, const char *name, NmdNode x, int middle)
{
  const int c = nmd_block_channels (self->graph, x);
  NmdNode y;

  nmd_graph_push (self->graph, "%s", name);
  y = nmd_block_unit (self, "conv1", x, middle, 1, 1, 1, TRUE);
  y = nmd_block_unit (self, "conv2", y, middle, 3, 1, 1, TRUE);
  y = nmd_block_unit (self, "conv3", y, c, 1, 1, 1, FALSE);
  y = nmd_block_add (self->graph, "add", y, x);
  y = nmd_block_activation (self->graph, "act3", y, self->activation);
  return leave (self, y);
}

NmdNode
nmd_block_cross_stage (
    const NmdBuilder *self, const char *name, NmdNode x, int out, int stride, int depth)
{
  NmdGraph *graph = self->graph;
  NmdNode past, through;

  nmd_graph_push (graph, "%s", name);
  if (stride > 1)
    x = nmd_block_unit (self, "conv_down", x, nmd_block_channels (graph, x), 3, stride, 1,
                        TRUE);
  x = nmd_block_unit (self, "conv_exp", x, 2 * out, 1, 1, 1, FALSE);
  past = nmd_block_slice (graph, "past", x, 0, out);
  through = nmd_block_slice (graph, "through", x, out, out);
  for (int i = 0; i < depth; i++)
    {
      g_autofree char *block = g_strdup_printf ("blocks.%d", i);

      through = bottleneck (self, block, through, out / 2);
    }
  through = nmd_block_unit (self, "conv_transition_b", through, out, 1, 1, 1, TRUE);
  x = nmd_block_concat (graph, "concat", past, through);
  x = nmd_block_unit (self, "conv_transition", x, out, 1, 1, 1, TRUE);
  return leave (self, x);
}

static NmdNode
attention (const NmdBuilder *self, NmdNode x, int heads)
{
  const NmdAttributes at = { .groups = heads };
  const int c = nmd_block_channels (self->graph, x);

  nmd_graph_push (self->graph, "attn");
  x = nmd_block_linear (self->graph, "qkv", x, 3 * c);
  x = nmd_graph_add (self->graph, NMD_OP_ATTENTION, "heads", &at, &x, 1);
  x = nmd_block_linear (self->graph, "proj", x, c);
  return leave (self, x);
}

static NmdNode
perceptron (const NmdBuilder *self, NmdNode x, int hidden)
{
  const int c = nmd_block_channels (self->graph, x);

  nmd_graph_push (self->graph, "mlp");
  x = nmd_block_linear (self->graph, "fc1", x, hidden);
  x = nmd_block_activation (self->graph, "act", x, self->activation);
  x = nmd_block_linear (self->graph, "fc2", x, c);
  return leave (self, x);
}

NmdNode
nmd_block_transformer (
    const NmdBuilder *self, const char *name, NmdNode x, int heads, int hidden)
{
  NmdNode y;

  nmd_graph_push (self->graph, "%s", name);
  y = nmd_block_layer_norm (self->graph, "norm1", x);
  y = attention (self, y, heads);
  x = nmd_block_add (self->graph, "add1", x, y);
  y = nmd_block_layer_norm (self->graph, "norm2", x);
  y = perceptron (self, y, hidden);
  x = nmd_block_add (self->graph, "add2", x, y);
  return leave (self, x);
}
