/* SPDX-License-Identifier: Apache-2.0
 *
 * What an import says of itself: counts, names, JSON and text of a folder with every kind
 * of fault; settings as values; names of masks.
 */
#include "engine/core/nmd-json.h"
#include "engine/data/import/nmd-import.h"
#include "engine/data/import/nmd-mask-names.h"
#include "engine/image/nmd-dicom.h"
#include "tests/data/importing.h"

#include <string.h>

/* Six images: one missing, one of another size than its mask, one without a mask, one with
 * an empty mask, and two identical ones with different labels. */
static NmdDataset *
import_faulty (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "manifest.csv", NULL);
  g_autoptr (NmdImage) twin = fixture_picture (60, 40, "twin");
  g_autoptr (GError) error = NULL;
  NmdDataset *dataset = NULL;

  fixture_save (folder, "a.png", twin, 8);
  fixture_save (folder, "b.png", twin, 8);
  fixture_image (folder, "c.png", 60, 40);
  fixture_image (folder, "d.png", 60, 40);
  fixture_image (folder, "e.png", 60, 40);
  fixture_mask_file (folder, "m.png", 60, 40, 0.5);
  fixture_mask_file (folder, "empty.png", 60, 40, 0);
  fixture_mask_file (folder, "large.png", 80, 40, 0.5);
  fixture_text (folder, "manifest.csv",
                "image,mask,subject,label\n"
                "a.png,m.png,1,healthy\n"
                "b.png,m.png,2,pathological\n"
                "c.png,,2,pathological\n"
                "d.png,empty.png,2,healthy\n"
                "e.png,large.png,3,healthy\n"
                "f.png,m.png,4,healthy\n");
  dataset = nmd_dataset_import (path, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  fixture_remove (folder);
  return dataset;
}

static void
test_counts (void)
{
  g_autoptr (NmdDataset) dataset = import_faulty ();
  NmdImportCounts n;

  nmd_dataset_get_import_counts (dataset, &n);
  g_assert_cmpuint (n.n_images, ==, 4);
  g_assert_cmpuint (n.n_subjects, ==, 2);
  g_assert_cmpuint (n.n_left_out, ==, 2);
  g_assert_cmpuint (n.n_unreadable, ==, 1);
  g_assert_cmpuint (n.n_size_mismatch, ==, 1);
  g_assert_cmpuint (n.n_no_mask, ==, 1);
  g_assert_cmpuint (n.n_empty_mask, ==, 1);
  g_assert_cmpuint (n.n_whole_frame, ==, 2);
  g_assert_cmpuint (n.n_duplicate, ==, 1);
  g_assert_cmpuint (n.n_label_conflict, ==, 1);
  g_assert_cmpuint (n.n_mixed_subjects, ==, 1);
}

static void
save_level (const char *folder, const char *name, int level, int others)
{
  g_autoptr (NmdImage) image = nmd_image_new (60, 40);

  /* @others of the pixels, the first, are of other levels */
  for (int i = 0; i < 60 * 40; i++)
    image->pixels[i] = (guint8)(i < others ? 10 + i % 100 : level);
  fixture_save (folder, name, image, 8);
}

/* Pictures with nothing to measure are counted and named; inside the outline where there is one. The
 * second import has them from the index. */
static void
test_exposure (void)
{
  g_autofree char *folder = fixture_folder (), *cache = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "manifest.csv", NULL);
  const NmdImportSettings settings = { .cache_folder = cache };

  save_level (folder, "black.png", 0, 0);
  save_level (folder, "white.png", 255, 0);
  save_level (folder, "half.png", 255, 1200);
  save_level (folder, "less.png", 255, 1201);
  save_level (folder, "grey.png", 90, 0);
  save_level (folder, "inside.png", 90, 300); /* constant inside the outline only */
  save_level (folder, "usual.png", 90, 2400);
  save_level (folder, "nothing.png", 91, 0);
  fixture_mask_file (folder, "m.png", 60, 40, 0.3);
  fixture_mask_file (folder, "empty.png", 60, 40, 0);
  fixture_text (folder, "manifest.csv",
                "image,mask,subject,label\nblack.png,,1,healthy\n"
                "white.png,m.png,2,healthy\nhalf.png,,3,healthy\nless.png,,4,healthy\n"
                "grey.png,m.png,5,pathological\ninside.png,m.png,6,pathological\n"
                "usual.png,m.png,7,pathological\n"
                "nothing.png,empty.png,8,pathological\n");
  g_unsetenv ("NMD_NO_CACHE");
  g_usleep (120 * 1000); /* a file that was just written is not kept */
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdDataset) dataset
          = nmd_dataset_import (path, &settings, NULL, NULL, NULL, &error);
      g_autofree char *text = NULL;
      g_autoptr (JsonNode) node = NULL;
      JsonObject *object;
      NmdImportCounts n;

      g_assert_no_error (error);
      nmd_dataset_get_import_counts (dataset, &n);
      g_assert_cmpuint (n.n_black, ==, 1);
      g_assert_cmpuint (n.n_saturated, ==, 2);
      g_assert_cmpuint (n.n_constant, ==, 3);
      text = nmd_dataset_import_to_text (dataset);
      g_assert_nonnull (strstr (text, "1 image is black throughout\n  black.png"));
      g_assert_nonnull (
          strstr (text, "2 images are saturated: at least half is white\n"));
      g_assert_nonnull (strstr (text, "3 images are of one grey level throughout\n"));
      g_assert_null (strstr (text, "usual.png"));
      node = nmd_dataset_import_to_json (dataset, 0);
      object = json_node_get_object (node);
      g_assert_cmpint (json_object_get_int_member (object, "saturated"), ==, 2);
      g_assert_cmpuint (json_array_get_length (
                            json_object_get_array_member (object, "constant_images")),
                        ==, 3);
    }
  fixture_remove (folder);
  fixture_remove (cache);
  g_setenv ("NMD_NO_CACHE", "1", TRUE);
}

static const char *
first_text (JsonObject *object, const char *list)
{
  JsonArray *array = json_object_get_array_member (object, list);

  g_assert_cmpuint (json_array_get_length (array), ==, 1);
  return json_array_get_string_element (array, 0);
}

static void
test_json (void)
{
  g_autoptr (NmdDataset) dataset = import_faulty ();
  g_autoptr (JsonNode) node = nmd_dataset_import_to_json (dataset, 0);
  g_autoptr (JsonNode) one = nmd_dataset_import_to_json (dataset, 1);
  JsonObject *object = json_node_get_object (node);
  JsonArray *left_out = json_object_get_array_member (object, "left_out_files");
  JsonObject *first = json_array_get_object_element (left_out, 0);

  g_assert_cmpint (json_object_get_int_member (object, "images"), ==, 4);
  g_assert_cmpint (json_object_get_int_member (object, "left_out"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (object, "label_conflict"), ==, 1);
  g_assert_cmpuint (json_array_get_length (left_out), ==, 2);
  g_assert_cmpstr (json_object_get_string_member (first, "path"), ==, "e.png");
  g_assert_nonnull (
      strstr (json_object_get_string_member (first, "reason"), "large.png is 80 × 40"));
  g_assert_cmpstr (first_text (object, "no_mask_images"), ==, "c.png");
  g_assert_cmpstr (first_text (object, "empty_mask_images"), ==, "d.png");
  g_assert_cmpstr (first_text (object, "label_conflict_images"), ==, "b.png");
  g_assert_nonnull (strstr (first_text (object, "duplicate_images"), "same picture"));

  object = json_node_get_object (one);
  left_out = json_object_get_array_member (object, "left_out_files");
  g_assert_cmpint (json_object_get_int_member (object, "left_out"), ==, 2);
  g_assert_cmpuint (json_array_get_length (left_out), ==, 1);
}

static void
test_text (void)
{
  g_autoptr (NmdDataset) dataset = import_faulty ();
  g_autofree char *text = nmd_dataset_import_to_text (dataset);
  g_autofree char *report = nmd_dataset_report_to_text (dataset);
  const char *const lines[] = {
    "2 files were left out:\n  e.png: ",
    "  f.png: The image does not exist\n",
    "1 image has no mask: the whole frame is used, echo intensity is not measured\n"
    "  c.png\n",
    "1 image has an empty mask",
    "1 image is identical to an image with the other label\n",
    "b.png is the same picture as a.png, of another subject, with another label\n"
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_assert_nonnull (strstr (text, lines[i]));
      g_assert_nonnull (strstr (report, lines[i]));
    }
  g_assert_nonnull (strstr (report, "4 images of 2 subjects"));
}

static void
test_report (void)
{
  g_autoptr (NmdDataset) dataset = import_faulty ();
  g_autoptr (JsonNode) node = nmd_dataset_report_to_json (dataset);
  g_autofree char *json = nmd_json_to_text (node);
  JsonObject *object = json_node_get_object (node);
  JsonObject *labels = json_object_get_object_member (object, "images_by_label");

  g_assert_cmpint (json_object_get_int_member (object, "subjects"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (labels, "healthy"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (object, "left_out"), ==, 2);
  g_assert_nonnull (strstr (json, nmd_dataset_get_hash (dataset)));
}

/* A copy is deep, may be made of itself, and completing leaves cache and consent alone. */
static void
test_settings (void)
{
  const NmdImportSettings given = { .positive = "ill",
                                    .label_column = "diagnosis",
                                    .cache_folder = "/cache",
                                    .unpack = TRUE,
                                    .no_cache = TRUE };
  g_auto (NmdImportSettings) copy = { 0 };
  g_auto (NmdImportSettings) other = { 0 };

  nmd_import_settings_copy (&copy, &given);
  g_assert_cmpstr (copy.positive, ==, "ill");
  g_assert_true (copy.positive != given.positive);
  g_assert_cmpstr (copy.cache_folder, ==, "/cache");
  g_assert_true (copy.unpack && copy.no_cache);
  nmd_import_settings_copy (&copy, &copy);
  g_assert_cmpstr (copy.label_column, ==, "diagnosis");

  nmd_import_settings_complete (&other, &copy);
  g_assert_cmpstr (other.positive, ==, "ill");
  g_assert_null (other.cache_folder);
  g_assert_false (other.unpack);
  nmd_import_settings_copy (&copy, NULL);
  g_assert_null (copy.positive);
  nmd_import_settings_complete (&other, &copy);
  g_assert_cmpstr (other.label_column, ==, "diagnosis");
}

static void
test_mask_names (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *masks = g_build_filename (folder, "Masks", NULL);
  g_autofree char *image = g_build_filename (folder, "Images", "bus_0001-l.jpg", NULL);
  g_autofree char *none = NULL, *found = NULL, *beside = NULL, *expected = NULL;

  fixture_text (folder, "Images/bus_0001-l.jpg", "");
  none = nmd_mask_find_in (masks, image);
  g_assert_null (none);
  fixture_text (folder, "Masks/mask_0001-l.png", "");
  found = nmd_mask_find_beside (image);
  g_assert_true (g_str_has_suffix (found, "Masks/mask_0001-l.png"));
  fixture_text (folder, "Masks/bus_0001-l.png", "");
  g_free (found);
  found = nmd_mask_find_in (masks, image);
  expected = g_build_filename (masks, "bus_0001-l.png", NULL);
  g_assert_cmpstr (found, ==, expected);
  g_clear_pointer (&found, g_free);
  found = nmd_mask_find_in (masks, expected); /* not itself */
  g_assert_true (g_str_has_suffix (found, "Masks/mask_0001-l.png"));
  fixture_text (folder, "Images/bus_0001-l_mask.png", "");
  beside = nmd_mask_find_beside (image);
  g_assert_true (g_str_has_suffix (beside, "Images/bus_0001-l_mask.png"));
  fixture_remove (folder);
}

/* Escape sequences in names and cells do not reach a terminal. */
static void
test_escapes (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "manifest.csv", NULL);
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  fixture_image (folder, "a\033[31m.png", 60, 40);
  fixture_text (folder, "manifest.csv",
                "image,subject,label\n"
                "a\033[31m.png,1,healthy\n"
                "b\033[2J.png,2\033[2J,healthy\n");
  dataset = nmd_dataset_import (path, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  text = nmd_dataset_report_to_text (dataset);
  g_assert_null (strchr (text, '\033'));
  g_assert_nonnull (strstr (text, "b\\x1b[2J.png: The image does not exist"));
  g_assert_nonnull (strstr (text, "  a\\x1b[31m.png\n")); /* it has no mask */
  fixture_text (folder, "manifest.csv", "image,subject,label\na\033[31m.png,1,\033[2J\n");
  g_assert_null (nmd_dataset_import (path, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_POSITIVE);
  g_assert_null (strchr (error->message, '\033'));
  fixture_remove (folder);
}

static char *
two_images (void)
{
  char *folder = fixture_folder ();

  fixture_image (folder, "benign/a.png", 20, 10);
  fixture_image (folder, "malignant/b.png", 20, 10);
  return folder;
}

/* CVAT for video is refused by name; the images stand without outlines. */
static void
test_video (void)
{
  g_autofree char *folder = two_images ();
  g_autoptr (NmdDataset) dataset = NULL;

  fixture_text (folder, "annotations.xml",
                "<annotations><track id=\"0\" label=\"muscle\"><polygon frame=\"0\" "
                "points=\"1,1;9,1;9,9\"/></track></annotations>");
  dataset = import_good (folder, "");
  g_assert_cmpuint (nmd_dataset_get_report (dataset)->n_no_mask, ==, 2);
  assert_left_out (dataset, "annotations.xml", "CVAT for images");
  fixture_remove (folder);
}

/* Volumes and DICOM files, as masks and alone, by name, and a DICOM file without ending. */
static void
test_volumes (void)
{
  static const char *const names[]
      = { "benign/a.nii.gz", "benign/a.NII",    "malignant/b_mask.mha",
          "malignant/b.mhd", "malignant/c.dcm", "malignant/IM_0001" };
  static const char *const words[]
      = { "NIfTI", "NIfTI", "MetaImage", "MetaImage", "DICOM", "DICOM" };
  g_autofree char *folder = two_images (), *only = fixture_folder ();
  g_autoptr (NmdDataset) dataset = NULL;
  char start[132] = { 0 };

  memcpy (start + 128, "DICM", 4);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_assert_true (g_file_set_contents (path, start, sizeof start, NULL));
    }
  dataset = import_good (folder, "");
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 2);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      assert_left_out (dataset, names[i], words[i]);
      if (!g_str_equal (words[i], "DICOM"))
        assert_left_out (dataset, names[i], "PNG");
    }
  fixture_text (only, "benign/a.nii.gz", "x");
  fixture_text (only, "malignant/b.nii.gz", "x");
  refuse (only, "", NMD_ERROR_FORMAT, "benign/a.nii.gz: It is a NIfTI volume");
  fixture_remove (folder);
  fixture_remove (only);
}

/* A DICOM file is an image like others; a cine is named. */
static void
test_dicom (void)
{
  static const char *const names[] = { "grey8.dcm", "cine.dcm" };
  g_autofree char *folder = two_images ();
  g_autoptr (NmdDataset) dataset = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *from = g_test_build_filename (G_TEST_DIST, "image", "golden",
                                                     "dicom", names[i], NULL);
      g_autofree char *to = g_build_filename (folder, "benign", names[i], NULL);
      g_autofree char *data = NULL;
      gsize length = 0;

      g_assert_true (g_file_get_contents (from, &data, &length, NULL));
      g_assert_true (g_file_set_contents (to, data, (gssize)length, NULL));
    }
  dataset = import_good (folder, "");
  if (nmd_dicom_get_missing () != NULL)
    assert_left_out (dataset, "benign/grey8.dcm", "needs a part that is missing");
  else
    {
      g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 3);
      assert_left_out (dataset, "benign/cine.dcm", "is a DICOM file of 5 frames; save ");
    }
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/import-report/dicom", test_dicom);
  g_test_add_func ("/import-report/counts", test_counts);
  g_test_add_func ("/import-report/exposure", test_exposure);
  g_test_add_func ("/import-report/json", test_json);
  g_test_add_func ("/import-report/text", test_text);
  g_test_add_func ("/import-report/whole", test_report);
  g_test_add_func ("/import-report/escapes", test_escapes);
  g_test_add_func ("/import-report/settings", test_settings);
  g_test_add_func ("/import-report/mask-names", test_mask_names);
  g_test_add_func ("/import-report/video", test_video);
  g_test_add_func ("/import-report/volumes", test_volumes);
  return g_test_run ();
}
