/* SPDX-License-Identifier: Apache-2.0
 *
 * How far a proposed mask P and an expert's mask R agree. Pure functions of pixels. Threads: any.
 */
#pragma once

#include "engine/image/nmd-preprocess.h"

G_BEGIN_DECLS

/* Under this Dice coefficient an outline has failed. Failures are counted and stay in every mean. */
#define NMD_FAILURE_DICE 0.5

/**
 * NmdOutlineMeasures:
 * @dice: 2|P∩R|/(|P| + |R|), [0, 1]
 * @iou: |P∩R|/|P∪R|, [0, 1]
 * @hd95: the larger of the two directed 95th percentiles of the distances between surfaces, in pixels
 * @msd: mean of all distances in both directions, in pixels
 * @area: |P| in pixels
 * @area_reference: |R| in pixels
 * @echo: mean grey inside P; NaN where P is empty or no image was given
 * @echo_reference: mean grey inside R; NaN likewise
 * @is_failure: @dice is under %NMD_FAILURE_DICE
 */
typedef struct
{
  double dice, iou;
  double hd95, msd;
  gint64 area, area_reference;
  double echo, echo_reference;
  gboolean is_failure;
} NmdOutlineMeasures;

/**
 * nmd_outline_measure:
 * @image: (nullable): the untouched image, for the echo intensities
 * @prediction: P
 * @reference: R, of the same size
 * @measures: (out caller-allocates)
 *
 * Surfaces are those of nmd_mask_surface(). The distances of a
 * direction are, for each pixel of one surface, the Euclidean distance of its centre to the nearest
 * centre of the other surface. Percentiles are linear between order statistics.
 *
 * Edge cases: both empty: Dice and IoU 1, distances 0. One empty: Dice and IoU 0, distances √(h² + w²).
 *
 * Source: the definitions are those of MONAI (compute_hausdorff_distance and
 * compute_average_surface_distance, symmetric), where both masks are set. DeepMind's surface-distance
 * weights surfaces by length, so its figures differ by a fraction of a pixel.
 */
void nmd_outline_measure (const NmdImage     *image,
                          const NmdImage     *prediction,
                          const NmdImage     *reference,
                          NmdOutlineMeasures *measures);

/* Areas, Dice, IoU and whether it failed, as nmd_outline_measure() has them; the rest of @measures is 0 and
 * the echo intensities NaN. */
void nmd_outline_overlap (const NmdImage     *prediction,
                          const NmdImage     *reference,
                          NmdOutlineMeasures *measures);

G_END_DECLS
