/* SPDX-License-Identifier: Apache-2.0
 *
 * Pairing of images and masks by name, and folders that are no classes.
 */
#include "tests/data/importing.h"

/* One mask for two classes is of neither. */
static void
test_shared_names (void)
{
  g_autofree char *folder = fixture_folder ();

  fixture_image (folder, "benign/1.png", 40, 30);
  fixture_image (folder, "malignant/1.png", 40, 30);
  fixture_image (folder, "malignant/2.png", 40, 30);
  fixture_mask_file (folder, "masks/1.png", 40, 30, 0.5);
  fixture_mask_file (folder, "masks/2.png", 40, 30, 0.5);
  refuse (folder, "", NMD_ERROR_REFUSED, "masks/1.png|benign/1.png|malignant/1.png");
  fixture_remove (folder);
}

/* Two folders of masks: which one is asked. */
static void
test_two_folders (void)
{
  g_autofree char *folder = fixture_folder ();
  NmdImportSettings settings = { .masks = "Masks_B", .no_cache = TRUE };
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *wanted = g_build_filename (folder, "GT", "benign", "a.png", NULL);

  fixture_image (folder, "benign/a.png", 40, 30);
  fixture_image (folder, "malignant/b.png", 40, 30);
  fixture_mask_file (folder, "Masks/benign/a.png", 40, 30, 0.5);
  fixture_mask_file (folder, "Masks/malignant/b.png", 40, 30, 0.5);
  fixture_mask_file (folder, "GT/benign/a.png", 40, 30, 0.7);
  fixture_mask_file (folder, "GT/malignant/b.png", 40, 30, 0.7);
  g_assert_null (import (folder, "", NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_MASKS);
  g_assert_true (g_strv_contains (nmd_error_get_choices (error), "GT"));
  g_assert_true (g_strv_contains (nmd_error_get_choices (error), "Masks"));
  g_clear_error (&error);
  dataset = nmd_dataset_import (folder, &settings, NULL, NULL, NULL, &error);
  g_assert_null (dataset);
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_MASKS);
  g_clear_error (&error);
  settings.masks = "gt";
  dataset = nmd_dataset_import (folder, &settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (nmd_dataset_find (dataset, "benign/a.png")->mask_path, ==, wanted);
  fixture_remove (folder);
}

/* Several masks of one image are joined and said, or become samples of their own. */
static void
test_several (void)
{
  g_autofree char *folder = fixture_folder (), *text = NULL;
  NmdImportSettings settings = { .separate_masks = TRUE, .no_cache = TRUE };
  g_autoptr (NmdDataset) joined = NULL, apart = NULL;
  g_autoptr (NmdImage) a = fixture_mask (40, 30, 0.5), b = fixture_mask (40, 30, 0.5);
  g_autoptr (NmdImage) both = NULL;
  g_autoptr (GError) error = NULL;
  NmdSample *sample;
  gint64 n;

  for (int i = 0; i < 40 * 30; i++)
    *(i % 40 < 18 ? &b->pixels[i] : &a->pixels[i]) = 0;
  fixture_image (folder, "benign/x (1).png", 40, 30);
  fixture_save (folder, "benign/x (1)_mask.png", a, 1);
  fixture_save (folder, "benign/x (1)_mask_1.png", b, 1);
  fixture_image (folder, "malignant/y.png", 40, 30);
  joined = import_good (folder, "");
  g_assert_cmpuint (nmd_dataset_get_n (joined), ==, 2);
  sample = nmd_dataset_find (joined, "benign/x (1).png");
  g_assert_true ((sample->problems & NMD_PROBLEM_MERGED_MASKS) != 0);
  g_assert_true (nmd_sample_load (sample, NULL, &both, NULL));
  n = 0;
  for (int i = 0; i < 40 * 30; i++)
    {
      g_assert_cmpint (both->pixels[i], ==, a->pixels[i] | b->pixels[i]);
      n += both->pixels[i] != 0;
    }
  g_assert_cmpint (sample->echo.n, ==, n);
  text = nmd_dataset_report_to_text (joined);
  g_assert_nonnull (strstr (text, "1 image has several masks"));
  g_assert_nonnull (strstr (text, "1 image, 1 of them with several masks"));
  apart = nmd_dataset_import (folder, &settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_dataset_get_n (apart), ==, 3);
  g_assert_cmpint (
      nmd_dataset_get (apart, 0)->echo.n + nmd_dataset_get (apart, 1)->echo.n, ==, n);
  g_assert_cmpstr (nmd_dataset_get (apart, 0)->subject, ==,
                   nmd_dataset_get (apart, 1)->subject);
  fixture_remove (folder);
}

/* Masks are never pictures, with or without an image. */
static void
test_never_pictures (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = NULL;
  const NmdImportReport *report;

  fixture_image (folder, "benign/a.png", 40, 30);
  fixture_image (folder, "benign/case_tumor.png", 40, 30);
  fixture_image (folder, "malignant/b.png", 40, 30);
  fixture_mask_file (folder, "benign/gone_mask.png", 40, 30, 0.5);
  fixture_mask_file (folder, "malignant/GT/gone.png", 40, 30, 0.5);
  fixture_mask_file (folder, "segmentation/malignant/b.png", 40, 30, 0.5);
  dataset = import_good (folder, "");
  report = nmd_dataset_get_report (dataset);
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 3);
  g_assert_nonnull (nmd_dataset_find (dataset, "benign/case_tumor.png"));
  g_assert_nonnull (nmd_dataset_find (dataset, "malignant/b.png")->mask_path);
  assert_listed (report->passed_over, "benign/gone_mask.png (a mask without an image)");
  assert_listed (report->passed_over, "malignant/GT/gone.png (a mask without an image)");
  fixture_remove (folder);
}

/* Folders of masks, images and originals are never offered as labels; words keep their case. */
static void
test_words (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  const char *const *choices;

  fixture_image (folder, "data/ALS/images/a.png", 40, 30);
  fixture_image (folder, "data/Volunteer/images/b.png", 40, 30);
  fixture_image (folder, "data/originals/c.png", 40, 30);
  fixture_mask_file (folder, "data/labels/ALS/a.png", 40, 30, 0.5);
  fixture_text (folder, "LICENSE.txt", "…\n");
  g_assert_null (import (folder, "", NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_POSITIVE);
  choices = nmd_error_get_choices (error);
  g_assert_cmpuint (g_strv_length ((char **)choices), ==, 2);
  g_assert_cmpstr (choices[0], ==, "ALS");
  g_assert_cmpstr (choices[1], ==, "Volunteer");
  dataset = import (folder, "", "als", NULL);
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 2);
  g_assert_cmpstr (nmd_dataset_get_class (dataset, 0), ==, "Volunteer");
  g_assert_cmpstr (nmd_dataset_get_class (dataset, 1), ==, "ALS");
  assert_listed (nmd_dataset_get_report (dataset)->passed_over,
                 "originals/c.png (in no class folder)");
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pairing/shared-names", test_shared_names);
  g_test_add_func ("/pairing/two-folders", test_two_folders);
  g_test_add_func ("/pairing/several", test_several);
  g_test_add_func ("/pairing/never-pictures", test_never_pictures);
  g_test_add_func ("/pairing/words", test_words);
  return g_test_run ();
}
