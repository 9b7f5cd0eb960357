/* SPDX-License-Identifier: Apache-2.0
 *
 * Shape rules of operations. Only the table of operations and the graph use them.
 */
#pragma once

#include "engine/nn/graph/nmd-node.h"

G_BEGIN_DECLS

/* A node whose shape is wanted. */
typedef struct _NmdInference NmdInference;

/* Fills @y from the inputs and attributes; FALSE with self->error set where they do not fit. */
typedef gboolean (*NmdShapeRule) (const NmdInference *self, NmdShape *y);

struct _NmdInference
{
  const NmdNodeInfo *node;
  const NmdNodeInfo *from[NMD_MAX_INPUTS]; /* the inputs */
  const NmdShape *in[NMD_MAX_INPUTS];      /* their shapes */
  /* of the operation, as nmd-ops.c has them */
  const char *op, *inputs;
  int least, most;
  NmdShapeRule rule;
  GError **error;
};

/* The shape of self->node's value by its rule, after counting its inputs.
 * Errors: %NMD_ERROR_SHAPE: the node, what disagrees, both shapes. */
gboolean nmd_infer_shape (const NmdInference *self, NmdShape *y);

gboolean nmd_infer_leaf    (const NmdInference *self, NmdShape *y); /* INPUT, CONSTANT, STORE: attribute `shape` */
gboolean nmd_infer_same    (const NmdInference *self, NmdShape *y); /* the first input's; a second has the same */
gboolean nmd_infer_conv    (const NmdInference *self, NmdShape *y); /* CONV and its gradients */
gboolean nmd_infer_linear  (const NmdInference *self, NmdShape *y); /* LINEAR and its gradients */
gboolean nmd_infer_batch_norm (const NmdInference *self, NmdShape *y); /* BATCH_… */
gboolean nmd_infer_multiply (const NmdInference *self, NmdShape *y); /* MULTIPLY */
gboolean nmd_infer_reduction (const NmdInference *self, NmdShape *y); /* REDUCE, MULTIPLY_REDUCE, BROADCAST, MAX_GRAD */
gboolean nmd_infer_form    (const NmdInference *self, NmdShape *y); /* RESHAPE, CONCAT, SLICE…, SHUFFLE */
gboolean nmd_infer_loss    (const NmdInference *self, NmdShape *y); /* SOFTMAX, CROSS_ENTROPY… */
gboolean nmd_infer_layer_norm (const NmdInference *self, NmdShape *y); /* LAYER_NORM… */
gboolean nmd_infer_pooling (const NmdInference *self, NmdShape *y); /* MAX_POOL…, UPSAMPLE… */
gboolean nmd_infer_enlarge (const NmdInference *self, NmdShape *y); /* ENLARGE… */
gboolean nmd_infer_pixel_loss (const NmdInference *self, NmdShape *y); /* PIXEL_CROSS_ENTROPY…, DICE_LOSS… */
gboolean nmd_infer_tokens  (const NmdInference *self, NmdShape *y); /* TOKENS… */
gboolean nmd_infer_token   (const NmdInference *self, NmdShape *y); /* TOKEN… */
gboolean nmd_infer_attention (const NmdInference *self, NmdShape *y); /* ATTENTION… */
gboolean nmd_infer_activation (const NmdInference *self, NmdShape *y); /* ACTIVATION… */
gboolean nmd_infer_update  (const NmdInference *self, NmdShape *y); /* ADAM, BLEND */

G_END_DECLS
