/* SPDX-License-Identifier: Apache-2.0
 *
 * The networks: parameter counts, names and their order, fresh weights, the graphs of
 * each kind.
 */
#include "engine/nn/nmd-network.h"

#include <math.h>
#include <string.h>

static void
test_parameters (void)
{
  g_autoptr (GError) error = NULL;
  const NmdNetwork *network = nmd_network_find ("nmdassistnet", &error);
  g_auto (NmdNetworkGraph) graph = { NULL };

  g_assert_no_error (error);
  g_assert_true (nmd_network_inference (&graph, network, 2, 1, &error));
  g_assert_no_error (error);
  g_assert_cmpint (nmd_graph_count_parameters (graph.graph), ==, 2395768);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network/parameters", test_parameters);
  return g_test_run ();
}
