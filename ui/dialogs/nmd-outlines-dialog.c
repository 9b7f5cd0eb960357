/* SPDX-License-Identifier: Apache-2.0
 *
 * Outlines for other tools. What is written is engine/data's; the session writes it.
 */
#include "ui/dialogs/nmd-outlines-dialog.h"

#include "ui/dialogs/nmd-file-dialog.h"

#include <glib/gi18n.h>

typedef struct
{
  NmdDataSession *session;
  AdwComboRow *format;
  AdwEntryRow *label;
} Export;

static void
export_free (gpointer data, GClosure *closure)
{
  Export *export = data;

  g_object_unref (export->session);
  g_free (export);
}

/* What was chosen stays with the session until the folder is. */
static void
on_folder (const char *path, gpointer object)
{
  const guint format
      = GPOINTER_TO_UINT (g_object_get_data (object, "nmd-outlines-format"));

  nmd_data_session_export_outlines (object, (NmdOutlinesFormat)format, path,
                                    g_object_get_data (object, "nmd-outlines-label"));
}

static void
on_response (AdwMessageDialog *dialog, const char *response, Export *export)
{
  const NmdFileRequest request = { .title = _ ("A New or Empty Folder"),
                                   .action = GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER };
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (dialog));
  const char *label = gtk_editable_get_text (GTK_EDITABLE (export->label));

  if (!g_str_equal (response, "export") || parent == NULL)
    return;
  g_object_set_data (G_OBJECT (export->session), "nmd-outlines-format",
                     GUINT_TO_POINTER (adw_combo_row_get_selected (export->format)));
  g_object_set_data_full (G_OBJECT (export->session), "nmd-outlines-label",
                          g_strdup (label), g_free);
  nmd_file_dialog_present (GTK_WIDGET (parent), &request, on_folder,
                           G_OBJECT (export->session));
}

static void
on_label (AdwEntryRow *row, AdwMessageDialog *dialog)
{
  adw_message_dialog_set_response_enabled (
      dialog, "export", *gtk_editable_get_text (GTK_EDITABLE (row)) != '\0');
}

void
nmd_outlines_dialog_present (GtkWindow *parent, NmdDataSession *session)
{
  g_return_if_fail (GTK_IS_WINDOW (parent) && NMD_IS_DATA_SESSION (session));
  if (nmd_data_session_get_dataset (session) == NULL)
    return;

  /* in the order of NmdOutlinesFormat */
  const char *const formats[] = { _ ("labelme"), _ ("COCO"), NULL };
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (
      parent, _ ("Export Outlines"),
      _ ("The masks of the data set as polygons for another tool, such with holes as "
         "pixels: for labelme a file for each image, for COCO one for all. "
         "Images are not copied.")));
  GtkWidget *list = gtk_list_box_new ();
  g_autoptr (GtkStringList) names = gtk_string_list_new (formats);
  Export *export = g_new0 (Export, 1);

  export->session = g_object_ref (session);
  export->format = ADW_COMBO_ROW (adw_combo_row_new ());
  export->label = ADW_ENTRY_ROW (adw_entry_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (export->format), _ ("For"));
  adw_combo_row_set_model (export->format, G_LIST_MODEL (names));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (export->label),
                                 _ ("Label of each outline"));
  gtk_editable_set_text (GTK_EDITABLE (export->label), "outline");
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_list_box_append (GTK_LIST_BOX (list), GTK_WIDGET (export->format));
  gtk_list_box_append (GTK_LIST_BOX (list), GTK_WIDGET (export->label));
  adw_message_dialog_set_extra_child (dialog, list);
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "export",
                                    _ ("_Choose Folder…"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "export", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, "export");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_object (export->label, "changed", G_CALLBACK (on_label), dialog, 0);
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), export,
                         export_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
