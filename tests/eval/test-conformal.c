/* SPDX-License-Identifier: Apache-2.0
 *
 * Conformal limits by class and subject against golden-conformal.json (MAPIE, numpy), made
 * by golden-conformal.py; calls, JSON, and what has no answer.
 */
#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-conformal-fit.h"
#include "tests/eval/fixture.h"

#include <math.h>
#include <string.h>

static JsonObject *golden;

static void
check_sets (const NmdConformal *limits, JsonArray *sets)
{
  static const NmdCall calls[2][2]
      = { { NMD_CALL_NEITHER, NMD_CALL_POSITIVE }, { NMD_CALL_NEGATIVE, NMD_CALL_BOTH } };
  JsonArray *grid = json_object_get_array_member (golden, "grid");

  for (guint i = 0; i < json_array_get_length (grid); i++)
    {
      JsonArray *set = json_array_get_array_element (sets, i);
      gint64 has[2]
          = { json_array_get_int_element (set, 0), json_array_get_int_element (set, 1) };

      g_assert_cmpint (
          nmd_conformal_call (limits, json_array_get_double_element (grid, i)), ==,
          calls[has[0]][has[1]]);
    }
}

static void
test_golden (void)
{
  JsonArray *cases = json_object_get_array_member (golden, "cases");
  guint n_sets = 0, n_none = 0;

  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *one = json_array_get_object_element (cases, i);
      JsonArray *limits = json_object_get_array_member (one, "limits");
      g_autoptr (NmdScores) rows
          = read_golden_rows (json_object_get_array_member (one, "rows"));
      NmdConformal fit;

      nmd_conformal_fit (rows, json_object_get_double_member (one, "level"), &fit);
      for (guint label = 0; label < 2; label++)
        if (json_array_get_null_element (limits, label))
          n_none += isnan (fit.limit[label]) ? 1 : 1000;
        else
          close_to (fit.limit[label], json_array_get_double_element (limits, label),
                    1e-6);
      if (json_object_get_null_member (one, "sets"))
        continue;
      check_sets (&fit, json_object_get_array_member (one, "sets"));
      n_sets++;
    }
  g_assert_cmpuint (n_sets, >=, 5);
  g_assert_cmpuint (n_none, >, 0);
  g_assert_cmpuint (n_none, <, 1000);
}

/* Nine subjects are enough for nine tenths, eight are not, however many their images. */
static void
test_few (void)
{
  for (guint n = 8; n <= 9; n++)
    {
      g_autoptr (NmdScores) rows = nmd_scores_new ();
      g_autofree char *text = NULL;
      NmdConformal fit;
      NmdCoverage coverage;

      for (guint i = 0; i < 20 * n; i++)
        {
          g_autofree char *subject = g_strdup_printf ("s%u", i % (2 * n));
          g_autofree char *image = g_strdup_printf ("i%u", i);

          nmd_scores_add (rows, &(NmdScore){ .subject = subject,
                                             .image = image,
                                             .label = i % 2,
                                             .score = 0.3 + 0.4 * (i % 2),
                                             .echo = NAN });
        }
      nmd_conformal_fit (rows, 0.9, &fit);
      nmd_conformal_measure (&fit, rows, &coverage);
      text = nmd_conformal_to_text (&fit, &coverage);
      g_assert_cmpuint (fit.n_subjects[1], ==, n);
      g_assert_true (isnan (fit.limit[0]) == (n < 9));
      g_assert_cmpint (nmd_conformal_call (&fit, 0.7), ==,
                       n < 9 ? NMD_CALL_NO_PROMISE : NMD_CALL_POSITIVE);
      g_assert_true (g_str_has_prefix (text, n < 9 ? "No promise" : "Cannot be judged"));
      if (n == 9)
        {
          g_assert_cmpuint (coverage.n_right, ==, 20 * n);
          g_assert_cmpint (nmd_conformal_call (&fit, 0.5), ==, NMD_CALL_NEITHER);
        }
    }
}

/* No rows, one class, NaN: no limit for what is not there. */
static void
test_nasty (void)
{
  g_autoptr (NmdScores) none = nmd_scores_new ();
  g_autoptr (NmdScores) one = nmd_scores_new ();
  NmdConformal fit;
  NmdCoverage coverage;

  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *image = g_strdup_printf ("i%u", i);

      nmd_scores_add (one, &(NmdScore){ .image = image,
                                        .label = 1,
                                        .score = i < 20 ? NAN : 0.5,
                                        .echo = NAN });
    }
  nmd_conformal_fit (none, 0.9, &fit);
  nmd_conformal_measure (&fit, none, &coverage);
  g_assert_true (isnan (fit.limit[0]) && isnan (fit.limit[1]));
  g_assert_true (isnan (coverage.covered[0]) && coverage.n_images == 0);
  nmd_conformal_fit (one, 0.9, &fit);
  g_assert_true (isnan (fit.limit[0]) && fit.limit[1] == 0.5);
  g_assert_cmpuint (fit.n_subjects[1], ==, 20);
  g_assert_cmpint (nmd_conformal_call (&fit, 0.5), ==, NMD_CALL_NO_PROMISE);
  fit.limit[0] = 0.5;
  g_assert_cmpint (nmd_conformal_call (&fit, NAN), ==, NMD_CALL_NO_PROMISE);
}

static void
test_json (void)
{
  const NmdConformal limits = { 0.9, { 0.25, NAN }, { 31, 7 }, "average" };
  g_autoptr (JsonNode) node = nmd_conformal_to_json (&limits);
  NmdJsonValue top = nmd_json_value_top (node, "run.json");
  g_autoptr (GError) error = NULL;
  NmdConformal back;

  g_assert_true (nmd_conformal_from_json (&back, &top, NULL));
  g_assert_true (back.level == 0.9 && back.limit[0] == 0.25 && isnan (back.limit[1]));
  g_assert_cmpuint (back.n_subjects[0], ==, 31);
  g_assert_cmpstr (back.weights, ==, "average");
  json_object_set_double_member (json_node_get_object (node), "level", 3);
  g_assert_false (nmd_conformal_from_json (&back, &top, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "run.json"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  golden = load_golden ("conformal");
  g_test_add_func ("/conformal/golden", test_golden);
  g_test_add_func ("/conformal/few", test_few);
  g_test_add_func ("/conformal/nasty", test_nasty);
  g_test_add_func ("/conformal/json", test_json);
  return g_test_run ();
}
