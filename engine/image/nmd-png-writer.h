/* SPDX-License-Identifier: Apache-2.0
 *
 * Grey images and masks as PNG files. Threads: any.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

/**
 * nmd_image_to_png:
 * @self: an image
 * @depth: 8: grey levels; 1: set where a pixel is not 0
 * @texts: (nullable): %NULL-terminated key, value, key, value … in UTF-8, written as tEXt chunks; what
 *   Latin-1 lacks becomes "?"
 * @error: return location for an error
 *
 * Errors: %NMD_ERROR_MEMORY.
 *
 * Returns: (transfer full): the bytes of a PNG; %NULL with @error set
 */
GBytes   *nmd_image_to_png   (const NmdImage    *self,
                              int                depth,
                              const char *const *texts,
                              GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same as file @path, written whole or not at all (nmd_file_write() with its errors). */
gboolean  nmd_image_save_png (const NmdImage    *self,
                              const char        *path,
                              int                depth,
                              const char *const *texts,
                              GError           **error);

G_END_DECLS
