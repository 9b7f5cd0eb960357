/* SPDX-License-Identifier: Apache-2.0
 *
 * What tests of the window share.
 */
#include "tests/ui/screen.h"

#include "engine/data/demo/nmd-demo.h"
#include "engine/image/nmd-png-writer.h"
#include "ui/window/nmd-heap.h"
#include "ui/window/nmd-main-loop.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

Screen screen;

static gboolean
never (void)
{
  return FALSE;
}

/* Start and end */

void
screen_check_leaks (void)
{
#ifdef __SANITIZE_ADDRESS__
  __lsan_do_leak_check ();
#endif
}

/* Icons and style of the program, which the application takes by its resource path. */
static void
use_resources (GdkDisplay *display)
{
  g_autoptr (GtkCssProvider) style = gtk_css_provider_new ();

  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display),
                                    "/org/nmdassist/NmdAssist/icons");
  gtk_css_provider_load_from_resource (style, "/org/nmdassist/NmdAssist/style.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (style),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

gboolean
screen_init (int *argc, char ***argv)
{
  nmd_heap_keep_freed ();
  nmd_main_loop_go_first ();
  g_test_init (argc, argv, NULL);
  /* Nothing of the user's is read or written. */
  screen.folder = g_dir_make_tmp ("nmd-window-XXXXXX", NULL);
  g_setenv ("XDG_DATA_HOME", screen.folder, TRUE);
  if (!gtk_init_check ())
    {
      g_print ("1..0 # SKIP there is no display\n");
      g_rmdir (screen.folder);
      return FALSE;
    }
  adw_init ();
  use_resources (gdk_display_get_default ());
  return TRUE;
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
screen_end (int status)
{
  remove_tree (screen.folder);
  g_free (screen.folder);
  g_free (screen.last_problem);
  g_free (screen.last_message);
  return status;
}

static void
on_problem (NmdNotices *notices, const char *text, gpointer data)
{
  screen.n_problems++;
  g_free (screen.last_problem);
  screen.last_problem = g_strdup (text);
  g_test_message ("problem: %s", text);
}

static void
on_message (NmdNotices *notices, const char *text, gpointer data)
{
  g_free (screen.last_message);
  screen.last_message = g_strdup (text);
}

void
screen_start (void)
{
  NmdAppSession *session = nmd_app_session_new (screen.folder);

  screen.session = session;
  screen.notices = nmd_app_session_get_notices (session);
  screen.data = nmd_app_session_get_data (session);
  screen.scan = nmd_app_session_get_scan (session);
  screen.runs = nmd_app_session_get_runs (session);
  screen.recipe = nmd_app_session_get_recipe (session);
  screen.devices = nmd_app_session_get_devices (session);
  screen.training = nmd_app_session_get_training (session);
  screen.explanation = nmd_app_session_get_explanation (session);
  screen.proposals = nmd_app_session_get_proposals (session);
  screen.n_problems = 0;
  g_signal_connect (screen.notices, "problem", G_CALLBACK (on_problem), NULL);
  g_signal_connect (screen.notices, "message", G_CALLBACK (on_message), NULL);
}

void
screen_open (int width, int height)
{
  screen_start ();
  screen.window = g_object_ref_sink (nmd_window_new (NULL, screen.session));
  gtk_window_set_default_size (GTK_WINDOW (screen.window), width, height);
  gtk_window_present (GTK_WINDOW (screen.window));
  screen_pause (0.2);
}

void
screen_close (void)
{
  screen_pause (0.3);
  if (screen.window != NULL)
    gtk_window_destroy (GTK_WINDOW (screen.window));
  nmd_app_session_shutdown (screen.session);
  screen_wait (never, 0.1 / SLOWNESS);
  if (screen.window != NULL)
    g_assert_finalize_object (screen.window);
  g_assert_finalize_object (screen.session);
  screen.window = NULL;
  screen.session = NULL;
}

char *
screen_write_cohort (const char *name, int n_subjects)
{
  NmdDemoSettings settings = { (guint)n_subjects, 1, 'A', 2 };
  char *path = g_build_filename (screen.folder, name, NULL);
  g_autoptr (GError) error = NULL;

  nmd_demo_write (path, &settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return path;
}

void
screen_open_scan (void)
{
  g_autofree char *path = g_build_filename (screen.folder, "BB_left.png", NULL);
  g_autoptr (NmdImage) image = nmd_image_new (160, 120);

  for (int i = 0; i < 160 * 120; i++)
    image->pixels[i] = (guint8)(40 + i * 7 % 60);
  g_assert_true (nmd_image_save_png (image, path, 8, NULL, NULL));
  nmd_app_session_open (screen.session, path);
  g_assert_true (screen_wait (screen_has_scan, 20));
}

void
screen_outline_scan (void)
{
  const NmdBox box = { 40, 30, 100, 90 };
  const double way[] = { 50, 40, 50, 80 };
  g_autoptr (NmdImage) mask = nmd_mask_new_box (160, 120, &box);

  nmd_scan_session_set_mask (screen.scan, mask);
  g_assert_true (screen_wait (screen_has_mask, 20));
  nmd_scan_session_add_measure (screen.scan, way, 2);
}

/* Waiting */

static gboolean
wake (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

gboolean
screen_wait (gboolean (*done) (void), double seconds)
{
  gint64 end = g_get_monotonic_time () + (gint64)(seconds * SLOWNESS * G_USEC_PER_SEC);
  guint id = g_timeout_add (20, wake, NULL);

  while (!done () && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
  return done ();
}

/* Jobs of ours: when they have ended, those started before have ended too. The pool has two threads, so its two
 * wait for each other. */
typedef struct
{
  GMutex lock;
  GCond met;
  int n_here, n_ended;
} Settling;

static Settling settling;

static gpointer
settle_func (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  g_mutex_lock (&settling.lock);
  settling.n_here++;
  g_cond_broadcast (&settling.met);
  while (settling.n_here < GPOINTER_TO_INT (input)
         && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait_until (&settling.met, &settling.lock,
                       g_get_monotonic_time () + 50 * G_TIME_SPAN_MILLISECOND);
  g_mutex_unlock (&settling.lock);
  return NULL;
}

static void
on_settled (GObject *source, GAsyncResult *result, gpointer data)
{
  (void)nmd_job_finish (NMD_JOB (source), result, NULL);
  settling.n_ended--;
}

static gboolean
is_settled (void)
{
  return settling.n_ended == 0;
}

static void
start_settling (NmdThread thread, int n)
{
  settling.n_here = 0;
  settling.n_ended = n;
  for (int i = 0; i < n; i++)
    {
      g_autoptr (NmdJob) job
          = nmd_job_start (thread, NULL, NULL, settle_func, GINT_TO_POINTER (n), NULL,
                           NULL, NULL, on_settled, NULL);
    }
  g_assert_true (screen_wait (is_settled, 60));
}

static guint n_painted;

static void
on_painted (GdkFrameClock *clock, gpointer data)
{
  n_painted++;
}

static gboolean
is_painted (void)
{
  gtk_widget_queue_draw (GTK_WIDGET (screen.window));
  return n_painted >= 2;
}

/* What changed takes its place in the next frame, and a view may follow in the one after it. */
static void
wait_for_frames (void)
{
  if (screen.window == NULL || !gtk_widget_get_mapped (GTK_WIDGET (screen.window)))
    return;
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (screen.window));
  gulong id = g_signal_connect (clock, "after-paint", G_CALLBACK (on_painted), NULL);
  n_painted = 0;
  screen_wait (is_painted, 5);
  g_signal_handler_disconnect (clock, id);
}

void
screen_settle (void)
{
  /* What is read may be asked about, and an answer may start a reading. */
  for (int i = 0; i < 2; i++)
    {
      start_settling (NMD_THREAD_POOL, 2);
      start_settling (NMD_THREAD_ASK, 1);
    }
  wait_for_frames ();
}

void
screen_pause (double seconds)
{
  screen_wait (never, seconds / SLOWNESS);
  screen_settle ();
}

int
screen_height_at_rest (GtkWidget *widget)
{
  int before, height = gtk_widget_get_height (widget);

  do
    {
      screen_pause (0.5);
      before = height;
      height = gtk_widget_get_height (widget);
    }
  while (height != before);
  return height;
}

gboolean
screen_has_dataset (void)
{
  return nmd_data_session_get_dataset (screen.data) != NULL
         && !nmd_data_session_get_loading (screen.data);
}

gboolean
screen_has_scan (void)
{
  return nmd_scan_session_get_scan (screen.scan) != NULL;
}

const char *screen_wanted;

gboolean
screen_has_wanted (void)
{
  NmdScan *scan = nmd_scan_session_get_scan (screen.scan);

  return scan != NULL && g_str_has_suffix (scan->path, screen_wanted);
}

gboolean
screen_has_mask (void)
{
  return screen_has_scan () && nmd_scan_session_get_scan (screen.scan)->mask != NULL;
}

gboolean
screen_has_no_mask (void)
{
  return screen_has_scan () && nmd_scan_session_get_scan (screen.scan)->mask == NULL;
}

gboolean
screen_has_problem (void)
{
  return screen.n_problems > 0;
}

gboolean
screen_has_model (void)
{
  return nmd_runs_session_get_model (screen.runs) != NULL;
}

gboolean
screen_has_run (void)
{
  return nmd_runs_session_get_run (screen.runs) != NULL;
}

gboolean
screen_training_ended (void)
{
  return !nmd_training_session_is_running (screen.training);
}

/* Looking */

gboolean
screen_shows (GtkWidget *widget, const char *start)
{
  if (!gtk_widget_get_mapped (widget))
    return FALSE;
  if (GTK_IS_LABEL (widget)
      && g_str_has_prefix (gtk_label_get_text (GTK_LABEL (widget)), start))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (screen_shows (child, start))
      return TRUE;
  return FALSE;
}

gboolean
screen_shows_part (GtkWidget *widget, const char *part)
{
  if (!gtk_widget_get_mapped (widget))
    return FALSE;
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), part))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (screen_shows_part (child, part))
      return TRUE;
  return FALSE;
}

void
screen_unfold (GtkWidget *widget)
{
  if (ADW_IS_EXPANDER_ROW (widget))
    adw_expander_row_set_expanded (ADW_EXPANDER_ROW (widget), TRUE);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    screen_unfold (child);
}

GtkWidget *
screen_find_label (GtkWidget *widget, const char *text)
{
  GtkWidget *found = NULL;

  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (GTK_IS_LABEL (widget)
      && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = screen_find_label (child, text);
  return found;
}

float
screen_place_of (const char *text)
{
  GtkWidget *label = NULL;
  graphene_point_t at;

  screen_pause (0.3);
  label = screen_find_label (GTK_WIDGET (screen.window), text);
  g_assert_nonnull (label);
  g_assert_true (gtk_widget_compute_point (label, GTK_WIDGET (screen.window),
                                           &GRAPHENE_POINT_INIT (0, 0), &at));
  return at.y;
}

GtkWidget *
screen_find (GtkWidget *widget, GType type, const char *label)
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
    found = screen_find (child, type, label);
  return found;
}

GtkWindow *
screen_find_dialog (void)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWindow) toplevel = g_list_model_get_item (toplevels, i);
      if (toplevel != GTK_WINDOW (screen.window)
          && gtk_widget_get_mapped (GTK_WIDGET (toplevel)))
        return toplevel;
    }
  return NULL;
}

/* The pointer */

gboolean
screen_xdotool (const char *arguments)
{
  g_autofree char *command = g_strdup_printf ("xdotool %s", arguments);
  int status = -1;

  return g_spawn_command_line_sync (command, NULL, NULL, &status, NULL) && status == 0;
}

/* The window is at the screen's corner. */
void
screen_point_at (NmdGreyView *view, double x, double y)
{
  NmdCanvas canvas;
  double wx = 0, wy = 0, sx = 0, sy = 0;
  graphene_point_t on_window;

  nmd_grey_view_get_shown (view, &canvas);
  nmd_canvas_image_to_widget (&canvas, x, y, &wx, &wy);
  g_assert_true (gtk_widget_compute_point (GTK_WIDGET (view), GTK_WIDGET (screen.window),
                                           &GRAPHENE_POINT_INIT ((float)wx, (float)wy),
                                           &on_window));
  gtk_native_get_surface_transform (GTK_NATIVE (screen.window), &sx, &sy);
  g_autofree char *arguments
      = g_strdup_printf ("mousemove %.0f %.0f", on_window.x + sx, on_window.y + sy);
  screen_xdotool (arguments);
  screen_pause (0.05);
}

void
screen_press (gboolean down)
{
  screen_xdotool (down ? "mousedown 1" : "mouseup 1");
  screen_pause (0.1);
}

/* Says which widgets, one inside the other, ask for most of the width or height. */
static void
name_largest (GtkWidget *widget, GtkOrientation orientation, double scale)
{
  const gboolean is_wide = orientation == GTK_ORIENTATION_HORIZONTAL;

  while (widget != NULL)
    {
      GtkWidget *largest = NULL;
      int most = 0;

      for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
           child = gtk_widget_get_next_sibling (child))
        {
          int minimum = 0;

          if (!gtk_widget_get_visible (child)) /* a stack measures hidden pages too */
            continue;
          gtk_widget_measure (child, orientation,
                              is_wide ? -1 : (int)(scale * gtk_widget_get_width (child)),
                              &minimum, NULL, NULL, NULL);
          if (minimum > most)
            {
              most = minimum;
              largest = child;
            }
        }
      widget = largest;
      if (widget != NULL)
        g_test_message ("%s %s: at least %d %s%s%s", G_OBJECT_TYPE_NAME (widget),
                        gtk_widget_get_name (widget), most, is_wide ? "wide" : "high",
                        GTK_IS_LABEL (widget) ? ": " : "",
                        GTK_IS_LABEL (widget) ? gtk_label_get_text (GTK_LABEL (widget))
                                              : "");
    }
}

void
screen_assert_fits (int width, int height)
{
  GtkWidget *widget = GTK_WIDGET (screen.window);
  int minimum_width = 0, minimum_height = 0;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &minimum_width, NULL, NULL,
                      NULL);
  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, width, &minimum_height, NULL,
                      NULL, NULL);
  if (minimum_width > width || minimum_height > height)
    {
      g_test_message ("needs %d × %d", minimum_width, minimum_height);
      name_largest (widget,
                    minimum_width > width ? GTK_ORIENTATION_HORIZONTAL
                                          : GTK_ORIENTATION_VERTICAL,
                    MIN ((double)width / MAX (gtk_widget_get_width (widget), 1), 1));
    }
  g_assert_cmpint (minimum_width, <=, width);
  g_assert_cmpint (minimum_height, <=, height);
}
