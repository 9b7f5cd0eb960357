/* SPDX-License-Identifier: Apache-2.0
 *
 * Zips and tars: looked through before anything is written, unpacked into a folder of
 * their own below the cache, renamed when complete. The cache itself is nmd-cache.c.
 */
#include "engine/data/import/nmd-archive-private.h"
#include "engine/core/nmd-file.h"
#include "engine/data/import/nmd-cache-private.h"
#include "engine/data/import/nmd-import-private.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SPARE (G_GUINT64_CONSTANT (256) << 20) /* left free on the disk */

typedef struct archive Archive;

static void
archive_close (Archive *archive)
{
  archive_read_free (archive);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Archive, archive_close)

/* Looking through. */

typedef struct
{
  const char *path; /* of the archive, as users know it */
  guint64 n, total;
  guint n_images;
  char *inner; /* a zip inside */
} Contents;

static void
contents_clear (Contents *self)
{
  g_clear_pointer (&self->inner, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Contents, contents_clear)

typedef enum
{
  KIND_ZIP,
  KIND_TAR,
  KIND_TAR_GZ,
} Kind;

static gboolean
has_ending (const char *name, const char *ending)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  return g_str_has_suffix (lower, ending);
}

/* The kind of the archive @path: by its first bytes, else by its name. FALSE if it is
 * none. */
static gboolean
find_kind (const char *path, Kind *kind)
{
  guint8 start[512] = { 0 };
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  ssize_t n = fd >= 0 ? read (fd, start, sizeof start) : -1;

  if (fd >= 0)
    close (fd);
  if (n >= 2 && memcmp (start, "PK", 2) == 0)
    *kind = KIND_ZIP;
  else if (n >= 2 && memcmp (start, "\x1f\x8b", 2) == 0)
    *kind = KIND_TAR_GZ;
  else if (n == sizeof start && memcmp (start + 257, "ustar", 5) == 0)
    *kind = KIND_TAR;
  else if (has_ending (path, ".zip"))
    *kind = KIND_ZIP;
  else if (has_ending (path, ".tar.gz") || has_ending (path, ".tgz"))
    *kind = KIND_TAR_GZ;
  else if (has_ending (path, ".tar"))
    *kind = KIND_TAR;
  else
    return FALSE;
  return TRUE;
}

gboolean
nmd_archive_is_one (const char *path)
{
  Kind kind;

  return find_kind (path, &kind);
}

/* Whether @tail is what an archive ends with: a zip with its table of contents (PKWARE
 * APPNOTE 4.3.16), a tar with two blocks of zeros (POSIX pax, "Archive Format"). What is
 * compressed has its own sum. */
static gboolean
is_end (const guint8 *tail, gssize n, Kind kind)
{
  static const guint8 mark[4] = { 'P', 'K', 5, 6 };
  gboolean found = kind == KIND_TAR_GZ;

  for (gssize i = n - 22; kind == KIND_ZIP && i >= 0 && !found; i--)
    found = memcmp (tail + i, mark, 4) == 0;
  if (kind == KIND_TAR && n >= 1024)
    {
      found = TRUE;
      for (gssize i = n - 1024; i < n; i++)
        found &= tail[i] == 0;
    }
  return found;
}

/* Without its end an archive was cut short. */
static gboolean
has_end (const char *path, const char *shown, Kind kind, GError **error)
{
  g_autofree guint8 *tail = g_malloc (66000);
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  off_t size = fd >= 0 ? lseek (fd, 0, SEEK_END) : -1;
  ssize_t n = -1;

  if (size >= 0)
    n = pread (fd, tail, 66000, MAX (size - 66000, 0));
  if (n < 0)
    {
      int code = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
                   "%s cannot be read: %s", shown, g_strerror (code));
      if (fd >= 0)
        close (fd);
      return FALSE;
    }
  close (fd);
  if (is_end (tail, n, kind))
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
               kind == KIND_ZIP
                   ? "%s is cut short or no zip: its table of contents is missing"
                   : "%s is cut short or no tar: the zeros at its end are missing",
               shown);
  return FALSE;
}

/* @shown: the file as users know it, in errors. */
static Archive *
open_archive (const char *path, const char *shown, GError **error)
{
  g_autoptr (Archive) archive = NULL;
  Kind kind = KIND_ZIP;

  find_kind (path, &kind);
  if (!has_end (path, shown, kind, error))
    return NULL;
  archive = archive_read_new ();
  /* A zip only through the table of contents: it alone tells links and sizes. */
  if (kind == KIND_ZIP)
    archive_read_support_format_zip_seekable (archive);
  else
    archive_read_support_format_tar (archive);
  if (kind == KIND_TAR_GZ)
    archive_read_support_filter_gzip (archive);
  if (archive_read_open_filename (archive, path, 1 << 18) == ARCHIVE_OK)
    return g_steal_pointer (&archive);
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s cannot be read as a %s: %s", shown,
               kind == KIND_ZIP ? "zip" : "tar", archive_error_string (archive));
  return NULL;
}

static const char *
entry_name (struct archive_entry *entry)
{
  const char *name = archive_entry_pathname_utf8 (entry);

  return name != NULL ? name : archive_entry_pathname (entry);
}

/* Why @name must not be written below a folder, or NULL. */
static const char *
bad_name (const char *name)
{
  g_auto (GStrv) parts = g_strsplit_set (name, "/\\", -1);

  if (name[0] == '/' || name[0] == '\\' || (g_ascii_isalpha (name[0]) && name[1] == ':'))
    return "has an absolute path";
  for (char **part = parts; *part != NULL; part++)
    {
      if (strcmp (*part, "..") == 0)
        return "leads out of the archive";
      if (strlen (*part) > 255)
        return "has a name that is too long";
    }
  if (strlen (name) > 2048)
    return "has a name that is too long";
  for (const char *p = name; *p != '\0'; p++)
    if ((guchar)*p < 0x20)
      return "has control characters in its name";
  return NULL;
}

static gboolean
refuse (GError **error, const char *path, const char *name, const char *why)
{
  g_autofree char *shown = g_utf8_make_valid (name, -1);

  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
               "%s is not unpacked: its entry “%s” %s", path, shown, why);
  return FALSE;
}

static gboolean
check_entry (Contents *self, struct archive_entry *entry, GError **error)
{
  const char *name = entry_name (entry);
  guint64 limit, size;

  if (name == NULL)
    return refuse (error, self->path, "?", "has a name that cannot be read");
  if (bad_name (name) != NULL)
    return refuse (error, self->path, name, bad_name (name));
  if (archive_entry_symlink (entry) != NULL || archive_entry_hardlink (entry) != NULL)
    return refuse (error, self->path, name, "is a link");
  if (archive_entry_filetype (entry) == AE_IFDIR)
    return TRUE;
  if (archive_entry_filetype (entry) != AE_IFREG && archive_entry_filetype (entry) != 0)
    return refuse (error, self->path, name, "is neither a file nor a folder");
  if (archive_entry_is_encrypted (entry))
    return refuse (error, self->path, name, "is encrypted");
  if (!archive_entry_size_is_set (entry))
    return refuse (error, self->path, name, "does not tell its size");
  limit = has_ending (name, ".zip") ? NMD_ARCHIVE_MAX_TOTAL : NMD_ARCHIVE_MAX_ENTRY;
  size = (guint64)archive_entry_size (entry);
  if (archive_entry_size (entry) < 0 || size > limit)
    return refuse (error, self->path, name, "is absurdly large");
  self->total += size;
  self->n++;
  self->n_images += nmd_listing_is_image_name (name);
  if (has_ending (name, ".zip") && self->inner == NULL
      && !g_str_has_prefix (name, "__MACOSX/"))
    self->inner = g_strdup (name);
  if (self->n <= NMD_ARCHIVE_MAX_ENTRIES && self->total <= NMD_ARCHIVE_MAX_TOTAL)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
               "%s is not unpacked: it holds more than a data set can (%" G_GUINT64_FORMAT
               " files so far)",
               self->path, self->n);
  return FALSE;
}

/* A small file of @packed bytes that unpacks to a huge one is a trap. */
static gboolean
check_ratio (Contents *self, guint64 packed, GError **error)
{
  if (self->total <= NMD_ARCHIVE_RATIO_FROM
      || self->total / NMD_ARCHIVE_MAX_RATIO <= packed)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
               "%s is not unpacked: it would grow more than %d-fold, as no pictures do",
               self->path, NMD_ARCHIVE_MAX_RATIO);
  return FALSE;
}

/* Lists @file without unpacking it. */
static gboolean
look_through (Contents *self, const char *file, GCancellable *cancellable, GError **error)
{
  g_autoptr (Archive) archive = open_archive (file, self->path, error);
  struct archive_entry *entry;
  GStatBuf info;
  int status;

  if (archive == NULL)
    return FALSE;
  if (g_stat (file, &info) != 0)
    info.st_size = 0;
  /* The ratio at once: behind a tar's entry its bytes are unpacked to come to the next.
   */
  while ((status = archive_read_next_header (archive, &entry)) == ARCHIVE_OK
         || status == ARCHIVE_WARN)
    if (!check_entry (self, entry, error)
        || !check_ratio (self, (guint64)info.st_size, error)
        || g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
  if (status != ARCHIVE_EOF)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is damaged or cut short: %s",
                   self->path, archive_error_string (archive));
      return FALSE;
    }
  if (self->n == 0)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s holds no files", self->path);
      return FALSE;
    }
  return TRUE;
}

/* Unpacking. */

static gboolean
fail_errno (GError **error, const char *path, int code)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
               "%s cannot be written: %s", path, g_strerror (code));
  return FALSE;
}

static gboolean
write_all (int fd, const void *data, gsize length)
{
  const char *p = data;

  while (length > 0)
    {
      ssize_t n = write (fd, p, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      p += n;
      length -= (gsize)n;
    }
  return TRUE;
}

/* Writes the content of the current entry to @target, never more than it announced. */
static gboolean
write_entry (Archive *archive,
             struct archive_entry *entry,
             const char *archive_path,
             const char *target,
             GCancellable *cancellable,
             GError **error)
{
  g_autofree char *buffer = g_malloc (1 << 17);
  guint64 left = (guint64)archive_entry_size (entry);
  int fd = g_open (target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  gboolean good = fd >= 0;
  la_ssize_t n = 0;

  if (!good)
    {
      int code = errno;

      if (code == EEXIST)
        return refuse (error, archive_path, entry_name (entry), "stands in it twice");
      return fail_errno (error, target, code);
    }
  while (good && (n = archive_read_data (archive, buffer, 1 << 17)) > 0)
    {
      if ((guint64)n > left)
        good = refuse (error, archive_path, entry_name (entry), "is larger than it says");
      else if (g_cancellable_set_error_if_cancelled (cancellable, error))
        good = FALSE;
      else if (!write_all (fd, buffer, (gsize)n))
        good = fail_errno (error, target, errno);
      left -= MIN ((guint64)n, left);
    }
  if (close (fd) != 0 && good)
    good = fail_errno (error, target, errno);
  if (good && (n < 0 || left > 0))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "%s is damaged or cut short: its entry “%s” cannot be unpacked",
                   archive_path, entry_name (entry));
      good = FALSE;
    }
  return good;
}

/* The folder that the current entry goes to. */
static gboolean
make_parent (struct archive_entry *entry,
             const char *archive_path,
             const char *parent,
             GError **error)
{
  g_autoptr (GError) inner = NULL;

  if (nmd_cache_make_folder (parent, &inner))
    return TRUE;
  if (g_error_matches (inner, G_FILE_ERROR, G_FILE_ERROR_NOTDIR)
      || g_error_matches (inner, G_FILE_ERROR, G_FILE_ERROR_EXIST))
    return refuse (error, archive_path, entry_name (entry),
                   "lies in a folder that is a file in it too");
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

/* Unpacks @file, which has been looked through, below @folder. The checks are made again:
 * the file may have changed. */
static gboolean
unpack_below (const char *file,
              const char *archive_path,
              const char *folder,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (Archive) archive = open_archive (file, archive_path, error);
  g_auto (Contents) contents = { .path = archive_path };
  struct archive_entry *entry;
  int status;

  if (archive == NULL)
    return FALSE;
  while ((status = archive_read_next_header (archive, &entry)) == ARCHIVE_OK
         || status == ARCHIVE_WARN)
    {
      g_autofree char *target = NULL, *parent = NULL;

      if (!check_entry (&contents, entry, error))
        return FALSE;
      target = g_build_filename (folder, entry_name (entry), NULL);
      if (archive_entry_filetype (entry) == AE_IFDIR)
        continue; /* made where a file needs it */
      parent = g_path_get_dirname (target);
      if (!make_parent (entry, archive_path, parent, error)
          || !write_entry (archive, entry, archive_path, target, cancellable, error))
        return FALSE;
    }
  if (status == ARCHIVE_EOF)
    return TRUE;
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is damaged or cut short: %s",
               archive_path, archive_error_string (archive));
  return FALSE;
}

static gboolean
check_space (const char *path, const char *folder, guint64 needed, GError **error)
{
  g_autofree char *need = g_format_size (needed);
  struct statvfs disk;
  guint64 used;

  if (statvfs (folder, &disk) == 0
      && (guint64)disk.f_bavail * disk.f_frsize < needed + SPARE)
    {
      g_autofree char *have = g_format_size ((guint64)disk.f_bavail * disk.f_frsize);
      g_autofree char *spare = g_format_size (SPARE);

      g_set_error (
          error, NMD_ERROR, NMD_ERROR_REFUSED,
          "%s needs %s unpacked, and %s must stay free, but only %s are free for "
          "%s",
          path, need, spare, have, folder);
      return FALSE;
    }
  used = nmd_cache_get_size (folder);
  if (used + needed <= NMD_CACHE_MAX)
    return TRUE;
  g_set_error (
      error, NMD_ERROR, NMD_ERROR_REFUSED,
      "%s needs %s unpacked, which is more than the cache %s may still take: clear it "
      "first",
      path, need, folder);
  return FALSE;
}

/* A zip that came out of the archive is unpacked in its place. */
static gboolean
unpack_inner (const char *archive_path,
              const char *cache,
              const char *files,
              const char *inner,
              gboolean *published,
              GCancellable *cancellable,
              GError **error)
{
  g_autofree char *file = g_build_filename (files, inner, NULL);
  g_autofree char *shown = g_strdup_printf ("%s (inside %s)", inner, archive_path);
  g_autofree char *folder = g_path_get_dirname (file), *sha256 = NULL, *aside = NULL;
  g_auto (Contents) contents = { .path = shown };

  sha256 = nmd_file_sha256 (file, cancellable, error);
  if (sha256 == NULL)
    return FALSE;
  *published |= strcmp (sha256, NMD_PUBLISHED_SHA256) == 0;
  if (!look_through (&contents, file, cancellable, error)
      || !check_space (shown, cache, contents.total, error))
    return FALSE;
  aside = g_strconcat (files, ".zip", NULL); /* its own entries may have its name */
  if (g_rename (file, aside) != 0)
    return fail_errno (error, aside, errno);
  if (!unpack_below (aside, shown, folder, cancellable, error))
    return FALSE;
  g_unlink (aside);
  return TRUE;
}

/* The cache. */

static gboolean
write_record (const char *folder, const char *name, gboolean published, GError **error)
{
  g_autoptr (GKeyFile) record = g_key_file_new ();
  g_autofree char *files = g_build_filename (folder, "files", NULL);
  g_autofree char *path = g_build_filename (folder, NMD_CACHE_RECORD, NULL), *text = NULL;
  guint64 n = 0, size = 0;

  nmd_cache_measure_folder (files, &n, &size);
  g_key_file_set_string (record, "archive", "name", name);
  g_key_file_set_boolean (record, "archive", "published", published);
  g_key_file_set_uint64 (record, "archive", "files", n);
  g_key_file_set_uint64 (record, "archive", "bytes", size);
  text = g_key_file_to_data (record, NULL, NULL);
  if (!nmd_file_write_text (path, text, error))
    return FALSE;
  g_chmod (path, 0600);
  return TRUE;
}

/* Whether @folder holds an archive as it was unpacked. */
static gboolean
is_complete (const char *folder, gboolean *published)
{
  g_autoptr (GKeyFile) record = g_key_file_new ();
  g_autofree char *files = g_build_filename (folder, "files", NULL);
  g_autofree char *path = g_build_filename (folder, NMD_CACHE_RECORD, NULL);
  guint64 n = 0, size = 0;

  if (!g_key_file_load_from_file (record, path, G_KEY_FILE_NONE, NULL))
    return FALSE;
  nmd_cache_measure_folder (files, &n, &size);
  *published = g_key_file_get_boolean (record, "archive", "published", NULL);
  return n > 0 && n == g_key_file_get_uint64 (record, "archive", "files", NULL)
         && size == g_key_file_get_uint64 (record, "archive", "bytes", NULL);
}

/* Moves the complete @temporary to @folder; a copy that another program made meanwhile is
 * good. */
static gboolean
put_in_place (const char *temporary, const char *folder, GError **error)
{
  gboolean published;
  int code;

  if (g_rename (temporary, folder) == 0)
    return TRUE;
  code = errno;
  if (is_complete (folder, &published))
    return nmd_cache_remove_folder (temporary, error);
  if (!nmd_cache_remove_folder (folder, error))
    return FALSE;
  if (g_rename (temporary, folder) == 0)
    return TRUE;
  return fail_errno (error, folder, code);
}

static gboolean
unpack_to (const char *path,
           Contents *contents,
           const char *temporary,
           gboolean *published,
           GCancellable *cancellable,
           GError **error)
{
  g_autofree char *files = g_build_filename (temporary, "files", NULL);
  g_autofree char *cache = g_path_get_dirname (temporary);
  g_autofree char *name = g_path_get_basename (path);

  return nmd_cache_make_folder (files, error)
         && unpack_below (path, path, files, cancellable, error)
         && (contents->inner == NULL || contents->n_images > 0
             || unpack_inner (path, cache, files, contents->inner, published, cancellable,
                              error))
         && write_record (temporary, name, *published, error);
}

static gboolean
check_consent (Contents *contents, gboolean consent, const char *cache, GError **error)
{
  g_autofree char *size = g_format_size (contents->total);

  if (consent)
    return TRUE;
  g_autofree char *n = g_strdup_printf ("%" G_GUINT64_FORMAT, contents->n);
  g_set_error (
      error, NMD_ERROR, NMD_ERROR_NEEDS_UNPACK,
      /* Translators: an archive, a number of files, a size, perhaps a remark, a folder */
      _ ("%s has to be unpacked once: %s files, %s%s, into %s"), contents->path, n, size,
      contents->inner != NULL && contents->n_images == 0
          ? _ (" and as much again for the zip inside")
          : "",
      cache);
  return FALSE;
}

static gboolean
unpack_new (const char *path,
            const char *cache,
            const char *folder,
            gboolean consent,
            gboolean *published,
            GCancellable *cancellable,
            GError **error)
{
  g_auto (Contents) contents = { .path = path };
  g_autofree char *temporary = NULL;
  guint64 needed;

  if (!look_through (&contents, path, cancellable, error)
      || !check_consent (&contents, consent, cache, error)
      || !nmd_cache_make_folder (cache, error))
    return FALSE;
  needed = contents.total;
  if (contents.inner != NULL && contents.n_images == 0)
    needed *= 2;
  if (!check_space (path, cache, needed, error))
    return FALSE;
  nmd_cache_remove_stale (cache);
  temporary = g_build_filename (cache, NMD_CACHE_TEMPORARY "XXXXXX", NULL);
  if (g_mkdtemp_full (temporary, 0700) == NULL)
    return fail_errno (error, cache, errno);
  if (unpack_to (path, &contents, temporary, published, cancellable, error)
      && put_in_place (temporary, folder, error))
    return TRUE;
  nmd_cache_remove_folder (temporary, NULL);
  return FALSE;
}

char *
nmd_archive_unpack (const char *path,
                    gboolean consent,
                    const char *cache_folder,
                    char **name,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autofree char *cache
      = cache_folder != NULL ? g_strdup (cache_folder) : nmd_cache_get_folder ();
  g_autofree char *sha256 = nmd_file_sha256 (path, cancellable, error);
  g_autofree char *base = g_path_get_basename (path), *folder = NULL;
  gboolean published = FALSE;

  if (sha256 == NULL)
    return NULL;
  folder = g_build_filename (cache, sha256, NULL);
  if (!is_complete (folder, &published))
    {
      published = strcmp (sha256, NMD_PUBLISHED_SHA256) == 0;
      if (!unpack_new (path, cache, folder, consent, &published, cancellable, error))
        return NULL;
    }
  else
    g_chmod (folder, 0700); /* it may be of an earlier version */
  *name = published ? g_strdup_printf (
              "%s, the published data set (doi 10.17632/3jykz7wz8d.1)", base)
                    : g_steal_pointer (&base);
  return g_build_filename (folder, "files", NULL);
}

void
nmd_archive_forget (const char *folder)
{
  g_autofree char *whole = g_path_get_dirname (folder);

  nmd_cache_remove_folder (whole, NULL); /* what stays is listed and can be cleared */
}
