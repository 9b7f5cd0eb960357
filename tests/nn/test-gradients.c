/* SPDX-License-Identifier: Apache-2.0
 *
 * Gradients and values of operations, worked out by hand, on the reference backend.
 */
#include "engine/backend/nmd-session.h"

#include <math.h>
#include <string.h>

static NmdNode
input (NmdGraph *graph, const char *name, int n, int c, int h, int w)
{
  return nmd_graph_input (graph, name, (const int[]){ n, c, h, w }, 4);
}

static NmdNode
matrix (NmdGraph *graph, const char *name, int n, int c)
{
  return nmd_graph_input (graph, name, (const int[]){ n, c }, 2);
}

static NmdNode
vector (NmdGraph *graph, const char *name, int c)
{
  return nmd_graph_input (graph, name, &c, 1);
}

/* Gradients */

/* Values of @node when the inputs are as given. */
static void
evaluate (NmdGraph *graph,
          const NmdNode *inputs,
          const float *const *values,
          int n,
          NmdNode node,
          float *out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = nmd_session_open ("reference", 1, &error);
  g_autoptr (NmdProgram) program = NULL;

  g_assert_no_error (error);
  program = nmd_session_compile (session, graph, &node, 1, &error);
  g_assert_no_error (error);
  for (int i = 0; i < n; i++)
    g_assert_true (nmd_program_write (program, inputs[i], values[i], &error));
  g_assert_true (nmd_program_run (program, &error));
  g_assert_true (nmd_program_read (program, node, out, &error));
}

/* y = x·wᵀ, w = [1 2; 3 4], x = [5 6], dy = [1 10]: dx = [31 42], dw = dyᵀ·x. */
static void
test_linear (void)
{
  g_autoptr (NmdGraph) graph = nmd_graph_new ();
  NmdNode in[3] = { matrix (graph, "x", 1, 2), matrix (graph, "w", 2, 2),
                    matrix (graph, "dy", 1, 2) };
  const float *values[3] = { (const float[]){ 5, 6 }, (const float[]){ 1, 2, 3, 4 },
                             (const float[]){ 1, 10 } };
  NmdNode y = nmd_graph_add (graph, NMD_OP_LINEAR, "y", NULL, in, 2), gradients[2];
  float dx[2], dw[4];

  g_assert_true (nmd_graph_differentiate (graph, y, in[2], in, 2, gradients, NULL));
  g_assert_cmpint (nmd_graph_find (graph, "d:x"), ==, gradients[0]);
  g_assert_cmpint (nmd_graph_find (graph, "d:w"), ==, gradients[1]);
  evaluate (graph, in, values, 3, gradients[0], dx);
  evaluate (graph, in, values, 3, gradients[1], dw);
  g_assert_cmpfloat (dx[0], ==, 31);
  g_assert_cmpfloat (dx[1], ==, 42);
  g_assert_cmpmem (dw, sizeof dw, ((const float[]){ 5, 6, 50, 60 }), sizeof dw);
}

/* Maximum over [3 7 | 7 1]: the first 7 in row order gets the gradient. */
static void
test_maximum_tie (void)
{
  g_autoptr (NmdGraph) graph = nmd_graph_new ();
  NmdNode in[2] = { input (graph, "x", 1, 1, 2, 2), input (graph, "dy", 1, 1, 1, 1) };
  const float *values[2] = { (const float[]){ 3, 7, 7, 1 }, (const float[]){ 5 } };
  const NmdAttributes at = { .reduce = NMD_REDUCE_MAX, .axes = NMD_AXES_HW };
  NmdNode y = nmd_graph_add (graph, NMD_OP_REDUCE, "y", &at, in, 1), dx;
  float got[4];

  g_assert_true (nmd_graph_differentiate (graph, y, in[1], in, 1, &dx, NULL));
  evaluate (graph, in, values, 2, dx, got);
  g_assert_cmpmem (got, sizeof got, ((const float[]){ 0, 5, 0, 0 }), sizeof got);
}

/* y = x·x + x at an inner node: dy/dx = 2x + 1, contributions of three uses added. */
static void
test_accumulation (void)
{
  g_autoptr (NmdGraph) graph = nmd_graph_new ();
  NmdNode in[2] = { vector (graph, "x0", 2), vector (graph, "dy", 2) }, x, y, dx;
  const float *values[2] = { (const float[]){ 3, -2 }, (const float[]){ 1, 1 } };
  float got[2];

  x = nmd_graph_add (graph, NMD_OP_SCALE, "x", &(NmdAttributes){ .value = 2 }, in, 1);
  y = nmd_graph_add (graph, NMD_OP_MULTIPLY, "square", NULL, (NmdNode[]){ x, x }, 2);
  y = nmd_graph_add (graph, NMD_OP_ADD, "y", NULL, (NmdNode[]){ y, x }, 2);
  g_assert_true (nmd_graph_differentiate (graph, y, in[1], &x, 1, &dx, NULL));
  /* x0 was not asked for, so nothing was added for it */
  g_assert_cmpint (nmd_graph_find (graph, "d:x0"), ==, NMD_NODE_NONE);
  evaluate (graph, in, values, 2, dx, got);
  g_assert_cmpfloat (got[0], ==, 13); /* x = 6 */
  g_assert_cmpfloat (got[1], ==, -7); /* x = −4 */
}

/* Two images of one channel and one pixel, x = [1 3]: mean 2, variance 1, x̂ = ∓1 (ε 0).
 * With dy = [1 2]: dβ = 3, dγ = 1, dx = γ(dy − 1.5 − x̂·0.5) = 0; frozen: dx = γ·dy. */
static void
test_batch_norm (void)
{
  for (int frozen = 0; frozen < 2; frozen++)
    {
      g_autoptr (NmdGraph) graph = nmd_graph_new ();
      NmdNode in[6] = { input (graph, "x", 2, 1, 1, 1), input (graph, "dy", 2, 1, 1, 1),
                        vector (graph, "gamma", 1),     vector (graph, "beta", 1),
                        vector (graph, "mean", 1),      vector (graph, "variance", 1) };
      const float *values[6]
          = { (const float[]){ 1, 3 }, (const float[]){ 1, 2 }, (const float[]){ 4 },
              (const float[]){ 9 },    (const float[]){ 2 },    (const float[]){ 1 } };
      NmdNode mean = in[4], variance = in[5], y, gradients[3];
      float dx[2], dgamma, dbeta;

      if (!frozen)
        {
          mean = nmd_graph_add (graph, NMD_OP_BATCH_MEAN, "m", NULL, in, 1);
          variance = nmd_graph_add (graph, NMD_OP_BATCH_VARIANCE, "v", NULL,
                                    (NmdNode[]){ in[0], mean }, 2);
        }
      y = nmd_graph_add (graph, NMD_OP_BATCH_NORM, "y", NULL,
                         (NmdNode[]){ in[0], mean, variance, in[2], in[3] }, 5);
      g_assert_true (nmd_graph_differentiate (
          graph, y, in[1], (NmdNode[]){ in[0], in[2], in[3] }, 3, gradients, NULL));
      evaluate (graph, in, values, frozen ? 6 : 4, gradients[0], dx);
      evaluate (graph, in, values, frozen ? 6 : 4, gradients[1], &dgamma);
      evaluate (graph, in, values, frozen ? 6 : 4, gradients[2], &dbeta);
      g_assert_cmpfloat (dx[0], ==, frozen ? 4 : 0);
      g_assert_cmpfloat (dx[1], ==, frozen ? 8 : 0);
      g_assert_cmpfloat (dgamma, ==, 1);
      g_assert_cmpfloat (dbeta, ==, 3);
    }
}

/* Logits 0 0, target 1 0: loss log 2, gradient (softmax − t)/n = (−1/2, 1/2). */
static void
test_loss (void)
{
  g_autoptr (NmdGraph) graph = nmd_graph_new ();
  NmdNode in[3] = { matrix (graph, "z", 1, 2), matrix (graph, "t", 1, 2),
                    vector (graph, "one", 1) };
  const float *values[3]
      = { (const float[]){ 0, 0 }, (const float[]){ 1, 0 }, (const float[]){ 1 } };
  NmdNode y = nmd_graph_add (graph, NMD_OP_CROSS_ENTROPY, "loss", NULL, in, 2), dz;
  float loss, got[2];

  g_assert_true (nmd_graph_differentiate (graph, y, in[2], in, 1, &dz, NULL));
  evaluate (graph, in, values, 3, y, &loss);
  evaluate (graph, in, values, 3, dz, got);
  g_assert_cmpfloat (loss, ==, (float)G_LN2);
  g_assert_cmpfloat (got[0], ==, -0.5f);
  g_assert_cmpfloat (got[1], ==, 0.5f);
}

/* Six channels in two groups, 0 1 2 | 3 4 5, come out as 0 3 1 4 2 5. */
static void
test_shuffle (void)
{
  g_autoptr (NmdGraph) graph = nmd_graph_new ();
  NmdNode x = input (graph, "x", 1, 6, 1, 1);
  const float *values[1] = { (const float[]){ 0, 1, 2, 3, 4, 5 } };
  const NmdAttributes at = { .groups = 2 };
  float got[6];

  evaluate (graph, &x, values, 1, nmd_graph_add (graph, NMD_OP_SHUFFLE, "y", &at, &x, 1),
            got);
  g_assert_cmpmem (got, sizeof got, ((const float[]){ 0, 3, 1, 4, 2, 5 }), sizeof got);
}

/* One step of Adam from zero moments with β = 0.5, 0.75, ε = 1, decay 0.5, w = 2, dw = 1:
 * g = 2, m = 1, v = 1; corrected at t = 1: 2 and 4, so w −= lr·2/(2 + 1); at t = 2: 4/3
 * and 16/7. */
static void
test_adam (void)
{
  for (int t = 1; t <= 2; t++)
    {
      g_autoptr (NmdGraph) graph = nmd_graph_new ();
      const NmdAttributes at
          = { .beta1 = 0.5, .beta2 = 0.75, .epsilon = 1, .decay = 0.5 };
      const int one = 1;
      g_autoptr (NmdSession) session = nmd_session_open ("reference", 1, NULL);
      g_autoptr (NmdProgram) program = NULL;
      NmdNode in[6];
      float w = 2, m, v;

      in[0] = nmd_graph_store (graph, "w", TRUE, &one, 1);
      in[1] = vector (graph, "dw", 1);
      in[2] = nmd_graph_store (graph, "m", FALSE, &one, 1);
      in[3] = nmd_graph_store (graph, "v", FALSE, &one, 1);
      in[4] = vector (graph, "lr", 1);
      in[5] = vector (graph, "t", 1);
      nmd_graph_add (graph, NMD_OP_ADAM, "adam", &at, in, 6);
      program = nmd_session_compile (session, graph, NULL, 0, NULL);
      nmd_session_store_write (session, "w", &w, 1, NULL);
      nmd_program_write (program, in[1], (const float[]){ 1 }, NULL);
      nmd_program_write (program, in[4], (const float[]){ 0.3f }, NULL);
      nmd_program_write (program, in[5], (const float[]){ (float)t }, NULL);
      g_assert_true (nmd_program_run (program, NULL));
      nmd_session_store_read (session, "w", &w, 1, NULL);
      nmd_session_store_read (session, "m", &m, 1, NULL);
      nmd_session_store_read (session, "v", &v, 1, NULL);
      g_assert_cmpfloat (m, ==, 1);
      g_assert_cmpfloat (v, ==, 1);
      if (t == 1)
        g_assert_cmpfloat (fabs ((double)w - (2 - 0.3 * 2 / 3)), <, 1e-6);
      else
        g_assert_cmpfloat (
            fabs ((double)w - (2 - 0.3 * (4.0 / 3) / (sqrt (16.0 / 7) + 1))), <, 1e-6);
    }
}

/* Values and a gradient of one operation with one input, worked out by hand. */
static void
expect (NmdOp op,
        const NmdAttributes *at,
        const int *dims,
        const float *x,
        const float *dy,
        const float *y,
        const float *dx)
{
  g_autoptr (NmdGraph) graph = nmd_graph_new ();
  NmdNode in[2] = { nmd_graph_input (graph, "x", dims, 4) }, value, gradient;
  const float *values[2] = { x, dy };
  gsize n, n_value;

  value = nmd_graph_add (graph, op, "y", at, in, 1);
  in[1] = nmd_graph_input (graph, "dy", nmd_graph_get (graph, value)->shape.dims,
                           nmd_graph_get (graph, value)->shape.n_dims);
  n = nmd_shape_count (&nmd_graph_get (graph, in[0])->shape);
  n_value = nmd_shape_count (&nmd_graph_get (graph, value)->shape);
  g_autofree float *got = g_new (float, MAX (n, n_value));
  g_assert_true (nmd_graph_differentiate (graph, value, in[1], in, 1, &gradient, NULL));
  evaluate (graph, in, values, 1, value, got);
  for (gsize i = 0; i < n_value; i++)
    g_assert_cmpfloat_with_epsilon (got[i], y[i], 1e-6f);
  evaluate (graph, in, values, 2, gradient, got);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (got[i], dx[i], 1e-6f);
}

static void
test_activations (void)
{
  const int dims[4] = { 1, 1, 1, 5 };
  const float ones[5] = { 1, 1, 1, 1, 1 }, x[5] = { -4, -1, 0, 2, 3 };
  NmdAttributes at = { .activation = NMD_LEAKY_RELU, .value = 0.25 };

  expect (NMD_OP_ACTIVATION, &at, dims, x, ones, (const float[]){ -1, -0.25f, 0, 2, 3 },
          (const float[]){ 0.25f, 0.25f, 0.25f, 1, 1 });
  at.activation = NMD_HARD_SIGMOID;
  expect (NMD_OP_ACTIVATION, &at, dims, x, ones,
          (const float[]){ 0, 1 / 3.f, 0.5f, 5 / 6.f, 1 },
          (const float[]){ 0, 1 / 6.f, 1 / 6.f, 1 / 6.f, 0 });
  /* x/(1 + e⁻ˣ), with σ(1) = 0.73105858, σ(2) = 0.88079708, σ(3) = 0.95257413 */
  at.activation = NMD_SILU;
  expect (NMD_OP_ACTIVATION, &at, dims, (const float[]){ -1, 0, 1, 2, 3 }, ones,
          (const float[]){ -0.26894142f, 0, 0.73105858f, 1.76159416f, 2.85772238f },
          (const float[]){ 0.07232949f, 0.5f, 0.92767051f, 1.09078425f, 1.08810410f });
  /* x·Φ(x), Φ(1) = 0.84134475, Φ(2) = 0.97724987, φ(1) = 0.24197072, φ(2) = 0.05399097 */
  at.activation = NMD_GELU;
  expect (NMD_OP_ACTIVATION, &at, dims, (const float[]){ -2, -1, 0, 1, 2 }, ones,
          (const float[]){ -0.04550026f, -0.15865525f, 0, 0.84134475f, 1.95449974f },
          (const float[]){ -0.08523181f, -0.08331547f, 0.5f, 1.08331547f, 1.08523181f });
}

/* Window 2, stride 1, padding 1 on [1 3; 3 -2]: places outside never win, and the 3 in
 * the first row wins over its equal. */
static void
test_max_pool (void)
{
  const int dims[4] = { 1, 1, 2, 2 }, pair[4] = { 1, 1, 1, 2 };
  NmdAttributes at = { .kernel = 2, .stride = 1, .padding = 1 };

  expect (NMD_OP_MAX_POOL, &at, dims, (const float[]){ 1, 3, 3, -2 },
          (const float[]){ 1, 10, 100, 1000, 1e4f, 1e5f, 1, 2, 3 },
          (const float[]){ 1, 3, 3, 3, 3, 3, 3, 3, -2 },
          (const float[]){ 1, 110110, 1003, 3 });
  at = (NmdAttributes){ .factor = 2 };
  expect (NMD_OP_UPSAMPLE, &at, pair, (const float[]){ 5, 7 },
          (const float[]){ 1, 2, 3, 4, 5, 6, 7, 8 },
          (const float[]){ 5, 5, 7, 7, 5, 5, 7, 7 }, (const float[]){ 14, 22 });
}

/* A row of two pixels to one of four: sources −1/4 1/4 3/4 5/4, the ends repeated; two rows
 * of the same. To three: −1/6 1/2 7/6. */
static void
test_enlarge (void)
{
  const int pair[4] = { 1, 1, 1, 2 }, square[4] = { 1, 1, 2, 2 };
  NmdAttributes at = { .shape = { 4, { 1, 1, 2, 4 } } };

  expect (
      NMD_OP_ENLARGE, &at, pair, (const float[]){ 4, 8 },
      (const float[]){ 1, 10, 100, 1000, 2, 20, 200, 2000 },
      (const float[]){ 4, 5, 7, 8, 4, 5, 7, 8 },
      (const float[]){ 3 + 30 * 0.75f + 300 * 0.25f, 30 * 0.25f + 300 * 0.75f + 3000 });
  at.shape = (NmdShape){ 4, { 1, 1, 3, 3 } };
  expect (NMD_OP_ENLARGE, &at, square, (const float[]){ 0, 4, 8, 16 },
          (const float[]){ 0, 0, 0, 0, 4, 0, 0, 0, 1 },
          (const float[]){ 0, 2, 4, 4, 7, 10, 8, 12, 16 }, (const float[]){ 1, 1, 1, 2 });
}

/* Two images of two pixels. The first: z = 0 ln 3, t = 1 0, so p = 1/2 3/4; cross entropies
 * ln 2 and ln 4; A = 2·1/2 + 1 = 2, B = 5/4 + 1 + 1 = 13/4. The second: nothing is there and
 * the logits are −100: cross entropy and Dice loss 0 (within float). */
static void
test_pixel_losses (void)
{
  const int dims[4] = { 2, 1, 1, 2 }, one = 1;
  const float z[4] = { 0, 1.0986123f, -100, -100 }, t[4] = { 1, 0, 0, 0 }, half = 0.5f;
  const float *values[3] = { z, t, &half };
  const double b = 13.0 / 4, dice = 1 - 2 / b;
  const double slopes[2][2]
      = { { -0.5, 0.75 }, { 0.25 * (2 / b - 2) / b, 0.1875 * 2 / b / b } };

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (NmdGraph) graph = nmd_graph_new ();
      NmdNode in[3] = { nmd_graph_input (graph, "z", dims, 4),
                        nmd_graph_input (graph, "t", dims, 4),
                        nmd_graph_input (graph, "dy", &one, 1) },
              y, dz;
      float loss, got[4];

      y = nmd_graph_add (graph, i == 0 ? NMD_OP_PIXEL_CROSS_ENTROPY : NMD_OP_DICE_LOSS,
                         "loss", NULL, in, 2);
      g_assert_true (nmd_graph_differentiate (graph, y, in[2], in, 1, &dz, NULL));
      evaluate (graph, in, values, 3, y, &loss);
      evaluate (graph, in, values, 3, dz, got);
      g_assert_cmpfloat_with_epsilon (loss, i == 0 ? 3 * G_LN2 / 4 : dice / 2, 1e-6);
      for (int k = 0; k < 2; k++)
        g_assert_cmpfloat_with_epsilon ((double)got[k],
                                        0.5 * slopes[i][k] / (i == 0 ? 4 : 2), 1e-6);
      g_assert_cmpfloat_with_epsilon (got[2], 0, 1e-30f);
      g_assert_cmpfloat_with_epsilon (got[3], 0, 1e-30f);
    }
}

/* One head of one channel, two tokens: q = 0 ln 3, k = 0 1, v = 4 8. Token 0 weighs both
 * equally, token 1 as 1 : 3. Backwards from dy = 1 0: dv = ½ ½, dP = 4 8, dS = ½(4 − 6)
 * ½(8 − 6) = −1 1, dq_0 = Σ dS·k = 1, dk = dS·q_0 = 0. */
static void
test_attention (void)
{
  const int dims[4] = { 1, 3, 2, 1 };
  const NmdAttributes at = { .groups = 1 };
  const float ln3 = 1.0986123f;

  expect (NMD_OP_ATTENTION, &at, dims, (const float[]){ 0, ln3, 0, 1, 4, 8 },
          (const float[]){ 1, 0 }, (const float[]){ 6, 7 },
          (const float[]){ 1, 0, 0, 0, 0.5f, 0.5f });
}

static void
test_refused_gradients (void)
{
  g_autoptr (NmdGraph) graph = nmd_graph_new ();
  g_autoptr (GError) error = NULL;
  NmdNode z = matrix (graph, "z", 2, 2), t = matrix (graph, "t", 2, 2);
  NmdNode one = vector (graph, "one", 1), aside = matrix (graph, "aside", 2, 2);
  NmdNode loss
      = nmd_graph_add (graph, NMD_OP_CROSS_ENTROPY, "loss", NULL, (NmdNode[]){ z, t }, 2);
  NmdNode gradient;

  g_assert_false (nmd_graph_differentiate (graph, loss, one, &t, 1, &gradient, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==,
                   "Node loss (cross-entropy) has no gradient by what lies before it");
  g_clear_error (&error);
  g_assert_false (nmd_graph_differentiate (graph, loss, z, &z, 1, &gradient, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==, "Node loss is 1, its gradient is 2 × 2");
  g_clear_error (&error);
  g_assert_true (
      nmd_graph_differentiate (graph, loss, one, &aside, 1, &gradient, &error));
  g_assert_cmpint (gradient, ==, NMD_NODE_NONE);
  /* a second derivative is not there */
  g_assert_true (nmd_graph_differentiate (graph, loss, one, &z, 1, &gradient, &error));
  g_assert_false (nmd_graph_differentiate (graph, gradient, gradient, &z, 1, &t, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gradient/linear", test_linear);
  g_test_add_func ("/gradient/maximum-tie", test_maximum_tie);
  g_test_add_func ("/gradient/accumulation", test_accumulation);
  g_test_add_func ("/gradient/batch-norm", test_batch_norm);
  g_test_add_func ("/gradient/loss", test_loss);
  g_test_add_func ("/gradient/activations", test_activations);
  g_test_add_func ("/gradient/pooling", test_max_pool);
  g_test_add_func ("/gradient/enlarge", test_enlarge);
  g_test_add_func ("/gradient/pixel-losses", test_pixel_losses);
  g_test_add_func ("/gradient/attention", test_attention);
  g_test_add_func ("/value/shuffle", test_shuffle);
  g_test_add_func ("/value/adam", test_adam);
  g_test_add_func ("/gradient/refused", test_refused_gradients);
  return g_test_run ();
}
