/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts the results of an experiment into charts. What a chart looks like is the other files'.
 */
#include "config.h"

#include "ui/plot/nmd-experiment-charts.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static const char *const names[NMD_N_EXPERIMENT_CHARTS]
    = { "auc", "roc", "training", "confusion" };

const char *
nmd_experiment_chart_get_name (NmdExperimentChart chart)
{
  g_return_val_if_fail ((guint)chart < NMD_N_EXPERIMENT_CHARTS, NULL);
  return names[chart];
}

void
nmd_experiment_chart_get_size (NmdExperimentChart chart,
                               const NmdExperimentResults *results,
                               double *width,
                               double *height)
{
  const guint n = results->plan->rows->len;
  const double sizes[NMD_N_EXPERIMENT_CHARTS][2] = {
    { 720, 230 + 34.0 * n },
    { 560, 640 },
    { 640, 440 },
    { 720, 120 + 260.0 * ((MIN (n, NMD_EXPERIMENT_MOST_ROWS) + 1) / 2) },
  };

  *width = sizes[chart][0];
  *height = sizes[chart][1];
}

static void
draw_auc (cairo_t *cr,
          const NmdRect *rect,
          const NmdPlotStyle *style,
          const NmdExperimentFigure *self)
{
  const guint n = self->results->plan->rows->len;
  g_autofree NmdSpreadRow *rows = g_new0 (NmdSpreadRow, n);
  const NmdSpreadPlot plot = { .title = _ ("AUC"),
                               .x_title = _ ("AUC"),
                               .rows = rows,
                               .n_rows = n,
                               .reference = self->results->rows[0].rival_auc.mean,
                               .reference_title = _ ("echo intensity alone"),
                               .empty = _ ("No training has measures") };

  for (guint i = 0; i < n; i++)
    {
      const NmdSpread *auc = &self->results->rows[i].measures[NMD_MEASURE_AUC];

      rows[i].title = _ (self->results->rows[i].row->title);
      rows[i].values = (const double *)(void *)self->curves->aucs[i]->data;
      rows[i].n = self->curves->aucs[i]->len;
      rows[i].mean = auc->mean;
      rows[i].sd = auc->sd;
    }
  nmd_plot_spread (cr, &plot, rect, style);
}

/* Of a curve: a row's title alone is translated here, what names a training is made of figures. */
static const char *
curve_name (const NmdExperimentFigure *self, guint i)
{
  const NmdExperimentCurve *curve = &self->curves->curves[i];

  return self->curves->are_trainings ? curve->name : _ (curve->name);
}

static void
draw_roc (cairo_t *cr,
          const NmdRect *rect,
          const NmdPlotStyle *style,
          const NmdExperimentFigure *self)
{
  const NmdRoc *rocs[NMD_EXPERIMENT_MOST_ROWS];
  const char *titles[NMD_EXPERIMENT_MOST_ROWS];
  const NmdRocsPlot plot = { .title = _ ("ROC"),
                             .rocs = rocs,
                             .titles = titles,
                             .n = self->curves->n,
                             .empty = _ ("No training has measures") };

  for (guint i = 0; i < self->curves->n; i++)
    {
      const NmdRoc *roc = self->curves->curves[i].roc;

      rocs[i] = roc->n > 0 ? roc : NULL;
      titles[i] = self->curves->curves[i].title;
    }
  nmd_plot_rocs (cr, &plot, rect, style);
}

static void
draw_loss (cairo_t *cr,
           const NmdRect *rect,
           const NmdPlotStyle *style,
           const NmdExperimentFigure *self)
{
  NmdSeries series[NMD_EXPERIMENT_MOST_ROWS];
  NmdCurves curves = NMD_CURVES_INIT;

  for (guint i = 0; i < self->curves->n; i++)
    series[i] = (NmdSeries){ .title = curve_name (self, i),
                             .y = self->curves->curves[i].loss,
                             .n = self->curves->curves[i].n_epochs,
                             .colour = (int)i };
  curves.title = _ ("Validation loss");
  curves.x_title = _ ("epoch");
  curves.series = series;
  curves.n_series = self->curves->n;
  curves.empty = _ ("No training has measures");
  nmd_plot_curves (cr, &curves, rect, style);
}

/* A matrix for each row, two in a line. */
static void
draw_confusion (cairo_t *cr,
                const NmdRect *rest,
                const NmdPlotStyle *style,
                const NmdExperimentFigure *self)
{
  const guint n = MIN (self->results->plan->rows->len, NMD_EXPERIMENT_MOST_ROWS);
  const guint columns = MIN (n, 2), lines = (n + columns - 1) / columns;

  for (guint i = 0; i < n; i++)
    {
      const NmdRowResult *row = &self->results->rows[i];
      const NmdMatrixPlot plot
          = { .title = _ (row->row->title),
              .tp = row->tp,
              .tn = row->tn,
              .fp = row->fp,
              .fn = row->fn,
              .classes = { self->curves->classes[0], self->curves->classes[1] },
              .empty = _ ("No training has measures") };
      const NmdRect place = { rest->x + rest->width / columns * (i % columns),
                              rest->y + rest->height / lines * (i / columns),
                              rest->width / columns - 8, rest->height / lines - 8 };

      nmd_plot_matrix (cr, &plot, &place, style);
    }
}

static gboolean
has_curves (const NmdExperimentFigure *self)
{
  return self->chart == NMD_EXPERIMENT_ROC || self->chart == NMD_EXPERIMENT_LOSS;
}

/* What stands under the charts. */
static char *
make_caption (const NmdExperimentFigure *self)
{
  const NmdExperimentResults *results = self->results;
  g_autofree char *heading = nmd_experiment_results_get_heading (results);
  GString *text = g_string_new (heading);

  if (has_curves (self) && !self->curves->are_trainings)
    g_string_append (text, self->curves->are_apart
                               ? "\nThe first training of each (seeds or folds differ)"
                               : "\nThe first training of each (the first seed and fold "
                                 "that all have)");
  else if (has_curves (self) && self->curves->n < self->results->n_done)
    g_string_append_printf (text, "\nThe first %u trainings", self->curves->n);
  else
    for (char **note = results->notes; *note != NULL; note++)
      if (!g_str_equal (*note, NMD_SYNTHETIC))
        g_string_append_printf (text, "\n%s", *note);
  return g_string_free (text, FALSE);
}

void
nmd_experiment_chart_draw (cairo_t *cr,
                           const NmdRect *rect,
                           const NmdPlotStyle *style,
                           gconstpointer data)
{
  static void (*const draws[NMD_N_EXPERIMENT_CHARTS]) (
      cairo_t *, const NmdRect *, const NmdPlotStyle *, const NmdExperimentFigure *)
      = { draw_auc, draw_roc, draw_loss, draw_confusion };
  const NmdExperimentFigure *self = data;
  NmdRect rest = *rect;

  g_return_if_fail ((guint)self->chart < NMD_N_EXPERIMENT_CHARTS);
  if (self->has_note)
    {
      g_autofree char *caption = make_caption (self);
      const NmdPlotNote note
          = { self->results->plan->synthetic ? NMD_SYNTHETIC : NULL, caption };

      nmd_plot_note (cr, &note, &rest, style);
    }
  draws[self->chart](cr, &rest, style, self);
}

/* A sentence for each curve. */
static void
tell_curves (const NmdExperimentFigure *self, GString *text)
{
  for (guint i = 0; i < self->curves->n; i++)
    {
      const NmdExperimentCurve *curve = &self->curves->curves[i];

      if (self->chart == NMD_EXPERIMENT_ROC)
        g_string_append_printf (text, ". %s", curve->title);
      else if (curve->n_epochs > 0)
        /* Translators: a row or a training of an experiment, its loss, epochs */
        g_string_append_printf (text,
                                ngettext (". %s: %.3f after %u epoch",
                                          ". %s: %.3f after %u epochs", curve->n_epochs),
                                curve_name (self, i), curve->loss[curve->n_epochs - 1],
                                curve->n_epochs);
    }
}

char *
nmd_experiment_chart_to_text (const NmdExperimentFigure *self)
{
  static const char *const titles[NMD_N_EXPERIMENT_CHARTS]
      = { N_ ("AUC of each training"), N_ ("ROC"), N_ ("Validation loss"),
          N_ ("Confusion matrices") };
  const NmdExperimentResults *results = self->results;
  const gboolean is_auc = self->chart == NMD_EXPERIMENT_AUC;
  guint n = results->plan->rows->len;
  GString *text = g_string_new (_ (titles[self->chart]));

  if (has_curves (self))
    {
      tell_curves (self, text);
      return g_string_free (text, FALSE);
    }
  if (!is_auc)
    n = MIN (n, NMD_EXPERIMENT_MOST_ROWS);
  for (guint i = 0; i < n; i++)
    {
      const NmdRowResult *row = &results->rows[i];
      g_autofree char *auc = nmd_spread_to_text (&row->measures[NMD_MEASURE_AUC], 3);

      if (is_auc)
        /* Translators: a row of an experiment and its AUC */
        g_string_append_printf (text, _ (". %s: AUC %s"), _ (row->row->title), auc);
      else
        g_string_append_printf (text, _ (". %s: TP %u, FN %u, FP %u, TN %u"),
                                _ (row->row->title), row->tp, row->fn, row->fp, row->tn);
    }
  return g_string_free (text, FALSE);
}
