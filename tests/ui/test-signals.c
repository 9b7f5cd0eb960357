/* SPDX-License-Identifier: Apache-2.0
 *
 * The window's program ends within seconds of a signal, whatever it was opened on.
 */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/stat.h>

#ifdef __SANITIZE_ADDRESS__
#define SLOWNESS 6
#else
#define SLOWNESS 1
#endif
/* From start to signal: the window is there and the import under way. */
#define START_SECONDS (2.5 * SLOWNESS)
/* The program allows its jobs 4 seconds. */
#define END_SECONDS (5 * SLOWNESS)

static char *folder;

static void
on_ended (GObject *process, GAsyncResult *result, gpointer ended)
{
  g_subprocess_wait_finish (G_SUBPROCESS (process), result, NULL);
  *(gboolean *)ended = TRUE;
}

static void
turn (double seconds, const gboolean *ended)
{
  gint64 end = g_get_monotonic_time () + (gint64)(seconds * G_USEC_PER_SEC);

  while (!*ended && g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (5000);
}

/* Opens @path in the window and ends it. Returns: after how many seconds it was gone. */
static double
open_and_end (const char *path)
{
  g_autofree char *program
      = g_build_filename (g_getenv ("NMD_BUILDDIR"), "app", "nmd-assist", NULL);
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GError) error = NULL;
  gboolean ended = FALSE;

  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", folder, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "G_DEBUG");
  /* A start of its own, also where the program is open on this desktop. */
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
  g_autoptr (GSubprocess) process
      = g_subprocess_launcher_spawn (launcher, &error, program, path, NULL);
  g_assert_no_error (error);
  g_subprocess_wait_async (process, NULL, on_ended, &ended);
  turn (START_SECONDS, &ended);
  g_assert_false (ended);
  gint64 start = g_get_monotonic_time ();
  g_subprocess_send_signal (process, SIGTERM);
  turn (4 * END_SECONDS, &ended);
  double seconds = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  if (!ended)
    {
      g_subprocess_force_exit (process);
      turn (END_SECONDS, &ended);
    }
  /* By its own way out, not by the signal. */
  g_assert_true (g_subprocess_get_if_exited (process));
  return seconds;
}

static void
test_pipe (void)
{
  g_autofree char *path = g_build_filename (folder, "pipe.csv", NULL);

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  g_assert_cmpfloat (open_and_end (path), <, END_SECONDS);
  g_remove (path);
}

static void
test_words (void)
{
  g_autofree char *path = g_build_filename (folder, "words.csv", NULL);
  g_autoptr (GError) error = NULL;
  GString *table = g_string_new ("image,subject,label\n");

  for (guint i = 0; i < 100000; i++)
    g_string_append_printf (table, "%u.png,%u,word%u\n", i, i, i);
  g_assert_true (g_file_set_contents (path, table->str, -1, &error));
  g_string_free (table, TRUE);
  g_assert_cmpfloat (open_and_end (path), <, END_SECONDS);
  g_remove (path);
}

/* What the program left of its own: runs and data. */
static void
clean_up (void)
{
  g_autofree char *own = g_build_filename (folder, "nmd-assist", NULL);
  g_autofree char *runs = g_build_filename (own, "runs", NULL);

  g_rmdir (runs);
  g_rmdir (own);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  if (g_getenv ("DISPLAY") == NULL && g_getenv ("WAYLAND_DISPLAY") == NULL)
    {
      g_print ("1..0 # SKIP there is no display\n");
      return 0;
    }
  folder = g_dir_make_tmp ("nmd-signals-XXXXXX", NULL);
  g_test_add_func ("/signals/pipe", test_pipe);
  g_test_add_func ("/signals/words", test_words);
  int status = g_test_run ();
  clean_up ();
  return status;
}
