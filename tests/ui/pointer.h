/* SPDX-License-Identifier: Apache-2.0
 *
 * Real events of the pointer on the canvas, by xdotool; the window is at the screen's corner.
 */
#pragma once

#include "tests/ui/screen.h"
#include "ui/widgets/nmd-image-view.h"

/* Whether there is xdotool and a display that it works on. */
gboolean      pointer_init  (void);

NmdImageView *pointer_view  (void);

/* Gives xdotool these words, parted by blanks, and turns the main loop until it has done what they say. */
void          pointer_run   (const char  *words);

/* Draws a disc of @radius about (@x, @y) of the image with @tool by one series of events, @gap_ms apart: traced and
 * dragged in @steps moves, or by six clicks and Enter. Turns the main loop until all have come. */
void          pointer_draw  (NmdTool      tool,
                             double       x,
                             double       y,
                             double       radius,
                             int          steps,
                             int          gap_ms);

/* Moves the pointer round the same disc with no button and no tool but Pan. */
void          pointer_circle (double      x,
                             double       y,
                             double       radius,
                             int          steps,
                             int          gap_ms);
