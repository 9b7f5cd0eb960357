/* SPDX-License-Identifier: Apache-2.0
 *
 * CVAT's XML, "CVAT for images 1.1": polygons, masks, ellipses and boxes. Source:
 * https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/ and
 * https://docs.cvat.ai/docs/manual/advanced/xml_format/. Entities beyond XML's own five are
 * refused by GMarkup, which expands none.
 */
#include "engine/core/nmd-number.h"
#include "engine/core/nmd-text.h"
#include "engine/data/outlines/nmd-outlines-private.h"

#include <string.h>

#define MAX_DEPTH 16

typedef struct
{
  NmdOutlinesBuilder *builder;
  NmdOutline *image; /* (nullable): within its element */
  guint depth;
} Cvat;

static gboolean
refuse (GMarkupParseContext *context,
        Cvat *self,
        GError **error,
        const char *element,
        const char *what)
{
  int line = 0;

  g_markup_parse_context_get_position (context, &line, NULL);
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s, line %d: <%s> %s",
               self->builder->name, line, element, what);
  return FALSE;
}

typedef struct
{
  const char **names, **values;
} Attributes;

static const char *
find (const Attributes *self, const char *name)
{
  for (guint i = 0; self->names[i] != NULL; i++)
    if (strcmp (self->names[i], name) == 0)
      return self->values[i];
  return NULL;
}

/* Several finite numbers; TRUE if all are there. "rotation" need not be. */
static gboolean
find_numbers (const Attributes *self, const char *const *names, double *values)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      const char *text = find (self, names[i]);

      values[i] = 0.0;
      if (text == NULL && strcmp (names[i], "rotation") == 0)
        continue;
      if (text == NULL || !nmd_number_parse (text, &values[i], NULL)
          || !(values[i] >= -1e9 && values[i] <= 1e9))
        return FALSE;
    }
  return TRUE;
}

/* "x,y;x,y". NULL if it is not. */
static GArray *
parse_points (const char *text)
{
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; *text != '\0'; i++)
    {
      char *end = NULL;
      double value = g_ascii_strtod (text, &end);

      if (end == text || !(value >= -1e9 && value <= 1e9)
          || *end
                 != (i % 2 == 0     ? ','
                     : *end == '\0' ? '\0'
                                    : ';'))
        return NULL;
      g_array_append_val (points, value);
      text = *end != '\0' ? end + 1 : end;
    }
  return points->len % 2 == 0 ? g_steal_pointer (&points) : NULL;
}

/* "12, 3, 9": unset and set pixels in turn along the rows of the mask's box. */
static GArray *
parse_runs (const char *text)
{
  g_autoptr (GArray) runs = g_array_new (FALSE, FALSE, sizeof (guint));

  while (*text != '\0')
    {
      char *end = NULL;
      guint64 value = g_ascii_strtoull (text, &end, 10);
      guint run = (guint)value;

      if (end == text || value > NMD_IMAGE_MAX_PIXELS || (*end != ',' && *end != '\0'))
        return NULL;
      g_array_append_val (runs, run);
      text = *end != '\0' ? end + 1 : end;
    }
  return g_steal_pointer (&runs);
}

static NmdShape *
read_mask (Cvat *self, const Attributes *attributes, GError **error)
{
  static const char *const names[] = { "left", "top", "width", "height", NULL };
  const char *text = find (attributes, "rle");
  GArray *runs = text != NULL ? parse_runs (text) : NULL;
  double box[4];

  if (runs == NULL)
    return NULL;
  if (find_numbers (attributes, names, box) && box[0] >= 0 && box[1] >= 0
      && box[0] <= NMD_IMAGE_MAX_SIDE && box[1] <= NMD_IMAGE_MAX_SIDE)
    return nmd_shape_new_runs (runs, FALSE, (int)box[0], (int)box[1], (gint64)box[2],
                               (gint64)box[3], self->builder->name, error);
  g_array_unref (runs);
  return NULL;
}

/* The shape of an element; NULL, perhaps without an error, if it is damaged. */
static NmdShape *
read_shape (Cvat *self, const char *element, const Attributes *attributes, GError **error)
{
  static const char *const box[] = { "xtl", "ytl", "xbr", "ybr", "rotation", NULL };
  static const char *const ellipse[] = { "cx", "cy", "rx", "ry", "rotation", NULL };
  const char *text = find (attributes, "points");
  double v[5];

  if (strcmp (element, "polygon") == 0)
    {
      g_autoptr (GArray) points = text != NULL ? parse_points (text) : NULL;

      return points != NULL ? nmd_shape_new_ring ((const double *)(gpointer)points->data,
                                                  points->len / 2)
                            : NULL;
    }
  if (strcmp (element, "mask") == 0)
    return read_mask (self, attributes, error);
  if (strcmp (element, "box") == 0)
    return find_numbers (attributes, box, v)
               ? nmd_shape_new_box (v[0], v[1], v[2], v[3], v[4])
               : NULL;
  return find_numbers (attributes, ellipse, v)
             ? nmd_shape_new_ellipse (v[0], v[1], v[2], v[3], v[4])
             : NULL;
}

static gboolean
start_image (Cvat *self,
             GMarkupParseContext *context,
             const Attributes *attributes,
             GError **error)
{
  static const char *const names[] = { "width", "height", NULL };
  const char *name = find (attributes, "name");
  double size[2];

  if (name == NULL || !find_numbers (attributes, names, size))
    return refuse (context, self, error, "image", "lacks its name or size");
  self->image = nmd_outlines_add_image (self->builder, name, (gint64)size[0],
                                        (gint64)size[1], error);
  return self->image != NULL;
}

static gboolean
read_element (Cvat *self,
              GMarkupParseContext *context,
              const char *element,
              const Attributes *attributes,
              GError **error)
{
  static const char *const with_area[] = { "polygon", "mask", "ellipse", "box", NULL };
  static const char *const without[]
      = { "polyline", "points", "cuboid", "skeleton", NULL };
  GError *inner = NULL;
  NmdShape *shape = NULL;

  if (++self->depth > MAX_DEPTH)
    return refuse (context, self, error, element, "is nested too deep");
  if (self->image == NULL)
    return strcmp (element, "image") != 0
           || start_image (self, context, attributes, error);
  if (g_strv_contains (without, element))
    nmd_outlines_add_no_area (self->builder, self->image);
  if (!g_strv_contains (with_area, element))
    return TRUE;
  shape = read_shape (self, element, attributes, &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, inner);
      return FALSE;
    }
  if (shape == NULL)
    return refuse (context, self, error, element, "lacks numbers or has wrong ones");
  return nmd_outlines_add_shape (self->builder, self->image, find (attributes, "label"),
                                 shape, error);
}

static void
on_start (GMarkupParseContext *context,
          const char *element,
          const char **names,
          const char **values,
          gpointer user_data,
          GError **error)
{
  const Attributes attributes = { names, values };

  read_element (user_data, context, element, &attributes, error);
}

static void
on_end (GMarkupParseContext *context,
        const char *element,
        gpointer user_data,
        GError **error)
{
  Cvat *self = user_data;

  self->depth--;
  if (strcmp (element, "image") == 0)
    self->image = NULL;
}

gboolean
nmd_outlines_read_cvat (NmdOutlinesBuilder *self,
                        const char *text,
                        gsize length,
                        GError **error)
{
  static const GMarkupParser parser
      = { .start_element = on_start, .end_element = on_end };
  Cvat cvat = { .builder = self };
  g_autoptr (GMarkupParseContext) context
      = g_markup_parse_context_new (&parser, 0, &cvat, NULL);
  GError *inner = NULL;

  if (g_markup_parse_context_parse (context, text, (gssize)length, &inner)
      && g_markup_parse_context_end_parse (context, &inner))
    return TRUE;
  if (inner->domain == G_MARKUP_ERROR)
    {
      g_autofree char *what
          = nmd_text_display_length (inner->message, strlen (inner->message), 300);

      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is damaged: %s", self->name,
                   what);
      g_error_free (inner);
    }
  else
    g_propagate_error (error, inner);
  return FALSE;
}
