/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches: the same bits for the same seed whoever makes them and whenever, targets by
 * their formula, the plain order, and that nothing hangs when it is given up in the
 * middle.
 */
#include "engine/data/nmd-batch.h"
#include "tests/data/fixture.h"

#define TENSOR (3 * 224 * 224)

/* Pictures of @n subjects in a folder per class, every other one pathological. */
static NmdDataset *
make_dataset (const char *folder, guint n)
{
  const NmdImportSettings no_cache = { .no_cache = TRUE };
  g_autoptr (GError) error = NULL;
  NmdDataset *dataset;

  for (guint i = 0; i < n; i++)
    fixture_scan (folder, "BB", i % 2 == 0 ? "Healthy" : "Pathological", (int)i + 1, 1);
  dataset = nmd_dataset_import (folder, &no_cache, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return dataset;
}

static NmdBatches *
make_batches (NmdDataset *dataset, guint n, int batch, double mixup)
{
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autofree guint *samples = g_new (guint, n);

  for (guint i = 0; i < n; i++)
    samples[i] = i;
  g_assert_true (nmd_parameters_set (parameters, "batch", batch, NULL));
  g_assert_true (nmd_parameters_set (parameters, "mixup", mixup, NULL));
  g_assert_true (
      nmd_parameters_set (parameters, "median", 0, NULL)); /* slow under sanitizers */
  g_assert_true (nmd_parameters_set (parameters, "clahe", 0, NULL));
  return nmd_batches_new (dataset, samples, n, parameters);
}

static void
next (NmdBatches *batches, guint batch, float *images, float *targets)
{
  g_autoptr (GError) error = NULL;

  nmd_batches_next (batches, batch, images, targets, &error);
  g_assert_no_error (error);
}

static void
test_same_bits (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = make_dataset (folder, 42);
  g_autoptr (NmdBatches) a = make_batches (dataset, 42, 16, 0.2);
  g_autoptr (NmdBatches) b = make_batches (dataset, 42, 16, 0.2);
  g_autofree float *x = g_new (float, 16 * TENSOR), *y = g_new (float, 16 * TENSOR);
  float s[32], t[32];

  /* 16 + 16 + 10: the rest is kept. a goes through epoch 3 in order; b does other things
   * before, and asks out of order, so that it makes the batches itself. */
  g_assert_cmpuint (nmd_batches_start_epoch (b, 0), ==, 3);
  next (b, 0, y, t);
  g_assert_true (nmd_batches_prepare (b, NULL, NULL, NULL, NULL));
  g_assert_cmpuint (nmd_batches_start_epoch (a, 3), ==, 3);
  g_assert_cmpuint (nmd_batches_start_epoch (b, 3), ==, 3);
  for (guint k = 0; k < 3; k++)
    {
      guint size = nmd_batches_get_size (a, k);

      g_assert_cmpuint (size, ==, k < 2 ? 16 : 10);
      next (a, k, x, s);
      next (b, 2, y, t);
      next (b, k, y, t);
      g_assert_cmpmem (x, size * TENSOR * sizeof *x, y, size * TENSOR * sizeof *y);
      g_assert_cmpmem (s, size * 2 * sizeof *s, t, size * 2 * sizeof *t);
    }
  nmd_batches_start_epoch (b, 4);
  next (b, 2, y, t);
  g_assert_cmpint (memcmp (x, y, 10 * TENSOR * sizeof *x), !=, 0);
  g_assert_cmpfloat (nmd_batches_get_wait (a), >=, 0);
  fixture_remove (folder);
}

static void
test_targets (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = make_dataset (folder, 20);
  g_autoptr (NmdBatches) plain = make_batches (dataset, 20, 8, 0);
  g_autoptr (NmdBatches) mixed = make_batches (dataset, 20, 8, 0.2);
  g_autofree float *images = g_new (float, 8 * TENSOR);
  float targets[16];
  guint n_positive = 0, n_blended = 0;

  /* 8 + 8 + 4: the rest is dropped. */
  g_assert_cmpuint (nmd_batches_start_epoch (plain, 0), ==, 2);
  for (guint k = 0; k < 2; k++)
    {
      next (plain, k, images, targets);
      for (int i = 0; i < 8; i++)
        {
          gboolean positive = targets[2 * i + 1] > 0.5f;

          g_assert_cmpfloat (targets[2 * i + positive], ==, 0.95f);
          g_assert_cmpfloat (targets[2 * i + !positive], ==, 0.05f);
          n_positive += positive;
        }
    }
  g_assert_cmpuint (n_positive, >=, 6); /* 10 of 20 are, 4 images were dropped */
  for (int epoch = 0; epoch < 4; epoch++)
    {
      nmd_batches_start_epoch (mixed, epoch);
      next (mixed, 0, images, targets);
      for (int i = 0; i < 8; i++)
        {
          g_assert_cmpfloat (fabsf (targets[2 * i] + targets[2 * i + 1] - 1), <, 1e-6f);
          n_blended += targets[2 * i] > 0.0501f && targets[2 * i] < 0.9499f;
        }
    }
  g_assert_cmpuint (n_blended, >, 0);
  fixture_remove (folder);
}

static void
test_plain (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = make_dataset (folder, 6);
  static const guint samples[] = { 0, 1, 2, 3, 4, 5 };
  g_autoptr (NmdBatches) batches = NULL;
  g_autofree float *images = g_new (float, 3 * TENSOR), *grey = g_new (float, 224 * 224),
                   *tensor = g_new (float, TENSOR);
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (GError) error = NULL;
  int labels[3];

  batches = nmd_batches_new (dataset, samples, 6, parameters);
  g_assert_true (nmd_batches_plain (batches, 2, 3, images, labels, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < 3; i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, 2 + i);
      g_autoptr (NmdImage) image = NULL, mask = NULL;
      g_auto (NmdStages) stages = { 0 };

      g_assert_true (nmd_sample_load (sample, &image, &mask, NULL));
      nmd_preprocess (image, mask, parameters, &stages);
      nmd_augmentation_apply (NULL, stages.clahe, grey);
      nmd_normalise (grey, 224 * 224, tensor);
      g_assert_cmpmem (images + i * TENSOR, TENSOR * sizeof *images, tensor,
                       TENSOR * sizeof *tensor);
      g_assert_cmpint (labels[i], ==, sample->label);
    }
  fixture_remove (folder);
}

static void
test_preview (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = make_dataset (folder, 8);
  g_autoptr (NmdBatches) batches = make_batches (dataset, 8, 8, 0);
  g_autofree float *images = g_new (float, 8 * TENSOR), *tensor = g_new (float, TENSOR);
  float targets[16];
  NmdAugmentation drawn, later;
  guint found = 0;

  nmd_batches_start_epoch (batches, 2);
  next (batches, 0, images, targets);
  for (guint i = 0; i < 8; i++)
    {
      g_assert_true (nmd_batches_preview (batches, i, 2, -1, 1, &drawn, tensor, NULL));
      for (guint k = 0; k < 8; k++)
        found += memcmp (tensor, images + k * TENSOR, TENSOR * sizeof *tensor) == 0;
    }
  g_assert_cmpuint (found, ==, 8); /* the preview is the tensor itself */
  g_assert_true (nmd_batches_preview (batches, 7, 3, -1, 1, &later, images, NULL));
  g_assert_cmpint (memcmp (tensor, images, TENSOR * sizeof *tensor), !=, 0);
  g_assert_cmpfloat (drawn.brightness, !=, later.brightness); /* drawn anew each epoch */
  fixture_remove (folder);
}

static void
test_given_up (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = make_dataset (folder, 64);
  g_autofree float *images = g_new (float, 32 * TENSOR);
  float targets[64];

  for (int k = 0; k < 12; k++)
    {
      g_autoptr (NmdBatches) batches = make_batches (dataset, 64, 32, 0.2);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;

      nmd_batches_start_epoch (batches, k);
      if (k % 3 == 1)
        next (batches, 0, images, targets);
      if (k % 3 == 2)
        {
          g_cancellable_cancel (cancellable);
          g_assert_false (nmd_batches_prepare (batches, NULL, NULL, cancellable, &error));
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        }
      g_usleep ((gulong)k * 700);
    }
  fixture_remove (folder);
}

static void
test_missing_file (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = make_dataset (folder, 16);
  g_autoptr (NmdBatches) batches = make_batches (dataset, 16, 8, 0.2);
  g_autofree float *images = g_new (float, 8 * TENSOR);
  g_autoptr (GError) error = NULL;
  gboolean good = TRUE;
  float targets[16];

  g_assert_cmpint (g_unlink (nmd_dataset_get (dataset, 5)->image_path), ==, 0);
  nmd_batches_start_epoch (batches, 0);
  for (guint k = 0; k < 2 && good; k++)
    good = nmd_batches_next (batches, k, images, targets, &error);
  g_assert_false (good);
  g_assert_nonnull (strstr (error->message, "BB_anon_"));
  g_clear_error (&error);
  g_assert_false (nmd_batches_prepare (batches, NULL, NULL, NULL, &error));
  g_assert_nonnull (error);
  fixture_remove (folder);
}

/* Whichever thread meets an image first that cannot be read: the sentence names the first. */
static void
test_first_missing (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = make_dataset (folder, 16);
  g_autoptr (NmdBatches) batches = make_batches (dataset, 16, 8, 0.2);
  const char *first = nmd_dataset_get (dataset, 5)->image_path;

  for (guint i = 5; i < 16; i++)
    g_assert_cmpint (g_unlink (nmd_dataset_get (dataset, i)->image_path), ==, 0);
  for (int i = 0; i < 200; i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_false (nmd_batches_prepare (batches, NULL, NULL, NULL, &error));
      g_assert_nonnull (strstr (error->message, first));
    }
  fixture_remove (folder);
}

static void
test_speed (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = make_dataset (folder, 64);
  g_autoptr (NmdBatches) batches = make_batches (dataset, 64, 32, 0.2);
  g_autofree float *images = g_new (float, 32 * TENSOR);
  float targets[64];
  gint64 start, best = G_MAXINT64;

  g_assert_true (nmd_batches_prepare (batches, NULL, NULL, NULL, NULL));
  for (int epoch = 0; epoch < 6; epoch++)
    {
      nmd_batches_start_epoch (batches, epoch);
      next (batches, 0, images, targets);
      start = g_get_monotonic_time ();
      next (batches, 1, images, targets);
      best = MIN (best, g_get_monotonic_time () - start);
    }
  g_test_message ("32 images in %.1f ms", (double)best / 1e3);
  if (g_test_perf ()) /* a shared or instrumented machine takes what it takes */
    g_assert_cmpint (best, <, 100 * 1000);
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/batch/same-bits", test_same_bits);
  g_test_add_func ("/batch/targets", test_targets);
  g_test_add_func ("/batch/plain", test_plain);
  g_test_add_func ("/batch/preview", test_preview);
  g_test_add_func ("/batch/given-up", test_given_up);
  g_test_add_func ("/batch/missing-file", test_missing_file);
  g_test_add_func ("/batch/first-missing", test_first_missing);
  g_test_add_func ("/batch/speed", test_speed);
  return g_test_run ();
}
