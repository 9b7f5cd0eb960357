/* SPDX-License-Identifier: Apache-2.0
 *
 * The work on a run: training a network by the recipe, going on with an unfinished run, and scoring
 * all images of a run. One at a time. How a training is followed is nmd-training's.
 */
#pragma once

#include "ui/session/nmd-device-session.h"
#include "ui/session/nmd-recipe-session.h"
#include "ui/session/nmd-training.h"

G_BEGIN_DECLS

#define NMD_TYPE_TRAINING_SESSION (nmd_training_session_get_type ())
G_DECLARE_FINAL_TYPE (NmdTrainingSession, nmd_training_session, NMD, TRAINING_SESSION, GObject)

/**
 * NmdTrainingSession:
 *
 * When a training ends, finished or stopped, its run is put into the list of runs and chosen.
 *
 * Properties, notified:
 *   "training" (NmdTraining, nullable): the newest training, also after its end
 *   "course" (NmdTraining, nullable): the training to show: the one that runs; else the chosen run's or
 *     the newest, if it was made on the open data set. Never one of another data set.
 *   "job" (NmdJob, nullable): the training, evaluation or report that runs
 *
 * Threads: main thread only; the work is done on the work thread.
 */

/* All are referenced. */
NmdTrainingSession *nmd_training_session_new          (NmdNotices         *notices,
                                                       NmdDataSession     *data,
                                                       NmdRunsSession     *runs,
                                                       NmdRecipeSession   *recipe,
                                                       NmdDeviceSession   *devices);

/* Trains @network on the open data set by the recipe, in a new run folder. Does nothing without a
 * data set or while a training runs. @quick_look: see nmd_training_start(). */
void                nmd_training_session_start        (NmdTrainingSession *self,
                                                       const char         *network,
                                                       gboolean            quick_look);

/* Returns: (transfer full) (nullable): the settings of a training of @network on the open data set by the recipe as it
 * is now, without a folder; %NULL without a data set, and where the weights to start from do not fit, which is told. */
NmdTrainSettings   *nmd_training_session_make_settings (NmdTrainingSession *self,
                                                       const char         *network) G_GNUC_WARN_UNUSED_RESULT;

/* Trains by @settings, which get a new run folder and are copied. Does nothing while a training runs. */
void                nmd_training_session_start_with   (NmdTrainingSession *self,
                                                       NmdTrainSettings   *settings,
                                                       gboolean            quick_look);

/* Goes on with the chosen run, if it is unfinished. */
void                nmd_training_session_resume       (NmdTrainingSession *self);

/* Stops the training, which keeps its best weights, or the evaluation. */
void                nmd_training_session_stop         (NmdTrainingSession *self);

/* Scores all images of the chosen run again. Does nothing while other work runs. */
void                nmd_training_session_evaluate     (NmdTrainingSession *self);

/* Writes the report of the chosen run into @folder, see nmd_report_job_start(). Does nothing while other work runs. */
void                nmd_training_session_report       (NmdTrainingSession *self,
                                                       const char         *folder,
                                                       gboolean            with_images);

/* Whether a training runs or is being stopped. */
gboolean            nmd_training_session_is_running   (NmdTrainingSession *self);

/* Returns: (transfer none) (nullable): the newest training. */
NmdTraining        *nmd_training_session_get_training (NmdTrainingSession *self);

/* Returns: (transfer none) (nullable): the training to show with what is open. */
NmdTraining        *nmd_training_session_get_course   (NmdTrainingSession *self);

/* Returns: (transfer none) (nullable): the training or evaluation that runs. */
NmdJob             *nmd_training_session_get_job      (NmdTrainingSession *self);

G_END_DECLS
