/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks the system for free disk and memory. How much is needed is the caller's to know.
 */
#include "engine/train/nmd-room-private.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* "96 MB", "1.2 GB" */
static char *
size_text (guint64 bytes)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (number, sizeof number, bytes < 1000000000 ? "%.0f" : "%.1f",
                   (double)bytes / (bytes < 1000000000 ? 1e6 : 1e9));
  return g_strconcat (number, bytes < 1000000000 ? " MB" : " GB", NULL);
}

gboolean
nmd_room_check_disk (const char *folder, guint64 needed, GError **error)
{
  g_autofree char *place = g_canonicalize_filename (folder, NULL);
  g_autofree char *want = size_text (needed);
  g_autofree char *have = NULL;
  struct statvfs disk;
  guint64 available;

  while (!g_file_test (place, G_FILE_TEST_EXISTS) && !g_str_equal (place, "/"))
    {
      char *parent = g_path_get_dirname (place);

      g_free (place);
      place = parent;
    }
  if (statvfs (place, &disk) != 0 || disk.f_frsize == 0)
    return TRUE;
  available = (guint64)disk.f_bavail * disk.f_frsize;
  if (available >= needed)
    return TRUE;
  have = size_text (available);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
               _ ("Not enough room on the disk of %s: %s needed, %s free"), folder, want,
               have);
  return FALSE;
}

/* MemAvailable of /proc/meminfo in bytes; the largest number where there is none. */
static guint64
read_available (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/meminfo", &text, NULL, NULL)) /* not this system's */
    return G_MAXUINT64;
  line = g_strstr_len (text, -1, "MemAvailable:");
  return line != NULL ? 1024 * g_ascii_strtoull (line + 13, NULL, 10) : G_MAXUINT64;
}

/* What the process may still map: the limit on its address space less what it has. */
static guint64
read_allowed (void)
{
  g_autofree char *text = NULL;
  struct rlimit limit;
  guint64 used;

  if (getrlimit (RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY
      || !g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    return G_MAXUINT64;
  used = g_ascii_strtoull (text, NULL, 10) * (guint64)sysconf (_SC_PAGESIZE);
  return limit.rlim_cur > used ? limit.rlim_cur - used : 0;
}

gboolean
nmd_room_check_memory (guint64 needed, GError **error)
{
  const guint64 available = MIN (read_available (), read_allowed ());
  g_autofree char *want = NULL;
  g_autofree char *have = NULL;

  if (available >= needed)
    {
      g_autofree char *probe = needed <= G_MAXSIZE ? g_try_malloc ((gsize)needed) : NULL;

      if (probe != NULL || needed == 0)
        return TRUE;
    }
  want = size_text (needed);
  have = size_text (available);
  if (available < needed)
    g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY,
                 _ ("Not enough memory: %s needed, %s free"), want, have);
  else
    g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY,
                 _ ("Not enough memory: %s needed, the system refuses them"), want);
  return FALSE;
}
