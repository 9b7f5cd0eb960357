/* SPDX-License-Identifier: Apache-2.0
 *
 * From scores to probabilities: scaling fitted on the validation part, and how well scores or
 * probabilities agree with the observed share of positives. Threads: any.
 */
#pragma once

#include "engine/eval/nmd-metrics.h"

G_BEGIN_DECLS

/**
 * NmdCalibration:
 * @temperature: T > 0
 * @intercept: b
 * @n_images: that it was fitted on
 * @n_subjects: likewise
 *
 * probability = 1/(1 + exp(−(logit(score)/T + b))). T > 1 softens.
 */
typedef struct
{
  double temperature, intercept;
  guint n_images, n_subjects;
} NmdCalibration;

/**
 * nmd_calibration_fit:
 * @validation: images that neither trained nor are measured
 *
 * Maximum likelihood of the labels given logit(score), the targets drawn in to (n₊ + 1)/(n₊ + 2) and
 * 1/(n₋ + 2) so that separable data have a fit (Platt 1999, in Lin, Lin and Weng, Machine Learning 68
 * (2007) 267). Scores are kept within [1e-12, 1 − 1e-12].
 *
 * Errors: %NMD_ERROR_FORMAT: fewer than ten subjects of a class, or scores that fall as positives get
 *   more frequent (1/T ≤ 0).
 */
gboolean  nmd_calibration_fit   (const NmdScores      *validation,
                                 NmdCalibration       *self,
                                 GError              **error);
/* The probability for @score. */
double    nmd_calibration_apply (const NmdCalibration *self,
                                 double                score);
/* For the passport: "temperature 1.09 and intercept -0.16, fitted on the validation part (60 images of 20
 * subjects)". */
char     *nmd_calibration_to_text (const NmdCalibration *self) G_GNUC_WARN_UNUSED_RESULT;
/* A copy of @scores with probabilities for scores. */
NmdScores *nmd_calibration_apply_all (const NmdCalibration *self,
                                      const NmdScores      *scores) G_GNUC_WARN_UNUSED_RESULT;

/* Bins of the expected calibration error and of the reliability diagram. */
#define NMD_RELIABILITY_BINS 10

/**
 * NmdReliability:
 * @slope: of the logistic regression of the label on logit(score); 1 is right, under 1 too extreme;
 *   NaN where the classes are separated
 * @intercept: of the same; 0 is right
 * @ece: Σ (share of images in a bin) · |mean score − share of positives| over %NMD_RELIABILITY_BINS
 *   bins of equal width (Guo et al., ICML 2017, eq. 3)
 * @brier: mean (score − label)²
 * @n_filled: bins with an image
 */
typedef struct
{
  double slope, intercept, ece, brier;
  guint n_filled;
} NmdReliability;

/* Measures @scores (or probabilities). All NaN for an empty table. */
void      nmd_reliability_compute (const NmdScores *scores,
                                   NmdReliability  *reliability);

G_END_DECLS
