/* SPDX-License-Identifier: Apache-2.0
 *
 * Evaluating a run: scores of its own data set or of another one, and metrics.json. Synchronous, for
 * one engine thread.
 */
#pragma once

#include "engine/model/nmd-verdict.h"
#include "engine/train/nmd-run.h"

G_BEGIN_DECLS

/**
 * NmdEvaluateSettings:
 * @which: (nullable): "average" or "best"; %NULL: average if there is one
 * @dataset_path: (nullable): the run's data set at another place, or another data set
 * @import: how to read @dataset_path; what is not set is as the run has it
 * @dataset: (nullable): already imported, instead of @dataset_path
 * @device: (nullable): %NULL: the default device
 * @threads: 0: all
 * @rule: (nullable): of the threshold; %NULL: the default of nmd_eval_results_new()
 * @with_prompts: of a run of segmentation: simulated users as well
 * @with_figures: figures of it will be drawn, which only the run's own data set has: another one is refused
 * @recalibrate: for another data set: so many of its subjects of each class give threshold and calibration
 *   anew, the others are measured before and after; 0: none
 * @stated: for another data set: what the user says of it, and whether images that do not fit the model
 *   are scored anyway (show_anyway)
 *
 * Everything is borrowed for the call.
 */
typedef struct
{
  const char *which;
  const char *dataset_path;
  NmdImportSettings import;
  NmdDataset *dataset;
  const char *device;
  int threads;
  const NmdThresholdRule *rule;
  gboolean with_prompts;
  gboolean with_figures;
  guint recalibrate;
  NmdStatedFacts stated;
} NmdEvaluateSettings;

/**
 * nmd_train_evaluate:
 * @folder: the run
 * @progress: (nullable): called with the fraction done
 *
 * **The run's own data set** (the same contents, wherever it lies): scores every image of all parts,
 * writes predictions.csv and metrics.json into the run. What is measured is the test part, else the
 * validation part, and "note" says so.
 *
 * **Another data set**: nothing is written into the run. Each image is judged first
 * (nmd_sample_judge()): images that do not fit the model, or cannot be judged, get no score and are
 * counted; with @settings->stated.show_anyway they do and "not_meaningful" is true. A whole frame (no
 * outline) is scored only where the model was trained on whole frames. If images or, under the same
 * root, subjects are the run's own, the part is "overlap" instead of "external" and "caveat" counts
 * them. Threshold, calibration and rival come from the run's validation and training part as stored
 * in predictions.csv; where that was written with other weights, there is no threshold or calibration
 * from it.
 *
 * **A run of segmentation**: proposes the outline of every image with a mask, writes outlines.csv and
 * metrics.json into the run: "task", "threshold", "threshold_text", "part", "metrics" and "parts" (nmd_outline_results_to_json()), "caveat",
 * "note", "warnings", "weights", "device", "import". Another data set is refused. With
 * @settings->with_prompts each image of the part that is measured is asked about again by a simulated user
 * (nmd_outline_user_click()) and "prompts" holds what that gave: {"trained_with_prompts", "stages":
 * [nmd_shown_to_json() …]}; prompts.csv gets the Dice coefficients, a row an image.
 *
 * The result is that of nmd_eval_results_to_json() and besides: "weights", "device", "initial" (if the
 * weights started from a file), "import" (nmd_dataset_import_to_json()), "parts" (measures of all parts;
 * own data set only), "overlap" and "fit" (counts; another data set only), and with @settings->recalibrate "recalibration":
 * "subjects_of_each_class", "local_images", "measured_images", "before" and "after", each as
 * nmd_eval_results_to_json() of the subjects that were not taken. They are drawn by the stream
 * "SEED:split:0:local:LABEL" of the run's seed.
 *
 * Errors: %NMD_ERROR_REFUSED: another data set for a run of segmentation; %NMD_ERROR_NO_FIT: no image fits (with the reason of the first); %NMD_ERROR_FORMAT: what is
 *   measured has one class only; those of import, run, device and writing; `G_IO_ERROR_CANCELLED`.
 *
 * Returns: (transfer full): what metrics.json holds; %NULL with @error set
 */
JsonNode *nmd_train_evaluate (const char                *folder,
                              const NmdEvaluateSettings *settings,
                              void                     (*progress) (double fraction, gpointer data),
                              gpointer                   user_data,
                              GCancellable              *cancellable,
                              GError                   **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_train_compare_outlines:
 * @folder: a run of classification
 * @outline_folder: a run of segmentation
 * @settings: which, dataset_path, device, threads and rule of the classifier
 * @progress: (nullable): called with the fraction done
 *
 * What proposed outlines cost a classifier: each image of its test part (else validation part) that has a
 * mask is scored inside that mask and inside the outline that the other run proposes, both by the
 * classifier's own preprocessing. Nothing is written.
 *
 * Where no outline is found the whole frame is scored, as a data set's image without a mask is; such images
 * are counted and in both AUCs. Images of the outline run's training part, and those that its passport does
 * not fit, are counted and stay in too. The threshold is that of the classifier's evaluation where settings->rule
 * names none.
 *
 * The result: "outline_run", "part", "n_images", "n_subjects", "n_without_mask" (left out), "n_no_outline",
 * "n_outline_learnt", "n_outline_does_not_fit", "threshold", "auc_expert", "auc_proposed", "difference"
 * (proposed − expert) with "difference_ci_subject" (nmd_cluster_bootstrap_auc()), "delong_by_image" {ci, z, p}
 * (nmd_delong_compare(); too sure where subjects have several images), "n_classes_differ", "images":
 * [{image, subject, label, score_expert, score_proposed, dice, classes_differ}], "weights",
 * "outline_weights", "device", "synthetic", "caveat".
 *
 * Errors: %NMD_ERROR_REFUSED for runs of other tasks; %NMD_ERROR_FORMAT with fewer than two subjects of a
 *   class; those of runs, data set and device; `G_IO_ERROR_CANCELLED`.
 *
 * Returns: (transfer full): the result; %NULL with @error set
 */
JsonNode *nmd_train_compare_outlines (const char                *folder,
                                      const char                *outline_folder,
                                      const NmdEvaluateSettings *settings,
                                      void                     (*progress) (double fraction, gpointer data),
                                      gpointer                   user_data,
                                      GCancellable              *cancellable,
                                      GError                   **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_run_measure:
 * @part: what is measured; %NMD_PART_NONE: test if there is one, else validation
 * @rule: (nullable): of the threshold; %NULL: the default of nmd_eval_results_new()
 *
 * The results of a part from the scores stored in predictions.csv, without scoring again: for figures
 * and for a screen whose user changed part or threshold. At the stored part and rule the numbers are
 * those of metrics.json; its warnings are taken over.
 *
 * Cost: 0.1 s for 1,500 images, mostly the ROC's band. Threads: any.
 *
 * Errors: no scores stored yet (%G_FILE_ERROR_NOENT); %NMD_ERROR_FORMAT: the part has no scores, or one
 *   class only.
 *
 * Returns: (transfer full): the results; %NULL with @error set
 */
NmdEvalResults *nmd_run_measure (const NmdRun           *run,
                                 NmdPart                 part,
                                 const NmdThresholdRule *rule,
                                 GError                **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
