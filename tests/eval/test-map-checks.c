/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of maps: deletion and insertion, random layers, the verdict, the table of a cohort.
 */
#include "engine/core/nmd-random.h"
#include "engine/eval/nmd-map-repeat.h"
#include "engine/eval/nmd-map-table.h"
#include "tests/eval/fixture.h"

#include <math.h>
#include <string.h>

#define SIDE NMD_INPUT_SIZE
#define AREA (SIDE * SIDE)
#define LENGTH (3 * AREA)

static int
compare_floats (gconstpointer a, gconstpointer b)
{
  const float x = *(const float *)a, y = *(const float *)b;

  return x > y ? -1 : x < y;
}

/* The score of the map's class once its @n strongest pixels are grey (or only they are
 * not): those above the n-th largest value, and of the equal ones the first in the random
 * order. */
static double
slow_step (NmdPredictor *predictor,
           const NmdMap *map,
           const float *tensor,
           guint n,
           gboolean inserts)
{
  g_autofree float *values = g_new (float, AREA), *x = g_new (float, LENGTH),
                   *sorted = NULL;
  g_autofree guint *order = g_new (guint, AREA);
  guint above = 0, equal = 0;
  float grey[3];
  double score;
  NmdRandom stream;

  nmd_attribution_get_grey (tensor, grey);
  nmd_map_enlarge (map->grid, map->grid_width, map->grid_height, SIDE, SIDE, values);
  sorted = g_memdup2 (values, AREA * sizeof *values);
  qsort (sorted, AREA, sizeof *sorted, compare_floats);
  for (guint i = 0; i < AREA; i++)
    {
      order[i] = i;
      above += values[i] > sorted[n - 1];
    }
  nmd_random_init_for (&stream, 0, "maps", 0, "order");
  nmd_random_shuffle (&stream, order, AREA);
  for (guint i = 0; i < AREA; i++)
    {
      const int at = (int)order[i];
      const gboolean tie = !(values[at] > sorted[n - 1] || values[at] < sorted[n - 1]);
      const gboolean chosen = tie ? equal < n - above : values[at] > sorted[n - 1];

      equal += tie;
      for (int c = 0; c < 3; c++)
        x[c * AREA + at] = chosen == inserts ? tensor[c * AREA + at] : grey[c];
    }
  g_assert_true (nmd_predictor_score (predictor, x, 1, &score, NULL));
  return map->target == 1 ? score : 1 - score;
}

static void
test_checks (void)
{
  g_autoptr (NmdSession) session = nmd_session_open ("cpu", 1, NULL);
  g_autoptr (NmdModel) model = fixture_model ("nmdassistnet", 1);
  g_autoptr (NmdPredictor) predictor = nmd_predictor_new (session, model, 13, NULL);
  g_autoptr (NmdImage) image = fixture_image ();
  g_autoptr (NmdImage) mask = nmd_mask_new_box (260, 240, &(NmdBox){ 60, 50, 200, 180 });
  g_autoptr (NmdMap) map = NULL, again = NULL;
  g_autofree float *x = g_new (float, LENGTH);
  g_autofree char *verdict = NULL;
  g_auto (NmdMapCascade) cascade = { 0 };
  g_autoptr (GError) error = NULL;
  NmdMapFidelity got;
  double area = 0;

  map = nmd_map_compute (predictor, image, mask, NMD_MAP_GRADCAM, 1, NULL, NULL, &error);
  g_assert_true (nmd_map_get_fidelity (predictor, image, mask, map, NULL, &got, &error));
  nmd_model_prepare (model, image, mask, NULL, x);
  close_to (got.deletion[0], map->score, 1e-5);
  g_assert_cmpfloat (got.deletion[0], ==, got.insertion[NMD_FIDELITY_STEPS]);
  g_assert_cmpfloat (got.insertion[0], ==, got.deletion[NMD_FIDELITY_STEPS]);
  close_to (got.deletion[5], slow_step (predictor, map, x, 5 * AREA / 28, FALSE), 1e-5);
  close_to (got.insertion[9], slow_step (predictor, map, x, 9 * AREA / 28, TRUE), 1e-5);
  for (int i = 0; i <= NMD_FIDELITY_STEPS; i++)
    area += got.deletion[i] / (i % NMD_FIDELITY_STEPS == 0 ? 56 : 28);
  close_to (got.deletion_area, area, 1e-9);

  g_assert_true (
      nmd_map_get_cascade (predictor, image, mask, map, 7, NULL, &cascade, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (cascade.layers[0], ==, "fc");
  g_assert_cmpstr (cascade.layers[1], ==, "head");
  g_assert_cmpstr (cascade.layers[cascade.n - 1], ==, "stem_dw");
  g_assert_cmpuint (cascade.n, ==, 11);
  for (guint i = 0; i < cascade.n; i++)
    g_assert_true (isnan (cascade.spearman[i]) || fabs (cascade.spearman[i]) <= 1 + 1e-9);
  /* the model's own weights again */
  again
      = nmd_map_compute (predictor, image, mask, NMD_MAP_GRADCAM, 1, NULL, NULL, &error);
  g_assert_cmpmem (map->grid, 49 * sizeof (float), again->grid, 49 * sizeof (float));
  verdict = nmd_map_get_verdict (map, &got, &cascade);
  g_test_message ("%s", verdict);
  g_assert_nonnull (strstr (verdict, "inside the outline"));
  g_assert_nonnull (strstr (verdict, "deletion"));
}

/* The verdict follows the last step and the areas. */
static void
test_verdict (void)
{
  NmdMap map
      = { .inside = 0.641, .edge = 0.1, .outside = 0.259, .peak = NMD_MAP_REGION_EDGE };
  NmdMap none = { .no_positive_evidence = TRUE };
  NmdMapFidelity fidelity = { .deletion_area = 0.25, .insertion_area = 0.75 };
  double spearman[2] = { 0.9, 0.1 }, ssim[2] = { 0.8, 0.2 };
  NmdMapCascade cascade = { 2, NULL, spearman, ssim };
  g_autofree char *good = nmd_map_get_verdict (&map, &fidelity, &cascade),
                  *nothing = nmd_map_get_verdict (&none, &fidelity, &cascade),
                  *bad = NULL, *lost = NULL;

  g_assert_cmpstr (
      good, ==,
      "64 % of the map lies inside the outline, its peak on its edge. The score "
      "depends on the places it marks (deletion 0.25, insertion 0.75). A network "
      "with random weights gives another map (Spearman 0.10, SSIM 0.20): it "
      "depends on what was learned.");
  g_assert_true (g_str_has_prefix (nothing, "No positive evidence"));
  spearman[1] = -0.6;
  fidelity.insertion_area = 0.2;
  map.inside = NAN;
  bad = nmd_map_get_verdict (&map, &fidelity, &cascade);
  g_assert_nonnull (strstr (bad, "no outline"));
  g_assert_nonnull (strstr (bad, "does not depend on the places"));
  g_assert_nonnull (strstr (bad, "much the same map (Spearman -0.60"));
  spearman[1] = NAN;
  lost = nmd_map_get_verdict (&map, NULL, &cascade);
  g_assert_nonnull (strstr (lost, "no map to compare"));
}

/* Means by class over images, subjects counted, what is missing left out. */
static void
test_table (void)
{
  g_autoptr (NmdMapTable) table = nmd_map_table_new (), small = nmd_map_table_new ();
  g_autofree char *csv = NULL, *means = NULL, *markdown = NULL;
  const char *const classes[2] = { "healthy", "pathological" };
  NmdMapMean mean;

  for (int i = 0; i < 12; i++)
    {
      g_autofree char *name = g_strdup_printf ("i%d.png", i);
      g_autofree char *subject = g_strdup_printf ("s%d", i / 2);
      NmdMapRow row = { .image = name,
                        .subject = subject,
                        .label = i < 6,
                        .score = i / 12.0,
                        .target = 1,
                        .inside = 0.5 + 0.01 * i,
                        .edge = 0.1,
                        .outside = 0.4 - 0.01 * i,
                        .peak = i % 3 == 0 ? NMD_MAP_REGION_OUTSIDE : NMD_MAP_REGION_EDGE,
                        .deletion = i == 0 ? NAN : 0.25,
                        .insertion = 0.5 };

      if (i == 11)
        {
          row.inside = row.edge = row.outside = NAN;
          row.peak = NMD_MAP_REGION_NONE;
        }
      nmd_map_table_add (table, &row);
      if (i == 0)
        nmd_map_table_add (small, &row);
    }
  nmd_map_table_get_mean (table, NMD_MAP_MEAN_INSIDE, 1, 1, &mean);
  close_to (mean.mean, 0.525, 1e-12);
  g_assert_cmpuint (mean.n, ==, 6);
  g_assert_cmpuint (mean.n_subjects, ==, 3);
  g_assert_true (mean.ci.low >= 0.505 && mean.ci.low < mean.mean);
  g_assert_true (mean.ci.high <= 0.545 && mean.ci.high > mean.mean);
  nmd_map_table_get_mean (table, NMD_MAP_MEAN_INSIDE, -1, 1, &mean);
  g_assert_cmpuint (mean.n, ==, 11);
  g_assert_cmpuint (mean.n_subjects, ==, 6);
  nmd_map_table_get_mean (table, NMD_MAP_MEAN_PEAK, 0, 1, &mean);
  close_to (mean.mean, 3 / 5.0, 1e-12);
  nmd_map_table_get_mean (small, NMD_MAP_MEAN_INSIDE, 1, 1, &mean);
  close_to (mean.mean, 0.5, 1e-12);
  g_assert_true (isnan (mean.ci.low));
  nmd_map_table_get_mean (small, NMD_MAP_MEAN_INSIDE, 0, 1, &mean);
  g_assert_true (isnan (mean.mean) && mean.n == 0);
  csv = nmd_map_table_to_csv (table, NMD_MAP_OCCLUSION);
  g_assert_true (g_str_has_prefix (
      csv, "image,subject,label,score,target,method,inside,edge,outside,peak,deletion,"
           "insertion\ni0.png,s0,1,0,1,occlusion,0.5,0.1,0.4,outside,,0.5\n"));
  g_assert_nonnull (strstr (csv, "occlusion,,,,,0.25,0.5\n"));
  means = nmd_map_table_means_to_csv (table, NMD_MAP_OCCLUSION, 1);
  g_assert_nonnull (strstr (means, "\n1,occlusion,inside,0.525,"));
  markdown = nmd_map_table_to_markdown (table, NMD_MAP_OCCLUSION, classes, 1);
  g_assert_true (
      g_str_has_prefix (markdown, "| Occlusion | pathological | healthy | all |\n"));
  g_assert_nonnull (
      strstr (markdown, "| Images with a map (subjects) | 5 (3) | 6 (3) | 11 (6) |"));
}

/* Rank correlations by hand; what has no evidence is left out and counted; equal maps agree. */
static void
test_repeat (void)
{
  static const float grids[4][4]
      = { { 1, 2, 3, 4 }, { 1, 2, 4, 3 }, { 4, 3, 2, 1 }, { 0, 0, 0, 0 } };
  static const char *const classes[2] = { "healthy", "pathological" };
  NmdMap maps[4] = { { 0 } };
  const NmdMap *all[4], *same[2], *none[2];
  NmdRepeatRow rows[3] = { { "a", "s", 0 }, { "b", "s", 0 }, { "c", "", 1 } };
  NmdMapRepeat repeat;
  NmdRepeatMeans means;
  g_autofree char *csv = NULL, *markdown = NULL, *sentence = NULL;

  for (int i = 0; i < 4; i++)
    {
      maps[i].method = NMD_MAP_GRADCAM;
      maps[i].grid_width = maps[i].grid_height = 2;
      maps[i].grid = g_memdup2 (grids[i], sizeof grids[i]);
      maps[i].no_positive_evidence = i == 3;
      all[i] = &maps[i];
    }
  nmd_map_get_repeat (all, 4, &repeat);
  g_assert_cmpuint (repeat.n_pairs, ==, 3);
  g_assert_cmpfloat_with_epsilon (repeat.spearman, (0.8 - 1 - 0.8) / 3, 1e-12);
  g_assert_cmpfloat (repeat.ssim, <, 0.9);
  rows[0].repeat = repeat;
  same[0] = same[1] = &maps[0];
  nmd_map_get_repeat (same, 2, &repeat);
  g_assert_cmpfloat_with_epsilon (repeat.spearman, 1, 1e-12);
  g_assert_cmpfloat_with_epsilon (repeat.ssim, 1, 1e-12);
  rows[1].repeat = repeat;
  none[0] = &maps[0];
  none[1] = &maps[3];
  nmd_map_get_repeat (none, 2, &repeat);
  g_assert_cmpuint (repeat.n_pairs, ==, 0);
  g_assert_true (isnan (repeat.spearman) && isnan (repeat.ssim));
  rows[2].repeat = repeat;
  nmd_repeat_get_means (rows, 3, -1, 1, &means);
  g_assert_cmpuint (means.n_images, ==, 3);
  g_assert_cmpuint (means.n_measured, ==, 2);
  g_assert_cmpuint (means.n_subjects, ==, 2);
  g_assert_cmpfloat_with_epsilon (means.spearman, (1 - 1.0 / 3) / 2, 1e-12);
  g_assert_true (isnan (means.spearman_ci.low)); /* two subjects */
  nmd_repeat_get_means (rows, 3, 1, 1, &means);
  g_assert_true (isnan (means.spearman) && means.n_measured == 0);
  sentence = nmd_repeat_to_sentence (&means, 4);
  g_assert_nonnull (strstr (sentence, "None of 1 images"));
  csv = nmd_repeat_to_csv (rows, 3);
  g_assert_nonnull (strstr (csv, "\nb,s,0,1,1,1\nc,,1,0,,\n"));
  markdown = nmd_repeat_to_markdown (rows, 3, 4, classes, 1);
  g_assert_nonnull (strstr (markdown, "| all | 2 of 3 | 2 | 0.33 |"));
  g_assert_nonnull (strstr (markdown, "another training shows other places"));
  for (int i = 0; i < 4; i++)
    g_free (maps[i].grid);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/map-checks/curves-and-cascade", test_checks);
  g_test_add_func ("/map-checks/verdict", test_verdict);
  g_test_add_func ("/map-checks/table", test_table);
  g_test_add_func ("/map-checks/repeat", test_repeat);
  return g_test_run ();
}
