/* SPDX-License-Identifier: Apache-2.0
 *
 * The job that writes a mask. Which outline it is, and what becomes of it, is the scan session's.
 */
#include "ui/session/nmd-mask-saving.h"

#include "engine/core/nmd-file.h"
#include "engine/data/import/nmd-mask-names.h"
#include "engine/image/nmd-png-writer.h"
#include "ui/session/nmd-open-files.h"

#include <glib/gi18n.h>

/* Owned copies of the request. */
typedef struct
{
  NmdImage *mask;
  char *path;
  char *image_path;
  char *mask_path;     /* (nullable) */
  NmdDataset *dataset; /* (nullable) */
  gboolean is_own;     /* written here before */
} Saving;

static void
saving_free (gpointer data)
{
  Saving *saving = data;

  nmd_image_unref (saving->mask);
  g_free (saving->path);
  g_free (saving->image_path);
  g_free (saving->mask_path);
  g_clear_object (&saving->dataset);
  g_free (saving);
}

/* The image, the mask opened with it, one that lies beside it and the data set's, but for what was saved here. */
static gboolean
is_input (const Saving *saving, const char *path)
{
  g_autofree char *beside = nmd_mask_find_beside (saving->image_path);
  char *const files[] = { saving->mask_path, beside };

  if (nmd_file_same (path, saving->image_path))
    return TRUE;
  return !saving->is_own
         && nmd_open_files_have (path, files, G_N_ELEMENTS (files), saving->dataset);
}

static gpointer
save_func (NmdJob *job, gconstpointer data, GCancellable *cancellable, GError **error)
{
  const Saving *saving = data;
  g_autofree char *lower = g_ascii_strdown (saving->path, -1);
  gboolean is_whole = g_str_has_suffix (lower, ".png");
  g_autofree char *path = g_strconcat (saving->path, is_whole ? NULL : ".png", NULL);

  if (is_input (saving, path))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   _ ("%s is open here and is not overwritten: choose another name"),
                   path);
      return NULL;
    }
  /* The desktop asked about the name that was typed, not about this one. */
  if (!is_whole && g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   _ ("%s is there already: choose another name, or this one with its "
                      "ending"),
                   path);
      return NULL;
    }
  if (!nmd_image_save_png (saving->mask, path, 8, NULL, error))
    return NULL;
  return g_steal_pointer (&path);
}

NmdJob *
nmd_mask_saving_start (const NmdMaskSaving *request,
                       GAsyncReadyCallback done,
                       gpointer user_data)
{
  g_return_val_if_fail (request != NULL && request->mask != NULL, NULL);

  Saving *saving = g_new0 (Saving, 1);
  saving->mask = nmd_image_ref (request->mask);
  saving->path = g_strdup (request->path);
  saving->image_path = g_strdup (request->image_path);
  saving->mask_path = g_strdup (request->mask_path);
  g_set_object (&saving->dataset, request->dataset);
  saving->is_own = request->is_own;
  return nmd_job_start (NMD_THREAD_POOL, NULL, _ ("Saving an outline"), save_func, saving,
                        saving_free, NULL, g_free, done, user_data);
}
