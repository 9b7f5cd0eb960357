/* SPDX-License-Identifier: Apache-2.0
 *
 * What the figures of an experiment need beside its numbers: ROC and validation loss of a training of each
 * row, or of each training where there is one row, and every training's AUC.
 */
#pragma once

#include "engine/eval/nmd-roc.h"
#include "engine/experiment/nmd-experiment-results.h"

G_BEGIN_DECLS

/* Of a training that is done: one of a row, or each. @name: the row's, or what tells the training from the others
 * ("fold 2, seed 1"), or both where @are_apart; @title: with its AUC. @roc has no points and @n_epochs is 0 where none of the row is done. */
typedef struct
{
  char *name, *title;
  NmdRoc *roc;
  double *loss;             /* of validation, by epoch */
  guint n_epochs;
} NmdExperimentCurve;

/* Immutable. @n curves, at most as many as were asked for; @are_trainings: of the trainings of the only row, else of
 * the rows in their order, at the first seed and fold that every row with a training has; @are_apart: there is none,
 * so that each curve is of its row's first training, on images of its own; @aucs[i]: of double, one for each training of row i in the plan's order, NaN where it is
 * not done. */
typedef struct
{
  NmdExperimentCurve *curves;
  guint n;
  gboolean are_trainings, are_apart;
  GArray **aucs;
  guint n_rows;
  char *classes[2];         /* (nullable): of the first run that is done */
} NmdExperimentCurves;

/**
 * nmd_experiment_curves_load:
 * @folder: the experiment's
 * @results: as they were read from there
 * @most: how many curves there are at most, from the first on
 *
 * Cost: reads a run a curve, with its scores. Threads: any. Errors: those of nmd_run_open() and
 * nmd_run_load_scores().
 *
 * Returns: (transfer full): the curves; %NULL with @error set
 */
NmdExperimentCurves *nmd_experiment_curves_load (const char                 *folder,
                                                 const NmdExperimentResults *results,
                                                 guint                       most,
                                                 GError                    **error) G_GNUC_WARN_UNUSED_RESULT;
/* Frees @self (nullable). */
void                 nmd_experiment_curves_free (NmdExperimentCurves        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdExperimentCurves, nmd_experiment_curves_free)

G_END_DECLS
