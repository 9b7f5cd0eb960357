/* SPDX-License-Identifier: Apache-2.0
 *
 * What was drawn and measured on a scan beside the active outline, as lines over it.
 */
#pragma once

#include "ui/session/nmd-scan-marks.h"
#include "ui/widgets/nmd-canvas.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Draws the other outlines of @marks (@outlines), and its measures on @image with their lengths: in centimetres where the image
 * says how long its pixels are or @cm_per_pixel is not 0, else in pixels. */
void nmd_mark_lines_draw (cairo_t            *cr,
                          PangoContext       *context,
                          const NmdCanvas    *canvas,
                          const NmdImage     *image,
                          const NmdScanMarks *marks,
                          gboolean            outlines,
                          double              cm_per_pixel);

G_END_DECLS
