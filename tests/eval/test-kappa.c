/* SPDX-License-Identifier: Apache-2.0
 *
 * Agreement of two readings and the curve of a reader's grades against scikit-learn and statsmodels:
 * golden-kappa.json, made by golden-kappa.py.
 */
#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-kappa.h"
#include "engine/eval/nmd-roc.h"

#include <math.h>

#define TOLERANCE 1e-6

static void
check (double value, double wanted)
{
  if (!(fabs (value - wanted) <= TOLERANCE))
    g_error ("%.12g, golden is %.12g", value, wanted);
}

static double
get (JsonObject *object, const char *name)
{
  return json_object_get_double_member (object, name);
}

static void
check_curve (JsonObject *wanted, const double *grades, const int *truth, guint n)
{
  g_autoptr (NmdRoc) roc = nmd_roc_new (grades, truth, n);
  JsonArray *fpr = json_object_get_array_member (wanted, "fpr"),
            *tpr = json_object_get_array_member (wanted, "tpr");

  check (nmd_auc (grades, truth, n), get (wanted, "auc"));
  g_assert_cmpuint (roc->n, ==, json_array_get_length (fpr));
  for (guint i = 0; i < roc->n; i++)
    {
      check (roc->fpr[i], json_array_get_double_element (fpr, i));
      check (roc->tpr[i], json_array_get_double_element (tpr, i));
    }
}

static void
test_golden (void)
{
  g_autofree char *path
      = g_test_build_filename (G_TEST_DIST, "eval", "golden-kappa.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = nmd_json_load (path, &error);

  g_assert_no_error (error);
  JsonArray *cases = json_object_get_array_member (json_node_get_object (root), "cases");
  g_assert_cmpuint (json_array_get_length (cases), ==, 5);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *wanted = json_array_get_object_element (cases, i);
      JsonArray *first = json_object_get_array_member (wanted, "first"),
                *second = json_object_get_array_member (wanted, "second"),
                *grade = json_object_get_array_member (wanted, "grade"),
                *ci = json_object_get_array_member (wanted, "ci"),
                *counts = json_object_get_array_member (wanted, "counts");
      guint n = json_array_get_length (first);
      int a[64], b[64];
      double grades[64];
      NmdKappa result;

      for (guint k = 0; k < n; k++)
        {
          a[k] = (int)json_array_get_int_element (first, k);
          b[k] = (int)json_array_get_int_element (second, k);
          grades[k] = json_array_get_double_element (grade, k);
        }
      nmd_kappa_measure (a, b, n, &result);
      g_assert_cmpuint (result.n, ==, n);
      check (result.agreed, get (wanted, "agreed"));
      check (result.kappa, get (wanted, "kappa"));
      check (result.agreed_ci.low, json_array_get_double_element (ci, 0));
      check (result.agreed_ci.high, json_array_get_double_element (ci, 1));
      for (guint k = 0; k < 4; k++)
        g_assert_cmpuint (result.counts[k / 2][k % 2], ==,
                          (guint)json_array_get_int_element (counts, k));
      check_curve (wanted, grades, a, n);
    }
}

/* What a side did not say is left out; one word throughout gives no kappa. */
static void
test_missing (void)
{
  const int first[] = { 0, 1, -1, 1, 0 }, second[] = { 0, 1, 1, -1, 1 };
  const int same[] = { 1, 1, 1 };
  NmdKappa result;

  nmd_kappa_measure (first, second, 5, &result);
  g_assert_cmpuint (result.n, ==, 3);
  check (result.agreed, 2 / 3.0);
  check (result.kappa, 0.4);
  nmd_kappa_measure (same, same, 3, &result);
  check (result.agreed, 1);
  g_assert_true (isnan (result.kappa));
  nmd_kappa_measure (NULL, NULL, 0, &result);
  g_assert_cmpuint (result.n, ==, 0);
  g_assert_true (isnan (result.agreed) && isnan (result.kappa)
                 && isnan (result.agreed_ci.low));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eval/kappa/golden", test_golden);
  g_test_add_func ("/eval/kappa/missing", test_missing);
  return g_test_run ();
}
