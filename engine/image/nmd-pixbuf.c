/* SPDX-License-Identifier: Apache-2.0
 *
 * BMP and TIFF to grey image or mask, on gdk-pixbuf, whose loader is chosen by content so that no
 * other of its formats is ever entered. What its loaders let pass is checked here, in the headers:
 * sizes before memory is asked for, data that end too early; of a TIFF that is nmd-tiff.c's.
 * Files are opened by nmd-reader.c.
 */
#include "engine/image/nmd-pixbuf-private.h"

#include "engine/image/nmd-image-private.h"
#include "engine/image/nmd-tiff-private.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

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
  return is_bmp (data, length) || nmd_tiff_is (data, length);
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
take_pixels (NmdImage *image, const GdkPixbuf *pixbuf, NmdMaskTable *table)
{
  const guint8 *pixels = gdk_pixbuf_read_pixels (pixbuf);
  const int stride = gdk_pixbuf_get_rowstride (pixbuf),
            channels = gdk_pixbuf_get_n_channels (pixbuf);
  gsize at = 0;

  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++, at++)
      {
        const guint8 *p = pixels + (gsize)y * stride + (gsize)x * channels;

        if (table != NULL)
          {
            const NmdMaskValue value
                = { { p[0], p[1], p[2], channels == 4 ? p[3] : 0 }, -1 };

            nmd_mask_table_put (table, image, at, &value);
          }
        else if (!nmd_image_store (image, at, p[0], p[1], p[2]))
          return FALSE;
      }
  return TRUE;
}

/* The bytes with @page's directory as their first, which is the one that gdk-pixbuf reads; NULL: they are
 * as they have to be. */
static guint8 *
put_page_first (const guint8 *data, gsize length, gsize directory)
{
  g_autofree guint8 *copy = NULL;

  if (directory == nmd_tiff_first (data))
    return NULL;
  copy = g_memdup2 (data, length);
  for (int i = 0; i < 4; i++)
    copy[data[0] == 'M' ? 7 - i : 4 + i] = (guint8)(directory >> 8 * i);
  return g_steal_pointer (&copy);
}

static GdkPixbuf *
decode_tiff (const guint8 *data,
             gsize length,
             const char *name,
             guint page,
             gboolean as_mask,
             GError **error)
{
  g_autofree guint8 *turned = NULL;
  g_autoptr (GdkPixbuf) pixbuf = NULL;
  gsize directory;

  if (!nmd_tiff_find_page (data, length, name, page, &directory, error)
      || !nmd_tiff_check (data, length, directory, name, as_mask, error))
    return NULL;
  turned = put_page_first (data, length, directory);
  pixbuf = decode (turned != NULL ? turned : data, length, "tiff", name, error);
  if (pixbuf == NULL
      || !nmd_tiff_check_alpha (data, length, directory, name, pixbuf, error))
    return NULL;
  return g_steal_pointer (&pixbuf);
}

NmdImage *
nmd_pixbuf_read (const guint8 *data,
                 gsize length,
                 const char *name,
                 guint page,
                 NmdMaskTable *table,
                 GError **error)
{
  g_autoptr (NmdImage) image = NULL;
  g_autoptr (GdkPixbuf) pixbuf = NULL;

  if (!is_bmp (data, length))
    pixbuf = decode_tiff (data, length, name, page, table != NULL, error);
  else if (check_bmp (data, length, name, error))
    pixbuf = decode (data, length, "bmp", name, error);
  if (pixbuf == NULL)
    return NULL;
  image = nmd_image_try_new (name, gdk_pixbuf_get_width (pixbuf),
                             gdk_pixbuf_get_height (pixbuf), error);
  if (image == NULL)
    return NULL;
  if (table != NULL)
    nmd_mask_table_init (table, 8);
  if (!take_pixels (image, pixbuf, table))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY, "Not enough memory to read %s",
                   name);
      return NULL;
    }
  return g_steal_pointer (&image);
}
