/* SPDX-License-Identifier: Apache-2.0
 *
 * The explain page: a scan, its outline, the model's score and where it looked.
 */
#pragma once

#include "ui/session/nmd-proposal-session.h"
#include "ui/widgets/nmd-page-bin.h"

G_BEGIN_DECLS

#define NMD_TYPE_EXPLAIN_PAGE (nmd_explain_page_get_type ())
G_DECLARE_FINAL_TYPE (NmdExplainPage, nmd_explain_page, NMD, EXPLAIN_PAGE, NmdPageBin)

/* Gives the page what it shows, once; all are referenced. @model: the images to be listed (those that
 * pass the data page's filters). */
void nmd_explain_page_set_session (NmdExplainPage        *self,
                                   NmdNotices            *notices,
                                   NmdDataSession        *data_session,
                                   NmdScanSession        *scan_session,
                                   NmdRunsSession        *runs_session,
                                   NmdExplanationSession *explanation_session,
                                   NmdProposalSession    *proposal_session,
                                   GListModel            *model);
/* The next (+1) or previous (−1) image of the list. */
void nmd_explain_page_step        (NmdExplainPage *self,
                                   int             by);
/* Puts the picture on the clipboard, and says so. */
void nmd_explain_page_copy        (NmdExplainPage *self);
/* Asks for a file and saves the picture there. */
void nmd_explain_page_save        (NmdExplainPage *self);
/* Saves the picture at @path as PNG, SVG or PDF, by the ending of its name; another ending is a
 * problem, and nothing is written. */
void nmd_explain_page_save_as     (NmdExplainPage *self,
                                   const char     *path);
/* Makes a contact sheet of the first @n images of the list, with maps as they are chosen on the page, and saves it at
 * @path as a PDF; a dialog shows how far it is, and stops it. */
void nmd_explain_page_save_sheet  (NmdExplainPage *self,
                                   guint           n,
                                   const char     *path);
/* Keeps pictures, method, opacity and colours of maps in @settings (nullable). */
void nmd_explain_page_bind_settings (NmdExplainPage *self,
                                     GSettings      *settings);

G_END_DECLS
