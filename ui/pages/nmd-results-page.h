/* SPDX-License-Identifier: Apache-2.0
 *
 * The results page: runs, measures with intervals, ROC with its rival, confusion matrix and the
 * predictions, most wrong first.
 */
#pragma once

#include "ui/session/nmd-app-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_TYPE_RESULTS_PAGE (nmd_results_page_get_type ())
G_DECLARE_FINAL_TYPE (NmdResultsPage, nmd_results_page, NMD, RESULTS_PAGE, AdwBin)

void nmd_results_page_set_session (NmdResultsPage *self,
                                   NmdAppSession  *session);

G_END_DECLS
