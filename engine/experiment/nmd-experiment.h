/* SPDX-License-Identifier: Apache-2.0
 *
 * Experiments: a folder with one plan, one journal, a run folder for each cell, and the tables that follow.
 *
 *     plan.json         what is trained (nmd-plan.h); never changes
 *     journal/          who is at work on what, and what is done (nmd-journal.h)
 *     runs/CELL/        run folders
 *     results.json      and results.csv, table.md, table.tex: written anew whenever something got done
 *     slurm.sh          a job array over the shards
 *
 * Any number of processes may run one experiment, on any machines that see the folder: each takes cells that
 * are free. Killed ones are gone on with. The tables depend on the plan and the runs alone, so that whoever
 * computed what, and in which order, they have the same bits.
 */
#pragma once

#include "engine/experiment/nmd-journal.h"
#include "engine/experiment/nmd-plan.h"

G_BEGIN_DECLS

/**
 * nmd_experiment_start:
 * @folder: the experiment's folder; made if it is not there
 * @plan: its plan
 *
 * Writes plan.json and slurm.sh. A folder that has the same plan already is left as it is, and going on with it
 * is the next step.
 *
 * Errors: %NMD_ERROR_REFUSED: @folder holds another plan, or other files; #G_FILE_ERROR.
 */
gboolean nmd_experiment_start    (const char            *folder,
                                  const NmdPlan         *plan,
                                  GError               **error);

/* One share of the cells: those number i with i mod @n = @index. {0, 1} or {0, 0} are all. */
typedef struct
{
  guint index, n;
} NmdShard;

/* Reads "2/8", counted from 1. FALSE for another text. */
gboolean nmd_shard_parse         (const char            *text,
                                  NmdShard              *shard);

typedef enum
{
  NMD_EXPERIMENT_BEGINS,   /* a cell: cell, is_resumed */
  NMD_EXPERIMENT_TRAINS,   /* what its training tells: train */
  NMD_EXPERIMENT_ENDED,    /* it is done */
  NMD_EXPERIMENT_FAILED,   /* it failed: text; the others go on */
  NMD_EXPERIMENT_MEASURES, /* steps of a network are measured, for the estimate: text is its name */
} NmdExperimentEventKind;

/* What a running experiment tells; everything is borrowed for the call. */
typedef struct
{
  NmdExperimentEventKind kind;
  double fraction;            /* of this share, [0, 1] */
  guint n_done, n;            /* cells of this share */
  const NmdPlanCell *cell;
  const char *description;    /* "NMD-AssistNet, fold 2, seed 1" */
  gboolean is_resumed;
  const NmdTrainEvent *train;
  const char *text;
} NmdExperimentEvent;

typedef void (*NmdExperimentFunc) (const NmdExperimentEvent *event, gpointer user_data);

/* What became of a share. */
typedef struct
{
  guint n, n_done;      /* cells of the share; of these, done now */
  guint n_failed;       /* failed in this call */
  guint n_held;         /* other processes are at work on them */
  guint n_all, n_all_done; /* of the whole plan */
  char *first_failure;  /* (nullable): a sentence */
} NmdExperimentState;

void nmd_experiment_state_clear  (NmdExperimentState    *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdExperimentState, nmd_experiment_state_clear)

/**
 * nmd_experiment_run:
 * @folder: of nmd_experiment_start()
 * @shard: (nullable): which cells; %NULL: all
 * @dataset_path: (nullable): where the data set lies now, if it has moved
 * @dataset: (nullable): the data set, already imported
 * @progress: (nullable): called on this thread
 * @state: (out caller-allocates): what became of it; filled also after an error, to be cleared
 *
 * Trains the cells that are free, one after the other in the plan's order, those begun before first where they
 * stood. A cell that fails (a loss that diverges) is left undone for another call, and the others go on. At the
 * end, and after each cell, the tables are written.
 *
 * When cancelled it stops as nmd_train_run() does; the next call goes on to the bits of an unbroken one.
 *
 * Threads: the work thread (see NmdJob); the sessions it opens belong to it.
 *
 * Errors: those of nmd_plan_load() and of the import; %NMD_ERROR_CHANGED: the data set is not the plan's;
 *   #G_FILE_ERROR; `G_IO_ERROR_CANCELLED`.
 *
 * Returns: %FALSE with @error set; failed cells are no error
 */
gboolean nmd_experiment_run      (const char            *folder,
                                  const NmdShard        *shard,
                                  const char            *dataset_path,
                                  NmdDataset            *dataset,
                                  NmdExperimentFunc      progress,
                                  gpointer               user_data,
                                  GCancellable          *cancellable,
                                  NmdExperimentState    *state,
                                  GError               **error);

/**
 * nmd_experiment_estimate:
 * @seconds: (out): that the cells of @shard which are not done will take one after the other
 * @progress: (nullable)
 *
 * Measures training steps of each network (nmd_quick_look_measure()) and counts them: an epoch of n images
 * takes 1.35 · max (1, n/batch) steps, validation and scores included. Rows that have epochs on disk go by what
 * those took.
 *
 * Threads: as nmd_experiment_run(). Errors: those of the plan, the import, the device.
 */
gboolean nmd_experiment_estimate (const char            *folder,
                                  const NmdShard        *shard,
                                  NmdDataset            *dataset,
                                  double                *seconds,
                                  NmdExperimentFunc      progress,
                                  gpointer               user_data,
                                  GCancellable          *cancellable,
                                  GError               **error);

/**
 * nmd_experiment_merge:
 * @folder: the experiment's; made with @others' plan where it is not there
 * @others: (array zero-terminated=1): folders of the same plan, of shards that ran where they do not see each
 *   other
 *
 * Takes over what is done there and not here: the run without its weights, and the journal's record. Then the
 * tables are written; they have the bits that one process would have given.
 *
 * Errors: %NMD_ERROR_REFUSED: another plan; %NMD_ERROR_CHANGED: both have done a cell, with other scores;
 *   those of reading and writing.
 */
gboolean nmd_experiment_merge    (const char            *folder,
                                  const char *const     *others,
                                  GCancellable          *cancellable,
                                  GError               **error);

G_END_DECLS
