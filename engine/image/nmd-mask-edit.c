/* SPDX-License-Identifier: Apache-2.0
 *
 * Shapes, brush and joining of masks. Undo and redo are nmd-mask-history.c's.
 */
#include "engine/image/nmd-mask-edit.h"

#include <math.h>
#include <string.h>

/* The pixels of @row whose centre lies in [from, to]. */
static void
fill (NmdImage *mask, int row, double from, double to, guint8 value)
{
  int x0 = (int)ceil (CLAMP (from - 0.5, 0.0, (double)mask->width));
  int x1 = (int)floor (CLAMP (to - 0.5, -1.0, mask->width - 1.0));

  if (x1 >= x0)
    memset (mask->pixels + (gsize)row * (gsize)mask->width + x0, value,
            (gsize)(x1 - x0 + 1));
}

/* The rows whose centre lies in [from, to], as first and one past the last. */
static void
rows (const NmdImage *mask, double from, double to, int *first, int *end)
{
  *first = (int)ceil (CLAMP (from - 0.5, 0.0, (double)mask->height));
  *end = (int)floor (CLAMP (to - 0.5, -1.0, mask->height - 1.0)) + 1;
}

NmdImage *
nmd_mask_new_ellipse (int width, int height, double x0, double y0, double x1, double y1)
{
  NmdImage *self = nmd_image_new (width, height);
  double cx = (x0 + x1) / 2, cy = (y0 + y1) / 2;
  double a = fabs (x1 - x0) / 2, b = fabs (y1 - y0) / 2;
  int first = 0, end = 0;

  g_return_val_if_fail (self != NULL, NULL);
  if (!(a > 0 && b > 0))
    return self;
  rows (self, cy - b, cy + b, &first, &end);
  for (int row = first; row < end; row++)
    {
      double t = (row + 0.5 - cy) / b;
      double half = a * sqrt (MAX (1 - t * t, 0));
      fill (self, row, cx - half, cx + half, 255);
    }
  return self;
}

NmdImage *
nmd_mask_copy (const NmdImage *mask)
{
  g_return_val_if_fail (mask != NULL, NULL);

  NmdImage *copy = nmd_image_new (mask->width, mask->height);
  memcpy (copy->pixels, mask->pixels, (gsize)mask->width * (gsize)mask->height);
  return copy;
}

void
nmd_mask_brush (NmdImage *mask,
                double x0,
                double y0,
                double x1,
                double y1,
                double radius,
                gboolean set)
{
  double dx = x1 - x0, dy = y1 - y0, length2 = dx * dx + dy * dy;
  int first = 0, end = 0;

  g_return_if_fail (mask != NULL && radius > 0);
  rows (mask, MIN (y0, y1) - radius, MAX (y0, y1) + radius, &first, &end);
  int from = (int)floor (CLAMP (MIN (x0, x1) - radius - 0.5, 0.0, (double)mask->width));
  int to = (int)ceil (CLAMP (MAX (x0, x1) + radius + 0.5, 0.0, (double)mask->width));
  for (int row = first; row < end; row++)
    {
      guint8 *pixels = mask->pixels + (gsize)row * (gsize)mask->width;
      for (int x = from; x < to; x++)
        {
          double px = x + 0.5 - x0, py = row + 0.5 - y0;
          double t = length2 > 0 ? CLAMP ((px * dx + py * dy) / length2, 0.0, 1.0) : 0;
          double ex = px - t * dx, ey = py - t * dy;
          if (ex * ex + ey * ey <= radius * radius)
            pixels[x] = set ? 255 : 0;
        }
    }
}

NmdImage *
nmd_mask_join (const NmdImage *mask, const NmdImage *shape, NmdMaskJoin how)
{
  g_return_val_if_fail (shape != NULL, NULL);
  g_return_val_if_fail (
      mask == NULL || (mask->width == shape->width && mask->height == shape->height),
      NULL);

  gsize n = (gsize)shape->width * (gsize)shape->height;
  if (how == NMD_MASK_REPLACE || (mask == NULL && how == NMD_MASK_ADD))
    return nmd_mask_copy (shape);
  if (mask == NULL)
    return nmd_image_new (shape->width, shape->height);
  NmdImage *joined = nmd_mask_copy (mask);
  for (gsize i = 0; i < n; i++)
    if (shape->pixels[i] != 0)
      joined->pixels[i] = how == NMD_MASK_ADD ? 255 : 0;
  return joined;
}
