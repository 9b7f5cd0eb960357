/* SPDX-License-Identifier: Apache-2.0
 *
 * The cross of the keyboard. Drawn by nmd-scan-lines.c; what a tool makes of it is nmd-outline-editor.c's.
 */
#include "ui/widgets/nmd-key-cursor.h"

#include <gdk/gdk.h>

#define FAR 10

gboolean
nmd_key_cursor_show (NmdKeyCursor *self, int width, int height)
{
  gboolean was_hidden = !self->is_shown;

  if (!self->has_place)
    {
      self->x = width / 2;
      self->y = height / 2;
      self->n = 0;
    }
  self->x = CLAMP (self->x, 0, width);
  self->y = CLAMP (self->y, 0, height);
  self->has_place = TRUE;
  self->is_shown = TRUE;
  return was_hidden;
}

gboolean
nmd_key_cursor_move (NmdKeyCursor *self,
                     guint key,
                     gboolean far,
                     const NmdCanvas *canvas,
                     int width,
                     int height)
{
  const struct
  {
    guint key, pad;
    int dx, dy;
  } arrows[] = { { GDK_KEY_Left, GDK_KEY_KP_Left, -1, 0 },
                 { GDK_KEY_Right, GDK_KEY_KP_Right, 1, 0 },
                 { GDK_KEY_Up, GDK_KEY_KP_Up, 0, -1 },
                 { GDK_KEY_Down, GDK_KEY_KP_Down, 0, 1 } };
  int by = far ? FAR : 1;

  for (guint i = 0; i < G_N_ELEMENTS (arrows); i++)
    if (arrows[i].key == key || arrows[i].pad == key)
      {
        int x = self->x + by * arrows[i].dx * (canvas->flipped ? -1 : 1);
        int y = self->y + by * arrows[i].dy;

        self->x = CLAMP (x, 0, width);
        self->y = CLAMP (y, 0, height);
        self->n = 0;
        return TRUE;
      }
  return FALSE;
}

int
nmd_key_cursor_count (NmdKeyCursor *self)
{
  return ++self->n;
}
