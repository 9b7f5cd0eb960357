/* SPDX-License-Identifier: Apache-2.0
 *
 * A network as a PyTorch module that stands alone: one Python file that needs nothing of this
 * program, for which a safetensors file of ours is a state dict.
 */
#pragma once

#include "engine/core/nmd-parameters.h"
#include "engine/nn/nmd-network.h"

G_BEGIN_DECLS

typedef struct
{
  const NmdNetwork *network;
  int n_classes;
  const char *classes[2];          /* words of class 0 and 1; NULL where nobody stated them */
  const NmdParameters *parameters; /* preprocessing; NULL: the defaults, and the file says so */
  const char *prefix;              /* (nullable): that load() takes off the names, see nmd-transfer.h */
} NmdPytorchSettings;

/**
 * nmd_pytorch_write:
 * @settings: what to write
 * @error: return location for an error
 *
 * Writes the Python source of a module: its layers, named as the tensors of a weights file; `forward`,
 * from [n,3,h,w] to logits [n,k], one line after the other as the network's graph has its operations;
 * the preprocessing as a function of NumPy, Pillow and OpenCV; the words of the classes in the order of the
 * logits; a `load` and a command line. In training mode it is the training's forward pass (statistics of the
 * batch, dropout); layers that are not loaded start as PyTorch has them.
 *
 * It is made from the graph, so every classifier there is has one; networks for outlines are refused. The
 * same settings give the same bytes.
 *
 * Errors: %NMD_ERROR_UNSUPPORTED for a network that finds outlines, or naming the operation or the tensor that has no form in PyTorch here;
 *   %NMD_ERROR_SHAPE for fewer than two classes.
 *
 * Returns: (transfer full): the text; %NULL with @error set
 */
char *nmd_pytorch_write (const NmdPytorchSettings *settings,
                         GError                  **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
