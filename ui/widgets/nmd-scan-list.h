/* SPDX-License-Identifier: Apache-2.0
 *
 * The list beside a scan: images with thumbnail, label and stored score, and buttons that step
 * through them. It follows the session's chosen image, and chooses it.
 */
#pragma once

#include "ui/session/nmd-runs-session.h"
#include "ui/session/nmd-scan-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_TYPE_SCAN_LIST (nmd_scan_list_get_type ())
G_DECLARE_FINAL_TYPE (NmdScanList, nmd_scan_list, NMD, SCAN_LIST, AdwBin)

/* Gives the list what it shows, once; all are referenced. @model: of NmdSample. Hidden while the
 * model is empty. */
void nmd_scan_list_set_session (NmdScanList    *self,
                                NmdScanSession *scan_session,
                                NmdRunsSession *runs_session,
                                GListModel     *model);

/* Chooses another image as nmd_sample_step() says. */
void nmd_scan_list_step        (NmdScanList    *self,
                                int             by,
                                gboolean        by_subject);

G_END_DECLS
