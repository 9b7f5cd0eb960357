/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of `nmd` about networks and machines: model, devices.
 */
#include "app/nmd-command.h"

#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-json.h"
#include "engine/nn/nmd-summary.h"

#include <stdio.h>
#include <string.h>

static JsonArray *
list_layers (const NmdSummary *summary)
{
  JsonArray *layers = json_array_new ();

  for (guint i = 0; i < summary->layers->len; i++)
    {
      const NmdLayer *layer = summary->layers->pdata[i];
      JsonObject *object = json_object_new ();
      JsonArray *shape = json_array_new ();

      for (int d = 0; d < layer->shape.n_dims; d++)
        json_array_add_int_element (shape, layer->shape.dims[d]);
      json_object_set_string_member (object, "name", layer->name);
      json_object_set_string_member (object, "operation", nmd_op_get_name (layer->op));
      json_object_set_array_member (object, "output_shape", shape);
      json_object_set_int_member (object, "parameters", layer->parameters);
      json_object_set_int_member (object, "multiply_adds", layer->macs);
      json_object_set_int_member (object, "activation_bytes", layer->bytes);
      json_array_add_object_element (layers, object);
    }
  return layers;
}

static JsonNode *
describe (const NmdNetwork *network, const NmdSummary *summary)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_node_take_object (node, object);
  json_object_set_string_member (object, "model", network->name);
  json_object_set_string_member (object, "title", network->title);
  json_object_set_string_member (object, "note", network->note);
  json_object_set_string_member (object, "source", network->source);
  json_object_set_int_member (object, "parameters", summary->parameters);
  json_object_set_int_member (object, "multiply_adds", summary->macs);
  json_object_set_int_member (object, "activation_bytes", summary->bytes);
  json_object_set_array_member (object, "layers", list_layers (summary));
  return node;
}

/* @text, then blanks up to @width letters: printf() would count bytes. */
static void
print_padded (const char *text, int width)
{
  printf ("%s%*s ", text, MAX (width - (int)g_utf8_strlen (text, -1), 0), "");
}

static void
print_row (int width,
           const char *name,
           const char *operation,
           const char *shape,
           gint64 parameters,
           gint64 macs,
           gint64 bytes)
{
  print_padded (name, width);
  print_padded (operation, 14);
  print_padded (shape, 14);
  printf ("%10" G_GINT64_FORMAT " %14" G_GINT64_FORMAT " %12" G_GINT64_FORMAT "\n",
          parameters, macs, bytes);
}

/* The table for people, of one image. */
static void
print_summary (const NmdNetwork *network, const NmdSummary *summary)
{
  int width = 5;

  for (guint i = 0; i < summary->layers->len; i++)
    {
      const NmdLayer *layer = summary->layers->pdata[i];

      width = MAX (width, (int)strlen (layer->name));
    }
  printf ("%s\n%s\n%s\n\n", network->title, network->note, network->source);
  printf ("%-*s %-14s %-14s %10s %14s %12s\n", width, "layer", "operation", "output",
          "parameters", "multiply-adds", "bytes");
  for (guint i = 0; i < summary->layers->len; i++)
    {
      const NmdLayer *layer = summary->layers->pdata[i];
      g_autoptr (GString) shape = g_string_new (NULL);

      for (int d = 1; d < layer->shape.n_dims; d++)
        g_string_append_printf (shape, "%s%d", d > 1 ? "×" : "", layer->shape.dims[d]);
      print_row (width, layer->name, nmd_op_get_name (layer->op), shape->str,
                 layer->parameters, layer->macs, layer->bytes);
    }
  print_row (width, "total", "", "", summary->parameters, summary->macs, summary->bytes);
}

int
nmd_command_model (int argc, char **argv)
{
  int classes = 2, status = 0;
  const GOptionEntry entries[] = {
    { "classes", 0, 0, G_OPTION_ARG_INT, &classes, "Number of classes [2]", "N" },
    { NULL },
  };
  const NmdNetwork *network;
  g_autoptr (NmdSummary) summary = NULL;
  g_autoptr (GError) error = NULL;

  if (!nmd_command_parse ("model", entries, &argc, &argv, 1, 1, &status))
    return status;
  if (classes < 2 || classes > 10000)
    return nmd_command_usage ("--classes must be 2 to 10000, not %d", classes);
  network = nmd_network_find (argv[1], &error);
  if (network == NULL || (summary = nmd_summary_new (network, classes, &error)) == NULL)
    return nmd_command_fail (error);
  if (nmd_command_wants_json ())
    nmd_command_print_json (describe (network, summary));
  else
    print_summary (network, summary);
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
