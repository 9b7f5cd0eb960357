/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run tells apart, at a glance: ROC curve with the threshold as a handle, scores, confusion matrix, and the images
 * behind each of them. The handle is dragged or moved by arrow keys, and matrix and rates follow at once.
 */
#pragma once

#include "ui/plot/nmd-plot.h"
#include "ui/session/nmd-run-results.h"
#include "ui/session/nmd-scan-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_RESULTS_OVERVIEW (nmd_results_overview_get_type ())
G_DECLARE_FINAL_TYPE (NmdResultsOverview, nmd_results_overview, NMD, RESULTS_OVERVIEW, GtkBox)

/* Signals:
 *   "chosen" (NmdSample): the user wants to see this image
 *   "threshold" (double): the user moved the threshold here; NaN: back to that of the evaluation
 */

/* The plots can be saved and copied; once. */
void nmd_results_overview_set_session (NmdResultsOverview *self,
                                       NmdDataSession     *data,
                                       NmdScanSession     *scan);

/* What saved figures must say, see #NmdPlotNote. */
void nmd_results_overview_set_note (NmdResultsOverview *self,
                                    const char         *sign,
                                    const char         *caption);

/* Shows @results (nullable), which are borrowed until the next call. @dataset: (nullable): the run's own, for pictures.
 * @classes: words for label 0 and 1. @moved: the threshold was moved by the user. */
void nmd_results_overview_show  (NmdResultsOverview  *self,
                                 const NmdRunResults *results,
                                 NmdDataset          *dataset,
                                 const char *const    classes[2],
                                 gboolean             moved);

/* The fields of the confusion matrix by #NmdCell, at the threshold that is shown. */
const guint *nmd_results_overview_get_counts (NmdResultsOverview *self);

/* All images are listed again. */
void nmd_results_overview_reset (NmdResultsOverview  *self);

G_END_DECLS
