/* SPDX-License-Identifier: Apache-2.0
 *
 * The user's cache: its place, size, list and clearing. What fills it: nmd-archive.c,
 * nmd-pixel-cache.c and nmd-import-index.c.
 */
#include "engine/core/nmd-error.h"
#include "engine/data/import/nmd-cache-private.h"
#include "engine/data/import/nmd-import-index-private.h"
#include "engine/data/nmd-pixel-cache-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

void
nmd_cache_measure_folder (const char *folder, guint64 *n, guint64 *size)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf info;

      if (g_lstat (path, &info) != 0)
        continue;
      if (S_ISDIR (info.st_mode))
        nmd_cache_measure_folder (path, n, size);
      else
        {
          (*n)++;
          *size += (guint64)info.st_size;
        }
    }
}

gboolean
nmd_cache_remove_folder (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  int code = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf info;

      if (g_lstat (path, &info) == 0 && S_ISDIR (info.st_mode))
        {
          if (!nmd_cache_remove_folder (path, error))
            return FALSE;
        }
      else if (g_unlink (path) != 0 && errno != ENOENT)
        code = errno;
    }
  if (code == 0 && g_rmdir (folder) != 0 && errno != ENOENT)
    code = errno;
  if (code == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
               "%s cannot be removed: %s", folder, g_strerror (code));
  return FALSE;
}

static gboolean
is_ours (const char *name)
{
  return g_str_has_prefix (name, NMD_CACHE_TEMPORARY)
         || (strlen (name) == 64 && strspn (name, "0123456789abcdef") == 64);
}

char *
nmd_cache_get_folder (void)
{
  return g_build_filename (g_get_user_cache_dir (), "nmd-assist", NULL);
}

guint64
nmd_cache_get_size (const char *folder)
{
  g_autofree char *own = folder == NULL ? nmd_cache_get_folder () : g_strdup (folder);
  g_autofree char *pixels = g_build_filename (own, NMD_PIXEL_CACHE_NAME, NULL);
  g_autoptr (GDir) dir = g_dir_open (own, 0, NULL);
  guint64 n = 0, size = nmd_pixel_cache_measure (pixels, NULL);
  const char *name;

  size += nmd_import_index_measure (own, NULL);

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (own, name, NULL);

      if (is_ours (name))
        nmd_cache_measure_folder (path, &n, &size);
    }
  return size;
}

static void
cache_entry_free (gpointer data)
{
  NmdCacheEntry *self = data;

  g_free (self->name);
  g_free (self->folder);
  g_free (self);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const NmdCacheEntry *x = *(NmdCacheEntry *const *)a, *y = *(NmdCacheEntry *const *)b;
  int order = strcmp (x->name, y->name);

  return order != 0 ? order : strcmp (x->folder, y->folder);
}

static void
list_pixels (const char *cache, GPtrArray *entries)
{
  g_autofree char *folder = g_build_filename (cache, NMD_PIXEL_CACHE_NAME, NULL);
  guint n = 0;
  guint64 size = nmd_pixel_cache_measure (folder, &n);
  NmdCacheEntry *entry;

  if (n == 0)
    return;
  entry = g_new0 (NmdCacheEntry, 1);
  entry->name = g_strdup_printf ("%u preprocessed images", n);
  entry->folder = g_steal_pointer (&folder);
  entry->size = size;
  g_ptr_array_add (entries, entry);
}

static void
list_indices (const char *cache, GPtrArray *entries)
{
  guint n = 0;
  guint64 size = nmd_import_index_measure (cache, &n);
  NmdCacheEntry *entry = NULL;

  if (n == 0)
    return;
  entry = g_new0 (NmdCacheEntry, 1);
  entry->name = g_strdup_printf ("Measures of the images of %u data %s", n,
                                 n == 1 ? "set" : "sets");
  entry->folder = g_build_filename (cache, NMD_IMPORT_INDEX_NAME, NULL);
  entry->size = size;
  g_ptr_array_add (entries, entry);
}

GPtrArray *
nmd_cache_list (const char *folder)
{
  g_autofree char *own = folder == NULL ? nmd_cache_get_folder () : g_strdup (folder);
  g_autoptr (GDir) dir = g_dir_open (own, 0, NULL);
  GPtrArray *entries = g_ptr_array_new_with_free_func (cache_entry_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autoptr (GKeyFile) record = g_key_file_new ();
      g_autofree char *path = g_build_filename (own, name, NULL);
      g_autofree char *file = g_build_filename (path, NMD_CACHE_RECORD, NULL);
      NmdCacheEntry *entry;
      guint64 n = 0;

      if (!is_ours (name))
        continue;
      g_key_file_load_from_file (record, file, G_KEY_FILE_NONE, NULL);
      entry = g_new0 (NmdCacheEntry, 1);
      entry->name = g_key_file_get_string (record, "archive", "name", NULL);
      if (entry->name == NULL)
        entry->name = g_strdup (name); /* being unpacked, or left by a crash */
      nmd_cache_measure_folder (path, &n, &entry->size);
      entry->folder = g_steal_pointer (&path);
      g_ptr_array_add (entries, entry);
    }
  list_pixels (own, entries);
  list_indices (own, entries);
  g_ptr_array_sort (entries, compare_entries);
  return entries;
}

gboolean
nmd_cache_clear (const char *folder, GError **error)
{
  g_autofree char *own = folder == NULL ? nmd_cache_get_folder () : g_strdup (folder);
  g_autofree char *pixels = g_build_filename (own, NMD_PIXEL_CACHE_NAME, NULL);
  g_autoptr (GDir) dir = g_dir_open (own, 0, NULL);
  const char *name;

  if (!nmd_pixel_cache_clear (pixels, error) || !nmd_import_index_clear (own, error))
    return FALSE;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (own, name, NULL);

      /* Only what was put there by an import: the folder may be anybody's. */
      if (is_ours (name) && !nmd_cache_remove_folder (path, error))
        return FALSE;
    }
  return TRUE;
}

void
nmd_cache_remove_stale (const char *cache)
{
  g_autoptr (GDir) dir = g_dir_open (cache, 0, NULL);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (cache, name, NULL);
      GStatBuf info;

      if (g_str_has_prefix (name, NMD_CACHE_TEMPORARY) && g_lstat (path, &info) == 0
          && info.st_mtime < now - 24 * 60 * 60)
        nmd_cache_remove_folder (path, NULL);
    }
}

gboolean
nmd_cache_make_folder (const char *folder, GError **error)
{
  g_autofree char *own = nmd_cache_get_folder ();
  int code = 0;

  if (strcmp (folder, own) == 0)
    g_chmod (folder, 0700); /* it may be of an earlier version, or not be there yet */
  if (g_mkdir_with_parents (folder, 0700) == 0)
    return TRUE;
  code = errno;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
               "Folder %s cannot be made: %s", folder, g_strerror (code));
  return FALSE;
}
