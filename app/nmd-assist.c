/* SPDX-License-Identifier: Apache-2.0
 *
 * The window's program: command line, application actions, and where its files lie.
 */
#include "config.h"

#include "app/nmd-openmp-wait.h"
#include "ui/window/nmd-accels.h"
#include "ui/window/nmd-stall-meter.h"
#include "ui/window/nmd-window.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define APP_ID "org.nmdassist.NmdAssist"

typedef struct
{
  NmdAppSession *session;
  gboolean demo;
  gboolean quick_look;
  char *page;
  char **paths;
} Assist;

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GList *windows = gtk_application_get_windows (data);

  if (windows != NULL)
    gtk_window_close (windows->data);
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *parent = gtk_application_get_active_window (data);

  adw_show_about_window (
      parent, "application-name", _ ("NMD Assist"), "application-icon", APP_ID, "version",
      NMD_VERSION, "license-type", GTK_LICENSE_APACHE_2_0, "developer-name",
      _ ("The NMD Assist authors"), "comments",
      _ ("Classifies muscle ultrasound as healthy or pathological with networks that you "
         "train "
         "yourself, and shows where they looked. After Xie and Zhang, “NMD-AssistNet”, "
         "Frontiers in "
         "Neurology 2025, doi 10.3389/fneur.2025.1640428.\n\nFor research and teaching; "
         "not a "
         "medical device. It runs offline and contains no network code."),
      NULL);
}

/* Seconds that a job has to look at its cancellable after a signal. */
#define GRACE_SECONDS 4

static void
end_at_once (int number)
{
  _exit (128 + SIGINT);
}

/* Ctrl-C and the desktop's end of session: the window is closed without a question. A second
 * signal, or a job that goes on for seconds, ends the program at once: files are written whole
 * or not at all, and a training can be resumed. */
static gboolean
on_signal (gpointer data)
{
  GList *windows = gtk_application_get_windows (data);

  signal (SIGALRM, end_at_once);
  signal (SIGINT, end_at_once);
  signal (SIGTERM, end_at_once);
  alarm (GRACE_SECONDS);

  for (GList *l = windows; l != NULL; l = l->next)
    if (NMD_IS_WINDOW (l->data))
      {
        nmd_window_close_at_once (NMD_WINDOW (l->data));
        return G_SOURCE_CONTINUE;
      }
  g_application_quit (data);
  return G_SOURCE_CONTINUE;
}

static void
add_actions (GtkApplication *application)
{
  const GActionEntry entries[] = { { "quit", on_quit }, { "about", on_about } };

  g_action_map_add_action_entries (G_ACTION_MAP (application), entries,
                                   G_N_ELEMENTS (entries), application);
  nmd_accels_set (application);
}

static void
on_activate (GtkApplication *application, Assist *assist)
{
  GtkWindow *window = gtk_application_get_active_window (application);
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "nmd-assist", NULL);

  if (window == NULL)
    {
      assist->session = nmd_app_session_new (folder);
      window = GTK_WINDOW (nmd_window_new (application, assist->session));
      nmd_runs_session_list (nmd_app_session_get_runs (assist->session));
    }
  gtk_window_present (window);
  if (assist->demo)
    nmd_data_session_open_demo (nmd_app_session_get_data (assist->session));
  if (assist->paths != NULL)
    nmd_app_session_open_all (assist->session, (const char *const *)assist->paths);
  if (assist->page != NULL)
    gtk_widget_activate_action (GTK_WIDGET (window), "win.page", "s", assist->page);
}

/* An uninstalled program finds its schema beside itself: build/app/nmd-assist,
 * build/resources. */
static void
find_schema (const char *program)
{
  g_autofree char *exe = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *app = g_path_get_dirname (exe != NULL ? exe : program);
  g_autofree char *build = g_path_get_dirname (app);
  g_autofree char *folder = g_build_filename (build, "resources", NULL);
  g_autofree char *compiled = g_build_filename (folder, "gschemas.compiled", NULL);

  if (g_file_test (compiled, G_FILE_TEST_EXISTS))
    g_setenv ("GSETTINGS_SCHEMA_DIR", folder, FALSE);
}

static int
run (Assist *assist, int argc, char **argv)
{
  g_autoptr (AdwApplication) application
      = adw_application_new (APP_ID, G_APPLICATION_NON_UNIQUE);
  char *rest[] = { argv[0], NULL };
  NmdStallMeter *meter = nmd_stall_meter_start (g_getenv ("NMD_STALL_LOG"));
  int status = 0;

  g_unix_signal_add (SIGINT, on_signal, application);
  g_unix_signal_add (SIGTERM, on_signal, application);
  g_application_set_resource_base_path (G_APPLICATION (application),
                                        "/org/nmdassist/NmdAssist");
  g_signal_connect (application, "startup", G_CALLBACK (add_actions), NULL);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), assist);
  status = g_application_run (G_APPLICATION (application), 1, rest);
  if (assist->session != NULL)
    nmd_app_session_shutdown (assist->session);
  nmd_stall_meter_stop (meter);
  g_clear_object (&assist->session);
  return status;
}

int
main (int argc, char **argv)
{
  Assist assist = { 0 };
  gboolean version = FALSE;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "demo", 0, 0, G_OPTION_ARG_NONE, &assist.demo, N_ ("Open the demo cohort"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, N_ ("Print the version"), NULL },
    { "page", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &assist.page, "", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &assist.paths, NULL,
      N_ ("[DATASET|RUN|IMAGE]") },
    { NULL },
  };

  nmd_openmp_wait_passively (argv);
  setlocale (LC_ALL, "");
  bindtextdomain ("nmd-assist", NMD_LOCALEDIR);
  bind_textdomain_codeset ("nmd-assist", "UTF-8");
  textdomain ("nmd-assist");
  find_schema (argv[0]);

  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_option_context_add_main_entries (context, entries, "nmd-assist");
  g_option_context_set_summary (context,
                                _ ("Muscle ultrasound: train networks, measure them, see "
                                   "where they looked"));
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  if (version)
    {
      g_print ("nmd-assist %s\n", NMD_VERSION);
      return 0;
    }
  if (!gtk_init_check ())
    {
      g_printerr (_ ("There is no display to open a window on; `nmd` does the same work "
                     "without.\n"));
      return 1;
    }
  int status = run (&assist, argc, argv);
  g_free (assist.page);
  g_strfreev (assist.paths);
  return status;
}
