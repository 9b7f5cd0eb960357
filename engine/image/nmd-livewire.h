/* SPDX-License-Identifier: Apache-2.0
 *
 * Livewire (intelligent scissors): the path between two places of an image that runs along edges.
 *
 * Pixels are nodes, joined to their eight neighbours. A step from p to q costs
 *
 *     |q − p| · (0.70 · (1 − G(q)) + 0.25 · D(p, q) + 0.05)
 *
 * with G the size of the gradient of the image smoothed by a Gaussian of σ = 2 pixels, as a share of the
 * window's 98th percentile and at most 1, and D = (2 − |u_p·s| − |u_q·s|)/2, where u is the direction along the
 * edge (gradient turned by 90°) and s the unit vector of the step. The path is the one of the least sum
 * (Dijkstra's algorithm), in a window of %NMD_LIVEWIRE_REACH pixels around the seed.
 *
 * Source: Mortensen and Barrett, "Intelligent scissors for image composition", SIGGRAPH 1995, eq. 1 to 4.
 * It has zero crossings of the Laplacian for 0.43 of the weight; in speckle these lie everywhere, so the
 * gradient has their share, and its smoothing is stronger. Its arc cosines are replaced by the cosines.
 * Threads: one at a time.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

/* Half a side of the window around the seed. */
#define NMD_LIVEWIRE_REACH 192

typedef struct _NmdLivewire NmdLivewire;

/* @image is referenced. Does no work yet. Memory: 4 MiB once there is a seed. */
NmdLivewire *nmd_livewire_new      (NmdImage    *image) G_GNUC_WARN_UNUSED_RESULT;
void         nmd_livewire_free     (NmdLivewire *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdLivewire, nmd_livewire_free)

/* Moves *@x, *@y, a pixel of the image, to the place of the largest gradient at most @radius pixels
 * (up to 32) away; of equal ones to the nearest. */
void         nmd_livewire_snap     (NmdLivewire *self,
                                    int          radius,
                                    int         *x,
                                    int         *y);

/* Paths start at pixel (@x, @y) from now on. */
void         nmd_livewire_set_seed (NmdLivewire *self,
                                    int          x,
                                    int          y);

/* Appends the path from the seed to pixel (@x, @y) to @points (of double: x, y of pixel centres), without
 * the seed, with the end. Beyond the window the path ends at its edge and goes on straight. Needs a seed. Only as
 * much is searched as this end needs, and it is kept for the next one. */
void         nmd_livewire_get_path (NmdLivewire *self,
                                    int          x,
                                    int          y,
                                    GArray      *points);

G_END_DECLS
