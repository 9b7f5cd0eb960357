/* SPDX-License-Identifier: Apache-2.0
 *
 * What closing would lose, in words.
 */
#include "ui/window/nmd-closing.h"

#include "ui/dialogs/nmd-question.h"
#include "ui/dialogs/nmd-teaching-window.h"

#include <glib/gi18n.h>

static void
append_paragraph (GString *text, const char *sentence)
{
  g_string_append_printf (text, "%s%s", text->len > 0 ? "\n\n" : "", sentence);
}

/* Asks with @body, and what is lost of measures and of the queue. */
static void
ask (GtkWidget *window,
     const char *heading,
     const char *body,
     NmdAppSession *session,
     const char *accept,
     void (*close) (gpointer window))
{
  guint n_measured = nmd_scan_session_count_measured (nmd_app_session_get_scan (session));
  guint n_waiting = nmd_run_queue_get_n (nmd_app_session_get_queue (session));
  g_autofree char *measured = g_strdup_printf (
      ngettext ("Distances or angles on %u image are neither copied nor in a report.",
                "Distances or angles on %u images are neither copied nor in a report.",
                n_measured),
      n_measured);
  g_autofree char *waiting = g_strdup_printf (
      ngettext ("%u training that waits in the queue is forgotten.",
                "%u trainings that wait in the queue are forgotten.", n_waiting),
      n_waiting);
  g_autoptr (GString) text = g_string_new (body);

  if (n_measured > 0)
    append_paragraph (text, measured);
  if (n_waiting > 0)
    append_paragraph (text, waiting);
  nmd_question_present (window, heading, text->str, accept, close, G_OBJECT (window));
}

/* A teaching window over @window; %NULL if there is none. */
static GtkWindow *
find_teaching (GtkWidget *window)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) one = g_list_model_get_item (windows, i);
      if (NMD_IS_TEACHING_WINDOW (one)
          && gtk_window_get_transient_for (one) == GTK_WINDOW (window))
        return one; /* GTK holds it */
    }
  return NULL;
}

/* Closes it. TRUE: it asks whether its readings may be lost. */
static gboolean
readings_ask (GtkWidget *window)
{
  GtkWindow *teaching = find_teaching (window);

  if (teaching == NULL)
    return FALSE;
  gtk_window_close (teaching);
  return find_teaching (window) != NULL;
}

gboolean
nmd_closing_ask (GtkWidget *window,
                 NmdAppSession *session,
                 void (*close) (gpointer window))
{
  NmdScanSession *scan = nmd_app_session_get_scan (session);
  guint n = nmd_scan_session_count_drawn (scan);

  if (readings_ask (window))
    return TRUE;
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
          session, _ ("_Stop and Close"), close);
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
           session, _ ("_Stop and Close"), close);
      return TRUE;
    }
  if (n == 0)
    {
      gboolean measured = nmd_scan_session_count_measured (scan) > 0;
      if (!measured && nmd_run_queue_get_n (nmd_app_session_get_queue (session)) == 0)
        return FALSE;
      ask (window,
           measured ? _ ("Close Without the Measures?")
                    : _ ("Close Without the Waiting Trainings?"),
           "", session, _ ("_Close"), close);
      return TRUE;
    }
  g_autofree char *body = g_strdup_printf (
      ngettext ("The outline of %u image was drawn here and is not saved.",
                "The outlines of %u images were drawn here and are not saved.", n),
      n);
  ask (window, _ ("Close Without the Drawn Outlines?"), body, session, _ ("_Close"),
       close);
  return TRUE;
}
