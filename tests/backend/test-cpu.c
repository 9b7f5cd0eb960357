/* SPDX-License-Identifier: Apache-2.0
 *
 * Random small networks with all their gradients, on the CPU backend against the
 * reference: what single operations cannot show, namely fusion, concatenations in place,
 * slices of slices, memory that is shared, groups that depend on each other, one to four
 * threads.
 */
#include "networks.h"

#include "engine/backend/cpu/kernels/nmd-kernels.h"
#include "engine/nn/nmd-network.h"

#include <math.h>

static void
check_network (guint64 seed, gboolean back_too)
{
  Outputs out;
  g_autoptr (NmdGraph) graph = network_make (seed, back_too, &out);
  g_autoptr (GArray) want = network_compute ("reference", 1, graph, &out);
  double top = 0, own = -1;
  for (guint j = 0; j < want->len; j++)
    top = MAX (top, fabs ((double)g_array_index (want, float, j)));
  for (int run = 0; run < 5; run++)
    {
      /* the last one hands values from group to group by copies, as bfloat16 is */
      const gboolean copies = run == 4;
      const int threads = copies ? 1 + (int)(seed % 4) : run + 1;
      if (copies)
        g_setenv ("NMD_CPU_NARROW", "copy", TRUE);
      g_autoptr (GArray) got
          = network_compute (copies ? "cpu/bf16" : "cpu", threads, graph, &out);
      g_unsetenv ("NMD_CPU_NARROW");
      const double worst = network_difference (got, want);
      g_assert_cmpuint (got->len, ==, want->len);
      if (!(worst <= 1e-4 * top) && own < 0)
        own = network_sensitivity (seed, graph, &out, want);
      if (!(worst <= MAX (1e-4 * MAX (top, 1e-3), own)))
        g_error ("network %" G_GUINT64_FORMAT
                 ", %d threads%s: differs by %g, largest value %g",
                 seed, threads, copies ? ", copies" : "", worst, top);
    }
}

static void
test_random_networks (void)
{
  const guint64 first = g_test_rand_int_range (0, 1 << 20);
  const int count = g_test_thorough () ? 3000 : 150;
  for (int i = 0; i < count; i++)
    {
      /* every third with bands of a few rows, as large images have them; two in five
       * without gradients */
      if (i % 3 == 0)
        g_setenv ("NMD_CPU_CACHE", "512", TRUE);
      else
        g_unsetenv ("NMD_CPU_CACHE");
      /* half of them always the same, half of them fresh */
      check_network (i % 2 ? (guint64)i : first + (guint64)i, i % 5 < 3);
    }
  g_unsetenv ("NMD_CPU_CACHE");
}

/* Networks that once failed with AVX2: 566214 multiplies the slope of a saturated sigmoid
 * by a million and has a dense 1×1 convolution of stride 2, whose weight gradient oneDNN
 * 2.6.3 computes wrongly; 847283 is ill-conditioned. */
static void
test_known_networks (void)
{
  static const guint64 seeds[] = { 566214, 847283 };
  for (guint i = 0; i < G_N_ELEMENTS (seeds); i++)
    for (int cache = 0; cache < 2; cache++)
      for (int back_too = 0; back_too < 2; back_too++)
        {
          if (cache)
            g_setenv ("NMD_CPU_CACHE", "512", TRUE);
          check_network (seeds[i], back_too);
          g_unsetenv ("NMD_CPU_CACHE");
        }
}

/* The same bits on every run and in every session with as many threads. */
static void
test_same_bits (void)
{
  for (guint64 seed = 0; seed < 20; seed++)
    {
      Outputs out;
      g_autoptr (NmdGraph) graph = network_make (seed, seed % 2 == 0, &out);
      for (int threads = 1; threads <= 3; threads++)
        {
          g_autoptr (GArray) a = network_compute ("cpu", threads, graph, &out);
          g_autoptr (GArray) b = network_compute ("cpu", threads, graph, &out);
          g_assert_cmpmem (a->data, a->len * sizeof (float), b->data,
                           b->len * sizeof (float));
        }
    }
}

/* Values of @outputs of two runs in a row, with fresh weights, random images and targets of 0 and 1. */
static GArray *
compute_outlines (const char *device,
                  int threads,
                  const NmdNetwork *network,
                  const NmdNetworkGraph *built,
                  const Outputs *out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = nmd_session_open (device, threads, &error);
  g_autoptr (NmdProgram) program
      = nmd_session_compile (session, built->graph, out->nodes, out->n, &error);
  g_autoptr (NmdWeights) weights = nmd_network_init (network, 2, 1);
  GArray *values = g_array_new (FALSE, FALSE, sizeof (float));
  g_assert_no_error (error);
  g_assert_true (nmd_session_load (session, weights, NULL, &error));
  for (int i = 0; i < 3; i++)
    {
      const NmdNode node = i == 0   ? built->images
                           : i == 1 ? built->targets
                                    : built->share;
      if (node == NMD_NODE_NONE)
        continue;
      const gsize n = nmd_shape_count (&nmd_graph_get (built->graph, node)->shape);
      g_autofree float *input = g_new (float, n);
      nmd_random_fill ("outlines", input, n);
      for (gsize k = 0; i == 1 && k < n; k++)
        input[k] = input[k] > 0.5f;
      g_assert_true (nmd_program_write (program, node, input, &error));
    }
  for (int run = 0; run < 2; run++)
    {
      g_assert_true (nmd_program_run (program, &error));
      for (int i = 0; i < out->n; i++)
        {
          const gsize n
              = nmd_shape_count (&nmd_graph_get (built->graph, out->nodes[i])->shape);
          const guint at = values->len;
          g_array_set_size (values, at + (guint)n);
          g_assert_true (nmd_program_read (program, out->nodes[i],
                                           &g_array_index (values, float, at), &error));
        }
    }
  return values;
}

/* A network for outlines, in images too few for the threads and enough, in bands and whole:
 * what it gives is the reference's within @limit of the largest value, the same bits again. */
static void
check_outlines (const NmdNetwork *network,
                const NmdNetworkGraph *built,
                const Outputs *out,
                double limit)
{
  g_autoptr (GArray) want = compute_outlines ("reference", 2, network, built, out);
  double top = 0;
  for (guint j = 0; j < want->len; j++)
    top = MAX (top, fabs ((double)g_array_index (want, float, j)));
  for (int run = 0; run < 6; run++)
    {
      if (run >= 3)
        g_setenv ("NMD_CPU_CACHE", "512", TRUE);
      g_autoptr (GArray) got = compute_outlines ("cpu", 1 + run % 3, network, built, out);
      g_autoptr (GArray) again
          = compute_outlines ("cpu", 1 + run % 3, network, built, out);
      g_unsetenv ("NMD_CPU_CACHE");
      g_assert_cmpmem (got->data, got->len * sizeof (float), again->data,
                       again->len * sizeof (float));
      const double worst = network_difference (got, want);
      if (!(worst <= limit * top))
        g_error ("run %d: differs by %g, largest value %g", run, worst, top);
    }
}

static void
test_outlines (void)
{
  NmdNetwork network = *nmd_network_find ("ghostunet", NULL);
  const char *const last[]
      = { "d:logits.weight", "d:decoder.3.pw.conv.weight", "d:decoder.2.dw.weight" };
  g_autoptr (GError) error = NULL;
  g_auto (NmdNetworkGraph) training = { NULL };
  Outputs out = { .n = 1 };
  network.input_size = 64;
  for (int batch = 1; batch <= 3; batch += 2)
    {
      g_auto (NmdNetworkGraph) built = { NULL };
      nmd_network_inference (&built, &network, 2, batch, &error);
      g_assert_no_error (error);
      out.nodes[0] = built.scores;
      check_outlines (&network, &built, &out, 1e-4);
    }
  network.input_size = 128;
  nmd_network_training (&training, &network, 2, 2, NULL, &error);
  g_assert_no_error (error);
  out.nodes[0] = training.loss;
  for (guint i = 0; i < G_N_ELEMENTS (last); i++)
    out.nodes[out.n++] = nmd_graph_find (training.graph, last[i]);
  check_outlines (&network, &training, &out, 1e-3);
}

/* Small values everywhere, variances about 1. */
static void
fill_evenly (NmdSession *session, NmdProgram *program, const NmdGraph *graph)
{
  for (int i = 0; i < nmd_graph_get_n_nodes (graph); i++)
    {
      const NmdNodeInfo *info = nmd_graph_get (graph, i);
      const gsize n = nmd_shape_count (&info->shape);
      g_autofree float *values = g_new (float, n);

      for (gsize j = 0; j < n; j++)
        values[j] = 0.01f * (float)(j % 7) - 0.03f
                    + (g_str_has_suffix (info->name, "running_var") ? 1 : 0);
      if (info->op == NMD_OP_INPUT)
        nmd_program_write (program, i, values, NULL);
      else if (info->op == NMD_OP_STORE)
        nmd_session_store_write (session, info->name, values, n, NULL);
    }
}

/* A network of dense convolutions, compiled for more threads than it is run with: oneDNN 2.6 with AVX-512 has no
 * primitive for fewer threads in the order of weights that more had chosen. */
static void
test_set_threads_dense (void)
{
  const NmdNetwork *network = nmd_network_find ("cspnet", NULL);
  g_autoptr (GError) error = NULL;
  g_auto (NmdNetworkGraph) built = { NULL };
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", 6, &error);
  float first[2], scores[2];

  nmd_network_inference (&built, network, 2, 1, &error);
  g_assert_no_error (error);
  g_autoptr (NmdProgram) program
      = nmd_session_compile (session, built.graph, &built.scores, 1, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 4; i++)
    {
      const int threads[] = { 6, 1, 2, 6 };

      nmd_session_set_threads (session, threads[i]);
      fill_evenly (session, program, built.graph);
      nmd_program_run (program, &error);
      g_assert_no_error (error);
      g_assert_true (nmd_program_read (program, built.scores, scores, &error));
      for (int j = 0; j < 2; j++)
        g_assert_cmpfloat_with_epsilon (scores[j], i == 0 ? scores[j] : first[j], 1e-5);
      if (i == 0)
        memcpy (first, scores, sizeof first);
    }
}

/* Fewer threads from the next run on give what a session of so many gives; more are not
 * more than the machine has. */
static void
test_set_threads (void)
{
  Outputs out;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdGraph) graph = network_make (3, TRUE, &out);
  const NmdNode y = out.nodes[0];
  const gsize n = nmd_shape_count (&nmd_graph_get (graph, y)->shape);
  g_autofree float *a = g_new (float, n), *b = g_new (float, n);
  for (int threads = 1; threads <= 3; threads++)
    {
      g_autoptr (NmdSession) few = nmd_session_open ("cpu", threads, &error);
      g_autoptr (NmdSession) many = nmd_session_open ("cpu", 3, &error);
      g_autoptr (NmdProgram) p = nmd_session_compile (few, graph, &y, 1, &error);
      g_autoptr (NmdProgram) q = nmd_session_compile (many, graph, &y, 1, &error);
      g_assert_no_error (error);
      network_fill (few, p, graph);
      network_fill (many, q, graph);
      nmd_session_set_threads (many, 2);
      g_assert_true (nmd_program_run (q, &error));
      nmd_session_set_threads (many, threads);
      network_fill (many, q, graph);
      g_assert_true (nmd_program_run (p, &error) && nmd_program_run (q, &error));
      g_assert_true (nmd_program_read (p, y, a, &error)
                     && nmd_program_read (q, y, b, &error));
      g_assert_cmpmem (a, n * sizeof (float), b, n * sizeof (float));
    }
}

static gpointer
compute_in_thread (gpointer data)
{
  Outputs out;
  g_autoptr (NmdGraph) graph = network_make (5, TRUE, &out);
  return network_compute ("cpu", GPOINTER_TO_INT (data), graph, &out);
}

/* Sessions in threads of their own do not disturb each other. */
static void
test_sessions_at_once (void)
{
  g_autoptr (GArray) one = compute_in_thread (GINT_TO_POINTER (1));
  g_autoptr (GArray) two = compute_in_thread (GINT_TO_POINTER (2));
  for (int i = 0; i < 10; i++)
    {
      GThread *a = g_thread_new ("one", compute_in_thread, GINT_TO_POINTER (1));
      GThread *b = g_thread_new ("two", compute_in_thread, GINT_TO_POINTER (2));
      g_autoptr (GArray) got_one = g_thread_join (a);
      g_autoptr (GArray) got_two = g_thread_join (b);
      g_assert_cmpmem (one->data, one->len * sizeof (float), got_one->data,
                       got_one->len * sizeof (float));
      g_assert_cmpmem (two->data, two->len * sizeof (float), got_two->data,
                       got_two->len * sizeof (float));
    }
}

/* Folded weights follow the store; a profile names every step. */
static void
test_weights_follow_the_store (void)
{
  const NmdAttributes at = { .stride = 1, .groups = 1, .epsilon = 0 };
  const float one[4] = { 1, 1, 1, 1 }, two[4] = { 2, 2, 2, 2 };
  float y[4];
  int n;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdGraph) graph = nmd_graph_new ();
  NmdNode in[5] = { nmd_graph_input (graph, "x", (int[]){ 1, 1, 2, 2 }, 4),
                    nmd_graph_store (graph, "w", TRUE, (int[]){ 1, 1, 1, 1 }, 4) };
  in[0] = nmd_graph_add (graph, NMD_OP_CONV, "", &at, in, 2);
  in[1] = nmd_graph_store (graph, "mean", FALSE, (int[]){ 1 }, 1);
  in[2] = nmd_graph_store (graph, "variance", FALSE, (int[]){ 1 }, 1);
  in[3] = nmd_graph_store (graph, "gamma", TRUE, (int[]){ 1 }, 1);
  in[4] = nmd_graph_store (graph, "beta", TRUE, (int[]){ 1 }, 1);
  in[0] = nmd_graph_add (graph, NMD_OP_BATCH_NORM, "", &at, in, 5);
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", 2, &error);
  g_autoptr (NmdProgram) program = nmd_session_compile (session, graph, in, 1, &error);
  g_assert_no_error (error);
  nmd_program_write (program, 0, two, &error);
  for (int i = 0; i < 3; i++)
    nmd_session_store_write (session, ((const char *[]){ "w", "variance", "gamma" })[i],
                             one, 1, &error);
  nmd_program_set_profiling (program, TRUE);
  for (int run = 0; run < 4; run++)
    {
      /* a parameter at a time */
      if (run > 0)
        nmd_session_store_write (
            session, ((const char *[]){ "w", "gamma", "beta" })[run - 1], two, 1, &error);
      g_assert_true (nmd_program_run (program, &error)
                     && nmd_program_read (program, in[0], y, &error));
      for (int i = 0; i < 4; i++)
        g_assert_cmpfloat (y[i], ==, ((float[]){ 2, 4, 8, 10 })[run]);
    }
  for (const NmdStepInfo *s = nmd_program_get_steps (program, &n), *end = s + n; s < end;
       s++)
    g_assert_true (s->name && *s->name && s->seconds >= 0 && s->bytes > 0);
  g_assert_cmpint (n, ==, 2);
}

/* What is too small for a normal number is 0 for every thread that computes, and a number for the caller. */
static void
test_subnormal (void)
{
  const NmdAttributes at = { .stride = 1, .groups = 1 };
  const gsize n = 4 * 16 * 16;
  const float one = 1;
  volatile float tiny = 1e-39f, half = 0.5f;
  g_autofree float *x = g_new (float, n);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdGraph) graph = nmd_graph_new ();
  const NmdNode in[2] = { nmd_graph_input (graph, "x", (int[]){ 4, 1, 16, 16 }, 4),
                          nmd_graph_store (graph, "w", TRUE, (int[]){ 1, 1, 1, 1 }, 4) };
  const NmdNode y = nmd_graph_add (graph, NMD_OP_CONV, "", &at, in, 2);
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", 4, &error);
  g_autoptr (NmdProgram) program = nmd_session_compile (session, graph, &y, 1, &error);

  g_assert_no_error (error);
  for (gsize i = 0; i < n; i++)
    x[i] = tiny;
  nmd_session_store_write (session, "w", &one, 1, &error);
  nmd_program_write (program, in[0], x, &error);
  g_assert_true (nmd_program_run (program, &error)
                 && nmd_program_read (program, y, x, &error));
  g_assert_true (tiny * half > 0);
#if defined(__SSE__) || defined(__aarch64__)
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat (x[i], ==, 0);
#else
  g_test_skip ("this processor has no switch that is known");
#endif
}

/* Patterns */

/* conv (@kernel 1: pointwise to @co channels, else depthwise) and batch norm of its
 * output. */
static NmdNode
conv_norm (Maker *m, NmdNode x, int co, int kernel, gboolean frozen)
{
  const NmdAttributes at = {
    .stride = 1, .padding = kernel / 2, .groups = kernel == 1 ? 1 : co, .epsilon = 0.1
  };
  const int ci = kernel == 1 ? maker_shape (m, x)->dims[1] : 1;
  g_autofree char *mean = g_strdup_printf ("mean%d", m->names),
                  *variance = g_strdup_printf ("variance%d", m->names++);
  NmdNode in[5] = { x, maker_leaf (m, 4, co, ci, kernel, kernel) };
  in[0] = nmd_graph_add (m->graph, NMD_OP_CONV, "", &at, in, 2);
  in[1] = frozen ? nmd_graph_store (m->graph, mean, FALSE, &co, 1)
                 : nmd_graph_add (m->graph, NMD_OP_BATCH_MEAN, "", NULL, in, 1);
  in[2] = frozen ? nmd_graph_store (m->graph, variance, FALSE, &co, 1)
                 : nmd_graph_add (m->graph, NMD_OP_BATCH_VARIANCE, "", NULL, in, 2);
  in[3] = maker_leaf (m, 1, co, 1, 1, 1);
  in[4] = maker_leaf (m, 1, co, 1, 1, 1);
  return nmd_graph_add (m->graph, NMD_OP_BATCH_NORM, "", &at, in, 5);
}

static NmdNode
act (Maker *m, NmdNode x, NmdActivation kind)
{
  const NmdAttributes at = { .activation = kind, .value = 0.1 };
  return maker_add (m, NMD_OP_ACTIVATION, &at, x, NMD_NODE_NONE);
}

/* An inverted residual with squeeze-and-excite (Tan and Le 2019) and all its gradients,
 * or with @frozen batch norm and none. */
static NmdGraph *
make_inverted_residual (int n, int c, int size, int kernel, gboolean frozen, Outputs *out)
{
  const NmdAttributes mean = { .reduce = NMD_REDUCE_MEAN, .axes = NMD_AXES_HW },
                      one = { .stride = 1, .groups = 1 };
  Maker m = { .graph = nmd_graph_new () };
  NmdNode gradients[NETWORK_MOST], y, g, dy;
  g_autoptr (GError) error = NULL;
  nmd_random_init (&m.random, "inverted residual");
  const NmdNode x = maker_leaf (&m, 4, n, c, size, size);
  y = act (&m, conv_norm (&m, x, 3 * c, 1, frozen), NMD_SILU);
  y = act (&m, conv_norm (&m, y, 3 * c, kernel, frozen), NMD_SILU);
  g = maker_add (&m, NMD_OP_REDUCE, &mean, y, NMD_NODE_NONE);
  g = nmd_graph_add (m.graph, NMD_OP_CONV, "", &one,
                     (NmdNode[]){ g, maker_leaf (&m, 4, 2, 3 * c, 1, 1),
                                  maker_leaf (&m, 1, 2, 1, 1, 1) },
                     3);
  g = act (&m, g, NMD_SILU);
  g = nmd_graph_add (m.graph, NMD_OP_CONV, "", &one,
                     (NmdNode[]){ g, maker_leaf (&m, 4, 3 * c, 2, 1, 1),
                                  maker_leaf (&m, 1, 3 * c, 1, 1, 1) },
                     3);
  y = maker_add (&m, NMD_OP_MULTIPLY, NULL, y, act (&m, g, NMD_SIGMOID));
  y = maker_add (&m, NMD_OP_ADD, NULL, conv_norm (&m, y, c, 1, frozen), x);
  out->n = 0;
  out->nodes[out->n++] = y;
  if (frozen)
    return m.graph;
  dy = nmd_graph_input (m.graph, "dy", maker_shape (&m, y)->dims, 4);
  nmd_graph_differentiate (m.graph, y, dy, m.leaves, m.n_leaves, gradients, &error);
  g_assert_no_error (error);
  for (int i = 0; i < m.n_leaves; i++)
    out->nodes[out->n++] = gradients[i];
  return m.graph;
}

/* CBAM's gates (Woo et al. 2018) on a sum. */
static NmdGraph *
make_attention (int n, int c, int size, Outputs *out)
{
  const NmdAttributes seven = { .stride = 1, .padding = 3, .groups = 1 };
  NmdAttributes reduce = { .axes = NMD_AXES_HW };
  Maker m = { .graph = nmd_graph_new () };
  NmdNode stats[2], in[2], y, gate;
  nmd_random_init (&m.random, "attention");
  y = maker_leaf (&m, 4, n, c, size, size);
  y = maker_add (&m, NMD_OP_ADD, NULL, y, maker_leaf (&m, 4, n, c, size, size));
  for (int i = 0; i < 2; i++)
    {
      reduce.reduce = i == 0 ? NMD_REDUCE_MAX : NMD_REDUCE_MEAN;
      stats[i] = maker_add (&m, NMD_OP_REDUCE, &reduce, y, NMD_NODE_NONE);
    }
  gate = act (&m, maker_add (&m, NMD_OP_ADD, NULL, stats[0], stats[1]), NMD_SIGMOID);
  y = maker_add (&m, NMD_OP_MULTIPLY, NULL, y, gate);
  reduce.axes = NMD_AXES_C;
  for (int i = 0; i < 2; i++)
    {
      reduce.reduce = i == 0 ? NMD_REDUCE_MAX : NMD_REDUCE_MEAN;
      stats[i] = maker_add (&m, NMD_OP_REDUCE, &reduce, y, NMD_NODE_NONE);
    }
  in[0] = maker_add (&m, NMD_OP_CONCAT, NULL, stats[1], stats[0]);
  in[1] = maker_leaf (&m, 4, 1, 2, 7, 7);
  gate = act (&m, nmd_graph_add (m.graph, NMD_OP_CONV, "", &seven, in, 2), NMD_SIGMOID);
  out->n = 1;
  out->nodes[0] = maker_add (&m, NMD_OP_MULTIPLY, NULL, y, gate);
  return m.graph;
}

static int
count_steps (NmdProgram *program, const char *name)
{
  int n, found = 0;
  const NmdStepInfo *s = nmd_program_get_steps (program, &n);
  for (int i = 0; i < n; i++)
    found += g_str_equal (s[i].name, name);
  return found;
}

/* Batch norm, SiLU and gate are no values of their own: they are made where they are
 * read, once in each direction, and the argument of SiLU is nowhere stored. */
static void
test_training_patterns (void)
{
  static const struct
  {
    const char *name;
    int count;
  } wanted[] = {
    { "batch norm, activation", 4 },
    { "batch norm", 1 },
    { "activation", 2 }, /* the squeezed one, whose argument its gradient needs */
    { "activation, gradient", 2 },
    { "gate", 2 },
    { "gate and mean, gradient", 1 },
    { "repeat", 0 },
    { "multiply", 0 },
    { "batch norm, gradient sums", 3 },
    { "batch norm, data gradient", 3 },
  };
  Outputs out;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) got = NULL, want = NULL;
  g_autoptr (NmdGraph) graph = make_inverted_residual (8, 16, 32, 3, FALSE, &out);
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", 2, &error);
  g_autoptr (NmdProgram) program
      = nmd_session_compile (session, graph, out.nodes, out.n, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (wanted); i++)
    if (count_steps (program, wanted[i].name) != wanted[i].count)
      g_error ("%d steps %s instead of %d", count_steps (program, wanted[i].name),
               wanted[i].name, wanted[i].count);
  /* in units of the widest value, of which there are two convolution outputs and two
   * gradients at a time */
  const gsize unit = sizeof (float) * 8 * 48 * 32 * 32;
  g_test_message ("%.2f units", (double)nmd_program_get_bytes (program) / (double)unit);
  g_assert_cmpuint (nmd_program_get_bytes (program), <, 6 * unit);
}

/* What any number of threads computes is what the reference computes. */
static void
compare_with_reference (const NmdGraph *graph, const Outputs *out)
{
  g_autoptr (GArray) want = network_compute ("reference", 1, graph, out);
  for (int threads = 1; threads <= 4; threads++)
    {
      g_autoptr (GArray) got = network_compute ("cpu", threads, graph, out);
      double worst = 0, top = 0;
      for (guint j = 0; j < want->len; j++)
        {
          const double a = (double)g_array_index (got, float, j),
                       b = (double)g_array_index (want, float, j);
          worst = fabs (a - b) <= worst ? worst : fabs (a - b);
          top = MAX (top, fabs (b));
        }
      if (!(worst <= 1e-5 * top))
        g_error ("%d threads: differs by %g, largest value %g", threads, worst, top);
    }
}

/* Images larger than the cache go through bands of rows. */
static void
test_bands (void)
{
  Outputs out;
  g_autoptr (NmdGraph) graph = make_inverted_residual (3, 17, 45, 3, FALSE, &out);
  compare_with_reference (graph, &out);
}

/* Images whose gates and statistics are made where they are read, fewer of them than
 * threads, which divide rows, pixels or channels, and more. */
static void
test_shared_images (void)
{
  for (int n = 1; n <= 3; n++)
    for (int c = 3; c < 50; c += 13)
      {
        Outputs out;
        g_autoptr (NmdGraph) graph = make_attention (n, c, 6 + c / 4, &out);
        compare_with_reference (graph, &out);
      }
  for (int n = 1; n <= 3; n++)
    for (int i = 0; i < 8; i++)
      {
        static const struct
        {
          int c, size;
          const char *cache;
        } cases[] = { { 160, 7, "1000000" }, { 24, 14, "1000000" }, { 5, 56, "1000000" },
                      { 136, 9, "1000000" }, { 24, 14, "512" },     { 11, 19, "20000" },
                      { 7, 17, "60000" },    { 6, 8, "1" } };
        Outputs out;
        g_setenv ("NMD_CPU_CACHE", cases[i].cache, TRUE);
        g_autoptr (NmdGraph) graph = make_inverted_residual (n, cases[i].c, cases[i].size,
                                                             i % 2 ? 5 : 3, TRUE, &out);
        compare_with_reference (graph, &out);
      }
  g_unsetenv ("NMD_CPU_CACHE");
}

/* Frozen batch norm and any activation are part of the convolution. */
static void
test_inference_patterns (void)
{
  for (int kernel = 1; kernel <= 3; kernel += 2)
    for (int kind = NMD_RELU; kind <= NMD_GELU; kind++)
      {
        Maker m = { .graph = nmd_graph_new () };
        g_autoptr (NmdGraph) graph = m.graph;
        g_autoptr (GError) error = NULL;
        nmd_random_init (&m.random, "inference");
        const NmdNode x = nmd_graph_input (m.graph, "x", (int[]){ 2, 6, 5, 5 }, 4);
        const NmdNode y = act (&m, conv_norm (&m, x, 6, kernel, TRUE), kind);
        g_autoptr (NmdSession) session = nmd_session_open ("cpu", 2, &error);
        g_autoptr (NmdProgram) program
            = nmd_session_compile (session, graph, &y, 1, &error);
        int n;
        g_assert_no_error (error);
        nmd_program_get_steps (program, &n);
        g_assert_cmpint (n, ==, 2);
        g_assert_cmpint (count_steps (program, "weights"), ==, 1);
      }
}

/* A gate is no step of its own where the next product's weights are few, CBAM's two are
 * one; a large expansion is made row by row where it is read. */
static void
test_fused_inference (void)
{
  static const struct
  {
    const char *name;
    int attention, few_weights, many_weights;
  } wanted[] = {
    { "gate", 0, 0, 1 },
    { "gates", 1, 0, 0 },
    { "mean and maximum", 1, 0, 0 },
    { "maximum", 1, 0, 0 },
    { "mean", 1, 1, 1 },
    { "depthwise", 0, 0, 1 },
    { "pointwise and depthwise", 0, 1, 0 },
  };
  if (nmd_kernels_get ()->width == 1)
    {
      g_test_skip ("the plain C kernels pack no weights, so no gate is part of them");
      return;
    }
  g_setenv ("NMD_CPU_CACHE", "50000", TRUE);
  for (int i = 0; i < 3; i++)
    {
      Outputs out;
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdGraph) graph
          = i == 0 ? make_attention (1, 20, 14, &out)
                   : make_inverted_residual (1, i == 1 ? 24 : 160, i == 1 ? 14 : 7, 3,
                                             TRUE, &out);
      g_autoptr (NmdSession) session = nmd_session_open ("cpu", 2, &error);
      g_autoptr (NmdProgram) program
          = nmd_session_compile (session, graph, out.nodes, out.n, &error);
      g_assert_no_error (error);
      for (gsize k = 0; k < G_N_ELEMENTS (wanted); k++)
        g_assert_cmpint (count_steps (program, wanted[k].name), ==,
                         i == 0   ? wanted[k].attention
                         : i == 1 ? wanted[k].few_weights
                                  : wanted[k].many_weights);
    }
  g_unsetenv ("NMD_CPU_CACHE");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cpu/random-networks", test_random_networks);
  g_test_add_func ("/cpu/known-networks", test_known_networks);
  g_test_add_func ("/cpu/same-bits", test_same_bits);
  g_test_add_func ("/cpu/outlines", test_outlines);
  g_test_add_func ("/cpu/set-threads", test_set_threads);
  g_test_add_func ("/cpu/set-threads-dense", test_set_threads_dense);
  g_test_add_func ("/cpu/sessions-at-once", test_sessions_at_once);
  g_test_add_func ("/cpu/weights-follow-the-store", test_weights_follow_the_store);
  g_test_add_func ("/cpu/subnormal", test_subnormal);
  g_test_add_func ("/cpu/training-patterns", test_training_patterns);
  g_test_add_func ("/cpu/inference-patterns", test_inference_patterns);
  g_test_add_func ("/cpu/fused-inference", test_fused_inference);
  g_test_add_func ("/cpu/bands", test_bands);
  g_test_add_func ("/cpu/shared-images", test_shared_images);
  return g_test_run ();
}
