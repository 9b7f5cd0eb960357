/* SPDX-License-Identifier: Apache-2.0
 *
 * Table columns and the texts of numbers.
 */
#include "ui/widgets/nmd-columns.h"

#include "ui/session/nmd-result-words.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

typedef struct
{
  NmdCellFunc func;
  gpointer data;
  gboolean numeric;
} Cell;

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item, Cell *cell)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), cell->numeric ? 1 : 0);
  gtk_label_set_ellipsize (GTK_LABEL (label),
                           cell->numeric ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_single_line_mode (GTK_LABEL (label), TRUE);
  if (cell->numeric)
    gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, Cell *cell)
{
  GtkWidget *label = gtk_list_item_get_child (item);
  const char *css = NULL;
  g_autofree char *text = cell->func (gtk_list_item_get_item (item), &css, cell->data);
  const char *classes[3]
      = { cell->numeric ? "numeric" : css, cell->numeric ? css : NULL, NULL };

  gtk_label_set_text (GTK_LABEL (label), text);
  gtk_widget_set_css_classes (label, classes);
}

static void
cell_free (gpointer data, GClosure *closure)
{
  g_free (data);
}

/* The title just added stands over its numbers. What is not as expected stays at the
 * left. */
static void
align_title (GtkColumnView *view)
{
  GtkWidget *header = gtk_widget_get_first_child (GTK_WIDGET (view));
  GtkWidget *title = header != NULL ? gtk_widget_get_last_child (header) : NULL;
  GtkWidget *box = title != NULL ? gtk_widget_get_first_child (title) : NULL;

  if (GTK_IS_BOX (box))
    gtk_widget_set_halign (box, GTK_ALIGN_END);
}

GtkColumnViewColumn *
nmd_column_add (GtkColumnView *view,
                const char *title,
                gboolean numeric,
                gboolean expand,
                NmdCellFunc func,
                gpointer data,
                GtkSorter *sorter)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  Cell *cell = g_new0 (Cell, 1);

  cell->func = func;
  cell->data = data;
  cell->numeric = numeric;
  g_signal_connect_data (factory, "setup", G_CALLBACK (on_setup), cell, cell_free, 0);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), cell);

  GtkColumnViewColumn *column = gtk_column_view_column_new (title, factory);
  g_object_set_data (G_OBJECT (column), "nmd-cell", cell); /* lives as its factory */
  gtk_column_view_column_set_expand (column, expand);
  gtk_column_view_column_set_resizable (column, TRUE);
  gtk_column_view_column_set_sorter (column, sorter);
  g_clear_object (&sorter);
  gtk_column_view_append_column (view, column);
  if (numeric)
    align_title (view);
  g_object_unref (column);
  return column;
}

static char **
make_row (GPtrArray *cells, gpointer item)
{
  g_autoptr (GStrvBuilder) row = g_strv_builder_new ();

  for (guint i = 0; i < cells->len; i++)
    {
      const Cell *cell = cells->pdata[i];
      const char *css = NULL;
      g_autofree char *text = cell->func (item, &css, cell->data);

      g_strv_builder_add (row, text != NULL ? text : "");
    }
  return g_strv_builder_end (row);
}

GPtrArray *
nmd_columns_get_rows (GtkColumnView *view)
{
  g_return_val_if_fail (GTK_IS_COLUMN_VIEW (view), NULL);

  GListModel *columns = gtk_column_view_get_columns (view);
  GListModel *items = G_LIST_MODEL (gtk_column_view_get_model (view));
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  g_autoptr (GPtrArray) cells = g_ptr_array_new ();
  g_autoptr (GStrvBuilder) titles = g_strv_builder_new ();

  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);
      Cell *cell = g_object_get_data (G_OBJECT (column), "nmd-cell");

      if (cell == NULL)
        continue;
      g_ptr_array_add (cells, cell);
      g_strv_builder_add (titles, gtk_column_view_column_get_title (column));
    }
  g_ptr_array_add (rows, g_strv_builder_end (titles));
  for (guint i = 0; items != NULL && i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (items, i);

      g_ptr_array_add (rows, make_row (cells, item));
    }
  return rows;
}

char *
nmd_format_duration (double seconds)
{
  if (isnan (seconds) || seconds < 0)
    return g_strdup ("–");
  if (seconds < 90)
    /* Translators: seconds */
    return g_strdup_printf (_ ("%.0f s"), seconds);
  if (seconds < 5400)
    /* Translators: minutes */
    return g_strdup_printf (_ ("%.0f min"), seconds / 60);
  int minutes = (int)lrint (seconds / 60);
  /* Translators: hours and minutes */
  return g_strdup_printf (_ ("%d h %d min"), minutes / 60, minutes % 60);
}

char *
nmd_format_number (double value, int digits)
{
  return isnan (value) ? g_strdup ("–") : nmd_words_of_number (value, digits);
}

char *
nmd_format_count (gint64 count)
{
  g_autofree char *text = g_strdup_printf ("%'" G_GINT64_FORMAT, count);
  gsize n = strlen (text), digits = strspn (text, "0123456789");
  GString *grouped = NULL;

  /* Four digits are read at a glance; "C" and some locales group nothing at all. */
  if (digits < n || n < 5)
    return g_steal_pointer (&text);
  grouped = g_string_new (NULL);
  for (gsize i = 0; i < n; i++)
    {
      if (i > 0 && (n - i) % 3 == 0)
        g_string_append (grouped, "\u202f");
      g_string_append_c (grouped, text[i]);
    }
  return g_string_free (grouped, FALSE);
}

char *
nmd_format_interval (double low, double high)
{
  if (isnan (low) || isnan (high))
    return g_strdup ("");
  return g_strdup_printf ("[%.2f, %.2f]", low, high);
}
