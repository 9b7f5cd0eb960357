/* SPDX-License-Identifier: Apache-2.0
 *
 * From nodes to steps: which kernel computes each operation. Fused here are a sum and the
 * activation behind it, and the gradient of an activation into that of the norm before it.
 */
#include "engine/backend/cuda/nmd-cuda-lower.h"

#include "engine/backend/cuda/nmd-cuda-attention.h"
#include "engine/backend/cuda/nmd-cuda-builder.h"
#include "engine/backend/cuda/nmd-cuda-check.h"
#include "engine/backend/cuda/nmd-cuda-fuse.h"
#include "engine/backend/cuda/nmd-cuda-lower-form.h"
#include "engine/backend/cuda/nmd-cuda-lower-maps.h"
#include "engine/backend/cuda/nmd-cuda-lower-norm.h"
#include "engine/backend/cuda/nmd-cuda-lower-reduce.h"
#include "engine/backend/cuda/nmd-cuda-products.h"
#include "engine/backend/cuda/nmd-cuda-updates.h"

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

static unsigned
count_of (const NmdCudaStep *step)
{
  return (unsigned)nmd_cuda_count (&step->node->shape);
}

/* Element by element */

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
  NmdCudaStep *step = nmd_cuda_plain_step (self, at, start_each);
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
  const NmdNode *k = nmd_patterns_get_users (self->patterns, at);
  int n_beta = 0, n_grad = 0;

  if (self->is_output[at] || info (self, at)->shape.n_dims != 4)
    return FALSE;
  if (nmd_cuda_n_users (self, at) == 1)
    return info (self, *k)->op == NMD_OP_BATCH_NORM_FROZEN_GRAD_X
           && info (self, *k)->inputs[0] == at;
  if (nmd_cuda_n_users (self, at) != 3 || sums == NMD_NODE_NONE)
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
    nmd_cuda_set_activation (nmd_cuda_plain_step (self, at, start_each), node);
}

/* Loss */

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

/* All */

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
      return nmd_cuda_lower_product (self, at, error);
    case NMD_OP_ATTENTION:
    case NMD_OP_ATTENTION_GRAD:
      nmd_cuda_lower_attention (self, at);
      break;
    case NMD_OP_BATCH_MEAN:
      nmd_cuda_lower_statistics (self, at);
      break;
    case NMD_OP_BATCH_VARIANCE:
      nmd_cuda_lower_variance (self, at);
      break;
    case NMD_OP_BATCH_NORM:
      nmd_cuda_lower_norm (self, at);
      break;
    case NMD_OP_BATCH_NORM_GRAD_GAMMA:
      nmd_cuda_lower_norm_sums (self, at, NMD_NODE_NONE);
      break;
    case NMD_OP_BATCH_NORM_GRAD_X:
    case NMD_OP_BATCH_NORM_FROZEN_GRAD_X:
      nmd_cuda_lower_norm_grad (self, at);
      break;
    case NMD_OP_LAYER_NORM:
    case NMD_OP_LAYER_NORM_GRAD_X:
    case NMD_OP_LAYER_NORM_GRAD_GAMMA:
      nmd_cuda_lower_layer_norm (self, at);
      break;
    case NMD_OP_ACTIVATION:
    case NMD_OP_ACTIVATION_GRAD:
      lower_activation (self, at);
      break;
    case NMD_OP_ADD:
      lower_add (self, at);
      break;
    case NMD_OP_SCALE:
      nmd_cuda_plain_step (self, at, start_each);
      break;
    case NMD_OP_MULTIPLY:
      nmd_cuda_lower_multiply (self, at);
      break;
    case NMD_OP_BROADCAST:
      nmd_cuda_lower_broadcast (self, at);
      break;
    case NMD_OP_REDUCE:
      if (!nmd_cuda_lower_as_norm_sum (self, at) && !nmd_cuda_lower_as_pair (self, at))
        nmd_cuda_lower_reduce (self, at);
      break;
    case NMD_OP_MULTIPLY_REDUCE:
      nmd_cuda_lower_reduce (self, at);
      break;
    case NMD_OP_MAX_GRAD:
      nmd_cuda_lower_max_grad (self, at);
      break;
    case NMD_OP_MAX_POOL:
    case NMD_OP_MAX_POOL_GRAD:
    case NMD_OP_CONCAT:
    case NMD_OP_RESHAPE:
    case NMD_OP_SLICE:
    case NMD_OP_SLICE_GRAD:
    case NMD_OP_SHUFFLE:
    case NMD_OP_UPSAMPLE:
    case NMD_OP_UPSAMPLE_GRAD:
      nmd_cuda_lower_form (self, at);
      break;
    case NMD_OP_ENLARGE:
    case NMD_OP_ENLARGE_GRAD:
    case NMD_OP_PIXEL_CROSS_ENTROPY:
    case NMD_OP_PIXEL_CROSS_ENTROPY_GRAD:
    case NMD_OP_DICE_LOSS:
    case NMD_OP_DICE_LOSS_GRAD:
      nmd_cuda_lower_maps (self, at);
      break;
    case NMD_OP_TOKENS:
    case NMD_OP_TOKENS_GRAD_X:
    case NMD_OP_TOKENS_GRAD_POSITION:
    case NMD_OP_TOKENS_GRAD_CLASS:
    case NMD_OP_TOKEN:
    case NMD_OP_TOKEN_GRAD:
      nmd_cuda_lower_tokens (self, at);
      break;
    case NMD_OP_SOFTMAX:
    case NMD_OP_CROSS_ENTROPY:
    case NMD_OP_CROSS_ENTROPY_GRAD:
      nmd_cuda_plain_step (self, at, start_loss);
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
