/* SPDX-License-Identifier: Apache-2.0
 *
 * The lines drawn over a scan: its outline with the region that a network sees, and a shape that is being
 * drawn. All coordinates of the image go through @canvas; lines are equally wide at every zoom, and wider on a large
 * screen by NmdCanvas.line.
 */
#pragma once

#include "engine/image/nmd-letterbox.h"
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

/* Segments x0, y0, x1, y1 (of float) of another outline, in the colour of its @index. */
void nmd_scan_lines_draw_lines   (cairo_t         *cr,
                                  const NmdCanvas *canvas,
                                  const GArray    *segments,
                                  guint            index);

/* The same of an outline that a network proposes. */
void nmd_scan_lines_draw_proposal (cairo_t        *cr,
                                  const NmdCanvas *canvas,
                                  const GArray    *segments);

/* What a user showed the network: the box dashed, a plus for what belongs, a minus for what does not. */
void nmd_scan_lines_draw_prompts (cairo_t         *cr,
                                  const NmdCanvas *canvas,
                                  const NmdPrompts *prompts);

/* In the corner of the canvas: a line in the outline's colour with @outline (nullable: no line), one in the
 * proposal's with @proposal. */
void nmd_scan_lines_draw_legend  (cairo_t         *cr,
                                  PangoContext    *context,
                                  const char      *outline,
                                  const char      *proposal);

/* Lines of a shape under way; points in image pixels. */

/* Through @points (of double, x and y), on through @more (nullable) and to @pointer (nullable), or @closed. */
void nmd_scan_lines_draw_path    (cairo_t         *cr,
                                  const NmdCanvas *canvas,
                                  const GArray    *points,
                                  const GArray    *more,
                                  const double    *pointer,
                                  gboolean         closed);
/* Handles on @points; the one of index @marked (or −1) is filled. */
void nmd_scan_lines_draw_corners (cairo_t         *cr,
                                  const NmdCanvas *canvas,
                                  const GArray    *points,
                                  int              marked);
/* The rectangle between two corners, or the ellipse in it. */
void nmd_scan_lines_draw_area    (cairo_t         *cr,
                                  const NmdCanvas *canvas,
                                  const double     from[2],
                                  const double     to[2],
                                  gboolean         is_ellipse);
/* The brush. */
void nmd_scan_lines_draw_circle  (cairo_t         *cr,
                                  const NmdCanvas *canvas,
                                  const double     centre[2],
                                  double           radius);
/* The cross that the keyboard moves, open in its middle. */
void nmd_scan_lines_draw_cross   (cairo_t         *cr,
                                  const NmdCanvas *canvas,
                                  double           x,
                                  double           y);
/* A measure with callipers at both ends of two points, or the two sides of an angle; @label beside it. */
void nmd_scan_lines_draw_measure (cairo_t         *cr,
                                  PangoContext    *context,
                                  const NmdCanvas *canvas,
                                  const double    *points,
                                  guint            n,
                                  const char      *label);

G_END_DECLS
