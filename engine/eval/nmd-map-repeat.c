/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares maps of several trainings and writes what was found. Comparing two maps is nmd-map-check.c's, the draws
 * nmd-cluster-bootstrap.c's.
 */
#include "config.h"

#include "engine/core/nmd-csv.h"
#include "engine/eval/nmd-cluster-bootstrap.h"
#include "engine/eval/nmd-map-repeat.h"

#include <math.h>

#define DRAWS 2000
#define SIDE 224 /* that grids are enlarged to */

static float *
enlarge (const NmdMap *map)
{
  g_autofree float *grid = nmd_map_scale_grid (map);
  float *picture = g_new (float, SIDE *SIDE);

  nmd_map_enlarge (grid, map->grid_width, map->grid_height, SIDE, SIDE, picture);
  return picture;
}

void
nmd_map_get_repeat (const NmdMap *const *maps, guint n, NmdMapRepeat *out)
{
  double spearman = 0, ssim = 0;
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func (g_free);

  g_return_if_fail (maps != NULL && n >= 2 && out != NULL);
  *out = (NmdMapRepeat){ NAN, NAN, 0 };
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (pictures, enlarge (maps[i]));
  for (guint i = 0; i < n; i++)
    for (guint k = i + 1; k < n; k++)
      {
        const NmdMap *a = maps[i], *b = maps[k];
        double rank;

        g_return_if_fail (a->grid_width == b->grid_width
                          && a->grid_height == b->grid_height);
        if (a->no_positive_evidence || b->no_positive_evidence)
          continue;
        rank = nmd_map_spearman (a->grid, b->grid,
                                 (gsize)a->grid_width * (gsize)a->grid_height);
        if (isnan (rank))
          continue;
        spearman += rank;
        ssim += nmd_map_ssim (pictures->pdata[i], pictures->pdata[k], SIDE, SIDE);
        out->n_pairs++;
      }
  if (out->n_pairs == 0)
    return;
  out->spearman = spearman / out->n_pairs;
  out->ssim = ssim / out->n_pairs;
}

/* One number of one class, for the bootstrap. */
typedef struct
{
  const NmdRepeatRow *rows;
  guint n;
  int label; /* −1: all */
  gboolean is_ssim;
} Wanted;

static double
weighted_mean (const guint *weight, gpointer data)
{
  const Wanted *wanted = data;
  double sum = 0, total = 0;

  for (guint i = 0; i < wanted->n; i++)
    {
      const NmdRepeatRow *row = &wanted->rows[i];
      const double value = wanted->is_ssim ? row->repeat.ssim : row->repeat.spearman;

      if (isnan (value) || (wanted->label >= 0 && row->label != wanted->label))
        continue;
      sum += weight[i] * value;
      total += weight[i];
    }
  return total > 0 ? sum / total : NAN;
}

static void
get_mean (const NmdRepeatRow *rows,
          guint n,
          int label,
          gboolean is_ssim,
          guint64 seed,
          double *mean,
          NmdInterval *ci)
{
  Wanted wanted = { rows, n, label, is_ssim };
  g_autoptr (NmdScores) scores = nmd_scores_new ();
  g_autofree guint *ones = g_new (guint, n + 1);
  NmdClusterBootstrap bootstrap;

  for (guint i = 0; i < n; i++)
    {
      ones[i] = 1;
      nmd_scores_add (scores, &(NmdScore){ .subject = rows[i].subject,
                                           .image = rows[i].image,
                                           .label = rows[i].label,
                                           .echo = NAN });
    }
  *mean = weighted_mean (ones, &wanted);
  /* NULL: too few subjects leave the mean without an interval */
  if (!isnan (*mean)
      && nmd_cluster_bootstrap (scores, weighted_mean, &wanted, DRAWS, seed, "maps",
                                &bootstrap, NULL))
    *ci = bootstrap.percentile;
}

void
nmd_repeat_get_means (
    const NmdRepeatRow *rows, guint n, int label, guint64 seed, NmdRepeatMeans *out)
{
  g_autoptr (GHashTable) subjects = g_hash_table_new (g_str_hash, g_str_equal);

  g_return_if_fail ((rows != NULL || n == 0) && out != NULL && label >= -1 && label <= 1);
  *out = (NmdRepeatMeans){ .spearman_ci = { NAN, NAN }, .ssim_ci = { NAN, NAN } };
  for (guint i = 0; i < n; i++)
    if (label < 0 || rows[i].label == label)
      {
        out->n_images++;
        out->n_measured += rows[i].repeat.n_pairs > 0;
        g_hash_table_add (subjects, (gpointer)(*rows[i].subject != '\0' ? rows[i].subject
                                                                        : rows[i].image));
      }
  out->n_subjects = g_hash_table_size (subjects);
  get_mean (rows, n, label, FALSE, seed, &out->spearman, &out->spearman_ci);
  get_mean (rows, n, label, TRUE, seed, &out->ssim, &out->ssim_ci);
}

char *
nmd_repeat_to_csv (const NmdRepeatRow *rows, guint n)
{
  GString *text = g_string_new ("image,subject,label,pairs,spearman,ssim\n");

  for (guint i = 0; i < n; i++)
    {
      nmd_csv_append (text, rows[i].image);
      nmd_csv_append (text, rows[i].subject);
      nmd_csv_append_number (text, rows[i].label);
      nmd_csv_append_number (text, rows[i].repeat.n_pairs);
      nmd_csv_append_number (text, rows[i].repeat.spearman);
      nmd_csv_append_number (text, rows[i].repeat.ssim);
      nmd_csv_end_line (text);
    }
  return g_string_free (text, FALSE);
}

/* "0.81 [0.74, 0.88]", "0.81", "–". */
static char *
to_text (double mean, NmdInterval ci)
{
  char a[32], b[32], c[32];

  if (isnan (mean))
    return g_strdup ("–");
  g_ascii_formatd (a, sizeof a, "%.2f", mean);
  if (isnan (ci.low) || isnan (ci.high))
    return g_strdup (a);
  g_ascii_formatd (b, sizeof b, "%.2f", ci.low);
  g_ascii_formatd (c, sizeof c, "%.2f", ci.high);
  return g_strdup_printf ("%s [%s, %s]", a, b, c);
}

char *
nmd_repeat_to_sentence (const NmdRepeatMeans *means, guint n_runs)
{
  g_autofree char *spearman = NULL, *ssim = NULL;

  g_return_val_if_fail (means != NULL, NULL);
  if (means->n_measured == 0)
    return g_strdup_printf ("None of %u images has maps with positive evidence in two of "
                            "the %u trainings: there is nothing to compare",
                            means->n_images, n_runs);
  spearman = to_text (means->spearman, means->spearman_ci);
  ssim = to_text (means->ssim, means->ssim_ci);
  return g_strdup_printf (
      "Maps of %u trainings agree on %u of %u images with a mean rank correlation of %s "
      "(SSIM %s): %s",
      n_runs, means->n_measured, means->n_images, spearman, ssim,
      means->spearman >= NMD_REPEAT_SAME
          ? "another training shows much the same places"
          : "another training shows other places, so a single map says little");
}

char *
nmd_repeat_to_markdown (const NmdRepeatRow *rows,
                        guint n,
                        guint n_runs,
                        const char *const classes[2],
                        guint64 seed)
{
  GString *text
      = g_string_new ("| Class | Images | Subjects | Spearman [95 %] | SSIM [95 "
                      "%] |\n| --- | --- | --- | --- | --- |\n");
  NmdRepeatMeans means;

  for (int k = 0; k < 3; k++)
    {
      g_autofree char *spearman = NULL, *ssim = NULL;

      nmd_repeat_get_means (rows, n, k == 2 ? -1 : k, seed, &means);
      spearman = to_text (means.spearman, means.spearman_ci);
      ssim = to_text (means.ssim, means.ssim_ci);
      g_string_append_printf (text, "| %s | %u of %u | %u | %s | %s |\n",
                              k == 2               ? "all"
                              : classes[k] != NULL ? classes[k]
                                                   : "",
                              means.n_measured, means.n_images, means.n_subjects,
                              spearman, ssim);
    }
  {
    g_autofree char *sentence = nmd_repeat_to_sentence (&means, n_runs);

    g_string_append_printf (
        text,
        "\n%s. Means over images of the mean over pairs of trainings, for the class that "
        "is the image's label where none is named; intervals by a bootstrap of "
        "subjects.\n",
        sentence);
  }
  return g_string_free (text, FALSE);
}
