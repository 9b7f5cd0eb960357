/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading of regular files only, whole-or-nothing writing under failure, locks between processes,
 * paths that must stay inside.
 */
#include "engine/core/nmd-file.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* This program's own rename(), fsync() and close() stand before the C library's, so that a failing
 * device can be played. */
static struct
{
  gboolean rename_fails, close_fails;
  int fsync_fails; /* the how manieth call fails, 0: none */
} faults;

int
rename (const char *from, const char *to)
{
  int (*real) (const char *, const char *) = dlsym (RTLD_NEXT, "rename");

  if (!faults.rename_fails)
    return real (from, to);
  errno = EIO;
  return -1;
}

int
fsync (int fd)
{
  int (*real) (int) = dlsym (RTLD_NEXT, "fsync");

  if (faults.fsync_fails == 0 || --faults.fsync_fails > 0)
    return real (fd);
  errno = EIO;
  return -1;
}

int
close (int fd)
{
  int (*real) (int) = dlsym (RTLD_NEXT, "close");

  if (!faults.close_fails)
    return real (fd);
  faults.close_fails = FALSE;
  real (fd);
  errno = EIO;
  return -1;
}

static char *
new_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("nmd-file-XXXXXX", &error);

  g_assert_no_error (error);
  return path;
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *full = g_build_filename (path, name, NULL);

      if (g_file_test (full, G_FILE_TEST_IS_DIR)
          && !g_file_test (full, G_FILE_TEST_IS_SYMLINK))
        remove_folder (full);
      else
        g_assert_cmpint (g_unlink (full), ==, 0);
    }
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_write (void)
{
  g_autofree char *folder = new_folder ();
  g_autofree char *path = g_build_filename (folder, "a.txt", NULL);
  g_autofree char *missing = g_build_filename (folder, "no", "a.txt", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (nmd_file_is_empty_folder (folder));
  g_assert_true (nmd_file_write_text (path, "first", &error));
  g_assert_cmpint (g_chmod (path, 0640), ==, 0);
  g_assert_true (nmd_file_write_text (path, "second", &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "second");
  g_assert_cmpuint (count_entries (folder), ==, 1);
  g_assert_false (nmd_file_is_empty_folder (folder));
  g_assert_true (nmd_file_is_empty_folder (missing));

  g_assert_false (nmd_file_write_text (missing, "x", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, missing));
  g_clear_error (&error);
  g_assert_false (nmd_file_write_text (folder, "x", &error)); /* a folder stands there */
  g_assert_nonnull (error);
  remove_folder (folder);
}

/* A name that is as long as names may be leaves no room for a longer one beside it. */
static void
test_long_name (void)
{
  g_autofree char *folder = new_folder ();
  g_autofree char *name = g_strnfill (251, 'n');
  g_autofree char *path = g_strdup_printf ("%s/%s.txt", folder, name);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (nmd_file_write_text (path, "long", &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "long");
  remove_folder (folder);
}

/* No file takes the place of a pipe or of a device such as /dev/null. */
static void
test_pipe (void)
{
  g_autofree char *folder = new_folder ();
  g_autofree char *path = g_build_filename (folder, "pipe", NULL);
  g_autoptr (GError) error = NULL;
  char text[16] = "";
  struct stat now;

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  int reader = open (path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  g_assert_cmpint (reader, >=, 0);
  g_assert_true (nmd_file_write_text (path, "through", &error));
  g_assert_no_error (error);
  g_assert_cmpint (stat (path, &now), ==, 0);
  g_assert_true (S_ISFIFO (now.st_mode));
  g_assert_cmpint (read (reader, text, sizeof text - 1), ==, strlen ("through"));
  g_assert_cmpstr (text, ==, "through");
  g_assert_cmpuint (count_entries (folder), ==, 1);
  close (reader);
  remove_folder (folder);
}

/* A limit on file size fails in the middle of writing, as a full disk does. */
static void
test_full (void)
{
  g_autofree char *folder = new_folder ();
  g_autofree char *path = g_build_filename (folder, "a.bin", NULL);
  g_autofree char *big = g_malloc0 (100000);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  struct rlimit old, small;

  g_assert_true (nmd_file_write_text (path, "old", NULL));
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old), ==, 0);
  small = old;
  small.rlim_cur = 5000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  g_assert_false (nmd_file_write (path, big, 100000, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old), ==, 0);
  g_assert_nonnull (error);
  g_assert_true (g_str_has_prefix (error->message, "Could not write "));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "old");
  g_assert_cmpuint (count_entries (folder), ==, 1);

  remove_folder (folder);
}

/* EIO at each step of a commit: an error that names the file, the old file whole unless it was the
 * folder's own sync that failed, no temporary file left. */
static void
test_device_fails (void)
{
  g_autofree char *folder = new_folder ();
  g_autofree char *path = g_build_filename (folder, "last.safetensors", NULL);

  for (int step = 0; step < 4; step++)
    {
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (nmd_file_write_text (path, "old", NULL));
      faults.fsync_fails = step == 0 ? 1 : step == 3 ? 2 : 0;
      faults.close_fails = step == 1;
      faults.rename_fails = step == 2;
      g_assert_false (nmd_file_write_text (path, "new", &error));
      faults.rename_fails = FALSE;
      g_assert_cmpint (faults.fsync_fails, ==, 0);
      g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_IO);
      g_assert_nonnull (strstr (error->message, path));
      g_assert_nonnull (strstr (error->message, "input or output error"));
      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      g_assert_cmpstr (text, ==, step == 3 ? "new" : "old");
      g_assert_cmpuint (count_entries (folder), ==, 1);
    }
  remove_folder (folder);
}

static void
refuses (const char *path, const char *said)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = nmd_file_read (path, 100, NULL, NULL, &error);

  g_assert_null (data);
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_true (g_str_has_prefix (error->message, path));
  g_assert_true (g_str_has_suffix (error->message, said));
  g_clear_error (&error);
  g_assert_null (nmd_file_sha256 (path, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
}

static void
test_read (void)
{
  g_autofree char *folder = new_folder ();
  g_autofree char *path = g_build_filename (folder, "a.txt", NULL);
  g_autofree char *pipe = g_build_filename (folder, "pipe", NULL);
  g_autofree char *link = g_build_filename (folder, "link", NULL);
  g_autofree char *link_to_pipe = g_build_filename (folder, "link-to-pipe", NULL);
  g_autofree char *text = NULL, *empty = NULL, *whole = NULL, *linked = NULL;
  g_autofree char *large = g_strnfill (3000000, 'x');
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gsize length = 9;

  g_assert_true (nmd_file_write_text (path, "", NULL));
  empty = nmd_file_read (path, 0, NULL, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (empty, ==, "");
  g_assert_cmpuint (length, ==, 0);

  g_assert_true (nmd_file_write_text (path, "four", NULL));
  text = nmd_file_read (path, 4, NULL, &length, &error);
  g_assert_cmpstr (text, ==, "four");
  g_assert_cmpuint (length, ==, 4);
  g_assert_null (nmd_file_read (path, 3, NULL, &length, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_true (g_str_has_suffix (error->message, "a.txt is larger than 3 bytes"));
  g_clear_error (&error);

  g_assert_true (nmd_file_write_text (path, large, NULL));
  whole = nmd_file_read (path, 3000000, cancellable, NULL, &error);
  g_assert_cmpstr (whole, ==, large);
  g_assert_cmpint (symlink (path, link), ==, 0);
  linked = nmd_file_read (link, G_MAXINT, NULL, NULL, &error);
  g_assert_cmpstr (linked, ==, large);
  g_cancellable_cancel (cancellable);
  g_assert_null (nmd_file_read (path, 3000000, cancellable, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0); /* a test that hangs here has failed */
  g_assert_cmpint (symlink (pipe, link_to_pipe), ==, 0);
  refuses (pipe, " is a pipe, not a file");
  refuses (link_to_pipe, " is a pipe, not a file");
  refuses (folder, " is a folder, not a file");
  refuses ("/dev/zero", " is a device, not a file");
  g_unlink (path);
  g_assert_null (nmd_file_read (path, 100, NULL, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, path));
  remove_folder (folder);
}

static void
test_same (void)
{
  g_autofree char *folder = new_folder ();
  g_autofree char *a = g_build_filename (folder, "a", NULL);
  g_autofree char *b = g_build_filename (folder, "b", NULL);
  g_autofree char *hard = g_build_filename (folder, "hard", NULL);
  g_autofree char *soft = g_build_filename (folder, "soft", NULL);
  g_autofree char *dots = g_build_filename (folder, "..", ".", NULL);
  g_autofree char *around = g_build_filename (folder, ".", "a", NULL);
  g_autofree char *parent = g_path_get_dirname (folder);

  g_assert_true (nmd_file_write_text (a, "x", NULL));
  g_assert_true (nmd_file_write_text (b, "x", NULL));
  g_assert_cmpint (link (a, hard), ==, 0);
  g_assert_cmpint (symlink ("a", soft), ==, 0);
  g_assert_true (nmd_file_same (a, a));
  g_assert_true (nmd_file_same (a, hard));
  g_assert_true (nmd_file_same (soft, a));
  g_assert_true (nmd_file_same (around, a));
  g_assert_true (nmd_file_same (dots, parent));
  g_assert_false (nmd_file_same (a, b));
  g_unlink (b);
  g_assert_false (nmd_file_same (a, b));
  g_assert_false (nmd_file_same (b, b));
  remove_folder (folder);
}

static void
test_sha256 (void)
{
  g_autofree char *folder = new_folder ();
  g_autofree char *path = g_build_filename (folder, "a", NULL);
  g_autofree char *sum = NULL;
  g_autoptr (GCancellable) stopped = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (nmd_file_write_text (path, "abc", NULL));
  sum = nmd_file_sha256 (path, NULL, NULL);
  /* FIPS 180-2, appendix B.1 */
  g_assert_cmpstr (sum, ==,
                   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  g_cancellable_cancel (stopped);
  g_assert_null (nmd_file_sha256 (path, stopped, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (nmd_file_sha256 ("/nonexistent/x", NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  remove_folder (folder);
}

static void
test_inside (void)
{
  static const char *const refused[]
      = { "", "/etc/passwd", "../x", "a/../../x", "a/..", "out/x", "dead", "dead/x" };
  static const char *const fine[]
      = { "a", "a/b.png", "a/..b", "in/b.png", "not/there/yet" };
  g_autofree char *folder = new_folder ();
  g_autofree char *a = g_build_filename (folder, "a", NULL);
  g_autofree char *out = g_build_filename (folder, "out", NULL);
  g_autofree char *in = g_build_filename (folder, "in", NULL);
  g_autofree char *dead = g_build_filename (folder, "dead", NULL);

  g_assert_true (nmd_file_make_folder (a, NULL));
  g_assert_cmpint (symlink ("/tmp", out), ==, 0);
  g_assert_cmpint (symlink ("a", in), ==, 0);
  g_assert_cmpint (symlink ("/nonexistent/there", dead), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = nmd_file_resolve_inside (folder, refused[i], &error);

      g_assert_null (path);
      g_assert_error (error, NMD_ERROR, NMD_ERROR_REFUSED);
      g_assert_nonnull (strstr (error->message, refused[i]));
    }
  for (guint i = 0; i < G_N_ELEMENTS (fine); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = nmd_file_resolve_inside (folder, fine[i], &error);

      g_assert_no_error (error);
      g_assert_true (g_str_has_prefix (path, folder));
    }
  remove_folder (folder);
}

static void
test_lock (void)
{
  g_autofree char *folder = new_folder ();
  g_autoptr (GError) error = NULL;
  g_autofree char *me = g_strdup_printf ("process %d", (int)getpid ());
  NmdLock *lock = nmd_lock_take (folder, &error);
  int status;
  pid_t child;

  g_assert_no_error (error);
  for (int i = 0; i < 2; i++) /* the refusal itself must not let go of the lock */
    {
      g_assert_null (nmd_lock_take (folder, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_BUSY);
      g_assert_nonnull (strstr (error->message, folder));
      g_assert_nonnull (strstr (error->message, me));
      g_clear_error (&error);
    }
  nmd_lock_release (lock);
  g_assert_true (nmd_file_is_empty_folder (folder));

  child = fork ();
  if (child == 0)
    {
      NmdLock *theirs = nmd_lock_take (folder, NULL);

      kill (getpid (), SIGSTOP);
      _exit (theirs == NULL);
    }
  g_assert_cmpint (waitpid (child, &status, WUNTRACED), ==, child);
  g_assert_true (WIFSTOPPED (status));
  g_assert_null (nmd_lock_take (folder, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_BUSY);
  g_clear_error (&error);
  kill (child, SIGKILL); /* a dead holder holds nothing */
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  lock = nmd_lock_take (folder, &error);
  g_assert_no_error (error);
  nmd_lock_release (lock);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/file/write", test_write);
  g_test_add_func ("/file/long-name", test_long_name);
  g_test_add_func ("/file/pipe", test_pipe);
  g_test_add_func ("/file/full", test_full);
  g_test_add_func ("/file/device-fails", test_device_fails);
  g_test_add_func ("/file/read", test_read);
  g_test_add_func ("/file/same", test_same);
  g_test_add_func ("/file/sha256", test_sha256);
  g_test_add_func ("/file/inside", test_inside);
  g_test_add_func ("/file/lock", test_lock);
  return g_test_run ();
}
