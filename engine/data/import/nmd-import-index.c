/* SPDX-License-Identifier: Apache-2.0
 *
 * The index of measured files: read, looked up, written, bounded. When to use it is
 * nmd-import.c's business.
 */
#include "engine/data/import/nmd-import-index-private.h"
#include "engine/data/nmd-kept-files-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

#define MAGIC "NMDINDEX"
#define SUM_LENGTH 32
#define SUFFIX ".index"

/* What an image is measured to be; told again only for equal stamps. */
#define PROBLEMS                                                                         \
  (NMD_PROBLEM_NO_MASK | NMD_PROBLEM_EMPTY_MASK | NMD_PROBLEM_COLOURED                   \
   | NMD_PROBLEM_LOSSY | NMD_PROBLEM_BLACK | NMD_PROBLEM_SATURATED                       \
   | NMD_PROBLEM_CONSTANT | NMD_PROBLEM_MASK_ALPHA | NMD_PROBLEM_MASK_SOFT               \
   | NMD_PROBLEM_MASK_VOID | NMD_PROBLEMS_DOUBTFUL)

typedef struct
{
  char magic[8];
  guint32 version, n;
} Header;

/* As it lies in the file, in the machine's byte order; paths follow. */
typedef struct
{
  NmdStamp image, mask;
  double mean, sd;
  gint64 n, n_coloured, n_between;
  char labels[96]; /* of the mask, as NmdSample has them */
  gint32 width, height, box[4];
  guint32 problems, is_synthetic;
  guint32 histogram[256];
  guint8 sha256[3][32]; /* image, mask, pixels */
  guint32 image_length, mask_length;
} Record;

struct _NmdImportIndex
{
  char *folder, *path;
  char *bytes;        /* as loaded, or NULL */
  gsize length;       /* of these, with the sum */
  GHashTable *places; /* "IMAGE\nMASK" → Record in bytes (unaligned) */
  GByteArray *fresh;  /* what is to be written: header and records */
  guint n_fresh, n_known;
};

static char *
key_of (const char *image, gsize image_length, const char *mask, gsize mask_length)
{
  return g_strdup_printf ("%.*s\n%.*s", (int)image_length, image, (int)mask_length, mask);
}

/* Fills the table; FALSE if the bytes are not an index. */
static gboolean
parse (NmdImportIndex *self, gsize length)
{
  Header header;
  gsize at = sizeof header, end = length - SUM_LENGTH;

  memcpy (&header, self->bytes, sizeof header);
  if (memcmp (header.magic, MAGIC, sizeof header.magic) != 0
      || header.version != NMD_IMPORT_INDEX_VERSION)
    return FALSE;
  for (guint i = 0; i < header.n; i++)
    {
      const char *place = self->bytes + at, *paths = place + sizeof (Record);
      Record record;

      if (end - at < sizeof record)
        return FALSE;
      memcpy (&record, place, sizeof record);
      at += sizeof record;
      if (record.image_length > end - at
          || record.mask_length > end - at - record.image_length)
        return FALSE;
      at += record.image_length + record.mask_length;
      g_hash_table_insert (self->places,
                           key_of (paths, record.image_length,
                                   paths + record.image_length, record.mask_length),
                           (gpointer)place);
    }
  return at == end;
}

static void
sum_up (const void *bytes, gsize length, guint8 sum[SUM_LENGTH])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize n = SUM_LENGTH;

  g_checksum_update (checksum, bytes, (gssize)length);
  g_checksum_get_digest (checksum, sum, &n);
}

static gboolean
load (NmdImportIndex *self)
{
  guint8 sum[SUM_LENGTH];
  GStatBuf info;
  gsize length = 0;

  self->length = 0;
  if (g_stat (self->path, &info) != 0 || info.st_size > NMD_IMPORT_INDEX_MAX
      || !g_file_get_contents (self->path, &self->bytes, &length, NULL)
      || length < sizeof (Header) + SUM_LENGTH)
    return FALSE;
  self->length = length;
  sum_up (self->bytes, length - SUM_LENGTH, sum);
  return memcmp (sum, self->bytes + length - SUM_LENGTH, SUM_LENGTH) == 0
         && parse (self, length);
}

NmdImportIndex *
nmd_import_index_load (const char *cache, const char *root)
{
  NmdImportIndex *self = g_new0 (NmdImportIndex, 1);
  g_autofree char *key = g_compute_checksum_for_string (G_CHECKSUM_SHA256, root, -1);
  g_autofree char *name = g_strconcat (key, SUFFIX, NULL);
  const Header header = { MAGIC, NMD_IMPORT_INDEX_VERSION, 0 };

  self->folder = g_build_filename (cache, NMD_IMPORT_INDEX_NAME, NULL);
  self->path = g_build_filename (self->folder, name, NULL);
  self->places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->fresh = g_byte_array_new ();
  g_byte_array_append (self->fresh, (const guint8 *)&header, sizeof header);
  if (!load (self))
    g_hash_table_remove_all (self->places);
  self->n_known = g_hash_table_size (self->places);
  return self;
}

void
nmd_import_index_free (NmdImportIndex *self)
{
  if (self == NULL)
    return;
  g_free (self->folder);
  g_free (self->path);
  g_free (self->bytes);
  g_hash_table_unref (self->places);
  g_byte_array_unref (self->fresh);
  g_free (self);
}

static void
to_hex (const guint8 *bytes, char text[65])
{
  for (guint i = 0; i < 32; i++)
    g_snprintf (text + 2 * i, 3, "%02x", bytes[i]);
}

static void
from_hex (const char *text, guint8 *bytes)
{
  for (guint i = 0; i < 32; i++)
    bytes[i] = (guint8)(g_ascii_xdigit_value (text[2 * i]) * 16
                        + g_ascii_xdigit_value (text[2 * i + 1]));
}

/* What stands for the mask in a key: its path; of an outline its geometry, whatever file holds it. */
static char *
mask_key (const NmdSample *sample)
{
  g_autofree char *digest = NULL;

  if (sample->outline == NULL)
    return g_strdup (sample->mask_path != NULL ? sample->mask_path : "");
  digest = nmd_outline_digest (sample->outline, sample->outline_label);
  return g_strconcat ("outline ", digest, NULL);
}

/* Whether the mask is a file whose stamp tells of changes. */
static gboolean
has_mask_file (const NmdSample *sample)
{
  return sample->mask_path != NULL && sample->outline == NULL;
}

gboolean
nmd_import_index_find (NmdImportIndex *self, NmdSample *sample, char content[65])
{
  g_autofree char *mask = mask_key (sample);
  g_autofree char *key
      = key_of (sample->image_path, strlen (sample->image_path), mask, strlen (mask));
  const char *place = g_hash_table_lookup (self->places, key);
  Record record;

  if (place == NULL || sample->more_masks != NULL)
    return FALSE; /* a record has room for the stamp of one mask */
  memcpy (&record, place, sizeof record);
  if (!nmd_stamp_equal (&record.image, &sample->stamp_image)
      || (has_mask_file (sample) && !nmd_stamp_equal (&record.mask, &sample->stamp_mask)))
    return FALSE;
  to_hex (record.sha256[0], sample->sha256_image);
  if (sample->mask_path != NULL)
    to_hex (record.sha256[1], sample->sha256_mask);
  to_hex (record.sha256[2], content);
  sample->width = record.width;
  sample->height = record.height;
  sample->box = (NmdBox){ record.box[0], record.box[1], record.box[2], record.box[3] };
  sample->echo.mean = record.mean;
  sample->echo.sd = record.sd;
  sample->echo.n = record.n;
  sample->echo.n_coloured = record.n_coloured;
  memcpy (sample->echo.histogram, record.histogram, sizeof record.histogram);
  sample->problems |= record.problems & PROBLEMS;
  sample->n_between = record.n_between;
  record.labels[sizeof record.labels - 1] = '\0';
  if (record.labels[0] != '\0')
    sample->mask_labels = g_intern_string (record.labels);
  sample->is_synthetic |= record.is_synthetic != 0;
  return TRUE;
}

void
nmd_import_index_add (NmdImportIndex *self, const NmdSample *sample, const char *content)
{
  g_autofree char *mask = mask_key (sample);
  Record record;

  if (self->fresh->len > NMD_IMPORT_INDEX_MAX - 64 * 1024 || sample->more_masks != NULL
      || !nmd_stamp_is_settled (&sample->stamp_image)
      || (has_mask_file (sample) && !nmd_stamp_is_settled (&sample->stamp_mask)))
    return;
  memset (&record, 0, sizeof record); /* padding too: the sum covers it */
  record.image = sample->stamp_image;
  if (has_mask_file (sample))
    record.mask = sample->stamp_mask;
  record.mean = sample->echo.mean;
  record.sd = sample->echo.sd;
  record.n = sample->echo.n;
  record.n_coloured = sample->echo.n_coloured;
  record.n_between = sample->n_between;
  g_strlcpy (record.labels, sample->mask_labels != NULL ? sample->mask_labels : "",
             sizeof record.labels);
  record.width = sample->width;
  record.height = sample->height;
  record.box[0] = sample->box.x0;
  record.box[1] = sample->box.y0;
  record.box[2] = sample->box.x1;
  record.box[3] = sample->box.y1;
  record.problems = sample->problems & PROBLEMS;
  record.is_synthetic = (guint32)sample->is_synthetic;
  memcpy (record.histogram, sample->echo.histogram, sizeof record.histogram);
  from_hex (sample->sha256_image, record.sha256[0]);
  if (sample->mask_path != NULL)
    from_hex (sample->sha256_mask, record.sha256[1]);
  from_hex (content, record.sha256[2]);
  record.image_length = (guint32)strlen (sample->image_path);
  record.mask_length = (guint32)strlen (mask);
  g_byte_array_append (self->fresh, (const guint8 *)&record, sizeof record);
  g_byte_array_append (self->fresh, (const guint8 *)sample->image_path,
                       record.image_length);
  g_byte_array_append (self->fresh, (const guint8 *)mask, record.mask_length);
  self->n_fresh++;
}

static GArray *
list_kept (const char *folder)
{
  GArray *list = nmd_kept_files_new ();

  nmd_kept_files_list (list, folder, SUFFIX);
  return list;
}

/* Removes the least lately used until @needed bytes fit. */
static void
make_room (const NmdImportIndex *self, guint64 needed)
{
  g_autoptr (GArray) list = list_kept (self->folder);

  nmd_kept_files_trim (list, nmd_kept_files_add_up (list) + needed,
                       NMD_IMPORT_INDEX_MAX_ALL);
}

/* Whether every record that is to be written was loaded, with these stamps. */
static gboolean
is_as_loaded (const NmdImportIndex *self, gsize length)
{
  gsize loaded = sizeof (Header);

  if (self->bytes == NULL || self->n_fresh != self->n_known
      || self->length != length + SUM_LENGTH)
    return FALSE;
  /* records come in the order of ids, as they were written */
  return memcmp (self->bytes + loaded, self->fresh->data + loaded, length - loaded) == 0;
}

void
nmd_import_index_save (NmdImportIndex *self)
{
  const Header header = { MAGIC, NMD_IMPORT_INDEX_VERSION, self->n_fresh };
  guint8 sum[SUM_LENGTH];

  if (self->n_fresh == 0)
    return;
  if (is_as_loaded (self, self->fresh->len))
    {
      utime (self->path, NULL); /* the least lately used go first */
      return;
    }
  memcpy (self->fresh->data, &header, sizeof header);
  sum_up (self->fresh->data, self->fresh->len, sum);
  g_byte_array_append (self->fresh, sum, SUM_LENGTH);
  if (g_mkdir_with_parents (self->folder, 0700) != 0)
    return;
  make_room (self, self->fresh->len);
  g_file_set_contents_full (self->path, (const char *)self->fresh->data,
                            (gssize)self->fresh->len, G_FILE_SET_CONTENTS_CONSISTENT,
                            0600, NULL);
}

guint64
nmd_import_index_measure (const char *cache, guint *n)
{
  g_autofree char *folder = g_build_filename (cache, NMD_IMPORT_INDEX_NAME, NULL);
  g_autoptr (GArray) list = list_kept (folder);

  if (n != NULL)
    *n = list->len;
  return nmd_kept_files_add_up (list);
}

gboolean
nmd_import_index_clear (const char *cache, GError **error)
{
  g_autofree char *folder = g_build_filename (cache, NMD_IMPORT_INDEX_NAME, NULL);
  g_autoptr (GArray) list = list_kept (folder);

  for (guint i = 0; i < list->len; i++)
    {
      const char *path = g_array_index (list, NmdKeptFile, i).path;

      if (g_unlink (path) != 0 && errno != ENOENT)
        {
          int code = errno;

          g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
                       "%s cannot be removed: %s", path, g_strerror (code));
          return FALSE;
        }
    }
  g_rmdir (folder); /* stays if it holds something else */
  return TRUE;
}
