/* SPDX-License-Identifier: Apache-2.0
 *
 * The passport of a model: copying, and JSON both ways from one table of its fields.
 */
#include "config.h"

#include "engine/model/nmd-passport.h"

#include <math.h>

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
  copy->organ_source = g_strdup (self->organ_source);
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
  g_free (self->organ_source);
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

/* JSON: one table of fields for both ways */

typedef enum
{
  FIELD_TEXT,
  FIELD_WORDS, /* any number of texts */
  FIELD_SWITCH,
  FIELD_CLASSES,     /* two texts */
  FIELD_COUNTS,      /* two whole numbers */
  FIELD_PERCENTILES, /* three numbers or nulls, ascending */
} FieldKind;

typedef struct
{
  const char *name;
  FieldKind kind;
  gsize offset;
} Field;

#define FIELD(name, kind)                                                                \
  {                                                                                      \
#name, kind, G_STRUCT_OFFSET(NmdPassport, name)                                      \
  }
#define PLACE(type, self, field) ((type *)(void *)((char *)(self) + (field)->offset))

static const Field fields[] = {
  FIELD (organ, FIELD_TEXT),
  FIELD (organ_source, FIELD_TEXT),
  FIELD (muscles, FIELD_WORDS),
  FIELD (view, FIELD_TEXT),
  FIELD (synthetic, FIELD_SWITCH),
  FIELD (devices, FIELD_WORDS),
  FIELD (classes, FIELD_CLASSES),
  FIELD (label_meaning, FIELD_TEXT),
  FIELD (label_source, FIELD_TEXT),
  FIELD (n_subjects, FIELD_COUNTS),
  FIELD (n_images, FIELD_COUNTS),
  FIELD (n_whole_frame, FIELD_COUNTS),
  FIELD (calibration, FIELD_TEXT),
  FIELD (grey_mean, FIELD_PERCENTILES),
  FIELD (grey_sd, FIELD_PERCENTILES),
  FIELD (box_width, FIELD_PERCENTILES),
  FIELD (box_height, FIELD_PERCENTILES),
};

static void
add_number (JsonArray *array, double value)
{
  if (isfinite (value))
    json_array_add_double_element (array, value);
  else
    json_array_add_null_element (array);
}

static JsonNode *
field_to_json (NmdPassport *self, const Field *field)
{
  g_autoptr (JsonArray) array = json_array_new ();
  JsonNode *node = json_node_alloc ();

  switch (field->kind)
    {
    case FIELD_TEXT:
      return json_node_init_string (node, *PLACE (char *, self, field));
    case FIELD_SWITCH:
      return json_node_init_boolean (node, *PLACE (gboolean, self, field));
    case FIELD_WORDS:
      for (char **word = *PLACE (char **, self, field); word != NULL && *word != NULL;
           word++)
        json_array_add_string_element (array, *word);
      break;
    case FIELD_CLASSES:
      for (int i = 0; i < 2; i++)
        json_array_add_string_element (array, PLACE (char *, self, field)[i]);
      break;
    case FIELD_COUNTS:
      for (int i = 0; i < 2; i++)
        json_array_add_int_element (array, PLACE (guint, self, field)[i]);
      break;
    case FIELD_PERCENTILES:
      for (int i = 0; i < 3; i++)
        add_number (array, PLACE (double, self, field)[i]);
      break;
    }
  return json_node_init_array (node, array);
}

int
nmd_passport_place_grey (const NmdPassport *self, double mean)
{
  g_return_val_if_fail (self != NULL, 0);
  return mean > self->grey_mean[2] ? 1 : mean < self->grey_mean[0] ? -1 : 0;
}

JsonNode *
nmd_passport_to_json (const NmdPassport *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  g_return_val_if_fail (self != NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (fields[i].kind != FIELD_TEXT || *PLACE (char *, self, &fields[i]) != NULL)
      json_object_set_member (object, fields[i].name,
                              field_to_json ((NmdPassport *)self, &fields[i]));
  if (self->conformal.level > 0)
    json_object_set_member (object, "conformal",
                            nmd_conformal_to_json (&self->conformal));
  json_node_take_object (node, object);
  return node;
}

static gboolean
read_element (NmdPassport *self,
              const Field *field,
              guint i,
              const NmdJsonValue *element,
              GError **error)
{
  gint64 count = 0;

  switch (field->kind)
    {
    case FIELD_CLASSES:
      return nmd_json_dup_text (element, NULL, NMD_JSON_REQUIRED,
                                &PLACE (char *, self, field)[i], error);
    case FIELD_COUNTS:
      if (!nmd_json_get_int (element, NULL, NMD_JSON_REQUIRED, 0, G_MAXINT, &count,
                             error))
        return FALSE;
      PLACE (guint, self, field)[i] = (guint)count;
      return TRUE;
    case FIELD_PERCENTILES:
      return nmd_json_get_number (element, NULL, NMD_JSON_OPTIONAL, 0, INFINITY,
                                  &PLACE (double, self, field)[i], error);
    default:
      g_return_val_if_reached (FALSE);
    }
}

/* An array of as many elements as the field has. */
static gboolean
read_elements (NmdPassport *self,
               const Field *field,
               const NmdJsonValue *top,
               GError **error)
{
  const guint wanted = field->kind == FIELD_PERCENTILES ? 3 : 2;
  const double *percentiles = PLACE (double, self, field);
  NmdJsonValue array;
  guint n = 0;

  if (!nmd_json_get_array (top, field->name, NMD_JSON_OPTIONAL, &array, &n, error))
    return FALSE;
  if (!nmd_json_value_has (top, field->name))
    return TRUE;
  if (n != wanted)
    return nmd_json_value_refuse (top, field->name, error, "has %u elements: %u expected",
                                  n, wanted);
  for (guint i = 0; i < n; i++)
    {
      const NmdJsonValue element = nmd_json_value_element (&array, i);

      if (!read_element (self, field, i, &element, error))
        return FALSE;
    }
  /* all three are null where nothing was measured */
  if (field->kind == FIELD_PERCENTILES
      && (isnan (percentiles[0]) + isnan (percentiles[1]) + isnan (percentiles[2])) % 3
             != 0)
    return nmd_json_value_refuse (top, field->name, error, "has null among its values");
  if (field->kind == FIELD_PERCENTILES
      && (percentiles[0] > percentiles[1] || percentiles[1] > percentiles[2]))
    return nmd_json_value_refuse (top, field->name, error,
                                  "descends: ascending percentiles expected");
  return TRUE;
}

static gboolean
read_field (NmdPassport *self,
            const Field *field,
            const NmdJsonValue *top,
            GError **error)
{
  switch (field->kind)
    {
    case FIELD_TEXT:
      return nmd_json_dup_text (top, field->name, NMD_JSON_OPTIONAL,
                                PLACE (char *, self, field), error);
    case FIELD_SWITCH:
      return nmd_json_get_boolean (top, field->name, NMD_JSON_OPTIONAL,
                                   PLACE (gboolean, self, field), error);
    case FIELD_WORDS:
      return nmd_json_dup_texts (top, field->name, NMD_JSON_OPTIONAL,
                                 PLACE (char **, self, field), error);
    case FIELD_CLASSES:
    case FIELD_COUNTS:
    case FIELD_PERCENTILES:
      break;
    }
  return read_elements (self, field, top, error);
}

NmdPassport *
nmd_passport_from_json (const NmdJsonValue *value, GError **error)
{
  g_autoptr (NmdPassport) self = nmd_passport_new ();
  NmdJsonValue conformal;

  g_return_val_if_fail (value != NULL, NULL);
  if (!nmd_json_get_object (value, "conformal", NMD_JSON_OPTIONAL, &conformal, error)
      || !nmd_conformal_from_json (&self->conformal, &conformal, error))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (!read_field (self, &fields[i], value, error))
      return NULL;
  return g_steal_pointer (&self);
}
