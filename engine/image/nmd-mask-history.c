/* SPDX-License-Identifier: Apache-2.0
 *
 * Undo and redo of masks: a step is the list of runs of pixels that differ, and applying it a second
 * time takes it back.
 */
#include "engine/image/nmd-mask-edit.h"

#include <string.h>

/* Pixels [start, start + length) in row-major order; at most 64 Mi pixels are read, so 32 bits do. */
typedef struct
{
  guint32 start, length;
} Run;

struct _NmdMaskHistory
{
  NmdImage *now;
  GPtrArray *steps; /* of GArray of Run */
  guint place;      /* steps before it are done, those from it on were undone */
  gboolean dropped; /* the first state is out of reach */
};

NmdMaskHistory *
nmd_mask_history_new (int width, int height, const NmdImage *mask)
{
  g_return_val_if_fail (width > 0 && height > 0, NULL);
  g_return_val_if_fail (mask == NULL || (mask->width == width && mask->height == height),
                        NULL);

  NmdMaskHistory *self = g_new0 (NmdMaskHistory, 1);
  self->now = mask != NULL ? nmd_mask_copy (mask) : nmd_image_new (width, height);
  self->steps = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  return self;
}

void
nmd_mask_history_free (NmdMaskHistory *self)
{
  g_return_if_fail (self != NULL);
  nmd_image_unref (self->now);
  g_ptr_array_unref (self->steps);
  g_free (self);
}

NmdImage *
nmd_mask_history_get (const NmdMaskHistory *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->now;
}

static GArray *
compare (const NmdImage *a, const NmdImage *b)
{
  GArray *runs = g_array_new (FALSE, FALSE, sizeof (Run));
  gsize n = (gsize)a->width * (gsize)a->height;

  for (gsize row = 0; row < n; row += (gsize)a->width)
    {
      /* Most rows are equal. */
      if (memcmp (a->pixels + row, b->pixels + row, (gsize)a->width) == 0)
        continue;
      for (gsize i = row; i < row + (gsize)a->width; i++)
        {
          if ((a->pixels[i] != 0) == (b->pixels[i] != 0))
            continue;
          Run run = { (guint32)i, 0 };
          while (i < row + (gsize)a->width && (a->pixels[i] != 0) != (b->pixels[i] != 0))
            i++, run.length++;
          g_array_append_val (runs, run);
        }
    }
  return runs;
}

static void
apply (NmdMaskHistory *self, const GArray *runs)
{
  NmdImage *next = nmd_mask_copy (self->now);

  for (guint k = 0; k < runs->len; k++)
    {
      const Run *run = &g_array_index (runs, Run, k);
      for (gsize i = run->start; i < (gsize)run->start + run->length; i++)
        next->pixels[i] = next->pixels[i] != 0 ? 0 : 255;
    }
  nmd_image_unref (self->now);
  self->now = next;
}

gboolean
nmd_mask_history_push (NmdMaskHistory *self, const NmdImage *mask)
{
  g_return_val_if_fail (self != NULL && mask != NULL, FALSE);
  g_return_val_if_fail (
      mask->width == self->now->width && mask->height == self->now->height, FALSE);

  g_autoptr (GArray) runs = compare (self->now, mask);
  if (runs->len == 0)
    return FALSE;
  g_ptr_array_set_size (self->steps, (int)self->place);
  if (self->steps->len >= NMD_MASK_HISTORY_STEPS)
    {
      g_ptr_array_remove_index (self->steps, 0);
      self->dropped = TRUE;
    }
  apply (self, runs);
  g_ptr_array_add (self->steps, g_steal_pointer (&runs));
  self->place = self->steps->len;
  return TRUE;
}

gboolean
nmd_mask_history_undo (NmdMaskHistory *self)
{
  if (!nmd_mask_history_can_undo (self))
    return FALSE;
  apply (self, g_ptr_array_index (self->steps, --self->place));
  return TRUE;
}

gboolean
nmd_mask_history_redo (NmdMaskHistory *self)
{
  if (!nmd_mask_history_can_redo (self))
    return FALSE;
  apply (self, g_ptr_array_index (self->steps, self->place++));
  return TRUE;
}

gboolean
nmd_mask_history_can_undo (const NmdMaskHistory *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return self->place > 0;
}

gboolean
nmd_mask_history_can_redo (const NmdMaskHistory *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return self->place < self->steps->len;
}

gboolean
nmd_mask_history_is_changed (const NmdMaskHistory *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return self->place > 0 || self->dropped;
}

gsize
nmd_mask_history_get_size (const NmdMaskHistory *self)
{
  gsize size = 0;

  g_return_val_if_fail (self != NULL, 0);
  for (guint i = 0; i < self->steps->len; i++)
    size += ((GArray *)g_ptr_array_index (self->steps, i))->len * sizeof (Run);
  return size;
}
