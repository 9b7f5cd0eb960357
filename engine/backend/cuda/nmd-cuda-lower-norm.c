/* SPDX-License-Identifier: Apache-2.0
 *
 * Batch norm and layer norm with their gradients. Fused are the batch's mean and variance, a
 * norm and the activation behind it, and the two sums of its gradient, through the
 * activation if there is one.
 */
#include "engine/backend/cuda/nmd-cuda-lower-norm.h"

#include "engine/backend/cuda/nmd-cuda-builder.h"
#include "engine/backend/cuda/nmd-cuda-check.h"
#include "engine/backend/cuda/nmd-cuda-fuse.h"
#include "engine/backend/cuda/nmd-cuda-lower-reduce.h"

static const NmdNodeInfo *
info (NmdCudaProgram *self, NmdNode node)
{
  return nmd_graph_get (self->graph, node);
}

/* Batch normalisation */

/* Room for the parts of a sum over rows; one channel is summed as two are. */
static int
channel_parts (NmdCudaProgram *self, const NmdShape *x, int wide)
{
  return nmd_cuda_parts_value (self, 1, nmd_cuda_rows (x), MAX (x->dims[1], 2), wide);
}

static gboolean
start_statistics (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const NmdShape *x = SHAPE (0);

  return RUNTIME (nmd_cuda_statistics (STREAM, IN (0), nmd_cuda_rows (x), x->dims[1],
                                       OUT (0).p, step->n_out > 1 ? OUT (1).p : NULL,
                                       nmd_cuda_floats (self, step->scratch)));
}

void
nmd_cuda_lower_statistics (NmdCudaProgram *self, NmdNode at)
{
  const NmdNode x = info (self, at)->inputs[0];
  const NmdNode variance = nmd_patterns_get_variance (self->patterns, at);
  const int scratch = channel_parts (self, nmd_cuda_shape (self, x), 3);
  NmdCudaStep *step = nmd_cuda_plain_step (self, at, start_statistics);

  step->scratch = scratch;
  if (variance == NMD_NODE_NONE || self->done[variance])
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

void
nmd_cuda_lower_variance (NmdCudaProgram *self, NmdNode at)
{
  const NmdShape *x = nmd_cuda_shape (self, info (self, at)->inputs[0]);
  const int scratch = nmd_cuda_parts_value (self, 1, nmd_cuda_rows (x), x->dims[1], 1);

  nmd_cuda_plain_step (self, at, start_variance)->scratch = scratch;
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

void
nmd_cuda_lower_norm (NmdCudaProgram *self, NmdNode at)
{
  const NmdNode activation = nmd_cuda_find_user (self, at, NMD_OP_ACTIVATION, at);
  NmdCudaStep *step = nmd_cuda_plain_step (self, at, start_norm);

  if (activation == NMD_NODE_NONE)
    return;
  nmd_cuda_set_activation (step, info (self, activation));
  step->out[0] = activation;
  if (nmd_cuda_n_users (self, at) > 1)
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

void
nmd_cuda_lower_norm_grad (NmdCudaProgram *self, NmdNode at)
{
  const NmdNodeInfo *node = info (self, at);
  const gboolean frozen = node->op == NMD_OP_BATCH_NORM_FROZEN_GRAD_X;
  NmdCudaStep *step = nmd_cuda_plain_step (self, at, start_norm_grad);

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
void
nmd_cuda_lower_norm_sums (NmdCudaProgram *self, NmdNode at, NmdNode dbeta)
{
  const NmdNodeInfo *node = info (self, at);
  const int c = node->shape.dims[0];
  const int scratch = channel_parts (self, nmd_cuda_shape (self, node->inputs[1]), 2);
  const int beta = dbeta >= 0 ? dbeta : nmd_cuda_add_value (self, (gsize)c, FALSE);
  NmdCudaStep *step = nmd_cuda_plain_step (self, at, start_norm_sums);

  for (int k = 2; k < 5; k++)
    step->in[k] = node->inputs[k - 1];
  step->n_in = 5;
  take_dy (self, step, node->inputs[0]);
  step->out[step->n_out++] = beta;
  step->scratch = scratch;
  self->done[at] = TRUE;
}

/* Σ dy over all but channels is often one of the two sums of a norm's gradient. */
gboolean
nmd_cuda_lower_as_norm_sum (NmdCudaProgram *self, NmdNode at)
{
  const NmdNodeInfo *node = info (self, at);
  const NmdNode sums = nmd_patterns_get_gamma_beside (self->patterns, at);

  if (sums == NMD_NODE_NONE || self->done[sums]
      || nmd_cuda_shape (self, node->inputs[0])->n_dims != 4)
    return FALSE;
  nmd_cuda_lower_norm_sums (self, sums, at);
  return TRUE;
}

/* Layer normalisation */

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

void
nmd_cuda_lower_layer_norm (NmdCudaProgram *self, NmdNode at)
{
  const NmdShape *x = nmd_cuda_shape (self, info (self, at)->inputs[0]);
  const int rows = nmd_cuda_rows (x), c = x->dims[1];
  int scratch = -1;

  if (info (self, at)->op == NMD_OP_LAYER_NORM_GRAD_GAMMA)
    scratch = nmd_cuda_add_value (
        self, 2 * (gsize)rows + (gsize)nmd_cuda_reduce_splits (1, rows, c) * (gsize)c,
        FALSE);
  nmd_cuda_plain_step (self, at, start_layer_norm)->scratch = scratch;
}
