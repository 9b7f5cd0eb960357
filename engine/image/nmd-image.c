/* SPDX-License-Identifier: Apache-2.0
 *
 * The grey image: its memory, opening files and telling formats apart by content, masks
 * drawn from a box or a polygon. Decoding is left to nmd-png.c and nmd-pixbuf.c.
 */
#include "engine/image/nmd-image.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-number.h"
#include "engine/image/nmd-pixbuf-private.h"
#include "engine/image/nmd-png-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* No image of NMD_IMAGE_MAX_PIXELS needs more, even stored as 16-bit RGBA. */
#define MAX_FILE_BYTES (G_GINT64_CONSTANT (1) << 30)

static void
free_planes (gpointer data)
{
  NmdImage *self = data;

  g_free (self->pixels);
  g_free (self->coloured);
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
  return TRUE;
}

static GBytes *
read_file (const char *path, const char *name, GError **error)
{
  char *contents = NULL;
  gsize length = 0;
  GStatBuf info;

  if (g_stat (path, &info) == 0 && !S_ISREG (info.st_mode) && !S_ISDIR (info.st_mode))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s is a device or a pipe, not a file", name);
      return NULL;
    }
  if (g_stat (path, &info) == 0 && info.st_size > MAX_FILE_BYTES)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s has %" G_GINT64_FORMAT
                   " bytes, more than an image that is read can have",
                   name, (gint64)info.st_size);
      return NULL;
    }
  if (!g_file_get_contents (path, &contents, &length, error))
    return NULL;
  return g_bytes_new_take (contents, length);
}

static NmdImage *
load_bytes (GBytes *bytes, const char *name, gboolean as_mask, GError **error)
{
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  const char *type = NULL;

  if (length == 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is empty", name);
      return NULL;
    }
  if (nmd_png_is (data, length))
    return nmd_png_read (data, length, name, as_mask, error);
  type = nmd_pixbuf_type (data, length);
  if (type != NULL)
    return nmd_pixbuf_read (data, length, type, name, as_mask, error);
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               "%s is not an image that can be read (PNG, JPEG, BMP, TIFF)", name);
  return NULL;
}

NmdImage *
nmd_image_load_bytes (GBytes *bytes, const char *name, GError **error)
{
  g_return_val_if_fail (bytes != NULL && name != NULL, NULL);

  return load_bytes (bytes, name, FALSE, error);
}

NmdImage *
nmd_mask_load_bytes (GBytes *bytes, const char *name, GError **error)
{
  g_return_val_if_fail (bytes != NULL && name != NULL, NULL);

  return load_bytes (bytes, name, TRUE, error);
}

static NmdImage *
load_file (const char *path, gboolean as_mask, GError **error)
{
  g_autofree char *name
      = g_filename_display_name (path); /* messages are UTF-8, paths need not be */
  g_autoptr (GBytes) bytes = read_file (path, name, error);

  return bytes != NULL ? load_bytes (bytes, name, as_mask, error) : NULL;
}

NmdImage *
nmd_image_load (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  return load_file (path, FALSE, error);
}

NmdImage *
nmd_mask_load (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  return load_file (path, TRUE, error);
}

gboolean
nmd_image_peek_size (const char *path, int *width, int *height, GError **error)
{
  g_autoptr (NmdImage) image = NULL;
  guint8 header[33];
  gsize n = 0;
  FILE *file = NULL;

  g_return_val_if_fail (path != NULL && width != NULL && height != NULL, FALSE);

  file = g_fopen (path, "rbe");
  if (file == NULL)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   "Cannot open %s: %s", path, g_strerror (errno));
      return FALSE;
    }
  n = fread (header, 1, sizeof header, file);
  fclose (file);
  if (nmd_png_is (header, n))
    return nmd_png_peek (header, n, path, width, height, error);

  image = nmd_image_load (path, error);
  if (image == NULL)
    return FALSE;
  *width = image->width;
  *height = image->height;
  return TRUE;
}

gboolean
nmd_image_save_png (const NmdImage *self,
                    const char *path,
                    int depth,
                    const char *const *texts,
                    GError **error)
{
  g_autoptr (GBytes) bytes = nmd_image_to_png (self, depth, texts, error);

  return bytes != NULL
         && nmd_file_write (path, g_bytes_get_data (bytes, NULL),
                            g_bytes_get_size (bytes), error);
}

/* The first pixel whose centre is at or right of @x, between 0 and @width. */
static int
first_centre (double x, int width)
{
  return (int)ceil (CLAMP (x - 0.5, 0.0, (double)width));
}

NmdImage *
nmd_mask_new_polygon (int width, int height, const double *points, gsize n)
{
  NmdImage *self = nmd_image_new (width, height);
  g_autofree double *crossings = g_new (double, MAX (n, 1));

  g_return_val_if_fail (self != NULL && (points != NULL || n == 0), self);

  for (int row = 0; row < height; row++)
    {
      double y = row + 0.5;
      gsize n_crossings = 0;

      for (gsize i = 0; i < n; i++)
        {
          const double *a = points + 2 * i, *b = points + 2 * ((i + 1) % n);

          /* Half-open, so that a corner on the line counts once. */
          if ((a[1] <= y) != (b[1] <= y))
            crossings[n_crossings++] = a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
        }
      qsort (crossings, n_crossings, sizeof *crossings, nmd_number_compare);
      for (gsize i = 0; i + 1 < n_crossings; i += 2)
        {
          int from = first_centre (crossings[i], width);
          int to = first_centre (crossings[i + 1], width);

          if (to > from)
            memset (self->pixels + (gsize)row * width + from, 255, to - from);
        }
    }
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
