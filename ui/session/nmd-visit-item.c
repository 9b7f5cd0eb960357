/* SPDX-License-Identifier: Apache-2.0
 *
 * An image of a visit, and averages over several.
 */
#include "ui/session/nmd-visit-item.h"

#include "engine/image/nmd-measure.h"

#include <glib/gi18n.h>
#include <math.h>

G_DEFINE_FINAL_TYPE (NmdVisitItem, nmd_visit_item, G_TYPE_OBJECT)

const char *
nmd_side_get_title (NmdSide side)
{
  /* Translators: sides of the body */
  return side == NMD_SIDE_LEFT ? _ ("left") : side == NMD_SIDE_RIGHT ? _ ("right") : "–";
}

NmdSide
nmd_side_of_name (const char *name)
{
  static const char *const words[][3]
      = { { "" }, { "l", "left", "li" }, { "r", "right", "re" } };
  NmdSide side = NMD_SIDE_UNKNOWN;

  g_return_val_if_fail (name != NULL, NMD_SIDE_UNKNOWN);
  g_autofree char *lower = g_ascii_strdown (name, -1);
  char *dot = strrchr (lower, '.');
  if (dot != NULL)
    *dot = '\0';
  g_auto (GStrv) parts = g_strsplit_set (lower, "-_ .,()[]", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    for (int s = NMD_SIDE_LEFT; s < NMD_N_SIDES; s++)
      for (guint k = 0; k < 3; k++)
        if (g_str_equal (parts[i], words[s][k]))
          side = (NmdSide)s;
  return side;
}

static void
nmd_visit_item_finalize (GObject *object)
{
  NmdVisitItem *self = NMD_VISIT_ITEM (object);

  g_free (self->path);
  g_free (self->muscle);
  g_clear_object (&self->scan);
  G_OBJECT_CLASS (nmd_visit_item_parent_class)->finalize (object);
}

static void
nmd_visit_item_class_init (NmdVisitItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_visit_item_finalize;
}

static void
nmd_visit_item_init (NmdVisitItem *self)
{
  self->thickness = NAN;
}

NmdVisitItem *
nmd_visit_item_new (const char *path)
{
  g_return_val_if_fail (path != NULL, NULL);

  NmdVisitItem *self = g_object_new (NMD_TYPE_VISIT_ITEM, NULL);
  g_autofree char *name = g_path_get_basename (path);
  self->path = g_strdup (path);
  self->side = nmd_side_of_name (name);
  if (!nmd_sample_parse_name (name, &self->muscle, NULL, NULL) || self->muscle == NULL)
    {
      g_free (self->muscle);
      self->muscle = g_strdup ("");
    }
  return self;
}

void
nmd_visit_item_set_scan (NmdVisitItem *self, NmdScan *scan)
{
  g_return_if_fail (NMD_IS_VISIT_ITEM (self) && NMD_IS_SCAN (scan));

  gboolean first = self->scan == NULL;
  g_set_object (&self->scan, scan);
  self->thickness = scan->mask != NULL ? nmd_measure_thickness (scan->mask) : NAN;
  if (first && *self->muscle == '\0' && scan->muscle != NULL)
    {
      g_free (self->muscle);
      self->muscle = g_strdup (scan->muscle);
    }
}

static NmdVisitRow *
find_row (GArray *rows, const char *muscle)
{
  for (guint i = 0; i < rows->len; i++)
    if (g_str_equal (g_array_index (rows, NmdVisitRow, i).muscle, muscle))
      return &g_array_index (rows, NmdVisitRow, i);
  NmdVisitRow row = { .muscle = muscle };
  g_array_append_val (rows, row);
  return &g_array_index (rows, NmdVisitRow, rows->len - 1);
}

GArray *
nmd_visit_summarise (GListModel *items)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (NmdVisitRow));

  g_return_val_if_fail (G_IS_LIST_MODEL (items), rows);
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (NmdVisitItem) item = g_list_model_get_item (items, i);
      if (item->scan == NULL || item->scan->echo.n == 0)
        continue;
      NmdVisitRow *row = find_row (rows, item->muscle);
      row->n[item->side]++;
      row->echo[item->side] += item->scan->echo.mean;
      row->thickness[item->side] += item->thickness;
    }
  for (guint i = 0; i < rows->len; i++)
    for (int side = 0; side < NMD_N_SIDES; side++)
      {
        NmdVisitRow *row = &g_array_index (rows, NmdVisitRow, i);
        row->echo[side] = row->n[side] > 0 ? row->echo[side] / row->n[side] : NAN;
        row->thickness[side]
            = row->n[side] > 0 ? row->thickness[side] / row->n[side] : NAN;
      }
  return rows;
}
