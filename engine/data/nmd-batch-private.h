/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two files of batches share.
 */
#pragma once

#include "engine/data/nmd-batch.h"

G_BEGIN_DECLS

/* The preprocessed image at @position, made now if need be. Borrowed. Any thread. Errors: those of
 * nmd_sample_load(). */
NmdImage *nmd_batches_get_image (NmdBatches *self,
                                 guint       position,
                                 GError    **error);

G_END_DECLS
