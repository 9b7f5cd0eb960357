/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs side by side: which ones is chosen on the left; ROC curves, losses, measures and paired differences on the right.
 */
#pragma once

#include "ui/session/nmd-runs-session.h"
#include "ui/session/nmd-scan-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_COMPARISON_PANE (nmd_comparison_pane_get_type ())
G_DECLARE_FINAL_TYPE (NmdComparisonPane, nmd_comparison_pane, NMD, COMPARISON_PANE, GtkBox)

/* The runs to choose from, and what saved figures need; once, referenced. */
void nmd_comparison_pane_set_session (NmdComparisonPane *self,
                                      NmdRunsSession    *session,
                                      NmdDataSession    *data,
                                      NmdScanSession    *scan);

/* Lists the runs there are; the shown one and the next are chosen at first. */
void nmd_comparison_pane_open        (NmdComparisonPane *self);

G_END_DECLS
