/* SPDX-License-Identifier: Apache-2.0
 *
 * Small image files whose headers claim much: refused in little memory, or read without it.
 */
#include "engine/image/nmd-png-writer.h"
#include "engine/image/nmd-reader.h"
#include "tests/core/memory-limit.h"

#include <string.h>
#include <zlib.h>

/* A BMP of 8 × 2 pixels of @bits that claims @n_colours, and has a palette of @n_there. */
static GBytes *
make_bmp (guint8 bits, guint32 n_colours, guint32 n_there, guint8 index)
{
  guint8 bmp[54 + 1024 + 64] = { 'B', 'M' };
  const guint32 offset = 54 + 4 * n_there;
  const guint32 numbers[]
      = { sizeof bmp, 0, offset, 40, 8,         2, 1 | (guint32)bits << 16,
          0,          0, 0,      0,  n_colours, 0 };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    for (int byte = 0; byte < 4; byte++)
      bmp[2 + 4 * i + byte] = (guint8)(numbers[i] >> 8 * byte);
  for (guint i = 0; i < 4 * n_there; i++)
    bmp[54 + i] = (guint8)(i / 4);
  memset (bmp + offset, index, 64);
  return g_bytes_new (bmp, sizeof bmp);
}

/* Palettes that are too large, that pixels do not follow, or that lack a colour. */
static void
read_bmps (gpointer data)
{
  static const struct
  {
    guint8 bits, index;
    guint32 n_colours, n_there;
    const char *said;
  } bmps[]
      = { { 8, 0, 0xffffffff, 256, "is damaged: its BMP header claims more than 256" },
          { 24, 0, 0xffffffff, 0, "is damaged: its BMP header claims more than 256" },
          { 32, 0, 0x40000000, 0, "is damaged: its BMP header claims more than 256" },
          { 1, 0, 257, 256, "is damaged: its BMP header claims more than 256" },
          { 8, 199, 200, 256, "is a BMP whose pixels do not follow its palette" },
          { 8, 200, 200, 200, "is damaged: a pixel names a colour that its palette" },
          { 4, 0x23, 3, 3, "is damaged: a pixel names a colour that its palette" },
          { 1, 0x10, 1, 1, "is damaged: a pixel names a colour that its palette" },
          { 8, 199, 200, 200, NULL },
          { 4, 0x22, 3, 3, NULL } };

  for (guint i = 0; i < G_N_ELEMENTS (bmps); i++)
    {
      g_autoptr (GBytes) bmp
          = make_bmp (bmps[i].bits, bmps[i].n_colours, bmps[i].n_there, bmps[i].index);
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdImage) image = nmd_image_load_bytes (bmp, "s.bmp", &error);

      if (bmps[i].said == NULL)
        {
          g_assert_no_error (error);
          g_assert_cmpint (image->pixels[15], ==, bmps[i].bits == 8 ? 199 : 2);
          continue;
        }
      g_assert_null (image);
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      if (strstr (error->message, bmps[i].said) == NULL)
        g_error ("%u: %s", i, error->message);
    }
}

/* A text chunk that claims 1 GB, in a PNG that is otherwise good. */
static void
read_long_text (gpointer data)
{
  const char *texts[] = { "Comment", "SYNTHETIC", NULL };
  g_autoptr (NmdImage) image = nmd_image_new (9, 7);
  g_autoptr (GBytes) png = nmd_image_to_png (image, 8, texts, NULL);
  const gsize size = g_bytes_get_size (png);
  g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (png, NULL), size);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  guint8 *text = memmem (copy, size, "tEXt", 4);

  memcpy (text - 4, "\x42\0\0\x11", 4);
  bytes = g_bytes_new (copy, size);
  g_assert_null (nmd_image_load_bytes (bytes, "s.png", &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_cmpstr (error->message, ==,
                   "s.png is damaged: a text in it claims 1107296273 bytes");
}

/* Chunks that are passed over may be as long as they like. */
static void
test_long_chunk (void)
{
  g_autoptr (NmdImage) image = nmd_image_new (9, 7);
  g_autoptr (GBytes) png = nmd_image_to_png (image, 8, NULL, NULL);
  const guint32 n = 9u << 20, big = GUINT32_TO_BE (n);
  gsize size;
  const guint8 *data = g_bytes_get_data (png, &size);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  GByteArray *made = g_byte_array_new ();

  g_byte_array_append (made, data, 33); /* signature and header */
  g_byte_array_append (made, (const guint8 *)&big, 4);
  g_byte_array_append (made, (const guint8 *)"prVt", 4);
  g_byte_array_set_size (made, made->len + n);
  memset (made->data + made->len - n, 7, n);
  const guint32 sum
      = GUINT32_TO_BE ((guint32)crc32 (0, made->data + made->len - n - 4, n + 4));
  g_byte_array_append (made, (const guint8 *)&sum, 4);
  g_byte_array_append (made, data + 33, (guint)size - 33);
  bytes = g_byte_array_free_to_bytes (made);
  g_autoptr (NmdImage) again = nmd_image_load_bytes (bytes, "long.png", &error);
  g_assert_no_error (error);
  g_assert_cmpmem (again->pixels, 63, image->pixels, 63);
}

static void
test_long_text (void)
{
  memory_limit_run ((gsize)64 << 20, read_long_text, NULL);
}

static void
test_bmp_palettes (void)
{
  memory_limit_run ((gsize)64 << 20, read_bmps, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bounds/bmp-palettes", test_bmp_palettes);
  g_test_add_func ("/bounds/long-text", test_long_text);
  g_test_add_func ("/bounds/long-chunk", test_long_chunk);
  return g_test_run ();
}
