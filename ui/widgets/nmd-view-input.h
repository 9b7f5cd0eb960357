/* SPDX-License-Identifier: Apache-2.0
 *
 * Pointer and keys of a view.
 *
 * Pointer: wheel zooms by 1.3 a detent where the pointer is (two fingers on a touchpad move the image, with
 * Ctrl they zoom), pinching zooms, dragging moves, the middle button moves whatever the tool, the right one
 * changes the window (right: wider, down: darker), a double click shows the whole image.
 * Keys: + − zoom, 0 whole image, Z one pixel of the image on one of the screen and back, Ctrl+arrows
 * move, W window by dragging, 1 to 5 presets, A automatic, R as in the file, I inverted, Alt+F flipped, U ruler,
 * Esc back to the whole image as in the file. Up, Down, Left, Right, Page Up, Page Down, Home and End ask for another
 * image; what the derived view takes of them (arrows for the cross of a tool) does not come here.
 */
#pragma once

#include "ui/widgets/nmd-grey-view.h"

G_BEGIN_DECLS

/* Lets the user handle @view, for as long as it lives. */
void nmd_view_input_attach (NmdGreyView *view);

/* Where the pointer lies on the window of @view. FALSE where that is not known. */
gboolean nmd_view_input_find_pointer (GtkWidget *view,
                                      double    *x,
                                      double    *y);

G_END_DECLS
