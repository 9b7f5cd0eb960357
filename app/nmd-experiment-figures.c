/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts the results of an experiment into the plot library's charts and stores them.
 */
#include "app/nmd-experiment-figures.h"

#include "app/nmd-figure-files.h"
#include "engine/train/nmd-evaluate.h"

#include <math.h>

#define MAX_ROWS NMD_N_SERIES_COLOURS

/* The first training of a row: its curves. */
typedef struct
{
  NmdRun *run;
  NmdRoc *roc;
  char *title;  /* with the AUC */
  double *loss; /* of validation, by epoch */
  guint n_epochs;
} Curve;

typedef struct
{
  const NmdExperimentResults *results;
  Curve curves[MAX_ROWS];
  guint n_curves;
  GArray **values; /* of double: the AUCs of each row */
  const char *sign;
  char *caption, *first; /* of all trainings; of the first ones */
  const char *classes[2];
} Figures;

static void
figures_clear (Figures *self)
{
  for (guint i = 0; i < self->n_curves; i++)
    {
      g_clear_pointer (&self->curves[i].run, nmd_run_unref);
      g_clear_pointer (&self->curves[i].roc, nmd_roc_free);
      g_free (self->curves[i].title);
      g_free (self->curves[i].loss);
    }
  for (guint i = 0; self->values != NULL && i < self->results->plan->rows->len; i++)
    g_array_unref (self->values[i]);
  g_free (self->values);
  g_free (self->caption);
  g_free (self->first);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Figures, figures_clear)

static void
draw_auc (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gconstpointer data)
{
  const Figures *self = data;
  const guint n = self->results->plan->rows->len;
  g_autofree NmdSpreadRow *rows = g_new0 (NmdSpreadRow, n);
  NmdSpreadPlot plot = { .title = "AUC",
                         .x_title = "AUC",
                         .rows = rows,
                         .n_rows = n,
                         .reference = self->results->rows[0].rival_auc.mean,
                         .reference_title = "echo intensity alone",
                         .empty = "No training has measures" };
  NmdRect rest = nmd_figure_files_note (cr, self->sign, self->caption, rect, style);

  for (guint i = 0; i < n; i++)
    {
      const NmdSpread *auc = &self->results->rows[i].measures[NMD_MEASURE_AUC];

      rows[i].title = self->results->rows[i].row->title;
      rows[i].values = (const double *)(void *)self->values[i]->data;
      rows[i].n = self->values[i]->len;
      rows[i].mean = auc->mean;
      rows[i].sd = auc->sd;
    }
  nmd_plot_spread (cr, &plot, &rest, style);
}

static void
draw_roc (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gconstpointer data)
{
  const Figures *self = data;
  NmdSeries series[MAX_ROWS];
  NmdCurves curves = NMD_CURVES_INIT;
  NmdRect rest = nmd_figure_files_note (cr, self->sign, self->first, rect, style);

  for (guint i = 0; i < self->n_curves; i++)
    series[i] = (NmdSeries){ .title = self->curves[i].title,
                             .x = self->curves[i].roc->fpr,
                             .y = self->curves[i].roc->tpr,
                             .n = self->curves[i].roc->n,
                             .colour = (int)i };
  curves.title = "ROC: sensitivity";
  curves.x_title = "1 − specificity";
  curves.series = series;
  curves.n_series = self->n_curves;
  curves.x_low = curves.y_low = 0;
  curves.x_high = curves.y_high = 1;
  curves.x_integer = FALSE;
  nmd_plot_curves (cr, &curves, &rest, style);
}

static void
draw_training (cairo_t *cr,
               const NmdRect *rect,
               const NmdPlotStyle *style,
               gconstpointer data)
{
  const Figures *self = data;
  NmdSeries series[MAX_ROWS];
  NmdCurves curves = NMD_CURVES_INIT;
  NmdRect rest = nmd_figure_files_note (cr, self->sign, self->first, rect, style);

  for (guint i = 0; i < self->n_curves; i++)
    series[i] = (NmdSeries){ .title = nmd_plan_get_row (self->results->plan, i)->title,
                             .y = self->curves[i].loss,
                             .n = self->curves[i].n_epochs,
                             .colour = (int)i };
  curves.title = "Validation loss";
  curves.x_title = "epoch";
  curves.series = series;
  curves.n_series = self->n_curves;
  nmd_plot_curves (cr, &curves, &rest, style);
}

/* A matrix for each row, two in a line. */
static void
draw_confusion (cairo_t *cr,
                const NmdRect *rect,
                const NmdPlotStyle *style,
                gconstpointer data)
{
  const Figures *self = data;
  const guint n = MIN (self->results->plan->rows->len, MAX_ROWS);
  const guint columns = MIN (n, 2), lines = (n + columns - 1) / columns;
  NmdRect rest = nmd_figure_files_note (cr, self->sign, self->caption, rect, style);

  for (guint i = 0; i < n; i++)
    {
      const NmdRowResult *row = &self->results->rows[i];
      const NmdMatrixPlot plot = { .title = row->row->title,
                                   .tp = row->tp,
                                   .tn = row->tn,
                                   .fp = row->fp,
                                   .fn = row->fn,
                                   .classes = { self->classes[0], self->classes[1] },
                                   .empty = "No training has measures" };
      const NmdRect place = { rest.x + rest.width / columns * (i % columns),
                              rest.y + rest.height / lines * (i / columns),
                              rest.width / columns - 8, rest.height / lines - 8 };

      nmd_plot_matrix (cr, &plot, &place, style);
    }
}

/* The first training of row @index that is done, if there is one. */
static gboolean
load_curve (Figures *self, const char *folder, guint index, GError **error)
{
  const NmdExperimentResults *results = self->results;
  Curve *curve = &self->curves[index];
  guint i = 0;
  const NmdEpoch *history;
  g_autofree char *run_folder = NULL;
  g_autofree char *auc = NULL;
  NmdSpread spread = { 1, NAN, NAN };
  NmdPart part = NMD_PART_NONE;
  g_autoptr (NmdScores) scores = NULL;

  while (i < results->plan->cells->len
         && (results->cells[i].cell->row != index || !results->cells[i].is_done
             || results->cells[i].part == NULL))
    i++;
  self->n_curves = index + 1;
  curve->roc = nmd_roc_new (NULL, NULL, 0);
  curve->title = g_strdup (nmd_plan_get_row (results->plan, index)->title);
  if (i == results->plan->cells->len)
    return TRUE;
  run_folder = g_build_filename (folder, "runs", results->cells[i].cell->id, NULL);
  curve->run = nmd_run_open (run_folder, error);
  if (curve->run == NULL)
    return FALSE;
  nmd_part_parse (results->cells[i].part, &part);
  scores = nmd_run_load_scores (curve->run, part, error);
  if (scores == NULL)
    return FALSE;
  nmd_roc_free (curve->roc);
  curve->roc = nmd_roc_new_for (scores);
  spread.mean = results->cells[i].measures[NMD_MEASURE_AUC];
  auc = nmd_spread_to_text (&spread, 3);
  g_free (curve->title);
  curve->title = g_strdup_printf ("%s, AUC %s",
                                  nmd_plan_get_row (results->plan, index)->title, auc);
  history = nmd_run_get_history (curve->run, &curve->n_epochs);
  curve->loss = g_new (double, curve->n_epochs + 1);
  for (guint k = 0; k < curve->n_epochs; k++)
    curve->loss[k] = history[k].val_loss;
  if (self->classes[0] == NULL)
    {
      self->classes[0] = nmd_run_get_passport (curve->run)->classes[0];
      self->classes[1] = nmd_run_get_passport (curve->run)->classes[1];
    }
  return TRUE;
}

/* What stands under the charts. */
static void
describe (Figures *self)
{
  const NmdExperimentResults *results = self->results;
  g_autofree char *heading = nmd_experiment_results_get_heading (results);
  g_autoptr (GString) text = g_string_new (heading);

  for (char **note = results->notes; *note != NULL; note++)
    if (!g_str_equal (*note, NMD_SYNTHETIC))
      g_string_append_printf (text, "\n%s", *note);
  self->caption = g_strdup (text->str);
  self->first
      = g_strdup_printf ("%s\nThe first training of each (first seed and fold)", heading);
  self->sign = results->plan->synthetic ? NMD_SYNTHETIC : NULL;
  self->values = g_new0 (GArray *, results->plan->rows->len);
  for (guint i = 0; i < results->plan->rows->len; i++)
    self->values[i] = g_array_new (FALSE, FALSE, sizeof (double));
  for (guint i = 0; i < results->plan->cells->len; i++)
    g_array_append_val (self->values[results->cells[i].cell->row],
                        results->cells[i].measures[NMD_MEASURE_AUC]);
}

gboolean
nmd_experiment_figures_write (const char *experiment,
                              const NmdExperimentResults *results,
                              guint formats,
                              GError **error)
{
  g_auto (Figures) self = { .results = results };
  g_autofree char *folder = g_build_filename (experiment, "figures", NULL);
  const guint n = results->plan->rows->len;
  const NmdFigureFile files[] = {
    { "auc", draw_auc, 720, 230 + 34.0 * n },
    { "roc", draw_roc, 560, 640 },
    { "training", draw_training, 640, 440 },
    { "confusion", draw_confusion, 720, 120 + 260.0 * ((MIN (n, MAX_ROWS) + 1) / 2) },
  };

  describe (&self);
  for (guint i = 0; i < MIN (n, MAX_ROWS); i++)
    if (!load_curve (&self, experiment, i, error))
      return FALSE;
  return nmd_figure_files_write (files, G_N_ELEMENTS (files), &self, formats, folder,
                                 error);
}
