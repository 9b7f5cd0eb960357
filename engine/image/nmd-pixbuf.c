/* SPDX-License-Identifier: Apache-2.0
 *
 * JPEG, BMP and TIFF to grey image or mask, on gdk-pixbuf, whose loader is chosen by
 * content so that no other of its formats is ever entered. What its loaders let pass is
 * checked here: size limits before memory is asked for, JPEG data that end too early,
 * 16-bit TIFF masks. Files are opened by nmd-image.c.
 */
#include "engine/image/nmd-pixbuf-private.h"

#include "engine/image/nmd-png-private.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

#define TIFF_BITS_PER_SAMPLE 258
#define TIFF_COMPRESSION 259

const char *
nmd_pixbuf_type (const guint8 *data, gsize length)
{
  if (length >= 3 && memcmp (data, "\xff\xd8\xff", 3) == 0)
    return "jpeg";
  if (length >= 26 && memcmp (data, "BM", 2) == 0)
    return "bmp";
  if (length >= 8 && (memcmp (data, "II*\0", 4) == 0 || memcmp (data, "MM\0*", 4) == 0))
    return "tiff";
  return NULL;
}

/* TRUE if the end marker follows the entropy-coded data. gdk-pixbuf hands out a picture
 * with grey rows where it is missing. ITU T.81, annex B. */
static gboolean
jpeg_is_whole (const guint8 *data, gsize length)
{
  gsize at = 2;

  while (at + 1 < length)
    {
      guint8 marker = data[at + 1];

      if (data[at] != 0xff || marker == 0 || (marker >= 0xd0 && marker <= 0xd7)
          || marker == 0x01)
        at++; /* entropy-coded data, stuffing, restart */
      else if (marker == 0xff)
        at++; /* fill */
      else if (marker == 0xd9)
        return TRUE;
      else if (at + 3 < length)
        at += 2 + ((gsize)data[at + 2] << 8 | data[at + 3]);
      else
        return FALSE;
    }
  return FALSE;
}

static guint32
read_number (const guint8 *p, int bytes, gboolean big)
{
  guint32 value = 0;

  for (int i = 0; i < bytes; i++)
    value = value << 8 | p[big ? i : bytes - 1 - i];
  return value;
}

/* TRUE if the pixels that the header announces are there; gdk-pixbuf leaves the rest
 * black. */
static gboolean
bmp_is_whole (const guint8 *data, gsize length)
{
  guint32 header = read_number (data + 14, 4, FALSE);
  gboolean is_core = header == 12; /* OS/2: 16-bit sizes */
  guint32 offset = read_number (data + 10, 4, FALSE), compression = 0;
  guint64 width, height, bits, needed;

  if (!is_core && (length < 38 || header > length - 14))
    return FALSE; /* the loader asks for as much memory as the header says it is long */
  if (is_core)
    {
      width = read_number (data + 18, 2, FALSE);
      height = read_number (data + 20, 2, FALSE);
      bits = read_number (data + 24, 2, FALSE);
    }
  else
    {
      width = read_number (data + 18, 4, FALSE);
      height = (guint64)ABS ((gint64)(gint32)read_number (data + 22, 4, FALSE));
      bits = read_number (data + 28, 2, FALSE);
      compression = read_number (data + 30, 4, FALSE);
    }
  if (compression == 1
      || compression == 2) /* run lengths: the header says how many bytes */
    needed = read_number (data + 34, 4, FALSE);
  else
    needed = (MIN (width, G_MAXINT32) * MIN (bits, 64) + 31) / 32 * 4 * height;
  return offset <= length && needed <= length - offset;
}

/* A short of the first directory, or its first value if it has several; @missing without
 * it. */
static guint
tiff_tag (const guint8 *data, gsize length, guint tag, guint missing)
{
  gboolean big = data[0] == 'M';
  gsize at = read_number (data + 4, 4, big), n;

  if (at > length || length - at < 2)
    return missing;
  n = read_number (data + at, 2, big);
  for (at += 2; n > 0 && length - at >= 12; n--, at += 12)
    if (read_number (data + at, 2, big) == tag)
      {
        guint32 count = read_number (data + at + 4, 4, big);
        gsize from = count > 2 ? read_number (data + at + 8, 4, big) : at + 8;

        return from < length - 2 ? read_number (data + from, 2, big) : missing;
      }
  return missing;
}

typedef struct
{
  const char *name;
  GError *error;
} SizeCheck;

/* A size of 0 × 0 tells every loader to stop before it asks for memory. */
static void
on_size_prepared (GdkPixbufLoader *loader, int width, int height, gpointer data)
{
  SizeCheck *check = data;

  if (check->error != NULL
      || !nmd_image_check_size (check->name, width, height, &check->error))
    gdk_pixbuf_loader_set_size (loader, 0, 0);
}

static GdkPixbuf *
decode (
    const guint8 *data, gsize length, const char *type, const char *name, GError **error)
{
  g_autoptr (GdkPixbufLoader) loader = NULL;
  g_autoptr (GError) reason = NULL;
  SizeCheck check = { .name = name };
  GdkPixbuf *pixbuf = NULL;
  gboolean ok;

  loader = gdk_pixbuf_loader_new_with_type (type, &reason);
  if (loader == NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "%s cannot be read: gdk-pixbuf has no loader for %s here", name, type);
      return NULL;
    }
  g_signal_connect (loader, "size-prepared", G_CALLBACK (on_size_prepared), &check);
  ok = gdk_pixbuf_loader_write (loader, data, length, &reason);
  ok = gdk_pixbuf_loader_close (loader, ok ? &reason : NULL) && ok;
  if (check.error != NULL)
    {
      g_propagate_error (error, check.error);
      return NULL;
    }
  pixbuf = ok ? gdk_pixbuf_loader_get_pixbuf (loader) : NULL;
  if (pixbuf == NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is damaged: %s", name,
                   reason != NULL ? reason->message : "it holds no picture");
      return NULL;
    }
  return gdk_pixbuf_apply_embedded_orientation (pixbuf);
}

static gboolean
take_pixels (NmdImage *image, const GdkPixbuf *pixbuf, gboolean as_mask)
{
  const guint8 *pixels = gdk_pixbuf_read_pixels (pixbuf);
  int stride = gdk_pixbuf_get_rowstride (pixbuf),
      channels = gdk_pixbuf_get_n_channels (pixbuf);
  gsize at = 0;

  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++, at++)
      {
        const guint8 *p = pixels + (gsize)y * stride + (gsize)x * channels;

        if (as_mask)
          image->pixels[at] = (p[0] | p[1] | p[2]) != 0 ? 255 : 0;
        else
          image->pixels[at] = nmd_grey (p[0], p[1], p[2]);
        if (!as_mask && (p[0] != p[1] || p[1] != p[2])
            && !nmd_image_mark_coloured (image, at))
          return FALSE;
      }
  return TRUE;
}

NmdImage *
nmd_pixbuf_read (const guint8 *data,
                 gsize length,
                 const char *type,
                 const char *name,
                 gboolean as_mask,
                 GError **error)
{
  gboolean is_tiff = g_str_equal (type, "tiff"), is_jpeg = g_str_equal (type, "jpeg"),
           is_bmp = g_str_equal (type, "bmp");
  guint compression = is_tiff ? tiff_tag (data, length, TIFF_COMPRESSION, 1) : 1;
  g_autoptr (NmdImage) image = NULL;
  g_autoptr (GdkPixbuf) pixbuf = NULL;

  if ((is_jpeg && !jpeg_is_whole (data, length))
      || (is_bmp && !bmp_is_whole (data, length)))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s is cut short: its %s data end too early", name,
                   is_jpeg ? "JPEG" : "BMP");
      return NULL;
    }
  if (as_mask && is_tiff && tiff_tag (data, length, TIFF_BITS_PER_SAMPLE, 1) > 8)
    {
      /* The loader reduces to 8 bits first and would lose small values. */
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "Mask %s is a 16-bit TIFF; save it as PNG", name);
      return NULL;
    }
  pixbuf = decode (data, length, type, name, error);
  if (pixbuf == NULL)
    return NULL;
  image = nmd_image_try_new (name, gdk_pixbuf_get_width (pixbuf),
                             gdk_pixbuf_get_height (pixbuf), error);
  if (image == NULL)
    return NULL;
  image->is_lossy
      = is_jpeg || compression == 6 || compression == 7; /* JPEG within TIFF */
  if (!take_pixels (image, pixbuf, as_mask))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY, "Not enough memory to read %s",
                   name);
      return NULL;
    }
  return g_steal_pointer (&image);
}
