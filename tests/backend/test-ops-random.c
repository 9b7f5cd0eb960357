/* SPDX-License-Identifier: Apache-2.0
 *
 * Random graphs of all operations for test-ops: gradients by central differences, and devices
 * against the reference.
 */
#include "tests/backend/test-ops.h"

#include "engine/core/nmd-random.h"

#include <string.h>

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

/* Bilinear, not by a whole factor. */
static NmdNode
odd_enlarging (Built *self, NmdNode x)
{
  NmdAttributes at = { .shape = nmd_graph_get (self->graph, x)->shape };

  at.shape.dims[2] = 2 * at.shape.dims[2] + 1;
  at.shape.dims[3] = 2 * at.shape.dims[3] - 1;
  return add (self, NMD_OP_ENLARGE, &at, &x, 1);
}

/* A maximum over windows, or enlarged in both ways while it is small. */
static NmdNode
random_pooling (Built *self, NmdRandom *stream, NmdNode x)
{
  const int side = nmd_graph_get (self->graph, x)->shape.dims[2];
  const NmdAttributes at = {
    .kernel = 3, .stride = side > 3 ? 1 + below (stream, 2) : 1, .padding = 1, .factor = 2
  };
  const gboolean enlarge = side < 5 && below (stream, 2) != 0;

  x = add (self, enlarge ? NMD_OP_UPSAMPLE : NMD_OP_MAX_POOL, &at, &x, 1);
  return enlarge ? odd_enlarging (self, x) : x;
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

void
test_random_graphs (void)
{
  static const NmdOp differentiable[] = {
    NMD_OP_CONV,          NMD_OP_LINEAR,
    NMD_OP_BATCH_NORM,    NMD_OP_LAYER_NORM,
    NMD_OP_ACTIVATION,    NMD_OP_ADD,
    NMD_OP_MULTIPLY,      NMD_OP_SCALE,
    NMD_OP_REDUCE,        NMD_OP_MULTIPLY_REDUCE,
    NMD_OP_BROADCAST,     NMD_OP_MAX_POOL,
    NMD_OP_UPSAMPLE,      NMD_OP_ENLARGE,
    NMD_OP_TOKENS,        NMD_OP_TOKEN,
    NMD_OP_ATTENTION,     NMD_OP_RESHAPE,
    NMD_OP_CONCAT,        NMD_OP_SLICE,
    NMD_OP_SHUFFLE,       NMD_OP_SOFTMAX,
    NMD_OP_CROSS_ENTROPY,
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
void
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
