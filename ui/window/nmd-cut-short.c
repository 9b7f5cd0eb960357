/* SPDX-License-Identifier: Apache-2.0
 *
 * Remembers the training that runs. Offering to go on with it is the window's.
 */
#include "ui/window/nmd-cut-short.h"

void
nmd_cut_short_note (GSettings *settings, NmdTrainingSession *training)
{
  g_autofree char *name = NULL;

  if (nmd_training_session_is_running (training))
    name = g_path_get_basename (
        nmd_training_get_folder (nmd_training_session_get_training (training)));
  g_settings_set_string (settings, "open-training", name != NULL ? name : "");
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
