/* SPDX-License-Identifier: Apache-2.0
 *
 * Data sets as people have them, made from one known set of scans: what is known of each scan, files
 * written under any name, and the check that an import gives back what went in (images, subjects,
 * labels, pixels of image and mask, echo intensity).
 *
 * The scans are the first 60 of 30 subjects of BUS-BRA beside the source tree, and synthetic ones where
 * that is absent. A further layout is a function that writes it and a row in a table.
 */
#pragma once

#include "engine/image/nmd-reader.h"
#include "tests/data/importing.h"

#define LAYOUT_SUBJECTS 30
#define LAYOUT_SCANS 60

/* One scan as it went in. */
typedef struct
{
  char *stem;    /* file name without ending, unique: "bus_0001-l" */
  char *subject;
  int label;     /* 1: malignant */
  GBytes *image_png, *mask_png;
  NmdImage *image, *mask;
  NmdEchoIntensity echo;
} LayoutScan;

static void
layout_scan_free (gpointer data)
{
  LayoutScan *scan = data;

  g_free (scan->stem);
  g_free (scan->subject);
  g_bytes_unref (scan->image_png);
  g_bytes_unref (scan->mask_png);
  nmd_image_unref (scan->image);
  nmd_image_unref (scan->mask);
  g_free (scan);
}

static GBytes *
layout_read (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *data = NULL;
  gsize length = 0;

  g_assert_true (g_file_get_contents (path, &data, &length, NULL));
  return g_bytes_new_take (data, length);
}

static void
layout_measure (LayoutScan *scan)
{
  g_autoptr (GError) error = NULL;

  scan->image = nmd_image_load_bytes (scan->image_png, "image", &error);
  g_assert_no_error (error);
  scan->mask = nmd_mask_load_bytes (scan->mask_png, "mask", &error);
  g_assert_no_error (error);
  nmd_echo_intensity (scan->image, scan->mask, &scan->echo);
}

static void
layout_add_synthetic (GPtrArray *scans, guint i)
{
  LayoutScan *scan = g_new0 (LayoutScan, 1);
  g_autoptr (NmdImage) image = NULL, mask = fixture_mask (64, 48, 0.4 + 0.01 * (i % 30));

  scan->stem = g_strdup_printf ("syn_%04u-%c", i / 2 + 1, i % 2 == 0 ? 'l' : 'r');
  scan->subject = g_strdup_printf ("%u", i / 2 + 1);
  scan->label = i / 2 % 2 == 1;
  image = fixture_picture (64, 48, scan->stem);
  scan->image_png = nmd_image_to_png (image, 8, NULL, NULL);
  scan->mask_png = nmd_image_to_png (mask, 8, NULL, NULL);
  layout_measure (scan);
  g_ptr_array_add (scans, scan);
}

/* The scans of both labels in turn, so that a few of them are of both. */
static GPtrArray *
layout_scans (void)
{
  GPtrArray *scans = g_ptr_array_new_with_free_func (layout_scan_free);
  g_autoptr (GHashTable) subjects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *root
      = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "..", "..", "shared", "data", "busbra", NULL);
  g_autofree char *table = g_build_filename (root, "manifest.csv", NULL), *text = NULL;
  g_auto (GStrv) rows = NULL;
  guint per_label[2] = { 0, 0 };

  if (!g_file_get_contents (table, &text, NULL, NULL))
    {
      g_test_message ("%s is absent: the scans are synthetic", table);
      for (guint i = 0; i < LAYOUT_SCANS; i++)
        layout_add_synthetic (scans, i);
      return scans;
    }
  rows = g_strsplit (text, "\n", -1);
  for (guint i = 1; rows[i] != NULL && scans->len < LAYOUT_SCANS; i++)
    {
      g_auto (GStrv) cells = g_strsplit (rows[i], ",", -1);
      g_autofree char *name = NULL;
      LayoutScan *scan;
      int label;

      if (g_strv_length (cells) < 4)
        continue;
      label = strcmp (cells[3], "malignant") == 0;
      if (!g_hash_table_contains (subjects, cells[2]))
        {
          if (per_label[label] == LAYOUT_SUBJECTS / 2)
            continue;
          per_label[label]++;
          g_hash_table_add (subjects, g_strdup (cells[2]));
        }
      scan = g_new0 (LayoutScan, 1);
      name = g_path_get_basename (cells[0]);
      scan->stem = g_strndup (name, strlen (name) - 4);
      scan->subject = g_strdup (cells[2]);
      scan->label = label;
      scan->image_png = layout_read (root, cells[0]);
      scan->mask_png = layout_read (root, cells[1]);
      layout_measure (scan);
      g_ptr_array_add (scans, scan);
    }
  return scans;
}

/* Writes @bytes to FOLDER/NAME, name as printf makes it. */
static void G_GNUC_PRINTF (3, 4)
layout_write (const char *folder, GBytes *bytes, const char *name, ...)
{
  g_autofree char *relative = NULL, *path = NULL, *parent = NULL;
  g_autoptr (GError) error = NULL;
  va_list args;

  va_start (args, name);
  relative = g_strdup_vprintf (name, args);
  va_end (args);
  path = g_build_filename (folder, relative, NULL);
  parent = g_path_get_dirname (path);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_file_set_contents_full (path, g_bytes_get_data (bytes, NULL),
                            (gssize) g_bytes_get_size (bytes), G_FILE_SET_CONTENTS_NONE, 0644,
                            &error);
  g_assert_no_error (error);
}

static const char *
layout_class (const LayoutScan *scan)
{
  return scan->label == 1 ? "malignant" : "benign";
}

/* What a layout keeps of what went in. */
typedef enum
{
  LAYOUT_NO_SUBJECTS = 1 << 0, /* nothing in it tells who belongs together */
  LAYOUT_NO_MASKS    = 1 << 1,
} LayoutLosses;

static void
layout_check_pixels (NmdSample *sample, const LayoutScan *scan, LayoutLosses losses)
{
  g_autoptr (NmdImage) image = NULL, mask = NULL;
  g_autoptr (GError) error = NULL;
  gsize n = (gsize) scan->image->width * scan->image->height;

  g_assert_true (nmd_sample_load (sample, &image, &mask, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (image->pixels, n, scan->image->pixels, n);
  if ((losses & LAYOUT_NO_MASKS) != 0)
    {
      g_assert_null (mask);
      return;
    }
  g_assert_nonnull (mask);
  g_assert_cmpint (mask->width, ==, scan->mask->width);
  g_assert_cmpint (mask->height, ==, scan->mask->height);
  g_assert_cmpmem (mask->pixels, n, scan->mask->pixels, n);
  g_assert_cmpint (sample->echo.n, ==, scan->echo.n);
  g_assert_true (sample->echo.mean == scan->echo.mean);
  g_assert_true (sample->echo.sd == scan->echo.sd);
}

/* The scan that @sample is, by its file name. */
static const LayoutScan *
layout_find (GPtrArray *scans, const NmdSample *sample)
{
  g_autofree char *name = g_path_get_basename (sample->image_path);

  for (guint i = 0; i < scans->len; i++)
    {
      const LayoutScan *scan = scans->pdata[i];
      gsize n = strlen (scan->stem);

      if (strncmp (name, scan->stem, n) == 0 && name[n] == '.')
        return scan;
    }
  g_error ("%s is none of the scans that went in", name);
  return NULL;
}

/* A line of the table of all layouts. */
static void
layout_say (NmdDataset *dataset, LayoutLosses losses)
{
  gint64 n = 0, n_positive = 0;
  double echo = 0;

  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      const NmdSample *sample = nmd_dataset_get (dataset, i);

      n += sample->echo.n;
      echo += sample->echo.mean * (double) sample->echo.n;
      n_positive += sample->label;
    }
  g_test_message ("equal: %u images, %s, %" G_GINT64_FORMAT " positive, %" G_GINT64_FORMAT
                  " mask pixels of mean %.6f", nmd_dataset_get_n (dataset),
                  (losses & LAYOUT_NO_SUBJECTS) != 0 ? "subjects not told" : "the same subjects",
                  n_positive, n, n > 0 ? echo / (double) n : 0.0);
}

/* Asserts that @dataset is @scans, no more and no less. Two images have one subject in it if and only
 * if they had one before. */
static void
layout_check (NmdDataset *dataset, GPtrArray *scans, LayoutLosses losses)
{
  g_autoptr (GHashTable) subjects = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) back = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  const NmdImportReport *report = nmd_dataset_get_report (dataset);

  if (report->left_out->len > 0)
    g_error ("%s was left out: %s", ((NmdLeftOut *)report->left_out->pdata[0])->path,
             ((NmdLeftOut *)report->left_out->pdata[0])->reason);
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, scans->len);
  for (guint i = 0; i < scans->len; i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      const LayoutScan *scan = layout_find (scans, sample);

      g_assert_true (g_hash_table_add (seen, (gpointer)scan));
      g_assert_cmpint (sample->label, ==, scan->label);
      layout_check_pixels (sample, scan, losses);
      if ((losses & LAYOUT_NO_SUBJECTS) != 0)
        continue;
      if (g_hash_table_contains (subjects, scan->subject))
        g_assert_cmpstr (g_hash_table_lookup (subjects, scan->subject), ==, sample->subject);
      if (g_hash_table_contains (back, sample->subject))
        g_assert_cmpstr (g_hash_table_lookup (back, sample->subject), ==, scan->subject);
      g_hash_table_insert (subjects, scan->subject, sample->subject);
      g_hash_table_insert (back, sample->subject, scan->subject);
    }
  layout_say (dataset, losses);
}
