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

/* What a cell of the column of scores is. */
typedef enum
{
  NMD_SCALE_UNIT,    /* [0, 1] */
  NMD_SCALE_PERCENT, /* [0, 100]; divided by 100 */
  NMD_SCALE_LOGIT,   /* any number x; the score is 1/(1 + exp(−x)) */
} NmdScoreScale;

/**
 * NmdScoresSettings:
 * @label_column: (nullable): header of the labels, "label"
 * @score_column: (nullable): of the scores, "score"
 * @subject_column: (nullable): of the subjects, "subject"; by default there may be none
 * @image_column: (nullable): of the images, "image"; by default there may be none
 * @part_column: (nullable): of the parts, "part" or "split"; by default there may be none
 * @positive: (nullable): label word that means 1, for words that nmd_label_parse() does not know
 * @part: (nullable): the part to read, a word for it or "all"
 * @scale: what scores are
 * @notes: (nullable) (element-type utf8): takes a sentence on how tables were joined; frees its texts
 *
 * How tables of scores are to be read. All zero is the default.
 */
typedef struct
{
  const char *label_column;
  const char *score_column;
  const char *subject_column;
  const char *image_column;
  const char *part_column;
  const char *positive;
  const char *part;
  NmdScoreScale scale;
  GPtrArray *notes;
} NmdScoresSettings;

/**
 * nmd_scores_load:
 * @paths: (array zero-terminated=1): tables (nmd-table.h), one at least
 * @settings: (nullable): how to read them
 * @part: (out) (nullable) (transfer full): name of the part that was read, "train", "validation", "test" or,
 *   for other words, as the table has it; %NULL where no column says
 *
 * Reads the rows of one table after the other into one. Where some tables have labels and no scores and the
 * others scores and no labels, rows are joined by the name of their image, as written, or, of a table that
 * shares no name with the labels, by the name without folder, ending and case; other columns are taken
 * from the table of scores first. Images of one kind of table only are left out, counted and named in
 * settings->notes. Columns "muscle" and "echo_intensity" are read if
 * there. Labels are words of nmd_label_parse(); numbers may have a decimal comma; a cell of echo intensity
 * may say nothing (nmd_csv_is_missing()). A row without subject counts as a subject of its own; one
 * without image too is called “row 1” and so on.
 *
 * Cost: linear in the rows.
 *
 * Errors: %NMD_ERROR_FORMAT naming the file and the row: a missing column, an unknown label, a score that is
 *   no number or not on the scale, an image that stood in an earlier row (of any table), tables that have no
 *   image in common;
 *   %NMD_ERROR_NEEDS_POSITIVE: label words that are not known, or 0 and 1 in a column as “healthy” (choices:
 *   those of the table);
 *   %NMD_ERROR_NEEDS_SPLIT: the rows are of several parts and settings->part names none.
 *
 * Returns: (transfer full): the table, %NULL with @error set
 */
NmdScores      *nmd_scores_load       (const char *const *paths,
                                       const NmdScoresSettings *settings,
                                       char            **part,
                                       GError          **error);

/* One row a subject: the mean score and echo intensity of its images, label 1 if any image has it,
 * the muscle if all agree. Sorted by subject. */
NmdScores      *nmd_scores_by_subject (const NmdScores  *self) G_GNUC_WARN_UNUSED_RESULT;

/**
 * NmdUnit:
 * @NMD_UNIT_IMAGE: every image is a row
 * @NMD_UNIT_MUSCLE: a row a muscle of a subject
 * @NMD_UNIT_SUBJECT: a row a subject
 *
 * What a row of a measure is.
 */
typedef enum
{
  NMD_UNIT_IMAGE,
  NMD_UNIT_MUSCLE,
  NMD_UNIT_SUBJECT,
} NmdUnit;

/* "image", "subject and muscle", "subject". */
const char     *nmd_unit_get_name     (NmdUnit           unit);
/* The table at @unit: a new reference for images, else means of score and echo intensity, label 1 if any
 * image has it, sorted by subject (and muscle); rows keep their subject, so that intervals by subject still
 * know which belong together. Images without a muscle count as one muscle. A NaN score makes the mean NaN. */
NmdScores      *nmd_scores_by_unit    (const NmdScores  *self,
                                       NmdUnit           unit) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
