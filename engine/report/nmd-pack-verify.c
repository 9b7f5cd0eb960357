/* SPDX-License-Identifier: Apache-2.0
 *
 * Verifies evidence packs: which files there are, their hashes, their numbers.
 */
#include "config.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-text.h"
#include "engine/report/nmd-metrics-check.h"
#include "engine/report/nmd-pack-private.h"
#include "engine/report/nmd-pack.h"
#include "engine/report/nmd-zip-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_SUMS ((gsize)1 << 20)
#define MAX_DEPTH 8

/* The tables that numbers are computed from. */
static const char *const tables[]
    = { "run.json", "history.csv", "metrics.json", "predictions.csv" };

void
nmd_pack_check_clear (NmdPackCheck *self)
{
  g_clear_pointer (&self->sums, g_free);
  g_clear_pointer (&self->not_computed, g_free);
  *self = (NmdPackCheck){ 0 };
}

#define refuse(error, path, ...)                                                         \
  nmd_zip_refuse (error, NMD_ERROR_CHANGED, path, __VA_ARGS__)

/* Whether the hash of @name is that of @sums; what agrees is taken out of it. */
static gboolean
check_hash (GHashTable *sums,
            const char *name,
            const char *sha256,
            const char *path,
            NmdPackCheck *check,
            GError **error)
{
  const char *listed = g_hash_table_lookup (sums, name);
  g_autofree char *shown = nmd_text_display (name);

  if (listed == NULL)
    return refuse (error, path, "%s is not listed in " NMD_PACK_SUMS, shown);
  if (!g_str_equal (listed, sha256))
    {
      const int n = strncmp (listed, sha256, 12) == 0 ? 64 : 12;

      return refuse (error, path,
                     "%s was changed: its SHA-256 begins with %.*s, " NMD_PACK_SUMS
                     " says %.*s",
                     shown, n, sha256, n, listed);
    }
  g_hash_table_remove (sums, name);
  check->n_files++;
  return TRUE;
}

/* All that @sums lists has been found, the tables among it. */
static gboolean
check_complete (GHashTable *sums, const char *path, GError **error)
{
  GHashTableIter iter;
  gpointer name = NULL;

  g_hash_table_iter_init (&iter, sums);
  if (g_hash_table_iter_next (&iter, &name, NULL))
    return refuse (error, path, "%s is missing, which " NMD_PACK_SUMS " lists",
                   (const char *)name);
  return TRUE;
}

static gboolean
check_listed (GHashTable *sums, const char *path, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autofree char *name = g_strconcat ("run/", tables[i], NULL);

      if (!g_hash_table_contains (sums, name))
        return refuse (error, path,
                       NMD_PACK_SUMS " does not list %s, so this is no evidence pack",
                       name);
    }
  return TRUE;
}

/* ---- Numbers */

static gboolean
check_numbers (const char *folder, NmdPackCheck *check, GError **error)
{
  g_autoptr (NmdRun) run = nmd_run_open (folder, error);
  JsonNode *metrics = NULL;

  if (run == NULL || !nmd_run_check_task (run, NMD_TASK_CLASSIFY, error)
      || !nmd_metrics_check (run, &check->n_numbers, error))
    return FALSE;
  metrics = nmd_run_get_metrics (run);
  if (json_object_has_member (json_node_get_object (metrics), "rivals"))
    check->not_computed = g_strdup ("The rivals beside echo intensity were not computed "
                                    "again: their features need the images");
  return TRUE;
}

/* ---- Folders */

typedef struct
{
  const char *root;
  GHashTable *sums;
  NmdPackCheck *check;
  GCancellable *cancellable;
  guint64 bytes;
  guint n_entries;
} Walk;

static gboolean
visit_file (Walk *self, const char *name, const char *path, GError **error)
{
  g_autofree char *sha256 = NULL;

  if (!g_hash_table_contains (self->sums, name)) /* before its bytes are read */
    return check_hash (self->sums, name, "", self->root, self->check, error);
  sha256 = nmd_file_sha256 (path, self->cancellable, error);
  return sha256 != NULL
         && check_hash (self->sums, name, sha256, self->root, self->check, error);
}

/* Every entry of the folder @name ("" the pack itself) and below. Links and devices are none of a pack's. */
static gboolean
walk (Walk *self, const char *name, guint depth, GError **error)
{
  g_autofree char *folder = g_build_filename (self->root, name, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  const char *entry = NULL;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, entry, NULL);
      g_autofree char *inner
          = *name != '\0' ? g_strdup_printf ("%s/%s", name, entry) : g_strdup (entry);
      g_autofree char *shown = nmd_text_display (inner);
      struct stat info;

      if (++self->n_entries > 2 * NMD_PACK_MAX_FILES || depth > MAX_DEPTH)
        return refuse (error, self->root,
                       "it holds more than %d entries, or folders "
                       "nested deeper than %d",
                       2 * NMD_PACK_MAX_FILES, MAX_DEPTH);
      if (lstat (path, &info) != 0)
        return refuse (error, self->root, "%s cannot be read", shown);
      if (S_ISDIR (info.st_mode))
        {
          if (!walk (self, inner, depth + 1, error))
            return FALSE;
          continue;
        }
      if (!S_ISREG (info.st_mode))
        return refuse (error, self->root, "%s is a link or a device, no file", shown);
      self->bytes += (guint64)info.st_size;
      if (self->bytes > NMD_PACK_MAX_BYTES)
        return refuse (error, self->root, "it holds more than %d GiB",
                       (int)(NMD_PACK_MAX_BYTES >> 30));
      if (!g_str_equal (inner, NMD_PACK_SUMS) && !visit_file (self, inner, path, error))
        return FALSE;
    }
  return dir != NULL;
}

static gboolean
verify_folder (const char *path,
               NmdPackCheck *check,
               GCancellable *cancellable,
               GError **error)
{
  g_autofree char *sums_path = g_build_filename (path, NMD_PACK_SUMS, NULL);
  g_autofree char *run = g_build_filename (path, "run", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GHashTable) sums = NULL;
  Walk self = { .root = path, .check = check, .cancellable = cancellable };
  struct stat info;
  gsize length = 0;

  if (lstat (sums_path, &info) != 0)
    return refuse (error, path,
                   "there is no " NMD_PACK_SUMS ", so this is no whole evidence pack");
  text = nmd_file_read (sums_path, MAX_SUMS, cancellable, &length, error);
  if (text == NULL)
    return FALSE;
  self.sums = sums = nmd_sums_parse (text, length, path, error);
  if (sums == NULL)
    return FALSE;
  check->sums
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)text, length);
  return check_listed (sums, path, error) && walk (&self, "", 0, error)
         && check_complete (sums, path, error) && check_numbers (run, check, error);
}

/* ---- Zips */

/* Writes the tables of @files into the folder @to. */
static gboolean
write_tables (const GPtrArray *files, const char *to, GError **error)
{
  for (gsize k = 0; k < G_N_ELEMENTS (tables); k++)
    {
      g_autofree char *name = g_strconcat ("run/", tables[k], NULL);
      g_autofree char *path = g_build_filename (to, tables[k], NULL);

      for (guint i = 0; i < files->len; i++)
        {
          const NmdListedFile *file = files->pdata[i];

          if (g_str_equal (file->name, name)
              && !nmd_file_write (path, g_bytes_get_data (file->bytes, NULL),
                                  g_bytes_get_size (file->bytes), error))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
check_zip_numbers (const GPtrArray *files, NmdPackCheck *check, GError **error)
{
  g_autofree char *folder = g_dir_make_tmp ("nmd-verify-XXXXXX", error);
  gboolean good;

  if (folder == NULL)
    return FALSE;
  good = write_tables (files, folder, error) && check_numbers (folder, check, error);
  for (gsize k = 0; k < G_N_ELEMENTS (tables); k++)
    {
      g_autofree char *path = g_build_filename (folder, tables[k], NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
  return good;
}

static gboolean
verify_zip (const char *path,
            NmdPackCheck *check,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GPtrArray) files = nmd_zip_read (path, cancellable, error);
  const NmdListedFile *last
      = files != NULL && files->len > 0 ? files->pdata[files->len - 1] : NULL;
  g_autoptr (GHashTable) sums = NULL;
  gsize length = 0;
  const char *text = NULL;

  if (files == NULL)
    return FALSE;
  if (last == NULL || !g_str_equal (last->name, NMD_PACK_SUMS))
    return refuse (error, path,
                   "its last file is not " NMD_PACK_SUMS
                   ", so this is no whole evidence pack");
  text = g_bytes_get_data (last->bytes, &length);
  sums = nmd_sums_parse (text != NULL ? text : "", length, path, error);
  if (sums == NULL || !check_listed (sums, path, error))
    return FALSE;
  check->sums = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, last->bytes);
  for (guint i = 0; i + 1 < files->len; i++)
    {
      const NmdListedFile *file = files->pdata[i];
      g_autofree char *sha256
          = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, file->bytes);

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !check_hash (sums, file->name, sha256, path, check, error))
        return FALSE;
    }
  return check_complete (sums, path, error) && check_zip_numbers (files, check, error);
}

gboolean
nmd_pack_verify (const char *path,
                 NmdPackCheck *check,
                 GCancellable *cancellable,
                 GError **error)
{
  *check = (NmdPackCheck){ 0 };
  return g_file_test (path, G_FILE_TEST_IS_DIR)
             ? verify_folder (path, check, cancellable, error)
             : verify_zip (path, check, cancellable, error);
}
