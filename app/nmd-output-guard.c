/* SPDX-License-Identifier: Apache-2.0
 *
 * Refuses an output that a command also reads, by file identity
 * (engine/core/nmd-file.h) and, where nothing exists yet, by its name.
 */
#include "app/nmd-output-guard.h"

#include "engine/core/nmd-error.h"
#include "engine/core/nmd-file.h"
#include "engine/train/nmd-run.h"

#include <stdlib.h>
#include <string.h>

void
nmd_output_guard_clear (NmdOutputGuard *self)
{
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->folders, g_ptr_array_unref);
  g_clear_pointer (&self->runs, g_ptr_array_unref);
  g_clear_pointer (&self->outputs, g_ptr_array_unref);
}

static void
add (GPtrArray **list, const char *path)
{
  if (*list == NULL)
    *list = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (*list, g_strdup (path));
}

void
nmd_output_guard_add (NmdOutputGuard *self, const char *path)
{
  if (path == NULL)
    return;
  add (g_file_test (path, G_FILE_TEST_IS_DIR) ? &self->folders : &self->files, path);
}

void
nmd_output_guard_add_run (NmdOutputGuard *self, const char *folder)
{
  add (&self->runs, folder);
  for (guint i = 0; nmd_run_files[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folder, nmd_run_files[i], NULL);

      add (&self->files, path);
    }
}

/* The folder of @path without links, followed by its name; NULL if that folder does not
 * exist. */
static char *
find_place (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  char *real = realpath (folder, NULL);
  char *place = real != NULL ? g_build_filename (real, name, NULL) : NULL;

  free (real);
  return place;
}

static gboolean
is_same (const char *a, const char *b)
{
  g_autofree char *place = NULL;
  g_autofree char *other = NULL;

  if (nmd_file_same (a, b))
    return TRUE;
  place = find_place (a);
  other = find_place (b);
  return place != NULL && g_strcmp0 (place, other) == 0;
}

/* Lies the existing file @path in @folder or below? Links are followed. */
static gboolean
lies_in (const char *path, const char *folder)
{
  char *file = realpath (path, NULL), *root = realpath (folder, NULL);
  gsize n = root != NULL ? strlen (root) : 0;
  gboolean inside = file != NULL && root != NULL && strncmp (file, root, n) == 0
                    && (file[n] == '/' || strcmp (root, "/") == 0);

  free (file);
  free (root);
  return inside;
}

/* The first of @list (nullable) that is the same file as @output, or NULL. */
static const char *
find_same (const GPtrArray *list, const char *output)
{
  for (guint i = 0; list != NULL && i < list->len; i++)
    if (is_same (output, list->pdata[i]))
      return list->pdata[i];
  return NULL;
}

/* The first of @list (nullable) in which the existing file @output lies, or NULL. */
static const char *
find_folder (const GPtrArray *list, const char *output)
{
  for (guint i = 0; list != NULL && i < list->len; i++)
    if (lies_in (output, list->pdata[i]))
      return list->pdata[i];
  return NULL;
}

gboolean
nmd_output_guard_check (NmdOutputGuard *self, const char *output, GError **error)
{
  const char *input = NULL, *other = NULL;

  if (output == NULL)
    return TRUE;
  input = find_same (self->files, output);
  other = find_same (self->outputs, output);
  if (input != NULL && strcmp (input, output) == 0)
    g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                 "The output %s is a file that this command reads", output);
  else if (input != NULL)
    g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                 "The output %s is the same file as %s, which this command reads", output,
                 input);
  else if (other != NULL)
    g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                 "The outputs %s and %s are one file", other, output);
  else if ((input = find_folder (self->folders, output)) != NULL
           && find_folder (self->runs, output) == NULL)
    g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                 "The output %s is a file of %s, which this command reads", output,
                 input);
  else
    {
      add (&self->outputs, output);
      return TRUE;
    }
  return FALSE;
}

gboolean
nmd_output_guard_check_in (NmdOutputGuard *self,
                           const char *folder,
                           const char *name,
                           GError **error)
{
  g_autofree char *path = NULL;

  if (folder == NULL)
    return TRUE;
  path = g_build_filename (folder, name, NULL);
  return nmd_output_guard_check (self, path, error);
}
