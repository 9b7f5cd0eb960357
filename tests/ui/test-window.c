/* SPDX-License-Identifier: Apache-2.0
 *
 * The window as a user goes through it: import of a small demo cohort, every page at two
 * window sizes, a short training, its results, and a question with its answer while
 * another training runs.
 */
#include "engine/core/nmd-file.h"
#include "engine/data/demo/nmd-demo.h"
#include "ui/window/nmd-stall-meter.h"
#include "ui/window/nmd-window.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWNESS 10
#else
#define SLOWNESS 1
#endif

#define SUBJECTS 5

static char *folder;
static char *trained; /* the folder of the finished run */
static NmdAppSession *session;
static NmdWindow *window;
static guint n_problems;
static char *last_problem;

static void
on_problem (NmdAppSession *self, const char *text, gpointer data)
{
  n_problems++;
  g_free (last_problem);
  last_problem = g_strdup (text);
  g_test_message ("problem: %s", text);
}

static gboolean
wake (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Turns the main loop until @done or @seconds have passed; TRUE if done. */
static gboolean
wait_for (gboolean (*done) (void), double seconds)
{
  gint64 end = g_get_monotonic_time () + (gint64)(seconds * SLOWNESS * G_USEC_PER_SEC);
  guint id = g_timeout_add (20, wake, NULL);

  while (!done () && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
  return done ();
}

static gboolean
has_dataset (void)
{
  return nmd_app_session_get_dataset (session) != NULL
         && !nmd_app_session_get_loading (session);
}

static gboolean
has_scan (void)
{
  return nmd_app_session_get_scan (session) != NULL;
}

static gboolean
has_problem (void)
{
  return n_problems > 0;
}

static gboolean
never (void)
{
  return FALSE;
}

static gboolean
training_ended (void)
{
  return !nmd_app_session_is_training (session);
}

static gboolean
has_model (void)
{
  return nmd_app_session_get_model (session) != NULL;
}

static void
write_cohort (void)
{
  NmdDemoSettings settings = { SUBJECTS, 1, 'A', 2 };
  g_autofree char *demo = g_build_filename (folder, "demo", NULL);
  g_autoptr (GError) error = NULL;

  nmd_demo_write (demo, &settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* No page may need more room than the smaller window has. */
static void
assert_fits (int width, int height)
{
  int minimum_width = 0, minimum_height = 0;

  gtk_widget_measure (GTK_WIDGET (window), GTK_ORIENTATION_HORIZONTAL, -1, &minimum_width,
                      NULL, NULL, NULL);
  gtk_widget_measure (GTK_WIDGET (window), GTK_ORIENTATION_VERTICAL, width,
                      &minimum_height, NULL, NULL, NULL);
  if (minimum_width > width || minimum_height > height)
    g_test_message ("needs %d × %d", minimum_width, minimum_height);
  g_assert_cmpint (minimum_width, <=, width);
  g_assert_cmpint (minimum_height, <=, height);
}

static void
walk_pages (void)
{
  const char *const pages[] = { "data", "train", "results", "explain", "data" };

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      nmd_window_show_page (window, pages[i]);
      wait_for (never, 0.15 / SLOWNESS);
      g_test_message ("page %s", pages[i]);
      assert_fits (1024, 700);
    }
}

/* Whether @widget or one below it that is on screen shows a text that starts with @start.
 */
static gboolean
shows (GtkWidget *widget, const char *start)
{
  if (!gtk_widget_get_mapped (widget))
    return FALSE;
  if (GTK_IS_LABEL (widget)
      && g_str_has_prefix (gtk_label_get_text (GTK_LABEL (widget)), start))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (shows (child, start))
      return TRUE;
  return FALSE;
}

/* The first of @type on screen at or below @widget, with @label if that is given. */
static GtkWidget *
find (GtkWidget *widget, GType type, const char *label)
{
  GtkWidget *found = NULL;

  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type)
      && (label == NULL
          || g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find (child, type, label);
  return found;
}

static void
test_welcome (void)
{
  session = nmd_app_session_new (folder);
  g_signal_connect (session, "problem", G_CALLBACK (on_problem), NULL);
  window = g_object_ref_sink (nmd_window_new (NULL, session));
  gtk_window_set_default_size (GTK_WINDOW (window), 1024, 700);
  gtk_window_present (GTK_WINDOW (window));
  wait_for (never, 0.2 / SLOWNESS);
  assert_fits (1024, 700);
  g_assert_null (nmd_app_session_get_dataset (session));
}

static void
test_missing (void)
{
  nmd_app_session_open (session, "/there/is/no/such.png");
  g_assert_true (wait_for (has_problem, 20));
  g_assert_nonnull (strstr (last_problem, "/there/is/no/such.png"));
  n_problems = 0;
}

static void
test_import (void)
{
  g_autofree char *demo = g_build_filename (folder, "demo", NULL);
  NmdSample *sample = NULL;

  nmd_app_session_open (session, demo);
  g_assert_true (wait_for (has_dataset, 60));
  g_assert_true (wait_for (has_scan, 20));
  g_assert_cmpuint (nmd_dataset_get_n (nmd_app_session_get_dataset (session)), ==,
                    SUBJECTS * 9);
  g_assert_cmpuint (g_list_model_get_n_items (nmd_app_session_get_samples (session)), ==,
                    SUBJECTS * 9);
  sample = nmd_app_session_get_sample (session);
  g_assert_nonnull (sample);
  g_assert_true (nmd_app_session_get_scan (session)->sample == sample);
  g_assert_cmpfloat_with_epsilon (nmd_app_session_get_scan (session)->echo.mean,
                                  sample->echo.mean, 1e-9);
  g_assert_cmpuint (n_problems, ==, 0);
}

/* Without the steps of preprocessing the images have their room. */
static void
test_strip (void)
{
  GtkWidget *grid = NULL, *button = NULL;
  int with = 0, without = 0;

  nmd_window_show_page (window, "data");
  wait_for (never, 0.5 / SLOWNESS);
  grid = find (GTK_WIDGET (window), GTK_TYPE_GRID_VIEW, NULL);
  button = find (GTK_WIDGET (window), GTK_TYPE_TOGGLE_BUTTON, "_Preprocessing");
  g_assert_nonnull (grid);
  g_assert_nonnull (button);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
  wait_for (never, 0.5 / SLOWNESS);
  with = gtk_widget_get_height (grid);
  g_assert_true (shows (GTK_WIDGET (window), "CLAHE"));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), FALSE);
  wait_for (never, 0.5 / SLOWNESS);
  without = gtk_widget_get_height (grid);
  g_assert_false (shows (GTK_WIDGET (window), "CLAHE"));
  g_assert_cmpint (without, >, with + 100);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
  wait_for (never, 0.5 / SLOWNESS);
  g_assert_cmpint (gtk_widget_get_height (grid), ==, with);
}

static guint n_previews;
static double preview_means[NMD_N_STAGES];

static void
on_preview (NmdAppSession *self, NmdPreview *preview, gpointer data)
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
  gulong id = g_signal_connect (session, "preview", G_CALLBACK (on_preview), NULL);

  n_previews = 0;
  nmd_app_session_ask_preview (session, 3);
  g_assert_true (wait_for (has_preview, 20));
  g_assert_cmpfloat (preview_means[NMD_STAGE_CLAHE], !=, preview_means[NMD_STAGE_MEDIAN]);

  /* A step that is switched off repeats the one before. */
  nmd_app_session_set_parameter (session, "clahe", 0, NULL);
  nmd_app_session_ask_preview (session, 3);
  /* One that was under way may still come first. */
  g_assert_true (wait_for (clahe_repeats_median, 20));
  nmd_app_session_reset_parameters (session);
  g_signal_handler_disconnect (session, id);
}

static void
test_pages (void)
{
  gtk_window_set_default_size (GTK_WINDOW (window), 1024, 700);
  walk_pages ();
  gtk_window_set_default_size (GTK_WINDOW (window), 1280, 800);
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

static gboolean
has_run (void)
{
  return nmd_app_session_get_run (session) != NULL;
}

/* Coming to the results with no run chosen opens the newest. */
static void
check_newest_run (void)
{
  nmd_window_show_page (window, "data");
  nmd_app_session_set_run (session, NULL);
  wait_for (never, 0.3 / SLOWNESS);
  g_assert_false (has_run ());
  nmd_window_show_page (window, "results");
  g_assert_true (wait_for (has_run, 20));
  g_assert_cmpstr (nmd_app_session_get_run (session)->folder, ==, trained);
  g_assert_true (wait_for (has_model, 20));
}

static void
test_training (void)
{
  NmdTraining *training = NULL;
  guint n = 0;

  /* So few subjects cannot be split by subject; by image will do for the window. */
  nmd_app_session_set_parameter (session, "split", 3, NULL);
  nmd_app_session_set_parameter (session, "epochs", 2, NULL);
  nmd_app_session_set_parameter (session, "average-start", 0.5, NULL);
  g_assert_null (nmd_app_session_get_split_error (session));
  nmd_window_show_page (window, "train");
  wait_for (never, 0.5 / SLOWNESS);
  g_assert_true (shows (GTK_WIDGET (window), "One line for each epoch"));
  nmd_app_session_train (session, "nmdassistnet", FALSE);
  training = nmd_app_session_get_training (session);
  g_assert_nonnull (training);
  g_assert_true (wait_for (training_ended, 240));
  g_assert_cmpint (nmd_training_get_state (training), ==, NMD_TRAINING_FINISHED);
  nmd_training_get_trace (training, NMD_TRACE_VAL_LOSS, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (g_list_model_get_n_items (nmd_training_get_epochs (training)), ==, 2);
  g_assert_cmpuint (nmd_training_get_rocs (training)->len, ==, 2);
  g_assert_cmpint (nmd_training_get_averaging_from (training), ==, 1);
  g_assert_false (shows (GTK_WIDGET (window), "One line for each epoch"));
  g_assert_true (wait_for (has_model, 20));
  trained = g_strdup (nmd_training_get_folder (training));
  g_assert_cmpuint (g_list_model_get_n_items (nmd_app_session_get_runs (session)), ==, 1);
  /* Its predictions are known by sample. */
  g_assert_false (
      isnan (nmd_app_session_get_score (session, nmd_app_session_get_sample (session))));
  check_newest_run ();
  walk_pages ();
}

static NmdResults *results;

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
test_results (void)
{
  NmdRunItem *run = nmd_app_session_get_run (session);
  g_autoptr (NmdJob) job = NULL;

  g_assert_nonnull (run);
  job = nmd_results_compute (run->run, NMD_PART_NONE, FALSE, 0.5, on_results, NULL);
  g_assert_true (wait_for (has_results, 60));
  g_assert_cmpint (results->part, ==, NMD_PART_TEST);
  g_assert_cmpuint (results->metrics.tp + results->metrics.tn + results->metrics.fp
                        + results->metrics.fn,
                    ==, nmd_scores_get_n (results->scores));
  g_assert_nonnull (results->roc);
  nmd_results_free (results);
  results = NULL;
}

static guint n_answers;
static gboolean answer_has_map;
static NmdFit answer_fit;

static void
on_explanation (NmdAppSession *self, NmdExplanation *answer, gpointer data)
{
  if (answer == NULL)
    return;
  n_answers++;
  answer_has_map = answer->map != NULL;
  answer_fit = answer->verdict.fit;
}

static gboolean
has_answer (void)
{
  return n_answers > 0;
}

static double
ask_and_time (void)
{
  gint64 start = g_get_monotonic_time ();

  n_answers = 0;
  nmd_app_session_ask_explanation (session, -1, NULL);
  g_assert_true (wait_for (has_answer, 60));
  return (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

static void
test_explain (void)
{
  gulong id
      = g_signal_connect (session, "explanation", G_CALLBACK (on_explanation), NULL);

  ask_and_time ();
  g_assert_true (answer_has_map);
  g_assert_cmpint (answer_fit, !=, NMD_FIT_NO);

  /* Without an outline there is no score, and no map. */
  nmd_app_session_draw_outline (session, NULL, 0, FALSE);
  while (nmd_app_session_get_scan (session)->mask != NULL)
    g_main_context_iteration (NULL, TRUE);
  ask_and_time ();
  g_assert_false (answer_has_map);

  const double box[] = { 100, 60, 400, 200 };
  nmd_app_session_draw_outline (session, box, 2, TRUE);
  while (nmd_app_session_get_scan (session)->mask == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (nmd_app_session_get_scan (session)->source, ==, NMD_ROI_DRAWN);
  ask_and_time ();
  g_assert_true (answer_has_map);
  g_signal_handler_disconnect (session, id);
}

static gboolean
has_first_step (void)
{
  NmdTraining *training = nmd_app_session_get_training (session);

  return nmd_training_get_images_per_second (training) > 0 || training_ended ();
}

/* While a training runs: questions are answered, the loop goes on, and it stops when
 * told. */
static void
test_busy (void)
{
  gulong id
      = g_signal_connect (session, "explanation", G_CALLBACK (on_explanation), NULL);
  NmdStallMeter *meter = nmd_stall_meter_start ("/dev/null");
  double slowest = 0, busy = 0;

  nmd_app_session_set_parameter (session, "epochs", 50, NULL);
  nmd_app_session_train (session, "nmdassistnet", FALSE);
  nmd_window_show_page (window, "explain");
  g_assert_true (wait_for (has_first_step, 120));
  ask_and_time (); /* the first one compiles */
  nmd_stall_meter_take (meter);
  nmd_stall_meter_take_busy (meter);
  for (int i = 0; i < 5; i++)
    slowest = MAX (slowest, ask_and_time ());
  busy = nmd_stall_meter_take_busy (meter);
  g_test_message (
      "slowest answer %.2f s, longest stall %.0f ms, longest turn computed %.0f ms",
      slowest, nmd_stall_meter_take (meter), busy);
  /* The answer's time depends on who else uses the machine; what the loop itself computes
   * does not. */
  g_assert_cmpfloat (busy, <, 100 * SLOWNESS);
  g_assert_cmpfloat (slowest, <, 5 * SLOWNESS);
  nmd_stall_meter_stop (meter);

  g_assert_true (nmd_app_session_is_training (session));
  nmd_app_session_stop (session);
  g_assert_true (wait_for (training_ended, 60));
  g_assert_cmpint (nmd_training_get_state (nmd_app_session_get_training (session)), ==,
                   NMD_TRAINING_STOPPED);
  g_signal_handler_disconnect (session, id);
}

static guint
count_runs (void)
{
  g_autofree char *path = g_build_filename (folder, "runs", NULL);
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

  n_problems = 0;
  g_assert_true (nmd_app_session_choose_device (session, "cuda", "fast", NULL));
  nmd_app_session_train (session, "nmdassistnet", FALSE);
  g_assert_true (wait_for (training_ended, 60));
  training = nmd_app_session_get_training (session);
  g_assert_cmpint (nmd_training_get_state (training), ==, NMD_TRAINING_FAILED);
  g_assert_cmpuint (n_problems, ==, 1);
  g_assert_true (g_str_has_prefix (last_problem, "Device cuda cannot be used: "));
  g_assert_cmpuint (count_runs (), ==, before);

  /* Neither does a question's answer come from another one. */
  n_problems = 0;
  nmd_app_session_ask_explanation (session, -1, NULL);
  g_assert_true (wait_for (has_problem, 60));
  g_assert_true (g_str_has_prefix (last_problem, "Device cuda cannot be used: "));
  g_assert_true (nmd_app_session_choose_device (session, NULL, NULL, NULL));
  g_assert_cmpstr (nmd_app_session_get_device (session), ==, "cpu");
  n_problems = 0;
}

static gboolean
has_initial (void)
{
  return nmd_app_session_get_initial (session) != NULL;
}

static gboolean
has_misfit (void)
{
  return nmd_app_session_get_initial_problem (session) != NULL;
}

static gboolean
has_note (void)
{
  NmdTraining *training = nmd_app_session_get_training (session);

  return nmd_training_get_note (training) != NULL || training_ended ();
}

/* Weights to start from: a file that is none, one of another network, and a good one. */
static void
test_initial (void)
{
  g_autofree char *readme = g_build_filename (folder, "demo", "README.txt", NULL);
  g_autofree char *weights = g_build_filename (trained, "average.safetensors", NULL);
  guint before = count_runs ();
  NmdTraining *training = NULL;

  nmd_app_session_set_initial (session, readme, "nmdassistnet");
  g_assert_true (wait_for (has_problem, 20));
  g_assert_nonnull (strstr (last_problem, "README.txt"));
  g_assert_null (nmd_app_session_get_initial (session));

  n_problems = 0;
  nmd_app_session_set_initial (session, weights, "nmdassistnet");
  g_assert_true (wait_for (has_initial, 20));
  g_assert_true (
      g_str_has_suffix (nmd_app_session_get_initial_fit (session), " tensors fit"));
  nmd_app_session_set_initial (session, weights, "ghostnet");
  g_assert_true (wait_for (has_misfit, 20));
  g_assert_cmpuint (n_problems, ==, 0);
  nmd_app_session_train (session, "ghostnet", FALSE);
  g_assert_cmpuint (n_problems, ==, 1);
  g_assert_false (nmd_app_session_is_training (session));
  g_assert_cmpuint (count_runs (), ==, before);

  n_problems = 0;
  nmd_app_session_set_initial (session, NULL, NULL);
  nmd_app_session_set_initial (session, weights, "nmdassistnet");
  g_assert_true (wait_for (has_initial, 20));
  nmd_app_session_train (session, "nmdassistnet", FALSE);
  training = nmd_app_session_get_training (session);
  g_assert_true (wait_for (has_note, 60));
  g_assert_nonnull (nmd_training_get_note (training));
  g_assert_true (g_str_has_prefix (nmd_training_get_note (training),
                                   "Started from average.safetensors"));
  g_assert_cmpuint (nmd_training_get_warnings (training)->len, ==, 0);
  nmd_window_show_page (window, "train");
  wait_for (never, 0.3 / SLOWNESS);
  assert_fits (1024, 700);
  nmd_app_session_stop (session);
  g_assert_true (wait_for (training_ended, 60));
  nmd_app_session_set_initial (session, NULL, NULL);
  g_assert_null (nmd_app_session_get_initial (session));
}

static void
test_close (void)
{
  wait_for (never, 0.3 / SLOWNESS);
  gtk_window_destroy (GTK_WINDOW (window));
  nmd_app_session_shutdown (session);
  wait_for (never, 0.1 / SLOWNESS);
  g_assert_finalize_object (window);
  g_assert_finalize_object (session);
}

/* Removes a folder made by this program. */
static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
  g_remove (path);
}

int
main (int argc, char **argv)
{
  int status = 0;

  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    {
      g_print ("1..0 # SKIP there is no display\n");
      return 0;
    }
  adw_init ();
  folder = g_dir_make_tmp ("nmd-window-XXXXXX", NULL);
  write_cohort ();
  g_test_add_func ("/window/welcome", test_welcome);
  g_test_add_func ("/window/missing", test_missing);
  g_test_add_func ("/window/import", test_import);
  g_test_add_func ("/window/strip", test_strip);
  g_test_add_func ("/window/preview", test_preview);
  g_test_add_func ("/window/pages", test_pages);
  g_test_add_func ("/window/large-text", test_large_text);
  g_test_add_func ("/window/training", test_training);
  g_test_add_func ("/window/results", test_results);
  g_test_add_func ("/window/explain", test_explain);
  g_test_add_func ("/window/busy", test_busy);
  g_test_add_func ("/window/device", test_device);
  g_test_add_func ("/window/initial", test_initial);
  g_test_add_func ("/window/close", test_close);
  status = g_test_run ();
  remove_tree (folder);
  g_free (folder);
  g_free (trained);
  g_free (last_problem);
  return status;
}
