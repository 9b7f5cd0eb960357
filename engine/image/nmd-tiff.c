/* SPDX-License-Identifier: Apache-2.0
 *
 * The directories of a TIFF, read before libtiff sees the file: pages, sizes before memory is asked
 * for, kinds that it would misread or whose damage it hides. Pixels are decoded by nmd-pixbuf.c.
 */
#include "engine/image/nmd-tiff-private.h"

#include "engine/image/nmd-image-private.h"

#include <string.h>

/* TIFF 6.0, section 8; the sample format is in section 19 */
#define NEW_SUBFILE_TYPE 254
#define WIDTH 256
#define HEIGHT 257
#define BITS_PER_SAMPLE 258
#define COMPRESSION 259
#define SAMPLES_PER_PIXEL 277
#define EXTRA_SAMPLES 338
#define UNASSOCIATED_ALPHA 2
#define TILE_WIDTH 322
#define TILE_HEIGHT 323
#define SAMPLE_FORMAT 339
#define TYPE_LONG 4
#define JPEG_OLD 6
#define JPEG 7

#define IS_THUMBNAIL 1 /* bits of NEW_SUBFILE_TYPE */
#define IS_TRANSPARENCY 4
#define FORMAT_UNSIGNED 1
#define FORMAT_SIGNED 2
#define FORMAT_FLOAT 3
#define FORMAT_UNDEFINED 4 /* read as unsigned */

/* Samples of one picture: 64 MPixel of four bytes. */
#define MAX_SAMPLE_BYTES ((guint64)256 << 20)

static guint32
read_number (const guint8 *p, int bytes, gboolean big)
{
  guint32 value = 0;

  for (int i = 0; i < bytes; i++)
    value = value << 8 | p[big ? i : bytes - 1 - i];
  return value;
}

gboolean
nmd_tiff_is (const guint8 *data, gsize length)
{
  return length >= 8
         && (memcmp (data, "II*\0", 4) == 0 || memcmp (data, "MM\0*", 4) == 0);
}

gsize
nmd_tiff_first (const guint8 *data)
{
  return read_number (data + 4, 4, data[0] == 'M');
}

/* A number of the directory at @at, or its first value if it has several; @missing without it. */
static guint
get_tag (const guint8 *data, gsize length, gsize at, guint tag, guint missing)
{
  const gboolean big = data[0] == 'M';
  gsize n;

  if (at > length || length - at < 2)
    return missing;
  n = read_number (data + at, 2, big);
  for (at += 2; n > 0 && length - at >= 12; n--, at += 12)
    if (read_number (data + at, 2, big) == tag)
      {
        const int size = read_number (data + at + 2, 2, big) == TYPE_LONG ? 4 : 2;
        const guint32 count = read_number (data + at + 4, 4, big);
        const gsize from
            = (guint64)count * size > 4 ? read_number (data + at + 8, 4, big) : at + 8;

        return from <= length - size ? read_number (data + from, size, big) : missing;
      }
  return missing;
}

/* The directory after the one at @at; 0: it is the last. FALSE: it is not whole. */
static gboolean
get_next (const guint8 *data, gsize length, gsize at, gsize *next)
{
  const gboolean big = data[0] == 'M';
  gsize end;

  if (at > length || length - at < 2)
    return FALSE;
  end = at + 2 + 12 * (gsize)read_number (data + at, 2, big);
  /* a last directory without its end is read by libtiff, and so it is here */
  *next = end <= length && length - end >= 4 ? read_number (data + end, 4, big) : 0;
  return TRUE;
}

/* All directories in order; those that are no page only where @also_others. NULL: they are damaged, or
 * together longer than the file, as in a circle. */
static GArray *
list_directories (const guint8 *data, gsize length, gboolean also_others)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (gsize));
  gsize at = nmd_tiff_first (data), total = 0;

  while (at != 0)
    {
      const guint kind = get_tag (data, length, at, NEW_SUBFILE_TYPE, 0);
      gsize next;

      if (!get_next (data, length, at, &next))
        return NULL;
      total += 2 + 12 * (gsize)read_number (data + at, 2, data[0] == 'M');
      if (total > length)
        return NULL;
      if (also_others || (kind & (IS_THUMBNAIL | IS_TRANSPARENCY)) == 0)
        g_array_append_val (list, at);
      at = next;
    }
  return g_steal_pointer (&list);
}

static GArray *
list_pages (const guint8 *data, gsize length)
{
  GArray *pages = list_directories (data, length, FALSE);

  if (pages == NULL || pages->len > 0)
    return pages;
  g_array_unref (pages);
  return list_directories (data, length, TRUE);
}

guint
nmd_tiff_count_pages (const guint8 *data, gsize length)
{
  g_autoptr (GArray) pages = list_pages (data, length);

  return pages != NULL ? pages->len : 0;
}

gboolean
nmd_tiff_find_page (const guint8 *data,
                    gsize length,
                    const char *name,
                    guint page,
                    gsize *directory,
                    GError **error)
{
  g_autoptr (GArray) pages = list_pages (data, length);

  if (pages == NULL || pages->len == 0)
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 "%s is damaged: its TIFF directories are not whole", name);
  else if (page == 0 && pages->len > 1)
    g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                 "%s is a TIFF of %u pages: save the page that is meant as a file of its "
                 "own",
                 name, pages->len);
  else if (page > pages->len)
    g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                 "%s has no page %u: its last is %u", name, page, pages->len);
  else
    {
      *directory = g_array_index (pages, gsize, MAX (page, 1) - 1);
      return TRUE;
    }
  return FALSE;
}

static gboolean
refuse (const char *name, const char *why, GError **error)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is %s", name, why);
  return FALSE;
}

static gboolean
refuse_kind (const char *name, const char *kind, GError **error)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
               "%s is a TIFF %s; save it as an 8- or 16-bit PNG", name, kind);
  return FALSE;
}

/* Samples that have no fixed black and white, or more than gdk-pixbuf keeps. */
static gboolean
check_samples (
    const char *name, guint format, guint bits, gboolean as_mask, GError **error)
{
  if (format == FORMAT_FLOAT)
    return refuse_kind (name, "of floating-point numbers, which say not where white is",
                        error);
  if (format == FORMAT_SIGNED)
    return refuse_kind (name, "of signed numbers, which say not where black is", error);
  if (format != FORMAT_UNSIGNED && format != FORMAT_UNDEFINED)
    return refuse_kind (name, "of complex numbers", error);
  if (bits > 16)
    return refuse_kind (name, "of more than 16 bits a sample", error);
  if (!as_mask || bits <= 8)
    return TRUE;
  /* The loader reduces to 8 bits first and would lose small values. */
  g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
               "Mask %s is a 16-bit TIFF; save it as PNG", name);
  return FALSE;
}

gboolean
nmd_tiff_check (const guint8 *data,
                gsize length,
                gsize directory,
                const char *name,
                gboolean as_mask,
                GError **error)
{
#define TAG(tag, missing) get_tag (data, length, directory, tag, missing)
  const guint64 width = TAG (WIDTH, 0), height = TAG (HEIGHT, 0);
  const guint64 tile_width = TAG (TILE_WIDTH, 1), tile_height = TAG (TILE_HEIGHT, 1);
  const guint64 samples = TAG (SAMPLES_PER_PIXEL, 1), bits = TAG (BITS_PER_SAMPLE, 1);
  const guint compression = TAG (COMPRESSION, 1);
  const guint format = TAG (SAMPLE_FORMAT, FORMAT_UNSIGNED);
#undef TAG
  /* what libtiff would ask memory for: a picture, and a tile of one */
  const guint64 most = MAX_SAMPLE_BYTES * 8 / MAX (samples * bits, 1);

  if (width == 0 || height == 0)
    return refuse (name, "damaged: its TIFF directory names no size", error);
  if (!nmd_image_check_size (name, (gint64)width, (gint64)height, error))
    return FALSE;
  if (!check_samples (name, format, (guint)MIN (bits, G_MAXUINT16), as_mask, error))
    return FALSE;
  if (width * height > most || tile_width > most / MAX (tile_height, 1))
    return refuse (name, "damaged: its TIFF samples would take more than 256 MiB", error);
  if (compression == JPEG_OLD || compression == JPEG)
    {
      /* libtiff says nothing of damage in them */
      g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                   "%s is a TIFF with JPEG data inside; save it as PNG or JPEG", name);
      return FALSE;
    }
  return TRUE;
}

gboolean
nmd_tiff_check_alpha (const guint8 *data,
                      gsize length,
                      gsize directory,
                      const char *name,
                      const GdkPixbuf *pixbuf,
                      GError **error)
{
  const guint8 *pixels = gdk_pixbuf_read_pixels (pixbuf);
  const int width = gdk_pixbuf_get_width (pixbuf),
            height = gdk_pixbuf_get_height (pixbuf);
  const gsize stride = (gsize)gdk_pixbuf_get_rowstride (pixbuf);

  if (!gdk_pixbuf_get_has_alpha (pixbuf)
      || get_tag (data, length, directory, SAMPLES_PER_PIXEL, 1) < 4
      || get_tag (data, length, directory, EXTRA_SAMPLES, 0) != UNASSOCIATED_ALPHA)
    return TRUE;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      if (pixels[(gsize)y * stride + (gsize)x * 4 + 3] != 255)
        return refuse_kind (name, "with transparent pixels, whose grey level is lost",
                            error);
  return TRUE;
}
