/* SPDX-License-Identifier: Apache-2.0
 *
 * Between masks and shapes: which pixels lie inside a polygon or an ellipse, and the polygons that bound
 * the set pixels. One convention for all: coordinates are continuous, pixel (i, j) covers
 * [i, i + 1) × [j, j + 1), its centre is (i + 0.5, j + 0.5). Pure functions. Threads: any.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

/* Crossings of edges with rows of pixels that one call of nmd_mask_add_rings() looks at, about a second's
 * work. A polygon of 1,000 corners in an image of 1,000 rows has at most 10^6. */
#define NMD_MASK_MAX_CROSSINGS (G_GINT64_CONSTANT (1) << 29)

#define NMD_MASK_MAX_COORDINATE 1e9

/**
 * nmd_mask_add_rings:
 * @mask: 0 or 255; has one owner
 * @points: pairs x, y of all rings, one ring behind the other
 * @lengths: (array length=n): corners of each ring; its last corner is joined to its first
 * @n: number of rings
 *
 * Sets the pixels whose centre lies inside the rings by the even-odd rule: a ray from the centre to the
 * left crosses the edges of all rings an odd number of times. A pixel whose centre lies on an edge
 * belongs to what is right of a left edge and below an upper one, so that polygons that share an edge
 * share no pixel. Rings within rings are holes. Parts outside the frame are cut.
 *
 * Cost: one step for each row that an edge spans, and the pixels of the rings' box.
 *
 * Returns: %FALSE, @mask as it was, for more than %NMD_MASK_MAX_CROSSINGS steps, a coordinate that is NaN or
 *   beyond ±%NMD_MASK_MAX_COORDINATE, or no memory
 */
gboolean   nmd_mask_add_rings   (NmdImage       *mask,
                                 const double   *points,
                                 const guint    *lengths,
                                 gsize           n);

/* Sets the pixels whose centre (x, y) lies in or on the ellipse with half-axes @rx and @ry about (@cx, @cy),
 * turned by @degrees clockwise as seen. Nothing for a half-axis that is not positive. */
void       nmd_mask_add_ellipse (NmdImage       *mask,
                                 double          cx,
                                 double          cy,
                                 double          rx,
                                 double          ry,
                                 double          degrees);

/* A closed polygon along the borders of pixels. */
typedef struct
{
  GArray  *points;  /* pairs x, y (double, whole numbers); corners only, the first is not repeated */
  gboolean is_hole; /* runs round unset pixels */
} NmdRing;

/**
 * nmd_mask_list_rings:
 * @mask: any mask
 *
 * The borders of the set pixels: outer rings of its 4-connected parts, clockwise as seen (y down), and
 * the rings of their holes, the other way round. In the order of their first pixel by rows. Rings touch
 * in corners but do not cross, and nmd_mask_add_rings() of all gives @mask back pixel for pixel.
 *
 * Returns: (transfer full): array of #NmdRing, empty for an empty mask
 */
GPtrArray *nmd_mask_list_rings  (const NmdImage *mask) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
