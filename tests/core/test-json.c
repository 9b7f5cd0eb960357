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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/text", test_text);
  g_test_add_func ("/json/files", test_files);
  return g_test_run ();
}
