/* SPDX-License-Identifier: Apache-2.0
 *
 * Rivals on given features against golden-rivals.json (scikit-learn, statsmodels), made by
 * golden-rivals.py; and rivals that cannot be fitted.
 */
#include "engine/core/nmd-json.h"
#include "tests/eval/fixture.h"

#include <math.h>

static JsonObject *golden;

static double *
read_features (JsonArray *rows, guint d)
{
  double *values = g_new (double, (gsize)json_array_get_length (rows) * d);

  for (guint i = 0; i < json_array_get_length (rows); i++)
    for (guint k = 0; k < d; k++)
      {
        JsonArray *row = json_array_get_array_element (rows, i);

        values[i * d + k] = json_array_get_null_element (row, k)
                                ? NAN
                                : json_array_get_double_element (row, k);
      }
  return values;
}

static void
test_golden (void)
{
  JsonArray *cases = json_object_get_array_member (golden, "cases");

  for (guint c = 0; c < json_array_get_length (cases); c++)
    {
      JsonObject *one = json_array_get_object_element (cases, c);
      guint d = (guint)json_object_get_int_member (one, "d");
      NmdScores *tables[3];
      double *features[3], holm;

      for (guint p = 0; p < 3; p++)
        {
          tables[p] = read_golden_rows (json_array_get_array_element (
              json_object_get_array_member (one, "rows"), p));
          features[p]
              = read_features (json_array_get_array_element (
                                   json_object_get_array_member (one, "features"), p),
                               d);
        }
      const NmdRivalFeatures set
          = { "texture", d, features[0], features[1], features[2] };
      g_autoptr (GArray) rows
          = nmd_rivals_compare (&set, 1, tables[0], tables[1], tables[2], NAN, &holm);
      g_autoptr (GArray) blind
          = nmd_rivals_compare (&set, 1, tables[0], NULL, tables[2], NAN, &holm);
      const NmdRivalRow *row = &g_array_index (rows, NmdRivalRow, 0);

      g_assert_cmpuint (rows->len, ==, 1);
      close_to (row->ridge, json_object_get_double_member (one, "ridge"), 1e-9);
      close_to (row->comparison.auc.value, json_object_get_double_member (one, "auc"),
                1e-6);
      g_assert_cmpuint (row->comparison.n_images, ==, 71);
      g_assert_cmpfloat (row->p_holm, ==, row->comparison.delong.p);
      row = &g_array_index (blind, NmdRivalRow, 0);
      g_assert_cmpfloat (row->ridge, ==, 1);
      close_to (row->comparison.auc.value,
                json_object_get_double_member (one, "auc_ridge_1"), 1e-6);
      for (guint p = 0; p < 3; p++)
        {
          nmd_scores_unref (tables[p]);
          g_free (features[p]);
        }
    }
}

static void
test_holm (void)
{
  JsonArray *p = json_object_get_array_member (golden, "p");
  JsonArray *holm = json_object_get_array_member (golden, "holm");
  guint n = json_array_get_length (p);
  g_autofree double *values = g_new (double, n + 1);

  for (guint i = 0; i < n; i++)
    values[i] = json_array_get_double_element (p, i);
  values[n] = NAN;
  nmd_holm (values, n + 1);
  for (guint i = 0; i < n; i++)
    close_to (values[i], json_array_get_double_element (holm, i), 1e-12);
  g_assert_true (isnan (values[n]));
}

/* A constant feature says nothing: AUC 0.5; unknown everywhere: left out. */
static void
test_nasty (void)
{
  g_autoptr (NmdScores) train = make_scores (30, 2, 1, 1, 1, FALSE);
  g_autoptr (NmdScores) measured = make_scores (30, 2, 1, 1, 2, FALSE);
  double constant[60], unknown[60], holm;

  for (guint i = 0; i < 60; i++)
    constant[i] = 1.25, unknown[i] = NAN;
  const NmdRivalFeatures sets[] = { { "unknown", 1, unknown, NULL, unknown },
                                    { "constant", 1, constant, constant, constant },
                                    { "lost", 1, constant, constant, unknown } };
  g_autoptr (GArray) rows
      = nmd_rivals_compare (sets, 3, train, train, measured, 0.04, &holm);
  const NmdRivalRow *row = &g_array_index (rows, NmdRivalRow, 0);

  g_assert_cmpuint (rows->len, ==, 1);
  g_assert_cmpstr (row->title, ==, "constant");
  g_assert_cmpfloat (row->comparison.auc.value, ==, 0.5);
  g_assert_cmpfloat (holm, >=, 0.04);
}

static void
test_json (void)
{
  g_autoptr (NmdScores) train = make_scores (40, 2, 1, 1, 1, FALSE);
  g_autoptr (NmdScores) test = make_scores (40, 2, 1, 1, 2, FALSE);
  double features[80];

  for (guint i = 0; i < 80; i++)
    features[i] = i % 7 + 3 * (i / 2 % 3 == 0);
  const NmdRivalFeatures set = { "mask area", 1, features, NULL, features };
  const NmdEvalInput input = { .part = "test",
                               .scores = test,
                               .train = train,
                               .rivals = &set,
                               .n_rivals = 1,
                               .name = "run" };
  g_autoptr (NmdEvalResults) results = nmd_eval_results_new (&input, NULL);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonNode) again = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (NmdEvalResults) back = NULL;
  g_autofree char *text = NULL, *same = NULL;

  g_assert_cmpuint (results->rivals->len, ==, 1);
  g_assert_false (isnan (results->rival_p_holm));
  json_node_take_object (node, nmd_eval_results_to_json (results));
  back = nmd_eval_results_from_json (node, "metrics.json", NULL);
  json_node_take_object (again, nmd_eval_results_to_json (back));
  text = nmd_json_to_text (node);
  same = nmd_json_to_text (again);
  g_assert_true (g_str_equal (text, same));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  golden = load_golden ("rivals");
  g_test_add_func ("/rivals/golden", test_golden);
  g_test_add_func ("/rivals/holm", test_holm);
  g_test_add_func ("/rivals/nasty", test_nasty);
  g_test_add_func ("/rivals/json", test_json);
  return g_test_run ();
}
