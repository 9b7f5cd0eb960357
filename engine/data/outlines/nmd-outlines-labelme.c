/* SPDX-License-Identifier: Apache-2.0
 *
 * labelme's JSON: one image with its shapes. Source: labelme 4 and 5, label_file.py and
 * utils/shape.py; https://github.com/wkentaro/labelme.
 */
#include "engine/core/nmd-json-value.h"
#include "engine/data/outlines/nmd-outlines-private.h"
#include "engine/image/nmd-reader.h"

#include <math.h>
#include <string.h>

/* Pairs x, y of "points". */
static GArray *
read_points (const NmdJsonValue *shape, GError **error)
{
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (double));
  NmdJsonValue list;
  guint n = 0;

  if (!nmd_json_get_array (shape, "points", NMD_JSON_REQUIRED, &list, &n, error))
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      NmdJsonValue point = nmd_json_value_element (&list, i), pair;
      guint length = 0;

      if (!nmd_json_get_array (&point, NULL, NMD_JSON_REQUIRED, &pair, &length, error))
        return NULL;
      if (length != 2)
        {
          nmd_json_value_refuse (&pair, NULL, error, "has %u numbers: x and y expected",
                                 length);
          return NULL;
        }
      for (guint k = 0; k < 2; k++)
        {
          NmdJsonValue item = nmd_json_value_element (&pair, k);
          double value = 0.0;

          if (!nmd_json_get_number (&item, NULL, NMD_JSON_REQUIRED, -1e9, 1e9, &value,
                                    error))
            return NULL;
          g_array_append_val (points, value);
        }
    }
  return g_steal_pointer (&points);
}

/* A mask of its own, a PNG in base64, whose first pixel lies at the first point. */
static NmdShape *
read_mask (const NmdJsonValue *shape, const double *points, GError **error)
{
  const char *text = NULL;
  g_autoptr (NmdImage) mask = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guchar *data = NULL;
  gsize length = 0;

  if (!nmd_json_get_text (shape, "mask", NMD_JSON_REQUIRED, &text, error))
    return NULL;
  data = g_base64_decode (text, &length);
  bytes = g_bytes_new_take (data, length);
  mask = nmd_mask_load_bytes (bytes, "mask", error);
  if (mask == NULL)
    {
      g_prefix_error (error, "%s: ", shape->file);
      return NULL;
    }
  if (fabs (points[0]) > NMD_IMAGE_MAX_SIDE || fabs (points[1]) > NMD_IMAGE_MAX_SIDE
      || points[0] < 0.0 || points[1] < 0.0)
    {
      nmd_json_value_refuse (shape, "points", error, "lies outside the image");
      return NULL;
    }
  return nmd_shape_new_mask (mask, (int)points[0], (int)points[1]);
}

/* NULL without an error for what has no area. */
static NmdShape *
make_shape (const NmdJsonValue *shape, const char *type, GArray *points, GError **error)
{
  const double *p = (const double *)(gpointer)points->data;
  const guint n = points->len / 2;

  if (n == 2 && strcmp (type, "rectangle") == 0)
    return nmd_shape_new_box (p[0], p[1], p[2], p[3], 0.0);
  if (n == 2 && strcmp (type, "circle") == 0)
    {
      double radius = hypot (p[2] - p[0], p[3] - p[1]);

      return nmd_shape_new_ellipse (p[0], p[1], radius, radius, 0.0);
    }
  if (n == 2 && strcmp (type, "mask") == 0)
    return read_mask (shape, p, error);
  if (n >= 3
      && (strcmp (type, "polygon") == 0 || strcmp (type, "rectangle") == 0
          || strcmp (type, "oriented_rectangle") == 0 || strcmp (type, "rotation") == 0))
    return nmd_shape_new_ring (p, n);
  return NULL;
}

static gboolean
read_shape (NmdOutlinesBuilder *self,
            NmdOutline *outline,
            const NmdJsonValue *shape,
            GError **error)
{
  const char *label = NULL, *type = "polygon";
  g_autoptr (GArray) points = NULL;
  GError *inner = NULL;
  NmdShape *made = NULL;

  if (!nmd_json_get_text (shape, "label", NMD_JSON_OPTIONAL, &label, error)
      || !nmd_json_get_text (shape, "shape_type", NMD_JSON_OPTIONAL, &type, error))
    return FALSE;
  points = read_points (shape, error);
  if (points == NULL)
    return FALSE;
  made = make_shape (shape, type, points, &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, inner);
      return FALSE;
    }
  if (made != NULL)
    return nmd_outlines_add_shape (self, outline, label, made, error);
  nmd_outlines_add_no_area (self, outline);
  return TRUE;
}

/* The text without the copy of the image that labelme puts into it, which is most of it. */
static char *
without_image (const char *text, gsize length, const char *name)
{
  g_autoptr (GArray) members = nmd_json_cut (text, length, name, NULL);
  char *copy = g_malloc (length + 1);

  memcpy (copy, text, length);
  copy[length] = '\0';
  for (guint i = 0; members != NULL && i < members->len; i++)
    {
      const NmdJsonPiece *piece = &g_array_index (members, NmdJsonPiece, i);

      if (piece->name_length != strlen ("imageData") || piece->length < 4
          || memcmp (piece->name, "imageData", piece->name_length) != 0)
        continue;
      memset (copy + (piece->value - text), ' ', piece->length);
      memcpy (copy + (piece->value - text), "null", 4);
    }
  return copy;
}

gboolean
nmd_outlines_read_labelme (NmdOutlinesBuilder *self,
                           const char *text,
                           gsize length,
                           GError **error)
{
  g_autofree char *small = without_image (text, length, self->name);
  g_autoptr (JsonNode) root = nmd_json_parse (small, length, self->name, error);
  NmdJsonValue top, shapes;
  NmdOutline *outline = NULL;
  const char *image = NULL;
  gint64 width = 0, height = 0;
  guint n = 0;

  if (root == NULL)
    return FALSE;
  top = nmd_json_value_top (root, self->name);
  if (!nmd_json_get_text (&top, "imagePath", NMD_JSON_REQUIRED, &image, error)
      || !nmd_json_get_int (&top, "imageWidth", NMD_JSON_OPTIONAL, 1, NMD_IMAGE_MAX_SIDE,
                            &width, error)
      || !nmd_json_get_int (&top, "imageHeight", NMD_JSON_OPTIONAL, 1, NMD_IMAGE_MAX_SIDE,
                            &height, error)
      || !nmd_json_get_array (&top, "shapes", NMD_JSON_REQUIRED, &shapes, &n, error))
    return FALSE;
  outline = nmd_outlines_add_image (self, image, width, height, error);
  for (guint i = 0; outline != NULL && i < n; i++)
    {
      NmdJsonValue item = nmd_json_value_element (&shapes, i), shape;

      if (!nmd_json_get_object (&item, NULL, NMD_JSON_REQUIRED, &shape, error)
          || !read_shape (self, outline, &shape, error))
        return FALSE;
    }
  return outline != NULL;
}
