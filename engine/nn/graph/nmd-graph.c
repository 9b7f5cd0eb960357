/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of nodes: adding, naming, finding and counting. What an operation is, and which
 * shapes fit, is nmd-ops.c's business, gradients are nmd-differentiate.c's.
 */
#include "engine/nn/graph/nmd-graph-private.h"

#include <stdarg.h>

static void
node_clear (gpointer data)
{
  g_free (((NmdNodeInfo *)data)->name);
}

NmdGraph *
nmd_graph_new (void)
{
  NmdGraph *self = g_new0 (NmdGraph, 1);

  self->nodes = g_array_new (FALSE, TRUE, sizeof (NmdNodeInfo));
  g_array_set_clear_func (self->nodes, node_clear);
  self->scope = g_string_new (NULL);
  self->scope_starts = g_array_new (FALSE, FALSE, sizeof (gsize));
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->stores = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

static void
copy_names (GHashTable *from, GHashTable *to)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, from);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (to, g_strdup (key), value);
}

NmdGraph *
nmd_graph_copy (const NmdGraph *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  NmdGraph *copy = nmd_graph_new ();

  g_array_append_vals (copy->nodes, self->nodes->data, self->nodes->len);
  for (guint i = 0; i < copy->nodes->len; i++)
    {
      NmdNodeInfo *node = &g_array_index (copy->nodes, NmdNodeInfo, i);

      node->name = g_strdup (node->name);
    }
  copy_names (self->names, copy->names);
  copy_names (self->stores, copy->stores);
  if (self->error != NULL)
    copy->error = g_error_copy (self->error);
  return copy;
}

void
nmd_graph_free (NmdGraph *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->nodes);
  g_string_free (self->scope, TRUE);
  g_array_unref (self->scope_starts);
  g_hash_table_unref (self->names);
  g_hash_table_unref (self->stores);
  g_clear_error (&self->error);
  g_free (self);
}

int
nmd_graph_get_n_nodes (const NmdGraph *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return (int)self->nodes->len;
}

const NmdNodeInfo *
nmd_graph_get (const NmdGraph *self, NmdNode node)
{
  g_return_val_if_fail (self != NULL && node >= 0 && node < (int)self->nodes->len, NULL);

  return &g_array_index (self->nodes, NmdNodeInfo, node);
}

NmdNode
nmd_graph_find (const NmdGraph *self, const char *name)
{
  g_return_val_if_fail (self != NULL && name != NULL, NMD_NODE_NONE);

  return GPOINTER_TO_INT (g_hash_table_lookup (self->names, name)) - 1;
}

gboolean
nmd_graph_check (const NmdGraph *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  if (self->error == NULL)
    return TRUE;
  if (error != NULL)
    *error = g_error_copy (self->error);
  return FALSE;
}

void
nmd_graph_add_name (NmdGraph *self, NmdNode node, const char *name)
{
  if (*name != '\0' && !g_hash_table_contains (self->names, name))
    g_hash_table_insert (self->names, g_strdup (name), GINT_TO_POINTER (node + 1));
}

void
nmd_graph_set_name (NmdGraph *self, NmdNode node, const char *name)
{
  NmdNodeInfo *info = &g_array_index (self->nodes, NmdNodeInfo, node);

  g_autofree char *copy = g_strdup (name); /* it may be the name that goes */

  nmd_graph_add_name (self, node, copy);
  g_free (info->name);
  info->name = g_steal_pointer (&copy);
}

/* Fills node->shape from its inputs and attributes, or says why they do not fit. */
static gboolean
infer_shape (const NmdGraph *self, NmdNodeInfo *node, GError **error)
{
  const NmdOpInfo *op = nmd_op_get_info (node->op);
  NmdInference inference = {
    .node = node, .op = op->name, .inputs = op->inputs, .rule = op->shape, .error = error
  };
  NmdShape shape = { 0 };

  nmd_op_count_inputs (node->op, &inference.least, &inference.most);
  for (int i = 0; i < node->n_inputs; i++)
    {
      inference.from[i] = nmd_graph_get (self, node->inputs[i]);
      inference.in[i] = &inference.from[i]->shape;
    }
  if (!nmd_infer_shape (&inference, &shape))
    return FALSE;
  node->shape = shape;
  return TRUE;
}

NmdNode
nmd_graph_add (NmdGraph *self,
               NmdOp op,
               const char *name,
               const NmdAttributes *attributes,
               const NmdNode *inputs,
               int n_inputs)
{
  g_return_val_if_fail (self != NULL && op >= 0 && op < NMD_N_OPS, NMD_NODE_NONE);
  g_return_val_if_fail (n_inputs >= 0 && n_inputs <= NMD_MAX_INPUTS, NMD_NODE_NONE);

  NmdNodeInfo node = { .op = op, .n_inputs = n_inputs };
  g_autofree char *full = NULL;
  NmdNode index = (int)self->nodes->len;

  for (int i = 0; i < n_inputs; i++)
    {
      if (inputs[i] == NMD_NODE_NONE)
        return NMD_NODE_NONE;
      g_return_val_if_fail (inputs[i] >= 0 && inputs[i] < index, NMD_NODE_NONE);
      node.inputs[i] = inputs[i];
    }
  if (name != NULL && *name != '\0')
    full = g_strconcat (self->scope->str, name, NULL);
  if (attributes != NULL)
    node.at = *attributes;
  node.name = full != NULL ? full : (char *)"";
  if (!infer_shape (self, &node, self->error == NULL ? &self->error : NULL))
    return NMD_NODE_NONE;
  node.name = NULL;
  g_array_append_val (self->nodes, node);
  nmd_graph_set_name (self, index, full != NULL ? full : "");
  return index;
}

void
nmd_graph_push (NmdGraph *self, const char *name_format, ...)
{
  g_return_if_fail (self != NULL && name_format != NULL);

  va_list args;

  g_array_append_val (self->scope_starts, self->scope->len);
  va_start (args, name_format);
  g_string_append_vprintf (self->scope, name_format, args);
  va_end (args);
  g_string_append_c (self->scope, '.');
}

void
nmd_graph_pop (NmdGraph *self)
{
  g_return_if_fail (self != NULL && self->scope_starts->len > 0);

  guint last = self->scope_starts->len - 1;

  g_string_truncate (self->scope, g_array_index (self->scope_starts, gsize, last));
  g_array_set_size (self->scope_starts, last);
}

void
nmd_graph_name_scope (NmdGraph *self, NmdNode node)
{
  g_return_if_fail (self != NULL && self->scope->len > 0);

  g_autofree char *name = NULL;

  if (node == NMD_NODE_NONE)
    return;
  name = g_strndup (self->scope->str, self->scope->len - 1);
  nmd_graph_set_name (self, node, name);
}

static NmdAttributes
shape_attribute (const int *dims, int n_dims)
{
  NmdAttributes at = { .shape = { n_dims, { 1, 1, 1, 1 } } };

  for (int i = 0; i < n_dims && i < NMD_MAX_DIMS; i++)
    at.shape.dims[i] = dims[i];
  return at;
}

NmdNode
nmd_graph_input (NmdGraph *self, const char *name, const int *dims, int n_dims)
{
  NmdAttributes at = shape_attribute (dims, n_dims);

  return nmd_graph_add (self, NMD_OP_INPUT, name, &at, NULL, 0);
}

NmdNode
nmd_graph_store (
    NmdGraph *self, const char *name, gboolean trainable, const int *dims, int n_dims)
{
  g_return_val_if_fail (self != NULL && name != NULL && *name != '\0', NMD_NODE_NONE);

  g_autofree char *full = g_strconcat (self->scope->str, name, NULL);
  NmdNode node = GPOINTER_TO_INT (g_hash_table_lookup (self->stores, full)) - 1;
  NmdAttributes at = shape_attribute (dims, n_dims);

  at.trainable = trainable;
  if (node != NMD_NODE_NONE)
    {
      const NmdShape *had = &nmd_graph_get (self, node)->shape;

      if (nmd_shape_equal (had, &at.shape))
        return node;
      if (self->error == NULL)
        {
          g_autofree char *a = nmd_shape_to_string (had);
          g_autofree char *b = nmd_shape_to_string (&at.shape);

          g_set_error (&self->error, NMD_ERROR, NMD_ERROR_SHAPE,
                       "Store tensor %s is %s at one place and %s at another", full, a,
                       b);
        }
      return NMD_NODE_NONE;
    }
  node = nmd_graph_add (self, NMD_OP_STORE, name, &at, NULL, 0);
  if (node != NMD_NODE_NONE)
    g_hash_table_insert (self->stores, g_steal_pointer (&full),
                         GINT_TO_POINTER (node + 1));
  return node;
}

gint64
nmd_graph_count_parameters (const NmdGraph *self)
{
  g_return_val_if_fail (self != NULL, 0);

  gint64 count = 0;

  for (guint i = 0; i < self->nodes->len; i++)
    {
      const NmdNodeInfo *node = &g_array_index (self->nodes, NmdNodeInfo, i);

      if (node->op == NMD_OP_STORE && node->at.trainable)
        count += (gint64)nmd_shape_count (&node->shape);
    }
  return count;
}

gint64
nmd_graph_get_macs (const NmdGraph *self, NmdNode node)
{
  const NmdNodeInfo *info = nmd_graph_get (self, node);
  const NmdShape *in[NMD_MAX_INPUTS];

  g_return_val_if_fail (info != NULL, 0);

  for (int i = 0; i < info->n_inputs; i++)
    in[i] = &nmd_graph_get (self, info->inputs[i])->shape;
  return nmd_op_get_info (info->op)->macs != NULL
             ? nmd_op_get_info (info->op)->macs (info, in)
             : 0;
}

gint64
nmd_graph_count_macs (const NmdGraph *self)
{
  g_return_val_if_fail (self != NULL, 0);

  gint64 count = 0;

  for (NmdNode i = 0; i < (int)self->nodes->len; i++)
    count += nmd_graph_get_macs (self, i);
  return count;
}
