/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of outlines: what each tool wrote becomes the pixels that the tool itself makes of it, but for
 * the stated border; damaged and hostile files are refused with a sentence. The golden files and who made
 * them: golden/outlines.py.
 */
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-json.h"
#include "engine/data/import/nmd-import.h"
#include "engine/data/outlines/nmd-outlines-export.h"
#include "engine/data/outlines/nmd-outlines.h"
#include "tests/data/fixture.h"

static char *
golden_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "data", "golden", "outlines", name, NULL);
}

static NmdOutlines *
load_golden (const char *name)
{
  g_autofree char *path = golden_path (name);
  g_autoptr (GError) error = NULL;
  NmdOutlines *outlines = nmd_outlines_load (path, NULL, &error);

  g_assert_no_error (error);
  return outlines;
}

static NmdOutline *
find (NmdOutlines *self, const char *image)
{
  for (guint i = 0; i < self->outlines->len; i++)
    if (strcmp (nmd_outline_get_image (self->outlines->pdata[i]), image) == 0)
      return self->outlines->pdata[i];
  g_error ("No image %s", image);
  return NULL;
}

static NmdImage *
fill (NmdOutline *outline, const char *label)
{
  g_autoptr (GError) error = NULL;
  NmdImage *mask = nmd_outline_rasterise (outline, label, "x", 48, 40, &error);

  g_assert_no_error (error);
  return mask;
}

static void
assert_same (const NmdImage *a, const NmdImage *b, const char *what)
{
  for (int i = 0; i < a->width * a->height; i++)
    if (a->pixels[i] != b->pixels[i])
      g_error ("%s: pixel (%d, %d) is %d, not %d", what, i % a->width, i / a->width,
               a->pixels[i], b->pixels[i]);
}

/* Distance of the point from the polygon's border. */
static double
distance (double x, double y, const double *p, guint n)
{
  double best = INFINITY;

  for (guint i = 0; i < n; i++)
    {
      const double *a = p + 2 * i, *b = p + 2 * ((i + 1) % n);
      double dx = b[0] - a[0], dy = b[1] - a[1], square = dx * dx + dy * dy;
      double t = square > 0 ? ((x - a[0]) * dx + (y - a[1]) * dy) / square : 0;

      t = CLAMP (t, 0.0, 1.0);
      best = MIN (best, hypot (a[0] + t * dx - x, a[1] + t * dy - y));
    }
  return best;
}

/* The corners of annotation @i of polygons.json. */
static GArray *
corners (JsonArray *annotations, guint i)
{
  JsonObject *annotation = json_array_get_object_element (annotations, i);
  JsonArray *list = json_array_get_array_element (
      json_object_get_array_member (annotation, "segmentation"), 0);
  GArray *points = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint k = 0; k < json_array_get_length (list); k++)
    {
      double value = json_array_get_double_element (list, k);

      g_array_append_val (points, value);
    }
  return points;
}

/* Pixels differ from the tool's only where their centre is at most @limit from the border. */
static void
compare_polygons (const char *name, double limit, guint most)
{
  g_autofree char *path = golden_path ("polygons.json");
  g_autoptr (NmdOutlines) ours = load_golden ("polygons.json"),
                          theirs = load_golden (name);
  g_autoptr (JsonNode) root = nmd_json_load (path, NULL);
  JsonArray *annotations
      = json_object_get_array_member (json_node_get_object (root), "annotations");
  guint n = 0, n_set = 0;
  double furthest = 0.0;

  g_assert_cmpuint (ours->outlines->len, ==, 60);
  for (guint i = 0; i < ours->outlines->len; i++)
    {
      g_autoptr (NmdImage) a = fill (ours->outlines->pdata[i], NULL);
      g_autoptr (NmdImage) b
          = fill (find (theirs, nmd_outline_get_image (ours->outlines->pdata[i])), NULL);
      g_autoptr (GArray) points = corners (annotations, i);

      for (int k = 0; k < 48 * 40; k++)
        {
          n_set += a->pixels[k] != 0;
          if (a->pixels[k] == b->pixels[k])
            continue;
          n++;
          furthest = MAX (furthest,
                          distance (k % 48 + 0.5, k / 48 + 0.5,
                                    (double *)(gpointer)points->data, points->len / 2));
        }
    }
  g_test_message ("%s: %u pixels differ of %u set, the furthest %.3g from the border",
                  name, n, n_set, furthest);
  g_assert_true (furthest <= limit);
  g_assert_cmpuint (n, <=, most);
  g_assert_cmpuint (n, >, 0);
}

static void
test_polygons (void)
{
  compare_polygons ("polygons-imagej.json", 1e-9, 167);
  compare_polygons ("polygons-pycocotools.json", 0.17, 556);
  compare_polygons ("polygons-labelme.json", 1.1, 4318);
}

/* Beside ImageJ's own masks. Pixels whose centre lies on an edge are ImageJ's at the right of
 * a polygon and ours at the left; boxes and ovals with fractions it rounds first. */
static void
test_imagej (void)
{
  static const struct
  {
    const char *name;
    guint n_differ;
  } files[]
      = { { "polygon", 2 }, { "freehand", 0 },   { "traced", 1 },    { "composite", 2 },
          { "rect", 0 },    { "oval", 0 },       { "ellipse", 0 },   { "turned-rect", 0 },
          { "named", 1 },   { "rect-fine", 21 }, { "oval-fine", 16 } };
  g_autoptr (NmdOutlines) expected = load_golden ("expected.json");

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *name = g_strconcat (files[i].name, ".roi", NULL);
      g_autoptr (NmdOutlines) roi = load_golden (name);
      g_autoptr (NmdImage) ours = fill (find (roi, files[i].name), NULL);
      g_autoptr (NmdImage) theirs = fill (find (expected, files[i].name), NULL);
      guint n = 0;

      g_assert_cmpstr (roi->format, ==, "ImageJ");
      g_assert_true (roi->is_per_image);
      for (int k = 0; k < 48 * 40; k++)
        n += ours->pixels[k] != theirs->pixels[k];
      g_test_message ("%s: %u pixels differ", files[i].name, n);
      g_assert_cmpuint (n, ==, files[i].n_differ);
    }
}

static void
refuse_bytes (
    const char *name, const char *text, gssize length, int code, const char *words)
{
  g_autoptr (GBytes) bytes
      = g_bytes_new (text, length >= 0 ? (gsize)length : strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdOutlines) outlines = nmd_outlines_load_bytes (bytes, name, NULL, &error);
  g_auto (GStrv) list = g_strsplit (words, "|", -1);

  g_assert_null (outlines);
  g_assert_error (error, NMD_ERROR, code);
  for (char **word = list; *word != NULL; word++)
    if (strstr (error->message, *word) == NULL)
      g_error ("“%s” does not say “%s”", error->message, *word);
  g_assert_nonnull (strstr (error->message, name));
  g_assert_false (g_str_has_suffix (error->message, "."));
}

static void
refuse_golden (const char *name, int code, const char *words)
{
  g_autofree char *path = golden_path (name), *data = NULL;
  gsize length = 0;

  g_assert_true (g_file_get_contents (path, &data, &length, NULL));
  refuse_bytes (name, data, (gssize)length, code, words);
}

static void
test_imagej_other (void)
{
  g_autoptr (NmdOutlines) zip = load_golden ("rois.zip"), line = load_golden ("line.roi"),
                          python = load_golden ("roifile.roi");
  NmdOutline *all = zip->outlines->pdata[0];
  g_autoptr (GPtrArray) labels = nmd_outline_get_labels (all);

  g_assert_cmpuint (zip->outlines->len, ==, 1);
  g_assert_cmpstr (nmd_outline_get_image (all), ==, "rois");
  g_assert_cmpuint (zip->n_shapes, ==, 3);
  g_assert_cmpuint (zip->n_no_area, ==, 1);
  g_assert_cmpuint (labels->len, ==, 2);
  g_assert_cmpstr (labels->pdata[0], ==, "");
  g_assert_cmpstr (labels->pdata[1], ==, "Muscle ä");
  g_assert_cmpuint (nmd_outline_count (all, "muscle Ä "), ==, 1);
  g_assert_cmpuint (line->outlines->len, ==, 0);
  g_assert_cmpuint (line->n_no_area, ==, 1);
  g_assert_cmpuint (nmd_outline_count (python->outlines->pdata[0], "fat"), ==, 1);
  refuse_golden ("curves.roi", NMD_ERROR_FORMAT, "curves|polygon");
  refuse_golden ("spline.roi", NMD_ERROR_FORMAT, "spline|polygon");
  refuse_golden ("rounded.roi", NMD_ERROR_FORMAT, "rounded");
  refuse_golden ("slice.roi", NMD_ERROR_FORMAT, "stack");
}

static void
test_labelme (void)
{
  g_autoptr (NmdOutlines) file = load_golden ("labelme.json"),
                          expected = load_golden ("expected.json");
  NmdOutline *outline = find (file, "../scans/A_1.PNG");
  g_autoptr (GPtrArray) labels = nmd_outline_get_labels (outline);
  g_autoptr (NmdImage) muscle = fill (outline, "MUSCLE"), fat = fill (outline, "fat");
  g_autoptr (NmdImage) stamp = fill (find (expected, "labelme-mask"), NULL);
  g_autoptr (GError) error = NULL;
  int width = 0, height = 0;

  g_assert_cmpstr (file->format, ==, "labelme");
  g_assert_cmpuint (file->n_shapes, ==, 4);
  g_assert_cmpuint (file->n_no_area, ==, 2);
  g_assert_cmpuint (labels->len, ==, 2);
  g_assert_cmpstr (labels->pdata[0], ==, "fat");
  nmd_outline_get_size (outline, &width, &height);
  g_assert_cmpint (width, ==, 48);
  g_assert_cmpint (height, ==, 40);
  for (int i = 0; i < 48 * 40; i++)
    {
      const double x = i % 48 + 0.5, y = i / 48 + 0.5;

      g_assert_cmpint (fat->pixels[i] == 255, ==, hypot (x - 12, y - 12) <= 5.0);
      if (x > 32) /* the mask; the box and the polygon lie left of it or above */
        g_assert_true (stamp->pixels[i] == 0 || muscle->pixels[i] == 255);
      if (x > 22.5 && x < 30 && y > 24.5 && y < 30)
        g_assert_cmpint (muscle->pixels[i], ==, 255);
    }
  g_assert_cmpint (muscle->pixels[9 * 48 + 38], ==, stamp->pixels[9 * 48 + 38]);
  g_assert_null (nmd_outline_rasterise (outline, NULL, "labelme.json", 40, 48, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==,
                   "labelme.json was drawn on 48 × 40 pixels, its image is 40 × 48");
}

static void
test_coco (void)
{
  g_autoptr (NmdOutlines) file = load_golden ("coco.json"),
                          expected = load_golden ("expected.json");
  g_autoptr (NmdImage) a = NULL, b = NULL, c = NULL, d = NULL, e = NULL, f = NULL;

  g_assert_cmpstr (file->format, ==, "COCO");
  g_assert_false (file->is_per_image);
  g_assert_cmpuint (file->outlines->len, ==,
                    3); /* e.png has an annotation without area */
  g_assert_cmpuint (file->n_no_area, ==, 1);
  a = fill (find (file, "a.jpg"), "muscle");
  b = fill (find (expected, "coco-1"), NULL);
  assert_same (a, b, "compressed");
  c = fill (find (file, "b/c.PNG"), NULL);
  d = fill (find (expected, "coco-3"), NULL);
  assert_same (c, d, "plain");
  e = fill (find (file, "a.jpg"), "fat");
  f = fill (find (expected, "coco-7"), NULL);
  assert_same (e, f, "second category");
  g_assert_cmpuint (nmd_outline_count (find (file, "d.png"), NULL), ==, 2);
}

static void
test_cvat (void)
{
  g_autoptr (NmdOutlines) file = load_golden ("cvat.xml"),
                          expected = load_golden ("expected.json");
  g_autoptr (NmdImage) first = fill (find (file, "scans/A_1.png"), NULL);
  g_autoptr (NmdImage) mask = fill (find (expected, "cvat-mask"), NULL);
  g_autoptr (NmdImage) ellipse = fill (find (file, "scans/A_2.png"), "muscle");
  g_autoptr (NmdImage) box = fill (find (file, "scans/A_2.png"), "fat"), none = NULL;
  const double c = cos (G_PI / 6), s = sin (G_PI / 6);
  NmdBox bounds;

  g_assert_cmpstr (file->format, ==, "CVAT");
  g_assert_cmpuint (file->n_shapes, ==, 4);
  g_assert_cmpuint (file->n_no_area, ==, 1);
  for (int i = 0; i < 48 * 40; i++)
    {
      const double x = i % 48 + 0.5, y = i / 48 + 0.5, dx = x - 20.5, dy = y - 18;
      const double u = (dx * c + dy * s) / 12.5,
                   v = (dy * c - dx * s) / 7; /* clockwise */

      if (x > 31 && y > 30)
        g_assert_cmpint (first->pixels[i], ==, mask->pixels[i]);
      g_assert_cmpint (ellipse->pixels[i] == 255, ==, u * u + v * v <= 1.0);
    }
  g_assert_true (nmd_mask_get_bounds (box, &bounds));
  g_assert_cmpint (bounds.x0, ==, 2);
  g_assert_cmpint (bounds.y0, ==, 3);
  g_assert_cmpint (bounds.x1, ==, 9);
  g_assert_cmpint (bounds.y1, ==, 8);
  none = fill (find (file, "scans/A_3.png"), NULL); /* listed, nothing drawn */
  g_assert_false (nmd_mask_get_bounds (none, &bounds));
}

#define LABELME(shape) "{\"imagePath\": \"a.png\", \"shapes\": [" shape "]}"
#define COCO(annotation)                                                                 \
  "{\"images\": [{\"id\": 1, \"file_name\": \"a.png\"}], \"annotations\": "              \
  "[{\"image_id\": 1, "                                                                  \
  "\"segmentation\": " annotation "}]}"

static void
test_damaged (void)
{
  refuse_bytes ("a.json", "{}", -1, NMD_ERROR_UNSUPPORTED, "no outlines");
  refuse_bytes ("a.json", "[1, 2]", -1, NMD_ERROR_UNSUPPORTED, "no outlines");
  refuse_bytes ("a.json", "", 0, NMD_ERROR_UNSUPPORTED, "no outlines");
  refuse_bytes ("a.json", "{\"shapes\": [", -1, NMD_ERROR_FORMAT, "cut short");
  refuse_bytes ("a.json", LABELME ("{\"points\": [[0, 0], [1]]}"), -1, NMD_ERROR_FORMAT,
                "points[1]");
  refuse_bytes ("a.json", LABELME ("{\"points\": [[0, 1e999]]}"), -1, NMD_ERROR_FORMAT,
                "line 1");
  refuse_bytes ("a.json", LABELME ("{\"points\": 3}"), -1, NMD_ERROR_FORMAT,
                "array expected");
  refuse_bytes (
      "a.json",
      LABELME (
          "{\"shape_type\": \"mask\", \"mask\": \"QUJD\", \"points\": [[0, 0], [1, 1]]}"),
      -1, NMD_ERROR_FORMAT, "mask");
  refuse_bytes ("a.json", COCO ("[[1, 2, 3]]"), -1, NMD_ERROR_FORMAT,
                "annotations[0]|pairs");
  refuse_bytes ("a.json", COCO ("{\"counts\": [3, 4], \"size\": [2, 3]}"), -1,
                NMD_ERROR_FORMAT, "7 pixels|3 × 2");
  refuse_bytes ("a.json", COCO ("{\"counts\": \"\x7f\", \"size\": [2, 3]}"), -1,
                NMD_ERROR_FORMAT, "run lengths");
  refuse_bytes ("a.json", COCO ("{\"counts\": [4000000000], \"size\": [65535, 65535]}"),
                -1, NMD_ERROR_FORMAT, "counts[0]");
  refuse_bytes ("a.json", COCO ("{\"counts\": [67108864], \"size\": [65535, 65535]}"), -1,
                NMD_ERROR_FORMAT, "do not fill");
  refuse_bytes ("a.json",
                "{\"images\": [{\"id\": 1, \"file_name\": \"a\"}, {\"id\": 1, "
                "\"file_name\": \"b\"}],"
                " \"annotations\": []}",
                -1, NMD_ERROR_FORMAT, "twice");
  refuse_bytes ("a.json", "{\"images\": [], \"annotations\": [{\"image_id\": 7}]}", -1,
                NMD_ERROR_FORMAT, "image_id|7");
  refuse_bytes ("a.xml", "<annotation><object/></annotation>", -1, NMD_ERROR_UNSUPPORTED,
                "Pascal VOC");
  refuse_bytes ("a.xml", "<annotations><track/></annotations>", -1, NMD_ERROR_FORMAT,
                "CVAT for video|CVAT for images");
  refuse_bytes ("a.xml", "<annotations><image name=\"a\" width=\"x\"/></annotations>", -1,
                NMD_ERROR_FORMAT, "line 1|<image>");
  refuse_bytes ("a.xml",
                "<annotations><image name=\"a\" width=\"9\" height=\"9\"><polygon "
                "points=\"1,2;3\"/>",
                -1, NMD_ERROR_FORMAT, "<polygon>");
  refuse_bytes ("a.xml", "<annotations><image name=\"a\" width=\"9\" height=\"9\">", -1,
                NMD_ERROR_FORMAT, "damaged");
  refuse_bytes (
      "a.xml",
      "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><annotations><image name=\"&b;\" width=\"9\" "
      "height=\"9\"/></annotations>",
      -1, NMD_ERROR_FORMAT, "damaged");
  refuse_bytes ("a.roi", "Iout", 4, NMD_ERROR_FORMAT, "cut short");
}

/* Rings without corners have no area; so has their image then. */
static void
test_no_corners (void)
{
  static const char *const texts[]
      = { COCO ("[[]]"), COCO ("[[], [1, 2]]"), LABELME ("{\"points\": []}") };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (texts[i], strlen (texts[i]));
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdOutlines) outlines
          = nmd_outlines_load_bytes (bytes, "a.json", NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (outlines->n_no_area, >, 0);
      g_assert_cmpuint (outlines->outlines->len, ==, 0);
    }
}

/* Every file cut anywhere, and with a byte changed: an error or outlines. */
static void
test_garbled (void)
{
  static const char *const names[]
      = { "labelme.json",  "coco.json",   "cvat.xml", "polygon.roi",
          "composite.roi", "ellipse.roi", "rois.zip" };
  NmdRandom stream;

  nmd_random_init (&stream, "garbled outlines");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = golden_path (names[i]), *whole = NULL;
      gsize length = 0;

      g_assert_true (g_file_get_contents (path, &whole, &length, NULL));
      for (guint k = 0; k < 150; k++)
        {
          g_autofree char *data = g_memdup2 (whole, length);
          gsize n = k % 2 == 0 ? nmd_random_below (&stream, length) : length;
          g_autoptr (GBytes) bytes = NULL;
          g_autoptr (GError) error = NULL;
          g_autoptr (NmdOutlines) outlines = NULL;

          if (k % 2 == 1)
            data[nmd_random_below (&stream, length)]
                ^= (char)(1 << nmd_random_below (&stream, 8));
          bytes = g_bytes_new (data, n);
          outlines = nmd_outlines_load_bytes (bytes, names[i], NULL, &error);
          g_assert_true ((outlines == NULL) == (error != NULL));
          for (guint o = 0; outlines != NULL && o < outlines->outlines->len; o++)
            {
              g_autoptr (NmdImage) mask = nmd_outline_rasterise (
                  outlines->outlines->pdata[o], NULL, "x", 48, 40, NULL);
              g_autofree char *digest
                  = nmd_outline_digest (outlines->outlines->pdata[o], NULL);

              g_assert_cmpuint (strlen (digest), ==, 64);
            }
        }
    }
}

/* Small files that ask for much. */
static void
test_bounds (void)
{
  g_autoptr (GString) deep = g_string_new ("{\"images\": [], \"annotations\": [");
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GString) nested = g_string_new ("<annotations>");
  struct archive *archive = NULL;
  g_autofree char *folder = fixture_folder (),
                  *zip = g_build_filename (folder, "b.zip", NULL);
  g_autofree char *zeros = g_malloc0 (1 << 20), *data = NULL;
  struct archive_entry *entry = archive_entry_new ();
  gsize length = 0;

  for (guint i = 0; i < 1000000; i++)
    g_string_append_c (deep, '[');
  refuse_bytes ("a.json", deep->str, -1, NMD_ERROR_FORMAT, "cut short");
  for (guint i = 0; i < 1000000; i++)
    g_string_append_c (deep, ']');
  g_string_append (deep, "]}");
  refuse_bytes ("a.json", deep->str, -1, NMD_ERROR_FORMAT, "annotations[0]");

  for (guint i = 0; i < 100000; i++)
    g_string_append (nested, "<a>");
  refuse_bytes ("a.xml", nested->str, -1, NMD_ERROR_FORMAT, "too deep");

  g_string_append (many, "{\"imagePath\": \"a.png\", \"shapes\": [");
  for (guint i = 0; i < 1000001; i++)
    g_string_append (many, i > 0 ? ",{}" : "{}");
  g_string_append (many, "], \"x\": [");
  for (guint i = 0; i < 1000001; i++)
    g_string_append (many, i > 0 ? ",1" : "1");
  g_string_append (many, "]}");
  refuse_bytes ("a.json", many->str, -1, NMD_ERROR_FORMAT, "line 1");

  archive = fixture_zip_open (zip);
  archive_entry_set_pathname (entry, "x.roi");
  archive_entry_set_size (entry, 40 << 20);
  archive_entry_set_filetype (entry, AE_IFREG);
  archive_write_header (archive, entry);
  for (int i = 0; i < 40; i++)
    archive_write_data (archive, zeros, 1 << 20);
  archive_entry_free (entry);
  archive_write_close (archive);
  archive_write_free (archive);
  g_assert_true (g_file_get_contents (zip, &data, &length, NULL));
  refuse_bytes ("b.zip", data, (gssize)length, NMD_ERROR_FORMAT, "x.roi|larger");
  fixture_remove (folder);
}

static void
test_digest (void)
{
  g_autoptr (NmdOutlines) a = load_golden ("coco.json"), b = load_golden ("coco.json");
  g_autofree char *x = nmd_outline_digest (find (a, "a.jpg"), "muscle");
  g_autofree char *y = nmd_outline_digest (find (b, "a.jpg"), "muscle");
  g_autofree char *z = nmd_outline_digest (find (b, "a.jpg"), NULL);

  g_assert_cmpstr (x, ==, y);
  g_assert_cmpstr (x, !=, z);
}

static void
stop_at_half (double fraction, gpointer cancellable)
{
  if (fraction >= 0.5)
    g_cancellable_cancel (cancellable);
}

/* An export that was stopped leaves nothing: the next one may begin. */
static void
test_stopped (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *set = g_build_filename (folder, "set", NULL);
  g_autofree char *out = g_build_filename (folder, "out", NULL);
  const NmdImportSettings settings = { .no_cache = TRUE };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  NmdOutlinesCounts counts;

  fixture_image (folder, "set/benign/x.png", 60, 40);
  fixture_image (folder, "set/malignant/y.png", 60, 40);
  fixture_mask_file (folder, "set/benign/x_mask.png", 60, 40, 0.6);
  fixture_mask_file (folder, "set/malignant/y_mask.png", 60, 40, 0.5);
  dataset = nmd_dataset_import (set, &settings, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (nmd_outlines_export (dataset, NMD_OUTLINES_LABELME, out, "lesion",
                                       stop_at_half, cancellable, cancellable, &counts,
                                       &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (nmd_file_is_empty_folder (out));
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/outlines/polygons", test_polygons);
  g_test_add_func ("/outlines/imagej", test_imagej);
  g_test_add_func ("/outlines/imagej-other", test_imagej_other);
  g_test_add_func ("/outlines/labelme", test_labelme);
  g_test_add_func ("/outlines/coco", test_coco);
  g_test_add_func ("/outlines/cvat", test_cvat);
  g_test_add_func ("/outlines/damaged", test_damaged);
  g_test_add_func ("/outlines/no-corners", test_no_corners);
  g_test_add_func ("/outlines/garbled", test_garbled);
  g_test_add_func ("/outlines/bounds", test_bounds);
  g_test_add_func ("/outlines/digest", test_digest);
  g_test_add_func ("/outlines/stopped", test_stopped);
  return g_test_run ();
}
