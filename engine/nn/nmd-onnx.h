/* SPDX-License-Identifier: Apache-2.0
 *
 * A trained network as an ONNX file: its graph in evaluation mode, its weights, and how images are preprocessed.
 */
#pragma once

#include "engine/core/nmd-parameters.h"
#include "engine/nn/nmd-network.h"

G_BEGIN_DECLS

/**
 * NmdOnnxSettings:
 * @network: for classification
 * @n_classes: k, at least 2
 * @weights: of it; borrowed
 * @classes: words of class 0 and 1; %NULL where nobody stated them
 * @parameters: (nullable): of the training; the preprocessing goes into the metadata
 * @passport: (nullable): JSON text for the metadata
 */
typedef struct
{
  const NmdNetwork *network;
  int n_classes;
  const NmdWeights *weights;
  const char *classes[2];
  const NmdParameters *parameters;
  const char *passport;
} NmdOnnxSettings;

/**
 * nmd_onnx_write:
 *
 * Writes a ModelProto of operator set 17, one image at a time:
 *
 *     input   image  [1,3,s,s] float32: the preprocessed image, normalised (nmd-preprocess.h)
 *     output  logits [1,k], scores [1,k] = softmax
 *     metadata_props  nmd.network, nmd.classes, nmd.preprocessing (a JSON object of the parameters),
 *                     nmd.preprocessing.from, nmd.normalise, nmd.passport, nmd.notice
 *
 * Tensors are called as in the safetensors file. Agrees with the network's own logits to 1e-5 in onnxruntime
 * (tests/nn/check-onnx.py). The same settings give the same bytes.
 *
 * Memory: three times the weights.
 *
 * Errors: %NMD_ERROR_UNSUPPORTED for a network that finds outlines, naming an operation without a form here, or
 *   weights of 2 GiB and more; %NMD_ERROR_FORMAT if @weights lack a tensor.
 *
 * Returns: (transfer full): the file's bytes; %NULL with @error set
 */
GBytes *nmd_onnx_write (const NmdOnnxSettings *settings,
                        GError               **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
