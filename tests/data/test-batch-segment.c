/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches of segmentation: the same bits for the same seed whoever makes them and whenever, masks
 * that go with their images, the plain order.
 */
#include "engine/data/nmd-batch.h"
#include "tests/data/fixture.h"

enum
{
  S = 64,
  N = S * S,
  IMAGES = 21
};

static NmdDataset *
make_dataset (const char *folder)
{
  const NmdImportSettings no_cache = { .no_cache = TRUE };
  g_autoptr (GError) error = NULL;
  NmdDataset *dataset;

  for (int i = 0; i < IMAGES; i++)
    fixture_scan (folder, "BB", i % 2 == 0 ? "Healthy" : "Pathological", i + 1, 1);
  dataset = nmd_dataset_import (folder, &no_cache, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return dataset;
}

static NmdBatches *
make_batches (NmdDataset *dataset)
{
  g_autoptr (NmdParameters) parameters = nmd_parameters_new_for (NMD_TASK_SEGMENT);
  guint samples[IMAGES];

  for (guint i = 0; i < IMAGES; i++)
    samples[i] = i;
  g_assert_true (nmd_parameters_set_text (parameters, "size", "64", NULL)
                 && nmd_parameters_set (parameters, "unprompted", 0.5, NULL));
  return nmd_batches_new (dataset, samples, IMAGES, parameters);
}

static void
test_same_bits (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = make_dataset (folder);
  g_autoptr (NmdBatches) a = make_batches (dataset), b = make_batches (dataset);
  g_autofree float *x = g_new (float, 8 * 3 * N), *y = g_new (float, 8 * 3 * N),
                   *s = g_new (float, 8 * N), *t = g_new (float, 8 * N);
  guint n_prompted = 0;

  g_assert_cmpuint (nmd_batches_get_image_size (a), ==, 3 * N);
  g_assert_cmpuint (nmd_batches_get_target_size (a), ==, N);
  /* 8 + 8, the rest of 5 is dropped */
  g_assert_cmpuint (nmd_batches_start_epoch (a, 3), ==, 2);
  g_assert_true (nmd_batches_prepare (b, NULL, NULL, NULL, NULL));
  nmd_batches_start_epoch (b, 0);
  g_assert_true (nmd_batches_next (b, 0, y, t, NULL));
  nmd_batches_start_epoch (b, 3);
  for (guint k = 0; k < 2; k++)
    {
      g_assert_true (nmd_batches_next (a, k, x, s, NULL));
      g_assert_true (nmd_batches_next (b, 1, y, t, NULL));
      g_assert_true (nmd_batches_next (b, k, y, t, NULL));
      g_assert_cmpmem (x, 8 * 3 * N * sizeof *x, y, 8 * 3 * N * sizeof *y);
      g_assert_cmpmem (s, 8 * N * sizeof *s, t, 8 * N * sizeof *t);
      for (int i = 0; i < 8; i++)
        {
          const float *image = x + i * 3 * N, *target = s + i * N;
          double sum = 0, prompts = 0;

          for (int j = 0; j < N; j++)
            {
              g_assert_true (image[j] >= -0.5f && image[j] <= 0.5f);
              g_assert_true (target[j] == 0 || target[j] == 1);
              g_assert_true (image[N + j] == 0 || image[N + j] == 1);
              sum += (double)target[j];
              prompts += fabs ((double)image[N + j]) + fabs ((double)image[2 * N + j]);
            }
          g_assert_true (sum > 600 && sum < 2200); /* an ellipse of 1156 pixels */
          n_prompted += prompts > 0;
        }
    }
  g_assert_true (n_prompted > 0 && n_prompted < 16);
  nmd_batches_start_epoch (b, 4);
  g_assert_true (nmd_batches_next (b, 1, y, t, NULL));
  g_assert_cmpint (memcmp (x, y, 8 * 3 * N * sizeof *x), !=, 0);
  fixture_remove (folder);
}

/* Without augmentation image and mask are the letterboxed ones, and nobody prompts. */
/* Images as they are, with prompts for the share that has them; without "prompts" none. */
static void
test_prompted (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = make_dataset (folder);
  g_autoptr (NmdBatches) batches = make_batches (dataset);
  g_autofree float *x = g_new (float, 21 * 3 * N), *y = g_new (float, 21 * 3 * N),
                   *again = g_new (float, 21 * 3 * N);
  guint n_prompted = 0;

  g_assert_true (nmd_batches_prompted (batches, 0, 21, 9, x, NULL));
  g_assert_true (nmd_batches_prompted (batches, 0, 21, 9, again, NULL));
  g_assert_cmpmem (x, 21 * 3 * N * sizeof *x, again, 21 * 3 * N * sizeof *x);
  g_assert_true (nmd_batches_plain (batches, 0, 21, y, NULL, NULL));
  for (int i = 0; i < 21; i++)
    {
      gboolean prompted = FALSE;

      g_assert_cmpmem (x + i * 3 * N, N * sizeof *x, y + i * 3 * N, N * sizeof *x);
      for (int k = N; k < 3 * N; k++)
        prompted |= x[i * 3 * N + k] != 0;
      n_prompted += prompted;
    }
  g_assert_cmpuint (n_prompted, >, 3);
  g_assert_cmpuint (n_prompted, <, 18);
  fixture_remove (folder);
}

static void
test_plain (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = make_dataset (folder);
  g_autoptr (NmdBatches) batches = make_batches (dataset);
  g_autoptr (NmdImage) image = NULL, mask = NULL;
  g_autofree float *x = g_new (float, 2 * 3 * N), *y = g_new (float, 2 * 3 * N),
                   *t = g_new (float, 2 * N);

  g_assert_true (nmd_batches_plain_masks (batches, 4, 2, x, t, NULL));
  g_assert_true (nmd_batches_plain (batches, 4, 2, y, NULL, NULL));
  g_assert_cmpmem (x, 2 * 3 * N * sizeof *x, y, 2 * 3 * N * sizeof *y);
  g_assert_true (nmd_sample_load (nmd_dataset_get (dataset, 5), &image, &mask, NULL));
  for (int j = 0; j < N; j++)
    {
      /* 64 × 48 in 64 × 64 */
      const int row = j / S - 8, at = row * S + j % S;
      const gboolean inside = row >= 0 && row < 48;

      g_assert_cmpfloat (x[3 * N + j], ==,
                         inside ? (float)image->pixels[at] / 255.0f - 0.5f : -0.5f);
      g_assert_cmpfloat (t[N + j], ==, inside && mask->pixels[at] != 0 ? 1 : 0);
      g_assert_true (x[4 * N + j] == 0 && x[5 * N + j] == 0);
    }
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/batch-segment/same-bits", test_same_bits);
  g_test_add_func ("/batch-segment/plain", test_plain);
  g_test_add_func ("/batch-segment/prompted", test_prompted);
  return g_test_run ();
}
