/* SPDX-License-Identifier: Apache-2.0
 *
 * A line across a picture that is dragged, or moved by keys: what lies on its two sides is the caller's. It is a child
 * laid over the picture by a GtkOverlay, whose "get-child-position" puts it at its place.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define NMD_TYPE_SWIPE (nmd_swipe_get_type ())
G_DECLARE_FINAL_TYPE (NmdSwipe, nmd_swipe, NMD, SWIPE, GtkWidget)

/* Property: "position" (0 to 1, 0.5 at first): the share of the overlay's width that lies left of the line, notified.
 * Keys: Left and Right by 1/50, with Shift or Ctrl by 1/10, Home and End. */

/* Where the line is, 0 to 1. */
double    nmd_swipe_get_position (NmdSwipe     *self);

/* Lets @overlay put @self at its place; once. */
void      nmd_swipe_lay_over     (NmdSwipe     *self,
                                  GtkOverlay   *overlay);

G_END_DECLS
