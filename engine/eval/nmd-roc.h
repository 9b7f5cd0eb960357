/* SPDX-License-Identifier: Apache-2.0
 *
 * ROC curves and their band. Threads: any.
 */
#pragma once

#include "engine/eval/nmd-scores.h"

G_BEGIN_DECLS

/* Draws of subjects for the band. */
#define NMD_BOOTSTRAP_DRAWS 2000

/**
 * NmdRoc:
 * @n: corner points; 0 if a class is missing or a score is NaN
 * @fpr: 1 − specificity, rising from 0 to 1
 * @tpr: sensitivity at each @fpr
 * @threshold: falling; threshold[0] = +inf. One point for each score that occurs
 * @band_low: (nullable): 95 % band of @tpr at each @fpr, pointwise, bootstrap of subjects
 * @band_high: (nullable): likewise
 */
typedef struct
{
  guint n;
  double *fpr, *tpr, *threshold;
  double *band_low, *band_high;
} NmdRoc;

/* The curve of @n scores; labels 0 and 1. Without a band. */
NmdRoc   *nmd_roc_new           (const double    *scores,
                                 const int       *labels,
                                 gsize            n) G_GNUC_WARN_UNUSED_RESULT;

/* The curve of a table, without a band. */
NmdRoc   *nmd_roc_new_for       (const NmdScores *scores) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_roc_new_with_band:
 * @seed: of the draws: stream "SEED:bootstrap:0:", %NMD_BOOTSTRAP_DRAWS draws of subjects with
 *   replacement; draws with one class only are drawn again
 *
 * The band is the 2.5 and 97.5 percentiles of tpr at up to 201 values of fpr, interpolated between
 * them. It depends on the subjects' names and @seed, not on the order of rows. No band where fewer than
 * %NMD_MIN_SUBJECTS subjects of a class are there (its width would say nothing).
 */
NmdRoc   *nmd_roc_new_with_band (const NmdScores *scores,
                                 guint64          seed) G_GNUC_WARN_UNUSED_RESULT;
/* A copy with its band. */
NmdRoc   *nmd_roc_copy          (const NmdRoc    *self) G_GNUC_WARN_UNUSED_RESULT;
/* Frees @self; %NULL is passed over. */
void      nmd_roc_free          (NmdRoc          *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdRoc, nmd_roc_free)

G_END_DECLS
