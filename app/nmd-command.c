/* SPDX-License-Identifier: Apache-2.0
 *
 * Option parsing, output and signals for all commands of `nmd`. What a command does is in
 * the files nmd-*-commands.c.
 */
#include "app/nmd-command.h"

#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-error.h"
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-number.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *current_command = "";
static gboolean wants_json;
static gboolean progress_open;

static const NmdCommand *
find_command (const char *name)
{
  for (const NmdCommand *command = nmd_commands; command->name != NULL; command++)
    if (strcmp (command->name, name) == 0)
      return command;
  return NULL;
}

gboolean
nmd_command_parse (const char *name,
                   const GOptionEntry *entries,
                   int *argc,
                   char ***argv,
                   int min,
                   int max,
                   int *status)
{
  gboolean wants_help = FALSE;
  const GOptionEntry common[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, &wants_help, "Show this help", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &wants_json,
      "Print one JSON object on standard output", NULL },
    { NULL },
  };
  const NmdCommand *command = find_command (name);
  g_autoptr (GOptionContext) context = g_option_context_new (command->arguments);
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_strdup_printf ("nmd %s", name);
  int left;

  current_command = name;
  g_set_prgname (program);
  g_option_context_set_summary (context, command->summary);
  if (command->more != NULL)
    g_option_context_set_description (context, command->more);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_main_entries (context, common, NULL);
  /* GOption's own --help ends the program and cannot say that printing failed */
  g_option_context_set_help_enabled (context, FALSE);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      *status = nmd_command_usage ("%s", error->message);
      return FALSE;
    }
  if (wants_help)
    {
      g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);

      fputs (help, stdout);
      *status = NMD_EXIT_DONE;
      return FALSE;
    }
  left = *argc - 1;
  if (left > 0 && strcmp ((*argv)[1], "--") == 0)
    {
      (*argv)++;
      (*argc)--;
      left--;
    }
  if (left < min)
    *status
        = nmd_command_usage ("Something is missing: nmd %s %s", name, command->arguments);
  else if (max >= 0 && left > max)
    *status = nmd_command_usage ("“%s” is one argument too many", (*argv)[max + 1]);
  else
    return TRUE;
  return FALSE;
}

gboolean
nmd_command_wants_json (void)
{
  return wants_json;
}

int
nmd_command_usage (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  nmd_command_progress_done ();
  fprintf (stderr, "nmd %s: %s. Try “nmd %s --help”.\n", current_command, text,
           current_command);
  return NMD_EXIT_USAGE;
}

int
nmd_command_fail (const GError *error)
{
  const char *hint = "";

  nmd_command_progress_done ();
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      fprintf (stderr, "nmd %s: Stopped\n", current_command);
      return NMD_EXIT_STOPPED;
    }
  if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_UNPACK))
    hint = "; agree with --unpack";
  else if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_POSITIVE))
    hint = " with --positive WORD";
  else if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_COLUMNS))
    hint = "; name it with --image-column, --subject-column, --label-column or "
           "--mask-column";
  fprintf (stderr, "nmd %s: %s%s\n", current_command, error->message, hint);
  return NMD_EXIT_FAILED;
}

void
nmd_command_guard_descriptors (void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl (fd, F_GETFD) < 0 && errno == EBADF)
      {
        /* The lowest free number is @fd. The wrong direction keeps reads and writes
         * failing as on a closed descriptor; lost messages are no error. */
        int flags = fd == STDOUT_FILENO ? O_RDONLY : O_WRONLY;

        if (open ("/dev/null", flags) < 0)
          return;
      }
}

int
nmd_command_finish (int status)
{
  int code = 0;

  errno = 0;
  if (fflush (stdout) != 0 || ferror (stdout))
    code = errno != 0 ? errno : EIO;
  if (code == 0 || status != NMD_EXIT_DONE)
    return status;
  nmd_command_progress_done ();
  fprintf (stderr, "nmd%s%s: Could not write to standard output: %s\n",
           current_command[0] != '\0' ? " " : "", current_command, g_strerror (code));
  return NMD_EXIT_FAILED;
}

gboolean
nmd_command_check_compute (
    char **device, const char *numerics, int threads, const char *weights, int *status)
{
  g_autoptr (GError) error = NULL;
  char *chosen;

  if (threads < 0 || threads > 1024)
    *status = nmd_command_usage ("--threads must be 0 to 1024, not %d", threads);
  else if (weights != NULL && strcmp (weights, "average") != 0
           && strcmp (weights, "best") != 0)
    *status = nmd_command_usage ("--weights is average or best, not “%s”", weights);
  else if ((chosen = nmd_device_choose (*device, numerics, &error)) == NULL)
    *status = nmd_command_usage ("%s", error->message);
  else
    {
      g_free (*device);
      *device = chosen;
      return TRUE;
    }
  return FALSE;
}

void
nmd_command_print_json (JsonNode *node)
{
  g_autofree char *text = nmd_json_to_text (node);

  fputs (text, stdout);
  json_node_unref (node);
}

static GCancellable *stop;

GCancellable *
nmd_command_get_cancellable (void)
{
  if (stop == NULL)
    stop = g_cancellable_new ();
  return stop;
}

static void *
wait_for_signals (void *data)
{
  sigset_t *set = data;
  int number = 0;

  for (int seen = 0; sigwait (set, &number) == 0; seen++)
    {
      if (seen > 0)
        _exit (NMD_EXIT_STOPPED);
      g_cancellable_cancel (stop);
    }
  return NULL;
}

void
nmd_command_catch_signals (void)
{
  static sigset_t set;
  pthread_t thread;

  nmd_command_get_cancellable ();
  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  pthread_sigmask (SIG_BLOCK, &set, NULL); /* inherited by every later thread */
  if (pthread_create (&thread, NULL, wait_for_signals, &set) == 0)
    pthread_detach (thread);
}

void
nmd_command_progress (double fraction, const char *format, ...)
{
  static gint64 last;
  gint64 now = g_get_monotonic_time ();
  gboolean terminal = isatty (STDERR_FILENO);
  g_autofree char *text = NULL;
  va_list args;

  if (now - last < (terminal ? 100000 : 5 * G_USEC_PER_SEC))
    return;
  last = now;
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (terminal)
    fprintf (stderr, "\r\033[K%3.0f %% %s", 100 * CLAMP (fraction, 0, 1), text);
  else
    fprintf (stderr, "%3.0f %% %s\n", 100 * CLAMP (fraction, 0, 1), text);
  fflush (stderr);
  progress_open = terminal;
}

void
nmd_command_progress_done (void)
{
  if (progress_open)
    fputs ("\r\033[K", stderr);
  progress_open = FALSE;
}

void
nmd_command_say (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  nmd_command_progress_done ();
  fprintf (stderr, "%s\n", text);
}

gboolean
nmd_command_parse_box (const char *text, NmdBox *box, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  gint64 values[4];

  if (g_strv_length (parts) != 4)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "A region is x0,y0,x1,y1 in pixels, not “%s”", text);
      return FALSE;
    }
  for (int i = 0; i < 4; i++)
    {
      if (!nmd_number_parse_int (parts[i], &values[i], error))
        return FALSE;
      values[i] = CLAMP (values[i], G_MININT32, G_MAXINT32);
    }
  *box = (NmdBox){ (int)values[0], (int)values[1], (int)values[2], (int)values[3] };
  return TRUE;
}

gboolean
nmd_command_load_outline (const char *mask_path,
                          const char *roi,
                          const NmdImage *image,
                          NmdImage **mask,
                          GError **error)
{
  NmdBox box = { 0 };

  *mask = NULL;
  if (mask_path != NULL)
    {
      g_autofree char *name = g_path_get_basename (mask_path);

      *mask = nmd_mask_load (mask_path, error);
      if (*mask == NULL)
        return FALSE;
      if (nmd_mask_check_size (*mask, name, image, error))
        return TRUE;
      g_clear_pointer (mask, nmd_image_unref);
      return FALSE;
    }
  if (roi == NULL)
    return TRUE;
  if (!nmd_command_parse_box (roi, &box, error))
    return FALSE;
  if (box.x0 < 0 || box.y0 < 0 || box.x1 > image->width || box.y1 > image->height
      || box.x0 >= box.x1 || box.y0 >= box.y1)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
                   "The region %s does not lie within the image of %d × %d pixels", roi,
                   image->width, image->height);
      return FALSE;
    }
  *mask = nmd_mask_new_box (image->width, image->height, &box);
  return TRUE;
}

const char *
nmd_command_number (double value, int decimals)
{
  static char buffers[16][G_ASCII_DTOSTR_BUF_SIZE];
  static int next;
  char format[8];
  char *buffer = buffers[next++ % 16];

  if (isnan (value))
    return "–";
  g_snprintf (format, sizeof format, "%%.%df", decimals);
  return g_ascii_formatd (buffer, G_ASCII_DTOSTR_BUF_SIZE, format, value);
}

const char *
nmd_command_roi_source (NmdRoiSource source)
{
  switch (source)
    {
    case NMD_ROI_MASK:
      return "mask";
    case NMD_ROI_DRAWN:
      return "drawn";
    case NMD_ROI_FRAME:
      break;
    }
  return "frame";
}
