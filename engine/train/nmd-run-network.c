/* SPDX-License-Identifier: Apache-2.0
 *
 * The network that a recipe trains.
 */
#include "engine/train/nmd-run-private.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>

const NmdNetwork *
nmd_run_find_network (const char *name, const NmdParameters *parameters, GError **error)
{
  const NmdTask task = nmd_parameters_get_task (parameters);
  const NmdNetwork *network = NULL;
  guint n;

  if (name == NULL)
    name = nmd_networks_list (task, &n)->name;
  network = nmd_network_find (name, error);
  if (network == NULL)
    return NULL;
  if (network->task != task)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   _ ("Network %s is for the task %s, not %s"), network->name,
                   nmd_task_get_name (network->task), nmd_task_get_name (task));
      return NULL;
    }
  if (task == NMD_TASK_CLASSIFY)
    return network;
  return nmd_network_with_size (network,
                                atoi (nmd_parameters_get_choice (parameters, "size")));
}
