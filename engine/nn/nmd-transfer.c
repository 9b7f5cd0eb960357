/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares the tensors of a weights file with a network's. Reading files is
 * nmd-safetensors.c's, training from them the train room's.
 */
#include "engine/nn/nmd-transfer.h"

#include <string.h>

/* A tensor of the network; of the head if a dimension counts classes. */
typedef struct
{
  const char *name; /* borrowed from the graph */
  NmdShape shape;
  int class_dim; /* −1: not of the head */
  gboolean own;  /* of the network beside its encoder */
} Wanted;

static gboolean
is_of_encoder (const NmdNetwork *network, const char *name)
{
  for (const char *const *pattern = network->encoder; *pattern != NULL; pattern++)
    if (g_pattern_match_simple (*pattern, name))
      return TRUE;
  return FALSE;
}

/* The network's tensors for @n_classes: what has another shape for one class more is the
 * head. @graph keeps the names. */
static GArray *
list_wanted (const NmdNetwork *network,
             int n_classes,
             NmdNetworkGraph *graph,
             GError **error)
{
  g_auto (NmdNetworkGraph) larger = { NULL };
  GArray *list;

  if (!nmd_network_inference (graph, network, n_classes, 1, error)
      || !nmd_network_inference (&larger, network, n_classes + 1, 1, error))
    return NULL;
  list = g_array_new (FALSE, TRUE, sizeof (Wanted));
  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (graph->graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (graph->graph, i);
      const NmdNodeInfo *other = nmd_graph_get (larger.graph, i);
      Wanted wanted = { node->name, node->shape, -1, FALSE };

      if (node->op != NMD_OP_STORE)
        continue;
      for (int d = 0; d < node->shape.n_dims; d++)
        if (node->shape.dims[d] != other->shape.dims[d])
          wanted.class_dim = d;
      wanted.own = network->encoder != NULL && !is_of_encoder (network, node->name);
      g_array_append_val (list, wanted);
    }
  return list;
}

char *
nmd_weights_entry_shape (const NmdWeightsEntry *entry)
{
  GString *text = g_string_new (entry->n_dims == 0 ? "1" : NULL);

  for (int i = 0; i < entry->n_dims; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? " × " : "",
                            entry->dims[i]);
  return g_string_free (text, FALSE);
}

/* A scalar of the file is a vector of one value here. */
static gint64
get_dim (const NmdWeightsEntry *entry, int d)
{
  return entry->n_dims == 0 ? 1 : entry->dims[d];
}

/* Whether @entry is @wanted, the number of classes aside. */
static gboolean
is_alike (const NmdWeightsEntry *entry, const Wanted *wanted)
{
  if (MAX (entry->n_dims, 1) != wanted->shape.n_dims)
    return FALSE;
  for (int d = 0; d < wanted->shape.n_dims; d++)
    if (d != wanted->class_dim && get_dim (entry, d) != wanted->shape.dims[d])
      return FALSE;
  return TRUE;
}

static gboolean
refuse_shape (const char *path,
              const NmdWeightsEntry *entry,
              const Wanted *wanted,
              const NmdNetwork *network,
              GError **error)
{
  g_autofree char *has = nmd_weights_entry_shape (entry);
  g_autofree char *needs = nmd_shape_to_string (&wanted->shape);

  g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
               "Weights file %s: tensor %s is %s, %s needs %s", path, entry->name, has,
               network->title, needs);
  return FALSE;
}

/* Bytes of @name that are words of wrappers. */
static gsize
prefix_length (const char *name)
{
  static const char *const words[] = { "module.", "_orig_mod.", "model." };
  gsize length = 0;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_has_prefix (name + length, words[i]))
      {
        length += strlen (words[i]);
        i = G_MAXUINT; /* from the first word again */
      }
  return length;
}

/* The wrappers' words before most of the names that have any; of equally many the first. */
static char *
find_prefix (const GPtrArray *entries)
{
  g_autoptr (GHashTable) counts
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const char *best = "";
  int most = 0;

  for (guint i = 0; i < entries->len; i++)
    {
      const NmdWeightsEntry *entry = entries->pdata[i];
      const gsize length = prefix_length (entry->name);
      char *prefix = g_strndup (entry->name, length);
      const int count = GPOINTER_TO_INT (g_hash_table_lookup (counts, prefix));

      g_hash_table_replace (counts, prefix, GINT_TO_POINTER (length > 0 ? count + 1 : 0));
    }
  for (guint i = 0; i < entries->len; i++)
    {
      const NmdWeightsEntry *entry = entries->pdata[i];
      g_autofree char *prefix = g_strndup (entry->name, prefix_length (entry->name));
      gpointer key = NULL, count = NULL;

      if (g_hash_table_lookup_extended (counts, prefix, &key, &count)
          && GPOINTER_TO_INT (count) > most)
        {
          best = key;
          most = GPOINTER_TO_INT (count);
        }
    }
  return g_strdup (best);
}

/* The name of @entry in the network. Borrowed from it. */
static const char *
own_name (const NmdTransfer *self, const NmdWeightsEntry *entry)
{
  return g_str_has_prefix (entry->name, self->prefix)
             ? entry->name + strlen (self->prefix)
             : entry->name;
}

/* Entries by their names in the network; NULL with @error if two have one. */
static GHashTable *
index_entries (const NmdTransfer *self,
               const GPtrArray *entries,
               const char *path,
               GError **error)
{
  g_autoptr (GHashTable) index = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < entries->len; i++)
    {
      NmdWeightsEntry *entry = entries->pdata[i];
      const char *name = own_name (self, entry);
      const NmdWeightsEntry *other = g_hash_table_lookup (index, name);

      if (other != NULL)
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                       "Weights file %s: tensors %s and %s have one name without “%s”",
                       path, other->name, entry->name, self->prefix);
          return NULL;
        }
      g_hash_table_insert (index, (char *)name, entry);
    }
  return g_steal_pointer (&index);
}

static void
note_dtype (NmdTransfer *self, const char *dtype)
{
  if (strcmp (dtype, "F32") != 0
      && !g_ptr_array_find_with_equal_func (self->converted, dtype, g_str_equal, NULL))
    g_ptr_array_add (self->converted, g_strdup (dtype));
}

/* Takes what is there; @lost counts tensors that must be there and are not. */
static gboolean
take (NmdTransfer *self,
      GHashTable *index,
      const GArray *list,
      int n_classes,
      const char *path,
      guint *lost,
      const char **first_lost,
      GError **error)
{
  for (guint i = 0; i < list->len; i++)
    {
      const Wanted *wanted = &g_array_index (list, Wanted, i);
      const NmdWeightsEntry *entry = g_hash_table_lookup (index, wanted->name);

      if (entry == NULL && wanted->class_dim >= 0)
        g_ptr_array_add (self->missing, g_strdup (wanted->name));
      else if (entry == NULL && (*lost)++ == 0)
        *first_lost = wanted->name;
      if (entry == NULL)
        continue;
      if (!is_alike (entry, wanted))
        return refuse_shape (path, entry, wanted, self->network, error);
      if (wanted->class_dim >= 0)
        {
          int classes = (int)get_dim (entry, wanted->class_dim);

          if (self->n_classes > 0 && classes != self->n_classes)
            return refuse_shape (path, entry, wanted, self->network, error);
          self->n_classes = classes;
          if (n_classes > 0 && classes != n_classes)
            {
              g_ptr_array_add (self->left_out, g_strdup (wanted->name));
              continue;
            }
        }
      self->n_used++;
      note_dtype (self, entry->dtype);
    }
  return TRUE;
}

/* Whether the file has the encoder and none of the rest; this is then listed as missing. */
static gboolean
is_encoder_alone (NmdTransfer *self, GHashTable *index, const GArray *list)
{
  guint encoder = 0, own = 0;

  for (guint i = 0; i < list->len; i++)
    {
      const Wanted *wanted = &g_array_index (list, Wanted, i);
      const gboolean there = g_hash_table_contains (index, wanted->name);

      if (wanted->own ? there : !there)
        return FALSE;
      encoder += !wanted->own;
      own += wanted->own;
    }
  if (encoder == 0 || own == 0)
    return FALSE;
  g_ptr_array_set_size (self->missing, 0);
  for (guint i = 0; i < list->len; i++)
    if (g_array_index (list, Wanted, i).own)
      g_ptr_array_add (self->missing, g_strdup (g_array_index (list, Wanted, i).name));
  return TRUE;
}

static void
find_unknown (NmdTransfer *self, const GPtrArray *entries, const GArray *list)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < list->len; i++)
    g_hash_table_add (known, (char *)g_array_index (list, Wanted, i).name);
  for (guint i = 0; i < entries->len; i++)
    {
      const NmdWeightsEntry *entry = entries->pdata[i];

      if (!g_hash_table_contains (known, own_name (self, entry))
          && !g_str_has_suffix (entry->name, "num_batches_tracked"))
        g_ptr_array_add (self->unknown, g_strdup (entry->name));
    }
}

static NmdTransfer *
compare (const GPtrArray *entries,
         const char *path,
         const NmdNetwork *network,
         int n_classes,
         gboolean whole,
         GError **error)
{
  g_autoptr (NmdTransfer) self = g_new0 (NmdTransfer, 1);
  g_autoptr (GHashTable) index = NULL;
  g_auto (NmdNetworkGraph) graph = { NULL };
  g_autoptr (GArray) list
      = list_wanted (network, n_classes > 0 ? n_classes : 2, &graph, error);
  const char *first_lost = NULL;
  guint lost = 0;

  if (list == NULL)
    return NULL;
  self->network = network;
  self->n_tensors = list->len;
  self->prefix = find_prefix (entries);
  self->left_out = g_ptr_array_new_with_free_func (g_free);
  self->missing = g_ptr_array_new_with_free_func (g_free);
  self->unknown = g_ptr_array_new_with_free_func (g_free);
  self->converted = g_ptr_array_new_with_free_func (g_free);
  index = index_entries (self, entries, path, error);
  if (index == NULL
      || !take (self, index, list, n_classes, path, &lost, &first_lost, error))
    return NULL;
  if (self->n_used + self->left_out->len == 0)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 "Weights file %s holds none of the %u tensors of %s; its own are called "
                 "%s and so on",
                 path, list->len, network->title,
                 entries->len > 0 ? ((NmdWeightsEntry *)entries->pdata[0])->name : "–");
  else if (lost > 0 && (whole || !is_encoder_alone (self, index, list)))
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 "Weights file %s lacks %u of the %u tensors of %s, the first is %s",
                 path, lost, list->len, network->title, first_lost);
  else
    {
      find_unknown (self, entries, list);
      return g_steal_pointer (&self);
    }
  return NULL;
}

NmdTransfer *
nmd_transfer_new (const GPtrArray *entries,
                  const char *path,
                  const NmdNetwork *network,
                  int n_classes,
                  GError **error)
{
  g_return_val_if_fail (entries != NULL && path != NULL && network != NULL, NULL);

  g_autoptr (GError) problem = NULL;
  NmdTransfer *self = compare (entries, path, network, n_classes, FALSE, &problem);

  if (self == NULL)
    {
      g_autoptr (NmdTransfer) other = nmd_transfer_find (entries);
      g_autofree char *hint
          = other != NULL ? g_strdup_printf ("; it fits %s", other->network->name) : NULL;

      g_set_error (error, problem->domain, problem->code, "%s%s", problem->message,
                   hint != NULL ? hint : "");
    }
  return self;
}

void
nmd_transfer_free (NmdTransfer *self)
{
  if (self == NULL)
    return;
  g_free (self->prefix);
  g_clear_pointer (&self->left_out, g_ptr_array_unref);
  g_clear_pointer (&self->missing, g_ptr_array_unref);
  g_clear_pointer (&self->unknown, g_ptr_array_unref);
  g_clear_pointer (&self->converted, g_ptr_array_unref);
  g_free (self);
}

NmdTransfer *
nmd_transfer_find (const GPtrArray *entries)
{
  g_return_val_if_fail (entries != NULL, NULL);

  for (int task = NMD_TASK_CLASSIFY; task <= NMD_TASK_SEGMENT; task++)
    {
      guint n = 0;
      const NmdNetwork *networks = nmd_networks_list ((NmdTask)task, &n);

      for (guint i = 0; i < n; i++)
        {
          /* a network that does not fit is no failure */
          NmdTransfer *self = compare (entries, "", &networks[i], 0, TRUE, NULL);

          if (self != NULL)
            return self;
        }
    }
  return NULL;
}

guint
nmd_transfer_apply (const NmdTransfer *self, const NmdWeights *file, NmdWeights *target)
{
  g_return_val_if_fail (self != NULL && file != NULL && target != NULL, 0);

  guint used = 0;

  for (guint i = 0; i < nmd_weights_get_n (target); i++)
    {
      const char *name = nmd_weights_get_name (target, i);
      g_autofree char *wrapped = g_strconcat (self->prefix, name, NULL);
      NmdShape shape, given;
      const float *values = nmd_weights_get (file, wrapped, &given);

      if (values == NULL)
        values = nmd_weights_get (file, name, &given);

      nmd_weights_get (target, name, &shape);
      if (values == NULL || !nmd_shape_equal (&shape, &given))
        continue; /* of the head */
      memcpy (nmd_weights_add (target, name, &shape), values,
              nmd_shape_count (&shape) * sizeof *values);
      used++;
    }
  return used;
}
