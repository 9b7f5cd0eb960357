/* SPDX-License-Identifier: Apache-2.0
 *
 * What closing would lose, in words.
 */
#include "ui/window/nmd-closing.h"

#include "ui/dialogs/nmd-question.h"

#include <glib/gi18n.h>

/* Asks with @body and what is lost of the queue. */
static void
ask (GtkWidget *window,
     const char *heading,
     const char *body,
     NmdRunQueue *queue,
     const char *accept,
     void (*close) (gpointer window))
{
  guint n = nmd_run_queue_get_n (queue);
  g_autofree char *waiting = g_strdup_printf (
      ngettext ("%u training that waits in the queue is forgotten.",
                "%u trainings that wait in the queue are forgotten.", n),
      n);
  g_autofree char *whole
      = n > 0 ? g_strdup_printf ("%s%s%s", body, *body != '\0' ? "\n\n" : "", waiting)
              : g_strdup (body);

  nmd_question_present (window, heading, whole, accept, close, G_OBJECT (window));
}

gboolean
nmd_closing_ask (GtkWidget *window,
                 NmdAppSession *session,
                 void (*close) (gpointer window))
{
  NmdRunQueue *queue = nmd_app_session_get_queue (session);
  guint n = nmd_scan_session_count_drawn (nmd_app_session_get_scan (session));

  if (nmd_training_session_is_running (nmd_app_session_get_training (session)))
    {
      ask (
          window, _ ("Stop the Training and Close?"),
          n > 0
              ? _ (
                  "A training is under way. It stops when the program is closed; what it "
                  "has learnt up to its last whole epoch is kept, and it can go on at "
                  "the next start. Outlines that were drawn here are lost.")
              : _ (
                  "A training is under way. It stops when the program is closed; what it "
                  "has learnt up to its last whole epoch is kept, and it can go on at "
                  "the next start."),
          queue, _ ("_Stop and Close"), close);
      return TRUE;
    }
  if (nmd_experiment_session_is_running (nmd_app_session_get_experiments (session)))
    {
      ask (window, _ ("Stop the Experiment and Close?"),
           n > 0
               ? _ ("An experiment is running. It stops when the program is closed; what "
                    "is done is kept, and it can go on at the next start or with nmd. "
                    "Outlines that were drawn here are lost.")
               : _ ("An experiment is running. It stops when the program is closed; what "
                    "is done is kept, and it can go on at the next start or with nmd."),
           queue, _ ("_Stop and Close"), close);
      return TRUE;
    }
  if (n == 0)
    {
      if (nmd_run_queue_get_n (queue) == 0)
        return FALSE;
      ask (window, _ ("Close Without the Waiting Trainings?"), "", queue, _ ("_Close"),
           close);
      return TRUE;
    }
  g_autofree char *body = g_strdup_printf (
      ngettext ("The outline of %u image was drawn here and is not saved.",
                "The outlines of %u images were drawn here and are not saved.", n),
      n);
  ask (window, _ ("Close Without the Drawn Outlines?"), body, queue, _ ("_Close"), close);
  return TRUE;
}
