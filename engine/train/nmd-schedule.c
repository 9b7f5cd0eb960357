/* SPDX-License-Identifier: Apache-2.0
 *
 * The schedule of nmd-schedule-private.h and the learning rate.
 */
#include "engine/train/nmd-schedule-private.h"
#include "engine/train/nmd-train.h"

#include <math.h>

int
nmd_schedule_start (const NmdParameters *parameters)
{
  double epochs = nmd_parameters_get (parameters, "epochs");

  /* 0.29·100 is 28.999… in binary; it means 29. */
  return (int)floor (nmd_parameters_get (parameters, "average-start") * epochs + 1e-9);
}

/* Cosine from lr to average-lr over average-anneal epochs: SWALR of Izmailov et al., UAI
 * 2018, as PyTorch has it. */
double
nmd_train_lr (const NmdParameters *parameters, int epoch, int averaging_from)
{
  double lr = nmd_parameters_get (parameters, "lr");
  double low = nmd_parameters_get (parameters, "average-lr");
  double anneal = nmd_parameters_get (parameters, "average-anneal");
  int from = MIN (averaging_from, nmd_schedule_start (parameters));
  double share;

  if (epoch < from)
    return lr;
  share = MIN ((double)(epoch - from), anneal) / anneal;
  return low + (lr - low) * (1 + cos (G_PI * share)) / 2;
}

void
nmd_schedule_init (NmdTrainState *state, const NmdParameters *parameters)
{
  *state = (NmdTrainState){
    .averaging_from = nmd_schedule_start (parameters),
    .best_epoch = -1,
    .best_loss = INFINITY,
  };
}

int
nmd_schedule_end (const NmdTrainState *state, const NmdParameters *parameters)
{
  return state->averaging_from + nmd_parameters_get_int (parameters, "epochs")
         - nmd_schedule_start (parameters);
}

gboolean
nmd_schedule_after_epoch (NmdTrainState *state,
                          const NmdParameters *parameters,
                          double val_loss)
{
  int epoch = state->next_epoch++;
  int patience = nmd_parameters_get_int (parameters, "patience");
  gboolean best = isnan (val_loss) || val_loss < state->best_loss;

  if (best)
    {
      state->best_epoch = epoch;
      state->best_loss = val_loss;
    }
  /* Only before the phase, and not where it begins by itself. */
  if (patience > 0 && epoch + 1 < state->averaging_from
      && epoch - state->best_epoch >= patience)
    state->averaging_from = epoch + 1;
  return best;
}
