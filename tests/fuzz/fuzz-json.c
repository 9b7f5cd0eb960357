/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of the JSON guard and the typed reader: what parses is written and parses again to
 * the same, and every value can be asked for as every type.
 */
#include "engine/core/nmd-json-value.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <string.h>

/* Asks for @value as every type; one of them must be right, and a refusal must be a sentence. */
static void
ask (const NmdJsonValue *value)
{
  const NmdJsonNeed need = NMD_JSON_REQUIRED;
  g_auto (GStrv) texts = NULL;
  NmdJsonValue inner;
  const char *text = NULL;
  gint64 whole = 0;
  double number = 0;
  gboolean boolean = FALSE, done;
  guint n = 0;

  for (int i = 0; i < 7; i++)
    {
      g_autoptr (GError) error = NULL;

      done = i == 0   ? nmd_json_get_text (value, NULL, need, &text, &error)
             : i == 1 ? nmd_json_get_int (value, NULL, need, -5, 5, &whole, &error)
             : i == 2 ? nmd_json_get_number (value, NULL, need, 0, 1, &number, &error)
             : i == 3 ? nmd_json_get_boolean (value, NULL, need, &boolean, &error)
             : i == 4 ? nmd_json_get_array (value, NULL, need, &inner, &n, &error)
             : i == 5 ? nmd_json_get_object (value, NULL, need, &inner, &error)
                      : nmd_json_dup_texts (value, NULL, need, &texts, &error);
      fuzz_check (done, error);
      if (done && i == 0)
        fuzz_use (text, strlen (text));
    }
  if (whole < -5 || whole > 5 || !(number >= 0 && number <= 1))
    g_error ("A number is out of its range");
}

static void
walk (const NmdJsonValue *value)
{
  ask (value);
  if (JSON_NODE_HOLDS_ARRAY (value->node))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (value->node)); i++)
      {
        const NmdJsonValue item = nmd_json_value_element (value, i);

        walk (&item);
      }
  if (JSON_NODE_HOLDS_OBJECT (value->node))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *node;

      json_object_iter_init_ordered (&iter, json_node_get_object (value->node));
      while (json_object_iter_next_ordered (&iter, &name, &node))
        {
          const NmdJsonValue member
              = { .node = node, .file = value->file, .parent = value, .member = name };
          g_autoptr (GError) error = NULL;
          const char *text = NULL;

          fuzz_check (nmd_json_get_text (value, name, NMD_JSON_OPTIONAL, &text, &error),
                      error);
          walk (&member);
        }
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  g_autoptr (GError) error = NULL, again_error = NULL;
  g_autoptr (JsonNode) root = nmd_json_parse ((const char *)data, length, "f", &error);
  g_autoptr (JsonNode) again = NULL;
  g_autofree char *text = NULL;
  NmdJsonValue top;

  fuzz_check (root != NULL, error);
  if (root == NULL)
    return 0;
  top = nmd_json_value_top (root, "f");
  walk (&top);
  text = nmd_json_to_text (root);
  again = nmd_json_parse (text, strlen (text), "g", &again_error);
  fuzz_check (again != NULL, again_error);
  if (again == NULL)
    g_error ("What was written does not parse: %s", again_error->message);
  return 0;
}
