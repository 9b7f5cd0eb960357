/* SPDX-License-Identifier: Apache-2.0
 *
 * The shape of a tensor.
 */
#include "engine/nn/graph/nmd-shape.h"

#include <string.h>

gsize
nmd_shape_count (const NmdShape *shape)
{
  gsize count = 1;

  for (int i = 0; i < shape->n_dims; i++)
    count *= (gsize)shape->dims[i];
  return count;
}

gboolean
nmd_shape_equal (const NmdShape *a, const NmdShape *b)
{
  return a->n_dims == b->n_dims
         && memcmp (a->dims, b->dims, sizeof (int) * (gsize)a->n_dims) == 0;
}

char *
nmd_shape_to_string (const NmdShape *shape)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; i < shape->n_dims; i++)
    g_string_append_printf (text, i > 0 ? " × %d" : "%d", shape->dims[i]);
  return g_string_free (text, FALSE);
}
