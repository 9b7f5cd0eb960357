/* SPDX-License-Identifier: Apache-2.0
 *
 * CSPResNet-50 (Wang et al., CVPR workshops 2020) with the names of timm's cspresnet50.
 * Blocks are in nmd-blocks.h.
 */
#include "engine/nn/models/nmd-models.h"
#include "engine/nn/blocks/nmd-blocks.h"

#include <glib/gi18n-lib.h>

/* Cross stages. */
static const struct
{
  int out, stride, depth;
} stages[] = { { 128, 1, 3 }, { 256, 2, 3 }, { 512, 2, 5 }, { 1024, 2, 2 } };

enum
{
  WIDTH_STEM = 64
};

static NmdNode
build (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  const NmdBuilder self = { .graph = graph,
                            .mode = mode,
                            .activation = NMD_LEAKY_RELU,
                            .conv = "conv",
                            .norm = "bn",
                            .act = "bn.act" };

  x = nmd_block_unit (&self, "stem.conv1", x, WIDTH_STEM, 7, 2, 1, TRUE);
  x = nmd_block_max_pool (graph, "stem.pool", x, 3, 2);
  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    {
      g_autofree char *name = g_strdup_printf ("stages.%u", i);

      x = nmd_block_cross_stage (&self, name, x, stages[i].out, stages[i].stride,
                                 stages[i].depth);
    }
  x = nmd_block_reduce (graph, "head.global_pool", x, NMD_REDUCE_MEAN, NMD_AXES_HW);
  x = nmd_block_flatten (graph, "head.flatten", x);
  return nmd_block_linear (graph, "head.fc", x, n_classes);
}

/* Each bottleneck starts as the identity: the last scale on its way is 0. */
static const NmdInitRule init[] = {
  { "*.weight", 4, NMD_DRAW_NORMAL_OUT, 0 },
  { "*.weight", 2, NMD_DRAW_NORMAL, 0.01 },
  { "*.bias", 2, NMD_DRAW_CONSTANT, 0 },
  { "*.conv3.bn.weight", 1, NMD_DRAW_CONSTANT, 0 },
  { NULL },
};

const NmdNetwork nmd_network_cspnet = {
  .name = "cspnet",
  .title = "CSPResNet-50",
  .note
  = N_ ("A residual network of which each stage lets half of its channels pass by. Has "
        "20.6 million parameters with two classes; the paper's 21.6 million include the "
        "head for 1000 classes"),
  .source = N_ ("Wang et al., CVPR workshops 2020, arXiv 1911.11929; layers as in timm's "
                "cspresnet50"),
  .cam_layer = "stages.3",
  .input_size = 224,
  .init = init,
  .build = build,
};
