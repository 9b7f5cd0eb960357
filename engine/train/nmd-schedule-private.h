/* SPDX-License-Identifier: Apache-2.0
 *
 * When things happen in a training, as pure functions of parameters and counters: the averaging
 * phase, early stopping, the best epoch. Knows no network and no files.
 *
 * Epochs count from 0, S = ⌊average-start·epochs⌋. Before the averaging phase the learning rate is
 * "lr". The phase begins at S, or at once after "patience" epochs without a new minimum of the
 * validation loss, and lasts epochs − S epochs; within it nothing stops early.
 */
#pragma once

#include "engine/core/nmd-parameters.h"

G_BEGIN_DECLS

/* The counters of a training; with the weights and moments they are all that resuming needs. */
typedef struct
{
  int next_epoch;     /* epochs done so far */
  gint64 step;        /* updates done so far */
  int averaging_from; /* first epoch of the averaging phase, S unless stopped early */
  int n_averaged;     /* models in the average */
  int best_epoch;     /* −1 before the first */
  double best_loss;   /* its validation loss, +∞ before the first; NaN without a validation part */
} NmdTrainState;

/* S. */
int      nmd_schedule_start       (const NmdParameters *parameters);

void     nmd_schedule_init        (NmdTrainState       *state,
                                   const NmdParameters *parameters);

/* Number of epochs in all as far as is known. */
int      nmd_schedule_end         (const NmdTrainState *state,
                                   const NmdParameters *parameters);

/* Notes that epoch next_epoch is over with @val_loss (NaN without a validation part, then each
 * epoch is the best). Returns TRUE if its weights are the best so far. */
gboolean nmd_schedule_after_epoch (NmdTrainState       *state,
                                   const NmdParameters *parameters,
                                   double               val_loss);

G_END_DECLS
