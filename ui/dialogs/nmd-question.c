/* SPDX-License-Identifier: Apache-2.0
 *
 * A question with two answers.
 */
#include "ui/dialogs/nmd-question.h"

#include <glib/gi18n.h>

typedef struct
{
  void (*func) (gpointer object);
  GWeakRef object;
} Question;

static void
question_free (gpointer data, GClosure *closure)
{
  Question *question = data;

  g_weak_ref_clear (&question->object);
  g_free (question);
}

static void
on_response (AdwMessageDialog *dialog, const char *response, Question *question)
{
  g_autoptr (GObject) object = g_weak_ref_get (&question->object);

  if (object == NULL || !g_str_equal (response, "accept"))
    return;
  /* The answer may close the window below, which the dialog would still look for at its end. */
  gtk_window_set_transient_for (GTK_WINDOW (dialog), NULL);
  question->func (object);
}

void
nmd_question_present (GtkWidget *widget,
                      const char *heading,
                      const char *body,
                      const char *accept,
                      void (*func) (gpointer object),
                      GObject *object)
{
  g_return_if_fail (GTK_IS_WIDGET (widget) && func != NULL);

  GtkRoot *root = gtk_widget_get_root (widget);
  AdwMessageDialog *dialog
      = ADW_MESSAGE_DIALOG (adw_message_dialog_new (GTK_WINDOW (root), heading, body));
  Question *question = g_new0 (Question, 1);

  question->func = func;
  g_weak_ref_init (&question->object, object);
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "accept", accept,
                                    NULL);
  adw_message_dialog_set_response_appearance (dialog, "accept", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), question,
                         question_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
