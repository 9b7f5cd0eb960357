/* SPDX-License-Identifier: Apache-2.0
 *
 * Reference models: their files, and z. Fitting is nmd-reference-fit.c's.
 */
#include "engine/model/nmd-reference.h"

#include "engine/core/nmd-json-value.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MOST_MODELS 512

static const char *const names[NMD_N_COVARIATES]
    = { "Age", "Male", "Length", "Weight", "BMI" };

static void
model_free (gpointer data)
{
  NmdReferenceModel *model = data;

  g_free (model->muscle);
  g_free (model);
}

NmdReference *
nmd_reference_new (const char *name, const char *device)
{
  NmdReference *self = g_new0 (NmdReference, 1);

  self->name = g_strdup (name);
  self->device = g_strdup (device);
  self->models = g_ptr_array_new_with_free_func (model_free);
  return self;
}

void
nmd_reference_free (NmdReference *self)
{
  g_return_if_fail (self != NULL);
  g_free (self->name);
  g_free (self->device);
  g_ptr_array_unref (self->models);
  g_free (self);
}

const char *
nmd_covariate_get_name (NmdCovariate covariate)
{
  g_return_val_if_fail (covariate < NMD_N_COVARIATES, "");
  return names[covariate];
}

gboolean
nmd_reference_parse_term (const char *text, NmdReferenceTerm *term, GError **error)
{
  g_return_val_if_fail (text != NULL && term != NULL, FALSE);

  for (int i = 0; i < NMD_N_COVARIATES; i++)
    {
      gsize length = strlen (names[i]);
      const char *rest = text + length;
      if (strncmp (text, names[i], length) != 0)
        continue;
      gboolean is_power = rest[0] == '^' && rest[1] >= '2' && rest[1] <= '3' && !rest[2];
      if (*rest != '\0' && !is_power)
        continue;
      term->covariate = (NmdCovariate)i;
      term->power = is_power ? rest[1] - '0' : 1;
      return TRUE;
    }
  g_set_error (
      error, NMD_ERROR, NMD_ERROR_FORMAT,
      _ ("“%s” is no term: Age, Male, Length, Weight or BMI expected, perhaps with "
         "^2 or ^3"),
      text);
  return FALSE;
}

/* Reading */

static gboolean
read_terms (const NmdJsonValue *value, NmdReferenceModel *model, GError **error)
{
  NmdJsonValue terms;
  guint n = 0;

  if (!nmd_json_get_array (value, "terms", NMD_JSON_REQUIRED, &terms, &n, error))
    return FALSE;
  if (n > NMD_REFERENCE_MAX_TERMS)
    return nmd_json_value_refuse (value, "terms", error, "has %u terms, at most %d", n,
                                  NMD_REFERENCE_MAX_TERMS);
  model->n_terms = n;
  for (guint i = 0; i < n; i++)
    {
      NmdJsonValue item = nmd_json_value_element (&terms, i);
      g_autoptr (GError) wrong = NULL;
      const char *text = NULL;
      if (!nmd_json_get_text (&item, NULL, NMD_JSON_REQUIRED, &text, error))
        return FALSE;
      if (!nmd_reference_parse_term (text, &model->terms[i], &wrong))
        return nmd_json_value_refuse (&item, NULL, error, "is wrong: %s", wrong->message);
    }
  return TRUE;
}

static gboolean
read_numbers (const NmdJsonValue *value,
              const char *member,
              double *numbers,
              guint expected,
              GError **error)
{
  NmdJsonValue array;
  guint n = 0;

  if (!nmd_json_get_array (value, member, NMD_JSON_REQUIRED, &array, &n, error))
    return FALSE;
  if (n != expected)
    return nmd_json_value_refuse (value, member, error, "has %u numbers, %u expected", n,
                                  expected);
  for (guint i = 0; i < n; i++)
    {
      NmdJsonValue item = nmd_json_value_element (&array, i);
      if (!nmd_json_get_number (&item, NULL, NMD_JSON_REQUIRED, -INFINITY, INFINITY,
                                &numbers[i], error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_matrix (const NmdJsonValue *value, NmdReferenceModel *model, GError **error)
{
  guint p = model->n_terms + 1, n = 0;
  NmdJsonValue rows;

  if (!nmd_json_get_array (value, "C", NMD_JSON_REQUIRED, &rows, &n, error))
    return FALSE;
  if (n != p)
    return nmd_json_value_refuse (value, "C", error, "has %u rows, %u expected", n, p);
  for (guint i = 0; i < p; i++)
    {
      NmdJsonValue row = nmd_json_value_element (&rows, i);
      if (!read_numbers (&row, NULL, model->c + i * p, p, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_range (const NmdJsonValue *value, NmdReferenceModel *model, GError **error)
{
  NmdJsonValue range;

  if (!nmd_json_get_object (value, "range", NMD_JSON_OPTIONAL, &range, error))
    return FALSE;
  for (int i = 0; i < NMD_N_COVARIATES; i++)
    {
      double pair[2] = { NAN, NAN };
      if (nmd_json_value_has (&range, names[i])
          && !read_numbers (&range, names[i], pair, 2, error))
        return FALSE;
      model->low[i] = pair[0];
      model->high[i] = pair[1];
    }
  return TRUE;
}

static gboolean
read_model (const NmdJsonValue *value, NmdReferenceModel *model, GError **error)
{
  gint64 n = 0, dfe = 0;

  if (!read_terms (value, model, error)
      || !read_numbers (value, "b", model->b, model->n_terms + 1, error)
      || !nmd_json_get_number (value, "mse", NMD_JSON_REQUIRED, 0, INFINITY, &model->mse,
                               error)
      || !nmd_json_get_int (value, "dfe", NMD_JSON_OPTIONAL, 0, G_MAXINT32, &dfe, error)
      || !nmd_json_get_int (value, "n", NMD_JSON_OPTIONAL, 0, G_MAXINT32, &n, error)
      || !read_matrix (value, model, error))
    return FALSE;
  model->dfe = (guint)dfe;
  model->n = n > 0 ? (guint)n : dfe > 0 ? (guint)dfe + model->n_terms + 1 : 0;
  return read_range (value, model, error);
}

static gboolean
read_models (const NmdJsonValue *top, NmdReference *self, GError **error)
{
  NmdJsonValue models;

  if (!nmd_json_get_object (top, "models", NMD_JSON_REQUIRED, &models, error))
    return FALSE;
  g_autoptr (GList) muscles
      = json_object_get_members (json_node_get_object (models.node));
  if (muscles == NULL || g_list_length (muscles) > MOST_MODELS)
    return nmd_json_value_refuse (top, "models", error,
                                  "has %u muscles, 1 to %d expected",
                                  g_list_length (muscles), MOST_MODELS);
  for (GList *l = muscles; l != NULL; l = l->next)
    {
      NmdReferenceModel *model = g_new0 (NmdReferenceModel, 1);
      NmdJsonValue value;
      g_ptr_array_add (self->models, model);
      model->muscle = g_strdup (l->data);
      if (!nmd_json_get_object (&models, l->data, NMD_JSON_REQUIRED, &value, error)
          || !read_model (&value, model, error))
        return FALSE;
    }
  return TRUE;
}

NmdReference *
nmd_reference_load (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  g_autoptr (JsonNode) root = nmd_json_load (path, error);
  if (root == NULL)
    return NULL;
  NmdJsonValue top = nmd_json_value_top (root, path);
  g_autoptr (NmdReference) self = nmd_reference_new (NULL, NULL);
  self->name = g_path_get_basename (path);
  if (!nmd_json_dup_text (&top, "name", NMD_JSON_OPTIONAL, &self->name, error)
      || !nmd_json_dup_text (&top, "device", NMD_JSON_OPTIONAL, &self->device, error)
      || !read_models (&top, self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* Writing */

static JsonArray *
numbers_to_json (const double *numbers, guint n)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < n; i++)
    json_array_add_double_element (array, numbers[i]);
  return array;
}

static JsonObject *
model_to_json (const NmdReferenceModel *model)
{
  JsonObject *object = json_object_new (), *range = json_object_new ();
  JsonArray *terms = json_array_new (), *rows = json_array_new ();
  guint p = model->n_terms + 1;

  for (guint i = 0; i < model->n_terms; i++)
    {
      const NmdReferenceTerm *term = &model->terms[i];
      g_autofree char *text
          = term->power == 1
                ? g_strdup (names[term->covariate])
                : g_strdup_printf ("%s^%d", names[term->covariate], term->power);
      json_array_add_string_element (terms, text);
    }
  for (guint i = 0; i < p; i++)
    json_array_add_array_element (rows, numbers_to_json (model->c + i * p, p));
  for (int i = 0; i < NMD_N_COVARIATES; i++)
    if (!isnan (model->low[i]))
      json_object_set_array_member (
          range, names[i],
          numbers_to_json ((const double[]){ model->low[i], model->high[i] }, 2));
  json_object_set_int_member (object, "n", model->n);
  json_object_set_int_member (object, "dfe", model->dfe);
  json_object_set_array_member (object, "terms", terms);
  json_object_set_array_member (object, "b", numbers_to_json (model->b, p));
  json_object_set_double_member (object, "mse", model->mse);
  json_object_set_array_member (object, "C", rows);
  json_object_set_object_member (object, "range", range);
  return object;
}

gboolean
nmd_reference_save (const NmdReference *self, const char *path, GError **error)
{
  g_return_val_if_fail (self != NULL && path != NULL, FALSE);

  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *top = json_object_new (), *models = json_object_new ();
  nmd_json_set_text (top, "name", self->name);
  nmd_json_set_text (top, "device", self->device);
  for (guint i = 0; i < self->models->len; i++)
    {
      const NmdReferenceModel *model = g_ptr_array_index (self->models, i);
      json_object_set_object_member (models, model->muscle, model_to_json (model));
    }
  json_object_set_object_member (top, "models", models);
  json_node_take_object (node, top);
  return nmd_json_save (node, path, error);
}

/* z */

double
nmd_reference_term_value (const NmdReferenceTerm *term, const NmdPerson *person)
{
  double value = person->value[term->covariate];

  if (term->covariate == NMD_COVARIATE_BMI && isnan (value))
    {
      double metres = person->value[NMD_COVARIATE_LENGTH] / 100;
      value = person->value[NMD_COVARIATE_WEIGHT] / (metres * metres);
    }
  return pow (value, term->power);
}

/* Lower case, without blanks, underscores and hyphens. */
static char *
fold (const char *name)
{
  static const char *const short_names[][2] = { { "bb", "bicepsbrachii" },
                                                { "ta", "tibialisanterior" },
                                                { "gm", "gastrocnemiusmedialis" },
                                                { "gcm", "gastrocnemiusmedialis" } };
  GString *folded = g_string_new (NULL);

  for (const char *p = name; *p != '\0'; p++)
    if (strchr (" _-", *p) == NULL)
      g_string_append_c (folded, g_ascii_tolower (*p));
  for (guint i = 0; i < G_N_ELEMENTS (short_names); i++)
    if (g_str_equal (folded->str, short_names[i][0]))
      g_string_assign (folded, short_names[i][1]);
  return g_string_free (folded, FALSE);
}

static const NmdReferenceModel *
find_model (const NmdReference *self, const char *muscle)
{
  g_autofree char *wanted = fold (muscle);

  for (guint i = 0; i < self->models->len; i++)
    {
      const NmdReferenceModel *model = g_ptr_array_index (self->models, i);
      g_autofree char *name = fold (model->muscle);
      if (g_str_equal (name, wanted))
        return model;
    }
  return NULL;
}

/* Whether @person lies within what the healthy subjects covered. */
static gboolean
check_person (const NmdReferenceModel *model, const NmdPerson *person, GError **error)
{
  for (guint i = 0; i < model->n_terms; i++)
    {
      NmdReferenceTerm term = { model->terms[i].covariate, 1 };
      double value = nmd_reference_term_value (&term, person);
      double low = model->low[term.covariate], high = model->high[term.covariate];
      const char *name = names[term.covariate];
      if (isnan (value))
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_NO_FIT, _ ("%s is not stated"), name);
          return FALSE;
        }
      if (value < low || value > high)
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_NO_FIT,
                       _ ("%s %g lies outside %g to %g, the range of the reference"),
                       name, value, low, high);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
nmd_reference_score (const NmdReference *self,
                     const char *muscle,
                     const NmdPerson *person,
                     double echo,
                     NmdZScore *result,
                     GError **error)
{
  double x[NMD_REFERENCE_MAX_TERMS + 1] = { 1 }, variance = 0, expected = 0;

  g_return_val_if_fail (self != NULL && muscle != NULL && person != NULL, FALSE);
  g_return_val_if_fail (result != NULL, FALSE);

  const NmdReferenceModel *model = find_model (self, muscle);
  if (model == NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_NO_FIT,
                   _ ("%s has no model of the muscle “%s”"), self->name, muscle);
      return FALSE;
    }
  if (!check_person (model, person, error))
    return FALSE;
  guint p = model->n_terms + 1;
  for (guint i = 1; i < p; i++)
    x[i] = nmd_reference_term_value (&model->terms[i - 1], person);
  for (guint i = 0; i < p; i++)
    {
      expected += x[i] * model->b[i];
      for (guint k = 0; k < p; k++)
        variance += x[i] * model->c[i * p + k] * x[k];
    }
  variance += model->mse;
  if (!(variance > 0))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_NO_FIT,
                   _ ("The variance of %s in %s is not positive"), model->muscle,
                   self->name);
      return FALSE;
    }
  result->expected = expected;
  result->sd = sqrt (variance);
  result->z = (echo - expected) / result->sd;
  result->model = model;
  return TRUE;
}
