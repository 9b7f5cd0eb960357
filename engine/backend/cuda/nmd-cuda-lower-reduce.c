/* SPDX-License-Identifier: Apache-2.0
 *
 * Broadcasts, gates and reductions. Fused are a maximum and the mean beside it, and a product
 * and the sigmoid in it.
 */
#include "engine/backend/cuda/nmd-cuda-lower-reduce.h"

#include "engine/backend/cuda/nmd-cuda-builder.h"
#include "engine/backend/cuda/nmd-cuda-check.h"
#include "engine/backend/cuda/nmd-cuda-fuse.h"

#include <string.h>

static const NmdNodeInfo *
info (NmdCudaProgram *self, NmdNode node)
{
  return nmd_graph_get (self->graph, node);
}

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

void
nmd_cuda_lower_multiply (NmdCudaProgram *self, NmdNode at)
{
  NmdCudaGate gate;
  NmdCudaStep *step;

  if (!nmd_cuda_find_gate (self, at, &gate))
    {
      nmd_cuda_plain_step (self, at, start_broadcast);
      return;
    }
  step = nmd_cuda_plain_step (self, at, start_gate);
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
int
nmd_cuda_parts_value (NmdCudaProgram *self, int outer, int n, int inner, int wide)
{
  const int splits = nmd_cuda_reduce_splits (outer, n, inner);

  if (splits == 1)
    return -1;
  return nmd_cuda_add_value (
      self, (gsize)splits * (gsize)outer * (gsize)inner * (gsize)wide, FALSE);
}

void
nmd_cuda_lower_reduce (NmdCudaProgram *self, NmdNode at)
{
  NmdCudaStep *step = nmd_cuda_plain_step (self, at, start_reduce);
  const guint number = self->steps->len - 1;
  int whole[4], kept[4], outer, n, inner, scratch;

  reduce_dims (self, step, whole, kept);
  if (!as_columns (whole, kept, &outer, &n, &inner))
    return;
  scratch = nmd_cuda_parts_value (self, outer, n, inner, 1);
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
  for (const NmdNode *k = nmd_patterns_get_users (self->patterns, x); *k != NMD_NODE_NONE;
       k++)
    {
      const NmdNodeInfo *other = info (self, *k);

      if (*k > at && !self->done[*k] && other->op == NMD_OP_REDUCE
          && other->at.axes == node->at.axes
          && (other->at.reduce == NMD_REDUCE_MAX) != (node->at.reduce == NMD_REDUCE_MAX))
        return *k;
    }
  return NMD_NODE_NONE;
}

gboolean
nmd_cuda_lower_as_pair (NmdCudaProgram *self, NmdNode at)
{
  const NmdNode other = find_other_reduce (self, at);
  const gboolean is_max = info (self, at)->at.reduce == NMD_REDUCE_MAX;
  int whole[4], kept[4], outer, n, inner, scratch;
  NmdCudaStep *step;
  guint number;

  if (other == NMD_NODE_NONE)
    return FALSE;
  step = nmd_cuda_plain_step (self, is_max ? other : at, start_pair);
  number = self->steps->len - 1;
  step->out[step->n_out++] = is_max ? at : other;
  reduce_dims (self, step, whole, kept);
  if (!as_columns (whole, kept, &outer, &n, &inner)) /* HW and C both are */
    g_return_val_if_reached (FALSE);
  scratch = nmd_cuda_parts_value (self, outer, n, inner, 2);
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

void
nmd_cuda_lower_max_grad (NmdCudaProgram *self, NmdNode at)
{
  NmdCudaStep *step = nmd_cuda_plain_step (self, at, start_max_grad);
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

void
nmd_cuda_lower_broadcast (NmdCudaProgram *self, NmdNode at)
{
  nmd_cuda_plain_step (self, at, start_broadcast);
}
