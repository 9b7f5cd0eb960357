/* SPDX-License-Identifier: Apache-2.0
 *
 * Data sets whose masks are outlines of other tools: written from known scans, imported, and compared
 * with what went in, pixel for pixel; and what must be asked, refused or said.
 */
#include "engine/data/import/nmd-place-private.h"
#include "engine/data/outlines/nmd-outlines-export.h"
#include "engine/image/nmd-mask-shapes.h"
#include "tests/data/layouts.h"
#include "tests/data/palette.h"

static GPtrArray *scans;

#define EACH(i) for (guint i = 0; i < scans->len; i++)
#define SCAN(i) ((const LayoutScan *)scans->pdata[i])

static void
write_images (const char *folder, const char *above)
{
  EACH (i)
  {
    layout_write (folder, SCAN (i)->image_png, "%s%s/%s.png", above,
                  layout_class (SCAN (i)), SCAN (i)->stem);
  }
}

static void
write_text (const char *folder, const GString *text, const char *name)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text->str, text->len);

  layout_write (folder, bytes, "%s", name);
}

static void
append_ring (GString *text, const NmdRing *ring, gboolean is_json)
{
  const double *p = (const double *)(gpointer)ring->points->data;

  for (guint i = 0; i < ring->points->len; i += 2)
    {
      if (i > 0)
        g_string_append (text, is_json ? ", " : ";");
      g_string_append_printf (text, is_json ? "[%d, %d]" : "%d.00,%d.00", (int)p[i],
                              (int)p[i + 1]);
    }
}

/* The scans with pixel masks, exported. */
static void export(const char *folder, NmdOutlinesFormat format)
{
  g_autofree char *made = fixture_folder (),
                  *out = g_build_filename (folder, "annotations", NULL);
  const NmdImportSettings settings = { .no_cache = TRUE };
  g_autoptr (NmdDataset) dataset = NULL;
  NmdOutlinesCounts counts;
  g_autoptr (GError) error = NULL;

  write_images (made, "");
  EACH (i)
  layout_write (made, SCAN (i)->mask_png, "%s/%s_mask.png", layout_class (SCAN (i)),
                SCAN (i)->stem);
  dataset = nmd_dataset_import (made, &settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (nmd_outlines_export (dataset, format, out, "lesion", NULL, NULL, NULL,
                                      &counts, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (counts.n_images, ==, scans->len);
  fixture_remove (made);
}

static void
write_labelme (const char *folder)
{
  export(folder, NMD_OUTLINES_LABELME);
  write_images (folder, "images/");
}

static void
write_coco (const char *folder)
{
  export(folder, NMD_OUTLINES_COCO);
  write_images (folder, "");
}

/* Beside the image; image names in other case, with a Windows folder. */
static void
write_labelme_beside (const char *folder)
{
  write_images (folder, "");
  EACH (i)
  {
    g_autoptr (GPtrArray) rings = nmd_mask_list_rings (SCAN (i)->mask);
    g_autoptr (GString) text = g_string_new ("{\"version\": \"4.5.6\", \"shapes\": [");
    g_autofree char *upper = g_ascii_strup (SCAN (i)->stem, -1), *name = NULL;

    for (guint k = 0; k < rings->len; k++)
      {
        g_string_append (text, k > 0 ? ", " : "");
        g_string_append (text, "{\"label\": \"Lesion\", \"points\": [");
        append_ring (text, rings->pdata[k], TRUE);
        g_string_append (text, "], \"shape_type\": \"polygon\"}");
      }
    g_string_append_printf (
        text,
        "], \"imagePath\": \"D:\\\\scans\\\\%s.JPG\", \"imageData\": \"QUJD\", "
        "\"imageHeight\": %d, \"imageWidth\": %d}",
        upper, SCAN (i)->mask->height, SCAN (i)->mask->width);
    name = g_strdup_printf ("%s/%s.json", layout_class (SCAN (i)), SCAN (i)->stem);
    write_text (folder, text, name);
  }
}

static void
write_cvat (const char *folder)
{
  g_autoptr (GString) text
      = g_string_new ("<?xml version=\"1.0\"?>\n<annotations><version>1.1</version>\n");

  write_images (folder, "images/");
  EACH (i)
  {
    g_autoptr (GPtrArray) rings = nmd_mask_list_rings (SCAN (i)->mask);

    g_string_append_printf (
        text, "<image id=\"%u\" name=\"%s/%s.png\" width=\"%d\" height=\"%d\">\n", i,
        layout_class (SCAN (i)), SCAN (i)->stem, SCAN (i)->mask->width,
        SCAN (i)->mask->height);
    for (guint k = 0; k < rings->len; k++)
      {
        g_string_append (text, "<polygon label=\"lesion\" points=\"");
        append_ring (text, rings->pdata[k], FALSE);
        g_string_append (text, "\"/>\n");
      }
    g_string_append (text, "<tag label=\"seen\"/></image>\n");
  }
  g_string_append (text, "</annotations>\n");
  write_text (folder, text, "annotations.xml");
}

static void
put (GByteArray *bytes, guint32 value, guint n)
{
  for (guint i = n; i-- > 0;)
    g_byte_array_append (bytes, (const guint8[]){ (guint8)(value >> (8 * i)) }, 1);
}

static void
put_float (GByteArray *bytes, float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  put (bytes, bits, 4);
}

/* A composite ROI of all rings, as ImageJ's RoiEncoder writes it. */
static GBytes *
make_roi (const NmdImage *mask)
{
  g_autoptr (GPtrArray) rings = nmd_mask_list_rings (mask);
  GByteArray *bytes = g_byte_array_new (), *floats = g_byte_array_new ();
  NmdBox box;

  nmd_mask_get_bounds (mask, &box);
  for (guint k = 0; k < rings->len; k++)
    {
      const NmdRing *ring = rings->pdata[k];
      const double *p = (const double *)(gpointer)ring->points->data;

      for (guint i = 0; i < ring->points->len; i += 2)
        {
          put_float (floats, i > 0 ? 1 : 0);
          put_float (floats, (float)p[i]);
          put_float (floats, (float)p[i + 1]);
        }
      put_float (floats, 4);
    }
  g_byte_array_append (bytes, (const guint8 *)"Iout", 4);
  put (bytes, 227, 2);
  put (bytes, 1 << 8, 2); /* rect */
  put (bytes, (guint32)box.y0, 2);
  put (bytes, (guint32)box.x0, 2);
  put (bytes, (guint32)box.y1, 2);
  put (bytes, (guint32)box.x1, 2);
  while (bytes->len < 36)
    put (bytes, 0, 1);
  put (bytes, floats->len / 4, 4);
  while (bytes->len < 64)
    put (bytes, 0, 1);
  g_byte_array_append (bytes, floats->data, floats->len);
  g_byte_array_unref (floats);
  return g_byte_array_free_to_bytes (bytes);
}

/* Every second one in a zip. */
static void
write_imagej (const char *folder)
{
  write_images (folder, "");
  EACH (i)
  {
    g_autoptr (GBytes) roi = make_roi (SCAN (i)->mask);
    g_autofree char *name
        = g_strdup_printf ("ROIs/%s/%s%s", layout_class (SCAN (i)), SCAN (i)->stem,
                           i % 2 == 0 ? ".roi" : "_RoiSet.zip");
    g_autofree char *path = g_build_filename (folder, name, NULL),
                    *parent = g_path_get_dirname (path);
    struct archive *archive = NULL;
    struct archive_entry *entry = NULL;

    if (i % 2 == 0)
      {
        layout_write (folder, roi, "%s", name);
        continue;
      }
    g_mkdir_with_parents (parent, 0755);
    archive = fixture_zip_open (path);
    entry = archive_entry_new ();
    archive_entry_set_pathname (entry, "0012-0034.roi");
    archive_entry_set_size (entry, (la_int64_t)g_bytes_get_size (roi));
    archive_entry_set_filetype (entry, AE_IFREG);
    archive_write_header (archive, entry);
    archive_write_data (archive, g_bytes_get_data (roi, NULL), g_bytes_get_size (roi));
    archive_entry_free (entry);
    archive_write_close (archive);
    archive_write_free (archive);
  }
}

/* A manifest that names the file of outlines of each image. */
static void
write_manifest (const char *folder)
{
  g_autoptr (GString) table = g_string_new ("image,mask,subject,label\n");

  write_imagej (folder);
  EACH (i)
  g_string_append_printf (
      table, "%s/%s.png,ROIs/%s/%s%s,%s,%s\n", layout_class (SCAN (i)), SCAN (i)->stem,
      layout_class (SCAN (i)), SCAN (i)->stem, i % 2 == 0 ? ".roi" : "_RoiSet.zip",
      SCAN (i)->subject, layout_class (SCAN (i)));
  write_text (folder, table, "manifest.csv");
}

/* A mask as VOC has it: the class's entry of the palette, and a border of 255 three pixels wide round it. */
static GBytes *
voc_mask (const NmdImage *mask, guint8 entry)
{
  const int w = mask->width, h = mask->height;
  g_autofree guint8 *indexes = g_new0 (guint8, (gsize)w * h);

  for (int i = 0; i < w * h; i++)
    for (int y = MAX (i / w - 3, 0); mask->pixels[i] != 0 && y <= MIN (i / w + 3, h - 1);
         y++)
      for (int x = MAX (i % w - 3, 0); x <= MIN (i % w + 3, w - 1); x++)
        indexes[y * w + x] = mask->pixels[y * w + x] != 0 ? entry : 255;
  return palette_png (indexes, w, h);
}

/* Pascal VOC in its wrapper; masks of two palette colours, a class listed in two files. */
static void
write_voc (const char *folder)
{
  static const char *const classes[] = { "benign", "malignant" };
  static const char *const parts[] = { "train", "val" };

  for (guint c = 0; c < 2; c++)
    for (guint p = 0; p < 2; p++)
      {
        g_autoptr (GString) list = g_string_new (NULL);
        g_autofree char *name = g_strdup_printf (
            "VOCdevkit/VOC2012/ImageSets/Main/%s_%s.txt", classes[c], parts[p]);

        EACH (i)
        if (i % 2 == p)
          g_string_append_printf (list, "%s %2d\r\n", SCAN (i)->stem,
                                  strcmp (layout_class (SCAN (i)), classes[c]) == 0 ? 1
                                                                                    : -1);
        write_text (folder, list, name);
      }
  EACH (i)
  {
    layout_write (folder, SCAN (i)->image_png, "VOCdevkit/VOC2012/JPEGImages/%s.png",
                  SCAN (i)->stem);
    g_autoptr (GBytes) mask = voc_mask (SCAN (i)->mask, SCAN (i)->label + 1);

    layout_write (folder, mask, "VOCdevkit/VOC2012/SegmentationClass/%s.png",
                  SCAN (i)->stem);
  }
  fixture_text (folder, "VOCdevkit/VOC2012/ImageSets/Main/train.txt", "x\n");
}

static const struct
{
  const char *name;
  void (*write) (const char *folder);
  LayoutLosses losses;
  const char *rule;
  NmdImportSettings settings;
} layouts[] = {
  { "labelme", write_labelme, LAYOUT_NO_SUBJECTS, "labelme files, by the path" },
  { "labelme-beside", write_labelme_beside, LAYOUT_NO_SUBJECTS, "labelme files, by the" },
  { "coco", write_coco, LAYOUT_NO_SUBJECTS, "COCO files, by the path" },
  { "cvat", write_cvat, LAYOUT_NO_SUBJECTS, "CVAT files, by the path" },
  { "imagej", write_imagej, LAYOUT_NO_SUBJECTS, "ImageJ files, by the path" },
  { "voc", write_voc, LAYOUT_NO_SUBJECTS, "SegmentationClass", { .mask_value = "any" } },
  { "manifest", write_manifest, 0, "the column of masks" },
};

static NmdDataset *
open (const char *folder, const NmdImportSettings *wanted, GError **error)
{
  NmdImportSettings settings = wanted != NULL ? *wanted : (NmdImportSettings){ NULL };

  settings.no_cache = settings.cache_folder == NULL;
  return nmd_dataset_import (folder, &settings, NULL, NULL, NULL, error);
}

static void
test_layout (gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  g_autofree char *folder = fixture_folder ();
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  const NmdPairingCount *count = NULL;
  const GPtrArray *rules = NULL;

  layouts[i].write (folder);
  dataset = open (folder, &layouts[i].settings, &error);
  g_assert_no_error (error);
  layout_check (dataset, scans, layouts[i].losses);
  rules = nmd_dataset_get_report (dataset)->pairings;
  g_assert_cmpuint (rules->len, ==, 1);
  count = rules->pdata[0];
  if (strstr (count->rule, layouts[i].rule) == NULL)
    g_error ("Masks were found by %s, not by %s", count->rule, layouts[i].rule);
  g_assert_cmpuint (count->n, ==, scans->len);
  g_assert_cmpuint (nmd_dataset_get_report (dataset)->passed_over->len, ==, 0);
  if (g_str_equal (layouts[i].name, "voc"))
    {
      NmdImportCounts counts;

      nmd_dataset_get_import_counts (dataset, &counts);
      g_assert_cmpuint (counts.n_mask_void, ==, scans->len);
    }
  fixture_remove (folder);
}

/* A small set: benign/a.png, malignant/b.png of 20 × 10. */
static char *
small_set (void)
{
  char *folder = fixture_folder ();

  fixture_image (folder, "benign/a.png", 20, 10);
  fixture_image (folder, "malignant/b.png", 20, 10);
  return folder;
}

#define BOX(label, x0, y0, x1, y1)                                                       \
  "{\"label\": \"" label "\", \"shape_type\": \"rectangle\", \"points\": [[" #x0         \
  ", " #y0 "], [" #x1 ", " #y1 "]]}"
#define FILE_OF(image, shapes)                                                           \
  "{\"imagePath\": \"" image                                                             \
  "\", \"imageWidth\": 20, \"imageHeight\": 10, \"shapes\": [" shapes "]}"

static void
test_labels (void)
{
  g_autofree char *folder = small_set ();
  static const struct
  {
    const char *word;
    gint64 a, b; /* pixels */
  } answers[] = { { "MUSCLE ", 12, 6 }, { "nerve", 4, 0 }, { "*", 16, 6 } };
  g_autoptr (GError) error = NULL;
  const char *const *choices = NULL;
  NmdImportSettings settings = { NULL };

  fixture_text (
      folder, "benign/a.json",
      FILE_OF ("a.png", BOX ("muscle", 0, 0, 3, 2) "," BOX (
                            "Muscle", 10, 5, 13, 7) "," BOX ("nerve", 15, 0, 17, 2)));
  fixture_text (folder, "malignant/b.json",
                FILE_OF ("b.png", BOX ("muscle", 0, 0, 3, 2)));
  g_assert_null (open (folder, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_OUTLINE_LABEL);
  g_assert_nonnull (strstr (error->message, "“muscle” (2), “nerve” (1)"));
  choices = nmd_error_get_choices (error);
  g_assert_cmpstr (choices[0], ==, "muscle");
  g_assert_cmpstr (choices[1], ==, "nerve");
  g_assert_cmpstr (choices[2], ==, "*");
  g_assert_null (choices[3]);
  g_clear_error (&error);
  settings.outline_label = "bone";
  g_assert_null (open (folder, &settings, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_OUTLINE_LABEL);
  g_assert_nonnull (strstr (error->message, "“bone”"));
  g_clear_error (&error);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (NmdDataset) dataset = NULL;
      NmdImportCounts counts;

      settings.outline_label = answers[i].word;
      dataset = open (folder, &settings, &error);
      g_assert_no_error (error);
      g_assert_cmpint (nmd_dataset_get (dataset, 0)->echo.n, ==, answers[i].a);
      g_assert_cmpint (nmd_dataset_get (dataset, 1)->echo.n, ==, answers[i].b);
      nmd_dataset_get_import_counts (dataset, &counts);
      g_assert_cmpuint (counts.n_empty_mask, ==, answers[i].b == 0);
      g_assert_cmpuint (counts.n_merged_masks, ==, i != 1);
      g_assert_true (nmd_dataset_get_report (dataset)->assumptions->len > 0);
    }
  fixture_remove (folder);
}

/* What cannot be used takes its image out of the set, with the reason. */
static void
test_refused (void)
{
  g_autofree char *folder = small_set ();
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdDataset) dataset = NULL;

  fixture_image (folder, "benign/c.png", 21, 10);
  fixture_image (folder, "benign/d.png", 20, 10);
  fixture_image (folder, "malignant/d.png", 20, 10);
  fixture_image (folder, "benign/e.png", 20, 10);
  fixture_image (folder, "benign/f.png", 20, 10);
  fixture_text (folder, "benign/a.json", FILE_OF ("a.png", BOX ("muscle", 0, 0, 3, 2)));
  fixture_text (folder, "benign/b.json", "{\"imagePath\": \"b.png\", \"shapes\": [{]}");
  fixture_text (folder, "malignant/b.json", "{\"imagePath\": \"b.png\", \"shapes\": ");
  fixture_text (folder, "benign/c.json", FILE_OF ("c.png", BOX ("muscle", 0, 0, 3, 2)));
  fixture_text (folder, "all.json",
                "{\"images\": [{\"id\": 1, \"file_name\": \"d.png\"}, {\"id\": 2, "
                "\"file_name\": \"e.png\"}, "
                "{\"id\": 3, \"file_name\": \"gone.png\"}], \"annotations\": []}");
  fixture_text (folder, "benign/e.json", FILE_OF ("../benign/e.png", ""));
  fixture_text (folder, "benign/e_2.json", FILE_OF ("e.png", BOX ("muscle", 0, 0, 3, 2)));
  dataset = open (folder, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==,
                    2); /* a with its outline, f without one */
  g_assert_cmpstr (nmd_dataset_get (dataset, 0)->id, ==, "benign/a.png");
  g_assert_cmpint (nmd_dataset_get (dataset, 0)->echo.n, ==, 6);
  g_assert_cmpuint (nmd_dataset_get_report (dataset)->n_no_mask, ==, 1);
  assert_left_out (dataset, "benign/c.png",
                   "c.json was drawn on 20 × 10 pixels, its image is 21 × 10");
  assert_left_out (dataset, "malignant/b.png", "b.json is cut short");
  assert_left_out (dataset, "malignant/b.json", "cut short");
  assert_left_out (dataset, "benign/d.png",
                   "all.json may be of it or of malignant/d.png");
  assert_left_out (dataset, "malignant/d.png", "benign/d.png");
  assert_left_out (dataset, "benign/e.png",
                   "benign/e.json and “e.png” in benign/e_2.json");
  assert_listed (nmd_dataset_get_report (dataset)->assumptions,
                 "1 outlines are of images that are not here");
  fixture_remove (folder);
}

/* A mask of pixels goes before an outline, and that is said. */
static void
test_both (void)
{
  g_autofree char *folder = small_set ();
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdDataset) dataset = NULL;

  fixture_mask_file (folder, "benign/a_mask.png", 20, 10, 1.0);
  fixture_text (folder, "benign/a.json", FILE_OF ("a.png", BOX ("muscle", 0, 0, 3, 2)));
  fixture_text (folder, "malignant/b.json",
                FILE_OF ("b.png", BOX ("muscle", 0, 0, 3, 2)));
  dataset = open (folder, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (nmd_dataset_get (dataset, 0)->echo.n, >, 100);
  g_assert_cmpint (nmd_dataset_get (dataset, 1)->echo.n, ==, 6);
  assert_listed (nmd_dataset_get_report (dataset)->assumptions,
                 "a mask and an outline, the first is benign/a.png");
  fixture_remove (folder);
}

/* An outline beside an image that the table does not list is not given to one that has the
 * same name in another folder; beside a copy of one that it lists, it is. */
static void
test_foreign (void)
{
  g_autofree char *folder = fixture_folder (),
                  *table = g_build_filename (folder, "table.csv", NULL),
                  *b = g_build_filename (folder, "words", "b.png", NULL),
                  *copy = g_build_filename (folder, "copies", "b.png", NULL),
                  *bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdDataset) dataset = NULL;
  gsize n = 0;

  fixture_text (
      folder, "table.csv",
      "image,subject,label\nwords/a.png,1,0\nwords/b.png,2,1\nwords/c.png,3,1\n");
  fixture_image (folder, "words/a.png", 20, 10);
  fixture_image (folder, "words/b.png", 20, 10);
  fixture_image (folder, "words/c.png", 20, 10);
  fixture_image (folder, "drawn/a.png", 20, 10);
  fixture_image (folder, "drawn/c.png", 20, 10);
  fixture_image (folder, "copies/b.png", 20, 10);
  g_assert_true (g_file_get_contents (b, &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (copy, bytes, (gssize)n, NULL));
  fixture_text (folder, "drawn/a.json",
                FILE_OF ("a.png", BOX ("fat", 0, 0, 3, 2) "," BOX ("skin", 0, 0, 3, 2)));
  fixture_text (folder, "drawn/c.json",
                FILE_OF ("D:/gone/d.png", BOX ("fat", 0, 0, 3, 2)));
  fixture_text (folder, "copies/b.json", FILE_OF ("b.png", BOX ("muscle", 0, 0, 3, 2)));
  dataset = open (table, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 3);
  g_assert_null (nmd_dataset_get (dataset, 0)->mask_path);
  g_assert_cmpint (nmd_dataset_get (dataset, 1)->echo.n, ==, 6);
  g_assert_null (nmd_dataset_get (dataset, 2)->mask_path);
  assert_listed (nmd_dataset_get_report (dataset)->assumptions,
                 "2 outlines are of images that are not here");
  fixture_remove (folder);
}

/* From the index of measured files, and with a changed outline. */
static void
test_index (void)
{
  g_autofree char *folder = small_set (), *cache = fixture_folder ();
  g_autofree char *first = NULL;
  const NmdImportSettings settings = { .cache_folder = cache };
  g_autoptr (GError) error = NULL;

  g_unsetenv ("NMD_NO_CACHE");
  g_usleep (100 * 1000); /* until stamps are settled */
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (NmdDataset) dataset = NULL;

      fixture_text (folder, "malignant/b.json",
                    i < 2    ? FILE_OF ("b.png", BOX ("muscle", 0, 0, 3, 2))
                    : i == 2 ? FILE_OF ("b.png", BOX ("muscle", 0, 0, 4, 2))
                             : FILE_OF ("b.png", "  " BOX ("other", 3, 2, 0,
                                                           0))); /* the same pixels */
      dataset = open (folder, &settings, &error);
      g_assert_no_error (error);
      g_assert_cmpint (nmd_dataset_get (dataset, 1)->echo.n, ==, i == 2 ? 8 : 6);
      if (i == 0)
        first = g_strdup (nmd_dataset_get_hash (dataset));
      else if (i == 2)
        g_assert_cmpstr (nmd_dataset_get_hash (dataset), !=, first);
      else
        g_assert_cmpstr (nmd_dataset_get_hash (dataset), ==, first);
    }
  g_setenv ("NMD_NO_CACHE", "1", TRUE);
  fixture_remove (cache);
  fixture_remove (folder);
}

/* VOC: what is of no class or of two. */
static void
test_voc (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdDataset) dataset = NULL;

  fixture_image (folder, "JPEGImages/a.png", 20, 10);
  fixture_image (folder, "JPEGImages/b.png", 20, 10);
  fixture_image (folder, "JPEGImages/c.png", 20, 10);
  fixture_mask_file (folder, "SegmentationClass/a.png", 20, 10, 1.0);
  fixture_text (folder, "ImageSets/Main/benign_trainval.txt", "a  1\nb 1\nc -1\n\nbad\n");
  fixture_text (folder, "ImageSets/Main/malignant_trainval.txt", "a -1\nb  1\nc 0");
  dataset = open (folder, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 1);
  g_assert_cmpint (nmd_dataset_get (dataset, 0)->label, ==, 0);
  assert_left_out (dataset, "JPEGImages/b.png", "several classes");
  assert_left_out (dataset, "JPEGImages/c.png", "no class");
  fixture_remove (folder);
}

static void
test_places (void)
{
  static const struct
  {
    const char *folder, *path, *place;
  } places[] = { { "labels/benign", "../../images/benign/A.PNG", "benign/a" },
                 { "", "Images/BENIGN/a.b.png", "benign/a.b" },
                 { ".", "./a.png", "a" },
                 { "x", "/abs/a", "abs/a" },
                 { "", "../../../a.png", "a" } };
  static const struct
  {
    const char *a, *b;
    guint n;
  } pairs[] = { { "benign/a", "benign/a", 2 },
                { "x/benign/a", "benign/a", 2 },
                { "ba", "a", 0 },
                { "x/a", "y/a", 1 },
                { "1/xa/b", "2/a/b", 1 } };
  static const char *const names[][2] = { { "roiset_a", "a" },
                                          { "a_rois", "a" },
                                          { "a-roi", "a" },
                                          { "roi", "roi" },
                                          { "heroi", "heroi" } };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *place = nmd_place_normalise (places[i].folder, places[i].path);

      g_assert_cmpstr (place, ==, places[i].place);
    }
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    g_assert_cmpuint (nmd_place_count_same (pairs[i].a, pairs[i].b), ==, pairs[i].n);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = nmd_place_without_roi (names[i][0]);

      g_assert_cmpstr (name, ==, names[i][1]);
    }
}

/* Two masks of an image, each a sample: labelme gets a file for each, COCO one image with two outlines. */
static void
test_separate (void)
{
  g_autofree char *folder = fixture_folder ();
  const NmdImportSettings settings = { .separate_masks = TRUE, .no_cache = TRUE };
  static const char *const files[] = { "x.png#1", "x.png#2", "y" };
  g_autofree char *labelme = g_build_filename (folder, "labelme", NULL);
  g_autofree char *coco = g_build_filename (folder, "coco", NULL);
  g_autofree char *path = g_build_filename (coco, "annotations.json", NULL);
  g_autofree char *text = NULL, *set = g_build_filename (folder, "set", NULL);
  g_autoptr (NmdDataset) dataset = NULL;
  NmdOutlinesCounts counts;
  g_autoptr (GError) error = NULL;

  fixture_image (folder, "set/benign/x.png", 60, 40);
  fixture_image (folder, "set/benign/y.png", 60, 40);
  fixture_image (folder, "set/malignant/z.png", 60, 40);
  fixture_mask_file (folder, "set/benign/x_mask.png", 60, 40, 0.6);
  fixture_mask_file (folder, "set/benign/x_mask_1.png", 60, 40, 0.3);
  fixture_mask_file (folder, "set/benign/y_mask.png", 60, 40, 0.5);
  fixture_mask_file (folder, "set/malignant/z_mask.png", 60, 40, 0.5);
  dataset = nmd_dataset_import (set, &settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_dataset_get_n (dataset), ==, 4);
  nmd_outlines_export (dataset, NMD_OUTLINES_LABELME, labelme, "lesion", NULL, NULL, NULL,
                       &counts, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (counts.n_images, ==, 4);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *file = g_strdup_printf ("%s/benign/%s.json", labelme, files[i]);

      g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
    }
  nmd_outlines_export (dataset, NMD_OUTLINES_COCO, coco, "lesion", NULL, NULL, NULL,
                       &counts, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_null (strchr (text, '#'));
  {
    g_auto (GStrv) images = g_strsplit (text, "file_name", -1);
    g_auto (GStrv) first = g_strsplit (text, "\"image_id\": 1,", -1);

    g_assert_cmpuint (g_strv_length (images), ==, 1 + 3);
    g_assert_cmpuint (g_strv_length (first), ==, 1 + 2);
  }
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  scans = layout_scans ();
  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    {
      g_autofree char *name = g_strdup_printf ("/layouts-outlines/%s", layouts[i].name);

      g_test_add_data_func (name, GUINT_TO_POINTER (i), test_layout);
    }
  g_test_add_func ("/layouts-outlines/labels", test_labels);
  g_test_add_func ("/layouts-outlines/refused", test_refused);
  g_test_add_func ("/layouts-outlines/both", test_both);
  g_test_add_func ("/layouts-outlines/foreign", test_foreign);
  g_test_add_func ("/layouts-outlines/index", test_index);
  g_test_add_func ("/layouts-outlines/voc-classes", test_voc);
  g_test_add_func ("/layouts-outlines/places", test_places);
  g_test_add_func ("/layouts-outlines/separate", test_separate);
  status = g_test_run ();
  g_ptr_array_unref (scans);
  return status;
}
