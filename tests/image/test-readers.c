/* SPDX-License-Identifier: Apache-2.0
 *
 * The readers on small files made here: every kind of PNG and the gdk-pixbuf formats
 * against the samples they were made from, then the same files damaged, with the sentence
 * each must give.
 */

#include "engine/image/nmd-reader.h"
#include "engine/image/nmd-png-writer.h"
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <png.h>
#include <string.h>

#define W 13
#define H 7

static void
append (png_structp png, png_bytep data, size_t n)
{
  g_byte_array_append (png_get_io_ptr (png), data, (guint)n);
}

static void
flush (png_structp png)
{
}

/* Sample @c of pixel (x, y), @depth bits: spread over the range, never constant. */
static guint
sample (int x, int y, int c, int depth)
{
  guint32 h = (guint32)(x * 7919 + y * 104729 + c * 1299709 + 12345);

  h = (h ^ h >> 7) * 2654435761u;
  return (h >> 8) & ((1u << depth) - 1);
}

static const png_color palette[4]
    = { { 0, 0, 0 }, { 200, 10, 30 }, { 90, 90, 90 }, { 0, 0, 1 } };

/* A PNG of W × H with samples as above and the first @n_colours of the palette. */
static GBytes *
make_png_of (int type, int depth, gboolean interlaced, const char *text, int n_colours)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct (png);
  int channels = type == PNG_COLOR_TYPE_RGB          ? 3
                 : type == PNG_COLOR_TYPE_RGBA       ? 4
                 : type == PNG_COLOR_TYPE_GRAY_ALPHA ? 2
                                                     : 1;
  guint8 rows[H][W * 8] = { { 0 } }, *starts[H];
  png_text chunk = { .compression = PNG_TEXT_COMPRESSION_NONE, .key = (char *)"Comment" };

  for (int y = 0; y < H; y++)
    for (int i = 0; i < W * channels; i++)
      {
        guint v = sample (i / channels, y, i % channels, depth);

        starts[y] = rows[y];
        if (depth == 16)
          rows[y][2 * i] = (guint8)(v >> 8), rows[y][2 * i + 1] = (guint8)v;
        else
          rows[y][i * depth / 8] |= (guint8)(v << (8 - depth - i * depth % 8));
      }
  png_set_write_fn (png, bytes, append, flush);
  png_set_check_for_invalid_index (png, -1);
  png_set_IHDR (png, info, W, H, depth, type,
                interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
  png_set_gAMA (png, info, 1.0);
  if (type == PNG_COLOR_TYPE_PALETTE)
    {
      png_set_PLTE (png, info, palette, n_colours);
      png_set_tRNS (png, info, (guint8[]){ 255, 0, 100, 7 }, n_colours, NULL);
    }
  chunk.text = (char *)text;
  if (text != NULL)
    png_set_text (png, info, &chunk, 1);
  png_write_info (png, info);
  png_write_image (png, starts);
  png_write_end (png, NULL);
  png_destroy_write_struct (&png, &info);
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

static GBytes *
make_png (int type, int depth, gboolean interlaced, const char *text)
{
  return make_png_of (type, depth, interlaced, text, 4);
}

/* What the definition makes of a sample. */
static guint8
to_8 (guint v, int depth)
{
  if (depth == 16)
    return (guint8)((v + 128) / 257);
  return (guint8)(v * 255 / ((1u << depth) - 1));
}

static guint8
expected_grey (int type, int depth, int x, int y, gboolean *coloured, guint *level)
{
  guint v[3]
      = { sample (x, y, 0, depth), sample (x, y, 1, depth), sample (x, y, 2, depth) };

  if (type == PNG_COLOR_TYPE_PALETTE)
    {
      const png_color *p = palette + v[0];

      v[0] = p->red, v[1] = p->green, v[2] = p->blue;
      depth = 8;
    }
  else if (!(type & PNG_COLOR_MASK_COLOR))
    v[1] = v[2] = v[0];
  *coloured = v[0] != v[1] || v[1] != v[2];
  *level = MAX (v[0], MAX (v[1], v[2]));
  return (guint8)((19595u * to_8 (v[0], depth) + 38470u * to_8 (v[1], depth)
                   + 7471u * to_8 (v[2], depth) + 32768)
                  >> 16);
}

static void
test_png_kinds (void)
{
  static const struct
  {
    int type, depth;
  } kinds[] = {
    { PNG_COLOR_TYPE_GRAY, 1 },        { PNG_COLOR_TYPE_GRAY, 2 },
    { PNG_COLOR_TYPE_GRAY, 4 },        { PNG_COLOR_TYPE_GRAY, 8 },
    { PNG_COLOR_TYPE_GRAY, 16 },       { PNG_COLOR_TYPE_GRAY_ALPHA, 8 },
    { PNG_COLOR_TYPE_GRAY_ALPHA, 16 }, { PNG_COLOR_TYPE_RGB, 8 },
    { PNG_COLOR_TYPE_RGB, 16 },        { PNG_COLOR_TYPE_RGBA, 8 },
    { PNG_COLOR_TYPE_RGBA, 16 },       { PNG_COLOR_TYPE_PALETTE, 2 },
  };

  for (gsize k = 0; k < 2 * G_N_ELEMENTS (kinds); k++)
    {
      int type = kinds[k / 2].type, depth = kinds[k / 2].depth;
      g_autoptr (GBytes) bytes = make_png (type, depth, k % 2, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdImage) image = nmd_image_load_bytes (bytes, "kind.png", &error);
      g_autoptr (NmdImage) mask = nmd_mask_load_bytes (bytes, "kind.png", NULL);

      g_assert_no_error (error);
      g_assert_nonnull (mask);
      g_assert_cmpint (image->width, ==, W);
      g_assert_cmpint (image->height, ==, H);
      g_assert_false (image->is_lossy);
      g_assert_null (mask->coloured);
      guint most = 0, level;
      gboolean coloured;

      for (int i = 0; i < W * H; i++)
        {
          expected_grey (type, depth, i % W, i / W, &coloured, &level);
          most = MAX (most, level);
        }
      for (int i = 0; i < W * H; i++)
        {
          guint8 grey = expected_grey (type, depth, i % W, i / W, &coloured, &level);

          g_assert_cmpuint (image->pixels[i], ==, grey);
          g_assert_cmpint (image->coloured != NULL && image->coloured[i], ==, coloured);
          /* many values without areas of their own are grey steps: set from half on */
          g_assert_cmpuint (mask->pixels[i], ==,
                            level > 0 && 2 * level >= most ? 255 : 0);
        }
    }
}

/* A 16-bit mask whose samples vanish in 8 bits, and one whose alpha alone is set. */
static void
test_masks (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GByteArray) bytes2 = g_byte_array_new ();
  g_autoptr (GBytes) faint = NULL;
  g_autoptr (GBytes) clear = NULL;
  g_autoptr (NmdImage) mask = NULL;
  guint8 row[16] = { 0, 1, 0, 0, 0, 1, 0, 1 },
         rgba[16] = { 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0 };

  for (int i = 0; i < 2; i++)
    {
      png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
      png_infop info = png_create_info_struct (png);

      png_set_write_fn (png, i == 0 ? bytes : bytes2, append, flush);
      png_set_IHDR (png, info, 4, 1, i == 0 ? 16 : 8,
                    i == 0 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGBA, 0, 0, 0);
      png_write_info (png, info);
      png_write_row (png, i == 0 ? row : rgba);
      png_write_end (png, NULL);
      png_destroy_write_struct (&png, &info);
    }
  faint = g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  mask = nmd_mask_load_bytes (faint, "faint.png", NULL);
  g_assert_cmpmem (mask->pixels, 4, ((guint8[]){ 255, 0, 255, 255 }), 4);
  nmd_image_unref (mask);
  clear = g_byte_array_free_to_bytes (g_steal_pointer (&bytes2));
  mask = nmd_mask_load_bytes (clear, "clear.png", NULL);
  g_assert_cmpmem (mask->pixels, 4, ((guint8[]){ 0, 255, 255, 0 }), 4);
}

static void
test_synthetic (void)
{
  g_autoptr (GBytes) plain = make_png (PNG_COLOR_TYPE_GRAY, 8, FALSE, "a scan");
  g_autoptr (GBytes) made
      = make_png (PNG_COLOR_TYPE_GRAY, 8, TRUE, "SYNTHETIC: no patient");
  g_autoptr (NmdImage) a = nmd_image_load_bytes (plain, "a.png", NULL);
  g_autoptr (NmdImage) b = nmd_image_load_bytes (made, "b.png", NULL);

  g_assert_false (a->is_synthetic);
  g_assert_true (b->is_synthetic);
}

static void
test_write (void)
{
  const char *const texts[] = { "Comment", "SYNTHETIC scan, β", "Seed", "7", NULL };
  g_autoptr (NmdImage) image = nmd_image_new (W, H);
  g_autoptr (NmdImage) back = NULL, mask = NULL;
  g_autoptr (GBytes) grey = NULL, bits = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < W * H; i++)
    image->pixels[i] = (guint8)sample (i % W, i / W, 0, 8) & (i % 3 == 0 ? 0 : 255);
  grey = nmd_image_to_png (image, 8, texts, &error);
  g_assert_no_error (error);
  back = nmd_image_load_bytes (grey, "back.png", &error);
  g_assert_no_error (error);
  g_assert_cmpmem (back->pixels, W * H, image->pixels, W * H);
  g_assert_true (back->is_synthetic);

  bits = nmd_image_to_png (image, 1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (((const guint8 *)g_bytes_get_data (bits, NULL))[24], ==, 1);
  mask = nmd_mask_load_bytes (bits, "bits.png", &error);
  g_assert_no_error (error);
  for (int i = 0; i < W * H; i++)
    g_assert_cmpuint (mask->pixels[i], ==, image->pixels[i] != 0 ? 255 : 0);
}

/* Which flags hold where: lossy anywhere, coloured inside the outline, or in the frame without one. */
static void
test_quality (void)
{
  g_autoptr (NmdImage) image = nmd_image_new (4, 2);
  g_autoptr (NmdImage) empty = nmd_image_new (4, 2);
  g_autoptr (NmdImage) left = nmd_mask_new_box (4, 2, &(NmdBox){ 0, 0, 2, 2 });
  g_autoptr (NmdImage) right = nmd_mask_new_box (4, 2, &(NmdBox){ 2, 0, 4, 2 });

  g_assert_cmpint (nmd_image_quality (image, NULL), ==, 0);
  image->coloured = g_new0 (guint8, 8);
  g_assert_cmpint (nmd_image_quality (image, NULL), ==, 0);
  image->coloured[7] = 1;
  g_assert_cmpint (nmd_image_quality (image, NULL), ==, NMD_IMAGE_QUALITY_COLOURED);
  g_assert_cmpint (nmd_image_quality (image, empty), ==, NMD_IMAGE_QUALITY_COLOURED);
  g_assert_cmpint (nmd_image_quality (image, left), ==, 0);
  g_assert_cmpint (nmd_image_quality (image, right), ==, NMD_IMAGE_QUALITY_COLOURED);
  image->is_lossy = TRUE;
  g_assert_cmpint (nmd_image_quality (image, left), ==, NMD_IMAGE_QUALITY_LOSSY);
  g_assert_cmpint (nmd_image_quality (image, right), ==,
                   (NMD_IMAGE_QUALITY_LOSSY | NMD_IMAGE_QUALITY_COLOURED));
  g_assert_nonnull (strstr (nmd_image_quality_to_text (NMD_IMAGE_QUALITY_LOSSY), "loss"));
  g_assert_nonnull (
      strstr (nmd_image_quality_to_text (NMD_IMAGE_QUALITY_COLOURED), "Coloured"));
}

static void
test_polygon_and_box (void)
{
  /* A square, a triangle and a bow tie whose middle is outside by the even-odd rule. */
  const double square[] = { 2, 1, 6, 1, 6, 4, 2, 4 };
  const double star[] = { 0, 0, 8, 8, 8, 0, 0, 8 };
  const double far[] = { -50, -50, 70, -50, 70, 60, -50, 60 };
  g_autoptr (NmdImage) a = nmd_mask_new_polygon (8, 8, square, 4);
  g_autoptr (NmdImage) b = nmd_mask_new_box (8, 8, &(NmdBox){ 2, 1, 6, 4 });
  g_autoptr (NmdImage) c = nmd_mask_new_polygon (8, 8, star, 4);
  g_autoptr (NmdImage) d = nmd_mask_new_polygon (8, 8, far, 4);
  g_autoptr (NmdImage) e = nmd_mask_new_box (8, 8, &(NmdBox){ -3, 6, 100, 100 });
  g_autoptr (NmdImage) none = nmd_mask_new_polygon (8, 8, square, 2);

  g_assert_cmpmem (a->pixels, 64, b->pixels, 64);
  for (int y = 0; y < 8; y++)
    for (int x = 0; x < 8; x++)
      {
        double u = x + 0.5, v = y + 0.5;

        g_assert_cmpuint (b->pixels[8 * y + x], ==,
                          x >= 2 && x < 6 && y >= 1 && y < 4 ? 255 : 0);
        if (u != v && u + v != 8)
          g_assert_cmpuint (c->pixels[8 * y + x], ==, (u < v) == (u + v < 8) ? 255 : 0);
        g_assert_cmpuint (d->pixels[8 * y + x], ==, 255);
        g_assert_cmpuint (e->pixels[8 * y + x], ==, y >= 6 ? 255 : 0);
        g_assert_cmpuint (none->pixels[8 * y + x], ==, 0);
      }
}

/* @pixbuf as a file of @type in memory. */
static GBytes *
encode (GdkPixbuf *pixbuf, const char *type, const char *key, const char *value)
{
  char *buffer = NULL, *keys[2] = { (char *)key, NULL },
       *values[2] = { (char *)value, NULL };
  gsize size = 0;
  g_autoptr (GError) error = NULL;

  gdk_pixbuf_save_to_bufferv (pixbuf, &buffer, &size, type, keys, values, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (buffer, size);
}

static GdkPixbuf *
make_pixbuf (gboolean coloured)
{
  GdkPixbuf *pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 24, 16);
  guint8 *pixels = gdk_pixbuf_get_pixels (pixbuf);
  int stride = gdk_pixbuf_get_rowstride (pixbuf);

  for (int y = 0; y < 16; y++)
    for (int x = 0; x < 24; x++)
      for (int c = 0; c < 3; c++)
        pixels[y * stride + 3 * x + c]
            = (guint8)(x * 8 + y + (coloured && x > 11 ? 20 * c : 0));
  return pixbuf;
}

static void
test_pixbuf_formats (void)
{
  static const struct
  {
    const char *type, *key, *value;
    gboolean lossy;
  } formats[] = { { "bmp", NULL, NULL, FALSE },
                  { "tiff", "compression", "5", FALSE },
                  { "jpeg", "quality", "100", TRUE } };

  for (gsize f = 0; f < G_N_ELEMENTS (formats); f++)
    {
      g_autoptr (GdkPixbuf) pixbuf = make_pixbuf (TRUE);
      g_autoptr (GBytes) bytes
          = encode (pixbuf, formats[f].type, formats[f].key, formats[f].value);
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdImage) image = nmd_image_load_bytes (bytes, "scan", &error);

      g_assert_no_error (error);
      g_assert_cmpint (image->is_lossy, ==, formats[f].lossy);
      g_assert_cmpint (image->width, ==, 24);
      g_assert_cmpint (image->height, ==, 16);
      for (int i = 0; i < 24 * 16; i++)
        {
          int x = i % 24, y = i / 24, base = x * 8 + y;
          int grey
              = x > 11 ? (19595 * base + 38470 * (base + 20) + 7471 * (base + 40) + 32768)
                             >> 16
                       : base;

          g_assert_cmpint (ABS (image->pixels[i] - grey), <=, formats[f].lossy ? 12 : 0);
          if (!formats[f].lossy)
            g_assert_cmpint (image->coloured[i], ==, x > 11);
        }
    }
}

/* A TIFF's alpha is not in its samples yet: opaque ones are read, of others the grey level is lost. */
static void
test_tiff_alpha (void)
{
  for (int alpha = 255; alpha >= 254; alpha--)
    {
      g_autoptr (GdkPixbuf) plain = make_pixbuf (FALSE);
      g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_add_alpha (plain, FALSE, 0, 0, 0);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;

      gdk_pixbuf_get_pixels (pixbuf)[4 * 5 + 3] = (guint8)alpha;
      bytes = encode (pixbuf, "tiff", "compression", "1");
      g_autoptr (NmdImage) image = nmd_image_load_bytes (bytes, "s.tif", &error);
      if (alpha == 255)
        {
          g_assert_no_error (error);
          g_assert_cmpint (image->pixels[5], ==, 40);
          continue;
        }
      g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
      g_assert_nonnull (strstr (error->message, "with transparent pixels"));
    }
}

/* What happens to a good file, and the sentence it must give. */
typedef struct
{
  const char *what; /* "cut", "byte", "tail" (cut from the end), "whole" */
  gsize at;
  guint8 value;
  const char *message; /* regular expression */
} Damage;

static void
check_damage (GBytes *good, const char *name, const Damage *damage)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (good, &size);
  g_autofree guint8 *copy = g_memdup2 (data, size);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL, mask_error = NULL;
  g_autoptr (NmdImage) image = NULL, mask = NULL;

  if (g_str_equal (damage->what, "cut"))
    size = MIN (damage->at, size);
  else if (g_str_equal (damage->what, "tail"))
    size -= damage->at;
  else
    {
      g_assert_cmpuint (copy[damage->at], !=, damage->value);
      copy[damage->at] = damage->value;
    }
  bytes = g_bytes_new (copy, size);
  image = nmd_image_load_bytes (bytes, name, &error);
  mask = nmd_mask_load_bytes (bytes, name, &mask_error);
  g_test_message ("%s, %s at %" G_GSIZE_FORMAT ": %s", name, damage->what, damage->at,
                  error != NULL ? error->message : "no error");
  g_assert_null (image);
  g_assert_null (mask);
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_true (g_regex_match_simple (damage->message, error->message, 0, 0));
  g_assert_cmpstr (error->message, ==, mask_error->message);
}

static void
test_damaged_png (void)
{
  static const Damage table[] = {
    { "cut", 0, 0, "^s\\.png is empty$" },
    { "cut", 4, 0, "^s\\.png is not an image" },
    { "cut", 8, 0, "^s\\.png is cut short" },
    { "cut", 30, 0, "^s\\.png is cut short" },
    { "cut", 33, 0, "^s\\.png is cut short" },
    { "cut", 70, 0, "^s\\.png is cut short" },
    { "cut", 120, 0, "^s\\.png is cut short" },
    { "tail", 20, 0, "^s\\.png is cut short" },
    { "tail", 12, 0, "^s\\.png is cut short" },
    { "tail", 1, 0, "^s\\.png is cut short" },
    { "byte", 0, 'x', "^s\\.png is not an image" },
    { "byte", 12, 'x', "^s\\.png is damaged: the PNG header is missing$" },
    { "byte", 16, 0x7f,
      "^s\\.png has 2130706445 × 7 pixels, more than the 67108864 that are read$" },
    { "byte", 16, 0xff, "^s\\.png is damaged: its header says 4278190093 × 7 pixels$" },
    { "byte", 17, 0x7f,
      "^s\\.png has 8323085 × 7 pixels, a side of more than the 65535 that are read$" },
    { "byte", 18, 0x7f,
      "^s\\.png is cut short: [0-9]+ bytes cannot hold 32525 × 7 pixels$" },
    { "byte", 19, 0, "^s\\.png is damaged: its header says 0 × 7 pixels$" },
    { "byte", 19, 12, "^s\\.png is damaged: PNG error .*CRC" },
    { "byte", 23, 6, "^s\\.png is damaged: PNG error .*CRC" },
    { "byte", 24, 3, "^s\\.png is damaged" },
    { "byte", 45, 1, "^s\\.png is damaged: PNG error .*CRC" }, /* in gAMA */
    { "byte", 90, 1, "^s\\.png is damaged: PNG error .*IDAT" },
  };
  g_autoptr (GBytes) good = make_png (PNG_COLOR_TYPE_GRAY, 8, FALSE, NULL);
  g_autoptr (GBytes) inter = make_png (PNG_COLOR_TYPE_RGBA, 16, TRUE, "x");
  static const Damage more[] = { { "cut", 60, 0, "cut short" },
                                 { "tail", 300, 0, "cut short" },
                                 { "tail", 30, 0, "cut short" } };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    check_damage (good, "s.png", &table[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (more); i++)
    check_damage (inter, "i.png", &more[i]);
}

static void
test_damaged_others (void)
{
  g_autoptr (GdkPixbuf) pixbuf = make_pixbuf (FALSE);
  g_autoptr (GBytes) jpeg = encode (pixbuf, "jpeg", "quality", "90");
  g_autoptr (GBytes) bmp = encode (pixbuf, "bmp", NULL, NULL);
  g_autoptr (GBytes) tiff = encode (pixbuf, "tiff", "compression", "1");
  g_autoptr (GBytes) tiff_jpeg = encode (pixbuf, "tiff", "compression", "7");
  g_autoptr (GError) error = NULL;
  static const Damage jpegs[] = { { "cut", 4, 0, "^s\\.jpg is cut short" },
                                  { "cut", 200, 0, "^s\\.jpg is cut short" },
                                  { "tail", 2, 0, "^s\\.jpg is cut short" },
                                  { "tail", 60, 0, "^s\\.jpg is cut short" } };
  static const Damage bmps[] = { { "cut", 25, 0, "^s\\.bmp is not an image" },
                                 { "cut", 40, 0, "^s\\.bmp is " },
                                 { "cut", 500, 0, "^s\\.bmp is " },
                                 { "tail", 1, 0, "^s\\.bmp is " },
                                 { "byte", 20, 0x7f, "^s\\.bmp " },
                                 { "byte", 17, 0x7f, "^s\\.bmp is cut short" } };
  static const Damage tiffs[] = { { "cut", 8, 0, "^s\\.tif is damaged" },
                                  { "cut", 500, 0, "^s\\.tif is damaged" },
                                  { "tail", 4, 0, "^s\\.tif is damaged" } };

  for (gsize i = 0; i < G_N_ELEMENTS (jpegs); i++)
    check_damage (jpeg, "s.jpg", &jpegs[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (bmps); i++)
    check_damage (bmp, "s.bmp", &bmps[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (tiffs); i++)
    check_damage (tiff, "s.tif", &tiffs[i]);
  g_assert_null (nmd_image_load_bytes (tiff_jpeg, "s.tif", &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==,
                   "s.tif is a TIFF with JPEG data inside; save it as PNG or JPEG");
}

/* A pixel whose index the palette lacks is no black pixel. */
static void
test_palettes (void)
{
  for (int depth = 2; depth <= 8; depth *= 2)
    for (int interlaced = 0; interlaced < 2; interlaced++)
      for (int n = 1; n <= 3; n++)
        {
          g_autoptr (GBytes) png
              = make_png_of (PNG_COLOR_TYPE_PALETTE, depth, interlaced, NULL, n);
          g_autoptr (GError) error = NULL, mask_error = NULL;

          g_assert_null (nmd_image_load_bytes (png, "s.png", &error));
          g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
          g_assert_cmpstr (error->message, ==,
                           "s.png is damaged: PNG error “a pixel names a colour that its "
                           "palette lacks”");
          g_assert_null (nmd_mask_load_bytes (png, "s.png", &mask_error));
          g_assert_error (mask_error, NMD_ERROR, NMD_ERROR_FORMAT);
        }
}

/* A header that claims more pixels than are read is refused before memory is asked for.
 */
static void
test_bombs (void)
{
  static const struct
  {
    const char *type, *key, *value;
    guint8 before[4]; /* what stands before the size */
    int at[2];        /* from there to height and width, two bytes each */
  } bombs[] = { { "jpeg", "quality", "90", { 0xff, 0xc0, 0x00, 0x11 }, { 5, 7 } },
                { "tiff", "compression", "1", { 0x00, 0x01, 0x03, 0x00 }, { 8, 20 } } };

  for (gsize b = 0; b < G_N_ELEMENTS (bombs); b++)
    {
      g_autoptr (GdkPixbuf) pixbuf = make_pixbuf (FALSE);
      g_autoptr (GBytes) good
          = encode (pixbuf, bombs[b].type, bombs[b].key, bombs[b].value);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;
      gsize size = 0, at = 0;
      const guint8 *data = g_bytes_get_data (good, &size);
      g_autofree guint8 *copy = g_memdup2 (data, size);

      while (at + 22 < size && memcmp (copy + at, bombs[b].before, 4) != 0)
        at++;
      g_assert_cmpuint (at + 22, <, size);
      memset (copy + at + bombs[b].at[0], 0x7f, 2);
      memset (copy + at + bombs[b].at[1], 0x7f, 2);
      bytes = g_bytes_new (copy, size);
      g_assert_null (nmd_image_load_bytes (bytes, "bomb", &error));
      g_test_message ("%s: %s", bombs[b].type, error->message);
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      g_assert_true (g_regex_match_simple (
          "^bomb (has [0-9]+ × [0-9]+ pixels, more than the 67108864 "
          "that are read|is damaged: .*too large)$",
          error->message, 0, 0));
    }
}

/* Any single byte changed, any cut: no crash, and never an image of another size without
 * an error. */
static void
test_every_byte (void)
{
  g_autoptr (GBytes) good = make_png (PNG_COLOR_TYPE_PALETTE, 2, FALSE, "x");
  gsize size;
  const guint8 *data = g_bytes_get_data (good, &size);

  for (gsize i = 0; i < size; i++)
    {
      g_autofree guint8 *copy = g_memdup2 (data, size);
      g_autoptr (GBytes) cut = g_bytes_new (data, i), changed = NULL;

      g_assert_null (nmd_image_load_bytes (cut, "cut", NULL));
      copy[i] ^= 0x10;
      changed = g_bytes_new (copy, size);
      g_assert_null (nmd_image_load_bytes (changed, "changed", NULL));
    }
}

static void
test_files (void)
{
  g_autofree char *folder = g_dir_make_tmp ("nmd-readers-XXXXXX", NULL);
  g_autofree char *png = g_build_filename (folder, "a.png", NULL);
  g_autofree char *text = g_build_filename (folder, "text.png", NULL);
  g_autofree char *bmp
      = g_build_filename (folder, "b.png", NULL); /* the name tells nothing */
  g_autoptr (GBytes) bytes = make_png (PNG_COLOR_TYPE_GRAY, 8, FALSE, NULL),
                     bmp_bytes = NULL;
  g_autoptr (GdkPixbuf) pixbuf = make_pixbuf (FALSE);
  g_autoptr (NmdImage) image = NULL, mask = NULL;
  g_autoptr (GError) error = NULL;

  bmp_bytes = encode (pixbuf, "bmp", NULL, NULL);
  g_file_set_contents (png, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                       NULL);
  g_file_set_contents (bmp, g_bytes_get_data (bmp_bytes, NULL),
                       g_bytes_get_size (bmp_bytes), NULL);
  g_file_set_contents (text, "image,mask,subject\na,b,c\n", -1, NULL);

  image = nmd_image_load (png, &error);
  g_assert_no_error (error);
  mask = nmd_mask_load (bmp, &error);
  g_assert_no_error (error);
  g_assert_false (nmd_mask_check_size (mask, "b.png", image, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==, "Mask b.png is 24 × 16, its image is 13 × 7");
  g_clear_error (&error);

  g_assert_null (nmd_image_load (text, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "text.png is not an image"));
  g_clear_error (&error);
  g_assert_null (nmd_image_load (folder, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_unlink (text);
  g_assert_null (nmd_image_load (text, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_unlink (png);
  g_unlink (bmp);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/readers/png-kinds", test_png_kinds);
  g_test_add_func ("/readers/masks", test_masks);
  g_test_add_func ("/readers/synthetic", test_synthetic);
  g_test_add_func ("/readers/write", test_write);
  g_test_add_func ("/readers/quality", test_quality);
  g_test_add_func ("/readers/polygon-and-box", test_polygon_and_box);
  g_test_add_func ("/readers/pixbuf-formats", test_pixbuf_formats);
  g_test_add_func ("/readers/tiff-alpha", test_tiff_alpha);
  g_test_add_func ("/readers/damaged-png", test_damaged_png);
  g_test_add_func ("/readers/damaged-others", test_damaged_others);
  g_test_add_func ("/readers/palettes", test_palettes);
  g_test_add_func ("/readers/bombs", test_bombs);
  g_test_add_func ("/readers/every-byte", test_every_byte);
  g_test_add_func ("/readers/files", test_files);
  return g_test_run ();
}
