/* SPDX-License-Identifier: Apache-2.0
 *
 * Preprocessed 224 × 224 images kept on disk, so that the next training on the same data need not
 * decode and preprocess them again. A file a picture:
 *
 *     FOLDER/ab/KEY.pixels   KEY = SHA-256 of version, image's and mask's SHA-256, and the values of
 *                            all preprocessing parameters; ab = its first two digits
 *     "NMDGREY1", SHA-256 of KEY and pixels (32 bytes), pixels (224·224 bytes)
 *
 * A file that is short, damaged or of another key counts as absent and is written anew. Bounded:
 * the least lately used go first. Nothing here fails: what cannot be kept is made again. Files are
 * readable for their owner only. Safe to delete at any time. Threads: any.
 */
#pragma once

#include "engine/data/nmd-dataset.h"

G_BEGIN_DECLS

/* Must change with whatever changes a pixel of nmd_preprocess() or of the readers. */
#define NMD_PIXEL_CACHE_VERSION 3
#define NMD_PIXEL_CACHE_MAX (G_GUINT64_CONSTANT (2) << 30) /* bytes */
#define NMD_PIXEL_CACHE_NAME "prepared-images"             /* folder inside the cache's */

typedef struct _NmdPixelCache NmdPixelCache;

/* @folder: made when something is written; @max in bytes; @parameters are read, not kept. */
NmdPixelCache *nmd_pixel_cache_new     (const char          *folder,
                                        guint64              max,
                                        const NmdParameters *parameters) G_GNUC_WARN_UNUSED_RESULT;
void           nmd_pixel_cache_free    (NmdPixelCache       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdPixelCache, nmd_pixel_cache_free)

/* The preprocessed image of @sample, or NULL. */
NmdImage      *nmd_pixel_cache_get     (NmdPixelCache       *self,
                                        NmdSample           *sample) G_GNUC_WARN_UNUSED_RESULT;

/* Keeps @image, made of @sample's files as they are now; not if they are no more what was imported. */
void           nmd_pixel_cache_put     (NmdPixelCache       *self,
                                        NmdSample           *sample,
                                        const NmdImage      *image);

/* Where the picture of @sample lies or would lie; NULL for one without digests. */
char          *nmd_pixel_cache_get_path (NmdPixelCache      *self,
                                        NmdSample           *sample) G_GNUC_WARN_UNUSED_RESULT;

/* "median=on" and so on, a line each, for whatever preprocessing reads. */
char          *nmd_pixel_cache_describe (const NmdParameters *parameters) G_GNUC_WARN_UNUSED_RESULT;

/* Number and bytes of what is kept in @folder, and removing it; other files are left alone. */
guint64        nmd_pixel_cache_measure (const char          *folder,
                                        guint               *n);
gboolean       nmd_pixel_cache_clear   (const char          *folder,
                                        GError             **error);

/* Folder where batches of @self may keep pictures, or NULL. */
const char    *nmd_dataset_get_pixel_folder (NmdDataset     *self);

G_END_DECLS
