/* SPDX-License-Identifier: Apache-2.0
 *
 * Results of a classification as lines for people, on standard output.
 */
#pragma once

#include "engine/eval/nmd-results.h"

/* The confusion matrix and each measure with its interval. @brier (nullable): what the Brier score is called; NULL
 * leaves it out. */
void nmd_print_measures    (const NmdMetrics     *metrics,
                            const char           *brier);
/* Reliability of scores and probabilities, or why there are no probabilities. @part: the one that calibration was fitted on:
 * "validation" or "local". */
void nmd_print_calibration (const NmdEvalResults *results,
                            const char           *part);
/* Everything, with the sentences that have to stand beside it. */
void nmd_print_results     (const NmdEvalResults *results);
