/* SPDX-License-Identifier: Apache-2.0
 *
 * Experiments of a tiny network: plans, trainings that are killed and gone on with, shards that are merged, and
 * tables with the same bits whoever computed them.
 */
#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-random.h"
#include "engine/experiment/nmd-experiment-curves.h"
#include "tests/train/fixture.h"
#include "tests/train/tiny.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const tables[]
    = { "results.csv", "results.json", "table.md", "table.tex" };

static NmdParameters *
make_parameters (void)
{
  g_autoptr (NmdTrainSettings) settings = fixture_settings ("unused");

  fixture_set (settings, "epochs", "2");
  fixture_set (settings, "folds", "3");
  return nmd_parameters_ref (settings->parameters);
}

static NmdPlan *
make_plan (NmdExperimentKind kind,
           NmdAblation ablation,
           const char *const *networks,
           const char *leave_out,
           GError **error)
{
  static const gint64 seeds[] = { 5, 6 };
  g_autoptr (NmdParameters) parameters = make_parameters ();
  const NmdPlanSettings settings = { .kind = kind,
                                     .ablation = ablation,
                                     .dataset_path = fixture.manifest,
                                     .dataset = fixture.dataset,
                                     .networks = networks,
                                     .seeds = seeds,
                                     .n_seeds = kind == NMD_EXPERIMENT_CROSSVAL ? 1 : 2,
                                     .leave_out = leave_out,
                                     .device = "reference",
                                     .threads = 1,
                                     .parameters = parameters };

  return nmd_plan_new (&settings, error);
}

static const char *const one[] = { "tiny", NULL }, *const two[]
                                                   = { "tiny", "bare", NULL };

static char *
start (const char *name, NmdExperimentKind kind, const char *const *networks)
{
  char *folder = fixture_path (name);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdPlan) plan = make_plan (kind, NMD_ABLATE_RECIPE, networks, NULL, &error);

  g_assert_no_error (error);
  nmd_experiment_start (folder, plan, &error);
  g_assert_no_error (error);
  return folder;
}

static void
run (const char *folder, const char *shard_text, guint n_done)
{
  g_auto (NmdExperimentState) state = { 0 };
  g_autoptr (GError) error = NULL;
  NmdShard shard = { 0, 1 };

  g_assert_true (shard_text == NULL || nmd_shard_parse (shard_text, &shard));
  nmd_experiment_run (folder, &shard, NULL, fixture.dataset, NULL, NULL, NULL, &state,
                      &error);
  g_assert_no_error (error);
  g_assert_cmpstr (state.first_failure, ==, NULL);
  g_assert_cmpuint (state.n_done, ==, state.n);
  g_assert_cmpuint (state.n_done, ==, n_done);
}

static void
assert_same_tables (const char *a, const char *b)
{
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autofree char *path_a = g_build_filename (a, tables[i], NULL);
      g_autofree char *path_b = g_build_filename (b, tables[i], NULL);
      g_autofree char *text_a = NULL;
      g_autofree char *text_b = NULL;

      g_assert_true (g_file_get_contents (path_a, &text_a, NULL, NULL));
      g_assert_true (g_file_get_contents (path_b, &text_b, NULL, NULL));
      g_assert_cmpstr (text_a, ==, text_b);
    }
}

/* Rows, folds and seeds of each kind. */
static void
test_plans (void)
{
  static const char *const assist[] = { "nmdassistnet", NULL };
  static const struct
  {
    NmdExperimentKind kind;
    NmdAblation ablation;
    const char *const *networks;
    guint n_rows, n_cells;
    const char *first, *last;
  } cases[] = {
    { NMD_EXPERIMENT_CROSSVAL, 0, two, 2, 6, "tiny.fold-0.seed-5", "bare.fold-2.seed-5" },
    { NMD_EXPERIMENT_COMPARE, 0, NULL, 6, 12, "nmdassistnet.seed-5", "vit.seed-6" },
    { NMD_EXPERIMENT_ABLATE, NMD_ABLATE_PREPROCESSING, one, 6, 12, "e.seed-5",
      "whole-frame.seed-6" },
    { NMD_EXPERIMENT_ABLATE, NMD_ABLATE_ARCHITECTURE, assist, 5, 10,
      "nmdassistnet.seed-5", "nmdassistnet-no-expansion.seed-6" },
    { NMD_EXPERIMENT_ABLATE, NMD_ABLATE_RECIPE, one, 4, 8, "full.seed-5",
      "no-averaging.seed-6" },
    { NMD_EXPERIMENT_LEAK, 0, one, 2, 4, "by-subject.seed-5", "by-image.seed-6" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdPlan) plan
          = make_plan (cases[i].kind, cases[i].ablation, cases[i].networks, NULL, &error);
      g_autoptr (NmdPlan) again = NULL;
      g_autofree char *folder = fixture_path (cases[i].last);
      g_autofree char *text = NULL;
      g_autofree char *text_again = NULL;

      g_assert_no_error (error);
      g_assert_cmpuint (plan->rows->len, ==, cases[i].n_rows);
      g_assert_cmpuint (plan->cells->len, ==, cases[i].n_cells);
      g_assert_cmpstr (nmd_plan_get_cell (plan, 0)->id, ==, cases[i].first);
      g_assert_cmpstr (nmd_plan_get_cell (plan, cases[i].n_cells - 1)->id, ==,
                       cases[i].last);
      nmd_experiment_start (folder, plan, &error);
      g_assert_no_error (error);
      again = nmd_plan_load (folder, &error);
      g_assert_no_error (error);
      text = nmd_plan_to_text (plan);
      text_again = nmd_plan_to_text (again);
      g_assert_cmpstr (text, ==, text_again);
    }
}

/* The changes of a row arrive in the recipe. */
static void
test_recipes (void)
{
  g_autoptr (NmdPlan) plan
      = make_plan (NMD_EXPERIMENT_ABLATE, NMD_ABLATE_PREPROCESSING, one, NULL, NULL);
  g_autoptr (NmdParameters) full
      = nmd_plan_get_parameters (plan, nmd_plan_get_cell (plan, 0));
  g_autoptr (NmdParameters) bare
      = nmd_plan_get_parameters (plan, nmd_plan_get_cell (plan, 1));
  g_autoptr (NmdParameters) whole
      = nmd_plan_get_parameters (plan, nmd_plan_get_cell (plan, 11));

  g_assert_cmpfloat (nmd_parameters_get (full, "mixup"), ==, 0.2);
  g_assert_cmpfloat (nmd_parameters_get (bare, "mixup"), ==, 0);
  g_assert_false (nmd_parameters_get_switch (bare, "clahe"));
  g_assert_false (nmd_parameters_get_switch (bare, "crop"));
  g_assert_cmpstr (nmd_parameters_get_choice (whole, "background"), ==, "whole");
  g_assert_cmpfloat (nmd_parameters_get (whole, "mixup"), ==, 0.2);
  g_assert_cmpfloat (nmd_parameters_get (whole, "seed"), ==, 6);
}

static void
test_refused (void)
{
  static const char *const twice[] = { "tiny", "tiny", NULL };
  static const char *const unknown[] = { "resnet", NULL };
  static const char *const outlines[] = { "unet", NULL };
  static const char *const *const wrong[] = { twice, unknown, outlines };
  g_autoptr (NmdParameters) parameters = make_parameters ();
  NmdPlanSettings organ
      = { .kind = NMD_EXPERIMENT_CROSSVAL, .organ = "muscle", .networks = one };
  g_autofree char *folder = start ("refused", NMD_EXPERIMENT_CROSSVAL, one);
  g_autoptr (NmdPlan) other = make_plan (NMD_EXPERIMENT_COMPARE, 0, two, NULL, NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_assert_null (make_plan (NMD_EXPERIMENT_COMPARE, 0, wrong[i], NULL, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
      g_clear_error (&error);
    }
  g_assert_null (make_plan (NMD_EXPERIMENT_CROSSVAL, 0, one, "device", &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_clear_error (&error);
  organ.parameters = parameters;
  organ.dataset = fixture.dataset;
  organ.dataset_path = fixture.manifest;
  g_assert_null (nmd_plan_new (&organ, &error)); /* the table says phantom */
  g_assert_error (error, NMD_ERROR, NMD_ERROR_REFUSED);
  g_clear_error (&error);
  g_assert_false (nmd_experiment_start (folder, other, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_REFUSED);
  g_clear_error (&error);
  g_assert_false (nmd_experiment_start (fixture.unbroken, other, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_REFUSED);
  g_clear_error (&error);
}

static void
test_shards (void)
{
  static const char *const wrong[]
      = { "", "2", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2", NULL };
  NmdShard shard;

  for (guint i = 0; wrong[i] != NULL; i++)
    g_assert_false (nmd_shard_parse (wrong[i], &shard));
  g_assert_true (nmd_shard_parse ("2/8", &shard));
  g_assert_cmpuint (shard.index, ==, 1);
  g_assert_cmpuint (shard.n, ==, 8);
}

/* The child's side: says each epoch, until it is killed. */
static void
say_epoch (const NmdExperimentEvent *event, gpointer user_data)
{
  if (event->kind == NMD_EXPERIMENT_TRAINS && event->train->kind == NMD_TRAIN_EPOCH)
    g_assert_cmpint (write (STDOUT_FILENO, "e", 1), ==, 1);
}

static int
child_main (const char *folder)
{
  g_auto (NmdExperimentState) state = { 0 };

  return nmd_experiment_run (folder, NULL, NULL, NULL, say_epoch, NULL, NULL, &state,
                             NULL)
             ? 0
             : 1;
}

/* Starts a child and kills it after its @epochs-th epoch. */
static void
kill_after (const char *folder, int epochs)
{
  const char *arguments[] = { fixture.program, "--child", folder, NULL };
  GPid child;
  int out, status;
  char letter;
  g_autoptr (GError) error = NULL;

  g_spawn_async_with_pipes (NULL, (char **)arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
                            NULL, NULL, &child, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  for (int i = 0; i < epochs; i++)
    g_assert_cmpint (read (out, &letter, 1), ==, 1);
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  close (out);
}

/* An experiment of @kind in one go; killed twice; in three shards in two folders that are merged. All have the
 * same tables. */
static void
check_kind (NmdExperimentKind kind, const char *const *networks, guint n_cells)
{
  const char *word = nmd_experiment_kind_get_name (kind);
  char *names[4] = { NULL };
  g_autofree char *whole = NULL, *killed = NULL, *a = NULL, *b = NULL;
  g_autofree char *merged = NULL;
  const char *others[] = { NULL, NULL, NULL };
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 4; i++)
    names[i] = g_strdup_printf ("%s-%d", word, i);
  whole = start (names[0], kind, networks);
  run (whole, NULL, n_cells);
  killed = start (names[1], kind, networks);
  kill_after (killed, 1);
  kill_after (killed, 2);
  run (killed, NULL, n_cells);
  assert_same_tables (whole, killed);

  a = start (names[2], kind, networks);
  b = start (names[3], kind, networks);
  run (a, "1/3", (n_cells + 2) / 3);
  run (b, "3/3", n_cells / 3);
  run (b, "2/3", (n_cells + 1) / 3);
  merged = g_strconcat (whole, "-merged", NULL);
  others[0] = a;
  others[1] = b;
  nmd_experiment_merge (merged, others, NULL, &error);
  g_assert_no_error (error);
  assert_same_tables (whole, merged);
  for (int i = 0; i < 4; i++)
    g_clear_pointer (&names[i], g_free);
}

/* A training that could not be measured is taken over too; one without run.json leaves nothing behind. */
static void
test_merge_unmeasured (void)
{
  g_autofree char *from = fixture_path ("crossval-0"),
                  *other = fixture_path ("unmeasured");
  g_autofree char *to = fixture_path ("crossval-taken");
  const char *const others[] = { other, NULL };
  static const char *const gone[] = { "predictions.csv", "metrics.json", "run.json" };
  const char *const cell = "tiny.fold-0.seed-5";
  g_autofree char *none = fixture_path ("crossval-none");
  g_autofree char *left = g_build_filename (none, "runs", cell, "history.csv", NULL);
  g_autoptr (GError) error = NULL;

  {
    g_autofree char *line = g_strdup_printf ("cp -r '%s' '%s'", from, other);
    const char *const argv[] = { "sh", "-c", line, NULL };
    int status = 0;

    g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL,
                                 NULL, NULL, NULL, &status, NULL));
    g_assert_cmpint (status, ==, 0);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (gone); i++)
    {
      g_autofree char *path = g_build_filename (other, "runs", cell, gone[i], NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
      if (i == 0)
        continue;
      g_assert_true (nmd_experiment_merge (i == 1 ? to : none, others, NULL, &error)
                     == (i == 1));
    }
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
}

static void
test_crossval (void)
{
  check_kind (NMD_EXPERIMENT_CROSSVAL, one, 3);
}

static void
test_compare (void)
{
  check_kind (NMD_EXPERIMENT_COMPARE, two, 4);
}

static void
test_ablate (void)
{
  check_kind (NMD_EXPERIMENT_ABLATE, one, 8);
}

/* Curves are of the rows, or of each training of the only one; each is that of its AUC. */
static void
test_curves (void)
{
  static const char *const words[] = { "compare-0", "crossval-0" };

  for (guint k = 0; k < G_N_ELEMENTS (words); k++)
    {
      g_autofree char *folder = fixture_path (words[k]);
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdExperimentResults) results
          = nmd_experiment_results_load (folder, &error);
      g_autoptr (NmdExperimentCurves) curves = NULL;
      g_autoptr (NmdExperimentCurves) few = NULL;

      g_assert_no_error (error);
      curves = nmd_experiment_curves_load (folder, results, 6, &error);
      g_assert_no_error (error);
      g_assert_cmpint (curves->are_trainings, ==, k == 1);
      g_assert_cmpuint (curves->n, ==, k == 1 ? results->plan->cells->len : 2);
      for (guint i = 0; i < curves->n; i++)
        {
          g_autofree char *fold = g_strdup_printf ("fold %u", i);
          const NmdCellResult *cell = &results->cells[i]; /* rows come first */

          g_assert_cmpstr (curves->curves[i].name, ==,
                           k == 1 ? fold : results->rows[i].row->title);
          g_assert_true (
              g_str_has_prefix (curves->curves[i].title, curves->curves[i].name));
          g_assert_cmpfloat_with_epsilon (fixture_area_under (curves->curves[i].roc),
                                          cell->measures[NMD_MEASURE_AUC], 1e-12);
          g_assert_cmpuint (curves->curves[i].n_epochs, >, 0);
        }
      few = nmd_experiment_curves_load (folder, results, 1, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (few->n, ==, 1);
    }
}

/* What the tables say of the comparison: means by hand, thresholds from validation, the interval's formula. */
static void
test_results (void)
{
  g_autofree char *folder = fixture_path ("compare-0");
  g_autofree char *few = start ("few", NMD_EXPERIMENT_COMPARE, two);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdExperimentResults) results = NULL;
  g_autofree char *markdown = NULL;
  g_autofree char *latex = NULL;
  const NmdRowResult *row;
  double d[2], mean, s, half;

  results = nmd_experiment_results_load (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (results->n_done, ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      g_assert_cmpstr (results->cells[i].part, ==, "test");
      g_assert_false (results->cells[i].threshold_on_measured);
      g_assert_nonnull (strstr (results->cells[i].threshold_text, "validation"));
      g_assert_true (isfinite (results->cells[i].rival_auc));
      g_assert_cmpuint (results->cells[i].n_train, ==, 24);
      g_assert_cmpuint (results->cells[i].n_measured, ==, 8);
    }
  row = &results->rows[1];
  for (int i = 0; i < 2; i++)
    d[i] = results->cells[2 * i + 1].measures[NMD_MEASURE_AUC]
           - results->cells[2 * i].measures[NMD_MEASURE_AUC];
  mean = (d[0] + d[1]) / 2;
  s = fabs (d[0] - d[1]) / sqrt (2);
  half = 12.706204736174694 * s * sqrt (0.5 + results->cells[1].n_measured / 24.0);
  g_assert_cmpuint (row->difference.n, ==, 2);
  g_assert_cmpfloat_with_epsilon (row->difference.mean, mean, 1e-12);
  g_assert_cmpfloat_with_epsilon (row->difference.sd, s, 1e-12);
  g_assert_cmpfloat_with_epsilon (row->interval.low, MAX (mean - half, -1), 1e-9);
  g_assert_cmpfloat_with_epsilon (row->interval.high, MIN (mean + half, 1), 1e-9);
  g_assert_cmpuint (results->rows[0].difference.n, ==, 0);
  g_assert_cmpuint (results->rows[0].tp + results->rows[0].fn + results->rows[0].tn
                        + results->rows[0].fp,
                    ==, 2 * results->cells[0].n_measured);
  g_assert_cmpuint (results->rows[0].n_measured, ==, 16);
  g_assert_true (isnan (results->rows[0].auc_ci.low)); /* of two trainings: ± SD */
  markdown = nmd_experiment_results_to_markdown (results);
  latex = nmd_experiment_results_to_latex (results);
  g_assert_nonnull (strstr (markdown, "| Tiny | "));
  g_assert_nonnull (strstr (latex, "\\midrule\nTiny & "));
  g_assert_nonnull (strstr (latex, "95 \\%"));
  g_assert_null (strstr (latex, "±"));
  /* of one training each, with too few subjects, there is no interval */
  run (few, "1/4", 1);
  run (few, "2/4", 1);
  g_clear_pointer (&results, nmd_experiment_results_free);
  results = nmd_experiment_results_load (few, &error);
  g_assert_cmpuint (results->rows[1].difference.n, ==, 1);
  g_assert_true (isnan (results->rows[1].interval.low));
}

/* Six subjects of each class are tested, of a file's parts. */
static char *
write_parts (void)
{
  g_autoptr (GString) text = g_string_new ("image,part\n");
  char *path = fixture_path ("parts.csv");

  for (int subject = 0; subject < FIXTURE_SUBJECTS; subject++)
    for (int number = 0; number < 2; number++)
      g_string_append_printf (text, "%02d_%d.png,%s\n", subject, number,
                              subject < 6   ? "train"
                              : subject < 8 ? "validation"
                                            : "test");
  g_assert_true (nmd_file_write_text (path, text->str, NULL));
  return path;
}

/* Gives each image of a run a score of its own that tells little. */
static void
blur_scores (const char *folder, const char *cell, guint stream)
{
  g_autofree char *path
      = g_build_filename (folder, "runs", cell, "predictions.csv", NULL);
  g_autoptr (NmdCsv) csv = nmd_csv_load (path, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  const int column = nmd_csv_find (csv, "score");
  const guint n = nmd_csv_get_n_columns (csv);
  NmdRandom random;

  nmd_random_init_for (&random, stream, "blur", 0, "");
  for (guint i = 0; i < n; i++)
    nmd_csv_append (text, nmd_csv_get_header (csv, i));
  nmd_csv_end_line (text);
  for (guint row = 0; row < nmd_csv_get_n_rows (csv); row++)
    {
      for (guint i = 0; i < n; i++)
        if ((int)i == column)
          nmd_csv_append_number (text, nmd_random_uniform (&random));
        else
          nmd_csv_append (text, nmd_csv_get (csv, row, i));
      nmd_csv_end_line (text);
    }
  g_assert_true (nmd_file_write_text (path, text->str, NULL));
}

/* One training of each, on the same images: subjects are drawn. */
static void
test_paired (void)
{
  static const gint64 seed = 5;
  g_autofree char *folder = fixture_path ("paired");
  g_autofree char *parts = write_parts ();
  g_autoptr (NmdParameters) parameters = make_parameters ();
  const NmdPlanSettings settings = { .kind = NMD_EXPERIMENT_COMPARE,
                                     .dataset_path = fixture.manifest,
                                     .dataset = fixture.dataset,
                                     .networks = two,
                                     .seeds = &seed,
                                     .n_seeds = 1,
                                     .split_file = parts,
                                     .device = "reference",
                                     .threads = 1,
                                     .parameters = parameters };
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdPlan) plan = nmd_plan_new (&settings, &error);
  g_autoptr (NmdExperimentResults) results = NULL;
  g_autofree char *markdown = NULL;
  g_autofree char *devices = NULL;
  g_autofree char *latex = NULL;
  g_autofree char *shown = NULL;
  const NmdRowResult *row;

  g_assert_no_error (error);
  g_assert_cmpuint (plan->cells->len, ==, 2); /* parts, no folds */
  g_assert_true (nmd_experiment_start (folder, plan, &error));
  run (folder, NULL, 2);
  results = nmd_experiment_results_load (folder, &error);
  g_assert_no_error (error);
  row = &results->rows[1];
  g_assert_cmpuint (row->difference.n, ==, 1);
  g_assert_true (isnan (row->difference.sd));
  g_assert_cmpuint (results->cells[0].n_measured, ==, 24);
  /* both networks see nothing but brightness here, so that draws do not differ: made to differ */
  g_assert_nonnull (strstr (row->interval_method, "independent"));
  g_clear_pointer (&results, nmd_experiment_results_free);
  for (guint i = 0; i < 2; i++)
    blur_scores (folder, nmd_plan_get_cell (plan, i)->id, i);
  results = nmd_experiment_results_load (folder, &error);
  g_assert_no_error (error);
  row = &results->rows[0];
  g_assert_cmpfloat (row->auc_ci.low, ==, results->cells[0].auc_ci.low);
  g_assert_true (row->auc_ci.low < row->auc_ci.high);
  g_assert_cmpuint (row->n_measured, ==, 24);
  g_assert_cmpuint (row->n_subjects, ==, 12);
  markdown = nmd_experiment_results_to_markdown (results);
  shown = g_strdup_printf ("| %.3f [%.3f, %.3f] |", row->measures[NMD_MEASURE_AUC].mean,
                           row->auc_ci.low, row->auc_ci.high);
  g_assert_nonnull (strstr (markdown, shown));
  g_assert_nonnull (strstr (markdown, "| 1 | 24 | 12 |\n"));
  /* the same, as if one device had been left out in each: a row a device */
  g_assert_null (strstr (markdown, "Left out"));
  results->plan->leave_out = g_strdup ("device");
  for (guint i = 0; i < 2; i++)
    ((NmdPlanCell *)nmd_plan_get_cell (results->plan, i))->left_out
        = g_strdup_printf ("Scanner_%c", 'A' + (int)i);
  g_clear_pointer (&shown, g_free);
  shown = g_strdup_printf ("| Scanner_A | Tiny | %.3f [%.3f, %.3f] |",
                           row->measures[NMD_MEASURE_AUC].mean, row->auc_ci.low,
                           row->auc_ci.high);
  devices = nmd_experiment_results_to_markdown (results);
  g_assert_nonnull (strstr (devices, shown));
  g_assert_nonnull (strstr (devices, "| Scanner_B | "));
  latex = nmd_experiment_results_to_latex (results);
  g_assert_nonnull (strstr (latex, "\nScanner\\_A & Tiny & "));
  row = &results->rows[1];
  g_assert_nonnull (strstr (row->interval_method, "bootstrap"));
  g_assert_cmpfloat (row->interval.low, <, row->interval.high);
  g_assert_cmpfloat (row->interval.low, >=, -1);
  g_assert_cmpfloat (row->interval.high, <=, 1);
  /* the file may not change under the plan */
  g_assert_true (nmd_file_write_text (parts, "image,part\n00_0.png,train\n", NULL));
  g_assert_null (
      nmd_plan_make_split (plan, nmd_plan_get_cell (plan, 0), fixture.dataset, &error));
}

/* A cell that fails leaves the others alone and is tried again; a stop leaves no claim. */
static void
test_failure (void)
{
  g_autofree char *folder = start ("failure", NMD_EXPERIMENT_CROSSVAL, one);
  g_autofree char *broken = g_build_filename (folder, "runs", "tiny.fold-1.seed-5", NULL);
  g_autofree char *json = g_build_filename (broken, "run.json", NULL);
  g_autofree char *journal = g_build_filename (folder, "journal", NULL);
  g_auto (NmdExperimentState) state = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (nmd_file_make_folder (broken, NULL));
  g_assert_true (nmd_file_write_text (json, "{", NULL));
  g_assert_true (nmd_experiment_run (folder, NULL, NULL, fixture.dataset, NULL, NULL,
                                     NULL, &state, &error));
  g_assert_cmpuint (state.n_done, ==, 2);
  g_assert_cmpuint (state.n_failed, ==, 1);
  g_assert_nonnull (strstr (state.first_failure, "run.json"));
  g_assert_cmpuint (fixture_count (journal), ==, 2);
  g_unlink (json);
  run (folder, NULL, 3);
  g_assert_cmpuint (fixture_count (journal), ==, 3);
}

static void
stop (const NmdExperimentEvent *event, gpointer cancellable)
{
  if (event->kind == NMD_EXPERIMENT_TRAINS && event->train->kind == NMD_TRAIN_STEP)
    g_cancellable_cancel (cancellable);
}

static void
test_stopped (void)
{
  g_autofree char *folder = start ("stopped-one", NMD_EXPERIMENT_CROSSVAL, one);
  g_autofree char *journal = g_build_filename (folder, "journal", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (NmdExperimentState) state = { 0 };
  g_autoptr (GError) error = NULL;
  double seconds = 0;

  g_assert_true (nmd_experiment_estimate (folder, NULL, fixture.dataset, &seconds, NULL,
                                          NULL, NULL, &error));
  g_assert_cmpfloat (seconds, >, 0);
  g_assert_false (nmd_experiment_run (folder, NULL, NULL, fixture.dataset, stop,
                                      cancellable, cancellable, &state, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (fixture_count (journal), ==, 0);
}

/* Another data set is refused before anything is trained. */
static void
test_other_data (void)
{
  g_autofree char *folder = start ("other-data", NMD_EXPERIMENT_CROSSVAL, one);
  g_autofree char *manifest = fixture_make_data ("elsewhere", 7);
  g_auto (NmdExperimentState) state = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (nmd_experiment_run (folder, NULL, manifest, NULL, NULL, NULL, NULL,
                                      &state, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_CHANGED);
}

int
main (int argc, char **argv)
{
  nmd_networks_add (&tiny_network);
  nmd_networks_add (&bare_network);
  if (argc == 3 && strcmp (argv[1], "--child") == 0)
    return child_main (argv[2]);
  fixture.program = argv[0];
  fixture_open (&argc, &argv);
  g_test_add_func ("/experiment/plans", test_plans);
  g_test_add_func ("/experiment/recipes", test_recipes);
  g_test_add_func ("/experiment/refused", test_refused);
  g_test_add_func ("/experiment/shards", test_shards);
  g_test_add_func ("/experiment/crossval", test_crossval);
  g_test_add_func ("/experiment/merge-unmeasured", test_merge_unmeasured);
  g_test_add_func ("/experiment/compare", test_compare);
  g_test_add_func ("/experiment/ablate", test_ablate);
  g_test_add_func ("/experiment/curves", test_curves);
  g_test_add_func ("/experiment/results", test_results);
  g_test_add_func ("/experiment/paired", test_paired);
  g_test_add_func ("/experiment/failure", test_failure);
  g_test_add_func ("/experiment/stopped", test_stopped);
  g_test_add_func ("/experiment/other-data", test_other_data);
  return fixture_close (g_test_run ());
}
