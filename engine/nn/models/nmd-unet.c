/* SPDX-License-Identifier: Apache-2.0
 *
 * The U-Net that everyone knows (Ronneberger et al. 2015), as it is mostly built today:
 * four levels of 32 to 256 channels and 512 below, padded convolutions with batch norm,
 * bilinear enlarging where the paper has transposed convolutions.
 */
#include "engine/nn/models/nmd-models.h"

#include <glib/gi18n-lib.h>

enum
{
  N_LEVELS = 4,
  WIDTH = 32
};

/* Two 3 × 3 convolutions with batch norm and ReLU. */
static NmdNode
block (const NmdBuilder *self, NmdNode x, int out)
{
  x = nmd_block_row (self, "conv1", "bn1", "relu1", x, out, 3, 1, 1);
  x = nmd_block_row (self, "conv2", "bn2", "relu2", x, out, 3, 1, 1);
  nmd_graph_name_scope (self->graph, x);
  nmd_graph_pop (self->graph);
  return x;
}

static NmdNode
build (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  const NmdBuilder self = { .graph = graph, .mode = mode, .activation = NMD_RELU };
  const NmdAttributes half = { .kernel = 2, .stride = 2 };
  NmdNode maps[N_LEVELS];

  for (int i = 0; i < N_LEVELS; i++)
    {
      nmd_graph_push (graph, "encoder.%d", i);
      maps[i] = block (&self, x, WIDTH << i);
      x = nmd_graph_add (graph, NMD_OP_MAX_POOL, "pool", &half, &maps[i], 1);
    }
  nmd_graph_push (graph, "bridge");
  x = block (&self, x, WIDTH << N_LEVELS);
  for (int i = 0; i < N_LEVELS; i++)
    {
      const int level = N_LEVELS - 1 - i;

      nmd_graph_push (graph, "decoder.%d", i);
      x = nmd_block_enlarge (graph, "enlarged", x, 2);
      x = nmd_block_concat (graph, "concat", x, maps[level]);
      x = block (&self, x, WIDTH << level);
    }
  return nmd_block_conv (graph, "logits", x, 1, 1, 1, 1, TRUE);
}

const NmdNetwork nmd_network_unet = {
  .name = "unet",
  .title = "U-Net",
  .note
  = N_ ("Four levels from 32 channels with batch norm, the network that everyone knows; "
        "slow on a processor"),
  .source = N_ ("Ronneberger et al., MICCAI 2015"),
  .task = NMD_TASK_SEGMENT,
  .input_size = 256,
  .build = build,
};
