/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of the pairing of images and masks: the first line is what the user named, the others
 * are the paths of a folder tree. No mask is of two images, none is a picture.
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

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  g_autofree char *text = g_strndup ((const char *)data, length);
  g_auto (GStrv) lines = g_strsplit (text, "\n", MAX_FILES);
  g_autoptr (GHashTable) paths = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) owners = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  g_autoptr (NmdPairing) pairing = NULL;
  g_autoptr (GError) error = NULL;

  if (lines[0] == NULL || !g_utf8_validate (text, -1, NULL))
    return 0;
  for (char **line = lines + 1; *line != NULL; line++)
    if ((*line)[0] != '\0' && g_hash_table_add (paths, *line))
      g_ptr_array_add (files, *line);
  pairing = nmd_pairing_new (files, lines[0], &error);
  if ((pairing == NULL) != (error != NULL))
    g_error ("Neither a result nor an error");
  for (guint i = 0; pairing != NULL && i < files->len; i++)
    check_image (pairing, files->pdata[i], owners);
  return 0;
}
