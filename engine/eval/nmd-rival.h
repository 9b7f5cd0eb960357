/* SPDX-License-Identifier: Apache-2.0
 *
 * The rival: logistic regression on echo intensity alone, and what a network adds to it. Threads: any.
 */
#pragma once

#include "engine/eval/nmd-delong.h"

G_BEGIN_DECLS

typedef struct _NmdRival NmdRival;

/**
 * nmd_rival_fit:
 * @train: the training part; rows without echo intensity are left out, scores are not read
 *
 * Logistic regression of the label on echo intensity, with the muscle as a factor where there are
 * several, by Newton's method with a ridge of 1e-6 on the standardised coefficients but the intercept
 * (so that separable data converge).
 *
 * Errors: %NMD_ERROR_FORMAT: no row with an echo intensity, or one class only.
 *
 * Returns: (transfer full): the fit, %NULL with @error set
 */
NmdRival *nmd_rival_fit       (const NmdScores *train,
                               GError         **error) G_GNUC_WARN_UNUSED_RESULT;
/* The rival's score in [0, 1]; NaN if @echo is. A @muscle that the training part did not have gets the
 * mean of the muscles' coefficients by their share of images. */
double    nmd_rival_score     (const NmdRival  *self,
                               double           echo,
                               const char      *muscle);
/* Frees @self; %NULL is passed over. */
void      nmd_rival_free      (NmdRival        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdRival, nmd_rival_free)
/* Coefficients on the scale of grey levels, so that a reader can check a score by hand. */
JsonNode *nmd_rival_to_json   (const NmdRival  *self) G_GNUC_WARN_UNUSED_RESULT;

/**
 * NmdComparison:
 * @auc: the rival's AUC with its intervals, on the images with an echo intensity
 * @network_auc: the network's, on the same images
 * @difference: network less rival; value, 95 % interval by subject, or why there is none; @ci is NaN
 * @bootstrap: 95 % interval of @difference by 2,000 draws of subjects (BCa), beside it; NaN where there is none
 * @delong: DeLong's test, a row a subject; its p is NaN where there is none. Only difference, se and p are
 *   read back from JSON
 * @n_images: images with both scores
 * @n_subjects_with: their subjects, by label; one with both labels is positive
 * @n_mixed: those among n_subjects_with[1] that have images of both labels
 * @has_subjects: intervals are by subject; else each image counted as a subject
 * @sentence: what may be said, with AUC, 95 % and the unit; careful where subjects are few
 */
typedef struct
{
  NmdMeasure auc;
  NmdMeasure network_auc;
  NmdMeasure difference;
  NmdInterval bootstrap;
  NmdDeLong delong;
  guint n_images;
  guint n_subjects_with[2];
  guint n_mixed;
  gboolean has_subjects;
  char *sentence;
} NmdComparison;

/**
 * nmd_rival_compare:
 * @scores: the network's scores; rows without echo intensity are left out
 * @comparison: (out caller-allocates): cleared with nmd_comparison_clear()
 * @rival_scores: (out) (nullable) (optional): the same rows with the rival's scores
 *
 * The interval of the difference of two correlated AUCs A and B with intervals [a, a'] and [b, b'] is
 *
 *     low  = A − B − √((A − a)² + (b' − B)² − 2ρ(A − a)(b' − B))
 *     high = A − B + √((a' − A)² + (B − b)² − 2ρ(a' − A)(B − b))
 *
 * (Zou and Donner, Stat. Med. 27 (2008) 1693), ρ the correlation of A and B by subject (Obuchowski,
 * Biometrics 53 (1997) 567), 0 where one of them has no variance. None under %NMD_MIN_SUBJECTS subjects
 * in a class.
 *
 * Errors: %NMD_ERROR_FORMAT: no image with both scores, or one class only among them.
 */
gboolean  nmd_rival_compare   (const NmdRival  *self,
                               const NmdScores *scores,
                               NmdComparison   *comparison,
                               NmdScores      **rival_scores,
                               GError         **error);
/* Frees what @self holds and zeroes it. */
void      nmd_comparison_clear (NmdComparison  *self);
/* auc, auc_ci, auc_ci_subject, network_auc …, difference, difference_ci_subject,
 * difference_no_interval, n_images, sentence. */
JsonNode *nmd_comparison_to_json (const NmdComparison *self) G_GNUC_WARN_UNUSED_RESULT;
/* Reads it back. Errors: %NMD_ERROR_FORMAT naming file and member. */
gboolean  nmd_comparison_from_json (NmdComparison      *self,
                                    const NmdJsonValue *object,
                                    GError            **error);

G_END_DECLS
