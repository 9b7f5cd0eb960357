/* SPDX-License-Identifier: Apache-2.0
 *
 * A cross on the image that arrow keys move: what the pointer is to the tools, for who works by the keyboard. Knows
 * no widget.
 */
#pragma once

#include "ui/widgets/nmd-canvas.h"

G_BEGIN_DECLS

/* Starts as all zeros, with no place. */
typedef struct
{
  gboolean is_shown;
  gboolean has_place; /* (x, y) are of this image */
  int x, y;           /* whole image pixels in [0, width] × [0, height]: a corner between pixels */
  int n;              /* times it was counted where it stands */
} NmdKeyCursor;

/* Shows it where it was, at first in the middle of the image. Returns: whether it was hidden. */
gboolean nmd_key_cursor_show     (NmdKeyCursor    *self,
                                  int              width,
                                  int              height);

/* An arrow key moves it by a pixel, @far by ten, as the arrow points on @canvas; it stays on the image. FALSE: @key is
 * no arrow key. */
gboolean nmd_key_cursor_move     (NmdKeyCursor    *self,
                                  guint            key,
                                  gboolean         far,
                                  const NmdCanvas *canvas,
                                  int              width,
                                  int              height);

/* How often Enter was pressed where it stands, this time included: 1, 2, … */
int      nmd_key_cursor_count    (NmdKeyCursor    *self);

G_END_DECLS
