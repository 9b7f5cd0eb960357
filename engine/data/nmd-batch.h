/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches of tensors, written into the caller's buffer, and the one thread that prepares the
 * next while a step runs. Preprocessed 224 × 224 images are kept in memory (50 KB an image; made at
 * first use, by two threads), so that an epoch costs augmentation only. Those of an imported data set
 * are also kept in the user's cache, bounded and checked, for the next training (see
 * NmdImportSettings.no_cache).
 *
 * What is in a batch depends on its number, epoch and the seed alone.
 */
#pragma once

#include "engine/data/nmd-split.h"

G_BEGIN_DECLS

typedef struct _NmdBatches NmdBatches;

/* @samples: indices into @dataset, in index order (copied). @parameters is read, not kept. */
NmdBatches *nmd_batches_new          (NmdDataset          *dataset,
                                      const guint         *samples,
                                      guint                n,
                                      const NmdParameters *parameters) G_GNUC_WARN_UNUSED_RESULT;
void        nmd_batches_free         (NmdBatches          *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdBatches, nmd_batches_free)

guint       nmd_batches_get_n_samples (NmdBatches         *self);

/* Preprocesses everything not yet preprocessed, on two threads. */
gboolean    nmd_batches_prepare      (NmdBatches          *self,
                                      void               (*progress) (double fraction, gpointer data),
                                      gpointer             user_data,
                                      GCancellable        *cancellable,
                                      GError             **error);

/* Training: shuffles by "SEED:order:EPOCH:" and returns the number of batches of @epoch: a last batch
 * under 8 images is dropped. Batch b has nmd_batches_get_size() images. */
guint       nmd_batches_start_epoch  (NmdBatches          *self,
                                      int                  epoch);
guint       nmd_batches_get_size     (NmdBatches          *self,
                                      guint                batch);

/* Training: fills @images (size × 3 × 224 × 224, augmented, normalised, mixed) and @targets (size × 2:
 * smoothed, mixed class shares: (1 − s)·one-hot + s/2). Batch @batch + 1 is prepared meanwhile on
 * the prefetching thread. Call in order 0, 1, … of the epoch started last. */
gboolean    nmd_batches_next         (NmdBatches          *self,
                                      guint                batch,
                                      float               *images,
                                      float               *targets,
                                      GError             **error);

/* Unaugmented, in index order: fills @images for samples @from … @from + @count − 1 (positions
 * within this object), normalised; @labels (nullable) gets 0 or 1. */
gboolean    nmd_batches_plain        (NmdBatches          *self,
                                      guint                from,
                                      guint                count,
                                      float               *images,
                                      int                 *labels,
                                      GError             **error);

/* Seconds that nmd_batches_next() waited for the prefetching thread since the epoch began. */
double      nmd_batches_get_wait     (NmdBatches          *self);

/* What the network would be handed for one image in training, for previews: the augmentation drawn
 * for @epoch, and (with @partner ≥ 0) Mixup with that sample at @lambda. @tensor 3 × 224 × 224. */
gboolean    nmd_batches_preview      (NmdBatches          *self,
                                      guint                position,
                                      int                  epoch,
                                      int                  partner,
                                      double               lambda,
                                      NmdAugmentation     *augmentation,
                                      float               *tensor,
                                      GError             **error);

G_END_DECLS
