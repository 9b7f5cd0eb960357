/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks for a file among those that are open. What is open, the caller knows.
 */
#include "ui/session/nmd-open-files.h"

#include "engine/core/nmd-file.h"

gboolean
nmd_open_files_have (const char *path, char *const *files, guint n, NmdDataset *dataset)
{
  g_return_val_if_fail (path != NULL, FALSE);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (files[i] != NULL && nmd_file_same (path, files[i]))
      return TRUE;
  for (guint i = 0; dataset != NULL && i < nmd_dataset_get_n (dataset); i++)
    {
      const NmdSample *sample = nmd_dataset_get (dataset, i);
      if (nmd_file_same (path, sample->image_path)
          || (sample->mask_path != NULL && nmd_file_same (path, sample->mask_path)))
        return TRUE;
    }
  return FALSE;
}
