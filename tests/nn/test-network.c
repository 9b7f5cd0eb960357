/* SPDX-License-Identifier: Apache-2.0
 *
 * The networks: parameter counts, names and their order as in the PyTorch module, fresh
 * weights' distributions, and what each kind of graph holds and changes.
 */
#include "engine/backend/nmd-session.h"
#include "engine/nn/nmd-summary.h"

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
  const NmdNetwork *list = nmd_networks_list (NMD_TASK_CLASSIFY, &n);

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
    { "nmdassistnet", 2395768, 1281 },
    { "ghostnet", 3904070, 1281 },
    { "efficientnet", 4010110, 1281 },
    { "cspnet", 20593218, 1025 },
    { "hrnet", 19254102, 2049 },
    { "vit", 85800194, 769 },
    /* by hand: five CBAMs have 248 + 320 + 545 + 3362 + 6680 */
    { "nmdassistnet-no-cbam", 2384613, 1281 },
    { "nmdassistnet-no-shuffle", 2395768, 1281 },
    /* 3·16·9 + 32 for 27 + 3·16 + 32 */
    { "nmdassistnet-dense-stem", 2396125, 1281 },
    /* 160·9 + 320 + 160·960 + 1920 less, and 800 inputs of 1280 */
    { "nmdassistnet-no-expansion", 1214488, 1281 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    for (int classes = 2; classes <= 3; classes++)
      {
        const NmdNetwork *found = nmd_network_find (expected[i].name, NULL);
        g_auto (NmdNetworkGraph) graph = { NULL };
        g_autoptr (GError) error = NULL;

        g_assert_true (nmd_network_inference (&graph, found, classes, 1, &error));
        g_assert_no_error (error);
        g_assert_cmpint (nmd_graph_count_parameters (graph.graph), ==,
                         expected[i].count + (classes - 2) * expected[i].per_class);
      }
}

/* Variants can be trained and explained like the others, and stand in no list. */
static void
test_ablation (void)
{
  guint n = 0, n_listed = 0;
  const NmdNetwork *variants = nmd_networks_list_ablation (&n);
  const NmdNetwork *listed = nmd_networks_list (NMD_TASK_CLASSIFY, &n_listed);
  const NmdAdamSettings adam = { 0.9, 0.999, 1e-8, 1e-5 };

  g_assert_cmpuint (n, ==, 4);
  for (guint i = 0; i < n; i++)
    {
      g_auto (NmdNetworkGraph) training = { NULL };
      g_auto (NmdNetworkGraph) map = { NULL };
      g_autoptr (GError) error = NULL;

      g_assert_true (nmd_network_find (variants[i].name, NULL) == &variants[i]);
      for (guint k = 0; k < n_listed; k++)
        g_assert_cmpstr (listed[k].name, !=, variants[i].name);
      g_assert_true (nmd_network_training (&training, &variants[i], 2, 2, &adam, &error));
      g_assert_no_error (error);
      g_assert_true (nmd_network_grad_cam (&map, &variants[i], 2, 1, NULL, &error));
      g_assert_no_error (error);
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
  const NmdNetwork *list = nmd_networks_list (NMD_TASK_CLASSIFY, &n);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *file = g_strconcat (list[i].name, ".json", NULL);
      g_autofree char *path
          = g_test_build_filename (G_TEST_DIST, "backend", "golden", file, NULL);
      g_autoptr (JsonParser) parser = json_parser_new ();
      g_autoptr (GPtrArray) parameters = NULL, buffers = NULL;
      g_autoptr (GError) error = NULL;
      g_auto (NmdNetworkGraph) graph = { NULL };
      guint parameter = 0, buffer = 0;

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

/* Mean and standard deviation of a tensor of normal values. */
static void
expect_normal (const NmdWeights *weights, const char *name, double deviation)
{
  NmdShape shape;
  const float *values = nmd_weights_get (weights, name, &shape);
  const gsize n = nmd_shape_count (&shape);
  double sum = 0, square = 0, fourth = 0;

  g_test_message ("%s", name);
  for (gsize i = 0; i < n; i++)
    {
      const double z = (double)values[i] / deviation;

      sum += z;
      square += z * z;
      fourth += z * z * z * z;
    }
  /* five standard errors; of z⁴ the variance is 96 */
  g_assert_cmpfloat (fabs (sum / (double)n), <=, 5 / sqrt ((double)n));
  g_assert_cmpfloat (fabs (square / (double)n - 1), <=, 5 * sqrt (2 / (double)n));
  g_assert_cmpfloat (fabs (fourth / (double)n - 3), <=, 5 * sqrt (96 / (double)n));
}

/* The other networks start as timm's modules do. */
static void
test_fresh_timm (void)
{
  static const struct
  {
    const char *network, *tensor;
    char draw; /* uniform, normal, constant */
    double value;
  } cases[] = {
    { "ghostnet", "conv_stem.weight", 'u', 1 / 5.196152422706632 }, /* √27 */
    { "ghostnet", "blocks.8.3.se.conv_expand.bias", 'u', 1 / 15.491933384829668 },
    { "ghostnet", "blocks.7.0.conv_dw.weight", 'u', 1.0 / 5 },
    { "ghostnet", "blocks.7.0.bn_dw.weight", 'c', 1 },
    { "ghostnet", "classifier.weight", 'u', 1 / 35.77708763999664 },
    { "ghostnet", "conv_head.bias", 'u', 1 / 30.983866769659336 },
    { "efficientnet", "conv_stem.weight", 'n', 0.08333333333333333 }, /* √(2/(9·32)) */
    { "efficientnet", "blocks.5.1.conv_dw.weight", 'n',
      0.2828427124746190 }, /* √(2/25) */
    { "efficientnet", "blocks.5.1.conv_pw.weight", 'n', 0.0416666666666667 },
    { "efficientnet", "blocks.5.1.se.conv_reduce.bias", 'c', 0 },
    { "efficientnet", "classifier.weight", 'u', 0.5773502691896258 }, /* 1/√3 classes */
    { "efficientnet", "classifier.bias", 'c', 0 },
    { "efficientnet", "bn2.weight", 'c', 1 },
    { "efficientnet", "bn2.running_var", 'c', 1 },
    { "cspnet", "stem.conv1.conv.weight", 'n', 0.0252538136138053 }, /* √(2/(49·64)) */
    { "cspnet", "stages.0.blocks.1.conv2.conv.weight", 'n', 0.0589255650988790 },
    { "cspnet", "stages.2.blocks.4.conv3.bn.weight", 'c', 0 },
    { "cspnet", "stages.2.blocks.4.conv3.bn.bias", 'c', 0 },
    { "cspnet", "stages.2.blocks.4.conv3.bn.running_var", 'c', 1 },
    { "cspnet", "stages.2.blocks.4.conv2.bn.weight", 'c', 1 },
    { "cspnet", "head.fc.weight", 'n', 0.01 },
    { "cspnet", "head.fc.bias", 'c', 0 },
    { "hrnet", "conv1.weight", 'n', 0.0589255650988790 }, /* √(2/(9·64)) */
    { "hrnet", "stage4.2.fuse_layers.3.0.0.0.weight", 'n', 0.1111111111111111 },
    { "hrnet", "final_layer.0.weight", 'n', 0.03125 },
    { "hrnet", "final_layer.0.bias", 'u', 0.03125 },
    { "hrnet", "layer1.0.bn3.weight", 'c', 1 },
    { "hrnet", "classifier.weight", 'u', 1 / 45.254833995939045 },
    { "vit", "cls_token", 'n', 1e-6 },
    { "vit", "pos_embed", 'n', 0.02 },
    { "vit", "patch_embed.proj.weight", 'u', 1 / 27.712812921102035 }, /* √768 */
    { "vit", "patch_embed.proj.bias", 'u', 1 / 27.712812921102035 },
    { "vit", "blocks.3.attn.qkv.weight", 'n', 0.02 },
    { "vit", "blocks.3.attn.qkv.bias", 'c', 0 },
    { "vit", "blocks.11.mlp.fc2.weight", 'n', 0.02 },
    { "vit", "blocks.11.norm2.weight", 'c', 1 },
    { "vit", "head.weight", 'n', 0.02 },
    { "vit", "head.bias", 'c', 0 },
  };
  g_autoptr (NmdWeights) weights = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      if (i == 0 || !g_str_equal (cases[i].network, cases[i - 1].network))
        {
          g_clear_pointer (&weights, nmd_weights_unref);
          weights = nmd_network_init (network (cases[i].network), 3, 11);
        }
      if (cases[i].draw == 'u')
        expect_uniform (weights, cases[i].tensor, cases[i].value);
      else if (cases[i].draw == 'n')
        expect_normal (weights, cases[i].tensor, cases[i].value);
      else
        expect_all (weights, cases[i].tensor, (float)cases[i].value);
    }
}

/* Values of blocks, the layer that Grad-CAM reads, and what only training has. */
static void
test_timm_blocks (void)
{
  static const struct
  {
    const char *network, *node;
    NmdOp op;
    NmdShape shape;
  } cases[] = {
    { "ghostnet", "act1", NMD_OP_ACTIVATION, { 4, { 2, 16, 112, 112 } } },
    { "ghostnet", "blocks.3.0", NMD_OP_ADD, { 4, { 2, 40, 28, 28 } } },
    { "ghostnet", "blocks.3.0.se", NMD_OP_MULTIPLY, { 4, { 2, 72, 28, 28 } } },
    { "ghostnet", "blocks.3.0.se.gate", NMD_OP_ACTIVATION, { 4, { 2, 72, 1, 1 } } },
    { "ghostnet",
      "blocks.3.0.ghost1.primary_conv",
      NMD_OP_ACTIVATION,
      { 4, { 2, 36, 56, 56 } } },
    { "ghostnet", "blocks.6", NMD_OP_ADD, { 4, { 2, 112, 14, 14 } } },
    { "ghostnet", "blocks.6.4", NMD_OP_ADD, { 4, { 2, 112, 14, 14 } } },
    { "ghostnet", "blocks.9", NMD_OP_ACTIVATION, { 4, { 2, 960, 7, 7 } } },
    { "ghostnet", "blocks.9.0", NMD_OP_ACTIVATION, { 4, { 2, 960, 7, 7 } } },
    { "efficientnet", "blocks.0", NMD_OP_BATCH_NORM, { 4, { 2, 16, 112, 112 } } },
    { "efficientnet", "blocks.5", NMD_OP_ADD, { 4, { 2, 192, 7, 7 } } },
    { "efficientnet", "blocks.5.3", NMD_OP_ADD, { 4, { 2, 192, 7, 7 } } },
    { "efficientnet", "bn2.act", NMD_OP_ACTIVATION, { 4, { 2, 1280, 7, 7 } } },
    { "cspnet", "stem.pool", NMD_OP_MAX_POOL, { 4, { 2, 64, 56, 56 } } },
    { "cspnet", "stages.1.conv_exp", NMD_OP_BATCH_NORM, { 4, { 2, 512, 28, 28 } } },
    { "cspnet", "stages.2.blocks.4", NMD_OP_ACTIVATION, { 4, { 2, 512, 14, 14 } } },
    { "cspnet", "stages.3", NMD_OP_ACTIVATION, { 4, { 2, 1024, 7, 7 } } },
    { "hrnet", "layer1.3", NMD_OP_ACTIVATION, { 4, { 2, 256, 56, 56 } } },
    { "hrnet", "stage4.1.branches.3", NMD_OP_ACTIVATION, { 4, { 2, 144, 7, 7 } } },
    { "hrnet", "stage4.1.fuse_layers.0.3", NMD_OP_UPSAMPLE, { 4, { 2, 18, 56, 56 } } },
    { "hrnet", "incre_modules.1", NMD_OP_ACTIVATION, { 4, { 2, 256, 28, 28 } } },
    { "hrnet", "incre_modules.1.0", NMD_OP_ACTIVATION, { 4, { 2, 256, 28, 28 } } },
    { "hrnet", "final_layer", NMD_OP_ACTIVATION, { 4, { 2, 2048, 7, 7 } } },
    { "vit", "patch_embed", NMD_OP_CONV, { 4, { 2, 768, 14, 14 } } },
    { "vit", "blocks.7", NMD_OP_ADD, { 4, { 2, 768, 197, 1 } } },
    { "vit", "blocks.7.attn", NMD_OP_LINEAR, { 4, { 2, 768, 197, 1 } } },
    { "vit", "blocks.11.norm1", NMD_OP_LAYER_NORM, { 4, { 2, 768, 197, 1 } } },
  };
  g_auto (NmdNetworkGraph) graph = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const NmdNodeInfo *node;
      NmdNode found;

      if (i == 0 || !g_str_equal (cases[i].network, cases[i - 1].network))
        {
          nmd_network_graph_clear (&graph);
          g_assert_true (
              nmd_network_inference (&graph, network (cases[i].network), 2, 2, NULL));
        }
      g_test_message ("%s %s", cases[i].network, cases[i].node);
      found = nmd_graph_find (graph.graph, cases[i].node);
      g_assert_cmpint (found, !=, NMD_NODE_NONE);
      node = nmd_graph_get (graph.graph, found);
      g_assert_cmpint (node->op, ==, cases[i].op);
      g_assert_true (nmd_shape_equal (&node->shape, &cases[i].shape));
    }
}

/* Dropout is an input of training's graphs alone, where the network has it; all networks
 * can be trained and explained. */
static void
test_timm_kinds (void)
{
  const NmdAdamSettings adam = { 0.9, 0.999, 1e-8, 1e-5 };
  guint n = 0;
  const NmdNetwork *list = nmd_networks_list (NMD_TASK_CLASSIFY, &n);

  g_assert_cmpuint (n, ==, 6);
  for (guint i = 0; i < n; i++)
    {
      g_auto (NmdNetworkGraph) training = { NULL }, inference = { NULL }, cam = { NULL };
      g_autoptr (GError) error = NULL;
      const NmdShape *map;
      gint64 parameters;

      g_test_message ("%s", list[i].name);
      g_assert_true (nmd_network_training (&training, &list[i], 3, 2, &adam, &error));
      g_assert_true (nmd_network_inference (&inference, &list[i], 3, 2, &error));
      g_assert_true (nmd_network_grad_cam (&cam, &list[i], 3, 2, NULL, &error));
      parameters = nmd_graph_count_parameters (inference.graph);
      g_assert_cmpint (parameters, ==, nmd_graph_count_parameters (training.graph));
      g_assert_cmpint (inference.dropout, ==, NMD_NODE_NONE);
      g_assert_true ((training.dropout != NMD_NODE_NONE) == (list[i].dropout > 0));
      map = &nmd_graph_get (cam.graph, cam.map)->shape;
      if (list[i].cam_tokens > 0)
        g_assert_cmpint (map->dims[2], ==, 14 * 14 + list[i].cam_tokens);
      else
        g_assert_cmpint (map->dims[2], ==, 7);
      if (training.dropout != NMD_NODE_NONE)
        {
          const NmdNodeInfo *mask = nmd_graph_get (training.graph, training.dropout);

          g_assert_cmpint (mask->op, ==, NMD_OP_INPUT);
          g_assert_true (nmd_shape_equal (&mask->shape, &(NmdShape){ 2, { 2, 1280 } }));
          g_assert_cmpfloat (list[i].dropout, ==, 0.2);
        }
    }
}

/* The table adds up, and the multiply-adds are those that are published for these
 * networks (CSPResNet-50's 4.54 thousand millions are at 256 × 256). */
static void
test_summary (void)
{
  static const struct
  {
    const char *name;
    double least, most; /* 10⁹ multiply-adds */
  } known[] = { { "nmdassistnet", 0.1, 0.15 },  { "ghostnet", 0.13, 0.15 },
                { "efficientnet", 0.37, 0.41 }, { "cspnet", 3.4, 3.52 },
                { "hrnet", 4.2, 4.4 },          { "vit", 16.8, 17.7 } };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_autoptr (NmdSummary) summary = nmd_summary_new (network (known[i].name), 2, NULL);
      g_auto (NmdNetworkGraph) graph = { NULL };
      gint64 parameters = 0, macs = 0, bytes = 0;

      g_assert_true (nmd_network_inference (&graph, network (known[i].name), 2, 1, NULL));
      for (guint k = 0; k < summary->layers->len; k++)
        {
          const NmdLayer *layer = summary->layers->pdata[k];

          g_assert_cmpstr (layer->name, !=, "");
          g_assert_cmpint (layer->shape.dims[0], ==, 1);
          parameters += layer->parameters;
          macs += layer->macs;
          bytes += layer->bytes;
        }
      g_test_message ("%s %.3f", known[i].name, (double)macs / 1e9);
      g_assert_cmpint (parameters, ==, nmd_graph_count_parameters (graph.graph));
      g_assert_cmpint (parameters, ==, summary->parameters);
      g_assert_cmpint (macs, ==, summary->macs);
      g_assert_cmpint (bytes, ==, summary->bytes);
      g_assert_cmpfloat ((double)macs / 1e9, >=, known[i].least);
      g_assert_cmpfloat ((double)macs / 1e9, <=, known[i].most);
    }
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
  g_test_add_func ("/network/ablation", test_ablation);
  g_test_add_func ("/network/names", test_names);
  g_test_add_func ("/network/blocks", test_blocks);
  g_test_add_func ("/network/fresh", test_fresh);
  g_test_add_func ("/network/fresh-timm", test_fresh_timm);
  g_test_add_func ("/network/timm-blocks", test_timm_blocks);
  g_test_add_func ("/network/timm-kinds", test_timm_kinds);
  g_test_add_func ("/network/summary", test_summary);
  g_test_add_func ("/network/training-graph", test_training_graph);
  g_test_add_func ("/network/refused", test_refused);
  g_test_add_func ("/network/grad-cam", test_grad_cam);
  g_test_add_func ("/network/averaging", test_averaging);
  g_test_add_func ("/network/renewal", test_renewal);
  return g_test_run ();
}
