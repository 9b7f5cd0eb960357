/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts a run's tables into the plot library's charts and stores them. Drawing is
 * ui/plot's, counting is engine/eval's.
 */
#include "app/nmd-figures.h"

#include "engine/core/nmd-file.h"
#include "ui/plot/nmd-figure.h"

#include <math.h>

/* Everything that the four charts show. */
typedef struct
{
  const NmdRun *run;
  NmdScores *scores;
  NmdMetrics metrics;
  double threshold;
  NmdRoc *roc, *rival_roc;
  double rival_auc;
} Figures;

static void
figures_clear (Figures *self)
{
  g_clear_pointer (&self->scores, nmd_scores_unref);
  g_clear_pointer (&self->roc, nmd_roc_free);
  g_clear_pointer (&self->rival_roc, nmd_roc_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Figures, figures_clear)

static void
draw_loss (cairo_t *cr,
           const NmdRect *rect,
           const NmdPlotStyle *style,
           gconstpointer data)
{
  const Figures *self = data;
  guint n = 0;
  const NmdEpoch *history = nmd_run_get_history (self->run, &n);
  g_autofree double *train = g_new (double, n + 1), *validation = g_new (double, n + 1);
  const NmdSeries series[] = {
    { .title = "training loss", .y = train, .n = n, .colour = 0 },
    { .title = "validation loss", .y = validation, .n = n, .colour = 1 },
  };
  NmdCurves curves = NMD_CURVES_INIT;

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
  nmd_plot_curves (cr, &curves, rect, style);
}

static void
draw_roc (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gconstpointer data)
{
  const Figures *self = data;
  NmdRocPlot plot = NMD_ROC_PLOT_INIT;

  plot.title = "ROC";
  plot.roc = self->roc;
  plot.auc = self->metrics.auc.value;
  plot.auc_ci = *nmd_measure_get_interval (&self->metrics.auc);
  plot.rival = self->rival_roc;
  plot.rival_auc = self->rival_auc;
  plot.threshold = self->threshold;
  nmd_plot_roc (cr, &plot, rect, style);
}

static void
draw_matrix (cairo_t *cr,
             const NmdRect *rect,
             const NmdPlotStyle *style,
             gconstpointer data)
{
  const Figures *self = data;
  const NmdPassport *passport = nmd_run_get_passport (self->run);
  const NmdMatrixPlot plot = {
    .title = "Images",
    .tp = self->metrics.tp,
    .tn = self->metrics.tn,
    .fp = self->metrics.fp,
    .fn = self->metrics.fn,
    .classes = { passport->classes[0], passport->classes[1] },
  };

  nmd_plot_matrix (cr, &plot, rect, style);
}

static void
draw_scores (cairo_t *cr,
             const NmdRect *rect,
             const NmdPlotStyle *style,
             gconstpointer data)
{
  const Figures *self = data;
  const NmdPassport *passport = nmd_run_get_passport (self->run);
  const NmdScatterPlot plot = {
    .title = "Score and echo intensity",
    .scores = self->scores,
    .classes = { passport->classes[0], passport->classes[1] },
    .threshold = self->threshold,
    .selected = -1,
    .empty = "No outline, so no echo intensity",
  };

  nmd_plot_scatter (cr, &plot, rect, style);
}

static NmdRoc *
roc_of (NmdScores *scores)
{
  guint n = nmd_scores_get_n (scores);
  g_autofree double *score = g_new (double, n);
  g_autofree int *label = g_new (int, n);

  for (guint i = 0; i < n; i++)
    {
      score[i] = nmd_scores_get (scores, i)->score;
      label[i] = nmd_scores_get (scores, i)->label;
    }
  return nmd_roc_new (score, label, n);
}

/* Without outlines there is no rival; the other curve is drawn all the same. */
static void
add_rival (Figures *self, guint64 seed)
{
  g_autoptr (NmdScores) train = nmd_run_load_scores (self->run, NMD_PART_TRAIN, NULL);
  g_autoptr (NmdRival) rival = train != NULL ? nmd_rival_fit (train, NULL) : NULL;
  g_autoptr (NmdScores) scored = NULL;
  NmdComparison comparison = { 0 };

  self->rival_auc = NAN;
  if (rival == NULL
      || !nmd_rival_compare (rival, self->scores, seed, &comparison, &scored, NULL))
    return;
  self->rival_auc = comparison.auc.value;
  self->rival_roc = roc_of (scored);
  nmd_comparison_clear (&comparison);
}

gboolean
nmd_figures_write (
    const NmdRun *run, NmdPart part, double threshold, const char *folder, GError **error)
{
  const struct
  {
    const char *name;
    NmdFigureFunc draw;
    double width, height;
  } files[] = {
    { "loss.png", draw_loss, 640, 400 },
    { "roc.png", draw_roc, 520, 520 },
    { "confusion.png", draw_matrix, 520, 320 },
    { "scores.png", draw_scores, 640, 400 },
  };
  guint64 seed = (guint64)nmd_parameters_get (nmd_run_get_parameters (run), "seed");
  g_auto (Figures) self = { .run = run, .threshold = threshold };
  NmdPlotStyle style;

  self.scores = nmd_run_load_scores (run, part, error);
  if (self.scores == NULL
      || !nmd_metrics_compute (self.scores, threshold, seed, nmd_run_get_folder (run),
                               &self.metrics, error)
      || !nmd_file_make_folder (folder, error))
    return FALSE;
  self.roc = nmd_roc_new_with_band (self.scores, seed);
  add_rival (&self, seed);
  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, files[i].name, NULL);
      g_autoptr (GBytes) bytes
          = nmd_figure_render (NMD_FIGURE_PNG, files[i].width, files[i].height, 2,
                               files[i].draw, &self, &style, NULL, error);

      if (bytes == NULL
          || !nmd_file_write (path, g_bytes_get_data (bytes, NULL),
                              g_bytes_get_size (bytes), error))
        return FALSE;
    }
  return TRUE;
}
