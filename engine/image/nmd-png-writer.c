/* SPDX-License-Identifier: Apache-2.0
 *
 * Grey images as PNG, on libpng.
 */
#include "engine/image/nmd-png-writer.h"

#include "engine/core/nmd-file.h"

#include <png.h>
#include <string.h>

/* libpng reports by longjmp(); what lives across its calls is kept here, with the caller. */
typedef struct
{
  const NmdImage *image;
  int depth;
  png_structp png;
  png_infop info;
  png_text *texts;
  int n_texts;
  GByteArray *bytes;
  guint8 *row;
  char reason[200];
} Writer;

static void
on_error (png_structp png, png_const_charp message)
{
  Writer *self = png_get_error_ptr (png);

  g_strlcpy (self->reason, message, sizeof self->reason);
  png_longjmp (png, 1);
}

static void
on_write (png_structp png, png_bytep data, size_t n)
{
  Writer *self = png_get_io_ptr (png);

  g_byte_array_append (self->bytes, data, (guint)n);
}

static void
on_warning (png_structp png, png_const_charp message)
{
}

static void
on_flush (png_structp png)
{
}

static gboolean
write_all (Writer *self)
{
  if (setjmp (png_jmpbuf (self->png)))
    return FALSE;

  png_set_IHDR (self->png, self->info, self->image->width, self->image->height,
                self->depth, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_text (self->png, self->info, self->texts, self->n_texts);
  png_write_info (self->png, self->info);
  for (int y = 0; y < self->image->height; y++)
    {
      const guint8 *from = self->image->pixels + (gsize)y * self->image->width;

      if (self->depth == 1)
        {
          memset (self->row, 0, (self->image->width + 7) / 8);
          for (int x = 0; x < self->image->width; x++)
            if (from[x] != 0)
              self->row[x / 8] |= (guint8)(0x80 >> x % 8);
        }
      png_write_row (self->png, self->depth == 1 ? self->row : from);
    }
  png_write_end (self->png, self->info);
  return TRUE;
}

/* tEXt holds Latin-1. */
static char *
to_latin1 (const char *text)
{
  char *latin1
      = g_convert_with_fallback (text, -1, "ISO-8859-1", "UTF-8", "?", NULL, NULL, NULL);

  return latin1 != NULL ? latin1 : g_str_to_ascii (text, "C");
}

GBytes *
nmd_image_to_png (const NmdImage *image,
                  int depth,
                  const char *const *texts,
                  GError **error)
{
  Writer self = { .image = image, .depth = depth };
  guint n = texts != NULL ? g_strv_length ((char **)texts) / 2 : 0;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree png_text *text = g_new0 (png_text, n);
  g_autofree guint8 *row = NULL;
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);
  gboolean ok = FALSE;

  g_return_val_if_fail (image != NULL && (depth == 8 || depth == 1), NULL);

  for (guint i = 0; i < n; i++)
    {
      char *value = to_latin1 (texts[2 * i + 1]);

      g_ptr_array_add (strings, value);
      text[i] = (png_text){ .compression = PNG_TEXT_COMPRESSION_NONE,
                            .key = (char *)texts[2 * i],
                            .text = value };
    }
  row = g_malloc ((gsize)image->width / 8 + 1);
  self.bytes = bytes;
  self.texts = text;
  self.n_texts = (int)n;
  self.row = row;
  self.png = png_create_write_struct (PNG_LIBPNG_VER_STRING, &self, on_error, on_warning);
  self.info = self.png != NULL ? png_create_info_struct (self.png) : NULL;
  if (self.info != NULL)
    {
      png_set_write_fn (self.png, &self, on_write, on_flush);
      ok = write_all (&self);
    }
  png_destroy_write_struct (&self.png, &self.info);
  if (!ok)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY,
                   "An image of %d × %d pixels cannot be written as PNG: %s",
                   image->width, image->height, self.reason);
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

gboolean
nmd_image_save_png (const NmdImage *self,
                    const char *path,
                    int depth,
                    const char *const *texts,
                    GError **error)
{
  g_autoptr (GBytes) bytes = nmd_image_to_png (self, depth, texts, error);

  return bytes != NULL
         && nmd_file_write (path, g_bytes_get_data (bytes, NULL),
                            g_bytes_get_size (bytes), error);
}
