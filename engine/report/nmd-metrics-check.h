/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether metrics.json holds what predictions.csv gives. Threads: any.
 */
#pragma once

#include "engine/train/nmd-run.h"

G_BEGIN_DECLS

/* Numbers may differ by this share of themselves (of 1 where they are smaller): other processors round exp and log in
 * other ways. */
#define NMD_METRICS_TOLERANCE 1e-9

/**
 * nmd_metrics_check:
 * @run: an evaluated run of classification
 * @n_numbers: (out): numbers, and places where there is none, that were compared
 *
 * Computes everything anew that follows from predictions.csv at the stored part and rule (measures, intervals,
 * threshold, calibration, the rival on echo intensity, conformal limits, decision curve, sample size, all parts) and
 * compares it with metrics.json, member by member. Not compared: sentences; further rivals, whose features are not in
 * the run ("rivals", "rival_p_holm"); what describes the evaluation ("weights", "device", "initial", "import",
 * "warnings").
 *
 * Errors: %NMD_ERROR_CHANGED naming the member and both numbers; those of reading.
 */
gboolean nmd_metrics_check (const NmdRun *run,
                            guint        *n_numbers,
                            GError      **error);

G_END_DECLS
