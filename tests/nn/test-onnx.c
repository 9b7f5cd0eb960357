/* SPDX-License-Identifier: Apache-2.0
 *
 * Written ONNX files: every network has one, with every tensor of its weights and every value defined before it is
 * used. That their logits are the network's is checked by tests/nn/check-onnx.py, which needs onnxruntime.
 */
#include "engine/nn/nmd-onnx.h"

#include <string.h>

/* A cursor over the fields of a message. */
typedef struct
{
  const guint8 *at, *end;
  guint field;
  guint64 number;     /* of a varint */
  const guint8 *data; /* of bytes */
  gsize length;
} Fields;

static guint64
read_varint (Fields *self)
{
  guint64 value = 0;

  for (int shift = 0;; shift += 7)
    {
      g_assert_true (self->at < self->end && shift < 64);
      value |= (guint64)(*self->at & 0x7f) << shift;
      if ((*self->at++ & 0x80) == 0)
        return value;
    }
}

static gboolean
next (Fields *self)
{
  guint64 key;

  if (self->at == self->end)
    return FALSE;
  key = read_varint (self);
  self->field = (guint)(key >> 3);
  switch (key & 7)
    {
    case 0:
      self->number = read_varint (self);
      return TRUE;
    case 2:
      self->length = (gsize)read_varint (self);
      break;
    case 5:
      self->length = 4;
      break;
    default:
      g_assert_not_reached ();
    }
  g_assert_cmpuint (self->length, <=, (gsize)(self->end - self->at));
  self->data = self->at;
  self->at += self->length;
  return TRUE;
}

static Fields
open_fields (const guint8 *data, gsize length)
{
  return (Fields){ .at = data, .end = data + length };
}

static char *
text_of (const Fields *self)
{
  return g_strndup ((const char *)self->data, self->length);
}

/* What a graph defines, and uses. */
typedef struct
{
  GHashTable *known, *tensors;
  GPtrArray *used; /* names */
} Names;

static void
read_node (const Fields *node, Names *names)
{
  Fields fields = open_fields (node->data, node->length);

  while (next (&fields))
    if (fields.field == 1 && fields.length > 0)
      {
        g_autofree char *name = text_of (&fields);

        /* initializers come before or after; nodes are in order */
        if (!g_hash_table_contains (names->known, name))
          g_ptr_array_add (names->used, g_steal_pointer (&name));
      }
    else if (fields.field == 2)
      g_assert_true (g_hash_table_add (names->known, text_of (&fields)));
}

static void
read_tensor (const Fields *tensor, Names *names)
{
  Fields fields = open_fields (tensor->data, tensor->length);
  gsize count = 1, bytes = 0;
  guint64 type = 0;
  char *name = NULL;

  while (next (&fields))
    if (fields.field == 1)
      count *= (gsize)fields.number;
    else if (fields.field == 2)
      type = fields.number;
    else if (fields.field == 8)
      name = text_of (&fields);
    else if (fields.field == 9)
      bytes = fields.length;
  g_assert_cmpuint (bytes, ==, count * (type == 7 ? 8 : 4));
  g_assert_true (g_hash_table_add (names->tensors, name));
}

static void
read_graph (const Fields *graph, Names *names)
{
  Fields fields = open_fields (graph->data, graph->length);

  g_hash_table_add (names->known, g_strdup ("image"));
  while (next (&fields))
    if (fields.field == 1)
      read_node (&fields, names);
    else if (fields.field == 5)
      read_tensor (&fields, names);
}

static void
check_file (GBytes *bytes, const NmdWeights *weights)
{
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  Fields fields = open_fields (data, length);
  g_autoptr (GHashTable) known
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) tensors
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) used = g_ptr_array_new_with_free_func (g_free);
  Names names = { known, tensors, used };
  guint n_metadata = 0;

  while (next (&fields))
    if (fields.field == 7)
      read_graph (&fields, &names);
    else
      n_metadata += fields.field == 14;
  g_assert_cmpuint (n_metadata, ==, 6);
  g_assert_true (g_hash_table_contains (known, "logits"));
  g_assert_true (g_hash_table_contains (known, "scores"));
  for (guint i = 0; i < used->len; i++)
    if (!g_hash_table_contains (tensors, used->pdata[i]))
      g_error ("%s is used and never defined", (char *)used->pdata[i]);
  for (guint i = 0; i < nmd_weights_get_n (weights); i++)
    if (!g_hash_table_contains (tensors, nmd_weights_get_name (weights, i)))
      g_error ("%s is not in the file", nmd_weights_get_name (weights, i));
}

static void
check_network (const NmdNetwork *network)
{
  g_autoptr (NmdWeights) weights = nmd_network_init (network, 2, 1);
  const NmdOnnxSettings settings
      = { .network = network, .n_classes = 2, .weights = weights };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = nmd_onnx_write (&settings, &error);

  g_test_message ("%s", network->name);
  g_assert_no_error (error);
  check_file (bytes, weights);
}

static void
test_networks (void)
{
  guint n = 0, n_variants = 0;
  const NmdNetwork *list = nmd_networks_list (NMD_TASK_CLASSIFY, &n);
  const NmdNetwork *variants = nmd_networks_list_ablation (&n_variants);

  for (guint i = 0; i < n; i++)
    check_network (&list[i]);
  for (guint i = 0; i < n_variants; i++)
    check_network (&variants[i]);
}

static void
test_refused (void)
{
  const NmdNetwork *network = nmd_network_find ("nmdassistnet", NULL);
  g_autoptr (NmdWeights) other
      = nmd_network_init (nmd_network_find ("ghostnet", NULL), 2, 1);
  NmdOnnxSettings settings = { .network = network, .n_classes = 2, .weights = other };
  g_autoptr (GError) error = NULL;

  g_assert_null (nmd_onnx_write (&settings, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_clear_error (&error);
  settings.network = nmd_network_find ("ghostunet", NULL);
  g_assert_null (nmd_onnx_write (&settings, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/onnx/networks", test_networks);
  g_test_add_func ("/onnx/refused", test_refused);
  return g_test_run ();
}
