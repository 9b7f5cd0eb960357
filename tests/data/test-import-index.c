/* SPDX-License-Identifier: Apache-2.0
 *
 * The index of measured files: it gives what reading gives, only for files that did not
 * change, and a damaged one counts as absent.
 */
#include "engine/data/import/nmd-cache.h"
#include "engine/data/import/nmd-import-index-private.h"
#include "tests/data/importing.h"

#include <fcntl.h>
#include <sys/stat.h>

typedef struct
{
  char *folder, *cache;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  self->folder = fixture_folder ();
  self->cache = fixture_folder ();
  for (int i = 1; i <= 4; i++)
    fixture_scan (self->folder, "BB", i % 2 ? "Healthy" : "Pathological", i, 1);
  fixture_image (self->folder, "BB/Healthy/Images/BB_anon_9_1.png", 64, 48);
  g_usleep (120 * 1000); /* a file that was just written is not kept */
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  fixture_remove (self->folder);
  fixture_remove (self->cache);
  g_free (self->folder);
  g_free (self->cache);
}

static NmdDataset *
import_cached (Fixture *self, gboolean no_cache)
{
  NmdImportSettings settings = { .cache_folder = self->cache, .no_cache = no_cache };
  g_autoptr (GError) error = NULL;
  NmdDataset *dataset
      = nmd_dataset_import (self->folder, &settings, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return dataset;
}

/* The path of the one index. */
static char *
index_path (Fixture *self)
{
  g_autofree char *folder = g_build_filename (self->cache, NMD_IMPORT_INDEX_NAME, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = g_dir_read_name (dir);
  char *path = g_build_filename (folder, name, NULL);

  g_assert_null (g_dir_read_name (dir));
  return path;
}

static void
assert_same (NmdDataset *a, NmdDataset *b)
{
  g_assert_cmpuint (nmd_dataset_get_n (a), ==, nmd_dataset_get_n (b));
  g_assert_cmpstr (nmd_dataset_get_hash (a), ==, nmd_dataset_get_hash (b));
  for (guint i = 0; i < nmd_dataset_get_n (a); i++)
    {
      NmdSample *x = nmd_dataset_get (a, i), *y = nmd_dataset_get (b, i);

      g_assert_cmpint (x->width, ==, y->width);
      g_assert_cmpint (x->height, ==, y->height);
      g_assert_cmpmem (&x->box, sizeof x->box, &y->box, sizeof y->box);
      g_assert_cmpint (x->problems, ==, y->problems);
      g_assert_cmpint (x->is_synthetic, ==, y->is_synthetic);
      g_assert_cmpint (x->echo.n, ==, y->echo.n);
      g_assert_cmpmem (&x->echo.mean, sizeof (double), &y->echo.mean, sizeof (double));
      g_assert_cmpmem (&x->echo.sd, sizeof (double), &y->echo.sd, sizeof (double));
      g_assert_cmpmem (x->echo.histogram, sizeof x->echo.histogram, y->echo.histogram,
                       sizeof y->echo.histogram);
      g_assert_cmpstr (x->sha256_mask, ==, y->sha256_mask);
    }
}

/* Writes an index that lies about every mean, so that one sees that it was used. */
static void
plant (Fixture *self, NmdDataset *dataset)
{
  g_autoptr (NmdImportIndex) index = nmd_import_index_load (self->cache, self->folder);

  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      g_autofree char *content = g_strnfill (64, "0123456789abcdef"[i]);

      sample->echo.mean = 1000 + i;
      nmd_import_index_add (index, sample, content);
    }
  nmd_import_index_save (index);
}

static void
test_same (Fixture *self, gconstpointer unused)
{
  g_autoptr (NmdDataset) plain = import_cached (self, TRUE);
  g_autoptr (NmdDataset) first = import_cached (self, FALSE);
  g_autofree char *path = index_path (self);
  GStatBuf before, after;
  g_autoptr (NmdDataset) second = NULL;

  g_assert_cmpint (g_stat (path, &before), ==, 0);
  g_assert_cmpint (before.st_mode & 0777, ==, 0600);
  second = import_cached (self, FALSE);
  g_assert_cmpint (g_stat (path, &after), ==, 0);
  g_assert_cmpint (before.st_ino, ==, after.st_ino); /* nothing new, nothing written */
  assert_same (plain, first);
  assert_same (plain, second);
}

static void
test_used (Fixture *self, gconstpointer unused)
{
  g_autoptr (NmdDataset) first = import_cached (self, FALSE);
  g_autoptr (NmdDataset) second = NULL, without = NULL;

  plant (self, first);
  second = import_cached (self, FALSE);
  for (guint i = 0; i < nmd_dataset_get_n (second); i++)
    g_assert_cmpfloat (nmd_dataset_get (second, i)->echo.mean, ==, 1000 + i);
  without = import_cached (self, TRUE);
  g_assert_cmpfloat (nmd_dataset_get (without, 0)->echo.mean, <, 256);
}

/* Another content of the same size with the old time of modification is read. */
static void
test_changed (Fixture *self, gconstpointer unused)
{
  const char *name = "BB/Healthy/Masks/BB_anon_1_1.png";
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (NmdDataset) first = import_cached (self, FALSE), second = NULL;
  struct timespec times[2];
  struct stat info;

  plant (self, first);
  g_assert_cmpint (stat (path, &info), ==, 0);
  fixture_mask_file (self->folder, name, 64, 48, 0.31);
  times[0] = info.st_atim;
  times[1] = info.st_mtim;
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
  second = import_cached (self, FALSE);
  g_assert_cmpstr (nmd_dataset_get_hash (first), !=, nmd_dataset_get_hash (second));
  g_assert_cmpfloat (nmd_dataset_get (second, 0)->echo.mean, <, 256);
  g_assert_cmpfloat (nmd_dataset_get (second, 1)->echo.mean, ==, 1001);
}

/* Any byte changed, or any length: the index is not used, and mended. */
static void
test_damaged (Fixture *self, gconstpointer unused)
{
  g_autoptr (NmdDataset) first = import_cached (self, FALSE);
  g_autoptr (NmdDataset) plain = import_cached (self, TRUE);
  g_autofree char *path = index_path (self), *good = NULL;
  gsize length = 0;

  plant (self, first);
  g_assert_true (g_file_get_contents (path, &good, &length, NULL));
  for (gsize i = 0; i < 40; i++)
    {
      g_autofree char *bad = g_memdup2 (good, length);
      g_autoptr (NmdDataset) dataset = NULL;
      gsize at = i * length / 40, kept = i % 2 ? at : length;

      if (i % 2 == 0)
        bad[at] ^= 1;
      g_assert_true (g_file_set_contents (path, bad, (gssize)kept, NULL));
      dataset = import_cached (self, FALSE);
      assert_same (plain, dataset);
    }
  g_assert_true (g_file_set_contents (path, good, (gssize)length, NULL));
  g_object_unref (import_cached (self, FALSE));
}

static void
test_cache (Fixture *self, gconstpointer unused)
{
  g_autoptr (NmdDataset) none = import_cached (self, TRUE), some = NULL;
  g_autoptr (GPtrArray) entries = nmd_cache_list (self->cache);
  g_autoptr (GPtrArray) one = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (entries->len, ==, 0); /* no_cache writes nothing */
  some = import_cached (self, FALSE);
  one = nmd_cache_list (self->cache);
  g_assert_cmpuint (one->len, ==, 1);
  g_assert_cmpuint (nmd_cache_get_size (self->cache), >, 5 * 1024);
  g_assert_true (nmd_cache_clear (self->cache, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_cache_get_size (self->cache), ==, 0);
}

#define ADD(name, test)                                                                  \
  g_test_add ("/import-index/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_unsetenv ("NMD_NO_CACHE");
  ADD ("same", test_same);
  ADD ("used", test_used);
  ADD ("changed", test_changed);
  ADD ("damaged", test_damaged);
  ADD ("cache", test_cache);
  return g_test_run ();
}
