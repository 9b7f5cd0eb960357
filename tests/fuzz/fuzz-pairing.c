/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of the pairing of images and masks: the first line is what the user named, the others
 * are the paths of a folder tree, of which names tell or every third is known to be an image. No mask is of
 * two images, none is a picture.
 */
#include "engine/data/import/nmd-pairing-private.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define MAX_FILES 400

static void
check_image (NmdPairing *pairing, const char *path, GHashTable *owners)
{
  const char *rule = NULL;
  const GPtrArray *masks = nmd_pairing_find (pairing, path, &rule);

  if (masks == NULL)
    return;
  if (!nmd_pairing_is_image (pairing, path) || rule == NULL || masks->len == 0)
    g_error ("A mask of what is no image");
  for (guint i = 0; i < masks->len; i++)
    {
      fuzz_use (masks->pdata[i], strlen (masks->pdata[i]));
      if (nmd_pairing_is_image (pairing, masks->pdata[i]))
        g_error ("A mask is a picture");
      if (!g_hash_table_add (owners, masks->pdata[i]))
        g_error ("A mask is of two images");
    }
}

static void
check_pairing (GPtrArray *files, GHashTable *images, const char *wish)
{
  g_autoptr (GHashTable) owners = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdPairing) pairing = nmd_pairing_new (files, images, wish, &error);

  if ((pairing == NULL) != (error != NULL))
    g_error ("Neither a result nor an error");
  for (guint i = 0; pairing != NULL && i < files->len; i++)
    {
      check_image (pairing, files->pdata[i], owners);
      if (images != NULL && g_hash_table_contains (images, files->pdata[i])
          && !nmd_pairing_is_image (pairing, files->pdata[i]))
        g_error ("What is known to be an image is none");
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  g_autofree char *text = g_strndup ((const char *)data, length);
  g_auto (GStrv) lines = g_strsplit (text, "\n", MAX_FILES);
  g_autoptr (GHashTable) paths = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) images = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) files = g_ptr_array_new ();

  if (lines[0] == NULL || !g_utf8_validate (text, -1, NULL))
    return 0;
  for (char **line = lines + 1; *line != NULL; line++)
    if ((*line)[0] != '\0' && g_hash_table_add (paths, *line))
      g_ptr_array_add (files, *line);
  for (guint i = 0; i < files->len; i += 3)
    g_hash_table_add (images, files->pdata[i]);
  check_pairing (files, NULL, lines[0]);
  check_pairing (files, images, lines[0]);
  return 0;
}
