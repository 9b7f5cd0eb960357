/* SPDX-License-Identifier: Apache-2.0
 *
 * Exif's orientation, which the decoders of JPEG and PNG share.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

/* The orientation, 1 to 8, in the first directory of the TIFF that Exif is; 1 where it says none or is
 * damaged. */
int       nmd_exif_get_orientation (const guint8 *tiff,
                                    gsize         length);

/* @stored turned upright: tag 274 of Exif 2.3, 1 to 8. Flags are not kept. Returns: (transfer full):
 * for 1 @stored itself; %NULL with %NMD_ERROR_MEMORY. */
NmdImage *nmd_image_turn           (NmdImage     *stored,
                                    int           orientation,
                                    const char   *name,
                                    GError      **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
