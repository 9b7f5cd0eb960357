/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole trainings of a tiny network on a tiny data set: what is in the run folder, the
 * same bits twice, after being stopped, after kill -9, over a full disk; and what must be
 * refused.
 */
#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/data/nmd-batch.h"
#include "engine/train/nmd-initial-weights-private.h"
#include "engine/train/nmd-learner-private.h"
#include "engine/train/nmd-run-private.h"
#include "engine/train/nmd-trainer.h"
#include "tests/train/tiny.h"

#include <glib/gstdio.h>
#include <gmodule.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_SUBJECTS 20
#define N_IMAGES (2 * N_SUBJECTS)
#define EPOCHS 4

static gboolean real; /* NMD-AssistNet on the CPU backend instead of the tiny network */
static char *program, *root, *manifest, *unbroken;
static NmdDataset *dataset;

static char *
in_root (const char *name)
{
  return g_build_filename (root, name, NULL);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *full = g_build_filename (path, name, NULL);

      if (g_file_test (full, G_FILE_TEST_IS_DIR))
        remove_folder (full);
      else
        g_unlink (full);
    }
  g_rmdir (path);
}

/* Noise about 90 or 130 grey levels: learnable, not perfectly. */
static void
write_image (const char *folder, int subject, int number, int shift)
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

static char *
make_data (const char *name, int shift)
{
  g_autofree char *folder = in_root (name);
  g_autoptr (GString) text = g_string_new ("image,mask,subject,label,organ\n");
  char *path = g_build_filename (folder, "manifest.csv", NULL);

  g_assert_true (nmd_file_make_folder (folder, NULL));
  for (int subject = 0; subject < N_SUBJECTS; subject++)
    for (int number = 0; number < 2; number++)
      {
        write_image (folder, subject, number, shift);
        g_string_append_printf (text, "%02d_%d.png,mask_%02d_%d.png,s%02d,%s,phantom\n",
                                subject, number, subject, number, subject,
                                subject % 2 == 1 ? "pathological" : "healthy");
      }
  g_assert_true (nmd_file_write_text (path, text->str, NULL));
  return path;
}

static NmdDataset *
import (const char *path)
{
  g_autoptr (GError) error = NULL;
  NmdDataset *got = nmd_dataset_import (path, NULL, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return got;
}

static void
set (NmdTrainSettings *settings, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;

  nmd_parameters_set_text (settings->parameters, name, text, &error);
  g_assert_no_error (error);
}

static NmdTrainSettings *
new_settings (const char *folder)
{
  NmdTrainSettings *settings = nmd_train_settings_new ();

  settings->dataset_path = g_strdup (manifest);
  settings->folder = g_strdup (folder);
  g_free (settings->network);
  settings->network = g_strdup (real ? "nmdassistnet" : "tiny");
  g_free (settings->device);
  settings->device = g_strdup (real ? "cpu" : "reference");
  settings->threads = real ? 2 : 1;
  set (settings, "epochs", G_STRINGIFY (EPOCHS));
  set (settings, "average-start", "0.5");
  set (settings, "patience", "0");
  set (settings, "batch", "10");
  set (settings, "lr", real ? "0.01" : "0.5");
  set (settings, "seed", "5");
  return settings;
}

/* What a training told, and when it is to be stopped. */
typedef struct
{
  int n_epochs, n_steps, n_warnings, n_finish;
  int stop_at_step, stop_at_finish; /* counted from 1; 0 never */
  double last_fraction;
  GCancellable *cancellable;
  void (*at_epoch) (int epoch, gpointer data);
  gpointer data;
} Told;

static void
told_cb (const NmdTrainEvent *event, gpointer user_data)
{
  Told *told = user_data;

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

static void
train_into (const char *folder, Told *told)
{
  g_autoptr (NmdTrainSettings) settings = new_settings (folder);
  g_autoptr (GError) error = NULL;

  settings->dataset = g_object_ref (dataset);
  nmd_train_run (settings, told_cb, told, told->cancellable, &error);
  if (told->cancellable == NULL || !g_cancellable_is_cancelled (told->cancellable))
    g_assert_no_error (error);
  else
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
resume (const char *folder)
{
  Told told = { 0 };
  g_autoptr (GError) error = NULL;

  nmd_train_resume (folder, NULL, dataset, told_cb, &told, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_same_file (const char *a, const char *b, const char *name)
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

static GArray *
history_of (const char *folder)
{
  g_autoptr (GError) error = NULL;
  GArray *history = nmd_history_load (folder, &error);

  g_assert_no_error (error);
  return history;
}

/* Everything but the clock. */
static void
assert_same_run (const char *a, const char *b)
{
  static const char *const files[] = { NMD_RUN_BEST, NMD_RUN_AVERAGE, NMD_RUN_LAST,
                                       NMD_RUN_PREDICTIONS, NMD_RUN_METRICS };
  g_autoptr (GArray) history_a = history_of (a);
  g_autoptr (GArray) history_b = history_of (b);

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    assert_same_file (a, b, files[i]);
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

static guint
count_entries (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* What the folder of the unbroken run holds. */
static void
test_folder (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRun) run = nmd_run_open (unbroken, &error);
  g_autoptr (NmdModel) model = NULL;
  g_autoptr (NmdModel) best = NULL;
  g_autoptr (NmdScores) all = NULL;
  g_autoptr (NmdScores) test = NULL;
  const NmdPassport *passport;
  const NmdEpoch *history;
  int lowest = 0, n_best = 0;
  guint n;

  g_assert_no_error (error);
  g_assert_cmpuint (count_entries (unbroken), ==, 7); /* no lock, no temporary file */
  g_assert_cmpint (nmd_run_get_state (run), ==, NMD_RUN_FINISHED);
  g_assert_true (nmd_run_get_network (run) == &tiny_network);
  g_assert_cmpstr (nmd_run_get_split_kind (run), ==, "threeway");
  g_assert_cmpstr (nmd_run_get_dataset_hash (run), ==, nmd_dataset_get_hash (dataset));
  g_assert_cmpint (nmd_parameters_get_int (nmd_run_get_parameters (run), "epochs"), ==,
                   EPOCHS);
  history = nmd_run_get_history (run, &n);
  g_assert_cmpuint (n, ==, EPOCHS);
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpint (history[i].averaging, ==, i >= 2);
      g_assert_cmpfloat (history[i].lr, ==,
                         nmd_train_lr (nmd_run_get_parameters (run), (int)i, 2));
      if (history[i].val_loss < history[lowest].val_loss)
        lowest = (int)i;
      g_assert_true (history[i].best == (lowest == (int)i));
      n_best += history[i].best;
    }
  g_assert_cmpint (n_best, <, EPOCHS); /* so that forgetting the best would show */
  model = nmd_run_load_model (run, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (nmd_model_get_which (model), ==, "average");
  best = nmd_run_load_model (run, "best", &error);
  g_assert_no_error (error);
  passport = nmd_run_get_passport (run);
  g_assert_cmpstr (passport->organ, ==, "phantom");
  g_assert_cmpuint (passport->n_subjects[0], ==, 6); /* 10 less twice ⌊1.5 + 0.5⌋ */
  g_assert_cmpuint (passport->n_images[1], ==, 12);
  g_assert_cmpfloat (passport->box_width[1], ==, 36);
  all = nmd_run_load_scores (run, NMD_PART_NONE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_scores_get_n (all), ==, N_IMAGES);
  test = nmd_run_load_scores (run, NMD_PART_TEST, &error);
  g_assert_cmpuint (nmd_scores_get_n (test), ==, 8);
}

/* Mean of −log softmax over the validation part, in evaluation mode. */
static double
validation_loss (NmdLearner *learner,
                 const NmdSplit *split,
                 const NmdParameters *parameters)
{
  g_autoptr (GArray) samples = nmd_split_get_indices (split, NMD_PART_VALIDATION);
  g_autoptr (NmdBatches) batches = nmd_batches_new (
      dataset, (const guint *)(void *)samples->data, samples->len, parameters);
  g_autofree float *images = g_new0 (float, NMD_EVALUATION_BATCH * 3 * 224 * 224);
  float logits[NMD_EVALUATION_BATCH * 2];
  int labels[NMD_EVALUATION_BATCH];
  double total = 0;

  g_assert_cmpuint (samples->len, ==, 8);
  g_assert_true (nmd_batches_plain (batches, 0, 8, images, labels, NULL));
  g_assert_true (nmd_learner_logits (learner, images, logits, NULL));
  for (int i = 0; i < 8; i++)
    {
      double other
          = (double)logits[2 * i + 1 - labels[i]] - (double)logits[2 * i + labels[i]];

      total += other > 0 ? other + log1p (exp (-other)) : log1p (exp (other));
    }
  return total / 8;
}

/* The first epoch again, step by step, with nothing of the trainer but its parts. */
static void
test_first_epoch (void)
{
  g_autoptr (NmdRun) run = nmd_run_open (unbroken, NULL);
  const NmdParameters *parameters = nmd_run_get_parameters (run);
  g_autoptr (NmdSplit) split = nmd_run_get_split (run, dataset, NULL);
  g_autoptr (GArray) samples = nmd_split_get_indices (split, NMD_PART_TRAIN);
  g_autoptr (NmdBatches) batches = nmd_batches_new (
      dataset, (const guint *)(void *)samples->data, samples->len, parameters);
  g_autoptr (NmdLearner) learner
      = nmd_learner_new (&tiny_network, parameters, "reference", 1, NULL);
  g_autofree float *images = g_new (float, 10 * 3 * 224 * 224);
  float targets[20];
  double total = 0;
  guint n, n_images = 0, n_history;
  const NmdEpoch *history = nmd_run_get_history (run, &n_history);

  g_assert_true (nmd_learner_start (learner, NULL, NULL));
  g_assert_true (nmd_batches_prepare (batches, NULL, NULL, NULL, NULL));
  n = nmd_batches_start_epoch (batches, 0);
  g_assert_cmpuint (n, ==, 2); /* 24 images: 10, 10, and 4 that are dropped */
  for (guint b = 0; b < n; b++)
    {
      double loss;

      g_assert_cmpuint (nmd_batches_get_size (batches, b), ==, 10);
      g_assert_true (nmd_batches_next (batches, b, images, targets, NULL));
      g_assert_true (
          nmd_learner_step (learner, images, targets, 10, 0.5, b + 1, 0, b, &loss, NULL));
      for (int i = 0; i < 10; i++) /* class shares */
        g_assert_true (fabs ((double)(targets[2 * i] + targets[2 * i + 1]) - 1) < 1e-6);
      total += loss * 10;
      n_images += 10;
    }
  g_assert_cmpfloat (history[0].train_loss, ==, total / n_images);
  g_assert_cmpfloat (history[0].val_loss, ==,
                     validation_loss (learner, split, parameters));
}

static void
test_twice (void)
{
  g_autofree char *folder = in_root ("twice");
  Told told = { 0 };

  train_into (folder, &told);
  g_assert_cmpint (told.n_epochs, ==, EPOCHS);
  g_assert_cmpint (told.n_steps, ==, 2 * EPOCHS);
  g_assert_cmpint (told.n_warnings, ==, 0);
  assert_same_run (unbroken, folder);
}

static void
test_stopped (void)
{
  static const int steps[] = { 1, 2, 5, 8 };

  for (guint i = real ? 2 : 0; i < (real ? 3 : G_N_ELEMENTS (steps) + 2); i++)
    {
      g_autofree char *name = g_strdup_printf ("stopped-%u", i);
      g_autofree char *folder = in_root (name);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GArray) history = NULL;
      Told told = { .cancellable = cancellable };

      if (i < G_N_ELEMENTS (steps))
        told.stop_at_step = steps[i];
      else
        told.stop_at_finish = i == G_N_ELEMENTS (steps) ? 1 : 4;
      train_into (folder, &told);
      g_assert_true (g_cancellable_is_cancelled (cancellable));
      history = history_of (folder);
      g_assert_cmpint ((int)history->len, ==, told.n_epochs); /* complete up to there */
      if (told.n_epochs > 0)
        {
          g_autoptr (NmdRun) run = nmd_run_open (folder, NULL);
          g_autoptr (NmdModel) model = nmd_run_load_model (run, "best", NULL);

          g_assert_cmpint (nmd_run_get_state (run), ==, NMD_RUN_STARTED);
          g_assert_nonnull (model);
        }
      resume (folder);
      assert_same_run (unbroken, folder);
      resume (folder); /* finished: nothing happens */
      assert_same_run (unbroken, folder);
    }
}

/* The child's side of test_killed(). */
static int
child_main (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *run = g_build_filename (folder, NMD_RUN_JSON, NULL);
  g_autoptr (NmdTrainSettings) settings = new_settings (folder);

  if (g_file_test (run, G_FILE_TEST_EXISTS))
    nmd_train_resume (folder, NULL, NULL, NULL, NULL, NULL, &error);
  else
    nmd_train_run (settings, NULL, NULL, NULL, &error);
  if (error != NULL)
    g_printerr ("%s\n", error->message);
  return error != NULL;
}

static pid_t
start_child (const char *folder)
{
  const char *arguments[]
      = { program, real ? "--real-child" : "--child", folder, manifest, NULL };
  g_autoptr (GError) error = NULL;
  GPid pid = 0;

  g_spawn_async (NULL, (char **)arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                 &pid, &error);
  g_assert_no_error (error);
  return pid;
}

/* Milliseconds that an undisturbed child needs. */
static int
time_child (void)
{
  g_autofree char *folder = in_root ("timed");
  gint64 began = g_get_monotonic_time ();
  pid_t child = start_child (folder);
  int status;

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  assert_same_run (unbroken, folder);
  return (int)((g_get_monotonic_time () - began) / 1000);
}

static void
test_killed (void)
{
  int whole = time_child (), n_killed = 0;

  for (int round = 0; round < 3; round++)
    {
      g_autofree char *name = g_strdup_printf ("killed-%d", round);
      g_autofree char *folder = in_root (name);
      int status = 0;

      for (int life = 0; life < 50; life++)
        {
          pid_t child = start_child (folder);

          if (life < 5)
            {
              g_usleep ((gulong)g_test_rand_int_range (1, whole + 1) * 1000);
              kill (child, SIGKILL);
            }
          g_assert_cmpint (waitpid (child, &status, 0), ==, child);
          if (WIFEXITED (status))
            break;
          n_killed++;
        }
      g_assert_true (WIFEXITED (status));
      g_assert_cmpint (WEXITSTATUS (status), ==, 0);
      assert_same_run (unbroken, folder);
      g_assert_cmpuint (count_entries (folder), ==, 7); /* no leftovers */
    }
  g_assert_cmpint (n_killed, >, 0);
}

static void
limit_files (rlim_t bytes)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

/* No file larger than 300 bytes can be written after epoch 0 and before the end of
 * epoch 2. */
static void
fill_disk (int epoch, gpointer data)
{
  const char *folder = data;
  g_autofree char *path = g_build_filename (folder, NMD_RUN_LAST, NULL);
  g_autoptr (NmdWeights) last = nmd_weights_load (path, NULL);
  NmdTrainState state;

  /* Old files stay whole. */
  g_assert_nonnull (last);
  g_assert_true (nmd_state_from_meta (&state, last, path, NULL));
  g_assert_cmpint (state.next_epoch, ==, epoch == 3 ? 4 : 1);
  if (epoch == 0)
    limit_files (300);
  if (epoch == 2)
    limit_files (0);
}

static void
test_full_disk (void)
{
  g_autofree char *folder = in_root ("full");
  Told told = { .at_epoch = fill_disk, .data = folder };

  signal (SIGXFSZ, SIG_IGN);
  train_into (folder, &told);
  g_assert_cmpint (told.n_warnings, ==, 2);
  assert_same_run (unbroken, folder);
}

static void
assert_train_fails (const NmdTrainSettings *settings, int code, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (nmd_train_run (settings, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, code);
  if (strstr (error->message, part) == NULL)
    g_error ("“%s” does not say “%s”", error->message, part);
}

static void
test_refused (void)
{
  g_autofree char *folder = in_root ("refused");
  g_autofree char *file = g_build_filename (folder, "thesis.txt", NULL);
  g_autoptr (NmdTrainSettings) settings = new_settings (folder);
  g_autoptr (GError) error = NULL;
  NmdLock *lock;

  g_assert_true (nmd_file_make_folder (folder, NULL));
  lock = nmd_lock_take (folder, NULL);
  assert_train_fails (settings, NMD_ERROR_BUSY, "is in use by nmd");
  nmd_lock_release (lock);
  g_assert_true (nmd_file_write_text (file, "do not lose me", NULL));
  assert_train_fails (settings, NMD_ERROR_REFUSED, "is not empty");
  g_assert_cmpuint (count_entries (folder), ==, 1);

  lock = nmd_lock_take (unbroken, NULL);
  {
    const NmdEvaluateSettings evaluate
        = { .dataset = dataset, .device = "reference", .threads = 1, .threshold = 0.5 };

    g_assert_null (nmd_train_evaluate (unbroken, &evaluate, NULL, NULL, NULL, &error));
    g_assert_error (error, NMD_ERROR, NMD_ERROR_BUSY);
    g_clear_error (&error);
  }
  nmd_lock_release (lock);

  g_assert_false (nmd_train_resume (folder, NULL, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "is not a run folder"));
}

/* A copy of a run that was stopped after two epochs, to be damaged. */
static char *
stopped_run (const char *name)
{
  g_autofree char *original = in_root ("stopped");
  char *folder = in_root (name);
  g_autoptr (GDir) dir = NULL;
  const char *entry;

  if (!g_file_test (original, G_FILE_TEST_EXISTS))
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Told told = { .cancellable = cancellable, .stop_at_step = 5 };

      train_into (original, &told);
      g_assert_cmpint (told.n_epochs, ==, 2);
    }
  g_assert_true (nmd_file_make_folder (folder, NULL));
  dir = g_dir_open (original, 0, NULL);
  while ((entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *from = g_build_filename (original, entry, NULL);
      g_autofree char *to = g_build_filename (folder, entry, NULL);
      g_autofree char *bytes = NULL;
      gsize n = 0;

      g_assert_true (g_file_get_contents (from, &bytes, &n, NULL));
      g_assert_true (nmd_file_write (to, bytes, n, NULL));
    }
  return folder;
}

/* What a writer leaves that was killed after history and within last: a row too many,
 * half a file under another name. */
static void
test_interrupted (void)
{
  g_autofree char *folder = stopped_run ("interrupted");
  g_autofree char *path = g_build_filename (folder, NMD_RUN_HISTORY, NULL);
  g_autofree char *half = g_build_filename (folder, "." NMD_RUN_LAST ".Ab3xYz", NULL);
  g_autoptr (GArray) history = history_of (folder);
  NmdEpoch extra = g_array_index (history, NmdEpoch, 1);
  g_autofree char *text = NULL;

  extra.epoch = 2;
  g_array_append_val (history, extra);
  text = nmd_history_to_text (history);
  g_assert_true (nmd_file_write_text (path, text, NULL));
  g_assert_true (nmd_file_write_text (half, "half a", NULL));
  resume (folder);
  assert_same_run (unbroken, folder);
  g_assert_cmpuint (count_entries (folder), ==, 7);
}

static void
test_changed (void)
{
  g_autofree char *folder = stopped_run ("changed");
  g_autofree char *other = make_data ("changed-data", 0);
  g_autofree char *images = g_path_get_dirname (other);
  g_autoptr (NmdDataset) same = import (other);
  g_autoptr (NmdDataset) changed = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRun) run = nmd_run_open (folder, NULL);

  g_assert_true (nmd_run_check_dataset (run, same, &error)); /* moved, not changed */
  write_image (images, 3, 1, 1);
  changed = import (other);
  g_assert_false (nmd_train_resume (folder, NULL, changed, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_CHANGED);
  g_assert_nonnull (
      strstr (error->message, "1 image changed, the first is 03_1.png (its pixels)"));
}

static void
test_damaged (void)
{
  static const struct
  {
    const char *file;
    gssize keep;      /* bytes of it, −1: remove it */
    const char *text; /* or these instead */
  } cases[] = {
    { NMD_RUN_JSON, 100, NULL },
    { NMD_RUN_JSON, -1, NULL },
    { NMD_RUN_JSON, 0, "{\"format\": 1}" },
    { NMD_RUN_JSON, 0, "{\"format\": 2}" },
    { NMD_RUN_LAST, 3000, NULL },
    { NMD_RUN_LAST, 5, NULL },
    { NMD_RUN_LAST, 0, NULL },
    { NMD_RUN_HISTORY, -1, NULL },
    { NMD_RUN_HISTORY, 120, NULL },
    { NMD_RUN_HISTORY, 0, "epoch,seconds\n0,1\n" },
    { NMD_RUN_METRICS, 0, "[" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("damaged-%u", i);
      g_autofree char *folder = stopped_run (name);
      g_autofree char *path = g_build_filename (folder, cases[i].file, NULL);
      g_autofree char *bytes = NULL;
      g_autoptr (GError) error = NULL;

      if (cases[i].text != NULL)
        g_assert_true (nmd_file_write_text (path, cases[i].text, NULL));
      else if (cases[i].keep < 0)
        g_assert_cmpint (g_unlink (path), ==, 0);
      else
        {
          g_assert_true (g_file_get_contents (path, &bytes, NULL, NULL));
          g_assert_true (nmd_file_write (path, bytes, (gsize)cases[i].keep, NULL));
        }
      g_assert_false (nmd_train_resume (folder, NULL, dataset, NULL, NULL, NULL, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[i].file));
      remove_folder (folder);
    }
}

static double
get_number (JsonNode *node, const char *object, const char *member)
{
  return json_object_get_double_member (
      json_object_get_object_member (json_node_get_object (node), object), member);
}

static void
test_evaluate (void)
{
  g_autofree char *other = make_data ("external-data", 7);
  const NmdEvaluateSettings own = { .which = "best",
                                    .dataset = dataset,
                                    .device = "reference",
                                    .threads = 1,
                                    .threshold = 0.5 };
  const NmdEvaluateSettings average
      = { .device = "reference", .threads = 1, .threshold = 0.5 };
  const NmdEvaluateSettings external
      = { .dataset_path = other, .device = "reference", .threads = 1, .threshold = 0.5 };
  g_autofree char *copy = in_root ("evaluated");
  Told told = { 0 };
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) again = NULL;
  g_autoptr (JsonNode) foreign = NULL;
  g_autoptr (GError) error = NULL;

  train_into (copy, &told);
  node = nmd_train_evaluate (copy, &own, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (node), "weights"),
                   ==, "best");
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (node), "part"),
                   ==, "test");
  g_assert_cmpfloat (get_number (node, "metrics", "n_images"), ==, 8);
  g_assert_cmpfloat (get_number (node, "by_subject", "n_images"), ==, 4);
  g_assert_cmpuint (json_object_get_size (json_object_get_object_member (
                        json_node_get_object (node), "parts")),
                    ==, 3);
  g_assert_true (json_object_has_member (
      json_object_get_object_member (json_node_get_object (node), "rival"), "auc"));

  foreign = nmd_train_evaluate (copy, &external, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (foreign), "part"),
                   ==, "external");
  g_assert_cmpfloat (get_number (foreign, "metrics", "n_images"), ==, N_IMAGES);

  /* The run's own data set by its stored path; the result is that of the training itself.
   */
  again = nmd_train_evaluate (copy, &average, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_same_run (unbroken, copy);
}

static void
test_split_file (void)
{
  g_autofree char *folder = in_root ("split-file");
  g_autofree char *path = in_root ("split.csv");
  g_autoptr (NmdTrainSettings) settings = new_settings (folder);
  g_autoptr (GString) text = g_string_new ("image,part\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) metrics = NULL;
  g_autofree char *metrics_path = g_build_filename (folder, NMD_RUN_METRICS, NULL);

  for (int subject = 0; subject < N_SUBJECTS; subject++)
    for (int number = 0; number < 2; number++)
      g_string_append_printf (text, "%02d_%d.png,%s\n", subject, number,
                              subject < 14 ? "train" : "validation");
  g_assert_true (nmd_file_write_text (path, text->str, NULL));
  settings->split_file = g_strdup (path);
  set (settings, "epochs", "1");
  nmd_train_run (settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  metrics = nmd_json_load (metrics_path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (metrics), "part"),
                   ==, "validation");
  g_assert_true (json_object_has_member (json_node_get_object (metrics), "note"));
}

static void
test_estimate (void)
{
  g_autofree char *folder = in_root ("estimate");
  g_autoptr (NmdTrainSettings) settings = new_settings (folder);
  double seconds = 0;

  g_assert_true (nmd_train_estimate (settings, &seconds, NULL, NULL));
  g_assert_cmpfloat (seconds, >, 0);
  g_assert_cmpfloat (seconds, <, 60);
}

/* A file as another program would have left it: 1000 classes, a batch counter's like, and
 * a tensor that is nobody's. */
static char *
make_initial (NmdWeights **weights)
{
  const NmdShape one = { 1, { 1 } };
  char *path = in_root ("other.safetensors");
  g_autoptr (GError) error = NULL;

  *weights = nmd_network_init (&tiny_network, 1000, 77);
  nmd_weights_add (*weights, "bn.num_batches_tracked", &one);
  nmd_weights_add (*weights, "ema.decay", &one);
  nmd_weights_save (*weights, path, &error);
  g_assert_no_error (error);
  return path;
}

static void
take_note (const NmdTrainEvent *event, gpointer user_data)
{
  GString *notes = user_data;

  if (event->kind == NMD_TRAIN_NOTE)
    g_string_append (notes, event->text);
}

/* The body is the file's, the head fresh; what happened is told and kept. */
static void
test_initial (void)
{
  g_autoptr (NmdWeights) file = NULL, weights = NULL;
  g_autoptr (NmdWeights) fresh = nmd_network_init (&tiny_network, 2, 5);
  g_autofree char *path = make_initial (&file), *text = NULL;
  g_autoptr (JsonNode) record = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *object;
  NmdShape shape;

  weights = nmd_initial_load (path, &tiny_network, 2, 5, &record, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_weights_get_n (weights), ==, nmd_weights_get_n (fresh));
  for (guint i = 0; i < nmd_weights_get_n (weights); i++)
    {
      const char *name = nmd_weights_get_name (weights, i);
      const float *got = nmd_weights_get (weights, name, &shape);
      const NmdWeights *from = g_str_has_prefix (name, "fc.") ? fresh : file;

      g_assert_cmpmem (got, 4 * nmd_shape_count (&shape),
                       nmd_weights_get (from, name, NULL), 4 * nmd_shape_count (&shape));
    }
  object = json_node_get_object (record);
  g_assert_cmpint (json_object_get_int_member (object, "used"), ==, 6);
  g_assert_cmpint (json_object_get_int_member (object, "tensors"), ==, 8);
  g_assert_cmpint (json_object_get_int_member (object, "classes"), ==, 1000);
  text = nmd_initial_to_text (record);
  g_assert_nonnull (strstr (text,
                            "6 of 8 tensors taken; fresh, because the file's are for "
                            "1000 classes: fc.weight, fc.bias; passed over"));
  g_assert_nonnull (strstr (text, ": 1, ema.decay"));
  g_assert_null (strstr (text, "num_batches_tracked"));
}

/* A training that starts from a file, stopped before its first epoch is whole, goes on
 * without the file to the bits of an unbroken one. */
/* A network that has no statistics to renew ends as whole as any. */
static void
test_without_statistics (void)
{
  g_autofree char *folder = in_root ("bare");
  g_autofree char *average = g_build_filename (folder, NMD_RUN_AVERAGE, NULL);
  g_autoptr (NmdTrainSettings) settings = new_settings (folder);
  g_autoptr (GError) error = NULL;

  g_free (settings->network);
  settings->network = g_strdup ("bare");
  settings->dataset = g_object_ref (dataset);
  g_assert_true (nmd_network_has_statistics (&tiny_network));
  g_assert_false (nmd_network_has_statistics (&bare_network));
  nmd_train_run (settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_test (average, G_FILE_TEST_EXISTS));
}

static void
test_initial_run (void)
{
  g_autoptr (NmdWeights) file = NULL;
  g_autofree char *path = make_initial (&file);
  g_autofree char *whole = in_root ("initial"), *stopped = in_root ("initial-stopped");
  g_autofree char *text = NULL, *best = g_build_filename (whole, NMD_RUN_BEST, NULL);
  g_autoptr (NmdRun) run = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (NmdTrainSettings) settings = new_settings (i == 0 ? whole : stopped);
      g_autoptr (NmdTrainSettings) copy = NULL;
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Told told = { .cancellable = cancellable, .stop_at_step = i == 0 ? 0 : 1 };

      settings->initial = g_strdup (path);
      settings->dataset = g_object_ref (dataset);
      copy = nmd_train_settings_copy (settings);
      nmd_train_run (copy, told_cb, &told, cancellable, &error);
      if (i == 1)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      else
        g_assert_no_error (error);
      g_clear_error (&error);
    }
  g_assert_cmpint (g_unlink (path), ==, 0);
  resume (stopped);
  assert_same_run (whole, stopped);
  run = nmd_run_open (stopped, &error);
  g_assert_no_error (error);
  text = nmd_run_get_initial (run);
  g_assert_true (g_str_has_prefix (text, "Started from other.safetensors (SHA-256 "));
  /* and it is another training than the one from fresh weights */
  {
    g_autofree char *a = nmd_file_sha256 (best, NULL, NULL);
    g_autofree char *other = g_build_filename (unbroken, NMD_RUN_BEST, NULL);
    g_autofree char *b = nmd_file_sha256 (other, NULL, NULL);

    g_assert_cmpstr (a, !=, b);
  }
  /* without its start it must not go on from another one */
  {
    g_autofree char *bare = in_root ("initial-bare");
    g_autofree char *from = g_build_filename (stopped, NMD_RUN_JSON, NULL);
    g_autofree char *to = g_build_filename (bare, NMD_RUN_JSON, NULL);
    g_autofree char *json = NULL;
    g_auto (GStrv) halves = NULL;
    g_autofree char *started = NULL;

    g_assert_true (g_file_get_contents (from, &json, NULL, NULL));
    halves = g_strsplit (json, "\"finished\",", 2);
    started = g_strjoin ("\"started\",", halves[0], halves[1], NULL);
    g_assert_true (nmd_file_make_folder (bare, NULL));
    g_assert_true (nmd_file_write_text (to, started, NULL));
    g_assert_false (nmd_train_resume (bare, NULL, dataset, NULL, NULL, NULL, &error));
    g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
    g_assert_nonnull (strstr (error->message, "before the weights that it starts from"));
  }
}

/* What does not fit is refused before anything is written. */
static void
test_initial_refused (void)
{
  static const struct
  {
    const char *change, *message;
    gint code;
  } cases[] = {
    { "conv.weight",
      "*odd.safetensors: tensor conv.weight is 1 × 2, Tiny needs 4 × 3 × 7 × 7",
      NMD_ERROR_SHAPE },
    { "fc.weight", "*odd.safetensors: tensor fc.weight is 1 × 2, Tiny needs 2 × 4",
      NMD_ERROR_SHAPE },
    { "fc.bias", "*odd.safetensors: tensor fc.bias is 1 × 2, Tiny needs 2",
      NMD_ERROR_SHAPE },
    { "-bn.running_var",
      "*odd.safetensors lacks 1 of the 8 tensors of Tiny, the first is bn.running_var",
      NMD_ERROR_FORMAT },
    { "-",
      "*odd.safetensors holds none of the 8 tensors of Tiny; its own are called x and "
      "so on",
      NMD_ERROR_FORMAT },
  };
  const NmdShape odd = { 2, { 1, 2 } };
  g_autofree char *path = in_root ("odd.safetensors"),
                  *folder = in_root ("refused-start");
  g_autoptr (NmdWeights) whole = nmd_network_init (&tiny_network, 2, 1);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (NmdTrainSettings) settings = new_settings (folder);
      g_autoptr (NmdWeights) weights = nmd_weights_new ();
      g_autoptr (GString) notes = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      NmdShape shape;

      for (guint k = 0; k < nmd_weights_get_n (whole); k++)
        {
          const char *name = nmd_weights_get_name (whole, k);

          nmd_weights_get (whole, name, &shape);
          if (cases[i].change[0] != '-')
            nmd_weights_add (weights, name,
                             g_str_equal (name, cases[i].change) ? &odd : &shape);
          else if (cases[i].change[1] != '\0' && !g_str_equal (name, cases[i].change + 1))
            nmd_weights_add (weights, name, &shape);
        }
      if (nmd_weights_get_n (weights) == 0)
        nmd_weights_add (weights, "x", &odd);
      g_assert_true (nmd_weights_save (weights, path, NULL));
      settings->initial = g_strdup (path);
      settings->dataset = g_object_ref (dataset);
      g_assert_false (nmd_train_run (settings, take_note, notes, NULL, &error));
      g_assert_error (error, NMD_ERROR, cases[i].code);
      if (!g_pattern_match_simple (cases[i].message, error->message))
        g_error ("%u: %s", i, error->message);
      g_assert_cmpstr (notes->str, ==, "");
      g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
    }
}

/* --- on the CUDA backend with its stand-ins for a card (tests/backend/cuda-host)
 * ---------------- */

static void (*lose_after) (
    long n); /* of the module: from the n-th kernel on it is lost */

static void
find_card (void)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("NMD_MODULE_DIR"), "nmd-cuda.so", NULL);
  GModule *module = g_module_open (path, G_MODULE_BIND_LOCAL);

  g_assert_nonnull (module);
  g_assert_true (
      g_module_symbol (module, "cuda_host_lose_after", (gpointer *)&lose_after));
}

static void
lose_card (int epoch, gpointer data)
{
  if (epoch == 2)
    lose_after (20); /* within the next epoch */
}

static NmdTrainSettings *
new_card_settings (const char *folder)
{
  NmdTrainSettings *settings = new_settings (folder);

  g_free (settings->device);
  settings->device = g_strdup ("cuda");
  settings->dataset = g_object_ref (dataset);
  return settings;
}

/* A card that is lost in mid-training ends the run with an error and its best weights on
 * disk; once there is a card again it is resumed to the bits of an unbroken one. */
static void
test_lost_card (void)
{
  g_autofree char *whole = in_root ("card"), *folder = in_root ("lost");
  g_autoptr (NmdTrainSettings) settings = NULL, others = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRun) run = NULL, device = NULL;
  g_autoptr (NmdModel) best = NULL;
  Told told = { .at_epoch = lose_card };
  guint n;

  find_card ();
  others = new_card_settings (whole);
  nmd_train_run (others, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  device = nmd_run_open (whole, &error);
  g_assert_true (strstr (nmd_run_get_device (device), "strict numerics") != NULL);
  settings = new_card_settings (folder);
  g_assert_false (nmd_train_run (settings, told_cb, &told, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_DEVICE);
  g_test_message ("%s", error->message);
  g_clear_error (&error);
  run = nmd_run_open (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (nmd_run_get_state (run), ==, NMD_RUN_STARTED);
  nmd_run_get_history (run, &n);
  g_assert_cmpuint (n, ==, 3);
  best = nmd_run_load_model (run, "best", &error);
  g_assert_no_error (error);
  g_assert_nonnull (best);
  lose_after (-1);
  resume (folder);
  assert_same_run (whole, folder);
}

static void
add_tiny_tests (void)
{
  /* in a run of its own, with a stand-in for a card */
  if (g_getenv ("NMD_MODULE_DIR") != NULL)
    g_test_add_func ("/train/lost-card", test_lost_card);
  g_test_add_func ("/train/folder", test_folder);
  g_test_add_func ("/train/first-epoch", test_first_epoch);
  g_test_add_func ("/train/full-disk", test_full_disk);
  g_test_add_func ("/train/refused", test_refused);
  g_test_add_func ("/train/interrupted", test_interrupted);
  g_test_add_func ("/train/changed", test_changed);
  g_test_add_func ("/train/damaged", test_damaged);
  g_test_add_func ("/train/evaluate", test_evaluate);
  g_test_add_func ("/train/split-file", test_split_file);
  g_test_add_func ("/train/estimate", test_estimate);
  g_test_add_func ("/train/initial", test_initial);
  g_test_add_func ("/train/initial-run", test_initial_run);
  g_test_add_func ("/train/without-statistics", test_without_statistics);
  g_test_add_func ("/train/initial-refused", test_initial_refused);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  Told told = { 0 };
  int status;

  nmd_networks_add (&tiny_network);
  nmd_networks_add (&bare_network);
  real = argc > 1 && g_str_has_prefix (argv[1], "--real");
  if (argc == 4 && g_str_has_suffix (argv[1], "-child"))
    {
      manifest = argv[3];
      return child_main (argv[2]);
    }
  program = argv[0];
  if (real)
    {
      argv[1] = argv[0];
      argc--;
      argv++;
    }
  g_test_init (&argc, &argv, NULL);
  /* Memory where it can be had: what a power cut leaves is not tested, and fsync takes
   * its time. */
  if (g_getenv ("TMPDIR") == NULL && g_access ("/dev/shm", W_OK) == 0)
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
  root = g_dir_make_tmp ("nmd-train-XXXXXX", &error);
  g_assert_no_error (error);
  manifest = make_data ("data", 0);
  dataset = import (manifest);
  unbroken = in_root ("unbroken");
  train_into (unbroken, &told);

  g_test_add_func ("/train/twice", test_twice);
  g_test_add_func ("/train/stopped", test_stopped);
  if (!real || g_test_slow ())
    g_test_add_func ("/train/killed", test_killed);
  if (!real)
    add_tiny_tests ();
  status = g_test_run ();
  remove_folder (root);
  g_object_unref (dataset);
  g_free (unbroken);
  g_free (manifest);
  g_free (root);
  return status;
}
