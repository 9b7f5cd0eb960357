/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts a segmentation run's tables into the plot library's charts and stores them. Drawing is
 * ui/plot's, counting is engine/eval's.
 */
#include "app/nmd-outline-figures.h"

#include "app/nmd-figure-files.h"
#include "engine/image/nmd-mask-distance.h"
#include "engine/model/nmd-segmenter.h"
#include "ui/plot/nmd-overlay.h"

#include <math.h>

#define N_BINS 20
#define N_WORST 6
#define N_COLUMNS 3

/* An outline that agrees little with the expert's. */
typedef struct
{
  NmdImage *image, *reference;
  NmdProposal proposal;
  char *name;
} Worst;

/* What the charts show. */
typedef struct
{
  const NmdRun *run;
  NmdOutlineTable *table;
  NmdOutlineResults results;
  const char *sign; /* (nullable): simulated images */
  char *caption;
  Worst worst[N_WORST];
  guint n_worst;
} Figures;

static void
figures_clear (Figures *self)
{
  g_clear_pointer (&self->table, nmd_outline_table_unref);
  g_free (self->caption);
  for (guint i = 0; i < self->n_worst; i++)
    {
      g_clear_pointer (&self->worst[i].image, nmd_image_unref);
      g_clear_pointer (&self->worst[i].reference, nmd_image_unref);
      nmd_proposal_clear (&self->worst[i].proposal);
      g_free (self->worst[i].name);
    }
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
  g_autofree double *train = g_new (double, n + 1), *validation = g_new (double, n + 1),
                    *dice = g_new (double, n + 1);
  const NmdSeries series[] = {
    { .title = "training loss", .y = train, .n = n, .colour = 0 },
    { .title = "validation loss", .y = validation, .n = n, .colour = 1 },
    { .title = "validation Dice", .y = dice, .n = n, .colour = 2 },
  };
  NmdCurves curves = NMD_CURVES_INIT;
  NmdRect rest = nmd_figure_files_note (cr, self->sign, NULL, rect, style);

  curves.title = "Loss and Dice";
  curves.x_title = "epoch";
  curves.series = series;
  curves.n_series = G_N_ELEMENTS (series);
  curves.empty = "No epoch was finished";
  for (guint i = 0; i < n; i++)
    {
      train[i] = history[i].train_loss;
      validation[i] = history[i].val_loss;
      dice[i] = history[i].val_dice;
    }
  nmd_plot_curves (cr, &curves, &rest, style);
}

static void
draw_dice (cairo_t *cr,
           const NmdRect *rect,
           const NmdPlotStyle *style,
           gconstpointer data)
{
  const Figures *self = data;
  NmdHistogramPlot plot = NMD_HISTOGRAM_PLOT_INIT;
  NmdRect rest = nmd_figure_files_note (cr, self->sign, self->caption, rect, style);
  guint counts[N_BINS] = { 0 };

  for (guint i = 0; i < nmd_outline_table_get_n (self->table); i++)
    {
      const double dice = nmd_outline_table_get (self->table, i)->measures.dice;

      counts[CLAMP ((int)(dice * N_BINS), 0, N_BINS - 1)]++;
    }
  plot.title = "Images by Dice coefficient";
  plot.x_title = "Dice";
  plot.counts = counts;
  plot.n = N_BINS;
  plot.low = 0;
  plot.high = 1;
  plot.mean = self->results.measures[NMD_OUTLINE_DICE].mean;
  nmd_plot_histogram (cr, &plot, &rest, style);
}

/* The plot of Bland and Altman for echo intensity or (@area) area. */
static void
draw_agreement (cairo_t *cr,
                const NmdRect *rect,
                const NmdPlotStyle *style,
                const Figures *self,
                gboolean area)
{
  const guint n = nmd_outline_table_get_n (self->table);
  g_autofree double *means = g_new (double, n + 1), *differences = g_new (double, n + 1);
  NmdAgreementPlot plot = { .means = means,
                            .differences = differences,
                            .n = n,
                            .selected = -1,
                            .empty = "No image has two outlines" };
  NmdRect rest = nmd_figure_files_note (cr, self->sign, self->caption, rect, style);

  for (guint i = 0; i < n; i++)
    {
      const NmdOutlineMeasures *m = &nmd_outline_table_get (self->table, i)->measures;
      const double proposed = area ? (double)m->area : m->echo,
                   expert = area ? (double)m->area_reference : m->echo_reference;

      means[i] = (proposed + expert) / 2;
      differences[i] = proposed - expert;
    }
  plot.title = area ? "Area: network − expert" : "Echo intensity: network − expert";
  plot.x_title = area ? "mean of both (pixels)" : "mean of both (grey levels)";
  plot.y_title = area ? "difference (pixels)" : "difference (grey levels)";
  plot.agreement = area ? self->results.area_by_image : self->results.echo_by_image;
  plot.decimals = area ? 0 : 2;
  nmd_plot_agreement (cr, &plot, &rest, style);
}

static void
draw_echo (cairo_t *cr,
           const NmdRect *rect,
           const NmdPlotStyle *style,
           gconstpointer data)
{
  draw_agreement (cr, rect, style, data, FALSE);
}

static void
draw_area (cairo_t *cr,
           const NmdRect *rect,
           const NmdPlotStyle *style,
           gconstpointer data)
{
  draw_agreement (cr, rect, style, data, TRUE);
}

/* The network's contour over what was drawn of @overlay. */
static void
draw_contour (cairo_t *cr,
              const NmdImage *mask,
              const NmdOverlay *overlay,
              const NmdRect *rect)
{
  const NmdRect frame = nmd_overlay_get_frame (overlay, rect);
  const double side = frame.width / mask->width;
  g_autoptr (NmdImage) surface = nmd_mask_surface (mask);

  cairo_save (cr);
  cairo_set_source_rgb (cr, NMD_OVERLAY_PROPOSAL);
  for (int y = 0; y < mask->height; y++)
    for (int x = 0; x < mask->width; x++)
      if (surface->pixels[(gsize)y * (gsize)mask->width + (gsize)x] != 0)
        cairo_rectangle (cr, frame.x + side * (x + 0.5) - 0.7,
                         frame.y + side * (y + 0.5) - 0.7, 1.4, 1.4);
  cairo_fill (cr);
  cairo_restore (cr);
}

static void
draw_worst (cairo_t *cr,
            const NmdRect *rect,
            const NmdPlotStyle *style,
            gconstpointer data)
{
  const Figures *self = data;
  g_autofree char *caption = g_strdup_printf (
      "Lowest Dice first; the expert's outline yellow, the network's magenta\n%s",
      self->caption);
  const NmdRect rest = nmd_figure_files_note (cr, self->sign, caption, rect, style);
  const double width = rest.width / N_COLUMNS,
               height = rest.height / (N_WORST / N_COLUMNS);

  for (guint i = 0; i < self->n_worst; i++)
    {
      const Worst *worst = &self->worst[i];
      const NmdRect cell
          = { rest.x + width * (i % N_COLUMNS) + 2,
              rest.y + height * (double)(i / N_COLUMNS) + 2, width - 4, height - 4 };
      const NmdPlotNote note = { NULL, worst->name };
      NmdOverlay overlay = NMD_OVERLAY_INIT;
      NmdRect inner = cell;

      nmd_plot_note (cr, &note, &inner, style);
      overlay.image = worst->image;
      overlay.mask = worst->reference;
      overlay.show_box = FALSE;
      nmd_overlay_draw (cr, &overlay, &inner, style);
      if (worst->proposal.mask != NULL)
        draw_contour (cr, worst->proposal.mask, &overlay, &inner);
    }
}

/* What is drawn, and in which size. */
static const NmdFigureFile files[] = {
  { "loss", draw_loss, 640, 400 },           { "dice", draw_dice, 640, 420 },
  { "echo-agreement", draw_echo, 640, 480 }, { "area-agreement", draw_area, 640, 480 },
  { "worst", draw_worst, 900, 640 },
};

gboolean
nmd_outline_figures_check (NmdOutputGuard *guard,
                           guint formats,
                           const char *folder,
                           GError **error)
{
  return nmd_figure_files_check (files, G_N_ELEMENTS (files), guard, formats, folder,
                                 error);
}

static int
compare_dice (gconstpointer a, gconstpointer b, gpointer table)
{
  const NmdOutlineRow *x = nmd_outline_table_get (table, *(const guint *)a),
                      *y = nmd_outline_table_get (table, *(const guint *)b);

  return x->measures.dice < y->measures.dice   ? -1
         : x->measures.dice > y->measures.dice ? 1
                                               : 0;
}

/* Proposes the outlines of the lowest Dice once more. */
static gboolean
find_worst (Figures *self,
            const char *path,
            const NmdComputeOptions *compute,
            GError **error)
{
  g_autoptr (NmdDataset) dataset
      = nmd_run_open_dataset (self->run, path, NULL, NULL, NULL, error);
  g_autoptr (NmdModel) model
      = dataset != NULL ? nmd_run_load_model (self->run, compute->weights, error) : NULL;
  g_autoptr (NmdSession) session
      = model != NULL ? nmd_session_open (compute->device, compute->threads, error)
                      : NULL;
  g_autoptr (NmdSegmenter) segmenter
      = session != NULL ? nmd_segmenter_new (session, model, error) : NULL;
  const guint n = nmd_outline_table_get_n (self->table);
  g_autofree guint *order = g_new (guint, n + 1);

  if (segmenter == NULL)
    return FALSE;
  for (guint i = 0; i < n; i++)
    order[i] = i;
  g_qsort_with_data (order, (int)n, sizeof *order, compare_dice, self->table);
  for (guint i = 0; i < MIN (n, N_WORST); i++)
    {
      const NmdOutlineRow *row = nmd_outline_table_get (self->table, order[i]);
      NmdSample *sample = nmd_dataset_find (dataset, row->image);
      Worst *worst = &self->worst[self->n_worst];
      char dice[16];

      if (sample == NULL)
        continue;
      self->n_worst++;
      if (!nmd_sample_load (sample, &worst->image, &worst->reference, error)
          || !nmd_segmenter_propose (segmenter, worst->image, NULL, &worst->proposal,
                                     error))
        return FALSE;
      g_ascii_formatd (dice, sizeof dice, "%.3f", row->measures.dice);
      worst->name = g_strdup_printf ("%s: Dice %s%s", row->image, dice,
                                     worst->proposal.mask == NULL ? ", none found" : "");
    }
  return TRUE;
}

static void
describe (Figures *self, NmdPart part)
{
  g_autofree char *threshold = nmd_run_get_threshold_text (self->run);
  const NmdOutlineResults *results = &self->results;

  self->sign = nmd_run_get_passport (self->run)->synthetic ? NMD_SYNTHETIC : NULL;
  self->caption = g_strdup_printf (
      "Part %s: %u images of %u subjects, %u failed (Dice under 0.5), all are in; 95 %% "
      "intervals by %s\n%s",
      nmd_part_get_name (part), results->n_images, results->n_subjects,
      results->n_failures, results->has_subjects ? "subject" : "image", threshold);
}

gboolean
nmd_outline_figures_write (const NmdRun *run,
                           NmdPart part,
                           const char *dataset,
                           const NmdComputeOptions *compute,
                           guint formats,
                           const char *folder,
                           GError **error)
{
  g_auto (Figures) self = { .run = run };
  const guint64 seed = (guint64)nmd_parameters_get (nmd_run_get_parameters (run), "seed");

  self.table = nmd_run_load_outlines (run, part, error);
  if (self.table == NULL
      || !nmd_outline_results_compute (self.table, seed, nmd_run_get_folder (run),
                                       &self.results, error)
      || !find_worst (&self, dataset, compute, error))
    return FALSE;
  describe (&self, part);
  return nmd_figure_files_write (files, G_N_ELEMENTS (files), &self, formats, folder,
                                 error);
}
