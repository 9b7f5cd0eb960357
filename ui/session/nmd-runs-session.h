/* SPDX-License-Identifier: Apache-2.0
 *
 * The trainings there are: the list of run folders, the chosen run with its model and stored scores,
 * and whether the open data set is the one that it was trained on. Making runs is
 * nmd-training-session's.
 */
#pragma once

#include "ui/session/nmd-data-session.h"
#include "ui/session/nmd-run-item.h"

G_BEGIN_DECLS

#define NMD_TYPE_RUNS_SESSION (nmd_runs_session_get_type ())
G_DECLARE_FINAL_TYPE (NmdRunsSession, nmd_runs_session, NMD, RUNS_SESSION, GObject)

/**
 * NmdRunsSession:
 *
 * Properties, notified:
 *   "run" (NmdRunItem, nullable, writable): the chosen run
 *   "has-model" (boolean): the chosen run's weights are read
 *   "in-training" (boolean): a run is being made or gone on with, see nmd-training-session
 *
 * Signals:
 *   "scores-changed": the chosen run's stored scores are there, or gone
 *
 * Threads: main thread only; folders are read on the pool.
 */

/* Both are referenced. @data_folder: its folder "runs" holds the runs made here. */
NmdRunsSession *nmd_runs_session_new        (NmdNotices     *notices,
                                             NmdDataSession *data,
                                             const char     *data_folder);

/* Reads the folder of runs into the list, damaged ones too, without choosing one. */
void            nmd_runs_session_list       (NmdRunsSession *self);

/* Puts the run in @folder into the list and, once read, chooses it. */
void            nmd_runs_session_open       (NmdRunsSession *self,
                                             const char     *folder);

/* Chooses the newest run if none is chosen, once the list is read. */
void            nmd_runs_session_want_one   (NmdRunsSession *self);

/* Says whether a training runs; nmd-training-session does. */
void            nmd_runs_session_set_in_training (NmdRunsSession *self,
                                             gboolean        in_training);

/* Returns: whether a training runs. */
gboolean        nmd_runs_session_is_in_training (NmdRunsSession *self);

/* Returns: (transfer none): a list of NmdRunItem, newest first; the same list for ever. */
GListModel     *nmd_runs_session_get_runs   (NmdRunsSession *self);

/* Returns: (transfer none) (nullable): the chosen run. */
NmdRunItem     *nmd_runs_session_get_run    (NmdRunsSession *self);

/* Chooses @run (nullable). Where no data set is open, the run's own is opened. A damaged run is not chosen:
 * what is wrong with it is a problem. */
void            nmd_runs_session_set_run    (NmdRunsSession *self,
                                             NmdRunItem     *run);

/* Returns: (transfer none) (nullable): the chosen run's model, once read. */
NmdModel       *nmd_runs_session_get_model  (NmdRunsSession *self);

/* Returns: the score from which the chosen run calls an image positive: the threshold of its last evaluation; 0.5
 * without one. */
double          nmd_runs_session_get_threshold (NmdRunsSession *self);

/* Whether the open data set is the one that the chosen run was trained on. */
gboolean        nmd_runs_session_has_data   (NmdRunsSession *self);

/* Opens the chosen run's data set from where it was, or from @path (nullable). */
void            nmd_runs_session_open_data  (NmdRunsSession *self,
                                             const char     *path);

/* Stored score of @sample (nullable) by the chosen run, in [0, 1].
 * Returns: the score; NaN if there is none, or if another data set is open. */
double          nmd_runs_session_get_score  (NmdRunsSession *self,
                                             NmdSample      *sample);

/* Returns: a new path in the folder of runs, called by the time and @network; nothing is made. */
char           *nmd_runs_session_new_folder (NmdRunsSession *self,
                                             const char     *network) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
