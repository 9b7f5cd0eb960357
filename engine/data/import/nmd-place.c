/* SPDX-License-Identifier: Apache-2.0
 *
 * Places of images and of their outlines, made comparable.
 */
#include "engine/data/import/nmd-place-private.h"
#include "engine/data/import/nmd-pairing-private.h"

#include <string.h>

/* Folders that say what kind of files they hold, which differs between an image and its
 * outline. */
static gboolean
is_structure (const char *name)
{
  static const char *const kinds[]
      = { "json", "labelme", "coco", "cvat", "imagej", "roi", "rois", "polygons", NULL };
  g_autofree char *lower = g_ascii_strdown (name, -1);
  const NmdFolderKind kind = nmd_folder_get_kind (name);

  return kind == NMD_FOLDER_MASKS || kind == NMD_FOLDER_IMAGES
         || kind == NMD_FOLDER_ORIGINALS || g_strv_contains (kinds, lower);
}

char *
nmd_place_normalise (const char *folder, const char *path)
{
  g_autofree char *joined
      = path[0] == '/' ? g_strdup (path) : g_strconcat (folder, "/", path, NULL);
  g_autofree char *folded = g_utf8_casefold (joined, -1);
  g_auto (GStrv) parts = g_strsplit (folded, "/", -1);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  char *dot = NULL;

  for (char **part = parts; *part != NULL; part++)
    if (strcmp (*part, "..") == 0 && kept->len > 0)
      g_ptr_array_set_size (kept, (int)kept->len - 1);
    else if (**part != '\0' && strcmp (*part, ".") != 0 && strcmp (*part, "..") != 0)
      g_ptr_array_add (kept, *part);
  for (guint i = 0; i + 1 < kept->len;)
    if (is_structure (kept->pdata[i]))
      g_ptr_array_remove_index (kept, i);
    else
      i++;
  if (kept->len > 0)
    {
      dot = strrchr (kept->pdata[kept->len - 1], '.');
      if (dot != NULL && dot != (char *)kept->pdata[kept->len - 1])
        *dot = '\0';
    }
  g_ptr_array_add (kept, NULL);
  return g_strjoinv ("/", (char **)kept->pdata);
}

const char *
nmd_place_last_part (const char *place)
{
  const char *slash = strrchr (place, '/');

  return slash != NULL ? slash + 1 : place;
}

guint
nmd_place_count_same (const char *a, const char *b)
{
  const char *p = a + strlen (a), *q = b + strlen (b);
  guint n = 0;

  while (p > a && q > b && p[-1] == q[-1])
    {
      p--;
      q--;
      n += *p == '/';
    }
  return n + ((p == a || p[-1] == '/') && (q == b || q[-1] == '/') && *p != '/');
}

char *
nmd_place_without_roi (const char *stem)
{
  static const char *const words[] = { "roiset", "rois", "roi" };
  g_autofree char *rest = g_strdup (stem);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      const gsize n = strlen (words[i]), length = strlen (rest);

      if (length > n + 1 && g_str_has_prefix (rest, words[i]) && strchr ("_- ", rest[n]))
        return g_strdup (rest + n + 1);
      if (length > n + 1 && g_str_has_suffix (rest, words[i])
          && strchr ("_- ", rest[length - n - 1]))
        return g_strndup (rest, length - n - 1);
    }
  return g_steal_pointer (&rest);
}
