/* SPDX-License-Identifier: Apache-2.0
 *
 * The questions that an import may stop at. What has to be decided is said by the import's error.
 */
#include "ui/dialogs/nmd-import-dialogs.h"

#include <glib/gi18n.h>

typedef struct
{
  NmdDataSession *session;
  NmdDecision decision;
  char *path;
  GtkWidget *entries[4];
} Question;

static void
question_free (gpointer data, GClosure *closure)
{
  Question *question = data;

  g_object_unref (question->session);
  g_free (question->path);
  g_free (question);
}

static const char *
entry_text (GtkWidget *entry)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (entry));

  return *text != '\0' ? text : NULL;
}

static void
on_answer (AdwMessageDialog *dialog, const char *response, Question *question)
{
  /* What was decided before stays decided. */
  NmdImportSettings settings = *nmd_data_session_get_attempt (question->session);

  if (g_strcmp0 (response, "open") != 0)
    return;
  switch (question->decision)
    {
    case NMD_DECISION_POSITIVE:
      settings.positive = entry_text (question->entries[0]);
      break;
    case NMD_DECISION_UNPACK:
      settings.unpack = TRUE;
      break;
    case NMD_DECISION_COLUMNS:
      settings.image_column = entry_text (question->entries[0]);
      settings.mask_column = entry_text (question->entries[1]);
      settings.subject_column = entry_text (question->entries[2]);
      settings.label_column = entry_text (question->entries[3]);
      break;
    }
  nmd_data_session_open (question->session, question->path, &settings);
}

static void
add_entries (AdwMessageDialog *dialog, Question *question)
{
  const char *const columns[] = { _ ("Image column"), _ ("Mask column (may stay empty)"),
                                  _ ("Subject column"), _ ("Label column") };
  const char *const word[] = { _ ("Word that means pathological") };
  gboolean is_word = question->decision == NMD_DECISION_POSITIVE;
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  for (guint i = 0; i < (is_word ? 1 : G_N_ELEMENTS (columns)); i++)
    {
      question->entries[i] = adw_entry_row_new ();
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (question->entries[i]),
                                     is_word ? word[i] : columns[i]);
      adw_entry_row_set_activates_default (ADW_ENTRY_ROW (question->entries[i]), TRUE);
      gtk_list_box_append (GTK_LIST_BOX (list), question->entries[i]);
    }
  adw_message_dialog_set_extra_child (dialog, list);
}

void
nmd_import_dialog_present (GtkWindow *parent,
                           NmdDataSession *session,
                           NmdDecision decision,
                           const char *path,
                           const char *text)
{
  const char *const headings[]
      = { _ ("Which Label Is Pathological?"), _ ("Unpack the Archive?"),
          _ ("Which Columns Are Which?") };
  g_return_if_fail (decision < G_N_ELEMENTS (headings));
  g_autofree char *sentence = g_strdup_printf ("%s.", text);
  GtkWidget *dialog = adw_message_dialog_new (parent, headings[decision], sentence);
  Question *question = g_new0 (Question, 1);

  question->session = g_object_ref (session);
  question->decision = decision;
  question->path = g_strdup (path);
  if (decision != NMD_DECISION_UNPACK)
    add_entries (ADW_MESSAGE_DIALOG (dialog), question);
  adw_message_dialog_add_responses (
      ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "open",
      decision == NMD_DECISION_UNPACK ? _ ("_Unpack") : _ ("_Open"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "open",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "open");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_answer), question,
                         question_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
