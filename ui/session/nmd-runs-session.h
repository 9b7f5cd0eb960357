/* SPDX-License-Identifier: Apache-2.0
 *
 * The trainings there are: the list of run folders; the run that is shown; the one that scores, with its model and
 * stored scores; the one that finds outlines, with its model; and whether the open data set is theirs. Making
 * runs is nmd-training-session's.
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
 *   "shown" (NmdRunItem, nullable): the run chosen last, of either task: Train and Results show it
 *   "run" (NmdRunItem, nullable): the chosen run of those that score
 *   "has-model" (boolean): that run's weights are read
 *   "outline-run" (NmdRunItem, nullable): the chosen run of those that find outlines
 *   "has-outline-model" (boolean): that run's weights are read
 *   "in-training" (boolean): a run is being made or gone on with, see nmd-training-session
 *
 * Signals:
 *   "scores-changed": the stored scores of "run" are there, or gone
 *
 * Threads: main thread only; folders are read on the pool.
 */

/* Both are referenced. @data_folder: its folder "runs" holds the runs made here. */
NmdRunsSession *nmd_runs_session_new        (NmdNotices     *notices,
                                             NmdDataSession *data,
                                             const char     *data_folder);

/* Reads the folder of runs into the list, damaged ones too, without choosing one. Those that are there stay. */
void            nmd_runs_session_list       (NmdRunsSession *self);

/* Puts the run in @folder into the list and, once read, chooses it. */
void            nmd_runs_session_open       (NmdRunsSession *self,
                                             const char     *folder);

/* Reads the run in @folder again, without choosing it: where it is shown, scores or finds outlines, it goes on to. */
void            nmd_runs_session_renew      (NmdRunsSession *self,
                                             const char     *folder);

/* Chooses the newest run if none is shown, once the list is read. */
void            nmd_runs_session_want_one   (NmdRunsSession *self);

/* Says whether a training runs; nmd-training-session does. */
void            nmd_runs_session_set_in_training (NmdRunsSession *self,
                                             gboolean        in_training);

/* Names the folder (nullable) of the run that is evaluated or reported; nmd-training-session does. */
void            nmd_runs_session_set_in_work (NmdRunsSession *self,
                                             const char     *folder);

/* Returns: whether a training runs. */
gboolean        nmd_runs_session_is_in_training (NmdRunsSession *self);

/* Returns: (transfer none): a list of NmdRunItem, newest first; the same list for ever. */
GListModel     *nmd_runs_session_get_runs   (NmdRunsSession *self);

/* Returns: (transfer none) (nullable): the run that is shown, of either task. */
NmdRunItem     *nmd_runs_session_get_shown  (NmdRunsSession *self);

/* Returns: (transfer none) (nullable): the run that scores. */
NmdRunItem     *nmd_runs_session_get_run    (NmdRunsSession *self);

/* Shows @run, which from now on scores or finds outlines, as its task is; the one of the other task stays. %NULL:
 * none is shown and none scores. Where no data set is open, the run's own is opened. A damaged run is not
 * chosen: what is wrong with it is a problem. */
void            nmd_runs_session_set_run    (NmdRunsSession *self,
                                             NmdRunItem     *run);

/* Keeps @notes (transfer full) in the folder of @run, and reads it again; of a run that cannot be opened too. What
 * cannot be kept is told. */
void            nmd_runs_session_set_notes  (NmdRunsSession *self,
                                             NmdRunItem     *run,
                                             NmdRunNotes    *notes);

/* Moves the folder of @run to the desktop's trash and takes it out of the list; where that is not possible, it is told
 * and everything stays. Does nothing while a training runs, and refuses one
 * that is in work. The one that scores is shown then, or the newest. */
void            nmd_runs_session_trash      (NmdRunsSession *self,
                                             NmdRunItem     *run);

/* Returns: (transfer none) (nullable): the model that scores, once read. */
NmdModel       *nmd_runs_session_get_model  (NmdRunsSession *self);

/* Returns: the score from which the run that scores calls an image positive: the threshold of its last evaluation; 0.5
 * without one. */
double          nmd_runs_session_get_threshold (NmdRunsSession *self);

/* Returns: (transfer none) (nullable): the run that finds outlines. */
NmdRunItem     *nmd_runs_session_get_outline_run (NmdRunsSession *self);

/* Lets @run (nullable), which is for outlines, find them; what is shown stays. */
void            nmd_runs_session_set_outline_run (NmdRunsSession *self,
                                             NmdRunItem     *run);

/* Chooses the newest run that finds outlines, a finished one before others, if none is chosen. */
void            nmd_runs_session_want_outline_run (NmdRunsSession *self);

/* Returns: (transfer none) (nullable): the model that finds outlines, once read. */
NmdModel       *nmd_runs_session_get_outline_model (NmdRunsSession *self);

/* Whether the open data set is the one that the run that scores, or that is shown, was trained on. */
gboolean        nmd_runs_session_has_data   (NmdRunsSession *self);
gboolean        nmd_runs_session_has_shown_data (NmdRunsSession *self);

/* Opens the shown run's data set from where it was, or from @path (nullable). */
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
