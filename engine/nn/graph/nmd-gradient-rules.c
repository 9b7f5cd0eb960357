/* SPDX-License-Identifier: Apache-2.0
 *
 * Gradient rules: how the gradient of an operation's value goes on to its inputs, as nodes
 * that are added to the graph. What the gradient operations compute is in nmd-node.h, which
 * rule an operation has in nmd-ops.c.
 */
#include "engine/nn/graph/nmd-gradient-rules.h"

static const NmdShape *
shape_of (const NmdReverse *self, NmdNode node)
{
  return &self->get (self->graph, node)->shape;
}

static NmdNode
add (NmdReverse *self, NmdOp op, const NmdAttributes *at, int n, const NmdNode *inputs)
{
  return self->add (self->graph, op, NULL, at, inputs, n);
}

/* The attributes of the node whose rule runs, with @shape. */
static NmdAttributes
shaped (const NmdReverse *self, const NmdShape *shape)
{
  NmdAttributes at = self->info.at;

  at.shape = *shape;
  return at;
}

gboolean
nmd_reverse_wants (const NmdReverse *self, int input)
{
  return input < self->info.n_inputs && self->useful[self->info.inputs[input]];
}

/* Adds @gradient to what input number @input has received so far. */
static void
give (NmdReverse *self, int input, NmdNode gradient)
{
  NmdNode *sum = &self->sum[self->info.inputs[input]];

  *sum = *sum == NMD_NODE_NONE
             ? gradient
             : add (self, NMD_OP_ADD, NULL, 2, (NmdNode[]){ *sum, gradient });
}

static NmdNode
sum_channels (NmdReverse *self)
{
  const NmdAttributes at = { .reduce = NMD_REDUCE_SUM, .axes = NMD_AXES_NHW };

  return add (self, NMD_OP_REDUCE, &at, 1, &self->dy);
}

/* CONV and LINEAR: (x, w, optional b). */
gboolean
nmd_reverse_product (NmdReverse *self)
{
  const gboolean conv = self->info.op == NMD_OP_CONV;
  const NmdNode x = self->info.inputs[0], w = self->info.inputs[1];
  NmdAttributes at;

  if (nmd_reverse_wants (self, 2))
    give (self, 2, sum_channels (self));
  if (nmd_reverse_wants (self, 1))
    {
      at = shaped (self, shape_of (self, w));
      give (self, 1,
            add (self, conv ? NMD_OP_CONV_GRAD_W : NMD_OP_LINEAR_GRAD_W, &at, 2,
                 (NmdNode[]){ x, self->dy }));
    }
  if (nmd_reverse_wants (self, 0))
    {
      at = shaped (self, shape_of (self, x));
      give (self, 0,
            add (self, conv ? NMD_OP_CONV_GRAD_X : NMD_OP_LINEAR_GRAD_X, &at, 2,
                 (NmdNode[]){ self->dy, w }));
    }
  return TRUE;
}

/* With the batch's statistics the gradient through them is part of GRAD_X; frozen ones
 * are constants. FALSE if a gradient by frozen statistics is wanted. */
gboolean
nmd_reverse_batch_norm (NmdReverse *self)
{
  const NmdNode *in = self->info.inputs;
  const gboolean batch = self->get (self->graph, in[1])->op == NMD_OP_BATCH_MEAN
                         && self->get (self->graph, in[1])->inputs[0] == in[0];
  const gboolean through = batch && nmd_reverse_wants (self, 0);
  NmdNode dgamma = NMD_NODE_NONE, dbeta = NMD_NODE_NONE;

  if (!batch && (nmd_reverse_wants (self, 1) || nmd_reverse_wants (self, 2)))
    return FALSE;
  if (nmd_reverse_wants (self, 4) || through)
    dbeta = sum_channels (self);
  if (nmd_reverse_wants (self, 3) || through)
    dgamma = add (self, NMD_OP_BATCH_NORM_GRAD_GAMMA, &self->info.at, 4,
                  (NmdNode[]){ self->dy, in[0], in[1], in[2] });
  if (nmd_reverse_wants (self, 4))
    give (self, 4, dbeta);
  if (nmd_reverse_wants (self, 3))
    give (self, 3, dgamma);
  if (through)
    give (self, 0,
          add (self, NMD_OP_BATCH_NORM_GRAD_X, &self->info.at, 7,
               (NmdNode[]){ self->dy, in[0], in[1], in[2], in[3], dgamma, dbeta }));
  else if (nmd_reverse_wants (self, 0))
    give (self, 0,
          add (self, NMD_OP_BATCH_NORM_FROZEN_GRAD_X, &self->info.at, 3,
               (NmdNode[]){ self->dy, in[2], in[3] }));
  return TRUE;
}

/* (x, gamma, beta) */
gboolean
nmd_reverse_layer_norm (NmdReverse *self)
{
  const NmdNode *in = self->info.inputs;

  if (nmd_reverse_wants (self, 2))
    give (self, 2, sum_channels (self));
  if (nmd_reverse_wants (self, 1))
    give (self, 1,
          add (self, NMD_OP_LAYER_NORM_GRAD_GAMMA, &self->info.at, 2,
               (NmdNode[]){ self->dy, in[0] }));
  if (nmd_reverse_wants (self, 0))
    give (self, 0,
          add (self, NMD_OP_LAYER_NORM_GRAD_X, &self->info.at, 3,
               (NmdNode[]){ self->dy, in[0], in[1] }));
  return TRUE;
}

gboolean
nmd_reverse_multiply (NmdReverse *self)
{
  const NmdNode a = self->info.inputs[0], b = self->info.inputs[1];

  if (nmd_reverse_wants (self, 1)
      && nmd_shape_equal (shape_of (self, a), shape_of (self, b)))
    give (self, 1, add (self, NMD_OP_MULTIPLY, NULL, 2, (NmdNode[]){ self->dy, a }));
  else if (nmd_reverse_wants (self, 1))
    {
      const NmdAttributes at = shaped (self, shape_of (self, b));

      give (self, 1,
            add (self, NMD_OP_MULTIPLY_REDUCE, &at, 2, (NmdNode[]){ self->dy, a }));
    }
  if (nmd_reverse_wants (self, 0))
    give (self, 0, add (self, NMD_OP_MULTIPLY, NULL, 2, (NmdNode[]){ self->dy, b }));
  return TRUE;
}

gboolean
nmd_reverse_reduce (NmdReverse *self)
{
  const NmdNode x = self->info.inputs[0];
  const NmdShape *shape = shape_of (self, x);
  NmdAttributes at = shaped (self, shape);

  if (self->info.at.reduce == NMD_REDUCE_MAX)
    {
      give (self, 0,
            add (self, NMD_OP_MAX_GRAD, &self->info.at, 3,
                 (NmdNode[]){ self->dy, x, self->node }));
      return TRUE;
    }
  at.value = 1;
  if (self->info.at.reduce == NMD_REDUCE_MEAN)
    at.value
        = (double)nmd_shape_count (&self->info.shape) / (double)nmd_shape_count (shape);
  give (self, 0, add (self, NMD_OP_BROADCAST, &at, 1, &self->dy));
  return TRUE;
}

/* Only the repetitions that a REDUCE undoes: over h and w, over c, or all but c. */
gboolean
nmd_reverse_broadcast (NmdReverse *self)
{
  const NmdShape *x = shape_of (self, self->info.inputs[0]), *y = &self->info.shape;
  NmdAttributes at = { .reduce = NMD_REDUCE_SUM };
  NmdNode sum;

  if (nmd_shape_equal (x, y))
    sum = self->dy;
  else
    {
      if (x->n_dims == 1 && (y->n_dims == 2 || y->n_dims == 4))
        at.axes = NMD_AXES_NHW;
      else if (y->n_dims == 4 && x->dims[0] == y->dims[0] && x->dims[1] == y->dims[1]
               && x->dims[2] == 1 && x->dims[3] == 1)
        at.axes = NMD_AXES_HW;
      else if (y->n_dims == 4 && x->dims[0] == y->dims[0] && x->dims[1] == 1
               && x->dims[2] == y->dims[2] && x->dims[3] == y->dims[3])
        at.axes = NMD_AXES_C;
      else
        return FALSE;
      sum = add (self, NMD_OP_REDUCE, &at, 1, &self->dy);
    }
  if (self->info.at.value != 1)
    sum = add (self, NMD_OP_SCALE, &self->info.at, 1, &sum);
  give (self, 0, sum);
  return TRUE;
}

gboolean
nmd_reverse_form (NmdReverse *self)
{
  NmdAttributes at = shaped (self, shape_of (self, self->info.inputs[0]));
  int from = 0;

  switch (self->info.op)
    {
    case NMD_OP_RESHAPE:
      give (self, 0, add (self, NMD_OP_RESHAPE, &at, 1, &self->dy));
      break;
    case NMD_OP_SLICE:
      give (self, 0, add (self, NMD_OP_SLICE_GRAD, &at, 1, &self->dy));
      break;
    case NMD_OP_SLICE_GRAD:
      give (self, 0, add (self, NMD_OP_SLICE, &self->info.at, 1, &self->dy));
      break;
    case NMD_OP_SHUFFLE:
      at.groups = self->info.shape.dims[1] / self->info.at.groups;
      give (self, 0, add (self, NMD_OP_SHUFFLE, &at, 1, &self->dy));
      break;
    default: /* CONCAT */
      for (int i = 0; i < self->info.n_inputs; i++)
        {
          at = (NmdAttributes){ .from = from,
                                .count = shape_of (self, self->info.inputs[i])->dims[1] };
          from += at.count;
          if (nmd_reverse_wants (self, i))
            give (self, i, add (self, NMD_OP_SLICE, &at, 1, &self->dy));
        }
    }
  return TRUE;
}

/* Gradients that one operation with the same attributes and the input's shape gives. */
gboolean
nmd_reverse_simple (NmdReverse *self)
{
  const NmdNode x = self->info.inputs[0];
  const NmdAttributes at = shaped (self, shape_of (self, x));

  switch (self->info.op)
    {
    case NMD_OP_MAX_POOL:
      give (self, 0,
            add (self, NMD_OP_MAX_POOL_GRAD, &at, 3,
                 (NmdNode[]){ self->dy, x, self->node }));
      break;
    case NMD_OP_UPSAMPLE:
      give (self, 0, add (self, NMD_OP_UPSAMPLE_GRAD, &at, 1, &self->dy));
      break;
    case NMD_OP_ENLARGE:
      give (self, 0, add (self, NMD_OP_ENLARGE_GRAD, &at, 1, &self->dy));
      break;
    case NMD_OP_TOKEN:
      give (self, 0, add (self, NMD_OP_TOKEN_GRAD, &at, 1, &self->dy));
      break;
    default: /* ATTENTION */
      give (self, 0,
            add (self, NMD_OP_ATTENTION_GRAD, &at, 2, (NmdNode[]){ self->dy, x }));
    }
  return TRUE;
}

/* (x, class, position) */
gboolean
nmd_reverse_tokens (NmdReverse *self)
{
  static const NmdOp ops[3]
      = { NMD_OP_TOKENS_GRAD_X, NMD_OP_TOKENS_GRAD_CLASS, NMD_OP_TOKENS_GRAD_POSITION };

  for (int i = 0; i < 3; i++)
    if (nmd_reverse_wants (self, i))
      {
        const NmdAttributes at = shaped (self, shape_of (self, self->info.inputs[i]));

        give (self, i, add (self, ops[i], &at, 1, &self->dy));
      }
  return TRUE;
}

/* y·(dy − Σ y·dy over the row) */
gboolean
nmd_reverse_softmax (NmdReverse *self)
{
  const NmdShape row = { 2, { self->info.shape.dims[0], 1, 1, 1 } };
  const NmdAttributes sum = { .shape = row }, minus = { .value = -1 };
  NmdNode product
      = add (self, NMD_OP_MULTIPLY, NULL, 2, (NmdNode[]){ self->dy, self->node });
  NmdNode total
      = add (self, NMD_OP_MULTIPLY_REDUCE, &sum, 2, (NmdNode[]){ self->dy, self->node });
  NmdNode taken = add (self, NMD_OP_MULTIPLY, NULL, 2, (NmdNode[]){ self->node, total });

  taken = add (self, NMD_OP_SCALE, &minus, 1, &taken);
  give (self, 0, add (self, NMD_OP_ADD, NULL, 2, (NmdNode[]){ product, taken }));
  return TRUE;
}

gboolean
nmd_reverse_loss (NmdReverse *self)
{
  const NmdOp op = self->info.op;
  const NmdOp gradient = op == NMD_OP_CROSS_ENTROPY ? NMD_OP_CROSS_ENTROPY_GRAD
                         : op == NMD_OP_PIXEL_CROSS_ENTROPY
                             ? NMD_OP_PIXEL_CROSS_ENTROPY_GRAD
                             : NMD_OP_DICE_LOSS_GRAD;

  if (nmd_reverse_wants (self, 1))
    return FALSE;
  give (self, 0,
        add (self, gradient, NULL, 3,
             (NmdNode[]){ self->dy, self->info.inputs[0], self->info.inputs[1] }));
  return TRUE;
}

gboolean
nmd_reverse_activation (NmdReverse *self)
{
  const NmdNode a = nmd_activation_needs_x (self->info.at.activation)
                        ? self->info.inputs[0]
                        : self->node;

  give (
      self, 0,
      add (self, NMD_OP_ACTIVATION_GRAD, &self->info.at, 2, (NmdNode[]){ self->dy, a }));
  return TRUE;
}

gboolean
nmd_reverse_add (NmdReverse *self)
{
  for (int i = 0; i < 2; i++)
    if (nmd_reverse_wants (self, i))
      give (self, i, self->dy);
  return TRUE;
}

gboolean
nmd_reverse_scale (NmdReverse *self)
{
  give (self, 0, add (self, NMD_OP_SCALE, &self->info.at, 1, &self->dy));
  return TRUE;
}

gboolean
nmd_reverse_multiply_reduce (NmdReverse *self)
{
  for (int i = 0; i < 2; i++)
    if (nmd_reverse_wants (self, i))
      give (self, i,
            add (self, NMD_OP_MULTIPLY, NULL, 2,
                 (NmdNode[]){ self->info.inputs[1 - i], self->dy }));
  return TRUE;
}
