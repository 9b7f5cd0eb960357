/* SPDX-License-Identifier: Apache-2.0
 *
 * The record of starting weights in words.
 */
#include "engine/train/nmd-initial-record-private.h"

#define MOST_SAID 3 /* names of a longer list in the sentence */

/* "; WORDS a, b" if the list holds names, "; WORDS 26 tensors, a, b …" if many. */
static void
append_names (GString *text, JsonObject *object, const char *member, const char *words)
{
  JsonNode *node = json_object_get_member (object, member);
  JsonArray *list;
  guint n;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return;
  list = json_node_get_array (node);
  n = json_array_get_length (list);
  if (n == 0)
    return;
  g_string_append_printf (text, "; %s ", words);
  if (n > NMD_INITIAL_MOST)
    g_string_append_printf (text, "%u tensors, ", n);
  for (guint i = 0; i < (n > NMD_INITIAL_MOST ? MOST_SAID : n); i++)
    if (JSON_NODE_HOLDS_VALUE (json_array_get_element (list, i)))
      g_string_append_printf (text, "%s%s", i == 0 ? "" : ", ",
                              json_array_get_string_element (list, i));
  if (n > NMD_INITIAL_MOST)
    g_string_append (text, " …");
}

/* " of run NAME (nmdassistnet)"; "" for a file of no run. */
static char *
source_to_text (JsonObject *object)
{
  const char *run = json_object_get_string_member_with_default (object, "run", NULL);
  g_autofree char *name = run != NULL ? g_path_get_basename (run) : NULL;

  return run != NULL ? g_strdup_printf (
             " of run %s, network %s", name,
             json_object_get_string_member_with_default (object, "network", "?"))
                     : g_strdup ("");
}

char *
nmd_initial_to_text (JsonNode *record)
{
  JsonObject *object;
  g_autofree char *base = NULL, *left_out = NULL;
  g_autofree char *run = NULL;
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
  run = source_to_text (object);
  text = g_string_new (NULL);
  g_string_append_printf (text,
                          "Started from %s%s (SHA-256 %.12s…): %" G_GINT64_FORMAT
                          " of %" G_GINT64_FORMAT " tensors taken",
                          base, run, sha256,
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
      if (unknown > NMD_INITIAL_MOST)
        g_string_append (text, " …");
    }
  return g_string_free (text, FALSE);
}
