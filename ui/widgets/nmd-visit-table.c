/* SPDX-License-Identifier: Apache-2.0
 *
 * A small table of labels.
 */
#include "ui/widgets/nmd-visit-table.h"

#include <glib/gi18n.h>
#include <math.h>

static void
put (GtkGrid *grid, int column, int row, const char *text, gboolean is_head)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), column == 0 ? 0 : 1);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, column == 0);
  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_add_css_class (label, is_head ? "caption-heading" : "caption");
  gtk_grid_attach (grid, label, column, row, 1, 1);
}

static void
put_number (GtkGrid *grid, int column, int row, double value, int n)
{
  g_autofree char *text = isnan (value) ? g_strdup ("–")
                          : n > 1       ? g_strdup_printf ("%.1f (%d)", value, n)
                                        : g_strdup_printf ("%.1f", value);

  put (grid, column, row, text, FALSE);
}

void
nmd_visit_table_fill (GtkGrid *grid, GListModel *items)
{
  g_autoptr (GArray) rows = nmd_visit_summarise (items);
  GtkWidget *child = NULL;
  /* Translators: heads of a table of mean echo intensities; (n) images are averaged */
  const char *const heads[] = { _ ("Muscle"), "–", _ ("left"), _ ("right"), _ ("L − R") };

  g_return_if_fail (GTK_IS_GRID (grid));
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (grid))) != NULL)
    gtk_grid_remove (grid, child);
  gtk_widget_set_visible (GTK_WIDGET (grid), rows->len > 0);
  for (int i = 0; rows->len > 0 && i < (int)G_N_ELEMENTS (heads); i++)
    put (grid, i, 0, heads[i], TRUE);
  for (guint i = 0; i < rows->len; i++)
    {
      const NmdVisitRow *row = &g_array_index (rows, NmdVisitRow, i);
      double left = row->echo[NMD_SIDE_LEFT], right = row->echo[NMD_SIDE_RIGHT];
      put (grid, 0, (int)i + 1, *row->muscle != '\0' ? row->muscle : _ ("not stated"),
           FALSE);
      for (int side = 0; side < NMD_N_SIDES; side++)
        put_number (grid, side + 1, (int)i + 1, row->echo[side], row->n[side]);
      put_number (grid, 4, (int)i + 1, left - right, 0);
    }
}
