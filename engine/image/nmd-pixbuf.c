/* SPDX-License-Identifier: Apache-2.0
 *
 * BMP and TIFF to grey image or mask, on gdk-pixbuf, whose loader is chosen by content so that no
 * other of its formats is ever entered. What its loaders let pass is checked here, in the headers:
 * sizes before memory is asked for, data that end too early, kinds of TIFF whose damage it hides.
 * Files are opened by nmd-reader.c.
 */
#include "engine/image/nmd-pixbuf-private.h"

#include "engine/image/nmd-image-private.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

/* TIFF 6.0, section 8 */
#define TIFF_WIDTH 256
#define TIFF_HEIGHT 257
#define TIFF_BITS_PER_SAMPLE 258
#define TIFF_COMPRESSION 259
#define TIFF_SAMPLES_PER_PIXEL 277
#define TIFF_TILE_WIDTH 322
#define TIFF_TILE_HEIGHT 323
#define TIFF_LONG 4 /* type of a value */
#define TIFF_JPEG_OLD 6
#define TIFF_JPEG 7

/* Samples of one picture: 64 MPixel of four bytes. */
#define MAX_SAMPLE_BYTES ((guint64)256 << 20)
#define BMP_MAX_COLOURS 256
#define BMP_CORE_HEADER 12 /* bytes; OS/2, with sizes of 16 bits */

static gboolean
is_bmp (const guint8 *data, gsize length)
{
  return length >= 26 && memcmp (data, "BM", 2) == 0;
}

gboolean
nmd_pixbuf_is (const guint8 *data, gsize length)
{
  return is_bmp (data, length)
         || (length >= 8
             && (memcmp (data, "II*\0", 4) == 0 || memcmp (data, "MM\0*", 4) == 0));
}

static guint32
read_number (const guint8 *p, int bytes, gboolean big)
{
  guint32 value = 0;

  for (int i = 0; i < bytes; i++)
    value = value << 8 | p[big ? i : bytes - 1 - i];
  return value;
}

static gboolean
refuse (const char *name, const char *why, GError **error)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is %s", name, why);
  return FALSE;
}

typedef struct
{
  guint32 header, offset, compression, colours;
  guint64 width, height, bits;
} Bmp;

/* FALSE: the header is not whole. */
static gboolean
read_bmp (Bmp *self, const guint8 *data, gsize length)
{
  const gboolean is_core
      = read_number (data + 14, 4, FALSE) == 12; /* OS/2: 16-bit sizes */

  *self = (Bmp){ .header = read_number (data + 14, 4, FALSE),
                 .offset = read_number (data + 10, 4, FALSE) };
  if (is_core)
    {
      self->width = read_number (data + 18, 2, FALSE);
      self->height = read_number (data + 20, 2, FALSE);
      self->bits = read_number (data + 24, 2, FALSE);
      return TRUE;
    }
  /* the loader asks for as much memory as the header says it is long */
  if (length < 54 || self->header < 40 || self->header > length - 14)
    return FALSE;
  self->width = read_number (data + 18, 4, FALSE);
  self->height = (guint64)ABS ((gint64)(gint32)read_number (data + 22, 4, FALSE));
  self->bits = read_number (data + 28, 2, FALSE);
  self->compression = read_number (data + 30, 4, FALSE);
  self->colours = read_number (data + 46, 4, FALSE);
  return TRUE;
}

/* TRUE if the pixels name only colours that the palette has; the loader makes black of others. Run
 * lengths (compression 1 and 2) are not looked into. */
static gboolean
bmp_colours_exist (const Bmp *self, const guint8 *data)
{
  const guint64 stride = (self->width * self->bits + 31) / 32 * 4;
  const guint n = self->colours > 0 ? self->colours : 1u << self->bits;

  for (guint64 y = 0; y < self->height; y++)
    for (guint64 x = 0; x < self->width; x++)
      {
        const guint64 bit = x * self->bits;
        const guint8 byte = data[self->offset + y * stride + bit / 8];
        const guint index
            = (byte >> (8 - self->bits - bit % 8)) & ((1u << self->bits) - 1);

        if (index >= n)
          return FALSE;
      }
  return TRUE;
}

/* Whether header, palette and pixels are there: gdk-pixbuf leaves missing pixels black and asks for the
 * memory that a palette claims. */
static gboolean
check_bmp (const guint8 *data, gsize length, const char *name, GError **error)
{
  Bmp bmp;
  guint64 needed;

  if (!read_bmp (&bmp, data, length))
    return refuse (name, "cut short: its BMP header ends too early", error);
  if (!nmd_image_check_size (name, (gint64)bmp.width, (gint64)bmp.height, error))
    return FALSE;
  if (bmp.colours > BMP_MAX_COLOURS)
    return refuse (name, "damaged: its BMP header claims more than 256 palette colours",
                   error);
  /* where there is a palette, the loader takes what follows it for pixels, whatever the offset says */
  if (bmp.bits <= 8
      && bmp.offset
             != 14 + bmp.header
                    + (bmp.colours > 0 ? bmp.colours : 1u << bmp.bits)
                          * (bmp.header == BMP_CORE_HEADER ? 3u : 4u))
    return refuse (name, "a BMP whose pixels do not follow its palette; save it as PNG",
                   error);
  needed = (bmp.width * MIN (bmp.bits, 64) + 31) / 32 * 4 * bmp.height;
  if (bmp.compression == 1 || bmp.compression == 2) /* run lengths: the header says */
    needed = read_number (data + 34, 4, FALSE);
  if (bmp.offset > length || needed > length - bmp.offset)
    return refuse (name, "cut short: its BMP data end too early", error);
  if ((bmp.bits == 1 || bmp.bits == 4 || bmp.bits == 8) && bmp.compression == 0
      && !bmp_colours_exist (&bmp, data))
    return refuse (name, "damaged: a pixel names a colour that its palette lacks", error);
  return TRUE;
}

/* A number of the first directory, or its first value if it has several; @missing without it. */
static guint
tiff_tag (const guint8 *data, gsize length, guint tag, guint missing)
{
  const gboolean big = data[0] == 'M';
  gsize at = read_number (data + 4, 4, big), n;

  if (at > length || length - at < 2)
    return missing;
  n = read_number (data + at, 2, big);
  for (at += 2; n > 0 && length - at >= 12; n--, at += 12)
    if (read_number (data + at, 2, big) == tag)
      {
        const int size = read_number (data + at + 2, 2, big) == TIFF_LONG ? 4 : 2;
        const guint32 count = read_number (data + at + 4, 4, big);
        const gsize from
            = (guint64)count * size > 4 ? read_number (data + at + 8, 4, big) : at + 8;

        return from <= length - size ? read_number (data + from, size, big) : missing;
      }
  return missing;
}

/* What libtiff would ask memory for: a picture, and a tile of one. */
static gboolean
check_tiff (const guint8 *data, gsize length, const char *name, GError **error)
{
  const guint64 width = tiff_tag (data, length, TIFF_WIDTH, 0);
  const guint64 height = tiff_tag (data, length, TIFF_HEIGHT, 0);
  const guint64 tile_width = tiff_tag (data, length, TIFF_TILE_WIDTH, 1);
  const guint64 tile_height = tiff_tag (data, length, TIFF_TILE_HEIGHT, 1);
  const guint64 samples = tiff_tag (data, length, TIFF_SAMPLES_PER_PIXEL, 1);
  const guint64 bits = tiff_tag (data, length, TIFF_BITS_PER_SAMPLE, 1);
  const guint compression = tiff_tag (data, length, TIFF_COMPRESSION, 1);
  const guint64 most = MAX_SAMPLE_BYTES * 8 / MAX (samples * bits, 1);

  if (width == 0 || height == 0)
    return refuse (name, "damaged: its TIFF directory names no size", error);
  if (!nmd_image_check_size (name, (gint64)width, (gint64)height, error))
    return FALSE;
  if (width * height > most || tile_width > most / MAX (tile_height, 1))
    return refuse (name, "damaged: its TIFF samples would take more than 256 MiB", error);
  if (compression == TIFF_JPEG_OLD || compression == TIFF_JPEG)
    {
      /* libtiff says nothing of damage in them */
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "%s is a TIFF with JPEG data inside; save it as PNG or JPEG", name);
      return FALSE;
    }
  return TRUE;
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
  const int stride = gdk_pixbuf_get_rowstride (pixbuf),
            channels = gdk_pixbuf_get_n_channels (pixbuf);
  gsize at = 0;

  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++, at++)
      {
        const guint8 *p = pixels + (gsize)y * stride + (gsize)x * channels;

        if (!nmd_image_store (image, at, as_mask, p[0], p[1], p[2]))
          return FALSE;
      }
  return TRUE;
}

NmdImage *
nmd_pixbuf_read (
    const guint8 *data, gsize length, const char *name, gboolean as_mask, GError **error)
{
  const gboolean bmp = is_bmp (data, length);
  g_autoptr (NmdImage) image = NULL;
  g_autoptr (GdkPixbuf) pixbuf = NULL;

  if (!(bmp ? check_bmp : check_tiff) (data, length, name, error))
    return NULL;
  if (as_mask && !bmp && tiff_tag (data, length, TIFF_BITS_PER_SAMPLE, 1) > 8)
    {
      /* The loader reduces to 8 bits first and would lose small values. */
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "Mask %s is a 16-bit TIFF; save it as PNG", name);
      return NULL;
    }
  pixbuf = decode (data, length, bmp ? "bmp" : "tiff", name, error);
  if (pixbuf == NULL)
    return NULL;
  image = nmd_image_try_new (name, gdk_pixbuf_get_width (pixbuf),
                             gdk_pixbuf_get_height (pixbuf), error);
  if (image == NULL)
    return NULL;
  if (!take_pixels (image, pixbuf, as_mask))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY, "Not enough memory to read %s",
                   name);
      return NULL;
    }
  return g_steal_pointer (&image);
}
