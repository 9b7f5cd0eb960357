/* SPDX-License-Identifier: Apache-2.0
 *
 * What serves a convolution, and its weights.
 */
#pragma once

#include "engine/backend/cpu/lower/nmd-cpu-builder.h"

G_BEGIN_DECLS

typedef enum
{
  NMD_CPU_POINTWISE,
  NMD_CPU_DEPTHWISE,
  NMD_CPU_PLANES,  /* narrow */
  NMD_CPU_COLUMNS,
  NMD_CPU_DENSE,
} NmdCpuConvKind;

NmdCpuConvKind nmd_cpu_conv_kind  (const NmdShape *x, const NmdShape *w, const NmdAttributes *at);
/* @conv: the geometry of x, w and y, and nothing else. */
void     nmd_cpu_set_geometry     (NmdCpuConv *conv, const NmdShape *x, const NmdShape *w,
                                   const NmdShape *y, const NmdAttributes *at);
double   nmd_cpu_conv_flop        (const NmdCpuConv *conv);

/* The frozen batch norm that alone reads convolution @node, or -1. */
NmdNode  nmd_cpu_foldable_norm    (const NmdCpuLower *self, NmdNode node);
/* Fewer images than threads and weights larger than what they work on: threads that share an image
 * divide the outputs, so that each reads its part of the weights only. Not where the parts would be
 * very unequal. */
gboolean nmd_cpu_by_outputs       (const NmdCpuLower *self, NmdCpuConvKind kind,
                                   const NmdCpuConv *conv);
/* Whether it reads weights that are worth reading once for many images. */
gboolean nmd_cpu_is_heavy         (NmdCpuConvKind kind, const NmdCpuConv *conv);
/* The panels of each group of weights @w for the pointwise convolution @conv; 0: not in panels,
 * because there are too many to be packed in every step of a training, vectors are of no use here, or
 * @conv sees a pixel or two. */
int      nmd_cpu_panels_for       (const NmdCpuLower *self, NmdCpuConvKind kind,
                                   const NmdCpuConv *conv, NmdNode w);
/* Floats of all groups' weights in panels. */
int      nmd_cpu_all_panel_floats (const NmdCpuLower *self, const NmdCpuConv *like);

/* The order that the steps of @kind read weights in, dense ones apart. */
NmdCpuWeightOrder nmd_cpu_weight_order (NmdCpuConvKind kind);
/* Weights @w in the order that @kind's steps read; @conv is a dense one's primitive, @order its own.
 * One copy serves all steps until an update. */
int      nmd_cpu_weights_for      (NmdCpuLower *self, NmdNode w, NmdCpuConvKind kind,
                                   const NmdCpuConv *like, NmdOnednnConv *conv, int order);
/* Weights @w in panels for the data gradient of pointwise convolution @like, which becomes the one
 * that the gradient is; -1, @like as it was: not in panels. */
int      nmd_cpu_turned_weights   (NmdCpuLower *self, NmdNode w, NmdCpuConv *like);
/* w and @bias of convolution @node with frozen batch norm @norm folded in. */
int      nmd_cpu_fold_norm        (NmdCpuLower *self, NmdNode node, NmdNode norm, NmdCpuConvKind kind,
                                   const NmdCpuConv *like, NmdOnednnConv *primitive, int *bias);

G_END_DECLS
