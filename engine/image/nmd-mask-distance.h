/* SPDX-License-Identifier: Apache-2.0
 *
 * Distances to a mask, and its surface. Pure functions. Threads: any.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

/* Euclidean distance, in pixels, of each pixel's centre of @mask to that of the nearest set one, exactly:
 * @out height × width; +∞ everywhere for an empty mask. O(pixels). Source: Felzenszwalb and Huttenlocher,
 * Theory of Computing 8 (2012) 415. */
void      nmd_mask_distances (const NmdImage *mask,
                              double         *out);

/* The surface of @mask: its set pixels with an unset 4-neighbour or at the frame. Returns: (transfer
 * full): 0 or 255. */
NmdImage *nmd_mask_surface   (const NmdImage *mask) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
