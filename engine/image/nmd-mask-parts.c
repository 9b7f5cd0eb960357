/* SPDX-License-Identifier: Apache-2.0
 *
 * Connected components by flooding with a list of its own, so that no mask is too large for
 * the stack.
 */
#include "engine/image/nmd-mask-parts.h"

#include <string.h>

/* Neighbours; the first four share a side. */
static const int across[8] = { -1, 1, 0, 0, -1, 1, -1, 1 };
static const int down[8] = { 0, 0, -1, 1, -1, -1, 1, 1 };

/* Gives every pixel that is joined to @start and whose label is that of @start the @label. @list
 * has room for all pixels. Returns the number of pixels. */
static gint64
flood (
    int *labels, int width, int height, int start, int n_neighbours, int label, int *list)
{
  const int from = labels[start];
  gint64 n = 1;

  list[0] = start;
  labels[start] = label;
  for (gint64 i = 0; i < n; i++)
    {
      const int x = list[i] % width, y = list[i] / width;

      for (int k = 0; k < n_neighbours; k++)
        {
          const int nx = x + across[k], ny = y + down[k];
          const int at = ny * width + nx;

          if (nx < 0 || ny < 0 || nx >= width || ny >= height || labels[at] != from)
            continue;
          labels[at] = label;
          list[n++] = at;
        }
    }
  return n;
}

/* −1 where @mask is set, 0 elsewhere. */
static int *
start_labels (const NmdImage *mask, int **list)
{
  const gsize n = (gsize)mask->width * (gsize)mask->height;
  int *labels = g_new (int, n);

  *list = g_new (int, n);
  for (gsize i = 0; i < n; i++)
    labels[i] = mask->pixels[i] != 0 ? -1 : 0;
  return labels;
}

/* Labels 1, 2, … for the parts; their sizes. */
static GArray *
label_parts (const NmdImage *mask, int **labels)
{
  const int n = mask->width * mask->height;
  GArray *sizes = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autofree int *list = NULL;

  *labels = start_labels (mask, &list);
  for (int i = 0; i < n; i++)
    if ((*labels)[i] < 0)
      {
        gint64 size
            = flood (*labels, mask->width, mask->height, i, 8, (int)sizes->len + 1, list);

        g_array_append_val (sizes, size);
      }
  return sizes;
}

GArray *
nmd_mask_list_parts (const NmdImage *mask)
{
  g_autofree int *labels = NULL;

  g_return_val_if_fail (mask != NULL, NULL);

  return label_parts (mask, &labels);
}

NmdImage *
nmd_mask_largest_part (const NmdImage *mask)
{
  g_autofree int *labels = NULL;
  g_autoptr (GArray) sizes = NULL;
  NmdImage *out;
  guint best = 0;

  g_return_val_if_fail (mask != NULL, NULL);

  sizes = label_parts (mask, &labels);
  out = nmd_image_new (mask->width, mask->height);
  for (guint i = 1; i < sizes->len; i++)
    if (g_array_index (sizes, gint64, i) > g_array_index (sizes, gint64, best))
      best = i;
  for (gsize i = 0; i < (gsize)mask->width * (gsize)mask->height; i++)
    out->pixels[i] = labels[i] == (int)best + 1 ? 255 : 0;
  return out;
}

NmdImage *
nmd_mask_fill_holes (const NmdImage *mask)
{
  g_autofree int *labels = NULL, *list = NULL;
  NmdImage *out;

  g_return_val_if_fail (mask != NULL, NULL);

  labels = start_labels (mask, &list);
  out = nmd_image_new (mask->width, mask->height);
  for (int y = 0; y < mask->height; y++)
    for (int x = 0; x < mask->width; x++)
      {
        const gboolean edge
            = x == 0 || y == 0 || x == mask->width - 1 || y == mask->height - 1;
        const int at = y * mask->width + x;

        if (edge && labels[at] == 0)
          flood (labels, mask->width, mask->height, at, 4, 1, list);
      }
  for (gsize i = 0; i < (gsize)mask->width * (gsize)mask->height; i++)
    out->pixels[i] = labels[i] == 1 ? 0 : 255;
  return out;
}

guint
nmd_mask_count_sides (const NmdImage *mask)
{
  gboolean sides[4] = { FALSE };

  g_return_val_if_fail (mask != NULL, 0);

  for (int x = 0; x < mask->width; x++)
    {
      sides[0] |= mask->pixels[x] != 0;
      sides[1]
          |= mask->pixels[(gsize)(mask->height - 1) * (gsize)mask->width + (gsize)x] != 0;
    }
  for (int y = 0; y < mask->height; y++)
    {
      const guint8 *row = mask->pixels + (gsize)y * (gsize)mask->width;

      sides[2] |= row[0] != 0;
      sides[3] |= row[mask->width - 1] != 0;
    }
  return (guint)(sides[0] + sides[1] + sides[2] + sides[3]);
}
