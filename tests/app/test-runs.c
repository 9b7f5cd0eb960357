/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands about data sets and runs: from a demo cohort to measures and weights,
 * stopped and resumed.
 */
#include "process.h"

#include "engine/core/nmd-file.h"
#include "engine/data/import/nmd-import.h"
#include "engine/image/nmd-image.h"
#include "engine/image/nmd-reader.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

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

/* A table of the cohort's images whose column "split" goes by subject, or by image. */
static void
write_parts (const char *name, gboolean by_subject)
{
  static const char *const parts[] = { "test", "train", "val" };
  g_autofree char *path = place ("cohort");
  g_autoptr (GString) text = g_string_new ("image,mask,subject,label,split\n");
  g_autoptr (NmdDataset) dataset
      = nmd_dataset_import (path, NULL, NULL, NULL, NULL, NULL);

  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      const NmdSample *sample = nmd_dataset_get (dataset, i);
      guint number = by_subject ? (guint)atoi (sample->subject) : i;

      g_string_append_printf (text, "cohort/%s,%s,%s,%d,%s\n", sample->id,
                              strstr (sample->mask_path, "cohort/"), sample->subject,
                              sample->label, parts[number % 3]);
    }
  write_text (name, text->str);
}

/* Parts that a table states are the split; a subject in two of them is a question first. */
static void
test_stated_parts (void)
{
  write_parts ("whole.csv", TRUE);
  write_parts ("divided.csv", FALSE);
  {
    g_auto (Result) followed = nmd ("train @/whole.csv --out @/followed --epochs 1 "
                                    "--batch 8 --threads 1 --no-cache --json"),
                    asked = nmd ("train @/divided.csv --out @/asked --epochs 1"),
                    taken = nmd ("train @/divided.csv --out @/taken --epochs 1 --batch 8 "
                                 "--threads 1 --no-cache --split stated --json");
    g_autofree char *path = place ("followed/run.json"), *run = NULL;

    g_assert_cmpint (followed.status, ==, 0);
    g_assert_true (g_file_get_contents (path, &run, NULL, NULL));
    g_assert_nonnull (strstr (run, "\"kind\": \"stated\""));
    g_assert_nonnull (strstr (run, "the column “split” of whole.csv"));
    g_assert_cmpint (asked.status, ==, 1);
    g_assert_nonnull (strstr (asked.err, "divide 8 of its 8 subjects"));
    g_assert_nonnull (strstr (asked.err, "--split stated"));
    g_assert_cmpint (taken.status, ==, 0);
    g_assert_nonnull (strstr (taken.out, "people it is tested on"));
  }
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
      g_autofree char *name = g_strdup_printf ("%s/last.safetensors", rows[i][0]);
      g_autofree char *path = place (name);
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

    g_assert_cmpuint (json_array_get_length (caches), ==, 2);
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
      g_autofree char *name = g_strdup_printf ("run/%s", files[i]);
      g_autofree char *path = place (name);

      g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
    }
  g_assert_cmpint (again.status, ==, 1);
  assert_sentence (&again, "train", "run", "");
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

/* A run as a PyTorch module: the file that it scores with, the words of its classes; no file of the run
 * is written over. */
static void
test_module (void)
{
  g_auto (Result) listed = nmd ("weights @/run"),
                  written = nmd ("weights @/run --pytorch @/net.py"),
                  over = nmd ("weights @/run --pytorch @/run/run.json"),
                  none = nmd ("weights @/run/run.json --pytorch @/none.py"),
                  two = nmd ("weights @/run --pytorch @/two.py --onnx @/two.onnx --json"),
                  same = nmd ("weights @/run --pytorch @/same --onnx @/same");
  g_autofree char *same_path = place ("same");
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = NULL;
  g_autofree char *path = place ("net.py"), *text = NULL;

  g_assert_cmpint (listed.status, ==, 0);
  g_assert_nonnull (strstr (listed.out, "run/average.safetensors: "));
  g_assert_cmpint (written.status, ==, 0);
  g_assert_nonnull (strstr (written.out, "run/average.safetensors\n"));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\nclass NMDAssistNet(Group):\n"));
  g_assert_nonnull (strstr (text, "\nCLASSES = [\"healthy\", \"pathological\"]\n"));
  g_assert_nonnull (strstr (text, "\n# Preprocessing as in the training.\n"));
  g_assert_cmpint (over.status, ==, 1);
  assert_sentence (&over, "weights", "run.json", "");
  g_assert_cmpint (none.status, ==, 1);
  assert_sentence (&none, "weights", "run.json", "header");
  g_assert_cmpint (two.status, ==, 0);
  object = parse (&two, &node);
  g_assert_true (
      g_str_has_suffix (json_object_get_string_member (object, "onnx"), "two.onnx"));
  g_assert_true (
      g_str_has_suffix (json_object_get_string_member (object, "pytorch"), "two.py"));
  g_assert_cmpint (same.status, ==, 1); /* one file for two outputs */
  g_assert_false (g_file_test (same_path, G_FILE_TEST_EXISTS));
}

/* A folder that is not there is no empty one. */
static void
test_no_runs (void)
{
  g_auto (Result) absent = nmd ("runs @/nowhere"), empty = nmd ("runs @/cohort");

  g_assert_cmpint (absent.status, ==, 1);
  assert_sentence (&absent, "runs", "nowhere", "");
  g_assert_cmpint (empty.status, ==, 0);
}

/* run.json names the data set, as text in UTF-8: said before the training, not after it. */
static void
test_other_encoding (void)
{
  g_autofree char *cohort = place ("cohort"), *latin = place ("K\xf6ln");
  g_autofree char *none = place ("no-name");
  g_auto (Result) train = { 0 };

  g_assert_cmpint (symlink (cohort, latin), ==, 0);
  train = nmd ("train @/K\xf6ln --out @/no-name --epochs 1 --limit 4");
  g_assert_cmpint (train.status, ==, 1);
  assert_sentence (&train, "train", "UTF-8", "rename");
  g_assert_false (g_file_test (none, G_FILE_TEST_EXISTS));
}

/* Whatever a resumed training would not heed is refused by its name. */
static void
test_resume_refuses (void)
{
  static const char *const options[]
      = { "--epochs 5",  "--epochs=5",     "--lr 0.1", "--model vit", "--split=image",
          "--threads 0", "--device cpu",   "--seed 1", "--unpack",    "--no-cache",
          "--init f",    "--positive ill", "--out r",  "--organ leg", "--clahe off" };
  g_auto (Result) help = nmd ("train --help");

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autofree char *arguments
          = g_strdup_printf ("train %s --resume @/run", options[i]);
      g_autofree char *name = g_strndup (options[i], strcspn (options[i], " ="));
      g_auto (Result) result = nmd (arguments);

      g_assert_cmpint (result.status, ==, 2);
      if (strstr (result.err, name) == NULL || strstr (result.err, "--resume") == NULL)
        g_error ("%s: %s", arguments, result.err);
    }
  {
    g_auto (Result) two = nmd ("train --resume=@/run --epochs 3 --lr 1"),
                    path = nmd ("train --resume --epochs"),
                    none = nmd ("train --resume @/run");

    g_assert_nonnull (strstr (two.err, "--epochs, --lr"));
    g_assert_cmpint (path.status, ==, 1); /* a run of that name */
    g_assert_cmpint (none.status, ==, 0);
  }
  g_assert_nonnull (strstr (help.out, "Continue this stopped run as it was started"));
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
  g_assert_cmpint (picture->width, ==, 1120);
}

/* What an evaluation of the run's own data set would not heed is refused by its name; of the own one at another
 * place it is said. */
static void
test_evaluate_refuses (void)
{
  static const char *const options[]
      = { "--mask-value 2",   "--masks GT",        "--positive=ill",    "--invert-masks",
          "--separate-masks", "--image-folder x",  "--organ muscle",    "--muscle BB",
          "--override",       "--model-organ leg", "--model-muscles BB" };
  g_auto (Result) moved = { 0 }, plain = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autofree char *own = g_strdup_printf ("evaluate @/run %s", options[i]);
      g_autofree char *outline
          = g_strdup_printf ("evaluate @/run --outline @/run %s", options[i]);
      g_autofree char *name = g_strndup (options[i], strcspn (options[i], " ="));
      g_auto (Result) first = nmd (own), second = nmd (outline);

      g_assert_cmpint (first.status, ==, 2);
      g_assert_nonnull (strstr (first.err, name));
      g_assert_nonnull (strstr (first.err, "--dataset"));
      g_assert_cmpint (second.status, ==, 2);
      g_assert_nonnull (strstr (second.err, name));
    }
  moved = nmd ("evaluate @/run --dataset @/cohort --organ muscle --override");
  g_assert_cmpint (moved.status, ==, 0);
  g_assert_nonnull (strstr (moved.err, "not needed were --organ, --override"));
  plain = nmd ("evaluate @/run --unpack --no-cache --threads 1 --threshold 0.4");
  g_assert_cmpint (plain.status, ==, 0);
  g_assert_null (strstr (plain.err, "not needed"));
}

/* Figures of another data set are refused before it is scored; of the run's own at another place they are drawn. */
static void
test_figures_of_other (void)
{
  g_auto (Result) demo = nmd ("demo @/elsewhere --subjects 2 --seed 9"),
                  refused
                  = nmd ("evaluate @/run --dataset @/elsewhere --figures @/nothing"),
                  own = nmd ("evaluate @/run --dataset @/cohort --figures @/moved");
  g_autofree char *nothing = place ("nothing"), *roc = place ("moved/roc.png");

  g_assert_cmpint (demo.status, ==, 0);
  g_assert_cmpint (refused.status, ==, 1);
  g_assert_null (strstr (refused.err, "scoring"));
  assert_sentence (&refused, "evaluate", "elsewhere", "own data set");
  g_assert_false (g_file_test (nothing, G_FILE_TEST_EXISTS));
  g_assert_cmpint (own.status, ==, 0);
  g_assert_true (g_file_test (roc, G_FILE_TEST_EXISTS));
}

/* Figures in other formats, several at once; a word that is none is refused before anything is scored. */
static void
test_formats (void)
{
  static const char *const names[]
      = { "loss", "roc", "confusion", "scores", "reliability", "decision" };
  g_auto (Result) result = nmd ("evaluate @/run --figures @/formats --format pdf,SVG "
                                "--format pdf --json"),
                  wrong = nmd ("evaluate @/run --figures @/wrong --format png,tiff"),
                  alone = nmd ("evaluate @/run --format pdf");
  g_autofree char *folder = place ("wrong");

  g_assert_cmpint (result.status, ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *pdf_name = g_strdup_printf ("formats/%s.pdf", names[i]);
      g_autofree char *svg_name = g_strdup_printf ("formats/%s.svg", names[i]);
      g_autofree char *png_name = g_strdup_printf ("formats/%s.png", names[i]);
      g_autofree char *pdf_path = place (pdf_name), *svg_path = place (svg_name);
      g_autofree char *png_path = place (png_name), *pdf = NULL, *svg = NULL;

      g_assert_true (g_file_get_contents (pdf_path, &pdf, NULL, NULL));
      g_assert_true (g_str_has_prefix (pdf, "%PDF-"));
      g_assert_true (g_file_get_contents (svg_path, &svg, NULL, NULL));
      g_assert_nonnull (strstr (svg, "<svg "));
      g_assert_false (g_file_test (png_path, G_FILE_TEST_EXISTS));
    }
  g_assert_cmpint (wrong.status, ==, 2);
  g_assert_nonnull (strstr (wrong.err, "png, svg and pdf, not “tiff”"));
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
  g_assert_cmpint (alone.status, ==, 2);
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

/* Files left out are named before the training, a line each, and counted once more after it. */
static void
test_left_out (void)
{
  g_autofree char *from = place ("cohort"), *to = place ("cut");
  g_autofree char *line = g_strdup_printf (
      "cp -r %s %s && for i in 1 2 3; do f=%s/BB/Healthy/Images/SYN_BB_anon_1_$i.png; "
      "head -c 900 $f >$f.part && mv $f.part $f; done",
      from, to, to);
  g_auto (Result) copied = shell (line);
  g_auto (Result) trained = { 0 };
  const char *first = NULL;

  if (copied.status != 0)
    g_test_message ("%s", copied.err);
  g_assert_cmpint (copied.status, ==, 0);
  trained = nmd ("train @/cut --out @/cut-run --epochs 1 --limit 4 --batch 8 "
                 "--split paper --threads 1");
  g_assert_cmpint (trained.status, ==, 0);
  first = strstr (trained.err, "Warning: 3 files were left out:\n  BB/Healthy/Images/");
  g_assert_nonnull (first);
  g_assert_nonnull (strstr (first, "Warning: 3 files were left out\n"));
  g_assert_null (strstr (trained.err, "\\x0a"));
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  process_set_up ();
  make_cohort_and_run ();
  g_test_add_func ("/nmd/metrics", test_metrics);
  g_test_add_func ("/nmd/metrics-errors", test_metrics_errors);
  g_test_add_func ("/nmd/dataset", test_dataset);
  g_test_add_func ("/nmd/stated-parts", test_stated_parts);
  g_test_add_func ("/nmd/caches", test_caches);
  g_test_add_func ("/nmd/train", test_train);
  g_test_add_func ("/nmd/left-out", test_left_out);
  g_test_add_func ("/nmd/weights", test_weights);
  g_test_add_func ("/nmd/module", test_module);
  g_test_add_func ("/nmd/no-runs", test_no_runs);
  g_test_add_func ("/nmd/other-encoding", test_other_encoding);
  g_test_add_func ("/nmd/resume-refuses", test_resume_refuses);
  g_test_add_func ("/nmd/evaluate", test_evaluate);
  g_test_add_func ("/nmd/evaluate-refuses", test_evaluate_refuses);
  g_test_add_func ("/nmd/figures-of-other", test_figures_of_other);
  g_test_add_func ("/nmd/formats", test_formats);
  g_test_add_func ("/nmd/stop-and-resume", test_stop_and_resume);
  status = g_test_run ();
  process_tear_down ();
  return status;
}
