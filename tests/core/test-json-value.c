/* SPDX-License-Identifier: Apache-2.0
 *
 * The typed reader of JSON: what it reads, and that each refusal names file, member and what was
 * expected.
 */
#include "engine/core/nmd-json-value.h"

#include <math.h>
#include <string.h>

static const char text[]
    = "{\"name\": \"a\", \"none\": null, \"seed\": 7, \"whole\": 3.0, \"half\": 2.5, "
      "\"on\": true,"
      " \"huge\": 9007199254740993, \"big\": 1e300, \"split\": {\"parts\": {\"train\":"
      " [{}, \"s2\"]}}, \"words\": [\"x\", \"y\"], \"mixed\": [\"x\", 1], "
      "\"b\\u001b[1m\": 1}";

static JsonNode *
parse (void)
{
  g_autoptr (GError) error = NULL;
  JsonNode *root = nmd_json_parse (text, strlen (text), "r1/run.json", &error);

  g_assert_no_error (error);
  return root;
}

static void
test_values (void)
{
  g_autoptr (JsonNode) root = parse ();
  NmdJsonValue top = nmd_json_value_top (root, "r1/run.json"), split, parts, train, item;
  g_autoptr (GError) error = NULL;
  g_autofree char *copy = g_strdup ("old");
  g_auto (GStrv) words = NULL;
  const char *name = NULL;
  double number = 0;
  gint64 whole = 0;
  gboolean on = FALSE;
  guint n = 0;

  g_assert_true (nmd_json_get_text (&top, "name", NMD_JSON_REQUIRED, &name, &error));
  g_assert_cmpstr (name, ==, "a");
  g_assert_true (nmd_json_dup_text (&top, "name", NMD_JSON_REQUIRED, &copy, &error));
  g_assert_cmpstr (copy, ==, "a");
  g_assert_true (nmd_json_get_int (&top, "seed", NMD_JSON_REQUIRED, 0, 7, &whole, NULL));
  g_assert_cmpint (whole, ==, 7);
  g_assert_true (nmd_json_get_int (&top, "whole", NMD_JSON_REQUIRED, 3, 3, &whole, NULL));
  g_assert_cmpint (whole, ==, 3);
  g_assert_true (
      nmd_json_get_int (&top, "huge", NMD_JSON_REQUIRED, 0, G_MAXINT64, &whole, NULL));
  g_assert_cmpint (whole, ==, G_GINT64_CONSTANT (9007199254740993));
  g_assert_true (
      nmd_json_get_number (&top, "half", NMD_JSON_REQUIRED, 2.5, 2.5, &number, NULL));
  g_assert_cmpfloat (number, ==, 2.5);
  g_assert_true (nmd_json_get_number (&top, "big", NMD_JSON_REQUIRED, -INFINITY, INFINITY,
                                      &number, NULL));
  g_assert_cmpfloat (number, ==, 1e300);
  g_assert_true (nmd_json_get_boolean (&top, "on", NMD_JSON_REQUIRED, &on, NULL));
  g_assert_true (on);
  g_assert_true (nmd_json_dup_texts (&top, "words", NMD_JSON_REQUIRED, &words, NULL));
  g_assert_cmpuint (g_strv_length (words), ==, 2);
  g_assert_cmpstr (words[1], ==, "y");
  g_assert_true (nmd_json_get_object (&top, "split", NMD_JSON_REQUIRED, &split, NULL));
  g_assert_true (nmd_json_get_object (&split, "parts", NMD_JSON_REQUIRED, &parts, NULL));
  g_assert_true (
      nmd_json_get_array (&parts, "train", NMD_JSON_REQUIRED, &train, &n, NULL));
  g_assert_cmpuint (n, ==, 2);
  item = nmd_json_value_element (&train, 1);
  g_assert_true (nmd_json_get_text (&item, NULL, NMD_JSON_REQUIRED, &name, NULL));
  g_assert_cmpstr (name, ==, "s2");
  g_assert_true (nmd_json_value_has (&top, "seed"));
  g_assert_false (nmd_json_value_has (&top, "none"));
  g_assert_false (nmd_json_value_has (&top, "absent"));
}

/* Absent and null optional members leave results as they are; a wrong type is still one. */
static void
test_optional (void)
{
  g_autoptr (JsonNode) root = parse ();
  NmdJsonValue top = nmd_json_value_top (root, "f"), object, deeper;
  g_autoptr (GError) error = NULL;
  const char *name = "default";
  gint64 whole = 5;
  guint n = 9;

  g_assert_true (nmd_json_get_text (&top, "none", NMD_JSON_OPTIONAL, &name, &error));
  g_assert_true (nmd_json_get_text (&top, "absent", NMD_JSON_OPTIONAL, &name, &error));
  g_assert_cmpstr (name, ==, "default");
  g_assert_true (nmd_json_get_object (&top, "none", NMD_JSON_OPTIONAL, &object, &error));
  g_assert_null (object.node);
  g_assert_true (nmd_json_get_object (&object, "x", NMD_JSON_OPTIONAL, &deeper, &error));
  g_assert_true (
      nmd_json_get_int (&deeper, "y", NMD_JSON_OPTIONAL, 0, 9, &whole, &error));
  g_assert_cmpint (whole, ==, 5);
  g_assert_true (
      nmd_json_get_array (&top, "none", NMD_JSON_OPTIONAL, &object, &n, &error));
  g_assert_cmpuint (n, ==, 0);
  g_assert_no_error (error);

  g_assert_false (
      nmd_json_get_int (&deeper, "y", NMD_JSON_REQUIRED, 0, 9, &whole, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_cmpstr (error->message, ==, "f: none.x.y is missing: a whole number expected");
  g_clear_error (&error);
  g_assert_false (nmd_json_get_text (&top, "seed", NMD_JSON_OPTIONAL, &name, &error));
  g_assert_cmpstr (error->message, ==,
                   "f: seed has the wrong type: text expected, number found");
}

#define REFUSED(call, said)                                                              \
  G_STMT_START                                                                           \
  {                                                                                      \
    g_autoptr (GError) refusal = NULL;                                                   \
    GError **error = &refusal;                                                           \
                                                                                         \
    g_assert_false (call);                                                               \
    g_assert_error (refusal, NMD_ERROR, NMD_ERROR_FORMAT);                               \
    g_assert_cmpstr (refusal->message, ==, "r1/run.json: " said);                        \
  }                                                                                      \
  G_STMT_END

static void
test_refusals (void)
{
  const NmdJsonNeed need = NMD_JSON_REQUIRED;
  g_autoptr (JsonNode) root = parse ();
  NmdJsonValue top = nmd_json_value_top (root, "r1/run.json"), split, parts, train, item;
  g_auto (GStrv) words = NULL;
  g_autofree char *copy = g_strdup ("old");
  const char *name = NULL;
  double number = 4;
  gint64 whole = 4;
  gboolean on = FALSE;
  guint n;

  g_assert_true (nmd_json_get_object (&top, "split", need, &split, NULL));
  g_assert_true (nmd_json_get_object (&split, "parts", need, &parts, NULL));
  g_assert_true (nmd_json_get_array (&parts, "train", need, &train, &n, NULL));
  item = nmd_json_value_element (&train, 0);
  REFUSED (nmd_json_get_text (&item, NULL, need, &name, error),
           "split.parts.train[0] has the wrong type: text expected, object found");
  REFUSED (nmd_json_dup_texts (&parts, "train", need, &words, error),
           "split.parts.train[0] has the wrong type: text expected, object found");
  REFUSED (nmd_json_dup_texts (&top, "mixed", need, &words, error),
           "mixed[1] has the wrong type: text expected, number found");
  REFUSED (nmd_json_get_text (&item, "x", need, &name, error),
           "split.parts.train[0].x is missing: text expected");
  REFUSED (nmd_json_get_text (&train, "x", need, &name, error),
           "split.parts.train has the wrong type: object expected, array found");
  REFUSED (nmd_json_dup_text (&top, "none", need, &copy, error),
           "none has the wrong type: text expected, null found");
  REFUSED (nmd_json_get_object (&top, "name", need, &split, error),
           "name has the wrong type: object expected, text found");
  REFUSED (nmd_json_get_array (&top, "on", need, &split, &n, error),
           "on has the wrong type: array expected, boolean found");
  REFUSED (nmd_json_get_boolean (&top, "seed", need, &on, error),
           "seed has the wrong type: true or false expected, number found");
  REFUSED (nmd_json_get_int (&top, "name", need, 0, 1, &whole, error),
           "name has the wrong type: a whole number expected, text found");
  REFUSED (nmd_json_get_int (&top, "half", need, 0, 9, &whole, error),
           "half is 2.5: a whole number from 0 to 9 expected");
  REFUSED (nmd_json_get_int (&top, "big", need, 0, G_MAXINT64, &whole, error),
           "big is 1e+300: a whole number from 0 to 9223372036854775807 expected");
  REFUSED (nmd_json_get_int (&top, "seed", need, 8, 9, &whole, error),
           "seed is 7: a whole number from 8 to 9 expected");
  REFUSED (nmd_json_get_number (&top, "half", need, 0, 1, &number, error),
           "half is 2.5: a number from 0 to 1 expected");
  REFUSED (nmd_json_get_number (&top, "half", need, 3, INFINITY, &number, error),
           "half is 2.5: a number of at least 3 expected");
  REFUSED (nmd_json_get_text (&top, "b\x1b[1m", need, &name, error),
           "b\\x1b[1m has the wrong type: text expected, number found");
  REFUSED (nmd_json_value_refuse (&item, "id", error, "comes %d times", 2),
           "split.parts.train[0].id comes 2 times");
  REFUSED (nmd_json_value_refuse (&top, "name", error, "is “%s”", "\x1b[1m\xff"),
           "name is “\\x1b[1m\\xff”");
  REFUSED (nmd_json_value_refuse (&top, NULL, error, "is empty"),
           "the top value is empty");
  g_assert_cmpstr (copy, ==, "old");
  g_assert_null (words);
  g_assert_cmpint (whole, ==, 4);
  g_assert_cmpfloat (number, ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-value/values", test_values);
  g_test_add_func ("/json-value/optional", test_optional);
  g_test_add_func ("/json-value/refusals", test_refusals);
  return g_test_run ();
}
