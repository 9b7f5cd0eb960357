/* SPDX-License-Identifier: Apache-2.0
 *
 * A training at work: its files, data, learner and counters, owned by the thread that runs it.
 * nmd-train.c makes one ready, nmd-trainer.c takes it through its epochs.
 */
#pragma once

#include "engine/core/nmd-file.h"
#include "engine/data/nmd-batch.h"
#include "engine/train/nmd-evaluate-private.h"
#include "engine/train/nmd-learner-private.h"
#include "engine/train/nmd-run-private.h"
#include "engine/train/nmd-train.h"

G_BEGIN_DECLS

typedef struct
{
  NmdTrainFunc progress;
  gpointer user_data;
  GCancellable *cancellable;

  char *folder;
  NmdLock *lock;
  NmdRunFile file;
  NmdDataset *dataset;
  NmdSplit *split;
  NmdLearner *learner;
  NmdWeights *initial; /* (nullable) from a file */
  NmdBatches *train, *validation;
  guint n_train, n_validation;
  float *images, *targets; /* one batch */
  double *scores;          /* of the validation part */
  int *labels;
  double rival_auc;

  NmdTrainState state;
  GArray *history; /* NmdEpoch */
  /* Not yet on disk; the last one goes with the whole of history. */
  NmdWeights *pending_best, *pending_last;
  gint64 began;    /* monotonic, of this process's first epoch */
  double began_at; /* fraction done then */
  gint64 held;     /* microseconds that the listener took */
  char *events;    /* (nullable) path of the TensorBoard event file */
} NmdTrainer;

NmdTrainer *nmd_trainer_new           (const char         *folder,
                                       NmdTrainFunc        progress,
                                       gpointer            user_data,
                                       GCancellable       *cancellable);
void        nmd_trainer_free          (NmdTrainer         *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdTrainer, nmd_trainer_free)

/* Tell the one who called about it. */
void        nmd_trainer_emit_fraction (NmdTrainer         *self,
                                       NmdTrainEventKind   kind,
                                       double              fraction);
void        nmd_trainer_emit_text     (NmdTrainer         *self,
                                       NmdTrainEventKind   kind,
                                       const char         *text);
void        nmd_trainer_warn          (NmdTrainer         *self,
                                       const char         *format,
                                       ...) G_GNUC_PRINTF (2, 3);

/* The path of file @name in the run's folder. */
char       *nmd_trainer_path          (const NmdTrainer   *self,
                                       const char         *name) G_GNUC_WARN_UNUSED_RESULT;

/* Writes history.csv. */
gboolean    nmd_trainer_save_history  (NmdTrainer         *self,
                                       GError            **error);
/* A run that starts from a file carries that start in last.safetensors, for being resumed before its
 * first epoch is whole. Does nothing for one that starts from fresh weights. */
gboolean    nmd_trainer_save_start    (NmdTrainer         *self,
                                       GError            **error);

/* The current weights on the validation part: val_loss and val_dice of @epoch, left as they are without
 * one. */
gboolean    nmd_trainer_validate_segment (NmdTrainer      *self,
                                       NmdEpoch           *epoch,
                                       GError            **error);

/* At the end: the threshold, where it is to be chosen, into run.json; then nmd_evaluate_segment_own(). */
gboolean    nmd_trainer_evaluate_segment (NmdTrainer      *self,
                                       NmdEvaluation      *evaluation,
                                       GError            **error);

/* All epochs from state.next_epoch on, then the average, the scores and the finished run.json. */
gboolean    nmd_trainer_train         (NmdTrainer         *self,
                                       GError            **error);

G_END_DECLS
