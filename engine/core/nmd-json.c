/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes JSON with shortest round-trip numbers, and checks JSON before json-glib parses it: its
 * parser recurses at each bracket and takes comments, which the check does not.
 */
#include "engine/core/nmd-json.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-number.h"
#include "engine/core/nmd-text.h"

#include <glib/gi18n-lib.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#define MAX_SHOWN 60   /* bytes of a name or number in an error */
#define MAX_REASON 300 /* of what json-glib says, which quotes the text */

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

/* The check before parsing */

typedef struct
{
  const char *name;
  const char *start, *at, *end;
  guint n_values;
  int depth;
  char closing[NMD_JSON_MAX_DEPTH]; /* the brackets that are open */
} Guard;

static gboolean fail (const Guard *self, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
fail (const Guard *self, GError **error, const char *format, ...)
{
  g_autofree char *name = nmd_text_display (self->name), *what = NULL;
  guint line = 1;
  va_list args;

  for (const char *p = self->start; p < self->at; p++)
    line += *p == '\n';
  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               _ ("%s is not valid JSON, line %u: %s"), name, line, what);
  return FALSE;
}

/* The four hexadecimal digits behind \u, or -1; @self is at the first. */
static int
pass_digits (Guard *self)
{
  int value = 0;

  for (int i = 0; i < 4; i++, self->at++)
    {
      if (self->at >= self->end || !g_ascii_isxdigit (*self->at))
        return -1;
      value = value * 16 + g_ascii_xdigit_value (*self->at);
    }
  return value;
}

/* What follows a backslash. json-glib takes any letter, ends a text at \u0000 and makes of half a
 * surrogate pair what is not UTF-8. */
static gboolean
pass_escape (Guard *self, GError **error)
{
  int unit;

  if (self->at < self->end && *self->at != '\0'
      && strchr ("\"\\/bfnrt", *self->at) != NULL)
    {
      self->at++;
      return TRUE;
    }
  if (self->at >= self->end || *self->at++ != 'u')
    return fail (self, error, "no character is escaped like that");
  unit = pass_digits (self);
  if (unit >= 0xD800 && unit < 0xDC00 && self->end - self->at >= 6 && self->at[0] == '\\'
      && self->at[1] == 'u')
    {
      self->at += 2;
      unit = pass_digits (self);
      if (unit >= 0xDC00 && unit < 0xE000)
        return TRUE;
      unit = -1;
    }
  return (unit > 0 && (unit < 0xD800 || unit >= 0xE000))
         || fail (self, error, "\\u names no character");
}

/* A string; @self is at its opening quote. */
static gboolean
pass_string (Guard *self, GError **error)
{
  const Guard start = *self;

  self->at++;
  while (self->at < self->end)
    {
      const guchar c = (guchar)*self->at++;

      if (c == '"')
        return TRUE;
      if (c < 0x20)
        return fail (self, error, "a control character stands in a text");
      if (c == '\\' && !pass_escape (self, error))
        return FALSE;
    }
  return fail (&start, error, "a text is not closed");
}

/* A number; json-glib would clamp or wrap one that is too large, and says nothing. */
static gboolean
pass_number (Guard *self, GError **error)
{
  const char *start = self->at;
  g_autofree char *text = NULL, *shown = NULL;
  const char *digits;
  char *end = NULL;
  gboolean whole, fits;

  while (self->at < self->end
         && (g_ascii_isdigit (*self->at) || strchr ("+-.eE", *self->at) != NULL)
         && *self->at != '\0')
    self->at++;
  text = g_strndup (start, (gsize)(self->at - start));
  digits = *text == '-' ? text + 1 : text;
  shown = nmd_text_display_length (text, strlen (text), MAX_SHOWN);
  whole = strpbrk (text, ".eE") == NULL;
  errno = 0;
  if (whole)
    {
      g_ascii_strtoll (text, &end, 10);
      fits = errno == 0;
    }
  else
    fits = isfinite (g_ascii_strtod (text, &end));
  if (*end != '\0' || *text == '+' || *text == '.' || !g_ascii_isdigit (end[-1])
      || (digits[0] == '0' && g_ascii_isdigit (digits[1]))) /* json-glib: octal */
    return fail (self, error, "“%s” is no number", shown);
  return fits || fail (self, error, "the number %s is too large", shown);
}

static gboolean
pass_word (Guard *self, GError **error)
{
  static const char *const words[] = { "true", "false", "null" };
  g_autofree char *shown = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      const gsize n = strlen (words[i]);

      if ((gsize)(self->end - self->at) >= n && memcmp (self->at, words[i], n) == 0)
        {
          self->at += n;
          return TRUE;
        }
    }
  shown = nmd_text_display_length (self->at, (gsize)MIN (self->end - self->at, 20), 0);
  return fail (self, error, "“%s” is neither a value nor a bracket", shown);
}

static gboolean
pass_bracket (Guard *self, GError **error)
{
  const char c = *self->at;

  if (c == '{' || c == '[')
    {
      if (self->depth == NMD_JSON_MAX_DEPTH)
        return fail (self, error, "brackets are nested deeper than %d",
                     NMD_JSON_MAX_DEPTH);
      self->closing[self->depth++] = c == '{' ? '}' : ']';
    }
  else if (self->depth == 0 || self->closing[--self->depth] != c)
    return fail (self, error, "the bracket “%c” closes nothing", c);
  self->at++;
  return TRUE;
}

/* One token. Commas and colons in wrong places are left to json-glib. */
static gboolean
pass_token (Guard *self, GError **error)
{
  const char c = *self->at;

  if (c == ',' || c == ':')
    {
      self->at++;
      return TRUE;
    }
  if (c == '}' || c == ']')
    return pass_bracket (self, error);
  if (++self->n_values > NMD_JSON_MAX_VALUES)
    return fail (self, error, "it holds more than %u values", NMD_JSON_MAX_VALUES);
  if (c == '{' || c == '[')
    return pass_bracket (self, error);
  if (c == '"')
    return pass_string (self, error);
  if (c == '-' || g_ascii_isdigit (c))
    return pass_number (self, error);
  return pass_word (self, error);
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static gboolean
check (Guard *self, GError **error)
{
  gboolean done = FALSE;

  if (!g_utf8_validate_len (self->start, (gsize)(self->end - self->start), &self->at))
    return fail (self, error, "it is not text in UTF-8");
  self->at = self->start;
  while (self->at < self->end)
    {
      if (is_blank (*self->at))
        {
          self->at++;
          continue;
        }
      if (done)
        return fail (self, error, "something follows its last bracket");
      if (self->depth == 0 && *self->at != '{')
        return fail (self, error, "its top is no object");
      if (!pass_token (self, error))
        return FALSE;
      done = self->depth == 0;
    }
  return done || fail (self, error, "it ends too early");
}

/* Parsing */

typedef struct
{
  GHashTable *seen; /* "object's address:member" */
  char *twice;      /* the first name that came twice */
} Members;

static void
member_cb (JsonParser *parser, JsonObject *object, const char *name, gpointer data)
{
  Members *self = data;
  char *key = g_strdup_printf ("%p:%s", (void *)object, name);

  /* objects of one parse live until the parser goes, so that no address comes again */
  if (!g_hash_table_add (self->seen, key) && self->twice == NULL)
    self->twice = g_strdup (name);
}

/* json-glib's message less its prefix "<data>:". */
static gboolean
parse (JsonParser *parser, const Guard *guard, GError **error)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Members members = { .seen = seen };
  g_autofree char *name = nmd_text_display (guard->name), *twice = NULL;
  g_autoptr (GError) problem = NULL;

  g_signal_connect (parser, "object-member", G_CALLBACK (member_cb), &members);
  if (!json_parser_load_from_data (parser, guard->start,
                                   (gssize)(guard->end - guard->start), &problem))
    {
      const char *what = g_str_has_prefix (problem->message, "<data>:")
                             ? problem->message + strlen ("<data>:")
                             : problem->message;
      g_autofree char *shown = nmd_text_display_length (what, strlen (what), MAX_REASON);

      twice = members.twice;
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is not valid JSON, line %s",
                   name, shown);
      return FALSE;
    }
  if (members.twice == NULL)
    return TRUE;
  twice = nmd_text_display_length (members.twice, strlen (members.twice), MAX_SHOWN);
  g_free (members.twice);
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, _ ("%s: the name “%s” comes twice"),
               name, twice);
  return FALSE;
}

JsonNode *
nmd_json_parse (const char *text, gsize length, const char *name, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  Guard guard = { .name = name, .start = text, .at = text, .end = text + length };

  g_return_val_if_fail ((text != NULL || length == 0) && name != NULL, NULL);

  if (length > NMD_JSON_MAX_BYTES)
    {
      fail (&guard, error, "it is larger than %u MiB", NMD_JSON_MAX_BYTES >> 20);
      return NULL;
    }
  parser = json_parser_new_immutable ();
  if (!check (&guard, error) || !parse (parser, &guard, error))
    return NULL;
  return json_node_ref (json_parser_get_root (parser));
}

JsonNode *
nmd_json_load (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;

  text = nmd_file_read (path, NMD_JSON_MAX_BYTES, NULL, &length, error);
  return text != NULL ? nmd_json_parse (text, length, path, error) : NULL;
}

void
nmd_json_set_number (JsonObject *object, const char *member, double value)
{
  if (isfinite (value))
    json_object_set_double_member (object, member, value);
  else
    json_object_set_null_member (object, member);
}

void
nmd_json_set_text (JsonObject *object, const char *member, const char *text)
{
  g_autofree char *shown = text != NULL ? nmd_text_display (text) : NULL;

  if (shown != NULL)
    json_object_set_string_member (object, member, shown);
  else
    json_object_set_null_member (object, member);
}
