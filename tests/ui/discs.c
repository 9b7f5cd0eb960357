/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the discs, and trains ghostunet on them.
 */
#include "tests/ui/discs.h"

#include "engine/core/nmd-file.h"
#include "engine/image/nmd-png-writer.h"
#include "engine/train/nmd-train.h"
#include "tests/ui/screen.h"

#include <glib/gstdio.h>
#include <math.h>

void
discs_draw (int i, NmdImage *image, NmdImage *mask)
{
  for (int k = 0; k < DISCS_SIDE * DISCS_SIDE; k++)
    {
      int x = k % DISCS_SIDE, y = k / DISCS_SIDE;
      mask->pixels[k] = hypot (x - 22 - i % 16, y - 24 - i % 11) < 13 ? 255 : 0;
      image->pixels[k] = (guint8)(mask->pixels[k] / 2 + 40 + (k * (i + 3)) % 31);
    }
}

char *
discs_write (const char *name, int n, gboolean masks)
{
  g_autoptr (GString) text = g_string_new ("image,mask,subject,label\n");
  g_autofree char *folder = g_build_filename (screen.folder, name, NULL);
  char *path = g_build_filename (folder, "manifest.csv", NULL);

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  for (int i = 0; i < n; i++)
    {
      g_autoptr (NmdImage) image = nmd_image_new (DISCS_SIDE, DISCS_SIDE);
      g_autoptr (NmdImage) mask = nmd_image_new (DISCS_SIDE, DISCS_SIDE);
      g_autofree char *image_name = g_strdup_printf ("%02d.png", i);
      g_autofree char *mask_name = g_strdup_printf ("mask_%02d.png", i);
      g_autofree char *at = g_build_filename (folder, image_name, NULL);
      g_autofree char *mask_at = g_build_filename (folder, mask_name, NULL);
      discs_draw (i, image, mask);
      g_assert_true (nmd_image_save_png (image, at, 8, NULL, NULL));
      if (masks)
        g_assert_true (nmd_image_save_png (mask, mask_at, 1, NULL, NULL));
      g_string_append_printf (text, "%s,%s,s%02d,%d\n", image_name,
                              masks ? mask_name : "", i, i % 2);
    }
  g_assert_true (nmd_file_write_text (path, text->str, NULL));
  return path;
}

char *
discs_train (const char *manifest, const char *epochs)
{
  char *folder = g_build_filename (screen.folder, "runs", "outlines", NULL);
  g_autoptr (NmdTrainSettings) settings = nmd_train_settings_new ();
  const char *const values[][2] = { { "size", "64" },
                                    { "epochs", epochs },
                                    { "batch", "8" },
                                    { "lr", "0.003" },
                                    { "average-start", "0.9" } };
  g_autoptr (GError) error = NULL;

  nmd_parameters_unref (settings->parameters);
  settings->parameters = nmd_parameters_new_for (NMD_TASK_SEGMENT);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    g_assert_true (
        nmd_parameters_set_text (settings->parameters, values[i][0], values[i][1], NULL));
  settings->dataset_path = g_strdup (manifest);
  settings->folder = g_strdup (folder);
  settings->threads = 1;
  nmd_train_run (settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return folder;
}
