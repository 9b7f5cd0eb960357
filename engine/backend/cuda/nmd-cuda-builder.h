/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps and values while a graph is lowered.
 */
#pragma once

#include "engine/backend/cuda/nmd-cuda-private.h"

G_BEGIN_DECLS

/* The module shows one symbol only. */
#pragma GCC visibility push(hidden)

/* A new step for @node, valid until the next one. */
NmdCudaStep *nmd_cuda_add_step   (NmdCudaProgram *self, const NmdNodeInfo *node);
/* The same for node @at whose inputs and output are the node's, started by @start. */
NmdCudaStep *nmd_cuda_plain_step (NmdCudaProgram *self,
                                  NmdNode         at,
                                  gboolean      (*start) (NmdCudaProgram *, const NmdCudaStep *,
                                                          GError **));
/* A value of @count numbers beside the nodes' own; its number. */
int          nmd_cuda_add_value  (NmdCudaProgram *self, gsize count, gboolean bf16);

/* How steps read. */
#define IN(k) nmd_cuda_tensor (self, step->in[k])
#define OUT(k) nmd_cuda_tensor (self, step->out[k])
#define STREAM self->session->stream
#define SHAPE(k) nmd_cuda_shape (self, step->node->inputs[k])

#pragma GCC visibility pop

G_END_DECLS
