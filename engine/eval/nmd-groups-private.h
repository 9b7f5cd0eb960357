/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of scores by subject, and the two things that intervals by subject are made of: the variance
 * of a rate over subjects, and the placements of an AUC.
 */
#pragma once

#include "engine/eval/nmd-metrics.h"

G_BEGIN_DECLS

/* Rows and whose they are. Subjects are numbered by the order of their names. */
typedef struct
{
  guint n, n_subjects;
  guint *subject;       /* of each row */
  int *label;           /* of each row */
  double *score;        /* of each row */
  int *subject_label;   /* 1 if any of its rows has label 1 */
  guint n_with[2];      /* subjects by subject_label */
  guint n_having[2];    /* subjects with a row of this label; a mixed one counts for both */
  gboolean has_subjects; /* a row names its subject */
} NmdGroups;

void     nmd_groups_init      (NmdGroups       *self,
                               const NmdScores *scores);
void     nmd_groups_clear     (NmdGroups       *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdGroups, nmd_groups_clear)

/* 95 % interval by subject of Σover/Σunder in [0, 1]; each array holds a value ≥ 0 for each subject. NaN
 * if Σunder is 0. @is_share: @over counts rows, else it adds squared errors. See nmd_metrics_compute(). */
NmdInterval nmd_groups_rate   (const NmdGroups *self,
                               const double    *over,
                               const double    *under,
                               gboolean         is_share);

/* Rows by rising score; ties[i] is TRUE if order[i] has the score of order[i + 1]. */
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

/* One AUC. */
typedef struct
{
  double auc;           /* NaN if a class is missing; what follows is 0 then */
  double *placement;    /* of each row: share of the other class on the right side, less auc */
  double by_image;      /* DeLong's variance; NaN with one row of a class */
  double by_subject;    /* Obuchowski's variance; NaN with one subject of a class */
  double part[2];       /* of by_subject: what the subjects with label 0 and 1 add, for degrees of freedom */
} NmdPlacements;

/* The AUC, NaN if a class is missing; fills the @n placements less the AUC. */
double   nmd_placements_fill  (const int       *labels,
                               const double    *scores,
                               guint            n,
                               double          *placement);
void     nmd_placements_init  (NmdPlacements   *self,
                               const NmdGroups *groups,
                               const double    *scores);
void     nmd_placements_clear (NmdPlacements   *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdPlacements, nmd_placements_clear)

/* The covariance by subject of two AUCs of the same rows. */
double   nmd_placements_covariance (const NmdPlacements *a,
                                    const NmdPlacements *b,
                                    const NmdGroups     *groups);
/* DeLong's interval, clipped to [0, 1]; NaN without variance. */
NmdInterval nmd_placements_by_image (const NmdPlacements *self);
/* The interval by subject, whatever the number of subjects (at least two of each class). */
NmdInterval nmd_placements_by_subject (const NmdPlacements *self,
                                       const NmdGroups     *groups);

G_END_DECLS
