/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports of every form, whole and damaged: what is kept, what is left out and why, what
 * is refused. All pictures are made here.
 */
#include "engine/core/nmd-json.h"
#include "engine/data/demo/nmd-demo.h"
#include "engine/image/nmd-png-writer.h"
#include "tests/data/importing.h"

/* Four good pictures a.png … d.png with masks, and a manifest with @rows. */
static char *
manifest_folder (const char *rows)
{
  char *folder = fixture_folder ();

  for (char c = 'a'; c <= 'd'; c++)
    {
      char image[] = "images/x.png", mask[] = "masks/x.png";

      image[7] = c;
      mask[6] = c;
      fixture_image (folder, image, 60, 40);
      fixture_mask_file (folder, mask, 60, 40, 0.6);
    }
  fixture_text (folder, "manifest.csv", rows);
  return folder;
}

#define HEADER "image,mask,subject,label,age\n"
#define ROW_A "images/a.png,masks/a.png,1,healthy,54\n"
#define ROW_B "images/b.png,masks/b.png,1,healthy,54\n"
#define ROW_C "images/c.png,masks/c.png,2,pathological,\n"
#define ROW_D "images/d.png,masks/d.png,3,abnormal,\"61,5\"\n"

static void
test_manifest (void)
{
  g_autofree char *folder = manifest_folder (HEADER ROW_D ROW_C ROW_B ROW_A);
  g_autoptr (NmdDataset) dataset = import_good (folder, "manifest.csv");
  g_autoptr (NmdDataset) same = import_good (folder, "");
  g_autoptr (NmdImage) image = NULL, mask = NULL;
  g_autofree char *sha = NULL;
  NmdEchoIntensity echo;
  NmdSample *a;

  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 4);
  a = nmd_dataset_get (dataset, 0);
  g_assert_cmpstr (a->id, ==, "images/a.png");
  g_assert_true (nmd_dataset_find (dataset, "images/a.png") == a);
  g_assert_null (nmd_dataset_find (dataset, "images/z.png"));
  g_assert_cmpstr (a->subject, ==, "1");
  g_assert_cmpstr (a->unit, ==, "1");
  g_assert_cmpint (a->label, ==, 0);
  g_assert_cmpstr (g_hash_table_lookup (a->attributes, "age"), ==, "54");
  g_assert_cmpuint (g_hash_table_size (a->attributes), ==, 1);
  g_assert_cmpstr (g_hash_table_lookup (nmd_dataset_get (dataset, 3)->attributes, "age"),
                   ==, "61.5");
  g_assert_null (g_hash_table_lookup (nmd_dataset_get (dataset, 2)->attributes, "age"));
  g_assert_cmpint (nmd_dataset_get (dataset, 3)->label, ==, 1);
  g_assert_cmpuint (nmd_dataset_count_subjects (dataset), ==, 3);
  g_assert_cmpstr (nmd_dataset_get_class (dataset, 1), ==, "abnormal or pathological");
  g_assert_cmpstr (nmd_dataset_get_report (dataset)->kind, ==, "manifest");

  g_assert_true (nmd_sample_load (a, &image, &mask, NULL));
  nmd_echo_intensity (image, mask, &echo);
  g_assert_cmpfloat (a->echo.mean, ==, echo.mean);
  g_assert_cmpint (a->echo.n, ==, echo.n);
  g_assert_cmpint (a->width, ==, 60);
  g_assert_cmpint (a->box.x0, >, 0);
  sha = nmd_file_sha256 (a->image_path, NULL, NULL);
  g_assert_cmpstr (a->sha256_image, ==, sha);
  g_assert_cmpint (strlen (nmd_dataset_get_hash (dataset)), ==, 64);
  g_assert_cmpstr (nmd_dataset_get_hash (dataset), ==, nmd_dataset_get_hash (same));
  fixture_remove (folder);
}

/* The digest moves with every part of what it covers. */
static void
test_hash (void)
{
  g_autofree char *folder = manifest_folder (HEADER ROW_A ROW_B ROW_C ROW_D);
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int k = 0; k < 5; k++)
    {
      g_autoptr (NmdDataset) dataset = NULL;

      if (k == 1)
        fixture_text (folder, "manifest.csv",
                      HEADER ROW_A ROW_B ROW_C
                      "images/d.png,masks/d.png,3,healthy,\n"); /* label */
      else if (k == 2)
        fixture_text (folder, "manifest.csv",
                      HEADER ROW_A ROW_B ROW_C
                      "images/d.png,masks/d.png,4,healthy,\n"); /* subject */
      else if (k == 3)
        fixture_mask_file (folder, "masks/a.png", 60, 40, 0.61);
      else if (k == 4)
        {
          g_autoptr (NmdImage) image = fixture_picture (60, 40, "other");

          fixture_save (folder, "images/a.png", image, 8);
        }
      dataset = import_good (folder, "manifest.csv");
      g_assert_true (g_hash_table_add (seen, g_strdup (nmd_dataset_get_hash (dataset))));
    }
  fixture_remove (folder);
}

static void
test_manifest_spellings (void)
{
  g_autofree char *folder
      = manifest_folder ("\xEF\xBB\xBF"
                         "Image ;Mask;SUBJECT;Label;Weight (kg)\r\n"
                         "./images\\a.png;masks/a.png;1;Healthy;71,5\r\n"
                         "images//b.png;;2;1;70\r\n\r\n");
  g_autoptr (NmdDataset) dataset = import_good (folder, "manifest.csv");

  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 2);
  g_assert_cmpstr (nmd_dataset_get (dataset, 0)->id, ==, "images/a.png");
  g_assert_cmpstr (nmd_dataset_get (dataset, 1)->id, ==, "images/b.png");
  g_assert_cmpstr (
      g_hash_table_lookup (nmd_dataset_get (dataset, 0)->attributes, "weight (kg)"), ==,
      "71.5");
  g_assert_true (nmd_dataset_get (dataset, 1)->problems & NMD_PROBLEM_NO_MASK);
  g_assert_cmpuint (nmd_dataset_get_report (dataset)->n_no_mask, ==, 1);
  g_assert_cmpint (nmd_dataset_get (dataset, 1)->box.x1, ==, 60);
  g_assert_cmpint (nmd_dataset_get (dataset, 1)->echo.n, ==, 0);
  g_assert_true (isnan (nmd_dataset_get (dataset, 1)->echo.mean));
  fixture_remove (folder);
}

/* The answers that go with a question, also after a copy. */
static void
assert_choices (const GError *error, const char *expected)
{
  g_autoptr (GError) copy = g_error_copy (error);
  g_autofree char *have = g_strjoinv (" ", (char **)nmd_error_get_choices (copy));

  g_assert_cmpstr (have, ==, expected);
}

static void
test_columns (void)
{
  g_autofree char *folder = manifest_folder ("file,outline,patient,diagnosis\n"
                                             "images/a.png,masks/a.png,7,yes\n"
                                             "images/b.png,masks/b.png,8,no\n");
  g_autofree char *path = g_build_filename (folder, "manifest.csv", NULL);
  NmdImportSettings settings = { .positive = "YES",
                                 .image_column = "file",
                                 .mask_column = "outline",
                                 .subject_column = "patient",
                                 .label_column = "diagnosis" };
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;

  dataset = nmd_dataset_import (path, &settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (nmd_dataset_get (dataset, 0)->label, ==, 1);
  g_assert_cmpint (nmd_dataset_get (dataset, 1)->label, ==, 0);
  g_assert_cmpstr (nmd_dataset_get_class (dataset, 0), ==, "no");
  settings.positive = "maybe";
  g_assert_null (nmd_dataset_import (path, &settings, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_POSITIVE);
  assert_choices (error, "no yes");
  g_clear_error (&error);
  settings.subject_column = "person";
  g_assert_null (nmd_dataset_import (path, &settings, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_COLUMNS);
  assert_choices (error, "file outline patient diagnosis");
  g_clear_error (&error);
  refuse (folder, "manifest.csv", NMD_ERROR_NEEDS_COLUMNS, "manifest.csv|image|outline");
  fixture_remove (folder);
}

static void
test_manifest_refused (void)
{
  g_autofree char *folder
      = manifest_folder ("image,mask,subject\nimages/a.png,masks/a.png,1\n");
  g_autofree char *inside = g_build_filename (folder, "inside", NULL);
  g_autofree char *link = g_build_filename (inside, "link", NULL);

  refuse (folder, "manifest.csv", NMD_ERROR_NEEDS_COLUMNS, "manifest.csv|label");
  fixture_text (folder, "manifest.csv",
                HEADER ROW_A "images/b.png,,2,sick,\nimages/c.png,,2,well,\n");
  refuse (folder, "manifest.csv", NMD_ERROR_NEEDS_POSITIVE,
          "manifest.csv|“sick”|“well”|positive");
  /* What leaves the folder is left out; the rest stays. */
  fixture_text (folder, "manifest.csv",
                HEADER ROW_A "../b.png,,2,healthy,\nimages/b.png,/etc/passwd,2,healthy,\n"
                             "C:\\scans\\a.txt,,2,healthy,\n");
  {
    g_autoptr (NmdDataset) dataset = import_good (folder, "manifest.csv");

    g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 1);
    assert_left_out (dataset, "../b.png", "Row 3");
    assert_left_out (dataset, "/etc/passwd", "Row 4");
    assert_left_out (dataset, "C:\\scans\\a.txt", "Row 5");
  }

  fixture_text (folder, "inside/manifest.csv", HEADER "link/a.png,,2,healthy,\n");
  g_assert_cmpint (symlink ("../images", link), ==, 0);
  refuse (inside, "manifest.csv", NMD_ERROR_FORMAT, "link/a.png");

  fixture_text (folder, "manifest.csv", HEADER);
  refuse (folder, "manifest.csv", NMD_ERROR_FORMAT, "manifest.csv|no image");
  fixture_text (folder, "manifest.csv", "");
  refuse (folder, "manifest.csv", NMD_ERROR_FORMAT, "manifest.csv");
  fixture_remove (folder);
}

static void
test_damaged (void)
{
  g_autofree char *folder = manifest_folder (
      HEADER ROW_A ROW_B ROW_C ROW_D "images/e.png,masks/a.png,4,healthy,\n"
                                     "images/f.png,masks/f.png,4,healthy,\n"
                                     "images/g.png,masks/none.png,4,healthy,\n"
                                     "images/none.png,masks/a.png,4,healthy,\n"
                                     "images/h.png,masks/h.png,5,malignant,\n" ROW_A
                                     "images/i.png,masks/a.png,,healthy,\n"
                                     "images/i.png,masks/a.png,1,,\n"
                                     ",masks/a.png,1,healthy,\n"
                                     "images/j.txt,masks/a.png,1,healthy,\n");
  g_autoptr (NmdDataset) dataset = NULL;
  const NmdImportReport *report;
  NmdSample *h;

  fixture_image (folder, "images/e.png", 50, 40); /* its mask is 60 × 40 */
  fixture_image (folder, "images/f.png", 60, 40);
  fixture_mask_file (folder, "masks/f.png", 60, 40, 0.5);
  fixture_image (folder, "images/g.png", 60, 40);
  fixture_image (folder, "images/h.png", 60, 40);
  fixture_mask_file (folder, "masks/h.png", 60, 40, 0); /* empty */
  fixture_truncate (folder, "images/b.png", 0.7);
  fixture_truncate (folder, "masks/f.png", 0.5);
  fixture_text (folder, "images/j.txt", "no picture");

  dataset = import_good (folder, "manifest.csv");
  report = nmd_dataset_get_report (dataset);
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 4); /* a, c, d, h */
  assert_left_out (dataset, "images/b.png", "b.png");
  assert_left_out (dataset, "images/e.png", "a.png is 60 × 40, its image is 50 × 40");
  assert_left_out (dataset, "images/f.png", "f.png");
  assert_left_out (dataset, "images/g.png", "mask none.png does not exist");
  assert_left_out (dataset, "images/none.png", "does not exist");
  assert_left_out (dataset, "images/a.png", "again in row 11");
  assert_left_out (dataset, "images/i.png", "no subject");
  assert_left_out (dataset, "images/j.txt", "j.txt");
  assert_left_out (dataset, "manifest.csv", "Row 14 names no image");
  g_assert_cmpuint (report->left_out->len, ==, 10);
  g_assert_cmpuint (report->n_size_mismatch, ==, 1);
  g_assert_cmpuint (report->n_unreadable, ==, 5);
  g_assert_cmpuint (report->n_empty_mask, ==, 1);
  h = nmd_dataset_find (dataset, "images/h.png");
  g_assert_true (h->problems == NMD_PROBLEM_EMPTY_MASK);
  g_assert_cmpint (h->box.x1, ==, 60);
  fixture_remove (folder);
}

static void
test_all_damaged (void)
{
  g_autofree char *folder = manifest_folder (HEADER ROW_A ROW_B);

  fixture_truncate (folder, "images/a.png", 0.5);
  fixture_truncate (folder, "images/b.png", 0.5);
  refuse (folder, "manifest.csv", NMD_ERROR_FORMAT, "None of the 2 images|images/a.png");
  fixture_remove (folder);
}

static void
test_duplicates (void)
{
  g_autofree char *folder = manifest_folder (HEADER ROW_A ROW_B ROW_C ROW_D
                                             "images/e.png,masks/a.png,1,healthy,\n"
                                             "images/f.png,masks/a.png,3,healthy,\n"
                                             "images/g.png,masks/a.png,9,malignant,\n");
  g_autoptr (NmdImage) image = fixture_picture (60, 40, "images/a.png");
  static const char *const texts[] = { "Comment", "other bytes, same pixels", NULL };
  g_autofree char *path = g_build_filename (folder, "images/e.png", NULL);
  g_autoptr (NmdDataset) dataset = NULL;
  const NmdImportReport *report;

  g_assert_true (nmd_image_save_png (image, path, 8, texts, NULL));
  fixture_image (folder, "images/f.png", 60, 40);
  fixture_save (folder, "images/g.png", image, 8);
  dataset = import_good (folder, "manifest.csv");
  report = nmd_dataset_get_report (dataset);
  g_assert_cmpuint (report->duplicates->len, ==, 2);
  g_assert_cmpstr (report->duplicates->pdata[0], ==,
                   "images/e.png is the same picture as images/a.png");
  g_assert_cmpstr (
      report->duplicates->pdata[1], ==,
      "images/g.png is the same picture as images/a.png, of another subject, with "
      "another label");
  g_assert_cmpint (nmd_dataset_find (dataset, "images/a.png")->problems, ==, 0);
  g_assert_cmpint (nmd_dataset_find (dataset, "images/e.png")->problems, ==,
                   NMD_PROBLEM_DUPLICATE);
  g_assert_cmpint (nmd_dataset_find (dataset, "images/g.png")->problems, ==,
                   NMD_PROBLEM_DUPLICATE | NMD_PROBLEM_LABEL_CONFLICT);
  g_assert_cmpuint (report->mixed_groups->len, ==, 1);
  g_assert_cmpstr (report->mixed_groups->pdata[0], ==, "3");
  fixture_remove (folder);
}

/* The paper's layout. */

static void
test_layout (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *root
      = g_build_filename (folder, "Polito-Radboud-DeepLearningUS", NULL);
  g_autoptr (NmdDataset) dataset = NULL, direct = NULL;
  const NmdImportReport *report;
  NmdSample *sample;

  fixture_scan (root, "BB", "Healthy", 7, 1);
  fixture_scan (root, "BB", "Healthy", 7, 2);
  fixture_scan (root, "BB", "Healthy", 12, 1);
  fixture_scan (root, "BB", "Pathological", 9, 1);
  fixture_scan (root, "TA", "Pathological", 7, 1);
  fixture_scan (root, "GM", "Healthy", 30, 1);
  fixture_text (root, "BB/Healthy/characteristics.csv",
                "ID;age;length;weigth;sex\r\nBB_anon_7;54;1,81;80,5;M\r\n99;1;1;1;F\r\n");
  fixture_text (root, "TA/Pathological/characteristics.csv", "age;sex\n3;M\n");
  fixture_text (root, "Results/table.txt", "x");
  fixture_text (root, "MATLAB/code.m", "x");
  fixture_text (root, "Segmentation_models/data/MuscleCNN/train/BB_anon_7_1.png", "x");
  fixture_text (root, "LICENSE.txt", "x");
  fixture_text (root, "BB/Healthy/~$characteristics.xlsx", "x");
  fixture_text (root, "BB/Healthy/Images/BB_anon_8\xe9_1.png", "x");
  fixture_text (root, "BB/Healthy/Images/Thumbs.db", "x");
  fixture_text (root, "BB/Healthy/Images/notes.txt", "x");
  fixture_image (root, "BB/Healthy/Images/scan3.png", 64, 48);
  fixture_image (root, "BB/Healthy/Images/GM_anon_4_1.png", 64, 48);
  fixture_mask_file (root, "BB/Healthy/Masks/BB_anon_77_1.png", 64, 48, 0.5);

  dataset = import_good (folder, "");
  direct = import_good (root, "");
  report = nmd_dataset_get_report (dataset);
  g_assert_cmpstr (report->kind, ==, "paper layout");
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 6);
  g_assert_cmpstr (nmd_dataset_get_hash (dataset), ==, nmd_dataset_get_hash (direct));
  g_assert_cmpuint (nmd_dataset_count_subjects (dataset), ==, 4); /* 7, 9, 12, 30 */
  g_assert_cmpuint (nmd_dataset_count_units (dataset), ==, 5);
  g_assert_cmpstr (nmd_dataset_get_class (dataset, 1), ==, "pathological");

  sample = nmd_dataset_find (dataset, "BB/Healthy/Images/BB_anon_7_2.png");
  g_assert_nonnull (sample);
  g_assert_cmpstr (sample->subject, ==, "7");
  g_assert_cmpstr (sample->unit, ==, "BB 7");
  g_assert_cmpstr (sample->muscle, ==, "BB");
  g_assert_cmpint (sample->problems, ==, 0);
  g_assert_cmpint (sample->echo.n, >, 100);
  g_assert_cmpstr (g_hash_table_lookup (sample->attributes, "weight"), ==, "80.5");
  g_assert_cmpstr (g_hash_table_lookup (sample->attributes, "age"), ==, "54");

  assert_left_out (dataset, "BB/Healthy/Images/scan3.png", "name");
  assert_left_out (dataset, "BB/Healthy/Images/GM_anon_4_1.png", "GM");
  assert_left_out (dataset, "TA/Pathological/characteristics.csv", "ID");
  g_assert_cmpuint (report->left_out->len, ==,
                    4); /* and the one whose name is not UTF-8 */
  assert_listed (report->passed_over, "Results");
  assert_listed (report->passed_over, "MATLAB");
  assert_listed (report->passed_over, "Segmentation_models");
  assert_listed (report->passed_over, "LICENSE.txt");
  assert_listed (report->passed_over, "BB_anon_77_1.png (a mask without an image)");
  assert_listed (report->passed_over, "notes.txt");
  assert_listed (report->passed_over, "BB/Healthy/~$characteristics.xlsx");
  g_assert_cmpuint (report->passed_over->len, ==, 7);
  g_assert_cmpuint (report->n_unmatched_ids, ==, 2); /* row 99, images of 12 */
  assert_listed (report->unmatched_ids, "99");
  assert_listed (report->unmatched_ids, "12");
  assert_listed (report->assumptions, "one person in all muscles");
  g_assert_cmpuint (report->mixed_groups->len, ==, 1);
  fixture_remove (folder);
}

static void
test_layout_no_mask (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = NULL;
  NmdSample *sample;

  fixture_scan (folder, "BB", "Healthy", 1, 1);
  fixture_image (folder, "BB/Healthy/Images/SYN_BB_anon_12_1.png", 64, 48);
  dataset = import_good (folder, "");
  g_assert_true (nmd_dataset_is_synthetic (dataset));
  sample = nmd_dataset_find (dataset, "BB/Healthy/Images/SYN_BB_anon_12_1.png");
  g_assert_true (sample->is_synthetic);
  g_assert_cmpint (sample->problems, ==, NMD_PROBLEM_NO_MASK);
  g_assert_cmpuint (nmd_dataset_get_report (dataset)->n_no_mask, ==, 1);
  g_assert_cmpstr (nmd_dataset_get_class (dataset, 1), ==,
                   "pathological"); /* there is none */
  fixture_remove (folder);
}

/* The demo cohort is a data set like the published one, with nothing to complain about.
 */
static void
test_cohort (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *cohort = g_build_filename (folder, "cohort", NULL);
  NmdDemoSettings settings = NMD_DEMO_SETTINGS_INIT;
  g_autoptr (NmdDataset) dataset = NULL;
  const NmdImportReport *report;
  g_autoptr (GError) error = NULL;

  settings.subjects = 3;
  g_assert_true (nmd_demo_write (cohort, &settings, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  dataset = import_good (folder, "cohort");
  report = nmd_dataset_get_report (dataset);
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, nmd_demo_count_images (&settings));
  g_assert_cmpuint (nmd_dataset_count_subjects (dataset), ==, 3);
  g_assert_cmpuint (nmd_dataset_count_units (dataset), ==, 9);
  g_assert_cmpstr (report->kind, ==, "paper layout");
  g_assert_true (nmd_dataset_is_synthetic (dataset));
  g_assert_cmpuint (report->left_out->len, ==, 0);
  g_assert_cmpuint (report->n_unmatched_ids, ==, 0);
  g_assert_cmpuint (report->duplicates->len, ==, 0);
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);

      g_assert_true (sample->is_synthetic);
      g_assert_cmpint (sample->problems, ==, 0);
      g_assert_nonnull (g_hash_table_lookup (sample->attributes, "age"));
      g_assert_nonnull (g_hash_table_lookup (sample->attributes, "weight"));
    }
  fixture_remove (folder);
}

/* A folder per class. */

static void
test_classes (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = NULL;
  const NmdImportReport *report;

  fixture_image (folder, "data/benign/one.png", 60, 40);
  fixture_image (folder, "data/benign/two.png", 60, 40);
  fixture_mask_file (folder, "data/benign/two_mask.png", 60, 40, 0.5);
  fixture_mask_file (folder, "data/benign/two_mask_1.png", 60, 40, 0.2);
  fixture_image (folder, "data/malignant/p1/three.png", 60, 40);
  fixture_image (folder, "data/malignant/p1/four.png", 60, 40);
  fixture_mask_file (folder, "data/masks/benign/one.png", 60, 40, 0.5);
  fixture_mask_file (folder, "data/masks/malignant/p1/three_mask.png", 60, 40, 0.5);
  dataset = import_good (folder, "");
  report = nmd_dataset_get_report (dataset);
  g_assert_cmpstr (report->kind, ==, "folder per class");
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 4);
  g_assert_cmpuint (nmd_dataset_count_subjects (dataset), ==, 3);
  g_assert_cmpuint (report->n_no_mask, ==, 1);
  g_assert_cmpstr (nmd_dataset_find (dataset, "malignant/p1/four.png")->subject, ==,
                   "p1");
  g_assert_cmpint (nmd_dataset_find (dataset, "benign/two.png")->echo.n, >, 0);
  g_assert_cmpint (nmd_dataset_find (dataset, "malignant/p1/three.png")->label, ==, 1);
  g_assert_true (
      (nmd_dataset_find (dataset, "benign/two.png")->problems & NMD_PROBLEM_MERGED_MASKS)
      != 0);
  assert_listed (report->assumptions, "a manifest with a column “subject”");
  g_clear_object (&dataset);

  fixture_image (folder, "data/normal-ish/five.png", 60, 40);
  refuse (folder, "data", NMD_ERROR_NEEDS_POSITIVE, "“normal-ish”|positive");
  dataset = import (folder, "data", "malignant", NULL);
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 5);
  g_assert_cmpstr (nmd_dataset_get_class (dataset, 0), ==, "benign or normal-ish");
  fixture_remove (folder);
}

static void
test_nothing (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (GError) error = NULL;

  refuse (folder, "", NMD_ERROR_FORMAT, "holds no data set");
  fixture_text (folder, "note.doc", "x");
  refuse (folder, "note.doc", NMD_ERROR_FORMAT, "note.doc|no data set");
  g_assert_null (import (folder, "missing", NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  fixture_remove (folder);
}

/* Progress, cancelling, reports. */

typedef struct
{
  double last;
  guint n;
  GThread *thread;
  GCancellable *cancel_after_three;
} Watch;

static void
watch (double fraction, NmdSample *sample, gpointer user_data)
{
  Watch *self = user_data;

  g_assert_true (g_thread_self () == self->thread);
  g_assert_cmpfloat (fraction, >, self->last);
  g_assert_cmpint (sample->width, >, 0);
  self->last = fraction;
  self->n++;
  if (self->n == 3 && self->cancel_after_three != NULL)
    g_cancellable_cancel (self->cancel_after_three);
}

static void
test_progress (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  Watch seen = { .thread = g_thread_self () };

  for (int i = 1; i <= 40; i++)
    fixture_scan (folder, "BB", i % 2 ? "Healthy" : "Pathological", i, 1);
  dataset = nmd_dataset_import (folder, NULL, watch, &seen, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (seen.n, ==, 40);
  g_assert_cmpfloat (seen.last, ==, 1);

  seen = (Watch){ .thread = g_thread_self (), .cancel_after_three = cancellable };
  g_assert_null (nmd_dataset_import (folder, NULL, watch, &seen, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (seen.n, ==, 3);
  fixture_remove (folder);
}

static void
test_labels (void)
{
  g_assert_cmpint (nmd_label_parse ("Pathological", NULL), ==, 1);
  g_assert_cmpint (nmd_label_parse (" MALIGNANT", NULL), ==, 1);
  g_assert_cmpint (nmd_label_parse ("1", NULL), ==, 1);
  g_assert_cmpint (nmd_label_parse ("abnormal", NULL), ==, 1);
  g_assert_cmpint (nmd_label_parse ("Healthy", NULL), ==, 0);
  g_assert_cmpint (nmd_label_parse ("0", NULL), ==, 0);
  g_assert_cmpint (nmd_label_parse ("10", NULL), ==, -1);
  g_assert_cmpint (nmd_label_parse ("", NULL), ==, -1);
  g_assert_cmpint (nmd_label_parse ("patholog", NULL), ==, -1);
  g_assert_cmpint (nmd_label_parse ("healthy", "HEALTHY"), ==, 1);
  g_assert_cmpint (nmd_label_parse ("pathological", "healthy"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/import/labels", test_labels);
  g_test_add_func ("/import/manifest", test_manifest);
  g_test_add_func ("/import/hash", test_hash);
  g_test_add_func ("/import/manifest-spellings", test_manifest_spellings);
  g_test_add_func ("/import/columns", test_columns);
  g_test_add_func ("/import/manifest-refused", test_manifest_refused);
  g_test_add_func ("/import/damaged", test_damaged);
  g_test_add_func ("/import/all-damaged", test_all_damaged);
  g_test_add_func ("/import/duplicates", test_duplicates);
  g_test_add_func ("/import/layout", test_layout);
  g_test_add_func ("/import/layout-no-mask", test_layout_no_mask);
  g_test_add_func ("/import/cohort", test_cohort);
  g_test_add_func ("/import/classes", test_classes);
  g_test_add_func ("/import/nothing", test_nothing);
  g_test_add_func ("/import/progress", test_progress);
  return g_test_run ();
}
