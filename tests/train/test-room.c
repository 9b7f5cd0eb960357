/* SPDX-License-Identifier: Apache-2.0
 *
 * Too little memory and too little disk: a training ends with a sentence before it has begun, not
 * by an abort or after its first epoch.
 */
#include "engine/core/nmd-file.h"
#include "engine/train/nmd-room-private.h"
#include "engine/train/nmd-run-private.h"
#include "tests/train/fixture.h"
#include "tests/train/tiny.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* Stands in for the C library's: a disk with this many bytes free. */
static guint64 disk_free;

int
statvfs (const char *path, struct statvfs *disk)
{
  memset (disk, 0, sizeof *disk);
  disk->f_frsize = 512;
  disk->f_bavail = disk_free / 512;
  return 0;
}

static void
test_disk (void)
{
  g_autoptr (GError) error = NULL;

  disk_free = 20 * 1000 * 1000;
  g_assert_true (nmd_room_check_disk (fixture.root, 19 * 1000 * 1000, &error));
  g_assert_no_error (error);
  g_assert_false (nmd_room_check_disk ("/nowhere/at/all", 96 * 1000 * 1000, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpstr (
      error->message, ==,
      "Not enough room on the disk of /nowhere/at/all: 96 MB needed, 20 MB free");
}

static guint64
sum_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint64 total = 0;
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf info;

      g_assert_cmpint (g_stat (path, &info), ==, 0);
      total += (guint64)info.st_size;
    }
  return total;
}

/* A fresh run and a resumed one on a disk that does not hold their files. */
static void
test_full (void)
{
  g_autofree char *folder = fixture_path ("no-room");
  g_autofree char *stopped = fixture_stopped ("no-room-stopped");
  g_autoptr (NmdTrainSettings) settings = fixture_settings (folder);
  g_autoptr (GError) error = NULL;

  settings->dataset = g_object_ref (fixture.dataset);
  disk_free = sum_files (fixture.unbroken);
  g_assert_false (nmd_train_run (settings, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, folder));
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
  g_clear_error (&error);
  g_assert_false (
      nmd_train_resume (stopped, NULL, fixture.dataset, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  disk_free = G_MAXINT64;
  fixture_resume (stopped);
  fixture_assert_same_run (fixture.unbroken, stopped);
}

static void
test_memory (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (nmd_room_check_memory (1000, &error));
  g_assert_no_error (error);
  g_assert_false (nmd_room_check_memory (G_GUINT64_CONSTANT (1) << 60, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_MEMORY);
  g_assert_true (
      g_str_has_prefix (error->message, "Not enough memory: 1152921504.6 GB needed, "));
}

/* Sanitizers map more address space than there is. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/* In the child: a training within @megabytes of address space more than it has. */
static int
train_within (const char *folder, guint64 megabytes)
{
  g_autoptr (NmdTrainSettings) settings = fixture_settings (folder);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  struct rlimit limit;

  settings->dataset = g_object_ref (fixture.dataset);
  g_free (settings->device);
  settings->device = g_strdup ("cpu");
  fixture_set (settings, "epochs", "1");
  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  limit.rlim_cur = limit.rlim_max
      = g_ascii_strtoull (text, NULL, 10) * (guint64)sysconf (_SC_PAGESIZE)
        + megabytes * 1000 * 1000;
  g_assert_cmpint (setrlimit (RLIMIT_AS, &limit), ==, 0);
  if (nmd_train_run (settings, NULL, NULL, NULL, &error))
    return 0;
  if (g_error_matches (error, NMD_ERROR, NMD_ERROR_MEMORY))
    return 3;
  fprintf (stderr, "%s\n", error->message);
  return 1;
}

static void
test_limited (void)
{
  static const guint64 megabytes[] = { 20, 50, 80, 110, 150, 200, 300, 2000 };
  gboolean refused = FALSE, done = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (megabytes); i++)
    {
      g_autofree char *name = g_strdup_printf ("limited-%u", i);
      g_autofree char *folder = fixture_path (name);
      pid_t child = fork ();
      int status = 0;

      g_assert_cmpint (child, >=, 0);
      if (child == 0)
        _exit (train_within (folder, megabytes[i]));
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_test_message ("%u MB: %s %d", (guint)megabytes[i],
                      WIFEXITED (status) ? "status" : "signal",
                      WIFEXITED (status) ? WEXITSTATUS (status) : WTERMSIG (status));
      g_assert_true (WIFEXITED (status));
      g_assert_true (WEXITSTATUS (status) == 0 || WEXITSTATUS (status) == 3);
      refused |= WEXITSTATUS (status) == 3;
      done |= WEXITSTATUS (status) == 0;
    }
  g_assert_true (refused && done);
}
#endif

int
main (int argc, char **argv)
{
  nmd_networks_add (&tiny_network);
  disk_free = G_MAXINT64;
  fixture_open (&argc, &argv);
  g_test_add_func ("/room/disk", test_disk);
  g_test_add_func ("/room/full", test_full);
  g_test_add_func ("/room/memory", test_memory);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  g_test_add_func ("/room/limited", test_limited);
#endif
  return fixture_close (g_test_run ());
}
