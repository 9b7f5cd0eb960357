/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands around the pages: preferences, what is kept from one start to the next and what is not, help, keys and
 * what is listed of them, About.
 */
#include "engine/backend/nmd-session.h"
#include "engine/image/nmd-png-writer.h"
#include "tests/ui/screen.h"
#include "ui/dialogs/nmd-about.h"
#include "ui/dialogs/nmd-help-window.h"
#include "ui/dialogs/nmd-preferences.h"
#include "ui/pages/nmd-explain-page.h"
#include "ui/pages/nmd-train-page.h"
#include "ui/widgets/nmd-tools.h"
#include "ui/window/nmd-accels.h"

#include <string.h>

static GSettings *settings;

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
shows (GtkWindow *window, const char *text)
{
  return screen_shows_part (GTK_WIDGET (window), text);
}

static char *
write_image (const char *name)
{
  char *path = g_build_filename (screen.folder, name, NULL);
  g_autoptr (NmdImage) image = nmd_image_new (160, 120);

  for (int i = 0; i < 160 * 120; i++)
    image->pixels[i] = (guint8)(40 + i * 7 % 60);
  g_assert_true (nmd_image_save_png (image, path, 8, NULL, NULL));
  return path;
}

/* Keys */

static char *
read_shortcuts (void)
{
  g_autoptr (GBytes) bytes
      = g_resources_lookup_data ("/org/nmdassist/NmdAssist/gtk/help-overlay.ui", 0, NULL);

  g_assert_nonnull (bytes);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static GtkApplication *application;

/* Every action with a key is in the list of shortcuts, every action in that list has a key, and so has every tool. */
static void
test_shortcuts (void)
{
  g_autofree char *text = read_shortcuts ();
  g_auto (GStrv) actions = NULL;
  guint n_pages = 0;

  application = gtk_application_new ("org.nmdassist.Test", G_APPLICATION_NON_UNIQUE);
  nmd_accels_set (application);
  actions = gtk_application_list_action_descriptions (application);
  g_assert_cmpuint (g_strv_length (actions), >, 15);
  for (guint i = 0; actions[i] != NULL; i++)
    {
      g_autofree char *entry
          = g_strdup_printf ("<property name=\"action-name\">%s</property>", actions[i]);

      if (g_str_has_prefix (actions[i], "win.page::"))
        n_pages++;
      else if (strstr (text, entry) == NULL)
        g_error ("%s has a key that nobody is told", actions[i]);
    }
  g_autofree char *range = g_strdup_printf ("&lt;Alt&gt;1...%u<", n_pages);
  g_assert_nonnull (strstr (text, range));

  g_auto (GStrv) parts = g_strsplit (text, "\"action-name\">", -1);
  for (guint i = 1; parts[i] != NULL; i++)
    {
      *strchr (parts[i], '<') = '\0';
      g_auto (GStrv) keys = gtk_application_get_accels_for_action (application, parts[i]);
      if (*keys == NULL)
        g_error ("%s is listed and has no key", parts[i]);
    }
  for (guint i = 0; i < NMD_N_TOOLS; i++)
    {
      const char *key = gdk_keyval_name (nmd_tool_get_info (i)->key);
      g_autofree char *regex
          = g_strdup_printf ("\"accelerator\">([a-z] )*%s( [a-z])*<", key);

      if (!g_regex_match_simple (regex, text, 0, 0))
        g_error ("the tool's key %s is not listed", key);
    }
  g_clear_object (&application);
}

/* Help */

static gboolean
shows_sonographers (void)
{
  return has_dialog () && shows (screen_find_dialog (), "Draw the outline");
}

static gboolean
shows_tour (void)
{
  return has_dialog () && shows (screen_find_dialog (), "made on this computer");
}

/* From the welcome page; the page that goes with what is asked; Escape closes it. */
static void
test_help (void)
{
  screen_open (1024, 700);
  GtkWidget *window = GTK_WIDGET (screen.window);
  g_assert_nonnull (screen_find (window, GTK_TYPE_BUTTON, "For Teachers"));
  g_signal_emit_by_name (screen_find (window, GTK_TYPE_BUTTON, "A Tour of the Demo"),
                         "clicked");
  g_assert_true (screen_wait (shows_tour, 10));
  nmd_help_window_present (GTK_WINDOW (screen.window), "sonographer");
  g_assert_true (screen_wait (shows_sonographers, 10));
  g_assert_false (shows_tour ());
  gtk_widget_activate_action (GTK_WIDGET (screen_find_dialog ()), "window.close", NULL);
  g_assert_true (screen_wait (has_no_dialog, 10));
  gtk_widget_activate_action (window, "win.help", NULL);
  g_assert_true (screen_wait (has_dialog, 10));
  if (screen_xdotool ("mousemove 700 600"))
    {
      gtk_window_present (screen_find_dialog ());
      screen_pause (0.2);
      screen_xdotool ("key Escape");
    }
  else
    gtk_window_close (screen_find_dialog ());
  g_assert_true (screen_wait (has_no_dialog, 10));
}

static void
test_about (void)
{
  nmd_about_present (GTK_WINDOW (screen.window));
  g_assert_true (screen_wait (has_dialog, 10));
  g_assert_true (shows (screen_find_dialog (), "NMD Assist"));
  gtk_window_destroy (screen_find_dialog ());
  g_assert_true (screen_wait (has_no_dialog, 10));
}

/* Preferences */

static GtkWidget *
find_titled (GtkWidget *widget, const char *title)
{
  GtkWidget *found = NULL;

  if (ADW_IS_PREFERENCES_ROW (widget)
      && g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)),
                      title))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_titled (child, title);
  return found;
}

static int
count_threads (void)
{
  g_autoptr (NmdSession) session = nmd_session_open ("reference", 0, NULL);

  g_assert_nonnull (session);
  return nmd_session_get_threads (session);
}

/* What is chosen holds at once and is kept. */
static void
test_preferences (void)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  int all = (int)g_get_num_processors ();

  nmd_preferences_present (GTK_WINDOW (screen.window), screen.devices, settings);
  g_assert_true (screen_wait (has_dialog, 10));
  GtkWidget *window = GTK_WIDGET (screen_find_dialog ());
  GtkWidget *theme = find_titled (window, "Theme");
  GtkWidget *colours = find_titled (window, "Colours of heat maps");
  GtkWidget *threads = find_titled (window, "Processor threads");
  GtkWidget *number = screen_find (threads, GTK_TYPE_SPIN_BUTTON, NULL);

  adw_combo_row_set_selected (ADW_COMBO_ROW (theme), 2);
  g_assert_true (adw_style_manager_get_dark (style));
  adw_combo_row_set_selected (ADW_COMBO_ROW (theme), 1);
  g_assert_false (adw_style_manager_get_dark (style));
  adw_combo_row_set_selected (ADW_COMBO_ROW (theme), 0);
  g_autofree char *word = g_settings_get_string (settings, "theme");
  g_assert_cmpstr (word, ==, "system");
  adw_combo_row_set_selected (ADW_COMBO_ROW (colours), 1);
  g_autofree char *jet = g_settings_get_string (settings, "map-colours");
  g_assert_cmpstr (jet, ==, "jet");
  adw_combo_row_set_selected (ADW_COMBO_ROW (colours), 0);

  g_assert_cmpint (gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (number)), ==, all);
  g_assert_cmpint (count_threads (), ==, all);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (number), 1);
  g_assert_cmpint (count_threads (), ==, 1);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (number), all);
  g_assert_cmpint (g_settings_get_int (settings, "threads"), ==, 0);
  g_assert_cmpint (count_threads (), ==, all);
  g_assert_nonnull (find_titled (window, "Folder"));
  gtk_window_destroy (GTK_WINDOW (window));
  g_assert_true (screen_wait (has_no_dialog, 10));
  screen_settle ();
  /* it is the window that follows, not what was closed */
  g_assert_cmpuint (g_signal_handler_find (settings, G_SIGNAL_MATCH_DATA, 0, 0, NULL,
                                           NULL, screen.devices),
                    ==, 0);
  g_settings_set_int (settings, "threads", 1);
  g_assert_cmpint (count_threads (), ==, 1);
  g_settings_reset (settings, "threads");
  g_assert_cmpint (count_threads (), ==, all);
}

/* What is kept */

static guint
count_opened (void)
{
  g_auto (GStrv) opened = g_settings_get_strv (settings, "opened");

  return g_strv_length (opened);
}

static void
open (const char *name)
{
  g_autofree char *path = write_image (name);

  screen_wanted = name;
  nmd_app_session_open (screen.session, path);
  g_assert_true (screen_wait (screen_has_wanted, 20));
}

static gboolean
shows_undo (void)
{
  return screen_find (GTK_WIDGET (screen_find_dialog ()), GTK_TYPE_BUTTON, "_Undo")
         != NULL;
}

/* Forgetting the list can be taken back. */
static void
check_forgetting (void)
{
  const guint n = count_opened ();

  nmd_preferences_present (GTK_WINDOW (screen.window), screen.devices, settings);
  g_assert_true (screen_wait (has_dialog, 10));
  GtkWidget *window = GTK_WIDGET (screen_find_dialog ());
  g_signal_emit_by_name (screen_find (window, GTK_TYPE_BUTTON, "_Forget All"), "clicked");
  g_assert_cmpuint (count_opened (), ==, 0);
  g_assert_true (screen_wait (shows_undo, 10));
  g_signal_emit_by_name (screen_find (window, GTK_TYPE_BUTTON, "_Undo"), "clicked");
  g_assert_cmpuint (count_opened (), ==, n);
  gtk_window_destroy (GTK_WINDOW (window));
  g_assert_true (screen_wait (has_no_dialog, 10));
}

/* A scan that is opened leaves no trace, unless the list is wanted; switched off the list is gone. */
static void
test_opened (void)
{
  open ("secret_1.png");
  g_assert_cmpuint (count_opened (), ==, 0);
  g_settings_set_boolean (settings, "remember-opened", TRUE);
  open ("first.png");
  open ("second.png");
  open ("first.png");
  g_auto (GStrv) opened = g_settings_get_strv (settings, "opened");
  g_assert_cmpuint (g_strv_length (opened), ==, 2);
  g_assert_true (g_str_has_suffix (opened[0], "first.png"));
  check_forgetting ();
  screen_wanted = "second.png";
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (screen.window),
                                             "win.open-recent", "s", opened[1]));
  g_assert_true (screen_wait (screen_has_wanted, 20));
  g_settings_set_boolean (settings, "remember-opened", FALSE);
  g_assert_cmpuint (count_opened (), ==, 0);
  open ("secret_2.png");
  g_assert_cmpuint (count_opened (), ==, 0);
}

/* The next window has the size and, where that is wanted, what was opened and the page. */
static void
test_state (void)
{
  int width = 0, height = 0;

  g_settings_set_boolean (settings, "remember-opened", TRUE);
  g_settings_set_boolean (settings, "open-last", TRUE);
  open ("again.png");
  nmd_window_show_page (screen.window, "explain");
  gtk_window_set_default_size (GTK_WINDOW (screen.window), 1100, 720);
  screen_pause (0.3);
  nmd_window_close_at_once (screen.window);
  g_assert_cmpint (g_settings_get_int (settings, "window-width"), ==, 1100);
  screen_close ();

  screen_start ();
  screen.window = g_object_ref_sink (nmd_window_new (NULL, screen.session));
  gtk_window_get_default_size (GTK_WINDOW (screen.window), &width, &height);
  g_assert_cmpint (width, ==, 1100);
  g_assert_cmpint (height, ==, 720);
  gtk_window_present (GTK_WINDOW (screen.window));
  nmd_window_open_last (screen.window);
  g_assert_true (screen_wait (screen_has_wanted, 20));
  screen_settle ();
  g_assert_nonnull (
      screen_find (GTK_WIDGET (screen.window), NMD_TYPE_EXPLAIN_PAGE, NULL));

  /* A data set, too, is there on the page that it was left on. */
  g_autofree char *cohort = screen_write_cohort ("cohort", 2);
  nmd_app_session_open (screen.session, cohort);
  g_assert_true (screen_wait (screen_has_dataset, 30));
  nmd_window_show_page (screen.window, "train");
  screen_settle ();
  nmd_window_close_at_once (screen.window);
  screen_close ();
  screen_start ();
  screen.window = g_object_ref_sink (nmd_window_new (NULL, screen.session));
  gtk_window_present (GTK_WINDOW (screen.window));
  nmd_window_open_last (screen.window);
  g_assert_true (screen_wait (screen_has_dataset, 30));
  screen_settle ();
  g_assert_nonnull (screen_find (GTK_WIDGET (screen.window), NMD_TYPE_TRAIN_PAGE, NULL));
  g_settings_reset (settings, "open-last");
  g_settings_reset (settings, "remember-opened");
  g_assert_cmpuint (count_opened (), ==, 0);
  screen_close ();
}

/* Problems */

static char *copied;

static void
on_text (GObject *clipboard, GAsyncResult *result, gpointer data)
{
  copied = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (clipboard), result, NULL);
}

static gboolean
is_copied (void)
{
  return copied != NULL;
}

static gboolean
shows_problem (void)
{
  return screen_shows_part (GTK_WIDGET (screen.window), "no-such-file.png");
}

static GtkWidget *
find_by_tip (GtkWidget *widget, const char *tip)
{
  GtkWidget *found = NULL;

  if (gtk_widget_get_mapped (widget)
      && g_strcmp0 (gtk_widget_get_tooltip_text (widget), tip) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_by_tip (child, tip);
  return found;
}

/* What is copied has the sentence, and what somebody needs who is asked for help. */
static void
test_details (void)
{
  GtkWidget *window = GTK_WIDGET (screen.window);

  nmd_app_session_open (screen.session, "/there/is/no-such-file.png");
  g_assert_true (screen_wait (shows_problem, 20));
  g_signal_emit_by_name (find_by_tip (window, "Copy what happened, with versions"),
                         "clicked");
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (window), NULL, on_text, NULL);
  g_assert_true (screen_wait (is_copied, 10));
  g_assert_nonnull (strstr (copied, "no-such-file.png"));
  g_assert_nonnull (strstr (copied, "nmd-assist "));
  g_assert_nonnull (strstr (copied, "GTK 4."));
  g_assert_nonnull (strstr (copied, "Device: cpu"));
  g_clear_pointer (&copied, g_free);
}

/* What takes long */

static gboolean ends_soon, has_ended;

static gpointer
wait_func (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  while (!ends_soon && !g_cancellable_is_cancelled (cancellable))
    g_usleep (2000);
  g_cancellable_set_error_if_cancelled (cancellable, error);
  return NULL;
}

static void
on_waited (GObject *source, GAsyncResult *result, gpointer data)
{
  (void)nmd_job_finish (NMD_JOB (source), result, NULL);
  has_ended = TRUE;
}

static NmdJob *
start (const char *title)
{
  has_ended = FALSE;
  return nmd_job_start (NMD_THREAD_POOL, NULL, title, wait_func, NULL, NULL, NULL, NULL,
                        on_waited, NULL);
}

static gboolean
ended (void)
{
  return has_ended;
}

static gboolean
is_shown (void)
{
  return find_by_tip (GTK_WIDGET (screen.window), "What is being done") != NULL;
}

/* Whatever takes over half a second is shown and can be stopped; what is quick, or of no interest, is not. */
static void
test_long (void)
{
  g_autoptr (NmdJob) slow = start ("Something slow");

  g_assert_false (is_shown ());
  g_assert_true (screen_wait (is_shown, 20));
  g_assert_true (nmd_app_session_get_job (screen.session) == slow);
  gtk_widget_activate_action (GTK_WIDGET (screen.window), "win.stop", NULL);
  g_assert_true (screen_wait (ended, 20));
  g_assert_false (is_shown ());

  ends_soon = TRUE;
  g_autoptr (NmdJob) quick = start ("Something quick");
  g_assert_true (screen_wait (ended, 20));
  g_assert_null (nmd_app_session_get_job (screen.session));
  ends_soon = FALSE;
  g_autoptr (NmdJob) silent = start (NULL);
  g_assert_false (screen_wait (is_shown, 0.8));
  nmd_job_cancel (silent);
  g_assert_true (screen_wait (ended, 20));
}

/* Names */

static guint n_names;

/* Names of files begin alike and differ at their end: they are cut at the start or in the middle. */
static void
look_at_names (GtkWidget *widget)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (GTK_IS_LABEL (widget))
    {
      const char *text = gtk_label_get_text (GTK_LABEL (widget));

      if (!g_regex_match_simple ("(\\.png|_[0-9]+_[0-9]+)$", text, 0, 0))
        return;
      n_names++;
      if (gtk_label_get_ellipsize (GTK_LABEL (widget)) == PANGO_ELLIPSIZE_END)
        g_error ("“%s” is cut at its end", text);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    look_at_names (child);
}

static void
test_names (void)
{
  const char *const pages[] = { "scan", "data", "explain" };
  g_autofree char *cohort = screen_write_cohort ("cohort", 2);

  n_names = 0;
  screen_open (1024, 700);
  nmd_app_session_open (screen.session, cohort);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_assert_true (screen_wait (screen_has_mask, 20));
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      nmd_window_show_page (screen.window, pages[i]);
      screen_settle ();
      look_at_names (GTK_WIDGET (screen.window));
      g_test_message ("up to %s: %u names", pages[i], n_names);
    }
  g_assert_cmpuint (n_names, >, 8); /* those of the list on Explain */
  screen_close ();
}

int
main (int argc, char **argv)
{
  int status = 0;

  if (!screen_init (&argc, &argv))
    return 0;
  settings = g_settings_new ("org.nmdassist.NmdAssist");
  g_test_add_func ("/around/shortcuts", test_shortcuts);
  g_test_add_func ("/around/help", test_help);
  g_test_add_func ("/around/about", test_about);
  g_test_add_func ("/around/preferences", test_preferences);
  g_test_add_func ("/around/details", test_details);
  g_test_add_func ("/around/long", test_long);
  g_test_add_func ("/around/opened", test_opened);
  g_test_add_func ("/around/state", test_state);
  g_test_add_func ("/around/names", test_names);
  status = screen_end (g_test_run ());
  g_clear_object (&settings);
  return status;
}
