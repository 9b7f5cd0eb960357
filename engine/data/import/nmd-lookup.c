/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the files that the cells of a manifest mean. What a row is made of is nmd-listing-manifest.c's.
 */
#include "engine/data/import/nmd-lookup-private.h"

#include "engine/core/nmd-file.h"
#include "engine/data/import/nmd-import-private.h"

#include <string.h>

#define MAX_DEPTH 8
#define MAX_FILES 1000000

enum
{
  ABSOLUTE,
  ENDING,
  NAME,
};

void
nmd_lookup_init (NmdLookup *self, const char *root, GCancellable *cancellable)
{
  *self = (NmdLookup){ .root = g_strdup (root), .cancellable = cancellable };
}

void
nmd_lookup_clear (NmdLookup *self)
{
  g_free (self->root);
  for (int k = 0; k < 2; k++)
    g_clear_pointer (&self->files[k], g_hash_table_unref);
  for (int k = 0; k < 3; k++)
    g_free (self->example[k]);
}

/* "./Images//a.png" and "Images\a.png" are "Images/a.png". */
static char *
tidy (const char *cell)
{
  g_autofree char *slashes = g_strdelimit (g_strdup (cell), "\\", '/');
  g_auto (GStrv) parts = g_strsplit (slashes, "/", -1);
  GString *out = g_string_new (slashes[0] == '/' ? "/" : "");

  for (char **part = parts; *part != NULL; part++)
    if ((*part)[0] != '\0' && strcmp (*part, ".") != 0)
      {
        if (out->len > 0 && out->str[out->len - 1] != '/')
          g_string_append_c (out, '/');
        g_string_append (out, *part);
      }
  return g_string_free (out, FALSE);
}

static gboolean
is_absolute (const char *place)
{
  return place[0] == '/' || (g_ascii_isalpha (place[0]) && place[1] == ':');
}

static gboolean
exists (NmdLookup *self, const char *place)
{
  g_autofree char *path = nmd_file_resolve_inside (self->root, place, NULL);

  return path != NULL && g_file_test (path, G_FILE_TEST_EXISTS);
}

static char *
take (NmdLookup *self, int rule, guint *count, const char *cell, const char *place)
{
  (*count)++;
  if (self->example[rule] == NULL)
    self->example[rule] = g_strdup_printf ("%s as %s", cell, place);
  return g_strdup (place);
}

static char *
find_absolute (NmdLookup *self, const char *cell, const char *place, GError **error)
{
  for (const char *rest = strchr (place, '/'); rest != NULL; rest = strchr (rest, '/'))
    if (*++rest != '\0' && exists (self, rest))
      return take (self, ABSOLUTE, &self->n_absolute, cell, rest);
  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
               "no end of the absolute path %s is a file below the folder of the "
               "manifest",
               cell);
  return NULL;
}

/* The files below @relative. */

static gboolean
is_mask_folder (const char *name)
{
  static const char *const starts[]
      = { "mask", "gt", "label", "segment", "annotation", "outline" };

  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    if (g_ascii_strncasecmp (name, starts[i], strlen (starts[i])) == 0)
      return TRUE;
  return FALSE;
}

static void
add_name (GHashTable *files, char *name, const char *place)
{
  GPtrArray *places = g_hash_table_lookup (files, name);

  if (places == NULL)
    {
      places = g_ptr_array_new_with_free_func (g_free);
      g_hash_table_insert (files, g_strdup (name), places);
    }
  g_ptr_array_add (places, g_strdup (place));
}

static void
look_through (NmdLookup *self, const char *relative, gboolean is_mask, int depth)
{
  g_autofree char *folder = g_build_filename (self->root, relative, NULL);
  g_autoptr (GPtrArray) names = nmd_listing_names (folder, NULL, self->cancellable, NULL);

  for (guint i = 0; names != NULL && i < names->len && self->n_files < MAX_FILES; i++)
    {
      char *name = names->pdata[i];
      g_autofree char *place = relative[0] != '\0'
                                   ? g_strdup_printf ("%s/%s", relative, name)
                                   : g_strdup (name);
      g_autofree char *path = g_build_filename (self->root, place, NULL);

      if (nmd_listing_is_image_name (name))
        {
          self->n_files++;
          add_name (self->files[is_mask], name, place);
          *strrchr (name, '.') = '\0';
          add_name (self->files[is_mask], name, place);
        }
      else if (depth > 1 && g_file_test (path, G_FILE_TEST_IS_DIR)
               && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        look_through (self, place, is_mask || is_mask_folder (name), depth - 1);
    }
}

/* The one file that is called @name; NULL without one, with an error for several. */
static char *
find_name (NmdLookup *self, const char *name, gboolean is_mask, GError **error)
{
  GPtrArray *places;

  if (self->files[0] == NULL)
    {
      for (int k = 0; k < 2; k++)
        self->files[k] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                                (GDestroyNotify)g_ptr_array_unref);
      look_through (self, "", FALSE, MAX_DEPTH);
    }
  places = g_hash_table_lookup (self->files[is_mask], name);
  if (places == NULL)
    return NULL;
  if (places->len == 1 && exists (self, places->pdata[0]))
    return take (self, NAME, &self->n_name, name, places->pdata[0]);
  if (places->len == 1) /* a link */
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   "%s is a link that leaves the folder of the manifest",
                   (char *)places->pdata[0]);
      return NULL;
    }
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               "%s may be %s or %s: name its folder too", name, (char *)places->pdata[0],
               (char *)places->pdata[1]);
  return NULL;
}

static char *
find_ending (NmdLookup *self, const char *cell, const char *place)
{
  static const char *const endings[]
      = { ".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".dcm",
          ".PNG", ".JPG", ".JPEG", ".BMP", ".TIF", ".TIFF", ".DCM" };

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *with = g_strconcat (place, endings[i], NULL);

      if (exists (self, with))
        return take (self, ENDING, &self->n_ending, cell, with);
    }
  return NULL;
}

char *
nmd_lookup_find (NmdLookup *self, const char *cell, gboolean is_mask, GError **error)
{
  g_autofree char *place = tidy (cell), *path = NULL, *found = NULL;
  g_autoptr (GError) inner = NULL;

  if (strlen (place) > NMD_FILE_MAX_PATH)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED, "the path has more than %d bytes",
                   NMD_FILE_MAX_PATH);
      return NULL;
    }
  if (is_absolute (place))
    return find_absolute (self, cell, place, error);
  path = nmd_file_resolve_inside (self->root, place, NULL);
  if (path == NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   "the path %s leaves the folder of the manifest", cell);
      return NULL;
    }
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&place);
  if (!nmd_listing_is_image_name (place))
    found = find_ending (self, cell, place);
  if (found == NULL && strchr (place, '/') == NULL)
    found = find_name (self, place, is_mask, &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return NULL;
    }
  return found != NULL ? g_steal_pointer (&found) : g_steal_pointer (&place);
}
