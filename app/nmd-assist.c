/* SPDX-License-Identifier: Apache-2.0
 *
 * The window's program: command line, application actions, and where its files lie.
 */
#include "config.h"

#include "app/nmd-openmp-wait.h"
#include "ui/dialogs/nmd-about.h"
#include "ui/window/nmd-accels.h"
#include "ui/window/nmd-heap.h"
#include "ui/window/nmd-main-loop.h"
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
  GPtrArray *sessions; /* of NmdAppSession, one for each window */
  gboolean demo;       /* for the first window */
  char *page;          /* likewise */
  char **paths;
} Assist;

/* Closes all windows; those that would lose something ask. */
static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (data));

  for (GList *l = windows; l != NULL; l = l->next)
    if (NMD_IS_WINDOW (l->data))
      gtk_window_close (l->data);
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  nmd_about_present (gtk_application_get_active_window (data));
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
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (data));
  gboolean any = FALSE;

  signal (SIGALRM, end_at_once);
  signal (SIGINT, end_at_once);
  signal (SIGTERM, end_at_once);
  alarm (GRACE_SECONDS);

  for (GList *l = windows; l != NULL; l = l->next)
    if (NMD_IS_WINDOW (l->data))
      {
        nmd_window_close_at_once (NMD_WINDOW (l->data));
        any = TRUE;
      }
  if (!any)
    g_application_quit (data);
  return G_SOURCE_CONTINUE;
}

/* Windows */

typedef struct
{
  Assist *assist;
  NmdAppSession *session;
} Opened;

/* What the window worked on stops with it; the last one's ends with the program. */
static void
on_window_destroyed (GtkWidget *window, Opened *opened)
{
  guint i = 0;

  if (opened->assist->sessions->len > 1)
    {
      nmd_app_session_close (opened->session);
      if (g_ptr_array_find (opened->assist->sessions, opened->session, &i))
        g_ptr_array_remove_index (opened->assist->sessions, i);
    }
  g_free (opened);
}

static GtkWindow *
open_window (GtkApplication *application, Assist *assist)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "nmd-assist", NULL);
  NmdAppSession *session = nmd_app_session_new (folder);
  GtkWindow *window = GTK_WINDOW (nmd_window_new (application, session));
  Opened *opened = g_new (Opened, 1);

  *opened = (Opened){ assist, session };
  g_ptr_array_add (assist->sessions, session);
  g_object_set_data (G_OBJECT (window), "session", session);
  g_signal_connect (window, "destroy", G_CALLBACK (on_window_destroyed), opened);
  nmd_runs_session_list (nmd_app_session_get_runs (session));
  gtk_window_present (window);
  return window;
}

/* The window last used, or the first; what the command line says is for that. */
static GtkWindow *
need_window (GtkApplication *application, Assist *assist)
{
  GtkWindow *window = NULL;

  for (GList *l = gtk_application_get_windows (application); l != NULL && window == NULL;
       l = l->next)
    if (NMD_IS_WINDOW (l->data))
      window = l->data;
  if (window != NULL)
    {
      gtk_window_present (window);
      return window;
    }
  window = open_window (application, assist);
  if (assist->demo)
    gtk_widget_activate_action (GTK_WIDGET (window), "win.demo", NULL);
  return window;
}

/* The page is shown after what is opened, which has one of its own. */
static void
show_page (GtkWindow *window, Assist *assist)
{
  if (assist->page != NULL)
    gtk_widget_activate_action (GTK_WIDGET (window), "win.page", "s", assist->page);
  g_clear_pointer (&assist->page, g_free);
}

static void
on_new_window (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  open_window (data, g_object_get_data (data, "assist"));
}

/* From another start of the program. */
static void
on_demo (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = need_window (data, g_object_get_data (data, "assist"));

  gtk_widget_activate_action (GTK_WIDGET (window), "win.demo", NULL);
}

static void
on_activate (GtkApplication *application, Assist *assist)
{
  gboolean first = gtk_application_get_windows (application) == NULL;
  GtkWindow *window = need_window (application, assist);

  if (first && !assist->demo)
    nmd_window_open_last (NMD_WINDOW (window));
  show_page (window, assist);
}

/* Files of this start, or of a later one that handed them on. */
static void
on_open (
    GtkApplication *application, GFile **files, int n, const char *hint, Assist *assist)
{
  GtkWindow *window = need_window (application, assist);
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();

  for (int i = 0; i < n; i++)
    if (g_file_peek_path (files[i]) != NULL)
      g_ptr_array_add (paths, (char *)g_file_peek_path (files[i]));
  g_ptr_array_add (paths, NULL);
  nmd_app_session_open_all (g_object_get_data (G_OBJECT (window), "session"),
                            (const char *const *)paths->pdata);
  show_page (window, assist);
}

static void
add_actions (GtkApplication *application)
{
  const GActionEntry entries[] = { { "quit", on_quit },
                                   { "about", on_about },
                                   { "new-window", on_new_window },
                                   { "demo", on_demo } };

  g_action_map_add_action_entries (G_ACTION_MAP (application), entries,
                                   G_N_ELEMENTS (entries), application);
  nmd_accels_set (application);
}

/* An uninstalled program finds schema and translations beside itself: build/app/nmd-assist,
 * build/resources, build/po. */
static void
find_files (const char *program)
{
  g_autofree char *exe = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *app = g_path_get_dirname (exe != NULL ? exe : program);
  g_autofree char *build = g_path_get_dirname (app);
  g_autofree char *folder = g_build_filename (build, "resources", NULL);
  g_autofree char *compiled = g_build_filename (folder, "gschemas.compiled", NULL);

  g_autofree char *languages = g_build_filename (build, "po", NULL);
  gboolean installed = !g_file_test (compiled, G_FILE_TEST_EXISTS);

  if (!installed)
    g_setenv ("GSETTINGS_SCHEMA_DIR", folder, FALSE);
  bindtextdomain ("nmd-assist", installed ? NMD_LOCALEDIR : languages);
  bind_textdomain_codeset ("nmd-assist", "UTF-8");
  textdomain ("nmd-assist");
}

/* The program and the absolute paths: what GApplication opens here, or hands to the one that runs. */
static char **
arguments_new (const Assist *assist, const char *program)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_strv_builder_add (builder, program);
  for (guint i = 0; assist->paths != NULL && assist->paths[i] != NULL; i++)
    {
      g_autofree char *path = g_canonicalize_filename (assist->paths[i], NULL);
      g_strv_builder_add (builder, path);
    }
  return g_strv_builder_end (builder);
}

static int
run (Assist *assist, char **argv)
{
  g_autoptr (AdwApplication) application
      = adw_application_new (APP_ID, G_APPLICATION_HANDLES_OPEN);
  g_auto (GStrv) arguments = arguments_new (assist, argv[0]);
  g_autoptr (GError) error = NULL;
  NmdStallMeter *meter = NULL;
  int status = 0;

  g_object_set_data (G_OBJECT (application), "assist", assist);
  g_application_set_resource_base_path (G_APPLICATION (application),
                                        "/org/nmdassist/NmdAssist");
  g_signal_connect (application, "startup", G_CALLBACK (add_actions), NULL);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), assist);
  g_signal_connect (application, "open", G_CALLBACK (on_open), assist);
  /* Without a session bus this start is the only one that there is. */
  if (!g_application_register (G_APPLICATION (application), NULL, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  if (g_application_get_is_remote (G_APPLICATION (application)))
    {
      if (assist->demo)
        g_action_group_activate_action (G_ACTION_GROUP (application), "demo", NULL);
      return g_application_run (G_APPLICATION (application),
                                (int)g_strv_length (arguments), arguments);
    }
  meter = nmd_stall_meter_start (g_getenv ("NMD_STALL_LOG"));
  g_unix_signal_add (SIGINT, on_signal, application);
  g_unix_signal_add (SIGTERM, on_signal, application);
  assist->sessions = g_ptr_array_new_with_free_func (g_object_unref);
  status = g_application_run (G_APPLICATION (application), (int)g_strv_length (arguments),
                              arguments);
  for (guint i = 0; i < assist->sessions->len; i++)
    nmd_app_session_shutdown (g_ptr_array_index (assist->sessions, i));
  nmd_stall_meter_stop (meter);
  g_ptr_array_unref (assist->sessions);
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
      N_ ("[DATASET|RUN|IMAGE…]") },
    { NULL },
  };

  nmd_openmp_wait_passively (argv);
  nmd_heap_keep_freed ();
  nmd_main_loop_go_first ();
  setlocale (LC_ALL, "");
  find_files (argv[0]);

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
  int status = run (&assist, argv);
  g_free (assist.page);
  g_strfreev (assist.paths);
  return status;
}
