/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of the tasks.
 */
#include "engine/core/nmd-task.h"

static const char *const names[NMD_N_TASKS] = { "classify", "segment" };

const char *
nmd_task_get_name (NmdTask task)
{
  g_return_val_if_fail ((guint)task < NMD_N_TASKS, "");

  return names[task];
}

gboolean
nmd_task_parse (const char *word, NmdTask *task)
{
  for (guint i = 0; i < NMD_N_TASKS; i++)
    if (g_strcmp0 (word, names[i]) == 0)
      {
        *task = (NmdTask)i;
        return TRUE;
      }
  return FALSE;
}
