/* SPDX-License-Identifier: Apache-2.0
 *
 * The page Explain: what is clicked stays where it is, the pictures and the line that is swiped over them, and the
 * list that the filters leave.
 */
#include "tests/ui/answers.h"
#include "tests/ui/hand.h"
#include "ui/pages/nmd-data-page.h"
#include "ui/pages/nmd-explain-facts.h"
#include "ui/pages/nmd-explain-page.h"
#include "ui/pages/nmd-explain-views.h"
#include "ui/pages/nmd-what-if-panel.h"
#include "ui/widgets/nmd-scan-list.h"
#include "ui/widgets/nmd-swipe.h"

#include <math.h>
#include <string.h>

static GtkWidget *
find (GType type, const char *label)
{
  return screen_find (GTK_WIDGET (screen.window), type, label);
}

static gboolean
shows (const char *text)
{
  return screen_shows_part (GTK_WIDGET (screen.window), text);
}

/* Where @widget's corner is in the window. */
static graphene_point_t
place_of (GtkWidget *widget)
{
  graphene_point_t at = { 0, 0 };

  g_assert_nonnull (widget);
  g_assert_true (gtk_widget_compute_point (widget, GTK_WIDGET (screen.window),
                                           &GRAPHENE_POINT_INIT (0, 0), &at));
  return at;
}

static gboolean
has_pointer (void)
{
  if (screen_xdotool ("mousemove 2 2"))
    return TRUE;
  g_test_skip ("xdotool is not here");
  return FALSE;
}

static gboolean
shows_wanted (void)
{
  NmdScan *scan = nmd_scan_session_get_scan (screen.scan);

  return scan != NULL && scan->sample != NULL
         && g_str_equal (scan->sample->id, screen_wanted);
}

static gboolean
has_answer (void)
{
  return answers.n > 0;
}

static double
seconds_since (gint64 start)
{
  return (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

/* Asks for a map that takes long. Returns: when. */
static gint64
ask_long (void)
{
  answers.n = 0;
  nmd_explanation_session_ask (screen.explanation, NMD_MAP_OCCLUSION, -1, NULL);
  return g_get_monotonic_time ();
}

/* Who goes to another image does not wait for the map of the one before; if there is none the map comes. */
static void
test_goes_on (void)
{
  NmdSample *first = g_object_ref (nmd_scan_session_get_sample (screen.scan));
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);
  NmdSample *other = nmd_dataset_get (dataset, nmd_dataset_get (dataset, 0) == first);

  gint64 start = ask_long ();
  g_assert_true (screen_wait (has_answer, 120));
  double whole = seconds_since (start);
  start = ask_long ();
  screen_wanted = other->id;
  nmd_scan_session_set_sample (screen.scan, other);
  g_assert_true (screen_wait (shows_wanted, 120));
  double until = seconds_since (start);
  g_test_message ("%.2f s for a map, %.2f s to another image", whole, until);
  if (whole > 0.5)
    g_assert_cmpfloat (until, <, 0.6 * whole);

  ask_long ();
  nmd_scan_session_open_image (screen.scan, "/nowhere.png", NULL);
  g_assert_true (screen_wait (screen_has_problem, 60));
  g_assert_true (screen_wait (has_answer, 120));
  nmd_scan_session_set_sample (screen.scan, first);
  screen_settle ();
  g_object_unref (first);
}

static GtkWidget *
muscles_entry (const char *page)
{
  nmd_window_show_page (screen.window, page);
  screen_pause (0.3);
  GtkWidget *facts = find (NMD_TYPE_EXPLAIN_FACTS, NULL);
  g_assert_nonnull (facts);
  return GTK_WIDGET (
      gtk_widget_get_template_child (facts, NMD_TYPE_EXPLAIN_FACTS, "muscles"));
}

static const char *
text_of (GtkWidget *entry)
{
  return gtk_editable_get_text (GTK_EDITABLE (entry));
}

static NmdRunItem *former;

static gboolean
has_other_run (void)
{
  return nmd_runs_session_get_run (screen.runs) != former;
}

/* Muscles that are stated of one run are not said of another; both panels show the same. */
static void
test_muscles (void)
{
  g_autofree char *run = g_build_filename (screen.folder, "run", NULL);
  g_autofree char *again = g_build_filename (screen.folder, "again", NULL);
  const char *const command[] = { "cp", "-r", run, again, NULL };
  const NmdStatedFacts *stated = nmd_explanation_session_get_stated (screen.explanation);

  nmd_explanation_session_state_model (screen.explanation, "muscle", "biceps");
  g_assert_cmpstr (text_of (muscles_entry ("scan")), ==, "biceps");
  GtkWidget *entry = muscles_entry ("explain");
  g_assert_cmpstr (text_of (entry), ==, "biceps");
  /* Leaving the entry is enough. */
  g_assert_true (screen_wait (has_answer, 60));
  screen_settle ();
  g_assert_true (gtk_widget_grab_focus (entry));
  gtk_editable_set_text (GTK_EDITABLE (entry), "tibialis");
  gtk_window_set_focus (GTK_WINDOW (screen.window), NULL);
  g_assert_cmpstr (stated->model_muscles, ==, "tibialis");

  g_assert_true (g_spawn_sync (NULL, (char **)command, NULL, G_SPAWN_SEARCH_PATH, NULL,
                               NULL, NULL, NULL, NULL, NULL));
  former = nmd_runs_session_get_run (screen.runs);
  nmd_runs_session_open (screen.runs, again);
  g_assert_true (screen_wait (has_other_run, 60));
  g_assert_null (stated->model_muscles);
  g_assert_cmpstr (text_of (entry), ==, "");
  nmd_runs_session_open (screen.runs, run);
  former = nmd_runs_session_get_run (screen.runs);
  g_assert_true (screen_wait (has_other_run, 60));
  g_assert_true (screen_wait (screen_has_model, 60));
  screen_settle ();
}

/* A model that has seen little, and the page. */
static void
test_start (void)
{
  g_autofree char *run = g_build_filename (screen.folder, "run", NULL);

  hand_nmd ("demo cohort --subjects 6");
  hand_nmd ("train cohort --out run --epochs 1 --limit 5 --batch 16 --split paper");
  screen_open (1280, 800);
  nmd_runs_session_open (screen.runs, run);
  g_assert_true (screen_wait (screen_has_model, 60));
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_assert_true (screen_wait (screen_has_mask, 20));
  answers_hear ();
  nmd_window_show_page (screen.window, "explain");
  answers_ask ();
  answers_wait_for_fit (NMD_FIT_YES);
  g_assert_true (shows ("score for"));
}

/* What stands below */

static GtkWidget *controls[4];
static graphene_point_t places[4];

static void
note_places (void)
{
  controls[0] = find (GTK_TYPE_BUTTON, "_Save…");
  controls[1] = find (GTK_TYPE_BUTTON, "_Copy");
  controls[2] = find (GTK_TYPE_BUTTON, "_Contact Sheet…");
  controls[3] = find (GTK_TYPE_DROP_DOWN, NULL); /* pictures */
  for (guint i = 0; i < G_N_ELEMENTS (controls); i++)
    if (controls[i] != NULL)
      places[i] = place_of (controls[i]);
}

static void
assert_places (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (controls); i++)
    if (controls[i] != NULL)
      g_assert_cmpfloat (place_of (controls[i]).y, ==, places[i].y);
}

/* The first longer sentence does not move what is clicked either; nor does the score that comes by the switch move
 * the switch. */
static void
test_words_move_nothing (void)
{
  note_places ();
  nmd_explanation_session_state_scan (screen.explanation, "breast", NULL);
  answers_wait_for_fit (NMD_FIT_NO);
  g_assert_true (shows ("No score: "));
  assert_places ();

  GtkWidget *anyway = find (GTK_TYPE_SWITCH, NULL);
  GtkWidget *question = find (GTK_TYPE_DROP_DOWN, NULL);
  float y = place_of (anyway).y, question_y = place_of (question).y;
  gtk_switch_set_active (GTK_SWITCH (anyway), TRUE);
  screen_settle ();
  g_assert_true (shows ("Not meaningful"));
  g_assert_true (shows ("score for"));
  assert_places ();
  g_assert_cmpfloat (place_of (anyway).y, ==, y);
  gtk_switch_set_active (GTK_SWITCH (anyway), FALSE);
  screen_settle ();
  g_assert_cmpfloat (place_of (anyway).y, ==, y);
  g_assert_cmpfloat (place_of (question).y, ==, question_y);
  nmd_explanation_session_state_scan (screen.explanation, NULL, NULL);
  answers_wait_for_fit (NMD_FIT_YES);
  assert_places ();
}

/* Pictures */

static guint
count_views (GtkWidget *widget)
{
  guint n = 0;

  if (!gtk_widget_get_mapped (widget))
    return 0;
  if (NMD_IS_IMAGE_VIEW (widget))
    return gtk_widget_get_width (widget) > 0;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_views (child);
  return n;
}

static GtkWidget *
views (void)
{
  return find (NMD_TYPE_EXPLAIN_VIEWS, NULL);
}

/* One, two or three pictures; all are zoomed and windowed together. */
static void
test_pictures (void)
{
  NmdCanvas first, second;
  double contrast = 0;

  g_object_set (views (), "mode", NMD_EXPLAIN_TWO, NULL);
  screen_pause (0.1);
  g_assert_cmpuint (count_views (views ()), ==, 2);
  g_object_set (views (), "mode", NMD_EXPLAIN_THREE, NULL);
  screen_pause (0.1);
  g_assert_cmpuint (count_views (views ()), ==, 3);
  g_assert_true (shows ("Map alone"));

  NmdExplainViews *all = NMD_EXPLAIN_VIEWS (views ());
  NmdGreyView *image = NMD_GREY_VIEW (nmd_explain_views_get_image (all));
  NmdGreyView *overlay = NMD_GREY_VIEW (nmd_explain_views_get_overlay (all));
  nmd_grey_view_zoom (overlay, 2);
  nmd_grey_view_get_canvas (image, &first);
  nmd_grey_view_get_canvas (overlay, &second);
  g_assert_cmpfloat (first.scale, ==, second.scale);
  g_assert_cmpfloat (first.x, ==, second.x);
  nmd_grey_view_fit (image);
  g_object_set (image, "contrast", 2.0, NULL);
  g_object_get (overlay, "contrast", &contrast, NULL);
  g_assert_cmpfloat (contrast, ==, 2);
  g_object_set (overlay, "contrast", 1.0, NULL);
}

/* The swipe */

static double
start_of_map (void)
{
  NmdExplainViews *all = NMD_EXPLAIN_VIEWS (views ());
  double start = 0;

  g_object_get (nmd_explain_views_get_image (all), "overlay-start", &start, NULL);
  return start;
}

static double wanted;

static gboolean
is_swiped (void)
{
  return fabs (start_of_map () - wanted) < 0.02;
}

static void
drag_to (GtkWidget *swipe, double share)
{
  GtkWidget *over = gtk_widget_get_parent (swipe);
  double y = gtk_widget_get_height (over) * 0.25;
  double from = nmd_swipe_get_position (NMD_SWIPE (swipe)) * gtk_widget_get_width (over);

  hand_point (over, from, y);
  screen_press (TRUE);
  hand_point (over, (from + share * gtk_widget_get_width (over)) / 2, y);
  hand_point (over, share * gtk_widget_get_width (over), y);
  screen_press (FALSE);
  wanted = share;
  g_assert_true (screen_wait (is_swiped, 10));
}

/* The map begins at the line, which is dragged and moved by keys; the image is not moved by that. */
static void
test_swipe (void)
{
  NmdCanvas before, after;

  g_object_set (views (), "mode", NMD_EXPLAIN_SWIPE, NULL);
  screen_pause (0.1);
  g_assert_cmpuint (count_views (views ()), ==, 1);
  GtkWidget *swipe = find (NMD_TYPE_SWIPE, NULL);
  NmdGreyView *image
      = NMD_GREY_VIEW (nmd_explain_views_get_image (NMD_EXPLAIN_VIEWS (views ())));
  double opacity = 0;
  g_object_get (image, "overlay-opacity", &opacity, NULL);
  g_assert_cmpfloat (opacity, >, 0.3);
  g_assert_cmpfloat (start_of_map (), ==, 0.5);
  if (!has_pointer ())
    return;
  /* A notice that leaves by itself meanwhile gives the image more room: once more then. */
  int height;
  do
    {
      height = gtk_widget_get_height (GTK_WIDGET (image));
      nmd_grey_view_get_canvas (image, &before);
      drag_to (swipe, 0.3);
      drag_to (swipe, 0.8);
      nmd_grey_view_get_canvas (image, &after);
    }
  while (gtk_widget_get_height (GTK_WIDGET (image)) != height);
  g_assert_cmpfloat (before.x, ==, after.x);

  g_assert_true (gtk_widget_has_focus (swipe));
  screen_xdotool ("key Home");
  wanted = 0;
  g_assert_true (screen_wait (is_swiped, 10));
  screen_xdotool ("key Right Right shift+Right");
  wanted = 0.14;
  g_assert_true (screen_wait (is_swiped, 10));
  screen_xdotool ("key End shift+Left Left");
  wanted = 0.88;
  g_assert_true (screen_wait (is_swiped, 10));

  g_object_set (views (), "mode", NMD_EXPLAIN_TWO, NULL);
  g_assert_cmpfloat (start_of_map (), ==, 0);
}

/* The list */

static const char *muscle;
static guint n_of_muscle;

static gboolean
is_filtered (void)
{
  NmdDataPage *data = NMD_DATA_PAGE (find (NMD_TYPE_DATA_PAGE, NULL));

  return data != NULL
         && g_list_model_get_n_items (nmd_data_page_get_model (data)) == n_of_muscle;
}

static gboolean
is_of_muscle (void)
{
  NmdScan *scan = nmd_scan_session_get_scan (screen.scan);

  return scan != NULL && scan->sample != NULL
         && g_str_equal (scan->sample->muscle, muscle);
}

static const char *place_text;

static gboolean
shows_place (void)
{
  return shows (place_text);
}

/* Next and previous go through what the filter of Data leaves, and no further. */
static void
test_list (void)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);

  muscle = nmd_dataset_get (dataset, nmd_dataset_get_n (dataset) - 1)->muscle;
  n_of_muscle = 0;
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    n_of_muscle += g_str_equal (nmd_dataset_get (dataset, i)->muscle, muscle);
  nmd_window_show_page (screen.window, "data");
  screen_settle ();
  GtkWidget *entry = find (GTK_TYPE_SEARCH_ENTRY, NULL);
  gtk_editable_set_text (GTK_EDITABLE (entry), muscle);
  g_assert_true (screen_wait (is_filtered, 10));
  g_assert_true (screen_wait (is_of_muscle, 10));
  nmd_window_show_page (screen.window, "explain");
  screen_settle ();
  g_autofree char *first = g_strdup_printf ("1 of %u", n_of_muscle);
  g_autofree char *second = g_strdup_printf ("2 of %u", n_of_muscle);
  g_autofree char *last = g_strdup_printf ("%u of %u", n_of_muscle, n_of_muscle);
  nmd_explain_page_step (NMD_EXPLAIN_PAGE (find (NMD_TYPE_EXPLAIN_PAGE, NULL)), G_MININT);
  place_text = first;
  g_assert_true (screen_wait (shows_place, 10));
  if (has_pointer ())
    {
      GtkWidget *list = find (NMD_TYPE_SCAN_LIST, NULL);
      GtkWidget *next = NULL, *previous = screen_find (list, GTK_TYPE_BUTTON, NULL);

      next = gtk_widget_get_next_sibling (gtk_widget_get_next_sibling (previous));
      hand_press (next);
      place_text = second;
      g_assert_true (screen_wait (shows_place, 10));
      hand_press (previous);
      place_text = first;
      g_assert_true (screen_wait (shows_place, 10));
      screen_xdotool ("key ctrl+Next");
      screen_settle ();
    }
  nmd_explain_page_step (NMD_EXPLAIN_PAGE (find (NMD_TYPE_EXPLAIN_PAGE, NULL)), G_MAXINT);
  place_text = last;
  g_assert_true (screen_wait (shows_place, 10));
  g_assert_true (screen_wait (is_of_muscle, 10));
}

/* The contact sheet */

static char *sheet_path;

static gboolean
has_sheet (void)
{
  return g_file_test (sheet_path, G_FILE_TEST_EXISTS);
}

static gboolean
has_dialog (void)
{
  return screen_find_dialog () != NULL;
}

static gboolean
has_no_dialog (void)
{
  return screen_find_dialog () == NULL;
}

static NmdExplainPage *
explain_page (void)
{
  return NMD_EXPLAIN_PAGE (find (NMD_TYPE_EXPLAIN_PAGE, NULL));
}

/* It asks how many, shows how far it is, and is a PDF; stopped it leaves none. */
static void
test_sheet (void)
{
  g_autofree char *stopped = g_build_filename (screen.folder, "stopped.pdf", NULL);
  g_autofree char *text = NULL;
  gsize length = 0;

  g_signal_emit_by_name (find (GTK_TYPE_BUTTON, "_Contact Sheet…"), "clicked");
  g_assert_true (screen_wait (has_dialog, 10));
  GtkWidget *number
      = screen_find (GTK_WIDGET (screen_find_dialog ()), GTK_TYPE_SPIN_BUTTON, NULL);
  g_assert_cmpint (gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (number)), ==,
                   MIN (n_of_muscle, 24u));
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (screen_find_dialog ()), "cancel");
  gtk_window_destroy (screen_find_dialog ());
  g_assert_true (screen_wait (has_no_dialog, 10));

  sheet_path = g_build_filename (screen.folder, "sheet.pdf", NULL);
  nmd_explain_page_save_sheet (explain_page (), 3, sheet_path);
  g_assert_true (has_dialog ());
  g_assert_true (screen_wait (has_sheet, 60));
  g_assert_true (screen_wait (has_no_dialog, 10));
  g_assert_true (g_file_get_contents (sheet_path, &text, &length, NULL));
  g_assert_cmpmem (text, 4, "%PDF", 4);
  g_clear_pointer (&sheet_path, g_free);

  screen.n_problems = 0;
  nmd_explain_page_save_sheet (explain_page (), n_of_muscle, stopped);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (screen_find_dialog ()), "stop");
  screen_settle ();
  g_assert_true (screen_wait (has_no_dialog, 10));
  g_assert_false (g_file_test (stopped, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (screen.n_problems, ==, 0);
}

/* What if */

static double what_score;
static double what_brightness;

static void
on_what_if (NmdExplanationSession *session, NmdWhatIfAnswer *answer, gpointer data)
{
  what_score = answer->score;
  what_brightness = answer->what.brightness;
}

static gboolean
follows (void)
{
  g_autofree char *text = g_strdup_printf ("score %.2f: ", what_score);

  return what_brightness == -0.3 && shows (text);
}

static gboolean
has_panel (void)
{
  return find (NMD_TYPE_WHAT_IF_PANEL, NULL) != NULL;
}

/* Its first slider is in the part of the sidebar that is seen. */
static gboolean
is_scrolled_to (void)
{
  GtkWidget *scale
      = screen_find (find (NMD_TYPE_WHAT_IF_PANEL, NULL), GTK_TYPE_SCALE, NULL);
  GtkWidget *around = gtk_widget_get_ancestor (scale, GTK_TYPE_SCROLLED_WINDOW);
  double x = 0, y = 0;

  return gtk_widget_translate_coordinates (scale, around, 0, 0, &x, &y) && y >= 0
         && y + gtk_widget_get_height (scale) <= gtk_widget_get_height (around);
}

/* The score follows brightness on this page too, and the picture with it; a swipe shows the file as it is. */
static void
test_what_if (void)
{
  NmdExplainViews *all = NMD_EXPLAIN_VIEWS (views ());
  double brightness = 0, opacity = 0;

  g_signal_connect (screen.explanation, "what-if", G_CALLBACK (on_what_if), NULL);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (controls[3]), NMD_EXPLAIN_TWO);
  nmd_scan_session_set_sample (
      screen.scan, nmd_dataset_get (nmd_data_session_get_dataset (screen.data), 0));
  g_assert_true (screen_wait (has_panel, 30)); /* that of a muscle that the model knows */
  GtkWidget *panel = find (NMD_TYPE_WHAT_IF_PANEL, NULL);
  g_object_get (nmd_explain_views_get_overlay (all), "overlay-opacity", &opacity, NULL);
  gtk_expander_set_expanded (GTK_EXPANDER (screen_find (panel, GTK_TYPE_EXPANDER, NULL)),
                             TRUE);
  screen_settle ();
  g_assert_true (screen_wait (is_scrolled_to, 10));
  gtk_range_set_value (GTK_RANGE (screen_find (panel, GTK_TYPE_SCALE, NULL)), -0.3);
  g_assert_true (screen_wait (follows, 30));
  g_object_get (nmd_explain_views_get_image (all), "brightness", &brightness, NULL);
  g_assert_cmpfloat_with_epsilon (brightness, -0.3, 1e-9);
  gtk_check_button_set_active (
      GTK_CHECK_BUTTON (screen_find (panel, GTK_TYPE_CHECK_BUTTON, NULL)), TRUE);
  assert_places ();

  GtkWidget *pictures = controls[3];
  gtk_drop_down_set_selected (GTK_DROP_DOWN (pictures), NMD_EXPLAIN_SWIPE);
  g_object_get (nmd_explain_views_get_image (all), "brightness", &brightness, NULL);
  g_assert_cmpfloat (brightness, ==, 0);
  g_assert_false (gtk_widget_get_mapped (panel));
  double now = 0;
  g_object_get (nmd_explain_views_get_overlay (all), "overlay-opacity", &now, NULL);
  g_assert_cmpfloat (now, ==, opacity);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (pictures), NMD_EXPLAIN_TWO);
  screen_settle ();
  g_assert_true (gtk_widget_get_mapped (panel));
}

/* What was chosen is there at the next start. */
static void
test_kept (void)
{
  g_autoptr (GSettings) settings = g_settings_new ("org.nmdassist.NmdAssist");

  g_object_set (views (), "mode", NMD_EXPLAIN_THREE, NULL);
  g_assert_cmpuint (g_settings_get_uint (settings, "map-pictures"), ==,
                    NMD_EXPLAIN_THREE);
  g_settings_set_uint (settings, "map-pictures", NMD_EXPLAIN_SWIPE);
  guint mode = 0;
  g_object_get (views (), "mode", &mode, NULL);
  g_assert_cmpuint (mode, ==, NMD_EXPLAIN_SWIPE);
  g_settings_set_uint (settings, "map-method", NMD_MAP_LAYERCAM);
  screen_settle ();
  g_assert_true (shows ("LayerCAM, "));
  g_settings_reset (settings, "map-method");
  g_settings_reset (settings, "map-pictures");
}

static gboolean
has_layercam (void)
{
  return (answers.methods & (1u << NMD_MAP_LAYERCAM)) != 0;
}

/* The page Scan asks by its own method: back here, the answer is again to what is chosen here. */
static void
test_scan_asks (void)
{
  g_autoptr (GSettings) settings = g_settings_new ("org.nmdassist.NmdAssist");
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);

  g_settings_set_uint (settings, "map-method", NMD_MAP_LAYERCAM);
  screen_settle ();
  nmd_window_show_page (screen.window, "scan");
  screen_settle ();
  answers.methods = 0;
  nmd_scan_session_set_sample (screen.scan, nmd_dataset_get (dataset, 2));
  screen_settle ();
  g_assert_cmpuint (answers.methods, ==, 1u << NMD_MAP_GRADCAM);
  nmd_window_show_page (screen.window, "explain");
  g_assert_true (screen_wait (has_layercam, 60));
  screen_settle ();
  g_assert_true (shows ("LayerCAM, "));
  /* What is answered is not asked again. */
  nmd_window_show_page (screen.window, "scan");
  screen_settle ();
  answers.methods = 0;
  nmd_window_show_page (screen.window, "explain");
  screen_settle ();
  g_assert_cmpuint (answers.methods, ==, 0);
  g_settings_reset (settings, "map-method");
  screen_settle ();
}

/* In each way of looking there is room. */
static void
test_room (void)
{
  GtkSettings *settings = gtk_settings_get_default ();
  int dpi = 0;

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  for (guint mode = 0; mode <= NMD_EXPLAIN_SWIPE; mode++)
    {
      g_object_set (views (), "mode", mode, NULL);
      screen_assert_fits (1024, 700);
      g_object_set (settings, "gtk-xft-dpi", (int)(96 * 1024 * 1.5), NULL);
      screen_assert_fits (1024, 700);
      g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
    }
  g_object_set (views (), "mode", NMD_EXPLAIN_TWO, NULL);
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  g_test_add_func ("/explain/start", test_start);
  g_test_add_func ("/explain/goes-on", test_goes_on);
  g_test_add_func ("/explain/muscles", test_muscles);
  g_test_add_func ("/explain/words-move-nothing", test_words_move_nothing);
  g_test_add_func ("/explain/pictures", test_pictures);
  g_test_add_func ("/explain/swipe", test_swipe);
  g_test_add_func ("/explain/list", test_list);
  g_test_add_func ("/explain/sheet", test_sheet);
  g_test_add_func ("/explain/what-if", test_what_if);
  g_test_add_func ("/explain/kept", test_kept);
  g_test_add_func ("/explain/scan-asks", test_scan_asks);
  g_test_add_func ("/explain/room", test_room);
  return screen_end (g_test_run ());
}
