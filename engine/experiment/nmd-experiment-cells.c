/* SPDX-License-Identifier: Apache-2.0
 *
 * What follows from a plan for its cells: places, descriptions, the trainer's settings.
 */
#include "engine/experiment/nmd-experiment-private.h"

#include "engine/core/nmd-text.h"

#include <glib/gi18n-lib.h>

char *
nmd_experiment_run_folder (const char *folder, const NmdPlanCell *cell)
{
  return g_build_filename (folder, "runs", cell->id, NULL);
}

gboolean
nmd_shard_has (const NmdShard *shard, guint i)
{
  return shard == NULL || shard->n <= 1 || i % shard->n == shard->index;
}

char *
nmd_experiment_describe (const NmdPlan *plan, const NmdPlanCell *cell)
{
  g_autofree char *where = nmd_plan_describe_cell (cell);
  g_autofree char *text
      = g_strdup_printf ("%s, %s", nmd_plan_get_row (plan, cell->row)->title, where);

  return nmd_text_display (text);
}

NmdDataset *
nmd_experiment_open_dataset (const NmdPlan *plan,
                             const char *path,
                             NmdDataset *dataset,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (NmdDataset) opened = NULL;

  if (path == NULL)
    path = plan->dataset_path;
  opened = dataset != NULL
               ? g_object_ref (dataset)
               : nmd_dataset_import (path, &plan->import, NULL, NULL, cancellable, error);
  if (opened == NULL)
    return NULL;
  if (g_strcmp0 (nmd_dataset_get_hash (opened), plan->dataset_hash) != 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_CHANGED,
                   _ ("%s is not the data set that the experiment was planned with: its "
                      "images, masks, labels or subjects are others"),
                   nmd_dataset_get_path (opened));
      return NULL;
    }
  return g_steal_pointer (&opened);
}

static void
replace (char **text, const char *value)
{
  g_free (*text);
  *text = g_strdup (value);
}

NmdTrainSettings *
nmd_experiment_settings (const NmdPlan *plan,
                         const NmdPlanCell *cell,
                         NmdDataset *dataset,
                         GError **error)
{
  g_autoptr (NmdTrainSettings) settings = nmd_train_settings_new ();

  settings->split = nmd_plan_make_split (plan, cell, dataset, error);
  if (settings->split == NULL)
    return NULL;
  replace (&settings->dataset_path, nmd_dataset_get_path (dataset));
  nmd_import_settings_copy (&settings->import, &plan->import);
  settings->dataset = g_object_ref (dataset);
  replace (&settings->organ, plan->organ);
  replace (&settings->network, nmd_plan_get_row (plan, cell->row)->network);
  replace (&settings->device, plan->device);
  settings->threads = plan->threads;
  settings->events = plan->events;
  nmd_parameters_unref (settings->parameters);
  settings->parameters = nmd_plan_get_parameters (plan, cell);
  return g_steal_pointer (&settings);
}
