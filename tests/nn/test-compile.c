/* SPDX-License-Identifier: Apache-2.0
 *
 * What compilers share: plans of memory by liveness, and patterns of a node's neighbours.
 */
#include "engine/core/nmd-random.h"
#include "engine/nn/graph/nmd-liveness.h"
#include "engine/nn/graph/nmd-patterns.h"

#include <string.h>

/* Values that live at once never overlap, and some others share memory. */
static void
test_plan (void)
{
  NmdRandom random;
  nmd_random_init (&random, "liveness");
  for (int round = 0; round < 200; round++)
    {
      const int n = (int)nmd_random_below (&random, 60);
      NmdLife lives[60];
      gsize sum = 0, end = 0;
      for (int i = 0; i < n; i++)
        {
          const int first = (int)nmd_random_below (&random, 40);
          lives[i] = (NmdLife){ .size = 1 + nmd_random_below (&random, 1000),
                                .first = first,
                                .last = first + (int)nmd_random_below (&random, 6) };
          sum += lives[i].size;
        }
      const gsize total = nmd_liveness_plan (lives, n);
      for (int i = 0; i < n; i++)
        {
          end = MAX (end, lives[i].offset + lives[i].size);
          for (int k = 0; k < i; k++)
            if (lives[i].first <= lives[k].last && lives[k].first <= lives[i].last)
              g_assert_true (lives[i].offset + lives[i].size <= lives[k].offset
                             || lives[k].offset + lives[k].size <= lives[i].offset);
        }
      g_assert_cmpuint (end, ==, total);
      g_assert_true (n < 40 || total < sum);
    }
}

/* The larger first, the earlier of equal ones; a gap that fits is taken. */
static void
test_plan_order (void)
{
  NmdLife lives[] = { { .size = 16, .first = 0, .last = 1 },
                      { .size = 64, .first = 1, .last = 2 },
                      { .size = 16, .first = 2, .last = 3 },
                      { .size = 32, .first = 3, .last = 4 } };
  g_assert_cmpuint (nmd_liveness_plan (lives, 4), ==, 80);
  g_assert_cmpuint (lives[1].offset, ==, 0);
  g_assert_cmpuint (lives[3].offset, ==, 0);
  g_assert_cmpuint (lives[0].offset, ==, 64);
  g_assert_cmpuint (lives[2].offset, ==, 64);
  g_assert_cmpuint (nmd_liveness_plan (NULL, 0), ==, 0);
}

/* A convolution, its batch norm and activation; nodes by name. */
typedef struct
{
  NmdGraph *graph;
  NmdNode x, w, conv, statistics[2], gamma, beta, norm, act;
} Net;

static Net
make_net (gboolean batch)
{
  const NmdAttributes conv = { .stride = 1, .padding = 1, .groups = 1 },
                      eps = { .epsilon = 1e-5 }, relu = { .activation = NMD_RELU };
  Net n = { .graph = nmd_graph_new () };
  NmdGraph *g = n.graph;
  n.x = nmd_graph_input (g, "x", (int[]){ 2, 3, 5, 5 }, 4);
  n.w = nmd_graph_store (g, "w", TRUE, (int[]){ 4, 3, 3, 3 }, 4);
  n.gamma = nmd_graph_store (g, "gamma", TRUE, (int[]){ 4 }, 1);
  n.beta = nmd_graph_store (g, "beta", TRUE, (int[]){ 4 }, 1);
  n.conv = nmd_graph_add (g, NMD_OP_CONV, "conv", &conv, (NmdNode[]){ n.x, n.w }, 2);
  if (batch)
    {
      n.statistics[0] = nmd_graph_add (g, NMD_OP_BATCH_MEAN, "", NULL, &n.conv, 1);
      n.statistics[1] = nmd_graph_add (g, NMD_OP_BATCH_VARIANCE, "", NULL,
                                       (NmdNode[]){ n.conv, n.statistics[0] }, 2);
    }
  else
    {
      n.statistics[0] = nmd_graph_store (g, "mean", FALSE, (int[]){ 4 }, 1);
      n.statistics[1] = nmd_graph_store (g, "variance", FALSE, (int[]){ 4 }, 1);
    }
  n.norm = nmd_graph_add (
      g, NMD_OP_BATCH_NORM, "", &eps,
      (NmdNode[]){ n.conv, n.statistics[0], n.statistics[1], n.gamma, n.beta }, 5);
  n.act = nmd_graph_add (g, NMD_OP_ACTIVATION, "act", &relu, &n.norm, 1);
  return n;
}

#define MOST 64

/* All of @graph needed; store tensors have the handles 0, 1, … in order of their nodes. */
static NmdPatterns *
look (
    const NmdGraph *graph, NmdNode output, gboolean *needed, gboolean *out, int *handles)
{
  int next = 0;
  g_autoptr (GError) error = NULL;
  g_assert_true (nmd_graph_check (graph, &error));
  g_assert_cmpint (nmd_graph_get_n_nodes (graph), <, MOST);
  memset (out, 0, sizeof (gboolean) * MOST);
  for (int i = 0; i < nmd_graph_get_n_nodes (graph); i++)
    {
      needed[i] = TRUE;
      handles[i] = nmd_graph_get (graph, i)->op == NMD_OP_STORE ? next++ : -1;
    }
  if (output >= 0)
    out[output] = TRUE;
  return nmd_patterns_new (graph, needed, out, handles);
}

static void
test_neighbours (void)
{
  gboolean needed[MOST], out[MOST];
  int handles[MOST];
  Net n = make_net (FALSE);
  g_autoptr (NmdPatterns) p = look (n.graph, n.act, needed, out, handles);
  g_assert_cmpint (nmd_patterns_count_users (p, n.conv), ==, 1);
  g_assert_cmpint (*nmd_patterns_get_users (p, n.conv), ==, n.norm);
  g_assert_cmpint (nmd_patterns_get_users (p, n.conv)[1], ==, NMD_NODE_NONE);
  g_assert_cmpint (nmd_patterns_count_users (p, n.act), ==, 0);
  g_assert_cmpint (nmd_patterns_get_only_user (p, n.conv), ==, n.norm);
  g_assert_cmpint (nmd_patterns_get_frozen_norm (p, n.conv), ==, n.norm);
  g_assert_cmpint (nmd_patterns_get_only_activation (p, n.norm), ==, n.act);
  g_assert_cmpint (nmd_patterns_get_only_activation (p, n.conv), ==, NMD_NODE_NONE);
  g_assert_true (nmd_patterns_stands_still (p, n.x));
  g_assert_true (nmd_patterns_stands_still (p, n.gamma));
  g_assert_false (nmd_patterns_stands_still (p, n.conv));
  nmd_graph_free (n.graph);
}

/* An output is never fused away, and what is overwritten does not stand still. */
static void
test_outputs_and_updates (void)
{
  gboolean needed[MOST], out[MOST];
  int handles[MOST];
  Net n = make_net (FALSE);
  g_autoptr (NmdPatterns) output = look (n.graph, n.conv, needed, out, handles);
  g_assert_cmpint (nmd_patterns_get_only_user (output, n.conv), ==, NMD_NODE_NONE);
  g_assert_cmpint (nmd_patterns_get_frozen_norm (output, n.conv), ==, NMD_NODE_NONE);
  const NmdAttributes one = { .value = 1, .shape = { 1, { 1, 1, 1, 1 } } };
  const NmdNode share = nmd_graph_add (n.graph, NMD_OP_CONSTANT, "", &one, NULL, 0);
  const NmdNode blend = nmd_graph_add (n.graph, NMD_OP_BLEND, "", &one,
                                       (NmdNode[]){ n.statistics[0], n.beta, share }, 3);
  g_autoptr (NmdPatterns) p = look (n.graph, n.act, needed, out, handles);
  g_assert_true (nmd_patterns_is_overwritten (p, n.statistics[0]));
  g_assert_true (nmd_patterns_overwrites (p, handles[n.statistics[0]]));
  g_assert_false (nmd_patterns_is_overwritten_before (p, n.statistics[0], blend));
  g_assert_true (nmd_patterns_is_overwritten_before (p, n.statistics[0], blend + 1));
  g_assert_false (nmd_patterns_is_overwritten (p, n.beta));
  g_assert_false (nmd_patterns_overwrites (p, -1));
  g_assert_cmpint (nmd_patterns_get_frozen_norm (p, n.conv), ==, NMD_NODE_NONE);
  nmd_graph_free (n.graph);
}

/* Of a training step: the variance beside the mean, dgamma beside dbeta. */
static void
test_passes_together (void)
{
  gboolean needed[MOST], out[MOST];
  int handles[MOST];
  Net n = make_net (TRUE);
  const NmdAttributes one
      = { .value = 1, .shape = nmd_graph_get (n.graph, n.act)->shape };
  const NmdNode seed = nmd_graph_add (n.graph, NMD_OP_CONSTANT, "", &one, NULL, 0);
  NmdNode gradients[2];
  g_autoptr (GError) error = NULL;
  g_assert_true (nmd_graph_differentiate (
      n.graph, n.act, seed, (NmdNode[]){ n.gamma, n.beta }, 2, gradients, &error));
  g_autoptr (NmdPatterns) p = look (n.graph, -1, needed, out, handles);
  g_assert_cmpint (nmd_patterns_get_variance (p, n.statistics[0]), ==, n.statistics[1]);
  g_assert_cmpint (nmd_patterns_get_frozen_norm (p, n.conv), ==, NMD_NODE_NONE);
  g_assert_cmpint (nmd_patterns_get_gamma_beside (p, gradients[1]), ==, gradients[0]);
  g_assert_cmpint (nmd_patterns_get_gamma_beside (p, gradients[0]), ==, NMD_NODE_NONE);
  nmd_graph_free (n.graph);
}

/* Every operation has a row, whose inputs are read. */
static void
test_table (void)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  int least, most;
  for (int op = 0; op < NMD_N_OPS; op++)
    {
      const NmdOpInfo *row = nmd_op_get_info (op);
      g_assert_nonnull (row->name);
      g_assert_nonnull (row->inputs);
      g_assert_nonnull (row->shape);
      g_assert_true (g_hash_table_add (names, (gpointer)row->name));
      g_assert_cmpstr (nmd_op_get_name (op), ==, row->name);
      nmd_op_count_inputs (op, &least, &most);
      g_assert_cmpint (least, <=, most);
      g_assert_cmpint (most, <=, NMD_MAX_INPUTS);
      g_assert_cmpuint (row->overwrites, <, 1u << most);
    }
  nmd_op_count_inputs (NMD_OP_STORE, &least, &most);
  g_assert_cmpint (most, ==, 0);
  nmd_op_count_inputs (NMD_OP_CONV, &least, &most);
  g_assert_true (least == 2 && most == 3);
  nmd_op_count_inputs (NMD_OP_CONCAT, &least, &most);
  g_assert_true (least == 1 && most == NMD_MAX_INPUTS);
  nmd_op_count_inputs (NMD_OP_ADAM, &least, &most);
  g_assert_true (least == 6 && most == 6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compile/liveness", test_plan);
  g_test_add_func ("/compile/liveness-order", test_plan_order);
  g_test_add_func ("/compile/neighbours", test_neighbours);
  g_test_add_func ("/compile/outputs-and-updates", test_outputs_and_updates);
  g_test_add_func ("/compile/passes-together", test_passes_together);
  g_test_add_func ("/compile/table-of-operations", test_table);
  return g_test_run ();
}
