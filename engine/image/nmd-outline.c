/* SPDX-License-Identifier: Apache-2.0
 *
 * The outline of a mask as line segments. Drawing them is the window's and the figures'.
 */
#include "engine/image/nmd-outline.h"

static gboolean
is_set (const NmdImage *mask, int x, int y)
{
  if (x < 0 || y < 0 || x >= mask->width || y >= mask->height)
    return FALSE;
  return mask->pixels[(gsize)y * (gsize)mask->width + (gsize)x] != 0;
}

/* Borders along one direction: line @line lies between row (column) line − 1 and line. */
static void
append_runs (GArray *segments, const NmdImage *mask, int line, gboolean horizontal)
{
  int length = horizontal ? mask->width : mask->height;
  int start = -1;

  for (int i = 0; i <= length; i++)
    {
      gboolean border = FALSE;
      if (i < length)
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

  for (int y = 0; y <= mask->height; y++)
    append_runs (segments, mask, y, TRUE);
  for (int x = 0; x <= mask->width; x++)
    append_runs (segments, mask, x, FALSE);
  return segments;
}
