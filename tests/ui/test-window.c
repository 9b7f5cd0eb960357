/* SPDX-License-Identifier: Apache-2.0
 *
 * The window as a user goes through it: import of a small demo cohort, every page at two
 * window sizes, a short training, its results, and a question with its answer while
 * another training runs.
 */
#include "engine/image/nmd-png-writer.h"
#include "engine/image/nmd-reader.h"
#include "tests/ui/answers.h"
#include "tests/ui/screen.h"
#include "ui/pages/nmd-results-text.h"
#include "ui/session/nmd-findings.h"
#include "ui/session/nmd-run-results.h"
#include "ui/window/nmd-stall-meter.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define SUBJECTS 5

static char *stopped; /* folder name of a training that can go on */
static char *trained; /* the folder of the finished run */
static void
walk_pages (void)
{
  const char *const pages[]
      = { "scan", "data", "train", "results", "explain", "experiments", "data" };

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      nmd_window_show_page (screen.window, pages[i]);
      screen_pause (0.15);
      g_test_message ("page %s", pages[i]);
      screen_assert_fits (1024, 700);
    }
}

static void
test_welcome (void)
{
  screen_open (1024, 700);
  screen_assert_fits (1024, 700);
  g_assert_null (nmd_data_session_get_dataset (screen.data));
}

static void
test_missing (void)
{
  nmd_app_session_open (screen.session, "/there/is/no/such.png");
  g_assert_true (screen_wait (screen_has_problem, 20));
  g_assert_nonnull (strstr (screen.last_problem, "/there/is/no/such.png"));
  screen.n_problems = 0;
}

static void
test_import (void)
{
  g_autofree char *demo = g_build_filename (screen.folder, "demo", NULL);
  NmdSample *sample = NULL;

  nmd_app_session_open (screen.session, demo);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_assert_true (screen_wait (screen_has_scan, 20));
  g_assert_cmpuint (nmd_dataset_get_n (nmd_data_session_get_dataset (screen.data)), ==,
                    SUBJECTS * 9);
  g_assert_cmpuint (g_list_model_get_n_items (nmd_data_session_get_samples (screen.data)),
                    ==, SUBJECTS * 9);
  sample = nmd_scan_session_get_sample (screen.scan);
  g_assert_nonnull (sample);
  g_assert_true (nmd_scan_session_get_scan (screen.scan)->sample == sample);
  g_assert_cmpfloat_with_epsilon (nmd_scan_session_get_scan (screen.scan)->echo.mean,
                                  sample->echo.mean, 1e-9);
  g_assert_cmpuint (screen.n_problems, ==, 0);
}

/* Without the steps of preprocessing the images have their room. */
static void
test_strip (void)
{
  GtkWidget *grid = NULL, *button = NULL;
  int with = 0, without = 0;

  nmd_window_show_page (screen.window, "data");
  screen_pause (0.5);
  grid = screen_find (GTK_WIDGET (screen.window), GTK_TYPE_GRID_VIEW, NULL);
  button = screen_find (GTK_WIDGET (screen.window), GTK_TYPE_TOGGLE_BUTTON,
                        "_Preprocessing");
  g_assert_nonnull (grid);
  g_assert_nonnull (button);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
  with = screen_height_at_rest (grid);
  g_assert_true (screen_shows (GTK_WIDGET (screen.window), "CLAHE"));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), FALSE);
  without = screen_height_at_rest (grid);
  g_assert_false (screen_shows (GTK_WIDGET (screen.window), "CLAHE"));
  g_assert_cmpint (without, >, with + 100);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
  /* not the same to the pixel: by now the steps may have their pictures */
  g_assert_cmpint (without, >, screen_height_at_rest (grid) + 100);
}

static guint n_previews;
static double preview_means[NMD_N_STAGES];

static void
on_preview (NmdExplanationSession *self, NmdPreview *preview, gpointer data)
{
  n_previews++;
  for (int i = 0; i < NMD_N_STAGES; i++)
    {
      g_assert_nonnull (preview->stages[i].image);
      preview_means[i] = preview->stages[i].mean;
    }
}

static gboolean
has_preview (void)
{
  return n_previews > 0;
}

static gboolean
clahe_repeats_median (void)
{
  return preview_means[NMD_STAGE_CLAHE] == preview_means[NMD_STAGE_MEDIAN];
}

static void
test_preview (void)
{
  gulong id
      = g_signal_connect (screen.explanation, "preview", G_CALLBACK (on_preview), NULL);

  n_previews = 0;
  nmd_explanation_session_ask_preview (screen.explanation, 3);
  g_assert_true (screen_wait (has_preview, 20));
  g_assert_cmpfloat (preview_means[NMD_STAGE_CLAHE], !=, preview_means[NMD_STAGE_MEDIAN]);

  /* A step that is switched off repeats the one before. */
  nmd_recipe_session_set (screen.recipe, "clahe", 0, NULL);
  nmd_explanation_session_ask_preview (screen.explanation, 3);
  /* One that was under way may still come first. */
  g_assert_true (screen_wait (clahe_repeats_median, 20));
  nmd_recipe_session_reset (screen.recipe);
  g_signal_handler_disconnect (screen.explanation, id);
}

static void
test_pages (void)
{
  gtk_window_set_default_size (GTK_WINDOW (screen.window), 1024, 700);
  walk_pages ();
  gtk_window_set_default_size (GTK_WINDOW (screen.window), 1280, 800);
  walk_pages ();
}

/* The desktop's larger text must fit as well. */
static void
test_large_text (void)
{
  GtkSettings *settings = gtk_settings_get_default ();
  int dpi = 0;

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  g_object_set (settings, "gtk-xft-dpi", (int)(96 * 1024 * 1.25), NULL);
  walk_pages ();
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
}

/* Coming to the results with no run chosen opens the newest. */
static void
check_newest_run (void)
{
  nmd_window_show_page (screen.window, "data");
  nmd_runs_session_set_run (screen.runs, NULL);
  screen_pause (0.3);
  g_assert_false (screen_has_run ());
  nmd_window_show_page (screen.window, "results");
  g_assert_true (screen_wait (screen_has_run, 20));
  g_assert_cmpstr (nmd_runs_session_get_run (screen.runs)->folder, ==, trained);
  g_assert_true (screen_wait (screen_has_model, 20));
}

static void
test_training (void)
{
  NmdTraining *training = NULL;
  guint n = 0;

  /* So few subjects cannot be split by subject; by image will do for the window. */
  nmd_recipe_session_set (screen.recipe, "split", 3, NULL);
  nmd_recipe_session_set (screen.recipe, "epochs", 2, NULL);
  nmd_recipe_session_set (screen.recipe, "average-start", 0.5, NULL);
  g_assert_null (nmd_recipe_session_get_split_error (screen.recipe));
  nmd_window_show_page (screen.window, "train");
  screen_pause (0.5);
  g_assert_true (screen_shows (GTK_WIDGET (screen.window), "One line for each epoch"));
  nmd_training_session_start (screen.training, "nmdassistnet", FALSE);
  training = nmd_training_session_get_training (screen.training);
  g_assert_nonnull (training);
  g_assert_true (screen_wait (screen_training_ended, 240));
  g_assert_cmpint (nmd_training_get_state (training), ==, NMD_TRAINING_FINISHED);
  nmd_training_get_trace (training, NMD_TRACE_VAL_LOSS, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (g_list_model_get_n_items (nmd_training_get_epochs (training)), ==, 2);
  g_assert_cmpuint (nmd_training_get_rocs (training)->len, ==, 2);
  g_assert_cmpint (nmd_training_get_averaging_from (training), ==, 1);
  g_assert_false (screen_shows (GTK_WIDGET (screen.window), "One line for each epoch"));
  g_assert_true (screen_wait (screen_has_model, 20));
  trained = g_strdup (nmd_training_get_folder (training));
  g_assert_cmpuint (g_list_model_get_n_items (nmd_runs_session_get_runs (screen.runs)),
                    ==, 1);
  /* Its predictions are known by sample. */
  g_assert_false (isnan (nmd_runs_session_get_score (
      screen.runs, nmd_scan_session_get_sample (screen.scan))));
  check_newest_run ();
  walk_pages ();
}

static NmdRunResults *results;

static void
on_results (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  results = nmd_job_finish (NMD_JOB (source), result, &error);
  g_assert_no_error (error);
}

static gboolean
has_results (void)
{
  return results != NULL;
}

static void
measure (double threshold)
{
  NmdRunItem *run = nmd_runs_session_get_run (screen.runs);

  g_clear_pointer (&results, nmd_run_results_free);
  g_assert_nonnull (run);
  g_autoptr (NmdJob) job = nmd_run_results_compute (run->run, NMD_PART_NONE, FALSE,
                                                    threshold, on_results, NULL);
  g_assert_true (screen_wait (has_results, 60));
}

/* What is shown is what the run's file holds; only a moved threshold is measured again. */
static void
test_results (void)
{
  JsonNode *node = nmd_run_get_metrics (nmd_runs_session_get_run (screen.runs)->run);
  JsonObject *stored
      = json_object_get_object_member (json_node_get_object (node), "metrics");

  measure (NAN);
  g_assert_true (results->is_stored);
  g_assert_cmpint (results->part, ==, NMD_PART_TEST);
  g_assert_cmpuint (results->metrics.tp + results->metrics.tn + results->metrics.fp
                        + results->metrics.fn,
                    ==, nmd_scores_get_n (results->scores));
  g_assert_nonnull (results->roc);
  g_assert_cmpint (results->metrics.tp, ==, json_object_get_int_member (stored, "tp"));
  g_assert_cmpint (results->metrics.fp, ==, json_object_get_int_member (stored, "fp"));
  g_assert_cmpfloat (results->metrics.auc.value, ==,
                     json_object_get_double_member (stored, "auc"));
  g_assert_cmpfloat (results->metrics.brier.value, ==,
                     json_object_get_double_member (stored, "brier"));
  /* The same functions: measured again there is no other number. */
  g_assert_cmpfloat (results->all->by_image.auc.value, ==, results->metrics.auc.value);
  g_assert_cmpuint (results->all->by_image.tp, ==, results->metrics.tp);

  double auc = results->metrics.auc.value;
  g_autofree char *rule = nmd_results_text_facts (results, NULL, NAN);
  g_assert_nonnull (strstr (rule, results->threshold_text));
  measure (0);
  /* A threshold that was moved on the test part was chosen on its images. */
  g_autofree char *moved = nmd_results_text_facts (results, NULL, 0);
  g_assert_nonnull (
      strstr (moved, "threshold 0.000: moved here, chosen on these images"));
  g_assert_false (results->is_stored);
  g_assert_cmpuint (results->metrics.tn + results->metrics.fn, ==, 0);
  g_assert_cmpfloat (results->metrics.auc.value, ==, auc);
  g_clear_pointer (&results, nmd_run_results_free);
}

static gboolean
tells_left_out (void)
{
  return screen_shows_part (GTK_WIDGET (screen.window), "18 files left out");
}

/* What the import left out stands beside the numbers. */
static void
test_findings (void)
{
  g_autoptr (NmdRunItem) item = g_object_ref (nmd_runs_session_get_run (screen.runs));
  JsonObject *metrics = json_node_get_object (nmd_run_get_metrics (item->run));
  JsonObject *import = json_object_get_object_member (metrics, "import");
  g_autofree char *none = nmd_findings_of_run (item->run);

  g_assert_cmpstr (none, ==, "");
  json_object_set_int_member (import, "left_out", 18);
  json_object_set_int_member (import, "whole_frame", 1);
  g_autofree char *some = nmd_findings_of_run (item->run);
  g_assert_cmpstr (some, ==, " · 18 files left out · 1 image without mask: whole frame");
  json_object_set_int_member (import, "doubtful_masks", 3);
  g_autofree char *doubtful = nmd_findings_of_run (item->run);
  g_assert_true (g_str_has_suffix (doubtful, "whole frame · 3 doubtful masks"));
  json_object_remove_member (import, "doubtful_masks"); /* of an older run */
  g_autofree char *older = nmd_findings_of_run (item->run);
  g_assert_cmpstr (older, ==, some);

  nmd_window_show_page (screen.window, "results");
  nmd_runs_session_set_run (screen.runs, NULL);
  screen_pause (0.2);
  nmd_runs_session_set_run (screen.runs, item);
  g_assert_true (screen_wait (tells_left_out, 30));
  json_object_set_int_member (import, "left_out", 0);
  json_object_set_int_member (import, "whole_frame", 0);
  g_assert_true (screen_wait (screen_has_model, 20));
}

static gboolean
has_layercam (void)
{
  return (answers.methods & 1u << NMD_MAP_LAYERCAM) != 0;
}

static void
test_explain (void)
{
  gulong id = answers_hear ();

  answers_ask ();
  g_assert_true (answers.has_map);
  g_assert_cmpint (answers.fit, !=, NMD_FIT_NO);

  /* Without an outline there is no score, and no map. */
  nmd_scan_session_set_mask (screen.scan, NULL);
  while (nmd_scan_session_get_scan (screen.scan)->mask != NULL)
    g_main_context_iteration (NULL, TRUE);
  answers_ask ();
  g_assert_false (answers.has_map);

  const NmdBox box = { 100, 60, 400, 200 };
  const NmdImage *image = nmd_scan_session_get_scan (screen.scan)->image;
  g_autoptr (NmdImage) mask = nmd_mask_new_box (image->width, image->height, &box);
  nmd_scan_session_set_mask (screen.scan, mask);
  while (nmd_scan_session_get_scan (screen.scan)->mask == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (nmd_scan_session_get_scan (screen.scan)->source, ==, NMD_ROI_DRAWN);
  answers_ask ();
  g_assert_true (answers.has_map);

  /* Another method; the question before it is given up. */
  answers.methods = 0;
  nmd_explanation_session_ask (screen.explanation, NMD_MAP_SMOOTHGRAD, 1, NULL);
  nmd_explanation_session_ask (screen.explanation, NMD_MAP_LAYERCAM, 1, NULL);
  g_assert_true (screen_wait (has_layercam, 60));
  g_assert_cmpuint (answers.methods & 1u << NMD_MAP_SMOOTHGRAD, ==, 0);
  g_signal_handler_disconnect (screen.explanation, id);
}

static gboolean
has_first_step (void)
{
  NmdTraining *training = nmd_training_session_get_training (screen.training);

  return nmd_training_get_images_per_second (training) > 0 || screen_training_ended ();
}

static gboolean
has_dialog (void)
{
  return screen_find_dialog () != NULL;
}

/* Closing asks, the recipe shows what is trained, and the settings name the run. */
static void
check_closing_asks (void)
{
  NmdTraining *training = nmd_training_session_get_training (screen.training);
  g_autoptr (GSettings) settings = g_settings_new ("org.nmdassist.NmdAssist");
  g_autofree char *name = g_path_get_basename (nmd_training_get_folder (training));
  g_autofree char *open = g_settings_get_string (settings, "open-training");

  g_assert_cmpstr (open, ==, name);
  gtk_window_close (GTK_WINDOW (screen.window));
  g_assert_true (screen_wait (has_dialog, 10));
  GtkWindow *dialog = screen_find_dialog ();
  g_assert_true (screen_shows (GTK_WIDGET (dialog), "Stop the Training and Close?"));
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  gtk_window_destroy (dialog);
  screen_pause (0.3);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (screen.window)));
  g_assert_true (nmd_training_session_is_running (screen.training));

  nmd_recipe_session_set (screen.recipe, "epochs", 7, NULL);
  g_assert_cmpint (
      nmd_parameters_get_int (nmd_recipe_session_get_shown (screen.recipe), "epochs"), ==,
      50);
  g_assert_true (nmd_training_session_get_course (screen.training) == training);
}

/* While a training runs: questions are answered, the loop goes on, and it stops when
 * told. */
static void
test_busy (void)
{
  gulong id = answers_hear ();
  NmdStallMeter *meter = nmd_stall_meter_start ("/dev/null");
  double slowest = 0, busy = 0;

  nmd_recipe_session_set (screen.recipe, "epochs", 50, NULL);
  nmd_training_session_start (screen.training, "nmdassistnet", FALSE);
  nmd_window_show_page (screen.window, "explain");
  g_assert_true (screen_wait (has_first_step, 120));
  answers_ask (); /* the first one compiles */
  nmd_stall_meter_take (meter);
  nmd_stall_meter_take_busy (meter);
  for (int i = 0; i < 5; i++)
    slowest = MAX (slowest, answers_ask ());
  busy = nmd_stall_meter_take_busy (meter);
  g_test_message (
      "slowest answer %.2f s, longest stall %.0f ms, longest turn computed %.0f ms",
      slowest, nmd_stall_meter_take (meter), busy);
  /* The answer's time depends on who else uses the machine; what the loop itself computes
   * does not. */
  g_assert_cmpfloat (busy, <, 100 * SLOWNESS);
  g_assert_cmpfloat (slowest, <, 5 * SLOWNESS);
  nmd_stall_meter_stop (meter);

  g_assert_true (nmd_training_session_is_running (screen.training));
  check_closing_asks ();
  nmd_app_session_stop (screen.session);
  g_assert_true (screen_wait (screen_training_ended, 60));
  g_assert_cmpint (
      nmd_training_get_state (nmd_training_session_get_training (screen.training)), ==,
      NMD_TRAINING_STOPPED);
  stopped = g_path_get_basename (
      nmd_training_get_folder (nmd_training_session_get_training (screen.training)));
  g_signal_handler_disconnect (screen.explanation, id);
}

static gboolean
is_file_shown (void)
{
  NmdScan *scan = nmd_scan_session_get_scan (screen.scan);

  return scan != NULL && g_str_has_suffix (scan->path, "/unnamed.png");
}

static gboolean
is_sample_shown (void)
{
  return nmd_scan_session_get_scan (screen.scan)->sample != NULL;
}

/* A scan of which nothing is known gets no score until the user says what it shows. */
static void
test_stated (void)
{
  gulong id = answers_hear ();
  g_autoptr (NmdSample) sample = g_object_ref (nmd_scan_session_get_sample (screen.scan));
  g_autofree char *path = g_build_filename (screen.folder, "unnamed.png", NULL);
  g_autofree char *mask = g_build_filename (screen.folder, "unnamed_mask.png", NULL);
  g_autoptr (NmdImage) image = nmd_image_load (sample->image_path, NULL);
  const char *const texts[] = { "Comment", "SYNTHETIC", NULL };
  g_autoptr (GFile) from = g_file_new_for_path (sample->mask_path),
                    to = g_file_new_for_path (mask);

  /* Another file than the data set's, so that it is nobody's test image. */
  image->pixels[0] ^= 1;
  g_assert_true (nmd_image_save_png (image, path, 8, texts, NULL));
  g_assert_true (g_file_copy (from, to, 0, NULL, NULL, NULL, NULL));
  nmd_scan_session_open_image (screen.scan, path, NULL);
  g_assert_true (screen_wait (is_file_shown, 20));
  nmd_window_show_page (screen.window, "explain");
  answers_ask ();
  answers_wait_for_fit (NMD_FIT_UNKNOWN);
  g_assert_true (screen_shows (GTK_WIDGET (screen.window), "No score: "));
  g_assert_true (screen_shows (GTK_WIDGET (screen.window), "This scan shows"));
  nmd_explanation_session_state_scan (screen.explanation, "muscle", sample->muscle);
  answers_wait_for_fit (NMD_FIT_YES);
  g_assert_true (screen_shows (GTK_WIDGET (screen.window), "score for"));
  float layer = screen_place_of ("Layer");
  nmd_explanation_session_state_scan (screen.explanation, NULL, NULL);
  answers_wait_for_fit (NMD_FIT_UNKNOWN);
  g_assert_cmpfloat (screen_place_of ("Layer"), ==, layer); /* fewer words move nothing */

  nmd_explanation_session_state_scan (screen.explanation, "breast", NULL);
  answers_wait_for_fit (NMD_FIT_NO);
  g_assert_false (screen_shows (GTK_WIDGET (screen.window), "score for"));
  nmd_explanation_session_state_scan (screen.explanation, NULL, NULL);
  nmd_scan_session_set_sample (screen.scan, NULL);
  nmd_scan_session_set_sample (screen.scan, sample);
  g_assert_true (screen_wait (is_sample_shown, 20));
  g_signal_handler_disconnect (screen.explanation, id);
}

static guint
count_runs (void)
{
  g_autofree char *path = g_build_filename (screen.folder, "runs", NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* A device that cannot be used is said, and nothing computes in its place. */
static void
test_device (void)
{
  guint before = count_runs ();
  NmdTraining *training = NULL;

  screen_settle (); /* a question under way would fail too */
  screen.n_problems = 0;
  g_assert_true (nmd_device_session_choose (screen.devices, "cuda", "fast", NULL));
  nmd_training_session_start (screen.training, "nmdassistnet", FALSE);
  g_assert_true (screen_wait (screen_training_ended, 60));
  training = nmd_training_session_get_training (screen.training);
  g_assert_cmpint (nmd_training_get_state (training), ==, NMD_TRAINING_FAILED);
  g_assert_cmpuint (screen.n_problems, ==, 1);
  g_assert_true (g_str_has_prefix (screen.last_problem, "Device cuda cannot be used: "));
  g_assert_cmpuint (count_runs (), ==, before);

  /* Neither does a question's answer come from another one. */
  screen.n_problems = 0;
  nmd_explanation_session_ask (screen.explanation, NMD_MAP_GRADCAM, -1, NULL);
  g_assert_true (screen_wait (screen_has_problem, 60));
  g_assert_true (g_str_has_prefix (screen.last_problem, "Device cuda cannot be used: "));
  g_assert_true (nmd_device_session_choose (screen.devices, NULL, NULL, NULL));
  g_assert_cmpstr (nmd_device_session_get (screen.devices), ==, "cpu");
  screen.n_problems = 0;
}

static gboolean
has_initial (void)
{
  return nmd_recipe_session_get_initial (screen.recipe) != NULL;
}

static gboolean
has_misfit (void)
{
  return nmd_recipe_session_get_initial_problem (screen.recipe) != NULL;
}

static gboolean
has_note (void)
{
  NmdTraining *training = nmd_training_session_get_training (screen.training);

  return nmd_training_get_note (training) != NULL || screen_training_ended ();
}

/* Weights to start from: a file that is none, one of another network, and a good one. */
static void
test_initial (void)
{
  g_autofree char *readme = g_build_filename (screen.folder, "demo", "README.txt", NULL);
  g_autofree char *weights = g_build_filename (trained, "average.safetensors", NULL);
  guint before = count_runs ();
  NmdTraining *training = NULL;

  nmd_recipe_session_set_initial (screen.recipe, readme, "nmdassistnet");
  g_assert_true (screen_wait (screen_has_problem, 20));
  g_assert_nonnull (strstr (screen.last_problem, "README.txt"));
  g_assert_null (nmd_recipe_session_get_initial (screen.recipe));

  screen.n_problems = 0;
  nmd_recipe_session_set_initial (screen.recipe, weights, "nmdassistnet");
  g_assert_true (screen_wait (has_initial, 20));
  g_assert_true (g_str_has_suffix (nmd_recipe_session_get_initial_fit (screen.recipe),
                                   " tensors fit"));
  nmd_recipe_session_set_initial (screen.recipe, weights, "ghostnet");
  g_assert_true (screen_wait (has_misfit, 20));
  g_assert_cmpuint (screen.n_problems, ==, 0);
  nmd_training_session_start (screen.training, "ghostnet", FALSE);
  g_assert_cmpuint (screen.n_problems, ==, 1);
  g_assert_false (nmd_training_session_is_running (screen.training));
  g_assert_cmpuint (count_runs (), ==, before);

  screen.n_problems = 0;
  nmd_recipe_session_set_initial (screen.recipe, NULL, NULL);
  nmd_recipe_session_set_initial (screen.recipe, weights, "nmdassistnet");
  g_assert_true (screen_wait (has_initial, 20));
  nmd_training_session_start (screen.training, "nmdassistnet", FALSE);
  training = nmd_training_session_get_training (screen.training);
  g_assert_true (screen_wait (has_note, 60));
  g_assert_nonnull (nmd_training_get_note (training));
  g_assert_true (g_str_has_prefix (nmd_training_get_note (training),
                                   "Started from average.safetensors"));
  g_assert_cmpuint (nmd_training_get_warnings (training)->len, ==, 0);
  nmd_window_show_page (screen.window, "train");
  screen_pause (0.3);
  screen_assert_fits (1024, 700);
  nmd_app_session_stop (screen.session);
  g_assert_true (screen_wait (screen_training_ended, 60));
  nmd_recipe_session_set_initial (screen.recipe, NULL, NULL);
  g_assert_null (nmd_recipe_session_get_initial (screen.recipe));
}

/* With another data set open nothing of the former one's training is shown. */
static void
test_other_data (void)
{
  g_autofree char *other = screen_write_cohort ("other", 3);

  g_assert_nonnull (nmd_training_session_get_course (screen.training));
  nmd_data_session_open (screen.data, other, NULL);
  g_assert_null (nmd_training_session_get_course (screen.training));
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_assert_null (nmd_training_session_get_course (screen.training));
  nmd_window_show_page (screen.window, "train");
  screen_pause (0.5);
  g_assert_true (screen_shows (GTK_WIDGET (screen.window), "The next training on"));
}

static gboolean
is_offered (void)
{
  return screen_shows (GTK_WIDGET (screen.window), "The last training was cut short");
}

/* After a crash the next start offers to go on; a run that is damaged is listed as such. */
static void
test_next_start (void)
{
  g_autoptr (GSettings) settings = g_settings_new ("org.nmdassist.NmdAssist");
  g_autofree char *damaged = g_build_filename (screen.folder, "runs", "broken", NULL);
  g_autofree char *json = g_build_filename (damaged, "run.json", NULL);
  gboolean listed = FALSE;

  g_settings_set_string (settings, "open-training", stopped);
  g_assert_cmpint (g_mkdir (damaged, 0700), ==, 0);
  g_assert_true (g_file_set_contents (json, "{ \"parameters\": 5", -1, NULL));
  screen_open (1024, 700);
  nmd_window_show_page (screen.window, "results");
  nmd_runs_session_list (screen.runs);
  g_assert_true (screen_wait (is_offered, 30));
  GListModel *runs = nmd_runs_session_get_runs (screen.runs);
  for (guint i = 0; i < g_list_model_get_n_items (runs); i++)
    {
      g_autoptr (NmdRunItem) item = g_list_model_get_item (runs, i);
      if (g_str_equal (item->folder, damaged))
        listed = item->run == NULL && strstr (item->problem, "run.json") != NULL;
    }
  g_assert_true (listed);
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  g_free (screen_write_cohort ("demo", SUBJECTS));
  g_test_add_func ("/window/welcome", test_welcome);
  g_test_add_func ("/window/missing", test_missing);
  g_test_add_func ("/window/import", test_import);
  g_test_add_func ("/window/strip", test_strip);
  g_test_add_func ("/window/preview", test_preview);
  g_test_add_func ("/window/pages", test_pages);
  g_test_add_func ("/window/large-text", test_large_text);
  g_test_add_func ("/window/training", test_training);
  g_test_add_func ("/window/results", test_results);
  g_test_add_func ("/window/findings", test_findings);
  g_test_add_func ("/window/explain", test_explain);
  g_test_add_func ("/window/stated", test_stated);
  g_test_add_func ("/window/busy", test_busy);
  g_test_add_func ("/window/device", test_device);
  g_test_add_func ("/window/initial", test_initial);
  g_test_add_func ("/window/other-data", test_other_data);
  g_test_add_func ("/window/close", screen_close);
  g_test_add_func ("/window/next-start", test_next_start);
  int status = screen_end (g_test_run ());
  g_free (trained);
  g_free (stopped);
  return status;
}
