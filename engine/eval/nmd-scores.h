/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of scores: one row an image (or, after nmd_scores_by_subject(), one row a subject).
 * Pure data; knows no run folder and computes no measure. Threads: any; filled by one thread, then
 * read by all.
 */
#pragma once

#include "engine/core/nmd-error.h"

G_BEGIN_DECLS

/**
 * NmdScore:
 * @subject: whose image it is; "" if unknown, the image then counts as a subject of its own
 * @image: name of the image
 * @muscle: "" if unknown
 * @label: 0 or 1
 * @score: softmax of the positive class, [0, 1]
 * @echo: echo intensity, mean grey level inside the outline in [0, 255]; NaN if unknown
 *
 * One scored image. Texts are borrowed from the table.
 */
typedef struct
{
  const char *subject;
  const char *image;
  const char *muscle;
  int label;
  double score;
  double echo;
} NmdScore;

/* Reference counted. */
typedef struct _NmdScores NmdScores;

/* An empty table. */
NmdScores      *nmd_scores_new        (void) G_GNUC_WARN_UNUSED_RESULT;
/* Adds a reference; returns @self. */
NmdScores      *nmd_scores_ref        (NmdScores        *self);
/* Drops a reference; the last one frees the table. */
void            nmd_scores_unref      (NmdScores        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdScores, nmd_scores_unref)

/* Appends a row; its texts are copied (%NULL is ""). */
void            nmd_scores_add        (NmdScores        *self,
                                       const NmdScore   *score);
/* Number of rows. */
guint           nmd_scores_get_n      (const NmdScores  *self);
/* Row @i < n, borrowed. */
const NmdScore *nmd_scores_get        (const NmdScores  *self,
                                       guint             i);

/* The name that the row's subject goes by: the subject, or the image where that is "". Borrowed. */
const char     *nmd_score_group       (const NmdScore   *score);

/**
 * nmd_scores_load:
 * @path: a CSV with the columns subject, image, label, score, and muscle and echo_intensity if known
 *
 * Errors: %NMD_ERROR_FORMAT naming the file and the row: a missing column, a label that is not 0 or
 *   1, a score that is NaN or outside [0, 1], an image that stood in an earlier row.
 *
 * Returns: (transfer full): the table, %NULL with @error set
 */
NmdScores      *nmd_scores_load       (const char       *path,
                                       GError          **error) G_GNUC_WARN_UNUSED_RESULT;

/* One row a subject: the mean score and echo intensity of its images, label 1 if any image has it,
 * the muscle if all agree. Sorted by subject. */
NmdScores      *nmd_scores_by_subject (const NmdScores  *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
