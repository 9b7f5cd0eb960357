/* SPDX-License-Identifier: Apache-2.0
 *
 * GhostNet 1.0× (Han et al., CVPR 2020, table 1) with the names of timm's ghostnet_100.
 * Blocks are in nmd-blocks.h.
 */
#include "engine/nn/models/nmd-models.h"
#include "engine/nn/nmd-blocks.h"

/* One ghost bottleneck. */
typedef struct
{
  const char *name;
  int kernel, expansion, out;
  int reduced; /* of squeeze-excite: a quarter of the expansion in fours, 0: none */
  int stride;
} Row;

static const Row rows[] = {
  { "blocks.0.0", 3, 16, 16, 0, 1 },     { "blocks.1.0", 3, 48, 24, 0, 2 },
  { "blocks.2.0", 3, 72, 24, 0, 1 },     { "blocks.3.0", 5, 72, 40, 20, 2 },
  { "blocks.4.0", 5, 120, 40, 32, 1 },   { "blocks.5.0", 3, 240, 80, 0, 2 },
  { "blocks.6.0", 3, 200, 80, 0, 1 },    { "blocks.6.1", 3, 184, 80, 0, 1 },
  { "blocks.6.2", 3, 184, 80, 0, 1 },    { "blocks.6.3", 3, 480, 112, 120, 1 },
  { "blocks.6.4", 3, 672, 112, 168, 1 }, { "blocks.7.0", 5, 672, 160, 168, 2 },
  { "blocks.8.0", 5, 960, 160, 0, 1 },   { "blocks.8.1", 5, 960, 160, 240, 1 },
  { "blocks.8.2", 5, 960, 160, 0, 1 },   { "blocks.8.3", 5, 960, 160, 240, 1 },
};

enum
{
  WIDTH_STEM = 16,
  WIDTH_LAST = 960,
  WIDTH_HEAD = 1280
};

/* Depthwise, then pointwise, so that the block's input fits its value. */
static NmdNode
shortcut (const NmdBuilder *self, NmdNode x, const Row *row)
{
  const int c = nmd_block_channels (self->graph, x);

  nmd_graph_push (self->graph, "shortcut");
  x = nmd_block_row (self, "0", "1", NULL, x, c, row->kernel, row->stride, c);
  x = nmd_block_row (self, "2", "3", NULL, x, row->out, 1, 1, 1);
  nmd_graph_name_scope (self->graph, x);
  nmd_graph_pop (self->graph);
  return x;
}

static NmdNode
bottleneck (const NmdBuilder *self, NmdNode x, const Row *row)
{
  const gboolean same
      = row->stride == 1 && nmd_block_channels (self->graph, x) == row->out;
  NmdNode y;

  nmd_graph_push (self->graph, "%s", row->name);
  y = nmd_block_ghost (self, "ghost1", "primary_conv", "cheap_operation", x,
                       row->expansion, TRUE);
  if (row->stride > 1)
    y = nmd_block_row (self, "conv_dw", "bn_dw", NULL, y, row->expansion, row->kernel,
                       row->stride, row->expansion);
  if (row->reduced > 0)
    y = nmd_block_squeeze_excite (self, "se", y, row->reduced, NMD_HARD_SIGMOID);
  y = nmd_block_ghost (self, "ghost2", "primary_conv", "cheap_operation", y, row->out,
                       FALSE);
  y = nmd_block_add (self->graph, "add", y, same ? x : shortcut (self, x, row));
  nmd_graph_name_scope (self->graph, y);
  nmd_graph_pop (self->graph);
  return y;
}

static NmdNode
build (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  const NmdBuilder self = { .graph = graph,
                            .mode = mode,
                            .activation = NMD_RELU,
                            .conv = "0",
                            .norm = "1",
                            .act = "2" };

  x = nmd_block_row (&self, "conv_stem", "bn1", "act1", x, WIDTH_STEM, 3, 2, 1);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    x = bottleneck (&self, x, &rows[i]);
  nmd_graph_push (graph, "blocks.9.0");
  x = nmd_block_row (&self, "conv", "bn1", "bn1.act", x, WIDTH_LAST, 1, 1, 1);
  nmd_graph_name_scope (graph, x);
  nmd_graph_pop (graph);
  x = nmd_block_reduce (graph, "global_pool", x, NMD_REDUCE_MEAN, NMD_AXES_HW);
  x = nmd_block_conv (graph, "conv_head", x, WIDTH_HEAD, 1, 1, 1, TRUE);
  x = nmd_block_activation (graph, "act2", x, NMD_RELU);
  x = nmd_block_flatten (graph, "flatten", x);
  x = nmd_block_dropout (graph, x, mode);
  return nmd_block_linear (graph, "classifier", x, n_classes);
}

const NmdNetwork nmd_network_ghostnet = {
  .name = "ghostnet",
  .title = "GhostNet",
  .note
  = "Small and quick: half of its feature maps are made cheaply from the other half; "
    "the backbone that NMD-AssistNet starts from",
  .source = "Han et al., CVPR 2020, arXiv 1911.11907; layers as in timm's ghostnet_100",
  .cam_layer = "blocks.9.0",
  .dropout = 0.2,
  .input_size = 224,
  .build = build,
};
