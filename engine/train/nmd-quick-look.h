/* SPDX-License-Identifier: Apache-2.0
 *
 * A quick look: a training that ends within about three minutes on this machine, for seeing
 * whether a data set teaches anything at all. One step is measured, then epochs and images are
 * chosen by it.
 */
#pragma once

#include "engine/train/nmd-train.h"

G_BEGIN_DECLS

#define NMD_QUICK_LOOK_SECONDS        150.0 /* for the epochs; averaging and scores take the rest */
#define NMD_QUICK_LOOK_MOST_EPOCHS    30
#define NMD_QUICK_LOOK_WANTED_EPOCHS  6  /* where images are left out for them */
#define NMD_QUICK_LOOK_FEWEST_EPOCHS  2
#define NMD_QUICK_LOOK_FEWEST_IMAGES  32 /* in the training part … */
#define NMD_QUICK_LOOK_FEWEST_OF_CLASS 8 /* … and of each class in it */

typedef struct
{
  int epochs;       /* for the parameter "epochs" */
  int limit;        /* for "limit": groups of each label; 0 for all */
  guint n_train;    /* images in the training part then */
  double seconds;   /* that the epochs will take */
} NmdQuickLook;

/**
 * nmd_quick_look_measure:
 * @settings: network, device, threads and parameters are looked at
 * @seconds_per_step: (out): seconds of one training step of a whole batch
 * @cancellable: (nullable): looked at before each step
 * @error: return location for an error
 *
 * Measures training steps on random images: one to warm up, then the median of three.
 *
 * Threads: the one thread that trains.
 *
 * Errors: those of opening the device and compiling the network; `G_IO_ERROR_CANCELLED`.
 *
 * Returns: %FALSE with @error set
 */
gboolean nmd_quick_look_measure (const NmdTrainSettings  *settings,
                                 double                  *seconds_per_step,
                                 GCancellable            *cancellable,
                                 GError                 **error);

/**
 * nmd_quick_look_choose:
 * @dataset: the data set
 * @parameters: "split", "seed" and "batch" are looked at; "limit" is not
 * @seconds_per_step: of a whole batch, as measured
 * @choice: (out): epochs and limit
 * @error: return location for an error
 *
 * Chooses so that the epochs fit into %NMD_QUICK_LOOK_SECONDS. An epoch of n training images is taken
 * to cost 1.35 · seconds_per_step · max (1, n / batch): validation and renewal are about a third of a
 * training pass.
 *
 * With all images where %NMD_QUICK_LOOK_WANTED_EPOCHS or more fit. Otherwise with fewer groups of each
 * label, but never so few that the training part has under %NMD_QUICK_LOOK_FEWEST_IMAGES images or
 * %NMD_QUICK_LOOK_FEWEST_OF_CLASS of a class (as far as the data set has them), or a part lacks a
 * class; then there are fewer epochs instead, down to %NMD_QUICK_LOOK_FEWEST_EPOCHS, whatever they
 * take.
 *
 * A pure function: the same arguments give the same choice. Threads: any.
 *
 * Errors: those of nmd_split_new() with all images.
 *
 * Returns: %FALSE with @error set
 */
gboolean nmd_quick_look_choose  (NmdDataset              *dataset,
                                 const NmdParameters     *parameters,
                                 double                   seconds_per_step,
                                 NmdQuickLook            *choice,
                                 GError                 **error);

G_END_DECLS
