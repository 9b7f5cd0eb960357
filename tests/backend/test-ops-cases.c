/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds the graphs of test-ops's cases: leaves, the operation or block that a line names, and the
 * gradients by all leaves.
 */
#include "tests/backend/test-ops.h"

#include <string.h>

NmdNode
leaf (Built *self, const int *dims, int n_dims)
{
  g_autofree char *name = g_strdup_printf ("x%d", self->n_leaves);

  g_assert_cmpint (self->n_leaves, <, MAX_LEAVES);
  return self->leaves[self->n_leaves++]
         = nmd_graph_input (self->graph, name, dims, n_dims);
}

NmdNode
leaf4 (Built *self, int n, int c, int h, int w)
{
  return leaf (self, (const int[]){ n, c, h, w }, 4);
}

static NmdNode
leaf2 (Built *self, int n, int c)
{
  return leaf (self, (const int[]){ n, c }, 2);
}

NmdNode
leaf1 (Built *self, int c)
{
  return leaf (self, &c, 1);
}

static NmdNode
leaf_store (Built *self, const char *name, const int *dims, int n_dims)
{
  return self->leaves[self->n_leaves++]
         = nmd_graph_store (self->graph, name, TRUE, dims, n_dims);
}

NmdNode
add (Built *self, NmdOp op, const NmdAttributes *at, const NmdNode *inputs, int n)
{
  return nmd_graph_add (self->graph, op, nmd_op_get_name (op), at, inputs, n);
}

/* Makes @y an output, and its gradients by all differentiable leaves. */
void
finish (Built *self, NmdNode y)
{
  NmdNode gradients[MAX_LEAVES], dy;
  g_autoptr (GError) error = NULL;
  NmdShape shape;

  nmd_graph_check (self->graph, &error);
  g_assert_no_error (error);
  self->outputs[self->n_outputs++] = y;
  if (self->n_differentiable == 0)
    return;
  shape = nmd_graph_get (self->graph, y)->shape;
  dy = leaf (self, shape.dims, shape.n_dims);
  nmd_graph_differentiate (self->graph, y, dy, self->leaves, self->n_differentiable,
                           gradients, &error);
  g_assert_no_error (error);
  for (int i = 0; i < self->n_differentiable; i++)
    if (gradients[i] != NMD_NODE_NONE)
      self->outputs[self->n_outputs++] = gradients[i];
}

static Case
parse (const char *text)
{
  Case self = { "", { 0 } };
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  g_strlcpy (self.op, words[0], sizeof self.op);
  for (guint i = 1; words[i] != NULL; i++)
    self.value[(guchar)words[i][0] & 127] = (int)g_ascii_strtoll (words[i] + 1, NULL, 10);
  return self;
}

/* [n,c,h,w], or [n,c] where no size is given. */
NmdNode
leaf_of (Built *self, const Case *c)
{
  if (c->value['h'] == 0)
    return leaf2 (self, c->value['n'], c->value['c']);
  return leaf4 (self, c->value['n'], c->value['c'], c->value['h'], c->value['w']);
}

gboolean
is_op (const Case *c, const char *op)
{
  return strcmp (c->op, op) == 0;
}

static NmdNode
build_conv (Built *self, const Case *c, gboolean stored)
{
  const int *v = c->value, dims[4] = { v['o'], v['c'] / v['g'], v['k'], v['k'] };
  const NmdAttributes at = { .stride = v['s'], .padding = v['p'], .groups = v['g'] };
  NmdNode in[3] = { leaf_of (self, c) };

  in[1] = stored ? leaf_store (self, "weight", dims, 4) : leaf (self, dims, 4);
  if (v['b'] != 0)
    in[2] = leaf1 (self, v['o']);
  return add (self, NMD_OP_CONV, &at, in, v['b'] != 0 ? 3 : 2);
}

/* v1: without a bias */
static NmdNode
build_linear (Built *self, const Case *c)
{
  NmdNode in[3] = { leaf_of (self, c) };

  in[1] = leaf2 (self, c->value['o'], c->value['c']);
  if (c->value['v'] == 1)
    return add (self, NMD_OP_LINEAR, NULL, in, 2);
  in[2] = leaf1 (self, c->value['o']);
  return add (self, NMD_OP_LINEAR, NULL, in, 3);
}

static NmdNode
build_conv_case (Built *self, const Case *c)
{
  return build_conv (self, c, FALSE);
}

/* The slope of a leaky ReLU is exact in floats. */
NmdNode
activate (Built *self, NmdActivation activation, NmdNode x)
{
  const NmdAttributes at = { .activation = activation, .value = 0.5 };

  return add (self, NMD_OP_ACTIVATION, &at, &x, 1);
}

/* Two nodes that read @x. */
static NmdNode
use_twice (Built *self, NmdNode x)
{
  const NmdAttributes at = { .value = -1.5 };
  NmdNode y = add (self, NMD_OP_SCALE, &at, &x, 1);

  return add (self, NMD_OP_CONCAT, NULL, (NmdNode[]){ x, y }, 2);
}

NmdNode
batch_norm (Built *self, NmdNode x, NmdNode gamma, NmdNode beta)
{
  const NmdAttributes at = { .epsilon = 1e-5 };
  NmdNode in[5] = { x, 0, 0, gamma, beta };

  in[1] = add (self, NMD_OP_BATCH_MEAN, NULL, in, 1);
  in[2] = add (self, NMD_OP_BATCH_VARIANCE, NULL, in, 2);
  return add (self, NMD_OP_BATCH_NORM, &at, in, 5);
}

static NmdNode
build_batch_norm (Built *self, const Case *c)
{
  static const struct
  {
    const char *op;
    NmdActivation activation;
  } activations[] = {
    { "batch-norm-relu", NMD_RELU },
    { "batch-norm-silu", NMD_SILU },
    { "batch-norm-silu-twice", NMD_SILU },
    { "batch-norm-leaky", NMD_LEAKY_RELU },
    { "batch-norm-gelu", NMD_GELU },
    { "batch-norm-hard-sigmoid", NMD_HARD_SIGMOID },
  };
  const NmdAttributes at = { .epsilon = 1e-5 };
  const int channels = c->value['c'];
  NmdNode in[5] = { leaf_of (self, c) }, y;

  in[3] = leaf1 (self, channels);
  in[4] = leaf1 (self, channels);
  /* the gradient by a single channel's scale is one sum, which may cancel to a small part
   * of what its 324 products have; float32 rounds those */
  self->floor = channels == 1 ? 1e-1 : 1e-2;
  self->n_differentiable = 3;
  if (is_op (c, "batch-norm-frozen"))
    {
      self->positive = TRUE;
      in[1] = leaf1 (self, channels);
      in[2] = leaf1 (self, channels);
      return add (self, NMD_OP_BATCH_NORM, &at, in, 5);
    }
  y = batch_norm (self, in[0], in[3], in[4]);
  for (guint i = 0; i < G_N_ELEMENTS (activations); i++)
    if (is_op (c, activations[i].op))
      y = activate (self, activations[i].activation, y);
  return g_str_has_suffix (c->op, "-twice") ? use_twice (self, y) : y;
}

static NmdNode
build_reduce (Built *self, const Case *c)
{
  NmdAttributes at = { .reduce = NMD_REDUCE_MEAN, .axes = NMD_AXES_NHW };
  NmdNode x = leaf_of (self, c);

  if (g_str_has_prefix (c->op, "sum"))
    at.reduce = NMD_REDUCE_SUM;
  else if (g_str_has_prefix (c->op, "max"))
    at.reduce = NMD_REDUCE_MAX;
  if (g_str_has_suffix (c->op, "-hw"))
    at.axes = NMD_AXES_HW;
  else if (g_str_has_suffix (c->op, "-c"))
    at.axes = NMD_AXES_C;
  return add (self, NMD_OP_REDUCE, &at, &x, 1);
}

/* The shape of a tensor with variant v of @c repeated: 1 [n,c,1,1], 2 [n,1,h,w] or [c],
 * 3 1. */
static NmdShape
part_shape (const Case *c)
{
  const int *v = c->value;

  if (v['h'] == 0)
    return (NmdShape){ 2, { v['n'], v['v'] == 0 ? v['c'] : 1, 1, 1 } };
  return (NmdShape){ 4,
                     { v['v'] == 3 ? 1 : v['n'], v['v'] >= 2 ? 1 : v['c'],
                       v['v'] == 1 || v['v'] == 3 ? 1 : v['h'],
                       v['v'] == 1 || v['v'] == 3 ? 1 : v['w'] } };
}

static NmdNode
build_broadcast (Built *self, const Case *c)
{
  const int *v = c->value;
  NmdAttributes at = { .value = 0.5 };
  NmdNode x;

  at.shape = v['h'] == 0 ? (NmdShape){ 2, { v['n'], v['c'], 1, 1 } }
                         : (NmdShape){ 4, { v['n'], v['c'], v['h'], v['w'] } };
  if (v['v'] == 2)
    x = leaf1 (self, v['c']);
  else
    x = leaf4 (self, v['n'], v['v'] == 1 ? 1 : v['c'], v['v'] == 1 ? v['h'] : 1,
               v['v'] == 1 ? v['w'] : 1);
  return add (self, NMD_OP_BROADCAST, &at, &x, 1);
}

static NmdNode
build_pair (Built *self, const Case *c)
{
  NmdNode in[2] = { leaf_of (self, c) };
  NmdAttributes at = { .shape = part_shape (c) };

  if (is_op (c, "add"))
    {
      in[1] = leaf_of (self, c);
      return add (self, NMD_OP_ADD, NULL, in, 2);
    }
  if (is_op (c, "multiply-reduce"))
    {
      in[1] = leaf_of (self, c);
      return add (self, NMD_OP_MULTIPLY_REDUCE, &at, in, 2);
    }
  in[1] = leaf (self, at.shape.dims, at.shape.n_dims);
  return add (self, NMD_OP_MULTIPLY, NULL, in, 2);
}

static NmdNode
build_form (Built *self, const Case *c)
{
  const int *v = c->value;
  NmdAttributes at = { .from = v['f'], .count = v['m'], .groups = v['g'] };
  NmdNode in[3] = { leaf_of (self, c) };

  if (is_op (c, "slice"))
    return add (self, NMD_OP_SLICE, &at, in, 1);
  if (is_op (c, "shuffle"))
    return add (self, NMD_OP_SHUFFLE, &at, in, 1);
  if (is_op (c, "reshape"))
    {
      at.shape = (NmdShape){ 2, { v['n'] * v['h'], v['c'] * v['w'], 1, 1 } };
      return add (self, NMD_OP_RESHAPE, &at, in, 1);
    }
  in[1] = v['h'] == 0 ? leaf2 (self, v['n'], 4) : leaf4 (self, v['n'], 4, v['h'], v['w']);
  in[2] = leaf_of (self, c);
  return add (self, NMD_OP_CONCAT, NULL, in, 3);
}

static NmdNode
build_update (Built *self, const Case *c)
{
  const int *v = c->value, n_dims = v['h'] == 0 ? 2 : 4;
  const int dims[4] = { v['n'], v['c'], v['h'], v['w'] };
  const NmdAttributes adam
      = { .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-4, .decay = 1e-2 };
  const NmdAttributes blend = { .value = 1.25 };
  NmdNode in[6] = { leaf_store (self, "w", dims, n_dims), leaf (self, dims, n_dims) };

  self->positive = TRUE;
  if (is_op (c, "blend"))
    {
      in[2] = leaf1 (self, 1);
      return add (self, NMD_OP_BLEND, &blend, in, 3);
    }
  in[2] = leaf_store (self, "m", dims, n_dims);
  in[3] = leaf_store (self, "v", dims, n_dims);
  in[4] = leaf1 (self, 1);
  in[5] = leaf1 (self, 1);
  self->outputs[self->n_outputs++] = in[2];
  self->outputs[self->n_outputs++] = in[3];
  return add (self, NMD_OP_ADAM, &adam, in, 6);
}

/* As a ghost module in training: pointwise, batch norm, ReLU; depthwise of it, the same;
 * joined. */
static NmdNode
build_ghost (Built *self, const Case *c)
{
  const int half = c->value['o'] / 2;
  const NmdAttributes point = { .stride = 1, .groups = 1 };
  const NmdAttributes deep = { .stride = 1, .padding = 1, .groups = half };
  NmdNode leaves[7]
      = { leaf_of (self, c),           leaf4 (self, half, c->value['c'], 1, 1),
          leaf1 (self, half),          leaf1 (self, half),
          leaf4 (self, half, 1, 3, 3), leaf1 (self, half),
          leaf1 (self, half) };
  NmdNode y, z;

  y = add (self, NMD_OP_CONV, &point, leaves, 2);
  y = batch_norm (self, y, leaves[2], leaves[3]);
  y = activate (self, NMD_RELU, y);
  z = add (self, NMD_OP_CONV, &deep, (NmdNode[]){ y, leaves[4] }, 2);
  z = batch_norm (self, z, leaves[5], leaves[6]);
  z = activate (self, NMD_RELU, z);
  return add (self, NMD_OP_CONCAT, NULL, (NmdNode[]){ y, z }, 2);
}

/* Convolution, frozen batch norm and an activation with stored weights: what a backend
 * folds into one. v0 ReLU, v1 SiLU, v2 leaky ReLU, v3 hard sigmoid. */
static NmdNode
build_inference (Built *self, const Case *c)
{
  static const char *const names[4] = { "mean", "variance", "gamma", "beta" };
  static const NmdActivation activations[4]
      = { NMD_RELU, NMD_SILU, NMD_LEAKY_RELU, NMD_HARD_SIGMOID };
  const NmdAttributes at = { .epsilon = 1e-5 };
  NmdNode in[5] = { build_conv (self, c, TRUE) };

  self->positive = TRUE;
  for (int i = 0; i < 4; i++)
    in[1 + i] = leaf_store (self, names[i], &c->value['o'], 1);
  return activate (self, activations[c->value['v']],
                   add (self, NMD_OP_BATCH_NORM, &at, in, 5));
}

/* Pointwise convolution to @out channels with a bias. */
NmdNode
pointwise (Built *self, NmdNode x, int out)
{
  const NmdAttributes at = { .stride = 1, .groups = 1 };
  const int ci = nmd_graph_get (self->graph, x)->shape.dims[1];

  return add (self, NMD_OP_CONV, &at,
              (NmdNode[]){ x, leaf4 (self, out, ci, 1, 1), leaf1 (self, out) }, 3);
}

/* The same without a bias, then batch norm with the batch's statistics. */
NmdNode
pointwise_norm (Built *self, NmdNode x, int out)
{
  const NmdAttributes at = { .stride = 1, .groups = 1 };
  const int ci = nmd_graph_get (self->graph, x)->shape.dims[1];
  NmdNode y
      = add (self, NMD_OP_CONV, &at, (NmdNode[]){ x, leaf4 (self, out, ci, 1, 1) }, 2);

  return batch_norm (self, y, leaf1 (self, out), leaf1 (self, out));
}

/* Squeeze and excite: channels times a gate of their means. v1 and v3 ReLU and hard
 * sigmoid, others SiLU and sigmoid; v2 and v3 of a batch norm with SiLU or ReLU. */
static NmdNode
build_squeeze (Built *self, const Case *c)
{
  const NmdAttributes mean = { .reduce = NMD_REDUCE_MEAN, .axes = NMD_AXES_HW };
  const gboolean hard = c->value['v'] % 2 == 1;
  const int channels = c->value['c'];
  NmdNode x = leaf_of (self, c), y;

  if (c->value['v'] >= 2)
    {
      x = batch_norm (self, x, leaf1 (self, channels), leaf1 (self, channels));
      x = activate (self, hard ? NMD_RELU : NMD_SILU, x);
    }
  y = add (self, NMD_OP_REDUCE, &mean, &x, 1);
  y = pointwise (self, y, c->value['o']);
  y = activate (self, hard ? NMD_RELU : NMD_SILU, y);
  y = pointwise (self, y, channels);
  y = activate (self, hard ? NMD_HARD_SIGMOID : NMD_SIGMOID, y);
  return add (self, NMD_OP_MULTIPLY, NULL, (NmdNode[]){ x, y }, 2);
}

/* leaky (x + norm (conv (leaky (norm (conv x))))), read twice */
static NmdNode
build_bottleneck (Built *self, const Case *c)
{
  NmdNode x = leaf_of (self, c), y;

  y = pointwise_norm (self, x, c->value['o']);
  y = activate (self, NMD_LEAKY_RELU, y);
  y = pointwise_norm (self, y, c->value['c']);
  y = add (self, NMD_OP_ADD, NULL, (NmdNode[]){ x, y }, 2);
  return use_twice (self, activate (self, NMD_LEAKY_RELU, y));
}

/* One half of the channels aside, the other through a block, joined. */
static NmdNode
build_cross_stage (Built *self, const Case *c)
{
  const int half = c->value['c'] / 2;
  NmdAttributes at = { .count = half };
  NmdNode x = leaf_of (self, c), aside, y;

  x = activate (self, NMD_LEAKY_RELU, pointwise_norm (self, x, c->value['c']));
  aside = add (self, NMD_OP_SLICE, &at, &x, 1);
  at.from = half;
  y = add (self, NMD_OP_SLICE, &at, &x, 1);
  x = activate (self, NMD_LEAKY_RELU, pointwise_norm (self, y, half));
  y = add (self, NMD_OP_ADD, NULL, (NmdNode[]){ x, y }, 2);
  return add (self, NMD_OP_CONCAT, NULL, (NmdNode[]){ aside, y }, 2);
}

/* ReLU (x + the coarser image, brought to x's channels and enlarged + x), as where
 * branches of several resolutions meet. */
static NmdNode
build_exchange (Built *self, const Case *c)
{
  const int *v = c->value, f = v['f'];
  const NmdAttributes at = { .factor = f };
  NmdNode x = leaf_of (self, c), y = leaf4 (self, v['n'], v['o'], v['h'] / f, v['w'] / f);
  NmdNode sum;

  y = pointwise_norm (self, y, v['c']);
  y = add (self, NMD_OP_UPSAMPLE, &at, &y, 1);
  sum = add (self, NMD_OP_ADD, NULL, (NmdNode[]){ x, y }, 2);
  return activate (self, NMD_RELU,
                   add (self, NMD_OP_ADD, NULL, (NmdNode[]){ sum, x }, 2));
}

NmdNode
layer_norm (Built *self, NmdNode x)
{
  const int c = nmd_graph_get (self->graph, x)->shape.dims[1];
  const NmdAttributes at = { .epsilon = 1e-6 };

  return add (self, NMD_OP_LAYER_NORM, &at,
              (NmdNode[]){ x, leaf1 (self, c), leaf1 (self, c) }, 3);
}

NmdNode
linear (Built *self, NmdNode x, int out)
{
  const int ci = nmd_graph_get (self->graph, x)->shape.dims[1];

  return add (self, NMD_OP_LINEAR, NULL,
              (NmdNode[]){ x, leaf2 (self, out, ci), leaf1 (self, out) }, 3);
}

static NmdNode
tokens (Built *self, const Case *c)
{
  const int *v = c->value;
  NmdNode in[3] = { leaf_of (self, c) };

  in[1] = leaf (self, (const int[]){ 1, 1, v['c'] }, 3);
  in[2] = leaf (self, (const int[]){ 1, 1 + v['h'] * v['w'], v['c'] }, 3);
  return add (self, NMD_OP_TOKENS, NULL, in, 3);
}

/* Tokens, one transformer block, layer norm, the class token. */
static NmdNode
build_transformer (Built *self, const Case *c)
{
  const NmdAttributes heads = { .groups = c->value['g'] };
  const int channels = c->value['c'];
  NmdNode x = tokens (self, c), y;

  y = linear (self, layer_norm (self, x), 3 * channels);
  y = add (self, NMD_OP_ATTENTION, &heads, &y, 1);
  y = linear (self, y, channels);
  x = add (self, NMD_OP_ADD, NULL, (NmdNode[]){ x, y }, 2);
  y = linear (self, layer_norm (self, x), 4 * channels);
  y = linear (self, activate (self, NMD_GELU, y), channels);
  x = add (self, NMD_OP_ADD, NULL, (NmdNode[]){ x, y }, 2);
  x = layer_norm (self, x);
  return add (self, NMD_OP_TOKEN, &heads, &x, 1);
}

static NmdNode
build_pooling (Built *self, const Case *c)
{
  const int *v = c->value;
  const NmdAttributes at
      = { .kernel = v['k'], .stride = v['s'], .padding = v['p'], .factor = v['f'] };
  NmdNode x = leaf_of (self, c);

  return add (self, is_op (c, "max-pool") ? NMD_OP_MAX_POOL : NMD_OP_UPSAMPLE, &at, &x,
              1);
}

/* v: what queries, keys and values are multiplied by first, so that the softmax gets
 * sharp */
static NmdNode
build_attention (Built *self, const Case *c)
{
  const int *v = c->value;
  const NmdAttributes at = { .groups = v['g'], .value = v['v'] };
  NmdNode x = leaf4 (self, v['n'], 3 * v['c'], v['h'], 1);

  if (v['v'] != 0)
    x = add (self, NMD_OP_SCALE, &at, &x, 1);
  return add (self, NMD_OP_ATTENTION, &at, &x, 1);
}

static NmdNode
build_token (Built *self, const Case *c)
{
  const NmdAttributes at = { .from = c->value['f'] };
  NmdNode x = leaf_of (self, c);

  return add (self, NMD_OP_TOKEN, &at, &x, 1);
}

static NmdNode
build_layer_norm (Built *self, const Case *c)
{
  return layer_norm (self, leaf_of (self, c));
}

/* v: what the argument is multiplied by first, so that the curve's ends are seen */
static NmdNode
build_activation (Built *self, const Case *c)
{
  static const struct
  {
    const char *op;
    NmdActivation activation;
  } activations[] = {
    { "relu", NMD_RELU },        { "sigmoid", NMD_SIGMOID },
    { "leaky", NMD_LEAKY_RELU }, { "silu", NMD_SILU },
    { "silu-twice", NMD_SILU },  { "hard-sigmoid", NMD_HARD_SIGMOID },
    { "gelu", NMD_GELU },
  };
  const NmdAttributes at = { .value = c->value['v'] };
  NmdNode x = leaf_of (self, c);

  if (c->value['v'] != 0)
    x = add (self, NMD_OP_SCALE, &at, &x, 1);
  for (guint i = 0; i < G_N_ELEMENTS (activations); i++)
    if (is_op (c, activations[i].op))
      {
        x = activate (self, activations[i].activation, x);
        return g_str_has_suffix (c->op, "-twice") ? use_twice (self, x) : x;
      }
  g_assert_not_reached ();
}

static NmdNode
build_single (Built *self, const Case *c)
{
  NmdAttributes at = { .value = -2 };
  NmdNode in[2] = { leaf_of (self, c) };

  if (is_op (c, "scale"))
    return add (self, NMD_OP_SCALE, &at, in, 1);
  if (is_op (c, "softmax"))
    return add (self, NMD_OP_SOFTMAX, NULL, in, 1);
  if (is_op (c, "constant"))
    {
      at.shape = nmd_graph_get (self->graph, in[0])->shape;
      in[1] = add (self, NMD_OP_CONSTANT, &at, NULL, 0);
      return add (self, NMD_OP_ADD, NULL, in, 2);
    }
  g_assert_true (is_op (c, "cross-entropy"));
  in[1] = leaf_of (self, c);
  self->n_differentiable = 1;
  return add (self, NMD_OP_CROSS_ENTROPY, NULL, in, 2);
}

/* Which function builds which operations, the first that fits, and whether integers give
 * exact results. */
static const struct
{
  const char *pattern;
  NmdNode (*build) (Built *, const Case *);
  gboolean exact;
} builders[] = {
  { "conv", build_conv_case, TRUE },
  { "linear", build_linear, TRUE },
  { "batch-norm*", build_batch_norm, FALSE },
  { "layer-norm", build_layer_norm, FALSE },
  { "relu", build_activation, TRUE },
  { "leaky", build_activation, TRUE },
  { "*sigmoid", build_activation, FALSE },
  { "silu*", build_activation, FALSE },
  { "gelu", build_activation, FALSE },
  { "add", build_pair, TRUE },
  { "multiply*", build_pair, TRUE },
  { "max-pool", build_pooling, TRUE },
  { "upsample", build_pooling, TRUE },
  { "enlarge", build_enlarge, TRUE },
  { "enlarge-to", build_enlarge, FALSE },
  { "pixel-cross-entropy", build_pixel_loss, FALSE },
  { "dice-loss", build_pixel_loss, FALSE },
  { "outline-loss", build_outline_loss, FALSE },
  { "mean-*", build_reduce, FALSE },
  { "sum-*", build_reduce, TRUE },
  { "max-*", build_reduce, TRUE },
  { "broadcast", build_broadcast, TRUE },
  { "reshape", build_form, TRUE },
  { "concat", build_form, TRUE },
  { "slice", build_form, TRUE },
  { "shuffle", build_form, TRUE },
  { "tokens", tokens, TRUE },
  { "token", build_token, TRUE },
  { "attention", build_attention, FALSE },
  { "adam", build_update, FALSE },
  { "blend", build_update, FALSE },
  { "scale", build_single, TRUE },
  { "constant", build_single, TRUE },
  { "softmax", build_single, FALSE },
  { "cross-entropy", build_single, FALSE },
  { "inference", build_inference, FALSE },
  { "ghost", build_ghost, FALSE },
  { "squeeze", build_squeeze, FALSE },
  { "bottleneck", build_bottleneck, FALSE },
  { "cross-stage", build_cross_stage, FALSE },
  { "exchange", build_exchange, FALSE },
  { "transformer", build_transformer, FALSE },
};

void
build_case (Built *self, const char *text)
{
  const Case c = parse (text);
  guint i = 0;
  NmdNode y;

  *self = (Built){ .graph = nmd_graph_new (), .n_differentiable = -1 };
  while (!g_pattern_match_simple (builders[i].pattern, c.op))
    g_assert_cmpuint (++i, <, G_N_ELEMENTS (builders));
  self->exact = builders[i].exact;
  y = builders[i].build (self, &c);
  if (builders[i].build == build_update || builders[i].build == build_inference)
    self->n_differentiable = 0;
  if (self->n_differentiable < 0)
    self->n_differentiable = self->n_leaves;
  finish (self, y);
}
