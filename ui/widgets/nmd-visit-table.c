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

/* With a sign as long as the plus has. */
static char *
to_text (double value, int n)
{
  if (isnan (value))
    return g_strdup ("–");
  const char *sign = value < -0.05 ? "−" : "";
  return n > 1 ? g_strdup_printf ("%s%.1f (%d)", sign, fabs (value), n)
               : g_strdup_printf ("%s%.1f", sign, fabs (value));
}

static void
put_number (GtkGrid *grid, int column, int row, double value, int n)
{
  g_autofree char *text = to_text (value, n);

  put (grid, column, row, text, FALSE);
}

/* Whether an image of an unknown side is among them: else there is no column for it. */
static gboolean
has_no_side (const GArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    if (g_array_index (rows, NmdVisitRow, i).n[NMD_SIDE_UNKNOWN] > 0)
      return TRUE;
  return FALSE;
}

static gboolean
has_side (const GArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    if (g_array_index (rows, NmdVisitRow, i).n[NMD_SIDE_LEFT] > 0
        || g_array_index (rows, NmdVisitRow, i).n[NMD_SIDE_RIGHT] > 0)
      return TRUE;
  return FALSE;
}

void
nmd_visit_table_fill (GtkGrid *grid, GListModel *items)
{
  g_autoptr (GArray) rows = nmd_visit_summarise (items);
  GtkWidget *child = NULL;
  const gboolean no_side = has_no_side (rows), sided = has_side (rows);
  /* Translators: heads of a table of mean echo intensities; (n) images are averaged */
  const char *const heads[]
      = { _ ("Muscle"), _ ("no side"), _ ("left"), _ ("right"), _ ("L − R") };
  const gboolean shown[] = { TRUE, no_side, sided, sided, sided };

  g_return_if_fail (GTK_IS_GRID (grid));
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (grid))) != NULL)
    gtk_grid_remove (grid, child);
  gtk_widget_set_visible (GTK_WIDGET (grid), rows->len > 0);
  for (int i = 0; rows->len > 0 && i < (int)G_N_ELEMENTS (heads); i++)
    if (shown[i])
      put (grid, i, 0, heads[i], TRUE);
  for (guint i = 0; i < rows->len; i++)
    {
      const NmdVisitRow *row = &g_array_index (rows, NmdVisitRow, i);
      const double values[] = { row->echo[NMD_SIDE_UNKNOWN], row->echo[NMD_SIDE_LEFT],
                                row->echo[NMD_SIDE_RIGHT],
                                row->echo[NMD_SIDE_LEFT] - row->echo[NMD_SIDE_RIGHT] };
      put (grid, 0, (int)i + 1, *row->muscle != '\0' ? row->muscle : _ ("not stated"),
           FALSE);
      for (int k = 0; k < (int)G_N_ELEMENTS (values); k++)
        if (shown[k + 1])
          put_number (grid, k + 1, (int)i + 1, values[k], k < 3 ? row->n[k] : 0);
    }
}
