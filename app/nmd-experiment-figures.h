/* SPDX-License-Identifier: Apache-2.0
 *
 * The figures of an experiment as files.
 */
#pragma once

#include "engine/experiment/nmd-experiment-results.h"

/**
 * nmd_experiment_figures_write:
 * @experiment: its folder; the figures go into "figures" in it
 * @results: of that folder, one training done at least
 * @formats: bits 1 << #NmdFigureFormat
 *
 * Writes auc (each training, mean ± SD of each row), roc and training (validation loss) of the first seed and
 * fold of each row, and confusion (counts summed over the trainings of each row), each as .png, .svg and .pdf
 * where @formats say so. Rows behind the sixth are in auc alone.
 *
 * Errors: those of reading the runs and of writing.
 */
gboolean nmd_experiment_figures_write (const char                 *experiment,
                                       const NmdExperimentResults *results,
                                       guint                       formats,
                                       GError                    **error);
