/* SPDX-License-Identifier: Apache-2.0
 *
 * See fixture.h.
 */
#include "tests/train/fixture.h"

#include "engine/core/nmd-file.h"
#include "engine/image/nmd-png-writer.h"
#include "engine/train/nmd-run-private.h"
#include "tests/train/tiny.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

Fixture fixture;

char *
fixture_path (const char *name)
{
  return g_build_filename (fixture.root, name, NULL);
}

void
fixture_remove (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *full = g_build_filename (path, name, NULL);

      if (g_file_test (full, G_FILE_TEST_IS_DIR))
        fixture_remove (full);
      else
        g_unlink (full);
    }
  g_rmdir (path);
}

/* Noise about 90 or 130 grey levels: learnable, not perfectly. */
void
fixture_write_image (const char *folder, int subject, int number, int shift)
{
  g_autofree char *name = g_strdup_printf ("%02d_%d.png", subject, number);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *mask_name = g_strconcat ("mask_", name, NULL);
  g_autofree char *mask_path = g_build_filename (folder, mask_name, NULL);
  g_autoptr (NmdImage) image = nmd_image_new (48, 40);
  const NmdBox box = { 4, 6, 40, 36 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (48, 40, &box);
  NmdRandom stream;
  g_autoptr (GError) error = NULL;

  nmd_random_init (&stream, name);
  for (int i = 0; i < 48 * 40; i++)
    image->pixels[i]
        = (guint8)(90 + shift + 30 * (subject % 2) + (int)nmd_random_below (&stream, 60));
  nmd_image_save_png (image, path, 8, NULL, &error);
  g_assert_no_error (error);
  nmd_image_save_png (mask, mask_path, 1, NULL, &error);
  g_assert_no_error (error);
}

char *
fixture_make_data (const char *name, int shift)
{
  g_autofree char *folder = fixture_path (name);
  g_autoptr (GString) text = g_string_new ("image,mask,subject,label,organ\n");
  char *path = g_build_filename (folder, "manifest.csv", NULL);

  g_assert_true (nmd_file_make_folder (folder, NULL));
  for (int subject = 0; subject < FIXTURE_SUBJECTS; subject++)
    for (int number = 0; number < 2; number++)
      {
        fixture_write_image (folder, subject, number, shift);
        g_string_append_printf (text, "%02d_%d.png,mask_%02d_%d.png,s%02d,%s,phantom\n",
                                subject, number, subject, number, subject,
                                subject % 2 == 1 ? "pathological" : "healthy");
      }
  g_assert_true (nmd_file_write_text (path, text->str, NULL));
  return path;
}

NmdDataset *
fixture_import (const char *path)
{
  g_autoptr (GError) error = NULL;
  NmdDataset *got = nmd_dataset_import (path, NULL, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return got;
}

void
fixture_set (NmdTrainSettings *settings, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;

  nmd_parameters_set_text (settings->parameters, name, text, &error);
  g_assert_no_error (error);
}

NmdTrainSettings *
fixture_settings (const char *folder)
{
  NmdTrainSettings *settings = nmd_train_settings_new ();

  settings->dataset_path = g_strdup (fixture.manifest);
  settings->folder = g_strdup (folder);
  g_free (settings->network);
  settings->network = g_strdup (fixture.real ? "nmdassistnet" : "tiny");
  g_free (settings->device);
  settings->device = g_strdup (fixture.real ? "cpu" : "reference");
  settings->threads = fixture.real ? 2 : 1;
  fixture_set (settings, "epochs", G_STRINGIFY (FIXTURE_EPOCHS));
  fixture_set (settings, "average-start", "0.5");
  fixture_set (settings, "patience", "0");
  fixture_set (settings, "batch", "10");
  fixture_set (settings, "lr", fixture.real ? "0.01" : "0.5");
  fixture_set (settings, "seed", "5");
#ifdef __SANITIZE_THREAD__
  /* 19 of 20 instructions there, between no threads */
  fixture_set (settings, "median", "off");
#endif
  return settings;
}

void
fixture_told (const NmdTrainEvent *event, gpointer user_data)
{
  FixtureTold *told = user_data;

  if (event->kind == NMD_TRAIN_STEP)
    {
      g_assert_true (isfinite (event->loss));
      g_assert_cmpfloat (event->fraction, >=, told->last_fraction);
      g_assert_cmpfloat (event->fraction, <=, 1);
      told->last_fraction = event->fraction;
      if (++told->n_steps == told->stop_at_step)
        g_cancellable_cancel (told->cancellable);
    }
  if (event->kind == NMD_TRAIN_EPOCH)
    {
      g_assert_nonnull (event->epoch);
      g_assert_nonnull (event->roc);
      g_assert_true (isfinite (event->rival_auc));
      told->n_epochs++;
      if (told->at_epoch != NULL)
        told->at_epoch (event->epoch->epoch, told->data);
    }
  told->n_warnings += event->kind == NMD_TRAIN_WARNING;
  if (event->kind == NMD_TRAIN_FINISH && ++told->n_finish == told->stop_at_finish)
    g_cancellable_cancel (told->cancellable);
}

void
fixture_train (const char *folder, FixtureTold *told)
{
  g_autoptr (NmdTrainSettings) settings = fixture_settings (folder);
  g_autoptr (GError) error = NULL;

  settings->dataset = g_object_ref (fixture.dataset);
  nmd_train_run (settings, fixture_told, told, told->cancellable, &error);
  if (told->cancellable == NULL || !g_cancellable_is_cancelled (told->cancellable))
    g_assert_no_error (error);
  else
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

void
fixture_resume (const char *folder)
{
  FixtureTold told = { 0 };
  g_autoptr (GError) error = NULL;

  nmd_train_resume (folder, NULL, fixture.dataset, fixture_told, &told, NULL, &error);
  g_assert_no_error (error);
}

static void
fixture_assert_same_file (const char *a, const char *b, const char *name)
{
  g_autofree char *path_a = g_build_filename (a, name, NULL);
  g_autofree char *path_b = g_build_filename (b, name, NULL);
  g_autofree char *bytes_a = NULL;
  g_autofree char *bytes_b = NULL;
  gsize n_a, n_b;

  g_assert_true (g_file_get_contents (path_a, &bytes_a, &n_a, NULL));
  g_assert_true (g_file_get_contents (path_b, &bytes_b, &n_b, NULL));
  if (n_a != n_b || memcmp (bytes_a, bytes_b, n_a) != 0)
    g_error ("%s and %s differ", path_a, path_b);
}

GArray *
fixture_history (const char *folder)
{
  g_autoptr (GError) error = NULL;
  GArray *history = nmd_history_load (folder, NMD_TASK_CLASSIFY, &error);

  g_assert_no_error (error);
  return history;
}

double
fixture_area_under (const NmdRoc *roc)
{
  double area = 0;

  for (guint i = 1; i < roc->n; i++)
    area += (roc->fpr[i] - roc->fpr[i - 1]) * (roc->tpr[i] + roc->tpr[i - 1]) / 2;
  return area;
}

/* Everything but the clock. */
void
fixture_assert_same_run (const char *a, const char *b)
{
  static const char *const files[] = { NMD_RUN_BEST, NMD_RUN_AVERAGE, NMD_RUN_LAST,
                                       NMD_RUN_PREDICTIONS, NMD_RUN_METRICS };
  g_autoptr (GArray) history_a = fixture_history (a);
  g_autoptr (GArray) history_b = fixture_history (b);

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    fixture_assert_same_file (a, b, files[i]);
  g_assert_cmpuint (history_a->len, ==, history_b->len);
  for (guint i = 0; i < history_a->len; i++)
    {
      NmdEpoch x = g_array_index (history_a, NmdEpoch, i),
               y = g_array_index (history_b, NmdEpoch, i);

      g_assert_cmpfloat (x.lr, ==, y.lr);
      g_assert_cmpfloat (x.train_loss, ==, y.train_loss);
      g_assert_cmpfloat (x.val_loss, ==, y.val_loss);
      g_assert_cmpfloat (x.val_auc, ==, y.val_auc);
      g_assert_cmpfloat (x.val_accuracy, ==, y.val_accuracy);
      g_assert_cmpint (x.averaging, ==, y.averaging);
      g_assert_cmpint (x.best, ==, y.best);
    }
}

guint
fixture_count (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

void
fixture_copy (const char *from, const char *to)
{
  g_autoptr (GDir) dir = g_dir_open (from, 0, NULL);
  const char *entry;

  g_assert_true (nmd_file_make_folder (to, NULL));
  while ((entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *source = g_build_filename (from, entry, NULL);
      g_autofree char *target = g_build_filename (to, entry, NULL);
      g_autofree char *bytes = NULL;
      gsize n = 0;

      g_assert_true (g_file_get_contents (source, &bytes, &n, NULL));
      g_assert_true (nmd_file_write (target, bytes, n, NULL));
    }
}

/* A copy of a run that was stopped after two epochs, to be damaged. */
char *
fixture_stopped (const char *name)
{
  g_autofree char *original = fixture_path ("stopped");
  char *folder = fixture_path (name);

  if (!g_file_test (original, G_FILE_TEST_EXISTS))
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      FixtureTold told = { .cancellable = cancellable, .stop_at_step = 5 };

      fixture_train (original, &told);
      g_assert_cmpint (told.n_epochs, ==, 2);
    }
  fixture_copy (original, folder);
  return folder;
}
void
fixture_open (int *argc, char ***argv)
{
  g_autoptr (GError) error = NULL;
  FixtureTold told = { 0 };

  g_test_init (argc, argv, NULL);
  /* Memory where it can be had: what a power cut leaves is not tested, and fsync takes
   * its time. */
  if (g_getenv ("TMPDIR") == NULL && g_access ("/dev/shm", W_OK) == 0)
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
  fixture.root = g_dir_make_tmp ("nmd-train-XXXXXX", &error);
  g_assert_no_error (error);
  fixture.manifest = fixture_make_data ("data", 0);
  fixture.dataset = fixture_import (fixture.manifest);
  fixture.unbroken = fixture_path ("unbroken");
  fixture_train (fixture.unbroken, &told);
}

int
fixture_close (int status)
{
  fixture_remove (fixture.root);
  g_clear_object (&fixture.dataset);
  g_clear_pointer (&fixture.unbroken, g_free);
  g_clear_pointer (&fixture.manifest, g_free);
  g_clear_pointer (&fixture.root, g_free);
  return status;
}
