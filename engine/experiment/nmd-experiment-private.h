/* SPDX-License-Identifier: Apache-2.0
 *
 * Places in an experiment's folder and steps that its files share.
 */
#pragma once

#include "engine/experiment/nmd-experiment.h"

G_BEGIN_DECLS

/* FOLDER/runs/CELL. */
char             *nmd_experiment_run_folder (const char        *folder,
                                             const NmdPlanCell *cell);

/* Whether cell @i is of @shard (nullable: all). */
gboolean          nmd_shard_has             (const NmdShard    *shard,
                                             guint              i);

/* "NMD-AssistNet, fold 2, seed 1". */
char             *nmd_experiment_describe   (const NmdPlan     *plan,
                                             const NmdPlanCell *cell);

/* The plan's data set, read as it was read then and checked to be the same. Errors: those of
 * nmd_dataset_import(), %NMD_ERROR_CHANGED. */
NmdDataset       *nmd_experiment_open_dataset (const NmdPlan   *plan,
                                             const char        *path,
                                             NmdDataset        *dataset,
                                             GCancellable      *cancellable,
                                             GError           **error);

/* The trainer's settings for a cell, all but its folder. Errors: those of nmd_plan_make_split(). */
NmdTrainSettings *nmd_experiment_settings   (const NmdPlan     *plan,
                                             const NmdPlanCell *cell,
                                             NmdDataset        *dataset,
                                             GError           **error);

/* Writes results.json, results.csv, table.md and table.tex from the runs that are done. */
gboolean          nmd_experiment_write_tables (const char      *folder,
                                             const NmdPlan     *plan,
                                             NmdJournal        *journal,
                                             GError           **error);

G_END_DECLS
