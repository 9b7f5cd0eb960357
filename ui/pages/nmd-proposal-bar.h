/* SPDX-License-Identifier: Apache-2.0
 *
 * A line under an image: which run proposes its outline, what is to be said of the proposal, and taking it over.
 * The proposed outline itself is shown on the image.
 */
#pragma once

#include "ui/session/nmd-proposal-session.h"
#include "ui/widgets/nmd-image-view.h"

G_BEGIN_DECLS

#define NMD_TYPE_PROPOSAL_BAR (nmd_proposal_bar_get_type ())
G_DECLARE_FINAL_TYPE (NmdProposalBar, nmd_proposal_bar, NMD, PROPOSAL_BAR, GtkBox)

/* Visible while proposals are wanted. Shows the session's answer on @view too, and hands it what the user shows
 * with the proposal tool. Once; both are referenced. Taking over asks first where the outline is a mask file's.
 *
 * Signal "used": the proposal became the scan's outline. */
void nmd_proposal_bar_connect (NmdProposalBar     *self,
                               NmdImageView       *view,
                               NmdScanSession     *scan_session,
                               NmdRunsSession     *runs_session,
                               NmdProposalSession *proposal_session);

G_END_DECLS
