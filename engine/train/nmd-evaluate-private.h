/* SPDX-License-Identifier: Apache-2.0
 *
 * Scoring with an open session, for the end of a training and for the two kinds of evaluation.
 */
#pragma once

#include "engine/data/nmd-batch.h"
#include "engine/model/nmd-predictor.h"
#include "engine/train/nmd-learner-private.h"
#include "engine/train/nmd-run-private.h"
#include "engine/train/nmd-train.h"

G_BEGIN_DECLS

#define NMD_N_PARTS (NMD_PART_TEST + 1)

/* What scores, and whom it tells. */
typedef struct
{
  const NmdRun *run;
  NmdModel *model;
  NmdSession *session;
  NmdDataset *dataset;
  const NmdThresholdRule *rule; /* (nullable) */
  gboolean with_prompts;        /* of segmentation: simulated users too */
  guint local;                  /* subjects of each label for recalibration, 0: none */
  void (*progress) (double fraction, gpointer data);
  gpointer user_data;
  GCancellable *cancellable;
} NmdEvaluation;

/* Scores all parts of @split and writes predictions.csv and metrics.json into the run. @ready
 * (nullable): images that are preprocessed already, by part; NULL where they are not. */
JsonNode  *nmd_evaluate_own     (const NmdEvaluation  *self,
                                 const NmdSplit       *split,
                                 NmdBatches *const    *ready,
                                 GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* Indices of the images of @part that @task can use: of segmentation those with a mask. Array of guint,
 * transfer full. @n_without (out) (optional): how many have none. */
GArray    *nmd_evaluate_list    (NmdDataset           *dataset,
                                 const NmdSplit       *split,
                                 NmdPart               part,
                                 NmdTask               task,
                                 guint                *n_without) G_GNUC_WARN_UNUSED_RESULT;

/* Outlines of all parts of @split against their masks: writes outlines.csv and metrics.json into the
 * run. */
JsonNode  *nmd_evaluate_segment_own (const NmdEvaluation *self,
                                     const NmdSplit      *split,
                                     GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/* The threshold t of 0.10, 0.15 … 0.90 with the highest mean Dice of the whole outlines (cleaned, in pixels
 * of the untouched images) that @self's model proposes for the validation part; of equal ones the nearest to
 * 0.5. @chosen is cleared first; no image with a mask: its value is NaN, its weights NULL. */
gboolean   nmd_evaluate_choose_threshold (const NmdEvaluation *self,
                                          const NmdSplit      *split,
                                          NmdRunThreshold     *chosen,
                                          GError             **error);

/* Simulated users on the images of @part that have a mask: writes prompts.csv into the run. Returns: the
 * member "prompts" of metrics.json; NULL with @error set. */
JsonNode  *nmd_evaluate_prompts (const NmdEvaluation *self,
                                 const NmdSplit      *split,
                                 NmdPart              part,
                                 GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/* Scores another data set; see nmd_train_evaluate(). */
JsonNode  *nmd_evaluate_other   (const NmdEvaluation  *self,
                                 const NmdStatedFacts *stated,
                                 GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_evaluate_local:
 * @input: as for the whole data set; seed, scores, validation and rule are looked at
 * @k: subjects of each label that give threshold and calibration, ≥ 1
 *
 * "before" measures the other subjects with @input's own validation part, "after" the same ones with the local
 * ones in its place ("local" as the part of threshold, calibration and conformal limits). Members: "subjects_of_each_class", "local_images",
 * "measured_images", "before", "after" (nmd_eval_results_to_json()).
 *
 * Errors: %NMD_ERROR_SHAPE if no subject of a label would be left; those of nmd_eval_results_new().
 */
JsonObject *nmd_evaluate_local  (const NmdEvalInput   *input,
                                 guint                 k,
                                 GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* Scores of @samples (indices, array of guint) in their order. @from to @to: of the whole, for
 * progress. @ready (nullable): these images, preprocessed. */
NmdScores *nmd_evaluate_score   (const NmdEvaluation  *self,
                                 NmdPredictor         *predictor,
                                 const GArray         *samples,
                                 NmdBatches           *ready,
                                 double                from,
                                 double                to,
                                 GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the scores that @run has stored are those of @model's weights: only then do threshold and calibration
 * of its validation part belong to them. */
gboolean   nmd_evaluate_has_scores_of (const NmdRun   *run,
                                       const NmdModel *model);

/* Adds what both kinds say of run, model and import to the object of metrics.json. */
void       nmd_evaluate_describe (const NmdEvaluation *self,
                                  JsonObject          *object);

/* What the import left out or found, a sentence each without the names of images: array of text, to which the
 * caller may add. */
GPtrArray *nmd_evaluate_warnings (NmdDataset          *dataset);

/* The rival's AUC on the validation part, fitted on the training part; NaN where it cannot be. */
double     nmd_evaluate_rival_auc (NmdDataset *dataset, const NmdSplit *split);

G_END_DECLS
