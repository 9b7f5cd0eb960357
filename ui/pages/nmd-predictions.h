/* SPDX-License-Identifier: Apache-2.0
 *
 * The images of a part with label and score, most wrong first; all of them, or those of one field of the
 * confusion matrix, of one bar of the scores, or of one point.
 */
#pragma once

#include "ui/plot/nmd-plot.h"
#include "ui/session/nmd-run-results.h"
#include "ui/session/nmd-scan-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_PREDICTIONS (nmd_predictions_get_type ())
G_DECLARE_FINAL_TYPE (NmdPredictions, nmd_predictions, NMD, PREDICTIONS, GtkBox)

/* Signal "chosen" (NmdSample): the user wants to see this image. */

/* Lists the images of @results. @dataset: (nullable): the run's own, for pictures. @classes: words for
 * label 0 and 1. */
void nmd_predictions_show     (NmdPredictions      *self,
                               const NmdRunResults *results,
                               NmdDataset          *dataset,
                               const char *const    classes[2]);

/* Gives the table its menu, to save and copy what is listed; see nmd_export_menu_attach_table(). */
void nmd_predictions_set_session (NmdPredictions    *self,
                               NmdDataSession      *data,
                               NmdScanSession      *scan);

/* Lists the images of one field only; %NMD_CELL_NONE: all. */
void nmd_predictions_set_cell (NmdPredictions      *self,
                               NmdCell              cell);

/* Lists the images of one of %NMD_SCORE_BINS bins of scores and one label only; where subjects are measured, those whose
 * subject's score is in it. */
void nmd_predictions_set_bin  (NmdPredictions      *self,
                               guint                bin,
                               int                  label);

/* Lists the image, or the images of the subject, of that name only; %NULL: all. */
void nmd_predictions_set_unit (NmdPredictions      *self,
                               const char          *unit);

G_END_DECLS
