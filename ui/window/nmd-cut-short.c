/* SPDX-License-Identifier: Apache-2.0
 *
 * Remembers the training that runs. Offering to go on with it is the window's.
 */
#include "ui/window/nmd-cut-short.h"

void
nmd_cut_short_note (GSettings *settings, NmdTrainingSession *training)
{
  NmdTraining *own = nmd_training_session_get_training (training);

  if (own == NULL)
    return;
  g_autofree char *name = g_path_get_basename (nmd_training_get_folder (own));
  g_autofree char *noted = g_settings_get_string (settings, "open-training");
  if (nmd_training_session_is_running (training))
    g_settings_set_string (settings, "open-training", name);
  else if (g_str_equal (noted, name)) /* else another window trains */
    g_settings_set_string (settings, "open-training", "");
}

static gboolean
is_first (GtkWindow *window)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWindow) other = g_list_model_get_item (toplevels, i);
      if (other != window && G_OBJECT_TYPE (other) == G_OBJECT_TYPE (window))
        return FALSE;
    }
  return TRUE;
}

char *
nmd_cut_short_dup_noted (GSettings *settings, GtkWindow *window)
{
  g_autofree char *noted = g_settings_get_string (settings, "open-training");

  return *noted != '\0' && is_first (window) ? g_steal_pointer (&noted) : NULL;
}

NmdRunItem *
nmd_cut_short_find (GListModel *runs, const char *name)
{
  for (guint i = 0; name != NULL && i < g_list_model_get_n_items (runs); i++)
    {
      g_autoptr (NmdRunItem) item = g_list_model_get_item (runs, i);
      g_autofree char *own = g_path_get_basename (item->folder);
      if (g_str_equal (own, name) && item->run != NULL
          && nmd_run_get_state (item->run) == NMD_RUN_STARTED)
        return g_steal_pointer (&item);
    }
  return NULL;
}
