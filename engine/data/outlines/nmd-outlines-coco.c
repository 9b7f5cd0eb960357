/* SPDX-License-Identifier: Apache-2.0
 *
 * COCO's JSON: images, categories and annotations, each parsed alone. Source: "COCO data
 * format", https://cocodataset.org/#format-data; compressed run lengths as in
 * https://github.com/cocodataset/cocoapi, common/maskApi.c.
 */
#include "engine/core/nmd-json-value.h"
#include "engine/data/outlines/nmd-outlines-private.h"

#include <string.h>

typedef struct
{
  NmdOutlinesBuilder *builder;
  GHashTable *images;     /* id as text → NmdOutline, borrowed */
  GHashTable *categories; /* id as text → name */
} Coco;

/* The name of an element in errors: "a.json: annotations[12]". */
static char *
place_of (Coco *self, const char *list, guint i)
{
  return g_strdup_printf ("%s: %s[%u]", self->builder->name, list, i);
}

/* An id may be a number or a text. */
static char *
read_id (const NmdJsonValue *element, const char *member, GError **error)
{
  JsonNode *node = NULL;
  const char *text = NULL;
  gint64 number = 0;

  if (nmd_json_value_has (element, member))
    node = json_object_get_member (json_node_get_object (element->node), member);
  if (node != NULL && JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING)
    return nmd_json_get_text (element, member, NMD_JSON_REQUIRED, &text, error)
               ? g_strdup (text)
               : NULL;
  return nmd_json_get_int (element, member, NMD_JSON_REQUIRED, G_MININT64 / 1024,
                           G_MAXINT64 / 1024, &number, error)
             ? g_strdup_printf ("%" G_GINT64_FORMAT, number)
             : NULL;
}

static gboolean
read_image (Coco *self, const NmdJsonValue *element, GError **error)
{
  g_autofree char *id = read_id (element, "id", error);
  const char *name = NULL;
  gint64 width = 0, height = 0;
  NmdOutline *outline = NULL;

  if (id == NULL
      || !nmd_json_get_text (element, "file_name", NMD_JSON_REQUIRED, &name, error)
      || !nmd_json_get_int (element, "width", NMD_JSON_OPTIONAL, 0, NMD_IMAGE_MAX_SIDE,
                            &width, error)
      || !nmd_json_get_int (element, "height", NMD_JSON_OPTIONAL, 0, NMD_IMAGE_MAX_SIDE,
                            &height, error))
    return FALSE;
  if (g_hash_table_contains (self->images, id))
    return nmd_json_value_refuse (element, "id", error, "%s stands twice", id);
  outline = nmd_outlines_add_image (self->builder, name, width, height, error);
  if (outline == NULL)
    return FALSE;
  g_hash_table_insert (self->images, g_steal_pointer (&id), outline);
  return TRUE;
}

static gboolean
read_category (Coco *self, const NmdJsonValue *element, GError **error)
{
  g_autofree char *id = read_id (element, "id", error);
  const char *name = NULL;

  if (id == NULL || !nmd_json_get_text (element, "name", NMD_JSON_REQUIRED, &name, error))
    return FALSE;
  if (g_hash_table_contains (self->categories, id))
    return nmd_json_value_refuse (element, "id", error, "%s stands twice", id);
  g_hash_table_insert (self->categories, g_steal_pointer (&id), g_strdup (name));
  return TRUE;
}

static NmdShape *
read_polygon (const NmdJsonValue *list, GError **error)
{
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (double));
  NmdJsonValue numbers;
  guint n = 0;

  if (!nmd_json_get_array (list, NULL, NMD_JSON_REQUIRED, &numbers, &n, error))
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      NmdJsonValue item = nmd_json_value_element (&numbers, i);
      double value = 0.0;

      if (!nmd_json_get_number (&item, NULL, NMD_JSON_REQUIRED, -1e9, 1e9, &value, error))
        return NULL;
      g_array_append_val (points, value);
    }
  if (n % 2 == 0)
    return nmd_shape_new_ring ((const double *)(gpointer)points->data, n / 2);
  nmd_json_value_refuse (list, NULL, error, "has %u numbers: pairs expected", n);
  return NULL;
}

/* Run lengths as text: 6 bits a character from 48 on, five of them value and one that
 * says whether more follow, the lowest first; from the fourth on a length is the
 * difference to the one two before. */
static GArray *
decompress (const char *text)
{
  g_autoptr (GArray) runs = g_array_new (FALSE, FALSE, sizeof (guint));

  while (*text != '\0')
    {
      gint64 value = 0;
      guint run;
      gboolean more = TRUE;

      for (guint shift = 0; more; shift += 5, text++)
        {
          const int bits = *text - 48;

          if (bits < 0 || bits > 63 || shift > 30)
            return NULL;
          value |= (gint64)(bits & 31) << shift;
          more = (bits & 32) != 0;
          if (!more && (bits & 16) != 0)
            value -= G_GINT64_CONSTANT (1) << (shift + 5);
        }
      if (runs->len > 2)
        value += g_array_index (runs, guint, runs->len - 2);
      if (value < 0 || value > NMD_IMAGE_MAX_PIXELS)
        return NULL;
      run = (guint)value;
      g_array_append_val (runs, run);
    }
  return g_steal_pointer (&runs);
}

/* "counts", a text or an array. */
static GArray *
read_counts (const NmdJsonValue *segmentation, GError **error)
{
  JsonNode *node = NULL;
  NmdJsonValue list;
  GArray *runs = NULL;
  const char *text = NULL;
  guint n = 0;

  if (nmd_json_value_has (segmentation, "counts"))
    node = json_object_get_member (json_node_get_object (segmentation->node), "counts");
  if (node != NULL && JSON_NODE_HOLDS_VALUE (node))
    {
      if (!nmd_json_get_text (segmentation, "counts", NMD_JSON_REQUIRED, &text, error))
        return NULL;
      runs = decompress (text);
      if (runs == NULL)
        nmd_json_value_refuse (segmentation, "counts", error, "is no run lengths");
      return runs;
    }
  if (!nmd_json_get_array (segmentation, "counts", NMD_JSON_REQUIRED, &list, &n, error))
    return NULL;
  runs = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < n; i++)
    {
      NmdJsonValue item = nmd_json_value_element (&list, i);
      gint64 value = 0;
      guint run;

      if (!nmd_json_get_int (&item, NULL, NMD_JSON_REQUIRED, 0, NMD_IMAGE_MAX_PIXELS,
                             &value, error))
        {
          g_array_unref (runs);
          return NULL;
        }
      run = (guint)value;
      g_array_append_val (runs, run);
    }
  return runs;
}

static NmdShape *
read_runs (const NmdJsonValue *segmentation, GError **error)
{
  gint64 size[2] = { 0, 0 }; /* height, width */
  NmdJsonValue list;
  GArray *runs = NULL;
  guint n = 0;

  if (!nmd_json_get_array (segmentation, "size", NMD_JSON_REQUIRED, &list, &n, error))
    return NULL;
  for (guint i = 0; i < MIN (n, 2); i++)
    {
      NmdJsonValue item = nmd_json_value_element (&list, i);

      if (!nmd_json_get_int (&item, NULL, NMD_JSON_REQUIRED, 1, NMD_IMAGE_MAX_SIDE,
                             &size[i], error))
        return NULL;
    }
  if (n != 2)
    {
      nmd_json_value_refuse (segmentation, "size", error, "is not height and width");
      return NULL;
    }
  runs = read_counts (segmentation, error);
  return runs != NULL ? nmd_shape_new_runs (runs, TRUE, -1, -1, size[1], size[0],
                                            segmentation->file, error)
                      : NULL;
}

/* What "segmentation" is: runs, or a list of polygons that are united. */
static gboolean
add_segmentation (Coco *self,
                  NmdOutline *outline,
                  const char *label,
                  const NmdJsonValue *element,
                  GError **error)
{
  JsonNode *node
      = json_object_get_member (json_node_get_object (element->node), "segmentation");
  NmdJsonValue segmentation;
  NmdShape *shape = NULL;
  guint n = 0;

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    {
      if (!nmd_json_get_object (element, "segmentation", NMD_JSON_REQUIRED, &segmentation,
                                error))
        return FALSE;
      shape = read_runs (&segmentation, error);
      return shape != NULL
             && nmd_outlines_add_shape (self->builder, outline, label, shape, error);
    }
  if (!nmd_json_get_array (element, "segmentation", NMD_JSON_OPTIONAL, &segmentation, &n,
                           error))
    return FALSE;
  if (n == 0) /* a box only */
    nmd_outlines_add_no_area (self->builder, outline);
  for (guint i = 0; i < n; i++)
    {
      NmdJsonValue list = nmd_json_value_element (&segmentation, i);

      shape = read_polygon (&list, error);
      if (shape == NULL
          || !nmd_outlines_add_shape (self->builder, outline, label, shape, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_annotation (Coco *self, const NmdJsonValue *element, GError **error)
{
  g_autofree char *image = read_id (element, "image_id", error), *category = NULL;
  NmdOutline *outline = NULL;
  const char *label = NULL;

  if (image == NULL)
    return FALSE;
  outline = g_hash_table_lookup (self->images, image);
  if (outline == NULL)
    return nmd_json_value_refuse (element, "image_id", error, "is %s, which no image has",
                                  image);
  if (nmd_json_value_has (element, "category_id"))
    {
      category = read_id (element, "category_id", error);
      if (category == NULL)
        return FALSE;
      label = g_hash_table_lookup (self->categories, category);
    }
  return add_segmentation (self, outline, label != NULL ? label : category, element,
                           error);
}

typedef gboolean (*ReadElement) (Coco *self, const NmdJsonValue *element, GError **error);

/* The elements of the array @list among @members, which need not be there. */
static gboolean
read_list (
    Coco *self, GArray *members, const char *list, ReadElement read, GError **error)
{
  const NmdJsonPiece *array = NULL;
  g_autoptr (GArray) elements = NULL;

  for (guint i = 0; i < members->len; i++)
    {
      const NmdJsonPiece *piece = &g_array_index (members, NmdJsonPiece, i);

      if (piece->name_length != strlen (list)
          || memcmp (piece->name, list, piece->name_length) != 0)
        continue;
      if (array != NULL || piece->value[0] != '[')
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s: %s %s",
                       self->builder->name, list,
                       array != NULL ? "stands twice" : "is no array");
          return FALSE;
        }
      array = piece;
    }
  if (array == NULL)
    return TRUE;
  elements = nmd_json_cut (array->value, array->length, self->builder->name, error);
  for (guint i = 0; elements != NULL && i < elements->len; i++)
    {
      const NmdJsonPiece *piece = &g_array_index (elements, NmdJsonPiece, i);
      g_autofree char *place = place_of (self, list, i);
      g_autoptr (JsonNode) root
          = nmd_json_parse (piece->value, piece->length, place, error);
      NmdJsonValue element;

      if (root == NULL
          || (i % 1024 == 0
              && g_cancellable_set_error_if_cancelled (self->builder->cancellable,
                                                       error)))
        return FALSE;
      element = nmd_json_value_top (root, place);
      if (!read (self, &element, error))
        return FALSE;
    }
  return elements != NULL;
}

gboolean
nmd_outlines_read_coco (NmdOutlinesBuilder *self,
                        const char *text,
                        gsize length,
                        GError **error)
{
  g_autoptr (GArray) members = nmd_json_cut (text, length, self->name, error);
  g_autoptr (GHashTable) images
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) categories
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Coco coco = { self, images, categories };

  return members != NULL && read_list (&coco, members, "images", read_image, error)
         && read_list (&coco, members, "categories", read_category, error)
         && read_list (&coco, members, "annotations", read_annotation, error);
}
