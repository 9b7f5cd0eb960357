/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of "cannot be judged" from the validation part, and whether they held on another part. Threads:
 * any.
 */
#pragma once

#include "engine/eval/nmd-metrics.h"
#include "engine/model/nmd-conformal.h"

G_BEGIN_DECLS

/* The promise. A class needs 1/(1 − level) − 1 = 9 validation subjects for it. */
#define NMD_CONFORMAL_LEVEL 0.9

/**
 * nmd_conformal_fit:
 * @validation: images that neither trained nor are measured; rows with a NaN score are passed over
 * @level: in (0, 1)
 * @self: (out): the limits; "weights" is left empty
 *
 * Class-conditional split conformal prediction with subjects as the exchangeable unit. Of class y with K
 * subjects, subject k having n_k images of it with nonconformities s = 1 − p_y, the limit is the smallest
 * value q with
 *
 *     Σ_k Σ_i 1{s_ki ≤ q}/(n_k (K + 1)) ≥ level
 *
 * so that the remaining 1/(K + 1) lies at infinity: with K < level/(1 − level) there is no limit and no
 * promise. An image of a new subject keeps its true class with probability level at least; with one image a
 * subject the covered number of M new subjects is Beta-binomial(M; r, K + 1 − r), r = ⌈level (K + 1)⌉.
 *
 * Logits: two logits less their mean, over their norm, are always the same up to sign, so "normalised logits"
 * order nothing here; 1 − p_y has the order of the logits' difference, the one thing that two classes leave,
 * and label smoothing cannot change the limits' validity.
 *
 * Source: Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World (2005), 4.5 (class-conditional);
 * Lee, Barber and Willett, arXiv:2306.06342 (2023), eq. 6 (several images a subject); Xia et al.,
 * arXiv:2403.14715 (label smoothing).
 */
void nmd_conformal_fit     (const NmdScores    *validation,
                            double              level,
                            NmdConformal       *self);

/**
 * NmdCoverage:
 * @covered: by class: mean over its subjects of the share of their images that keep the class; NaN without
 * @ci: 95 %: Wilson's of that mean in so many subjects
 * @n_subjects: subjects by class
 * @n_images: images
 * @n_open: of these, images that cannot be judged
 * @n_both: of these, because both classes are possible
 * @n_right: of the images that are judged, those called what they are
 */
typedef struct
{
  double covered[2];
  NmdInterval ci[2];
  guint n_subjects[2];
  guint n_images, n_open, n_both, n_right;
} NmdCoverage;

/* What became of the promise on @scores. All zero and NaN without limits for both classes. */
void nmd_conformal_measure (const NmdConformal *self,
                            const NmdScores    *scores,
                            NmdCoverage        *coverage);

/* "Cannot be judged: 14 of 108 images (13 %) …", "No promise …": what is reported of a part. */
char *nmd_conformal_to_text (const NmdConformal *self,
                             const NmdCoverage  *coverage) G_GNUC_WARN_UNUSED_RESULT;

/* "level", limits and so on as nmd_conformal_to_json(), and "text", "coverage_negative", "coverage_positive",
 * "n_images", "n_cannot_be_judged", "n_both_possible", "n_right_of_judged". */
JsonNode *nmd_coverage_to_json (const NmdConformal *self,
                                const NmdCoverage  *coverage) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
