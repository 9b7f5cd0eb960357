/* SPDX-License-Identifier: Apache-2.0
 *
 * The grey image: its memory, what it says about its quality, masks drawn from a box or a polygon.
 * Reading files is nmd-reader.c's.
 */
#include "engine/image/nmd-image-private.h"
#include "engine/image/nmd-mask-shapes.h"

#include <string.h>

static void
free_planes (gpointer data)
{
  NmdImage *self = data;

  g_free (self->pixels);
  g_free (self->coloured);
  g_free (self->regions);
}

NmdImage *
nmd_image_new (int width, int height)
{
  NmdImage *self = NULL;

  g_return_val_if_fail (width >= 1 && height >= 1, NULL);

  self = g_atomic_rc_box_new0 (NmdImage);
  self->width = width;
  self->height = height;
  self->pixels = g_malloc0_n (height, width);
  return self;
}

NmdImage *
nmd_image_try_new (const char *name, int width, int height, GError **error)
{
  guint8 *pixels = g_try_malloc0_n (height, width);
  NmdImage *self = NULL;

  if (pixels == NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY,
                   "Not enough memory to read %s: %d × %d pixels", name, width, height);
      return NULL;
    }
  self = g_atomic_rc_box_new0 (NmdImage);
  self->width = width;
  self->height = height;
  self->pixels = pixels;
  return self;
}

NmdImage *
nmd_image_ref (NmdImage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

void
nmd_image_unref (NmdImage *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, free_planes);
}

gboolean
nmd_image_mark_coloured (NmdImage *self, gsize i)
{
  if (self->coloured == NULL)
    self->coloured = g_try_malloc0_n (self->height, self->width);
  if (self->coloured == NULL)
    return FALSE;
  self->coloured[i] = 1;
  return TRUE;
}

gboolean
nmd_image_check_size (const char *name, gint64 width, gint64 height, GError **error)
{
  if (width < 1 || height < 1 || width > G_MAXINT || height > G_MAXINT)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s is damaged: its header says %" G_GINT64_FORMAT
                   " × %" G_GINT64_FORMAT " pixels",
                   name, width, height);
      return FALSE;
    }
  if (width > NMD_IMAGE_MAX_PIXELS / height)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s has %" G_GINT64_FORMAT " × %" G_GINT64_FORMAT
                   " pixels, more than the %d that are read",
                   name, width, height, NMD_IMAGE_MAX_PIXELS);
      return FALSE;
    }
  if (width > NMD_IMAGE_MAX_SIDE || height > NMD_IMAGE_MAX_SIDE)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s has %" G_GINT64_FORMAT " × %" G_GINT64_FORMAT
                   " pixels, a side of more than the %d that are read",
                   name, width, height, NMD_IMAGE_MAX_SIDE);
      return FALSE;
    }
  return TRUE;
}

NmdImage *
nmd_mask_new_polygon (int width, int height, const double *points, gsize n)
{
  NmdImage *self = nmd_image_new (width, height);
  const guint length = (guint)n;

  g_return_val_if_fail (self != NULL && (points != NULL || n == 0), self);

  nmd_mask_add_rings (self, points, &length, 1); /* FALSE: not drawn by hand */
  return self;
}

NmdImage *
nmd_mask_new_box (int width, int height, const NmdBox *box)
{
  NmdImage *self = nmd_image_new (width, height);
  int x0, x1, y0, y1;

  g_return_val_if_fail (self != NULL && box != NULL, self);

  x0 = CLAMP (box->x0, 0, width);
  x1 = CLAMP (box->x1, x0, width);
  y0 = CLAMP (box->y0, 0, height);
  y1 = CLAMP (box->y1, y0, height);
  for (int y = y0; y < y1; y++)
    memset (self->pixels + (gsize)y * width + x0, 255, x1 - x0);
  return self;
}

gboolean
nmd_mask_check_size (const NmdImage *mask,
                     const char *mask_name,
                     const NmdImage *image,
                     GError **error)
{
  g_return_val_if_fail (mask != NULL && mask_name != NULL && image != NULL, FALSE);

  if (mask->width == image->width && mask->height == image->height)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
               "Mask %s is %d × %d, its image is %d × %d", mask_name, mask->width,
               mask->height, image->width, image->height);
  return FALSE;
}

NmdImageQuality
nmd_image_quality (const NmdImage *image, const NmdImage *mask)
{
  NmdImageQuality quality = 0;
  gboolean is_empty = TRUE, coloured_inside = FALSE, coloured = FALSE;
  gsize n;

  g_return_val_if_fail (image != NULL, 0);
  g_return_val_if_fail (
      mask == NULL || (mask->width == image->width && mask->height == image->height), 0);

  n = (gsize)image->width * (gsize)image->height;
  if (image->is_lossy)
    quality |= NMD_IMAGE_QUALITY_LOSSY;
  for (gsize i = 0; i < n && image->coloured != NULL; i++)
    {
      const gboolean inside = mask != NULL && mask->pixels[i] != 0;

      is_empty &= !inside;
      coloured |= image->coloured[i] != 0;
      coloured_inside |= inside && image->coloured[i] != 0;
    }
  if (coloured_inside || (is_empty && coloured))
    quality |= NMD_IMAGE_QUALITY_COLOURED;
  return quality;
}

const char *
nmd_image_quality_to_text (NmdImageQuality flag)
{
  switch (flag)
    {
    case NMD_IMAGE_QUALITY_LOSSY:
      return "The image was compressed with loss: its echo intensity may have changed";
    case NMD_IMAGE_QUALITY_COLOURED:
      return "Coloured pixels lie inside the outline: they change echo intensity";
    }
  g_return_val_if_reached ("");
}
