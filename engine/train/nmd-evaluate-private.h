/* SPDX-License-Identifier: Apache-2.0
 *
 * Evaluating with an open session, for the end of a training.
 */
#pragma once

#include "engine/data/nmd-batch.h"
#include "engine/model/nmd-predictor.h"
#include "engine/train/nmd-train.h"

G_BEGIN_DECLS

/* Scores all parts of @split and writes predictions.csv and metrics.json into the run. Without
 * @split every sample is of part "external" and nothing is written. @ready (nullable): images that are
 * preprocessed already, by part; NULL where they are not. */
JsonNode *nmd_evaluate_with (const NmdRun  *run,
                             NmdModel      *model,
                             NmdSession    *session,
                             NmdDataset    *dataset,
                             const NmdSplit *split,
                             NmdBatches *const *ready,
                             double         threshold,
                             void         (*progress) (double fraction, gpointer data),
                             gpointer       user_data,
                             GCancellable  *cancellable,
                             GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* The rival's AUC on the validation part, fitted on the training part; NaN where it cannot be. */
double    nmd_evaluate_rival_auc (NmdDataset *dataset, const NmdSplit *split);

G_END_DECLS
