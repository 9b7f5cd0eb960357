/* SPDX-License-Identifier: Apache-2.0
 *
 * Gradient rules of operations. Only the table of operations and nmd-differentiate.c use them.
 */
#pragma once

#include "engine/nn/graph/nmd-node.h"

G_BEGIN_DECLS

struct _NmdGraph;

/* A node whose rule runs, and reverse accumulation as far as it has come. The graph's functions are
 * handed in: the table of operations knows nothing of the list of nodes. */
typedef struct
{
  struct _NmdGraph *graph;
  const NmdNodeInfo *(*get) (const struct _NmdGraph *graph, NmdNode node);
  NmdNode (*add) (struct _NmdGraph *graph, NmdOp op, const char *name, const NmdAttributes *at,
                  const NmdNode *inputs, int n_inputs);
  gboolean *useful; /* node lies between a wanted one and y, or is wanted */
  NmdNode *sum;     /* gradient of each node so far */
  NmdNode node;     /* the one whose rule runs */
  NmdNodeInfo info; /* its description: a copy, since adding nodes moves the list */
  NmdNode dy;       /* its gradient */
} NmdReverse;

/* Hands self->dy on to those inputs of self->node that want it; FALSE if that is not possible. */
typedef gboolean (*NmdGradientRule) (NmdReverse *self);

/* Whether a gradient by input number @input is wanted. */
gboolean nmd_reverse_wants (const NmdReverse *self, int input);

gboolean nmd_reverse_product        (NmdReverse *self); /* CONV, LINEAR */
gboolean nmd_reverse_batch_norm     (NmdReverse *self); /* FALSE where a gradient by frozen statistics is wanted */
gboolean nmd_reverse_layer_norm     (NmdReverse *self);
gboolean nmd_reverse_activation     (NmdReverse *self);
gboolean nmd_reverse_add            (NmdReverse *self);
gboolean nmd_reverse_multiply       (NmdReverse *self);
gboolean nmd_reverse_scale          (NmdReverse *self);
gboolean nmd_reverse_reduce         (NmdReverse *self);
gboolean nmd_reverse_multiply_reduce(NmdReverse *self);
gboolean nmd_reverse_broadcast      (NmdReverse *self); /* FALSE for repetitions that no REDUCE undoes */
gboolean nmd_reverse_form           (NmdReverse *self); /* RESHAPE, CONCAT, SLICE, SLICE_GRAD, SHUFFLE */
gboolean nmd_reverse_simple         (NmdReverse *self); /* MAX_POOL, UPSAMPLE, ENLARGE, TOKEN, ATTENTION */
gboolean nmd_reverse_tokens         (NmdReverse *self);
gboolean nmd_reverse_softmax        (NmdReverse *self);
gboolean nmd_reverse_loss           (NmdReverse *self); /* FALSE where a gradient by the targets is wanted */

G_END_DECLS
