/* SPDX-License-Identifier: Apache-2.0
 *
 * Training by the recipe, resuming, evaluating and predicting with a run. Synchronous functions
 * for one engine thread each; nothing here knows a main loop.
 */
#pragma once

#include "engine/train/nmd-evaluate.h"

G_BEGIN_DECLS

/* Everything frozen that a training needs. */
typedef struct
{
  char *dataset_path;          /* as given; stored in the run */
  NmdImportSettings import;    /* label mapping and columns; the texts are owned here */
  NmdDataset *dataset;         /* (nullable): already imported */
  char *split_file;            /* (nullable) --split FILE */
  char *folder;                /* RUN: must be empty or absent */
  char *network;               /* "nmdassistnet" */
  char *initial;               /* (nullable) --init FILE: safetensors to start from */
  char *device;                /* "cpu" */
  int threads;                 /* 0 = all cores */
  NmdParameters *parameters;
} NmdTrainSettings;

NmdTrainSettings *nmd_train_settings_new  (void);
NmdTrainSettings *nmd_train_settings_copy (const NmdTrainSettings *self);
void              nmd_train_settings_free (NmdTrainSettings       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdTrainSettings, nmd_train_settings_free)

/* What a training tells while it runs; called on its own thread. */
typedef enum
{
  NMD_TRAIN_IMPORT,      /* fraction */
  NMD_TRAIN_PREPARE,     /* fraction: preprocessing the images */
  NMD_TRAIN_STEP,        /* fraction of all epochs, loss of the last batch, seconds_left */
  NMD_TRAIN_EPOCH,       /* epoch, and roc of the validation part */
  NMD_TRAIN_WARNING,     /* text: "Could not save …; training goes on" */
  NMD_TRAIN_NOTE,        /* text: what was taken from settings.initial and what not */
  NMD_TRAIN_DEVICE,      /* text: what computes, "cuda/fast: NVIDIA H200, fast numerics" */
  NMD_TRAIN_FINISH,      /* averaging, renewal, evaluation */
} NmdTrainEventKind;

typedef struct
{
  NmdTrainEventKind kind;
  double fraction;
  double loss;
  double seconds_left;         /* NaN until known */
  double images_per_second;
  const NmdEpoch *epoch;       /* EPOCH */
  const NmdRoc *roc;           /* EPOCH: of the validation part; NULL without one */
  double rival_auc;            /* EPOCH: echo intensity alone on the validation part, NaN unknown */
  const char *text;            /* WARNING, NOTE, DEVICE */
} NmdTrainEvent;

typedef void (*NmdTrainFunc) (const NmdTrainEvent *event, gpointer user_data);

/**
 * nmd_train_run:
 *
 * Trains, writes the run folder, evaluates. When cancelled it stops after the batch, the folder
 * complete up to the last whole epoch, best weights kept, and %G_IO_ERROR_CANCELLED is set.
 *
 * With settings->initial the weights start from that file, its head left out if the number of
 * classes differs; they are saved with the run before the first step, so that resuming does not
 * need the file.
 *
 * Errors: %NMD_ERROR_REFUSED (RUN not empty), %NMD_ERROR_BUSY (another writer), %NMD_ERROR_DIVERGED
 *   (the loss became NaN: epoch and batch), those of import, split, device, nmd_transfer_new().
 */
gboolean nmd_train_run      (const NmdTrainSettings *settings,
                             NmdTrainFunc            progress,
                             gpointer                user_data,
                             GCancellable           *cancellable,
                             GError                **error);

/* How the weights in @path would fit a training of @network: "358 of 360 tensors fit". Reads names and
 * shapes only. Errors: those of nmd_transfer_new(), what is no safetensors file. */
char    *nmd_train_check_initial (const char        *path,
                                  const char        *network,
                                  GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/* Goes on where last.safetensors stands; the result is the bits of an unbroken run. @dataset
 * (nullable): already imported. @dataset_path (nullable): if it has moved. */
gboolean nmd_train_resume   (const char             *folder,
                             const char             *dataset_path,
                             NmdDataset             *dataset,
                             NmdTrainFunc            progress,
                             gpointer                user_data,
                             GCancellable           *cancellable,
                             GError                **error);

/* The learning rate of @epoch when the averaging phase begins at @averaging_from (S, or earlier
 * after early stopping; G_MAXINT if not yet). */
double   nmd_train_lr       (const NmdParameters    *parameters,
                             int                     epoch,
                             int                     averaging_from);

G_END_DECLS
