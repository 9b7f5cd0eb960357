/* SPDX-License-Identifier: Apache-2.0
 *
 * What closing would lose, in words.
 */
#include "ui/window/nmd-closing.h"

#include "ui/dialogs/nmd-question.h"

#include <glib/gi18n.h>

gboolean
nmd_closing_ask (GtkWidget *window,
                 NmdScanSession *scan,
                 NmdTrainingSession *training,
                 NmdExperimentSession *experiments,
                 void (*close) (gpointer window))
{
  guint n = nmd_scan_session_count_drawn (scan);

  if (nmd_training_session_is_running (training))
    {
      nmd_question_present (
          window, _ ("Stop the Training and Close?"),
          n > 0
              ? _ ("A training is running. It stops when the program is closed; what it "
                   "has learnt up to its last whole epoch is kept, and it can go on at "
                   "the next start. Outlines that were drawn here are lost.")
              : _ ("A training is running. It stops when the program is closed; what it "
                   "has learnt up to its last whole epoch is kept, and it can go on at "
                   "the next start."),
          _ ("_Stop and Close"), close, G_OBJECT (window));
      return TRUE;
    }
  if (nmd_experiment_session_is_running (experiments))
    {
      nmd_question_present (
          window, _ ("Stop the Experiment and Close?"),
          n > 0
              ? _ ("An experiment is running. It stops when the program is closed; what "
                   "is done is kept, and it can go on at the next start or with nmd. "
                   "Outlines that were drawn here are lost.")
              : _ ("An experiment is running. It stops when the program is closed; what "
                   "is done is kept, and it can go on at the next start or with nmd."),
          _ ("_Stop and Close"), close, G_OBJECT (window));
      return TRUE;
    }
  if (n == 0)
    return FALSE;
  g_autofree char *body = g_strdup_printf (
      ngettext ("The outline of %u image was drawn here and is not saved.",
                "The outlines of %u images were drawn here and are not saved.", n),
      n);
  nmd_question_present (window, _ ("Close Without the Drawn Outlines?"), body,
                        _ ("_Close"), close, G_OBJECT (window));
  return TRUE;
}
