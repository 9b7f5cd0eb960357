/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults that people met by trying the window, each with the road that led to it.
 */
#include "engine/image/nmd-png-writer.h"
#include "engine/image/nmd-reader.h"
#include "tests/ui/screen.h"
#include "ui/pages/nmd-data-page.h"
#include "ui/pages/nmd-explain-page.h"
#include "ui/pages/nmd-results-page.h"
#include "ui/pages/nmd-sample-browser.h"
#include "ui/session/nmd-visit-texts.h"
#include "ui/widgets/nmd-image-view.h"
#include "ui/widgets/nmd-parameter-rows.h"
#include "ui/widgets/nmd-sample-search.h"
#include "ui/widgets/nmd-thumbnail.h"
#include "ui/window/nmd-notice-bar.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define SUBJECTS 4

static GtkWidget *
page (const char *name, GType type)
{
  nmd_window_show_page (screen.window, name);
  screen_settle ();
  return screen_find (GTK_WIDGET (screen.window), type, NULL);
}

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

/* The import */

static NmdSampleBrowser *
browser (void)
{
  return NMD_SAMPLE_BROWSER (find (NMD_TYPE_SAMPLE_BROWSER, NULL));
}

static NmdSample *
chosen (void)
{
  return browser () != NULL ? nmd_sample_browser_get_current (browser ()) : NULL;
}

static gboolean
filters_wait (void)
{
  return shows ("Filters appear here when all images are read");
}

static gboolean
has_first (void)
{
  return chosen () != NULL;
}

static gboolean
has_filters (void)
{
  return shows ("pathological") && !filters_wait ();
}

/* The filters say why they are not there yet; what was chosen stays, at its place, when all is read. */
static void
test_import (void)
{
  g_autofree char *path = screen_write_cohort ("cohort", SUBJECTS);
  g_autoptr (NmdSample) first = NULL;

  screen_open (1024, 700);
  nmd_app_session_open (screen.session, path);
  g_assert_true (screen_wait (filters_wait, 30));
  g_assert_true (screen_wait (has_first, 60));
  g_set_object (&first, chosen ());
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_assert_true (screen_wait (has_filters, 30));
  g_assert_true (chosen () == first);
  g_assert_true (
      gtk_selection_model_is_selected (nmd_sample_browser_get_selection (browser ()), 0));
}

/* A file opened alone */

static gboolean
is_alone (void)
{
  return screen_has_scan () && nmd_scan_session_get_scan (screen.scan)->sample == NULL;
}

static gboolean
is_of_grid (void)
{
  return screen_has_scan () && nmd_scan_session_get_scan (screen.scan)->sample != NULL
         && nmd_image_view_get_scan (NMD_IMAGE_VIEW (find (NMD_TYPE_IMAGE_VIEW, NULL)))
                == nmd_scan_session_get_scan (screen.scan);
}

/* On Data nothing is chosen then, and a click on any image shows it. */
static void
test_alone (void)
{
  g_autofree char *path = g_build_filename (screen.folder, "alone.png", NULL);
  g_autoptr (NmdImage) image = NULL;

  g_assert_true (screen_wait (is_of_grid, 20));
  image = nmd_image_load (nmd_scan_session_get_sample (screen.scan)->image_path, NULL);
  image->pixels[0] ^= 1;
  g_assert_true (nmd_image_save_png (image, path, 8, NULL, NULL));
  nmd_app_session_open (screen.session, path);
  g_assert_true (screen_wait (is_alone, 20));
  page ("train", GTK_TYPE_WIDGET);
  GtkWidget *data = page ("data", NMD_TYPE_DATA_PAGE);
  g_assert_null (chosen ());
  g_assert_true (screen_shows (data, "No image chosen"));
  g_assert_false (screen_shows (data, "mean "));
  gtk_selection_model_select_item (nmd_sample_browser_get_selection (browser ()), 0,
                                   TRUE);
  g_assert_true (screen_wait (is_of_grid, 20));
  g_assert_true (screen_shows (data, "Subject"));
}

/* The search */

static guint n_wanted;

static gboolean
has_wanted (void)
{
  NmdDataPage *data = NMD_DATA_PAGE (find (NMD_TYPE_DATA_PAGE, NULL));

  return g_list_model_get_n_items (nmd_data_page_get_model (data)) == n_wanted;
}

static void
search (const char *text, guint wanted)
{
  GtkWidget *entry = find (GTK_TYPE_SEARCH_ENTRY, NULL);

  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  n_wanted = wanted;
  g_assert_true (screen_wait (has_wanted, 10));
}

static gboolean
shows_nothing (void)
{
  return shows ("No Image Fits")
         && nmd_image_view_get_scan (NMD_IMAGE_VIEW (find (NMD_TYPE_IMAGE_VIEW, NULL)))
                == NULL;
}

/* Words of the title are found; without a hit no image stays; Escape clears. */
static void
test_search (void)
{
  NmdDataset *dataset = nmd_data_session_get_dataset (screen.data);
  const guint n = nmd_dataset_get_n (dataset);
  const NmdSample *one = nmd_dataset_get (dataset, 0);
  guint alike = 0, own = 0;
  GtkWidget *data = page ("data", NMD_TYPE_DATA_PAGE);
  g_autofree char *title = g_strdup_printf ("Subject %s", one->subject);
  g_autofree char *words = g_strdup_printf ("%s %.4s", one->muscle, one->label_word);

  for (guint i = 0; i < n; i++)
    {
      const NmdSample *sample = nmd_dataset_get (dataset, i);
      alike += g_str_equal (sample->muscle, one->muscle) && sample->label == one->label;
      own += g_str_equal (sample->subject, one->subject);
    }
  g_assert_cmpuint (alike, <, n);
  search (words, alike);
  search (title, own);
  search ("no such image", 0);
  g_assert_true (screen_wait (shows_nothing, 10));
  g_assert_false (screen_shows (data, "Subject"));
  g_assert_false (screen_shows (data, "Echo intensity "));
  g_signal_emit_by_name (find (GTK_TYPE_SEARCH_ENTRY, NULL), "stop-search");
  n_wanted = n;
  g_assert_true (screen_wait (has_wanted, 10));
  g_assert_true (screen_wait (is_of_grid, 20));
}

static gboolean
finds (const char *text, const NmdSample *sample)
{
  NmdSampleSearch *search = nmd_sample_search_new (text);
  gboolean found = nmd_sample_search_finds (search, sample);

  nmd_sample_search_free (search);
  return found;
}

static void
test_words (void)
{
  g_autoptr (NmdSample) sample = g_object_new (NMD_TYPE_SAMPLE, NULL);

  sample->id = g_strdup ("TA/Pathological/Images/SYN_TA_anon_17_3.png");
  sample->subject = g_strdup ("17");
  sample->muscle = g_strdup ("TA");
  sample->label_word = g_strdup ("Pathological");
  g_assert_true (finds ("TA path", sample));
  g_assert_true (finds ("subject 17", sample));
  g_assert_true (finds ("Subj 17 · TA · pathological", sample));
  g_assert_true (finds ("anon_17", sample));
  g_assert_true (finds ("17_3.png", sample));
  g_assert_false (finds ("subject 3", sample));
  g_assert_false (finds ("subject 1", sample));
  g_assert_false (finds ("TA healthy", sample));
  g_assert_false (finds ("on", sample)); /* two letters start a word */
  g_assert_null (nmd_sample_search_new ("  "));
  g_assert_null (nmd_sample_search_new (NULL));
}

/* The keyboard */

static gboolean
is_in_grid (void)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (screen.window));
  GtkWidget *grid = find (GTK_TYPE_GRID_VIEW, NULL);

  return focus != NULL && grid != NULL
         && (focus == grid || gtk_widget_is_ancestor (focus, grid));
}

static gboolean
has_left_grid (void)
{
  return gtk_window_get_focus (GTK_WINDOW (screen.window)) != NULL && !is_in_grid ();
}

/* Tab goes on behind the grid, not to its next image; Shift+Tab before it. */
static void
test_tab (void)
{
  GtkWidget *grid = find (GTK_TYPE_GRID_VIEW, NULL);

  if (!screen_xdotool ("mousemove 5 5"))
    {
      g_test_skip ("xdotool is not here");
      return;
    }
  gtk_widget_child_focus (grid, GTK_DIR_TAB_FORWARD);
  g_assert_true (screen_wait (is_in_grid, 10));
  screen_xdotool ("key Tab");
  g_assert_true (screen_wait (has_left_grid, 10));
  gtk_widget_child_focus (grid, GTK_DIR_TAB_FORWARD);
  g_assert_true (screen_wait (is_in_grid, 10));
  screen_xdotool ("key shift+Tab");
  g_assert_true (screen_wait (has_left_grid, 10));
}

/* While a training runs */

static void
test_in_training (void)
{
  g_assert_cmpuint (g_list_model_get_n_items (nmd_runs_session_get_runs (screen.runs)),
                    ==, 0);
  nmd_runs_session_set_in_training (screen.runs, TRUE);
  GtkWidget *results = page ("results", NMD_TYPE_RESULTS_PAGE);
  g_assert_true (screen_shows (results, "A Training Is Running"));
  GtkWidget *explain = page ("explain", NMD_TYPE_EXPLAIN_PAGE);
  g_assert_nonnull (screen_find (explain, GTK_TYPE_BUTTON, "_Watch the Training"));
  nmd_runs_session_set_in_training (screen.runs, FALSE);
  g_assert_nonnull (screen_find (explain, GTK_TYPE_BUTTON, "_Train a Network"));
  results = page ("results", NMD_TYPE_RESULTS_PAGE);
  g_assert_true (screen_shows (results, "No Results Yet"));
}

/* Brightness and contrast */

static GtkAdjustment *
slider (GtkWidget *widget, guint *n)
{
  GtkAdjustment *found = NULL;

  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (GTK_IS_SCALE (widget) && (*n)-- == 0)
    return gtk_range_get_adjustment (GTK_RANGE (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = slider (child, n);
  return found;
}

/* What is as in the file is in the middle of both sliders, and they say that they are for viewing. */
static void
test_sliders (void)
{
  GtkWidget *explain = page ("explain", NMD_TYPE_EXPLAIN_PAGE);
  GtkWidget *view = screen_find (explain, NMD_TYPE_IMAGE_VIEW, NULL);
  double contrast = 0;

  g_assert_true (screen_shows (explain, "For viewing; the score is that of the file"));
  for (guint i = 0; i < 2; i++)
    {
      guint place = i;
      GtkAdjustment *adjustment = slider (explain, &place);

      g_assert_nonnull (adjustment);
      g_assert_cmpfloat_with_epsilon (
          gtk_adjustment_get_value (adjustment),
          (gtk_adjustment_get_lower (adjustment) + gtk_adjustment_get_upper (adjustment))
              / 2,
          1e-9);
    }
  guint place = 1;
  GtkAdjustment *slide = slider (explain, &place);
  gtk_adjustment_set_value (slide, 1);
  g_object_get (view, "contrast", &contrast, NULL);
  g_assert_cmpfloat (contrast, ==, 2);
  g_object_set (view, "contrast", 0.5, NULL);
  g_assert_cmpfloat (gtk_adjustment_get_value (slide), ==, -1);
  g_object_set (view, "contrast", 16.0, NULL); /* beyond the slider's end: it stays */
  g_object_get (view, "contrast", &contrast, NULL);
  g_assert_cmpfloat (contrast, ==, 16);
  g_object_set (view, "contrast", 1.0, NULL);
}

/* The bar of a problem */

static gboolean
shows_problem (void)
{
  return shows ("no-such-file.png");
}

static gboolean
is_old (void)
{
  static gint64 since;

  if (since == 0)
    since = g_get_monotonic_time ();
  return g_get_monotonic_time () - since > 1200 * G_TIME_SPAN_MILLISECOND;
}

static gboolean
shows_no_problem (void)
{
  return !shows_problem ();
}

/* It leaves by itself when something else went well, not before it could be read. */
static void
test_problem_leaves (void)
{
  g_autofree char *path = g_build_filename (screen.folder, "alone.png", NULL);

  nmd_app_session_open (screen.session, "/there/is/no-such-file.png");
  g_assert_true (screen_wait (shows_problem, 20));
  g_assert_true (screen_wait (is_old, 20));
  g_assert_true (shows_problem ());
  nmd_app_session_open (screen.session, path);
  g_assert_true (screen_wait (is_alone, 20));
  g_assert_true (shows_problem ());
  g_assert_true (screen_wait (shows_no_problem, 20));
}

static GtkWidget *bar;

static gboolean
offers (void)
{
  return screen_shows_part (bar, "It was cut short");
}

static gboolean
offers_no_more (void)
{
  return !gtk_revealer_get_reveal_child (GTK_REVEALER (gtk_widget_get_first_child (bar)));
}

/* A problem takes an offer's place only until it is closed; the offer closes for good. */
static void
test_offer (void)
{
  bar = find (NMD_TYPE_NOTICE_BAR, NULL);
  nmd_notice_bar_offer (NMD_NOTICE_BAR (bar), "It was cut short", "win.resume-training",
                        "_Go On");
  g_assert_true (screen_wait (offers, 10));
  nmd_notices_problem (screen.notices, "Something else");
  g_assert_false (offers ());
  gtk_widget_activate_action (bar, "win.close-notice", NULL);
  g_assert_true (screen_wait (offers, 10));
  g_assert_nonnull (screen_find (bar, GTK_TYPE_BUTTON, "_Go On"));
  gtk_widget_activate_action (bar, "win.close-notice", NULL);
  g_assert_true (screen_wait (offers_no_more, 10));
  nmd_notices_problem (screen.notices, "Something else");
  gtk_widget_activate_action (bar, "win.close-notice", NULL);
  g_assert_true (screen_wait (offers_no_more, 10));
}

static guint n_thumbnails;

static void
on_import (NmdDataSession *data, gpointer unused)
{
  n_thumbnails = nmd_thumbnail_cache_get_n ();
}

/* Pictures of files that were read before are not those of the files as they are now. */
static void
test_thumbnails (void)
{
  g_autofree char *path = g_build_filename (screen.folder, "cohort", NULL);
  gulong id = 0;

  page ("data", NMD_TYPE_DATA_PAGE);
  g_assert_cmpuint (nmd_thumbnail_cache_get_n (), >, 0);
  n_thumbnails = G_MAXUINT;
  id = g_signal_connect_after (screen.data, "import-started", G_CALLBACK (on_import),
                               NULL);
  nmd_data_session_open (screen.data, path, NULL);
  g_assert_cmpuint (n_thumbnails, ==, 0);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_signal_handler_disconnect (screen.data, id);
}

static GtkWidget *
find_row (GtkWidget *widget, const char *title)
{
  GtkWidget *found = NULL;

  if (ADW_IS_PREFERENCES_ROW (widget)
      && g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)),
                      title))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_row (child, title);
  return found;
}

static GtkWidget *
find_entry (GtkWidget *widget)
{
  GtkWidget *found = GTK_IS_ENTRY (widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_entry (child);
  return found;
}

/* What is said of a value that was refused goes with the value. */
static void
test_refused (void)
{
  GtkWidget *row = NULL, *entry = NULL;

  page ("train", GTK_TYPE_WIDGET);
  screen_unfold (GTK_WIDGET (screen.window));
  row = find_row (GTK_WIDGET (screen.window), nmd_parameter_find ("lr")->title);
  g_assert_nonnull (row);
  entry = find_entry (row);
  gtk_editable_set_text (GTK_EDITABLE (entry), "abc");
  g_signal_emit_by_name (entry, "activate");
  g_assert_true (gtk_widget_has_css_class (entry, "error"));
  nmd_recipe_session_set (screen.recipe, "epochs", 7, NULL);
  g_assert_false (gtk_widget_has_css_class (entry, "error"));
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), ==, "");
  nmd_recipe_session_reset (screen.recipe);
}

static gboolean
shows_thickness (void)
{
  return shows ("thickness 12.0 px");
}

/* Page, report and text say a thickness in pixels with the same digits. */
static void
test_thickness (void)
{
  g_autofree char *path = g_build_filename (screen.folder, "alone.png", NULL);
  const NmdBox box = { 20, 20, 40, 32 };
  NmdVisitSession *visit = nmd_app_session_get_visit (screen.session);

  nmd_app_session_open (screen.session, path);
  g_assert_true (screen_wait (is_alone, 20));
  const NmdImage *image = nmd_scan_session_get_scan (screen.scan)->image;
  g_autoptr (NmdImage) mask = nmd_mask_new_box (image->width, image->height, &box);
  nmd_scan_session_set_mask (screen.scan, mask);
  g_assert_true (screen_wait (shows_thickness, 20));
  g_autofree char *text = nmd_visit_to_text (visit);
  g_assert_nonnull (strstr (text, "thickness 12.0 px"));
  g_autoptr (NmdDocument) document = nmd_visit_report_new (visit, "Title");
  g_autofree char *report = nmd_document_to_markdown (document, "figures");
  g_assert_nonnull (strstr (report, "| 240 px | 12.0 px |"));
}

/* What is known of the data set stands on Train too. */
static void
test_own_subjects (void)
{
  g_autofree char *folder = g_build_filename (screen.folder, "classes", NULL);
  g_autofree char *source = g_build_filename (screen.folder, "alone.png", NULL);
  g_autoptr (NmdImage) image = nmd_image_load (source, NULL);

  for (int i = 0; i < 12; i++)
    {
      g_autofree char *class_folder
          = g_build_filename (folder, i % 2 ? "abnormal" : "normal", NULL);
      g_autofree char *name = g_strdup_printf ("%02d.png", i);
      g_autofree char *path = g_build_filename (class_folder, name, NULL);

      g_assert_cmpint (g_mkdir_with_parents (class_folder, 0700), ==, 0);
      image->pixels[0] = (guint8)i;
      g_assert_true (nmd_image_save_png (image, path, 8, NULL, NULL));
    }
  nmd_data_session_open (screen.data, folder, NULL);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  page ("train", GTK_TYPE_WIDGET);
  g_assert_true (shows ("each image is its own subject"));
  g_assert_true (shows ("12 images without mask"));
}

/* Large text */

static void
test_large_text (void)
{
  const char *const pages[]
      = { "scan", "data", "train", "results", "explain", "experiments" };
  GtkSettings *settings = gtk_settings_get_default ();
  int dpi = 0;

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  g_object_set (settings, "gtk-xft-dpi", (int)(96 * 1024 * 1.5), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      page (pages[i], GTK_TYPE_WIDGET);
      g_test_message ("page %s", pages[i]);
      screen_assert_fits (1024, 700);
    }
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  g_test_add_func ("/faults/words", test_words);
  g_test_add_func ("/faults/import", test_import);
  g_test_add_func ("/faults/alone", test_alone);
  g_test_add_func ("/faults/search", test_search);
  g_test_add_func ("/faults/tab", test_tab);
  g_test_add_func ("/faults/in-training", test_in_training);
  g_test_add_func ("/faults/sliders", test_sliders);
  g_test_add_func ("/faults/problem-leaves", test_problem_leaves);
  g_test_add_func ("/faults/offer", test_offer);
  g_test_add_func ("/faults/thumbnails", test_thumbnails);
  g_test_add_func ("/faults/refused", test_refused);
  g_test_add_func ("/faults/thickness", test_thickness);
  g_test_add_func ("/faults/own-subjects", test_own_subjects);
  g_test_add_func ("/faults/large-text", test_large_text);
  return screen_end (g_test_run ());
}
