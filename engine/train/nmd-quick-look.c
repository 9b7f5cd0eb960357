/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures a training step and chooses epochs and images for a quick look. The training itself
 * is nmd-train.c's.
 */
#include "engine/train/nmd-quick-look.h"

#include "engine/core/nmd-number.h"
#include "engine/train/nmd-trainer-private.h"

#include <math.h>

#define N_MEASURED 3
/* Numbers of one image as a classifier takes it. */
#define IMAGE_SIZE ((gsize)3 * NMD_INPUT_SIZE * NMD_INPUT_SIZE)

gboolean
nmd_quick_look_measure (const NmdTrainSettings *settings,
                        double *seconds_per_step,
                        GCancellable *cancellable,
                        GError **error)
{
  int batch = nmd_parameters_get_int (settings->parameters, "batch");
  const NmdNetwork *network
      = nmd_run_find_network (settings->network, settings->parameters, error);
  g_autoptr (NmdLearner) learner = NULL;
  g_autofree float *images = NULL;
  g_autofree float *targets = NULL;
  double seconds[N_MEASURED], loss;

  if (network == NULL)
    return FALSE;
  learner = nmd_learner_new (network, settings->parameters, settings->device,
                             settings->threads, error);
  if (learner == NULL || !nmd_learner_start (learner, NULL, error))
    return FALSE;
  images = g_new (float, (gsize)batch *IMAGE_SIZE);
  targets = g_new (float, (gsize)batch *NMD_N_CLASSES);
  nmd_random_fill ("0:estimate:0:images", images, (gsize)batch * IMAGE_SIZE);
  for (int i = 0; i < batch * NMD_N_CLASSES; i++)
    targets[i] = 0.5f;
  for (int i = -1; i < N_MEASURED; i++) /* the first one warms up */
    {
      gint64 began = g_get_monotonic_time ();

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !nmd_learner_step (learner, images, targets, batch, 1e-3, i + 2, 0,
                                (guint)(i + 1), &loss, error))
        return FALSE;
      if (i >= 0)
        seconds[i] = (double)(g_get_monotonic_time () - began) / G_USEC_PER_SEC;
    }
  qsort (seconds, N_MEASURED, sizeof *seconds, nmd_number_compare);
  *seconds_per_step = seconds[N_MEASURED / 2];
  return TRUE;
}

/* Images of each label in the training part with at most @limit groups of each; FALSE where there
 * is no such split. */
static gboolean
count_training (NmdDataset *dataset,
                const NmdParameters *parameters,
                int limit,
                guint n[2],
                GError **error)
{
  g_autoptr (NmdParameters) copy = nmd_parameters_copy (parameters);
  g_autoptr (NmdSplit) split = NULL;

  n[0] = n[1] = 0;
  if (!nmd_parameters_set (copy, "limit", limit, error))
    return FALSE;
  split = nmd_split_new (dataset, copy, error);
  for (guint i = 0; split != NULL && i < split->n; i++)
    if (split->parts[i] == NMD_PART_TRAIN)
      n[nmd_dataset_get (dataset, i)->label == 1]++;
  return split != NULL;
}

static gboolean
is_enough (const guint n[2])
{
  return n[0] + n[1] >= NMD_QUICK_LOOK_FEWEST_IMAGES
         && MIN (n[0], n[1]) >= NMD_QUICK_LOOK_FEWEST_OF_CLASS;
}

/* Takes the choice for @n training images: as many epochs as fit. */
static void
choose_epochs (NmdQuickLook *choice,
               const NmdParameters *parameters,
               const guint n[2],
               double seconds_per_step)
{
  double batch = nmd_parameters_get (parameters, "batch"), an_epoch;

  choice->n_train = n[0] + n[1];
  an_epoch = MAX (1.35 * seconds_per_step * MAX (1, choice->n_train / batch), 1e-3);
  choice->epochs = (int)CLAMP (floor (NMD_QUICK_LOOK_SECONDS / an_epoch),
                               NMD_QUICK_LOOK_FEWEST_EPOCHS, NMD_QUICK_LOOK_MOST_EPOCHS);
  choice->seconds = choice->epochs * an_epoch;
}

/* The same with at most @limit groups of each label; FALSE where these are too few images. */
static gboolean
choose_limited (NmdQuickLook *choice,
                NmdDataset *dataset,
                const NmdParameters *parameters,
                int limit,
                double seconds_per_step)
{
  guint n[2];

  /* No split of so few is no error here: more are tried. */
  if (!count_training (dataset, parameters, limit, n, NULL) || !is_enough (n))
    return FALSE;
  choose_epochs (choice, parameters, n, seconds_per_step);
  if (choice->epochs > NMD_QUICK_LOOK_WANTED_EPOCHS)
    choice->seconds *= (double)NMD_QUICK_LOOK_WANTED_EPOCHS / choice->epochs;
  choice->epochs = MIN (choice->epochs, NMD_QUICK_LOOK_WANTED_EPOCHS);
  choice->limit = limit;
  return TRUE;
}

gboolean
nmd_quick_look_choose (NmdDataset *dataset,
                       const NmdParameters *parameters,
                       double seconds_per_step,
                       NmdQuickLook *choice,
                       GError **error)
{
  guint all[2];
  NmdQuickLook limited = { 0 };
  int most, limit;
  double share;

  g_return_val_if_fail (NMD_IS_DATASET (dataset) && parameters != NULL && choice != NULL,
                        FALSE);

  *choice = (NmdQuickLook){ 0 };
  if (!count_training (dataset, parameters, 0, all, error))
    return FALSE;
  choose_epochs (choice, parameters, all, seconds_per_step);
  if (choice->epochs >= NMD_QUICK_LOOK_WANTED_EPOCHS)
    return TRUE;
  share = NMD_QUICK_LOOK_SECONDS
          / (choice->seconds / choice->epochs * NMD_QUICK_LOOK_WANTED_EPOCHS);
  most = (int)nmd_dataset_get_n (dataset);
  limit = MAX (4, (int)floor (nmd_dataset_count_subjects (dataset) / 2.0 * share));
  while (limit < most
         && !choose_limited (&limited, dataset, parameters, limit, seconds_per_step))
    limit += MAX (1, limit / 8);
  if (limit >= most || limited.n_train >= choice->n_train)
    return TRUE; /* all are needed */
  *choice = limited;
  /* Whole groups: the share may be exceeded by one. */
  while (choice->epochs < NMD_QUICK_LOOK_WANTED_EPOCHS && --limit > 0
         && choose_limited (&limited, dataset, parameters, limit, seconds_per_step))
    *choice = limited;
  return TRUE;
}
