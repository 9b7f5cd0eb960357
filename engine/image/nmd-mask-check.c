/* SPDX-License-Identifier: Apache-2.0
 *
 * The shape of a mask: parts and edges, from runs of set pixels.
 */
#include "engine/image/nmd-mask-check.h"

#include "engine/image/nmd-mask-parts.h"

#include <string.h>

/* Pixels x0 ≤ x < x1 of a row; of one part with @parent. */
typedef struct
{
  int y, x0, x1;
  guint parent;
} Run;

static guint
find_root (Run *runs, guint i)
{
  while (runs[i].parent != i)
    {
      runs[i].parent = runs[runs[i].parent].parent;
      i = runs[i].parent;
    }
  return i;
}

/* Joins the runs of a row, from @from on, with those of the row above that touch them, corners too. */
static void
join_rows (GArray *list, guint above, guint from)
{
  Run *runs = (Run *)(void *)list->data;

  for (guint i = from; i < list->len; i++)
    {
      while (above < from && runs[above].x1 < runs[i].x0)
        above++;
      for (guint k = above; k < from && runs[k].x0 <= runs[i].x1; k++)
        {
          const guint a = find_root (runs, i), b = find_root (runs, k);

          runs[MAX (a, b)].parent = MIN (a, b);
        }
    }
}

static GArray *
list_runs (const NmdImage *mask)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (Run));
  guint above = 0;

  for (int y = 0; y < mask->height; y++)
    {
      const guint8 *row = mask->pixels + (gsize)y * (gsize)mask->width;
      const guint8 *end = row + mask->width, *p = row;
      const guint from = list->len;

      while ((p = memchr (p, 255, (gsize)(end - p))) != NULL)
        {
          const guint8 *stop = memchr (p, 0, (gsize)(end - p));
          Run run = { y, (int)(p - row), 0, list->len };

          p = stop != NULL ? stop : end;
          run.x1 = (int)(p - row);
          g_array_append_val (list, run);
        }
      if (from > 0 && from > above && g_array_index (list, Run, from - 1).y == y - 1)
        join_rows (list, above, from);
      above = from;
    }
  return list;
}

typedef struct
{
  gint64 n;
  NmdBox box;
} Part;

/* Size and box of each part, at the place of its first run; 0 pixels elsewhere. */
static Part *
measure_parts (GArray *list)
{
  Run *runs = (Run *)(void *)list->data;
  Part *parts = g_new0 (Part, MAX (list->len, 1));

  for (guint i = 0; i < list->len; i++)
    {
      Part *part = &parts[find_root (runs, i)];
      const Run *run = &runs[i];

      if (part->n == 0)
        part->box = (NmdBox){ run->x0, run->y, run->x1, run->y + 1 };
      part->n += run->x1 - run->x0;
      part->box.x0 = MIN (part->box.x0, run->x0);
      part->box.x1 = MAX (part->box.x1, run->x1);
      part->box.y1 = MAX (part->box.y1, run->y + 1);
    }
  return parts;
}

/* Whether @part is small and far from @main. */
static gboolean
is_stray (const Part *part, const Part *main)
{
  const int side = MAX (main->box.x1 - main->box.x0, main->box.y1 - main->box.y0);
  const int far = MAX (side / 20, 2);

  return (part->n * 50 <= main->n || part->n <= 4) && part->n * 4 <= main->n
         && (part->box.x1 <= main->box.x0 - far || part->box.x0 >= main->box.x1 + far
             || part->box.y1 <= main->box.y0 - far || part->box.y0 >= main->box.y1 + far);
}

/* Finds stray parts, and drops them where that is asked for. */
static void
check_stray (NmdImage *mask, GArray *list, gboolean drop, NmdMaskFacts *facts)
{
  g_autofree Part *parts = measure_parts (list);
  Run *runs = (Run *)(void *)list->data;
  const Part *main = &parts[0];
  gint64 n_stray = 0;

  for (guint i = 0; i < list->len; i++)
    if (parts[i].n > main->n)
      main = &parts[i];
  for (guint i = 0; i < list->len; i++)
    {
      const Run *run = &runs[i];
      const Part *part = &parts[find_root (runs, i)];

      if (part == main || !is_stray (part, main))
        continue;
      n_stray += run->x1 - run->x0;
      if (drop)
        memset (mask->pixels + (gsize)run->y * (gsize)mask->width + run->x0, 0,
                (gsize)(run->x1 - run->x0));
    }
  facts->n_stray = drop ? 0 : n_stray;
  facts->findings |= n_stray > 0 && !drop ? NMD_MASK_STRAY : 0;
}

/* Set pixels at the edge of what is set: with an unset neighbour of four, or at the frame. */
static gint64
count_edge (const NmdImage *mask, gint64 n_set)
{
  const int w = mask->width;
  gint64 inside = 0;

  for (int y = 1; y < mask->height - 1; y++)
    {
      const guint8 *row = mask->pixels + (gsize)y * (gsize)w;
      guint n = 0;

      for (int x = 1; x < w - 1; x++)
        n += (row[x] & row[x - 1] & row[x + 1] & row[x - w] & row[x + w]) & 1;
      inside += n;
    }
  return n_set - inside;
}

/* Set pixels, and those at the edge of the frame. */
static void
count_set (const NmdImage *mask, GArray *list, gint64 *n_set, gint64 *n_frame)
{
  *n_set = *n_frame = 0;
  for (guint i = 0; i < list->len; i++)
    {
      const Run *run = &g_array_index (list, Run, i);

      *n_set += run->x1 - run->x0;
      if (run->y == 0 || run->y == mask->height - 1)
        *n_frame += run->x1 - run->x0;
      else
        *n_frame += (run->x0 == 0) + (run->x1 == mask->width);
    }
}

/* The bounds of all runs, of which there is one at least. */
static void
get_box (GArray *list, NmdBox *box)
{
  const Run *runs = (const Run *)(const void *)list->data;

  *box = (NmdBox){ runs[0].x0, runs[0].y, runs[0].x1, runs[list->len - 1].y + 1 };
  for (guint i = 1; i < list->len; i++)
    {
      box->x0 = MIN (box->x0, runs[i].x0);
      box->x1 = MAX (box->x1, runs[i].x1);
    }
}

/* Whether @mask is a line. @filled (out) (nullable): what it encloses, filled; NULL of an open line. */
static gboolean
is_line (const NmdImage *mask, GArray *list, gint64 n_set, NmdImage **filled)
{
  gint64 n_edge;
  const gsize n = (gsize)mask->width * (gsize)mask->height;
  g_autoptr (NmdImage) full = NULL;
  gint64 n_full = 0, area;
  NmdBox box;

  *filled = NULL;
  get_box (list, &box);
  area = (gint64)(box.x1 - box.x0) * (box.y1 - box.y0);
  if (n_set < 8 || 2 * n_set >= area) /* a line encloses more than it sets */
    return FALSE;
  n_edge = count_edge (mask, n_set);
  if (n_edge * 100 < n_set * 35)
    return FALSE;
  full = nmd_mask_fill_holes (mask);
  for (gsize i = 0; i < n; i++)
    n_full += full->pixels[i] != 0;
  if (n_full - n_set > n_set)
    {
      *filled = g_steal_pointer (&full);
      return TRUE;
    }
  return n_edge * 100 >= n_set * 60 && n_set * 4 < area && box.x1 - box.x0 >= 10
         && box.y1 - box.y0 >= 10 && list->len >= 10;
}

/* Returns: whether the line was filled */
static gboolean
check_line (
    NmdImage *mask, GArray *list, gint64 n_set, gboolean fill, NmdMaskFacts *facts)
{
  g_autoptr (NmdImage) filled = NULL;

  if (!is_line (mask, list, n_set, &filled))
    return FALSE;
  if (fill && filled != NULL)
    {
      memcpy (mask->pixels, filled->pixels, (gsize)mask->width * (gsize)mask->height);
      return TRUE;
    }
  facts->findings |= NMD_MASK_CONTOUR;
  return FALSE;
}

void
nmd_mask_check_shape (NmdImage *mask, const NmdMaskOptions *options, NmdMaskFacts *facts)
{
  static const NmdMaskOptions standard = { NULL };
  const NmdMaskOptions *o = options != NULL ? options : &standard;
  g_autoptr (GArray) list = NULL;
  gint64 n, n_set, n_frame, frame;

  g_return_if_fail (mask != NULL && facts != NULL);

  n = (gint64)mask->width * mask->height;
  frame = mask->width < 2 || mask->height < 2 ? n : 2 * (mask->width + mask->height - 2);
  list = list_runs (mask);
  count_set (mask, list, &n_set, &n_frame);
  if (n_set == 0)
    return;
  if (n_set * 100 >= n * 99)
    {
      facts->findings |= NMD_MASK_COVERS;
      return;
    }
  if (n_frame * 10 >= frame * 9 && n_set * 4 >= n)
    {
      if (!o->invert)
        {
          facts->findings |= NMD_MASK_INVERTED;
          return;
        }
      for (gint64 i = 0; i < n; i++)
        mask->pixels[i] = (guint8)~mask->pixels[i];
      g_array_unref (list);
      list = list_runs (mask);
      count_set (mask, list, &n_set, &n_frame);
    }
  if (check_line (mask, list, n_set, o->fill, facts))
    {
      g_array_unref (list);
      list = list_runs (mask);
    }
  if (list->len > 1)
    check_stray (mask, list, o->drop_stray, facts);
}
