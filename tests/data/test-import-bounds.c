/* SPDX-License-Identifier: Apache-2.0
 *
 * What an import refuses or bounds beyond damaged files: endless paths, many label words,
 * one header twice, an image as its own mask; rows named as errors of CSV name them; a
 * cancelled import ends soon; archives that hold no data set.
 */
#include "tests/data/importing.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

/* A path of 200 KB in a table of one row. */
static void
test_endless_path (void)
{
  g_autofree char *folder = NULL;
  g_autoptr (GString) text = g_string_new ("image,subject,label\n");

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC,
                              G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  folder = fixture_folder ();
  for (guint i = 0; i < 100 * 1000; i++)
    g_string_append (text, "a/");
  g_string_append (text, "a.png,1,healthy\n");
  fixture_text (folder, "manifest.csv", text->str);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  g_assert_cmpint (setrlimit (RLIMIT_AS, &(struct rlimit){ .rlim_cur = 1u << 30,
                                                           .rlim_max = 1u << 30 }),
                   ==, 0);
#endif
  refuse (folder, "manifest.csv", NMD_ERROR_FORMAT, "Row 2|more than 4096 bytes|…");
  fixture_remove (folder);
}

/* The header is row 1 and empty lines count, as in errors of CSV. */
static void
test_rows (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = NULL;

  fixture_image (folder, "a.png", 60, 40);
  fixture_text (folder, "manifest.csv",
                "image,subject,label\n"
                "a.png,1,healthy\n"
                "\n"
                ",2,healthy\n"
                "a.png,1,healthy\n"
                "b.png,,healthy\n");
  dataset = import_good (folder, "manifest.csv");
  assert_left_out (dataset, "manifest.csv", "Row 4");
  assert_left_out (dataset, "a.png", "row 5");
  assert_left_out (dataset, "b.png", "Row 6");
  fixture_text (folder, "manifest.csv", "image,subject,label\na.png,1\n");
  refuse (folder, "manifest.csv", NMD_ERROR_FORMAT, "Row 2 has 2 cells");
  fixture_text (folder, "manifest.csv", "image,subject,label\n../a.png,1,healthy\n");
  refuse (folder, "manifest.csv", NMD_ERROR_FORMAT, "Row 2");
  fixture_remove (folder);
}

static void
test_twice (void)
{
  static const char *const headers[]
      = { "image,subject,label,Label",        "image,Image,subject,label",
          "image,subject,label,mask,subject", "mask,image,subject,label, MASK ",
          "image,subject,label,split,Split",  "image,subject,label,muscle,muscle" };
  g_autofree char *folder = fixture_folder ();

  fixture_image (folder, "a.png", 60, 40);
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_autofree char *text
          = g_strdup_printf ("%s\na.png,1,healthy,test,train\n", headers[i]);

      fixture_text (folder, "manifest.csv", text);
      refuse (folder, "manifest.csv", NMD_ERROR_FORMAT, "two columns|column ");
    }
  fixture_text (folder, "manifest.csv", "image,subject,label,x,x\na.png,1,healthy,2,3\n");
  g_object_unref (import_good (folder, "manifest.csv"));
  fixture_remove (folder);
}

static void
test_own_mask (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *a = g_build_filename (folder, "a.png", NULL);
  g_autofree char *link = g_build_filename (folder, "b.png", NULL);
  g_autoptr (NmdDataset) dataset = NULL;

  fixture_image (folder, "a.png", 60, 40);
  fixture_image (folder, "good.png", 60, 40);
  g_assert_cmpint (symlink ("a.png", link), ==, 0);
  fixture_text (folder, "manifest.csv",
                "image,mask,subject,label\n"
                "a.png,./a.png,1,healthy\n"
                "b.png,a.png,1,healthy\n"
                "good.png,,1,healthy\n");
  dataset = import_good (folder, "manifest.csv");
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 1);
  assert_left_out (dataset, "a.png", "is the image itself");
  assert_left_out (dataset, "b.png", "is the image itself");
  fixture_remove (folder);
}

/* A manifest of @n rows, each with a label word and a muscle of its own. */
static void
write_words (const char *folder, guint n)
{
  g_autoptr (GString) text = g_string_new ("image,subject,label,muscle\n");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "i%u.png,s%u,word%u,m%u\n", i, i, i, i);
  fixture_text (folder, "manifest.csv", text->str);
}

/* 100,000 label words take seconds, not minutes: twice as many take about twice as long. */
static void
test_words (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "manifest.csv", NULL);
  clock_t start = clock (); /* the processor's time: others may use the machine */
  double seconds = 0;
  g_autoptr (GError) error = NULL;

  write_words (folder, 100 * 1000);
  fixture_image (folder, "i0.png", 20, 10);
  g_assert_null (nmd_dataset_import (path, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_POSITIVE);
  g_assert_cmpuint (g_strv_length ((char **)nmd_error_get_choices (error)), ==,
                    NMD_ERROR_MAX_CHOICES);
  seconds = (double)(clock () - start) / CLOCKS_PER_SEC;
  g_test_message ("%.2f s", seconds);
  g_assert_cmpfloat (seconds, <, 20); /* 300 s when it was quadratic */
  fixture_remove (folder);
}

static gpointer
cancel_later (gpointer data)
{
  g_usleep (150 * 1000);
  g_cancellable_cancel (data);
  return NULL;
}

/* Wherever it is, a cancelled import ends soon. */
static void
test_cancel (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "manifest.csv", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread = NULL;
  clock_t start = 0; /* the processor's time, of both threads */
  double seconds = 0;

  write_words (folder, 300 * 1000);
  start = clock ();
  thread = g_thread_new ("cancel", cancel_later, cancellable);
  g_assert_null (nmd_dataset_import (path, NULL, NULL, NULL, cancellable, &error));
  seconds = (double)(clock () - start) / CLOCKS_PER_SEC;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_test_message ("%.2f s", seconds);
  g_assert_cmpfloat (seconds, <, 3); /* 0.15 s to the call */
  fixture_remove (folder);
}

static guint
mode_of (const char *path)
{
  GStatBuf info;

  g_assert_cmpint (g_lstat (path, &info), ==, 0);
  return info.st_mode & 0777;
}

/* Every folder below @folder is 0700 and every file 0600. */
static void
assert_private (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  g_assert_cmpuint (mode_of (folder), ==, 0700);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        assert_private (path);
      else
        g_assert_cmpuint (mode_of (path), ==, 0600);
    }
}

static void
test_private (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *data = g_build_filename (folder, "data", NULL);
  g_autofree char *zip = g_build_filename (folder, "set.zip", NULL);
  g_autofree char *cache = g_build_filename (folder, "cache", NULL);
  NmdImportSettings settings = { .unpack = TRUE, .cache_folder = cache };
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;

  fixture_scan (data, "BB", "Healthy", 1, 1);
  fixture_zip (data, zip, "deep/folder/");
  dataset = nmd_dataset_import (zip, &settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_private (cache);
  fixture_remove (folder);
}

/* Nothing stays of a zip that is no data set, and the error names the zip. */
static void
test_no_dataset (void)
{
  static const char *const tables[]
      = { NULL, "image,subject\n", "image,subject,label\n../a.png,1,healthy\n" };
  g_autofree char *folder = fixture_folder ();
  g_autofree char *zip = g_build_filename (folder, "thesis.zip", NULL);
  g_autofree char *cache = g_build_filename (folder, "cache", NULL);
  NmdImportSettings settings = { .unpack = TRUE, .cache_folder = cache };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      struct archive *archive = fixture_zip_open (zip);
      g_autoptr (GDir) dir = NULL;
      g_autoptr (GError) error = NULL;
      guint n = 0;

      fixture_zip_entry (archive, "notes.txt", "notes", NULL);
      if (tables[i] != NULL)
        fixture_zip_entry (archive, "manifest.csv", tables[i], NULL);
      g_assert_cmpint (archive_write_close (archive), ==, ARCHIVE_OK);
      archive_write_free (archive);
      g_assert_null (nmd_dataset_import (zip, &settings, NULL, NULL, NULL, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, zip));
      g_assert_null (strstr (error->message, cache));
      dir = g_dir_open (cache, 0, NULL);
      while (g_dir_read_name (dir) != NULL)
        n++;
      /* a question leaves it there for the answer */
      g_assert_cmpuint (n, ==,
                        g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_COLUMNS));
      fixture_remove (cache);
    }
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/import-bounds/endless-path", test_endless_path);
  g_test_add_func ("/import-bounds/rows", test_rows);
  g_test_add_func ("/import-bounds/twice", test_twice);
  g_test_add_func ("/import-bounds/own-mask", test_own_mask);
  g_test_add_func ("/import-bounds/words", test_words);
  g_test_add_func ("/import-bounds/cancel", test_cancel);
  g_test_add_func ("/import-bounds/private", test_private);
  g_test_add_func ("/import-bounds/no-dataset", test_no_dataset);
  return g_test_run ();
}
