/* SPDX-License-Identifier: Apache-2.0
 *
 * The CUDA backend on the host (cuda-host): what test-ops does not ask of every backend.
 * Compiled with TEST_DEVICE it asks a real card for the same numbers, and is skipped
 * where there is none. Steps of training in all numerics, captured graphs, the memory
 * plan and its message, a card that is lost, and that nothing is left behind or written
 * beside its place. Numbers of single operations are test-ops'.
 */
#ifndef TEST_DEVICE
#include "engine/backend/cuda/nmd-cuda-products.h"
#include "engine/backend/cuda/nmd-cuda.h"
#include <cudnn.h>
#else
#include "engine/backend/nmd-backend-private.h"
#endif
#include "engine/core/nmd-random.h"
#include "engine/nn/blocks/nmd-blocks.h"
#include "engine/nn/nmd-network.h"

#include <math.h>
#include <string.h>

enum
{
  BATCH = 6,
  STEPS = 4
};

/* --- a network with a bit of everything
 * --------------------------------------------------- */

static NmdNode
build_mixed (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  NmdNode y, gate;

  x = nmd_block_conv (graph, "stem", x, 24, 7, 8, 1, FALSE);
  x = nmd_block_batch_norm (graph, "bn1", x, mode);
  x = nmd_block_activation (graph, "relu1", x, NMD_RELU);
  y = nmd_block_conv (graph, "deep", x, 24, 3, 1, 24, FALSE);
  y = nmd_block_batch_norm (graph, "bn2", y, mode);
  y = nmd_block_activation (graph, "silu", y, NMD_SILU);
  x = nmd_graph_add (graph, NMD_OP_ADD, "sum", NULL, (NmdNode[]){ x, y }, 2);
  gate = nmd_block_reduce (graph, "squeeze", x, NMD_REDUCE_MEAN, NMD_AXES_HW);
  gate = nmd_block_conv (graph, "gate", gate, 24, 1, 1, 1, TRUE);
  gate = nmd_block_activation (graph, "sigmoid", gate, NMD_SIGMOID);
  x = nmd_graph_add (graph, NMD_OP_MULTIPLY, "gated", NULL, (NmdNode[]){ x, gate }, 2);
  x = nmd_block_reduce (graph, "pool", x, NMD_REDUCE_MEAN, NMD_AXES_HW);
  x = nmd_block_flatten (graph, "flatten", x);
  return nmd_block_linear (graph, "fc", x, n_classes);
}

static const NmdNetwork mixed = {
  .name = "mixed",
  .title = "Mixed",
  .note = "For tests",
  .source = "none",
  .cam_layer = "sum",
  .input_size = 64,
  .build = build_mixed,
};

typedef struct
{
  NmdSession *session;
  NmdProgram *program;
  NmdNetworkGraph nodes;
  int batch;
} Training;

static void
training_clear (Training *self)
{
  g_clear_pointer (&self->program, nmd_program_free);
  g_clear_pointer (&self->session, nmd_session_close);
  nmd_network_graph_clear (&self->nodes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Training, training_clear)

/* The CUDA backend with the ending @numerics, or the reference where that is NULL. */
static NmdSession *
open_session (const char *numerics, GError **error)
{
  g_autofree char *name
      = numerics != NULL ? g_strconcat ("cuda", numerics, NULL) : g_strdup ("reference");
#ifndef TEST_DEVICE
  static NmdBackend kept[8]; /* a session keeps a pointer to its table */
  static guint n;
  NmdBackend *backend = &kept[n++ % G_N_ELEMENTS (kept)];

  if (numerics != NULL)
    {
      *backend = nmd_backend_cuda;
      backend->name = g_intern_string (name);
      return nmd_session_open_backend (backend, 1, error);
    }
#endif
  return nmd_session_open (name, 1, error);
}

static gboolean
begin (Training *self, const char *numerics, int batch, GError **error)
{
  const NmdAdamSettings adam
      = { .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 1e-5 };
  g_autoptr (NmdWeights) fresh = nmd_network_init (&mixed, 2, 3);

  memset (self, 0, sizeof *self);
  self->batch = batch;
  self->session = open_session (numerics, error);
  if (self->session == NULL)
    return FALSE;
  g_assert_true (nmd_network_training (&self->nodes, &mixed, 2, batch, &adam, NULL));
  self->program = nmd_session_compile (self->session, self->nodes.graph,
                                       &self->nodes.loss, 1, error);
  return self->program != NULL && nmd_session_load (self->session, fresh, NULL, error);
}

static gboolean
step (Training *self, int number, float *loss, GError **error)
{
  const NmdNetworkGraph *nodes = &self->nodes;
  const gsize n = (gsize)self->batch * 3 * 64 * 64;
  g_autofree float *images = g_new (float, n);
  g_autofree char *id = g_strdup_printf ("0:images:%d:x", number);
  g_autofree float *targets = g_new0 (float, (gsize)self->batch * 2);
  const float lr = 1e-3f, share = 0.1f, t = (float)(number + 1);

  nmd_random_fill (id, images, n);
  for (int i = 0; i < self->batch; i++)
    targets[2 * i + i % 2] = 1;
  return nmd_program_write (self->program, nodes->images, images, error)
         && nmd_program_write (self->program, nodes->targets, targets, error)
         && nmd_program_write (self->program, nodes->lr, &lr, error)
         && nmd_program_write (self->program, nodes->step, &t, error)
         && nmd_program_write (self->program, nodes->share, &share, error)
         && nmd_program_run (self->program, error)
         && nmd_program_read (self->program, nodes->loss, loss, error);
}

/* STEPS losses and then all of the store. */
static NmdWeights *
train (const char *numerics, float *losses)
{
  g_auto (Training) training = { NULL };
  g_autoptr (GError) error = NULL;
  NmdWeights *weights;

  g_assert_true (begin (&training, numerics, BATCH, &error));
  for (int i = 0; i < STEPS; i++)
    step (&training, i, &losses[i], &error);
  g_assert_no_error (error);
  weights = nmd_session_save (training.session, "", &error);
  g_assert_no_error (error);
  return weights;
}

/* ‖a − b‖/‖b‖ over all tensors whose name begins with @prefix; NaN stays. */
static double
distance (const NmdWeights *a, const NmdWeights *b, const char *prefix)
{
  double difference = 0, norm = 0;

  for (guint i = 0; i < nmd_weights_get_n (b); i++)
    {
      const char *name = nmd_weights_get_name (b, i);
      NmdShape shape;
      const float *x = nmd_weights_get (a, name, &shape),
                  *y = nmd_weights_get (b, name, NULL);

      if (!g_str_has_prefix (name, prefix))
        continue;
      for (gsize k = 0; k < nmd_shape_count (&shape); k++)
        {
          const double d = (double)x[k] - (double)y[k];

          difference += d * d;
          norm += (double)y[k] * (double)y[k];
        }
    }
  return sqrt (difference / norm);
}

/* The loss of each step and, in the first moments, its gradients. */
static void
test_training (gconstpointer data)
{
  const gboolean half = g_str_equal (data, "/bf16");
  const gboolean fast = g_str_equal (data, "/fast"); /* ten bits of TF32 */
  const double limit = half ? 2e-2 : fast ? 5e-3 : 1e-4;
  const double limit_gradient = half ? 0.15 : fast ? 2e-2 : 1e-3;
  float expected[STEPS], got[STEPS], again[STEPS];
  g_autoptr (NmdWeights) right = train (NULL, expected);
  g_autoptr (NmdWeights) weights = train (data, got), second = train (data, again);
  const double error = distance (weights, right, "adam");

  g_test_message ("moments differ by %g", error);
  for (int i = 0; i < STEPS; i++)
    {
      g_test_message ("step %d: %.7g, reference %.7g", i, (double)got[i],
                      (double)expected[i]);
      g_assert_true (fabsf (got[i] - expected[i]) <= (float)limit);
    }
  g_assert_true (error <= limit_gradient);
  g_assert_true (memcmp (got, again, sizeof got) == 0);
  g_assert_cmpfloat (distance (weights, second, ""), ==, 0);
  /* bfloat16 is not float32 by another name */
  g_assert_true (!half || error > 1e-4);
}

/* --- patterns
 * ----------------------------------------------------------------------------- */

typedef struct
{
  NmdGraph *graph;
  NmdNode x, outputs[4];
  int n_outputs;
} Pattern;

static void
pattern_clear (Pattern *self)
{
  g_clear_pointer (&self->graph, nmd_graph_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pattern, pattern_clear)

static void
pattern_init (Pattern *self, int n, int c, int h, int w)
{
  *self = (Pattern){ .graph = nmd_graph_new () };
  self->x = nmd_graph_input (self->graph, "x", (int[]){ n, c, h, w }, 4);
}

static void
want (Pattern *self, NmdNode node)
{
  g_assert_cmpint (node, !=, NMD_NODE_NONE);
  self->outputs[self->n_outputs++] = node;
}

/* All leaves from their names and @round; variances are positive. */
static void
fill (const NmdGraph *graph, NmdSession *session, NmdProgram *program, int round)
{
  g_autoptr (GError) error = NULL;

  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (graph, i);
      const gsize n = nmd_shape_count (&node->shape);
      g_autofree char *id = g_strdup_printf ("%d:%s:x", round, node->name);
      g_autofree float *values = g_new (float, n);

      if (node->op != NMD_OP_STORE && node->op != NMD_OP_INPUT)
        continue;
      nmd_random_fill (id, values, n);
      for (gsize k = 0; strstr (node->name, "var") != NULL && k < n; k++)
        values[k] = fabsf (values[k]) + 0.5f;
      if (node->op == NMD_OP_STORE)
        nmd_session_store_write (session, node->name, values, n, &error);
      else
        nmd_program_write (program, i, values, &error);
      g_assert_no_error (error);
    }
}

/* What @numerics gives in a first, a captured and a replayed run, each of other leaves;
 * @steps (nullable) are named one after the other: "a b c". */
static GArray *
compute (const Pattern *self, const char *numerics, const char *steps)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = open_session (numerics, &error);
  g_autoptr (NmdProgram) program = nmd_session_compile (
      session, self->graph, self->outputs, self->n_outputs, &error);
  g_autoptr (GString) names = g_string_new (NULL);
  GArray *all = g_array_new (FALSE, FALSE, sizeof (float));
  const NmdStepInfo *infos;
  int n;

  g_assert_no_error (error);
  infos = nmd_program_get_steps (program, &n);
  for (int i = 0; i < n; i++)
    if (!g_str_equal (infos[i].name, "weights to bfloat16"))
      g_string_append_printf (names, "%s%s", names->len > 0 ? " " : "", infos[i].name);
  if (steps != NULL)
    g_assert_cmpstr (names->str, ==, steps);
  for (int round = 0; round < 3; round++)
    {
      fill (self->graph, session, program, round);
      nmd_program_run (program, &error);
      for (int i = 0; i < self->n_outputs; i++)
        {
          const NmdShape *shape = &nmd_graph_get (self->graph, self->outputs[i])->shape;
          const guint at = all->len;

          g_array_set_size (all, at + (guint)nmd_shape_count (shape));
          nmd_program_read (program, self->outputs[i], &g_array_index (all, float, at),
                            &error);
        }
      g_assert_no_error (error);
    }
  return all;
}

/* On the card, by @steps, @self gives the reference's values, and the same ones twice. */
static void
check_pattern (const Pattern *self, const char *steps)
{
  static const char *const numerics[] = { "", "/bf16" };
  static const double limits[] = { 1e-5, 4e-2 };
  g_autoptr (GArray) right = compute (self, NULL, NULL);

  for (guint k = 0; k < G_N_ELEMENTS (numerics); k++)
    {
      g_autoptr (GArray) got = compute (self, numerics[k], steps);
      g_autoptr (GArray) again = k == 0 ? compute (self, numerics[k], steps) : NULL;
      double worst = 0, top = 0;

      if (again != NULL)
        g_assert_cmpmem (got->data, got->len * sizeof (float), again->data,
                         again->len * sizeof (float));
      for (guint i = 0; i < right->len; i++)
        {
          const double a = (double)g_array_index (got, float, i),
                       b = (double)g_array_index (right, float, i);

          worst = fabs (a - b) <= worst ? worst : fabs (a - b);
          top = MAX (top, fabs (b));
        }
      if (!(worst <= limits[k] * top))
        g_error ("%s%s: differs by %g, largest value %g", steps, numerics[k], worst, top);
    }
}

/* Convolutions of all ways: depthwise, grouped, few channels, pointwise, dense. */
static const struct
{
  int c, out, kernel, stride, groups;
} ways[] = {
  { 8, 8, 3, 1, 8 }, { 6, 6, 5, 2, 6 },   { 6, 6, 7, 1, 6 }, { 8, 12, 3, 1, 2 },
  { 2, 1, 7, 1, 1 }, { 12, 20, 1, 1, 1 }, { 6, 5, 1, 1, 1 }, { 7, 9, 3, 2, 1 },
};

/* A frozen batch norm, the activation behind it and the bias before it are part of the
 * convolution's step, as is an activation alone where that saves a pass. */
static void
test_frozen_norm (void)
{
  for (guint i = 0; i < 4 * G_N_ELEMENTS (ways); i++)
    {
      const gboolean own = i / 4 < 5, bias = i % 2 == 1, norm = i % 4 < 2;
      const NmdActivation kind = (NmdActivation)(i % 6);
      g_auto (Pattern) p = { NULL };
      NmdNode x;

      pattern_init (&p, 2, ways[i / 4].c, 9, 7);
      x = nmd_block_conv (p.graph, "conv", p.x, ways[i / 4].out, ways[i / 4].kernel,
                          ways[i / 4].stride, ways[i / 4].groups, bias);
      if (norm)
        x = nmd_block_batch_norm (p.graph, "bn", x, NMD_MODE_EVALUATION);
      want (&p, nmd_block_activation (p.graph, "act", x, kind));
      check_pattern (&p, own || bias || norm ? "conv" : "conv act");
    }
}

/* What is wanted for itself stays. */
static void
test_kept_values (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    for (int which = 0; which < 4; which++)
      {
        static const char *const steps[]
            = { "conv bn", "conv bn", "conv bn blend", "conv" };
        const NmdAttributes one = { .value = 1 };
        g_auto (Pattern) p = { NULL };
        NmdNode conv, norm, act;

        pattern_init (&p, 2, ways[i].c, 9, 7);
        conv = nmd_block_conv (p.graph, "conv", p.x, ways[i].out, ways[i].kernel,
                               ways[i].stride, ways[i].groups, FALSE);
        norm = nmd_block_batch_norm (p.graph, "bn", conv, NMD_MODE_EVALUATION);
        act = which < 3 ? nmd_block_activation (p.graph, "act", norm, NMD_SILU) : norm;
        want (&p, act);
        if (which == 0)
          want (&p, conv);
        else if (which == 1)
          want (&p, norm);
        else if (which == 2) /* statistics that the program itself renews */
          nmd_graph_add (
              p.graph, NMD_OP_BLEND, "", &one,
              (NmdNode[]){
                  nmd_graph_get (p.graph, norm)->inputs[1],
                  nmd_block_reduce (p.graph, "", conv, NMD_REDUCE_MEAN, NMD_AXES_NHW),
                  nmd_graph_input (p.graph, "share", (int[]){ 1 }, 1) },
              3);
        check_pattern (&p, which == 2 ? NULL : steps[which]);
      }
}

/* A layer and its activation. */
static void
test_linear (void)
{
  g_auto (Pattern) p = { NULL };
  NmdNode x;

  pattern_init (&p, 3, 10, 1, 1);
  x = nmd_block_flatten (p.graph, "flatten", p.x);
  x = nmd_block_activation (p.graph, "gelu", nmd_block_linear (p.graph, "fc1", x, 14),
                            NMD_GELU);
  want (&p, nmd_block_linear (p.graph, "fc2", x, 5));
  check_pattern (&p, "flatten fc1 fc2");
}

/* The maximum beside a mean, over channels or pixels, in either order, is one pass; long
 * sums are cut into parts. Others are not paired. */
static void
test_reduce_pairs (void)
{
  static const int sizes[][4] = { { 2, 8, 9, 7 },  { 3, 5, 40, 33 }, { 1, 70, 16, 16 },
                                  { 2, 1, 11, 6 }, { 2, 40, 1, 1 },  { 4, 33, 2, 3 } };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (sizes); i++)
    for (NmdAxes axes = NMD_AXES_HW; axes <= NMD_AXES_C; axes++)
      {
        const int *size = sizes[i / 2];
        const NmdReduce first = i % 2 == 0 ? NMD_REDUCE_MAX : NMD_REDUCE_MEAN;
        g_auto (Pattern) p = { NULL };
        NmdNode a, b, x;

        pattern_init (&p, size[0], size[1], size[2], size[3]);
        x = nmd_block_activation (p.graph, "x2", p.x, NMD_SILU);
        a = nmd_block_reduce (p.graph, i % 2 == 0 ? "max" : "mean", x, first, axes);
        b = nmd_block_reduce (p.graph, i % 2 == 0 ? "mean" : "max", x,
                              i % 2 == 0 ? NMD_REDUCE_MEAN : NMD_REDUCE_MAX, axes);
        if (i % 4 == 0)
          want (&p, a);
        want (&p, nmd_block_concat (p.graph, "both", b, a));
        check_pattern (&p, "x2 mean both");
      }
}

static void
test_no_pairs (void)
{
  g_auto (Pattern) p = { NULL };
  NmdNode x;

  pattern_init (&p, 2, 6, 5, 4);
  x = nmd_block_activation (p.graph, "x2", p.x, NMD_SILU);
  want (&p, nmd_block_reduce (p.graph, "hw", x, NMD_REDUCE_MAX, NMD_AXES_HW));
  want (&p, nmd_block_reduce (p.graph, "c", x, NMD_REDUCE_MEAN, NMD_AXES_C));
  want (&p, nmd_block_reduce (p.graph, "other", p.x, NMD_REDUCE_MEAN, NMD_AXES_HW));
  want (&p, nmd_block_reduce (p.graph, "sum", x, NMD_REDUCE_SUM, NMD_AXES_C));
  check_pattern (&p, "x2 hw c other sum");
}

/* A gate of channels: [n,c] from one or two vectors, as a map where @flat; or of pixels.
 */
static void
make_gate (Pattern *p, NmdActivation kind, gboolean two, gboolean flat, gboolean pixels)
{
  NmdGraph *graph = p->graph;
  NmdNode gate = p->x, other = p->x;

  gate = nmd_block_reduce (graph, "mean", gate, NMD_REDUCE_MEAN,
                           pixels ? NMD_AXES_C : NMD_AXES_HW);
  if (two)
    other = nmd_block_reduce (graph, "max", other, NMD_REDUCE_MAX,
                              pixels ? NMD_AXES_C : NMD_AXES_HW);
  if (flat)
    gate = nmd_block_flatten (graph, "flat", gate);
  if (flat && two)
    other = nmd_block_flatten (graph, "flat2", other);
  if (two)
    gate = nmd_block_add (graph, "sum", gate, other);
  gate = nmd_block_activation (graph, "gate", gate, kind);
  if (flat)
    gate = nmd_block_unflatten (graph, "map", gate);
  want (p, nmd_block_multiply (graph, "product", p->x, gate));
}

/* The sigmoid, the sum in it and the change of form behind it are the product's. */
static void
test_gates (void)
{
  for (int i = 0; i < 16; i++)
    {
      const gboolean two = (i & 1) != 0, flat = (i & 2) != 0, pixels = (i & 4) != 0;
      g_auto (Pattern) p = { NULL };

      if (flat && pixels)
        continue;
      pattern_init (&p, 2, i < 8 ? 7 : 8, 5, 4);
      make_gate (&p, i < 8 ? NMD_SIGMOID : NMD_HARD_SIGMOID, two, flat, pixels);
      check_pattern (&p, flat && two ? "mean flat flat2 product"
                         : flat      ? "mean flat product"
                                     : "mean product");
    }
}

/* A gate that is wanted for itself, of two products, of another kind, or behind a norm.
 */
static void
test_no_gates (void)
{
  static const char *const steps[]
      = { "mean sum product", "mean sum product", "mean sum product", "mean bn product",
          "mean sum product twice" };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_auto (Pattern) p = { NULL };
      NmdNode mean, sum, gate;

      pattern_init (&p, 2, 6, 5, 4);
      mean = nmd_block_reduce (p.graph, "mean", p.x, NMD_REDUCE_MEAN, NMD_AXES_HW);
      sum = i == 3 ? nmd_block_batch_norm (p.graph, "bn", mean, NMD_MODE_EVALUATION)
                   : nmd_block_add (p.graph, "sum", mean, mean);
      gate = nmd_block_activation (p.graph, "gate", sum, i == 2 ? NMD_RELU : NMD_SIGMOID);
      want (&p, nmd_block_multiply (p.graph, "product", p.x, gate));
      if (i == 0)
        want (&p, gate);
      else if (i == 1)
        want (&p, sum);
      else if (i == 4)
        want (&p, nmd_block_multiply (p.graph, "twice", p.x, gate));
      check_pattern (&p, steps[i]);
    }
}

#ifndef TEST_DEVICE

/* Where cuDNN has nothing to offer, products of unfolded images are the same; so are they
 * in several parts. */
static void
test_refused_convolutions (void)
{
  static const char *const numerics[] = { "", "/bf16" };

  for (guint k = 0; k < 4; k++)
    {
      const gsize bytes = nmd_cuda_unfold_bytes;
      const double limit = k < 2 ? 1e-3 : 0.1;
      float with[STEPS], without[STEPS];
      g_autoptr (NmdWeights) a = train (numerics[k / 2], with), b = NULL;

      cuda_host_refuse_convolutions (TRUE);
      if (k % 2 == 1)
        nmd_cuda_unfold_bytes = 2 * 8 * 8 * 7 * 7 * 3 * sizeof (float); /* two images */
      b = train (numerics[k / 2], without);
      nmd_cuda_unfold_bytes = bytes;
      cuda_host_refuse_convolutions (FALSE);
      for (int i = 0; i < STEPS; i++)
        g_assert_true (fabsf (with[i] - without[i]) <= (float)limit);
      g_assert_true (distance (a, b, "adam") <= limit);
    }
}

static void
test_frozen_norm_refused (void)
{
  cuda_host_refuse_convolutions (TRUE);
  test_frozen_norm ();
  cuda_host_refuse_convolutions (FALSE);
}

/* The first run starts its steps one by one, the second is captured; all later ones are
 * replays. */
static void
test_capture (void)
{
  const long before = cuda_host_get_replays ();
  float losses[STEPS];
  g_autoptr (NmdWeights) weights = train ("", losses);

  g_assert_nonnull (weights);
  g_assert_cmpint (cuda_host_get_replays () - before, ==, STEPS - 1);
}

/* --- memory
 * ------------------------------------------------------------------------------- */

static void
test_nothing_left (void)
{
  float losses[STEPS];
  g_autoptr (NmdWeights) weights = train ("", losses);

  g_assert_nonnull (weights);
  g_assert_cmpuint (cuda_host_get_used (), ==, 0);
  g_assert_cmpint (cuda_host_get_overruns (), ==, 0);
}

static void
test_too_large (void)
{
  g_auto (Training) training = { NULL };
  g_auto (Training) smaller = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GRegex) pattern = g_regex_new (
      "^A batch of 64 needs [0-9.]+.MiB of the graphics card's memory, [0-9.]+.MiB are "
      "free; a batch of ([0-9]+) would fit$",
      0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *fits = NULL;

  cuda_host_set_memory ((gsize)40 << 20); /* 32 of them are cuBLAS's */
  g_assert_false (begin (&training, "", 64, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_MEMORY);
  g_test_message ("%s", error->message);
  g_assert_true (g_regex_match (pattern, error->message, 0, &match));
  fits = g_match_info_fetch (match, 1);
  training_clear (&training);
  g_clear_error (&error);
  g_assert_true (begin (&smaller, "", (int)g_ascii_strtoll (fits, NULL, 10), &error));
  g_assert_no_error (error);
  training_clear (&smaller);
  memset (&smaller, 0, sizeof smaller);
  memset (&training, 0, sizeof training);
  cuda_host_set_memory ((gsize)8 << 30);
  g_assert_cmpuint (cuda_host_get_used (), ==, 0);
}

/* --- a lost card
 * -------------------------------------------------------------------------- */

/* Wherever in the third step it happens, an error says so, everything can be closed, and
 * a session opened later works. */
static void
test_lost (void)
{
  for (long kernel = 0; kernel < 40; kernel += 3)
    {
      g_auto (Training) training = { NULL };
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdWeights) weights = NULL;
      float loss = 0;

      g_assert_true (begin (&training, "", BATCH, &error));
      for (int i = 0; i < 2; i++)
        g_assert_true (step (&training, i, &loss, &error));
      cuda_host_lose_after (kernel);
      g_assert_false (step (&training, 2, &loss, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_DEVICE);
      g_assert_true (strstr (error->message, "unspecified launch failure") != NULL);
      g_clear_error (&error);
      weights = nmd_session_save (training.session, "", &error);
      g_assert_null (weights);
      g_assert_error (error, NMD_ERROR, NMD_ERROR_DEVICE);
      training_clear (&training);
      memset (&training, 0, sizeof training);
      cuda_host_lose_after (-1);
    }
  test_nothing_left ();
}

#else

/* Why nothing of this can be asked; NULL if a card is there. */
static char *
why_not (void)
{
  g_autoptr (GPtrArray) devices = nmd_devices_list ();

  for (guint i = 0; i < devices->len; i++)
    {
      const NmdDevice *device = devices->pdata[i];

      if (g_str_equal (device->name, "cuda"))
        return device->unavailable != NULL
                   ? g_strdup_printf ("no CUDA device: %s", device->unavailable)
                   : NULL;
    }
  g_return_val_if_reached (NULL);
}

static void
test_skipped (gconstpointer reason)
{
  g_test_skip (reason);
}

#endif

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#ifdef TEST_DEVICE
  g_autofree char *reason = why_not ();

  if (reason != NULL)
    {
      g_test_add_data_func ("/device", reason, test_skipped);
      return g_test_run ();
    }
#endif
  g_test_add_data_func ("/cuda/training/strict", "", test_training);
  g_test_add_data_func ("/cuda/training/fast", "/fast", test_training);
  g_test_add_data_func ("/cuda/training/bf16", "/bf16", test_training);
  g_test_add_func ("/cuda/patterns/frozen-norm", test_frozen_norm);
  g_test_add_func ("/cuda/patterns/kept-values", test_kept_values);
  g_test_add_func ("/cuda/patterns/linear", test_linear);
  g_test_add_func ("/cuda/patterns/reduce-pairs", test_reduce_pairs);
  g_test_add_func ("/cuda/patterns/no-pairs", test_no_pairs);
  g_test_add_func ("/cuda/patterns/gates", test_gates);
  g_test_add_func ("/cuda/patterns/no-gates", test_no_gates);
#ifndef TEST_DEVICE
  g_test_add_func ("/cuda-host/refused-convolutions", test_refused_convolutions);
  g_test_add_func ("/cuda-host/frozen-norm-refused", test_frozen_norm_refused);
  g_test_add_func ("/cuda-host/capture", test_capture);
  g_test_add_func ("/cuda-host/memory/nothing-left", test_nothing_left);
  g_test_add_func ("/cuda-host/memory/too-large", test_too_large);
  g_test_add_func ("/cuda-host/lost", test_lost);
#endif
  return g_test_run ();
}
