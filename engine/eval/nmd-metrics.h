/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures of a table of scores with their intervals: confusion matrix and its rates, F1, AUC, Brier
 * score. Images of one subject are alike, so the interval that answers is the one by subject; the one
 * by image is kept beside it for comparison with texts that print it. Pure functions of the table; no
 * random numbers, no run folder. Threads: any.
 */
#pragma once

#include "engine/core/nmd-json-value.h"
#include "engine/eval/nmd-scores.h"

G_BEGIN_DECLS

/* Ends of a 95 % interval; both NaN where there is none. */
typedef struct
{
  double low, high;
} NmdInterval;

/* Under this number of subjects in a class that a measure needs there is no interval by subject. At 5
 * and 5 subjects nominal 95 % intervals of the AUC hold 0.94, at 3 and 3 they are as wide as [0.3, 1]
 * (tests/eval/interval-coverage.c). */
#define NMD_MIN_SUBJECTS 5
/* The Brier score's squared errors are so skewed that its interval holds 0.98 to 0.99 at 9 and 9 subjects:
 * it needs more. */
#define NMD_MIN_SUBJECTS_BRIER 10

/**
 * NmdMeasure:
 * @value: NaN where it is 0/0 (null in JSON, "–" on screen)
 * @ci: 95 % by image, as if images were independent: Wilson for rates, DeLong clipped to [0, 1] for
 *   the AUC. Far too narrow where subjects have several images: never shown as the answer. NaN for F1
 *   and Brier, and for an AUC without variance (0 or 1)
 * @ci_subject: 95 % by subject, the answer; NaN where there is none
 * @few: number of subjects that are too few for @ci_subject, where that is the reason
 * @few_label: their label, 0 or 1; −1: few subjects are not the reason
 */
typedef struct
{
  double value;
  NmdInterval ci;
  NmdInterval ci_subject;
  guint few;
  int few_label;
} NmdMeasure;

/**
 * NmdMetrics:
 * @threshold: positive iff score ≥ @threshold
 * @n_subjects: n_subjects_with[0] + n_subjects_with[1]
 * @n_subjects_with: subjects by label; a subject with images of both labels counts once, as positive
 * @n_mixed: those among n_subjects_with[1] that have images of both labels
 * @has_subjects: some row names its subject; else each image counts as a subject of its own
 */
typedef struct
{
  double threshold;
  guint tp, tn, fp, fn;
  NmdMeasure accuracy, sensitivity, specificity, ppv, npv, f1, auc, brier;
  guint n_images, n_subjects;
  guint n_subjects_with[2];
  guint n_mixed;
  gboolean has_subjects;
} NmdMetrics;

/**
 * nmd_metrics_compute:
 * @scores: the table
 * @threshold: positive iff score ≥ @threshold
 * @name: of the file or run, for errors
 * @metrics: (out caller-allocates): the measures; nothing in it needs freeing
 *
 * With x_s of the n_s rows of subject s counted in the numerator and the denominator of a rate, and
 * p = Σx/Σn:
 *
 * - **rates by image**: Wilson's interval of Σx in Σn (Wilson, JASA 22 (1927) 209).
 * - **rates by subject**: Wilson's interval of p in n* = Σn/d rows. The design effect d is the variance
 *   of p by linearisation over subjects, within strata of positive and negative subjects, over
 *   p(1 − p)/(Σn − 1) (Rao and Scott, Biometrics 48 (1992) 577), times (t/1.96)² with Satterthwaite's
 *   degrees of freedom (Korn and Graubard, Survey Methodology 24 (1998) 193). d rests on few subjects near
 *   0 and 1, so it is mixed with the largest it can be, Σn/k of k subjects: weight w = e/(e + ½) for the
 *   estimate, e = k·p(1 − p). At p = 1 it is Wilson's of k in k subjects, [L, 1] with L = k/(k + 1.96²).
 *   A true rate above L therefore never lies below the interval, and the 5 % all belong to its upper end:
 *   that is u₉₅, the end of Wilson's one-sided 95 % interval, where u₉₅ ≥ L, else min(L, the two-sided end);
 *   likewise the lower end near 0. With one row a subject d has no factor t.
 * - **F1**: by F1 = 2J/(1 + J), J = tp/(tp + fp + fn), which is a rate. By subject only.
 * - **AUC** = P(score of a positive > of a negative) + ½ P(equal), by midranks.
 * - **AUC by image**: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988) 837.
 * - **AUC by subject**: the x with (A − x)² = t²·κ·V(x), V the variance of Hanley and McNeil, Radiology
 *   143 (1982) 29, in the form of Newcombe, Stat. Med. 25 (2006) 559, method 5, at m and n rows over the
 *   design effect (at least the numbers of subjects). The design effect is the variance by subject of
 *   Obuchowski, Biometrics 53 (1997) 567, over DeLong's. κ = w·(Obuchowski's variance)/V(A) + 1 − w with
 *   w = e/(e + ¼), e = (subjects of the smaller class)·A(1 − A): near 1 the estimate is worth little. t is
 *   Student's with Satterthwaite's degrees of freedom. Near 1 the true value cannot lie below the lower
 *   end, so of its 2.5 % the share max(0, 1 − e/2) goes to the upper end. At A = 1 the lower end is that of so many
 *   subjects without a design effect.
 * - **Brier** = mean (score − label)²; by subject as a rate, with the squared errors for x_s, e + 0.05, d
 *   under 1 where the errors vary less than shares do, and two-sided ends. None under
 *   %NMD_MIN_SUBJECTS_BRIER subjects in a class.
 *
 * Coverage by simulation: tests/eval/interval-coverage.c. Mixed subjects are clusters of both classes.
 *
 * Errors: %NMD_ERROR_FORMAT: a NaN score, one class only, no rows; names @name.
 *
 * Returns: %FALSE with @error set
 */
gboolean  nmd_metrics_compute       (const NmdScores   *scores,
                                     double             threshold,
                                     const char        *name,
                                     NmdMetrics        *metrics,
                                     GError           **error);

/* The AUC alone, without intervals; NaN if one class is missing or a score is NaN. Cheap. */
double    nmd_auc                   (const double      *scores,
                                     const int         *labels,
                                     gsize              n);

/* The q with P(T ≤ q) = @p, T Student's with @df > 0 degrees of freedom (any real); relative error under
 * 1e-10. */
double    nmd_t_quantile            (double             p,
                                     double             df);

/* Wilson's 95 % interval of @k successes in @n, 0 ≤ @k ≤ @n (either may be no whole number); NaN if
 * @n is 0. */
NmdInterval nmd_wilson              (double             k,
                                     double             n);

/* (nullable): a sentence where the intervals rest on few subjects: fewer than ten in a class, or fewer
 * than 1/(1 − AUC), at most 100, for a high AUC (likewise for one near 0). Also the member "caution" of
 * the JSON. */
char     *nmd_metrics_get_caution   (const NmdMetrics  *metrics) G_GNUC_WARN_UNUSED_RESULT;

/* "20 positive and 40 negative subjects", with "(2 with both labels)" where there are any. */
char     *nmd_metrics_get_subjects  (const NmdMetrics  *metrics) G_GNUC_WARN_UNUSED_RESULT;

/* The unit of the intervals, in words: "by subject", or "by image" where no row names its subject. */
const char *nmd_metrics_get_unit    (const NmdMetrics  *metrics);

/* Why @self has no interval: "1 positive subject", "no value"; %NULL if it has one. */
char     *nmd_measure_get_missing   (const NmdMeasure  *self) G_GNUC_WARN_UNUSED_RESULT;

/* For people: "0.903 [0.81, 0.95]", "1.000 (no interval: 1 positive subject)", "–". The interval is
 * the one by subject. An end is never rounded to the value 0.00, 1.00 or -1.00 that it does not reach, nor two different
 * ends to the same text, nor an end past the value. */
char     *nmd_measure_to_text       (const NmdMeasure  *self) G_GNUC_WARN_UNUSED_RESULT;
/* Only the interval: "[0.81, 0.95]", or "no interval: 1 positive subject". */
char     *nmd_measure_interval_to_text (const NmdMeasure *self) G_GNUC_WARN_UNUSED_RESULT;

/* Sets @member of @object to [low, high]; to null where an end is NaN. */
void      nmd_interval_to_json      (JsonObject        *object,
                                     const char        *member,
                                     const NmdInterval *self);
/* Reads that back, ends within ±@most; @self stays as it is where @member is null or not there. */
gboolean  nmd_interval_from_json    (NmdInterval        *self,
                                     const NmdJsonValue *object,
                                     const char         *member,
                                     double              most,
                                     GError            **error);

/**
 * nmd_metrics_to_json:
 * @part: "test" …
 * @unit: "image" or "subject": what a row is
 *
 * Members: part, unit, threshold, tp, tn, fp, fn, each measure X with X_ci (by
 * image; not for f1 and brier) and X_ci_subject, n_images, n_subjects. Besides: "interval_unit",
 * "X_ci_method", "X_ci_subject_method", "X_no_interval" (why, only where there is none),
 * "n_positive_subjects", "n_negative_subjects", "n_subjects_with_both_labels", "caution" (only where
 * there is one). NaN is null, an interval of NaN too.
 */
JsonNode *nmd_metrics_to_json       (const NmdMetrics  *metrics,
                                     const char        *part,
                                     const char        *unit) G_GNUC_WARN_UNUSED_RESULT;

/* Reads what nmd_metrics_to_json() wrote. Members that older files lack keep their empty value. Errors:
 * %NMD_ERROR_FORMAT naming file and member. */
gboolean  nmd_metrics_from_json     (NmdMetrics         *metrics,
                                     const NmdJsonValue *object,
                                     GError            **error);

G_END_DECLS
