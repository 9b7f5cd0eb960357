/* SPDX-License-Identifier: Apache-2.0
 *
 * PNG to grey image or mask, on libpng. Strict: a file that is cut short, whose check sums are wrong
 * or that libpng warns of is an error, never a picture with grey rows. Colour management is left out on
 * purpose: gamma, profiles and alpha never change a sample; an eXIf chunk's orientation turns the picture. Files are opened
 * by nmd-reader.c.
 */
#include "engine/image/nmd-png-private.h"

#include "engine/image/nmd-exif-private.h"
#include "engine/image/nmd-image-private.h"

#include <png.h>
#include <string.h>

#define MAX_TEXT (1 << 20) /* bytes of a tEXt chunk; longer ones are damage */

/* libpng reports by longjmp(). Everything that lives across calls to it is kept in this struct, which
 * the caller owns: the function that calls setjmp() has no locals to clobber. */
typedef struct
{
  const guint8 *data;
  gsize length, position;
  const char *name;
  NmdMaskTable *table; /* of a mask, or NULL */
  png_structp png;
  png_infop info;
  NmdImage *image;
  guint8 *row;
  png_colorp palette; /* NULL if it has none */
  int n_colours;      /* in it */
  char reason[200];
} Reader;

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

static gboolean
read_size (const guint8 *data,
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

/* Transparency never changes a sample, so a chunk for it may be wrong. */
static void
on_warning (png_structp png, png_const_charp message)
{
  if (!g_str_has_prefix (message, "tRNS") && !g_str_has_prefix (message, "tEXt"))
    png_error (png, message);
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

/* The samples of pixel @i of the row: red, green, blue as they are stored, 8 or 16 bits. */
static void
get_samples (Reader *self, int i, int channels, int depth, guint v[3])
{
  const guint8 *p = self->row + (gsize)i * channels * (depth / 8);

  if (self->palette != NULL)
    {
      if (*p >= self->n_colours)
        png_error (self->png, "a pixel names a colour that its palette lacks");
      v[0] = self->palette[*p].red;
      v[1] = self->palette[*p].green;
      v[2] = self->palette[*p].blue;
      return;
    }
  for (int c = 0; c < 3; c++)
    {
      const int at = channels >= 3 ? c : 0; /* alpha is last and never counts */

      v[c] = depth == 8 ? p[at] : (guint)p[2 * at] << 8 | p[2 * at + 1];
    }
}

/* Stores pixel @at of a mask: pixel @i of the row, whose colours are @v, with alpha and palette index. */
static void
take_mask_pixel (Reader *self, gsize at, int i, int channels, int depth, const guint v[3])
{
  const guint8 *p = self->row + (gsize)i * channels * (depth / 8);
  const int last = channels - 1;
  NmdMaskValue value = { { (guint16)v[0], (guint16)v[1], (guint16)v[2], 0 }, -1 };

  if (self->palette != NULL)
    value.index = *p;
  else if (channels % 2 == 0)
    value.v[3] = depth == 8 ? p[last] : (guint16)(p[2 * last] << 8 | p[2 * last + 1]);
  nmd_mask_table_put (self->table, self->image, at, &value);
}

/* Whether pixel @i of the row has the bytes of the one before it, as most pixels of masks do. */
static inline gboolean
is_repeated (const Reader *self, int i, int bytes)
{
  const guint8 *p = self->row + (gsize)i * bytes;

  return bytes == 1 ? p[0] == p[-1] : memcmp (p, p - bytes, (gsize)bytes) == 0;
}

/* As take_row(), of a mask. */
static void
take_mask_row (Reader *self, int y, int x, int step, int n)
{
  const int channels = png_get_channels (self->png, self->info);
  const int depth = MAX (png_get_bit_depth (self->png, self->info), 8);
  const int bytes = channels * (depth / 8);
  guint8 *out = self->image->pixels + (gsize)y * self->image->width + x;

  for (int i = 0; i < n; i++, out += step)
    {
      guint v[3];

      if (i > 0 && is_repeated (self, i, bytes))
        {
          *out = out[-step];
          continue;
        }
      get_samples (self, i, channels, depth, v);
      take_mask_pixel (self, (gsize)(out - self->image->pixels), i, channels, depth, v);
    }
}

/* Stores the row: @n pixels of image row @y, at column @x and every @step from there. */
static void
take_row (Reader *self, int y, int x, int step, int n)
{
  NmdImage *image = self->image;
  const int channels = png_get_channels (self->png, self->info);
  const int depth = MAX (png_get_bit_depth (self->png, self->info), 8);

  if (channels == 1 && depth == 8 && step == 1
      && png_get_color_type (self->png, self->info) == PNG_COLOR_TYPE_GRAY)
    {
      /* the grey of v, v, v is v */
      memcpy (image->pixels + (gsize)y * image->width + x, self->row, (gsize)n);
      return;
    }
  for (int i = 0; i < n; i++)
    {
      const gsize at = (gsize)y * image->width + x + (gsize)i * step;
      guint v[3];
      gboolean coloured;

      get_samples (self, i, channels, depth, v);
      coloured = v[0] != v[1] || v[1] != v[2]; /* before reduction to 8 bits */
      for (int c = 0; c < 3 && depth == 16; c++)
        v[c] = (v[c] + 128) / 257;
      image->pixels[at] = nmd_grey (v[0], v[1], v[2]);
      if (coloured && !nmd_image_mark_coloured (image, at))
        png_error (self->png, "out of memory");
    }
}

/* Asks libpng for plain samples, palette indexes a byte each, and makes room for a row. */
static void
prepare (Reader *self)
{
  png_structp png = self->png;

  /* Ancillary chunks are passed over (their check sums still count), so a broken colour
   * profile is no reason to refuse a scan; only tEXt is read. */
  png_set_keep_unknown_chunks (png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_keep_unknown_chunks (png, PNG_HANDLE_CHUNK_AS_DEFAULT, (png_const_bytep) "tEXt",
                               1);
  png_set_chunk_malloc_max (png, 0); /* it would count for chunks that are passed over */
  png_set_crc_action (png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_user_limits (png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* read_size() checked */
  png_set_benign_errors (png, FALSE); /* with other chunks passed over they mean damage */
  png_read_info (png, self->info);
  if (png_get_color_type (png, self->info) == PNG_COLOR_TYPE_PALETTE)
    {
      png_get_PLTE (png, self->info, &self->palette, &self->n_colours);
      png_set_packing (png);
      /* expanding would make black of an index without a colour, and not say so */
      png_set_check_for_invalid_index (png, -1);
    }
  else
    png_set_expand (png);
  png_read_update_info (png, self->info);
  self->row = g_try_malloc (png_get_rowbytes (png, self->info));
  if (self->row == NULL)
    png_error (png, "out of memory");
}

/* The rows of all passes; a file without interlacing has one. libpng would want the whole picture in
 * memory to put passes together. */
static void
read_rows (Reader *self)
{
  const int width = self->image->width, height = self->image->height;
  const gboolean interlaced = png_get_interlace_type (self->png, self->info) != 0;

  for (int pass = 0; pass < (interlaced ? PNG_INTERLACE_ADAM7_PASSES : 1); pass++)
    {
      const int x = interlaced ? PNG_PASS_START_COL (pass) : 0;
      const int y = interlaced ? PNG_PASS_START_ROW (pass) : 0;
      const int step_x = interlaced ? PNG_PASS_COL_OFFSET (pass) : 1;
      const int step_y = interlaced ? PNG_PASS_ROW_OFFSET (pass) : 1;
      const int n = x < width ? (width - x + step_x - 1) / step_x : 0;

      for (int row = y; n > 0 && row < height; row += step_y)
        {
          png_read_row (self->png, self->row, NULL);
          (self->table != NULL ? take_mask_row : take_row) (self, row, x, step_x, n);
        }
    }
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
  if (self->table != NULL)
    nmd_mask_table_init (self->table, png_get_bit_depth (self->png, self->info));
  read_rows (self);
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

/* The orientation that an eXIf chunk says (PNG 3, 11.3.4.2), wherever it stands; 1 without one. libpng has
 * read the file to its end, so chunks are whole. */
static int
get_orientation (const guint8 *data, gsize length)
{
  gsize at = sizeof signature;

  while (length - at >= 12)
    {
      const guint32 n = read_u32 (data + at);

      if (n > length - at - 12 || memcmp (data + at + 4, "IEND", 4) == 0)
        return 1;
      if (memcmp (data + at + 4, "eXIf", 4) == 0)
        return nmd_exif_get_orientation (data + at + 8, n);
      at += 12 + (gsize)n;
    }
  return 1;
}

/* @stored upright, with what its file said. */
static NmdImage *
make_upright (
    NmdImage *stored, const guint8 *data, gsize length, const char *name, GError **error)
{
  NmdImage *image = nmd_image_turn (stored, get_orientation (data, length), name, error);

  if (image != NULL)
    image->is_synthetic = stored->is_synthetic;
  return image;
}

/* libpng asks for a text's memory before it reads it. */
static gboolean
check_texts (const guint8 *data, gsize length, const char *name, GError **error)
{
  gsize at = sizeof signature;

  while (length - at >= 12)
    {
      const guint32 n = read_u32 (data + at);

      if (memcmp (data + at + 4, "tEXt", 4) == 0 && n > MAX_TEXT)
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                       "%s is damaged: a text in it claims %u bytes", name, n);
          return FALSE;
        }
      if (n > length - at - 12)
        return TRUE; /* cut short, as reading it will say */
      at += 12 + (gsize)n;
    }
  return TRUE;
}

NmdImage *
nmd_png_read (const guint8 *data,
              gsize length,
              const char *name,
              NmdMaskTable *table,
              GError **error)
{
  Reader self = { .data = data, .length = length, .name = name, .table = table };
  g_autoptr (NmdImage) image = NULL;
  gboolean ok = FALSE;
  int width, height;

  if (!read_size (data, length, name, &width, &height, error)
      || !check_plausible (data, length, name, width, height, error)
      || !check_texts (data, length, name, error))
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
  g_free (self.row);
  if (ok)
    return make_upright (image, data, length, name, error);

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
