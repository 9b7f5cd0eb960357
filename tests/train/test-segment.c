/* SPDX-License-Identifier: Apache-2.0
 *
 * A training of segmentation: it learns, leaves a run that says its task, gives the same bits
 * twice, resumed and after a full disk, and is refused where a score is needed.
 */
#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json-value.h"
#include "engine/nn/blocks/nmd-blocks.h"
#include "engine/eval/nmd-outline-shown.h"
#include "engine/image/nmd-png-writer.h"
#include "engine/model/nmd-predictor.h"
#include "engine/train/nmd-run-private.h"
#include "tests/train/fixture.h"
#include "tests/train/tiny.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* Bright discs on dark noise; the last subject has no masks. */
static char *
make_data (void)
{
  g_autofree char *folder = fixture_path ("discs");
  g_autoptr (GString) text = g_string_new ("image,mask,subject,label,organ\n");
  char *path = g_build_filename (folder, "manifest.csv", NULL);

  g_assert_true (nmd_file_make_folder (folder, NULL));
  for (int i = 0; i < 26; i++)
    {
      g_autofree char *name = g_strdup_printf ("%02d.png", i);
      g_autofree char *mask_name = g_strdup_printf ("mask_%02d.png", i);
      g_autofree char *at = g_build_filename (folder, name, NULL);
      g_autofree char *mask_at = g_build_filename (folder, mask_name, NULL);
      g_autoptr (NmdImage) image = nmd_image_new (48, 40), mask = nmd_image_new (48, 40);
      NmdRandom stream;

      nmd_random_init (&stream, name);
      for (int k = 0; k < 48 * 40; k++)
        {
          const gboolean in = hypot (k % 48 - 20 - i % 7, k / 48 - 18 - i % 4) < 9;

          image->pixels[k]
              = (guint8)((in ? 140 : 40) + (int)nmd_random_below (&stream, 60));
          mask->pixels[k] = in ? 255 : 0;
        }
      g_assert_true (nmd_image_save_png (image, at, 8, NULL, NULL));
      if (i < 24)
        g_assert_true (nmd_image_save_png (mask, mask_at, 1, NULL, NULL));
      g_string_append_printf (text, "%s,%s,s%02d,%s,phantom\n", name,
                              i < 24 ? mask_name : "", i / 2,
                              i / 2 % 2 == 1 ? "pathological" : "healthy");
    }
  g_assert_true (nmd_file_write_text (path, text->str, NULL));
  return path;
}

/* Two convolutions: enough for bright discs. */
static NmdNode
spot_build (NmdGraph *graph, NmdNode x, int n_classes, NmdMode mode)
{
  x = nmd_block_conv (graph, "conv", x, 4, 3, 1, 1, TRUE);
  x = nmd_block_batch_norm (graph, "bn", x, mode);
  x = nmd_block_activation (graph, "relu", x, NMD_RELU);
  return nmd_block_conv (graph, "logits", x, 1, 1, 1, 1, TRUE);
}

static const NmdNetwork spot_network = {
  .name = "spot",
  .title = "Spot",
  .note = "For tests",
  .source = "none",
  .task = NMD_TASK_SEGMENT,
  .input_size = 256,
  .build = spot_build,
};

static NmdDataset *dataset;

static NmdTrainSettings *
make_settings (const char *folder)
{
  NmdTrainSettings *settings = fixture_settings (folder);

  nmd_parameters_unref (settings->parameters);
  settings->parameters = nmd_parameters_new_for (NMD_TASK_SEGMENT);
  g_set_object (&settings->dataset, dataset);
  g_free (settings->network);
  settings->network = g_strdup ("spot");
  fixture_set (settings, "size", "64");
  fixture_set (settings, "epochs", "6");
  fixture_set (settings, "average-start", "0.5");
  fixture_set (settings, "lr", "0.05");
  return settings;
}

typedef struct
{
  GCancellable *cancellable;
  guint n_steps, stop_at;
  guint n_epochs, n_warnings;
  double dice;
} Told;

static void
tell (const NmdTrainEvent *event, gpointer user_data)
{
  Told *told = user_data;

  if (event->kind == NMD_TRAIN_STEP && ++told->n_steps == told->stop_at)
    g_cancellable_cancel (told->cancellable);
  if (event->kind == NMD_TRAIN_EPOCH)
    {
      g_assert_null (event->roc);
      g_assert_true (isnan (event->rival_auc) && isnan (event->epoch->val_auc));
      told->dice = event->epoch->val_dice;
      told->n_epochs++;
    }
  told->n_warnings += event->kind == NMD_TRAIN_WARNING;
}

static void
train (const char *folder, Told *told)
{
  g_autoptr (NmdTrainSettings) settings = make_settings (folder);
  g_autoptr (GError) error = NULL;

  nmd_train_run (settings, tell, told, told->cancellable, &error);
  if (told->stop_at == 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
assert_same (const char *a, const char *b)
{
  static const char *const names[]
      = { NMD_RUN_BEST, NMD_RUN_AVERAGE, NMD_RUN_LAST, NMD_RUN_OUTLINES };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *first = g_build_filename (a, names[i], NULL);
      g_autofree char *second = g_build_filename (b, names[i], NULL);
      g_autofree char *x = NULL, *y = NULL;
      gsize n_x, n_y;

      g_assert_true (g_file_get_contents (first, &x, &n_x, NULL));
      g_assert_true (g_file_get_contents (second, &y, &n_y, NULL));
      g_assert_cmpmem (x, n_x, y, n_y);
    }
}

static void
test_learns (void)
{
  g_autofree char *folder = fixture_path ("whole");
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRun) run = NULL;
  g_autoptr (NmdOutlineTable) table = NULL;
  NmdJsonValue top, metrics;
  NmdOutlineResults results;
  Told told = { 0 };
  guint n;

  train (folder, &told);
  g_assert_cmpuint (told.n_epochs, ==, 6);
  g_assert_cmpuint (told.n_warnings, >, 0); /* two images without a mask */
  g_assert_cmpfloat (told.dice, >, 0.9);
  run = nmd_run_open (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (nmd_run_get_task (run), ==, NMD_TASK_SEGMENT);
  g_assert_cmpint (nmd_run_get_state (run), ==, NMD_RUN_FINISHED);
  g_assert_cmpint (nmd_run_get_network (run)->input_size, ==, 64);
  g_assert_cmpfloat (nmd_run_get_history (run, &n)[5].val_dice, ==, told.dice);
  g_assert_cmpuint (n, ==, 6);
  top = nmd_json_value_top (nmd_run_get_metrics (run), "metrics.json");
  g_assert_true (
      nmd_json_get_object (&top, "metrics", NMD_JSON_REQUIRED, &metrics, &error));
  g_assert_true (nmd_outline_results_from_json (&results, &metrics, &error));
  g_assert_cmpfloat (results.measures[NMD_OUTLINE_DICE].mean, >, 0.9);
  g_assert_cmpuint (results.n_failures, ==, 0);
  table = nmd_run_load_outlines (run, NMD_PART_NONE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_outline_table_get_n (table), ==, 24);
}

/* Stopped in the middle of an epoch and gone on with: the bits of a run that never stopped. */
static void
test_same_bits (void)
{
  g_autofree char *whole = fixture_path ("whole"), *again = fixture_path ("again"),
                  *stopped = fixture_path ("stopped");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Told told = { 0 }, first = { .cancellable = cancellable, .stop_at = 5 }, rest = { 0 };

  train (again, &told);
  assert_same (whole, again);
  train (stopped, &first);
  g_assert_true (nmd_train_resume (stopped, NULL, dataset, tell, &rest, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (rest.n_epochs, >, 0);
  g_assert_cmpuint (rest.n_epochs, <, 6);
  assert_same (whole, stopped);
}

/* What cannot be written is a warning, and written when there is room again. */
static void
block_last (const NmdTrainEvent *event, gpointer user_data)
{
  const char *folder = user_data;
  g_autofree char *last = g_build_filename (folder, NMD_RUN_LAST, NULL);

  if (event->kind == NMD_TRAIN_EPOCH && event->epoch->epoch == 1)
    {
      g_unlink (last); /* a folder in its place: the next epochs cannot be committed */
      g_assert_cmpint (g_mkdir (last, 0755), ==, 0);
    }
  if (event->kind == NMD_TRAIN_EPOCH && event->epoch->epoch == 3)
    g_rmdir (last);
}

static void
test_not_saved (void)
{
  g_autofree char *whole = fixture_path ("whole"), *folder = fixture_path ("blocked");
  g_autoptr (NmdTrainSettings) settings = make_settings (folder);
  g_autoptr (GError) error = NULL;

  g_assert_true (nmd_train_run (settings, block_last, folder, NULL, &error));
  g_assert_no_error (error);
  assert_same (whole, folder);
}

/* A run from before prompts could be switched off and before there was the mirror image opens: it was trained
 * with prompts and looked once. */
static void
test_older (void)
{
  g_autofree char *whole = fixture_path ("whole"), *folder = fixture_path ("older");
  g_autofree char *from = g_build_filename (whole, NMD_RUN_JSON, NULL),
                  *to = g_build_filename (folder, NMD_RUN_JSON, NULL), *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GString) older = g_string_new (NULL);
  g_autoptr (NmdRun) run = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_get_contents (from, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (strstr (*line, "\"prompts\"") == NULL && strstr (*line, "\"mirror\"") == NULL)
      g_string_append_printf (older, "%s\n", *line);
  g_assert_cmpuint (older->len, <, strlen (text));
  g_assert_true (nmd_file_make_folder (folder, NULL));
  g_assert_true (nmd_file_write_text (to, older->str, NULL));
  run = nmd_run_open (folder, &error);
  g_assert_no_error (error);
  g_assert_true (nmd_parameters_get_switch (nmd_run_get_parameters (run), "prompts"));
  g_assert_false (nmd_parameters_get_switch (nmd_run_get_parameters (run), "mirror"));
  g_assert_nonnull (strstr (nmd_run_get_assumed (run), "prompts on"));
  g_assert_nonnull (strstr (nmd_run_get_assumed (run), "mirror off"));
}

/* Simulated users: a Dice coefficient for all they show, and more images than failures. */
static void
test_prompted (void)
{
  g_autofree char *whole = fixture_path ("whole");
  g_autofree char *csv_path = g_build_filename (whole, NMD_RUN_PROMPTS, NULL);
  NmdEvaluateSettings settings
      = { .dataset = dataset, .device = "reference", .threads = 1, .with_prompts = TRUE };
  g_autoptr (JsonNode) node = NULL, without = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdCsv) csv = NULL;
  g_autoptr (NmdRun) run = NULL;
  NmdShownResults results[NMD_N_SHOWN];
  NmdOutlineResults all;
  NmdJsonValue top, prompts, metrics;

  node = nmd_train_evaluate (whole, &settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  run = nmd_run_open (whole, &error); /* its reader takes the member */
  g_assert_no_error (error);
  top = nmd_json_value_top (node, "metrics.json");
  g_assert_true (
      nmd_json_get_object (&top, "prompts", NMD_JSON_REQUIRED, &prompts, &error));
  g_assert_true (nmd_shown_from_json (results, &prompts, &error));
  g_assert_true (
      nmd_json_get_object (&top, "metrics", NMD_JSON_REQUIRED, &metrics, &error));
  g_assert_true (nmd_outline_results_from_json (&all, &metrics, &error));
  g_assert_cmpfloat (results[NMD_SHOWN_NOTHING].dice.mean, ==,
                     all.measures[NMD_OUTLINE_DICE].mean);
  for (guint i = 0; i < NMD_N_SHOWN; i++)
    {
      g_assert_cmpuint (results[i].n_images, ==, all.n_images);
      g_assert_true (results[i].dice.mean > 0 && results[i].dice.mean <= 1);
    }
  csv = nmd_csv_load (csv_path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_csv_get_n_rows (csv), ==, all.n_images);
  g_assert_cmpint (nmd_csv_need (csv, "dice_box_click_3", &error), >=, 0);

  settings.with_prompts = FALSE;
  without = nmd_train_evaluate (whole, &settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (json_object_has_member (json_node_get_object (without), "prompts"));
  g_assert_null (nmd_train_evaluate (
      fixture.unbroken,
      &(NmdEvaluateSettings){ .dataset = fixture.dataset, .with_prompts = TRUE }, NULL,
      NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_REFUSED);
}

/* A threshold chosen on the validation part is used there and said, and no fixed one is better. */
static void
test_threshold (void)
{
  g_autofree char *folder = fixture_path ("chosen"), *whole = fixture_path ("whole");
  g_autoptr (NmdTrainSettings) settings = make_settings (folder);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRun) run = NULL, fixed = NULL;
  g_autoptr (NmdModel) model = NULL;
  g_autofree char *text = NULL, *fixed_text = NULL;
  double value, dice[2];

  fixture_set (settings, "threshold-from", "validation");
  g_assert_true (nmd_train_run (settings, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  run = nmd_run_open (folder, &error);
  fixed = nmd_run_open (whole, &error);
  g_assert_no_error (error);
  value = nmd_run_get_outline_threshold (run);
  g_assert_true (value >= 0.1 && value <= 0.9);
  text = nmd_run_get_threshold_text (run);
  fixed_text = nmd_run_get_threshold_text (fixed);
  g_assert_nonnull (strstr (text, "chosen on the validation part (highest mean Dice, "));
  g_assert_cmpstr (fixed_text, ==, "Threshold of the outline 0.5");
  model = nmd_run_load_model (run, NULL, &error);
  g_assert_cmpfloat (
      nmd_parameters_get (nmd_model_get_parameters (model), "outline-threshold"), ==,
      value);
  g_assert_cmpfloat (
      nmd_parameters_get (nmd_run_get_parameters (run), "outline-threshold"), ==, 0.5);
  for (int i = 0; i < 2; i++)
    {
      NmdJsonValue top
          = nmd_json_value_top (nmd_run_get_metrics (i == 0 ? run : fixed), "metrics");
      NmdJsonValue parts, part;
      NmdOutlineResults results;

      g_assert_true (
          nmd_json_get_object (&top, "parts", NMD_JSON_REQUIRED, &parts, &error)
          && nmd_json_get_object (&parts, "validation", NMD_JSON_REQUIRED, &part, &error)
          && nmd_outline_results_from_json (&results, &part, &error));
      dice[i] = results.measures[NMD_OUTLINE_DICE].mean;
    }
  g_assert_cmpfloat (fabs (dice[0] - nmd_run_get_file (run)->threshold.dice), <, 1e-12);
  g_assert_cmpfloat (dice[0], >=, dice[1] - 1e-12);
}

/* The same classifier on the same images with two outlines: AUCs of the listed scores, and the expert's
 * scores are those of the classifier's own evaluation. */
static void
test_cost (void)
{
  g_autofree char *whole = fixture_path ("whole");
  const NmdThresholdRule strict = { NMD_THRESHOLD_FIXED, 0.9 };
  const NmdEvaluateSettings settings = { .device = "reference", .threads = 1 };
  NmdEvaluateSettings own = settings;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = nmd_train_compare_outlines (
      fixture.unbroken, whole, &settings, NULL, NULL, NULL, &error);
  g_autoptr (NmdRun) run = nmd_run_open (fixture.unbroken, NULL);
  g_autoptr (NmdScores) stored = NULL;
  g_autoptr (JsonNode) evaluated = NULL, after = NULL;
  double scores[2][FIXTURE_IMAGES];
  int labels[FIXTURE_IMAGES];
  JsonObject *object;
  JsonArray *images;
  guint n, n_no_outline = 0;

  g_assert_no_error (error);
  object = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (object, "part"), ==, "test");
  images = json_object_get_array_member (object, "images");
  n = json_array_get_length (images);
  stored = nmd_run_load_scores (run, NMD_PART_TEST, &error);
  g_assert_cmpuint (n, ==, nmd_scores_get_n (stored));
  for (guint i = 0; i < n; i++)
    {
      JsonObject *image = json_array_get_object_element (images, i);

      scores[0][i] = json_object_get_double_member (image, "score_proposed");
      scores[1][i] = json_object_get_double_member (image, "score_expert");
      labels[i] = (int)json_object_get_int_member (image, "label");
      n_no_outline += json_object_get_double_member (image, "dice") == 0;
      g_assert_cmpstr (json_object_get_string_member (image, "image"), ==,
                       nmd_scores_get (stored, i)->image);
      g_assert_cmpfloat_with_epsilon (scores[1][i], nmd_scores_get (stored, i)->score,
                                      1e-6);
    }
  g_assert_cmpfloat_with_epsilon (
      json_object_get_double_member (object, "difference"),
      nmd_auc (scores[0], labels, n) - nmd_auc (scores[1], labels, n), 1e-12);
  g_assert_cmpint (json_object_get_int_member (object, "n_no_outline"), <=, n_no_outline);
  g_assert_cmpint (json_object_get_int_member (object, "n_outline_learnt"), ==, 0);
  /* at the threshold that the classifier was evaluated with last */
  own.rule = &strict;
  evaluated = nmd_train_evaluate (fixture.unbroken, &own, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  after = nmd_train_compare_outlines (fixture.unbroken, whole, &settings, NULL, NULL,
                                      NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (
      json_object_get_double_member (json_node_get_object (after), "threshold"), ==, 0.9);
  g_assert_null (nmd_train_compare_outlines (whole, fixture.unbroken, &settings, NULL,
                                             NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_REFUSED);
}

/* Evaluating again writes the same; another data set, a wrong network and a wrong task are refused. */
static void
test_refused (void)
{
  g_autofree char *whole = fixture_path ("whole"), *again = fixture_path ("again"),
                  *folder = fixture_path ("never");
  g_autoptr (NmdTrainSettings) settings = make_settings (folder);
  NmdEvaluateSettings evaluation
      = { .dataset = dataset, .device = "reference", .threads = 1 };
  g_autoptr (JsonNode) node = NULL, other = NULL;
  g_autoptr (NmdRun) run = nmd_run_open (whole, NULL);
  g_autoptr (NmdModel) model = nmd_run_load_model (run, NULL, NULL);
  g_autoptr (NmdSession) session = nmd_session_open ("reference", 1, NULL);
  g_autoptr (GError) error = NULL;

  node = nmd_train_evaluate (whole, &evaluation, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (node);
  assert_same (whole, again);
  evaluation.dataset = fixture.dataset;
  other = nmd_train_evaluate (whole, &evaluation, NULL, NULL, NULL, &error);
  g_assert_null (other);
  g_assert_error (error, NMD_ERROR, NMD_ERROR_REFUSED);
  g_clear_error (&error);

  g_assert_null (nmd_run_load_scores (run, NMD_PART_NONE, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_REFUSED);
  g_clear_error (&error);
  g_assert_null (nmd_run_measure (run, NMD_PART_NONE, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_REFUSED);
  g_clear_error (&error);
  g_assert_null (nmd_predictor_new (session, model, 1, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_REFUSED);
  g_clear_error (&error);

  g_free (settings->network);
  settings->network = g_strdup ("nmdassistnet");
  g_assert_false (nmd_train_run (settings, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_autofree char *manifest = NULL;

  nmd_networks_add (&tiny_network);
  nmd_networks_add (&spot_network);
  fixture_open (&argc, &argv);
  manifest = make_data ();
  dataset = fixture_import (manifest);
  g_test_add_func ("/segment/learns", test_learns);
  g_test_add_func ("/segment/same-bits", test_same_bits);
  g_test_add_func ("/segment/not-saved", test_not_saved);
  g_test_add_func ("/segment/older", test_older);
  g_test_add_func ("/segment/prompted", test_prompted);
  g_test_add_func ("/segment/threshold", test_threshold);
  g_test_add_func ("/segment/cost", test_cost);
  g_test_add_func ("/segment/refused", test_refused);
  return fixture_close (g_test_run ());
}
