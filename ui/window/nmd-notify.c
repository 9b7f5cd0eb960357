/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a training as a notification.
 */
#include "ui/window/nmd-notify.h"

#include <glib/gi18n.h>
#include <math.h>

/* "Run NAME, 12 epochs, lowest validation loss 0.498". */
static char *
describe (NmdTraining *training)
{
  g_autofree char *run = g_path_get_basename (nmd_training_get_folder (training));
  double best = NAN;
  guint n = 0;
  const double *losses = nmd_training_get_trace (training, NMD_TRACE_VAL_LOSS, &n);

  for (guint i = 0; i < n; i++)
    if (isnan (best) || losses[i] < best)
      best = losses[i];
  if (isnan (best))
    return g_steal_pointer (&run);
  return g_strdup_printf (
      /* Translators: a run's folder, how many epochs, a number */
      ngettext ("%s: %u epoch, lowest validation loss %.3f",
                "%s: %u epochs, lowest validation loss %.3f", n),
      run, n, best);
}

gboolean
nmd_notify_get_words (NmdTraining *training, char **title, char **body)
{
  g_return_val_if_fail (NMD_IS_TRAINING (training), FALSE);

  const char *error = nmd_training_get_error (training);
  switch (nmd_training_get_state (training))
    {
    case NMD_TRAINING_FINISHED:
      *title = g_strdup (_ ("Training finished"));
      break;
    case NMD_TRAINING_STOPPED:
      *title = g_strdup (_ ("Training stopped"));
      break;
    case NMD_TRAINING_FAILED:
      *title = g_strdup (_ ("Training failed"));
      break;
    default:
      return FALSE;
    }
  *body = error != NULL ? g_strdup (error) : describe (training);
  return TRUE;
}

gboolean
nmd_notify_ended (GtkWindow *window, NmdTraining *training)
{
  g_autofree char *title = NULL, *body = NULL;
  GtkApplication *application = gtk_window_get_application (window);

  if (!nmd_notify_get_words (training, &title, &body) || gtk_window_is_active (window))
    return FALSE;
  if (application == NULL)
    return TRUE;
  g_autoptr (GNotification) notification = g_notification_new (title);
  g_notification_set_body (notification, body);
  g_application_send_notification (G_APPLICATION (application), "training", notification);
  return TRUE;
}
