/* SPDX-License-Identifier: Apache-2.0
 *
 * Grey pixels as GTK textures: GTK 4.8 has no one-channel format, so R8G8B8.
 */
#include "ui/widgets/nmd-texture.h"

#include <math.h>

#define MOST_PIXELS (4 * 1024 * 1024)

GdkTexture *
nmd_texture_new_grey (const NmdImage *image, double brightness, double contrast)
{
  guint8 levels[256];
  int step = 1;

  g_return_val_if_fail (image != NULL, NULL);
  for (int v = 0; v < 256; v++)
    {
      double shown = (v / 255.0 - 0.5) * contrast + 0.5 + brightness / 2;
      levels[v] = (guint8)lrint (CLAMP (shown, 0, 1) * 255);
    }
  while ((gint64)(image->width / step) * (image->height / step) > MOST_PIXELS)
    step++;

  int width = MAX (image->width / step, 1), height = MAX (image->height / step, 1);
  gsize stride = (gsize)width * 3;
  guint8 *rgb = g_malloc (stride * (gsize)height);
  for (int y = 0; y < height; y++)
    {
      const guint8 *from = image->pixels + (gsize)(y * step) * (gsize)image->width;
      guint8 *to = rgb + (gsize)y * stride;
      for (int x = 0; x < width; x++, to += 3)
        to[0] = to[1] = to[2] = levels[from[(gsize)x * (gsize)step]];
    }
  g_autoptr (GBytes) bytes = g_bytes_new_take (rgb, stride * (gsize)height);
  return gdk_memory_texture_new (width, height, GDK_MEMORY_R8G8B8, bytes, stride);
}
