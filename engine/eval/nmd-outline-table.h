/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of proposed outlines, a row an image: what nmd_outline_measure() says of each; and what is said
 * of all of them, with intervals by subject. Knows no run folder. Threads: any.
 */
#pragma once

#include "engine/core/nmd-csv.h"
#include "engine/eval/nmd-agreement.h"
#include "engine/eval/nmd-metrics.h"
#include "engine/eval/nmd-outline-measures.h"

G_BEGIN_DECLS

/* One row. Texts are copied by nmd_outline_table_add() and lent by nmd_outline_table_get(). */
typedef struct
{
  const char *image;    /* id */
  const char *subject;  /* "" if not known: then the image is a subject of its own */
  const char *part;     /* "train", "validation", "test" */
  NmdOutlineMeasures measures;
  double confidence;    /* of the proposal, [0, 1]; NaN without an outline */
  guint warnings;       /* flags of the proposal, 0 for none; the caller's */
} NmdOutlineRow;

typedef struct _NmdOutlineTable NmdOutlineTable; /* reference counted */

NmdOutlineTable     *nmd_outline_table_new   (void) G_GNUC_WARN_UNUSED_RESULT;
NmdOutlineTable     *nmd_outline_table_ref   (NmdOutlineTable       *self);
void                 nmd_outline_table_unref (NmdOutlineTable       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdOutlineTable, nmd_outline_table_unref)

/* Adds a copy of @row. */
void                 nmd_outline_table_add   (NmdOutlineTable       *self,
                                              const NmdOutlineRow   *row);
guint                nmd_outline_table_get_n (const NmdOutlineTable *self);
const NmdOutlineRow *nmd_outline_table_get   (const NmdOutlineTable *self,
                                              guint                  i);

/* As text: image, subject, part, dice, iou, hd95, msd, area, area_reference, echo_intensity,
 * echo_intensity_reference, confidence, warnings. Returns: (transfer full). */
char                *nmd_outline_table_to_csv (const NmdOutlineTable *self) G_GNUC_WARN_UNUSED_RESULT;

/* Reads it back, rows of @part only (nullable: all). @csv was loaded from @path. Every cell is checked.
 * Errors: %NMD_ERROR_FORMAT naming file, row and column. */
NmdOutlineTable     *nmd_outline_table_from_csv (const NmdCsv        *csv,
                                                 const char          *path,
                                                 const char          *part,
                                                 GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/* What is said of a measure over all images. */
typedef struct
{
  double mean;          /* NaN if @n is 0 */
  double sd;            /* of images, ÷(n − 1); NaN under two */
  double median;
  NmdInterval ci_subject; /* 95 % of the mean by subject; NaN under NMD_MIN_SUBJECTS subjects */
  guint n;              /* images that have a value */
} NmdOutlineSummary;

enum
{
  NMD_OUTLINE_DICE,
  NMD_OUTLINE_IOU,
  NMD_OUTLINE_HD95,            /* pixels */
  NMD_OUTLINE_MSD,             /* pixels */
  NMD_OUTLINE_AREA_DIFFERENCE, /* |P| − |R|, pixels */
  NMD_OUTLINE_AREA_SHARE,      /* (|P| − |R|)/|R|; none where R is empty */
  NMD_OUTLINE_ECHO_DIFFERENCE, /* EI(P) − EI(R), grey levels; none where either is empty */
  NMD_N_OUTLINE_MEASURES,
};

/* What is known of a measure beside its values. */
typedef struct
{
  const char *name;  /* in JSON: "dice" */
  const char *title; /* "Dice" */
  const char *unit;  /* "", "pixels", "grey levels" */
  int decimals;
} NmdOutlineMeasureInfo;

extern const NmdOutlineMeasureInfo nmd_outline_measures[NMD_N_OUTLINE_MEASURES];

/**
 * NmdOutlineResults:
 * @n_failures: images whose Dice is under %NMD_FAILURE_DICE; they are in every mean
 * @n_no_outline: of all, images where nothing was proposed
 * @n_warned: of all, images whose proposal has a warning
 * @n_without_echo: images with no echo intensity difference (an empty mask)
 * @echo_by_image: agreement of the echo intensities, each image once
 * @echo_by_subject: the same of each subject's mean difference
 * @area_by_image: agreement of the areas in pixels, each image once
 * @area_by_subject: the same of each subject's mean difference
 */
typedef struct
{
  guint n_images, n_subjects;
  gboolean has_subjects;
  guint n_failures, n_no_outline, n_warned, n_without_echo;
  NmdOutlineSummary measures[NMD_N_OUTLINE_MEASURES];
  NmdAgreement echo_by_image, echo_by_subject;
  NmdAgreement area_by_image, area_by_subject;
} NmdOutlineResults;

/* The value of measure @which in a row; NaN where it has none. */
double  nmd_outline_row_get      (const NmdOutlineRow     *row,
                                  guint                    which);

/**
 * nmd_outline_results_compute:
 * @table: at least one row
 * @seed: of the stream "SEED:bootstrap:0:"
 *
 * Means over images, nothing left out. The intervals are the 2.5 and 97.5 percentiles of the mean over
 * 2,000 draws of subjects with replacement, each with all its images.
 *
 * Errors: %NMD_ERROR_FORMAT naming @name if @table has no rows.
 */
gboolean nmd_outline_results_compute (const NmdOutlineTable *table,
                                      guint64                seed,
                                      const char            *name,
                                      NmdOutlineResults     *results,
                                      GError               **error);

/* Members: n_images, n_subjects, n_failures, failure_dice, n_no_outline, n_with_warnings,
 * n_without_echo_intensity, each measure as {mean, sd, median, n, ci_subject: [low, high]}, and
 * echo_agreement: {by_image: nmd_agreement_to_json(), by_subject}, area_agreement likewise. And back; files
 * from before areas had one give NaN there. */
JsonObject *nmd_outline_results_to_json   (const NmdOutlineResults *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean    nmd_outline_results_from_json (NmdOutlineResults       *self,
                                           const NmdJsonValue      *object,
                                           GError                 **error);

/* "0.912 [0.90, 0.93]", "2.1 pixels", "–". */
char       *nmd_outline_summary_to_text   (const NmdOutlineSummary *self,
                                           guint                    which) G_GNUC_WARN_UNUSED_RESULT;
/* "bias −0.4, limits −3.1 to 2.3 grey levels (108 images)"; "–" without. @unit: "image", "subject". */
char       *nmd_agreement_to_text         (const NmdAgreement      *self,
                                           const char              *unit) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
