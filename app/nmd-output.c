/* SPDX-License-Identifier: Apache-2.0
 *
 * What commands print: numbers, foreign text made safe, one JSON object, progress, and
 * whether all of it could be written.
 */
#include "app/nmd-output.h"

#include "app/nmd-command.h"
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-text.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static gboolean wants_json;
static gboolean progress_open;

gboolean *
nmd_command_json_switch (void)
{
  return &wants_json;
}

gboolean
nmd_command_wants_json (void)
{
  return wants_json;
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
  nmd_command_say ("%s: Could not write to standard output: %s", g_get_prgname (),
                   g_strerror (code));
  return NMD_EXIT_FAILED;
}

void
nmd_command_print_json (JsonNode *node)
{
  g_autofree char *text = nmd_json_to_text (node);
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  fputs (valid, stdout);
  json_node_unref (node);
}

const char *
nmd_command_shown (const char *text)
{
  static char *buffers[16];
  static int next;
  int i = next++ % (int)G_N_ELEMENTS (buffers);

  g_free (buffers[i]);
  buffers[i] = nmd_text_display (text);
  return buffers[i];
}

void
nmd_command_print_lines (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    printf ("%s%s", nmd_command_shown (*line), line[1] != NULL ? "\n" : "");
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
    fputs ("\r\033[K", stderr);
  fprintf (stderr, "%3.0f %% %s%s", 100 * CLAMP (fraction, 0, 1),
           nmd_command_shown (text), terminal ? "" : "\n");
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
  fprintf (stderr, "%s\n", nmd_command_shown (text));
}

void
nmd_command_warn (const char *text, gboolean whole)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL && (whole || line == lines); line++)
    {
      /* The colon announced the names. */
      if (!whole && g_str_has_suffix (*line, ":"))
        (*line)[strlen (*line) - 1] = '\0';
      nmd_command_say ("%s%s", line == lines ? "Warning: " : "", *line);
    }
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
