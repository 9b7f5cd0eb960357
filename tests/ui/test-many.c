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
/* What one turn of the main loop may compute: about 40 here, twice that on a busy machine. */
#define MOST_MS (100.0 * SLOWNESS)

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

static void
assert_answers (const char *what)
{
  screen_pause (0.5);
  double busy = nmd_stall_meter_take_busy (meter);
  g_test_message ("%s: longest turn computed %.0f ms, longest stall %.0f ms", what, busy,
                  nmd_stall_meter_take (meter));
  g_assert_cmpfloat (busy, <, MOST_MS);
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

static void
test_open (void)
{
  table_path = write_many ();
  screen_open (1280, 800);
  screen_pause (0.5);
  meter = nmd_stall_meter_start ("/dev/null");
  nmd_app_session_open (screen.session, table_path);
  g_assert_true (screen_wait (is_open, 120));
  assert_answers ("opening");
  g_assert_cmpuint (g_list_model_get_n_items (nmd_data_session_get_samples (screen.data)),
                    ==, n_images);
  g_assert_true (shows_counts (n_images, n_images));
}

/* A value of a facet, and all again. */
static void
test_filter (void)
{
  GtkWidget *check = NULL;

  nmd_window_show_page (screen.window, "data");
  screen_pause (0.3);
  check = screen_find (GTK_WIDGET (screen.window), GTK_TYPE_CHECK_BUTTON, NULL);
  g_assert_nonnull (check);
  nmd_stall_meter_take_busy (meter);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), TRUE);
  assert_answers ("filtering");
  g_assert_true (shows_counts (n_images / 4, n_images));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), FALSE);
  assert_answers ("all again");
  g_assert_true (shows_counts (n_images, n_images));
}

/* The one that was open has to go first. */
static void
test_again (void)
{
  nmd_app_session_open (screen.session, table_path);
  g_assert_true (screen_wait (is_open, 120));
  assert_answers ("opening again");
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
  g_test_add_func ("/many/again", test_again);
  int status = g_test_run ();
  nmd_stall_meter_stop (meter);
  screen_close ();
  g_free (table_path);
  return screen_end (status);
}
