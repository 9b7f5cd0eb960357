/* SPDX-License-Identifier: Apache-2.0
 *
 * Reference models: published coefficients give the z of their own code, a fit gives the figures of numpy, and there is
 * no z where it would mean nothing.
 */
#include "engine/core/nmd-json.h"
#include "engine/model/nmd-reference.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static char *golden_path;

static void
test_golden (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = nmd_json_load (golden_path, &error);
  g_assert_no_error (error);
  g_autoptr (NmdReference) reference = nmd_reference_load (golden_path, &error);
  g_assert_no_error (error);
  JsonArray *golden
      = json_object_get_array_member (json_node_get_object (root), "golden");

  g_assert_cmpuint (json_array_get_length (golden), ==, 3);
  for (guint i = 0; i < json_array_get_length (golden); i++)
    {
      JsonObject *g = json_array_get_object_element (golden, i);
      NmdPerson person = { { json_object_get_double_member (g, "Age"),
                             json_object_get_double_member (g, "Male"),
                             json_object_get_double_member (g, "Length"),
                             json_object_get_double_member (g, "Weight"), NAN } };
      NmdZScore score = { 0 };
      nmd_reference_score (reference, json_object_get_string_member (g, "muscle"),
                           &person, json_object_get_double_member (g, "EI"), &score,
                           &error);
      g_assert_no_error (error);
      g_assert_cmpfloat_with_epsilon (score.expected,
                                      json_object_get_double_member (g, "mean"), 1e-4);
      g_assert_cmpfloat_with_epsilon (score.sd, json_object_get_double_member (g, "sd"),
                                      1e-4);
      g_assert_cmpfloat_with_epsilon (score.z, json_object_get_double_member (g, "z"),
                                      1e-4);
    }
  /* n is dfe and the terms with the constant. */
  g_assert_cmpuint (((NmdReferenceModel *)g_ptr_array_index (reference->models, 0))->n,
                    ==, 155 + 4);
}

/* The persons of golden/zscore.py. */
static NmdReferenceModel *
fit (const char *const *words, guint n_terms, guint n, GError **error)
{
  NmdReferenceTerm terms[4];
  NmdPerson persons[40];
  double echo[40];

  for (guint i = 0; i < n_terms; i++)
    g_assert_true (nmd_reference_parse_term (words[i], &terms[i], NULL));
  for (int k = 0; k < 40; k++)
    {
      NmdPerson person = { { 20 + k * 37 % 61, k % 2, 150 + k * 13 % 41, NAN, NAN } };
      persons[k] = person;
      echo[k] = 60 + 0.3 * person.value[0] - 4 * person.value[1] + 0.1 * person.value[2]
                + (k * 29 % 17 - 8);
    }
  return nmd_reference_fit ("Biceps brachii", terms, n_terms, persons, echo, n, error);
}

static NmdReference *
reference_new (NmdReferenceModel *model)
{
  NmdReference *reference = g_new0 (NmdReference, 1);

  reference->name = g_strdup ("ours");
  reference->device = g_strdup ("Scanner A");
  reference->models = g_ptr_array_new ();
  g_ptr_array_add (reference->models, model);
  return reference;
}

/* numpy: see golden/zscore.py */
static void
test_fit (void)
{
  const char *const words[] = { "Age", "Male", "Age^2" };
  const double b[] = { 70.61437703936642, 0.5272242165320697, -3.9291996718878424,
                       -0.0018065185380480035 };
  g_autoptr (GError) error = NULL;
  NmdReferenceModel *model = fit (words, 3, 40, &error);
  NmdZScore score = { 0 }, again = { 0 };
  NmdPerson person = { { 50, 1, NAN, NAN, NAN } };
  g_autofree char *path = NULL;

  g_assert_no_error (error);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (model->b[i], b[i], 1e-8);
  g_assert_cmpfloat_with_epsilon (model->mse, 28.067470071021077, 1e-8);
  g_assert_cmpfloat_with_epsilon (model->c[0], 43.81758059482296, 1e-6);
  g_assert_cmpfloat_with_epsilon (model->c[1 * 4 + 3], -0.0008557688067121129, 1e-9);
  g_assert_cmpfloat_with_epsilon (model->c[2 * 4 + 2], 2.8238540952369684, 1e-8);
  g_assert_cmpuint (model->dfe, ==, 36);
  g_assert_cmpfloat (model->low[NMD_COVARIATE_AGE], ==, 20);
  g_assert_true (isnan (model->low[NMD_COVARIATE_LENGTH]));

  g_autoptr (NmdReference) reference = reference_new (model);
  g_assert_true (nmd_reference_score (reference, "BB", &person, 100, &score, &error));
  g_assert_cmpfloat_with_epsilon (score.expected, 88.53009184896204, 1e-8);
  g_assert_cmpfloat_with_epsilon (score.sd, 5.498216491544161, 1e-8);
  g_assert_cmpfloat_with_epsilon (score.z, (100 - score.expected) / score.sd, 1e-12);

  /* Through a file the same bits. */
  g_close (g_file_open_tmp ("nmd-reference-XXXXXX.json", &path, NULL), NULL);
  nmd_reference_save (reference, path, &error);
  g_assert_no_error (error);
  g_autoptr (NmdReference) loaded = nmd_reference_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (loaded->device, ==, "Scanner A");
  g_assert_true (
      nmd_reference_score (loaded, "biceps_brachii", &person, 100, &again, &error));
  g_assert_cmpfloat (again.z, ==, score.z);
  g_assert_cmpuint (again.model->n, ==, 40);
  g_remove (path);
  /* the models were made one by one */
  g_free (model->muscle);
  g_free (model);
}

static void
decline (const NmdReference *reference,
         const char *muscle,
         const NmdPerson *person,
         const char *reason)
{
  g_autoptr (GError) error = NULL;
  NmdZScore score = { 0 };

  g_assert_false (nmd_reference_score (reference, muscle, person, 90, &score, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NO_FIT);
  if (strstr (error->message, reason) == NULL)
    g_error ("%s: %s", reason, error->message);
}

static void
test_declines (void)
{
  const char *const words[] = { "Age", "Male" };
  NmdReferenceModel *model = fit (words, 2, 40, NULL);
  g_autoptr (NmdReference) reference = reference_new (model);
  NmdPerson child = { { 12, 1, 150, 40, NAN } }, unknown = { { 50, NAN, NAN, NAN, NAN } };
  NmdPerson edge = { { 20, 0, NAN, NAN, NAN } };
  NmdZScore score = { 0 };

  decline (reference, "BB", &child, "Age 12 lies outside 20 to 80");
  decline (reference, "BB", &unknown, "Male is not stated");
  decline (reference, "tongue", &edge, "no model of the muscle “tongue”");
  g_assert_true (
      nmd_reference_score (reference, "biceps BRACHII", &edge, 90, &score, NULL));
  g_free (model->muscle);
  g_free (model);
}

static void
test_cannot_fit (void)
{
  const char *const age[] = { "Age", "Male" }, *const twice[] = { "Age", "Age" },
                    *const weight[] = { "Weight" };
  const struct
  {
    const char *const *words;
    guint n_terms, n;
    const char *reason;
  } cases[] = { { age, 2, 4, "at least 5 are needed" },
                { twice, 2, 40, "do not tell these terms apart" },
                { weight, 1, 40, "a covariate is missing" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (fit (cases[i].words, cases[i].n_terms, cases[i].n, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      g_assert_nonnull (strstr (error->message, cases[i].reason));
    }
}

static void
test_bad_files (void)
{
  static const char *const texts[][2] = {
    { "{}", "models is missing" },
    { "{\"models\":{}}", "has 0 muscles" },
    { "{\"models\":{\"a\":{\"terms\":[\"Shoe\"]}}}", "no term" },
    { "{\"models\":{\"a\":{\"terms\":[\"Age^4\"]}}}", "no term" },
    { "{\"models\":{\"a\":{\"terms\":[\"Age\"],\"b\":[1]}}}", "1 numbers, 2 expected" },
    { "{\"models\":{\"a\":{\"terms\":[],\"b\":[1],\"mse\":-1}}}", "mse" },
    { "{\"models\":{\"a\":{\"terms\":[],\"b\":[1],\"mse\":1,\"C\":[[1,2]]}}}",
      "2 numbers, 1 expected" },
    { "{\"models\":{\"a\":{\"terms\":[],\"b\":[1],\"mse\":1,\"C\":[[1]],\"range\":{"
      "\"Age\":"
      "[1]}}}}",
      "1 numbers, 2 expected" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *path = NULL;
      g_autoptr (GError) error = NULL;
      g_close (g_file_open_tmp ("nmd-reference-XXXXXX.json", &path, NULL), NULL);
      g_assert_true (g_file_set_contents (path, texts[i][0], -1, NULL));
      g_assert_null (nmd_reference_load (path, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      if (strstr (error->message, texts[i][1]) == NULL)
        g_error ("%s: %s", texts[i][1], error->message);
      g_remove (path);
    }
}

static void
test_terms (void)
{
  NmdReferenceTerm term = { 0 };
  NmdPerson person = { { NAN, NAN, 180, 81, NAN } };

  g_assert_true (nmd_reference_parse_term ("BMI^2", &term, NULL));
  g_assert_cmpfloat_with_epsilon (nmd_reference_term_value (&term, &person), 625, 1e-9);
  g_assert_false (nmd_reference_parse_term ("Age^", &term, NULL));
  g_assert_false (nmd_reference_parse_term ("age", &term, NULL));
  g_assert_false (nmd_reference_parse_term ("", &term, NULL));
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  golden_path
      = g_test_build_filename (G_TEST_DIST, "model", "golden", "zscore.json", NULL);
  g_test_add_func ("/reference/golden", test_golden);
  g_test_add_func ("/reference/fit", test_fit);
  g_test_add_func ("/reference/declines", test_declines);
  g_test_add_func ("/reference/cannot-fit", test_cannot_fit);
  g_test_add_func ("/reference/bad-files", test_bad_files);
  g_test_add_func ("/reference/terms", test_terms);
  status = g_test_run ();
  g_free (golden_path);
  return status;
}
