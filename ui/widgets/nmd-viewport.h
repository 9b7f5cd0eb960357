/* SPDX-License-Identifier: Apache-2.0
 *
 * Which part of an image a widget shows: where it is going (canvas), where it is on the way (shown), and
 * whether it follows the widget's size. Knows no GTK.
 */
#pragma once

#include "ui/widgets/nmd-canvas.h"

G_BEGIN_DECLS

#define NMD_VIEWPORT_LARGEST_SCALE 32.0
#define NMD_VIEWPORT_DURATION_US   200000

typedef struct
{
  int image_width, image_height; /* 0: no image */
  double width, height;          /* of the widget */
  NmdCanvas canvas;              /* where it ends */
  NmdCanvas shown;               /* where it is now */
  NmdCanvas from;
  gint64 start_us;               /* 0: nothing moves */
  gboolean fitted;               /* the whole image, whatever the widget's size */
} NmdViewport;

/* Another image, shown whole; flipped as before. Nothing moves. */
void     nmd_viewport_set_image (NmdViewport     *self,
                                 int              width,
                                 int              height);
void     nmd_viewport_set_size  (NmdViewport     *self,
                                 double           width,
                                 double           height);

/* Goes to @canvas (%NULL: the whole image), from @now_us on; at once where that is 0. */
void     nmd_viewport_go        (NmdViewport     *self,
                                 const NmdCanvas *canvas,
                                 gint64           now_us);

/* Scales by @factor about (@x, @y) of the widget: between the half of "whole image" (or 1, if that is less)
 * and %NMD_VIEWPORT_LARGEST_SCALE. */
void     nmd_viewport_zoom      (NmdViewport     *self,
                                 double           factor,
                                 double           x,
                                 double           y,
                                 gint64           now_us);

/* Moves the shown part along; ease-out. Returns: whether it goes on. */
gboolean nmd_viewport_step      (NmdViewport     *self,
                                 gint64           now_us);

G_END_DECLS
