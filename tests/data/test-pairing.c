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

/* A folder or suffix that no mask goes by is a question, even where the rules would find masks. */
static void
test_wrong_wish (void)
{
  g_autofree char *folder = fixture_folder ();
  NmdImportSettings settings = { .masks = "expert", .no_cache = TRUE };
  g_autoptr (GError) error = NULL;

  fixture_image (folder, "benign/a.png", 40, 30);
  fixture_image (folder, "malignant/b.png", 40, 30);
  fixture_mask_file (folder, "benign/a_mask.png", 40, 30, 0.5);
  fixture_mask_file (folder, "malignant/b_mask.png", 40, 30, 0.5);
  g_assert_null (nmd_dataset_import (folder, &settings, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_MASKS);
  g_assert_nonnull (strstr (error->message, "“expert”"));
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
  g_free (folder);
  folder = fixture_folder (); /* what lies in a folder of masks is no class */
  fixture_image (folder, "images/a.png", 40, 30);
  fixture_mask_file (folder, "masks/left/a.png", 40, 30, 0.5);
  fixture_mask_file (folder, "masks/right/a.png", 40, 30, 0.5);
  refuse (folder, "", NMD_ERROR_FORMAT, "holds no data set");
  fixture_remove (folder);
}

/* Writes ROOT/benign/P1/a.png and ROOT/malignant/P2/b.png below @folder: pictures, or masks. */
static void
write_pair (const char *folder, const char *root, gboolean masks)
{
  static const char *const names[] = { "benign/P1/a.png", "malignant/P2/b.png" };

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *name = g_build_filename (root, names[i], NULL);

      if (masks)
        fixture_mask_file (folder, name, 40, 30, 0.5);
      else
        fixture_image (folder, name, 40, 30);
    }
}

/* Both images with their masks, by the one rule that ends in @rule; labels and subjects as written. */
static void
check_pair (const char *folder, const char *rule)
{
  g_autoptr (NmdDataset) dataset = import_good (folder, "");
  const NmdImportReport *report = nmd_dataset_get_report (dataset);
  const NmdPairingCount *count = NULL;

  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      const NmdSample *sample = nmd_dataset_get (dataset, i);

      g_assert_cmpint (sample->problems, ==, 0);
      g_assert_cmpstr (sample->subject, ==, i == 0 ? "P1" : "P2");
      g_assert_cmpstr (sample->label_word, ==, i == 0 ? "benign" : "malignant");
    }
  g_assert_cmpuint (report->pairings->len, ==, 1);
  count = report->pairings->pdata[0];
  g_assert_cmpuint (count->n, ==, 2);
  if (!g_str_has_suffix (count->rule, rule))
    g_error ("Found by %s, not by %s", count->rule, rule);
}

/* Every word that folders of masks, images and originals go by, in any case. */
static void
test_folder_words (void)
{
  static const char *const masks[] = { "Mask",
                                       "MASKS",
                                       "gt",
                                       "GroundTruth",
                                       "ground_truth",
                                       "Ground-Truth",
                                       "ground truth",
                                       "label",
                                       "Labels",
                                       "Seg",
                                       "segmentation",
                                       "SEGMENTATIONS",
                                       "SegmentationClass",
                                       "annotation",
                                       "Annotations",
                                       "outline",
                                       "Outlines" };
  static const char *const images[]
      = { "Image", "IMAGES", "img", "Imgs", "Scans", "jpegimages" };
  static const char *const originals[] = { "Original", "originals", "RAW" };

  for (guint i = 0; i < G_N_ELEMENTS (masks); i++)
    {
      g_autofree char *folder = fixture_folder ();

      write_pair (folder, i % 2 == 0 ? "" : "Images", FALSE);
      write_pair (folder, masks[i], TRUE);
      check_pair (folder, "the same name in a folder of masks");
      fixture_remove (folder);
    }
  for (guint i = 0; i < G_N_ELEMENTS (images); i++)
    {
      g_autofree char *folder = fixture_folder ();

      write_pair (folder, images[i], FALSE);
      write_pair (folder, "masks", TRUE);
      check_pair (folder, "the same name in a folder of masks");
      fixture_remove (folder);
    }
  for (guint i = 0; i < G_N_ELEMENTS (originals); i++)
    {
      g_autofree char *folder = fixture_folder (), *text = NULL;
      g_autoptr (NmdDataset) dataset = NULL;

      write_pair (folder, "", FALSE);
      write_pair (folder, "masks", TRUE);
      write_pair (folder, originals[i], FALSE);
      check_pair (folder, "the same name in a folder of masks");
      dataset = import_good (folder, "");
      text = g_strconcat (originals[i], "/benign/P1/a.png (an image of this name is read",
                          NULL);
      assert_listed (nmd_dataset_get_report (dataset)->passed_over, text);
      fixture_remove (folder);
    }
}

static void
check_rule (
    NmdDataset *dataset, guint i, const char *rule, const char *image, const char *mask)
{
  const NmdPairingCount *count = nmd_dataset_get_report (dataset)->pairings->pdata[i];
  g_autoptr (JsonNode) node = nmd_dataset_report_to_json (dataset);
  JsonArray *rules
      = json_object_get_array_member (json_node_get_object (node), "mask_rules");
  JsonObject *said = json_array_get_object_element (rules, i);

  g_assert_cmpstr (count->rule, ==, rule);
  g_assert_cmpuint (count->n, ==, 1);
  g_assert_cmpstr (json_object_get_string_member (said, "rule"), ==, rule);
  g_assert_cmpint (json_object_get_int_member (said, "images"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (said, "several"), ==, 0);
  g_assert_true (g_str_has_suffix (nmd_dataset_find (dataset, image)->mask_path, mask));
}

/* An image with masks by several rules takes that of the first; the others are listed. */
static void
test_order (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = NULL;
  const GPtrArray *passed_over = NULL;

  fixture_image (folder, "benign/a.png", 40, 30);
  fixture_image (folder, "benign/b.png", 40, 30);
  fixture_image (folder, "malignant/c.png", 40, 30);
  fixture_mask_file (folder, "masks/benign/a.png", 40, 30, 0.5);
  fixture_mask_file (folder, "masks/a.png", 40, 30, 0.6);
  fixture_mask_file (folder, "benign/a_mask.png", 40, 30, 0.7);
  fixture_mask_file (folder, "masks/b.png", 40, 30, 0.5);
  fixture_mask_file (folder, "benign/b_seg.png", 40, 30, 0.7);
  fixture_mask_file (folder, "malignant/c_mask (2).png", 40, 30, 0.5);
  dataset = import_good (folder, "");
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 3);
  g_assert_cmpuint (nmd_dataset_get_report (dataset)->pairings->len, ==, 3);
  check_rule (dataset, 0, "the same name in a folder of masks", "benign/a.png",
              "masks/benign/a.png");
  check_rule (dataset, 1, "the same name in a folder of masks that classes share",
              "benign/b.png", "masks/b.png");
  check_rule (dataset, 2, "the same name with a suffix in the same folder",
              "malignant/c.png", "c_mask (2).png");
  passed_over = nmd_dataset_get_report (dataset)->passed_over;
  assert_listed ((GPtrArray *)passed_over, "masks/a.png (a mask without an image)");
  assert_listed ((GPtrArray *)passed_over, "benign/a_mask.png (a mask without an image)");
  assert_listed ((GPtrArray *)passed_over, "benign/b_seg.png (a mask without an image)");
  fixture_remove (folder);
}

/* In folders of masks: "mask_" before a name, a suffix that is the image's own, folders that stand above. */
static void
test_names_of_masks (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = NULL;

  fixture_image (folder, "train/benign/images/case.png", 40, 30);
  fixture_image (folder, "train/benign/case_tumor.png", 40, 30);
  fixture_image (folder, "test/malignant/b.png", 40, 30);
  fixture_image (folder, "test/malignant/c.png", 40, 30);
  fixture_mask_file (folder, "train/masks/benign/case_tumor.png", 40, 30, 0.5);
  fixture_mask_file (folder, "test/masks/malignant/mask_b.png", 40, 30, 0.5);
  fixture_mask_file (folder, "masks/malignant/c.png", 40, 30, 0.5); /* of all parts */
  dataset = import_good (folder, "");
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 4);
  g_assert_null (nmd_dataset_find (dataset, "train/benign/images/case.png")->mask_path);
  g_assert_nonnull (nmd_dataset_find (dataset, "train/benign/case_tumor.png")->mask_path);
  g_assert_nonnull (nmd_dataset_find (dataset, "test/malignant/b.png")->mask_path);
  g_assert_nonnull (nmd_dataset_find (dataset, "test/malignant/c.png")->mask_path);
  fixture_remove (folder);
}

/* What is found of a further mask is told of the image. */
static void
test_further_masks (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdImage) all = nmd_image_new (40, 30);
  g_autoptr (NmdDataset) dataset = NULL;

  memset (all->pixels, 255, 40 * 30);
  fixture_image (folder, "benign/a.png", 40, 30);
  fixture_image (folder, "malignant/b.png", 40, 30);
  fixture_mask_file (folder, "benign/a_mask.png", 40, 30, 0.5);
  fixture_save (folder, "benign/a_mask_1.png", all, 8);
  dataset = import_good (folder, "");
  g_assert_cmpint (nmd_dataset_find (dataset, "benign/a.png")->problems, ==,
                   NMD_PROBLEM_MERGED_MASKS | NMD_PROBLEM_MASK_COVERS);
  g_assert_false (nmd_dataset_check_masks (dataset, FALSE, NULL));
  fixture_remove (folder);
}

/* A folder of one part only is a folder like others; pictures beside the folder of a set are not of it. */
static void
test_around (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = NULL;

  write_pair (folder, "Set v2/train", FALSE);
  fixture_image (folder, "figures/overview.png", 40, 30);
  fixture_text (folder, "LICENSE", "…\n");
  dataset = import_good (folder, "");
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (nmd_dataset_get (dataset, i)->part, ==, NMD_PART_NONE);
      g_assert_cmpstr (nmd_dataset_get (dataset, i)->subject, ==, i == 0 ? "P1" : "P2");
    }
  g_assert_null (nmd_dataset_get_report (dataset)->parts_source);
  assert_listed (nmd_dataset_get_report (dataset)->passed_over, "figures/overview.png");
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pairing/shared-names", test_shared_names);
  g_test_add_func ("/pairing/two-folders", test_two_folders);
  g_test_add_func ("/pairing/wrong-wish", test_wrong_wish);
  g_test_add_func ("/pairing/several", test_several);
  g_test_add_func ("/pairing/never-pictures", test_never_pictures);
  g_test_add_func ("/pairing/words", test_words);
  g_test_add_func ("/pairing/folder-words", test_folder_words);
  g_test_add_func ("/pairing/around", test_around);
  g_test_add_func ("/pairing/order", test_order);
  g_test_add_func ("/pairing/names-of-masks", test_names_of_masks);
  g_test_add_func ("/pairing/further-masks", test_further_masks);
  return g_test_run ();
}
