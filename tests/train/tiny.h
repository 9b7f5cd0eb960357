/* SPDX-License-Identifier: Apache-2.0
 *
 * A network of 610 weights that trains in milliseconds, with everything the recipe cares about:
 * a convolution, a batch norm with running statistics, a linear head.
 */
#pragma once

#include "engine/nn/blocks/nmd-blocks.h"
#include "engine/nn/nmd-network.h"

/* What follows the convolution and, where there is one, the batch norm. */
static inline NmdNode
tiny_head (NmdGraph *graph, NmdNode x, int n_classes)
{
  x = nmd_block_activation (graph, "relu", x, NMD_RELU);
  x = nmd_block_reduce (graph, "pool", x, NMD_REDUCE_MEAN, NMD_AXES_HW);
  x = nmd_block_flatten (graph, "flatten", x);
  return nmd_block_linear (graph, "fc", x, n_classes);
}

static inline NmdNode
tiny_build (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  x = nmd_block_conv (graph, "conv", x, 4, 7, 16, 1, TRUE);
  return tiny_head (graph, nmd_block_batch_norm (graph, "bn", x, mode), n_classes);
}

static const NmdNetwork tiny_network = {
  .name = "tiny",
  .title = "Tiny",
  .note = "For tests",
  .source = "none",
  .cam_layer = "relu",
  .input_size = 224,
  .build = tiny_build,
};

/* The same without batch norm, as a vision transformer has none. */
static inline NmdNode
bare_build (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  x = nmd_block_conv (graph, "conv", x, 4, 7, 16, 1, TRUE);
  return tiny_head (graph, x, n_classes);
}

static const NmdNetwork bare_network = {
  .name = "bare",
  .title = "Bare",
  .note = "For tests",
  .source = "none",
  .cam_layer = "relu",
  .input_size = 224,
  .build = bare_build,
};
