/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes JSON with shortest round-trip numbers; leaves parsing to json-glib.
 */
#include "engine/core/nmd-json.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-number.h"

#include <math.h>

static void append_node (GString *text, JsonNode *node, int depth);

static void
append_string (GString *text, const char *value)
{
  g_string_append_c (text, '"');
  for (const guchar *p = (const guchar *)value; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_printf (text, "\\%c", *p);
      else if (*p == '\n')
        g_string_append (text, "\\n");
      else if (*p < 0x20 || *p == 0x7f)
        g_string_append_printf (text, "\\u%04x", *p);
      else
        g_string_append_c (text, (char)*p);
    }
  g_string_append_c (text, '"');
}

static void
append_indent (GString *text, int depth)
{
  g_string_append_c (text, '\n');
  for (int i = 0; i < depth; i++)
    g_string_append (text, "  ");
}

static gboolean
is_plain (JsonArray *array)
{
  guint n = json_array_get_length (array);

  for (guint i = 0; i < n; i++)
    if (!JSON_NODE_HOLDS_VALUE (json_array_get_element (array, i))
        && !JSON_NODE_HOLDS_NULL (json_array_get_element (array, i)))
      return FALSE;
  return n <= 16;
}

static void
append_array (GString *text, JsonArray *array, int depth)
{
  guint n = json_array_get_length (array);
  gboolean plain = is_plain (array);

  g_string_append_c (text, '[');
  for (guint i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append (text, plain ? ", " : ",");
      if (!plain)
        append_indent (text, depth + 1);
      append_node (text, json_array_get_element (array, i), depth + 1);
    }
  if (!plain)
    append_indent (text, depth);
  g_string_append_c (text, ']');
}

static void
append_object (GString *text, JsonObject *object, int depth)
{
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *member = NULL;
  gboolean first = TRUE;

  g_string_append_c (text, '{');
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &member))
    {
      if (!first)
        g_string_append_c (text, ',');
      first = FALSE;
      append_indent (text, depth + 1);
      append_string (text, name);
      g_string_append (text, ": ");
      append_node (text, member, depth + 1);
    }
  if (!first)
    append_indent (text, depth);
  g_string_append_c (text, '}');
}

static void
append_value (GString *text, JsonNode *node)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_STRING)
    append_string (text, json_node_get_string (node));
  else if (type == G_TYPE_BOOLEAN)
    g_string_append (text, json_node_get_boolean (node) ? "true" : "false");
  else if (type == G_TYPE_INT64)
    g_string_append_printf (text, "%" G_GINT64_FORMAT, json_node_get_int (node));
  else if (isfinite (json_node_get_double (node)))
    nmd_number_append (text, json_node_get_double (node));
  else
    g_string_append (text, "null");
}

static void
append_node (GString *text, JsonNode *node, int depth)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    append_object (text, json_node_get_object (node), depth);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    append_array (text, json_node_get_array (node), depth);
  else if (JSON_NODE_HOLDS_VALUE (node))
    append_value (text, node);
  else
    g_string_append (text, "null");
}

char *
nmd_json_to_text (JsonNode *node)
{
  GString *text = g_string_new (NULL);

  append_node (text, node, 0);
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

gboolean
nmd_json_save (JsonNode *node, const char *path, GError **error)
{
  g_autofree char *text = nmd_json_to_text (node);

  return nmd_file_write_text (path, text, error);
}

JsonNode *
nmd_json_load (const char *path, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) local_error = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  if (!json_parser_load_from_data (parser, text, (gssize)length, &local_error))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is not valid JSON (%s)", path,
                   local_error->message);
      return NULL;
    }
  if (json_parser_get_root (parser) == NULL
      || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s holds no JSON object", path);
      return NULL;
    }
  return json_node_ref (json_parser_get_root (parser));
}

void
nmd_json_set_number (JsonObject *object, const char *member, double value)
{
  if (isfinite (value))
    json_object_set_double_member (object, member, value);
  else
    json_object_set_null_member (object, member);
}
