/* SPDX-License-Identifier: Apache-2.0
 *
 * The model's place on the Scan page with a trained run: the score follows brightness and contrast, the flip points
 * are marked or said to be none, the background is blanked, and a scan brighter than the training scans is named.
 */
#include "tests/ui/hand.h"
#include "engine/image/nmd-png-writer.h"
#include "engine/image/nmd-reader.h"
#include "ui/pages/nmd-scan-page.h"
#include "ui/pages/nmd-what-if-panel.h"

#include <math.h>
#include <string.h>

static char *
place (const char *name)
{
  return g_build_filename (screen.folder, name, NULL);
}

static GtkWidget *
panel (void)
{
  return screen_find (GTK_WIDGET (screen.window), NMD_TYPE_WHAT_IF_PANEL, NULL);
}

static gboolean
has_panel (void)
{
  return panel () != NULL;
}

static const char *wanted_path;

/* The run's data set shows a scan of its own before the one asked for. */
static gboolean
has_wanted_scan (void)
{
  return screen_has_mask ()
         && g_str_equal (nmd_scan_session_get_scan (screen.scan)->path, wanted_path);
}

static NmdWhatIfAnswer last;
static guint n_answers;

static void
on_what_if (NmdExplanationSession *session, NmdWhatIfAnswer *answer, gpointer data)
{
  last = *answer;
  n_answers++;
}

static NmdWhatIf wanted_what;

/* An answer to an earlier question may still be on its way. */
static gboolean
has_flips (void)
{
  return n_answers > 0 && last.has_flips && last.what.brightness == wanted_what.brightness
         && last.what.contrast == wanted_what.contrast
         && last.what.blank_background == wanted_what.blank_background;
}

static GtkScale *
scale (int axis)
{
  GtkWidget *box = gtk_expander_get_child (
      GTK_EXPANDER (screen_find (panel (), GTK_TYPE_EXPANDER, NULL)));

  for (GtkWidget *child = gtk_widget_get_first_child (box); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_SCALE (child) && axis-- == 0)
      return GTK_SCALE (child);
  return NULL;
}

/* What the window says of the moved sliders is what the engine says of the changed pixels. */
static void
check_answer (double brightness, double contrast)
{
  g_autoptr (GError) error = NULL;
  NmdScan *scan = nmd_scan_session_get_scan (screen.scan);
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", 1, &error);
  g_autoptr (NmdPredictor) predictor
      = nmd_predictor_new (session, nmd_runs_session_get_model (screen.runs), 1, &error);
  const NmdWhatIf what = { brightness, contrast, FALSE };
  double score = NAN;

  g_assert_true (
      nmd_what_if_score (&what, predictor, scan->image, scan->mask, &score, &error));
  g_assert_cmpfloat_with_epsilon (last.score, score, 1e-5);
  g_assert_cmpfloat (last.threshold, ==, nmd_runs_session_get_threshold (screen.runs));
}

static void
wait_for_flips (void)
{
  GtkWidget *check = screen_find (panel (), GTK_TYPE_CHECK_BUTTON, NULL);

  wanted_what.brightness = gtk_range_get_value (GTK_RANGE (scale (0)));
  wanted_what.contrast = gtk_range_get_value (GTK_RANGE (scale (1)));
  wanted_what.blank_background = gtk_check_button_get_active (GTK_CHECK_BUTTON (check));
  n_answers = 0;
  g_assert_true (screen_wait (has_flips, 60));
}

static void
test_sliders (void)
{
  g_autofree char *run = place ("run");
  g_autofree char *image = NULL;

  screen_open (1024, 700);
  g_signal_connect (screen.explanation, "what-if", G_CALLBACK (on_what_if), NULL);
  nmd_runs_session_open (screen.runs, run);
  g_assert_true (screen_wait (screen_has_model, 60));
  g_assert_true (screen_wait (screen_has_dataset, 60));
  NmdSample *sample = nmd_dataset_get (nmd_data_session_get_dataset (screen.data), 4);
  image = g_strdup (sample->image_path);
  wanted_path = image;
  nmd_app_session_open (screen.session, image);
  g_assert_true (screen_wait (has_wanted_scan, 30));
  nmd_window_show_page (screen.window, "scan");
  screen_settle ();
  g_assert_true (screen_wait (has_panel, 60));
  screen_assert_fits (1024, 700);

  gtk_expander_set_expanded (
      GTK_EXPANDER (screen_find (panel (), GTK_TYPE_EXPANDER, NULL)), TRUE);
  wait_for_flips ();
  check_answer (0, 1);
  g_assert_true (screen_shows_part (panel (), "threshold "));
  g_assert_true (
      screen_shows_part (panel (), isnan (last.flips[0]) ? "stays the same" : "becomes"));

  /* Many moves, one question after the last: the score follows, and the picture with it. */
  NmdGreyView *view = NMD_GREY_VIEW (
      screen_find (GTK_WIDGET (screen.window), NMD_TYPE_GREY_VIEW, NULL));
  double brightness = 0;
  for (int i = 1; i <= 30; i++)
    gtk_range_set_value (GTK_RANGE (scale (0)), -i / 100.0);
  wait_for_flips ();
  check_answer (-0.3, 1);
  g_assert_cmpuint (n_answers, <=, 5);
  g_object_get (view, "brightness", &brightness, NULL);
  g_assert_cmpfloat_with_epsilon (brightness, -0.3, 1e-9);
  gtk_range_set_value (GTK_RANGE (scale (1)), 1.5);
  wait_for_flips ();
  check_answer (-0.3, 1.5);

  /* The button brings the file's levels back. */
  g_signal_emit_by_name (screen_find (panel (), GTK_TYPE_BUTTON, "_Reset"), "clicked");
  wait_for_flips ();
  check_answer (0, 1);
  g_object_get (view, "brightness", &brightness, NULL);
  g_assert_cmpfloat (brightness, ==, 0);
}

static gboolean
has_message (void)
{
  return screen.last_message != NULL;
}

/* A picture that is saved while the levels are @moved shows them, and says below what the model makes of it. */
static void
check_saved (gboolean moved)
{
  g_autofree char *path = place ("saved.png");
  NmdScan *scan = nmd_scan_session_get_scan (screen.scan);
  NmdBox box
      = nmd_box_widen (&scan->bounds, 0.1, scan->image->width, scan->image->height);
  const int width = 2 * (box.x1 - box.x0), height = 2 * (box.y1 - box.y0);

  g_clear_pointer (&screen.last_message, g_free);
  nmd_scan_page_save_as (
      NMD_SCAN_PAGE (screen_find (GTK_WIDGET (screen.window), NMD_TYPE_SCAN_PAGE, NULL)),
      path);
  g_assert_true (screen_wait (has_message, 20));
  g_autoptr (NmdImage) image = nmd_image_load (path, NULL);
  g_assert_nonnull (image);
  if (!moved)
    {
      g_assert_cmpint (image->width, ==, width);
      g_assert_cmpint (image->height, ==, height);
      return;
    }
  g_assert_cmpint (image->height, >=, height + 100);
  /* paper below, with ink on it */
  const guint8 *bottom = image->pixels + (gsize)(image->height - 1) * (gsize)image->width;
  g_assert_cmpint (bottom[0], >=, 240);
  gboolean inked = FALSE;
  for (gsize i = (gsize)height * (gsize)image->width;
       i < (gsize)image->height * (gsize)image->width; i++)
    inked |= image->pixels[i] < 100;
  g_assert_true (inked);
}

/* At a threshold between the scores of the track's ends there is a flip, and the track has its mark. */
static void
test_flip (void)
{
  double low = 0;

  gtk_range_set_value (GTK_RANGE (scale (0)), -0.5);
  wait_for_flips ();
  low = last.score;
  gtk_range_set_value (GTK_RANGE (scale (0)), 0.5);
  wait_for_flips ();
  gboolean flips = (low >= last.threshold) != (last.score >= last.threshold);
  if (flips)
    g_assert_true (isfinite (last.flips[0]));
  g_test_message ("scores %g to %g at %g: flips at %g and %g", low, last.score,
                  last.threshold, last.flips[0], last.flips[1]);
  g_assert_true (
      screen_shows_part (panel (), isnan (last.flips[0]) ? "stays the same" : "becomes"));
  check_saved (TRUE);
  gtk_range_set_value (GTK_RANGE (scale (0)), 0);
  wait_for_flips ();
  check_saved (FALSE);
}

static void
test_background (void)
{
  GtkWidget *check = screen_find (panel (), GTK_TYPE_CHECK_BUTTON, NULL);

  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), TRUE);
  wait_for_flips ();
  g_assert_true (last.what.blank_background);
  g_assert_true (isfinite (last.score));
}

/* Raised far above the training scans: the number is named, and another file starts as it is. */
static void
test_brighter (void)
{
  NmdScan *scan = nmd_scan_session_get_scan (screen.scan);
  g_autoptr (NmdImage) image = nmd_image_load (scan->path, NULL);
  g_autofree char *to = place ("BB_raised.png"), *mask = place ("BB_raised_mask.png");
  static const char *const texts[] = { "Comment", "SYNTHETIC", NULL };
  double brightness = 1;

  for (int i = 0; i < image->width * image->height; i++)
    image->pixels[i] = (guint8)MIN (image->pixels[i] + 70, 255);
  g_assert_true (nmd_image_save_png (image, to, 8, texts, NULL));
  g_assert_true (nmd_image_save_png (scan->mask, mask, 8, NULL, NULL));
  g_assert_false (screen_shows_part (GTK_WIDGET (screen.window), "brighter than 99"));
  wanted_path = to;
  nmd_scan_session_open_image (screen.scan, to, mask);
  g_assert_true (screen_wait (has_wanted_scan, 30));
  /* The slider's last answer was about the other scan. */
  g_assert_true (screen_wait (has_panel, 30));
  g_assert_false (screen_shows_part (panel (), "threshold "));
  screen_pause (0.5);
  g_assert_true (screen_shows_part (GTK_WIDGET (screen.window), "brighter than 99"));
  g_object_get (screen_find (GTK_WIDGET (screen.window), NMD_TYPE_GREY_VIEW, NULL),
                "brightness", &brightness, NULL);
  g_assert_cmpfloat (brightness, ==, 0);
}

/* One epoch has the star, also where each was better than all before. */
static void
test_one_best (void)
{
  g_autofree char *run_folder = place ("run");
  g_autofree char *path = g_build_filename (run_folder, "history.csv", NULL);
  g_autofree char *history = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0, n_best = 0;

  g_assert_true (g_file_get_contents (path, &history, NULL, NULL));
  g_auto (GStrv) lines = g_strsplit (history, "\n", -1);
  for (guint i = 1; lines[i] != NULL && *lines[i] != '\0'; i++, n++)
    {
      char *comma = strrchr (lines[i], ',');
      g_assert_true (comma[1] == '0' || comma[1] == '1');
      comma[1] = '1';
    }
  g_assert_cmpuint (n, ==, 2);
  g_autofree char *better = g_strjoinv ("\n", lines);
  g_assert_true (g_file_set_contents (path, better, -1, NULL));
  g_autoptr (NmdRun) run = nmd_run_open (run_folder, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (path, history, -1, NULL));
  g_autoptr (NmdTraining) course = nmd_training_new_from_run (run);
  GListModel *epochs = nmd_training_get_epochs (course);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (NmdEpochItem) item = g_list_model_get_item (epochs, i);
      n_best += item->epoch.best;
      g_assert_cmpint (item->epoch.epoch, ==, (int)i);
    }
  g_assert_cmpuint (n_best, ==, 1);
}

static void
test_close (void)
{
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  hand_nmd ("demo cohort --subjects 8");
  hand_nmd ("train cohort --out run --epochs 2 --limit 5 --batch 16 --split paper");
  g_test_add_func ("/model-slot/sliders", test_sliders);
  g_test_add_func ("/model-slot/flip", test_flip);
  g_test_add_func ("/model-slot/background", test_background);
  g_test_add_func ("/model-slot/brighter", test_brighter);
  g_test_add_func ("/model-slot/one-best", test_one_best);
  g_test_add_func ("/model-slot/close", test_close);
  return screen_end (g_test_run ());
}
