/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a mask: its 8-connected components, the largest of them, and holes. Pure functions.
 * Threads: any.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

/* Pixels of each 8-connected component of @mask, in the order of their first pixels by rows. Returns:
 * (transfer full): array of gint64, empty for an empty mask. */
GArray   *nmd_mask_list_parts   (const NmdImage *mask) G_GNUC_WARN_UNUSED_RESULT;

/* The largest 8-connected component, of equal ones the first by rows; an empty mask gives an empty one.
 * Returns: (transfer full): 0 or 255. */
NmdImage *nmd_mask_largest_part (const NmdImage *mask) G_GNUC_WARN_UNUSED_RESULT;

/* @mask with its holes set: unset pixels that no path of 4-neighbours joins to the frame. Returns:
 * (transfer full): 0 or 255. */
NmdImage *nmd_mask_fill_holes   (const NmdImage *mask) G_GNUC_WARN_UNUSED_RESULT;

/* On how many of the four sides of the frame a pixel is set, 0 to 4. */
guint     nmd_mask_count_sides  (const NmdImage *mask);

G_END_DECLS
