/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd` as a user meets it: exit statuses, sentences, JSON, and the main job from a demo
 * cohort to a heat map. Each test starts the built program; results are checked in files
 * and output.
 */
#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/image/nmd-image.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <signal.h>
#include <string.h>

static char *program; /* build/app/nmd */
static char *folder;  /* everything that these tests write */
static char *run;     /* a run on a small demo cohort, made once */

typedef struct
{
  int status;
  char *out, *err;
} Result;

static void
result_clear (Result *self)
{
  g_clear_pointer (&self->out, g_free);
  g_clear_pointer (&self->err, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

/* Runs `nmd ARGUMENTS`, split at blanks; "@" at the start of a word stands for the test
 * folder. */
static GSubprocess *
start (const char *arguments)
{
  g_auto (GStrv) words = g_strsplit (arguments, " ", -1);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  GSubprocess *process = NULL;

  g_ptr_array_add (argv, g_strdup (program));
  for (char **word = words; *word != NULL; word++)
    if (**word == '@')
      g_ptr_array_add (argv, g_strconcat (folder, *word + 1, NULL));
    else if (**word != '\0')
      g_ptr_array_add (argv, g_strdup (*word));
  g_ptr_array_add (argv, NULL);
  process = g_subprocess_newv (
      (const char *const *)argv->pdata,
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
  g_assert_no_error (error);
  return process;
}

static Result
finish (GSubprocess *process)
{
  Result result = { -1, NULL, NULL };
  g_autoptr (GError) error = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, &result.out, &result.err, &error);
  g_assert_no_error (error);
  if (g_subprocess_get_if_exited (process))
    result.status = g_subprocess_get_exit_status (process);
  return result;
}

static Result
nmd (const char *arguments)
{
  g_autoptr (GSubprocess) process = start (arguments);
  Result result = finish (process);

  g_test_message ("nmd %s: %d\n%s%s", arguments, result.status, result.out, result.err);
  return result;
}

static JsonObject *
parse (const Result *result, JsonNode **node)
{
  g_autoptr (GError) error = NULL;

  *node = json_from_string (result->out, &error);
  g_assert_no_error (error);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (*node));
  return json_node_get_object (*node);
}

static char *
place (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static void
write_text (const char *name, const char *text)
{
  g_autofree char *path = place (name);
  g_autoptr (GError) error = NULL;

  nmd_file_write_text (path, text, &error);
  g_assert_no_error (error);
}

static void
assert_sentence (const Result *result, const char *command, const char *a, const char *b)
{
  g_autofree char *prefix = g_strdup_printf ("nmd %s: ", command);
  char *line = result->err;

  /* The sentence is the last line; progress may stand before it. */
  g_strchomp (line);
  if (strrchr (line, '\n') != NULL)
    line = strrchr (line, '\n') + 1;
  g_assert_true (g_str_has_prefix (line, prefix));
  g_assert_nonnull (strstr (line, a));
  g_assert_nonnull (strstr (line, b));
  g_assert_cmpstr (result->out, ==, "");
}

static void
test_help (void)
{
  static const char *const commands[]
      = { "demo",    "dataset", "preprocess", "model", "train",   "evaluate",
          "predict", "explain", "metrics",    "bench", "devices", "weights" };
  g_auto (Result) all = nmd ("--help"), none = nmd (""), wrong = nmd ("nonsense");

  g_assert_cmpint (all.status, ==, 0);
  g_assert_cmpint (none.status, ==, 2);
  g_assert_cmpint (wrong.status, ==, 2);
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *help = g_strdup_printf ("%s --help", commands[i]);
      g_autofree char *bad = g_strdup_printf ("%s --no-such-flag", commands[i]);
      g_auto (Result) shown = nmd (help), refused = nmd (bad);

      g_assert_nonnull (strstr (all.out, commands[i]));
      g_assert_cmpint (shown.status, ==, 0);
      g_assert_nonnull (strstr (shown.out, "--json"));
      g_assert_cmpint (refused.status, ==, 2);
      g_assert_cmpstr (refused.out, ==, "");
    }
}

static void
test_usage (void)
{
  static const char *const wrong[] = {
    "metrics",
    "metrics a b",
    "metrics @/x.csv --threshold 2",
    "preprocess x.png",
    "preprocess x.png --out d --mask m --roi 0,0,1,1",
    "train",
    "train x --batch 1",
    "train x --epochs many",
    "train x --model nonsense",
    "train --resume r --out s",
    "train --resume r --init w",
    "weights",
    "weights a b",
    "dataset",
    "dataset x --caches",
    "bench nmdassistnet --mode sideways",
    "bench nmdassistnet --batch 0",
    "demo d --scanner C",
    "predict r",
    "explain r i",
    "predict r i --threads -1",
    "predict r i --weights last",
    "explain r i --out o.png --threads -1",
    "evaluate r --threads -1",
    "evaluate r --device gpu",
    "train x --device gpu",
    "train x --split no-such-kind-or-file",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (Result) result = nmd (wrong[i]);

      g_assert_cmpint (result.status, ==, 2);
      g_assert_nonnull (strstr (result.err, "--help"));
    }
}

/* What cannot be printed is no success: a full disk, a closed descriptor. */
static void
test_lost_output (void)
{
  static const char *const commands[] = { "--help", "devices --json", "train --help" };
  static const char *const places[] = { ">/dev/full", ">&-" };

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (places); j++)
      {
        g_autofree char *quoted = g_shell_quote (program);
        g_autofree char *line
            = g_strdup_printf ("%s %s %s", quoted, commands[i], places[j]);
        const char *argv[] = { "sh", "-c", line, NULL };
        g_autoptr (GError) error = NULL;
        g_autoptr (GSubprocess) process = g_subprocess_newv (
            argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
            &error);
        g_auto (Result) result = { 0 };

        g_assert_no_error (error);
        result = finish (process);
        g_assert_cmpint (result.status, ==, 1);
        g_assert_nonnull (strstr (result.err, "standard output"));
      }
}

static void
test_metrics (void)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = NULL;

  write_text ("scores.csv", "subject,image,label,score\n1,a,0,0.1\n1,b,0,0.6\n2,c,1,0."
                            "4\n3,d,1,0.8\n4,e,1,0.9\n");
  {
    g_auto (Result) result = nmd ("metrics @/scores.csv --json");

    g_assert_cmpint (result.status, ==, 0);
    object = parse (&result, &node);
  }
  g_assert_cmpint (json_object_get_int_member (object, "tp"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (object, "fn"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (object, "fp"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (object, "tn"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (object, "n_subjects"), ==, 4);
  g_assert_cmpfloat (fabs (json_object_get_double_member (object, "auc") - 5.0 / 6), <,
                     1e-12);
  g_assert_cmpint (
      json_array_get_length (json_object_get_array_member (object, "accuracy_ci")), ==,
      2);
}

static void
test_metrics_errors (void)
{
  static const struct
  {
    const char *text, *word;
  } cases[] = {
    { "subject,image,label\n1,a,0\n", "score" },
    { "subject,image,label,score\n1,a,0,0.5\n2,b,1,nan\n", "bad.csv" },
    { "subject,image,label,score\n1,a,0,0.5\n2,b,0,0.6\n", "bad.csv" },
    { "subject,image,label,score\n1,a,0,0.5\n2,b,maybe,0.6\n", "maybe" },
    { "subject,image,label,score\n", "bad.csv" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Result) result = { 0 };

      write_text ("bad.csv", cases[i].text);
      result = nmd ("metrics @/bad.csv");
      g_assert_cmpint (result.status, ==, 1);
      assert_sentence (&result, "metrics", "bad.csv", cases[i].word);
    }
  {
    g_auto (Result) result = nmd ("metrics @/absent.csv");

    g_assert_cmpint (result.status, ==, 1);
    assert_sentence (&result, "metrics", "absent.csv", "");
  }
}

static void
test_model (void)
{
  g_auto (Result) result = nmd ("model nmdassistnet --json"),
                  unknown = nmd ("model nonsense");
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = parse (&result, &node);
  JsonArray *layers = json_object_get_array_member (object, "layers");
  static const char *const totals[]
      = { "parameters", "multiply_adds", "activation_bytes" };

  g_assert_cmpint (json_object_get_int_member (object, "parameters"), ==, 2395768);
  for (guint t = 0; t < G_N_ELEMENTS (totals); t++)
    {
      gint64 sum = 0;

      for (guint i = 0; i < json_array_get_length (layers); i++)
        sum += json_object_get_int_member (json_array_get_object_element (layers, i),
                                           totals[t]);
      g_assert_cmpint (sum, ==, json_object_get_int_member (object, totals[t]));
    }
  g_assert_cmpint (unknown.status, ==, 1);
  assert_sentence (&unknown, "model", "nonsense", "nmdassistnet");
}

/* Steps, ceilings and the whole network's distance to them, as text and as numbers. */
static void
test_bench (void)
{
  g_auto (Result) text
      = nmd ("bench nmdassistnet --mode infer --batch 1 --seconds 0.05 --layers");
  g_auto (Result) result
      = nmd ("bench nmdassistnet --mode infer --batch 1 --seconds 0.05 --layers --json");
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = parse (&result, &node);
  JsonArray *layers = json_object_get_array_member (object, "layers");
  double flop = 0;

  g_assert_cmpint (text.status, ==, 0);
  g_assert_nonnull (strstr (text.out, "all steps"));
  g_assert_nonnull (strstr (text.out, "whole network: "));
  g_assert_nonnull (strstr (text.out, " % of that product"));
  for (guint i = 0; i < json_array_get_length (layers); i++)
    flop += json_object_get_double_member (json_array_get_object_element (layers, i),
                                           "flop");
  g_assert_cmpfloat (json_object_get_double_member (object, "ceiling_flop_per_second"), >,
                     0);
  /* the steps' operations are the network's, 0.12 GMAC */
  g_assert_cmpfloat (flop, >, 0.2e9);
  g_assert_cmpfloat_with_epsilon (
      flop,
      json_object_get_double_member (object, "flop_per_second")
          * json_object_get_double_member (object, "median_step_seconds"),
      0.05 * flop);
}

static void
test_devices (void)
{
  g_auto (Result) result = nmd ("devices --json");
  g_autoptr (JsonNode) node = NULL;
  JsonArray *devices = json_object_get_array_member (parse (&result, &node), "devices");
  JsonObject *first = json_array_get_object_element (devices, 0);

  g_assert_cmpstr (json_object_get_string_member (first, "name"), ==, "cpu");
  g_assert_true (json_object_get_boolean_member (first, "available"));
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

static void
test_dataset (void)
{
  g_auto (Result) result = nmd ("dataset @/cohort --json"), again = nmd ("demo @/cohort");
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = parse (&result, &node);

  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpint (json_object_get_int_member (object, "images"), ==, 72);
  g_assert_cmpint (json_object_get_int_member (object, "subjects"), ==, 8);
  g_assert_cmpint (again.status, ==, 1);
  assert_sentence (&again, "demo", "cohort", "not empty");
}

/* Trainings leave preprocessed images behind, listed and cleared; --no-cache leaves none,
 * and the result does not depend on it. */
static void
test_caches (void)
{
  const char *const rows[][2]
      = { { "cache-off", "--no-cache" }, { "cache-fills", "" }, { "cache-hits", "" } };
  g_autofree char *first = NULL;
  g_autofree char *cache = place ("cache");

  g_unsetenv ("NMD_NO_CACHE");
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *arguments = g_strdup_printf (
          "train @/cohort --out @/%s %s --epochs 1 --limit 4 --batch 8 --split paper "
          "--threads 1 --cache @/cache",
          rows[i][0], rows[i][1]);
      g_autofree char *path
          = g_build_filename (folder, rows[i][0], "last.safetensors", NULL);
      g_auto (Result) result = nmd (arguments);
      g_autofree char *sum = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (result.status, ==, 0);
      g_assert_true (g_file_test (cache, G_FILE_TEST_EXISTS) == (i > 0));
      sum = nmd_file_sha256 (path, NULL, &error);
      g_assert_no_error (error);
      if (first == NULL)
        first = g_steal_pointer (&sum);
      else
        g_assert_cmpstr (sum, ==, first);
    }
  {
    g_auto (Result) listed = nmd ("dataset --caches --cache @/cache --json"),
                    cleared = nmd ("dataset --clear-caches --cache @/cache");
    g_autoptr (JsonNode) node = NULL;
    JsonArray *caches = json_object_get_array_member (parse (&listed, &node), "caches");

    g_assert_cmpuint (json_array_get_length (caches), ==, 1);
    g_assert_nonnull (strstr (listed.out, "preprocessed images"));
    g_assert_cmpint (cleared.status, ==, 0);
    g_assert_nonnull (strstr (cleared.out, "0 bytes in the cache"));
  }
  g_setenv ("NMD_NO_CACHE", "1", TRUE);
}

static void
test_train (void)
{
  static const char *const files[] = { "run.json",         "history.csv",
                                       "best.safetensors", "average.safetensors",
                                       "last.safetensors", "predictions.csv",
                                       "metrics.json" };
  g_auto (Result) again = nmd ("train @/cohort --out @/run --epochs 2");

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (run, files[i], NULL);

      g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
    }
  g_assert_cmpint (again.status, ==, 1);
  assert_sentence (&again, "train", "run", "");
}

static void
test_evaluate (void)
{
  g_auto (Result) result = nmd ("evaluate @/run --figures @/figures --json");
  g_autofree char *roc = place ("figures/roc.png");
  g_autoptr (NmdImage) picture = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *metrics = NULL;

  g_assert_cmpint (result.status, ==, 0);
  metrics = json_object_get_object_member (parse (&result, &node), "metrics");
  g_assert_cmpstr (json_object_get_string_member (metrics, "part"), ==, "test");
  g_assert_true (json_object_has_member (metrics, "auc_ci_subject"));
  picture = nmd_image_load (roc, &error);
  g_assert_no_error (error);
  g_assert_cmpint (picture->width, ==, 1040);
}

/* A run's weights are listed, and another run starts from them. */
static void
test_weights (void)
{
  g_auto (Result) listed = nmd ("weights @/run/best.safetensors --json"),
                  last = nmd ("weights @/run/last.safetensors"),
                  broken = nmd ("weights @/run/run.json"),
                  absent = nmd ("weights @/run/none.safetensors");
  g_auto (Result) train
      = nmd ("train @/cohort --out @/started --init @/run/best.safetensors --epochs 1 "
             "--limit 4 --batch 16 --split paper");
  g_auto (Result) refused
      = nmd ("train @/cohort --out @/not-started --init @/run/run.json --epochs 1");
  g_autofree char *run_json = place ("started/run.json"), *none = place ("not-started");
  g_autofree char *best = place ("run/best.safetensors"), *sha256 = NULL, *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *object = parse (&listed, &node), *fits = NULL;

  g_assert_cmpint (listed.status, ==, 0);
  fits = json_object_get_object_member (object, "fits");
  g_assert_cmpstr (json_object_get_string_member (fits, "network"), ==, "nmdassistnet");
  g_assert_cmpint (json_object_get_int_member (fits, "classes"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (object, "values"), >=, 2395768);
  g_assert_nonnull (strstr (last.out, "fits nmdassistnet, 2 classes\n"));
  g_assert_nonnull (strstr (last.out, "adam.m:"));
  g_assert_cmpint (broken.status, ==, 1);
  assert_sentence (&broken, "weights", "run.json", "header");
  g_assert_cmpint (absent.status, ==, 1);
  assert_sentence (&absent, "weights", "none.safetensors", "");

  g_assert_cmpint (train.status, ==, 0);
  g_assert_nonnull (strstr (train.err, "Started from best.safetensors (SHA-256 "));
  g_assert_nonnull (strstr (train.out, "Started from best.safetensors (SHA-256 "));
  sha256 = nmd_file_sha256 (best, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (run_json, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, sha256));
  g_assert_cmpint (refused.status, ==, 1);
  assert_sentence (&refused, "train", "run.json", "header");
  g_assert_false (g_file_test (none, G_FILE_TEST_EXISTS));
}

/* A scan of the cohort that the run has scored, and its score in predictions.csv. */
static char *
pick_scan (char **mask, double *score)
{
  g_autofree char *table = g_build_filename (run, "predictions.csv", NULL);
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
  g_autofree char *png = place ("map.png"), *csv_path = place ("map.csv"),
                  *none = place ("no.png");
  g_auto (Result) result = nmd (arguments), refused = nmd (wrong);
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
  g_assert_false (g_file_test (none, G_FILE_TEST_EXISTS));
}

/* Ctrl-C in the middle, then --resume: the same files as an unbroken run's, bit for bit.
 */
static void
test_stop_and_resume (void)
{
  g_autoptr (GSubprocess) process
      = start ("train @/cohort --out @/stopped --epochs 2 --seed 5 "
               "--limit 4 --batch 8 --split paper --threads 1");
  g_auto (Result) stopped = { 0 }, resumed = { 0 }, whole = { 0 };
  g_autofree char *a_path = place ("stopped/average.safetensors");
  g_autofree char *b_path = place ("whole/average.safetensors");
  g_autofree char *begun = place ("stopped/run.json");
  g_autofree char *a = NULL, *b = NULL;
  g_autoptr (GError) error = NULL;

  /* there is something to resume once run.json stands */
  for (int i = 0; i < 6000 && !g_file_test (begun, G_FILE_TEST_EXISTS); i++)
    g_usleep (100 * 1000);
  g_usleep (500 * 1000);
  g_subprocess_send_signal (process, SIGINT);
  stopped = finish (process);
  g_test_message ("%d %s", stopped.status, stopped.err);
  g_assert_true (stopped.status == 130 || stopped.status == 0);
  if (stopped.status == 130)
    {
      resumed = nmd ("train --resume @/stopped");
      if (resumed.status != 0)
        g_test_message ("resuming: %s", resumed.err);
      g_assert_cmpint (resumed.status, ==, 0);
    }
  whole = nmd ("train @/cohort --out @/whole --epochs 2 --seed 5 --limit 4 --batch 8 "
               "--split paper --threads 1");
  g_assert_cmpint (whole.status, ==, 0);
  a = nmd_file_sha256 (a_path, NULL, &error);
  b = nmd_file_sha256 (b_path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (a, ==, b);
}

static void
make_cohort_and_run (void)
{
  g_auto (Result) demo = nmd ("demo @/cohort --subjects 8");
  g_auto (Result) train = nmd ("train @/cohort --out @/run --epochs 2 --batch 16");

  run = place ("run");
  g_assert_cmpint (demo.status, ==, 0);
  g_assert_cmpint (train.status, ==, 0);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir
      = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      remove_tree (inner);
    }
  g_remove (path);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  program = g_build_filename (g_getenv ("NMD_BUILDDIR"), "app", "nmd", NULL);
  folder = g_dir_make_tmp ("nmd-app-XXXXXX", NULL);
  make_cohort_and_run ();
  g_test_add_func ("/nmd/help", test_help);
  g_test_add_func ("/nmd/usage", test_usage);
  g_test_add_func ("/nmd/lost-output", test_lost_output);
  g_test_add_func ("/nmd/metrics", test_metrics);
  g_test_add_func ("/nmd/metrics-errors", test_metrics_errors);
  g_test_add_func ("/nmd/model", test_model);
  g_test_add_func ("/nmd/bench", test_bench);
  g_test_add_func ("/nmd/devices", test_devices);
  g_test_add_func ("/nmd/preprocess", test_preprocess);
  g_test_add_func ("/nmd/dataset", test_dataset);
  g_test_add_func ("/nmd/caches", test_caches);
  g_test_add_func ("/nmd/train", test_train);
  g_test_add_func ("/nmd/weights", test_weights);
  g_test_add_func ("/nmd/evaluate", test_evaluate);
  g_test_add_func ("/nmd/predict", test_predict);
  g_test_add_func ("/nmd/explain", test_explain);
  g_test_add_func ("/nmd/stop-and-resume", test_stop_and_resume);
  status = g_test_run ();
  remove_tree (folder);
  g_free (run);
  g_free (folder);
  g_free (program);
  return status;
}
