/* SPDX-License-Identifier: Apache-2.0
 *
 * What the values and the shape of masks tell an import: what would change echo intensity in silence is
 * flagged, counted and named, and asked where it cannot be known.
 */
#include "engine/image/nmd-reader.h"
#include "tests/data/importing.h"
#include "tests/data/palette.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

#define W 64
#define H 48

/* A data set of three images, of which one has the mask at "benign/a_mask.png". */
static char *
new_set (void)
{
  char *folder = fixture_folder ();

  fixture_image (folder, "benign/a.png", W, H);
  fixture_image (folder, "benign/b.png", W, H);
  fixture_image (folder, "malignant/c.png", W, H);
  fixture_mask_file (folder, "benign/b_mask.png", W, H, 0.6);
  fixture_mask_file (folder, "malignant/c_mask.png", W, H, 0.6);
  return folder;
}

/* RGBA pixels of the mask of benign/a. */
static GdkPixbuf *
new_rgba (void)
{
  GdkPixbuf *pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, TRUE, 8, W, H);

  gdk_pixbuf_fill (pixbuf, 0x000000ff);
  return pixbuf;
}

static guint8 *
pixel (GdkPixbuf *pixbuf, int x, int y)
{
  return gdk_pixbuf_get_pixels (pixbuf) + y * gdk_pixbuf_get_rowstride (pixbuf) + 4 * x;
}

static void
save (GdkPixbuf *pixbuf, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  const char *type = g_str_has_suffix (name, ".jpg") ? "jpeg" : "png";
  g_autoptr (GError) error = NULL;

  gdk_pixbuf_save (pixbuf, path, type, &error, NULL);
  g_assert_no_error (error);
}

static void
save_grey (const char *folder, const guint8 *values)
{
  g_autoptr (NmdImage) image = nmd_image_new (W, H);

  memcpy (image->pixels, values, W * H);
  fixture_save (folder, "benign/a_mask.png", image, 8);
}

static gboolean
in_ellipse (int x, int y, double radius)
{
  double u = (x - W / 2.0) / (W / 2.0), v = (y - H / 2.0) / (H / 2.0);

  return u * u + v * v < radius * radius;
}

/* Imports with @settings (nullable); the sample of benign/a and its mask. */
static NmdDataset *
open (const char *folder,
      NmdImportSettings *settings,
      NmdSample **sample,
      NmdImage **mask)
{
  NmdImportSettings standard = { NULL };
  NmdImportSettings *s = settings != NULL ? settings : &standard;
  NmdDataset *dataset;
  g_autoptr (GError) error = NULL;

  s->no_cache = TRUE;
  dataset = nmd_dataset_import (folder, s, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  *sample = nmd_dataset_find (dataset, "benign/a.png");
  g_assert_nonnull (*sample);
  g_assert_true (nmd_sample_load (*sample, NULL, mask, &error));
  g_assert_no_error (error);
  return dataset;
}

/* The report, text and JSON, counts @name once and names the image. */
static void
assert_reported (NmdDataset *dataset, const char *name, const char *words)
{
  g_autofree char *text = nmd_dataset_import_to_text (dataset);
  g_autofree char *images = g_strconcat (name, "_images", NULL);
  g_autoptr (JsonNode) node = nmd_dataset_import_to_json (dataset, 0);
  JsonObject *object = json_node_get_object (node);

  g_assert_cmpint (json_object_get_int_member (object, name), ==, 1);
  g_assert_cmpstr (
      json_array_get_string_element (json_object_get_array_member (object, images), 0),
      ==, "benign/a.png");
  if (strstr (text, words) == NULL || strstr (text, "benign/a.png") == NULL)
    g_error ("The report does not say “%s”:\n%s", words, text);
}

static gint64
get_count (NmdDataset *dataset, const char *name)
{
  g_autoptr (JsonNode) node = nmd_dataset_import_to_json (dataset, 0);

  return json_object_get_int_member (json_node_get_object (node), name);
}

static void
test_alpha (void)
{
  g_autofree char *folder = new_set ();
  g_autoptr (GdkPixbuf) pixbuf = new_rgba ();
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (NmdImage) mask = NULL;
  NmdSample *sample;

  for (int white = 0; white < 2; white++)
    {
      for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
          {
            memset (pixel (pixbuf, x, y), white * 255, 3);
            pixel (pixbuf, x, y)[3] = in_ellipse (x, y, 0.5) ? 255 : 0;
          }
      save (pixbuf, folder, "benign/a_mask.png");
      g_clear_object (&dataset);
      g_clear_pointer (&mask, nmd_image_unref);
      dataset = open (folder, NULL, &sample, &mask);
      for (int i = 0; i < W * H; i++)
        g_assert_cmpint (mask->pixels[i], ==, in_ellipse (i % W, i / W, 0.5) ? 255 : 0);
      g_assert_true ((sample->problems & NMD_PROBLEM_MASK_ALPHA) != 0);
      assert_reported (dataset, "mask_alpha", "alpha channel");
    }
  fixture_remove (folder);
}

/* A ramp at the edge: set from half on, and the pixels between are counted. */
static void
test_soft (void)
{
  g_autofree char *folder = new_set ();
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (NmdImage) mask = NULL;
  g_autofree char *text = NULL, *words = NULL;
  guint8 values[W * H];
  NmdSample *sample;
  gint64 between = 0;

  for (int i = 0; i < W * H; i++)
    {
      double u = (i % W - 32) / 20.0, v = (i / W - 24) / 16.0;
      double level = 128 + (1 - sqrt (u * u + v * v)) * 2400;

      values[i] = (guint8)CLAMP (level, 0, 255);
      between += values[i] > 0 && values[i] < 255;
    }
  save_grey (folder, values);
  dataset = open (folder, NULL, &sample, &mask);
  for (int i = 0; i < W * H; i++)
    g_assert_cmpint (mask->pixels[i], ==, values[i] >= 128 ? 255 : 0);
  g_assert_cmpint (sample->n_between, ==, between);
  g_assert_cmpint (sample->problems, ==, NMD_PROBLEM_MASK_SOFT);
  assert_reported (dataset, "mask_soft", "pixels depend on that");
  g_assert_cmpint (get_count (dataset, "mask_pixels_between"), ==, between);
  text = nmd_dataset_import_to_text (dataset);
  words = g_strdup_printf ("%" G_GINT64_FORMAT " pixels depend on that", between);
  g_assert_nonnull (strstr (text, words));
  g_assert_true (nmd_dataset_check_masks (dataset, FALSE, NULL));
  fixture_remove (folder);
}

/* JPEG surrounds an edge with small values; they are not set any more. */
static void
test_jpeg (void)
{
  g_autofree char *folder = new_set ();
  g_autoptr (GdkPixbuf) pixbuf = new_rgba ();
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (NmdImage) mask = NULL;
  NmdSample *sample;
  int wrong = 0, n = 0;

  for (int y = 0; y < H; y++)
    for (int x = 0; x < W; x++)
      memset (pixel (pixbuf, x, y), in_ellipse (x, y, 0.5) ? 255 : 0, 3);
  save (pixbuf, folder, "benign/a_mask.jpg");
  dataset = open (folder, NULL, &sample, &mask);
  for (int i = 0; i < W * H; i++)
    {
      wrong += (mask->pixels[i] != 0) != in_ellipse (i % W, i / W, 0.5);
      n += in_ellipse (i % W, i / W, 0.5);
    }
  g_assert_cmpint (wrong, <=, n / 50);
  g_assert_true ((sample->problems & NMD_PROBLEM_MASK_SOFT) != 0);
  g_assert_cmpint (sample->n_between, >, 0);
  fixture_remove (folder);
}

/* Nerve 1 and vessel 2: which one is asked, in one mask and across masks. */
static void
test_labels (void)
{
  g_autofree char *folder = new_set ();
  NmdImportSettings settings = { .no_cache = TRUE };
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (NmdImage) mask = NULL;
  g_autoptr (GError) error = NULL;
  guint8 values[W * H] = { 0 };
  NmdSample *sample;
  gint64 n = 0;

  for (int i = 0; i < W * H; i++)
    values[i] = !in_ellipse (i % W, i / W, 0.6) ? 0 : i % W < W / 2 ? 1 : 2;
  save_grey (folder, values);
  g_assert_null (nmd_dataset_import (folder, &settings, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_MASK_VALUE);
  g_assert_true (g_strv_contains (nmd_error_get_choices (error), "1"));
  g_assert_true (g_strv_contains (nmd_error_get_choices (error), "2"));
  g_assert_true (g_strv_contains (nmd_error_get_choices (error), "any"));
  {
    g_autofree char *path = g_build_filename (folder, "benign", "a_mask.png", NULL);
    g_autoptr (GError) single = NULL;

    g_assert_null (nmd_mask_load (path, &single)); /* of a scan opened alone */
    g_assert_error (single, NMD_ERROR, NMD_ERROR_NEEDS_MASK_VALUE);
  }
  settings.mask_value = "2";
  dataset = open (folder, &settings, &sample, &mask);
  for (int i = 0; i < W * H; i++)
    g_assert_cmpint (mask->pixels[i], ==, values[i] == 2 ? 255 : 0);
  for (int i = 0; i < W * H; i++)
    n += values[i] == 2;
  g_assert_cmpint (sample->echo.n, ==, n);
  g_clear_object (&dataset);
  g_clear_pointer (&mask, nmd_image_unref);
  settings.mask_value = "any";
  dataset = open (folder, &settings, &sample, &mask);
  for (int i = 0; i < W * H; i++)
    g_assert_cmpint (mask->pixels[i], ==, values[i] != 0 ? 255 : 0);

  /* one value each, but not the same */
  g_clear_error (&error);
  for (int i = 0; i < W * H; i++)
    values[i] = values[i] != 0 ? 7 : 0;
  save_grey (folder, values);
  settings.mask_value = NULL;
  g_assert_null (nmd_dataset_import (folder, &settings, NULL, NULL, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_MASK_VALUE);
  fixture_remove (folder);
}

/* A mask that @finding makes doubtful: reported, and no training without a look. */
static void
check_doubtful (const char *folder,
                NmdImportSettings *mending,
                NmdProblems problem,
                const char *name,
                const char *words,
                const guint8 *mended)
{
  g_autoptr (NmdDataset) dataset = NULL, again = NULL;
  g_autoptr (NmdImage) mask = NULL, good = NULL;
  g_autoptr (GError) error = NULL;
  NmdSample *sample;

  dataset = open (folder, NULL, &sample, &mask);
  g_assert_cmpint (sample->problems & ~NMD_PROBLEM_MASK_SOFT, ==, problem);
  assert_reported (dataset, name, words);
  g_assert_cmpint (get_count (dataset, "doubtful_masks"), ==, 1);
  g_assert_false (nmd_dataset_check_masks (dataset, FALSE, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_MASKS_SEEN);
  g_assert_nonnull (strstr (error->message, "benign/a.png"));
  g_assert_true (nmd_dataset_check_masks (dataset, TRUE, NULL));
  if (mending == NULL)
    return;
  again = open (folder, mending, &sample, &good);
  g_assert_cmpint (sample->problems, ==, 0);
  g_assert_true (nmd_dataset_check_masks (again, FALSE, NULL));
  for (int i = 0; i < W * H; i++)
    g_assert_cmpint (good->pixels[i], ==, mended[i]);
}

static void
fill_ellipse (guint8 *values, double radius, guint8 value)
{
  for (int i = 0; i < W * H; i++)
    if (in_ellipse (i % W, i / W, radius))
      values[i] = value;
}

static void
test_inverted (void)
{
  g_autofree char *folder = new_set ();
  NmdImportSettings mending = { .invert_masks = TRUE };
  guint8 values[W * H], good[W * H] = { 0 };

  memset (values, 255, sizeof values);
  fill_ellipse (values, 0.6, 0);
  fill_ellipse (good, 0.6, 255);
  save_grey (folder, values);
  check_doubtful (folder, &mending, NMD_PROBLEM_MASK_INVERTED, "mask_inverted",
                  "looks inverted", good);
  fixture_remove (folder);
}

static void
test_covers (void)
{
  g_autofree char *folder = new_set ();
  guint8 values[W * H];

  memset (values, 255, sizeof values);
  save_grey (folder, values);
  check_doubtful (folder, NULL, NMD_PROBLEM_MASK_COVERS, "mask_covers",
                  "covers the frame", NULL);
  fixture_remove (folder);
}

static void
test_contour (void)
{
  g_autofree char *folder = new_set ();
  NmdImportSettings mending = { .fill_contours = TRUE };
  guint8 values[W * H] = { 0 }, good[W * H] = { 0 };

  fill_ellipse (values, 0.8, 255);
  fill_ellipse (values, 0.7, 0);
  fill_ellipse (good, 0.8, 255);
  save_grey (folder, values);
  check_doubtful (folder, &mending, NMD_PROBLEM_MASK_CONTOUR, "mask_contour",
                  "not filled", good);
  /* with a gap it encloses nothing and cannot be filled */
  for (int y = 20; y < 28; y++)
    memset (values + y * W + W / 2, 0, W / 2);
  save_grey (folder, values);
  check_doubtful (folder, NULL, NMD_PROBLEM_MASK_CONTOUR, "mask_contour", "not filled",
                  NULL);
  fixture_remove (folder);
}

/* What is stray is judged by what the line encloses: beside the line alone it is not small. */
static void
test_contour_and_stray (void)
{
  g_autofree char *folder = new_set ();
  NmdImportSettings mending = { .fill_contours = TRUE, .drop_stray = TRUE };
  guint8 values[W * H] = { 0 }, good[W * H] = { 0 };

  fill_ellipse (values, 0.8, 255);
  fill_ellipse (values, 0.7, 0);
  fill_ellipse (good, 0.8, 255);
  for (int y = 1; y < 4; y++)
    memset (values + y * W + 1, 255, 3);
  save_grey (folder, values);
  check_doubtful (folder, &mending, NMD_PROBLEM_MASK_CONTOUR, "mask_contour",
                  "not filled", good);
  values[2 * W + 2] = 0; /* a ring, which filling fills */
  save_grey (folder, values);
  check_doubtful (folder, &mending, NMD_PROBLEM_MASK_CONTOUR, "mask_contour",
                  "not filled", good);
  fixture_remove (folder);
}

static void
test_stray (void)
{
  g_autofree char *folder = new_set ();
  NmdImportSettings mending = { .drop_stray = TRUE };
  guint8 values[W * H] = { 0 }, good[W * H] = { 0 };

  fill_ellipse (values, 0.4, 255);
  fill_ellipse (good, 0.4, 255);
  values[3 * W + 2] = values[3 * W + 3] = 255;
  values[40 * W + 60] = 255;
  save_grey (folder, values);
  check_doubtful (folder, &mending, NMD_PROBLEM_MASK_STRAY, "mask_stray", "stray pixels",
                  good);
  fixture_remove (folder);
}

/* The picture itself under the name of a mask, but not bit for bit. */
static void
test_picture (void)
{
  g_autofree char *folder = new_set ();
  guint8 values[W * H];

  for (int i = 0; i < W * H; i++)
    values[i] = (guint8)(i * 2654435761u >> 24);
  save_grey (folder, values);
  check_doubtful (folder, NULL, NMD_PROBLEM_MASK_GREY, "mask_grey", "like a picture",
                  NULL);
  fixture_remove (folder);
}

/* Two lesions, a muscle with a bone in it, a mask at the frame: nothing to doubt. */
static void
test_good_shapes (void)
{
  g_autofree char *folder = new_set ();
  guint8 values[W * H] = { 0 };

  for (int i = 0; i < W * H; i++)
    {
      const int x = i % W, y = i / W;
      const gboolean bone = (x - 20) * (x - 20) + (y - 24) * (y - 24) < 36;

      values[i]
          = (y > 8 && y < 40 && x < 40 && !bone) || (x > 50 && x < 60 && y < 9) ? 255 : 0;
    }
  {
    g_autoptr (NmdDataset) dataset = NULL;
    g_autoptr (NmdImage) mask = NULL;
    NmdSample *sample;

    save_grey (folder, values);
    dataset = open (folder, NULL, &sample, &mask);
    g_assert_cmpint (sample->problems, ==, 0);
    g_assert_cmpmem (mask->pixels, W * H, values, W * H);
  }
  fixture_remove (folder);
}

/* A second import from the index finds the same, and asks the same. */
static void
test_index (void)
{
  g_autofree char *folder = new_set (), *cache = fixture_folder ();
  NmdImportSettings settings = { .cache_folder = cache };
  guint8 values[W * H];
  gint64 n[2];

  memset (values, 255, sizeof values);
  fill_ellipse (values, 0.6, 0);
  save_grey (folder, values);
  g_unsetenv ("NMD_NO_CACHE");
  g_usleep (120 * 1000); /* a file that was just written is not kept */
  for (int round = 0; round < 4; round++)
    {
      g_autoptr (NmdDataset) dataset = NULL;
      g_autoptr (GError) error = NULL;
      NmdSample *sample;

      settings.invert_masks = round >= 2;
      dataset = nmd_dataset_import (folder, &settings, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      sample = nmd_dataset_find (dataset, "benign/a.png");
      g_assert_cmpint (sample->problems, ==, round < 2 ? NMD_PROBLEM_MASK_INVERTED : 0);
      if (round % 2 == 0)
        n[round / 2] = sample->echo.n;
      g_assert_cmpint (sample->echo.n, ==, n[round / 2]);
    }
  g_assert_cmpint (n[0] + n[1], ==, W * H);
  fixture_remove (folder);
  fixture_remove (cache);
  g_setenv ("NMD_NO_CACHE", "1", TRUE);
}

/* An outline of another tool is looked at like a mask. */
static void
test_outline_of_tool (void)
{
  g_autofree char *folder = new_set ();
  g_autoptr (NmdDataset) dataset = NULL;
  g_autoptr (NmdImage) mask = NULL;
  NmdSample *sample;

  fixture_text (
      folder, "benign/a.json",
      "{\"version\": \"5.0.1\", \"shapes\": [{\"label\": \"muscle\", \"points\": "
      "[[0, 0], [64, 0], [64, 48], [0, 48]], \"shape_type\": \"polygon\"}], "
      "\"imagePath\": \"a.png\", \"imageHeight\": 48, \"imageWidth\": 64}");
  dataset = open (folder, NULL, &sample, &mask);
  g_assert_cmpint (sample->problems, ==, NMD_PROBLEM_MASK_COVERS);
  assert_reported (dataset, "mask_covers", "covers the frame");
  g_assert_false (nmd_dataset_check_masks (dataset, FALSE, NULL));
  fixture_remove (folder);
}

/* 0 and 1 in one file, 0 and 255 in others: each says by itself what is set. */
static void
test_two_ways (void)
{
  g_autofree char *folder = new_set (), *cache = fixture_folder ();
  NmdImportSettings settings = { .cache_folder = cache };
  guint8 values[W * H] = { 0 }, more[W * H] = { 0 };
  gint64 n = 0;

  g_unsetenv ("NMD_NO_CACHE");
  for (int i = 0; i < W * H; i++)
    {
      values[i] = in_ellipse (i % W, i / W, 0.5) ? 1 : 0;
      more[i] = in_ellipse (i % W, i / W, 0.6) && i % W > W / 2 ? 255 : 0;
    }
  for (int round = 0; round < 3;
       round++) /* from the files, from the index, with a further mask */
    {
      g_autoptr (NmdDataset) dataset = NULL;
      g_autoptr (NmdImage) mask = NULL;
      g_autoptr (GError) error = NULL;
      NmdSample *sample;

      if (round == 0)
        {
          save_grey (folder, values);
          g_usleep (120 * 1000); /* a file that was just written is not kept */
        }
      if (round == 2)
        {
          g_autoptr (NmdImage) image = nmd_image_new (W, H);

          memcpy (image->pixels, more, W * H);
          fixture_save (folder, "benign/a_mask_1.png", image, 8);
        }
      dataset = nmd_dataset_import (folder, &settings, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      sample = nmd_dataset_find (dataset, "benign/a.png");
      g_assert_true (nmd_sample_load (sample, NULL, &mask, NULL));
      n = 0;
      for (int i = 0; i < W * H; i++)
        {
          const gboolean set = values[i] != 0 || (round == 2 && more[i] != 0);

          g_assert_cmpint (mask->pixels[i], ==, set ? 255 : 0);
          n += set;
        }
      g_assert_cmpint (sample->echo.n, ==, n);
      assert_listed (
          nmd_dataset_get_report (dataset)->assumptions,
          round < 2 ? "0 and 255 in mask files of 2 images and 0 and 1 in those of 1"
                    : "0 and 255 in mask files of 3 images and 0 and 1 in those of 1");
    }
  fixture_remove (folder);
  fixture_remove (cache);
  g_setenv ("NMD_NO_CACHE", "1", TRUE);
}

/* Files that do not change are read from the index, and raise the same question. */
static void
test_labels_again (void)
{
  g_autofree char *folder = new_set (), *cache = fixture_folder ();
  NmdImportSettings settings = { .cache_folder = cache };
  guint8 values[W * H] = { 0 };

  for (int i = 0; i < W * H; i++)
    values[i] = !in_ellipse (i % W, i / W, 0.6) ? 0 : i % W < W / 2 ? 1 : 2;
  save_grey (folder, values);
  g_unsetenv ("NMD_NO_CACHE");
  g_usleep (120 * 1000); /* a file that was just written is not kept */
  for (int round = 0; round < 3; round++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (nmd_dataset_import (folder, &settings, NULL, NULL, NULL, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_NEEDS_MASK_VALUE);
    }
  fixture_remove (folder);
  fixture_remove (cache);
  g_setenv ("NMD_NO_CACHE", "1", TRUE);
}

/* 1 is a fascia two pixels thick, without a pixel inside, 2 the muscle: what is asked for is taken alone. */
static void
test_thin_label (void)
{
  static const char *const asked[] = { "1", "2", "3" };
  g_autofree char *folder = new_set ();
  guint8 values[W * H] = { 0 };

  fill_ellipse (values, 0.6, 2);
  memset (values + 2 * W + 8, 1, 40);
  memset (values + 3 * W + 8, 1, 40);
  save_grey (folder, values);
  for (guint k = 0; k < G_N_ELEMENTS (asked); k++)
    {
      NmdImportSettings settings = { .mask_value = asked[k] };
      g_autoptr (NmdDataset) dataset = NULL;
      g_autoptr (NmdImage) mask = NULL;
      NmdSample *sample;

      dataset = open (folder, &settings, &sample, &mask);
      g_assert_true ((mask == NULL) == (k == 2));
      for (int i = 0; mask != NULL && i < W * H; i++)
        g_assert_cmpint (mask->pixels[i] != 0, ==, values[i] == k + 1);
    }
  fixture_remove (folder);
}

/* Pascal VOC: entry 1 with a border of 255, thin and wide; 255 counts only where it is asked for. */
static void
test_void (void)
{
  g_autofree char *folder = new_set ();
  NmdImportSettings any = { .mask_value = "any" }, asked = { .mask_value = "255" };

  for (int wide = 0; wide < 2; wide++)
    for (int named = 0; named < 2; named++)
      {
        guint8 indexes[W * H];
        g_autofree char *path = g_build_filename (folder, "benign/a_mask.png", NULL);
        g_autoptr (GBytes) png = NULL;
        g_autoptr (NmdDataset) dataset = NULL;
        g_autoptr (NmdImage) mask = NULL;
        NmdSample *sample;

        for (int i = 0; i < W * H; i++)
          indexes[i] = in_ellipse (i % W, i / W, 0.5)                      ? 1
                       : in_ellipse (i % W, i / W, wide != 0 ? 0.8 : 0.54) ? 255
                                                                           : 0;
        png = palette_png (indexes, W, H);
        g_assert_true (g_file_set_contents (path, g_bytes_get_data (png, NULL),
                                            (gssize)g_bytes_get_size (png), NULL));
        dataset = open (folder, named != 0 ? &asked : &any, &sample, &mask);
        for (int i = 0; i < W * H; i++)
          g_assert_cmpint (mask->pixels[i], ==,
                           indexes[i] == (named != 0 ? 255 : 1) ? 255 : 0);
        g_assert_cmpint (sample->problems
                             & (NMD_PROBLEM_MASK_VOID | NMD_PROBLEM_MASK_SOFT),
                         ==, named != 0 ? 0 : NMD_PROBLEM_MASK_VOID);
        if (named == 0)
          assert_reported (dataset, "mask_void", "255 of Pascal VOC");
      }
  fixture_remove (folder);
}

/* The same values as grey levels say nothing of what 255 is: that is asked. */
static void
test_grey_border (void)
{
  g_autofree char *folder = new_set ();
  guint8 values[W * H];

  for (int i = 0; i < W * H; i++)
    values[i] = in_ellipse (i % W, i / W, 0.5)    ? 1
                : in_ellipse (i % W, i / W, 0.54) ? 255
                                                  : 0;
  save_grey (folder, values);
  refuse (folder, "", NMD_ERROR_NEEDS_MASK_VALUE, "1 in 1|255 in 3");
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/masks/alpha", test_alpha);
  g_test_add_func ("/masks/soft", test_soft);
  g_test_add_func ("/masks/jpeg", test_jpeg);
  g_test_add_func ("/masks/labels", test_labels);
  g_test_add_func ("/masks/inverted", test_inverted);
  g_test_add_func ("/masks/covers", test_covers);
  g_test_add_func ("/masks/contour", test_contour);
  g_test_add_func ("/masks/contour-and-stray", test_contour_and_stray);
  g_test_add_func ("/masks/stray", test_stray);
  g_test_add_func ("/masks/picture", test_picture);
  g_test_add_func ("/masks/good-shapes", test_good_shapes);
  g_test_add_func ("/masks/index", test_index);
  g_test_add_func ("/masks/outline-of-tool", test_outline_of_tool);
  g_test_add_func ("/masks/two-ways", test_two_ways);
  g_test_add_func ("/masks/labels-again", test_labels_again);
  g_test_add_func ("/masks/thin-label", test_thin_label);
  g_test_add_func ("/masks/void", test_void);
  g_test_add_func ("/masks/grey-border", test_grey_border);
  return g_test_run ();
}
