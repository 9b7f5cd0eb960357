/* SPDX-License-Identifier: Apache-2.0
 *
 * What batches of segmentation are made of: an item is a letterboxed image with its mask below it, kept
 * as one picture of S × 2S. When and on which thread is nmd-batch.c's business. Threads: any.
 */
#pragma once

#include "engine/data/nmd-dataset.h"

G_BEGIN_DECLS

/* S of @parameters. */
int       nmd_segment_get_size (const NmdParameters *parameters);

/* Decodes @sample. An image without a mask has an empty one. Errors: those of nmd_sample_load(). */
NmdImage *nmd_segment_item_new (NmdSample           *sample,
                                const NmdParameters *parameters,
                                GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/* Augmented and prompted by the stream "SEED:augment:EPOCH:ID": @image 3 × S × S, @target S × S. */
void      nmd_segment_item_augment (const NmdImage      *item,
                                    const NmdSample     *sample,
                                    const NmdParameters *parameters,
                                    guint64              seed,
                                    int                  epoch,
                                    float               *image,
                                    float               *target);

/* Not augmented, but prompted as in training: by the stream "SEED:augment:EPOCH:ID", from its beginning. */
void      nmd_segment_item_prompted (const NmdImage      *item,
                                     const NmdSample     *sample,
                                     const NmdParameters *parameters,
                                     guint64              seed,
                                     int                  epoch,
                                     float               *image);

/* As it is, without prompts. @target (nullable). */
void      nmd_segment_item_plain   (const NmdImage      *item,
                                    const NmdSample     *sample,
                                    float               *image,
                                    float               *target);

G_END_DECLS
