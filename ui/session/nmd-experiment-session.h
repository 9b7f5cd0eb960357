/* SPDX-License-Identifier: Apache-2.0
 *
 * Experiments: making a plan, the estimate, the trainings one after the other, and what is there of each. The folders
 * are those of `nmd crossval`, `compare`, `ablate`, `leak-gap` and `experiment`: whatever one began the other goes on
 * with. What a plan and its numbers are is engine/experiment's.
 */
#pragma once

#include "engine/experiment/nmd-experiment-curves.h"
#include "ui/session/nmd-device-session.h"
#include "ui/session/nmd-experiment-items.h"
#include "ui/session/nmd-recipe-session.h"

G_BEGIN_DECLS

#define NMD_TYPE_EXPERIMENT_SESSION (nmd_experiment_session_get_type ())
G_DECLARE_FINAL_TYPE (NmdExperimentSession, nmd_experiment_session, NMD, EXPERIMENT_SESSION, GObject)

typedef enum
{
  NMD_EXPERIMENT_IDLE,
  NMD_EXPERIMENT_PLANNING, /* the plan is made, steps are measured */
  NMD_EXPERIMENT_RUNNING,
  NMD_EXPERIMENT_STOPPING,
} NmdExperimentPhase;

/**
 * NmdExperimentSession:
 *
 * One experiment is shown at most. Its trainings run on the work thread, one after the other, and after a training or
 * evaluation that is under way there.
 *
 * Property, notified:
 *   "job" (NmdJob, nullable): the planning or the trainings that run
 *
 * Signals:
 *   "changed": phase, text, fraction, estimate or a training's item is another
 *   "contents-changed": another experiment is shown, or it has new numbers
 *
 * Threads: main thread only; folders are read on the pool.
 */

/* All are referenced. @data_folder: its folder "experiments" holds those that are made here. */
NmdExperimentSession *nmd_experiment_session_new (NmdNotices       *notices,
                                                  NmdDataSession   *data,
                                                  NmdRecipeSession *recipe,
                                                  NmdDeviceSession *devices,
                                                  const char       *data_folder);

/**
 * NmdExperimentWish:
 * @networks: (array zero-terminated=1)
 * @seeds: @n_seeds of them
 * @leave_out: (nullable): column whose values are left out in turn
 * @folds, @epochs, @limit: in place of the recipe's
 *
 * What the user plans; everything is borrowed for the call. All other settings, organ and device are the
 * recipe's of classification and the device session's.
 */
typedef struct
{
  NmdExperimentKind kind;
  NmdAblation ablation;
  const char *const *networks;
  const gint64 *seeds;
  guint n_seeds;
  const char *leave_out;
  int folds, epochs, limit;
} NmdExperimentWish;

/* How many trainings that makes, without the data set's folds of a column: of @n_values. For a line beside
 * the plan; nmd_plan_new() decides. */
guint                 nmd_experiment_wish_count  (const NmdExperimentWish *wish,
                                                  gboolean                 has_folds,
                                                  guint                    n_values);

/* Makes a plan on the open data set in a new folder and measures how long it will take; then it is shown and waits for
 * nmd_experiment_session_start(). Does nothing without a data set or while one is at work. */
void                  nmd_experiment_session_plan (NmdExperimentSession   *self,
                                                  const NmdExperimentWish *wish);

/* Trains what is left of the experiment that is shown. */
void                  nmd_experiment_session_start (NmdExperimentSession  *self);

/* Stops the planning or the trainings; what was learnt up to the last whole epoch is kept. */
void                  nmd_experiment_session_stop (NmdExperimentSession   *self);

/* Shows the experiment in @folder, wherever that is. While one is at work only that one. */
void                  nmd_experiment_session_open (NmdExperimentSession   *self,
                                                  const char              *folder);

/* Reads the shown experiment again: another process may be at work on it. */
void                  nmd_experiment_session_renew (NmdExperimentSession  *self);

/* Reads the folder of experiments into the list. Where none is shown, the newest is. */
void                  nmd_experiment_session_list (NmdExperimentSession   *self);

/* Returns: (transfer none): a list of NmdExperimentItem, newest first; the same list for ever. */
GListModel           *nmd_experiment_session_get_list (NmdExperimentSession *self);
/* Returns: (transfer none): of NmdCellItem and NmdRowItem; the same lists for ever, empty where none is shown. */
GListModel           *nmd_experiment_session_get_cells (NmdExperimentSession *self);
GListModel           *nmd_experiment_session_get_rows (NmdExperimentSession *self);

/* Returns: (nullable): the shown experiment's folder. */
const char           *nmd_experiment_session_get_folder (NmdExperimentSession *self);
/* Returns: (nullable): its numbers and curves, until "contents-changed". */
const NmdExperimentResults *nmd_experiment_session_get_results (NmdExperimentSession *self);
const NmdExperimentCurves *nmd_experiment_session_get_curves (NmdExperimentSession *self);

NmdExperimentPhase    nmd_experiment_session_get_phase (NmdExperimentSession *self);
/* What is being done, in words; "" where nothing is. */
const char           *nmd_experiment_session_get_text (NmdExperimentSession *self);
/* The share that is done of the trainings under way. */
double                nmd_experiment_session_get_fraction (NmdExperimentSession *self);
/* Seconds that what was left took by measured steps when it was planned; NaN where nothing was measured. */
double                nmd_experiment_session_get_estimate (NmdExperimentSession *self);
/* Whether the trainings run or are to. */
gboolean              nmd_experiment_session_is_running (NmdExperimentSession *self);
/* Returns: (transfer none) (nullable) */
NmdJob               *nmd_experiment_session_get_job (NmdExperimentSession *self);

G_END_DECLS
