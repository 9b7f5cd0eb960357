/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole trainings of a tiny network on a tiny data set: what is in the run folder, the
 * same bits twice, after being stopped, after kill -9, over a full disk; and what must be
 * refused.
 */
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/data/nmd-batch.h"
#include "engine/train/nmd-learner-private.h"
#include "engine/train/nmd-run-private.h"
#include "tests/train/fixture.h"
#include "tests/train/tiny.h"

#include <gmodule.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the folder of the unbroken run holds. */
static void
test_folder (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRun) run = nmd_run_open (fixture.unbroken, &error);
  g_autoptr (NmdModel) model = NULL;
  g_autoptr (NmdModel) best = NULL;
  g_autoptr (NmdScores) all = NULL;
  g_autoptr (NmdScores) test = NULL;
  const NmdPassport *passport;
  const NmdEpoch *history;
  int lowest = 0, n_best = 0;
  guint n;

  g_assert_no_error (error);
  g_assert_cmpuint (fixture_count (fixture.unbroken), ==,
                    7); /* no lock, no temporary file */
  g_assert_cmpint (nmd_run_get_state (run), ==, NMD_RUN_FINISHED);
  g_assert_true (nmd_run_get_network (run) == &tiny_network);
  g_assert_cmpstr (nmd_run_get_split_kind (run), ==, "threeway");
  g_assert_cmpstr (nmd_run_get_dataset_hash (run), ==,
                   nmd_dataset_get_hash (fixture.dataset));
  g_assert_cmpint (nmd_parameters_get_int (nmd_run_get_parameters (run), "epochs"), ==,
                   FIXTURE_EPOCHS);
  history = nmd_run_get_history (run, &n);
  g_assert_cmpuint (n, ==, FIXTURE_EPOCHS);
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
  g_assert_cmpint (n_best, <,
                   FIXTURE_EPOCHS); /* so that forgetting the best would show */
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
  g_assert_cmpuint (nmd_scores_get_n (all), ==, FIXTURE_IMAGES);
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
      fixture.dataset, (const guint *)(void *)samples->data, samples->len, parameters);
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
  g_autoptr (NmdRun) run = nmd_run_open (fixture.unbroken, NULL);
  const NmdParameters *parameters = nmd_run_get_parameters (run);
  g_autoptr (NmdSplit) split = nmd_run_get_split (run, fixture.dataset, NULL);
  g_autoptr (GArray) samples = nmd_split_get_indices (split, NMD_PART_TRAIN);
  g_autoptr (NmdBatches) batches = nmd_batches_new (
      fixture.dataset, (const guint *)(void *)samples->data, samples->len, parameters);
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
  g_autofree char *folder = fixture_path ("twice");
  FixtureTold told = { 0 };

  fixture_train (folder, &told);
  g_assert_cmpint (told.n_epochs, ==, FIXTURE_EPOCHS);
  g_assert_cmpint (told.n_steps, ==, 2 * FIXTURE_EPOCHS);
  g_assert_cmpint (told.n_warnings, ==, 0);
  fixture_assert_same_run (fixture.unbroken, folder);
}

/* What a listener that holds every step up has seen, in microseconds. */
typedef struct
{
  gint64 before; /* the first step's epoch began after it */
  gint64 last;   /* the last epoch had ended */
  gint64 slept;
} Held;

static void
hold_step (const NmdTrainEvent *event, gpointer user_data)
{
  Held *held = user_data;
  gint64 now = g_get_monotonic_time ();

  if (event->kind == NMD_TRAIN_STEP)
    {
      g_usleep (100000);
      held->slept += g_get_monotonic_time () - now;
    }
  else if (event->kind == NMD_TRAIN_EPOCH)
    held->last = now;
  else if (held->slept == 0)
    held->before = now;
}

/* A listener that holds the training up changes no bit, and is not in its seconds. */
static void
test_held (void)
{
  g_autofree char *folder = fixture_path ("held");
  g_autoptr (NmdTrainSettings) settings = fixture_settings (folder);
  g_autoptr (GArray) history = NULL;
  Held held = { 0 };
  double seconds = 0;

  g_assert_true (nmd_train_run (settings, hold_step, &held, NULL, NULL));
  history = fixture_history (folder);
  for (guint i = 0; i < history->len; i++)
    seconds += g_array_index (history, NmdEpoch, i).seconds;
  g_assert_cmpint (held.slept, >=, 2 * FIXTURE_EPOCHS * 100000);
  g_assert_cmpfloat (seconds, <=,
                     (double)(held.last - held.before - held.slept) / G_USEC_PER_SEC
                         + 0.02); /* rounded in the file */
  fixture_assert_same_run (fixture.unbroken, folder);
}

static void
test_stopped (void)
{
  static const int steps[] = { 1, 2, 5, 8 };
  const gboolean once = fixture.real;

  for (guint i = once ? 2 : 0; i < (once ? 3 : G_N_ELEMENTS (steps) + 2); i++)
    {
      g_autofree char *name = g_strdup_printf ("stopped-%u", i);
      g_autofree char *folder = fixture_path (name);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GArray) history = NULL;
      FixtureTold told = { .cancellable = cancellable };

      if (i < G_N_ELEMENTS (steps))
        told.stop_at_step = steps[i];
      else
        told.stop_at_finish = i == G_N_ELEMENTS (steps) ? 1 : 4;
      fixture_train (folder, &told);
      g_assert_true (g_cancellable_is_cancelled (cancellable));
      history = fixture_history (folder);
      g_assert_cmpint ((int)history->len, ==, told.n_epochs); /* complete up to there */
      if (told.n_epochs > 0)
        {
          g_autoptr (NmdRun) run = nmd_run_open (folder, NULL);
          g_autoptr (NmdModel) model = nmd_run_load_model (run, "best", NULL);

          g_assert_cmpint (nmd_run_get_state (run), ==, NMD_RUN_STARTED);
          g_assert_nonnull (model);
        }
      fixture_resume (folder);
      fixture_assert_same_run (fixture.unbroken, folder);
      fixture_resume (folder); /* finished: nothing happens */
      fixture_assert_same_run (fixture.unbroken, folder);
    }
}

/* The child's side of test_killed(). */
static int
child_main (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *run = g_build_filename (folder, NMD_RUN_JSON, NULL);
  g_autoptr (NmdTrainSettings) settings = fixture_settings (folder);

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
  const char *arguments[] = { fixture.program, fixture.real ? "--real-child" : "--child",
                              folder, fixture.manifest, NULL };
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
  g_autofree char *folder = fixture_path ("timed");
  gint64 began = g_get_monotonic_time ();
  pid_t child = start_child (folder);
  int status;

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  fixture_assert_same_run (fixture.unbroken, folder);
  return (int)((g_get_monotonic_time () - began) / 1000);
}

static void
test_killed (void)
{
  int whole = time_child (), n_killed = 0;

  for (int round = 0; round < 3; round++)
    {
      g_autofree char *name = g_strdup_printf ("killed-%d", round);
      g_autofree char *folder = fixture_path (name);
      int status = 0;

      for (int life = 0; life < 50; life++)
        {
          pid_t child = start_child (folder);

          if (life < 5)
            {
              /* earlier from round to round: the timed child may have been a slow one */
              g_usleep ((gulong)g_test_rand_int_range (1, (whole >> round) + 2) * 1000);
              kill (child, SIGKILL);
            }
          g_assert_cmpint (waitpid (child, &status, 0), ==, child);
          if (WIFEXITED (status))
            break;
          n_killed++;
        }
      g_assert_true (WIFEXITED (status));
      g_assert_cmpint (WEXITSTATUS (status), ==, 0);
      fixture_assert_same_run (fixture.unbroken, folder);
      g_assert_cmpuint (fixture_count (folder), ==, 7); /* no leftovers */
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
  g_autoptr (NmdRun) run = nmd_run_open (folder, NULL);
  const NmdParameters *parameters = nmd_run_get_parameters (run);
  NmdTrainState state;

  /* Old files stay whole. */
  g_assert_nonnull (last);
  g_assert_true (nmd_state_from_meta (&state, last, parameters, path, NULL));
  g_assert_cmpint (state.next_epoch, ==, epoch == 3 ? 4 : 1);
  if (epoch == 0)
    limit_files (300);
  if (epoch == 2)
    limit_files (0);
}

static void
test_full_disk (void)
{
  g_autofree char *folder = fixture_path ("full");
  FixtureTold told = { .at_epoch = fill_disk, .data = folder };

  signal (SIGXFSZ, SIG_IGN);
  fixture_train (folder, &told);
  g_assert_cmpint (told.n_warnings, ==, 2);
  fixture_assert_same_run (fixture.unbroken, folder);
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
  g_autofree char *folder = fixture_path ("refused");
  g_autofree char *file = g_build_filename (folder, "thesis.txt", NULL);
  g_autoptr (NmdTrainSettings) settings = fixture_settings (folder);
  g_autoptr (GError) error = NULL;
  NmdLock *lock;

  g_assert_true (nmd_file_make_folder (folder, NULL));
  lock = nmd_lock_take (folder, NULL);
  assert_train_fails (settings, NMD_ERROR_BUSY, "is in use by nmd");
  nmd_lock_release (lock);
  g_assert_true (nmd_file_write_text (file, "do not lose me", NULL));
  assert_train_fails (settings, NMD_ERROR_REFUSED, "is not empty");
  g_assert_cmpuint (fixture_count (folder), ==, 1);

  lock = nmd_lock_take (fixture.unbroken, NULL);
  {
    const NmdEvaluateSettings evaluate
        = { .dataset = fixture.dataset, .device = "reference", .threads = 1 };

    g_assert_null (
        nmd_train_evaluate (fixture.unbroken, &evaluate, NULL, NULL, NULL, &error));
    g_assert_error (error, NMD_ERROR, NMD_ERROR_BUSY);
    g_clear_error (&error);
  }
  nmd_lock_release (lock);

  g_assert_false (nmd_train_resume (folder, NULL, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "is not a run folder"));
}

/* What a writer leaves that was killed after history and within last: a row too many,
 * half a file under another name. */
static void
test_interrupted (void)
{
  g_autofree char *folder = fixture_stopped ("interrupted");
  g_autofree char *path = g_build_filename (folder, NMD_RUN_HISTORY, NULL);
  g_autofree char *half = g_build_filename (folder, "." NMD_RUN_LAST ".Ab3xYz", NULL);
  g_autoptr (GArray) history = fixture_history (folder);
  NmdEpoch extra = g_array_index (history, NmdEpoch, 1);
  g_autofree char *text = NULL;

  extra.epoch = 2;
  g_array_append_val (history, extra);
  text = nmd_history_to_text (history, NMD_TASK_CLASSIFY);
  g_assert_true (nmd_file_write_text (path, text, NULL));
  g_assert_true (nmd_file_write_text (half, "half a", NULL));
  fixture_resume (folder);
  fixture_assert_same_run (fixture.unbroken, folder);
  g_assert_cmpuint (fixture_count (folder), ==, 7);
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
  g_autofree char *other = fixture_make_data ("external-data", 7);
  const NmdEvaluateSettings own = {
    .which = "best", .dataset = fixture.dataset, .device = "reference", .threads = 1
  };
  const NmdEvaluateSettings average = { .device = "reference", .threads = 1 };
  const NmdEvaluateSettings external
      = { .dataset_path = other, .device = "reference", .threads = 1 };
  g_autofree char *copy = fixture_path ("evaluated");
  FixtureTold told = { 0 };
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) again = NULL;
  g_autoptr (JsonNode) foreign = NULL;
  g_autoptr (GError) error = NULL;

  fixture_train (copy, &told);
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
  g_assert_cmpfloat (get_number (foreign, "metrics", "n_images"), ==, FIXTURE_IMAGES);

  /* The run's own data set by its stored path; the result is that of the training itself.
   */
  again = nmd_train_evaluate (copy, &average, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  fixture_assert_same_run (fixture.unbroken, copy);
}

/* A finished run is never scored with other weights than its average unless they are named. */
static void
test_missing_average (void)
{
  g_autofree char *folder = fixture_path ("no-average");
  g_autofree char *path = g_build_filename (folder, NMD_RUN_AVERAGE, NULL);
  NmdEvaluateSettings settings
      = { .dataset = fixture.dataset, .device = "reference", .threads = 1 };
  g_autoptr (NmdRun) run = NULL;
  g_autoptr (NmdModel) best = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;

  fixture_copy (fixture.unbroken, folder);
  g_assert_cmpint (unlink (path), ==, 0);
  run = nmd_run_open (folder, &error);
  g_assert_no_error (error);
  g_assert_null (nmd_run_load_model (run, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_CHANGED);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, "--weights best"));
  g_clear_error (&error);
  g_assert_null (nmd_train_evaluate (folder, &settings, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_CHANGED);
  g_clear_error (&error);
  settings.which = "best";
  node = nmd_train_evaluate (folder, &settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  best = nmd_run_load_model (run, "best", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (nmd_model_get_which (best), ==, "best");
}

static void
test_split_file (void)
{
  g_autofree char *folder = fixture_path ("split-file");
  g_autofree char *path = fixture_path ("split.csv");
  g_autoptr (NmdTrainSettings) settings = fixture_settings (folder);
  g_autoptr (GString) text = g_string_new ("image,part\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) metrics = NULL;
  g_autofree char *metrics_path = g_build_filename (folder, NMD_RUN_METRICS, NULL);

  for (int subject = 0; subject < FIXTURE_SUBJECTS; subject++)
    for (int number = 0; number < 2; number++)
      g_string_append_printf (text, "%02d_%d.png,%s\n", subject, number,
                              subject < 14 ? "train" : "validation");
  g_assert_true (nmd_file_write_text (path, text->str, NULL));
  settings->split_file = g_strdup (path);
  fixture_set (settings, "epochs", "1");
  nmd_train_run (settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  metrics = nmd_json_load (metrics_path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (metrics), "part"),
                   ==, "validation");
  g_assert_true (json_object_has_member (json_node_get_object (metrics), "note"));
}

/* A network that has no statistics to renew ends as whole as any. */
static void
test_without_statistics (void)
{
  g_autofree char *folder = fixture_path ("bare");
  g_autofree char *average = g_build_filename (folder, NMD_RUN_AVERAGE, NULL);
  g_autoptr (NmdTrainSettings) settings = fixture_settings (folder);
  g_autoptr (GError) error = NULL;

  g_free (settings->network);
  settings->network = g_strdup ("bare");
  settings->dataset = g_object_ref (fixture.dataset);
  g_assert_true (nmd_network_has_statistics (&tiny_network));
  g_assert_false (nmd_network_has_statistics (&bare_network));
  nmd_train_run (settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_test (average, G_FILE_TEST_EXISTS));
}

/* On the CUDA backend with its stand-ins for a card (tests/backend/cuda-host) */

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
  NmdTrainSettings *settings = fixture_settings (folder);

  g_free (settings->device);
  settings->device = g_strdup ("cuda");
  settings->dataset = g_object_ref (fixture.dataset);
  return settings;
}

/* A card that is lost in mid-training ends the run with an error and its best weights on
 * disk; once there is a card again it is resumed to the bits of an unbroken one. */
static void
test_lost_card (void)
{
  g_autofree char *whole = fixture_path ("card"), *folder = fixture_path ("lost");
  g_autoptr (NmdTrainSettings) settings = NULL, others = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRun) run = NULL, device = NULL;
  g_autoptr (NmdModel) best = NULL;
  FixtureTold told = { .at_epoch = lose_card };
  guint n;

  find_card ();
  others = new_card_settings (whole);
  nmd_train_run (others, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  device = nmd_run_open (whole, &error);
  g_assert_true (strstr (nmd_run_get_device (device), "strict numerics") != NULL);
  settings = new_card_settings (folder);
  g_assert_false (nmd_train_run (settings, fixture_told, &told, NULL, &error));
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
  fixture_resume (folder);
  fixture_assert_same_run (whole, folder);
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
  g_test_add_func ("/train/evaluate", test_evaluate);
  g_test_add_func ("/train/missing-average", test_missing_average);
  g_test_add_func ("/train/split-file", test_split_file);
  g_test_add_func ("/train/without-statistics", test_without_statistics);
}

int
main (int argc, char **argv)
{
  nmd_networks_add (&tiny_network);
  nmd_networks_add (&bare_network);
  fixture.real = argc > 1 && g_str_has_prefix (argv[1], "--real");
  if (argc == 4 && g_str_has_suffix (argv[1], "-child"))
    {
      fixture.manifest = argv[3];
      return child_main (argv[2]);
    }
  fixture.program = argv[0];
  if (fixture.real)
    {
      argv[1] = argv[0];
      argc--;
      argv++;
    }
  fixture_open (&argc, &argv);
  g_test_add_func ("/train/twice", test_twice);
  g_test_add_func ("/train/held", test_held);
  g_test_add_func ("/train/stopped", test_stopped);
  if (!fixture.real || g_test_slow ())
    g_test_add_func ("/train/killed", test_killed);
  if (!fixture.real)
    add_tiny_tests ();
  return fixture_close (g_test_run ());
}
