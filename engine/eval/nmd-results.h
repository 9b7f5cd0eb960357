/* SPDX-License-Identifier: Apache-2.0
 *
 * The results of a set of scores, put together in one place: measures by image and by subject, the
 * threshold, the rival, ROC curves, calibration, and the sentences that have to stand beside them.
 * `nmd evaluate`, `nmd train`, `nmd metrics` and the page Results all show what is here, and
 * metrics.json is this as text. Knows no run folder. Threads: any.
 */
#pragma once

#include "engine/eval/nmd-calibration.h"
#include "engine/eval/nmd-conformal-fit.h"
#include "engine/eval/nmd-rivals.h"
#include "engine/eval/nmd-roc.h"
#include "engine/eval/nmd-sample-size.h"
#include "engine/eval/nmd-threshold.h"
#include "engine/eval/nmd-utility.h"

G_BEGIN_DECLS

/* Sentences for every output of such results. */
#define NMD_SYNTHETIC "Synthetic data: simulated images, no patients"
#define NMD_NOT_MEANINGFUL "Not meaningful: the images do not fit what the model was trained on"

/**
 * NmdEvalInput:
 * @part: "test", "validation", "train", "external", "overlap", "table": which images @scores are
 * @scores: what is measured, one row an image
 * @train: (nullable): training part, for the rival
 * @validation: (nullable): validation part, for threshold and calibration
 * @rivals: (nullable): what further rivals know of the rows of @train, @validation and @scores
 * @n_rivals: how many
 * @rule: (nullable): how to choose the threshold; %NULL is the default: Youden’s index on @validation
 *   where another part is measured, else 0.5. A rule that needs images and has no @validation (or
 *   @validation is what is measured) chooses on @scores and says "chosen on these images"
 * @seed: of the ROC band
 * @no_band: the ROC curve has no band: its 2,000 draws of all rows are nearly all the time that a large
 *   table takes
 * @name: of the run or file, for errors
 * @synthetic: the images are simulated: said in every output
 * @caveat: (nullable): of the split ("chosen on these images …")
 * @note: (nullable): another sentence about the part
 * @warnings: (nullable): %NULL-terminated sentences that must stand beside the numbers: overlap with the
 *   training images, "not meaningful" where the images do not fit the model, images left out
 * @not_meaningful: the images do not fit the model and the user overrode that
 *
 * What nmd_eval_results_new() reads; everything is borrowed for the call.
 */
typedef struct
{
  const char *part;
  const NmdScores *scores;
  const NmdScores *train;
  const NmdScores *validation;
  const NmdRivalFeatures *rivals;
  guint n_rivals;
  const NmdThresholdRule *rule;
  guint64 seed;
  gboolean no_band;
  const char *name;
  gboolean synthetic;
  const char *caveat;
  const char *note;
  const char *const *warnings;
  gboolean not_meaningful;
} NmdEvalInput;

/**
 * NmdEvalResults:
 * @part: as given
 * @scores: (nullable): rows, an image each; %NULL if read from JSON
 * @subjects: (nullable): rows, a subject each; likewise
 * @threshold: rule, part and number
 * @by_image: measures of @scores
 * @by_subject: measures of @subjects; meaningful if @has_by_subject
 * @comparison: with the rival, of images; meaningful if @has_rival
 * @rival_missing: (nullable): why there is no rival
 * @rival_model: (nullable): its coefficients
 * @rivals: (nullable) (element-type NmdRivalRow): further rivals
 * @rival_p_holm: DeLong's p of @comparison after Holm over all rivals; NaN without further ones
 * @roc: (nullable): of @scores, with band unless no_band
 * @rival_roc: (nullable): of the rival, on the images with an echo intensity
 * @rival_scores: (nullable): the rival’s scores
 * @calibration: meaningful if @is_calibrated: fitted on the validation part, @scores are another part
 * @calibration_missing: (nullable): why not
 * @raw: reliability of the scores as they are; its Brier score is that of uncalibrated scores
 * @calibrated: reliability of the probabilities, if @is_calibrated
 * @temperature: the temperature alone, 0 where there is none
 * @by_muscle: measures with a row a muscle of a subject; meaningful if @has_by_muscle: where that is another
 *   number of rows than images and subjects
 * @predictive: at %NMD_N_PREVALENCES shares of positives, if @has_predictive (older files have none)
 * @decision: of the probabilities, if @has_decision
 * @decision_text: (nullable): what it says, a sentence
 * @conformal: limits from the validation part, if @has_conformal: another part is measured
 * @conformal_text: (nullable): what became of the promise, a sentence
 * @coverage: likewise in numbers; its subjects are not read from JSON
 * @sample_size: subjects needed; its auc is not read from JSON
 * @sample_size_text: (nullable): what it says, a sentence
 * @warnings: %NULL-terminated, may be empty
 *
 * Immutable once made. Freed with nmd_eval_results_free().
 */
typedef struct
{
  char *part;
  NmdScores *scores, *subjects;
  NmdThreshold threshold;
  NmdMetrics by_image, by_subject;
  gboolean has_by_subject;
  NmdComparison comparison;
  gboolean has_rival;
  char *rival_missing;
  JsonNode *rival_model;
  GArray *rivals;
  double rival_p_holm;
  NmdRoc *roc, *rival_roc;
  NmdScores *rival_scores;
  NmdCalibration calibration;
  gboolean is_calibrated;
  char *calibration_missing;
  NmdReliability raw, calibrated;
  double temperature;
  NmdMetrics by_muscle;
  gboolean has_by_muscle;
  NmdPredictiveValues predictive[NMD_N_PREVALENCES];
  gboolean has_predictive;
  NmdDecisionCurve decision;
  gboolean has_decision;
  char *decision_text;
  NmdConformal conformal;
  NmdCoverage coverage;
  gboolean has_conformal;
  char *conformal_text;
  NmdSampleSize sample_size;
  char *sample_size_text;
  gboolean synthetic, not_meaningful;
  char *caveat, *note;
  char **warnings;
} NmdEvalResults;

/* Computes everything. Errors: those of nmd_metrics_compute() for @input->scores. */
NmdEvalResults *nmd_eval_results_new       (const NmdEvalInput   *input,
                                            GError              **error) G_GNUC_WARN_UNUSED_RESULT;
/* Frees @self; %NULL is passed over. */
void            nmd_eval_results_free      (NmdEvalResults       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdEvalResults, nmd_eval_results_free)

/* The measures again at another rule (the user drags the threshold, or wants another rule): the parts
 * that do not depend on it are copied. Errors: those of nmd_threshold_choose(). */
NmdEvalResults *nmd_eval_results_with_rule (const NmdEvalResults *self,
                                            const NmdThresholdRule *rule,
                                            const NmdScores      *validation,
                                            GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* The object of metrics.json: "part", "metrics", "by_subject", "threshold": {"rule", "value", "part",
 * "chosen_on_these_images", "text"}, "rival", "rivals", "calibration", "by_subject_and_muscle", "predictive_values", "decision_curve",
 * "sample_size", "conformal", "synthetic", "not_meaningful", "caveat",
 * "note", "warnings". The caller adds what only a run knows (weights, device, parts). */
JsonObject     *nmd_eval_results_to_json   (const NmdEvalResults *self) G_GNUC_WARN_UNUSED_RESULT;

/* Reads metrics.json back, so that a screen shows what the file holds. Rows and curves are not in it:
 * scores, subjects, roc are %NULL. Members that older files lack are empty. @path names the file in
 * errors. Errors: %NMD_ERROR_FORMAT naming @path and the member. */
NmdEvalResults *nmd_eval_results_from_json (JsonNode             *node,
                                            const char           *path,
                                            GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* "Test part: 108 images of 9 positive and 18 negative subjects; 95 % intervals by subject". */
char           *nmd_eval_results_get_heading (const NmdEvalResults *self) G_GNUC_WARN_UNUSED_RESULT;

/* All sentences that must stand beside the numbers, the gravest first: not meaningful, synthetic,
 * overlap, few subjects, caveat, note. %NULL-terminated. */
char          **nmd_eval_results_get_notes (const NmdEvalResults *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
