/* SPDX-License-Identifier: Apache-2.0
 *
 * Bilinear enlarging and the losses of maps of logits.
 */
#include "engine/backend/cuda/nmd-cuda-lower-maps.h"

#include "engine/backend/cuda/nmd-cuda-builder.h"
#include "engine/backend/cuda/nmd-cuda-check.h"

static const NmdNodeInfo *
info (NmdCudaProgram *self, NmdNode node)
{
  return nmd_graph_get (self->graph, node);
}

static gboolean
start_enlarge (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const NmdShape *x = SHAPE (0), *y = &step->node->shape;

  if (step->node->op == NMD_OP_ENLARGE)
    return RUNTIME (nmd_cuda_enlarge (STREAM, IN (0), x->dims[0], x->dims[2], x->dims[3],
                                      x->dims[1], y->dims[2], y->dims[3], OUT (0)));
  return RUNTIME (nmd_cuda_enlarge_grad (STREAM, IN (0), y->dims[0], y->dims[2],
                                         y->dims[3], y->dims[1], x->dims[2], x->dims[3],
                                         OUT (0)));
}

/* Each loss and each gradient takes the sums anew: they are little beside a convolution. */
static gboolean
start_loss (NmdCudaProgram *self, const NmdCudaStep *step, GError **error)
{
  const NmdOp op = step->node->op;
  const gboolean dice = op == NMD_OP_DICE_LOSS || op == NMD_OP_DICE_LOSS_GRAD;
  const int first = op == NMD_OP_PIXEL_CROSS_ENTROPY_GRAD || op == NMD_OP_DICE_LOSS_GRAD;
  const NmdShape *z = SHAPE (first);
  const int n = z->dims[0], count = (int)(nmd_cuda_count (z) / (gsize)n);
  float *sums = nmd_cuda_floats (self, step->scratch);

  if (!RUNTIME (nmd_cuda_logit_sums (STREAM, IN (first), IN (first + 1), n, count, sums)))
    return FALSE;
  if (first == 0)
    return RUNTIME (nmd_cuda_pixel_loss (STREAM, sums, n, count, dice, OUT (0).p));
  return RUNTIME (nmd_cuda_pixel_loss_grad (STREAM, IN (0).p, IN (1), IN (2), sums, n,
                                            count, dice, OUT (0)));
}

void
nmd_cuda_lower_maps (NmdCudaProgram *self, NmdNode at)
{
  const NmdNodeInfo *node = info (self, at);
  int scratch;

  if (node->op == NMD_OP_ENLARGE || node->op == NMD_OP_ENLARGE_GRAD)
    {
      nmd_cuda_plain_step (self, at, start_enlarge);
      return;
    }
  scratch = nmd_cuda_add_value (
      self, 4 * (gsize)info (self, node->inputs[node->n_inputs - 1])->shape.dims[0],
      FALSE);
  nmd_cuda_plain_step (self, at, start_loss)->scratch = scratch;
}
