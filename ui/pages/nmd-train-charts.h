/* SPDX-License-Identifier: Apache-2.0
 *
 * A training as it goes or went: losses, validation AUC with the rival to beat, ROC, learning rate and
 * a table of epochs. Everything shown belongs to the training session's course or, before there is one,
 * to the open data set; a title says which.
 */
#pragma once

#include "ui/session/nmd-training-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_TRAIN_CHARTS (nmd_train_charts_get_type ())
G_DECLARE_FINAL_TYPE (NmdTrainCharts, nmd_train_charts, NMD, TRAIN_CHARTS, GtkBox)

/* Gives the charts what they show, once; all are referenced. */
void nmd_train_charts_set_session (NmdTrainCharts     *self,
                                   NmdDataSession     *data_session,
                                   NmdRunsSession     *runs_session,
                                   NmdRecipeSession   *recipe_session,
                                   NmdTrainingSession *training_session);

G_END_DECLS
