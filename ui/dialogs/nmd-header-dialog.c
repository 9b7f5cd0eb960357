/* SPDX-License-Identifier: Apache-2.0
 *
 * The window with the header's table. Which elements identify is the engine's to say.
 */
#include "ui/dialogs/nmd-header-dialog.h"

#include "ui/widgets/nmd-columns.h"

#include <glib/gi18n.h>

/* A row of the table: a line of the header, held by the array on the window. */
#define NMD_TYPE_HEADER_ROW (nmd_header_row_get_type ())
G_DECLARE_FINAL_TYPE (NmdHeaderRow, nmd_header_row, NMD, HEADER_ROW, GObject)

struct _NmdHeaderRow
{
  GObject parent_instance;

  const NmdDicomLine *line;
};

G_DEFINE_FINAL_TYPE (NmdHeaderRow, nmd_header_row, G_TYPE_OBJECT)

static void
nmd_header_row_class_init (NmdHeaderRowClass *klass)
{
}

static void
nmd_header_row_init (NmdHeaderRow *self)
{
}

static const char *
css_of (const NmdDicomLine *line)
{
  return line->identifies ? "warning" : NULL;
}

static char *
name_cell (gpointer item, const char **css, gpointer data)
{
  const NmdDicomLine *line = NMD_HEADER_ROW (item)->line;
  g_autofree char *indent = g_strnfill (2 * line->depth, ' ');

  *css = css_of (line);
  return g_strconcat (indent, line->name, NULL);
}

static char *
value_cell (gpointer item, const char **css, gpointer data)
{
  const NmdDicomLine *line = NMD_HEADER_ROW (item)->line;

  *css = css_of (line);
  return g_strdup (line->value);
}

static char *
tag_cell (gpointer item, const char **css, gpointer data)
{
  const NmdDicomLine *line = NMD_HEADER_ROW (item)->line;

  *css = css_of (line);
  return g_strdup (line->tag);
}

static char *
mark_cell (gpointer item, const char **css, gpointer data)
{
  const NmdDicomLine *line = NMD_HEADER_ROW (item)->line;

  *css = css_of (line);
  /* Translators: of an element of a header: it may tell who the person is */
  return g_strdup (line->identifies ? _ ("identifies") : "");
}

static GtkWidget *
make_table (GPtrArray *lines)
{
  GListStore *store = g_list_store_new (NMD_TYPE_HEADER_ROW);
  GtkWidget *table = gtk_column_view_new (
      GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (store))));
  GtkColumnView *view = GTK_COLUMN_VIEW (table);

  for (guint i = 0; i < lines->len; i++)
    {
      g_autoptr (NmdHeaderRow) row = g_object_new (NMD_TYPE_HEADER_ROW, NULL);

      row->line = lines->pdata[i];
      g_list_store_append (store, row);
    }
  nmd_column_add (view, _ ("Element"), FALSE, FALSE, name_cell, NULL, NULL);
  nmd_column_add (view, _ ("Value"), FALSE, TRUE, value_cell, NULL, NULL);
  nmd_column_add (view, _ ("Tag"), FALSE, FALSE, tag_cell, NULL, NULL);
  nmd_column_add (view, _ ("Who"), FALSE, FALSE, mark_cell, NULL, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (table), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Header of the DICOM file"), -1);
  return table;
}

static void
close_by_escape (GtkWidget *window)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (controller),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                        gtk_named_action_new ("window.close")));
  gtk_widget_add_controller (window, controller);
}

static GtkWidget *
make_note (GPtrArray *lines)
{
  guint n = 0;

  for (guint i = 0; i < lines->len; i++)
    n += ((const NmdDicomLine *)lines->pdata[i])->identifies;
  g_autofree char *text = g_strdup_printf (
      ngettext ("%u element may tell who somebody is (PS3.15, basic profile, and private "
                "elements). The header is in memory only.",
                "%u elements may tell who somebody is (PS3.15, basic profile, and "
                "private elements). The header is in memory only.",
                n),
      n);
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_margin_start (label, 12);
  gtk_widget_set_margin_end (label, 12);
  gtk_widget_set_margin_top (label, 6);
  gtk_widget_set_margin_bottom (label, 6);
  return label;
}

GtkWidget *
nmd_header_dialog_present (GtkWidget *widget, NmdDicom *dicom, const char *name)
{
  g_return_val_if_fail (GTK_IS_WIDGET (widget) && dicom != NULL && name != NULL, NULL);

  GPtrArray *lines = nmd_dicom_get_header (dicom);
  GtkWidget *window = adw_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();

  g_object_set_data_full (G_OBJECT (window), "nmd-lines", lines,
                          (GDestroyNotify)g_ptr_array_unref);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header),
                                   adw_window_title_new (_ ("DICOM Header"), name));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), make_table (lines));
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), make_note (lines));
  gtk_box_append (GTK_BOX (box), scroller);
  adw_window_set_content (ADW_WINDOW (window), box);
  close_by_escape (window);
  gtk_window_set_title (GTK_WINDOW (window), _ ("DICOM Header"));
  gtk_window_set_default_size (GTK_WINDOW (window), 760, 560);
  gtk_window_set_transient_for (GTK_WINDOW (window),
                                GTK_WINDOW (gtk_widget_get_root (widget)));
  gtk_window_set_modal (GTK_WINDOW (window), TRUE);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}
