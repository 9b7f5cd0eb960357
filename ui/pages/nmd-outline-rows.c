/* SPDX-License-Identifier: Apache-2.0
 *
 * Images with their proposed outlines, worst first, and the cells that show them.
 */
#include "ui/pages/nmd-outline-rows.h"

#include "ui/widgets/nmd-columns.h"

#include <glib/gi18n.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (NmdOutlined, nmd_outlined, G_TYPE_OBJECT)

static void
nmd_outlined_finalize (GObject *object)
{
  nmd_outline_table_unref (NMD_OUTLINED (object)->table);
  G_OBJECT_CLASS (nmd_outlined_parent_class)->finalize (object);
}

static void
nmd_outlined_class_init (NmdOutlinedClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_outlined_finalize;
}

static void
nmd_outlined_init (NmdOutlined *self)
{
}

static char *
cell_image (gpointer item, const char **css, gpointer data)
{
  return g_path_get_basename (NMD_OUTLINED (item)->row->image);
}

static char *
cell_dice (gpointer item, const char **css, gpointer data)
{
  const NmdOutlineRow *row = NMD_OUTLINED (item)->row;

  *css = row->measures.is_failure ? "error" : NULL;
  return nmd_format_number (row->measures.dice, 3);
}

static char *
cell_hd95 (gpointer item, const char **css, gpointer data)
{
  return nmd_format_number (NMD_OUTLINED (item)->row->measures.hd95, 1);
}

static char *
cell_echo (gpointer item, const char **css, gpointer data)
{
  return nmd_format_number (
      nmd_outline_row_get (NMD_OUTLINED (item)->row, NMD_OUTLINE_ECHO_DIFFERENCE), 1);
}

static char *
cell_flags (gpointer item, const char **css, gpointer data)
{
  const NmdOutlineRow *row = NMD_OUTLINED (item)->row;

  *css = "warning";
  /* Translators: no outline was found, in a table; an outline that is flagged */
  return g_strdup (row->measures.area == 0 ? _ ("none") : row->warnings != 0 ? "⚠" : "");
}

static int
worst_first (gconstpointer a, gconstpointer b)
{
  const NmdOutlined *left = *(NmdOutlined *const *)a, *right = *(NmdOutlined *const *)b;
  double difference = left->row->measures.dice - right->row->measures.dice;

  return difference < 0   ? -1
         : difference > 0 ? 1
                          : strcmp (left->row->image, right->row->image);
}

GPtrArray *
nmd_outlined_list (NmdOutlineTable *table)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < nmd_outline_table_get_n (table); i++)
    {
      NmdOutlined *item = g_object_new (NMD_TYPE_OUTLINED, NULL);
      item->table = nmd_outline_table_ref (table);
      item->row = nmd_outline_table_get (table, i);
      g_ptr_array_add (items, item);
    }
  g_ptr_array_sort (items, worst_first);
  return items;
}

void
nmd_outlined_add_columns (GtkColumnView *view)
{
  nmd_column_add (view, _ ("Image"), FALSE, TRUE, cell_image, NULL, NULL);
  nmd_column_add (view, _ ("Dice"), TRUE, FALSE, cell_dice, NULL, NULL);
  nmd_column_add (view, _ ("HD95"), TRUE, FALSE, cell_hd95, NULL, NULL);
  nmd_column_add (view, _ ("Echo"), TRUE, FALSE, cell_echo, NULL, NULL);
  nmd_column_add (view, "", FALSE, FALSE, cell_flags, NULL, NULL);
}
