/* SPDX-License-Identifier: Apache-2.0
 *
 * The passport of a model: copying, and JSON both ways from one table of its fields.
 */
#include "config.h"

#include "engine/model/nmd-passport.h"

#include "engine/core/nmd-json.h"

#include <math.h>
#include <string.h>

NmdPassport *
nmd_passport_new (void)
{
  NmdPassport *self = g_new0 (NmdPassport, 1);

  self->organ = g_strdup ("unknown");
  self->muscles = g_new0 (char *, 1);
  self->view = g_strdup ("unknown");
  self->devices = g_new0 (char *, 1);
  self->classes[0] = g_strdup ("healthy");
  self->classes[1] = g_strdup ("pathological");
  self->label_meaning = g_strdup ("unknown");
  self->label_source = g_strdup ("unknown");
  self->calibration = g_strdup ("none");
  for (int i = 0; i < 3; i++)
    self->grey_mean[i] = self->grey_sd[i] = self->box_width[i] = self->box_height[i]
        = NAN;
  return self;
}

NmdPassport *
nmd_passport_copy (const NmdPassport *self)
{
  NmdPassport *copy;

  g_return_val_if_fail (self != NULL, NULL);
  copy = g_memdup2 (self, sizeof *self);
  copy->organ = g_strdup (self->organ);
  copy->muscles = g_strdupv (self->muscles);
  copy->view = g_strdup (self->view);
  copy->devices = g_strdupv (self->devices);
  for (int i = 0; i < 2; i++)
    copy->classes[i] = g_strdup (self->classes[i]);
  copy->label_meaning = g_strdup (self->label_meaning);
  copy->label_source = g_strdup (self->label_source);
  copy->calibration = g_strdup (self->calibration);
  return copy;
}

void
nmd_passport_free (NmdPassport *self)
{
  if (self == NULL)
    return;
  g_free (self->organ);
  g_strfreev (self->muscles);
  g_free (self->view);
  g_strfreev (self->devices);
  g_free (self->classes[0]);
  g_free (self->classes[1]);
  g_free (self->label_meaning);
  g_free (self->label_source);
  g_free (self->calibration);
  g_free (self);
}

/* ---- JSON: one table of members for both ways
 * -------------------------------------------------- */

typedef enum
{
  FACET_TEXT,
  FACET_WORDS,
  FACET_SWITCH,
  FACET_CLASSES,
  FACET_COUNTS,
  FACET_SPAN,
} FacetKind;

typedef struct
{
  const char *name;
  FacetKind kind;
  gsize offset;
} Facet;

#define FACET(name, kind)                                                                \
  {                                                                                      \
#name, kind, G_STRUCT_OFFSET(NmdPassport, name)                                      \
  }
#define PLACE(type, self, facet) ((type *)(void *)((char *)(self) + (facet)->offset))

static const Facet facets[] = {
  FACET (organ, FACET_TEXT),
  FACET (muscles, FACET_WORDS),
  FACET (view, FACET_TEXT),
  FACET (synthetic, FACET_SWITCH),
  FACET (devices, FACET_WORDS),
  FACET (classes, FACET_CLASSES),
  FACET (label_meaning, FACET_TEXT),
  FACET (label_source, FACET_TEXT),
  FACET (n_subjects, FACET_COUNTS),
  FACET (n_images, FACET_COUNTS),
  FACET (n_whole_frame, FACET_COUNTS),
  FACET (calibration, FACET_TEXT),
  FACET (grey_mean, FACET_SPAN),
  FACET (grey_sd, FACET_SPAN),
  FACET (box_width, FACET_SPAN),
  FACET (box_height, FACET_SPAN),
};

static void
add_number (JsonArray *array, double value)
{
  if (isfinite (value))
    json_array_add_double_element (array, value);
  else
    json_array_add_null_element (array);
}

static void
write_facet (JsonObject *object, NmdPassport *self, const Facet *facet)
{
  JsonArray *array;

  if (facet->kind == FACET_TEXT)
    {
      json_object_set_string_member (object, facet->name, *PLACE (char *, self, facet));
      return;
    }
  if (facet->kind == FACET_SWITCH)
    {
      json_object_set_boolean_member (object, facet->name,
                                      *PLACE (gboolean, self, facet));
      return;
    }
  array = json_array_new ();
  if (facet->kind == FACET_WORDS)
    for (char **word = *PLACE (char **, self, facet); word != NULL && *word != NULL;
         word++)
      json_array_add_string_element (array, *word);
  for (int i = 0; facet->kind == FACET_CLASSES && i < 2; i++)
    json_array_add_string_element (array, PLACE (char *, self, facet)[i]);
  for (int i = 0; facet->kind == FACET_COUNTS && i < 2; i++)
    json_array_add_int_element (array, PLACE (guint, self, facet)[i]);
  for (int i = 0; facet->kind == FACET_SPAN && i < 3; i++)
    add_number (array, PLACE (double, self, facet)[i]);
  json_object_set_array_member (object, facet->name, array);
}

JsonNode *
nmd_passport_to_json (const NmdPassport *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  g_return_val_if_fail (self != NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (facets); i++)
    write_facet (object, (NmdPassport *)self, &facets[i]);
  json_node_take_object (node, object);
  return node;
}

static gboolean
is_text (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

static gboolean
is_number (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node)
         && (json_node_get_value_type (node) == G_TYPE_INT64
             || json_node_get_value_type (node) == G_TYPE_DOUBLE);
}

static gboolean
read_array (NmdPassport *self, const Facet *facet, JsonArray *array)
{
  guint n = json_array_get_length (array);
  guint wanted = facet->kind == FACET_WORDS ? n : facet->kind == FACET_SPAN ? 3 : 2;
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  double *spans
      = PLACE (double, self, facet); /* the same place, as what its kind says it is */
  guint *counts = PLACE (guint, self, facet);
  char **texts = PLACE (char *, self, facet);

  if (n != wanted)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      JsonNode *item = json_array_get_element (array, i);

      if (facet->kind == FACET_SPAN && JSON_NODE_HOLDS_NULL (item))
        continue; /* stays NaN */
      if (facet->kind == FACET_WORDS || facet->kind == FACET_CLASSES ? !is_text (item)
                                                                     : !is_number (item))
        return FALSE;
      if (facet->kind == FACET_SPAN)
        spans[i] = json_node_get_double (item);
      else if (facet->kind == FACET_COUNTS)
        counts[i] = (guint)CLAMP (json_node_get_int (item), 0, G_MAXINT);
      else if (facet->kind == FACET_CLASSES)
        {
          g_free (texts[i]);
          texts[i] = g_strdup (json_node_get_string (item));
        }
      else
        g_ptr_array_add (words, g_strdup (json_node_get_string (item)));
    }
  if (facet->kind == FACET_WORDS)
    {
      g_ptr_array_add (words, NULL);
      g_strfreev (*PLACE (char **, self, facet));
      *PLACE (char **, self, facet)
          = (char **)g_ptr_array_free (g_steal_pointer (&words), FALSE);
    }
  return TRUE;
}

static gboolean
read_facet (NmdPassport *self, const Facet *facet, JsonNode *node)
{
  if (JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (facet->kind == FACET_TEXT)
    {
      if (!is_text (node))
        return FALSE;
      g_free (*PLACE (char *, self, facet));
      *PLACE (char *, self, facet) = g_strdup (json_node_get_string (node));
      return TRUE;
    }
  if (facet->kind == FACET_SWITCH)
    {
      if (!JSON_NODE_HOLDS_VALUE (node)
          || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
        return FALSE;
      *PLACE (gboolean, self, facet) = json_node_get_boolean (node);
      return TRUE;
    }
  return JSON_NODE_HOLDS_ARRAY (node)
         && read_array (self, facet, json_node_get_array (node));
}

NmdPassport *
nmd_passport_from_json (JsonNode *node, GError **error)
{
  g_autoptr (NmdPassport) self = nmd_passport_new ();

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "The passport is not a JSON object");
      return NULL;
    }
  for (guint i = 0; i < G_N_ELEMENTS (facets); i++)
    {
      JsonNode *member
          = json_object_get_member (json_node_get_object (node), facets[i].name);

      if (member != NULL && !read_facet (self, &facets[i], member))
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                       "The passport's facet “%s” does not have its form",
                       facets[i].name);
          return NULL;
        }
    }
  return g_steal_pointer (&self);
}
