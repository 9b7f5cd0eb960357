/* SPDX-License-Identifier: Apache-2.0
 *
 * Reverse accumulation: from one node's gradient back to those that are wanted. Each
 * operation's rule is a short function here; what the gradient operations compute is in
 * nmd-graph.h.
 */
#include "engine/nn/graph/nmd-graph-private.h"

#include <string.h>

typedef struct
{
  NmdGraph *graph;
  gboolean *useful; /* node lies between a wanted one and y, or is wanted */
  NmdNode *sum;     /* gradient of each node so far */
  NmdNode node;     /* the one whose rule runs */
  NmdNodeInfo info; /* its description: a copy, since adding nodes moves the list */
  NmdNode dy;       /* its gradient */
} Reverse;

static const NmdShape *
shape_of (const Reverse *self, NmdNode node)
{
  return &nmd_graph_get (self->graph, node)->shape;
}

static NmdNode
add (Reverse *self, NmdOp op, const NmdAttributes *at, int n, const NmdNode *inputs)
{
  return nmd_graph_add (self->graph, op, NULL, at, inputs, n);
}

/* The attributes of the node whose rule runs, with @shape. */
static NmdAttributes
shaped (const Reverse *self, const NmdShape *shape)
{
  NmdAttributes at = self->info.at;

  at.shape = *shape;
  return at;
}

static gboolean
wants (const Reverse *self, int input)
{
  return input < self->info.n_inputs && self->useful[self->info.inputs[input]];
}

/* Adds @gradient to what input number @input has received so far. */
static void
give (Reverse *self, int input, NmdNode gradient)
{
  NmdNode *sum = &self->sum[self->info.inputs[input]];

  *sum = *sum == NMD_NODE_NONE
             ? gradient
             : add (self, NMD_OP_ADD, NULL, 2, (NmdNode[]){ *sum, gradient });
}

static NmdNode
sum_channels (Reverse *self)
{
  const NmdAttributes at = { .reduce = NMD_REDUCE_SUM, .axes = NMD_AXES_NHW };

  return add (self, NMD_OP_REDUCE, &at, 1, &self->dy);
}

/* CONV and LINEAR: (x, w, optional b). */
static void
reverse_product (Reverse *self)
{
  const gboolean conv = self->info.op == NMD_OP_CONV;
  const NmdNode x = self->info.inputs[0], w = self->info.inputs[1];
  NmdAttributes at;

  if (wants (self, 2))
    give (self, 2, sum_channels (self));
  if (wants (self, 1))
    {
      at = shaped (self, shape_of (self, w));
      give (self, 1,
            add (self, conv ? NMD_OP_CONV_GRAD_W : NMD_OP_LINEAR_GRAD_W, &at, 2,
                 (NmdNode[]){ x, self->dy }));
    }
  if (wants (self, 0))
    {
      at = shaped (self, shape_of (self, x));
      give (self, 0,
            add (self, conv ? NMD_OP_CONV_GRAD_X : NMD_OP_LINEAR_GRAD_X, &at, 2,
                 (NmdNode[]){ self->dy, w }));
    }
}

/* With the batch's statistics the gradient through them is part of GRAD_X; frozen ones
 * are constants. FALSE if a gradient by frozen statistics is wanted. */
static gboolean
reverse_batch_norm (Reverse *self)
{
  const NmdNode *in = self->info.inputs;
  const gboolean batch = nmd_graph_get (self->graph, in[1])->op == NMD_OP_BATCH_MEAN
                         && nmd_graph_get (self->graph, in[1])->inputs[0] == in[0];
  const gboolean through = batch && wants (self, 0);
  NmdNode dgamma = NMD_NODE_NONE, dbeta = NMD_NODE_NONE;

  if (!batch && (wants (self, 1) || wants (self, 2)))
    return FALSE;
  if (wants (self, 4) || through)
    dbeta = sum_channels (self);
  if (wants (self, 3) || through)
    dgamma = add (self, NMD_OP_BATCH_NORM_GRAD_GAMMA, &self->info.at, 4,
                  (NmdNode[]){ self->dy, in[0], in[1], in[2] });
  if (wants (self, 4))
    give (self, 4, dbeta);
  if (wants (self, 3))
    give (self, 3, dgamma);
  if (through)
    give (self, 0,
          add (self, NMD_OP_BATCH_NORM_GRAD_X, &self->info.at, 7,
               (NmdNode[]){ self->dy, in[0], in[1], in[2], in[3], dgamma, dbeta }));
  else if (wants (self, 0))
    give (self, 0,
          add (self, NMD_OP_BATCH_NORM_FROZEN_GRAD_X, &self->info.at, 3,
               (NmdNode[]){ self->dy, in[2], in[3] }));
  return TRUE;
}

/* (x, gamma, beta) */
static void
reverse_layer_norm (Reverse *self)
{
  const NmdNode *in = self->info.inputs;

  if (wants (self, 2))
    give (self, 2, sum_channels (self));
  if (wants (self, 1))
    give (self, 1,
          add (self, NMD_OP_LAYER_NORM_GRAD_GAMMA, &self->info.at, 2,
               (NmdNode[]){ self->dy, in[0] }));
  if (wants (self, 0))
    give (self, 0,
          add (self, NMD_OP_LAYER_NORM_GRAD_X, &self->info.at, 3,
               (NmdNode[]){ self->dy, in[0], in[1] }));
}

static void
reverse_multiply (Reverse *self)
{
  const NmdNode a = self->info.inputs[0], b = self->info.inputs[1];

  if (wants (self, 1) && nmd_shape_equal (shape_of (self, a), shape_of (self, b)))
    give (self, 1, add (self, NMD_OP_MULTIPLY, NULL, 2, (NmdNode[]){ self->dy, a }));
  else if (wants (self, 1))
    {
      const NmdAttributes at = shaped (self, shape_of (self, b));

      give (self, 1,
            add (self, NMD_OP_MULTIPLY_REDUCE, &at, 2, (NmdNode[]){ self->dy, a }));
    }
  if (wants (self, 0))
    give (self, 0, add (self, NMD_OP_MULTIPLY, NULL, 2, (NmdNode[]){ self->dy, b }));
}

static void
reverse_reduce (Reverse *self)
{
  const NmdNode x = self->info.inputs[0];
  const NmdShape *shape = shape_of (self, x);
  NmdAttributes at = shaped (self, shape);

  if (self->info.at.reduce == NMD_REDUCE_MAX)
    {
      give (self, 0,
            add (self, NMD_OP_MAX_GRAD, &self->info.at, 3,
                 (NmdNode[]){ self->dy, x, self->node }));
      return;
    }
  at.value = 1;
  if (self->info.at.reduce == NMD_REDUCE_MEAN)
    at.value
        = (double)nmd_shape_count (&self->info.shape) / (double)nmd_shape_count (shape);
  give (self, 0, add (self, NMD_OP_BROADCAST, &at, 1, &self->dy));
}

/* Only the repetitions that a REDUCE undoes: over h and w, over c, or all but c. */
static gboolean
reverse_broadcast (Reverse *self)
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

static void
reverse_form (Reverse *self)
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
          if (wants (self, i))
            give (self, i, add (self, NMD_OP_SLICE, &at, 1, &self->dy));
        }
    }
}

/* Gradients that one operation with the same attributes and the input's shape gives. */
static void
reverse_simple (Reverse *self)
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
    case NMD_OP_TOKEN:
      give (self, 0, add (self, NMD_OP_TOKEN_GRAD, &at, 1, &self->dy));
      break;
    default: /* ATTENTION */
      give (self, 0,
            add (self, NMD_OP_ATTENTION_GRAD, &at, 2, (NmdNode[]){ self->dy, x }));
    }
}

/* (x, class, position) */
static void
reverse_tokens (Reverse *self)
{
  static const NmdOp ops[3]
      = { NMD_OP_TOKENS_GRAD_X, NMD_OP_TOKENS_GRAD_CLASS, NMD_OP_TOKENS_GRAD_POSITION };

  for (int i = 0; i < 3; i++)
    if (wants (self, i))
      {
        const NmdAttributes at = shaped (self, shape_of (self, self->info.inputs[i]));

        give (self, i, add (self, ops[i], &at, 1, &self->dy));
      }
}

/* y·(dy − Σ y·dy over the row) */
static void
reverse_softmax (Reverse *self)
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
}

static gboolean
reverse_loss (Reverse *self)
{
  if (wants (self, 1))
    return FALSE;
  give (self, 0,
        add (self, NMD_OP_CROSS_ENTROPY_GRAD, NULL, 3,
             (NmdNode[]){ self->dy, self->info.inputs[0], self->info.inputs[1] }));
  return TRUE;
}

/* Hands self->dy on to the inputs of self->node. FALSE if the operation has no gradient.
 */
static gboolean
reverse_node (Reverse *self)
{
  switch (self->info.op)
    {
    case NMD_OP_CONV:
    case NMD_OP_LINEAR:
      reverse_product (self);
      return TRUE;
    case NMD_OP_BATCH_NORM:
      return reverse_batch_norm (self);
    case NMD_OP_ACTIVATION:
      give (self, 0,
            add (self, NMD_OP_ACTIVATION_GRAD, &self->info.at, 2,
                 (NmdNode[]){ self->dy, nmd_activation_needs_x (self->info.at.activation)
                                            ? self->info.inputs[0]
                                            : self->node }));
      return TRUE;
    case NMD_OP_ADD:
      for (int i = 0; i < 2; i++)
        if (wants (self, i))
          give (self, i, self->dy);
      return TRUE;
    case NMD_OP_MULTIPLY:
      reverse_multiply (self);
      return TRUE;
    case NMD_OP_SCALE:
      give (self, 0, add (self, NMD_OP_SCALE, &self->info.at, 1, &self->dy));
      return TRUE;
    case NMD_OP_REDUCE:
      reverse_reduce (self);
      return TRUE;
    case NMD_OP_MULTIPLY_REDUCE:
      for (int i = 0; i < 2; i++)
        if (wants (self, i))
          give (self, i,
                add (self, NMD_OP_MULTIPLY, NULL, 2,
                     (NmdNode[]){ self->info.inputs[1 - i], self->dy }));
      return TRUE;
    case NMD_OP_BROADCAST:
      return reverse_broadcast (self);
    case NMD_OP_RESHAPE:
    case NMD_OP_CONCAT:
    case NMD_OP_SLICE:
    case NMD_OP_SLICE_GRAD:
    case NMD_OP_SHUFFLE:
      reverse_form (self);
      return TRUE;
    case NMD_OP_LAYER_NORM:
      reverse_layer_norm (self);
      return TRUE;
    case NMD_OP_MAX_POOL:
    case NMD_OP_UPSAMPLE:
    case NMD_OP_TOKEN:
    case NMD_OP_ATTENTION:
      reverse_simple (self);
      return TRUE;
    case NMD_OP_TOKENS:
      reverse_tokens (self);
      return TRUE;
    case NMD_OP_SOFTMAX:
      reverse_softmax (self);
      return TRUE;
    case NMD_OP_CROSS_ENTROPY:
      return reverse_loss (self);
    default:
      return FALSE;
    }
}

static void
name_gradient (Reverse *self)
{
  const char *had = nmd_graph_get (self->graph, self->dy)->name;
  g_autofree char *name = NULL;

  if (*self->info.name == '\0')
    return;
  name = g_strconcat ("d:", self->info.name, NULL);
  if (*had == '\0')
    nmd_graph_set_name (self->graph, self->dy, name);
  else /* it is the gradient of several nodes */
    nmd_graph_add_name (self->graph, self->dy, name);
}

static gboolean
reverse_all (Reverse *self, NmdNode y, NmdNode dy, GError **error)
{
  self->sum[y] = dy;
  for (NmdNode i = y; i >= 0; i--)
    {
      if (self->sum[i] == NMD_NODE_NONE)
        continue;
      self->node = i;
      self->info = *nmd_graph_get (self->graph, i);
      self->dy = self->sum[i];
      name_gradient (self);
      if (self->info.n_inputs == 0)
        continue;
      gboolean below = FALSE;
      for (int k = 0; k < self->info.n_inputs; k++)
        below |= wants (self, k);
      if (below && !reverse_node (self))
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                       "Node %s (%s) has no gradient by what lies before it",
                       *self->info.name != '\0' ? self->info.name : "without a name",
                       nmd_op_get_name (self->info.op));
          return FALSE;
        }
    }
  return nmd_graph_check (self->graph, error);
}

gboolean
nmd_graph_differentiate (NmdGraph *self,
                         NmdNode y,
                         NmdNode dy,
                         const NmdNode *wanted,
                         int n_wanted,
                         NmdNode *gradients,
                         GError **error)
{
  g_return_val_if_fail (self != NULL && gradients != NULL, FALSE);
  g_return_val_if_fail (n_wanted == 0 || wanted != NULL, FALSE);

  const int n = nmd_graph_get_n_nodes (self);
  g_autofree gboolean *useful = NULL;
  g_autofree NmdNode *sum = NULL;
  Reverse reverse = { .graph = self };

  for (int i = 0; i < n_wanted; i++)
    gradients[i] = NMD_NODE_NONE;
  if (!nmd_graph_check (self, error))
    return FALSE;
  g_return_val_if_fail (y >= 0 && y < n && dy >= 0 && dy < n, FALSE);
  if (!nmd_shape_equal (&nmd_graph_get (self, y)->shape,
                        &nmd_graph_get (self, dy)->shape))
    {
      g_autofree char *a = nmd_shape_to_string (&nmd_graph_get (self, y)->shape);
      g_autofree char *b = nmd_shape_to_string (&nmd_graph_get (self, dy)->shape);

      g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE, "Node %s is %s, its gradient is %s",
                   nmd_graph_get (self, y)->name, a, b);
      return FALSE;
    }
  useful = reverse.useful = g_new0 (gboolean, n);
  sum = reverse.sum = g_new (NmdNode, n);
  for (int i = 0; i < n; i++)
    sum[i] = NMD_NODE_NONE;
  for (int i = 0; i < n_wanted; i++)
    {
      g_return_val_if_fail (wanted[i] >= 0 && wanted[i] < n, FALSE);
      useful[wanted[i]] = TRUE;
    }
  for (int i = 0; i <= y; i++)
    for (int k = 0; k < nmd_graph_get (self, i)->n_inputs; k++)
      useful[i] |= useful[nmd_graph_get (self, i)->inputs[k]];
  if (!useful[y])
    return TRUE;
  if (!reverse_all (&reverse, y, dy, error))
    return FALSE;
  for (int i = 0; i < n_wanted; i++)
    gradients[i] = sum[wanted[i]];
  return TRUE;
}
