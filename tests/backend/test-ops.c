/* SPDX-License-Identifier: Apache-2.0
 *
 * Every operation on every device of this machine, against the reference in double
 * precision: small integers bit for bit where sums are exact, random numbers to 1e-5,
 * after a run on NaN and twice in a row to the same bits. Gradients of the reference
 * itself are checked by central differences, alone and in random graphs. Backends that
 * are wrong on purpose have to be found.
 */
#include "engine/backend/nmd-backend-private.h"
#include "engine/backend/reference/nmd-reference-ops.h"
#include "engine/core/nmd-random.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum
{
  MAX_LEAVES = 40,
  MAX_OUTPUTS = 48
};

/* A graph under test. Leaves are its inputs and store tensors in order. */
typedef struct
{
  NmdGraph *graph;
  NmdNode leaves[MAX_LEAVES];
  int n_leaves;
  int n_differentiable; /* the first of the leaves */
  NmdNode outputs[MAX_OUTPUTS];
  int n_outputs;
  gboolean exact;    /* integers give exact results */
  double floor;      /* of norms, see distance() */
  gboolean positive; /* leaf 1 is a variance and the like: all values are made positive */
  int nudge;         /* roundings that random values are moved by, each its own way */
} Built;

static void
built_clear (Built *self)
{
  g_clear_pointer (&self->graph, nmd_graph_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Built, built_clear)

static NmdNode
leaf (Built *self, const int *dims, int n_dims)
{
  g_autofree char *name = g_strdup_printf ("x%d", self->n_leaves);

  g_assert_cmpint (self->n_leaves, <, MAX_LEAVES);
  return self->leaves[self->n_leaves++]
         = nmd_graph_input (self->graph, name, dims, n_dims);
}

static NmdNode
leaf4 (Built *self, int n, int c, int h, int w)
{
  return leaf (self, (const int[]){ n, c, h, w }, 4);
}

static NmdNode
leaf2 (Built *self, int n, int c)
{
  return leaf (self, (const int[]){ n, c }, 2);
}

static NmdNode
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

static NmdNode
add (Built *self, NmdOp op, const NmdAttributes *at, const NmdNode *inputs, int n)
{
  return nmd_graph_add (self->graph, op, nmd_op_get_name (op), at, inputs, n);
}

/* Makes @y an output, and its gradients by all differentiable leaves. */
static void
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

/* --- the table
 * ---------------------------------------------------------------------------- */

/* op, then letters with numbers: n c h w of the image, o outputs, k kernel, s stride, p
 * padding, g groups, b bias, f from, m count, v variant. Odd sizes first. */
static const char *const cases[] = {
  "conv n2 c3 h9 w7 o4 k3 s2 p1 g1",
  "conv n1 c5 h11 w13 o7 k5 s1 p2 g1 b1",
  "conv n3 c6 h7 w5 o9 k3 s1 p1 g3",
  "conv n2 c17 h7 w9 o17 k3 s1 p1 g17",
  "conv n2 c19 h9 w9 o19 k5 s2 p2 g19",
  "conv n1 c21 h3 w9 o21 k3 s1 p3 g21 b1",
  "conv n2 c35 h5 w17 o35 k5 s1 p4 g35",
  "conv n1 c73 h8 w15 o73 k5 s1 p0 g73",
  "conv n1 c20 h17 w16 o20 k3 s2 p1 g20 b1",
  "conv n1 c3 h15 w15 o3 k3 s2 p1 g3",
  "conv n2 c16 h5 w5 o24 k1 s1 p0 g2",
  "conv n2 c33 h3 w5 o31 k1 s1 p0 g1",
  "conv n3 c64 h5 w5 o128 k1 s1 p0 g8 b1",
  "conv n1 c2 h9 w9 o1 k7 s1 p3 g1",
  "conv n2 c4 h8 w8 o4 k2 s2 p0 g1",
  "conv n1 c67 h3 w5 o81 k1 s1 p0 g1 b1",
  "conv n5 c64 h1 w1 o33 k1 s1 p0 g1",
  "conv n2 c3 h6 w6 o5 k3 s2 p0 g1 b1",
  "conv n2 c32 h14 w14 o48 k3 s1 p1 g1",
  "conv n3 c5 h6 w6 o3 k1 s2 p0 g1",
  "conv n3 c1 h6 w4 o9 k1 s2 p0 g1",
  "conv n2 c12 h9 w7 o17 k1 s2 p0 g1 b1",
  "conv n2 c20 h7 w9 o19 k1 s2 p1 g1",
  "conv n1 c9 h9 w9 o8 k1 s3 p0 g1",
  "conv n2 c16 h8 w6 o24 k1 s2 p0 g1",
  "linear n3 c7 o5",
  "linear n1 c1 o1",
  "linear n32 c129 o2",
  "linear n4 c160 o20",
  "linear n2 c7 h5 w3 o5",
  "linear n1 c1 h2 w1 o1",
  "linear n3 c19 h17 w1 o33 v1",
  "linear n2 c5 h1 w1 o3",
  "linear n2 c32 h50 w1 o96",
  "linear n1 c67 h197 w1 o35",
  "batch-norm n3 c5 h7 w5",
  "batch-norm n2 c17 h3 w3",
  "batch-norm n4 c1 h9 w9",
  "batch-norm n2 c32 h8 w8",
  "batch-norm-relu n3 c5 h7 w5",
  "batch-norm-relu n2 c16 h8 w8",
  "batch-norm-silu n3 c5 h7 w5",
  "batch-norm-silu n2 c16 h8 w8",
  "batch-norm-silu-twice n3 c5 h7 w5",
  "batch-norm-leaky n3 c5 h7 w5",
  "batch-norm-leaky n2 c16 h8 w8",
  "batch-norm-gelu n3 c5 h7 w5",
  "batch-norm-hard-sigmoid n3 c5 h7 w5",
  "batch-norm-frozen n3 c5 h7 w5",
  "batch-norm-frozen n1 c16 h4 w4",
  "relu n2 c3 h5 w7",
  "relu n3 c11",
  "sigmoid n2 c3 h5 w7",
  "sigmoid n3 c11",
  "leaky n2 c3 h5 w7",
  "leaky n3 c11",
  "leaky n2 c16 h4 w4",
  "hard-sigmoid n2 c3 h5 w7 v9",
  "hard-sigmoid n3 c17 v5",
  "silu n2 c3 h5 w7",
  "silu n3 c11 v9",
  "silu n1 c32 h4 w4 v30",
  "silu-twice n2 c5 h3 w7",
  "silu-twice n2 c16 h4 w4",
  "gelu n2 c3 h5 w7",
  "gelu n3 c11 v9",
  "gelu n2 c48 h17 w1 v4",
  "layer-norm n3 c11",
  "layer-norm n2 c7 h5 w1",
  "layer-norm n2 c33 h3 w5",
  "layer-norm n3 c9 h17 w1",
  "layer-norm n2 c48 h50 w1",
  "layer-norm n16 c160",
  "max-pool n2 c3 h9 w7 k3 s2 p1",
  "max-pool n1 c5 h7 w5 k3 s1 p1",
  "max-pool n3 c7 h11 w13 k5 s3 p2",
  "max-pool n2 c4 h5 w6 k2 s2 p0",
  "max-pool n2 c7 h3 w3 k3 s1 p2",
  "max-pool n2 c3 h5 w4 k1 s2 p0",
  "max-pool n2 c17 h6 w6 k2 s1 p1",
  "max-pool n2 c32 h16 w16 k3 s2 p1",
  "upsample n2 c3 h5 w7 f2",
  "upsample n1 c17 h3 w1 f3",
  "upsample n2 c5 h1 w1 f8",
  "upsample n2 c16 h4 w4 f4",
  "upsample n2 c3 h3 w5 f1",
  "tokens n3 c5 h3 w2",
  "tokens n1 c1 h1 w1",
  "tokens n2 c17 h5 w7",
  "tokens n2 c32 h4 w4",
  "token n3 c5 h7 w1 f0",
  "token n2 c17 h3 w1 f2",
  "token n2 c32 h17 w1 f0",
  "attention n2 c6 h7 g2",
  "attention n1 c5 h3 g1",
  "attention n3 c7 h1 g7",
  "attention n2 c15 h13 g3 v9",
  "attention n2 c32 h17 g4 v4",
  "attention n1 c64 h197 g1",
  "add n2 c3 h5 w7",
  "add n1 c16 h8 w8",
  "add n3 c5",
  "multiply n2 c3 h5 w7 v0",
  "multiply n2 c3 h5 w7 v1",
  "multiply n2 c19 h5 w7 v2",
  "multiply n2 c16 h4 w4 v1",
  "multiply n3 c5 h3 w3 v3",
  "multiply n3 c5 v0",
  "scale n2 c3 h5 w7",
  "mean-hw n2 c3 h5 w7",
  "mean-hw n3 c17 h1 w1",
  "mean-c n2 c3 h5 w7",
  "mean-c n2 c24 h4 w4",
  "mean-nhw n2 c3 h5 w7",
  "sum-hw n2 c3 h5 w7",
  "sum-c n2 c3 h5 w7",
  "sum-nhw n2 c3 h5 w7",
  "sum-n n3 c7",
  "max-hw n2 c3 h5 w7",
  "max-hw n2 c16 h7 w7",
  "max-c n2 c3 h5 w7",
  "max-c n2 c40 h4 w4",
  "max-nhw n2 c3 h5 w7",
  "multiply-reduce n2 c3 h5 w7 v1",
  "multiply-reduce n2 c3 h5 w7 v2",
  "multiply-reduce n3 c5 v1",
  "broadcast n2 c3 h5 w7 v0",
  "broadcast n2 c3 h5 w7 v1",
  "broadcast n2 c3 h5 w7 v2",
  "broadcast n3 c7 v2",
  "reshape n2 c3 h5 w7",
  "concat n2 c3 h5 w7",
  "concat n2 c16 h4 w4",
  "concat n3 c5",
  "slice n2 c7 h5 w3 f2 m3",
  "slice n2 c32 h4 w4 f16 m16",
  "slice n3 c9 f0 m4",
  "shuffle n2 c6 h3 w5 g2",
  "shuffle n2 c15 h3 w5 g3",
  "shuffle n2 c24 h4 w4 g2",
  "softmax n3 c2",
  "softmax n5 c7",
  "cross-entropy n3 c2",
  "cross-entropy n5 c7",
  "adam n3 c5 h3 w3",
  "adam n7 c3",
  "blend n3 c5",
  "constant n3 c5",
  "ghost n2 c6 h9 w9 o10",
  "ghost n2 c16 h7 w7 o32",
  "inference n2 c5 h9 w7 o6 k3 s1 p1 g1",
  "inference n1 c16 h8 w8 o32 k1 s1 p0 g1",
  "inference n1 c67 h3 w5 o81 k1 s1 p0 g1",
  "inference n2 c9 h9 w9 o9 k3 s2 p1 g9",
  "inference n2 c5 h9 w7 o6 k3 s1 p1 g1 v1",
  "inference n1 c16 h8 w8 o32 k1 s1 p0 g1 v1",
  "inference n2 c17 h7 w9 o17 k5 s1 p2 g17 v1",
  "inference n2 c5 h9 w7 o6 k3 s1 p1 g1 v2",
  "inference n2 c32 h8 w8 o16 k3 s1 p1 g1 v2",
  "inference n1 c9 h5 w5 o9 k3 s1 p1 g9 v2",
  "inference n2 c16 h5 w7 o8 k1 s1 p0 g1 v3",
  "squeeze n2 c6 h5 w7 o3 v0",
  "squeeze n1 c17 h3 w3 o5 v1",
  "squeeze n2 c32 h8 w8 o8 v0",
  "squeeze n2 c32 h7 w7 o8 v1",
  "squeeze n2 c6 h5 w7 o3 v2",
  "squeeze n2 c16 h8 w8 o4 v2",
  "squeeze n2 c6 h5 w7 o3 v3",
  "bottleneck n2 c6 h5 w7 o3",
  "bottleneck n2 c32 h8 w8 o16",
  "cross-stage n2 c6 h5 w7",
  "cross-stage n2 c32 h8 w8",
  "exchange n2 c5 h6 w4 o3 f2",
  "exchange n2 c16 h8 w8 o32 f4",
  "transformer n2 c6 h3 w2 g2",
  "transformer n2 c32 h4 w4 g2",
};

/* A case in numbers; letters that are not given are 0. */
typedef struct
{
  char op[32];
  int value[128];
} Case;

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
static NmdNode
leaf_of (Built *self, const Case *c)
{
  if (c->value['h'] == 0)
    return leaf2 (self, c->value['n'], c->value['c']);
  return leaf4 (self, c->value['n'], c->value['c'], c->value['h'], c->value['w']);
}

static gboolean
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
static NmdNode
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

static NmdNode
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
static NmdNode
pointwise (Built *self, NmdNode x, int out)
{
  const NmdAttributes at = { .stride = 1, .groups = 1 };
  const int ci = nmd_graph_get (self->graph, x)->shape.dims[1];

  return add (self, NMD_OP_CONV, &at,
              (NmdNode[]){ x, leaf4 (self, out, ci, 1, 1), leaf1 (self, out) }, 3);
}

/* The same without a bias, then batch norm with the batch's statistics. */
static NmdNode
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

static NmdNode
layer_norm (Built *self, NmdNode x)
{
  const int c = nmd_graph_get (self->graph, x)->shape.dims[1];
  const NmdAttributes at = { .epsilon = 1e-6 };

  return add (self, NMD_OP_LAYER_NORM, &at,
              (NmdNode[]){ x, leaf1 (self, c), leaf1 (self, c) }, 3);
}

static NmdNode
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

static void
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

/* --- running
 * ------------------------------------------------------------------------------ */

typedef enum
{
  INTEGERS, /* −4 … 4 */
  RANDOM,   /* [−1, 1), or [0.1, 1.1) where signs make no sense */
  POISON,   /* NaN */
} Filling;

static void
fill (const Built *built, int i, Filling filling, guint64 seed, float *values, gsize n)
{
  const NmdNodeInfo *node = nmd_graph_get (built->graph, built->leaves[i]);
  g_autofree char *id = g_strdup_printf ("%d", i);
  NmdRandom stream;

  nmd_random_init_for (&stream, seed, "test", 0, id);
  for (gsize k = 0; k < n; k++)
    {
      const float u = nmd_random_u (&stream);

      if (filling == POISON)
        values[k] = NAN;
      else if (filling == INTEGERS)
        values[k] = floorf (u * 4.5f + 0.5f);
      else
        values[k] = built->positive && node->shape.n_dims == 1 ? fabsf (u) + 0.1f : u;
      if (built->positive && filling == RANDOM && node->op == NMD_OP_STORE)
        values[k] = fabsf (u) + 0.1f;
      if (filling == RANDOM)
        values[k] *= 1 + (float)(k % 3 == 1 ? -built->nudge : built->nudge) * FLT_EPSILON;
    }
}

/* Values of all outputs of one run, one after the other. */
static GArray *
run (NmdSession *session,
     NmdProgram *program,
     const Built *built,
     Filling filling,
     guint64 seed)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (float));
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < built->n_leaves; i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (built->graph, built->leaves[i]);
      const gsize n = nmd_shape_count (&node->shape);
      g_autofree float *values = g_new (float, n);

      fill (built, i, filling, seed, values, n);
      if (node->op == NMD_OP_STORE)
        nmd_session_store_write (session, node->name, values, n, &error);
      else
        nmd_program_write (program, built->leaves[i], values, &error);
      g_assert_no_error (error);
    }
  nmd_program_run (program, &error);
  g_assert_no_error (error);
  for (int i = 0; i < built->n_outputs; i++)
    {
      const gsize n
          = nmd_shape_count (&nmd_graph_get (built->graph, built->outputs[i])->shape);
      const guint had = all->len;

      g_array_set_size (all, had + (guint)n);
      if (nmd_graph_get (built->graph, built->outputs[i])->op == NMD_OP_STORE)
        nmd_session_store_read (session,
                                nmd_graph_get (built->graph, built->outputs[i])->name,
                                &g_array_index (all, float, had), n, &error);
      else
        nmd_program_read (program, built->outputs[i], &g_array_index (all, float, had),
                          &error);
      g_assert_no_error (error);
    }
  return all;
}

static gboolean
same_bits (const GArray *a, const GArray *b)
{
  return a->len == b->len && memcmp (a->data, b->data, a->len * sizeof (float)) == 0;
}

/* Equal numbers; 0 and −0 are equal, NaN is equal to nothing. */
static gboolean
same_numbers (const GArray *a, const GArray *b)
{
  for (guint i = 0; i < a->len; i++)
    if (!(g_array_index (a, float, i) == g_array_index (b, float, i)))
      return FALSE;
  return a->len == b->len;
}

/* The worst ‖a − b‖/‖b‖ over outputs; NaN if there is one anywhere. Norms below @floor of
 * all outputs together count as that. */
static double
distance (const Built *built, const GArray *a, const GArray *b)
{
  double worst = 0, total = 0;
  guint at = 0;

  for (guint k = 0; k < b->len; k++)
    total += (double)g_array_index (b, float, k) * (double)g_array_index (b, float, k);

  for (int i = 0; i < built->n_outputs; i++)
    {
      const guint n = (guint)nmd_shape_count (
          &nmd_graph_get (built->graph, built->outputs[i])->shape);
      double difference = 0, norm = 0, error;

      for (guint k = at; k < at + n; k++)
        {
          const double x = (double)g_array_index (a, float, k);
          const double y = (double)g_array_index (b, float, k);

          difference += (x - y) * (x - y);
          norm += y * y;
        }
      at += n;
      norm = MAX (norm, built->floor * built->floor * total);
      error = difference == 0 ? 0 : sqrt (difference / norm);
      worst = isnan (worst) || isnan (error) ? NAN : MAX (worst, error);
    }
  return worst;
}

/* NULL if @device computes @built as the exact reference does, else what is wrong. */
static char *
check (
    NmdSession *device, NmdSession *exact, const Built *built, guint64 seed, double limit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdProgram) program = nmd_session_compile (
      device, built->graph, built->outputs, built->n_outputs, &error);
  g_autoptr (NmdProgram) expected = NULL;
  g_autoptr (GArray) first = NULL, poisoned = NULL, second = NULL, third = NULL,
                     right = NULL;
  double error_l2;

  if (program == NULL)
    return g_strdup (error->message);
  expected = nmd_session_compile (exact, built->graph, built->outputs, built->n_outputs,
                                  &error);
  g_assert_no_error (error);
  if (built->exact)
    {
      first = run (device, program, built, INTEGERS, seed);
      right = run (exact, expected, built, INTEGERS, seed);
      if (!same_numbers (first, right))
        return g_strdup_printf ("integers are not exact (L2 %g)",
                                distance (built, first, right));
      g_clear_pointer (&first, g_array_unref);
      g_clear_pointer (&right, g_array_unref);
    }
  first = run (device, program, built, RANDOM, seed);
  right = run (exact, expected, built, RANDOM, seed);
  error_l2 = distance (built, first, right);
  if (!(error_l2 <= limit))
    return g_strdup_printf ("random numbers differ by %g", error_l2);
  poisoned = run (device, program, built, POISON, seed);
  second = run (device, program, built, RANDOM, seed);
  third = run (device, program, built, RANDOM, seed);
  if (!same_bits (first, second))
    return g_strdup ("a run on NaN changes the next run");
  if (!same_bits (second, third))
    return g_strdup ("two runs give different bits");
  return NULL;
}

static guint64
fresh_seed (void)
{
  return (guint64)(guint32)g_test_rand_int ();
}

static NmdSession *
open_device (const char *name)
{
  g_autoptr (GError) error = NULL;
  NmdSession *session = nmd_session_open (name, 0, &error);

  g_assert_no_error (error);
  return session;
}

/* How far float32 itself strays on a graph, its inputs as they are or moved by a few
 * roundings: badly conditioned ones, and kinks as near as that, are not the device's
 * fault.
 */
static double
float_error (NmdSession *exact, const Built *built, guint64 seed)
{
  g_autoptr (NmdSession) plain = open_device ("reference");
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdProgram) program = nmd_session_compile (
      plain, built->graph, built->outputs, built->n_outputs, &error);
  g_autoptr (NmdProgram) expected = NULL;
  g_autoptr (GArray) right = NULL;
  double most = 0;

  g_assert_no_error (error);
  expected = nmd_session_compile (exact, built->graph, built->outputs, built->n_outputs,
                                  &error);
  g_assert_no_error (error);
  right = run (exact, expected, built, RANDOM, seed);
  for (int nudge = -4; nudge <= 4; nudge += 2)
    {
      Built moved = *built;
      g_autoptr (GArray) values = NULL;

      moved.nudge = nudge;
      values = run (plain, program, &moved, RANDOM, seed);
      most = fmax (most, distance (built, values, right));
    }
  return most;
}

/* Whole blocks of layers, by the first word of their cases. */
static gboolean
is_block (const char *text)
{
  static const char *const blocks[]
      = { "ghost", "squeeze", "bottleneck", "cross-stage", "exchange", "transformer" };

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    if (g_str_has_prefix (text, blocks[i]))
      return TRUE;
  return FALSE;
}

/* A fresh seed and the limit for it. Operations alone are held to 1e-5. Whole blocks are
 * not: two batch norms in a row divide rounding by a spread that may be small, by how
 * much float32 itself tells; numbers that put an argument of a ReLU at its kink show
 * nothing and are drawn again. */
static guint64
draw_seed (NmdSession *exact, const Built *built, const char *text, double *limit)
{
  guint64 seed = fresh_seed ();
  double error;

  *limit = 1e-5;
  if (!is_block (text))
    return seed;
  error = float_error (exact, built, seed);
  for (int i = 0; i < 20 && !(error <= 3e-4); i++)
    {
      seed = fresh_seed ();
      error = float_error (exact, built, seed);
    }
  *limit = CLAMP (3 * error, 1e-4, 1e-3);
  return seed;
}

static void
test_case (const char *device_name, const char *text)
{
  g_autoptr (NmdSession) device = open_device (device_name),
                         exact = open_device ("reference64");
  g_auto (Built) built = { NULL };
  guint64 seed;
  double limit;

  build_case (&built, text);
  seed = draw_seed (exact, &built, text, &limit);
  /* with its gradients and as in inference, where other kernels work */
  for (int n_outputs = built.n_outputs; n_outputs > 0; n_outputs = n_outputs > 1)
    {
      g_autofree char *problem = NULL;
      built.n_outputs = n_outputs;
      problem = check (device, exact, &built, seed, limit);
      if (problem == NULL)
        continue;
      g_test_message ("%s, %s, %d outputs, seed %" G_GUINT64_FORMAT ": %s", device_name,
                      text, n_outputs, seed, problem);
      g_test_fail ();
    }
}

static void
test_device (gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_case (data, cases[i]);
}

/* --- central differences
 * ------------------------------------------------------------------ */

/* Σ dy·y of the first output, dy being the last leaf. */
static double
objective (const Built *built, NmdProgram *program, const float *dy)
{
  const gsize n
      = nmd_shape_count (&nmd_graph_get (built->graph, built->outputs[0])->shape);
  g_autofree float *y = g_new (float, n);
  double sum = 0;

  g_assert_true (nmd_program_run (program, NULL));
  g_assert_true (nmd_program_read (program, built->outputs[0], y, NULL));
  for (gsize i = 0; i < n; i++)
    sum += (double)dy[i] * (double)y[i];
  return sum;
}

/* How far the gradient by leaf @i is from the change along one random direction, relative
 * to the largest that it could be. */
static double
difference_error (const Built *built,
                  NmdProgram *program,
                  int i,
                  const float *gradient,
                  const float *dy,
                  guint64 seed)
{
  const gsize n
      = nmd_shape_count (&nmd_graph_get (built->graph, built->leaves[i])->shape);
  g_autofree float *x = g_new (float, n), *moved = g_new (float, n);
  double slope = 0, norm = 0, length = 0, change = 0;

  fill (built, i, RANDOM, seed, x, n);
  for (int side = 1; side >= -1; side -= 2)
    {
      NmdRandom stream;

      nmd_random_init_for (&stream, seed, "direction", i, "");
      for (gsize k = 0; k < n; k++)
        moved[k] = x[k] + (float)side * 1e-3f * nmd_random_u (&stream);
      g_assert_true (nmd_program_write (program, built->leaves[i], moved, NULL));
      change += side * objective (built, program, dy);
      for (gsize k = 0; k < n; k++)
        {
          /* what was really added, after rounding to float */
          const double step = (double)moved[k] - (double)x[k];

          slope += side * step * (double)gradient[k];
          length += step * step / 2;
        }
    }
  for (gsize k = 0; k < n; k++)
    norm += (double)gradient[k] * (double)gradient[k];
  g_assert_true (nmd_program_write (program, built->leaves[i], x, NULL));
  return fabs (change - slope) / (2 * sqrt (norm * length) + 1e-5);
}

/* The worst error over all differentiable leaves, which all have gradients. */
static double
check_gradients (NmdSession *session, const Built *built, guint64 seed)
{
  const NmdShape *shape = &nmd_graph_get (built->graph, built->outputs[0])->shape;
  const gsize n_y = nmd_shape_count (shape);
  g_autofree float *dy = g_new (float, n_y);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdProgram) program = nmd_session_compile (
      session, built->graph, built->outputs, built->n_outputs, &error);
  g_autoptr (GArray) values = NULL;
  double worst = 0;
  gsize at = n_y;

  g_assert_no_error (error);
  g_assert_cmpint (built->n_outputs, ==, built->n_differentiable + 1);
  values = run (session, program, built, RANDOM, seed);
  fill (built, built->n_leaves - 1, RANDOM, seed, dy, n_y);
  for (int i = 0; i < built->n_differentiable; i++)
    {
      const double found = difference_error (
          built, program, i, &g_array_index (values, float, at), dy, seed);

      worst = isnan (worst) || isnan (found) ? NAN : MAX (worst, found);
      at += nmd_shape_count (&nmd_graph_get (built->graph, built->leaves[i])->shape);
    }
  return worst;
}

static void
test_differences (void)
{
  g_autoptr (NmdSession) session = open_device ("reference64");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Built) built = { NULL };
      const guint64 seed = 1; /* not fresh: others may come too near to a kink */
      double error;

      build_case (&built, cases[i]);
      if (built.n_differentiable == 0)
        continue;
      error = check_gradients (session, &built, seed);
      if (!(error <= 1e-2))
        {
          g_test_message ("%s, seed %" G_GUINT64_FORMAT ": gradient is off by %g",
                          cases[i], seed, error);
          g_test_fail ();
        }
    }
}

/* --- random graphs
 * ------------------------------------------------------------------------ */

static int
below (NmdRandom *stream, int n)
{
  return (int)nmd_random_below (stream, (guint64)n);
}

static NmdNode
constant (Built *self, double value, const int *dims, int n_dims)
{
  NmdAttributes at = { .value = value, .shape = { n_dims, { 1, 1, 1, 1 } } };

  memcpy (at.shape.dims, dims, sizeof (int) * (gsize)n_dims);
  return add (self, NMD_OP_CONSTANT, &at, NULL, 0);
}

static NmdNode
activation (Built *self, NmdRandom *stream, NmdNode x)
{
  static const NmdActivation all[]
      = { NMD_RELU, NMD_SIGMOID, NMD_LEAKY_RELU, NMD_HARD_SIGMOID, NMD_SILU, NMD_GELU };
  const NmdAttributes at
      = { .activation = all[below (stream, G_N_ELEMENTS (all))], .value = 0.2 };

  return add (self, NMD_OP_ACTIVATION, &at, &x, 1);
}

/* Mean, sum or maximum over h and w or over c. */
static NmdNode
random_reduce (Built *self, NmdRandom *stream, NmdNode x)
{
  const NmdAttributes at = { .reduce = (NmdReduce)below (stream, 3),
                             .axes = below (stream, 2) != 0 ? NMD_AXES_HW : NMD_AXES_C };

  return add (self, NMD_OP_REDUCE, &at, &x, 1);
}

static NmdNode
random_conv (Built *self, NmdRandom *stream, NmdNode x)
{
  const NmdShape s = nmd_graph_get (self->graph, x)->shape;
  const int groups = s.dims[1] % 2 == 0 ? 1 + below (stream, 2) : 1;
  const NmdAttributes at = { .stride = s.dims[2] > 3 ? 1 + below (stream, 2) : 1,
                             .padding = 1,
                             .groups = groups };
  const int out = groups * (1 + below (stream, 3));
  NmdNode in[3] = { x, leaf4 (self, out, s.dims[1] / groups, 3, 3), leaf1 (self, out) };

  return add (self, NMD_OP_CONV, &at, in, 2 + below (stream, 2));
}

static NmdNode
random_norm (Built *self, NmdRandom *stream, NmdNode x)
{
  const int c = nmd_graph_get (self->graph, x)->shape.dims[1];
  const NmdAttributes at = { .epsilon = 1e-3 };
  NmdNode gamma = leaf1 (self, c), beta = leaf1 (self, c);

  if (below (stream, 2) != 0)
    return batch_norm (self, x, gamma, beta);
  return add (self, NMD_OP_BATCH_NORM, &at,
              (NmdNode[]){ x, constant (self, 0.1, &c, 1), constant (self, 0.7, &c, 1),
                           gamma, beta },
              5);
}

/* x + half the mean of x·σ(x) */
static NmdNode
random_product (Built *self, NmdRandom *stream, NmdNode x)
{
  const NmdShape s = nmd_graph_get (self->graph, x)->shape;
  NmdAttributes at
      = { .value = 0.5 / (s.dims[2] * s.dims[3]), /* numbers shall not explode */
          .shape = { 4, { s.dims[0], s.dims[1], 1, 1 } } };
  NmdNode y = activation (self, stream, x);

  y = add (self, NMD_OP_MULTIPLY_REDUCE, &at, (NmdNode[]){ x, y }, 2);
  at.shape = s;
  y = add (self, NMD_OP_BROADCAST, &at, &y, 1);
  return add (self, NMD_OP_ADD, NULL, (NmdNode[]){ x, y }, 2);
}

/* A maximum over windows, or enlarged while it is small. */
static NmdNode
random_pooling (Built *self, NmdRandom *stream, NmdNode x)
{
  const int side = nmd_graph_get (self->graph, x)->shape.dims[2];
  const NmdAttributes at = {
    .kernel = 3, .stride = side > 3 ? 1 + below (stream, 2) : 1, .padding = 1, .factor = 2
  };
  const gboolean enlarge = side < 5 && below (stream, 2) != 0;

  return add (self, enlarge ? NMD_OP_UPSAMPLE : NMD_OP_MAX_POOL, &at, &x, 1);
}

/* Attention among the pixels: queries, keys and values are multiples of them. */
static NmdNode
random_attention (Built *self, NmdRandom *stream, NmdNode x)
{
  const NmdShape s = nmd_graph_get (self->graph, x)->shape;
  NmdAttributes at
      = { .value = 1.5, .groups = s.dims[1] % 2 == 0 ? 1 + below (stream, 2) : 1 };
  NmdNode y = add (self, NMD_OP_SCALE, &at, &x, 1);

  y = add (self, NMD_OP_CONCAT, NULL, (NmdNode[]){ y, x, x }, 3);
  at.shape = (NmdShape){ 4, { s.dims[0], 3 * s.dims[1], s.dims[2] * s.dims[3], 1 } };
  y = add (self, NMD_OP_RESHAPE, &at, &y, 1);
  y = add (self, NMD_OP_ATTENTION, &at, &y, 1);
  at.shape = s;
  return add (self, NMD_OP_RESHAPE, &at, &y, 1);
}

/* One of the pixels as a token, or their mean. */
static NmdNode
random_head (Built *self, NmdRandom *stream, NmdNode x)
{
  NmdAttributes at = { .reduce = NMD_REDUCE_MEAN, .axes = NMD_AXES_HW };
  const NmdShape s = nmd_graph_get (self->graph, x)->shape;
  const int c = s.dims[1], t = 1 + s.dims[2] * s.dims[3];
  NmdNode in[3] = { x };

  if (below (stream, 3) != 0)
    {
      x = add (self, NMD_OP_REDUCE, &at, &x, 1);
      at.shape = (NmdShape){ 2, { s.dims[0], c, 1, 1 } };
      return add (self, NMD_OP_RESHAPE, &at, &x, 1);
    }
  in[1] = leaf (self, (const int[]){ 1, 1, c }, 3);
  in[2] = leaf (self, (const int[]){ 1, t, c }, 3);
  x = add (self, NMD_OP_TOKENS, NULL, in, 3);
  x = random_attention (self, stream, layer_norm (self, x));
  at.from = below (stream, t);
  return add (self, NMD_OP_TOKEN, &at, &x, 1);
}

static NmdNode
random_block (Built *self, NmdRandom *stream, NmdNode x)
{
  const int c = nmd_graph_get (self->graph, x)->shape.dims[1];
  NmdAttributes at = { .groups = c % 2 == 0 ? 2 : 1, .value = -0.7 };
  NmdNode y;

  switch (below (stream, 12))
    {
    case 0:
      return random_conv (self, stream, x);
    case 1:
      return random_norm (self, stream, x);
    case 2:
      return activation (self, stream, x);
    case 3: /* attention */
      y = random_reduce (self, stream, x);
      y = activation (self, stream, y);
      return add (self, NMD_OP_MULTIPLY, NULL, (NmdNode[]){ x, y }, 2);
    case 4:
      y = add (self, NMD_OP_SCALE, &at, &x, 1);
      return add (self, NMD_OP_CONCAT, NULL, (NmdNode[]){ y, x, y }, 3);
    case 5:
      at.from = below (stream, c);
      at.count = 1 + below (stream, c - at.from);
      return add (self, NMD_OP_SLICE, &at, &x, 1);
    case 6:
      return add (self, NMD_OP_SHUFFLE, &at, &x, 1);
    case 7:
      return random_pooling (self, stream, x);
    case 8:
      return layer_norm (self, x);
    case 9:
      return linear (self, x, 1 + below (stream, 5));
    case 10:
      return random_attention (self, stream, x);
    default:
      return random_product (self, stream, x);
    }
}

static void
build_random (Built *self, guint64 seed)
{
  NmdRandom stream;
  NmdNode x;

  /* some gradients are zero but for rounding: those of a bias before a norm */
  *self = (Built){ .graph = nmd_graph_new (), .floor = 1e-2 };
  nmd_random_init_for (&stream, seed, "graph", 0, "");
  x = leaf4 (self, 2, 1 + below (&stream, 4), 7, 7);
  for (int i = 0; i < 7; i++)
    x = random_block (self, &stream, x);
  x = linear (self, random_head (self, &stream, x), 3);
  if (below (&stream, 2) != 0)
    x = add (self, NMD_OP_SOFTMAX, NULL, &x, 1);
  else
    x = add (self, NMD_OP_CROSS_ENTROPY, NULL,
             (NmdNode[]){ x, constant (self, 0.3, (const int[]){ 2, 3 }, 2) }, 2);
  self->n_differentiable = self->n_leaves;
  finish (self, x);
}

/* A leaf that a random choice passed over has no gradient; then the counts differ. */
static gboolean
all_used (const Built *built)
{
  return built->n_outputs == built->n_differentiable + 1;
}

static void
test_random_graphs (void)
{
  static const NmdOp differentiable[] = {
    NMD_OP_CONV,       NMD_OP_LINEAR,
    NMD_OP_BATCH_NORM, NMD_OP_LAYER_NORM,
    NMD_OP_ACTIVATION, NMD_OP_ADD,
    NMD_OP_MULTIPLY,   NMD_OP_SCALE,
    NMD_OP_REDUCE,     NMD_OP_MULTIPLY_REDUCE,
    NMD_OP_BROADCAST,  NMD_OP_MAX_POOL,
    NMD_OP_UPSAMPLE,   NMD_OP_TOKENS,
    NMD_OP_TOKEN,      NMD_OP_ATTENTION,
    NMD_OP_RESHAPE,    NMD_OP_CONCAT,
    NMD_OP_SLICE,      NMD_OP_SHUFFLE,
    NMD_OP_SOFTMAX,    NMD_OP_CROSS_ENTROPY,
  };
  g_autoptr (NmdSession) session = open_device ("reference64");
  gboolean seen[NMD_N_OPS] = { FALSE };
  const guint64 seed = 1; /* not fresh: others may come too near to a kink */

  for (guint64 i = 0; i < 60; i++)
    {
      g_auto (Built) built = { NULL };
      double error;

      build_random (&built, seed + i);
      if (!all_used (&built))
        continue;
      for (NmdNode k = 0; k <= built.outputs[0]; k++)
        seen[nmd_graph_get (built.graph, k)->op] = TRUE;
      error = check_gradients (session, &built, seed + i);
      if (!(error <= 3e-2))
        {
          g_test_message ("graph %" G_GUINT64_FORMAT ": gradient is off by %g", seed + i,
                          error);
          g_test_fail ();
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (differentiable); i++)
    g_assert_true (seen[differentiable[i]]);
}

/* Random graphs on a device: gradients and values as the reference's. */
static void
test_device_graphs (gconstpointer data)
{
  g_autoptr (NmdSession) device = open_device (data), exact = open_device ("reference64");
  const guint64 seed = 1; /* not fresh: others may come too near to a kink */

  for (guint64 i = 0; i < 40; i++)
    {
      g_auto (Built) built = { NULL };
      g_autofree char *problem = NULL;
      double strays;

      build_random (&built, seed + i);
      strays = float_error (exact, &built, seed + i);
      g_assert_cmpfloat (strays, <, 1e-2);
      /* the reference rounds once an operation, a device in every sum */
      problem = check (device, exact, &built, seed + i, MAX (3e-4, 6 * strays));
      if (problem == NULL)
        continue;
      g_test_message ("%s, graph %" G_GUINT64_FORMAT ": %s", (const char *)data, seed + i,
                      problem);
      g_test_fail ();
    }
}

/* --- backends that are wrong on purpose
 * --------------------------------------------------- */

static NmdNode last_node;
static float last_value;

/* One value is the next larger float. */
static gboolean
read_ulp (gpointer program, NmdNode node, float *values, GError **error)
{
  gboolean ok = nmd_backend_reference.read (program, node, values, error);

  values[0] = nextafterf (values[0], INFINITY);
  return ok;
}

/* One value is off by a little. */
static gboolean
read_off (gpointer program, NmdNode node, float *values, GError **error)
{
  gboolean ok = nmd_backend_reference.read (program, node, values, error);

  values[0] += 1e-3f;
  return ok;
}

static gboolean
read_nan (gpointer program, NmdNode node, float *values, GError **error)
{
  gboolean ok = nmd_backend_reference.read (program, node, values, error);

  values[0] = NAN;
  return ok;
}

/* Every second run differs in the last bit. */
static gboolean
read_unsteady (gpointer program, NmdNode node, float *values, GError **error)
{
  gboolean ok = nmd_backend_reference.read (program, node, values, error);

  if (node <= last_node)
    last_value = 1 - last_value;
  last_node = node;
  if (last_value != 0 && values[0] != 0)
    values[0] = nextafterf (values[0], INFINITY);
  return ok;
}

/* A value of the run before is added in: NaN stays for ever. */
static gboolean
read_stale (gpointer program, NmdNode node, float *values, GError **error)
{
  gboolean ok = nmd_backend_reference.read (program, node, values, error);

  if (node <= last_node && isnan (last_value))
    values[0] = NAN;
  last_node = node;
  last_value = values[0];
  return ok;
}

static void
test_wrong (void)
{
  static const struct
  {
    gboolean (*read) (gpointer, NmdNode, float *, GError **);
    const char *text, *message;
  } wrong[] = {
    { read_ulp, "conv n2 c3 h9 w7 o4 k3 s2 p1 g1", "integers are not exact*" },
    { read_ulp, "linear n3 c7 o5", "integers are not exact*" },
    { read_ulp, "relu n3 c11", "integers are not exact*" },
    { read_off, "sigmoid n2 c3 h5 w7", "random numbers differ by *" },
    { read_off, "batch-norm n3 c5 h7 w5", "random numbers differ by *" },
    { read_off, "softmax n3 c2", "random numbers differ by *" },
    { read_nan, "mean-hw n2 c3 h5 w7", "random numbers differ by nan" },
    { read_nan, "conv n2 c3 h9 w7 o4 k3 s2 p1 g1", "integers are not exact*" },
    { read_unsteady, "sigmoid n3 c11", "*" },
    { read_stale, "batch-norm n3 c5 h7 w5", "a run on NaN changes the next run" },
    { NULL, "batch-norm n3 c5 h7 w5", NULL } /* not wrong */,
  };
  g_autoptr (NmdSession) exact = open_device ("reference64");

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      NmdBackend backend = nmd_backend_reference;
      g_autoptr (NmdSession) session = NULL;
      g_auto (Built) built = { NULL };
      g_autofree char *problem = NULL;

      if (wrong[i].read != NULL)
        backend.read = wrong[i].read;
      last_node = -1;
      last_value = 0;
      session = nmd_session_open_backend (&backend, 1, NULL);
      build_case (&built, wrong[i].text);
      problem = check (session, exact, &built, 7, 1e-5);
      g_test_message ("%u: %s", i, problem != NULL ? problem : "nothing found");
      if (wrong[i].message == NULL)
        g_assert_null (problem);
      else
        g_assert_true (problem != NULL
                       && g_pattern_match_simple (wrong[i].message, problem));
    }
}

/* A gradient that is off by a tenth is not taken for a true one. */
static gboolean
read_tenth (gpointer program, NmdNode node, float *values, GError **error)
{
  gboolean ok = nmd_backend_reference.read (program, node, values, error);

  if (node > last_node)
    for (int i = 0; i < 4; i++)
      values[i] *= 1.1f;
  return ok;
}

static void
test_wrong_gradient (void)
{
  NmdBackend backend = nmd_backend_reference;
  g_autoptr (NmdSession) session = NULL;
  g_auto (Built) built = { NULL };

  backend.read = read_tenth;
  session = nmd_session_open_backend (&backend, 1, NULL);
  build_case (&built, "linear n1 c4 o1");
  last_node = built.outputs[0]; /* gradients come after it */
  g_assert_cmpfloat (check_gradients (session, &built, 7), >, 1e-2);
}

/* --- kernels that are wrong on purpose
 * ---------------------------------------------------- */

/* One operation computed again from leaves and outputs by a wrong kernel, which may alter
 * what the step and its node point to. */
typedef void (*WrongKernel) (NmdReferenceStep *step, NmdNodeInfo *node);

static const Built *wrong_graph;
static WrongKernel wrong_kernel;
static NmdOp wrong_op;

static gboolean
read_wrong (gpointer program, NmdNode i, float *values, GError **error)
{
  NmdNodeInfo node = *nmd_graph_get (wrong_graph->graph, i);
  const gsize n = nmd_shape_count (&node.shape);
  NmdReferenceStep step = { .node = &node, .threads = 1 };

  if (node.op != wrong_op)
    return nmd_backend_reference.read (program, i, values, error);
  for (int k = 0; k < node.n_inputs; k++)
    {
      step.shape[k] = &nmd_graph_get (wrong_graph->graph, node.inputs[k])->shape;

      const gsize count = nmd_shape_count (step.shape[k]);
      g_autofree float *numbers = g_new (float, count);

      g_assert_true (
          nmd_backend_reference.read (program, node.inputs[k], numbers, error));
      step.in[k] = g_new (double, count);
      for (gsize j = 0; j < count; j++)
        step.in[k][j] = (double)numbers[j];
    }
  step.out = g_new (double, n);
  wrong_kernel (&step, &node);
  for (gsize j = 0; j < n; j++)
    values[j] = (float)step.out[j];
  for (int k = 0; k < node.n_inputs; k++)
    g_free (step.in[k]);
  g_free (step.out);
  return TRUE;
}

static void
wrong_nothing (NmdReferenceStep *step, NmdNodeInfo *node)
{
  nmd_reference_compute (step);
}

/* Channels-last numbers are taken for an image. */
static void
wrong_linear_layout (NmdReferenceStep *step, NmdNodeInfo *node)
{
  const NmdShape *x = step->shape[0];
  const int area = x->dims[2] * x->dims[3], size = x->dims[1] * area;
  g_autofree double *had = g_memdup2 (step->in[0], nmd_shape_count (x) * sizeof (double));

  for (int n = 0; n < x->dims[0]; n++)
    for (int i = 0; i < size; i++)
      step->in[0][n * size + i] = had[n * size + i % area * x->dims[1] + i / area];
  nmd_reference_compute (step);
}

/* The bias at the first position only. */
static void
wrong_linear_bias (NmdReferenceStep *step, NmdNodeInfo *node)
{
  const int area = node->shape.dims[2] * node->shape.dims[3];

  nmd_reference_compute (step);
  for (gsize i = 0; i < nmd_shape_count (&node->shape); i++)
    if (i % (gsize)area != 0)
      step->out[i] -= step->in[2][i / (gsize)area % (gsize)node->shape.dims[1]];
}

/* Variance ÷(c − 1) */
static void
wrong_layer_norm (NmdReferenceStep *step, NmdNodeInfo *node)
{
  const int c = node->shape.dims[1];

  for (int i = 0; i < c; i++)
    step->in[1][i] *= sqrt ((c - 1.0) / c);
  nmd_reference_compute (step);
}

static void
wrong_layer_norm_grad (NmdReferenceStep *step, NmdNodeInfo *node)
{
  for (int i = 0; i < node->shape.dims[1]; i++)
    step->in[2][i] = 1;
  nmd_reference_compute (step);
}

/* The hyperbolic tangent that many use in its place. */
static void
wrong_gelu (NmdReferenceStep *step, NmdNodeInfo *node)
{
  for (gsize i = 0; i < nmd_shape_count (&node->shape); i++)
    {
      const double x = step->in[0][i];

      step->out[i] = 0.5 * x * (1 + tanh (sqrt (2 / G_PI) * (x + 0.044715 * x * x * x)));
    }
}

/* x/5 + 1/2, as another library has it */
static void
wrong_hard_sigmoid (NmdReferenceStep *step, NmdNodeInfo *node)
{
  for (gsize i = 0; i < nmd_shape_count (&node->shape); i++)
    step->out[i] = CLAMP (step->in[0][i] / 5 + 0.5, 0, 1);
}

/* Given the value in place of the argument. */
static void
wrong_silu_grad (NmdReferenceStep *step, NmdNodeInfo *node)
{
  for (gsize i = 0; i < nmd_shape_count (&node->shape); i++)
    step->in[1][i] /= 1 + exp (-step->in[1][i]);
  nmd_reference_compute (step);
}

/* Gradient 1 at 0. */
static void
wrong_leaky_grad (NmdReferenceStep *step, NmdNodeInfo *node)
{
  nmd_reference_compute (step);
  for (gsize i = 0; i < nmd_shape_count (&node->shape); i++)
    if (step->in[1][i] == 0)
      step->out[i] = step->in[0][i];
}

/* Places outside the image count as 0. */
static void
wrong_pool_padding (NmdReferenceStep *step, NmdNodeInfo *node)
{
  nmd_reference_compute (step);
  for (gsize i = 0; i < nmd_shape_count (&node->shape); i++)
    step->out[i] = MAX (step->out[i], 0);
}

static void
reverse (double *values, const NmdShape *shape)
{
  const gsize n = nmd_shape_count (shape);

  for (gsize i = 0; i < n / 2; i++)
    {
      const double value = values[i];

      values[i] = values[n - 1 - i];
      values[n - 1 - i] = value;
    }
}

/* Of equal values the last gets the gradient: the same with all orders turned round. */
static void
wrong_pool_ties (NmdReferenceStep *step, NmdNodeInfo *node)
{
  for (int i = 0; i < 3; i++)
    reverse (step->in[i], step->shape[i]);
  nmd_reference_compute (step);
  reverse (step->out, &node->shape);
}

/* The mean of each block in place of its sum. */
static void
wrong_upsample_grad (NmdReferenceStep *step, NmdNodeInfo *node)
{
  nmd_reference_compute (step);
  for (gsize i = 0; i < nmd_shape_count (&node->shape); i++)
    step->out[i] /= node->at.factor * node->at.factor;
}

/* The class token has no position. */
static void
wrong_tokens (NmdReferenceStep *step, NmdNodeInfo *node)
{
  memset (step->in[2], 0, (gsize)node->shape.dims[1] * sizeof (double));
  nmd_reference_compute (step);
}

static void
wrong_token (NmdReferenceStep *step, NmdNodeInfo *node)
{
  node->at.from++;
  nmd_reference_compute (step);
}

/* Without 1/√d. */
static void
wrong_attention_scale (NmdReferenceStep *step, NmdNodeInfo *node)
{
  const NmdShape *x = step->shape[0];
  const int queries = x->dims[1] / 3 * x->dims[2];
  const double factor = sqrt (x->dims[1] / 3 / node->at.groups);

  for (int i = 0; i < x->dims[0] * queries; i++)
    step->in[0][i / queries * 3 * queries + i % queries] *= factor;
  nmd_reference_compute (step);
}

/* Heads are taken every groups-th channel rather than in blocks. */
static void
wrong_attention_heads (NmdReferenceStep *step, NmdNodeInfo *node)
{
  const NmdShape *x = step->shape[0];
  const int c = x->dims[1] / 3, t = x->dims[2], d = c / node->at.groups;
  g_autofree double *had = g_memdup2 (step->in[0], nmd_shape_count (x) * sizeof (double));

  for (int i = 0; i < x->dims[0] * 3 * c; i++)
    memcpy (step->in[0] + i * t,
            had + (i - i % c + i % c % d * node->at.groups + i % c / d) * t,
            (gsize)t * sizeof (double));
  nmd_reference_compute (step);
}

/* Gradients by keys and values are interchanged. */
static void
wrong_attention_grad (NmdReferenceStep *step, NmdNodeInfo *node)
{
  const gsize part = (gsize)(node->shape.dims[1] / 3 * node->shape.dims[2]);
  g_autofree double *keys = NULL;

  nmd_reference_compute (step);
  for (int n = 0; n < node->shape.dims[0]; n++)
    {
      double *k = step->out + ((gsize)n * 3 + 1) * part;

      g_free (keys);
      keys = g_memdup2 (k, part * sizeof (double));
      memcpy (k, k + part, part * sizeof (double));
      memcpy (k + part, keys, part * sizeof (double));
    }
}

static const struct
{
  const char *text;
  NmdOp op;
  WrongKernel kernel;
  const char *message;     /* NULL: nothing wrong is found */
  gboolean is_wrong_slope; /* central differences find it too */
} wrong_kernels[] = {
  { "linear n2 c7 h5 w3 o5", NMD_OP_LINEAR, wrong_nothing, NULL, FALSE },
  { "attention n2 c6 h7 g2", NMD_OP_ATTENTION_GRAD, wrong_nothing, NULL, FALSE },
  { "linear n2 c7 h5 w3 o5", NMD_OP_LINEAR, wrong_linear_layout, "integers*", FALSE },
  { "linear n2 c7 h5 w3 o5", NMD_OP_LINEAR, wrong_linear_bias, "integers*", FALSE },
  { "layer-norm n2 c48 h50 w1", NMD_OP_LAYER_NORM, wrong_layer_norm, "random*", FALSE },
  { "layer-norm n16 c160", NMD_OP_LAYER_NORM, wrong_layer_norm, "random*", FALSE },
  { "layer-norm n2 c7 h5 w1", NMD_OP_LAYER_NORM_GRAD_X, wrong_layer_norm_grad, "random*",
    TRUE },
  { "gelu n2 c3 h5 w7", NMD_OP_ACTIVATION, wrong_gelu, "random*", FALSE },
  { "hard-sigmoid n2 c3 h5 w7", NMD_OP_ACTIVATION, wrong_hard_sigmoid, "random*", FALSE },
  { "silu n2 c3 h5 w7", NMD_OP_ACTIVATION_GRAD, wrong_silu_grad, "random*", TRUE },
  { "leaky n2 c3 h5 w7", NMD_OP_ACTIVATION_GRAD, wrong_leaky_grad, "integers*", FALSE },
  { "max-pool n2 c7 h3 w3 k3 s1 p2", NMD_OP_MAX_POOL, wrong_pool_padding, "integers*",
    FALSE },
  { "max-pool n1 c5 h7 w5 k3 s1 p1", NMD_OP_MAX_POOL_GRAD, wrong_pool_ties, "integers*",
    FALSE },
  { "max-pool n2 c3 h9 w7 k3 s2 p1", NMD_OP_MAX_POOL_GRAD, wrong_pool_ties, "integers*",
    FALSE },
  { "upsample n2 c3 h5 w7 f2", NMD_OP_UPSAMPLE_GRAD, wrong_upsample_grad, "integers*",
    TRUE },
  { "tokens n3 c5 h3 w2", NMD_OP_TOKENS, wrong_tokens, "integers*", FALSE },
  { "token n3 c5 h7 w1 f0", NMD_OP_TOKEN, wrong_token, "integers*", FALSE },
  { "token n3 c5 h7 w1 f0", NMD_OP_TOKEN_GRAD, wrong_token, "integers*", TRUE },
  { "attention n2 c6 h7 g2", NMD_OP_ATTENTION, wrong_attention_scale, "random*", FALSE },
  { "attention n2 c6 h7 g2", NMD_OP_ATTENTION, wrong_attention_heads, "random*", FALSE },
  { "attention n2 c6 h7 g2", NMD_OP_ATTENTION_GRAD, wrong_attention_grad, "random*",
    TRUE },
};

static void
test_wrong_kernels (void)
{
  g_autoptr (NmdSession) exact = open_device ("reference64");

  for (guint i = 0; i < G_N_ELEMENTS (wrong_kernels); i++)
    {
      NmdBackend backend = nmd_backend_reference;
      g_autoptr (NmdSession) session = NULL;
      g_auto (Built) built = { NULL };
      g_autofree char *problem = NULL, *pattern = NULL;

      backend.read = read_wrong;
      session = nmd_session_open_backend (&backend, 1, NULL);
      build_case (&built, wrong_kernels[i].text);
      wrong_graph = &built;
      wrong_op = wrong_kernels[i].op;
      wrong_kernel = wrong_kernels[i].kernel;
      problem = check (session, exact, &built, 7, 1e-5);
      g_test_message ("%u: %s", i, problem != NULL ? problem : "nothing found");
      if (wrong_kernels[i].message == NULL)
        g_assert_null (problem);
      else
        g_assert_true (problem != NULL
                       && g_pattern_match_simple (wrong_kernels[i].message, problem));
      if (wrong_kernels[i].is_wrong_slope)
        g_assert_cmpfloat (check_gradients (session, &built, 1), >, 1e-2);
    }
}

/* A node whose operation a backend does not know is an error of compile. */
static void
test_known (void)
{
  for (NmdOp op = 0; op < NMD_N_OPS; op++)
    g_assert_true (
        nmd_reference_knows (op)
        == (op != NMD_OP_INPUT && op != NMD_OP_CONSTANT && op != NMD_OP_STORE));
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) devices = nmd_devices_list ();
  const char *isa = g_getenv ("NMD_CPU_ISA"); /* a run that concerns one device alone */

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < devices->len; i++)
    {
      const NmdDevice *device = devices->pdata[i];
      g_autofree char *ops = g_strdup_printf ("/ops/%s", device->name);
      g_autofree char *graphs = g_strdup_printf ("/graphs/%s", device->name);

      if (device->unavailable != NULL || g_str_equal (device->name, "reference64")
          || (isa != NULL && !g_str_equal (device->name, "cpu")))
        continue;
      g_test_add_data_func (ops, device->name, test_device);
      g_test_add_data_func (graphs, device->name, test_device_graphs);
    }
  if (isa != NULL)
    return g_test_run ();
  g_test_add_func ("/gradients/operations", test_differences);
  g_test_add_func ("/gradients/random-graphs", test_random_graphs);
  g_test_add_func ("/wrong/values", test_wrong);
  g_test_add_func ("/wrong/gradient", test_wrong_gradient);
  g_test_add_func ("/wrong/kernels", test_wrong_kernels);
  g_test_add_func ("/ops/known", test_known);
  return g_test_run ();
}
