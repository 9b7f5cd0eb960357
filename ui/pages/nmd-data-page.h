/* SPDX-License-Identifier: Apache-2.0
 *
 * The data page: filters, grid of thumbnails or table, the chosen scan with its facts, and the
 * preprocessing stages side by side.
 */
#pragma once

#include "ui/session/nmd-proposal-session.h"
#include "ui/widgets/nmd-page-bin.h"

G_BEGIN_DECLS

#define NMD_TYPE_DATA_PAGE (nmd_data_page_get_type ())
G_DECLARE_FINAL_TYPE (NmdDataPage, nmd_data_page, NMD, DATA_PAGE, NmdPageBin)

/* Gives the page what it shows, once; all are referenced. */
void nmd_data_page_set_session      (NmdDataPage           *self,
                                     NmdNotices            *notices,
                                     NmdDataSession        *data_session,
                                     NmdScanSession        *scan_session,
                                     NmdRecipeSession      *recipe_session,
                                     NmdRunsSession        *runs_session,
                                     NmdExplanationSession *explanation_session,
                                     NmdProposalSession    *proposal_session);
/* Remembers how the images are shown. @settings: (nullable): referenced. */
void nmd_data_page_bind_settings    (NmdDataPage   *self,
                                     GSettings     *settings);
/* The images that pass the filters in the order shown, for other pages' lists. */
GListModel *nmd_data_page_get_model (NmdDataPage   *self);
void nmd_data_page_show_strip       (NmdDataPage   *self,
                                     gboolean       show);
gboolean nmd_data_page_get_strip    (NmdDataPage   *self);

G_END_DECLS
