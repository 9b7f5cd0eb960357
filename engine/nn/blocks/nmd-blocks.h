/* SPDX-License-Identifier: Apache-2.0
 *
 * The layers and blocks that the model files are written in: each adds the nodes and store
 * tensors of one PyTorch module called @name under the graph's present scope. The value's node
 * bears the module's name, the store tensors "NAME.weight", "NAME.bias" and so on, in the
 * order of the module's state dict. All accept a refused x (-1) and then return -1.
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

/* nn.Conv2d with bias whose kernel and stride are @size, without padding: one vector of @out
 * values for each patch of @size × @size pixels. */
NmdNode nmd_block_patches    (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              int             out,
                              int             size);

/* nn.BatchNorm2d with epsilon 1e-5: the batch's statistics in training, running ones otherwise. */
NmdNode nmd_block_batch_norm (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              NmdMode         mode);

/* nn.LayerNorm over the channels with epsilon 1e-6, x [n,c,t,1]. */
NmdNode nmd_block_layer_norm (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x);

/* nn.Linear with bias, x [n,c] or each position of [n,c,h,w]. */
NmdNode nmd_block_linear     (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              int             out);

/* A leaky ReLU has PyTorch's slope, 0.01. */
NmdNode nmd_block_activation (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              NmdActivation   activation);
/* @a + @b, of one shape. */
NmdNode nmd_block_add        (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         a,
                              NmdNode         b);
/* @a·@b; dimensions of 1 in @b repeat: a gate. */
NmdNode nmd_block_multiply   (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         a,
                              NmdNode         b);
/* The channels of @a, then those of @b. */
NmdNode nmd_block_concat     (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         a,
                              NmdNode         b);
/* Mean, sum or maximum of @x over @axes. */
NmdNode nmd_block_reduce     (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              NmdReduce       reduce,
                              NmdAxes         axes);
/* Channel shuffle in @groups (Zhang et al. 2018). */
NmdNode nmd_block_shuffle    (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              int             groups);

/* nn.MaxPool2d, padding kernel/2. */
NmdNode nmd_block_max_pool   (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              int             kernel,
                              int             stride);

/* nn.Upsample, nearest. */
NmdNode nmd_block_upsample   (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              int             factor);

/* nn.Upsample, bilinear without aligned corners: @factor times as high and wide. */
NmdNode nmd_block_enlarge    (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              int             factor);

/* Channels @from … @from + @count − 1 of @x. */
NmdNode nmd_block_slice      (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              int             from,
                              int             count);

/* The first @count channels of @x; @x itself if it has no more. */
NmdNode nmd_block_first      (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x,
                              int             count);

/* [n,c,1,1] as [n,c]. */
NmdNode nmd_block_flatten    (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x);
/* [n,c] as [n,c,1,1]. */
NmdNode nmd_block_unflatten  (NmdGraph       *graph,
                              const char     *name,
                              NmdNode         x);

/* nn.Dropout. In training the caller of the graph draws the values: an input called "dropout" of
 * x's shape, 0 or 1/(1 − share), multiplies x; otherwise x itself. One in a network, outside any
 * scope. */
NmdNode nmd_block_dropout    (NmdGraph       *graph,
                              NmdNode         x,
                              NmdMode         mode);

/* What the blocks of one network have in common. */
typedef struct
{
  NmdGraph *graph;
  NmdMode mode;
  NmdActivation activation;       /* wherever a block has one */
  const char *conv, *norm, *act;  /* a unit's children: "conv", "bn", "act", or "0", "1", "2" */
  gboolean bias;                  /* whether a unit's convolution has one */
} NmdBuilder;

/* Convolution, batch norm and, unless @act is NULL, activation, three modules side by side. */
NmdNode nmd_block_row        (const NmdBuilder *self,
                              const char     *conv,
                              const char     *norm,
                              const char     *act,
                              NmdNode         x,
                              int             out,
                              int             kernel,
                              int             stride,
                              int             groups);

/* The same three as children of @name: timm's ConvNormAct, or an nn.Sequential. */
NmdNode nmd_block_unit       (const NmdBuilder *self,
                              const char     *name,
                              NmdNode         x,
                              int             out,
                              int             kernel,
                              int             stride,
                              int             groups,
                              gboolean        act);

/* A unit with one filter for each channel. */
NmdNode nmd_block_depthwise  (const NmdBuilder *self,
                              const char     *name,
                              NmdNode         x,
                              int             kernel,
                              int             stride,
                              gboolean        act);

/* Squeeze-and-excitation (Hu et al. 2018): x·gate (expand (act (reduce (mean over h, w)))),
 * @reduced channels in between. */
NmdNode nmd_block_squeeze_excite (const NmdBuilder *self,
                              const char     *name,
                              NmdNode         x,
                              int             reduced,
                              NmdActivation   gate);

/* Ghost module (Han et al. 2020, fig. 2): half of the @out maps by a pointwise unit @primary, the
 * other half from it by a 3 × 3 depthwise unit @cheap. */
NmdNode nmd_block_ghost      (const NmdBuilder *self,
                              const char     *name,
                              const char     *primary,
                              const char     *cheap,
                              NmdNode         x,
                              int             out,
                              gboolean        act);

/* Inverted residual with squeeze-and-excitation (Sandler et al. 2018; Tan and Le 2019): pointwise
 * to @expansion times the channels (left out if 1), depthwise, squeeze-excite to a quarter of
 * x's channels, pointwise to @out, plus x where the shapes agree. */
NmdNode nmd_block_inverted_residual (const NmdBuilder *self,
                              const char     *name,
                              NmdNode         x,
                              int             out,
                              int             kernel,
                              int             stride,
                              int             expansion);

/* Cross-stage partial stage (Wang et al. 2020, fig. 2b): a 3 × 3 unit if @stride > 1, pointwise to
 * 2·@out, of which half passes by @depth residual bottlenecks and half goes through them, then a
 * pointwise unit over both. */
NmdNode nmd_block_cross_stage (const NmdBuilder *self,
                              const char     *name,
                              NmdNode         x,
                              int             out,
                              int             stride,
                              int             depth);

/* Transformer block (Dosovitskiy et al. 2021, eq. 2 and 3): x + attention (norm (x)), then
 * x + perceptron (norm (x)) with @hidden units; x [n,c,t,1]. */
NmdNode nmd_block_transformer (const NmdBuilder *self,
                              const char     *name,
                              NmdNode         x,
                              int             heads,
                              int             hidden);

G_END_DECLS
