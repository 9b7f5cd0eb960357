/* SPDX-License-Identifier: Apache-2.0
 *
 * Someone works in the window while NMD-AssistNet trains on all processors: goes through images, looks at maps, moves a
 * slider of preprocessing, turns pages, by real clicks and keys. Told are the longest stall of the main loop and, from
 * the click to the frame that shows the answer, how long each took; that each is answered is asserted. With the argument -m slow
 * the work lasts two minutes and the longest times count, which needs a machine that does nothing else.
 */
#include "tests/ui/hand.h"
#include "ui/widgets/nmd-scan-list.h"
#include "ui/window/nmd-stall-meter.h"

#include <math.h>
#include <string.h>

#define SECONDS (g_test_slow () ? 120 : 12)
#define FIRST 6   /* thumbnail */
#define WARM_UP 5 /* seconds from the start of the training */

/* What is asked of the window again and again. */
typedef struct
{
  const char *name;
  double most; /* milliseconds to the frame that shows it */
  double longest, sum;
  guint n;
} Kind;

enum
{
  IMAGE,
  MAP,
  PREVIEW,
  N_KINDS
};

static Kind kinds[N_KINDS] = { [IMAGE] = { "next image", 100, 0, 0, 0 },
                               [MAP] = { "map of the next image", 300, 0, 0, 0 },
                               [PREVIEW] = { "preview after a slider", 100, 0, 0, 0 } };

/* The question under way: when its key came, whether its answer has come, when that was on screen. */
static gint64 asked_at, shown_at;
static gboolean has_answer;

static gboolean
on_event (GSignalInvocationHint *hint, guint n, const GValue *values, gpointer data)
{
  GdkEvent *event = g_value_peek_pointer (&values[1]);

  if (asked_at == 0
      && (gdk_event_get_event_type (event) == GDK_KEY_PRESS
          || gdk_event_get_event_type (event) == GDK_BUTTON_PRESS))
    asked_at = g_get_monotonic_time ();
  return TRUE;
}

static void
on_answer (void)
{
  if (asked_at != 0)
    has_answer = TRUE;
}

static void
on_painted (void)
{
  if (has_answer && shown_at == 0)
    shown_at = g_get_monotonic_time ();
}

static gboolean
is_shown (void)
{
  return shown_at != 0;
}

/* One xdotool for all: starting a process would be a stall of the test's own. */
static GSubprocess *xdotool;

static void
send (const char *words)
{
  GOutputStream *pipe = g_subprocess_get_stdin_pipe (xdotool);
  g_autofree char *line = g_strdup_printf ("%s\n", words);

  g_assert_true (g_output_stream_write_all (pipe, line, strlen (line), NULL, NULL, NULL));
}

/* A key or click by xdotool's @words; waits for the frame that shows @signal of @from. */
static void
ask (Kind *kind, const char *words, gpointer from, const char *signal)
{
  const gulong id = g_signal_connect (from, signal, G_CALLBACK (on_answer), NULL);

  asked_at = shown_at = 0;
  has_answer = FALSE;
  send (words);
  if (!screen_wait (is_shown, 60))
    g_error ("%s after %s: %s", kind->name, words,
             asked_at == 0 ? "it did not come"
             : has_answer  ? "not painted"
                           : "no answer");
  const double ms = (double)(shown_at - asked_at) / 1000;
  kind->longest = fmax (kind->longest, ms);
  kind->sum += ms;
  kind->n++;
  g_signal_handler_disconnect (from, id);
  screen_settle ();
}

/* The widget on screen with that tooltip. */
static GtkWidget *
find_button (GtkWidget *widget, const char *tooltip)
{
  GtkWidget *found = NULL;

  if (gtk_widget_get_mapped (widget)
      && g_strcmp0 (gtk_widget_get_tooltip_text (widget), tooltip) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_button (child, tooltip);
  return found;
}

/* Thumbnails that are on screen, none of them the one looked at. */
static void
ask_images (guint n)
{
  nmd_window_show_page (screen.window, "data");
  screen_pause (0.2);
  GtkWidget *thumbnail = gtk_widget_get_first_child (
      screen_find (GTK_WIDGET (screen.window), GTK_TYPE_GRID_VIEW, NULL));
  for (guint i = 0; i < FIRST + n;
       i++, thumbnail = gtk_widget_get_next_sibling (thumbnail))
    if (i >= FIRST)
      {
        const graphene_point_t at = hand_find (thumbnail, 30, 30);
        g_autofree char *words
            = g_strdup_printf ("mousemove %.0f %.0f click 1", (double)at.x, (double)at.y);

        ask (&kinds[IMAGE], words, screen.scan, "notify::scan");
      }
}

static void
ask_maps (guint n, gboolean back)
{
  nmd_window_show_page (screen.window, "explain");
  screen_pause (0.2);
  GtkWidget *list = screen_find (GTK_WIDGET (screen.window), NMD_TYPE_SCAN_LIST, NULL);
  GtkWidget *next = find_button (list, back ? "Previous image" : "Next image");
  g_assert_nonnull (next);
  const graphene_point_t at = hand_find (next, gtk_widget_get_width (next) / 2.0,
                                         gtk_widget_get_height (next) / 2.0);
  g_autofree char *words
      = g_strdup_printf ("mousemove %.0f %.0f click 1", (double)at.x, (double)at.y);
  for (guint i = 0; i < n; i++)
    ask (&kinds[MAP], words, screen.explanation, "explanation");
}

static GtkWidget *popover;

static gboolean
is_open (void)
{
  return gtk_widget_get_mapped (popover);
}

static gboolean
is_closed (void)
{
  return !is_open ();
}

static void
ask_previews (guint n)
{
  nmd_window_show_page (screen.window, "data");
  screen_pause (0.2);
  GtkWidget *button = find_button (GTK_WIDGET (screen.window), "Settings: CLAHE");
  g_assert_nonnull (button);
  popover = GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (button)));
  gtk_menu_button_popup (GTK_MENU_BUTTON (button));
  g_assert_true (screen_wait (is_open, 20));
  gtk_widget_grab_focus (screen_find (popover, GTK_TYPE_SCALE, NULL));
  screen_pause (0.2);
  for (guint i = 0; i < n; i++)
    ask (&kinds[PREVIEW], i % 2 == 0 ? "key Right" : "key Left", screen.explanation,
         "preview");
  gtk_menu_button_popdown (GTK_MENU_BUTTON (button));
  g_assert_true (screen_wait (is_closed, 20));
}

static void
test_session (void)
{
  static const char *const pages[] = { "scan", "train", "results", "experiments" };
  g_autofree char *run = NULL;
  const guint event = g_signal_lookup ("event", GDK_TYPE_SURFACE);

  xdotool = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE, NULL, "xdotool", "-", NULL);
  g_assert_nonnull (xdotool);
  hand_nmd ("demo cohort --subjects 12");
  hand_nmd ("train cohort --out run --epochs 1 --limit 5 --batch 16 --split paper");
  run = g_build_filename (screen.folder, "run", NULL);
  screen_open (1280, 800);
  nmd_runs_session_open (screen.runs, run);
  g_assert_true (screen_wait (screen_has_model, 60));
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_assert_true (screen_wait (screen_has_mask, 20));
  g_assert_true (nmd_recipe_session_set (screen.recipe, "epochs", 500, NULL));
  nmd_training_session_start (screen.training, "nmdassistnet", FALSE);
  screen_pause (WARM_UP);
  g_assert_true (nmd_training_session_is_running (screen.training));

  const gulong hook = g_signal_add_emission_hook (event, 0, on_event, NULL, NULL);
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (screen.window));
  const gulong painted
      = g_signal_connect (clock, "after-paint", G_CALLBACK (on_painted), NULL);
  ask_maps (1, FALSE); /* what is made once */
  ask_previews (1);
  for (int k = 0; k < N_KINDS; k++)
    kinds[k].longest = kinds[k].sum = kinds[k].n = 0;
  NmdStallMeter *meter = nmd_stall_meter_start ("/dev/null");
  const gint64 start = g_get_monotonic_time ();
  for (guint i = 0; g_get_monotonic_time () - start < SECONDS * G_USEC_PER_SEC; i++)
    {
      ask_images (5);
      ask_previews (4);
      ask_maps (3, i % 2 == 1);
      nmd_window_show_page (screen.window, pages[i % G_N_ELEMENTS (pages)]);
      screen_pause (0.3);
    }
  const double stall = nmd_stall_meter_take (meter);
  const double busy = nmd_stall_meter_take_busy (meter);
  nmd_stall_meter_stop (meter);
  g_assert_true (nmd_training_session_is_running (screen.training));
  g_signal_handler_disconnect (clock, painted);
  g_signal_remove_emission_hook (event, hook);

  g_test_message ("longest stall %.0f ms; the longest turn computed %.0f ms", stall,
                  busy);
  for (int k = 0; k < N_KINDS; k++)
    g_test_message ("%s: %u times, %.0f ms on average, %.0f ms at most", kinds[k].name,
                    kinds[k].n, kinds[k].sum / kinds[k].n, kinds[k].longest);
  nmd_app_session_stop (screen.session);
  g_assert_true (screen_wait (screen_training_ended, 240));
  if (g_test_slow ())
    {
      g_assert_cmpfloat (stall, <, 50);
      for (int k = 0; k < N_KINDS; k++)
        g_assert_cmpfloat (kinds[k].longest, <, kinds[k].most);
    }
  g_output_stream_close (g_subprocess_get_stdin_pipe (xdotool), NULL, NULL);
  g_assert_true (g_subprocess_wait_check (xdotool, NULL, NULL));
  g_clear_object (&xdotool);
  nmd_window_close_at_once (screen.window);
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!hand_init (&argc, &argv))
    return 0;
  g_test_add_func ("/while-training/session", test_session);
  return screen_end (g_test_run ());
}
