/* SPDX-License-Identifier: Apache-2.0
 *
 * The results page: runs, measures with intervals, ROC with its rival, confusion matrix and the
 * predictions, most wrong first.
 */
#pragma once

#include "ui/session/nmd-scan-session.h"
#include "ui/session/nmd-training-session.h"
#include "ui/widgets/nmd-page-bin.h"

G_BEGIN_DECLS

#define NMD_TYPE_RESULTS_PAGE (nmd_results_page_get_type ())
G_DECLARE_FINAL_TYPE (NmdResultsPage, nmd_results_page, NMD, RESULTS_PAGE, NmdPageBin)

/* Gives the page what it shows, once; all are referenced. */
void nmd_results_page_set_session (NmdResultsPage     *self,
                                   NmdDataSession     *data_session,
                                   NmdScanSession     *scan_session,
                                   NmdRunsSession     *runs_session,
                                   NmdDeviceSession   *devices_session,
                                   NmdTrainingSession *training_session);

G_END_DECLS
