/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a map lies: inside the outline, on its edge or outside. Threads: any.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

typedef enum
{
  NMD_MAP_REGION_INSIDE,
  NMD_MAP_REGION_EDGE,
  NMD_MAP_REGION_OUTSIDE,
  NMD_MAP_REGION_NONE, /* there is no outline */
} NmdMapRegion;

/* "inside", "edge", "outside", "none"; static. */
const char *nmd_map_region_get_name (NmdMapRegion self);

/**
 * nmd_map_get_regions:
 * @box: lies within @mask
 * @mask: the outline
 *
 * Where each pixel of @box lies. The contour runs half way between a set pixel and the nearest unset one;
 * the frame of the box is no contour. The edge is what lies within 2 % of the box's shorter side of the
 * contour.
 *
 * Source of the distances: Felzenszwalb and Huttenlocher, "Distance transforms of sampled functions",
 * Theory of Computing 8 (2012).
 *
 * Returns: (transfer full): (y1 − y0) × (x1 − x0) values of NmdMapRegion
 */
guint8 *nmd_map_get_regions (const NmdBox   *box,
                             const NmdImage *mask) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_map_measure:
 * @values: (y1 − y0) × (x1 − x0) values of @box, none negative
 * @box: lies within @mask
 * @mask: the outline
 * @inside: (out): share of the values' sum, NaN where the sum is 0
 * @edge: (out): likewise
 * @outside: (out): likewise
 *
 * Divides the sum of a map among the outline's inside, its edge and its outside (nmd_map_get_regions()).
 */
void    nmd_map_measure     (const float    *values,
                             const NmdBox   *box,
                             const NmdImage *mask,
                             double         *inside,
                             double         *edge,
                             double         *outside);

G_END_DECLS
