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
 * @organ: (nullable): what the images show, as the user states it; nmd_passport_check_organ() has passed
 *
 * Collects what the training images have in common. A facet that no image states, or that images
 * state differently, is "unknown"; muscles and devices are all that are named. The organ is "muscle"
 * where only muscles are named; an organ that the user states goes before, with "user" as its source,
 * unless the data set states it too. Percentiles are of the images with an outline.
 *
 * Cost: one pass over the samples. Threads: any.
 *
 * Returns: (transfer full): the passport
 */
NmdPassport *nmd_passport_make (NmdDataset     *dataset,
                                const NmdSplit *split,
                                const char     *organ) G_GNUC_WARN_UNUSED_RESULT;

/* Whether every image of @dataset states what it shows: an organ, or a muscle. */
gboolean     nmd_passport_states_organ (NmdDataset *dataset);

/* Whether no image of @dataset, of any part, states another organ than @organ, without regard to case; a
 * muscle alone states "muscle". Threads: any.
 * Errors: %NMD_ERROR_REFUSED naming the first such image and both organs. */
gboolean     nmd_passport_check_organ (NmdDataset  *dataset,
                                       const char  *organ,
                                       GError     **error);

G_END_DECLS
