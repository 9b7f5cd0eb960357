/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches of tensors, written into the caller's buffer, and the one thread that prepares the
 * next while a step runs. Preprocessed 224 × 224 images are kept in memory (50 KB an image; made at
 * first use, by two threads), so that an epoch costs augmentation only. Those of an imported data set
 * are also kept in the user's cache, bounded and checked, for the next training (see
 * NmdImportSettings.no_cache).
 *
 * Of parameters for %NMD_TASK_SEGMENT the batches are of segmentation: an image is 3 × S × S
 * (nmd_segment_input()), its target the mask, S × S, 0 or 1; letterboxed images with their masks are kept
 * in memory only, 2·S² bytes each (131 KB at 256).
 *
 * What is in a batch depends on its number, epoch and the seed alone.
 */
#pragma once

#include "engine/data/nmd-split.h"

G_BEGIN_DECLS

typedef struct _NmdBatches NmdBatches;

/**
 * nmd_batches_new:
 * @dataset: a data set; a reference is taken
 * @samples: (array length=n): indices into @dataset, ascending; copied
 * @n: their number, may be 0
 * @parameters: preprocessing, augmentation, "batch", "mixup", "label-smoothing", "class-weights", "seed"; copied
 *
 * Makes the batches of one part of a data set. Nothing is read yet.
 *
 * Returns: (transfer full): batches; used by one thread at a time
 */
NmdBatches *nmd_batches_new           (NmdDataset          *dataset,
                                       const guint         *samples,
                                       guint                n,
                                       const NmdParameters *parameters) G_GNUC_WARN_UNUSED_RESULT;

/* Stops the prefetching thread and frees all. */
void        nmd_batches_free          (NmdBatches          *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdBatches, nmd_batches_free)

/* Number of samples, n. */
guint       nmd_batches_get_n_samples (NmdBatches          *self);

/**
 * nmd_batches_prepare:
 * @progress: (nullable): called on the caller's thread with the share done, in (0, 1]
 * @cancellable: (nullable): looked at after each image
 *
 * Preprocesses every image not yet preprocessed, on two threads, or takes it from the cache.
 *
 * Cost: about 6 ms an image of 512 × 480, 0.3 ms from the cache; 50 KB of memory each.
 *
 * Errors: those of nmd_sample_load(); %G_IO_ERROR_CANCELLED. What was prepared stays.
 */
gboolean    nmd_batches_prepare       (NmdBatches          *self,
                                       void               (*progress) (double fraction, gpointer data),
                                       gpointer             user_data,
                                       GCancellable        *cancellable,
                                       GError             **error);

/**
 * nmd_batches_start_epoch:
 * @epoch: counts from 0
 *
 * Begins an epoch of training: the order is a shuffle by the stream "SEED:order:EPOCH:".
 *
 * Returns: the number of batches, ⌈n/batch⌉; one less if the last would have under 8 images
 */
guint       nmd_batches_start_epoch   (NmdBatches          *self,
                                       int                  epoch);

/* Number of images in @batch of the epoch started last: the parameter "batch", or what is left. */
guint       nmd_batches_get_size      (NmdBatches          *self,
                                       guint                batch);

/**
 * nmd_batches_next:
 * @batch: 0, 1, … of the epoch started last, in order
 * @images: (out): size × 3 × 224 × 224 (segmentation: size × 3 × S × S)
 * @targets: (out): size × 2, class shares for label 0 and 1 (segmentation: size × S × S)
 *
 * Fills one batch of training. With x an augmented image in [0, 1], t its label, s the smoothing:
 *
 *     image  = (x − mean)/sd              three equal channels, sd and mean of design section 4.5
 *     target = w · ((1 − s)·onehot (t) + s/2)    w by class: 1, or n/(2·n_c) of these samples
 *     both   = λ · own + (1 − λ) · partner    λ ~ Beta (a, a), partners a permutation of the batch
 *
 * Weights of classes stand in the targets, which then do not sum to 1: the mean over the batch of
 * −Σ target·log softmax is PyTorch's CrossEntropyLoss (weight=w) of class shares, which divides by the number
 * of images, not by the sum of weights. Over an epoch the weights' mean is 1, so that the rate keeps its
 * meaning (King and Zeng 2001, eq. 13 with equal shares; scikit-learn's "balanced").
 *
 * Of segmentation: image and mask by nmd_pair_augmentation_apply(), then nmd_prompts_simulate(), both from
 * the stream "SEED:augment:EPOCH:ID".
 *
 * Of parameters for %NMD_TASK_SEGMENT the batches are of segmentation: an image is 3 × S × S
 * (nmd_segment_input()), its target the mask, S × S, 0 or 1; letterboxed images with their masks are kept
 * in memory only, 2·S² bytes each (131 KB at 256).
 *
 * What is in a batch depends on its number, epoch and the seed alone: streams "SEED:augment:EPOCH:ID"
 * for each image, "SEED:mixup:EPOCH:BATCH" for λ and the partners. Batch @batch + 1 is prepared
 * meanwhile on the prefetching thread.
 *
 * Errors: those of nmd_sample_load().
 */
gboolean    nmd_batches_next          (NmdBatches          *self,
                                       guint                batch,
                                       float               *images,
                                       float               *targets,
                                       GError             **error);

/**
 * nmd_batches_plain:
 * @from: first position, 0 ≤ @from
 * @count: number, @from + @count ≤ n
 * @images: (out): @count × 3 × 224 × 224, normalised
 * @labels: (out) (nullable): @count labels, 0 or 1
 *
 * Fills unaugmented images in index order, for evaluation.
 *
 * Errors: those of nmd_sample_load().
 */
gboolean    nmd_batches_plain         (NmdBatches          *self,
                                       guint                from,
                                       guint                count,
                                       float               *images,
                                       int                 *labels,
                                       GError             **error);

/* Of segmentation: unaugmented images with prompts made up as in training, from the streams
 * "SEED:augment:EPOCH:ID"; without "prompts" the same as nmd_batches_plain(). */
gboolean    nmd_batches_prompted      (NmdBatches          *self,
                                       guint                from,
                                       guint                count,
                                       int                  epoch,
                                       float               *images,
                                       GError             **error);

/* Of segmentation: the same as nmd_batches_plain() with the masks, @masks (nullable) @count × S × S, nobody prompting. */
gboolean    nmd_batches_plain_masks   (NmdBatches          *self,
                                       guint                from,
                                       guint                count,
                                       float               *images,
                                       float               *masks,
                                       GError             **error);

/* Numbers of one image, 3 × 224 × 224 or 3 × S × S, and of one target, 2 or S × S. */
gsize       nmd_batches_get_image_size (NmdBatches         *self);
gsize       nmd_batches_get_target_size (NmdBatches        *self);

/* Seconds that nmd_batches_next() waited for the prefetching thread since the epoch began. */
double      nmd_batches_get_wait      (NmdBatches          *self);

/**
 * nmd_batches_preview:
 * @position: of the image, 0 … n − 1
 * @epoch: whose augmentation is drawn
 * @partner: position of the Mixup partner, or −1 for none
 * @lambda: share of the image itself, 0 … 1
 * @augmentation: (out): what was drawn
 * @tensor: (out): 3 × 224 × 224
 *
 * What the network would be handed for one image in training, bit for bit, for previews. Of
 * classification only.
 *
 * Errors: those of nmd_sample_load().
 */
gboolean    nmd_batches_preview       (NmdBatches          *self,
                                       guint                position,
                                       int                  epoch,
                                       int                  partner,
                                       double               lambda,
                                       NmdAugmentation     *augmentation,
                                       float               *tensor,
                                       GError             **error);

G_END_DECLS
