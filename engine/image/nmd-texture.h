/* SPDX-License-Identifier: Apache-2.0
 *
 * Texture of the grey levels inside a mask: co-occurrence and run lengths. Pure functions of pixels.
 * Threads: any.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

enum
{
  NMD_TEXTURE_CONTRAST,
  NMD_TEXTURE_CORRELATION,
  NMD_TEXTURE_JOINT_ENERGY,
  NMD_TEXTURE_JOINT_ENTROPY,
  NMD_TEXTURE_IDM,
  NMD_TEXTURE_SHORT_RUNS,
  NMD_TEXTURE_LONG_RUNS,
  NMD_TEXTURE_GREY_NON_UNIFORMITY,
  NMD_TEXTURE_RUN_NON_UNIFORMITY,
  NMD_TEXTURE_RUN_PERCENTAGE,
  NMD_TEXTURE_RUN_ENTROPY,
  NMD_N_TEXTURES,
};

/* Names as pyradiomics has them: "glcm Contrast" … */
extern const char *const nmd_texture_names[NMD_N_TEXTURES];

/* Width of a bin of grey levels. */
#define NMD_TEXTURE_BIN 25

/**
 * nmd_texture_measure:
 * @image: the untouched grey image
 * @mask: of the same size; set where not 0
 * @features: (out): %NMD_N_TEXTURES values
 *
 * Grey levels become bins: i = ⌊v/25⌋ − ⌊min/25⌋ + 1. In each of four directions (0°, 45°, 90°, 135°, distance 1):
 *
 * - p(i, j): symmetric share of neighbouring pairs with both pixels in the mask. Contrast Σ(i − j)² p; correlation
 *   (Σ i·j·p − μ²)/σ², 1 where σ is 0; joint energy Σp²; joint entropy −Σ p log₂(p + ε); inverse difference
 *   moment Σ p/(1 + (i − j)²)
 * - r(i, l): number of runs of l pixels of level i, N their number. Short runs Σ r/l² / N; long runs Σ r·l² / N;
 *   non-uniformities Σ_i(Σ_l r)²/N² and Σ_l(Σ_i r)²/N²; run percentage N over pixels; run entropy
 *   −Σ r/N log₂(r/N + ε)
 *
 * and the means over directions; for pairs, over those that have any. ε = 2⁻⁵². NaN for a mask without pixels, and
 * of pairs for one without neighbours.
 *
 * Cost: linear in the mask's box; memory 8 bytes a pixel of its longest side for each of 11 levels.
 * Source: definitions of pyradiomics 3.0 with binWidth 25 and force2D (van Griethuysen et al., Cancer Research 77
 * (2017) e104); Haralick et al., IEEE SMC-3 (1973) 610; Galloway, CGIP 4 (1975) 172.
 */
void nmd_texture_measure (const NmdImage *image,
                          const NmdImage *mask,
                          double         *features);

G_END_DECLS
