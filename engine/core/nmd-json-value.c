/* SPDX-License-Identifier: Apache-2.0
 *
 * Typed reading of JSON values. Parsing is nmd-json.c's; what a member means is for its reader.
 */
#include "engine/core/nmd-json-value.h"

#include "engine/core/nmd-number.h"
#include "engine/core/nmd-text.h"

#include <math.h>
#include <string.h>

#define MAX_NAME 80 /* bytes of a member's name or a value in an error */
#define MAX_SHOWN_PATH 300

/* Where a value stands: "split.parts.train[0]", "" for the top. */
static void
append_path (GString *path, const NmdJsonValue *self)
{
  if (self->parent == NULL)
    return;
  append_path (path, self->parent);
  if (self->member == NULL)
    g_string_append_printf (path, "[%u]", self->index);
  else
    {
      g_autofree char *name
          = nmd_text_display_length (self->member, strlen (self->member), MAX_NAME);

      g_string_append_printf (path, "%s%s", path->len > 0 ? "." : "", name);
    }
}

/* Sets the error "FILE: PATH WHAT". Always FALSE. */
static gboolean
refuse (const NmdJsonValue *self, const char *what, GError **error)
{
  g_autoptr (GString) path = g_string_new (NULL);
  g_autofree char *file = nmd_text_display (self->file), *shown = NULL, *text = NULL;

  append_path (path, self);
  if (path->len == 0)
    g_string_append (path, "the top value");
  shown = nmd_text_display_length (path->str, path->len, MAX_SHOWN_PATH);
  text = nmd_text_display_length (what, strlen (what), MAX_SHOWN_PATH);
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s: %s %s", file, shown, text);
  return FALSE;
}

static const char *
kind_of (JsonNode *node)
{
  GType type;

  if (JSON_NODE_HOLDS_OBJECT (node))
    return "object";
  if (JSON_NODE_HOLDS_ARRAY (node))
    return "array";
  if (JSON_NODE_HOLDS_NULL (node))
    return "null";
  type = json_node_get_value_type (node);
  return type == G_TYPE_STRING ? "text" : type == G_TYPE_BOOLEAN ? "boolean" : "number";
}

static NmdJsonValue
member_of (const NmdJsonValue *self, const char *member)
{
  NmdJsonValue value = { .file = self->file, .parent = self, .member = member };

  if (member == NULL)
    return *self;
  if (self->node != NULL && JSON_NODE_HOLDS_OBJECT (self->node))
    value.node = json_object_get_member (json_node_get_object (self->node), member);
  return value;
}

/* Finds @member in @value. FALSE: stop, with @error set if it is needed or @self is no object. */
static gboolean
find (const NmdJsonValue *self,
      const char *member,
      NmdJsonNeed need,
      const char *expected,
      NmdJsonValue *value,
      gboolean *found,
      GError **error)
{
  g_autofree char *what = NULL;

  *found = FALSE;
  *value = member_of (self, member);
  if (member != NULL && self->node != NULL && !JSON_NODE_HOLDS_OBJECT (self->node))
    {
      what = g_strdup_printf ("has the wrong type: object expected, %s found",
                              kind_of (self->node));
      return refuse (self, what, error);
    }
  *found = value->node != NULL
           && (need == NMD_JSON_REQUIRED || !JSON_NODE_HOLDS_NULL (value->node));
  if (*found || need == NMD_JSON_OPTIONAL)
    return TRUE;
  what = g_strdup_printf ("is missing: %s expected", expected);
  return refuse (value, what, error);
}

static gboolean
refuse_type (const NmdJsonValue *value, const char *expected, GError **error)
{
  g_autofree char *what = g_strdup_printf ("has the wrong type: %s expected, %s found",
                                           expected, kind_of (value->node));

  return refuse (value, what, error);
}

static gboolean
holds (const NmdJsonValue *value, GType type)
{
  return JSON_NODE_HOLDS_VALUE (value->node)
         && json_node_get_value_type (value->node) == type;
}

NmdJsonValue
nmd_json_value_top (JsonNode *root, const char *file)
{
  return (NmdJsonValue){ .node = root, .file = file };
}

NmdJsonValue
nmd_json_value_element (const NmdJsonValue *array, guint index)
{
  NmdJsonValue value = { .file = array->file, .parent = array, .index = index };

  g_return_val_if_fail (array->node != NULL && JSON_NODE_HOLDS_ARRAY (array->node),
                        value);
  g_return_val_if_fail (index < json_array_get_length (json_node_get_array (array->node)),
                        value);

  value.node = json_array_get_element (json_node_get_array (array->node), index);
  return value;
}

gboolean
nmd_json_value_has (const NmdJsonValue *self, const char *member)
{
  const NmdJsonValue value = member_of (self, member);

  return value.node != NULL && !JSON_NODE_HOLDS_NULL (value.node);
}

gboolean
nmd_json_get_object (const NmdJsonValue *self,
                     const char *member,
                     NmdJsonNeed need,
                     NmdJsonValue *object,
                     GError **error)
{
  NmdJsonValue value;
  gboolean found;

  g_return_val_if_fail (object != self, FALSE); /* its path leads through @self */

  if (!find (self, member, need, "object", &value, &found, error))
    return FALSE;
  if (!found)
    value.node = NULL; /* null counts as absent */
  else if (!JSON_NODE_HOLDS_OBJECT (value.node))
    return refuse_type (&value, "object", error);
  *object = value;
  return TRUE;
}

gboolean
nmd_json_get_array (const NmdJsonValue *self,
                    const char *member,
                    NmdJsonNeed need,
                    NmdJsonValue *array,
                    guint *n,
                    GError **error)
{
  NmdJsonValue value;
  gboolean found;

  g_return_val_if_fail (array != self, FALSE);

  if (!find (self, member, need, "array", &value, &found, error))
    return FALSE;
  if (!found)
    value.node = NULL;
  else if (!JSON_NODE_HOLDS_ARRAY (value.node))
    return refuse_type (&value, "array", error);
  *array = value;
  *n = found ? json_array_get_length (json_node_get_array (value.node)) : 0;
  return TRUE;
}

gboolean
nmd_json_get_text (const NmdJsonValue *self,
                   const char *member,
                   NmdJsonNeed need,
                   const char **text,
                   GError **error)
{
  NmdJsonValue value;
  gboolean found;

  if (!find (self, member, need, "text", &value, &found, error))
    return FALSE;
  if (!found)
    return TRUE;
  if (!holds (&value, G_TYPE_STRING))
    return refuse_type (&value, "text", error);
  *text = json_node_get_string (value.node);
  return TRUE;
}

gboolean
nmd_json_dup_text (const NmdJsonValue *self,
                   const char *member,
                   NmdJsonNeed need,
                   char **text,
                   GError **error)
{
  const char *found = NULL;

  if (!nmd_json_get_text (self, member, need, &found, error))
    return FALSE;
  if (found != NULL)
    {
      g_free (*text);
      *text = g_strdup (found);
    }
  return TRUE;
}

/* The number that @value holds. @whole: it was written without a fraction or exponent. */
static gboolean
read_number (const NmdJsonValue *value,
             const char *expected,
             double *number,
             gboolean *whole,
             GError **error)
{
  *whole = holds (value, G_TYPE_INT64);
  if (!*whole && !holds (value, G_TYPE_DOUBLE))
    return refuse_type (value, expected, error);
  *number = json_node_get_double (value->node);
  return TRUE;
}

static gboolean
refuse_range (const NmdJsonValue *value,
              const char *expected,
              const char *minimum,
              const char *maximum,
              GError **error)
{
  char buffer[NMD_NUMBER_LENGTH];
  g_autofree char *what = NULL;

  if (holds (value, G_TYPE_INT64))
    g_snprintf (buffer, sizeof buffer, "%" G_GINT64_FORMAT,
                json_node_get_int (value->node));
  else
    nmd_number_format (buffer, json_node_get_double (value->node));
  what = minimum != NULL && maximum != NULL ? g_strdup_printf (
             "is %s: %s from %s to %s expected", buffer, expected, minimum, maximum)
         : minimum != NULL ? g_strdup_printf ("is %s: %s of at least %s expected", buffer,
                                              expected, minimum)
         : maximum != NULL ? g_strdup_printf ("is %s: %s of at most %s expected", buffer,
                                              expected, maximum)
                           : g_strdup_printf ("is %s: %s expected", buffer, expected);
  return refuse (value, what, error);
}

gboolean
nmd_json_get_int (const NmdJsonValue *self,
                  const char *member,
                  NmdJsonNeed need,
                  gint64 minimum,
                  gint64 maximum,
                  gint64 *number,
                  GError **error)
{
  static const char expected[] = "a whole number";
  char low[NMD_NUMBER_LENGTH], high[NMD_NUMBER_LENGTH];
  gint64 got;
  double real = 0;
  NmdJsonValue value;
  gboolean found, whole;

  if (!find (self, member, need, expected, &value, &found, error))
    return FALSE;
  if (!found)
    return TRUE;
  if (!read_number (&value, expected, &real, &whole, error))
    return FALSE;
  g_snprintf (low, sizeof low, "%" G_GINT64_FORMAT, minimum);
  g_snprintf (high, sizeof high, "%" G_GINT64_FORMAT, maximum);
  /* 2^63 is the first double that no gint64 holds */
  if (!whole && !(real == floor (real) && fabs (real) < 0x1p63))
    return refuse_range (&value, expected, low, high, error);
  got = whole ? json_node_get_int (value.node) : (gint64)real;
  if (got < minimum || got > maximum)
    return refuse_range (&value, expected, low, high, error);
  *number = got;
  return TRUE;
}

gboolean
nmd_json_get_count (const NmdJsonValue *self,
                    const char *member,
                    guint *count,
                    GError **error)
{
  gint64 value = 0;

  if (!nmd_json_get_int (self, member, NMD_JSON_REQUIRED, 0, G_MAXINT, &value, error))
    return FALSE;
  *count = (guint)value;
  return TRUE;
}

gboolean
nmd_json_get_number (const NmdJsonValue *self,
                     const char *member,
                     NmdJsonNeed need,
                     double minimum,
                     double maximum,
                     double *number,
                     GError **error)
{
  char low[NMD_NUMBER_LENGTH], high[NMD_NUMBER_LENGTH];
  double got;
  NmdJsonValue value;
  gboolean found, whole;

  if (!find (self, member, need, "a number", &value, &found, error))
    return FALSE;
  if (!found)
    return TRUE;
  if (!read_number (&value, "a number", &got, &whole, error))
    return FALSE;
  if (!isfinite (got) || !(got >= minimum && got <= maximum))
    return refuse_range (
        &value, "a number", isfinite (minimum) ? nmd_number_format (low, minimum) : NULL,
        isfinite (maximum) ? nmd_number_format (high, maximum) : NULL, error);
  *number = got;
  return TRUE;
}

gboolean
nmd_json_get_boolean (const NmdJsonValue *self,
                      const char *member,
                      NmdJsonNeed need,
                      gboolean *boolean,
                      GError **error)
{
  NmdJsonValue value;
  gboolean found;

  if (!find (self, member, need, "true or false", &value, &found, error))
    return FALSE;
  if (!found)
    return TRUE;
  if (!holds (&value, G_TYPE_BOOLEAN))
    return refuse_type (&value, "true or false", error);
  *boolean = json_node_get_boolean (value.node);
  return TRUE;
}

gboolean
nmd_json_dup_texts (const NmdJsonValue *self,
                    const char *member,
                    NmdJsonNeed need,
                    char ***texts,
                    GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);
  NmdJsonValue array;
  guint n;

  if (!nmd_json_get_array (self, member, need, &array, &n, error))
    return FALSE;
  if (array.node == NULL)
    return TRUE;
  for (guint i = 0; i < n; i++)
    {
      const NmdJsonValue item = nmd_json_value_element (&array, i);
      const char *text = NULL;

      if (!nmd_json_get_text (&item, NULL, NMD_JSON_REQUIRED, &text, error))
        return FALSE;
      g_ptr_array_add (list, g_strdup (text));
    }
  g_ptr_array_add (list, NULL);
  g_strfreev (*texts);
  *texts = (char **)g_ptr_array_free (g_steal_pointer (&list), FALSE);
  return TRUE;
}

gboolean
nmd_json_value_refuse (
    const NmdJsonValue *self, const char *member, GError **error, const char *format, ...)
{
  const NmdJsonValue value = member_of (self, member);
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  return refuse (&value, what, error);
}
