/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands about single images: preprocess, predict, explain.
 */
#include "config.h"

#include "process.h"

#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/image/nmd-image.h"
#include "engine/image/nmd-png-writer.h"
#include "engine/image/nmd-reader.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

/* Of a TIFF of several pages each command asks for one. */
static void
test_pages (void)
{
  g_autoptr (NmdImage) roi = NULL;

  write_pages ("pages.tif");
  {
    g_auto (Result) none = nmd ("preprocess @/pages.tif --out @/pages-out"),
                    second = nmd ("preprocess @/pages.tif --page 2 --out @/pages-out"),
                    third = nmd ("preprocess @/pages.tif --page 3 --out @/pages-out"),
                    wrong = nmd ("preprocess @/pages.tif --page -1 --out @/pages-out"),
                    score = nmd ("predict @/run @/pages.tif"),
                    scored = nmd ("predict @/run @/pages.tif --page 1");
    g_autofree char *made = place ("pages-out/roi.png");

    g_assert_cmpint (none.status, ==, 1);
    assert_sentence (&none, "preprocess", "pages.tif",
                     "is a TIFF of 2 pages: choose one with --page N");
    g_assert_cmpint (second.status, ==, 0);
    g_assert_cmpint (third.status, ==, 1);
    assert_sentence (&third, "preprocess", "pages.tif", "has no page 3: its last is 2");
    g_assert_cmpint (wrong.status, ==, 2);
    g_assert_cmpint (score.status, ==, 1);
    g_assert_nonnull (strstr (score.err, "pages.tif is a TIFF of 2 pages: choose one "));
    g_assert_cmpint (scored.status, ==, 0);
    roi = nmd_image_load (made, NULL);
  }
  g_assert_cmpint (roi->pixels[0], ==, 90);
  g_assert_cmpint (roi->pixels[5], ==, 95);
}

/* A DICOM cine asks for a frame; one frame is an image like others. */
static void
test_dicom (void)
{
  static const char *const names[] = { "cine.dcm", "grey8.dcm" };

  if (!HAVE_DICOM)
    {
      g_test_skip ("The DICOM module is not built");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *from = g_test_build_filename (G_TEST_DIST, "image", "golden",
                                                     "dicom", names[i], NULL);
      g_autofree char *to = place (names[i]), *data = NULL;
      gsize length = 0;

      g_assert_true (g_file_get_contents (from, &data, &length, NULL));
      g_assert_true (g_file_set_contents (to, data, (gssize)length, NULL));
    }
  g_auto (Result) none = nmd ("preprocess @/cine.dcm --out @/dicom-out"),
                  third = nmd ("preprocess @/cine.dcm --page 3 --out @/dicom-out"),
                  sixth = nmd ("preprocess @/cine.dcm --page 6 --out @/dicom-out"),
                  asked = nmd ("predict @/run @/cine.dcm"),
                  scored = nmd ("predict @/run @/cine.dcm --page 2"),
                  single = nmd ("predict @/run @/grey8.dcm");
  g_autofree char *made = place ("dicom-out/roi.png");
  g_autoptr (NmdImage) roi = nmd_image_load (made, NULL);

  g_assert_cmpint (none.status, ==, 1);
  assert_sentence (&none, "preprocess", "cine.dcm",
                   "is a DICOM file of 5 frames: choose one with --page N");
  g_assert_cmpint (third.status, ==, 0);
  g_assert_cmpint (roi->pixels[5], ==, (5 - 2) * 7);
  assert_sentence (&sixth, "preprocess", "cine.dcm", "has no frame 6: its last is 5");
  g_assert_nonnull (strstr (asked.err, "cine.dcm is a DICOM file of 5 frames: choose "));
  g_assert_cmpint (scored.status, ==, 0);
  g_assert_cmpint (single.status, ==, 0);
}

static void
test_preprocess (void)
{
  static const char *const names[] = { "roi", "resize", "median", "clahe" };
  g_autofree char *path = place ("scan.png"), *broken = place ("broken.png");
  g_autofree char *out = place ("broken-out"), *bytes = NULL;
  g_autofree char *nothing = place ("nothing.png");
  g_autoptr (NmdImage) image = nmd_image_new (300, 200), empty = NULL;
  g_autoptr (GError) error = NULL;
  gsize length = 0;

  for (int i = 0; i < 300 * 200; i++)
    image->pixels[i] = (guint8)(i * 7 + i / 300);
  g_assert_true (nmd_image_save_png (image, path, 8, NULL, &error));
  {
    g_auto (Result) result
        = nmd ("preprocess @/scan.png --roi 50,40,150,140 --out @/stages --json");
    g_autoptr (JsonNode) node = NULL;
    JsonArray *box = NULL;

    g_assert_cmpint (result.status, ==, 0);
    box = json_object_get_array_member (parse (&result, &node), "box_x0_y0_x1_y1");
    g_assert_cmpint (json_array_get_int_element (box, 0), ==, 40);
    g_assert_cmpint (json_array_get_int_element (box, 3), ==, 150);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = g_strdup_printf ("stages/%s.png", names[i]);
      g_autofree char *file = place (name);
      g_autoptr (NmdImage) stage = nmd_image_load (file, &error);

      g_assert_no_error (error);
      g_assert_cmpint (stage->width, ==, i == 0 ? 120 : 224);
    }
  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  g_assert_true (nmd_file_write (broken, bytes, length / 2, NULL));
  {
    g_auto (Result) result = nmd ("preprocess @/broken.png --out @/broken-out");

    g_assert_cmpint (result.status, ==, 1);
    assert_sentence (&result, "preprocess", "broken.png", "");
    g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS));
  }
  {
    g_auto (Result) result = nmd ("preprocess @/scan.png --roi 250,40,350,140 --out @/x");

    g_assert_cmpint (result.status, ==, 1);
    assert_sentence (&result, "preprocess", "250,40,350,140", "300 × 200");
  }
  empty = nmd_image_new (300, 200);
  memset (empty->pixels, 0, 300 * 200);
  g_assert_true (nmd_image_save_png (empty, nothing, 8, NULL, &error));
  {
    g_auto (Result) result
        = nmd ("preprocess @/scan.png --mask @/nothing.png --out @/frame --json");

    g_assert_cmpint (result.status, ==, 0);
    g_assert_nonnull (strstr (result.err, "nothing.png is empty"));
  }
}

/* A scan of the cohort that the run has scored, and its score in predictions.csv. */
static char *
pick_scan (char **mask, double *score)
{
  g_autofree char *table = place ("run/predictions.csv");
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdCsv) csv = nmd_csv_load (table, &error);
  const char *id = NULL;
  char *image = NULL;

  g_assert_no_error (error);
  id = nmd_csv_get (csv, 0, (guint)nmd_csv_find (csv, "image"));
  *score
      = g_ascii_strtod (nmd_csv_get (csv, 0, (guint)nmd_csv_find (csv, "score")), NULL);
  image = g_strconcat ("@/cohort/", id, NULL);
  *mask = g_strdup (image);
  memcpy (strstr (*mask, "/Images/"), "/Masks//", 8);
  return image;
}

static void
test_predict (void)
{
  double expected = 0;
  g_autofree char *mask = NULL, *image = pick_scan (&mask, &expected);
  g_autofree char *with
      = g_strdup_printf ("predict @/run %s --mask %s --json", image, mask);
  g_autofree char *without = g_strdup_printf ("predict @/run %s --json", image);
  g_auto (Result) scored = nmd (with), bare = nmd (without);
  g_autoptr (JsonNode) node = NULL, bare_node = NULL;
  JsonObject *object = NULL;

  g_assert_cmpint (scored.status, ==, 0);
  object = json_array_get_object_element (
      json_object_get_array_member (parse (&scored, &node), "predictions"), 0);
  g_assert_cmpfloat (fabs (json_object_get_double_member (object, "score") - expected), <,
                     1e-5);
  g_assert_cmpstr (json_object_get_string_member (object, "roi_source"), ==, "mask");
  g_assert_true (json_object_has_member (object, "domain_match"));
  g_assert_true (g_str_has_suffix (
      json_object_get_string_member (json_node_get_object (node), "device"),
      ", strict numerics"));

  g_assert_cmpint (bare.status, ==, 0);
  object = json_array_get_object_element (
      json_object_get_array_member (parse (&bare, &bare_node), "predictions"), 0);
  g_assert_true (json_object_get_null_member (object, "score"));
  g_assert_cmpstr (json_object_get_string_member (object, "roi_source"), ==, "frame");
}

static void
test_explain (void)
{
  double score = 0;
  g_autofree char *mask = NULL, *image = pick_scan (&mask, &score);
  g_autofree char *arguments = g_strdup_printf (
      "explain @/run %s --mask %s --out @/map.png --map @/map.csv --json", image, mask);
  g_autofree char *wrong = g_strdup_printf (
      "explain @/run %s --mask %s --out @/no.png --layer nonsense", image, mask);
  g_autofree char *other = g_strdup_printf (
      "explain @/run %s --mask %s --out @/o.png --map @/o.csv --method occlusion --json",
      image, mask);
  g_autofree char *png = place ("map.png"), *csv_path = place ("map.csv"),
                  *none = place ("no.png"), *other_csv = place ("o.csv");
  g_auto (Result) result = nmd (arguments), refused = nmd (wrong), second = nmd (other);
  g_autoptr (NmdImage) picture = NULL;
  g_autoptr (NmdCsv) csv = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;

  g_assert_cmpint (result.status, ==, 0);
  g_assert_true (
      g_str_has_suffix (json_object_get_string_member (parse (&result, &node), "device"),
                        ", strict numerics"));
  picture = nmd_image_load (png, &error);
  g_assert_no_error (error);
  g_assert_cmpint (picture->width, >, 600);
  csv = nmd_csv_load (csv_path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (nmd_csv_find (csv, "value"), ==, 2);
  g_assert_cmpint (refused.status, ==, 1);
  assert_sentence (&refused, "explain", "nonsense", "");
  /* every output says by which method */
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (node), "method"),
                   ==, "gradcam");
  g_assert_cmpstr (nmd_csv_get (csv, 7, 3), ==, "gradcam");
  g_clear_pointer (&node, json_node_unref);
  g_clear_pointer (&csv, nmd_csv_free);
  g_assert_cmpstr (json_object_get_string_member (parse (&second, &node), "method"), ==,
                   "occlusion");
  csv = nmd_csv_load (other_csv, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (nmd_csv_get (csv, 7, 3), ==, "occlusion");
  g_assert_false (g_file_test (none, G_FILE_TEST_EXISTS));
}

/* A map's checks for one image, and the tables of a part's maps. */
static void
test_maps (void)
{
  double score = 0;
  g_autofree char *mask = NULL, *image = pick_scan (&mask, &score);
  g_autofree char *check = g_strdup_printf (
      "explain @/run %s --mask %s --out @/c.png --check --json", image, mask);
  g_autofree char *rows = place ("maps/maps.csv"), *means = place ("maps/means.csv"),
                  *markdown = place ("maps/maps.md"), *text = NULL;
  g_auto (Result) checked = nmd (check);
  g_auto (Result) cohort = nmd ("explain @/run --cohort --limit 2 --out @/maps --json");
  g_auto (Result) refused = nmd ("explain @/run --cohort --limit 2 --out @/run/run.json");
  g_autoptr (JsonNode) node = NULL, second = NULL;
  g_autoptr (NmdCsv) csv = NULL;
  JsonObject *object;

  g_assert_cmpint (checked.status, ==, 0);
  object = json_object_get_object_member (parse (&checked, &node), "check");
  g_assert_cmpuint (
      json_array_get_length (json_object_get_array_member (object, "insertion")), ==, 29);
  g_assert_cmpstr (json_array_get_string_element (
                       json_object_get_array_member (object, "random_layers"), 0),
                   ==, "fc");
  g_assert_nonnull (strstr (json_object_get_string_member (object, "verdict"), "%"));
  g_assert_cmpint (cohort.status, ==, 0);
  object = parse (&cohort, &second);
  g_assert_cmpint (json_object_get_int_member (object, "images"), ==, 4);
  object = json_object_get_object_member (
      json_object_get_object_member (json_object_get_object_member (object, "means"),
                                     "1"),
      "inside");
  g_assert_cmpint (json_object_get_int_member (object, "images"), <=, 2);
  csv = nmd_csv_load (rows, NULL);
  g_assert_nonnull (csv);
  g_assert_cmpuint (nmd_csv_get_n_rows (csv), ==, 4);
  g_assert_true (g_file_test (means, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (markdown, &text, NULL, NULL));
  g_assert_true (g_str_has_prefix (text, "SYNTHETIC data. Grad-CAM of 4 images of the "));
  g_assert_cmpint (refused.status, ==, 1);
}

/* The first prediction of a `predict --json`. */
static JsonObject *
first (const Result *result, JsonNode **node)
{
  g_assert_cmpint (result->status, ==, 0);
  return json_array_get_object_element (
      json_object_get_array_member (parse (result, node), "predictions"), 0);
}

/* Which weights, and whether the image was trained on, stand in text and JSON. */
static void
test_part_and_weights (void)
{
  double score = 0;
  g_autofree char *mask = NULL, *image = pick_scan (&mask, &score);
  g_autofree char *arguments
      = g_strdup_printf ("predict @/run %s --mask %s", image, mask);
  g_autofree char *best
      = g_strdup_printf ("predict @/run %s --mask %s --weights best --json", image, mask);
  g_autofree char *average = place ("run/average.safetensors"), *away = place ("away");
  g_auto (Result) text = nmd (arguments), json = nmd (best), lost = { 0 };
  g_autoptr (JsonNode) node = NULL;

  g_assert_nonnull (strstr (text.out, "average weights"));
  g_assert_nonnull (strstr (text.out, "training part of this run"));
  g_assert_nonnull (strstr (text.out, "This image was in the training part"));
  g_assert_cmpstr (json_object_get_string_member (first (&json, &node), "part"), ==,
                   "train");
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (node), "weights"),
                   ==, "best");

  /* a finished run that has lost its average does not go on with other weights unsaid */
  g_assert_cmpint (g_rename (average, away), ==, 0);
  lost = nmd (arguments);
  g_assert_cmpint (g_rename (away, average), ==, 0);
  g_assert_cmpint (lost.status, ==, 1);
  assert_sentence (&lost, "predict", "average.safetensors", "--weights best");
}

/* A scan that may not be scored: what it shows has to be stated, or the score is marked;
 * and where it is withheld no class is named. */
static void
test_withheld (void)
{
  static const char *const texts[] = { "Comment", "SYNTHETIC", NULL };
  double score = 0;
  g_autofree char *mask = NULL, *picked = pick_scan (&mask, &score);
  g_autofree char *from = place (picked + 1), *to = place ("nameless.png");
  g_autoptr (NmdImage) image = nmd_image_load (from, NULL);
  const struct
  {
    const char *options, *scored;
  } rows[] = { { "", "" },
               { "--muscle BB", "fits the model" },
               { "--organ breast", "" },
               { "--override", "not meaningful" } };

  image->pixels[0] ^= 1; /* not an image of the run's data set */
  g_assert_true (nmd_image_save_png (image, to, 8, texts, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *predict = g_strdup_printf (
          "predict @/run @/nameless.png --mask %s %s", mask, rows[i].options);
      g_autofree char *explain = g_strdup_printf (
          "explain @/run @/nameless.png --mask %s --out @/w.png --map @/w.csv %s", mask,
          rows[i].options);
      g_autofree char *both = g_strdup_printf ("%s --json", explain),
                      *named = g_strdup_printf ("%s --class 1 --json", explain);
      g_auto (Result) text = nmd (predict), drawn = nmd (explain), object = nmd (both),
                      class = nmd (named);
      g_autofree char *table = place ("w.csv"), *csv = NULL;
      g_autoptr (JsonNode) node = NULL, other = NULL;
      JsonObject *said = parse (&object, &node);
      gboolean scored = rows[i].scored[0] != '\0', meaningful = i == 1;

      g_assert_cmpint (text.status, ==, 0);
      g_assert_nonnull (strstr (text.out, scored ? rows[i].scored : "No score: "));
      g_assert_cmpint (json_object_get_null_member (said, "score"), ==, !scored);
      g_assert_cmpint (json_object_get_null_member (said, "class"), ==, !scored);
      g_assert_cmpint (json_object_get_null_member (said, "target"), ==, !scored);
      g_assert_cmpint (json_object_get_null_member (said, "predicted"), ==, !scored);
      g_assert_cmpint (json_object_get_boolean_member (said, "not_meaningful"), ==,
                       scored && !meaningful);
      g_assert_cmpint (strstr (text.out, "pathological") != NULL
                           || strstr (text.out, "healthy") != NULL,
                       ==, scored);
      g_assert_cmpint (strstr (drawn.out, "pathological") != NULL
                           || strstr (drawn.out, "healthy") != NULL,
                       ==, scored);
      g_assert_cmpstr (json_object_get_string_member (parse (&class, &other), "class"),
                       ==, "pathological");
      g_assert_true (g_file_get_contents (table, &csv, NULL, NULL));
      g_assert_cmpint (strstr (csv, ",not meaningful\n") != NULL, ==, !meaningful);
    }
}

static char *
digest (const char *name)
{
  g_autofree char *path = place (name);

  return nmd_file_sha256 (path, NULL, NULL);
}

/* No output overwrites what the command reads, whatever name it goes by. */
static void
test_outputs (void)
{
  static const char *const inputs[] = { "in/scan.png", "in/roi.png", "in/mask.png",
                                        "run/run.json", "run/metrics.json" };
  static const char *const refused[] = {
    "explain @/run @/in/scan.png --mask @/in/mask.png --out @/in/scan.png",
    "explain @/run @/in/scan.png --mask @/in/mask.png --out @/in/../in/scan.png",
    "explain @/run @/in/scan.png --mask @/in/mask.png --out @/in/soft.png",
    "explain @/run @/in/scan.png --mask @/in/mask.png --out @/in/hard.png",
    "explain @/run @/in/scan.png --mask @/in/mask.png --out @/in/mask.png",
    "explain @/run @/in/scan.png --mask @/in/mask.png --out @/x.png --map @/in/mask.png",
    "explain @/run @/in/scan.png --mask @/in/mask.png --out @/x.png --map @/in/../x.png",
    "explain @/run @/in/scan.png --mask @/in/mask.png --out @/x.png --map @/run/run.json",
    "explain @/link @/in/scan.png --out @/x.png --map @/run/metrics.json",
    "preprocess @/in/roi.png --out @/in",
    "preprocess @/in/scan.png --mask @/in/roi.png --out @/in",
    "evaluate @/run --figures @/figures",
    "train @/cohort --out @/cohort",
    "demo @/in",
  };
  g_autofree char *in = place ("in"), *scan = place ("in/scan.png"),
                  *soft = place ("in/soft.png"), *hard = place ("in/hard.png"),
                  *run = place ("run"), *link_path = place ("link"), *x = place ("x.png"),
                  *stage = place ("in/resize.png"), *figures = place ("figures"),
                  *figure = place ("figures/roc.png"),
                  *cohort = place ("cohort/README.txt");
  g_autoptr (NmdImage) image = nmd_image_new (300, 200);
  char *before[G_N_ELEMENTS (inputs)];

  memset (image->pixels, 90, 300 * 200);
  g_assert_true (nmd_file_make_folder (in, NULL));
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *path = place (inputs[i]);

      g_assert_true (nmd_image_save_png (image, path, 8, NULL, NULL));
    }
  g_assert_cmpint (symlink (scan, soft), ==, 0);
  g_assert_cmpint (link (scan, hard), ==, 0);
  g_assert_cmpint (symlink (run, link_path), ==, 0);
  g_assert_true (nmd_file_make_folder (figures, NULL));
  g_assert_cmpint (symlink (cohort, figure), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (inputs); i++)
    before[i] = digest (inputs[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_auto (Result) result = nmd (refused[i]);

      g_assert_cmpint (result.status, ==, 1);
      g_assert_nonnull (strstr (
          result.err, i + 2 < G_N_ELEMENTS (refused) ? "The output" : "not empty"));
      g_assert_false (g_file_test (x, G_FILE_TEST_EXISTS));
      g_assert_false (g_file_test (stage, G_FILE_TEST_EXISTS));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (inputs); i++)
    {
      g_autofree char *after = digest (inputs[i]);

      g_assert_cmpstr (after, ==, before[i]);
      g_free (before[i]);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  process_set_up ();
  make_cohort_and_run ();
  g_test_add_func ("/nmd/pages", test_pages);
  g_test_add_func ("/nmd/dicom", test_dicom);
  g_test_add_func ("/nmd/preprocess", test_preprocess);
  g_test_add_func ("/nmd/predict", test_predict);
  g_test_add_func ("/nmd/explain", test_explain);
  g_test_add_func ("/nmd/maps", test_maps);
  g_test_add_func ("/nmd/part-and-weights", test_part_and_weights);
  g_test_add_func ("/nmd/withheld", test_withheld);
  g_test_add_func ("/nmd/outputs", test_outputs);
  status = g_test_run ();
  process_tear_down ();
  return status;
}
