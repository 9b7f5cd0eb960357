/* SPDX-License-Identifier: Apache-2.0
 *
 * The Scan page: one scan, or the files of one visit, with tools and numbers. Needs neither data set nor model.
 */
#pragma once

#include "ui/session/nmd-proposal-session.h"
#include "ui/session/nmd-visit-session.h"
#include "ui/widgets/nmd-page-bin.h"

G_BEGIN_DECLS

#define NMD_TYPE_SCAN_PAGE (nmd_scan_page_get_type ())
G_DECLARE_FINAL_TYPE (NmdScanPage, nmd_scan_page, NMD, SCAN_PAGE, NmdPageBin)

/* Gives the page what it shows, once; all are referenced. */
void nmd_scan_page_set_session (NmdScanPage           *self,
                                NmdNotices            *notices,
                                NmdScanSession        *scan_session,
                                NmdVisitSession       *visit_session,
                                NmdRunsSession        *runs_session,
                                NmdExplanationSession *explanation_session,
                                NmdProposalSession    *proposal_session);

/* Copies the numbers of the visit as text. */
void nmd_scan_page_copy        (NmdScanPage           *self);

/* Asks where to save the picture, cut to the box around the outline, the numbers as CSV, or the report. */
void nmd_scan_page_save        (NmdScanPage           *self);

/* Saves at @path, by its ending: .png, .csv or .pdf; another one is refused with a sentence. */
void nmd_scan_page_save_as     (NmdScanPage           *self,
                                const char            *path);

G_END_DECLS
