/* SPDX-License-Identifier: Apache-2.0
 *
 * The layers that the model files are written in: each adds the nodes and store tensors of one
 * PyTorch module called @name under the graph's present scope. The value's node bears the
 * module's name, the store tensors "NAME.weight", "NAME.bias" and so on. All accept a refused
 * x (-1) and then return -1.
 */
#pragma once

#include "engine/nn/nmd-network.h"

G_BEGIN_DECLS

/* Channels of @x; 1 for a refused one. */
int     nmd_block_channels   (const NmdGraph *graph,
                              NmdNode         x);

/* nn.Conv2d, square kernel, padding kernel/2. */
NmdNode nmd_block_conv       (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              int             out,
                              int             kernel,
                              int             stride,
                              int             groups,
                              gboolean        bias);

/* nn.BatchNorm2d with epsilon 1e-5: the batch's statistics in training, running ones otherwise. */
NmdNode nmd_block_batch_norm (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              NmdMode         mode);

/* nn.Linear with bias, x [n,c]. */
NmdNode nmd_block_linear     (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              int             out);

NmdNode nmd_block_activation (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              NmdActivation   activation);
NmdNode nmd_block_add        (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         a,
                              NmdNode         b);
NmdNode nmd_block_multiply   (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         a,
                              NmdNode         b);
NmdNode nmd_block_concat     (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         a,
                              NmdNode         b);
NmdNode nmd_block_reduce     (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              NmdReduce       reduce,
                              NmdAxes         axes);
NmdNode nmd_block_shuffle    (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              int             groups);

/* The first @count channels of @x; @x itself if it has no more. */
NmdNode nmd_block_first      (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              int             count);

/* [n,c,1,1] as [n,c], and back. */
NmdNode nmd_block_flatten    (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x);
NmdNode nmd_block_unflatten  (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x);

G_END_DECLS
