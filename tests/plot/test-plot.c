/* SPDX-License-Identifier: Apache-2.0
 *
 * The plot library without stored pictures: what is drawn where is asked of the library
 * itself and then looked for in the pixels; two routes must give the same picture.
 */
#include "engine/core/nmd-random.h"
#include "engine/image/nmd-reader.h"
#include "ui/plot/nmd-figure.h"

#include <string.h>

#define WIDTH 420
#define HEIGHT 300

typedef struct
{
  double train[40], validation[40], lr[40];
  NmdSeries series[2];
  NmdCurves curves;
  NmdScores *scores;
  NmdRoc *roc, *rival;
  NmdRocPlot roc_plot;
  NmdMatrixPlot matrix;
  guint counts[256];
  NmdHistogramPlot histogram;
  NmdScatterPlot scatter;
  NmdImage *image, *mask;
  float values[100 * 80];
  NmdMap map;
  NmdOverlay overlay;
  NmdExplainFigure explain;
} Data;

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

static Data *
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
  fill_pictures (self);
  return self;
}

static void
data_free (Data *self)
{
  nmd_scores_unref (self->scores);
  nmd_roc_free (self->roc);
  nmd_roc_free (self->rival);
  nmd_image_unref (self->image);
  nmd_image_unref (self->mask);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Data, data_free)

enum
{
  CURVES,
  LEARNING_RATE,
  ROC,
  MATRIX,
  HISTOGRAM,
  RELIABILITY,
  SCATTER,
  OVERLAY,
  BAR,
  THUMBNAIL,
  EXPLAIN,
  N_CHARTS,
};

static void
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

static cairo_surface_t *
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

static guint32
get_pixel (cairo_surface_t *surface, int x, int y)
{
  return *(guint32 *)(void *)(cairo_image_surface_get_data (surface)
                              + y * cairo_image_surface_get_stride (surface) + 4 * x)
         & 0xffffff;
}

static gboolean
is_near (guint32 pixel, const NmdRgba *colour, int tolerance)
{
  return ABS ((int)((pixel >> 16) & 255) - (int)(colour->red * 255)) <= tolerance
         && ABS ((int)((pixel >> 8) & 255) - (int)(colour->green * 255)) <= tolerance
         && ABS ((int)(pixel & 255) - (int)(colour->blue * 255)) <= tolerance;
}

/* Nothing outside the rectangle, and the context is left as it was found. */
static void
test_inside (void)
{
  g_autoptr (Data) data = data_new ();
  NmdRect rect = { 60, 40, 300, 200 };

  for (int theme = 0; theme < 4; theme++)
    for (int chart = 0; chart < N_CHARTS; chart++)
      {
        cairo_surface_t *surface = surface_new (0xff00ff);
        cairo_t *cr = cairo_create (surface);
        double x0, y0, x1, y1;
        guint changed = 0;
        NmdPlotStyle style;

        nmd_plot_style_init (&style, (NmdTheme)theme, 1 + 0.3 * theme);
        draw_chart (chart, cr, data, &rect, &style);
        cairo_clip_extents (cr, &x0, &y0, &x1, &y1);
        g_assert_cmpfloat (x1 - x0, ==, WIDTH);
        g_assert_false (cairo_has_current_point (cr));
        for (int y = 0; y < HEIGHT; y++)
          for (int x = 0; x < WIDTH; x++)
            {
              gboolean in = x >= 60 && x < 360 && y >= 40 && y < 240;

              if (!in && get_pixel (surface, x, y) != 0xff00ff)
                g_error ("chart %d, theme %d draws at %d, %d", chart, theme, x, y);
              changed += in && get_pixel (surface, x, y) != 0xff00ff;
            }
        g_assert_cmpuint (changed, >, chart == BAR ? 50 : 300 * 200 / 2);
        cairo_destroy (cr);
        cairo_surface_destroy (surface);
      }
}

/* A rectangle at (60, 40) and a translation by (60, 40) are the same picture; so are a
 * window's surface and a file. */
static void
test_two_routes (void)
{
  g_autoptr (Data) data = data_new ();
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  for (int chart = 0; chart < N_CHARTS; chart++)
    {
      cairo_surface_t *a = surface_new (0xffffff), *b = surface_new (0xffffff);
      cairo_t *first = cairo_create (a), *second = cairo_create (b);
      guint different = 0;

      draw_chart (chart, first, data, &(NmdRect){ 60, 40, 300, 200 }, &style);
      cairo_translate (second, 60, 40);
      draw_chart (chart, second, data, &(NmdRect){ 0, 0, 300, 200 }, &style);
      for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
          different += get_pixel (a, x, y) != get_pixel (b, x, y);
      if (different > 0)
        g_error ("chart %d: %u pixels differ", chart, different);
      cairo_destroy (first);
      cairo_destroy (second);
      cairo_surface_destroy (a);
      cairo_surface_destroy (b);
    }
}

static void
draw_curves (cairo_t *cr,
             const NmdRect *rect,
             const NmdPlotStyle *style,
             gconstpointer data)
{
  nmd_plot_curves (cr, &((const Data *)data)->curves, rect, style);
}

typedef struct
{
  const guint8 *data;
  gsize left;
} Reader;

static cairo_status_t
read_bytes (void *closure, unsigned char *out, unsigned int length)
{
  Reader *reader = closure;

  if (reader->left < length)
    return CAIRO_STATUS_READ_ERROR;
  memcpy (out, reader->data, length);
  reader->data += length;
  reader->left -= length;
  return CAIRO_STATUS_SUCCESS;
}

static void
test_file_route (void)
{
  g_autoptr (Data) data = data_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = NULL;
  cairo_surface_t *screen = surface_new (0xffffff), *file;
  cairo_t *cr = cairo_create (screen);
  NmdRect rect = { 0, 0, WIDTH, HEIGHT };
  NmdPlotStyle style;
  Reader reader;

  nmd_plot_style_init (&style, NMD_THEME_DARK, 1);
  nmd_plot_curves (cr, &data->curves, &rect, &style);
  png = nmd_figure_render (NMD_FIGURE_PNG, WIDTH, HEIGHT, 1, draw_curves, data, &style,
                           NULL, &error);
  g_assert_no_error (error);
  reader = (Reader){ g_bytes_get_data (png, NULL), g_bytes_get_size (png) };
  file = cairo_image_surface_create_from_png_stream (read_bytes, &reader);
  g_assert_cmpint (cairo_image_surface_get_width (file), ==, WIDTH);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      g_assert_cmphex (get_pixel (screen, x, y), ==, get_pixel (file, x, y));
  cairo_destroy (cr);
  cairo_surface_destroy (screen);
  cairo_surface_destroy (file);
}

/* Every raw point is inked in its series' colour, the outlier too, also when smoothed and
 * on a log axis. */
static void
test_points (void)
{
  g_autoptr (Data) data = data_new ();
  NmdRect rect = { 0, 0, WIDTH, HEIGHT };
  NmdPlotStyle style;
  guint series, point;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  for (int way = 0; way < 3; way++)
    {
      cairo_surface_t *surface = surface_new (0xffffff);
      cairo_t *cr = cairo_create (surface);

      data->curves.y_log = way == 1;
      data->curves.smoothing = way == 2 ? 0.9 : 0;
      nmd_plot_curves (cr, &data->curves, &rect, &style);
      for (guint i = 0; i < 40; i++)
        {
          double x, y;

          if (i == 5)
            {
              g_assert_false (
                  nmd_plot_curves_point (&data->curves, &rect, &style, 1, i, &x, &y));
              continue;
            }
          g_assert_true (
              nmd_plot_curves_point (&data->curves, &rect, &style, 1, i, &x, &y));
          g_assert_true (x >= 0 && x < WIDTH && y >= 0 && y < HEIGHT);
          if (way < 2
              && !is_near (get_pixel (surface, (int)x, (int)y), &style.series[1], 60))
            g_error ("way %d: point %u at %.1f, %.1f is #%06x", way, i, x, y,
                     get_pixel (surface, (int)x, (int)y));
          if (way == 2)
            g_assert_cmphex (get_pixel (surface, (int)x, (int)y), !=, 0xffffff);
          g_assert_true (nmd_plot_curves_locate (&data->curves, &rect, &style, x, y, 3,
                                                 &series, &point));
          g_assert_cmpuint (point, ==, i);
        }
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
    }
  g_assert_false (nmd_plot_curves_locate (&data->curves, &rect, &style, -50, -50, 10,
                                          &series, &point));
}

static double
luminance_of (guint32 pixel)
{
  return (((pixel >> 16) & 255) + ((pixel >> 8) & 255) + (pixel & 255)) / 765.0;
}

static int
count_near (cairo_surface_t *surface, const NmdRgba *colour)
{
  int n = 0;

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      n += is_near (get_pixel (surface, x, y), colour, 8);
  return n;
}

static void
test_roc (void)
{
  g_autoptr (Data) data = data_new ();
  NmdRect rect = { 0, 0, WIDTH, HEIGHT };
  cairo_surface_t *surface = surface_new (0xffffff);
  cairo_t *cr = cairo_create (surface);
  double x, y, threshold, top;
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  nmd_plot_roc (cr, &data->roc_plot, &rect, &style);
  g_assert_true (nmd_plot_roc_handle (&data->roc_plot, &rect, &style, &x, &y));
  g_assert_true (is_near (get_pixel (surface, (int)x, (int)y), &style.accent, 8));
  /* where the handle is there is its threshold: the same operating point */
  for (double t = 0.05; t < 1; t += 0.1)
    {
      double there_x, there_y;

      data->roc_plot.threshold = t;
      g_assert_true (nmd_plot_roc_handle (&data->roc_plot, &rect, &style, &x, &y));
      g_assert_true (
          nmd_plot_roc_threshold_at (&data->roc_plot, &rect, &style, x, y, &threshold));
      g_assert_cmpfloat (threshold, >=, t);
      data->roc_plot.threshold = threshold;
      g_assert_true (
          nmd_plot_roc_handle (&data->roc_plot, &rect, &style, &there_x, &there_y));
      g_assert_cmpfloat (hypot (there_x - x, there_y - y), <, 1e-9);
    }
  /* a threshold above all scores is the axes' corner: both lines start there; one below
   * all is the opposite corner */
  data->roc_plot.threshold = 2;
  g_assert_true (nmd_plot_roc_handle (&data->roc_plot, &rect, &style, &x, &y));
  data->roc_plot.threshold = -1;
  g_assert_true (nmd_plot_roc_handle (&data->roc_plot, &rect, &style, &threshold, &top));
  g_assert_cmpfloat (fabs ((threshold - x) - (y - top)), <, 1e-9);
  for (int i = 0; i < 2; i++)
    {
      gboolean dark = FALSE;

      for (int by = -1; by <= 0; by++)
        dark |= luminance_of (
                    i == 0 ? get_pixel (surface, (int)threshold - 2, (int)(y + 0.5) + by)
                           : get_pixel (surface, (int)(x + 0.5) + by, (int)y - 3))
                < 0.75;
      g_assert_true (dark);
    }
  data->roc_plot.threshold = NAN;
  g_assert_false (nmd_plot_roc_handle (&data->roc_plot, &rect, &style, &x, &y));
  /* the rival alone keeps its colour, and there is no handle to take */
  data->roc_plot.roc = NULL;
  data->roc_plot.threshold = 0.5;
  g_assert_false (
      nmd_plot_roc_threshold_at (&data->roc_plot, &rect, &style, 10, 10, &threshold));
  g_assert_false (nmd_plot_roc_handle (&data->roc_plot, &rect, &style, &x, &y));
  nmd_plot_roc (cr, &data->roc_plot, &rect, &style);
  g_assert_cmpint (count_near (surface, &style.series[2]), >, 100);
  g_assert_cmpint (count_near (surface, &style.series[0]), ==, 0);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static void
test_matrix (void)
{
  g_autoptr (Data) data = data_new ();
  static const double sizes[][2]
      = { { WIDTH, HEIGHT }, { 190, 140 }, { 60, 40 }, { 900, 300 } };
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      NmdRect rect = { 5, 7, sizes[s][0], sizes[s][1] };
      double step = MAX (sizes[s][0] / 40, 1), area[4] = { 0 }, x[4] = { 0 },
             y[4] = { 0 };

      for (double v = rect.y + 0.5; v < rect.y + rect.height; v += step)
        for (double u = rect.x + 0.5; u < rect.x + rect.width; u += step)
          {
            NmdCell cell = nmd_plot_matrix_cell_at (&data->matrix, &rect, &style, u, v);

            if (cell == NMD_CELL_NONE)
              continue;
            area[cell]++, x[cell] += u, y[cell] += v;
          }
      for (int cell = 0; cell < 4; cell++)
        {
          g_assert_cmpfloat (area[cell] * step * step, >,
                             0.08 * rect.width * rect.height);
          x[cell] /= area[cell], y[cell] /= area[cell];
        }
      /* truth in rows, the positive class first */
      g_assert_true (x[NMD_CELL_TP] < x[NMD_CELL_FN] && y[NMD_CELL_TP] < y[NMD_CELL_FP]);
      g_assert_true (x[NMD_CELL_FP] < x[NMD_CELL_TN] && y[NMD_CELL_FN] < y[NMD_CELL_TN]);
      g_assert_cmpint (nmd_plot_matrix_cell_at (&data->matrix, &rect, &style, 0, 0), ==,
                       NMD_CELL_NONE);
    }
}

static void
test_scatter (void)
{
  g_autoptr (Data) data = data_new ();
  NmdRect rect = { 0, 0, WIDTH, HEIGHT };
  NmdPlotStyle style;
  gboolean found[120] = { FALSE };
  guint n_found = 0;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  for (int y = 0; y < HEIGHT; y += 3)
    for (int x = 0; x < WIDTH; x += 3)
      {
        int which
            = nmd_plot_scatter_at (&data->scatter, &rect, &style, x + 0.5, y + 0.5, 3);

        if (which >= 0 && !found[which])
          found[which] = TRUE, n_found++;
      }
  g_assert_false (found[7]);           /* has no echo intensity */
  g_assert_cmpuint (n_found, >=, 105); /* some lie under others */
  g_assert_cmpint (nmd_plot_scatter_at (&data->scatter, &rect, &style, 0, 0, 3), ==, -1);
}

/* Sizes from nothing upwards, and sizes that make no sense. */
static void
test_tiny (void)
{
  g_autoptr (Data) data = data_new ();
  static const double sides[] = { -5, 0, 0.5, 1, 3, 4, 5, 9, 17, 33, 60, 90, 130 };
  cairo_surface_t *surface = surface_new (0xffffff);
  cairo_t *cr = cairo_create (surface);
  NmdPlotStyle style;

  for (int large = 0; large < 2; large++)
    for (guint w = 0; w < G_N_ELEMENTS (sides); w++)
      for (guint h = 0; h < G_N_ELEMENTS (sides); h++)
        for (int chart = 0; chart < N_CHARTS; chart++)
          {
            NmdRect rect = { 3, 3, sides[w], sides[h] };

            nmd_plot_style_init (&style, NMD_THEME_LIGHT, large ? 2 : 1);
            draw_chart (chart, cr, data, &rect, &style);
            if (cairo_status (cr) != CAIRO_STATUS_SUCCESS)
              g_error ("chart %d at %g × %g: %s", chart, sides[w], sides[h],
                       cairo_status_to_string (cairo_status (cr)));
          }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* Without data there is a sentence in the middle, not an empty box. */
static void
test_empty (void)
{
  NmdCurves curves = NMD_CURVES_INIT;
  NmdRocPlot roc = NMD_ROC_PLOT_INIT;
  NmdMatrixPlot matrix = { .empty = "No predictions yet" };
  guint nothing[4] = { 0 };
  NmdHistogramPlot histogram = NMD_HISTOGRAM_PLOT_INIT;
  NmdScatterPlot scatter = { .threshold = 0.5, .selected = -1 };
  NmdOverlay overlay = NMD_OVERLAY_INIT;
  NmdRect rect = { 0, 0, WIDTH, HEIGHT };
  double nan[2] = { NAN, NAN };
  NmdSeries series = { .y = nan, .n = 2 };
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  curves.series = &series;
  curves.n_series = 1;
  histogram.counts = nothing;
  histogram.n = 4;
  for (int chart = 0; chart < 8; chart++)
    {
      cairo_surface_t *surface = surface_new (0xffffff);
      cairo_t *cr = cairo_create (surface);
      guint inked = 0;

      switch (chart)
        {
        case 0:
          nmd_plot_curves (cr, &curves, &rect, &style);
          break;
        case 1:
          nmd_plot_learning_rate (cr, NULL, 0, 100, NAN, &rect, &style);
          break;
        case 2:
          nmd_plot_roc (cr, &roc, &rect, &style);
          break;
        case 3:
          nmd_plot_matrix (cr, &matrix, &rect, &style);
          break;
        case 4:
          nmd_plot_histogram (cr, &histogram, &rect, &style);
          break;
        case 5:
          nmd_plot_reliability (cr, NULL, NULL, NULL, &rect, &style);
          break;
        case 6:
          nmd_plot_scatter (cr, &scatter, &rect, &style);
          break;
        default:
          nmd_overlay_draw (cr, &overlay, &rect, &style);
        }
      for (int y = HEIGHT / 2 - 20; y < HEIGHT / 2 + 20; y++)
        for (int x = WIDTH / 4; x < 3 * WIDTH / 4; x++)
          inked += get_pixel (surface, x, y) != 0xffffff;
      g_assert_cmpuint (inked, >, 60);
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
    }
}

static double
luminance (const NmdRgba *c)
{
  const double v[3] = { c->red, c->green, c->blue },
               weight[3] = { 0.2126, 0.7152, 0.0722 };
  double sum = 0;

  for (int i = 0; i < 3; i++)
    sum += weight[i]
           * (v[i] <= 0.04045 ? v[i] / 12.92 : pow ((v[i] + 0.055) / 1.055, 2.4));
  return sum;
}

static double
contrast (const NmdRgba *a, const NmdRgba *b)
{
  double x = luminance (a), y = luminance (b);

  return (MAX (x, y) + 0.05) / (MIN (x, y) + 0.05);
}

/* WCAG 2.1: 4.5 for text, 3 for lines; 7 for both in high contrast. */
static void
test_contrast (void)
{
  for (int theme = 0; theme < 4; theme++)
    {
      gboolean high = theme >= NMD_THEME_HIGH_CONTRAST;
      NmdPlotStyle style;

      nmd_plot_style_init (&style, (NmdTheme)theme, 1);
      g_assert_cmpfloat (contrast (&style.foreground, &style.background), >=, 7);
      g_assert_cmpfloat (contrast (&style.dim, &style.background), >=, high ? 7 : 4.5);
      g_assert_cmpfloat (contrast (&style.warning, &style.background), >=, 4.5);
      g_assert_cmpfloat (contrast (&style.accent, &style.background), >=, 3);
      for (int i = 0; i < NMD_N_SERIES_COLOURS; i++)
        g_assert_cmpfloat (contrast (&style.series[i], &style.background), >=,
                           high ? 7 : 3);
    }
}

/* @wide: with the map over @with, without it in @without. */
static void
draw_pair (const Data *data,
           const NmdOverlay *overlay,
           cairo_surface_t **with,
           cairo_surface_t **without)
{
  NmdRect rect = { 0, 0, WIDTH, HEIGHT };
  NmdOverlay plain = *overlay;
  NmdPlotStyle style;
  cairo_t *cr;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  plain.map = NULL;
  plain.box = overlay->map != NULL ? &overlay->map->box : NULL;
  *with = surface_new (0xffffff);
  *without = surface_new (0xffffff);
  cr = cairo_create (*with);
  nmd_overlay_draw (cr, overlay, &rect, &style);
  cairo_destroy (cr);
  cr = cairo_create (*without);
  nmd_overlay_draw (cr, &plain, &rect, &style);
  cairo_destroy (cr);
}

static void
test_overlay (void)
{
  g_autoptr (Data) data = data_new ();
  NmdRect rect = { 0, 0, WIDTH, HEIGHT };
  cairo_surface_t *with, *without;
  guint inside = 0, coloured = 0;
  double ix, iy, x, y;

  data->overlay.show_box = data->overlay.show_outline = FALSE;
  draw_pair (data, &data->overlay, &with, &without);
  for (int v = 0; v < HEIGHT; v++)
    for (int u = 0; u < WIDTH; u++)
      {
        gboolean in
            = nmd_overlay_to_image (&data->overlay, &rect, u + 0.5, v + 0.5, &ix, &iy)
              && ix > 29 && ix < 131 && iy > 19 && iy < 101;

        if (!in)
          g_assert_cmphex (get_pixel (with, u, v), ==, get_pixel (without, u, v));
        inside += in;
        coloured += in && get_pixel (with, u, v) != get_pixel (without, u, v);
      }
  g_assert_cmpfloat (coloured, >, 0.9 * inside);
  cairo_surface_destroy (with);
  cairo_surface_destroy (without);
  /* no evidence: a sign, no colour in the box's corner; no opacity: no colour */
  data->map.no_positive_evidence = TRUE;
  draw_pair (data, &data->overlay, &with, &without);
  nmd_overlay_from_image (&data->overlay, &rect, 128, 23, &x, &y);
  g_assert_cmphex (get_pixel (with, (int)x, (int)y), ==,
                   get_pixel (without, (int)x, (int)y));
  cairo_surface_destroy (with);
  cairo_surface_destroy (without);
  /* there and back under zoom and pan */
  data->overlay.zoom = 3.5;
  data->overlay.centre_x = 20;
  data->overlay.centre_y = 100;
  g_assert_true (nmd_overlay_from_image (&data->overlay, &rect, 33.25, 90.5, &x, &y));
  g_assert_true (nmd_overlay_to_image (&data->overlay, &rect, x, y, &ix, &iy));
  g_assert_cmpfloat (fabs (ix - 33.25) + fabs (iy - 90.5), <, 1e-9);
  g_assert_false (nmd_overlay_to_image (&data->overlay, &rect, -4000, 5, &ix, &iy));
  g_assert_cmpfloat (ix, ==, 0);
}

/* Window and level: what is at or below black is black, at or above white is white. */
static void
test_window (void)
{
  g_autoptr (Data) data = data_new ();
  NmdRect rect = { 0, 0, 160, 120 };
  cairo_surface_t *surface = surface_new (0xffffff);
  cairo_t *cr = cairo_create (surface);
  NmdOverlay overlay = NMD_OVERLAY_INIT;
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  overlay.image = data->image;
  overlay.black = 60;
  overlay.white = 110;
  nmd_overlay_draw (cr, &overlay, &rect, &style);
  for (int y = 0; y < 120; y += 7)
    for (int x = 0; x < 160; x += 7)
      {
        int grey = data->image->pixels[y * 160 + x];
        int shown = (int)(CLAMP ((grey - 60) / 50.0, 0, 1) * 255 + 0.5);

        g_assert_cmphex (get_pixel (surface, x, y), ==,
                         (guint)(shown << 16 | shown << 8 | shown));
      }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* Masks whose contours meet at corners, touch the frame or are single pixels: every
 * contour closes, and its line runs where the mask changes. */
static void
test_outline (void)
{
  NmdRect rect = { 0, 0, 96, 96 };
  NmdOverlay overlay = NMD_OVERLAY_INIT;
  NmdPlotStyle style;
  NmdRandom stream;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  nmd_random_init_for (&stream, 4, "test", 0, "");
  for (int kind = 0; kind < 4; kind++)
    {
      g_autoptr (NmdImage) image = nmd_image_new (12, 12);
      g_autoptr (NmdImage) mask = nmd_image_new (12, 12);
      cairo_surface_t *surface = surface_new (0xffffff);
      cairo_t *cr = cairo_create (surface);

      for (int i = 0; i < 144; i++)
        mask->pixels[i] = kind == 0   ? 255
                          : kind == 1 ? ((i + i / 12) % 2) * 255
                          : kind == 2 ? (nmd_random_uniform (&stream) < 0.5) * 255
                                      : (i == 77) * 255;
      overlay.image = image;
      overlay.mask = mask;
      nmd_overlay_draw (cr, &overlay, &rect, &style);
      /* between neighbours in a row that differ, half way: coloured; the image itself is
       * black */
      for (int i = 0; i < 144; i++)
        if (i % 12 < 11 && mask->pixels[i] != mask->pixels[i + 1])
          g_assert_cmphex (get_pixel (surface, (i % 12 + 1) * 8, (i / 12) * 8 + 4), !=,
                           0);
      if (kind == 3)
        g_assert_cmphex (get_pixel (surface, 20, 20), ==, 0);
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
    }
}

static void
test_formats (void)
{
  g_autoptr (Data) data = data_new ();
  static const char *const names[] = { "a.png", "b.SVG", "c.pdf" };
  static const char *const starts[] = { "\x89PNG", "<?xml", "%PDF" };
  g_autoptr (GError) error = NULL;
  NmdFigureFormat format;
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  g_assert_false (nmd_figure_format_of ("x.bmp", &format));
  g_assert_cmpint (format, ==, NMD_FIGURE_PNG);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) bytes = NULL;

      g_assert_true (nmd_figure_format_of (names[i], &format));
      g_assert_cmpint (format, ==, i);
      bytes = nmd_figure_explain (&data->explain, format, 1, &style, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), strlen (starts[i]), starts[i],
                       strlen (starts[i]));
      if (format == NMD_FIGURE_PNG)
        {
          /* libpng checks the chunks' sums; the mark of synthetic pictures survives */
          g_autoptr (NmdImage) again = nmd_image_load_bytes (bytes, "figure", &error);

          g_assert_no_error (error);
          g_assert_true (again->is_synthetic);
          g_assert_cmpint (again->width, >, 600);
        }
    }
  g_assert_null (nmd_figure_render (NMD_FIGURE_PNG, 9000, 10, 2, draw_curves, data,
                                    &style, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plot/inside", test_inside);
  g_test_add_func ("/plot/two-routes", test_two_routes);
  g_test_add_func ("/plot/file-route", test_file_route);
  g_test_add_func ("/plot/points", test_points);
  g_test_add_func ("/plot/roc", test_roc);
  g_test_add_func ("/plot/matrix", test_matrix);
  g_test_add_func ("/plot/scatter", test_scatter);
  g_test_add_func ("/plot/tiny", test_tiny);
  g_test_add_func ("/plot/empty", test_empty);
  g_test_add_func ("/plot/contrast", test_contrast);
  g_test_add_func ("/plot/overlay", test_overlay);
  g_test_add_func ("/plot/window", test_window);
  g_test_add_func ("/plot/outline", test_outline);
  g_test_add_func ("/plot/formats", test_formats);
  return g_test_run ();
}
