/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd zscore labels`: a table of labels by z that opens as a data set, and what it says of the folders' labels.
 */
#include "process.h"

#include "engine/core/nmd-csv.h"
#include "engine/data/nmd-dataset.h"

#include <math.h>
#include <string.h>

static const char *
cell (const NmdCsv *csv, guint row, const char *column)
{
  int place = nmd_csv_find (csv, column);

  g_assert_cmpint (place, >=, 0);
  return nmd_csv_get (csv, row, (guint)place);
}

/* Each row's label follows from its z, which follows from the cells beside it. */
static void
check_rows (const NmdCsv *csv, guint counts[2][3])
{
  for (guint i = 0; i < nmd_csv_get_n_rows (csv); i++)
    {
      const char *label = cell (csv, i, "label"), *agrees = cell (csv, i, "agrees");
      int own = nmd_label_parse (cell (csv, i, "data_set_label"), NULL);
      double z = 0, echo = 0, expected = 0, sd = 0;
      if (!nmd_csv_parse_number (cell (csv, i, "z"), &z))
        {
          g_assert_cmpstr (label, ==, "");
          g_assert_cmpstr (agrees, ==, "");
          g_assert_cmpstr (cell (csv, i, "reason"), !=, "");
          counts[own][2]++;
          continue;
        }
      nmd_csv_parse_number (cell (csv, i, "echo_intensity"), &echo);
      nmd_csv_parse_number (cell (csv, i, "expected"), &expected);
      nmd_csv_parse_number (cell (csv, i, "sd"), &sd);
      g_assert_cmpfloat_with_epsilon (z, (echo - expected) / sd, 1e-9);
      g_assert_cmpint (nmd_label_parse (label, NULL), ==, z > 1.5);
      g_assert_cmpstr (agrees, ==, own == (z > 1.5) ? "yes" : "no");
      counts[own][z > 1.5]++;
    }
}

static void
test_labels (void)
{
  g_auto (Result) fitted
      = nmd ("zscore fit @/cohort --terms Age,Male --out @/reference.json");
  g_auto (Result) labelled
      = nmd ("zscore labels @/cohort --reference @/reference.json --limit 1.5 "
             "--out @/cohort/labels.csv --json");
  g_autofree char *path = place ("cohort/labels.csv");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  guint counts[2][3] = { { 0 } };

  g_assert_cmpint (fitted.status, ==, 0);
  g_assert_cmpint (labelled.status, ==, 0);
  g_autoptr (NmdCsv) csv = nmd_csv_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_csv_get_n_rows (csv), ==, 99);
  check_rows (csv, counts);
  g_assert_cmpuint (counts[0][0], >, 0);
  g_assert_cmpuint (counts[1][1], >, 0);

  JsonObject *said = parse (&labelled, &node);
  JsonObject *images = json_object_get_object_member (said, "images");
  const char *const own[] = { "healthy", "pathological" }, *const columns[]
                                                           = { "healthy", "pathological",
                                                               "no_z" };
  for (int i = 0; i < 2; i++)
    for (int k = 0; k < 3; k++)
      g_assert_cmpuint (counts[i][k], ==,
                        (guint)json_object_get_int_member (
                            json_object_get_object_member (images, own[i]), columns[k]));
  g_assert_cmpfloat (json_object_get_double_member (said, "kappa"), >, 0.3);

  /* The table is a data set, with outlines; images without a z are named and left out. */
  g_auto (Result) opened = nmd ("dataset @/cohort/labels.csv --json");
  g_autoptr (JsonNode) set_node = NULL;
  g_assert_cmpint (opened.status, ==, 0);
  JsonObject *set = parse (&opened, &set_node);
  g_assert_cmpint (json_object_get_int_member (set, "images"), ==,
                   99 - counts[0][2] - counts[1][2]);
  g_assert_cmpint (json_object_get_int_member (set, "no_mask"), ==, 0);
}

/* Of a data set in a folder of the one that is named, and of one that is a table, masks are named from where images
 * are. The table opens there. */
static void
test_folders (void)
{
  static const char *const sets[] = { "@/wrapped", "@/wrapped/inner/labels.csv" },
                           *const names[]
                           = { "wrapped/inner/labels.csv", "wrapped/inner/again.csv" };
  g_autofree char *from = place ("cohort"), *to = place ("wrapped"),
                  *inner = place ("wrapped/inner");
  g_autofree char *line = g_strdup_printf (
      "mkdir %s && cp -r %s %s && rm -f %s/labels.csv", to, from, inner, inner);
  g_auto (Result) copied = shell (line), opened = { 0 };
  g_autoptr (JsonNode) node = NULL;
  JsonObject *set;

  g_assert_cmpint (copied.status, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      g_autofree char *out = place (names[i]);
      g_autofree char *label = g_strdup_printf (
          "zscore labels %s --reference @/reference.json --out @/%s", sets[i], names[i]);
      g_auto (Result) labelled = nmd (label);
      g_autoptr (NmdCsv) csv = nmd_csv_load (out, NULL);

      g_assert_cmpint (labelled.status, ==, 0);
      g_assert_nonnull (strstr (labelled.out, inner));
      g_assert_true (g_str_has_prefix (cell (csv, 0, "mask"), "BB/Healthy/Masks/"));
    }
  opened = nmd ("dataset @/wrapped/inner/labels.csv --json");
  g_assert_cmpint (opened.status, ==, 0);
  set = parse (&opened, &node);
  g_assert_cmpint (json_object_get_int_member (set, "images"), >, 50);
  g_assert_cmpint (json_object_get_int_member (set, "no_mask"), ==, 0);
}

static void
test_refused (void)
{
  g_auto (Result) same
      = nmd (
          "zscore labels @/cohort --reference @/reference.json --out @/reference.json"),
      none = nmd ("zscore labels @/cohort --reference @/nothing.json --out @/x.csv"),
      incomplete = nmd ("zscore labels @/cohort --out @/x.csv"),
      unlimited
      = nmd ("zscore labels @/cohort --reference @/reference.json --out @/x.csv "
             "--limit nan");
  g_autofree char *x = place ("x.csv");

  assert_sentence (&same, "zscore", "The output", "reference.json");
  assert_sentence (&none, "zscore", "nothing.json", "");
  g_assert_cmpint (incomplete.status, ==, 2);
  g_assert_cmpint (unlimited.status, ==, 2);
  g_assert_false (g_file_test (x, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  process_set_up ();
  g_auto (Result) made = nmd ("demo @/cohort --subjects 11");
  g_assert_cmpint (made.status, ==, 0);
  g_test_add_func ("/nmd/zscore/labels", test_labels);
  g_test_add_func ("/nmd/zscore/folders", test_folders);
  g_test_add_func ("/nmd/zscore/refused", test_refused);
  status = g_test_run ();
  process_tear_down ();
  return status;
}
