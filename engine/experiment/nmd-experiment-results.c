/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads what the runs of an experiment hold and sums it up; tables as text are nmd-experiment-tables.c's.
 */
#include "engine/experiment/nmd-experiment-results.h"

#include "engine/core/nmd-words.h"
#include "engine/eval/nmd-cluster-bootstrap.h"
#include "engine/experiment/nmd-experiment-private.h"
#include "engine/nn/nmd-summary.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static const struct
{
  const char *name, *title;
  gsize offset;
} kinds[NMD_N_MEASURES] = {
  { "auc", "AUC", G_STRUCT_OFFSET (NmdMetrics, auc) },
  { "accuracy", "Accuracy", G_STRUCT_OFFSET (NmdMetrics, accuracy) },
  { "sensitivity", "Sensitivity", G_STRUCT_OFFSET (NmdMetrics, sensitivity) },
  { "specificity", "Specificity", G_STRUCT_OFFSET (NmdMetrics, specificity) },
  { "ppv", "PPV", G_STRUCT_OFFSET (NmdMetrics, ppv) },
  { "npv", "NPV", G_STRUCT_OFFSET (NmdMetrics, npv) },
  { "f1", "F1", G_STRUCT_OFFSET (NmdMetrics, f1) },
  { "brier", "Brier score", G_STRUCT_OFFSET (NmdMetrics, brier) },
};

const char *
nmd_measure_kind_get_name (NmdMeasureKind kind)
{
  return kinds[kind].name;
}

const char *
nmd_measure_kind_get_title (NmdMeasureKind kind)
{
  return kinds[kind].title;
}

void
nmd_experiment_results_free (NmdExperimentResults *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; self->cells != NULL && i < self->plan->cells->len; i++)
    {
      g_free (self->cells[i].part);
      g_free (self->cells[i].threshold_text);
      g_free (self->cells[i].threshold_local);
    }
  for (guint i = 0; self->rows != NULL && i < self->plan->rows->len; i++)
    g_free (self->rows[i].interval_method);
  g_free (self->cells);
  g_free (self->rows);
  g_strfreev (self->notes);
  nmd_plan_free (self->plan);
  g_free (self);
}

/* Cells. */

static void
take_results (NmdCellResult *cell, const NmdEvalResults *results)
{
  const NmdMetrics *metrics = &results->by_image;

  for (int i = 0; i < NMD_N_MEASURES; i++)
    cell->measures[i] = G_STRUCT_MEMBER (NmdMeasure, metrics, kinds[i].offset).value;
  cell->auc_ci = metrics->auc.ci_subject;
  cell->tp = metrics->tp;
  cell->tn = metrics->tn;
  cell->fp = metrics->fp;
  cell->fn = metrics->fn;
  cell->n_measured = metrics->n_images;
  cell->n_subjects = metrics->n_subjects;
  if (results->has_rival)
    cell->rival_auc = results->comparison.auc.value;
  cell->part = g_strdup (results->part);
  cell->threshold = results->threshold.value;
  cell->threshold_text = nmd_threshold_to_text (&results->threshold);
  const gboolean local = nmd_words_set_local (TRUE);
  cell->threshold_local = nmd_threshold_to_text (&results->threshold);
  nmd_words_set_local (local);
  cell->threshold_on_measured = results->threshold.on_these_images;
}

static gboolean
read_cell (NmdCellResult *cell, const char *run_folder, GError **error)
{
  g_autoptr (NmdRun) run = nmd_run_open (run_folder, error);
  g_autoptr (NmdScores) train = NULL;
  g_autoptr (NmdEvalResults) results = NULL;
  g_autofree char *path = g_build_filename (run_folder, "metrics.json", NULL);

  if (run == NULL)
    return FALSE;
  if (nmd_run_get_metrics (run) == NULL) /* a part had one class only */
    return TRUE;
  train = nmd_run_load_scores (run, NMD_PART_TRAIN, error);
  results = train != NULL
                ? nmd_eval_results_from_json (nmd_run_get_metrics (run), path, error)
                : NULL;
  if (results == NULL)
    return FALSE;
  cell->n_train = nmd_scores_get_n (train);
  take_results (cell, results);
  return TRUE;
}

static gboolean
read_cells (NmdExperimentResults *self,
            const char *folder,
            NmdJournal *journal,
            GError **error)
{
  for (guint i = 0; i < self->plan->cells->len; i++)
    {
      NmdCellResult *cell = &self->cells[i];
      g_autofree char *run_folder = NULL;

      cell->cell = nmd_plan_get_cell (self->plan, i);
      cell->threshold = cell->rival_auc = NAN;
      cell->auc_ci = (NmdInterval){ NAN, NAN };
      for (int k = 0; k < NMD_N_MEASURES; k++)
        cell->measures[k] = NAN;
      if (nmd_journal_get_state (journal, cell->cell->id) != NMD_CELL_DONE)
        continue;
      run_folder = nmd_experiment_run_folder (folder, cell->cell);
      if (!read_cell (cell, run_folder, error))
        return FALSE;
      cell->is_done = TRUE;
      self->n_done++;
    }
  return TRUE;
}

/* Rows. */

/* Of the finite among @values, in their order. */
static NmdSpread
spread (const double *values, guint n)
{
  NmdSpread self = { 0, NAN, NAN };
  double sum = 0, squares = 0;

  for (guint i = 0; i < n; i++)
    if (isfinite (values[i]))
      {
        sum += values[i];
        self.n++;
      }
  if (self.n == 0)
    return self;
  self.mean = sum / self.n;
  for (guint i = 0; i < n; i++)
    if (isfinite (values[i]))
      squares += (values[i] - self.mean) * (values[i] - self.mean);
  if (self.n > 1)
    self.sd = sqrt (squares / (self.n - 1));
  return self;
}

/* The first row's cell at the same seed and fold. */
static const NmdCellResult *
find_partner (const NmdExperimentResults *self, const NmdCellResult *cell)
{
  for (guint i = 0; i < self->plan->cells->len; i++)
    {
      const NmdCellResult *other = &self->cells[i];

      if (other->cell->row == 0 && other->cell->seed == cell->cell->seed
          && other->cell->fold == cell->cell->fold)
        return other;
    }
  return NULL;
}

/* Of two AUCs with their own intervals, as if independent; NaN where one has none. */
static NmdInterval
independent (const NmdCellResult *a, const NmdCellResult *b)
{
  const double x = a->measures[NMD_MEASURE_AUC], y = b->measures[NMD_MEASURE_AUC];

  const double low = x - y - hypot (x - a->auc_ci.low, b->auc_ci.high - y);
  const double high = x - y + hypot (a->auc_ci.high - x, y - b->auc_ci.low);

  if (isnan (low) || isnan (high)) /* which MAX and MIN would turn into -1 and 1 */
    return (NmdInterval){ NAN, NAN };
  return (NmdInterval){ MAX (low, -1), MIN (high, 1) };
}

/* The scores that @cell was measured on; NULL where they cannot be read: there is another way then. */
static NmdScores *
load_scores (const char *folder, const NmdCellResult *cell)
{
  g_autofree char *run_folder = nmd_experiment_run_folder (folder, cell->cell);
  g_autoptr (NmdRun) run = nmd_run_open (run_folder, NULL);
  NmdPart part = NMD_PART_NONE;

  return run != NULL && nmd_part_parse (cell->part, &part)
             ? nmd_run_load_scores (run, part, NULL)
             : NULL;
}

static gboolean
same_images (const NmdScores *a, const NmdScores *b)
{
  if (a == NULL || b == NULL || nmd_scores_get_n (a) != nmd_scores_get_n (b))
    return FALSE;
  for (guint i = 0; i < nmd_scores_get_n (a); i++)
    if (g_strcmp0 (nmd_scores_get (a, i)->image, nmd_scores_get (b, i)->image) != 0)
      return FALSE;
  return TRUE;
}

/* Of two trainings that are measured on the same images: subjects are drawn. */
static gboolean
paired (const char *folder,
        NmdRowResult *row,
        const NmdCellResult *a,
        const NmdCellResult *b)
{
  g_autoptr (NmdScores) first = load_scores (folder, a);
  g_autoptr (NmdScores) second = load_scores (folder, b);
  NmdClusterBootstrap bootstrap;

  if (!same_images (first, second) || isnan (a->auc_ci.low) || isnan (b->auc_ci.low)
      || !nmd_cluster_bootstrap_auc (first, second, 2000, (guint64)a->cell->seed, folder,
                                     &bootstrap, NULL)
      || isnan (bootstrap.percentile.low))
    return FALSE;
  row->interval = bootstrap.percentile;
  row->interval_method = g_strdup (
      "by subject, from one training of each on the same images (bootstrap): other seeds "
      "and splits are not in it");
  return TRUE;
}

/* @share: tested images over those trained on, of @row's trainings on average. */
static void
set_interval (const char *folder,
              NmdRowResult *row,
              const NmdCellResult *a,
              const NmdCellResult *b,
              double share)
{
  const guint n = row->difference.n;
  double half;

  if (n == 1)
    {
      if (paired (folder, row, a, b))
        return;
      row->interval = independent (a, b);
      row->interval_method
          = g_strdup (isnan (row->interval.low)
                          ? "no interval: a training of each, with too few subjects"
                          : "by subject, from one training of each as if independent");
      return;
    }
  half = nmd_t_quantile (0.975, n - 1) * row->difference.sd * sqrt (1.0 / n + share);
  row->interval = (NmdInterval){ MAX (row->difference.mean - half, -1),
                                 MIN (row->difference.mean + half, 1) };
  row->interval_method
      = g_strdup_printf ("over %u pairs of trainings (Nadeau and Bengio)", n);
}

static void
compare_with_first (NmdExperimentResults *self, const char *folder, guint index)
{
  NmdRowResult *row = &self->rows[index];
  g_autofree double *values = g_new (double, self->plan->cells->len);
  const NmdCellResult *a = NULL, *b = NULL;
  double share = 0;
  guint n = 0;

  row->difference = (NmdSpread){ 0, NAN, NAN };
  row->interval = (NmdInterval){ NAN, NAN };
  for (guint i = 0; index > 0 && i < self->plan->cells->len; i++)
    {
      const NmdCellResult *cell = &self->cells[i];
      const NmdCellResult *partner = find_partner (self, cell);
      double difference;

      if (cell->cell->row != index || partner == NULL)
        continue;
      difference = cell->measures[NMD_MEASURE_AUC] - partner->measures[NMD_MEASURE_AUC];
      if (!isfinite (difference))
        continue;
      values[n++] = difference;
      share += (double)cell->n_measured / MAX (cell->n_train, 1);
      a = a == NULL ? cell : a;
      b = b == NULL ? partner : b;
    }
  row->difference = spread (values, n);
  if (n > 0)
    set_interval (folder, row, a, b, share / n);
}

static gboolean
sum_up (NmdExperimentResults *self, const char *folder, guint index, GError **error)
{
  NmdRowResult *row = &self->rows[index];
  const guint n = self->plan->cells->len;
  g_autofree double *values = g_new (double, n);
  const NmdNetwork *network;
  g_autoptr (NmdSummary) summary = NULL;

  row->row = nmd_plan_get_row (self->plan, index);
  for (int k = 0; k <= NMD_N_MEASURES; k++)
    {
      guint m = 0;

      for (guint i = 0; i < n; i++)
        if (self->cells[i].cell->row == index)
          values[m++] = k < NMD_N_MEASURES ? self->cells[i].measures[k]
                                           : self->cells[i].rival_auc;
      if (k < NMD_N_MEASURES)
        row->measures[k] = spread (values, m);
      else
        row->rival_auc = spread (values, m);
    }
  row->auc_ci = (NmdInterval){ NAN, NAN };
  for (guint i = 0; i < n; i++)
    if (self->cells[i].cell->row == index)
      {
        if (row->measures[NMD_MEASURE_AUC].n == 1
            && isfinite (self->cells[i].measures[NMD_MEASURE_AUC]))
          row->auc_ci = self->cells[i].auc_ci;
        row->n_measured += self->cells[i].n_measured;
        row->n_subjects += self->cells[i].n_subjects;
        row->tp += self->cells[i].tp;
        row->tn += self->cells[i].tn;
        row->fp += self->cells[i].fp;
        row->fn += self->cells[i].fn;
      }
  network = nmd_network_find (row->row->network, error);
  if (network != NULL)
    summary = nmd_summary_new (network, 2, error);
  if (summary == NULL)
    return FALSE;
  row->parameters = summary->parameters;
  row->macs = summary->macs;
  compare_with_first (self, folder, index);
  return TRUE;
}

/* Notes. */

/* Where the thresholds came from; said whatever it is. */
static char *
note_thresholds (const NmdExperimentResults *self)
{
  guint n_on_measured = 0, n = 0, n_validation = 0;
  const char *first = NULL;

  for (guint i = 0; i < self->plan->cells->len; i++)
    if (self->cells[i].threshold_text != NULL)
      {
        n++;
        n_on_measured += self->cells[i].threshold_on_measured;
        n_validation += g_strcmp0 (self->cells[i].part, "validation") == 0;
        if (first == NULL)
          first = nmd_words_is_local () ? self->cells[i].threshold_local
                                        : self->cells[i].threshold_text;
      }
  if (n == 0)
    return NULL;
  if (n_on_measured > 0)
    return g_strdup_printf (nmd_word ("In %u of %u trainings the threshold was chosen on "
                                      "the images that are measured: their rates are too "
                                      "good"),
                            n_on_measured, n);
  return g_strdup_printf (
      n_validation == 0
          /* Translators: how the first threshold was chosen */
          ? nmd_word ("Each training has a threshold of its own, chosen apart from what "
                      "is measured, as were epochs and calibration; the first: %s")
          : nmd_word ("Each training has a threshold of its own, chosen apart from what "
                      "is measured; the first: %s"),
      first);
}

static void
note_split (const NmdExperimentResults *self, GPtrArray *notes)
{
  const NmdPlan *plan = self->plan;
  const int limit = nmd_parameters_get_int (plan->parameters, "limit");
  guint n_no_test = 0;

  for (guint i = 0; i < plan->cells->len; i++)
    n_no_test += g_strcmp0 (self->cells[i].part, "validation") == 0;
  if (n_no_test > 0)
    g_ptr_array_add (
        notes, g_strdup_printf (nmd_word_n ("%u training has no test part: measured on "
                                            "validation, where epochs were chosen",
                                            "%u trainings have no test part: measured on "
                                            "validation, where epochs were chosen",
                                            n_no_test),
                                n_no_test));
  if (limit > 0)
    g_ptr_array_add (
        notes,
        g_strdup_printf (nmd_word ("A trial: at most %d subjects of each class were "
                                   "used (limit)"),
                         limit));
  if (plan->leave_out != NULL)
    g_ptr_array_add (notes,
                     g_strdup_printf (nmd_word ("Each value of “%s” was left out in "
                                                "turn and tested"),
                                      plan->leave_out));
  if (plan->kind == NMD_EXPERIMENT_LEAK)
    g_ptr_array_add (
        notes,
        g_strdup (nmd_word ("The split by image is there to show the leak; its numbers "
                            "are no results")));
}

char **
nmd_experiment_results_make_notes (const NmdExperimentResults *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  GPtrArray *notes = g_ptr_array_new ();
  const guint n = self->plan->cells->len;
  guint n_missing = 0;
  char *thresholds = note_thresholds (self);

  if (self->plan->synthetic)
    g_ptr_array_add (notes, g_strdup (nmd_word (NMD_SYNTHETIC)));
  for (guint i = 0; i < n; i++)
    n_missing += self->cells[i].is_done && self->cells[i].part == NULL;
  if (self->n_done < n)
    g_ptr_array_add (notes, g_strdup_printf (nmd_word ("Not complete: %u of %u trainings "
                                                       "are done"),
                                             self->n_done, n));
  if (n_missing > 0)
    g_ptr_array_add (
        notes,
        g_strdup_printf (nmd_word_n ("%u training has no measures: a part has one class "
                                     "only",
                                     "%u trainings have no measures: a part has one "
                                     "class only",
                                     n_missing),
                         n_missing));
  if (thresholds != NULL)
    g_ptr_array_add (notes, thresholds);
  note_split (self, notes);
  g_ptr_array_add (notes, NULL);
  return (char **)g_ptr_array_free (notes, FALSE);
}

char *
nmd_experiment_results_get_heading (const NmdExperimentResults *self)
{
  static const char *const titles[]
      = { [NMD_EXPERIMENT_COMPARE] = "Comparison of networks",
          [NMD_EXPERIMENT_ABLATE] = "Ablation of the ",
          [NMD_EXPERIMENT_CROSSVAL] = "Cross-validation",
          [NMD_EXPERIMENT_LEAK] = "Leak gap" };
  const NmdPlan *plan = self->plan;

  return g_strdup_printf (
      "%s%s, %s: %u of %u trainings are done", titles[plan->kind],
      plan->kind == NMD_EXPERIMENT_ABLATE ? nmd_ablation_get_name (plan->ablation) : "",
      plan->dataset_title, self->n_done, plan->cells->len);
}

NmdExperimentResults *
nmd_experiment_results_load (const char *folder, GError **error)
{
  g_autoptr (NmdExperimentResults) self = g_new0 (NmdExperimentResults, 1);
  g_autoptr (NmdJournal) journal = NULL;

  self->plan = nmd_plan_load (folder, error);
  if (self->plan == NULL || (journal = nmd_journal_open (folder, error)) == NULL)
    {
      if (self->plan == NULL)
        g_free (g_steal_pointer (&self));
      return NULL;
    }
  self->cells = g_new0 (NmdCellResult, self->plan->cells->len);
  self->rows = g_new0 (NmdRowResult, self->plan->rows->len);
  if (!read_cells (self, folder, journal, error))
    return NULL;
  for (guint i = 0; i < self->plan->rows->len; i++)
    if (!sum_up (self, folder, i, error))
      return NULL;
  self->notes = nmd_experiment_results_make_notes (self);
  return g_steal_pointer (&self);
}
