/* SPDX-License-Identifier: Apache-2.0
 *
 * A data set of thousands of images: the window goes on answering while it is opened, filtered and
 * left again.
 */
#include "engine/image/nmd-png-writer.h"
#include "tests/ui/screen.h"
#include "ui/window/nmd-stall-meter.h"

#include <glib/gstdio.h>

/* 20,000 with the argument -m slow. */
static guint n_images = 6000;
#define PER_SUBJECT 6
/* What one turn of the main loop may compute: 20 to 45 here for 20,000 images. That is processor time, but
 * where others fill the caches of a processor it grows too: the best of ROUNDS has to stay below, each below
 * twice that, and on a machine with more to do than processors there is more room. */
#define MOST_MS (50.0 * SLOWNESS * screen_get_room (0))
#define ROUNDS 3

static NmdStallMeter *meter;
static char *table_path;

/* Pictures of 16 × 16 that all differ, and their table. Returns: its path. */
static char *
write_many (void)
{
  g_autofree char *folder = g_build_filename (screen.folder, "many", NULL);
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

/* The longest turn since the last call, taken into *@best, which begins with 0. */
static void
note_busy (const char *what, double *best)
{
  screen_pause (0.5);
  double busy = nmd_stall_meter_take_busy (meter);
  g_test_message ("%s: longest turn computed %.0f ms, longest stall %.0f ms", what, busy,
                  nmd_stall_meter_take (meter));
  g_assert_cmpfloat (busy, <, 2 * MOST_MS);
  *best = *best > 0 ? MIN (*best, busy) : busy;
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

static void
test_open (void)
{
  double first = 0, again = 0;

  table_path = write_many ();
  screen_open (1280, 800);
  screen_pause (0.5);
  meter = nmd_stall_meter_start ("/dev/null");
  for (guint round = 0; round < ROUNDS; round++)
    {
      /* the one that is open has to go first */
      nmd_app_session_open (screen.session, table_path);
      g_assert_true (screen_wait (is_loading, 60));
      g_assert_true (screen_wait (is_open, 120));
      note_busy (round == 0 ? "opening" : "opening again", round == 0 ? &first : &again);
      g_assert_cmpuint (
          g_list_model_get_n_items (nmd_data_session_get_samples (screen.data)), ==,
          n_images);
      g_assert_true (shows_counts (n_images, n_images));
    }
  g_assert_cmpfloat (again, <, MOST_MS);
}

/* A value of a facet, and all again; the chosen image stays the chosen one. */
static void
test_filter (void)
{
  double best_some = 0, best_all = 0;
  GtkWidget *check = NULL;
  NmdSample *chosen = NULL;

  nmd_window_show_page (screen.window, "data");
  screen_pause (0.3);
  check = screen_find (GTK_WIDGET (screen.window), GTK_TYPE_CHECK_BUTTON, NULL);
  g_assert_nonnull (check);
  /* the first facet's first value is muscle BB: every fourth image */
  chosen = nmd_dataset_get (nmd_data_session_get_dataset (screen.data), n_images / 2);
  nmd_scan_session_set_sample (screen.scan, chosen);
  screen_pause (0.5);
  nmd_stall_meter_take_busy (meter);
  for (guint round = 0; round < ROUNDS; round++)
    {
      gtk_check_button_set_active (GTK_CHECK_BUTTON (check), TRUE);
      note_busy ("filtering", &best_some);
      g_assert_true (shows_counts (n_images / 4, n_images));
      g_assert_true (nmd_scan_session_get_sample (screen.scan) == chosen);
      gtk_check_button_set_active (GTK_CHECK_BUTTON (check), FALSE);
      note_busy ("all again", &best_all);
      g_assert_true (shows_counts (n_images, n_images));
      g_assert_true (nmd_scan_session_get_sample (screen.scan) == chosen);
    }
  g_assert_cmpfloat (best_some, <, MOST_MS);
  g_assert_cmpfloat (best_all, <, MOST_MS);
}

int
main (int argc, char *argv[])
{
  if (!screen_init (&argc, &argv))
    return 0;
  if (g_test_slow ())
    n_images = 20000;
  g_test_add_func ("/many/open", test_open);
  g_test_add_func ("/many/filter", test_filter);
  int status = g_test_run ();
  nmd_stall_meter_stop (meter);
  screen_close ();
  g_free (table_path);
  return screen_end (status);
}
