/* SPDX-License-Identifier: Apache-2.0
 *
 * A run that finds outlines, in the window's list of runs: it stands there with one sentence and
 * cannot be chosen, so that no page has to show what it has not.
 */
#include "engine/core/nmd-file.h"
#include "engine/image/nmd-png-writer.h"
#include "engine/train/nmd-train.h"
#include "ui/session/nmd-app-session.h"
#include "ui/session/nmd-run-item.h"
#include "ui/session/nmd-runs-session.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* Sixteen images of a disc with their masks. */
static char *
make_data (const char *root)
{
  g_autoptr (GString) text = g_string_new ("image,mask,subject,label\n");
  char *path = g_build_filename (root, "manifest.csv", NULL);

  for (int i = 0; i < 16; i++)
    {
      g_autofree char *name = g_strdup_printf ("%02d.png", i);
      g_autofree char *mask_name = g_strdup_printf ("mask_%02d.png", i);
      g_autofree char *at = g_build_filename (root, name, NULL);
      g_autofree char *mask_at = g_build_filename (root, mask_name, NULL);
      g_autoptr (NmdImage) image = nmd_image_new (64, 64), mask = nmd_image_new (64, 64);

      for (int k = 0; k < 64 * 64; k++)
        {
          mask->pixels[k] = hypot (k % 64 - 24 - i, k / 64 - 30) < 12 ? 255 : 0;
          image->pixels[k] = (guint8)(mask->pixels[k] / 2 + 40 + (k * (i + 3)) % 31);
        }
      g_assert_true (nmd_image_save_png (image, at, 8, NULL, NULL));
      g_assert_true (nmd_image_save_png (mask, mask_at, 1, NULL, NULL));
      g_string_append_printf (text, "%s,%s,s%02d,%d\n", name, mask_name, i, i % 2);
    }
  g_assert_true (nmd_file_write_text (path, text->str, NULL));
  return path;
}

static void
test_listed (void)
{
  g_autofree char *root = g_dir_make_tmp ("nmd-test-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (root, "runs", "outlines", NULL);
  g_autofree char *manifest = make_data (root);
  g_autoptr (NmdTrainSettings) settings = nmd_train_settings_new ();
  g_autoptr (NmdAppSession) session = NULL;
  g_autoptr (NmdRun) run = NULL;
  g_autoptr (NmdRunItem) item = NULL;
  g_autoptr (GError) error = NULL;
  NmdRunsSession *runs;

  nmd_parameters_unref (settings->parameters);
  settings->parameters = nmd_parameters_new_for (NMD_TASK_SEGMENT);
  nmd_parameters_set_text (settings->parameters, "size", "64", NULL);
  nmd_parameters_set_text (settings->parameters, "epochs", "1", NULL);
  settings->dataset_path = g_strdup (manifest);
  settings->folder = g_strdup (folder);
  settings->threads = 1;
  g_assert_true (nmd_train_run (settings, NULL, NULL, NULL, &error));
  g_assert_no_error (error);

  run = nmd_run_open (folder, &error);
  g_assert_no_error (error);
  item = nmd_run_item_new (run);
  g_assert_null (item->run);
  g_assert_nonnull (strstr (item->problem, "finds outlines"));
  g_assert_nonnull (strstr (item->subtitle, "Ghost U-Net"));
  session = nmd_app_session_new (root);
  runs = nmd_app_session_get_runs (session);
  nmd_runs_session_set_run (runs, item);
  g_assert_null (nmd_runs_session_get_run (runs));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/outline-run/listed", test_listed);
  return g_test_run ();
}
