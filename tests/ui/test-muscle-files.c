/* SPDX-License-Identifier: Apache-2.0
 *
 * Muscle scans of several machines, dropped on the window without data set and model, outlined with every tool by
 * real events of the pointer, their masks saved and opened again, their echo intensity beside an independent sum over
 * the files. The scans lie in ../shared/data/muscle; without them the test is skipped.
 */
#include "tests/ui/pointer.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <math.h>
#include <string.h>

static char *folder; /* of the scans */
static GPtrArray *files;

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
list_files (void)
{
  g_autoptr (GDir) dir = NULL;
  const char *name = NULL;

  folder = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "..", "..", "shared", "data",
                             "muscle", NULL);
  files = g_ptr_array_new_with_free_func (g_free);
  dir = g_dir_open (folder, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".png") && !g_str_has_suffix (name, "_mask.png"))
      g_ptr_array_add (files, g_strdup (name));
  g_ptr_array_sort (files, by_name);
}

/* As a file manager drops it. */
static void
drop (const char *path)
{
  g_autoptr (GListModel) controllers
      = gtk_widget_observe_controllers (GTK_WIDGET (screen.window));
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GSList list = { file, NULL };
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean taken = FALSE;

  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_set_boxed (&value, &list);
  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !taken; i++)
    {
      g_autoptr (GObject) one = g_list_model_get_item (controllers, i);
      if (GTK_IS_DROP_TARGET (one))
        g_signal_emit_by_name (one, "drop", &value, 10.0, 10.0, &taken);
    }
  g_assert_true (taken);
}

/* Mean and SD of grey under the mask, from the files, by gdk-pixbuf and the published weights. */
static void
measure (const char *image_path, const char *mask_path, double *mean, double *sd)
{
  g_autoptr (GdkPixbuf) image = gdk_pixbuf_new_from_file (image_path, NULL),
                        mask = gdk_pixbuf_new_from_file (mask_path, NULL);
  int width = gdk_pixbuf_get_width (image), height = gdk_pixbuf_get_height (image);
  int step = gdk_pixbuf_get_n_channels (image), stride = gdk_pixbuf_get_rowstride (image);
  int mask_step = gdk_pixbuf_get_n_channels (mask),
      mask_stride = gdk_pixbuf_get_rowstride (mask);
  double n = 0, sum = 0, squares = 0;

  g_assert_cmpint (gdk_pixbuf_get_width (mask), ==, width);
  g_assert_cmpint (gdk_pixbuf_get_height (mask), ==, height);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        const guint8 *p = gdk_pixbuf_read_pixels (image) + y * stride + x * step;
        const guint8 *m = gdk_pixbuf_read_pixels (mask) + y * mask_stride + x * mask_step;
        g_assert_true (m[0] == 0 || m[0] == 255);
        if (m[0] == 0)
          continue;
        double grey = (19595 * p[0] + 38470 * p[1] + 7471 * p[2] + 32768) >> 16;
        n++;
        sum += grey;
        squares += grey * grey;
      }
  *mean = sum / n;
  *sd = sqrt (squares / n - *mean * *mean);
}

static gboolean
has_message (void)
{
  return screen.last_message != NULL;
}

static void
check_tool (const char *path, NmdTool tool)
{
  g_autofree char *mask_path = g_build_filename (screen.folder, "mask.png", NULL);
  NmdScan *scan = NULL;
  double mean = 0, sd = 0;

  nmd_scan_session_set_mask (screen.scan, NULL);
  screen_pause (0.1);
  scan = nmd_scan_session_get_scan (screen.scan);
  int width = scan->image->width, height = scan->image->height;
  pointer_draw (tool, width / 2.0, height / 2.0, MIN (width, height) / 4.0, 24, 5);
  scan = nmd_scan_session_get_scan (screen.scan);
  g_assert_nonnull (scan->mask);
  gint64 n = scan->echo.n;
  double ours = scan->echo.mean, our_sd = scan->echo.sd;
  g_assert_cmpint (n, >, 200);

  g_clear_pointer (&screen.last_message, g_free);
  nmd_scan_session_save_mask (screen.scan, mask_path);
  g_assert_true (screen_wait (has_message, 20));
  measure (path, mask_path, &mean, &sd);
  g_test_message ("%s, %s: %.4f ± %.4f of %" G_GINT64_FORMAT " pixels", screen_wanted,
                  nmd_tool_get_info (tool)->title, ours, our_sd, n);
  g_assert_cmpfloat_with_epsilon (ours, mean, 1e-9);
  g_assert_cmpfloat_with_epsilon (our_sd, sd, 1e-6);

  /* Opened again it is the same outline. */
  nmd_scan_session_set_mask (screen.scan, NULL);
  nmd_scan_session_open_image (screen.scan, path, mask_path);
  g_assert_true (screen_wait (screen_has_mask, 20));
  scan = nmd_scan_session_get_scan (screen.scan);
  g_assert_cmpint (scan->echo.n, ==, n);
  g_assert_cmpfloat (scan->echo.mean, ==, ours);
}

static void
test_files (void)
{
  static const NmdTool tools[] = { NMD_TOOL_TRACE,    NMD_TOOL_POLYGON, NMD_TOOL_BRUSH,
                                   NMD_TOOL_LIVEWIRE, NMD_TOOL_ELLIPSE, NMD_TOOL_BOX };
  gboolean all = g_getenv ("NMD_TEST_ALL") != NULL;

  if (files->len == 0 || !pointer_init ())
    {
      g_test_skip ("the scans or xdotool are not here");
      return;
    }
  screen_open (1200, 900);
  for (guint i = 0; i < files->len; i++)
    {
      screen_wanted = g_ptr_array_index (files, i);
      g_autofree char *path = g_build_filename (folder, screen_wanted, NULL);
      drop (path);
      g_assert_true (screen_wait (screen_has_wanted, 30));
      screen_pause (0.4);
      g_assert_null (nmd_runs_session_get_model (screen.runs));
      g_assert_true (screen_shows (GTK_WIDGET (screen.window), "No score: there is no"));
      /* Each file with two tools, each tool with several files; NMD_TEST_ALL takes every pair. */
      for (guint k = 0; k < G_N_ELEMENTS (tools); k++)
        if (all || k == i % 6 || k == (i + 3) % 6)
          check_tool (path, tools[k]);
    }
  nmd_window_close_at_once (screen.window);
  screen_close ();
}

int
main (int argc, char **argv)
{
  int status = 0;

  if (!screen_init (&argc, &argv))
    return 0;
  list_files ();
  g_test_add_func ("/muscle-files/tools", test_files);
  status = screen_end (g_test_run ());
  g_ptr_array_unref (files);
  g_free (folder);
  return status;
}
