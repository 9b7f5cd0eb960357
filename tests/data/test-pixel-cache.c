/* SPDX-License-Identifier: Apache-2.0
 *
 * Preprocessed images on disk: the same bits as without, never those of other files or
 * other parameters; damage is made good, the bound holds, and only what is ours is
 * removed.
 */
#include "engine/data/nmd-batch.h"
#include "engine/data/nmd-pixel-cache-private.h"
#include "engine/data/import/nmd-cache.h"
#include "tests/data/fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

#define N_SCANS 6
#define TENSOR ((gsize)3 * 224 * 224)

static char *
make_scans (void)
{
  char *folder = fixture_folder ();

  for (int i = 0; i < N_SCANS; i++)
    fixture_scan (folder, "BB", i % 2 == 0 ? "Healthy" : "Pathological", i + 1, 1);
  return folder;
}

static NmdDataset *
import (const char *folder, const char *cache, gboolean no_cache)
{
  const NmdImportSettings settings = { .cache_folder = cache, .no_cache = no_cache };
  g_autoptr (GError) error = NULL;
  NmdDataset *dataset = nmd_dataset_import (folder, &settings, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, N_SCANS);
  return dataset;
}

/* All images as a network gets them. */
static float *
load_all (NmdDataset *dataset, const NmdParameters *parameters)
{
  static const guint samples[N_SCANS] = { 0, 1, 2, 3, 4, 5 };
  g_autoptr (NmdBatches) batches
      = nmd_batches_new (dataset, samples, N_SCANS, parameters);
  float *images = g_new (float, N_SCANS *TENSOR);
  g_autoptr (GError) error = NULL;

  nmd_batches_prepare (batches, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  nmd_batches_plain (batches, 0, N_SCANS, images, NULL, &error);
  g_assert_no_error (error);
  return images;
}

static void
assert_same (const float *a, const float *b)
{
  g_assert_cmpmem (a, N_SCANS * TENSOR * sizeof *a, b, N_SCANS * TENSOR * sizeof *b);
}

static void
test_same_bits (void)
{
  g_autofree char *folder = make_scans (), *cache = fixture_folder ();
  g_autofree char *pixels = g_build_filename (cache, NMD_PIXEL_CACHE_NAME, NULL);
  g_autoptr (NmdDataset) bare = import (folder, cache, TRUE);
  g_autoptr (NmdDataset) dataset = import (folder, cache, FALSE);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autofree float *expected = load_all (bare, parameters), *filled = NULL, *hit = NULL,
                   *plain = NULL, *other = NULL;
  g_autofree char *path = NULL;
  g_autoptr (NmdPixelCache) own
      = nmd_pixel_cache_new (pixels, NMD_PIXEL_CACHE_MAX, parameters);
  GStatBuf info;
  guint n = 0;

  g_assert_false (g_file_test (pixels, G_FILE_TEST_EXISTS)); /* --no-cache */
  filled = load_all (dataset, parameters);
  assert_same (expected, filled);
  nmd_pixel_cache_measure (pixels, &n);
  g_assert_cmpuint (n, ==, N_SCANS);
  path = nmd_pixel_cache_get_path (own, nmd_dataset_get (dataset, 0));
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);

  hit = load_all (dataset, parameters);
  assert_same (expected, hit);

  /* other parameters are other pictures */
  nmd_parameters_set (parameters, "clahe", 0, NULL);
  plain = load_all (bare, parameters);
  other = load_all (dataset, parameters);
  assert_same (plain, other);
  g_assert_true (memcmp (plain, expected, N_SCANS * TENSOR * sizeof *plain) != 0);
  nmd_pixel_cache_measure (pixels, &n);
  g_assert_cmpuint (n, ==, 2 * N_SCANS);
  fixture_remove (folder);
  fixture_remove (cache);
}

/* A picture that is in the cache is taken from there, without its file. */
static void
test_is_used (void)
{
  g_autofree char *folder = make_scans (), *cache = fixture_folder ();
  g_autoptr (NmdDataset) dataset = import (folder, cache, FALSE);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autofree float *first = load_all (dataset, parameters), *second = NULL;

  for (guint i = 0; i < N_SCANS; i++)
    g_assert_cmpint (g_unlink (nmd_dataset_get (dataset, i)->image_path), ==, 0);
  second = load_all (dataset, parameters);
  assert_same (first, second);
  fixture_remove (folder);
  fixture_remove (cache);
}

/* Short, changed in one bit, of another picture, empty: made anew and written anew. */
static void
test_damaged (void)
{
  g_autofree char *folder = make_scans (), *cache = fixture_folder ();
  g_autofree char *pixels = g_build_filename (cache, NMD_PIXEL_CACHE_NAME, NULL);
  g_autoptr (NmdDataset) dataset = import (folder, cache, FALSE);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autofree float *expected = load_all (dataset, parameters);
  g_autoptr (NmdPixelCache) own
      = nmd_pixel_cache_new (pixels, NMD_PIXEL_CACHE_MAX, parameters);
  NmdSample *sample = nmd_dataset_get (dataset, 2);
  g_autofree char *path = nmd_pixel_cache_get_path (own, sample);
  g_autofree char *other_path
      = nmd_pixel_cache_get_path (own, nmd_dataset_get (dataset, 3));
  g_autofree char *good = NULL, *other = NULL;
  gsize length = 0;

  g_assert_true (g_file_get_contents (path, &good, &length, NULL));
  g_assert_true (g_file_get_contents (other_path, &other, NULL, NULL));
  g_assert_cmpuint (length, ==, 40 + 224 * 224);
  for (int i = 0; i < 5; i++)
    {
      g_autofree char *bad = g_memdup2 (i == 3 ? other : good, length);
      g_autofree char *now = NULL;
      g_autofree float *got = NULL;
      NmdImage *none;
      gsize n = 0;

      if (i == 0)
        bad[length - 1] ^= 1; /* a pixel */
      if (i == 1)
        bad[20] ^= 1; /* the sum */
      if (i == 4)
        bad[0] ^= 1; /* the mark */
      g_assert_true (g_file_set_contents (
          path, bad, i == 2 ? (gssize)length - 1 : (gssize)length, NULL));
      none = nmd_pixel_cache_get (own, sample);
      g_assert_null (none);
      got = load_all (dataset, parameters);
      assert_same (expected, got);
      g_assert_true (g_file_get_contents (path, &now, &n, NULL));
      g_assert_cmpmem (now, n, good, length);
    }
  fixture_remove (folder);
  fixture_remove (cache);
}

/* A file that changed after the import must not be kept under its old digest. */
static void
test_changed_file (void)
{
  g_autofree char *folder = make_scans (), *cache = fixture_folder ();
  g_autofree char *pixels = g_build_filename (cache, NMD_PIXEL_CACHE_NAME, NULL);
  g_autoptr (NmdDataset) dataset = import (folder, cache, FALSE);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  NmdSample *a = nmd_dataset_get (dataset, 0), *b = nmd_dataset_get (dataset, 1);
  g_autofree float *got = NULL;
  g_autofree char *bytes = NULL;
  gsize length = 0;
  guint n = 0;

  g_assert_true (g_file_get_contents (a->image_path, &bytes, &length, NULL));
  g_assert_true (g_file_set_contents (b->image_path, bytes, (gssize)length, NULL));
  got = load_all (dataset, parameters);
  nmd_pixel_cache_measure (pixels, &n);
  g_assert_cmpuint (n, ==, N_SCANS - 1);
  fixture_remove (folder);
  fixture_remove (cache);
}

static void
test_bound (void)
{
  g_autofree char *folder = make_scans (), *cache = fixture_folder ();
  g_autoptr (NmdDataset) dataset = import (folder, cache, TRUE);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  const guint64 one = 40 + 224 * 224;
  g_autoptr (NmdPixelCache) own = nmd_pixel_cache_new (cache, 4 * one, parameters);
  g_autoptr (NmdPixelCache) none = nmd_pixel_cache_new (cache, one - 1, parameters);
  g_autoptr (NmdImage) picture = nmd_image_new (224, 224);
  g_autofree char *last = nmd_pixel_cache_get_path (own, nmd_dataset_get (dataset, 5));
  guint n = 0;

  for (guint i = 0; i < N_SCANS; i++)
    {
      g_autofree char *path
          = nmd_pixel_cache_get_path (own, nmd_dataset_get (dataset, i));
      const struct utimbuf when = { 1000 + (time_t)i, 1000 + (time_t)i };

      nmd_pixel_cache_put (own, nmd_dataset_get (dataset, i), picture);
      g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
      g_assert_cmpint (g_utime (path, (struct utimbuf *)&when), ==, 0);
      g_assert_cmpuint (nmd_pixel_cache_measure (cache, &n), <=, 4 * one);
    }
  g_assert_cmpuint (n, >=, 3);
  g_assert_true (g_file_test (last, G_FILE_TEST_EXISTS)); /* the oldest went */
  nmd_pixel_cache_put (none, nmd_dataset_get (dataset, 0), picture);
  g_assert_cmpuint (nmd_pixel_cache_measure (cache, NULL), <=, 4 * one);
  fixture_remove (folder);
  fixture_remove (cache);
}

/* Where nothing can be written, training goes on; clearing leaves what is not ours. */
static void
test_harmless (void)
{
  g_autofree char *folder = make_scans (), *cache = fixture_folder ();
  g_autofree char *pixels = g_build_filename (cache, NMD_PIXEL_CACHE_NAME, NULL);
  g_autofree char *file = g_build_filename (cache, "file", NULL);
  g_autofree char *own = g_build_filename (pixels, "00", "mine.txt", NULL);
  g_autofree char *sub = g_path_get_dirname (own);
  g_autoptr (NmdDataset) nowhere = NULL, dataset = NULL;
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (GError) error = NULL;
  g_autofree float *a = NULL, *b = NULL;
  guint n = 0;

  g_assert_true (
      g_file_set_contents (file, "", 0, NULL)); /* no folder can be made in it */
  nowhere = import (folder, file, FALSE);
  dataset = import (folder, cache, FALSE);
  a = load_all (nowhere, parameters);
  b = load_all (dataset, parameters);
  assert_same (a, b);
  g_assert_cmpint (g_mkdir_with_parents (sub, 0700), ==, 0);
  g_assert_true (g_file_set_contents (own, "mine", 4, NULL));
  g_assert_true (nmd_cache_clear (cache, &error));
  g_assert_no_error (error);
  nmd_pixel_cache_measure (pixels, &n);
  g_assert_cmpuint (n, ==, 0);
  g_assert_true (g_file_test (own, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
  fixture_remove (folder);
  fixture_remove (cache);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_unsetenv ("NMD_NO_CACHE");
  g_test_add_func ("/pixel-cache/same-bits", test_same_bits);
  g_test_add_func ("/pixel-cache/is-used", test_is_used);
  g_test_add_func ("/pixel-cache/damaged", test_damaged);
  g_test_add_func ("/pixel-cache/changed-file", test_changed_file);
  g_test_add_func ("/pixel-cache/bound", test_bound);
  g_test_add_func ("/pixel-cache/harmless", test_harmless);
  return g_test_run ();
}
