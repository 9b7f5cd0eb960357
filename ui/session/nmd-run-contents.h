/* SPDX-License-Identifier: Apache-2.0
 *
 * The job that reads what a run scores with. Which run that is, is the runs session's.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/train/nmd-train.h"

G_BEGIN_DECLS

typedef struct
{
  NmdModel *model;
  GHashTable *scores; /* sample id → double * */
  double threshold;   /* of the last evaluation; 0.5 where there is none */
} NmdRunContents;

void    nmd_run_contents_free  (NmdRunContents      *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdRunContents, nmd_run_contents_free)

/* Returns: (transfer full): the job; nmd_job_finish() in @done gives an #NmdRunContents. Errors: those of
 * nmd_run_item_load_model(). */
NmdJob *nmd_run_contents_start (NmdRun              *run,
                                GAsyncReadyCallback  done,
                                gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
