/* SPDX-License-Identifier: Apache-2.0
 *
 * Charts without stored pictures: what is drawn where is asked of the library itself and then looked
 * for in the pixels; two routes must give the same picture.
 */
#include "tests/plot/fixture.h"

#include <string.h>

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

/* Every pair is found but the one that has no difference; bias and limits are inked where they are. */
static void
test_agreement (void)
{
  g_autoptr (Data) data = data_new ();
  const NmdRect rect = { 0, 0, WIDTH, HEIGHT };
  cairo_surface_t *surface = surface_new (0xffffff);
  cairo_t *cr = cairo_create (surface);
  NmdAgreementPlot none = { .selected = -1 };
  gboolean found[30] = { FALSE };
  NmdPlotStyle style;
  guint n_found = 0;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  style.line_width = 4; /* rows of the pure colour */
  for (int y = 0; y < HEIGHT; y += 2)
    for (int x = 0; x < WIDTH; x += 2)
      {
        const int which = nmd_plot_agreement_at (&data->agreement, &rect, &style, x + 0.5,
                                                 y + 0.5, 3);

        if (which >= 0 && !found[which])
          found[which] = TRUE, n_found++;
      }
  g_assert_false (found[7]);
  g_assert_cmpuint (n_found, ==, 29);
  nmd_plot_agreement (cr, &data->agreement, &rect, &style);
  g_assert_cmpint (count_near (surface, &style.series[1]), >, 200); /* the bias */
  g_assert_cmpint (count_near (surface, &style.series[2]), >, 200); /* both limits */
  nmd_plot_agreement (cr, &none, &rect, &style);                    /* a sentence */
  g_assert_cmpint (nmd_plot_agreement_at (&none, &rect, &style, 9, 9, 99), ==, -1);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
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
/* Sign and caption are drawn inside the rectangle, and the chart gets what is left. */
static void
test_note (void)
{
  const NmdPlotNote note = {
    "Synthetic data: simulated images, no patients",
    "Test part: 72 images of 24 positive and 40 negative subjects; 95 % intervals by "
    "subject\nthreshold 0.436: largest Youden index on the validation part"
  };
  NmdRect rect = { 20, 10, 300, 260 }, rest = rect;
  cairo_surface_t *surface = surface_new (0xff00ff);
  cairo_t *cr = cairo_create (surface);
  int above = 0, under = 0;
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  nmd_plot_note (cr, &note, &rest, &style);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  g_assert_cmpfloat (rest.y, >, rect.y + 10);
  g_assert_cmpfloat (rest.y + rest.height, <, rect.y + rect.height - 30);
  g_assert_cmpfloat (rest.height, >, 100);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      {
        gboolean inside = x >= 20 && x < 320 && y >= 10 && y < 270;
        guint32 pixel = get_pixel (surface, x, y);

        g_assert_true (inside == (pixel != 0xff00ff));
        above += y < rest.y && is_near (pixel, &style.warning, 8);
        under += y > rest.y + rest.height && is_near (pixel, &style.foreground, 8);
        /* nothing of the note where the chart will be */
        if (inside && y > rest.y + 1 && y < rest.y + rest.height - 1)
          g_assert_cmphex (pixel, ==, 0xffffff);
      }
  g_assert_cmpint (above, >, 50);
  g_assert_cmpint (under, >, 20);
  cairo_surface_destroy (surface);
}

/* The band's entry and the rival's interval are in the legend, which makes it longer. */
static void
test_roc_legend (void)
{
  g_autoptr (Data) data = data_new ();
  const NmdRect rect = { 0, 0, WIDTH, HEIGHT };
  double y[2], x;
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  for (int i = 0; i < 2; i++)
    {
      data->roc_plot.band_title = i ? "95 % band by subject (bootstrap)" : NULL;
      data->roc_plot.rival_ci = i ? (NmdInterval){ 0.4, 0.6 } : (NmdInterval){ NAN, NAN };
      data->roc_plot.rival_auc = 0.5;
      g_assert_true (nmd_plot_roc_handle (&data->roc_plot, &rect, &style, &x, &y[i]));
    }
  g_test_message ("handle at %g and %g", y[0], y[1]);
  g_assert_true (y[0] != y[1]);
}

/* Marks and bars of each row are inked; a row without values has its title alone; nothing is a sentence. */
static void
test_spread (void)
{
  static const double values[] = { 0.7, 0.8, NAN, 0.9 };
  const NmdSpreadRow rows[]
      = { { "network", values, 4, 0.8, 0.1 }, { "other", values, 0, NAN, NAN } };
  NmdSpreadPlot plot = { .title = "AUC",
                         .x_title = "AUC",
                         .rows = rows,
                         .n_rows = 2,
                         .reference = 0.65,
                         .reference_title = "echo intensity alone",
                         .empty = "No training has measures" };
  const NmdRect rect = { 0, 0, WIDTH, HEIGHT };
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  for (int i = 0; i < 2; i++)
    {
      cairo_surface_t *surface = surface_new (0xffffff);
      cairo_t *cr = cairo_create (surface);
      guint inked = 0;

      plot.n_rows = i == 0 ? 2 : 0;
      nmd_plot_spread (cr, &plot, &rect, &style);
      if (i == 0)
        {
          g_assert_cmpint (count_near (surface, &style.series[1]), >, 50);
          g_assert_cmpint (count_near (surface, &style.series[2]), >, 30);
        }
      for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
          inked += get_pixel (surface, x, y) != 0xffffff;
      g_assert_cmpuint (inked, >, 60);
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
    }
}

static guint
count_different (cairo_surface_t *a, cairo_surface_t *b)
{
  guint n = 0;

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      n += get_pixel (a, x, y) != get_pixel (b, x, y);
  return n;
}

/* The window writes numbers as its labels do; files have points. */
static void
test_decimal (void)
{
  const int charts[] = { CURVES, ROC, MATRIX, HISTOGRAM, RELIABILITY, AGREEMENT };
  const NmdRect rect = { 0, 0, WIDTH, HEIGHT };
  g_autoptr (Data) data = data_new ();
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  g_assert_cmpint (style.decimal, ==, '.');
  for (guint i = 0; i < G_N_ELEMENTS (charts); i++)
    {
      cairo_surface_t *surfaces[2];

      for (int k = 0; k < 2; k++)
        {
          cairo_t *cr = NULL;

          surfaces[k] = surface_new (0xffffff);
          cr = cairo_create (surfaces[k]);
          style.decimal = k == 0 ? '.' : ',';
          draw_chart (charts[i], cr, data, &rect, &style);
          cairo_destroy (cr);
        }
      g_test_message ("chart %d", charts[i]);
      g_assert_cmpuint (count_different (surfaces[0], surfaces[1]), >, 0);
      cairo_surface_destroy (surfaces[0]);
      cairo_surface_destroy (surfaces[1]);
    }
}

/* An epoch of the learning rate is where it is in the other curves: the axis ends at the last one. */
static void
test_learning_rate (void)
{
  const double x[] = { -0.5, 0.5, 1.5 }, lr[] = { 1e-3, 1e-3, 5e-4 };
  const NmdSeries series = { .x = x, .y = lr, .n = 3, .colour = 5, .steps = TRUE };
  const NmdRect rect = { 0, 0, WIDTH, HEIGHT };
  NmdCurves curves = NMD_CURVES_INIT;
  cairo_surface_t *a = surface_new (0xffffff), *b = surface_new (0xffffff);
  cairo_t *first = cairo_create (a), *second = cairo_create (b);
  NmdPlotStyle style;

  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  curves.title = "Learning rate";
  curves.series = &series;
  curves.n_series = 1;
  curves.x_low = 0;
  curves.x_high = 2;
  curves.y_low = 0;
  curves.y_high = 1e-3 * 1.15;
  nmd_plot_curves (first, &curves, &rect, &style);
  nmd_plot_learning_rate (second, lr, 3, 3, NAN, &rect, &style);
  g_assert_cmpuint (count_different (a, b), ==, 0);
  cairo_destroy (first);
  cairo_destroy (second);
  cairo_surface_destroy (a);
  cairo_surface_destroy (b);
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
  g_test_add_func ("/plot/agreement", test_agreement);
  g_test_add_func ("/plot/tiny", test_tiny);
  g_test_add_func ("/plot/empty", test_empty);
  g_test_add_func ("/plot/contrast", test_contrast);
  g_test_add_func ("/plot/note", test_note);
  g_test_add_func ("/plot/roc-legend", test_roc_legend);
  g_test_add_func ("/plot/spread", test_spread);
  g_test_add_func ("/plot/decimal", test_decimal);
  g_test_add_func ("/plot/learning-rate", test_learning_rate);
  return g_test_run ();
}
