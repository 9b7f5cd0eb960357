/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of masks. Looks at names, and whether a file is another; none is opened.
 */
#include "engine/data/import/nmd-mask-names.h"

#include "engine/core/nmd-file.h"

#include <string.h>

static char *
stem_of (const char *name)
{
  const char *dot = strrchr (name, '.');

  return g_strndup (name, dot != NULL ? (gsize)(dot - name) : strlen (name));
}

char **
nmd_mask_names (const char *name)
{
  g_autofree char *stem = NULL;
  const char *underscore = NULL;
  char **names = NULL;

  g_return_val_if_fail (name != NULL, NULL);

  stem = stem_of (name);
  underscore = strchr (stem, '_');
  names = g_new0 (char *, 5);
  names[0] = g_strdup (stem);
  names[1] = g_strconcat (stem, "_mask", NULL);
  names[2] = g_strconcat ("mask_", stem, NULL);
  if (underscore != NULL)
    names[3] = g_strconcat ("mask_", underscore + 1, NULL);
  return names;
}

/* The path of @name in @folder; NULL where that is no file, or the image itself. */
static char *
existing (const char *folder, const char *name, const char *image_path)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR) && !nmd_file_same (path, image_path)
             ? g_steal_pointer (&path)
             : NULL;
}

char *
nmd_mask_find_in (const char *folder, const char *image_path)
{
  g_autofree char *name = NULL;
  g_auto (GStrv) stems = NULL;
  char *found = NULL;

  g_return_val_if_fail (folder != NULL && image_path != NULL, NULL);

  name = g_path_get_basename (image_path);
  stems = nmd_mask_names (name);
  found = existing (folder, name, image_path);
  for (guint i = 0; found == NULL && stems[i] != NULL; i++)
    {
      g_autofree char *file = g_strconcat (stems[i], ".png", NULL);

      found = existing (folder, file, image_path);
    }
  return found;
}

char *
nmd_mask_find_beside (const char *image_path)
{
  g_autofree char *folder = NULL, *name = NULL, *stem = NULL, *beside = NULL;
  g_autofree char *parent = NULL, *masks = NULL;
  char *found = NULL;

  g_return_val_if_fail (image_path != NULL, NULL);

  folder = g_path_get_dirname (image_path);
  name = g_path_get_basename (image_path);
  stem = stem_of (name);
  beside = g_strconcat (stem, "_mask.png", NULL);
  found = existing (folder, beside, image_path);
  if (found != NULL || !g_str_has_suffix (folder, "Images"))
    return found;
  parent = g_path_get_dirname (folder);
  masks = g_build_filename (parent, "Masks", NULL);
  return nmd_mask_find_in (masks, image_path);
}
