/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of evidence packs. An input that begins as a zip is verified as one. Another is a folder: SHA256SUMS
 * (made from the files where it is empty, so that their numbers are looked at), run.json, history.csv, metrics.json and
 * predictions.csv. Nothing may appear outside the pack or stay in the temporary folder.
 */
#include "engine/core/nmd-file.h"
#include "engine/report/nmd-pack-private.h"
#include "engine/report/nmd-pack.h"
#include "tests/fuzz/fuzz.h"
#include "tests/train/tiny.h"

#include <glib/gstdio.h>
#include <string.h>

static const char *const names[]
    = { "run/run.json", "run/history.csv", "run/metrics.json", "run/predictions.csv" };

static guint
count_entries (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
put (const char *pack, const char *name, GBytes *bytes)
{
  g_autofree char *path = g_build_filename (pack, name, NULL);
  gsize n = 0;
  const char *data = g_bytes_get_data (bytes, &n);

  if (!g_file_set_contents (path, n > 0 ? data : "", (gssize)n, NULL))
    g_error ("No file %s", path);
}

/* The folder with its files; what is given, or made where nothing is. */
static void
make_folder (const char *pack, const guint8 *data, gsize length)
{
  g_autoptr (GBytes) sums = fuzz_part (&data, &length);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *run = g_build_filename (pack, "run", NULL);

  if (!nmd_file_make_folder (run, NULL))
    g_error ("No folder %s", run);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) part = fuzz_part (&data, &length);
      g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, part);

      put (pack, names[i], part);
      nmd_sums_append (text, sha256, names[i]);
    }
  if (g_bytes_get_size (sums) == 0)
    {
      g_bytes_unref (sums);
      sums = g_bytes_new (text->str, text->len);
    }
  put (pack, NMD_PACK_SUMS, sums);
}

static void
remove_folder (const char *pack)
{
  g_autofree char *sums = g_build_filename (pack, NMD_PACK_SUMS, NULL);
  g_autofree char *run = g_build_filename (pack, "run", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (pack, names[i], NULL);

      g_unlink (path);
    }
  g_unlink (sums);
  g_rmdir (run);
  g_rmdir (pack);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  static gboolean begun;
  g_autofree char *pack = g_build_filename (fuzz_folder (), "pack", NULL);
  g_auto (NmdPackCheck) check = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean is_zip = length >= 2 && data[0] == 'P' && data[1] == 'K', done;

  if (!begun)
    {
      g_setenv ("TMPDIR", fuzz_folder (), TRUE);
      nmd_networks_add (&tiny_network); /* of the seeds */
    }
  begun = TRUE;
  if (is_zip)
    done = nmd_pack_verify (fuzz_file_named ("pack.zip", data, length), &check, NULL,
                            &error);
  else
    {
      fuzz_file_named ("none", data, 0); /* threads are off */
      make_folder (pack, data, length);
      done = nmd_pack_verify (pack, &check, NULL, &error);
    }
  fuzz_check (done, error);
  if (done && (check.n_files < G_N_ELEMENTS (names) || check.sums == NULL))
    g_error ("A pack without its tables is verified");
  remove_folder (pack);
  g_unlink (fuzz_file_named (is_zip ? "pack.zip" : "none", data, 0));
  if (count_entries (fuzz_folder ()) != 0)
    g_error ("Something stays in the temporary folder");
  return 0;
}
