/* SPDX-License-Identifier: Apache-2.0
 *
 * EfficientNet-B0 (Tan and Le, ICML 2019, table 1) with the names of timm's
 * efficientnet_b0. Blocks are in nmd-blocks.h.
 */
#include "engine/nn/models/nmd-models.h"
#include "engine/nn/blocks/nmd-blocks.h"

#include <glib/gi18n-lib.h>

/* One stage of inverted residuals; the stride is its first block's. */
typedef struct
{
  int kernel, expansion, out, stride, repeats;
} Stage;

static const Stage stages[] = {
  { 3, 1, 16, 1, 1 },  { 3, 6, 24, 2, 2 },  { 5, 6, 40, 2, 2 },  { 3, 6, 80, 2, 3 },
  { 5, 6, 112, 1, 3 }, { 5, 6, 192, 2, 4 }, { 3, 6, 320, 1, 1 },
};

enum
{
  WIDTH_STEM = 32,
  WIDTH_LAST = 1280
};

static NmdNode
stage (const NmdBuilder *self, guint index, NmdNode x)
{
  const Stage *row = &stages[index];

  nmd_graph_push (self->graph, "blocks.%u", index);
  for (int i = 0; i < row->repeats; i++)
    {
      g_autofree char *name = g_strdup_printf ("%d", i);

      x = nmd_block_inverted_residual (self, name, x, row->out, row->kernel,
                                       i == 0 ? row->stride : 1, row->expansion);
    }
  nmd_graph_name_scope (self->graph, x);
  nmd_graph_pop (self->graph);
  return x;
}

static NmdNode
build (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  const NmdBuilder self = { .graph = graph, .mode = mode, .activation = NMD_SILU };

  x = nmd_block_row (&self, "conv_stem", "bn1", "bn1.act", x, WIDTH_STEM, 3, 2, 1);
  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    x = stage (&self, i, x);
  x = nmd_block_row (&self, "conv_head", "bn2", "bn2.act", x, WIDTH_LAST, 1, 1, 1);
  x = nmd_block_reduce (graph, "global_pool", x, NMD_REDUCE_MEAN, NMD_AXES_HW);
  x = nmd_block_flatten (graph, "flatten", x);
  return nmd_block_linear (graph, "classifier", x, n_classes);
}

/* As the authors' own code starts. */
static const NmdInitRule init[] = {
  { "*.weight", 4, NMD_DRAW_NORMAL_OUT, 0 },
  { "*.bias", 4, NMD_DRAW_CONSTANT, 0 },
  { "*.weight", 2, NMD_DRAW_UNIFORM_OUT, 0 },
  { "*.bias", 2, NMD_DRAW_CONSTANT, 0 },
  { NULL },
};

const NmdNetwork nmd_network_efficientnet = {
  .name = "efficientnet",
  .title = "EfficientNet-B0",
  .note = N_ ("Depth, width and resolution in balance: inverted residuals with "
              "squeeze-and-excitation"),
  .source
  = N_ ("Tan and Le, ICML 2019, arXiv 1905.11946; layers as in timm's efficientnet_b0"),
  .cam_layer = "bn2.act",
  .input_size = 224,
  .init = init,
  .build = build,
};
