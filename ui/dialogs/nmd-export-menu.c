/* SPDX-License-Identifier: Apache-2.0
 *
 * The menu of plots and tables. Drawing is the widgets', writing the session's.
 */
#include "ui/dialogs/nmd-export-menu.h"

#include "ui/dialogs/nmd-file-dialog.h"
#include "ui/session/nmd-copying.h"
#include "ui/session/nmd-saving.h"
#include "ui/widgets/nmd-columns.h"
#include "ui/widgets/nmd-fact-table.h"
#include "ui/widgets/nmd-plot-area.h"
#include "ui/widgets/nmd-table-text.h"

#include <glib/gi18n.h>

typedef struct
{
  GtkWidget *widget; /* whose data this is */
  char *name;
  NmdDataSession *data;
  NmdScanSession *scan;
  NmdCsvFunc csv;  /* of a table that is a list … */
  gpointer owner;  /* … of it */
  GtkWidget *menu; /* (nullable): its child */
} Export;

static void
export_free (gpointer data)
{
  Export *self = data;

  g_free (self->name);
  g_object_unref (self->data);
  g_clear_object (&self->scan);
  g_free (self);
}

static Export *
get_export (gpointer widget)
{
  return g_object_get_data (widget, "nmd-export");
}

static const char *const plot_endings[] = { "png", "svg", "pdf", NULL };
static const char *const table_endings[] = { "csv", "tex", NULL };

static char *
table_to_csv (GtkWidget *widget)
{
  Export *self = get_export (widget);

  return self->csv != NULL ? self->csv (self->owner)
                           : nmd_fact_table_to_csv (NMD_FACT_TABLE (widget));
}

static char *
table_to_latex (GtkWidget *widget)
{
  if (NMD_IS_FACT_TABLE (widget))
    return nmd_fact_table_to_latex (NMD_FACT_TABLE (widget));
  g_autoptr (GPtrArray) rows = nmd_columns_get_rows (GTK_COLUMN_VIEW (widget));
  return nmd_table_to_latex (rows);
}

/* The content by the ending of @path; NULL with @error set, or, for another ending, without. */
static NmdContent *
render (GtkWidget *widget, const char *path, GError **error)
{
  const char *dot = strrchr (path, '.');
  g_autofree char *ending = g_ascii_strdown (dot != NULL ? dot + 1 : "", -1);
  NmdFigureFormat format = NMD_FIGURE_PNG;
  char *text = NULL;

  if (NMD_IS_PLOT_AREA (widget))
    return g_strv_contains (plot_endings, ending) && nmd_figure_format_of (path, &format)
               ? nmd_content_new_figure (
                   nmd_plot_area_draw (NMD_PLOT_AREA (widget), format, error))
               : NULL;
  if (g_str_equal (ending, "csv"))
    text = table_to_csv (widget);
  else if (g_str_equal (ending, "tex"))
    text = table_to_latex (widget);
  return nmd_content_new_text (text);
}

void
nmd_export_menu_save_as (GtkWidget *widget, const char *path)
{
  Export *self = get_export (widget);
  NmdNotices *notices = nmd_data_session_get_notices (self->data);
  g_autoptr (GError) error = NULL;
  NmdContent *content = render (widget, path, &error);

  if (content != NULL)
    nmd_saving_start (notices, self->data, self->scan, path, content, NULL, NULL);
  else if (!nmd_notices_error (notices, error))
    {
      g_autofree char *name = g_path_get_basename (path);
      g_autofree char *text = g_strdup_printf (
          /* Translators: a file's name */
          NMD_IS_PLOT_AREA (widget)
              ? _ ("%s is not saved: figures are PNG, SVG or PDF, by the name’s ending")
              : _ ("%s is not saved: tables are CSV or LaTeX (.tex), by the name’s "
                   "ending"),
          name);
      nmd_notices_problem (notices, text);
    }
}

static void
on_path (const char *path, gpointer widget)
{
  nmd_export_menu_save_as (widget, path);
}

static void
on_save (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  Export *self = data;
  gboolean plot = NMD_IS_PLOT_AREA (self->widget);
  g_autofree char *name = g_strconcat (self->name, plot ? ".png" : ".csv", NULL);
  const NmdFileRequest request
      = { .title = plot ? _ ("Save the Figure") : _ ("Save the Table"),
          .action = GTK_FILE_CHOOSER_ACTION_SAVE,
          .filter_name = plot ? _ ("PNG, SVG, PDF") : _ ("CSV, LaTeX"),
          .suffixes = plot ? plot_endings : table_endings,
          .name = name };

  nmd_file_dialog_present (self->widget, &request, on_path, G_OBJECT (self->widget));
}

static void
on_copy (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  Export *self = data;
  GdkClipboard *clipboard = gtk_widget_get_clipboard (self->widget);
  NmdNotices *notices = nmd_data_session_get_notices (self->data);
  g_autoptr (GError) error = NULL;

  if (!NMD_IS_PLOT_AREA (self->widget))
    {
      g_autofree char *text = table_to_csv (self->widget);
      gdk_clipboard_set_text (clipboard, text);
      nmd_notices_message (notices, _ ("Table copied"));
      return;
    }
  NmdFigure *figure
      = nmd_plot_area_draw (NMD_PLOT_AREA (self->widget), NMD_FIGURE_PNG, &error);
  if (figure != NULL)
    nmd_copying_start (notices, clipboard, figure, _ ("Figure copied"));
  else
    nmd_notices_error (notices, error);
}

static void
show_menu (Export *self, double x, double y)
{
  const GdkRectangle at = { (int)x, (int)y, 1, 1 };

  if (self->menu == NULL)
    {
      g_autoptr (GMenu) model = g_menu_new ();
      gboolean plot = NMD_IS_PLOT_AREA (self->widget);

      g_menu_append (model, plot ? _ ("_Save Figure…") : _ ("_Save Table…"),
                     "export.save");
      g_menu_append (model, plot ? _ ("_Copy Figure") : _ ("_Copy Table"), "export.copy");
      self->menu = gtk_popover_menu_new_from_model (G_MENU_MODEL (model));
      gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
      gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
      gtk_widget_set_parent (self->menu, self->widget);
    }
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &at);
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static void
on_pressed (GtkGestureClick *gesture, int n, double x, double y, Export *self)
{
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  show_menu (self, x, y);
}

static gboolean
on_menu_key (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  show_menu (data, gtk_widget_get_width (widget) / 2.0,
             gtk_widget_get_height (widget) / 2.0);
  return TRUE;
}

/* A menu is a child that its parent does not know of. */
static void
on_unrealize (GtkWidget *widget, Export *self)
{
  g_clear_pointer (&self->menu, gtk_widget_unparent);
}

static Export *
attach (GtkWidget *widget, const char *name, NmdDataSession *data, NmdScanSession *scan)
{
  static const GActionEntry entries[] = { { "save", on_save }, { "copy", on_copy } };
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *keys = gtk_shortcut_controller_new ();
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  Export *self = g_new0 (Export, 1);

  self->widget = widget;
  self->name = g_strdup (name);
  self->data = g_object_ref (data);
  g_set_object (&self->scan, scan);
  g_object_set_data_full (G_OBJECT (widget), "nmd-export", self, export_free);
  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries),
                                   self);
  gtk_widget_insert_action_group (widget, "export", G_ACTION_GROUP (group));
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_alternative_trigger_new (
                            gtk_keyval_trigger_new (GDK_KEY_F10, GDK_SHIFT_MASK),
                            gtk_keyval_trigger_new (GDK_KEY_Menu, 0)),
                        gtk_callback_action_new (on_menu_key, self, NULL)));
  gtk_widget_add_controller (widget, keys);
  g_signal_connect (widget, "unrealize", G_CALLBACK (on_unrealize), self);
  return self;
}

void
nmd_export_menu_attach (GtkWidget *widget,
                        const char *name,
                        NmdDataSession *data,
                        NmdScanSession *scan)
{
  g_return_if_fail (NMD_IS_PLOT_AREA (widget) || NMD_IS_FACT_TABLE (widget));
  attach (widget, name, data, scan);
  gtk_widget_set_focusable (widget, TRUE);
}

void
nmd_export_menu_attach_table (GtkColumnView *view,
                              const char *name,
                              NmdCsvFunc csv,
                              gpointer owner,
                              NmdDataSession *data,
                              NmdScanSession *scan)
{
  g_return_if_fail (GTK_IS_COLUMN_VIEW (view) && csv != NULL);

  Export *self = attach (GTK_WIDGET (view), name, data, scan);
  self->csv = csv;
  self->owner = owner;
}
