/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures of a table of scores: confusion matrix, rates with Wilson intervals, ROC and AUC with
 * DeLong's interval, Brier score, intervals from a bootstrap of subjects, and the rival: logistic
 * regression on echo intensity alone. Pure functions; knows no run folder. Threads: any.
 */
#pragma once

#include "engine/core/nmd-error.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One scored image. Text is borrowed from the table. */
typedef struct
{
  const char *subject;
  const char *image;
  const char *muscle;   /* "" if unknown */
  int label;            /* 0 or 1 */
  double score;         /* [0, 1] */
  double echo;          /* mean grey in the outline, NaN if unknown */
} NmdScore;

typedef struct _NmdScores NmdScores;

NmdScores      *nmd_scores_new    (void);
NmdScores      *nmd_scores_ref    (NmdScores        *self);
void            nmd_scores_unref  (NmdScores        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdScores, nmd_scores_unref)
void            nmd_scores_add    (NmdScores        *self,
                                   const NmdScore   *score);   /* text is copied */
guint           nmd_scores_get_n  (const NmdScores  *self);
const NmdScore *nmd_scores_get    (const NmdScores  *self,
                                   guint             i);

/* Reads columns subject, image, label, score (muscle and echo_intensity if there). Errors:
 * %NMD_ERROR_FORMAT naming the file and the row: missing column, a label that is not 0 or 1, a
 * score that is NaN or outside [0, 1]. */
NmdScores      *nmd_scores_load   (const char       *path,
                                   GError          **error) G_GNUC_WARN_UNUSED_RESULT;

/* The mean score and label (any) of each subject. */
NmdScores      *nmd_scores_by_subject (const NmdScores *self) G_GNUC_WARN_UNUSED_RESULT;

typedef struct
{
  double low, high;     /* NaN where undefined */
} NmdInterval;

/* A measure; value NaN where it is 0/0 (null in JSON, "–" on screen). */
typedef struct
{
  double value;
  NmdInterval ci;          /* Wilson (rates), DeLong clipped to [0, 1] (auc); NaN for others */
  NmdInterval ci_subject;  /* 2.5 and 97.5 percentiles over a bootstrap of subjects; NaN if there is
                              but one draw (one subject, or one of each class); without any width all
                              draws agree (a rate of 0 or 1): it says nothing, show ci */
} NmdMeasure;

typedef struct
{
  double threshold;
  guint tp, tn, fp, fn;
  NmdMeasure accuracy, sensitivity, specificity, ppv, npv, f1, auc, brier;
  guint n_images, n_subjects;
  guint n_subjects_with[2]; /* subjects that have an image of this label */
} NmdMetrics;

#define NMD_BOOTSTRAP_DRAWS 2000

/**
 * nmd_metrics_compute:
 * @threshold: positive iff score ≥ @threshold
 * @seed: of the bootstrap ("SEED:bootstrap:0:")
 * @name: of the file or run, for errors
 *
 * AUC = P(score of a positive > of a negative) + ½ P(equal), by midranks. Wilson 1927 intervals
 * at 95 % for accuracy, sensitivity, specificity, ppv, npv; DeLong, DeLong and Clarke-Pearson 1988 for
 * auc. Bootstrap: 2,000 draws of subjects with replacement; draws with one class only are drawn again.
 *
 * A row without a subject counts as a subject of its own. With a single subject, or one of each
 * class, there is nothing to draw from: ci_subject is NaN. A draw in which a rate is 0/0 does not
 * count for that rate. The draws depend on subjects' names and @seed, not on the order of rows.
 *
 * Errors: %NMD_ERROR_FORMAT: a NaN score, one class only, no rows; names @name.
 */
gboolean  nmd_metrics_compute (const NmdScores *scores,
                               double           threshold,
                               guint64          seed,
                               const char      *name,
                               NmdMetrics      *metrics,
                               GError         **error);

/* Cheap: only the AUC, NaN if one class is missing. For live plots. */
double    nmd_auc             (const double    *scores,
                               const int       *labels,
                               gsize            n);

/* The ROC's corner points from (0, 0) to (1, 1), threshold falling: one for each score that occurs,
 * so that a threshold can be picked at any of them. n is 0 if a class is missing or a score is NaN.
 * The band is taken at up to 201 values of fpr and interpolated between them. */
typedef struct
{
  guint n;
  double *fpr, *tpr, *threshold; /* threshold[0] = +inf */
  double *band_low, *band_high;  /* (nullable) 95 % band of tpr at each fpr, bootstrap of subjects */
} NmdRoc;

NmdRoc   *nmd_roc_new         (const double    *scores,
                               const int       *labels,
                               gsize            n) G_GNUC_WARN_UNUSED_RESULT;
NmdRoc   *nmd_roc_new_with_band (const NmdScores *scores,
                               guint64          seed) G_GNUC_WARN_UNUSED_RESULT;
NmdRoc   *nmd_roc_copy        (const NmdRoc    *self);
void      nmd_roc_free        (NmdRoc          *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdRoc, nmd_roc_free)

/* Logistic regression on echo intensity, with the muscle as a factor where there are several,
 * fitted on @train by Newton's method with a ridge of 1e-6 (so that separable data converge) on
 * the standardised coefficients but the intercept. Rows without echo intensity are left out.
 * A muscle that @train did not have gets the mean of the muscles' coefficients by their share of images.
 * Errors: %NMD_ERROR_FORMAT: no row with an echo intensity, or one class only. */
typedef struct _NmdRival NmdRival;
NmdRival *nmd_rival_fit       (const NmdScores *train,
                               GError         **error) G_GNUC_WARN_UNUSED_RESULT;
double    nmd_rival_score     (const NmdRival  *self,
                               double           echo,
                               const char      *muscle);
void      nmd_rival_free      (NmdRival        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdRival, nmd_rival_free)
JsonNode *nmd_rival_to_json   (const NmdRival  *self);

/* How the network compares with the rival on the same images: those with an echo intensity. Sentences:
 * "The network adds 0.06 [0.02, 0.10] to mean grey alone." where the interval lies above 0,
 * "The network adds nothing that these data can show to mean grey alone (0.01 [-0.02, 0.04])." where it holds 0,
 * "The network is worse than mean grey alone by 0.06 [0.02, 0.10]." where it lies below 0. */
typedef struct
{
  NmdMeasure auc;          /* the rival's */
  double difference;       /* AUC of the network − AUC of the rival */
  NmdInterval difference_ci_subject; /* bootstrap of subjects, the same draws for both */
  guint n_images;          /* images with both scores */
  char *sentence;          /* "The network adds 0.06 [0.02, 0.10] …" or "… nothing that these data can show" */
} NmdComparison;

gboolean  nmd_rival_compare   (const NmdRival  *self,
                               const NmdScores *scores,
                               guint64          seed,
                               NmdComparison   *comparison,
                               NmdScores      **rival_scores, /* (nullable out) */
                               GError         **error);
void      nmd_comparison_clear (NmdComparison  *self);

/* NULL, or a sentence: fewer than ten subjects in a class, so that intervals by subject are too narrow to rely
 * on. Also the member "caution" of the JSON, only where there is one. */
char     *nmd_metrics_get_caution (const NmdMetrics *metrics) G_GNUC_WARN_UNUSED_RESULT;

/* The interval to show first: by subject, unless it is unknown or without width; then ci, NaN where
 * there is none. */
const NmdInterval *nmd_measure_get_interval (const NmdMeasure *self);

/* For people: "0.903 [0.87, 0.93]", the interval of subjects or of images; "–" if the value is NaN,
 * no brackets if the interval is. @by_subject: as nmd_measure_get_interval(). */
char     *nmd_measure_to_text (const NmdMeasure *self,
                               gboolean          by_subject) G_GNUC_WARN_UNUSED_RESULT;

/* {"part": …, "unit": "image", "threshold": …, "tp": …, "accuracy": …, "accuracy_ci": [l, h],
 * "accuracy_ci_subject": [l, h], …}. NaN is null, an interval of NaN too; f1 and brier have no _ci. */
JsonNode *nmd_metrics_to_json (const NmdMetrics *metrics,
                               const char       *part,
                               const char       *unit) G_GNUC_WARN_UNUSED_RESULT;

/* Wilson's 95 % interval of k successes in n. */
NmdInterval nmd_wilson        (double            k,
                               double            n);

G_END_DECLS
