/* SPDX-License-Identifier: Apache-2.0
 *
 * The outline of a sample as everything that follows sees it: its masks read, checked and joined. The one
 * place where that happens, for imports and for trainings.
 */
#pragma once

#include "engine/data/nmd-dataset.h"

G_BEGIN_DECLS

#define NMD_SAMPLE_MAX_FILE (256 * 1024 * 1024) /* bytes of an image or a mask */

/* Content of the file at @path, with its SHA-256 as 64 digits. Errors: %NMD_ERROR_FORMAT (no regular
 * file, too large), #G_FILE_ERROR. */
GBytes   *nmd_sample_read_file (const char      *path,
                                char             sha256[65],
                                GError         **error);

/**
 * nmd_sample_read_mask:
 * @self: a sample with `mask_path`
 * @image: its image
 * @sha256_image: (nullable): SHA-256 of the image's bytes, to tell a mask that is the image itself
 * @sha256: (out): SHA-256 of the mask's bytes; of several masks that of their digests in order; of an
 *   outline that of width and height (32 bit, little-endian) and the pixels, 0 or 255
 *
 * @facts: (out) (nullable): what nmd-mask-check.h finds of all of them together
 *
 * Reads the masks of @self by its options, or fills its outline, and joins them: a pixel is set if any of them sets it.
 *
 * Errors, which name the mask: %NMD_ERROR_SHAPE (of another size than @image), %NMD_ERROR_REFUSED (it is the
 * image itself), those of nmd_mask_read_bytes() and nmd_sample_read_file().
 *
 * Returns: (transfer full): a mask of @image's size, which may be empty; %NULL with @error set
 */
NmdImage *nmd_sample_read_mask (const NmdSample *self,
                                const NmdImage  *image,
                                const char      *sha256_image,
                                char             sha256[65],
                                NmdMaskFacts    *facts,
                                GError         **error) G_GNUC_WARN_UNUSED_RESULT;

/* "2\nfill\n…": what of @options changes pixels; "" for the default. Transfer full. */
char     *nmd_mask_options_to_key (const NmdMaskOptions *options) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
