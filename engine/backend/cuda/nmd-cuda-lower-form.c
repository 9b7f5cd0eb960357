/* SPDX-License-Identifier: Apache-2.0
 *
 * Form, pooling, enlarging and tokens.
 */
#include "engine/backend/cuda/nmd-cuda-lower-form.h"

#include "engine/backend/cuda/nmd-cuda-builder.h"
#include "engine/backend/cuda/nmd-cuda-check.h"

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

void
nmd_cuda_lower_tokens (NmdCudaProgram *self, NmdNode at)
{
  const NmdShape *x = nmd_cuda_shape (self, info (self, at)->inputs[0]);
  int scratch = -1;

  if (info (self, at)->op == NMD_OP_TOKENS_GRAD_CLASS)
    scratch = nmd_cuda_add_value (self, (gsize)x->dims[0] * (gsize)x->dims[1], FALSE);
  nmd_cuda_plain_step (self, at, start_tokens)->scratch = scratch;
}

void
nmd_cuda_lower_form (NmdCudaProgram *self, NmdNode at)
{
  switch (info (self, at)->op)
    {
    case NMD_OP_MAX_POOL:
    case NMD_OP_MAX_POOL_GRAD:
      nmd_cuda_plain_step (self, at, start_pool);
      break;
    case NMD_OP_CONCAT:
      nmd_cuda_plain_step (self, at, start_concat);
      break;
    case NMD_OP_RESHAPE:
      nmd_cuda_plain_step (self, at, start_reshape);
      break;
    default:
      nmd_cuda_plain_step (self, at, start_form);
    }
}
