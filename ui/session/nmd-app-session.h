/* SPDX-License-Identifier: Apache-2.0
 *
 * The session: what is open in the program and the work on it, cut by subject. It owns the parts and
 * has the few rules that go across them; all else is the parts'. Knows no GTK.
 *
 *     notices      what the parts tell the user
 *     data         the open data set                  knows notices
 *     scan         the scan under study               knows data
 *     runs         the trainings there are            knows data
 *     recipe       what the next training is made with knows data, runs
 *     devices      what is computed with              knows notices
 *     training     the work on a run                  knows data, runs, recipe, devices
 *     experiments  many trainings of one plan         knows data, recipe, devices
 *     queue        trainings that wait                knows training, experiments
 *     explanation  questions about the scan           knows all of them
 *
 * A part calls the parts that it knows; back go signals only. A page is given the parts that it needs.
 */
#pragma once

#include "ui/session/nmd-proposal-session.h"
#include "ui/session/nmd-run-queue.h"
#include "ui/session/nmd-visit-session.h"

G_BEGIN_DECLS

#define NMD_TYPE_APP_SESSION (nmd_app_session_get_type ())
G_DECLARE_FINAL_TYPE (NmdAppSession, nmd_app_session, NMD, APP_SESSION, GObject)

/**
 * NmdAppSession:
 *
 * Properties, notified:
 *   "job" (NmdJob, nullable): what runs in the background, to be shown: work on a run before an import, and
 *     these before whatever else has run for half a second
 *
 * Threads: main thread only; jobs go to the engine's threads.
 */

/* @data_folder: where demo data and runs are kept; made when needed. */
NmdAppSession         *nmd_app_session_new             (const char    *data_folder);

/* The parts, each (transfer none) and there as long as the session. */
NmdNotices            *nmd_app_session_get_notices     (NmdAppSession *self);
NmdDataSession        *nmd_app_session_get_data        (NmdAppSession *self);
NmdScanSession        *nmd_app_session_get_scan        (NmdAppSession *self);
NmdVisitSession       *nmd_app_session_get_visit       (NmdAppSession *self);
NmdRunsSession        *nmd_app_session_get_runs        (NmdAppSession *self);
NmdRecipeSession      *nmd_app_session_get_recipe      (NmdAppSession *self);
NmdDeviceSession      *nmd_app_session_get_devices     (NmdAppSession *self);
NmdTrainingSession    *nmd_app_session_get_training    (NmdAppSession *self);
NmdExperimentSession  *nmd_app_session_get_experiments (NmdAppSession *self);
NmdRunQueue           *nmd_app_session_get_queue       (NmdAppSession *self);
NmdExplanationSession *nmd_app_session_get_explanation (NmdAppSession *self);
NmdProposalSession    *nmd_app_session_get_proposals   (NmdAppSession *self);

/* Opens whatever @paths are, in their order; of several images the first is shown, the others stand in the visit. */
void                   nmd_app_session_open_all        (NmdAppSession *self,
                                                        const char *const *paths);

/* Opens whatever @path is: data set, run or image. */
void                   nmd_app_session_open            (NmdAppSession *self,
                                                        const char    *path);

/* Returns: (transfer none) (nullable): what runs in the background. */
NmdJob                *nmd_app_session_get_job         (NmdAppSession *self);

/* Stops what runs in the background; a training keeps its best weights. */
void                   nmd_app_session_stop            (NmdAppSession *self);

/* Where one window of several is closed: its training and its import are cancelled, what else is under way is
 * dropped when it ends. Nothing is told any more. */
void                   nmd_app_session_close           (NmdAppSession *self);

/* At the end of the program: cancels all jobs and joins their threads. Nothing is told any more. */
void                   nmd_app_session_shutdown        (NmdAppSession *self);

G_END_DECLS
