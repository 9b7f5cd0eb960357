/* SPDX-License-Identifier: Apache-2.0
 *
 * PNG to grey image or mask and back, on libpng. Strict: a file that is cut short or
 * whose check sums are wrong is an error, never a picture with grey rows. Colour
 * management is left out on purpose: gamma, profiles and alpha never change a sample.
 * Files are opened by nmd-image.c.
 */
#include "engine/image/nmd-png-private.h"

#include <png.h>
#include <string.h>

/* libpng reports by longjmp(). Everything that lives across calls to it is kept in these
 * two structs, which the caller owns: the function that calls setjmp() has no locals to
 * clobber. */
typedef struct
{
  const guint8 *data;
  gsize length, position;
  const char *name;
  gboolean as_mask;
  png_structp png;
  png_infop info;
  NmdImage *image;
  guint8 *rows;      /* one row, or all of them if interlaced */
  png_bytep *starts; /* where each row starts, if interlaced */
  char reason[200];
} Reader;

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

static const guint8 signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };

gboolean
nmd_png_is (const guint8 *data, gsize length)
{
  return length >= sizeof signature && memcmp (data, signature, sizeof signature) == 0;
}

static guint32
read_u32 (const guint8 *p)
{
  return (guint32)p[0] << 24 | (guint32)p[1] << 16 | (guint32)p[2] << 8 | p[3];
}

gboolean
nmd_png_peek (const guint8 *data,
              gsize length,
              const char *name,
              int *width,
              int *height,
              GError **error)
{
  guint32 w, h;

  if (length < 33) /* signature, length, "IHDR", 13 bytes, check sum */
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s is cut short: its PNG header is not complete", name);
      return FALSE;
    }
  if (memcmp (data + 12, "IHDR", 4) != 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s is damaged: the PNG header is missing", name);
      return FALSE;
    }
  w = read_u32 (data + 16);
  h = read_u32 (data + 20);
  if (!nmd_image_check_size (name, w, h, error))
    return FALSE;
  *width = (int)w;
  *height = (int)h;
  return TRUE;
}

static void
on_read_error (png_structp png, png_const_charp message)
{
  Reader *self = png_get_error_ptr (png);

  if (self->reason[0] == '\0')
    g_strlcpy (self->reason, message, sizeof self->reason);
  png_longjmp (png, 1);
}

static void
on_warning (png_structp png, png_const_charp message)
{
}

static void
on_read (png_structp png, png_bytep out, size_t n)
{
  Reader *self = png_get_io_ptr (png);

  if (n > self->length - self->position)
    {
      g_strlcpy (self->reason, "cut short", sizeof self->reason);
      png_error (png, "cut short");
    }
  memcpy (out, self->data + self->position, n);
  self->position += n;
}

/* One row as libpng hands it out: 1 to 4 channels of 8 or 16 bits, alpha last. */
static gboolean
take_row (Reader *self, int y, const guint8 *row, int channels, int depth)
{
  NmdImage *image = self->image;
  int colours = channels >= 3 ? 3 : 1, size = depth / 8;
  gsize at = (gsize)y * image->width;

  for (int x = 0; x < image->width; x++, at++)
    {
      const guint8 *p = row + (gsize)x * channels * size;
      guint v[3] = { 0, 0, 0 };

      for (int c = 0; c < colours; c++)
        v[c] = size == 1 ? p[c] : (guint)p[2 * c] << 8 | p[2 * c + 1];
      if (self->as_mask)
        {
          image->pixels[at] = (v[0] | v[1] | v[2]) != 0 ? 255 : 0;
          continue;
        }
      if (colours == 3 && (v[0] != v[1] || v[1] != v[2])
          && !nmd_image_mark_coloured (image, at))
        return FALSE;
      if (size == 2)
        for (int c = 0; c < colours; c++)
          v[c] = (v[c] + 128) / 257;
      image->pixels[at] = colours == 1 ? (guint8)v[0] : nmd_grey (v[0], v[1], v[2]);
    }
  return TRUE;
}

/* Asks libpng for plain samples and makes room for them. */
static void
prepare (Reader *self)
{
  png_structp png = self->png;
  int height = self->image->height, n_rows;
  gsize row_bytes;

  /* Ancillary chunks are passed over (their check sums still count), so a broken colour
   * profile is no reason to refuse a scan; only tEXt is read. */
  png_set_keep_unknown_chunks (png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_keep_unknown_chunks (png, PNG_HANDLE_CHUNK_AS_DEFAULT, (png_const_bytep) "tEXt",
                               1);
  png_set_crc_action (png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_user_limits (png, PNG_UINT_31_MAX,
                       PNG_UINT_31_MAX); /* checked by nmd_png_peek() */
  png_read_info (png, self->info);
  png_set_benign_errors (png, FALSE); /* from here on they mean damaged pixels */
  png_set_expand (png);
  n_rows = png_set_interlace_handling (png) > 1 ? height : 1;
  png_read_update_info (png, self->info);

  row_bytes = png_get_rowbytes (png, self->info);
  self->rows = g_try_malloc_n (n_rows, row_bytes);
  self->starts = n_rows > 1 ? g_try_new (png_bytep, n_rows) : NULL;
  if (self->rows == NULL || (n_rows > 1 && self->starts == NULL))
    png_error (png, "out of memory");
  for (int y = 0; self->starts != NULL && y < n_rows; y++)
    self->starts[y] = self->rows + y * row_bytes;
}

static void
take_texts (Reader *self)
{
  png_textp texts = NULL;
  int n = png_get_text (self->png, self->info, &texts, NULL);

  for (int i = 0; i < n; i++)
    if (strstr (texts[i].key, "SYNTHETIC") != NULL
        || (texts[i].text != NULL && strstr (texts[i].text, "SYNTHETIC") != NULL))
      self->image->is_synthetic = TRUE;
}

/* FALSE leaves the reason in @self. */
static gboolean
read_all (Reader *self)
{
  if (setjmp (png_jmpbuf (self->png)))
    return FALSE;

  prepare (self);
  if (self->starts != NULL)
    png_read_image (self->png, self->starts);
  for (int y = 0; y < self->image->height; y++)
    {
      const guint8 *row = self->starts != NULL ? self->starts[y] : self->rows;

      if (self->starts == NULL)
        png_read_row (self->png, self->rows, NULL);
      if (!take_row (self, y, row, png_get_channels (self->png, self->info),
                     png_get_bit_depth (self->png, self->info)))
        png_error (self->png, "out of memory");
    }
  png_read_end (self->png, self->info);
  take_texts (self);
  return TRUE;
}

/* A file of a few bytes may claim any size. Deflate shrinks by 1032 at most, so what
 * cannot be filled is refused before memory is asked for. */
static gboolean
check_plausible (const guint8 *data,
                 gsize length,
                 const char *name,
                 int width,
                 int height,
                 GError **error)
{
  guint depth = data[24], type = data[25];
  guint channels = type == 2 ? 3 : type == 4 ? 2 : type == 6 ? 4 : 1;
  guint64 needed = ((guint64)width * channels * depth + 7) / 8 * (guint64)height;

  if (needed / 1032 <= length)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               "%s is cut short: %" G_GSIZE_FORMAT " bytes cannot hold %d × %d pixels",
               name, length, width, height);
  return FALSE;
}

NmdImage *
nmd_png_read (
    const guint8 *data, gsize length, const char *name, gboolean as_mask, GError **error)
{
  Reader self = { .data = data, .length = length, .name = name, .as_mask = as_mask };
  g_autoptr (NmdImage) image = NULL;
  gboolean ok = FALSE;
  int width, height;

  if (!nmd_png_peek (data, length, name, &width, &height, error)
      || !check_plausible (data, length, name, width, height, error))
    return NULL;
  image = self.image = nmd_image_try_new (name, width, height, error);
  if (image == NULL)
    return NULL;

  self.png
      = png_create_read_struct (PNG_LIBPNG_VER_STRING, &self, on_read_error, on_warning);
  self.info = self.png != NULL ? png_create_info_struct (self.png) : NULL;
  if (self.info != NULL)
    {
      png_set_read_fn (self.png, &self, on_read);
      ok = read_all (&self);
    }
  else
    g_strlcpy (self.reason, "out of memory", sizeof self.reason);
  png_destroy_read_struct (&self.png, &self.info, NULL);
  g_free (self.rows);
  g_free (self.starts);
  if (ok)
    return g_steal_pointer (&image);

  if (g_str_equal (self.reason, "cut short"))
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 "%s is cut short: its PNG data end too early", name);
  else if (g_str_equal (self.reason, "out of memory"))
    g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY, "Not enough memory to read %s",
                 name);
  else
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is damaged: PNG error “%s”",
                 name, self.reason);
  return NULL;
}

static void
on_write_error (png_structp png, png_const_charp message)
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
  self.png = png_create_write_struct (PNG_LIBPNG_VER_STRING, &self, on_write_error,
                                      on_warning);
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
                   "A picture of %d × %d pixels cannot be written as PNG: %s",
                   image->width, image->height, self.reason);
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}
