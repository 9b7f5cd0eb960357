/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes home from the Scan page as a picture: the scan cut to its outline, and the report.
 */
#pragma once

#include "ui/plot/nmd-figure.h"
#include "ui/plot/nmd-gain-strip.h"
#include "ui/session/nmd-visit-session.h"

G_BEGIN_DECLS

/* A PNG of the box around the outline, widened by a tenth of its sides, twice as large; the whole image without an
 * outline. Names burnt in at the edges stay out. @strip (nullable): the grey levels are as it says, black outside the
 * outline if @blank, and it stands below. Drawn, not encoded. Errors of nmd_figure_draw(). */
NmdFigure *nmd_scan_figure_picture (NmdScan          *scan,
                                 const NmdGainStrip *strip,
                                 gboolean          blank,
                                 GError          **error) G_GNUC_WARN_UNUSED_RESULT;

/* A PDF: that picture, as in the file, with the numbers of the visit. Likewise. */
NmdFigure *nmd_scan_figure_report  (NmdScan          *scan,
                                 NmdVisitSession  *visit,
                                 GError          **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
