/* SPDX-License-Identifier: Apache-2.0
 *
 * Places for values by their lives. Knows no nodes: the CUDA module has a copy of it.
 */
#include "engine/nn/graph/nmd-liveness.h"

static int
compare_lives (gconstpointer a, gconstpointer b)
{
  const NmdLife *x = *(NmdLife *const *)a, *y = *(NmdLife *const *)b;

  if (x->size != y->size)
    return x->size > y->size ? -1 : 1;
  if (x->first != y->first)
    return x->first < y->first ? -1 : 1;
  return x < y ? -1 : x > y;
}

/* The lowest offset at which @life overlaps none of @placed, which are in order of
 * offset. */
static gsize
find_gap (const GPtrArray *placed, const NmdLife *life)
{
  gsize offset = 0;

  for (guint i = 0; i < placed->len; i++)
    {
      const NmdLife *other = placed->pdata[i];

      if (other->last < life->first || other->first > life->last)
        continue;
      if (other->offset >= offset + life->size)
        break;
      offset = MAX (offset, other->offset + other->size);
    }
  return offset;
}

static void
insert_by_offset (GPtrArray *placed, NmdLife *life)
{
  guint low = 0, high = placed->len;

  while (low < high)
    {
      const guint middle = (low + high) / 2;

      if (((NmdLife *)placed->pdata[middle])->offset <= life->offset)
        low = middle + 1;
      else
        high = middle;
    }
  g_ptr_array_insert (placed, (int)low, life);
}

gsize
nmd_liveness_plan (NmdLife *lives, int n)
{
  g_autoptr (GPtrArray) order = g_ptr_array_new (), placed = g_ptr_array_new ();
  gsize total = 0;

  for (int i = 0; i < n; i++)
    g_ptr_array_add (order, &lives[i]);
  g_ptr_array_sort (order, compare_lives);
  for (guint i = 0; i < order->len; i++)
    {
      NmdLife *life = order->pdata[i];

      life->offset = find_gap (placed, life);
      insert_by_offset (placed, life);
      total = MAX (total, life->offset + life->size);
    }
  return total;
}
