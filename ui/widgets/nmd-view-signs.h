/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands on a view beside the image: the read-out, badges and the ruler.
 */
#pragma once

#include "engine/image/nmd-image.h"
#include "ui/widgets/nmd-canvas.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* "zoom 140 % · window 10–230", and where (@x, @y) lies in @image (nullable) " · x 211 y 98 grey 84". */
char *nmd_view_signs_readout    (const NmdImage  *image,
                                 double           zoom,
                                 double           black,
                                 double           white,
                                 double           x,
                                 double           y);

/* @text on a dark ground, at most @width wide, with its corner at (@x, @y), the lower left one if @y is
 * that of the lower edge (@from_below). */
void  nmd_view_signs_draw_text  (GtkWidget       *widget,
                                 GtkSnapshot     *snapshot,
                                 const char      *text,
                                 double           x,
                                 double           y,
                                 double           width,
                                 gboolean         from_below);

/* Steps of a ruler: the least of 1, 2, 5 × 10ⁿ units that is at least @least widget units long, with
 * @unit widget units a unit. */
double nmd_view_signs_step      (double           unit,
                                 double           least);

/* A ruler along the image's right edge, downwards from its top: centimetres, or pixels where
 * @cm_per_pixel is 0. */
void  nmd_view_signs_draw_ruler (GtkWidget       *widget,
                                 GtkSnapshot     *snapshot,
                                 const NmdCanvas *canvas,
                                 int              image_width,
                                 int              image_height,
                                 double           cm_per_pixel);

/* At the top: that the image is shown mirrored, and with its grey levels inverted. */
void   nmd_view_signs_draw_badges (GtkWidget   *widget,
                                   GtkSnapshot *snapshot,
                                   gboolean     flipped,
                                   gboolean     inverted);

G_END_DECLS
