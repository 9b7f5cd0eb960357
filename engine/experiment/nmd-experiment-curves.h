/* SPDX-License-Identifier: Apache-2.0
 *
 * What the figures of an experiment need beside its numbers: ROC and validation loss of the first training of each
 * row, and every training's AUC.
 */
#pragma once

#include "engine/eval/nmd-roc.h"
#include "engine/experiment/nmd-experiment-results.h"

G_BEGIN_DECLS

/* Of the first training of a row that is done. @title: the row's, with that training's AUC where one is done;
 * @roc has no points and @n_epochs is 0 where none is. */
typedef struct
{
  char *title;
  NmdRoc *roc;
  double *loss;             /* of validation, by epoch */
  guint n_epochs;
} NmdExperimentCurve;

/* Immutable. @n rows have a curve, at most as many as were asked for; @aucs[i]: of double, one for each
 * training of row i in the plan's order, NaN where it is not done. */
typedef struct
{
  NmdExperimentCurve *curves;
  guint n;
  GArray **aucs;
  guint n_rows;
  char *classes[2];         /* (nullable): of the first run that is done */
} NmdExperimentCurves;

/**
 * nmd_experiment_curves_load:
 * @folder: the experiment's
 * @results: as they were read from there
 * @most: rows that get a curve, from the first on
 *
 * Cost: reads a run a row, with its scores. Threads: any. Errors: those of nmd_run_open() and
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
