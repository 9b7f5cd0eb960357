/* SPDX-License-Identifier: Apache-2.0
 *
 * Nodes: the operations there are, what each computes, and how a node says it. What the table of
 * nmd-ops.h says of an operation (its name, inputs, rules) and what the backends compute follow the
 * text here.
 */
#pragma once

#include "engine/nn/graph/nmd-shape.h"

G_BEGIN_DECLS

#define NMD_MAX_INPUTS 8
#define NMD_NODE_NONE (-1)

/* Index of a node in its graph's list. */
typedef int NmdNode;

/**
 * NmdOp: what a node computes, y its value. m = number of values a channel has, n·h·w.
 *
 * Leaves
 * @NMD_OP_INPUT: a tensor written before each run (images, targets, learning rate, step count)
 * @NMD_OP_CONSTANT: every value is attribute `value`
 * @NMD_OP_STORE: a named tensor of the session's store: a trainable parameter (attribute
 *   `trainable`), a running statistic, an optimiser moment, an average
 *
 * Linear
 * @NMD_OP_CONV: (x[n,ci,h,w], w[co,ci/groups,k,k], optional b[co]) cross-correlation, symmetric
 *   zero padding
 * @NMD_OP_CONV_GRAD_X: (dy, w) gradient by x; attribute `shape` = x's shape
 * @NMD_OP_CONV_GRAD_W: (x, dy) gradient by w; attribute `shape` = w's shape
 * @NMD_OP_LINEAR: (x[n,ci], w[co,ci], optional b[co]) y = x·wᵀ + b; of x[n,ci,h,w] each position
 *   by itself, y is [n,co,h,w]
 * @NMD_OP_LINEAR_GRAD_X: (dy, w)
 * @NMD_OP_LINEAR_GRAD_W: (x, dy)
 *
 * Batch normalisation (Ioffe and Szegedy 2015)
 * @NMD_OP_BATCH_MEAN: (x) [c], mean over n, h, w
 * @NMD_OP_BATCH_VARIANCE: (x, mean) [c], ÷ m
 * @NMD_OP_BATCH_NORM: (x, mean[c], variance[c], gamma[c], beta[c])
 *   gamma (x − mean)/√(variance + epsilon) + beta. Statistics of the batch if mean is a
 *   BATCH_MEAN node of x, frozen ones otherwise
 * @NMD_OP_BATCH_NORM_GRAD_GAMMA: (dy, x, mean, variance) Σ dy·x̂
 * @NMD_OP_BATCH_NORM_GRAD_X: (dy, x, mean, variance, gamma, dgamma, dbeta) through the batch's
 *   statistics: gamma/√(v + ε)·(dy − dbeta/m − x̂·dgamma/m)
 * @NMD_OP_BATCH_NORM_FROZEN_GRAD_X: (dy, variance, gamma) gamma/√(v + ε)·dy
 *
 * Layer normalisation (Ba et al. 2016) over c at each position, ÷c variance, x [n,c] or [n,c,h,w]
 * @NMD_OP_LAYER_NORM: (x, gamma[c], beta[c]) gamma·x̂ + beta, x̂ = (x − mean)/√(variance + epsilon)
 * @NMD_OP_LAYER_NORM_GRAD_X: (dy, x, gamma)
 * @NMD_OP_LAYER_NORM_GRAD_GAMMA: (dy, x) [c], Σ dy·x̂
 *
 * Element by element
 * @NMD_OP_ACTIVATION: (x) attribute `activation`
 * @NMD_OP_ACTIVATION_GRAD: (dy, a), a = the activation's argument x for SILU and GELU, its value y
 *   for the others. ReLU and leaky ReLU at 0 have gradient 0 and `value`, a hard sigmoid has 0 at
 *   both ends
 * @NMD_OP_ADD: (a, b) the same shape
 * @NMD_OP_MULTIPLY: (a, b) b's dimensions equal a's or are 1
 * @NMD_OP_SCALE: (x) `value`·x
 *
 * Reductions and their gradients
 * @NMD_OP_REDUCE: (x) attribute `reduce` MEAN, SUM or MAX over attribute `axes`:
 *   HW → [n,c,1,1], C → [n,1,h,w], NHW → [c]; for [n,c] tensors N → [c]
 * @NMD_OP_MULTIPLY_REDUCE: (a, b) Σ a·b over the dimensions where `shape` is 1; a, b one shape
 * @NMD_OP_BROADCAST: (x) repeats x to `shape` times `value` (1/count for a mean's gradient)
 * @NMD_OP_MAX_GRAD: (dy, x, y) dy where x is y's maximum, the first in row order; attributes
 *   as the REDUCE's
 *
 * Pooling and enlarging
 * @NMD_OP_MAX_POOL: (x[n,c,h,w]) maximum over windows of `kernel` × `kernel` at `stride`; `padding`
 *   < kernel places outside the image at each side never win
 * @NMD_OP_MAX_POOL_GRAD: (dy, x, y) each window's dy where its maximum is, the first in row order;
 *   attributes as the MAX_POOL's
 * @NMD_OP_UPSAMPLE: (x[n,c,h,w]) nearest neighbour, each pixel `factor` × `factor` times
 * @NMD_OP_UPSAMPLE_GRAD: (dy) sums of `factor` × `factor` blocks
 * @NMD_OP_ENLARGE: (x[n,c,h,w]) bilinear to `shape` [n,c,H,W], H ≥ h, W ≥ w: pixel centres at
 *   i + 1/2, row i of y lies at s = min(max((i + 1/2)·h/H − 1/2, 0), h − 1) of x and is
 *   (1 − f)·x[⌊s⌋] + f·x[min(⌊s⌋ + 1, h − 1)], f = s − ⌊s⌋; columns alike (PyTorch's bilinear
 *   without aligned corners)
 * @NMD_OP_ENLARGE_GRAD: (dy) its transpose; `shape` = x's shape
 *
 * Tokens (Dosovitskiy et al. 2021): t tokens of c values are an image [n,c,t,1]
 * @NMD_OP_TOKENS: (x[n,c,h,w], class[1,1,c], position[1,1 + h·w,c]) [n,c,1 + h·w,1]: the class token,
 *   then x's pixels in row order, each plus its position
 * @NMD_OP_TOKENS_GRAD_X: (dy) `shape` = x's shape
 * @NMD_OP_TOKENS_GRAD_POSITION: (dy) [1,t,c], Σ over n
 * @NMD_OP_TOKENS_GRAD_CLASS: (dy) [1,1,c], Σ over n of token 0
 * @NMD_OP_TOKEN: (x[n,c,t,1]) [n,c], token number `from`
 * @NMD_OP_TOKEN_GRAD: (dy) dy as token `from`, zero elsewhere; `shape` = x's shape
 * @NMD_OP_ATTENTION: (qkv[n,3·c,t,1]) [n,c,t,1], multi-head self-attention with `groups` heads of
 *   d = c/groups channels (Vaswani et al. 2017, eq. 1): of head k the queries q are channels k·d …,
 *   keys c + k·d …, values 2·c + k·d …; y_i = Σ_j softmax_j (q_i·k_j/√d)·v_j
 * @NMD_OP_ATTENTION_GRAD: (dy, qkv) gradient by qkv; `groups` as above
 *
 * Form
 * @NMD_OP_RESHAPE: (x) the same values as `shape`
 * @NMD_OP_CONCAT: (x0, x1, …) along c
 * @NMD_OP_SLICE: (x) channels `from` … `from` + `count` − 1
 * @NMD_OP_SLICE_GRAD: (dy) dy at `from`, zero elsewhere; `shape` = x's shape
 * @NMD_OP_SHUFFLE: (x) channel shuffle with `groups` g: y's channel j·g + i is x's channel
 *   i·(c/g) + j (Zhang et al. 2018); its gradient is the shuffle with c/g groups
 *
 * Loss
 * @NMD_OP_SOFTMAX: (x[n,k]) over k
 * @NMD_OP_CROSS_ENTROPY: (logits[n,k], targets[n,k]) [1], mean over n of −Σ t·log softmax
 * @NMD_OP_CROSS_ENTROPY_GRAD: (dy[1], logits, targets) dy·(softmax·Σt − t)/n
 * @NMD_OP_PIXEL_CROSS_ENTROPY: (logits z[n,c,h,w], targets t of that shape in [0, 1]) [1], mean over
 *   all values of the binary cross entropy max(z, 0) − z·t + log(1 + e^−|z|)
 * @NMD_OP_PIXEL_CROSS_ENTROPY_GRAD: (dy[1], logits, targets) dy·(p − t)/count, p = 1/(1 + e⁻ᶻ)
 * @NMD_OP_DICE_LOSS: (logits, targets) [1], mean over n of 1 − A/B with A = 2·Σ p·t + 1,
 *   B = Σ p + Σ t + 1, sums over one image (soft Dice, Milletari et al. 2016, with p and t not
 *   squared; the ones make an empty image with an empty answer a loss of 0)
 * @NMD_OP_DICE_LOSS_GRAD: (dy[1], logits, targets) dy/n·p·(1 − p)·(A/B − 2·t)/B
 *
 * Updates of the store: the first input is a STORE node, which the operation overwrites; the
 * node's value is the new content
 * @NMD_OP_ADAM: (w, dw, m, v, lr[1], t[1]) Kingma and Ba 2015 with L2 decay as PyTorch's Adam:
 *   g = dw + decay·w; m = β1 m + (1 − β1) g; v = β2 v + (1 − β2) g²;
 *   w −= lr/(1 − β1ᵗ)·m/(√(v/(1 − β2ᵗ)) + epsilon); t counts from 1. Writes w, m and v
 * @NMD_OP_BLEND: (s, value, share[1]) s = s + share·(`value`·value − s): running statistics
 *   (`value` = m/(m − 1) for a variance, else 1) and the average of weights
 */
typedef enum
{
  NMD_OP_INPUT,
  NMD_OP_CONSTANT,
  NMD_OP_STORE,
  NMD_OP_CONV,
  NMD_OP_CONV_GRAD_X,
  NMD_OP_CONV_GRAD_W,
  NMD_OP_LINEAR,
  NMD_OP_LINEAR_GRAD_X,
  NMD_OP_LINEAR_GRAD_W,
  NMD_OP_BATCH_MEAN,
  NMD_OP_BATCH_VARIANCE,
  NMD_OP_BATCH_NORM,
  NMD_OP_BATCH_NORM_GRAD_GAMMA,
  NMD_OP_BATCH_NORM_GRAD_X,
  NMD_OP_BATCH_NORM_FROZEN_GRAD_X,
  NMD_OP_LAYER_NORM,
  NMD_OP_LAYER_NORM_GRAD_X,
  NMD_OP_LAYER_NORM_GRAD_GAMMA,
  NMD_OP_ACTIVATION,
  NMD_OP_ACTIVATION_GRAD,
  NMD_OP_ADD,
  NMD_OP_MULTIPLY,
  NMD_OP_SCALE,
  NMD_OP_REDUCE,
  NMD_OP_MULTIPLY_REDUCE,
  NMD_OP_BROADCAST,
  NMD_OP_MAX_GRAD,
  NMD_OP_MAX_POOL,
  NMD_OP_MAX_POOL_GRAD,
  NMD_OP_UPSAMPLE,
  NMD_OP_UPSAMPLE_GRAD,
  NMD_OP_ENLARGE,
  NMD_OP_ENLARGE_GRAD,
  NMD_OP_TOKENS,
  NMD_OP_TOKENS_GRAD_X,
  NMD_OP_TOKENS_GRAD_POSITION,
  NMD_OP_TOKENS_GRAD_CLASS,
  NMD_OP_TOKEN,
  NMD_OP_TOKEN_GRAD,
  NMD_OP_ATTENTION,
  NMD_OP_ATTENTION_GRAD,
  NMD_OP_RESHAPE,
  NMD_OP_CONCAT,
  NMD_OP_SLICE,
  NMD_OP_SLICE_GRAD,
  NMD_OP_SHUFFLE,
  NMD_OP_SOFTMAX,
  NMD_OP_CROSS_ENTROPY,
  NMD_OP_CROSS_ENTROPY_GRAD,
  NMD_OP_PIXEL_CROSS_ENTROPY,
  NMD_OP_PIXEL_CROSS_ENTROPY_GRAD,
  NMD_OP_DICE_LOSS,
  NMD_OP_DICE_LOSS_GRAD,
  NMD_OP_ADAM,
  NMD_OP_BLEND,
  NMD_N_OPS,
} NmdOp;

typedef enum
{
  NMD_RELU,
  NMD_SIGMOID,
  NMD_LEAKY_RELU,   /* x > 0 ? x : `value`·x, 0 < value < 1 */
  NMD_HARD_SIGMOID, /* x/6 + 1/2, cut at 0 and 1 */
  NMD_SILU,         /* x·sigmoid(x) */
  NMD_GELU,         /* x·Φ(x), exactly, Φ the normal distribution function */
} NmdActivation;

/* Whether the activation's gradient is a function of its argument x rather than its value y. */
static inline gboolean
nmd_activation_needs_x (NmdActivation activation)
{
  return activation == NMD_SILU || activation == NMD_GELU;
}

typedef enum
{
  NMD_REDUCE_MEAN,
  NMD_REDUCE_SUM,
  NMD_REDUCE_MAX,
} NmdReduce;

typedef enum
{
  NMD_AXES_HW,
  NMD_AXES_C,
  NMD_AXES_NHW, /* also N of an [n,c] tensor */
} NmdAxes;

/* Attributes; an operation reads only those that its line above names. */
typedef struct
{
  int stride, padding, groups;      /* CONV and its gradients; SHUFFLE and ATTENTION… read groups,
                                       MAX_POOL… stride and padding */
  int kernel;                       /* MAX_POOL… */
  int factor;                       /* UPSAMPLE… */
  double epsilon;                   /* BATCH_NORM…, LAYER_NORM…, ADAM */
  double beta1, beta2, decay;       /* ADAM */
  double value;                     /* CONSTANT, SCALE, BROADCAST, BLEND, a leaky ReLU's slope */
  int from, count;                  /* SLICE, SLICE_GRAD; TOKEN… read from */
  NmdActivation activation;
  NmdReduce reduce;
  NmdAxes axes;
  gboolean trainable;               /* STORE */
  NmdShape shape;                   /* where the value's shape does not follow from the inputs */
} NmdAttributes;

typedef struct
{
  NmdOp op;
  char *name;   /* path as in the PyTorch module, "stages.0.blocks.0.ghost1.primary.conv";
                   a store tensor's is its state-dict name; may be "" on gradient nodes */
  NmdNode inputs[NMD_MAX_INPUTS];
  int n_inputs;
  NmdAttributes at;
  NmdShape shape; /* of the value */
} NmdNodeInfo;

G_END_DECLS
