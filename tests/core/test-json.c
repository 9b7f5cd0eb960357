/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON text: shortest numbers, order of members, escapes, and what loading refuses.
 */
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"

#include <glib/gstdio.h>
#include <math.h>

static void
test_text (void)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  json_object_set_double_member (object, "b", 0.1);
  nmd_json_set_number (object, "a", NAN);
  json_object_set_string_member (object, "text", "a\"b\\c\n\x01 é");
  json_array_add_double_element (array, 1e-8);
  json_array_add_int_element (array, 3);
  json_object_set_array_member (object, "c", array);
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  text = nmd_json_to_text (node);
  g_assert_cmpstr (text, ==,
                   "{\n  \"b\": 0.1,\n  \"a\": null,\n"
                   "  \"text\": \"a\\\"b\\\\c\\n\\u0001 é\",\n  \"c\": [1e-08, 3]\n}\n");
}

static void
test_files (void)
{
  g_autofree char *folder = g_dir_make_tmp ("nmd-json-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "x.json", NULL);
  g_autoptr (JsonNode) node = json_from_string ("{\"x\": 0.30000000000000004}", NULL);
  g_autoptr (JsonNode) back = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (nmd_json_save (node, path, &error));
  back = nmd_json_load (path, &error);
  g_assert_no_error (error);
  g_assert_true (json_node_equal (node, back));

  g_assert_true (nmd_file_write_text (path, "{\"x\": ", NULL));
  g_assert_null (nmd_json_load (path, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);
  g_assert_true (nmd_file_write_text (path, "[1]", NULL));
  g_assert_null (nmd_json_load (path, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_unlink (path);
  g_rmdir (folder);
}

/* The guard before the parser: texts, and a piece of what is said of them. */
static void
test_refusals (void)
{
  static const struct
  {
    const char *text, *said;
  } cases[] = {
    { "", "line 1: it ends too early" },
    { "{", "line 1: it ends too early" },
    { "[1]", "line 1: its top is no object" },
    { "3", "line 1: its top is no object" },
    { "{\"a\": 1}\n{}", "line 2: something follows its last bracket" },
    { "{\"a\": [1}", "line 1: the bracket “}” closes nothing" },
    { "{}]", "something follows" },
    { "{\"a\": NaN}", "“NaN}” is neither a value nor a bracket" },
    { "{\"a\": -Infinity}", "is no number" },
    { "{\"a\": 1e999}", "the number 1e999 is too large" },
    { "{\"a\": 9223372036854775808}", "the number 9223372036854775808 is too large" },
    { "{\"a\": 0x10}", "neither" },
    { "{\"a\": 1.}", "is no number" },
    { "{\"a\": 010}", "“010” is no number" },
    { "{\"a\": -01.5}", "“-01.5” is no number" },
    { "{\"a\": 1 /* \" */}", "neither" },
    { "{'a': 1}", "neither" },
    { "var x = {}", "its top is no object" },
    { "{\"a\": \"b\nc\"}", "a control character stands in a text" },
    { "{\"a\": \"b", "a text is not closed" },
    { "{\"a\": \"b\\", "no character is escaped like that" },
    { "{\"a\": \"\\q\"}", "no character is escaped like that" },
    { "{\"a\": \"\\u12\"}", "names no character" },
    { "{\"a\": \"\\u12", "names no character" },
    { "{\"a\": \"x\\u0000y\"}", "names no character" },
    { "{\"a\": \"\\ud83d\"}", "names no character" },
    { "{\"a\": \"\\ude00\"}", "names no character" },
    { "{\"a\": \"\\ud83d\\u0041\"}", "names no character" },
    { "{\"a\": 1, \"b\": {\"c\": 1, \"c\": 2}}", "the name “c” comes twice" },
    { "{\"a\" 1}", "line 1" },
    { "{\"a\\u001b[1m\" \"b\"}", "\\x1b[1m" },
    { "{\"a\": 1,}", "line 1" },
    { "{\"a\": \"\xff\"}", "it is not text in UTF-8" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node
          = nmd_json_parse (cases[i].text, strlen (cases[i].text), "d/f.json", &error);

      g_assert_null (node);
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      g_assert_true (g_str_has_prefix (error->message, "d/f.json"));
      if (strstr (error->message, cases[i].said) == NULL)
        g_error ("%s: “%s”, not “%s”", cases[i].text, error->message, cases[i].said);
    }
}

/* Brackets deep enough to use up any stack, and as many values as fit the largest file. */
static void
test_bounds (void)
{
  static const gsize depths[] = { 100000, 5000000 };
  g_autoptr (GString) deepest = g_string_new ("{\"a\":");
  g_autoptr (GString) many = g_string_new ("{\"a\":[0");
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (depths); i++)
    for (int object = 0; object < 2; object++)
      {
        g_autoptr (GString) deep = g_string_new ("{\"a\":");

        while (deep->len < depths[i])
          g_string_append (deep, object ? "{\"\":" : "[");
        g_assert_null (nmd_json_parse (deep->str, deep->len, "f", &error));
        g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
        g_assert_nonnull (strstr (error->message, "nested deeper than 64"));
        g_clear_error (&error);
      }
  for (int i = 1; i < NMD_JSON_MAX_DEPTH; i++)
    g_string_append_c (deepest, '[');
  for (int i = 1; i < NMD_JSON_MAX_DEPTH; i++)
    g_string_append_c (deepest, ']');
  g_string_append_c (deepest, '}');
  node = nmd_json_parse (deepest->str, deepest->len, "f", &error);
  g_assert_no_error (error);
  g_assert_nonnull (node);

  for (guint i = 0; i < NMD_JSON_MAX_VALUES; i++)
    g_string_append (many, ",0");
  g_string_append (many, "]}");
  g_assert_null (nmd_json_parse (many->str, many->len, "f", &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "more than 2000000 values"));
}

/* A name that is not UTF-8 or would reach a terminal raw. */
static void
test_names (void)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *object = json_object_new ();

  nmd_json_set_text (object, "file", "a\xff\x1b[1m.png");
  nmd_json_set_text (object, "none", NULL);
  json_node_take_object (node, object);
  text = nmd_json_to_text (node);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpstr (text, ==,
                   "{\n  \"file\": \"a\\\\xff\\\\x1b[1m.png\",\n  \"none\": null\n}\n");

  g_assert_null (nmd_json_parse ("[", 1, "a\xff\x1b.json", &error));
  g_assert_true (g_str_has_prefix (error->message, "a\\xff\\x1b.json is not valid JSON"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/text", test_text);
  g_test_add_func ("/json/files", test_files);
  g_test_add_func ("/json/refusals", test_refusals);
  g_test_add_func ("/json/bounds", test_bounds);
  g_test_add_func ("/json/names", test_names);
  return g_test_run ();
}
