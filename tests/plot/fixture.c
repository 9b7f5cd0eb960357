/* SPDX-License-Identifier: Apache-2.0
 *
 * Data for every chart, and looking at drawn pixels.
 */
#include "tests/plot/fixture.h"

#include "engine/core/nmd-random.h"

static void
fill_scores (Data *self)
{
  double score[120], rival[120];
  int label[120];
  NmdRandom stream;

  nmd_random_init_for (&stream, 1, "test", 0, "");
  self->scores = nmd_scores_new ();
  for (int i = 0; i < 120; i++)
    {
      g_autofree char *name = g_strdup_printf ("s%d", i / 3);
      NmdScore row = { .subject = name, .image = name, .label = i % 4 == 0 };

      row.score = score[i]
          = CLAMP (nmd_random_uniform (&stream) + 0.3 * row.label - 0.1, 0, 1);
      rival[i] = nmd_random_uniform (&stream);
      row.echo = i == 7 ? NAN : 50 + 60 * rival[i];
      label[i] = row.label;
      nmd_scores_add (self->scores, &row);
    }
  self->roc = nmd_roc_new_with_band (self->scores, 1);
  self->rival = nmd_roc_new (rival, label, 120);
}

static void
fill_pictures (Data *self)
{
  self->image = nmd_image_new (160, 120);
  self->mask = nmd_mask_new_box (160, 120, &(NmdBox){ 40, 30, 110, 80 });
  for (int i = 0; i < 160 * 120; i++)
    self->image->pixels[i] = (guint8)(40 + (i % 160) / 2 + (i / 160) / 2);
  for (int i = 0; i < 100 * 80; i++)
    self->values[i] = (float)((i % 100) / 99.0);
  self->map = (NmdMap){ .grid_width = 7,
                        .grid_height = 7,
                        .box = { 30, 20, 130, 100 },
                        .values = self->values,
                        .layer = (char *)"expand_pw",
                        .target = 1,
                        .score = 0.9,
                        .inside = 0.7,
                        .edge = 0.2,
                        .outside = 0.1 };
  self->overlay = (NmdOverlay)NMD_OVERLAY_INIT;
  self->overlay.image = self->image;
  self->overlay.mask = self->mask;
  self->overlay.map = &self->map;
  self->overlay.synthetic = TRUE;
  self->explain = (NmdExplainFigure){ .overlay = self->overlay,
                                      .image_name = "SYN_1.png",
                                      .part = "held out",
                                      .classes = { "healthy", "pathological" },
                                      .show_score = TRUE,
                                      .echo_mean = 80,
                                      .echo_sd = 20 };
}

Data *
data_new (void)
{
  Data *self = g_new0 (Data, 1);

  for (int i = 0; i < 40; i++)
    {
      self->train[i] = 0.3 + 0.4 * exp (-i / 10.0);
      self->validation[i] = i == 5 ? NAN : 0.35 + 0.4 * exp (-i / 8.0) + (i == 9 ? 2 : 0);
      self->lr[i] = i < 30 ? 1e-3 : 5e-4;
    }
  self->series[0] = (NmdSeries){ .title = "training", .y = self->train, .n = 40 };
  self->series[1]
      = (NmdSeries){ .title = "validation", .y = self->validation, .n = 40, .colour = 1 };
  self->curves = (NmdCurves)NMD_CURVES_INIT;
  self->curves.title = "Loss";
  self->curves.x_title = "epoch";
  self->curves.series = self->series;
  self->curves.n_series = 2;
  self->curves.shade_from = 30;
  self->curves.shade_title = "averaging";
  fill_scores (self);
  self->roc_plot = (NmdRocPlot)NMD_ROC_PLOT_INIT;
  self->roc_plot.roc = self->roc;
  self->roc_plot.rival = self->rival;
  self->roc_plot.auc = 0.7;
  self->roc_plot.threshold = 0.5;
  self->matrix
      = (NmdMatrixPlot){ .title = "Confusion", .tp = 20, .fn = 10, .fp = 15, .tn = 75 };
  for (int i = 0; i < 256; i++)
    self->counts[i] = (guint)(1000 * exp (-(i - 80) * (i - 80) / 800.0));
  self->histogram = (NmdHistogramPlot)NMD_HISTOGRAM_PLOT_INIT;
  self->histogram.counts = self->counts;
  self->histogram.n = 256;
  self->histogram.mean = 80;
  self->scatter
      = (NmdScatterPlot){ .scores = self->scores, .threshold = 0.5, .selected = 3 };
  for (int i = 0; i < 30; i++)
    {
      self->means[i] = 40 + 3 * i;
      self->differences[i] = i == 7 ? NAN : 4 * sin (3 * i) - 1;
    }
  self->agreement = (NmdAgreementPlot){ .title = "Agreement",
                                        .means = self->means,
                                        .differences = self->differences,
                                        .n = 30,
                                        .decimals = 2,
                                        .selected = -1 };
  nmd_agreement_compute (&self->agreement.agreement, self->differences, 30, NULL, 0, 1);
  fill_pictures (self);
  return self;
}

void
data_free (Data *self)
{
  nmd_scores_unref (self->scores);
  nmd_roc_free (self->roc);
  nmd_roc_free (self->rival);
  nmd_image_unref (self->image);
  nmd_image_unref (self->mask);
  g_free (self);
}

void
draw_chart (int chart,
            cairo_t *cr,
            const Data *data,
            const NmdRect *rect,
            const NmdPlotStyle *style)
{
  switch (chart)
    {
    case CURVES:
      nmd_plot_curves (cr, &data->curves, rect, style);
      break;
    case LEARNING_RATE:
      nmd_plot_learning_rate (cr, data->lr, 40, 50, 30, rect, style);
      break;
    case ROC:
      nmd_plot_roc (cr, &data->roc_plot, rect, style);
      break;
    case MATRIX:
      nmd_plot_matrix (cr, &data->matrix, rect, style);
      break;
    case HISTOGRAM:
      nmd_plot_histogram (cr, &data->histogram, rect, style);
      break;
    case RELIABILITY:
      nmd_plot_reliability (cr, "Reliability", "score", data->scores, rect, style);
      break;
    case AGREEMENT:
      nmd_plot_agreement (cr, &data->agreement, rect, style);
      break;
    case SCATTER:
      nmd_plot_scatter (cr, &data->scatter, rect, style);
      break;
    case OVERLAY:
      nmd_overlay_draw (cr, &data->overlay, rect, style);
      break;
    case BAR:
      nmd_overlay_draw_bar (cr, NMD_COLOURS_JET, rect, style);
      break;
    case THUMBNAIL:
      nmd_overlay_draw_thumbnail (cr, data->image, 1, TRUE, rect, style);
      break;
    case EXPLAIN:
      nmd_figure_draw_explain (cr, rect, style, &data->explain);
      break;
    default:
      g_assert_not_reached ();
    }
}

cairo_surface_t *
surface_new (guint32 colour)
{
  cairo_surface_t *surface
      = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);

  cairo_set_source_rgb (cr, ((colour >> 16) & 255) / 255.0, ((colour >> 8) & 255) / 255.0,
                        (colour & 255) / 255.0);
  cairo_paint (cr);
  cairo_destroy (cr);
  return surface;
}

guint32
get_pixel (cairo_surface_t *surface, int x, int y)
{
  return *(guint32 *)(void *)(cairo_image_surface_get_data (surface)
                              + y * cairo_image_surface_get_stride (surface) + 4 * x)
         & 0xffffff;
}

gboolean
is_near (guint32 pixel, const NmdRgba *colour, int tolerance)
{
  return ABS ((int)((pixel >> 16) & 255) - (int)(colour->red * 255)) <= tolerance
         && ABS ((int)((pixel >> 8) & 255) - (int)(colour->green * 255)) <= tolerance
         && ABS ((int)(pixel & 255) - (int)(colour->blue * 255)) <= tolerance;
}

void
draw_curves (cairo_t *cr,
             const NmdRect *rect,
             const NmdPlotStyle *style,
             gconstpointer data)
{
  nmd_plot_curves (cr, &((const Data *)data)->curves, rect, style);
}

int
count_near (cairo_surface_t *surface, const NmdRgba *colour)
{
  int n = 0;

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      n += is_near (get_pixel (surface, x, y), colour, 8);
  return n;
}
