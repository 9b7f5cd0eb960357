/* SPDX-License-Identifier: Apache-2.0
 *
 * The networks for outlines: sizes, counts, and what they refuse. What their graphs compute
 * is compared with PyTorch among the backend's tests.
 */
#include "engine/nn/nmd-network.h"

/* Networks for outlines: logits, scores and targets are maps of the image's size, whatever
 * multiple of 32 that is; the light one has NMD-AssistNet's tensors up to its head. */
static void
test_graphs (void)
{
  static const gint64 parameters[] = { 1067047, 7849601 };
  guint n = 0;
  const NmdNetwork *list = nmd_networks_list (NMD_TASK_SEGMENT, &n);

  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpstr (list[0].name, ==, "ghostunet");
  for (guint i = 0; i < n; i++)
    for (int size = 32; size <= 256; size += 224)
      {
        const NmdShape map = { 4, { 2, 1, size, size } };
        NmdNetwork sized = list[i];
        g_auto (NmdNetworkGraph) training = { NULL }, inference = { NULL };
        g_autoptr (GError) error = NULL;

        g_assert_cmpint (sized.task, ==, NMD_TASK_SEGMENT);
        g_assert_cmpint (sized.input_size, ==, 256);
        sized.input_size = size;
        g_assert_true (nmd_network_training (&training, &sized, 2, 2, NULL, &error));
        g_assert_true (nmd_network_inference (&inference, &sized, 2, 2, &error));
        g_assert_cmpint (nmd_graph_count_parameters (inference.graph), ==, parameters[i]);
        g_assert_true (nmd_shape_equal (
            &nmd_graph_get (training.graph, training.targets)->shape, &map));
        g_assert_true (nmd_shape_equal (
            &nmd_graph_get (inference.graph, inference.logits)->shape, &map));
        g_assert_true (nmd_shape_equal (
            &nmd_graph_get (inference.graph, inference.scores)->shape, &map));
        for (NmdNode k = 0; k < nmd_graph_get_n_nodes (inference.graph); k++)
          {
            const NmdNodeInfo *node = nmd_graph_get (inference.graph, k);
            g_autofree char *gradient = g_strconcat ("d:", node->name, NULL);

            if (node->op == NMD_OP_STORE && node->at.trainable)
              g_assert_cmpint (nmd_graph_find (training.graph, gradient), >=, 0);
          }
      }
}

static void
test_refused (void)
{
  NmdNetwork sized = *nmd_network_find ("ghostunet", NULL);
  g_auto (NmdNetworkGraph) graph = { NULL };
  g_autoptr (GError) error = NULL;

  sized.input_size = 100;
  g_assert_false (nmd_network_inference (&graph, &sized, 2, 1, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
  g_assert_cmpstr (
      error->message, ==,
      "Network ghostunet takes images of a multiple of 32 pixels, not of 100");
  g_clear_error (&error);
  g_assert_false (
      nmd_network_grad_cam (&graph, nmd_network_find ("unet", NULL), 2, 1, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/segmentation/graphs", test_graphs);
  g_test_add_func ("/segmentation/refused", test_refused);
  return g_test_run ();
}
