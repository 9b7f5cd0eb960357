/* SPDX-License-Identifier: Apache-2.0
 *
 * A look into a table before it is imported. Reading is engine/data's, on the pool.
 */
#include "ui/dialogs/nmd-first-rows.h"

#include "engine/core/nmd-job.h"
#include "engine/data/import/nmd-table.h"

#include <glib/gi18n.h>

#define MOST_ROWS 3
#define MOST_COLUMNS 24
#define MOST_CHOICES 8
#define HEIGHT                                                                           \
  92 /* of header, rows and bar: kept from the start, since a dialog does not grow later */

/* While it is read; the widgets may go meanwhile. */
typedef struct
{
  GWeakRef scroller;
  GWeakRef choices[MOST_CHOICES];
  guint n;
} Look;

static void
look_free (Look *look)
{
  g_weak_ref_clear (&look->scroller);
  for (guint i = 0; i < look->n; i++)
    g_weak_ref_clear (&look->choices[i]);
  g_free (look);
}

static gpointer
load_func (NmdJob *job, gconstpointer path, GCancellable *cancellable, GError **error)
{
  return nmd_table_load (path, TRUE, cancellable, error);
}

static GtkWidget *
cell_new (const char *text, const char *css)
{
  GtkWidget *label = gtk_label_new (*text != '\0' ? text : "–");

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_width_chars (GTK_LABEL (label), 4);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 18);
  gtk_widget_add_css_class (label, css);
  return label;
}

static void
show_table (GtkScrolledWindow *scroller, const NmdCsv *table)
{
  GtkWidget *grid = gtk_grid_new ();
  const guint n_columns = MIN (nmd_csv_get_n_columns (table), MOST_COLUMNS);

  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 3);
  gtk_widget_set_margin_bottom (grid, 12); /* of the bar */
  for (guint c = 0; c < n_columns; c++)
    {
      gtk_grid_attach (GTK_GRID (grid),
                       cell_new (nmd_csv_get_header (table, c), "caption-heading"),
                       (int)c, 0, 1, 1);
      for (guint r = 0; r < MIN (nmd_csv_get_n_rows (table), MOST_ROWS); r++)
        gtk_grid_attach (GTK_GRID (grid), cell_new (nmd_csv_get (table, r, c), "caption"),
                         (int)c, (int)r + 1, 1, 1);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (grid), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("First rows of the table"), -1);
  gtk_scrolled_window_set_child (scroller, grid);
}

/* The first values of the chosen column. */
static void
say_values (AdwComboRow *choice)
{
  const NmdCsv *table = g_object_get_data (G_OBJECT (choice), "table");
  GtkStringObject *item = adw_combo_row_get_selected_item (choice);
  const int column = item != NULL && adw_combo_row_get_selected (choice) > 0
                         ? nmd_csv_find (table, gtk_string_object_get_string (item))
                         : -1;
  GString *text = g_string_new (NULL);

  for (guint r = 0; column >= 0 && r < MIN (nmd_csv_get_n_rows (table), MOST_ROWS); r++)
    g_string_append_printf (text, "%s%s", r > 0 ? ", " : "",
                            nmd_csv_get (table, r, (guint)column));
  if (column >= 0 && nmd_csv_get_n_rows (table) > MOST_ROWS)
    g_string_append (text, ", …");
  /* a subtitle is markup */
  g_autofree char *escaped = g_markup_escape_text (text->str, -1);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (choice), escaped);
  g_string_free (text, TRUE);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Look *look = user_data;
  NmdCsv *table = nmd_job_finish (NMD_JOB (source), result, NULL); /* the import tells */
  g_autoptr (GtkScrolledWindow) scroller = g_weak_ref_get (&look->scroller);

  if (table == NULL || scroller == NULL)
    {
      g_clear_pointer (&table, nmd_csv_free);
      look_free (look);
      return;
    }
  show_table (scroller, table);
  /* as long as the choices, which are in the same dialog */
  g_object_set_data_full (G_OBJECT (gtk_widget_get_root (GTK_WIDGET (scroller))), "table",
                          table, (GDestroyNotify)nmd_csv_free);
  for (guint i = 0; i < look->n; i++)
    {
      g_autoptr (AdwComboRow) choice = g_weak_ref_get (&look->choices[i]);

      if (choice == NULL)
        continue;
      g_object_set_data (G_OBJECT (choice), "table", table);
      adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (choice), 1);
      g_signal_connect (choice, "notify::selected", G_CALLBACK (say_values), NULL);
      say_values (choice);
    }
  look_free (look);
}

void
nmd_first_rows_show (const char *path, GtkBox *box, AdwComboRow *const *choices, guint n)
{
  g_return_if_fail (path != NULL && GTK_IS_BOX (box) && n <= MOST_CHOICES);

  if (!nmd_table_is_name (path))
    return;
  Look *look = g_new0 (Look, 1);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_AUTOMATIC,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (scroller, -1, HEIGHT);
  gtk_box_append (box, scroller);
  g_weak_ref_init (&look->scroller, scroller);
  for (guint i = 0; i < n; i++)
    g_weak_ref_init (&look->choices[i], choices[i]);
  look->n = n;
  g_autoptr (NmdJob) job = nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Reading a table"),
                                          load_func, g_strdup (path), g_free, NULL,
                                          (GDestroyNotify)nmd_csv_free, on_loaded, look);
}
