/* SPDX-License-Identifier: Apache-2.0
 *
 * Run folders that are not what a training left: files cut short, and another data set.
 */
#include "engine/core/nmd-file.h"
#include "engine/train/nmd-run-private.h"
#include "tests/train/fixture.h"
#include "tests/train/tiny.h"

#include <glib/gstdio.h>
#include <string.h>

static void
test_changed (void)
{
  g_autofree char *folder = fixture_stopped ("changed");
  g_autofree char *other = fixture_make_data ("changed-data", 0);
  g_autofree char *images = g_path_get_dirname (other);
  g_autoptr (NmdDataset) same = fixture_import (other);
  g_autoptr (NmdDataset) changed = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRun) run = nmd_run_open (folder, NULL);

  g_assert_true (nmd_run_check_dataset (run, same, &error)); /* moved, not changed */
  fixture_write_image (images, 3, 1, 1);
  changed = fixture_import (other);
  g_assert_false (nmd_train_resume (folder, NULL, changed, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_CHANGED);
  g_assert_nonnull (
      strstr (error->message, "1 image changed, the first is 03_1.png (its pixels)"));
}

static void
test_damaged (void)
{
  static const struct
  {
    const char *file;
    gssize keep;      /* bytes of it, −1: remove it */
    const char *text; /* or these instead */
  } cases[] = {
    { NMD_RUN_JSON, 100, NULL },
    { NMD_RUN_JSON, -1, NULL },
    { NMD_RUN_JSON, 0, "{\"format\": 1}" },
    { NMD_RUN_JSON, 0, "{\"format\": 2}" },
    { NMD_RUN_LAST, 3000, NULL },
    { NMD_RUN_LAST, 5, NULL },
    { NMD_RUN_LAST, 0, NULL },
    { NMD_RUN_HISTORY, -1, NULL },
    { NMD_RUN_HISTORY, 120, NULL },
    { NMD_RUN_HISTORY, 0, "epoch,seconds\n0,1\n" },
    { NMD_RUN_METRICS, 0, "[" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("damaged-%u", i);
      g_autofree char *folder = fixture_stopped (name);
      g_autofree char *path = g_build_filename (folder, cases[i].file, NULL);
      g_autofree char *bytes = NULL;
      g_autoptr (GError) error = NULL;

      if (cases[i].text != NULL)
        g_assert_true (nmd_file_write_text (path, cases[i].text, NULL));
      else if (cases[i].keep < 0)
        g_assert_cmpint (g_unlink (path), ==, 0);
      else
        {
          g_assert_true (g_file_get_contents (path, &bytes, NULL, NULL));
          g_assert_true (nmd_file_write (path, bytes, (gsize)cases[i].keep, NULL));
        }
      g_assert_false (
          nmd_train_resume (folder, NULL, fixture.dataset, NULL, NULL, NULL, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[i].file));
      fixture_remove (folder);
    }
}
int
main (int argc, char **argv)
{
  nmd_networks_add (&tiny_network);
  fixture_open (&argc, &argv);
  g_test_add_func ("/run-damage/changed", test_changed);
  g_test_add_func ("/run-damage/cut", test_damaged);
  return fixture_close (g_test_run ());
}
