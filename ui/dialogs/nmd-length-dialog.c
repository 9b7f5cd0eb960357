/* SPDX-License-Identifier: Apache-2.0
 *
 * A question for a length.
 */
#include "ui/dialogs/nmd-length-dialog.h"

#include <glib/gi18n.h>

typedef struct
{
  void (*func) (double cm, gpointer object);
  GWeakRef object;
  GtkSpinButton *spin;
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

  gtk_spin_button_update (question->spin);
  if (object != NULL && g_str_equal (response, "accept"))
    question->func (gtk_spin_button_get_value (question->spin), object);
}

void
nmd_length_dialog_present (GtkWidget *widget,
                           void (*func) (double cm, gpointer object),
                           GObject *object)
{
  g_return_if_fail (GTK_IS_WIDGET (widget) && func != NULL);

  GtkRoot *root = gtk_widget_get_root (widget);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (
      GTK_WINDOW (root), _ ("How Far Apart Are the Marks?"),
      _ ("In centimetres, as the depth scale says. It holds for this visit.")));
  GtkWidget *spin = gtk_spin_button_new_with_range (0.1, 40, 0.5);
  Question *question = g_new0 (Question, 1);

  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), 2);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), 1);
  gtk_widget_set_halign (spin, GTK_ALIGN_CENTER);
  g_object_set (gtk_editable_get_delegate (GTK_EDITABLE (spin)), "activates-default",
                TRUE, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Distance in centimetres"), -1);
  adw_message_dialog_set_extra_child (dialog, spin);
  question->func = func;
  question->spin = GTK_SPIN_BUTTON (spin);
  g_weak_ref_init (&question->object, object);
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "accept",
                                    _ ("_Calibrate"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "accept", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, "accept");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), question,
                         question_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
