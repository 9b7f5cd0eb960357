/* SPDX-License-Identifier: Apache-2.0
 *
 * The event file of a run: a record an epoch, also of a run that was stopped and goes on.
 */
#include "engine/core/nmd-event-file.h"
#include "engine/core/nmd-file.h"
#include "tests/train/fixture.h"
#include "tests/train/tiny.h"

#include <string.h>

static char *
find_events (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "events.out.tfevents."))
      return g_build_filename (folder, name, NULL);
  return NULL;
}

static guint64
read_fixed (const guint8 *bytes, int n)
{
  guint64 value = 0;

  for (int i = n - 1; i >= 0; i--)
    value = value << 8 | bytes[i];
  return value;
}

static guint32
masked (const guint8 *bytes, gsize n)
{
  const guint32 crc = nmd_crc32c (bytes, n);

  return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

/* Whole frames with right sums; nothing behind the last. */
static guint
count_records (const char *path)
{
  g_autofree guint8 *bytes = NULL;
  gsize length = 0, at = 0;
  guint n = 0;

  g_assert_true (g_file_get_contents (path, (char **)(void *)&bytes, &length, NULL));
  while (at < length)
    {
      const gsize size = (gsize)read_fixed (bytes + at, 8);

      g_assert_cmpuint (at + size + 16, <=, length);
      g_assert_cmphex ((guint32)read_fixed (bytes + at + 8, 4), ==,
                       masked (bytes + at, 8));
      g_assert_cmphex ((guint32)read_fixed (bytes + at + 12 + size, 4), ==,
                       masked (bytes + at + 12, size));
      at += size + 16;
      n++;
    }
  return n;
}

static void
train (const char *folder, FixtureTold *told)
{
  g_autoptr (NmdTrainSettings) settings = fixture_settings (folder);

  settings->dataset = g_object_ref (fixture.dataset);
  settings->events = TRUE;
  nmd_train_run (settings, fixture_told, told, told->cancellable, NULL); /* or stopped */
}

static void
test_whole (void)
{
  g_autofree char *folder = fixture_path ("events");
  FixtureTold told = { 0 };
  g_autofree char *path = NULL;

  train (folder, &told);
  path = find_events (folder);
  g_assert_cmpuint (count_records (path), ==, 1 + FIXTURE_EPOCHS);
  fixture_assert_same_run (folder, fixture.unbroken);
  g_assert_null (find_events (fixture.unbroken));
}

static void
test_resumed (void)
{
  g_autofree char *folder = fixture_path ("events-stopped");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  FixtureTold told = { .cancellable = cancellable, .stop_at_step = 5 };
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;

  train (folder, &told);
  path = find_events (folder);
  g_assert_cmpuint (count_records (path), ==, 1 + 2);
  /* as after a power cut: the last record is in pieces */
  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  g_assert_true (nmd_file_write (path, text, length - 7, NULL));
  fixture_resume (folder);
  g_assert_cmpuint (count_records (path), ==, 1 + FIXTURE_EPOCHS);
  fixture_assert_same_run (folder, fixture.unbroken);
}

int
main (int argc, char **argv)
{
  nmd_networks_add (&tiny_network);
  fixture_open (&argc, &argv);
  g_test_add_func ("/events/whole", test_whole);
  g_test_add_func ("/events/resumed", test_resumed);
  return fixture_close (g_test_run ());
}
