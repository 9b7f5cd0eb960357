/* SPDX-License-Identifier: Apache-2.0
 *
 * Images that an import preprocessed while it had them decoded, until the batches of a training take
 * them: so a new image is decoded once on its way. Each is handed out once, to a training with the same
 * preprocessing; what is not here is decoded from its files. At most %NMD_PREPARED_MAX bytes. Textures are
 * measured by the way and stay.
 * Threads: any.
 */
#pragma once

#include "engine/data/nmd-dataset.h"

G_BEGIN_DECLS

#define NMD_PREPARED_MAX (512 * 1024 * 1024) /* bytes of pixels: 10,699 images */

typedef struct _NmdPrepared NmdPrepared;

/* @parameters: those of preprocessing are copied; @max in bytes. */
NmdPrepared *nmd_prepared_new        (const NmdParameters *parameters,
                                      gsize                max) G_GNUC_WARN_UNUSED_RESULT;
void         nmd_prepared_free       (NmdPrepared         *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdPrepared, nmd_prepared_free)

/* Preprocesses @image with @mask (nullable) and keeps the result for @sample, if there is room; where there is
 * a mask, measures the texture inside. */
void         nmd_prepared_add        (NmdPrepared         *self,
                                      const NmdSample     *sample,
                                      const NmdImage      *image,
                                      const NmdImage      *mask);

/* Hands out what is kept for @sample if @parameters preprocess alike; NULL else. */
NmdImage    *nmd_prepared_take       (NmdPrepared         *self,
                                      const NmdSample     *sample,
                                      const NmdParameters *parameters) G_GNUC_WARN_UNUSED_RESULT;

/* The texture of nmd_texture_measure() that was measured for @sample. FALSE: none was. */
gboolean     nmd_prepared_get_texture (NmdPrepared        *self,
                                       const NmdSample    *sample,
                                       double              features[NMD_N_TEXTURES]);

/* What an import prepared, or NULL. Borrowed. */
NmdPrepared *nmd_dataset_get_prepared (NmdDataset         *self);

G_END_DECLS
