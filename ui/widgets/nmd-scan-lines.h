/* SPDX-License-Identifier: Apache-2.0
 *
 * The lines drawn over a scan: its outline with the region that a network sees, and a shape that is being
 * drawn. All coordinates of the image go through @canvas; lines are equally wide at every zoom.
 */
#pragma once

#include "engine/model/nmd-scan.h"
#include "ui/widgets/nmd-canvas.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Where @box, in image pixels, lies in the widget. */
void nmd_scan_lines_box_to_rect  (const NmdCanvas *canvas,
                                  const NmdBox    *box,
                                  graphene_rect_t *rect);

/* Draws the scan's outline, and dashed the box around it widened by @margin (share of each side). Nothing
 * without an outline. */
void nmd_scan_lines_draw_outline (cairo_t         *cr,
                                  const NmdCanvas *canvas,
                                  NmdScan         *scan,
                                  double           margin);

/* Draws a shape under way: @points, x and y in image pixels, and from the last one a line to the pointer,
 * in the widget; of a box @points holds one corner and the pointer is the other. */
void nmd_scan_lines_draw_shape   (cairo_t         *cr,
                                  const NmdCanvas *canvas,
                                  const GArray    *points,
                                  gboolean         is_box,
                                  double           pointer_x,
                                  double           pointer_y);

G_END_DECLS
