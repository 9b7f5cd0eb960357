/* SPDX-License-Identifier: Apache-2.0
 *
 * GhostNet 1.0× (Han et al., CVPR 2020, table 1) with the names of timm's ghostnet_100.
 * Blocks are in nmd-blocks.h.
 */
#include "engine/nn/models/nmd-models.h"
#include "engine/nn/blocks/nmd-blocks.h"

#include <glib/gi18n-lib.h>

/* One ghost bottleneck. */
typedef struct
{
  int stage, kernel, expansion, out;
  int reduced; /* of squeeze-excite: a quarter of the expansion in fours, 0: none */
  int stride;
} Row;

static const Row rows[] = {
  { 0, 3, 16, 16, 0, 1 },     { 1, 3, 48, 24, 0, 2 },     { 2, 3, 72, 24, 0, 1 },
  { 3, 5, 72, 40, 20, 2 },    { 4, 5, 120, 40, 32, 1 },   { 5, 3, 240, 80, 0, 2 },
  { 6, 3, 200, 80, 0, 1 },    { 6, 3, 184, 80, 0, 1 },    { 6, 3, 184, 80, 0, 1 },
  { 6, 3, 480, 112, 120, 1 }, { 6, 3, 672, 112, 168, 1 }, { 7, 5, 672, 160, 168, 2 },
  { 8, 5, 960, 160, 0, 1 },   { 8, 5, 960, 160, 240, 1 }, { 8, 5, 960, 160, 0, 1 },
  { 8, 5, 960, 160, 240, 1 },
};

enum
{
  N_STAGES = 9,
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
bottleneck (const NmdBuilder *self, int index, NmdNode x, const Row *row)
{
  const gboolean same
      = row->stride == 1 && nmd_block_channels (self->graph, x) == row->out;
  NmdNode y;

  nmd_graph_push (self->graph, "%d", index);
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
stage (const NmdBuilder *self, int index, NmdNode x)
{
  int block = 0;

  nmd_graph_push (self->graph, "blocks.%d", index);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].stage == index)
      x = bottleneck (self, block++, x, &rows[i]);
  nmd_graph_name_scope (self->graph, x);
  nmd_graph_pop (self->graph);
  return x;
}

/* One convolution to the width that is pooled, as the last stage. */
static NmdNode
widen (const NmdBuilder *self, NmdNode x)
{
  nmd_graph_push (self->graph, "blocks.%d", N_STAGES);
  nmd_graph_push (self->graph, "0");
  x = nmd_block_row (self, "conv", "bn1", "bn1.act", x, WIDTH_LAST, 1, 1, 1);
  nmd_graph_name_scope (self->graph, x);
  nmd_graph_pop (self->graph);
  nmd_graph_name_scope (self->graph, x);
  nmd_graph_pop (self->graph);
  return x;
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
  for (int i = 0; i < N_STAGES; i++)
    x = stage (&self, i, x);
  x = widen (&self, x);
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
  = N_ ("Small and quick: half of its feature maps are made cheaply from the other half; "
        "the backbone that NMD-AssistNet starts from"),
  .source
  = N_ ("Han et al., CVPR 2020, arXiv 1911.11907; layers as in timm's ghostnet_100"),
  .cam_layer = "blocks.9",
  .dropout = 0.2,
  .input_size = 224,
  .build = build,
};
