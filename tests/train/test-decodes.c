/* SPDX-License-Identifier: Apache-2.0
 *
 * A new image is decoded once on its way from a data set's files to the batches of a training, within
 * a bound of memory; what the network gets has the same bits as if it had been decoded again.
 */
#include "engine/data/nmd-batch.h"
#include "engine/data/nmd-prepared-private.h"
#include "engine/image/nmd-mask-table-private.h"
#include "engine/image/nmd-reader.h"
#include "tests/train/fixture.h"
#include "tests/train/tiny.h"

#include <string.h>

#define TENSOR ((gsize)3 * NMD_INPUT_SIZE * NMD_INPUT_SIZE)
#define PIXELS ((gsize)NMD_INPUT_SIZE * NMD_INPUT_SIZE)

static gint n_decodes; /* atomic: an import has two threads */

/* The linker puts it before the reader: every PNG that is decoded, image or mask. */
NmdImage *__real_nmd_png_read (const guint8 *data,
                               gsize length,
                               const char *name,
                               NmdMaskTable *table,
                               GError **error);
NmdImage *__wrap_nmd_png_read (const guint8 *data,
                               gsize length,
                               const char *name,
                               NmdMaskTable *table,
                               GError **error);

NmdImage *
__wrap_nmd_png_read (const guint8 *data,
                     gsize length,
                     const char *name,
                     NmdMaskTable *table,
                     GError **error)
{
  g_atomic_int_inc (&n_decodes);
  return __real_nmd_png_read (data, length, name, table, error);
}

static NmdDataset *
import (const NmdParameters *prepare)
{
  const NmdImportSettings settings = { .prepare = prepare };
  g_autoptr (GError) error = NULL;
  NmdDataset *dataset
      = nmd_dataset_import (fixture.manifest, &settings, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return dataset;
}

/* Every image as a network gets it. */
static float *
load_all (NmdDataset *dataset, const NmdParameters *parameters)
{
  guint samples[FIXTURE_IMAGES];
  g_autoptr (NmdBatches) batches = NULL;
  g_autoptr (GError) error = NULL;
  float *images = g_new (float, FIXTURE_IMAGES *TENSOR);

  for (guint i = 0; i < FIXTURE_IMAGES; i++)
    samples[i] = i;
  batches = nmd_batches_new (dataset, samples, FIXTURE_IMAGES, parameters);
  nmd_batches_prepare (batches, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  nmd_batches_plain (batches, 0, FIXTURE_IMAGES, images, NULL, &error);
  g_assert_no_error (error);
  return images;
}

static void
test_batches (void)
{
  g_autoptr (NmdTrainSettings) settings = fixture_settings ("unused");
  g_autoptr (NmdParameters) parameters = nmd_parameters_copy (settings->parameters);
  g_autoptr (NmdParameters) others = nmd_parameters_copy (settings->parameters);
  g_autoptr (NmdDataset) plain = NULL, prepared = NULL, otherwise = NULL;
  g_autofree float *expected = NULL, *once = NULL, *again = NULL, *raw = NULL,
                   *other = NULL;

  n_decodes = 0;
  plain = import (NULL);
  expected = load_all (plain, parameters);
  g_assert_cmpint (n_decodes, ==, 4 * FIXTURE_IMAGES); /* image and mask, twice */

  n_decodes = 0;
  prepared = import (parameters);
  once = load_all (prepared, parameters);
  g_assert_cmpint (n_decodes, ==, 2 * FIXTURE_IMAGES);
  g_assert_cmpmem (expected, FIXTURE_IMAGES * TENSOR * sizeof *expected, once,
                   FIXTURE_IMAGES * TENSOR * sizeof *once);
  again = load_all (prepared, parameters); /* handed out: decoded now */
  g_assert_cmpint (n_decodes, ==, 4 * FIXTURE_IMAGES);
  g_assert_cmpmem (expected, FIXTURE_IMAGES * TENSOR * sizeof *expected, again,
                   FIXTURE_IMAGES * TENSOR * sizeof *again);

  /* other preprocessing takes nothing that was prepared; what preprocessing does not read
   * makes no difference */
  nmd_parameters_set (others, "clahe", 0, NULL);
  raw = load_all (plain, others);
  otherwise = import (parameters);
  other = load_all (otherwise, others);
  g_assert_cmpmem (raw, FIXTURE_IMAGES * TENSOR * sizeof *raw, other,
                   FIXTURE_IMAGES * TENSOR * sizeof *other);
  nmd_parameters_set (parameters, "lr", 0.5, NULL);
  n_decodes = 0;
  g_free (other);
  other = load_all (otherwise, parameters);
  g_assert_cmpint (n_decodes, ==, 0);
}

static void
test_bound (void)
{
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (NmdPrepared) prepared
      = nmd_prepared_new (parameters, 3 * PIXELS + PIXELS / 2);
  g_autoptr (NmdImage) image = nmd_image_new (30, 20);
  guint n_kept = 0;

  for (guint i = 0; i < 8; i++)
    nmd_prepared_add (prepared, nmd_dataset_get (fixture.dataset, i), image, NULL);
  for (guint i = 0; i < 8; i++)
    {
      g_autoptr (NmdImage) kept = nmd_prepared_take (
          prepared, nmd_dataset_get (fixture.dataset, i), parameters);

      n_kept += kept != NULL;
    }
  g_assert_cmpuint (n_kept, ==, 3);
}

/* A whole training from files: each image and mask once. */
static void
test_training (void)
{
  g_autofree char *folder = fixture_path ("decodes");
  g_autoptr (NmdTrainSettings) settings = fixture_settings (folder);
  g_autoptr (GError) error = NULL;

  n_decodes = 0;
  nmd_train_run (settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (n_decodes, ==, 2 * FIXTURE_IMAGES);
  fixture_assert_same_run (fixture.unbroken, folder);
}

int
main (int argc, char **argv)
{
  nmd_networks_add (&tiny_network);
  fixture_open (&argc, &argv);
  g_test_add_func ("/decodes/batches", test_batches);
  g_test_add_func ("/decodes/bound", test_bound);
  g_test_add_func ("/decodes/training", test_training);
  return fixture_close (g_test_run ());
}
