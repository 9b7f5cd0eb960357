/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands about experiments and leaks, on a demo cohort: one network for one epoch, shown, shared and merged;
 * and what they refuse.
 */
#include "process.h"

#include <string.h>

static char *
read_file (const char *name)
{
  g_autofree char *path = place (name);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
test_refused (void)
{
  static const struct
  {
    const char *arguments, *word;
  } cases[] = {
    { "crossval @/cohort", "--out" },
    { "crossval @/cohort --out @/x --seeds 1,b", "--seeds" },
    { "crossval @/cohort --out @/x --shard 3/2", "--shard" },
    { "crossval @/cohort --out @/x --split nothing.csv", "nothing.csv" },
    { "ablate @/cohort --out @/x --what colour", "--what" },
    { "compare @/cohort --out @/x --format gif", "gif" },
    { "experiment @/x --shard 0/2", "--shard" },
    { "evaluate @/run --recalibrate 3", "--recalibrate" },
    { "leaks @/cohort --folds 99", "99" },
    { "leaks @/cohort --split nosuch.csv", "nosuch.csv" },
    { "leaks @/run --split image", "--split" },
    { "leaks @/run --mask-value 2 --masks GT", "--mask-value, --masks" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Result) result = nmd (cases[i].arguments);

      g_assert_cmpint (result.status, ==, 2);
      g_assert_nonnull (strstr (result.err, cases[i].word));
    }
  {
    g_auto (Result) result = nmd ("compare @/cohort --out @/x --models resnet");

    g_assert_cmpint (result.status, ==, 1);
    assert_sentence (&result, "compare", "resnet", "nmdassistnet");
  }
}

/* Two shards in folders of their own, merged; the figures are there. */
static void
test_compare (void)
{
  g_autofree char *table = NULL;
  g_autofree char *csv = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;

  for (int shard = 1; shard <= 2; shard++)
    {
      g_autofree char *line = g_strdup_printf (
          "compare @/cohort --out @/shard-%d --models nmdassistnet --seeds 1,4 --epochs "
          "1 "
          "--limit 4 --threads 1 --no-estimate --shard %d/2 --format svg",
          shard, shard);
      g_auto (Result) result = nmd (line);

      g_assert_cmpint (result.status, ==, 0);
      g_assert_nonnull (strstr (result.out, "1 of 2 trainings are done"));
      g_assert_nonnull (strstr (result.out, "at most 4 subjects of each class"));
      g_assert_nonnull (strstr (result.out, "Synthetic data"));
    }
  {
    static const char *const wrong[]
        = { "--merge @/shard-2 --dry-run", "--merge @/shard-2 --no-estimate",
            "--show --shard 1/2", "--show --dataset @/cohort" };
    g_autofree char *before = read_file ("shard-1/results.csv"), *after = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
      {
        g_autofree char *line = g_strdup_printf ("experiment @/shard-1 %s", wrong[i]);
        g_auto (Result) result = nmd (line);

        g_assert_cmpint (result.status, ==, 2);
        g_assert_nonnull (strstr (result.err, "with them do not go: --"));
      }
    after = read_file ("shard-1/results.csv");
    g_assert_cmpstr (after, ==, before);
  }
  {
    g_auto (Result) result
        = nmd ("experiment @/shard-1 --merge @/shard-2 --json --format png,pdf");

    g_assert_cmpint (result.status, ==, 0);
    object = parse (&result, &node);
  }
  g_assert_cmpint (json_object_get_int_member (object, "done"), ==, 2);
  table = read_file ("shard-1/table.tex");
  g_assert_nonnull (strstr (table, "NMD-AssistNet & "));
  csv = read_file ("shard-1/results.csv");
  g_assert_nonnull (strstr (csv, "validation part"));
  for (int i = 0; i < 4; i++)
    {
      static const char *const names[]
          = { "auc.png", "roc.svg", "training.pdf", "confusion.png" };
      g_autofree char *name = g_strdup_printf ("shard-1/figures/%s", names[i]);
      g_autofree char *bytes = read_file (name);

      g_assert_cmpuint (strlen (bytes), >, 3);
    }
}

/* Maps of a run agree with themselves; other networks and images that were trained on are refused. */
static void
test_repeat (void)
{
  g_autoptr (JsonNode) node = NULL;
  g_auto (Result) same
      = nmd ("explain @/shard-1/runs/nmdassistnet.seed-1 --cohort --repeat "
             "@/shard-1/runs/nmdassistnet.seed-1 --limit 2 --out @/maps --threads 1 "
             "--json"),
      alone = nmd ("explain @/run --repeat @/run --out @/maps"),
      missing = nmd ("explain @/run --cohort --repeat @/none --out @/other");
  JsonObject *object;

  g_assert_cmpint (same.status, ==, 0);
  object = parse (&same, &node);
  g_assert_cmpint (json_object_get_int_member (object, "runs"), ==, 2);
  if (json_object_get_int_member (object, "measured") > 0)
    {
      g_assert_cmpfloat_with_epsilon (json_object_get_double_member (object, "spearman"),
                                      1, 1e-9);
      g_assert_cmpfloat_with_epsilon (json_object_get_double_member (object, "ssim"), 1,
                                      1e-6);
    }
  {
    g_autofree char *table = read_file ("maps/repeat.md");

    g_assert_nonnull (
        strstr (table, "that none of 2 runs of NMD-AssistNet was trained on"));
  }
  g_assert_cmpint (alone.status, ==, 2);
  g_assert_nonnull (strstr (alone.err, "--cohort"));
  g_assert_cmpint (missing.status, ==, 1);
  assert_sentence (&missing, "explain", "none", "");
}

static void
test_leaks (void)
{
  g_autoptr (JsonNode) node = NULL;
  g_auto (Result) by_image = nmd ("leaks @/cohort --split image --json");
  JsonObject *object;

  g_assert_cmpint (by_image.status, ==, 0);
  object = parse (&by_image, &node);
  g_assert_cmpint (json_object_get_int_member (object, "divided_subjects"), >, 4);
  {
    g_auto (Result) run = nmd ("leaks @/run");

    g_assert_cmpint (run.status, ==, 0);
    g_assert_nonnull (strstr (run.out, "0 subjects have images in more than one part"));
  }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  process_set_up ();
  make_cohort_and_run ();
  g_test_add_func ("/nmd/experiments-refused", test_refused);
  g_test_add_func ("/nmd/compare", test_compare);
  g_test_add_func ("/nmd/repeat", test_repeat);
  g_test_add_func ("/nmd/leaks", test_leaks);
  status = g_test_run ();
  process_tear_down ();
  return status;
}
