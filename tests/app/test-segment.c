/* SPDX-License-Identifier: Apache-2.0
 *
 * Outlines as a user of `nmd` meets them: a training of the task segment, proposals with and without
 * prompts, the road without a mask, and what is refused.
 */
#include "process.h"

#include "engine/core/nmd-file.h"
#include "engine/image/nmd-image.h"
#include "engine/image/nmd-reader.h"

#include <signal.h>
#include <string.h>

#define IMAGE "@/cohort/BB/Healthy/Images/SYN_BB_anon_1_1.png"
#define OTHER "@/cohort/BB/Healthy/Images/SYN_BB_anon_1_2.png"

/* A network that has seen enough to find something in the demo's images, and a classifier. */
static void
make_runs (void)
{
  g_auto (Result) demo = nmd ("demo @/cohort --subjects 8");
  g_auto (Result) segment = nmd (
      "train @/cohort --task segment --out @/outlines --size 64 --epochs 6 --batch 8 "
      "--average-start 0.9 --threshold-from validation --threads 1 --no-cache");
  g_auto (Result) classify
      = nmd ("train @/cohort --out @/scores --epochs 1 --batch 16 --threads 1 "
             "--no-cache");

  g_assert_cmpint (demo.status, ==, 0);
  g_assert_cmpint (segment.status, ==, 0);
  g_assert_cmpint (classify.status, ==, 0);
}

static JsonObject *
first_of (const Result *result, const char *list, JsonNode **node)
{
  return json_array_get_object_element (
      json_object_get_array_member (parse (result, node), list), 0);
}

/* Mask in the untouched image's pixels, picture and numbers agree; printed and stored are the same. */
static void
test_segment (void)
{
  g_auto (Result) result = nmd ("segment @/outlines " IMAGE " --out @/found --json"),
                  words = nmd ("segment @/outlines " IMAGE " " OTHER);
  g_autofree char *image_path = place ("cohort/BB/Healthy/Images/SYN_BB_anon_1_1.png"),
                  *mask_path = place ("found/SYN_BB_anon_1_1_mask.png"),
                  *overlay_path = place ("found/SYN_BB_anon_1_1_overlay.png"),
                  *json_path = place ("found/SYN_BB_anon_1_1.json"), *text = NULL;
  g_autoptr (NmdImage) image = nmd_image_load (image_path, NULL), mask = NULL,
                       overlay = nmd_image_load (overlay_path, NULL);
  g_autoptr (JsonNode) node = NULL, stored = NULL;
  JsonObject *object = NULL;
  JsonArray *box;
  gint64 area = 0;

  g_assert_cmpint (result.status, ==, 0);
  object = first_of (&result, "outlines", &node);
  g_assert_true (json_object_get_boolean_member (object, "outline_found"));
  mask = nmd_image_load (mask_path, NULL);
  g_assert_nonnull (mask);
  g_assert_cmpint (mask->width, ==, image->width);
  g_assert_cmpint (mask->height, ==, image->height);
  g_assert_cmpint (overlay->width, ==, image->width);
  for (gsize i = 0; i < (gsize)mask->width * (gsize)mask->height; i++)
    {
      g_assert_true (mask->pixels[i] == 0 || mask->pixels[i] == 255);
      area += mask->pixels[i] != 0;
    }
  g_assert_cmpint (json_object_get_int_member (object, "area_pixels"), ==, area);
  box = json_object_get_array_member (object, "box");
  g_assert_cmpint (json_array_get_int_element (box, 2), <=, image->width);
  g_assert_cmpint (json_array_get_int_element (box, 3), <=, image->height);
  g_assert_true (json_object_get_double_member (object, "confidence") > 0
                 && json_object_get_double_member (object, "confidence") <= 1);
  g_assert_true (json_object_get_double_member (object, "echo_intensity") > 0);
  g_assert_true (json_object_get_boolean_member (object, "domain_match"));
  g_assert_false (json_object_has_member (object, "prompts"));
  g_assert_nonnull (strstr (
      json_object_get_string_member (json_node_get_object (node), "threshold_text"),
      "chosen on the validation part"));
  g_assert_true (g_file_get_contents (json_path, &text, NULL, NULL));
  stored = json_from_string (text, NULL);
  g_assert_true (json_node_equal (
      stored,
      json_array_get_element (
          json_object_get_array_member (json_node_get_object (node), "outlines"), 0)));
  g_assert_cmpint (words.status, ==, 0);
  g_assert_nonnull (strstr (words.out, "SYN_BB_anon_1_2.png\n  "));
}

/* Whether the file @name holds @text. */
static gboolean
holds (const char *name, const char *text)
{
  g_autofree char *path = place (name), *have = NULL;

  return g_file_get_contents (path, &have, NULL, NULL) && strcmp (have, text) == 0;
}

/* An expert's mask or outlines beside an image are not replaced; what the command wrote itself is. */
static void
test_kept (void)
{
  g_autofree char *from = place (IMAGE + 2), *to = place ("beside");
  g_autofree char *line = g_strdup_printf (
      "mkdir %s && cp %s %s/scan.png && cp %s %s/drawn.png", to, from, to, from, to);
  g_auto (Result) copied = shell (line);

  g_assert_cmpint (copied.status, ==, 0);
  write_text ("beside/scan_mask.png", "an expert's");
  write_text ("beside/drawn.json", "{\"shapes\": []}");
  {
    g_auto (Result) mask = nmd ("segment @/outlines @/beside/scan.png --out @/beside"),
                    json = nmd ("segment @/outlines @/beside/drawn.png --out @/beside"),
                    other = nmd ("segment @/outlines @/beside/scan.png --out @/own"),
                    again = nmd ("segment @/outlines @/beside/scan.png --out @/own");

    g_assert_cmpint (mask.status, ==, 1);
    assert_sentence (&mask, "segment", "scan_mask.png", "--out");
    g_assert_cmpint (json.status, ==, 1);
    assert_sentence (&json, "segment", "drawn.json", "--out");
    g_assert_cmpint (other.status, ==, 0);
    g_assert_cmpint (again.status, ==, 0);
  }
  g_assert_true (holds ("beside/scan_mask.png", "an expert's"));
  g_assert_true (holds ("beside/drawn.json", "{\"shapes\": []}"));
}

/* Where a second answer is “no outline”, the mask of the first does not stay beside it. */
static void
test_no_outline (void)
{
  g_auto (Result) trained
      = nmd ("train @/cohort --task segment --out @/blind --size 64 --epochs 1 --limit 4 "
             "--batch 8 --outline-threshold 0.99 --average-start 1 --threads 1 "
             "--no-cache"),
      found = nmd ("segment @/outlines " IMAGE " --out @/twice");
  g_autofree char *mask = place ("twice/SYN_BB_anon_1_1_mask.png");

  g_assert_cmpint (trained.status, ==, 0);
  g_assert_cmpint (found.status, ==, 0);
  g_assert_true (g_file_test (mask, G_FILE_TEST_EXISTS));
  for (int i = 0; i < 2; i++)
    {
      g_auto (Result) none = nmd ("segment @/blind " IMAGE " --out @/twice");

      g_assert_cmpint (none.status, ==, 0);
      g_assert_nonnull (strstr (none.out, "No outline found"));
      g_assert_false (g_file_test (mask, G_FILE_TEST_EXISTS));
    }
  write_text ("twice/SYN_BB_anon_1_1_mask.png", "drawn since");
  {
    g_auto (Result) kept = nmd ("segment @/blind " IMAGE " --out @/twice");

    g_assert_cmpint (kept.status, ==, 1);
    g_assert_true (holds ("twice/SYN_BB_anon_1_1_mask.png", "drawn since"));
  }
}

/* A box and clicks are handed on and said again; what is not within the image, no word or for several
 * images is refused. */
static void
test_prompts (void)
{
  static const struct
  {
    const char *options, *word;
    int status;
  } wrong[] = {
    { IMAGE " --box 1,2,3", "X,Y,WIDTH,HEIGHT", 2 },
    { IMAGE " --box 1,2,0,5", "1,2,0,5", 2 },
    { IMAGE " --click 5,5", "+X,Y", 2 },
    { IMAGE " --click +5", "+5", 2 },
    { IMAGE " " OTHER " --click +5,5", "one image", 2 },
    { IMAGE " --click +100000,5", "100000,5", 1 },
    { IMAGE " --box 0,0,100000,5", "box", 1 },
  };
  g_auto (Result) result = nmd ("segment @/outlines " IMAGE " --box 100,50,200,150 "
                                "--click +180,100 --click -10,12 --json");
  g_auto (Result) plain
      = nmd ("train @/cohort --task segment --prompts off --out @/unprompted --size 64 "
             "--epochs 1 --batch 8 --threads 1 --no-cache");
  g_auto (Result) warned = nmd ("segment @/unprompted " IMAGE " --click +180,100");
  g_auto (Result) unasked = nmd ("segment @/unprompted " IMAGE);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *prompts, *click;

  g_assert_cmpint (result.status, ==, 0);
  prompts
      = json_object_get_object_member (first_of (&result, "outlines", &node), "prompts");
  g_assert_cmpint (
      json_array_get_int_element (json_object_get_array_member (prompts, "box"), 2), ==,
      200);
  click = json_array_get_object_element (json_object_get_array_member (prompts, "clicks"),
                                         1);
  g_assert_cmpint (json_object_get_int_member (click, "y"), ==, 12);
  g_assert_false (json_object_get_boolean_member (click, "inside"));

  g_assert_cmpint (plain.status, ==, 0);
  g_assert_cmpint (warned.status, ==, 0);
  if (strstr (warned.out, "No outline found") == NULL)
    g_assert_nonnull (strstr (warned.out, "trained without prompts"));
  g_assert_null (strstr (unasked.out, "trained without prompts"));
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *arguments
          = g_strdup_printf ("segment @/outlines %s", wrong[i].options);
      g_auto (Result) refused = nmd (arguments);

      g_assert_cmpint (refused.status, ==, wrong[i].status);
      g_assert_nonnull (strstr (refused.err, wrong[i].word));
    }
}

/* The whole road without a mask: the outline's run is named, and the score is that of its outline. */
static void
test_predict_outline (void)
{
  g_auto (Result) none
      = nmd ("predict @/scores " IMAGE " --organ muscle --muscle BB --json"),
      result = nmd ("predict @/scores " IMAGE " --outline @/outlines --json"),
      same
      = nmd ("predict @/scores " IMAGE " --mask @/found/SYN_BB_anon_1_1_mask.png --json"),
      words = nmd ("predict @/scores " IMAGE " --outline @/outlines");
  g_autoptr (JsonNode) first = NULL, second = NULL, third = NULL;
  JsonObject *object, *outline, *by_mask;

  g_assert_cmpint (none.status, ==, 0);
  g_assert_true (
      json_object_get_null_member (first_of (&none, "predictions", &first), "score"));
  g_assert_cmpint (result.status, ==, 0);
  object = first_of (&result, "predictions", &second);
  g_assert_cmpstr (json_object_get_string_member (object, "roi_source"), ==, "model");
  outline = json_object_get_object_member (object, "outline");
  g_assert_true (json_object_get_boolean_member (outline, "found"));
  g_assert_true (
      g_str_has_suffix (json_object_get_string_member (outline, "run"), "outlines"));
  g_assert_cmpint (json_object_get_int_member (outline, "area_pixels"), >, 0);
  g_assert_cmpint (same.status, ==, 0);
  by_mask = first_of (&same, "predictions", &third);
  g_assert_cmpfloat (json_object_get_double_member (object, "score"), ==,
                     json_object_get_double_member (by_mask, "score"));
  g_assert_cmpfloat (json_object_get_double_member (object, "echo_intensity"), ==,
                     json_object_get_double_member (by_mask, "echo_intensity"));
  g_assert_cmpint (words.status, ==, 0);
  g_assert_nonnull (strstr (words.out, "score "));
}

/* Simulated users and the figures in all formats; the measures have intervals of the limits' keys. */
static void
test_evaluate (void)
{
  static const char *const names[]
      = { "loss", "dice", "echo-agreement", "area-agreement", "worst" };
  static const char *const formats[] = { "png", "svg", "pdf" };
  g_auto (Result) result = nmd ("evaluate @/outlines --prompts --figures @/figures "
                                "--format png,svg,pdf --threads 1 --no-cache --json");
  g_autofree char *prompts = place ("outlines/prompts.csv");
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object, *metrics;

  g_assert_cmpint (result.status, ==, 0);
  object = parse (&result, &node);
  metrics = json_object_get_object_member (object, "metrics");
  g_assert_true (json_object_has_member (
      json_object_get_object_member (
          json_object_get_object_member (metrics, "area_agreement"), "by_subject"),
      "low_ci"));
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (
                        json_object_get_object_member (object, "prompts"), "stages")),
                    ==, 8);
  g_assert_true (g_file_test (prompts, G_FILE_TEST_EXISTS));
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (formats); k++)
      {
        g_autofree char *name = g_strdup_printf ("figures/%s.%s", names[i], formats[k]);
        g_autofree char *path = place (name);

        g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
      }
}

/* Both AUCs are of the same images; which way round the runs are is said. */
static void
test_cost (void)
{
  g_auto (Result) result
      = nmd ("evaluate @/scores --outline @/outlines --threads 1 --no-cache --json"),
      words = nmd ("evaluate @/scores --outline @/outlines --threads 1 --no-cache"),
      swapped = nmd ("evaluate @/outlines --outline @/scores"),
      both = nmd ("evaluate @/scores --outline @/outlines --figures @/f");
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;
  JsonArray *images;
  guint n_differ = 0;

  g_assert_cmpint (swapped.status, ==, 1);
  assert_sentence (&swapped, "evaluate", "outlines", "task segment");
  g_assert_cmpint (both.status, ==, 2);
  /* with so few subjects a class may have one only, which is said */
  if (result.status != 0)
    {
      assert_sentence (&result, "evaluate", "scores", "");
      return;
    }
  g_assert_cmpint (words.status, ==, 0);
  g_assert_nonnull (strstr (words.out, "AUC with the proposed outlines"));
  object = parse (&result, &node);
  images = json_object_get_array_member (object, "images");
  g_assert_cmpint (json_array_get_length (images), ==,
                   json_object_get_int_member (object, "n_images"));
  for (guint i = 0; i < json_array_get_length (images); i++)
    n_differ += json_object_get_boolean_member (json_array_get_object_element (images, i),
                                                "classes_differ");
  g_assert_cmpint (n_differ, ==, json_object_get_int_member (object, "n_classes_differ"));
  g_assert_cmpfloat (ABS (json_object_get_double_member (object, "difference")
                          - (json_object_get_double_member (object, "auc_proposed")
                             - json_object_get_double_member (object, "auc_expert"))),
                     <, 1e-12);
}

/* A run of the other task, two outlines at once, no run, no image, an output over what is read. */
static void
test_refusals (void)
{
  static const struct
  {
    const char *arguments, *command, *word;
    int status;
  } wrong[] = {
    { "segment @/scores " IMAGE, "segment", "task classify", 1 },
    { "predict @/outlines " IMAGE, "predict", "task segment", 1 },
    { "predict @/scores " IMAGE " --outline @/scores", "predict", "task classify", 1 },
    { "segment @/absent " IMAGE, "segment", "absent", 1 },
    { "segment @/outlines @/absent.png", "segment", "absent.png", 1 },
    { "segment @/outlines @/pages.tif", "segment", "of 2 pages: choose one with --page",
      1 },
    { "segment @/outlines " IMAGE " --out @/outlines/run.json", "segment", "run.json",
      1 },
    { "explain @/outlines " IMAGE " --out @/map.png", "explain", "task segment", 1 },
    { "train @/cohort --task segment --model nmdassistnet --out @/never", "train",
      "nmdassistnet", 1 },
    { "train @/cohort --model ghostunet --out @/never", "train", "ghostunet", 1 },
  };
  g_auto (Result) both
      = nmd ("predict @/scores " IMAGE " --outline @/outlines --roi 0,0,50,50"),
      task = nmd ("train @/cohort --task guess"),
      threshold = nmd ("evaluate @/outlines --threshold 0.9");
  g_autofree char *never = place ("never");

  write_pages ("pages.tif");
  g_assert_cmpint (both.status, ==, 2);
  g_assert_nonnull (strstr (both.err, "exclude each other"));
  g_assert_cmpint (task.status, ==, 2);
  g_assert_cmpint (threshold.status, ==, 2);
  g_assert_nonnull (strstr (threshold.err, "--threshold"));
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (Result) result = nmd (wrong[i].arguments);

      g_assert_cmpint (result.status, ==, wrong[i].status);
      g_assert_nonnull (strstr (result.err, wrong[i].word));
      g_assert_nonnull (strstr (result.err, wrong[i].command));
    }
  g_assert_false (g_file_test (never, G_FILE_TEST_EXISTS));
}

/* The encoder goes from a classifier's run to ghostunet and back; what was taken and what not is said. */
static void
test_init (void)
{
  static const char *const options
      = "--epochs 1 --batch 8 --average-start 1 --threads 1 --no-cache";
  g_autofree char *there = g_strdup_printf (
      "train @/cohort --task segment --size 64 --init @/scores --out @/there %s",
      options);
  g_autofree char *back
      = g_strdup_printf ("train @/cohort --init @/outlines --out @/back %s", options);
  g_autofree char *other = g_strdup_printf ("train @/cohort --task segment --model unet "
                                            "--size 64 --init @/scores --out @/no %s",
                                            options);
  g_auto (Result) taken = nmd (there), returned = nmd (back), refused = nmd (other),
                  empty = nmd ("train @/cohort --init @/cohort --out @/no");
  g_autofree char *run_json = place ("there/run.json"), *text = NULL, *no = place ("no");
  g_autoptr (JsonNode) node = NULL;
  JsonObject *initial;

  g_assert_cmpint (taken.status, ==, 0);
  g_assert_nonnull (strstr (taken.err, "Started from average.safetensors of run scores, "
                                       "network nmdassistnet (SHA-256 "));
  g_assert_nonnull (strstr (taken.err, "fresh, because the file has none: 26 tensors, "));
  g_assert_true (g_file_get_contents (run_json, &text, NULL, NULL));
  node = json_from_string (text, NULL);
  initial = json_object_get_object_member (json_node_get_object (node), "initial");
  g_assert_cmpint (
      json_object_get_int_member (initial, "used")
          + json_array_get_length (json_object_get_array_member (initial, "missing")),
      ==, json_object_get_int_member (initial, "tensors"));
  g_assert_cmpstr (json_object_get_string_member (initial, "network"), ==,
                   "nmdassistnet");
  g_assert_cmpint (returned.status, ==, 0);
  g_assert_nonnull (strstr (returned.err, "of run outlines, network ghostunet"));
  g_assert_cmpint (refused.status, ==, 1);
  assert_sentence (&refused, "train", "average.safetensors", "fits nmdassistnet");
  g_assert_cmpint (empty.status, ==, 1);
  assert_sentence (&empty, "train", "cohort", "run.json");
  g_assert_false (g_file_test (no, G_FILE_TEST_EXISTS));
}

/* Killed in the middle without a word, then --resume: the bits of an unbroken run. */
static void
test_killed (void)
{
  static const char *const training
      = "train @/cohort --task segment --size 64 --epochs 3 --batch 8 "
        "--average-start 0.5 --threads 1 --no-cache --out @/%s";
  g_autofree char *cut = g_strdup_printf (training, "killed"),
                  *uncut = g_strdup_printf (training, "unbroken"),
                  *begun = place ("killed/history.csv");
  g_autoptr (GSubprocess) process = start (cut);
  g_auto (Result) killed = { 0 }, resumed = { 0 }, whole = { 0 };
  static const char *const files[] = { "average.safetensors", "outlines.csv" };

  for (int i = 0; i < 2000 && !g_file_test (begun, G_FILE_TEST_EXISTS); i++)
    g_usleep (50 * 1000);
  g_subprocess_send_signal (process, SIGKILL);
  killed = finish (process);
  g_test_message ("killed: %s", killed.err);
  resumed = nmd ("train --resume @/killed");
  g_assert_cmpint (resumed.status, ==, 0);
  whole = nmd (uncut);
  g_assert_cmpint (whole.status, ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *a_name = g_strdup_printf ("killed/%s", files[i]),
                      *b_name = g_strdup_printf ("unbroken/%s", files[i]);
      g_autofree char *a_path = place (a_name), *b_path = place (b_name);
      g_autofree char *a = nmd_file_sha256 (a_path, NULL, NULL),
                      *b = nmd_file_sha256 (b_path, NULL, NULL);

      g_assert_nonnull (a);
      g_assert_cmpstr (a, ==, b);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  process_set_up ();
  make_runs ();
  g_test_add_func ("/nmd/segment", test_segment);
  g_test_add_func ("/nmd/segment/kept", test_kept);
  g_test_add_func ("/nmd/segment/no-outline", test_no_outline);
  g_test_add_func ("/nmd/segment/prompts", test_prompts);
  g_test_add_func ("/nmd/segment/predict-outline", test_predict_outline);
  g_test_add_func ("/nmd/segment/evaluate", test_evaluate);
  g_test_add_func ("/nmd/segment/cost", test_cost);
  g_test_add_func ("/nmd/segment/refusals", test_refusals);
  g_test_add_func ("/nmd/segment/init", test_init);
  g_test_add_func ("/nmd/segment/killed", test_killed);
  status = g_test_run ();
  process_tear_down ();
  return status;
}
