/* SPDX-License-Identifier: Apache-2.0
 *
 * The work of the experiment session as jobs: making a plan with its estimate, running the trainings, reading a folder
 * and a list of them. Inputs are copies, results immutable.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/experiment/nmd-experiment-curves.h"
#include "ui/session/nmd-experiment-items.h"

G_BEGIN_DECLS

/* What a folder holds. */
typedef struct
{
  char *folder;
  NmdExperimentResults *results;
  NmdExperimentCurves *curves;
  NmdCellStanding *standings; /* of each cell */
  double seconds;             /* estimate of what is left; NaN: not measured */
} NmdExperimentContents;

void   nmd_experiment_contents_free (NmdExperimentContents *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdExperimentContents, nmd_experiment_contents_free)

/* What running trainings tell. @cell: the id of one, or %NULL. */
typedef enum
{
  NMD_EXPERIMENT_TOLD_MEASURING, /* text: a network's name */
  NMD_EXPERIMENT_TOLD_ESTIMATE,  /* seconds */
  NMD_EXPERIMENT_TOLD_STEP,      /* cell, text: its title; fraction of it, seconds left of it, loss */
  NMD_EXPERIMENT_TOLD_ENDED,     /* cell */
  NMD_EXPERIMENT_TOLD_FAILED,    /* cell, text: why */
} NmdExperimentTold;

typedef struct
{
  NmdExperimentTold kind;
  char *cell, *text;
  double fraction, seconds, loss;
} NmdExperimentRecord;

/* Texts are owned. @settings of nmd_plan_new() without its borrowed parts. */
typedef struct
{
  char *folder;               /* new, or of an experiment */
  NmdDataset *dataset;        /* (nullable) for running: the plan's, already imported */
  gboolean is_estimated;
  NmdPlanSettings settings;   /* for a plan */
  NmdImportSettings import;
  NmdParameters *parameters;
  char **networks;
  GArray *seeds;              /* of gint64 */
  char *dataset_path, *organ, *leave_out, *device;
} NmdExperimentInput;

NmdExperimentInput *nmd_experiment_input_new (const char *folder,
                                              NmdDataset *dataset) G_GNUC_WARN_UNUSED_RESULT;

/* Starts a job of the work thread with @input (transfer full). The result of planning is NmdExperimentContents; of running a
 * text, "" or why the first of those failed that did. Records are NmdExperimentRecord. */
NmdJob *nmd_experiment_job_plan (NmdExperimentInput  *input,
                                 GAsyncReadyCallback  done,
                                 gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;
NmdJob *nmd_experiment_job_run  (NmdExperimentInput  *input,
                                 GAsyncReadyCallback  done,
                                 gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

/* On the pool: reads @folder; the result is NmdExperimentContents. */
NmdJob *nmd_experiment_job_load (const char          *folder,
                                 GAsyncReadyCallback  done,
                                 gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

/* On the pool: the experiments in @folder, a GPtrArray of NmdExperimentItem, newest first by their names. */
NmdJob *nmd_experiment_job_list (const char          *folder,
                                 GAsyncReadyCallback  done,
                                 gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

/* "Cross-validation", "Comparison of networks", "Ablation: recipe", "What a leak pretends". Static, translated. */
const char *nmd_experiment_kind_to_text (NmdExperimentKind kind,
                                         NmdAblation       ablation);

G_END_DECLS
