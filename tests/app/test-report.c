/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd report` and `nmd verify`: the model card of a run and its evidence pack.
 */
#include "process.h"

#include <stdio.h>
#include <string.h>

static char *
read_text (const char *name)
{
  g_autofree char *path = place (name);
  char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static gboolean
is_there (const char *name)
{
  g_autofree char *path = place (name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* "0.812" of the AUC in metrics.json. */
static char *
read_auc (void)
{
  g_autofree char *path = place ("run/metrics.json");
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *metrics = NULL;
  char text[32];

  g_assert_true (json_parser_load_from_file (parser, path, NULL));
  metrics = json_object_get_object_member (
      json_node_get_object (json_parser_get_root (parser)), "metrics");
  g_ascii_formatd (text, sizeof text, "%.3f",
                   json_object_get_double_member (metrics, "auc"));
  return g_strdup (text);
}

/* A folder gets everything, with the numbers that the run's files have. */
static void
test_folder (void)
{
  g_auto (Result) result = nmd ("report @/run --out @/out --threads 1"),
                  other
                  = nmd ("report @/run --out @/other --threads 1 --method layercam");
  static const char *const words[]
      = { "SHA-256",        "train | pathological", "not a medical device",
          "Synthetic data", "metrics.json",         "Grad-CAM",
          "Seed 1",         "echo intensity alone", "Subgroups" };
  g_autofree char *text = NULL, *auc = read_auc (), *pdf = NULL, *claim = NULL,
                  *maps = NULL;

  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpint (other.status, ==, 0);
  maps = read_text ("other/report.md");
  claim = read_text ("other/checklist-claim.csv");
  g_assert_nonnull (strstr (maps, "Maps are LayerCAM of the layer "));
  g_assert_nonnull (strstr (claim, ": LayerCAM with their shares"));
  g_assert_null (strstr (maps, "Grad-CAM"));
  text = read_text ("out/report.md");
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (text, words[i]) == NULL)
      g_error ("report.md lacks “%s”", words[i]);
  {
    g_autofree char *sentence = g_strdup_printf ("AUC %s", auc);

    g_assert_nonnull (strstr (text, sentence));
  }
  g_assert_null (strstr (text, ".."));
  g_assert_true (is_there ("out/report-figures/roc.png"));
  g_assert_true (is_there ("out/report-figures/wrong-01.png"));
  g_assert_true (is_there ("out/checklist-claim.csv"));
  g_assert_nonnull (strstr (text, "| 12a | "));
  pdf = read_text ("out/report.pdf");
  g_assert_true (g_str_has_prefix (pdf, "%PDF"));
}

/* One file, without images; the default is a folder in the run, beside its files. */
static void
test_kinds (void)
{
  g_auto (Result) pdf = nmd ("report @/run --out @/card.pdf --no-images"),
                  text = nmd ("report @/run --out @/card.md --no-images"),
                  own = nmd ("report @/run --no-images --json");
  g_autofree char *card = NULL;

  g_assert_cmpint (pdf.status, ==, 0);
  g_assert_true (is_there ("card.pdf"));
  g_assert_cmpint (text.status, ==, 0);
  g_assert_true (is_there ("card-figures/loss.png"));
  g_assert_false (is_there ("card-figures/wrong-01.png"));
  card = read_text ("card.md");
  g_assert_nonnull (strstr (card, "Images were left out"));
  g_assert_nonnull (strstr (card, "(card-figures/roc.png)"));
  g_assert_cmpint (own.status, ==, 0);
  g_assert_true (is_there ("run/report/report.pdf"));
}

/* Without its data set a run is reported all the same, and the report says what it lacks. */
static void
test_without_dataset (void)
{
  g_autofree char *cohort = place ("cohort"), *moved = place ("moved"), *text = NULL;

  g_assert_cmpint (rename (cohort, moved), ==, 0);
  {
    g_auto (Result) result = nmd ("report @/run --out @/bare.md --threads 1"),
                    named = nmd ("report @/run --out @/named.md --dataset @/none"),
                    found
                    = nmd ("report @/run --out @/found.md --dataset @/moved --threads 1");

    g_assert_cmpint (rename (moved, cohort), ==, 0);
    g_assert_cmpint (result.status, ==, 0);
    g_assert_cmpint (named.status, ==, 1);
    assert_sentence (&named, "report", "none", "");
    g_assert_cmpint (found.status, ==, 0);
  }
  text = read_text ("bare.md");
  g_assert_nonnull (strstr (text, "Sex and age are not available"));
  g_assert_nonnull (strstr (text, "No images and no maps"));
  g_assert_true (is_there ("found-figures/wrong-01.png"));
}

static void
test_refusals (void)
{
  g_auto (Result) copied = { 0 }, plain = { 0 }, over = { 0 }, none = { 0 };
  g_autofree char *run = place ("run"), *bare = place ("bare");
  g_autofree char *line
      = g_strdup_printf ("cp -r '%s' '%s' && rm '%s/metrics.json'", run, bare, bare);

  copied = shell (line);
  g_assert_cmpint (copied.status, ==, 0);
  plain = nmd ("report @/bare --out @/x.md");
  g_assert_cmpint (plain.status, ==, 1);
  assert_sentence (&plain, "report", "bare", "metrics.json");
  none = nmd ("report @/absent");
  g_assert_cmpint (none.status, ==, 1);
  over = nmd ("report @/run --out @/cohort/BB --no-images --json --out @/run/run.json");
  g_assert_cmpint (over.status, !=, 0);
  {
    g_auto (Result) method = nmd ("report @/run --out @/x.md --method hirescam");

    g_assert_cmpint (method.status, ==, 2);
    g_assert_nonnull (strstr (method.err, "hirescam"));
  }
}

/* A pack is verified; with a byte changed it is refused and the file named. */
static void
test_pack (void)
{
  g_auto (Result) made = nmd ("report @/run --pack @/pack --no-images"),
                  zipped = nmd ("report @/run --pack @/pack.zip --no-images --json"),
                  good = nmd ("verify @/pack"), whole = nmd ("verify @/pack.zip --json"),
                  again = nmd ("report @/run --pack @/pack --no-images"),
                  both = nmd ("report @/run --pack @/p --out @/o"),
                  none = nmd ("verify @/run");
  g_autofree char *path = place ("pack/report/report.md"), *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = NULL;

  g_assert_cmpint (made.status, ==, 0);
  g_assert_cmpint (zipped.status, ==, 0);
  g_assert_cmpint (good.status, ==, 0);
  g_assert_nonnull (strstr (good.out, "OK"));
  g_assert_cmpint (whole.status, ==, 0);
  object = parse (&whole, &node);
  g_assert_cmpint (json_object_get_int_member (object, "numbers"), >, 100);
  g_assert_cmpint (again.status, ==, 1);
  assert_sentence (&again, "report", "pack", "not empty");
  g_assert_cmpint (both.status, ==, 2);
  g_assert_cmpint (none.status, ==, 1);
  assert_sentence (&none, "verify", "run", "SHA256SUMS");
  text = read_text ("pack/report/report.md");
  text[10] ^= 1;
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  {
    g_auto (Result) changed = nmd ("verify @/pack");

    g_assert_cmpint (changed.status, ==, 1);
    assert_sentence (&changed, "verify", "report/report.md", "changed");
  }
}

/* A small run; one thread, since the cost of waiting threads is another suite's matter. */
static void
make_run (void)
{
  g_auto (Result) demo = nmd ("demo @/cohort --subjects 8");
  g_auto (Result) train
      = nmd ("train @/cohort --out @/run --epochs 1 --batch 16 --threads 1");

  g_assert_cmpint (demo.status, ==, 0);
  g_assert_cmpint (train.status, ==, 0);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  process_set_up ();
  make_run ();
  g_test_add_func ("/report/folder", test_folder);
  g_test_add_func ("/report/kinds", test_kinds);
  g_test_add_func ("/report/without-dataset", test_without_dataset);
  g_test_add_func ("/report/pack", test_pack);
  g_test_add_func ("/report/refusals", test_refusals);
  status = g_test_run ();
  process_tear_down ();
  return status;
}
