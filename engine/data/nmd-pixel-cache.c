/* SPDX-License-Identifier: Apache-2.0
 *
 * The cache of preprocessed images. When to look into it is nmd-batch.c's business; its
 * place and its listing are nmd-archive.c's.
 */
#include "engine/data/nmd-kept-files-private.h"
#include "engine/data/nmd-pixel-cache-private.h"
#include "engine/data/nmd-sample-mask-private.h"
#include "engine/core/nmd-file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <string.h>
#include <utime.h>

#define MAGIC "NMDGREY1"
#define SUM_LENGTH 32
#define PIXELS ((gsize)NMD_INPUT_SIZE * NMD_INPUT_SIZE)
#define FILE_LENGTH (8 + SUM_LENGTH + PIXELS)
#define SUFFIX ".pixels"
#define DAY (24 * 60 * 60)

struct _NmdPixelCache
{
  char *folder, *parameters;
  guint64 max;
};

/* Bytes in the folder that was written to last, so that the bound need not be measured
 * for each picture. */
static struct
{
  pthread_mutex_t lock;
  char *folder;
  guint64 used;
} account = { .lock = PTHREAD_MUTEX_INITIALIZER };

char *
nmd_pixel_cache_describe (const NmdParameters *parameters)
{
  GString *text = g_string_new (NULL);
  guint n = 0;
  const NmdParameterInfo *rows = nmd_parameters_list (&n);

  for (guint i = 0; i < n; i++)
    if (strcmp (rows[i].group, "preprocessing") == 0)
      {
        g_autofree char *value = nmd_parameters_to_text (parameters, rows[i].name);

        g_string_append_printf (text, "%s=%s\n", rows[i].name, value);
      }
  return g_string_free (text, FALSE);
}

NmdPixelCache *
nmd_pixel_cache_new (const char *folder, guint64 max, const NmdParameters *parameters)
{
  NmdPixelCache *self = NULL;

  g_return_val_if_fail (folder != NULL && parameters != NULL, NULL);

  self = g_new0 (NmdPixelCache, 1);
  self->folder = g_strdup (folder);
  self->parameters = nmd_pixel_cache_describe (parameters);
  self->max = max;
  return self;
}

void
nmd_pixel_cache_free (NmdPixelCache *self)
{
  if (self == NULL)
    return;
  g_free (self->folder);
  g_free (self->parameters);
  g_free (self);
}

/* NULL for a sample that was not imported from files, or whose several masks have no stamps. */
static char *
make_key (const NmdPixelCache *self, const NmdSample *sample)
{
  g_autofree char *text = NULL, *options = NULL;

  if (sample->sha256_image[0] == '\0' || sample->more_masks != NULL)
    return NULL;
  options = nmd_mask_options_to_key (&sample->mask_options);
  text = g_strdup_printf ("%d %d\n%s\n%s\n%s%s", NMD_PIXEL_CACHE_VERSION, NMD_INPUT_SIZE,
                          sample->sha256_image, sample->sha256_mask, self->parameters,
                          options);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

static char *
path_of (const NmdPixelCache *self, const char *key)
{
  return g_strdup_printf ("%s/%.2s/%s" SUFFIX, self->folder, key, key);
}

char *
nmd_pixel_cache_get_path (NmdPixelCache *self, NmdSample *sample)
{
  g_autofree char *key = make_key (self, sample);

  return key != NULL ? path_of (self, key) : NULL;
}

static void
sum_up (const char *key, const guint8 *pixels, guint8 sum[SUM_LENGTH])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length = SUM_LENGTH;

  g_checksum_update (checksum, (const guchar *)key, (gssize)strlen (key));
  g_checksum_update (checksum, pixels, (gssize)PIXELS);
  g_checksum_get_digest (checksum, sum, &length);
}

NmdImage *
nmd_pixel_cache_get (NmdPixelCache *self, NmdSample *sample)
{
  g_autofree char *key = make_key (self, sample), *path = NULL, *bytes = NULL;
  guint8 sum[SUM_LENGTH];
  NmdImage *image;
  GStatBuf info;
  gsize length = 0;

  if (key == NULL)
    return NULL;
  path = path_of (self, key);
  if (g_stat (path, &info) != 0 || info.st_size != (goffset)FILE_LENGTH
      || !g_file_get_contents (path, &bytes, &length, NULL) || length != FILE_LENGTH
      || memcmp (bytes, MAGIC, 8) != 0)
    return NULL;
  sum_up (key, (const guint8 *)bytes + 8 + SUM_LENGTH, sum);
  if (memcmp (sum, bytes + 8, SUM_LENGTH) != 0)
    return NULL;
  if (info.st_mtime < g_get_real_time () / G_USEC_PER_SEC - DAY)
    utime (path, NULL); /* the least lately used go first; to the day is enough */
  image = nmd_image_new (NMD_INPUT_SIZE, NMD_INPUT_SIZE);
  memcpy (image->pixels, bytes + 8 + SUM_LENGTH, PIXELS);
  return image;
}

/* What is there */

static GArray *
list_kept (const char *folder)
{
  GArray *list = nmd_kept_files_new ();

  if (!g_file_test (folder, G_FILE_TEST_IS_DIR)) /* mostly; saves 256 tries */
    return list;
  for (int i = 0; i < 256; i++)
    {
      g_autofree char *sub = g_strdup_printf ("%s/%02x", folder, i);

      nmd_kept_files_list (list, sub, SUFFIX);
    }
  return list;
}

guint64
nmd_pixel_cache_measure (const char *folder, guint *n)
{
  g_autoptr (GArray) list = list_kept (folder);

  if (n != NULL)
    *n = list->len;
  return nmd_kept_files_add_up (list);
}

gboolean
nmd_pixel_cache_clear (const char *folder, GError **error)
{
  g_autoptr (GArray) list = list_kept (folder);
  const gboolean there = g_file_test (folder, G_FILE_TEST_IS_DIR);

  for (guint i = 0; i < list->len; i++)
    {
      const NmdKeptFile *kept = &g_array_index (list, NmdKeptFile, i);

      if (g_unlink (kept->path) != 0 && errno != ENOENT)
        {
          int code = errno;

          g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
                       "%s cannot be removed: %s", kept->path, g_strerror (code));
          return FALSE;
        }
    }
  /* folders that hold something else stay */
  for (int i = 0; i < 256 && there; i++)
    {
      g_autofree char *sub = g_strdup_printf ("%s/%02x", folder, i);

      g_rmdir (sub);
    }
  g_rmdir (folder);
  pthread_mutex_lock (&account.lock);
  g_clear_pointer (&account.folder, g_free);
  pthread_mutex_unlock (&account.lock);
  return TRUE;
}

/* Keeping */

/* Removes the oldest until a tenth of the bound is free, so that it is not done for each
 * picture. Returns the bytes left. */
static guint64
make_room (const NmdPixelCache *self, guint64 needed)
{
  g_autoptr (GArray) list = list_kept (self->folder);
  guint64 used = nmd_kept_files_add_up (list);

  if (used + needed <= self->max)
    return used;
  return nmd_kept_files_trim (list, used + needed, self->max - self->max / 10) - needed;
}

/* Counts a picture that is about to be written; FALSE if there is no room. */
static gboolean
account_for (const NmdPixelCache *self)
{
  gboolean fits;

  pthread_mutex_lock (&account.lock);
  if (g_strcmp0 (account.folder, self->folder) != 0
      || account.used + FILE_LENGTH > self->max)
    {
      g_free (account.folder);
      account.folder = g_strdup (self->folder);
      account.used = make_room (self, FILE_LENGTH);
    }
  fits = account.used + FILE_LENGTH <= self->max;
  if (fits)
    account.used += FILE_LENGTH;
  pthread_mutex_unlock (&account.lock);
  return fits;
}

static gboolean
is_as_read (const char *path, const NmdStamp *read, const char *sha256)
{
  g_autofree char *now = NULL;
  NmdStamp stamp;

  if (nmd_stamp_take (&stamp, path) && nmd_stamp_equal (&stamp, read))
    return TRUE;
  now = nmd_file_sha256 (path, NULL, NULL);
  return g_strcmp0 (now, sha256) == 0;
}

/* The pixels were read after the import: only if the files have not changed since are
 * they what the digests stand for. */
static gboolean
is_unchanged (NmdSample *sample)
{
  return is_as_read (sample->image_path, &sample->stamp_image, sample->sha256_image)
         && (sample->mask_path == NULL || sample->outline != NULL /* in memory */
             || is_as_read (sample->mask_path, &sample->stamp_mask, sample->sha256_mask));
}

void
nmd_pixel_cache_put (NmdPixelCache *self, NmdSample *sample, const NmdImage *image)
{
  g_autofree char *key = make_key (self, sample), *path = NULL, *folder = NULL,
                  *bytes = NULL;

  g_return_if_fail (image->width == NMD_INPUT_SIZE && image->height == NMD_INPUT_SIZE);

  if (key == NULL || !is_unchanged (sample) || !account_for (self))
    return;
  path = path_of (self, key);
  folder = g_path_get_dirname (path);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    return;
  bytes = g_malloc (FILE_LENGTH);
  memcpy (bytes, MAGIC, 8);
  sum_up (key, image->pixels, (guint8 *)bytes + 8);
  memcpy (bytes + 8 + SUM_LENGTH, image->pixels, PIXELS);
  /* renamed into place, but not fsynced: the sum finds what a power cut leaves */
  g_file_set_contents_full (path, bytes, (gssize)FILE_LENGTH,
                            G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}
