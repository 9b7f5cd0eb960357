/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling shapes and following borders. Formats of files that hold shapes are
 * engine/data/outlines.
 */
#include "engine/image/nmd-mask-shapes.h"

#include <math.h>
#include <string.h>

/* Filling. */

/* The first row or column whose centre is at or behind @x, between 0 and @size. */
static int
first_centre (double x, int size)
{
  return (int)ceil (CLAMP (x - 0.5, 0.0, (double)size));
}

typedef struct
{
  NmdBox box;
  gint64 n_crossings;
  gboolean good; /* every coordinate */
} Extent;

static gboolean
is_good (const double *point)
{
  return fabs (point[0]) <= NMD_MASK_MAX_COORDINATE
         && fabs (point[1]) <= NMD_MASK_MAX_COORDINATE; /* not for NaN */
}

/* The pixels that the rings may set, and how many steps that takes. */
static Extent
measure (const NmdImage *mask, const double *points, const guint *lengths, gsize n)
{
  double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
  Extent extent = { .good = TRUE };

  for (gsize ring = 0; ring < n; points += 2 * (gsize)lengths[ring], ring++)
    for (guint i = 0; i < lengths[ring]; i++)
      {
        const double *a = points + 2 * (gsize)i;
        const double *b = points + 2 * (gsize)((i + 1) % lengths[ring]);

        if (!is_good (a) || !is_good (b))
          {
            extent.good = FALSE;
            return extent;
          }
        x0 = MIN (x0, a[0]);
        y0 = MIN (y0, a[1]);
        x1 = MAX (x1, a[0]);
        y1 = MAX (y1, a[1]);
        extent.n_crossings += 1
                              + ABS (first_centre (b[1], mask->height)
                                     - first_centre (a[1], mask->height));
      }
  if (x0 <= x1)
    extent.box
        = (NmdBox){ first_centre (x0, mask->width), first_centre (y0, mask->height),
                    first_centre (x1, mask->width), first_centre (y1, mask->height) };
  return extent;
}

/* Turns the rest of each row that the edge from @a to @b crosses, right of the crossing.
 */
static void
toggle_edge (guint8 *plane, const NmdBox *box, const double *a, const double *b)
{
  const int width = box->x1 - box->x0;
  int from = first_centre (MIN (a[1], b[1]), box->y1);
  int to = first_centre (MAX (a[1], b[1]), box->y1);

  for (int row = MAX (from, box->y0); row < to; row++)
    {
      double y = row + 0.5;
      double x = a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
      int column = first_centre (x, box->x1);

      if (column < box->x1)
        plane[(gsize)(row - box->y0) * (gsize)width
              + (gsize)(MAX (column, box->x0) - box->x0)]
            ^= 255;
    }
}

gboolean
nmd_mask_add_rings (NmdImage *mask, const double *points, const guint *lengths, gsize n)
{
  const Extent extent = measure (mask, points, lengths, n);
  const NmdBox *box = &extent.box;
  const gsize width = (gsize)MAX (box->x1 - box->x0, 0);
  const gsize height = (gsize)MAX (box->y1 - box->y0, 0);
  g_autofree guint8 *plane = NULL;

  if (!extent.good || extent.n_crossings > NMD_MASK_MAX_CROSSINGS)
    return FALSE;
  if (width == 0 || height == 0)
    return TRUE;
  plane = g_try_malloc0_n (height, width);
  if (plane == NULL)
    return FALSE;
  for (gsize ring = 0; ring < n; points += 2 * (gsize)lengths[ring], ring++)
    for (guint i = 0; i < lengths[ring]; i++)
      toggle_edge (plane, box, points + 2 * (gsize)i,
                   points + 2 * (gsize)((i + 1) % lengths[ring]));
  for (gsize row = 0; row < height; row++)
    {
      guint8 *target
          = mask->pixels + (row + (gsize)box->y0) * (gsize)mask->width + (gsize)box->x0;
      guint8 inside = 0;

      for (gsize column = 0; column < width; column++)
        {
          inside ^= plane[row * width + column];
          target[column] |= inside;
        }
    }
  return TRUE;
}

void
nmd_mask_add_ellipse (
    NmdImage *mask, double cx, double cy, double rx, double ry, double degrees)
{
  const double angle = degrees * G_PI / 180.0, c = cos (angle), s = sin (angle);
  const double half_x = hypot (rx * c, ry * s), half_y = hypot (rx * s, ry * c);

  if (!(rx > 0.0 && ry > 0.0) || !isfinite (rx + ry + degrees)
      || !is_good ((const double[2]){ cx, cy }))
    return;
  for (int y = first_centre (cy - half_y - 1.0, mask->height);
       y < first_centre (cy + half_y + 1.0, mask->height); y++)
    for (int x = first_centre (cx - half_x - 1.0, mask->width);
         x < first_centre (cx + half_x + 1.0, mask->width); x++)
      {
        double dx = x + 0.5 - cx, dy = y + 0.5 - cy;
        double u = (dx * c + dy * s) / rx, v = (dy * c - dx * s) / ry;

        if (u * u + v * v <= 1.0)
          mask->pixels[(gsize)y * (gsize)mask->width + (gsize)x] = 255;
      }
}

/* Following borders. Directions: right, down, left, up. */

static const int step_x[4] = { 1, 0, -1, 0 }, step_y[4] = { 0, 1, 0, -1 };

static gboolean
is_set (const NmdImage *mask, int x, int y)
{
  if (x < 0 || y < 0 || x >= mask->width || y >= mask->height)
    return FALSE;
  return mask->pixels[(gsize)y * (gsize)mask->width + (gsize)x] != 0;
}

/* Whether a border leaves the corner (@x, @y) in direction @way, with a set pixel on its
 * right and an unset one on its left. */
static gboolean
is_border (const NmdImage *mask, int x, int y, int way)
{
  /* The pixels right and left of each way. */
  static const int right[4][2] = { { 0, 0 }, { -1, 0 }, { -1, -1 }, { 0, -1 } };
  static const int left[4][2] = { { 0, -1 }, { 0, 0 }, { -1, 0 }, { -1, -1 } };

  return is_set (mask, x + right[way][0], y + right[way][1])
         && !is_set (mask, x + left[way][0], y + left[way][1]);
}

static void
ring_free (gpointer data)
{
  NmdRing *self = data;

  g_array_unref (self->points);
  g_free (self);
}

static void
ring_add (NmdRing *self, int x, int y)
{
  const double point[2] = { x, y };

  g_array_append_vals (self->points, point, 2);
}

/* From the upper left corner of pixel (@x, @y), to the right. @seen marks pixels whose
 * upper border has been followed. Where two ways go on, the one to the right keeps to the
 * same part: parts that touch in a corner are separate. */
static NmdRing *
follow (const NmdImage *mask, guint8 *seen, int x, int y)
{
  NmdRing *ring = g_new0 (NmdRing, 1);
  const int start_x = x, start_y = y;
  int way = 0;
  gint64 area = 0; /* doubled, positive clockwise */

  ring->points = g_array_new (FALSE, FALSE, sizeof (double));
  ring_add (ring, x, y);
  do
    {
      int next_x = x + step_x[way], next_y = y + step_y[way], turned = (way + 1) % 4;

      if (way == 0)
        seen[(gsize)y * (gsize)mask->width + (gsize)x] = 1;
      area += (gint64)x * next_y - (gint64)next_x * y;
      x = next_x;
      y = next_y;
      for (int k = 0; k < 3 && !is_border (mask, x, y, turned); k++)
        turned = (turned + 3) % 4; /* straight on, then left */
      if (turned != way && (x != start_x || y != start_y || turned != 0))
        ring_add (ring, x, y);
      way = turned;
    }
  while (x != start_x || y != start_y || way != 0);
  ring->is_hole = area < 0;
  return ring;
}

GPtrArray *
nmd_mask_list_rings (const NmdImage *mask)
{
  GPtrArray *rings = g_ptr_array_new_with_free_func (ring_free);
  g_autofree guint8 *seen = g_malloc0_n ((gsize)mask->height, (gsize)mask->width);

  for (int y = 0; y < mask->height; y++)
    for (int x = 0; x < mask->width; x++)
      if (!seen[(gsize)y * (gsize)mask->width + (gsize)x] && is_border (mask, x, y, 0))
        g_ptr_array_add (rings, follow (mask, seen, x, y));
  return rings;
}
