/* SPDX-License-Identifier: Apache-2.0
 *
 * A data set of thousands of images: the window goes on answering while it is opened, filtered and
 * left again.
 */
#include "engine/image/nmd-png-writer.h"
#include "tests/ui/screen.h"
#include "ui/window/nmd-stall-meter.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

/* Processors differ, and the same one by the hour: the longest turn of the main loop among many images is held
 * against that among few in the same minute, where it is little more than a frame. With the argument -m slow
 * there are 20,000, and the turn has its limit in milliseconds. NMD_TEST_MANY names a table with as many images
 * of real size, in the form of write_many()'s, for the same figures of these. */
#define N_FEW 600
#define N_MANY (g_test_slow () ? 20000 : 6000)
#define PER_SUBJECT 6
#define ROUNDS 3
#define MOST_TIMES 2.5
#define MOST_MS 50.0

typedef enum
{
  OPENING_AGAIN,
  FILTERING,
  ALL_AGAIN,
  SCROLLING,
  N_TURNS,
} Turn;

static const char *const turn_names[]
    = { "opening again", "filtering", "all again", "scrolling" };

static NmdStallMeter *meter;
static guint n_images;
static double best[2][N_TURNS]; /* ms among few and many; the best of the rounds */
static GArray *frames;          /* of double, ms: those painted while scrolling */

/* Pictures of 16 × 16 that all differ, and their table. Returns: its path. */
static char *
write_many (void)
{
  if (n_images == N_MANY && g_getenv ("NMD_TEST_MANY") != NULL)
    return g_strdup (g_getenv ("NMD_TEST_MANY"));

  g_autofree char *folder_name = g_strdup_printf ("of-%u", n_images);
  g_autofree char *folder = g_build_filename (screen.folder, folder_name, NULL);
  GString *table = g_string_new ("image,subject,label,muscle,side\n");
  g_autoptr (GError) error = NULL;
  const char *const muscles[] = { "BB", "FCR", "GCM", "TA" };

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  for (guint i = 0; i < n_images; i++)
    {
      g_autoptr (NmdImage) image = nmd_image_new (16, 16);
      g_autofree char *name = g_strdup_printf ("%05u.png", i);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      for (guint k = 0; k < 256; k++)
        image->pixels[k] = (guint8)((i * 2654435761u + k * 40503u) >> (k % 16));
      g_autoptr (GBytes) png = nmd_image_to_png (image, 8, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (g_file_set_contents (path, g_bytes_get_data (png, NULL),
                                          (gssize)g_bytes_get_size (png), &error));
      g_string_append_printf (table, "%s,S%u,%s,%s,%s\n", name, i / PER_SUBJECT,
                              i / PER_SUBJECT % 2 ? "healthy" : "pathological",
                              muscles[i % 4], i % 2 ? "left" : "right");
    }
  char *path = g_build_filename (folder, "table.csv", NULL);
  g_assert_true (g_file_set_contents (path, table->str, -1, &error));
  g_string_free (table, TRUE);
  return path;
}

/* The longest turn since the last call; %N_TURNS is for the first opening, which is told only. */
static void
note_busy (Turn turn)
{
  screen_pause (0.5);
  double busy = nmd_stall_meter_take_busy (meter);
  double *to = &best[n_images > N_FEW][turn % N_TURNS];

  g_test_message ("%u images, %s: longest turn computed %.0f ms, longest stall %.0f ms",
                  n_images, turn < N_TURNS ? turn_names[turn] : "opening", busy,
                  nmd_stall_meter_take (meter));
  if (turn < N_TURNS)
    *to = *to > 0 ? MIN (*to, busy) : busy;
}

/* The most memory that the process had since it was last asked, in MiB; only told. */
static double
take_peak (void)
{
  g_autofree char *text = NULL;
  const char *line = NULL;
  double kib = 0;

  if (g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    line = strstr (text, "VmHWM:");
  if (line != NULL)
    kib = g_ascii_strtod (line + strlen ("VmHWM:"), NULL);
  FILE *file = fopen ("/proc/self/clear_refs", "w");
  if (file != NULL)
    {
      fputs ("5", file);
      fclose (file);
    }
  return kib / 1024;
}

/* What was done meanwhile is no turn of the window's. */
static void
forget_turns (void)
{
  screen_pause (0.1);
  nmd_stall_meter_take_busy (meter);
  nmd_stall_meter_take (meter);
  take_peak ();
}

static gboolean
shows_counts (guint shown, guint all)
{
  g_autofree char *text = shown == all ? g_strdup_printf ("%u images", all)
                                       : g_strdup_printf ("%u of %u images", shown, all);

  return screen_shows (GTK_WIDGET (screen.window), text);
}

static gboolean
is_open (void)
{
  return screen_has_dataset () && screen_has_scan ()
         && !nmd_data_session_get_loading (screen.data);
}

static gboolean
is_loading (void)
{
  return nmd_data_session_get_loading (screen.data);
}

static gboolean
shows_first (void)
{
  return screen_has_scan ()
         && g_list_model_get_n_items (nmd_data_session_get_samples (screen.data)) > 0;
}

static void
open_all (void)
{
  g_autofree char *table_path = write_many ();

  for (guint round = 0; round < ROUNDS + 1; round++)
    {
      gint64 began = g_get_monotonic_time ();

      /* the one that is open has to go first */
      forget_turns ();
      nmd_app_session_open (screen.session, table_path);
      g_assert_true (screen_wait (is_loading, 60));
      g_assert_true (screen_wait (shows_first, 60));
      const gint64 first = g_get_monotonic_time ();
      g_assert_true (screen_wait (is_open, 120));
      g_test_message ("%u images opened in %.1f s, the first shown after %.1f s, peak "
                      "memory %.0f MiB",
                      n_images,
                      (double)(g_get_monotonic_time () - began) / G_USEC_PER_SEC,
                      (double)(first - began) / G_USEC_PER_SEC, take_peak ());
      note_busy (round == 0 ? N_TURNS : OPENING_AGAIN);
      g_assert_cmpuint (
          g_list_model_get_n_items (nmd_data_session_get_samples (screen.data)), ==,
          n_images);
      g_assert_true (shows_counts (n_images, n_images));
    }
}

/* A frame: from its clock's first phase to its last, layout and painting in between. */
static void
begin_frame (GdkFrameClock *clock, gint64 *began)
{
  *began = g_get_monotonic_time ();
}

static void
end_frame (GdkFrameClock *clock, gint64 *began)
{
  const double ms = (double)(g_get_monotonic_time () - *began) / 1000;

  g_array_append_val (frames, ms);
}

static int
compare_frames (gconstpointer a, gconstpointer b)
{
  return (*(const double *)a > *(const double *)b)
         - (*(const double *)a < *(const double *)b);
}

static void
tell_frames (void)
{
  g_array_sort (frames, compare_frames);
  if (frames->len > 0)
    g_test_message (
        "%u frames of %u images: median %.1f ms, 95 %% below %.1f, longest %.1f",
        frames->len, n_images, g_array_index (frames, double, frames->len / 2),
        g_array_index (frames, double, frames->len * 19 / 20),
        g_array_index (frames, double, frames->len - 1));
  g_array_set_size (frames, 0);
}

/* Through all thumbnails, page by page, as a dragged scroll bar does. */
static void
scroll (void)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (screen.window));
  gint64 began = g_get_monotonic_time ();
  gulong handlers[]
      = { g_signal_connect (clock, "before-paint", G_CALLBACK (begin_frame), &began),
          g_signal_connect (clock, "after-paint", G_CALLBACK (end_frame), &began) };
  GtkWidget *grid = screen_find (GTK_WIDGET (screen.window), GTK_TYPE_GRID_VIEW, NULL);

  g_assert_nonnull (grid);
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (grid));
  const double all
      = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);
  for (guint round = 0; round < ROUNDS; round++)
    {
      forget_turns ();
      for (int i = 0; i <= 40; i++)
        {
          gtk_adjustment_set_value (adjustment, all * (i % 2 ? i : 40 - i) / 40);
          screen_pause (0.02);
        }
      note_busy (SCROLLING);
      gtk_adjustment_set_value (adjustment, 0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_handler_disconnect (clock, handlers[i]);
  tell_frames ();
}

/* A value of a facet, and all again; the chosen image stays the chosen one. */
static void
filter (void)
{
  GtkWidget *check
      = screen_find (GTK_WIDGET (screen.window), GTK_TYPE_CHECK_BUTTON, NULL);
  NmdSample *chosen
      = nmd_dataset_get (nmd_data_session_get_dataset (screen.data), n_images / 2);

  /* the first facet's first value is muscle BB: every fourth image */
  g_assert_nonnull (check);
  nmd_scan_session_set_sample (screen.scan, chosen);
  screen_pause (0.5);
  nmd_stall_meter_take_busy (meter);
  for (guint round = 0; round < ROUNDS; round++)
    {
      gtk_check_button_set_active (GTK_CHECK_BUTTON (check), TRUE);
      note_busy (FILTERING);
      g_assert_true (shows_counts (n_images / 4, n_images));
      g_assert_true (nmd_scan_session_get_sample (screen.scan) == chosen);
      gtk_check_button_set_active (GTK_CHECK_BUTTON (check), FALSE);
      note_busy (ALL_AGAIN);
      g_assert_true (shows_counts (n_images, n_images));
      g_assert_true (nmd_scan_session_get_sample (screen.scan) == chosen);
    }
}

static void
test_images (gconstpointer n)
{
  n_images = GPOINTER_TO_UINT (n);
  if (screen.window == NULL)
    {
      screen_open (1280, 800);
      meter = nmd_stall_meter_start ("/dev/null");
    }
  nmd_window_show_page (screen.window, "data");
  screen_pause (0.5);
  open_all ();
  scroll ();
  filter ();
}

static void
test_turns (void)
{
  for (int turn = 0; turn < N_TURNS; turn++)
    {
      g_test_message ("%s: %.0f ms among %d, %.0f ms among %d", turn_names[turn],
                      best[0][turn], N_FEW, best[1][turn], N_MANY);
      if (g_test_slow ())
        g_assert_cmpfloat (best[1][turn], <, MOST_MS * SLOWNESS);
      else
        g_assert_cmpfloat (best[1][turn], <, MOST_TIMES * best[0][turn]);
    }
}

int
main (int argc, char *argv[])
{
  if (!screen_init (&argc, &argv))
    return 0;
  frames = g_array_new (FALSE, FALSE, sizeof (double));
  g_test_add_data_func ("/many/few", GUINT_TO_POINTER (N_FEW), test_images);
  g_test_add_data_func ("/many/many", GUINT_TO_POINTER (N_MANY), test_images);
  g_test_add_func ("/many/turns", test_turns);
  int status = g_test_run ();
  nmd_stall_meter_stop (meter);
  g_array_unref (frames);
  screen_close ();
  return screen_end (status);
}
