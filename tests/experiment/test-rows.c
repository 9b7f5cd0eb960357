/* SPDX-License-Identifier: Apache-2.0
 *
 * What rows of an experiment are compared by where trainings are missing, have no measures, or differ in size.
 */
#include "engine/core/nmd-file.h"
#include "engine/experiment/nmd-experiment-curves.h"
#include "tests/train/fixture.h"
#include "tests/train/tiny.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static char *folder; /* four rows at the seeds 5 and 6, all done */

static void
train_all (void)
{
  static const char *const networks[] = { "tiny", NULL };
  static const gint64 seeds[] = { 5, 6 };
  g_autoptr (NmdTrainSettings) train = fixture_settings ("unused");
  const NmdPlanSettings settings = { .kind = NMD_EXPERIMENT_ABLATE,
                                     .ablation = NMD_ABLATE_RECIPE,
                                     .dataset_path = fixture.manifest,
                                     .dataset = fixture.dataset,
                                     .networks = networks,
                                     .seeds = seeds,
                                     .n_seeds = 2,
                                     .device = "reference",
                                     .threads = 1,
                                     .parameters = train->parameters };
  g_auto (NmdExperimentState) state = { 0 };
  g_autoptr (NmdPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  fixture_set (train, "epochs", "1");
  folder = fixture_path ("rows");
  plan = nmd_plan_new (&settings, &error);
  g_assert_no_error (error);
  g_assert_true (nmd_experiment_start (folder, plan, &error));
  nmd_experiment_run (folder, NULL, NULL, fixture.dataset, NULL, NULL, NULL, &state,
                      &error);
  g_assert_no_error (error);
  g_assert_cmpuint (state.n_done, ==, 8);
}

/* Puts a file of the experiment away, or back. */
static void
put_away (const char *name, gboolean away)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *other = g_strconcat (path, ".away", NULL);

  g_assert_cmpint (g_rename (away ? path : other, away ? other : path), ==, 0);
}

static NmdExperimentResults *
load (void)
{
  g_autoptr (GError) error = NULL;
  NmdExperimentResults *results = nmd_experiment_results_load (folder, &error);

  g_assert_no_error (error);
  return results;
}

/* Curves are of one seed, or say that they are not. */
static void
test_curves (void)
{
  static const char *const gone[]
      = { "journal/no-swalr.seed-5.done", "journal/full.seed-6.done" };

  for (guint n_gone = 0; n_gone <= G_N_ELEMENTS (gone); n_gone++)
    {
      const guint cells[2][3] = { { 0, 4, 0 }, { 2, 6, 6 } }; /* of the two rows */
      g_autoptr (NmdExperimentResults) results = NULL;
      g_autoptr (NmdExperimentCurves) curves = NULL;
      g_autoptr (GError) error = NULL;

      if (n_gone > 0)
        put_away (gone[n_gone - 1], TRUE);
      results = load ();
      curves = nmd_experiment_curves_load (folder, results, 6, &error);
      g_assert_no_error (error);
      g_assert_cmpint (curves->are_apart, ==, n_gone == 2);
      for (guint i = 0; i < 2; i++)
        {
          const NmdCellResult *cell = &results->cells[cells[i][n_gone]];
          const NmdExperimentCurve *curve = &curves->curves[cell->cell->row];

          g_assert_cmpuint (cell->cell->row, ==, 2 * i);
          g_assert_cmpfloat_with_epsilon (fixture_area_under (curve->roc),
                                          cell->measures[NMD_MEASURE_AUC], 1e-12);
          g_assert_cmpstr (curve->name, ==,
                           n_gone < 2 ? results->rows[2 * i].row->title
                           : i == 0   ? "full recipe, seed 5"
                                      : "without SWALR (constant rate), seed 6");
          g_assert_true (g_str_has_prefix (curve->title, curve->name));
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (gone); i++)
    put_away (gone[i], FALSE);
}

/* Numbers of tested images that differ count in the interval as their mean, whichever comes first. */
static void
test_shares (void)
{
  g_autoptr (GRegex) auc = g_regex_new ("\"auc\": [0-9.]+", 0, 0, NULL);
  g_autoptr (NmdExperimentResults) all = load ();
  /* all networks see nothing but brightness here, so that AUCs do not differ: made to differ */
  g_autofree char *other
      = g_strdup_printf ("\"auc\": %f", all->cells[0].measures[NMD_MEASURE_AUC] - 0.01);

  for (int seed = 5; seed <= 6; seed++)
    {
      g_autofree char *id = g_strdup_printf ("runs/no-swalr.seed-%d/metrics.json", seed);
      g_autofree char *path = g_build_filename (folder, id, NULL), *before = NULL;
      g_autofree char *changed = NULL;
      g_autoptr (NmdExperimentResults) results = NULL;
      g_autoptr (GString) text = NULL;
      const NmdRowResult *row;
      double half;

      g_assert_true (g_file_get_contents (path, &before, NULL, NULL));
      changed = g_regex_replace_literal (auc, before, -1, 0, other, 0, NULL);
      text = g_string_new (changed);
      g_string_replace (text, "\"n_images\": 8,", "\"n_images\": 1,", 0);
      g_assert_true (nmd_file_write_text (path, text->str, NULL));
      results = load ();
      g_assert_true (nmd_file_write_text (path, before, NULL));
      g_assert_cmpuint (results->cells[2].n_train, ==, 24);
      g_assert_cmpuint (results->cells[2].n_measured, ==, seed == 5 ? 1 : 8);
      g_assert_cmpuint (results->cells[6].n_measured, ==, seed == 5 ? 8 : 1);
      row = &results->rows[2];
      half = 12.706204736174694 * row->difference.sd * sqrt (0.5 + (1 + 8) / 24.0 / 2);
      g_assert_cmpfloat (half, >, 0);
      g_assert_cmpfloat_with_epsilon (row->interval.low,
                                      MAX (row->difference.mean - half, -1), 1e-9);
      g_assert_cmpfloat_with_epsilon (row->interval.high,
                                      MIN (row->difference.mean + half, 1), 1e-9);
    }
}

/* A row of fewer pairs has its own method in the caption. */
static void
test_methods (void)
{
  static const char *const gone = "journal/no-swalr.seed-6.done";
  g_autoptr (NmdExperimentResults) all = load (), less = NULL;
  g_autofree char *same = nmd_experiment_results_to_markdown (all);
  g_autofree char *markdown = NULL, *part = NULL;

  g_assert_nonnull (strstr (same, "first row, over 2 pairs of trainings (Nadeau and "
                                  "Bengio)."));
  put_away (gone, TRUE);
  less = load ();
  put_away (gone, FALSE);
  markdown = nmd_experiment_results_to_markdown (less);
  part = g_strdup_printf ("first row, %s: %s; %s: %s; %s: %s.", less->rows[1].row->title,
                          less->rows[1].interval_method, less->rows[2].row->title,
                          less->rows[2].interval_method, less->rows[3].row->title,
                          less->rows[1].interval_method);
  g_assert_nonnull (strstr (less->rows[1].interval_method, "over 2 pairs"));
  g_assert_nonnull (strstr (less->rows[2].interval_method, "a training of each"));
  g_assert_nonnull (strstr (markdown, part));
}

/* The interval of a row's only AUC stays, wherever the training without measures stands. */
static void
test_only_auc (void)
{
  for (int seed = 5; seed <= 6; seed++)
    {
      g_autofree char *metrics = g_strdup_printf ("runs/full.seed-%d/metrics.json", seed);
      g_autofree char *path
          = g_strdup_printf ("%s/runs/full.seed-%d/metrics.json", folder, 11 - seed);
      g_autofree char *before = NULL;
      g_autoptr (NmdExperimentResults) results = NULL;
      g_autoptr (GString) text = NULL;

      /* four subjects have none */
      g_assert_true (g_file_get_contents (path, &before, NULL, NULL));
      text = g_string_new (before);
      g_string_replace (text, "\"auc_ci_subject\": null",
                        "\"auc_ci_subject\": [ 0.25, 0.75 ]", 0);
      g_assert_true (nmd_file_write_text (path, text->str, NULL));
      put_away (metrics, TRUE);
      results = load ();
      put_away (metrics, FALSE);
      g_assert_true (nmd_file_write_text (path, before, NULL));
      g_assert_cmpuint (results->rows[0].measures[NMD_MEASURE_AUC].n, ==, 1);
      g_assert_cmpfloat (results->rows[0].auc_ci.low, ==, 0.25);
      g_assert_cmpfloat (results->rows[0].auc_ci.high, ==, 0.75);
    }
}

int
main (int argc, char **argv)
{
  nmd_networks_add (&tiny_network);
  fixture_open (&argc, &argv);
  train_all ();
  g_test_add_func ("/rows/curves", test_curves);
  g_test_add_func ("/rows/shares", test_shares);
  g_test_add_func ("/rows/methods", test_methods);
  g_test_add_func ("/rows/only-auc", test_only_auc);
  argc = fixture_close (g_test_run ());
  g_free (folder);
  return argc;
}
