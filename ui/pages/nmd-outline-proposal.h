/* SPDX-License-Identifier: Apache-2.0
 *
 * The tool that lets a trained network find the outline. Where there is none, it says so.
 */
#pragma once

#include "ui/session/nmd-runs-session.h"
#include "ui/widgets/nmd-image-view.h"

G_BEGIN_DECLS

/* Asks the newest run that finds outlines about the scan on @view; its answer is drawn there as if by hand, so that
 * it can be undone and corrected by brush and polygon, with its confidence and what speaks against it told by
 * @notices. A problem is told too, also that no such run is there. */
void nmd_outline_proposal_ask (NmdImageView   *view,
                               NmdRunsSession *runs,
                               NmdNotices     *notices);

G_END_DECLS
