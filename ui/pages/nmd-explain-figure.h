/* SPDX-License-Identifier: Apache-2.0
 *
 * The picture of an explanation that is saved or copied, from what the explain page shows.
 */
#pragma once

#include "ui/plot/nmd-figure.h"
#include "ui/session/nmd-explanation-session.h"

G_BEGIN_DECLS

/**
 * NmdExplainView:
 * @scan: the scan
 * @answer: (nullable): what the model said of it
 * @colours: of the map
 * @opacity: of the map, [0, 1]
 * @show_outline: draw outline and ROI
 * @brightness: as on screen, [−1, 1], 0 as in the file
 * @contrast: as on screen, 1 as in the file
 *
 * What is on screen; all borrowed.
 */
typedef struct
{
  NmdScan *scan;
  const NmdExplanation *answer;
  NmdColours colours;
  double opacity;
  gboolean show_outline;
  double brightness, contrast;
} NmdExplainView;

/* Draws @view as a figure, not encoded. Changed brightness and contrast are said beside the echo intensity, which
 * is always that of the untouched image.
 * Errors: those of nmd_figure_explain(). */
NmdFigure *nmd_explain_figure_draw (const NmdExplainView   *view,
                                   NmdRunsSession         *runs,
                                   NmdExplanationSession  *explanation,
                                   NmdFigureFormat         format,
                                   GError                **error) G_GNUC_WARN_UNUSED_RESULT;

/* Returns: a file name to begin with: the scan's with "-explained.png". */
char   *nmd_explain_figure_name   (NmdScan                *scan) G_GNUC_WARN_UNUSED_RESULT;

/* What stands above a map (nullable): its class, method, layer and grid. Returns: (transfer full). */
char       *nmd_explain_figure_title (const NmdMap          *map,
                                      NmdExplanationSession *explanation);

/* What stands below a map (nullable) of @model (nullable): what it is not, or that there is no evidence, or why there
 * is no map. Borrowed. */
const char *nmd_explain_figure_note  (const NmdMap          *map,
                                      const NmdModel        *model);

G_END_DECLS
