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
 * @prevalence: share of positives among these images: that of which a probability is true
 *
 * probability = 1/(1 + exp(−(logit(score)/T + b))). T > 1 softens.
 */
typedef struct
{
  double temperature, intercept;
  guint n_images, n_subjects;
  double prevalence;
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
/**
 * nmd_calibration_fit_temperature:
 * @validation: as above
 *
 * The temperature alone, b = 0: the T with the smallest cross entropy of the labels (Guo et al., ICML 2017,
 * 4.2; for two classes softmax(z/T) is logit(score)/T). It cannot mend a wrong mean.
 *
 * Errors: those of nmd_calibration_fit(), and classes that the score separates: T would be 0.
 */
gboolean  nmd_calibration_fit_temperature (const NmdScores *validation,
                                           NmdCalibration  *self,
                                           GError         **error);
/* @probability, true at the prevalence @from, at the prevalence @to (both in (0, 1)): its odds times
 * to/(1 − to)·(1 − from)/from. Saerens et al., Neural Computation 14 (2002) 21, eq. 2.4: right where only the
 * share of positives differs. */
double    nmd_probability_at    (double                probability,
                                 double                from,
                                 double                to);
/* The probability for @score. */
double    nmd_calibration_apply (const NmdCalibration *self,
                                 double                score);
/* For the passport: "temperature 1.09 and intercept -0.16, fitted on the validation part (60 images of 20
 * subjects)". */
char     *nmd_calibration_to_text (const NmdCalibration *self) G_GNUC_WARN_UNUSED_RESULT;
/* A copy of @scores with probabilities for scores. */
NmdScores *nmd_calibration_apply_all (const NmdCalibration *self,
                                      const NmdScores      *scores) G_GNUC_WARN_UNUSED_RESULT;

/* Bins, where nothing else is asked for, of the expected calibration error and of the reliability diagram. */
#define NMD_RELIABILITY_BINS 10

/**
 * NmdReliability:
 * @slope: of the logistic regression of the label on logit(score); 1 is right, under 1 too extreme;
 *   NaN where the classes are separated
 * @intercept: of the same; 0 is right
 * @slope_ci: 95 % interval by subject; NaN with fewer than 10 subjects of a class
 * @intercept_ci: likewise
 * @ece: Σ (share of images in a bin) · |mean score − share of positives| over %NMD_RELIABILITY_BINS
 *   bins of equal width (Guo et al., ICML 2017, eq. 3)
 * @brier: mean (score − label)²
 * @n_filled: bins with an image
 *
 * **Intervals** are estimate ± t(0.975, G − 1)·√V of the G subjects, whose rows are not independent:
 *
 *     V = G/(G − 1) · H⁻¹ (Σ_s g_s g_sᵀ) H⁻¹
 *
 * H the sum over rows of p(1 − p)·(1, x)(1, x)ᵀ, g_s the sum over the rows of subject s of (label − p)·(1, x), x the
 * logit. Source: Liang and Zeger, Biometrika 73 (1986) 13, with an independent working correlation.
 */
typedef struct
{
  double slope, intercept, ece, brier;
  NmdInterval slope_ci, intercept_ci;
  guint n_filled;
} NmdReliability;
/* Nothing was measured. */
#define NMD_RELIABILITY_NONE { NAN, NAN, NAN, NAN, { NAN, NAN }, { NAN, NAN }, 0 }

/**
 * NmdReliabilityBin:
 * @low: scores from
 * @high: to, not including it but in the last bin
 * @mean: of the scores in it; NaN without any
 * @share: of positives in it; likewise
 * @ci: Wilson's interval of @share in @n_subjects, as if each subject were one image: rather too wide
 * @n: images
 * @n_positive: likewise
 * @n_subjects: subjects with an image in it
 */
typedef struct
{
  double low, high, mean, share;
  NmdInterval ci;
  guint n, n_positive, n_subjects;
} NmdReliabilityBin;

/* The reliability curve: fills @n_bins bins of equal width. Scores out of [0, 1] fall into the outer bins, NaN
 * into none. */
void      nmd_reliability_curve   (const NmdScores   *scores,
                                   guint              n_bins,
                                   NmdReliabilityBin *bins);
/* The expected calibration error of @n_bins such bins; NaN if they hold nothing. */
double    nmd_reliability_ece     (const NmdReliabilityBin *bins,
                                   guint                    n_bins);

/* Measures @scores (or probabilities). All NaN for an empty table. */
void      nmd_reliability_compute (const NmdScores *scores,
                                   NmdReliability  *reliability);

G_END_DECLS
