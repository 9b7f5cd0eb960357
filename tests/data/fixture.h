/* SPDX-License-Identifier: Apache-2.0
 *
 * Small synthetic data sets for the suites of this room: pictures of a seeded texture with an
 * elliptic mask, written into temporary folders that are removed again.
 */
#pragma once

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-random.h"
#include "engine/data/import/nmd-import.h"
#include "engine/image/nmd-png-writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wunused-function" /* each suite uses some of these */

static char *
fixture_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("nmd-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
fixture_remove (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        fixture_remove (path);
      else
        g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_rmdir (folder);
}

static void
fixture_text (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

/* A texture that depends on @seed alone. */
static NmdImage *
fixture_picture (int width, int height, const char *seed)
{
  NmdImage *image = nmd_image_new (width, height);
  NmdRandom stream;

  nmd_random_init (&stream, seed);
  for (int i = 0; i < width * height; i++)
    image->pixels[i] = (guint8)(40 + nmd_random_below (&stream, 120));
  return image;
}

/* An ellipse, or nothing with @radius 0. */
static NmdImage *
fixture_mask (int width, int height, double radius)
{
  NmdImage *mask = nmd_image_new (width, height);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        double u = (x - width / 2.0) / (width / 2.0), v = (y - height / 2.0) / (height / 2.0);

        mask->pixels[y * width + x] = u * u + v * v < radius * radius ? 255 : 0;
      }
  return mask;
}

static void
fixture_save (const char *folder, const char *name, const NmdImage *image, int depth)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  bytes = nmd_image_to_png (image, depth, NULL, &error);
  g_assert_no_error (error);
  /* Without the fsync of real files: there are hundreds. */
  g_file_set_contents_full (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                            G_FILE_SET_CONTENTS_NONE, 0644, &error);
  g_assert_no_error (error);
}

static void
fixture_image (const char *folder, const char *name, int width, int height)
{
  g_autoptr (NmdImage) image = fixture_picture (width, height, name);

  fixture_save (folder, name, image, 8);
}

static void
fixture_mask_file (const char *folder, const char *name, int width, int height, double radius)
{
  g_autoptr (NmdImage) mask = fixture_mask (width, height, radius);

  fixture_save (folder, name, mask, 1);
}

/* Cuts the end off a file. */
static void
fixture_truncate (const char *folder, const char *name, double keep)
{
  g_autofree char *path = g_build_filename (folder, name, NULL), *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents (path, data, (gssize)((double)length * keep), &error);
  g_assert_no_error (error);
}

/* MUSCLE/LABEL/{Images,Masks}/MUSCLE_anon_SUBJECT_IMAGE.png below @folder. */
static void
fixture_scan (const char *folder, const char *muscle, const char *label, int subject, int image)
{
  g_autofree char *name
      = g_strdup_printf ("%s/%s/Images/%s_anon_%d_%d.png", muscle, label, muscle, subject, image);
  g_autofree char *mask
      = g_strdup_printf ("%s/%s/Masks/%s_anon_%d_%d.png", muscle, label, muscle, subject, image);

  fixture_image (folder, name, 64, 48);
  fixture_mask_file (folder, mask, 64, 48, 0.7);
}

/* Puts everything below @folder into a zip at @path, entries prefixed with @prefix. */
static void
fixture_zip_add (struct archive *archive, const char *folder, const char *prefix)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *entry_name = g_strconcat (prefix, name, NULL);
      g_autofree char *data = NULL;
      struct archive_entry *entry;
      gsize length;

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        {
          g_autofree char *below = g_strconcat (entry_name, "/", NULL);

          fixture_zip_add (archive, path, below);
          continue;
        }
      g_assert_true (g_file_get_contents (path, &data, &length, NULL));
      entry = archive_entry_new ();
      archive_entry_set_pathname (entry, entry_name);
      archive_entry_set_size (entry, (la_int64_t)length);
      archive_entry_set_filetype (entry, AE_IFREG);
      archive_entry_set_perm (entry, 0644);
      g_assert_cmpint (archive_write_header (archive, entry), ==, ARCHIVE_OK);
      g_assert_cmpint (archive_write_data (archive, data, length), ==, (la_ssize_t)length);
      archive_entry_free (entry);
    }
}

/* A zip, or a tar by the ending of @path: .tar, or .tar.gz and .tgz with gzip. */
static struct archive *
fixture_zip_open (const char *path)
{
  struct archive *archive = archive_write_new ();

  if (g_str_has_suffix (path, ".zip") || g_str_has_suffix (path, ".xlsx"))
    archive_write_set_format_zip (archive);
  else
    archive_write_set_format_pax_restricted (archive);
  if (g_str_has_suffix (path, "gz"))
    archive_write_add_filter_gzip (archive);
  g_assert_cmpint (archive_write_open_filename (archive, path), ==, ARCHIVE_OK);
  return archive;
}

static void
fixture_zip (const char *folder, const char *path, const char *prefix)
{
  struct archive *archive = fixture_zip_open (path);

  fixture_zip_add (archive, folder, prefix);
  g_assert_cmpint (archive_write_close (archive), ==, ARCHIVE_OK);
  archive_write_free (archive);
}

/* One entry of text; a link if @link is given. */
static void
fixture_zip_entry (struct archive *archive, const char *name, const char *text, const char *link)
{
  struct archive_entry *entry = archive_entry_new ();

  archive_entry_set_pathname (entry, name);
  archive_entry_set_perm (entry, 0644);
  if (link != NULL)
    {
      archive_entry_set_filetype (entry, AE_IFLNK);
      archive_entry_set_symlink (entry, link);
    }
  else
    {
      archive_entry_set_filetype (entry, AE_IFREG);
      archive_entry_set_size (entry, (la_int64_t)strlen (text));
    }
  g_assert_cmpint (archive_write_header (archive, entry), ==, ARCHIVE_OK);
  if (link == NULL)
    archive_write_data (archive, text, strlen (text));
  archive_entry_free (entry);
}

/* ../shared beside the source tree, or NULL after g_test_skip(). */
static char *
fixture_shared (const char *name)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "..", "..", "shared", name, NULL);

  if (g_getenv ("G_TEST_SRCDIR") != NULL && g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&path);
  g_test_skip_printf ("%s is not beside the source tree", name);
  return NULL;
}
