/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts of the window's program: a second one hands its files to the one that runs, and without a session bus
 * each runs by itself.
 */
#include "engine/data/demo/nmd-demo.h"
#include "engine/image/nmd-dicom.h"

#include <gio/gio.h>
#include <signal.h>
#include <string.h>

#define SECONDS 60

static char *folder;

static GSubprocess *
start (const char *bus, const char *const *paths)
{
  g_autofree char *program
      = g_build_filename (g_getenv ("NMD_BUILDDIR"), "app", "nmd-assist", NULL);
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GError) error = NULL;

  g_strv_builder_add (builder, program);
  g_strv_builder_addv (builder, (const char **)paths);
  arguments = g_strv_builder_end (builder);
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", bus, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "G_DEBUG");
  GSubprocess *process
      = g_subprocess_launcher_spawnv (launcher, (const char *const *)arguments, &error);
  g_assert_no_error (error);
  return process;
}

/* Whether a window has that title, or (NULL) whether xdotool is there. */
static gboolean
has_window (const char *title)
{
  g_autofree char *command = title != NULL
                                 ? g_strdup_printf ("xdotool search --name '^%s'", title)
                                 : g_strdup ("xdotool mousemove 5 5");
  g_autofree char *out = NULL, *err = NULL;
  int status = -1;

  return g_spawn_command_line_sync (command, &out, &err, &status, NULL) && status == 0;
}

static gboolean
wait_for_window (const char *title)
{
  const gint64 end = g_get_monotonic_time () + SECONDS * G_USEC_PER_SEC;

  while (!has_window (title))
    {
      if (g_get_monotonic_time () > end)
        return FALSE;
      g_usleep (50000);
    }
  return TRUE;
}

static void
end (GSubprocess *process)
{
  g_subprocess_send_signal (process, SIGTERM);
  g_assert_true (g_subprocess_wait (process, NULL, NULL));
  g_assert_true (g_subprocess_get_if_exited (process));
}

static char *
write_cohort (const char *name)
{
  const NmdDemoSettings settings = { 3, 1, 'A', 1 };
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  nmd_demo_write (path, &settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return path;
}

/* The later start ends at once, and its data set is in the window of the first. */
static void
test_hands_over (void)
{
  g_autoptr (GTestDBus) bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_autofree char *first = write_cohort ("first"), *second = write_cohort ("second");
  const char *const one[] = { first, NULL }, *const other[] = { second, NULL };

  g_autofree char *display = g_strdup (g_getenv ("DISPLAY"));
  g_test_dbus_up (bus);
  g_setenv ("DISPLAY", display, TRUE); /* it was taken away with the user's bus */
  g_autoptr (GSubprocess) running = start (g_test_dbus_get_bus_address (bus), one);
  g_assert_true (wait_for_window ("first "));
  g_autoptr (GSubprocess) later = start (g_test_dbus_get_bus_address (bus), other);
  g_assert_true (g_subprocess_wait (later, NULL, NULL));
  g_assert_true (g_subprocess_get_if_exited (later));
  g_assert_cmpint (g_subprocess_get_exit_status (later), ==, 0);
  g_assert_true (wait_for_window ("second "));
  g_assert_false (has_window ("first "));
  end (running);
  g_test_dbus_down (bus);
  g_setenv ("DISPLAY", display, TRUE);
}

static void
test_no_bus (void)
{
  g_autofree char *first = g_build_filename (folder, "first", NULL);
  g_autofree char *second = g_build_filename (folder, "second", NULL);
  const char *const one[] = { first, NULL }, *const other[] = { second, NULL };
  g_autoptr (GSubprocess) a = start ("disabled:", one);
  g_autoptr (GSubprocess) b = start ("disabled:", other);

  g_assert_true (wait_for_window ("first "));
  g_assert_true (wait_for_window ("second "));
  end (a);
  end (b);
}

/* Gives the window whose title begins with @name the focus, which it takes once it is drawn, and presses @keys. */
static void
press_in (const char *name, const char *keys)
{
  g_autofree char *command = g_strdup_printf (
      "sh -c 'xdotool windowfocus --sync $(xdotool search --name \"^%s\" | tail -1) && "
      "xdotool key %s'",
      name, keys);
  const gint64 until = g_get_monotonic_time () + SECONDS * G_USEC_PER_SEC;
  int status = -1;

  while (g_spawn_command_line_sync (command, NULL, NULL, &status, NULL) && status != 0
         && g_get_monotonic_time () < until)
    g_usleep (200000);
  g_assert_cmpint (status, ==, 0);
}

/* Ctrl+N opens a second window; closing it leaves the first, and the last ends the program. */
static void
test_new_window (void)
{
  g_autofree char *first = g_build_filename (folder, "first", NULL);
  const char *const one[] = { first, NULL };
  g_autoptr (GSubprocess) running = start ("disabled:", one);

  g_assert_true (wait_for_window ("first "));
  g_assert_false (has_window ("NMD Assist$"));
  has_window (NULL);
  press_in ("first ", "ctrl+n");
  g_assert_true (wait_for_window ("NMD Assist$"));
  press_in ("NMD Assist$", "ctrl+w");
  const gint64 until = g_get_monotonic_time () + SECONDS * G_USEC_PER_SEC;
  while (has_window ("NMD Assist$") && g_get_monotonic_time () < until)
    g_usleep (50000);
  g_assert_false (has_window ("NMD Assist$"));
  g_assert_true (has_window ("first "));
  end (running);
}

/* A cine is opened by the program's argument. */
static void
test_dicom (void)
{
  g_autofree char *cine
      = g_test_build_filename (G_TEST_DIST, "image", "golden", "dicom", "cine.dcm", NULL);
  const char *const one[] = { cine, NULL };

  if (nmd_dicom_get_missing () != NULL)
    {
      g_test_skip (nmd_dicom_get_missing ());
      return;
    }
  g_autoptr (GSubprocess) running = start ("disabled:", one);
  g_assert_true (wait_for_window ("cine.dcm"));
  end (running);
}

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
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_file_delete (file, NULL, NULL);
}

int
main (int argc, char *argv[])
{
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");

  g_test_init (&argc, &argv, NULL);
  if (g_getenv ("DISPLAY") == NULL || !has_window (NULL))
    {
      g_print ("1..0 # SKIP there is no display, or no xdotool\n");
      return 0;
    }
  folder = g_dir_make_tmp ("nmd-start-XXXXXX", NULL);
  if (daemon != NULL)
    g_test_add_func ("/start/hands-over", test_hands_over);
  g_test_add_func ("/start/no-bus", test_no_bus);
  g_test_add_func ("/start/new-window", test_new_window);
  g_test_add_func ("/start/dicom", test_dicom);
  int status = g_test_run ();
  remove_tree (folder);
  g_free (folder);
  return status;
}
