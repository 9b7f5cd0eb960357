/* SPDX-License-Identifier: Apache-2.0
 *
 * The outline of one image: its shapes, made by the readers and filled into a mask.
 */
#include "engine/core/nmd-text.h"
#include "engine/data/outlines/nmd-outlines-private.h"
#include "engine/image/nmd-mask-shapes.h"

#include <math.h>
#include <string.h>

struct _NmdOutline
{
  int n_references; /* atomic */
  char *image;
  int width, height;
  GPtrArray *shapes; /* NmdShape */
};

/* Shapes. */

void
nmd_shape_free (NmdShape *self)
{
  if (self == NULL)
    return;
  g_free (self->label);
  g_free (self->values);
  g_free (self->lengths);
  g_free (self);
}

NmdShape *
nmd_shape_new_ring (const double *points, guint n_points)
{
  NmdShape *self = g_new0 (NmdShape, 1);

  self->kind = NMD_SHAPE_RINGS;
  nmd_shape_add_ring (self, points, n_points);
  return self;
}

void
nmd_shape_add_ring (NmdShape *self, const double *points, guint n_points)
{
  if (n_points > 0)
    {
      self->values
          = g_renew (double, self->values, (gsize)self->n_values + 2 * (gsize)n_points);
      memcpy (self->values + self->n_values, points, 2 * sizeof (double) * n_points);
    }
  self->n_values += 2 * n_points;
  self->lengths = g_renew (guint, self->lengths, self->n_lengths + 1);
  self->lengths[self->n_lengths++] = n_points;
}

NmdShape *
nmd_shape_new_box (double x0, double y0, double x1, double y1, double degrees)
{
  const double cx = (x0 + x1) / 2, cy = (y0 + y1) / 2;
  const double c = cos (degrees * G_PI / 180), s = sin (degrees * G_PI / 180);
  double points[8] = { x0, y0, x1, y0, x1, y1, x0, y1 };

  for (guint i = 0; degrees != 0.0 && i < 4; i++)
    {
      double dx = points[2 * i] - cx, dy = points[2 * i + 1] - cy;

      points[2 * i] = cx + dx * c - dy * s;
      points[2 * i + 1] = cy + dx * s + dy * c;
    }
  return nmd_shape_new_ring (points, 4);
}

NmdShape *
nmd_shape_new_ellipse (double cx, double cy, double rx, double ry, double degrees)
{
  const double values[5] = { cx, cy, rx, ry, degrees };
  NmdShape *self = g_new0 (NmdShape, 1);

  self->kind = NMD_SHAPE_ELLIPSE;
  self->values = g_memdup2 (values, sizeof values);
  self->n_values = 5;
  return self;
}

NmdShape *
nmd_shape_new_runs (GArray *runs,
                    gboolean by_columns,
                    int x0,
                    int y0,
                    gint64 width,
                    gint64 height,
                    const char *where,
                    GError **error)
{
  NmdShape *self = NULL;
  guint64 sum = 0;

  for (guint i = 0; i < runs->len; i++)
    sum += g_array_index (runs, guint, i);
  if (width < 1 || height < 1 || width > NMD_IMAGE_MAX_SIDE || height > NMD_IMAGE_MAX_SIDE
      || width > NMD_IMAGE_MAX_PIXELS / height || sum != (guint64)(width * height))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s: run lengths of %" G_GUINT64_FORMAT
                   " pixels do not fill a frame of %" G_GINT64_FORMAT
                   " × %" G_GINT64_FORMAT,
                   where, sum, width, height);
      g_array_unref (runs);
      return NULL;
    }
  self = g_new0 (NmdShape, 1);
  self->kind = NMD_SHAPE_RUNS;
  self->by_columns = by_columns;
  self->x0 = x0;
  self->y0 = y0;
  self->width = (int)width;
  self->height = (int)height;
  self->n_lengths = runs->len;
  self->lengths = (guint *)(gpointer)g_array_free (runs, FALSE);
  return self;
}

NmdShape *
nmd_shape_new_mask (const NmdImage *mask, int x0, int y0)
{
  const gsize n = (gsize)mask->width * (gsize)mask->height;
  GArray *runs = g_array_new (FALSE, FALSE, sizeof (guint));
  gboolean set = FALSE;
  guint run = 0;

  for (gsize i = 0; i < n; i++)
    {
      if ((mask->pixels[i] != 0) != set)
        {
          g_array_append_val (runs, run);
          set = !set;
          run = 0;
        }
      run++;
    }
  g_array_append_val (runs, run);
  return nmd_shape_new_runs (runs, FALSE, x0, y0, mask->width, mask->height, "", NULL);
}

/* Outlines. */

NmdOutline *
nmd_outline_ref (NmdOutline *self)
{
  g_atomic_int_inc (&self->n_references);
  return self;
}

void
nmd_outline_unref (NmdOutline *self)
{
  if (self == NULL || !g_atomic_int_dec_and_test (&self->n_references))
    return;
  g_free (self->image);
  g_ptr_array_unref (self->shapes);
  g_free (self);
}

const char *
nmd_outline_get_image (const NmdOutline *self)
{
  return self->image;
}

void
nmd_outline_get_size (const NmdOutline *self, int *width, int *height)
{
  *width = self->width;
  *height = self->height;
}

static char *
fold (const char *label)
{
  g_autofree char *folded = g_utf8_casefold (label, -1);

  return g_strdup (g_strstrip (folded));
}

gboolean
nmd_outline_same_label (const char *a, const char *b)
{
  g_autofree char *x = NULL, *y = NULL;

  if (strcmp (a, b) == 0)
    return TRUE;
  x = fold (a);
  y = fold (b);
  return strcmp (x, y) == 0;
}

static gboolean
is_wanted (const NmdShape *shape, const char *label)
{
  return label == NULL || nmd_outline_same_label (shape->label, label);
}

guint
nmd_outline_count (const NmdOutline *self, const char *label)
{
  guint n = 0;

  for (guint i = 0; i < self->shapes->len; i++)
    n += is_wanted (self->shapes->pdata[i], label);
  return n;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

GPtrArray *
nmd_outline_get_labels (const NmdOutline *self)
{
  GPtrArray *labels = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < self->shapes->len; i++)
    {
      const NmdShape *shape = self->shapes->pdata[i];

      if (g_hash_table_add (seen, fold (shape->label)))
        g_ptr_array_add (labels, g_strdup (shape->label));
    }
  g_ptr_array_sort (labels, compare_texts);
  return labels;
}

/* Filling. */

static void
fill_runs (const NmdShape *shape, NmdImage *mask)
{
  const int x0 = MAX (shape->x0, 0), y0 = MAX (shape->y0, 0);
  const gsize side = (gsize)(shape->by_columns ? shape->height : shape->width);
  gsize at = 0;

  for (guint i = 0; i < shape->n_lengths; at += shape->lengths[i], i++)
    for (gsize k = at; i % 2 == 1 && k < at + shape->lengths[i]; k++)
      {
        gsize x = (gsize)x0 + (shape->by_columns ? k / side : k % side);
        gsize y = (gsize)y0 + (shape->by_columns ? k % side : k / side);

        if (x < (gsize)mask->width && y < (gsize)mask->height)
          mask->pixels[y * (gsize)mask->width + x] = 255;
      }
}

static gboolean
check_size (const char *name,
            int width,
            int height,
            int image_width,
            int image_height,
            GError **error)
{
  if (width == image_width && height == image_height)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
               "%s was drawn on %d × %d pixels, its image is %d × %d", name, width,
               height, image_width, image_height);
  return FALSE;
}

static gboolean
fill (const NmdShape *shape, const char *name, NmdImage *mask, GError **error)
{
  switch (shape->kind)
    {
    case NMD_SHAPE_ELLIPSE:
      nmd_mask_add_ellipse (mask, shape->values[0], shape->values[1], shape->values[2],
                            shape->values[3], shape->values[4]);
      return TRUE;
    case NMD_SHAPE_RUNS:
      if (shape->x0 < 0
          && !check_size (name, shape->width, shape->height, mask->width, mask->height,
                          error))
        return FALSE;
      fill_runs (shape, mask);
      return TRUE;
    case NMD_SHAPE_RINGS:
    default:
      if (nmd_mask_add_rings (mask, shape->values, shape->lengths, shape->n_lengths))
        return TRUE;
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s has a polygon of %u corners that cannot be filled: too long, or a "
                   "coordinate far outside the image",
                   name, shape->n_values / 2);
      return FALSE;
    }
}

NmdImage *
nmd_outline_rasterise (const NmdOutline *self,
                       const char *label,
                       const char *name,
                       int width,
                       int height,
                       GError **error)
{
  g_autoptr (NmdImage) mask = NULL;
  g_autofree char *shown = nmd_text_display (name);

  if (self->width > 0
      && !check_size (shown, self->width, self->height, width, height, error))
    return NULL;
  mask = nmd_image_new (width, height);
  for (guint i = 0; i < self->shapes->len; i++)
    if (is_wanted (self->shapes->pdata[i], label)
        && !fill (self->shapes->pdata[i], shown, mask, error))
      return NULL;
  return g_steal_pointer (&mask);
}

static void
digest_shape (GChecksum *sum, const NmdShape *shape)
{
  const gint32 numbers[] = { (gint32)shape->kind,
                             shape->by_columns,
                             shape->x0,
                             shape->y0,
                             shape->width,
                             shape->height,
                             (gint32)shape->n_values,
                             (gint32)shape->n_lengths };

  g_checksum_update (sum, (const guchar *)numbers, sizeof numbers);
  if (shape->n_values > 0)
    g_checksum_update (sum, (const guchar *)shape->values,
                       (gssize)(shape->n_values * sizeof (double)));
  if (shape->n_lengths > 0)
    g_checksum_update (sum, (const guchar *)shape->lengths,
                       (gssize)(shape->n_lengths * sizeof (guint)));
}

char *
nmd_outline_digest (const NmdOutline *self, const char *label)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  const gint32 size[2] = { self->width, self->height };

  g_checksum_update (sum, (const guchar *)size, sizeof size);
  for (guint i = 0; i < self->shapes->len; i++)
    if (is_wanted (self->shapes->pdata[i], label))
      digest_shape (sum, self->shapes->pdata[i]);
  return g_strdup (g_checksum_get_string (sum));
}

/* Building. */

static gboolean
too_much (NmdOutlinesBuilder *self, const char *what, GError **error)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               "%s holds more %s than a file of outlines may", self->name, what);
  return FALSE;
}

NmdOutline *
nmd_outlines_add_image (NmdOutlinesBuilder *self,
                        const char *image,
                        gint64 width,
                        gint64 height,
                        GError **error)
{
  NmdOutline *outline = NULL;
  g_autofree char *shown = nmd_text_display (image);

  if (self->result->outlines->len >= NMD_OUTLINES_MAX_IMAGES)
    {
      too_much (self, "images", error);
      return NULL;
    }
  if (image[0] == '\0' || width < 0 || height < 0 || width > NMD_IMAGE_MAX_SIDE
      || height > NMD_IMAGE_MAX_SIDE || (width == 0) != (height == 0))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s: image “%s” of %" G_GINT64_FORMAT " × %" G_GINT64_FORMAT
                   " pixels is none",
                   self->name, shown, width, height);
      return NULL;
    }
  outline = g_new0 (NmdOutline, 1);
  outline->n_references = 1;
  outline->image = g_strdelimit (g_strdup (image), "\\", '/');
  outline->width = (int)width;
  outline->height = (int)height;
  outline->shapes = g_ptr_array_new_with_free_func ((GDestroyNotify)nmd_shape_free);
  g_ptr_array_add (self->result->outlines, outline);
  return outline;
}

gboolean
nmd_outlines_add_shape (NmdOutlinesBuilder *self,
                        NmdOutline *image,
                        const char *label,
                        NmdShape *shape,
                        GError **error)
{
  gboolean has_area = shape->kind != NMD_SHAPE_RINGS;

  for (guint i = 0; shape->kind == NMD_SHAPE_RINGS && i < shape->n_lengths; i++)
    has_area |= shape->lengths[i] >= 3;
  self->n_values += (guint64)shape->n_values + shape->n_lengths;
  if (self->n_values > NMD_OUTLINES_MAX_VALUES
      || self->result->n_shapes >= NMD_OUTLINES_MAX_SHAPES)
    {
      nmd_shape_free (shape);
      return too_much (self, "coordinates", error);
    }
  if (!has_area)
    {
      nmd_shape_free (shape);
      nmd_outlines_add_no_area (self, image);
      return TRUE;
    }
  shape->label = g_strstrip (g_strdup (label != NULL ? label : ""));
  g_ptr_array_add (image->shapes, shape);
  self->result->n_shapes++;
  return self->result->n_shapes % 1024 != 0
         || !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

void
nmd_outlines_add_no_area (NmdOutlinesBuilder *self, NmdOutline *image)
{
  self->result->n_no_area++;
  g_hash_table_add (self->no_area, image);
}
