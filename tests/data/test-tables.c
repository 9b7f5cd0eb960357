/* SPDX-License-Identifier: Apache-2.0
 *
 * Manifests as people have them: every kind of table and cell gives the data set that a plain
 * manifest gives, or says what is wrong with it.
 */
#include "tests/data/importing.h"

#define N_IMAGES 6

static const struct
{
  const char *name, *subject, *part;
  int label;
} rows[N_IMAGES] = {
  { "a", "1", "train", 0 }, { "b", "1", "train", 0 }, { "c", "2", "train", 1 },
  { "d", "3", "val", 1 },   { "e", "4", "test", 0 },  { "f", "5", "test", 1 },
};

/* Pictures images/a.png … f.png with masks. */
static char *
pictures (void)
{
  char *folder = fixture_folder ();

  for (guint i = 0; i < N_IMAGES; i++)
    {
      g_autofree char *image = g_strdup_printf ("images/%s.png", rows[i].name);
      g_autofree char *mask = g_strdup_printf ("masks/%s.png", rows[i].name);

      fixture_image (folder, image, 60, 40);
      fixture_mask_file (folder, mask, 60, 40, 0.6);
    }
  return folder;
}

/* A column of words is the parts; one of other words is a fact. */
static void
test_parts (void)
{
  static const char *const names[] = { "split", "Part", "subset" };
  g_autofree char *folder = pictures ();

  for (guint k = 0; k < G_N_ELEMENTS (names); k++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (NmdDataset) dataset = NULL;
      g_autofree char *report = NULL, *source = NULL;

      g_string_append_printf (text, "image,subject,label,%s\n", names[k]);
      for (guint i = 0; i < N_IMAGES; i++)
        g_string_append_printf (text, "images/%s.png,%s,%d,%s\n", rows[i].name,
                                rows[i].subject, rows[i].label, rows[i].part);
      fixture_text (folder, "t.csv", text->str);
      dataset = import_good (folder, "t.csv");
      g_assert_true (nmd_dataset_states_parts (dataset));
      for (guint i = 0; i < N_IMAGES; i++)
        {
          NmdPart part;

          g_assert_true (nmd_part_parse (rows[i].part, &part));
          g_assert_cmpint (nmd_dataset_get (dataset, i)->part, ==, part);
          g_assert_cmpuint (g_hash_table_size (nmd_dataset_get (dataset, i)->attributes),
                            ==, 0);
        }
      source = g_strdup_printf ("the column “%s” of t.csv", names[k]);
      g_assert_cmpstr (nmd_dataset_get_report (dataset)->parts_source, ==, source);
      report = nmd_dataset_report_to_text (dataset);
      g_assert_nonnull (strstr (report, "3 train, 1 validation, 2 test"));
    }
  fixture_remove (folder);
}

static void
test_no_parts (void)
{
  g_autofree char *folder = pictures ();
  g_autoptr (NmdDataset) some = NULL, none = NULL;

  fixture_text (folder, "t.csv",
                "image,subject,label,split\nimages/a.png,1,0,training\n"
                "images/c.png,2,1,\n");
  some = import_good (folder, "t.csv");
  g_assert_false (nmd_dataset_states_parts (some));
  g_assert_cmpint (nmd_dataset_get (some, 0)->part, ==, NMD_PART_TRAIN);
  g_assert_cmpint (nmd_dataset_get (some, 1)->part, ==, NMD_PART_NONE);

  fixture_text (folder, "t.csv",
                "image,subject,label,split\nimages/a.png,1,0,train\n"
                "images/c.png,2,1,3\n");
  none = import_good (folder, "t.csv");
  g_assert_null (nmd_dataset_get_report (none)->parts_source);
  g_assert_cmpint (nmd_dataset_get (none, 0)->part, ==, NMD_PART_NONE);
  g_assert_cmpstr (g_hash_table_lookup (nmd_dataset_get (none, 1)->attributes, "split"),
                   ==, "3");
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tables/parts", test_parts);
  g_test_add_func ("/tables/no-parts", test_no_parts);
  return g_test_run ();
}
