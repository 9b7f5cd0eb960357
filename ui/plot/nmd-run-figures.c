/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts a run's tables into the charts. Drawing is done by the chart functions, counting is engine/eval's.
 */
#include "ui/plot/nmd-run-figures.h"

#include "engine/train/nmd-evaluate.h"

#include <math.h>

/* What the charts show. */
struct _NmdRunFigures
{
  const NmdRun *run;
  NmdEvalResults *results;
  NmdScores *probabilities; /* (nullable): calibrated */
  const char *sign;         /* (nullable): simulated images */
  char *caption;            /* part, images, subjects, unit of the intervals, threshold */
  char *decision;           /* likewise, with what the decision curve says */
  char *reliability;        /* likewise, with the numbers of the reliability */
};

void
nmd_run_figures_free (NmdRunFigures *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->results, nmd_eval_results_free);
  g_clear_pointer (&self->probabilities, nmd_scores_unref);
  g_free (self->caption);
  g_free (self->decision);
  g_free (self->reliability);
  g_free (self);
}

static NmdRect
note (cairo_t *cr,
      const char *sign,
      const char *caption,
      const NmdRect *rect,
      const NmdPlotStyle *style)
{
  const NmdPlotNote texts = { sign, caption };
  NmdRect rest = *rect;

  nmd_plot_note (cr, &texts, &rest, style);
  return rest;
}

static void
draw_loss (cairo_t *cr,
           const NmdRect *rect,
           const NmdPlotStyle *style,
           gconstpointer data)
{
  const NmdRunFigures *self = data;
  guint n = 0;
  const NmdEpoch *history = nmd_run_get_history (self->run, &n);
  g_autofree double *train = g_new (double, n + 1), *validation = g_new (double, n + 1);
  const NmdSeries series[] = {
    { .title = "training loss", .y = train, .n = n, .colour = 0 },
    { .title = "validation loss", .y = validation, .n = n, .colour = 1 },
  };
  NmdCurves curves = NMD_CURVES_INIT;
  NmdRect rest = note (cr, self->sign, NULL, rect, style);

  curves.title = "Loss";
  curves.x_title = "epoch";
  curves.series = series;
  curves.n_series = G_N_ELEMENTS (series);
  curves.empty = "No epoch was finished";
  for (guint i = n; i-- > 0;)
    {
      train[i] = history[i].train_loss;
      validation[i] = history[i].val_loss;
      if (history[i].averaging)
        curves.shade_from = history[i].epoch;
      if (history[i].best && isnan (curves.marker_x))
        {
          curves.marker_x = history[i].epoch;
          curves.marker_y = history[i].val_loss;
        }
    }
  curves.shade_title = "averaging";
  curves.marker_title = "best";
  nmd_plot_curves (cr, &curves, &rest, style);
}

static void
draw_roc (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gconstpointer data)
{
  const NmdRunFigures *self = data;
  const NmdEvalResults *results = self->results;
  g_autofree char *missing = isnan (results->by_image.auc.ci_subject.low)
                                 ? nmd_measure_interval_to_text (&results->by_image.auc)
                                 : NULL;
  NmdRect rest = note (cr, self->sign, self->caption, rect, style);
  NmdRocPlot plot = NMD_ROC_PLOT_INIT;

  plot.title = "ROC";
  plot.roc = results->roc;
  plot.auc = results->by_image.auc.value;
  plot.auc_ci = results->by_image.auc.ci_subject;
  plot.rival = results->rival_roc;
  plot.rival_auc = results->has_rival ? results->comparison.auc.value : NAN;
  plot.threshold = results->threshold.value;
  if (results->has_rival)
    plot.rival_ci = results->comparison.auc.ci_subject;
  plot.band_title = results->by_image.has_subjects ? "95 % band by subject (bootstrap)"
                                                   : "95 % band by image (bootstrap)";
  plot.auc_note = missing;
  nmd_plot_roc (cr, &plot, &rest, style);
}

static void
draw_matrix (cairo_t *cr,
             const NmdRect *rect,
             const NmdPlotStyle *style,
             gconstpointer data)
{
  const NmdRunFigures *self = data;
  const NmdPassport *passport = nmd_run_get_passport (self->run);
  const NmdMatrixPlot plot = {
    .title = "Images",
    .tp = self->results->by_image.tp,
    .tn = self->results->by_image.tn,
    .fp = self->results->by_image.fp,
    .fn = self->results->by_image.fn,
    .classes = { passport->classes[0], passport->classes[1] },
  };

  NmdRect rest = note (cr, self->sign, self->caption, rect, style);

  nmd_plot_matrix (cr, &plot, &rest, style);
}

static void
draw_scores (cairo_t *cr,
             const NmdRect *rect,
             const NmdPlotStyle *style,
             gconstpointer data)
{
  const NmdRunFigures *self = data;
  const NmdPassport *passport = nmd_run_get_passport (self->run);
  const NmdScatterPlot plot = {
    .title = "Score and echo intensity",
    .scores = self->results->scores,
    .classes = { passport->classes[0], passport->classes[1] },
    .threshold = self->results->threshold.value,
    .selected = -1,
    .empty = "No outline, so no echo intensity",
  };

  NmdRect rest = note (cr, self->sign, self->caption, rect, style);

  nmd_plot_scatter (cr, &plot, &rest, style);
}

static void
draw_reliability (cairo_t *cr,
                  const NmdRect *rect,
                  const NmdPlotStyle *style,
                  gconstpointer data)
{
  const NmdRunFigures *self = data;

  gboolean calibrated = self->probabilities != NULL;
  NmdRect rest = note (cr, self->sign, self->reliability, rect, style);

  nmd_plot_reliability (cr,
                        calibrated ? "Reliability of the calibrated probability"
                                   : "Reliability of the score (not calibrated)",
                        calibrated ? "probability" : "score",
                        calibrated ? self->probabilities : self->results->scores, &rest,
                        style);
}

static void
draw_decision (cairo_t *cr,
               const NmdRect *rect,
               const NmdPlotStyle *style,
               gconstpointer data)
{
  const NmdRunFigures *self = data;
  NmdDecisionPlot plot = NMD_DECISION_PLOT_INIT;
  NmdRect rest = note (cr, self->sign, self->decision, rect, style);

  plot.curve = self->results->has_decision ? &self->results->decision : NULL;
  plot.empty = "No calibration, so no probability and no decision curve";
  nmd_plot_decision (cr, &plot, &rest, style);
}

/* "slope 0.93, intercept 0.04, ECE 0.051 (10 bins), Brier score 0.12; …" */
static char *
describe_reliability (const NmdEvalResults *results)
{
  const NmdReliability *r = results->is_calibrated ? &results->calibrated : &results->raw;
  const double values[] = { r->slope, r->intercept, r->ece, r->brier };
  char texts[4][32];

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    if (isfinite (values[i]))
      g_ascii_formatd (texts[i], sizeof texts[i], i < 2 ? "%.2f" : "%.3f", values[i]);
    else
      g_strlcpy (texts[i], "–", sizeof texts[i]);
  return g_strdup_printf ("slope %s, intercept %s, ECE %s (%d bins), Brier score %s; %s",
                          texts[0], texts[1], texts[2], NMD_RELIABILITY_BINS, texts[3],
                          results->is_calibrated
                              ? "temperature and intercept from the validation part"
                              : "the score is no probability");
}

static void
describe (NmdRunFigures *self)
{
  g_autofree char *heading = nmd_eval_results_get_heading (self->results);
  g_autofree char *threshold = nmd_threshold_to_text (&self->results->threshold);
  g_autofree char *reliability = describe_reliability (self->results);

  self->sign = self->results->synthetic ? NMD_SYNTHETIC : NULL;
  self->caption = g_strdup_printf ("%s\n%s", heading, threshold);
  self->reliability = g_strdup_printf ("%s\n%s", heading, reliability);
  self->decision = self->results->decision_text != NULL
                       ? g_strdup_printf ("%s\n%s", heading, self->results->decision_text)
                       : g_strdup (heading);
}

/* What is drawn, and in which size. */
static const NmdFigureFile files[] = {
  { "loss", draw_loss, 640, 400 },
  { "roc", draw_roc, 560, 620 },
  { "confusion", draw_matrix, 560, 400 },
  { "scores", draw_scores, 640, 480 },
  { "reliability", draw_reliability, 560, 620 },
  { "decision", draw_decision, 640, 480 },
};

const NmdFigureFile *
nmd_run_figures_list (guint *n)
{
  *n = G_N_ELEMENTS (files);
  return files;
}

NmdRunFigures *
nmd_run_figures_new (const NmdRun *run,
                     NmdPart part,
                     const NmdThresholdRule *rule,
                     GError **error)
{
  g_autoptr (NmdRunFigures) self = g_new0 (NmdRunFigures, 1);

  self->run = run;
  self->results = nmd_run_measure (run, part, rule, error);
  if (self->results == NULL)
    return NULL;
  if (self->results->is_calibrated)
    self->probabilities
        = nmd_calibration_apply_all (&self->results->calibration, self->results->scores);
  describe (self);
  return g_steal_pointer (&self);
}
