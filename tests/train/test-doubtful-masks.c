/* SPDX-License-Identifier: Apache-2.0
 *
 * A doubtful mask reaches no training without having been shown.
 */
#include "engine/train/nmd-train.h"
#include "tests/data/importing.h"

/* @settings stop at the split, for want of images, once the masks are let through. */
static NmdTrainSettings *
new_settings (const char *data, const char *run)
{
  NmdTrainSettings *settings = nmd_train_settings_new ();

  g_free (settings->dataset_path);
  g_free (settings->folder);
  settings->dataset_path = g_strdup (data);
  settings->folder = g_strdup (run);
  settings->import.no_cache = TRUE;
  return settings;
}

static void
on_event (const NmdTrainEvent *event, gpointer user_data)
{
}

static void
test_refused (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *data = g_build_filename (folder, "data", NULL),
                  *run = g_build_filename (folder, "run", NULL);
  g_autoptr (NmdTrainSettings) settings = new_settings (data, run);
  g_autoptr (NmdImage) mask = fixture_mask (64, 48, 0.6);
  g_autoptr (GError) error = NULL;

  fixture_image (folder, "data/benign/a.png", 64, 48);
  fixture_image (folder, "data/malignant/b.png", 64, 48);
  fixture_mask_file (folder, "data/malignant/b_mask.png", 64, 48, 0.6);
  for (int i = 0; i < 64 * 48; i++)
    mask->pixels[i] = (guint8)~mask->pixels[i];
  fixture_save (folder, "data/benign/a_mask.png", mask, 8);

  g_assert_false (nmd_train_run (settings, on_event, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_MASKS_SEEN);
  g_assert_nonnull (strstr (error->message, "1 looks inverted"));
  g_assert_nonnull (strstr (error->message, "benign/a.png"));
  g_assert_false (g_file_test (run, G_FILE_TEST_EXISTS));
  g_clear_error (&error);

  settings->import.accept_masks = TRUE;
  g_assert_false (nmd_train_run (settings, on_event, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE); /* the split */
  g_clear_error (&error);

  settings->import.accept_masks = FALSE;
  settings->import.invert_masks = TRUE;
  g_assert_false (nmd_train_run (settings, on_event, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/doubtful-masks/refused", test_refused);
  return g_test_run ();
}
