/* SPDX-License-Identifier: Apache-2.0
 *
 * The train page: the recipe from the parameter table, and the training as it goes.
 */
#pragma once

#include "ui/pages/nmd-recipe-panel.h"
#include "ui/session/nmd-run-queue.h"
#include "ui/widgets/nmd-page-bin.h"

G_BEGIN_DECLS

#define NMD_TYPE_TRAIN_PAGE (nmd_train_page_get_type ())
G_DECLARE_FINAL_TYPE (NmdTrainPage, nmd_train_page, NMD, TRAIN_PAGE, NmdPageBin)

/* Gives the page what it shows, once; all are referenced. */
void nmd_train_page_set_session (NmdTrainPage       *self,
                                 NmdDataSession     *data_session,
                                 NmdRunsSession     *runs_session,
                                 NmdRecipeSession   *recipe_session,
                                 NmdDeviceSession   *devices_session,
                                 NmdTrainingSession *training_session,
                                 NmdRunQueue        *queue);
/* Starts a training of the chosen network by the recipe; nothing happens while one runs. */
void nmd_train_page_start       (NmdTrainPage       *self);

G_END_DECLS
