/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in words beside the measures of a run.
 */
#pragma once

#include "ui/session/nmd-run-results.h"

G_BEGIN_DECLS

/* Returns: what the network adds to echo intensity alone, or why that is not known; @results owns it. */
char       *nmd_results_text_gain   (const NmdRunResults *results) G_GNUC_WARN_UNUSED_RESULT;

/* Images, subjects, weights, threshold with its rule, unit of the intervals, what the import left out. @run: (nullable).
 * @moved: the threshold to which it was moved on the curve of these images; NaN: it was not. */
char       *nmd_results_text_facts  (const NmdRunResults *results,
                                     const NmdRun        *run,
                                     double               moved) G_GNUC_WARN_UNUSED_RESULT;

/* What must stand beside the numbers, and what computed them. @run: (nullable). */
char       *nmd_results_text_caveat (const NmdRunResults *results,
                                     const NmdRun        *run) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
