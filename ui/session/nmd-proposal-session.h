/* SPDX-License-Identifier: Apache-2.0
 *
 * What a trained network proposes as the outline of the scan under study, and what the user shows it. The scan's own
 * outline is the scan session's; one question is nmd-scan-proposal's.
 */
#pragma once

#include "ui/session/nmd-explanation-session.h"
#include "ui/session/nmd-scan-proposal.h"

G_BEGIN_DECLS

#define NMD_TYPE_PROPOSAL_SESSION (nmd_proposal_session_get_type ())
G_DECLARE_FINAL_TYPE (NmdProposalSession, nmd_proposal_session, NMD, PROPOSAL_SESSION, GObject)

/**
 * NmdProposalSession:
 *
 * While it is active, each scan under study is asked about anew, also when its outline changes or another run is
 * chosen. What was shown to the network is forgotten with the image.
 *
 * Properties, notified:
 *   "active" (boolean, writable): proposals are wanted; FALSE at first
 *
 * Signal "changed": the answer, what was shown, or why there is none.
 *
 * Threads: main thread only; the network computes on the ask thread, and only the newest answer counts.
 */

/* All are referenced. */
NmdProposalSession    *nmd_proposal_session_new         (NmdNotices            *notices,
                                                         NmdScanSession        *scan,
                                                         NmdRunsSession        *runs,
                                                         NmdDeviceSession      *devices,
                                                         NmdTrainingSession    *training,
                                                         NmdExplanationSession *explanation);

gboolean               nmd_proposal_session_is_active   (NmdProposalSession    *self);

/* Returns: (transfer none) (nullable): the answer about the scan under study, while active. */
const NmdScanProposal *nmd_proposal_session_get_answer  (NmdProposalSession    *self);

/* What is to be read while active: nmd_scan_proposal_to_text(), or why there is no answer (yet). */
char                  *nmd_proposal_session_get_text    (NmdProposalSession    *self) G_GNUC_WARN_UNUSED_RESULT;

/* Returns: (transfer none): what was shown; all zero at first. In pixels of the image. */
const NmdPrompts      *nmd_proposal_session_get_prompts (NmdProposalSession    *self);

/* Shows the box between two corners, in place of one before, or a place that belongs to the outline or does not (at
 * most %NMD_PROMPTS_MAX_CLICKS), and asks again. */
void                   nmd_proposal_session_show_box    (NmdProposalSession    *self,
                                                         double                 x0,
                                                         double                 y0,
                                                         double                 x1,
                                                         double                 y1);
void                   nmd_proposal_session_show_click  (NmdProposalSession    *self,
                                                         double                 x,
                                                         double                 y,
                                                         gboolean               belongs);
/* Takes the last click back, or where there is none the box, and asks again. */
void                   nmd_proposal_session_take_back   (NmdProposalSession    *self);

/* Makes the proposed outline the scan's, unsaved, as a step that can be undone. FALSE where there is none. */
gboolean               nmd_proposal_session_use         (NmdProposalSession    *self);

G_END_DECLS
