/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that a cache keeps: listed, added up and removed, the least lately used first.
 */
#include "engine/data/nmd-kept-files-private.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static void
kept_clear (gpointer data)
{
  g_free (((NmdKeptFile *)data)->path);
}

static int
compare_age (gconstpointer a, gconstpointer b)
{
  const NmdKeptFile *x = a, *y = b;

  if (x->modified != y->modified)
    return x->modified < y->modified ? -1 : 1;
  return strcmp (x->path, y->path);
}

static gboolean
is_ours (const char *name, const char *suffix)
{
  return strspn (name, "0123456789abcdef") == 64 && g_str_has_prefix (name + 64, suffix);
}

GArray *
nmd_kept_files_new (void)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (NmdKeptFile));

  g_array_set_clear_func (list, kept_clear);
  return list;
}

void
nmd_kept_files_list (GArray *list, const char *folder, const char *suffix)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      NmdKeptFile kept = { g_build_filename (folder, name, NULL), 0, 0 };
      GStatBuf info;

      if (is_ours (name, suffix) && g_lstat (kept.path, &info) == 0
          && S_ISREG (info.st_mode))
        {
          kept.modified = info.st_mtime;
          kept.size = (guint64)info.st_size;
          g_array_append_val (list, kept);
        }
      else
        g_free (kept.path);
    }
}

guint64
nmd_kept_files_add_up (const GArray *list)
{
  guint64 size = 0;

  for (guint i = 0; i < list->len; i++)
    size += g_array_index (list, NmdKeptFile, i).size;
  return size;
}

guint64
nmd_kept_files_trim (GArray *list, guint64 used, guint64 bound)
{
  g_array_sort (list, compare_age);
  for (guint i = 0; i < list->len && used > bound; i++)
    {
      const NmdKeptFile *kept = &g_array_index (list, NmdKeptFile, i);

      if (g_unlink (kept->path) == 0)
        used -= kept->size;
    }
  return used;
}
