/* SPDX-License-Identifier: Apache-2.0
 *
 * Printed results looked after: metrics of a matrix against golden-audit.json (scikit-learn,
 * statsmodels), made by golden-audit.py; averages, nearest counts, and the known tables.
 */
#include "engine/core/nmd-error.h"
#include "engine/core/nmd-json.h"
#include "engine/eval/nmd-audit.h"
#include "tests/eval/fixture.h"

#include <math.h>
#include <string.h>

static JsonObject *golden;

static NmdAudit *
audit (const NmdMatrix *matrix, const char *const *words)
{
  NmdPrinted printed[8] = { { NULL, 0, 0 } };
  char *names[8];
  NmdAudit *self;
  guint n = 0;

  for (; words[n] != NULL; n++)
    g_assert_true (nmd_printed_parse (words[n], &printed[n], &names[n], NULL));
  self = nmd_audit_new (matrix, printed, n);
  for (guint i = 0; i < n; i++)
    g_free (names[i]);
  return self;
}

/* The row of @name that was printed, else the only one. */
static const NmdAuditRow *
find_row (const NmdAudit *self, const char *name)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (strcmp (g_array_index (self->rows, NmdAuditRow, i).name, name) == 0)
      return &g_array_index (self->rows, NmdAuditRow, i);
  g_error ("no row %s", name);
}

static void
check_value (const char *what, double value, JsonNode *wanted)
{
  if (JSON_NODE_HOLDS_NULL (wanted)
          ? !isnan (value)
          : !(fabs (value - json_node_get_double (wanted)) <= 1e-6))
    g_error ("%s is %.12g", what, value);
}

static void
test_golden (void)
{
  static const char *const nothing[] = { NULL };
  JsonArray *cases = json_object_get_array_member (golden, "cases");

  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *one = json_array_get_object_element (cases, i);
      JsonArray *m = json_object_get_array_member (one, "matrix");
      const NmdMatrix matrix = { (guint)json_array_get_int_element (m, 0),
                                 (guint)json_array_get_int_element (m, 1),
                                 (guint)json_array_get_int_element (m, 2),
                                 (guint)json_array_get_int_element (m, 3) };
      JsonObject *values = json_object_get_object_member (one, "values");
      JsonObject *intervals = json_object_get_object_member (one, "intervals");
      g_autoptr (GList) names = json_object_get_members (values);
      g_autoptr (NmdAudit) self = audit (&matrix, nothing);

      for (GList *name = names; name != NULL; name = name->next)
        {
          const NmdAuditRow *row = find_row (self, name->data);

          check_value (name->data, row->value,
                       json_object_get_member (values, name->data));
          if (json_object_has_member (intervals, name->data))
            {
              JsonArray *ends = json_object_get_array_member (intervals, name->data);

              check_value ("low", row->ci.low, json_array_get_element (ends, 0));
              check_value ("high", row->ci.high, json_array_get_element (ends, 1));
            }
        }
    }
}

/* Averages and the other class are found by scikit-learn's own numbers. */
static void
test_averages (void)
{
  static const char *const hows[] = { "the other class as positive", "the macro average",
                                      "the average weighted by class" };
  JsonArray *averages = json_object_get_array_member (golden, "averages");
  const NmdMatrix matrix = { 37, 11, 23, 61 };

  for (guint i = 0; i < json_array_get_length (averages); i++)
    {
      JsonArray *row = json_array_get_array_element (averages, i);
      const char *name = json_array_get_string_element (row, 0);

      for (guint k = 0; k < G_N_ELEMENTS (hows); k++)
        {
          g_autofree char *word = g_strdup_printf (
              "%s=%s", name, json_array_get_string_element (row, k + 1));
          const char *const words[] = { word, NULL };
          g_autoptr (NmdAudit) self = audit (&matrix, words);
          NmdPrinted printed;
          char *known = NULL;

          g_assert_true (nmd_printed_parse (word, &printed, &known, NULL));
          g_assert_cmpstr (find_row (self, known)->how, ==, hows[k]);
          g_free (known);
        }
    }
}

static void
test_paper (void)
{
  guint n;
  const NmdAuditTable *tables = nmd_audit_get_paper (&n);
  g_autoptr (NmdAudit) full = audit (&tables[0].matrix, tables[0].printed);
  g_autoptr (NmdAudit) row_e = audit (NULL, tables[1].printed);
  g_autoptr (NmdAudit) aucs = audit (NULL, tables[2].printed);
  g_autofree char *parts = nmd_audit_parts (tables[4].parts, 2, tables[4].total);

  g_assert_cmpuint (n, ==, 5);
  g_assert_false (find_row (full, "accuracy")->agrees);
  close_to (find_row (full, "accuracy")->value, 738.0 / 783, 1e-12);
  g_assert_nonnull (strstr (find_row (full, "accuracy")->text, "744 of 783"));
  g_assert_nonnull (strstr (find_row (full, "accuracy")->text,
                            "not reproducible from the printed matrix"));
  g_assert_nonnull (
      strstr (find_row (full, "sensitivity")->text, "no count of 261 gives 0.9177"));
  g_assert_true (find_row (full, "specificity")->agrees);
  g_assert_nonnull (strstr (full->notes[0], "needs 10.5 % positives"));
  g_assert_nonnull (strstr (row_e->notes[0], "F1 is printed as 0.913"));
  g_assert_nonnull (strstr (aucs->notes[0], "0.977, 0.9776, 0.979"));
  g_assert_cmpstr (parts, ==,
                   "2742 + 783 of 3917 images are 70.0 % and 20.0 %; 392 are unaccounted "
                   "for");
  for (guint i = 0; i < full->rows->len; i++)
    g_assert_null (strstr (find_row (full, "accuracy")->text, "wrong"));
}

/* Values are held against each other, not against the first alone. */
static void
test_several (void)
{
  static const char *const words[]
      = { "accuracy=0.95", "accuracy=0.954", "accuracy=0.946", NULL };
  static const char *const alike[]
      = { "accuracy=0.95", "ppv=0.946", "accuracy=0.954", NULL };
  g_autoptr (NmdAudit) self = audit (NULL, words), other = audit (NULL, alike);

  g_assert_cmpstr (self->notes[0], ==,
                   "accuracy is printed with several values: 0.95, 0.954, 0.946");
  g_assert_null (other->notes[0]);
}

static void
test_nasty (void)
{
  static const char *const bad[]
      = { "",         "accuracy",    "accuracy=", "accuracy=x", "accuracy=101",
          "beauty=1", "accuracy=nan" };
  static const char *const zero[] = { "ppv=0.5", "auc=0.9", "sensitivity=0.8333", NULL };
  const NmdMatrix one_class = { 5, 1, 0, 0 };
  g_autoptr (NmdAudit) self = audit (&one_class, zero);
  NmdPrinted printed;
  char *name = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (nmd_printed_parse (bad[i], &printed, &name, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
    }
  g_assert_true (isnan (find_row (self, "specificity")->value));
  g_assert_true (isnan (find_row (self, "mcc")->value));
  g_assert_true (find_row (self, "sensitivity")->agrees);
  g_assert_true (nmd_printed_parse ("Recall=92.5%", &printed, &name, NULL));
  g_assert_cmpstr (name, ==, "sensitivity");
  g_assert_cmpint (printed.decimals, ==, 3);
  close_to (printed.value, 0.925, 1e-12);
  g_free (name);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  golden = load_golden ("audit");
  g_test_add_func ("/audit/golden", test_golden);
  g_test_add_func ("/audit/averages", test_averages);
  g_test_add_func ("/audit/paper", test_paper);
  g_test_add_func ("/audit/several", test_several);
  g_test_add_func ("/audit/nasty", test_nasty);
  return g_test_run ();
}
