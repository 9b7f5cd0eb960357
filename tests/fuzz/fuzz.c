/* SPDX-License-Identifier: Apache-2.0
 *
 * Files in memory and checks of fuzz.h.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEPARATOR "\n8<\n"
#define LONGEST_ERROR 4096

/* g_error() and fatal warnings end in a breakpoint, which libFuzzer takes for no crash: it would keep no
 * input. */
static void
on_trap (int number)
{
  abort ();
}

__attribute__ ((constructor)) static void
catch_trap (void)
{
  signal (SIGTRAP, on_trap);
}

/* One input must not wait for threads: once files are asked for, what starts one reads on its own. The
 * fuzzer's own thread was started before. */
static gboolean no_threads;

int __real_pthread_create (pthread_t *thread,
                           const pthread_attr_t *attributes,
                           void *(*function) (void *),
                           void *data);
int __wrap_pthread_create (pthread_t *thread,
                           const pthread_attr_t *attributes,
                           void *(*function) (void *),
                           void *data);

int
__wrap_pthread_create (pthread_t *thread,
                       const pthread_attr_t *attributes,
                       void *(*function) (void *),
                       void *data)
{
  return no_threads ? EAGAIN : __real_pthread_create (thread, attributes, function, data);
}

const char *
fuzz_file (const guint8 *data, gsize length)
{
  static int fd = -1;
  static char path[40];

  if (fd < 0)
    {
      fd = memfd_create ("fuzz", MFD_CLOEXEC);
      g_snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
    }
  if (fd < 0 || ftruncate (fd, 0) != 0 || pwrite (fd, data, length, 0) != (gssize)length)
    g_error ("No file in memory");
  return path;
}

static char *folder;

static void
remove_folder (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

const char *
fuzz_folder (void)
{
  if (folder == NULL)
    {
      const char *parent
          = g_access ("/dev/shm", W_OK) == 0 ? "/dev/shm" : g_get_tmp_dir ();

      folder = g_build_filename (parent, "nmd-fuzz-XXXXXX", NULL);
      if (g_mkdtemp (folder) == NULL)
        g_error ("No folder %s", folder);
      atexit (remove_folder);
    }
  return folder;
}

const char *
fuzz_file_named (const char *name, const guint8 *data, gsize length)
{
  static char *path;
  FILE *file;

  no_threads = TRUE;
  g_free (path);
  path = g_build_filename (fuzz_folder (), name, NULL);
  file = g_fopen (path, "wbe");
  if (file == NULL || fwrite (data, 1, length, file) != length || fclose (file) != 0)
    g_error ("No file %s", path);
  return path;
}

GBytes *
fuzz_part (const guint8 **data, gsize *length)
{
  const guint8 *start = *data;
  const guint8 *end
      = *length > 0 ? memmem (start, *length, SEPARATOR, strlen (SEPARATOR)) : NULL;
  const gsize n = end != NULL ? (gsize)(end - start) : *length;
  const gsize passed = end != NULL ? n + strlen (SEPARATOR) : n;

  *data += passed;
  *length -= passed;
  return g_bytes_new (start, n);
}

void
fuzz_check (gboolean done, const GError *error)
{
  if ((done != FALSE) == (error != NULL))
    g_error ("A result and an error, or neither");
  if (error == NULL)
    return;
  if (!g_utf8_validate (error->message, -1, NULL)
      || strlen (error->message) > LONGEST_ERROR || error->message[0] == '\0')
    g_error ("An error is no text");
  for (const char *p = error->message; *p != '\0'; p++)
    if ((guchar)*p < 0x20 || *p == 0x7f)
      g_error ("An error has control characters: %s", error->message);
}

void
fuzz_use (gconstpointer data, gsize length)
{
  static volatile guint total __attribute__ ((unused)); /* only written */
  const guint8 *bytes = data;

  for (gsize i = 0; i < length; i++)
    total += bytes[i];
}
