/* SPDX-License-Identifier: Apache-2.0
 *
 * Which neighbours of a node go into its step.
 */
#pragma once

#include "engine/backend/cuda/nmd-cuda-private.h"

G_BEGIN_DECLS

/* The module shows one symbol only. */
#pragma GCC visibility push(hidden)

/* The first user of @node with operation @op that no step computes yet and none of whose inputs is
 * younger than @before, or none. */
NmdNode      nmd_cuda_find_user  (NmdCudaProgram *self, NmdNode node, NmdOp op, NmdNode before);
/* The only user of @at if that is an activation that no step computes yet, or none. */
NmdNode      nmd_cuda_only_activation (NmdCudaProgram *self, NmdNode at);
/* @step does @activation last. */
void         nmd_cuda_set_activation (NmdCudaStep *step, const NmdNodeInfo *activation);
/* Lets @step, which gives convolution or product @at and has its bias or −1 as in[2], also do what
 * follows: the frozen batch norm in[3] … in[6], the activation. @own: the step's kernel can do so
 * itself; else it takes a pass over the value, which may not pay. */
void         nmd_cuda_lower_finish (NmdCudaProgram *self, NmdCudaStep *step, NmdNode at, gboolean own);
/* The same for the kernel. */
NmdCudaFinish nmd_cuda_finish_of (NmdCudaProgram *self, const NmdCudaStep *step);

/* What product @product multiplies its first input by: @activation of @a, or of a + b. */
typedef struct
{
  NmdNode product, map, activation, sum; /* map, a RESHAPE, and sum may be none */
  NmdNode a, b;                          /* b none without a sum */
} NmdCudaGate;

/* Whether MULTIPLY node @at is one whose activation nobody else wants. */
gboolean     nmd_cuda_find_gate  (NmdCudaProgram *self, NmdNode at, NmdCudaGate *gate);
/* Takes the nodes of all gates out of the others' reach; before any step is made. */
void         nmd_cuda_claim_gates (NmdCudaProgram *self);

#pragma GCC visibility pop

G_END_DECLS
