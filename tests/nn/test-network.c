/* SPDX-License-Identifier: Apache-2.0
 *
 * The networks: parameter counts, names and their order as in the PyTorch module, fresh
 * weights' distributions, and what each kind of graph holds and changes.
 */
#include "engine/backend/nmd-session.h"
#include "engine/nn/nmd-network.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

static const NmdNetwork *
network (const char *name)
{
  g_autoptr (GError) error = NULL;
  const NmdNetwork *found = nmd_network_find (name, &error);

  g_assert_no_error (error);
  return found;
}

static void
test_list (void)
{
  g_autoptr (GError) error = NULL;
  guint n = 0;
  const NmdNetwork *list = nmd_networks_list (&n);

  g_assert_cmpuint (n, >=, 1);
  g_assert_cmpstr (list[0].name, ==, "nmdassistnet");
  for (guint i = 0; i < n; i++)
    {
      g_assert_nonnull (list[i].title);
      g_assert_nonnull (list[i].note);
      g_assert_nonnull (list[i].source);
      g_assert_nonnull (list[i].cam_layer);
      g_assert_true (nmd_network_find (list[i].name, NULL) != NULL);
    }
  g_assert_null (nmd_network_find ("resnet", &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
  g_assert_true (g_str_has_prefix (
      error->message, "There is no network “resnet”; there are nmdassistnet"));
}

/* Trainable parameters with two classes, and how many one class more adds (its row and
 * bias). */
static void
test_parameters (void)
{
  static const struct
  {
    const char *name;
    gint64 count, per_class;
  } expected[] = {
    { "nmdassistnet", 2395768, 1281 }, { "ghostnet", 3904070, 1281 },
    { "efficientnet", 4010110, 1281 }, { "cspnet", 20593218, 1025 },
    { "hrnet", 19254102, 2049 },       { "vit", 85800194, 769 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    for (int classes = 2; classes <= 3; classes++)
      {
        const NmdNetwork *found = nmd_network_find (expected[i].name, NULL);
        g_auto (NmdNetworkGraph) graph = { NULL };
        g_autoptr (GError) error = NULL;

        if (found == NULL)
          continue;
        g_assert_true (nmd_network_inference (&graph, found, classes, 1, &error));
        g_assert_no_error (error);
        g_assert_cmpint (nmd_graph_count_parameters (graph.graph), ==,
                         expected[i].count + (classes - 2) * expected[i].per_class);
      }
}

/* The members of an object in the order of the file. */
static GPtrArray *
member_names (JsonObject *root, const char *group, const char *name)
{
  GPtrArray *names = g_ptr_array_new ();
  JsonObject *object
      = json_object_get_object_member (json_object_get_object_member (root, group), name);
  JsonObjectIter iter;
  const char *member;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &member, NULL))
    g_ptr_array_add (names, (char *)member);
  return names;
}

static void
test_names (void)
{
  guint n = 0;
  const NmdNetwork *list = nmd_networks_list (&n);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *file = g_strconcat (list[i].name, ".json", NULL);
      g_autofree char *path
          = g_build_filename (g_test_get_dir (G_TEST_DIST), "..", "..", "shared",
                              "reference", "golden", file, NULL);
      g_autoptr (JsonParser) parser = json_parser_new ();
      g_autoptr (GPtrArray) parameters = NULL, buffers = NULL;
      g_autoptr (GError) error = NULL;
      g_auto (NmdNetworkGraph) graph = { NULL };
      guint parameter = 0, buffer = 0;

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        {
          g_test_skip ("the golden numbers beside the source tree are not here");
          return;
        }
      json_parser_load_from_file (parser, path, &error);
      g_assert_no_error (error);
      parameters = member_names (json_node_get_object (json_parser_get_root (parser)),
                                 "eval", "grads");
      buffers = member_names (json_node_get_object (json_parser_get_root (parser)),
                              "train", "running");
      g_assert_true (nmd_network_inference (&graph, &list[i], 2, 1, &error));
      for (NmdNode k = 0; k < nmd_graph_get_n_nodes (graph.graph); k++)
        {
          const NmdNodeInfo *node = nmd_graph_get (graph.graph, k);

          if (node->op == NMD_OP_STORE && node->at.trainable)
            g_assert_cmpstr (node->name, ==, parameters->pdata[parameter++]);
          else if (node->op == NMD_OP_STORE)
            g_assert_cmpstr (node->name, ==, buffers->pdata[buffer++]);
        }
      g_assert_cmpuint (parameter, ==, parameters->len);
      g_assert_cmpuint (buffer, ==, buffers->len);
    }
}

/* The value of every block of nmdassistnet is there by the block's name, with its shape.
 */
static void
test_blocks (void)
{
  static const struct
  {
    const char *name;
    NmdOp op;
    NmdShape shape;
  } blocks[] = {
    { "stem_dw", NMD_OP_CONV, { 4, { 2, 3, 112, 112 } } },
    { "stem_pw", NMD_OP_ACTIVATION, { 4, { 2, 16, 112, 112 } } },
    { "stages.0", NMD_OP_MULTIPLY, { 4, { 2, 16, 112, 112 } } },
    { "stages.2", NMD_OP_MULTIPLY, { 4, { 2, 40, 28, 28 } } },
    { "stages.2.cbam", NMD_OP_MULTIPLY, { 4, { 2, 40, 28, 28 } } },
    { "stages.2.cbam.spatial", NMD_OP_BATCH_NORM, { 4, { 2, 1, 28, 28 } } },
    { "stages.2.blocks.0", NMD_OP_ADD, { 4, { 2, 40, 28, 28 } } },
    { "stages.2.blocks.0.ghost1", NMD_OP_CONCAT, { 4, { 2, 72, 56, 56 } } },
    { "stages.2.blocks.0.ghost1.primary", NMD_OP_ACTIVATION, { 4, { 2, 36, 56, 56 } } },
    { "stages.2.blocks.0.ghost1.primary.bn",
      NMD_OP_BATCH_NORM,
      { 4, { 2, 36, 56, 56 } } },
    { "stages.2.blocks.0.ghost1.primary.conv", NMD_OP_CONV, { 4, { 2, 36, 56, 56 } } },
    { "stages.2.blocks.0.shortcut_pw", NMD_OP_BATCH_NORM, { 4, { 2, 40, 28, 28 } } },
    { "expand_pw", NMD_OP_ACTIVATION, { 4, { 2, 960, 7, 7 } } },
    { "head", NMD_OP_CONV, { 4, { 2, 1280, 1, 1 } } },
    { "fc", NMD_OP_LINEAR, { 2, { 2, 2 } } },
  };
  g_auto (NmdNetworkGraph) graph = { NULL };

  g_assert_true (nmd_network_inference (&graph, network ("nmdassistnet"), 2, 2, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    {
      const NmdNode node = nmd_graph_find (graph.graph, blocks[i].name);

      g_test_message ("%s", blocks[i].name);
      g_assert_cmpint (node, !=, NMD_NODE_NONE);
      g_assert_cmpint (nmd_graph_get (graph.graph, node)->op, ==, blocks[i].op);
      g_assert_true (
          nmd_shape_equal (&nmd_graph_get (graph.graph, node)->shape, &blocks[i].shape));
    }
  /* published for the same stride and widths: about 130 million multiply-adds an image */
  g_assert_cmpint (nmd_graph_count_macs (graph.graph), >, 2 * 100000000);
  g_assert_cmpint (nmd_graph_count_macs (graph.graph), <, 2 * 150000000);
}

/* Mean, standard deviation and reach of a tensor of fresh weights. */
static void
expect_uniform (const NmdWeights *weights, const char *name, double bound)
{
  NmdShape shape;
  const float *values = nmd_weights_get (weights, name, &shape);
  const gsize n = nmd_shape_count (&shape);
  double sum = 0, square = 0, most = 0;

  for (gsize i = 0; i < n; i++)
    {
      sum += (double)values[i];
      square += (double)values[i] * (double)values[i];
      most = MAX (most, fabs ((double)values[i]));
    }
  /* five standard errors */
  g_assert_cmpfloat (most, <=, bound * 1.000001);
  g_assert_cmpfloat (most, >=, bound * (1 - 20.0 / (double)n));
  g_assert_cmpfloat (fabs (sum / (double)n), <=, 5 * bound / sqrt (3 * (double)n));
  g_assert_cmpfloat (fabs (square / (double)n - bound * bound / 3), <=,
                     5 * bound * bound * sqrt (4.0 / 45 / (double)n));
}

static void
expect_all (const NmdWeights *weights, const char *name, float value)
{
  NmdShape shape;
  const float *values = nmd_weights_get (weights, name, &shape);

  for (gsize i = 0; i < nmd_shape_count (&shape); i++)
    g_assert_cmpfloat (values[i], ==, value);
}

/* torch.nn's own: U(±1/√fan_in) for convolutions and linear layers with their biases. */
static void
test_fresh (void)
{
  g_autoptr (NmdWeights) weights = nmd_network_init (network ("nmdassistnet"), 2, 7);
  g_autoptr (NmdWeights) same = nmd_network_init (network ("nmdassistnet"), 2, 7);
  g_autoptr (NmdWeights) other = nmd_network_init (network ("nmdassistnet"), 2, 8);
  const gsize bytes = 1280 * 960 * sizeof (float);

  g_assert_cmpuint (nmd_weights_get_n (weights), ==, 282 + 172);
  expect_uniform (weights, "head.weight", 1 / sqrt (960));
  expect_uniform (weights, "expand_pw.conv.weight", 1 / sqrt (160));
  expect_uniform (weights, "expand_dw.conv.weight", 1.0 / 3);
  expect_uniform (weights, "stages.4.blocks.0.shortcut_pw.conv.weight", 1 / sqrt (56));
  expect_uniform (weights, "stages.4.cbam.fc2.weight", 1 / sqrt (20));
  expect_uniform (weights, "stages.4.cbam.fc2.bias", 1 / sqrt (20));
  expect_uniform (weights, "fc.weight", 1 / sqrt (1280));
  expect_all (weights, "expand_pw.bn.weight", 1);
  expect_all (weights, "expand_pw.bn.bias", 0);
  expect_all (weights, "expand_pw.bn.running_mean", 0);
  expect_all (weights, "expand_pw.bn.running_var", 1);
  g_assert_cmpmem (nmd_weights_get (weights, "head.weight", NULL), bytes,
                   nmd_weights_get (same, "head.weight", NULL), bytes);
  g_assert_cmpint (memcmp (nmd_weights_get (weights, "head.weight", NULL),
                           nmd_weights_get (other, "head.weight", NULL), bytes),
                   !=, 0);
}

static int
count_ops (const NmdGraph *graph, NmdOp op)
{
  int n = 0;

  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (graph); i++)
    n += nmd_graph_get (graph, i)->op == op;
  return n;
}

static void
test_training_graph (void)
{
  const NmdAdamSettings adam = { 0.9, 0.999, 1e-8, 1e-5 };
  g_auto (NmdNetworkGraph) with = { NULL }, without = { NULL };
  NmdNode gradient;

  g_assert_true (
      nmd_network_training (&with, network ("nmdassistnet"), 2, 3, &adam, NULL));
  g_assert_cmpint (count_ops (with.graph, NMD_OP_ADAM), ==, 282);
  g_assert_cmpint (count_ops (with.graph, NMD_OP_BLEND), ==, 172);
  g_assert_cmpint (nmd_graph_count_parameters (with.graph), ==, 2395768);
  g_assert_cmpint (nmd_graph_find (with.graph, "adam.v:fc.weight"), !=, NMD_NODE_NONE);
  g_assert_true (
      nmd_network_training (&without, network ("nmdassistnet"), 2, 3, NULL, NULL));
  g_assert_cmpint (count_ops (without.graph, NMD_OP_ADAM), ==, 0);
  gradient
      = nmd_graph_find (without.graph, "d:stages.3.blocks.2.ghost1.cheap.conv.weight");
  g_assert_cmpint (nmd_graph_get (without.graph, gradient)->op, ==, NMD_OP_CONV_GRAD_W);
  g_assert_cmpint (without.lr, ==, NMD_NODE_NONE);
  /* the patterns that backends look for stand side by side */
  for (NmdNode i = 2; i < nmd_graph_get_n_nodes (with.graph); i++)
    if (nmd_graph_get (with.graph, i)->op == NMD_OP_BATCH_NORM)
      {
        g_assert_cmpint (nmd_graph_get (with.graph, i - 1)->op, ==,
                         NMD_OP_BATCH_VARIANCE);
        g_assert_cmpint (nmd_graph_get (with.graph, i - 2)->op, ==, NMD_OP_BATCH_MEAN);
      }
    else if (nmd_graph_get (with.graph, i)->op == NMD_OP_BATCH_NORM_GRAD_X)
      {
        g_assert_cmpint (nmd_graph_get (with.graph, i - 1)->op, ==,
                         NMD_OP_BATCH_NORM_GRAD_GAMMA);
        g_assert_cmpint (nmd_graph_get (with.graph, i - 2)->op, ==, NMD_OP_REDUCE);
      }
}

static void
test_refused (void)
{
  const NmdNetwork *net = network ("nmdassistnet");
  g_auto (NmdNetworkGraph) graph = { NULL };
  g_autoptr (GError) error = NULL;

  g_assert_false (nmd_network_inference (&graph, net, 1, 4, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
  g_clear_error (&error);
  g_assert_false (nmd_network_grad_cam (&graph, net, 2, 1, "stages.9", &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
  g_assert_true (g_str_has_prefix (
      error->message, "Network nmdassistnet has no map called “stages.9”; near it "
                      "are stages."));
  g_clear_error (&error);
  /* a weight has four dimensions too, but is no map */
  g_assert_false (nmd_network_grad_cam (&graph, net, 2, 1, "head.weight", &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
  g_assert_null (graph.graph);
}

static void
test_grad_cam (void)
{
  g_auto (NmdNetworkGraph) graph = { NULL };

  g_assert_true (
      nmd_network_grad_cam (&graph, network ("nmdassistnet"), 2, 1, NULL, NULL));
  g_assert_cmpint (graph.map, ==, nmd_graph_find (graph.graph, "expand_pw"));
  g_assert_true (
      nmd_shape_equal (&nmd_graph_get (graph.graph, graph.map)->shape,
                       &nmd_graph_get (graph.graph, graph.map_gradient)->shape));
  /* only what lies between the logits and the map is differentiated: pool, head, fc */
  g_assert_cmpint (count_ops (graph.graph, NMD_OP_CONV_GRAD_X), ==, 1);
  g_assert_cmpint (count_ops (graph.graph, NMD_OP_CONV_GRAD_W), ==, 0);
}

/* The equal average of w0, w1, w2 entering one after the other. */
static void
test_averaging (void)
{
  g_auto (NmdNetworkGraph) graph = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = nmd_session_open ("reference", 1, &error);
  g_autoptr (NmdProgram) program = NULL;
  float got[2];

  g_assert_true (nmd_network_averaging (&graph, network ("nmdassistnet"), 2, &error));
  g_assert_cmpint (count_ops (graph.graph, NMD_OP_BLEND), ==, 282);
  program = nmd_session_compile (session, graph.graph, NULL, 0, &error);
  g_assert_no_error (error);
  for (int k = 0; k < 3; k++)
    {
      const float bias[2] = { (float)k, (float)(k * k) }, share = 1.0f / (float)(k + 1);

      g_assert_true (nmd_session_store_write (session, "fc.bias", bias, 2, &error));
      g_assert_true (nmd_program_write (program, graph.average_share, &share, &error));
      g_assert_true (nmd_program_run (program, &error));
    }
  g_assert_true (nmd_session_store_read (session, "average:fc.bias", got, 2, &error));
  g_assert_cmpfloat (fabsf (got[0] - 1.0f), <, 1e-6f);
  g_assert_cmpfloat (fabsf (got[1] - 5.0f / 3), <, 1e-6f);
}

/* Renewal with share 1 leaves one batch's statistics and no change to parameters. */
static void
test_renewal (void)
{
  const NmdNetwork *net = network ("nmdassistnet");
  const float share = 1;
  g_auto (NmdNetworkGraph) graph = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", 0, &error);
  g_autoptr (NmdWeights) weights = nmd_network_init (net, 2, 1), after = NULL;
  g_autoptr (NmdProgram) program = NULL;
  g_autofree float *images = g_new (float, 3 * 224 * 224);
  double changed = 0;

  g_assert_true (nmd_network_renewal (&graph, net, 2, 1, &error));
  g_assert_cmpint (count_ops (graph.graph, NMD_OP_BLEND), ==, 172);
  program = nmd_session_compile (session, graph.graph, NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_true (nmd_session_load (session, weights, NULL, &error));
  for (int i = 0; i < 3 * 224 * 224; i++)
    images[i] = (float)(i % 97) / 97;
  g_assert_true (nmd_program_write (program, graph.images, images, &error));
  g_assert_true (nmd_program_write (program, graph.share, &share, &error));
  g_assert_true (nmd_program_run (program, &error));
  after = nmd_session_save (session, "", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < nmd_weights_get_n (weights); i++)
    {
      const char *name = nmd_weights_get_name (weights, i);
      NmdShape shape;
      const float *a = nmd_weights_get (weights, name, &shape);
      const float *b = nmd_weights_get (after, name, NULL);
      const gsize bytes = nmd_shape_count (&shape) * sizeof (float);

      if (strstr (name, "running") == NULL)
        g_assert_cmpmem (a, bytes, b, bytes);
      else
        changed += memcmp (a, b, bytes) != 0;
    }
  g_assert_cmpfloat (changed, ==, 172);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network/list", test_list);
  g_test_add_func ("/network/parameters", test_parameters);
  g_test_add_func ("/network/names", test_names);
  g_test_add_func ("/network/blocks", test_blocks);
  g_test_add_func ("/network/fresh", test_fresh);
  g_test_add_func ("/network/training-graph", test_training_graph);
  g_test_add_func ("/network/refused", test_refused);
  g_test_add_func ("/network/grad-cam", test_grad_cam);
  g_test_add_func ("/network/averaging", test_averaging);
  g_test_add_func ("/network/renewal", test_renewal);
  return g_test_run ();
}
