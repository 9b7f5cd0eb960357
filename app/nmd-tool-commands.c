/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of `nmd` about networks and machines: model, devices.
 */
#include "app/nmd-command.h"

#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-json.h"
#include "engine/nn/nmd-network.h"

#include <stdio.h>
#include <string.h>

/* Trainable values that @node reads from the store. */
static gint64
count_own_parameters (const NmdGraph *graph, const NmdNodeInfo *node)
{
  gint64 count = 0;

  for (int i = 0; i < node->n_inputs; i++)
    {
      const NmdNodeInfo *input = nmd_graph_get (graph, node->inputs[i]);

      if (input->op == NMD_OP_STORE && input->at.trainable)
        count += (gint64)nmd_shape_count (&input->shape);
    }
  return count;
}

static gint64
count_macs (const NmdGraph *graph, const NmdNodeInfo *node)
{
  const NmdNodeInfo *weights = NULL;

  if (node->op != NMD_OP_CONV && node->op != NMD_OP_LINEAR)
    return 0;
  weights = nmd_graph_get (graph, node->inputs[1]);
  return (gint64)nmd_shape_count (&node->shape)
         * ((gint64)nmd_shape_count (&weights->shape) / weights->shape.dims[0]);
}

static JsonArray *
list_layers (const NmdGraph *graph)
{
  JsonArray *layers = json_array_new ();

  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (graph, i);
      JsonObject *layer = NULL;
      JsonArray *shape = NULL;

      if (node->op == NMD_OP_STORE || node->op == NMD_OP_INPUT
          || node->op == NMD_OP_CONSTANT || node->op == NMD_OP_RESHAPE)
        continue;
      layer = json_object_new ();
      shape = json_array_new ();
      for (int d = 0; d < node->shape.n_dims; d++)
        json_array_add_int_element (shape, node->shape.dims[d]);
      json_object_set_string_member (layer, "name", node->name);
      json_object_set_string_member (layer, "operation", nmd_op_get_name (node->op));
      json_object_set_array_member (layer, "output_shape", shape);
      json_object_set_int_member (layer, "parameters",
                                  count_own_parameters (graph, node));
      json_object_set_int_member (layer, "multiply_adds", count_macs (graph, node));
      json_object_set_int_member (layer, "activation_bytes",
                                  (gint64)(4 * nmd_shape_count (&node->shape)));
      json_array_add_object_element (layers, layer);
    }
  return layers;
}

static void
print_layers (JsonObject *object)
{
  JsonArray *layers = json_object_get_array_member (object, "layers");

  printf ("%s\n%s\n\n%-44s %-18s %-20s %10s %14s\n",
          json_object_get_string_member (object, "title"),
          json_object_get_string_member (object, "note"), "layer", "operation", "output",
          "parameters", "multiply-adds");
  for (guint i = 0; i < json_array_get_length (layers); i++)
    {
      JsonObject *layer = json_array_get_object_element (layers, i);
      JsonArray *dims = json_object_get_array_member (layer, "output_shape");
      g_autoptr (GString) shape = g_string_new (NULL);

      for (guint d = 1; d < json_array_get_length (dims); d++)
        g_string_append_printf (shape, "%s%d", d > 1 ? "×" : "",
                                (int)json_array_get_int_element (dims, d));
      printf ("%-44s %-18s %-20s %10" G_GINT64_FORMAT " %14" G_GINT64_FORMAT "\n",
              json_object_get_string_member (layer, "name"),
              json_object_get_string_member (layer, "operation"), shape->str,
              json_object_get_int_member (layer, "parameters"),
              json_object_get_int_member (layer, "multiply_adds"));
    }
  printf ("\n%" G_GINT64_FORMAT " parameters, %" G_GINT64_FORMAT
          " multiply-adds an image\n",
          json_object_get_int_member (object, "parameters"),
          json_object_get_int_member (object, "multiply_adds"));
}

int
nmd_command_model (int argc, char **argv)
{
  int classes = 2, status = 0;
  const GOptionEntry entries[] = {
    { "classes", 0, 0, G_OPTION_ARG_INT, &classes, "Number of classes [2]", "N" },
    { NULL },
  };
  g_auto (NmdNetworkGraph) built = { 0 };
  const NmdNetwork *network = NULL;
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (GError) error = NULL;
  JsonObject *object = json_object_new ();

  json_node_take_object (node, object);
  if (!nmd_command_parse ("model", entries, &argc, &argv, 1, 1, &status))
    return status;
  if (classes < 2 || classes > 10000)
    return nmd_command_usage ("--classes must be 2 to 10000, not %d", classes);
  network = nmd_network_find (argv[1], &error);
  if (network == NULL || !nmd_network_inference (&built, network, classes, 1, &error))
    return nmd_command_fail (error);
  json_object_set_string_member (object, "model", network->name);
  json_object_set_string_member (object, "title", network->title);
  json_object_set_string_member (object, "note", network->note);
  json_object_set_string_member (object, "source", network->source);
  json_object_set_int_member (object, "parameters",
                              nmd_graph_count_parameters (built.graph));
  json_object_set_int_member (object, "multiply_adds",
                              nmd_graph_count_macs (built.graph));
  json_object_set_array_member (object, "layers", list_layers (built.graph));
  if (nmd_command_wants_json ())
    nmd_command_print_json (g_steal_pointer (&node));
  else
    print_layers (object);
  return NMD_EXIT_DONE;
}

int
nmd_command_devices (int argc, char **argv)
{
  int status = 0;
  g_autoptr (GPtrArray) devices = NULL;
  JsonArray *array = NULL;
  JsonObject *object = NULL;
  JsonNode *node = NULL;

  if (!nmd_command_parse ("devices", NULL, &argc, &argv, 0, 0, &status))
    return status;
  devices = nmd_devices_list ();
  if (!nmd_command_wants_json ())
    {
      for (guint i = 0; i < devices->len; i++)
        {
          const NmdDevice *device = devices->pdata[i];

          printf ("%-10s %s%s%s\n", device->name, device->description,
                  device->unavailable != NULL ? " — cannot be used: " : "",
                  device->unavailable != NULL ? device->unavailable : "");
        }
      return NMD_EXIT_DONE;
    }
  array = json_array_new ();
  for (guint i = 0; i < devices->len; i++)
    {
      const NmdDevice *device = devices->pdata[i];
      JsonObject *entry = json_object_new ();

      json_object_set_string_member (entry, "name", device->name);
      json_object_set_string_member (entry, "description", device->description);
      json_object_set_boolean_member (entry, "available", device->unavailable == NULL);
      if (device->unavailable != NULL)
        json_object_set_string_member (entry, "reason", device->unavailable);
      json_array_add_object_element (array, entry);
    }
  object = json_object_new ();
  json_object_set_array_member (object, "devices", array);
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  nmd_command_print_json (node);
  return NMD_EXIT_DONE;
}
