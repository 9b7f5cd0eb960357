/* SPDX-License-Identifier: Apache-2.0
 *
 * The parameter table: its form, the paper's values, refusals in words, and JSON both
 * ways.
 */
#include "engine/core/nmd-parameters.h"

#include <string.h>

static void
test_table (void)
{
  guint n;
  const NmdParameterInfo *table = nmd_parameters_list (&n);

  g_assert_cmpuint (n, >, 25);
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpstr (table[i].title, !=, "");
      g_assert_true (g_str_has_suffix (table[i].help, "."));
      g_assert_cmpstr (table[i].source, !=, "");
      g_assert_cmpfloat (table[i].minimum, <=, table[i].standard);
      g_assert_cmpfloat (table[i].standard, <=, table[i].maximum);
      for (guint j = 0; j < i; j++)
        g_assert_cmpstr (table[i].name, !=, table[j].name);
      if (table[i].kind == NMD_PARAMETER_CHOICE)
        g_assert_cmpfloat (g_strv_length ((char **)table[i].choices), ==,
                           table[i].maximum + 1);
    }
}

static void
test_defaults (void)
{
  static const char *const rows[][2] = {
    { "roi-margin", "0.1" },
    { "background", "keep" },
    { "median", "on" },
    { "clahe-clip", "2" },
    { "clahe-tiles", "8" },
    { "crop-area", "0.8" },
    { "flip", "0.5" },
    { "mixup", "0.2" },
    { "split", "threeway" },
    { "folds", "5" },
    { "epochs", "100" },
    { "batch", "32" },
    { "lr", "0.001" },
    { "epsilon", "1e-08" },
    { "weight-decay", "1e-05" },
    { "label-smoothing", "0.1" },
    { "patience", "15" },
    { "seed", "1" },
    { "limit", "0" },
    { "average-start", "0.75" },
    { "average-lr", "0.0005" },
    { "average-anneal", "5" },
    { "beta1", "0.9" },
    { "beta2", "0.999" },
  };
  g_autoptr (NmdParameters) values = nmd_parameters_new ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = nmd_parameters_to_text (values, rows[i][0]);

      g_assert_cmpstr (text, ==, rows[i][1]);
    }
  g_assert_cmpstr (nmd_parameters_get_choice (values, "split"), ==, "threeway");
}

static void
test_refused (void)
{
  static const char *const cases[][3] = {
    { "batch", "0", "Batch size must be 2 to 1024, not 0" },
    { "batch", "2.5", "Batch size must be a whole number, not 2.5" },
    { "batch", "many", "Batch size must be 2 to 1024, not “many”" },
    { "class-weights", "n\177ne",
      "Class weights must be none or balanced, not “n\\x7fne”" },
    { "lr", "nan", "Learning rate must be above 0 to 1, not nan" },
    { "lr", "0", "Learning rate must be above 0 to 1, not 0" },
    { "lr", "-1e-9", "Learning rate must be above 0 to 1, not -1e-09" },
    { "lr", "0,001", "Learning rate must be above 0 to 1, not “0,001”" },
    { "clahe-clip", "0", "CLAHE clip limit must be 0.1 to 40, not 0" },
    { "median", "maybe", "Median filter must be on or off, not “maybe”" },
    { "split", "x", "Split must be paper, threeway, kfold, image or stated, not “x”" },
    { "epoch", "5", "There is no parameter “epoch”" },
  };
  g_autoptr (NmdParameters) values = nmd_parameters_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (nmd_parameters_set_text (values, cases[i][0], cases[i][1], &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      g_assert_cmpstr (error->message, ==, cases[i][2]);
    }
  g_assert_cmpint (nmd_parameters_get_int (values, "batch"), ==, 32);
}

static void
test_json (void)
{
  g_autoptr (NmdParameters) values = nmd_parameters_new ();
  g_autoptr (NmdParameters) back = nmd_parameters_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) bad = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  guint n;
  const NmdParameterInfo *table = nmd_parameters_list (&n);

  g_assert_true (nmd_parameters_set_text (values, "split", "kfold", NULL));
  g_assert_true (nmd_parameters_set_text (values, "median", "OFF", NULL));
  g_assert_true (nmd_parameters_set (values, "seed", 9007199254740991.0, NULL));
  g_assert_true (nmd_parameters_set_text (values, "lr", " 0.0017 ", NULL));
  node = nmd_parameters_to_json (values);
  text = json_to_string (node, FALSE);
  g_assert_nonnull (strstr (text, "\"split\":\"kfold\""));
  g_assert_nonnull (strstr (text, "\"median\":false"));
  g_assert_nonnull (strstr (text, "\"seed\":9007199254740991"));
  g_assert_true (nmd_parameters_from_json (back, node, NULL));
  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat (nmd_parameters_get (values, table[i].name), ==,
                       nmd_parameters_get (back, table[i].name));

  /* One wrong member leaves all values as they were. */
  bad = json_from_string ("{\"epochs\": 7, \"split\": 3}", NULL);
  g_assert_false (nmd_parameters_from_json (back, bad, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_cmpint (nmd_parameters_get_int (back, "epochs"), ==, 100);
}

/* Each task has its own rows and defaults; what it does not have is neither taken nor written. */
static void
test_tasks (void)
{
  g_autoptr (NmdParameters) classify = nmd_parameters_new ();
  g_autoptr (NmdParameters) segment = nmd_parameters_new_for (NMD_TASK_SEGMENT);
  g_autoptr (NmdParameters) copy = nmd_parameters_copy (segment);
  g_autoptr (JsonNode) first = nmd_parameters_to_json (classify);
  g_autoptr (JsonNode) second = nmd_parameters_to_json (segment);
  g_autoptr (GError) error = NULL;
  NmdTask task;

  g_assert_cmpint (nmd_parameters_get_task (classify), ==, NMD_TASK_CLASSIFY);
  g_assert_cmpint (nmd_parameters_get_task (copy), ==, NMD_TASK_SEGMENT);
  g_assert_cmpint (nmd_parameters_get_int (classify, "batch"), ==, 32);
  g_assert_cmpint (nmd_parameters_get_int (segment, "batch"), ==, 8);
  g_assert_true (nmd_parameters_get_switch (classify, "median"));
  g_assert_false (nmd_parameters_get_switch (segment, "median"));
  g_assert_cmpstr (nmd_parameters_get_choice (segment, "size"), ==, "256");
  g_assert_false (json_object_has_member (json_node_get_object (first), "size"));
  g_assert_true (json_object_has_member (json_node_get_object (first), "mixup"));
  g_assert_true (json_object_has_member (json_node_get_object (second), "size"));
  g_assert_false (json_object_has_member (json_node_get_object (second), "mixup"));
  g_assert_true (nmd_parameters_from_json (segment, second, NULL));
  g_assert_false (nmd_parameters_from_json (segment, first, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_false (nmd_parameters_set_text (segment, "mixup", "0.3", &error));
  g_assert_cmpstr (error->message, ==, "The task segment has no parameter “mixup”");
  g_assert_true (nmd_parameters_set_text (segment, "size", "64", NULL));
  g_assert_true (nmd_task_parse ("segment", &task));
  g_assert_cmpint (task, ==, NMD_TASK_SEGMENT);
  g_assert_false (nmd_task_parse ("outline", &task));
}

/* The range that is shown is the range that is taken, to its ends. */
static void
test_ranges (void)
{
  static const char *const rows[][2] = {
    { "lr", "above 0 to 1" },
    { "epsilon", "1e-30 to 1" },
    { "beta2", "0 to 0.999999" },
    { "crop-aspect", "1 to 4" },
    { "clahe-clip", "0.1 to 40" },
    { "seed", "0 to 9007199254740991" },
    { "background", "keep, black or whole" },
    { "split", "paper, threeway, kfold, image or stated" },
    { "median", "on or off" },
  };
  g_autoptr (NmdParameters) values = nmd_parameters_new ();
  guint n;
  const NmdParameterInfo *table = nmd_parameters_list (&n);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *range = nmd_parameter_range_to_text (&table[i]);

      for (guint k = 0; k < G_N_ELEMENTS (rows); k++)
        if (strcmp (rows[k][0], table[i].name) == 0)
          g_assert_cmpstr (range, ==, rows[k][1]);
      if (!nmd_parameter_is_for (&table[i], NMD_TASK_CLASSIFY))
        continue;
      g_assert_true (nmd_parameters_set (values, table[i].name, table[i].maximum, NULL));
      g_assert_cmpint (nmd_parameters_set (values, table[i].name, table[i].minimum, NULL),
                       !=, table[i].is_open_below);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parameters/table", test_table);
  g_test_add_func ("/parameters/defaults", test_defaults);
  g_test_add_func ("/parameters/ranges", test_ranges);
  g_test_add_func ("/parameters/refused", test_refused);
  g_test_add_func ("/parameters/json", test_json);
  g_test_add_func ("/parameters/tasks", test_tasks);
  return g_test_run ();
}
