/* SPDX-License-Identifier: Apache-2.0
 *
 * One import on the pool's threads: a data set, the demo cohort, or the data set of a run. Its
 * images are the job's records (NmdSample), in the order in which they are read; its result is
 * an NmdDataset.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/train/nmd-run.h"

G_BEGIN_DECLS

/**
 * nmd_import_start:
 * @path: folder, table or archive; for the demo the folder that it lies in
 * @is_demo: make the demo cohort there first, if it is not there
 * @run: (nullable): the data set has to be the one that this run was trained on
 * @settings: (nullable): copied
 *
 * Errors of the job: those of nmd_dataset_import(), nmd_run_open_dataset(), nmd_demo_write().
 *
 * Returns: (transfer full): the job
 */
NmdJob     *nmd_import_start         (const char              *path,
                                      gboolean                 is_demo,
                                      NmdRun                  *run,
                                      const NmdImportSettings *settings,
                                      GAsyncReadyCallback      done,
                                      gpointer                 user_data) G_GNUC_WARN_UNUSED_RESULT;

/* Returns: the path that @job reads; borrowed from it. */
const char *nmd_import_get_path      (NmdJob                  *job);

G_END_DECLS
