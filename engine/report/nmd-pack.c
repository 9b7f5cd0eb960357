/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes evidence packs. Verifying them is nmd-pack-verify.c's.
 */
#include "config.h"

#include "engine/report/nmd-pack.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-text.h"
#include "engine/report/nmd-pack-private.h"
#include "engine/report/nmd-zip-private.h"
#include "engine/train/nmd-run.h"

#include <string.h>

static const char readme[]
    = "Evidence pack of a run of NMD Assist " NMD_VERSION "\n"
      "\n"
      "run/        the run: parameters and split (run.json), history, weights, the "
      "score\n"
      "            of every image (predictions.csv), the results (metrics.json)\n"
      "report/     its model card as Markdown and PDF, figures, reporting checklists\n"
      "SHA256SUMS  the SHA-256 of every file\n"
      "\n"
      "Check everything:            nmd verify FOLDER|FILE.zip\n"
      "Check the hashes alone:      sha256sum --strict -c SHA256SUMS\n"
      "\n"
      "nmd verify also computes every number of metrics.json again from "
      "predictions.csv.\n"
      "run.json names the folder in which the data set lay, and the subjects as the "
      "data\n"
      "set names them. report/ may hold pictures of the most wrong images.\n"
      "For research and teaching, not a medical device.\n";

/* README, run and report; not the hashes. */
static GPtrArray *
list_files (const char *run_folder, const GPtrArray *report)
{
  GPtrArray *files = nmd_file_list_new ();

  nmd_file_list_add_text (files, "README.txt", readme);
  for (guint i = 0; nmd_run_files[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (run_folder, nmd_run_files[i], NULL);
      g_autofree char *name = g_strconcat ("run/", nmd_run_files[i], NULL);

      if (!g_str_equal (nmd_run_files[i], "last.safetensors")
          && !g_str_equal (nmd_run_files[i], "run.lock")
          && g_file_test (path, G_FILE_TEST_EXISTS))
        nmd_file_list_add_path (files, name, path);
    }
  for (guint i = 0; i < report->len; i++)
    {
      const NmdListedFile *file = report->pdata[i];
      g_autofree char *name = g_strconcat ("report/", file->name, NULL);

      nmd_file_list_add_bytes (files, name, file->bytes);
    }
  return files;
}

/* Appends SHA256SUMS to @files. */
static gboolean
add_sums (GPtrArray *files, char **sums, GCancellable *cancellable, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < files->len; i++)
    {
      const NmdListedFile *file = files->pdata[i];
      g_autofree char *sha256
          = file->bytes != NULL
                ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, file->bytes)
                : nmd_file_sha256 (file->path, cancellable, error);

      if (sha256 == NULL)
        return FALSE;
      nmd_sums_append (text, sha256, file->name);
    }
  *sums = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text->str, (gssize)text->len);
  nmd_file_list_add_text (files, NMD_PACK_SUMS, text->str);
  return TRUE;
}

gboolean
nmd_pack_write (const char *run_folder,
                const GPtrArray *report,
                const char *path,
                char **sums,
                GCancellable *cancellable,
                GError **error)
{
  g_autoptr (GPtrArray) files = list_files (run_folder, report);
  gsize length = strlen (path);
  gboolean zip = length > 4 && g_ascii_strcasecmp (path + length - 4, ".zip") == 0;

  *sums = NULL;
  if (!zip && !nmd_file_is_empty_folder (path))
    {
      g_autofree char *shown = nmd_text_display (path);

      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   "%s is not empty; a pack goes into a new or empty folder", shown);
      return FALSE;
    }
  return add_sums (files, sums, cancellable, error)
         && (zip ? nmd_zip_write (files, path, cancellable, error)
                 : nmd_file_list_write (files, path, cancellable, error));
}
