/* SPDX-License-Identifier: Apache-2.0
 *
 * The results of one part of a run for the screen: what metrics.json holds, and only what the user
 * changed (another part, another threshold) measured again, by the same functions. Computed on the
 * pool.
 */
#pragma once

#include "engine/core/nmd-job.h"
#include "engine/eval/nmd-results.h"
#include "engine/train/nmd-run.h"

G_BEGIN_DECLS

/**
 * NmdRunResults:
 * @part: what is shown
 * @has_part: parts that have scores
 * @by_subject: @metrics and @roc are of subjects
 * @is_stored: @metrics, threshold and rival are those of metrics.json; else they are measured again
 * @weights: "average" or "best"
 * @device: (nullable): what scored, as described then
 * @scores: of the part, an image a row
 * @units: what was measured: images or subjects
 * @all: rows and curves of the part
 * @shown: (nullable): what metrics.json holds of it
 * @evidence: what is said of the part besides measures and threshold (rivals, calibration, coverage …): @shown where that
 *   is about the part, also at a moved threshold, else @all
 * @probabilities: (nullable): @scores calibrated as in @evidence
 * @metrics: of @units
 * @threshold: positive from this score on
 * @threshold_text: how it was chosen
 * @roc: with band; of @units
 * @rival_roc: (nullable)
 * @has_rival: @rival is there
 * @rival: borrowed from @all or @shown
 * @rival_missing: (nullable): why there is no rival
 * @notes: sentences that must stand beside the numbers, ended by %NULL
 *
 * Immutable.
 */
typedef struct
{
  NmdPart part;
  gboolean has_part[NMD_PART_TEST + 1];
  gboolean by_subject, is_stored;
  char *weights, *device;
  NmdScores *scores, *units;
  NmdEvalResults *all, *shown;
  const NmdEvalResults *evidence;
  NmdScores *probabilities;
  NmdMetrics metrics;
  double threshold;
  char *threshold_text;
  NmdRoc *roc;
  const NmdRoc *rival_roc;
  gboolean has_rival;
  const NmdComparison *rival;
  const char *rival_missing;
  char **notes;
} NmdRunResults;

/* Frees results (nullable). */
void    nmd_run_results_free    (NmdRunResults       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdRunResults, nmd_run_results_free)

/**
 * nmd_run_results_compute:
 * @run: referenced
 * @part: %NMD_PART_NONE: the one that metrics.json is about, else test, else validation
 * @by_subject: measure subjects where images are grouped
 * @threshold: positive from this score on; NaN: as it was evaluated
 *
 * Errors of the job: no scores stored yet (%G_FILE_ERROR_NOENT), those of nmd_eval_results_new() and
 *   nmd_eval_results_from_json().
 *
 * Returns: (transfer full): the job; its result is an NmdRunResults
 */
NmdJob *nmd_run_results_compute (NmdRun              *run,
                                 NmdPart              part,
                                 gboolean             by_subject,
                                 double               threshold,
                                 GAsyncReadyCallback  done,
                                 gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
