/* SPDX-License-Identifier: Apache-2.0
 *
 * Starting weights from a file: read, compared with the network, recorded. What fits is
 * nmd-transfer.c's to say.
 */
#include "engine/train/nmd-initial-weights-private.h"
#include "engine/core/nmd-file.h"

#define MOST_UNKNOWN 8 /* names that the record keeps */

static void
set_names (JsonObject *object, const char *member, const GPtrArray *names, guint most)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < MIN (names->len, most); i++)
    json_array_add_string_element (list, names->pdata[i]);
  json_object_set_array_member (object, member, list);
}

static JsonNode *
make_record (const NmdTransfer *transfer, const char *path, const char *sha256)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autofree char *full = g_canonicalize_filename (path, NULL);
  g_autofree char *shown = g_filename_display_name (full);

  json_object_set_string_member (object, "file", shown);
  json_object_set_string_member (object, "sha256", sha256);
  json_object_set_int_member (object, "used", transfer->n_used);
  json_object_set_int_member (object, "tensors", transfer->n_tensors);
  json_object_set_int_member (object, "classes", transfer->n_classes);
  if (*transfer->prefix != '\0')
    json_object_set_string_member (object, "prefix", transfer->prefix);
  set_names (object, "left_out", transfer->left_out, G_MAXUINT);
  set_names (object, "missing", transfer->missing, G_MAXUINT);
  json_object_set_int_member (object, "unknown_count", transfer->unknown->len);
  set_names (object, "unknown", transfer->unknown, MOST_UNKNOWN);
  set_names (object, "converted", transfer->converted, G_MAXUINT);
  json_node_take_object (node, object);
  return node;
}

NmdWeights *
nmd_initial_load (const char *path,
                  const NmdNetwork *network,
                  int n_classes,
                  guint64 seed,
                  JsonNode **record,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (GPtrArray) entries = nmd_weights_list (path, NULL, error);
  g_autoptr (NmdTransfer) transfer = NULL;
  g_autoptr (NmdWeights) file = NULL, weights = NULL;
  g_autofree char *sha256 = NULL;

  if (entries == NULL)
    return NULL;
  transfer = nmd_transfer_new (entries, path, network, n_classes, error);
  if (transfer == NULL)
    return NULL;
  sha256 = nmd_file_sha256 (path, cancellable, error);
  if (sha256 == NULL)
    return NULL;
  file = nmd_weights_load (path, error);
  if (file == NULL)
    return NULL;
  weights = nmd_network_init (network, n_classes, seed);
  if (nmd_transfer_apply (transfer, file, weights) != transfer->n_used)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_CHANGED,
                   "Weights file %s changed while it was read", path);
      return NULL;
    }
  *record = make_record (transfer, path, sha256);
  return g_steal_pointer (&weights);
}

/* "; WORDS a, b" if the list holds names. */
static void
append_names (GString *text, JsonObject *object, const char *member, const char *words)
{
  JsonNode *node = json_object_get_member (object, member);
  JsonArray *list;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return;
  list = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (list); i++)
    if (JSON_NODE_HOLDS_VALUE (json_array_get_element (list, i)))
      g_string_append_printf (text, i == 0 ? "; %s %s" : "%s%s", i == 0 ? words : ", ",
                              json_array_get_string_element (list, i));
}

char *
nmd_initial_to_text (JsonNode *record)
{
  JsonObject *object;
  g_autofree char *base = NULL, *left_out = NULL;
  const char *sha256, *prefix;
  gint64 unknown;
  GString *text;

  if (record == NULL || !JSON_NODE_HOLDS_OBJECT (record))
    return NULL;
  object = json_node_get_object (record);
  base = g_path_get_basename (
      json_object_get_string_member_with_default (object, "file", "?"));
  sha256 = json_object_get_string_member_with_default (object, "sha256", "?");
  prefix = json_object_get_string_member_with_default (object, "prefix", NULL);
  text = g_string_new (NULL);
  g_string_append_printf (text,
                          "Started from %s (SHA-256 %.12s…): %" G_GINT64_FORMAT
                          " of %" G_GINT64_FORMAT " tensors taken",
                          base, sha256,
                          json_object_get_int_member_with_default (object, "used", 0),
                          json_object_get_int_member_with_default (object, "tensors", 0));
  if (prefix != NULL)
    g_string_append_printf (text, ", their names without “%s”", prefix);
  left_out = g_strdup_printf (
      "fresh, because the file's are for %" G_GINT64_FORMAT " classes:",
      json_object_get_int_member_with_default (object, "classes", 0));
  append_names (text, object, "left_out", left_out);
  append_names (text, object, "missing", "fresh, because the file has none:");
  append_names (text, object, "converted", "converted from");
  unknown = json_object_get_int_member_with_default (object, "unknown_count", 0);
  if (unknown > 0)
    {
      g_autofree char *words = g_strdup_printf (
          "passed over, because the network has no such tensors: %" G_GINT64_FORMAT ",",
          unknown);

      append_names (text, object, "unknown", words);
      if (unknown > MOST_UNKNOWN)
        g_string_append (text, " …");
    }
  return g_string_free (text, FALSE);
}
