/* SPDX-License-Identifier: Apache-2.0
 *
 * The outline of a mask: the borders between its set and unset pixels. Pure functions. Threads: any.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

/* Pixel borders between set and unset pixels of @mask as segments x0, y0, x1, y1 (floats, image
 * pixels; pixel (i, j) covers [i, i + 1) × [j, j + 1)); runs along one line are one segment. Outside
 * the frame nothing is set. Empty for an empty mask. Returns: (transfer full): array of float. */
GArray *nmd_mask_get_outline (const NmdImage *mask) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
