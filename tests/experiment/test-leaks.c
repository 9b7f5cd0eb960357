/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaks planted into a data set are found, and nothing else is.
 */
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-random.h"
#include "engine/data/import/nmd-import.h"
#include "engine/data/nmd-leak-check.h"
#include "engine/image/nmd-png-writer.h"
#include "tests/train/fixture.h"

#include <math.h>

#define SUBJECTS 24

static char *root;

/* A picture of its own for each @seed; @shift makes it brighter. */
static void
write_picture (const char *name, int seed, int shift)
{
  g_autoptr (NmdImage) image = nmd_image_new (96, 80);
  g_autofree char *path = g_build_filename (root, name, NULL);
  g_autofree char *stream_name = g_strdup_printf ("picture %d", seed);
  NmdRandom stream;
  double waves[8][4];

  nmd_random_init (&stream, stream_name);
  for (int k = 0; k < 8; k++)
    for (int i = 0; i < 4; i++)
      waves[k][i] = nmd_random_range (&stream, 0.02, 0.25);
  for (int y = 0; y < 80; y++)
    for (int x = 0; x < 96; x++)
      {
        double value = 100 + shift;

        for (int k = 0; k < 8; k++)
          value += 9 * sin (x * waves[k][0] + 40 * waves[k][1])
                   * cos (y * waves[k][2] + 40 * waves[k][3]);
        image->pixels[y * 96 + x] = (guint8)CLAMP (value, 0, 255);
      }
  g_assert_true (nmd_image_save_png (image, path, 8, NULL, NULL));
}

/* Two pictures a subject; the second of 5 is the first of 2, brighter. */
static NmdDataset *
make_dataset (void)
{
  g_autoptr (GString) text = g_string_new ("image,subject,label\n");
  g_autofree char *manifest = g_build_filename (root, "manifest.csv", NULL);
  g_autoptr (GError) error = NULL;
  NmdDataset *dataset;

  for (int subject = 0; subject < SUBJECTS; subject++)
    for (int number = 0; number < 2; number++)
      {
        g_autofree char *name = g_strdup_printf ("%02d_%d.png", subject, number);
        const gboolean planted = subject == 5 && number == 1;

        write_picture (name, planted ? 4 : 2 * subject + number, planted ? 12 : 0);
        g_string_append_printf (text, "%s,s%02d,%s\n", name, subject,
                                subject % 2 == 1 ? "pathological" : "healthy");
      }
  g_assert_true (nmd_file_write_text (manifest, text->str, NULL));
  dataset = nmd_dataset_import (manifest, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return dataset;
}

static NmdSplit *
make_split (NmdDataset *dataset, const char *kind)
{
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();
  g_autoptr (GError) error = NULL;
  NmdSplit *split;

  g_assert_true (nmd_parameters_set_text (parameters, "split", kind, NULL));
  split = nmd_split_new (dataset, parameters, &error);
  g_assert_no_error (error);
  return split;
}

static void
test_found (void)
{
  g_autoptr (NmdDataset) dataset = make_dataset ();
  g_autoptr (NmdSplit) by_subject = make_split (dataset, "threeway");
  g_autoptr (NmdSplit) by_image = make_split (dataset, "image");
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdLeakReport) whole
      = nmd_leak_check (dataset, NULL, NULL, NULL, NULL, &error);
  g_autoptr (NmdLeakReport) split = NULL;
  g_autoptr (NmdLeakReport) images = NULL;
  g_autoptr (JsonNode) node = NULL;
  const NmdNearPair *pair;

  g_assert_no_error (error);
  g_assert_cmpuint (whole->n_images, ==, 2 * SUBJECTS);
  g_assert_cmpuint (whole->n_subjects, ==, SUBJECTS);
  g_assert_cmpuint (whole->n_pairs, ==, 1);
  g_assert_cmpuint (whole->n_pairs_of_others, ==, 1);
  pair = &g_array_index (whole->pairs, NmdNearPair, 0);
  g_assert_cmpstr (nmd_dataset_get (dataset, pair->a)->id, ==, "02_0.png");
  g_assert_cmpstr (nmd_dataset_get (dataset, pair->b)->id, ==, "05_1.png");
  g_assert_cmpfloat (pair->correlation, >, 0.99);
  node = nmd_leak_report_to_json (whole, dataset);
  g_assert_cmpint (
      json_object_get_int_member (json_node_get_object (node), "near_duplicates"), ==, 1);
  /* put into different parts: found; into one: not a leak of the split */
  by_subject->parts[pair->a] = NMD_PART_TRAIN;
  by_subject->parts[pair->b] = NMD_PART_TEST;
  split = nmd_leak_check (dataset, by_subject, NULL, NULL, NULL, &error);
  g_assert_cmpuint (split->n_pairs, ==, 1);
  g_clear_pointer (&split, nmd_leak_report_free);
  by_subject->parts[pair->b] = NMD_PART_TRAIN;
  split = nmd_leak_check (dataset, by_subject, NULL, NULL, NULL, &error);
  g_assert_cmpuint (split->n_pairs, ==, 0);
  images = nmd_leak_check (dataset, by_image, NULL, NULL, NULL, &error);
  g_assert_cmpuint (images->n_divided, >, 3);
  g_assert_cmpuint (images->divided->len, ==, images->n_divided);
}

static void
test_cancelled (void)
{
  g_autoptr (NmdDataset) dataset = make_dataset ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (nmd_leak_check (dataset, NULL, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  root = g_dir_make_tmp ("nmd-leaks-XXXXXX", NULL);
  g_test_add_func ("/leaks/found", test_found);
  g_test_add_func ("/leaks/cancelled", test_cancelled);
  status = g_test_run ();
  fixture_remove (root);
  g_free (root);
  return status;
}
