/* SPDX-License-Identifier: Apache-2.0
 *
 * Zips and tars: the same data set as the folder they were made of, unpacked once and after
 * consent; broken and hostile ones are refused with a sentence and leave nothing behind.
 */
#include "engine/data/import/nmd-cache.h"
#include "tests/data/fixture.h"

typedef struct
{
  char *folder; /* everything below */
  char *data;   /* a data set as a folder */
  char *zip;
  char *cache;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  self->folder = fixture_folder ();
  self->data = g_build_filename (self->folder, "data", NULL);
  self->zip = g_build_filename (self->folder, "set.zip", NULL);
  self->cache = g_build_filename (self->folder, "cache", NULL);
  for (int i = 1; i <= 6; i++)
    fixture_scan (self->data, i % 2 ? "BB" : "TA", i < 4 ? "Healthy" : "Pathological", i,
                  1);
  fixture_text (self->data, "BB/Healthy/characteristics.csv", "ID,age\n1,50\n3,60\n");
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  fixture_remove (self->folder);
  g_free (self->folder);
  g_free (self->data);
  g_free (self->zip);
  g_free (self->cache);
}

static NmdDataset *
import (Fixture *self, gboolean consent, GError **error)
{
  NmdImportSettings settings = { .unpack = consent, .cache_folder = self->cache };

  return nmd_dataset_import (self->zip, &settings, NULL, NULL, NULL, error);
}

/* Entries of the cache folder. */
static guint
count_cache (Fixture *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->cache, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
refuse (Fixture *self, int code, const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, "|", -1);
  g_autoptr (GError) error = NULL;

  g_assert_null (import (self, TRUE, &error));
  g_assert_error (error, NMD_ERROR, code);
  for (char **word = list; *word != NULL; word++)
    if (strstr (error->message, *word) == NULL)
      g_error ("“%s” does not say “%s”", error->message, *word);
  g_assert_cmpuint (count_cache (self), ==, 0);
}

static void
test_same_as_folder (Fixture *self, gconstpointer unused)
{
  g_autoptr (NmdDataset) folder = NULL, zip = NULL, again = NULL;
  g_autoptr (GError) error = NULL;

  fixture_zip (self->data, self->zip, "Polito/");
  folder = nmd_dataset_import (self->data, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (import (self, FALSE, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_UNPACK);
  g_assert_nonnull (strstr (error->message, "13 files"));
  g_assert_nonnull (strstr (error->message, self->cache));
  g_assert_cmpuint (count_cache (self), ==, 0);
  g_clear_error (&error);

  zip = import (self, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (nmd_dataset_get_hash (zip), ==, nmd_dataset_get_hash (folder));
  g_assert_cmpuint (nmd_dataset_get_n (zip), ==, 6);
  g_assert_cmpstr (nmd_dataset_get_report (zip)->archive_name, ==, "set.zip");
  g_assert_cmpstr (nmd_dataset_get_title (zip), ==, "set");
  g_assert_cmpstr (g_hash_table_lookup (nmd_dataset_get (zip, 0)->attributes, "age"), ==,
                   "50");
  g_assert_cmpuint (count_cache (self), ==, 1);

  again = import (self, FALSE, &error); /* it is there: no more consent needed */
  g_assert_no_error (error);
  g_assert_cmpstr (nmd_dataset_get_hash (again), ==, nmd_dataset_get_hash (folder));
}

static void
test_cache (Fixture *self, gconstpointer unused)
{
  g_autofree char *stranger = g_build_filename (self->cache, "thesis.txt", NULL);
  g_autoptr (NmdDataset) dataset = NULL, mended = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  fixture_zip (self->data, self->zip, "");
  dataset = import (self, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_cache_get_size (self->cache), >, 6 * 1024);

  entries = nmd_cache_list (self->cache);
  g_assert_cmpuint (entries->len, ==, 1);
  g_assert_cmpstr (((NmdCacheEntry *)entries->pdata[0])->name, ==, "set.zip");
  g_assert_cmpuint (((NmdCacheEntry *)entries->pdata[0])->size, ==,
                    nmd_cache_get_size (self->cache));

  /* A file lost from the cache is noticed, and mended by unpacking again. */
  g_assert_cmpint (g_unlink (nmd_dataset_get (dataset, 2)->image_path), ==, 0);
  g_assert_null (import (self, FALSE, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_UNPACK);
  g_clear_error (&error);
  mended = import (self, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (nmd_dataset_get_hash (mended), ==, nmd_dataset_get_hash (dataset));
  g_assert_cmpuint (count_cache (self), ==, 1);

  fixture_text (self->cache, "thesis.txt", "not ours");
  g_assert_true (nmd_cache_clear (self->cache, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_test (stranger, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (nmd_cache_get_size (self->cache), ==, 0);
}

static void
test_nested (Fixture *self, gconstpointer unused)
{
  g_autofree char *outer = g_build_filename (self->folder, "outer", NULL);
  g_autofree char *inner = g_build_filename (outer, "DATASET_10.1016.zip", NULL);
  g_autoptr (NmdDataset) folder = NULL, zip = NULL;
  g_autoptr (GError) error = NULL;

  fixture_text (outer, "readme.txt", "x");
  fixture_zip (self->data, inner, "Polito/");
  fixture_zip (outer, self->zip, "download/");
  folder = nmd_dataset_import (self->data, NULL, NULL, NULL, NULL, NULL);
  zip = import (self, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (nmd_dataset_get_hash (zip), ==, nmd_dataset_get_hash (folder));
  g_clear_object (&zip);
  g_assert_true (nmd_cache_clear (self->cache, NULL));

  /* The inner one is cut short. */
  fixture_truncate (outer, "DATASET_10.1016.zip", 0.6);
  fixture_zip (outer, self->zip, "download/");
  refuse (self, NMD_ERROR_FORMAT, "DATASET_10.1016.zip (inside|cut short");
}

static void
test_manifest_and_classes (Fixture *self, gconstpointer unused)
{
  g_autofree char *other = g_build_filename (self->folder, "other", NULL);
  g_autoptr (NmdDataset) folder = NULL, zip = NULL;
  g_autoptr (GError) error = NULL;

  fixture_image (other, "benign/a.png", 40, 40);
  fixture_image (other, "malignant/b.png", 40, 40);
  fixture_zip (other, self->zip, "wrapped/");
  folder = nmd_dataset_import (other, NULL, NULL, NULL, NULL, NULL);
  zip = import (self, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (nmd_dataset_get_hash (zip), ==, nmd_dataset_get_hash (folder));
  g_clear_object (&folder);
  g_clear_object (&zip);

  fixture_text (
      other, "manifest.csv",
      "image,mask,subject,label\nbenign/a.png,,1,benign\nmalignant/b.png,,2,malignant\n");
  fixture_zip (other, self->zip, "wrapped/");
  folder = nmd_dataset_import (other, NULL, NULL, NULL, NULL, NULL);
  zip = import (self, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (nmd_dataset_get_report (zip)->kind, ==, "manifest");
  g_assert_cmpstr (nmd_dataset_get_hash (zip), ==, nmd_dataset_get_hash (folder));
}

static void
test_cut_short (Fixture *self, gconstpointer unused)
{
  static const double keep[]
      = { 0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.97, 0.98, 0.99, 0.999 };

  for (guint i = 0; i < G_N_ELEMENTS (keep); i++)
    {
      fixture_zip (self->data, self->zip, "");
      fixture_truncate (self->folder, "set.zip", keep[i]);
      refuse (self, NMD_ERROR_FORMAT, "set.zip|cut short");
    }
  fixture_text (self->folder, "set.zip", "");
  refuse (self, NMD_ERROR_FORMAT, "set.zip|cut short");
}

static void
test_damaged (Fixture *self, gconstpointer unused)
{
  g_autofree char *data = NULL;
  gsize length;

  /* A byte of a picture differs: its checksum tells. */
  fixture_zip (self->data, self->zip, "");
  g_assert_true (g_file_get_contents (self->zip, &data, &length, NULL));
  for (int i = 0; i < 64; i++)
    data[length / 3 + (gsize)i] ^= 0x55;
  g_assert_true (g_file_set_contents (self->zip, data, (gssize)length, NULL));
  refuse (self, NMD_ERROR_FORMAT, "set.zip|damaged");
}

/* Single bytes differ anywhere: an error or the data set, and nothing half unpacked. */
static void
test_garbled (Fixture *self, gconstpointer unused)
{
  g_autofree char *whole = NULL;
  NmdRandom stream;
  gsize length;

  fixture_zip (self->data, self->zip, "");
  g_assert_true (g_file_get_contents (self->zip, &whole, &length, NULL));
  nmd_random_init (&stream, "garbled");
  for (int k = 0; k < 80; k++)
    {
      g_autofree char *data = g_memdup2 (whole, length);
      g_autoptr (NmdDataset) dataset = NULL;
      g_autoptr (GError) error = NULL;

      /* Half of them in the table of contents at the end. */
      data[k % 2 ? length - 1 - nmd_random_below (&stream, length / 5)
                 : nmd_random_below (&stream, length)]
          ^= (char)(1 << nmd_random_below (&stream, 8));
      g_assert_true (g_file_set_contents_full (self->zip, data, (gssize)length,
                                               G_FILE_SET_CONTENTS_NONE, 0644, NULL));
      dataset = import (self, TRUE, &error);
      g_assert_true ((dataset == NULL) == (error != NULL));
      for (guint i = 0; dataset != NULL && i < nmd_dataset_get_n (dataset); i++)
        g_assert_true (
            g_str_has_prefix (nmd_dataset_get (dataset, i)->image_path, self->cache));
      if (error != NULL && error->domain == NMD_ERROR)
        g_assert_true (strstr (error->message, "set.zip") != NULL
                       || strstr (error->message, self->cache) != NULL);
      g_assert_true (nmd_cache_clear (self->cache, NULL));
      g_assert_cmpuint (count_cache (self), ==, 0);
    }
}

/* A zip whose last entry is what is to be refused. */
static void
with_entry (Fixture *self, const char *name, const char *link)
{
  struct archive *archive = fixture_zip_open (self->zip);

  fixture_zip_add (archive, self->data, "");
  fixture_zip_entry (archive, name, "text", link);
  g_assert_cmpint (archive_write_close (archive), ==, ARCHIVE_OK);
  archive_write_free (archive);
}

static void
test_hostile (Fixture *self, gconstpointer unused)
{
  g_autofree char *outside = g_build_filename (self->folder, "escaped.txt", NULL);

  with_entry (self, "../../../escaped.txt", NULL);
  refuse (self, NMD_ERROR_REFUSED, "set.zip|“../../../escaped.txt”|leads out");
  with_entry (self, "BB/../../escaped.txt", NULL);
  refuse (self, NMD_ERROR_REFUSED, "set.zip|leads out");
  with_entry (self, "/tmp/escaped.txt", NULL);
  refuse (self, NMD_ERROR_REFUSED, "“/tmp/escaped.txt”|absolute");
  with_entry (self, "..\\escaped.txt", NULL);
  refuse (self, NMD_ERROR_REFUSED, "leads out");
  with_entry (self, "C:\\escaped.txt", NULL);
  refuse (self, NMD_ERROR_REFUSED, "absolute");
  with_entry (self, "BB/link", "/etc");
  refuse (self, NMD_ERROR_REFUSED, "“BB/link” is a link");
  with_entry (self, "BB/Healthy/characteristics.csv", NULL);
  refuse (self, NMD_ERROR_REFUSED, "characteristics.csv|twice");
  with_entry (self, "BB/Healthy/characteristics.csv/a.txt", NULL);
  refuse (self, NMD_ERROR_REFUSED, "csv/a.txt” lies in a folder that is a file");
  with_entry (self, "BB/Healthy", NULL);
  refuse (self, NMD_ERROR_REFUSED, "“BB/Healthy” stands in it twice");
  with_entry (self, "BB/a\nb.txt", NULL);
  refuse (self, NMD_ERROR_REFUSED, "control characters");
  g_assert_false (g_file_test (outside, G_FILE_TEST_EXISTS));
}

/* An entry that grows a thousandfold. */
static void
test_bomb_at (Fixture *self, const char *words)
{
  g_autofree char *zeros = g_malloc0 (1 << 20);
  struct archive *archive = fixture_zip_open (self->zip);
  struct archive_entry *entry = archive_entry_new ();

  fixture_zip_add (archive, self->data, "");
  archive_entry_set_pathname (entry, "BB/zeros.png");
  archive_entry_set_size (entry, 80 << 20);
  archive_entry_set_filetype (entry, AE_IFREG);
  g_assert_cmpint (archive_write_header (archive, entry), ==, ARCHIVE_OK);
  for (int i = 0; i < 80; i++)
    archive_write_data (archive, zeros, 1 << 20);
  archive_entry_free (entry);
  g_assert_cmpint (archive_write_close (archive), ==, ARCHIVE_OK);
  archive_write_free (archive);
  refuse (self, NMD_ERROR_REFUSED, words);
}

static void
test_bomb (Fixture *self, gconstpointer unused)
{
  test_bomb_at (self, "set.zip|100-fold");
}

/* The first entry claims to have 2 GB. */
static void
test_absurd_size (Fixture *self, gconstpointer unused)
{
  static const guint8 mark[4] = { 'P', 'K', 1, 2 };
  g_autofree char *data = NULL;
  gsize length;
  char *at;

  fixture_zip (self->data, self->zip, "");
  g_assert_true (g_file_get_contents (self->zip, &data, &length, NULL));
  at = memmem (data, length, mark, 4);
  g_assert_nonnull (at);
  memcpy (at + 24, "\x00\x00\x00\x7f", 4);
  memcpy (data + 22, "\x00\x00\x00\x7f", 4); /* and the entry's own header */
  g_assert_true (g_file_set_contents (self->zip, data, (gssize)length, NULL));
  refuse (self, NMD_ERROR_REFUSED, "set.zip|large");
}

static void
test_no_pictures (Fixture *self, gconstpointer unused)
{
  g_autofree char *other = g_build_filename (self->folder, "other", NULL);
  g_autoptr (GError) error = NULL;
  struct archive *archive;

  fixture_text (other, "a.txt", "x");
  fixture_zip (other, self->zip, "");
  g_assert_null (import (self, TRUE, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_true (nmd_cache_clear (self->cache, NULL));
  archive = fixture_zip_open (self->zip);
  archive_write_close (archive);
  archive_write_free (archive);
  refuse (self, NMD_ERROR_FORMAT, "set.zip|cannot be read");
}

static void
test_cancelled (Fixture *self, gconstpointer unused)
{
  NmdImportSettings settings = { .unpack = TRUE, .cache_folder = self->cache };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  fixture_zip (self->data, self->zip, "");
  g_cancellable_cancel (cancellable);
  g_assert_null (
      nmd_dataset_import (self->zip, &settings, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (count_cache (self), ==, 0);
}

static void
test_read_only (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  if (geteuid () == 0)
    {
      /* Nothing is read-only for root: a file stands where the cache should be. */
      fixture_text (self->folder, "cache", "x");
    }
  else
    g_assert_cmpint (g_mkdir (self->cache, 0555), ==, 0);
  fixture_zip (self->data, self->zip, "");
  g_assert_null (import (self, TRUE, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "cache"));
}

/* Tars: the same guards. */

static void
use_tar (Fixture *self, const char *name)
{
  g_free (self->zip);
  self->zip = g_build_filename (self->folder, name, NULL);
}

static void
test_tar (Fixture *self, gconstpointer unused)
{
  static const char *const names[] = { "set.tar.gz", "SET.TGZ", "set.tar", "set.tar.gz" };
  g_autoptr (NmdDataset) folder
      = nmd_dataset_import (self->data, NULL, NULL, NULL, NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (NmdDataset) tar = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (nmd_dataset_is_file_name (names[i]));
      use_tar (self, i == 1 ? "set.tgz" : names[i]);
      fixture_zip (self->data, self->zip, "Polito/");
      if (i == 1) /* told by its first bytes */
        {
          g_autofree char *other = g_build_filename (self->folder, "download", NULL);

          g_assert_cmpint (g_rename (self->zip, other), ==, 0);
          use_tar (self, "download");
        }
      g_assert_null (import (self, FALSE, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_UNPACK);
      g_clear_error (&error);
      tar = import (self, TRUE, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (nmd_dataset_get_hash (tar), ==, nmd_dataset_get_hash (folder));
      if (i != 1)
        g_assert_cmpstr (nmd_dataset_get_title (tar), ==, "set");
      g_assert_true (nmd_cache_clear (self->cache, NULL));
    }
}

static void
test_tar_hostile (Fixture *self, gconstpointer unused)
{
  g_autofree char *outside = g_build_filename (self->folder, "escaped.txt", NULL);
  struct archive *archive = NULL;
  struct archive_entry *entry = NULL;

  use_tar (self, "set.tar.gz");
  with_entry (self, "../../../escaped.txt", NULL);
  refuse (self, NMD_ERROR_REFUSED, "set.tar.gz|“../../../escaped.txt”|leads out");
  with_entry (self, "/tmp/escaped.txt", NULL);
  refuse (self, NMD_ERROR_REFUSED, "absolute");
  with_entry (self, "BB/link", "/etc");
  refuse (self, NMD_ERROR_REFUSED, "“BB/link” is a link");
  with_entry (self, "BB/Healthy/characteristics.csv", NULL);
  refuse (self, NMD_ERROR_REFUSED, "characteristics.csv|twice");
  for (int kind = 0; kind < 3; kind++) /* a second name of a file, a pipe, a device */
    {
      archive = fixture_zip_open (self->zip);
      entry = archive_entry_new ();
      fixture_zip_add (archive, self->data, "");
      archive_entry_set_pathname (entry, "BB/odd");
      archive_entry_set_size (entry, 0);
      archive_entry_set_filetype (entry, kind == 0   ? AE_IFREG
                                         : kind == 1 ? AE_IFIFO
                                                     : AE_IFCHR);
      if (kind == 0)
        archive_entry_set_hardlink (entry, "/etc/passwd");
      archive_write_header (archive, entry);
      archive_entry_free (entry);
      g_assert_cmpint (archive_write_close (archive), ==, ARCHIVE_OK);
      archive_write_free (archive);
      refuse (self, NMD_ERROR_REFUSED,
              kind == 0 ? "“BB/odd” is a link" : "“BB/odd” is neither a file");
    }
  g_assert_false (g_file_test (outside, G_FILE_TEST_EXISTS));
}

static void
test_tar_damaged (Fixture *self, gconstpointer unused)
{
  static const double keep[] = { 0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95 };
  g_autofree char *whole = NULL;
  NmdRandom stream;
  gsize length = 0;

  for (guint i = 0; i < 2 * G_N_ELEMENTS (keep); i++)
    {
      const char *name = i % 2 == 0 ? "set.tar.gz" : "set.tar";

      use_tar (self, name);
      fixture_zip (self->data, self->zip, "");
      fixture_truncate (self->folder, name, keep[i / 2]);
      refuse (self, NMD_ERROR_FORMAT, name);
    }
  /* Cut between two entries, where the format itself tells nothing. */
  use_tar (self, "set.tar");
  fixture_zip (self->data, self->zip, "");
  g_assert_true (g_file_get_contents (self->zip, &whole, &length, NULL));
  while (length > 0 && whole[length - 1] == '\0')
    length--;
  g_assert_true (
      g_file_set_contents (self->zip, whole, (gssize)((length + 511) / 512 * 512), NULL));
  refuse (self, NMD_ERROR_FORMAT, "set.tar|cut short");

  use_tar (self, "set.tar.gz");
  fixture_zip (self->data, self->zip, "");
  g_clear_pointer (&whole, g_free);
  g_assert_true (g_file_get_contents (self->zip, &whole, &length, NULL));
  nmd_random_init (&stream, "garbled");
  for (int k = 0; k < 40; k++)
    {
      g_autofree char *data = g_memdup2 (whole, length);
      g_autoptr (NmdDataset) dataset = NULL;
      g_autoptr (GError) error = NULL;

      data[nmd_random_below (&stream, length)]
          ^= (char)(1 << nmd_random_below (&stream, 8));
      g_assert_true (g_file_set_contents_full (self->zip, data, (gssize)length,
                                               G_FILE_SET_CONTENTS_NONE, 0644, NULL));
      dataset = import (self, TRUE, &error);
      g_assert_true ((dataset == NULL) == (error != NULL));
      g_assert_true (nmd_cache_clear (self->cache, NULL));
      g_assert_cmpuint (count_cache (self), ==, 0);
    }
}

/* 80 MiB of zeros in 80 KiB; the refusal comes before they are unpacked. */
static void
test_tar_bomb (Fixture *self, gconstpointer unused)
{
  use_tar (self, "set.tar.gz");
  test_bomb_at (self, "set.tar.gz|100-fold");
}

static void
add (const char *name, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (name, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/archive/same-as-folder", test_same_as_folder);
  add ("/archive/cache", test_cache);
  add ("/archive/nested", test_nested);
  add ("/archive/manifest-and-classes", test_manifest_and_classes);
  add ("/archive/cut-short", test_cut_short);
  add ("/archive/damaged", test_damaged);
  add ("/archive/garbled", test_garbled);
  add ("/archive/hostile", test_hostile);
  add ("/archive/bomb", test_bomb);
  add ("/archive/absurd-size", test_absurd_size);
  add ("/archive/no-pictures", test_no_pictures);
  add ("/archive/cancelled", test_cancelled);
  add ("/archive/read-only", test_read_only);
  add ("/archive/tar", test_tar);
  add ("/archive/tar-hostile", test_tar_hostile);
  add ("/archive/tar-damaged", test_tar_damaged);
  add ("/archive/tar-bomb", test_tar_bomb);
  return g_test_run ();
}
