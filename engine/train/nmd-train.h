/* SPDX-License-Identifier: Apache-2.0
 *
 * Training by the recipe, and going on with a training. Synchronous functions for one engine thread
 * each; nothing here knows a main loop.
 */
#pragma once

#include "engine/train/nmd-evaluate.h"

G_BEGIN_DECLS

/**
 * NmdTrainSettings:
 * @dataset_path: the data set as named; stored in the run
 * @import: how to read it: label word and columns
 * @dataset: (nullable): the data set, already imported
 * @organ: (nullable): what the images show, "muscle", where the data set does not state it
 * @split_file: (nullable): a table of image and part that takes the place of "split"
 * @split: (nullable): made already, of @dataset; takes the place of both
 * @follow_stated: nobody chose "split": where the data set states a part of every image, it is "stated"
 * @events: write a TensorBoard event file beside history.csv, "events.out.tfevents.TIME.nmd"; a run that has
 *   one keeps it when it is resumed
 * @folder: the run folder to make; empty or absent
 * @network: (nullable): name of a network for the parameters' task; %NULL: "nmdassistnet" or "ghostunet"
 * @initial: (nullable): a safetensors file of weights to start from, or a run folder
 * @device: as nmd_device_choose() gives it, "cpu", "cuda:1/fast"
 * @threads: processor threads, 0 for all cores
 * @parameters: the recipe; its task is what is trained
 *
 * All that a training needs. Everything is owned by the settings; they are not looked at after
 * nmd_train_run() has returned.
 */
typedef struct
{
  char *dataset_path;
  NmdImportSettings import;
  NmdDataset *dataset;
  char *organ;
  char *split_file;
  NmdSplit *split;
  gboolean follow_stated;
  gboolean events;
  char *folder;
  char *network;
  char *initial;
  char *device;
  int threads;
  NmdParameters *parameters;
} NmdTrainSettings;

/* Settings with the default recipe, network and device. */
NmdTrainSettings *nmd_train_settings_new  (void) G_GNUC_WARN_UNUSED_RESULT;
/* A deep copy; the data set, which does not change, is shared. */
NmdTrainSettings *nmd_train_settings_copy (const NmdTrainSettings *self) G_GNUC_WARN_UNUSED_RESULT;
/* Frees @self with all that it owns; %NULL is passed over. */
void              nmd_train_settings_free (NmdTrainSettings       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdTrainSettings, nmd_train_settings_free)

/* What a training tells while it runs. */
typedef enum
{
  NMD_TRAIN_IMPORT,      /* fraction of the images read */
  NMD_TRAIN_PREPARE,     /* fraction of the images preprocessed */
  NMD_TRAIN_STEP,        /* fraction of all epochs, loss of the last batch, seconds_left */
  NMD_TRAIN_EPOCH,       /* epoch, and roc of the validation part */
  NMD_TRAIN_WARNING,     /* text: a finding of the import, "Epoch 3 is not saved: …"; may have lines */
  NMD_TRAIN_NOTE,        /* text: what was taken from the file of weights and what not, where the parts
                          * come from */
  NMD_TRAIN_DEVICE,      /* text: what computes, "cuda/fast: NVIDIA H200, fast numerics" */
  NMD_TRAIN_FINISH,      /* fraction of averaging, renewal of statistics and scoring */
} NmdTrainEventKind;

/* One event; what the kind does not have is NaN or %NULL. Everything is borrowed for the call. */
typedef struct
{
  NmdTrainEventKind kind;
  double fraction;             /* [0, 1] */
  double loss;
  double seconds_left;         /* NaN until known */
  double images_per_second;
  const NmdEpoch *epoch;       /* EPOCH */
  const NmdRoc *roc;           /* EPOCH: of the validation part; NULL without one, and of segmentation */
  double rival_auc;            /* EPOCH: echo intensity alone on the validation part, NaN unknown and of
                                * segmentation */
  const char *text;            /* WARNING, NOTE, DEVICE */
} NmdTrainEvent;

/* Called on the training's own thread, which goes on when it returns: a listener that waits pauses the training
 * between two steps. Its time is in no figure (seconds, images a second, time left), and the bits are the same. */
typedef void (*NmdTrainFunc) (const NmdTrainEvent *event, gpointer user_data);

/**
 * nmd_train_run:
 * @settings: what to train
 * @progress: (nullable): called with each event
 * @user_data: for @progress
 * @cancellable: (nullable): looked at before each batch
 * @error: return location for an error
 *
 * Trains, writes the run folder, scores all parts. Before the first epoch it has checked that folder,
 * data set, split, device, weights to start from, memory and disk suffice. After each epoch the folder
 * is whole up to that epoch; an epoch that cannot be written (full disk) is a warning and tried again
 * after the next.
 *
 * With settings->initial the weights start from that file (or the one that the run of that folder scores
 * with), its head left out if the number of
 * classes differs; they are saved with the run before the first step, so that resuming does not
 * need the file.
 *
 * When cancelled it stops after the batch, the folder complete up to the last whole epoch, best weights
 * kept. Same settings, device and number of threads: the same bits.
 *
 * Threads: one of its own; the session it opens belongs to it. A second thread prefetches batches.
 *
 * Errors: %NMD_ERROR_REFUSED (folder not empty, or the data set states another organ),
 *   %NMD_ERROR_BUSY (another writer), %NMD_ERROR_MEMORY,
 *   %G_IO_ERROR_NO_SPACE (what is needed and what is free), %NMD_ERROR_DIVERGED (the loss became NaN:
 *   epoch and batch), %G_IO_ERROR_CANCELLED, those of import, split, device, nmd_transfer_new().
 *
 * Returns: %FALSE with @error set
 */
gboolean nmd_train_run      (const NmdTrainSettings *settings,
                             NmdTrainFunc            progress,
                             gpointer                user_data,
                             GCancellable           *cancellable,
                             GError                **error);

/**
 * nmd_train_resume:
 * @folder: a run folder
 * @dataset_path: (nullable): where the data set lies now, if it has moved
 * @dataset: (nullable): the data set, already imported
 * @progress: (nullable): called with each event
 * @user_data: for @progress
 * @cancellable: (nullable): looked at before each batch
 * @error: return location for an error
 *
 * Goes on where last.safetensors stands, on the run's own device with its own number of threads. The
 * result is, bit for bit, that of a training that was never interrupted. A finished run is a warning.
 *
 * Threads: as nmd_train_run().
 *
 * Errors: those of nmd_run_open(), nmd_run_check_dataset() and nmd_train_run(); %NMD_ERROR_FORMAT for
 *   files that do not belong together.
 *
 * Returns: %FALSE with @error set
 */
gboolean nmd_train_resume   (const char             *folder,
                             const char             *dataset_path,
                             NmdDataset             *dataset,
                             NmdTrainFunc            progress,
                             gpointer                user_data,
                             GCancellable           *cancellable,
                             GError                **error);

/* How the weights in @path (a safetensors file or a run folder) would fit a training of @network: "358 of 360 tensors fit", to be freed. Reads
 * names and shapes only. Threads: any.
 * Errors: those of nmd_transfer_new(), what is no safetensors file. */
char    *nmd_train_check_initial (const char        *path,
                                  const char        *network,
                                  GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/* The learning rate of @epoch, from 0, when the averaging phase begins at @averaging_from (S, or earlier
 * after early stopping; %G_MAXINT if not yet): "lr" before it; in it, k epochs on,
 *
 *     average-lr + (lr − average-lr)·(1 + cos (π·min (k, a)/a))/2,  a = average-anneal.
 *
 * Source: Izmailov et al., "Averaging Weights Leads to Wider Optima", UAI 2018, as PyTorch's SWALR. */
double   nmd_train_lr       (const NmdParameters    *parameters,
                             int                     epoch,
                             int                     averaging_from);

G_END_DECLS
