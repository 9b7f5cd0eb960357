/* SPDX-License-Identifier: Apache-2.0
 *
 * Random small networks with all their gradients, on the CPU backend against the
 * reference: what single operations cannot show, namely fusion, concatenations in place,
 * slices of slices, memory that is shared, groups that depend on each other, one to four
 * threads.
 */
#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-random.h"

#include <float.h>
#include <math.h>

#define MOST 64

typedef struct
{
  NmdGraph *graph;
  NmdRandom random;
  NmdNode pool[MOST]; /* images and vectors so far */
  int n_pool;
  NmdNode leaves[MOST]; /* inputs and store tensors that want gradients */
  int n_leaves;
  int names;
} Maker;

static int
draw (Maker *m, int n)
{
  return (int)nmd_random_below (&m->random, (guint64)n);
}

static const NmdShape *
shape_of (const Maker *m, NmdNode node)
{
  return &nmd_graph_get (m->graph, node)->shape;
}

/* A leaf: store tensors and inputs in turn. */
static NmdNode
leaf (Maker *m, int n_dims, int a, int b, int c, int d)
{
  const int dims[4] = { a, b, c, d };
  g_autofree char *name = g_strdup_printf ("leaf%d", m->names++);
  const NmdNode node = draw (m, 3) && n_dims != 0
                           ? nmd_graph_store (m->graph, name, TRUE, dims, n_dims)
                           : nmd_graph_input (m->graph, name, dims, n_dims);
  m->leaves[m->n_leaves++] = node;
  return node;
}

static NmdNode
add (Maker *m, NmdOp op, const NmdAttributes *at, NmdNode a, NmdNode b)
{
  const NmdNode inputs[2] = { a, b };
  return nmd_graph_add (m->graph, op, "", at, inputs, b == NMD_NODE_NONE ? 1 : 2);
}

static NmdNode
conv (Maker *m, NmdNode x)
{
  static const int kernels[] = { 1, 1, 3, 5, 2 };
  const NmdShape s = *shape_of (m, x);
  const int k = kernels[draw (m, 5)], c = s.dims[1], kind = draw (m, 3);
  NmdAttributes at
      = { .stride = draw (m, 3) == 0 ? 2 : 1, .padding = k / 2, .groups = 1 };
  int co = 1 + draw (m, 9);
  NmdNode in[3] = { x };
  if (kind == 0)
    at.groups = co = c;
  if (kind == 1 && c % 2 == 0)
    {
      at.groups = 2;
      co = 2 * co;
    }
  if (s.dims[2] + 2 * at.padding < k || s.dims[3] + 2 * at.padding < k)
    return x;
  in[1] = leaf (m, 4, co, c / at.groups, k, k);
  if (draw (m, 2))
    in[2] = leaf (m, 1, co, 1, 1, 1);
  return nmd_graph_add (m->graph, NMD_OP_CONV, "", &at, in, in[2] ? 3 : 2);
}

static NmdNode
norm (Maker *m, NmdNode x)
{
  const NmdAttributes at = { .epsilon = 0.1 };
  const int c = shape_of (m, x)->dims[1];
  NmdNode in[5] = { x };
  if (draw (m, 3))
    {
      in[1] = nmd_graph_add (m->graph, NMD_OP_BATCH_MEAN, "", NULL, in, 1);
      in[2] = nmd_graph_add (m->graph, NMD_OP_BATCH_VARIANCE, "", NULL, in, 2);
    }
  else
    {
      g_autofree char *mean = g_strdup_printf ("mean%d", m->names);
      g_autofree char *variance = g_strdup_printf ("variance%d", m->names++);
      in[1] = nmd_graph_store (m->graph, mean, FALSE, &c, 1);
      in[2] = nmd_graph_store (m->graph, variance, FALSE, &c, 1);
    }
  in[3] = leaf (m, 1, c, 1, 1, 1);
  in[4] = leaf (m, 1, c, 1, 1, 1);
  return nmd_graph_add (m->graph, NMD_OP_BATCH_NORM, "", &at, in, 5);
}

static NmdNode
gate (Maker *m, NmdNode x)
{
  const NmdShape s = *shape_of (m, x);
  NmdAttributes at = { .reduce = (NmdReduce)draw (m, 3),
                       .axes = draw (m, 2) ? NMD_AXES_C : NMD_AXES_HW };
  NmdNode g = add (m, NMD_OP_REDUCE, &at, x, NMD_NODE_NONE);
  if (at.axes == NMD_AXES_HW && draw (m, 2))
    {
      const NmdAttributes flat = { .shape = { 2, { s.dims[0], s.dims[1], 1, 1 } } };
      const NmdAttributes back = { .shape = { 4, { s.dims[0], s.dims[1], 1, 1 } } };
      const NmdNode in[3]
          = { add (m, NMD_OP_RESHAPE, &flat, g, NMD_NODE_NONE),
              leaf (m, 2, s.dims[1], s.dims[1], 1, 1), leaf (m, 1, s.dims[1], 1, 1, 1) };
      g = nmd_graph_add (m->graph, NMD_OP_LINEAR, "", NULL, in, 3);
      g = add (m, NMD_OP_RESHAPE, &back, g, NMD_NODE_NONE);
    }
  at.activation = draw (m, 2) ? NMD_SIGMOID : NMD_HARD_SIGMOID;
  g = add (m, NMD_OP_ACTIVATION, &at, g, NMD_NODE_NONE);
  return add (m, NMD_OP_MULTIPLY, NULL, x, g);
}

/* Another image of the pool of x's size, c aside where @any_c. */
static NmdNode
like (Maker *m, NmdNode x, gboolean any_c)
{
  for (int tries = 0; tries < 20; tries++)
    {
      const NmdNode y = m->pool[draw (m, m->n_pool)];
      NmdShape a = *shape_of (m, x), b = *shape_of (m, y);
      if (any_c)
        a.dims[1] = b.dims[1] = 1;
      if (nmd_shape_equal (&a, &b))
        return y;
    }
  return x;
}

static NmdNode
form (Maker *m, NmdNode x)
{
  const NmdShape s = *shape_of (m, x);
  const int c = s.dims[1];
  NmdAttributes at = { 0 };
  switch (draw (m, 5))
    {
    case 0:
      at.from = draw (m, c);
      at.count = 1 + draw (m, c - at.from);
      return add (m, NMD_OP_SLICE, &at, x, NMD_NODE_NONE);
    case 1:
      at.groups = c % 3 == 0 ? 3 : c % 2 == 0 ? 2 : 1;
      return add (m, NMD_OP_SHUFFLE, &at, x, NMD_NODE_NONE);
    case 2:
      at.shape = (NmdShape){ 4, { s.dims[0], c * s.dims[2], s.dims[3], 1 } };
      return add (m, NMD_OP_RESHAPE, &at, x, NMD_NODE_NONE);
    case 3:
      at.value = -1.5;
      return add (m, NMD_OP_SCALE, &at, x, NMD_NODE_NONE);
    default:
      return c < 30 ? add (m, NMD_OP_CONCAT, NULL, x, like (m, x, TRUE)) : x;
    }
}

static NmdNode
step (Maker *m, NmdNode x)
{
  NmdAttributes at = { .activation = (NmdActivation)draw (m, 6), .value = 0.1 };
  switch (draw (m, 8))
    {
    case 0:
    case 1:
      return conv (m, x);
    case 2:
      return norm (m, x);
    case 3:
      return add (m, NMD_OP_ACTIVATION, &at, norm (m, conv (m, x)), NMD_NODE_NONE);
    case 4:
      return gate (m, x);
    case 5:
      return add (m, NMD_OP_ADD, NULL, x, like (m, x, FALSE));
    case 6:
      return add (m, NMD_OP_ACTIVATION, &at, x, NMD_NODE_NONE);
    default:
      return form (m, x);
    }
}

typedef struct
{
  NmdNode nodes[2 * MOST];
  int n;
} Outputs;

/* A random network; if @back_too its gradients by all leaves and updates of some of them.
 */
static NmdGraph *
make (guint64 seed, gboolean back_too, Outputs *out)
{
  Maker m = { .graph = nmd_graph_new () };
  g_autoptr (GError) error = NULL;
  NmdNode gradients[MOST], x, dy;
  g_autofree char *name = g_strdup_printf ("%" G_GUINT64_FORMAT ":network", seed);
  nmd_random_init (&m.random, name);
  x = leaf (&m, 4, 1 + draw (&m, 5), 1 + draw (&m, 20), 1 + draw (&m, 9),
            1 + draw (&m, 9));
  m.pool[m.n_pool++] = x;
  while (m.n_pool < 9 && m.n_leaves < MOST - 8)
    {
      const int back = 1 + draw (&m, 2);
      m.pool[m.n_pool] = step (&m, m.pool[MAX (0, m.n_pool - back)]);
      m.n_pool++;
      nmd_graph_check (m.graph, &error);
      g_assert_no_error (error);
    }
  x = m.pool[m.n_pool - 1];
  out->n = 0;
  out->nodes[out->n++] = x;
  for (int i = 0; i < m.n_pool; i++)
    if (draw (&m, 5) == 0)
      out->nodes[out->n++] = m.pool[i];
  if (!back_too)
    return m.graph;
  dy = nmd_graph_input (m.graph, "dy", shape_of (&m, x)->dims, shape_of (&m, x)->n_dims);
  nmd_graph_differentiate (m.graph, x, dy, m.leaves, m.n_leaves, gradients, &error);
  g_assert_no_error (error);
  for (int i = 0; i < m.n_leaves; i++)
    {
      const NmdAttributes at = { .value = 1 };
      const NmdNode in[3] = { m.leaves[i], gradients[i],
                              nmd_graph_input (m.graph, "share", (int[]){ 1 }, 1) };
      if (gradients[i] == NMD_NODE_NONE)
        continue;
      if (draw (&m, 2) || nmd_graph_get (m.graph, m.leaves[i])->op != NMD_OP_STORE)
        out->nodes[out->n++] = gradients[i];
      else
        nmd_graph_add (m.graph, NMD_OP_BLEND, "", &at, in, 3);
    }
  return m.graph;
}

/* Which of the ways all values are moved by a rounding or two, each its own way; 0: none. */
static int nudge = 0;

/* Fills by name; variances are positive. */
static void
fill (NmdSession *session, NmdProgram *program, const NmdGraph *graph)
{
  g_autoptr (GError) error = NULL;
  for (int i = 0; i < nmd_graph_get_n_nodes (graph); i++)
    {
      const NmdNodeInfo *info = nmd_graph_get (graph, i);
      const gsize n = nmd_shape_count (&info->shape);
      g_autofree float *values = g_new (float, n);
      nmd_random_fill (info->name, values, n);
      for (gsize j = 0; g_str_has_prefix (info->name, "variance") && j < n; j++)
        values[j] = fabsf (values[j]) + 0.5f;
      g_autofree char *ways = g_strdup_printf ("%s:nudge%d", info->name, nudge);
      g_autofree float *roundings = g_new0 (float, n);
      if (nudge > 0)
        nmd_random_fill (ways, roundings, n);
      for (gsize j = 0; j < n; j++)
        values[j] *= 1 + 2 * roundings[j] * FLT_EPSILON;
      /* leaves that nothing needs are not there */
      if (info->op == NMD_OP_INPUT)
        nmd_program_write (program, i, values, NULL);
      else if (info->op == NMD_OP_STORE)
        nmd_session_store_write (session, info->name, values, n, NULL);
    }
}

/* Values of all outputs and, at the end, of all store tensors, of two runs in a row. */
static GArray *
compute (const char *device, int threads, const NmdGraph *graph, const Outputs *out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = nmd_session_open (device, threads, &error);
  GArray *all = g_array_new (FALSE, FALSE, sizeof (float));
  g_assert_no_error (error);
  g_autoptr (NmdProgram) program
      = nmd_session_compile (session, graph, out->nodes, out->n, &error);
  g_assert_no_error (error);
  fill (session, program, graph);
  for (int run = 0; run < 2; run++)
    {
      nmd_program_run (program, &error);
      g_assert_no_error (error);
      for (int i = 0; i < out->n; i++)
        {
          const guint at = all->len;
          const gsize n = nmd_shape_count (&nmd_graph_get (graph, out->nodes[i])->shape);
          g_array_set_size (all, at + (guint)n);
          for (gsize j = 0; j < n; j++)
            g_array_index (all, float, at + j) = 1e30f;
          nmd_program_read (program, out->nodes[i], &g_array_index (all, float, at),
                            &error);
          g_assert_no_error (error);
        }
    }
  return all;
}

/* The largest difference; the second run starts from updated tensors and amplifies
 * roundings. NaN if there is one. */
static double
difference (const GArray *a, const GArray *b)
{
  double worst = 0;
  for (guint j = 0; j < b->len; j++)
    {
      const double scale = j < b->len / 2 ? 1 : 0.02;
      const double d = scale
                       * fabs ((double)g_array_index (a, float, j)
                               - (double)g_array_index (b, float, j));
      worst = d <= worst ? worst : d;
    }
  return worst;
}

/* How far roundings may take a network: ten times what the reference itself moves from
 * @want when its inputs move by a rounding or two (the CPU's floats are rounded after
 * every operation, here the inputs only). */
static double
sensitivity (guint64 seed, const NmdGraph *graph, const Outputs *out, const GArray *want)
{
  double most = 0;
  for (nudge = 1; nudge <= 5; nudge++)
    {
      g_autoptr (GArray) moved = compute ("reference", 1, graph, out);
      most = MAX (most, difference (moved, want));
    }
  nudge = 0;
  g_test_message ("network %" G_GUINT64_FORMAT
                  " is ill-conditioned: the reference moves by %g",
                  seed, most);
  return 10 * most;
}

static void
check_network (guint64 seed, gboolean back_too)
{
  Outputs out;
  g_autoptr (NmdGraph) graph = make (seed, back_too, &out);
  g_autoptr (GArray) want = compute ("reference", 1, graph, &out);
  double top = 0, own = -1;
  for (guint j = 0; j < want->len; j++)
    top = MAX (top, fabs ((double)g_array_index (want, float, j)));
  for (int threads = 1; threads <= 4; threads++)
    {
      g_autoptr (GArray) got = compute ("cpu", threads, graph, &out);
      const double worst = difference (got, want);
      g_assert_cmpuint (got->len, ==, want->len);
      if (!(worst <= 1e-4 * top) && own < 0)
        own = sensitivity (seed, graph, &out, want);
      if (!(worst <= MAX (1e-4 * MAX (top, 1e-3), own)))
        g_error ("network %" G_GUINT64_FORMAT
                 ", %d threads: differs by %g, largest value %g",
                 seed, threads, worst, top);
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
      g_autoptr (NmdGraph) graph = make (seed, seed % 2 == 0, &out);
      for (int threads = 1; threads <= 3; threads++)
        {
          g_autoptr (GArray) a = compute ("cpu", threads, graph, &out);
          g_autoptr (GArray) b = compute ("cpu", threads, graph, &out);
          g_assert_cmpmem (a->data, a->len * sizeof (float), b->data,
                           b->len * sizeof (float));
        }
    }
}

/* Fewer threads from the next run on give what a session of so many gives; more are not
 * more than the machine has. */
static void
test_set_threads (void)
{
  Outputs out;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdGraph) graph = make (3, TRUE, &out);
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
      fill (few, p, graph);
      fill (many, q, graph);
      nmd_session_set_threads (many, 2);
      g_assert_true (nmd_program_run (q, &error));
      nmd_session_set_threads (many, threads);
      fill (many, q, graph);
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
  g_autoptr (NmdGraph) graph = make (5, TRUE, &out);
  return compute ("cpu", GPOINTER_TO_INT (data), graph, &out);
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

/* Patterns
 * ------------------------------------------------------------------------------------ */

/* conv (@kernel 1: pointwise to @co channels, else depthwise) and batch norm of its
 * output. */
static NmdNode
conv_norm (Maker *m, NmdNode x, int co, int kernel, gboolean frozen)
{
  const NmdAttributes at = {
    .stride = 1, .padding = kernel / 2, .groups = kernel == 1 ? 1 : co, .epsilon = 0.1
  };
  const int ci = kernel == 1 ? shape_of (m, x)->dims[1] : 1;
  g_autofree char *mean = g_strdup_printf ("mean%d", m->names),
                  *variance = g_strdup_printf ("variance%d", m->names++);
  NmdNode in[5] = { x, leaf (m, 4, co, ci, kernel, kernel) };
  in[0] = nmd_graph_add (m->graph, NMD_OP_CONV, "", &at, in, 2);
  in[1] = frozen ? nmd_graph_store (m->graph, mean, FALSE, &co, 1)
                 : nmd_graph_add (m->graph, NMD_OP_BATCH_MEAN, "", NULL, in, 1);
  in[2] = frozen ? nmd_graph_store (m->graph, variance, FALSE, &co, 1)
                 : nmd_graph_add (m->graph, NMD_OP_BATCH_VARIANCE, "", NULL, in, 2);
  in[3] = leaf (m, 1, co, 1, 1, 1);
  in[4] = leaf (m, 1, co, 1, 1, 1);
  return nmd_graph_add (m->graph, NMD_OP_BATCH_NORM, "", &at, in, 5);
}

static NmdNode
act (Maker *m, NmdNode x, NmdActivation kind)
{
  const NmdAttributes at = { .activation = kind, .value = 0.1 };
  return add (m, NMD_OP_ACTIVATION, &at, x, NMD_NODE_NONE);
}

/* An inverted residual with squeeze-and-excite (Tan and Le 2019) and all its gradients,
 * or with @frozen batch norm and none. */
static NmdGraph *
make_inverted_residual (int n, int c, int size, int kernel, gboolean frozen, Outputs *out)
{
  const NmdAttributes mean = { .reduce = NMD_REDUCE_MEAN, .axes = NMD_AXES_HW },
                      one = { .stride = 1, .groups = 1 };
  Maker m = { .graph = nmd_graph_new () };
  NmdNode gradients[MOST], y, g, dy;
  g_autoptr (GError) error = NULL;
  nmd_random_init (&m.random, "inverted residual");
  const NmdNode x = leaf (&m, 4, n, c, size, size);
  y = act (&m, conv_norm (&m, x, 3 * c, 1, frozen), NMD_SILU);
  y = act (&m, conv_norm (&m, y, 3 * c, kernel, frozen), NMD_SILU);
  g = add (&m, NMD_OP_REDUCE, &mean, y, NMD_NODE_NONE);
  g = nmd_graph_add (
      m.graph, NMD_OP_CONV, "", &one,
      (NmdNode[]){ g, leaf (&m, 4, 2, 3 * c, 1, 1), leaf (&m, 1, 2, 1, 1, 1) }, 3);
  g = act (&m, g, NMD_SILU);
  g = nmd_graph_add (
      m.graph, NMD_OP_CONV, "", &one,
      (NmdNode[]){ g, leaf (&m, 4, 3 * c, 2, 1, 1), leaf (&m, 1, 3 * c, 1, 1, 1) }, 3);
  y = add (&m, NMD_OP_MULTIPLY, NULL, y, act (&m, g, NMD_SIGMOID));
  y = add (&m, NMD_OP_ADD, NULL, conv_norm (&m, y, c, 1, frozen), x);
  out->n = 0;
  out->nodes[out->n++] = y;
  if (frozen)
    return m.graph;
  dy = nmd_graph_input (m.graph, "dy", shape_of (&m, y)->dims, 4);
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
  y = leaf (&m, 4, n, c, size, size);
  y = add (&m, NMD_OP_ADD, NULL, y, leaf (&m, 4, n, c, size, size));
  for (int i = 0; i < 2; i++)
    {
      reduce.reduce = i == 0 ? NMD_REDUCE_MAX : NMD_REDUCE_MEAN;
      stats[i] = add (&m, NMD_OP_REDUCE, &reduce, y, NMD_NODE_NONE);
    }
  gate = act (&m, add (&m, NMD_OP_ADD, NULL, stats[0], stats[1]), NMD_SIGMOID);
  y = add (&m, NMD_OP_MULTIPLY, NULL, y, gate);
  reduce.axes = NMD_AXES_C;
  for (int i = 0; i < 2; i++)
    {
      reduce.reduce = i == 0 ? NMD_REDUCE_MAX : NMD_REDUCE_MEAN;
      stats[i] = add (&m, NMD_OP_REDUCE, &reduce, y, NMD_NODE_NONE);
    }
  in[0] = add (&m, NMD_OP_CONCAT, NULL, stats[1], stats[0]);
  in[1] = leaf (&m, 4, 1, 2, 7, 7);
  gate = act (&m, nmd_graph_add (m.graph, NMD_OP_CONV, "", &seven, in, 2), NMD_SIGMOID);
  out->n = 1;
  out->nodes[0] = add (&m, NMD_OP_MULTIPLY, NULL, y, gate);
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
  g_autoptr (GArray) want = compute ("reference", 1, graph, out);
  for (int threads = 1; threads <= 4; threads++)
    {
      g_autoptr (GArray) got = compute ("cpu", threads, graph, out);
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
  g_test_add_func ("/cpu/set-threads", test_set_threads);
  g_test_add_func ("/cpu/sessions-at-once", test_sessions_at_once);
  g_test_add_func ("/cpu/weights-follow-the-store", test_weights_follow_the_store);
  g_test_add_func ("/cpu/training-patterns", test_training_patterns);
  g_test_add_func ("/cpu/inference-patterns", test_inference_patterns);
  g_test_add_func ("/cpu/fused-inference", test_fused_inference);
  g_test_add_func ("/cpu/bands", test_bands);
  g_test_add_func ("/cpu/shared-images", test_shared_images);
  return g_test_run ();
}
