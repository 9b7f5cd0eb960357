/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole-or-nothing files, folder locks and digests of nmd-file.h. What is in the files is
 * the business of those who write them.
 */
#include "config.h"

#include "engine/core/nmd-file.h"

#include "engine/core/nmd-text.h"
#include "engine/core/nmd-words.h"

#include <glib/gi18n-lib.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_NAME "run.lock"
#define HOLDER_LENGTH 256

/* The reason in plain words; the C library's text for the rest. */
static const char *
reason (int code)
{
  switch (code)
    {
    case ENOSPC:
      return nmd_word ("no space left on the device");
    case EDQUOT:
      return nmd_word ("the disk quota is used up");
    case EFBIG:
      return nmd_word ("the file would be larger than allowed");
    case EROFS:
      return nmd_word ("the file system is read-only");
    case EACCES:
    case EPERM:
      return nmd_word ("permission denied");
    case ENOENT:
      return nmd_word ("no such file or folder");
    case ENOTDIR:
      return nmd_word ("a part of the path is not a folder");
    case EISDIR:
      return nmd_word ("it is a folder");
    case ENAMETOOLONG:
      return nmd_word ("the name is too long");
    case EIO:
      return nmd_word ("the device reports an input or output error");
    default:
      return g_strerror (code);
    }
}

static gboolean
fail (GError **error, const char *verb, const char *path, int code)
{
  g_autofree char *name = nmd_text_display (path);

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
               g_str_equal (verb, "open")    ? nmd_word ("Could not open %s: %s")
               : g_str_equal (verb, "read")  ? nmd_word ("Could not read %s: %s")
               : g_str_equal (verb, "write") ? nmd_word ("Could not write %s: %s")
               : g_str_equal (verb, "lock")
                   ? nmd_word ("Could not lock %s: %s")
                   : nmd_word ("Could not make the folder %s: %s"),
               name, reason (code));
  return FALSE;
}

/* What @mode is, if it is no regular file. */
static const char *
kind_of_file (mode_t mode)
{
  return S_ISDIR (mode)    ? "a folder"
         : S_ISFIFO (mode) ? "a pipe"
         : S_ISSOCK (mode) ? "a socket"
                           : "a device";
}

int
nmd_file_open (const char *path, GError **error)
{
  struct stat info;
  int fd, code;

  g_return_val_if_fail (path != NULL, -1);

  /* O_NONBLOCK: opening a pipe would wait for its writer, a device for its carrier */
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd >= 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode))
    return fd;
  code = errno;
  if (fd >= 0 || code == ENXIO) /* ENXIO: a socket, or a device that is not there */
    {
      if (fd < 0 && stat (path, &info) != 0)
        fail (error, "open", path, code);
      else
        {
          g_autofree char *name = nmd_text_display (path);

          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "%s is %s, not a file", name,
                       kind_of_file (info.st_mode));
        }
      if (fd >= 0)
        close (fd);
    }
  else
    fail (error, "open", path, code);
  return -1;
}

/* Makes room for at least one more byte and the NUL. */
static gboolean
grow (char **data, gsize *size, gsize most)
{
  const gsize wanted = MIN (MAX (*size * 2, (gsize)1 << 16), most + 2);
  char *more = g_try_realloc (*data, wanted);

  if (more == NULL)
    return FALSE;
  *data = more;
  *size = wanted;
  return TRUE;
}

static gboolean
read_all (int fd,
          const char *path,
          gsize most,
          GCancellable *cancellable,
          char **data,
          gsize *length,
          GError **error)
{
  const gsize chunk = (gsize)1 << 20;
  struct stat info;
  gsize size = 0;
  gssize n;

  /* the size that the file says, and a byte to see its end */
  if (fstat (fd, &info) == 0 && info.st_size > 0 && (guint64)info.st_size <= most)
    {
      size = (gsize)info.st_size + 2;
      *data = g_try_malloc (size);
    }
  for (*length = 0;; *length += (gsize)n)
    {
      if ((*data == NULL || *length + 2 > size) && !grow (data, &size, most))
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_MEMORY,
                       _ ("Not enough memory to read %s"), path);
          return FALSE;
        }
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      do
        n = read (fd, *data + *length, MIN (size - 1 - *length, chunk));
      while (n < 0 && errno == EINTR);
      if (n < 0)
        return fail (error, "read", path, errno);
      if (n == 0)
        break;
      if (*length + (gsize)n > most)
        {
          const gsize mib = most >> 20;
          g_autofree char *name = nmd_text_display (path);

          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                       "%s is larger than %" G_GSIZE_FORMAT " %s", name,
                       mib > 0 ? mib : most, mib > 0 ? "MiB" : "bytes");
          return FALSE;
        }
    }
  (*data)[*length] = '\0';
  return TRUE;
}

char *
nmd_file_read (const char *path,
               gsize most,
               GCancellable *cancellable,
               gsize *length,
               GError **error)
{
  g_autofree char *data = NULL;
  gsize n = 0;
  gboolean done;
  int fd;

  g_return_val_if_fail (path != NULL && most < G_MAXSSIZE, NULL);

  fd = nmd_file_open (path, error);
  if (fd < 0)
    return NULL;
  done = read_all (fd, path, most, cancellable, &data, &n, error);
  close (fd);
  if (!done)
    return NULL;
  if (length != NULL)
    *length = n;
  return g_steal_pointer (&data);
}

gboolean
nmd_file_same (const char *a, const char *b)
{
  struct stat one, other;

  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  return stat (a, &one) == 0 && stat (b, &other) == 0 && one.st_dev == other.st_dev
         && one.st_ino == other.st_ino;
}

static gboolean
write_all (int fd, const char *data, gsize length)
{
  while (length > 0)
    {
      gssize n = write (fd, data, MIN (length, (gsize)1 << 28));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          if (n == 0)
            errno = ENOSPC;
          return FALSE;
        }
      data += n;
      length -= (gsize)n;
    }
  return TRUE;
}

/* The rename itself must survive a power cut; file systems that cannot sync a folder say
 * EINVAL. */
static gboolean
sync_folder (const char *folder)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int code = 0;

  if (fd < 0)
    return FALSE;
  if (fsync (fd) != 0 && errno != EINVAL && errno != ENOTSUP)
    code = errno;
  close (fd);
  errno = code;
  return code == 0;
}

/* A device or a pipe, such as /dev/null: a file must not take its place. */
static gboolean
write_through (const char *path, gconstpointer data, gsize length, GError **error)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC), code = 0;

  if (fd < 0)
    return fail (error, "write", path, errno);
  if (!write_all (fd, data, length))
    code = errno;
  if (close (fd) != 0 && code == 0)
    code = errno;
  return code == 0 || fail (error, "write", path, code);
}

/* A name for the file beside @path until it is whole, for mkstemp(): the beginning of its own, since
 * that may be as long as the file system takes. */
static char *
make_temporary (const char *folder, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  gsize n = MIN (strlen (name), 200);

  while (n > 0 && name[n] != '\0' && ((guint8)name[n] & 0xc0) == 0x80)
    n--; /* not inside of a character */
  return g_strdup_printf ("%s/.%.*s.XXXXXX", folder, (int)n, name);
}

gboolean
nmd_file_write (const char *path, gconstpointer data, gsize length, GError **error)
{
  g_autofree char *folder = NULL, *temporary = NULL;
  struct stat old;
  int fd, code = 0;

  g_return_val_if_fail (path != NULL && (data != NULL || length == 0), FALSE);

  if (stat (path, &old) == 0 && !S_ISREG (old.st_mode) && !S_ISDIR (old.st_mode))
    return write_through (path, data, length, error);
  folder = g_path_get_dirname (path);
  temporary = make_temporary (folder, path);
  fd = g_mkstemp_full (temporary, O_RDWR | O_CLOEXEC, 0666);
  if (fd < 0)
    return fail (error, "write", path, errno);

  if (stat (path, &old) == 0 && S_ISREG (old.st_mode)
      && fchmod (fd, old.st_mode & 07777) != 0)
    code = errno;
  else if (!write_all (fd, data, length) || fsync (fd) != 0)
    code = errno;
  if (close (fd) != 0 && code == 0)
    code = errno;
  if (code == 0 && rename (temporary, path) != 0)
    code = errno;
  if (code != 0)
    {
      unlink (temporary);
      return fail (error, "write", path, code);
    }
  if (!sync_folder (folder))
    return fail (error, "write", path, errno);
  return TRUE;
}

gboolean
nmd_file_write_text (const char *path, const char *text, GError **error)
{
  return nmd_file_write (path, text, strlen (text), error);
}

gboolean
nmd_file_make_folder (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, FALSE);

  if (g_mkdir_with_parents (path, 0777) != 0)
    return fail (error, "make the folder", path, errno);
  return TRUE;
}

gboolean
nmd_file_is_empty_folder (const char *path)
{
  g_autoptr (GDir) dir = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return !g_file_test (path, G_FILE_TEST_IS_SYMLINK);
  dir = g_dir_open (path, 0,
                    NULL); /* not a folder or not readable: not an empty folder */
  return dir != NULL && g_dir_read_name (dir) == NULL;
}

char *
nmd_file_sha256 (const char *path, GCancellable *cancellable, GError **error)
{
  const gsize chunk = 1 << 18;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *buffer = g_malloc (chunk);
  int fd = nmd_file_open (path, error);
  gssize n;

  if (fd < 0)
    return NULL;
  while ((n = read (fd, buffer, chunk)) != 0)
    {
      int code = errno;

      if (n < 0 && code == EINTR)
        continue;
      if (n < 0 || g_cancellable_set_error_if_cancelled (cancellable, error))
        {
          close (fd);
          if (n < 0)
            fail (error, "read", path, code);
          return NULL;
        }
      g_checksum_update (sum, buffer, n);
    }
  close (fd);
  return g_strdup (g_checksum_get_string (sum));
}

/* The real path of @path, or of its deepest existing part with the rest appended. */
static char *
real_path (const char *path)
{
  g_autofree char *head = g_strdup (path);
  gsize length = strlen (head);

  for (;;)
    {
      char *real = realpath (length > 0 ? head : ".", NULL);

      if (real != NULL)
        {
          char *joined = path[length] == '\0'
                             ? g_strdup (real)
                             : g_build_filename (real, path + length, NULL);

          free (real);
          return joined;
        }
      /* A link that leads nowhere might come to life outside. */
      if (errno != ENOENT || length <= 1 || g_file_test (head, G_FILE_TEST_IS_SYMLINK))
        return NULL;
      while (length > 0 && head[length - 1] != '/')
        length--;
      while (length > 1 && head[length - 1] == '/')
        length--;
      head[length] = '\0';
    }
}

static char *
refuse (GError **error, const char *root, const char *path, const char *why)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED, "%s: the entry %s %s", root, path,
               why);
  return NULL;
}

char *
nmd_file_resolve_inside (const char *root, const char *path, GError **error)
{
  g_auto (GStrv) parts = NULL;
  g_autofree char *joined = NULL, *real_root = NULL, *real = NULL;
  gsize length;

  g_return_val_if_fail (root != NULL && path != NULL, NULL);

  if (path[0] == '\0')
    return refuse (error, root, "“”", "has no name");
  if (strlen (path) > NMD_FILE_MAX_PATH)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   "%s: an entry has a path of %" G_GSIZE_FORMAT
                   " bytes, at most %d are allowed",
                   root, strlen (path), NMD_FILE_MAX_PATH);
      return NULL;
    }
  if (g_path_is_absolute (path))
    return refuse (error, root, path, "is an absolute path");
  parts = g_strsplit (path, "/", -1);
  for (char **part = parts; *part != NULL; part++)
    if (strcmp (*part, "..") == 0)
      return refuse (error, root, path, "leads out of it");

  joined = g_build_filename (root, path, NULL);
  real_root = real_path (root);
  real = real_path (joined);
  if (real_root == NULL || real == NULL)
    return refuse (error, root, path, "is a link that leads nowhere");
  length = strlen (real_root);
  if (strcmp (real_root, "/") != 0
      && !(g_str_has_prefix (real, real_root)
           && (real[length] == '/' || real[length] == '\0')))
    return refuse (error, root, path, "is a link that leads out of it");
  return g_steal_pointer (&joined);
}

/* Locks. An open-file-description lock is not lost when the process closes another
 * descriptor of the same file, and a second one in the same process is refused like one
 * of a stranger. */
struct _NmdLock
{
  int fd;
  char *path;
  guint64 device, inode;
};

static pthread_mutex_t held_lock = PTHREAD_MUTEX_INITIALIZER;
static GSList
    *held; /* NmdLock of this process, for systems without such locks; held_lock */

static int
try_lock (int fd)
{
  struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

#ifdef F_OFD_SETLK
  if (fcntl (fd, F_OFD_SETLK, &range) == 0)
    return 0;
  if (errno != EINVAL)
    return errno;
#endif
  return fcntl (fd, F_SETLK, &range) == 0 ? 0 : errno;
}

static void
say_busy (GError **error, const char *folder, const char *path)
{
  g_autofree char *holder = NULL;

  if (!g_file_get_contents (path, &holder, NULL, NULL) || *g_strstrip (holder) == '\0')
    {
      g_free (holder);
      holder = g_strdup ("another program");
    }
  g_set_error (error, NMD_ERROR, NMD_ERROR_BUSY, "%s is in use by %s", folder, holder);
}

static gboolean
is_held (const struct stat *file)
{
  gboolean found = FALSE;

  pthread_mutex_lock (&held_lock);
  for (GSList *l = held; l != NULL; l = l->next)
    {
      const NmdLock *other = l->data;

      found |= other->device == (guint64)file->st_dev
               && other->inode == (guint64)file->st_ino;
    }
  pthread_mutex_unlock (&held_lock);
  return found;
}

/* Opens and locks @path; the file may be unlinked by its last holder between the two,
 * then again. Returns the descriptor, or -1 with @error set. */
static int
open_locked (const char *folder, const char *path, struct stat *file, GError **error)
{
  for (;;)
    {
      struct stat there;
      int fd, code;

      if (stat (path, &there) == 0 && is_held (&there))
        {
          say_busy (error, folder, path);
          return -1;
        }
      fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
      if (fd < 0)
        {
          fail (error, "lock", path, errno);
          return -1;
        }
      code = try_lock (fd);
      if (code != 0)
        {
          if (code == EAGAIN || code == EACCES)
            say_busy (error, folder, path);
          else
            fail (error, "lock", path, code);
          close (fd);
          return -1;
        }
      if (fstat (fd, file) == 0 && stat (path, &there) == 0
          && file->st_ino == there.st_ino && file->st_dev == there.st_dev)
        return fd;
      close (fd);
    }
}

NmdLock *
nmd_lock_take (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, LOCK_NAME, NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
  g_autofree char *holder = NULL;
  struct stat file;
  NmdLock *self;
  int fd = open_locked (folder, path, &file, error);

  if (fd < 0)
    return NULL;
  holder = g_strdup_printf ("nmd %s, process %d, since %s\n", NMD_VERSION, (int)getpid (),
                            time);
  /* A full disk only costs the holder's name; the lock holds without it. */
  if (ftruncate (fd, 0) != 0
      || !write_all (fd, holder, MIN (strlen (holder), HOLDER_LENGTH)))
    errno = 0;

  self = g_new0 (NmdLock, 1);
  self->fd = fd;
  self->path = g_steal_pointer (&path);
  self->device = file.st_dev;
  self->inode = file.st_ino;
  pthread_mutex_lock (&held_lock);
  held = g_slist_prepend (held, self);
  pthread_mutex_unlock (&held_lock);
  return self;
}

void
nmd_lock_release (NmdLock *self)
{
  if (self == NULL)
    return;
  pthread_mutex_lock (&held_lock);
  held = g_slist_remove (held, self);
  pthread_mutex_unlock (&held_lock);
  unlink (self->path);
  close (self->fd);
  g_free (self->path);
  g_free (self);
}
