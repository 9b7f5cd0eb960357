/* SPDX-License-Identifier: Apache-2.0
 *
 * Backends and kernels that are wrong on purpose: test-ops has to find each.
 */
#include "tests/backend/test-ops.h"

#include "engine/backend/nmd-backend-private.h"
#include "engine/backend/reference/nmd-reference-ops.h"

#include <math.h>
#include <string.h>

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

void
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

void
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

/* Kernels that are wrong on purpose */

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

/* Edges that wrap around: the last row of each plane gets some of what is the first one's. */
static void
wrong_enlarge_grad (NmdReferenceStep *step, NmdNodeInfo *node)
{
  const int h = node->shape.dims[2], w = node->shape.dims[3];
  double *plane = step->out;

  nmd_reference_compute (step);
  for (int p = 0; p < node->shape.dims[0] * node->shape.dims[1]; p++, plane += h * w)
    for (int j = 0; j < w; j++)
      {
        plane[(h - 1) * w + j] += plane[j] / 2;
        plane[j] /= 2;
      }
}

/* Pixel centres at i rather than i + 1/2: everything lies a little too far up. */
static void
wrong_enlarge (NmdReferenceStep *step, NmdNodeInfo *node)
{
  const int h = node->shape.dims[2], w = node->shape.dims[3];

  nmd_reference_compute (step);
  memmove (step->out, step->out + w, (gsize)((h - 1) * w) * sizeof (double));
}

/* Sums over the batch rather than over each image. */
static void
wrong_dice (NmdReferenceStep *step, NmdNodeInfo *node)
{
  NmdShape whole = *step->shape[0];

  whole.dims[1] *= whole.dims[0];
  whole.dims[0] = 1;
  step->shape[0] = &whole;
  nmd_reference_compute (step);
}

/* As if both halves of the Dice quotient had the same slope. */
static void
wrong_dice_grad (NmdReferenceStep *step, NmdNodeInfo *node)
{
  nmd_reference_compute (step);
  for (gsize i = 0; i < nmd_shape_count (&node->shape); i++)
    step->out[i] *= step->in[2][i];
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
  { "enlarge n2 c3 h5 w7 f2", NMD_OP_ENLARGE, wrong_enlarge, "integers*", FALSE },
  { "enlarge n2 c3 h5 w7 f2", NMD_OP_ENLARGE_GRAD, wrong_enlarge_grad, "integers*",
    FALSE },
  { "dice-loss n3 c1 h5 w7 b1", NMD_OP_DICE_LOSS, wrong_dice, "random*", FALSE },
  { "dice-loss n3 c1 h5 w7 b1", NMD_OP_DICE_LOSS_GRAD, wrong_dice_grad, "random*", TRUE },
  { "tokens n3 c5 h3 w2", NMD_OP_TOKENS, wrong_tokens, "integers*", FALSE },
  { "token n3 c5 h7 w1 f0", NMD_OP_TOKEN, wrong_token, "integers*", FALSE },
  { "token n3 c5 h7 w1 f0", NMD_OP_TOKEN_GRAD, wrong_token, "integers*", TRUE },
  { "attention n2 c6 h7 g2", NMD_OP_ATTENTION, wrong_attention_scale, "random*", FALSE },
  { "attention n2 c6 h7 g2", NMD_OP_ATTENTION, wrong_attention_heads, "random*", FALSE },
  { "attention n2 c6 h7 g2", NMD_OP_ATTENTION_GRAD, wrong_attention_grad, "random*",
    TRUE },
};

void
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
