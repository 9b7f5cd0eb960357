/* SPDX-License-Identifier: Apache-2.0
 *
 * Exif's orientation: found in the little TIFF that Exif is, and applied to an image. Where that
 * TIFF lies in a file is the decoders' business.
 */
#include "engine/image/nmd-exif-private.h"

#include "engine/image/nmd-image-private.h"

#include <string.h>

#define ORIENTATION 0x0112

static guint32
read_number (const guint8 *p, int bytes, gboolean big)
{
  guint32 value = 0;

  for (int i = 0; i < bytes; i++)
    value = value << 8 | p[big ? i : bytes - 1 - i];
  return value;
}

int
nmd_exif_get_orientation (const guint8 *tiff, gsize length)
{
  gboolean big;
  gsize at, n;

  if (length < 8)
    return 1;
  big = tiff[0] == 'M';
  at = read_number (tiff + 4, 4, big);
  if (at > length - 2)
    return 1;
  n = read_number (tiff + at, 2, big);
  for (at += 2; n > 0 && length - at >= 12; n--, at += 12)
    if (read_number (tiff + at, 2, big) == ORIENTATION)
      {
        const guint32 value = read_number (tiff + at + 8, 2, big);

        return value >= 1 && value <= 8 ? (int)value : 1;
      }
  return 1;
}

/* The place in the upright image of pixel (x, y) of the stored one. Exif 2.3, tag 274. */
static gsize
upright (const NmdImage *stored, int orientation, int x, int y)
{
  const int w = stored->width, h = stored->height;
  const gsize places[] = { 0,
                           (gsize)y * w + x,
                           (gsize)y * w + (w - 1 - x),
                           (gsize)(h - 1 - y) * w + (w - 1 - x),
                           (gsize)(h - 1 - y) * w + x,
                           (gsize)x * h + y,
                           (gsize)x * h + (h - 1 - y),
                           (gsize)(w - 1 - x) * h + (h - 1 - y),
                           (gsize)(w - 1 - x) * h + y };

  return places[orientation];
}

NmdImage *
nmd_image_turn (NmdImage *stored, int orientation, const char *name, GError **error)
{
  const gboolean sideways = orientation >= 5;
  NmdImage *image;
  gsize from = 0;

  if (orientation == 1)
    return nmd_image_ref (stored);
  image = nmd_image_try_new (name, sideways ? stored->height : stored->width,
                             sideways ? stored->width : stored->height, error);
  for (int y = 0; image != NULL && y < stored->height; y++)
    for (int x = 0; x < stored->width; x++, from++)
      {
        const gsize to = upright (stored, orientation, x, y);

        image->pixels[to] = stored->pixels[from];
        if (stored->coloured == NULL || !stored->coloured[from]
            || nmd_image_mark_coloured (image, to))
          continue;
        g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY, "Not enough memory to read %s",
                     name);
        nmd_image_unref (image);
        return NULL;
      }
  return image;
}
