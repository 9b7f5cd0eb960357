/* SPDX-License-Identifier: Apache-2.0
 *
 * A dialog for a run's notes. Keeping them is the session's.
 */
#include "ui/dialogs/nmd-notes-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

typedef struct
{
  NmdRunsSession *session;
  NmdRunItem *run;
  GtkEditable *title, *tags;
  GtkTextBuffer *note;
} Asked;

static void
asked_free (gpointer data, GClosure *closure)
{
  Asked *asked = data;

  g_object_unref (asked->session);
  g_object_unref (asked->run);
  g_object_unref (asked->note);
  g_free (asked);
}

static void
on_response (AdwMessageDialog *dialog, const char *response, Asked *asked)
{
  GtkTextIter start, end;

  if (!g_str_equal (response, "save"))
    return;
  gtk_text_buffer_get_bounds (asked->note, &start, &end);
  g_autofree char *note = gtk_text_buffer_get_text (asked->note, &start, &end, FALSE);
  g_auto (GStrv) tags = nmd_run_notes_split (gtk_editable_get_text (asked->tags));
  nmd_runs_session_set_notes (asked->session, asked->run,
                              nmd_run_notes_new (gtk_editable_get_text (asked->title),
                                                 note, (const char *const *)tags));
}

static GtkEditable *
add_entry (GtkWidget *list, const char *title, const char *text)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_editable_set_text (GTK_EDITABLE (row), text);
  gtk_list_box_append (GTK_LIST_BOX (list), row);
  return GTK_EDITABLE (row);
}

static GtkWidget *
make_note (Asked *asked, const char *text)
{
  GtkWidget *frame = gtk_frame_new (NULL);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *view = gtk_text_view_new ();

  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (view), 9);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (view), 9);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (view), 6);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Note"), -1);
  asked->note = g_object_ref (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)));
  gtk_text_buffer_set_text (asked->note, text, -1);
  gtk_widget_set_size_request (scroller, 380, 110);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  gtk_frame_set_child (GTK_FRAME (frame), scroller);
  return frame;
}

void
nmd_notes_dialog_present (GtkWidget *widget, NmdRunsSession *session, NmdRunItem *run)
{
  g_return_if_fail (GTK_IS_WIDGET (widget) && NMD_IS_RUNS_SESSION (session));
  g_return_if_fail (NMD_IS_RUN_ITEM (run));

  GtkRoot *root = gtk_widget_get_root (widget);
  const NmdRunNotes *notes = run->notes;
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (
      adw_message_dialog_new (GTK_WINDOW (root), _ ("Notes on This Run"),
                              _ ("Kept in the run’s folder, beside its results.")));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *list = gtk_list_box_new ();
  Asked *asked = g_new0 (Asked, 1);
  g_autofree char *tags = notes != NULL ? g_strjoinv (", ", notes->tags) : g_strdup ("");

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  asked->session = g_object_ref (session);
  asked->run = g_object_ref (run);
  /* Translators: what the list of runs calls it */
  asked->title = add_entry (list, _ ("Title"), notes != NULL ? notes->title : "");
  asked->tags = add_entry (list, _ ("Tags, divided by commas"), tags);
  gtk_box_append (GTK_BOX (box), list);
  gtk_box_append (GTK_BOX (box), make_note (asked, notes != NULL ? notes->note : ""));
  adw_message_dialog_set_extra_child (dialog, box);
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "save", _ ("_Save"),
                                    NULL);
  adw_message_dialog_set_response_appearance (dialog, "save", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, "save");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), asked, asked_free,
                         0);
  gtk_window_present (GTK_WINDOW (dialog));
}
