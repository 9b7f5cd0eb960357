/* SPDX-License-Identifier: Apache-2.0
 *
 * A light U-Net (Ronneberger et al. 2015) for outlines: NMD-AssistNet's stem and stages as
 * the encoder, with its tensor names, so that a classifier's weights may start it and the
 * other way round; a decoder of depthwise separable blocks, each on the bilinearly enlarged
 * map below beside the encoder's of that size. It ends at a quarter of the image's height
 * and width, where the maps are narrow; the logits are enlarged.
 */
#include "engine/nn/models/nmd-models.h"

#include <glib/gi18n-lib.h>

/* Of a block of the decoder: the encoder's stage whose map it takes in, −1: none. */
typedef struct
{
  int skip, kernel, out;
} Row;

static const Row rows[] = { { 3, 5, 128 }, { 2, 5, 48 }, { 1, 3, 40 }, { -1, 3, 40 } };

static NmdNode
block (const NmdBuilder *self, int index, NmdNode x, const NmdNode *maps)
{
  const Row *row = &rows[index];
  int c;

  nmd_graph_push (self->graph, "decoder.%d", index);
  if (row->skip >= 0)
    {
      x = nmd_block_enlarge (self->graph, "enlarged", x, 2);
      x = nmd_block_concat (self->graph, "concat", x, maps[row->skip]);
    }
  c = nmd_block_channels (self->graph, x);
  x = nmd_block_conv (self->graph, "dw", x, c, row->kernel, 1, c, FALSE);
  x = nmd_block_unit (self, "pw", x, row->out, 1, 1, 1, TRUE);
  nmd_graph_name_scope (self->graph, x);
  nmd_graph_pop (self->graph);
  return x;
}

static NmdNode
build (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  const NmdBuilder self = nmd_nmdassistnet_builder (graph, mode);
  NmdNode maps[NMD_NMDASSISTNET_STAGES];

  nmd_nmdassistnet_encode (&self, x, maps);
  x = maps[NMD_NMDASSISTNET_STAGES - 1];
  for (int i = 0; i < (int)G_N_ELEMENTS (rows); i++)
    x = block (&self, i, x, maps);
  x = nmd_block_conv (graph, "logits", x, 1, 1, 1, 1, TRUE);
  return nmd_block_enlarge (graph, "enlarged", x, 4);
}

const NmdNetwork nmd_network_ghostunet = {
  .name = "ghostunet",
  .title = "Ghost U-Net",
  .note = N_ ("NMD-AssistNet's stages as the encoder of a U-Net with depthwise separable "
              "blocks, decoded down to a quarter of the image's size"),
  .source = N_ ("After Ronneberger et al., MICCAI 2015, and Han et al., CVPR 2020"),
  .task = NMD_TASK_SEGMENT,
  .input_size = 256,
  .encoder = nmd_nmdassistnet_encoder,
  .build = build,
};
