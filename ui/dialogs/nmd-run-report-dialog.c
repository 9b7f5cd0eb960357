/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks for a report's content and folder. Writing is the session's.
 */
#include "ui/dialogs/nmd-run-report-dialog.h"

#include "ui/dialogs/nmd-file-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

typedef struct
{
  GWeakRef widget;
  NmdTrainingSession *session;
  char *name;
} Question;

static void
question_free (gpointer data, GClosure *closure)
{
  Question *question = data;

  g_weak_ref_clear (&question->widget);
  g_object_unref (question->session);
  g_free (question->name);
  g_free (question);
}

static void
on_folder (const char *path, gpointer session)
{
  nmd_training_session_report (session, path, FALSE);
}

static void
on_folder_with_images (const char *path, gpointer session)
{
  nmd_training_session_report (session, path, TRUE);
}

static void
on_response (AdwMessageDialog *dialog, const char *response, Question *question)
{
  g_autoptr (GtkWidget) widget = g_weak_ref_get (&question->widget);
  gboolean with = g_str_equal (response, "with");
  const NmdFileRequest request = { .title = _ ("Write the Report Into a Folder"),
                                   .action = GTK_FILE_CHOOSER_ACTION_SAVE,
                                   .name = question->name };

  if (widget != NULL && (with || g_str_equal (response, "without")))
    nmd_file_dialog_present (widget, &request, with ? on_folder_with_images : on_folder,
                             G_OBJECT (question->session));
}

void
nmd_run_report_dialog_present (GtkWidget *widget,
                               NmdTrainingSession *session,
                               const char *run_folder,
                               gboolean has_images)
{
  g_return_if_fail (GTK_IS_WIDGET (widget) && NMD_IS_TRAINING_SESSION (session));

  GtkRoot *root = gtk_widget_get_root (widget);
  g_autofree char *run = g_path_get_basename (run_folder);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (
      GTK_WINDOW (root), _ ("Write a Report of This Run?"),
      has_images
          ? _ ("A model card as Markdown and PDF, with figures and the checklists CLAIM, "
               "TRIPOD+AI and STARD-AI. With images it also shows the twelve most wrong "
               "ones and where the network looked: pictures of persons.")
          : _ ("A model card as Markdown and PDF, with figures and the checklists CLAIM, "
               "TRIPOD+AI and STARD-AI. The run’s data set is not open, so there are no "
               "images in it.")));
  Question *question = g_new0 (Question, 1);

  g_weak_ref_init (&question->widget, widget);
  question->session = g_object_ref (session);
  /* Translators: the name of a folder; the placeholder is that of the run's */
  question->name = g_strdup_printf (_ ("%s-report"), run);
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "without",
                                    _ ("W_ithout Images"), NULL);
  if (has_images)
    adw_message_dialog_add_response (dialog, "with", _ ("_With Images"));
  adw_message_dialog_set_response_appearance (dialog, "without", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, "without");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), question,
                         question_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
