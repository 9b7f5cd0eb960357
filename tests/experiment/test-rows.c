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

static double
area_under (const NmdRoc *roc)
{
  double area = 0;

  for (guint i = 1; i < roc->n; i++)
    area += (roc->fpr[i] - roc->fpr[i - 1]) * (roc->tpr[i] + roc->tpr[i - 1]) / 2;
  return area;
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
          g_assert_cmpfloat_with_epsilon (area_under (curve->roc),
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

int
main (int argc, char **argv)
{
  nmd_networks_add (&tiny_network);
  fixture_open (&argc, &argv);
  train_all ();
  g_test_add_func ("/rows/curves", test_curves);
  argc = fixture_close (g_test_run ());
  g_free (folder);
  return argc;
}
