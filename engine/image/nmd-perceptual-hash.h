/* SPDX-License-Identifier: Apache-2.0
 *
 * Fingerprints by which pictures of the same thing are found again after resizing, compression or a change of
 * brightness. Pure functions. Threads: any.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

#define NMD_THUMBNAIL_SIDE 64

/* What is compared: 8-bit grey, and the hash of it. */
typedef struct
{
  guint64 hash;
  guint8 pixels[NMD_THUMBNAIL_SIDE * NMD_THUMBNAIL_SIDE];
} NmdFingerprint;

/**
 * nmd_fingerprint_init:
 * @image: the grey image
 *
 * The image is resized to 64 × 64 (triangle filter) and, for the hash, to 32 × 32; of the latter's DCT-II
 *
 *     D_uv = Σ_yx g_yx cos (π(2y + 1)u/64) cos (π(2x + 1)v/64)
 *
 * bit 8u + v says, 0 ≤ u, v < 8, whether D_uv is above the median of these 64 but D_00; bit 0 is 0. Mirrored and
 * turned pictures have other hashes.
 *
 * Source: Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010, section 3.2.1.
 */
void   nmd_fingerprint_init        (NmdFingerprint       *self,
                                    const NmdImage       *image);

/* Bits in which two hashes differ, 0 … 63. */
int    nmd_fingerprint_distance    (const NmdFingerprint *a,
                                    const NmdFingerprint *b);

/* Pearson's correlation of the 64 × 64 pixels, in [−1, 1]; 0 where one has no variance. */
double nmd_fingerprint_correlation (const NmdFingerprint *a,
                                    const NmdFingerprint *b);

G_END_DECLS
