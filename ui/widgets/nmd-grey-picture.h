/* SPDX-License-Identifier: Apache-2.0
 *
 * Grey pixels ready to be drawn at any scale, and the window of grey levels they are shown through.
 * Threads: one at a time.
 */
#pragma once

#include "engine/image/nmd-image.h"
#include "ui/widgets/nmd-canvas.h"

#include <cairo.h>

G_BEGIN_DECLS

/* How grey levels are shown: v as clip (((v/255 − ½)·contrast + ½ + brightness/2)·255), inverted as 255
 * minus that. The same as a window from black to white. */
typedef struct
{
  double brightness, contrast; /* 0 and 1: as in the file */
  gboolean inverted;
} NmdGreyWindow;

/* The grey levels shown as black and white, which may lie outside 0 to 255, and back: @white is above
 * @black. */
void            nmd_grey_window_get_levels (const NmdGreyWindow *self,
                                            double              *black,
                                            double              *white);
void            nmd_grey_window_set_levels (NmdGreyWindow       *self,
                                            double               black,
                                            double               white);

/* The window from the 1st to the 99.5th percentile of the pixels of @image that are not 0: what lies
 * beside the scan does not count. */
void            nmd_grey_window_fit        (NmdGreyWindow       *self,
                                            const NmdImage      *image);

/* 0: as stored, 1: fitted to @image (nullable), 2 to 4: dark, bright and middle grey levels. */
void            nmd_grey_window_preset     (NmdGreyWindow       *self,
                                            int                  preset,
                                            const NmdImage      *image);

typedef struct _NmdGreyPicture NmdGreyPicture;

/* Images of more than 16 million pixels are thinned to every second, third … pixel. Memory: at most
 * 86 MiB. */
NmdGreyPicture *nmd_grey_picture_new       (const NmdImage      *image,
                                            const NmdGreyWindow *window) G_GNUC_WARN_UNUSED_RESULT;
void            nmd_grey_picture_free      (NmdGreyPicture      *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdGreyPicture, nmd_grey_picture_free)

/* Draws it where @canvas says; @device_scale is the number of the screen's pixels a unit of @cr. Pixels are squares from
 * @squares_from of the screen's pixels on (1: to look at single ones), between that and 1:1 they run into each other, below
 * they are averaged. */
void            nmd_grey_picture_draw      (NmdGreyPicture      *self,
                                            cairo_t             *cr,
                                            const NmdCanvas     *canvas,
                                            double               device_scale,
                                            double               squares_from);

G_END_DECLS
