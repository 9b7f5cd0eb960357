/* SPDX-License-Identifier: Apache-2.0
 *
 * What stays true of what is on screen: the window's title, and the banner under the header bar.
 */
#pragma once

#include "ui/session/nmd-runs-session.h"
#include "ui/session/nmd-scan-session.h"

G_BEGIN_DECLS

/* Returns: (transfer full) (nullable): that the data on @page (nullable: its name) are synthetic, and that
 * the chosen model was trained on something else than muscle scans of patients; %NULL if neither. */
char *nmd_banner_get_text  (const char     *page,
                            NmdDataSession *data,
                            NmdScanSession *scan,
                            NmdRunsSession *runs) G_GNUC_WARN_UNUSED_RESULT;

/* Returns: (transfer full): the data set and the program, without a data set the file and the program. */
char *nmd_banner_get_title (NmdDataSession *data,
                            NmdScanSession *scan) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
