/* SPDX-License-Identifier: Apache-2.0
 *
 * Vision Transformer ViT-B/16 (Dosovitskiy et al., ICLR 2021, table 1) with the names of
 * timm's vit_base_patch16_224. Blocks are in nmd-blocks.h.
 */
#include "engine/nn/models/nmd-models.h"
#include "engine/nn/blocks/nmd-blocks.h"

#include <glib/gi18n-lib.h>

enum
{
  PATCH = 16,
  GRID = 224 / PATCH,
  WIDTH = 768,
  DEPTH = 12,
  HEADS = 12,
  HIDDEN = 4 * WIDTH
};

/* The patches as tokens, the class token before them. Its tensors come first in the state
 * dict. */
static NmdNode
embed (NmdGraph *graph, NmdNode x)
{
  const int class_dims[3] = { 1, 1, WIDTH };
  const int position_dims[3] = { 1, 1 + GRID * GRID, WIDTH };
  NmdNode inputs[3];

  inputs[1] = nmd_graph_store (graph, "cls_token", TRUE, class_dims, 3);
  inputs[2] = nmd_graph_store (graph, "pos_embed", TRUE, position_dims, 3);
  nmd_graph_push (graph, "patch_embed");
  inputs[0] = nmd_block_patches (graph, "proj", x, WIDTH, PATCH);
  nmd_graph_name_scope (graph, inputs[0]);
  nmd_graph_pop (graph);
  return nmd_graph_add (graph, NMD_OP_TOKENS, "tokens", NULL, inputs, 3);
}

static NmdNode
build (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  const NmdBuilder self = { .graph = graph, .mode = mode, .activation = NMD_GELU };
  const NmdAttributes class_token = { .from = 0 };

  x = embed (graph, x);
  for (int i = 0; i < DEPTH; i++)
    {
      g_autofree char *name = g_strdup_printf ("blocks.%d", i);

      x = nmd_block_transformer (&self, name, x, HEADS, HIDDEN);
    }
  x = nmd_block_layer_norm (graph, "norm", x);
  x = nmd_graph_add (graph, NMD_OP_TOKEN, "token", &class_token, &x, 1);
  return nmd_block_linear (graph, "head", x, n_classes);
}

/* timm cuts its normal distributions at ± 100 standard deviations: no difference. The
 * patches as PyTorch has them. */
static const NmdInitRule init[] = {
  { "cls_token", 0, NMD_DRAW_NORMAL, 1e-6 },
  { "pos_embed", 0, NMD_DRAW_NORMAL, 0.02 },
  { "*.weight", 2, NMD_DRAW_NORMAL, 0.02 },
  { "*.bias", 2, NMD_DRAW_CONSTANT, 0 },
  { NULL },
};

const NmdNetwork nmd_network_vit = {
  .name = "vit",
  .title = "ViT-B/16",
  .note = N_ (
      "A transformer over 196 patches, with 86 million parameters. Very slow to train on "
      "a CPU, and it wants more images than these data sets have"),
  .source = N_ ("Dosovitskiy et al., ICLR 2021, arXiv 2010.11929; layers as in timm's "
                "vit_base_patch16_224"),
  .cam_layer = "blocks.11.norm1",
  .input_size = 224,
  .cam_tokens = 1,
  .init = init,
  .build = build,
};
