/* SPDX-License-Identifier: Apache-2.0
 *
 * The bootstrap of subjects that all intervals share: a draw is a weight for each subject, and a
 * ranking that was sorted once gives any draw's AUC in one pass.
 */
#pragma once

#include "engine/core/nmd-random.h"
#include "engine/eval/nmd-metrics.h"

G_BEGIN_DECLS

typedef struct
{
  guint n, n_subjects;
  guint *subject; /* of each image, index into the sorted names */
  int *label;
  guint *weight;  /* of each subject in the present draw */
  gboolean fixed; /* every draw with both classes is the same: one subject, or one of each class */
  NmdRandom stream;
} NmdBootstrap;

void     nmd_bootstrap_init  (NmdBootstrap    *self,
                              const NmdScores *scores,
                              guint64          seed);
void     nmd_bootstrap_clear (NmdBootstrap    *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdBootstrap, nmd_bootstrap_clear)

/* The next draw that has both classes. FALSE if there is nothing to draw from
 * or only one such draw. */
gboolean nmd_bootstrap_next  (NmdBootstrap    *self);

/* Images by rising score; ties[i] is TRUE if order[i] has the score of order[i + 1]. */
typedef struct
{
  guint n;
  guint *order;
  gboolean *ties;
} NmdRanking;

void     nmd_ranking_init    (NmdRanking      *self,
                              const double    *values,
                              guint            n);
void     nmd_ranking_clear   (NmdRanking      *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdRanking, nmd_ranking_clear)

/* AUC with each image weighted as in the present draw. */
double   nmd_ranking_auc     (const NmdRanking   *self,
                              const NmdBootstrap *bootstrap);

/* 2.5 and 97.5 percentiles of the finite among @values (linear between order statistics); sorts them.
 * NaN if fewer than two are finite. */
NmdInterval nmd_percentiles  (double          *values,
                              guint            n);

/* The names that subjects of @scores go by: the subject, or the image where that is empty. */
const char *nmd_score_group  (const NmdScore  *score);

/* DeLong's interval, not for one class; clipped to [0, 1]. */
NmdMeasure  nmd_auc_measure  (const double    *scores,
                              const int       *labels,
                              guint            n);

G_END_DECLS
