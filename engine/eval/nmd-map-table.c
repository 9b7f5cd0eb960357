/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of maps, its means and how both are written. Measuring a map is nmd-map-check.c's, the
 * draws nmd-cluster-bootstrap.c's.
 */
#include "config.h"

#include "engine/core/nmd-csv.h"
#include "engine/eval/nmd-cluster-bootstrap.h"
#include "engine/eval/nmd-map-table.h"

#include <math.h>

#define DRAWS 2000

struct _NmdMapTable
{
  GArray *rows; /* of NmdMapRow */
  GStringChunk *texts;
};

const char *
nmd_map_measure_get_name (NmdMapMeasure self)
{
  static const char *const names[NMD_N_MAP_MEASURES]
      = { "inside", "edge", "outside", "peak_hit", "deletion", "insertion" };

  g_return_val_if_fail (self < NMD_N_MAP_MEASURES, NULL);
  return names[self];
}

NmdMapTable *
nmd_map_table_new (void)
{
  NmdMapTable *self = g_new0 (NmdMapTable, 1);

  self->rows = g_array_new (FALSE, FALSE, sizeof (NmdMapRow));
  self->texts = g_string_chunk_new (4096);
  return self;
}

void
nmd_map_table_free (NmdMapTable *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->rows);
  g_string_chunk_free (self->texts);
  g_free (self);
}

void
nmd_map_table_add (NmdMapTable *self, const NmdMapRow *row)
{
  NmdMapRow copy;

  g_return_if_fail (self != NULL && row != NULL && (row->label == 0 || row->label == 1));
  copy = *row;
  copy.image = g_string_chunk_insert (self->texts, row->image != NULL ? row->image : "");
  copy.subject
      = g_string_chunk_insert (self->texts, row->subject != NULL ? row->subject : "");
  g_array_append_val (self->rows, copy);
}

guint
nmd_map_table_get_n (const NmdMapTable *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->rows->len;
}

const NmdMapRow *
nmd_map_table_get (const NmdMapTable *self, guint i)
{
  g_return_val_if_fail (self != NULL && i < self->rows->len, NULL);
  return &g_array_index (self->rows, NmdMapRow, i);
}

static double
get_value (const NmdMapRow *row, NmdMapMeasure measure)
{
  switch (measure)
    {
    case NMD_MAP_MEAN_INSIDE:
      return row->inside;
    case NMD_MAP_MEAN_EDGE:
      return row->edge;
    case NMD_MAP_MEAN_OUTSIDE:
      return row->outside;
    case NMD_MAP_MEAN_PEAK:
      return row->peak == NMD_MAP_REGION_NONE ? NAN : row->peak != NMD_MAP_REGION_OUTSIDE;
    case NMD_MAP_MEAN_DELETION:
      return row->deletion;
    case NMD_MAP_MEAN_INSERTION:
      return row->insertion;
    }
  return NAN;
}

/* One measure of one class, for the bootstrap. */
typedef struct
{
  const NmdMapTable *table;
  NmdMapMeasure measure;
  int label; /* −1: all */
} Wanted;

static double
weighted_mean (const guint *weight, gpointer data)
{
  const Wanted *wanted = data;
  double sum = 0, total = 0;

  for (guint i = 0; i < wanted->table->rows->len; i++)
    {
      const NmdMapRow *row = nmd_map_table_get (wanted->table, i);
      const double value = get_value (row, wanted->measure);

      if (isnan (value) || (wanted->label >= 0 && row->label != wanted->label))
        continue;
      sum += weight[i] * value;
      total += weight[i];
    }
  return total > 0 ? sum / total : NAN;
}

void
nmd_map_table_get_mean (const NmdMapTable *self,
                        NmdMapMeasure measure,
                        int label,
                        guint64 seed,
                        NmdMapMean *out)
{
  Wanted wanted = { self, measure, label };
  g_autoptr (NmdScores) scores = nmd_scores_new ();
  g_autoptr (GHashTable) subjects = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree guint *ones = NULL;
  NmdClusterBootstrap bootstrap;

  g_return_if_fail (self != NULL && out != NULL && label >= -1 && label <= 1);
  *out = (NmdMapMean){ NAN, { NAN, NAN }, 0, 0 };
  ones = g_new (guint, self->rows->len + 1);
  for (guint i = 0; i < self->rows->len; i++)
    {
      const NmdMapRow *row = nmd_map_table_get (self, i);

      ones[i] = 1;
      nmd_scores_add (scores, &(NmdScore){ .subject = row->subject,
                                           .image = row->image,
                                           .label = row->label,
                                           .score = row->score,
                                           .echo = NAN });
      if (isnan (get_value (row, measure)) || (label >= 0 && row->label != label))
        continue;
      out->n++;
      g_hash_table_add (subjects, (gpointer)nmd_score_group (nmd_scores_get (scores, i)));
    }
  out->n_subjects = g_hash_table_size (subjects);
  out->mean = weighted_mean (ones, &wanted);
  /* NULL: too few subjects leave the mean without an interval */
  if (out->n > 0
      && nmd_cluster_bootstrap (scores, weighted_mean, &wanted, DRAWS, seed, "maps",
                                &bootstrap, NULL))
    out->ci = bootstrap.percentile;
}

char *
nmd_map_table_to_csv (const NmdMapTable *self, NmdMapMethod method)
{
  GString *text = g_string_new ("image,subject,label,score,target,method,inside,edge,"
                                "outside,peak,deletion,insertion\n");

  g_return_val_if_fail (self != NULL, NULL);
  for (guint i = 0; i < self->rows->len; i++)
    {
      const NmdMapRow *row = nmd_map_table_get (self, i);

      nmd_csv_append (text, row->image);
      nmd_csv_append (text, row->subject);
      nmd_csv_append_number (text, row->label);
      nmd_csv_append_number (text, row->score);
      nmd_csv_append_number (text, row->target);
      nmd_csv_append (text, nmd_map_method_get_name (method));
      nmd_csv_append_number (text, row->inside);
      nmd_csv_append_number (text, row->edge);
      nmd_csv_append_number (text, row->outside);
      nmd_csv_append (text, row->peak != NMD_MAP_REGION_NONE
                                ? nmd_map_region_get_name (row->peak)
                                : "");
      nmd_csv_append_number (text, row->deletion);
      nmd_csv_append_number (text, row->insertion);
      nmd_csv_end_line (text);
    }
  return g_string_free (text, FALSE);
}

static const int labels[] = { 1, 0, -1 };

char *
nmd_map_table_means_to_csv (const NmdMapTable *self, NmdMapMethod method, guint64 seed)
{
  GString *text = g_string_new ("class,method,measure,mean,low,high,images,subjects\n");

  g_return_val_if_fail (self != NULL, NULL);
  for (guint k = 0; k < G_N_ELEMENTS (labels); k++)
    for (NmdMapMeasure measure = 0; measure < NMD_N_MAP_MEASURES; measure++)
      {
        NmdMapMean mean = { NAN };

        nmd_map_table_get_mean (self, measure, labels[k], seed, &mean);
        nmd_csv_append (text, labels[k] < 0 ? "all" : labels[k] == 1 ? "1" : "0");
        nmd_csv_append (text, nmd_map_method_get_name (method));
        nmd_csv_append (text, nmd_map_measure_get_name (measure));
        nmd_csv_append_number (text, mean.mean);
        nmd_csv_append_number (text, mean.ci.low);
        nmd_csv_append_number (text, mean.ci.high);
        nmd_csv_append_number (text, mean.n);
        nmd_csv_append_number (text, mean.n_subjects);
        nmd_csv_end_line (text);
      }
  return g_string_free (text, FALSE);
}

/* "0.64 (0.58 to 0.70)". */
static void
append_mean (GString *text, const NmdMapMean *mean)
{
  char a[32], b[32], c[32];

  if (isnan (mean->mean))
    {
      g_string_append (text, " – |");
      return;
    }
  g_string_append_printf (text, " %s", g_ascii_formatd (a, sizeof a, "%.2f", mean->mean));
  if (isfinite (mean->ci.low))
    g_string_append_printf (text, " (%s to %s)",
                            g_ascii_formatd (b, sizeof b, "%.2f", mean->ci.low),
                            g_ascii_formatd (c, sizeof c, "%.2f", mean->ci.high));
  g_string_append (text, " |");
}

char *
nmd_map_table_to_markdown (const NmdMapTable *self,
                           NmdMapMethod method,
                           const char *const classes[2],
                           guint64 seed)
{
  static const char *const titles[NMD_N_MAP_MEASURES] = {
    "Share inside the outline",   "Share on its edge", "Share outside",
    "Peak inside or on the edge", "Deletion area",     "Insertion area",
  };
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (self != NULL, NULL);
  g_string_append_printf (text, "| %s | %s | %s | all |\n| --- | --- | --- | --- |\n",
                          nmd_map_method_get_title (method),
                          classes[1] != NULL ? classes[1] : "1",
                          classes[0] != NULL ? classes[0] : "0");
  for (NmdMapMeasure measure = 0; measure < NMD_N_MAP_MEASURES; measure++)
    {
      g_string_append_printf (text, "| %s |", titles[measure]);
      for (guint k = 0; k < G_N_ELEMENTS (labels); k++)
        {
          NmdMapMean mean = { NAN };

          nmd_map_table_get_mean (self, measure, labels[k], seed, &mean);
          append_mean (text, &mean);
        }
      g_string_append_c (text, '\n');
    }
  g_string_append (text, "| Images with a map (subjects) |");
  for (guint k = 0; k < G_N_ELEMENTS (labels); k++)
    {
      NmdMapMean mean = { NAN };

      nmd_map_table_get_mean (self, NMD_MAP_MEAN_DELETION, labels[k], seed, &mean);
      g_string_append_printf (text, " %u (%u) |", mean.n, mean.n_subjects);
    }
  g_string_append (
      text,
      "\n\nMeans over images, 95 % by a bootstrap of subjects. The edge is what lies "
      "within 2 % of the\nbox's shorter side of the outline. Deletion and insertion: "
      "area "
      "under the score of the explained\nclass while the strongest pixels become the "
      "image's mean grey, or come back on it, in 28 steps.\nA map shows where the "
      "network "
      "was sensitive, not where disease is.\n");
  return g_string_free (text, FALSE);
}
