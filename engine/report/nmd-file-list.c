/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of files and their writing.
 */
#include "config.h"

#include "engine/report/nmd-file-list.h"

#include "engine/core/nmd-file.h"

#include <string.h>

#define LARGEST (G_MAXSSIZE / 2)

static void
listed_free (gpointer data)
{
  NmdListedFile *self = data;

  g_free (self->name);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self->path);
  g_free (self);
}

GPtrArray *
nmd_file_list_new (void)
{
  return g_ptr_array_new_with_free_func (listed_free);
}

static NmdListedFile *
append (GPtrArray *self, const char *name)
{
  NmdListedFile *file = g_new0 (NmdListedFile, 1);

  file->name = g_strdup (name);
  g_ptr_array_add (self, file);
  return file;
}

void
nmd_file_list_add_bytes (GPtrArray *self, const char *name, GBytes *bytes)
{
  append (self, name)->bytes = g_bytes_ref (bytes);
}

void
nmd_file_list_add_text (GPtrArray *self, const char *name, const char *text)
{
  append (self, name)->bytes = g_bytes_new (text, strlen (text));
}

void
nmd_file_list_add_path (GPtrArray *self, const char *name, const char *path)
{
  append (self, name)->path = g_strdup (path);
}

static gboolean
write_one (const NmdListedFile *file,
           const char *folder,
           GCancellable *cancellable,
           GError **error)
{
  g_autofree char *path = g_build_filename (folder, file->name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *content = NULL;
  gsize length = 0;

  if (g_cancellable_set_error_if_cancelled (cancellable, error)
      || !nmd_file_make_folder (parent, error))
    return FALSE;
  if (file->bytes != NULL)
    return nmd_file_write (path, g_bytes_get_data (file->bytes, NULL),
                           g_bytes_get_size (file->bytes), error);
  content = nmd_file_read (file->path, LARGEST, cancellable, &length, error);
  return content != NULL && nmd_file_write (path, content, length, error);
}

gboolean
nmd_file_list_write (const GPtrArray *self,
                     const char *folder,
                     GCancellable *cancellable,
                     GError **error)
{
  for (guint i = 0; i < self->len; i++)
    if (!write_one (self->pdata[i], folder, cancellable, error))
      return FALSE;
  return TRUE;
}
