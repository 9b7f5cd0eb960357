/* SPDX-License-Identifier: Apache-2.0
 *
 * How splits are made, for the files of this folder that make them.
 */
#pragma once

#include "engine/data/nmd-split.h"

G_BEGIN_DECLS

/* A split whose images are in no part yet. */
NmdSplit *nmd_split_alloc  (NmdDataset *dataset,
                            const char *kind,
                            const char *grouping);

/* Checks that every part up to @last, and a later one that is used, has images of both classes; sets what
 * must be said with the split's numbers. Errors: %NMD_ERROR_SHAPE. */
gboolean  nmd_split_finish (NmdSplit   *self,
                            NmdDataset *dataset,
                            NmdPart     last,
                            GError    **error);

/* Divides the subjects of the training and validation parts anew, by "validation-share" of @parameters, as
 * nmd-split.h says of folds; 0 leaves @self as it is. */
void      nmd_split_draw_validation (NmdSplit            *self,
                            NmdDataset          *dataset,
                            const NmdParameters *parameters);

G_END_DECLS
