/* SPDX-License-Identifier: Apache-2.0
 *
 * The canvas' geometry: one transform between image pixels and widget coordinates. Pure functions;
 * knows no GTK.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* widget = scale · image + (x, y); flipped, the scale of the x axis is −scale. */
typedef struct
{
  double scale;     /* widget units an image pixel, > 0 */
  double x, y;      /* where the image's corner (0, 0) stands in the widget */
  gboolean flipped; /* left and right are exchanged */
  double line;      /* how many times as wide as on a small screen lines are drawn; 0 counts as 1 */
} NmdCanvas;

/* Where an image point lies in the widget, and back: image_to_widget then widget_to_image gives
 * the point again. Pixel (i, j) covers [i, i + 1) × [j, j + 1). */
void       nmd_canvas_image_to_widget (const NmdCanvas *self,
                                       double           image_x,
                                       double           image_y,
                                       double          *widget_x,
                                       double          *widget_y);
void       nmd_canvas_widget_to_image (const NmdCanvas *self,
                                       double           widget_x,
                                       double           widget_y,
                                       double          *image_x,
                                       double          *image_y);

/* The image as large as it fits into width × height, centred. */
NmdCanvas  nmd_canvas_fit             (int              image_width,
                                       int              image_height,
                                       double           width,
                                       double           height);

/* How wide lines are drawn over an image in a view of width × height, as NmdCanvas.line: 1 up to 900 units, then
 * with the view, 2.5 at most; so they are seen as well on a screen of 3840 × 2160. */
double     nmd_canvas_line           (double           width,
                                       double           height);

/* Scales by @factor about the widget point (@x, @y), which stays where it is; the scale stays
 * within [@smallest, @largest]. */
NmdCanvas  nmd_canvas_zoom            (const NmdCanvas *self,
                                       double           factor,
                                       double           x,
                                       double           y,
                                       double           smallest,
                                       double           largest);

/* Moved as little as brings the image point (@x, @y) at least @margin inside @width × @height. */
NmdCanvas  nmd_canvas_reveal          (const NmdCanvas *self,
                                       double           x,
                                       double           y,
                                       double           width,
                                       double           height,
                                       double           margin);

/* Left and right exchanged in place: the image, @image_width pixels wide, covers what it covered. */
NmdCanvas  nmd_canvas_flip            (const NmdCanvas *self,
                                       int              image_width);

/* Between @from (@share 0) and @to (1): the scale goes geometrically, and the point that stands still
 * between both stands still on the way. */
NmdCanvas  nmd_canvas_between         (const NmdCanvas *from,
                                       const NmdCanvas *to,
                                       double           share);

G_END_DECLS
