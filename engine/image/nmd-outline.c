/* SPDX-License-Identifier: Apache-2.0
 *
 * The outline of a mask as line segments. Drawing them is the window's and the figures'.
 */
#include "engine/image/nmd-outline.h"

#include "engine/image/nmd-preprocess.h"

static gboolean
is_set (const NmdImage *mask, int x, int y)
{
  if (x < 0 || y < 0 || x >= mask->width || y >= mask->height)
    return FALSE;
  return mask->pixels[(gsize)y * (gsize)mask->width + (gsize)x] != 0;
}

/* Borders along one direction within @box: line @line lies between row (column) line − 1 and line. */
static void
append_runs (GArray *segments,
             const NmdImage *mask,
             const NmdBox *box,
             int line,
             gboolean horizontal)
{
  const int end = horizontal ? box->x1 : box->y1;
  int start = -1;

  for (int i = horizontal ? box->x0 : box->y0; i <= end; i++)
    {
      gboolean border = FALSE;
      if (i < end)
        border = horizontal ? is_set (mask, i, line - 1) != is_set (mask, i, line)
                            : is_set (mask, line - 1, i) != is_set (mask, line, i);
      if (border && start < 0)
        start = i;
      if (!border && start >= 0)
        {
          float a = (float)start, b = (float)i, c = (float)line;
          float segment[4] = { horizontal ? a : c, horizontal ? c : a, horizontal ? b : c,
                               horizontal ? c : b };
          g_array_append_vals (segments, segment, 4);
          start = -1;
        }
    }
}

GArray *
nmd_mask_get_outline (const NmdImage *mask)
{
  GArray *segments = g_array_new (FALSE, FALSE, sizeof (float));
  NmdBox box;

  if (!nmd_mask_get_bounds (mask, &box))
    return segments;
  for (int y = box.y0; y <= box.y1; y++)
    append_runs (segments, mask, &box, y, TRUE);
  for (int x = box.x0; x <= box.x1; x++)
    append_runs (segments, mask, &box, x, FALSE);
  return segments;
}
