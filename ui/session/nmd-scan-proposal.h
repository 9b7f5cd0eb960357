/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks a trained network for the outline of a scan. How it finds one is nmd-segmenter.h's.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/model/nmd-segmenter.h"

G_BEGIN_DECLS

/**
 * nmd_scan_proposal_start:
 * @image: the untouched image; referenced
 * @folders: %NULL-terminated run folders, the one to be preferred first
 * @device: a device string, see nmd_session_open()
 * @done: called on the main thread with the job
 *
 * The first folder that is a run that finds outlines is asked, on the ask thread; a newer question replaces one
 * that waits.
 *
 * Errors of nmd_job_finish(): %NMD_ERROR_REFUSED where none of @folders finds outlines; those of nmd_run_load_model()
 * and nmd_segmenter_propose().
 *
 * Returns: (transfer full): the job; its result is an NmdProposal, to be freed with nmd_scan_proposal_free()
 */
NmdJob *nmd_scan_proposal_start (NmdImage            *image,
                                 const char *const   *folders,
                                 const char          *device,
                                 GAsyncReadyCallback  done,
                                 gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

void    nmd_scan_proposal_free  (gpointer             proposal);

G_END_DECLS
