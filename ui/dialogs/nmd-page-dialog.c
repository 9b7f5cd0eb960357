/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks for the page of an image file. That there are several is found by the scan session.
 */
#include "ui/dialogs/nmd-page-dialog.h"

#include <glib/gi18n.h>

typedef struct
{
  NmdScanSession *session;
  char *path, *mask_path;
  GtkSpinButton *page;
} Question;

static void
question_free (gpointer data, GClosure *closure)
{
  Question *question = data;

  g_object_unref (question->session);
  g_free (question->path);
  g_free (question->mask_path);
  g_free (question);
}

static void
on_answer (AdwMessageDialog *dialog, const char *response, Question *question)
{
  gtk_spin_button_update (question->page);
  if (g_strcmp0 (response, "open") == 0)
    nmd_scan_session_open_page (question->session, question->path, question->mask_path,
                                (guint)gtk_spin_button_get_value_as_int (question->page));
}

static GtkSpinButton *
add_page_row (AdwMessageDialog *dialog, guint n)
{
  GtkWidget *list = gtk_list_box_new (), *row = adw_action_row_new ();
  GtkWidget *spin = gtk_spin_button_new_with_range (1, n, 1);

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Page"));
  gtk_widget_set_valign (spin, GTK_ALIGN_CENTER);
  g_object_set (gtk_editable_get_delegate (GTK_EDITABLE (spin)), "activates-default",
                TRUE, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Page"), -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), spin);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), spin);
  gtk_list_box_append (GTK_LIST_BOX (list), row);
  adw_message_dialog_set_extra_child (dialog, list);
  return GTK_SPIN_BUTTON (spin);
}

static void
on_choose_page (NmdScanSession *session,
                const char *path,
                const char *mask_path,
                guint n,
                GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  g_autofree char *name = g_filename_display_basename (path);
  /* Translators: a file with several images; the name, and how many */
  g_autofree char *body
      = g_strdup_printf (ngettext ("%s has %u page.", "%s has %u pages.", n), name, n);
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, _ ("Which Page?"), body);
  Question *question = g_new0 (Question, 1);

  question->session = g_object_ref (session);
  question->path = g_strdup (path);
  question->mask_path = g_strdup (mask_path);
  question->page = add_page_row (ADW_MESSAGE_DIALOG (dialog), n);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"),
                                    "open", _ ("_Open"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "open",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "open");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_answer), question,
                         question_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
nmd_page_dialog_follow (GtkWidget *widget, NmdScanSession *session)
{
  g_return_if_fail (GTK_IS_WIDGET (widget) && NMD_IS_SCAN_SESSION (session));

  g_signal_connect_object (session, "choose-page", G_CALLBACK (on_choose_page), widget,
                           0);
}
