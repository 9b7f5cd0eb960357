/* SPDX-License-Identifier: Apache-2.0
 *
 * PNGs with the palette of Pascal VOC.
 */
#pragma once

#include <glib.h>
#include <png.h>
#include <string.h>

static void
palette_append (png_structp png, png_bytep data, size_t n)
{
  g_byte_array_append (png_get_io_ptr (png), data, (guint) n);
}

static void
palette_flush (png_structp png)
{
}

/* A PNG of @width × @height palette indexes. Entry i of the palette has its bits spread over the colours from the
 * highest down, as VOC's kit makes them: 1 is (128, 0, 0), 2 (0, 128, 0), 255 (224, 224, 192). */
static GBytes *
palette_png (const guint8 *indexes, int width, int height)
{
  png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct (png);
  GByteArray *bytes = g_byte_array_new ();
  png_color colours[256];

  memset (colours, 0, sizeof colours);
  for (guint i = 0; i < 256; i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        const guint place = 7 - bit / 3, set = i >> bit & 1;

        colours[i].red |= (png_byte) (bit % 3 == 0 ? set << place : 0);
        colours[i].green |= (png_byte) (bit % 3 == 1 ? set << place : 0);
        colours[i].blue |= (png_byte) (bit % 3 == 2 ? set << place : 0);
      }
  g_assert_cmpint (colours[255].red, ==, 224);
  g_assert_cmpint (colours[255].blue, ==, 192);
  png_set_write_fn (png, bytes, palette_append, palette_flush);
  png_set_IHDR (png, info, (png_uint_32) width, (png_uint_32) height, 8, PNG_COLOR_TYPE_PALETTE,
                PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_PLTE (png, info, colours, 256);
  png_write_info (png, info);
  for (int y = 0; y < height; y++)
    png_write_row (png, indexes + (gsize) y * (gsize) width);
  png_write_end (png, NULL);
  png_destroy_write_struct (&png, &info);
  return g_byte_array_free_to_bytes (bytes);
}
