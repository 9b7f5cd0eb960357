/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of operations.
 */
#include "engine/nn/graph/nmd-ops.h"

/* Multiply-adds: each output value takes one for each weight of its channel. */
static gint64
count_product (const NmdNodeInfo *node, const NmdShape *const *in)
{
  return (gint64)nmd_shape_count (&node->shape)
         * (gint64)(nmd_shape_count (in[1]) / (gsize)in[1]->dims[0]);
}

/* q·kᵀ, then its product with v */
static gint64
count_attention (const NmdNodeInfo *node, const NmdShape *const *in)
{
  return 2 * (gint64)nmd_shape_count (&node->shape) * node->shape.dims[2];
}

/* clang-format off */
static const NmdOpInfo table[NMD_N_OPS] = {
  [NMD_OP_INPUT] = { "input", "", nmd_infer_leaf, .no_layer = TRUE },
  [NMD_OP_CONSTANT] = { "constant", "", nmd_infer_leaf, .no_layer = TRUE },
  [NMD_OP_STORE] = { "store", "", nmd_infer_leaf, .no_layer = TRUE },
  [NMD_OP_CONV] = { "conv", "x w [b]", nmd_infer_conv, .gradient = nmd_reverse_product, .macs = count_product },
  [NMD_OP_CONV_GRAD_X] = { "conv-grad-x", "dy w", nmd_infer_conv },
  [NMD_OP_CONV_GRAD_W] = { "conv-grad-w", "x dy", nmd_infer_conv },
  [NMD_OP_LINEAR] = { "linear", "x w [b]", nmd_infer_linear, .gradient = nmd_reverse_product, .macs = count_product },
  [NMD_OP_LINEAR_GRAD_X] = { "linear-grad-x", "dy w", nmd_infer_linear },
  [NMD_OP_LINEAR_GRAD_W] = { "linear-grad-w", "x dy", nmd_infer_linear },
  [NMD_OP_BATCH_MEAN] = { "batch-mean", "x", nmd_infer_batch_norm },
  [NMD_OP_BATCH_VARIANCE] = { "batch-variance", "x mean", nmd_infer_batch_norm },
  [NMD_OP_BATCH_NORM] = { "batch-norm", "x mean variance gamma beta", nmd_infer_batch_norm, .gradient = nmd_reverse_batch_norm },
  [NMD_OP_BATCH_NORM_GRAD_GAMMA] = { "batch-norm-grad-gamma", "dy x mean variance", nmd_infer_batch_norm },
  [NMD_OP_BATCH_NORM_GRAD_X] = { "batch-norm-grad-x", "dy x mean variance gamma dgamma dbeta", nmd_infer_batch_norm },
  [NMD_OP_BATCH_NORM_FROZEN_GRAD_X] = { "batch-norm-frozen-grad-x", "dy variance gamma", nmd_infer_batch_norm },
  [NMD_OP_LAYER_NORM] = { "layer-norm", "x gamma beta", nmd_infer_layer_norm, .gradient = nmd_reverse_layer_norm },
  [NMD_OP_LAYER_NORM_GRAD_X] = { "layer-norm-grad-x", "dy x gamma", nmd_infer_layer_norm },
  [NMD_OP_LAYER_NORM_GRAD_GAMMA] = { "layer-norm-grad-gamma", "dy x", nmd_infer_layer_norm },
  [NMD_OP_ACTIVATION] = { "activation", "x", nmd_infer_activation, .gradient = nmd_reverse_activation },
  [NMD_OP_ACTIVATION_GRAD] = { "activation-grad", "dy a", nmd_infer_activation },
  [NMD_OP_ADD] = { "add", "a b", nmd_infer_same, .gradient = nmd_reverse_add },
  [NMD_OP_MULTIPLY] = { "multiply", "a b", nmd_infer_multiply, .gradient = nmd_reverse_multiply },
  [NMD_OP_SCALE] = { "scale", "x", nmd_infer_same, .gradient = nmd_reverse_scale },
  [NMD_OP_REDUCE] = { "reduce", "x", nmd_infer_reduction, .gradient = nmd_reverse_reduce },
  [NMD_OP_MULTIPLY_REDUCE] = { "multiply-reduce", "a b", nmd_infer_reduction, .gradient = nmd_reverse_multiply_reduce },
  [NMD_OP_BROADCAST] = { "broadcast", "x", nmd_infer_reduction, .gradient = nmd_reverse_broadcast },
  [NMD_OP_MAX_GRAD] = { "max-grad", "dy x y", nmd_infer_reduction },
  [NMD_OP_MAX_POOL] = { "max-pool", "x", nmd_infer_pooling, .gradient = nmd_reverse_simple },
  [NMD_OP_MAX_POOL_GRAD] = { "max-pool-grad", "dy x y", nmd_infer_pooling },
  [NMD_OP_UPSAMPLE] = { "upsample", "x", nmd_infer_pooling, .gradient = nmd_reverse_simple },
  [NMD_OP_UPSAMPLE_GRAD] = { "upsample-grad", "dy", nmd_infer_pooling },
  [NMD_OP_ENLARGE] = { "enlarge", "x", nmd_infer_enlarge, .gradient = nmd_reverse_simple },
  [NMD_OP_ENLARGE_GRAD] = { "enlarge-grad", "dy", nmd_infer_enlarge },
  [NMD_OP_TOKENS] = { "tokens", "x class position", nmd_infer_tokens, .gradient = nmd_reverse_tokens },
  [NMD_OP_TOKENS_GRAD_X] = { "tokens-grad-x", "dy", nmd_infer_tokens },
  [NMD_OP_TOKENS_GRAD_POSITION] = { "tokens-grad-position", "dy", nmd_infer_tokens },
  [NMD_OP_TOKENS_GRAD_CLASS] = { "tokens-grad-class", "dy", nmd_infer_tokens },
  [NMD_OP_TOKEN] = { "token", "x", nmd_infer_token, .gradient = nmd_reverse_simple },
  [NMD_OP_TOKEN_GRAD] = { "token-grad", "dy", nmd_infer_token },
  [NMD_OP_ATTENTION] = { "attention", "qkv", nmd_infer_attention, .gradient = nmd_reverse_simple, .macs = count_attention },
  [NMD_OP_ATTENTION_GRAD] = { "attention-grad", "dy qkv", nmd_infer_attention },
  [NMD_OP_RESHAPE] = { "reshape", "x", nmd_infer_form, .gradient = nmd_reverse_form, .no_layer = TRUE },
  [NMD_OP_CONCAT] = { "concat", "x0 [x1] [x2] [x3] [x4] [x5] [x6] [x7]", nmd_infer_form, .gradient = nmd_reverse_form },
  [NMD_OP_SLICE] = { "slice", "x", nmd_infer_form, .gradient = nmd_reverse_form },
  [NMD_OP_SLICE_GRAD] = { "slice-grad", "dy", nmd_infer_form, .gradient = nmd_reverse_form },
  [NMD_OP_SHUFFLE] = { "shuffle", "x", nmd_infer_form, .gradient = nmd_reverse_form },
  [NMD_OP_SOFTMAX] = { "softmax", "x", nmd_infer_loss, .gradient = nmd_reverse_softmax },
  [NMD_OP_CROSS_ENTROPY] = { "cross-entropy", "logits targets", nmd_infer_loss, .gradient = nmd_reverse_loss },
  [NMD_OP_CROSS_ENTROPY_GRAD] = { "cross-entropy-grad", "dy logits targets", nmd_infer_loss },
  [NMD_OP_PIXEL_CROSS_ENTROPY] = { "pixel-cross-entropy", "logits targets", nmd_infer_pixel_loss, .gradient = nmd_reverse_loss },
  [NMD_OP_PIXEL_CROSS_ENTROPY_GRAD] = { "pixel-cross-entropy-grad", "dy logits targets", nmd_infer_pixel_loss },
  [NMD_OP_DICE_LOSS] = { "dice-loss", "logits targets", nmd_infer_pixel_loss, .gradient = nmd_reverse_loss },
  [NMD_OP_DICE_LOSS_GRAD] = { "dice-loss-grad", "dy logits targets", nmd_infer_pixel_loss },
  [NMD_OP_ADAM] = { "adam", "w dw m v lr t", nmd_infer_update, .overwrites = 1 << 0 | 1 << 2 | 1 << 3 },
  [NMD_OP_BLEND] = { "blend", "s value share", nmd_infer_update, .overwrites = 1 << 0 },
};
/* clang-format on */

const NmdOpInfo *
nmd_op_get_info (NmdOp op)
{
  g_return_val_if_fail (op >= 0 && op < NMD_N_OPS, NULL);

  return &table[op];
}

const char *
nmd_op_get_name (NmdOp op)
{
  g_return_val_if_fail (op >= 0 && op < NMD_N_OPS, NULL);

  return table[op].name;
}

void
nmd_op_count_inputs (NmdOp op, int *least, int *most)
{
  *least = *most = 0;
  g_return_if_fail (op >= 0 && op < NMD_N_OPS);

  for (const char *c = table[op].inputs; *c != '\0'; c++)
    if (c == table[op].inputs || c[-1] == ' ')
      {
        *least += *c != '[';
        ++*most;
      }
}
