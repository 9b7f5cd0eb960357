/* SPDX-License-Identifier: Apache-2.0
 *
 * TIFFs of several pages, the kinds of picture that are refused with a sentence, and the orientation of
 * an eXIf chunk, in files made here byte by byte.
 */
#include "engine/image/nmd-reader.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <string.h>

#define W 5
#define H 3

static void
put (GByteArray *bytes, gboolean big, guint32 value, int n)
{
  for (int i = 0; i < n; i++)
    {
      const guint8 byte = (guint8)(value >> 8 * (big ? n - 1 - i : i));

      g_byte_array_append (bytes, &byte, 1);
    }
}

static void
put_entry (GByteArray *bytes, gboolean big, guint tag, guint32 value)
{
  put (bytes, big, tag, 2);
  put (bytes, big, 4, 2);
  put (bytes, big, 1, 4);
  put (bytes, big, value, 4);
}

/* One directory of a grey W × H page in @bits, all samples @level; its directory's "next" is 0. */
static void
put_page (
    GByteArray *bytes, gboolean big, guint8 level, guint bits, guint format, guint kind)
{
  const guint32 at = bytes->len, size = W * H * bits / 8;
  const guint32 pixels = at + 2 + 12 * 11 + 4;

  put (bytes, big, 11, 2);
  put_entry (bytes, big, 254, kind);
  put_entry (bytes, big, 256, W);
  put_entry (bytes, big, 257, H);
  put_entry (bytes, big, 258, bits);
  put_entry (bytes, big, 259, 1);
  put_entry (bytes, big, 262, 1);
  put_entry (bytes, big, 273, pixels);
  put_entry (bytes, big, 277, 1);
  put_entry (bytes, big, 278, H);
  put_entry (bytes, big, 279, size);
  put_entry (bytes, big, 339, format);
  put (bytes, big, 0, 4);
  for (guint i = 0; i < size; i++)
    g_byte_array_append (bytes, &level, 1);
  if (bytes->len % 2 != 0)
    put (bytes, big, 0, 1);
}

static void
patch (GByteArray *bytes, gboolean big, guint at, guint32 value)
{
  for (int i = 0; i < 4; i++)
    bytes->data[at + i] = (guint8)(value >> 8 * (big ? 3 - i : i));
}

/* A TIFF of a page for each of @kinds (NewSubfileType), of levels 10, 20, … */
static GByteArray *
make_tiff (gboolean big, const guint *kinds, guint n, guint bits, guint format)
{
  GByteArray *bytes = g_byte_array_new ();
  guint link = 4;

  g_byte_array_append (bytes, (const guint8 *)(big ? "MM\0*" : "II*\0"), 4);
  put (bytes, big, 0, 4);
  for (guint i = 0; i < n; i++)
    {
      patch (bytes, big, link, bytes->len);
      link = bytes->len + 2 + 12 * 11;
      put_page (bytes, big, (guint8)(10 * (i + 1)), bits, format, kinds[i]);
    }
  return bytes;
}

static char *
write_file (GByteArray *bytes, const char *ending)
{
  char *path = NULL;
  g_autofree char *pattern = g_strconcat ("nmd-pages-XXXXXX", ending, NULL);
  const int fd = g_file_open_tmp (pattern, &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  g_assert_true (
      g_file_set_contents (path, (char *)bytes->data, (gssize)bytes->len, NULL));
  g_close (fd, NULL);
  return path;
}

static void
assert_refused (
    NmdImage *image, const GError *error, const char *path, int code, const char *words)
{
  g_assert_null (image);
  g_assert_error (error, NMD_ERROR, code);
  g_assert_true (g_str_has_prefix (error->message, path));
  if (strstr (error->message, words) == NULL)
    g_error ("%s, not %s", error->message, words);
}

/* Each page is read by its number, in both byte orders; without a number none is. */
static void
test_pages (void)
{
  static const guint kinds[] = { 0, 2, 0 };

  for (int big = 0; big < 2; big++)
    {
      g_autoptr (GByteArray) bytes = make_tiff (big, kinds, 3, 8, 1);
      g_autofree char *path = write_file (bytes, ".tif");
      g_autoptr (NmdImage) none = NULL, mask = NULL, beyond = NULL;
      g_autoptr (GError) none_error = NULL, mask_error = NULL, error = NULL;

      g_assert_cmpuint (nmd_image_count_pages (path, NULL), ==, 3);
      for (guint page = 1; page <= 3; page++)
        {
          g_autoptr (NmdImage) image = nmd_image_load_page (path, page, &error);

          g_assert_no_error (error);
          g_assert_cmpint (image->width, ==, W);
          g_assert_cmpint (image->height, ==, H);
          for (int i = 0; i < W * H; i++)
            g_assert_cmpint (image->pixels[i], ==, 10 * (int)page);
        }
      none = nmd_image_load (path, &none_error);
      assert_refused (none, none_error, path, NMD_ERROR_UNSUPPORTED,
                      " is a TIFF of 3 pages: save the page that is meant ");
      mask = nmd_mask_load (path, &mask_error);
      assert_refused (mask, mask_error, path, NMD_ERROR_UNSUPPORTED, " of 3 pages: ");
      beyond = nmd_image_load_page (path, 4, &error);
      assert_refused (beyond, error, path, NMD_ERROR_UNSUPPORTED,
                      " has no page 4: its last is 3");
      g_remove (path);
    }
}

/* A thumbnail or a transparency mask is no page, wherever it stands; alone it is. */
static void
test_thumbnails (void)
{
  static const struct
  {
    guint kinds[3], n, pages, level;
  } cases[] = { { { 0, 1, 0 }, 2, 1, 10 },
                { { 1, 0, 0 }, 2, 1, 20 },
                { { 4, 1, 0 }, 3, 1, 30 },
                { { 1, 0, 0 }, 1, 1, 10 },
                { { 0, 1, 0 }, 3, 2, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = make_tiff (FALSE, cases[i].kinds, cases[i].n, 8, 1);
      g_autofree char *path = write_file (bytes, ".tif");
      g_autoptr (NmdImage) image = nmd_image_load (path, NULL);

      g_assert_cmpuint (nmd_image_count_pages (path, NULL), ==, cases[i].pages);
      g_assert_true ((image != NULL) == (cases[i].level > 0));
      if (image != NULL)
        g_assert_cmpint (image->pixels[0], ==, (int)cases[i].level);
      g_remove (path);
    }
}

/* Pages that go round in a circle, or lie outside the file. */
static void
test_circle (void)
{
  static const guint kinds[] = { 0, 0 };
  static const guint32 nexts[] = { 8, 0xfffffff0 };

  for (guint i = 0; i < G_N_ELEMENTS (nexts); i++)
    {
      g_autoptr (GByteArray) bytes = make_tiff (FALSE, kinds, 2, 8, 1);
      g_autofree char *path = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdImage) image = NULL;
      const guint second = bytes->data[4 + 4 + 2 + 12 * 11]
                           | (guint)bytes->data[4 + 4 + 2 + 12 * 11 + 1] << 8;

      patch (bytes, FALSE, second + 2 + 12 * 11, nexts[i]);
      path = write_file (bytes, ".tif");
      image = nmd_image_load_page (path, 1, &error);
      assert_refused (image, error, path, NMD_ERROR_FORMAT,
                      " is damaged: its TIFF directories are not whole");
      g_assert_cmpuint (nmd_image_count_pages (path, NULL), ==, 1);
      g_remove (path);
    }
}

/* What has no fixed black and white, or more bits than are kept, is named. */
static void
test_samples (void)
{
  static const struct
  {
    guint bits, format;
    const char *words;
  } cases[] = { { 32, 3, " is a TIFF of floating-point numbers, " },
                { 64, 3, " is a TIFF of floating-point numbers, " },
                { 16, 2, " is a TIFF of signed numbers, " },
                { 32, 1, " is a TIFF of more than 16 bits a sample; save it as " },
                { 32, 6, " is a TIFF of complex numbers; " } };
  static const guint kinds[] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes
          = make_tiff (i % 2, kinds, 1, cases[i].bits, cases[i].format);
      g_autofree char *path = write_file (bytes, ".tif");
      g_autoptr (GError) error = NULL, mask_error = NULL;
      g_autoptr (NmdImage) image = nmd_image_load (path, &error),
                           mask = nmd_mask_load (path, &mask_error);

      assert_refused (image, error, path, NMD_ERROR_UNSUPPORTED, cases[i].words);
      assert_refused (mask, mask_error, path, NMD_ERROR_UNSUPPORTED, cases[i].words);
      g_remove (path);
    }
}

/* Formats that people have, told by their content: what they are and what to do. */
static void
test_foreign (void)
{
  static const struct
  {
    const char *ending;
    gsize at;
    const char *magic;
    gsize n;
    const char *words;
  } cases[] = {
    { ".nii", 344, "n+1", 4, " is a NIfTI volume; save its slice as PNG" },
    { ".png", 344, "ni1", 4, " is a NIfTI volume; " },
    { "", 4, "n+2", 4, " is a NIfTI volume; " },
    { ".nii.gz", 0, "\037\213", 2, " is a NIfTI volume; " },
    { ".mha", 0, "ObjectType = Image", 18, " is a MetaImage; save its slice as PNG" },
    { ".tif", 0, "II+\0", 4, " is a BigTIFF; save it as an 8- or 16-bit PNG" },
    { ".tif", 0, "MM\0+", 4, " is a BigTIFF; " },
    { ".gif", 0, "GIF89a", 6, " is a GIF; save it as PNG" },
    { ".png", 0, "RIFF\1\0\0\0WEBPVP8 ", 16, " is a WebP image; " },
    { ".jpg", 4, "ftypheic", 8, " is a HEIC image; " },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autofree char *path = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdImage) image = NULL;

      g_byte_array_set_size (bytes, 400);
      memset (bytes->data, 0, bytes->len);
      memcpy (bytes->data + cases[i].at, cases[i].magic, cases[i].n);
      path = write_file (bytes, cases[i].ending);
      image = nmd_image_load (path, &error);
      assert_refused (image, error, path, NMD_ERROR_UNSUPPORTED, cases[i].words);
      g_remove (path);
    }
}

/* Another format has page 1 and no other. */
static void
test_one_page (void)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, W, H);
  g_autofree char *path = NULL;
  g_autoptr (GByteArray) empty = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdImage) first = NULL, second = NULL;

  gdk_pixbuf_fill (pixbuf, 0x808080ff);
  path = write_file (empty, ".png");
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  g_assert_cmpuint (nmd_image_count_pages (path, NULL), ==, 1);
  first = nmd_image_load_page (path, 1, &error);
  g_assert_no_error (error);
  second = nmd_image_load_page (path, 2, &error);
  assert_refused (second, error, path, NMD_ERROR_UNSUPPORTED,
                  " has no page 2: its last is 1");
  g_remove (path);
  g_clear_error (&error);
  g_assert_cmpuint (nmd_image_count_pages (path, &error), ==, 0);
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* CRC-32 of PNG, annex D. */
static guint32
crc32 (const guint8 *data, gsize n)
{
  guint32 c = 0xffffffff;

  for (gsize i = 0; i < n; i++)
    {
      c ^= data[i];
      for (int k = 0; k < 8; k++)
        c = (c & 1) != 0 ? 0xedb88320 ^ c >> 1 : c >> 1;
    }
  return ~c;
}

/* @png with an eXIf chunk after its header or before its end; @value 0: a directory without the tag. */
static GByteArray *
add_exif (const char *png, gsize length, int value, gboolean big, gboolean at_end)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autoptr (GByteArray) chunk = g_byte_array_new ();
  const gsize before = at_end ? length - 12 : 33;

  g_byte_array_append (chunk, (const guint8 *)"eXIf", 4);
  g_byte_array_append (chunk, (const guint8 *)(big ? "MM\0*" : "II*\0"), 4);
  put (chunk, big, 8, 4);
  put (chunk, big, 2, 2);
  put (chunk, big, 0x010f, 2); /* another tag */
  put (chunk, big, 2, 2);
  put (chunk, big, 1, 4);
  put (chunk, big, 0, 4);
  put (chunk, big, value == 0 ? 0x0110 : 0x0112, 2);
  put (chunk, big, 3, 2);
  put (chunk, big, 1, 4);
  put (chunk, big, (guint)value, 2);
  put (chunk, big, 0, 2);
  put (chunk, big, 0, 4);
  g_byte_array_append (bytes, (const guint8 *)png, (guint)before);
  put (bytes, TRUE, chunk->len - 4, 4);
  g_byte_array_append (bytes, chunk->data, chunk->len);
  put (bytes, TRUE, crc32 (chunk->data, chunk->len), 4);
  g_byte_array_append (bytes, (const guint8 *)png + before, (guint)(length - before));
  return bytes;
}

/* Pixels with a colour here and there, some black, so that masks differ too. */
static GdkPixbuf *
make_picture (void)
{
  GdkPixbuf *pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, W, H);
  guint8 *pixels = gdk_pixbuf_get_pixels (pixbuf);

  for (int y = 0; y < H; y++)
    for (int x = 0; x < W; x++)
      for (int c = 0; c < 3; c++)
        pixels[y * gdk_pixbuf_get_rowstride (pixbuf) + 3 * x + c]
            = (guint8)((x + y) % 3 == 0 ? 0 : 40 * y + 7 * x + (x == 1 ? 30 * c : 0));
  return pixbuf;
}

/* The largest sample of pixel @i. */
static int
level_at (const GdkPixbuf *pixbuf, int i)
{
  const int width = gdk_pixbuf_get_width (pixbuf);
  const guint8 *p = gdk_pixbuf_read_pixels (pixbuf)
                    + i / width * gdk_pixbuf_get_rowstride (pixbuf) + 3 * (i % width);

  return MAX (p[0], MAX (p[1], p[2]));
}

/* The eight orientations as gdk-pixbuf turns them, of images and masks; others are none. */
static void
test_orientation (void)
{
  g_autoptr (GdkPixbuf) pixbuf = make_picture ();
  g_autofree char *png = NULL;
  gsize length = 0;

  g_assert_true (gdk_pixbuf_save_to_buffer (pixbuf, &png, &length, "png", NULL, NULL));
  for (int value = 0; value <= 9; value++)
    for (int form = 0; form < 4; form++)
      {
        g_autoptr (GByteArray) made = add_exif (png, length, value, form & 1, form >> 1);
        g_autoptr (GBytes) bytes = g_bytes_new (made->data, made->len);
        g_autofree char *text = g_strdup_printf ("%d", value);
        /* made anew: a copy's last row lacks its padding, which gdk_pixbuf_flip() reads */
        g_autoptr (GdkPixbuf) upright = make_picture (), turned = NULL;
        g_autoptr (GError) error = NULL;
        g_autoptr (NmdImage) image = nmd_image_load_bytes (bytes, "e.png", &error);
        g_autoptr (NmdImage) mask = nmd_mask_load_bytes (bytes, "e.png", NULL);
        int most = 0; /* grey steps are set from half the largest on */

        g_assert_no_error (error);
        gdk_pixbuf_set_option (upright, "orientation", text);
        turned = gdk_pixbuf_apply_embedded_orientation (upright);
        g_assert_cmpint (image->width, ==, gdk_pixbuf_get_width (turned));
        g_assert_cmpint (mask->height, ==, gdk_pixbuf_get_height (turned));
        for (int i = 0; i < W * H; i++)
          most = MAX (most, level_at (turned, i));
        for (int i = 0; i < W * H; i++)
          {
            const guint8 *p = gdk_pixbuf_read_pixels (turned)
                              + i / image->width * gdk_pixbuf_get_rowstride (turned)
                              + 3 * (i % image->width);

            g_assert_cmpint (
                image->pixels[i], ==,
                (int)((19595u * p[0] + 38470u * p[1] + 7471u * p[2] + 32768) >> 16));
            g_assert_cmpint (image->coloured[i], ==, p[0] != p[1]);
            g_assert_cmpint (mask->pixels[i], ==,
                             2 * level_at (turned, i) >= most ? 255 : 0);
          }
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pages/tiff", test_pages);
  g_test_add_func ("/pages/thumbnails", test_thumbnails);
  g_test_add_func ("/pages/circle", test_circle);
  g_test_add_func ("/pages/samples", test_samples);
  g_test_add_func ("/pages/foreign", test_foreign);
  g_test_add_func ("/pages/one-page", test_one_page);
  g_test_add_func ("/pages/orientation", test_orientation);
  return g_test_run ();
}
