/* SPDX-License-Identifier: Apache-2.0
 *
 * From nodes to steps: which kernel computes each operation, and which neighbours go into
 * one. Fused are: the batch's mean and variance; a norm or a sum and the activation
 * behind it; a maximum and the mean beside it; a product and the sigmoid in it; the
 * gradient of an activation into that of the norm before it, whose two sums are one pass;
 * all updates of a kind. Products are nmd-cuda-products.c's.
 */
#include "engine/backend/cuda/nmd-cuda-private.h"

#include <string.h>

G_STATIC_ASSERT ((int)NMD_RELU == NMD_CUDA_RELU);
G_STATIC_ASSERT ((int)NMD_SIGMOID == NMD_CUDA_SIGMOID);
G_STATIC_ASSERT ((int)NMD_LEAKY_RELU == NMD_CUDA_LEAKY_RELU);
G_STATIC_ASSERT ((int)NMD_HARD_SIGMOID == NMD_CUDA_HARD_SIGMOID);
G_STATIC_ASSERT ((int)NMD_SILU == NMD_CUDA_SILU);
G_STATIC_ASSERT ((int)NMD_GELU == NMD_CUDA_GELU);

static const NmdNodeInfo *
info (NmdCudaProgram *self, NmdNode node)
{
  return nmd_graph_get (self->graph, node);
}

/* A step for @at whose inputs and output are the node's. */
static NmdCudaStep *
plain_step (NmdCudaProgram *self,
            NmdNode at,
            gboolean (*start) (NmdCudaProgram *, const NmdCudaStep *, GError **))
{
  const NmdNodeInfo *node = info (self, at);
  NmdCudaStep *step = nmd_cuda_add_step (self, node);

  step->start = start;
  for (int k = 0; k < node->n_inputs && k < NMD_CUDA_MAX_STEP_INPUTS; k++)
    step->in[step->n_in++] = node->inputs[k];
  step->out[step->n_out++] = at;
  return step;
}

static unsigned
count_of (const NmdCudaStep *step)
{
  return (unsigned)nmd_cuda_count (&step->node->shape);
}

#define IN(k) nmd_cuda_tensor (self, step->in[k])
#define OUT(k) nmd_cuda_tensor (self, step->out[k])
#define STREAM self->session->stream
#define SHAPE(k) nmd_cuda_shape (self, step->node->inputs[k])

/* --- element by element
 * ------------------------------------------------------------------- */

static gboolean
start_each (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const unsigned n = count_of (step);

  switch (step->node->op)
    {
    case NMD_OP_ACTIVATION:
      return RUNTIME (nmd_cuda_activation (STREAM, step->activation, step->slope, IN (0),
                                           OUT (0), n));
    case NMD_OP_ACTIVATION_GRAD:
      return RUNTIME (nmd_cuda_activation_grad (STREAM, step->activation, step->slope,
                                                IN (0), IN (1), OUT (0), n));
    case NMD_OP_ADD:
      return RUNTIME (nmd_cuda_add (STREAM, step->activation, step->slope, IN (0), IN (1),
                                    OUT (0), n));
    default: /* SCALE */
      return RUNTIME (
          nmd_cuda_scale (STREAM, IN (0), (float)step->node->at.value, OUT (0), n));
    }
}

static void
lower_add (NmdCudaProgram *self, NmdNode at)
{
  NmdCudaStep *step = plain_step (self, at, start_each);
  const NmdNode activation = nmd_cuda_only_activation (self, at);

  if (activation == NMD_NODE_NONE)
    return;
  nmd_cuda_set_activation (step, info (self, activation));
  step->out[0] = activation;
  self->done[activation] = TRUE;
}

/* Whether all that reads the activation's gradient @at are the two sums and the gradient
 * of one norm, or the gradient of a frozen one: those then compute it themselves. */
static gboolean
goes_into_norm (NmdCudaProgram *self, NmdNode at)
{
  const NmdNode sums = nmd_cuda_find_user (self, at, NMD_OP_BATCH_NORM_GRAD_GAMMA, at);
  const NmdNode *k = self->users[at];
  int n_beta = 0, n_grad = 0;

  if (self->is_output[at] || info (self, at)->shape.n_dims != 4)
    return FALSE;
  if (self->n_users[at] == 1)
    return info (self, *k)->op == NMD_OP_BATCH_NORM_FROZEN_GRAD_X
           && info (self, *k)->inputs[0] == at;
  if (self->n_users[at] != 3 || sums == NMD_NODE_NONE)
    return FALSE;
  for (; *k != NMD_NODE_NONE; k++)
    {
      const NmdNodeInfo *user = info (self, *k);

      n_beta += user->op == NMD_OP_REDUCE && user->at.reduce == NMD_REDUCE_SUM
                && user->at.axes == NMD_AXES_NHW;
      n_grad += user->op == NMD_OP_BATCH_NORM_GRAD_X && user->inputs[0] == at
                && user->inputs[1] == info (self, sums)->inputs[1];
    }
  return n_beta == 1 && n_grad == 1 && info (self, sums)->inputs[0] == at;
}

static void
lower_activation (NmdCudaProgram *self, NmdNode at)
{
  const NmdNodeInfo *node = info (self, at);

  if (node->op == NMD_OP_ACTIVATION_GRAD && goes_into_norm (self, at))
    self->done[at] = TRUE;
  else
    nmd_cuda_set_activation (plain_step (self, at, start_each), node);
}

/* --- broadcasts and reductions
 * ------------------------------------------------------------ */

/* Dimensions in storage order: n h w c, or row-major ones of what has fewer than four. */
static void
storage_dims (const NmdShape *shape, int dims[4])
{
  const int *d = shape->dims;
  const int images[4] = { d[0], d[2], d[3], d[1] };

  memcpy (dims, shape->n_dims == 4 ? images : d, 4 * sizeof *dims);
}

/* A vector over channels as a tensor that broadcasts to @whole: [c] as [1,c,1,1]. */
static NmdShape
over_channels (const NmdShape *shape, const NmdShape *whole)
{
  if (shape->n_dims == 1 && whole->n_dims > 1)
    return (NmdShape){ whole->n_dims, { 1, shape->dims[0], 1, 1 } };
  return *shape;
}

/* How a tensor of shape @part is walked through where it repeats to @whole. */
static void
walk (const NmdShape *part, const NmdShape *whole, int dims[4], int strides[4])
{
  const NmdShape spread = over_channels (part, whole);
  int given[4], stride = 1;

  storage_dims (whole, dims);
  storage_dims (&spread, given);
  for (int k = 3; k >= 0; k--)
    {
      strides[k] = given[k] == 1 ? 0 : stride;
      stride *= given[k];
    }
}

static gboolean
start_broadcast (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const gboolean product = step->node->op == NMD_OP_MULTIPLY;
  int dims[4], strides[4];

  walk (SHAPE (product ? 1 : 0), &step->node->shape, dims, strides);
  return RUNTIME (nmd_cuda_broadcast (
      STREAM, product ? IN (0) : (NmdCudaTensor){ NULL, 0 }, IN (product ? 1 : 0), dims,
      strides, product ? 1 : (float)step->node->at.value, OUT (0)));
}

/* in: x, a, b or −1 */
static gboolean
start_gate (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  int dims[4], strides[4];

  walk (SHAPE (1), &step->node->shape, dims, strides);
  return RUNTIME (nmd_cuda_gate (STREAM, step->activation, step->slope, IN (0), IN (1),
                                 IN (2), dims, strides, OUT (0)));
}

static void
lower_multiply (NmdCudaProgram *self, NmdNode at)
{
  NmdCudaGate gate;
  NmdCudaStep *step;

  if (!nmd_cuda_find_gate (self, at, &gate))
    {
      plain_step (self, at, start_broadcast);
      return;
    }
  step = plain_step (self, at, start_gate);
  nmd_cuda_set_activation (step, info (self, gate.activation));
  step->in[1] = gate.a;
  step->in[2] = gate.b;
  step->n_in = 3;
}

/* A reduction as [outer, n, inner] if the dimensions that @kept is 1 in lie side by side.
 */
static gboolean
as_columns (const int whole[4], const int kept[4], int *outer, int *n, int *inner)
{
  int stage = 0; /* 0 outer, 1 n, 2 inner */

  *outer = *n = *inner = 1;
  for (int k = 0; k < 4; k++)
    {
      const gboolean reduced = whole[k] > 1 && kept[k] == 1;

      if (whole[k] == 1)
        continue;
      if (reduced && stage == 2)
        return FALSE;
      if (reduced)
        stage = 1;
      else if (stage == 1)
        stage = 2;
      *(stage == 0 ? outer : stage == 1 ? n : inner) *= whole[k];
    }
  return TRUE;
}

static int
reduce_kind (const NmdNodeInfo *node)
{
  if (node->op == NMD_OP_MULTIPLY_REDUCE)
    return NMD_CUDA_PRODUCT;
  return node->at.reduce == NMD_REDUCE_MAX ? NMD_CUDA_MAX : NMD_CUDA_SUM;
}

/* Both shapes of the reduction that @step or, for MAX_GRAD, its maximum is. */
static void
reduce_dims (NmdCudaProgram *self, const NmdCudaStep *step, int whole[4], int kept[4])
{
  const gboolean grad = step->node->op == NMD_OP_MAX_GRAD;
  const NmdShape *x = SHAPE (grad ? 1 : 0);
  const NmdShape part = over_channels (grad ? SHAPE (2) : &step->node->shape, x);

  storage_dims (x, whole);
  storage_dims (&part, kept);
}

static float
reduce_scale (const NmdNodeInfo *node, const int whole[4], const int kept[4])
{
  double length = 1;

  for (int k = 0; k < 4; k++)
    length *= (double)whole[k] / kept[k];
  return node->op == NMD_OP_REDUCE && node->at.reduce == NMD_REDUCE_MEAN
             ? (float)(1 / length)
             : 1.0f;
}

static gboolean
start_reduce (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  NmdCudaReduce r = { .kind = reduce_kind (step->node),
                      .a = IN (0),
                      .b = step->n_in > 1 ? IN (1) : (NmdCudaTensor){ NULL, 0 },
                      .y = OUT (0),
                      .partial = nmd_cuda_floats (self, step->scratch) };
  int whole[4], kept[4];

  reduce_dims (self, step, whole, kept);
  r.scale = reduce_scale (step->node, whole, kept);
  if (!as_columns (whole, kept, &r.outer, &r.n, &r.inner))
    return RUNTIME (
        nmd_cuda_reduce_any (STREAM, r.kind, r.a, r.b, whole, kept, r.scale, r.y));
  return RUNTIME (nmd_cuda_reduce (STREAM, &r));
}

/* Room for the parts of a sum of @wide numbers, or −1. */
static int
parts_value (NmdCudaProgram *self, int outer, int n, int inner, int wide)
{
  const int splits = nmd_cuda_reduce_splits (outer, n, inner);

  if (splits == 1)
    return -1;
  return nmd_cuda_add_value (
      self, (gsize)splits * (gsize)outer * (gsize)inner * (gsize)wide, FALSE);
}

static void
lower_reduce (NmdCudaProgram *self, NmdNode at)
{
  NmdCudaStep *step = plain_step (self, at, start_reduce);
  const guint number = self->steps->len - 1;
  int whole[4], kept[4], outer, n, inner, scratch;

  reduce_dims (self, step, whole, kept);
  if (!as_columns (whole, kept, &outer, &n, &inner))
    return;
  scratch = parts_value (self, outer, n, inner, 1);
  g_array_index (self->steps, NmdCudaStep, number).scratch = scratch;
}

/* out: the mean or sum that is the step's node, then the maximum */
static gboolean
start_pair (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  NmdCudaReduce r = { .kind = NMD_CUDA_SUM,
                      .a = IN (0),
                      .y = OUT (0),
                      .partial = nmd_cuda_floats (self, step->scratch) };
  int whole[4], kept[4];

  reduce_dims (self, step, whole, kept);
  r.scale = reduce_scale (step->node, whole, kept);
  if (!as_columns (whole, kept, &r.outer, &r.n, &r.inner))
    g_return_val_if_reached (FALSE);
  return RUNTIME (nmd_cuda_reduce_pair (STREAM, &r, OUT (1)));
}

/* The maximum over the same dimensions that mean or sum @at is taken over, or the
 * reverse; none of what the program may overwrite between the two. */
static NmdNode
find_other_reduce (NmdCudaProgram *self, NmdNode at)
{
  const NmdNodeInfo *node = info (self, at);
  const NmdNode x = node->inputs[0];

  if (node->at.axes == NMD_AXES_NHW || nmd_cuda_is_stored (self, x))
    return NMD_NODE_NONE;
  for (const NmdNode *k = self->users[x]; *k != NMD_NODE_NONE; k++)
    {
      const NmdNodeInfo *other = info (self, *k);

      if (*k > at && !self->done[*k] && other->op == NMD_OP_REDUCE
          && other->at.axes == node->at.axes
          && (other->at.reduce == NMD_REDUCE_MAX) != (node->at.reduce == NMD_REDUCE_MAX))
        return *k;
    }
  return NMD_NODE_NONE;
}

static gboolean
lower_as_pair (NmdCudaProgram *self, NmdNode at)
{
  const NmdNode other = find_other_reduce (self, at);
  const gboolean is_max = info (self, at)->at.reduce == NMD_REDUCE_MAX;
  int whole[4], kept[4], outer, n, inner, scratch;
  NmdCudaStep *step;
  guint number;

  if (other == NMD_NODE_NONE)
    return FALSE;
  step = plain_step (self, is_max ? other : at, start_pair);
  number = self->steps->len - 1;
  step->out[step->n_out++] = is_max ? at : other;
  reduce_dims (self, step, whole, kept);
  if (!as_columns (whole, kept, &outer, &n, &inner)) /* HW and C both are */
    g_return_val_if_reached (FALSE);
  scratch = parts_value (self, outer, n, inner, 2);
  g_array_index (self->steps, NmdCudaStep, number).scratch = scratch;
  self->done[at] = self->done[other] = TRUE;
  return TRUE;
}

/* in: dy, x, y; scratch: indices, then parts */
static gboolean
start_max_grad (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  float *index = nmd_cuda_floats (self, step->scratch);
  NmdCudaReduce r = { .kind = NMD_CUDA_FIRST, .a = IN (1), .b = IN (2) };
  int whole[4], kept[4];

  reduce_dims (self, step, whole, kept);
  if (!as_columns (whole, kept, &r.outer, &r.n, &r.inner))
    g_return_val_if_reached (FALSE);
  r.y.p = index;
  r.partial = index + (gsize)r.outer * (gsize)r.inner;
  return RUNTIME (nmd_cuda_reduce (STREAM, &r))
         && RUNTIME (
             nmd_cuda_place (STREAM, IN (0), index, r.outer, r.n, r.inner, OUT (0)));
}

static void
lower_max_grad (NmdCudaProgram *self, NmdNode at)
{
  NmdCudaStep *step = plain_step (self, at, start_max_grad);
  const guint number = self->steps->len - 1;
  int whole[4], kept[4], outer, n, inner, scratch;

  reduce_dims (self, step, whole, kept);
  if (!as_columns (whole, kept, &outer, &n, &inner)) /* HW, C and NHW all are */
    g_return_if_reached ();
  scratch = nmd_cuda_add_value (self,
                                (gsize)(1 + nmd_cuda_reduce_splits (outer, n, inner))
                                    * (gsize)outer * (gsize)inner,
                                FALSE);
  g_array_index (self->steps, NmdCudaStep, number).scratch = scratch;
}

/* --- batch normalisation
 * ------------------------------------------------------------------ */

/* Room for the parts of a sum over rows; one channel is summed as two are. */
static int
channel_parts (NmdCudaProgram *self, const NmdShape *x, int wide)
{
  return parts_value (self, 1, nmd_cuda_rows (x), MAX (x->dims[1], 2), wide);
}

static gboolean
start_statistics (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const NmdShape *x = SHAPE (0);

  return RUNTIME (nmd_cuda_statistics (STREAM, IN (0), nmd_cuda_rows (x), x->dims[1],
                                       OUT (0).p, step->n_out > 1 ? OUT (1).p : NULL,
                                       nmd_cuda_floats (self, step->scratch)));
}

static void
lower_statistics (NmdCudaProgram *self, NmdNode at)
{
  const NmdNode x = info (self, at)->inputs[0];
  const NmdNode variance = nmd_cuda_find_user (self, at, NMD_OP_BATCH_VARIANCE, at);
  const int scratch = channel_parts (self, nmd_cuda_shape (self, x), 3);
  NmdCudaStep *step = plain_step (self, at, start_statistics);

  step->scratch = scratch;
  if (variance == NMD_NODE_NONE || info (self, variance)->inputs[0] != x)
    return;
  step->out[step->n_out++] = variance;
  self->done[variance] = TRUE;
}

/* A variance about a mean that is not the batch's own. */
static gboolean
start_variance (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const NmdShape *x = SHAPE (0);
  const NmdCudaReduce r = { .kind = NMD_CUDA_SQUARES,
                            .outer = 1,
                            .n = nmd_cuda_rows (x),
                            .inner = x->dims[1],
                            .scale = (float)(1.0 / nmd_cuda_rows (x)),
                            .a = IN (0),
                            .vector = IN (1).p,
                            .y = OUT (0),
                            .partial = nmd_cuda_floats (self, step->scratch) };

  return RUNTIME (nmd_cuda_reduce (STREAM, &r));
}

static void
lower_variance (NmdCudaProgram *self, NmdNode at)
{
  const NmdShape *x = nmd_cuda_shape (self, info (self, at)->inputs[0]);
  const int scratch = parts_value (self, 1, nmd_cuda_rows (x), x->dims[1], 1);

  plain_step (self, at, start_variance)->scratch = scratch;
}

/* out: the activation's value or the norm's; then the norm's where both are wanted */
static gboolean
start_norm (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const NmdShape *x = SHAPE (0);
  const NmdCudaNorm norm
      = { .rows = nmd_cuda_rows (x),
          .c = x->dims[1],
          .x = IN (0),
          .finish = { .activation = step->activation,
                      .epsilon = (float)step->node->at.epsilon,
                      .slope = step->slope,
                      .mean = IN (1).p,
                      .variance = IN (2).p,
                      .gamma = IN (3).p,
                      .beta = IN (4).p },
          .y = OUT (0),
          .before = step->n_out > 1 ? OUT (1) : (NmdCudaTensor){ NULL, 0 } };

  return RUNTIME (nmd_cuda_norm (STREAM, &norm));
}

static void
lower_norm (NmdCudaProgram *self, NmdNode at)
{
  const NmdNode activation = nmd_cuda_find_user (self, at, NMD_OP_ACTIVATION, at);
  NmdCudaStep *step = plain_step (self, at, start_norm);

  if (activation == NMD_NODE_NONE)
    return;
  nmd_cuda_set_activation (step, info (self, activation));
  step->out[0] = activation;
  if (self->n_users[at] > 1)
    step->out[step->n_out++] = at;
  self->done[activation] = TRUE;
}

/* The gradient that reaches a norm's value: @dy, or through the activation behind it. */
static void
take_dy (NmdCudaProgram *self, NmdCudaStep *step, NmdNode dy)
{
  const NmdNodeInfo *node = info (self, dy);

  step->in[0] = dy;
  step->in[1] = -1;
  if (node->op != NMD_OP_ACTIVATION_GRAD || !self->done[dy])
    return;
  step->in[0] = node->inputs[0];
  step->in[1] = node->inputs[1];
  nmd_cuda_set_activation (step, node);
}

/* in: dy, a, x, mean, variance, gamma, dgamma, dbeta */
static NmdCudaNormGrad
norm_grad (NmdCudaProgram *self, const NmdCudaStep *step)
{
  const NmdShape *x = SHAPE (0); /* dy's, which is x's */

  return (NmdCudaNormGrad){ .rows = nmd_cuda_rows (x),
                            .c = x->dims[1],
                            .activation = step->activation,
                            .epsilon = (float)step->node->at.epsilon,
                            .slope = step->slope,
                            .dy = IN (0),
                            .a = IN (1),
                            .x = IN (2),
                            .mean = IN (3).p,
                            .variance = IN (4).p };
}

static gboolean
start_norm_grad (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  NmdCudaNormGrad grad = norm_grad (self, step);

  grad.gamma = IN (5).p;
  grad.dgamma = IN (6).p;
  grad.dbeta = IN (7).p;
  grad.dx = OUT (0);
  return RUNTIME (nmd_cuda_norm_grad (STREAM, &grad));
}

static void
lower_norm_grad (NmdCudaProgram *self, NmdNode at)
{
  const NmdNodeInfo *node = info (self, at);
  const gboolean frozen = node->op == NMD_OP_BATCH_NORM_FROZEN_GRAD_X;
  NmdCudaStep *step = plain_step (self, at, start_norm_grad);

  for (int k = 2; k < 8; k++)
    step->in[k] = frozen ? -1 : node->inputs[k - 1];
  if (frozen)
    {
      step->in[4] = node->inputs[1];
      step->in[5] = node->inputs[2];
    }
  step->n_in = 8;
  take_dy (self, step, node->inputs[0]);
}

/* out: dgamma, dbeta */
static gboolean
start_norm_sums (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  NmdCudaNormGrad grad = norm_grad (self, step);

  grad.sums[0] = OUT (0).p;
  grad.sums[1] = OUT (1).p;
  grad.partial = nmd_cuda_floats (self, step->scratch);
  return RUNTIME (nmd_cuda_norm_sums (STREAM, &grad));
}

/* The sums dgamma, node @at, and dbeta, node or −1: then nobody wants it. */
static void
lower_norm_sums (NmdCudaProgram *self, NmdNode at, NmdNode dbeta)
{
  const NmdNodeInfo *node = info (self, at);
  const int c = node->shape.dims[0];
  const int scratch = channel_parts (self, nmd_cuda_shape (self, node->inputs[1]), 2);
  const int beta = dbeta >= 0 ? dbeta : nmd_cuda_add_value (self, (gsize)c, FALSE);
  NmdCudaStep *step = plain_step (self, at, start_norm_sums);

  for (int k = 2; k < 5; k++)
    step->in[k] = node->inputs[k - 1];
  step->n_in = 5;
  take_dy (self, step, node->inputs[0]);
  step->out[step->n_out++] = beta;
  step->scratch = scratch;
  self->done[at] = TRUE;
}

/* Σ dy over all but channels is often one of the two sums of a norm's gradient. */
static gboolean
lower_as_norm_sum (NmdCudaProgram *self, NmdNode at)
{
  const NmdNodeInfo *node = info (self, at);
  NmdNode sums;

  if (node->at.reduce != NMD_REDUCE_SUM || node->at.axes != NMD_AXES_NHW
      || nmd_cuda_shape (self, node->inputs[0])->n_dims != 4)
    return FALSE;
  sums = nmd_cuda_find_user (self, node->inputs[0], NMD_OP_BATCH_NORM_GRAD_GAMMA, at);
  if (sums == NMD_NODE_NONE || info (self, sums)->inputs[0] != node->inputs[0])
    return FALSE;
  lower_norm_sums (self, sums, at);
  return TRUE;
}

/* --- layer normalisation
 * ------------------------------------------------------------------ */

static gboolean
start_layer_norm (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const NmdShape *x = SHAPE (0);
  const int rows = nmd_cuda_rows (x), c = x->dims[1];
  const float epsilon = (float)step->node->at.epsilon;
  float *statistics = nmd_cuda_floats (self, step->scratch);
  NmdCudaReduce r = { .kind = NMD_CUDA_ROW_NORMAL,
                      .outer = 1,
                      .n = rows,
                      .inner = c,
                      .scale = 1,
                      .a = IN (0),
                      .vector = statistics,
                      .y = OUT (0) };

  if (step->node->op == NMD_OP_LAYER_NORM)
    return RUNTIME (nmd_cuda_layer_norm (STREAM, IN (0), IN (1).p, IN (2).p, epsilon,
                                         rows, c, OUT (0)));
  if (step->node->op == NMD_OP_LAYER_NORM_GRAD_X)
    return RUNTIME (nmd_cuda_layer_grad (STREAM, IN (0), IN (1), IN (2).p, epsilon, rows,
                                         c, OUT (0)));
  r.b = IN (1);
  r.partial = statistics + 2 * (gsize)rows;
  return RUNTIME (nmd_cuda_row_statistics (STREAM, IN (1), epsilon, rows, c, statistics))
         && RUNTIME (nmd_cuda_reduce (STREAM, &r));
}

static void
lower_layer_norm (NmdCudaProgram *self, NmdNode at)
{
  const NmdShape *x = nmd_cuda_shape (self, info (self, at)->inputs[0]);
  const int rows = nmd_cuda_rows (x), c = x->dims[1];
  int scratch = -1;

  if (info (self, at)->op == NMD_OP_LAYER_NORM_GRAD_GAMMA)
    scratch = nmd_cuda_add_value (
        self, 2 * (gsize)rows + (gsize)nmd_cuda_reduce_splits (1, rows, c) * (gsize)c,
        FALSE);
  plain_step (self, at, start_layer_norm)->scratch = scratch;
}

/* --- form, pooling, tokens
 * ---------------------------------------------------------------- */

static gboolean
start_concat (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const NmdShape *y = &step->node->shape;
  int to = 0;

  for (int k = 0; k < step->node->n_inputs; k++)
    {
      const int c = SHAPE (k)->dims[1];

      if (!RUNTIME (nmd_cuda_channels (STREAM, IN (k), c, 0, OUT (0), y->dims[1], to, c,
                                       nmd_cuda_rows (y))))
        return FALSE;
      to += c;
    }
  return TRUE;
}

static gboolean
start_reshape (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  int n, cx, area_x, cy, area_y;

  nmd_cuda_planes (SHAPE (0), &n, &cx, &area_x);
  nmd_cuda_planes (&step->node->shape, &n, &cy, &area_y);
  return RUNTIME (nmd_cuda_reshape (STREAM, IN (0), cx, area_x, OUT (0), cy, area_y,
                                    count_of (step)));
}

static gboolean
start_form (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const NmdAttributes *at = &step->node->at;
  const NmdShape *x = SHAPE (0), *y = &step->node->shape;
  const int rows = nmd_cuda_rows (y);

  switch (step->node->op)
    {
    case NMD_OP_SLICE:
      return RUNTIME (nmd_cuda_channels (STREAM, IN (0), x->dims[1], at->from, OUT (0),
                                         at->count, 0, at->count, rows));
    case NMD_OP_SLICE_GRAD:
      return RUNTIME (nmd_cuda_channels_padded (STREAM, IN (0), x->dims[1], OUT (0),
                                                y->dims[1], at->from, rows));
    case NMD_OP_SHUFFLE:
      return RUNTIME (
          nmd_cuda_shuffle (STREAM, IN (0), OUT (0), y->dims[1], at->groups, rows));
    case NMD_OP_UPSAMPLE:
      return RUNTIME (nmd_cuda_upsample (STREAM, IN (0), x->dims[0], x->dims[2],
                                         x->dims[3], x->dims[1], at->factor, OUT (0)));
    default: /* UPSAMPLE_GRAD */
      return RUNTIME (nmd_cuda_upsample_grad (STREAM, IN (0), y->dims[0], y->dims[2],
                                              y->dims[3], y->dims[1], at->factor,
                                              OUT (0)));
    }
}

static gboolean
start_pool (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const gboolean forward = step->node->op == NMD_OP_MAX_POOL;
  const NmdShape *x = SHAPE (forward ? 0 : 1);
  const NmdShape *y = forward ? &step->node->shape : SHAPE (2);
  const NmdCudaConv pool = { .n = x->dims[0],
                             .ci = x->dims[1],
                             .co = x->dims[1],
                             .h = x->dims[2],
                             .w = x->dims[3],
                             .ho = y->dims[2],
                             .wo = y->dims[3],
                             .k = step->node->at.kernel,
                             .stride = step->node->at.stride,
                             .padding = step->node->at.padding,
                             .groups = x->dims[1] };

  if (forward)
    return RUNTIME (nmd_cuda_max_pool (STREAM, &pool, IN (0), OUT (0)));
  return RUNTIME (
      nmd_cuda_max_pool_grad (STREAM, &pool, IN (0), IN (1), IN (2), OUT (0)));
}

/* Σ over sequences of the first @count of their tokens */
static gboolean
sum_tokens (NmdCudaProgram *self, const NmdCudaStep *step, int count, GError **error)
{
  const NmdShape *dy = SHAPE (0);
  const int whole[4] = { dy->dims[0], 1, dy->dims[2], dy->dims[1] };
  const int kept[4] = { 1, 1, dy->dims[2], dy->dims[1] };
  const NmdCudaTensor none = { NULL, 0 };
  NmdCudaTensor first = nmd_cuda_tensor (self, step->scratch);

  if (count == dy->dims[2])
    return RUNTIME (nmd_cuda_reduce_any (STREAM, NMD_CUDA_SUM, IN (0), none, whole, kept,
                                         1, OUT (0)));
  return RUNTIME (nmd_cuda_take_rows (STREAM, IN (0), dy->dims[0], dy->dims[2],
                                      dy->dims[1], 0, count, first))
         && RUNTIME (
             nmd_cuda_reduce_any (STREAM, NMD_CUDA_SUM, first, none,
                                  (const int[]){ dy->dims[0], 1, count, dy->dims[1] },
                                  (const int[]){ 1, 1, count, dy->dims[1] }, 1, OUT (0)));
}

static gboolean
start_tokens (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const NmdShape *x = SHAPE (0), *y = &step->node->shape;
  const int from = step->node->at.from;

  switch (step->node->op)
    {
    case NMD_OP_TOKENS:
      return RUNTIME (nmd_cuda_tokens (STREAM, IN (0), IN (1).p, IN (2).p, y->dims[0],
                                       y->dims[2], y->dims[1], OUT (0)));
    case NMD_OP_TOKENS_GRAD_X:
      return RUNTIME (nmd_cuda_take_rows (STREAM, IN (0), x->dims[0], x->dims[2],
                                          x->dims[1], 1, x->dims[2] - 1, OUT (0)));
    case NMD_OP_TOKENS_GRAD_POSITION:
      return sum_tokens (self, step, x->dims[2], error);
    case NMD_OP_TOKENS_GRAD_CLASS:
      return sum_tokens (self, step, 1, error);
    case NMD_OP_TOKEN:
      return RUNTIME (nmd_cuda_take_rows (STREAM, IN (0), x->dims[0], x->dims[2],
                                          x->dims[1], from, 1, OUT (0)));
    default: /* TOKEN_GRAD */
      return RUNTIME (nmd_cuda_put_rows (STREAM, IN (0), y->dims[0], y->dims[2],
                                         y->dims[1], from, 1, OUT (0)));
    }
}

static void
lower_tokens (NmdCudaProgram *self, NmdNode at)
{
  const NmdShape *x = nmd_cuda_shape (self, info (self, at)->inputs[0]);
  int scratch = -1;

  if (info (self, at)->op == NMD_OP_TOKENS_GRAD_CLASS)
    scratch = nmd_cuda_add_value (self, (gsize)x->dims[0] * (gsize)x->dims[1], FALSE);
  plain_step (self, at, start_tokens)->scratch = scratch;
}

/* --- loss
 * --------------------------------------------------------------------------------- */

static gboolean
start_loss (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const NmdShape *z = SHAPE (step->node->op == NMD_OP_CROSS_ENTROPY_GRAD ? 1 : 0);
  const int n = z->dims[0], k = z->dims[1];

  if (step->node->op == NMD_OP_SOFTMAX)
    return RUNTIME (nmd_cuda_softmax (STREAM, IN (0), 1, n, k, OUT (0)));
  if (step->node->op == NMD_OP_CROSS_ENTROPY)
    return RUNTIME (nmd_cuda_cross_entropy (STREAM, IN (0), IN (1), n, k, OUT (0).p));
  return RUNTIME (
      nmd_cuda_cross_entropy_grad (STREAM, IN (0).p, IN (1), IN (2), n, k, OUT (0)));
}

/* --- all
 * ---------------------------------------------------------------------------------- */

static gboolean
lower_node (NmdCudaProgram *self, NmdNode at, GError **error)
{
  switch (info (self, at)->op)
    {
    case NMD_OP_CONV:
    case NMD_OP_CONV_GRAD_X:
    case NMD_OP_CONV_GRAD_W:
    case NMD_OP_LINEAR:
    case NMD_OP_LINEAR_GRAD_X:
    case NMD_OP_LINEAR_GRAD_W:
    case NMD_OP_ATTENTION:
    case NMD_OP_ATTENTION_GRAD:
      return nmd_cuda_lower_product (self, at, error);
    case NMD_OP_BATCH_MEAN:
      lower_statistics (self, at);
      break;
    case NMD_OP_BATCH_VARIANCE:
      lower_variance (self, at);
      break;
    case NMD_OP_BATCH_NORM:
      lower_norm (self, at);
      break;
    case NMD_OP_BATCH_NORM_GRAD_GAMMA:
      lower_norm_sums (self, at, NMD_NODE_NONE);
      break;
    case NMD_OP_BATCH_NORM_GRAD_X:
    case NMD_OP_BATCH_NORM_FROZEN_GRAD_X:
      lower_norm_grad (self, at);
      break;
    case NMD_OP_LAYER_NORM:
    case NMD_OP_LAYER_NORM_GRAD_X:
    case NMD_OP_LAYER_NORM_GRAD_GAMMA:
      lower_layer_norm (self, at);
      break;
    case NMD_OP_ACTIVATION:
    case NMD_OP_ACTIVATION_GRAD:
      lower_activation (self, at);
      break;
    case NMD_OP_ADD:
      lower_add (self, at);
      break;
    case NMD_OP_SCALE:
      plain_step (self, at, start_each);
      break;
    case NMD_OP_MULTIPLY:
      lower_multiply (self, at);
      break;
    case NMD_OP_BROADCAST:
      plain_step (self, at, start_broadcast);
      break;
    case NMD_OP_REDUCE:
      if (!lower_as_norm_sum (self, at) && !lower_as_pair (self, at))
        lower_reduce (self, at);
      break;
    case NMD_OP_MULTIPLY_REDUCE:
      lower_reduce (self, at);
      break;
    case NMD_OP_MAX_GRAD:
      lower_max_grad (self, at);
      break;
    case NMD_OP_MAX_POOL:
    case NMD_OP_MAX_POOL_GRAD:
      plain_step (self, at, start_pool);
      break;
    case NMD_OP_CONCAT:
      plain_step (self, at, start_concat);
      break;
    case NMD_OP_RESHAPE:
      plain_step (self, at, start_reshape);
      break;
    case NMD_OP_SLICE:
    case NMD_OP_SLICE_GRAD:
    case NMD_OP_SHUFFLE:
    case NMD_OP_UPSAMPLE:
    case NMD_OP_UPSAMPLE_GRAD:
      plain_step (self, at, start_form);
      break;
    case NMD_OP_TOKENS:
    case NMD_OP_TOKENS_GRAD_X:
    case NMD_OP_TOKENS_GRAD_POSITION:
    case NMD_OP_TOKENS_GRAD_CLASS:
    case NMD_OP_TOKEN:
    case NMD_OP_TOKEN_GRAD:
      lower_tokens (self, at);
      break;
    case NMD_OP_SOFTMAX:
    case NMD_OP_CROSS_ENTROPY:
    case NMD_OP_CROSS_ENTROPY_GRAD:
      plain_step (self, at, start_loss);
      break;
    case NMD_OP_ADAM:
    case NMD_OP_BLEND:
      nmd_cuda_lower_updates (self, at);
      break;
    case NMD_OP_INPUT:
    case NMD_OP_CONSTANT:
    case NMD_OP_STORE:
      break;
    case NMD_N_OPS:
    default:
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "Node %s (%s) is an operation that the CUDA backend does not know",
                   info (self, at)->name, nmd_op_get_name (info (self, at)->op));
      return FALSE;
    }
  return TRUE;
}

gboolean
nmd_cuda_lower (NmdCudaProgram *self, GError **error)
{
  nmd_cuda_claim_gates (self);
  for (NmdNode i = 0; i < self->n_nodes; i++)
    if (self->needed[i] && !self->done[i] && !lower_node (self, i, error))
      return FALSE;
  return TRUE;
}
