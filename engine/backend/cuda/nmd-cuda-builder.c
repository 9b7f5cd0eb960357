/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps and values while a graph is lowered.
 */
#include "engine/backend/cuda/nmd-cuda-builder.h"

NmdCudaStep *
nmd_cuda_add_step (NmdCudaProgram *self, const NmdNodeInfo *node)
{
  NmdCudaStep step
      = { .node = node,
          .name = *node->name != '\0' ? node->name : nmd_op_get_name (node->op),
          .scratch = -1,
          .activation = NMD_CUDA_IDENTITY };

  g_array_append_val (self->steps, step);
  return &g_array_index (self->steps, NmdCudaStep, self->steps->len - 1);
}

int
nmd_cuda_add_value (NmdCudaProgram *self, gsize count, gboolean bf16)
{
  const NmdCudaValue value
      = { .t = { NULL, bf16 },
          .bytes = count * (bf16 ? sizeof (guint16) : sizeof (float)) };

  g_array_append_val (self->values, value);
  return (int)self->values->len - 1;
}

/* A step for @at whose inputs and output are the node's. */
NmdCudaStep *
nmd_cuda_plain_step (NmdCudaProgram *self,
                     NmdNode at,
                     gboolean (*start) (NmdCudaProgram *, const NmdCudaStep *, GError **))
{
  const NmdNodeInfo *node = nmd_graph_get (self->graph, at);
  NmdCudaStep *step = nmd_cuda_add_step (self, node);

  step->start = start;
  for (int k = 0; k < node->n_inputs && k < NMD_CUDA_MAX_STEP_INPUTS; k++)
    step->in[step->n_in++] = node->inputs[k];
  step->out[step->n_out++] = at;
  return step;
}
