/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing a run's report, the same as `nmd report` writes, as a job. Threads: main thread only.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/train/nmd-run.h"

G_BEGIN_DECLS

/**
 * nmd_report_job_start:
 * @run: referenced
 * @dataset: (nullable): the run's, referenced; %NULL: no images and no maps, and the report says so
 * @folder: made if it is not there; files of the same names are replaced
 * @with_images: with the most wrong images and their maps
 * @device: that computes the maps
 *
 * Model card as Markdown and PDF with its figures, and the checklists. On the work thread; tells how far it is.
 *
 * Errors of the job: those of nmd_run_facts_load(), nmd_run_report_make() and nmd_file_list_write(); %NMD_ERROR_REFUSED
 *   for a folder inside the data set, whose pictures would belong to it.
 *
 * Returns: (transfer full): the job; its result is the folder, to be freed
 */
NmdJob *nmd_report_job_start (NmdRun              *run,
                              NmdDataset          *dataset,
                              const char          *folder,
                              gboolean             with_images,
                              const char          *device,
                              GAsyncReadyCallback  done,
                              gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
