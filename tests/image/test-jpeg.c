/* SPDX-License-Identifier: Apache-2.0
 *
 * The JPEG reader: the same pixels as gdk-pixbuf's for every good kind and orientation, and no picture
 * for one that is cut, zeroed or damaged, whatever a decoder would make of it.
 */
#include "engine/image/nmd-reader.h"
#include "tests/core/memory-limit.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

typedef struct
{
  const char *name;
  J_COLOR_SPACE from, stored;
  int sampling; /* of luma; chroma has 1 */
  gboolean progressive, restarts, separate;
  gboolean flat; /* one grey level, and tables made for that */
} Kind;

static const Kind kinds[] = {
  { "grey", JCS_GRAYSCALE, JCS_GRAYSCALE, 1, FALSE, FALSE, FALSE },
  { "4:4:4", JCS_RGB, JCS_YCbCr, 1, FALSE, FALSE, FALSE },
  { "4:2:0", JCS_RGB, JCS_YCbCr, 2, FALSE, FALSE, FALSE },
  { "4:2:0 with restarts", JCS_RGB, JCS_YCbCr, 2, FALSE, TRUE, FALSE },
  { "RGB", JCS_RGB, JCS_RGB, 1, FALSE, FALSE, FALSE },
  { "CMYK", JCS_CMYK, JCS_CMYK, 1, FALSE, FALSE, FALSE },
  { "YCCK", JCS_CMYK, JCS_YCCK, 1, FALSE, FALSE, FALSE },
  { "progressive", JCS_RGB, JCS_YCbCr, 2, TRUE, FALSE, FALSE },
  { "progressive grey", JCS_GRAYSCALE, JCS_GRAYSCALE, 1, TRUE, FALSE, FALSE },
  { "a scan a component", JCS_RGB, JCS_YCbCr, 1, FALSE, FALSE, TRUE },
};

static void
start (struct jpeg_compress_struct *jpeg, const Kind *kind, int width, int height)
{
  jpeg->image_width = (JDIMENSION)width;
  jpeg->image_height = (JDIMENSION)height;
  jpeg->in_color_space = kind->from;
  jpeg->input_components = kind->from == JCS_GRAYSCALE ? 1
                           : kind->from == JCS_RGB     ? 3
                                                       : 4;
  jpeg_set_defaults (jpeg);
  jpeg_set_colorspace (jpeg, kind->stored);
  jpeg_set_quality (jpeg, 85, TRUE);
  for (int c = 0; c < jpeg->num_components; c++)
    {
      const int sampling = c == 0 ? kind->sampling : 1;

      jpeg->comp_info[c].h_samp_factor = jpeg->comp_info[c].v_samp_factor = sampling;
    }
  jpeg->optimize_coding = kind->flat;
  if (kind->restarts)
    jpeg->restart_interval = 2;
  if (kind->progressive)
    jpeg_simple_progression (jpeg);
}

/* A picture of texture, the same for every kind, with an edge and a coloured corner. */
static GBytes *
make_jpeg (const Kind *kind, int width, int height)
{
  static const jpeg_scan_info separate[] = { { 1, { 0 }, 0, 63, 0, 0 },
                                             { 1, { 1 }, 0, 63, 0, 0 },
                                             { 1, { 2 }, 0, 63, 0, 0 } };
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  guchar *buffer = NULL;
  gulong size = 0;
  g_autofree guint8 *row = g_malloc ((gsize)width * 4);
  GBytes *bytes;

  jpeg.err = jpeg_std_error (&errors);
  jpeg_create_compress (&jpeg);
  jpeg_mem_dest (&jpeg, &buffer, &size);
  start (&jpeg, kind, width, height);
  if (kind->separate)
    {
      jpeg.scan_info = separate;
      jpeg.num_scans = 3;
    }
  jpeg_start_compress (&jpeg, TRUE);
  for (int y = 0; y < height; y++)
    {
      for (int x = 0; x < width; x++)
        for (int c = 0; c < jpeg.input_components; c++)
          row[x * jpeg.input_components + c]
              = kind->flat
                    ? 3
                    : (guint8)(((x * 7919 + y * 104729) >> 3) % 97 + (x > y ? 90 : 20)
                               + (x > width / 2 && y > height / 2 ? 20 * c : 0));
      jpeg_write_scanlines (&jpeg, &row, 1);
    }
  jpeg_finish_compress (&jpeg);
  jpeg_destroy_compress (&jpeg);
  bytes = g_bytes_new (buffer, size);
  free (buffer);
  return bytes;
}

static GdkPixbuf *
decode_by_gdk_pixbuf (GBytes *bytes)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new_with_type ("jpeg", NULL);
  g_autoptr (GError) error = NULL;

  gdk_pixbuf_loader_write_bytes (loader, bytes, &error);
  g_assert_no_error (error);
  gdk_pixbuf_loader_close (loader, &error);
  g_assert_no_error (error);
  return gdk_pixbuf_apply_embedded_orientation (gdk_pixbuf_loader_get_pixbuf (loader));
}

/* Every pixel, coloured or not, and of the mask. */
static void
compare (GBytes *bytes, const char *name)
{
  g_autoptr (GdkPixbuf) pixbuf = decode_by_gdk_pixbuf (bytes);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdImage) image = nmd_image_load_bytes (bytes, name, &error);
  g_autoptr (NmdImage) mask = nmd_mask_load_bytes (bytes, name, &error);
  const int channels = gdk_pixbuf_get_n_channels (pixbuf);
  guint most = 0;

  g_assert_no_error (error);
  g_assert_cmpint (image->width, ==, gdk_pixbuf_get_width (pixbuf));
  g_assert_cmpint (image->height, ==, gdk_pixbuf_get_height (pixbuf));
  g_assert_true (image->is_lossy && mask->is_lossy);
  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++)
      {
        const guint8 *p = gdk_pixbuf_read_pixels (pixbuf)
                          + (gsize)y * gdk_pixbuf_get_rowstride (pixbuf) + x * channels;

        most = MAX (most, MAX (p[0], MAX (p[1], p[2])));
      }
  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++)
      {
        const guint8 *p = gdk_pixbuf_read_pixels (pixbuf)
                          + (gsize)y * gdk_pixbuf_get_rowstride (pixbuf) + x * channels;
        const int i = y * image->width + x;
        const guint grey = (19595u * p[0] + 38470u * p[1] + 7471u * p[2] + 32768) >> 16;

        if (image->pixels[i] != grey)
          g_error ("%s: pixel %d, %d is %d, not %u", name, x, y, image->pixels[i], grey);
        const gboolean coloured = image->coloured != NULL && image->coloured[i] != 0;

        if (coloured != (p[0] != p[1] || p[1] != p[2]))
          g_error ("%s: pixel %d, %d of %d, %d, %d: %d", name, x, y, p[0], p[1], p[2],
                   coloured);
        const guint level = MAX (p[0], MAX (p[1], p[2]));

        g_assert_cmpint (mask->pixels[i], ==, level > 0 && 2 * level >= most ? 255 : 0);
      }
}

static void
test_pixels (void)
{
  static const int sizes[][2] = { { 64, 48 }, { 61, 37 }, { 1, 1 }, { 8, 17 } };

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      {
        g_autoptr (GBytes) bytes = make_jpeg (&kinds[k], sizes[s][0], sizes[s][1]);

        compare (bytes, kinds[k].name);
      }
}

/* The eight orientations of Exif, in both byte orders, and what is none. */
static void
test_orientation (void)
{
  g_autoptr (GBytes) good = make_jpeg (&kinds[1], 31, 19);
  gsize size;
  const guint8 *data = g_bytes_get_data (good, &size);

  for (int big = 0; big < 2; big++)
    for (guint8 value = 0; value <= 9; value++)
      {
        guint8 exif[] = { 0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0,    0, 'I', 'I',
                          42,   0,    8, 0,  0,   0,   1,   0,   0x12, 1, 3,   0,
                          1,    0,    0, 0,  0,   0,   0,   0,   0,    0, 0,   0 };
        g_autoptr (GByteArray) turned = g_byte_array_new ();
        g_autoptr (GBytes) bytes = NULL;
        g_autofree char *name = NULL;

        exif[28] = value;
        if (big)
          {
            static const guint8 other[]
                = { 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0 };

            memcpy (exif + 10, other, sizeof other);
            exif[28] = 0;
            exif[29] = value;
          }
        g_byte_array_append (turned, data, 2);
        g_byte_array_append (turned, exif, sizeof exif);
        g_byte_array_append (turned, data + 2, (guint)size - 2);
        bytes = g_byte_array_free_to_bytes (g_steal_pointer (&turned));
        name = g_strdup_printf ("orientation %d, %s-endian", value,
                                big ? "big" : "little");
        compare (bytes, name);
      }
}

static void
refuse (const guint8 *data, gsize size, gboolean with_end, const char *name, gsize at)
{
  static const guint8 end[] = { 0xff, 0xd9 };
  g_autoptr (GByteArray) array = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdImage) image = NULL;

  g_byte_array_append (array, data, (guint)size);
  if (with_end)
    g_byte_array_append (array, end, sizeof end);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&array));
  image = nmd_image_load_bytes (bytes, "scan.jpg", &error);
  if (image != NULL)
    g_error ("%s, damaged at byte %zu of %zu, is read", name, at, size);
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_true (g_regex_match_simple ("^scan\\.jpg is (cut short: its JPEG data end too "
                                       "early$|damaged: |not an "
                                       "image)",
                                       error->message, 0, 0));
}

/* Cut anywhere, with and without an end marker put behind. */
static void
test_cut (void)
{
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      g_autoptr (GBytes) good = make_jpeg (&kinds[k], 40, 24);
      gsize size;
      const guint8 *data = g_bytes_get_data (good, &size);

      for (gsize at = 1; at < size - 2; at++)
        {
          refuse (data, at, FALSE, kinds[k].name, at);
          refuse (data, at, TRUE, kinds[k].name, at);
        }
    }
}

/* Zeros, or other bytes, from somewhere in the picture's data to its end or to its end marker. */
static void
test_zeroed (void)
{
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    for (int tenths = 4; tenths < 10; tenths++)
      {
        g_autoptr (GBytes) good = make_jpeg (&kinds[k], 120, 90);
        gsize size, at;
        const guint8 *data = g_bytes_get_data (good, &size);
        g_autofree guint8 *copy = g_memdup2 (data, size);

        at = size * (gsize)tenths / 10;
        memset (copy + at, 0, size - at);
        refuse (copy, size, FALSE, kinds[k].name, at);
        memcpy (copy + size - 2, data + size - 2, 2);
        refuse (copy, size, FALSE, kinds[k].name, at);
        memset (copy + at, 0x55, size - 2 - at);
        refuse (copy, size, FALSE, kinds[k].name, at);
      }
}

/* Flat pictures, whose data good encoders end in equal bytes, are good. */
static void
test_flat (void)
{
  Kind kind = kinds[0];

  kind.flat = TRUE;
  for (int width = 8; width <= 320; width += 8)
    for (int k = 0; k < 2; k++)
      {
        g_autoptr (GBytes) bytes = NULL;

        kind.stored = k == 0 ? JCS_GRAYSCALE : JCS_YCbCr;
        kind.from = k == 0 ? JCS_GRAYSCALE : JCS_RGB;
        kind.progressive = width % 16 == 0;
        bytes = make_jpeg (&kind, width, width == 64 ? 100 : 16);
        compare (bytes, "flat");
      }
}

/* A comment of equal bytes as the last thing before the end marker is read over, whatever its length. */
static void
test_last_comment (void)
{
  static const guint lengths[] = { 4, 8, 1000, 65533 };

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
      {
        const guint n = lengths[i];
        const guint8 head[] = { 0xff, 0xfe, (guint8)((n + 2) >> 8), (guint8)(n + 2) };
        g_autoptr (GBytes) plain = make_jpeg (&kinds[k], 40, 24), bytes = NULL;
        GByteArray *made = g_byte_array_new ();
        gsize size;
        const guint8 *data = g_bytes_get_data (plain, &size);

        g_byte_array_append (made, data, (guint)size - 2);
        g_byte_array_append (made, head, sizeof head);
        g_byte_array_set_size (made, made->len + n);
        memset (made->data + made->len - n, 'a', n);
        g_byte_array_append (made, data + size - 2, 2);
        bytes = g_byte_array_free_to_bytes (made);
        compare (bytes, kinds[k].name);
      }
}

/* Bytes behind the end are no damage, a missing table is. */
static void
test_around (void)
{
  g_autoptr (GBytes) good = make_jpeg (&kinds[2], 40, 24);
  g_autoptr (GByteArray) more = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdImage) image = NULL;
  gsize size;
  const guint8 *data = g_bytes_get_data (good, &size);

  g_byte_array_append (more, data, (guint)size);
  g_byte_array_append (more, (const guint8 *)"thumbnail", 9);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&more));
  image = nmd_image_load_bytes (bytes, "scan.jpg", &error);
  g_assert_no_error (error);
  g_assert_nonnull (image);
}

/* A header of 8,191 × 8,191 pixels in several scans and nothing behind it. */
static void
read_bomb (gpointer data)
{
  g_autoptr (GBytes) good = make_jpeg (&kinds[7], 40, 24);
  gsize size, at = 0;
  const guint8 *bytes = g_bytes_get_data (good, &size);
  g_autofree guint8 *copy = g_memdup2 (bytes, size);

  while (at + 9 < size && memcmp (copy + at, "\xff\xc2\0\x11", 4) != 0)
    at++;
  g_assert_cmpuint (at + 9, <, size);
  memcpy (copy + at + 5, "\x1f\xff\x1f\xff", 4);
  refuse (copy, size, FALSE, "bomb", at);
}

static void
test_memory (void)
{
  memory_limit_run ((gsize)700 << 20, read_bomb, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jpeg/pixels", test_pixels);
  g_test_add_func ("/jpeg/orientation", test_orientation);
  g_test_add_func ("/jpeg/cut", test_cut);
  g_test_add_func ("/jpeg/zeroed", test_zeroed);
  g_test_add_func ("/jpeg/flat", test_flat);
  g_test_add_func ("/jpeg/last-comment", test_last_comment);
  g_test_add_func ("/jpeg/around", test_around);
  g_test_add_func ("/jpeg/memory", test_memory);
  return g_test_run ();
}
