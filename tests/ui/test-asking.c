/* SPDX-License-Identifier: Apache-2.0
 *
 * What the window asks before something is lost, and that its file dialog offers every file.
 */
#include "tests/ui/screen.h"
#include "ui/dialogs/nmd-teaching-window.h"
#include "ui/pages/nmd-scan-page.h"

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

static gboolean
has_message (void)
{
  return screen.last_message != NULL;
}

/* Closing asks, and says @text; nothing is closed. */
static void
check_asks (const char *text)
{
  gtk_window_close (GTK_WINDOW (screen.window));
  g_assert_true (screen_wait (has_dialog, 10));
  GtkWindow *dialog = screen_find_dialog ();
  screen_pause (0.3);
  g_assert_true (screen_shows_part (GTK_WIDGET (dialog), text));
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  gtk_window_destroy (dialog);
  g_assert_true (screen_wait (has_no_dialog, 10));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (screen.window)));
}

static NmdScanPage *
scan_page (void)
{
  return NMD_SCAN_PAGE (
      screen_find (GTK_WIDGET (screen.window), NMD_TYPE_SCAN_PAGE, NULL));
}

static const double way[] = { 50, 40, 50, 80 };

/* Measures are lost unasked only when they were copied or are in a report that was written. */
static void
test_measures (void)
{
  g_autofree char *report = g_build_filename (screen.folder, "report.pdf", NULL);
  g_autofree char *table = g_build_filename (screen.folder, "table.csv", NULL);
  g_autofree char *nowhere
      = g_build_filename (screen.folder, "no-such-folder", "report.pdf", NULL);

  screen_open (1024, 700);
  screen_open_scan ();
  nmd_scan_session_add_measure (screen.scan, way, 2);
  check_asks ("Distances or angles on 1 image are neither copied nor in a report.");
  nmd_scan_page_copy (scan_page ());
  g_assert_cmpuint (nmd_scan_session_count_measured (screen.scan), ==, 0);

  nmd_scan_session_add_measure (screen.scan, way, 2);
  g_assert_cmpuint (nmd_scan_session_count_measured (screen.scan), ==, 1);
  g_clear_pointer (&screen.last_message, g_free);
  nmd_scan_page_save_as (scan_page (), table);
  g_assert_true (screen_wait (has_message, 20));
  screen.n_problems = 0;
  nmd_scan_page_save_as (scan_page (), nowhere);
  g_assert_true (screen_wait (screen_has_problem, 20));
  g_assert_cmpuint (nmd_scan_session_count_measured (screen.scan), ==, 1);
  g_clear_pointer (&screen.last_message, g_free);
  nmd_scan_page_save_as (scan_page (), report);
  g_assert_true (screen_wait (has_message, 20));
  g_assert_cmpuint (nmd_scan_session_count_measured (screen.scan), ==, 0);

  nmd_scan_session_add_measure (screen.scan, way, 2);
  nmd_scan_session_clear_measures (screen.scan);
  g_assert_cmpuint (nmd_scan_session_count_measured (screen.scan), ==, 0);
}

static NmdTeachingWindow *teaching;

static gboolean
has_pixels (void)
{
  return nmd_teaching_session_get_scan (nmd_teaching_window_get_session (teaching))
         != NULL;
}

static GtkWindow *
find_question (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) one = g_list_model_get_item (windows, i);
      if (ADW_IS_MESSAGE_DIALOG (one) && gtk_widget_get_mapped (GTK_WIDGET (one)))
        return one;
    }
  return NULL;
}

static gboolean
has_question (void)
{
  return find_question () != NULL;
}

/* Who closes the window below a teaching window is asked for its readings. */
static void
test_readings (void)
{
  g_autofree char *cohort = screen_write_cohort ("cohort", 4);

  nmd_app_session_open (screen.session, cohort);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  teaching = nmd_teaching_window_present (GTK_WINDOW (screen.window), screen.session);
  NmdTeachingSession *session = nmd_teaching_window_get_session (teaching);
  g_assert_true (nmd_teaching_session_start (session, 2, 1));
  g_assert_true (screen_wait (has_pixels, 20));
  nmd_teaching_session_guess (session, 1, 3);
  screen_pause (0.3);
  gtk_window_close (GTK_WINDOW (screen.window));
  g_assert_true (screen_wait (has_question, 10));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (screen.window)));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (teaching)));
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (find_question ()), "accept");
  gtk_window_destroy (find_question ());
  g_assert_true (screen_wait (has_no_dialog, 10));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (screen.window)));
}

/* DICOM files often have no ending: every file can be chosen. */
static void
test_every_file (void)
{
  screen_check_leaks (); /* before what GTK's dialog leaves behind */
  gtk_widget_activate_action (GTK_WIDGET (screen.window), "win.open-image", NULL);
  g_assert_true (screen_wait (has_dialog, 10));
  GtkWindow *dialog = screen_find_dialog ();
  g_autoptr (GListModel) filters
      = gtk_file_chooser_get_filters (GTK_FILE_CHOOSER (dialog));
  g_assert_cmpuint (g_list_model_get_n_items (filters), ==, 2);
  g_autoptr (GtkFileFilter) all = g_list_model_get_item (filters, 1);
  g_autoptr (GFileInfo) info = g_file_info_new ();
  g_file_info_set_display_name (info, "IM_0001");
  g_assert_true (gtk_filter_match (GTK_FILTER (all), G_OBJECT (info)));
  gtk_dialog_response (GTK_DIALOG (dialog), GTK_RESPONSE_CANCEL);
  g_assert_true (screen_wait (has_no_dialog, 10));
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  g_test_add_func ("/asking/measures", test_measures);
  g_test_add_func ("/asking/readings", test_readings);
  g_test_add_func ("/asking/every-file", test_every_file);
  return screen_end (g_test_run ());
}
