/* SPDX-License-Identifier: Apache-2.0
 *
 * JPEG to grey image or mask, on libjpeg. Its warnings are errors here: it goes on after data that end
 * early or are damaged, and hands out grey blocks that would be measured. What it does not warn of is
 * checked: scans that are missing. Files are opened by nmd-reader.c.
 */
#include "engine/image/nmd-jpeg-private.h"

#include "engine/image/nmd-exif-private.h"
#include "engine/image/nmd-image-private.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#define MAX_MEMORY (512l << 20) /* the coefficients of 64 MPixel in four components */
#define MAX_SCANS 100           /* a progressive picture has about ten */
#define EXIF_MARKER (JPEG_APP0 + 1)
#define SCAN_MARKER 0xda

/* libjpeg reports by longjmp() of ours. What lives across calls to it is kept here, with the caller. */
typedef struct
{
  struct jpeg_decompress_struct jpeg; /* first: libjpeg hands it back */
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  jmp_buf leave;
  const char *name;
  NmdMaskTable *table; /* of a mask, or NULL */
  guint8 end[3];       /* put behind the data, if the last of it is not 0 */
  NmdImage *image;     /* as it is stored, before it is turned */
  int orientation;
  guint8 *row;
  int code; /* of NmdError */
  char reason[JMSG_LENGTH_MAX];
} Reader;

gboolean
nmd_jpeg_is (const guint8 *data, gsize length)
{
  return length >= 3 && memcmp (data, "\xff\xd8\xff", 3) == 0;
}

static void
leave (Reader *self, int code, const char *reason)
{
  self->code = code;
  g_strlcpy (self->reason, reason, sizeof self->reason);
  longjmp (self->leave, 1);
}

static void
on_error (j_common_ptr jpeg)
{
  Reader *self = (Reader *)jpeg;
  char text[JMSG_LENGTH_MAX];

  jpeg->err->format_message (jpeg, text);
  if (jpeg->err->msg_code == JERR_OUT_OF_MEMORY
      || jpeg->err->msg_code == JERR_NO_BACKING_STORE)
    leave (self, NMD_ERROR_MEMORY, text);
  leave (self, NMD_ERROR_FORMAT,
         jpeg->err->msg_code == JWRN_HIT_MARKER ? "" : text); /* "premature end" */
}

/* Level −1 is a warning, from 0 on it is news. */
static void
on_message (j_common_ptr jpeg, int level)
{
  if (level < 0)
    on_error (jpeg);
}

static void
on_output (j_common_ptr jpeg)
{
}

static void
on_source (j_decompress_ptr jpeg)
{
}

/* All data are there from the start: whoever asks for more is past their end. */
static boolean
on_end (j_decompress_ptr jpeg)
{
  Reader *self = (Reader *)jpeg;

  if (self->end[2] != 0 && jpeg->src->next_input_byte != self->end + sizeof self->end)
    {
      jpeg->src->next_input_byte = self->end;
      jpeg->src->bytes_in_buffer = sizeof self->end;
      return TRUE;
    }
  leave (self, NMD_ERROR_FORMAT, "");
  return FALSE;
}

static void
on_skip (j_decompress_ptr jpeg, long n)
{
  struct jpeg_source_mgr *source = jpeg->src;
  gsize left = n > 0 ? (gsize)n : 0;

  while (left > source->bytes_in_buffer)
    {
      left -= source->bytes_in_buffer;
      source->next_input_byte += source->bytes_in_buffer;
      source->bytes_in_buffer = 0;
      on_end (jpeg); /* more, or it leaves */
    }
  source->next_input_byte += left;
  source->bytes_in_buffer -= left;
}

/* A scan of a large picture may take a few bytes; thousands of them would take hours. */
static void
on_progress (j_common_ptr jpeg)
{
  if (((j_decompress_ptr)jpeg)->input_scan_number > MAX_SCANS)
    leave ((Reader *)jpeg, NMD_ERROR_FORMAT, "it has too many scans");
}

static int
get_orientation (const Reader *self)
{
  for (jpeg_saved_marker_ptr marker = self->jpeg.marker_list; marker != NULL;
       marker = marker->next)
    if (marker->marker == EXIF_MARKER && marker->data_length >= 6
        && memcmp (marker->data, "Exif\0", 6) == 0)
      return nmd_exif_get_orientation (marker->data + 6, marker->data_length - 6);
  return 1;
}

/* One row as libjpeg hands it out: grey, RGB or CMYK, the last inverted where Adobe wrote it. */
static gboolean
take_row (Reader *self, int y)
{
  const int channels = self->jpeg.output_components;
  const gboolean inverted = self->jpeg.saw_Adobe_marker;
  NmdImage *image = self->image;

  for (int x = 0; x < image->width; x++)
    {
      const guint8 *p = self->row + (gsize)x * channels;
      guint v[3] = { p[0], p[channels >= 3 ? 1 : 0], p[channels >= 3 ? 2 : 0] };

      for (int c = 0; c < 3 && channels == 4; c++)
        v[c] = inverted ? v[c] * p[3] / 255 : (255 - v[c]) * (255 - p[3]) / 255;
      if (self->table != NULL)
        {
          const NmdMaskValue value
              = { { (guint16)v[0], (guint16)v[1], (guint16)v[2], 0 }, -1 };

          nmd_mask_table_put (self->table, image, (gsize)y * image->width + x, &value);
        }
      else if (!nmd_image_store (image, (gsize)y * image->width + x, v[0], v[1], v[2]))
        return FALSE;
    }
  return TRUE;
}

/* Of a picture in several scans each component must have had one, and in a progressive one each
 * coefficient must have come down to its last bit: a file cut between scans has no other mark. */
static void
check_scans (Reader *self)
{
  const struct jpeg_decompress_struct *jpeg = &self->jpeg;

  for (int c = 0; c < jpeg->num_components; c++)
    {
      if (jpeg->comp_info[c].quant_table == NULL)
        leave (self, NMD_ERROR_FORMAT, "");
      for (int k = 0; jpeg->coef_bits != NULL && k < DCTSIZE2; k++)
        if (jpeg->coef_bits[c][k] != 0)
          leave (self, NMD_ERROR_FORMAT, "");
    }
}

static void
choose_colours (struct jpeg_decompress_struct *jpeg)
{
  if (jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK)
    jpeg->out_color_space = JCS_CMYK;
  else if (jpeg->jpeg_color_space == JCS_GRAYSCALE)
    jpeg->out_color_space = JCS_GRAYSCALE;
  else
    jpeg->out_color_space = JCS_RGB;
}

/* FALSE leaves the reason in @self, or an error. */
static gboolean
read_all (Reader *self, GError **error)
{
  struct jpeg_decompress_struct *jpeg = &self->jpeg;

  if (setjmp (self->leave))
    return FALSE;

  jpeg_create_decompress (jpeg);
  jpeg->src = &self->source;
  jpeg->progress = &self->progress;
  jpeg->mem->max_memory_to_use = MAX_MEMORY;
  jpeg_save_markers (jpeg, EXIF_MARKER, 0xffff);
  jpeg_read_header (jpeg, TRUE);
  if (!nmd_image_check_size (self->name, jpeg->image_width, jpeg->image_height, error))
    return FALSE;
  self->orientation = get_orientation (self);
  choose_colours (jpeg);
  jpeg_start_decompress (jpeg); /* reads all scans if there are several */
  if (jpeg_has_multiple_scans (jpeg))
    check_scans (self);
  self->image = nmd_image_try_new (self->name, (int)jpeg->output_width,
                                   (int)jpeg->output_height, error);
  if (self->image == NULL)
    return FALSE;
  self->row = g_malloc ((gsize)jpeg->output_width * jpeg->output_components);
  while (jpeg->output_scanline < jpeg->output_height)
    {
      const int y = (int)jpeg->output_scanline;

      jpeg_read_scanlines (jpeg, &self->row, 1);
      if (!take_row (self, y))
        leave (self, NMD_ERROR_MEMORY, "");
    }
  jpeg_finish_decompress (jpeg); /* to the end marker, which must be the next thing */
  return TRUE;
}

static void
say (const Reader *self, GError **error)
{
  if (self->code == NMD_ERROR_MEMORY)
    g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY, "Not enough memory to read %s",
                 self->name);
  else if (self->reason[0] == '\0')
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                 "%s is cut short: its JPEG data end too early", self->name);
  else
    g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is damaged: JPEG error “%s”",
                 self->name, self->reason);
}

static Reader *
reader_new (const guint8 *data, gsize length, const char *name, NmdMaskTable *table)
{
  Reader *self = g_new0 (Reader, 1);

  self->name = name;
  self->table = table;
  self->jpeg.err = jpeg_std_error (&self->errors);
  self->errors.error_exit = on_error;
  self->errors.emit_message = on_message;
  self->errors.output_message = on_output;
  self->progress.progress_monitor = on_progress;
  self->source = (struct jpeg_source_mgr){ .next_input_byte = data,
                                           .bytes_in_buffer = length,
                                           .init_source = on_source,
                                           .fill_input_buffer = on_end,
                                           .skip_input_data = on_skip,
                                           .resync_to_restart = jpeg_resync_to_restart,
                                           .term_source = on_source };
  return self;
}

static void
reader_free (Reader *self)
{
  jpeg_destroy_decompress (&self->jpeg);
  g_clear_pointer (&self->image, nmd_image_unref);
  g_free (self->row);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reader, reader_free)

/* Whether pixels are the last thing before the end marker, not a comment or another segment. @length: up to that
 * marker, of data that were read. */
static gboolean
ends_in_pixels (const guint8 *data, gsize length)
{
  gsize at = 2; /* after the start marker */

  while (at + 4 <= length)
    {
      const guint8 marker = data[at + 1];

      if (data[at] != 0xff)
        return FALSE;
      if (marker == 0xff) /* a filling byte */
        {
          at++;
          continue;
        }
      at += 2 + (gsize)(data[at + 2] << 8 | data[at + 3]);
      if (marker != SCAN_MARKER)
        continue;
      /* 0 and a restart number do not end the pixels */
      while (at + 1 < length
             && (data[at] != 0xff || data[at + 1] == 0
                 || (data[at + 1] >= JPEG_RST0 && data[at + 1] < JPEG_RST0 + 8)))
        at++;
      if (at + 1 >= length)
        return TRUE;
    }
  return FALSE;
}

/* Data whose end was overwritten with one byte may decode to the last pixel and leave a few bytes or bits,
 * which libjpeg passes over without a word. Then the last bit says nothing: turned over, the pixels stay
 * the same. Of good data it belongs to a pixel, or is a 1 that fills the byte. @length: up to the end
 * marker. */
static gboolean
is_filled_up (const Reader *read, const guint8 *data, gsize length)
{
  g_autoptr (Reader) again = NULL;
  g_autoptr (GError) unused = NULL; /* whatever it is, it came with the bit */
  guint8 last;

  if (length < 4)
    return FALSE;
  last = data[length - 1];
  if (last >= 0xfe)
    return FALSE;
  if (last != data[length - 2] || last != data[length - 3] || last != data[length - 4]
      || !ends_in_pixels (data, length))
    return FALSE;
  again = reader_new (data, length - 1, "", read->table);
  again->end[0] = last ^ 1;
  again->end[1] = 0xff;
  again->end[2] = JPEG_EOI;
  return read_all (again, &unused)
         && memcmp (again->image->pixels, read->image->pixels,
                    (gsize)read->image->width * (gsize)read->image->height)
                == 0;
}

NmdImage *
nmd_jpeg_read (const guint8 *data,
               gsize length,
               const char *name,
               NmdMaskTable *table,
               GError **error)
{
  g_autoptr (Reader) self = reader_new (data, length, name, table);
  g_autoptr (GError) problem = NULL;
  NmdImage *image = NULL;

  if (table != NULL)
    nmd_mask_table_init (table, 8);
  if (read_all (self, &problem))
    {
      if (is_filled_up (self, data, (gsize)(self->source.next_input_byte - data) - 2))
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                       "%s is damaged: its JPEG data end in filling bytes", name);
          return NULL;
        }
      image = nmd_image_turn (self->image, self->orientation, name, &problem);
    }
  if (image != NULL)
    image->is_lossy = TRUE;
  else if (problem != NULL)
    g_propagate_error (error, g_steal_pointer (&problem));
  else
    say (self, error);
  return image;
}
