/* SPDX-License-Identifier: Apache-2.0
 *
 * Codes for the values of a mask.
 */
#include "engine/image/nmd-mask-table-private.h"

#include <string.h>

void
nmd_mask_table_init (NmdMaskTable *self, guint depth)
{
  memset (self, 0, sizeof *self);
  self->full = depth > 8 ? 65535 : 255;
}

static guint8
level_of (const NmdMaskTable *self, const NmdMaskValue *value)
{
  const guint most = MAX (value->v[0], MAX (value->v[1], value->v[2]));

  /* a value that is not 0 stays so */
  return (guint8)(self->full == 255 ? most : most == 0 ? 0 : MAX (most >> 8, 1));
}

static gboolean
same (const NmdMaskValue *a, const NmdMaskValue *b)
{
  return memcmp (a->v, b->v, sizeof a->v) == 0 && a->index == b->index;
}

/* More values than codes: codes become levels, those that are stored too. */
static void
become_levels (NmdMaskTable *self, NmdImage *plane)
{
  const gsize n = (gsize)plane->width * (gsize)plane->height;
  guint8 levels[NMD_MASK_TABLE_SIZE];

  for (guint i = 0; i < self->n; i++)
    levels[i] = level_of (self, &self->values[i]);
  for (gsize i = 0; i < n; i++)
    plane->pixels[i] = levels[plane->pixels[i]];
  self->is_levels = TRUE;
}

/* The code of @value, a new one if need be; −1 if there is none left. */
static int
find (NmdMaskTable *self, const NmdMaskValue *value)
{
  guint hash = (value->v[0] * 31u + value->v[1]) * 31u + value->v[2];

  hash = (hash * 31u + value->v[3]) * 2654435761u >> 22; /* ten bits */
  while (self->slots[hash] != 0)
    {
      const guint code = self->slots[hash] - 1u;

      if (same (&self->values[code], value))
        return (int)code;
      hash = (hash + 1) % G_N_ELEMENTS (self->slots);
    }
  if (self->n == NMD_MASK_TABLE_SIZE)
    return -1;
  self->values[self->n] = *value;
  self->slots[hash] = (guint16)(self->n + 1);
  return (int)self->n++;
}

void
nmd_mask_table_put (NmdMaskTable *self,
                    NmdImage *plane,
                    gsize i,
                    const NmdMaskValue *value)
{
  int code;

  if (!self->is_levels)
    {
      if (self->n > 0 && same (&self->values[self->last], value))
        {
          plane->pixels[i] = (guint8)self->last;
          return;
        }
      code = find (self, value);
      if (code >= 0)
        {
          self->last = (guint)code;
          plane->pixels[i] = (guint8)code;
          return;
        }
      become_levels (self, plane);
    }
  plane->pixels[i] = level_of (self, value);
}
