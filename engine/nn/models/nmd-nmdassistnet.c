/* SPDX-License-Identifier: Apache-2.0
 *
 * NMD-AssistNet (Xie and Zhang, Front. Neurol. 2025, doi 10.3389/fneur.2025.1640428). The
 * paper names the ingredients (GhostNet backbone, CBAM, depthwise separable convolution,
 * channel shuffle, global average pooling) and prints one number, 2,395,768 trainable
 * parameters; this layer table is a reconstruction from them with exactly that count.
 * Layers are in nmd-blocks.h.
 */
#include "engine/nn/models/nmd-models.h"

#include <glib/gi18n-lib.h>

/* GhostNet 1.0× bottlenecks (Han et al. 2020, table 1) without squeeze-and-excitation. */
typedef struct
{
  int stage, kernel, expansion, out, stride;
} Row;

static const Row rows[] = {
  { 0, 3, 16, 16, 1 },   { 1, 3, 48, 24, 2 },   { 1, 3, 72, 24, 1 },
  { 2, 5, 72, 40, 2 },   { 2, 5, 120, 40, 1 },  { 3, 3, 240, 80, 2 },
  { 3, 3, 200, 80, 1 },  { 3, 3, 184, 80, 1 },  { 3, 3, 184, 80, 1 },
  { 3, 3, 480, 112, 1 }, { 3, 3, 672, 112, 1 }, { 4, 5, 672, 160, 2 },
  { 4, 5, 960, 160, 1 }, { 4, 5, 960, 160, 1 }, { 4, 5, 960, 160, 1 },
  { 4, 5, 960, 160, 1 },
};

enum
{
  WIDTH_LAST = 960,
  WIDTH_HEAD = 1280,
  SHUFFLE_GROUPS = 2
};

/* What a variant for the ablation lacks. */
typedef enum
{
  LACKS_NOTHING,
  LACKS_CBAM,
  LACKS_SHUFFLE,
  LACKS_SEPARABLE_STEM, /* an ordinary convolution in its place */
  LACKS_EXPANSION,      /* the last stage goes straight into the mean */
} Lack;

const char *const nmd_nmdassistnet_encoder[] = { "stem_*", "stages.*", NULL };

static NmdNode
bottleneck (const NmdBuilder *self, int index, NmdNode x, const Row *row, Lack lack)
{
  const gboolean same
      = nmd_block_channels (self->graph, x) == row->out && row->stride == 1;
  NmdNode y;

  nmd_graph_push (self->graph, "blocks.%d", index);
  y = nmd_block_ghost (self, "ghost1", "primary", "cheap", x, row->expansion, TRUE);
  if (row->stride > 1)
    y = nmd_block_depthwise (self, "dw", y, row->kernel, row->stride, FALSE);
  y = nmd_block_ghost (self, "ghost2", "primary", "cheap", y, row->out, FALSE);
  if (!same)
    {
      x = nmd_block_depthwise (self, "shortcut_dw", x, row->kernel, row->stride, FALSE);
      x = nmd_block_unit (self, "shortcut_pw", x, row->out, 1, 1, SHUFFLE_GROUPS, FALSE);
      if (lack != LACKS_SHUFFLE)
        x = nmd_block_shuffle (self->graph, "shuffle", x, SHUFFLE_GROUPS);
    }
  y = nmd_block_add (self->graph, "add", x, y);
  nmd_graph_name_scope (self->graph, y);
  nmd_graph_pop (self->graph);
  return y;
}

/* What the shared two-layer perceptron says about one pooled vector. */
static NmdNode
perceptron (const NmdBuilder *self, NmdNode x, NmdReduce reduce, int c)
{
  NmdGraph *graph = self->graph;
  const gboolean mean = reduce == NMD_REDUCE_MEAN;

  x = nmd_block_reduce (graph, mean ? "mean" : "max", x, reduce, NMD_AXES_HW);
  x = nmd_block_flatten (graph, mean ? "mean_flat" : "max_flat", x);
  x = nmd_block_linear (graph, "fc1", x, MAX (c / 8, 4));
  x = nmd_block_activation (graph, "relu", x, NMD_RELU);
  return nmd_block_linear (graph, "fc2", x, c);
}

/* Channel, then spatial attention (Woo et al. 2018, eq. 2 and 3). The maximum stands
 * before the mean so that the mean's gradient comes next to the gate's, with which it is
 * one loop. */
static NmdNode
cbam (const NmdBuilder *self, NmdNode x)
{
  NmdGraph *graph = self->graph;
  const int c = nmd_block_channels (graph, x);
  NmdNode mean, max, gate;

  nmd_graph_push (graph, "cbam");
  max = perceptron (self, x, NMD_REDUCE_MAX, c);
  mean = perceptron (self, x, NMD_REDUCE_MEAN, c);
  gate = nmd_block_add (graph, "sum", mean, max);
  gate = nmd_block_activation (graph, "channel_gate", gate, NMD_SIGMOID);
  gate = nmd_block_unflatten (graph, "channel_map", gate);
  x = nmd_block_multiply (graph, "channel", x, gate);
  max = nmd_block_reduce (graph, "spatial_max", x, NMD_REDUCE_MAX, NMD_AXES_C);
  mean = nmd_block_reduce (graph, "spatial_mean", x, NMD_REDUCE_MEAN, NMD_AXES_C);
  gate = nmd_block_concat (graph, "pooled", mean, max);
  gate = nmd_block_unit (self, "spatial", gate, 1, 7, 1, 1, FALSE);
  gate = nmd_block_activation (graph, "spatial_gate", gate, NMD_SIGMOID);
  x = nmd_block_multiply (graph, "product", x, gate);
  nmd_graph_name_scope (graph, x);
  nmd_graph_pop (graph);
  return x;
}

static NmdNode
stage (const NmdBuilder *self, int index, NmdNode x, Lack lack)
{
  int block = 0;

  nmd_graph_push (self->graph, "stages.%d", index);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].stage == index)
      x = bottleneck (self, block++, x, &rows[i], lack);
  if (lack != LACKS_CBAM)
    x = cbam (self, x);
  nmd_graph_name_scope (self->graph, x);
  nmd_graph_pop (self->graph);
  return x;
}

NmdBuilder
nmd_nmdassistnet_builder (NmdGraph *graph, NmdMode mode)
{
  return (NmdBuilder){ .graph = graph,
                       .mode = mode,
                       .activation = NMD_RELU,
                       .conv = "conv",
                       .norm = "bn",
                       .act = "relu" };
}

static void
encode (const NmdBuilder *self, NmdNode x, NmdNode *maps, Lack lack)
{
  if (lack == LACKS_SEPARABLE_STEM)
    x = nmd_block_unit (self, "stem", x, 16, 3, 2, 1, TRUE);
  else
    {
      x = nmd_block_conv (self->graph, "stem_dw", x, 3, 3, 2, 3, FALSE);
      x = nmd_block_unit (self, "stem_pw", x, 16, 1, 1, 1, TRUE);
    }
  for (int i = 0; i < NMD_NMDASSISTNET_STAGES; i++)
    x = maps[i] = stage (self, i, x, lack);
}

void
nmd_nmdassistnet_encode (const NmdBuilder *self, NmdNode x, NmdNode *maps)
{
  encode (self, x, maps, LACKS_NOTHING);
}

static NmdNode
build_lacking (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode, Lack lack)
{
  const NmdBuilder self = nmd_nmdassistnet_builder (graph, mode);
  NmdNode maps[NMD_NMDASSISTNET_STAGES];

  encode (&self, x, maps, lack);
  x = maps[NMD_NMDASSISTNET_STAGES - 1];
  if (lack != LACKS_EXPANSION)
    {
      x = nmd_block_depthwise (&self, "expand_dw", x, 3, 1, FALSE);
      x = nmd_block_unit (&self, "expand_pw", x, WIDTH_LAST, 1, 1, 1, TRUE);
    }
  x = nmd_block_reduce (graph, "pool", x, NMD_REDUCE_MEAN, NMD_AXES_HW);
  x = nmd_block_conv (graph, "head", x, WIDTH_HEAD, 1, 1, 1, FALSE);
  x = nmd_block_activation (graph, "head_relu", x, NMD_RELU);
  x = nmd_block_flatten (graph, "flatten", x);
  return nmd_block_linear (graph, "fc", x, n_classes);
}

static NmdNode
build (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  return build_lacking (graph, x, n_classes, mode, LACKS_NOTHING);
}

static NmdNode
build_no_cbam (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  return build_lacking (graph, x, n_classes, mode, LACKS_CBAM);
}

static NmdNode
build_no_shuffle (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  return build_lacking (graph, x, n_classes, mode, LACKS_SHUFFLE);
}

static NmdNode
build_dense_stem (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  return build_lacking (graph, x, n_classes, mode, LACKS_SEPARABLE_STEM);
}

static NmdNode
build_no_expansion (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  return build_lacking (graph, x, n_classes, mode, LACKS_EXPANSION);
}

#define SOURCE N_ ("Xie and Zhang, Front. Neurol. 2025, doi 10.3389/fneur.2025.1640428")

const NmdNetwork nmd_network_nmdassistnet = {
  .name = "nmdassistnet",
  .title = "NMD-AssistNet",
  .note = N_ ("Reconstruction from the paper's ingredients with exactly its 2,395,768 "
              "parameters; "
              "the paper does not print its layer table"),
  .source = SOURCE,
  .cam_layer = "expand_pw",
  .input_size = 224,
  .encoder = nmd_nmdassistnet_encoder,
  .build = build,
};

#define VARIANT(suffix, words, layer, function)                                          \
  {                                                                                      \
    .name = "nmdassistnet-" suffix, .title = "NMD-AssistNet " words,                     \
    .note = "For the ablation: the reconstruction " words, .source = SOURCE,             \
    .cam_layer = layer, .input_size = 224, .build = function                             \
  }

const NmdNetwork nmd_networks_ablation[NMD_N_ABLATION_NETWORKS] = {
  VARIANT ("no-cbam", "without CBAM", "expand_pw", build_no_cbam),
  VARIANT ("no-shuffle", "without channel shuffle", "expand_pw", build_no_shuffle),
  VARIANT ("dense-stem", "without separable stem", "expand_pw", build_dense_stem),
  VARIANT ("no-expansion", "without expansion", "stages.4", build_no_expansion),
};
