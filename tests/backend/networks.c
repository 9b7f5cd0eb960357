/* SPDX-License-Identifier: Apache-2.0
 *
 * Random small networks: made of a seed, filled, computed, compared.
 */
#include "networks.h"

#include <float.h>
#include <math.h>

int
maker_draw (Maker *m, int n)
{
  return (int)nmd_random_below (&m->random, (guint64)n);
}

const NmdShape *
maker_shape (const Maker *m, NmdNode node)
{
  return &nmd_graph_get (m->graph, node)->shape;
}

/* A leaf: store tensors and inputs in turn. */
NmdNode
maker_leaf (Maker *m, int n_dims, int a, int b, int c, int d)
{
  const int dims[4] = { a, b, c, d };
  g_autofree char *name = g_strdup_printf ("leaf%d", m->names++);
  const NmdNode node = maker_draw (m, 3) && n_dims != 0
                           ? nmd_graph_store (m->graph, name, TRUE, dims, n_dims)
                           : nmd_graph_input (m->graph, name, dims, n_dims);
  m->leaves[m->n_leaves++] = node;
  return node;
}

NmdNode
maker_add (Maker *m, NmdOp op, const NmdAttributes *at, NmdNode a, NmdNode b)
{
  const NmdNode inputs[2] = { a, b };
  return nmd_graph_add (m->graph, op, "", at, inputs, b == NMD_NODE_NONE ? 1 : 2);
}

static NmdNode
conv (Maker *m, NmdNode x)
{
  static const int kernels[] = { 1, 1, 3, 5, 2 };
  const NmdShape s = *maker_shape (m, x);
  const int k = kernels[maker_draw (m, 5)], c = s.dims[1], kind = maker_draw (m, 3);
  NmdAttributes at
      = { .stride = maker_draw (m, 3) == 0 ? 2 : 1, .padding = k / 2, .groups = 1 };
  int co = 1 + maker_draw (m, 9);
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
  in[1] = maker_leaf (m, 4, co, c / at.groups, k, k);
  if (maker_draw (m, 2))
    in[2] = maker_leaf (m, 1, co, 1, 1, 1);
  return nmd_graph_add (m->graph, NMD_OP_CONV, "", &at, in, in[2] ? 3 : 2);
}

static NmdNode
norm (Maker *m, NmdNode x)
{
  const NmdAttributes at = { .epsilon = 0.1 };
  const int c = maker_shape (m, x)->dims[1];
  NmdNode in[5] = { x };
  if (maker_draw (m, 3))
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
  in[3] = maker_leaf (m, 1, c, 1, 1, 1);
  in[4] = maker_leaf (m, 1, c, 1, 1, 1);
  return nmd_graph_add (m->graph, NMD_OP_BATCH_NORM, "", &at, in, 5);
}

static NmdNode
gate (Maker *m, NmdNode x)
{
  const NmdShape s = *maker_shape (m, x);
  NmdAttributes at = { .reduce = (NmdReduce)maker_draw (m, 3),
                       .axes = maker_draw (m, 2) ? NMD_AXES_C : NMD_AXES_HW };
  NmdNode g = maker_add (m, NMD_OP_REDUCE, &at, x, NMD_NODE_NONE);
  if (at.axes == NMD_AXES_HW && maker_draw (m, 2))
    {
      const NmdAttributes flat = { .shape = { 2, { s.dims[0], s.dims[1], 1, 1 } } };
      const NmdAttributes back = { .shape = { 4, { s.dims[0], s.dims[1], 1, 1 } } };
      const NmdNode in[3] = { maker_add (m, NMD_OP_RESHAPE, &flat, g, NMD_NODE_NONE),
                              maker_leaf (m, 2, s.dims[1], s.dims[1], 1, 1),
                              maker_leaf (m, 1, s.dims[1], 1, 1, 1) };
      g = nmd_graph_add (m->graph, NMD_OP_LINEAR, "", NULL, in, 3);
      g = maker_add (m, NMD_OP_RESHAPE, &back, g, NMD_NODE_NONE);
    }
  at.activation = maker_draw (m, 2) ? NMD_SIGMOID : NMD_HARD_SIGMOID;
  g = maker_add (m, NMD_OP_ACTIVATION, &at, g, NMD_NODE_NONE);
  return maker_add (m, NMD_OP_MULTIPLY, NULL, x, g);
}

/* Another image of the pool of x's size, c aside where @any_c. */
static NmdNode
like (Maker *m, NmdNode x, gboolean any_c)
{
  for (int tries = 0; tries < 20; tries++)
    {
      const NmdNode y = m->pool[maker_draw (m, m->n_pool)];
      NmdShape a = *maker_shape (m, x), b = *maker_shape (m, y);
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
  const NmdShape s = *maker_shape (m, x);
  const int c = s.dims[1];
  NmdAttributes at = { 0 };
  switch (maker_draw (m, 5))
    {
    case 0:
      at.from = maker_draw (m, c);
      at.count = 1 + maker_draw (m, c - at.from);
      return maker_add (m, NMD_OP_SLICE, &at, x, NMD_NODE_NONE);
    case 1:
      at.groups = c % 3 == 0 ? 3 : c % 2 == 0 ? 2 : 1;
      return maker_add (m, NMD_OP_SHUFFLE, &at, x, NMD_NODE_NONE);
    case 2:
      at.shape = (NmdShape){ 4, { s.dims[0], c * s.dims[2], s.dims[3], 1 } };
      return maker_add (m, NMD_OP_RESHAPE, &at, x, NMD_NODE_NONE);
    case 3:
      at.value = -1.5;
      return maker_add (m, NMD_OP_SCALE, &at, x, NMD_NODE_NONE);
    default:
      return c < 30 ? maker_add (m, NMD_OP_CONCAT, NULL, x, like (m, x, TRUE)) : x;
    }
}

static NmdNode
step (Maker *m, NmdNode x)
{
  NmdAttributes at = { .activation = (NmdActivation)maker_draw (m, 6), .value = 0.1 };
  switch (maker_draw (m, 8))
    {
    case 0:
    case 1:
      return conv (m, x);
    case 2:
      return norm (m, x);
    case 3:
      return maker_add (m, NMD_OP_ACTIVATION, &at, norm (m, conv (m, x)), NMD_NODE_NONE);
    case 4:
      return gate (m, x);
    case 5:
      return maker_add (m, NMD_OP_ADD, NULL, x, like (m, x, FALSE));
    case 6:
      return maker_add (m, NMD_OP_ACTIVATION, &at, x, NMD_NODE_NONE);
    default:
      return form (m, x);
    }
}

/* A random network; if @back_too its gradients by all leaves and updates of some of them.
 */
NmdGraph *
network_make (guint64 seed, gboolean back_too, Outputs *out)
{
  Maker m = { .graph = nmd_graph_new () };
  g_autoptr (GError) error = NULL;
  NmdNode gradients[NETWORK_MOST], x, dy;
  g_autofree char *name = g_strdup_printf ("%" G_GUINT64_FORMAT ":network", seed);
  nmd_random_init (&m.random, name);
  x = maker_leaf (&m, 4, 1 + maker_draw (&m, 5), 1 + maker_draw (&m, 20),
                  1 + maker_draw (&m, 9), 1 + maker_draw (&m, 9));
  m.pool[m.n_pool++] = x;
  while (m.n_pool < 9 && m.n_leaves < NETWORK_MOST - 8)
    {
      const int back = 1 + maker_draw (&m, 2);
      m.pool[m.n_pool] = step (&m, m.pool[MAX (0, m.n_pool - back)]);
      m.n_pool++;
      nmd_graph_check (m.graph, &error);
      g_assert_no_error (error);
    }
  x = m.pool[m.n_pool - 1];
  out->n = 0;
  out->nodes[out->n++] = x;
  for (int i = 0; i < m.n_pool; i++)
    if (maker_draw (&m, 5) == 0)
      out->nodes[out->n++] = m.pool[i];
  if (!back_too)
    return m.graph;
  dy = nmd_graph_input (m.graph, "dy", maker_shape (&m, x)->dims,
                        maker_shape (&m, x)->n_dims);
  nmd_graph_differentiate (m.graph, x, dy, m.leaves, m.n_leaves, gradients, &error);
  g_assert_no_error (error);
  for (int i = 0; i < m.n_leaves; i++)
    {
      const NmdAttributes at = { .value = 1 };
      const NmdNode in[3] = { m.leaves[i], gradients[i],
                              nmd_graph_input (m.graph, "share", (int[]){ 1 }, 1) };
      if (gradients[i] == NMD_NODE_NONE)
        continue;
      if (maker_draw (&m, 2) || nmd_graph_get (m.graph, m.leaves[i])->op != NMD_OP_STORE)
        out->nodes[out->n++] = gradients[i];
      else
        nmd_graph_add (m.graph, NMD_OP_BLEND, "", &at, in, 3);
    }
  return m.graph;
}

/* Which of the ways all values are moved by a rounding or two, each its own way; 0: none. */
static int nudge = 0;

/* Fills by name; variances are positive. */
void
network_fill (NmdSession *session, NmdProgram *program, const NmdGraph *graph)
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
GArray *
network_compute (const char *device,
                 int threads,
                 const NmdGraph *graph,
                 const Outputs *out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = nmd_session_open (device, threads, &error);
  GArray *all = g_array_new (FALSE, FALSE, sizeof (float));
  g_assert_no_error (error);
  g_autoptr (NmdProgram) program
      = nmd_session_compile (session, graph, out->nodes, out->n, &error);
  g_assert_no_error (error);
  network_fill (session, program, graph);
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
double
network_difference (const GArray *a, const GArray *b)
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
double
network_sensitivity (guint64 seed,
                     const NmdGraph *graph,
                     const Outputs *out,
                     const GArray *want)
{
  double most = 0;
  for (nudge = 1; nudge <= 5; nudge++)
    {
      g_autoptr (GArray) moved = network_compute ("reference", 1, graph, out);
      most = MAX (most, network_difference (moved, want));
    }
  nudge = 0;
  g_test_message ("network %" G_GUINT64_FORMAT
                  " is ill-conditioned: the reference moves by %g",
                  seed, most);
  return 10 * most;
}
