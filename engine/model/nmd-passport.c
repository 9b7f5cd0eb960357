/* SPDX-License-Identifier: Apache-2.0
 *
 * The passport of a model: copying, JSON, and judging whether a scan fits.
 */
#include "config.h"

#include "engine/model/nmd-model.h"
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
  FACET (organ, FACET_TEXT),         FACET (muscles, FACET_WORDS),
  FACET (view, FACET_TEXT),          FACET (synthetic, FACET_SWITCH),
  FACET (devices, FACET_WORDS),      FACET (classes, FACET_CLASSES),
  FACET (label_meaning, FACET_TEXT), FACET (label_source, FACET_TEXT),
  FACET (n_subjects, FACET_COUNTS),  FACET (n_images, FACET_COUNTS),
  FACET (calibration, FACET_TEXT),   FACET (grey_mean, FACET_SPAN),
  FACET (grey_sd, FACET_SPAN),       FACET (box_width, FACET_SPAN),
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

/* ---- Judging
 * -------------------------------------------------------------------------------------
 */

static gboolean
is_known (const char *text)
{
  return text != NULL && *text != '\0' && g_ascii_strcasecmp (text, "unknown") != 0;
}

static gboolean
has_muscle (const NmdPassport *self, const char *muscle)
{
  for (char **word = self->muscles; *word != NULL; word++)
    if (g_ascii_strcasecmp (*word, muscle) == 0)
      return TRUE;
  return FALSE;
}

/* "BB, GM and TA" */
static char *
join_words (char **words)
{
  guint n = g_strv_length (words);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s",
                            i == 0       ? ""
                            : i + 1 == n ? " and "
                                         : ", ",
                            words[i]);
  return g_string_free (text, FALSE);
}

static NmdFit
judge_kind (const NmdPassport *self, const NmdScanFacts *facts, char **reason)
{
  gboolean about_muscle;

  if (is_known (self->organ) && is_known (facts->organ)
      && g_ascii_strcasecmp (self->organ, facts->organ) != 0)
    {
      const char *scan = is_known (facts->muscle) ? facts->muscle : facts->organ;

      *reason = g_strdup_printf ("This model was trained on %s, this scan is %s",
                                 self->organ, scan);
      return NMD_FIT_NO;
    }
  about_muscle
      = !is_known (self->organ) || g_ascii_strcasecmp (self->organ, "muscle") == 0;
  if (about_muscle && self->muscles[0] != NULL && is_known (facts->muscle)
      && !has_muscle (self, facts->muscle))
    {
      g_autofree char *words = join_words (self->muscles);

      *reason = g_strdup_printf ("This model was trained on %s, this scan is %s", words,
                                 facts->muscle);
      return NMD_FIT_NO;
    }
  if (facts->synthetic >= 0 && (facts->synthetic != 0) != (self->synthetic != FALSE))
    {
      *reason = g_strdup_printf ("This model was trained on %s scans, this scan is %s",
                                 self->synthetic ? "synthetic" : "real",
                                 facts->synthetic ? "synthetic" : "real");
      return NMD_FIT_NO;
    }
  if (!is_known (self->organ) || !is_known (facts->organ))
    *reason
        = g_strdup_printf ("The organ of %s is not known",
                           is_known (self->organ) ? "this scan" : "the training scans");
  else if (about_muscle && (self->muscles[0] == NULL || !is_known (facts->muscle)))
    *reason
        = g_strdup_printf ("The muscle of %s is not known",
                           self->muscles[0] != NULL ? "this scan" : "the training scans");
  else if (facts->synthetic < 0)
    *reason = g_strdup ("Whether this scan is real or synthetic is not known");
  else
    return NMD_FIT_YES;
  return NMD_FIT_UNKNOWN;
}

/* Outside the 1st to 99th percentile, widened by half the span on each side? */
static gboolean
is_outside (const double span[3], double value, const char *what, char **reason)
{
  double half = (span[2] - span[0]) / 2;
  char texts[3][32];

  if (!isfinite (value) || !isfinite (half)
      || (value >= span[0] - half && value <= span[2] + half))
    return FALSE;
  g_ascii_formatd (texts[0], sizeof texts[0], "%.0f", value);
  g_ascii_formatd (texts[1], sizeof texts[1], "%.0f", span[0]);
  g_ascii_formatd (texts[2], sizeof texts[2], "%.0f", span[2]);
  *reason = g_strdup_printf ("The %s of this scan is %s, the training scans had %s to %s",
                             what, texts[0], texts[1], texts[2]);
  return TRUE;
}

NmdFit
nmd_passport_judge (const NmdPassport *self, const NmdScanFacts *facts, char **reason)
{
  g_autofree char *why = NULL, *measured = NULL;
  NmdFit fit;

  g_return_val_if_fail (self != NULL && facts != NULL, NMD_FIT_UNKNOWN);
  if (facts->roi_source == NMD_ROI_FRAME)
    {
      why = g_strdup ("There is no outline on this scan");
      fit = NMD_FIT_NO;
    }
  else
    {
      fit = judge_kind (self, facts, &why);
      if (fit != NMD_FIT_NO
          && ((facts->echo != NULL
               && (is_outside (self->grey_mean, facts->echo->mean, "mean grey level",
                               &measured)
                   || is_outside (self->grey_sd, facts->echo->sd,
                                  "spread of grey levels (SD)", &measured)))
              || (facts->box != NULL
                  && (is_outside (self->box_width, facts->box->x1 - facts->box->x0,
                                  "outline's width in pixels", &measured)
                      || is_outside (self->box_height, facts->box->y1 - facts->box->y0,
                                     "outline's height in pixels", &measured)))))
        {
          g_free (why);
          why = g_steal_pointer (&measured);
          fit = NMD_FIT_NO;
        }
    }
  if (reason != NULL)
    *reason = g_steal_pointer (&why);
  return fit;
}
