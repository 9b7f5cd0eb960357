/* SPDX-License-Identifier: Apache-2.0
 *
 * Named tensors in memory, in the order of insertion. Files are nmd-safetensors.c's
 * business.
 */
#include "engine/nn/nmd-weights.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  char *name;
  NmdShape shape;
  float *values;
} Tensor;

struct _NmdWeights
{
  gatomicrefcount ref_count;
  GArray *tensors;   /* of Tensor */
  GHashTable *index; /* name, borrowed from its tensor → position + 1 */
  GHashTable *meta;  /* char * → char * */
};

static void
tensor_clear (gpointer data)
{
  Tensor *tensor = data;

  g_free (tensor->name);
  g_free (tensor->values);
}

NmdWeights *
nmd_weights_new (void)
{
  NmdWeights *self = g_new0 (NmdWeights, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->tensors = g_array_new (FALSE, TRUE, sizeof (Tensor));
  g_array_set_clear_func (self->tensors, tensor_clear);
  self->index = g_hash_table_new (g_str_hash, g_str_equal);
  self->meta = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

NmdWeights *
nmd_weights_ref (NmdWeights *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
nmd_weights_unref (NmdWeights *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_hash_table_unref (self->index);
  g_hash_table_unref (self->meta);
  g_array_unref (self->tensors);
  g_free (self);
}

guint
nmd_weights_get_n (const NmdWeights *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->tensors->len;
}

const char *
nmd_weights_get_name (const NmdWeights *self, guint i)
{
  g_return_val_if_fail (self != NULL && i < self->tensors->len, NULL);

  return g_array_index (self->tensors, Tensor, i).name;
}

static Tensor *
lookup (const NmdWeights *self, const char *name)
{
  int position = GPOINTER_TO_INT (g_hash_table_lookup (self->index, name));

  return position == 0 ? NULL : &g_array_index (self->tensors, Tensor, position - 1);
}

const float *
nmd_weights_get (const NmdWeights *self, const char *name, NmdShape *shape)
{
  g_return_val_if_fail (self != NULL && name != NULL, NULL);

  const Tensor *tensor = lookup (self, name);

  if (tensor == NULL)
    return NULL;
  if (shape != NULL)
    *shape = tensor->shape;
  return tensor->values;
}

float *
nmd_weights_add (NmdWeights *self, const char *name, const NmdShape *shape)
{
  g_return_val_if_fail (self != NULL && name != NULL && shape != NULL, NULL);
  g_return_val_if_fail (shape->n_dims >= 0 && shape->n_dims <= NMD_MAX_DIMS, NULL);

  Tensor *tensor = lookup (self, name);

  if (tensor == NULL)
    {
      Tensor fresh = { .name = g_strdup (name) };

      g_array_append_val (self->tensors, fresh);
      g_hash_table_insert (self->index, fresh.name, GINT_TO_POINTER (self->tensors->len));
      tensor = &g_array_index (self->tensors, Tensor, self->tensors->len - 1);
    }
  g_free (tensor->values);
  tensor->shape = *shape;
  for (int i = shape->n_dims; i < NMD_MAX_DIMS; i++)
    tensor->shape.dims[i] = 1;
  tensor->values = g_new0 (float, MAX (1, nmd_shape_count (shape)));
  return tensor->values;
}

void
nmd_weights_set_meta (NmdWeights *self, const char *key, const char *value)
{
  g_return_if_fail (self != NULL && key != NULL && value != NULL);

  g_hash_table_insert (self->meta, g_strdup (key), g_strdup (value));
}

const char *
nmd_weights_get_meta (const NmdWeights *self, const char *key)
{
  g_return_val_if_fail (self != NULL && key != NULL, NULL);

  return g_hash_table_lookup (self->meta, key);
}

static int
compare_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

char **
nmd_weights_list_meta (const NmdWeights *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  guint n = 0;
  char **keys = (char **)g_hash_table_get_keys_as_array (self->meta, &n);

  qsort (keys, n, sizeof *keys, compare_text);
  for (guint i = 0; i < n; i++)
    keys[i] = g_strdup (keys[i]);
  return keys;
}
