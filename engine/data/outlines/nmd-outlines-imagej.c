/* SPDX-License-Identifier: Apache-2.0
 *
 * ImageJ's .roi files and zips of them. Big-endian; offsets and meaning as in ImageJ's
 * ij.io.RoiDecoder, https://imagej.net/ij/source/ij/io/RoiDecoder.java. Whole numbers are
 * corners of pixels: https://imagej.net/ij/docs/guide/146-10.html.
 */
#include "engine/core/nmd-text.h"
#include "engine/data/outlines/nmd-outlines-private.h"

#include <archive.h>
#include <archive_entry.h>
#include <math.h>
#include <string.h>

#define HEADER 64
#define MAX_ENTRIES 10000
#define MAX_ENTRY (16u * 1024 * 1024)
#define MAX_UNPACKED (64u * 1024 * 1024)

enum
{
  POLYGON = 0,
  RECT = 1,
  OVAL = 2,
  FREEHAND = 7,
  TRACED = 8,
  N_TYPES = 11,

  SPLINE_FIT = 1,
  SUB_PIXEL = 128,

  TEXT = 1,
  ELLIPSE = 3,
  IMAGE = 4,
  ROTATED_RECT = 5,
};

typedef struct
{
  const guint8 *bytes;
  gsize length;
  int version, type, subtype, options;
} Roi;

static guint
get_u16 (const Roi *self, gsize at)
{
  return (guint)self->bytes[at] << 8 | self->bytes[at + 1];
}

/* ImageJ takes what is far below zero for a large number without sign. */
static int
get_i16 (const Roi *self, gsize at)
{
  int value = (gint16)get_u16 (self, at);

  return value < -5000 ? value + 65536 : value;
}

static guint32
get_u32 (const Roi *self, gsize at)
{
  return (guint32)get_u16 (self, at) << 16 | get_u16 (self, at + 2);
}

static double
get_float (const Roi *self, gsize at)
{
  guint32 bits = get_u32 (self, at);
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static NmdShape *
refuse (GError **error, const char *name, const char *what)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s %s", name, what);
  return NULL;
}

/* The name within the file, or NULL: UTF-16 in the second header. */
static char *
get_name (const Roi *self)
{
  const gsize at = get_u32 (self, 60);
  gsize start, n;

  if (at < HEADER || at > self->length || self->length - at < 24)
    return NULL;
  start = get_u32 (self, at + 16);
  n = get_u32 (self, at + 20);
  if (n == 0 || n > 4096 || start < HEADER || start > self->length
      || self->length - start < 2 * n)
    return NULL;
  return g_convert ((const char *)self->bytes + start, (gssize)(2 * n), "UTF-8",
                    "UTF-16BE", NULL, NULL, NULL);
}

/* A picture of a stack to which it belongs, or 0. */
static guint
get_slice (const Roi *self)
{
  const gsize at = get_u32 (self, 60);
  guint slice = get_u32 (self, 56);

  if (at >= HEADER && at <= self->length && self->length - at >= 16)
    for (gsize k = 4; k < 16; k += 4)
      slice = MAX (slice, get_u32 (self, at + k));
  return slice;
}

static NmdShape *
read_polygon (const Roi *self, const char *name, GError **error)
{
  gsize n = get_u16 (self, 16);
  g_autofree double *points = NULL;
  gboolean fine = (self->options & SUB_PIXEL) != 0 && self->version >= 222;

  if (n == 0)
    n = get_u32 (self, 18);
  if (n > (self->length - HEADER) / (fine ? 12 : 4))
    return refuse (error, name, "is cut short: it has fewer corners than it says");
  points = g_new (double, 2 * n + 1);
  for (gsize i = 0; i < n; i++)
    for (gsize k = 0; k < 2; k++)
      points[2 * i + k] = fine ? get_float (self, HEADER + 4 * n + 4 * (k * n + i))
                               : MAX (get_i16 (self, HEADER + 2 * (k * n + i)), 0)
                                     + get_i16 (self, k == 0 ? 10 : 8); /* left, top */
  for (gsize i = 0; i < 2 * n; i++)
    if (!isfinite (points[i]))
      return refuse (error, name, "has a corner that is no number");
  return nmd_shape_new_ring (points, (guint)n);
}

/* A composite: a list of floats, 0 x y begins a ring, 1 x y goes on, 4 closes it; curves
 * (2, 3) are not read. */
static NmdShape *
read_composite (const Roi *self, const char *name, GError **error)
{
  const gsize n = get_u32 (self, 36);
  g_autoptr (GArray) ring = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (NmdShape) shape = NULL;

  if (n > (self->length - HEADER) / 4)
    return refuse (error, name, "is cut short: it has fewer numbers than it says");
  for (gsize i = 0; i <= n;)
    {
      const double code = i < n ? get_float (self, HEADER + 4 * i) : 0.0;
      const gboolean ends = i == n || code == 0.0 || code == 4.0;
      double point[2];

      if (ends && ring->len > 0)
        {
          const double *points = (const double *)(gpointer)ring->data;

          if (shape == NULL)
            shape = nmd_shape_new_ring (points, ring->len / 2);
          else
            nmd_shape_add_ring (shape, points, ring->len / 2);
          g_array_set_size (ring, 0);
        }
      i++;
      if (i > n || code == 4.0)
        continue;
      if ((code != 0.0 && code != 1.0) || n - i < 2)
        return refuse (error, name,
                       "has curves, which are not read: make a polygon of it in ImageJ "
                       "(Edit > Selection > Interpolate)");
      for (gsize k = 0; k < 2; k++)
        point[k] = get_float (self, HEADER + 4 * (i + k));
      if (!isfinite (point[0]) || !isfinite (point[1]))
        return refuse (error, name, "has a corner that is no number");
      g_array_append_vals (ring, point, 2);
      i += 2;
    }
  return shape != NULL ? g_steal_pointer (&shape)
                       : refuse (error, name, "has no corners");
}

/* A box or oval: whole pixels, or four floats. */
static NmdShape *
read_box (const Roi *self, const char *name, GError **error)
{
  double x0 = get_i16 (self, 10), y0 = get_i16 (self, 8);
  double x1 = get_i16 (self, 14), y1 = get_i16 (self, 12);

  if (self->version >= 223 && (self->options & SUB_PIXEL) != 0)
    {
      x0 = get_float (self, 18);
      y0 = get_float (self, 22);
      x1 = x0 + get_float (self, 26);
      y1 = y0 + get_float (self, 30);
    }
  if (!isfinite (x0 + y0 + x1 + y1))
    return refuse (error, name, "has a corner that is no number");
  if (self->type == OVAL)
    return nmd_shape_new_ellipse ((x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2,
                                  (y1 - y0) / 2, 0.0);
  if (self->version >= 223 && get_u16 (self, 54) > 0)
    return refuse (error, name,
                   "has rounded corners, which are not read: make a polygon of it in "
                   "ImageJ (Edit > Selection > Interpolate)");
  return nmd_shape_new_box (x0, y0, x1, y1, 0.0);
}

/* An ellipse by its long axis and aspect, or a box by its middle line and width. */
static NmdShape *
read_turned (const Roi *self, const char *name, GError **error)
{
  const double x1 = get_float (self, 18), y1 = get_float (self, 22);
  const double x2 = get_float (self, 26), y2 = get_float (self, 30);
  const double extent = get_float (self, 52), length = hypot (x2 - x1, y2 - y1);
  const double degrees = atan2 (y2 - y1, x2 - x1) * 180.0 / G_PI;
  const double cx = (x1 + x2) / 2, cy = (y1 + y2) / 2;

  if (!isfinite (length + extent + cx + cy))
    return refuse (error, name, "has a corner that is no number");
  if (self->subtype == ELLIPSE)
    return nmd_shape_new_ellipse (cx, cy, length / 2, length * extent / 2, degrees);
  return nmd_shape_new_box (cx - length / 2, cy - extent / 2, cx + length / 2,
                            cy + extent / 2, degrees);
}

/* NULL without an error for what has no area. */
static NmdShape *
read_shape (const Roi *self, const char *name, GError **error)
{
  if (self->type >= N_TYPES)
    return refuse (error, name, "is of a kind that ImageJ 1.54 does not have");
  if (self->subtype == TEXT || self->subtype == IMAGE)
    return NULL;
  if (self->type == RECT && get_u32 (self, 36) > 0)
    return read_composite (self, name, error);
  if (self->type == RECT || self->type == OVAL)
    return read_box (self, name, error);
  if (self->type == FREEHAND
      && (self->subtype == ELLIPSE || self->subtype == ROTATED_RECT))
    return read_turned (self, name, error);
  if (self->type != POLYGON && self->type != FREEHAND && self->type != TRACED)
    return NULL;
  if ((self->options & SPLINE_FIT) != 0)
    return refuse (error, name,
                   "is a fitted spline, which is not read: make a polygon of it in "
                   "ImageJ (Edit > Selection > Interpolate)");
  return read_polygon (self, name, error);
}

/* "muscle.roi" → "muscle". */
static char *
without_ending (const char *name)
{
  g_autofree char *base = g_path_get_basename (name);
  char *dot = strrchr (base, '.');

  if (dot != NULL && dot > base)
    *dot = '\0';
  return g_steal_pointer (&base);
}

/* The names that ImageJ makes itself from the place: "0012-0345", "0003-0012-0345". */
static gboolean
is_made_up (const char *name)
{
  return strspn (name, "0123456789-") == strlen (name) && strchr (name, '-') != NULL;
}

/* One ROI; @place names it in errors. What ImageJ calls a name is taken for a label. */
static gboolean
read_roi (NmdOutlinesBuilder *self,
          NmdOutline *outline,
          const char *place,
          const char *bytes,
          gsize length,
          GError **error)
{
  Roi roi = { (const guint8 *)bytes, length, 0, 0, 0, 0 };
  g_autofree char *name = NULL, *stem = without_ending (place);
  GError *inner = NULL;
  NmdShape *shape = NULL;

  if (length < HEADER || memcmp (bytes, "Iout", 4) != 0)
    return refuse (error, place, "is cut short or no ROI of ImageJ") != NULL;
  roi.version = (int)get_u16 (&roi, 4);
  roi.type = roi.bytes[6];
  roi.subtype = (int)get_u16 (&roi, 48);
  roi.options = (int)get_u16 (&roi, 50);
  if (get_slice (&roi) > 1)
    return refuse (error, place,
                   "belongs to a later picture of a stack; only outlines of single "
                   "pictures are read")
           != NULL;
  shape = read_shape (&roi, place, &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, inner);
      return FALSE;
    }
  if (shape == NULL)
    {
      nmd_outlines_add_no_area (self, outline);
      return TRUE;
    }
  name = get_name (&roi);
  if (name == NULL || is_made_up (name) || strcmp (name, stem) == 0)
    return nmd_outlines_add_shape (self, outline, NULL, shape, error);
  return nmd_outlines_add_shape (self, outline, name, shape, error);
}

gboolean
nmd_outlines_read_roi (NmdOutlinesBuilder *self,
                       const char *text,
                       gsize length,
                       GError **error)
{
  g_autofree char *image = without_ending (self->name);
  NmdOutline *outline = nmd_outlines_add_image (self, image, 0, 0, error);

  return outline != NULL && read_roi (self, outline, self->name, text, length, error);
}

/* Zips. */

typedef struct archive Archive;

static void
archive_close (Archive *archive)
{
  archive_read_free (archive);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Archive, archive_close)

static GString *
unpack (Archive *archive, const char *place, gsize most, GError **error)
{
  g_autoptr (GString) bytes = g_string_new (NULL);
  char buffer[8192];
  la_ssize_t n = 0;

  while ((n = archive_read_data (archive, buffer, sizeof buffer)) > 0)
    {
      g_string_append_len (bytes, buffer, n);
      if (bytes->len > most)
        return (gpointer)refuse (error, place, "is larger than outlines are");
    }
  if (n < 0)
    return (gpointer)refuse (error, place, "is damaged or cut short");
  return g_steal_pointer (&bytes);
}

static gboolean
read_entry (NmdOutlinesBuilder *self,
            NmdOutline *outline,
            Archive *archive,
            struct archive_entry *entry,
            gsize *unpacked,
            GError **error)
{
  const char *name = archive_entry_pathname_utf8 (entry);
  g_autofree char *shown = nmd_text_display (name != NULL ? name : "?");
  g_autofree char *place = g_strdup_printf ("%s: %s", self->name, shown);
  g_autoptr (GString) bytes = NULL;

  if (!g_str_has_suffix (shown, ".roi") && !g_str_has_suffix (shown, ".ROI"))
    return TRUE;
  bytes = unpack (archive, place, MIN (MAX_ENTRY, MAX_UNPACKED - *unpacked), error);
  if (bytes == NULL)
    return FALSE;
  *unpacked += bytes->len;
  return read_roi (self, outline, place, bytes->str, bytes->len, error);
}

gboolean
nmd_outlines_read_roi_zip (NmdOutlinesBuilder *self,
                           const char *text,
                           gsize length,
                           GError **error)
{
  g_autoptr (Archive) archive = archive_read_new ();
  g_autofree char *image = without_ending (self->name);
  NmdOutline *outline = nmd_outlines_add_image (self, image, 0, 0, error);
  struct archive_entry *entry;
  gsize unpacked = 0;
  guint n = 0;
  int status = ARCHIVE_FATAL;

  if (outline == NULL)
    return FALSE;
  archive_read_support_format_zip_seekable (archive);
  if (archive_read_open_memory (archive, text, length) == ARCHIVE_OK)
    while ((status = archive_read_next_header (archive, &entry)) == ARCHIVE_OK
           && n++ < MAX_ENTRIES)
      if (!read_entry (self, outline, archive, entry, &unpacked, error)
          || g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
  if (status != ARCHIVE_EOF)
    return refuse (error, self->name,
                   n > MAX_ENTRIES ? "holds more entries than outlines have"
                                   : "is damaged or cut short")
           != NULL;
  if (self->result->n_shapes + self->result->n_no_area > 0)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
               "%s holds no outlines: no entry is an ImageJ .roi", self->name);
  return FALSE;
}
