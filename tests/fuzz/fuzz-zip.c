/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of data sets in a zip, tar or tar.gz: unpacked, listed, read. Nothing may appear outside
 * the cache, and an archive that is refused leaves nothing inside.
 */
#include "engine/data/import/nmd-cache.h"
#include "engine/data/import/nmd-import.h"
#include "tests/fuzz/fuzz.h"

#include <glib/gstdio.h>
#include <string.h>

static guint
count_entries (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  const char *path = fuzz_file_named ("set.zip", data, length);
  g_autofree char *cache = g_build_filename (fuzz_folder (), "cache", NULL);
  const NmdImportSettings settings
      = { .unpack = TRUE, .cache_folder = cache, .no_cache = TRUE };
  g_autoptr (GError) error = NULL, clear_error = NULL;
  g_autoptr (NmdDataset) dataset
      = nmd_dataset_import (path, &settings, NULL, NULL, NULL, &error);

  fuzz_check (dataset != NULL, error);
  /* An entry may be called like the cache: the fuzzer sees what is compared. */
  if (error != NULL && strstr (error->message, cache) != NULL
      && memmem (data, length, cache, strlen (cache)) == NULL
      && !g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_UNPACK))
    g_error ("An error names the cache: %s", error->message);
  if (g_error_matches (error, NMD_ERROR, NMD_ERROR_FORMAT) && count_entries (cache) > 0)
    g_error ("Something stays in the cache");
  if (dataset != NULL)
    {
      g_autofree char *text = nmd_dataset_report_to_text (dataset);

      fuzz_use (text, strlen (text));
    }
  if (!nmd_cache_clear (cache, &clear_error))
    g_error ("%s", clear_error->message);
  g_rmdir (cache);
  if (count_entries (fuzz_folder ()) != 1)
    g_error ("Something was written beside the cache");
  return 0;
}
