/* SPDX-License-Identifier: Apache-2.0
 *
 * What is done with a run's folder besides computing: notes kept in it, and the folder put into the desktop's trash. As
 * jobs of the pool. Threads: main thread only.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/train/nmd-run-notes.h"

G_BEGIN_DECLS

/* Keeps @notes (transfer full) in @folder. Errors of the job: those of nmd_run_notes_save(). Returns: (transfer full): the
 * job; its result is @folder, to be freed */
NmdJob *nmd_run_care_save  (const char          *folder,
                            NmdRunNotes         *notes,
                            GAsyncReadyCallback  done,
                            gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

/* Puts @folder into the desktop's trash. Errors of the job: those of nmd_lock_take(), as %NMD_ERROR_BUSY where a training
 * writes; those of g_file_trash(), as %G_IO_ERROR_NOT_SUPPORTED where there is no trash; nothing is deleted then. Returns: (transfer full): the job; its result is @folder, to be freed */
NmdJob *nmd_run_care_trash (const char          *folder,
                            GAsyncReadyCallback  done,
                            gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
