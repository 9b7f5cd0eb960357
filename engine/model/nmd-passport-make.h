/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing the passport of a model that is about to be trained.
 */
#pragma once

#include "engine/data/nmd-split.h"
#include "engine/model/nmd-passport.h"

G_BEGIN_DECLS

/**
 * nmd_passport_make:
 * @dataset: the data set
 * @split: its parts; only the images of %NMD_PART_TRAIN count
 *
 * Collects what the training images have in common. A facet that no image states, or that images
 * state differently, is "unknown"; muscles and devices are all that are named. The organ is "muscle"
 * where only muscles are named. Percentiles are of the images with an outline.
 *
 * Cost: one pass over the samples. Threads: any.
 *
 * Returns: (transfer full): the passport
 */
NmdPassport *nmd_passport_make (NmdDataset     *dataset,
                                const NmdSplit *split) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
