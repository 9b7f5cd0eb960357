/* SPDX-License-Identifier: Apache-2.0
 *
 * The four figures of an experiment, for `nmd` and the window: each training's AUC with mean ± SD, the ROC and the
 * validation loss of each training of the only row or of one of each, and the confusion matrices.
 */
#pragma once

#include "engine/experiment/nmd-experiment-curves.h"
#include "ui/plot/nmd-plot.h"

G_BEGIN_DECLS

typedef enum
{
  NMD_EXPERIMENT_AUC,
  NMD_EXPERIMENT_ROC,
  NMD_EXPERIMENT_LOSS,
  NMD_EXPERIMENT_CONFUSION,
} NmdExperimentChart;
#define NMD_N_EXPERIMENT_CHARTS 4

#define NMD_EXPERIMENT_MOST_ROWS NMD_N_SERIES_COLOURS /* that curves and matrices are drawn of */

/* "auc", "roc", "training", "confusion", also names of files; static. */
const char *nmd_experiment_chart_get_name (NmdExperimentChart          chart);

/* In user units, for a file. */
void        nmd_experiment_chart_get_size (NmdExperimentChart          chart,
                                           const NmdExperimentResults *results,
                                           double                     *width,
                                           double                     *height);

/* What is drawn; borrowed. @curves: at most %NMD_EXPERIMENT_MOST_ROWS. @has_note: with what the numbers are of,
 * and the sign of synthetic data, around the chart, for a file. */
typedef struct
{
  NmdExperimentChart chart;
  const NmdExperimentResults *results;
  const NmdExperimentCurves *curves;
  gboolean has_note;
} NmdExperimentFigure;

/* An NmdFigureFunc; @data is an NmdExperimentFigure. */
void        nmd_experiment_chart_draw     (cairo_t                    *cr,
                                           const NmdRect              *rect,
                                           const NmdPlotStyle         *style,
                                           gconstpointer               data);

/* The figure in words, with its numbers. Transfer full. */
char       *nmd_experiment_chart_to_text  (const NmdExperimentFigure  *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
