/* SPDX-License-Identifier: Apache-2.0
 *
 * Title, tags and note of a run: what is kept, what is refused, and that nothing is lost.
 */
#include "engine/train/nmd-run-notes.h"

#include <glib/gstdio.h>

static char *folder;

static void
test_round (void)
{
  const char *const tags[] = { " breast ", "", "seed 1", "breast", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRunNotes) none = nmd_run_notes_load (folder, &error);
  g_autoptr (NmdRunNotes) notes
      = nmd_run_notes_new (" First try\n", "line one\nline “two”", tags);
  g_autoptr (NmdRunNotes) read = NULL;

  g_assert_no_error (error);
  g_assert_true (nmd_run_notes_is_empty (none));
  g_assert_true (nmd_run_notes_save (notes, folder, &error));
  g_assert_no_error (error);
  read = nmd_run_notes_load (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read->title, ==, "First try");
  g_assert_cmpstr (read->note, ==, "line one\nline “two”");
  g_assert_cmpuint (g_strv_length (read->tags), ==, 2);
  g_assert_cmpstr (read->tags[0], ==, "breast");
  g_assert_cmpstr (read->tags[1], ==, "seed 1");
  g_assert_false (nmd_run_notes_is_empty (read));
}

static void
test_refused (void)
{
  g_autofree char *path = g_build_filename (folder, NMD_RUN_NOTES, NULL);
  g_autofree char *contents = NULL;
  g_autofree char *text = g_strnfill (NMD_RUN_TITLE_LENGTH + 1, 'x');
  g_autoptr (NmdRunNotes) longer = nmd_run_notes_new (text, NULL, NULL);
  g_autoptr (NmdRunNotes) notes = nmd_run_notes_new ("x", NULL, NULL);
  g_autoptr (NmdRunNotes) read = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (nmd_run_notes_save (longer, folder, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_REFUSED);
  g_clear_error (&error);

  /* What cannot be read was somebody's; it is named and not replaced. */
  g_assert_true (g_file_set_contents (path, "{\"tags\": 3}", -1, NULL));
  read = nmd_run_notes_load (folder, &error);
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "notes.json: tags"));
  g_assert_null (read);
  g_clear_error (&error);
  g_assert_false (nmd_run_notes_save (notes, folder, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, "{\"tags\": 3}");
  g_remove (path);
}

int
main (int argc, char **argv)
{
  int status = 0;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("nmd-notes-XXXXXX", NULL);
  g_test_add_func ("/notes/round", test_round);
  g_test_add_func ("/notes/refused", test_refused);
  status = g_test_run ();
  g_rmdir (folder);
  g_free (folder);
  return status;
}
