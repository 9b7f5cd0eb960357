/* SPDX-License-Identifier: Apache-2.0
 *
 * Masks of a manifest that has no column of masks: files below its folder, found by the rules of
 * nmd-pairing.c.
 */
#include "engine/data/import/nmd-import-private.h"
#include "engine/data/import/nmd-pairing-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_DEPTH 7 /* folders below the manifest's, as in a folder per class */

/* Every image file below @relative. Folders that cannot be read, and links to folders, are passed over. */
static gboolean
list_files (
    NmdListing *self, GPtrArray *files, const char *relative, int depth, GError **error)
{
  g_autofree char *folder = g_build_filename (self->root, relative, NULL);
  g_autoptr (GPtrArray) names = nmd_listing_names (folder, NULL, self->cancellable, NULL);

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = names->pdata[i];
      g_autofree char *place = relative[0] != '\0'
                                   ? g_strdup_printf ("%s/%s", relative, name)
                                   : g_strdup (name);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (nmd_listing_is_image_name (name))
        g_ptr_array_add (files, g_steal_pointer (&place));
      else if (depth > 0 && g_file_test (path, G_FILE_TEST_IS_DIR)
               && !g_file_test (path, G_FILE_TEST_IS_SYMLINK)
               && !list_files (self, files, place, depth - 1, error))
        return FALSE;
    }
  return TRUE;
}

/* What the manifest says of @from, for its outline @number of several. */
static NmdSample *
copy_sample (const NmdSample *from, guint number)
{
  g_autofree char *id = g_strdup_printf ("%s#%u", from->id, number);
  NmdSample *sample = nmd_sample_new (id);
  char **texts[][2] = { { &sample->subject, (char **)&from->subject },
                        { &sample->unit, (char **)&from->unit },
                        { &sample->muscle, (char **)&from->muscle },
                        { &sample->label_word, (char **)&from->label_word } };
  GHashTableIter iter;
  gpointer name, value;

  sample->image_path = g_strdup (from->image_path);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_free (*texts[i][0]);
      *texts[i][0] = g_strdup (*texts[i][1]);
    }
  sample->part = from->part;
  sample->is_synthetic = from->is_synthetic;
  g_hash_table_iter_init (&iter, from->attributes);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_hash_table_insert (sample->attributes, g_strdup (name), g_strdup (value));
  return sample;
}

/* Sample @i gets @masks; where outlines are kept apart, a sample for each takes its place. */
static void
give (NmdListing *self, guint i, const GPtrArray *masks, gboolean apart)
{
  g_autoptr (NmdSample) sample = g_object_ref (self->samples->pdata[i]);

  if (!apart || masks->len == 1)
    {
      nmd_listing_set_masks (self, sample, masks, 0, TRUE);
      return;
    }
  for (guint k = 0; k < masks->len; k++)
    {
      NmdSample *copy = copy_sample (sample, k + 1);

      nmd_listing_set_masks (self, copy, masks, k, FALSE);
      if (k > 0)
        g_ptr_array_add (self->samples, copy);
      else
        {
          g_object_unref (self->samples->pdata[i]);
          self->samples->pdata[i] = copy;
        }
    }
}

/* The pairing's error, with the way out that a manifest has. */
static gboolean
fail (GError *inner, GError **error)
{
  if (g_error_matches (inner, NMD_ERROR, NMD_ERROR_REFUSED))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   "%s; or say in a column “mask” of the manifest which it has",
                   inner->message);
      g_error_free (inner);
    }
  else
    g_propagate_error (error, inner);
  return FALSE;
}

gboolean
nmd_listing_pair_manifest (NmdListing *self,
                           const NmdImportSettings *settings,
                           GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) images = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (NmdPairing) pairing = NULL;
  GError *inner = NULL;
  const guint n = self->samples->len;
  guint n_found = 0;

  if (!list_files (self, files, "", MAX_DEPTH, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    g_hash_table_add (images, ((NmdSample *)self->samples->pdata[i])->id);
  pairing = nmd_pairing_new (files, images, settings->masks, &inner);
  if (pairing == NULL)
    return fail (inner, error);
  for (guint i = 0; i < n; i++)
    {
      const NmdSample *sample = self->samples->pdata[i];
      const char *rule = NULL;
      const GPtrArray *masks = nmd_pairing_find (pairing, sample->id, &rule);

      if (masks == NULL)
        continue;
      nmd_import_report_pair (self->report, rule, masks->len);
      n_found++;
      give (self, i, masks, settings->separate_masks);
    }
  nmd_import_report_assume (
      self->report, n_found > 0
                        ? N_ ("The manifest has no column “mask”: masks were looked "
                              "for by name, as in a folder per class; an empty "
                              "column “mask” says that there are none")
                        : N_ ("The manifest has no column “mask”: whole frames are "
                              "used"));
  return TRUE;
}
