/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens image files and tells formats apart by content. Decoding is left to nmd-png.c, nmd-jpeg.c and
 * nmd-pixbuf.c.
 */
#include "engine/image/nmd-reader.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-text.h"
#include "engine/image/nmd-jpeg-private.h"
#include "engine/image/nmd-pixbuf-private.h"
#include "engine/image/nmd-png-private.h"

/* An image of NMD_IMAGE_MAX_PIXELS as 16-bit RGBA. */
#define MAX_FILE_BYTES ((gsize)512 << 20)

static NmdImage *
load_bytes (GBytes *bytes, const char *path, gboolean as_mask, GError **error)
{
  g_autofree char *name = nmd_text_display (path);
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  if (length == 0)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is empty", name);
  else if (length > MAX_FILE_BYTES)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is larger than %d MiB", name,
                 (int)(MAX_FILE_BYTES >> 20));
  else if (nmd_png_is (data, length))
    return nmd_png_read (data, length, name, as_mask, error);
  else if (nmd_jpeg_is (data, length))
    return nmd_jpeg_read (data, length, name, as_mask, error);
  else if (nmd_pixbuf_is (data, length))
    return nmd_pixbuf_read (data, length, name, as_mask, error);
  else
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 "%s is not an image that can be read (PNG, JPEG, BMP, TIFF)", name);
  return NULL;
}

static NmdImage *
load_file (const char *path, gboolean as_mask, GError **error)
{
  gsize length = 0;
  char *data = nmd_file_read (path, MAX_FILE_BYTES, NULL, &length, error);
  g_autoptr (GBytes) bytes = data != NULL ? g_bytes_new_take (data, length) : NULL;

  return bytes != NULL ? load_bytes (bytes, path, as_mask, error) : NULL;
}

NmdImage *
nmd_image_load (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  return load_file (path, FALSE, error);
}

NmdImage *
nmd_image_load_bytes (GBytes *bytes, const char *name, GError **error)
{
  g_return_val_if_fail (bytes != NULL && name != NULL, NULL);

  return load_bytes (bytes, name, FALSE, error);
}

NmdImage *
nmd_mask_load (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  return load_file (path, TRUE, error);
}

NmdImage *
nmd_mask_load_bytes (GBytes *bytes, const char *name, GError **error)
{
  g_return_val_if_fail (bytes != NULL && name != NULL, NULL);

  return load_bytes (bytes, name, TRUE, error);
}
