/* SPDX-License-Identifier: Apache-2.0
 *
 * Written PyTorch modules: every tensor of every network is declared in the shape that its weights
 * file has, every layer is used, and the same settings give the same text. That their logits are the
 * network's is checked by tests/nn/check-pytorch.py, which needs PyTorch.
 */
#include "engine/nn/nmd-pytorch.h"
#include "engine/nn/blocks/nmd-blocks.h"

#include <stdio.h>
#include <string.h>

/* "self.stages[0].conv" of "stages.0.conv" */
static char *
member (const char *path)
{
  GString *text = g_string_new ("self");
  g_auto (GStrv) parts = g_strsplit (path, ".", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    g_string_append_printf (text, g_ascii_isdigit (*parts[i]) ? "[%s]" : ".%s", parts[i]);
  return g_string_free (text, FALSE);
}

/* The declaration that holds the tensor @node: the layer of its name, or it itself. */
static char *
find_declaration (const char *text, const NmdNodeInfo *node, char **layer)
{
  const char *dot = strrchr (node->name, '.');
  g_autofree char *quoted = NULL;
  const char *found;

  *layer = dot != NULL ? g_strndup (node->name, (gsize)(dot - node->name))
                       : g_strdup (node->name);
  quoted = g_strdup_printf ("        add(\"%s\", ", *layer);
  found = strstr (text, quoted);
  if (found == NULL)
    g_error ("%s is not declared", node->name);
  found += strlen (quoted);
  g_assert_null (strstr (found, quoted)); /* once */
  return g_strndup (found, strcspn (found, "\n"));
}

/* What PyTorch would make of it has the tensor's shape. */
static void
check_shape (const char *declaration, const NmdNodeInfo *node)
{
  const NmdShape *w = &node->shape;
  const gboolean is_weight = g_str_has_suffix (node->name, ".weight");
  int a = 0, b = 0, k = 0, groups = 1;

  if (sscanf (declaration, "nn.Conv2d(%d, %d, %d", &a, &b, &k) == 3)
    {
      if (strstr (declaration, "groups=") != NULL)
        g_assert_cmpint (sscanf (strstr (declaration, "groups="), "groups=%d", &groups),
                         ==, 1);
      g_assert_cmpint (w->dims[0], ==, b);
      if (is_weight)
        g_assert_true (w->n_dims == 4 && w->dims[1] * groups == a && w->dims[2] == k
                       && w->dims[3] == k);
      else
        g_assert_null (strstr (declaration, "bias=False"));
    }
  else if (sscanf (declaration, "nn.Linear(%d, %d", &a, &b) == 2)
    g_assert_true (w->dims[0] == b
                   && (is_weight ? w->n_dims == 2 && w->dims[1] == a : w->n_dims == 1));
  else if (sscanf (declaration, "nn.BatchNorm2d(%d", &a) == 1
           || sscanf (declaration, "nn.LayerNorm(%d", &a) == 1)
    g_assert_true (w->n_dims == 1 && w->dims[0] == a);
  else
    {
      g_assert_cmpint (
          sscanf (declaration, "nn.Parameter(torch.zeros(%d, %d, %d", &a, &b, &k), ==, 3);
      g_assert_true (w->n_dims == 3 && w->dims[0] == a && w->dims[1] == b
                     && w->dims[2] == k);
    }
}

static void
test_networks (void)
{
  guint n = 0;
  const NmdNetwork *networks = nmd_networks_list (NMD_TASK_CLASSIFY, &n);

  for (guint i = 0; i < n; i++)
    {
      const NmdPytorchSettings settings
          = { .network = &networks[i], .n_classes = 3, .classes = { NULL, NULL } };
      g_autoptr (GError) error = NULL;
      g_autofree char *text = nmd_pytorch_write (&settings, &error);
      g_autofree char *again = nmd_pytorch_write (&settings, NULL);
      g_auto (NmdNetworkGraph) graph = { NULL };
      const char *forward;

      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, again);
      g_assert_true (g_utf8_validate (text, -1, NULL));
      g_assert_nonnull (strstr (text, "CLASSES = [\"0\", \"1\", \"2\"]\n"));
      forward = strstr (text, "    def forward(self, x):\n");
      g_assert_nonnull (forward);
      g_assert_nonnull (strstr (forward, "        return self."));
      g_assert_true (nmd_network_inference (&graph, &networks[i], 3, 1, NULL));
      for (NmdNode k = 0; k < nmd_graph_get_n_nodes (graph.graph); k++)
        {
          const NmdNodeInfo *node = nmd_graph_get (graph.graph, k);
          g_autofree char *declaration = NULL, *layer = NULL, *used = NULL;

          if (node->op != NMD_OP_STORE)
            continue;
          declaration = find_declaration (text, node, &layer);
          check_shape (declaration, node);
          used = member (layer);
          if (strstr (forward, used) == NULL)
            g_error ("%s is not used", used);
        }
      g_assert_true ((strstr (forward, "F.dropout(") != NULL)
                     == (networks[i].dropout > 0));
    }
}

/* What a run knows stands in the file; words cannot leave their quotes. */
static void
test_settings (void)
{
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  const NmdPytorchSettings settings
      = { .network = nmd_network_find ("nmdassistnet", NULL),
          .n_classes = 2,
          .classes = { "normal", "a\"; b\\\n" },
          .parameters = parameters,
          .prefix = "module." };
  g_autofree char *text = NULL;

  g_assert_true (nmd_parameters_set_text (parameters, "background", "black", NULL));
  g_assert_true (nmd_parameters_set_text (parameters, "clahe", "off", NULL));
  g_assert_true (nmd_parameters_set_text (parameters, "roi-margin", "0.25", NULL));
  text = nmd_pytorch_write (&settings, NULL);
  g_assert_nonnull (strstr (text, "CLASSES = [\"normal\", \"a\\\"; b\\\\\\\\x0a\"]\n"));
  g_assert_nonnull (strstr (text, "\nMARGIN = 0.25 "));
  g_assert_nonnull (strstr (text, "\nBLACK = True "));
  g_assert_nonnull (strstr (text, "\nMEDIAN = True\n"));
  g_assert_nonnull (strstr (text, "\nCLAHE = None\n"));
  g_assert_nonnull (strstr (text, "\n# Preprocessing as in the training.\n"));
  g_assert_nonnull (strstr (text, "k.removeprefix(\"module.\")"));
}

static NmdNode
build_odd (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode G_GNUC_UNUSED)
{
  x = nmd_block_conv (graph, "con-v", x, 4, 1, 1, 1, FALSE);
  x = nmd_block_flatten (graph, "flat",
                         nmd_block_reduce (graph, "p", x, NMD_REDUCE_MEAN, NMD_AXES_HW));
  return nmd_block_linear (graph, "fc", x, n_classes);
}

/* A name that Python has not is refused, and so is one class. */
static void
test_refused (void)
{
  static const NmdNetwork odd = { .name = "odd",
                                  .title = "Odd",
                                  .note = "",
                                  .source = "",
                                  .input_size = 8,
                                  .build = build_odd };
  NmdPytorchSettings settings = { .network = &odd, .n_classes = 2 };
  g_autoptr (GError) error = NULL;

  g_assert_null (nmd_pytorch_write (&settings, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "con-v"));
  g_clear_error (&error);
  settings.network = nmd_network_find ("ghostunet", NULL);
  g_assert_null (nmd_pytorch_write (&settings, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  settings.network = nmd_network_find ("nmdassistnet", NULL);
  settings.n_classes = 1;
  g_assert_null (nmd_pytorch_write (&settings, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pytorch/networks", test_networks);
  g_test_add_func ("/pytorch/settings", test_settings);
  g_test_add_func ("/pytorch/refused", test_refused);
  return g_test_run ();
}
