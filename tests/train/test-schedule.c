/* SPDX-License-Identifier: Apache-2.0
 *
 * The schedule as numbers that can be checked by hand: learning rate, averaging phase,
 * patience.
 */
#include "engine/train/nmd-schedule-private.h"
#include "engine/train/nmd-train.h"

#include <math.h>

static NmdParameters *
parameters_with (int epochs, int patience, double start)
{
  NmdParameters *parameters = nmd_parameters_new ();

  g_assert_true (nmd_parameters_set (parameters, "epochs", epochs, NULL));
  g_assert_true (nmd_parameters_set (parameters, "patience", patience, NULL));
  g_assert_true (nmd_parameters_set (parameters, "average-start", start, NULL));
  return parameters;
}

static void
test_start (void)
{
  static const struct
  {
    int epochs;
    double share;
    int start;
  } cases[] = { { 100, 0.75, 75 }, { 100, 0.29, 29 }, { 10, 0.75, 7 },
                { 1, 0.75, 0 },    { 7, 1, 7 },       { 7, 0, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (NmdParameters) parameters
          = parameters_with (cases[i].epochs, 0, cases[i].share);

      g_assert_cmpint (nmd_schedule_start (parameters), ==, cases[i].start);
    }
}

/* lr 1e-3 and 5e-4: their mean is 7.5e-4 and half their difference 2.5e-4. */
static void
test_lr (void)
{
  g_autoptr (NmdParameters) parameters = parameters_with (100, 15, 0.75);
  static const struct
  {
    int epoch, from;
    double lr;
  } cases[] = {
    { 0, G_MAXINT, 1e-3 },
    { 74, 75, 1e-3 },
    { 75, 75, 1e-3 },                                 /* cos 0 = 1 */
    { 76, 75, 7.5e-4 + 2.5e-4 * 0.8090169943749475 }, /* cos 36° */
    { 78, 75, 7.5e-4 - 2.5e-4 * 0.3090169943749474 }, /* cos 108° */
    { 80, 75, 5e-4 },                                 /* cos 180° */
    { 99, 75, 5e-4 },
    { 80, G_MAXINT, 5e-4 }, /* S comes by itself */
    { 30, 30, 1e-3 },       /* stopped early */
    { 35, 30, 5e-4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      double lr = nmd_train_lr (parameters, cases[i].epoch, cases[i].from);

      g_assert_true (fabs (lr - cases[i].lr) <= 1e-16);
    }
}

/* Runs the schedule over @losses; the last is repeated. Returns the number of epochs. */
static int
run (const NmdParameters *parameters, const double *losses, int n, NmdTrainState *state)
{
  nmd_schedule_init (state, parameters);
  while (state->next_epoch < nmd_schedule_end (state, parameters))
    {
      int epoch = state->next_epoch;
      gboolean best
          = nmd_schedule_after_epoch (state, parameters, losses[MIN (epoch, n - 1)]);

      g_assert_cmpint (state->next_epoch, ==, epoch + 1);
      g_assert_true (best == (state->best_epoch == epoch));
    }
  return state->next_epoch;
}

static void
test_patience (void)
{
  static const double losses[] = { 0.9, 0.7, 0.8, 0.6, 0.6, 0.61 };
  g_autoptr (NmdParameters) three = parameters_with (40, 3, 0.75);
  g_autoptr (NmdParameters) never = parameters_with (40, 0, 0.75);
  g_autoptr (NmdParameters) late = parameters_with (40, 27, 0.75);
  g_autoptr (NmdParameters) last = parameters_with (40, 26, 0.75);
  NmdTrainState state;

  /* The minimum is that of epoch 3; an equal one is not new. Epochs 4, 5, 6 bring none,
   * so the phase of 40 − 30 = 10 epochs begins with epoch 7. */
  g_assert_cmpint (run (three, losses, G_N_ELEMENTS (losses), &state), ==, 17);
  g_assert_cmpint (state.averaging_from, ==, 7);
  g_assert_cmpint (state.best_epoch, ==, 3);
  g_assert_cmpfloat (state.best_loss, ==, 0.6);

  g_assert_cmpint (run (never, losses, G_N_ELEMENTS (losses), &state), ==, 40);
  g_assert_cmpint (state.averaging_from, ==, 30);

  /* 3 + 27 = 30 = S: the phase begins by itself. 3 + 26 = 29: its next epoch is S too. */
  g_assert_cmpint (run (late, losses, G_N_ELEMENTS (losses), &state), ==, 40);
  g_assert_cmpint (run (last, losses, G_N_ELEMENTS (losses), &state), ==, 40);
}

/* Within the averaging phase nothing stops early, and the best may still be found there.
 */
static void
test_phase (void)
{
  g_autoptr (NmdParameters) parameters = parameters_with (12, 2, 0.5);
  static const double losses[] = { 1, 2, 2, 2, 2, 2, 0.5, 2, 2, 2 };
  NmdTrainState state;

  g_assert_cmpint (run (parameters, losses, G_N_ELEMENTS (losses), &state), ==, 9);
  g_assert_cmpint (state.averaging_from, ==, 3);
  g_assert_cmpint (state.best_epoch, ==, 6);
}

static void
test_no_validation (void)
{
  g_autoptr (NmdParameters) parameters = parameters_with (20, 3, 0.75);
  static const double losses[] = { NAN };
  NmdTrainState state;

  g_assert_cmpint (run (parameters, losses, 1, &state), ==, 20);
  g_assert_cmpint (state.best_epoch, ==, 19);
}

/* No averaging phase at all: stopping early ends the training. */
static void
test_no_phase (void)
{
  g_autoptr (NmdParameters) parameters = parameters_with (20, 3, 1);
  static const double losses[] = { 1, 2 };
  NmdTrainState state;

  g_assert_cmpint (run (parameters, losses, 2, &state), ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/schedule/start", test_start);
  g_test_add_func ("/schedule/lr", test_lr);
  g_test_add_func ("/schedule/patience", test_patience);
  g_test_add_func ("/schedule/phase", test_phase);
  g_test_add_func ("/schedule/no-validation", test_no_validation);
  g_test_add_func ("/schedule/no-phase", test_no_phase);
  return g_test_run ();
}
